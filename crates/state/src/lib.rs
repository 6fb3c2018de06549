//! Checkpoints: what is kept, where, and who decides.
//!
//! ```text
//! let store = CheckpointStore::open(location, job, &options)?;      // locks a local folder
//! let mut session = match store.recover(&Job { nodes, deciding, following, .. }, Start::Resume)? {
//!     Recovery::Ready(session) => session,
//!     Recovery::Over(end, _) => report the end, as below
//! };
//! match session.snapshot.take() {
//!     Some(snapshot) => restore it,
//!     None => { discover start positions; snapshot of Epoch(0) without rows; see below with `Commits` }
//! }
//! // sources may read from here on; for every epoch N = session.next_epoch, +1, +1 …
//! session.write(&snapshot, EpochKind::Commits)?    // durable, and no newer attempt exists
//! deciding.commit(&session.marker(N))?             // retried by the sink until its outcome is known
//! following.publish(N, &snapshot.sealed[node])?    // files, if any
//! session.confirm(N)?                              // older checkpoints go
//! // at the end or at a stop, after the last confirm:
//! session.finish()?
//! session.end()                                    // if the job is over: `report` it when its caller is told
//! ```
//!
//! * Everything here blocks and belongs on the coordinator's thread; workers are never waited for.
//! * One uncommitted epoch at a time: `write(N + 1)` comes after `confirm(N)`.
//! * An epoch in which no row went to a sink is written with [`EpochKind::Follows`] and not committed; it
//!   is confirmed all the same. Epoch 0 always commits: its marker says that the sink belongs to this run.
//! * A job without a deciding sink makes the same calls without `commit`: the manifest decides.
//! * An error of `write` or `confirm` ends the attempt: recover again (`CheckpointStore::recover` with
//!   [`Start::Resume`], in this process or another), except after `Fenced`: then stop for good.
//! * A sink that is visible at once asks [`Session::check_attempt`] before it flushes, which narrows the
//!   time in which two processes both write.
//!
//! Reading order: [`snapshot`] is what a checkpoint holds, [`spill`] where state goes that memory can't hold, [`decide`] the protocol without any I/O, `store`
//! and `session` its I/O before and after the job has started, `format` the bytes.

pub mod snapshot;
pub mod spill;

pub mod decide;
mod store;

mod session;

mod identity;

mod format;
mod objects;

mod location;
mod lock;

mod error;

pub use identity::PlanNode;
pub use session::{CheckpointStats, EpochKind, Session};
pub use store::{CheckpointId, CheckpointInfo, CheckpointStore, Job, JobEnd, Recovery, ResumeInfo, Room, Start};
