//! A row as Flink's external `Row` prints itself: values by Java's own `toString`, bytes as signed
//! numbers, maps in the order of a `java.util.HashMap`.

use arrow::array::PrimitiveArray;
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Decimal128Array, ListArray, MapArray, RecordBatch,
    StringArray, StructArray,
};
use arrow::datatypes::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, IntervalYearMonthType, Time32MillisecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType,
};
use flitz_dataflow::bitmap::write_bitmap_text;
use flitz_dataflow::{DataType, Error, Result, Schema, TypeKind};

use crate::format::text;

/// How the rows of a schema are printed.
pub struct RowText {
    types: Vec<DataType>,
}

impl RowText {
    pub fn new(schema: &Schema) -> RowText {
        RowText { types: schema.fields.iter().map(|f| f.data_type.clone()).collect() }
    }

    /// Looks up the columns once per batch.
    pub fn bind(&self, rows: &RecordBatch) -> Result<BoundRow> {
        if rows.num_columns() != self.types.len() {
            return Err(Error::internal("print: the batch has other columns than the table"));
        }
        let columns = self.types.iter().zip(rows.columns()).map(|(t, c)| Column::bind(t, c)).collect::<Result<_>>()?;
        Ok(BoundRow { columns })
    }
}

pub struct BoundRow {
    columns: Vec<Column>,
}

impl BoundRow {
    /// `[1, a, null]`
    pub fn push(&self, out: &mut Vec<u8>, row: usize) {
        push_list(out, self.columns.iter(), |out, column| column.push(out, row));
    }
}

