use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::Int64Type;
use flitz_dataflow::{Error, Result};
use flitz_functions::KeyInterner;
use flitz_state::snapshot::StateRun;
use flitz_state::spill::{HashRange, SpilledRows};
use serde_json::json;

use super::groups::{OwnedRuns, runs_to_merge};
use super::spilling::{Layout, RangeMerge, Spilling, hashes_of, read_range};
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
///
/// **On disk.** What is here is also in the operator's tables, so runs are the first to leave memory ([`spill`]). From
/// then on all are on disk, and merged there a range of hashes at a time. An operator that forgets entries which runs
/// have finds them again by their key ([`find`]).
///
/// [`spill`]: KeyedRuns::spill
/// [`find`]: KeyedRuns::find
pub struct KeyedRuns {
    key: usize,
    runs: Vec<Arc<StateRun>>,
    next_run: u64,
    untidy: bool,
    spilling: Option<Spilling>,
    layout: Layout,
    on_disk: bool,
    merging: Option<Merging>,
    /// Entries whose column behind that of being alive, a time, is not after this are as if gone.
    expired: Option<i64>,
}

/// Runs on disk that become one, a little at a time.
struct Merging {
    runs: Range<usize>,
    merge: RangeMerge,
}

/// Rows that are read at least to find an entry.
const BLOCK_ROWS: usize = 256;

impl KeyedRuns {
    pub fn new(key: usize, spilling: Option<Spilling>) -> KeyedRuns {
        KeyedRuns {
            key,
            runs: vec![],
            next_run: 0,
            untidy: false,
            spilling,
            layout: Layout { keys: (0..key).collect(), block_rows: BLOCK_ROWS, look_up: false },
            on_disk: false,
            merging: None,
            expired: None,
        }
    }

    /// Entries will be looked for.
    pub fn with_look_up(mut self) -> KeyedRuns {
        self.layout.look_up = true;
        self
    }

    pub fn push(&mut self, rows: RecordBatch) -> Result<()> {
        if rows.num_rows() > 0 {
            let run = match &self.spilling {
                Some(spilling) if self.on_disk => {
                    StateRun::on_disk(self.next_run, json!({}), self.layout.write(&rows, &spilling.scratch)?)
                }
                _ => StateRun::new(self.next_run, json!({}), rows),
            };
            self.next_run += 1;
            self.runs.push(Arc::new(run));
            self.untidy = true;
        }
        Ok(())
    }

    pub fn runs(&self) -> Vec<Arc<StateRun>> {
        self.runs.clone()
    }

    /// In memory.
    pub fn bytes(&self) -> usize {
        self.runs.iter().map(|run| run.memory_bytes()).sum()
    }

    pub fn disk_bytes(&self) -> u64 {
        self.runs.iter().map(|run| run.disk_bytes()).sum()
    }

    /// How many rows there are, those counted that are outdated.
    pub fn rows(&self) -> usize {
        self.runs.iter().map(|run| run.num_rows()).sum()
    }

    /// Moves all to disk, now and in future; returns how much memory that freed.
    pub fn spill(&mut self) -> Result<usize> {
        let Some(spilling) = &self.spilling else { return Ok(0) };
        let before = self.bytes();
        for run in &self.runs {
            self.layout.spill(run, &spilling.scratch)?;
        }
        self.on_disk = true;
        Ok(before.saturating_sub(self.bytes()))
    }

    /// Entries that were last written then or before need not be kept.
    pub fn expire(&mut self, written: i64) {
        self.expired = Some(written);
    }

    /// Merges all runs on disk, so that what has expired leaves it.
    pub fn sweep(&mut self) -> Result<()> {
        if self.on_disk && self.merging.is_none() && !self.runs.is_empty() {
            self.begin_merge(0..self.runs.len())
        } else {
            Ok(())
        }
    }

    /// Merges runs that have become many, a little at a time. `alive`: how many entries there are.
    pub fn tidy(&mut self, alive: usize) -> Result<()> {
        if let Some(merging) = &mut self.merging {
            let (key, expired, oldest) = (self.key, self.expired, merging.runs.start == 0);
            if merging.merge.step(&mut |batches| newest(&batches, key, oldest, expired))?
                && let Some(done) = self.merging.take()
            {
                let rows = done.merge.finish()?;
                let run = (rows.num_rows() > 0).then(|| Arc::new(StateRun::on_disk(self.next_run, json!({}), rows)));
                self.next_run += 1;
                self.runs.splice(done.runs, run);
            }
            return Ok(());
        }
        if !self.untidy {
            return Ok(());
        }
        let range = if self.rows() > 4 * alive + 65_536 { Some(0..self.runs.len()) } else { runs_to_merge(&self.runs) };
        match range {
            Some(range) if range.len() > 1 && self.on_disk => self.begin_merge(range),
            Some(range) if range.len() > 1 => {
                let batches = self.runs[range.clone()].iter().map(|run| run.rows()).collect::<Result<Vec<_>>>()?;
                let merged = newest(&batches, self.key, range.start == 0, None)?;
                let run = (merged.num_rows() > 0).then(|| Arc::new(StateRun::new(self.next_run, json!({}), merged)));
                self.next_run += 1;
                self.runs.splice(range, run);
                Ok(())
            }
            _ => {
                self.untidy = false;
                Ok(())
            }
        }
    }

