//! `cargo xtask parity record`: what Apache Flink answers to every case of `tests/parity/`.
//!
//! A group is a file `NAME.sql`: a prelude of statements, then cases, each behind a line `-- case: title` and
//! each one query or INSERT. A query runs as `CREATE TABLE … WITH ('connector' = 'print') AS query`, so that its result
//! is a changelog on standard output; `NAME.expected` keeps the final table, sorted, or that Flink refuses it. An INSERT
//! writes to a `print` table of the prelude, and its changes are kept as they came.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use crate::{process, root, services};

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
    let open: Vec<&(String, String)> = group.cases.iter().filter(|(t, _)| !answers.contains_key(t)).collect();
    println!("{}: {} of {} cases", file.display(), open.len(), group.cases.len());
    if !open.is_empty() {
        answers.extend(run_on_flink(file, &group.prelude, &open)?);
    }
    let mut text = String::new();
    for (title, _) in &group.cases {
        let answer = answers.get(title).with_context(|| format!("no answer to {title}"))?;
        text.push_str(&format!("-- case: {title}\n{answer}"));
    }
    std::fs::write(&expected, text)?;
    Ok(())
}

fn read_answers(expected: &Path) -> Result<BTreeMap<String, String>> {
    let Ok(text) = std::fs::read_to_string(expected) else { return Ok(BTreeMap::new()) };
    let group = parse(&text);
    Ok(group.cases.into_iter().collect())
}

/// One Flink for all cases of a group; a refused case does not end it.
fn run_on_flink(file: &Path, prelude: &str, cases: &[&(String, String)]) -> Result<BTreeMap<String, String>> {
    let folder = file.parent().context("folder")?;
    let data = std::fs::canonicalize(folder.join("data"))?.display().to_string();
    let prelude = prelude.replace("${DATA}", &data);
    let mut blocks: Vec<String> = prelude.split(";\n").map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect();
    let before = blocks.len();
    for (i, (_, query)) in cases.iter().enumerate() {
        let query = query.trim().trim_end_matches(';');
        let identifier = format!("'print-identifier' = 'parity_{i}'");
        blocks.push(match inserted_table(query) {
            Some(table) => query.replacen(table, &format!("{table} /*+ OPTIONS({identifier}) */"), 1),
            None => format!("CREATE TABLE parity_{i} WITH ('connector' = 'print', {identifier}) AS\n{query}"),
        });
    }
    let work = tempfile::tempdir()?;
    let script = work.path().join("cases.sql");
    std::fs::write(&script, blocks.join("\n-- next\n"))?;

    let class_path = process::output(services::script("flink.sh").arg("classpath"))?;
    let class_path = class_path.trim();
    let source = folder.join("FlinkCases.java");
    process::run(
        Command::new("javac").arg("-nowarn").arg("-d").arg(work.path()).args(["-cp", class_path]).arg(source),
    )?;
    let opens = std::fs::read_to_string(services::scripts().join("flink-jvm-opens.txt"))?;
    let mut java = Command::new("java");
    java.arg("-Xmx2g").args(opens.split_whitespace());
    java.arg("-cp").arg(format!("{}:{class_path}", work.path().display())).arg("FlinkCases").arg(&script);
    let text = process::output(&mut java)?;

    let mut answers = BTreeMap::new();
    let ends = |number: usize| {
        text.lines().find_map(|line| {
            let failed = line.strip_prefix(&format!("FAILED {number} "));
            failed.map(|reason| Err(reason.to_owned())).or((line == format!("DONE {number}")).then_some(Ok(())))
        })
    };
    for (number, block) in blocks.iter().enumerate().take(before) {
        if let Some(Err(reason)) = ends(number) {
            bail!("{}: Flink does not take the prelude: {reason}: {block}", file.display());
        }
    }
    for (i, (title, query)) in cases.iter().enumerate() {
        let answer = match ends(before + i).with_context(|| format!("Flink said nothing of {title}"))? {
            Ok(()) => {
                let prefix = format!("parity_{i}> ");
                let rows = text.lines().filter_map(|l| l.strip_prefix(prefix.as_str()));
                match inserted_table(query.trim()) {
                    Some(_) => rows.map(|row| format!("{row}\n")).collect(),
                    None => fold(rows),
                }
            }
            // The mini cluster goes down with a failed job and may be named as the cause.
            Err(reason) if reason.contains("MiniCluster is not yet running") => "fails: the job failed\n".to_owned(),
            Err(reason) => format!("{reason}\n"),
        };
        answers.insert(title.clone(), answer);
    }
    Ok(answers)
}

/// The table of `INSERT INTO table …`.
fn inserted_table(statement: &str) -> Option<&str> {
    statement.strip_prefix("INSERT INTO ")?.split_whitespace().next()
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
