//! JSON text of aggregated values, as Jackson writes it.

use std::collections::BTreeMap;
use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use arrow::util::display::array_value_to_string;
use flitz_dataflow::{Error, Result};

use crate::java::number;

pub fn write_array(values: &ArrayRef, rows: Range<usize>, absent_on_null: bool, text: &mut String) -> Result<()> {
    text.push('[');
    let mut first = true;
    for row in rows.filter(|row| !absent_on_null || values.is_valid(*row)) {
        if !std::mem::replace(&mut first, false) {
            text.push(',');
        }
        write_value(values, row, text)?;
    }
    text.push(']');
    Ok(())
}

/// Keys are sorted, as Flink's object mapper does. `Data` if one is NULL or stands twice.
pub fn write_object(
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
        write_string(key, text);
        text.push(':');
        write_value(values, row, text)?;
    }
    text.push('}');
    Ok(())
}

fn write_value(values: &ArrayRef, row: usize, text: &mut String) -> Result<()> {
    if values.is_null(row) {
        text.push_str("null");
        return Ok(());
    }
    match values.data_type() {
        DataType::Utf8 => write_string(values.as_string::<i32>().value(row), text),
        DataType::Float64 => {
            number::write_double(values.as_primitive::<arrow::datatypes::Float64Type>().value(row), text);
        }
        DataType::Float32 => {
            number::write_float(values.as_primitive::<arrow::datatypes::Float32Type>().value(row), text);
        }
        _ => text.push_str(&array_value_to_string(values, row)?),
    }
    Ok(())
}

fn write_string(value: &str, text: &mut String) {
    text.push_str(&serde_json::Value::from(value).to_string());
}
