//! A typed expression over rows of every type.
//!
//! 1. The bytes choose rows: NULLs, edges of the types, and anything between.
//! 2. They choose an expression: functions and operators by name, arguments of types that the function takes (found by
//!    asking [`bind_call`] once for each), columns and literals at the leaves.
//! 3. Planned and evaluated over all rows, over each row alone, and over each row with its values as constants,
//!    folded, and in a list with its own parts: all must give the same, or all fail.

mod rows;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use arbitrary::{Result, Unstructured};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::concat;
use arrow::datatypes::{Float32Type, Float64Type};
use flitz_dataflow::{ManualClock, Schema, TypeKind};
use flitz_functions::{EvalContext, PhysicalExprs, bind_call, bind_cast, compile, fold, is_deterministic, names};
use flitz_plan::{Expr, Literal};

use crate::shows;

/// What functions tell apart. Each has one or more columns, see [`rows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Family {
    Boolean,
    Integer,
    Double,
    Decimal,
    Text,
    Bytes,
    Date,
    Time,
    Timestamp,
    Ltz,
    Months,
    Millis,
    Ints,
    Texts,
    Map,
    Row,
    /// A text literal that names a unit or another choice.
    Word,
}

const FAMILIES: [Family; 17] = [
    Family::Text,
    Family::Integer,
    Family::Boolean,
    Family::Double,
    Family::Decimal,
    Family::Timestamp,
    Family::Ltz,
    Family::Date,
    Family::Word,
    Family::Ints,
    Family::Bytes,
    Family::Time,
    Family::Months,
    Family::Millis,
    Family::Texts,
    Family::Map,
    Family::Row,
];

impl Family {
    fn of(kind: &TypeKind) -> Option<Family> {
        Some(match kind {
            TypeKind::Boolean => Family::Boolean,
            kind if kind.is_integer() => Family::Integer,
            kind if kind.is_approximate() => Family::Double,
            TypeKind::Decimal { .. } => Family::Decimal,
            kind if kind.is_string() => Family::Text,
            kind if kind.is_binary() => Family::Bytes,
            TypeKind::Date => Family::Date,
            TypeKind::Time(_) => Family::Time,
            TypeKind::Timestamp { .. } => Family::Timestamp,
            TypeKind::TimestampLtz { .. } => Family::Ltz,
            TypeKind::IntervalYearMonth => Family::Months,
            TypeKind::IntervalDaySecond => Family::Millis,
            TypeKind::Array(e) if e.kind == TypeKind::Int => Family::Ints,
            TypeKind::Array(e) if e.kind.is_string() => Family::Texts,
            TypeKind::Map(..) => Family::Map,
            TypeKind::Row(_) => Family::Row,
            _ => return None,
        })
    }

    fn kind(self) -> TypeKind {
        match self {
            Family::Boolean => TypeKind::Boolean,
            Family::Integer => TypeKind::Int,
            Family::Double => TypeKind::Double,
            Family::Decimal => TypeKind::Decimal { precision: 10, scale: 2 },
            Family::Text | Family::Word => TypeKind::STRING,
            Family::Bytes => TypeKind::BYTES,
            Family::Date => TypeKind::Date,
            Family::Time => TypeKind::Time(3),
            Family::Timestamp => TypeKind::timestamp(3),
            Family::Ltz => TypeKind::timestamp_ltz(3),
            Family::Months => TypeKind::IntervalYearMonth,
            Family::Millis => TypeKind::IntervalDaySecond,
            Family::Ints => TypeKind::Array(Box::new(TypeKind::Int.nullable())),
            Family::Texts => TypeKind::Array(Box::new(TypeKind::STRING.nullable())),
            Family::Map => TypeKind::Map(Box::new(TypeKind::STRING.nullable()), Box::new(TypeKind::Int.nullable())),
            Family::Row => rows::row_kind(),
        }
    }
}

