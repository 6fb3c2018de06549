//! The scalar functions, one file per family; each entry holds name, signature and evaluation.
//!
//! # How the resolver writes calls
//!
//! [`bind_call`](crate::bind_call) takes a name in upper case and bound arguments. Operators and special
//! forms of the grammar are calls too:
//!
//! | SQL | name and arguments |
//! |---|---|
//! | `a = b`, `<>`, `<`, `<=`, `>`, `>=` | the symbol |
//! | `a + b`, `-`, `*`, `/`, `%`, `\|\|` | the symbol (also datetime ± interval, interval ± interval, interval * n) |
//! | `-a`, `+a` | `NEGATE`(a), a itself |
//! | `AND`, `OR` (2 or more), `NOT` | the word |
//! | `IS [NOT] NULL / TRUE / FALSE / UNKNOWN` | `IS NULL`, `IS NOT NULL`, `IS TRUE`, `IS NOT TRUE`, … |
//! | `a IS [NOT] DISTINCT FROM b` | `IS DISTINCT FROM`, `IS NOT DISTINCT FROM` |
//! | `a LIKE p [ESCAPE e]` | `LIKE`(a, p[, e]); NOT LIKE: wrap in `NOT`; likewise all NOT forms below |
//! | `a SIMILAR TO p [ESCAPE e]` | `SIMILAR TO`(a, p[, e]) |
//! | `a IN (x, y)` | `IN`(a, x, y) |
//! | `a BETWEEN [SYMMETRIC] l AND h` | `BETWEEN`(a, l, h), `BETWEEN SYMMETRIC`(a, l, h) |
//! | `CASE WHEN c THEN x … ELSE y END` | `CASE`(c, x, …, y): conditions and values in turn, ELSE last (untyped NULL literal if absent) |
//! | `CASE v WHEN a THEN …` | as above with conditions `=`(v, a) |
//! | `EXTRACT(DAY FROM t)` | `EXTRACT`('DAY', t) |
//! | `FLOOR(t TO MINUTE)`, `CEIL` | `FLOOR`(t, 'MINUTE'), `CEIL`(t, 'MINUTE'); numbers: `FLOOR`(x) |
//! | `TIMESTAMPADD(MINUTE, n, t)` | `TIMESTAMPADD`('MINUTE', n, t) |
//! | `TIMESTAMPDIFF(MINUTE, a, b)` | `TIMESTAMPDIFF`('MINUTE', a, b) |
//! | `TRIM([BOTH] [c FROM] s)` | `TRIM`('BOTH' or 'LEADING' or 'TRAILING', c, s), c = ' ' if absent |
//! | `POSITION(a IN b)` | `POSITION`(a, b) |
//! | `SUBSTRING(s FROM i FOR n)` | `SUBSTRING`(s, i[, n]) |
//! | `OVERLAY(s PLACING r FROM i FOR n)` | `OVERLAY`(s, r, i[, n]) |
//! | `a[i]`, `m['k']` | `ITEM`(a, i) |
//! | `ARRAY[…]`, `MAP[k, v, …]`, `ROW(…)`, `(a, b)` | `ARRAY`, `MAP`, `ROW` |
//! | `(a, b) OVERLAPS (c, d)` | `OVERLAPS`(a, b, c, d) |
//! | `s IS JSON [VALUE / SCALAR / ARRAY / OBJECT]` | `IS JSON`(s, 'VALUE'); IS NOT JSON: wrap in `NOT` |
//! | `JSON_EXISTS(j, p [x ON ERROR])` | `JSON_EXISTS`(j, p, 'FALSE' or 'TRUE' or 'UNKNOWN' or 'ERROR') |
//! | `JSON_VALUE(…)` | `JSON_VALUE`(j, p, type, on_empty, empty_default, on_error, error_default) |
//! | `JSON_QUERY(…)` | `JSON_QUERY`(j, p, type, wrapper, on_empty, on_error) |
//! | `JSON_OBJECT(KEY k VALUE v … x ON NULL)` | `JSON_OBJECT`('NULL' or 'ABSENT', k, v, …) |
//! | `JSON_ARRAY(v … x ON NULL)` | `JSON_ARRAY`('NULL' or 'ABSENT', v, …); absent clause: 'ABSENT' (OBJECT: 'NULL') |
//! | `CURRENT_TIMESTAMP`, `LOCALTIME`, `PI` … without parentheses | the name without arguments |
//!
//! * `JSON_VALUE`: `type` is a string literal 'STRING', 'BOOLEAN', 'INTEGER', 'BIGINT' or 'DOUBLE' ('STRING' if
//!   there is no RETURNING); `on_empty` and `on_error` are 'NULL', 'ERROR' or 'DEFAULT' ('NULL' if absent); the
//!   defaults are NULL literals unless the behaviour is 'DEFAULT'.
//! * `JSON_QUERY`: `type` is 'STRING' or 'ARRAY<STRING>'; `wrapper` is 'WITHOUT', 'CONDITIONAL' or
//!   'UNCONDITIONAL'; `on_empty` and `on_error` are 'NULL', 'ERROR', 'EMPTY ARRAY' or 'EMPTY OBJECT'.
//! * Units are those of Flink's TimeIntervalUnit, singular and upper case: 'MILLENNIUM' … 'NANOSECOND', 'DOW',
//!   'ISODOW', 'DOY', 'EPOCH', 'ISOYEAR'.
//! * A field of a ROW is not a call but [`Expr::Field`].

