//! The parser against Flink's. `parser/accepted.sql`, `refused.sql` and `refused_before_flink.sql` hold statements that
//! were given to the parser of Flink 2.3.0; what it accepts is accepted here, except for the third file.
//! `UPDATE_EXPECT=1 cargo test` writes the messages anew.

use std::fmt::Write;

use expect_test::{ExpectFile, expect_file};
use flitz_sql::ast::{Expr, Statement};
use flitz_sql::diagnostics::Sources;
use flitz_sql::parser::{is_complete, parse_expression, parse_script, parse_statement};
use proptest::prelude::*;
use regex::Regex;

const ACCEPTED: &str = include_str!("parser/accepted.sql");
const REFUSED: &str = include_str!("parser/refused.sql");
const REFUSED_BEFORE_FLINK: &str = include_str!("parser/refused_before_flink.sql");

/// The statements of a file: paragraphs, less comments at their beginning and messages at their end.
fn statements(file: &str) -> Vec<String> {
    file.split("\n\n")
        .map(|paragraph| {
            let lines = paragraph.lines().skip_while(|line| line.starts_with("-- "));
            lines.filter(|line| !line.starts_with("--|")).collect::<Vec<_>>().join("\n")
        })
        .filter(|statement| !statement.is_empty())
        .collect()
}

/// The tree as text, without its spans.
fn tree(ast: &impl std::fmt::Debug) -> String {
    let spans = Regex::new(r"Span \{ file: \d+, start: \d+, end: \d+ \}").unwrap();
    spans.replace_all(&format!("{ast:?}"), "_").into_owned()
}

#[test]
fn what_flink_accepts_is_accepted_and_prints_as_what_it_is() {
    for text in statements(ACCEPTED) {
        let (parsed, errors) = parse_script(0, &text);
        assert!(errors.is_empty(), "{text}\n{errors:?}");
        for statement in parsed {
            let printed = statement.to_string();
            let again = parse_statement(0, &printed).unwrap_or_else(|e| panic!("{e}\n{text}\n{printed}"));
            assert_eq!(tree(&again), tree(&statement), "{text}\n{printed}");
            assert_eq!(again.to_string(), printed);
        }
        assert!(is_complete(&text), "{text}");
    }
}

#[test]
fn spans_are_the_text_of_the_nodes() {
    let text = "-- first\nSELECT 1 ; /* x */ INSERT INTO t SELECT (a), b FROM u;";
    let spans: Vec<&str> = parse_script(0, text)
        .0
        .iter()
        .map(|Statement { span, .. }| &text[span.start as usize..span.end as usize])
        .collect();
    assert_eq!(spans, ["SELECT 1", "INSERT INTO t SELECT (a), b FROM u"]);
}

/// Writes each statement with its rendered errors below it.
fn check_refused(file: &str, expected: ExpectFile) {
    let (head, _) = file.split_once("\n\n").unwrap();
    let mut shown = head.to_owned();
    for text in statements(file) {
        let mut sources = Sources::new();
        let file = sources.add("q", text.as_str());
        let (_, errors) = parse_script(file, &text);
        assert!(!errors.is_empty(), "{text}");
        write!(shown, "\n\n{text}").unwrap();
        for error in errors {
            for line in sources.render(&error).lines().filter(|line| !line.ends_with(" |")) {
                write!(shown, "\n--| {line}").unwrap();
            }
        }
    }
    expected.assert_eq(&(shown + "\n"));
}

#[test]
fn what_flink_refuses_is_refused_with_a_reason() {
    check_refused(REFUSED, expect_file!["parser/refused.sql"]);
}

#[test]
fn what_flink_refuses_later_is_refused_with_a_reason() {
    check_refused(REFUSED_BEFORE_FLINK, expect_file!["parser/refused_before_flink.sql"]);
}

/// Parses, prints and renders whatever comes out.
fn survive(text: &str) {
    let mut sources = Sources::new();
    let file = sources.add("fuzz.sql", text);
    let (statements, errors) = parse_script(file, text);
    for statement in statements {
        let printed = statement.to_string();
        let again = parse_statement(0, &printed).unwrap_or_else(|e| panic!("{e}\n{text}\n{printed}"));
        assert_eq!(tree(&again), tree(&statement), "{text}\n{printed}");
    }
    for error in errors {
        assert!(sources.render(&error).contains("fuzz.sql"), "{error:?}");
    }
    is_complete(text);
}

#[test]
fn a_truncated_statement_does_not_break_it() {
    for text in statements(ACCEPTED) {
        for (end, _) in text.char_indices() {
            let (statements, errors) = parse_script(0, &text[..end]);
            let _ = (statements.len(), errors.len(), is_complete(&text[..end]));
        }
    }
}

