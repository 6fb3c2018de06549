//! GROUP BY: which aggregation a query means, and what its expressions become above it.
//!
//! ```text
//! SELECT k, SUM(a * b) + 1 … GROUP BY k
//!
//! Calc      k + 1 AS …            keys and calls are columns of the aggregation
//! Aggregate keys=[0] SUM(1)
//! Calc      k, a * b              what it groups by and aggregates, each once
//! ```
//!
//! It is a *window aggregation* if the keys hold both window_start and window_end of one window table function, found
//! through plain column references as Flink does. Then
//!
//! 1. the window function, if nothing between it and the aggregation computes with the window's bounds, melts into
//!    the aggregation (rows need no copies per window), else the bounds are read from the rows (`Assigned`), as
//!    they are when the input is the result of an earlier window aggregation;
//! 2. the bounds leave the keys and become properties.
//!
//! Grouping by window_start alone is an ordinary, updating aggregation.

use flitz_dataflow::{DataType, Error, Field, Result, Schema, Span, TimeAttribute, TypeKind};
use flitz_plan::{AggregateCall, EmitPolicy, Expr, Literal, TimeKind, WindowProperty, WindowShape, WindowSpec};

use super::expr::materialized;
use super::over::OVERS;
use super::scope::Scope;
use crate::relation::{Rel, RelOp, WindowColumns, conjunction, remap, substitute, window_bound_type, window_size};

/// Calls and properties stand in resolved expressions as columns from these positions on, until it is
/// known where the aggregation puts them.
const CALLS: usize = 1 << 40;
const PROPERTIES: usize = 1 << 41;
const GROUPINGS: usize = 1 << 42;

/// The aggregates of one SELECT, each once.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub calls: Vec<PendingCall>,
    /// Whether GROUP BY has keys.
    pub grouped: bool,
    /// `GROUP BY TUMBLE(…)`
    pub window: Option<GroupWindow>,
    pub properties: Vec<(WindowProperty, DataType)>,
    /// What GROUP BY names.
    pub keys: Vec<Expr>,
    /// `GROUPING(a, b)`: for each call the keys it asks about; None: `GROUP_ID()`.
    pub groupings: Vec<Option<Vec<usize>>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PendingCall {
    pub function: String,
    pub args: Vec<Expr>,
    pub distinct: bool,
    pub filter: Option<Expr>,
    pub data_type: DataType,
}

/// A window of the older form, in GROUP BY.
#[derive(Clone, Debug)]
pub(crate) struct GroupWindow {
    /// TUMBLE, HOP, SESSION.
    pub name: &'static str,
    /// As `TUMBLE_START` must repeat them.
    pub args: Vec<Expr>,
    /// The time attribute, over the input.
    pub time: Expr,
    pub time_kind: TimeKind,
    pub shape: WindowShape,
    pub emit: Option<EmitPolicy>,
}

impl Collected {
    pub fn call(&mut self, pending: PendingCall) -> Expr {
        let data_type = pending.data_type.clone();
        let index = self.calls.iter().position(|c| *c == pending).unwrap_or_else(|| {
            self.calls.push(pending);
            self.calls.len() - 1
        });
        Expr::column(CALLS + index, data_type)
    }

    /// `GROUPING(a, b)`: a bit per argument, 1 where the row's grouping set leaves it out. None: it is no key.
    pub fn grouping(&mut self, args: &[Expr]) -> Option<Expr> {
        let key = |arg: &Expr| {
            let wanted = without_attributes(arg.clone());
            self.keys.iter().position(|k| without_attributes(k.clone()) == wanted)
        };
        let keys = args.iter().map(key).collect::<Option<Vec<usize>>>()?;
        Some(self.about_set(Some(keys)))
    }

    /// `GROUP_ID()`: how often the same grouping set stood before.
    pub fn group_id(&mut self) -> Expr {
        self.about_set(None)
    }

    fn about_set(&mut self, asked: Option<Vec<usize>>) -> Expr {
        self.groupings.push(asked);
        Expr::column(GROUPINGS + self.groupings.len() - 1, TypeKind::BigInt.not_null())
    }

