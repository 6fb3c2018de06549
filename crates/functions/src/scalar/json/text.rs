//! Values of Flink types and of JSON documents as JSON text, as Jackson writes them with sorted keys.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Decimal128Type, Float32Type, Float64Type};
use base64::Engine;
use flitz_dataflow::{Error, Result, TypeKind};
use serde_json::Value;

use crate::calendar::{self, Moments, Zone};
use crate::cast::text::Writer;
use crate::decimal;

/// Whether JSON_STRING, JSON_OBJECT and JSON_ARRAY take values of a type.
pub(crate) fn check_convertible(kind: &TypeKind) -> Result<()> {
    use TypeKind::*;
    match kind {
        Date | Time(_) | IntervalYearMonth | IntervalDaySecond => {
            Err(Error::invalid(format!("{kind} has no JSON form")).hint("use CAST(… AS STRING)"))
        }
        Array(element) => check_convertible(&element.kind),
        Map(key, _) if !key.kind.is_string() => {
            Err(Error::invalid(format!("{kind} has no JSON form")).hint("the keys must be character strings"))
        }
        Map(_, value) => check_convertible(&value.kind),
        Multiset(element) if !element.kind.is_string() => Err(Error::invalid(format!("{kind} has no JSON form"))),
        Row(fields) => fields.iter().try_for_each(|f| check_convertible(&f.data_type.kind)),
        _ => Ok(()),
    }
}

/// Appends a value of a Flink type.
pub(crate) fn write_value(kind: &TypeKind, array: &ArrayRef, row: usize, out: &mut String) {
    use TypeKind::*;
    if *kind == Null || array.is_null(row) {
        out.push_str("null");
        return;
    }
    match kind {
        Boolean => out.push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
        Float => write_number(f64::from(array.as_primitive::<Float32Type>().value(row)), out),
        Double => write_number(array.as_primitive::<Float64Type>().value(row), out),
        Decimal { scale, .. } => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            decimal::write(value, *scale, out);
        }
        Char(_) | Varchar(_) => write_text(array.as_string::<i32>().value(row), out),
        Binary(_) | Varbinary(_) => {
            let bytes = array.as_binary::<i32>().value(row);
            write_text(&base64::engine::general_purpose::STANDARD.encode(bytes), out);
        }
        Timestamp { .. } | TimestampLtz { .. } => {
            let moment = Moments::of(array).get(row);
            out.push('"');
            calendar::write_date(moment.days(), out);
            out.push('T');
            let mut time = String::new();
            calendar::write_time(moment.millis_of_day(), moment.nanos, 9, &mut time);
            // Zeros at the end of the fraction are cut, but never those of the seconds.
            let cut = time.trim_end_matches('0');
            out.push_str(if cut.ends_with('.') || cut.len() < 9 { &time[..8] } else { cut });
            if matches!(kind, TimestampLtz { .. }) {
                out.push('Z');
            }
            out.push('"');
        }
        Array(element) => {
            let list = array.as_list::<i32>();
            let offsets = list.value_offsets();
            out.push('[');
            for (n, i) in (offsets[row] as usize..offsets[row + 1] as usize).enumerate() {
                out.push_str(if n == 0 { "" } else { "," });
                write_value(&element.kind, list.values(), i, out);
            }
            out.push(']');
        }
        Map(_, value) => write_map(&value.kind, array, row, out),
        Multiset(_) => write_map(&Int, array, row, out),
        Row(fields) => {
            let columns = array.as_struct().columns();
            let members = fields.iter().zip(columns).map(|(field, column)| {
                let mut text = String::new();
                write_value(&field.data_type.kind, column, row, &mut text);
                (field.name.clone(), text)
            });
            write_members(members.collect(), out);
        }
        _ => Writer { kind, zone: Zone::Utc }.write(array, row, out),
    }
}

fn write_map(value: &TypeKind, array: &ArrayRef, row: usize, out: &mut String) {
    let map = array.as_map();
    let offsets = map.value_offsets();
    let keys = map.keys().as_string::<i32>();
    let members = (offsets[row] as usize..offsets[row + 1] as usize).map(|i| {
        let mut text = String::new();
        write_value(value, map.values(), i, &mut text);
        (keys.value(i).to_owned(), text)
    });
    write_members(members.collect(), out);
}

/// Keys sorted; of equal keys the last.
pub(crate) fn write_members(mut members: Vec<(String, String)>, out: &mut String) {
    members.sort_by(|a, b| a.0.cmp(&b.0));
    out.push('{');
    let mut first = true;
    for (i, (key, value)) in members.iter().enumerate() {
        if members.get(i + 1).is_some_and(|(next, _)| next == key) {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        write_text(key, out);
        out.push(':');
        out.push_str(value);
    }
    out.push('}');
}

pub(crate) fn write_text(text: &str, out: &mut String) {
    use std::fmt::Write;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => _ = write!(out, "\\u{:04X}", c as u32),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// `BigDecimal.valueOf(x).toString()`; what is not finite as text.
fn write_number(x: f64, out: &mut String) {
    let mut java = String::new();
    // A BigDecimal has no negative zero.
    crate::java::number::write_double(if x == 0.0 { 0.0 } else { x }, &mut java);
    if x.is_finite() {
        write_big_decimal(&java, out);
    } else {
        write_text(&java, out);
    }
}

/// A number's text as `new BigDecimal(text).toString()` prints it: scientific when the scale is negative or
/// the exponent below -6.
pub(crate) fn write_big_decimal(number: &str, out: &mut String) {
    if number.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        out.push_str(number);
        return;
    }
    let (mantissa, exponent) = match number.find(['e', 'E']) {
        Some(i) => (&number[..i], number[i + 1..].parse::<i64>().unwrap_or(0)),
        None => (number, 0),
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let joined = format!("{whole}{fraction}");
    let digits = match joined.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let scale = fraction.len() as i64 - exponent;
    let adjusted = digits.len() as i64 - 1 - scale;
    out.push_str(sign);
    if scale >= 0 && adjusted >= -6 {
        let scale = scale as usize;
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        out.push_str(whole);
        if scale > 0 {
            out.push('.');
            out.push_str(fraction);
        }
        return;
    }
    let (first, rest) = digits.split_at(1);
    out.push_str(first);
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    out.push_str(if adjusted < 0 { "E" } else { "E+" });
    out.push_str(&adjusted.to_string());
}

/// Appends a document without blanks, keys sorted.
pub(crate) fn write_document(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => write_big_decimal(n.as_str(), out),
        Value::String(s) => write_text(s, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { "," });
                write_document(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (i, (key, value)) in fields.into_iter().enumerate() {
                out.push_str(if i == 0 { "" } else { "," });
                write_text(key, out);
                out.push(':');
                write_document(value, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_print_as_big_decimals() {
        for (text, expected) in [
            ("1e3", "1E+3"),
            ("1.0", "1.0"),
            ("1.0E20", "1.0E+20"),
            ("0.0001", "0.0001"),
            ("1e-7", "1E-7"),
            ("-12.50", "-12.50"),
            ("12345678901234567890", "12345678901234567890"),
        ] {
            let mut out = String::new();
            super::write_big_decimal(text, &mut out);
            assert_eq!(out, expected);
        }
    }
}
