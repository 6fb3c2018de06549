//! `'connector' = 'blackhole'`: takes every row and forgets it.

use std::sync::Arc;

use flitz_dataflow::connector::{
    Capabilities, CommitGroup, ConnectorContext, ConnectorFactory, ScanSpec, Sink, SinkCapabilities, SinkSpec,
    SinkWriter, Source, TableDef,
};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Epoch, Error, Result};

pub struct BlackholeFactory;

impl ConnectorFactory for BlackholeFactory {
    fn name(&self) -> &'static str {
        "blackhole"
    }

    fn describe(&self, table: &TableDef) -> Result<Capabilities> {
        table.options.check("connector 'blackhole'", &[])?;
        Ok(Capabilities {
            source: None,
            sink: Some(SinkCapabilities { changelog: ChangelogMode::ALL }),
            metadata: vec![],
        })
    }

    fn source(&self, scan: &ScanSpec, _context: &ConnectorContext) -> Result<Arc<dyn Source>> {
        Err(Error::invalid(format!("table {} can't be read: it is a blackhole", scan.table.name)))
    }

    fn sink(&self, _sink: &SinkSpec, _context: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        Ok(Arc::new(Blackhole))
    }
}

struct Blackhole;

impl Sink for Blackhole {
    fn writer(&self, _worker: usize) -> Result<Box<dyn SinkWriter>> {
        Ok(Box::new(Blackhole))
    }

    fn commit_group(&self) -> CommitGroup {
        CommitGroup::None
    }
}

impl SinkWriter for Blackhole {
    fn write(&mut self, _batch: &ChangelogBatch) -> Result<()> {
        Ok(())
    }

    fn seal(&mut self, _epoch: Epoch) -> Result<serde_json::Value> {
        Ok(serde_json::Value::Null)
    }

    fn release(&mut self, _epoch: Epoch) -> Result<()> {
        Ok(())
    }

    fn held_bytes(&self) -> usize {
        0
    }

    fn tick(&mut self) -> Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}
