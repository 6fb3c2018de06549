//! Which ranks and joins run per window.
//!
//! ```text
//! Calc(where rn <= 3) ─ Rank(partition by window_start, window_end, k)      ▶ WindowRank
//! Join(on l.window_start = r.window_start AND l.window_end = r.window_end AND l.k = r.k)   ▶ WindowJoin
//! ```
//!
//! A rank that is compared with constants by the filter directly above it is a Top-N; of rank 1 by a time attribute it
//! is a deduplication, which differs in nothing but which of several rows of the same time it keeps.

use flitz_dataflow::{Error, Result, Span, TimeAttribute};
use flitz_plan::{Expr, JoinKey, JoinKind, Literal, TimeKind, WindowBounds, WindowJoin, WindowRank};

use super::optimize::map_inputs;
use crate::relation::{Rank, Rel, RelOp, WindowColumns, WindowEquality, all_of, conjuncts, remap};

pub(crate) fn windowed(rel: Rel, batch: bool) -> Result<Rel> {
    let mut failed = None;
    let rel = map_inputs(rel, &mut |input| {
        windowed(input, batch).unwrap_or_else(|e| {
            failed.get_or_insert(e);
            Rel { op: RelOp::Values(vec![]), schema: Default::default() }
        })
    });
    if let Some(error) = failed {
        return Err(error);
    }
    match rel {
        Rel { op: RelOp::Calc { input, filter: Some(filter), projection }, schema } => match *input {
            Rel { op: RelOp::Rank(rank), schema: ranked } => {
                let (input, filter) = top_n(rank, ranked, filter, batch)?;
                Ok(Rel { op: RelOp::Calc { input: Box::new(input), filter, projection }, schema })
            }
            input => {
                let op = RelOp::Calc { input: Box::new(input), filter: Some(filter), projection };
                Ok(Rel { op, schema })
            }
        },
        Rel { op: RelOp::Join { left, right, kind, condition, span }, schema } => {
            let join = Join { left: *left, right: *right, kind, condition, span };
            join.per_window(schema)
        }
        other => Ok(other),
    }
}

// ----------------------------------------------------------------------------------------------------- Top-N

/// The rank with the bounds that the filter gives it, and what remains of the filter.
fn top_n(rank: Rank, schema: flitz_dataflow::Schema, filter: Expr, batch: bool) -> Result<(Rel, Option<Expr>)> {
    let column = schema.len() - 1;
    let Some(columns) = WindowColumns::of(&rank.input) else { return Err(unsupported_rank(&rank)) };
    let bound = |of: &[usize]| rank.partition.iter().copied().find(|i| of.contains(i));
    let (Some(start), Some(end)) = (bound(&columns.start), bound(&columns.end)) else {
        return Err(unsupported_rank(&rank));
    };
    let span = rank.span;
    if rank.function != "ROW_NUMBER" {
        let text = format!("{} per window", rank.function);
        return Err(match batch {
            true => Error::unsupported(text),
            false => Error::invalid(format!("{text} does not run on a stream")),
        }
        .hint("ROW_NUMBER() does")
        .at(span));
    }
    if columns.time_kind == TimeKind::Proctime {
        return Err(Error::invalid("Top-N per window needs windows over event time").at(span));
    }
    let mut range = RankRange::default();
    let mut rest = vec![];
    for part in conjuncts(filter) {
        if !range.narrow(&part, column) {
            rest.push(part);
        }
    }
    if let Some(part) = rest.iter().find(|part| part.columns().contains(&column)) {
        let how = if part.columns().len() > 1 { "compared with other columns" } else { "that is computed with" };
        return Err(Error::unsupported(format!("{}() OVER {how}", rank.function))
            .hint("Top-N compares it with a constant: rank <= 3")
            .at(span));
    }
    let Some(last) = range.last else {
        return Err(Error::invalid("Top-N needs an upper bound of the rank").hint("add rank <= 3").at(span));
    };
    let Ok(last) = u64::try_from(last).map_err(|_| ()).and_then(|last| if last == 0 { Err(()) } else { Ok(last) })
    else {
        return Err(Error::invalid(format!("the upper bound of the rank is {last}, ranks begin with 1")).at(span));
    };
    let first = range.first.unwrap_or(1).max(1).unsigned_abs();
    let by_time = match rank.order.as_slice() {
        [key] => rank.input.schema.fields[key.column].data_type.kind.attribute() == TimeAttribute::Rowtime,
        _ => false,
    };
    let latest_first = by_time && (first, last) == (1, 1) && rank.order[0].descending && !batch;
    let bounds = [&columns.start, &columns.end];
    let spec = WindowRank {
        window: WindowBounds { start, end, time_kind: columns.time_kind },
        partition: rank.partition.iter().copied().filter(|i| !bounds.iter().any(|b| b.contains(i))).collect(),
        order: rank.order,
        first,
        last,
        emits_rank: true,
        latest_first,
    };
    Ok((Rel { op: RelOp::WindowRank { input: rank.input, rank: spec, span }, schema }, all_of(rest)))
}

