//! The vocabulary of Flitz: what flows between operators, and the traits that sources, sinks and
//! connectors implement. Arrow only; nothing here does I/O.
//!
//! Reading order: a *table* has a [`Schema`] of Flink [`DataType`]s. Its rows travel as
//! [`ChangelogBatch`]es inside [`StreamElement`]s, between [`Watermark`]s that say how far event time
//! has come and [`Barrier`]s that close an [`Epoch`]. A [`Source`](connector::Source) makes them, a
//! [`Sink`](connector::Sink) takes them, and [`EpochSink`](connector::EpochSink) is the half of a sink that decides
//! whether an epoch has happened.

pub mod bitmap;
mod changelog;
pub mod connector;
mod element;
mod error;
pub mod failpoint;
pub mod float_text;
mod id;
pub mod options;
mod schema;
pub mod suggest;
mod time;
mod types;

pub use changelog::{ChangelogBatch, ChangelogMode, RowKind};
pub use element::{Barrier, StreamElement};
pub use error::{Error, ErrorKind, Place, Result, Span};
pub use id::{Attempt, Epoch, RunId};
pub use schema::{Field, Schema};
pub use time::{Clock, EventTime, ManualClock, SystemClock, Watermark, format_event_time};
pub use types::{DataType, MAX_LENGTH, RowField, TimeAttribute, TypeKind};
