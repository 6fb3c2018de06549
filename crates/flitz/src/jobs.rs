//! The jobs of a session: SHOW JOBS, DESCRIBE JOB, STOP JOB, and starting again what failed.

use std::time::Instant;

use chrono::{DateTime, Local};
use flitz_dataflow::{Error, Result};
use flitz_runtime::{JobHandle, JobSpec, JobState, JobStatus, JobSummary};
use flitz_sql::{JobCommand, ResultTable};
use flitz_state::Start;

use crate::restart::{RestartStrategy, Restarts};

/// A job that was started and not yet waited for.
pub struct Job {
    /// As Flink's: 32 hexadecimal digits.
    pub id: String,
    pub name: String,
    started: DateTime<Local>,
    /// To start it again.
    spec: JobSpec,
    restarts: Restarts,
    quiet: bool,
    run: Run,
    /// When it was last looked at.
    status: JobStatus,
}

enum Run {
    Going(JobHandle),
    /// It failed and will start again.
    Pausing {
        until: Instant,
        failure: Error,
    },
    Over(Result<JobSummary>),
}

impl Job {
    /// `spec` is what `handle` was started with.
    pub fn new(mut spec: JobSpec, strategy: RestartStrategy, handle: JobHandle, quiet: bool) -> Job {
        // Whatever it began with, it has a checkpoint of its own now.
        spec.checkpoints.start = Start::Resume;
        Job {
            id: uuid::Uuid::new_v4().simple().to_string(),
            name: spec.name.clone(),
            started: Local::now(),
            spec,
            restarts: Restarts::new(strategy),
            quiet,
            status: handle.status(),
            run: Run::Going(handle),
        }
    }

    /// Whether it is over; starts it again if it has failed and it is time to.
    pub fn has_ended(&mut self) -> bool {
        let run = std::mem::replace(&mut self.run, Run::Over(Err(Error::internal("a job was lost"))));
        self.run = match run {
            Run::Going(handle) if handle.has_ended() => match handle.wait() {
                Ok(summary) => Run::Over(Ok(summary)),
                Err(failure) => self.failed(failure),
            },
            Run::Pausing { until, .. } if Instant::now() >= until => match flitz_runtime::start(self.spec.clone()) {
                Ok(handle) => {
                    say_resumed(&handle, &self.name, self.quiet);
                    Run::Going(handle)
                }
                Err(failure) => self.failed(failure),
            },
            other => other,
        };
        matches!(self.run, Run::Over(_))
    }

    fn failed(&mut self, failure: Error) -> Run {
        match self.restarts.after(&failure, Instant::now()) {
            None => Run::Over(Err(failure)),
            Some(pause) => {
                if !self.quiet {
                    let pause = pause.as_secs_f64();
                    eprintln!("{}: {failure}\n{}: starting again in {pause:.1} s", self.name, self.name);
                }
                self.status.state = JobState::Starting;
                Run::Pausing { until: Instant::now() + pause, failure }
            }
        }
    }

    /// How it stands; while it pauses or is over, how it stood last.
    pub fn status(&mut self) -> JobStatus {
        if let Run::Going(handle) = &self.run {
            self.status = handle.status();
        }
        self.status.clone()
    }

    /// `wait` tells when it is done.
    pub fn stop(&self) {
        if let Run::Going(handle) = &self.run {
            handle.stop();
        }
    }

    /// Until it is over, without starting it again.
    pub fn wait(self) -> Result<JobSummary> {
        match self.run {
            Run::Going(handle) => handle.wait(),
            Run::Pausing { failure, .. } => Err(failure),
            Run::Over(outcome) => outcome,
        }
    }

    fn state(&mut self) -> &'static str {
        let state = self.status().state;
        match (&self.run, state) {
            (Run::Pausing { .. }, _) => "RESTARTING",
            (_, JobState::Starting) => "INITIALIZING",
            (_, JobState::Running) => "RUNNING",
            (_, JobState::Stopping) => "CANCELLING",
            (_, JobState::Finished) => "FINISHED",
            (_, JobState::Failed) => "FAILED",
        }
    }
}

