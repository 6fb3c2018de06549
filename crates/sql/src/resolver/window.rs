//! Windows: the table functions TUMBLE, HOP, CUMULATE and SESSION of FROM, and the older group windows of GROUP BY.

use std::time::Duration;

use flitz_dataflow::{Error, Result, Span, TimeAttribute, TypeKind};
use flitz_functions::fold;
use flitz_plan::{Config, EmitPolicy, Expr, Literal, TimeKind, WindowShape, WindowSpec};

use super::Resolver;
use super::aggregate::GroupWindow;
use super::expr::{ExprResolver, materialized};
use super::scope::{Scope, TableName};
use crate::ast;
use crate::ast::{ExprKind, FunctionArg, FunctionArgValue, FunctionCall, Ident, TableArgSource};
use crate::relation::Rel;

/// Parameters by position; the names are those of `SIZE => …`.
const TABLE_FUNCTIONS: &[(&str, &[&str])] = &[
    ("TUMBLE", &["DATA", "TIMECOL", "SIZE", "OFFSET"]),
    ("HOP", &["DATA", "TIMECOL", "SLIDE", "SIZE", "OFFSET"]),
    ("CUMULATE", &["DATA", "TIMECOL", "STEP", "SIZE", "OFFSET"]),
    ("SESSION", &["DATA", "TIMECOL", "GAP"]),
];

pub(crate) fn is_window_function(name: &str) -> bool {
    TABLE_FUNCTIONS.iter().any(|(n, _)| *n == name)
}

