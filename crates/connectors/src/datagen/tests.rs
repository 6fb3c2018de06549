use arrow::array::{Array, AsArray};
use arrow::datatypes::{Int32Type, Int64Type};
use expect_test::{Expect, expect};
use flitz_dataflow::connector::{ReadEvent, SplitRows};
use flitz_dataflow::{DataType, Field, ManualClock, RowField, Schema, TypeKind};

use super::*;

fn table(columns: &[(&str, DataType)], options: &[(&str, &str)]) -> TableDef {
    TableDef {
        name: "t".into(),
        options: options.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        physical: columns.iter().map(|(name, t)| Field::new(*name, t.clone())).collect::<Schema>(),
        primary_key: vec![],
        partition_keys: vec![],
    }
}

fn source(table: &TableDef, parallelism: usize, clock: &ManualClock) -> Arc<dyn Source> {
    let columns = (0..table.physical.len()).map(TableColumn::Physical).collect();
    let context = ConnectorContext {
        job: "job".into(),
        clock: Arc::new(clock.clone()),
        time_zone: "UTC".into(),
        checkpoints: true,
        parallelism,
        scratch: "/tmp".into(),
        settings: flitz_dataflow::options::Options::default(),
    };
    DatagenFactory.source(&ScanSpec { table: table.clone(), columns, limit: None }, &context).unwrap()
}

fn reader(source: &Arc<dyn Source>, splits: Vec<Split>) -> Box<dyn SourceReader> {
    let mut reader = source.reader(0, Wake::none()).unwrap();
    reader.add_splits(splits).unwrap();
    reader
}

/// Polls until nothing comes without waiting.
fn drain(reader: &mut Box<dyn SourceReader>) -> (Vec<SplitRows>, ReadEvent) {
    let mut batches = vec![];
    loop {
        match reader.poll().unwrap() {
            ReadEvent::Rows(rows) => batches.push(rows),
            ReadEvent::SplitEnd(_) => {}
            other => return (batches, other),
        }
    }
}

fn numbers(batches: &[SplitRows]) -> Vec<i32> {
    batches.iter().flat_map(|b| b.rows.rows().column(0).as_primitive::<Int32Type>().values().to_vec()).collect()
}

const SEQUENCE: &[(&str, &str)] =
    &[("fields.a.kind", "sequence"), ("fields.a.start", "1"), ("fields.a.end", "10"), ("rows-per-second", "2")];

#[test]
fn a_sequence_is_paced_ends_and_goes_on_where_it_was() {
    let table = table(&[("a", TypeKind::Int.nullable())], SEQUENCE);
    assert!(DatagenFactory.describe(&table).unwrap().source.unwrap().bounded);
    let clock = ManualClock::at(1_000_000);
    let source = source(&table, 1, &clock);
    let mut first = reader(&source, source.discover(&[]).unwrap());
    let (rows, event) = drain(&mut first);
    assert_eq!(numbers(&rows), [1]);
    assert!(matches!(event, ReadEvent::Pending { until: Some(1_000_500) }), "{event:?}");
    clock.advance(1_000);
    assert_eq!(numbers(&drain(&mut first).0), [2, 3]);

    let saved = first.snapshot().unwrap();
    assert_eq!(source.discover(&saved).unwrap(), []);
    let mut second = reader(&source, saved);
    assert_eq!(numbers(&drain(&mut second).0), [4]);
    // Held up for a minute: one second is made up for.
    clock.advance(60_000);
    assert_eq!(numbers(&drain(&mut second).0).len(), 3);
    clock.advance(1_000);
    drain(&mut second);
    clock.advance(1_000);
    let (rows, event) = drain(&mut second);
    assert_eq!(numbers(&rows).last(), Some(&10));
    assert!(matches!(event, ReadEvent::End));
}

#[test]
fn splits_share_a_sequence() {
    let table = table(&[("a", TypeKind::Int.nullable())], &[SEQUENCE, &[("scan.parallelism", "3")]].concat());
    let clock = ManualClock::at(0);
    let source = source(&table, 1, &clock);
    let splits = source.discover(&[]).unwrap();
    assert_eq!(splits.len(), 3);
    let mut reader = reader(&source, splits);
    let mut all = vec![];
    for _ in 0..20 {
        clock.advance(1_000);
        all.extend(numbers(&drain(&mut reader).0));
    }
    all.sort();
    assert_eq!(all, (1..=10).collect::<Vec<i32>>());
}

