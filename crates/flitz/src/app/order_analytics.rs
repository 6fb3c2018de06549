//! Figures of order-analytics computed apart from the pipeline, from the raw orders.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flitz_connectors::kafka;
use flitz_connectors::kafka::broker::{
    Broker, DeliveryGuarantee, InFlight, OffsetQuery, Outgoing, OutgoingRecord, ProducerSpec, TopicSelection,
};
use flitz_dataflow::{Error, Result};

use super::App;
use crate::cli::{AppVerifyArgs, JobArgs};
use crate::consume::Tail;
use crate::generate::{self, EventTimes, Pace};
use crate::results::print_line;
use crate::script::{Failure, Script};

/// 2026-01-01T00:00:00Z
const START_MILLIS: i64 = 1_767_225_600_000;
const STEP_MILLIS: i64 = 5;
const WINDOW_MILLIS: i64 = 60_000;
const PARTITIONS: i32 = 3;
/// How long results may take.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Default)]
struct Window {
    users: HashSet<String>,
    orders: u64,
    revenue: f64,
}

/// One row of `analytics-results`.
struct Row {
    window_start: i64,
    window_end: i64,
    unique_users: u64,
    total_orders: u64,
    total_revenue: f64,
    avg_order_value: f64,
}

/// Event time of the newest order that is there: orders before it would come too late.
pub fn newest_order_millis(broker: &dyn Broker) -> Result<Option<i64>> {
    let mut newest = None;
    let mut tail = Tail::last_records(broker, "orders")?;
    let deadline = Instant::now() + PATIENCE;
    while !tail.is_at_end() && Instant::now() < deadline {
        if tail.poll()?.is_none() {
            if !tail.is_at_end() {
                tail.wait();
            }
            continue;
        }
        for i in 0..tail.records.len() {
            // What somebody else has put there has no time for us.
            let order = serde_json::from_slice(tail.records.values.get(i).unwrap_or_default()).ok();
            newest = newest.max(order.and_then(|order| time_of(&order, "created_at").ok()));
        }
    }
    Ok(newest)
}

/// Runs the pipeline over a fixed set of orders and compares every row of its output.
pub fn verify(app: &App, args: &AppVerifyArgs) -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(|e| Error::unavailable(format!("no temporary folder: {e}")))?;
    let servers = std::env::var("KAFKA_BOOTSTRAP_SERVERS").ok().filter(|s| !s.is_empty());
    let servers = servers.unwrap_or_else(|| format!("embedded:{}/flitz.db", folder.path().display()));
    let broker = kafka::open_broker(&servers, &super::client_properties())?;
    let mut generator = generate::find(app.name, args.seed)?;
    for topic in generator.topics() {
        broker.create_topic(&topic)?;
        require_empty(&*broker, &topic.name)?;
    }
    let time = EventTimes::Simulated { start: START_MILLIS, step: STEP_MILLIS };
    let pace = Pace { rate: None, count: Some(args.count), duration: None, time };
    generate::send(&*broker, &mut *generator, &pace, &mut |_| false)?;
    let expected = figures(&*broker)?;
    push_watermark(&*broker, START_MILLIS + args.count as i64 * STEP_MILLIS + 3_600_000)?;

    let checkpoints = folder.path().join("checkpoints").display().to_string();
    let pipeline = if args.approximate { app.pipeline_approximate } else { app.pipeline };
    let variables = [("KAFKA_BOOTSTRAP_SERVERS", servers.as_str()), ("CHECKPOINT_DIR", checkpoints.as_str())];
    let script = Script::from_texts(&[("tables.sql", app.tables), ("pipeline.sql", pipeline)], &variables);
    let mut job = script.start(&JobArgs::default())?;
    let rows = read_results(&*broker, Some(expected.len()), &mut || job.has_ended())?;
    job.stop()?;
    // Rows that come in the last moment, or twice, would be here now.
    let rows_after = read_results(&*broker, None, &mut || false)?;
    if rows_after.len() != rows.len() {
        return Err(Error::data(format!("{} rows became {} at the stop", rows.len(), rows_after.len())).into());
    }
    compare(&expected, &rows, args.approximate)
}

fn require_empty(broker: &dyn Broker, topic: &str) -> Result<()> {
    let partitions = broker.partitions(&TopicSelection::Names(vec![topic.to_owned()]))?;
    let first = broker.offsets(&partitions, &OffsetQuery::Earliest)?;
    let end = broker.offsets(&partitions, &OffsetQuery::Latest)?;
    if first != end {
        return Err(Error::invalid(format!("topic '{topic}' on {} is not empty", broker.address()))
            .hint("verify needs a fresh broker: unset KAFKA_BOOTSTRAP_SERVERS, or delete the topic"));
    }
    Ok(())
}

/// The figures of every window from the raw orders, by a plain loop.
fn figures(broker: &dyn Broker) -> Result<BTreeMap<i64, Window>> {
    let mut windows: BTreeMap<i64, Window> = BTreeMap::new();
    let mut tail = Tail::open(broker, "orders", &OffsetQuery::Earliest, true)?;
    loop {
        if tail.poll()?.is_none() {
            if tail.is_at_end() {
                return Ok(windows);
            }
            tail.wait();
            continue;
        }
        for i in 0..tail.records.len() {
            let order: serde_json::Value = serde_json::from_slice(tail.records.values.get(i).unwrap_or_default())
                .map_err(|e| Error::internal(format!("the generator wrote no JSON: {e}")))?;
            let time = time_of(&order, "created_at")?;
            let window = windows.entry(time.div_euclid(WINDOW_MILLIS) * WINDOW_MILLIS).or_default();
            window.users.insert(order["user_id"].as_str().unwrap_or_default().to_owned());
            window.orders += 1;
            window.revenue += order["total_amount"].as_f64().unwrap_or(f64::NAN);
        }
    }
}

