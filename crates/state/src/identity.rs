//! Whether a checkpoint fits a plan: state is taken over by nodes of equal key.
//!
//! Positions may shift (a filter was added), so nodes are matched by key; the k-th of equal keys with the
//! k-th. Every node of the checkpoint must find its heir, and every node of the plan its state: a job that
//! silently began without a part of its state would give wrong results.

use std::collections::{BTreeMap, HashMap};

use flitz_dataflow::{Error, Result};

use crate::format;

/// Identity of a node across runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanNode {
    pub node: usize,
    /// `plan::Node::state_key`; of sources and sinks `source NAME` and `sink NAME`.
    pub key: String,
    /// For messages: `GroupAggregate(groupBy=[user])`.
    pub description: String,
}

/// From the checkpoint's node numbers to the plan's.
pub fn match_nodes(saved: &[format::Node], plan: &[PlanNode]) -> Result<BTreeMap<usize, usize>> {
    let mut heirs: HashMap<&str, Vec<&PlanNode>> = HashMap::new();
    for node in plan.iter().rev() {
        heirs.entry(&node.key).or_default().push(node);
    }
    let mut matched = BTreeMap::new();
    let mut gone = vec![];
    for node in saved {
        match heirs.get_mut(node.key.as_str()).and_then(Vec::pop) {
            Some(heir) => drop(matched.insert(node.node, heir.node)),
            None => gone.push(node.description.as_str()),
        }
    }
    let taken = |node: &&PlanNode| matched.values().any(|n| *n == node.node);
    let new: Vec<&str> = plan.iter().filter(|n| !taken(n)).map(|n| n.description.as_str()).collect();
    if gone.is_empty() && new.is_empty() {
        return Ok(matched);
    }
    Err(Error::invalid(format!("the checkpoint is of another query: {}", difference(&gone, &new)))
        .hint("go back to the query as it was, or start anew with `--fresh`"))
}

fn difference(gone: &[&str], new: &[&str]) -> String {
    let changed = gone.iter().zip(new).map(|(old, new)| match old == new {
        true => format!("{old} has changed"),
        false => format!("{new} was {old}"),
    });
    let removed = gone.iter().skip(new.len()).map(|old| format!("{old} is gone"));
    let added = new.iter().skip(gone.len()).map(|new| format!("{new} is new"));
    changed.chain(removed).chain(added).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(saved: &[(usize, &str, &str)], plan: &[(usize, &str, &str)], expected: Expect) {
        let saved: Vec<format::Node> = saved
            .iter()
            .map(|(node, key, text)| format::Node { node: *node, key: (*key).into(), description: (*text).into() })
            .collect();
        let plan: Vec<PlanNode> = plan
            .iter()
            .map(|(node, key, text)| PlanNode { node: *node, key: (*key).into(), description: (*text).into() })
            .collect();
        expected.assert_eq(&match match_nodes(&saved, &plan) {
            Ok(matched) => format!("{matched:?}"),
            Err(e) => e.to_string(),
        });
    }

    #[test]
    fn positions_may_shift() {
        check(
            &[(0, "s", "Source(t)"), (2, "a", "Agg"), (3, "a", "Agg")],
            &[(0, "s", "Source(t)"), (4, "a", "Agg"), (6, "a", "Agg")],
            expect!["{0: 0, 2: 4, 3: 6}"],
        );
    }

    #[test]
    fn a_changed_query_is_refused_and_named() {
        check(
            &[(0, "s", "Source(t)"), (2, "a", "Agg(by=[user])")],
            &[(0, "s", "Source(t)"), (2, "b", "Agg(by=[user, page])")],
            expect![
                "the checkpoint is of another query: Agg(by=[user, page]) was Agg(by=[user]); go back to the query as it was, or start anew with `--fresh`"
            ],
        );
        check(
            &[(0, "s", "Source(t)"), (2, "a", "Agg")],
            &[(0, "s", "Source(t)"), (2, "b", "Agg")],
            expect![
                "the checkpoint is of another query: Agg has changed; go back to the query as it was, or start anew with `--fresh`"
            ],
        );
        check(
            &[(0, "s", "Source(t)")],
            &[(0, "s", "Source(t)"), (1, "l", "Limit(10)")],
            expect![
                "the checkpoint is of another query: Limit(10) is new; go back to the query as it was, or start anew with `--fresh`"
            ],
        );
        check(
            &[(0, "s", "Source(t)"), (1, "l", "Limit(10)")],
            &[(0, "s", "Source(t)")],
            expect![
                "the checkpoint is of another query: Limit(10) is gone; go back to the query as it was, or start anew with `--fresh`"
            ],
        );
    }
}
