//! Aggregation per window and key.
//!
//! 1. A row is late if the last window that its slice belongs to has fired (the instant of the window's last
//!    millisecond is not after the watermark): dropped and counted. A row too late for one window of several
//!    still counts in the others.
//! 2. Any other row is aggregated into its slice ([`slicing`]). A batch mostly lies within one slice; then it
//!    goes there whole, else its rows are brought into the order of their slices first.
//! 3. When the watermark passes windows' ends they fire in that order: their slices are merged and every key
//!    gives one row. A window without rows gives none. Slices that no later window needs are dropped.
//!
//! ```text
//! HOP slide 5 s size 10 s, keys k, COUNT(*)
//! +I k=a 00:02   +I k=a 00:07   +I k=b 00:12   watermark 00:10      watermark 00:15
//! slice 0–5: a 1   5–10: a 1    10–15: b 1     (00:00–00:10) a 2    (00:05–00:15) a 1, b 1
//! ```
//!
//! **Two halves.** With several workers a [`local`] half aggregates each worker's rows by slice and key, so that
//! only partial results travel; the global half is this operator reading them.
//!
//! **Checkpoints.** At a barrier each slice that changed moves its columns into an immutable run and
//! starts empty; a slice is its runs, oldest first, and what came since. Runs that have become many are merged
//! between barriers. A checkpoint names all runs of open slices and the watermark, so that after recovery no
//! window fires twice and the same rows are late.
//!
//! **Memory.** Slices that don't fit are spilled, see [`slices`]: each becomes runs on disk, and a window is merged and
//! emitted one range of key hashes at a time.
//!
//! Costs about 20 ns per row, and per key and slice what [`KeyInterner`](flitz_functions::KeyInterner) and the
//! accumulators say, 40 to 80 bytes for a string key with COUNT and SUM.

pub mod emitting;
mod local;
mod slices;
pub mod slicing;
pub mod time;

#[cfg(test)]
mod model;
#[cfg(test)]
pub mod tests;

use std::sync::Arc;

use arrow::array::{ArrayRef, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray};
use arrow::datatypes::{DataType, SchemaRef, TimeUnit};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Clock, Error, Result, Schema, Watermark};
use flitz_plan::{Node, NodeKind, TimeKind, WindowAggregate, WindowProperty, WindowShape};
use flitz_state::spill::SpillWriter;
use serde_json::json;

use super::groups::{GroupSet, GroupSpec, OwnedRuns, batch_of};
use super::session::SessionAggregate;
use super::spilling::Spilling;
use super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};
pub use local::{LocalWindowAggregate, local_output_schema};
use slices::{Contents, Parts, Piece, Slice, Slices, pieces};
use slicing::{SliceId, Slicing};
use time::{WallClock, millis_of};

/// Rows per batch that a firing window emits.
pub(super) const OUTPUT_ROWS: usize = 8192;

/// The whole operator, for rows that have met their key's owner already (or when there is one worker).
pub fn single(
    node: &Node,
    input: &Schema,
    input_changelog: ChangelogMode,
    context: &OperatorContext,
) -> Result<Box<dyn Operator>> {
    let aggregate = aggregate_of(node)?;
    if aggregate.emit.is_some() && !context.batch_mode {
        return Ok(Box::new(emitting::EmittingAggregate::new(node, aggregate, input, input_changelog, context)?));
    }
    if let WindowShape::Session { .. } = aggregate.window.shape {
        return Ok(Box::new(SessionAggregate::new(node, aggregate, input, input_changelog, context)?));
    }
    Ok(Box::new(SliceAggregate::new(node, input, input_changelog, context, false)?))
}

/// The half that turns a worker's rows into partial results of [`local_output_schema`], keys first.
pub fn local(node: &Node, input: &Schema, context: &OperatorContext) -> Result<Box<dyn Operator>> {
    Ok(Box::new(LocalWindowAggregate::new(aggregate_of(node)?, input, context)?))
}

/// The half that merges partial results. `input` is the input of the local half.
pub fn global(node: &Node, input: &Schema, context: &OperatorContext) -> Result<Box<dyn Operator>> {
    Ok(Box::new(SliceAggregate::new(node, input, ChangelogMode::INSERT_ONLY, context, true)?))
}

