//! Aggregation per key over everything that ever came.
//!
//! For each batch, every key that occurs in it gives at most one change, its net effect:
//!
//! | before | after | emitted |
//! |---|---|---|
//! | – | rows | `+I` |
//! | rows | the same result | nothing (with a state TTL: as if it differed, which prolongs the life downstream) |
//! | rows | another result | `-U` (if anyone needs it) and `+U` |
//! | rows | none | `-D`, and the key is forgotten |
//!
//! ```text
//! SELECT k, SUM(v)     +I a 1 | +I a 2 | +I b 5     emits  +I a 3 | +I b 5
//!                      -D b 5 | +I a 4                     -U a 3 | +U a 7 | -D b 5
//! ```
//!
//! If somebody is shown every change (a table that takes all row kinds, without mini-batches), each row is a batch of
//! its own.
//!
//! Without keys there is one group, which exists once a row has come. In batch mode results come out once, at
//! the end, and then a group without keys exists even if no row came.
//!
//! **State TTL.** A key whose last row is older is as if it had never been: nothing is emitted when that
//! happens, and its next row begins anew with `+I`.
//!
//! **Checkpoints** are incremental by key, see [`KeyedRuns`].

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, UInt32Array, new_null_array};
use arrow::compute::kernels::cmp::not_distinct;
use arrow::compute::{and, concat_batches, interleave, take};
use arrow::datatypes::{DataType, Field, Int64Type, Schema as ArrowSchema, SchemaRef};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Clock, Error, Result, RowKind, Schema, Watermark};
use flitz_plan::{Node, NodeKind};

use super::groups::{GroupSet, GroupSpec, batch_of};
use super::keyed_runs::KeyedRuns;
use super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};
use crate::keys::hash_keys;

const OUTPUT_ROWS: usize = 8192;

pub struct GroupAggregate {
    spec: Arc<GroupSpec>,
    groups: GroupSet,
    schema: SchemaRef,
    emits_update_before: bool,
    batch_mode: bool,
    /// The keys, if every row is to give its own change.
    each_change: Option<Vec<usize>>,
    holds_global: bool,
    ttl_millis: Option<i64>,
    clock: Arc<dyn Clock>,
    next_sweep: Option<i64>,
    entries: Vec<Entry>,
    /// Number of the batch, to find the distinct groups of one.
    batch: u32,
    changed: Vec<u32>,
    /// Keys that a checkpoint knows and that are no more.
    gone: Vec<Vec<ArrayRef>>,
    alive: usize,
    runs: KeyedRuns,
    run_schema: SchemaRef,
}

/// What is known of a group beside its aggregates.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// Downstream has a row of it.
    alive: bool,
    /// It stands in `changed`.
    changed: bool,
    /// A checkpoint has it.
    saved: bool,
    batch: u32,
    written_millis: i64,
}

impl GroupAggregate {
    pub fn new(
        node: &Node,
        input: &Schema,
        input_changelog: ChangelogMode,
        context: &OperatorContext,
    ) -> Result<GroupAggregate> {
        let NodeKind::GroupAggregate { keys, aggregates, state_ttl_millis, each_change } = &node.kind else {
            return Err(Error::internal("not a group aggregate"));
        };
        let retractable = !input_changelog.is_insert_only();
        if retractable && !input_changelog.update_before {
            return Err(Error::internal("an aggregate needs -U of its input to take old rows out"));
        }
        let spec = GroupSpec::new(keys, aggregates, input, retractable)?;
        let (key_fields, state_fields) = spec.state_schema().fields().split_at(spec.key_count());
        let mut fields = key_fields.to_vec();
        fields.push(Arc::new(Field::new("alive", DataType::Boolean, false)));
        fields.push(Arc::new(Field::new("written", DataType::Int64, false)));
        fields.extend(state_fields.iter().map(|field| Arc::new(field.as_ref().clone().with_nullable(true))));
        let ttl_millis = state_ttl_millis.filter(|ttl| *ttl > 0 && !context.batch_mode);
        Ok(GroupAggregate {
            groups: GroupSet::new(spec.clone(), 0)?,
            schema: node.schema.to_arrow(),
            emits_update_before: node.changelog.update_before,
            batch_mode: context.batch_mode,
            each_change: (*each_change || context.every_change).then(|| keys.clone()),
            holds_global: context.holds_global,
            ttl_millis,
            clock: context.eval.clock.clone(),
            next_sweep: None,
            entries: vec![],
            batch: 0,
            changed: vec![],
            gone: vec![],
            alive: 0,
            runs: KeyedRuns::new(spec.key_count()),
            run_schema: Arc::new(ArrowSchema::new(fields)),
            spec,
        })
    }

