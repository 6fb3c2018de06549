//! From the start of the process to its first row.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::fresh;
use crate::services::Kafka;
use crate::{cluster, process};

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, default_value_t = 11)]
    runs: usize,
}

pub fn run(args: &Args) -> Result<()> {
    let bootstrap = Kafka::start()?;
    let flitz = process::release_binary("flitz")?;
    let topic = fresh("bench-start");
    cluster::create_topic(&bootstrap, &topic, 3)?;
    cluster::fill(&bootstrap, &topic, 3, 30, |i, out| out.extend(format!(r#"{{"id":{i}}}"#).bytes()))?;
    let table = format!(
        "CREATE TABLE t (id BIGINT) WITH ('connector' = 'kafka', 'topic' = '{topic}', 'format' = 'json', \
         'properties.bootstrap.servers' = '{bootstrap}', 'scan.startup.mode' = 'earliest-offset');"
    );
    for (name, sql) in [("SELECT 1", "SELECT 1".to_owned()), ("a Kafka topic", format!("{table} SELECT id FROM t"))] {
        let mut times = vec![];
        let mut peaks = vec![];
        for _ in 0..args.runs {
            let (time, peak) = first_row(&flitz, &sql)?;
            times.push(time);
            peaks.push(peak);
        }
        times.sort_unstable();
        println!(
            "{name:<16} first row after {:>6.1} ms (median of {}), {:.1} to {:.1} ms; resident {} MB",
            times[times.len() / 2].as_secs_f64() * 1e3,
            args.runs,
            times[0].as_secs_f64() * 1e3,
            times[times.len() - 1].as_secs_f64() * 1e3,
            peaks.iter().max().unwrap_or(&0) >> 20,
        );
    }
    Ok(())
}

/// When the first byte came out, and the peak of memory until then.
fn first_row(flitz: &std::path::Path, sql: &str) -> Result<(Duration, u64)> {
    let began = Instant::now();
    let mut child =
        Command::new(flitz).args(["run", "-q", "-e", sql]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut byte = [0];
    let read = child.stdout.as_mut().map_or(Ok(0), |out| out.read(&mut byte))?;
    let time = began.elapsed();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<u64>().ok());
    child.kill()?;
    child.wait()?;
    ensure!(read == 1, "no row came out");
    Ok((time, peak.unwrap_or(0) * 1024))
}
