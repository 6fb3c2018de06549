//! The worked example of order-analytics, with the application's own files.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Place, Program};
use crate::services;

/// Time, user and amount of the orders.
const ORDERS: [(&str, &str, f64); 6] = [
    ("10:50:05", "USER1", 100.0),
    ("10:50:12", "USER2", 200.0),
    ("10:50:28", "USER1", 150.0),
    ("10:50:45", "USER3", 300.0),
    ("10:51:05", "u2", 250.0),
    ("10:51:22", "u1", 180.0),
];

fn order(time: &str, user: &str, amount: f64) -> String {
    format!(
        r#"{{"order_id":"{user}-{time}","user_id":"{user}","total_amount":{amount},"status":"pending","items_count":1,"event_type":"order.created","created_at":"2025-03-01T{time}Z"}}"#
    )
}

fn app_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../apps/order-analytics").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// Runs the application and compares its results with the figures of the example. `names`: the topics and the prefix
/// in place of the application's own, for brokers that others use too; `plain`: where the test sends and reads.
pub fn check(place: &Place, plain: &str, names: [&str; 2], variables: impl Fn(Program) -> Program) {
    let [orders, results] = names;
    let own = |text: String| {
        let text = text.replace("'topic' = 'orders'", &format!("'topic' = '{orders}'"));
        let text = text.replace("'topic' = 'analytics-results'", &format!("'topic' = '{results}'"));
        text.replace("prefix' = 'order-analytics'", &format!("prefix' = '{results}'"))
    };
    place.write("tables.sql", &own(app_file("tables.sql")));
    place.write("pipeline.sql", &own(app_file("pipeline.sql")));
    let mut running = variables(place.flitz(["run", "tables.sql", "pipeline.sql"])).start();

    let send = |orders_now: &[(&str, &str, f64)]| {
        let lines: Vec<String> = orders_now.iter().map(|(time, user, amount)| order(time, user, *amount)).collect();
        place.send(plain, orders, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    };
    send(&ORDERS);
    // Later orders end both windows; some for every partition, wherever they land.
    let records = running.until("both windows are there", |_| {
        send(&[("10:53:00", "u3", 1.0); 3]);
        Some(place.records(plain, results)).filter(|records| records.len() >= 2)
    });
    running.stop().succeeded();
    assert_eq!(place.records(plain, results), records, "each window once");
    assert_eq!(records.len(), 2);
    assert_figures(&records[0], ["10:50", "10:51"], 3, 4, 750.0, 187.5);
    assert_figures(&records[1], ["10:51", "10:52"], 2, 2, 430.0, 215.0);
}

fn assert_figures(record: &str, window: [&str; 2], users: u64, orders: u64, revenue: f64, average: f64) {
    let row: Value = serde_json::from_str(record).unwrap();
    let [start, end] = window.map(|minute| Value::from(format!("2025-03-01T{minute}:00Z")));
    assert_eq!((&row["window_start"], &row["window_end"]), (&start, &end), "{record}");
    let figures = (row["unique_users"].as_u64(), row["total_orders"].as_u64(), row["total_revenue"].as_f64());
    assert_eq!(figures, (Some(users), Some(orders), Some(revenue)), "{record}");
    assert_eq!(row["avg_order_value"].as_f64(), Some(average), "{record}");
    assert!(row["processed_at"].as_str().is_some_and(|time| time.ends_with('Z')), "{record}");
}

#[test]
fn the_worked_example_on_embedded_topics() {
    let place = Place::new();
    check(&place, "embedded:./data/flitz.db", ["orders", "analytics-results"], |program| program);
}

#[test]
fn the_worked_example_on_kafka() {
    let Some(servers) = services::kafka() else { return };
    let place = Place::new();
    let names = [services::unique("orders"), services::unique("results")];
    names.iter().for_each(|name| services::create_topic(&servers, name, 3));
    check(&place, &servers, [&names[0], &names[1]], |program| program.env("KAFKA_BOOTSTRAP_SERVERS", &servers));
}

#[test]
fn the_demonstration_shows_windows_whenever_it_is_run() {
    let place = Place::new();
    for _ in 0..2 {
        let ended = place.flitz(["app", "run", "order-analytics", "--duration", "4s"]).run().succeeded();
        let windows = ended.stdout.lines().filter(|line| line.contains("\"window_start\"")).count();
        assert!(windows >= 2, "{}\n{}", ended.stdout, ended.stderr);
    }
}
