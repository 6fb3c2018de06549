//! `flitz` alone: a SQL shell. Statements are executed one by one in one session, as in Flink's client; an error
//! ends what was typed, not the shell.

mod completion;
mod editor;
mod history;
pub mod live;

use std::io::IsTerminal;

use flitz_dataflow::{Error, Result, Span};
use flitz_sql::diagnostics::Sources;
use flitz_sql::parser;
use nu_ansi_term::Color;
use reedline::Signal;

use crate::cli::{RunArgs, ScriptArgs, ShellArgs};
use crate::executor::{Executor, Flow, Naming, stop_all, wait};
use crate::input::Place;
use crate::results::print_line;
use crate::script::{Failure, Script};
use crate::{run, shutdown};

pub const HELP: &str = "\
Statements end with a semicolon and may take several lines. Tab completes, the arrow keys bring back what was typed.

  HELP;                   prints this
  QUIT; or EXIT;          leaves, as Ctrl-D does; jobs in the background are stopped with a last checkpoint
  CLEAR;                  clears the screen
  SET 'key' = 'value';    sets a property; SET; lists them, RESET 'key'; forgets one, RESET; all
  SELECT …;               shows a table; one that changes is drawn in place until Ctrl-C
  INSERT INTO …;          runs as a job: in the background if its input has no end
  SHOW JOBS;              lists jobs; STOP JOB 'id'; stops one with a last checkpoint
  EXPLAIN …;              shows a plan
  BEGIN STATEMENT SET;    collects INSERTs up to END; as one job
  SHOW TABLES;            and DESCRIBE t, SHOW CREATE TABLE t, SHOW FUNCTIONS, SHOW CATALOGS …

SET 'sql-client.execution.result-mode' = 'table' | 'changelog' | 'tableau'; chooses how SELECT shows its rows.";

/// `flitz`, `flitz -e SQL`, `flitz -f FILE` and `… | flitz`.
pub fn run(args: &ShellArgs) -> Result<(), Failure> {
    let interactive = args.script.execute.is_empty()
        && args.file.is_empty()
        && std::io::stdin().is_terminal()
        && std::io::stdout().is_terminal();
    match interactive {
        true => Shell::open(args)?.read_and_execute(),
        false => run::run(&RunArgs {
            script: args.as_script(),
            job: args.job.clone(),
            output: args.output,
            quiet: args.quiet,
        }),
    }
}

struct Shell {
    executor: Executor,
    /// Everything that was typed: errors may point back to it.
    sources: Sources,
}

impl Shell {
    fn open(args: &ShellArgs) -> Result<Shell, Failure> {
        shutdown::listen_in_shell();
        run::serve_metrics(args.job.metrics)?;
        let session = crate::script::session(crate::input::variables(&args.script)?);
        let mut executor = Executor::new(session, Naming { default: None, several: true }, &args.job)?;
        executor.quiet = args.quiet;
        executor.output = args.output;
        let mut shell = Shell { executor, sources: Sources::new() };
        if !args.init.is_empty() {
            shell.initialize(args)?;
        }
        shell.executor.in_shell = true;
        Ok(shell)
    }

    /// Runs the files of `-i`; nobody is greeted by half a session.
    fn initialize(&mut self, args: &ShellArgs) -> Result<(), Failure> {
        let init = Script::from_args(&ScriptArgs {
            files: args.init.clone(),
            text: args.script.clone(),
            nameless: args.init.len(),
            places: (0..args.init.len()).map(Place::File).collect(),
        })?;
        let statements = init.parse()?;
        self.sources = init.sources().clone();
        for statement in &statements {
            self.executor.execute(statement).map_err(|e| init.failure(&e))?;
        }
        Ok(())
    }

    fn read_and_execute(&mut self) -> Result<(), Failure> {
        print_line(&format!("Flitz {}: Flink SQL. HELP; explains, Ctrl-D leaves.", env!("CARGO_PKG_VERSION")))?;
        let vocabulary = completion::Shared::default();
        let mut editor = editor::open(vocabulary.clone(), shutdown::flag());
        loop {
            self.report_ended_jobs();
            vocabulary.renew(&self.executor.session);
            let prompt = editor::Prompt { in_statement_set: self.executor.session.in_statement_set() };
            let text = match editor.read_line(&prompt) {
                Ok(Signal::Success(text)) => text,
                Ok(Signal::CtrlC) => continue,
                Ok(_) => break,
                Err(e) => return Err(Error::unavailable(format!("cannot read from the terminal: {e}")).into()),
            };
            shutdown::begin_statement();
            if self.input(&text) == Flow::Quit || shutdown::requested() {
                break;
            }
        }
        self.leave()
    }

    /// Executes the statements of one input, up to the first error.
    fn input(&mut self, text: &str) -> Flow {
        let file = self.sources.add("shell", text);
        let (statements, errors) = parser::parse_script(file, text);
        let wrong = errors.first().and_then(start_of);
        let total = statements.len();
        for (done, statement) in statements.iter().enumerate() {
            if wrong.is_some_and(|start| start < statement.span.start) {
                break;
            }
            match self.executor.execute(statement) {
                Ok(Flow::Quit) => return Flow::Quit,
                Ok(Flow::GoOn) if shutdown::interrupted() => return Flow::GoOn,
                Ok(Flow::GoOn) => {}
                Err(error) => {
                    self.show(&error);
                    self.say_what_is_left(total - done - 1 + errors.len());
                    return Flow::GoOn;
                }
            }
        }
        for error in &errors {
            self.show(error);
        }
        Flow::GoOn
    }

    fn say_what_is_left(&self, statements: usize) {
        match statements {
            0 => {}
            1 => eprintln!("the statement after it was not executed"),
            n => eprintln!("the {n} statements after it were not executed"),
        }
    }

    fn show(&self, error: &Error) {
        let text = self.sources.render(error);
        match text.split_once(':') {
            Some((prefix, rest)) => eprint!("{}:{rest}", Color::LightRed.bold().paint(prefix)),
            None => eprint!("{text}"),
        }
    }

    fn report_ended_jobs(&mut self) {
        for (name, outcome) in self.executor.jobs.reap() {
            match outcome {
                Ok(summary) => eprintln!("job {name} has ended: {} in, {} out", summary.records_in, summary.rows_out),
                Err(error) => {
                    eprintln!("job {name} has failed");
                    self.show(&error);
                }
            }
        }
    }

    fn leave(&mut self) -> Result<(), Failure> {
        let jobs = std::mem::take(&mut self.executor.jobs.running);
        if !jobs.is_empty() {
            let plural = if jobs.len() == 1 { "job" } else { "jobs" };
            eprintln!("stopping {} {plural}", jobs.len());
        }
        let stopped = stop_all(jobs, wait);
        stopped.map(drop).map_err(|e| Failure { text: self.sources.render(&e), exit_code: e.exit_code() })
    }
}

fn start_of(error: &Error) -> Option<u32> {
    match error.place {
        Some(flitz_dataflow::Place::Sql(Span { start, .. })) => Some(start),
        _ => None,
    }
}
