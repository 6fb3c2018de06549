//! One-minute tumbling windows, COUNT(*) and SUM(BIGINT), rows out of order by up to half a second, in batches
//! of 4096, on one core. Budget: 40 M rows/s at 10 k string keys (80 M for integers), 8 M at 1 M keys.

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Field, ManualClock, Schema, TimeAttribute, TypeKind, Watermark};
use flitz_functions::EvalContext;
use flitz_plan::{AggregateCall, Node, NodeKind, TimeKind, WindowAggregate, WindowProperty, WindowShape, WindowSpec};
use flitz_runtime::operator::{Operator, OperatorContext, Output, Share, window_aggregate};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: usize = 4096;
const BATCHES: usize = 512;

fn schema(key: TypeKind) -> Schema {
    Schema::new(vec![
        Field::new("k", key.not_null()),
        Field::new("ts", TypeKind::timestamp(3).with_attribute(TimeAttribute::Rowtime).not_null()),
        Field::new("v", TypeKind::BigInt.not_null()),
    ])
}

fn operator(key: TypeKind) -> Box<dyn Operator> {
    let input = schema(key.clone());
    let call = |function: &str, args: Vec<usize>| AggregateCall {
        function: function.to_owned(),
        args,
        distinct: false,
        filter: None,
        data_type: TypeKind::BigInt.not_null(),
    };
    let long = || TypeKind::BigInt.not_null();
    let node = Node {
        inputs: vec![],
        kind: NodeKind::WindowAggregate(WindowAggregate {
            window: WindowSpec {
                time: 1,
                time_kind: TimeKind::Rowtime,
                shape: WindowShape::Tumble { size: 60_000, offset: 0 },
            },
            keys: vec![0],
            aggregates: vec![call("COUNT", vec![]), call("SUM", vec![2])],
            properties: vec![WindowProperty::Start],
            emit: None,
        }),
        schema: Schema::new(vec![
            Field::new("k", key.not_null()),
            Field::new("cnt", long()),
            Field::new("total", long()),
            Field::new("window_start", TypeKind::timestamp(3).not_null()),
        ]),
        changelog: ChangelogMode::INSERT_ONLY,
        upsert_key: None,
    };
    let context = OperatorContext {
        eval: EvalContext::new(Arc::new(ManualClock::at(0)), "UTC").expect("UTC is a time zone"),
        share: Share { worker: 0, parallelism: 1 },
        holds_global: true,
        batch_mode: false,
        every_change: false,
        spilling: None,
    };
    window_aggregate::single(&node, &input, ChangelogMode::INSERT_ONLY, &context).expect("the plan is right")
}

/// A linear congruential sequence: the same rows in every run.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Ten rows per millisecond.
fn batches(key: &TypeKind, keys: u64) -> Vec<ChangelogBatch> {
    let arrow = schema(key.clone()).to_arrow();
    let mut sequence = Sequence(7);
    (0..BATCHES)
        .map(|batch| {
            let numbers: Vec<i64> = (0..BATCH).map(|_| sequence.below(keys) as i64).collect();
            let key_column: ArrayRef = match key {
                TypeKind::BigInt => Arc::new(Int64Array::from(numbers)),
                _ => Arc::new(StringArray::from_iter_values(
                    numbers.iter().map(|n| format!("https://example.com/p/{n}")),
                )),
            };
            let times = (0..BATCH).map(|row| ((batch * BATCH + row) / 10 + 500) as i64 - sequence.below(500) as i64);
            let times = TimestampMillisecondArray::from(times.collect::<Vec<_>>());
            let values = Int64Array::from_iter_values((0..BATCH as i64).map(|v| v % 100));
            let columns: Vec<ArrayRef> = vec![key_column, Arc::new(times), Arc::new(values)];
            ChangelogBatch::append_only(RecordBatch::try_new(arrow.clone(), columns).expect("columns fit"))
        })
        .collect()
}

fn run(operator: &mut dyn Operator, batches: &[ChangelogBatch]) -> usize {
    let mut out = Output::default();
    let mut emitted = 0;
    for (i, batch) in batches.iter().enumerate() {
        operator.process(0, batch.clone(), &mut out).expect("rows are right");
        let watermark = ((i + 1) * BATCH / 10) as i64 - 500;
        operator.watermark(Watermark::from_millis(watermark), &mut out).expect("windows fire");
        emitted += out.drain().map(|batch| batch.num_rows()).sum::<usize>();
    }
    emitted
}