pub(crate) mod arithmetic;
pub(crate) mod bitmap;
pub(crate) mod collection;
pub(crate) mod comparison;
pub(crate) mod conditional;
pub(crate) mod hash;
pub(crate) mod json;
pub(crate) mod logical;
pub(crate) mod math;
pub(crate) mod network;
pub(crate) mod regex;
pub(crate) mod string;
pub(crate) mod system;
pub(crate) mod temporal;

use std::collections::HashMap;
use std::sync::OnceLock;

use arrow::array::ArrayRef;
use flitz_dataflow::{DataType, Error, Result, TypeKind, suggest};
use flitz_plan::{Expr, Literal};

use crate::EvalContext;
use crate::coercion::{cast_to, least_common_type};
use crate::columnar::Args;

/// A kernel that was prepared for one call: it may hold a compiled pattern, a generator, scratch space.
pub(crate) type Kernel = Box<dyn FnMut(&Args) -> Result<ArrayRef> + Send>;

pub(crate) struct Function {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    bind: Bind,
    pub eval: Eval,
    /// Whether it may raise an error over values: then it is not evaluated for rows whose branch is not taken.
    pub fallible: bool,
    /// Whether equal arguments give equal results.
    pub deterministic: bool,
}

#[derive(Clone, Copy)]
enum Bind {
    Signature { params: &'static [Param], optional: usize, variadic: bool, output: Output },
    Custom(fn(&'static str, Vec<Expr>) -> Result<Expr>),
}

#[derive(Clone, Copy)]
pub(crate) enum Eval {
    Rows(fn(&Args) -> Result<ArrayRef>),
    Prepared(fn(&Site) -> Result<Kernel>),
    /// Evaluated by the compiler itself, or written as other expressions when bound.
    Special,
}

/// One call about to be compiled.
pub(crate) struct Site<'a> {
    pub name: &'a str,
    pub args: &'a [Expr],
    pub data_type: &'a DataType,
    pub context: &'a EvalContext,
}

/// What an argument must be; it is cast to that where Flink casts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Param {
    Any,
    String,
    Binary,
    /// Text or bytes.
    StringOrBinary,
    Boolean,
    /// Up to INT; a BIGINT is cut.
    Int,
    BigInt,
    Numeric,
    /// Any number, computed in DOUBLE.
    Double,
    Array,
}

#[derive(Clone, Copy)]
pub(crate) enum Output {
    /// Of this type, nullable if an argument is.
    Strict(Simple),
    /// Of this type, always nullable.
    Nullable(Simple),
    NotNull(Simple),
    /// The type of an argument, nullable if any argument is.
    Arg(usize),
    Custom(fn(&[Expr]) -> Result<DataType>),
}

#[derive(Clone, Copy)]
pub(crate) enum Simple {
    Boolean,
    Int,
    BigInt,
    Double,
    String,
    Bytes,
    Char(u32),
    Varchar(u32),
    Date,
    StringArray,
}

impl Simple {
    fn kind(self) -> TypeKind {
        match self {
            Simple::Boolean => TypeKind::Boolean,
            Simple::Int => TypeKind::Int,
            Simple::BigInt => TypeKind::BigInt,
            Simple::Double => TypeKind::Double,
            Simple::String => TypeKind::STRING,
            Simple::Bytes => TypeKind::BYTES,
            Simple::Char(n) => TypeKind::Char(n),
            Simple::Varchar(n) => TypeKind::Varchar(n),
            Simple::Date => TypeKind::Date,
            Simple::StringArray => TypeKind::Array(Box::new(TypeKind::STRING.nullable())),
        }
    }
}

impl Function {
    pub const fn new(
        name: &'static str,
        params: &'static [Param],
        output: Output,
        eval: fn(&Args) -> Result<ArrayRef>,
    ) -> Function {
        Function {
            name,
            aliases: &[],
            bind: Bind::Signature { params, optional: 0, variadic: false, output },
            eval: Eval::Rows(eval),
            fallible: false,
            deterministic: true,
        }
    }

