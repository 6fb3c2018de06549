//! Rows of every type, their values mostly where the types have edges.

use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use arrow::array::*;
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::*;
use flitz_dataflow::{Field, RowField, Schema as Columns, TypeKind};
use flitz_plan::Literal;

pub fn row_kind() -> TypeKind {
    TypeKind::Row(vec![
        RowField { name: "a".to_owned(), data_type: TypeKind::Int.nullable() },
        RowField { name: "b".to_owned(), data_type: TypeKind::STRING.nullable() },
    ])
}

pub fn schema() -> Columns {
    let list = |kind: TypeKind| TypeKind::Array(Box::new(kind.nullable()));
    let decimal = |precision, scale| TypeKind::Decimal { precision, scale };
    let kinds = vec![
        ("b", TypeKind::Boolean),
        ("i8", TypeKind::TinyInt),
        ("i16", TypeKind::SmallInt),
        ("i", TypeKind::Int),
        ("l", TypeKind::BigInt),
        ("f", TypeKind::Float),
        ("d", TypeKind::Double),
        ("dec", decimal(10, 2)),
        ("dec_fine", decimal(38, 18)),
        ("dec_long", decimal(38, 0)),
        ("s", TypeKind::STRING),
        ("c", TypeKind::Char(3)),
        ("v", TypeKind::Varchar(5)),
        ("by", TypeKind::BYTES),
        ("dt", TypeKind::Date),
        ("tm", TypeKind::Time(3)),
        ("ts", TypeKind::timestamp(3)),
        ("ts6", TypeKind::timestamp(6)),
        ("ts9", TypeKind::timestamp(9)),
        ("ltz", TypeKind::timestamp_ltz(3)),
        ("ltz9", TypeKind::timestamp_ltz(9)),
        ("ym", TypeKind::IntervalYearMonth),
        ("ds", TypeKind::IntervalDaySecond),
        ("ints", list(TypeKind::Int)),
        ("texts", list(TypeKind::STRING)),
        ("m", TypeKind::Map(Box::new(TypeKind::STRING.nullable()), Box::new(TypeKind::Int.nullable()))),
        ("r", row_kind()),
    ];
    let fields = kinds.into_iter().flat_map(|(name, kind)| {
        let required = matches!(kind, TypeKind::Int | TypeKind::Varchar(flitz_dataflow::MAX_LENGTH) | TypeKind::Double)
            .then(|| Field::new(format!("{name}_nn"), kind.clone().not_null()));
        [Some(Field::new(name, kind.nullable())), required].into_iter().flatten()
    });
    Columns::new(fields.collect())
}

/// One to five rows; the columns that nobody reads are NULL or empty.
pub fn batch(u: &mut Unstructured<'_>, schema: &Columns, read: &[usize]) -> Result<RecordBatch> {
    let rows = u.int_in_range(1..=5)?;
    let mut columns = vec![];
    for (index, field) in schema.fields.iter().enumerate() {
        let data_type = &field.data_type;
        columns.push(match read.contains(&index) {
            true => array(u, &data_type.kind, rows, data_type.nullable)?,
            false => array(&mut Unstructured::new(&[]), &data_type.kind, rows, false)?,
        });
    }
    Ok(RecordBatch::try_new(schema.to_arrow(), columns).expect("columns as in the schema"))
}

const TEXTS: &[&str] = &[
    "",
    "a",
    "Hello, World",
    "Grüße 😀",
    "1",
    "-1.5",
    "1e400",
    " 42 ",
    "2024-02-29",
    "2024-02-29 13:14:15.123456789",
    "0001-01-01",
    "9999-12-31 23:59:59.999",
    "12:34:56",
    "%",
    "_",
    "a%b_",
    "\\%",
    "(a",
    "[a-z]+(b)?",
    "(x)|(y)",
    "$.a",
    "{\"a\":1,\"b\":[1,2,{\"c\":\"x\"}],\"d\":null}",
    "[1,2",
    "\"text\"",
    "yyyy-MM-dd HH:mm:ss.SSS",
    "EEE, d MMM yyyy",
    "%d-%s",
    "Europe/Berlin",
    "UTC",
    "GMT+08:30",
    "http://u:p@h:80/p/q?k=v&l#f",
    "k",
    "true",
    "NaN",
    "Infinity",
    "é",
    "a,b,,c",
    "k1=v1,k2=v2",
    "\0",
    "ff",
    "zz",
    "SGVsbG8=",
    "%41+",
    "UTF-8",
    "UTF-16LE",
    "\u{10FFFF}",
    "ABCDEFGHIJ",
];

fn text(u: &mut Unstructured<'_>) -> Result<String> {
    if u.ratio(3, 4)? {
        return Ok((*u.choose(TEXTS)?).to_owned());
    }
    let length = u.int_in_range(0..=12)?;
    Ok(String::from_utf8_lossy(u.bytes(length.min(u.len()))?).into_owned())
}

