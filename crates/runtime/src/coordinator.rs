//! The life of a checkpoint, and of the job.
//!
//! ```text
//!  coordinator          workers                         committer (a thread of its own: it blocks)
//!  ───────────          ───────                         ─────────
//!  Checkpoint(N)   ──>  barrier through all operators
//!                  <──  Snapshot: states, splits, sealed
//!  all are in      ───────────────────────────────────> flush(N)       the system holds every row of N
//!                       rows of N+1 go on,              write(N)       the snapshot is durable
//!                       held back by the writers        commit(N)      rows and marker become visible
//!                                                       publish(N)     files follow
//!                                                       confirm(N)     older checkpoints may go
//!                  <─────────────────────────────────── begin(N+1)
//!  Release(N)      ──>  rows of N+1 go out              acknowledge(N) consumer groups see how far we are
//! ```
//!
//! One epoch is on its way at a time, and none of this stops the processing. An error anywhere ends the job with
//! that error; what was not committed is done again by the next attempt. The last checkpoint of a job is taken
//! when all input has ended (`finished`) or when it is stopped; it is followed by no rows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use flitz_dataflow::connector::{EpochSink, Split};
use flitz_dataflow::{Clock, Epoch, Error, Result};
use flitz_state::snapshot::Snapshot;
use flitz_state::spill::Scratch;
use flitz_state::{CheckpointStats, EpochKind, JobEnd};
use tracing::{debug, warn};

use crate::committer::{CommitRequest, Gate, Request};
use crate::exchange::Sleeper;
use crate::job::JobSummary;
use crate::metrics;
use crate::status::{JobState, StatusBoard};
use crate::worker::{Control, Report, WorkerSnapshot};

/// Whatever happens to a job.
pub enum Event {
    Worker(usize, Report),
    /// New splits of the source at this plan node.
    Discovered(usize, Result<Vec<Split>>),
    Committed(Result<Committed>),
    /// Finish in good order.
    Stop,
    /// Whoever ran the job has gone: leave at once, commit nothing more.
    Abandon,
}

pub struct Committed {
    pub epoch: Epoch,
    pub stats: CheckpointStats,
}

/// When checkpoints are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Only the last one.
    AtEnd,
    Every {
        interval: Duration,
        min_pause: Duration,
    },
    /// Ten times as long as a checkpoint takes, within these bounds.
    Adaptive {
        least: Duration,
        most: Duration,
    },
}

impl Schedule {
    /// How long after the beginning of one checkpoint the next is due.
    fn interval(self, last_took: Duration) -> Option<Duration> {
        match self {
            Schedule::AtEnd => None,
            Schedule::Every { interval, min_pause } => Some(interval.max(last_took + min_pause)),
            Schedule::Adaptive { least, most } => Some((last_took * 10).clamp(least, most)),
        }
    }
}

/// `execution.checkpointing.timeout`, and how many checkpoints in a row may exceed it. Flink drops a checkpoint that
/// is too slow and begins another; here the same one goes on, so it has the time of all that may fail.
#[derive(Clone, Copy, Debug)]
pub struct CheckpointTimeout {
    pub each: Duration,
    pub tolerated: u64,
}

impl CheckpointTimeout {
    fn in_all(self) -> Duration {
        self.each.saturating_mul(u32::try_from(self.tolerated.saturating_add(1)).unwrap_or(u32::MAX))
    }
}

/// One worker as the coordinator reaches it.
pub struct WorkerHandle {
    pub control: Sender<Control>,
    pub sleeper: Sleeper,
    pub thread: JoinHandle<()>,
}

pub struct Coordinator {
    pub job: String,
    pub clock: Arc<dyn Clock>,
    pub board: Arc<StatusBoard>,
    pub workers: Vec<WorkerHandle>,
    pub events: Receiver<Event>,
    pub committer: Sender<Request>,
    pub committer_thread: JoinHandle<Result<Option<JobEnd>>>,
    pub deciding: Option<Arc<dyn EpochSink>>,
    pub gate: Arc<Gate>,
    pub schedule: Schedule,
    /// How long a checkpoint may take until it is durable.
    pub timeout: CheckpointTimeout,
    /// The next to close.
    pub epoch: Epoch,
    /// Which worker reads which split, by source node; where new ones go.
    pub assigned: BTreeMap<usize, Vec<usize>>,
    pub memory_bytes: Option<u64>,
    pub scratch: Arc<Scratch>,
    pub started: Instant,
}

