//! A file of 300 lines, 20 tables and 10 INSERTs, from text to plans. It has to take less than 50 ms.

use std::fmt::Write;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use flitz_dataflow::connector::{
    Capabilities, ConnectorContext, ConnectorFactory, ConnectorRegistry, ScanSpec, Sink, SinkCapabilities, SinkSpec,
    Source, SourceCapabilities, TableDef,
};
use flitz_dataflow::{ChangelogMode, Error, Result};
use flitz_sql::parser::parse_script;
use flitz_sql::{Outcome, Session, Variables};

/// Describes itself and does nothing.
struct Anything;

impl ConnectorFactory for Anything {
    fn name(&self) -> &'static str {
        "anything"
    }

    fn describe(&self, _: &TableDef) -> Result<Capabilities> {
        let changelog = ChangelogMode::INSERT_ONLY;
        let source = SourceCapabilities { bounded: false, changelog, watermark_push_down: true };
        let sink = SinkCapabilities { changelog: ChangelogMode::ALL };
        Ok(Capabilities { source: Some(source), sink: Some(sink), metadata: vec![] })
    }

    fn source(&self, _: &ScanSpec, _: &ConnectorContext) -> Result<Arc<dyn Source>> {
        Err(Error::internal("planning reads nothing"))
    }

    fn sink(&self, _: &SinkSpec, _: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        Err(Error::internal("planning writes nothing"))
    }
}

fn script() -> String {
    let mut text = String::new();
    for i in 0..10 {
        let _ = write!(
            text,
            "CREATE TABLE orders_{i} (\n  order_id STRING,\n  user_id STRING,\n  total_amount DOUBLE,\n  status STRING,\n  \
             items_count INT,\n  event_type STRING,\n  country STRING,\n  note STRING,\n  created_at TIMESTAMP_LTZ(3),\n  \
             total AS total_amount * items_count,\n  \
             WATERMARK FOR created_at AS created_at - INTERVAL '30' SECOND\n) WITH (\n  'connector' = 'anything'\n);\n\
             CREATE TABLE results_{i} (\n  window_start TIMESTAMP(3),\n  status STRING,\n  users BIGINT,\n  \
             revenue DOUBLE\n) WITH ('connector' = 'anything');\n\
             INSERT INTO results_{i}\nSELECT\n  window_start,\n  UPPER(status),\n  COUNT(DISTINCT user_id),\n  \
             SUM(CASE WHEN event_type = 'paid' THEN total ELSE 0 END)\nFROM TABLE(TUMBLE(TABLE orders_{i}, \
             DESCRIPTOR(created_at), INTERVAL '1' MINUTE))\nWHERE status <> 'void' AND items_count > {i}\n\
             GROUP BY window_start, window_end, UPPER(status);\n"
        );
    }
    text
}

/// How many jobs the script makes.
fn plan(text: &str) -> usize {
    let mut connectors = ConnectorRegistry::default();
    connectors.register(Arc::new(Anything));
    let mut session = Session::new(connectors, Variables::environment());
    let (statements, errors) = parse_script(0, text);
    assert!(errors.is_empty(), "{errors:?}");
    let planned = |statement| match session.execute(statement) {
        Ok(Outcome::Job(_)) => 1,
        Ok(_) => 0,
        Err(e) => panic!("{e}"),
    };
    statements.iter().map(planned).sum()
}

fn bench(criterion: &mut Criterion) {
    let text = script();
    assert!((290..350).contains(&text.lines().count()), "{} lines", text.lines().count());
    assert_eq!(plan(&text), 10);
    criterion.bench_function("plan 20 tables and 10 inserts", |bencher| bencher.iter(|| plan(&text)));
}

criterion_group!(benches, bench);
criterion_main!(benches);
