use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use flitz_dataflow::{ChangelogBatch, Field, Schema, TimeAttribute, TypeKind};

/// `ts TIMESTAMP(3) *ROWTIME*, user STRING, amount BIGINT`
pub fn event_schema() -> Schema {
    let field = |name: &str, kind: TypeKind| Field::new(name, kind.nullable());
    Schema::new(vec![
        field("ts", TypeKind::timestamp(3).with_attribute(TimeAttribute::Rowtime)),
        field("user", TypeKind::STRING),
        field("amount", TypeKind::BigInt),
    ])
}

/// A batch of [`event_schema`]: event time in milliseconds, user, amount.
pub fn events(rows: &[(i64, &str, i64)]) -> ChangelogBatch {
    let times = TimestampMillisecondArray::from_iter_values(rows.iter().map(|r| r.0));
    let users = StringArray::from_iter_values(rows.iter().map(|r| r.1));
    let amounts = Int64Array::from_iter_values(rows.iter().map(|r| r.2));
    let columns: Vec<arrow::array::ArrayRef> = vec![Arc::new(times), Arc::new(users), Arc::new(amounts)];
    let batch = RecordBatch::try_new(event_schema().to_arrow(), columns);
    ChangelogBatch::append_only(batch.expect("columns as in the schema"))
}

/// Each row as `+I[a, b, NULL]`.
pub fn row_texts(batch: &ChangelogBatch) -> Vec<String> {
    let options = FormatOptions::new().with_null("NULL");
    let columns: Vec<ArrayFormatter<'_>> = batch
        .rows()
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).expect("every type can be shown"))
        .collect();
    let text = |row: usize| {
        let values: Vec<String> = columns.iter().map(|column| column.value(row).to_string()).collect();
        format!("{}[{}]", batch.kind(row), values.join(", "))
    };
    (0..batch.num_rows()).map(text).collect()
}
