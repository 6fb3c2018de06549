//! Aggregation per session: rows of a key no more than a gap apart.
//!
//! 1. A row opens the window `[time, time + gap)`, which is merged with every session of its key that it
//!    overlaps or touches.
//! 2. If the merged session has ended by the watermark, the row is late: dropped and counted.
//! 3. When the watermark passes a session's end it fires, in order of ends.
//!
//! ```text
//! gap 10     rows of k     00:00   00:25   00:08      sessions (00:00–00:18), (00:25–00:35)
//!            then          00:16                      one session (00:00–00:35)
//! ```
//!
//! Each session is one group of the accumulators; joining two merges one group into the other. Rows of a
//! batch are assigned to sessions one by one, but aggregated together. About 48 bytes per session beside its
//! key and accumulators.
//!
//! **Checkpoints** are incremental by session, see [`KeyedRuns`]: a session is known by its key and a number of
//! its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, new_null_array};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Int64Type, Schema as ArrowSchema, SchemaRef};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Clock, Error, Result, Schema, Watermark};
use flitz_functions::KeyInterner;
use flitz_plan::{Node, TimeKind, WindowAggregate, WindowShape};
use serde_json::json;

use super::groups::{GroupSet, GroupSpec, InputRows, batch_of};
use super::keyed_runs::KeyedRuns;
use super::window_aggregate::time::{WallClock, millis_of};
use super::window_aggregate::{OUTPUT_ROWS, WindowOutput, wall_clock};
use super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};

/// Columns of a run between key and aggregates: the session's number, alive, start, end.
const SESSION_COLUMNS: usize = 4;

pub struct SessionAggregate {
    gap: i64,
    time: usize,
    kind: TimeKind,
    wall: WallClock,
    now: Arc<dyn Clock>,
    output: WindowOutput,
    key_columns: Vec<usize>,
    keys: KeyInterner,
    /// Open sessions of each key, in no order.
    by_key: Vec<Vec<u32>>,
    /// Keys that stand in `gone`.
    awaits_tombstone: Vec<bool>,
    sessions: Vec<Session>,
    free: Vec<u32>,
    /// One group per session; the keys stand in `keys`.
    groups: GroupSet,
    spec: Arc<GroupSpec>,
    /// Sessions by when they end.
    ends: BTreeSet<(i64, u32)>,
    changed: BTreeSet<u32>,
    /// Sessions that a checkpoint knows and that are no more: key and number.
    gone: Vec<(u32, u64)>,
    runs: KeyedRuns,
    run_schema: SchemaRef,
    next_session: u64,
    progress: i64,
    late_rows: u64,
    holds_global: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Session {
    key: u32,
    start: i64,
    end: i64,
    number: u64,
    saved: bool,
}

impl SessionAggregate {
    pub fn new(
        node: &Node,
        aggregate: &WindowAggregate,
        input: &Schema,
        input_changelog: ChangelogMode,
        context: &OperatorContext,
    ) -> Result<SessionAggregate> {
        let WindowShape::Session { gap, partition } = &aggregate.window.shape else {
            return Err(Error::internal("not a session"));
        };
        let sorted = |columns: &[usize]| columns.iter().copied().collect::<BTreeSet<usize>>();
        if sorted(partition) != sorted(&aggregate.keys) {
            return Err(Error::unsupported("SESSION windows partitioned by other columns than those of GROUP BY")
                .hint("name the same columns in PARTITION BY and GROUP BY"));
        }
        let key_types: Vec<DataType> =
            aggregate.keys.iter().map(|key| input.fields[*key].data_type.to_arrow()).collect();
        let spec = GroupSpec::new(&[], &aggregate.aggregates, input, !input_changelog.is_insert_only())?;
        let mut fields: Vec<Field> =
            key_types.iter().enumerate().map(|(i, t)| Field::new(format!("key{i}"), t.clone(), true)).collect();
        fields.push(Field::new("session", DataType::Int64, false));
        fields.push(Field::new("alive", DataType::Boolean, false));
        fields.extend(["start", "end"].map(|name| Field::new(name, DataType::Int64, true)));
        fields.extend(spec.state_schema().fields().iter().map(|field| field.as_ref().clone().with_nullable(true)));
        let wall = wall_clock(aggregate.window.time_kind, context);
        Ok(SessionAggregate {
            gap: *gap,
            time: aggregate.window.time,
            kind: aggregate.window.time_kind,
            wall,
            now: context.eval.clock.clone(),
            output: WindowOutput::new(node, aggregate, wall),
            key_columns: aggregate.keys.clone(),
            keys: KeyInterner::new(key_types)?,
            by_key: vec![],
            awaits_tombstone: vec![],
            sessions: vec![],
            free: vec![],
            groups: GroupSet::new(spec.clone(), 0)?,
            spec,
            ends: BTreeSet::new(),
            changed: BTreeSet::new(),
            gone: vec![],
            runs: KeyedRuns::new(aggregate.keys.len() + 1, context.spilling.clone()),
            run_schema: Arc::new(ArrowSchema::new(fields)),
            next_session: 0,
            progress: i64::MIN,
            late_rows: 0,
            holds_global: context.holds_global,
        })
    }

