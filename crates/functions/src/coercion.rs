//! Which type an operation computes in: Flink's `LogicalTypeMerging` and Calcite's least restrictive type.
//!
//! * Integers widen to the widest; an integer beside a DECIMAL counts as DECIMAL(3|5|10|19, 0).
//! * FLOAT beside an integer stays FLOAT, beside a DECIMAL it becomes DOUBLE; of FLOAT and DOUBLE the first wins.
//! * CHAR of different lengths become VARCHAR of the longest.
//! * Of TIMESTAMP and TIMESTAMP_LTZ the first wins; DATE meets neither (but an INSERT casts it to both).
//! * DECIMAL results that exceed 38 digits keep their integer digits and at least 6 of the fraction.

use flitz_dataflow::{DataType, RowField, TypeKind};
use flitz_plan::{Expr, Literal};

pub(crate) const MAX_PRECISION: u8 = 38;

/// `input` as `to` where Flink converts by itself (set operations, CASE, INSERT); None if it does not.
pub fn implicit_cast(input: Expr, to: &DataType) -> Option<Expr> {
    let from = input.data_type();
    if from.kind == to.kind || same_but_attribute(&from.kind, &to.kind) {
        return Some(input);
    }
    if !implicitly_castable(&from.kind, &to.kind) {
        return None;
    }
    let nullable = from.nullable;
    Some(cast_to(input, &to.clone().with_nullable(nullable)))
}

/// `input` as the type of a sink's column, where INSERT converts by itself: text and bytes of open length do not become
/// fixed ones nor dates points in time, but points in time do become dates and times of day. A number too large for a
/// DECIMAL is NULL.
pub fn sink_cast(input: Expr, to: &DataType) -> Option<Expr> {
    use TypeKind::*;
    let from = input.data_type();
    let nullable = from.nullable;
    match (&from.kind, &to.kind) {
        (Varchar(_), Char(_)) | (Varbinary(_), Binary(_)) | (Date, Timestamp { .. } | TimestampLtz { .. }) => None,
        (Timestamp { .. }, Date | Time(_)) => Some(input.cast(to.clone().with_nullable(nullable).materialized())),
        (a, Decimal { .. }) if to.nullable && a != &to.kind && implicitly_castable(a, &to.kind) && *a != Null => {
            Some(input.cast(to.clone().materialized()))
        }
        _ => implicit_cast(input, &to.clone().with_nullable(nullable)),
    }
}

/// An implicit cast known to be allowed; folded on the spot for the untyped NULL.
pub(crate) fn cast_to(input: Expr, to: &DataType) -> Expr {
    let nullable = input.data_type().nullable || input.data_type().kind == TypeKind::Null;
    let to = to.clone().with_nullable(nullable).materialized();
    match &input {
        e if e.data_type().kind == to.kind || same_but_attribute(&e.data_type().kind, &to.kind) => input,
        Expr::Literal { value: Literal::Null, .. } => Expr::literal(Literal::Null, to.with_nullable(true)),
        _ => input.cast(to),
    }
}

fn same_but_attribute(a: &TypeKind, b: &TypeKind) -> bool {
    a.is_timestamp() && b.is_timestamp() && a.clone().with_attribute(b.attribute()) == *b
}

/// Flink's `supportsImplicitCast`: no information is lost but digits of a fraction.
fn implicitly_castable(from: &TypeKind, to: &TypeKind) -> bool {
    use TypeKind::*;
    match (from, to) {
        (Null, _) => true,
        (Char(_) | Varchar(_), Char(_) | Varchar(_)) => true,
        (Binary(_) | Varbinary(_), Binary(_) | Varbinary(_)) => true,
        (Decimal { .. }, Decimal { .. } | Float | Double) => true,
        (a, b) if a.is_integer() && b.is_integer() => integer_rank(a) <= integer_rank(b),
        (a, Decimal { .. } | Float | Double) if a.is_integer() => true,
        (Float, Double) => true,
        (Date, Timestamp { .. } | TimestampLtz { .. }) => true,
        (Timestamp { .. } | TimestampLtz { .. }, Timestamp { .. } | TimestampLtz { .. }) => true,
        (Time(_), Time(_)) => true,
        (Array(a), Array(b)) | (Multiset(a), Multiset(b)) => element_castable(a, b),
        (Map(k1, v1), Map(k2, v2)) => element_castable(k1, k2) && element_castable(v1, v2),
        (Row(a), Row(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| element_castable(&x.data_type, &y.data_type))
        }
        _ => false,
    }
}

fn element_castable(from: &DataType, to: &DataType) -> bool {
    from.kind == to.kind || implicitly_castable(&from.kind, &to.kind)
}

fn integer_rank(kind: &TypeKind) -> u8 {
    match kind {
        TypeKind::TinyInt => 1,
        TypeKind::SmallInt => 2,
        TypeKind::Int => 3,
        _ => 4,
    }
}

pub(crate) fn wider_integer(a: &TypeKind, b: &TypeKind) -> TypeKind {
    if integer_rank(a) >= integer_rank(b) { a.clone() } else { b.clone() }
}