#[test]
fn fast_rates_come_in_batches() {
    let options =
        [("rows-per-second", "1000000"), ("number-of-rows", "20000"), ("fields.a.min", "-3"), ("fields.a.max", "3")];
    let table = table(&[("a", TypeKind::BigInt.nullable())], &options);
    let clock = ManualClock::at(0);
    let source = source(&table, 1, &clock);
    let mut reader = reader(&source, source.discover(&[]).unwrap());
    drain(&mut reader);
    clock.advance(1_000);
    let (batches, _) = drain(&mut reader);
    assert_eq!(batches.len(), 3);
    let values: Vec<i64> =
        batches.iter().flat_map(|b| b.rows.rows().column(0).as_primitive::<Int64Type>().values().to_vec()).collect();
    assert_eq!(values.len(), 19_999);
    assert_eq!((values.iter().min(), values.iter().max()), (Some(&-3), Some(&3)));
}

#[test]
fn every_type_is_made() {
    let int = || TypeKind::Int.nullable();
    let row = vec![
        RowField { name: "x".into(), data_type: int() },
        RowField { name: "y".into(), data_type: TypeKind::STRING.nullable() },
    ];
    let columns = [
        ("ti", TypeKind::TinyInt.nullable()),
        ("si", TypeKind::SmallInt.nullable()),
        ("i", int()),
        ("bl", TypeKind::Boolean.not_null()),
        ("f", TypeKind::Float.nullable()),
        ("d", TypeKind::Double.nullable()),
        ("dc", TypeKind::Decimal { precision: 6, scale: 2 }.nullable()),
        ("s", TypeKind::STRING.nullable()),
        ("v", TypeKind::Varchar(7).nullable()),
        ("c", TypeKind::Char(4).nullable()),
        ("b", TypeKind::BYTES.nullable()),
        ("bn", TypeKind::Binary(3).nullable()),
        ("dt", TypeKind::Date.nullable()),
        ("t", TypeKind::Time(3).nullable()),
        ("ts", TypeKind::timestamp(6).nullable()),
        ("ltz", TypeKind::timestamp_ltz(3).nullable()),
        ("arr", TypeKind::Array(Box::new(int())).nullable()),
        ("m", TypeKind::Map(Box::new(int()), Box::new(TypeKind::Boolean.nullable())).nullable()),
        ("ms", TypeKind::Multiset(Box::new(int())).nullable()),
        ("r", TypeKind::Row(row).nullable()),
        ("q", TypeKind::STRING.nullable()),
        ("qd", TypeKind::Decimal { precision: 6, scale: 2 }.nullable()),
    ];
    let options = [
        ("number-of-rows", "1000"),
        ("rows-per-second", "1000000"),
        ("fields.s.length", "8"),
        ("fields.v.var-len", "true"),
        ("fields.i.null-rate", "0.5"),
        ("fields.b.null-rate", "0.5"),
        ("fields.dc.min", "-5"),
        ("fields.ts.max-past", "1 s"),
        ("fields.arr.length", "2"),
        ("fields.arr.element.min", "1"),
        ("fields.arr.element.max", "9"),
        ("fields.m.key.min", "1"),
        ("fields.m.key.max", "2"),
        ("fields.r.y.length", "3"),
        ("fields.q.kind", "sequence"),
        ("fields.q.start", "10"),
        ("fields.q.end", "5000"),
        ("fields.qd.kind", "sequence"),
        ("fields.qd.start", "1"),
        ("fields.qd.end", "5000"),
    ];
    let table = table(&columns, &options);
    let clock = ManualClock::at(1_000_000);
    let source = source(&table, 1, &clock);
    let mut reader = reader(&source, source.discover(&[]).unwrap());
    clock.advance(1_000);
    let (batches, _) = drain(&mut reader);
    let rows = batches[0].rows.rows();
    assert_eq!(rows.num_rows(), 1_000);
    let of = |name: &str| rows.column_by_name(name).unwrap().clone();
    let lengths = |name: &str| {
        let lengths: Vec<usize> = of(name).as_string::<i32>().iter().flatten().map(str::len).collect();
        (*lengths.iter().min().unwrap(), *lengths.iter().max().unwrap())
    };
    assert_eq!((lengths("s"), lengths("v"), lengths("c")), ((8, 8), (1, 6), (4, 4)));
    assert!((300..700).contains(&of("i").null_count()) && (300..700).contains(&of("b").null_count()));
    assert!(of("f").as_primitive::<arrow::datatypes::Float32Type>().values().iter().all(|v| *v > 0.0));
    assert!(
        of("ts")
            .as_primitive::<arrow::datatypes::TimestampMicrosecondType>()
            .values()
            .iter()
            .all(|v| (1_000_000_000..=1_001_000_000).contains(v))
    );
    assert!(of("m").as_map().value_offsets().windows(2).all(|w| (1..=2).contains(&(w[1] - w[0]))));
    assert!(of("arr").as_list::<i32>().value(0).len() == 2);
    assert_eq!((of("q").as_string::<i32>().value(0), of("q").as_string::<i32>().value(999)), ("10", "1009"));
    assert_eq!(of("qd").as_primitive::<arrow::datatypes::Decimal128Type>().value_as_string(4), "5.00");
}

