//! Rewrites that keep the result and save work: constants are computed once, filters run as early as they can,
//! neighbouring Calcs become one.
//!
//! A filter never moves below a watermark: rows that the filter drops still move event time on.

use std::collections::BTreeSet;

use flitz_functions::{is_deterministic, reduce};
use flitz_plan::{Expr, JoinKind};

use super::empty::plan_away;
use super::item::element_of;
use crate::relation::{Rank, Rel, RelOp, all_of, conjunction, conjuncts, is_true, remap, substitute};

pub(crate) fn optimize(rel: Rel) -> Rel {
    merge(plan_away(push_filters(fold_constants(rel), vec![])))
}

/// `rel` with its inputs rewritten.
pub(crate) fn map_inputs(mut rel: Rel, rewrite: &mut impl FnMut(Rel) -> Rel) -> Rel {
    let placeholder = || Rel { op: RelOp::Values(vec![]), schema: Default::default() };
    let mut replace = |input: &mut Rel| *input = rewrite(std::mem::replace(input, placeholder()));
    match &mut rel.op {
        RelOp::Scan(_) | RelOp::Values(_) => {}
        RelOp::Union(inputs) => inputs.iter_mut().for_each(replace),
        RelOp::Calc { input, .. }
        | RelOp::Unnest { input, .. }
        | RelOp::WindowTable { input, .. }
        | RelOp::WindowAggregate { input, .. }
        | RelOp::GroupAggregate { input, .. }
        | RelOp::Rank(Rank { input, .. })
        | RelOp::WindowRank { input, .. }
        | RelOp::Limit { input, .. }
        | RelOp::TemporalSort { input, .. }
        | RelOp::Sort { input, .. } => replace(input),
        RelOp::Join { left, right, .. } | RelOp::WindowJoin { left, right, .. } => {
            replace(left);
            replace(right);
        }
    }
    rel
}

fn fold_constants(rel: Rel) -> Rel {
    let mut rel = map_inputs(rel, &mut fold_constants);
    let folded_condition = |condition: &mut Option<Expr>| {
        let parts = condition.take().map(|f| conjuncts(reduce(f))).unwrap_or_default();
        *condition = all_of(parts.into_iter().filter(|part| !is_true(part)).collect());
    };
    match &mut rel.op {
        RelOp::Join { condition, .. } => folded_condition(condition),
        RelOp::Unnest { unnest, .. } => folded_condition(&mut unnest.condition),
        RelOp::Calc { filter, projection, .. } => {
            folded_condition(filter);
            *projection = std::mem::take(projection).into_iter().map(reduce).collect();
        }
        RelOp::Values(rows) => {
            for row in rows {
                *row = std::mem::take(row).into_iter().map(reduce).collect();
            }
        }
        _ => {}
    }
    rel
}