fn integer(u: &mut Unstructured<'_>) -> Result<i64> {
    const EDGES: &[i64] = &[
        0,
        1,
        -1,
        2,
        3,
        5,
        7,
        10,
        31,
        32,
        64,
        100,
        -100,
        127,
        -128,
        255,
        1000,
        32_767,
        -32_768,
        i32::MAX as i64,
        i32::MIN as i64,
        1_700_000_000,
        1_700_000_000_123,
        i64::MAX,
        i64::MIN,
        4_294_967_296,
        999_999_999_999_999_999,
    ];
    if u.ratio(3, 4)? { Ok(*u.choose(EDGES)?) } else { u.arbitrary() }
}

fn double(u: &mut Unstructured<'_>) -> Result<f64> {
    const EDGES: &[f64] = &[
        0.0,
        1.0,
        -1.0,
        0.5,
        2.0,
        -2.5,
        0.1,
        1e10,
        1e-10,
        1e308,
        -1e308,
        5e-324,
        f64::MAX,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        -0.0,
        9.223372036854776e18,
        123.456,
        3.5,
        2.5,
        1e19,
        170.0,
    ];
    if u.ratio(3, 4)? { Ok(*u.choose(EDGES)?) } else { u.arbitrary() }
}

/// Milliseconds: mostly of our calendar.
fn millis(u: &mut Unstructured<'_>) -> Result<i64> {
    const EDGES: &[i64] = &[
        0,
        -1,
        1,
        1_709_212_455_123,
        -62_135_596_800_000,
        253_402_300_799_999,
        -12_219_292_800_000,
        1_711_846_800_000,
        1_729_994_400_000,
        951_782_400_000,
        86_399_999,
        86_400_000,
        i64::MAX,
        i64::MIN,
        -62_198_755_200_000,
    ];
    match u.int_in_range(0..=3)? {
        0 | 1 => Ok(*u.choose(EDGES)?),
        2 => Ok(u.int_in_range(-62_135_596_800_000..=253_402_300_799_999)?),
        _ => u.arbitrary(),
    }
}

fn decimal(u: &mut Unstructured<'_>, precision: u8) -> Result<i128> {
    let largest = 10i128.pow(u32::from(precision)) - 1;
    Ok(match u.int_in_range(0..=5)? {
        0 => largest,
        1 => -largest,
        2 => 0,
        3 => i128::from(integer(u)?) % (largest + 1),
        _ => u.arbitrary::<i128>()? % (largest + 1),
    })
}

