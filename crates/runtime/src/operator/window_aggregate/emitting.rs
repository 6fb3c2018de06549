//! Group windows that fire before and after their end (`table.exec.emit.*`).
//!
//! Each window and key is one group of the accumulators. It fires
//!
//! 1. early: at every batch with rows of it, or with a delay that much (of the clock) after its first row and then
//!    periodically, as long as its window is open;
//! 2. on time: when the watermark reaches the window's last millisecond;
//! 3. late: as early, but for rows that come after that. A group that is new by then fires at every batch;
//!
//! and is forgotten when the watermark is past the allowed lateness. Firing emits the change since the last time, if
//! there is one: `+I`, then `-U` (if anyone needs it) and `+U`, `-D` if all rows were retracted.
//!
//! ```text
//! TUMBLE 10, early fire every row     +I a 3   emits  +I a 1      +I a 4   emits  -U a 1 | +U a 2
//! ```
//!
//! A delayed firing that lies behind the end of the lateness never happens, as in Flink. Costs, beside key and
//! accumulators, the result last emitted, in arrow's row encoding. **Checkpoints** are incremental by group, see
//! [`KeyedRuns`].

#[cfg(test)]
pub mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, UInt32Array, new_null_array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema as ArrowSchema, SchemaRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Clock, Error, Result, RowKind, Schema, TypeKind, Watermark};
use flitz_plan::{EmitPolicy, Node, TimeKind, WindowAggregate};
use serde_json::json;

use super::super::calc::record_batch;
use super::super::groups::{GroupSet, GroupSpec, batch_of};
use super::super::keyed_runs::KeyedRuns;
use super::super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};
use super::slicing::Slicing;
use super::time::{WallClock, millis_of};
use super::{OUTPUT_ROWS, WindowOutput, wall_clock};

/// Columns of a run between key and results: alive, fired, emitted, early, late, due.
const ENTRY_COLUMNS: usize = 6;

pub struct EmittingAggregate {
    policy: EmitPolicy,
    slicing: Slicing,
    wall: WallClock,
    kind: TimeKind,
    time: usize,
    now: Arc<dyn Clock>,
    output: WindowOutput,
    emits_update_before: bool,
    spec: Arc<GroupSpec>,
    /// One group per key and window; start and end of the window are the last two columns of the key.
    groups: GroupSet,
    input: SchemaRef,
    entries: Vec<Entry>,
    /// Groups by their window, which is known by end and start.
    windows: BTreeMap<(i64, i64), Vec<u32>>,
    /// When delayed groups fire, by the clock.
    due: BTreeSet<(i64, u32)>,
    /// Encodes results, to compare them and to have the last one.
    results: RowConverter,
    changed: BTreeSet<u32>,
    /// Keys that a checkpoint knows and that are no more.
    gone: Vec<Vec<ArrayRef>>,
    runs: KeyedRuns,
    run_schema: SchemaRef,
    progress: i64,
    late_rows: u64,
    holds_global: bool,
}

/// What is known of a group beside its aggregates.
#[derive(Clone, Debug, Default)]
struct Entry {
    start: i64,
    end: i64,
    alive: bool,
    saved: bool,
    /// Its window fired on time when it was there.
    fired: bool,
    emitted: Option<OwnedRow>,
    /// When its first row of the early phase came, and the first of the late one, by the clock.
    early: Option<i64>,
    late: Option<i64>,
    due: Option<i64>,
}

