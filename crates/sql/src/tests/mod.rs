//! Plans of whole scripts, against connectors that only describe themselves.

mod ddl;
mod errors;
mod harness;
mod queries;
mod sinks;
mod windowed;
mod windows;
