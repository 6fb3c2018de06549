//! The operators, one file each.
//!
//! An operator is one worker's copy of one plan node. It works on whole batches, does no I/O and never
//! blocks. Watermarks, idleness, barriers and ends of its inputs are combined by the task that runs it:
//! `watermark` is called with the minimum over inputs, already known to have advanced, and is passed on
//! downstream by the task *after* what the operator emitted for it.

use std::sync::Arc;

use flitz_dataflow::{ChangelogBatch, Result, Watermark};
use flitz_state::snapshot::StateRun;

pub trait Operator: Send {
    /// Rows from input number `input`. The last `watermark` call tells which of them are late.
    fn process(&mut self, input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()>;

    /// Event time has come to `watermark` on all inputs: emit what is complete.
    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()>;

    /// Called when the clock has passed what `next_timer` asked for.
    fn timer(&mut self, now_millis: i64, out: &mut Output) -> Result<()>;

    /// When `timer` wants to be called, milliseconds of the job's clock.
    fn next_timer(&self) -> Option<i64>;

    /// All inputs ended (after `Watermark::MAX`, unless the job was stopped).
    fn end(&mut self, out: &mut Output) -> Result<()>;

    /// A barrier: rows held back for efficiency (local partial results) go out now, before `snapshot`.
    fn before_barrier(&mut self, out: &mut Output) -> Result<()>;

    /// State at a barrier. Cheap: drains what changed into new runs and names them beside the old ones.
    fn snapshot(&mut self) -> Result<OperatorSnapshot>;

    /// Before any input: what all workers of this node had saved. `owns` tells which keys are this worker's
    /// now (hash of the key columns as the exchange computes it), so that parallelism may change.
    fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()>;

    fn stats(&self) -> OperatorStats;
}

/// Which part of the keys a worker holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub worker: usize,
    pub parallelism: usize,
}

#[derive(Clone, Debug, Default)]
pub struct OperatorSnapshot {
    pub value: serde_json::Value,
    pub runs: Vec<Arc<StateRun>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperatorStats {
    pub state_rows: u64,
    pub state_bytes: u64,
    pub late_rows: u64,
}

/// Where an operator puts what it emits, in order.
#[derive(Debug, Default)]
pub struct Output {
    batches: Vec<ChangelogBatch>,
}

impl Output {
    pub fn push(&mut self, batch: ChangelogBatch) {
        if batch.num_rows() > 0 {
            self.batches.push(batch);
        }
    }

    pub fn drain(&mut self) -> impl Iterator<Item = ChangelogBatch> {
        self.batches.drain(..)
    }
}
