//! What a checkpoint holds, in memory. The form on disk is private to `format`.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use flitz_dataflow::Epoch;
use flitz_dataflow::connector::Split;

/// An immutable piece of an operator's state, shared by memory and file: written once, however many
/// checkpoints name it. Operators drain what changed into a new run at a barrier and merge runs in tiers.
#[derive(Debug)]
pub struct StateRun {
    /// Unique among the runs of one worker of one node within an attempt; a restored run keeps the number it
    /// was restored with. Two runs of equal id are the same run.
    pub id: u64,
    /// What the operator needs to know about it before looking inside (`{"slice": 1700000040000}`).
    pub tag: serde_json::Value,
    pub rows: RecordBatch,
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
