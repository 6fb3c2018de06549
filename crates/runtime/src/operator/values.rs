//! Constant rows: `VALUES (1, 'a'), (2, 'b')`. A source of one split that is read in one go, on worker 0.

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::concat;
use arrow::datatypes::Schema as ArrowSchema;
use flitz_dataflow::connector::Split;
use flitz_dataflow::{ChangelogBatch, Result, Schema};
use flitz_functions::{EvalContext, compile};
use flitz_plan::Expr;

use super::calc::record_batch;

/// All rows as one batch.
pub fn evaluate(rows: &[Vec<Expr>], schema: &Schema, context: &EvalContext) -> Result<ChangelogBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let one_row = RecordBatch::try_new_with_options(ArrowSchema::empty().into(), vec![], &options)?;
    let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::with_capacity(rows.len()); schema.len()];
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(compile(value, context)?.evaluate(&one_row)?);
        }
    }
    let concatenated = |column: &Vec<ArrayRef>| {
        let parts: Vec<&dyn arrow::array::Array> = column.iter().map(AsRef::as_ref).collect();
        concat(&parts)
    };
    let schema = schema.to_arrow();
    if rows.is_empty() {
        return Ok(ChangelogBatch::append_only(RecordBatch::new_empty(schema)));
    }
    let columns = columns.iter().map(concatenated).collect::<Result<Vec<_>, _>>()?;
    Ok(ChangelogBatch::append_only(record_batch(&schema, columns, rows.len())?))
}

/// Whether the rows have been emitted, as a checkpoint keeps it.
pub fn split(emitted: bool) -> Split {
    Split { id: "values".to_owned(), position: emitted.into() }
}

pub fn was_emitted(splits: &[Split]) -> bool {
    splits.iter().any(|split| split.position == serde_json::Value::Bool(true))
}