/// Whether the aggregation can be done in two halves: sessions grow across rows of all workers, processing
/// time would be read on both sides, early firing would find nothing before a barrier, and a partial result can't
/// retract what another worker holds.
pub fn has_two_halves(aggregate: &WindowAggregate, input_changelog: ChangelogMode) -> bool {
    !matches!(aggregate.window.shape, WindowShape::Session { .. })
        && aggregate.window.time_kind != TimeKind::Proctime
        && aggregate.emit.is_none()
        && input_changelog.is_insert_only()
}

pub(super) fn aggregate_of(node: &Node) -> Result<&WindowAggregate> {
    match &node.kind {
        NodeKind::WindowAggregate(aggregate) => Ok(aggregate),
        other => Err(Error::internal(format!("{other:?} is no window aggregate"))),
    }
}

/// How the operator comes by a row's slice.
pub(super) struct TimeColumns {
    slicing: Slicing,
    clock: WallClock,
    kind: TimeKind,
    time: usize,
    /// Columns of window start and end, if rows are `Assigned`.
    assigned: Option<(usize, usize)>,
    now: Arc<dyn Clock>,
}

impl TimeColumns {
    fn new(aggregate: &WindowAggregate, context: &OperatorContext) -> Result<TimeColumns> {
        let window = &aggregate.window;
        let slicing = Slicing::new(&window.shape)?.ok_or_else(|| Error::internal("sessions have no slices"))?;
        let assigned = match window.shape {
            WindowShape::Assigned { start, end, .. } => Some((start, end)),
            _ => None,
        };
        let clock = wall_clock(window.time_kind, context);
        let now = context.eval.clock.clone();
        Ok(TimeColumns { slicing, clock, kind: window.time_kind, time: window.time, assigned, now })
    }

    /// The rows of a batch by slice. `rows` are its columns that count.
    fn pieces(&self, batch: &ChangelogBatch, rows: super::groups::InputRows) -> Result<Vec<Piece>> {
        if let Some((start, end)) = self.assigned {
            let starts = millis_of(batch.rows(), start, WallClock::UTC)?;
            let ends = millis_of(batch.rows(), end, WallClock::UTC)?;
            return pieces(ends.len(), |row| SliceId { end: ends[row], start: starts[row] }, rows);
        }
        if self.kind == TimeKind::Proctime {
            let slice = self.slicing.slice_of(self.clock.reading(self.now.now_millis()));
            return Ok(vec![Piece { slice, rows }]);
        }
        let times = millis_of(batch.rows(), self.time, self.clock)?;
        let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else { return Ok(vec![]) };
        let slice = self.slicing.slice_of(*first);
        if slice == self.slicing.slice_of(*last) {
            return Ok(vec![Piece { slice, rows }]);
        }
        pieces(times.len(), |row| self.slicing.slice_of(times[row]), rows)
    }

    /// Whether a window of this end has fired when event time (processing time) is `progress`.
    fn has_fired(&self, window_end: i64, progress: i64) -> bool {
        self.clock.due(window_end - 1) <= progress
    }

    /// Whether rows of the slice come too late for all of its windows.
    fn is_late(&self, slice: SliceId, progress: i64) -> bool {
        let last = self.slicing.last_window_end(slice);
        last < self.slicing.first_window_end(slice) || self.has_fired(last, progress)
    }
}

pub(super) fn wall_clock(kind: TimeKind, context: &OperatorContext) -> WallClock {
    match kind {
        TimeKind::Rowtime => WallClock::UTC,
        TimeKind::RowtimeLtz | TimeKind::Proctime => WallClock::of(context.eval.time_zone),
    }
}

/// The whole operator or its global half.
struct SliceAggregate {
    times: TimeColumns,
    spec: Arc<GroupSpec>,
    output: WindowOutput,
    /// The input are partial results.
    merges: bool,
    slices: Slices,
    /// What event time (or processing time) has come to.
    progress: i64,
    /// Where `progress` is about to get, while windows fire.
    due: Option<Due>,
    firing: Option<Firing>,
    late_rows: u64,
    holds_global: bool,
    spilling: Option<Spilling>,
}