/// How the job stands, seen from the coordinator.
#[derive(Default)]
struct Progress {
    over: Vec<bool>,
    stopping: bool,
    in_flight: Option<InFlight>,
    last_began: Option<Instant>,
    last_took: Duration,
    /// Activity at the last barrier: nothing has happened since if it is the same.
    seen_activity: u64,
    last_epoch: Option<Epoch>,
    said_slow: bool,
}

struct InFlight {
    began: Instant,
    last: bool,
    waiting_for: usize,
    snapshot: Snapshot,
    rows_written: u64,
}

enum Outcome {
    GoOn,
    /// The last checkpoint is committed.
    Done,
    Abandoned,
}

impl Coordinator {
    /// Body of the thread; ends when the job does.
    pub fn run(mut self) -> Result<JobSummary> {
        let mut progress =
            Progress { over: vec![false; self.workers.len()], last_began: Some(Instant::now()), ..Progress::default() };
        let ended = loop {
            let event = match self.events.recv_timeout(self.patience(&progress)) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break Ok(Outcome::Abandoned),
            };
            let outcome = match event {
                Some(event) => self.handle(event, &mut progress),
                None => self.check_memory().and_then(|()| self.check_time(&progress)).map(|()| Outcome::GoOn),
            };
            match outcome {
                Ok(Outcome::GoOn) => self.trigger_if_due(&mut progress),
                other => break other,
            }
        };
        self.leave(ended, &progress)
    }

    fn handle(&mut self, event: Event, progress: &mut Progress) -> Result<Outcome> {
        match event {
            Event::Worker(_, Report::Failed(error)) => return Err(error),
            Event::Worker(worker, Report::Snapshot(snapshot)) => self.gather(worker, *snapshot, progress)?,
            Event::Worker(worker, Report::Over) => progress.over[worker] = true,
            Event::Worker(_, Report::Ready | Report::Active | Report::Exited) => {}
            Event::Discovered(node, splits) => self.assign(node, splits),
            Event::Committed(done) => return self.committed(done?, progress),
            Event::Stop => {
                if !progress.stopping {
                    progress.stopping = true;
                    self.board.set_state(JobState::Stopping);
                    self.tell_all(|| Control::StopReading);
                }
            }
            Event::Abandon => return Ok(Outcome::Abandoned),
        }
        Ok(Outcome::GoOn)
    }

    fn trigger_if_due(&mut self, progress: &mut Progress) {
        if progress.in_flight.is_some() {
            return;
        }
        let over = progress.over.iter().all(|over| *over);
        let last = over || progress.stopping;
        let activity = self.board.activity();
        if !last {
            let due = self.schedule.interval(progress.last_took).zip(progress.last_began).map(|(i, began)| began + i);
            let is_due = due.is_some_and(|due| due <= Instant::now());
            if !is_due || activity == progress.seen_activity {
                return;
            }
        }
        progress.seen_activity = activity;
        progress.last_began = Some(Instant::now());
        progress.in_flight = Some(InFlight {
            began: Instant::now(),
            last,
            waiting_for: self.workers.len(),
            snapshot: Snapshot { epoch: self.epoch, finished: over, ..Snapshot::default() },
            rows_written: 0,
        });
        let epoch = self.epoch;
        debug!(job = self.job, %epoch, last, "checkpoint begins");
        self.tell_all(|| Control::Checkpoint { epoch, last });
    }

    /// How long to wait for an event before looking again.
    fn patience(&self, progress: &Progress) -> Duration {
        let longest = Duration::from_millis(100);
        if progress.in_flight.is_some() {
            return longest;
        }
        let due = self.schedule.interval(progress.last_took).zip(progress.last_began).map(|(i, began)| began + i);
        match due.map(|due| due.saturating_duration_since(Instant::now())) {
            // Due, but nothing has happened: the first worker to do something tells.
            Some(Duration::ZERO) if self.board.await_activity(progress.seen_activity) => longest,
            Some(Duration::ZERO) => Duration::ZERO,
            Some(wait) => wait.min(longest),
            None => longest,
        }
    }

    fn gather(&mut self, _worker: usize, part: WorkerSnapshot, progress: &mut Progress) -> Result<()> {
        let in_flight =
            progress.in_flight.as_mut().ok_or_else(|| Error::internal("a snapshot without a checkpoint"))?;
        let snapshot = &mut in_flight.snapshot;
        if part.task.epoch != snapshot.epoch {
            return Err(Error::internal(format!(
                "a snapshot of epoch {} in checkpoint {}",
                part.task.epoch, snapshot.epoch
            )));
        }
        snapshot.operators.extend(part.task.operators);
        for (node, splits) in part.splits {
            snapshot.splits.entry(node).or_default().extend(splits);
        }
        for (node, sealed) in part.task.sealed {
            snapshot.sealed.entry(node).or_default().push(sealed);
        }
        in_flight.rows_written += part.task.rows_written;
        in_flight.waiting_for -= 1;
        if in_flight.waiting_for == 0 {
            let staged = snapshot.sealed.values().flatten().any(|sealed| !is_nothing(sealed));
            let kind = match in_flight.rows_written > 0 || staged {
                true => EpochKind::Commits,
                false => EpochKind::Follows,
            };
            let snapshot = std::mem::take(snapshot);
            let request = CommitRequest { snapshot, kind, last: in_flight.last };
            self.committer.send(Request::Commit(request)).map_err(|_| Error::internal("the committer has gone"))?;
        }
        Ok(())
    }

    fn committed(&mut self, done: Committed, progress: &mut Progress) -> Result<Outcome> {
        let in_flight = progress.in_flight.take().ok_or_else(|| Error::internal("a commit without a checkpoint"))?;
        let epoch = done.epoch;
        self.tell_all(|| Control::Release(epoch));
        let took = in_flight.began.elapsed();
        let now = self.clock.now_millis();
        self.board.update_checkpoint(|checkpoint| {
            checkpoint.completed += 1;
            checkpoint.last_epoch = Some(epoch);
            checkpoint.last_duration_millis = took.as_millis() as i64;
            checkpoint.last_bytes = done.stats.bytes;
            checkpoint.last_completed_millis = Some(now);
        });
        metrics::checkpoint_completed(&self.job, epoch, took, done.stats.bytes);
        progress.last_took = took;
        progress.last_epoch = Some(epoch);
        self.epoch = epoch.next();
        self.check_transaction_time(took, progress);
        match in_flight.last {
            true => Ok(Outcome::Done),
            false => Ok(Outcome::GoOn),
        }
    }

    /// New splits go to whoever has the fewest.
    fn assign(&mut self, node: usize, splits: Result<Vec<Split>>) {
        let splits = match splits {
            Ok(splits) => splits,
            Err(error) => {
                warn!(job = self.job, %error, "looking for new splits failed; trying again later");
                return;
            }
        };
        let counts = self.assigned.entry(node).or_insert_with(|| vec![0; self.workers.len()]);
        let mut shares: BTreeMap<usize, Vec<Split>> = BTreeMap::new();
        for split in splits {
            let worker = (0..counts.len()).min_by_key(|w| counts[*w]).unwrap_or(0);
            counts[worker] += 1;
            shares.entry(worker).or_default().push(split);
        }
        for (worker, splits) in shares {
            self.tell(worker, Control::AddSplits(node, splits));
        }
        self.board.note_activity();
    }

    fn check_memory(&self) -> Result<()> {
        let status = self.board.snapshot(self.clock.now_millis());
        if let Some(age) = status.checkpoint.age_millis {
            metrics::checkpoint_age(&self.job, age);
        }
        let (Some(limit), used) = (self.memory_bytes, self.board.memory_bytes()) else { return Ok(()) };
        if used <= limit {
            return Ok(());
        }
        let mebibytes = |bytes: u64| bytes.div_ceil(1 << 20);
        let most = status.operators.iter().max_by_key(|operator| operator.state_bytes);
        let most = most.map(|operator| {
            let held = mebibytes(operator.state_bytes);
            format!("; {held} MiB are held by {}, which can't move more of them to disk", operator.name)
        });
        let held_back = used.saturating_sub(status.state_bytes());
        let most = match held_back > used / 2 {
            true => Some(format!("; {} MiB are rows that wait in sinks", mebibytes(held_back))),
            false => most,
        };
        Err(Error::unavailable(format!(
            "state and buffers of the job need {} MiB of memory, more than the {} MiB it may use{}",
            mebibytes(used),
            mebibytes(limit),
            most.unwrap_or_default()
        ))
        .hint("raise --memory, set 'table.exec.state.ttl', or use shorter windows"))
    }

    /// An error if the checkpoint under way should long be durable: nothing of it is committed then.
    fn check_time(&self, progress: &Progress) -> Result<()> {
        let Some(in_flight) = &progress.in_flight else { return Ok(()) };
        let limit = self.timeout.in_all();
        if in_flight.began.elapsed() <= limit || !self.gate.give_up() {
            return Ok(());
        }
        let waits = match in_flight.waiting_for {
            0 => "its rows or its snapshot are not written yet",
            _ => "its barrier has not come through yet",
        };
        let error = format!("checkpoint {} was not complete within {} s: {waits}", self.epoch, limit.as_secs_f64());
        Err(Error::unavailable(error).option("execution.checkpointing.timeout").hint(
            "is a sink or the checkpoint store slow or away? Else raise 'execution.checkpointing.timeout' or \
             'execution.checkpointing.tolerable-failed-checkpoints'",
        ))
    }

    /// An epoch must be committed long before its transaction times out.
    fn check_transaction_time(&self, took: Duration, progress: &mut Progress) {
        let Some(timeout) = self.deciding.as_ref().and_then(|sink| sink.transaction_timeout()) else { return };
        let Some(interval) = self.schedule.interval(took) else { return };
        if interval + took >= timeout / 2 && !std::mem::replace(&mut progress.said_slow, true) {
            warn!(
                job = self.job,
                "checkpoints take {:.1} s, every {:.1} s: that is more than half of the sink's transaction timeout of \
                 {:.0} s, after which nothing of an epoch can be committed; raise 'properties.transaction.timeout.ms'",
                took.as_secs_f64(),
                interval.as_secs_f64(),
                timeout.as_secs_f64()
            );
        }
    }

    /// Ends all threads.
    fn leave(mut self, ended: Result<Outcome>, progress: &Progress) -> Result<JobSummary> {
        let in_order = matches!(ended, Ok(Outcome::Done));
        self.tell_all(|| if in_order { Control::Exit } else { Control::Abort });
        let mut result = ended;
        for worker in std::mem::take(&mut self.workers) {
            if worker.thread.join().is_err() && result.is_ok() {
                result = Err(Error::internal("a worker thread died"));
            }
        }
        // What a writer's `finish` had to say.
        while let Ok(event) = self.events.try_recv() {
            if let (Event::Worker(_, Report::Failed(error)), Ok(Outcome::Done)) = (event, &result) {
                result = Err(error);
            }
        }
        if matches!(result, Ok(Outcome::Done)) {
            // If it has gone, joining it tells why.
            let _ = self.committer.send(Request::Finish);
        }
        drop(self.committer);
        if self.gate.is_given_up()
            && let Some(Err(abort)) = self.deciding.as_ref().map(|sink| sink.abort())
        {
            warn!(job = self.job, error = %abort, "the open transaction was not ended");
        }
        // A commit under way ends with its outcome known, and the checkpoints are free for the next attempt.
        let joined = self.committer_thread.join();
        let finished = joined.unwrap_or_else(|_| Err(Error::internal("the committer panicked")));
        let (result, end) = match (result, finished) {
            (Ok(outcome), Ok(end)) => (Ok(outcome), end),
            // The first error is the one to tell.
            (Err(error), _) | (Ok(_), Err(error)) => (Err(error), None),
        };
        if matches!(result, Ok(Outcome::Abandoned)) {
            self.board.set_state(JobState::Failed);
            return Err(Error::internal("the job was abandoned"));
        }
        match result {
            Err(error) => {
                if let Some(Err(abort)) = self.deciding.map(|sink| sink.abort()) {
                    warn!(job = self.job, error = %abort, "the open transaction was not ended");
                }
                self.board.set_state(JobState::Failed);
                Err(error)
            }
            Ok(_) => {
                self.board.set_state(JobState::Finished);
                let status = self.board.snapshot(self.clock.now_millis());
                Ok(JobSummary {
                    finished: progress.over.iter().all(|over| *over),
                    records_in: status.records_in(),
                    rows_out: status.rows_out(),
                    late_rows: status.late_rows(),
                    skipped_records: status.skipped_records(),
                    spilled_bytes: self.scratch.written_bytes(),
                    last_epoch: progress.last_epoch,
                    end,
                    elapsed: self.started.elapsed(),
                })
            }
        }
    }

    fn tell(&self, worker: usize, control: Control) {
        // A worker that has gone has said why.
        let _ = self.workers[worker].control.send(control);
        self.workers[worker].sleeper.wake();
    }

    fn tell_all(&self, control: impl Fn() -> Control) {
        (0..self.workers.len()).for_each(|worker| self.tell(worker, control()));
    }
}

/// A writer with nothing to publish seals `null` or something empty.
fn is_nothing(sealed: &serde_json::Value) -> bool {
    match sealed {
        serde_json::Value::Null => true,
        serde_json::Value::Array(list) => list.is_empty(),
        serde_json::Value::Object(map) => map.is_empty(),
        _ => false,
    }
}
