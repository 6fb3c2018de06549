//! Expressions: names to positions, calls to typed calls. The functions crate decides types and writes the
//! implicit casts; here every form of the grammar becomes the call that the crate knows it by.

use flitz_dataflow::{DataType, Error, Result, Span, TimeAttribute, TypeKind};
use flitz_functions::{bind_call, bind_cast};
use flitz_plan::{Expr, Literal};

use super::aggregate::Collected;
use super::literal::{resolve_literal, resolve_negative, unit_name};
use super::over::Overs;
use super::query::{check_typed, untyped};
use super::scope::{Scope, field_of};
use super::types::resolve_type;
use crate::ast;
use crate::ast::{BinaryOp, ExprKind, IsTest, JsonAbsent, JsonBehavior, UnaryOp};

pub(crate) struct ExprResolver<'a> {
    pub scope: &'a Scope,
    pub aggregates: AggregateUse<'a>,
    /// Where calls with OVER go; None: they can't stand here.
    pub overs: Option<&'a mut Overs>,
}

/// What an aggregate call means where the expression stands.
pub(crate) enum AggregateUse<'a> {
    /// An error that names the clause.
    Refused(&'static str),
    Collected(&'a mut Collected),
}

impl<'a> ExprResolver<'a> {
    pub fn without_aggregates(scope: &'a Scope, clause: &'static str) -> ExprResolver<'a> {
        ExprResolver { scope, aggregates: AggregateUse::Refused(clause), overs: None }
    }

    /// A plain column keeps its time attribute; everything else has none.
    pub fn resolve(&mut self, expr: &ast::Expr) -> Result<Expr> {
        crate::with_room(|| self.resolve_kind(expr)).map_err(|e| e.or_at(expr.span))
    }

    /// An argument of something: time attributes are ordinary time stamps here.
    pub(super) fn operand(&mut self, expr: &ast::Expr) -> Result<Expr> {
        self.resolve(expr).map(materialized)
    }

    /// An argument of something that refuses a NULL without a type, as most functions do.
    pub(super) fn typed(&mut self, expr: &ast::Expr) -> Result<Expr> {
        let resolved = self.operand(expr)?;
        check_typed(&resolved, expr.span)?;
        Ok(resolved)
    }

    fn all_typed(&mut self, exprs: &[ast::Expr]) -> Result<Vec<Expr>> {
        exprs.iter().map(|e| self.typed(e)).collect()
    }

    fn operands(&mut self, exprs: &[ast::Expr]) -> Result<Vec<Expr>> {
        exprs.iter().map(|e| self.operand(e)).collect()
    }

    /// WHERE, HAVING, FILTER.
    pub fn condition(&mut self, expr: &ast::Expr, clause: &str) -> Result<Expr> {
        let resolved = self.operand(expr)?;
        match resolved.data_type().kind {
            TypeKind::Boolean => Ok(resolved),
            TypeKind::Null => Ok(Expr::literal(Literal::Null, TypeKind::Boolean.nullable())),
            _ => Err(Error::invalid(format!("{clause} must be a condition, found {}", resolved.data_type()))
                .hint("compare it with something")
                .at(expr.span)),
        }
    }

    fn resolve_kind(&mut self, expr: &ast::Expr) -> Result<Expr> {
        match &expr.kind {
            ExprKind::Literal(literal) => resolve_literal(literal, expr.span),
            ExprKind::Path(path) => self.scope.resolve(path),
            ExprKind::Field { operand, field } => field_of(self.operand(operand)?, field),
            ExprKind::Subscript { operand, index } => bind_call("ITEM", vec![self.typed(operand)?, self.typed(index)?]),
            ExprKind::Unary { op: UnaryOp::Minus, operand } => {
                if let ExprKind::Literal(literal) = &operand.kind
                    && let Some(negative) = resolve_negative(literal, expr.span)
                {
                    return negative;
                }
                bind_call("NEGATE", vec![self.typed(operand)?])
            }
            ExprKind::Unary { op: UnaryOp::Plus, operand } => self.typed(operand),
            ExprKind::Unary { op: UnaryOp::Not, operand } => bind_call("NOT", vec![self.typed(operand)?]),
            ExprKind::Binary { left, op, right } => self.binary(left, *op, right, expr.span),
            ExprKind::Is { operand, test, negated } => self.is_test(operand, *test, *negated, expr.span),
            ExprKind::IsDistinctFrom { left, right, negated } => {
                let name = if *negated { "IS NOT DISTINCT FROM" } else { "IS DISTINCT FROM" };
                let args = vec![self.operand(left)?, self.operand(right)?];
                if args.iter().all(is_untyped) {
                    return Ok(Expr::boolean(*negated));
                }
                bind_call(name, args)
            }
            ExprKind::Between { operand, low, high, symmetric, negated } => {
                let name = if *symmetric { "BETWEEN SYMMETRIC" } else { "BETWEEN" };
                let args = vec![self.operand(operand)?, self.operand(low)?, self.operand(high)?];
                not_if(*negated, bind_call(name, args)?)
            }
            ExprKind::Like { operand, pattern, escape, kind, negated } => {
                let name = match kind {
                    ast::LikeKind::Like => "LIKE",
                    ast::LikeKind::SimilarTo => "SIMILAR TO",
                    ast::LikeKind::ILike => return Err(no_such_operator("ILIKE", "write LOWER(a) LIKE b")),
                    ast::LikeKind::RLike => return Err(no_such_operator("RLIKE", "write REGEXP(a, b)")),
                };
                let mut args = vec![self.typed(operand)?, self.typed(pattern)?];
                if let Some(escape) = escape {
                    args.push(self.typed(escape)?);
                }
                not_if(*negated, bind_call(name, args)?)
            }
            ExprKind::InList { operand, list, negated } => {
                let mut args = vec![self.operand(operand)?];
                args.extend(self.operands(list)?);
                not_if(*negated, bind_call("IN", args)?)
            }
            ExprKind::Case { operand, branches, otherwise } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref())
            }
            ExprKind::Cast { operand, data_type, lenient } => {
                let input = self.operand(operand)?;
                let target = resolve_type(data_type)?;
                let nullable = input.data_type().nullable || input.data_type().kind == TypeKind::Null;
                bind_cast(input, target.with_nullable(nullable || *lenient), *lenient)
            }
            ExprKind::Function(call) => self.function(call),
            ExprKind::Extract { unit, operand } => {
                bind_call("EXTRACT", vec![string(unit_name(*unit)), self.typed(operand)?])
            }
            ExprKind::RoundTime { direction, operand, unit } => {
                let name = match direction {
                    ast::RoundDirection::Floor => "FLOOR",
                    ast::RoundDirection::Ceil => "CEIL",
                };
                bind_call(name, vec![self.typed(operand)?, string(unit_name(*unit))])
            }
            ExprKind::Trim { side, characters, operand } => {
                let side = match side {
                    ast::TrimSide::Both => "BOTH",
                    ast::TrimSide::Leading => "LEADING",
                    ast::TrimSide::Trailing => "TRAILING",
                };
                let characters = match characters {
                    Some(c) => self.typed(c)?,
                    None => string(" "),
                };
                bind_call("TRIM", vec![string(side), characters, self.typed(operand)?])
            }
            ExprKind::TimestampAdd { unit, count, operand } => {
                bind_call("TIMESTAMPADD", vec![string(unit_name(*unit)), self.typed(count)?, self.typed(operand)?])
            }
            ExprKind::TimestampDiff { unit, start, end } => {
                bind_call("TIMESTAMPDIFF", vec![string(unit_name(*unit)), self.typed(start)?, self.typed(end)?])
            }
            ExprKind::JsonExists { json, path, on_error } => {
                let on_error = behavior_name(on_error.as_ref(), "FALSE")?;
                bind_call("JSON_EXISTS", vec![self.typed(json)?, self.typed(path)?, string(on_error)])
            }
            ExprKind::JsonValue { json, path, returning, on_empty, on_error } => {
                let returning = match returning {
                    None => "STRING",
                    Some(t) => json_type(&resolve_type(t)?, t.span)?,
                };
                let mut args = vec![self.typed(json)?, self.typed(path)?, string(returning)];
                for behavior in [on_empty, on_error] {
                    args.push(string(behavior_name(behavior.as_ref(), "NULL")?));
                    args.push(match behavior {
                        Some(JsonBehavior::Default(value)) => self.operand(value)?,
                        _ => null(),
                    });
                }
                bind_call("JSON_VALUE", args)
            }
            ExprKind::JsonQuery { json, path, returning, wrapper, on_empty, on_error } => {
                let returning = match returning.as_ref().map(resolve_type).transpose()?.map(|t| t.kind) {
                    None => "STRING",
                    Some(kind) if kind.is_string() => "STRING",
                    Some(TypeKind::Array(element)) if element.kind.is_string() => "ARRAY<STRING>",
                    Some(other) => return Err(Error::invalid(format!("JSON_QUERY can't return {other}"))),
                };
                let wrapper = match wrapper {
                    None | Some(ast::JsonWrapper::Without) => "WITHOUT",
                    Some(ast::JsonWrapper::Conditional) => "CONDITIONAL",
                    Some(ast::JsonWrapper::Unconditional) => "UNCONDITIONAL",
                };
                let mut args = vec![self.typed(json)?, self.typed(path)?, string(returning), string(wrapper)];
                for behavior in [on_empty, on_error] {
                    args.push(string(behavior_name(behavior.as_ref(), "NULL")?));
                }
                bind_call("JSON_QUERY", args)
            }
            ExprKind::JsonObject { pairs, on_null } => {
                let mut args = vec![string(absent_name(*on_null, "NULL"))];
                for pair in pairs {
                    args.push(self.typed(&pair.key)?);
                    args.push(self.encoded(&pair.value)?);
                }
                bind_call("JSON_OBJECT", args)
            }
            ExprKind::JsonArray { elements, on_null } => {
                let mut args = vec![string(absent_name(*on_null, "ABSENT"))];
                for element in elements {
                    args.push(self.encoded(element)?);
                }
                bind_call("JSON_ARRAY", args)
            }
            ExprKind::Row { items, .. } => bind_call("ROW", self.all_typed(items)?),
            ExprKind::Array(items) => {
                let elements = self.operands(items)?;
                if let (Some(first), true) = (items.first(), elements.iter().all(is_untyped)) {
                    return Err(untyped(first.span));
                }
                bind_call("ARRAY", elements)
            }
            ExprKind::Map(pairs) => {
                let mut args = vec![];
                for (key, value) in pairs {
                    args.push(self.operand(key)?);
                    args.push(self.operand(value)?);
                }
                bind_call("MAP", args)
            }
            ExprKind::InQuery { .. } => Err(Error::unsupported("IN with a query outside of WHERE and beside OR")),
            ExprKind::Exists(_) => Err(Error::unsupported("EXISTS outside of WHERE and beside OR")),
            ExprKind::ScalarQuery(_) => Err(Error::unsupported("a query as a value")),
            ExprKind::Quantified { .. } => Err(Error::unsupported("comparison with ANY, SOME or ALL")),
            ExprKind::ArrayQuery(_) => Err(Error::unsupported("ARRAY(query)")),
            ExprKind::MapQuery(_) => Err(Error::unsupported("MAP(query)")),
            ExprKind::MultisetQuery(_) => Err(Error::unsupported("MULTISET(query)")),
            ExprKind::Multiset(_) => Err(Error::unsupported("MULTISET[…]")),
            ExprKind::DatetimeMinus { .. } => {
                Err(Error::unsupported("the difference of two points in time as an interval")
                    .hint("TIMESTAMPDIFF gives it as a number"))
            }
            ExprKind::JsonObjectAgg { pair, on_null, filter } => {
                let name = format!("JSON_OBJECTAGG_{}_ON_NULL", absent_name(*on_null, "NULL"));
                let grouped = self.grouped(&name, expr.span)?;
                let mut inner = ExprResolver::without_aggregates(self.scope, "an aggregate");
                let args = vec![inner.typed(&pair.key)?, inner.encoded(&pair.value)?];
                let name = if is_json(&args[1]) { name + "_RAW" } else { name };
                if let Some(filter) = filter {
                    return Err(Error::invalid("the aggregates of JSON take no FILTER").at(filter.span));
                }
                self.collect(&name, args, false, None, grouped)
            }
            ExprKind::JsonArrayAgg { element, order_by, on_null, filter } => {
                if let Some(item) = order_by.first() {
                    return Err(Error::unsupported("ORDER BY in an aggregate").at(item.span));
                }
                let name = format!("JSON_ARRAYAGG_{}_ON_NULL", absent_name(*on_null, "ABSENT"));
                let grouped = self.grouped(&name, expr.span)?;
                let mut inner = ExprResolver::without_aggregates(self.scope, "an aggregate");
                let args = vec![inner.encoded(element)?];
                let name = if is_json(&args[0]) { name + "_RAW" } else { name };
                if let Some(filter) = filter {
                    return Err(Error::invalid("the aggregates of JSON take no FILTER").at(filter.span));
                }
                self.collect(&name, args, false, None, grouped)
            }
        }
    }

    fn binary(&mut self, left: &ast::Expr, op: BinaryOp, right: &ast::Expr, span: Span) -> Result<Expr> {
        let name = match op {
            BinaryOp::Or => "OR",
            BinaryOp::And => "AND",
            BinaryOp::Eq => "=",
            BinaryOp::NotEq => "<>",
            BinaryOp::Lt => "<",
            BinaryOp::LtEq => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::GtEq => ">=",
            BinaryOp::Plus => "+",
            BinaryOp::Minus => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Modulo => "%",
            BinaryOp::Concat => "||",
            BinaryOp::Overlaps => return self.overlaps(left, right, span),
            BinaryOp::Contains
            | BinaryOp::Equals
            | BinaryOp::Precedes
            | BinaryOp::Succeeds
            | BinaryOp::ImmediatelyPrecedes
            | BinaryOp::ImmediatelySucceeds => return Err(Error::unsupported("period predicates other than OVERLAPS")),
            BinaryOp::MemberOf
            | BinaryOp::SubmultisetOf
            | BinaryOp::MultisetUnion { .. }
            | BinaryOp::MultisetIntersect { .. }
            | BinaryOp::MultisetExcept { .. } => return Err(Error::unsupported("operations on multisets")),
        };
        let args = match op {
            BinaryOp::Eq | BinaryOp::NotEq | BinaryOp::Lt | BinaryOp::LtEq | BinaryOp::Gt | BinaryOp::GtEq => {
                vec![self.operand(left)?, self.operand(right)?]
            }
            _ => vec![self.typed(left)?, self.typed(right)?],
        };
        bind_call(name, args)
    }

    fn overlaps(&mut self, left: &ast::Expr, right: &ast::Expr, span: Span) -> Result<Expr> {
        let (ExprKind::Row { items: a, .. }, ExprKind::Row { items: b, .. }) = (&left.kind, &right.kind) else {
            return Err(Error::invalid("OVERLAPS compares two periods")
                .hint("write (start, end) OVERLAPS (start, end)")
                .at(span));
        };
        let mut args = self.all_typed(a)?;
        args.extend(self.all_typed(b)?);
        bind_call("OVERLAPS", args)
    }

    fn is_test(&mut self, operand: &ast::Expr, test: IsTest, negated: bool, span: Span) -> Result<Expr> {
        let value = match test {
            IsTest::Null => self.operand(operand)?,
            _ => self.typed(operand)?,
        };
        let name = match test {
            IsTest::Null => "NULL",
            IsTest::True => "TRUE",
            IsTest::False => "FALSE",
            IsTest::Unknown => "UNKNOWN",
            IsTest::Json(kind) => {
                let kind = match kind {
                    ast::JsonKind::Value => "VALUE",
                    ast::JsonKind::Object => "OBJECT",
                    ast::JsonKind::Array => "ARRAY",
                    ast::JsonKind::Scalar => "SCALAR",
                };
                return not_if(negated, bind_call("IS JSON", vec![value, string(kind)])?);
            }
            IsTest::ASet | IsTest::Empty => return Err(Error::unsupported("operations on multisets").at(span)),
        };
        bind_call(&format!("IS {}{name}", if negated { "NOT " } else { "" }), vec![value])
    }

    fn case(
        &mut self,
        operand: Option<&ast::Expr>,
        branches: &[ast::CaseBranch],
        otherwise: Option<&ast::Expr>,
    ) -> Result<Expr> {
        let operand = operand.map(|e| self.operand(e)).transpose()?;
        let mut args = vec![];
        for branch in branches {
            let mut conditions = vec![];
            for when in &branch.when {
                let value = self.operand(when)?;
                conditions.push(match &operand {
                    Some(operand) => bind_call("=", vec![operand.clone(), value]).map_err(|e| e.or_at(when.span))?,
                    None => value,
                });
            }
            args.push(match conditions.len() {
                1 => conditions.remove(0),
                _ => bind_call("OR", conditions)?,
            });
            args.push(self.operand(&branch.then)?);
        }
        args.push(match otherwise {
            Some(e) => self.operand(e)?,
            None => null(),
        });
        bind_call("CASE", args)
    }

    fn encoded(&mut self, value: &ast::JsonEncoded) -> Result<Expr> {
        match value.format_json {
            true => Err(Error::unsupported("FORMAT JSON").hint("JSON(text) marks a text as JSON").at(value.value.span)),
            false => self.typed(&value.value),
        }
    }
}

