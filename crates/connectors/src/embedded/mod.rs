//! `embedded:PATH.db`: topics in one SQLite file, for a laptop, a test, an edge device.
//!
//! Wherever the `kafka` connector takes an address this one may stand, with the same guarantees. Several
//! processes may share the file: it is in WAL mode, readers never wait for the writer, no reader holds a
//! snapshot for longer than one batch, and writers take turns.
//!
//! ```text
//!  topic            (id, name, partitions, retention_ms)
//!  record           (topic, partition, offset, time, key, value, headers)      offsets are dense
//!  log_end          (topic, partition, next_offset)
//!  consumer_offset  (consumer_group, topic, partition, next_offset)
//!  flitz_epoch      (prefix, fence, job, run, attempt, epoch)                  the marker of exactly-once sinks
//!  records          a view over all of it, for people
//!  …                tables of the `jdbc` connector, under their own names
//! ```
//!
//! **Exactly once.** Rows of an epoch are staged in memory (spilling to a side file) and written in one
//! `BEGIN IMMEDIATE` together with the marker. Fencing writes a random token into the marker's row; a commit
//! is refused when the token is no longer its own.

mod broker;
mod consumer;
mod file;
mod producer;
mod staging;
mod turn;

pub use broker::open;
pub(crate) use file::{EmbeddedFile, is_own_table};

/// What an address begins with.
pub const PREFIX: &str = "embedded:";

#[cfg(test)]
mod tests;
