//! The operators, one file each.
//!
//! An operator is one worker's copy of one plan node. It works on whole batches and never blocks; it does no I/O
//! but with the scratch disk, where state goes that memory can't hold ([`spilling`]). Watermarks, idleness, barriers and
//! ends of its inputs are combined by the task that runs it: `watermark` is called with the minimum over inputs, already
//! known to have advanced, and is passed on downstream by the task *after* what the operator emitted for it.

pub mod calc;
pub mod collect;
pub mod group_aggregate;
pub mod groups;
mod keyed_runs;
pub mod limit;
#[cfg(test)]
mod script;
pub mod session;
pub mod session_table;
pub mod sink;
pub mod sort;
pub mod spilling;
pub mod temporal_sort;
pub mod union;
pub mod unnest;
pub mod upsert_materialize;
pub mod values;
pub mod watermark;
pub mod window_aggregate;
pub mod window_join;
pub mod window_rank;
mod window_rows;
pub mod window_table_function;

use std::sync::Arc;

use flitz_dataflow::{ChangelogBatch, Error, Result, Watermark};
use flitz_functions::EvalContext;
use flitz_plan::{Node, NodeKind, StreamPlan, WindowAggregate, WindowShape};
use flitz_state::snapshot::StateRun;

use crate::graph::Half;
use spilling::Spilling;

/// What an operator is made with, beside its plan node.
#[derive(Clone, Debug)]
pub struct OperatorContext {
    /// The clock, the session's time zone.
    pub eval: EvalContext,
    pub share: Share,
    /// Whether rows without a key come to this worker.
    pub holds_global: bool,
    /// `execution.runtime-mode = batch`: final results only.
    pub batch_mode: bool,
    /// Aggregates tell what each row changes, not what a batch changes.
    pub every_change: bool,
    /// Where state may go that memory can't hold; None: nowhere.
    pub spilling: Option<Spilling>,
}

pub trait Operator: Send {
    /// Rows from input number `input`. The last `watermark` call tells which of them are late.
    fn process(&mut self, input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()>;

    /// Event time has come to `watermark` on all inputs: emit what is complete.
    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()>;

    /// Called when the clock has passed what `next_timer` asked for.
    fn timer(&mut self, _now_millis: i64, _out: &mut Output) -> Result<()> {
        Ok(())
    }

    /// When `timer` wants to be called, milliseconds of the job's clock.
    fn next_timer(&self) -> Option<i64> {
        None
    }

    /// All inputs ended (after `Watermark::MAX`, unless the job was stopped).
    fn end(&mut self, _out: &mut Output) -> Result<()> {
        Ok(())
    }

    /// A barrier: rows held back for efficiency (local partial results) go out now, before `snapshot`.
    fn before_barrier(&mut self, _out: &mut Output) -> Result<()> {
        Ok(())
    }

    /// State at a barrier. Cheap: drains what changed into new runs and names them beside the old ones.
    fn snapshot(&mut self) -> Result<OperatorSnapshot>;

    /// Before any input: what all workers of this node had saved. `owns` tells which keys are this worker's
    /// now (hash of the key columns as the exchange computes it), so that parallelism may change.
    fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()>;

    /// Whether `process`, `watermark` or `timer` left something to be emitted that would have been too much at a
    /// time. Nothing else is asked of the operator before `more` has emitted it.
    fn has_more(&self) -> bool {
        false
    }

    fn more(&mut self, _out: &mut Output) -> Result<()> {
        Ok(())
    }

    /// Memory is short: moves at least `bytes` of state to disk, if so much can be moved, and returns how much was. What
    /// the operator emits and saves is the same as without. An operator that can't spill says 0; a job that outgrows
    /// its memory by it ends with an error.
    fn spill(&mut self, _bytes: usize) -> Result<usize> {
        Ok(0)
    }

    fn stats(&self) -> OperatorStats;
}

/// An operator that keeps nothing between batches.
pub trait Stateless: Send {
    fn process(&mut self, input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()>;

    fn watermark(&mut self, _watermark: Watermark, _out: &mut Output) -> Result<()> {
        Ok(())
    }
}

impl<T: Stateless> Operator for T {
    fn process(&mut self, input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        Stateless::process(self, input, batch, out)
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        Stateless::watermark(self, watermark, out)
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        Ok(OperatorSnapshot::default())
    }

    fn restore(&mut self, _states: Vec<OperatorSnapshot>, _share: Share) -> Result<()> {
        Ok(())
    }

