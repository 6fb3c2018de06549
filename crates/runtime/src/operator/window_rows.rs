//! Rows that wait for the end of their window: what Top-N, deduplication and joins per window keep.
//!
//! Each open window has runs that a checkpoint knows (or will know), oldest first, and the batches that came since.
//! At a barrier the batches become one more run; runs that have become many are merged between barriers. Rows stay
//! in order of arrival throughout. An operator that can tell which rows no longer matter drops them on both
//! occasions by the [`Reduce`] it passes.
//!
//! When memory is short windows go to disk as runs whose rows are sorted by the hash of their keys, those of one key in
//! order of arrival. Such a window is fired one range of hashes at a time ([`Ranges`]).

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{Schema as ArrowSchema, SchemaRef};
use flitz_dataflow::{Error, Result, Schema};
use flitz_plan::WindowBounds;
use flitz_state::snapshot::StateRun;
use flitz_state::spill::{HashRange, SpilledRows};
use serde_json::json;

use super::groups::{batch_of, runs_to_merge};
use super::spilling::{Layout, RangeMerge, Spilling};
use super::window_aggregate::time::{WallClock, millis_of};
use super::window_aggregate::wall_clock;
use super::{OperatorContext, OperatorSnapshot, Share};

/// Batches are joined up to this many rows as they arrive.
const BATCH_ROWS: usize = 8192;

/// A window by its end, then its start: the order in which windows fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    pub end: i64,
    pub start: i64,
}

/// Which windows have fired, and how many rows came after theirs had.
pub struct Firing {
    wall: WallClock,
    progress: i64,
    pub late_rows: u64,
}

impl Firing {
    pub fn new(window: &WindowBounds, context: &OperatorContext) -> Firing {
        Firing { wall: wall_clock(window.time_kind, context), progress: i64::MIN, late_rows: 0 }
    }

    pub fn has_fired(&self, window: Window) -> bool {
        self.is_due(window, self.progress)
    }

    pub fn is_due(&self, window: Window, progress: i64) -> bool {
        self.wall.due(window.end - 1) <= progress
    }

    pub fn advance(&mut self, progress: i64) {
        self.progress = self.progress.max(progress);
    }

    pub fn snapshot(&self) -> serde_json::Value {
        json!({ "watermark": self.progress, "late_rows": self.late_rows })
    }

    pub fn restore(&mut self, states: &[OperatorSnapshot], share: Share) {
        // Workers see the same watermarks behind an exchange; without one each may only go by the slowest.
        let progress = states.iter().filter_map(|state| state.value["watermark"].as_i64()).min();
        self.progress = progress.unwrap_or(i64::MIN);
        // Counters are summed over workers when shown, so one of them takes the past.
        if share.worker == 0 {
            self.late_rows = states.iter().filter_map(|state| state.value["late_rows"].as_u64()).sum();
        }
    }
}

/// Makes one batch of several, oldest first. May leave out rows that can't matter any more, but must keep the order
/// of the others.
pub type Reduce<'a> = dyn FnMut(&SchemaRef, &[RecordBatch]) -> Result<RecordBatch> + 'a;

