//! `'connector' = 'jdbc'`: rows into a table of PostgreSQL, or of an embedded file.
//!
//! ```text
//!  table.rs      WITH (…), read and checked           postgres/  url.rs      jdbc:postgresql://…
//!  types.rs      what columns may be, as Flink says                connect.rs  sessions, TLS
//!  sink.rs       rows gathered, when they are flushed             encode.rs   columns to PostgreSQL's arrays
//!  changes.rs    the last change of each key                      target.rs   the table as it is there, its statements
//!  embedded.rs   tables in one SQLite file                        session.rs  one flush, retried
//!                                                                 failure.rs  what PostgreSQL's errors mean
//! ```
//!
//! **Delivery** is Flink's: at least once. Everything written before a barrier is committed in the database before
//! the checkpoint that covers it completes. Rows after the last checkpoint are written again after a crash: with a
//! PRIMARY KEY that changes nothing, without one they are there twice.
//!
//! **Changes.** With a PRIMARY KEY a row overwrites the one of its key, and `-U`/`-D` delete by key. Within a flush
//! only the last change of a key counts:
//!
//! ```text
//!  +I a 1 | +I b 1 | -U a 1 | +U a 2 | -D b 1     ─▶   upsert a 2, delete b
//! ```

mod changes;
mod embedded;
mod postgres;
mod sink;
mod table;
#[cfg(test)]
mod tests;
mod types;

use std::sync::Arc;

use flitz_dataflow::connector::{
    Capabilities, ConnectorContext, ConnectorFactory, ScanSpec, Sink, SinkCapabilities, SinkSpec, Source, TableDef,
};
use flitz_dataflow::options::OptionDef;
use flitz_dataflow::{ChangelogMode, Error, Result};

use table::{Address, JdbcTable};

#[derive(Clone, Copy, Debug, Default)]
pub struct JdbcFactory;

impl ConnectorFactory for JdbcFactory {
    fn name(&self) -> &'static str {
        "jdbc"
    }

    fn options(&self) -> &'static [OptionDef] {
        table::OPTIONS
    }

    fn describe(&self, table: &TableDef) -> Result<Capabilities> {
        let keyed = !JdbcTable::of(table)?.keys.is_empty();
        let changelog = if keyed { ChangelogMode::UPSERT } else { ChangelogMode::INSERT_ONLY };
        Ok(Capabilities { source: None, sink: Some(SinkCapabilities { changelog }), metadata: vec![] })
    }

    fn source(&self, _: &ScanSpec, _: &ConnectorContext) -> Result<Arc<dyn Source>> {
        Err(Error::unsupported("reading from connector 'jdbc'"))
    }

    fn sink(&self, spec: &SinkSpec, _: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        let table = JdbcTable::of(&spec.table)?;
        let columns = sink::columns(spec)?;
        let database: Arc<dyn sink::Database> = match &table.address {
            Address::Postgres(server) => Arc::new(postgres::Postgres::open(server.clone(), &table, columns)?),
            Address::Embedded(address) => Arc::new(embedded::EmbeddedTable::open(address, &table, columns)?),
        };
        Ok(Arc::new(sink::JdbcSink::new(database, table)))
    }

    /// Tables of an embedded file are made here. In a database the table must exist, as for Flink.
    fn prepare(&self, definition: &TableDef) -> Result<()> {
        let table = JdbcTable::of(definition)?;
        match &table.address {
            Address::Embedded(address) => embedded::create(address, &table, definition),
            Address::Postgres(_) => Ok(()),
        }
    }
}
