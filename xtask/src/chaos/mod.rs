//! `cargo xtask chaos`: the real binary, real topics, and `kill -9`.
//!
//! 1. A generator sends orders at a steady pace, in simulated event time, to a broker started for this run or
//!    to an embedded file.
//! 2. Two jobs read them: order-analytics, and a pass-through. Both are killed at random moments and at
//!    every named failpoint, and started again by the same command.
//! 3. The results are read with `read_committed` and compared with what was sent: every window once and right
//!    to the cent, every order id once, no transaction left open.

mod embedded;
mod job;
mod kafka;

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rand::Rng;
use rand::rngs::StdRng;

use crate::{process, root};
use job::Job;

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, default_value_t = 1_000_000)]
    orders: u64,
    /// Orders per second; the stream must still flow at the last kill.
    #[arg(long, default_value_t = 6_000)]
    rate: u64,
    /// Kills at random moments.
    #[arg(long, default_value_t = 20)]
    kills: u32,
    /// Kills at each named failpoint.
    #[arg(long, default_value_t = 3)]
    failpoint_kills: u32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where checkpoints go: empty for a local folder, or `s3://flitz/…` with the AWS variables set.
    #[arg(long, default_value = "")]
    checkpoints: String,
    /// The pass-through writes to a broker of its own.
    #[arg(long)]
    two_brokers: bool,
    /// Stop and start the broker this often as well.
    #[arg(long, default_value_t = 0)]
    broker_restarts: u32,
    /// Freeze a process, start a second one, let the first go on.
    #[arg(long)]
    zombie: bool,
    /// Embedded topics: generator, jobs and two consumers on one file.
    #[arg(long, conflicts_with_all = ["two_brokers", "broker_restarts", "outage_s"])]
    embedded: bool,
    /// Stop the jobs' broker for this many seconds once (longer than the transaction timeout of 60 s).
    #[arg(long, default_value_t = 0)]
    outage_s: u64,
}

const FAILPOINTS: &[&str] = &["after-flush", "staged", "snapshot", "offsets-sent", "commit-sent", "commit-confirmed"];

pub fn run(args: &Args) -> Result<()> {
    let flitz = process::release_binary("flitz")?;
    let home = tempfile::tempdir()?;
    match args.embedded {
        true => embedded::run(args, &flitz, home.path()),
        false => kafka::run(args, &flitz, home.path()),
    }
}

fn jobs(flitz: &Path, home: &Path, variables: &[(String, String)]) -> [Job; 2] {
    let app = root().join("apps/order-analytics");
    let job = |name, files| Job::new(name, flitz, files, home, variables.to_vec());
    [
        job("order-analytics", vec![app.join("tables.sql"), app.join("pipeline.sql")]),
        job("pass-through", vec![root().join("benches/chaos/pass-through.sql")]),
    ]
}

/// Starts the jobs, kills them at random moments and at every failpoint, and leaves them running. Returns the
/// number of kills.
fn kill_often(args: &Args, jobs: &mut [Job], random: &mut StdRng) -> Result<u32> {
    let mut kills = 0;
    for job in jobs.iter_mut() {
        job.start(None)?;
    }
    for _ in 0..args.kills {
        thread::sleep(Duration::from_millis(random.random_range(300..4_000)));
        for job in jobs.iter_mut() {
            job.kill()?;
            job.start(None)?;
            kills += 1;
        }
    }
    for failpoint in FAILPOINTS {
        for round in 0..args.failpoint_kills {
            for job in jobs.iter_mut() {
                job.kill()?;
                job.start(Some(&format!("{failpoint}:{}", round + 1)))?;
            }
            for job in jobs.iter_mut() {
                job.await_end(Duration::from_secs(60)).with_context(|| format!("failpoint {failpoint}"))?;
                job.start(None)?;
                kills += 1;
            }
            thread::sleep(Duration::from_millis(random.random_range(100..700)));
        }
    }
    Ok(kills)
}
