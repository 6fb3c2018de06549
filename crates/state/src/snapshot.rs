//! What a checkpoint holds, in memory. The form on disk is private to `format`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{Array, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use flitz_dataflow::connector::Split;
use flitz_dataflow::{Epoch, Result};

use crate::spill::SpilledRows;

/// An immutable piece of an operator's state, shared by memory and file: written once, however many
/// checkpoints name it. Operators drain what changed into a new run at a barrier and merge runs in tiers.
///
/// Its rows are in memory or in scratch files. They may move there at any time and stay the same rows, perhaps in
/// another order: whoever holds the run (operator, a checkpoint under way, the list of what was written) need not know.
#[derive(Debug)]
pub struct StateRun {
    /// Unique among the runs of one worker of one node within an attempt; a restored run keeps the number it
    /// was restored with. Two runs of equal id are the same run.
    pub id: u64,
    /// What the operator needs to know about it before looking inside (`{"slice": 1700000040000}`).
    pub tag: serde_json::Value,
    held: Mutex<Held>,
}

/// Where the rows of a run are.
#[derive(Clone, Debug)]
pub enum Held {
    Memory(RecordBatch),
    Disk(Arc<SpilledRows>),
}

/// Rows of a spilled run are read this many bytes at a time.
pub const CHUNK_BYTES: usize = 4 << 20;

impl StateRun {
    pub fn new(id: u64, tag: serde_json::Value, rows: RecordBatch) -> StateRun {
        StateRun { id, tag, held: Mutex::new(Held::Memory(rows)) }
    }

    pub fn on_disk(id: u64, tag: serde_json::Value, rows: SpilledRows) -> StateRun {
        StateRun { id, tag, held: Mutex::new(Held::Disk(Arc::new(rows))) }
    }

    pub fn held(&self) -> Held {
        self.lock().clone()
    }

    /// The same rows, now on disk.
    pub fn move_to_disk(&self, rows: SpilledRows) {
        debug_assert_eq!(rows.num_rows(), self.num_rows());
        *self.lock() = Held::Disk(Arc::new(rows));
    }

    /// None if they are in memory.
    pub fn spilled(&self) -> Option<Arc<SpilledRows>> {
        match &*self.lock() {
            Held::Memory(_) => None,
            Held::Disk(rows) => Some(rows.clone()),
        }
    }

    pub fn num_rows(&self) -> usize {
        match &*self.lock() {
            Held::Memory(rows) => rows.num_rows(),
            Held::Disk(rows) => rows.num_rows(),
        }
    }

    pub fn schema(&self) -> SchemaRef {
        match &*self.lock() {
            Held::Memory(rows) => rows.schema(),
            Held::Disk(rows) => rows.schema().clone(),
        }
    }

    /// All rows at once, in memory as long as they are held.
    pub fn rows(&self) -> Result<RecordBatch> {
        match self.held() {
            Held::Memory(rows) => Ok(rows),
            Held::Disk(spilled) => {
                let batches = spilled.batches(CHUNK_BYTES).collect::<Result<Vec<_>>>()?;
                Ok(concat_batches(spilled.schema(), &batches)?)
            }
        }
    }

    /// All rows in batches, those on disk a few at a time.
    pub fn for_each_batch(&self, mut act: impl FnMut(RecordBatch) -> Result<()>) -> Result<()> {
        match self.held() {
            Held::Memory(rows) => act(rows),
            Held::Disk(spilled) => spilled.batches(CHUNK_BYTES).try_for_each(|batch| act(batch?)),
        }
    }

    pub fn memory_bytes(&self) -> usize {
        match &*self.lock() {
            Held::Memory(rows) => bytes_of(rows),
            Held::Disk(rows) => rows.memory_bytes(),
        }
    }

    pub fn disk_bytes(&self) -> u64 {
        match &*self.lock() {
            Held::Memory(_) => 0,
            Held::Disk(rows) => rows.disk_bytes(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // It is replaced as a whole.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the rows take, not what they were cut from: all columns of a file that was read are pieces of one buffer.
fn bytes_of(rows: &RecordBatch) -> usize {
    rows.columns().iter().map(|column| column.to_data().get_slice_memory_size().unwrap_or(0)).sum()
}

/// All state of one worker's copy of one node.
#[derive(Clone, Debug)]
pub struct OperatorState {
    /// Position of the node in the plan.
    pub node: usize,
    pub worker: usize,
    /// Small state that is written anew each time (a watermark, a counter).
    pub value: serde_json::Value,
    /// Every live run, old and new; those written before are not written again.
    pub runs: Vec<Arc<StateRun>>,
}

/// One epoch's snapshot of the whole job.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub epoch: Epoch,
    pub operators: Vec<OperatorState>,
    /// By node: every split, at its position behind the epoch's last row.
    pub splits: BTreeMap<usize, Vec<Split>>,
    /// By sink node: what `SinkWriter::seal` returned, for sinks that follow.
    pub sealed: BTreeMap<usize, Vec<serde_json::Value>>,
    /// The bounded input has been read to its end and everything is out: the job is over.
    pub finished: bool,
}
