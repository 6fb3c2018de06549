//! Columns of generated values.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, ListArray, MapArray, StringArray, StringBuilder, StructArray,
    Time32MillisecondArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    UInt32Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType as Arrow, TimeUnit};
use arrow::row::{RowConverter, SortField};
use flitz_dataflow::{DataType, Error, Result, TypeKind};
use rand::rngs::SmallRng;
use rand::{Rng, RngCore};

use super::field::{Generator, Length, Random};

/// Which rows are made, and when.
pub struct Batch {
    /// Number of the first, and the distance to the next.
    pub first: u64,
    pub step: u64,
    pub rows: usize,
    pub now_millis: i64,
    /// What the local clock is ahead of UTC, for DATE and TIME.
    pub local_offset_millis: i64,
}

pub fn column(generator: &Generator, batch: &Batch, rng: &mut SmallRng) -> Result<ArrayRef> {
    match generator {
        Generator::Sequence { start, data_type, .. } => {
            let values = (0..batch.rows as u64).map(|i| start.wrapping_add((batch.first + i * batch.step) as i64));
            sequence(values, data_type)
        }
        Generator::Random { null_rate, data_type, value } => {
            let nulls = (*null_rate > 0.0)
                .then(|| NullBuffer::from_iter((0..batch.rows).map(|_| rng.random::<f64>() >= *null_rate)));
            random(value, data_type, batch, nulls, rng)
        }
    }
}

fn sequence(values: impl Iterator<Item = i64>, data_type: &DataType) -> Result<ArrayRef> {
    Ok(match &data_type.kind {
        TypeKind::TinyInt => Arc::new(Int8Array::from_iter_values(values.map(|v| v as i8))),
        TypeKind::SmallInt => Arc::new(Int16Array::from_iter_values(values.map(|v| v as i16))),
        TypeKind::Int => Arc::new(Int32Array::from_iter_values(values.map(|v| v as i32))),
        TypeKind::BigInt => Arc::new(Int64Array::from_iter_values(values)),
        TypeKind::Float => Arc::new(Float32Array::from_iter_values(values.map(|v| v as f32))),
        TypeKind::Double => Arc::new(Float64Array::from_iter_values(values.map(|v| v as f64))),
        TypeKind::Decimal { precision, scale } => {
            let unit = 10i128.pow(u32::from(*scale));
            let values = Decimal128Array::from_iter_values(values.map(|v| i128::from(v) * unit));
            Arc::new(values.with_precision_and_scale(*precision, *scale as i8)?)
        }
        TypeKind::Char(_) | TypeKind::Varchar(_) => {
            let mut digits = itoa::Buffer::new();
            let mut builder = StringBuilder::new();
            values.for_each(|v| builder.append_value(digits.format(v)));
            Arc::new(builder.finish())
        }
        other => return Err(Error::internal(format!("a sequence of {other}"))),
    })
}

/// Values at NULL rows are drawn as well, and hidden.
fn random(
    value: &Random,
    data_type: &DataType,
    batch: &Batch,
    nulls: Option<NullBuffer>,
    rng: &mut SmallRng,
) -> Result<ArrayRef> {
    let rows = batch.rows;
    Ok(match value {
        Random::Boolean => Arc::new(BooleanArray::new((0..rows).map(|_| rng.random::<bool>()).collect(), nulls)),
        Random::Integer { min, max } => {
            let mut values = std::iter::repeat_with(|| rng.random_range(*min..=*max)).take(rows);
            match data_type.kind {
                TypeKind::TinyInt => Arc::new(Int8Array::new(values.map(|v| v as i8).collect(), nulls)),
                TypeKind::SmallInt => Arc::new(Int16Array::new(values.map(|v| v as i16).collect(), nulls)),
                TypeKind::Int => Arc::new(Int32Array::new(values.map(|v| v as i32).collect(), nulls)),
                _ => Arc::new(Int64Array::new(values.by_ref().collect(), nulls)),
            }
        }
        Random::Float { min, max } => {
            let values = std::iter::repeat_with(|| uniform(*min, *max, rng)).take(rows);
            match data_type.kind {
                TypeKind::Float => Arc::new(Float32Array::new(values.map(|v| v as f32).collect(), nulls)),
                _ => Arc::new(Float64Array::new(values.collect(), nulls)),
            }
        }
        Random::Decimal { min, max } => {
            let TypeKind::Decimal { precision, scale } = data_type.kind else {
                return Err(Error::internal("a decimal of another type"));
            };
            let unit = 10f64.powi(i32::from(scale));
            let limit = 10i128.pow(u32::from(precision)) - 1;
            let draw = || ((uniform(*min, *max, rng) * unit) as i128).clamp(-limit, limit);
            let values = std::iter::repeat_with(draw).take(rows).collect();
            Arc::new(Decimal128Array::new(values, nulls).with_precision_and_scale(precision, scale as i8)?)
        }
        Random::Text(length) => Arc::new(text(*length, rows, nulls, rng)?),
        Random::Bytes(length) => Arc::new(bytes(*length, rows, nulls, rng)),
        Random::Date => {
            let day = (batch.now_millis + batch.local_offset_millis).div_euclid(86_400_000);
            Arc::new(Date32Array::new(vec![day as i32; rows].into(), nulls))
        }
        Random::Time => {
            let time = (batch.now_millis + batch.local_offset_millis).rem_euclid(86_400_000);
            Arc::new(Time32MillisecondArray::new(vec![time as i32; rows].into(), nulls))
        }
        Random::Timestamp { max_past_millis } => {
            let draw = || match max_past_millis {
                0 => batch.now_millis,
                past => batch.now_millis.saturating_sub(rng.random_range(0..=*past)),
            };
            let millis = std::iter::repeat_with(draw).take(rows);
            timestamp(millis, nulls, &data_type.to_arrow())?
        }
        Random::Array { element, length } => {
            let TypeKind::Array(element_type) = &data_type.kind else {
                return Err(Error::internal("an array of another type"));
            };
            let values = column(element, &inner(batch, *length), rng)?;
            let field = Arc::new(element_type.to_arrow_field("item"));
            let offsets = OffsetBuffer::from_lengths(vec![*length as usize; rows]);
            Arc::new(ListArray::try_new(field, offsets, values, nulls)?)
        }
        Random::Map { key, value, length } => map(key, value, *length, data_type, batch, nulls, rng)?,
        Random::Row(fields) => {
            let Arrow::Struct(types) = data_type.to_arrow() else {
                return Err(Error::internal("a row of another type"));
            };
            let columns = fields.iter().map(|f| column(f, batch, rng)).collect::<Result<Vec<_>>>()?;
            Arc::new(StructArray::try_new_with_length(types, columns, nulls, rows)?)
        }
    })
}

