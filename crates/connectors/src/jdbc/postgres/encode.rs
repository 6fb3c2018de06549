//! A column as one parameter: PostgreSQL's binary form of an array.
//!
//! ```text
//!  dimensions 1 │ has NULLs │ element type │ length │ lower bound 1 │ (size │ bytes)…      size -1: NULL
//! ```

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType as Arrow, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
};
use flitz_dataflow::{Error, Result, TypeKind};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// What rows of a Flink type are sent as, as the JDBC driver types them: element and array.
pub fn wire_type(kind: &TypeKind) -> Result<(Type, Type)> {
    Ok(match kind {
        TypeKind::Boolean => (Type::BOOL, Type::BOOL_ARRAY),
        TypeKind::TinyInt | TypeKind::SmallInt => (Type::INT2, Type::INT2_ARRAY),
        TypeKind::Int => (Type::INT4, Type::INT4_ARRAY),
        TypeKind::BigInt => (Type::INT8, Type::INT8_ARRAY),
        TypeKind::Float => (Type::FLOAT4, Type::FLOAT4_ARRAY),
        TypeKind::Double => (Type::FLOAT8, Type::FLOAT8_ARRAY),
        TypeKind::Decimal { .. } => (Type::NUMERIC, Type::NUMERIC_ARRAY),
        TypeKind::Char(_) | TypeKind::Varchar(_) => (Type::VARCHAR, Type::VARCHAR_ARRAY),
        TypeKind::Varbinary(_) => (Type::BYTEA, Type::BYTEA_ARRAY),
        TypeKind::Date => (Type::DATE, Type::DATE_ARRAY),
        TypeKind::Time(_) => (Type::TIME, Type::TIME_ARRAY),
        TypeKind::Timestamp { .. } => (Type::TIMESTAMP, Type::TIMESTAMP_ARRAY),
        other => return Err(Error::internal(format!("a jdbc table with a column of type {other}"))),
    })
}

/// An array in its binary form.
pub struct ArrayParameter(Vec<u8>);

