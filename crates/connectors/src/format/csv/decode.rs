//! CSV to columns.
//!
//! | | field | record |
//! |---|---|---|
//! | text doesn't suit the column | error, or NULL with `ignore-parse-errors` | |
//! | too few fields | the missing are NULL with `ignore-parse-errors` | else, or with `fail-on-missing-columns`, error or left out |
//! | too many fields | | error or left out, but for `ignore-trailing-unmappable` and one empty field (`allow-trailing-comma`) |
//! | quotes that don't match, bad UTF-8 | | error, or left out with `ignore-parse-errors` |
//! | nothing but comments | | not a record; a message without any: error, or left out with `ignore-parse-errors` |
//!
//! An empty field is `''`, which only a STRING, BYTES, BOOLEAN (false) or ARRAY (no elements) can take; an
//! empty ROW is NULL.

use std::ops::Range;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use flitz_dataflow::{ChangelogBatch, Error, Result, Schema};

use super::Settings;
use super::record::Fields;
use crate::format::column::{Column, Values};
use crate::format::json::push_base64;
use crate::format::parse::{self, Decimal, Resolver, TimestampStandard, java_trim};
use crate::format::{DecodeError, Decoded, Decoder, DecoderSpec, Messages, Origin};

pub struct CsvDecoder {
    settings: Settings,
    origin: Origin,
    /// Fields of a complete record.
    width: usize,
    projection: Vec<usize>,
    names: Vec<String>,
    schema: SchemaRef,
    columns: Vec<Column>,
    fields: Fields,
}

impl CsvDecoder {
    pub fn new(spec: &DecoderSpec<'_>, settings: Settings) -> CsvDecoder {
        let DecoderSpec { physical, projection, origin, .. } = *spec;
        let schema: Schema = projection.iter().map(|i| physical.fields[*i].clone()).collect();
        CsvDecoder {
            settings,
            origin,
            width: physical.len(),
            projection: projection.to_vec(),
            names: schema.fields.iter().map(|f| f.name.clone()).collect(),
            columns: schema.fields.iter().map(|f| Column::new(&f.data_type, 1024)).collect(),
            schema: schema.to_arrow(),
            fields: Fields::default(),
        }
    }

    /// The bytes that a record begins with; None: there is none.
    fn record<'a>(&self, bytes: &'a [u8]) -> Option<Result<&'a [u8], String>> {
        let dialect = &self.settings.dialect;
        match self.origin {
            Origin::File => (!dialect.is_comment(bytes)).then_some(Ok(bytes)),
            // What follows the first record is ignored.
            Origin::Message => match dialect.without_comments(bytes) {
                [] => Some(Err("a message without content".to_owned())),
                record => Some(Ok(record)),
            },
        }
    }

    /// Appends the record as a row. An error is a sentence.
    fn read_record(&mut self, record: &[u8]) -> Result<(), String> {
        let Ok(_) = simdutf8::basic::from_utf8(record) else {
            return Err("bytes that are not UTF-8".to_owned());
        };
        let dialect = &self.settings.dialect;
        self.fields.split(record, dialect).map_err(|(at, reason)| format!("{reason} (byte {at})"))?;
        let found = self.fields.len();
        if found < self.width && (!self.settings.ignore_parse_errors || self.settings.fail_on_missing_columns) {
            return Err(self.wrong_width(found));
        }
        if found > self.width && !self.settings.ignore_trailing {
            let trailing = self.settings.allow_trailing_comma
                && found == self.width + 1
                && self.fields.get(found - 1, record).is_empty();
            if !trailing {
                return Err(self.wrong_width(found));
            }
        }
        for (column, (position, name)) in self.columns.iter_mut().zip(self.projection.iter().zip(&self.names)) {
            let len = column.len();
            let text = (*position < found).then(|| self.fields.get(*position, record));
            // SAFETY: the record is UTF-8 and cut at ASCII characters; copies leave ASCII characters out.
            let text = text.map(|bytes| unsafe { std::str::from_utf8_unchecked(bytes) });
            let text = text.filter(|text| !is_null(text, &self.settings));
            let read = match text {
                Some(text) => push_field(column, text, &self.settings),
                None if is_collection(column) && *position < found => {
                    push_field(column, text_of(&self.fields, *position, record), &self.settings)
                }
                None => push_null(column),
            };
            if read.is_some() {
                continue;
            }
            if self.settings.ignore_parse_errors && column.data_type.nullable {
                column.truncate(len);
                column.push_null();
                continue;
            }
            return Err(match text {
                Some(text) => format!("field {name}: cannot read {:?} as {}", excerpt(text), column.data_type.kind),
                None => format!("field {name} is NULL, but declared {}", column.data_type),
            });
        }
        Ok(())
    }

    fn wrong_width(&self, found: usize) -> String {
        format!("a record has {} fields, found {found}", self.width)
    }

    fn finish(&mut self, rows: usize) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}

