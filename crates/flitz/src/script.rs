//! SQL texts as one script: their statements, their variables, and errors shown with their place.

use std::collections::BTreeMap;
use std::process::ExitCode;

use flitz_dataflow::{Error, Result};
use flitz_sql::ast::{Statement, StatementKind};
use flitz_sql::diagnostics::Sources;
use flitz_sql::{PlannedJob, Session, Variables, parser};

use crate::cli::{JobArgs, ScriptArgs};
use crate::executor::{Executor, Naming, RunningJobs};
use crate::input::{self, Piece};

/// Why the program ends with an exit code other than 0: already in words.
#[derive(Debug)]
pub struct Failure {
    pub text: String,
    pub exit_code: u8,
}

impl Failure {
    pub fn report(&self) -> ExitCode {
        if !self.text.is_empty() {
            eprintln!("{}", self.text.trim_end());
        }
        ExitCode::from(self.exit_code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { text: Sources::default().render(&error), exit_code: error.exit_code() }
    }
}

/// SQL texts, and what `${…}` in them stands for.
pub struct Script {
    sources: Sources,
    pieces: Vec<Piece>,
    variables: BTreeMap<String, String>,
    /// What a job is called if no SET says it.
    default_name: Option<String>,
    /// How many INSERTs and statement sets there are.
    jobs: usize,
}

impl Script {
    pub fn from_args(args: &ScriptArgs) -> Result<Script> {
        let pieces = input::read(args, &args.places)?;
        // A job is known by the last file and its folder; texts of `-e`, standard input and pipes are nobody's job.
        let last = args.files.iter().skip(args.nameless).rfind(|path| path.is_file() && !path.starts_with("/dev"));
        let default_name = last.map(|path| {
            let full = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            let stem = |p: &std::path::Path| p.file_stem().map(|s| s.to_string_lossy().into_owned());
            let folder = full.parent().and_then(|p| p.file_name()).map(|s| s.to_string_lossy().into_owned());
            match (folder, stem(&full)) {
                (Some(folder), Some(stem)) => format!("{folder}-{stem}"),
                (_, stem) => stem.unwrap_or_else(|| "flitz".to_owned()),
            }
        });
        Ok(Script::new(pieces, input::variables(&args.text)?, default_name))
    }

    /// A script of texts that the program itself brings.
    pub fn from_texts(texts: &[(&str, &str)], variables: &[(&str, &str)]) -> Script {
        let piece = |(name, text): &(&str, &str)| Piece { name: (*name).to_owned(), text: (*text).to_owned() };
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Script::new(texts.iter().map(piece).collect(), variables, None)
    }

    fn new(pieces: Vec<Piece>, variables: BTreeMap<String, String>, default_name: Option<String>) -> Script {
        let mut sources = Sources::default();
        for piece in &pieces {
            sources.add(&piece.name, &piece.text);
        }
        let mut script = Script { sources, pieces, variables, default_name, jobs: 0 };
        let is_job = |statement: &&Statement| {
            matches!(
                statement.kind,
                StatementKind::Insert(_) | StatementKind::StatementSet(_) | StatementKind::EndStatementSet
            )
        };
        script.jobs = script.parse_all().0.iter().filter(is_job).count();
        script
    }

    /// Statements without errors, and the errors of the others.
    pub fn parse_all(&self) -> (Vec<Statement>, Vec<Error>) {
        let (mut statements, mut errors) = (vec![], vec![]);
        for (file, piece) in self.pieces.iter().enumerate() {
            let (parsed, wrong) = parser::parse_script(file as u32, &piece.text);
            statements.extend(parsed);
            errors.extend(wrong);
        }
        (statements, errors)
    }

    /// All statements; or every syntax error, before anything has run.
    pub fn parse(&self) -> Result<Vec<Statement>, Failure> {
        let (statements, errors) = self.parse_all();
        match self.failures(&errors) {
            Some(failure) => Err(failure),
            None => Ok(statements),
        }
    }

    pub fn session(&self) -> Session {
        session(self.variables.clone())
    }

    /// The value of `${name}`.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned().or_else(|| std::env::var(name).ok())
    }

    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    pub fn naming(&self) -> Naming {
        Naming { default: self.default_name.clone(), several: self.jobs > 1 }
    }

    /// What a job of this script is called.
    pub fn identity(&self, job: &PlannedJob) -> String {
        self.naming().identity(job)
    }

    pub fn failure(&self, error: &Error) -> Failure {
        Failure { text: self.sources.render(error), exit_code: error.exit_code() }
    }

    pub fn failures(&self, errors: &[Error]) -> Option<Failure> {
        let exit_code = errors.iter().map(Error::exit_code).max()?;
        let texts: Vec<String> = errors.iter().map(|e| self.sources.render(e).trim_end().to_owned()).collect();
        Some(Failure { text: texts.join("\n\n"), exit_code })
    }

    /// Runs everything and returns with its unbounded jobs still running.
    pub fn start(&self, args: &JobArgs) -> Result<RunningJobs, Failure> {
        let mut executor = Executor::new(self.session(), self.naming(), args)?;
        executor.quiet = true;
        for statement in &self.parse()? {
            executor.execute(statement).map_err(|e| self.failure(&e))?;
        }
        Ok(executor.into_running())
    }
}

/// A session with the connectors of this program; `variables` win over the environment.
pub fn session(variables: BTreeMap<String, String>) -> Session {
    let lookup = move |name: &str| variables.get(name).cloned().or_else(|| std::env::var(name).ok());
    Session::new(flitz_connectors::registry(), Variables::new(lookup))
}