/// Values of one column.
pub fn array(u: &mut Unstructured<'_>, kind: &TypeKind, rows: usize, nullable: bool) -> Result<ArrayRef> {
    fn values<T>(
        u: &mut Unstructured<'_>,
        rows: usize,
        nullable: bool,
        mut one: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
    ) -> Result<Vec<Option<T>>> {
        (0..rows).map(|_| Ok(if nullable && u.ratio(1, 5)? { None } else { Some(one(u)?) })).collect()
    }
    macro_rules! primitive {
        ($type:ty, $one:expr) => {
            Arc::new(PrimitiveArray::<$type>::from(values(u, rows, nullable, $one)?)) as ArrayRef
        };
    }
    Ok(match kind {
        TypeKind::Boolean => Arc::new(BooleanArray::from(values(u, rows, nullable, |u| u.arbitrary())?)),
        TypeKind::TinyInt => primitive!(Int8Type, |u| Ok(integer(u)? as i8)),
        TypeKind::SmallInt => primitive!(Int16Type, |u| Ok(integer(u)? as i16)),
        TypeKind::Int => primitive!(Int32Type, |u| Ok(integer(u)? as i32)),
        TypeKind::BigInt => primitive!(Int64Type, integer),
        TypeKind::Float => primitive!(Float32Type, |u| Ok(double(u)? as f32)),
        TypeKind::Double => primitive!(Float64Type, double),
        TypeKind::Decimal { precision, scale } => {
            let values = values(u, rows, nullable, |u| decimal(u, *precision))?;
            let array = Decimal128Array::from(values).with_precision_and_scale(*precision, *scale as i8);
            Arc::new(array.expect("a precision of Flink's"))
        }
        TypeKind::Char(n) => {
            let one = |u: &mut Unstructured<'_>| {
                let text: String = text(u)?.chars().take(*n as usize).collect();
                let missing = *n as usize - text.chars().count();
                Ok(text + &" ".repeat(missing))
            };
            Arc::new(StringArray::from(values(u, rows, nullable, one)?))
        }
        TypeKind::Varchar(n) => {
            let one = |u: &mut Unstructured<'_>| Ok(text(u)?.chars().take(*n as usize).collect::<String>());
            Arc::new(StringArray::from(values(u, rows, nullable, one)?))
        }
        TypeKind::Varbinary(_) => {
            let values = values(u, rows, nullable, |u| {
                let length = u.int_in_range(0..=9)?;
                Ok(u.bytes(length.min(u.len()))?.to_vec())
            })?;
            Arc::new(BinaryArray::from(values.iter().map(|v| v.as_deref()).collect::<Vec<_>>()))
        }
        TypeKind::Date => primitive!(Date32Type, |u| Ok((millis(u)? / 86_400_000) as i32)),
        TypeKind::Time(_) => primitive!(Time32MillisecondType, |u| u.int_in_range(0..=86_399_999)),
        kind @ (TypeKind::Timestamp { precision, .. } | TypeKind::TimestampLtz { precision, .. }) => {
            let unit = match precision {
                0..=3 => 1,
                4..=6 => 1_000,
                _ => 1_000_000,
            };
            let values = values(u, rows, nullable, |u| Ok(millis(u)?.saturating_mul(unit)))?;
            let array = Int64Array::from(values).to_data().into_builder().data_type(kind.to_arrow());
            make_array(array.build().expect("time stamps are 64 bits"))
        }
        TypeKind::IntervalYearMonth => primitive!(IntervalYearMonthType, |u| Ok(integer(u)? as i32)),
        TypeKind::IntervalDaySecond => primitive!(DurationMillisecondType, integer),
        TypeKind::Array(element) => {
            let DataType::List(field) = kind.to_arrow() else { unreachable!("a list") };
            let lengths = values(u, rows, nullable, |u| u.int_in_range(0..=4))?;
            let all = lengths.iter().map(|l| l.unwrap_or(0)).sum();
            let elements = array(u, &element.kind, all, true)?;
            let offsets = OffsetBuffer::from_lengths(lengths.iter().map(|l| l.unwrap_or(0)));
            Arc::new(ListArray::new(field, offsets, elements, nulls(&lengths)))
        }
        TypeKind::Map(_, value) => {
            let DataType::Map(entries, _) = kind.to_arrow() else { unreachable!("a map") };
            let DataType::Struct(fields) = entries.data_type().clone() else { unreachable!("entries") };
            let lengths = values(u, rows, nullable, |u| u.int_in_range(0..=3))?;
            let keys: Vec<String> =
                lengths.iter().flat_map(|l| (0..l.unwrap_or(0)).map(|k: usize| format!("k{}", k + 1))).collect();
            let values = array(u, &value.kind, keys.len(), true)?;
            let pairs = StructArray::new(fields, vec![Arc::new(StringArray::from(keys)), values], None);
            let offsets = OffsetBuffer::from_lengths(lengths.iter().map(|l| l.unwrap_or(0)));
            Arc::new(MapArray::new(entries, offsets, pairs, nulls(&lengths), false))
        }
        TypeKind::Row(columns) => {
            let DataType::Struct(fields) = kind.to_arrow() else { unreachable!("a row") };
            let present = values(u, rows, nullable, |_| Ok(0))?;
            let arrays = columns.iter().map(|c| array(u, &c.data_type.kind, rows, true)).collect::<Result<_>>()?;
            Arc::new(StructArray::new(fields, arrays, nulls(&present)))
        }
        other => unreachable!("no column has type {other}"),
    })
}

fn nulls(values: &[Option<usize>]) -> Option<NullBuffer> {
    Some(NullBuffer::from(values.iter().map(Option::is_some).collect::<Vec<_>>()))
}

/// One value as the planner would write it; None for types without literals.
pub fn literal(array: &ArrayRef, row: usize, kind: &TypeKind) -> Option<Literal> {
    macro_rules! integer {
        ($type:ty) => {
            Literal::Integer(array.as_primitive::<$type>().value(row).into())
        };
    }
    if matches!(kind, TypeKind::Array(_) | TypeKind::Map(..) | TypeKind::Row(_)) {
        return None;
    }
    if array.is_null(row) {
        return Some(Literal::Null);
    }
    Some(match kind {
        TypeKind::Boolean => Literal::Boolean(array.as_boolean().value(row)),
        TypeKind::TinyInt => integer!(Int8Type),
        TypeKind::SmallInt => integer!(Int16Type),
        TypeKind::Int => integer!(Int32Type),
        TypeKind::BigInt => integer!(Int64Type),
        TypeKind::Float => Literal::Double(f64::from(array.as_primitive::<Float32Type>().value(row))),
        TypeKind::Double => Literal::Double(array.as_primitive::<Float64Type>().value(row)),
        TypeKind::Decimal { .. } => Literal::Decimal(array.as_primitive::<Decimal128Type>().value(row)),
        TypeKind::Char(_) | TypeKind::Varchar(_) => Literal::String(array.as_string::<i32>().value(row).to_owned()),
        TypeKind::Binary(_) | TypeKind::Varbinary(_) => Literal::Bytes(array.as_binary::<i32>().value(row).to_vec()),
        TypeKind::Date => integer!(Date32Type),
        TypeKind::Time(_) => integer!(Time32MillisecondType),
        TypeKind::Timestamp { precision, .. } | TypeKind::TimestampLtz { precision, .. } => match precision {
            0..=3 => integer!(TimestampMillisecondType),
            4..=6 => integer!(TimestampMicrosecondType),
            _ => integer!(TimestampNanosecondType),
        },
        TypeKind::IntervalYearMonth => integer!(IntervalYearMonthType),
        TypeKind::IntervalDaySecond => integer!(DurationMillisecondType),
        _ => return None,
    })
}