#[test]
fn wrong_options_are_refused_as_flink_refuses_them() {
    let check = |data_type: TypeKind, options: &[(&str, &str)], expected: Expect| {
        let result = DatagenFactory.describe(&table(&[("a", data_type.nullable())], options));
        expected.assert_eq(&result.map_or_else(|e| e.to_string(), |_| "ok".into()));
    };
    let int = || TypeKind::Int;
    check(
        int(),
        &[("fields.b.kind", "random")],
        expect![
            "connector 'datagen' has no option 'fields.b.kind' for this table (option 'fields.b.kind'); did you mean 'fields.a.kind'?"
        ],
    );
    check(
        int(),
        &[("fields.a.length", "3")],
        expect![
            "connector 'datagen' has no option 'fields.a.length' for this table (option 'fields.a.length'); did you mean 'fields.a.kind'?"
        ],
    );
    check(
        int(),
        &[("rows", "3")],
        expect![
            "connector 'datagen' has no option 'rows' (option 'rows'); its options are rows-per-second, number-of-rows, scan.parallelism, fields.*"
        ],
    );
    check(
        TypeKind::Char(3),
        &[("fields.a.length", "4")],
        expect!["'fields.a.length' can't be set: the length is fixed by the type (option 'fields.a.length')"],
    );
    check(
        TypeKind::Varchar(3),
        &[("fields.a.length", "4")],
        expect!["'fields.a.length' must be 1 to 3, the length of the type, found '4' (option 'fields.a.length')"],
    );
    check(
        int(),
        &[("fields.a.kind", "sequence")],
        expect!["a sequence needs 'fields.a.start' (option 'fields.a.start')"],
    );
    check(
        TypeKind::Boolean,
        &[("fields.a.kind", "sequence"), ("fields.a.start", "1"), ("fields.a.end", "2")],
        expect!["a sequence can't be BOOLEAN (option 'fields.a.kind'); numbers and strings can be counted up"],
    );
    check(
        int(),
        &[("fields.a.min", "5"), ("fields.a.max", "1")],
        expect!["'fields.a.min' must be below 'fields.a.max' (option 'fields.a.min')"],
    );
    check(
        int(),
        &[("fields.a.kind", "sequence"), ("fields.a.start", "4"), ("fields.a.end", "1")],
        expect!["'fields.a.start' is above 'fields.a.end' (option 'fields.a.start')"],
    );
    check(
        int(),
        &[("fields.a.kind", "other")],
        expect!["'fields.a.kind' must be random or sequence, found 'other' (option 'fields.a.kind')"],
    );
    check(
        TypeKind::TinyInt,
        &[("fields.a.max", "200")],
        expect!["'fields.a.max' does not fit TINYINT (option 'fields.a.max')"],
    );
    check(
        int(),
        &[("rows-per-second", "0")],
        expect!["'rows-per-second' must be 1 or more, found '0' (option 'rows-per-second')"],
    );
}