    fn times(&self, batch: &RecordBatch) -> Result<Vec<i64>> {
        match self.kind {
            TimeKind::Proctime => Ok(vec![self.wall.reading(self.now.now_millis()); batch.num_rows()]),
            TimeKind::Rowtime | TimeKind::RowtimeLtz => millis_of(batch, self.time, self.wall),
        }
    }

    fn make_room_for_keys(&mut self) {
        let len = self.keys.len().max(self.by_key.len());
        self.by_key.resize(len, vec![]);
        self.awaits_tombstone.resize(len, false);
    }

    /// Assigns rows to sessions. Sessions are joined only after the rows assigned to them so far are in.
    fn assign(&mut self, keys: &[u32], times: &[i64], rows: &InputRows) -> Result<()> {
        let mut pending = Pending::default();
        for (row, (&key, &time)) in keys.iter().zip(times).enumerate() {
            let (mut start, mut end) = (time, time + self.gap);
            let mut touching: Vec<u32> = vec![];
            for &session in &self.by_key[key as usize] {
                let other = &self.sessions[session as usize];
                if other.start <= time + self.gap && time <= other.end {
                    (start, end) = (start.min(other.start), end.max(other.end));
                    touching.push(session);
                }
            }
            if self.wall.due(end - 1) <= self.progress {
                self.late_rows += 1;
                continue;
            }
            let session = match touching.as_slice() {
                [] => self.open(key, start, end),
                [session] => {
                    self.extend(*session, start, end);
                    *session
                }
                [session, others @ ..] => {
                    pending.flush(&mut self.groups, rows)?;
                    for other in others {
                        self.join(*session, *other)?;
                    }
                    self.extend(*session, start, end);
                    *session
                }
            };
            self.changed.insert(session);
            pending.rows.push(row as u32);
            pending.sessions.push(session);
        }
        pending.flush(&mut self.groups, rows)
    }

