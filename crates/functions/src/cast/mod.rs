//! CAST and TRY_CAST: which casts exist, and one file per kind of target.
//!
//! | file | target |
//! |---|---|
//! | `text` | STRING and BYTES, and how text is read as other types |
//! | `numeric` | BOOLEAN and numbers |
//! | `temporal` | DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ, intervals |
//! | `nested` | ARRAY, MAP, MULTISET, ROW element by element |

mod nested;
mod numeric;
pub(crate) mod temporal;
pub(crate) mod text;

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, new_null_array};
use flitz_dataflow::{DataType, Error, Result, TypeKind};
use flitz_plan::Expr;

use crate::EvalContext;
use crate::calendar::Zone;
use crate::coercion::cast_to;

/// Converts whole columns.
pub(crate) type Caster = Box<dyn FnMut(&ArrayRef) -> Result<ArrayRef> + Send>;

/// An explicit CAST or TRY_CAST, refused where Flink refuses it.
pub fn bind_cast(input: Expr, to: DataType, safe: bool) -> Result<Expr> {
    let from = input.data_type().clone();
    // Flink multiplies a literal by the unit, but takes a column's number for months or milliseconds.
    if matches!(input, Expr::Literal { .. }) && from.kind.is_integer() && to.kind.is_interval() {
        return Err(Error::unsupported("CAST of a literal number to an interval")
            .hint("multiply one instead: n * INTERVAL '1' DAY"));
    }
    if from.kind == TypeKind::Bitmap && to.kind.is_binary() {
        return Err(Error::unsupported("CAST of a BITMAP to bytes").hint("use BITMAP_TO_BYTES"));
    }
    if !castable(&from.kind, &to.kind) {
        let error = Error::invalid(format!("cannot cast {} to {}", from.kind, to.kind));
        return Err(match hint(&from.kind, &to.kind) {
            Some(hint) => error.hint(hint),
            None => error,
        });
    }
    let nullable = from.nullable || from.kind == TypeKind::Null || safe;
    let data_type = to.with_nullable(nullable).materialized();
    if from.kind == TypeKind::Null || from.kind == data_type.kind {
        return Ok(cast_to(input, &data_type));
    }
    Ok(Expr::Cast { input: Box::new(input), data_type, safe })
}

fn hint(from: &TypeKind, to: &TypeKind) -> Option<&'static str> {
    match (from, to) {
        (a, b) if a.is_numeric() && b.is_timestamp() => {
            Some("use TO_TIMESTAMP(FROM_UNIXTIME(seconds)) or TO_TIMESTAMP_LTZ(number, precision)")
        }
        (a, b) if a.is_timestamp() && b.is_numeric() => Some("use UNIX_TIMESTAMP(CAST(ts AS STRING))"),
        _ => None,
    }
}

/// Flink's table of explicit casts.
fn castable(from: &TypeKind, to: &TypeKind) -> bool {
    use TypeKind::*;
    match (from, to) {
        (Null, _) => true,
        (a, b) if a == b => true,
        (_, Null) => false,
        (a, b) if b.is_string() => !matches!(a, Null),
        (a, b) if a.is_string() => !matches!(b, Array(_) | Map(..) | Multiset(_) | Row(_) | Bitmap) && !b.is_interval(),
        (a, b) if a.is_binary() && b.is_binary() => true,
        (Boolean, b) => b.is_numeric(),
        (a, Boolean) => a.is_numeric(),
        (a, b) if a.is_numeric() && b.is_numeric() => true,
        (a, b) if b.is_interval() => a.is_integer(),
        (Date, b) => b.is_timestamp(),
        (Time(_), b) => b.is_timestamp() || matches!(b, Time(_)),
        (a, b) if a.is_timestamp() => b.is_timestamp() || matches!(b, Date | Time(_)),
        (Array(a), Array(b)) | (Multiset(a), Multiset(b)) => castable(&a.kind, &b.kind),
        (Map(k1, v1), Map(k2, v2)) => castable(&k1.kind, &k2.kind) && castable(&v1.kind, &v2.kind),
        (Row(a), Row(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| castable(&x.data_type.kind, &y.data_type.kind))
        }
        _ => false,
    }
}

