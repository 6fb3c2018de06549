//! `cargo xtask compatibility`: docs/flink-compatibility.md, from what the program really accepts.
//!
//! `tests/compatibility/` holds an example of each form of Flink SQL and the list of its functions. Each example goes
//! through `flitz check`, each plain function is looked for in SHOW FUNCTIONS.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process;

const PAGE: &str = "docs/flink-compatibility.md";

#[derive(clap::Args)]
pub struct Args {
    /// Write nothing; fail if the page is not what would be written
    #[arg(long)]
    pub check: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let path = crate::root().join(PAGE);
    let page = page()?;
    if !args.check {
        std::fs::write(&path, page)?;
        println!("{PAGE} is written");
        return Ok(());
    }
    if std::fs::read_to_string(&path).unwrap_or_default() != page {
        bail!("{PAGE} is out of date: cargo xtask compatibility");
    }
    Ok(())
}

/// What became of one example.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Accepted,
    /// With the reason that the program gives.
    Refused(String),
}

struct Row {
    name: String,
    answer: Answer,
}

fn page() -> Result<String> {
    let program = Program::new()?;
    let mut text = String::from(
        "# Compatibility with Apache Flink 2.3\n\n\
         Written by `cargo xtask compatibility` from what the program accepts; not to be edited. Each row stands for the\n\
         example of that name in `tests/compatibility/`. What is refused is refused with the message shown: nothing is\n\
         ignored in silence.\n",
    );
    let sections = program.forms()?;
    let functions = program.functions()?;
    text.push_str("\n| | of Flink's | accepted |\n|---|--:|--:|\n");
    for (title, rows) in &sections {
        summary(&mut text, title, rows);
    }
    summary(&mut text, "Functions", &functions.values().flatten().collect::<Vec<_>>());
    for (title, rows) in &sections {
        writeln!(text, "\n## {title}\n\n| Form | |\n|---|---|")?;
        for row in rows {
            let answer = match &row.answer {
                Answer::Accepted => "yes".to_owned(),
                Answer::Refused(reason) => escaped(reason),
            };
            writeln!(text, "| {} | {answer} |", escaped(&row.name))?;
        }
    }
    text.push_str("\n## Functions\n");
    for (area, rows) in &functions {
        let names = |wanted: bool| {
            let rows = rows.iter().filter(|row| (row.answer == Answer::Accepted) == wanted);
            rows.map(|row| format!("`{}`", row.name)).collect::<Vec<_>>().join(", ")
        };
        let (accepted, refused) = (names(true), names(false));
        writeln!(text, "\n**{area}**: {}", if accepted.is_empty() { "none" } else { &accepted })?;
        if !refused.is_empty() {
            writeln!(text, "\nNot here: {refused}")?;
        }
    }
    Ok(text)
}

fn summary<R: std::borrow::Borrow<Row>>(text: &mut String, title: &str, rows: &[R]) {
    let accepted = rows.iter().filter(|row| (*row).borrow().answer == Answer::Accepted).count();
    let _ = writeln!(text, "| {title} | {} | {accepted} |", rows.len());
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

struct Program {
    binary: PathBuf,
    folder: PathBuf,
}

impl Program {
    /// The debug build of this workspace.
    fn new() -> Result<Program> {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        process::run(Command::new(cargo).current_dir(crate::root()).args([
            "build",
            "--quiet",
            "--workspace",
            "--bins",
        ]))?;
        let binary = std::env::current_exe()?.with_file_name(format!("flitz{}", std::env::consts::EXE_SUFFIX));
        Ok(Program { binary, folder: crate::root().join("tests/compatibility") })
    }

    fn flitz(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(&self.folder).env("TZ", "UTC");
        command
    }

    /// Sections with the answers to their examples, in the order of the file.
    fn forms(&self) -> Result<Vec<(String, Vec<Row>)>> {
        let text = read(&self.folder.join("forms.sql"))?;
        let mut sections: Vec<(String, Vec<Row>)> = vec![];
        for part in text.split("\n-- ").skip(1) {
            let (head, sql) = part.split_once('\n').unwrap_or((part, ""));
            if let Some(title) = head.strip_prefix("# ") {
                sections.push((title.to_owned(), vec![]));
            } else if let (Some(name), Some((_, rows))) = (head.strip_prefix("form: "), sections.last_mut()) {
                rows.push(Row { name: name.to_owned(), answer: self.answer(sql)? });
            } else {
                bail!("forms.sql: what is `-- {head}`?");
            }
        }
        Ok(sections)
    }

    /// Functions by area.
    fn functions(&self) -> Result<BTreeMap<String, Vec<Row>>> {
        let listed = process::output(self.flitz().args(["-e", "SHOW FUNCTIONS"]))?;
        let known: BTreeSet<String> = listed
            .lines()
            .filter_map(|line| Some(line.strip_prefix('|')?.trim_matches(['|', ' ']).to_uppercase()))
            .collect();
        let mut areas: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for line in read(&self.folder.join("functions.csv"))?.lines().skip(1) {
            let fields = csv_fields(line);
            let [area, name, _, _, example] = fields.as_slice() else { bail!("functions.csv: {line}") };
            let answer = match example.split_once(' ') {
                _ if example.is_empty() => match known.contains(&name.to_uppercase()) {
                    true => Answer::Accepted,
                    false => Answer::Refused(String::new()),
                },
                Some(("QUERY", sql)) => self.answer(sql)?,
                Some(("BATCH", sql)) => self.answer(&format!("SET 'execution.runtime-mode' = 'batch'; {sql}"))?,
                _ => self.answer(&format!("SELECT {example} FROM orders"))?,
            };
            areas.entry(area.clone()).or_default().push(Row { name: name.clone(), answer });
        }
        Ok(areas)
    }

    /// What `flitz check` says to the statements behind the prelude.
    fn answer(&self, sql: &str) -> Result<Answer> {
        let output = self.flitz().args(["check", "--json", "prelude.sql", "-e", sql]).output()?;
        let report: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("flitz check of {sql} said {}", String::from_utf8_lossy(&output.stderr)))?;
        let Some(error) = report["errors"].get(0) else { return Ok(Answer::Accepted) };
        let message = error["message"].as_str().unwrap_or_default();
        let prefix = if error["kind"] == "unsupported" { "not supported: " } else { "error: " };
        Ok(Answer::Refused(format!("{prefix}{message}")))
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// The fields of one line; quoted ones may hold commas and doubled quotes.
fn csv_fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        let Some(field) = fields.last_mut() else { break };
        match c {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => field.push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    #[test]
    fn quoted_fields() {
        assert_eq!(super::csv_fields(r#"a,"b, ""c""",,d"#), ["a", "b, \"c\"", "", "d"]);
    }
}
