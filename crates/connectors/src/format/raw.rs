//! `'format' = 'raw'`: the bytes of a record are the value of the table's only column.

use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, SchemaRef};
use flitz_dataflow::options::{OptionDef, Options};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, DataType, Error, Result, Schema, TypeKind};

use super::column::{Column, Values};
use super::{
    DecodeError, Decoded, Decoder, DecoderSpec, Encoder, EncoderSpec, FormatCapabilities, FormatFactory, Framing,
    Messages,
};

pub struct Raw;

const OPTIONS: &[OptionDef] = &[
    OptionDef { key: "charset", meaning: "of STRING columns: UTF-8, ISO-8859-1 or US-ASCII" },
    OptionDef { key: "endianness", meaning: "of numbers: big-endian or little-endian" },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    Utf8,
    Latin1,
    Ascii,
}

#[derive(Clone, Copy, Debug)]
struct RawOptions {
    charset: Charset,
    little_endian: bool,
}

impl RawOptions {
    fn of(options: &Options) -> Result<RawOptions> {
        let name = options.get("charset").unwrap_or("UTF-8");
        let charset = match name.to_ascii_uppercase().as_str() {
            "UTF-8" | "UTF8" => Charset::Utf8,
            "ISO-8859-1" | "LATIN1" => Charset::Latin1,
            "US-ASCII" | "ASCII" => Charset::Ascii,
            _ => {
                return Err(Error::unsupported(format!("charset '{name}'"))
                    .option("charset")
                    .hint("there are UTF-8, ISO-8859-1 and US-ASCII"));
            }
        };
        let orders = [("big-endian", false), ("little-endian", true)];
        Ok(RawOptions { charset, little_endian: options.choice("endianness", &orders, false)? })
    }
}

impl FormatFactory for Raw {
    fn name(&self) -> &'static str {
        "raw"
    }

    fn options(&self) -> &'static [OptionDef] {
        OPTIONS
    }

    fn describe(&self, options: &Options) -> Result<FormatCapabilities> {
        RawOptions::of(options)?;
        Ok(FormatCapabilities { changelog: ChangelogMode::INSERT_ONLY, metadata: Vec::new(), framing: Framing::Lines })
    }

    fn decoder(&self, spec: &DecoderSpec) -> Result<Box<dyn Decoder>> {
        let data_type = only_column(spec.physical)?.clone();
        let schema: Schema = spec.projection.iter().map(|i| spec.physical.fields[*i].clone()).collect();
        Ok(Box::new(RawDecoder {
            options: RawOptions::of(spec.options)?,
            schema: schema.to_arrow(),
            column: Column::new(&data_type, 1024),
            data_type,
        }))
    }

    fn encoder(&self, spec: &EncoderSpec) -> Result<Box<dyn Encoder>> {
        let data_type = only_column(spec.schema)?.clone();
        Ok(Box::new(RawEncoder { options: RawOptions::of(spec.options)?, data_type }))
    }
}

fn only_column(schema: &Schema) -> Result<&DataType> {
    let [field] = schema.fields.as_slice() else {
        let names: Vec<&str> = schema.fields.iter().map(|f| f.name.as_str()).collect();
        return Err(Error::invalid(format!(
            "format 'raw' takes exactly one physical column, found {}: {}",
            names.len(),
            names.join(", ")
        )));
    };
    match &field.data_type.kind {
        TypeKind::Char(_) | TypeKind::Varchar(_) | TypeKind::Binary(_) | TypeKind::Varbinary(_) => {}
        TypeKind::Boolean | TypeKind::TinyInt | TypeKind::SmallInt | TypeKind::Int | TypeKind::BigInt => {}
        TypeKind::Float | TypeKind::Double => {}
        other => return Err(Error::invalid(format!("format 'raw' doesn't take type {other} (column {})", field.name))),
    }
    Ok(&field.data_type)
}

struct RawDecoder {
    options: RawOptions,
    /// Of the projection: the column, or nothing if only rows are counted.
    schema: SchemaRef,
    column: Column,
    data_type: DataType,
}

impl Decoder for RawDecoder {
    fn decode(&mut self, messages: &Messages, range: Range<usize>) -> Result<Decoded, DecodeError> {
        for i in range.clone() {
            match messages.get(i) {
                None => self.column.push_null(),
                Some(bytes) if push(&mut self.column, bytes, self.options).is_some() => {}
                Some(bytes) => {
                    self.column.truncate(0);
                    let error = Error::data(format!("cannot read {} bytes as {}", bytes.len(), self.data_type.kind));
                    return Err(DecodeError { message: i, error });
                }
            }
        }
        let fail = |error: Error| DecodeError { message: range.start, error };
        let column = self.column.finish().map_err(fail)?;
        let columns: Vec<ArrayRef> = if self.schema.fields().is_empty() { Vec::new() } else { vec![column] };
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(range.len()));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options);
        let batch = batch.map_err(|e| fail(Error::data(e.to_string())))?;
        Ok(Decoded { rows: ChangelogBatch::append_only(batch), kept: None, skipped: 0 })
    }
}