impl EmittingAggregate {
    pub fn new(
        node: &Node,
        aggregate: &WindowAggregate,
        input: &Schema,
        input_changelog: ChangelogMode,
        context: &OperatorContext,
    ) -> Result<EmittingAggregate> {
        let policy = aggregate.emit.clone().ok_or_else(|| Error::internal("windows that fire at their end alone"))?;
        let slicing = Slicing::new(&aggregate.window.shape)?
            .ok_or_else(|| Error::invalid("session windows don't fire early or late (table.exec.emit.*)"))?;
        let mut with_window = input.clone();
        let bound = TypeKind::BigInt.not_null();
        with_window.fields.extend(["start", "end"].map(|name| flitz_dataflow::Field::new(name, bound.clone())));
        let mut keys = aggregate.keys.clone();
        keys.extend([input.len(), input.len() + 1]);
        let spec = GroupSpec::new(&keys, &aggregate.aggregates, &with_window, !input_changelog.is_insert_only())?;
        // A result without columns would not be a row.
        let mut types: Vec<DataType> = aggregate.aggregates.iter().map(|call| call.data_type.to_arrow()).collect();
        types.push(DataType::Boolean);
        let results = RowConverter::new(types.iter().cloned().map(SortField::new).collect())
            .map_err(|_| Error::unsupported("early and late firing of an aggregate whose result can't be compared"))?;
        let (key_fields, state_fields) = spec.state_schema().fields().split_at(spec.key_count());
        let mut fields = key_fields.to_vec();
        fields.extend(["alive", "fired", "emitted"].map(|name| Arc::new(Field::new(name, DataType::Boolean, true))));
        fields.extend(["early", "late", "due"].map(|name| Arc::new(Field::new(name, DataType::Int64, true))));
        let result = |(i, t): (usize, &DataType)| Arc::new(Field::new(format!("result{i}"), t.clone(), true));
        fields.extend(types.iter().enumerate().map(result));
        fields.extend(state_fields.iter().map(|field| Arc::new(field.as_ref().clone().with_nullable(true))));
        let wall = wall_clock(aggregate.window.time_kind, context);
        Ok(EmittingAggregate {
            policy,
            slicing,
            wall,
            kind: aggregate.window.time_kind,
            time: aggregate.window.time,
            now: context.eval.clock.clone(),
            output: WindowOutput::new(node, aggregate, wall),
            emits_update_before: node.changelog.update_before,
            groups: GroupSet::new(spec.clone(), 0)?,
            input: with_window.to_arrow(),
            entries: vec![],
            windows: BTreeMap::new(),
            due: BTreeSet::new(),
            results,
            changed: BTreeSet::new(),
            gone: vec![],
            runs: KeyedRuns::new(spec.key_count(), context.spilling.clone()),
            run_schema: Arc::new(ArrowSchema::new(fields)),
            spec,
            progress: i64::MIN,
            late_rows: 0,
            holds_global: context.holds_global,
        })
    }

    fn has_ended(&self, end: i64, progress: i64) -> bool {
        self.wall.due(end - 1) <= progress
    }

    fn is_over(&self, end: i64, progress: i64) -> bool {
        self.wall.due((end - 1).saturating_add(self.policy.allow_lateness_millis)) <= progress
    }

    /// The rows once per window that is not over, with the window behind their columns.
    fn spread(&mut self, batch: &ChangelogBatch) -> Result<ChangelogBatch> {
        let times = match self.kind {
            TimeKind::Proctime => vec![self.wall.reading(self.now.now_millis()); batch.num_rows()],
            TimeKind::Rowtime | TimeKind::RowtimeLtz => millis_of(batch.rows(), self.time, self.wall)?,
        };
        let (mut rows, mut windows) = (vec![], vec![]);
        for (row, time) in times.into_iter().enumerate() {
            let from = windows.len();
            self.slicing.windows_of(time, &mut windows);
            let mut kept = from;
            for i in from..windows.len() {
                if !self.is_over(windows[i].1, self.progress) {
                    windows[kept] = windows[i];
                    kept += 1;
                }
            }
            windows.truncate(kept);
            rows.resize(kept, row as u32);
            self.late_rows += u64::from(kept == from);
        }
        let kinds = batch.kinds().map(|kinds| rows.iter().map(|row| kinds[*row as usize]).collect());
        let count = rows.len();
        let mut columns = take_record_batch(batch.rows(), &UInt32Array::from(rows))?.columns().to_vec();
        columns.push(Arc::new(Int64Array::from_iter_values(windows.iter().map(|(start, _)| *start))));
        columns.push(Arc::new(Int64Array::from_iter_values(windows.iter().map(|(_, end)| *end))));
        Ok(ChangelogBatch::new(record_batch(&self.input, columns, count)?, kinds))
    }

    /// Makes the group of a row known with its window.
    fn open(&mut self, group: u32, start: i64, end: i64) {
        if self.entries.len() <= group as usize {
            self.entries.resize(group as usize + 1, Entry::default());
        }
        let entry = &mut self.entries[group as usize];
        if !entry.alive {
            *entry = Entry { start, end, alive: true, ..Entry::default() };
            self.windows.entry((end, start)).or_default().push(group);
        }
    }

