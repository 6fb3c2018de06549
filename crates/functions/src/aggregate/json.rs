//! JSON text of aggregated values, as Jackson writes it.

use std::collections::BTreeMap;
use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray};
use flitz_dataflow::{Error, Result, TypeKind};

use crate::scalar::json::text::{write_text, write_value};

/// How values become part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    pub absent_on_null: bool,
    /// The values are JSON text themselves.
    pub raw: bool,
}

impl Form {
    /// What the clauses spelled in a function's name say; `absent`: what is so without them.
    pub fn named(name: &str, absent: bool) -> Form {
        let absent_on_null = if absent { !name.contains("_NULL_ON_NULL") } else { name.contains("_ABSENT_ON_NULL") };
        Form { absent_on_null, raw: name.ends_with("_RAW") }
    }

    fn write(self, kind: &TypeKind, values: &ArrayRef, row: usize, text: &mut String) {
        match self.raw && values.is_valid(row) {
            true => text.push_str(values.as_string::<i32>().value(row)),
            false => write_value(kind, values, row, text),
        }
    }
}

pub fn write_array(kind: &TypeKind, values: &ArrayRef, rows: Range<usize>, form: Form, text: &mut String) {
    text.push('[');
    let mut first = true;
    for row in rows.filter(|row| !form.absent_on_null || values.is_valid(*row)) {
        if !std::mem::replace(&mut first, false) {
            text.push(',');
        }
        form.write(kind, values, row, text);
    }
    text.push(']');
}

/// Keys are sorted, as Flink's object mapper does. `Data` if one is NULL or stands twice.
pub fn write_object(
    kind: &TypeKind,
    keys: &ArrayRef,
    values: &ArrayRef,
    rows: Range<usize>,
    form: Form,
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
    for (key, row) in members.into_iter().filter(|(_, row)| !form.absent_on_null || values.is_valid(*row)) {
        if !std::mem::replace(&mut first, false) {
            text.push(',');
        }
        write_text(key, text);
        text.push(':');
        form.write(kind, values, row, text);
    }
    text.push('}');
    Ok(())
}
