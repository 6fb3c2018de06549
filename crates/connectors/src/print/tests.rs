//! What Flink 2.3 prints for the same rows.

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array,
    Int32Array, Int32Builder, ListArray, MapBuilder, RecordBatch, StringArray, StringBuilder, StructArray,
    Time32MillisecondArray, TimestampMicrosecondArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType as Arrow, Int32Type};
use flitz_dataflow::{Field, RowField, RowKind, TypeKind};

use super::*;

/// The row that Flink prints as below; see `lines`.
fn row_of_every_type() -> (Schema, RecordBatch) {
    let nested = vec![
        RowField { name: "x".into(), data_type: TypeKind::Int.nullable() },
        RowField { name: "y".into(), data_type: TypeKind::STRING.nullable() },
    ];
    let decimal = |precision, scale| TypeKind::Decimal { precision, scale };
    let map_kind = |k: TypeKind, v: TypeKind| TypeKind::Map(Box::new(k.not_null()), Box::new(v.nullable()));
    let string = |s: &str| Arc::new(StringArray::from(vec![s])) as ArrayRef;
    let decimals =
        |v: i128, p, s| Arc::new(Decimal128Array::from(vec![v]).with_precision_and_scale(p, s).unwrap()) as ArrayRef;
    let row = StructArray::from(vec![
        (
            Arc::new(arrow::datatypes::Field::new("x", Arrow::Int32, true)),
            Arc::new(Int32Array::from(vec![1])) as ArrayRef,
        ),
        (
            Arc::new(arrow::datatypes::Field::new("y", Arrow::Utf8, true)),
            Arc::new(StringArray::from(vec![None::<&str>])) as ArrayRef,
        ),
    ]);
    let mut names = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    for (key, value) in [("zeta", 1), ("alpha", 2), ("k", 3), ("hello world", 4)] {
        names.keys().append_value(key);
        names.values().append_value(value);
    }
    names.append(true).unwrap();
    let mut numbers = MapBuilder::new(None, Int32Builder::new(), StringBuilder::new());
    for (key, value) in [(100, "a"), (17, "b"), (1, "c"), (33, "d")] {
        numbers.keys().append_value(key);
        numbers.values().append_value(value);
    }
    numbers.append(true).unwrap();
    let columns: Vec<(TypeKind, ArrayRef)> = vec![
        (TypeKind::Int, Arc::new(Int32Array::from(vec![1]))),
        (TypeKind::STRING, string("x, \"y\"")),
        (TypeKind::STRING, Arc::new(StringArray::from(vec![None::<&str>]))),
        (TypeKind::Double, Arc::new(Float64Array::from(vec![1e10]))),
        (TypeKind::Float, Arc::new(Float32Array::from(vec![1.5]))),
        (decimal(10, 8), decimals(12, 10, 8)),
        (decimal(20, 2), decimals(10_000_000, 20, 2)),
        (TypeKind::BYTES, Arc::new(BinaryArray::from(vec![&b"ab\xff"[..]]))),
        (TypeKind::Date, Arc::new(Date32Array::from(vec![18_263]))),
        (TypeKind::Time(3), Arc::new(Time32MillisecondArray::from(vec![11_040_000]))),
        (TypeKind::timestamp(3), Arc::new(TimestampMillisecondArray::from(vec![1_577_934_240_000]))),
        (TypeKind::timestamp(6), Arc::new(TimestampMicrosecondArray::from(vec![1_577_934_245_120_001]))),
        (TypeKind::timestamp_ltz(3), Arc::new(TimestampMillisecondArray::from(vec![0]).with_timezone("UTC"))),
        (
            TypeKind::Array(Box::new(TypeKind::Int.nullable())),
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1), None])])),
        ),
        (map_kind(TypeKind::STRING, TypeKind::Int), Arc::new(names.finish())),
        (map_kind(TypeKind::Int, TypeKind::STRING), Arc::new(numbers.finish())),
        (TypeKind::Row(nested), Arc::new(row)),
        (TypeKind::Boolean, Arc::new(BooleanArray::from(vec![true]))),
        (TypeKind::TinyInt, Arc::new(Int8Array::from(vec![1]))),
        (TypeKind::Char(5), string("ab   ")),
    ];
    let schema: Schema =
        columns.iter().enumerate().map(|(i, (kind, _))| Field::new(format!("c{i}"), kind.clone().nullable())).collect();
    let rows = RecordBatch::try_from_iter(columns.into_iter().enumerate().map(|(i, (_, c))| (format!("c{i}"), c)));
    (schema, rows.unwrap())
}

fn lines(schema: &Schema, batch: &ChangelogBatch, prefix: &str) -> String {
    let mut writer = PrintWriter {
        prefix: prefix.as_bytes().to_vec(),
        stream: Stream::Output,
        rows: RowText::new(schema),
        lines: vec![],
        written: 0,
    };
    writer.format(batch).unwrap();
    String::from_utf8(writer.lines).unwrap()
}

#[test]
fn values_are_printed_as_flink_prints_them() {
    let (schema, rows) = row_of_every_type();
    // Recorded from Flink 2.3, but for the byte 0xff and the NULL in the array.
    assert_eq!(
        lines(&schema, &ChangelogBatch::append_only(rows), "P1> "),
        "P1> +I[1, x, \"y\", null, 1.0E10, 1.5, 1.2E-7, 100000.00, [97, 98, -1], 2020-01-02, 03:04, \
         2020-01-02T03:04, 2020-01-02T03:04:05.120001, 1970-01-01T00:00:00Z, [1, null], \
         {zeta=1, alpha=2, k=3, hello world=4}, {17=b, 1=c, 33=d, 100=a}, +I[1, null], true, 1, ab   ]\n"
    );
}

#[test]
fn every_change_has_its_kind() {
    let schema: Schema = [Field::new("a", TypeKind::Int.not_null())].into_iter().collect();
    let rows = RecordBatch::try_from_iter([("a", Arc::new(Int32Array::from(vec![1, 2, 3, 4])) as ArrayRef)]).unwrap();
    let kinds = [RowKind::Insert, RowKind::UpdateBefore, RowKind::UpdateAfter, RowKind::Delete];
    let batch = ChangelogBatch::new(rows, Some(kinds.into()));
    assert_eq!(lines(&schema, &batch, ""), "+I[1]\n-U[2]\n+U[3]\n-D[4]\n");
}

#[test]
fn options_are_read_and_unknown_ones_refused() {
    let options = |options: &[(&str, &str)]| {
        let options = options.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let (name, physical) = ("t".to_owned(), Schema::default());
        PrintOptions::of(&TableDef { name, options, physical, primary_key: vec![], partition_keys: vec![] })
    };
    let plain = options(&[]).unwrap();
    assert_eq!((plain.prefix(0, 1), plain.prefix(1, 2)), (String::new(), "2> ".to_owned()));
    let named = options(&[("print-identifier", "id"), ("standard-error", "true")]).unwrap();
    assert_eq!((named.prefix(0, 1), named.prefix(1, 2)), ("id> ".to_owned(), "id:2> ".to_owned()));
    assert_eq!(named.stream, Stream::Error);
    assert_eq!(
        options(&[("print-identifer", "id")]).unwrap_err().to_string(),
        "connector 'print' has no option 'print-identifer' (option 'print-identifer'); did you mean 'print-identifier'?"
    );
    assert!(options(&[("sink.parallelism", "0")]).is_err());
}
