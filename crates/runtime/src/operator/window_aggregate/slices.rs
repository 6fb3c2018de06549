use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use flitz_dataflow::{Error, Result};
use flitz_state::snapshot::StateRun;
use serde_json::json;

use super::super::groups::{GroupSet, GroupSpec, InputRows, runs_to_merge};
use super::slicing::SliceId;

/// Rows of one slice, in order of arrival.
pub struct Piece {
    pub slice: SliceId,
    pub rows: InputRows,
}

/// Brings rows into the order of their slices and cuts them apart. Rows that lie in order already are not
/// copied.
pub fn pieces(len: usize, slice_of: impl Fn(usize) -> SliceId, rows: InputRows) -> Result<Vec<Piece>> {
    let slices: Vec<SliceId> = (0..len).map(slice_of).collect();
    let (slices, rows) = if slices.is_sorted() {
        (slices, rows)
    } else {
        let mut order: Vec<u32> = (0..len as u32).collect();
        order.sort_by_key(|row| slices[*row as usize]);
        (order.iter().map(|row| slices[*row as usize]).collect(), rows.take(order)?)
    };
    let mut found = vec![];
    let mut start = 0;
    for chunk in slices.chunk_by(|a, b| a == b) {
        found.push(Piece { slice: chunk[0], rows: rows.slice(start, chunk.len()) });
        start += chunk.len();
    }
    Ok(found)
}

/// A slice: runs that a checkpoint knows (or will know), oldest first, and what came since.
#[derive(Default)]
pub struct Slice {
    runs: Vec<Arc<StateRun>>,
    live: Option<GroupSet>,
}

impl Slice {
    pub fn of(live: GroupSet) -> Slice {
        Slice { runs: vec![], live: Some(live) }
    }

    fn live_rows(&self) -> usize {
        self.live.as_ref().map_or(0, GroupSet::len)
    }
}

/// The open slices.
pub struct Slices {
    spec: Arc<GroupSpec>,
    slices: BTreeMap<SliceId, Slice>,
    next_run: u64,
    /// How many keys the last slice had: room for as many is made in a new one.
    typical_keys: usize,
    /// Runs were added since `tidy` found nothing to merge.
    untidy: bool,
}

impl Slices {
    pub fn new(spec: Arc<GroupSpec>) -> Slices {
        Slices { spec, slices: BTreeMap::new(), next_run: 0, typical_keys: 0, untidy: false }
    }

    pub fn ids(&self) -> impl Iterator<Item = SliceId> {
        self.slices.keys().copied()
    }

    pub fn update(&mut self, slice: SliceId, rows: &InputRows) -> Result<()> {
        let live = self.live(slice)?;
        live.update(rows)?;
        self.drain_if_full(slice)
    }

    pub fn merge(&mut self, slice: SliceId, state: &[ArrayRef], rows: usize) -> Result<()> {
        let live = self.live(slice)?;
        live.merge(state, rows)?;
        self.drain_if_full(slice)
    }

    fn live(&mut self, slice: SliceId) -> Result<&mut GroupSet> {
        let slice = self.slices.entry(slice).or_default();
        if slice.live.is_none() {
            slice.live = Some(GroupSet::new(self.spec.clone(), self.typical_keys)?);
        }
        slice.live.as_mut().ok_or_else(|| Error::internal("a slice without room"))
    }

    /// Removes these slices and gives their merged contents.
    pub fn take(&mut self, range: RangeInclusive<SliceId>) -> Result<GroupSet> {
        let ids: Vec<SliceId> = self.slices.range(range).map(|(id, _)| *id).collect();
        let mut merged: Option<GroupSet> = None;
        for id in ids {
            let Some(slice) = self.slices.remove(&id) else { continue };
            merged = match (merged, slice.live) {
                // Nothing to merge with: the groups themselves.
                (None, Some(live)) if slice.runs.is_empty() => Some(live),
                (merged, live) => {
                    let rows = slice.runs.iter().map(|run| run.rows.num_rows()).max().unwrap_or(0);
                    let mut merged = match merged {
                        Some(merged) => merged,
                        None => GroupSet::new(self.spec.clone(), rows)?,
                    };
                    for run in &slice.runs {
                        merged.merge(run.rows.columns(), run.rows.num_rows())?;
                    }
                    if let Some(mut live) = live {
                        let state = live.drain()?;
                        merged.merge(state.columns(), state.num_rows())?;
                    }
                    Some(merged)
                }
            };
        }
        let merged = match merged {
            Some(merged) => merged,
            None => GroupSet::new(self.spec.clone(), 0)?,
        };
        self.typical_keys = merged.len();
        Ok(merged)
    }

