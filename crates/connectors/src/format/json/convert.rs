//! Values that are not written as their column would have them, converted as Flink does.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::scan::{Cursor, Token};
use crate::format::column::{Column, Values};
use crate::format::parse::{self, Decimal, Resolver, TimestampStandard, java_trim};
use crate::format::text;

/// As Jackson's default variant reads: padding is needed, the bits that it hides are not looked at.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true),
);

/// Appends `token`, which is not null. None: it doesn't suit the column.
pub fn push(column: &mut Column, token: &Token, timestamps: TimestampStandard) -> Option<()> {
    match &mut column.values {
        Values::Null => {
            column.push_null();
            return Some(());
        }
        Values::Boolean(values) => values.append(boolean(token)?),
        // TINYINT and SMALLINT take no fractions, INT and BIGINT cut them.
        Values::TinyInt(values) => values.push(i8::try_from(whole(token)?).ok()?),
        Values::SmallInt(values) => values.push(i16::try_from(whole(token)?).ok()?),
        Values::Int(values) | Values::IntervalYearMonth(values) => match token {
            Token::Float(text) => {
                let value = text.parse::<f64>().ok()?;
                (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value).then_some(())?;
                values.push(value as i32);
            }
            _ => values.push(i32::try_from(whole(token)?).ok()?),
        },
        Values::BigInt(values) | Values::IntervalDaySecond(values) => match token {
            Token::Float(text) => {
                let value = text.parse::<f64>().ok()?;
                (i64::MIN as f64..=i64::MAX as f64).contains(&value).then_some(())?;
                values.push(value as i64);
            }
            _ => values.push(whole(token)?),
        },
        Values::Float(values) => values.push(parse::float(java_trim(scalar(token)?))?),
        Values::Double(values) => values.push(parse::double(java_trim(scalar(token)?))?),
        Values::Decimal { values, precision, scale } => {
            let text = match token {
                Token::String(text) => java_trim(text),
                Token::Integer(text) | Token::Float(text) => text,
                _ => return None,
            };
            match parse::decimal(text, *precision, *scale)? {
                Decimal::Value(value) => values.push(value),
                Decimal::Overflow if column.data_type.nullable => {
                    column.push_null();
                    return Some(());
                }
                Decimal::Overflow => return None,
            }
        }
        Values::String(strings) => match token {
            Token::Object(text) | Token::Array(text) => strings.push(normalized(text)?.as_bytes()),
            _ => strings.push(scalar(token)?.as_bytes()),
        },
        Values::Bytes(strings) => {
            let Token::String(text) = token else { return None };
            push_base64(&mut strings.bytes, text)?;
            strings.end_value();
        }
        Values::Date(values) => {
            let days = parse::iso_date(scalar(token)?, Resolver::Strict)?;
            values.push(i32::try_from(days).ok()?);
        }
        Values::Time { values, .. } => {
            let nanos = parse::time(scalar(token)?, false, Resolver::Smart)?;
            values.push((nanos / 1_000_000 % 86_400_000) as i32);
        }
        Values::Timestamp { values, unit, local } => {
            let (days, nanos) = parse::json_timestamp(scalar(token)?, timestamps, *local)?;
            values.push(unit.timestamp(days, nanos)?);
        }
        // Written with brackets they don't come here.
        Values::Array { .. } | Values::Map { .. } | Values::Row(_) => return None,
    }
    column.set_valid();
    Some(())
}

/// The text of a value that is neither object nor array.
fn scalar<'a>(token: &'a Token) -> Option<&'a str> {
    match token {
        Token::String(text) => Some(text),
        Token::Integer(text) | Token::Float(text) => Some(text),
        Token::True => Some("true"),
        Token::False => Some("false"),
        Token::Null | Token::Object(_) | Token::Array(_) => None,
    }
}

/// Whatever is not true is false, even an object.
fn boolean(token: &Token) -> Option<bool> {
    match token {
        Token::Object(_) | Token::Array(_) => Some(false),
        _ => Some(java_trim(scalar(token)?).eq_ignore_ascii_case("true")),
    }
}

fn whole(token: &Token) -> Option<i64> {
    parse::integer(java_trim(scalar(token)?))
}

/// Decodes base64, in which blanks may stand between characters.
pub fn push_base64(out: &mut Vec<u8>, text: &str) -> Option<()> {
    if text.bytes().any(|b| b <= b' ') {
        let dense: Vec<u8> = text.bytes().filter(|b| *b > b' ').collect();
        return BASE64.decode_vec(dense, out).ok();
    }
    BASE64.decode_vec(text, out).ok()
}

/// The text of an object or array as Jackson's `JsonNode.toString` has it: no blanks, numbers with a point or
/// exponent as a `BigDecimal` without trailing zeros, of equal keys the last value at the first place.
pub fn normalized(text: &str) -> Option<String> {
    let mut cursor = Cursor::new(text.as_bytes(), text.len());
    let mut out = Vec::with_capacity(text.len());
    push_normalized(&mut cursor, &mut out)?;
    String::from_utf8(out).ok()
}

/// Recursion is bounded: the text has passed `skip_value`, which limits the depth.
fn push_normalized(cursor: &mut Cursor, out: &mut Vec<u8>) -> Option<()> {
    match cursor.peek() {
        b'[' => {
            out.push(b'[');
            cursor.expect(b'[').ok()?;
            if cursor.peek() == b']' {
                cursor.pos += 1;
            } else {
                loop {
                    push_normalized(cursor, out)?;
                    if !cursor.next_or(b']').ok()? {
                        break;
                    }
                    out.push(b',');
                }
            }
            out.push(b']');
        }
        b'{' => {
            let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
            cursor.expect(b'{').ok()?;
            if cursor.peek() == b'}' {
                cursor.pos += 1;
            } else {
                loop {
                    let key = cursor.string().ok()?.into_owned();
                    cursor.expect(b':').ok()?;
                    let mut value = Vec::new();
                    push_normalized(cursor, &mut value)?;
                    match fields.iter_mut().find(|(k, _)| *k == key) {
                        Some((_, old)) => *old = value,
                        None => fields.push((key, value)),
                    }
                    if !cursor.next_or(b'}').ok()? {
                        break;
                    }
                }
            }
            out.push(b'{');
            for (i, (key, value)) in fields.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                text::push_json_string_in_text(out, key);
                out.push(b':');
                out.extend_from_slice(value);
            }
            out.push(b'}');
        }
        _ => match cursor.token().ok()? {
            Token::String(s) => text::push_json_string_in_text(out, &s),
            Token::Integer("-0") => out.push(b'0'),
            Token::Integer(s) => out.extend_from_slice(s.as_bytes()),
            Token::Float(s) => text::push_stripped_decimal(out, s),
            Token::True => out.extend_from_slice(b"true"),
            Token::False => out.extend_from_slice(b"false"),
            Token::Null => out.extend_from_slice(b"null"),
            Token::Object(_) | Token::Array(_) => return None,
        },
    }
    Some(())
}
