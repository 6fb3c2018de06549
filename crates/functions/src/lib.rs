//! Flink's functions: how a call is typed, and what it computes over columns.
//!
//! One file per family holds both halves side by side. The planner asks [`bind_call`], [`bind_cast`] and
//! [`bind_aggregate`]; they return expressions in which every implicit cast is explicit. The runtime asks
//! [`compile`] for a [`PhysicalExpr`] and [`accumulator`] for a [`GroupsAccumulator`].
//!
//! Semantics are those of Flink 2.3, including where they surprise: integer arithmetic wraps, AVG of integers
//! is an integer, division by zero of exact numbers fails the job.

mod context;

pub use context::EvalContext;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use flitz_dataflow::{DataType, Error, Result};
use flitz_plan::{AggregateCall, Expr};

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

/// How an aggregate is typed: arguments are first cast to `args`.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundAggregate {
    pub args: Vec<DataType>,
    pub data_type: DataType,
}

/// Types an aggregate call. `grouped`: whether there are group keys (decides nullability).
pub fn bind_aggregate(name: &str, args: &[DataType], distinct: bool, grouped: bool) -> Result<BoundAggregate> {
    Err(Error::internal(format!("{name} {args:?} {distinct} {grouped}")))
}

/// Whether `name` (upper case) is an aggregate function.
pub fn is_aggregate(name: &str) -> bool {
    name == "COUNT"
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

/// State of one aggregate over dense group numbers `0..len`.
pub trait GroupsAccumulator: Send {
    /// Makes room for groups up to `len`, new ones empty. Never shrinks.
    fn resize(&mut self, len: usize);

    /// Adds row i of `args` to group `groups[i]` where `filter` is absent or true. `retract[i]` takes it out
    /// instead; `None`: no row retracts.
    fn update(
        &mut self,
        groups: &[u32],
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        retract: Option<&BooleanArray>,
    ) -> Result<()>;

    /// Types of the columns of `state`.
    fn state_types(&self) -> Vec<arrow::datatypes::DataType>;

    /// The partial result of each of `groups`, as columns that `merge` takes.
    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>>;

    /// Adds partial results: row i of `state` to group `groups[i]`.
    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()>;

    /// The result of each of `groups`, of the Arrow type of the call.
    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef>;

    /// Empties these groups so that their numbers can be used again.
    fn clear(&mut self, groups: &[u32]);

    /// Memory held, approximately.
    fn bytes(&self) -> usize;
}

/// `retractable`: rows may be taken out again, so MIN and MAX must remember all values.
pub fn accumulator(call: &AggregateCall, args: &[DataType], retractable: bool) -> Result<Box<dyn GroupsAccumulator>> {
    Err(Error::internal(format!("{call:?} {args:?} {retractable}")))
}
