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
//!
//! **Memory.** When it is short, keys that were not touched for longest are saved as for a checkpoint, to disk, and
//! forgotten. A key that is new to the tables is looked for there first, and is then as if it had never left. Results do
//! not differ in any way; a look-up costs some 10 to 20 µs per key that is not in memory.

#[cfg(test)]
pub mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, UInt32Array, new_null_array};
use arrow::compute::kernels::cmp::not_distinct;
use arrow::compute::{and, concat_batches, filter_record_batch, interleave, take};
use arrow::datatypes::{DataType, Field, Int64Type, Schema as ArrowSchema, SchemaRef};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Clock, Error, Result, RowKind, Schema, Watermark};
use flitz_plan::{Node, NodeKind};

use super::groups::{GroupSet, GroupSpec, batch_of};
use super::keyed_runs::KeyedRuns;
use super::spilling::Spilling;
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
    /// Groups to be saved. Those that are no more stay in the tables, empty, until that has been saved.
    changed: Vec<u32>,
    /// Keys, also those on disk alone.
    alive: usize,
    runs: KeyedRuns,
    run_schema: SchemaRef,
    spilling: Option<Spilling>,
    /// Some keys are on disk alone.
    cold: bool,
    /// Batch mode, keys on disk: how many of the ranges of hashes are out, and how many there are.
    emitting: Option<(u64, u64)>,
    last_sweep_of_disk: i64,
}