    /// Whether a group that got rows fires at once; if it fires later, says when.
    fn triggers(&mut self, group: u32, now: i64) -> bool {
        let entry = &self.entries[group as usize];
        let (delay, late) = match (self.has_ended(entry.end, self.progress), entry.fired) {
            (false, _) => (self.policy.early_fire_millis, false),
            (true, true) => (self.policy.late_fire_millis, true),
            (true, false) => return true,
        };
        let entry = &mut self.entries[group as usize];
        match delay {
            None => false,
            Some(delay) if delay <= 0 => true,
            Some(delay) => {
                let first = *(if late { &mut entry.late } else { &mut entry.early }).get_or_insert(now);
                let due = first + ((now - first) / delay + 1) * delay;
                if entry.due.is_none() {
                    entry.due = Some(due);
                    self.due.insert((due, group));
                }
                false
            }
        }
    }

    fn cancel(&mut self, group: u32) {
        if let Some(due) = self.entries[group as usize].due.take() {
            self.due.remove(&(due, group));
        }
    }

    /// Emits how the results of these groups have changed.
    fn fire(&mut self, groups: &[u32], out: &mut Output) -> Result<()> {
        for chunk in groups.chunks(OUTPUT_ROWS / 2) {
            let exists = |group: &u32| self.groups.row_count(*group).is_none_or(|rows| rows != 0);
            let existing: Vec<u32> = chunk.iter().copied().filter(exists).collect();
            let (columns, rows) = self.groups.results(&existing)?;
            let mut results = columns[self.spec.key_count()..].to_vec();
            results.push(Arc::new(BooleanArray::from(vec![true; rows])));
            let results = self.results.convert_columns(&results)?;
            let mut current = results.iter().map(|row| row.owned());
            let (mut kinds, mut changed, mut values) = (vec![], vec![], vec![]);
            let mut emit = |kind: RowKind, group: u32, value: &OwnedRow| {
                kinds.push(kind);
                changed.push(group);
                values.push(value.clone());
            };
            for &group in chunk {
                let after = if exists(&group) { current.next() } else { None };
                let entry = &mut self.entries[group as usize];
                match (&entry.emitted, &after) {
                    (None, None) => continue,
                    (None, Some(new)) => emit(RowKind::Insert, group, new),
                    (Some(old), None) => emit(RowKind::Delete, group, old),
                    (Some(old), Some(new)) if old == new => continue,
                    (Some(old), Some(new)) => {
                        if self.emits_update_before {
                            emit(RowKind::UpdateBefore, group, old);
                        }
                        emit(RowKind::UpdateAfter, group, new);
                    }
                }
                entry.emitted = after;
                self.changed.insert(group);
            }
            if !changed.is_empty() {
                let mut columns = self.groups.keys(&changed)?;
                columns.truncate(self.spec.key_count() - 2);
                let mut results = self.results.convert_rows(values.iter().map(OwnedRow::row))?;
                results.pop();
                columns.extend(results);
                let window = |group: &u32| (self.entries[*group as usize].start, self.entries[*group as usize].end);
                let windows: Vec<(i64, i64)> = changed.iter().map(window).collect();
                let rows = self.output.batch_of_windows(columns, &windows)?;
                let kinds = kinds.iter().any(|kind| *kind != RowKind::Insert).then(|| kinds.into());
                out.push(ChangelogBatch::new(rows, kinds));
            }
        }
        Ok(())
    }

    /// Windows that end fire on time; those past their lateness are forgotten.
    fn advance(&mut self, progress: i64, out: &mut Output) -> Result<()> {
        if progress <= self.progress {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.progress, progress);
        let ended: Vec<(i64, i64)> = (self.windows.keys().copied())
            .take_while(|(end, _)| self.has_ended(*end, progress))
            .filter(|(end, _)| !self.has_ended(*end, before))
            .collect();
        for window in ended {
            let groups = self.windows[&window].clone();
            for &group in &groups {
                self.cancel(group);
                self.entries[group as usize].fired = true;
                self.changed.insert(group);
            }
            self.fire(&groups, out)?;
        }
        while let Some((&(end, start), _)) = self.windows.first_key_value()
            && self.is_over(end, progress)
        {
            let groups = self.windows.remove(&(end, start)).unwrap_or_default();
            self.forget(&groups)?;
        }
        Ok(())
    }

