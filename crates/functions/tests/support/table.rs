//! The table that the expressions were evaluated over on Flink: one row, a column of every type.

use std::sync::Arc;

use arrow::array::*;
use arrow::datatypes::{Int32Type, Schema as ArrowSchema};
use flitz_dataflow::{DataType, Field, RowField, Schema, TypeKind};

const JSON: &str = r#"{"a":1,"b":[1,2,{"c":"x"}],"d":null,"e":"text","f":1.5,"g":true,"h":{"z":1,"y":2}}"#;

/// Milliseconds of a UTC date and time.
fn millis(text: &str) -> i64 {
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap().and_utc().timestamp_millis()
}

pub fn table() -> (Schema, RecordBatch) {
    use TypeKind::*;
    let days = |text: &str| (millis(&format!("{text} 00:00:00")) / 86_400_000) as i32;
    let list = |element: DataType, values: ArrayRef| -> (TypeKind, ArrayRef) {
        let kind = Array(Box::new(element));
        let arrow::datatypes::DataType::List(field) = kind.to_arrow() else { unreachable!() };
        let offsets = arrow::buffer::OffsetBuffer::from_lengths([values.len()]);
        (kind, Arc::new(ListArray::new(field, offsets, values, None)))
    };
    let (ints, arr) = list(Int.nullable(), Arc::new(Int32Array::from(vec![Some(3), Some(1), None, Some(2), Some(1)])));
    let (texts, arrs) =
        list(TypeKind::STRING.nullable(), Arc::new(StringArray::from(vec![Some("b"), Some("a"), None])));
    let map_kind = Map(Box::new(TypeKind::STRING.nullable()), Box::new(Int.nullable()));
    let map: ArrayRef = {
        let arrow::datatypes::DataType::Map(entries, _) = map_kind.to_arrow() else { unreachable!() };
        let arrow::datatypes::DataType::Struct(fields) = entries.data_type().clone() else { unreachable!() };
        let keys: ArrayRef = Arc::new(StringArray::from(vec!["k1", "k2"]));
        let values: ArrayRef = Arc::new(PrimitiveArray::<Int32Type>::from(vec![Some(1), None]));
        let pairs = StructArray::new(fields, vec![keys, values], None);
        let offsets = arrow::buffer::OffsetBuffer::from_lengths([2]);
        Arc::new(MapArray::new(entries, offsets, pairs, None, false))
    };
    let row_kind = Row(vec![
        RowField { name: "a".to_owned(), data_type: Int.nullable() },
        RowField { name: "b".to_owned(), data_type: TypeKind::STRING.nullable() },
    ]);
    let row: ArrayRef = {
        let arrow::datatypes::DataType::Struct(fields) = row_kind.to_arrow() else { unreachable!() };
        Arc::new(StructArray::new(
            fields,
            vec![Arc::new(Int32Array::from(vec![1])), Arc::new(StringArray::from(vec!["x"]))],
            None,
        ))
    };
    let decimal = |value, precision, scale: i8| -> ArrayRef {
        Arc::new(Decimal128Array::from(vec![value]).with_precision_and_scale(precision, scale).unwrap())
    };
    let text =
        |s: &str| -> (TypeKind, Option<ArrayRef>) { (TypeKind::STRING, Some(Arc::new(StringArray::from(vec![s])))) };
    let int = |v: i32| -> (TypeKind, Option<ArrayRef>) { (Int, Some(Arc::new(Int32Array::from(vec![v])))) };
    let micros = millis("2021-01-01 23:59:59") * 1000 + 123_456;
    let nanos = millis("2020-12-31 00:00:00") * 1_000_000 + 123_456_789;
    let ltz = TimestampMillisecondArray::from(vec![millis("2024-07-01 10:00:00.5")]).with_timezone("UTC");
    let dec = Decimal { precision: 10, scale: 2 };
    let columns: Vec<(&str, (TypeKind, Option<ArrayRef>))> = vec![
        ("b", (Boolean, Some(Arc::new(BooleanArray::from(vec![true]))))),
        ("i8", (TinyInt, Some(Arc::new(Int8Array::from(vec![7]))))),
        ("i16", (SmallInt, Some(Arc::new(Int16Array::from(vec![-300]))))),
        ("i", int(5)),
        ("l", (BigInt, Some(Arc::new(Int64Array::from(vec![3_000_000_000]))))),
        ("f", (Float, Some(Arc::new(Float32Array::from(vec![0.1]))))),
        ("d", (Double, Some(Arc::new(Float64Array::from(vec![-2.5]))))),
        ("dec", (dec.clone(), Some(decimal(12_345, 10, 2)))),
        ("dec2", (Decimal { precision: 6, scale: 3 }, Some(decimal(-7125, 6, 3)))),
        ("s", text("Hello, World")),
        ("u", text("Grüße 😀")),
        ("c", (Char(2), Some(Arc::new(StringArray::from(vec!["ab"]))))),
        ("dt", (Date, Some(Arc::new(Date32Array::from(vec![days("2024-01-31")]))))),
        ("tm", (Time(3), Some(Arc::new(Time32MillisecondArray::from(vec![47_655_123]))))),
        (
            "ts",
            (
                TypeKind::timestamp(3),
                Some(Arc::new(TimestampMillisecondArray::from(vec![millis("2024-02-29 13:14:15.123")]))),
            ),
        ),
        ("ts6", (TypeKind::timestamp(6), Some(Arc::new(TimestampMicrosecondArray::from(vec![micros]))))),
        ("ts9", (TypeKind::timestamp(9), Some(Arc::new(TimestampNanosecondArray::from(vec![nanos]))))),
        (
            "ts0",
            (
                TypeKind::timestamp(0),
                Some(Arc::new(TimestampMillisecondArray::from(vec![millis("2024-03-10 00:00:00")]))),
            ),
        ),
        ("ltz", (TypeKind::timestamp_ltz(3), Some(Arc::new(ltz)))),
        ("arr", (ints.clone(), Some(arr))),
        ("arrs", (texts, Some(arrs))),
        ("m", (map_kind.clone(), Some(map))),
        ("r", (row_kind, Some(row))),
        ("by", (TypeKind::BYTES, Some(Arc::new(BinaryArray::from(vec![b"hello".as_slice()]))))),
        ("zero", int(0)),
        ("d0", (Double, Some(Arc::new(Float64Array::from(vec![0.0]))))),
        ("neg", int(-7)),
        ("big", (BigInt, Some(Arc::new(Int64Array::from(vec![i64::MAX]))))),
        ("imax", int(i32::MAX)),
        ("js", text(JSON)),
        ("empty", text("")),
        ("num", text(" 42 ")),
        ("ni", (Int, None)),
        ("nl", (BigInt, None)),
        ("nd", (Double, None)),
        ("ns", (TypeKind::STRING, None)),
        ("nb", (Boolean, None)),
        ("nts", (TypeKind::timestamp(3), None)),
        ("narr", (ints, None)),
        ("ndec", (dec, None)),
        ("nm", (map_kind, None)),
        ("nn", int(9)),
    ];
    let mut fields = vec![];
    let mut arrays = vec![];
    for (name, (kind, array)) in columns {
        arrays.push(array.unwrap_or_else(|| new_null_array(&kind.to_arrow(), 1)));
        fields.push(Field::new(name, kind.nullable().with_nullable(name != "nn")));
    }
    let schema = Schema::new(fields);
    let arrow: Arc<ArrowSchema> = schema.to_arrow();
    (schema, RecordBatch::try_new(arrow, arrays).unwrap())
}
