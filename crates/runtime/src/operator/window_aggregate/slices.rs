use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use flitz_dataflow::{Error, Result};
use flitz_state::snapshot::StateRun;
use flitz_state::spill::{HashRange, SpillWriter, SpilledRows};
use serde_json::json;

use super::super::groups::{GroupSet, GroupSpec, InputRows, runs_to_merge};
use super::super::spilling::{Layout, RangeMerge, Spilling, read_range};
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

    fn memory_bytes(&self) -> usize {
        let runs: usize = self.runs.iter().map(|run| run.memory_bytes()).sum();
        runs + self.live.as_ref().map_or(0, GroupSet::bytes)
    }
}

/// The open slices.
///
/// **On disk.** A slice that is spilled becomes runs on disk; what comes later gathers in memory again. When a window
/// fires of whose slices one has such runs, all of them go there and are merged range by range ([`Contents::Parts`]).
pub struct Slices {
    spec: Arc<GroupSpec>,
    slices: BTreeMap<SliceId, Slice>,
    next_run: u64,
    /// How many keys the last slice had: room for as many is made in a new one.
    typical_keys: usize,
    /// Runs were added since `tidy` found nothing to merge.
    untidy: bool,
    spilling: Option<Spilling>,
    layout: Layout,
    merging: Option<Merging>,
}

/// Runs on disk that become one, a little at a time.
struct Merging {
    slice: SliceId,
    runs: Range<usize>,
    merge: RangeMerge,
}

/// The merged contents of slices.
pub enum Contents {
    Whole(GroupSet),
    /// The keys by ranges of their hashes, one in memory at a time.
    Parts(Parts),
}

pub struct Parts {
    spec: Arc<GroupSpec>,
    runs: Vec<Arc<SpilledRows>>,
    ranges: u64,
    next: u64,
}

impl Parts {
    pub fn next(&mut self) -> Result<Option<GroupSet>> {
        if self.next == self.ranges {
            return Ok(None);
        }
        let batches = read_range(&self.runs, HashRange::part(self.next, self.ranges))?;
        self.next += 1;
        merged_batches(&self.spec, &batches).map(Some)
    }
}

/// Rows that are read at least when slices are read back.
const BLOCK_ROWS: usize = 1024;