    fn forget(&mut self, groups: &[u32]) -> Result<()> {
        let saved: Vec<u32> = groups.iter().copied().filter(|group| self.entries[*group as usize].saved).collect();
        if !saved.is_empty() {
            self.gone.push(self.groups.keys(&saved)?);
        }
        for &group in groups {
            self.cancel(group);
            self.changed.remove(&group);
            self.entries[group as usize] = Entry::default();
        }
        self.groups.remove(groups);
        Ok(())
    }

    /// Tombstones, then what changed.
    fn changes_as_run(&mut self) -> Result<RecordBatch> {
        let mut parts = vec![];
        for mut columns in std::mem::take(&mut self.gone) {
            let rows = columns.first().map_or(0, |key| key.len());
            columns.push(Arc::new(BooleanArray::from(vec![false; rows])));
            for field in &self.run_schema.fields()[columns.len()..] {
                columns.push(new_null_array(field.data_type(), rows));
            }
            parts.push(batch_of(self.run_schema.clone(), columns, rows)?);
        }
        let changed: Vec<u32> = std::mem::take(&mut self.changed).into_iter().collect();
        let entries = || changed.iter().map(|group| &self.entries[*group as usize]);
        let state = self.groups.state(&changed)?;
        let (keys, state) = state.columns().split_at(self.spec.key_count());
        let mut columns = keys.to_vec();
        let booleans = |of: fn(&Entry) -> bool| -> ArrayRef {
            Arc::new(entries().map(|entry| Some(of(entry))).collect::<BooleanArray>())
        };
        let times = |of: fn(&Entry) -> Option<i64>| -> ArrayRef { Arc::new(entries().map(of).collect::<Int64Array>()) };
        columns.extend([booleans(|e| e.alive), booleans(|e| e.fired), booleans(|e| e.emitted.is_some())]);
        columns.extend([times(|e| e.early), times(|e| e.late), times(|e| e.due)]);
        columns.extend(self.last_results(entries().map(|entry| &entry.emitted))?);
        columns.extend_from_slice(state);
        parts.push(batch_of(self.run_schema.clone(), columns, changed.len())?);
        for group in changed {
            self.entries[group as usize].saved = true;
        }
        Ok(concat_batches(&self.run_schema, &parts)?)
    }

    /// What was emitted last as columns, NULL where nothing was.
    fn last_results<'a>(&'a self, emitted: impl Iterator<Item = &'a Option<OwnedRow>>) -> Result<Vec<ArrayRef>> {
        let first = self.spec.key_count() + ENTRY_COLUMNS;
        let fields = &self.run_schema.fields()[first..first + self.result_columns()];
        let nothing: Vec<ArrayRef> = fields.iter().map(|field| new_null_array(field.data_type(), 1)).collect();
        let nothing = self.results.convert_columns(&nothing)?.row(0).owned();
        let rows: Vec<&OwnedRow> = emitted.map(|row| row.as_ref().unwrap_or(&nothing)).collect();
        Ok(self.results.convert_rows(rows.into_iter().map(OwnedRow::row))?)
    }

    fn result_columns(&self) -> usize {
        self.run_schema.fields().len() - self.spec.state_schema().fields().len() - ENTRY_COLUMNS
    }
}

