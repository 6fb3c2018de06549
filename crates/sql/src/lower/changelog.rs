//! Row kinds: what each operator emits, whether its consumers need the old row of an update, and what identifies
//! a row.
//!
//! Appending nodes bottom-up, each got the most it may emit. Here, top-down, `-U` is taken out where nobody
//! needs it: not where a sink takes upserts by the very key, but before any aggregation, and before a filter
//! on something that changes (a row that falls out of the filter has to disappear). A sink that takes no `-U` gets it
//! all the same in that case, and takes it as a deletion by key, as Flink's upsert sinks do.

use std::collections::BTreeSet;

use flitz_dataflow::{ChangelogMode, Result};
use flitz_plan::{Expr, NodeId, NodeKind};

use super::{Lowering, is_injective};

impl Lowering<'_> {
    pub fn settle_changelogs(&mut self) -> Result<()> {
        let mut needed = vec![false; self.plan.nodes.len()];
        for id in &self.needs {
            needed[id.0] = true;
        }
        for id in (0..self.plan.nodes.len()).rev() {
            let node = &self.plan.nodes[id];
            for input in &node.inputs {
                let asks = match &node.kind {
                    NodeKind::GroupAggregate { .. } | NodeKind::WindowAggregate(_) => true,
                    NodeKind::WindowRank(_) | NodeKind::WindowJoin(_) => true,
                    // The new version may have fewer elements.
                    NodeKind::Unnest(_) | NodeKind::UpsertMaterialize(_) => true,
                    NodeKind::Calc { filter: Some(filter), .. } => {
                        needed[id] || !within_key(filter, &self.keys[input.0])
                    }
                    _ => needed[id],
                };
                needed[input.0] |= asks;
            }
        }
        // Nodes whose `-U` may come without the `+U`: the new version fell through a filter.
        let mut torn = vec![false; self.plan.nodes.len()];
        for id in 0..self.plan.nodes.len() {
            let node = &self.plan.nodes[id];
            torn[id] = match &node.kind {
                NodeKind::GroupAggregate { .. } | NodeKind::WindowAggregate(_) => false,
                NodeKind::UpsertMaterialize(_) => false,
                NodeKind::Calc { filter: Some(filter), .. } => {
                    let input = node.inputs[0].0;
                    torn[input] || !within_key(filter, &self.keys[input])
                }
                NodeKind::Unnest(_) => !self.plan.node(node.inputs[0]).changelog.is_insert_only(),
                _ => node.inputs.iter().any(|i| torn[i.0]),
            };
            let changelog = match &node.kind {
                // Sources emit what they have.
                NodeKind::Source(_) | NodeKind::Values { .. } => continue,
                NodeKind::UpsertMaterialize(_) => continue,
                NodeKind::Sink(_) => {
                    let input = self.plan.node(node.inputs[0]).changelog;
                    let update_before = input.update_before && (node.changelog.update_before || torn[id]);
                    ChangelogMode { update_before, ..node.changelog }
                }
                NodeKind::GroupAggregate { .. } | NodeKind::WindowAggregate(_) => {
                    ChangelogMode { update_before: node.changelog.update_before && needed[id], ..node.changelog }
                }
                _ => node.inputs.iter().map(|i| self.plan.node(*i).changelog).fold(ChangelogMode::INSERT_ONLY, either),
            };
            let node = &mut self.plan.nodes[id];
            node.changelog = changelog;
            match &mut node.kind {
                NodeKind::Collect(collect) => collect.changelog = changelog,
                NodeKind::Sink(sink) => sink.changelog = changelog,
                _ => {}
            }
        }
        self.keep_each_change();
        Ok(())
    }

    /// Which of several rows is the latest depends on the order of changes: above an upsert materializer aggregates
    /// give every change, not the net effect of a batch.
    fn keep_each_change(&mut self) {
        let mut ordered = vec![false; self.plan.nodes.len()];
        for id in (0..self.plan.nodes.len()).rev() {
            let node = &mut self.plan.nodes[id];
            ordered[id] |= matches!(node.kind, NodeKind::UpsertMaterialize(_));
            if let NodeKind::GroupAggregate { each_change, .. } = &mut node.kind {
                *each_change = ordered[id];
            }
            let inputs = node.inputs.clone();
            inputs.into_iter().for_each(|input| ordered[input.0] |= ordered[id]);
        }
    }

    /// The operator that makes changes of the rows that reach `id`, for messages.
    pub fn changing_node(&self, id: NodeId) -> String {
        let node = self.plan.node(id);
        let changing_input = node.inputs.iter().find(|i| !self.plan.node(**i).changelog.is_insert_only());
        match (&node.kind, changing_input) {
            (NodeKind::GroupAggregate { .. } | NodeKind::Source(_), _) | (_, None) => self.plan.describe(node),
            (_, Some(input)) => self.changing_node(*input),
        }
    }
}

/// Rows of either.
pub(crate) fn either(a: ChangelogMode, b: ChangelogMode) -> ChangelogMode {
    ChangelogMode {
        update_before: a.update_before || b.update_before,
        update_after: a.update_after || b.update_after,
        delete: a.delete || b.delete,
    }
}

/// Whether the filter gives the same for every version of a row.
fn within_key(filter: &Expr, keys: &[BTreeSet<usize>]) -> bool {
    keys.iter().any(|key| filter.columns().iter().all(|i| key.contains(i)))
}

/// The keys of the input that survive the projection.
pub(crate) fn calc_keys(keys: &[BTreeSet<usize>], projection: &[Expr]) -> Vec<BTreeSet<usize>> {
    let carries = |expr: &Expr, column: usize| match expr {
        Expr::Column { index, .. } => *index == column,
        Expr::Cast { input, data_type, .. } => {
            matches!(&**input, Expr::Column { index, data_type: from } if *index == column && is_injective(&from.kind, &data_type.kind))
        }
        _ => false,
    };
    let place = |&column: &usize| projection.iter().position(|e| carries(e, column));
    keys.iter().filter_map(|key| key.iter().map(place).collect::<Option<BTreeSet<usize>>>()).collect()
}
