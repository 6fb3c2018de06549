//! Topics in one file: a generator, two jobs and two consumers, each a process of its own.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;

use super::job::Job;
use super::{Args, kill_often};
use crate::process;

const MINUTE_MILLIS: i64 = 60_000;
/// What `WATERMARK FOR created_at` in `apps/order-analytics` takes off.
const WATERMARK_DELAY_MILLIS: i64 = 30_000;

pub fn run(args: &Args, flitz: &Path, home: &Path) -> Result<()> {
    let servers = format!("embedded:{}", home.join("topics.db").display());
    let topics = Topics { flitz, servers: &servers };
    let mut generator = Process(
        topics
            .command("generate")
            .args(["order-analytics", "-q", "--simulated", "2026-01-01T00:00:00Z", "--step", "20ms"])
            .args(["--count", &args.orders.to_string(), "--rate", &args.rate.to_string()])
            .spawn()?,
    );
    await_topics(&topics)?;
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", servers.as_str()),
        ("SINK_BOOTSTRAP_SERVERS", &servers),
        ("CHECKPOINT_INTERVAL", "500 ms"),
        ("CHECKPOINT_DIR", &args.checkpoints),
    ];
    let variables: Vec<_> = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let mut jobs = super::jobs(flitz, home, &variables);

    // The consumers begin when their topics are there and go on through every kill.
    let mut random = StdRng::seed_from_u64(args.seed);
    let windows = topics.follow("analytics-results", &home.join("windows.jsonl"))?;
    jobs[1].start(None)?;
    let copies = retry(Duration::from_secs(30), || topics.read("copies").map(drop))
        .and_then(|()| topics.follow("copies", &home.join("copies.jsonl")))?;
    jobs[1].kill()?;
    let kills = kill_often(args, &mut jobs, &mut random)?;
    let flowing = generator.0.try_wait()?.is_none();
    println!("{kills} kills of jobs beside a generator and two consumers on one file");
    if args.zombie {
        for job in &mut jobs {
            job.zombie()?;
        }
    }
    ensure!(generator.0.wait()?.success(), "the generator failed");
    for job in &mut jobs {
        job.revive()?;
    }

    let orders = topics.read_details("orders")?;
    ensure!(orders.len() as u64 == args.orders, "the generator sent {} of {} orders", orders.len(), args.orders);
    let (all, ended) = windows_of(&orders)?;
    topics.await_rows("analytics-results", ended, &mut jobs)?;
    topics.await_rows("copies", orders.len(), &mut jobs)?;
    for job in &mut jobs {
        job.stop()?;
    }
    let results = topics.read("analytics-results")?;
    verify_windows(&results, &all, ended)?;
    let copied = topics.read("copies")?;
    verify_copies(&copied, &orders)?;
    followed(windows, &home.join("windows.jsonl"), &results)?;
    followed(copies, &home.join("copies.jsonl"), &copied)?;
    println!("every window once, every order once ({} windows, {} orders)", results.len(), orders.len());
    ensure!(flowing, "the orders had all been sent before the last kill: lower --rate");
    Ok(())
}

struct Topics<'a> {
    flitz: &'a Path,
    servers: &'a str,
}

impl Topics<'_> {
    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(self.flitz);
        command.arg(verb).args(["--bootstrap-servers", self.servers]);
        command
    }

    /// Every committed record that is there now.
    fn read(&self, topic: &str) -> Result<Vec<String>> {
        let text = process::output(self.command("consume").args(["--until-end", topic]))?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// The same with the partition of each.
    fn read_details(&self, topic: &str) -> Result<Vec<(u32, Value)>> {
        let text = process::output(self.command("consume").args(["--until-end", "--details", topic]))?;
        let record = |line: &str| {
            let (partition, value) = (line.split('\t').next(), line.rsplit('\t').next());
            Ok((partition.context("no partition")?.parse()?, serde_json::from_str(value.context("no value")?)?))
        };
        text.lines().map(record).collect()
    }

    /// A consumer that writes what it sees to a file until it is stopped.
    fn follow(&self, topic: &str, file: &Path) -> Result<Process> {
        Ok(Process(self.command("consume").arg(topic).stdout(File::create(file)?).stderr(Stdio::inherit()).spawn()?))
    }

    fn await_rows(&self, topic: &str, rows: usize, jobs: &mut [Job]) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(240);
        loop {
            let found = self.read(topic)?.len();
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
}

fn await_topics(topics: &Topics) -> Result<()> {
    retry(Duration::from_secs(30), || topics.read("analytics-results").map(drop))
}

fn retry(patience: Duration, mut attempt: impl FnMut() -> Result<()>) -> Result<()> {
    let deadline = Instant::now() + patience;
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(e) if Instant::now() > deadline => return Err(e),
            Err(_) => thread::sleep(Duration::from_millis(200)),
        }
    }
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[derive(Default)]
struct Window {
    users: HashSet<String>,
    orders: u64,
    cents: u64,
}