/// The client logs parameters: rows are nothing for a log.
impl std::fmt::Debug for ArrayParameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl ArrayParameter {
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl ToSql for ArrayParameter {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    /// Whoever prepares the statement gives the type of [`wire_type`].
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Days and microseconds from 1970 to 2000, where PostgreSQL's time begins.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * 86_400_000_000;

pub fn encode(column: &ArrayRef, element: &Type) -> Result<ArrayParameter> {
    let mut out = Vec::with_capacity(20 + column.len() * 12);
    if column.is_empty() {
        for word in [0, 0, element.oid() as i32] {
            put(&mut out, word);
        }
        return Ok(ArrayParameter(out));
    }
    let words = [1, i32::from(column.null_count() > 0), element.oid() as i32, column.len() as i32, 1];
    words.into_iter().for_each(|word| put(&mut out, word));
    match column.data_type() {
        Arrow::Boolean => {
            let values = column.as_boolean();
            each(column, &mut out, |row, out| field(out, &[u8::from(values.value(row))]));
        }
        Arrow::Int8 => {
            let values = column.as_primitive::<Int8Type>();
            each(column, &mut out, |row, out| field(out, &i16::from(values.value(row)).to_be_bytes()));
        }
        Arrow::Int16 => {
            let values = column.as_primitive::<Int16Type>();
            each(column, &mut out, |row, out| field(out, &values.value(row).to_be_bytes()));
        }
        Arrow::Int32 => {
            let values = column.as_primitive::<Int32Type>();
            each(column, &mut out, |row, out| field(out, &values.value(row).to_be_bytes()));
        }
        Arrow::Int64 => {
            let values = column.as_primitive::<Int64Type>();
            each(column, &mut out, |row, out| field(out, &values.value(row).to_be_bytes()));
        }
        Arrow::Float32 => {
            let values = column.as_primitive::<Float32Type>();
            each(column, &mut out, |row, out| field(out, &values.value(row).to_be_bytes()));
        }
        Arrow::Float64 => {
            let values = column.as_primitive::<Float64Type>();
            each(column, &mut out, |row, out| field(out, &values.value(row).to_be_bytes()));
        }
        Arrow::Utf8 => {
            let values = column.as_string::<i32>();
            each(column, &mut out, |row, out| field(out, values.value(row).as_bytes()));
        }
        Arrow::Binary => {
            let values = column.as_binary::<i32>();
            each(column, &mut out, |row, out| field(out, values.value(row)));
        }
        Arrow::Decimal128(_, scale) => {
            let (values, scale) = (column.as_primitive::<Decimal128Type>(), *scale as usize);
            each(column, &mut out, |row, out| numeric(out, values.value(row), scale));
        }
        Arrow::Date32 => {
            let values = column.as_primitive::<Date32Type>();
            each(column, &mut out, |row, out| {
                field(out, &values.value(row).saturating_sub(EPOCH_DAYS).to_be_bytes());
            });
        }
        Arrow::Time32(TimeUnit::Millisecond) => {
            let values = column.as_primitive::<Time32MillisecondType>();
            // java.sql.Time, by which Flink goes, has whole seconds.
            each(column, &mut out, |row, out| {
                field(out, &(i64::from(values.value(row) / 1000) * 1_000_000).to_be_bytes());
            });
        }
        Arrow::Timestamp(TimeUnit::Millisecond, None) => {
            let values = column.as_primitive::<TimestampMillisecondType>();
            each(column, &mut out, |row, out| {
                field(out, &values.value(row).saturating_mul(1000).saturating_sub(EPOCH_MICROS).to_be_bytes());
            });
        }
        Arrow::Timestamp(TimeUnit::Microsecond, None) => {
            let values = column.as_primitive::<TimestampMicrosecondType>();
            each(column, &mut out, |row, out| {
                field(out, &values.value(row).saturating_sub(EPOCH_MICROS).to_be_bytes());
            });
        }
        other => return Err(Error::internal(format!("a jdbc column of Arrow type {other}"))),
    }
    Ok(ArrayParameter(out))
}

fn put(out: &mut Vec<u8>, word: i32) {
    out.extend_from_slice(&word.to_be_bytes());
}

fn field(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as i32);
    out.extend_from_slice(bytes);
}

/// NULL as a size of -1, all else by `value`.
fn each(column: &ArrayRef, out: &mut Vec<u8>, mut value: impl FnMut(usize, &mut Vec<u8>)) {
    for row in 0..column.len() {
        match column.is_null(row) {
            true => put(out, -1),
            false => value(row, out),
        }
    }
}

/// `numeric`: digits to the base of 10,000, the power of the first, sign, and digits behind the point.
fn numeric(out: &mut Vec<u8>, value: i128, scale: usize) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value.unsigned_abs());
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
    let number = |digits: &[u8]| digits.iter().fold(0i16, |n, digit| n * 10 + i16::from(digit - b'0'));
    let mut groups: Vec<i16> = whole.as_bytes().rchunks(4).rev().map(number).collect();
    let mut weight = groups.len() as i16 - 1;
    let fraction = format!("{fraction:0>scale$}");
    groups.extend(fraction.as_bytes().chunks(4).map(|c| number(c) * 10i16.pow(4 - c.len() as u32)));
    let zeros = groups.iter().take_while(|group| **group == 0).count();
    groups.drain(..zeros);
    weight -= zeros as i16;
    while groups.last() == Some(&0) {
        groups.pop();
    }
    if groups.is_empty() {
        weight = 0;
    }
    put(out, 8 + 2 * groups.len() as i32);
    let sign: i16 = if value < 0 { 0x4000 } else { 0 };
    for word in [groups.len() as i16, weight, sign, scale as i16].into_iter().chain(groups) {
        out.extend_from_slice(&word.to_be_bytes());
    }
}