impl Slices {
    pub fn new(spec: Arc<GroupSpec>, spilling: Option<Spilling>) -> Slices {
        let layout = Layout { keys: (0..spec.key_count()).collect(), block_rows: BLOCK_ROWS, look_up: false };
        Slices {
            spec,
            slices: BTreeMap::new(),
            next_run: 0,
            typical_keys: 0,
            untidy: false,
            spilling,
            layout,
            merging: None,
        }
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
            let spilled = slice.runs.iter().any(|run| run.spilled().is_some());
            let capacity = if spilled { 0 } else { self.typical_keys };
            slice.live = Some(GroupSet::new(self.spec.clone(), capacity)?);
        }
        slice.live.as_mut().ok_or_else(|| Error::internal("a slice without room"))
    }

    /// Removes these slices and gives their merged contents.
    pub fn take(&mut self, range: RangeInclusive<SliceId>) -> Result<Contents> {
        let ids: Vec<SliceId> = self.slices.range(range).map(|(id, _)| *id).collect();
        if let Some(parts) = self.parts(&ids)? {
            ids.iter().for_each(|id| drop(self.slices.remove(id)));
            self.forget_merging();
            self.typical_keys = 0;
            return Ok(Contents::Parts(parts));
        }
        let mut merged: Option<GroupSet> = None;
        for id in ids {
            let Some(slice) = self.slices.remove(&id) else { continue };
            merged = match (merged, slice.live) {
                // Nothing to merge with: the groups themselves.
                (None, Some(live)) if slice.runs.is_empty() => Some(live),
                (merged, live) => {
                    let rows = slice.runs.iter().map(|run| run.num_rows()).max().unwrap_or(0);
                    let mut merged = match merged {
                        Some(merged) => merged,
                        None => GroupSet::new(self.spec.clone(), rows)?,
                    };
                    for run in &slice.runs {
                        let rows = run.rows()?;
                        merged.merge(rows.columns(), rows.num_rows())?;
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
        Ok(Contents::Whole(merged))
    }

    /// The merged contents of the slices within `start..end`, which stay. What came since the last checkpoint
    /// becomes a run, for it is merged again with the next window.
    pub fn merged(&mut self, start: i64, end: i64) -> Result<Contents> {
        let range = SliceId { end: start + 1, start: i64::MIN }..=SliceId { end, start: i64::MAX };
        let ids: Vec<SliceId> = self.slices.range(range).map(|(id, _)| *id).collect();
        if let Some(parts) = self.parts(&ids)? {
            return Ok(Contents::Parts(parts));
        }
        let rows = ids.iter().map(|id| self.slices[id].live_rows()).max().unwrap_or(0);
        let mut merged = GroupSet::new(self.spec.clone(), rows)?;
        for id in ids {
            self.drain(id)?;
            for run in self.slices.get(&id).into_iter().flat_map(|slice| &slice.runs) {
                let rows = run.rows()?;
                merged.merge(rows.columns(), rows.num_rows())?;
            }
        }
        Ok(Contents::Whole(merged))
    }

    /// If any of these slices is on disk all of them go there.
    fn parts(&mut self, ids: &[SliceId]) -> Result<Option<Parts>> {
        let on_disk = |id: &SliceId| self.slices[id].runs.iter().any(|run| run.spilled().is_some());
        let Some(spilling) = self.spilling.clone().filter(|_| ids.iter().any(on_disk)) else { return Ok(None) };
        let mut runs = vec![];
        for id in ids {
            self.drain(*id)?;
            for run in &self.slices[id].runs {
                runs.push(self.layout.spill(run, &spilling.scratch)?);
            }
        }
        let ranges = spilling.ranges(runs.iter().map(|run| run.disk_bytes()).sum());
        Ok(Some(Parts { spec: self.spec.clone(), runs, ranges, next: 0 }))
    }

    /// Moves slices to disk, the largest first, until so much memory is free; returns how much is.
    pub fn spill(&mut self, bytes: usize) -> Result<usize> {
        let Some(spilling) = self.spilling.clone() else { return Ok(0) };
        let mut slices: Vec<(usize, SliceId)> = self.slices.iter().map(|(id, s)| (s.memory_bytes(), *id)).collect();
        slices.sort_unstable();
        let mut freed = 0;
        for (size, id) in slices.into_iter().rev() {
            if freed >= bytes {
                break;
            }
            self.drain(id)?;
            for run in &self.slices[&id].runs {
                self.layout.spill(run, &spilling.scratch)?;
            }
            freed += size.saturating_sub(self.slices[&id].memory_bytes());
        }
        Ok(freed)
    }

    pub fn put(&mut self, id: SliceId, slice: Slice) {
        self.slices.insert(id, slice);
    }

    /// A writer for a slice that is made part by part, if there is a disk.
    pub fn writer(&self) -> Result<SpillWriter> {
        let spilling = self.spilling.as_ref().ok_or_else(|| Error::internal("parts without a disk"))?;
        let empty = RecordBatch::new_empty(self.spec.state_schema().clone());
        Ok(self.layout.writer(&empty, 0, &spilling.scratch))
    }

    /// Adds a part to what the writer has.
    pub fn write(&self, writer: &mut SpillWriter, part: &mut GroupSet) -> Result<()> {
        self.layout.write_sorted(writer, &part.drain()?)
    }

    pub fn put_spilled(&mut self, id: SliceId, rows: SpilledRows) {
        let run = Arc::new(StateRun::on_disk(self.next_run, tag_of(id), rows));
        self.next_run += 1;
        self.slices.insert(id, Slice { runs: vec![run], live: None });
    }

    /// Drops the earliest slices as long as they are done with.
    pub fn drop_first_while(&mut self, done: impl Fn(SliceId) -> bool) {
        while self.slices.first_key_value().is_some_and(|(id, _)| done(*id)) {
            self.slices.pop_first();
        }
        self.forget_merging();
    }

    pub fn retain(&mut self, keep: impl Fn(SliceId) -> bool) {
        self.slices.retain(|id, _| keep(*id));
        self.forget_merging();
    }

    fn forget_merging(&mut self) {
        let slices = &self.slices;
        self.merging.take_if(|merging| !slices.contains_key(&merging.slice));
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
        if run.schema().fields().len() != self.spec.state_schema().fields().len() {
            return Err(Error::internal("a window's saved state has other columns than its aggregates"));
        }
        if let (Some(_), Some(spilling)) = (run.spilled(), &self.spilling) {
            self.layout.spill(&run, &spilling.scratch)?;
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
        if let Some(merging) = &mut self.merging {
            let spec = &self.spec;
            if merging.merge.step(&mut |batches| merged_batches(spec, &batches)?.drain())?
                && let Some(done) = self.merging.take()
                && let Some(slice) = self.slices.get_mut(&done.slice)
            {
                let run = StateRun::on_disk(self.next_run, tag_of(done.slice), done.merge.finish()?);
                self.next_run += 1;
                slice.runs.splice(done.runs, [Arc::new(run)]);
            }
            return Ok(());
        }
        if !self.untidy {
            return Ok(());
        }
        for (id, slice) in &mut self.slices {
            let Some(range) = runs_to_merge(&slice.runs) else { continue };
            let runs = &slice.runs[range.clone()];
            if let Some(spilling) = self.spilling.as_ref().filter(|_| runs.iter().any(|run| run.spilled().is_some())) {
                let inputs = runs.iter().map(|run| self.layout.spill(run, &spilling.scratch)).collect::<Result<_>>()?;
                let merge = RangeMerge::new(self.layout.clone(), inputs, &spilling.scratch);
                self.merging = Some(Merging { slice: *id, runs: range, merge });
                return Ok(());
            }
            let batches = runs.iter().map(|run| run.rows()).collect::<Result<Vec<_>>>()?;
            let run = new_run(&mut self.next_run, *id, merged_batches(&self.spec, &batches)?.drain()?);
            slice.runs.splice(range, [run]);
            return Ok(());
        }
        self.untidy = false;
        Ok(())
    }

    /// Rows, bytes in memory and bytes on disk. A key counts once per run it is in.
    pub fn size(&self) -> (u64, u64, u64) {
        let (mut rows, mut bytes, mut disk_bytes) = (0, 0, 0);
        for slice in self.slices.values() {
            rows += slice.live_rows() as u64;
            bytes += slice.memory_bytes() as u64;
            for run in &slice.runs {
                rows += run.num_rows() as u64;
                disk_bytes += run.disk_bytes();
            }
        }
        (rows, bytes, disk_bytes)
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

/// Partial results, oldest first, as one set.
fn merged_batches(spec: &Arc<GroupSpec>, batches: &[RecordBatch]) -> Result<GroupSet> {
    let rows = batches.iter().map(RecordBatch::num_rows).max().unwrap_or(0);
    let mut merged = GroupSet::new(spec.clone(), rows)?;
    for batch in batches {
        merged.merge(batch.columns(), batch.num_rows())?;
    }
    Ok(merged)
}

fn tag_of(id: SliceId) -> serde_json::Value {
    json!({ "slice": id.end, "start": id.start })
}

fn new_run(next: &mut u64, id: SliceId, rows: RecordBatch) -> Arc<StateRun> {
    *next += 1;
    Arc::new(StateRun::new(*next - 1, tag_of(id), rows))
}