impl SliceAggregate {
    fn new(
        node: &Node,
        input: &Schema,
        input_changelog: ChangelogMode,
        context: &OperatorContext,
        merges: bool,
    ) -> Result<SliceAggregate> {
        let aggregate = aggregate_of(node)?;
        let retractable = !input_changelog.is_insert_only();
        let spec = GroupSpec::new(&aggregate.keys, &aggregate.aggregates, input, retractable)?;
        let times = TimeColumns::new(aggregate, context)?;
        let output = WindowOutput::new(node, aggregate, times.clock);
        Ok(SliceAggregate {
            times,
            output,
            merges,
            slices: Slices::new(spec.clone(), context.spilling.clone()),
            spec,
            progress: i64::MIN,
            due: None,
            firing: None,
            late_rows: 0,
            holds_global: context.holds_global,
            spilling: context.spilling.clone(),
        })
    }

    /// Fires every window that is due at `progress`, earliest first; or some of them, if they have very many rows.
    fn advance(&mut self, progress: i64, out: &mut Output) -> Result<()> {
        if progress <= self.progress {
            return Ok(());
        }
        self.due = Some(Due { progress, fired_to: None });
        self.go_on(out)
    }

    /// Goes on with the windows that are due, until as many rows have gone out as should at a time.
    fn go_on(&mut self, out: &mut Output) -> Result<()> {
        let Some(Due { progress, fired_to }) = self.due else { return Ok(()) };
        let mut fired_to = fired_to;
        loop {
            if let Some(mut firing) = self.firing.take() {
                if !firing.emit(&self.output, &self.slices, out)? {
                    self.firing = Some(firing);
                    self.due = Some(Due { progress, fired_to });
                    return Ok(());
                }
                if self.times.assigned.is_none() {
                    fired_to = Some(firing.end);
                }
                self.fired(firing)?;
            }
            match self.next_window(fired_to) {
                Some((slice, end)) if self.times.has_fired(end, progress) => {
                    self.firing = Some(self.begin(slice, end)?);
                }
                _ => break,
            }
        }
        self.due = None;
        self.progress = progress;
        let times = &self.times;
        self.slices.retain(|slice| !times.is_late(slice, progress));
        Ok(())
    }

    /// The earliest window that has rows and has not fired, with one of its slices.
    fn next_window(&self, fired_to: Option<i64>) -> Option<(SliceId, i64)> {
        let slicing = &self.times.slicing;
        self.slices.ids().find_map(|slice| {
            let last = slicing.last_window_end(slice);
            let mut end = slicing.first_window_end(slice);
            while end <= last {
                if fired_to.is_none_or(|fired| end > fired) && !self.times.has_fired(end, self.progress) {
                    return Some((slice, end));
                }
                end = end.saturating_add(slicing.interval());
            }
            None
        })
    }

    fn begin(&mut self, slice: SliceId, end: i64) -> Result<Firing> {
        let start = self.times.slicing.window_start(slice, end);
        let contents = match self.times.slicing {
            Slicing::Tumble { .. } | Slicing::Assigned => self.slices.take(slice..=slice)?,
            Slicing::Hop { .. } => self.slices.merged(start, end)?,
            Slicing::Cumulate { .. } => {
                let window = SliceId { end: start + 1, start: i64::MIN }..=SliceId { end, start: i64::MAX };
                self.slices.take(window)?
            }
        };
        let grows_on = matches!(self.times.slicing, Slicing::Cumulate { size, .. } if end < start + size);
        Ok(match contents {
            Contents::Whole(groups) => {
                Firing { start, end, groups: Some(Emitting::new(groups)), parts: None, grows_on, kept: None }
            }
            Contents::Parts(parts) => {
                let kept = if grows_on { Some(self.slices.writer()?) } else { None };
                Firing { start, end, groups: None, parts: Some(parts), grows_on, kept }
            }
        })
    }

    /// A window is out. One that goes on with the next step keeps what it has so far as its state.
    fn fired(&mut self, firing: Firing) -> Result<()> {
        let (slicing, end) = (self.times.slicing, firing.end);
        let id = SliceId { end, start: firing.start };
        match (firing.kept, firing.groups) {
            (Some(kept), _) => {
                let kept = kept.finish()?;
                if kept.num_rows() > 0 {
                    self.slices.put_spilled(id, kept);
                }
            }
            (None, Some(emitted)) if firing.grows_on && !emitted.groups.is_empty() => {
                self.slices.put(id, Slice::of(emitted.groups));
            }
            _ => {}
        }
        self.slices.drop_first_while(|slice| slicing.last_window_end(slice) <= end);
        Ok(())
    }
}

