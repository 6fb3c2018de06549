//! Filter and projection: `SELECT a, b + 1 FROM t WHERE c > 0`, one batch at a time.
//!
//! 1. The filter is evaluated over the whole batch. If it keeps every row, nothing is copied; if it keeps
//!    none, nothing is emitted.
//! 2. Only the columns that the projection reads are filtered.
//! 3. A projection that is a plain column passes the array on; the others are evaluated, and what
//!    several of them need only once.
//!
//! Row kinds go with their rows: a changelog keeps its meaning because the filter sees the row before and
//! the row after an update separately.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema as ArrowSchema, SchemaRef};
use flitz_dataflow::{ChangelogBatch, Error, Result, RowKind, Schema, Watermark};
use flitz_functions::{EvalContext, PhysicalExpr, PhysicalExprs, compile};
use flitz_plan::Expr;

use super::{Output, Stateless};

pub struct Calc {
    filter: Option<Box<dyn PhysicalExpr>>,
    /// Input columns that the projection reads, ascending; its expressions count within them.
    used: Vec<usize>,
    projection: Vec<Projection>,
    computed: PhysicalExprs,
    schema: SchemaRef,
    /// What CURRENT_WATERMARK shows to this operator's expressions.
    watermark: Arc<AtomicI64>,
}

enum Projection {
    Column(usize),
    /// The next of those that are computed.
    Computed,
}

impl Calc {
    pub fn new(filter: Option<&Expr>, projection: &[Expr], schema: &Schema, context: &EvalContext) -> Result<Calc> {
        let watermark = Arc::new(AtomicI64::new(i64::MIN));
        let context = EvalContext { watermark: watermark.clone(), ..context.clone() };
        let mut used: Vec<usize> = projection.iter().flat_map(Expr::columns).collect();
        used.sort_unstable();
        used.dedup();
        let within_used = |e: &Expr| {
            e.clone().transform(&mut |e| match e {
                Expr::Column { index, data_type } => {
                    Expr::Column { index: used.binary_search(&index).unwrap_or(index), data_type }
                }
                other => other,
            })
        };
        let mut computed = vec![];
        let project = |e: &Expr| match within_used(e) {
            Expr::Column { index, .. } => Projection::Column(index),
            expr => {
                computed.push(expr);
                Projection::Computed
            }
        };
        let projection = projection.iter().map(project).collect();
        let computed = PhysicalExprs::compile(&computed, &context)?;
        let filter = filter.map(|e| compile(e, &context)).transpose()?;
        Ok(Calc { filter, used, projection, computed, schema: schema.to_arrow(), watermark })
    }

    fn apply(&mut self, batch: &ChangelogBatch) -> Result<Option<ChangelogBatch>> {
        let kept = match &mut self.filter {
            None => None,
            Some(filter) => {
                let kept = filter.evaluate(batch.rows())?;
                let kept = kept.as_boolean_opt().ok_or_else(|| Error::internal("a filter that is not BOOLEAN"))?;
                match kept.true_count() {
                    0 => return Ok(None),
                    all if all == kept.len() => None,
                    _ => Some(kept.clone()),
                }
            }
        };
        let used = match self.used.len() == batch.rows().num_columns() {
            true => batch.rows().clone(),
            false => batch.rows().project(&self.used)?,
        };
        let (used, kinds) = match &kept {
            None => (used, batch.kinds_shared()),
            Some(kept) => (filter_record_batch(&used, kept)?, filter_kinds(batch, kept)),
        };
        let mut computed = self.computed.evaluate(&used)?.into_iter();
        let mut columns = Vec::with_capacity(self.projection.len());
        for projection in &self.projection {
            columns.push(match projection {
                Projection::Column(i) => used.column(*i).clone(),
                Projection::Computed => {
                    computed.next().ok_or_else(|| Error::internal("fewer columns than were compiled"))?
                }
            });
        }
        let rows = record_batch(&self.schema, columns, used.num_rows())?;
        Ok(Some(ChangelogBatch::new(rows, kinds)))
    }
}

fn filter_kinds(batch: &ChangelogBatch, kept: &BooleanArray) -> Option<Arc<[RowKind]>> {
    let kinds = batch.kinds()?;
    Some(kinds.iter().zip(kept).filter(|(_, kept)| *kept == Some(true)).map(|(kind, _)| *kind).collect())
}

/// A batch of `columns` named as in `schema`. A column declared NOT NULL that holds a NULL all the same
/// (a source does not check what it reads, nor does Flink) is passed on as nullable.
pub(crate) fn record_batch(schema: &SchemaRef, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    let fits = |(field, column): (&Arc<Field>, &ArrayRef)| {
        (field.is_nullable() || column.null_count() == 0) && field.data_type() == column.data_type()
    };
    let schema = match schema.fields().iter().zip(&columns).all(fits) {
        true => schema.clone(),
        false => relaxed(schema, &columns)?,
    };
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
}

/// The fields as the columns really are: nullability may differ, also within nested types.
fn relaxed(schema: &SchemaRef, columns: &[ArrayRef]) -> Result<SchemaRef> {
    let mut fields = Vec::with_capacity(columns.len());
    for (field, column) in schema.fields().iter().zip(columns) {
        if !same_shape(field.data_type(), column.data_type()) {
            return Err(Error::internal(format!(
                "column '{}' should be {} and is {}",
                field.name(),
                field.data_type(),
                column.data_type()
            )));
        }
        let nullable = field.is_nullable() || column.null_count() > 0;
        fields.push(Field::new(field.name(), column.data_type().clone(), nullable));
    }
    Ok(Arc::new(ArrowSchema::new(fields)))
}

/// Equal but for names and nullability of nested fields.
fn same_shape(a: &DataType, b: &DataType) -> bool {
    match (a, b) {
        (DataType::List(a), DataType::List(b)) => same_shape(a.data_type(), b.data_type()),
        (DataType::Map(a, _), DataType::Map(b, _)) => same_shape(a.data_type(), b.data_type()),
        (DataType::Struct(a), DataType::Struct(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_shape(a.data_type(), b.data_type()))
        }
        _ => a == b,
    }
}

impl Stateless for Calc {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        if let Some(batch) = self.apply(&batch)? {
            out.push(batch);
        }
        Ok(())
    }

    fn watermark(&mut self, watermark: Watermark, _out: &mut Output) -> Result<()> {
        self.watermark.store(watermark.millis(), Ordering::Relaxed);
        Ok(())
    }
}