/// Whether the value goes into JSON as it is instead of as a string.
fn is_json(expr: &Expr) -> bool {
    matches!(expr, Expr::Call { function, .. } if ["JSON_OBJECT", "JSON_ARRAY", "JSON"].contains(&function.as_str()))
}

fn is_untyped(expr: &Expr) -> bool {
    expr.data_type().kind == TypeKind::Null
}

/// The value of a time attribute as an ordinary time stamp.
pub(crate) fn materialized(expr: Expr) -> Expr {
    if expr.data_type().kind.attribute() == TimeAttribute::None {
        return expr;
    }
    match expr {
        Expr::Column { index, data_type } => Expr::Column { index, data_type: data_type.materialized() },
        Expr::Call { function, args, data_type } => Expr::Call { function, args, data_type: data_type.materialized() },
        other => other,
    }
}

fn not_if(negated: bool, expr: Expr) -> Result<Expr> {
    if negated { bind_call("NOT", vec![expr]) } else { Ok(expr) }
}

fn no_such_operator(name: &str, hint: &str) -> Error {
    Error::invalid(format!("there is no operator {name} in Flink")).hint(hint)
}

pub(crate) fn string(text: &str) -> Expr {
    Expr::literal(Literal::String(text.to_owned()), TypeKind::Char(text.len() as u32).not_null())
}