/// What `names` leaves out.
const OPERATORS: &[&str] = &[
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "AND",
    "OR",
    "NOT",
    "NEGATE",
    "ITEM",
    "IN",
    "LIKE",
    "SIMILAR TO",
    "BETWEEN",
    "BETWEEN SYMMETRIC",
    "CASE",
    "OVERLAPS",
    "IS NULL",
    "IS NOT NULL",
    "IS TRUE",
    "IS NOT TRUE",
    "IS FALSE",
    "IS NOT FALSE",
    "IS UNKNOWN",
    "IS NOT UNKNOWN",
    "IS DISTINCT FROM",
    "IS NOT DISTINCT FROM",
    "IS JSON",
    "ARRAY",
    "MAP",
    "ROW",
];

const UNITS: &[&str] = &[
    "DAY",
    "YEAR",
    "MONTH",
    "HOUR",
    "MINUTE",
    "SECOND",
    "WEEK",
    "QUARTER",
    "MILLISECOND",
    "MICROSECOND",
    "NANOSECOND",
    "DECADE",
    "CENTURY",
    "MILLENNIUM",
    "DOW",
    "ISODOW",
    "DOY",
    "EPOCH",
    "ISOYEAR",
];

/// What a function's choice may be, where it is no unit.
fn words(function: &str) -> &'static [&'static str] {
    match function {
        "TRIM" => &["BOTH", "LEADING", "TRAILING"],
        "IS JSON" => &["VALUE", "SCALAR", "ARRAY", "OBJECT"],
        "JSON_EXISTS" => &["FALSE", "TRUE", "UNKNOWN", "ERROR"],
        "JSON_OBJECT" | "JSON_ARRAY" => &["NULL", "ABSENT"],
        "PARSE_URL" => &["HOST", "PATH", "QUERY", "REF", "PROTOCOL", "AUTHORITY", "FILE", "USERINFO"],
        "CONVERT_TZ" | "TO_TIMESTAMP_LTZ" => &["UTC", "Europe/Berlin", "GMT+08:30"],
        _ => UNITS,
    }
}

fn functions() -> &'static [&'static str] {
    static ALL: OnceLock<Vec<&str>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: Vec<&str> = names().into_iter().chain(OPERATORS.iter().copied()).collect();
        // The bytes of a find mean the same tomorrow.
        all.sort_unstable();
        all.dedup();
        all
    })
}

/// The lists of arguments that a function takes, up to three and a few longer ones.
fn signatures(function: &'static str) -> Arc<Vec<Vec<Family>>> {
    static KNOWN: OnceLock<Mutex<HashMap<&str, Arc<Vec<Vec<Family>>>>>> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap();
    let found = known.entry(function).or_insert_with(|| {
        let arg = |family: Family| match family {
            Family::Word => word(words(function)[0]),
            family => Expr::column(0, family.kind().nullable()),
        };
        let takes = |list: &[Family]| bind_call(function, list.iter().map(|f| arg(*f)).collect()).is_ok();
        let mut lists: Vec<Vec<Family>> = vec![vec![]];
        let mut all = vec![];
        for length in 0..=3 {
            all.extend(lists.iter().filter(|list| takes(list)).cloned());
            if length < 3 {
                let longer = |list: &Vec<Family>| FAMILIES.map(|f| [list.as_slice(), &[f]].concat());
                lists = lists.iter().flat_map(longer).collect();
            }
        }
        use Family::*;
        for list in [
            vec![Boolean, Text, Boolean, Text, Text],
            vec![Boolean, Integer, Boolean, Double, Decimal],
            vec![Timestamp, Timestamp, Timestamp, Timestamp],
            vec![Text, Text, Integer, Integer],
            vec![Text, Integer, Text, Integer],
            vec![Word, Text, Integer, Text, Text],
            vec![Integer, Integer, Integer, Integer],
        ] {
            if takes(&list) {
                all.push(list);
            }
        }
        Arc::new(all)
    });
    found.clone()
}

fn word(text: &str) -> Expr {
    Expr::literal(Literal::String(text.to_owned()), TypeKind::Char(text.chars().count() as u32).not_null())
}

struct Generator<'a, 'b> {
    bytes: &'a mut Unstructured<'b>,
    schema: &'a Schema,
    /// Calls that may still be made, and those that were.
    left: usize,
    calls: usize,
}

