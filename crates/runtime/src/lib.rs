//! Runs a `StreamPlan`: operators, the exchange between workers, and the coordinator of checkpoints.
//!
//! ```text
//!  start(JobSpec) ── plan ──> graph        which nodes there are, and what lies between workers
//!                   recover ─> state       where sources resume, what operators had
//!                   spawn ───> worker × N  each a whole copy of the graph as a task, with its readers and writers
//!                   spawn ───> coordinator barriers, snapshots, commits, the end
//! ```
//!
//! Reading order: [`job`] starts and stops, [`graph`] lays the plan out, [`task`] pushes elements through one
//! copy of it, [`worker`] is the loop around a task, [`exchange`] what connects the copies, [`coordinator`]
//! and [`committer`] the life of a checkpoint, [`operator`] what happens to rows.

mod committer;
mod coordinator;
mod exchange;
mod graph;
pub mod job;
pub mod keys;
pub mod metrics;
pub mod operator;
pub mod status;
mod task;
mod worker;

pub use job::{CheckpointMode, CheckpointSettings, JobHandle, JobSpec, JobSummary, start};
pub use status::{CheckpointStatus, JobState, JobStatus, OperatorStatus, SinkStatus, SourceStatus, SplitStatus};
