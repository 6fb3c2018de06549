//! `cargo xtask check`: what CI runs. Quick layers first.

use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::process;
use crate::services::{self, Kafka};

pub fn run(offline: bool) -> Result<()> {
    step("tidy", crate::tidy::run)?;
    step("format", || process::run(cargo().args(["fmt", "--all", "--check"])))?;
    step("clippy", || process::run(cargo().args(["clippy", "--workspace", "--quiet", "--", "--deny", "warnings"])))?;
    // Nothing else builds them.
    step("benches", || process::run(cargo().args(["check", "--workspace", "--benches", "--quiet"])))?;
    let mut test = cargo();
    test.args(["test", "--workspace", "--no-fail-fast"]);
    if offline {
        eprintln!("offline: the tests against Kafka do not run");
    } else if services::available() || std::env::var_os("KAFKA_BOOTSTRAP_SERVERS").is_some() {
        test.env("FLITZ_TEST_KAFKA", Kafka::start()?);
    } else {
        eprintln!("no Kafka here (see FLITZ_SERVICES_DIR in ARCHITECTURE.md): the tests against it do not run");
    }
    step("test", || process::run(&mut test))?;
    step("compatibility", || crate::compatibility::run(&crate::compatibility::Args { check: true }))
}

fn step(name: &str, step: impl FnOnce() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    eprintln!("== {name}");
    step()?;
    eprintln!("== {name}: {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    command.current_dir(crate::root());
    command
}
