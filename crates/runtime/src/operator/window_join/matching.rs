//! The rows of one window's two sides, matched.
//!
//! 1. The right side's keys are numbered and its rows ordered by number.
//! 2. Each left row's number gives the right rows of equal key: candidate pairs, a batch at a time.
//! 3. The condition beside the keys is evaluated on the pairs; those that hold are emitted.
//! 4. Rows without a match are padded, or emitted (anti), as the kind of the join wants.
//!
//! A NULL in a key that compares by `=` matches nothing.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array, new_null_array};
use arrow::compute::{concat_batches, filter_record_batch, take};
use arrow::datatypes::{DataType, Schema as ArrowSchema, SchemaRef};
use flitz_dataflow::{ChangelogBatch, Error, Result};
use flitz_functions::{KeyInterner, PhysicalExpr, compile};
use flitz_plan::{JoinKey, JoinKind, WindowJoin as Spec};

use super::super::calc::record_batch;
use super::super::groups::batch_of;
use super::super::window_aggregate::OUTPUT_ROWS;
use super::super::{OperatorContext, Output};

pub struct Matching {
    kind: JoinKind,
    keys: Vec<JoinKey>,
    key_types: Vec<DataType>,
    condition: Option<Box<dyn PhysicalExpr>>,
    left: SchemaRef,
    right: SchemaRef,
    /// Of both sides.
    pair: SchemaRef,
    output: SchemaRef,
}

impl Matching {
    pub fn new(
        spec: &Spec,
        left: &SchemaRef,
        right: &SchemaRef,
        output: SchemaRef,
        context: &OperatorContext,
    ) -> Result<Matching> {
        let key_types: Vec<DataType> = spec.keys.iter().map(|k| left.field(k.left).data_type().clone()).collect();
        for (key, data_type) in spec.keys.iter().zip(&key_types) {
            if right.field(key.right).data_type() != data_type {
                return Err(Error::internal("the keys of a join differ in type"));
            }
        }
        let pair: Vec<_> = left.fields().iter().chain(right.fields()).cloned().collect();
        Ok(Matching {
            kind: spec.kind,
            keys: spec.keys.clone(),
            key_types,
            condition: spec.condition.as_ref().map(|e| compile(e, &context.eval)).transpose()?,
            left: left.clone(),
            right: right.clone(),
            pair: Arc::new(ArrowSchema::new(pair)),
            output,
        })
    }

    pub fn join(&mut self, left: &[RecordBatch], right: &[RecordBatch], out: &mut Output) -> Result<()> {
        let left = concat_batches(&self.left, left)?;
        let right = concat_batches(&self.right, right)?;
        let mut matched = Matched { left: vec![false; left.num_rows()], right: vec![false; right.num_rows()] };
        let candidates = self.candidates(&left, &right)?;
        let mut pairs = Pairs::default();
        for (row, candidates) in candidates.iter() {
            if self.condition.is_none() && !self.kind.emits_right() {
                matched.left[row as usize] |= !candidates.is_empty();
                continue;
            }
            for chunk in candidates.chunks(OUTPUT_ROWS) {
                if pairs.left.len() + chunk.len() > OUTPUT_ROWS {
                    self.flush(&mut pairs, &left, &right, &mut matched, out)?;
                }
                pairs.left.extend(std::iter::repeat_n(row, chunk.len()));
                pairs.right.extend_from_slice(chunk);
            }
        }
        self.flush(&mut pairs, &left, &right, &mut matched, out)?;
        self.unmatched(&left, &right, &matched, out)
    }

    fn candidates(&self, left: &RecordBatch, right: &RecordBatch) -> Result<Candidates> {
        let mut interner = KeyInterner::new(self.key_types.clone())?;
        let side = |rows: &RecordBatch, of: fn(&JoinKey) -> usize| -> (Vec<ArrayRef>, Vec<bool>) {
            let columns: Vec<ArrayRef> = self.keys.iter().map(|key| rows.column(of(key)).clone()).collect();
            let strict = || columns.iter().zip(&self.keys).filter(|(_, key)| !key.null_safe).map(|(c, _)| c);
            let comparable = (0..rows.num_rows()).map(|row| strict().all(|column| column.is_valid(row))).collect();
            (columns, comparable)
        };
        let (keys, comparable) = side(right, |key| key.right);
        let mut numbers = vec![];
        interner.intern(&keys, right.num_rows(), &mut numbers)?;
        let known = interner.len();
        // Rows of number n stand at `starts[n]..starts[n + 1]`, in order of arrival.
        let mut starts = vec![0; known + 1];
        for (number, _) in numbers.iter().zip(&comparable).filter(|(_, c)| **c) {
            starts[*number as usize + 1] += 1;
        }
        for number in 0..known {
            starts[number + 1] += starts[number];
        }
        let mut free = starts.clone();
        let mut rows = vec![0; starts[known]];
        for (row, number) in numbers.iter().enumerate().filter(|(row, _)| comparable[*row]) {
            rows[free[*number as usize]] = row as u32;
            free[*number as usize] += 1;
        }
        let (keys, comparable) = side(left, |key| key.left);
        interner.intern(&keys, left.num_rows(), &mut numbers)?;
        let wanted = numbers.iter().zip(comparable).map(|(n, c)| (c && (*n as usize) < known).then_some(*n as usize));
        Ok(Candidates { starts, rows, wanted: wanted.collect() })
    }

