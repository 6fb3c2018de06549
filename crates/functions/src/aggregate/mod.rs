//! Aggregate functions: how a call is typed ([`bind_aggregate`]), and its state over dense group numbers.
//!
//! An operator numbers its keys with a [`KeyInterner`], then hands whole columns with one group number per row
//! to a [`GroupsAccumulator`], which keeps its state in columns too: adding a batch is one loop over plain
//! arrays, and a checkpoint moves the arrays out.
//!
//! | Function | Kept per group | Can retract |
//! |---|---|---|
//! | COUNT, SUM, AVG, STDDEV, VAR | sums and counts | yes |
//! | MIN, MAX | one value; when rows may be retracted, all values in order with their counts | if told beforehand |
//! | FIRST_VALUE, LAST_VALUE | one value; when rows may be retracted, all in order of arrival | if told beforehand |
//! | LISTAGG, ARRAY_AGG, JSON_… | all values in order of arrival | yes |
//! | COLLECT, PERCENTILE, BITMAP_… | all values with their counts | yes |
//! | APPROX_COUNT_DISTINCT | a HyperLogLog sketch, up to 16 KiB | no |
//! | DISTINCT of any of them | the set of values beside it | yes |

mod bind;
mod bytes_interner;
mod count;
mod distinct;
mod encoded;
mod extreme;
mod hash;
mod json;
mod key_interner;
mod moments;
mod multiset;
mod number_table;
mod pick;
mod rows;
mod sequence;
mod sketch;
mod sum;

#[cfg(test)]
mod tests;

pub use bind::{BoundAggregate, aggregate_names, bind_aggregate, is_aggregate};
pub use bytes_interner::BytesInterner;
pub use hash::{hash_bytes, hash_u64};
pub use key_interner::{KeyInterner, hash_columns};

use arrow::array::{ArrayRef, BooleanArray};
use flitz_dataflow::{DataType, Error, Result, TypeKind};
use flitz_plan::AggregateCall;

use count::Count;
use distinct::{Distinct, Needs};
use extreme::Extreme;
use moments::{Deviation, Moments};
use multiset::{Multiset, SetOf, Summary};
use pick::{Pick, Rule};
use sequence::{Finish, Sequence};
use sketch::ApproxCountDistinct;
use sum::{Avg, Sum};

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

    /// The partial result of each of `groups` (no group twice), as columns that `merge` takes.
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
    let inner = plain_accumulator(call, args, retractable)?;
    // The least of distinct values is the least of all.
    let idempotent = matches!(call.function.as_str(), "MIN" | "MAX" | "FIRST_VALUE" | "APPROX_COUNT_DISTINCT");
    if !call.distinct || idempotent {
        return Ok(inner);
    }
    let needs = Needs {
        count_only: call.function == "COUNT",
        order: match call.function.as_str() {
            "COUNT" | "COLLECT" | "PERCENTILE" => false,
            "SUM" | "AVG" => args[0].kind.is_approximate(),
            _ => true,
        },
        nulls: call.function == "ARRAY_AGG" || call.function.starts_with("JSON_ARRAYAGG_NULL_ON_NULL"),
    };
    let types = args.iter().map(DataType::to_arrow).collect();
    Ok(Box::new(Distinct::new(inner, types, needs, retractable)?))
}

