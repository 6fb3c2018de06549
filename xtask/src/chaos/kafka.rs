//! A broker of its own, which can be stopped as well, and orders that the generator knows by number.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::job::Job;
use super::{Args, kill_often};
use crate::cluster;
use crate::services::Kafka;

const PARTITIONS: i32 = 3;
/// Simulated event time between two orders.
const STEP_MILLIS: u64 = 20;
const USERS: u64 = 5_000;
/// 2026-01-01T00:00:00Z
const START_MILLIS: u64 = 1_767_225_600_000;

pub fn run(args: &Args, flitz: &std::path::Path, home: &std::path::Path) -> Result<()> {
    let broker = Kafka::start_own(home.join("kafka"), 19_092)?;
    let second = args.two_brokers.then(|| Kafka::start_own(home.join("kafka2"), 19_192)).transpose()?;
    let sink = second.as_ref().unwrap_or(&broker).bootstrap();
    for (bootstrap, topic) in
        [(broker.bootstrap(), "orders"), (broker.bootstrap(), "analytics-results"), (sink.clone(), "copies")]
    {
        cluster::create_topic(&bootstrap, topic, PARTITIONS)?;
    }
    let result = attack(args, flitz, home, &broker, &sink);
    let cleaned = broker.clean().and_then(|()| second.map_or(Ok(()), |s| s.clean()));
    result.and(cleaned)
}

fn attack(args: &Args, flitz: &std::path::Path, home: &std::path::Path, broker: &Kafka, sink: &str) -> Result<()> {
    let bootstrap = broker.bootstrap();
    let variables = vec![
        ("KAFKA_BOOTSTRAP_SERVERS".to_owned(), bootstrap.clone()),
        ("SINK_BOOTSTRAP_SERVERS".to_owned(), sink.to_owned()),
        ("CHECKPOINT_INTERVAL".to_owned(), "500 ms".to_owned()),
        ("CHECKPOINT_DIR".to_owned(), args.checkpoints.clone()),
    ];
    let mut jobs = super::jobs(flitz, home, &variables);

    let sent = Arc::new(AtomicU64::new(0));
    let done = Arc::new(AtomicBool::new(false));
    let generator = {
        let (sent, done, bootstrap) = (sent.clone(), done.clone(), bootstrap.clone());
        let (orders, rate) = (args.orders, args.rate);
        thread::spawn(move || {
            let result = generate(&bootstrap, orders, rate, &sent);
            done.store(true, Ordering::SeqCst);
            result
        })
    };

    let mut random = StdRng::seed_from_u64(args.seed);
    let kills = kill_often(args, &mut jobs, &mut random)?;
    let flowing = !done.load(Ordering::SeqCst);
    println!("{kills} kills, the last after {} of {} orders", sent.load(Ordering::SeqCst), args.orders);
    for _ in 0..args.broker_restarts {
        broker.down()?;
        thread::sleep(Duration::from_millis(random.random_range(500..5_000)));
        broker.up()?;
        thread::sleep(Duration::from_secs(5));
    }
    if args.outage_s > 0 {
        broker.down()?;
        thread::sleep(Duration::from_secs(args.outage_s));
        broker.up()?;
        thread::sleep(Duration::from_secs(5));
    }
    if args.zombie {
        for job in &mut jobs {
            job.zombie()?;
        }
    }
    for job in &mut jobs {
        job.revive()?;
    }
    generator.join().map_err(|_| anyhow::anyhow!("the generator panicked"))??;

    let expected = expected(args.orders);
    await_results(&bootstrap, "analytics-results", expected.len() as u64, &mut jobs)?;
    await_results(sink, "copies", args.orders + SENTINELS, &mut jobs)?;
    for job in &mut jobs {
        job.stop()?;
    }
    verify_windows(&bootstrap, &expected)?;
    verify_copies(sink, args.orders)?;
    println!("every window once, every order once ({} windows, {} orders)", expected.len(), args.orders);
    if !flowing {
        bail!("the orders had all been sent before the last kill: lower --rate");
    }
    Ok(())
}

struct Order {
    id: String,
    user: u64,
    cents: u64,
    millis: u64,
}