/// How far event time is about to get, and the last window that has fired on the way.
#[derive(Clone, Copy)]
struct Due {
    progress: i64,
    fired_to: Option<i64>,
}

/// A window whose rows go out.
struct Firing {
    start: i64,
    end: i64,
    groups: Option<Emitting>,
    parts: Option<Parts>,
    grows_on: bool,
    /// What a window on disk that grows on has so far.
    kept: Option<SpillWriter>,
}

struct Emitting {
    groups: GroupSet,
    existing: Vec<u32>,
    emitted: usize,
}

impl Emitting {
    fn new(groups: GroupSet) -> Emitting {
        Emitting { existing: groups.existing(), groups, emitted: 0 }
    }
}

impl Firing {
    /// Emits more; false if there is still some when enough has gone out.
    fn emit(&mut self, output: &WindowOutput, slices: &Slices, out: &mut Output) -> Result<bool> {
        loop {
            if let Some(emitting) = &mut self.groups {
                while emitting.emitted < emitting.existing.len() {
                    if out.is_full() {
                        return Ok(false);
                    }
                    let to = (emitting.emitted + OUTPUT_ROWS).min(emitting.existing.len());
                    let (columns, rows) = emitting.groups.results(&emitting.existing[emitting.emitted..to])?;
                    out.push(ChangelogBatch::append_only(output.batch(columns, rows, self.start, self.end)?));
                    emitting.emitted = to;
                }
            }
            let Some(parts) = &mut self.parts else { return Ok(true) };
            if let (Some(kept), Some(emitted)) = (&mut self.kept, &mut self.groups) {
                slices.write(kept, &mut emitted.groups)?;
            }
            self.groups = parts.next()?.map(Emitting::new);
            if self.groups.is_none() {
                return Ok(true);
            }
        }
    }
}

impl Operator for SliceAggregate {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.times.kind == TimeKind::Proctime && self.times.assigned.is_none() {
            self.advance(self.times.now.now_millis() - 1, out)?;
            // The rows at hand come behind what has fired.
            while self.has_more() {
                self.more(out)?;
            }
        }
        if self.merges {
            return self.merge(&batch);
        }
        let rows = self.spec.rows(batch.rows(), batch.kinds())?;
        for piece in self.times.pieces(&batch, rows)? {
            if self.times.is_late(piece.slice, self.progress) {
                self.late_rows += piece.rows.len() as u64;
            } else {
                self.slices.update(piece.slice, &piece.rows)?;
            }
        }
        self.slices.tidy()
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        match self.times.kind {
            TimeKind::Proctime => Ok(()),
            TimeKind::Rowtime | TimeKind::RowtimeLtz => self.advance(watermark.millis(), out),
        }
    }

    fn timer(&mut self, now_millis: i64, out: &mut Output) -> Result<()> {
        match self.times.kind {
            TimeKind::Proctime => self.advance(now_millis - 1, out),
            TimeKind::Rowtime | TimeKind::RowtimeLtz => Ok(()),
        }
    }

    fn next_timer(&self) -> Option<i64> {
        if self.times.kind != TimeKind::Proctime {
            return None;
        }
        self.next_window(None).map(|(_, end)| self.times.clock.due(end - 1) + 1)
    }

    /// Windows of processing time that are open at the end of the input don't fire, as in Flink.
    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        let runs = self.slices.snapshot()?;
        let value = json!({ "watermark": self.progress, "late_rows": self.late_rows });
        Ok(OperatorSnapshot { value, runs })
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()> {
        let mut owned = OwnedRuns::new(share, self.spec.key_count(), self.holds_global, self.spilling.clone());
        // Workers see the same watermarks behind an exchange; without one each may only go by the slowest.
        let progress = states.iter().filter_map(|state| state.value["watermark"].as_i64()).min();
        self.progress = progress.unwrap_or(i64::MIN);
        // Counters are summed over workers when shown, so one of them takes the past.
        if share.worker == 0 {
            self.late_rows = states.iter().filter_map(|state| state.value["late_rows"].as_u64()).sum();
        }
        let runs: Vec<_> = states.into_iter().flat_map(|state| state.runs).collect();
        runs.iter().for_each(|run| owned.announce(run));
        for run in runs {
            if let Some(run) = owned.reduce(run)? {
                self.slices.restore(run)?;
            }
        }
        self.slices.number_from(owned.next_id());
        Ok(())
    }

    fn has_more(&self) -> bool {
        self.due.is_some()
    }

    fn more(&mut self, out: &mut Output) -> Result<()> {
        self.go_on(out)
    }

    fn spill(&mut self, bytes: usize) -> Result<usize> {
        self.slices.spill(bytes)
    }

    fn stats(&self) -> OperatorStats {
        let (state_rows, state_bytes, spilled_bytes) = self.slices.size();
        OperatorStats { state_rows, state_bytes, late_rows: self.late_rows, spilled_bytes }
    }
}