impl Resolver<'_> {
    /// `TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)`
    pub(crate) fn window_function(&mut self, name: &str, call: &FunctionCall) -> Result<Rel> {
        let Some((name, parameters)) = TABLE_FUNCTIONS.iter().find(|(n, _)| *n == name) else {
            return Err(Error::internal(format!("{name} is no window function")));
        };
        let arguments = Arguments::bind(name, parameters, call)?;
        let data = arguments.required("DATA")?;
        let (input, scope, keys) = self.window_input(name, data)?;
        let time_argument = arguments.required("TIMECOL")?;
        let FunctionArgValue::Descriptor(columns) = &time_argument.value else {
            return Err(
                Error::invalid(format!("{name} needs its time column as DESCRIPTOR(column)")).at(time_argument.span)
            );
        };
        let [column] = columns.as_slice() else {
            return Err(Error::invalid(format!("{name} needs one time column")).at(time_argument.span));
        };
        let (time, time_kind) = self.time_column(name, &scope, column)?;
        let partition = self.partition(name, keys, &scope)?;
        let shape = match *name {
            "TUMBLE" => WindowShape::Tumble { size: arguments.size("SIZE")?, offset: arguments.offset()? },
            "HOP" => WindowShape::Hop {
                slide: arguments.size("SLIDE")?,
                size: arguments.size("SIZE")?,
                offset: arguments.offset()?,
            },
            "CUMULATE" => WindowShape::Cumulate {
                step: arguments.size("STEP")?,
                size: arguments.size("SIZE")?,
                offset: arguments.offset()?,
            },
            _ => WindowShape::Session { gap: arguments.size("GAP")?, partition },
        };
        check_shape(name, &shape, call.span)?;
        if matches!(shape, WindowShape::Session { .. }) && self.context.config.is_batch() {
            return Err(Error::invalid("the SESSION table function does not run in batch mode")
                .hint("GROUP BY SESSION(time, gap) does")
                .at(call.span));
        }
        Ok(input.window_table(WindowSpec { time, time_kind, shape }))
    }

    /// `TABLE t [PARTITION BY …]` or `(query)`.
    fn window_input<'a>(&mut self, name: &str, data: &'a FunctionArg) -> Result<(Rel, Scope, &'a [ast::Expr])> {
        let (query, keys) = match &data.value {
            FunctionArgValue::Table(table) => {
                if let Some(item) = table.order_by.first() {
                    return Err(Error::invalid(format!("the table of {name} takes no ORDER BY")).at(item.span));
                }
                match &table.source {
                    TableArgSource::Name(table_name) => {
                        let (rel, scope) = self.named_table(table_name, &[], None)?;
                        return Ok((rel, scope, &table.partition_by));
                    }
                    TableArgSource::Query(query) => (query, table.partition_by.as_slice()),
                }
            }
            FunctionArgValue::Expr(ast::Expr { kind: ExprKind::ScalarQuery(query), .. }) => (query, [].as_slice()),
            _ => {
                return Err(Error::invalid(format!("the first argument of {name} must be a table"))
                    .hint("write TABLE before its name")
                    .at(data.span));
            }
        };
        let rel = self.sub_query(query)?;
        let scope = Scope::of(&rel, TableName::None);
        Ok((rel, scope, keys))
    }

    fn time_column(&self, name: &str, scope: &Scope, column: &Ident) -> Result<(usize, TimeKind)> {
        let resolved = scope.resolve(std::slice::from_ref(column))?;
        let Expr::Column { index, data_type } = resolved else {
            return Err(Error::internal("a descriptor that is no column"));
        };
        let kind = match (&data_type.kind, data_type.kind.attribute()) {
            (_, TimeAttribute::Proctime) => TimeKind::Proctime,
            (TypeKind::Timestamp { .. }, TimeAttribute::Rowtime) => TimeKind::Rowtime,
            (TypeKind::TimestampLtz { .. }, TimeAttribute::Rowtime) => TimeKind::RowtimeLtz,
            // A batch knows all rows: any time stamp will do.
            (TypeKind::Timestamp { .. }, TimeAttribute::None) if self.context.config.is_batch() => TimeKind::Rowtime,
            (TypeKind::TimestampLtz { .. }, TimeAttribute::None) if self.context.config.is_batch() => {
                TimeKind::RowtimeLtz
            }
            _ => {
                return Err(no_time_attribute(
                    name,
                    &column.value,
                    &data_type.to_string(),
                    data_type.kind.is_timestamp(),
                )
                .at(column.span));
            }
        };
        Ok((index, kind))
    }

    fn partition(&self, name: &str, keys: &[ast::Expr], scope: &Scope) -> Result<Vec<usize>> {
        let Some(first) = keys.first() else { return Ok(vec![]) };
        if name != "SESSION" {
            return Err(Error::invalid(format!("the table of {name} takes no PARTITION BY"))
                .hint("group by the key instead")
                .at(first.span));
        }
        let column = |key: &ast::Expr| match ExprResolver::without_aggregates(scope, "PARTITION BY").resolve(key)? {
            Expr::Column { index, .. } => Ok(index),
            _ => Err(Error::invalid("PARTITION BY of a table takes columns").at(key.span)),
        };
        keys.iter().map(column).collect()
    }

    /// `TUMBLE(ts, size)` as an element of GROUP BY; None if it is something else.
    pub(crate) fn group_window(&self, element: &ast::Expr, scope: &Scope) -> Result<Option<GroupWindow>> {
        let ExprKind::Function(call) = &element.kind else { return Ok(None) };
        let name = match call.name.object().value.to_uppercase().as_str() {
            "TUMBLE" => "TUMBLE",
            "HOP" => "HOP",
            "SESSION" => "SESSION",
            _ => return Ok(None),
        };
        let wanted = if name == "HOP" { "HOP(time, slide, size)" } else { "(time, interval)" };
        let mut args = vec![];
        for arg in &call.args {
            let FunctionArgValue::Expr(e) = &arg.value else {
                return Err(Error::invalid(format!("{name} in GROUP BY takes {wanted}")).at(arg.span));
            };
            args.push((ExprResolver::without_aggregates(scope, "GROUP BY").resolve(e)?, e.span));
        }
        let expected = if name == "HOP" { 3 } else { 2 };
        if args.len() != expected {
            return Err(match args.len() == expected + 1 {
                true => Error::unsupported(format!("{name} in GROUP BY with an offset")),
                false => Error::invalid(format!("{name} in GROUP BY takes {wanted}")),
            }
            .at(call.span));
        }
        let time = args[0].0.clone();
        let data_type = time.data_type();
        let time_kind = match (&data_type.kind, data_type.kind.attribute()) {
            (_, TimeAttribute::Proctime) => TimeKind::Proctime,
            (TypeKind::Timestamp { .. }, a) if a == TimeAttribute::Rowtime || self.context.config.is_batch() => {
                TimeKind::Rowtime
            }
            (TypeKind::TimestampLtz { .. }, a) if a == TimeAttribute::Rowtime || self.context.config.is_batch() => {
                TimeKind::RowtimeLtz
            }
            _ => {
                let error = no_time_attribute(name, "time", &data_type.to_string(), data_type.kind.is_timestamp());
                return Err(error.at(args[0].1));
            }
        };
        let first = millis(name, args[1].0.clone(), args[1].1)?;
        let shape = match name {
            "TUMBLE" => WindowShape::Tumble { size: first, offset: 0 },
            "HOP" => WindowShape::Hop { slide: first, size: millis(name, args[2].0.clone(), args[2].1)?, offset: 0 },
            _ => WindowShape::Session { gap: first, partition: vec![] },
        };
        check_shape(name, &shape, call.span)?;
        let emit = emit_policy(self.context.config)?;
        if emit.is_some() && name == "SESSION" && !self.context.config.is_batch() {
            return Err(Error::invalid("session windows don't fire early or late")
                .hint("RESET 'table.exec.emit.early-fire.enabled' and 'table.exec.emit.late-fire.enabled'")
                .at(call.span));
        }
        let args = args.into_iter().map(|(e, _)| materialized(e)).collect();
        Ok(Some(GroupWindow { name, args, time, time_kind, shape, emit }))
    }
}

