//! Flink's functions: how a call is typed, and what it computes over columns.
//!
//! One file per family holds both halves side by side. The planner asks [`bind_call`], [`bind_cast`] and
//! [`bind_aggregate`]; they return expressions in which every implicit cast is explicit. The runtime asks
//! [`compile`] for a [`PhysicalExpr`] (or [`PhysicalExprs`]) and [`accumulator`] for a [`GroupsAccumulator`].
//!
//! Semantics are those of Flink 2.3, including where they surprise: integer arithmetic wraps, AVG of integers
//! is an integer, division by zero of exact numbers fails the job.

mod aggregate;
mod calendar;
mod cast;
mod coercion;
mod columnar;
mod compile;
mod context;
mod decimal;
mod fold;
mod java;
mod mosaic;
mod scalar;
mod sharing;
mod text_column;

pub use aggregate::{
    BoundAggregate, BytesInterner, GroupsAccumulator, KeyInterner, accumulator, aggregate_names, bind_aggregate,
    hash_bytes, hash_columns, hash_u64, is_aggregate,
};
pub use cast::bind_cast;
pub use coercion::{implicit_cast, least_common_type, sink_cast};
pub use compile::{PhysicalExprs, compile};
pub use context::EvalContext;
pub use fold::{evaluate_constant, fold, is_deterministic, reduce};

use arrow::array::{ArrayRef, RecordBatch};
use flitz_dataflow::Result;
use flitz_plan::Expr;

/// Types a call: picks the signature, writes implicit casts into the arguments, decides type and nullability
/// of the result. `name` in upper case; operators by their symbol: see `scalar` for the whole table.
/// `Invalid` if there is no such function (hint: nearest name) or no signature that fits.
pub fn bind_call(name: &str, args: Vec<Expr>) -> Result<Expr> {
    scalar::bind(name, args)
}

/// All names for completion, hints and SHOW FUNCTIONS.
pub fn names() -> Vec<&'static str> {
    scalar::names()
}

/// An expression ready to run. `&mut`: scratch space, seeded generators.
pub trait PhysicalExpr: Send {
    /// One value per row of `batch`. A failing row is an `Error::data` that says what failed on which value.
    fn evaluate(&mut self, batch: &RecordBatch) -> Result<ArrayRef>;
}
