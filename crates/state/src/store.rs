//! The I/O of checkpoints. What to do next is decided in [`decide`](crate::decide).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use flitz_dataflow::connector::{EpochSink, FollowingSink, Marker};
use flitz_dataflow::options::Options;
use flitz_dataflow::{Attempt, Epoch, Error, Result, RunId};

use crate::snapshot::Snapshot;

/// The checkpoints of one job. Cheap to clone; a local folder stays locked until the last clone is dropped.
#[derive(Clone)]
pub struct CheckpointStore {
    inner: Arc<()>,
}

impl CheckpointStore {
    /// `location` is a directory, `file://…`, `s3://bucket/prefix` or `gs://bucket/prefix`; the job's
    /// checkpoints are in its folder `job` (`NAME` or `NAME/SINK`). Credentials come from the environment
    /// (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT`, `GOOGLE_SERVICE_ACCOUNT` …) or `options`: Flink's `s3.access-key`,
    /// `s3.secret-key`, `s3.endpoint`, `s3.path.style.access`; other keys are ignored.
    ///
    /// # Errors
    /// `Unavailable` if the place can't be written, or if another process of this machine runs the job.
    pub fn open(location: &str, job: &str, options: &Options) -> Result<CheckpointStore> {
        let _ = (location, job, options, &());
        Err(Error::internal("checkpoints are being written"))
    }

    /// Where checkpoints go when nothing is set: `$XDG_STATE_HOME/flitz`.
    pub fn default_location() -> Result<String> {
        Err(Error::internal("checkpoints are being written"))
    }

    /// Claims an attempt, fences the sink, decides where to resume, publishes what was decided but not
    /// yet visible, and loads. The steps are those of [`decide`](crate::decide).
    pub fn recover(&self, job: &Job<'_>, start: Start) -> Result<Session> {
        let _ = (&self.inner, job, start);
        Err(Error::internal("checkpoints are being written"))
    }

    /// What there is to resume from, oldest first.
    pub fn checkpoints(&self) -> Result<Vec<CheckpointInfo>> {
        Err(Error::internal("checkpoints are being written"))
    }
}

/// What recovery must know about the job.
pub struct Job<'a> {
    /// Every node that has something in a snapshot, in plan order.
    pub nodes: &'a [PlanNode],
    /// The sink whose transaction decides; None: the manifest decides.
    pub deciding: Option<&'a dyn EpochSink>,
    /// By sink node.
    pub following: &'a BTreeMap<usize, Arc<dyn FollowingSink>>,
}

/// Identity of a node across runs: state is taken over by the node of equal key, wherever it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanNode {
    pub node: usize,
    /// `plan::Node::state_key`; of sources and sinks `source NAME` and `sink NAME`.
    pub key: String,
    /// For messages: `GroupAggregate(groupBy=[user])`.
    pub description: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    #[default]
    Resume,
    /// `--fresh`: a new run from the sources' start positions, whatever there is.
    Fresh,
    /// `--from-checkpoint N`: resume there, whatever the sink holds.
    FromCheckpoint(Epoch),
    /// `--resume-from OLD`: take over the checkpoints of a job of another name at the same location.
    ResumeFrom(String),
}

/// Which checkpoint: epochs are numbered within a job, and an attempt writes each at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct CheckpointId {
    pub attempt: Attempt,
    pub epoch: Epoch,
}

/// Whether the sink's transaction will record this epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpochKind {
    /// Rows went out (or it is epoch 0): `commit` follows.
    Commits,
    /// No row went out: visible as it is, nothing to commit.
    Follows,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckpointStats {
    /// Written for this checkpoint, the manifest included.
    pub bytes: u64,
    pub objects: usize,
    pub duration: Duration,
    /// Everything that this checkpoint refers to.
    pub total_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointInfo {
    pub id: CheckpointId,
    pub run: RunId,
    pub time_millis: i64,
    pub bytes: u64,
    pub finished: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeInfo {
    pub epoch: Epoch,
    /// Since the checkpoint was written.
    pub age: Duration,
}

/// One attempt at running the job.
pub struct Session {
    pub attempt: Attempt,
    pub run: RunId,
    /// None: the job starts anew, with checkpoint 0.
    pub snapshot: Option<Snapshot>,
    pub next_epoch: Epoch,
    pub resumed: Option<ResumeInfo>,
}

impl Session {
    /// What the sink's transaction of `epoch` records.
    pub fn marker(&self, epoch: Epoch) -> Marker {
        Marker { job: String::new(), run: self.run.clone(), attempt: self.attempt, epoch }
    }

    /// Makes the snapshot durable. Runs that were written before are referred to, not written again.
    ///
    /// # Errors
    /// `Fenced` if a newer attempt exists: nothing of this epoch may become visible.
    pub fn write(&mut self, snapshot: &Snapshot, kind: EpochKind) -> Result<CheckpointStats> {
        let _ = (snapshot, kind);
        Err(Error::internal("checkpoints are being written"))
    }

    /// Every sink shows `epoch`: older checkpoints are deleted. Best effort but for `Fenced`.
    pub fn confirm(&mut self, epoch: Epoch) -> Result<()> {
        let _ = epoch;
        Err(Error::internal("checkpoints are being written"))
    }

    /// `Fenced` if a newer attempt exists.
    pub fn check_attempt(&self) -> Result<()> {
        Err(Error::internal("checkpoints are being written"))
    }

    /// A clean stop after the last `confirm`: notes that nothing is open, so that the job resumes even
    /// if the sink forgets its marker (Kafka drops offsets of idle groups after a week).
    pub fn finish(&mut self) -> Result<()> {
        Err(Error::internal("checkpoints are being written"))
    }
}
