//! `flitz app run`: generator, pipeline and a look at the results, in one process.

use std::io::IsTerminal;
use std::thread;
use std::time::Instant;

use flitz_connectors::kafka;
use flitz_connectors::kafka::broker::{Broker, OffsetQuery};
use flitz_dataflow::options::parse_duration;
use flitz_dataflow::{Clock, Error, Result, SystemClock};

use super::{App, DEFAULT_SERVERS, order_analytics};
use crate::cli::AppRunArgs;
use crate::consume::Tail;
use crate::generate::{self, EventTimes, Pace};
use crate::progress::Progress;
use crate::results::print_line;
use crate::script::{Failure, Script};
use crate::shutdown;

/// Event time that passes per second of the demonstration: a window ends every half second.
const EVENT_MILLIS_PER_SECOND: i64 = 120_000;

pub fn run(app: &App, args: &AppRunArgs) -> Result<(), Failure> {
    shutdown::listen();
    if let Some(address) = args.job.metrics {
        let bound = flitz_server::serve_metrics(address)?;
        eprintln!("metrics on http://{bound}/metrics");
    }
    let duration =
        match &args.duration {
            None => None,
            Some(text) => Some(parse_duration(text).ok_or_else(|| {
                Error::invalid(format!("--duration must be a duration such as '30s', found '{text}'"))
            })?),
        };
    let servers = std::env::var("KAFKA_BOOTSTRAP_SERVERS").ok().filter(|s| !s.is_empty());
    let servers = servers.unwrap_or_else(|| DEFAULT_SERVERS.to_owned());
    let broker = kafka::open_broker(&servers, &super::client_properties())?;
    for topic in generate::find(app.name, 0)?.topics() {
        broker.create_topic(&topic)?;
    }
    eprintln!("{}: {} (topics at {servers}); Ctrl-C stops", app.name, app.about);
    // Only results of this run are shown.
    let mut tail = Tail::open(&*broker, "analytics-results", &OffsetQuery::Latest, false)?;

    let pipeline = if args.approximate { app.pipeline_approximate } else { app.pipeline };
    let script = Script::from_texts(
        &[("tables.sql", app.tables), ("pipeline.sql", pipeline)],
        &[("CHECKPOINT_INTERVAL", "200 ms")],
    );
    let mut job = script.start(&args.job)?;
    // A demonstration that ran before was ahead of the clock: this one goes on where it was.
    let start = SystemClock.now_millis().max(order_analytics::newest_order_millis(&*broker)?.unwrap_or(0));
    let generator = start_generator(app.name, servers, args.rate, start)?;

    let mut progress = Progress::new(false);
    let start = Instant::now();
    let (mut rows, mut latency) = (0u64, String::new());
    while !shutdown::requested() && duration.is_none_or(|d| start.elapsed() < d) {
        while tail.poll()?.is_some() {
            for i in 0..tail.records.len() {
                let value = String::from_utf8_lossy(tail.records.values.get(i).unwrap_or_default()).into_owned();
                progress.suspend(|| print_row(&value, rows))?;
                rows += 1;
            }
            // From the result's own time stamp to here.
            if let Some(written) = tail.records.timestamps.last() {
                latency = format!("  latency {} ms", (SystemClock.now_millis() - written).max(0));
            }
        }
        if let Some(status) = job.status() {
            progress.update(&status, &latency);
        }
        if job.has_ended() || generator.is_finished() {
            break;
        }
        tail.wait();
    }
    drop(progress);
    shutdown::request();
    let sent = generator.join().map_err(|_| Error::internal("the generator panicked"))?;
    job.stop()?;
    let sent = sent?;
    eprintln!("{} orders sent, {rows} windows received in {:.1} s", sent.events, start.elapsed().as_secs_f64());
    Ok(())
}

fn start_generator(
    app: &str,
    servers: String,
    rate: u64,
    start: i64,
) -> Result<thread::JoinHandle<Result<generate::Summary>>> {
    let mut generator = generate::find(app, SystemClock.now_millis() as u64)?;
    let rate = rate.max(1);
    let step = (EVENT_MILLIS_PER_SECOND / rate as i64).max(1);
    let pace =
        Pace { rate: Some(rate as f64), count: None, duration: None, time: EventTimes::Simulated { start, step } };
    let send = move || {
        let broker: std::sync::Arc<dyn Broker> = kafka::open_broker(&servers, &super::client_properties())?;
        generate::send(&*broker, &mut *generator, &pace, &mut |_| shutdown::requested())
    };
    thread::Builder::new()
        .name("flitz-generate".to_owned())
        .spawn(send)
        .map_err(|e| Error::internal(format!("cannot start a thread: {e}")))
}

/// One result as a row under a head that is printed before the first one.
fn print_row(value: &str, row: u64) -> Result<()> {
    let Ok(result) = serde_json::from_str::<serde_json::Value>(value) else { return print_line(value) };
    if !std::io::stdout().is_terminal() {
        return print_line(value);
    }
    if row.is_multiple_of(20) {
        print_line(&format!(
            "{:<22} {:>12} {:>12} {:>15} {:>15}",
            "window_start", "unique_users", "total_orders", "total_revenue", "avg_order_value"
        ))?;
    }
    let number = |field: &str| result[field].as_f64().unwrap_or(f64::NAN);
    print_line(&format!(
        "{:<22} {:>12} {:>12} {:>15.2} {:>15.2}",
        result["window_start"].as_str().unwrap_or("?"),
        number("unique_users"),
        number("total_orders"),
        number("total_revenue"),
        number("avg_order_value")
    ))
}
