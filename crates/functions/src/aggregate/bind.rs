use flitz_dataflow::suggest::nearest;
use flitz_dataflow::{DataType, Error, Result, TypeKind};

use crate::scalar::json::text::check_convertible;

/// How an aggregate is typed: arguments are first cast to `args`.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundAggregate {
    pub args: Vec<DataType>,
    pub data_type: DataType,
}

const NAMES: [&str; 39] = [
    "COUNT",
    "SUM",
    "$SUM0",
    "AVG",
    "MIN",
    "MAX",
    "APPROX_COUNT_DISTINCT",
    "FIRST_VALUE",
    "LAST_VALUE",
    "LISTAGG",
    "STDDEV",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "VARIANCE",
    "VAR_POP",
    "VAR_SAMP",
    "COLLECT",
    "ARRAY_AGG",
    "ARRAY_AGG_IGNORE_NULLS",
    "JSON_OBJECTAGG",
    "JSON_OBJECTAGG_NULL_ON_NULL",
    "JSON_OBJECTAGG_ABSENT_ON_NULL",
    "JSON_OBJECTAGG_NULL_ON_NULL_RAW",
    "JSON_OBJECTAGG_ABSENT_ON_NULL_RAW",
    "JSON_ARRAYAGG",
    "JSON_ARRAYAGG_NULL_ON_NULL",
    "JSON_ARRAYAGG_ABSENT_ON_NULL",
    "JSON_ARRAYAGG_NULL_ON_NULL_RAW",
    "JSON_ARRAYAGG_ABSENT_ON_NULL_RAW",
    "PERCENTILE",
    "SINGLE_VALUE",
    "BITMAP_BUILD_AGG",
    "BITMAP_AND_AGG",
    "BITMAP_OR_AGG",
    "BITMAP_XOR_AGG",
    "BITMAP_BUILD_CARDINALITY_AGG",
    "BITMAP_AND_CARDINALITY_AGG",
    "BITMAP_OR_CARDINALITY_AGG",
    "BITMAP_XOR_CARDINALITY_AGG",
];

/// Flink has them, we don't.
const UNSUPPORTED: [&str; 2] = ["PERCENTILE_CONT", "PERCENTILE_DISC"];

/// Whether `name` (upper case) is an aggregate function.
pub fn is_aggregate(name: &str) -> bool {
    NAMES.contains(&name) || UNSUPPORTED.contains(&name)
}

/// Names of the aggregate functions that a user may write.
pub fn aggregate_names() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter().filter(|name| !name.starts_with('$') && !name.contains("_ON_NULL") && !name.ends_with("_NULLS"))
}

