//! SQL with its variables resolved, for those who know none (Apache Flink): the text as it stands, but for the values
//! of options.

use flitz_dataflow::{Error, Span};

use crate::ast::{OptionPair, StatementKind};
use crate::parser::parse_with_pairs;
use crate::variables::option_value;

/// Replaces the variables of `text`. Options that come to nothing are left out, a SET too.
///
/// # Errors
/// All syntax errors; or the first variable that is not set. Spans are of file 0.
pub fn render(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, Vec<Error>> {
    let (statements, pairs) = parse_with_pairs(text)?;
    let set = |pair: &OptionPair| {
        let is_it = |kind: &StatementKind| matches!(kind, StatementKind::Set(p) if p.key.span == pair.key.span);
        statements.iter().find(|s| is_it(&s.kind)).map(|s| s.span)
    };
    let mut edits: Vec<(Span, String)> = vec![];
    let mut left_out: Vec<usize> = vec![];
    for (i, pair) in pairs.iter().enumerate() {
        let value = option_value(&pair.value.value, pair.value.span, lookup).map_err(|e| vec![e])?;
        match (value, set(pair)) {
            (Some(value), _) if value == pair.value.value => {}
            (Some(value), _) => edits.push((pair.value.span, format!("'{}'", value.replace('\'', "''")))),
            (None, Some(statement)) => {
                let note = format!("-- '{}' is left out: its variable is empty", pair.key.value);
                edits.push((through_semicolon(text, statement), note));
            }
            (None, None) => left_out.push(i),
        }
    }
    edits.extend(left_out.iter().map(|i| (without(text, &pairs, *i, &left_out), String::new())));
    edits.sort_by_key(|(span, _)| span.start);
    let mut rendered = String::with_capacity(text.len());
    let mut at = 0;
    for (span, replacement) in edits {
        rendered.push_str(&text[at..span.start as usize]);
        rendered.push_str(&replacement);
        at = span.end as usize;
    }
    rendered.push_str(&text[at..]);
    Ok(rendered)
}

/// What to cut so that pair `i` is gone and the commas of its list are right: up to the next pair that stays, or
/// from the end of the one before.
fn without(text: &str, pairs: &[OptionPair], i: usize, left_out: &[usize]) -> Span {
    let span = |i: usize| pairs[i].key.span.to(pairs[i].value.span);
    let neighbours = |a: usize, b: usize| {
        b < pairs.len() && without_comments(&text[span(a).end as usize..span(b).start as usize]).trim() == ","
    };
    let mut next = i;
    while neighbours(next, next + 1) {
        next += 1;
        if !left_out.contains(&next) {
            return Span { end: span(i + 1).start, ..span(i) };
        }
    }
    match i > 0 && neighbours(i - 1, i) {
        true => Span { start: span(i - 1).end, ..span(i) },
        false => span(i),
    }
}

fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("--").next().unwrap_or(line)).collect()
}

fn through_semicolon(text: &str, statement: Span) -> Span {
    let rest = &text[statement.end as usize..];
    let blank = rest.len() - rest.trim_start().len();
    match rest.trim_start().starts_with(';') {
        true => Span { end: statement.end + blank as u32 + 1, ..statement },
        false => statement,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let lookup = |name: &str| match name {
            "SERVERS" => Some("kafka:9092".to_owned()),
            "QUOTE" => Some("it's".to_owned()),
            _ => None,
        };
        expected.assert_eq(&render(text, &lookup).unwrap_or_else(|errors| format!("{errors:?}")));
    }

    #[test]
    fn only_values_of_options_change() {
        check(
            "-- ${SERVERS} stays\nSET 'a' = '${SERVERS}' ;\nSET 'b' = '${NONE:-}' ;\nCREATE TABLE t (a INT) WITH (\n  'x' = '${QUOTE}', -- why\n  'y' = 'plain'\n);\nSELECT '${SERVERS}' FROM t /*+ OPTIONS('z' = '${NONE:-d}') */;\n",
            expect![[r#"
                -- ${SERVERS} stays
                SET 'a' = 'kafka:9092' ;
                -- 'b' is left out: its variable is empty
                CREATE TABLE t (a INT) WITH (
                  'x' = 'it''s', -- why
                  'y' = 'plain'
                );
                SELECT '${SERVERS}' FROM t /*+ OPTIONS('z' = 'd') */;
            "#]],
        );
    }

    #[test]
    fn options_that_come_to_nothing_are_left_out_of_their_list() {
        let with = |options: &str| format!("CREATE TABLE t (a INT) WITH ({options})");
        check(
            &with("'a' = '${N:-}', 'b' = '1', 'c' = '2'"),
            expect!["CREATE TABLE t (a INT) WITH ('b' = '1', 'c' = '2')"],
        );
        check(&with("'a' = '1', 'b' = '${N:-}', 'c' = '${N:-}'"), expect!["CREATE TABLE t (a INT) WITH ('a' = '1')"]);
        check(
            &with("'a' = '${N:-}', 'b' = '${N:-}',\n  'c' = '1', 'd' = '${N:-}', 'e' = '2'"),
            expect!["CREATE TABLE t (a INT) WITH ('c' = '1', 'e' = '2')"],
        );
        check(&with("'a' = ''"), expect!["CREATE TABLE t (a INT) WITH ('a' = '')"]);
    }
}