/// A column that knows how to print each of its values.
enum Column {
    Null,
    Boolean(BooleanArray),
    TinyInt(PrimitiveArray<Int8Type>),
    SmallInt(PrimitiveArray<Int16Type>),
    Int(PrimitiveArray<Int32Type>),
    BigInt(PrimitiveArray<Int64Type>),
    Float(PrimitiveArray<Float32Type>),
    Double(PrimitiveArray<Float64Type>),
    Decimal(Decimal128Array, i32),
    String(StringArray),
    Bytes(BinaryArray),
    Date(PrimitiveArray<Date32Type>),
    Time(PrimitiveArray<Time32MillisecondType>),
    Timestamp {
        values: PrimitiveArray<Int64Type>,
        units_per_second: i64,
        zone: Zone,
    },
    /// `Period`
    Months(PrimitiveArray<IntervalYearMonthType>),
    Duration(PrimitiveArray<DurationMillisecondType>),
    Array(ListArray, Box<Column>),
    Map {
        map: MapArray,
        keys: Box<Column>,
        values: Box<Column>,
    },
    Row(StructArray, Vec<Column>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Zone {
    /// `LocalDateTime`
    None,
    /// `Instant`: always UTC, whatever the session's zone.
    Utc,
}

impl Column {
    fn bind(data_type: &DataType, array: &ArrayRef) -> Result<Column> {
        let expected = data_type.to_arrow();
        if !array.data_type().equals_datatype(&expected) {
            return Err(Error::internal(format!("print: {} instead of {expected}", array.data_type())));
        }
        Ok(match &data_type.kind {
            TypeKind::Null => Column::Null,
            TypeKind::IntervalYearMonth => Column::Months(array.as_primitive().clone()),
            TypeKind::IntervalDaySecond => Column::Duration(array.as_primitive().clone()),
            TypeKind::Boolean => Column::Boolean(array.as_boolean().clone()),
            TypeKind::TinyInt => Column::TinyInt(array.as_primitive().clone()),
            TypeKind::SmallInt => Column::SmallInt(array.as_primitive().clone()),
            TypeKind::Int => Column::Int(array.as_primitive().clone()),
            TypeKind::BigInt => Column::BigInt(array.as_primitive().clone()),
            TypeKind::Float => Column::Float(array.as_primitive().clone()),
            TypeKind::Double => Column::Double(array.as_primitive().clone()),
            TypeKind::Decimal { scale, .. } => {
                Column::Decimal(array.as_primitive::<Decimal128Type>().clone(), i32::from(*scale))
            }
            TypeKind::Char(_) | TypeKind::Varchar(_) => Column::String(array.as_string().clone()),
            TypeKind::Binary(_) | TypeKind::Varbinary(_) => Column::Bytes(array.as_binary().clone()),
            TypeKind::Date => Column::Date(array.as_primitive().clone()),
            TypeKind::Time(_) => Column::Time(array.as_primitive().clone()),
            TypeKind::Timestamp { precision, .. } => Column::timestamp(array, *precision, Zone::None),
            TypeKind::TimestampLtz { precision, .. } => Column::timestamp(array, *precision, Zone::Utc),
            TypeKind::Array(element) => {
                let list = array.as_list::<i32>();
                Column::Array(list.clone(), Box::new(Column::bind(element, list.values())?))
            }
            TypeKind::Bitmap => Column::String(bitmap_texts(array.as_binary())?),
            TypeKind::Map(key, value) => Column::map(array, key, value)?,
            TypeKind::Multiset(element) => Column::map(array, element, &TypeKind::Int.not_null())?,
            TypeKind::Row(fields) => {
                let row = array.as_struct();
                let columns = fields.iter().zip(row.columns()).map(|(f, c)| Column::bind(&f.data_type, c));
                Column::Row(row.clone(), columns.collect::<Result<_>>()?)
            }
        })
    }

    fn timestamp(array: &ArrayRef, precision: u8, zone: Zone) -> Column {
        let (values, units_per_second) = match precision {
            0..=3 => (array.as_primitive::<TimestampMillisecondType>().reinterpret_cast(), 1_000),
            4..=6 => (array.as_primitive::<TimestampMicrosecondType>().reinterpret_cast(), 1_000_000),
            _ => (array.as_primitive::<TimestampNanosecondType>().reinterpret_cast(), 1_000_000_000),
        };
        Column::Timestamp { values, units_per_second, zone }
    }

    fn map(array: &ArrayRef, key: &DataType, value: &DataType) -> Result<Column> {
        let map = array.as_map().clone();
        let keys = Box::new(Column::bind(key, map.keys())?);
        let values = Box::new(Column::bind(value, map.values())?);
        Ok(Column::Map { map, keys, values })
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Column::Null => true,
            Column::Boolean(a) => a.is_null(row),
            Column::TinyInt(a) => a.is_null(row),
            Column::SmallInt(a) => a.is_null(row),
            Column::Int(a) => a.is_null(row),
            Column::BigInt(a) => a.is_null(row),
            Column::Float(a) => a.is_null(row),
            Column::Double(a) => a.is_null(row),
            Column::Decimal(a, _) => a.is_null(row),
            Column::String(a) => a.is_null(row),
            Column::Bytes(a) => a.is_null(row),
            Column::Date(a) => a.is_null(row),
            Column::Time(a) => a.is_null(row),
            Column::Months(a) => a.is_null(row),
            Column::Duration(a) => a.is_null(row),
            Column::Timestamp { values, .. } => values.is_null(row),
            Column::Array(a, _) => a.is_null(row),
            Column::Map { map, .. } => map.is_null(row),
            Column::Row(a, _) => a.is_null(row),
        }
    }

    fn push(&self, out: &mut Vec<u8>, row: usize) {
        if self.is_null(row) {
            return out.extend_from_slice(b"null");
        }
        match self {
            Column::Null => {}
            Column::Boolean(a) => out.extend_from_slice(if a.value(row) { b"true" } else { b"false" }),
            Column::TinyInt(a) => push_integer(out, a, row),
            Column::SmallInt(a) => push_integer(out, a, row),
            Column::Int(a) => push_integer(out, a, row),
            Column::BigInt(a) => push_integer(out, a, row),
            Column::Float(a) => text::push_float(out, a.value(row)),
            Column::Double(a) => text::push_double(out, a.value(row)),
            Column::Decimal(a, scale) => text::push_decimal_scientific(out, a.value(row), *scale),
            Column::String(a) => out.extend_from_slice(a.value(row).as_bytes()),
            Column::Bytes(a) => push_list(out, a.value(row).iter(), |out, byte| {
                out.extend_from_slice(itoa::Buffer::new().format(*byte as i8).as_bytes());
            }),
            Column::Date(a) => text::push_date(out, i64::from(a.value(row))),
            Column::Time(a) => text::push_java_time(out, i64::from(a.value(row)) * 1_000_000),
            Column::Months(a) => text::push_java_period(out, a.value(row)),
            Column::Duration(a) => text::push_java_duration(out, a.value(row)),
            Column::Timestamp { values, units_per_second, zone } => match zone {
                Zone::None => text::push_java_timestamp(out, values.value(row), *units_per_second),
                Zone::Utc => {
                    text::push_timestamp(out, values.value(row), *units_per_second, b'T', text::Fraction::Java);
                    out.push(b'Z');
                }
            },
            Column::Array(a, element) => {
                let range = a.value_offsets()[row] as usize..a.value_offsets()[row + 1] as usize;
                push_list(out, range, |out, i| element.push(out, i));
            }
            Column::Map { map, keys, values } => {
                let range = map.value_offsets()[row] as usize..map.value_offsets()[row + 1] as usize;
                out.push(b'{');
                for (position, entry) in hash_map_order(keys, range).into_iter().enumerate() {
                    if position > 0 {
                        out.extend_from_slice(b", ");
                    }
                    keys.push(out, entry);
                    out.push(b'=');
                    values.push(out, entry);
                }
                out.push(b'}');
            }
            Column::Row(_, columns) => {
                out.extend_from_slice(b"+I");
                push_list(out, columns.iter(), |out, column| column.push(out, row));
            }
        }
    }

    /// Java's `hashCode` of the value, for types whose maps are common; others keep the order of the map.
    fn hash_code(&self, row: usize) -> Option<i32> {
        let long = |value: i64| (value ^ ((value as u64) >> 32) as i64) as i32;
        match self {
            Column::Boolean(a) => Some(if a.value(row) { 1231 } else { 1237 }),
            Column::TinyInt(a) => Some(i32::from(a.value(row))),
            Column::SmallInt(a) => Some(i32::from(a.value(row))),
            Column::Int(a) => Some(a.value(row)),
            Column::BigInt(a) => Some(long(a.value(row))),
            Column::Double(a) => Some(long(a.value(row).to_bits() as i64)),
            Column::String(a) => {
                let units = a.value(row).encode_utf16();
                Some(units.fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit))))
            }
            _ => None,
        }
    }
}

