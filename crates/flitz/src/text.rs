//! Values as people read them: Flink's CAST to STRING, and bytes as `x'01ff'`.

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::DataType as Arrow;
use arrow::record_batch::RecordBatch;
use flitz_dataflow::{DataType, Error, Result, Schema, TypeKind};
use flitz_functions::{EvalContext, PhysicalExpr, bind_cast, compile};
use flitz_plan::Expr;

/// Turns batches of one schema into texts, column by column.
pub struct TextColumns {
    columns: Vec<Column>,
}

enum Column {
    Cast(Box<dyn PhysicalExpr>),
    /// The bytes of the column of this number.
    Bytes(usize),
}

impl TextColumns {
    pub fn new(schema: &Schema, context: &EvalContext) -> Result<TextColumns> {
        let cast = |(index, field): (usize, &flitz_dataflow::Field)| {
            if matches!(field.data_type.kind, TypeKind::Binary(_) | TypeKind::Varbinary(_)) {
                return Ok(Column::Bytes(index));
            }
            let column = Expr::column(index, field.data_type.clone());
            let text = bind_cast(column, DataType::new(TypeKind::STRING, field.data_type.nullable), false)?;
            compile(&text, context).map(Column::Cast)
        };
        Ok(TextColumns { columns: schema.fields.iter().enumerate().map(cast).collect::<Result<_>>()? })
    }

    pub fn of(&mut self, batch: &RecordBatch) -> Result<Vec<StringArray>> {
        let text = |column: &mut Column| match column {
            Column::Cast(cast) => strings(cast.evaluate(batch)?),
            Column::Bytes(index) => hexadecimal(batch.column(*index)),
        };
        self.columns.iter_mut().map(text).collect()
    }
}

fn hexadecimal(array: &ArrayRef) -> Result<StringArray> {
    use std::fmt::Write;
    let bytes = array.as_binary_opt::<i32>().ok_or_else(|| Error::internal("a column of bytes"))?;
    let text = |bytes: &[u8]| {
        let mut text = String::from("x'");
        bytes.iter().for_each(|b| _ = write!(text, "{b:02x}"));
        text + "'"
    };
    Ok(bytes.iter().map(|bytes| bytes.map(text)).collect())
}

fn strings(array: ArrayRef) -> Result<StringArray> {
    if array.data_type() == &Arrow::Null {
        return Ok(StringArray::new_null(array.len()));
    }
    let strings = array.as_any().downcast_ref::<StringArray>().cloned();
    strings.ok_or_else(|| Error::internal(format!("CAST to STRING gave {}", array.data_type())))
}