#[test]
fn a_damaged_statement_does_not_break_it() {
    // A linear congruential generator: the same damage in each run.
    let mut seed = 1u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize % below
    };
    let corpus: Vec<String> = [ACCEPTED, REFUSED].into_iter().flat_map(statements).collect();
    for text in &corpus {
        for _ in 0..4 {
            let mut bytes = text.clone().into_bytes();
            for _ in 0..=random(3) {
                let at = random(bytes.len());
                match random(3) {
                    0 => bytes[at] = random(256) as u8,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, b"'`\"(),;.*<>=-/+|[]{}$?:ae1 \n"[random(28)]),
                }
                if bytes.is_empty() {
                    break;
                }
            }
            survive(&String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn words_in_any_order_do_not_break_it() {
    let mut seed = 7u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize % below
    };
    let corpus: Vec<String> = statements(ACCEPTED);
    for _ in 0..2000 {
        // The beginning of one statement and the end of another.
        let (a, b) = (&corpus[random(corpus.len())], &corpus[random(corpus.len())]);
        let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
        survive(&[&a[..random(a.len())], &b[random(b.len())..]].concat().join(" "));
    }
}

#[test]
fn nesting_ends_in_an_error_not_in_a_crash() {
    for (open, middle, close) in [
        ("SELECT ", "(", ""),
        ("SELECT ", "NOT ", ""),
        ("SELECT ", "- ", ""),
        ("SELECT ", "CASE WHEN ", ""),
        ("SELECT ", "f(", ""),
        ("SELECT ", "ARRAY[", ""),
        ("SELECT ", "CAST(", ""),
        ("SELECT a", "[1]", ""),
        ("SELECT (a)", ".b", ""),
        ("SELECT 1", " + 1", ""),
        ("SELECT a", " IS NULL", ""),
        ("SELECT a", " AND b OR c", ""),
        ("SELECT a", " = ANY (SELECT a", ""),
        ("SELECT CAST(a AS ", "ARRAY<", ""),
        ("SELECT CAST(a AS ", "ROW<a ", ""),
        ("SELECT CAST(a AS INT", " ARRAY", ")"),
        ("SELECT 1", " UNION SELECT 1", ""),
        ("SELECT 1", " INTERSECT SELECT 1", ""),
        ("SELECT * FROM ", "(", "a"),
        ("SELECT * FROM ", "(SELECT * FROM ", ""),
        ("SELECT * FROM a", " JOIN b ON TRUE", ""),
        ("SELECT * FROM a", " JOIN (a", ""),
        ("SELECT a FROM t GROUP BY ", "GROUPING SETS (", ""),
        ("SELECT * FROM t MATCH_RECOGNIZE (PATTERN (", "(", ""),
        ("SELECT * FROM t MATCH_RECOGNIZE (PATTERN (", "a|(", ""),
        ("", "EXPLAIN ", ""),
        ("", "(", "SELECT 1"),
        ("", "WITH a AS (", ""),
    ] {
        let text = format!("{open}{}{close}", middle.repeat(5000));
        let (_, errors) = parse_script(0, &text);
        assert!(errors.len() == 1, "{} has {} errors", &text[..60], errors.len());
    }
    // Long and flat is no problem.
    let list = (0..20_000).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
    assert!(parse_statement(0, &format!("SELECT a FROM t WHERE a IN ({list})")).is_ok());
    let sum = (0..400).map(|i| i.to_string()).collect::<Vec<_>>().join(" + ");
    assert!(parse_statement(0, &format!("SELECT {sum}")).is_ok());
}

#[test]
fn the_shell_knows_when_a_statement_ends() {
    for (text, complete) in [
        ("", true),
        ("-- only this", true),
        ("SELECT 1", false),
        ("SELECT 1;", true),
        ("SELECT 1; -- done", true),
        ("SELECT 1; SELECT", false),
        ("SELECT 'a;", false),
        ("SELECT `a;", false),
        ("SELECT 1 /* ;", false),
        ("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;", false),
        ("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END", false),
        ("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END;", true),
        ("EXPLAIN STATEMENT SET BEGIN INSERT INTO a SELECT 1;", false),
        ("BEGIN STATEMENT SET;", true),
    ] {
        assert_eq!(is_complete(text), complete, "{text}");
    }
}

#[test]
fn every_statement_with_an_error_is_reported_and_the_others_are_kept() {
    let (statements, errors) = parse_script(0, "SELECT 1; SELEC 2; SELECT 3 FROM; ; SELECT 4");
    assert_eq!((statements.len(), errors.len()), (2, 2));
}

/// Expressions of any shape, written with all their parentheses.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("t.b".to_owned()),
        Just("`select`".to_owned()),
        Just("map".to_owned()),
        Just("'it''s'".to_owned()),
        Just("1".to_owned()),
        Just("1.5".to_owned()),
        Just("NULL".to_owned()),
        Just("X'00FF'".to_owned()),
        Just("DATE '2020-01-01'".to_owned()),
        Just("INTERVAL -'1 2' DAY TO HOUR".to_owned()),
        Just("CURRENT_TIMESTAMP".to_owned()),
        Just("COUNT(*)".to_owned()),
        Just("(SELECT 1)".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let pair = (inner.clone(), inner.clone());
        let three = (inner.clone(), inner.clone(), inner.clone());
        let binary = prop_oneof![
            Just("OR"),
            Just("AND"),
            Just("="),
            Just("<>"),
            Just("<"),
            Just("+"),
            Just("-"),
            Just("*"),
            Just("/"),
            Just("%"),
            Just("||"),
            Just("LIKE"),
            Just("NOT SIMILAR TO"),
            Just("IS DISTINCT FROM"),
            Just("OVERLAPS"),
            Just("IS NOT DISTINCT FROM"),
            Just("MULTISET UNION"),
            Just("MEMBER OF"),
            Just("MULTISET INTERSECT ALL"),
        ];
        let three_in = prop_oneof![
            Just("(0) BETWEEN (1) AND (2)"),
            Just("(0) NOT BETWEEN SYMMETRIC (1) AND (2)"),
            Just("(0) LIKE (1) ESCAPE (2)"),
            Just("(0) NOT IN ((1), (2))"),
            Just("(0) = ANY ((1), (2))"),
            Just("CASE WHEN (0) THEN (1) ELSE (2) END"),
            Just("CASE (0) WHEN (1), (2) THEN NULL END"),
            Just("OVERLAY((0) PLACING (1) FROM (2))"),
            Just("SUBSTRING((0) FROM (1) FOR (2))"),
            Just("POSITION((0) IN (1) FROM (2))"),
            Just("TIMESTAMPDIFF(DAY, (0), COALESCE((1), (2)))"),
            Just("ROW((0), (1), (2))"),
            Just("((0), (1), (2))"),
            Just("ARRAY[(0), (1), (2)]"),
            Just("f(x => (0), y => (1)) OVER (PARTITION BY (2) ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"),
            Just("SUM(DISTINCT (0)) FILTER (WHERE (1)) + (2)"),
            Just("JSON_VALUE((0), '$' RETURNING INT DEFAULT (1) ON EMPTY DEFAULT (2) ON ERROR)"),
            Just("JSON_OBJECT(KEY (0) VALUE (1), 'k' VALUE (2) ABSENT ON NULL)"),
            Just("JSON_ARRAY((0), (1) FORMAT JSON, (2))"),
            Just("(0) IN (SELECT (1) FROM t WHERE (2))"),
        ];
        prop_oneof![
            (pair, binary).prop_map(|((a, b), op)| format!("({a}) {op} ({b})")),
            (three, three_in).prop_map(|((a, b, c), form)| {
                form.replace("(0)", &format!("({a})"))
                    .replace("(1)", &format!("({b})"))
                    .replace("(2)", &format!("({c})"))
            }),
            inner.clone().prop_map(|a| format!("NOT ({a})")),
            inner.clone().prop_map(|a| format!("- ({a})")),
            inner.clone().prop_map(|a| format!("({a}) IS NOT NULL")),
            inner.clone().prop_map(|a| format!("({a}) IS JSON ARRAY")),
            inner.clone().prop_map(|a| format!("({a}).f")),
            inner.clone().prop_map(|a| format!("({a})[1]")),
            inner.clone().prop_map(|a| format!("TRY_CAST(({a}) AS ARRAY<ROW<x INT NOT NULL, y MAP<STRING, DATE>>>)")),
            inner.clone().prop_map(|a| format!("FLOOR(({a}) TO DAY)")),
            inner.clone().prop_map(|a| format!("TRIM(LEADING 'x' FROM ({a}))")),
            inner.prop_map(|a| format!("({a}) * INTERVAL '1' MINUTE")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_expression_prints_as_what_it_is(text in expression()) {
        let parsed: Expr = parse_expression(0, &text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let printed = parsed.to_string();
        let again = parse_expression(0, &printed).unwrap_or_else(|e| panic!("{e}\n{text}\n{printed}"));
        prop_assert_eq!(tree(&again), tree(&parsed), "{}\n{}", text, printed);
    }

    #[test]
    fn any_text_is_survived(text in "[a-zA-Z0-9'`\"(),;.*<>=/+|{}$?: \\n\\-\\[\\]]{0,60}") {
        survive(&text);
    }
}
