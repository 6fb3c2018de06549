//! `flitz run`, `check` and `explain`: a script's statements one after the other, and the jobs they make.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use flitz_dataflow::connector::ConnectorRegistry;
use flitz_dataflow::options::parse_bytes;
use flitz_dataflow::{Error, Place, Result, SystemClock, failpoint};
use flitz_functions::EvalContext;
use flitz_plan::{Config, NodeKind};
use flitz_runtime::{CheckpointMode, CheckpointSettings, JobHandle, JobSpec, JobStatus, JobSummary};
use flitz_sql::ast::{Statement, StatementKind};
use flitz_sql::diagnostics::Sources;
use flitz_sql::{Outcome, PlannedJob, Session, Variables, parser};
use flitz_state::{JobEnd, Start};
use tempfile::TempDir;

use crate::cli::{JobArgs, OutputFormat, RunArgs, ScriptArgs};
use crate::input::{self, Piece};
use crate::progress::Progress;
use crate::results::{ResultPrinter, print_line, print_table};
use crate::shutdown;

/// How often the main thread looks at jobs and signals while it has nothing to print.
const TICK: Duration = Duration::from_millis(20);

/// Why the program ends with an exit code other than 0: already in words.
#[derive(Debug)]
pub struct Failure {
    pub text: String,
    pub exit_code: u8,
}