/// Types an aggregate call. `grouped`: whether there are group keys (decides nullability; with a FILTER pass
/// false, for a group may then have no rows that count).
///
/// Clauses are spelled in the name: `ARRAY_AGG_IGNORE_NULLS`, `JSON_OBJECTAGG_NULL_ON_NULL` (the default),
/// `JSON_OBJECTAGG_ABSENT_ON_NULL`, `JSON_ARRAYAGG_ABSENT_ON_NULL` (the default), `JSON_ARRAYAGG_NULL_ON_NULL`; with
/// `_RAW` behind it for values that are JSON text.
pub fn bind_aggregate(name: &str, args: &[DataType], distinct: bool, grouped: bool) -> Result<BoundAggregate> {
    if UNSUPPORTED.contains(&name) {
        return Err(Error::unsupported(format!("the aggregate function {name}")));
    }
    let arity = match name {
        "COUNT" => 0..=usize::MAX,
        "LISTAGG" => 1..=2,
        name if name.starts_with("JSON_OBJECTAGG") => 2..=2,
        "PERCENTILE" => 2..=3,
        _ => 1..=1,
    };
    if !NAMES.contains(&name) {
        let error = Error::invalid(format!("no aggregate function is called {name}"));
        return Err(match nearest(name, aggregate_names()) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error,
        });
    }
    if !arity.contains(&args.len()) {
        return Err(Error::invalid(format!("{name} does not take {} arguments", args.len())));
    }
    if distinct && args.is_empty() {
        return Err(Error::invalid("COUNT(DISTINCT *) counts nothing: name the columns"));
    }
    let mut bound: Vec<DataType> = args.iter().map(|arg| arg.clone().materialized()).collect();
    let refuse = |what: &str| {
        let found = args.iter().map(DataType::to_string).collect::<Vec<_>>().join(", ");
        Err(Error::invalid(format!("{name} takes {what}, found {found}")))
    };
    let empty_is_null = |arg: &DataType| arg.nullable || !grouped;
    let data_type = match name {
        "COUNT" | "APPROX_COUNT_DISTINCT" => TypeKind::BigInt.not_null(),
        "SUM" | "$SUM0" => {
            let nullable = name == "SUM" && empty_is_null(&bound[0]);
            match bound[0].kind {
                TypeKind::Decimal { scale, .. } => {
                    // The sum may overflow, which is NULL.
                    DataType::new(TypeKind::Decimal { precision: 38, scale }, name == "SUM")
                }
                ref kind if kind.is_numeric() => DataType::new(kind.clone(), nullable),
                _ => return refuse("a number"),
            }
        }
        "AVG" | "STDDEV" | "STDDEV_POP" | "STDDEV_SAMP" | "VARIANCE" | "VAR_POP" | "VAR_SAMP" => {
            let data_type = match bound[0].kind {
                TypeKind::Decimal { scale, .. } => TypeKind::Decimal { precision: 38, scale: scale.max(6) }.nullable(),
                ref kind if kind.is_numeric() => {
                    // A sample of one row has no deviation.
                    let sample = !matches!(name, "AVG" | "STDDEV_POP" | "VAR_POP");
                    DataType::new(kind.clone(), sample || empty_is_null(&bound[0]))
                }
                _ => return refuse("a number"),
            };
            if name != "AVG" {
                bound[0] = TypeKind::Double.nullable();
            }
            data_type
        }
        "MIN" | "MAX" => match bound[0].kind {
            TypeKind::Array(_) | TypeKind::Map(..) | TypeKind::Multiset(_) | TypeKind::Row(_) | TypeKind::Bitmap => {
                return refuse("values that can be compared");
            }
            _ => DataType::new(bound[0].kind.clone(), empty_is_null(&bound[0])),
        },
        "FIRST_VALUE" | "LAST_VALUE" => DataType::new(bound[0].kind.clone(), empty_is_null(&bound[0])),
        "SINGLE_VALUE" => bound[0].clone().with_nullable(true),
        "LISTAGG" => {
            if bound.iter().any(|arg| !arg.kind.is_string() && arg.kind != TypeKind::Null) {
                return refuse("STRING and a STRING separator");
            }
            // Flink calls the list as long as its elements; nothing is cut.
            DataType::new(bound[0].kind.clone(), empty_is_null(&bound[0]))
        }
        "ARRAY_AGG" | "ARRAY_AGG_IGNORE_NULLS" => {
            DataType::new(TypeKind::Array(Box::new(bound[0].clone())), empty_is_null(&bound[0]))
        }
        "COLLECT" => TypeKind::Multiset(Box::new(bound[0].clone())).not_null(),
        "PERCENTILE" => {
            if !bound[0].kind.is_numeric() {
                return refuse("a number and a fraction from 0 to 1");
            }
            bound[0] = TypeKind::Double.nullable();
            if let Some(frequency) = bound.get_mut(2) {
                if !frequency.kind.is_integer() {
                    return refuse("an integer frequency");
                }
                *frequency = TypeKind::BigInt.nullable();
            }
            match &bound[1].kind {
                kind if kind.is_numeric() => {
                    bound[1] = TypeKind::Double.nullable();
                    TypeKind::Double.nullable()
                }
                TypeKind::Array(element) if element.kind.is_numeric() => {
                    let nullable = bound[1].nullable;
                    bound[1] = DataType::new(TypeKind::Array(Box::new(TypeKind::Double.nullable())), nullable);
                    TypeKind::Array(Box::new(TypeKind::Double.nullable())).nullable()
                }
                _ => return refuse("a number and a fraction from 0 to 1, or an array of them"),
            }
        }
        name if name.starts_with("BITMAP_") => {
            let (wanted, words) = match name.starts_with("BITMAP_BUILD") {
                true => (TypeKind::Int, "INT"),
                false => (TypeKind::Bitmap, "BITMAP"),
            };
            if bound[0].kind != wanted {
                return refuse(words);
            }
            let counts = name.ends_with("_CARDINALITY_AGG");
            if counts { TypeKind::BigInt.nullable() } else { TypeKind::Bitmap.nullable() }
        }
        // Only JSON aggregates are left.
        _ => {
            if name.starts_with("JSON_OBJECTAGG") && !bound[0].kind.is_string() {
                return refuse("a STRING key and a value");
            }
            check_convertible(&bound[bound.len() - 1].kind)?;
            TypeKind::Varchar(2000).not_null()
        }
    };
    Ok(BoundAggregate { args: bound, data_type })
}