/// `table.exec.emit.*`: when a window of GROUP BY fires besides its end.
pub(crate) fn emit_policy(config: &Config) -> Result<Option<EmitPolicy>> {
    let delay = |kind: &str| -> Result<Option<i64>> {
        let enabled = config.bool(&format!("table.exec.emit.{kind}-fire.enabled"), false)?;
        let delay = config.duration(&format!("table.exec.emit.{kind}-fire.delay"))?.map(whole_millis);
        match (enabled, delay) {
            (true, None) => Err(Error::invalid(format!("'table.exec.emit.{kind}-fire.delay' is required"))
                .hint("0 fires at every row")
                .option(format!("table.exec.emit.{kind}-fire.enabled"))),
            (true, delay) => Ok(delay),
            (false, _) => Ok(None),
        }
    };
    let (early, late) = (delay("early")?, delay("late")?);
    if early.is_none() && late.is_none() {
        return Ok(None);
    }
    let ttl = config.duration("table.exec.state.ttl")?.unwrap_or(Duration::ZERO);
    let lateness = config.duration("table.exec.emit.allow-lateness")?.unwrap_or(ttl);
    if late.is_some() && lateness.is_zero() {
        return Err(Error::invalid("late firing needs 'table.exec.emit.allow-lateness' or 'table.exec.state.ttl'")
            .option("table.exec.emit.late-fire.enabled"));
    }
    Ok(Some(EmitPolicy {
        early_fire_millis: early,
        late_fire_millis: late,
        allow_lateness_millis: if late.is_some() { whole_millis(lateness) } else { 0 },
    }))
}

pub(crate) fn whole_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn no_time_attribute(name: &str, column: &str, data_type: &str, is_timestamp: bool) -> Error {
    let error = Error::invalid(format!("{name} needs a time attribute, but `{column}` is {data_type}"));
    match is_timestamp {
        true => error.hint(
            "declare WATERMARK FOR it in CREATE TABLE; expressions, casts, joins and GROUP BY make an ordinary column of it",
        ),
        false => error.hint("a column of type TIMESTAMP or TIMESTAMP_LTZ with a WATERMARK, or one AS PROCTIME()"),
    }
}

/// The arguments of a table function by parameter.
struct Arguments<'a> {
    name: &'a str,
    values: Vec<(&'a str, &'a FunctionArg)>,
    span: Span,
}