    /// None: GROUP BY has no such window.
    pub fn window_property(&mut self, window: &str, property: &str, args: &[Expr]) -> Option<Result<Expr>> {
        let group = self.window.as_ref().filter(|w| w.name == window && w.args == args)?;
        let attribute = match group.time_kind {
            TimeKind::Proctime => TimeAttribute::Proctime,
            _ => TimeAttribute::Rowtime,
        };
        let (property, data_type) = match property {
            "START" => (WindowProperty::Start, window_bound_type()),
            "END" => (WindowProperty::End, window_bound_type()),
            "ROWTIME" if group.time_kind == TimeKind::Proctime => {
                return Some(Err(Error::invalid(format!("{window}_ROWTIME needs a window over event time"))
                    .hint(format!("use {window}_PROCTIME"))));
            }
            "PROCTIME" if group.time_kind != TimeKind::Proctime => {
                return Some(Err(Error::unsupported(format!("{window}_PROCTIME of a window over event time"))));
            }
            _ => {
                let kind = match group.time_kind {
                    TimeKind::Rowtime => TypeKind::Timestamp { precision: 3, attribute },
                    _ => TypeKind::TimestampLtz { precision: 3, attribute },
                };
                (WindowProperty::Time, kind.not_null())
            }
        };
        let index = self.properties.iter().position(|(p, _)| *p == property).unwrap_or_else(|| {
            self.properties.push((property, data_type.clone()));
            self.properties.len() - 1
        });
        Some(Ok(Expr::column(PROPERTIES + index, data_type)))
    }
}

/// An aggregation and where its results stand.
pub(crate) struct Aggregated {
    pub rel: Rel,
    /// What was grouped by, over the input, and the column that holds it.
    keys: Vec<(Expr, usize)>,
    calls: Vec<usize>,
    properties: Vec<usize>,
    /// Keys that the grouping set leaves out.
    nulls: Vec<Expr>,
    /// What `GROUPING(…)` is in this set.
    groupings: Vec<i64>,
}

/// What an aggregation is made of.
pub(crate) struct Grouping<'a> {
    /// Over the input, each with the name that its column gets.
    pub keys: &'a [(String, Expr)],
    /// Which of the keys are grouped by; the others are NULL.
    pub set: &'a [usize],
    /// How many equal sets stood before it.
    pub repetition: i64,
    pub collected: &'a Collected,
    pub state_ttl_millis: Option<i64>,
    /// Whether `table.exec.emit.*` asks for firing besides the end of a window.
    pub emits_early: bool,
    pub span: Span,
}

