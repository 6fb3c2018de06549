//! What users see of the real binary when jobs run, fail and go on.
//!
//! Tests on embedded topics need nothing. Those against a broker use `FLITZ_TEST_KAFKA` (by default 127.0.0.1:9092);
//! those over SASL_SSL, and those with buckets, start what they need with the scripts in `FLITZ_SERVICES_DIR` (by default
//! `../shared/services` beside the checkout). Without either they say that they were skipped.

// A test that can't go on fails.
#![allow(clippy::unwrap_used)]

mod harness;
mod services;

mod batch;
mod disk;
mod end;
mod example;
mod jdbc;
mod objects;
mod observed;
mod overwrite;
mod postgres;
mod records;
mod recovery;
mod secured;

mod spilling;
mod stateful;
mod statements;