    fn begin_merge(&mut self, runs: Range<usize>) -> Result<()> {
        let Some(spilling) = &self.spilling else { return Err(Error::internal("runs on disk without a disk")) };
        let inputs = self.runs[runs.clone()].iter().filter_map(|run| run.spilled()).collect();
        let merge = RangeMerge::new(self.layout.clone(), inputs, &spilling.scratch);
        self.merging = Some(Merging { runs, merge });
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
        self.restore_runs(states, key_columns, share, holds_global)?;
        let Some(first) = self.runs.first() else { return Ok(None) };
        let schema = first.schema();
        if !self.on_disk {
            let batches = self.runs.iter().map(|run| run.rows()).collect::<Result<Vec<_>>>()?;
            return newest(&batches, self.key, true, None).map(Some);
        }
        let ranges = self.ranges();
        let parts = (0..ranges).map(|i| self.entries(i, ranges)).collect::<Result<Vec<_>>>()?;
        Ok(Some(concat_batches(&schema, parts.iter().flatten())?))
    }

    /// Takes over the runs of all workers. They are on disk if memory could not hold them.
    pub fn restore_runs(
        &mut self,
        states: &[OperatorSnapshot],
        key_columns: usize,
        share: Share,
        holds_global: bool,
    ) -> Result<()> {
        let mut owned = OwnedRuns::new(share, key_columns, holds_global, self.spilling.clone());
        let runs = || states.iter().flat_map(|state| &state.runs);
        runs().for_each(|run| owned.announce(run));
        for run in runs() {
            self.runs.extend(owned.reduce(run.clone())?);
        }
        self.next_run = owned.next_id();
        self.untidy = true;
        if self.runs.iter().any(|run| run.spilled().is_some()) {
            self.spill()?;
        }
        Ok(())
    }

    /// In how many ranges of hashes the entries can be held one after the other.
    pub fn ranges(&self) -> u64 {
        self.spilling.as_ref().map_or(1, |spilling| spilling.ranges(self.disk_bytes()))
    }

    /// The entries that are alive and lie in range number `i` of `n`, if all are on disk.
    pub fn entries(&self, i: u64, n: u64) -> Result<Option<RecordBatch>> {
        let batches = read_range(&self.spilled(), HashRange::part(i, n))?;
        if batches.is_empty() { Ok(None) } else { newest(&batches, self.key, true, None).map(Some) }
    }

    /// The entries of these keys that are alive, if all are on disk; and perhaps others, whose hashes are the same.
    pub fn find(&self, keys: &[ArrayRef], rows: usize) -> Result<Option<RecordBatch>> {
        let mut hashes = hashes_of(keys, rows)?;
        hashes.sort_unstable();
        hashes.dedup();
        let mut found = vec![];
        for run in self.spilled() {
            found.extend(run.find(&hashes)?.map(|found| found.rows));
        }
        if found.is_empty() { Ok(None) } else { newest(&found, self.key, true, None).map(Some) }
    }

    fn spilled(&self) -> Vec<Arc<SpilledRows>> {
        self.runs.iter().filter_map(|run| run.spilled()).collect()
    }
}

/// The newest row of each entry, in the order of these rows; `batches` are in the order of time. Without anything
/// older, what is gone (or has expired) need not be remembered.
fn newest(batches: &[RecordBatch], key: usize, oldest: bool, expired: Option<i64>) -> Result<RecordBatch> {
    let all = concat_batches(&batches[0].schema(), batches)?;
    let keys = &all.columns()[..key];
    let mut interner = KeyInterner::new(keys.iter().map(|key| key.data_type().clone()).collect())?;
    let mut numbers = vec![];
    interner.intern(keys, all.num_rows(), &mut numbers)?;
    let mut last = vec![0; interner.len()];
    for (row, number) in numbers.iter().enumerate() {
        last[*number as usize] = row;
    }
    let alive = all.column(key).as_boolean();
    let written = expired.and_then(|_| all.column(key + 1).as_primitive_opt::<Int64Type>());
    let lives = |row: usize| {
        alive.value(row) && expired.zip(written).is_none_or(|(expired, written)| written.value(row) > expired)
    };
    let kept: Vec<u32> = numbers
        .iter()
        .enumerate()
        .filter(|(row, number)| last[**number as usize] == *row && (!oldest || lives(*row)))
        .map(|(row, _)| row as u32)
        .collect();
    Ok(take_record_batch(&all, &UInt32Array::from(kept))?)
}