impl Generator<'_, '_> {
    fn pick<'x, T>(&mut self, from: &'x [T]) -> Result<&'x T> {
        self.bytes.choose(from)
    }

    fn expr(&mut self, family: Family) -> Result<Expr> {
        if family == Family::Word {
            return Ok(word(self.pick(UNITS)?));
        }
        let choice: u8 = self.bytes.arbitrary()?;
        // The whole expression is no leaf, and no part of it is before a call.
        if self.left == 0 || (choice < 96 && self.calls > 0) {
            return if choice % 3 == 2 { self.literal(family) } else { self.column(family) };
        }
        self.left -= 1;
        self.calls += 1;
        if choice < 112 {
            let from = *self.pick(&FAMILIES)?;
            let input = self.expr(from)?;
            return self.in_family(input, family, true);
        }
        if choice < 120 {
            return self.json(family);
        }
        let function = *self.pick(functions())?;
        let signatures = signatures(function);
        if signatures.is_empty() {
            return self.column(family);
        }
        let signature = self.pick(&signatures)?;
        let mut args = vec![];
        for (i, family) in signature.iter().enumerate() {
            args.push(match family {
                Family::Word => word(self.pick(words(function))?),
                // The grammar has no other than a word there.
                _ if i > 0 && matches!(function, "IS JSON" | "JSON_EXISTS") && i + 1 == signature.len() => {
                    word(self.pick(words(function))?)
                }
                _ if i == 0 && matches!(function, "JSON_OBJECT" | "JSON_ARRAY") => word(self.pick(words(function))?),
                // The unit of FLOOR and its like is the last.
                Family::Text if i > 0 && self.bytes.ratio(1, 8)? => word(self.pick(words(function))?),
                family => self.expr(*family)?,
            });
        }
        match bind_call(function, args) {
            Ok(call) => self.in_family(call, family, false),
            Err(_) => self.column(family),
        }
    }

    fn in_family(&mut self, expr: Expr, family: Family, always: bool) -> Result<Expr> {
        if !always && Family::of(&expr.data_type().kind) == Some(family) {
            return Ok(expr);
        }
        if let (Expr::Column { .. }, TypeKind::Row(fields)) = (&expr, &expr.data_type().kind) {
            let found = fields.iter().position(|f| Family::of(&f.data_type.kind) == Some(family));
            if let Some(index) = found {
                let data_type = fields[index].data_type.clone().with_nullable(true);
                return Ok(Expr::Field { input: Box::new(expr), index, data_type });
            }
        }
        let kind = match self.bytes.ratio(1, 4)? {
            true => self.other_kind(family)?,
            false => family.kind(),
        };
        let safe = self.bytes.ratio(1, 3)?;
        let nullable = safe || expr.data_type().nullable;
        match bind_cast(expr, kind.clone().nullable().with_nullable(nullable), safe) {
            Ok(cast) => Ok(cast),
            Err(_) => self.column(family),
        }
    }

    /// Another type of the family.
    fn other_kind(&mut self, family: Family) -> Result<TypeKind> {
        let precision = self.bytes.int_in_range(0..=9)?;
        Ok(match family {
            Family::Integer => {
                self.pick(&[TypeKind::TinyInt, TypeKind::SmallInt, TypeKind::Int, TypeKind::BigInt])?.clone()
            }
            Family::Double => TypeKind::Float,
            Family::Decimal => {
                let precision = self.bytes.int_in_range(1..=38)?;
                TypeKind::Decimal { precision, scale: self.bytes.int_in_range(0..=precision)? }
            }
            Family::Text => match precision {
                0..=4 => TypeKind::Char(u32::from(precision) + 1),
                more => TypeKind::Varchar(u32::from(more)),
            },
            Family::Bytes => TypeKind::Binary(u32::from(precision) + 1),
            Family::Time => TypeKind::Time(precision),
            Family::Timestamp => TypeKind::timestamp(precision),
            Family::Ltz => TypeKind::timestamp_ltz(precision),
            other => other.kind(),
        })
    }

    fn column(&mut self, family: Family) -> Result<Expr> {
        let family = if family == Family::Word { Family::Text } else { family };
        let fields = self.schema.fields.iter().enumerate();
        let candidates: Vec<usize> =
            fields.filter(|(_, f)| Family::of(&f.data_type.kind) == Some(family)).map(|(i, _)| i).collect();
        let index = *self.pick(&candidates)?;
        Ok(Expr::column(index, self.schema.fields[index].data_type.clone()))
    }

    fn literal(&mut self, family: Family) -> Result<Expr> {
        let field = match self.column(family)? {
            Expr::Column { data_type, .. } => data_type,
            other => return Ok(other),
        };
        let array = rows::array(self.bytes, &field.kind, 1, false)?;
        Ok(match rows::literal(&array, 0, &field.kind) {
            Some(value) => Expr::literal(value, field.kind.not_null()),
            None => self.column(family)?,
        })
    }

    fn json(&mut self, family: Family) -> Result<Expr> {
        let text = self.expr(Family::Text)?;
        let path = word(self.pick(&["$", "$.a", "lax $.b[*]", "strict $.b[1].c", "$.*", "$[0]", "$.e"])?);
        let behavior = |u: &mut Unstructured<'_>| u.choose(&["NULL", "ERROR"]).map(|w| word(w));
        let null = || Expr::literal(Literal::Null, TypeKind::Null.nullable());
        let (name, args) = match self.bytes.arbitrary::<bool>()? {
            true => {
                let kind = word(self.pick(&["STRING", "BOOLEAN", "INTEGER", "BIGINT", "DOUBLE"])?);
                let (empty, error) = (behavior(self.bytes)?, behavior(self.bytes)?);
                ("JSON_VALUE", vec![text, path, kind, empty, null(), error, null()])
            }
            false => {
                let kind = word(self.pick(&["STRING", "ARRAY<STRING>"])?);
                let wrapper = word(self.pick(&["WITHOUT", "CONDITIONAL", "UNCONDITIONAL"])?);
                let behaviors = ["NULL", "ERROR", "EMPTY ARRAY", "EMPTY OBJECT"];
                let (empty, error) = (word(self.pick(&behaviors)?), word(self.pick(&behaviors)?));
                ("JSON_QUERY", vec![text, path, kind, wrapper, empty, error])
            }
        };
        match bind_call(name, args) {
            Ok(call) => self.in_family(call, family, false),
            Err(_) => self.column(family),
        }
    }
}