/// One order far in the future on every partition: all windows before it are complete.
fn push_watermark(broker: &dyn Broker, millis: i64) -> Result<()> {
    let producer = broker.producer(&ProducerSpec {
        guarantee: DeliveryGuarantee::AtLeastOnce,
        transactional_prefix: None,
        topics: vec!["orders".to_owned()],
        properties: super::client_properties(),
    })?;
    let topic = producer.topic("orders")?;
    let mut generator = generate::Orders::new(0);
    let mut batch = Outgoing::default();
    for partition in 0..topic.partitions.min(PARTITIONS) {
        let (mut key, mut value) = (vec![], vec![]);
        generate::Generator::event(&mut generator, 0, millis, &mut key, &mut value);
        let record = OutgoingRecord { topic: topic.index, partition: Some(partition), timestamp: None };
        batch.push(record, Some(&key), Some(&value));
    }
    let writer = Arc::new(InFlight::default());
    let sent = producer.send(&writer, &batch, 0)?;
    if sent != batch.len() {
        return Err(Error::internal("a new producer took fewer than three records"));
    }
    producer.flush(&writer, Duration::from_secs(60))
}

/// What `analytics-results` holds, as soon as it holds `count` rows; without a count, all up to its present end.
fn read_results(broker: &dyn Broker, count: Option<usize>, has_ended: &mut dyn FnMut() -> bool) -> Result<Vec<Row>> {
    let deadline = Instant::now() + PATIENCE;
    let mut rows = vec![];
    let mut tail = Tail::open(broker, "analytics-results", &OffsetQuery::Earliest, count.is_none())?;
    loop {
        while tail.poll()?.is_some() {
            for i in 0..tail.records.len() {
                rows.push(parse_row(tail.records.values.get(i).unwrap_or_default())?);
            }
        }
        let complete = count.is_some_and(|count| rows.len() >= count);
        if complete || tail.is_at_end() || has_ended() || Instant::now() > deadline {
            return Ok(rows);
        }
        tail.wait();
    }
}

fn parse_row(bytes: &[u8]) -> Result<Row> {
    let row: serde_json::Value = serde_json::from_slice(bytes)
        .map_err(|e| Error::data(format!("analytics-results holds a record that is no JSON: {e}")))?;
    Ok(Row {
        window_start: time_of(&row, "window_start")?,
        window_end: time_of(&row, "window_end")?,
        unique_users: row["unique_users"].as_u64().unwrap_or_default(),
        total_orders: row["total_orders"].as_u64().unwrap_or_default(),
        total_revenue: row["total_revenue"].as_f64().unwrap_or(f64::NAN),
        avg_order_value: row["avg_order_value"].as_f64().unwrap_or(f64::NAN),
    })
}

fn time_of(row: &serde_json::Value, field: &str) -> Result<i64> {
    let text = row[field].as_str().unwrap_or_default();
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|t| t.timestamp_millis())
        .map_err(|_| Error::data(format!("field {field} holds no time: {}", row[field])))
}

/// Prints every check with what was expected and found; the first difference is the error.
fn compare(expected: &BTreeMap<i64, Window>, rows: &[Row], approximate: bool) -> Result<(), Failure> {
    let mut found: HashMap<i64, &Row> = HashMap::new();
    for row in rows {
        if found.insert(row.window_start, row).is_some() {
            return Err(difference(row.window_start, "rows", 1.0, 2.0).into());
        }
    }
    for (start, window) in expected {
        let Some(row) = found.remove(start) else { return Err(difference(*start, "rows", 1.0, 0.0).into()) };
        let users = window.users.len() as f64;
        let average = window.revenue / window.orders as f64;
        let user_tolerance = if approximate { users * 0.03 } else { 0.0 };
        for (what, expected, found, tolerance) in [
            ("length in ms", WINDOW_MILLIS as f64, (row.window_end - row.window_start) as f64, 0.0),
            ("unique_users", users, row.unique_users as f64, user_tolerance),
            ("total_orders", window.orders as f64, row.total_orders as f64, 0.0),
            // Sums of doubles depend on the order of addition in the last digits.
            ("total_revenue", window.revenue, row.total_revenue, 0.005),
            ("avg_order_value", average, row.avg_order_value, 0.005),
        ] {
            print_line(&format!("{} {what}: expected {expected}, found {found}", time_text(*start)))?;
            if (expected - found).abs() > tolerance || found.is_nan() {
                return Err(difference(*start, what, expected, found).into());
            }
        }
    }
    if let Some(start) = found.keys().next() {
        return Err(difference(*start, "rows", 0.0, 1.0).into());
    }
    print_line(&format!("ok: {} windows, every one once and right", expected.len()))?;
    Ok(())
}

fn difference(window_start: i64, what: &str, expected: f64, found: f64) -> Error {
    Error::data(format!("window {}: {what}: expected {expected}, found {found}", time_text(window_start)))
}

fn time_text(millis: i64) -> String {
    chrono::DateTime::from_timestamp_millis(millis)
        .map_or_else(|| millis.to_string(), |t| t.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}
