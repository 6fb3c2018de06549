//! Statements done: definitions answered, queries shown, INSERTs run as jobs.
//!
//! | statement | where it runs |
//! |---|---|
//! | SELECT | in the foreground, until its end or Ctrl-C |
//! | INSERT over bounded input, or `table.dml-sync` = true | in the foreground |
//! | any other INSERT | in the background: SHOW JOBS, STOP JOB; `finish` waits for them |

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use flitz_dataflow::connector::ConnectorRegistry;
use flitz_dataflow::options::parse_bytes;
use flitz_dataflow::{Error, Result, SystemClock};
use flitz_functions::EvalContext;
use flitz_plan::{Config, NodeKind, StreamPlan};
use flitz_runtime::{CheckpointMode, CheckpointSettings, JobHandle, JobSpec, JobStatus, JobSummary};
use flitz_sql::ast::{ClientCommand, Statement};
use flitz_sql::{Outcome, PlannedJob, Session};
use flitz_state::{JobEnd, Start};
use indicatif::{HumanBytes, MultiProgress};
use tempfile::TempDir;

use crate::cli::{JobArgs, OutputFormat};
use crate::echo::NoControlEcho;
use crate::jobs::{Job, Jobs, say_resumed};
use crate::progress::Progress;
use crate::restart::RestartStrategy;
use crate::results::{Display, print_line, print_table};
use crate::shell::live;
use crate::shutdown;

/// How often the main thread looks at jobs and signals while it has nothing to print.
const TICK: Duration = Duration::from_millis(20);

/// What jobs are called.
#[derive(Clone, Debug, Default)]
pub struct Naming {
    /// If no SET says it. None: their state is nobody's and ends with the process.
    pub default: Option<String>,
    /// There is more than one job of that name.
    pub several: bool,
}

impl Naming {
    pub fn identity(&self, job: &PlannedJob) -> String {
        job.identity(self.default.as_deref().unwrap_or("flitz"), self.several)
    }
}

/// Whether the statements after this one are to be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    GoOn,
    /// QUIT
    Quit,
}

pub struct Executor {
    pub session: Session,
    pub output: Option<OutputFormat>,
    pub quiet: bool,
    /// Somebody types statements: every one is answered, results are shown for people.
    pub in_shell: bool,
    pub jobs: Jobs,
    /// How many jobs of each name there were.
    names: BTreeMap<String, usize>,
    /// Bounded jobs that are over.
    ends: Vec<JobEnd>,
    /// Settings without effect that were named.
    said_idle: BTreeSet<String>,
    naming: Naming,
    args: JobArgs,
    /// Side files of jobs, and the checkpoints of those that nobody will resume.
    scratch: Arc<TempDir>,
    registry: ConnectorRegistry,
    /// Jobs started so far.
    started: usize,
}

impl Executor {
    pub fn new(session: Session, naming: Naming, args: &JobArgs) -> Result<Executor> {
        let scratch = TempDir::with_prefix("flitz-")
            .map_err(|e| Error::unavailable(format!("cannot make a folder for temporary files: {e}")))?;
        Ok(Executor {
            session,
            output: None,
            quiet: false,
            in_shell: false,
            jobs: Jobs::default(),
            names: BTreeMap::new(),
            ends: vec![],
            said_idle: BTreeSet::new(),
            naming,
            args: args.clone(),
            scratch: Arc::new(scratch),
            registry: flitz_connectors::registry(),
            started: 0,
        })
    }

    pub fn execute(&mut self, statement: &Statement) -> Result<Flow> {
        match self.session.execute(statement)? {
            Outcome::Done if self.in_shell => print_line("OK"),
            Outcome::Done => Ok(()),
            Outcome::Table(table) => print_table(&table),
            Outcome::Jobs(command) => match self.jobs.command(&command).map_err(|e| e.or_at(statement.span))? {
                Some(table) => print_table(&table),
                None if self.in_shell => print_line("OK"),
                None => Ok(()),
            },
            Outcome::Job(job) => self.run_job(*job),
            Outcome::Client(ClientCommand::Quit) => return Ok(Flow::Quit),
            Outcome::Client(ClientCommand::Help) => print_line(crate::shell::HELP),
            Outcome::Client(ClientCommand::Clear) => clear_screen(),
        }
        .map(|()| Flow::GoOn)
    }