/// Tells from where a job goes on.
pub fn say_resumed(handle: &JobHandle, name: &str, quiet: bool) {
    if let Some(resumed) = handle.resumed().filter(|_| !quiet) {
        eprintln!("{name}: resuming from checkpoint {}, {} s old", resumed.epoch, resumed.age.as_secs());
    }
}

/// What is left of a job.
pub struct Ended {
    pub id: String,
    pub name: String,
    started: DateTime<Local>,
    state: &'static str,
}

#[derive(Default)]
pub struct Jobs {
    pub running: Vec<Job>,
    ended: Vec<Ended>,
}

impl Jobs {
    /// The answer, if there is one but OK.
    pub fn command(&mut self, command: &JobCommand) -> Result<Option<ResultTable>> {
        match command {
            JobCommand::Show => Ok(Some(self.table(""))),
            JobCommand::Describe(id) => {
                let table = self.table(&id.value);
                match table.rows.len() {
                    1 => Ok(Some(table)),
                    n => Err(wrong_id(&id.value, n).at(id.span)),
                }
            }
            JobCommand::Stop(id) => {
                let named: Vec<usize> =
                    (0..self.running.len()).filter(|&i| self.running[i].id.starts_with(&id.value)).collect();
                match named.as_slice() {
                    [one] => {
                        let job = self.running.remove(*one);
                        job.stop();
                        self.wait(job).1.map(|_| None)
                    }
                    several => Err(wrong_id(&id.value, several.len()).at(id.span)),
                }
            }
        }
    }

    /// Jobs that have ended since the last call, by name, and how.
    pub fn reap(&mut self) -> Vec<(String, Result<JobSummary>)> {
        let (mut ended, mut running) = (vec![], vec![]);
        for mut job in std::mem::take(&mut self.running) {
            if job.has_ended() { ended.push(job) } else { running.push(job) }
        }
        self.running = running;
        ended.into_iter().map(|job| self.wait(job)).collect()
    }

    fn wait(&mut self, job: Job) -> (String, Result<JobSummary>) {
        let (id, name, started) = (job.id.clone(), job.name.clone(), job.started);
        let outcome = job.wait();
        let state = match &outcome {
            Ok(summary) if summary.finished => "FINISHED",
            Ok(_) => "CANCELED",
            Err(_) => "FAILED",
        };
        self.ended.push(Ended { id, name: name.clone(), started, state });
        (name, outcome)
    }

    /// Jobs whose id begins so, in the order of their start.
    fn table(&mut self, id: &str) -> ResultTable {
        let states: Vec<&str> = self.running.iter_mut().map(Job::state).collect();
        let running = self.running.iter().zip(states).map(|(job, state)| (&job.id, &job.name, state, job.started));
        let ended = self.ended.iter().map(|job| (&job.id, &job.name, job.state, job.started));
        let mut jobs: Vec<_> = ended.chain(running).filter(|job| job.0.starts_with(id)).collect();
        jobs.sort_by_key(|job| job.3);
        let row = |(id, name, state, started): (&String, &String, &str, DateTime<Local>)| {
            let started = started.format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
            [id.clone(), name.clone(), state.to_owned(), started].map(Some).to_vec()
        };
        ResultTable {
            columns: ["job id", "job name", "status", "start time"].map(str::to_owned).to_vec(),
            rows: jobs.into_iter().map(row).collect(),
        }
    }
}

fn wrong_id(id: &str, found: usize) -> Error {
    match found {
        0 => Error::invalid(format!("there is no running job '{id}'")).hint("SHOW JOBS lists them"),
        n => Error::invalid(format!("{n} jobs have an id that begins with '{id}'")).hint("write more of it"),
    }
}
