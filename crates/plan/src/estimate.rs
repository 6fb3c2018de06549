//! What a plan may cost, for EXPLAIN ESTIMATED_COST. Nothing is decided by it.
//!
//! There are no statistics: a source counts as 1.0E8 rows, as in Flink, and conditions let through the shares that
//! Calcite guesses: 0.15 for an equality, 0.5 for another comparison, 0.9 for IS NOT NULL, else 0.25. A column is as wide
//! as its type, text 12 bytes.

use std::fmt;

use flitz_dataflow::{Schema, TypeKind};

use crate::{Expr, JoinKind, Node, NodeKind, StreamPlan, WindowShape};

/// Rows that a node emits, and what it took to get there, inputs included.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    pub row_count: f64,
    /// Rows that all nodes emit.
    pub rows: f64,
    /// Expressions computed.
    pub cpu: f64,
    /// Bytes read.
    pub io: f64,
    /// Bytes between workers.
    pub network: f64,
    /// Bytes kept.
    pub memory: f64,
}

const UNKNOWN_ROWS: f64 = 1e8;

impl StreamPlan {
    pub fn estimates(&self) -> Vec<Estimate> {
        let mut estimates: Vec<Estimate> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let estimate = self.estimate(node, &estimates);
            estimates.push(estimate);
        }
        estimates
    }

    fn estimate(&self, node: &Node, before: &[Estimate]) -> Estimate {
        let inputs: Vec<Estimate> = node.inputs.iter().map(|i| before[i.0]).collect();
        let incoming: f64 = inputs.iter().map(|e| e.row_count).sum();
        let row_count = match &node.kind {
            NodeKind::Source(_) => UNKNOWN_ROWS,
            NodeKind::Values { rows } => rows.len() as f64,
            NodeKind::Calc { filter, .. } => incoming * filter.as_ref().map_or(1.0, share),
            NodeKind::GroupAggregate { keys, .. } if keys.is_empty() => incoming.min(1.0),
            NodeKind::WindowTableFunction { window } => incoming * windows_per_row(&window.shape),
            NodeKind::WindowJoin(join) => match (join.kind, inputs.as_slice()) {
                (JoinKind::Semi | JoinKind::Anti, [left, _]) => left.row_count * 0.5,
                (_, [left, right]) if join.keys.is_empty() => left.row_count * right.row_count,
                (_, sides) => sides.iter().map(|e| e.row_count).fold(0.0, f64::max),
            },
            NodeKind::WindowRank(rank) => incoming.min(incoming * (rank.last - rank.first + 1) as f64),
            NodeKind::Limit { fetch, .. } | NodeKind::Sort { fetch, .. } => {
                fetch.map_or(incoming, |fetch| incoming.min(fetch as f64))
            }
            _ => incoming,
        };
        let expressions = match &node.kind {
            NodeKind::Calc { filter, projection } => {
                projection.iter().filter(|e| !matches!(e, Expr::Column { .. })).count() + usize::from(filter.is_some())
            }
            NodeKind::GroupAggregate { keys, aggregates, .. } => keys.len() + aggregates.len(),
            NodeKind::WindowAggregate(window) => window.keys.len() + window.aggregates.len(),
            _ => 1,
        };
        let keeps = match &node.kind {
            NodeKind::GroupAggregate { .. } | NodeKind::WindowAggregate(_) => row_count * width(&node.schema),
            NodeKind::WindowRank(_)
            | NodeKind::WindowJoin(_)
            | NodeKind::UpsertMaterialize(_)
            | NodeKind::Sort { .. } => incoming * width(&self.node(node.inputs[0]).schema),
            _ => 0.0,
        };
        let mut estimate = Estimate {
            row_count,
            rows: row_count,
            cpu: incoming.max(row_count) * expressions as f64,
            io: if matches!(node.kind, NodeKind::Source(_)) { row_count * width(&node.schema) } else { 0.0 },
            network: 0.0,
            memory: keeps,
        };
        for (position, (input, of)) in inputs.iter().zip(&node.inputs).enumerate() {
            estimate.rows += input.rows;
            estimate.cpu += input.cpu;
            estimate.io += input.io;
            estimate.network += input.network;
            estimate.memory += input.memory;
            if node.exchange(position).is_some() {
                estimate.network += input.row_count * width(&self.node(*of).schema);
            }
        }
        estimate
    }
}

/// The share of rows for which a condition holds.
fn share(condition: &Expr) -> f64 {
    let Expr::Call { function, args, .. } = condition else { return 0.25 };
    match function.as_str() {
        "AND" => args.iter().map(share).product(),
        "OR" => args.iter().map(share).sum::<f64>().min(1.0),
        "=" => 0.15,
        "<" | "<=" | ">" | ">=" | "<>" => 0.5,
        "IS NOT NULL" => 0.9,
        _ => 0.25,
    }
}

fn windows_per_row(shape: &WindowShape) -> f64 {
    match shape {
        WindowShape::Hop { slide, size, .. } => *size as f64 / *slide as f64,
        WindowShape::Cumulate { step, size, .. } => (*size as f64 / *step as f64 + 1.0) / 2.0,
        _ => 1.0,
    }
}

fn width(schema: &Schema) -> f64 {
    let of = |kind: &TypeKind| match kind {
        TypeKind::Boolean | TypeKind::TinyInt => 1.0,
        TypeKind::SmallInt => 2.0,
        TypeKind::Int | TypeKind::Float | TypeKind::Date | TypeKind::Time(_) => 4.0,
        TypeKind::BigInt | TypeKind::Double | TypeKind::Timestamp { .. } | TypeKind::TimestampLtz { .. } => 8.0,
        TypeKind::Decimal { .. } => 16.0,
        _ => 12.0,
    };
    schema.fields.iter().map(|f| of(&f.data_type.kind)).sum()
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [row_count, rows, cpu, io, network, memory] =
            [self.row_count, self.rows, self.cpu, self.io, self.network, self.memory].map(number);
        write!(
            f,
            "rowcount = {row_count}, cumulative cost = {{{rows} rows, {cpu} cpu, {io} io, {network} network, {memory} memory}}"
        )
    }
}

/// As Java prints doubles: `1.0E8`.
fn number(value: f64) -> String {
    if value < 1e7 {
        return format!("{value:?}");
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}
