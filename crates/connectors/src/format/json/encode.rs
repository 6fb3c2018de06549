//! Columns to JSON, as Flink's `RowDataToJsonConverters` and Jackson write it.
//!
//! Every column becomes a typed [`Writer`] over its Arrow array, made once per batch; rows are then written one
//! behind the other into the output. Field names are escaped once, with quotes, colon and comma.
//!
//! | type | form |
//! |---|---|
//! | DOUBLE, FLOAT | Java's shortest text, `1.0E10`; NaN and infinities as strings |
//! | DECIMAL | trailing zeros stripped, `1E+5`; with `encode.decimal-as-plain-number` all digits, `100000` |
//! | TIMESTAMP, TIME | trailing zeros of the fraction cut; LTZ in UTC with `Z` |
//! | BYTES | base64 |
//! | NULL | `null`, or no field with `encode.ignore-null-fields` (in rows only) |

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Decimal128Array, ListArray, MapArray, PrimitiveArray,
    StringArray, StructArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    Date32Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    IntervalYearMonthType, Time32MillisecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flitz_dataflow::{ChangelogBatch, DataType, Error, Result, Schema, TypeKind};

use super::decode::check_key;
use crate::format::parse::TimestampStandard;
use crate::format::text::{self, Fraction};
use crate::format::{Encoder, Messages};

#[derive(Clone, Debug)]
pub struct EncodeOptions {
    pub timestamps: TimestampStandard,
    pub map_null_key: MapNullKey,
    pub decimal_as_plain_number: bool,
    pub ignore_null_fields: bool,
}

/// What becomes of the NULL key of a map.
#[derive(Clone, Debug)]
pub enum MapNullKey {
    Fail,
    Drop,
    Literal(String),
}

pub struct JsonEncoder {
    options: EncodeOptions,
    names: Vec<Vec<u8>>,
    types: Vec<DataType>,
}

impl JsonEncoder {
    pub fn new(schema: &Schema, options: EncodeOptions) -> Result<JsonEncoder> {
        schema.fields.iter().try_for_each(|f| check_type(&f.data_type))?;
        Ok(JsonEncoder {
            options,
            names: schema.fields.iter().map(|f| field_name(&f.name)).collect(),
            types: schema.fields.iter().map(|f| f.data_type.clone()).collect(),
        })
    }
}

impl Encoder for JsonEncoder {
    fn encode(&mut self, batch: &ChangelogBatch, out: &mut Messages) -> Result<()> {
        let rows = batch.rows();
        let fields = rows.columns().iter().zip(&self.types).zip(&self.names);
        let fields = fields
            .map(|((array, data_type), name)| Field::new(name.clone(), data_type, array, &self.options))
            .collect::<Result<Vec<_>>>()?;
        for row in 0..rows.num_rows() {
            write_row(out.buffer(), &fields, row, &self.options)?;
            out.end_message();
        }
        Ok(())
    }
}

fn check_type(data_type: &DataType) -> Result<()> {
    match &data_type.kind {
        TypeKind::Array(element) => check_type(element),
        TypeKind::Map(key, value) => check_key(data_type, key).and_then(|()| check_type(value)),
        TypeKind::Multiset(element) => check_key(data_type, element),
        TypeKind::Row(fields) => fields.iter().try_for_each(|f| check_type(&f.data_type)),
        TypeKind::Bitmap => Err(Error::unsupported("BITMAP in JSON").hint("BITMAP_TO_ARRAY or BITMAP_TO_BYTES")),
        _ => Ok(()),
    }
}

/// `"name":`
fn field_name(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 3);
    text::push_json_string(&mut key, name);
    key.push(b':');
    key
}

struct Field<'a> {
    name: Vec<u8>,
    writer: Writer<'a>,
    nulls: Option<&'a NullBuffer>,
}

