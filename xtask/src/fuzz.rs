//! `cargo xtask fuzz`: libFuzzer looks for mistakes with the targets of `fuzz/`, one after the other.
//!
//! What it learns stays in `fuzz/corpus/`, so each run goes on where the last one ended; a find lies in
//! `fuzz/artifacts/TARGET/` and ends the command. Without a sanitizer: what it looks for are panics and differences, of
//! which it tries many more that way. Needs `cargo install cargo-fuzz` and a nightly toolchain.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

const TARGETS: &[&str] = &["parse", "expression", "query"];
/// Statements that the parser's search starts from.
const SEEDS: &[&str] = &["tests/parity", "crates/sql/tests/parser", "tests/compatibility"];
/// Words that a search by bytes alone would not come upon.
const WORDS: &str = include_str!("../../fuzz/sql.dict");

#[derive(clap::Args)]
pub struct Args {
    /// For all targets together
    #[arg(long, default_value_t = 15)]
    minutes: u64,
    /// Which to run; default: parse, expression, query
    targets: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    if let Some(unknown) = args.targets.iter().find(|t| !TARGETS.contains(&t.as_str())) {
        bail!("there is no target {unknown}; there are {}", TARGETS.join(", "));
    }
    let chosen: Vec<&str> = TARGETS
        .iter()
        .copied()
        .filter(|t| args.targets.is_empty() || args.targets.iter().any(|chosen| chosen == t))
        .collect();
    let fuzz = crate::root().join("fuzz");
    let seconds = args.minutes * 60 / chosen.len() as u64;
    let mut report = vec![];
    for target in chosen {
        let corpus = fuzz.join("corpus").join(target);
        fs::create_dir_all(&corpus)?;
        if target == "parse" {
            seed(&corpus)?;
        }
        report.push(search(&fuzz, target, &corpus, seconds)?);
    }
    report.iter().for_each(|line| println!("{line}"));
    Ok(())
}

/// Runs one target; the line that says what it did.
fn search(fuzz: &Path, target: &str, corpus: &Path, seconds: u64) -> Result<String> {
    let dictionary = std::env::temp_dir().join(format!("flitz-fuzz-{}.dict", std::process::id()));
    fs::write(&dictionary, WORDS)?;
    let mut command = Command::new("cargo");
    command
        .current_dir(fuzz)
        .args(["+nightly", "fuzz", "run", "--sanitizer", "none", "--fuzz-dir"])
        .arg(fuzz)
        .arg(target)
        .arg(corpus);
    command.args([
        "--",
        "-print_final_stats=1",
        "-print_funcs=0",
        "-rss_limit_mb=4096",
        "-timeout=60",
        "-len_control=20",
    ]);
    command.arg(format!("-max_total_time={seconds}"));
    if target == "parse" {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    let mut child = command.stderr(Stdio::piped()).spawn().context("cargo fuzz; `cargo install cargo-fuzz`")?;
    let stderr = child.stderr.take().context("the standard error of cargo fuzz")?;
    let mut executed = "?".to_owned();
    for line in BufReader::new(stderr).lines() {
        let line = line?;
        if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
            count.trim().clone_into(&mut executed);
        }
        eprintln!("{line}");
    }
    let status = child.wait()?;
    let _ = fs::remove_file(&dictionary);
    if !status.success() {
        bail!("{target}: a find; cargo +nightly fuzz run {target} FILE replays it, with FUZZ_SHOW=1 in words");
    }
    Ok(format!("{target}: {executed} executions in {seconds} s, nothing found"))
}

/// Each statement of our SQL files as a file of its own.
fn seed(corpus: &Path) -> Result<()> {
    let mut number = 0;
    for folder in SEEDS {
        let entries = fs::read_dir(crate::root().join(folder))?.collect::<Result<Vec<_>, _>>()?;
        for path in entries.iter().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "sql")) {
            let text = fs::read_to_string(&path)?;
            for statement in text.split(";\n").flat_map(|part| part.split("\n\n")) {
                let lines = statement.lines().filter(|line| !line.starts_with("--"));
                let statement = lines.collect::<Vec<_>>().join("\n");
                if !statement.trim().is_empty() {
                    fs::write(corpus.join(format!("seed-{number:04}")), statement)?;
                    number += 1;
                }
            }
        }
    }
    Ok(())
}