impl Failure {
    pub fn report(&self) -> ExitCode {
        eprintln!("{}", self.text.trim_end());
        ExitCode::from(self.exit_code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { text: Sources::default().render(&error), exit_code: error.exit_code() }
    }
}

pub fn run(args: &RunArgs) -> Result<(), Failure> {
    shutdown::listen();
    if let Some(address) = args.job.metrics {
        let bound = flitz_server::serve_metrics(address)?;
        eprintln!("metrics on http://{bound}/metrics");
    }
    let script = Script::from_args(&args.script)?;
    let statements = script.parse()?;
    let mut executor = Executor::new(&script, &args.job)?;
    executor.quiet = args.quiet;
    executor.output = args.output;
    for statement in &statements {
        if shutdown::requested() {
            break;
        }
        executor.execute(statement).map_err(|e| script.failure(&e))?;
    }
    executor.finish().map_err(|e| script.failure(&e))?;
    let ends = std::mem::take(&mut executor.ends);
    drop(executor);
    // Only the end of the whole script is told to whoever runs it, by the exit code that comes next: after anything
    // else it is run again, and what is done in it stays done.
    failpoint::hit("ended");
    if !shutdown::requested() {
        ends.iter().try_for_each(JobEnd::report)?;
    }
    Ok(())
}

/// Plans every statement and reports every error; touches nothing.
pub fn check(args: &ScriptArgs) -> Result<(), Failure> {
    let script = Script::from_args(args)?;
    let (statements, mut errors) = script.parse_all();
    let mut session = script.session();
    errors.extend(statements.iter().filter_map(|statement| session.execute(statement).err()));
    match script.failures(&errors) {
        Some(failure) => Err(failure),
        None => {
            let plural = if statements.len() == 1 { "statement" } else { "statements" };
            Ok(print_line(&format!("ok: {} {plural}", statements.len()))?)
        }
    }
}

/// Prints the plan of every job of the script.
pub fn explain(args: &ScriptArgs) -> Result<(), Failure> {
    let script = Script::from_args(args)?;
    let mut session = script.session();
    for statement in &script.parse()? {
        match session.execute(statement).map_err(|e| script.failure(&e))? {
            Outcome::Job(job) => print_line(&format!("== {} ==\n{}", script.identity(&job), job.plan))?,
            Outcome::Table(table) if matches!(statement.kind, StatementKind::Explain(_)) => {
                print_table(&table.columns, &table.rows)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Prints the script with its variables resolved.
pub fn render(args: &ScriptArgs) -> Result<(), Failure> {
    let script = Script::from_args(args)?;
    let lookup = script.lookup();
    for (file, piece) in script.pieces.iter().enumerate() {
        let rendered = flitz_sql::render::render(&piece.text, &lookup).map_err(|mut errors| {
            for error in &mut errors {
                if let Some(Place::Sql(span)) = &mut error.place {
                    span.file = file as u32;
                }
            }
            script.failures(&errors).unwrap_or_else(|| Error::internal("errors without text").into())
        })?;
        let complete = rendered.trim_end().is_empty() || rendered.trim_end().ends_with(';');
        print_line(&format!("{}{}", rendered.trim_end(), if complete { "" } else { ";" }))?;
    }
    Ok(())
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
    fn from_args(args: &ScriptArgs) -> Result<Script> {
        let pieces = input::read(args, &args.places)?;
        // A job is known by the last file and its folder; texts of `-e` alone are nobody's job.
        let default_name = args.files.last().map(|path| {
            let full = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            let stem = |p: &std::path::Path| p.file_stem().map(|s| s.to_string_lossy().into_owned());
            let folder = full.parent().and_then(|p| p.file_name()).map(|s| s.to_string_lossy().into_owned());
            match (folder, stem(&full)) {
                (Some(folder), Some(stem)) => format!("{folder}-{stem}"),
                (_, stem) => stem.unwrap_or_else(|| "flitz".to_owned()),
            }
        });
        Ok(Script::new(pieces, input::variables(args)?, default_name))
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

    fn parse_all(&self) -> (Vec<Statement>, Vec<Error>) {
        let (mut statements, mut errors) = (vec![], vec![]);
        for (file, piece) in self.pieces.iter().enumerate() {
            let (parsed, wrong) = parser::parse_script(file as u32, &piece.text);
            statements.extend(parsed);
            errors.extend(wrong);
        }
        (statements, errors)
    }

    /// All statements; or every syntax error, before anything has run.
    fn parse(&self) -> Result<Vec<Statement>, Failure> {
        let (statements, errors) = self.parse_all();
        match self.failures(&errors) {
            Some(failure) => Err(failure),
            None => Ok(statements),
        }
    }

    fn session(&self) -> Session {
        Session::new(flitz_connectors::registry(), Variables::new(self.lookup()))
    }

    /// `--set`, then the environment.
    fn lookup(&self) -> impl Fn(&str) -> Option<String> + 'static {
        let variables = self.variables.clone();
        move |name: &str| variables.get(name).cloned().or_else(|| std::env::var(name).ok())
    }

    /// What a job of this script is called.
    fn identity(&self, job: &PlannedJob) -> String {
        job.identity(self.default_name.as_deref().unwrap_or("flitz"), self.jobs > 1)
    }

    fn failure(&self, error: &Error) -> Failure {
        Failure { text: self.sources.render(error), exit_code: error.exit_code() }
    }

    fn failures(&self, errors: &[Error]) -> Option<Failure> {
        let exit_code = errors.iter().map(Error::exit_code).max()?;
        let texts: Vec<String> = errors.iter().map(|e| self.sources.render(e)).collect();
        Some(Failure { text: texts.join("\n\n"), exit_code })
    }

    /// Runs everything and returns with its unbounded jobs still running.
    pub fn start(&self, args: &JobArgs) -> Result<RunningJobs, Failure> {
        let mut executor = Executor::new(self, args)?;
        executor.quiet = true;
        for statement in &self.parse()? {
            executor.execute(statement).map_err(|e| self.failure(&e))?;
        }
        Ok(RunningJobs { jobs: std::mem::take(&mut executor.running), _scratch: executor.scratch.clone() })
    }
}

/// Jobs that go on while the caller does something else.
pub struct RunningJobs {
    jobs: Vec<JobHandle>,
    _scratch: Arc<TempDir>,
}

impl RunningJobs {
    /// Whether one of them runs no more; `stop` tells why.
    pub fn has_ended(&self) -> bool {
        self.jobs.iter().any(JobHandle::has_ended)
    }

    pub fn status(&self) -> Option<JobStatus> {
        self.jobs.first().map(JobHandle::status)
    }

    /// Stops all of them with a last checkpoint each.
    pub fn stop(self) -> Result<()> {
        stop_all(self.jobs, |job| job.wait().map(drop))
    }
}

fn stop_all(jobs: Vec<JobHandle>, mut end: impl FnMut(JobHandle) -> Result<()>) -> Result<()> {
    for job in &jobs {
        job.stop();
    }
    let mut result = Ok(());
    for job in jobs {
        let ended = end(job);
        result = result.and(ended);
    }
    result
}

struct Executor<'a> {
    script: &'a Script,
    session: Session,
    args: &'a JobArgs,
    /// Side files of jobs, and the checkpoints of those that nobody will resume.
    scratch: Arc<TempDir>,
    registry: ConnectorRegistry,
    /// Unbounded INSERTs go on while later statements run.
    running: Vec<JobHandle>,
    /// How many jobs of each name there were.
    names: BTreeMap<String, usize>,
    /// Bounded jobs that are over.
    ends: Vec<JobEnd>,
    output: Option<OutputFormat>,
    quiet: bool,
}

impl<'a> Executor<'a> {
    fn new(script: &'a Script, args: &'a JobArgs) -> Result<Executor<'a>> {
        let scratch = TempDir::with_prefix("flitz-")
            .map_err(|e| Error::unavailable(format!("cannot make a folder for temporary files: {e}")))?;
        Ok(Executor {
            script,
            scratch: Arc::new(scratch),
            session: script.session(),
            args,
            registry: flitz_connectors::registry(),
            running: vec![],
            names: BTreeMap::new(),
            ends: vec![],
            output: None,
            quiet: false,
        })
    }

    fn execute(&mut self, statement: &Statement) -> Result<()> {
        match self.session.execute(statement)? {
            Outcome::Done => Ok(()),
            Outcome::Table(table) => print_table(&table.columns, &table.rows),
            Outcome::Job(job) => self.run_job(*job),
        }
    }

    fn run_job(&mut self, mut job: PlannedJob) -> Result<()> {
        let number = self.names.entry(self.script.identity(&job)).or_default();
        *number += 1;
        job.set_number(*number);
        let bounded = job.plan.is_bounded();
        let is_query = job.is_query;
        let printer = self.printer(&job)?;
        let spec = self.spec(job).map_err(|e| self.session.locate(e))?;
        let name = spec.name.clone();
        let handle = flitz_runtime::start(spec).map_err(|e| self.session.locate(e))?;
        if let Some(resumed) = handle.resumed().filter(|_| !self.quiet) {
            let age = resumed.age.as_secs();
            eprintln!("{name}: resuming from checkpoint {}, {age} s old", resumed.epoch);
        }
        if let Some(before) = handle.ended_before().filter(|_| !self.quiet) {
            let age = before.age.as_secs();
            eprintln!(
                "{name}: had come to its end before (checkpoint {}, {age} s old), and nothing is done twice; \
                 --fresh starts over",
                before.epoch
            );
        }
        if is_query {
            self.watch_query(handle, printer)
        } else if bounded {
            self.watch(vec![handle])
        } else {
            self.running.push(handle);
            Ok(())
        }
    }

    fn printer(&self, job: &PlannedJob) -> Result<Option<ResultPrinter>> {
        let Some(node) = job.plan.nodes.iter().find(|n| matches!(n.kind, NodeKind::Collect(_))) else {
            return Ok(None);
        };
        let context = EvalContext::new(Arc::new(SystemClock), &time_zone(job))?;
        ResultPrinter::new(&node.schema, node.changelog, self.output, &context).map(Some)
    }

    fn spec(&self, job: PlannedJob) -> Result<JobSpec> {
        let memory_bytes = match &self.args.memory {
            None => None,
            Some(text) => Some(
                parse_bytes(text)
                    .ok_or_else(|| Error::invalid(format!("--memory must be a size such as '2g', found '{text}'")))?,
            ),
        };
        let checkpoints = self.checkpoint_settings(&job)?;
        Ok(JobSpec {
            name: self.script.identity(&job),
            time_zone: time_zone(&job),
            catalog: self.session.catalogs().current_catalog.clone(),
            database: self.session.catalogs().current_database.clone(),
            plan: job.plan,
            config: job.config,
            connectors: self.registry.clone(),
            clock: Arc::new(SystemClock),
            checkpoints,
            memory_bytes,
            scratch: self.scratch.path().to_owned(),
        })
    }

    fn checkpoint_settings(&self, job: &PlannedJob) -> Result<CheckpointSettings> {
        let config = &job.config;
        let directory = config.get("execution.checkpointing.dir").filter(|d| !d.is_empty());
        // Nobody can ask for a nameless job again: its state ends with the process. A query that nobody named is
        // never resumed at all: what would be printed again, and to whom?
        let named = job.name.is_some() || (!job.is_query && self.script.default_name.is_some());
        let location = match directory {
            Some(directory) => Some(directory.to_owned()),
            None if named => None,
            None => Some(self.scratch.path().join("checkpoints").display().to_string()),
        };
        let start = match (&self.args.resume_from, self.args.from_checkpoint) {
            _ if self.args.fresh || !named => Start::Fresh,
            (Some(old), _) => Start::ResumeFrom(old.clone()),
            (None, Some(n)) => Start::FromCheckpoint(flitz_dataflow::Epoch(n)),
            (None, None) => Start::Resume,
        };
        let defaults = CheckpointSettings::default();
        Ok(CheckpointSettings {
            enabled: named || !job.is_query,
            location,
            options: config.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
            interval: config.duration("execution.checkpointing.interval")?,
            min_pause: config.duration("execution.checkpointing.min-pause")?.unwrap_or_default(),
            timeout: config.duration("execution.checkpointing.timeout")?.unwrap_or(defaults.timeout),
            tolerable_failures: tolerable_failures(config)?,
            mode: match config.get("execution.checkpointing.mode") {
                Some(mode) if mode.eq_ignore_ascii_case("AT_LEAST_ONCE") => CheckpointMode::AtLeastOnce,
                _ => CheckpointMode::ExactlyOnce,
            },
            start,
        })
    }

    /// Prints a query's rows until it ends or somebody presses Ctrl-C.
    fn watch_query(&self, handle: JobHandle, printer: Option<ResultPrinter>) -> Result<()> {
        let mut printer = printer.ok_or_else(|| Error::internal("a query without a Collect node"))?;
        let rows = handle.rows();
        let mut stopping = false;
        loop {
            match rows.recv_timeout(TICK) {
                Ok(batch) => printer.print(&batch)?,
                Err(e) if e.is_disconnected() => break,
                Err(_) => {}
            }
            if shutdown::requested() && !stopping {
                stopping = true;
                handle.stop();
            }
        }
        printer.finish()?;
        // Its rows were told already.
        handle.wait()?.end.map_or(Ok(()), |end| end.report())
    }

    /// Until all of `jobs` have ended; a signal stops them cleanly.
    fn watch(&mut self, mut jobs: Vec<JobHandle>) -> Result<()> {
        let mut progress: Vec<Progress> = jobs.iter().map(|_| Progress::new(self.quiet)).collect();
        loop {
            for (job, progress) in jobs.iter().zip(&mut progress) {
                progress.update(&job.status(), "");
            }
            if shutdown::requested() {
                break;
            }
            // Jobs are independent, but this process is theirs: a failure of one stops all, cleanly.
            let (ended, going): (Vec<_>, Vec<_>) = jobs.into_iter().partition(JobHandle::has_ended);
            let outcome = ended.into_iter().try_for_each(|job| self.end(job));
            jobs = going;
            if outcome.is_err() || jobs.is_empty() {
                drop(progress);
                return outcome.and(stop_all(jobs, |job| self.end(job)));
            }
            std::thread::sleep(TICK);
        }
        drop(progress);
        stop_all(jobs, |job| self.end(job))
    }

    fn end(&mut self, job: JobHandle) -> Result<()> {
        let name = job.status().job;
        let summary = job.wait()?;
        self.say_losses(&name, &summary);
        self.ends.extend(summary.end);
        Ok(())
    }

    /// What was left out because the script asked for it.
    fn say_losses(&self, name: &str, summary: &JobSummary) {
        let say = |count: u64, one: &str, many: &str| {
            if count > 0 && !self.quiet {
                eprintln!("{name}: {count} {}", if count == 1 { one } else { many });
            }
        };
        const SKIPPED: &str = "skipped ('….ignore-parse-errors')";
        let (one, many) = (format!("unreadable record was {SKIPPED}"), format!("unreadable records were {SKIPPED}"));
        say(summary.skipped_records, &one, &many);
        let late = "came too late for a window and";
        say(summary.late_rows, &format!("row {late} was dropped"), &format!("rows {late} were dropped"));
    }

    fn finish(&mut self) -> Result<()> {
        let jobs = std::mem::take(&mut self.running);
        if jobs.is_empty() { Ok(()) } else { self.watch(jobs) }
    }
}

/// A failed statement stops the jobs before it cleanly.
impl Drop for Executor<'_> {
    fn drop(&mut self) {
        // The statement's own error is the one that is reported.
        let _ = stop_all(std::mem::take(&mut self.running), |job| job.wait().map(drop));
    }
}

fn tolerable_failures(config: &Config) -> Result<u64> {
    const KEY: &str = "execution.checkpointing.tolerable-failed-checkpoints";
    match config.integer(KEY)? {
        None => Ok(0),
        Some(n) if n >= 0 => Ok(n as u64),
        Some(n) => Err(Error::invalid(format!("'{KEY}' must be 0 or more, found '{n}'")).option(KEY)),
    }
}

/// `table.local-time-zone`, else the machine's.
fn time_zone(job: &PlannedJob) -> String {
    let machine = || {
        let variable = std::env::var("TZ").ok().filter(|zone| zone.parse::<chrono_tz::Tz>().is_ok());
        variable.or_else(|| iana_time_zone::get_timezone().ok()).unwrap_or_else(|| "UTC".to_owned())
    };
    job.config.time_zone().map_or_else(machine, str::to_owned)
}