fn bitmap_texts(bitmaps: &BinaryArray) -> Result<StringArray> {
    let text = |bytes: Option<&[u8]>| {
        bytes.map(|bytes| {
            let mut text = String::new();
            write_bitmap_text(bytes, &mut text).map(|()| text)
        })
    };
    bitmaps.iter().map(|bytes| text(bytes).transpose()).collect()
}

/// The entries in the order in which a `HashMap` that they were put into one by one lists them: by
/// bucket, and within a bucket as they came.
fn hash_map_order(keys: &Column, entries: std::ops::Range<usize>) -> Vec<usize> {
    let mut buckets = 16;
    while entries.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    let bucket = |entry: usize| {
        let hash = keys.hash_code(entry)? as u32;
        Some((hash ^ (hash >> 16)) as usize & (buckets - 1))
    };
    let mut ordered: Vec<usize> = entries.collect();
    ordered.sort_by_key(|entry| bucket(*entry));
    ordered
}

fn push_list<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, push: impl Fn(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (position, item) in items.enumerate() {
        if position > 0 {
            out.extend_from_slice(b", ");
        }
        push(out, item);
    }
    out.push(b']');
}

fn push_integer<T: ArrowPrimitiveType<Native: itoa::Integer>>(out: &mut Vec<u8>, a: &PrimitiveArray<T>, row: usize) {
    out.extend_from_slice(itoa::Buffer::new().format(a.value(row)).as_bytes());
}
