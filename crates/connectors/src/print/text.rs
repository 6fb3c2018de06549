//! Rows as `Row.toString` gives them: Java's own forms of numbers, times, lists and maps.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalYearMonthType, Time32MillisecondType, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType,
};
use flitz_dataflow::bitmap::write_bitmap_text;
use flitz_dataflow::{ChangelogBatch, DataType, Error, Result, Schema, TypeKind};

use crate::format::text;

/// `+I[1, a, null]`
pub fn push_row(out: &mut Vec<u8>, batch: &ChangelogBatch, row: usize, schema: &Schema) -> Result<()> {
    out.extend_from_slice(batch.kind(row).short().as_bytes());
    out.push(b'[');
    for (i, (column, field)) in batch.rows().columns().iter().zip(&schema.fields).enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        push_value(out, column, row, &field.data_type)?;
    }
    out.push(b']');
    Ok(())
}

fn push_value(out: &mut Vec<u8>, column: &dyn Array, row: usize, data_type: &DataType) -> Result<()> {
    if column.is_null(row) || data_type.kind == TypeKind::Null {
        out.extend_from_slice(b"null");
        return Ok(());
    }
    macro_rules! integer {
        ($type:ty) => {{
            let mut buffer = itoa::Buffer::new();
            out.extend_from_slice(buffer.format(column.as_primitive::<$type>().value(row)).as_bytes());
        }};
    }
    match &data_type.kind {
        TypeKind::Null => {}
        TypeKind::Boolean => {
            let value: &[u8] = if column.as_boolean().value(row) { b"true" } else { b"false" };
            out.extend_from_slice(value);
        }
        TypeKind::TinyInt => integer!(Int8Type),
        TypeKind::SmallInt => integer!(Int16Type),
        TypeKind::Int => integer!(Int32Type),
        TypeKind::BigInt => integer!(Int64Type),
        TypeKind::Float => text::push_float(out, column.as_primitive::<Float32Type>().value(row)),
        TypeKind::Double => text::push_double(out, column.as_primitive::<Float64Type>().value(row)),
        TypeKind::Decimal { scale, .. } => {
            let value = column.as_primitive::<Decimal128Type>().value(row);
            text::push_decimal_scientific(out, value, i32::from(*scale));
        }
        TypeKind::Char(_) | TypeKind::Varchar(_) => {
            out.extend_from_slice(column.as_string::<i32>().value(row).as_bytes());
        }
        TypeKind::Binary(_) | TypeKind::Varbinary(_) => {
            let bytes = column.as_binary::<i32>().value(row);
            let signed: Vec<String> = bytes.iter().map(|b| (*b as i8).to_string()).collect();
            out.extend_from_slice(format!("[{}]", signed.join(", ")).as_bytes());
        }
        TypeKind::Date => text::push_date(out, i64::from(column.as_primitive::<Date32Type>().value(row))),
        TypeKind::Time(_) => {
            let millis = column.as_primitive::<Time32MillisecondType>().value(row);
            text::push_java_time(out, i64::from(millis) * 1_000_000);
        }
        TypeKind::Timestamp { .. } => {
            let (value, per_second) = timestamp(column, row)?;
            text::push_java_timestamp(out, value, per_second);
        }
        TypeKind::TimestampLtz { .. } => {
            let (value, per_second) = timestamp(column, row)?;
            push_instant(out, value, per_second);
        }
        TypeKind::IntervalYearMonth => push_period(out, column.as_primitive::<IntervalYearMonthType>().value(row)),
        TypeKind::IntervalDaySecond => {
            push_duration(out, column.as_primitive::<DurationMillisecondType>().value(row));
        }
        TypeKind::Array(element) => {
            let list = column.as_list::<i32>().value(row);
            out.push(b'[');
            for i in 0..list.len() {
                if i > 0 {
                    out.extend_from_slice(b", ");
                }
                push_value(out, &list, i, element)?;
            }
            out.push(b']');
        }
        TypeKind::Bitmap => {
            let mut text = String::new();
            write_bitmap_text(column.as_binary::<i32>().value(row), &mut text)?;
            out.extend_from_slice(text.as_bytes());
        }
        TypeKind::Map(key, value) => push_map(out, column, row, key, value)?,
        TypeKind::Multiset(element) => push_map(out, column, row, element, &TypeKind::Int.not_null())?,
        TypeKind::Row(fields) => {
            let row_columns = column.as_struct().columns();
            out.extend_from_slice(b"+I[");
            for (i, (column, field)) in row_columns.iter().zip(fields).enumerate() {
                if i > 0 {
                    out.extend_from_slice(b", ");
                }
                push_value(out, column, row, &field.data_type)?;
            }
            out.push(b']');
        }
    }
    Ok(())
}

