//! Kafka to Kafka, exactly once: Flitz, Flink and bare librdkafka over the same topic, results compared.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::fresh;
use crate::process::{self, Cost};
use crate::services::{self, Kafka};
use crate::{cluster, root};

#[derive(clap::Args)]
pub struct Args {
    /// Records in the input topic.
    #[arg(long, default_value_t = 5_000_000)]
    events: u64,
    /// Runs of Flitz; all are printed.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Leave Flink out (its figures take minutes).
    #[arg(long)]
    no_flink: bool,
    /// Leave the pass-through out.
    #[arg(long)]
    no_pass_through: bool,
    /// Workers of Flitz and of Flink.
    #[arg(long, default_value_t = 1)]
    parallelism: usize,
}

const PARTITIONS: i32 = 3;

pub fn run(args: &Args) -> Result<()> {
    let bootstrap = Kafka::start()?;
    let flitz = process::release_binary("flitz")?;
    let xtask = process::release_binary("xtask")?;
    let topic = format!("bench-events-{}", args.events);
    prepare(&bootstrap, &topic, args.events)?;

    println!("{} events, {PARTITIONS} partitions, {} worker(s)", args.events, args.parallelism);
    let mut baseline = Command::new(&xtask);
    let (status, poll) = process::measure(baseline.args(["bench", "baseline-poll", &bootstrap, &topic]))?;
    require(status, "baseline-poll")?;
    row("librdkafka poll loop, reads only", args.events, poll);

    compare(args, &bootstrap, &flitz, &topic, "windowed-count.sql")?;
    if !args.no_pass_through {
        let out = fresh("bench-copy");
        cluster::create_topic(&bootstrap, &out, PARTITIONS)?;
        let mut baseline = Command::new(&xtask);
        let (status, copy) = process::measure(baseline.args(["bench", "baseline-copy", &bootstrap, &topic, &out]))?;
        require(status, "baseline-copy")?;
        row("librdkafka consume-and-produce loop", args.events, copy);
        compare(args, &bootstrap, &flitz, &topic, "pass-through.sql")?;
    }
    Ok(())
}

fn compare(args: &Args, bootstrap: &str, flitz: &Path, topic: &str, file: &str) -> Result<()> {
    println!("\n{file}");
    let sql = root().join("benches/kafka").join(file);
    let mut ours = None;
    for run in 0..args.runs {
        let out = fresh("bench-out");
        cluster::create_topic(bootstrap, &out, PARTITIONS)?;
        let state = tempfile::tempdir()?;
        let mut command = Command::new(flitz);
        command
            .args(["run", "--set"])
            .arg(format!("TOPIC={topic}"))
            .args(["--set", &format!("OUT={out}"), "--set", &format!("KAFKA_BOOTSTRAP_SERVERS={bootstrap}")])
            .args(["-e", &format!("SET 'parallelism.default' = '{}'", args.parallelism)])
            .args(["-e", "SET 'execution.checkpointing.interval' = '1 s'"])
            .arg(&sql)
            .env("XDG_STATE_HOME", state.path())
            .stdout(Stdio::null());
        let (status, cost) = process::measure(&mut command)?;
        require(status, "flitz")?;
        row(&format!("flitz, run {}", run + 1), args.events, cost);
        ours = Some(digest(bootstrap, &out)?);
    }
    if args.no_flink {
        return Ok(());
    }
    let out = fresh("bench-out");
    cluster::create_topic(bootstrap, &out, PARTITIONS)?;
    let text = process::output(
        services::script("flink.sh")
            .args(["sql", "--checkpoint-interval", "1s", "--parallelism", &args.parallelism.to_string()])
            .args(["--var", &format!("TOPIC={topic}"), "--var", &format!("OUT={out}")])
            .args(["--var", &format!("KAFKA_BOOTSTRAP_SERVERS={bootstrap}")])
            .arg(&sql),
    )?;
    let (wall, cpu) = flink_figures(&text).with_context(|| format!("no figures in {text}"))?;
    println!(
        "{:<40} {:>8.2} s wall {:>8.2} s cpu {:>9.3} M/s {:>9.3} M/cpu-s   (statement alone, JVM warm-up included)",
        "Flink 2.3",
        wall,
        cpu,
        args.events as f64 / wall / 1e6,
        args.events as f64 / cpu / 1e6
    );
    let theirs = digest(bootstrap, &out)?;
    if ours.as_ref() != Some(&theirs) {
        bail!("{file}: the results differ: {:?} against {:?} distinct rows", ours.map(|o| o.len()), theirs.len());
    }
    println!("results equal: {} distinct rows", theirs.len());
    Ok(())
}

/// Every committed record of a topic with how often it is there; large ones by hash.
fn digest(bootstrap: &str, topic: &str) -> Result<BTreeMap<u64, u64>> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut rows = BTreeMap::new();
    cluster::read_committed(bootstrap, topic, |value| {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        *rows.entry(hasher.finish()).or_insert(0) += 1;
    })?;
    Ok(rows)
}

/// `wall 24.41 s  cpu 40.30 s` of the last statement.
fn flink_figures(text: &str) -> Option<(f64, f64)> {
    let line = text.lines().rfind(|l| l.trim_start().starts_with("wall "))?;
    let words: Vec<&str> = line.split_whitespace().collect();
    Some((words.get(1)?.parse().ok()?, words.get(4)?.parse().ok()?))
}

fn row(name: &str, events: u64, cost: Cost) {
    let (wall, cpu) = (cost.wall.as_secs_f64(), cost.cpu.as_secs_f64());
    println!(
        "{name:<40} {wall:>8.2} s wall {cpu:>8.2} s cpu {:>9.3} M/s {:>9.3} M/cpu-s {:>6} MB peak",
        events as f64 / wall / 1e6,
        events as f64 / cpu / 1e6,
        cost.peak_rss_bytes >> 20
    );
}

fn require(status: std::process::ExitStatus, what: &str) -> Result<()> {
    if !status.success() {
        bail!("{what} ended with {status}");
    }
    Ok(())
}

/// Events of about 150 bytes, 10,000 a second of event time, up to 2 s out of order.
fn prepare(bootstrap: &str, topic: &str, events: u64) -> Result<()> {
    use std::io::Write;
    if !cluster::create_topic(bootstrap, topic, PARTITIONS)?
        && cluster::record_count(bootstrap, topic)? == events as i64
    {
        return Ok(());
    }
    if cluster::record_count(bootstrap, topic)? != 0 {
        bail!("topic {topic} is half filled: delete it");
    }
    eprintln!("filling {topic}");
    let kinds = ["page_view", "click", "purchase", "session_start", "session_end"];
    cluster::fill(bootstrap, topic, PARTITIONS, events, |i, out| {
        let mix = i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let millis = i / 10 + 2_000 - mix % 2_000;
        let (s, ms) = (millis / 1000, millis % 1000);
        let _ = write!(
            out,
            "{{\"event_id\":{i},\"user_id\":\"user_{}\",\"page_url\":\"/product/{}\",\"event_type\":\"{}\",\"amount\":{}.{:02},\
             \"event_time\":\"2026-01-01 {:02}:{:02}:{:02}.{ms:03}\"}}",
            mix % 10_000,
            mix % 997,
            kinds[(mix % 5) as usize],
            mix % 100,
            mix % 89 + 10,
            s / 3600 % 24,
            s / 60 % 60,
            s % 60,
        );
    })
}