impl Grouping<'_> {
    pub fn apply(self, input: Rel) -> Result<Aggregated> {
        let mut aggregated = self.aggregate(input)?;
        let left_out = (0..self.keys.len()).filter(|i| !self.set.contains(i));
        aggregated.nulls = left_out.map(|i| without_attributes(self.keys[i].1.clone())).collect();
        let bits = |keys: &Vec<usize>| keys.iter().fold(0, |bits, k| bits << 1 | i64::from(!self.set.contains(k)));
        let asked = |keys: &Option<Vec<usize>>| keys.as_ref().map_or(self.repetition, bits);
        aggregated.groupings = self.collected.groupings.iter().map(asked).collect();
        Ok(aggregated)
    }

    /// The expressions grouped by.
    fn grouped(&self) -> impl Iterator<Item = &Expr> {
        self.set.iter().map(|&i| &self.keys[i].1)
    }

    fn aggregate(&self, input: Rel) -> Result<Aggregated> {
        let mut below = Below { columns: vec![], input: &input.schema };
        let mut keys: Vec<usize> =
            self.set.iter().map(|&i| &self.keys[i]).map(|(name, e)| below.add(name, e)).collect();
        // The total beside other grouping sets is a group like theirs: of no rows there is none.
        if self.set.is_empty() && !self.keys.is_empty() && self.collected.window.is_none() {
            keys.push(below.add("", &Expr::literal(Literal::Integer(0), TypeKind::Int.not_null())));
        }
        let mut calls = vec![];
        for pending in &self.collected.calls {
            let args = pending.args.iter().map(|e| below.add("", e)).collect();
            let filter = pending.filter.as_ref().map(|e| below.add("", e));
            let function = pending.function.clone();
            let data_type = pending.data_type.clone();
            calls.push(AggregateCall { function, args, distinct: pending.distinct, filter, data_type });
        }
        let time = self.collected.window.as_ref().map(|w| below.add("", &w.time));
        let columns = below.columns;
        let rel = input.calc(None, columns);
        if let Some(time) = time {
            return self.group_window(rel, keys, calls, time);
        }
        if let Some(columns) = WindowColumns::of(&rel)
            && keys.iter().any(|k| columns.start.contains(k))
            && keys.iter().any(|k| columns.end.contains(k))
            && let Some(aggregated) = self.window_aggregate(&rel, &keys, &calls, &columns)?
        {
            if self.emits_early {
                return Err(Error::invalid(
                    "an aggregation over a window table function takes no 'table.exec.emit.early-fire.enabled' and \
                     'table.exec.emit.late-fire.enabled'",
                )
                .hint("only GROUP BY TUMBLE(…) and HOP(…) fire early and late")
                .at(self.span));
            }
            if keys.iter().any(|k| columns.contains(*k) && rel.schema.fields[*k].data_type.nullable) {
                return Err(Error::invalid("an outer join pads these bounds of a window with NULL")
                    .hint("group by the bounds of the side that the join keeps")
                    .at(self.span));
            }
            return Ok(aggregated);
        }
        Ok(self.group_aggregate(rel, keys, calls))
    }

    /// `rel` groups by both bounds of a window. None: a session window whose keys are not its partition.
    fn window_aggregate(
        &self,
        rel: &Rel,
        keys: &[usize],
        calls: &[AggregateCall],
        columns: &WindowColumns,
    ) -> Result<Option<Aggregated>> {
        let used_as_values = calls.iter().any(|c| c.args.iter().chain(&c.filter).any(|&i| columns.contains(i)));
        let plain_keys: Vec<usize> = keys.iter().copied().filter(|&k| !columns.contains(k)).collect();
        let melted = if used_as_values { None } else { melt(rel, columns) };
        let (input, window, position) = match melted {
            Some(melted) => melted,
            None if columns.time_kind == TimeKind::Proctime => {
                return Err(Error::unsupported(
                    "computing with the bounds of a window over processing time before it is aggregated",
                )
                .at(self.span));
            }
            None => {
                let shape = WindowShape::Assigned { start: columns.start[0], end: columns.end[0], size: columns.size };
                let window = WindowSpec { time: columns.start[0], time_kind: columns.time_kind, shape };
                (rel.clone(), window, (0..rel.schema.len()).map(Some).collect())
            }
        };
        let moved =
            |i: usize| position[i].ok_or_else(|| Error::internal("a grouped column is missing below its window"));
        if let WindowShape::Session { partition, .. } = &window.shape {
            let mut wanted: Vec<usize> = partition.clone();
            let mut found: Vec<usize> = plain_keys.iter().map(|&k| moved(k)).collect::<Result<_>>()?;
            wanted.sort_unstable();
            found.sort_unstable();
            found.dedup();
            if wanted != found {
                return Ok(None);
            }
        }
        check_divisible(&window.shape, self.span)?;
        check_mergeable(&window.shape, calls, self.span)?;
        let calls: Vec<AggregateCall> = calls.iter().map(|c| remap_call(c, &moved)).collect::<Result<_>>()?;
        let mut fields = vec![];
        let mut own_keys: Vec<usize> = vec![];
        let mut places = vec![None; keys.len()];
        for (place, &key) in places.iter_mut().zip(keys).filter(|(_, k)| !columns.contains(**k)) {
            let key = moved(key)?;
            let found = own_keys.iter().position(|&k| k == key).unwrap_or_else(|| {
                own_keys.push(key);
                fields.push(materialized_field(&input.schema.fields[key]));
                own_keys.len() - 1
            });
            *place = Some(found);
        }
        let call_places: Vec<usize> = (0..calls.len()).map(|i| own_keys.len() + i).collect();
        fields.extend(call_fields(&calls, &self.collected.calls));
        let mut properties: Vec<WindowProperty> = vec![];
        for (place, &key) in places.iter_mut().zip(keys).filter(|(_, k)| columns.contains(**k)) {
            let (property, data_type) = match key {
                k if columns.start.contains(&k) => (WindowProperty::Start, window_bound_type()),
                k if columns.end.contains(&k) => (WindowProperty::End, window_bound_type()),
                _ => (WindowProperty::Time, columns.time_type.clone()),
            };
            let found = properties.iter().position(|p| *p == property).unwrap_or_else(|| {
                properties.push(property);
                fields.push(Field::new(property_name(property), data_type));
                properties.len() - 1
            });
            *place = Some(own_keys.len() + calls.len() + found);
        }
        let op = RelOp::WindowAggregate {
            input: Box::new(input),
            window,
            keys: own_keys,
            aggregates: calls,
            properties,
            emit: None,
            group_window: false,
        };
        let rel = Rel { op, schema: Schema::new(fields) };
        let keys = self.grouped().zip(places).filter_map(|(e, place)| Some((e.clone(), place?))).collect();
        Ok(Some(Aggregated { keys, calls: call_places, ..Aggregated::over(rel) }))
    }

    /// `GROUP BY TUMBLE(ts, size), k`
    fn group_window(
        &self,
        rel: Rel,
        keys: Vec<usize>,
        mut calls: Vec<AggregateCall>,
        time: usize,
    ) -> Result<Aggregated> {
        let Some(window) = &self.collected.window else {
            return Err(Error::internal("a group window is missing"));
        };
        let keys_once = deduplicated(&keys);
        let shape = match &window.shape {
            WindowShape::Session { gap, .. } => WindowShape::Session { gap: *gap, partition: keys_once.clone() },
            other => other.clone(),
        };
        check_divisible(&shape, self.span)?;
        check_mergeable(&shape, &calls, self.span)?;
        let mut fields: Vec<Field> = keys_once.iter().map(|&k| materialized_field(&rel.schema.fields[k])).collect();
        fields.extend(call_fields(&calls, &self.collected.calls));
        let first_property = fields.len();
        let mut properties: Vec<WindowProperty> = self.collected.properties.iter().map(|(p, _)| *p).collect();
        fields.extend(self.collected.properties.iter().map(|(p, t)| Field::new(property_name(*p), t.clone())));
        if fields.is_empty() {
            // A row must have a column.
            properties.push(WindowProperty::Start);
            fields.push(Field::new("window_start", window_bound_type()));
        }
        for (call, pending) in calls.iter_mut().zip(&self.collected.calls) {
            call.data_type = pending.data_type.clone();
        }
        let position = |k: &usize| keys_once.iter().position(|o| o == k).unwrap_or_default();
        let keys = self.grouped().zip(&keys).map(|(e, k)| (e.clone(), position(k))).collect();
        let call_places = (0..calls.len()).map(|i| keys_once.len() + i).collect();
        let op = RelOp::WindowAggregate {
            input: Box::new(rel),
            window: WindowSpec { time, time_kind: window.time_kind, shape },
            keys: keys_once,
            aggregates: calls,
            properties,
            emit: window.emit.clone(),
            group_window: true,
        };
        let rel = Rel { op, schema: Schema::new(fields) };
        let properties = (0..self.collected.properties.len()).map(|i| first_property + i).collect();
        Ok(Aggregated { keys, calls: call_places, properties, ..Aggregated::over(rel) })
    }

    fn group_aggregate(&self, rel: Rel, keys: Vec<usize>, calls: Vec<AggregateCall>) -> Aggregated {
        let keys_once = deduplicated(&keys);
        let mut fields: Vec<Field> = keys_once.iter().map(|&k| materialized_field(&rel.schema.fields[k])).collect();
        fields.extend(call_fields(&calls, &self.collected.calls));
        let position = |k: &usize| keys_once.iter().position(|o| o == k).unwrap_or_default();
        let keys = self.grouped().zip(&keys).map(|(e, k)| (e.clone(), position(k))).collect();
        let call_places = (0..calls.len()).map(|i| keys_once.len() + i).collect();
        let op = RelOp::GroupAggregate {
            input: Box::new(rel),
            keys: keys_once,
            aggregates: calls,
            state_ttl_millis: self.state_ttl_millis,
        };
        let rel = Rel { op, schema: Schema::new(fields) };
        Aggregated { keys, calls: call_places, ..Aggregated::over(rel) }
    }
}