    /// The distinct ones of `groups`, in order of first occurrence.
    fn touched(&mut self, groups: &[u32]) -> Vec<u32> {
        self.entries.resize(self.groups.len().max(self.entries.len()), Entry::default());
        self.batch = self.batch.wrapping_add(1).max(1);
        let mut touched = vec![];
        for &group in groups {
            let entry = &mut self.entries[group as usize];
            if entry.batch != self.batch {
                entry.batch = self.batch;
                touched.push(group);
            }
        }
        touched
    }

    /// Forgets what has outlived its TTL among `groups`: what comes now begins anew.
    fn expire(&mut self, groups: &[u32], now: i64) {
        let Some(ttl) = self.ttl_millis else { return };
        let expired = |group: &&u32| {
            let entry = &self.entries[**group as usize];
            entry.alive && now - entry.written_millis >= ttl
        };
        let expired: Vec<u32> = groups.iter().filter(expired).copied().collect();
        self.groups.clear(&expired);
        for group in expired {
            self.entries[group as usize].alive = false;
            self.alive -= 1;
        }
    }

    fn exists(&self, group: u32) -> bool {
        self.groups.row_count(group).is_none_or(|rows| rows > 0)
    }

    fn update(&mut self, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let rows = self.spec.rows(batch.rows(), batch.kinds())?;
        let groups = self.groups.number(&rows)?;
        let now = self.clock.now_millis();
        let touched = self.touched(&groups);
        if self.batch_mode {
            for group in touched {
                let entry = &mut self.entries[group as usize];
                if !std::mem::replace(&mut entry.changed, true) {
                    self.changed.push(group);
                }
            }
            return self.groups.update_groups(&groups, &rows);
        }
        self.expire(&touched, now);
        let existed: Vec<u32> = touched.iter().copied().filter(|g| self.entries[*g as usize].alive).collect();
        let (before, _) = self.groups.results(&existed)?;
        self.groups.update_groups(&groups, &rows)?;
        self.emit_changes(&touched, &before, now, out)?;
        if let Some(ttl) = self.ttl_millis {
            self.next_sweep.get_or_insert(now + ttl);
        }
        self.runs.tidy(self.alive)
    }

    /// Emits the net change of each of `touched` and brings `entries` up to date.
    fn emit_changes(&mut self, touched: &[u32], before: &[ArrayRef], now: i64, out: &mut Output) -> Result<()> {
        let present: Vec<u32> = touched.iter().copied().filter(|group| self.exists(*group)).collect();
        let (after, _) = self.groups.results(&present)?;
        let mut changes = Changes::default();
        let mut removed = vec![];
        let (mut old, mut new) = (0, 0);
        for &group in touched {
            let exists = self.exists(group);
            let entry = &mut self.entries[group as usize];
            match (entry.alive, exists) {
                (false, false) => removed.push(group),
                (false, true) => changes.insert(new),
                (true, true) => changes.update(old, new),
                (true, false) => {
                    changes.delete(old);
                    removed.push(group);
                }
            }
            old += usize::from(entry.alive);
            new += usize::from(exists);
            self.alive = self.alive + usize::from(exists) - usize::from(entry.alive);
            entry.alive = exists;
            if exists {
                entry.written_millis = now;
                if !entry.changed {
                    entry.changed = true;
                    self.changed.push(group);
                }
            }
        }
        let skip_equal = self.ttl_millis.is_none();
        if let Some(batch) =
            changes.batch(before, &after, self.spec.key_count(), skip_equal, self.emits_update_before, &self.schema)?
        {
            out.push(batch);
        }
        self.remove(&removed)
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        if groups.is_empty() {
            return Ok(());
        }
        let saved: Vec<u32> = groups.iter().copied().filter(|group| self.entries[*group as usize].saved).collect();
        if !saved.is_empty() {
            let state = self.groups.state(&saved)?;
            // A key count of zero still needs a row to say that the group is gone.
            let mut keys = state.columns()[..self.spec.key_count()].to_vec();
            keys.push(Arc::new(BooleanArray::from(vec![false; saved.len()])));
            self.gone.push(keys);
        }
        self.groups.remove(groups);
        for group in groups {
            self.entries[*group as usize] = Entry { batch: self.batch, ..Entry::default() };
        }
        if groups.len() * 4 > self.changed.len() {
            let entries = &self.entries;
            self.changed.retain(|group| entries[*group as usize].changed);
        }
        Ok(())
    }

