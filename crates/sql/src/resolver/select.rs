//! SELECT, clause by clause in the order they mean something: FROM, WHERE, GROUP BY, HAVING, the list, DISTINCT.

use flitz_dataflow::options::Options;
use flitz_dataflow::{Error, Result, Span};
use flitz_functions::is_aggregate;
use flitz_plan::Expr;

use super::Resolver;
use super::aggregate::{Aggregated, Collected, Grouping, not_grouped};
use super::expr::{AggregateUse, ExprResolver};
use super::grouping::Keys;
use super::join::Constraint;
use super::over::{self, Overs};
use super::query::{check_typed, ordinal};
use super::scope::Scope;
use super::walk;
use super::window::whole_millis;
use crate::ast;
use crate::ast::{ExprKind, HintArg, OrderItem, Select, SelectItem};
use crate::relation::{Rel, RelOp};

/// The result of a SELECT, with what its ORDER BY sorts by.
pub(crate) struct Selected {
    pub rel: Rel,
    /// For each item of ORDER BY the column, possibly one behind the visible ones.
    pub order: Vec<usize>,
    /// How many columns the query has.
    pub visible: usize,
}

/// A column of the list: its name, its expression over FROM and the calls, where it is written.
#[derive(Clone)]
struct Item<'a> {
    name: String,
    expr: Expr,
    span: Span,
    /// None: of a star.
    written: Option<&'a ast::Expr>,
}

impl Resolver<'_> {
    pub(crate) fn select_ordered(&mut self, select: &Select, order_by: &[OrderItem]) -> Result<Selected> {
        let (mut rel, mut scope) = self.from(select)?;
        let state_ttl_millis = self.hinted_ttl(select, &scope)?;
        if let Some(filter) = &select.filter {
            rel = self.filtered(rel, &scope, filter)?;
        }
        let mut keys = Keys::default();
        if let Some(group_by) = &select.group_by {
            keys = self.keys(group_by, &scope)?;
            let left_out = keys.left_out();
            if !left_out.is_empty() {
                for column in left_out {
                    scope.columns[column].data_type.nullable = true;
                }
                keys = self.keys(group_by, &scope)?;
            }
        }
        let aggregated = select.group_by.is_some() || select.having.is_some() || aggregates(select);
        let mut collected = Collected {
            // The set of all rows has a row even if there are none.
            grouped: keys.window.is_some() || (!keys.keys.is_empty() && !keys.sets.iter().any(Vec::is_empty)),
            window: keys.window.take(),
            keys: keys.keys.iter().map(|(_, e)| e.clone()).collect(),
            ..Collected::default()
        };

        let mut overs = Overs::new(&select.windows);
        let mut items = list(select, &scope, aggregated.then_some(&mut collected), &mut overs)?;
        let visible = items.len();
        let having = match &select.having {
            Some(having) => {
                let aggregates = AggregateUse::Collected(&mut collected);
                let mut resolver = ExprResolver { scope: &scope, aggregates, overs: None };
                Some((resolver.condition(having, "HAVING")?, having))
            }
            None => None,
        };
        let qualify = match &select.qualify {
            Some(qualify) => {
                let aliases = items.iter().map(|i| (i.name.clone(), i.expr.clone())).collect();
                let scope = Scope { aliases, ..scope.clone() };
                let aggregates = match aggregated {
                    true => AggregateUse::Collected(&mut collected),
                    false => AggregateUse::Refused("QUALIFY"),
                };
                let mut resolver = ExprResolver { scope: &scope, aggregates, overs: Some(&mut overs) };
                Some((resolver.condition(qualify, "QUALIFY")?, qualify))
            }
            None => None,
        };
        if let Some((condition, written)) = &qualify
            && !over::reads_rank(condition)
        {
            return Err(Error::invalid("QUALIFY must hold a function with OVER")
                .hint("conditions on columns go to WHERE")
                .at(written.span));
        }
        let order =
            order_items(order_by, &scope, aggregated.then_some(&mut collected), &mut items, visible, select.distinct)?;

        let mut rel = match aggregated {
            false => {
                overs.apply(rel, items.into_iter().map(|i| (i.name, i.expr)).collect(), qualify.map(|(e, _)| e))?
            }
            true => {
                let span = select.group_by.as_ref().map_or(select.span, |g| g.span);
                let emits_early = self.emits_early()?;
                let mut parts = vec![];
                let sets = if keys.sets.is_empty() { vec![vec![]] } else { keys.sets };
                if let (Some(call), true) = (overs.calls.first(), sets.len() > 1) {
                    return Err(Error::unsupported("OVER together with several grouping sets").at(call.span));
                }
                let clauses = Above { items, having, qualify, overs };
                for (i, set) in sets.iter().enumerate() {
                    let equal = |other: &&Vec<usize>| other.len() == set.len() && set.iter().all(|k| other.contains(k));
                    let repetition = sets[..i].iter().filter(equal).count() as i64;
                    let collected = &collected;
                    let grouping =
                        Grouping { keys: &keys.keys, set, repetition, collected, state_ttl_millis, emits_early, span };
                    parts.push(clauses.clone().over(grouping.apply(rel.clone())?, &scope)?);
                }
                union(parts)
            }
        };
        if select.distinct {
            rel = self.distinct(rel, state_ttl_millis, select.span)?;
        }
        Ok(Selected { rel, order, visible })
    }

    /// `/*+ STATE_TTL('t' = '1d') */`: how long this SELECT keeps what it groups by; else `table.exec.state.ttl`.
    fn hinted_ttl(&self, select: &Select, scope: &Scope) -> Result<Option<i64>> {
        let mut ttl = self.state_ttl()?;
        for hint in &select.hints {
            if !hint.name.value.eq_ignore_ascii_case("STATE_TTL") {
                return Err(Error::unsupported(format!("the hint {}", hint.name.value)).at(hint.span));
            }
            let joins = select.from.iter().any(|t| matches!(t.kind, ast::TableRefKind::Join { .. }));
            if joins || select.from.len() > 1 {
                return Err(Error::unsupported("STATE_TTL over several tables").at(hint.span));
            }
            for arg in &hint.args {
                let HintArg::Option(pair) = arg else {
                    return Err(Error::invalid("STATE_TTL takes 'table' = 'duration' pairs").at(hint.span));
                };
                if !scope.columns.iter().any(|c| c.table.is_called(&pair.key.value)) {
                    return Err(Error::invalid(format!("STATE_TTL names `{}`, which is not in FROM", pair.key.value))
                        .hint("name the table, or its alias if it has one")
                        .at(pair.key.span));
                }
                let key = "STATE_TTL".to_owned();
                let alone: Options = [(key.clone(), pair.value.value.clone())].into_iter().collect();
                let duration = alone.duration(&key).map_err(|e| Error { place: None, ..e }.at(pair.value.span))?;
                ttl = duration.map(whole_millis).filter(|millis| *millis > 0);
            }
        }
        Ok(ttl)
    }

    pub(super) fn from(&mut self, select: &Select) -> Result<(Rel, Scope)> {
        match select.from.as_slice() {
            [] => {
                let zero = ExprResolver::without_aggregates(&Scope::default(), "FROM").resolve(&ast::Expr {
                    kind: ExprKind::Literal(ast::Literal::Integer("0".to_owned())),
                    span: select.span,
                })?;
                let schema = [flitz_dataflow::Field::new("ZERO", zero.data_type().clone())].into_iter().collect();
                let scope = Scope { functions: self.functions.clone(), ..Scope::default() };
                Ok((Rel { op: RelOp::Values(vec![vec![zero]]), schema }, scope))
            }
            [first, others @ ..] => {
                let mut joined = self.table_ref(first)?;
                for other in others {
                    let span = first.span.to(other.span);
                    joined = self.join_with(joined, other, ast::JoinKind::Cross, Constraint::None, span)?;
                }
                Ok(joined)
            }
        }
    }
}