impl Aggregated {
    fn over(rel: Rel) -> Aggregated {
        Aggregated { rel, keys: vec![], calls: vec![], properties: vec![], nulls: vec![], groupings: vec![] }
    }

    /// An expression over the input and the collected calls as one over the aggregation's result. Err: the
    /// position of an input column that is not grouped by.
    pub fn above(&self, expr: Expr) -> std::result::Result<Expr, usize> {
        let wanted = without_attributes(expr.clone());
        if let Some((_, place)) = self.keys.iter().find(|(key, _)| without_attributes(key.clone()) == wanted) {
            let data_type = self.rel.schema.fields[*place].data_type.clone();
            let keeps = expr.data_type().kind.attribute() != TimeAttribute::None;
            let data_type = if keeps { data_type } else { data_type.materialized() };
            return Ok(Expr::column(*place, data_type));
        }
        if self.nulls.contains(&wanted) {
            return Ok(Expr::literal(Literal::Null, expr.data_type().clone().materialized().with_nullable(true)));
        }
        match expr {
            // Ranks are computed above the aggregation.
            rank @ Expr::Column { index: OVERS.., .. } => Ok(rank),
            Expr::Column { index, data_type } if index >= GROUPINGS => {
                Ok(Expr::literal(Literal::Integer(self.groupings[index - GROUPINGS]), data_type))
            }
            Expr::Column { index, data_type } if index >= PROPERTIES => {
                Ok(Expr::column(self.properties[index - PROPERTIES], data_type))
            }
            Expr::Column { index, data_type } if index >= CALLS => {
                Ok(Expr::column(self.calls[index - CALLS], data_type))
            }
            Expr::Column { index, .. } => Err(index),
            leaf @ Expr::Literal { .. } => Ok(leaf),
            Expr::Cast { input, data_type, safe } => {
                Ok(Expr::Cast { input: Box::new(self.above(*input)?), data_type, safe })
            }
            Expr::Field { input, index, data_type } => {
                Ok(Expr::Field { input: Box::new(self.above(*input)?), index, data_type })
            }
            Expr::Case { branches, otherwise, data_type } => {
                let branch = |(w, t): (Expr, Expr)| Ok((self.above(w)?, self.above(t)?));
                let branches = branches.into_iter().map(branch).collect::<std::result::Result<_, usize>>()?;
                Ok(Expr::Case { branches, otherwise: Box::new(self.above(*otherwise)?), data_type })
            }
            Expr::Call { function, args, data_type } => {
                let args = args.into_iter().map(|a| self.above(a)).collect::<std::result::Result<_, usize>>()?;
                Ok(Expr::Call { function, args, data_type })
            }
        }
    }