/// As many elements as `length` per row.
fn inner(batch: &Batch, length: u32) -> Batch {
    Batch { rows: batch.rows * length as usize, ..*batch }
}

/// In `[min, max)`, also where `max - min` overflows.
fn uniform(min: f64, max: f64, rng: &mut SmallRng) -> f64 {
    let at: f64 = rng.random();
    min * (1.0 - at) + max * at
}

fn text(length: Length, rows: usize, nulls: Option<NullBuffer>, rng: &mut SmallRng) -> Result<StringArray> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let lengths: Vec<usize> = (0..rows).map(|_| draw_length(length, rng)).collect();
    let mut digits: Vec<u8> = Vec::with_capacity(lengths.iter().sum());
    for length in &lengths {
        let end = digits.len() + length;
        while digits.len() < end {
            let random = rng.next_u64();
            let some = (end - digits.len()).min(16);
            digits.extend((0..some).map(|i| HEX[(random >> (4 * i)) as usize & 15]));
        }
    }
    Ok(StringArray::try_new(OffsetBuffer::from_lengths(lengths), digits.into(), nulls)?)
}

fn bytes(length: Length, rows: usize, nulls: Option<NullBuffer>, rng: &mut SmallRng) -> arrow::array::BinaryArray {
    let mut builder = BinaryBuilder::new();
    let mut value = vec![];
    for row in 0..rows {
        value.resize(draw_length(length, rng), 0);
        rng.fill_bytes(&mut value);
        match nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            true => builder.append_null(),
            false => builder.append_value(&value),
        }
    }
    builder.finish()
}

fn draw_length(length: Length, rng: &mut SmallRng) -> usize {
    match length {
        Length::Fixed(length) => length as usize,
        Length::Below(limit) => rng.random_range(1..limit) as usize,
    }
}

fn timestamp(millis: impl Iterator<Item = i64>, nulls: Option<NullBuffer>, arrow: &Arrow) -> Result<ArrayRef> {
    let Arrow::Timestamp(unit, zone) = arrow else {
        return Err(Error::internal("a time stamp of another type"));
    };
    let zone = zone.clone();
    Ok(match unit {
        TimeUnit::Second | TimeUnit::Millisecond => {
            Arc::new(TimestampMillisecondArray::new(millis.collect(), nulls).with_timezone_opt(zone))
        }
        TimeUnit::Microsecond => {
            let values = millis.map(|m| m.saturating_mul(1_000)).collect();
            Arc::new(TimestampMicrosecondArray::new(values, nulls).with_timezone_opt(zone))
        }
        TimeUnit::Nanosecond => {
            let values = millis.map(|m| m.saturating_mul(1_000_000)).collect();
            Arc::new(TimestampNanosecondArray::new(values, nulls).with_timezone_opt(zone))
        }
    })
}

/// Of equal keys in a row the first stays, and NULL keys, which Arrow can't hold, are left out.
fn map(
    key: &Generator,
    value: &Generator,
    length: u32,
    data_type: &DataType,
    batch: &Batch,
    nulls: Option<NullBuffer>,
    rng: &mut SmallRng,
) -> Result<ArrayRef> {
    let Arrow::Map(entries, sorted) = data_type.to_arrow() else {
        return Err(Error::internal("a map of another type"));
    };
    let Arrow::Struct(fields) = entries.data_type() else {
        return Err(Error::internal("a map without entries"));
    };
    let all = inner(batch, length);
    let (keys, values) = (column(key, &all, rng)?, column(value, &all, rng)?);
    let converter = RowConverter::new(vec![SortField::new(keys.data_type().clone())])?;
    let encoded = converter.convert_columns(std::slice::from_ref(&keys))?;
    let mut kept: Vec<u32> = vec![];
    let mut lengths: Vec<usize> = vec![];
    for row in 0..batch.rows {
        let before = kept.len();
        for entry in row * length as usize..(row + 1) * length as usize {
            let seen = kept[before..].iter().any(|k| encoded.row(*k as usize) == encoded.row(entry));
            if !seen && !keys.is_null(entry) {
                kept.push(entry as u32);
            }
        }
        lengths.push(kept.len() - before);
    }
    let kept = UInt32Array::from(kept);
    let columns = vec![take(&keys, &kept, None)?, take(&values, &kept, None)?];
    let rows = StructArray::try_new(fields.clone(), columns, None)?;
    Ok(Arc::new(MapArray::try_new(entries, OffsetBuffer::from_lengths(lengths), rows, nulls, sorted)?))
}
