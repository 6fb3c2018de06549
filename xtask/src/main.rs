//! Everything one does to the project beside writing it: `cargo xtask check|tidy|bench|chaos|fuzz|parity`.

// A program of its own that talks to a person.
#![allow(clippy::print_stdout)]

mod bench;
mod chaos;
mod check;
mod cluster;
mod compatibility;
mod fuzz;
mod parity;
mod process;
mod services;
mod tidy;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Checks, benchmarks and long tests of Flitz")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// All that a commit must pass: tidy, formatting, clippy, tests, then the real binary against real services.
    Check {
        /// Leave out the tests that need Kafka.
        #[arg(long)]
        offline: bool,
    },
    /// Rules about the code itself: crate arrows, file sizes, forbidden names, coverage of Flink's functions.
    Tidy,
    /// Measurements side by side with Flink.
    Bench {
        #[command(subcommand)]
        what: bench::Bench,
    },
    /// Kill the real binary again and again and prove that nothing is lost or doubled.
    Chaos(chaos::Args),
    /// Write docs/flink-compatibility.md from what the program accepts
    Compatibility(compatibility::Args),
    /// Look for mistakes with generated text, expressions and queries
    Fuzz(fuzz::Args),
    /// Results recorded from Flink
    Parity {
        #[command(subcommand)]
        what: parity::Parity,
    },
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Check { offline } => check::run(offline),
        Command::Tidy => tidy::run(),
        Command::Bench { what } => bench::run(what),
        Command::Chaos(args) => chaos::run(&args),
        Command::Compatibility(args) => compatibility::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Parity { what } => parity::run(&what),
    }
}

/// The project's root folder.
fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