/// The SELECT list with its stars written out.
fn list<'a>(
    select: &'a Select,
    scope: &Scope,
    mut collected: Option<&mut Collected>,
    overs: &mut Overs,
) -> Result<Vec<Item<'a>>> {
    let mut items: Vec<Item<'a>> = vec![];
    let star = |items: &mut Vec<Item<'a>>, columns: Vec<usize>, span: Span| {
        for i in columns {
            let column = &scope.columns[i];
            let expr = Expr::column(i, column.data_type.clone());
            items.push(Item { name: column.name.clone(), expr, span, written: None });
        }
    };
    for item in &select.projection {
        match item {
            SelectItem::Star(span) => {
                if scope.columns.is_empty() {
                    return Err(Error::invalid("* needs a FROM").at(*span));
                }
                let ambiguous = scope
                    .columns
                    .iter()
                    .enumerate()
                    .find(|(i, c)| scope.columns[..*i].iter().any(|o| o.name == c.name && o.table == c.table));
                if let (Some((_, column)), false) = (ambiguous, scope.joined) {
                    return Err(Error::invalid(format!("column `{}` is ambiguous", column.name))
                        .hint("name the columns of the sub-query differently")
                        .at(*span));
                }
                for merged in &scope.merged {
                    let (name, expr) = (merged.name.clone(), merged.expr.clone());
                    items.push(Item { name, expr, span: *span, written: None });
                }
                let merged = |i: &usize| scope.merged.iter().any(|m| m.parts.contains(i));
                star(&mut items, (0..scope.columns.len()).filter(|i| !merged(i)).collect(), *span);
            }
            SelectItem::QualifiedStar { path, span } => match scope.columns_of(path, *span) {
                Ok(columns) => star(&mut items, columns, *span),
                Err(error) => {
                    for (name, expr) in scope.fields_of(path).ok_or(error)? {
                        items.push(Item { name, expr, span: *span, written: None });
                    }
                }
            },
            SelectItem::Expr { expr, alias } => {
                let aggregates = match collected.as_deref_mut() {
                    Some(collected) => AggregateUse::Collected(collected),
                    None => AggregateUse::Refused("this SELECT"),
                };
                let resolved = ExprResolver { scope, aggregates, overs: Some(&mut *overs) }.resolve(expr)?;
                check_typed(&resolved, expr.span)?;
                let name = match (alias, &expr.kind) {
                    (Some(alias), _) => alias.value.clone(),
                    (None, ExprKind::Path(path)) => path[path.len() - 1].value.clone(),
                    (None, _) => format!("EXPR${}", items.len()),
                };
                items.push(Item { name, expr: resolved, span: expr.span, written: Some(expr) });
            }
        }
    }
    Ok(items)
}