    /// Nothing that was asked for is ignored in silence.
    fn say_idle_settings(&mut self) {
        let mut idle = self.session.idle_settings();
        idle.retain(|key| !self.said_idle.contains(key));
        if !idle.is_empty() && !self.quiet {
            let keys = idle.iter().map(|key| format!("'{key}'")).collect::<Vec<_>>().join(", ");
            eprintln!("no effect in Flitz, results are the same without: {keys}");
        }
        self.said_idle.extend(idle);
    }

    fn run_job(&mut self, mut job: PlannedJob) -> Result<()> {
        self.say_idle_settings();
        let number = self.number(&job);
        job.set_number(number);
        let synchronous = job.config.bool("table.dml-sync", false)?;
        let foreground = job.plan.is_bounded() || synchronous || (self.in_shell && prints(&job.plan));
        let display = if job.is_query { Some(self.display(&job)?) } else { None };
        let sinks = job.sinks.clone();
        let strategy = RestartStrategy::of(&job.config).map_err(|e| self.session.locate(e))?;
        let spec = self.spec(job).map_err(|e| self.session.locate(e))?;
        let name = spec.name.clone();
        let handle = flitz_runtime::start(spec.clone()).map_err(|e| self.session.locate(e))?;
        say_resumed(&handle, &name, self.quiet);
        if let Some(before) = handle.ended_before().filter(|_| !self.quiet) {
            let age = before.age.as_secs();
            eprintln!(
                "{name}: had come to its end before (checkpoint {}, {age} s old), and nothing is done twice; \
                 --fresh starts over",
                before.epoch
            );
        }
        if let Some(display) = display {
            return watch_query(handle, display);
        }
        let job = Job::new(spec, strategy, handle, self.quiet);
        if foreground {
            let rows = self.watch(vec![job])?;
            if self.in_shell {
                print_line(&format!("{rows} {}", if rows == 1 { "row" } else { "rows" }))?;
                // Who sits here has been told.
                return self.take_ends().iter().try_for_each(JobEnd::report);
            }
            return Ok(());
        }
        if self.in_shell {
            let id = &job.id;
            print_line(&format!("writing to {} in the background; STOP JOB '{id}'; ends it", sinks.join(", ")))?;
        }
        self.jobs.running.push(job);
        Ok(())
    }

    /// Which of the jobs of its name this one is. In a script their order tells, also when it is run again; in the shell
    /// a job that was stopped goes on where it is asked for again, so the first name that is free is taken.
    fn number(&mut self, job: &PlannedJob) -> usize {
        if !self.in_shell {
            let number = self.names.entry(self.naming.identity(job)).or_default();
            *number += 1;
            return *number;
        }
        let mut named = job.clone();
        let mut free = |number: usize| {
            named.set_number(number);
            let name = self.naming.identity(&named);
            !self.jobs.running.iter().any(|job| job.name == name)
        };
        (1..).find(|number| free(*number)).unwrap_or(1)
    }

    fn display(&self, job: &PlannedJob) -> Result<Display> {
        let node = job.plan.nodes.iter().find(|n| matches!(n.kind, NodeKind::Collect(_)));
        let node = node.ok_or_else(|| Error::internal("a query without a Collect node"))?;
        let context = EvalContext::new(Arc::new(SystemClock), &time_zone(job))?;
        Display::new(job, node, self.output, self.in_shell, &context)
    }