/// All windows by their start, and how many of them have certainly ended.
fn windows_of(orders: &[(u32, Value)]) -> Result<(BTreeMap<i64, Window>, usize)> {
    let mut windows: BTreeMap<i64, Window> = BTreeMap::new();
    let mut newest: BTreeMap<u32, i64> = BTreeMap::new();
    for (partition, order) in orders {
        let millis = millis(&order["created_at"])?;
        let window = windows.entry(millis.div_euclid(MINUTE_MILLIS) * MINUTE_MILLIS).or_default();
        window.users.insert(order["user_id"].as_str().unwrap_or_default().to_owned());
        window.orders += 1;
        window.cents += (order["total_amount"].as_f64().unwrap_or(f64::NAN) * 100.0).round() as u64;
        let newest = newest.entry(*partition).or_insert(millis);
        *newest = millis.max(*newest);
    }
    let watermark = newest.values().min().context("no orders")? - WATERMARK_DELAY_MILLIS;
    let ended = windows.keys().filter(|start| **start + MINUTE_MILLIS - 1 <= watermark).count();
    Ok((windows, ended))
}

fn millis(time: &Value) -> Result<i64> {
    let text = time.as_str().context("a time that is no text")?;
    Ok(chrono::DateTime::parse_from_rfc3339(text).with_context(|| text.to_owned())?.timestamp_millis())
}

/// Every window that has ended is there once; none is there twice, or wrong.
fn verify_windows(results: &[String], windows: &BTreeMap<i64, Window>, ended: usize) -> Result<()> {
    let mut seen = HashSet::new();
    for line in results {
        let row: Value = serde_json::from_str(line)?;
        let start = millis(&row["window_start"])?;
        ensure!(seen.insert(start), "a window twice: {line}");
        let window = windows.get(&start).with_context(|| format!("not expected: {line}"))?;
        let cents = (row["total_revenue"].as_f64().unwrap_or(f64::NAN) * 100.0).round() as u64;
        let found = (row["total_orders"].as_u64(), row["unique_users"].as_u64(), cents);
        let expected = (Some(window.orders), Some(window.users.len() as u64), window.cents);
        ensure!(found == expected, "expected {expected:?}, found {line}");
    }
    let missing = windows.keys().take(ended).filter(|start| !seen.contains(start)).count();
    ensure!(missing == 0, "{missing} of {ended} windows are missing");
    Ok(())
}

fn verify_copies(copies: &[String], orders: &[(u32, Value)]) -> Result<()> {
    let mut ids: HashSet<&str> = orders.iter().filter_map(|(_, order)| order["order_id"].as_str()).collect();
    ensure!(ids.len() == orders.len(), "the generator repeats an order_id");
    for line in copies {
        let row: Value = serde_json::from_str(line)?;
        let id = row["order_id"].as_str().unwrap_or_default();
        ensure!(ids.remove(id), "twice, or never sent: {line}");
    }
    ensure!(ids.is_empty(), "{} orders are lost", ids.len());
    Ok(())
}

/// A consumer that was there all the time saw each record once.
fn followed(consumer: Process, file: &Path, records: &[String]) -> Result<()> {
    let mut expected = records.to_vec();
    expected.sort_unstable();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let mut seen: Vec<String> = std::fs::read_to_string(file)?.lines().map(str::to_owned).collect();
        seen.sort_unstable();
        if seen == expected {
            drop(consumer);
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("{}: the consumer saw {} records of {}", file.display(), seen.len(), expected.len());
        }
        thread::sleep(Duration::from_millis(200));
    }
}