impl SliceAggregate {
    /// Takes in partial results of the local halves. The rows of one batch are of one slice.
    fn merge(&mut self, batch: &ChangelogBatch) -> Result<()> {
        let (by_slice, keys) = (local::by_slice(batch.rows(), self.spec.key_count())?, self.spec.key_count());
        for (slice, partial) in by_slice {
            if self.times.is_late(slice, self.progress) {
                self.late_rows += partial.num_rows() as u64;
                continue;
            }
            let mut columns = partial.columns()[..keys].to_vec();
            columns.extend_from_slice(&partial.columns()[keys + local::SLICE_COLUMNS..]);
            self.slices.merge(slice, &columns, partial.num_rows())?;
        }
        self.slices.tidy()
    }
}

/// Makes the rows a window emits.
pub(super) struct WindowOutput {
    schema: SchemaRef,
    properties: Vec<WindowProperty>,
    clock: WallClock,
}

impl WindowOutput {
    pub fn new(node: &Node, aggregate: &WindowAggregate, clock: WallClock) -> WindowOutput {
        WindowOutput { schema: node.schema.to_arrow(), properties: aggregate.properties.clone(), clock }
    }

    /// `columns`: keys and results of `rows` groups.
    pub fn batch(
        &self,
        columns: Vec<ArrayRef>,
        rows: usize,
        start: i64,
        end: i64,
    ) -> Result<arrow::array::RecordBatch> {
        self.batch_of_windows(columns, &vec![(start, end); rows])
    }

    /// The same for groups of different windows.
    pub fn batch_of_windows(
        &self,
        mut columns: Vec<ArrayRef>,
        windows: &[(i64, i64)],
    ) -> Result<arrow::array::RecordBatch> {
        for property in &self.properties {
            let field = self.schema.field(columns.len());
            columns.push(property_column(*property, windows, field.data_type(), self.clock)?);
        }
        batch_of(self.schema.clone(), columns, windows.len())
    }
}

/// A property of each window, of the type the plan gave it.
pub(super) fn property_column(
    property: WindowProperty,
    windows: &[(i64, i64)],
    data_type: &DataType,
    clock: WallClock,
) -> Result<ArrayRef> {
    let mut value_of = |&(start, end): &(i64, i64)| match property {
        WindowProperty::Start => start,
        WindowProperty::End => end,
        WindowProperty::Time => clock.instant(end - 1),
    };
    let millis = windows.iter().map(&mut value_of);
    let DataType::Timestamp(unit, zone) = data_type else {
        return Err(Error::internal(format!("a window property of type {data_type}")));
    };
    let zone = zone.clone();
    Ok(match unit {
        TimeUnit::Microsecond => {
            let values: Vec<i64> = millis.map(|m| m * 1_000).collect();
            Arc::new(TimestampMicrosecondArray::from(values).with_timezone_opt(zone))
        }
        TimeUnit::Nanosecond => {
            let values: Vec<i64> = millis.map(|m| m * 1_000_000).collect();
            Arc::new(TimestampNanosecondArray::from(values).with_timezone_opt(zone))
        }
        _ => Arc::new(TimestampMillisecondArray::from(millis.collect::<Vec<i64>>()).with_timezone_opt(zone)),
    })
}
