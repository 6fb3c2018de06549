use std::io::Write;

use flitz_connectors::kafka::broker::NewTopic;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::Generator;

/// Users of the shop.
const USERS: u64 = 5_000;
/// An order's time lies up to this far behind the generator's.
const JITTER_MILLIS: i64 = 5_000;
const SEVEN_DAYS_MILLIS: &str = "604800000";

/// Orders of a shop, as in `apps/order-analytics`.
pub struct Orders {
    random: SmallRng,
    /// Makes the users of one seed differ from another's.
    user_salt: u64,
}

impl Orders {
    pub fn new(seed: u64) -> Orders {
        let mut random = SmallRng::seed_from_u64(seed);
        Orders { user_salt: random.random(), random }
    }
}

impl Generator for Orders {
    fn topics(&self) -> Vec<NewTopic> {
        vec![topic("orders"), topic("analytics-results")]
    }

    fn event(&mut self, _i: u64, millis: i64, key: &mut Vec<u8>, value: &mut Vec<u8>) -> usize {
        let random = &mut self.random;
        write_uuid(key, random.random(), random.random());
        let user = random.random_range(0..USERS);
        let mut user_id = Vec::with_capacity(36);
        write_uuid(&mut user_id, user.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.user_salt, self.user_salt ^ user);
        let cents = random.random_range(100..50_000u32);
        let status = ["pending", "confirmed", "shipped", "delivered"][random.random_range(0..4)];
        let items = random.random_range(1..=10u32);
        let millis = millis - random.random_range(0..JITTER_MILLIS);
        value.extend_from_slice(b"{\"order_id\":\"");
        value.extend_from_slice(key);
        value.extend_from_slice(b"\",\"user_id\":\"");
        value.extend_from_slice(&user_id);
        // Writing to a Vec cannot fail.
        let _ = write!(
            value,
            "\",\"total_amount\":{}.{:02},\"status\":\"{status}\",\"items_count\":{items},\
             \"event_type\":\"order.created\",\"created_at\":\"",
            cents / 100,
            cents % 100,
        );
        write_time(value, millis);
        value.extend_from_slice(b"\"}");
        0
    }
}

pub fn topic(name: &str) -> NewTopic {
    let mut topic = NewTopic::new(name, 3);
    topic.config.push(("retention.ms".to_owned(), SEVEN_DAYS_MILLIS.to_owned()));
    topic
}

/// A version 4 UUID of these bits.
fn write_uuid(out: &mut Vec<u8>, high: u64, low: u64) {
    let bits = u128::from(high) << 64 | u128::from(low);
    let uuid = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
    let mut buffer = uuid::Uuid::encode_buffer();
    out.extend_from_slice(uuid.hyphenated().encode_lower(&mut buffer).as_bytes());
}

/// `2026-01-01T10:50:05.120Z`
fn write_time(out: &mut Vec<u8>, millis: i64) {
    if let Some(time) = chrono::DateTime::from_timestamp_millis(millis) {
        let _ = write!(out, "{}", time.format("%Y-%m-%dT%H:%M:%S%.3fZ"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_orders() {
        let make = |seed| {
            let (mut orders, mut key, mut value) = (Orders::new(seed), vec![], vec![]);
            orders.event(0, 1_767_225_600_000, &mut key, &mut value);
            String::from_utf8(value).unwrap()
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
        let order: serde_json::Value = serde_json::from_str(&make(1)).unwrap();
        assert_eq!(order["event_type"], "order.created");
        assert_eq!(order["order_id"].as_str().unwrap().len(), 36);
    }
}