/// A number type's digits when it meets a DECIMAL.
pub(crate) fn as_decimal(kind: &TypeKind) -> Option<(u8, u8)> {
    match kind {
        TypeKind::TinyInt => Some((3, 0)),
        TypeKind::SmallInt => Some((5, 0)),
        TypeKind::Int => Some((10, 0)),
        TypeKind::BigInt => Some((19, 0)),
        TypeKind::Decimal { precision, scale } => Some((*precision, *scale)),
        _ => None,
    }
}

/// The type that all of `types` widen to, nullable if one is.
pub fn least_common_type(types: &[DataType]) -> Option<DataType> {
    let nullable = types.iter().any(|t| t.nullable || t.kind == TypeKind::Null);
    let mut common: Option<TypeKind> = None;
    for t in types {
        let kind = t.clone().materialized().kind;
        common = Some(match common {
            None => kind,
            Some(c) => common_kind(c, kind)?,
        });
    }
    common.map(|kind| kind.nullable().with_nullable(nullable))
}

pub(crate) fn common_kind(a: TypeKind, b: TypeKind) -> Option<TypeKind> {
    use TypeKind::*;
    Some(match (a, b) {
        (a, b) if a == b => a,
        (Null, other) | (other, Null) => other,
        (a, b) if a.is_numeric() && b.is_numeric() => common_number(&a, &b),
        (Char(n) | Varchar(n), Char(m) | Varchar(m)) => Varchar(n.max(m)),
        (Binary(n) | Varbinary(n), Binary(m) | Varbinary(m)) => Varbinary(n.max(m)),
        (Time(p), Time(q)) => Time(p.max(q)),
        (Timestamp { precision: p, .. }, Timestamp { precision: q, .. } | TimestampLtz { precision: q, .. }) => {
            TypeKind::timestamp(p.max(q))
        }
        (TimestampLtz { precision: p, .. }, Timestamp { precision: q, .. } | TimestampLtz { precision: q, .. }) => {
            TypeKind::timestamp_ltz(p.max(q))
        }
        (Array(a), Array(b)) => Array(Box::new(common_type(*a, *b)?)),
        (Multiset(a), Multiset(b)) => Multiset(Box::new(common_type(*a, *b)?)),
        (Map(k1, v1), Map(k2, v2)) => Map(Box::new(common_type(*k1, *k2)?), Box::new(common_type(*v1, *v2)?)),
        (Row(a), Row(b)) if a.len() == b.len() => Row(a
            .into_iter()
            .zip(b)
            .map(|(x, y)| Some(RowField { name: x.name, data_type: common_type(x.data_type, y.data_type)? }))
            .collect::<Option<_>>()?),
        _ => return None,
    })
}

fn common_type(a: DataType, b: DataType) -> Option<DataType> {
    least_common_type(&[a, b])
}

fn common_number(a: &TypeKind, b: &TypeKind) -> TypeKind {
    use TypeKind::*;
    match (a, b) {
        (Float, Double) => Float,
        (Double, _) | (_, Double) | (Float, Decimal { .. }) | (Decimal { .. }, Float) => Double,
        (Float, _) | (_, Float) => Float,
        (Decimal { .. }, _) | (_, Decimal { .. }) => match (as_decimal(a), as_decimal(b)) {
            (Some((p1, s1)), Some((p2, s2))) => {
                let scale = s1.max(s2);
                let precision = ((p1 - s1).max(p2 - s2) + scale).min(MAX_PRECISION);
                Decimal { precision, scale }
            }
            _ => Double,
        },
        _ => wider_integer(a, b),
    }
}

/// The type in which `a` and `b` are compared. Wider than the least common type: text meets dates and times.
pub(crate) fn comparison_kind(a: &TypeKind, b: &TypeKind) -> Option<TypeKind> {
    use TypeKind::*;
    match (a, b) {
        (Char(_) | Varchar(_), other) | (other, Char(_) | Varchar(_))
            if matches!(other, Date | Time(_) | Timestamp { .. } | TimestampLtz { .. }) =>
        {
            Some(other.clone())
        }
        _ => common_kind(a.clone().with_attribute(Default::default()), b.clone().with_attribute(Default::default())),
    }
}

/// DECIMAL(p, s) of an arithmetic operation, before capping at 38 digits.
pub(crate) fn adjusted_decimal(precision: i32, scale: i32) -> TypeKind {
    let max = i32::from(MAX_PRECISION);
    let (precision, scale) =
        if precision <= max { (precision, scale) } else { (max, (max - (precision - scale)).max(scale.min(6))) };
    TypeKind::Decimal { precision: precision as u8, scale: scale as u8 }
}

/// The DECIMAL type of `operator` over two DECIMAL types.
pub(crate) fn decimal_result(operator: &str, (p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> TypeKind {
    let (p1, s1, p2, s2) = (i32::from(p1), i32::from(s1), i32::from(p2), i32::from(s2));
    match operator {
        "*" => adjusted_decimal(p1 + p2 + 1, s1 + s2),
        "/" => {
            let scale = 6.max(s1 + p2 + 1);
            adjusted_decimal(p1 - s1 + s2 + scale, scale)
        }
        "%" => {
            let scale = s1.max(s2);
            adjusted_decimal((p1 - s1).min(p2 - s2) + scale, scale)
        }
        _ => {
            let scale = s1.max(s2);
            adjusted_decimal((p1 - s1).max(p2 - s2) + scale + 1, scale)
        }
    }
}
