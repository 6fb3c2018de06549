//! What a flush comes to: the last change of each key.

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::SchemaRef;
use arrow::row::{Row, RowConverter, SortField};
use flitz_dataflow::{ChangelogBatch, Error, Result, RowKind};
use hashbrown::HashMap;

/// Both have all columns of the table; of deleted rows the key alone counts.
#[derive(Debug)]
pub struct Changes {
    pub upserts: RecordBatch,
    pub deletes: RecordBatch,
}

pub struct Reducer {
    schema: SchemaRef,
    /// Positions of the key's columns.
    keys: Vec<usize>,
    converter: RowConverter,
}

impl Reducer {
    /// Without keys every row is added as it is.
    pub fn new(schema: SchemaRef, keys: &[usize]) -> Result<Reducer> {
        let fields = keys.iter().map(|&key| SortField::new(schema.field(key).data_type().clone()));
        Ok(Reducer { converter: RowConverter::new(fields.collect())?, keys: keys.to_vec(), schema })
    }

    pub fn reduce(&self, batches: &[ChangelogBatch]) -> Result<Changes> {
        let rows = concat_batches(&self.schema, batches.iter().map(ChangelogBatch::rows))?;
        let kinds: Vec<RowKind> =
            batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| batch.kind(row))).collect();
        let none = RecordBatch::new_empty(self.schema.clone());
        if self.keys.is_empty() {
            return match kinds.iter().find(|kind| **kind != RowKind::Insert) {
                Some(kind) => Err(Error::internal(format!("a row of kind {kind} for a table without PRIMARY KEY"))),
                None => Ok(Changes { upserts: rows, deletes: none }),
            };
        }
        let keys: Vec<ArrayRef> = self.keys.iter().map(|&key| rows.column(key).clone()).collect();
        let keys = self.converter.convert_columns(&keys)?;
        let mut last: HashMap<Row<'_>, usize> = HashMap::with_capacity(rows.num_rows());
        for (row, key) in keys.iter().enumerate() {
            last.insert(key, row);
        }
        if last.len() == rows.num_rows() && !kinds.iter().any(|kind| kind.is_retraction()) {
            return Ok(Changes { upserts: rows, deletes: none });
        }
        let mut last: Vec<usize> = last.into_values().collect();
        last.sort_unstable();
        let (deletes, upserts): (Vec<usize>, Vec<usize>) =
            last.into_iter().partition(|row| kinds[*row].is_retraction());
        let pick = |chosen: Vec<usize>| {
            take_record_batch(&rows, &UInt64Array::from_iter_values(chosen.into_iter().map(|row| row as u64)))
        };
        Ok(Changes { upserts: pick(upserts)?, deletes: pick(deletes)? })
    }
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.upserts.num_rows() == 0 && self.deletes.num_rows() == 0
    }
}
