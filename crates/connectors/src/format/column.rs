//! Columns under construction: what decoders append to, one value or NULL per row.
//!
//! Unlike Arrow's builders these can be cut back ([`Column::truncate`]), because a record may turn out to be
//! unreadable, or a field to come twice, after some of its values were appended.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, BooleanBufferBuilder, Date32Array, Decimal128Array, DurationMillisecondArray,
    Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, IntervalYearMonthArray, ListArray,
    MapArray, NullArray, NullBufferBuilder, StringArray, StructArray, Time32MillisecondArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType as Arrow, Field as ArrowField, TimeUnit};
use flitz_dataflow::{DataType, Error, Result, TypeKind};

pub struct Column {
    pub data_type: DataType,
    pub values: Values,
    nulls: NullBufferBuilder,
    len: usize,
}

/// The values so far; NULL has a zero or empty one. Whoever pushes to these calls [`Column::set_valid`] after.
pub enum Values {
    Null,
    Boolean(BooleanBufferBuilder),
    TinyInt(Vec<i8>),
    SmallInt(Vec<i16>),
    Int(Vec<i32>),
    BigInt(Vec<i64>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Decimal { values: Vec<i128>, precision: u8, scale: u8 },
    String(Strings),
    Bytes(Strings),
    Date(Vec<i32>),
    Time { values: Vec<i32>, precision: u8 },
    Timestamp { values: Vec<i64>, unit: Unit, local: bool },
    IntervalYearMonth(Vec<i32>),
    IntervalDaySecond(Vec<i64>),
    Array { ends: Vec<i32>, elements: Box<Column> },
    Map { ends: Vec<i32>, keys: Box<Column>, values: Box<Column> },
    Row(Vec<Column>),
}

/// Byte strings one behind another.
pub struct Strings {
    /// `i32` as Arrow has it; the first is 0.
    ends: Vec<i32>,
    pub bytes: Vec<u8>,
}

/// Of a time stamp column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Millisecond,
    Microsecond,
    Nanosecond,
}

impl Unit {
    pub fn per_second(self) -> i64 {
        match self {
            Unit::Millisecond => 1_000,
            Unit::Microsecond => 1_000_000,
            Unit::Nanosecond => 1_000_000_000,
        }
    }

    /// None: outside of what 64 bits hold. Digits that the unit lacks are cut.
    #[inline]
    pub fn timestamp(self, days: i64, nanos_of_day: i64) -> Option<i64> {
        let per_second = self.per_second();
        let nanos_per_unit = match self {
            Unit::Millisecond => 1_000_000,
            Unit::Microsecond => 1_000,
            Unit::Nanosecond => 1,
        };
        days.checked_mul(86_400 * per_second)?.checked_add(nanos_of_day / nanos_per_unit)
    }
}

impl Strings {
    fn with_capacity(rows: usize) -> Strings {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Strings { ends, bytes: Vec::with_capacity(rows * 8) }
    }

    #[inline]
    pub fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
        self.end_value();
    }

    /// What was appended to `bytes` since the last value is one.
    #[inline]
    pub fn end_value(&mut self) {
        // An end that wraps is noticed when the column is finished: a batch holds less than 2 GiB of text.
        self.ends.push(self.bytes.len() as i32);
    }

    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn value(&self, i: usize) -> &[u8] {
        &self.bytes[self.ends[i] as usize..self.ends[i + 1] as usize]
    }

    fn truncate(&mut self, len: usize) {
        self.ends.truncate(len + 1);
        self.bytes.truncate(self.ends[len] as usize);
    }

    fn finish(&mut self) -> Result<(OffsetBuffer<i32>, Buffer)> {
        if self.bytes.len() > i32::MAX as usize {
            return Err(Error::data("the text of one column of a batch exceeds 2 GiB"));
        }
        let ends = std::mem::replace(&mut self.ends, vec![0]);
        let bytes = std::mem::take(&mut self.bytes);
        Ok((OffsetBuffer::new(ends.into()), Buffer::from_vec(bytes)))
    }
}

