//! Aggregation by key of whole batches: what windows, sessions and unbounded GROUP BY have in common.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow::compute::{filter_record_batch, take};
use arrow::datatypes::{DataType as Arrow, Field, Int64Type, Schema as ArrowSchema, SchemaRef};
use flitz_dataflow::{DataType, Error, Result, RowKind, Schema};
use flitz_functions::{GroupsAccumulator, KeyInterner, accumulator};
use flitz_plan::AggregateCall;
use flitz_state::snapshot::{CHUNK_BYTES, Held, StateRun};
use flitz_state::spill::{Order, SpillWriter};

use super::Share;
use super::spilling::Spilling;
use crate::keys::{hash_keys, worker_of};

/// Which columns of the input are keys, arguments and filters, and what the state looks like:
/// `[keys …, rows (if retractable), state of the first call …, state of the second …]`.
#[derive(Debug)]
pub struct GroupSpec {
    /// The input's columns that matter; everything below counts within these.
    needed: Vec<usize>,
    keys: Vec<usize>,
    key_types: Vec<Arrow>,
    calls: Vec<Call>,
    retractable: bool,
    state_schema: SchemaRef,
}

#[derive(Debug)]
struct Call {
    call: AggregateCall,
    arg_types: Vec<DataType>,
    args: Vec<usize>,
    filter: Option<usize>,
    state_columns: usize,
}

impl GroupSpec {
    /// `retractable`: the input holds `-U` or `-D`.
    pub fn new(keys: &[usize], calls: &[AggregateCall], input: &Schema, retractable: bool) -> Result<Arc<GroupSpec>> {
        let mut needed: Vec<usize> = vec![];
        let mut place = |column: usize| {
            needed.iter().position(|n| *n == column).unwrap_or_else(|| {
                needed.push(column);
                needed.len() - 1
            })
        };
        let key_places: Vec<usize> = keys.iter().map(|key| place(*key)).collect();
        let key_types: Vec<Arrow> = keys.iter().map(|key| input.fields[*key].data_type.to_arrow()).collect();
        let mut fields: Vec<Field> =
            key_types.iter().enumerate().map(|(i, t)| Field::new(format!("key{i}"), t.clone(), true)).collect();
        if retractable {
            fields.push(Field::new("rows", Arrow::Int64, false));
        }
        let mut specs = Vec::with_capacity(calls.len());
        for (i, call) in calls.iter().enumerate() {
            let arg_types: Vec<DataType> = call.args.iter().map(|arg| input.fields[*arg].data_type.clone()).collect();
            let state_types = accumulator(call, &arg_types, retractable)?.state_types();
            let state_columns = state_types.len();
            let names = state_types.into_iter().enumerate();
            fields.extend(names.map(|(j, t)| Field::new(format!("aggregate{i}_{j}"), t, true)));
            specs.push(Call {
                call: call.clone(),
                arg_types,
                args: call.args.iter().map(|arg| place(*arg)).collect(),
                filter: call.filter.map(&mut place),
                state_columns,
            });
        }
        Ok(Arc::new(GroupSpec {
            keys: key_places,
            key_types,
            calls: specs,
            retractable,
            state_schema: Arc::new(ArrowSchema::new(fields)),
            needed,
        }))
    }

    pub fn state_schema(&self) -> &SchemaRef {
        &self.state_schema
    }

    pub fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// The rows of a batch as far as aggregation sees them.
    pub fn rows(&self, batch: &RecordBatch, kinds: Option<&[RowKind]>) -> Result<InputRows> {
        let retract = match kinds {
            Some(kinds) if kinds.iter().any(|kind| kind.is_retraction()) => {
                if !self.retractable {
                    return Err(Error::internal("an aggregate planned for inserts was given a retraction"));
                }
                Some(kinds.iter().map(|kind| Some(kind.is_retraction())).collect())
            }
            _ => None,
        };
        let columns = self.needed.iter().map(|&column| batch.column(column).clone()).collect();
        Ok(InputRows { columns, retract, len: batch.num_rows() })
    }
}

/// The columns of a batch that a [`GroupSpec`] needs.
pub struct InputRows {
    columns: Vec<ArrayRef>,
    retract: Option<BooleanArray>,
    len: usize,
}

