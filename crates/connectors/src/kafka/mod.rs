//! Apache Kafka, and what looks like it: tables over topics.
//!
//! ```text
//!  table.rs       WITH (…), read and checked              properties.rs  Java's client properties, by one table
//!  source.rs      splits and readers                        login.rs, tls.rs  the parts of it that need parsing
//!  rows.rs        records to rows                         broker.rs      the interface to topics, and its records
//!  sink.rs        rows to records, guarantees              ├ cluster.rs   a real cluster
//!  producer.rs    the transaction that decides an epoch    │  └ native/   librdkafka, the only unsafe code
//!  failure.rs     what Kafka's failures mean               └ ../embedded  one SQLite file
//! ```

pub mod broker;
mod cluster;
pub(crate) mod failure;
mod login;
mod native;
mod producer;
mod properties;
mod rows;
mod sink;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod tls;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use flitz_dataflow::connector::{
    Capabilities, ConnectorContext, ConnectorFactory, ScanSpec, Sink, SinkSpec, Source, TableDef,
};
use flitz_dataflow::options::{OptionDef, Options};
use flitz_dataflow::{Error, Result};

use broker::{Broker, DeliveryGuarantee, NewTopic};
use table::KafkaTable;

/// `'connector' = 'kafka'`.
#[derive(Default)]
pub struct KafkaFactory {
    /// Per job what decides whether it may see rows twice.
    jobs: Mutex<BTreeMap<String, JobNotes>>,
}

#[derive(Default)]
struct JobNotes {
    reads_uncommitted: BTreeSet<String>,
    exactly_once: bool,
    warned: bool,
}

impl ConnectorFactory for KafkaFactory {
    fn name(&self) -> &'static str {
        "kafka"
    }

    fn options(&self) -> &'static [OptionDef] {
        table::OPTIONS
    }

    fn describe(&self, table: &TableDef) -> Result<Capabilities> {
        KafkaTable::of(table)?.capabilities()
    }

    fn source(&self, scan: &ScanSpec, context: &ConnectorContext) -> Result<Arc<dyn Source>> {
        let table = KafkaTable::of(&scan.table)?;
        let committed =
            table.properties.get("isolation.level") == Some("read_committed") || is_embedded(&table.bootstrap);
        if !committed {
            self.note(&context.job, |notes| {
                notes.reads_uncommitted.insert(scan.table.name.clone());
            });
        }
        let broker = open_broker(&table.bootstrap, &table.properties)?;
        Ok(Arc::new(source::KafkaSource::new(broker, table, scan.clone())?))
    }

    fn sink(&self, sink: &SinkSpec, context: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        let table = KafkaTable::of(&sink.table)?;
        if table.guarantee == DeliveryGuarantee::ExactlyOnce {
            self.note(&context.job, |notes| notes.exactly_once = true);
        }
        let broker = open_broker(&table.bootstrap, &table.properties)?;
        Ok(Arc::new(sink::KafkaSink::new(broker.as_ref(), table, sink.clone())?))
    }

    /// Topics of an embedded file are made here; a cluster creates its own, or refuses to, as it does with Flink.
    fn prepare(&self, table: &TableDef) -> Result<()> {
        let table = KafkaTable::of(table)?;
        if !is_embedded(&table.bootstrap) {
            return Ok(());
        }
        let broker = open_broker(&table.bootstrap, &table.properties)?;
        for topic in table.topic_names() {
            broker.create_topic(&NewTopic::new(topic, EMBEDDED_PARTITIONS))?;
        }
        Ok(())
    }
}

impl KafkaFactory {
    /// An exactly-once job that reads what may yet be taken back deserves a word.
    fn note(&self, job: &str, write: impl FnOnce(&mut JobNotes)) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let notes = jobs.entry(job.to_owned()).or_default();
        write(notes);
        if notes.exactly_once && !notes.reads_uncommitted.is_empty() && !notes.warned {
            notes.warned = true;
            tracing::warn!(
                "job {job} writes exactly once but reads {} with isolation.level read_uncommitted: rows of aborted \
                 transactions are read too; set 'properties.isolation.level' = 'read_committed'",
                notes.reads_uncommitted.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
            );
        }
    }
}

/// Partitions of a topic that an embedded file creates because a table names it.
const EMBEDDED_PARTITIONS: i32 = 3;

fn is_embedded(bootstrap: &str) -> bool {
    bootstrap.starts_with(crate::embedded::PREFIX)
}

/// The cluster at `bootstrap` (`host:port,host:port`), or the embedded file (`embedded:PATH.db`). `properties`:
/// the Java client's, without the prefix `properties.`. Checks them and connects when first asked something.
pub fn open_broker(bootstrap: &str, properties: &Options) -> Result<Arc<dyn Broker>> {
    if is_embedded(bootstrap) {
        return crate::embedded::open(bootstrap);
    }
    if bootstrap.trim().is_empty() {
        return Err(Error::invalid("no address of a Kafka broker was given").option("properties.bootstrap.servers"));
    }
    Ok(cluster::Cluster::new(bootstrap, properties)?)
}

/// Creates a topic unless it is there; true if it was created.
pub fn ensure_topic(bootstrap: &str, properties: &Options, topic: &NewTopic) -> Result<bool> {
    open_broker(bootstrap, properties)?.create_topic(topic)
}
