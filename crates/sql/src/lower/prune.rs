//! Column pruning: every operator emits the columns that someone above reads, sources decode no others.

use std::collections::BTreeSet;

use flitz_dataflow::{Field, Schema, TypeKind};
use flitz_plan::{
    AggregateCall, Expr, JoinKey, Literal, SortKey, Unnest, WindowBounds, WindowJoin, WindowRank, WindowShape,
    WindowSpec,
};

use super::optimize::{columns_of, map_inputs};
use crate::catalog::ColumnKind;
use crate::relation::{Rank, Rel, RelOp, Scan, remap};

/// `rel` with exactly the columns `required`, in ascending order of their old positions, and at least one.
pub(crate) fn prune(rel: Rel, required: &BTreeSet<usize>) -> Rel {
    let Rel { op, schema } = rel;
    match op {
        // How much of the table is read is known when all its readers are; see `scan`.
        RelOp::Scan(scan) => {
            let wanted = at_least(required, cheapest(&scan));
            let rel = Rel { op: RelOp::Scan(scan), schema };
            rel.select(&wanted.into_iter().collect::<Vec<_>>())
        }
        RelOp::Values(rows) => {
            let wanted: Vec<usize> = at_least(required, 0).into_iter().collect();
            let pick = |row: Vec<Expr>| wanted.iter().map(|&i| row[i].clone()).collect();
            Rel { op: RelOp::Values(rows.into_iter().map(pick).collect()), schema: select(&schema, &wanted) }
        }
        RelOp::Calc { input, filter, projection } => {
            let (projection, schema) = match required.is_empty() {
                // Rows are counted, no value of theirs is read.
                true => {
                    let zero = Expr::literal(Literal::Integer(0), TypeKind::Int.not_null());
                    let schema = Schema::new(vec![Field::new("$f0", zero.data_type().clone())]);
                    (vec![zero], schema)
                }
                false => {
                    let wanted: Vec<usize> = required.iter().copied().collect();
                    (wanted.iter().map(|&i| projection[i].clone()).collect(), select(&schema, &wanted))
                }
            };
            let below = columns_of(projection.iter().chain(&filter));
            let kept = or_any(below, &input);
            let input = prune(*input, &kept);
            let moved = |i: usize| rank_of(&kept, i);
            let projection = projection.into_iter().map(|e| remap(e, &moved)).collect();
            let filter = filter.map(|e| remap(e, &moved));
            Rel { op: RelOp::Calc { input: Box::new(input), filter, projection }, schema }
        }
        RelOp::Union(inputs) => {
            let wanted = at_least(required, 0);
            let schema = select(&schema, &wanted.iter().copied().collect::<Vec<_>>());
            Rel { op: RelOp::Union(inputs.into_iter().map(|i| prune(i, &wanted)).collect()), schema }
        }
        RelOp::Unnest { input, unnest } => {
            let n = unnest.emits.len();
            let emitted: Vec<usize> = (0..n).filter(|i| required.contains(i)).collect();
            let mut kept: BTreeSet<usize> = emitted.iter().map(|&i| unnest.emits[i]).collect();
            kept.insert(unnest.collection);
            let input = Box::new(prune(*input, &kept));
            let of_elements = n..schema.len();
            let all: BTreeSet<usize> = emitted.iter().copied().chain(of_elements).collect();
            let unnest = Unnest {
                collection: rank_of(&kept, unnest.collection),
                emits: emitted.iter().map(|&i| rank_of(&kept, unnest.emits[i])).collect(),
                ..unnest
            };
            let schema = select(&schema, &all.iter().copied().collect::<Vec<_>>());
            narrow(Rel { op: RelOp::Unnest { input, unnest }, schema }, &all, required)
        }
        RelOp::WindowTable { input, window } => {
            let n = input.schema.len();
            let mut kept: BTreeSet<usize> = required.iter().copied().filter(|&i| i < n).collect();
            kept.extend(window_columns(&window));
            let input = prune(*input, &kept);
            let window = move_window(window, &|i| rank_of(&kept, i));
            let emitted: BTreeSet<usize> = kept.iter().copied().chain(n..n + 3).collect();
            let rel = Rel {
                op: RelOp::WindowTable { input: Box::new(input), window },
                schema: select(&schema, &emitted.iter().copied().collect::<Vec<_>>()),
            };
            narrow(rel, &emitted, required)
        }
        RelOp::WindowAggregate { input, window, keys, aggregates, properties, emit, group_window } => {
            let (first_call, first_property) = (keys.len(), keys.len() + aggregates.len());
            let mut emitted: BTreeSet<usize> = (0..keys.len()).collect();
            emitted.extend(required.iter().copied().filter(|&i| i >= first_call));
            if emitted.is_empty() {
                emitted.insert(0);
            }
            let aggregates = kept_items(aggregates, first_call, &emitted);
            let properties = kept_items(properties, first_property, &emitted);
            let mut kept = call_columns(&keys, &aggregates);
            kept.extend(window_columns(&window));
            let input = prune(*input, &kept);
            let moved = |i: usize| rank_of(&kept, i);
            let op = RelOp::WindowAggregate {
                input: Box::new(input),
                window: move_window(window, &moved),
                keys: keys.into_iter().map(moved).collect(),
                aggregates: move_calls(aggregates, &moved),
                properties,
                emit,
                group_window,
            };
            let schema = select(&schema, &emitted.iter().copied().collect::<Vec<_>>());
            narrow(Rel { op, schema }, &emitted, required)
        }
        RelOp::GroupAggregate { input, keys, aggregates, state_ttl_millis }
            if keys.is_empty() && aggregates.is_empty() =>
        {
            // One row, as soon as there is one: counting makes it a row of something.
            let data_type = TypeKind::BigInt.not_null();
            let fields = vec![Field::new("$f0", data_type.clone())];
            let function = "COUNT".to_owned();
            let count = AggregateCall { function, args: vec![], distinct: false, filter: None, data_type };
            let op = RelOp::GroupAggregate { input, keys, aggregates: vec![count], state_ttl_millis };
            prune(Rel { op, schema: Schema::new(fields) }, required)
        }
        RelOp::GroupAggregate { input, keys, aggregates, state_ttl_millis } => {
            let mut emitted: BTreeSet<usize> = (0..keys.len()).collect();
            emitted.extend(required.iter().copied().filter(|&i| i >= keys.len()));
            if emitted.is_empty() {
                emitted.insert(0);
            }
            let aggregates = kept_items(aggregates, keys.len(), &emitted);
            let kept = or_any(call_columns(&keys, &aggregates), &input);
            let input = prune(*input, &kept);
            let moved = |i: usize| rank_of(&kept, i);
            let op = RelOp::GroupAggregate {
                input: Box::new(input),
                keys: keys.into_iter().map(moved).collect(),
                aggregates: move_calls(aggregates, &moved),
                state_ttl_millis,
            };
            let schema = select(&schema, &emitted.iter().copied().collect::<Vec<_>>());
            narrow(Rel { op, schema }, &emitted, required)
        }
        RelOp::WindowRank { input, rank, span } => {
            let n = input.schema.len();
            let emits_rank = required.contains(&n);
            let mut kept: BTreeSet<usize> = required.iter().copied().filter(|&i| i < n).collect();
            kept.extend([rank.window.start, rank.window.end]);
            kept.extend(rank.partition.iter().copied().chain(rank.order.iter().map(|key| key.column)));
            let input = Box::new(prune(*input, &kept));
            let moved = |i: usize| rank_of(&kept, i);
            let rank = WindowRank {
                window: move_bounds(&rank.window, &moved),
                partition: rank.partition.iter().map(|&i| moved(i)).collect(),
                order: rank.order.iter().map(|key| SortKey { column: moved(key.column), ..key.clone() }).collect(),
                emits_rank,
                ..rank
            };
            let emitted: BTreeSet<usize> = kept.iter().copied().chain(emits_rank.then_some(n)).collect();
            let schema = select(&schema, &emitted.iter().copied().collect::<Vec<_>>());
            narrow(Rel { op: RelOp::WindowRank { input, rank, span }, schema }, &emitted, required)
        }
        RelOp::WindowJoin { left, right, join, span } => {
            let n = left.schema.len();
            let mut kept = required.clone();
            kept.extend([join.left.start, join.left.end, join.right.start + n, join.right.end + n]);
            kept.extend(join.keys.iter().flat_map(|key| [key.left, key.right + n]));
            kept.extend(columns_of(&join.condition));
            let kept_left: BTreeSet<usize> = kept.range(..n).copied().collect();
            let kept_right: BTreeSet<usize> = kept.range(n..).map(|i| i - n).collect();
            let of_left = |i: usize| rank_of(&kept_left, i);
            let of_right = |i: usize| rank_of(&kept_right, i);
            let emits_right = join.kind.emits_right();
            let emitted = if emits_right { kept.clone() } else { kept_left.clone() };
            let join = WindowJoin {
                kind: join.kind,
                left: move_bounds(&join.left, &of_left),
                right: move_bounds(&join.right, &of_right),
                keys: (join.keys.iter())
                    .map(|key| JoinKey { left: of_left(key.left), right: of_right(key.right), ..*key })
                    .collect(),
                condition: join.condition.map(|e| remap(e, &|i| rank_of(&kept, i))),
            };
            let (left, right) = (Box::new(prune(*left, &kept_left)), Box::new(prune(*right, &kept_right)));
            let schema = select(&schema, &emitted.iter().copied().collect::<Vec<_>>());
            narrow(Rel { op: RelOp::WindowJoin { left, right, join, span }, schema }, &emitted, required)
        }
        // What remains of these is refused when it is lowered.
        op @ (RelOp::Rank(Rank { .. }) | RelOp::Join { .. }) => {
            let rel = map_inputs(Rel { op, schema }, &mut |input| {
                let all = (0..input.schema.len()).collect();
                prune(input, &all)
            });
            let all: BTreeSet<usize> = (0..rel.schema.len()).collect();
            narrow(rel, &all, required)
        }
        RelOp::Limit { input, offset, fetch, span } => {
            let kept = or_any(required.clone(), &input);
            let input = prune(*input, &kept);
            let schema = input.schema.clone();
            Rel { op: RelOp::Limit { input: Box::new(input), offset, fetch, span }, schema }
        }
        RelOp::TemporalSort { input, keys, span } => {
            let mut kept = required.clone();
            kept.extend(keys.iter().map(|k| k.column));
            let input = prune(*input, &kept);
            let keys = keys.into_iter().map(|k| SortKey { column: rank_of(&kept, k.column), ..k }).collect();
            let schema = input.schema.clone();
            narrow(Rel { op: RelOp::TemporalSort { input: Box::new(input), keys, span }, schema }, &kept, required)
        }
        RelOp::Sort { input, keys, offset, fetch } => {
            let mut kept = required.clone();
            kept.extend(keys.iter().map(|k| k.column));
            let input = prune(*input, &kept);
            let keys = keys.into_iter().map(|k| SortKey { column: rank_of(&kept, k.column), ..k }).collect();
            let schema = input.schema.clone();
            narrow(Rel { op: RelOp::Sort { input: Box::new(input), keys, offset, fetch }, schema }, &kept, required)
        }
    }
}

