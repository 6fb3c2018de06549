//! Expressions: names to positions, calls to typed calls. The functions crate decides types and writes the
//! implicit casts; here every form of the grammar becomes the call that the crate knows it by.

use flitz_dataflow::{DataType, Error, Result, Span, TimeAttribute, TypeKind};
use flitz_functions::{bind_aggregate, bind_call, bind_cast, is_aggregate};
use flitz_plan::{Expr, Literal};

use super::aggregate::{Collected, PendingCall};
use super::literal::{resolve_literal, resolve_negative, unit_name};
use super::over::Overs;
use super::scope::{Scope, field_of};
use super::types::resolve_type;
use crate::ast;
use crate::ast::{
    BinaryOp, ExprKind, FunctionArg, FunctionArgValue, FunctionCall, IsTest, JsonAbsent, JsonBehavior, UnaryOp,
};
use crate::catalog::dotted;

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
    fn operand(&mut self, expr: &ast::Expr) -> Result<Expr> {
        self.resolve(expr).map(materialized)
    }

    fn operands(&mut self, exprs: &[ast::Expr]) -> Result<Vec<Expr>> {
        exprs.iter().map(|e| self.operand(e)).collect()
    }

    /// WHERE, HAVING, FILTER.
    pub fn condition(&mut self, expr: &ast::Expr, clause: &str) -> Result<Expr> {
        let resolved = self.operand(expr)?;
        match resolved.data_type().kind {
            TypeKind::Boolean => Ok(resolved),
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
            ExprKind::Subscript { operand, index } => {
                bind_call("ITEM", vec![self.operand(operand)?, self.operand(index)?])
            }
            ExprKind::Unary { op: UnaryOp::Minus, operand } => {
                if let ExprKind::Literal(literal) = &operand.kind
                    && let Some(negative) = resolve_negative(literal, expr.span)
                {
                    return negative;
                }
                bind_call("NEGATE", vec![self.operand(operand)?])
            }
            ExprKind::Unary { op: UnaryOp::Plus, operand } => self.operand(operand),
            ExprKind::Unary { op: UnaryOp::Not, operand } => bind_call("NOT", vec![self.operand(operand)?]),
            ExprKind::Binary { left, op, right } => self.binary(left, *op, right, expr.span),
            ExprKind::Is { operand, test, negated } => self.is_test(operand, *test, *negated, expr.span),
            ExprKind::IsDistinctFrom { left, right, negated } => {
                let name = if *negated { "IS NOT DISTINCT FROM" } else { "IS DISTINCT FROM" };
                bind_call(name, vec![self.operand(left)?, self.operand(right)?])
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
                let mut args = vec![self.operand(operand)?, self.operand(pattern)?];
                if let Some(escape) = escape {
                    args.push(self.operand(escape)?);
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
                bind_call("EXTRACT", vec![string(unit_name(*unit)), self.operand(operand)?])
            }
            ExprKind::RoundTime { direction, operand, unit } => {
                let name = match direction {
                    ast::RoundDirection::Floor => "FLOOR",
                    ast::RoundDirection::Ceil => "CEIL",
                };
                bind_call(name, vec![self.operand(operand)?, string(unit_name(*unit))])
            }
            ExprKind::Trim { side, characters, operand } => {
                let side = match side {
                    ast::TrimSide::Both => "BOTH",
                    ast::TrimSide::Leading => "LEADING",
                    ast::TrimSide::Trailing => "TRAILING",
                };
                let characters = match characters {
                    Some(c) => self.operand(c)?,
                    None => string(" "),
                };
                bind_call("TRIM", vec![string(side), characters, self.operand(operand)?])
            }
            ExprKind::TimestampAdd { unit, count, operand } => {
                bind_call("TIMESTAMPADD", vec![string(unit_name(*unit)), self.operand(count)?, self.operand(operand)?])
            }
            ExprKind::TimestampDiff { unit, start, end } => {
                bind_call("TIMESTAMPDIFF", vec![string(unit_name(*unit)), self.operand(start)?, self.operand(end)?])
            }
            ExprKind::JsonExists { json, path, on_error } => {
                let on_error = behavior_name(on_error.as_ref(), "FALSE")?;
                bind_call("JSON_EXISTS", vec![self.operand(json)?, self.operand(path)?, string(on_error)])
            }
            ExprKind::JsonValue { json, path, returning, on_empty, on_error } => {
                let returning = match returning {
                    None => "STRING",
                    Some(t) => json_type(&resolve_type(t)?, t.span)?,
                };
                let mut args = vec![self.operand(json)?, self.operand(path)?, string(returning)];
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
                let mut args = vec![self.operand(json)?, self.operand(path)?, string(returning), string(wrapper)];
                for behavior in [on_empty, on_error] {
                    args.push(string(behavior_name(behavior.as_ref(), "NULL")?));
                }
                bind_call("JSON_QUERY", args)
            }
            ExprKind::JsonObject { pairs, on_null } => {
                let mut args = vec![string(absent_name(*on_null, "NULL"))];
                for pair in pairs {
                    args.push(self.operand(&pair.key)?);
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
            ExprKind::Row { items, .. } => bind_call("ROW", self.operands(items)?),
            ExprKind::Array(items) => bind_call("ARRAY", self.operands(items)?),
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
                let args = vec![inner.operand(&pair.key)?, inner.encoded(&pair.value)?];
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
        bind_call(name, vec![self.operand(left)?, self.operand(right)?])
    }

    fn overlaps(&mut self, left: &ast::Expr, right: &ast::Expr, span: Span) -> Result<Expr> {
        let (ExprKind::Row { items: a, .. }, ExprKind::Row { items: b, .. }) = (&left.kind, &right.kind) else {
            return Err(Error::invalid("OVERLAPS compares two periods")
                .hint("write (start, end) OVERLAPS (start, end)")
                .at(span));
        };
        let mut args = self.operands(a)?;
        args.extend(self.operands(b)?);
        bind_call("OVERLAPS", args)
    }

    fn is_test(&mut self, operand: &ast::Expr, test: IsTest, negated: bool, span: Span) -> Result<Expr> {
        let value = self.operand(operand)?;
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
            false => self.operand(&value.value),
        }
    }

    fn function(&mut self, call: &FunctionCall) -> Result<Expr> {
        if call.name.parts.len() > 1 {
            return Err(
                Error::unsupported(format!("user-defined functions (`{}`)", dotted(&call.name))).at(call.name.span)
            );
        }
        let name = call.name.object().value.to_uppercase();
        if let Some(window) = &call.over {
            return self.over(&name, call, window);
        }
        if let Some(property) = self.window_property(&name, call)? {
            return Ok(property);
        }
        if matches!(name.as_str(), "GROUPING" | "GROUPING_ID") {
            let args = self.arguments(&name, call)?;
            let grouping = match &mut self.aggregates {
                AggregateUse::Collected(collected) => collected.grouping(&args),
                AggregateUse::Refused(_) => None,
            };
            return grouping.ok_or_else(|| Error::invalid(format!("{name} takes keys of GROUP BY")).at(call.span));
        }
        if is_aggregate(&name) {
            return self.aggregate(&name, call);
        }
        if call.distinct || call.filter.is_some() || !call.order_by.is_empty() || !call.within_group.is_empty() {
            return Err(Error::invalid(format!(
                "{name} is no aggregate function: it takes no DISTINCT, FILTER or ORDER BY"
            ))
            .at(call.span));
        }
        if call.nulls.is_some() {
            return Err(Error::invalid(format!("{name} takes no IGNORE NULLS or RESPECT NULLS")).at(call.span));
        }
        let args = match (name.as_str(), call.args.as_slice()) {
            // It asks of the time attribute itself.
            ("CURRENT_WATERMARK", [FunctionArg { value: FunctionArgValue::Expr(time), .. }]) => {
                let resolved = self.resolve(time)?;
                if !matches!(resolved, Expr::Column { .. }) && resolved.data_type().kind.is_timestamp() {
                    return Err(Error::unsupported("CURRENT_WATERMARK of an expression")
                        .hint("name the column that has the WATERMARK")
                        .at(time.span));
                }
                vec![resolved]
            }
            _ => self.arguments(&name, call)?,
        };
        let bound = bind_call(&name, args).map_err(|e| e.or_at(call.name.span))?;
        match (name.as_str(), bound) {
            ("PROCTIME", Expr::Call { function, args, data_type }) => {
                let kind = data_type.kind.with_attribute(TimeAttribute::Proctime);
                Ok(Expr::Call { function, args, data_type: DataType::new(kind, data_type.nullable) })
            }
            (_, bound) => Ok(bound),
        }
    }

    pub(super) fn arguments(&mut self, name: &str, call: &FunctionCall) -> Result<Vec<Expr>> {
        let mut args = vec![];
        for arg in &call.args {
            if arg.name.is_some() {
                return Err(Error::unsupported(format!("named arguments of {name}")).at(arg.span));
            }
            match &arg.value {
                FunctionArgValue::Expr(e) => args.push(self.operand(e)?),
                FunctionArgValue::Star => return Err(Error::invalid(format!("{name} does not take *")).at(arg.span)),
                FunctionArgValue::Default => return Err(Error::unsupported("DEFAULT as an argument").at(arg.span)),
                FunctionArgValue::Table(_) | FunctionArgValue::Descriptor(_) | FunctionArgValue::Model(_) => {
                    return Err(Error::invalid(format!("{name} does not take a table, descriptor or model"))
                        .hint("table functions stand in FROM")
                        .at(arg.span));
                }
            }
        }
        Ok(args)
    }

    /// `TUMBLE_START(ts, size)` and its like, which repeat the window of GROUP BY.
    fn window_property(&mut self, name: &str, call: &FunctionCall) -> Result<Option<Expr>> {
        let (window, property) = match name {
            "TUMBLE" | "HOP" | "SESSION" => {
                return Err(Error::invalid(format!("group window {name} can only stand in GROUP BY"))
                    .hint(format!("{name}_START gives the start of the window of GROUP BY"))
                    .at(call.span));
            }
            _ => match name.split_once('_') {
                Some((window @ ("TUMBLE" | "HOP" | "SESSION"), property)) => (window, property),
                _ => return Ok(None),
            },
        };
        if !matches!(property, "START" | "END" | "ROWTIME" | "PROCTIME") {
            return Ok(None);
        }
        let no_window = || {
            Error::invalid(format!("{name} needs the same {window}(…) in GROUP BY"))
                .hint("its arguments must be those of the window")
                .at(call.span)
        };
        let args = self.arguments(name, call)?;
        match &mut self.aggregates {
            AggregateUse::Refused(_) => Err(no_window()),
            AggregateUse::Collected(collected) => {
                collected.window_property(window, property, &args).ok_or_else(no_window)?.map(Some)
            }
        }
    }

    fn aggregate(&mut self, name: &str, call: &FunctionCall) -> Result<Expr> {
        let grouped = self.grouped(name, call.span)?;
        for (given, what) in [(&call.order_by, "ORDER BY in an aggregate"), (&call.within_group, "WITHIN GROUP")] {
            if let Some(item) = given.first() {
                return Err(Error::unsupported(what).at(item.span));
            }
        }
        if call.nulls.is_some() {
            return Err(Error::unsupported("IGNORE NULLS and RESPECT NULLS").at(call.span));
        }
        let mut inner = ExprResolver::without_aggregates(self.scope, "an aggregate");
        let star = matches!(call.args.as_slice(), [arg] if matches!(arg.value, FunctionArgValue::Star));
        let args = match star {
            true if name == "COUNT" && !call.distinct => vec![],
            true => return Err(Error::invalid(format!("{name} does not take *")).at(call.span)),
            false => inner.arguments(name, call)?,
        };
        if name == "COUNT" && args.is_empty() && !star {
            return Err(Error::invalid("COUNT needs an argument").hint("COUNT(*) counts rows").at(call.span));
        }
        let filter = call.filter.as_ref().map(|f| inner.condition(f, "FILTER")).transpose()?;
        self.collect(name, args, call.distinct, filter, grouped).map_err(|e| e.or_at(call.span))
    }

    /// Whether the aggregates of the place have a GROUP BY; an error where none can stand.
    fn grouped(&self, name: &str, span: Span) -> Result<bool> {
        match &self.aggregates {
            AggregateUse::Refused("an aggregate") => {
                Err(Error::invalid("aggregates can't be nested").hint("aggregate in a sub-query first").at(span))
            }
            AggregateUse::Refused(clause) => {
                let name = name.split_inclusive("AGG").next().unwrap_or(name);
                Err(Error::invalid(format!("aggregate {name} can't stand in {clause}"))
                    .hint("conditions on aggregates go to HAVING")
                    .at(span))
            }
            AggregateUse::Collected(collected) => Ok(collected.grouped),
        }
    }

    /// Types the call and hands it to the SELECT that it belongs to.
    fn collect(
        &mut self,
        name: &str,
        args: Vec<Expr>,
        distinct: bool,
        filter: Option<Expr>,
        grouped: bool,
    ) -> Result<Expr> {
        let types: Vec<DataType> = args.iter().map(|a| a.data_type().clone()).collect();
        let bound = bind_aggregate(name, &types, distinct, grouped)?;
        let cast = |(arg, wanted): (Expr, &DataType)| match arg.data_type().kind == wanted.kind {
            true => arg,
            false => arg.cast(wanted.clone()),
        };
        let args = args.into_iter().zip(&bound.args).map(cast).collect();
        // MIN and MAX over DISTINCT values are those over all; one state less.
        let distinct = distinct && !matches!(name, "MIN" | "MAX");
        // A filter can leave a group without rows to aggregate.
        let nullable =
            bound.data_type.nullable || (filter.is_some() && name != "COUNT" && name != "APPROX_COUNT_DISTINCT");
        let data_type = bound.data_type.with_nullable(nullable);
        let pending = PendingCall { function: name.to_owned(), args, distinct, filter, data_type };
        match &mut self.aggregates {
            AggregateUse::Collected(collected) => Ok(collected.call(pending)),
            AggregateUse::Refused(_) => Err(Error::internal("an aggregate without a place to go")),
        }
    }
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
