//! The first half of a window aggregation: a worker's rows by slice and key, before they travel.
//!
//! Partial results of a slice go out when the watermark passes the slice's end, ahead of that watermark, so
//! that the global half has them before the window fires. Rows of a slice that this worker's watermark has
//! passed already may still be in time for the global half, which goes by all workers: they go out at once,
//! one by one, so that the late among them are counted rightly. Everything goes out before a barrier, so this
//! half has no state; and when there are very many groups, for they must fit into memory.
//!
//! ```text
//! rows        00:01 a   00:02 b   00:03 a   watermark 00:09.999
//! emits                                     [a, slice 00:10, COUNT 2] [b, slice 00:10, COUNT 1]
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema as ArrowSchema, SchemaRef};
use flitz_dataflow::{ChangelogBatch, Result, Schema, Watermark};
use flitz_plan::WindowAggregate;

use super::super::groups::{GroupSet, GroupSpec, InputRows, batch_of};
use super::super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};
use super::slicing::SliceId;
use super::{OUTPUT_ROWS, TimeColumns};

/// Columns between keys and state: end and start of the slice, in milliseconds.
pub const SLICE_COLUMNS: usize = 2;

/// Memory after which partial results go out early, or less if less is to be had.
const MAX_BYTES: usize = 256 << 20;

/// `[keys …, slice end, slice start, state …]`
pub fn local_output_schema(aggregate: &WindowAggregate, input: &Schema) -> Result<SchemaRef> {
    let spec = GroupSpec::new(&aggregate.keys, &aggregate.aggregates, input, false)?;
    Ok(output_schema(&spec))
}

fn output_schema(spec: &GroupSpec) -> SchemaRef {
    let (keys, state) = spec.state_schema().fields().split_at(spec.key_count());
    let mut fields = keys.to_vec();
    for name in ["slice_end", "slice_start"] {
        fields.push(Arc::new(Field::new(name, DataType::Int64, false)));
    }
    fields.extend_from_slice(state);
    Arc::new(ArrowSchema::new(fields))
}

pub struct LocalWindowAggregate {
    times: TimeColumns,
    spec: Arc<GroupSpec>,
    schema: SchemaRef,
    slices: BTreeMap<SliceId, GroupSet>,
    watermark: i64,
    typical_keys: usize,
    max_bytes: usize,
}

impl LocalWindowAggregate {
    pub fn new(aggregate: &WindowAggregate, input: &Schema, context: &OperatorContext) -> Result<LocalWindowAggregate> {
        let spec = GroupSpec::new(&aggregate.keys, &aggregate.aggregates, input, false)?;
        Ok(LocalWindowAggregate {
            times: TimeColumns::new(aggregate, context)?,
            schema: output_schema(&spec),
            spec,
            slices: BTreeMap::new(),
            watermark: i64::MIN,
            typical_keys: 0,
            max_bytes: context.spilling.as_ref().map_or(MAX_BYTES, |spilling| MAX_BYTES.min(spilling.part_bytes)),
        })
    }

    fn emit(&self, slice: SliceId, mut groups: GroupSet, out: &mut Output) -> Result<()> {
        let state = groups.drain()?;
        let rows = state.num_rows();
        let (keys, rest) = state.columns().split_at(self.spec.key_count());
        let mut columns: Vec<ArrayRef> = keys.to_vec();
        columns.push(Arc::new(Int64Array::from(vec![slice.end; rows])));
        columns.push(Arc::new(Int64Array::from(vec![slice.start; rows])));
        columns.extend_from_slice(rest);
        let batch = ChangelogBatch::append_only(batch_of(self.schema.clone(), columns, rows)?);
        for offset in (0..rows).step_by(OUTPUT_ROWS) {
            out.push(batch.slice(offset, OUTPUT_ROWS.min(rows - offset)));
        }
        Ok(())
    }

    fn emit_rows_one_by_one(&self, slice: SliceId, rows: &InputRows, out: &mut Output) -> Result<()> {
        for row in 0..rows.len() {
            let mut groups = GroupSet::new(self.spec.clone(), 1)?;
            groups.update(&rows.slice(row, 1))?;
            self.emit(slice, groups, out)?;
        }
        Ok(())
    }

    fn emit_all(&mut self, out: &mut Output) -> Result<()> {
        for (slice, groups) in std::mem::take(&mut self.slices) {
            self.emit(slice, groups, out)?;
        }
        Ok(())
    }
}

impl Operator for LocalWindowAggregate {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let rows = self.spec.rows(batch.rows(), batch.kinds())?;
        let mut grown = 0;
        for piece in self.times.pieces(&batch, rows)? {
            if self.times.has_fired(piece.slice.end, self.watermark) {
                self.emit_rows_one_by_one(piece.slice, &piece.rows, out)?;
                continue;
            }
            if !self.slices.contains_key(&piece.slice) {
                self.slices.insert(piece.slice, GroupSet::new(self.spec.clone(), self.typical_keys)?);
            }
            if let Some(groups) = self.slices.get_mut(&piece.slice) {
                groups.update(&piece.rows)?;
                grown += groups.bytes();
            }
        }
        if grown > self.max_bytes / 4 && self.slices.values().map(GroupSet::bytes).sum::<usize>() > self.max_bytes {
            self.emit_all(out)?;
        }
        Ok(())
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        self.watermark = self.watermark.max(watermark.millis());
        while let Some(slice) = self.slices.first_entry() {
            if !self.times.has_fired(slice.key().end, self.watermark) {
                break;
            }
            let (id, groups) = slice.remove_entry();
            self.typical_keys = groups.len();
            self.emit(id, groups, out)?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Output) -> Result<()> {
        self.emit_all(out)
    }

    fn before_barrier(&mut self, out: &mut Output) -> Result<()> {
        self.emit_all(out)
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        Ok(OperatorSnapshot::default())
    }

    fn restore(&mut self, _states: Vec<OperatorSnapshot>, _share: Share) -> Result<()> {
        Ok(())
    }

    fn stats(&self) -> OperatorStats {
        OperatorStats {
            state_rows: self.slices.values().map(|groups| groups.len() as u64).sum(),
            state_bytes: self.slices.values().map(|groups| groups.bytes() as u64).sum(),
            late_rows: 0,
            spilled_bytes: 0,
        }
    }
}

/// Partial results cut where the slice changes.
pub fn by_slice(batch: &RecordBatch, keys: usize) -> Result<Vec<(SliceId, RecordBatch)>> {
    let ends = batch.column(keys).as_primitive::<Int64Type>();
    let starts = batch.column(keys + 1).as_primitive::<Int64Type>();
    let slice_of = |row: usize| SliceId { end: ends.value(row), start: starts.value(row) };
    let mut found = vec![];
    let mut from = 0;
    while from < ends.len() {
        let slice = slice_of(from);
        let to = (from + 1..ends.len()).find(|row| slice_of(*row) != slice).unwrap_or(ends.len());
        found.push((slice, batch.slice(from, to - from)));
        from = to;
    }
    Ok(found)
}