/// What is known of a group beside its aggregates.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// Downstream has a row of it.
    alive: bool,
    /// It stands in `changed`.
    changed: bool,
    /// A checkpoint has it, or the disk.
    saved: bool,
    /// The disk holds nothing that is not here.
    known: bool,
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
            alive: 0,
            runs: KeyedRuns::new(spec.key_count(), context.spilling.clone()).with_look_up(),
            run_schema: Arc::new(ArrowSchema::new(fields)),
            spilling: context.spilling.clone(),
            cold: false,
            emitting: None,
            last_sweep_of_disk: i64::MIN,
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

    /// Brings those of `groups` that are new to the tables back from disk, if it has them.
    fn load(&mut self, groups: &[u32]) -> Result<()> {
        if self.cold {
            let new: Vec<u32> = groups.iter().copied().filter(|group| !self.entries[*group as usize].known).collect();
            let keys = self.groups.keys(&new)?;
            if let Some(found) = if new.is_empty() { None } else { self.runs.find(&keys, new.len())? } {
                self.take_in(found)?;
            }
        }
        groups.iter().for_each(|group| self.entries[*group as usize].known = true);
        Ok(())
    }

    /// Takes rows of runs into the tables, unless their keys are there. Another key of the same hash comes along.
    fn take_in(&mut self, rows: RecordBatch) -> Result<()> {
        let keys = self.spec.key_count();
        let groups = self.groups.groups_of(&rows.columns()[..keys], rows.num_rows())?;
        self.entries.resize(self.groups.len().max(self.entries.len()), Entry::default());
        let new: BooleanArray = groups.iter().map(|group| Some(!self.entries[*group as usize].known)).collect();
        let (groups, rows) = match new.true_count() == groups.len() {
            true => (groups, rows),
            false => {
                let kept = groups.iter().zip(new.values()).filter(|(_, new)| *new).map(|(group, _)| *group).collect();
                (kept, filter_record_batch(&rows, &new)?)
            }
        };
        let mut state = rows.columns()[..keys].to_vec();
        state.extend_from_slice(&rows.columns()[keys + 2..]);
        self.groups.merge_groups(&groups, &state)?;
        let written = rows.column(keys + 1).as_primitive::<Int64Type>();
        for (row, group) in groups.iter().enumerate() {
            let entry = &mut self.entries[*group as usize];
            (entry.alive, entry.saved, entry.known) = (true, true, true);
            entry.written_millis = written.value(row);
        }
        Ok(())
    }

    /// Saves what changed to disk and forgets the keys that were not touched for longest, about `bytes` of them.
    fn evict(&mut self, bytes: usize) -> Result<()> {
        let run = self.changes_as_run()?;
        self.runs.push(run)?;
        let held = self.table_bytes();
        let mut kept: Vec<u32> =
            (0..self.entries.len() as u32).filter(|group| self.entries[*group as usize].alive).collect();
        let count = (kept.len() as u128 * held.saturating_sub(bytes) as u128 / held.max(1) as u128) as usize;
        if count < kept.len() {
            kept.select_nth_unstable_by_key(count, |group| {
                self.batch.wrapping_sub(self.entries[*group as usize].batch)
            });
            kept.truncate(count);
        }
        kept.sort_unstable();
        let state = self.groups.state(&kept)?;
        let before = std::mem::take(&mut self.entries);
        self.groups = GroupSet::new(self.spec.clone(), kept.len())?;
        let groups = self.groups.groups_of(&state.columns()[..self.spec.key_count()], kept.len())?;
        self.groups.merge_groups(&groups, state.columns())?;
        self.entries = vec![Entry::default(); self.groups.len()];
        for (group, old) in groups.iter().zip(kept) {
            self.entries[*group as usize] = Entry { known: true, ..before[old as usize] };
        }
        self.cold = true;
        Ok(())
    }

    fn table_bytes(&self) -> usize {
        self.groups.bytes() + self.entries.capacity() * size_of::<Entry>() + self.changed.capacity() * 4
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
        self.load(&touched)?;
        if self.batch_mode {
            for group in touched {
                let entry = &mut self.entries[group as usize];
                self.alive += usize::from(!std::mem::replace(&mut entry.alive, true));
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
        Ok(())
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
        self.remove(&removed);
        Ok(())
    }

    /// Forgets groups, those that were saved when their end has been saved too.
    fn remove(&mut self, groups: &[u32]) {
        if groups.is_empty() {
            return;
        }
        let is_saved = |group: &u32| self.entries[*group as usize].saved;
        let (saved, unsaved): (Vec<u32>, Vec<u32>) = groups.iter().copied().partition(is_saved);
        self.groups.clear(&saved);
        for group in saved {
            let entry = &mut self.entries[group as usize];
            entry.alive = false;
            if !std::mem::replace(&mut entry.changed, true) {
                self.changed.push(group);
            }
        }
        self.groups.remove(&unsaved);
        for group in unsaved {
            self.entries[group as usize] = Entry { batch: self.batch, ..Entry::default() };
        }
        if groups.len() * 4 > self.changed.len() {
            let entries = &self.entries;
            self.changed.retain(|group| entries[*group as usize].changed);
        }
    }

    /// Batch mode: everything, once.
    fn emit_all(&mut self, out: &mut Output) -> Result<()> {
        if self.spec.key_count() == 0 && self.groups.is_empty() && self.holds_global {
            self.groups.groups_of(&[], 1)?;
            let (columns, rows) = self.groups.results(&[0])?;
            out.push(ChangelogBatch::append_only(batch_of(self.schema.clone(), columns, rows)?));
            return Ok(());
        }
        if self.cold {
            let run = self.changes_as_run()?;
            self.runs.push(run)?;
            (self.groups, self.entries) = (GroupSet::new(self.spec.clone(), 0)?, vec![]);
            self.emitting = Some((0, self.runs.ranges()));
            return self.more(out);
        }
        self.emit_groups(&self.groups, out)
    }

    fn emit_groups(&self, groups: &GroupSet, out: &mut Output) -> Result<()> {
        for chunk in groups.existing().chunks(OUTPUT_ROWS) {
            let (columns, rows) = groups.results(chunk)?;
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

    /// Rows of a run: what is gone, then what changed.
    fn changes_as_run(&mut self) -> Result<RecordBatch> {
        let mut changed = std::mem::take(&mut self.changed);
        changed.retain(|group| self.entries[*group as usize].changed);
        changed.sort_unstable();
        changed.dedup();
        let (changed, gone): (Vec<u32>, Vec<u32>) =
            changed.into_iter().partition(|group| self.entries[*group as usize].alive);

        let mut columns = self.groups.keys(&gone)?;
        columns.push(Arc::new(BooleanArray::from(vec![false; gone.len()])));
        columns.push(Arc::new(Int64Array::from(vec![0; gone.len()])));
        for field in &self.run_schema.fields()[columns.len()..] {
            columns.push(new_null_array(field.data_type(), gone.len()));
        }
        let tombstones = batch_of(self.run_schema.clone(), columns, gone.len())?;
        self.groups.remove(&gone);
        for group in gone {
            self.entries[group as usize] = Entry { batch: self.batch, ..Entry::default() };
        }

        let state = self.groups.state(&changed)?;
        let written = changed.iter().map(|group| self.entries[*group as usize].written_millis);
        let mut columns = state.columns()[..self.spec.key_count()].to_vec();
        columns.push(Arc::new(BooleanArray::from(vec![true; changed.len()])));
        columns.push(Arc::new(Int64Array::from_iter_values(written)));
        columns.extend_from_slice(&state.columns()[self.spec.key_count()..]);
        let rows = batch_of(self.run_schema.clone(), columns, changed.len())?;
        for group in changed {
            let entry = &mut self.entries[group as usize];
            (entry.changed, entry.saved) = (false, true);
        }
        Ok(concat_batches(&self.run_schema, [&tombstones, &rows])?)
    }
}

impl Operator for GroupAggregate {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        let mut from = 0;
        for to in self.ends(&batch)? {
            self.update(batch.slice(from, to - from), out)?;
            from = to;
        }
        self.runs.tidy(self.alive)
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
        self.alive = self.alive.saturating_sub(dead.len());
        self.remove(&dead);
        if self.cold {
            self.runs.expire(now_millis - ttl);
            if now_millis.saturating_sub(self.last_sweep_of_disk) >= ttl {
                self.last_sweep_of_disk = now_millis;
                self.runs.sweep()?;
            }
        }
        let any = self.alive > 0 || self.runs.rows() > 0;
        self.next_sweep = any.then_some(now_millis + (ttl / 2).max(1_000));
        Ok(())
    }

    fn next_timer(&self) -> Option<i64> {
        self.next_sweep
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        let run = self.changes_as_run()?;
        self.runs.push(run)?;
        Ok(OperatorSnapshot { value: serde_json::Value::Null, runs: self.runs.runs() })
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()> {
        let columns = self.run_schema.fields().len();
        if states.iter().flat_map(|state| &state.runs).any(|run| run.schema().fields().len() != columns) {
            return Err(Error::internal("an aggregate's saved state has other columns than its aggregates"));
        }
        let keys = self.spec.key_count();
        if states.iter().flat_map(|state| &state.runs).any(|run| run.spilled().is_some()) {
            // More than memory holds: each key is loaded when a row of it comes.
            self.runs.restore_runs(&states, keys, share, self.holds_global)?;
            (self.cold, self.alive) = (true, self.runs.rows());
        } else if let Some(rows) = self.runs.restore(&states, keys, share, self.holds_global)? {
            self.take_in(rows)?;
            self.alive = self.groups.len();
        } else {
            return Ok(());
        }
        if let Some(ttl) = self.ttl_millis {
            self.next_sweep = Some(self.clock.now_millis() + ttl);
        }
        Ok(())
    }

    fn has_more(&self) -> bool {
        self.emitting.is_some()
    }

    fn more(&mut self, out: &mut Output) -> Result<()> {
        while let Some((next, ranges)) = self.emitting.filter(|_| !out.is_full()) {
            if let Some(rows) = self.runs.entries(next, ranges)? {
                let mut state = rows.columns()[..self.spec.key_count()].to_vec();
                state.extend_from_slice(&rows.columns()[self.spec.key_count() + 2..]);
                let mut groups = GroupSet::new(self.spec.clone(), rows.num_rows())?;
                groups.merge(&state, rows.num_rows())?;
                self.emit_groups(&groups, out)?;
            }
            self.emitting = (next + 1 < ranges).then_some((next + 1, ranges));
        }
        Ok(())
    }

    fn spill(&mut self, bytes: usize) -> Result<usize> {
        if self.spilling.is_none() || self.spec.key_count() == 0 {
            return Ok(0);
        }
        let before = self.table_bytes() + self.runs.bytes();
        let freed = self.runs.spill()?;
        if freed < bytes {
            self.evict(bytes - freed)?;
        }
        Ok(before.saturating_sub(self.table_bytes() + self.runs.bytes()))
    }

    fn stats(&self) -> OperatorStats {
        OperatorStats {
            state_rows: self.alive as u64,
            state_bytes: (self.table_bytes() + self.runs.bytes()) as u64,
            late_rows: 0,
            spilled_bytes: self.runs.disk_bytes(),
        }
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
