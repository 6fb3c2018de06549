use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use flitz_dataflow::Result;
use flitz_functions::KeyInterner;
use flitz_state::snapshot::StateRun;
use serde_json::json;

use super::groups::{OwnedRuns, runs_to_merge};
use super::{OperatorSnapshot, Share};

/// State that changes key by key, as runs: each checkpoint adds one with the keys that changed since the last.
/// The first `key` columns identify an entry, the next one, a BOOLEAN, says whether it is alive or gone; the
/// newest row of an entry counts.
///
/// ```text
/// run 1   a alive 3 | b alive 1      run 2   a alive 5 | b gone      so: a 5
/// ```
///
/// Runs of like size are merged, so a row is written again once per factor of eight; all are merged when most
/// of their rows are outdated.
pub struct KeyedRuns {
    key: usize,
    runs: Vec<Arc<StateRun>>,
    next_run: u64,
    untidy: bool,
}

impl KeyedRuns {
    pub fn new(key: usize) -> KeyedRuns {
        KeyedRuns { key, runs: vec![], next_run: 0, untidy: false }
    }

    pub fn push(&mut self, rows: RecordBatch) {
        if rows.num_rows() > 0 {
            let run = self.run(rows);
            self.runs.push(run);
            self.untidy = true;
        }
    }

    pub fn runs(&self) -> Vec<Arc<StateRun>> {
        self.runs.clone()
    }

    pub fn bytes(&self) -> usize {
        self.runs.iter().map(|run| run.rows.get_array_memory_size()).sum()
    }

    /// Merges runs that have become many, a little at a time. `alive`: how many entries there are.
    pub fn tidy(&mut self, alive: usize) -> Result<()> {
        if !self.untidy {
            return Ok(());
        }
        let rows: usize = self.runs.iter().map(|run| run.rows.num_rows()).sum();
        let range = if rows > 4 * alive + 65_536 { Some(0..self.runs.len()) } else { runs_to_merge(&self.runs) };
        match range {
            Some(range) if range.len() > 1 => {
                let merged = self.newest(&self.runs[range.clone()], range.start == 0)?;
                let merged = (merged.num_rows() > 0).then(|| self.run(merged));
                self.runs.splice(range, merged);
            }
            _ => self.untidy = false,
        }
        Ok(())
    }

    /// Takes over the runs of all workers and returns the entries that are this worker's and alive.
    pub fn restore(
        &mut self,
        states: &[OperatorSnapshot],
        key_columns: usize,
        share: Share,
        holds_global: bool,
    ) -> Result<Option<RecordBatch>> {
        let mut owned = OwnedRuns::new(share, key_columns, holds_global);
        let runs = || states.iter().flat_map(|state| &state.runs);
        runs().for_each(|run| owned.announce(run));
        for run in runs() {
            self.runs.extend(owned.reduce(run.clone())?);
        }
        self.next_run = owned.next_id();
        self.untidy = true;
        if self.runs.is_empty() { Ok(None) } else { self.newest(&self.runs, true).map(Some) }
    }

    fn run(&mut self, rows: RecordBatch) -> Arc<StateRun> {
        self.next_run += 1;
        Arc::new(StateRun { id: self.next_run - 1, tag: json!({}), rows })
    }

    /// The newest row of each entry, in the order of these rows. Without anything older, what is gone need not
    /// be remembered.
    fn newest(&self, runs: &[Arc<StateRun>], oldest: bool) -> Result<RecordBatch> {
        let all = concat_batches(&runs[0].rows.schema(), runs.iter().map(|run| &run.rows))?;
        let keys = &all.columns()[..self.key];
        let mut interner = KeyInterner::new(keys.iter().map(|key| key.data_type().clone()).collect())?;
        let mut numbers = vec![];
        interner.intern(keys, all.num_rows(), &mut numbers)?;
        let mut last = vec![0; interner.len()];
        for (row, number) in numbers.iter().enumerate() {
            last[*number as usize] = row;
        }
        let alive = all.column(self.key).as_boolean();
        let kept: Vec<u32> = numbers
            .iter()
            .enumerate()
            .filter(|(row, number)| last[**number as usize] == *row && (!oldest || alive.value(*row)))
            .map(|(row, _)| row as u32)
            .collect();
        Ok(take_record_batch(&all, &UInt32Array::from(kept))?)
    }
}