    /// Batch mode: everything, once.
    fn emit_all(&mut self, out: &mut Output) -> Result<()> {
        if self.spec.key_count() == 0 && self.groups.is_empty() && self.holds_global {
            self.groups.groups_of(&[], 1)?;
            let (columns, rows) = self.groups.results(&[0])?;
            out.push(ChangelogBatch::append_only(batch_of(self.schema.clone(), columns, rows)?));
            return Ok(());
        }
        for chunk in self.groups.existing().chunks(OUTPUT_ROWS) {
            let (columns, rows) = self.groups.results(chunk)?;
            out.push(ChangelogBatch::append_only(batch_of(self.schema.clone(), columns, rows)?));
        }
        Ok(())
    }

    /// Where a batch is cut: where a key comes again, if every row is to give its own change.
    fn ends(&self, batch: &ChangelogBatch) -> Result<Vec<usize>> {
        let mut ends = vec![];
        if let Some(keys) = self.each_change.as_ref().filter(|_| !self.batch_mode) {
            let mut seen = HashSet::new();
            for (row, key) in hash_keys(batch.rows(), keys)?.into_iter().enumerate() {
                if !seen.insert(key) {
                    ends.push(row);
                    seen.clear();
                    seen.insert(key);
                }
            }
        }
        ends.push(batch.num_rows());
        Ok(ends)
    }

    /// Rows of a run: what is gone, then what changed. In this order, for a key may have come back.
    fn changes_as_run(&mut self) -> Result<RecordBatch> {
        let mut parts = vec![];
        for mut columns in std::mem::take(&mut self.gone) {
            let rows = columns.last().map_or(0, |alive| alive.len());
            columns.push(Arc::new(Int64Array::from(vec![0; rows])));
            for field in &self.run_schema.fields()[columns.len()..] {
                columns.push(new_null_array(field.data_type(), rows));
            }
            parts.push(batch_of(self.run_schema.clone(), columns, rows)?);
        }
        let mut changed = std::mem::take(&mut self.changed);
        changed.retain(|group| self.entries[*group as usize].changed);
        changed.sort_unstable();
        changed.dedup();
        let state = self.groups.state(&changed)?;
        let written = changed.iter().map(|group| self.entries[*group as usize].written_millis);
        let mut columns = state.columns()[..self.spec.key_count()].to_vec();
        columns.push(Arc::new(BooleanArray::from(vec![true; changed.len()])));
        columns.push(Arc::new(Int64Array::from_iter_values(written)));
        columns.extend_from_slice(&state.columns()[self.spec.key_count()..]);
        parts.push(batch_of(self.run_schema.clone(), columns, changed.len())?);
        for group in changed {
            let entry = &mut self.entries[group as usize];
            (entry.changed, entry.saved) = (false, true);
        }
        Ok(concat_batches(&self.run_schema, &parts)?)
    }
}

