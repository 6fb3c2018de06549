//! Every case of `tests/parity/`: the real binary must give what Apache Flink gave (`cargo xtask parity record`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Case {
    group: String,
    prelude: String,
    title: String,
    query: String,
    expected: String,
}

/// Cases in which we knowingly answer otherwise than the recorded Flink, with the reason.
const KNOWN: &[(&str, &str)] = &[
    ("window over sessions", "Flink's planner fails with a null pointer"),
    ("collect distinct", "the order of a hash map's entries within one bucket"),
    ("approximate count", "we count approximately on streams too, which Flink refuses"),
    ("qualify over aggregation", "Flink's planner fails with an index out of bounds"),
];

#[test]
fn results_equal_those_of_flink() {
    let cases = cases();
    let wrong: Mutex<Vec<String>> = Mutex::new(vec![]);
    let (unsupported, known) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    match run(case) {
                        Verdict::Equal => {}
                        Verdict::Wrong(_) if KNOWN.iter().any(|(title, _)| *title == case.title) => {
                            known.fetch_add(1, Ordering::SeqCst);
                        }
                        Verdict::Unsupported(why) => {
                            println!("{} / {}: {why}", case.group, case.title);
                            unsupported.fetch_add(1, Ordering::SeqCst);
                        }
                        Verdict::Wrong(text) => {
                            wrong.lock().unwrap().push(format!("{} / {}\n{text}", case.group, case.title));
                        }
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    println!(
        "{} cases: {} as Flink, {} not supported, {} known differences, {} wrong",
        cases.len(),
        cases.len() - wrong.len() - unsupported.load(Ordering::SeqCst) - known.load(Ordering::SeqCst),
        unsupported.load(Ordering::SeqCst),
        known.load(Ordering::SeqCst),
        wrong.len()
    );
    assert!(cases.len() > 100, "the cases are gone");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

enum Verdict {
    Equal,
    /// A clear error where Flink has an answer: counted, and no lie.
    Unsupported(String),
    Wrong(String),
}

fn run(case: &Case) -> Verdict {
    let query = case.query.trim().trim_end_matches(';');
    // An INSERT writes to a table of the prelude, and its changes must come as Flink's did.
    let inserts = query.starts_with("INSERT INTO ");
    let script = match inserts {
        true => format!("{}\n{query};\n", case.prelude),
        false => format!("{}\nCREATE TABLE parity_sink WITH ('connector' = 'print') AS\n{query};\n", case.prelude),
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.sql");
    std::fs::write(&file, script).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_flitz"))
        .args(["run", "--quiet"])
        .arg(&file)
        .env("XDG_STATE_HOME", folder.path())
        .env("TZ", "UTC")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let refused = case.expected.starts_with("refused: ");
    let fails = case.expected.starts_with("fails: ");
    match output.status.code() {
        Some(0) if refused || fails => Verdict::Wrong(format!("Flink {}found:\n{stdout}", case.expected)),
        Some(0) => {
            // Without `-U` the order of changes decides what a sink has; else the net effect of several may come at once.
            let in_order = inserts && !case.expected.contains("-U");
            let (found, expected) = match (inserts, in_order) {
                (true, false) => (fold(stdout.lines()), fold(case.expected.lines())),
                (true, true) => (stdout.into_owned(), case.expected.clone()),
                (false, _) => (fold(stdout.lines()), case.expected.clone()),
            };
            if found == expected {
                Verdict::Equal
            } else {
                Verdict::Wrong(format!("expected:\n{}found:\n{found}", case.expected))
            }
        }
        Some(2) if refused => Verdict::Equal,
        Some(2) if stderr.starts_with("not supported: ") => {
            Verdict::Unsupported(stderr.lines().next().unwrap_or_default().to_owned())
        }
        Some(1) if fails => Verdict::Equal,
        code => Verdict::Wrong(format!("exit code {code:?}, {stderr}\nexpected:\n{}", case.expected)),
    }
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity").canonicalize().unwrap();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "sql"));
    files.sort();
    let data = folder.join("data").display().to_string();
    let mut cases = vec![];
    for file in files {
        let group = file.file_stem().unwrap().to_string_lossy().into_owned();
        let (prelude, queries) = parse(&std::fs::read_to_string(&file).unwrap());
        let (_, expected) = parse(&std::fs::read_to_string(file.with_extension("expected")).unwrap_or_default());
        let expected: BTreeMap<String, String> = expected.into_iter().collect();
        for (title, query) in queries {
            let Some(expected) = expected.get(&title) else {
                panic!("{group} / {title}: no answer of Flink is recorded: cargo xtask parity record {group}")
            };
            cases.push(Case {
                group: group.clone(),
                prelude: prelude.replace("${DATA}", &data),
                title,
                query,
                expected: expected.clone(),
            });
        }
    }
    cases
}

/// The text before the first case, and the cases by title.
fn parse(text: &str) -> (String, Vec<(String, String)>) {
    let (mut prelude, mut cases) = (String::new(), Vec::<(String, String)>::new());
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("-- case: ") {
            cases.push((title.trim().to_owned(), String::new()));
            continue;
        }
        let target = cases.last_mut().map_or(&mut prelude, |(_, text)| text);
        target.push_str(line);
        target.push('\n');
    }
    (prelude, cases)
}

/// The table that a changelog of printed rows makes, sorted.
fn fold<'a>(rows: impl Iterator<Item = &'a str>) -> String {
    let mut table: BTreeMap<&str, i64> = BTreeMap::new();
    for row in rows {
        let (kind, values) = row.split_at_checked(2).unwrap_or(("", row));
        *table.entry(values).or_default() += if kind == "-U" || kind == "-D" { -1 } else { 1 };
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