/// What ORDER BY sorts by: a column of the list by ordinal, alias or expression, else one more column behind it.
fn order_items<'a>(
    order_by: &'a [OrderItem],
    scope: &Scope,
    mut collected: Option<&mut Collected>,
    items: &mut Vec<Item<'a>>,
    visible: usize,
    distinct: bool,
) -> Result<Vec<usize>> {
    let mut order = vec![];
    for item in order_by {
        if let Some(ordinal) = ordinal(&item.expr, visible) {
            order.push(ordinal?);
            continue;
        }
        if let ExprKind::Path(path) = &item.expr.kind
            && let [name] = path.as_slice()
            && let Some(i) = items[..visible].iter().position(|i| i.name == name.value)
        {
            order.push(i);
            continue;
        }
        let aggregates = match collected.as_deref_mut() {
            Some(collected) => AggregateUse::Collected(collected),
            None => AggregateUse::Refused("ORDER BY"),
        };
        let expr = ExprResolver { scope, aggregates, overs: None }.resolve(&item.expr)?;
        let found = items.iter().position(|i| i.expr == expr);
        if found.is_none() && distinct {
            return Err(Error::invalid("with DISTINCT only columns of the list can be sorted by").at(item.span));
        }
        order.push(found.unwrap_or_else(|| {
            let name = format!("$o{}", items.len());
            items.push(Item { name, expr, span: item.span, written: Some(&item.expr) });
            items.len() - 1
        }));
    }
    Ok(order)
}

/// The results of several grouping sets, which differ in what may be NULL alone.
fn union(mut parts: Vec<Rel>) -> Rel {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let mut schema = parts[0].schema.clone();
    for (i, field) in schema.fields.iter_mut().enumerate() {
        field.data_type.nullable = parts.iter().any(|p| p.schema.fields[i].data_type.nullable);
    }
    Rel { op: RelOp::Union(parts), schema }
}

/// What stands above an aggregation.
#[derive(Clone)]
struct Above<'a> {
    items: Vec<Item<'a>>,
    having: Option<(Expr, &'a ast::Expr)>,
    qualify: Option<(Expr, &'a ast::Expr)>,
    overs: Overs,
}

impl Above<'_> {
    fn over(self, mut aggregated: Aggregated, scope: &Scope) -> Result<Rel> {
        let mut columns = vec![];
        for item in self.items {
            let expr = aggregated
                .above(item.expr)
                .map_err(|column| not_grouped(scope, column, place(item.written, scope, column, item.span)))?;
            aggregated.name(&expr, &item.name);
            columns.push((item.name, expr));
        }
        let condition = |clause: Option<(Expr, &ast::Expr)>| match clause {
            Some((condition, written)) => {
                let place = |column| place(Some(written), scope, column, written.span);
                aggregated.above(condition).map(Some).map_err(|column| not_grouped(scope, column, place(column)))
            }
            None => Ok(None),
        };
        let (having, qualify) = (condition(self.having)?, condition(self.qualify)?);
        let overs =
            self.overs.map(|expr, span| aggregated.above(expr).map_err(|column| not_grouped(scope, column, span)))?;
        if overs.calls.is_empty() {
            return Ok(aggregated.rel.calc(having, columns));
        }
        let rel = match having {
            Some(having) => aggregated.rel.filter(having),
            None => aggregated.rel,
        };
        overs.apply(rel, columns, qualify)
    }
}

/// Where `written` names the column.
fn place(written: Option<&ast::Expr>, scope: &Scope, column: usize, otherwise: Span) -> Span {
    let name = &scope.columns[column].name;
    let names = |e: &ast::Expr| matches!(&e.kind, ExprKind::Path(path) if path.iter().any(|part| part.value == *name));
    written.and_then(|e| walk::find(e, &names)).map_or(otherwise, |e| e.span)
}

/// Whether the list of `select` holds aggregates.
pub(super) fn aggregates(select: &Select) -> bool {
    select.projection.iter().any(|item| matches!(item, SelectItem::Expr { expr, .. } if has_aggregate(expr)))
}

/// Whether an aggregate is called in `expr`, outside of sub-queries.
fn has_aggregate(expr: &ast::Expr) -> bool {
    let aggregate = |e: &ast::Expr| match &e.kind {
        ExprKind::JsonObjectAgg { .. } | ExprKind::JsonArrayAgg { .. } => true,
        ExprKind::Function(call) => {
            let name = call.name.object().value.to_uppercase();
            call.over.is_none() && call.name.parts.len() == 1 && is_aggregate(&name)
        }
        _ => false,
    };
    walk::find(expr, &aggregate).is_some()
}