impl Operator for EmittingAggregate {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        let now = self.now.now_millis();
        if self.kind == TimeKind::Proctime {
            self.advance(now - 1, out)?;
        }
        let spread = self.spread(&batch)?;
        if spread.num_rows() == 0 {
            return Ok(());
        }
        let rows = self.spec.rows(spread.rows(), spread.kinds())?;
        let groups = self.groups.number(&rows)?;
        self.groups.update_groups(&groups, &rows)?;
        let bound = |column: usize| spread.rows().column(column).as_primitive::<Int64Type>();
        let columns = spread.rows().num_columns();
        let (starts, ends) = (bound(columns - 2), bound(columns - 1));
        let mut touched = BTreeSet::new();
        for (row, &group) in groups.iter().enumerate() {
            if touched.insert(group) {
                self.open(group, starts.value(row), ends.value(row));
            }
        }
        let mut firing = vec![];
        for group in touched {
            self.changed.insert(group);
            if self.triggers(group, now) {
                firing.push(group);
            }
        }
        self.fire(&firing, out)?;
        self.runs.tidy(self.groups.len())
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        match self.kind {
            TimeKind::Proctime => Ok(()),
            TimeKind::Rowtime | TimeKind::RowtimeLtz => self.advance(watermark.millis(), out),
        }
    }

    fn timer(&mut self, now_millis: i64, out: &mut Output) -> Result<()> {
        if self.kind == TimeKind::Proctime {
            self.advance(now_millis - 1, out)?;
        }
        let due: Vec<u32> =
            self.due.iter().take_while(|(due, _)| *due <= now_millis).map(|(_, group)| *group).collect();
        for &group in &due {
            self.cancel(group);
            self.changed.insert(group);
        }
        self.fire(&due, out)
    }

    fn next_timer(&self) -> Option<i64> {
        let delayed = self.due.first().map(|(due, _)| *due);
        let end = match self.kind {
            TimeKind::Proctime => self.windows.keys().next().map(|(end, _)| self.wall.due(end - 1) + 1),
            TimeKind::Rowtime | TimeKind::RowtimeLtz => None,
        };
        [delayed, end].into_iter().flatten().min()
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        let run = self.changes_as_run()?;
        self.runs.push(run)?;
        let value = json!({ "watermark": self.progress, "late_rows": self.late_rows });
        Ok(OperatorSnapshot { value, runs: self.runs.runs() })
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()> {
        let numbers = |name: &'static str| states.iter().filter_map(move |state| state.value[name].as_i64());
        self.progress = numbers("watermark").min().unwrap_or(i64::MIN);
        if share.worker == 0 {
            self.late_rows = numbers("late_rows").sum::<i64>() as u64;
        }
        let keys = self.spec.key_count();
        // The window is part of the key, but does not decide on which worker it is.
        let Some(rows) = self.runs.restore(&states, keys - 2, share, self.holds_global)? else { return Ok(()) };
        if rows.num_columns() != self.run_schema.fields().len() {
            return Err(Error::internal("an aggregate's saved state has other columns than its aggregates"));
        }
        let column = |i: usize| rows.column(keys + i);
        let long =
            |array: &ArrayRef, row: usize| array.is_valid(row).then(|| array.as_primitive::<Int64Type>().value(row));
        let first_result = keys + ENTRY_COLUMNS;
        let first_state = first_result + self.result_columns();
        let results = self.results.convert_columns(&rows.columns()[first_result..first_state])?;
        let mut state = rows.columns()[..keys].to_vec();
        state.extend_from_slice(&rows.columns()[first_state..]);
        let groups = self.groups.groups_of(&state[..keys], rows.num_rows())?;
        self.groups.merge_groups(&groups, &state)?;
        for (row, group) in groups.into_iter().enumerate() {
            let bound = |i: usize| long(rows.column(i), row).ok_or_else(|| Error::internal("a window without bounds"));
            self.open(group, bound(keys - 2)?, bound(keys - 1)?);
            let entry = &mut self.entries[group as usize];
            entry.saved = true;
            entry.fired = column(1).as_boolean().value(row);
            entry.emitted = column(2).as_boolean().value(row).then(|| results.row(row).owned());
            (entry.early, entry.late, entry.due) = (long(column(3), row), long(column(4), row), long(column(5), row));
            if let Some(due) = entry.due {
                self.due.insert((due, group));
            }
        }
        Ok(())
    }

    /// What checkpoints have goes to disk; open windows stay in memory.
    fn spill(&mut self, _bytes: usize) -> Result<usize> {
        self.runs.spill()
    }

    fn stats(&self) -> OperatorStats {
        let emitted = |entry: &Entry| entry.emitted.as_ref().map_or(0, |row| row.as_ref().len());
        let entries: usize = self.entries.iter().map(|entry| size_of::<Entry>() + emitted(entry)).sum();
        let bytes = self.groups.bytes() + self.runs.bytes() + entries;
        let alive = self.windows.values().map(Vec::len).sum::<usize>();
        OperatorStats {
            state_rows: alive as u64,
            state_bytes: bytes as u64,
            late_rows: self.late_rows,
            spilled_bytes: self.runs.disk_bytes(),
        }
    }
}
