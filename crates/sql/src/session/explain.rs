//! EXPLAIN: what a statement says, the plan made of it, and the plan as it runs.
//!
//! The sections are Flink's. ESTIMATED_COST and CHANGELOG_MODE add to the lines of the second one, PLAN_ADVICE adds
//! remarks below it, JSON_EXECUTION_PLAN a section.

use std::collections::BTreeMap;

use flitz_dataflow::{Error, Result};
use flitz_functions::is_deterministic;
use flitz_plan::{Explained, Expr, NodeKind, StreamPlan};

use super::{Outcome, PlannedJob, ResultTable, Session};
use crate::ast::{ExplainDetail, Statement, StatementKind};

impl Session {
    pub(super) fn explain(&self, details: &[ExplainDetail], statement: &Statement) -> Result<Outcome> {
        // Whatever is declared is so for as long as it takes to plan.
        let mut session = self.without_directories();
        session.explains = true;
        let job = match &statement.kind {
            StatementKind::Query(query) => session.plan_query(query)?,
            StatementKind::Insert(insert) => session.plan_inserts(std::slice::from_ref(insert))?,
            StatementKind::StatementSet(inserts) => session.plan_inserts(inserts)?,
            StatementKind::CreateTable(create) if create.query.is_some() => match session.create_table(create)? {
                Outcome::Job(job) => *job,
                _ => return Err(Error::invalid("the table exists already").at(create.name.span)),
            },
            _ => return Err(Error::invalid("EXPLAIN takes a query, an INSERT or a statement set").at(statement.span)),
        };
        Ok(Outcome::Table(ResultTable::text("result", text(&job, details))))
    }
}

fn text(job: &PlannedJob, details: &[ExplainDetail]) -> String {
    let asks = |detail: ExplainDetail| details.contains(&detail);
    let mut physical = Explained {
        changelog_mode: asks(ExplainDetail::ChangelogMode),
        exchanges: true,
        cost: asks(ExplainDetail::EstimatedCost).then(|| job.plan.estimates()),
        advice: BTreeMap::new(),
    };
    let mut remarks = String::new();
    let mut title = "Optimized Physical Plan";
    if asks(ExplainDetail::PlanAdvice) {
        title = "Optimized Physical Plan With Advice";
        let advice = advice(&job.plan);
        for (number, (node, remark)) in (1..).zip(&advice) {
            physical.advice.entry(*node).or_default().push(number);
            remarks.push_str(&format!("advice[{number}]: {remark}\n"));
        }
        if advice.is_empty() {
            remarks.push_str("No available advice...\n");
        }
        remarks.push('\n');
    }
    let tree = job.syntax_tree.as_deref().unwrap_or_default();
    let executed = job.plan.explained(&Explained { exchanges: true, ..Explained::default() });
    let mut text = format!(
        "== Abstract Syntax Tree ==\n{tree}\n== {title} ==\n{}\n{remarks}== Optimized Execution Plan ==\n{executed}",
        job.plan.explained(&physical)
    );
    if asks(ExplainDetail::JsonExecutionPlan) {
        text.push_str(&format!("\n== Physical Execution Plan ==\n{}\n", job.plan.to_json()));
    }
    text
}

/// Remarks, each about a node.
fn advice(plan: &StreamPlan) -> Vec<(usize, String)> {
    let mut advice = vec![];
    for (id, node) in plan.nodes.iter().enumerate() {
        match &node.kind {
            NodeKind::GroupAggregate { keys, state_ttl_millis: None, .. }
                if !keys.is_empty() && !plan.is_bounded() && node.changelog.update_after =>
            {
                advice.push((
                    id,
                    "[ADVICE] The state grows with each new key, for keys are never forgotten. Consider a window, or \
                     'table.exec.state.ttl' or the hint STATE_TTL for keys that fall silent."
                        .to_owned(),
                ));
            }
            NodeKind::Calc { filter, projection } => {
                let input = plan.node(node.inputs[0]);
                let random = projection.iter().chain(filter).find(|e| !is_deterministic(e));
                if let (Some(random), true) = (random, input.changelog.update_before) {
                    advice.push((
                        id,
                        format!(
                            "[WARNING] {} gives another value each time it is computed, so an update or deletion of a \
                             row may not find what was emitted for it before.",
                            flitz_plan::expr_text(innermost(random), &input.schema)
                        ),
                    ));
                }
            }
            _ => {}
        }
    }
    advice
}

/// The call that is not deterministic by itself.
fn innermost(expr: &Expr) -> &Expr {
    expr.children().into_iter().find(|e| !is_deterministic(e)).map_or(expr, innermost)
}