pub fn check(data: &[u8]) {
    let _ = run(&mut Unstructured::new(data));
}

fn run(bytes: &mut Unstructured<'_>) -> Result<()> {
    let schema = rows::schema();
    // The expression first: most bytes are its.
    let family = *bytes.choose(&FAMILIES)?;
    let left = bytes.int_in_range(1..=6)?;
    let mut generator = Generator { bytes, schema: &schema, left, calls: 0 };
    let expr = generator.expr(family)?;
    let batch = rows::batch(bytes, &schema, &expr.columns())?;
    let context = EvalContext::new(Arc::new(ManualClock::at(1_700_000_000_000)), "Europe/Berlin").unwrap();
    if shows() {
        eprintln!("{expr:?}");
        for column in expr.columns() {
            eprintln!("{}: {:?}", schema.fields[column].name, batch.column(column));
        }
    }
    let whole = evaluate(&expr, &batch, &context);
    if !is_deterministic(&expr) {
        return Ok(());
    }
    // A literal pattern or path that is none is refused before there is a row, whatever the other arguments are.
    let folded = fold(expr.clone());
    if compile(&folded, &context).is_ok() {
        same(&whole, &evaluate(&folded, &batch, &context), &expr, "folded");
    }

    let mut each = vec![];
    for row in 0..batch.num_rows() {
        let alone = evaluate(&expr, &batch.slice(row, 1), &context);
        let constant = fold(with_constants(&expr, &batch, row));
        if compile(&constant, &context).is_ok() {
            same(&alone, &evaluate(&constant, &batch.slice(row, 1), &context), &expr, "with constants");
        }
        each.push(alone);
    }
    let rows: std::result::Result<Vec<ArrayRef>, String> = each.into_iter().collect();
    let together = rows.map(|rows| concat(&rows.iter().map(|a| a.as_ref()).collect::<Vec<&dyn Array>>()).unwrap());
    same(&whole, &together, &expr, "row by row");
    same(&whole, &in_company(&expr, &batch, &context), &expr, "beside its parts");
    Ok(())
}