pub(crate) fn null() -> Expr {
    Expr::literal(Literal::Null, TypeKind::Null.nullable())
}

fn behavior_name<'a>(behavior: Option<&JsonBehavior>, absent: &'a str) -> Result<&'a str> {
    Ok(match behavior {
        None => absent,
        Some(JsonBehavior::Error) => "ERROR",
        Some(JsonBehavior::Null) => "NULL",
        Some(JsonBehavior::True) => "TRUE",
        Some(JsonBehavior::False) => "FALSE",
        Some(JsonBehavior::Unknown) => "UNKNOWN",
        Some(JsonBehavior::EmptyArray) => "EMPTY ARRAY",
        Some(JsonBehavior::EmptyObject) => "EMPTY OBJECT",
        Some(JsonBehavior::Default(_)) => "DEFAULT",
    })
}

fn absent_name(on_null: Option<JsonAbsent>, absent: &'static str) -> &'static str {
    match on_null {
        None => absent,
        Some(JsonAbsent::Null) => "NULL",
        Some(JsonAbsent::Absent) => "ABSENT",
    }
}

fn json_type(data_type: &DataType, span: Span) -> Result<&'static str> {
    match &data_type.kind {
        kind if kind.is_string() => Ok("STRING"),
        TypeKind::Boolean => Ok("BOOLEAN"),
        TypeKind::Int => Ok("INTEGER"),
        TypeKind::BigInt => Ok("BIGINT"),
        TypeKind::Double => Ok("DOUBLE"),
        other => Err(Error::invalid(format!("JSON_VALUE can't return {other}"))
            .hint("it returns STRING, BOOLEAN, INTEGER, BIGINT or DOUBLE: CAST the result")
            .at(span)),
    }
}