/// Keeps every row.
pub fn keep_all(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch> {
    Ok(concat_batches(schema, batches)?)
}

#[derive(Default)]
struct Waiting {
    runs: Vec<Arc<StateRun>>,
    live: Vec<RecordBatch>,
    live_rows: usize,
    live_bytes: usize,
}

pub struct WindowRows {
    /// Which input's rows these are.
    side: usize,
    bounds: WindowBounds,
    /// Every column may be NULL.
    schema: SchemaRef,
    windows: BTreeMap<Window, Waiting>,
    untidy: bool,
    spilling: Option<Spilling>,
    layout: Layout,
    merging: Option<Merging>,
}

/// Runs on disk that become one, a little at a time.
struct Merging {
    window: Window,
    runs: Range<usize>,
    merge: RangeMerge,
}

/// Which rows of a window that is on disk are next: ranges of hashes, equal ones for all sides.
pub struct Ranges {
    count: u64,
    next: u64,
}

impl Ranges {
    pub fn new(spilling: Option<&Spilling>, sides: &[&[Arc<SpilledRows>]]) -> Ranges {
        let bytes = sides.iter().copied().flatten().map(|run| run.disk_bytes()).sum();
        Ranges { count: spilling.map_or(1, |spilling| spilling.ranges(bytes)), next: 0 }
    }

    pub fn next(&mut self) -> Option<HashRange> {
        (self.next < self.count).then(|| {
            self.next += 1;
            HashRange::part(self.next - 1, self.count)
        })
    }
}

/// Rows that are read at least when windows are read back.
const BLOCK_ROWS: usize = 1024;

impl WindowRows {
    /// `keys`: rows of different keys have nothing to do with each other. Without keys nothing goes to disk, for a window
    /// would have to be in memory as a whole to fire.
    pub fn new(
        side: usize,
        bounds: &WindowBounds,
        input: &Schema,
        keys: &[usize],
        spilling: Option<&Spilling>,
    ) -> WindowRows {
        let fields =
            input.to_arrow().fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect::<Vec<_>>();
        WindowRows {
            side,
            bounds: bounds.clone(),
            schema: Arc::new(ArrowSchema::new(fields)),
            windows: BTreeMap::new(),
            untidy: false,
            spilling: spilling.filter(|_| !keys.is_empty()).cloned(),
            layout: Layout { keys: keys.to_vec(), block_rows: BLOCK_ROWS, look_up: false },
            merging: None,
        }
    }

    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub fn first(&self) -> Option<Window> {
        self.windows.first_key_value().map(|(window, _)| *window)
    }

    /// Adds the rows whose window has not fired yet and counts the others.
    pub fn add(&mut self, batch: &RecordBatch, firing: &mut Firing) -> Result<Vec<Window>> {
        let batch = batch_of(self.schema.clone(), batch.columns().to_vec(), batch.num_rows())?;
        let mut grown = vec![];
        for (window, rows) in self.by_window(batch)? {
            if firing.has_fired(window) {
                firing.late_rows += rows.num_rows() as u64;
            } else {
                self.push(window, rows)?;
                grown.push(window);
            }
        }
        Ok(grown)
    }

    fn by_window(&self, batch: RecordBatch) -> Result<Vec<(Window, RecordBatch)>> {
        let starts = millis_of(&batch, self.bounds.start, WallClock::UTC)?;
        let ends = millis_of(&batch, self.bounds.end, WallClock::UTC)?;
        let windows = ends.into_iter().zip(starts).map(|(end, start)| Window { end, start });
        let mut windows: Vec<Window> = windows.collect();
        let mut batch = batch;
        if !windows.is_sorted() {
            let mut order: Vec<u32> = (0..windows.len() as u32).collect();
            order.sort_by_key(|row| windows[*row as usize]);
            windows = order.iter().map(|row| windows[*row as usize]).collect();
            batch = take_record_batch(&batch, &UInt32Array::from(order))?;
        }
        let mut found = vec![];
        let mut start = 0;
        for chunk in windows.chunk_by(|a, b| a == b) {
            found.push((chunk[0], batch.slice(start, chunk.len())));
            start += chunk.len();
        }
        Ok(found)
    }

    fn push(&mut self, window: Window, rows: RecordBatch) -> Result<()> {
        let waiting = self.windows.entry(window).or_default();
        waiting.live_rows += rows.num_rows();
        waiting.live_bytes += bytes_of(&rows);
        waiting.live.push(rows);
        // Small batches are joined, so that a row is copied a logarithmic number of times.
        while let [.., before, last] = waiting.live.as_slice()
            && before.num_rows() < BATCH_ROWS
            && before.num_rows() <= 2 * last.num_rows()
        {
            let joined = concat_batches(&self.schema, [before, last])?;
            waiting.live.truncate(waiting.live.len() - 2);
            waiting.live.push(joined);
        }
        Ok(())
    }

    /// Rows that came since the last checkpoint.
    pub fn live_rows(&self, window: Window) -> usize {
        self.windows.get(&window).map_or(0, |waiting| waiting.live_rows)
    }

    pub fn reduce(&mut self, window: Window, reduce: &mut Reduce) -> Result<()> {
        if let Some(waiting) = self.windows.get_mut(&window) {
            let reduced = reduce(&self.schema, &waiting.live)?;
            (waiting.live_rows, waiting.live_bytes) = (reduced.num_rows(), bytes_of(&reduced));
            waiting.live = vec![reduced];
        }
        Ok(())
    }

    /// Removes the window and gives its rows, oldest first.
    pub fn take(&mut self, window: Window) -> Result<Vec<RecordBatch>> {
        let Some(waiting) = self.windows.remove(&window) else { return Ok(vec![]) };
        self.merging.take_if(|merging| merging.window == window);
        waiting.runs.iter().map(|run| run.rows()).chain(waiting.live.into_iter().map(Ok)).collect()
    }

    /// Whether the window must be taken by `take_runs`.
    pub fn is_on_disk(&self, window: Window) -> bool {
        // What was restored to disk and has no keys comes back to memory.
        self.spilling.is_some()
            && self.windows.get(&window).is_some_and(|waiting| waiting.runs.iter().any(|run| run.spilled().is_some()))
    }

    /// Removes the window and gives its rows as runs on disk, oldest first.
    pub fn take_runs(
        &mut self,
        window: Window,
        next_run: &mut u64,
        reduce: &mut Reduce,
    ) -> Result<Vec<Arc<SpilledRows>>> {
        self.spill_window(window, next_run, reduce)?;
        self.merging.take_if(|merging| merging.window == window);
        let waiting = self.windows.remove(&window).unwrap_or_default();
        Ok(waiting.runs.iter().filter_map(|run| run.spilled()).collect())
    }

    pub fn spilling(&self) -> Option<&Spilling> {
        self.spilling.as_ref()
    }

    /// Moves windows to disk, the largest first, until so much memory is free; returns how much is.
    pub fn spill(&mut self, bytes: usize, next_run: &mut u64, reduce: &mut Reduce) -> Result<usize> {
        if self.spilling.is_none() {
            return Ok(0);
        }
        let sizes = self.windows.iter().map(|(window, waiting)| (waiting.memory_bytes(), *window));
        let mut sizes: Vec<(usize, Window)> = sizes.collect();
        sizes.sort_unstable();
        let mut freed = 0;
        for (size, window) in sizes.into_iter().rev() {
            if freed >= bytes {
                break;
            }
            self.spill_window(window, next_run, reduce)?;
            freed += size.saturating_sub(self.windows[&window].memory_bytes());
        }
        Ok(freed)
    }

    fn spill_window(&mut self, window: Window, next_run: &mut u64, reduce: &mut Reduce) -> Result<()> {
        let (Some(spilling), Some(waiting)) = (&self.spilling, self.windows.get_mut(&window)) else { return Ok(()) };
        self.untidy |= waiting.seal(next_run, self.side, window, &self.schema, reduce)?;
        for run in &waiting.runs {
            self.layout.spill(run, &spilling.scratch)?;
        }
        Ok(())
    }

    /// Turns what came since the last checkpoint into runs, numbered from `next_run` on, and names all.
    pub fn snapshot(&mut self, next_run: &mut u64, reduce: &mut Reduce) -> Result<Vec<Arc<StateRun>>> {
        for (window, waiting) in &mut self.windows {
            self.untidy |= waiting.seal(next_run, self.side, *window, &self.schema, reduce)?;
        }
        Ok(self.windows.values().flat_map(|waiting| waiting.runs.iter().cloned()).collect())
    }

    /// Takes back a run of this side.
    pub fn restore(&mut self, run: Arc<StateRun>) -> Result<()> {
        if run.schema().fields().len() != self.schema.fields().len() {
            return Err(Error::internal("a window's saved rows have other columns than its input"));
        }
        if let (Some(_), Some(spilling)) = (run.spilled(), &self.spilling) {
            self.layout.spill(&run, &spilling.scratch)?;
        }
        let window = Window { end: tag(&run, "end")?, start: tag(&run, "start")? };
        self.windows.entry(window).or_default().runs.push(run);
        self.untidy = true;
        Ok(())
    }

    /// Merges runs of one window that have become many: a little at a time, between barriers.
    pub fn tidy(&mut self, next_run: &mut u64, reduce: &mut Reduce) -> Result<()> {
        if let Some(merging) = &mut self.merging {
            let schema = &self.schema;
            if merging.merge.step(&mut |batches| reduce(schema, &batches))?
                && let Some(done) = self.merging.take()
                && let Some(waiting) = self.windows.get_mut(&done.window)
            {
                let run = StateRun::on_disk(*next_run, tag_of(self.side, done.window), done.merge.finish()?);
                *next_run += 1;
                waiting.runs.splice(done.runs, [Arc::new(run)]);
            }
            return Ok(());
        }
        if !self.untidy {
            return Ok(());
        }
        for (window, waiting) in &mut self.windows {
            let Some(range) = runs_to_merge(&waiting.runs) else { continue };
            let runs = &waiting.runs[range.clone()];
            if let Some(spilling) = self.spilling.as_ref().filter(|_| runs.iter().any(|run| run.spilled().is_some())) {
                let inputs = runs.iter().map(|run| self.layout.spill(run, &spilling.scratch)).collect::<Result<_>>()?;
                let merge = RangeMerge::new(self.layout.clone(), inputs, &spilling.scratch);
                self.merging = Some(Merging { window: *window, runs: range, merge });
                return Ok(());
            }
            let rows = runs.iter().map(|run| run.rows()).collect::<Result<Vec<_>>>()?;
            let run = new_run(next_run, self.side, *window, reduce(&self.schema, &rows)?);
            waiting.runs.splice(range, [run]);
            return Ok(());
        }
        self.untidy = false;
        Ok(())
    }

    /// Rows, bytes in memory and bytes on disk.
    pub fn size(&self) -> (u64, u64, u64) {
        let (mut rows, mut bytes, mut disk_bytes) = (0, 0, 0);
        for waiting in self.windows.values() {
            rows += waiting.live_rows + waiting.runs.iter().map(|run| run.num_rows()).sum::<usize>();
            bytes += waiting.memory_bytes();
            disk_bytes += waiting.runs.iter().map(|run| run.disk_bytes()).sum::<u64>();
        }
        (rows as u64, bytes as u64, disk_bytes)
    }
}

impl Waiting {
    /// Turns what came since the last time into a run; false if nothing did.
    fn seal(
        &mut self,
        next_run: &mut u64,
        side: usize,
        window: Window,
        schema: &SchemaRef,
        reduce: &mut Reduce,
    ) -> Result<bool> {
        if self.live_rows == 0 {
            return Ok(false);
        }
        self.runs.push(new_run(next_run, side, window, reduce(schema, &self.live)?));
        (self.live, self.live_rows, self.live_bytes) = (vec![], 0, 0);
        Ok(true)
    }

    fn memory_bytes(&self) -> usize {
        self.live_bytes + self.runs.iter().map(|run| run.memory_bytes()).sum::<usize>()
    }
}

/// Which input's rows a run holds.
pub fn side_of(run: &StateRun) -> Result<usize> {
    Ok(tag(run, "side")? as usize)
}

fn tag(run: &StateRun, name: &str) -> Result<i64> {
    run.tag[name].as_i64().ok_or_else(|| Error::internal(format!("a run of a window without `{name}`")))
}

fn new_run(next: &mut u64, side: usize, window: Window, rows: RecordBatch) -> Arc<StateRun> {
    *next += 1;
    Arc::new(StateRun::new(*next - 1, tag_of(side, window), rows))
}

fn tag_of(side: usize, window: Window) -> serde_json::Value {
    json!({ "side": side, "end": window.end, "start": window.start })
}

/// What the rows of a slice take, not what the batch took that they were cut from.
fn bytes_of(rows: &RecordBatch) -> usize {
    rows.columns().iter().map(|column| column.to_data().get_slice_memory_size().unwrap_or(0)).sum()
}
