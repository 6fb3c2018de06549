//! Measurements side by side with Flink, on the same machine in the same run.

mod baseline;
mod embedded;
mod kafka;
mod latency;
mod start;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum Bench {
    /// Kafka JSON to a windowed count, and a filtering pass-through, both exactly once.
    Kafka(kafka::Args),
    /// From send to read of a pass-through.
    Latency(latency::Args),
    /// From the start of the process to the first row.
    Start(start::Args),
    /// Generator, order-analytics and results on one embedded file.
    Embedded(embedded::Args),
    /// (used by `kafka`) Read a topic to its end with librdkafka and do nothing.
    #[command(hide = true)]
    BaselinePoll { bootstrap: String, topic: String },
    /// (used by `kafka`) Read a topic to its end and produce every record to another.
    #[command(hide = true)]
    BaselineCopy { bootstrap: String, topic: String, to: String },
}

pub fn run(bench: Bench) -> Result<()> {
    match bench {
        Bench::Kafka(args) => kafka::run(&args),
        Bench::Latency(args) => latency::run(&args),
        Bench::Start(args) => start::run(&args),
        Bench::Embedded(args) => embedded::run(&args),
        Bench::BaselinePoll { bootstrap, topic } => baseline::poll(&bootstrap, &topic),
        Bench::BaselineCopy { bootstrap, topic, to } => baseline::copy(&bootstrap, &topic, &to),
    }
}

/// A name that no earlier run used.
fn fresh(name: &str) -> String {
    format!("{name}-{:08x}", rand::random::<u32>())
}
