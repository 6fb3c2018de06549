//! Apache Kafka, and what looks like it: tables over topics.

pub mod broker;
mod cluster;
mod failure;
mod login;
mod native;
mod producer;
mod properties;
mod tls;

use std::sync::Arc;

use broker::Broker;
use flitz_dataflow::Result;
use flitz_dataflow::options::Options;

/// The cluster at `bootstrap` (`host:port,host:port`), or the embedded file (`embedded:PATH.db`). `properties`:
/// the Java client's, without the prefix `properties.`. Checks them and connects when first asked something.
pub fn open_broker(bootstrap: &str, properties: &Options) -> Result<Arc<dyn Broker>> {
    if bootstrap.starts_with(crate::embedded::PREFIX) {
        return crate::embedded::open(bootstrap);
    }
    Ok(cluster::Cluster::new(bootstrap, properties)?)
}
