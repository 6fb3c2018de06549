//! The jobs of a session: SHOW JOBS, DESCRIBE JOB, STOP JOB.

use chrono::{DateTime, Local};
use flitz_dataflow::{Error, Result};
use flitz_runtime::{JobHandle, JobState, JobSummary};
use flitz_sql::{JobCommand, ResultTable};

/// A job that was started and not yet waited for.
pub struct Job {
    /// As Flink's: 32 hexadecimal digits.
    pub id: String,
    pub name: String,
    pub handle: JobHandle,
    started: DateTime<Local>,
}

impl Job {
    pub fn new(name: String, handle: JobHandle) -> Job {
        Job { id: uuid::Uuid::new_v4().simple().to_string(), name, handle, started: Local::now() }
    }

    fn state(&self) -> &'static str {
        match self.handle.status().state {
            JobState::Starting => "INITIALIZING",
            JobState::Running => "RUNNING",
            JobState::Stopping => "CANCELLING",
            JobState::Finished => "FINISHED",
            JobState::Failed => "FAILED",
        }
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
                        job.handle.stop();
                        self.wait(job).1.map(|_| None)
                    }
                    several => Err(wrong_id(&id.value, several.len()).at(id.span)),
                }
            }
        }
    }

    /// Jobs that have ended since the last call, by name, and how.
    pub fn reap(&mut self) -> Vec<(String, Result<JobSummary>)> {
        let (ended, running) = std::mem::take(&mut self.running).into_iter().partition(|job| job.handle.has_ended());
        self.running = running;
        ended.into_iter().map(|job| self.wait(job)).collect()
    }

    fn wait(&mut self, job: Job) -> (String, Result<JobSummary>) {
        let outcome = job.handle.wait();
        let state = match &outcome {
            Ok(summary) if summary.finished => "FINISHED",
            Ok(_) => "CANCELED",
            Err(_) => "FAILED",
        };
        self.ended.push(Ended { id: job.id, name: job.name.clone(), started: job.started, state });
        (job.name, outcome)
    }

    /// Jobs whose id begins so, in the order of their start.
    fn table(&self, id: &str) -> ResultTable {
        let running = self.running.iter().map(|job| (&job.id, &job.name, job.state(), job.started));
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
