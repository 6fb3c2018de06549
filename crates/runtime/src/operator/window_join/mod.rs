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
pub mod tests;

use std::sync::Arc;

use flitz_dataflow::{ChangelogBatch, ChangelogMode, Error, Result, Schema, Watermark};
use flitz_plan::{Node, NodeKind};
use flitz_state::spill::SpilledRows;

use super::groups::OwnedRuns;
use super::spilling::{Spilling, read_range};
use super::window_rows::{Firing, Ranges, WindowRows, keep_all, side_of};
use super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};
use matching::Matching;

pub struct WindowJoin {
    matching: Matching,
    sides: [WindowRows; 2],
    /// Columns that decide which worker a row is on, by side.
    keys: [Vec<usize>; 2],
    firing: Firing,
    /// Where event time is about to get, while windows fire; and what is left of one that is on disk.
    due: Option<i64>,
    parts: Option<([Vec<Arc<SpilledRows>>; 2], Ranges)>,
    next_run: u64,
    spilling: Option<Spilling>,
    holds_global: bool,
}

impl WindowJoin {
    pub fn new(node: &Node, inputs: [(&Schema, ChangelogMode); 2], context: &OperatorContext) -> Result<WindowJoin> {
        let NodeKind::WindowJoin(spec) = &node.kind else { return Err(Error::internal("not a window join")) };
        if inputs.iter().any(|(_, changelog)| !changelog.is_insert_only()) {
            return Err(Error::internal("a join per window was planned over updates"));
        }
        let [(left, _), (right, _)] = inputs;
        let keys: [Vec<usize>; 2] =
            [spec.keys.iter().map(|k| k.left).collect(), spec.keys.iter().map(|k| k.right).collect()];
        let spilling = context.spilling.as_ref();
        let sides = [
            WindowRows::new(0, &spec.left, left, &keys[0], spilling),
            WindowRows::new(1, &spec.right, right, &keys[1], spilling),
        ];
        Ok(WindowJoin {
            matching: Matching::new(spec, sides[0].schema(), sides[1].schema(), node.schema.to_arrow(), context)?,
            sides,
            keys,
            due: None,
            parts: None,
            spilling: context.spilling.clone(),
            firing: Firing::new(&spec.left, context),
            next_run: 0,
            holds_global: context.holds_global,
        })
    }
}

impl WindowJoin {
    /// Goes on with the windows that are due, until as many rows have gone out as should at a time.
    fn go_on(&mut self, out: &mut Output) -> Result<()> {
        let Some(progress) = self.due else { return Ok(()) };
        while !out.is_full() {
            if let Some(([left, right], ranges)) = &mut self.parts {
                match ranges.next() {
                    Some(range) => self.matching.join(&read_range(left, range)?, &read_range(right, range)?, out)?,
                    None => self.parts = None,
                }
                continue;
            }
            let first = self.sides.iter().filter_map(WindowRows::first).min();
            let Some(window) = first.filter(|w| self.firing.is_due(*w, progress)) else {
                self.firing.advance(progress);
                self.due = None;
                return Ok(());
            };
            let [left, right] = &mut self.sides;
            if left.is_on_disk(window) || right.is_on_disk(window) {
                let left = left.take_runs(window, &mut self.next_run, &mut keep_all)?;
                let right = right.take_runs(window, &mut self.next_run, &mut keep_all)?;
                let ranges = Ranges::new(self.spilling.as_ref(), &[&left, &right]);
                self.parts = Some(([left, right], ranges));
            } else {
                self.matching.join(&left.take(window)?, &right.take(window)?, out)?;
            }
        }
        Ok(())
    }
}

impl Operator for WindowJoin {
    fn process(&mut self, input: usize, batch: ChangelogBatch, _out: &mut Output) -> Result<()> {
        self.sides[input].add(batch.rows(), &mut self.firing)?;
        self.sides[input].tidy(&mut self.next_run, &mut keep_all)
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        self.due = Some(watermark.millis());
        self.go_on(out)
    }

    fn has_more(&self) -> bool {
        self.due.is_some()
    }

    fn more(&mut self, out: &mut Output) -> Result<()> {
        self.go_on(out)
    }

    fn spill(&mut self, bytes: usize) -> Result<usize> {
        let mut freed = 0;
        for side in &mut self.sides {
            freed += side.spill(bytes.saturating_sub(freed), &mut self.next_run, &mut keep_all)?;
        }
        Ok(freed)
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
        let mut owned = OwnedRuns::new(share, 0, self.holds_global, self.spilling.clone());
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
        let [left, right] = self.sides.each_ref().map(WindowRows::size);
        OperatorStats {
            state_rows: left.0 + right.0,
            state_bytes: left.1 + right.1,
            late_rows: self.firing.late_rows,
            spilled_bytes: left.2 + right.2,
        }
    }
}