impl<'a> Field<'a> {
    fn new(name: Vec<u8>, data_type: &DataType, array: &'a ArrayRef, options: &EncodeOptions) -> Result<Field<'a>> {
        Ok(Field { name, writer: Writer::new(data_type, array, options)?, nulls: array.nulls() })
    }

    #[inline]
    fn is_null(&self, row: usize) -> bool {
        self.nulls.is_some_and(|n| n.is_null(row)) || matches!(self.writer, Writer::Null)
    }

    #[inline]
    fn write(&self, out: &mut Vec<u8>, row: usize, options: &EncodeOptions) -> Result<()> {
        if self.is_null(row) {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        self.writer.write(out, row, options)
    }
}

fn write_row(out: &mut Vec<u8>, fields: &[Field], row: usize, options: &EncodeOptions) -> Result<()> {
    out.push(b'{');
    let mut first = true;
    for field in fields {
        if options.ignore_null_fields && field.is_null(row) {
            continue;
        }
        if !first {
            out.push(b',');
        }
        first = false;
        out.extend_from_slice(&field.name);
        field.write(out, row, options)?;
    }
    out.push(b'}');
    Ok(())
}

/// How the values of one array are written; NULLs are the caller's.
enum Writer<'a> {
    Null,
    Boolean(&'a BooleanArray),
    TinyInt(&'a PrimitiveArray<Int8Type>),
    SmallInt(&'a PrimitiveArray<Int16Type>),
    Int(&'a PrimitiveArray<Int32Type>),
    BigInt(&'a PrimitiveArray<Int64Type>),
    Float(&'a PrimitiveArray<Float32Type>),
    Double(&'a PrimitiveArray<Float64Type>),
    Decimal(&'a Decimal128Array, u32),
    String(&'a StringArray),
    Bytes(&'a BinaryArray),
    Date(&'a PrimitiveArray<Date32Type>),
    Time(&'a PrimitiveArray<Time32MillisecondType>),
    Timestamp { values: &'a [i64], per_second: i64, local: bool },
    Months(&'a PrimitiveArray<IntervalYearMonthType>),
    Millis(&'a PrimitiveArray<DurationMillisecondType>),
    Array(&'a ListArray, Box<Field<'a>>),
    Map(&'a MapArray, &'a StringArray, Box<Field<'a>>),
    Row(Vec<Field<'a>>),
}

impl<'a> Writer<'a> {
    fn new(data_type: &DataType, array: &'a ArrayRef, options: &EncodeOptions) -> Result<Writer<'a>> {
        if array.data_type() != &data_type.to_arrow() && !same_shape(array.data_type(), &data_type.to_arrow()) {
            let found = array.data_type();
            return Err(Error::internal(format!("a column of type {data_type} came as {found}")));
        }
        let nested = |name: &str, data_type: &DataType, array: &'a ArrayRef| {
            Field::new(field_name(name), data_type, array, options)
        };
        Ok(match &data_type.kind {
            TypeKind::Null => Writer::Null,
            TypeKind::Boolean => Writer::Boolean(array.as_boolean()),
            TypeKind::TinyInt => Writer::TinyInt(array.as_primitive()),
            TypeKind::SmallInt => Writer::SmallInt(array.as_primitive()),
            TypeKind::Int => Writer::Int(array.as_primitive()),
            TypeKind::BigInt => Writer::BigInt(array.as_primitive()),
            TypeKind::Float => Writer::Float(array.as_primitive()),
            TypeKind::Double => Writer::Double(array.as_primitive()),
            TypeKind::Decimal { scale, .. } => Writer::Decimal(array.as_primitive(), u32::from(*scale)),
            TypeKind::Char(_) | TypeKind::Varchar(_) => Writer::String(array.as_string()),
            TypeKind::Binary(_) | TypeKind::Varbinary(_) => Writer::Bytes(array.as_binary()),
            TypeKind::Bitmap => return Err(Error::internal("a BITMAP was let into JSON")),
            TypeKind::Date => Writer::Date(array.as_primitive()),
            TypeKind::Time(_) => Writer::Time(array.as_primitive()),
            TypeKind::Timestamp { .. } | TypeKind::TimestampLtz { .. } => {
                let (values, per_second) = timestamps_of(array)?;
                Writer::Timestamp { values, per_second, local: matches!(data_type.kind, TypeKind::TimestampLtz { .. }) }
            }
            TypeKind::IntervalYearMonth => Writer::Months(array.as_primitive()),
            TypeKind::IntervalDaySecond => Writer::Millis(array.as_primitive()),
            TypeKind::Array(element) => {
                let list = array.as_list::<i32>();
                Writer::Array(list, Box::new(nested("", element, list.values())?))
            }
            TypeKind::Map(_, value) => {
                let map = array.as_map();
                Writer::Map(map, map.keys().as_string(), Box::new(nested("", value, map.values())?))
            }
            TypeKind::Multiset(_) => {
                let map = array.as_map();
                let count = TypeKind::Int.not_null();
                Writer::Map(map, map.keys().as_string(), Box::new(nested("", &count, map.values())?))
            }
            TypeKind::Row(fields) => {
                let rows: &StructArray = array.as_struct();
                let fields = fields.iter().zip(rows.columns());
                Writer::Row(fields.map(|(f, array)| nested(&f.name, &f.data_type, array)).collect::<Result<_>>()?)
            }
        })
    }

    #[inline]
    fn write(&self, out: &mut Vec<u8>, row: usize, options: &EncodeOptions) -> Result<()> {
        match self {
            Writer::Null => out.extend_from_slice(b"null"),
            Writer::Boolean(v) => out.extend_from_slice(if v.value(row) { b"true" } else { b"false" }),
            Writer::TinyInt(v) => push_integer(out, v.value(row)),
            Writer::SmallInt(v) => push_integer(out, v.value(row)),
            Writer::Int(v) => push_integer(out, v.value(row)),
            Writer::BigInt(v) => push_integer(out, v.value(row)),
            Writer::Months(v) => push_integer(out, v.value(row)),
            Writer::Millis(v) => push_integer(out, v.value(row)),
            Writer::Float(v) => quoted_unless(v.value(row).is_finite(), out, |o| text::push_float(o, v.value(row))),
            Writer::Double(v) => quoted_unless(v.value(row).is_finite(), out, |o| text::push_double(o, v.value(row))),
            Writer::Decimal(v, scale) => match options.decimal_as_plain_number {
                true => text::push_decimal_plain(out, v.value(row), *scale),
                false => text::push_decimal_stripped(out, v.value(row), *scale),
            },
            Writer::String(v) => text::push_json_string(out, v.value(row)),
            Writer::Bytes(v) => {
                let mut encoded = String::new();
                STANDARD.encode_string(v.value(row), &mut encoded);
                quoted_unless(false, out, |o| o.extend_from_slice(encoded.as_bytes()));
            }
            Writer::Date(v) => quoted_unless(false, out, |o| text::push_date(o, i64::from(v.value(row)))),
            Writer::Time(v) => quoted_unless(false, out, |o| {
                text::push_time(o, i64::from(v.value(row)) * 1_000_000, Fraction::Trimmed);
            }),
            Writer::Timestamp { values, per_second, local } => quoted_unless(false, out, |o| {
                let separator = options.timestamps.separator();
                text::push_timestamp(o, values[row], *per_second, separator, Fraction::Trimmed);
                if *local {
                    o.push(b'Z');
                }
            }),
            Writer::Array(lists, element) => {
                out.push(b'[');
                let ends = lists.value_offsets();
                for (i, at) in (ends[row] as usize..ends[row + 1] as usize).enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    element.write(out, at, options)?;
                }
                out.push(b']');
            }
            Writer::Map(maps, keys, value) => {
                out.push(b'{');
                let ends = maps.value_offsets();
                let mut first = true;
                for at in ends[row] as usize..ends[row + 1] as usize {
                    let null_key = keys.is_null(at);
                    if null_key && matches!(options.map_null_key, MapNullKey::Drop) {
                        continue;
                    }
                    if !first {
                        out.push(b',');
                    }
                    first = false;
                    match &options.map_null_key {
                        _ if !null_key => text::push_json_string(out, keys.value(at)),
                        MapNullKey::Literal(literal) => text::push_json_string(out, literal),
                        _ => {
                            return Err(Error::data("JSON format doesn't support the NULL key of a map")
                                .hint("set 'json.map-null-key.mode' to DROP or LITERAL"));
                        }
                    }
                    out.push(b':');
                    value.write(out, at, options)?;
                }
                out.push(b'}');
            }
            Writer::Row(fields) => write_row(out, fields, row, options)?,
        }
        Ok(())
    }
}

/// Lists, maps and structs may name their children differently and still be the same.
fn same_shape(found: &arrow::datatypes::DataType, wanted: &arrow::datatypes::DataType) -> bool {
    found.equals_datatype(wanted)
        || std::mem::discriminant(found) == std::mem::discriminant(wanted) && found.is_nested()
}

/// The values of a time stamp array and how many make a second.
pub fn timestamps_of(array: &ArrayRef) -> Result<(&[i64], i64)> {
    use arrow::datatypes::{DataType as Arrow, TimeUnit};
    Ok(match array.data_type() {
        Arrow::Timestamp(TimeUnit::Millisecond, _) => {
            (array.as_primitive::<TimestampMillisecondType>().values(), 1_000)
        }
        Arrow::Timestamp(TimeUnit::Microsecond, _) => {
            (array.as_primitive::<TimestampMicrosecondType>().values(), 1_000_000)
        }
        Arrow::Timestamp(TimeUnit::Nanosecond, _) => {
            (array.as_primitive::<TimestampNanosecondType>().values(), 1_000_000_000)
        }
        other => return Err(Error::internal(format!("a time stamp came as {other}"))),
    })
}

#[inline]
fn push_integer(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

#[inline]
fn quoted_unless(bare: bool, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    if bare {
        return write(out);
    }
    out.push(b'"');
    write(out);
    out.push(b'"');
}