    /// The merged contents of the slices within `start..end`, which stay. What came since the last checkpoint
    /// becomes a run, for it is merged again with the next window.
    pub fn merged(&mut self, start: i64, end: i64) -> Result<GroupSet> {
        let range = SliceId { end: start + 1, start: i64::MIN }..=SliceId { end, start: i64::MAX };
        let ids: Vec<SliceId> = self.slices.range(range).map(|(id, _)| *id).collect();
        let rows = ids.iter().map(|id| self.slices[id].live_rows()).max().unwrap_or(0);
        let mut merged = GroupSet::new(self.spec.clone(), rows)?;
        for id in ids {
            self.drain(id)?;
            for run in self.slices.get(&id).into_iter().flat_map(|slice| &slice.runs) {
                merged.merge(run.rows.columns(), run.rows.num_rows())?;
            }
        }
        Ok(merged)
    }

    pub fn put(&mut self, id: SliceId, slice: Slice) {
        self.slices.insert(id, slice);
    }

    /// Drops the earliest slices as long as they are done with.
    pub fn drop_first_while(&mut self, done: impl Fn(SliceId) -> bool) {
        while self.slices.first_key_value().is_some_and(|(id, _)| done(*id)) {
            self.slices.pop_first();
        }
    }

    pub fn retain(&mut self, keep: impl Fn(SliceId) -> bool) {
        self.slices.retain(|id, _| keep(*id));
    }

    /// Turns what changed into runs and names all.
    pub fn snapshot(&mut self) -> Result<Vec<Arc<StateRun>>> {
        let ids: Vec<SliceId> = self.ids().collect();
        for id in ids {
            self.drain(id)?;
        }
        Ok(self.slices.values().flat_map(|slice| slice.runs.iter().cloned()).collect())
    }

    pub fn restore(&mut self, run: Arc<StateRun>) -> Result<()> {
        let part = |name: &str| {
            run.tag[name].as_i64().ok_or_else(|| Error::internal(format!("a run of a window without `{name}`")))
        };
        let id = SliceId { end: part("slice")?, start: part("start")? };
        if run.rows.num_columns() != self.spec.state_schema().fields().len() {
            return Err(Error::internal("a window's saved state has other columns than its aggregates"));
        }
        self.slices.entry(id).or_default().runs.push(run);
        self.untidy = true;
        Ok(())
    }

    pub fn number_from(&mut self, next_run: u64) {
        self.next_run = next_run;
    }

    /// Merges runs of one slice that have become many: a little at a time, between barriers.
    pub fn tidy(&mut self) -> Result<()> {
        if !self.untidy {
            return Ok(());
        }
        for (id, slice) in &mut self.slices {
            let Some(range) = runs_to_merge(&slice.runs) else { continue };
            let rows = slice.runs[range.clone()].iter().map(|run| run.rows.num_rows()).max().unwrap_or(0);
            let mut merged = GroupSet::new(self.spec.clone(), rows)?;
            for run in &slice.runs[range.clone()] {
                merged.merge(run.rows.columns(), run.rows.num_rows())?;
            }
            let run = new_run(&mut self.next_run, *id, merged.drain()?);
            slice.runs.splice(range, [run]);
            return Ok(());
        }
        self.untidy = false;
        Ok(())
    }

    /// Rows and bytes held. A key counts once per run it is in.
    pub fn size(&self) -> (u64, u64) {
        let (mut rows, mut bytes) = (0, 0);
        for slice in self.slices.values() {
            rows += slice.live_rows() as u64;
            bytes += slice.live.as_ref().map_or(0, GroupSet::bytes) as u64;
            for run in &slice.runs {
                rows += run.rows.num_rows() as u64;
                bytes += run.rows.get_array_memory_size() as u64;
            }
        }
        (rows, bytes)
    }

    fn drain(&mut self, id: SliceId) -> Result<()> {
        let Some(slice) = self.slices.get_mut(&id) else { return Ok(()) };
        if let Some(mut live) = slice.live.take()
            && !live.is_empty()
        {
            slice.runs.push(new_run(&mut self.next_run, id, live.drain()?));
            self.untidy = true;
        }
        Ok(())
    }

    fn drain_if_full(&mut self, id: SliceId) -> Result<()> {
        if self.slices.get(&id).and_then(|slice| slice.live.as_ref()).is_some_and(GroupSet::is_nearly_full) {
            self.drain(id)?;
        }
        Ok(())
    }
}

fn new_run(next: &mut u64, id: SliceId, rows: RecordBatch) -> Arc<StateRun> {
    let run = StateRun { id: *next, tag: json!({ "slice": id.end, "start": id.start }), rows };
    *next += 1;
    Arc::new(run)
}
