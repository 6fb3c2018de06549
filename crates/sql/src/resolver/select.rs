//! SELECT, clause by clause in the order they mean something: FROM, WHERE, GROUP BY, HAVING, the list, DISTINCT.

use flitz_dataflow::{Error, Result, Span};
use flitz_functions::is_aggregate;
use flitz_plan::Expr;

use super::Resolver;
use super::aggregate::{Aggregated, Collected, Grouping, not_grouped};
use super::expr::{AggregateUse, ExprResolver};
use super::query::{check_typed, ordinal};
use super::scope::Scope;
use crate::ast;
use crate::ast::{ExprKind, FunctionArgValue, GroupBy, GroupingElement, OrderItem, Select, SelectItem};
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
struct Item {
    name: String,
    expr: Expr,
    span: Span,
}

impl Resolver<'_> {
    pub(crate) fn select_ordered(&mut self, select: &Select, order_by: &[OrderItem]) -> Result<Selected> {
        refuse_unsupported(select)?;
        let (mut rel, scope) = self.from(select)?;
        if let Some(filter) = &select.filter {
            let condition = ExprResolver::without_aggregates(&scope, "WHERE").condition(filter, "WHERE")?;
            rel = rel.filter(condition);
        }
        let (keys, window) = match &select.group_by {
            Some(group_by) => self.keys(group_by, &scope)?,
            None => (vec![], None),
        };
        let aggregated = select.group_by.is_some()
            || select.having.is_some()
            || select
                .projection
                .iter()
                .any(|item| matches!(item, SelectItem::Expr { expr, .. } if has_aggregate(expr)));
        let mut collected = Collected { grouped: !keys.is_empty() || window.is_some(), window, ..Collected::default() };

        let mut items = list(select, &scope, aggregated.then_some(&mut collected))?;
        let visible = items.len();
        let having = match &select.having {
            Some(having) => {
                let mut resolver = ExprResolver { scope: &scope, aggregates: AggregateUse::Collected(&mut collected) };
                Some((resolver.condition(having, "HAVING")?, having))
            }
            None => None,
        };
        let order =
            order_items(order_by, &scope, aggregated.then_some(&mut collected), &mut items, visible, select.distinct)?;

        let mut rel = match aggregated {
            false => rel.calc(None, items.into_iter().map(|i| (i.name, i.expr)).collect()),
            true => {
                let span = select.group_by.as_ref().map_or(select.span, |g| g.span);
                let grouping = Grouping { keys, collected, state_ttl_millis: self.state_ttl()?, span };
                above(grouping.apply(rel)?, items, having, &scope)?
            }
        };
        if select.distinct {
            rel = self.distinct(rel, select.span)?;
        }
        Ok(Selected { rel, order, visible })
    }

    fn from(&mut self, select: &Select) -> Result<(Rel, Scope)> {
        match select.from.as_slice() {
            [] => {
                let zero = ExprResolver::without_aggregates(&Scope::default(), "FROM").resolve(&ast::Expr {
                    kind: ExprKind::Literal(ast::Literal::Integer("0".to_owned())),
                    span: select.span,
                })?;
                let schema = [flitz_dataflow::Field::new("ZERO", zero.data_type().clone())].into_iter().collect();
                Ok((Rel { op: RelOp::Values(vec![vec![zero]]), schema }, Scope::default()))
            }
            [one] => self.table_ref(one),
            [first, .., last] => Err(Error::unsupported("joins").at(first.span.to(last.span))),
        }
    }

    #[allow(clippy::type_complexity)]
    fn keys(
        &mut self,
        group_by: &GroupBy,
        scope: &Scope,
    ) -> Result<(Vec<(String, Expr)>, Option<super::aggregate::GroupWindow>)> {
        let mut keys = vec![];
        let mut window = None;
        for element in &group_by.elements {
            let exprs: Vec<&ast::Expr> = match element {
                GroupingElement::Expr(e) => vec![e],
                GroupingElement::Set(set) => set.iter().collect(),
                GroupingElement::GroupingSets(_) => return Err(Error::unsupported("GROUPING SETS").at(group_by.span)),
                GroupingElement::Rollup(_) => return Err(Error::unsupported("ROLLUP").at(group_by.span)),
                GroupingElement::Cube(_) => return Err(Error::unsupported("CUBE").at(group_by.span)),
            };
            for e in exprs {
                if let Some(found) = self.group_window(e, scope)? {
                    if window.replace(found).is_some() {
                        return Err(Error::invalid("GROUP BY can hold one group window").at(e.span));
                    }
                    continue;
                }
                let resolved = ExprResolver::without_aggregates(scope, "GROUP BY").resolve(e)?;
                check_typed(&resolved, e.span)?;
                let name = match &resolved {
                    Expr::Column { index, .. } => scope.columns[*index].name.clone(),
                    _ => String::new(),
                };
                keys.push((name, resolved));
            }
        }
        Ok((keys, window))
    }
}

