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
use flitz_plan::{NodeId, NodeKind, StreamPlan};

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

impl Graph {
    pub fn new(plan: &StreamPlan, parallelism: usize) -> Result<Graph> {
        let mut nodes: Vec<GraphNode> = vec![];
        // Which graph node emits what a plan node emits.
        let mut emits: Vec<usize> = Vec::with_capacity(plan.nodes.len());
        for (id, node) in plan.nodes.iter().enumerate() {
            let mut inputs: Vec<usize> = node.inputs.iter().map(|i| emits[i.0]).collect();
            // The one worker that has all its rows already.
            let mut places = inputs.iter().map(|input| nodes[*input].placed);
            let place = places.next().flatten();
            let place = place.filter(|_| places.all(|other| other == place));
            let mut half = Half::Whole;
            if place.is_none()
                && let NodeKind::WindowAggregate(window) = &node.kind
                && operator::has_local_half(window, plan, node)
            {
                let local = GraphInput { from: inputs[0], route: Route::Forward };
                nodes.push(GraphNode { plan: NodeId(id), half: Half::Local, inputs: vec![local], placed: None });
                inputs = vec![nodes.len() - 1];
                half = Half::Global;
            }
            let spread_by: Option<Vec<Vec<usize>>> = (0..inputs.len()).map(|input| node.exchange(input)).collect();
            let forward = vec![Route::Forward; inputs.len()];
            let (routes, placed) = match spread_by {
                _ if place.is_some() => (forward, place),
                Some(sides) if sides.iter().flatten().next().is_some() => {
                    let hash = |columns: Vec<usize>| match half {
                        // A local half emits its keys first.
                        Half::Global => Route::Hash((0..columns.len()).collect()),
                        _ => Route::Hash(columns),
                    };
                    (sides.into_iter().map(hash).collect(), None)
                }
                Some(sides) if !sides.is_empty() => {
                    let chosen = id % parallelism;
                    (vec![Route::Single(chosen); inputs.len()], Some(chosen))
                }
                // Constant rows are made by worker 0.
                _ => (forward, (parallelism == 1 || matches!(node.kind, NodeKind::Values { .. })).then_some(0)),
            };
            let inputs = inputs.into_iter().zip(routes);
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