impl Operator for GroupAggregate {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        let mut from = 0;
        for to in self.ends(&batch)? {
            self.update(batch.slice(from, to - from), out)?;
            from = to;
        }
        Ok(())
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        if self.batch_mode && watermark == Watermark::MAX { self.emit_all(out) } else { Ok(()) }
    }

    /// Sweeps out keys whose time is up.
    fn timer(&mut self, now_millis: i64, _out: &mut Output) -> Result<()> {
        let Some(ttl) = self.ttl_millis else { return Ok(()) };
        if self.next_sweep.is_none_or(|due| due > now_millis) {
            return Ok(());
        }
        let dead: Vec<u32> = (0..self.entries.len() as u32)
            .filter(|group| {
                let entry = &self.entries[*group as usize];
                entry.alive && now_millis - entry.written_millis >= ttl
            })
            .collect();
        self.alive -= dead.len();
        self.remove(&dead)?;
        self.next_sweep = (self.alive > 0).then_some(now_millis + (ttl / 2).max(1_000));
        Ok(())
    }

    fn next_timer(&self) -> Option<i64> {
        self.next_sweep
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        let run = self.changes_as_run()?;
        self.runs.push(run);
        Ok(OperatorSnapshot { value: serde_json::Value::Null, runs: self.runs.runs() })
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()> {
        let keys = self.spec.key_count();
        let Some(rows) = self.runs.restore(&states, keys, share, self.holds_global)? else { return Ok(()) };
        if rows.schema().fields().len() != self.run_schema.fields().len() {
            return Err(Error::internal("an aggregate's saved state has other columns than its aggregates"));
        }
        let mut state = rows.columns()[..keys].to_vec();
        state.extend_from_slice(&rows.columns()[keys + 2..]);
        let groups = self.groups.groups_of(&state[..keys], rows.num_rows())?;
        self.groups.merge_groups(&groups, &state)?;
        self.entries.resize(self.groups.len(), Entry::default());
        let written = arrow::array::AsArray::as_primitive::<Int64Type>(rows.column(keys + 1));
        for (row, group) in groups.iter().enumerate() {
            let entry = &mut self.entries[*group as usize];
            (entry.alive, entry.saved, entry.written_millis) = (true, true, written.value(row));
        }
        self.alive = groups.len();
        if let Some(ttl) = self.ttl_millis {
            self.next_sweep = Some(self.clock.now_millis() + ttl);
        }
        Ok(())
    }

    fn stats(&self) -> OperatorStats {
        let bytes = self.groups.bytes() + self.entries.capacity() * size_of::<Entry>() + self.runs.bytes();
        OperatorStats { state_rows: self.groups.len() as u64, state_bytes: bytes as u64, late_rows: 0 }
    }
}

/// Rows to emit, by their position among results before and after.
#[derive(Default)]
struct Changes {
    changes: Vec<Change>,
}

#[derive(Clone, Copy)]
enum Change {
    Insert(usize),
    Update(usize, usize),
    Delete(usize),
}

impl Changes {
    fn insert(&mut self, new: usize) {
        self.changes.push(Change::Insert(new));
    }

    fn update(&mut self, old: usize, new: usize) {
        self.changes.push(Change::Update(old, new));
    }

    fn delete(&mut self, old: usize) {
        self.changes.push(Change::Delete(old));
    }

    fn batch(
        self,
        before: &[ArrayRef],
        after: &[ArrayRef],
        keys: usize,
        skip_equal: bool,
        emits_update_before: bool,
        schema: &SchemaRef,
    ) -> Result<Option<ChangelogBatch>> {
        let equal = if skip_equal { self.equal(&before[keys..], &after[keys..])? } else { None };
        let mut updates = 0;
        let (mut from, mut kinds) = (vec![], vec![]);
        for change in &self.changes {
            match *change {
                Change::Insert(new) => {
                    from.push((1, new));
                    kinds.push(RowKind::Insert);
                }
                Change::Delete(old) => {
                    from.push((0, old));
                    kinds.push(RowKind::Delete);
                }
                Change::Update(old, new) => {
                    updates += 1;
                    if equal.as_ref().is_some_and(|equal| equal.value(updates - 1)) {
                        continue;
                    }
                    if emits_update_before {
                        from.push((0, old));
                        kinds.push(RowKind::UpdateBefore);
                    }
                    from.push((1, new));
                    kinds.push(RowKind::UpdateAfter);
                }
            }
        }
        if from.is_empty() {
            return Ok(None);
        }
        let after_as_it_is = after.first().is_some_and(|column| column.len() == from.len())
            && from.iter().enumerate().all(|(i, place)| *place == (1, i));
        let columns = if after_as_it_is {
            after.to_vec()
        } else {
            let pairs = before.iter().zip(after);
            pairs.map(|(old, new)| interleave(&[old.as_ref(), new.as_ref()], &from)).collect::<Result<_, _>>()?
        };
        let kinds = kinds.iter().any(|kind| *kind != RowKind::Insert).then(|| kinds.into());
        Ok(Some(ChangelogBatch::new(batch_of(schema.clone(), columns, from.len())?, kinds)))
    }

