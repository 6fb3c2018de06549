//! `flitz check`: a script parsed and planned; every error of it, and what it would need on Apache Flink. No system is
//! touched.

mod flink;

use flitz_dataflow::{Error, Place};
use flitz_sql::Session;
use flitz_sql::ast::{ObjectName, Statement, StatementKind};
use flitz_sql::diagnostics::Sources;
use serde_json::{Value, json};

use self::flink::Needs;
use crate::cli::CheckArgs;
use crate::results::print_line;
use crate::script::{Failure, Script};

/// Plans every statement and reports every error; touches nothing.
pub fn run(args: &CheckArgs) -> Result<(), Failure> {
    let script = Script::from_args(&args.script)?;
    let (statements, mut errors) = script.parse_all();
    let mut session = script.session();
    session.forbid_changes_outside();
    errors.extend(plan(&mut session, script.sources(), &statements));
    errors.sort_by_key(|error| match error.place {
        Some(Place::Sql(span)) => (span.file, span.start),
        _ => (u32::MAX, 0),
    });
    let warnings: Vec<Error> =
        session.check_tables().into_iter().filter(|warning| !errors.iter().any(|e| e.place == warning.place)).collect();
    let needs = flink::needs(script.sources(), session.config(), &|name| script.variable(name));
    if args.json {
        let idle = session.idle_settings();
        print_line(&report(script.sources(), &errors, &warnings, &idle, &needs).to_string())?;
    }
    for warning in warnings.iter().filter(|_| !args.json) {
        let text = script.sources().render(warning);
        eprintln!("warning, as no statement uses the table{}", text.trim_start_matches("error"));
    }
    match script.failures(&errors) {
        Some(failure) if args.json => Err(Failure { text: String::new(), ..failure }),
        Some(failure) => Err(failure),
        None if args.json => Ok(()),
        None => {
            let plural = if statements.len() == 1 { "statement" } else { "statements" };
            let idle: Vec<String> = session.idle_settings().iter().map(|key| format!("'{key}'")).collect();
            let idle = match idle.is_empty() {
                true => String::new(),
                false => format!("no effect in Flitz, results are the same without: {}\n", idle.join(", ")),
            };
            Ok(print_line(&format!("ok: {} {plural}\n{idle}{needs}", statements.len()))?)
        }
    }
}

/// The errors of all statements; those that only follow from another one left out.
fn plan(session: &mut Session, sources: &Sources, statements: &[Statement]) -> Vec<Error> {
    let mut errors = vec![];
    // Names of what could not be created: whoever uses them is not to blame.
    let mut missing: Vec<String> = vec![];
    for statement in statements {
        let found = session.check(statement);
        if !found.is_empty()
            && let Some(name) = created(&statement.kind)
        {
            missing.push(name.object().value.clone());
        }
        let follows = |error: &Error| match error.place {
            Some(Place::Sql(span)) => {
                error.message.starts_with("there is no table or view")
                    && sources.excerpt(span).is_some_and(|name| missing.iter().any(|m| name.trim_matches('`') == m))
            }
            _ => false,
        };
        errors.extend(found.into_iter().filter(|error| !follows(error)));
    }
    errors
}

fn created(kind: &StatementKind) -> Option<&ObjectName> {
    match kind {
        StatementKind::CreateTable(create) => Some(&create.name),
        StatementKind::CreateView(create) => Some(&create.name),
        _ => None,
    }
}

fn report(sources: &Sources, errors: &[Error], warnings: &[Error], idle: &[String], needs: &Needs) -> Value {
    let error = |error: &Error| {
        let position = match error.place {
            Some(Place::Sql(span)) => sources.position(span),
            _ => None,
        };
        json!({
            "kind": format!("{:?}", error.kind).to_lowercase(),
            "message": error.message,
            "hint": error.hint,
            "position": position,
        })
    };
    json!({
        "errors": errors.iter().map(error).collect::<Vec<_>>(),
        "warnings": warnings.iter().map(error).collect::<Vec<_>>(),
        "settings_without_effect": idle,
        "flink": needs.to_json(),
    })
}
