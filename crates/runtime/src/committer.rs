//! What blocks in the life of a checkpoint: everything between a complete snapshot and its release.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use flitz_dataflow::connector::{EpochSink, FollowingSink, Marker, Source};
use flitz_dataflow::{Attempt, Epoch, Error, ErrorKind, Result, RunId, failpoint};
use flitz_state::snapshot::Snapshot;
use flitz_state::{CheckpointStats, EpochKind, JobEnd, Session};
use tracing::warn;

use crate::coordinator::{Committed, Event};

pub enum Request {
    Commit(CommitRequest),
    /// The last epoch is committed and the writers have finished: notes that nothing is open.
    Finish,
}

pub struct CommitRequest {
    pub snapshot: Snapshot,
    pub kind: EpochKind,
    pub last: bool,
}

/// Body of a thread of its own.
pub struct Committer {
    pub log: CommitLog,
    pub deciding: Option<Arc<dyn EpochSink>>,
    pub following: BTreeMap<usize, Arc<dyn FollowingSink>>,
    pub sources: BTreeMap<usize, Arc<dyn Source>>,
    pub gate: Arc<Gate>,
    pub retries: Retries,
}

/// `execution.checkpointing.tolerable-failed-checkpoints`: how often a snapshot that could not be written is
/// tried again, and after what pause.
#[derive(Clone, Copy, Debug)]
pub struct Retries {
    pub count: u64,
    pub pause: Duration,
}

/// Where it is written down.
pub enum CommitLog {
    Session(Box<Session>),
    /// Without checkpoints: the sinks alone know.
    None {
        job: String,
        run: RunId,
    },
}

impl CommitLog {
    fn marker(&self, epoch: Epoch) -> Marker {
        match self {
            CommitLog::Session(session) => session.marker(epoch),
            CommitLog::None { job, run } => Marker { job: job.clone(), run: run.clone(), attempt: Attempt(0), epoch },
        }
    }
}

/// Between an epoch that is given up and its commit: whichever comes first keeps the other out.
#[derive(Debug, Default)]
pub struct Gate(Mutex<Way>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Open,
    /// The snapshot is durable: the epoch will be committed.
    Committing,
    GivenUp,
}

impl Gate {
    /// Nothing more is committed from here on; false if a commit is under way.
    pub fn give_up(&self) -> bool {
        let mut way = self.lock();
        if *way == Way::Open {
            *way = Way::GivenUp;
        }
        *way == Way::GivenUp
    }

    pub fn is_given_up(&self) -> bool {
        *self.lock() == Way::GivenUp
    }

    fn enter(&self) -> Result<()> {
        let mut way = self.lock();
        match *way {
            Way::GivenUp => Err(Error::internal("the epoch was given up")),
            _ => {
                *way = Way::Committing;
                Ok(())
            }
        }
    }

    fn leave(&self) {
        *self.lock() = Way::Open;
    }

    fn lock(&self) -> MutexGuard<'_, Way> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Committer {
    /// Ends with the first error, or when nothing more is asked. Returns the end of a bounded job.
    pub fn run(mut self, requests: Receiver<Request>, events: Sender<Event>) -> Result<Option<JobEnd>> {
        for request in requests {
            let request = match request {
                Request::Commit(request) => request,
                Request::Finish => return self.finish(),
            };
            let mut request = request;
            let epoch = request.snapshot.epoch;
            let done = self.settle(&mut request.snapshot).and_then(|()| self.commit(&request));
            let failed = done.is_err();
            if events.send(Event::Committed(done.map(|stats| Committed { epoch, stats }))).is_err() || failed {
                break;
            }
            self.acknowledge(&request.snapshot);
        }
        Ok(None)
    }

    /// Not before the writers have finished: files that were open until then are published by them.
    fn finish(&mut self) -> Result<Option<JobEnd>> {
        let CommitLog::Session(session) = &mut self.log else { return Ok(None) };
        session.finish()?;
        failpoint::hit("finished");
        Ok(session.end())
    }

    /// Staged files are durable before the snapshot names them.
    fn settle(&self, snapshot: &mut Snapshot) -> Result<()> {
        for (node, sink) in &self.following {
            if let Some(sealed) = snapshot.sealed.remove(node) {
                snapshot.sealed.insert(*node, sink.settle(snapshot.epoch, sealed)?);
            }
        }
        Ok(())
    }

    /// The steps of the picture in `coordinator`, for one epoch.
    fn commit(&mut self, request: &CommitRequest) -> Result<CheckpointStats> {
        let (snapshot, epoch) = (&request.snapshot, request.snapshot.epoch);
        // An epoch without rows leaves the open transaction to the next.
        let deciding = self.deciding.clone().filter(|_| request.kind == EpochKind::Commits);
        if let Some(sink) = &deciding {
            sink.flush(epoch)?;
            failpoint::hit("after-flush");
        }
        failpoint::hit("staged");
        let stats = self.write(request)?;
        self.gate.enter()?;
        if let Some(sink) = &deciding {
            sink.commit(&self.log.marker(epoch))?;
        }
        for (node, sink) in &self.following {
            sink.publish(epoch, snapshot.sealed.get(node).map_or(&[], Vec::as_slice))?;
        }
        failpoint::hit("published");
        if let CommitLog::Session(session) = &mut self.log {
            session.confirm(epoch)?;
        }
        match request.last {
            true if request.kind == EpochKind::Follows => {
                if let Some(sink) = &self.deciding {
                    sink.abort()?;
                }
            }
            true => {}
            false => {
                if let Some(sink) = &deciding {
                    sink.begin(epoch.next())?;
                }
            }
        }
        self.gate.leave();
        Ok(stats)
    }

    /// Makes the snapshot durable, with as many failures as are tolerated.
    fn write(&mut self, request: &CommitRequest) -> Result<CheckpointStats> {
        let CommitLog::Session(session) = &mut self.log else { return Ok(CheckpointStats::default()) };
        let mut failures = 0;
        loop {
            let error = match session.write(&request.snapshot, request.kind) {
                Ok(stats) => {
                    failpoint::hit("snapshot");
                    return Ok(stats);
                }
                Err(error) => error,
            };
            failures += 1;
            if error.kind != ErrorKind::Unavailable || failures > self.retries.count || self.gate.is_given_up() {
                return Err(error);
            }
            warn!(
                "checkpoint {} failed ({failures} of {} tolerated), trying again: {error}",
                request.snapshot.epoch, self.retries.count
            );
            let again = Instant::now() + self.retries.pause;
            while Instant::now() < again && !self.gate.is_given_up() {
                thread::sleep(Duration::from_millis(10));
            }
        }
    }

    fn acknowledge(&self, snapshot: &Snapshot) {
        for (node, splits) in &snapshot.splits {
            if let Some(source) = self.sources.get(node)
                && let Err(error) = source.acknowledge(splits)
            {
                warn!(%error, "telling the source how far it was read failed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_given_up_or_committed_and_never_both() {
        let gate = Gate::default();
        gate.enter().unwrap();
        assert!(!gate.give_up());
        gate.leave();
        assert!(gate.give_up() && gate.give_up());
        assert!(gate.enter().is_err());
    }
}
