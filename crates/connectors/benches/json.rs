//! JSON in and out on one core: `cargo bench -p flitz-connectors --bench json`.
//!
//! Two shapes: user activity (118 bytes, all four fields read) and Nexmark bids (about 350 bytes, nested, three of
//! the bid's fields read, one a time stamp).

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flitz_connectors::format::{DecoderSpec, EncoderSpec, Messages, Origin, lookup};
use flitz_dataflow::options::Options;
use flitz_dataflow::{Field, RowField, Schema, TypeKind};

const MESSAGES: usize = 8192;

fn schema(fields: &[(&str, TypeKind)]) -> Schema {
    fields.iter().map(|(name, kind)| Field::new(*name, kind.clone().nullable())).collect()
}

fn user_activity() -> (Schema, Messages) {
    let mut messages = Messages::default();
    let types = ["page_view", "click", "session_start", "session_end"];
    for i in 0..MESSAGES {
        let message = format!(
            r#"{{"event_time": "2026-11-21 10:{:02}:{:02}.{:03}", "user_id": "user_{}", "page_url": "/page/{}", "event_type": "{}"}}"#,
            i / 60 % 60,
            i % 60,
            i % 1000,
            i % 10_000,
            i % 977,
            types[i % 4]
        );
        messages.push(message.as_bytes());
    }
    let schema = schema(&[
        ("event_time", TypeKind::timestamp(3)),
        ("user_id", TypeKind::STRING),
        ("page_url", TypeKind::STRING),
        ("event_type", TypeKind::STRING),
    ]);
    (schema, messages)
}

fn bids() -> (Schema, Messages) {
    let mut messages = Messages::default();
    for i in 0..MESSAGES as u64 {
        let message = format!(
            r#"{{"event_type":2,"person":null,"auction":null,"bid":{{"auction":{},"bidder":{},"price":{},"channel":"channel-{}","url":"https://www.nexmark.com/abo/_iisb/item.htm?query=1&channel_id={}","dateTime":"2026-11-21 10:00:{:02}.{:03}","extra":"{}"}}}}"#,
            1000 + i % 999,
            2000 + i * 7919 % 100_000,
            100 + i * 104_729 % 10_000_000,
            i % 10_000,
            i * 31 % 1_000_000,
            i % 60,
            i % 1000,
            "abcdefghijklmnopqrstuvwxyz".repeat(4)
        );
        messages.push(message.as_bytes());
    }
    let field = |name: &str, kind: TypeKind| RowField { name: name.into(), data_type: kind.nullable() };
    let bid = TypeKind::Row(vec![
        field("auction", TypeKind::BigInt),
        field("price", TypeKind::BigInt),
        field("dateTime", TypeKind::timestamp(3)),
    ]);
    (schema(&[("bid", bid)]), messages)
}

fn json(c: &mut Criterion) {
    let json = lookup("json").expect("json is a format");
    let options = Options::default();
    for (name, (schema, messages)) in [("user activity", user_activity()), ("bid", bids())] {
        let mut group = c.benchmark_group(name);
        let projection: Vec<usize> = (0..schema.len()).collect();
        let spec = DecoderSpec {
            physical: &schema,
            projection: &projection,
            metadata: &[],
            origin: Origin::Message,
            options: &options,
        };
        let mut decoder = json.decoder(&spec).expect("types suit JSON");
        group.throughput(Throughput::ElementsAndBytes {
            elements: MESSAGES as u64,
            bytes: messages.bytes().len() as u64,
        });
        group.bench_function("decode", |b| {
            b.iter(|| black_box(decoder.decode(&messages, 0..MESSAGES).expect("messages are JSON")));
        });

        let rows = decoder.decode(&messages, 0..MESSAGES).expect("messages are JSON").rows;
        let mut encoder = json.encoder(&EncoderSpec { schema: &schema, options: &options }).expect("types suit JSON");
        let mut out = Messages::default();
        encoder.encode(&rows, &mut out).expect("values suit JSON");
        group.throughput(Throughput::ElementsAndBytes { elements: MESSAGES as u64, bytes: out.bytes().len() as u64 });
        group.bench_function("encode", |b| {
            b.iter(|| {
                out.clear();
                encoder.encode(&rows, &mut out).expect("values suit JSON");
                black_box(out.bytes().len())
            });
        });
        group.finish();
    }
}

criterion_group!(benches, json);
criterion_main!(benches);