/// Whether a value may have no counterpart in the target (which a plain CAST raises).
pub(crate) fn can_fail(from: &TypeKind, to: &TypeKind) -> bool {
    use TypeKind::*;
    match (from, to) {
        (a, b) if a == b || b.is_string() || (a.is_string() && b.is_binary()) => false,
        (a, _) if a.is_string() => true,
        (_, Timestamp { precision: 7.., .. } | TimestampLtz { precision: 7.., .. }) => true,
        // The zone's offset may lead beyond the ends.
        (Timestamp { .. }, TimestampLtz { .. }) | (TimestampLtz { .. }, Timestamp { .. }) => true,
        // A finer unit does not reach as far.
        (
            Date | Timestamp { precision: ..=3, .. } | TimestampLtz { precision: ..=3, .. },
            Timestamp { precision: 4.., .. } | TimestampLtz { precision: 4.., .. },
        ) => true,
        (Array(a), Array(b)) | (Multiset(a), Multiset(b)) => can_fail(&a.kind, &b.kind),
        (Map(k1, v1), Map(k2, v2)) => can_fail(&k1.kind, &k2.kind) || can_fail(&v1.kind, &v2.kind),
        (Row(a), Row(b)) => a.iter().zip(b).any(|(x, y)| can_fail(&x.data_type.kind, &y.data_type.kind)),
        (Null, _) => false,
        _ => false,
    }
}

/// The conversion of columns of `from` to `to`; where `safe` what cannot be converted becomes NULL.
pub(crate) fn caster(from: &DataType, to: &DataType, safe: bool, context: &EvalContext) -> Result<Caster> {
    let conversion =
        Conversion { from: from.kind.clone(), to: to.kind.clone(), safe, zone: Zone::new(context.time_zone) };
    use TypeKind::*;
    let (a, b) = (&from.kind, &to.kind);
    let arrow = to.to_arrow();
    if *a == Null {
        return Ok(Box::new(move |array| Ok(new_null_array(&arrow, array.len()))));
    }
    if a == b || (from.to_arrow() == arrow && is_widening(a, b)) {
        return Ok(Box::new(|array| Ok(array.clone())));
    }
    Ok(match (a, b) {
        (_, Char(_) | Varchar(_)) => text::to_text(conversion),
        (_, Binary(_) | Varbinary(_)) => text::to_bytes(conversion),
        (_, b) if *b == Boolean || b.is_numeric() => numeric::to_number(conversion)?,
        (_, Date | Time(_) | Timestamp { .. } | TimestampLtz { .. } | IntervalYearMonth | IntervalDaySecond) => {
            temporal::to_time(conversion)?
        }
        _ => nested::to_nested(from, to, safe, context)?,
    })
}

/// DOUBLEs as numbers of another type.
pub(crate) fn of_doubles(values: Float64Array, to: &TypeKind) -> Result<ArrayRef> {
    let values: ArrayRef = Arc::new(values);
    if *to == TypeKind::Double {
        return Ok(values);
    }
    let zone = Zone::new(chrono_tz::Tz::UTC);
    numeric::to_number(Conversion { from: TypeKind::Double, to: to.clone(), safe: false, zone })?(&values)
}

/// Nothing to do but call it by another name.
fn is_widening(from: &TypeKind, to: &TypeKind) -> bool {
    use TypeKind::*;
    match (from, to) {
        (Char(n) | Varchar(n), Varchar(m)) | (Binary(n) | Varbinary(n), Varbinary(m)) => n <= m,
        (Timestamp { precision: p, .. }, Timestamp { precision: q, .. })
        | (TimestampLtz { precision: p, .. }, TimestampLtz { precision: q, .. }) => p <= q,
        (Time(p), Time(q)) => p <= q,
        _ => false,
    }
}

/// One cast between two types.
#[derive(Clone)]
pub(crate) struct Conversion {
    pub from: TypeKind,
    pub to: TypeKind,
    pub safe: bool,
    pub zone: Zone,
}

impl Conversion {
    /// What becomes of a value that has no counterpart: NULL if safe, else an error that names it.
    pub fn failed<T>(&self, value: impl std::fmt::Display) -> Result<Option<T>> {
        if self.safe {
            return Ok(None);
        }
        Err(Error::data(format!("cannot cast '{value}' to {}", self.to)).hint("TRY_CAST gives NULL instead"))
    }

    pub fn unknown<T>(&self) -> Result<T> {
        Err(Error::internal(format!("no cast of {} to {}", self.from, self.to)))
    }
}
