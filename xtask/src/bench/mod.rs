//! Measurements side by side with Flink, on the same machine in the same run.

mod baseline;
mod kafka;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum Bench {
    /// Kafka JSON to a windowed count, and a filtering pass-through, both exactly once.
    Kafka(kafka::Args),
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
        Bench::BaselinePoll { bootstrap, topic } => baseline::poll(&bootstrap, &topic),
        Bench::BaselineCopy { bootstrap, topic, to } => baseline::copy(&bootstrap, &topic, &to),
    }
}