    fn open(&mut self, key: u32, start: i64, end: i64) -> u32 {
        let session = Session { key, start, end, number: self.next_session, saved: false };
        self.next_session += 1;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.sessions[slot as usize] = session;
                slot
            }
            None => {
                self.sessions.push(session);
                (self.sessions.len() - 1) as u32
            }
        };
        self.groups.make_room(self.sessions.len());
        self.by_key[key as usize].push(slot);
        self.ends.insert((end, slot));
        slot
    }

    fn extend(&mut self, slot: u32, start: i64, end: i64) {
        let session = &mut self.sessions[slot as usize];
        if session.end != end {
            self.ends.remove(&(session.end, slot));
            self.ends.insert((end, slot));
        }
        (session.start, session.end) = (start, end);
    }

    fn join(&mut self, into: u32, other: u32) -> Result<()> {
        let state = self.groups.state(&[other])?;
        self.groups.merge_groups(&[into], state.columns())?;
        self.close(&[other]);
        Ok(())
    }

    /// Forgets sessions. A key goes with its last one, unless a checkpoint must be told first.
    fn close(&mut self, slots: &[u32]) {
        for &slot in slots {
            let session = self.sessions[slot as usize];
            self.ends.remove(&(session.end, slot));
            self.changed.remove(&slot);
            self.by_key[session.key as usize].retain(|other| *other != slot);
            if session.saved {
                self.gone.push((session.key, session.number));
                self.awaits_tombstone[session.key as usize] = true;
            } else {
                self.forget_key(session.key);
            }
            self.free.push(slot);
        }
        self.groups.clear(slots);
    }

    /// Only keys without a tombstone to write are forgotten here; the others when it is written.
    fn forget_key(&mut self, key: u32) {
        if self.by_key[key as usize].is_empty() && !self.awaits_tombstone[key as usize] {
            self.keys.remove(&[key]);
        }
    }

    fn advance(&mut self, progress: i64, out: &mut Output) -> Result<()> {
        if progress <= self.progress {
            return Ok(());
        }
        self.progress = progress;
        let mut due: Vec<u32> = vec![];
        for &(end, slot) in &self.ends {
            if self.wall.due(end - 1) > progress {
                break;
            }
            due.push(slot);
        }
        for chunk in due.chunks(OUTPUT_ROWS) {
            // A session whose rows were all retracted does not exist.
            let exists = |slot: &u32| self.groups.row_count(*slot).is_none_or(|rows| rows != 0);
            let existing: Vec<u32> = chunk.iter().copied().filter(exists).collect();
            let sessions = existing.iter().map(|slot| self.sessions[*slot as usize]);
            let keys: Vec<u32> = sessions.clone().map(|session| session.key).collect();
            let windows: Vec<(i64, i64)> = sessions.map(|session| (session.start, session.end)).collect();
            let mut columns = self.keys.keys(&keys)?;
            columns.extend(self.groups.results(&existing)?.0);
            out.push(ChangelogBatch::append_only(self.output.batch_of_windows(columns, &windows)?));
        }
        self.close(&due);
        Ok(())
    }

    /// Tombstones, then what changed.
    fn changes_as_run(&mut self) -> Result<RecordBatch> {
        let gone = std::mem::take(&mut self.gone);
        let gone_keys: Vec<u32> = gone.iter().map(|(key, _)| *key).collect();
        let mut tombstones = self.keys.keys(&gone_keys)?;
        tombstones.push(Arc::new(Int64Array::from_iter_values(gone.iter().map(|(_, number)| *number as i64))));
        tombstones.push(Arc::new(BooleanArray::from(vec![false; gone.len()])));
        for field in &self.run_schema.fields()[tombstones.len()..] {
            tombstones.push(new_null_array(field.data_type(), gone.len()));
        }
        let tombstones = batch_of(self.run_schema.clone(), tombstones, gone.len())?;
        for key in gone_keys.into_iter().collect::<BTreeSet<u32>>() {
            self.awaits_tombstone[key as usize] = false;
            self.forget_key(key);
        }

        let changed: Vec<u32> = std::mem::take(&mut self.changed).into_iter().collect();
        let of = |value: fn(&Session) -> i64| -> ArrayRef {
            let values = changed.iter().map(|slot| value(&self.sessions[*slot as usize]));
            Arc::new(Int64Array::from_iter_values(values))
        };
        let keys: Vec<u32> = changed.iter().map(|slot| self.sessions[*slot as usize].key).collect();
        let mut columns = self.keys.keys(&keys)?;
        columns.push(of(|session| session.number as i64));
        columns.push(Arc::new(BooleanArray::from(vec![true; changed.len()])));
        columns.push(of(|session| session.start));
        columns.push(of(|session| session.end));
        columns.extend_from_slice(self.groups.state(&changed)?.columns());
        let rows = batch_of(self.run_schema.clone(), columns, changed.len())?;
        for slot in changed {
            self.sessions[slot as usize].saved = true;
        }
        Ok(concat_batches(&self.run_schema, [&tombstones, &rows])?)
    }
}

/// Rows whose session is known but that are not aggregated yet.
#[derive(Default)]
struct Pending {
    rows: Vec<u32>,
    sessions: Vec<u32>,
}

impl Pending {
    fn flush(&mut self, groups: &mut GroupSet, rows: &InputRows) -> Result<()> {
        let (taken, sessions) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.sessions));
        if taken.is_empty() {
            return Ok(());
        }
        if taken.len() == rows.len() {
            return groups.update_groups(&sessions, rows);
        }
        groups.update_groups(&sessions, &rows.take(taken)?)
    }
}

