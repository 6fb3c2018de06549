//! Apache Kafka, and what looks like it: tables over topics.

pub mod broker;