impl Column {
    /// An empty column with room for `rows`.
    pub fn new(data_type: &DataType, rows: usize) -> Column {
        let child = |t: &DataType| Box::new(Column::new(t, rows));
        let offsets = || {
            let mut ends = Vec::with_capacity(rows + 1);
            ends.push(0);
            ends
        };
        let values = match &data_type.kind {
            TypeKind::Null => Values::Null,
            TypeKind::Boolean => Values::Boolean(BooleanBufferBuilder::new(rows)),
            TypeKind::TinyInt => Values::TinyInt(Vec::with_capacity(rows)),
            TypeKind::SmallInt => Values::SmallInt(Vec::with_capacity(rows)),
            TypeKind::Int => Values::Int(Vec::with_capacity(rows)),
            TypeKind::BigInt => Values::BigInt(Vec::with_capacity(rows)),
            TypeKind::Float => Values::Float(Vec::with_capacity(rows)),
            TypeKind::Double => Values::Double(Vec::with_capacity(rows)),
            TypeKind::Decimal { precision, scale } => {
                Values::Decimal { values: Vec::with_capacity(rows), precision: *precision, scale: *scale }
            }
            TypeKind::Char(_) | TypeKind::Varchar(_) => Values::String(Strings::with_capacity(rows)),
            TypeKind::Binary(_) | TypeKind::Varbinary(_) | TypeKind::Bitmap => {
                Values::Bytes(Strings::with_capacity(rows))
            }
            TypeKind::Date => Values::Date(Vec::with_capacity(rows)),
            TypeKind::Time(precision) => Values::Time { values: Vec::with_capacity(rows), precision: *precision },
            TypeKind::Timestamp { precision, .. } => {
                Values::Timestamp { values: Vec::with_capacity(rows), unit: unit_of(*precision), local: false }
            }
            TypeKind::TimestampLtz { precision, .. } => {
                Values::Timestamp { values: Vec::with_capacity(rows), unit: unit_of(*precision), local: true }
            }
            TypeKind::IntervalYearMonth => Values::IntervalYearMonth(Vec::with_capacity(rows)),
            TypeKind::IntervalDaySecond => Values::IntervalDaySecond(Vec::with_capacity(rows)),
            TypeKind::Array(element) => Values::Array { ends: offsets(), elements: child(element) },
            TypeKind::Map(key, value) => Values::Map { ends: offsets(), keys: child(key), values: child(value) },
            TypeKind::Multiset(element) => {
                let count = TypeKind::Int.not_null();
                Values::Map { ends: offsets(), keys: child(element), values: child(&count) }
            }
            TypeKind::Row(fields) => Values::Row(fields.iter().map(|f| Column::new(&f.data_type, rows)).collect()),
        };
        Column { data_type: data_type.clone(), values, nulls: NullBufferBuilder::new(rows), len: 0 }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn is_null(&self, row: usize) -> bool {
        !self.nulls.is_valid(row)
    }

    /// A value has been pushed to `values`.
    #[inline]
    pub fn set_valid(&mut self) {
        self.nulls.append_non_null();
        self.len += 1;
    }

    /// Appends NULL, whether or not the type allows it: that is the caller's to know.
    pub fn push_null(&mut self) {
        match &mut self.values {
            Values::Null => {}
            Values::Boolean(v) => v.append(false),
            Values::TinyInt(v) => v.push(0),
            Values::SmallInt(v) => v.push(0),
            Values::Int(v) | Values::Date(v) | Values::IntervalYearMonth(v) | Values::Time { values: v, .. } => {
                v.push(0);
            }
            Values::BigInt(v) | Values::IntervalDaySecond(v) | Values::Timestamp { values: v, .. } => v.push(0),
            Values::Float(v) => v.push(0.0),
            Values::Double(v) => v.push(0.0),
            Values::Decimal { values, .. } => values.push(0),
            Values::String(v) | Values::Bytes(v) => v.end_value(),
            Values::Array { ends, elements } => ends.push(elements.len() as i32),
            Values::Map { ends, keys, .. } => ends.push(keys.len() as i32),
            Values::Row(columns) => columns.iter_mut().for_each(Column::push_null),
        }
        self.nulls.append_null();
        self.len += 1;
    }

    /// Forgets all values from `len` on, complete or half written.
    pub fn truncate(&mut self, len: usize) {
        match &mut self.values {
            Values::Null => {}
            Values::Boolean(v) => v.truncate(len),
            Values::TinyInt(v) => v.truncate(len),
            Values::SmallInt(v) => v.truncate(len),
            Values::Int(v) | Values::Date(v) | Values::IntervalYearMonth(v) | Values::Time { values: v, .. } => {
                v.truncate(len);
            }
            Values::BigInt(v) | Values::IntervalDaySecond(v) | Values::Timestamp { values: v, .. } => v.truncate(len),
            Values::Float(v) => v.truncate(len),
            Values::Double(v) => v.truncate(len),
            Values::Decimal { values, .. } => values.truncate(len),
            Values::String(v) | Values::Bytes(v) => v.truncate(len),
            Values::Array { ends, elements } => {
                ends.truncate(len + 1);
                elements.truncate(ends[len] as usize);
            }
            Values::Map { ends, keys, values } => {
                ends.truncate(len + 1);
                keys.truncate(ends[len] as usize);
                values.truncate(ends[len] as usize);
            }
            Values::Row(columns) => columns.iter_mut().for_each(|c| c.truncate(len)),
        }
        if self.len > len {
            self.nulls.truncate(len);
            self.len = len;
        }
    }

    /// The array of all values; the column is empty afterwards.
    pub fn finish(&mut self) -> Result<ArrayRef> {
        let len = std::mem::take(&mut self.len);
        let nulls = self.nulls.finish();
        let arrow = self.data_type.to_arrow();
        Ok(match &mut self.values {
            Values::Null => Arc::new(NullArray::new(len)),
            Values::Boolean(v) => Arc::new(BooleanArray::new(v.finish(), nulls)),
            Values::TinyInt(v) => Arc::new(Int8Array::new(take(v), nulls)),
            Values::SmallInt(v) => Arc::new(Int16Array::new(take(v), nulls)),
            Values::Int(v) => Arc::new(Int32Array::new(take(v), nulls)),
            Values::BigInt(v) => Arc::new(Int64Array::new(take(v), nulls)),
            Values::Float(v) => Arc::new(Float32Array::new(take(v), nulls)),
            Values::Double(v) => Arc::new(Float64Array::new(take(v), nulls)),
            Values::Decimal { values, .. } => Arc::new(Decimal128Array::new(take(values), nulls).with_data_type(arrow)),
            Values::String(v) => {
                let (ends, bytes) = v.finish()?;
                // SAFETY: decoders push to a String column only what they have checked to be UTF-8, and
                // whole values of it, so that every end lies on the boundary of a character.
                Arc::new(unsafe { StringArray::new_unchecked(ends, bytes, nulls) })
            }
            Values::Bytes(v) => {
                let (ends, bytes) = v.finish()?;
                Arc::new(BinaryArray::new(ends, bytes, nulls))
            }
            Values::Date(v) => Arc::new(Date32Array::new(take(v), nulls)),
            Values::Time { values, .. } => Arc::new(Time32MillisecondArray::new(take(values), nulls)),
            Values::Timestamp { values, unit, local } => {
                let values = take(values);
                match unit {
                    Unit::Millisecond => {
                        Arc::new(TimestampMillisecondArray::new(values, nulls).with_timezone_opt(zone(*local)))
                    }
                    Unit::Microsecond => {
                        Arc::new(TimestampMicrosecondArray::new(values, nulls).with_timezone_opt(zone(*local)))
                    }
                    Unit::Nanosecond => {
                        Arc::new(TimestampNanosecondArray::new(values, nulls).with_timezone_opt(zone(*local)))
                    }
                }
            }
            Values::IntervalYearMonth(v) => Arc::new(IntervalYearMonthArray::new(take(v), nulls)),
            Values::IntervalDaySecond(v) => Arc::new(DurationMillisecondArray::new(take(v), nulls)),
            Values::Array { ends, elements } => {
                let ends = OffsetBuffer::new(std::mem::replace(ends, vec![0]).into());
                let Arrow::List(field) = arrow else { return Err(Error::internal("ARRAY is not a list")) };
                Arc::new(ListArray::try_new(field, ends, elements.finish()?, nulls)?)
            }
            Values::Map { ends, keys, values } => {
                let ends = OffsetBuffer::new(std::mem::replace(ends, vec![0]).into());
                let Arrow::Map(field, sorted) = arrow else { return Err(Error::internal("MAP is not a map")) };
                let Arrow::Struct(fields) = field.data_type() else {
                    return Err(Error::internal("entries of a map are not a struct"));
                };
                let entries = StructArray::try_new(fields.clone(), vec![keys.finish()?, values.finish()?], None)?;
                Arc::new(MapArray::try_new(field, ends, entries, nulls, sorted)?)
            }
            Values::Row(columns) => {
                let Arrow::Struct(fields) = arrow else { return Err(Error::internal("ROW is not a struct")) };
                let children = columns.iter_mut().map(Column::finish).collect::<Result<Vec<_>>>()?;
                match children.is_empty() {
                    true => Arc::new(StructArray::new_empty_fields(len, nulls)),
                    false => Arc::new(StructArray::try_new(fields, children, nulls)?),
                }
            }
        })
    }

    pub fn arrow_field(&self, name: &str) -> ArrowField {
        self.data_type.to_arrow_field(name)
    }
}

fn unit_of(precision: u8) -> Unit {
    match TypeKind::timestamp(precision).to_arrow() {
        Arrow::Timestamp(TimeUnit::Microsecond, _) => Unit::Microsecond,
        Arrow::Timestamp(TimeUnit::Nanosecond, _) => Unit::Nanosecond,
        _ => Unit::Millisecond,
    }
}

fn zone(local: bool) -> Option<Arc<str>> {
    local.then(|| "UTC".into())
}

fn take<T: arrow::datatypes::ArrowNativeType>(values: &mut Vec<T>) -> ScalarBuffer<T> {
    let capacity = values.len();
    std::mem::replace(values, Vec::with_capacity(capacity)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Array;

    #[test]
    fn half_written_rows_are_cut_back() {
        let row = TypeKind::Row(vec![flitz_dataflow::RowField {
            name: "a".into(),
            data_type: TypeKind::Array(Box::new(TypeKind::Boolean.nullable())).nullable(),
        }]);
        let mut column = Column::new(&row.nullable(), 4);
        column.push_null();
        // The second row gets an element of its array, then is given up.
        let Values::Row(fields) = &mut column.values else { panic!() };
        let Values::Array { elements, .. } = &mut fields[0].values else { panic!() };
        let Values::Boolean(v) = &mut elements.values else { panic!() };
        v.append(true);
        elements.set_valid();
        column.truncate(1);
        column.push_null();
        let array = column.finish().unwrap();
        assert_eq!((array.len(), array.null_count()), (2, 2));
    }
}
