//! Sources and sinks: one folder per system, one file per format.

pub mod blackhole;
pub mod datagen;
pub mod embedded;
pub mod filesystem;
pub mod format;
pub mod jdbc;
pub mod kafka;
pub mod print;

use std::sync::Arc;

use flitz_dataflow::connector::ConnectorRegistry;

/// Every connector of this build, by name.
pub fn registry() -> ConnectorRegistry {
    let mut registry = ConnectorRegistry::default();
    registry.register(Arc::new(blackhole::BlackholeFactory));
    registry.register(Arc::new(datagen::DatagenFactory));
    registry.register(Arc::new(jdbc::JdbcFactory));
    registry.register(Arc::new(print::PrintFactory));
    registry.register(Arc::new(filesystem::FilesystemFactory));
    registry.register(Arc::new(kafka::KafkaFactory::default()));
    registry
}
