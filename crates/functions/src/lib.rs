//! Flink's functions: how a call is typed, and what it computes over columns.
//!
//! One file per family holds both halves side by side. The planner asks [`bind_call`], [`bind_cast`] and
//! [`bind_aggregate`]; they return expressions in which every implicit cast is explicit. The runtime asks
//! [`compile`] for a [`PhysicalExpr`] and [`accumulator`] for a [`GroupsAccumulator`].
//!
//! Semantics are those of Flink 2.3, including where they surprise: integer arithmetic wraps, AVG of integers
//! is an integer, division by zero of exact numbers fails the job.

mod aggregate;
mod context;

pub use aggregate::{
    BoundAggregate, BytesInterner, GroupsAccumulator, KeyInterner, accumulator, bind_aggregate, hash_bytes,
    hash_columns, hash_u64, is_aggregate,
};
pub use context::EvalContext;

use arrow::array::{ArrayRef, RecordBatch};
use flitz_dataflow::{DataType, Error, Result};
use flitz_plan::Expr;

/// Types a call: picks the signature, writes implicit casts into the arguments, decides type and nullability
/// of the result. `name` in upper case; operators by their symbol (`+`, `||`, `IS NULL`, `IN`, `CAST` not).
/// `Invalid` if there is no such function (hint: nearest name) or no signature that fits.
pub fn bind_call(name: &str, args: Vec<Expr>) -> Result<Expr> {
    Err(Error::internal(format!("{name} of {} arguments", args.len())))
}

/// An explicit CAST or TRY_CAST, refused where Flink refuses it.
pub fn bind_cast(input: Expr, to: DataType, safe: bool) -> Result<Expr> {
    Ok(Expr::Cast { input: Box::new(input), data_type: to, safe })
}

/// `input` as `to` where Flink converts by itself (set operations, CASE, INSERT); None if it does not.
pub fn implicit_cast(input: Expr, to: &DataType) -> Option<Expr> {
    (input.data_type() == to).then_some(input)
}

/// The type that all of `types` widen to, nullable if one is.
pub fn least_common_type(types: &[DataType]) -> Option<DataType> {
    types.first().cloned()
}

/// All names for completion, hints and SHOW FUNCTIONS.
pub fn names() -> Vec<&'static str> {
    vec![]
}

/// Whether two evaluations over the same row give the same (RAND, NOW, UUID do not): such a call is neither
/// folded nor evaluated twice.
pub fn is_deterministic(expr: &Expr) -> bool {
    let _ = expr;
    true
}

/// The literal that a constant expression equals; `expr` itself if it is not constant or its evaluation fails.
pub fn fold(expr: Expr) -> Expr {
    expr
}

/// An expression ready to run. `&mut`: scratch space, seeded generators.
pub trait PhysicalExpr: Send {
    /// One value per row of `batch`. A failing row is an `Error::data` that says what failed on which value.
    fn evaluate(&mut self, batch: &RecordBatch) -> Result<ArrayRef>;
}

/// Prepares `expr` for batches whose columns are those it was bound to.
pub fn compile(expr: &Expr, context: &EvalContext) -> Result<Box<dyn PhysicalExpr>> {
    Err(Error::internal(format!("{expr:?} {context:?}")))
}
