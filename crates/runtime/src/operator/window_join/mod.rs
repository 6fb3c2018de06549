//! The join of two inputs per window: all rows of both sides wait for the end of their window, then are matched.
//!
//! 1. A row whose window has fired is late: dropped and counted. What has fired is told by the combined watermark of
//!    both inputs.
//! 2. Any other row waits with its window and side.
//! 3. When the watermark passes a window's end, its sides are joined ([`matching`]), emitted and forgotten.
//!
//! ```text
//! LEFT JOIN on k    left   (00:00–00:10) a 1 | a 2 | b 3     right  (00:00–00:10) a 7
//! watermark 00:10   a 1 a 7 | a 2 a 7 | b 3 NULL NULL
//! ```
//!
//! **Checkpoints** are incremental: the rows of each window and side that came since the last one make a run. Costs
//! the rows of both sides; a hash of the keys per row when the window fires.

mod matching;

#[cfg(test)]
mod tests;

use flitz_dataflow::{ChangelogBatch, ChangelogMode, Error, Result, Schema, Watermark};
use flitz_plan::{Node, NodeKind};

use super::groups::OwnedRuns;
use super::window_rows::{Firing, WindowRows, keep_all, side_of};
use super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};
use matching::Matching;

pub struct WindowJoin {
    matching: Matching,
    sides: [WindowRows; 2],
    /// Columns that decide which worker a row is on, by side.
    keys: [Vec<usize>; 2],
    firing: Firing,
    next_run: u64,
    holds_global: bool,
}

impl WindowJoin {
    pub fn new(node: &Node, inputs: [(&Schema, ChangelogMode); 2], context: &OperatorContext) -> Result<WindowJoin> {
        let NodeKind::WindowJoin(spec) = &node.kind else { return Err(Error::internal("not a window join")) };
        if inputs.iter().any(|(_, changelog)| !changelog.is_insert_only()) {
            return Err(Error::internal("a join per window was planned over updates"));
        }
        let [(left, _), (right, _)] = inputs;
        let sides = [WindowRows::new(0, &spec.left, left), WindowRows::new(1, &spec.right, right)];
        Ok(WindowJoin {
            matching: Matching::new(spec, sides[0].schema(), sides[1].schema(), node.schema.to_arrow(), context)?,
            sides,
            keys: [spec.keys.iter().map(|k| k.left).collect(), spec.keys.iter().map(|k| k.right).collect()],
            firing: Firing::new(&spec.left, context),
            next_run: 0,
            holds_global: context.holds_global,
        })
    }
}

impl Operator for WindowJoin {
    fn process(&mut self, input: usize, batch: ChangelogBatch, _out: &mut Output) -> Result<()> {
        self.sides[input].add(batch.rows(), &mut self.firing)?;
        self.sides[input].tidy(&mut self.next_run, &mut keep_all)
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        let first = |sides: &[WindowRows; 2]| sides.iter().filter_map(WindowRows::first).min();
        while let Some(window) = first(&self.sides).filter(|w| self.firing.is_due(*w, watermark.millis())) {
            let [left, right] = &mut self.sides;
            self.matching.join(&left.take(window), &right.take(window), out)?;
        }
        self.firing.advance(watermark.millis());
        Ok(())
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        let mut runs = vec![];
        for side in &mut self.sides {
            runs.extend(side.snapshot(&mut self.next_run, &mut keep_all)?);
        }
        Ok(OperatorSnapshot { value: self.firing.snapshot(), runs })
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()> {
        self.firing.restore(&states, share);
        let mut owned = OwnedRuns::new(share, 0, self.holds_global);
        let runs: Vec<_> = states.into_iter().flat_map(|state| state.runs).collect();
        runs.iter().for_each(|run| owned.announce(run));
        for run in runs {
            let side = side_of(&run)?;
            let keys = self.keys.get(side).ok_or_else(|| Error::internal("a join with a third side"))?;
            if let Some(run) = owned.reduce_by(run, keys)? {
                self.sides[side].restore(run)?;
            }
        }
        self.next_run = owned.next_id();
        Ok(())
    }

    fn stats(&self) -> OperatorStats {
        let [(left_rows, left_bytes), (right_rows, right_bytes)] = self.sides.each_ref().map(WindowRows::size);
        OperatorStats {
            state_rows: left_rows + right_rows,
            state_bytes: left_bytes + right_bytes,
            late_rows: self.firing.late_rows,
        }
    }
}
