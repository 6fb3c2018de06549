//! `cargo xtask parity record`: what Apache Flink answers to every case of `tests/parity/`.
//!
//! A group is a file `NAME.sql`: a prelude of statements, then cases, each behind a line `-- case: title` and
//! each one query. A case runs as `CREATE TABLE … WITH ('connector' = 'print') AS query`, so that its result
//! is a changelog on standard output; `NAME.expected` keeps the final table, sorted, or that Flink refuses it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use crate::{root, services};

#[derive(Subcommand)]
pub enum Parity {
    /// Run cases on Flink and write what it answers
    Record {
        /// Groups to record; default: those with cases that have no answer yet
        groups: Vec<String>,
        /// Record cases again that have an answer
        #[arg(long)]
        again: bool,
    },
}

pub fn run(command: &Parity) -> Result<()> {
    let Parity::Record { groups, again } = command;
    let folder = root().join("tests/parity");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)?.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    files.retain(|f| f.extension().is_some_and(|e| e == "sql"));
    files.sort();
    for file in files {
        let name = file.file_stem().context("file name")?.to_string_lossy().into_owned();
        if groups.is_empty() || groups.contains(&name) {
            record(&file, *again)?;
        }
    }
    Ok(())
}

struct Group {
    prelude: String,
    /// Title and query.
    cases: Vec<(String, String)>,
}

fn parse(text: &str) -> Group {
    let mut group = Group { prelude: String::new(), cases: vec![] };
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("-- case: ") {
            group.cases.push((title.trim().to_owned(), String::new()));
            continue;
        }
        let target = group.cases.last_mut().map_or(&mut group.prelude, |(_, query)| query);
        target.push_str(line);
        target.push('\n');
    }
    group
}

fn record(file: &Path, again: bool) -> Result<()> {
    let group = parse(&std::fs::read_to_string(file)?);
    let expected = file.with_extension("expected");
    let mut answers = if again { BTreeMap::new() } else { read_answers(&expected)? };
    answers.retain(|title, _| group.cases.iter().any(|(t, _)| t == title));
    loop {
        let open: Vec<&(String, String)> = group.cases.iter().filter(|(t, _)| !answers.contains_key(t)).collect();
        if open.is_empty() {
            break;
        }
        println!("{}: {} cases", file.display(), open.len());
        let before = answers.len();
        run_on_flink(file, &group.prelude, &open, &mut answers)?;
        if answers.len() == before {
            bail!("{}: Flink answered none of the cases", file.display());
        }
    }
    let mut text = String::new();
    for (title, _) in &group.cases {
        let rows = &answers[title];
        text.push_str(&format!("-- case: {title}\n{rows}"));
    }
    std::fs::write(&expected, text)?;
    Ok(())
}

fn read_answers(expected: &Path) -> Result<BTreeMap<String, String>> {
    let Ok(text) = std::fs::read_to_string(expected) else { return Ok(BTreeMap::new()) };
    let group = parse(&text);
    Ok(group.cases.into_iter().collect())
}

/// Runs cases until one is refused; that one and all before it have an answer then.
fn run_on_flink(
    file: &Path,
    prelude: &str,
    cases: &[&(String, String)],
    answers: &mut BTreeMap<String, String>,
) -> Result<()> {
    let mut script = prelude.replace("${DATA}", &data_folder(file)?);
    script.push_str("\nCREATE TABLE prelude_done WITH ('connector' = 'blackhole') AS SELECT 1 AS x;\n");
    for (i, (_, query)) in cases.iter().enumerate() {
        let query = query.trim().trim_end_matches(';');
        script.push_str(&format!(
            "\nCREATE TABLE parity_{i} WITH ('connector' = 'print', 'print-identifier' = 'parity_{i}') AS\n{query};\n"
        ));
    }
    let sql = tempfile::Builder::new().suffix(".sql").tempfile()?;
    std::fs::write(sql.path(), script)?;
    let output = services::script("flink.sh")
        .args(["sql", "--parallelism", "1"])
        .arg(sql.path())
        .stderr(Stdio::piped())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    if !text.contains("STATEMENT CREATE TABLE prelude_done") {
        bail!("{}: Flink refuses the prelude: {errors}", file.display());
    }
    let done = text.lines().filter(|l| l.starts_with("STATEMENT CREATE TABLE parity_")).count();
    for (i, (title, _)) in cases.iter().enumerate().take(done) {
        let prefix = format!("parity_{i}> ");
        let rows = text.lines().filter_map(|l| l.strip_prefix(prefix.as_str()));
        answers.insert(title.clone(), fold(rows));
    }
    if let Some((title, _)) = cases.get(done) {
        let reason = errors.lines().find(|l| l.starts_with("FAILED: ")).unwrap_or("FAILED: no reason given");
        let kind = if text.lines().any(|l| l.starts_with(&format!("parity_{done}> "))) || is_runtime(&errors) {
            "fails"
        } else {
            "refused"
        };
        answers.insert(title.clone(), format!("{kind}: {}\n", reason.trim_start_matches("FAILED: ")));
    }
    Ok(())
}

/// The job ran and failed, as against: the planner refused it.
fn is_runtime(errors: &str) -> bool {
    errors.contains("JobExecutionException") || errors.contains("Job failed")
}

/// Where `${DATA}` is.
fn data_folder(file: &Path) -> Result<String> {
    let folder = file.parent().context("folder")?.join("data");
    Ok(std::fs::canonicalize(folder)?.display().to_string())
}

/// The table that a changelog of printed rows makes, sorted.
fn fold<'a>(rows: impl Iterator<Item = &'a str>) -> String {
    let mut table: BTreeMap<&str, i64> = BTreeMap::new();
    for row in rows {
        let (kind, values) = row.split_at(2);
        let sign = if kind == "-U" || kind == "-D" { -1 } else { 1 };
        *table.entry(values).or_default() += sign;
    }
    let mut text = String::new();
    for (row, count) in table {
        for _ in 0..count.max(0) {
            text.push_str(row);
            text.push('\n');
        }
        if count < 0 {
            text.push_str(&format!("retracted {} times too often: {row}\n", -count));
        }
    }
    text
}