fn push(column: &mut Column, bytes: &[u8], options: RawOptions) -> Option<()> {
    macro_rules! number {
        ($values:expr, $kind:ty) => {{
            let bytes = bytes.try_into().ok()?;
            $values.push(match options.little_endian {
                true => <$kind>::from_le_bytes(bytes),
                false => <$kind>::from_be_bytes(bytes),
            })
        }};
    }
    match &mut column.values {
        Values::String(strings) => match options.charset {
            // What is not UTF-8 becomes U+FFFD, as in `new String(bytes, charset)`.
            Charset::Utf8 => strings.push(String::from_utf8_lossy(bytes).as_bytes()),
            Charset::Latin1 => {
                strings.push(bytes.iter().map(|b| char::from(*b)).collect::<String>().as_bytes());
            }
            Charset::Ascii => {
                let text = bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '\u{fffd}' });
                strings.push(text.collect::<String>().as_bytes());
            }
        },
        Values::Bytes(strings) => strings.push(bytes),
        Values::Boolean(values) => {
            let [byte] = bytes else { return None };
            values.append(*byte != 0);
        }
        Values::TinyInt(values) => number!(values, i8),
        Values::SmallInt(values) => number!(values, i16),
        Values::Int(values) => number!(values, i32),
        Values::BigInt(values) => number!(values, i64),
        Values::Float(values) => number!(values, f32),
        Values::Double(values) => number!(values, f64),
        _ => return None,
    }
    column.set_valid();
    Some(())
}

struct RawEncoder {
    options: RawOptions,
    data_type: DataType,
}

impl Encoder for RawEncoder {
    fn encode(&mut self, batch: &ChangelogBatch, out: &mut Messages) -> Result<()> {
        let array = batch.rows().column(0);
        macro_rules! number {
            ($kind:ty, $row:expr) => {{
                let value = array.as_primitive::<$kind>().value($row);
                match self.options.little_endian {
                    true => out.push(&value.to_le_bytes()),
                    false => out.push(&value.to_be_bytes()),
                }
            }};
        }
        for row in 0..array.len() {
            if array.is_null(row) {
                out.push_null();
                continue;
            }
            match &self.data_type.kind {
                TypeKind::Char(_) | TypeKind::Varchar(_) => {
                    let text = array.as_string::<i32>().value(row);
                    let limit = match self.options.charset {
                        Charset::Utf8 => {
                            out.push(text.as_bytes());
                            continue;
                        }
                        Charset::Latin1 => 0x100,
                        Charset::Ascii => 0x80,
                    };
                    let byte = |c: char| if u32::from(c) < limit { c as u32 as u8 } else { b'?' };
                    out.push(&text.chars().map(byte).collect::<Vec<u8>>());
                }
                TypeKind::Binary(_) | TypeKind::Varbinary(_) => out.push(array.as_binary::<i32>().value(row)),
                TypeKind::Boolean => out.push(&[u8::from(array.as_boolean().value(row))]),
                TypeKind::TinyInt => number!(Int8Type, row),
                TypeKind::SmallInt => number!(Int16Type, row),
                TypeKind::Int => number!(Int32Type, row),
                TypeKind::BigInt => number!(Int64Type, row),
                TypeKind::Float => number!(Float32Type, row),
                TypeKind::Double => number!(Float64Type, row),
                other => return Err(Error::internal(format!("format 'raw' was given {other}"))),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Origin;
    use flitz_dataflow::Field;

    #[test]
    fn values_come_back() {
        let cases: [(TypeKind, &[(&str, &str)], &[u8]); 6] = [
            (TypeKind::STRING, &[], "é".as_bytes()),
            (TypeKind::STRING, &[("charset", "ISO-8859-1")], b"\xe9"),
            (TypeKind::BYTES, &[], b"\xff\x00"),
            (TypeKind::Int, &[], &[0, 0, 1, 2]),
            (TypeKind::Double, &[("endianness", "little-endian")], &[0, 0, 0, 0, 0, 0, 0xf8, 0x3f]),
            (TypeKind::Boolean, &[], &[1]),
        ];
        for (kind, set, bytes) in cases {
            let schema = Schema::new(vec![Field::new("v", kind.nullable())]);
            let options: Options = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            let spec = DecoderSpec {
                physical: &schema,
                projection: &[0],
                metadata: &[],
                origin: Origin::Message,
                options: &options,
            };
            let mut messages = Messages::default();
            messages.push(bytes);
            messages.push_null();
            let decoded = Raw.decoder(&spec).unwrap().decode(&messages, 0..2).unwrap();
            let mut out = Messages::default();
            let mut encoder = Raw.encoder(&EncoderSpec { schema: &schema, options: &options }).unwrap();
            encoder.encode(&decoded.rows, &mut out).unwrap();
            assert_eq!(out.iter().collect::<Vec<_>>(), [Some(bytes), None]);
        }
    }

    #[test]
    fn a_number_of_the_wrong_length_is_an_error() {
        let schema = Schema::new(vec![Field::new("v", TypeKind::Int.nullable())]);
        let options = Options::default();
        let spec = DecoderSpec {
            physical: &schema,
            projection: &[0],
            metadata: &[],
            origin: Origin::Message,
            options: &options,
        };
        let mut messages = Messages::default();
        messages.push(b"abc");
        let error = Raw.decoder(&spec).unwrap().decode(&messages, 0..1).unwrap_err();
        assert_eq!(error.error.to_string(), "cannot read 3 bytes as INT");
    }
}