impl InputRows {
    pub fn slice(&self, offset: usize, len: usize) -> InputRows {
        InputRows {
            columns: self.columns.iter().map(|column| column.slice(offset, len)).collect(),
            retract: self.retract.as_ref().map(|r| r.slice(offset, len)),
            len,
        }
    }

    pub fn take(&self, rows: Vec<u32>) -> Result<InputRows> {
        let indices = UInt32Array::from(rows);
        let columns = self.columns.iter().map(|c| take(c, &indices, None)).collect::<Result<_, _>>()?;
        let retract = match &self.retract {
            Some(retract) => Some(take(retract, &indices, None)?.as_boolean().clone()),
            None => None,
        };
        Ok(InputRows { columns, retract, len: indices.values().len() })
    }

    #[expect(clippy::len_without_is_empty, reason = "asked for how many, never whether any")]
    pub fn len(&self) -> usize {
        self.len
    }
}

/// Keys and their aggregates.
pub struct GroupSet {
    spec: Arc<GroupSpec>,
    interner: KeyInterner,
    accumulators: Vec<Box<dyn GroupsAccumulator>>,
    /// Rows per group, counted if any may be retracted: a group without rows does not exist.
    rows: Option<Vec<i64>>,
    groups: Vec<u32>,
}

impl GroupSet {
    /// `capacity`: how many keys to expect.
    pub fn new(spec: Arc<GroupSpec>, capacity: usize) -> Result<GroupSet> {
        Ok(GroupSet {
            interner: KeyInterner::with_capacity(spec.key_types.clone(), capacity)?,
            accumulators: spec
                .calls
                .iter()
                .map(|c| accumulator(&c.call, &c.arg_types, spec.retractable))
                .collect::<Result<_>>()?,
            rows: spec.retractable.then(Vec::new),
            groups: vec![],
            spec,
        })
    }

    /// Group numbers lie in `0..len`.
    pub fn len(&self) -> usize {
        self.interner.len()
    }

    pub fn is_empty(&self) -> bool {
        self.interner.is_empty()
    }

    /// Adds the rows.
    pub fn update(&mut self, rows: &InputRows) -> Result<()> {
        let groups = self.number(rows)?;
        self.update_groups(&groups, rows)?;
        self.groups = groups;
        Ok(())
    }

    /// The group of each row, with room made for new ones.
    pub fn number(&mut self, rows: &InputRows) -> Result<Vec<u32>> {
        let keys: Vec<ArrayRef> = self.spec.keys.iter().map(|&key| rows.columns[key].clone()).collect();
        let mut groups = std::mem::take(&mut self.groups);
        self.interner.intern(&keys, rows.len, &mut groups)?;
        self.make_room(self.interner.len());
        Ok(groups)
    }

    /// Adds row i to group `groups[i]`, which there is room for.
    pub fn update_groups(&mut self, groups: &[u32], rows: &InputRows) -> Result<()> {
        if let Some(counts) = &mut self.rows {
            for (row, group) in groups.iter().enumerate() {
                let retracts = rows.retract.as_ref().is_some_and(|r| r.value(row));
                counts[*group as usize] += if retracts { -1 } else { 1 };
            }
        }
        for (accumulator, call) in self.accumulators.iter_mut().zip(&self.spec.calls) {
            let args: Vec<ArrayRef> = call.args.iter().map(|&arg| rows.columns[arg].clone()).collect();
            let filter = call.filter.map(|filter| rows.columns[filter].as_boolean());
            accumulator.update(groups, &args, filter, rows.retract.as_ref())?;
        }
        Ok(())
    }

    /// Adds partial results, in columns as of `GroupSpec::state_schema`.
    pub fn merge(&mut self, state: &[ArrayRef], rows: usize) -> Result<()> {
        let mut groups = std::mem::take(&mut self.groups);
        self.interner.intern(&state[..self.spec.key_count()], rows, &mut groups)?;
        self.make_room(self.interner.len());
        self.merge_groups(&groups, state)?;
        self.groups = groups;
        Ok(())
    }

    /// Adds partial result i to group `groups[i]`, which there is room for.
    pub fn merge_groups(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let mut column = self.spec.key_count();
        if let Some(counts) = &mut self.rows {
            for (group, rows) in groups.iter().zip(state[column].as_primitive::<Int64Type>().values()) {
                counts[*group as usize] += rows;
            }
            column += 1;
        }
        for (accumulator, call) in self.accumulators.iter_mut().zip(&self.spec.calls) {
            accumulator.merge(groups, &state[column..column + call.state_columns])?;
            column += call.state_columns;
        }
        Ok(())
    }