    /// For each update whether nothing differs; None if there is no update or the results can't be compared.
    fn equal(&self, before: &[ArrayRef], after: &[ArrayRef]) -> Result<Option<BooleanArray>> {
        let (mut old_rows, mut new_rows) = (vec![], vec![]);
        for change in &self.changes {
            if let Change::Update(old, new) = change {
                old_rows.push(*old as u32);
                new_rows.push(*new as u32);
            }
        }
        if old_rows.is_empty() || after.iter().any(|column| column.data_type().is_nested()) {
            return Ok(None);
        }
        let (old_rows, new_rows) = (UInt32Array::from(old_rows), UInt32Array::from(new_rows));
        let mut equal = BooleanArray::from(vec![true; old_rows.len()]);
        for (old, new) in before.iter().zip(after) {
            equal = and(&equal, &not_distinct(&take(old, &old_rows, None)?, &take(new, &new_rows, None)?)?)?;
        }
        Ok(Some(equal))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use flitz_dataflow::{DataType, TypeKind};
    use flitz_plan::AggregateCall;

    use super::super::script::Script;
    use super::*;

    fn schema() -> Schema {
        Schema::new(vec![
            flitz_dataflow::Field::new("k", TypeKind::STRING.nullable()),
            flitz_dataflow::Field::new("v", TypeKind::BigInt.nullable()),
        ])
    }

    fn call(function: &str, args: &[usize], data_type: DataType) -> AggregateCall {
        AggregateCall { function: function.into(), args: args.to_vec(), distinct: false, filter: None, data_type }
    }

    fn script(keys: &[usize], input: ChangelogMode, output: ChangelogMode, ttl: Option<i64>) -> Script {
        let keys = keys.to_vec();
        let aggregates = vec![
            call("COUNT", &[], TypeKind::BigInt.not_null()),
            call("SUM", &[1], TypeKind::BigInt.nullable()),
            call("MAX", &[1], TypeKind::BigInt.nullable()),
        ];
        let mut fields: Vec<_> = keys.iter().map(|key| schema().fields[*key].clone()).collect();
        let names = ["cnt", "total", "highest"];
        fields.extend(names.iter().zip(&aggregates).map(|(n, a)| flitz_dataflow::Field::new(*n, a.data_type.clone())));
        let node = Node {
            inputs: vec![],
            kind: NodeKind::GroupAggregate {
                keys: keys.clone(),
                aggregates,
                state_ttl_millis: ttl,
                each_change: false,
            },
            schema: Schema::new(fields),
            changelog: output,
            upsert_key: Some((0..keys.len()).collect()),
        };
        Script::new(schema(), &keys, move |context| {
            Ok(Box::new(GroupAggregate::new(&node, &schema(), input, context)?) as Box<dyn Operator>)
        })
    }

    fn check(script: Script, text: &str, expected: Expect) {
        expected.assert_eq(&script.run(text));
    }

    #[test]
    fn each_key_of_a_batch_gives_its_net_change() {
        check(
            script(&[0], ChangelogMode::INSERT_ONLY, ChangelogMode::ALL, None),
            "
            +I a 1 | +I a 2 | +I b NULL
            +I a 3 | +I NULL 1
            +I c 3
            ",
            expect![[r#"
                +I a 1 | +I a 2 | +I b NULL
                    +I a 2 3 2
                    +I b 1 NULL NULL
                +I a 3 | +I NULL 1
                    -U a 2 3 2
                    +U a 3 6 3
                    +I NULL 1 1 1
                +I c 3
                    +I c 1 3 3
            "#]],
        );
    }

    #[test]
    fn each_row_gives_its_change_where_every_change_is_shown() {
        check(
            script(&[0], ChangelogMode::ALL, ChangelogMode::ALL, None).every_change(),
            "
            +I a 1 | +I a 2 | +I b NULL | -D a 1 | -D b NULL
            ",
            expect![[r#"
                +I a 1 | +I a 2 | +I b NULL | -D a 1 | -D b NULL
                    +I a 1 1 1
                    -U a 1 1 1
                    +U a 2 3 2
                    +I b 1 NULL NULL
                    -U a 2 3 2
                    +U a 1 2 2
                    -D b 1 NULL NULL
            "#]],
        );
    }

    #[test]
    fn retractions_update_delete_and_are_recovered() {
        check(
            script(&[0], ChangelogMode::ALL, ChangelogMode::UPSERT, None),
            "
            +I a 1 | +I a 5 | +I b 2 | +I c 3
            barrier
            -D b 2 | -U a 5 | +U a 4
            barrier
            +I b 7
            recover 2
            -D a 4 | -D zz 1 | -U c 3 | +U c 3
            +I b 8
            barrier
            recover
            -D a 1 | -D b 8
            ",
            expect![[r#"
                +I a 1 | +I a 5 | +I b 2 | +I c 3
                    +I a 2 6 5
                    +I b 1 2 2
                    +I c 1 3 3
                -D b 2 | -U a 5 | +U a 4
                    -D b 1 2 2
                    +U a 2 5 4
                +I b 7
                    +I b 1 7 7
                -D a 4 | -D zz 1 | -U c 3 | +U c 3
                    +U a 1 1 1
                +I b 8
                    +I b 1 8 8
                -D a 1 | -D b 8
                    -D a 1 1 1
                    -D b 1 8 8
            "#]],
        );
    }

    #[test]
    fn a_global_aggregate_has_one_row_once_there_is_input() {
        check(
            script(&[], ChangelogMode::ALL, ChangelogMode::ALL, None),
            "
            +I a 1 | +I b 2
            barrier
            -D a 1
            recover
            -D a 1 | -D b 2
            barrier
            recover
            +I a 9
            ",
            expect![[r#"
                +I a 1 | +I b 2
                    +I 2 3 2
                -D a 1
                    -U 2 3 2
                    +U 1 2 2
                -D a 1 | -D b 2
                    -D 2 3 2
                +I a 9
                    +I 1 9 9
            "#]],
        );
    }

    #[test]
    fn batch_mode_emits_once_and_a_row_for_nothing() {
        check(
            script(&[], ChangelogMode::INSERT_ONLY, ChangelogMode::INSERT_ONLY, None).batch_mode(),
            "end",
            expect![[r#"
                end
                    +I 0 NULL NULL
            "#]],
        );
        check(
            script(&[0], ChangelogMode::INSERT_ONLY, ChangelogMode::INSERT_ONLY, None).batch_mode(),
            "
            +I a 1 | +I b 2
            +I a 1
            end",
            expect![[r#"
                end
                    +I a 2 2 1
                    +I b 1 2 2
            "#]],
        );
    }

    #[test]
    fn an_expired_key_begins_anew() {
        check(
            script(&[0], ChangelogMode::INSERT_ONLY, ChangelogMode::ALL, Some(100)),
            "
            +I a 1 | +I b 1
            timer 60
            +I a 1
            timer 120
            +I a 1 | +I b 1
            timer 500
            +I a 1
            ",
            expect![[r#"
                +I a 1 | +I b 1
                    +I a 1 1 1
                    +I b 1 1 1
                +I a 1
                    -U a 1 1 1
                    +U a 2 2 1
                +I a 1 | +I b 1
                    -U a 2 2 1
                    +U a 3 3 1
                    +I b 1 1 1
                +I a 1
                    +I a 1 1 1
            "#]],
        );
    }
}