/// Drops what was only emitted because it had to be.
fn narrow(rel: Rel, emitted: &BTreeSet<usize>, required: &BTreeSet<usize>) -> Rel {
    match required.is_empty() || emitted == required {
        true if required.is_empty() && emitted.len() > 1 => rel.select(&[0]),
        true => rel,
        false => rel.select(&required.iter().map(|&i| rank_of(emitted, i)).collect::<Vec<_>>()),
    }
}

fn at_least(required: &BTreeSet<usize>, any: usize) -> BTreeSet<usize> {
    if required.is_empty() { BTreeSet::from([any]) } else { required.clone() }
}

/// What to ask of an input of which no column is needed: a Calc makes one up.
fn or_any(required: BTreeSet<usize>, input: &Rel) -> BTreeSet<usize> {
    match &input.op {
        RelOp::Calc { .. } => required,
        RelOp::Scan(scan) => at_least(&required, cheapest(scan)),
        _ => at_least(&required, 0),
    }
}

/// The rowtime column, read anyway, else one of fixed width.
pub(super) fn cheapest(scan: &Scan) -> usize {
    if let Some(watermark) = &scan.table.watermark {
        return watermark.column;
    }
    let physical = |i: &usize| matches!(scan.table.columns[*i].kind, ColumnKind::Physical);
    let fixed = |i: &usize| scan.table.columns[*i].data_type.to_arrow().is_primitive();
    let all = 0..scan.table.columns.len();
    all.clone().filter(physical).find(fixed).or_else(|| all.clone().find(physical)).unwrap_or(0)
}