    /// Partial results of these groups, as `merge` takes them; keys included.
    pub fn state(&self, groups: &[u32]) -> Result<RecordBatch> {
        let mut columns = self.interner.keys(groups)?;
        if let Some(counts) = &self.rows {
            let counts: Vec<i64> = groups.iter().map(|group| counts[*group as usize]).collect();
            columns.push(Arc::new(Int64Array::from(counts)));
        }
        for accumulator in &self.accumulators {
            columns.extend(accumulator.state(groups)?);
        }
        state_batch(&self.spec, columns, groups.len())
    }

    /// Partial results of all groups, leaving none. Columns are moved rather than copied where they can be.
    /// Only if no key was removed.
    pub fn drain(&mut self) -> Result<RecordBatch> {
        let len = self.len();
        let mut columns = self.interner.take()?;
        if let Some(counts) = &mut self.rows {
            columns.push(Arc::new(Int64Array::from(std::mem::take(counts))));
        }
        for accumulator in &mut self.accumulators {
            columns.extend(accumulator.take_state()?);
        }
        state_batch(&self.spec, columns, len)
    }

    /// Keys, then results, of those of `groups` that have rows; and how many these are.
    pub fn results(&self, groups: &[u32]) -> Result<(Vec<ArrayRef>, usize)> {
        let mut columns = self.interner.keys(groups)?;
        for accumulator in &self.accumulators {
            columns.push(accumulator.evaluate(groups)?);
        }
        Ok((columns, groups.len()))
    }

    /// The keys of these groups.
    pub fn keys(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        self.interner.keys(groups)
    }

    /// Groups that exist, in order of first appearance.
    pub fn existing(&self) -> Vec<u32> {
        let all = 0..self.len() as u32;
        match &self.rows {
            None => all.collect(),
            Some(rows) => all.filter(|group| rows[*group as usize] != 0).collect(),
        }
    }

    /// Rows of a group, if they are counted.
    pub fn row_count(&self, group: u32) -> Option<i64> {
        self.rows.as_ref().map(|rows| rows[group as usize])
    }

    /// Forgets these groups; their numbers will be used again.
    pub fn remove(&mut self, groups: &[u32]) {
        self.clear(groups);
        self.interner.remove(groups);
    }

    /// Empties these groups but keeps their keys.
    pub fn clear(&mut self, groups: &[u32]) {
        for accumulator in &mut self.accumulators {
            accumulator.clear(groups);
        }
        if let Some(rows) = &mut self.rows {
            groups.iter().for_each(|group| rows[*group as usize] = 0);
        }
    }

    /// The group of each key, making it where it is new.
    pub fn groups_of(&mut self, keys: &[ArrayRef], rows: usize) -> Result<Vec<u32>> {
        let mut groups = vec![];
        self.interner.intern(keys, rows, &mut groups)?;
        self.make_room(self.interner.len());
        Ok(groups)
    }

    /// Whether `drain` will soon be impossible for want of 32-bit offsets.
    pub fn is_nearly_full(&self) -> bool {
        self.interner.is_nearly_full()
    }

    pub fn bytes(&self) -> usize {
        let rows = self.rows.as_ref().map_or(0, |rows| rows.capacity() * 8);
        self.interner.bytes() + self.accumulators.iter().map(|a| a.bytes()).sum::<usize>() + rows
    }

    /// Makes group numbers below `len` usable.
    pub fn make_room(&mut self, len: usize) {
        for accumulator in &mut self.accumulators {
            accumulator.resize(len);
        }
        if let Some(rows) = &mut self.rows
            && len > rows.len()
        {
            rows.resize(len, 0);
        }
    }
}

fn state_batch(spec: &GroupSpec, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    batch_of(spec.state_schema.clone(), columns, rows)
}

/// A batch that may have no columns.
pub fn batch_of(schema: SchemaRef, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
}

/// State on disk is copied in blocks of so many rows.
const COPIED_BLOCK_ROWS: usize = 8192;

