//! Rows that wait for the end of their window: what Top-N, deduplication and joins per window keep.
//!
//! Each open window has runs that a checkpoint knows (or will know), oldest first, and the batches that came since.
//! At a barrier the batches become one more run; runs that have become many are merged between barriers. Rows stay
//! in order of arrival throughout. An operator that can tell which rows no longer matter drops them on both
//! occasions by the [`Reduce`] it passes.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{Schema as ArrowSchema, SchemaRef};
use flitz_dataflow::{Error, Result, Schema};
use flitz_plan::WindowBounds;
use flitz_state::snapshot::StateRun;
use serde_json::json;

use super::groups::{batch_of, runs_to_merge};
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
}

impl WindowRows {
    pub fn new(side: usize, bounds: &WindowBounds, input: &Schema) -> WindowRows {
        let fields =
            input.to_arrow().fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect::<Vec<_>>();
        WindowRows {
            side,
            bounds: bounds.clone(),
            schema: Arc::new(ArrowSchema::new(fields)),
            windows: BTreeMap::new(),
            untidy: false,
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
    pub fn take(&mut self, window: Window) -> Vec<RecordBatch> {
        let Some(waiting) = self.windows.remove(&window) else { return vec![] };
        waiting.runs.iter().map(|run| run.rows.clone()).chain(waiting.live).collect()
    }

    /// Turns what came since the last checkpoint into runs, numbered from `next_run` on, and names all.
    pub fn snapshot(&mut self, next_run: &mut u64, reduce: &mut Reduce) -> Result<Vec<Arc<StateRun>>> {
        for (window, waiting) in &mut self.windows {
            if waiting.live_rows > 0 {
                let rows = reduce(&self.schema, &waiting.live)?;
                waiting.runs.push(new_run(next_run, self.side, *window, rows));
                (waiting.live, waiting.live_rows, waiting.live_bytes) = (vec![], 0, 0);
                self.untidy = true;
            }
        }
        Ok(self.windows.values().flat_map(|waiting| waiting.runs.iter().cloned()).collect())
    }

    /// Takes back a run of this side.
    pub fn restore(&mut self, run: Arc<StateRun>) -> Result<()> {
        if run.rows.num_columns() != self.schema.fields().len() {
            return Err(Error::internal("a window's saved rows have other columns than its input"));
        }
        let window = Window { end: tag(&run, "end")?, start: tag(&run, "start")? };
        self.windows.entry(window).or_default().runs.push(run);
        self.untidy = true;
        Ok(())
    }

    /// Merges runs of one window that have become many: a little at a time, between barriers.
    pub fn tidy(&mut self, next_run: &mut u64, reduce: &mut Reduce) -> Result<()> {
        if !self.untidy {
            return Ok(());
        }
        for (window, waiting) in &mut self.windows {
            let Some(range) = runs_to_merge(&waiting.runs) else { continue };
            let rows: Vec<RecordBatch> = waiting.runs[range.clone()].iter().map(|run| run.rows.clone()).collect();
            let run = new_run(next_run, self.side, *window, reduce(&self.schema, &rows)?);
            waiting.runs.splice(range, [run]);
            return Ok(());
        }
        self.untidy = false;
        Ok(())
    }

    /// Rows and bytes held.
    pub fn size(&self) -> (u64, u64) {
        let (mut rows, mut bytes) = (0, 0);
        for waiting in self.windows.values() {
            rows += waiting.live_rows;
            bytes += waiting.live_bytes;
            for run in &waiting.runs {
                rows += run.rows.num_rows();
                bytes += run.rows.get_array_memory_size();
            }
        }
        (rows as u64, bytes as u64)
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
    let tag = json!({ "side": side, "end": window.end, "start": window.start });
    *next += 1;
    Arc::new(StateRun { id: *next - 1, tag, rows })
}

/// What the rows of a slice take, not what the batch took that they were cut from.
fn bytes_of(rows: &RecordBatch) -> usize {
    rows.columns().iter().map(|column| column.to_data().get_slice_memory_size().unwrap_or(0)).sum()
}