    fn stats(&self) -> OperatorStats {
        OperatorStats::default()
    }
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
    /// In memory.
    pub state_bytes: u64,
    pub late_rows: u64,
    /// On disk.
    pub spilled_bytes: u64,
}

/// Where an operator puts what it emits, in order.
#[derive(Debug)]
pub struct Output {
    batches: Vec<ChangelogBatch>,
    rows: usize,
    /// So many rows should go downstream before more are made.
    rows_max: usize,
}

impl Default for Output {
    fn default() -> Output {
        Output::with_room(65_536)
    }
}

impl Output {
    pub fn with_room(rows: usize) -> Output {
        Output { batches: vec![], rows: 0, rows_max: rows }
    }

    pub fn push(&mut self, batch: ChangelogBatch) {
        if batch.num_rows() > 0 {
            self.rows += batch.num_rows();
            self.batches.push(batch);
        }
    }

    /// Whether an operator that can go on later should.
    pub fn is_full(&self) -> bool {
        self.rows >= self.rows_max
    }

    pub fn drain(&mut self) -> impl Iterator<Item = ChangelogBatch> {
        self.rows = 0;
        self.batches.drain(..)
    }
}

/// Whether `aggregate` is computed in two halves when there are several workers: partial results of each
/// worker's rows first, merged by the key's owner.
pub fn has_local_half(aggregate: &WindowAggregate, plan: &StreamPlan, node: &Node) -> bool {
    window_aggregate::has_two_halves(aggregate, plan.node(node.inputs[0]).changelog)
}

/// The operator of `node`. Sources, watermarks, sinks and collectors are no operators: the task knows them.
pub fn create(plan: &StreamPlan, node: &Node, half: Half, context: &OperatorContext) -> Result<Box<dyn Operator>> {
    let input =
        || node.inputs.first().map(|input| plan.node(*input)).ok_or_else(|| Error::internal("a node without input"));
    match &node.kind {
        NodeKind::GroupAggregate { .. } => {
            let input = input()?;
            Ok(Box::new(group_aggregate::GroupAggregate::new(node, &input.schema, input.changelog, context)?))
        }
        NodeKind::Limit { offset, fetch } => {
            Ok(Box::new(limit::Limit::new(*offset, *fetch, input()?.changelog, context)?))
        }
        NodeKind::Sort { keys, offset, fetch } => {
            Ok(Box::new(sort::Sort::new(keys, *offset, *fetch, &node.schema, input()?.changelog, context)?))
        }
        NodeKind::TemporalSort { keys } => {
            Ok(Box::new(temporal_sort::TemporalSort::new(keys, &node.schema, input()?.changelog, context)?))
        }
        NodeKind::WindowTableFunction { window } if matches!(window.shape, WindowShape::Session { .. }) => {
            let input = input()?;
            Ok(Box::new(session_table::SessionTable::new(node, &input.schema, input.changelog, context)?))
        }
        NodeKind::WindowTableFunction { .. } => {
            Ok(Box::new(window_table_function::WindowTableFunction::new(node, context)?))
        }
        NodeKind::WindowRank(_) => {
            let input = input()?;
            Ok(Box::new(window_rank::WindowRank::new(node, &input.schema, input.changelog, context)?))
        }
        NodeKind::WindowJoin(_) => {
            let [left, right] = node.inputs.as_slice() else { return Err(Error::internal("a join has two inputs")) };
            let inputs = [*left, *right].map(|id| (&plan.node(id).schema, plan.node(id).changelog));
            Ok(Box::new(window_join::WindowJoin::new(node, inputs, context)?))
        }
        NodeKind::WindowAggregate(_) => match half {
            Half::Whole => window_aggregate::single(node, &input()?.schema, input()?.changelog, context),
            Half::Local => window_aggregate::local(node, &input()?.schema, context),
            Half::Global => window_aggregate::global(node, &input()?.schema, context),
        },
        NodeKind::Calc { filter, projection } => {
            Ok(Box::new(calc::Calc::new(filter.as_ref(), projection, &node.schema, &context.eval)?))
        }
        NodeKind::Union => Ok(Box::new(union::Union)),
        NodeKind::UpsertMaterialize(_) => {
            Ok(Box::new(upsert_materialize::UpsertMaterialize::new(node, &input()?.schema, context)?))
        }
        NodeKind::Unnest(_) => Ok(Box::new(unnest::Unnest::new(node, &input()?.schema, context)?)),
        other => Err(Error::internal(format!("no operator for {other:?}"))),
    }
}
