//! JSON text of aggregated values, as Jackson writes it.

use std::collections::BTreeMap;
use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray};
use flitz_dataflow::{Error, Result, TypeKind};

use crate::scalar::json::text::{write_text, write_value};

pub fn write_array(kind: &TypeKind, values: &ArrayRef, rows: Range<usize>, absent_on_null: bool, text: &mut String) {
    text.push('[');
    let mut first = true;
    for row in rows.filter(|row| !absent_on_null || values.is_valid(*row)) {
        if !std::mem::replace(&mut first, false) {
            text.push(',');
        }
        write_value(kind, values, row, text);
    }
    text.push(']');
}

/// Keys are sorted, as Flink's object mapper does. `Data` if one is NULL or stands twice.
pub fn write_object(
    kind: &TypeKind,
    keys: &ArrayRef,
    values: &ArrayRef,
    rows: Range<usize>,
    absent_on_null: bool,
    text: &mut String,
) -> Result<()> {
    let keys = keys.as_string::<i32>();
    let mut members = BTreeMap::new();
    for row in rows {
        if keys.is_null(row) {
            return Err(Error::data("a key of JSON_OBJECTAGG is NULL"));
        }
        if members.insert(keys.value(row), row).is_some() {
            return Err(Error::data(format!("the key '{}' of JSON_OBJECTAGG stands twice", keys.value(row))));
        }
    }
    text.push('{');
    let mut first = true;
    for (key, row) in members.into_iter().filter(|(_, row)| !absent_on_null || values.is_valid(*row)) {
        if !std::mem::replace(&mut first, false) {
            text.push(',');
        }
        write_text(key, text);
        text.push(':');
        write_value(kind, values, row, text);
    }
    text.push('}');
    Ok(())
}
