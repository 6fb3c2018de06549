//! Calls of functions: scalar ones, aggregates, the properties of group windows.

use flitz_dataflow::{DataType, Error, Result, Span, TimeAttribute, TypeKind};
use flitz_functions::{bind_aggregate, bind_call, is_aggregate};
use flitz_plan::Expr;

use super::aggregate::PendingCall;
use super::expr::{AggregateUse, ExprResolver};
use crate::ast::{FunctionArg, FunctionArgValue, FunctionCall};

/// Functions that take a NULL without a type: those that Flink types by its newer rules.
const TAKE_NULL: &[&str] = &[
    "ARRAY_APPEND",
    "ARRAY_CONTAINS",
    "ARRAY_JOIN",
    "ARRAY_POSITION",
    "ARRAY_PREPEND",
    "ARRAY_REMOVE",
    "ARRAY_SLICE",
    "ARRAY_SORT",
    "BTRIM",
    "COALESCE",
    "ELT",
    "ENDSWITH",
    "IFNULL",
    "INET_ATON",
    "INET_NTOA",
    "JSON_QUOTE",
    "JSON_STRING",
    "JSON_UNQUOTE",
    "NULLIF",
    "PRINTF",
    "REGEXP_COUNT",
    "REGEXP_EXTRACT_ALL",
    "REGEXP_INSTR",
    "REGEXP_SUBSTR",
    "SPLIT",
    "STARTSWITH",
    "TYPEOF",
    "UNHEX",
    "URL_DECODE",
    "URL_ENCODE",
];

impl ExprResolver<'_> {
    pub(super) fn function(&mut self, call: &FunctionCall) -> Result<Expr> {
        if let Some(body) = self.defined_function(call)? {
            return Ok(body);
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
        if name == "GROUP_ID" && call.args.is_empty() {
            return match &mut self.aggregates {
                AggregateUse::Collected(collected) => Ok(collected.group_id()),
                AggregateUse::Refused(_) => Err(Error::invalid("GROUP_ID needs a GROUP BY").at(call.span)),
            };
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
        let bound = bind_call(&name, args).map_err(|e| self.scope.functions.suggest(e, &name).or_at(call.name.span))?;
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
                FunctionArgValue::Expr(e) if TAKE_NULL.contains(&name) => args.push(self.operand(e)?),
                FunctionArgValue::Expr(e) => args.push(self.typed(e)?),
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
        if name == "COUNT" && args.len() > 1 {
            return Err(Error::invalid("COUNT takes one column")
                .hint("COUNT(DISTINCT CONCAT_WS(',', a, b)) counts pairs")
                .at(call.span));
        }
        let filter = call.filter.as_ref().map(|f| inner.condition(f, "FILTER")).transpose()?;
        self.collect(name, args, call.distinct, filter, grouped).map_err(|e| e.or_at(call.span))
    }

    /// Whether the aggregates of the place have a GROUP BY; an error where none can stand.
    pub(super) fn grouped(&self, name: &str, span: Span) -> Result<bool> {
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
    pub(super) fn collect(
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
        use TypeKind::{Array, Binary, Map, Multiset, Row, Varbinary};
        if let (true, [only]) = (distinct, types.as_slice())
            && matches!(only.kind, Binary(_) | Varbinary(_) | Array(_) | Map(..) | Multiset(_) | Row(_))
        {
            return Err(Error::unsupported(format!("{name}(DISTINCT …) of {only}")).hint("cast it to STRING"));
        }
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