    /// Names a call's column as the query does, if it stands alone in the SELECT list.
    pub fn name(&mut self, expr: &Expr, name: &str) {
        if let Expr::Column { index, .. } = expr
            && self.calls.contains(index)
        {
            self.rel.schema.fields[*index].name = name.to_owned();
        }
    }
}

/// The columns an aggregation reads, each once.
struct Below<'a> {
    columns: Vec<(String, Expr)>,
    input: &'a Schema,
}

impl Below<'_> {
    fn add(&mut self, name: &str, expr: &Expr) -> usize {
        let found = self.columns.iter().position(|(_, e)| e == expr);
        found.unwrap_or_else(|| {
            let name = match expr {
                _ if !name.is_empty() => name.to_owned(),
                Expr::Column { index, .. } => self.input.fields[*index].name.clone(),
                _ => format!("$f{}", self.columns.len()),
            };
            self.columns.push((name, expr.clone()));
            self.columns.len() - 1
        })
    }
}

/// The relation below the window table function under `rel`, filtered and computed as `rel` is, with the window over
/// it and, for each column of `rel`, where it stands now (the bounds nowhere). None: the input has its windows
/// from elsewhere, or computes with the bounds.
#[allow(clippy::type_complexity)]
fn melt(rel: &Rel, columns: &WindowColumns) -> Option<(Rel, WindowSpec, Vec<Option<usize>>)> {
    let mut filter: Option<Expr> = None;
    let mut projection: Vec<Expr> = rel.identity().into_iter().map(|(_, e)| e).collect();
    let mut at = rel;
    let (input, window) = loop {
        match &at.op {
            RelOp::Calc { input, filter: condition, projection: inner } => {
                projection = projection.into_iter().map(|e| substitute(e, inner)).collect();
                filter = filter.map(|e| substitute(e, inner));
                filter = conjunction(condition.clone(), filter);
                at = input;
            }
            RelOp::WindowTable { input, window } => break (input, window),
            _ => return None,
        }
    };
    let n = input.schema.len();
    let computes = |e: &Expr| e.columns().iter().any(|&i| i >= n);
    let bound = |i: usize| columns.contains(i);
    if filter.as_ref().is_some_and(computes) || (0..projection.len()).any(|i| !bound(i) && computes(&projection[i])) {
        return None;
    }
    let mut kept: Vec<(String, Expr)> = vec![];
    let mut position = vec![None; projection.len()];
    for (i, e) in projection.into_iter().enumerate() {
        if !bound(i) {
            position[i] = Some(kept.len());
            kept.push((rel.schema.fields[i].name.clone(), e));
        }
    }
    let mut require = |column: usize| {
        let same = |e: &Expr| *e == input.column(column);
        kept.iter().position(|(_, e)| same(e)).unwrap_or_else(|| {
            kept.push((input.schema.fields[column].name.clone(), input.column(column)));
            kept.len() - 1
        })
    };
    let mut window = window.clone();
    window.time = require(window.time);
    if let WindowShape::Session { partition, .. } = &mut window.shape {
        for column in partition.iter_mut() {
            *column = require(*column);
        }
    }
    Some(((**input).clone().calc(filter, kept), window, position))
}

