//! Golden bytes: what version 1 wrote must be read for ever. A change of these files needs a new version.

use std::sync::Arc;

use arrow::array::{Int64Array, StringArray};
use arrow::datatypes::{DataType, Field};
use expect_test::expect_file;
use serde_json::json;

use super::*;

const STATE: &[u8] = include_bytes!("../../tests/checkpoints/v1/state-00000003-0000000017-n2-w0-0.arrow");

fn manifest() -> Manifest {
    Manifest {
        job: "orders".into(),
        run: "00c0ffee00c0ffee".into(),
        attempt: 3,
        epoch: 17,
        time_millis: 1_795_250_000_000,
        follows: Some(Id { attempt: 3, epoch: 15 }),
        confirmed: Some(Id { attempt: 3, epoch: 16 }),
        sink: Some("kafka broker:9092 orders-flitz".into()),
        finished: false,
        query: None,
        nodes: vec![
            Node { node: 0, key: "source orders".into(), description: "Source(orders)".into() },
            Node { node: 2, key: "{\"GroupAggregate\":{}}".into(), description: "GroupAggregate(by=[user])".into() },
        ],
        objects: vec![Object {
            name: "state-00000003-0000000017-n2-w0-0.arrow".into(),
            bytes: STATE.len() as u64,
            crc32: crc32(STATE),
            rows: 3,
        }],
        operators: vec![Operator {
            node: 2,
            worker: 0,
            value: json!({"watermark": 1_795_250_000_000i64}),
            runs: vec![
                Run { id: 4, tag: json!({"slice": 1}), object: 0, batch: 0, more: vec![] },
                Run { id: 5, tag: json!(null), object: 0, batch: 1, more: vec![] },
            ],
        }],
        splits: [(
            0,
            vec![SplitPosition { id: "orders-0".into(), position: json!({"offset": 9_007_199_254_740_993u64}) }],
        )]
        .into(),
        sealed: [(4, vec![json!(["part-3-17-0"])])].into(),
    }
}

fn encode_batches<'a>(batches: impl IntoIterator<Item = &'a RecordBatch>) -> Result<Bytes> {
    let mut batches = batches.into_iter().peekable();
    let mut encoder = BatchEncoder::new(&batches.peek().unwrap().schema())?;
    batches.try_for_each(|batch| encoder.write(batch))?;
    Ok(encoder.finish()?.0)
}

fn batches() -> Vec<RecordBatch> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("user", DataType::Utf8, true),
        Field::new("count", DataType::Int64, false),
    ]));
    let batch = |users: Vec<Option<&str>>, counts: Vec<i64>| {
        let columns = [Arc::new(StringArray::from(users)) as _, Arc::new(Int64Array::from(counts)) as _];
        RecordBatch::try_new(schema.clone(), columns.to_vec()).unwrap()
    };
    vec![batch(vec![Some("u1"), None], vec![1, 2]), batch(vec![Some("u2")], vec![3])]
}

#[test]
fn manifests_are_written_and_read_as_version_1() {
    let bytes = manifest().encode().unwrap();
    expect_file!["../../tests/checkpoints/v1/manifest-00000003-0000000017"]
        .assert_eq(std::str::from_utf8(&bytes).unwrap());
    assert_eq!(Manifest::decode("m", &bytes).unwrap(), manifest());
}

#[test]
fn runs_of_several_batches_make_version_2() {
    let mut manifest = manifest();
    manifest.operators[0].runs[0].more =
        vec![Batches { object: 0, batch: 2, count: 3 }, Batches { object: 1, batch: 0, count: 1 }];
    let bytes = manifest.encode().unwrap();
    expect_file!["../../tests/checkpoints/v2/manifest-00000003-0000000017"]
        .assert_eq(std::str::from_utf8(&bytes).unwrap());
    assert_eq!(Manifest::decode("m", &bytes).unwrap(), manifest);
    let batches: Vec<_> = manifest.operators[0].runs[0].batches().collect();
    assert_eq!(batches, [(0, 0), (0, 2), (0, 3), (0, 4), (1, 0)]);
}

#[test]
fn lineages_are_written_and_read_as_version_1() {
    let marker = Marker { job: "orders".into(), run: RunId("r1".into()), attempt: Attempt(2), epoch: Epoch(9) };
    let accepts = [None, Some(Accepted { marker: None }), Some(Accepted { marker: Some(marker) })];
    let mut text = String::new();
    for accepts in accepts {
        let parent = Some(CheckpointId { attempt: Attempt(2), epoch: Epoch(9) });
        let lineage =
            decide::Lineage { attempt: Attempt(3), run: RunId("r2".into()), parent, first: Epoch(9), accepts };
        let bytes = encode_lineage(&lineage).unwrap();
        assert_eq!(decode_lineage("l", &bytes).unwrap(), lineage);
        text.push_str(std::str::from_utf8(&bytes).unwrap());
    }
    expect_file!["../../tests/checkpoints/v1/lineages"].assert_eq(&text);
}

#[test]
fn state_files_of_version_1_are_read() {
    assert_eq!(decode_batches(&manifest().objects[0], &Bytes::from_static(STATE)).unwrap(), batches());
    let bytes = encode_batches(&batches()).unwrap();
    let object = Object { name: "s".into(), bytes: bytes.len() as u64, crc32: crc32(&bytes), rows: 3 };
    assert_eq!(decode_batches(&object, &bytes).unwrap(), batches());
}

#[test]
fn slices_are_written_without_what_lies_around_them() {
    let batch = RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from_iter_values(0..100_000)) as _)]).unwrap();
    assert!(encode_batches([&batch.slice(500, 3)]).unwrap().len() < 2_000);
}

#[test]
fn a_newer_version_and_damage_are_named() {
    let good = String::from_utf8(manifest().encode().unwrap().to_vec()).unwrap();
    let check = |text: &str, message: &str| {
        assert_eq!(Manifest::decode("manifest-x", text.as_bytes()).unwrap_err().to_string(), message);
    };
    check(
        &good.replace("manifest v1", "manifest v3"),
        "manifest-x was written by a newer Flitz (version 3 of the format); use that version, or start anew with `--fresh`",
    );
    check(&good.replace("orders-0", "orders-1"), "manifest-x is damaged: its checksum is wrong");
    check(&good[..good.len() - 10], "manifest-x is damaged: it ends early");
    check("", "manifest-x is damaged: it ends early");
    check(&good.replace("flitz manifest", "other"), "manifest-x is damaged: it does not begin as a manifest");
}

#[test]
fn names_are_parsed_as_they_are_written() {
    let id = CheckpointId { attempt: Attempt(3), epoch: Epoch(123_456_789_012) };
    for name in [
        ObjectName::Attempt(Attempt(1)),
        ObjectName::Lineage(Attempt(123_456_789)),
        ObjectName::Manifest(id),
        ObjectName::Confirmed(id),
        ObjectName::State { id, node: 12, worker: 3, part: 4 },
    ] {
        assert_eq!(ObjectName::parse(&name.to_string()), Some(name));
    }
    for other in ["lock", "manifest-1", "attempt-00000001#2", "attempt-1", "state-00000001-0000000001-n1-w1.arrow"] {
        assert_eq!(ObjectName::parse(other), None, "{other}");
    }
}

/// Writes the golden state file: run by hand when a new version begins.
#[test]
fn golden_state_file_is_ours() {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/checkpoints/v1/state-00000003-0000000017-n2-w0-0.arrow");
        std::fs::write(path, encode_batches(&batches()).unwrap()).unwrap();
    }
}
