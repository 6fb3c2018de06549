//! From send to read of a pass-through, record by record.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};

use super::fresh;
use crate::services::Kafka;
use crate::{cluster, process, root};

#[derive(clap::Args)]
pub struct Args {
    /// Records per second.
    #[arg(long, default_value_t = 1_000)]
    rate: u64,
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

const PARTITIONS: i32 = 3;
/// Not measured: connections are made and code is paged in.
const WARM_UP: Duration = Duration::from_secs(3);

pub fn run(args: &Args) -> Result<()> {
    let bootstrap = Kafka::start()?;
    let flitz = process::release_binary("flitz")?;
    println!("{} records/s for {} s; load average {}", args.rate, args.seconds, load()?);
    let table = [("at-least-once", "1 s"), ("at-least-once", "100 ms"), ("exactly-once", "100 ms")];
    for (guarantee, interval) in table {
        let mut p99 = vec![];
        for _ in 0..args.runs {
            let mut latencies = measure(args, &bootstrap, &flitz, guarantee, interval)?;
            latencies.sort_unstable();
            let at = |q: f64| latencies[((latencies.len() - 1) as f64 * q) as usize].as_secs_f64() * 1e3;
            println!(
                "{guarantee:<14} checkpoints {interval:<7} p50 {:>7.2} ms  p99 {:>7.2} ms  max {:>7.2} ms  load {}",
                at(0.5),
                at(0.99),
                at(1.0),
                load()?
            );
            p99.push(at(0.99));
        }
        p99.sort_by(f64::total_cmp);
        println!("{guarantee:<14} checkpoints {interval:<7} median p99 {:.2} ms\n", p99[p99.len() / 2]);
    }
    Ok(())
}

fn load() -> Result<String> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

fn measure(
    args: &Args,
    bootstrap: &str,
    flitz: &std::path::Path,
    guarantee: &str,
    interval: &str,
) -> Result<Vec<Duration>> {
    let (topic, out) = (fresh("bench-sent"), fresh("bench-received"));
    cluster::create_topic(bootstrap, &topic, PARTITIONS)?;
    cluster::create_topic(bootstrap, &out, PARTITIONS)?;
    let state = tempfile::tempdir()?;
    let mut command = Command::new(flitz);
    command.args(["run", "-q"]);
    for (name, value) in [
        ("TOPIC", topic.as_str()),
        ("OUT", &out),
        ("GUARANTEE", guarantee),
        ("CHECKPOINT_INTERVAL", interval),
        ("KAFKA_BOOTSTRAP_SERVERS", bootstrap),
    ] {
        command.arg("--set").arg(format!("{name}={value}"));
    }
    command.arg(root().join("benches/kafka/latency.sql")).env("XDG_STATE_HOME", state.path());
    let mut child = command.stdout(Stdio::null()).spawn().context("flitz")?;
    let count = (WARM_UP.as_secs() + args.seconds) * args.rate;
    let began = Instant::now();
    let stop = Arc::new(AtomicBool::new(false));
    let reader = {
        let (bootstrap, out, stop) = (bootstrap.to_owned(), out.clone(), stop.clone());
        thread::spawn(move || read(&bootstrap, &out, count, began, &stop))
    };
    let sent = send(bootstrap, &topic, args.rate, count, began)?;
    thread::sleep(Duration::from_secs(3));
    stop.store(true, Ordering::Relaxed);
    let received = reader.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
    child.kill()?;
    child.wait()?;
    let warm = (WARM_UP.as_secs() * args.rate) as usize;
    let mut latencies = vec![];
    for (id, sent) in sent.iter().enumerate().skip(warm) {
        let Some(received) = received[id] else { bail!("record {id} was not received") };
        latencies.push(received.saturating_sub(*sent));
    }
    Ok(latencies)
}

/// Sends each record at its time; returns when that was.
fn send(bootstrap: &str, topic: &str, rate: u64, count: u64, began: Instant) -> Result<Vec<Duration>> {
    let producer: ThreadedProducer<DefaultProducerContext> =
        cluster::config(bootstrap).set("linger.ms", "0").set("acks", "1").create()?;
    let mut sent = Vec::with_capacity(count as usize);
    for id in 0..count {
        let due = Duration::from_secs_f64(id as f64 / rate as f64);
        if let Some(wait) = due.checked_sub(began.elapsed()) {
            thread::sleep(wait);
        }
        let value = format!(
            r#"{{"id":{id},"user_id":"user_{}","page_url":"/product/{}","amount":{}.5}}"#,
            id % 97,
            id % 13,
            id % 50
        );
        sent.push(began.elapsed());
        let record = BaseRecord::<(), [u8]>::to(topic).payload(value.as_bytes()).partition((id % 3) as i32);
        producer.send(record).map_err(|(e, _)| e)?;
    }
    producer.flush(Duration::from_secs(20))?;
    Ok(sent)
}

/// When each record came out, by id.
fn read(bootstrap: &str, topic: &str, count: u64, began: Instant, stop: &AtomicBool) -> Result<Vec<Option<Duration>>> {
    let consumer: BaseConsumer = cluster::config(bootstrap)
        .set("group.id", "xtask-latency")
        .set("enable.auto.commit", "false")
        .set("isolation.level", "read_committed")
        .set("fetch.wait.max.ms", "100")
        .create()?;
    let mut list = TopicPartitionList::new();
    for partition in cluster::partitions(&consumer, topic)? {
        list.add_partition_offset(topic, partition, Offset::Beginning)?;
    }
    consumer.assign(&list)?;
    let mut received = vec![None; count as usize];
    while !stop.load(Ordering::Relaxed) {
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        let message = message?;
        let row: serde_json::Value = serde_json::from_slice(message.payload().unwrap_or_default())?;
        let id = row["id"].as_u64().context("a record without id")?;
        received[id as usize].get_or_insert(began.elapsed());
    }
    Ok(received)
}