/// Adds `above`, conditions over the result of `rel`, as far down as they may go.
pub(crate) fn push_filters(rel: Rel, above: Vec<Expr>) -> Rel {
    let Rel { op, schema } = rel;
    match op {
        RelOp::Calc { input, filter, projection } => {
            // A condition over something random must see the value that the projection emits.
            let (pushed, kept): (Vec<Expr>, Vec<Expr>) =
                above.into_iter().partition(|e| e.columns().iter().all(|&i| movable(&projection[i])));
            let mut below: Vec<Expr> = filter.map(conjuncts).unwrap_or_default();
            below.extend(pushed.into_iter().map(|e| substitute(e, &projection)));
            let (below, stays): (Vec<Expr>, Vec<Expr>) = below.into_iter().partition(is_deterministic);
            let input = push_filters(*input, below);
            filtered(
                Rel { op: RelOp::Calc { input: Box::new(input), filter: all_of(stays), projection }, schema },
                kept,
            )
        }
        RelOp::Union(inputs) => {
            let push = |input: Rel| {
                // Inputs may differ from the union in nullability alone, so the conditions hold as they are.
                push_filters(input, above.clone())
            };
            Rel { op: RelOp::Union(inputs.into_iter().map(push).collect()), schema }
        }
        RelOp::Unnest { input, unnest } => {
            let n = unnest.emits.len();
            let (below, kept): (Vec<Expr>, Vec<Expr>) = above.into_iter().partition(|e| {
                let columns = e.columns();
                !columns.is_empty() && columns.iter().all(|&i| i < n) && is_deterministic(e)
            });
            let below = below.into_iter().map(|e| remap(e, &|i| unnest.emits[i])).collect();
            let input = Box::new(push_filters(*input, below));
            filtered(Rel { op: RelOp::Unnest { input, unnest }, schema }, kept)
        }
        RelOp::WindowTable { input, window } => {
            let n = input.schema.len();
            let (below, kept) = above.into_iter().partition(|e: &Expr| e.columns().iter().all(|&i| i < n));
            // A session would be cut differently without the rows that the filter drops.
            let (below, mut kept): (Vec<Expr>, Vec<Expr>) = match window.shape {
                flitz_plan::WindowShape::Session { .. } => (vec![], [below, kept].concat()),
                _ => (below, kept),
            };
            let input = Box::new(push_filters(*input, below));
            let rel = Rel { op: RelOp::WindowTable { input, window }, schema };
            filtered(rel, std::mem::take(&mut kept))
        }
        RelOp::GroupAggregate { input, keys, aggregates, state_ttl_millis } => {
            let (below, kept) = split_by_keys(above, &keys, !keys.is_empty());
            let input = Box::new(push_filters(*input, below));
            filtered(Rel { op: RelOp::GroupAggregate { input, keys, aggregates, state_ttl_millis }, schema }, kept)
        }
        RelOp::WindowAggregate { input, window, keys, aggregates, properties, emit, group_window } => {
            let (below, kept) = split_by_keys(above, &keys, true);
            let input = Box::new(push_filters(*input, below));
            filtered(
                Rel {
                    op: RelOp::WindowAggregate { input, window, keys, aggregates, properties, emit, group_window },
                    schema,
                },
                kept,
            )
        }
        RelOp::Rank(Rank { input, function, partition, order, span }) => {
            let in_partition = |e: &Expr| {
                let columns = e.columns();
                !columns.is_empty() && columns.iter().all(|i| partition.contains(i))
            };
            let (below, kept) = above.into_iter().partition(in_partition);
            let input = Box::new(push_filters(*input, below));
            filtered(Rel { op: RelOp::Rank(Rank { input, function, partition, order, span }), schema }, kept)
        }
        RelOp::Join { left, right, kind, condition, span } => {
            let parts = condition.map(conjuncts).unwrap_or_default();
            let split = JoinFilters::split(kind, parts, above, left.schema.len());
            let left = Box::new(push_filters(*left, split.left));
            let right = Box::new(push_filters(*right, split.right));
            let op = RelOp::Join { left, right, kind, condition: all_of(split.condition), span };
            filtered(Rel { op, schema }, split.above)
        }
        op @ (RelOp::WindowRank { .. } | RelOp::WindowJoin { .. }) => {
            let rel = map_inputs(Rel { op, schema }, &mut |input| push_filters(input, vec![]));
            filtered(rel, above)
        }
        op @ (RelOp::Scan(_) | RelOp::Values(_)) => filtered(Rel { op, schema }, above),
        op @ (RelOp::Limit { .. } | RelOp::Sort { .. } | RelOp::TemporalSort { .. }) => {
            let rel = map_inputs(Rel { op, schema }, &mut |input| push_filters(input, vec![]));
            filtered(rel, above)
        }
    }
}

/// Where the conditions of a join and those over its result go.
#[derive(Default)]
struct JoinFilters {
    left: Vec<Expr>,
    right: Vec<Expr>,
    condition: Vec<Expr>,
    above: Vec<Expr>,
}