/// The SELECT list with its stars written out.
fn list(select: &Select, scope: &Scope, mut collected: Option<&mut Collected>) -> Result<Vec<Item>> {
    let mut items: Vec<Item> = vec![];
    let star = |items: &mut Vec<Item>, columns: Vec<usize>, span: Span| {
        for i in columns {
            let column = &scope.columns[i];
            items.push(Item { name: column.name.clone(), expr: Expr::column(i, column.data_type.clone()), span });
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
                if let Some((_, column)) = ambiguous {
                    return Err(Error::invalid(format!("column `{}` is ambiguous", column.name))
                        .hint("name the columns of the sub-query differently")
                        .at(*span));
                }
                star(&mut items, (0..scope.columns.len()).collect(), *span);
            }
            SelectItem::QualifiedStar { path, span } => star(&mut items, scope.columns_of(path, *span)?, *span),
            SelectItem::Expr { expr, alias } => {
                let aggregates = match collected.as_deref_mut() {
                    Some(collected) => AggregateUse::Collected(collected),
                    None => AggregateUse::Refused("this SELECT"),
                };
                let resolved = ExprResolver { scope, aggregates }.resolve(expr)?;
                check_typed(&resolved, expr.span)?;
                let name = match (alias, &expr.kind) {
                    (Some(alias), _) => alias.value.clone(),
                    (None, ExprKind::Path(path)) => path[path.len() - 1].value.clone(),
                    (None, _) => format!("EXPR${}", items.len()),
                };
                items.push(Item { name, expr: resolved, span: expr.span });
            }
        }
    }
    Ok(items)
}

/// What ORDER BY sorts by: a column of the list by ordinal, alias or expression, else one more column behind it.
fn order_items(
    order_by: &[OrderItem],
    scope: &Scope,
    mut collected: Option<&mut Collected>,
    items: &mut Vec<Item>,
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
        let expr = ExprResolver { scope, aggregates }.resolve(&item.expr)?;
        let found = items.iter().position(|i| i.expr == expr);
        if found.is_none() && distinct {
            return Err(Error::invalid("with DISTINCT only columns of the list can be sorted by").at(item.span));
        }
        order.push(found.unwrap_or_else(|| {
            items.push(Item { name: format!("$o{}", items.len()), expr, span: item.span });
            items.len() - 1
        }));
    }
    Ok(order)
}

/// HAVING and the list over an aggregation.
fn above(
    mut aggregated: Aggregated,
    items: Vec<Item>,
    having: Option<(Expr, &ast::Expr)>,
    scope: &Scope,
) -> Result<Rel> {
    let mut columns = vec![];
    for item in items {
        let expr = aggregated.above(item.expr).map_err(|column| not_grouped(scope, column, item.span))?;
        aggregated.name(&expr, &item.name);
        columns.push((item.name, expr));
    }
    let filter = match having {
        Some((condition, written)) => {
            Some(aggregated.above(condition).map_err(|column| not_grouped(scope, column, written.span))?)
        }
        None => None,
    };
    Ok(aggregated.rel.calc(filter, columns))
}

