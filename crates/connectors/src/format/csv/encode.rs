//! Columns to CSV, quoted where Jackson's `CsvEncoder` quotes.
//!
//! Jackson does not look for what needs quotes but for what might: a text is quoted if it is longer than 24
//! characters or has a character up to the greatest of delimiter, quote and line end. With `,` and `"` that
//! is everything before `-`, so a blank is enough and `2020-01-02 03:04:05` is quoted. Numbers never are.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalYearMonthType, Time32MillisecondType,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flitz_dataflow::{ChangelogBatch, DataType, Error, Result, Schema, TypeKind};

use super::Settings;
use crate::format::json::timestamps_of;
use crate::format::text::{self, Fraction};
use crate::format::{Encoder, Messages};

/// Longer texts are quoted without being looked at.
const CHECKED_MAX: usize = 24;

pub struct CsvEncoder {
    settings: Settings,
    types: Vec<DataType>,
    /// Characters below it might need quotes.
    safe_from: u8,
    text: Vec<u8>,
}

impl CsvEncoder {
    pub fn new(schema: &Schema, settings: Settings) -> CsvEncoder {
        let greatest = settings.dialect.delimiter.max(settings.dialect.quote.unwrap_or(0)).max(b'\r');
        CsvEncoder {
            settings,
            types: schema.fields.iter().map(|f| f.data_type.clone()).collect(),
            safe_from: greatest + 1,
            text: Vec::new(),
        }
    }

    /// Appends `self.text`, quoted if it might need it.
    fn push_quoted(&self, out: &mut Vec<u8>) {
        let text = &self.text;
        let dialect = &self.settings.dialect;
        let Some(quote) = dialect.quote.filter(|_| self.might_need_quotes(text)) else {
            return out.extend_from_slice(text);
        };
        out.push(quote);
        for &b in text {
            if b == quote {
                out.push(quote);
            } else if Some(b) == dialect.escape {
                out.push(b);
            }
            out.push(b);
        }
        out.push(quote);
    }

    fn might_need_quotes(&self, text: &[u8]) -> bool {
        // Java counts UTF-16 units.
        let units = || {
            let continuation = text.iter().filter(|b| **b & 0xC0 == 0x80).count();
            text.len() - continuation + text.iter().filter(|b| **b >= 0xF0).count()
        };
        text.len() > CHECKED_MAX && units() > CHECKED_MAX
            || text.iter().any(|b| *b < self.safe_from || *b == self.settings.dialect.escape.unwrap_or(b'\\'))
    }
}

impl Encoder for CsvEncoder {
    fn encode(&mut self, batch: &ChangelogBatch, out: &mut Messages) -> Result<()> {
        let types = self.types.clone();
        for row in 0..batch.num_rows() {
            for (i, (array, data_type)) in batch.rows().columns().iter().zip(&types).enumerate() {
                let buffer = out.buffer();
                if i > 0 {
                    buffer.push(self.settings.dialect.delimiter);
                }
                if array.is_null(row) || data_type.kind == TypeKind::Null {
                    buffer.extend_from_slice(self.settings.null_literal.as_deref().unwrap_or("").as_bytes());
                    continue;
                }
                self.text.clear();
                let quotable = push_field(&mut self.text, data_type, array, row, &self.settings)?;
                match quotable {
                    true => self.push_quoted(out.buffer()),
                    false => out.buffer().extend_from_slice(&self.text),
                }
            }
            out.end_message();
        }
        Ok(())
    }
}

/// Appends a value that is not NULL; false if it is never quoted.
fn push_field(
    out: &mut Vec<u8>,
    data_type: &DataType,
    array: &ArrayRef,
    row: usize,
    settings: &Settings,
) -> Result<bool> {
    match &data_type.kind {
        TypeKind::Array(element) => {
            let elements = array.as_list::<i32>().value(row);
            for i in 0..elements.len() {
                push_part(out, i, element, &elements, i, settings)?;
            }
        }
        TypeKind::Row(fields) => {
            let columns = array.as_struct().columns();
            for (i, (field, column)) in fields.iter().zip(columns).enumerate() {
                push_part(out, i, &field.data_type, column, row, settings)?;
            }
        }
        _ => return push_scalar(out, data_type, array, row, settings),
    }
    Ok(true)
}

/// Part `i` of an array or row.
fn push_part(
    out: &mut Vec<u8>,
    i: usize,
    data_type: &DataType,
    array: &ArrayRef,
    row: usize,
    settings: &Settings,
) -> Result<()> {
    if i > 0 {
        out.extend_from_slice(settings.array_delimiter.as_bytes());
    }
    if array.is_null(row) {
        out.extend_from_slice(settings.null_literal.as_deref().unwrap_or("").as_bytes());
        return Ok(());
    }
    push_scalar(out, data_type, array, row, settings).map(drop)
}

fn push_scalar(
    out: &mut Vec<u8>,
    data_type: &DataType,
    array: &ArrayRef,
    row: usize,
    settings: &Settings,
) -> Result<bool> {
    let mut integer = |value: i64| out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    match &data_type.kind {
        TypeKind::TinyInt => integer(array.as_primitive::<Int8Type>().value(row).into()),
        TypeKind::SmallInt => integer(array.as_primitive::<Int16Type>().value(row).into()),
        TypeKind::Int => integer(array.as_primitive::<Int32Type>().value(row).into()),
        TypeKind::BigInt => integer(array.as_primitive::<Int64Type>().value(row)),
        TypeKind::IntervalYearMonth => integer(array.as_primitive::<IntervalYearMonthType>().value(row).into()),
        TypeKind::IntervalDaySecond => integer(array.as_primitive::<DurationMillisecondType>().value(row)),
        TypeKind::Boolean => {
            out.extend_from_slice(if array.as_boolean().value(row) { b"true" } else { b"false" });
        }
        TypeKind::Float => text::push_float(out, array.as_primitive::<Float32Type>().value(row)),
        TypeKind::Double => text::push_double(out, array.as_primitive::<Float64Type>().value(row)),
        TypeKind::Decimal { scale, .. } => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            match settings.scientific {
                true => text::push_decimal_stripped(out, value, u32::from(*scale)),
                false => text::push_decimal_plain(out, value, u32::from(*scale)),
            }
        }
        TypeKind::Char(_) | TypeKind::Varchar(_) => {
            out.extend_from_slice(array.as_string::<i32>().value(row).as_bytes());
            return Ok(true);
        }
        TypeKind::Binary(_) | TypeKind::Varbinary(_) => {
            out.extend_from_slice(STANDARD.encode(array.as_binary::<i32>().value(row)).as_bytes());
            return Ok(true);
        }
        TypeKind::Date => {
            text::push_date(out, array.as_primitive::<Date32Type>().value(row).into());
            return Ok(true);
        }
        TypeKind::Time(_) => {
            let millis = array.as_primitive::<Time32MillisecondType>().value(row);
            text::push_time(out, i64::from(millis) * 1_000_000, Fraction::Trimmed);
            return Ok(true);
        }
        TypeKind::Timestamp { .. } | TypeKind::TimestampLtz { .. } => {
            let (values, per_second) = timestamps_of(array)?;
            text::push_timestamp(out, values[row], per_second, b' ', Fraction::Trimmed);
            if matches!(data_type.kind, TypeKind::TimestampLtz { .. }) {
                out.push(b'Z');
            }
            return Ok(true);
        }
        other => return Err(Error::internal(format!("CSV was given {other}"))),
    }
    Ok(false)
}
