//! Functions with OVER: ranks within partitions.
//!
//! ```text
//! SELECT id, ROW_NUMBER() OVER (PARTITION BY k ORDER BY a * b DESC) AS rn … QUALIFY rn <= 3
//!
//! Calc   where rank <= 3, id, rank AS rn
//! Rank   partition=[k] order=[a * b DESC]
//! Calc   id, k, a * b                          what it partitions and orders by, as columns
//! ```

use flitz_dataflow::{Error, Field, Result, Span, TypeKind};
use flitz_plan::{Expr, SortKey};

use super::expr::{ExprResolver, materialized};
use super::query::check_typed;
use crate::ast;
use crate::ast::{FunctionCall, Ident, NamedWindow, OrderItem, WindowRef, WindowSpec};
use crate::relation::{Rank, Rel, RelOp};

/// Calls with OVER stand in resolved expressions as columns from this position on.
pub(crate) const OVERS: usize = 1 << 43;

/// The calls with OVER of one SELECT, each once.
#[derive(Clone, Debug)]
pub(crate) struct Overs {
    pub calls: Vec<PendingOver>,
    /// WINDOW name AS (…)
    windows: Vec<NamedWindow>,
}

#[derive(Clone, Debug)]
pub(crate) struct PendingOver {
    function: String,
    partition: Vec<Expr>,
    order: Vec<Order>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
struct Order {
    expr: Expr,
    descending: bool,
    nulls_first: bool,
}

impl Overs {
    pub fn new(windows: &[NamedWindow]) -> Overs {
        Overs { calls: vec![], windows: windows.to_vec() }
    }

    /// The same with every expression rewritten.
    pub fn map(mut self, rewrite: impl Fn(Expr, Span) -> Result<Expr>) -> Result<Overs> {
        for call in &mut self.calls {
            let span = call.span;
            for expr in call.partition.iter_mut().chain(call.order.iter_mut().map(|o| &mut o.expr)) {
                *expr = rewrite(expr.clone(), span)?;
            }
        }
        Ok(self)
    }

    /// `columns` and the condition of QUALIFY, which hold calls with OVER, over `rel`.
    pub fn apply(self, rel: Rel, columns: Vec<(String, Expr)>, qualify: Option<Expr>) -> Result<Rel> {
        if self.calls.is_empty() {
            return Ok(rel.calc(qualify, columns));
        }
        let mut below = rel.identity();
        let mut calls = vec![];
        for call in self.calls {
            let partition: Vec<usize> = call.partition.into_iter().map(|e| place(&mut below, e)).collect();
            let order: Vec<SortKey> = (call.order.into_iter())
                .map(|o| SortKey {
                    column: place(&mut below, o.expr),
                    descending: o.descending,
                    nulls_first: o.nulls_first,
                })
                .collect();
            calls.push((call.function, partition, order, call.span));
        }
        let computed = below.len() > rel.schema.len();
        let mut rel = if computed { rel.calc(None, below) } else { rel };
        let first = rel.schema.len();
        for (function, partition, order, span) in calls {
            let mut schema = rel.schema.clone();
            schema.fields.push(Field::new(format!("$r{}", schema.len() - first), TypeKind::BigInt.not_null()));
            rel = Rel { op: RelOp::Rank(Rank { input: Box::new(rel), function, partition, order, span }), schema };
        }
        let placed = |e: Expr| {
            e.transform(&mut |e| match e {
                Expr::Column { index, data_type } if index >= OVERS => {
                    Expr::Column { index: first + index - OVERS, data_type }
                }
                other => other,
            })
        };
        let columns = columns.into_iter().map(|(name, e)| (name, placed(e))).collect();
        Ok(rel.calc(qualify.map(placed), columns))
    }

    fn named(&self, name: &Ident) -> Result<&WindowSpec> {
        let found = self.windows.iter().find(|w| w.name.value == name.value);
        found.map(|w| &w.spec).ok_or_else(|| {
            Error::invalid(format!("there is no window `{}`", name.value))
                .hint("declare it: WINDOW w AS (PARTITION BY … ORDER BY …)")
                .at(name.span)
        })
    }

