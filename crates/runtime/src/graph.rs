//! The plan as workers run it: plan nodes, some of them in two halves, and what lies between.
//!
//! With one worker every edge is `Forward`. With several, rows meet their key's owner:
//!
//! ```text
//! Source ─ Calc ─ WindowAggregate local ══hash(keys)══ WindowAggregate global ─ Calc ─ Sink
//! Source ─ Calc ══════════════════════════hash(keys)══ GroupAggregate ─ Sink
//! Source ─ Calc ═╤════════════════════════hash(keys)══ WindowJoin ─ Sink     each side by its own columns
//! Source ─ Calc ═╯
//! Source ─ Calc ══════════════════════════one worker══ Sort, Limit, aggregates without keys ─ Sink
//! ```
//!
//! What already lies on one worker stays there.

use flitz_dataflow::Result;
use flitz_plan::{NodeId, NodeKind, StreamPlan, WindowShape};

use crate::exchange::Route;
use crate::operator;

#[derive(Clone, Debug)]
pub struct Graph {
    /// Inputs come before their consumers.
    pub nodes: Vec<GraphNode>,
}

#[derive(Clone, Debug)]
pub struct GraphNode {
    pub plan: NodeId,
    pub half: Half,
    pub inputs: Vec<GraphInput>,
    /// Where its rows are: on one worker or anywhere.
    pub placed: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    Whole,
    /// Partial results of one worker's rows.
    Local,
    /// Merges them.
    Global,
}

#[derive(Clone, Debug)]
pub struct GraphInput {
    pub from: usize,
    pub route: Route,
}

/// Where the rows of a node must be.
enum Wanted {
    Anywhere,
    Keyed(Vec<usize>),
    /// Each input by columns of its own.
    KeyedSides(Vec<Vec<usize>>),
    OneWorker,
}

impl Graph {
    pub fn new(plan: &StreamPlan, parallelism: usize) -> Result<Graph> {
        let mut nodes: Vec<GraphNode> = vec![];
        // Which graph node emits what a plan node emits.
        let mut emits: Vec<usize> = Vec::with_capacity(plan.nodes.len());
        for (id, node) in plan.nodes.iter().enumerate() {
            let wanted = match &node.kind {
                _ if parallelism == 1 => Wanted::Anywhere,
                NodeKind::WindowAggregate(w) => Wanted::Keyed(w.keys.clone()),
                NodeKind::WindowRank(rank) => Wanted::Keyed(rank.partition.clone()),
                NodeKind::WindowJoin(join) if join.keys.is_empty() => Wanted::OneWorker,
                NodeKind::WindowJoin(join) => {
                    let (left, right) = join.keys.iter().map(|key| (key.left, key.right)).unzip();
                    Wanted::KeyedSides(vec![left, right])
                }
                NodeKind::GroupAggregate { keys, .. } => Wanted::Keyed(keys.clone()),
                NodeKind::UpsertMaterialize(m) => Wanted::Keyed(m.primary_key.clone()),
                NodeKind::WindowTableFunction { window } => match &window.shape {
                    WindowShape::Session { partition, .. } => Wanted::Keyed(partition.clone()),
                    _ => Wanted::Anywhere,
                },
                NodeKind::Limit { .. } | NodeKind::Sort { .. } | NodeKind::TemporalSort { .. } => Wanted::OneWorker,
                NodeKind::Source(_)
                | NodeKind::Values { .. }
                | NodeKind::Calc { .. }
                | NodeKind::Watermark(_)
                | NodeKind::Union
                | NodeKind::Unnest(_)
                | NodeKind::Sink(_)
                | NodeKind::Collect(_) => Wanted::Anywhere,
            };
            let mut inputs: Vec<usize> = node.inputs.iter().map(|i| emits[i.0]).collect();
            let placed_before = match (inputs.as_slice(), &wanted) {
                ([one], _) => nodes[*one].placed,
                ([one, others @ ..], Wanted::OneWorker | Wanted::KeyedSides(_)) => {
                    let same = others.iter().all(|other| nodes[*other].placed == nodes[*one].placed);
                    nodes[*one].placed.filter(|_| same)
                }
                _ => None,
            };
            let mut half = Half::Whole;
            // Whatever is wanted, one worker has it.
            let needs_exchange = placed_before.is_none();
            if needs_exchange
                && let (NodeKind::WindowAggregate(w), Wanted::Keyed(_)) = (&node.kind, &wanted)
                && operator::has_local_half(w, plan, node)
            {
                let local = GraphInput { from: inputs[0], route: Route::Forward };
                nodes.push(GraphNode { plan: NodeId(id), half: Half::Local, inputs: vec![local], placed: None });
                inputs = vec![nodes.len() - 1];
                half = Half::Global;
            }
            let chosen = id % parallelism;
            let (routes, placed) = match wanted {
                _ if placed_before.is_some() => (vec![Route::Forward], placed_before),
                // Constant rows are made by worker 0.
                Wanted::Anywhere if parallelism == 1 || matches!(node.kind, NodeKind::Values { .. }) => {
                    (vec![Route::Forward], Some(0))
                }
                Wanted::Anywhere => (vec![Route::Forward], None),
                Wanted::OneWorker => (vec![Route::Single(chosen)], Some(chosen)),
                Wanted::Keyed(keys) if keys.is_empty() => (vec![Route::Single(chosen)], Some(chosen)),
                // A local half emits its keys first.
                Wanted::Keyed(keys) if half == Half::Global => (vec![Route::Hash((0..keys.len()).collect())], None),
                Wanted::Keyed(keys) => (vec![Route::Hash(keys)], None),
                Wanted::KeyedSides(keys) => (keys.into_iter().map(Route::Hash).collect(), None),
            };
            // One route for all inputs, or one for each.
            let inputs = inputs.into_iter().zip(routes.into_iter().cycle());
            let inputs = inputs.map(|(from, route)| GraphInput { from, route }).collect();
            nodes.push(GraphNode { plan: NodeId(id), half, inputs, placed });
            emits.push(nodes.len() - 1);
        }
        Ok(Graph { nodes })
    }

    /// The Watermark nodes that a source feeds, directly or through Calc.
    pub fn watermarks_of(&self, plan: &StreamPlan, source: usize) -> Vec<usize> {
        let mut reached = vec![false; self.nodes.len()];
        let mut found = vec![];
        reached[source] = true;
        for (id, node) in self.nodes.iter().enumerate().skip(source + 1) {
            if !node.inputs.iter().any(|input| reached[input.from]) {
                continue;
            }
            match plan.node(node.plan).kind {
                NodeKind::Calc { .. } => reached[id] = true,
                NodeKind::Watermark(_) => found.push(id),
                _ => {}
            }
        }
        found
    }
}