fn refuse_unsupported(select: &Select) -> Result<()> {
    if let Some(hint) = select.hints.first() {
        return Err(Error::unsupported(format!("the hint {}", hint.name.value)).at(hint.span));
    }
    if let Some(window) = select.windows.first() {
        return Err(Error::unsupported("WINDOW").at(window.name.span));
    }
    if let Some(qualify) = &select.qualify {
        return Err(Error::unsupported("QUALIFY").at(qualify.span));
    }
    Ok(())
}

/// Whether an aggregate is called in `expr`, outside of sub-queries.
fn has_aggregate(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::JsonObjectAgg { .. } | ExprKind::JsonArrayAgg { .. } => true,
        ExprKind::Function(call) => {
            let name = call.name.object().value.to_uppercase();
            (call.over.is_none() && call.name.parts.len() == 1 && is_aggregate(&name))
                || call.args.iter().any(|a| matches!(&a.value, FunctionArgValue::Expr(e) if has_aggregate(e)))
        }
        ExprKind::Literal(_) | ExprKind::Path(_) => false,
        ExprKind::Exists(_)
        | ExprKind::ScalarQuery(_)
        | ExprKind::ArrayQuery(_)
        | ExprKind::MapQuery(_)
        | ExprKind::MultisetQuery(_) => false,
        ExprKind::Field { operand, .. }
        | ExprKind::Unary { operand, .. }
        | ExprKind::Is { operand, .. }
        | ExprKind::Cast { operand, .. }
        | ExprKind::Extract { operand, .. }
        | ExprKind::RoundTime { operand, .. }
        | ExprKind::InQuery { operand, .. } => has_aggregate(operand),
        ExprKind::Subscript { operand, index } => has_aggregate(operand) || has_aggregate(index),
        ExprKind::Binary { left, right, .. }
        | ExprKind::IsDistinctFrom { left, right, .. }
        | ExprKind::DatetimeMinus { left, right, .. } => has_aggregate(left) || has_aggregate(right),
        ExprKind::Quantified { left, .. } => has_aggregate(left),
        ExprKind::Between { operand, low, high, .. } => [operand, low, high].into_iter().any(|e| has_aggregate(e)),
        ExprKind::Like { operand, pattern, escape, .. } => {
            has_aggregate(operand) || has_aggregate(pattern) || escape.as_deref().is_some_and(has_aggregate)
        }
        ExprKind::InList { operand, list, .. } => has_aggregate(operand) || list.iter().any(has_aggregate),
        ExprKind::Case { operand, branches, otherwise } => {
            operand.as_deref().is_some_and(has_aggregate)
                || branches.iter().any(|b| b.when.iter().any(has_aggregate) || has_aggregate(&b.then))
                || otherwise.as_deref().is_some_and(has_aggregate)
        }
        ExprKind::Trim { characters, operand, .. } => {
            has_aggregate(operand) || characters.as_deref().is_some_and(has_aggregate)
        }
        ExprKind::TimestampAdd { count, operand, .. } => has_aggregate(count) || has_aggregate(operand),
        ExprKind::TimestampDiff { start, end, .. } => has_aggregate(start) || has_aggregate(end),
        ExprKind::JsonExists { json, path, .. }
        | ExprKind::JsonValue { json, path, .. }
        | ExprKind::JsonQuery { json, path, .. } => has_aggregate(json) || has_aggregate(path),
        ExprKind::JsonObject { pairs, .. } => {
            pairs.iter().any(|p| has_aggregate(&p.key) || has_aggregate(&p.value.value))
        }
        ExprKind::JsonArray { elements, .. } => elements.iter().any(|e| has_aggregate(&e.value)),
        ExprKind::Row { items, .. } | ExprKind::Array(items) | ExprKind::Multiset(items) => {
            items.iter().any(has_aggregate)
        }
        ExprKind::Map(pairs) => pairs.iter().any(|(k, v)| has_aggregate(k) || has_aggregate(v)),
    }
}