fn rank_of(kept: &BTreeSet<usize>, column: usize) -> usize {
    kept.range(..column).count()
}

fn select(schema: &Schema, columns: &[usize]) -> Schema {
    columns.iter().map(|&i| schema.fields[i].clone()).collect()
}

/// Of `items`, which stand in the schema from `first` on, those that are emitted.
fn kept_items<T>(items: Vec<T>, first: usize, emitted: &BTreeSet<usize>) -> Vec<T> {
    items.into_iter().enumerate().filter(|(i, _)| emitted.contains(&(first + i))).map(|(_, item)| item).collect()
}

fn call_columns(keys: &[usize], calls: &[AggregateCall]) -> BTreeSet<usize> {
    let of_calls = calls.iter().flat_map(|c| c.args.iter().copied().chain(c.filter));
    keys.iter().copied().chain(of_calls).collect()
}

fn move_calls(calls: Vec<AggregateCall>, moved: &impl Fn(usize) -> usize) -> Vec<AggregateCall> {
    let call = |c: AggregateCall| AggregateCall {
        args: c.args.iter().map(|&i| moved(i)).collect(),
        filter: c.filter.map(moved),
        ..c
    };
    calls.into_iter().map(call).collect()
}

fn window_columns(window: &WindowSpec) -> Vec<usize> {
    match &window.shape {
        WindowShape::Session { partition, .. } => partition.iter().copied().chain([window.time]).collect(),
        WindowShape::Assigned { start, end, .. } => vec![*start, *end],
        _ => vec![window.time],
    }
}

fn move_bounds(window: &WindowBounds, moved: &impl Fn(usize) -> usize) -> WindowBounds {
    WindowBounds { start: moved(window.start), end: moved(window.end), time_kind: window.time_kind }
}

fn move_window(window: WindowSpec, moved: &impl Fn(usize) -> usize) -> WindowSpec {
    let (time, shape) = match window.shape {
        WindowShape::Session { gap, partition } => {
            let partition = partition.into_iter().map(moved).collect();
            (moved(window.time), WindowShape::Session { gap, partition })
        }
        WindowShape::Assigned { start, end, size } => {
            (moved(start), WindowShape::Assigned { start: moved(start), end: moved(end), size })
        }
        shape => (moved(window.time), shape),
    };
    WindowSpec { time, shape, ..window }
}