/// The accumulator of a call without its DISTINCT.
fn plain_accumulator(call: &AggregateCall, args: &[DataType], retractable: bool) -> Result<Box<dyn GroupsAccumulator>> {
    let result = call.data_type.to_arrow();
    let unexpected = || Error::internal(format!("{} of {args:?}", call.function));
    let name = call.function.as_str();
    if name == "COUNT" {
        return Ok(Box::new(Count::default()));
    }
    let arg = args.first().ok_or_else(unexpected)?;
    match name {
        "SUM" | "$SUM0" => {
            let zero = name == "$SUM0";
            Ok(match arg.kind {
                TypeKind::TinyInt => Box::new(Sum::<i8>::new(result, retractable, zero)),
                TypeKind::SmallInt => Box::new(Sum::<i16>::new(result, retractable, zero)),
                TypeKind::Int => Box::new(Sum::<i32>::new(result, retractable, zero)),
                TypeKind::BigInt => Box::new(Sum::<i64>::new(result, retractable, zero)),
                TypeKind::Float => Box::new(Sum::<f32>::new(result, retractable, zero)),
                TypeKind::Double => Box::new(Sum::<f64>::new(result, retractable, zero)),
                TypeKind::Decimal { .. } => Box::new(Sum::<i128>::new(result, retractable, zero)),
                _ => return Err(unexpected()),
            })
        }
        "AVG" => {
            use arrow::datatypes::DataType as Arrow;
            Ok(match arg.kind {
                TypeKind::TinyInt => Box::new(Avg::<i8>::new(result, Arrow::Int64, 0)),
                TypeKind::SmallInt => Box::new(Avg::<i16>::new(result, Arrow::Int64, 0)),
                TypeKind::Int => Box::new(Avg::<i32>::new(result, Arrow::Int64, 0)),
                TypeKind::BigInt => Box::new(Avg::<i64>::new(result, Arrow::Int64, 0)),
                TypeKind::Float => Box::new(Avg::<f32>::new(result, Arrow::Float64, 0)),
                TypeKind::Double => Box::new(Avg::<f64>::new(result, Arrow::Float64, 0)),
                TypeKind::Decimal { scale, .. } => {
                    let shift = u32::from(scale.max(6) - scale);
                    Box::new(Avg::<i128>::new(result, Arrow::Decimal128(38, scale as i8), shift))
                }
                _ => return Err(unexpected()),
            })
        }
        "MIN" if retractable => Ok(Box::new(Multiset::new(Summary::Least, arg.to_arrow(), result, name)?)),
        "MAX" if retractable => Ok(Box::new(Multiset::new(Summary::Greatest, arg.to_arrow(), result, name)?)),
        "MIN" => extreme::<false>(arg, result),
        "MAX" => extreme::<true>(arg, result),
        "FIRST_VALUE" if !retractable => Ok(Box::new(Pick::new(Rule::First, arg.to_arrow(), name)?)),
        "LAST_VALUE" if !retractable => Ok(Box::new(Pick::new(Rule::Last, arg.to_arrow(), name)?)),
        _ if name.starts_with("BITMAP_") => {
            let set = match name {
                "BITMAP_BUILD_AGG" | "BITMAP_BUILD_CARDINALITY_AGG" => SetOf::Values,
                "BITMAP_AND_AGG" | "BITMAP_AND_CARDINALITY_AGG" => SetOf::Common,
                "BITMAP_OR_AGG" | "BITMAP_OR_CARDINALITY_AGG" => SetOf::All,
                _ => SetOf::Odd,
            };
            Ok(Box::new(Multiset::new(Summary::Bitmap(set), arg.to_arrow(), result, name)?))
        }
        "COLLECT" => Ok(Box::new(Multiset::new(Summary::Collect, arg.to_arrow(), result, name)?)),
        "PERCENTILE" => Ok(Box::new(Multiset::new(Summary::Percentile, arg.to_arrow(), result, name)?)),
        "APPROX_COUNT_DISTINCT" if retractable => {
            Err(Error::unsupported("APPROX_COUNT_DISTINCT over an input with updates")
                .hint("use COUNT(DISTINCT …): a sketch can't forget a value"))
        }
        "APPROX_COUNT_DISTINCT" => Ok(Box::new(ApproxCountDistinct::default())),
        _ => {
            if let Some(deviation) = Deviation::named(name) {
                return Ok(Box::new(Moments::new(deviation, call.data_type.kind.clone())));
            }
            let finish = match name {
                "FIRST_VALUE" => Finish::First,
                "LAST_VALUE" => Finish::Last,
                "LISTAGG" => Finish::ListAgg,
                "ARRAY_AGG" => Finish::ArrayAgg { ignore_nulls: false },
                "ARRAY_AGG_IGNORE_NULLS" => Finish::ArrayAgg { ignore_nulls: true },
                _ if name.starts_with("JSON_ARRAYAGG") => Finish::JsonArray(json::Form::named(name, true)),
                _ if name.starts_with("JSON_OBJECTAGG") => Finish::JsonObject(json::Form::named(name, false)),
                "SINGLE_VALUE" => Finish::Single,
                "$ROWS" => Finish::Rows,
                _ => return Err(Error::unsupported(format!("the aggregate function {name}"))),
            };
            Ok(Box::new(Sequence::new(finish, args, result, name)?))
        }
    }
}

fn extreme<const MAX: bool>(arg: &DataType, result: arrow::datatypes::DataType) -> Result<Box<dyn GroupsAccumulator>> {
    Ok(match arg.kind {
        TypeKind::TinyInt => Box::new(Extreme::<i8, MAX>::new(result)),
        TypeKind::SmallInt => Box::new(Extreme::<i16, MAX>::new(result)),
        TypeKind::Int | TypeKind::Date | TypeKind::Time(_) | TypeKind::IntervalYearMonth => {
            Box::new(Extreme::<i32, MAX>::new(result))
        }
        TypeKind::BigInt | TypeKind::Timestamp { .. } | TypeKind::TimestampLtz { .. } | TypeKind::IntervalDaySecond => {
            Box::new(Extreme::<i64, MAX>::new(result))
        }
        TypeKind::Float => Box::new(Extreme::<f32, MAX>::new(result)),
        TypeKind::Double => Box::new(Extreme::<f64, MAX>::new(result)),
        TypeKind::Decimal { .. } => Box::new(Extreme::<i128, MAX>::new(result)),
        _ if MAX => Box::new(Pick::new(Rule::Greatest, arg.to_arrow(), "MAX")?),
        _ => Box::new(Pick::new(Rule::Least, arg.to_arrow(), "MIN")?),
    })
}

/// Tables larger than this are freed elsewhere.
const FREED_HERE_BYTES: usize = 16 << 20;

/// Frees what a checkpoint left over. Giving hundreds of megabytes back to the system takes longer than the rest
/// of a snapshot, so a large table goes to a thread of its own.
fn free<T: Send + 'static>(value: T, bytes: usize) {
    if bytes > FREED_HERE_BYTES {
        // Without a thread it is freed here, with the closure.
        let _ = std::thread::Builder::new().name("flitz-free".to_owned()).spawn(move || drop(value));
    }
}