/// What conditions with constants leave of the ranks.
#[derive(Default)]
struct RankRange {
    first: Option<i64>,
    last: Option<i64>,
}

impl RankRange {
    /// Whether `part` was such a condition.
    fn narrow(&mut self, part: &Expr, column: usize) -> bool {
        let Expr::Call { function, args, .. } = part else { return false };
        let is_rank = |e: &Expr| matches!(e, Expr::Column { index, .. } if *index == column);
        let value = |e: &Expr| match e {
            Expr::Literal { value: Literal::Integer(n), data_type } if data_type.kind.is_integer() => Some(*n),
            _ => None,
        };
        let (operator, bounds) = match args.as_slice() {
            [rank, bound] if is_rank(rank) => (function.as_str(), vec![value(bound)]),
            [bound, rank] if is_rank(rank) => (mirrored(function), vec![value(bound)]),
            [rank, low, high] if is_rank(rank) => (function.as_str(), vec![value(low), value(high)]),
            _ => return false,
        };
        let (first, last) = match (operator, bounds.as_slice()) {
            ("=", [Some(n)]) => (Some(*n), Some(*n)),
            ("<=", [Some(n)]) => (None, Some(*n)),
            ("<", [Some(n)]) => (None, Some(n.saturating_sub(1))),
            (">=", [Some(n)]) => (Some(*n), None),
            (">", [Some(n)]) => (Some(n.saturating_add(1)), None),
            ("BETWEEN", [Some(low), Some(high)]) => (Some(*low), Some(*high)),
            _ => return false,
        };
        self.first = self.first.max(first);
        self.last = [self.last, last].into_iter().flatten().min();
        true
    }
}

fn mirrored(operator: &str) -> &str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

pub(crate) fn unsupported_rank(rank: &Rank) -> Error {
    Error::unsupported(format!("{}() OVER other than Top-N per window", rank.function))
        .hint("PARTITION BY window_start, window_end of a window table function, and filter by rank <= N")
        .at(rank.span)
}

// ----------------------------------------------------------------------------------------------------- joins

struct Join {
    left: Rel,
    right: Rel,
    kind: JoinKind,
    condition: Option<Expr>,
    span: Span,
}