    /// What the window partitions and orders by, of its own and of the named one that it refines.
    fn parts<'a>(&'a self, window: &'a WindowRef) -> Result<Parts<'a>> {
        let mut spec = match window {
            WindowRef::Name(name) => self.named(name)?,
            WindowRef::Spec(spec) => spec,
        };
        let (mut partition, mut order) = (vec![], vec![]);
        for _ in 0..=self.windows.len() {
            if let Some(frame) = &spec.frame {
                return Err(Error::invalid("a rank takes no ROWS or RANGE").at(frame.span));
            }
            partition.splice(0..0, &spec.partition_by);
            order.splice(0..0, &spec.order_by);
            match &spec.base {
                Some(base) => spec = self.named(base)?,
                None => return Ok((partition, order)),
            }
        }
        Err(Error::invalid("a window refines itself").at(spec.span))
    }
}

/// What a window partitions and orders by.
type Parts<'a> = (Vec<&'a ast::Expr>, Vec<&'a OrderItem>);

/// Whether `expr` holds a call with OVER.
pub(crate) fn reads_rank(expr: &Expr) -> bool {
    expr.columns().iter().any(|&i| i >= OVERS)
}

fn place(columns: &mut Vec<(String, Expr)>, expr: Expr) -> usize {
    if let Expr::Column { index, .. } = &expr {
        return *index;
    }
    columns.iter().position(|(_, e)| *e == expr).unwrap_or_else(|| {
        columns.push((format!("$o{}", columns.len()), expr));
        columns.len() - 1
    })
}

impl ExprResolver<'_> {
    /// `ROW_NUMBER() OVER (…)`
    pub(super) fn over(&mut self, name: &str, call: &FunctionCall, window: &WindowRef) -> Result<Expr> {
        if !matches!(name, "ROW_NUMBER" | "RANK" | "DENSE_RANK") {
            return Err(Error::unsupported(format!("{name} OVER")).at(call.span));
        }
        let Some(overs) = self.overs.take() else {
            return Err(Error::invalid(format!("{name} OVER can't stand here"))
                .hint("it stands in the SELECT list and in QUALIFY")
                .at(call.span));
        };
        let resolved = self.over_parts(name, call, overs.parts(window));
        let pending = resolved.map(|(partition, order)| PendingOver {
            function: name.to_owned(),
            partition,
            order,
            span: call.span,
        });
        let same = |a: &PendingOver, b: &PendingOver| {
            a.function == b.function && a.partition == b.partition && a.order == b.order
        };
        let placed = pending.map(|pending| {
            let found = overs.calls.iter().position(|c| same(c, &pending)).unwrap_or_else(|| {
                overs.calls.push(pending);
                overs.calls.len() - 1
            });
            Expr::column(OVERS + found, TypeKind::BigInt.not_null())
        });
        self.overs = Some(overs);
        placed
    }

    fn over_parts(&mut self, name: &str, call: &FunctionCall, parts: Result<Parts>) -> Result<(Vec<Expr>, Vec<Order>)> {
        let (partition, order) = parts?;
        if let Some(arg) = call.args.first() {
            return Err(Error::invalid(format!("{name} takes no arguments")).at(arg.span));
        }
        if order.is_empty() {
            return Err(Error::unsupported(format!("{name} OVER without ORDER BY")).at(call.span));
        }
        let mut partitions = vec![];
        for e in partition {
            let resolved = self.resolve(e).map(materialized)?;
            check_typed(&resolved, e.span)?;
            partitions.push(resolved);
        }
        let mut orders = vec![];
        for item in order {
            let expr = self.resolve(&item.expr)?;
            check_typed(&expr, item.span)?;
            // NULLs are the smallest values.
            let nulls_first = item.nulls_first.unwrap_or(!item.descending);
            orders.push(Order { expr, descending: item.descending, nulls_first });
        }
        Ok((partitions, orders))
    }
}