    fn flush(
        &mut self,
        pairs: &mut Pairs,
        left: &RecordBatch,
        right: &RecordBatch,
        matched: &mut Matched,
        out: &mut Output,
    ) -> Result<()> {
        let Pairs { left: mut left_rows, right: mut right_rows } = std::mem::take(pairs);
        if left_rows.is_empty() {
            return Ok(());
        }
        let mut columns = taken(left, &left_rows)?;
        columns.extend(taken(right, &right_rows)?);
        let mut batch = batch_of(self.pair.clone(), columns, left_rows.len())?;
        if let Some(condition) = &mut self.condition {
            let holds = condition.evaluate(&batch)?;
            let holds =
                holds.as_boolean_opt().ok_or_else(|| Error::internal("a join condition that is not BOOLEAN"))?;
            let holds: BooleanArray = holds.iter().map(|holds| Some(holds == Some(true))).collect();
            batch = filter_record_batch(&batch, &holds)?;
            let keep = |rows: Vec<u32>| rows.into_iter().zip(holds.values()).filter(|(_, h)| *h).map(|(row, _)| row);
            (left_rows, right_rows) = (keep(left_rows).collect(), keep(right_rows).collect());
        }
        left_rows.iter().for_each(|row| matched.left[*row as usize] = true);
        right_rows.iter().for_each(|row| matched.right[*row as usize] = true);
        if self.kind.emits_right() {
            self.emit(batch.columns().to_vec(), batch.num_rows(), out)?;
        }
        Ok(())
    }

    /// Rows that are emitted for themselves.
    fn unmatched(&self, left: &RecordBatch, right: &RecordBatch, matched: &Matched, out: &mut Output) -> Result<()> {
        let rows_where = |matched: &[bool], wanted: bool| -> Vec<u32> {
            (0..matched.len() as u32).filter(|row| matched[*row as usize] == wanted).collect()
        };
        let left_rows = match self.kind {
            JoinKind::Semi => rows_where(&matched.left, true),
            JoinKind::Anti => rows_where(&matched.left, false),
            kind if kind.keeps_left() => rows_where(&matched.left, false),
            _ => vec![],
        };
        for chunk in left_rows.chunks(OUTPUT_ROWS) {
            let mut columns = taken(left, chunk)?;
            if self.kind.emits_right() {
                columns.extend(nulls(&self.right, chunk.len()));
            }
            self.emit(columns, chunk.len(), out)?;
        }
        if self.kind.keeps_right() {
            for chunk in rows_where(&matched.right, false).chunks(OUTPUT_ROWS) {
                let mut columns: Vec<ArrayRef> = nulls(&self.left, chunk.len()).collect();
                columns.extend(taken(right, chunk)?);
                self.emit(columns, chunk.len(), out)?;
            }
        }
        Ok(())
    }

    fn emit(&self, columns: Vec<ArrayRef>, rows: usize, out: &mut Output) -> Result<()> {
        out.push(ChangelogBatch::append_only(record_batch(&self.output, columns, rows)?));
        Ok(())
    }
}

/// For each left row the right rows of equal keys.
struct Candidates {
    starts: Vec<usize>,
    rows: Vec<u32>,
    wanted: Vec<Option<usize>>,
}

impl Candidates {
    fn iter(&self) -> impl Iterator<Item = (u32, &[u32])> {
        let rows = |number: usize| &self.rows[self.starts[number]..self.starts[number + 1]];
        (0..).zip(self.wanted.iter().map(move |number| number.map_or(&[][..], rows)))
    }
}

#[derive(Default)]
struct Pairs {
    left: Vec<u32>,
    right: Vec<u32>,
}

struct Matched {
    left: Vec<bool>,
    right: Vec<bool>,
}

fn taken(batch: &RecordBatch, rows: &[u32]) -> Result<Vec<ArrayRef>> {
    let rows = UInt32Array::from(rows.to_vec());
    Ok(batch.columns().iter().map(|column| take(column, &rows, None)).collect::<Result<_, _>>()?)
}

fn nulls(schema: &SchemaRef, rows: usize) -> impl Iterator<Item = ArrayRef> {
    schema.fields().iter().map(move |field| new_null_array(field.data_type(), rows))
}