/// Order number `i`, the same in every run. Up to 20 s out of order: within the watermark's 30 s.
fn order(i: u64) -> Order {
    let mix = (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let jitter = (mix >> 40) % 20_000;
    Order {
        id: format!("{:08x}-{:04x}-4000-8000-{i:012x}", mix >> 32, mix & 0xffff),
        user: (mix >> 16) % USERS,
        cents: 100 + (mix >> 24) % 50_000,
        millis: START_MILLIS + 20_000 + i * STEP_MILLIS - jitter,
    }
}

/// Orders after the last one that push the watermark of every partition on.
const SENTINELS: u64 = PARTITIONS as u64;

fn generate(bootstrap: &str, orders: u64, rate: u64, sent: &AtomicU64) -> Result<()> {
    let start = Instant::now();
    cluster::fill(bootstrap, "orders", PARTITIONS, orders + SENTINELS, |i, out| {
        let due = Duration::from_secs_f64(i as f64 / rate as f64);
        if let Some(wait) = due.checked_sub(start.elapsed()).filter(|w| *w > Duration::from_millis(2)) {
            thread::sleep(wait);
        }
        let mut order = order(i);
        if i >= orders {
            order.millis = START_MILLIS + orders * STEP_MILLIS + 7_200_000;
        }
        write_order(&order, out);
        sent.store(i, Ordering::Relaxed);
    })
}

fn write_order(order: &Order, out: &mut Vec<u8>) {
    use std::io::Write;
    let (s, ms) = (order.millis / 1000, order.millis % 1000);
    let day = 1 + (s - START_MILLIS / 1000) / 86_400;
    let _ = write!(
        out,
        "{{\"order_id\":\"{}\",\"user_id\":\"user-{}\",\"total_amount\":{}.{:02},\"status\":\"pending\",\"items_count\":{},\
         \"event_type\":\"order.created\",\"created_at\":\"2026-01-{day:02}T{:02}:{:02}:{:02}.{ms:03}Z\"}}",
        order.id,
        order.user,
        order.cents / 100,
        order.cents % 100,
        order.cents % 7 + 1,
        s / 3600 % 24,
        s / 60 % 60,
        s % 60,
    );
}

#[derive(Default)]
struct Window {
    users: std::collections::HashSet<u64>,
    orders: u64,
    cents: u64,
}

/// By window start in milliseconds.
fn expected(orders: u64) -> BTreeMap<u64, Window> {
    let mut windows: BTreeMap<u64, Window> = BTreeMap::new();
    for order in (0..orders).map(order) {
        let window = windows.entry(order.millis / 60_000 * 60_000).or_default();
        window.users.insert(order.user);
        window.orders += 1;
        window.cents += order.cents;
    }
    windows
}

fn await_results(bootstrap: &str, topic: &str, rows: u64, jobs: &mut [Job]) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(240);
    loop {
        let found = cluster::read_committed(bootstrap, topic, |_| {})?;
        if found >= rows {
            return Ok(());
        }
        if Instant::now() > deadline {
            let tails: Vec<String> = jobs.iter().map(Job::log_tail).collect();
            bail!("{topic}: {found} of {rows} rows after 240 s\n{}", tails.join("\n---\n"));
        }
        for job in jobs.iter_mut() {
            job.revive()?;
        }
        thread::sleep(Duration::from_secs(2));
    }
}

fn verify_windows(bootstrap: &str, expected: &BTreeMap<u64, Window>) -> Result<()> {
    let mut found: HashMap<String, Vec<serde_json::Value>> = HashMap::new();
    let mut broken = 0;
    cluster::read_committed(bootstrap, "analytics-results", |value| {
        match serde_json::from_slice::<serde_json::Value>(value) {
            Ok(row) => found.entry(row["window_start"].as_str().unwrap_or_default().to_owned()).or_default().push(row),
            Err(_) => broken += 1,
        }
    })?;
    let mut faults = vec![];
    for (start, window) in expected {
        let s = start / 1000;
        let day = 1 + (s - START_MILLIS / 1000) / 86_400;
        let key = format!("2026-01-{day:02}T{:02}:{:02}:{:02}Z", s / 3600 % 24, s / 60 % 60, s % 60);
        let rows = found.remove(&key).unwrap_or_default();
        let [row] = rows.as_slice() else {
            faults.push(format!("{key}: {} times", rows.len()));
            continue;
        };
        let revenue = row["total_revenue"].as_f64().unwrap_or(f64::NAN);
        let right = row["total_orders"].as_u64() == Some(window.orders)
            && row["unique_users"].as_u64() == Some(window.users.len() as u64)
            && (revenue * 100.0).round() as u64 == window.cents;
        if !right {
            faults.push(format!(
                "{key}: expected {} orders, {} users, {} cents, found {row}",
                window.orders,
                window.users.len(),
                window.cents
            ));
        }
    }
    faults.extend(found.keys().map(|key| format!("{key}: not expected")));
    if broken > 0 || !faults.is_empty() {
        bail!("{} windows wrong, {broken} records unreadable: {:?}", faults.len(), &faults[..faults.len().min(5)]);
    }
    Ok(())
}

fn verify_copies(bootstrap: &str, orders: u64) -> Result<()> {
    let mut seen = vec![0u8; (orders + SENTINELS) as usize];
    let mut broken = 0;
    cluster::read_committed(bootstrap, "copies", |value| {
        let row: serde_json::Value = serde_json::from_slice(value).unwrap_or_default();
        let number = row["order_id"].as_str().and_then(|id| u64::from_str_radix(id.rsplit('-').next()?, 16).ok());
        match number.and_then(|n| seen.get_mut(n as usize)) {
            Some(count) => *count = count.saturating_add(1),
            None => broken += 1,
        }
    })?;
    let lost = seen.iter().filter(|&&c| c == 0).count();
    let doubled = seen.iter().filter(|&&c| c > 1).count();
    if lost + doubled + broken > 0 {
        bail!("of {orders} orders {lost} lost, {doubled} doubled, {broken} unreadable");
    }
    Ok(())
}
