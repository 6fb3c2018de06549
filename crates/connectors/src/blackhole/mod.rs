//! `'connector' = 'blackhole'`: takes every row and keeps none.

use std::sync::Arc;

use flitz_dataflow::connector::{
    Capabilities, CommitGroup, ConnectorContext, ConnectorFactory, ScanSpec, Sink, SinkCapabilities, SinkSpec,
    SinkWriter, Source, TableDef,
};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Epoch, Error, Result};

#[derive(Clone, Copy, Debug, Default)]
pub struct BlackholeFactory;

impl ConnectorFactory for BlackholeFactory {
    fn name(&self) -> &'static str {
        "blackhole"
    }

    fn describe(&self, table: &TableDef) -> Result<Capabilities> {
        table.options.check("connector 'blackhole'", &[])?;
        let sink = SinkCapabilities { changelog: ChangelogMode::ALL };
        Ok(Capabilities { source: None, sink: Some(sink), metadata: vec![] })
    }

    fn source(&self, scan: &ScanSpec, _: &ConnectorContext) -> Result<Arc<dyn Source>> {
        Err(Error::invalid(format!("table {} can't be read: connector 'blackhole' only takes rows", scan.table.name)))
    }

    fn sink(&self, _: &SinkSpec, _: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        Ok(Arc::new(Blackhole))
    }
}

struct Blackhole;

impl Sink for Blackhole {
    fn writer(&self, _: usize) -> Result<Box<dyn SinkWriter>> {
        Ok(Box::new(Blackhole))
    }

    fn commit_group(&self) -> CommitGroup {
        CommitGroup::None
    }
}

impl SinkWriter for Blackhole {
    fn write(&mut self, _: &ChangelogBatch) -> Result<()> {
        Ok(())
    }

    fn seal(&mut self, _: Epoch) -> Result<serde_json::Value> {
        Ok(serde_json::Value::Null)
    }

    fn release(&mut self, _: Epoch) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_no_options() {
        let describe = |options: &[(&str, &str)]| {
            let options = options.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            let (name, physical) = ("t".to_owned(), Default::default());
            let table = TableDef { name, options, physical, primary_key: vec![], partition_keys: vec![] };
            BlackholeFactory.describe(&table)
        };
        assert!(describe(&[("connector", "blackhole")]).unwrap().source.is_none());
        assert!(describe(&[("connector", "blackhole"), ("topic", "x")]).is_err());
    }
}
