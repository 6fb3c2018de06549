//! Aggregate functions: how a call is typed, and state over dense group numbers.

mod bytes_interner;
mod hash;
mod key_interner;

pub use bytes_interner::BytesInterner;
pub use hash::{hash_bytes, hash_u64};
pub use key_interner::{KeyInterner, hash_columns};

use arrow::array::{ArrayRef, BooleanArray};
use flitz_dataflow::{DataType, Error, Result};
use flitz_plan::AggregateCall;

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

    /// `state` of all groups in order, leaving no groups. Moves columns out where it can, so that a
    /// checkpoint costs little.
    fn take_state(&mut self) -> Result<Vec<ArrayRef>>;

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
