//! `check(sql, expect![[plan]])`: runs a script and prints what its last statement comes to.

use std::sync::Arc;

use expect_test::Expect;
use flitz_dataflow::connector::{
    Capabilities, ConnectorContext, ConnectorFactory, ConnectorRegistry, MetadataColumn, ScanSpec, Sink,
    SinkCapabilities, SinkSpec, Source, SourceCapabilities, TableDef,
};
use flitz_dataflow::options::OptionDef;
use flitz_dataflow::{ChangelogMode, Error, Place, Result, TypeKind};

use crate::parser::parse_script;
use crate::session::{Outcome, Session, Variables};

/// Kafka's shape: metadata, watermarks per split, unbounded unless told otherwise, inserts only.
struct Kafka;
/// Takes upserts by primary key, reads nothing.
struct Upsert;
/// Takes every change.
struct Print;
/// Reads every change.
struct Cdc;
/// Bounded, without watermark push-down.
struct Files;

fn capabilities(source: Option<SourceCapabilities>, sink: Option<ChangelogMode>) -> Capabilities {
    Capabilities { source, sink: sink.map(|changelog| SinkCapabilities { changelog }), metadata: vec![] }
}

fn reads(bounded: bool, changelog: ChangelogMode, watermark_push_down: bool) -> Option<SourceCapabilities> {
    Some(SourceCapabilities { bounded, changelog, watermark_push_down })
}

macro_rules! factory {
    ($type:ident, $name:literal, $describe:expr) => {
        impl ConnectorFactory for $type {
            fn name(&self) -> &'static str {
                $name
            }

            fn describe(&self, table: &TableDef) -> Result<Capabilities> {
                let describe: fn(&TableDef) -> Result<Capabilities> = $describe;
                describe(table)
            }

            fn source(&self, _: &ScanSpec, _: &ConnectorContext) -> Result<Arc<dyn Source>> {
                Err(Error::internal("planning reads nothing"))
            }

            fn sink(&self, _: &SinkSpec, _: &ConnectorContext) -> Result<Arc<dyn Sink>> {
                Err(Error::internal("planning writes nothing"))
            }
        }
    };
}

factory!(Kafka, "kafka", |table| {
    let known = ["topic", "properties.*", "format", "scan.*", "json.*"].map(|key| OptionDef { key, meaning: "" });
    table.options.check("connector 'kafka'", &known)?;
    table.options.require("topic")?;
    let bounded = table.options.get("scan.bounded.mode").is_some();
    let metadata = |key: &str, kind: TypeKind, writable| MetadataColumn {
        key: key.to_owned(),
        data_type: kind.not_null(),
        writable,
    };
    Ok(Capabilities {
        metadata: vec![
            metadata("timestamp", TypeKind::timestamp_ltz(3), true),
            metadata("partition", TypeKind::Int, false),
            metadata("offset", TypeKind::BigInt, false),
        ],
        ..capabilities(reads(bounded, ChangelogMode::INSERT_ONLY, true), Some(ChangelogMode::INSERT_ONLY))
    })
});
factory!(Upsert, "upsert", |_| Ok(capabilities(None, Some(ChangelogMode::UPSERT))));
factory!(Print, "print", |_| Ok(capabilities(None, Some(ChangelogMode::ALL))));
factory!(Cdc, "cdc", |_| Ok(capabilities(reads(false, ChangelogMode::ALL, true), None)));
factory!(Files, "files", |_| {
    Ok(capabilities(reads(true, ChangelogMode::INSERT_ONLY, false), Some(ChangelogMode::INSERT_ONLY)))
});

