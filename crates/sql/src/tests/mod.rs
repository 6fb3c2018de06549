//! Plans of whole scripts, against connectors that only describe themselves.

mod alter;
mod ddl;
mod errors;
mod functions;
mod harness;
mod partitions;
mod queries;
mod sinks;
mod stored;
mod windowed;
mod windows;