impl JoinFilters {
    /// A condition on one side can go to that side unless rows of it are kept without a match: then only what
    /// stands above the join may.
    fn split(kind: JoinKind, condition: Vec<Expr>, above: Vec<Expr>, offset: usize) -> JoinFilters {
        let mut split = JoinFilters::default();
        let to_right = |e: Expr| remap(e, &|i| i - offset);
        let side = |e: &Expr| {
            let columns = e.columns();
            let movable = !columns.is_empty() && is_deterministic(e);
            (movable && columns.iter().all(|&i| i < offset), movable && columns.iter().all(|&i| i >= offset))
        };
        for part in condition {
            match side(&part) {
                (true, _) if !kind.keeps_left() && kind != JoinKind::Anti => split.left.push(part),
                (_, true) if !kind.keeps_right() => split.right.push(to_right(part)),
                _ => split.condition.push(part),
            }
        }
        for part in above {
            match side(&part) {
                (true, _) if !kind.keeps_right() => split.left.push(part),
                (_, true) if !kind.keeps_left() => split.right.push(to_right(part)),
                _ if kind == JoinKind::Inner && is_deterministic(&part) => split.condition.push(part),
                _ => split.above.push(part),
            }
        }
        split
    }
}

/// Conditions on keys alone, over the input, and the others. A condition without columns stays, for a global aggregation
/// has a row where its input has none.
fn split_by_keys(above: Vec<Expr>, keys: &[usize], allowed: bool) -> (Vec<Expr>, Vec<Expr>) {
    let (below, kept): (Vec<Expr>, Vec<Expr>) = above.into_iter().partition(|e| {
        let columns = e.columns();
        allowed && !columns.is_empty() && columns.iter().all(|&i| i < keys.len())
    });
    (below.into_iter().map(|e| remap(e, &|i| keys[i])).collect(), kept)
}

fn filtered(rel: Rel, conditions: Vec<Expr>) -> Rel {
    match all_of(conditions) {
        None => rel,
        Some(condition) => rel.filter(condition),
    }
}

/// Whether a condition may look at the expression instead of its result.
fn movable(expr: &Expr) -> bool {
    is_deterministic(expr)
}

/// Neighbouring Calcs as one, where that computes nothing twice.
pub(crate) fn merge(rel: Rel) -> Rel {
    let rel = map_inputs(rel, &mut merge);
    let Rel { op: RelOp::Calc { input, filter, projection }, schema } = rel else { return rel };
    match *input {
        Rel { op: RelOp::Calc { input: inner, filter: inner_filter, projection: inner_projection }, .. }
            if mergeable(&filter, &projection, &inner_projection) =>
        {
            let filter = conjunction(inner_filter, filter.map(|e| substitute(e, &inner_projection)));
            let projection = projection.into_iter().map(|e| substitute(e, &inner_projection)).collect();
            merge(Rel { op: RelOp::Calc { input: inner, filter, projection }, schema })
        }
        input => Rel { op: RelOp::Calc { input: Box::new(input), filter, projection }, schema },
    }
}

fn mergeable(filter: &Option<Expr>, projection: &[Expr], inner: &[Expr]) -> bool {
    let mut uses = vec![0usize; inner.len()];
    for expr in projection.iter().chain(filter) {
        count_uses(expr, &mut uses);
    }
    (0..inner.len()).all(|i| is_cheap(&inner[i]) || uses[i] == 0 || (uses[i] == 1 && is_deterministic(&inner[i])))
}

fn count_uses(expr: &Expr, uses: &mut [usize]) {
    match expr {
        Expr::Column { index, .. } => uses[*index] += 1,
        other => other.children().into_iter().for_each(|e| count_uses(e, uses)),
    }
}

fn is_cheap(expr: &Expr) -> bool {
    match expr {
        Expr::Column { .. } | Expr::Literal { .. } => true,
        Expr::Field { input, .. } => is_cheap(input),
        // Merged whatever it costs: what an element that is not there gives depends on what is around it.
        access => element_of(access).is_some() && access.children().into_iter().all(is_cheap),
    }
}

/// Columns that an expression or several read.
pub(crate) fn columns_of<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> BTreeSet<usize> {
    exprs.into_iter().flat_map(Expr::columns).collect()
}
