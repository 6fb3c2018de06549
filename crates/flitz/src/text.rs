//! Values as people read them: Flink's CAST to STRING.

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::datatypes::DataType as Arrow;
use arrow::record_batch::RecordBatch;
use flitz_dataflow::{DataType, Error, Result, Schema, TypeKind};
use flitz_functions::{EvalContext, PhysicalExpr, bind_cast, compile};
use flitz_plan::Expr;

/// Turns batches of one schema into texts, column by column.
pub struct TextColumns {
    casts: Vec<Box<dyn PhysicalExpr>>,
}

impl TextColumns {
    pub fn new(schema: &Schema, context: &EvalContext) -> Result<TextColumns> {
        let cast = |(index, field): (usize, &flitz_dataflow::Field)| {
            let column = Expr::column(index, field.data_type.clone());
            let text = bind_cast(column, DataType::new(TypeKind::STRING, field.data_type.nullable), false)?;
            compile(&text, context)
        };
        Ok(TextColumns { casts: schema.fields.iter().enumerate().map(cast).collect::<Result<_>>()? })
    }

    pub fn of(&mut self, batch: &RecordBatch) -> Result<Vec<StringArray>> {
        self.casts.iter_mut().map(|cast| strings(cast.evaluate(batch)?)).collect()
    }
}

fn strings(array: ArrayRef) -> Result<StringArray> {
    if array.data_type() == &Arrow::Null {
        return Ok(StringArray::new_null(array.len()));
    }
    let strings = array.as_any().downcast_ref::<StringArray>().cloned();
    strings.ok_or_else(|| Error::internal(format!("CAST to STRING gave {}", array.data_type())))
}