impl<'a> Arguments<'a> {
    fn bind(name: &'a str, parameters: &[&'a str], call: &'a FunctionCall) -> Result<Arguments<'a>> {
        let mut values: Vec<(&str, &FunctionArg)> = vec![];
        let signature = || format!("{name} takes ({})", parameters.join(", "));
        for (i, arg) in call.args.iter().enumerate() {
            let parameter = match &arg.name {
                Some(given) => parameters.iter().find(|p| p.eq_ignore_ascii_case(&given.value)).ok_or_else(|| {
                    Error::invalid(format!("{name} has no parameter {}", given.value)).hint(signature()).at(given.span)
                })?,
                None => parameters.get(i).ok_or_else(|| {
                    Error::invalid(format!("too many arguments for {name}")).hint(signature()).at(arg.span)
                })?,
            };
            if values.iter().any(|(p, _)| p == parameter) {
                return Err(Error::invalid(format!("{parameter} is given twice")).at(arg.span));
            }
            values.push((parameter, arg));
        }
        Ok(Arguments { name, values, span: call.span })
    }

    fn get(&self, parameter: &str) -> Option<&'a FunctionArg> {
        self.values.iter().find(|(p, _)| *p == parameter).map(|(_, a)| *a)
    }

    fn required(&self, parameter: &str) -> Result<&'a FunctionArg> {
        self.get(parameter).ok_or_else(|| Error::invalid(format!("{} needs {parameter}", self.name)).at(self.span))
    }

    fn size(&self, parameter: &str) -> Result<i64> {
        self.interval(self.required(parameter)?)
    }

    fn offset(&self) -> Result<i64> {
        self.get("OFFSET").map_or(Ok(0), |arg| self.interval(arg))
    }

    fn interval(&self, arg: &FunctionArg) -> Result<i64> {
        let e = match &arg.value {
            FunctionArgValue::Expr(e) => e,
            FunctionArgValue::Default => {
                return Err(Error::unsupported("DEFAULT as an argument").hint("leave the argument out").at(arg.span));
            }
            _ => return Err(Error::invalid(format!("{} needs an interval here", self.name)).at(arg.span)),
        };
        let scope = Scope::default();
        let resolved = ExprResolver::without_aggregates(&scope, "a window").resolve(e)?;
        millis(self.name, resolved, arg.span)
    }
}

/// A constant interval of days to seconds.
fn millis(name: &str, expr: Expr, span: Span) -> Result<i64> {
    match fold(expr) {
        Expr::Literal { value: Literal::Integer(millis), data_type }
            if data_type.kind == TypeKind::IntervalDaySecond =>
        {
            Ok(millis)
        }
        Expr::Literal { data_type, .. } if data_type.kind == TypeKind::IntervalYearMonth => {
            Err(Error::invalid(format!("{name} can't measure in months or years, which differ in length"))
                .hint("use SECOND, MINUTE, HOUR or DAY")
                .at(span))
        }
        _ => Err(Error::invalid(format!("{name} needs a constant interval here"))
            .hint("write INTERVAL '1' MINUTE")
            .at(span)),
    }
}

fn check_shape(name: &str, shape: &WindowShape, span: Span) -> Result<()> {
    let positive = |what: &str, millis: i64| match millis {
        1.. => Ok(()),
        _ => Err(Error::invalid(format!("the {what} of {name} must be positive, found {millis} ms")).at(span)),
    };
    match shape {
        // Flink minds the offset of TUMBLE alone.
        WindowShape::Tumble { size, offset } if *size > 0 && offset.unsigned_abs() >= size.unsigned_abs() => {
            let message = format!("the offset of {name} must be smaller than {size} ms, found {offset} ms");
            Err(Error::invalid(message).at(span))
        }
        WindowShape::Tumble { size, .. } => positive("size", *size),
        WindowShape::Hop { slide, size, .. } => positive("size", *size).and(positive("slide", *slide)),
        WindowShape::Cumulate { step, size, .. } => positive("size", *size).and(positive("step", *step)),
        WindowShape::Session { gap, .. } => positive("gap", *gap),
        WindowShape::Assigned { .. } => Ok(()),
    }
}
