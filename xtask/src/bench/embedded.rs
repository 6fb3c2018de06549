//! Generate, process, result: order-analytics over one embedded file, from the first event to the last window.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use crate::{process, root};

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, default_value_t = 2_000_000)]
    events: u64,
    #[arg(long, default_value_t = 3)]
    runs: usize,
}

/// Event time between two events.
const STEP_MILLIS: u64 = 10;
/// The last window that a watermark of 30 s and 5 s of disorder have surely ended lies this far from the end.
const TAIL_MILLIS: u64 = 40_000;

pub fn run(args: &Args) -> Result<()> {
    let flitz = process::release_binary("flitz")?;
    let windows = (args.events * STEP_MILLIS - TAIL_MILLIS) / 60_000;
    for run in 1..=args.runs {
        let home = tempfile::tempdir()?;
        let servers = format!("embedded:{}", home.path().join("topics.db").display());
        let command = |verb: &str| {
            let mut command = Command::new(&flitz);
            command.arg(verb).env("KAFKA_BOOTSTRAP_SERVERS", &servers).env("XDG_STATE_HOME", home.path());
            command
        };
        // Makes the topics.
        process::run(command("generate").args(["order-analytics", "-q", "--count", "0"]))?;
        let app = root().join("apps/order-analytics");
        let mut job = command("run")
            .arg("-q")
            .args([app.join("tables.sql"), app.join("pipeline.sql")])
            .stdout(Stdio::null())
            .spawn()?;
        thread::sleep(Duration::from_millis(500));
        let began = Instant::now();
        let (status, generator) = process::measure(
            command("generate")
                .args(["order-analytics", "-q", "--rate", "0", "--count", &args.events.to_string()])
                .args(["--simulated", "2026-01-01T00:00:00Z", "--step", &format!("{STEP_MILLIS}ms")]),
        )?;
        ensure!(status.success(), "the generator ended with {status}");
        loop {
            let results = process::output(command("consume").args(["analytics-results", "--until-end"]))?;
            if results.lines().count() as u64 >= windows {
                break;
            }
            if began.elapsed() > Duration::from_secs(300) {
                job.kill()?;
                job.wait()?;
                bail!("{} of {windows} windows after 300 s", results.lines().count());
            }
            thread::sleep(Duration::from_millis(20));
        }
        let wall = began.elapsed().as_secs_f64();
        job.kill()?;
        job.wait()?;
        println!(
            "run {run}: {} events in {:.2} s generated, {wall:.2} s to the last of {windows} windows: {:.0} events/s",
            args.events,
            generator.wall.as_secs_f64(),
            args.events as f64 / wall
        );
    }
    Ok(())
}