impl Join {
    fn per_window(self, schema: flitz_dataflow::Schema) -> Result<Rel> {
        let Join { mut left, mut right, kind, condition, span } = self;
        let n = left.schema.len();
        let parts = condition.map(conjuncts).unwrap_or_default();
        let (Some(of_left), Some(of_right)) = (WindowColumns::of(&left), WindowColumns::of(&right)) else {
            return Err(unsupported_join(&left, &right, span));
        };
        let Some(equality) = WindowEquality::of(&parts, &of_left, &of_right, n) else {
            return Err(unsupported_join(&left, &right, span));
        };
        if of_left.time_kind == TimeKind::Proctime {
            return Err(Error::invalid("a join per window needs windows over event time").at(span));
        }
        let bounds = |columns: (usize, usize), time_kind| WindowBounds { start: columns.0, end: columns.1, time_kind };
        let window = of_left.time_kind;
        let (left_window, right_window) =
            (bounds((equality.start.0, equality.end.0), window), bounds((equality.start.1, equality.end.1), window));
        let (mut keys, mut rest) = (vec![], vec![]);
        for part in parts {
            match equal_sides(&part, n) {
                Some((l, r, _)) if is_bound(&l, &r, &of_left, &of_right) => {}
                Some((l, r, null_safe)) => keys.push((l, r, null_safe)),
                None => rest.push(part),
            }
        }
        let (mut left_columns, mut right_columns) = (left.identity(), right.identity());
        let keys: Vec<JoinKey> = (keys.into_iter())
            .map(|(l, r, null_safe)| JoinKey {
                left: place(&mut left_columns, l),
                right: place(&mut right_columns, r),
                null_safe,
            })
            .collect();
        // Keys that are computed stand behind the columns of their side.
        let (added_left, added_right) = (left_columns.len() - n, right_columns.len() - right.schema.len());
        if added_left > 0 {
            left = left.calc(None, left_columns);
        }
        if added_right > 0 {
            right = right.calc(None, right_columns);
        }
        let moved = |i: usize| if i < n { i } else { i + added_left };
        let condition = all_of(rest).map(|e| remap(e, &moved));
        let emitted: Vec<usize> = (0..schema.len()).map(moved).collect();
        let mut fields = schema.fields.clone();
        if kind.emits_right() {
            let right_fields = fields.split_off(n);
            fields.extend(left.schema.fields[n..].iter().cloned());
            fields.extend(right_fields);
            fields.extend(right.schema.fields[right.schema.len() - added_right..].iter().cloned());
        } else {
            fields.extend(left.schema.fields[n..].iter().cloned());
        }
        let join = WindowJoin { kind, left: left_window, right: right_window, keys, condition };
        let op = RelOp::WindowJoin { left: Box::new(left), right: Box::new(right), join, span };
        let rel = Rel { op, schema: fields.into_iter().collect() };
        Ok(if added_left + added_right == 0 { rel } else { rel.select(&emitted) })
    }
}

/// Whether both are the starts, or the ends, of their windows.
fn is_bound(l: &Expr, r: &Expr, left: &WindowColumns, right: &WindowColumns) -> bool {
    let (Expr::Column { index: l, .. }, Expr::Column { index: r, .. }) = (l, r) else { return false };
    (left.start.contains(l) && right.start.contains(r)) || (left.end.contains(l) && right.end.contains(r))
}

/// The two sides of an equality of something on the left with something on the right, each over its own columns.
fn equal_sides(part: &Expr, offset: usize) -> Option<(Expr, Expr, bool)> {
    let Expr::Call { function, args, .. } = part else { return None };
    let null_safe = match function.as_str() {
        "=" => false,
        "IS NOT DISTINCT FROM" => true,
        _ => return None,
    };
    let [a, b] = args.as_slice() else { return None };
    let on_left = |e: &Expr| !e.columns().is_empty() && e.columns().iter().all(|&i| i < offset);
    let on_right = |e: &Expr| !e.columns().is_empty() && e.columns().iter().all(|&i| i >= offset);
    let (l, r) = match () {
        () if on_left(a) && on_right(b) => (a, b),
        () if on_left(b) && on_right(a) => (b, a),
        () => return None,
    };
    // Values of types that Arrow keeps apart are compared by the condition instead.
    let same = l.data_type().to_arrow() == r.data_type().to_arrow();
    let deterministic = flitz_functions::is_deterministic(l) && flitz_functions::is_deterministic(r);
    (same && deterministic).then(|| (l.clone(), remap(r.clone(), &|i| i - offset), null_safe))
}

/// Where the key stands, appended if it is computed.
fn place(columns: &mut Vec<(String, Expr)>, key: Expr) -> usize {
    if let Expr::Column { index, .. } = key {
        return index;
    }
    columns.iter().position(|(_, e)| *e == key).unwrap_or_else(|| {
        columns.push((format!("$k{}", columns.len()), key));
        columns.len() - 1
    })
}

pub(crate) fn unsupported_join(left: &Rel, right: &Rel, span: Span) -> Error {
    match (WindowColumns::of(left), WindowColumns::of(right)) {
        (Some(a), Some(b)) if a.shape == b.shape && a.time_kind == b.time_kind => {
            Error::unsupported("a join of windows without equality of both bounds")
                .hint("add a.window_start = b.window_start AND a.window_end = b.window_end to its condition")
        }
        (Some(_), Some(_)) => Error::unsupported("a join of windows of different kinds")
            .hint("both sides need the same window function with the same sizes"),
        _ => Error::unsupported("joins other than window joins")
            .hint("join window table functions by window_start, window_end and further keys"),
    }
    .at(span)
}
