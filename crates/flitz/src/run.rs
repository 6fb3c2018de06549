//! `flitz run`, `explain` and `render`: a script's statements one after the other, and the jobs they make.

use flitz_dataflow::{Error, Place, failpoint};
use flitz_sql::Outcome;
use flitz_sql::ast::StatementKind;
use flitz_state::JobEnd;

use crate::cli::{RunArgs, ScriptArgs};
use crate::executor::{Executor, Flow};
use crate::results::{print_line, print_table};
use crate::script::{Failure, Script};
use crate::shutdown;

pub fn run(args: &RunArgs) -> Result<(), Failure> {
    shutdown::listen();
    serve_metrics(args.job.metrics)?;
    let script = Script::from_args(&args.script)?;
    let statements = script.parse()?;
    let mut executor = Executor::new(script.session(), script.naming(), &args.job)?;
    executor.quiet = args.quiet;
    executor.output = args.output;
    for statement in &statements {
        if shutdown::requested() {
            break;
        }
        if executor.execute(statement).map_err(|e| script.failure(&e))? == Flow::Quit {
            break;
        }
    }
    executor.finish().map_err(|e| script.failure(&e))?;
    let ends = executor.take_ends();
    drop(executor);
    // Only the end of the whole script is told to whoever runs it, by the exit code that comes next: after anything
    // else it is run again, and what is done in it stays done.
    failpoint::hit("ended");
    if !shutdown::requested() {
        ends.iter().try_for_each(JobEnd::report)?;
    }
    Ok(())
}

pub fn serve_metrics(address: Option<std::net::SocketAddr>) -> Result<(), Failure> {
    if let Some(address) = address {
        let bound = flitz_server::serve_metrics(address)?;
        eprintln!("metrics on http://{bound}/metrics");
    }
    Ok(())
}

/// Prints the plan of every job of the script.
pub fn explain(args: &ScriptArgs) -> Result<(), Failure> {
    let script = Script::from_args(args)?;
    let mut session = script.session();
    session.forbid_changes_outside();
    for statement in &script.parse()? {
        match session.execute(statement).map_err(|e| script.failure(&e))? {
            Outcome::Job(job) => print_line(&format!("== {} ==\n{}", script.identity(&job), job.plan))?,
            Outcome::Table(table) if matches!(statement.kind, StatementKind::Explain(_)) => print_table(&table)?,
            _ => {}
        }
    }
    Ok(())
}

/// Prints the script with its variables resolved.
pub fn render(args: &ScriptArgs) -> Result<(), Failure> {
    let script = Script::from_args(args)?;
    let mut file = 0;
    while let Some(text) = script.sources().text(file) {
        let rendered = flitz_sql::render::render(text, &|name| script.variable(name)).map_err(|mut errors| {
            for error in &mut errors {
                if let Some(Place::Sql(span)) = &mut error.place {
                    span.file = file;
                }
            }
            script.failures(&errors).unwrap_or_else(|| Error::internal("errors without text").into())
        })?;
        let complete = rendered.trim_end().is_empty() || rendered.trim_end().ends_with(';');
        print_line(&format!("{}{}", rendered.trim_end(), if complete { "" } else { ";" }))?;
        file += 1;
    }
    Ok(())
}