    /// One whose kernel is made per call.
    pub const fn prepared(
        name: &'static str,
        params: &'static [Param],
        output: Output,
        prepare: fn(&Site) -> Result<Kernel>,
    ) -> Function {
        Function {
            name,
            aliases: &[],
            bind: Bind::Signature { params, optional: 0, variadic: false, output },
            eval: Eval::Prepared(prepare),
            fallible: false,
            deterministic: true,
        }
    }

    /// One that types its calls itself.
    pub const fn custom(name: &'static str, bind: fn(&'static str, Vec<Expr>) -> Result<Expr>, eval: Eval) -> Function {
        Function { name, aliases: &[], bind: Bind::Custom(bind), eval, fallible: false, deterministic: true }
    }

    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Function {
        self.aliases = aliases;
        self
    }

    /// The last `n` parameters may be left out.
    pub const fn optional(mut self, n: usize) -> Function {
        if let Bind::Signature { params, variadic, output, .. } = self.bind {
            self.bind = Bind::Signature { params, optional: n, variadic, output };
        }
        self
    }

    /// The last parameter may be repeated.
    pub const fn variadic(mut self) -> Function {
        if let Bind::Signature { params, optional, output, .. } = self.bind {
            self.bind = Bind::Signature { params, optional, variadic: true, output };
        }
        self
    }

    pub const fn fallible(mut self) -> Function {
        self.fallible = true;
        self
    }

    pub const fn volatile(mut self) -> Function {
        self.deterministic = false;
        self
    }
}

const FAMILIES: &[&[Function]] = &[
    comparison::FUNCTIONS,
    logical::FUNCTIONS,
    arithmetic::FUNCTIONS,
    string::FUNCTIONS,
    regex::FUNCTIONS,
    temporal::FUNCTIONS,
    conditional::FUNCTIONS,
    collection::FUNCTIONS,
    json::FUNCTIONS,
    hash::FUNCTIONS,
    network::FUNCTIONS,
    bitmap::FUNCTIONS,
    system::FUNCTIONS,
];

fn registry() -> &'static HashMap<&'static str, &'static Function> {
    static REGISTRY: OnceLock<HashMap<&'static str, &'static Function>> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let mut all = HashMap::new();
        for function in FAMILIES.iter().flat_map(|family| family.iter()) {
            for name in function.aliases.iter().chain([&function.name]) {
                all.insert(*name, function);
            }
        }
        all
    })
}

pub(crate) fn find(name: &str) -> Option<&'static Function> {
    registry().get(name).copied()
}

/// Flink's functions that Flitz has not: named so that the message is "not supported", not "no such function".
const UNSUPPORTED: &[&str] =
    &["PARSE_JSON", "TRY_PARSE_JSON", "OBJECT_OF", "OBJECT_UPDATE", "STREAMRECORD_TIMESTAMP", "HASH_CODE"];

/// All names that can be called with parentheses, sorted.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = registry()
        .keys()
        .copied()
        .filter(|n| n.starts_with(|c: char| c.is_ascii_uppercase()) && !n.contains(' '))
        .collect();
    names.retain(|n| !["NEGATE", "ITEM", "AND", "OR", "NOT", "IN", "LIKE", "BETWEEN", "CASE", "OVERLAPS"].contains(n));
    names.sort_unstable();
    names
}

pub(crate) fn bind(name: &str, args: Vec<Expr>) -> Result<Expr> {
    let Some(function) = find(name) else {
        if UNSUPPORTED.contains(&name) {
            return Err(Error::unsupported(format!("function {name}")));
        }
        let error = Error::invalid(format!("no function {name}"));
        return Err(match suggest::nearest(name, names()) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error,
        });
    };
    match function.bind {
        Bind::Custom(bind) => bind(function.name, args),
        Bind::Signature { params, optional, variadic, output } => {
            let args = function.coerce(args, params, optional, variadic)?;
            let data_type = output.of(&args)?;
            Ok(Expr::call(function.name, args, data_type))
        }
    }
}

impl Function {
    fn coerce(&self, args: Vec<Expr>, params: &[Param], optional: usize, variadic: bool) -> Result<Vec<Expr>> {
        let enough = args.len() >= params.len() - optional && (variadic || args.len() <= params.len());
        let types: Vec<DataType> = args.iter().map(|a| a.data_type().clone()).collect();
        let refused = || {
            let expected: Vec<_> = params.iter().map(|p| p.words()).collect();
            let more = if variadic { ", …" } else { "" };
            mismatch(self.name, &types).hint(format!("expected {}({}{more})", self.name, expected.join(", ")))
        };
        if !enough {
            return Err(refused());
        }
        args.into_iter()
            .enumerate()
            .map(|(i, arg)| params[i.min(params.len() - 1)].accept(arg).ok_or_else(refused))
            .collect()
    }
}

/// The error of a call whose arguments fit no signature.
pub(crate) fn mismatch(name: &str, types: &[DataType]) -> Error {
    let types: Vec<_> = types.iter().map(|t| t.kind.to_string()).collect();
    Error::invalid(format!("cannot apply {name} to arguments of type ({})", types.join(", ")))
}