/// The runs of all workers, each reduced to the rows whose key this worker owns now. `keys`: how many
/// columns, the first ones, make up the key. A run that is wholly ours stays the run that it was.
pub struct OwnedRuns {
    share: Share,
    keys: usize,
    /// Whether the one group of an aggregate without keys lives here.
    holds_global: bool,
    /// Where those are that memory can't hold.
    spilling: Option<Spilling>,
    next_id: u64,
    seen: Vec<u64>,
}

impl OwnedRuns {
    pub fn new(share: Share, keys: usize, holds_global: bool, spilling: Option<Spilling>) -> OwnedRuns {
        OwnedRuns { share, keys, holds_global, spilling, next_id: 0, seen: vec![] }
    }

    /// Must be told of every run before any is reduced, so that new numbers don't collide with old ones.
    pub fn announce(&mut self, run: &StateRun) {
        self.next_id = self.next_id.max(run.id + 1);
    }

    pub fn reduce(&mut self, run: Arc<StateRun>) -> Result<Option<Arc<StateRun>>> {
        let keys: Vec<usize> = (0..self.keys).collect();
        self.reduce_by(run, &keys)
    }

    /// The same for a run whose key is in these columns.
    pub fn reduce_by(&mut self, run: Arc<StateRun>, keys: &[usize]) -> Result<Option<Arc<StateRun>>> {
        let all_mine = match keys.is_empty() {
            true => self.holds_global,
            false => self.share.parallelism == 1,
        };
        if all_mine && run.num_rows() > 0 && !self.seen.contains(&run.id) {
            self.seen.push(run.id);
            return Ok(Some(run));
        }
        let mine = match (run.held(), &self.spilling) {
            (Held::Memory(rows), _) => StateRun::new(self.next_id, run.tag.clone(), self.part_of(&rows, keys)?),
            (Held::Disk(rows), Some(spilling)) => {
                let scratch = &spilling.scratch;
                let mut writer = SpillWriter::new(scratch, rows.schema(), Order::Arrival, COPIED_BLOCK_ROWS, None);
                for batch in rows.batches(CHUNK_BYTES) {
                    writer.write_next(&self.part_of(&batch?, keys)?)?;
                }
                StateRun::on_disk(self.next_id, run.tag.clone(), writer.finish()?)
            }
            (Held::Disk(_), None) => return Err(Error::internal("state on disk and no disk")),
        };
        if mine.num_rows() == 0 {
            return Ok(None);
        }
        if mine.num_rows() == run.num_rows() && !self.seen.contains(&run.id) {
            self.seen.push(run.id);
            return Ok(Some(run));
        }
        self.next_id += 1;
        Ok(Some(Arc::new(mine)))
    }

    /// The first number that no run has.
    pub fn next_id(&self) -> u64 {
        self.next_id
    }

    /// The rows that this worker owns.
    fn part_of(&self, rows: &RecordBatch, keys: &[usize]) -> Result<RecordBatch> {
        if keys.is_empty() {
            return Ok(rows.slice(0, if self.holds_global { rows.num_rows() } else { 0 }));
        }
        if self.share.parallelism == 1 {
            return Ok(rows.clone());
        }
        let hashes = hash_keys(rows, keys)?;
        let mine = hashes.iter().map(|hash| Some(worker_of(*hash, self.share.parallelism) == self.share.worker));
        Ok(filter_record_batch(rows, &mine.collect::<BooleanArray>())?)
    }
}

/// Which neighbouring runs to merge now: eight or more of about the same size at the end of the list, so that
/// a row is copied once per factor of eight and the number of runs stays logarithmic.
pub fn runs_to_merge(runs: &[Arc<StateRun>]) -> Option<std::ops::Range<usize>> {
    const FAN_IN: usize = 8;
    let tier = |run: &StateRun| (run.num_rows().max(1) as u64).ilog2() / 3;
    let mut at = runs.len();
    let mut highest = 0;
    while at > 0 && (runs.len() - at < FAN_IN || tier(&runs[at - 1]) <= highest) {
        at -= 1;
        if runs.len() - at <= FAN_IN {
            highest = highest.max(tier(&runs[at]));
        }
    }
    // Small runs behind a large one wait until they are eight themselves.
    let small = runs[at..].iter().rev().take_while(|run| tier(run) <= highest).count();
    (small >= FAN_IN).then(|| runs.len() - small..runs.len())
}
