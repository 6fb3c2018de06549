//! A projection of Nexmark's bids with the functions of its queries 14, 21 and 22 and some more, in batches of 8192, on
//! one core; and each of its expressions by itself. Budget: 5 M rows/s for all of them together.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flitz_dataflow::connector::{
    Capabilities, ConnectorContext, ConnectorFactory, ConnectorRegistry, ScanSpec, Sink, SinkSpec, Source,
    SourceCapabilities, TableDef,
};
use flitz_dataflow::{ChangelogMode, Error, ManualClock, Result};
use flitz_functions::{EvalContext, PhysicalExprs};
use flitz_plan::NodeKind;
use flitz_sql::parser::parse_script;
use flitz_sql::{Outcome, Session, Variables};

const ROWS: usize = 8192;

const TABLE: &str = "CREATE TABLE bid (
  auction BIGINT NOT NULL, bidder BIGINT NOT NULL, price BIGINT NOT NULL, channel STRING NOT NULL, url STRING NOT NULL,
  `dateTime` TIMESTAMP(3) NOT NULL, extra STRING
) WITH ('connector' = 'anything');";

const EXPRESSIONS: &[(&str, &str)] = &[
    ("decimal arithmetic", "0.908 * price"),
    ("double arithmetic", "CAST(price AS DOUBLE) / 100 + bidder * 0.5E0"),
    (
        "CASE HOUR",
        "CASE WHEN HOUR(`dateTime`) >= 8 AND HOUR(`dateTime`) <= 18 THEN 'dayTime'
              WHEN HOUR(`dateTime`) <= 6 OR HOUR(`dateTime`) >= 20 THEN 'nightTime' ELSE 'otherTime' END",
    ),
    ("DATE_FORMAT", "DATE_FORMAT(`dateTime`, 'yyyy-MM-dd HH:mm')"),
    (
        "CASE LOWER REGEXP_EXTRACT",
        "CASE WHEN LOWER(channel) = 'apple' THEN '0' WHEN LOWER(channel) = 'google' THEN '1'
              WHEN LOWER(channel) = 'facebook' THEN '2' WHEN LOWER(channel) = 'baidu' THEN '3'
              ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END",
    ),
    ("SPLIT_INDEX", "SPLIT_INDEX(url, '/', 3)"),
    ("SUBSTRING", "SUBSTRING(channel, 1, 3)"),
    ("COALESCE", "COALESCE(extra, '')"),
    ("CONCAT CAST", "CONCAT(channel, '-', CAST(auction AS STRING))"),
    ("LIKE", "url LIKE '%/item.htm%'"),
];

/// Describes itself and does nothing.
struct Anything;

impl ConnectorFactory for Anything {
    fn name(&self) -> &'static str {
        "anything"
    }

    fn describe(&self, _: &TableDef) -> Result<Capabilities> {
        let changelog = ChangelogMode::INSERT_ONLY;
        let source = SourceCapabilities { bounded: false, changelog, watermark_push_down: true };
        Ok(Capabilities { source: Some(source), sink: None, metadata: vec![] })
    }

    fn source(&self, _: &ScanSpec, _: &ConnectorContext) -> Result<Arc<dyn Source>> {
        Err(Error::internal("planning reads nothing"))
    }

    fn sink(&self, _: &SinkSpec, _: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        Err(Error::internal("planning writes nothing"))
    }
}

/// The expressions of `SELECT list FROM bid`, and the columns that they are bound to.
fn plan(list: &str) -> (PhysicalExprs, RecordBatch) {
    let mut connectors = ConnectorRegistry::default();
    connectors.register(Arc::new(Anything));
    let mut session = Session::new(connectors, Variables::new(|_| None));
    let (statements, errors) = parse_script(0, &format!("{TABLE} SELECT {list} FROM bid"));
    assert!(errors.is_empty(), "{errors:?}");
    let mut plan = None;
    for statement in &statements {
        match session.execute(statement) {
            Ok(Outcome::Job(job)) => plan = Some(job.plan),
            Ok(_) => {}
            Err(e) => panic!("{e}"),
        }
    }
    let plan = plan.expect("a query");
    let context = EvalContext::new(Arc::new(ManualClock::at(0)), "UTC").expect("UTC is a time zone");
    let (mut expressions, mut columns) = (vec![], vec![]);
    for node in &plan.nodes {
        match &node.kind {
            NodeKind::Source(_) => columns = node.schema.fields.iter().map(|f| f.name.clone()).collect(),
            NodeKind::Calc { projection, .. } => {
                expressions = projection.clone();
            }
            _ => {}
        }
    }
    let all = bids();
    let positions: Vec<usize> = columns.iter().map(|c| all.schema().index_of(c).expect("a column of bids")).collect();
    let expressions = PhysicalExprs::compile(&expressions, &context).expect("they compile");
    (expressions, all.project(&positions).expect("columns of bids"))
}

/// As Nexmark's generator makes them: half of the bids by four hot channels, prices over many magnitudes.
fn bids() -> RecordBatch {
    let mut seed = 42u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) % below
    };
    let (mut ints, mut channels, mut urls, mut times, mut extras) =
        ([vec![], vec![], vec![]], vec![], vec![], vec![], vec![]);
    for row in 0..ROWS as u64 {
        ints[0].push(1000 + random(2000) as i64);
        ints[1].push(1000 + random(50_000) as i64);
        ints[2].push(10f64.powf(random(6000) as f64 / 1000.0) as i64 * 100);
        let hot = random(8);
        let path: String = (0..3).map(|_| format!("{}/", ["abo", "cefgh", "xy_z"][random(3) as usize])).collect();
        let url = format!("https://www.nexmark.com/{path}item.htm?query=1");
        match hot {
            0..=3 => {
                channels.push(["Google", "Facebook", "Baidu", "Apple"][hot as usize].to_owned());
                urls.push(url);
            }
            _ => {
                let channel = random(10_000);
                channels.push(format!("channel-{channel}"));
                urls.push(format!("{url}&channel_id={}", channel * 104_729));
            }
        }
        times.push(1_700_000_000_000 + row as i64 * 7 + random(86_400_000) as i64);
        extras.push((random(4) > 0).then(|| "x".repeat(20 + random(40) as usize)));
    }
    let [auction, bidder, price] = ints.map(|values| Arc::new(Int64Array::from(values)) as ArrayRef);
    RecordBatch::try_from_iter([
        ("auction", auction),
        ("bidder", bidder),
        ("price", price),
        ("channel", Arc::new(StringArray::from(channels)) as ArrayRef),
        ("url", Arc::new(StringArray::from(urls)) as ArrayRef),
        ("dateTime", Arc::new(TimestampMillisecondArray::from(times)) as ArrayRef),
        ("extra", Arc::new(StringArray::from(extras)) as ArrayRef),
    ])
    .expect("columns of one length")
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("projection");
    group.throughput(Throughput::Elements(ROWS as u64));
    let mut measure = |name: &str, list: &str| {
        let (mut expressions, batch) = plan(list);
        group.bench_function(name, |bencher| {
            bencher.iter(|| expressions.evaluate(&batch).expect("no row fails"));
        });
    };
    let all: Vec<String> = EXPRESSIONS.iter().enumerate().map(|(n, (_, e))| format!("{e} AS c{n}")).collect();
    measure("all", &all.join(", "));
    for (name, expression) in EXPRESSIONS {
        measure(name, &format!("{expression} AS c"));
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
