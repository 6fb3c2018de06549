//! The elements of GROUP BY: keys, and with GROUPING SETS, ROLLUP and CUBE which of them each set holds.
//!
//! `GROUP BY a, ROLLUP (b, c)` has the sets `(a, b, c)`, `(a, b)`, `(a)`. A query with several sets is the union
//! of one aggregation per set, in which the other keys are NULL.

use flitz_dataflow::{Error, Result};
use flitz_plan::Expr;

use super::Resolver;
use super::aggregate::GroupWindow;
use super::expr::ExprResolver;
use super::query::check_typed;
use super::scope::Scope;
use crate::ast;
use crate::ast::{GroupBy, GroupingElement};

/// CUBE of n steps has 2^n sets.
const SETS_MAX: usize = 1024;

#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// Each once, over FROM, with the name of its column.
    pub keys: Vec<(String, Expr)>,
    /// Positions of keys; one set unless the query says otherwise.
    pub sets: Vec<Vec<usize>>,
    pub window: Option<GroupWindow>,
}

impl Keys {
    /// Columns that are NULL in the rows of some set.
    pub fn left_out(&self) -> Vec<usize> {
        let in_all = |i: &usize| self.sets.iter().all(|set| set.contains(i));
        let left_out = (0..self.keys.len()).filter(|i| !in_all(i));
        left_out
            .filter_map(|i| match &self.keys[i].1 {
                Expr::Column { index, .. } => Some(*index),
                _ => None,
            })
            .collect()
    }
}

impl Resolver<'_> {
    pub(crate) fn keys(&mut self, group_by: &GroupBy, scope: &Scope) -> Result<Keys> {
        let mut keys = Keys { sets: vec![vec![]], ..Keys::default() };
        for element in &group_by.elements {
            let sets = self.element(element, scope, &mut keys)?;
            if keys.sets.len() * sets.len() > SETS_MAX {
                return Err(
                    Error::invalid(format!("GROUP BY has more than {SETS_MAX} grouping sets")).at(group_by.span)
                );
            }
            keys.sets = keys.sets.iter().flat_map(|a| sets.iter().map(|b| both(a, b))).collect();
        }
        if group_by.distinct {
            let mut once: Vec<Vec<usize>> = vec![];
            for set in keys.sets {
                if !once.iter().any(|o| o.len() == set.len() && o.iter().all(|k| set.contains(k))) {
                    once.push(set);
                }
            }
            keys.sets = once;
        }
        Ok(keys)
    }

    fn element(&mut self, element: &GroupingElement, scope: &Scope, keys: &mut Keys) -> Result<Vec<Vec<usize>>> {
        Ok(match element {
            GroupingElement::Expr(e) => vec![self.set(std::slice::from_ref(e), scope, keys)?],
            GroupingElement::Set(exprs) => vec![self.set(exprs, scope, keys)?],
            GroupingElement::GroupingSets(elements) => {
                let mut sets = vec![];
                for element in elements {
                    sets.extend(self.element(element, scope, keys)?);
                }
                sets
            }
            GroupingElement::Rollup(steps) => {
                let steps = self.steps(steps, scope, keys)?;
                (0..=steps.len()).rev().map(|n| steps[..n].concat()).collect()
            }
            GroupingElement::Cube(steps) => {
                let steps = self.steps(steps, scope, keys)?;
                if steps.len() >= SETS_MAX.ilog2() as usize {
                    return Err(Error::invalid("CUBE has too many columns"));
                }
                let subset = |bits: usize| -> Vec<usize> {
                    let chosen = (0..steps.len()).filter(|i| bits & (1 << (steps.len() - 1 - i)) != 0);
                    chosen.flat_map(|i| steps[i].clone()).collect()
                };
                (0..1 << steps.len()).rev().map(subset).collect()
            }
        })
    }

    fn steps(&mut self, steps: &[Vec<ast::Expr>], scope: &Scope, keys: &mut Keys) -> Result<Vec<Vec<usize>>> {
        steps.iter().map(|step| self.set(step, scope, keys)).collect()
    }

    fn set(&mut self, exprs: &[ast::Expr], scope: &Scope, keys: &mut Keys) -> Result<Vec<usize>> {
        let mut set = vec![];
        for e in exprs {
            if let Some(found) = self.group_window(e, scope)? {
                if keys.window.replace(found).is_some() {
                    return Err(Error::invalid("GROUP BY can hold one group window").at(e.span));
                }
                continue;
            }
            let resolved = ExprResolver::without_aggregates(scope, "GROUP BY").resolve(e)?;
            check_typed(&resolved, e.span)?;
            let index = keys.keys.iter().position(|(_, k)| *k == resolved).unwrap_or_else(|| {
                let name = match &resolved {
                    Expr::Column { index, .. } => scope.columns[*index].name.clone(),
                    _ => String::new(),
                };
                keys.keys.push((name, resolved));
                keys.keys.len() - 1
            });
            set.push(index);
        }
        Ok(set)
    }
}

fn both(a: &[usize], b: &[usize]) -> Vec<usize> {
    let mut set = a.to_vec();
    set.extend(b.iter().filter(|k| !a.contains(k)));
    set
}