/// The last column of a list with all parts of `expr` that do not fail by themselves, then itself: it shares them.
fn in_company(expr: &Expr, batch: &RecordBatch, context: &EvalContext) -> std::result::Result<ArrayRef, String> {
    let mut list = vec![];
    let mut parts = vec![expr];
    while let Some(part) = parts.pop() {
        parts.extend(part.children());
        if !std::ptr::eq(part, expr) && evaluate(part, batch, context).is_ok() {
            list.push(part.clone());
        }
    }
    list.push(expr.clone());
    let evaluated = PhysicalExprs::compile(&list, context).and_then(|mut list| list.evaluate(batch));
    let mut columns = evaluated.map_err(|e| e.to_string())?;
    columns.pop().ok_or_else(|| "no column".to_owned())
}

fn evaluate(expr: &Expr, batch: &RecordBatch, context: &EvalContext) -> std::result::Result<ArrayRef, String> {
    let compiled = compile(expr, context);
    let result = compiled.and_then(|mut e| e.evaluate(batch));
    match result {
        Ok(values) => {
            assert_eq!(values.len(), batch.num_rows(), "{expr:?}: rows");
            assert_eq!(values.data_type(), &expr.data_type().to_arrow(), "{expr:?}: type");
            values.to_data().validate_full().unwrap_or_else(|e| panic!("{expr:?}: {e}"));
            Ok(values)
        }
        Err(e) => {
            assert!(e.kind != flitz_dataflow::ErrorKind::Internal, "{expr:?}: {e}");
            Err(e.to_string())
        }
    }
}

fn same(a: &std::result::Result<ArrayRef, String>, b: &std::result::Result<ArrayRef, String>, expr: &Expr, how: &str) {
    match (a, b) {
        (Ok(a), Ok(b)) => assert!(equal(a, b), "{how}: {a:?}\nis not {b:?}\n{expr:?}"),
        (Err(_), Err(_)) => {}
        (Ok(_), Err(e)) => panic!("{how} it fails: {e}\n{expr:?}"),
        (Err(e), Ok(_)) => panic!("{how} it does not fail: {e}\n{expr:?}"),
    }
}

/// Bit by bit, but any NaN is a NaN.
fn equal(a: &ArrayRef, b: &ArrayRef) -> bool {
    a.data_type() == b.data_type() && a.len() == b.len() && canonical(a).to_data() == canonical(b).to_data()
}

fn canonical(array: &ArrayRef) -> ArrayRef {
    if let Some(doubles) = array.as_primitive_opt::<Float64Type>() {
        return Arc::new(doubles.unary::<_, Float64Type>(|v| if v.is_nan() { f64::NAN } else { v }));
    }
    if let Some(floats) = array.as_primitive_opt::<Float32Type>() {
        return Arc::new(floats.unary::<_, Float32Type>(|v| if v.is_nan() { f32::NAN } else { v }));
    }
    array.clone()
}

/// `expr` with literals in place of the row's values, where the type has literals.
fn with_constants(expr: &Expr, batch: &RecordBatch, row: usize) -> Expr {
    expr.clone().transform(&mut |e| match &e {
        Expr::Column { index, data_type } => match rows::literal(batch.column(*index), row, &data_type.kind) {
            Some(value) => Expr::literal(value, data_type.clone()),
            None => e,
        },
        _ => e,
    })
}

#[test]
fn random_ones_hold() {
    crate::with_random_bytes(
        4000,
        &[4709, 5615, 22498, 26110, 481_759, 580_586, 2_177_531, 4_001_971, 5_047_867, 5_076_517],
        check,
    );
}