/// Tables that most tests use.
pub(super) const TABLES: &str = "
CREATE TABLE orders (
  id STRING, user_id BIGINT NOT NULL, amount DECIMAL(10, 2), items INT NOT NULL,
  detail ROW<city STRING, zip ROW<code INT>>, ts TIMESTAMP(3),
  published TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', part BIGINT METADATA FROM 'partition' VIRTUAL,
  total AS amount * items, pt AS PROCTIME(),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json');
CREATE TABLE clicks (url STRING, seen TIMESTAMP_LTZ(3), WATERMARK FOR seen AS seen)
  WITH ('connector' = 'kafka', 'topic' = 'clicks', 'format' = 'json');
CREATE TABLE customers (id STRING, name STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'cdc');
CREATE TABLE history (id STRING, v INT, day_ DATE) WITH ('connector' = 'files');
CREATE TABLE out_kafka (id STRING, n BIGINT) WITH ('connector' = 'kafka', 'topic' = 'out', 'format' = 'json');
CREATE TABLE out_upsert (id STRING, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'upsert');
CREATE TABLE out_print (id STRING, n BIGINT) WITH ('connector' = 'print');
";

pub(super) fn session() -> Session {
    let mut connectors = ConnectorRegistry::default();
    connectors.register(Arc::new(Kafka));
    connectors.register(Arc::new(Upsert));
    connectors.register(Arc::new(Print));
    connectors.register(Arc::new(Cdc));
    connectors.register(Arc::new(Files));
    let variables = Variables::new(|name| (name == "TOPIC").then(|| "from_env".to_owned()));
    Session::new(connectors, variables)
}

fn session_with_tables() -> Session {
    let mut session = session();
    assert_eq!(run(&mut session, TABLES), "OK\n");
    session
}

/// The last statement's plan, result table or error, after [`TABLES`] and the others.
pub(super) fn check(sql: &str, expected: Expect) {
    expected.assert_eq(&run(&mut session_with_tables(), sql));
}

/// As `check`, without any table.
pub(super) fn check_bare(sql: &str, expected: Expect) {
    expected.assert_eq(&run(&mut session(), sql));
}

/// As `check_each`, but all in one session, without any table.
pub(super) fn check_each_in_turn(statements: &[&str], expected: Expect) {
    let mut session = session();
    let mut text = String::new();
    for sql in statements {
        text.push_str(&format!("{sql}\n  {}\n", run(&mut session, sql).trim_end().replace('\n', "\n  ")));
    }
    expected.assert_eq(&text);
}

/// One line per statement: what it comes to.
pub(super) fn check_each(statements: &[&str], expected: Expect) {
    let mut text = String::new();
    for sql in statements {
        text.push_str(&format!("{sql}\n  {}\n", run(&mut session_with_tables(), sql).trim_end().replace('\n', "\n  ")));
    }
    expected.assert_eq(&text);
}

/// What the last statement comes to, or the first error.
pub(super) fn run(session: &mut Session, sql: &str) -> String {
    let (statements, errors) = parse_script(0, sql);
    if let Some(e) = errors.first() {
        return error_text(e, sql);
    }
    let mut last = String::new();
    for statement in statements {
        last = match session.execute(&statement) {
            Ok(Outcome::Done) => "OK\n".to_owned(),
            Ok(Outcome::Job(job)) => job.plan.to_string(),
            Ok(Outcome::Jobs(command)) => format!("{command:?}\n"),
            Ok(Outcome::Client(command)) => format!("{command:?}\n"),
            Ok(Outcome::Table(table)) => {
                let cell = |c: &Option<String>| c.clone().unwrap_or_default();
                let mut lines = vec![table.columns.join(" | ")];
                lines.extend(table.rows.iter().map(|r| r.iter().map(cell).collect::<Vec<_>>().join(" | ")));
                lines.iter().map(|l| format!("{}\n", l.trim_end())).collect()
            }
            Err(e) => return error_text(&e, sql),
        };
    }
    last
}

/// `kind at «excerpt»: message; hint`
fn error_text(error: &Error, sql: &str) -> String {
    let place = match &error.place {
        Some(Place::Sql(span)) => match sql.get(span.start as usize..span.end as usize) {
            Some(excerpt) => format!("at «{excerpt}»: "),
            None => "at ?: ".to_owned(),
        },
        Some(other) => format!("at {other:?}: "),
        None => "nowhere: ".to_owned(),
    };
    format!("error {place}{error}\n")
}