    fn spec(&mut self, job: PlannedJob) -> Result<JobSpec> {
        let memory_bytes = match &self.args.memory {
            None => crate::memory::default_bytes(),
            Some(text) => Some(
                parse_bytes(text)
                    .ok_or_else(|| Error::invalid(format!("--memory must be a size such as '2g', found '{text}'")))?,
            ),
        };
        self.started += 1;
        let checkpoints = self.checkpoint_settings(&job)?;
        Ok(JobSpec {
            name: self.naming.identity(&job),
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
        let named = job.name.is_some() || (!job.is_query && self.naming.default.is_some());
        let location = match directory {
            Some(directory) => Some(directory.to_owned()),
            None if named => beside_embedded_file(&job.plan),
            // A folder each: nameless jobs may be many at a time.
            None => Some(self.scratch.path().join(format!("checkpoints-{}", self.started)).display().to_string()),
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

    /// Until all of `jobs` have ended; a signal stops them cleanly. Returns how many rows they wrote.
    fn watch(&mut self, mut jobs: Vec<Job>) -> Result<u64> {
        let _echo = NoControlEcho::new();
        let lines = MultiProgress::new();
        let mut progress: Vec<Progress> = jobs.iter().map(|_| Progress::below(&lines, self.quiet)).collect();
        let mut rows = 0;
        loop {
            for (job, progress) in jobs.iter_mut().zip(&mut progress) {
                progress.update(&job.status(), "");
            }
            if shutdown::interrupted() {
                break;
            }
            // Jobs are independent, but this process is theirs: a failure of one stops all, cleanly.
            let mut ended = vec![];
            for mut job in std::mem::take(&mut jobs) {
                if job.has_ended() { ended.push(job) } else { jobs.push(job) }
            }
            let outcome = ended.into_iter().try_for_each(|job| self.end(job).map(|written| rows += written));
            if outcome.is_err() || jobs.is_empty() {
                drop(progress);
                let stopped = stop_all(jobs, |job| self.end(job));
                return outcome.and(stopped).map(|more| rows + more);
            }
            std::thread::sleep(TICK);
        }
        drop(progress);
        stop_all(jobs, |job| self.end(job)).map(|more| rows + more)
    }

    /// Waits for the job; returns how many rows it wrote.
    fn end(&mut self, job: Job) -> Result<u64> {
        let name = job.name.clone();
        let summary = job.wait()?;
        self.say_losses(&name, &summary);
        self.ends.extend(summary.end);
        Ok(summary.rows_out)
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
        if summary.spilled_bytes > 0 && !self.quiet {
            let bytes = HumanBytes(summary.spilled_bytes);
            eprintln!("{name}: {bytes} of state were written to disk, for memory was short (--memory)");
        }
        say(summary.late_rows, &format!("row {late} was dropped"), &format!("rows {late} were dropped"));
    }

    /// Bounded jobs that are over and whose end was not reported yet.
    pub fn take_ends(&mut self) -> Vec<JobEnd> {
        std::mem::take(&mut self.ends)
    }

    /// Waits for the jobs in the background.
    pub fn finish(&mut self) -> Result<()> {
        let jobs = std::mem::take(&mut self.jobs.running);
        if jobs.is_empty() { Ok(()) } else { self.watch(jobs).map(drop) }
    }

    /// Hands the jobs in the background over to the caller.
    pub fn into_running(mut self) -> RunningJobs {
        RunningJobs { jobs: std::mem::take(&mut self.jobs.running), _scratch: self.scratch.clone() }
    }
}

/// A failed statement stops the jobs before it cleanly.
impl Drop for Executor {
    fn drop(&mut self) {
        // The statement's own error is the one that is reported.
        let _ = stop_all(std::mem::take(&mut self.jobs.running), wait);
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

/// Jobs that go on while the caller does something else.
pub struct RunningJobs {
    jobs: Vec<Job>,
    _scratch: Arc<TempDir>,
}

impl RunningJobs {
    /// Whether one of them runs no more; `stop` tells why.
    pub fn has_ended(&mut self) -> bool {
        self.jobs.iter_mut().any(Job::has_ended)
    }

    pub fn status(&mut self) -> Option<JobStatus> {
        self.jobs.first_mut().map(Job::status)
    }

    /// Stops all of them with a last checkpoint each.
    pub fn stop(self) -> Result<()> {
        stop_all(self.jobs, wait).map(drop)
    }
}

/// Stops with a last checkpoint each; all of them, whatever happens to one. Returns how many rows they wrote.
pub fn stop_all(jobs: Vec<Job>, mut end: impl FnMut(Job) -> Result<u64>) -> Result<u64> {
    for job in &jobs {
        job.stop();
    }
    let mut result = Ok(0);
    for job in jobs {
        let ended = end(job);
        result = result.and_then(|rows| ended.map(|more| rows + more));
    }
    result
}

/// Returns how many rows the job wrote.
pub fn wait(job: Job) -> Result<u64> {
    job.wait().map(|summary| summary.rows_out)
}

/// CLEAR; where nobody looks there is nothing to clear.
fn clear_screen() -> Result<()> {
    use crossterm::{cursor::MoveTo, execute, terminal::Clear, terminal::ClearType};
    let mut out = std::io::stdout();
    if !out.is_terminal() {
        return Ok(());
    }
    execute!(out, Clear(ClearType::Purge), Clear(ClearType::All), MoveTo(0, 0))
        .map_err(|e| Error::unavailable(format!("cannot write to standard output: {e}")))
}

/// Shows a query's rows until it ends or somebody presses Ctrl-C.
fn watch_query(handle: JobHandle, display: Display) -> Result<()> {
    let mut display = match display {
        Display::Live(table) => return live::watch(handle, table),
        other => other,
    };
    let rows = handle.rows();
    let mut stopping = false;
    loop {
        match rows.recv_timeout(TICK) {
            Ok(batch) => display.print(&batch)?,
            Err(e) if e.is_disconnected() => break,
            Err(_) => {}
        }
        if shutdown::take_interrupt() || (shutdown::requested() && !stopping) {
            // Somebody who asks twice does not want to wait for rows in flight.
            if stopping {
                drop(handle);
                return display.finish();
            }
            stopping = true;
            handle.stop();
        }
    }
    let outcome = handle.wait();
    // An empty table above an error says nothing.
    if outcome.is_ok() || display.has_rows() {
        display.finish()?;
    }
    // Its rows were told already.
    outcome?.end.map_or(Ok(()), |end| end.report())
}

/// Whether the job writes to the terminal itself: nobody could type meanwhile.
fn prints(plan: &StreamPlan) -> bool {
    plan.nodes.iter().any(|node| match &node.kind {
        NodeKind::Sink(sink) => sink.table.options.get("connector").is_some_and(|connector| connector == "print"),
        _ => false,
    })
}

/// A job that writes an embedded file has its state in `FILE.state`: the two belong together and are moved, copied and
/// removed together.
fn beside_embedded_file(plan: &StreamPlan) -> Option<String> {
    let file = plan.nodes.iter().find_map(|node| match &node.kind {
        NodeKind::Sink(sink) => sink.table.options.iter().find_map(|(_, value)| value.strip_prefix("embedded:")),
        _ => None,
    })?;
    let file = std::path::absolute(file).ok()?;
    Some(format!("{}.state", file.display()))
}

/// `table.local-time-zone`, else the machine's.
pub fn time_zone(job: &PlannedJob) -> String {
    let machine = || {
        let variable = std::env::var("TZ").ok().filter(|zone| zone.parse::<chrono_tz::Tz>().is_ok());
        variable.or_else(|| iana_time_zone::get_timezone().ok()).unwrap_or_else(|| "UTC".to_owned())
    };
    job.config.time_zone().unwrap_or_else(machine)
}