fn throughput(c: &mut Criterion) {
    let mut group = c.benchmark_group("window_aggregate");
    group.sample_size(10);
    group.throughput(Throughput::Elements((BATCH * BATCHES) as u64));
    for (name, key, keys) in [
        ("string_10k", TypeKind::STRING, 10_000),
        ("bigint_10k", TypeKind::BigInt, 10_000),
        ("string_1m", TypeKind::STRING, 1_000_000),
        ("bigint_1m", TypeKind::BigInt, 1_000_000),
    ] {
        let batches = batches(&key, keys);
        group.bench_function(name, |b| {
            b.iter_batched_ref(
                || operator(key.clone()),
                |operator| black_box(run(operator.as_mut(), &batches)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// Keys of one window; with their key text, hash table and aggregates about 1 GB.
const MANY_KEYS: i64 = 14_000_000;

/// Rows of the keys `from..to`, all in the first window.
fn rows_of(keys: std::ops::Range<i64>) -> impl Iterator<Item = ChangelogBatch> {
    let arrow = schema(TypeKind::STRING).to_arrow();
    keys.clone().step_by(BATCH).map(move |first| {
        let batch = first..(first + BATCH as i64).min(keys.end);
        let key = StringArray::from_iter_values(batch.clone().map(|n| format!("https://example.com/p/{n}")));
        let times = TimestampMillisecondArray::from_iter_values(batch.clone().map(|n| n % 60_000));
        let columns: Vec<ArrayRef> =
            vec![Arc::new(key), Arc::new(times), Arc::new(Int64Array::from_iter_values(batch))];
        ChangelogBatch::append_only(RecordBatch::try_new(arrow.clone(), columns).expect("columns fit"))
    })
}

fn feed(operator: &mut dyn Operator, keys: std::ops::Range<i64>) {
    let mut out = Output::default();
    rows_of(keys).for_each(|batch| operator.process(0, batch, &mut out).expect("rows are right"));
}

/// What a checkpoint takes of the worker's time, with 1 GB of state: everything changed since the last one, a
/// tenth changed. Budget: 100 ms and 10 ms.
fn snapshot(c: &mut Criterion) {
    let mut group = c.benchmark_group("window_aggregate_snapshot");
    group.sample_size(10);
    for (name, changed) in [("1gb_all_changed", MANY_KEYS), ("1gb_tenth_changed", MANY_KEYS / 10)] {
        let mut operator = operator(TypeKind::STRING);
        feed(operator.as_mut(), 0..MANY_KEYS);
        if changed < MANY_KEYS {
            operator.snapshot().expect("a snapshot");
        }
        eprintln!("{name}: {} MB of state", operator.stats().state_bytes >> 20);
        group.bench_function(name, |b| {
            b.iter_custom(|iterations| {
                let mut pause = std::time::Duration::ZERO;
                for _ in 0..iterations {
                    feed(operator.as_mut(), 0..changed);
                    let began = std::time::Instant::now();
                    black_box(operator.snapshot().expect("a snapshot"));
                    pause += began.elapsed();
                }
                pause
            });
        });
    }
    group.finish();
}

/// A window that lives through a thousand checkpoints, with 10 k keys that all change between two of them: what
/// its state takes against a window without checkpoints (budget: twice), and how long it fires (50 ms).
fn long_window(c: &mut Criterion) {
    const KEYS: i64 = 10_000;
    const CHECKPOINTS: usize = 1_000;
    let live = |checkpoints: bool| {
        let mut operator = operator(TypeKind::STRING);
        let mut most = 0;
        for _ in 0..CHECKPOINTS {
            feed(operator.as_mut(), 0..KEYS);
            if checkpoints {
                operator.snapshot().expect("a snapshot");
            }
            most = most.max(operator.stats().state_bytes);
        }
        (operator, most)
    };
    eprintln!("long_window: at most {} KB of state without checkpoints", live(false).1 >> 10);
    eprintln!("long_window: at most {} KB of state with {CHECKPOINTS} of them", live(true).1 >> 10);
    let mut group = c.benchmark_group("window_aggregate_long_window");
    group.sample_size(10);
    group.bench_function("fire", |b| {
        b.iter_batched_ref(
            || live(true).0,
            |operator| {
                let mut out = Output::default();
                operator.watermark(Watermark::from_millis(60_000), &mut out).expect("the window fires");
                black_box(out.drain().map(|batch| batch.num_rows()).sum::<usize>())
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, throughput, snapshot, long_window);
criterion_main!(benches);