impl Operator for SessionAggregate {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.kind == TimeKind::Proctime {
            self.advance(self.now.now_millis() - 1, out)?;
        }
        let times = self.times(batch.rows())?;
        let columns: Vec<ArrayRef> = self.key_columns.iter().map(|&key| batch.rows().column(key).clone()).collect();
        let mut keys = vec![];
        self.keys.intern(&columns, batch.num_rows(), &mut keys)?;
        self.make_room_for_keys();
        let rows = self.spec.rows(batch.rows(), batch.kinds())?;
        self.assign(&keys, &times, &rows)?;
        // A key that only late rows had.
        for key in keys.into_iter().filter(|key| self.by_key[*key as usize].is_empty()).collect::<BTreeSet<u32>>() {
            self.forget_key(key);
        }
        self.runs.tidy(self.ends.len())
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        match self.kind {
            TimeKind::Proctime => Ok(()),
            TimeKind::Rowtime | TimeKind::RowtimeLtz => self.advance(watermark.millis(), out),
        }
    }

    fn timer(&mut self, now_millis: i64, out: &mut Output) -> Result<()> {
        match self.kind {
            TimeKind::Proctime => self.advance(now_millis - 1, out),
            TimeKind::Rowtime | TimeKind::RowtimeLtz => Ok(()),
        }
    }

    fn next_timer(&self) -> Option<i64> {
        let first = self.ends.first().filter(|_| self.kind == TimeKind::Proctime);
        first.map(|(end, _)| self.wall.due(end - 1) + 1)
    }

    /// Sessions of processing time that are open at the end of the input don't fire, as in Flink.
    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        let run = self.changes_as_run()?;
        self.runs.push(run)?;
        let value =
            json!({ "watermark": self.progress, "late_rows": self.late_rows, "next_session": self.next_session });
        Ok(OperatorSnapshot { value, runs: self.runs.runs() })
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()> {
        let numbers = |name: &'static str| states.iter().filter_map(move |state| state.value[name].as_i64());
        self.progress = numbers("watermark").min().unwrap_or(i64::MIN);
        self.next_session = numbers("next_session").max().unwrap_or(0) as u64;
        if share.worker == 0 {
            self.late_rows = numbers("late_rows").sum::<i64>() as u64;
        }
        let key_columns = self.key_columns.len();
        let Some(rows) = self.runs.restore(&states, key_columns, share, self.holds_global)? else { return Ok(()) };
        if rows.num_columns() != self.run_schema.fields().len() {
            return Err(Error::internal("saved sessions have other columns than the aggregates"));
        }
        let mut keys = vec![];
        self.keys.intern(&rows.columns()[..key_columns], rows.num_rows(), &mut keys)?;
        self.make_room_for_keys();
        let long = |column: usize| rows.column(key_columns + column).as_primitive::<Int64Type>();
        let (number, start, end) = (long(0), long(2), long(3));
        let mut slots = Vec::with_capacity(keys.len());
        for (row, key) in keys.into_iter().enumerate() {
            let slot = self.open(key, start.value(row), end.value(row));
            let session = &mut self.sessions[slot as usize];
            (session.number, session.saved) = (number.value(row) as u64, true);
            slots.push(slot);
        }
        self.groups.merge_groups(&slots, &rows.columns()[key_columns + SESSION_COLUMNS..])
    }

    /// What checkpoints have goes to disk; open sessions stay in memory.
    fn spill(&mut self, _bytes: usize) -> Result<usize> {
        self.runs.spill()
    }

    fn stats(&self) -> OperatorStats {
        let bytes = self.keys.bytes() + self.groups.bytes() + self.sessions.capacity() * 96 + self.runs.bytes();
        OperatorStats {
            state_rows: self.ends.len() as u64,
            state_bytes: bytes as u64,
            late_rows: self.late_rows,
            spilled_bytes: self.runs.disk_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::script::Script;
    use super::super::window_aggregate::{single, tests};
    use super::*;

    fn check(text: &str, expected: Expect) {
        let schema = tests::input(flitz_dataflow::TypeKind::timestamp(3));
        let shape = WindowShape::Session { gap: 10, partition: vec![0] };
        let node = tests::node(shape, TimeKind::Rowtime);
        let script = Script::new(schema.clone(), &[0], move |context| {
            single(&node, &schema, ChangelogMode::INSERT_ONLY, context)
        });
        expected.assert_eq(&script.run(text));
    }

    #[test]
    fn rows_within_the_gap_are_one_session() {
        check(
            "
            +I a 0 1 | +I a 25 2 | +I a 8 4 | +I b 3 1 | +I NULL 3 1
            watermark 12
            +I a 16 8 | +I b 13 1 | +I b 2 1
            late
            watermark 34
            +I a 24 1
            late
            end
            ",
            expect![[r#"
                watermark 12
                    +I b 1 1 1 3 13
                    +I NULL 1 1 1 3 13
                late
                    1
                watermark 34
                    +I b 1 1 1 13 23
                    +I a 4 15 4 0 35
                late
                    2
            "#]],
        );
    }

    #[test]
    fn sessions_survive_recovery_with_another_parallelism() {
        check(
            "
            +I a 0 1 | +I b 0 1 | +I c 0 1 | +I d 0 1
            barrier
            +I a 5 1 | +I b 20 1
            watermark 9
            barrier
            +I e 7 7
            recover 3
            +I a 12 1 | +I b 9 1 | +I b 11 1 | +I d 1 1
            late
            barrier
            recover
            watermark 21
            barrier
            recover 2
            end
            ",
            expect![[r#"
                watermark 9
                    +I b 1 1 1 0 10
                    +I c 1 1 1 0 10
                    +I d 1 1 1 0 10
                late
                    0
                watermark 21
                    +I d 1 1 1 1 11
                    +I a 3 3 1 0 22
                end
                    +I b 3 3 1 9 30
            "#]],
        );
    }
}