impl Decoder for CsvDecoder {
    fn decode(&mut self, messages: &Messages, range: Range<usize>) -> Result<Decoded, DecodeError> {
        let mut rows = 0;
        let mut skipped = 0;
        let mut kept: Option<Vec<usize>> = None;
        for i in range.clone() {
            let record = messages.get(i).and_then(|bytes| self.record(bytes));
            match record.map(|record| self.read_record(record?)) {
                Some(Ok(())) => {
                    rows += 1;
                    if let Some(kept) = &mut kept {
                        kept.push(i);
                    }
                    continue;
                }
                None => {}
                Some(Err(reason)) => {
                    self.columns.iter_mut().for_each(|c| c.truncate(rows));
                    if !self.settings.ignore_parse_errors {
                        self.columns.iter_mut().for_each(|c| c.truncate(0));
                        return Err(DecodeError { message: i, error: Error::data(reason) });
                    }
                    skipped += 1;
                }
            }
            kept.get_or_insert_with(|| (range.start..i).collect());
        }
        let batch = self.finish(rows).map_err(|error| DecodeError { message: range.start, error })?;
        Ok(Decoded { rows: ChangelogBatch::append_only(batch), kept, skipped })
    }
}

fn excerpt(text: &str) -> &str {
    text.char_indices().nth(60).map_or(text, |(end, _)| &text[..end])
}

fn text_of<'a>(fields: &'a Fields, position: usize, record: &'a [u8]) -> &'a str {
    // Fields of a UTF-8 record are UTF-8.
    std::str::from_utf8(fields.get(position, record)).unwrap_or("")
}

fn is_null(text: &str, settings: &Settings) -> bool {
    settings.empty_string_as_null && text.is_empty() || settings.null_literal.as_deref() == Some(text)
}

/// The null literal stands for an element of a collection, never for the collection.
fn is_collection(column: &Column) -> bool {
    matches!(column.values, Values::Array { .. } | Values::Row(_))
}

fn push_null(column: &mut Column) -> Option<()> {
    column.data_type.nullable.then(|| column.push_null())
}

/// Appends a field. None: the text doesn't suit the column.
fn push_field(column: &mut Column, text: &str, settings: &Settings) -> Option<()> {
    let trimmed = |part| if settings.dialect.trim { java_trim(part) } else { part };
    let parts = || text.split(settings.array_delimiter.as_str()).map(trimmed);
    let blank = java_trim(text).is_empty();
    match &mut column.values {
        Values::Array { ends, elements } => {
            if !blank {
                parts().try_for_each(|part| push_part(elements, part, settings))?;
            }
            ends.push(elements.len() as i32);
        }
        Values::Row(_) if blank => return push_null(column),
        Values::Row(columns) => {
            let count = parts().count();
            if count != columns.len() && !settings.ignore_parse_errors {
                return None;
            }
            for (i, child) in columns.iter_mut().enumerate() {
                match parts().nth(i) {
                    Some(part) => push_part(child, part, settings)?,
                    None => push_null(child)?,
                }
            }
        }
        _ => return push_text(column, text),
    }
    column.set_valid();
    Some(())
}

fn push_part(column: &mut Column, part: &str, settings: &Settings) -> Option<()> {
    let len = column.len();
    if is_null(part, settings) {
        return push_null(column);
    }
    push_text(column, part).or_else(|| {
        column.truncate(len);
        settings.ignore_parse_errors.then(|| push_null(column)).flatten()
    })
}

fn push_text(column: &mut Column, text: &str) -> Option<()> {
    let whole = |text: &str| parse::integer(java_trim(text));
    match &mut column.values {
        Values::Null => {
            column.push_null();
            return Some(());
        }
        Values::Boolean(values) => values.append(java_trim(text).eq_ignore_ascii_case("true")),
        Values::TinyInt(values) => values.push(i8::try_from(whole(text)?).ok()?),
        Values::SmallInt(values) => values.push(i16::try_from(whole(text)?).ok()?),
        Values::Int(values) | Values::IntervalYearMonth(values) => values.push(i32::try_from(whole(text)?).ok()?),
        Values::BigInt(values) | Values::IntervalDaySecond(values) => values.push(whole(text)?),
        Values::Float(values) => values.push(parse::float(java_trim(text))?),
        Values::Double(values) => values.push(parse::double(java_trim(text))?),
        // Alone among the numbers not trimmed.
        Values::Decimal { values, precision, scale } => match parse::decimal(text, *precision, *scale)? {
            Decimal::Value(value) => values.push(value),
            Decimal::Overflow => return push_null(column),
        },
        Values::String(strings) => strings.push(text.as_bytes()),
        Values::Bytes(strings) => {
            push_base64(&mut strings.bytes, text)?;
            strings.end_value();
        }
        Values::Date(values) => values.push(i32::try_from(parse::sql_date(text)?).ok()?),
        Values::Time { values, precision } => {
            let millis = (parse::time(text, true, Resolver::Strict)? / 1_000_000) as i32;
            let unit = 10i32.pow(3 - u32::from((*precision).min(3)));
            values.push(millis / unit * unit);
        }
        Values::Timestamp { values, unit, local } => {
            let (days, nanos) = parse::json_timestamp(text, TimestampStandard::Sql, *local)?;
            values.push(unit.timestamp(days, nanos)?);
        }
        Values::Array { .. } | Values::Map { .. } | Values::Row(_) => return None,
    }
    column.set_valid();
    Some(())
}