pub(crate) fn mismatch_of(name: &str, args: &[Expr]) -> Error {
    mismatch(name, &args.iter().map(|a| a.data_type().clone()).collect::<Vec<_>>())
}

/// The arguments as exactly `N`.
pub(crate) fn exactly<const N: usize>(name: &str, args: Vec<Expr>) -> Result<[Expr; N]> {
    args.try_into().map_err(|args: Vec<Expr>| {
        Error::invalid(format!("{name} takes {N} argument{}, not {}", if N == 1 { "" } else { "s" }, args.len()))
    })
}

impl Param {
    fn words(self) -> &'static str {
        match self {
            Param::Any => "any",
            Param::String => "string",
            Param::Binary => "bytes",
            Param::StringOrBinary => "string or bytes",
            Param::Boolean => "boolean",
            Param::Int | Param::BigInt => "integer",
            Param::Numeric | Param::Double => "numeric",
            Param::Array => "array",
        }
    }

    /// `arg` as this parameter wants it; None if it does not fit.
    pub fn accept(self, arg: Expr) -> Option<Expr> {
        let kind = arg.data_type().kind.clone();
        let to = |kind: TypeKind| Some(cast_to(arg.clone(), &kind.nullable()));
        if kind == TypeKind::Null {
            return match self {
                Param::Any => Some(arg),
                Param::String | Param::StringOrBinary => to(TypeKind::STRING),
                Param::Binary => to(TypeKind::BYTES),
                Param::Boolean => to(TypeKind::Boolean),
                Param::Int | Param::Numeric => to(TypeKind::Int),
                Param::BigInt => to(TypeKind::BigInt),
                Param::Double => to(TypeKind::Double),
                Param::Array => None,
            };
        }
        match self {
            Param::Any => Some(arg),
            Param::String => kind.is_string().then_some(arg),
            Param::Binary => kind.is_binary().then_some(arg),
            Param::StringOrBinary => (kind.is_string() || kind.is_binary()).then_some(arg),
            Param::Boolean => (kind == TypeKind::Boolean).then_some(arg),
            Param::Int if kind.is_integer() => to(TypeKind::Int),
            Param::BigInt if kind.is_integer() => to(TypeKind::BigInt),
            Param::Numeric => kind.is_numeric().then_some(arg),
            Param::Double if kind.is_numeric() => to(TypeKind::Double),
            Param::Array => matches!(kind, TypeKind::Array(_)).then_some(arg),
            Param::Int | Param::BigInt | Param::Double => None,
        }
    }
}

impl Output {
    fn of(self, args: &[Expr]) -> Result<DataType> {
        let any_nullable = any_nullable(args);
        Ok(match self {
            Output::Strict(simple) => DataType::new(simple.kind(), any_nullable),
            Output::Nullable(simple) => simple.kind().nullable(),
            Output::NotNull(simple) => simple.kind().not_null(),
            Output::Arg(i) => args[i].data_type().clone().with_nullable(any_nullable).materialized(),
            Output::Custom(of) => of(args)?,
        })
    }
}

pub(crate) fn any_nullable(args: &[Expr]) -> bool {
    args.iter().any(|a| a.data_type().nullable || a.data_type().kind == TypeKind::Null)
}

/// All of `args` cast to their least common type.
pub(crate) fn to_common_type(name: &str, args: Vec<Expr>) -> Result<(Vec<Expr>, DataType)> {
    let types: Vec<DataType> = args.iter().map(|a| a.data_type().clone()).collect();
    let common = least_common_type(&types)
        .ok_or_else(|| mismatch(name, &types).hint("they have no common type; use CAST".to_owned()))?;
    Ok((args.into_iter().map(|a| cast_to(a, &common)).collect(), common))
}

impl Site<'_> {
    /// The value of argument `i` if it is a text literal.
    pub fn text(&self, i: usize) -> Option<&str> {
        self.args.get(i).and_then(literal_text)
    }
}

pub(crate) fn literal_text(e: &Expr) -> Option<&str> {
    match e {
        Expr::Literal { value: Literal::String(s), .. } => Some(s),
        Expr::Cast { input, data_type, .. } if data_type.kind.is_string() => literal_text(input),
        _ => None,
    }
}

pub(crate) fn literal_integer(e: &Expr) -> Option<i64> {
    match e {
        Expr::Literal { value: Literal::Integer(n), data_type } if data_type.kind.is_integer() => Some(*n),
        Expr::Cast { input, data_type, .. } if data_type.kind.is_integer() => literal_integer(input),
        Expr::Call { function, args, .. } if function == "NEGATE" => literal_integer(&args[0])?.checked_neg(),
        _ => None,
    }
}