/// `{k=1, l=2}`
fn push_map(out: &mut Vec<u8>, column: &dyn Array, row: usize, key: &DataType, value: &DataType) -> Result<()> {
    let entries = column.as_map().value(row);
    out.push(b'{');
    for i in 0..entries.len() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        push_value(out, entries.column(0), i, key)?;
        out.push(b'=');
        push_value(out, entries.column(1), i, value)?;
    }
    out.push(b'}');
    Ok(())
}

/// The number in the column and how many of its units make a second.
fn timestamp(column: &dyn Array, row: usize) -> Result<(i64, i64)> {
    match column.data_type() {
        arrow::datatypes::DataType::Timestamp(TimeUnit::Millisecond, _) => {
            Ok((column.as_primitive::<TimestampMillisecondType>().value(row), 1_000))
        }
        arrow::datatypes::DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Ok((column.as_primitive::<TimestampMicrosecondType>().value(row), 1_000_000))
        }
        arrow::datatypes::DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            Ok((column.as_primitive::<TimestampNanosecondType>().value(row), 1_000_000_000))
        }
        other => Err(Error::internal(format!("a time stamp in a column of {other}"))),
    }
}

/// `Instant.toString`: as `LocalDateTime`, but with seconds always, and `Z`.
fn push_instant(out: &mut Vec<u8>, value: i64, per_second: i64) {
    let before = out.len();
    text::push_java_timestamp(out, value, per_second);
    // `2020-01-02T03:04` is the form without seconds: nothing follows the minutes.
    if out[before..].iter().filter(|b| **b == b':').count() == 1 {
        out.extend_from_slice(b":00");
    }
    out.push(b'Z');
}

/// `Period.toString` of whole months: `P1Y2M`, `P0D`.
fn push_period(out: &mut Vec<u8>, months: i32) {
    let (years, months) = (months / 12, months % 12);
    let mut text = String::from("P");
    if years != 0 {
        text.push_str(&format!("{years}Y"));
    }
    if months != 0 {
        text.push_str(&format!("{months}M"));
    }
    if text.len() == 1 {
        text.push_str("0D");
    }
    out.extend_from_slice(text.as_bytes());
}

/// `Duration.toString`: `PT25H`, `PT-0.5S`, `PT0S`.
fn push_duration(out: &mut Vec<u8>, millis: i64) {
    let (seconds, fraction) = (millis / 1000, (millis % 1000).abs());
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = String::from("PT");
    if hours != 0 {
        text.push_str(&format!("{hours}H"));
    }
    if minutes != 0 {
        text.push_str(&format!("{minutes}M"));
    }
    if seconds != 0 || fraction != 0 || text.len() == 2 {
        let sign = if seconds == 0 && fraction != 0 && millis < 0 { "-" } else { "" };
        text.push_str(&format!("{sign}{seconds}"));
        if fraction != 0 {
            text.push_str(format!(".{fraction:03}").trim_end_matches('0'));
        }
        text.push('S');
    }
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_as_java_does() {
        let instant = |millis| text::to_string(|out| push_instant(out, millis, 1000));
        assert_eq!(instant(0), "1970-01-01T00:00:00Z");
        assert_eq!(instant(1_577_934_245_120), "2020-01-02T03:04:05.120Z");
        let duration = |millis| text::to_string(|out| push_duration(out, millis));
        assert_eq!(
            [0, 90_000_000, -500, 61_500].map(duration),
            ["PT0S", "PT25H", "PT-0.5S", "PT1M1.5S"].map(str::to_owned)
        );
        let period = |months| text::to_string(|out| push_period(out, months));
        assert_eq!([0, 14, -1].map(period), ["P0D", "P1Y2M", "P-1M"].map(str::to_owned));
    }
}
