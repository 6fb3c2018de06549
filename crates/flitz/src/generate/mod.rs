//! `flitz generate APP`: the events of an application, at a steady pace.

mod order_analytics;

use std::sync::Arc;
use std::time::{Duration, Instant};

use flitz_connectors::kafka;
use flitz_connectors::kafka::broker::{
    Broker, DeliveryGuarantee, InFlight, NewTopic, Outgoing, OutgoingRecord, Producer, ProducerSpec,
};
use flitz_dataflow::options::parse_duration;
use flitz_dataflow::{Clock, Error, Result, SystemClock};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::GenerateArgs;
use crate::script::Failure;
use crate::{app, shutdown};

pub use order_analytics::Orders;

/// Makes one application's events, the same for the same seed.
pub trait Generator: Send {
    /// Topics it writes, made when missing.
    fn topics(&self) -> Vec<NewTopic>;

    /// Writes event number `i` with event time around `millis`: `key` and `value` come empty. Returns the topic's
    /// position in `topics`.
    fn event(&mut self, i: u64, millis: i64, key: &mut Vec<u8>, value: &mut Vec<u8>) -> usize;
}

/// How fast, how long, in which time.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Events per second; None: as fast as it goes.
    pub rate: Option<f64>,
    pub count: Option<u64>,
    pub duration: Option<Duration>,
    pub time: EventTimes,
}

#[derive(Clone, Copy, Debug)]
pub enum EventTimes {
    Now,
    /// Milliseconds of the first event and between two.
    Simulated {
        start: i64,
        step: i64,
    },
}

#[derive(Clone, Copy, Debug)]
pub struct Summary {
    pub events: u64,
    pub bytes: u64,
    pub elapsed: Duration,
}

pub fn run(args: &GenerateArgs) -> Result<(), Failure> {
    shutdown::listen();
    let mut generator = find(&args.app, args.seed)?;
    let duration = |text: &str, flag: &str| {
        parse_duration(text)
            .ok_or_else(|| Error::invalid(format!("{flag} must be a duration such as '10s', found '{text}'")))
    };
    let delay = args.delay.as_deref().map(|d| duration(d, "--delay")).transpose()?;
    let rate = match delay {
        Some(delay) => Some(1.0 / delay.as_secs_f64().max(1e-9)),
        None => (args.rate > 0).then_some(args.rate as f64),
    };
    let time = match &args.simulated {
        None => EventTimes::Now,
        Some(start) => EventTimes::Simulated {
            start: chrono::DateTime::parse_from_rfc3339(start)
                .map_err(|e| {
                    Error::invalid(format!("--simulated: '{start}' is no time: {e}"))
                        .hint("write it as 2026-01-01T00:00:00Z")
                })?
                .timestamp_millis(),
            step: duration(&args.step, "--step")?.as_millis() as i64,
        },
    };
    let pace = Pace {
        rate,
        count: args.count,
        duration: args.duration.as_deref().map(|d| duration(d, "--duration")).transpose()?,
        time,
    };
    let broker = kafka::open_broker(&args.bootstrap_servers, &app::client_properties())?;
    let bar = progress_bar(args.quiet, pace.count);
    let summary = send(&*broker, &mut *generator, &pace, &mut |events| {
        bar.set_position(events);
        shutdown::requested()
    })?;
    bar.finish_and_clear();
    let seconds = summary.elapsed.as_secs_f64();
    eprintln!(
        "{} events, {:.1} MB in {seconds:.1} s: {:.0} events/s to {}",
        summary.events,
        summary.bytes as f64 / 1e6,
        summary.events as f64 / seconds.max(1e-9),
        broker.address()
    );
    Ok(())
}

/// The generator of application `name`.
pub fn find(name: &str, seed: u64) -> Result<Box<dyn Generator>> {
    match name {
        "order-analytics" => Ok(Box::new(Orders::new(seed))),
        _ => Err(app::unknown(name)),
    }
}

/// Sends events until the pace ends or `stop` (called about every 50 ms with the events so far) says so.
pub fn send(
    broker: &dyn Broker,
    generator: &mut dyn Generator,
    pace: &Pace,
    stop: &mut dyn FnMut(u64) -> bool,
) -> Result<Summary> {
    let topics = generator.topics();
    for topic in &topics {
        broker.create_topic(topic)?;
    }
    let producer = broker.producer(&ProducerSpec {
        guarantee: DeliveryGuarantee::AtLeastOnce,
        transactional_prefix: None,
        topics: topics.iter().map(|t| t.name.clone()).collect(),
        properties: app::client_properties(),
    })?;
    let handles: Vec<u32> =
        topics.iter().map(|t| producer.topic(&t.name).map(|handle| handle.index)).collect::<Result<_>>()?;
    let writer = Arc::new(InFlight::default());
    let start = Instant::now();
    let (mut key, mut value, mut batch) = (Vec::new(), Vec::new(), Outgoing::default());
    let (mut events, mut bytes) = (0, 0);
    loop {
        let elapsed = start.elapsed();
        let due = pace.rate.map_or(u64::MAX, |rate| (elapsed.as_secs_f64() * rate) as u64 + 1);
        let due = due.min(events + 5_000).min(pace.count.unwrap_or(u64::MAX));
        while events < due {
            let millis = match pace.time {
                EventTimes::Now => SystemClock.now_millis(),
                EventTimes::Simulated { start, step } => start + events as i64 * step,
            };
            key.clear();
            value.clear();
            let topic = generator.event(events, millis, &mut key, &mut value);
            let record = OutgoingRecord { topic: handles[topic], partition: None, timestamp: None };
            batch.push(record, Some(&key), Some(&value));
            bytes += value.len() as u64;
            events += 1;
        }
        hand_over(&*producer, &writer, &mut batch)?;
        let over = pace.count.is_some_and(|count| events >= count) || pace.duration.is_some_and(|d| elapsed >= d);
        if over || stop(events) {
            break;
        }
        if let Some(rate) = pace.rate {
            let next = Duration::from_secs_f64(events as f64 / rate).saturating_sub(start.elapsed());
            std::thread::sleep(next.clamp(Duration::from_millis(1), Duration::from_millis(50)));
        }
    }
    producer.flush(&writer, Duration::from_secs(120))?;
    Ok(Summary { events, bytes, elapsed: start.elapsed() })
}

/// Waits while the producer's buffer is full.
fn hand_over(producer: &dyn Producer, writer: &Arc<InFlight>, batch: &mut Outgoing) -> Result<()> {
    let mut sent = 0;
    while sent < batch.len() {
        let taken = producer.send(writer, batch, sent)?;
        if taken == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        sent += taken;
    }
    batch.clear();
    Ok(())
}

fn progress_bar(quiet: bool, count: Option<u64>) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let (bar, template) = match count {
        Some(count) => (ProgressBar::new(count), "{wide_bar} {human_pos}/{human_len} {per_sec}"),
        None => (ProgressBar::new_spinner(), "{spinner} {human_pos} events {per_sec} {elapsed}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
