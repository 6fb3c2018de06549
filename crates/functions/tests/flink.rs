//! Expressions and what Apache Flink 2.3.0 makes of them: `expression => type | text`, or `invalid: …` where it
//! refuses the expression, or `type | error: …` where the job fails. The text is that of CAST(… AS STRING), the
//! session time zone Europe/Berlin.
//!
//! Every expression is evaluated over one row and again over three copies of it, so that columns and scalars both
//! take their turn.

mod support;

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use flitz_dataflow::{ManualClock, Schema, TypeKind};
use flitz_functions::{EvalContext, bind_cast, compile, fold};
use flitz_plan::Expr;

fn check(file: &str) {
    let (schema, row) = support::table::table();
    let rows = concat_batches(&row.schema(), [&row, &row, &row]).unwrap();
    let context = EvalContext::new(Arc::new(ManualClock::at(1_700_000_000_000)), "Europe/Berlin").unwrap();
    let mut failures = String::new();
    let mut count = 0;
    for line in file.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (sql, expected) = line.split_once(" => ").expect("expression => result");
        count += 1;
        let found = [&row, &rows].map(|batch| result(sql, &schema, batch, &context));
        // The second row of a seeded generator is another number.
        let batches = if sql.starts_with("RAND") { 1 } else { 2 };
        for found in found.into_iter().take(batches) {
            let same = match (expected.starts_with("invalid: "), expected.split_once(" | error: ")) {
                (true, _) => found.starts_with("invalid: "),
                (_, Some(_)) => found.starts_with("invalid: ") || found.contains(" | error: "),
                _ => found == expected,
            };
            if !same {
                let _ = writeln!(failures, "{sql}\n    Flink: {expected}\n    found: {found}");
                break;
            }
        }
    }
    assert!(failures.is_empty(), "of {count} expressions these differ:\n{failures}");
}

fn result(sql: &str, schema: &Schema, batch: &RecordBatch, context: &EvalContext) -> String {
    let expr = match support::parser::bind(sql, schema) {
        Ok(expr) => expr,
        Err(e) => return format!("invalid: {e}"),
    };
    let data_type = expr.data_type().to_string();
    let data_type = data_type.replace("INTERVAL DAY TO SECOND(3)", "INTERVAL SECOND(3)");
    let data_type = data_type.replace("INTERVAL YEAR TO MONTH", "INTERVAL MONTH");
    // Folding must not change what is computed.
    let texts = [text(expr.clone(), batch, context), text(fold(expr), batch, context)];
    match &texts {
        [a, b] if a == b => format!("{data_type} | {a}"),
        [a, b] => format!("{data_type} | {a} but folded {b}"),
    }
}

fn text(expr: Expr, batch: &RecordBatch, context: &EvalContext) -> String {
    let computed = bind_cast(expr, TypeKind::STRING.nullable(), false)
        .and_then(|e| compile(&e, context))
        .and_then(|mut e| e.evaluate(batch));
    match computed {
        Err(e) => format!("error: {e}"),
        Ok(values) => {
            assert_eq!(values.len(), batch.num_rows());
            let last = values.len() - 1;
            if values.is_null(last) {
                return "<NULL>".to_owned();
            }
            values
                .as_string::<i32>()
                .value(last)
                .replace('\\', "\\\\")
                .replace('\n', "\\n")
                .replace('\0', "\\0")
                .replace('\u{5}', "\\x05")
        }
    }
}

#[test]
fn arithmetic() {
    check(include_str!("flink_expressions/arithmetic.txt"));
}

#[test]
fn cast() {
    check(include_str!("flink_expressions/cast.txt"));
}

#[test]
fn comparison() {
    check(include_str!("flink_expressions/comparison.txt"));
}

#[test]
fn string() {
    check(include_str!("flink_expressions/string.txt"));
}

#[test]
fn temporal() {
    check(include_str!("flink_expressions/temporal.txt"));
}

#[test]
fn collection() {
    check(include_str!("flink_expressions/collection.txt"));
}

#[test]
fn json() {
    check(include_str!("flink_expressions/json.txt"));
}

#[test]
fn various() {
    check(include_str!("flink_expressions/various.txt"));
}