fn remap_call(call: &AggregateCall, moved: &impl Fn(usize) -> Result<usize>) -> Result<AggregateCall> {
    let args = call.args.iter().map(|&i| moved(i)).collect::<Result<_>>()?;
    let filter = call.filter.map(moved).transpose()?;
    Ok(AggregateCall { args, filter, ..call.clone() })
}

fn call_fields(calls: &[AggregateCall], pending: &[PendingCall]) -> Vec<Field> {
    let name = |i: usize| format!("$a{i}");
    (0..calls.len()).map(|i| Field::new(name(i), pending[i].data_type.clone())).collect()
}

fn materialized_field(field: &Field) -> Field {
    Field::new(field.name.clone(), field.data_type.clone().materialized())
}

fn without_attributes(expr: Expr) -> Expr {
    remap(expr, &|i| i).transform(&mut materialized)
}

fn deduplicated(keys: &[usize]) -> Vec<usize> {
    let mut once = vec![];
    for &key in keys {
        if !once.contains(&key) {
            once.push(key);
        }
    }
    once
}

fn property_name(property: WindowProperty) -> &'static str {
    match property {
        WindowProperty::Start => "window_start",
        WindowProperty::End => "window_end",
        WindowProperty::Time => "window_time",
    }
}

/// Windows share slices, so the length must be a whole number of them.
fn check_divisible(shape: &WindowShape, span: Span) -> Result<()> {
    let (what, part) = match shape {
        WindowShape::Hop { slide, .. } => ("HOP", ("slide", *slide)),
        WindowShape::Cumulate { step, .. } => ("CUMULATE", ("step", *step)),
        _ => return Ok(()),
    };
    let size = window_size(shape);
    match size % part.1 {
        0 => Ok(()),
        _ => Err(Error::invalid(format!(
            "an aggregation over {what} needs a size that is a multiple of the {}, found size {size} ms and {} {} ms",
            part.0, part.0, part.1
        ))
        .at(span)),
    }
}

/// Flink's aggregates of JSON can't be merged, which windows that share rows need.
fn check_mergeable(shape: &WindowShape, calls: &[AggregateCall], span: Span) -> Result<()> {
    let merges = matches!(shape, WindowShape::Hop { .. } | WindowShape::Cumulate { .. } | WindowShape::Session { .. });
    match calls.iter().find(|call| merges && call.function.starts_with("JSON_")) {
        Some(_) => Err(Error::invalid("JSON_OBJECTAGG and JSON_ARRAYAGG run in tumbling windows alone")
            .hint("use ARRAY_AGG and write JSON of its result")
            .at(span)),
        None => Ok(()),
    }
}

/// The first column of `scope` that is read without being grouped by, as an error.
pub(crate) fn not_grouped(scope: &Scope, column: usize, span: Span) -> Error {
    let name = &scope.columns[column].name;
    Error::invalid(format!("column `{name}` is neither grouped by nor aggregated"))
        .hint(format!("add it to GROUP BY, or take MAX({name})"))
        .at(span)
}
