//! Rules about the code that no compiler checks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Who may depend on whom, inside the workspace. ARCHITECTURE.md draws the same arrows.
const ARROWS: &[(&str, &[&str])] = &[
    ("flitz-dataflow", &[]),
    ("flitz-plan", &["flitz-dataflow"]),
    ("flitz-functions", &["flitz-dataflow", "flitz-plan"]),
    ("flitz-sql", &["flitz-dataflow", "flitz-plan", "flitz-functions"]),
    ("flitz-storage", &["flitz-dataflow"]),
    ("flitz-state", &["flitz-dataflow", "flitz-storage"]),
    ("flitz-connectors", &["flitz-dataflow", "flitz-storage"]),
    ("flitz-runtime", &["flitz-dataflow", "flitz-plan", "flitz-functions", "flitz-state"]),
    (
        "flitz-server",
        &["flitz-dataflow", "flitz-plan", "flitz-sql", "flitz-state", "flitz-runtime", "flitz-connectors"],
    ),
    (
        "flitz",
        &[
            "flitz-dataflow",
            "flitz-plan",
            "flitz-functions",
            "flitz-sql",
            "flitz-state",
            "flitz-runtime",
            "flitz-connectors",
            "flitz-server",
        ],
    ),
    ("flitz-testkit", &["flitz-dataflow"]),
    (
        "flitz-properties",
        &["flitz-dataflow", "flitz-plan", "flitz-functions", "flitz-sql", "flitz-runtime", "flitz-testkit"],
    ),
    ("xtask", &[]),
];

/// A file with more lines no longer holds one idea.
const LINES_MAX: usize = 1200;

pub fn run() -> Result<()> {
    let mut faults = vec![];
    arrows(&mut faults)?;
    files(&mut faults)?;
    functions(&mut faults)?;
    for fault in &faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} untidy places", faults.len());
    }
    Ok(())
}

fn arrows(faults: &mut Vec<String>) -> Result<()> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.current_dir(crate::root()).args(["metadata", "--no-deps", "--format-version=1"]);
    let metadata: serde_json::Value = serde_json::from_str(&process::output(&mut command)?)?;
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let map = fs::read_to_string(crate::root().join("ARCHITECTURE.md")).context("ARCHITECTURE.md")?;
    for package in metadata["packages"].as_array().context("packages")? {
        let name = package["name"].as_str().context("name")?;
        let Some(may) = allowed.get(name) else {
            faults.push(format!("{name}: not in the list of arrows in xtask/src/tidy.rs"));
            continue;
        };
        let short = name.trim_start_matches("flitz-");
        if !map.contains(&format!("`{short}`")) && !map.contains(&format!("{short}/")) {
            faults.push(format!("ARCHITECTURE.md does not mention `{short}`"));
        }
        for dependency in package["dependencies"].as_array().context("dependencies")? {
            let on = dependency["name"].as_str().context("dependency name")?;
            let ours = allowed.contains_key(on);
            let in_tests = dependency["kind"].as_str() == Some("dev");
            if ours && !in_tests && !may.contains(&on) {
                faults.push(format!("{name} must not depend on {on}"));
            }
        }
    }
    Ok(())
}

fn files(faults: &mut Vec<String>) -> Result<()> {
    let mut sources = vec![];
    for folder in ["crates", "xtask"] {
        collect(&crate::root().join(folder), &mut sources)?;
    }
    for path in sources {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let lines = text.lines().count();
        if lines > LINES_MAX {
            faults.push(format!("{}: {lines} lines, more than {LINES_MAX}", path.display()));
        }
        let name = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        if ["utils", "util", "common", "helpers", "misc"].contains(&name) {
            faults.push(format!("{}: '{name}' says that the noun has not been found", path.display()));
        }
        for word in ["#[ignore", "todo!(", "unimplemented!("] {
            if text.contains(word) && !path.ends_with("xtask/src/tidy.rs") {
                faults.push(format!("{}: holds {word}", path.display()));
            }
        }
    }
    Ok(())
}

/// Says how many of Flink's functions are accepted, as `cargo xtask compatibility` counted last.
fn functions(faults: &mut Vec<String>) -> Result<()> {
    let page = fs::read_to_string(crate::root().join("docs/flink-compatibility.md")).context("compatibility page")?;
    let row = page.lines().find_map(|line| line.strip_prefix("| Functions | "));
    match row.map(|row| row.trim_end_matches(" |").split(" | ").collect::<Vec<_>>()).as_deref() {
        Some([all, accepted]) => println!("functions of Flink: {accepted} of {all}"),
        _ => faults.push("docs/flink-compatibility.md does not count the functions".to_owned()),
    }
    Ok(())
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    Ok(())
}
