//! A resolved query: a tree of relational operators in which every name is a position and every type decided.
//!
//! The resolver makes it, [`crate::lower`] turns it into the graph of a [`StreamPlan`](flitz_plan::StreamPlan). It has
//! the plan's vocabulary but for one thing: a [`RelOp::Scan`] yields all columns of a declared table, computed
//! and metadata columns included; which of them are read at all is decided last.

use std::collections::BTreeMap;
use std::rc::Rc;

use flitz_dataflow::{DataType, Field, Schema, Span, TypeKind};
use flitz_plan::{
    AggregateCall, EmitPolicy, Expr, JoinKind, Literal, SortKey, TimeKind, Unnest, WindowJoin, WindowProperty,
    WindowRank, WindowShape, WindowSpec,
};

use crate::catalog::{ObjectPath, Table};

#[derive(Clone, Debug)]
pub(crate) struct Rel {
    pub op: RelOp,
    pub schema: Schema,
}

#[derive(Clone, Debug)]
pub(crate) enum RelOp {
    Scan(Rc<Scan>),
    Values(Vec<Vec<Expr>>),
    /// Keeps rows where `filter` is TRUE and computes `projection` of them.
    Calc {
        input: Box<Rel>,
        filter: Option<Expr>,
        projection: Vec<Expr>,
    },
    /// UNION ALL.
    Union(Vec<Rel>),
    /// Columns of the input, then those of an element of a collection in it.
    Unnest {
        input: Box<Rel>,
        unnest: Unnest,
    },
    /// The input's columns, then window_start, window_end, window_time.
    WindowTable {
        input: Box<Rel>,
        window: WindowSpec,
    },
    /// Keys, aggregates, properties.
    WindowAggregate {
        input: Box<Rel>,
        window: WindowSpec,
        keys: Vec<usize>,
        aggregates: Vec<AggregateCall>,
        properties: Vec<WindowProperty>,
        emit: Option<EmitPolicy>,
        /// `GROUP BY TUMBLE(…)`
        group_window: bool,
    },
    /// Keys, aggregates.
    GroupAggregate {
        input: Box<Rel>,
        keys: Vec<usize>,
        aggregates: Vec<AggregateCall>,
        state_ttl_millis: Option<i64>,
    },
    /// The input's columns, then the rank of each row: what a filter on it means is found when the query is lowered.
    Rank(Rank),
    /// The input's columns, then the rank.
    WindowRank {
        input: Box<Rel>,
        rank: WindowRank,
        span: Span,
    },
    /// Both sides' columns, for semi and anti joins the left one's; what kind of join it is on a stream is found when
    /// the query is lowered.
    Join {
        left: Box<Rel>,
        right: Box<Rel>,
        kind: JoinKind,
        condition: Option<Expr>,
        span: Span,
    },
    WindowJoin {
        left: Box<Rel>,
        right: Box<Rel>,
        join: WindowJoin,
        span: Span,
    },
    Limit {
        input: Box<Rel>,
        offset: u64,
        fetch: Option<u64>,
        span: Span,
    },
    /// Stream mode: the first key is event time, ascending.
    TemporalSort {
        input: Box<Rel>,
        keys: Vec<SortKey>,
        span: Span,
    },
    /// Batch mode alone.
    Sort {
        input: Box<Rel>,
        keys: Vec<SortKey>,
        offset: u64,
        fetch: Option<u64>,
    },
}

/// `ROW_NUMBER() OVER (PARTITION BY … ORDER BY …)` and its like.
#[derive(Clone, Debug)]
pub(crate) struct Rank {
    pub input: Box<Rel>,
    /// ROW_NUMBER, RANK, DENSE_RANK.
    pub function: String,
    pub partition: Vec<usize>,
    pub order: Vec<SortKey>,
    pub span: Span,
}

/// A table as one query reads it: with the OPTIONS hints of that place.
#[derive(Debug)]
pub(crate) struct Scan {
    pub path: ObjectPath,
    pub table: Rc<Table>,
    pub options: BTreeMap<String, String>,
    /// Where the query names it.
    pub span: Span,
}

impl Scan {
    /// Scans of equal identity read the same rows and share one source per job.
    pub fn same_source(&self, other: &Scan) -> bool {
        self.path == other.path && Rc::ptr_eq(&self.table, &other.table) && self.options == other.options
    }
}

impl Rel {
    pub fn calc(self, filter: Option<Expr>, columns: Vec<(String, Expr)>) -> Rel {
        let schema = columns.iter().map(|(name, e)| Field::new(name.clone(), e.data_type().clone())).collect();
        let projection = columns.into_iter().map(|(_, e)| e).collect();
        Rel { op: RelOp::Calc { input: Box::new(self), filter, projection }, schema }
    }

    pub fn filter(self, condition: Expr) -> Rel {
        let columns = self.identity();
        self.calc(Some(condition), columns)
    }

    /// These columns, under their own names.
    pub fn select(self, columns: &[usize]) -> Rel {
        let identity = self.identity();
        self.calc(None, columns.iter().map(|&i| identity[i].clone()).collect())
    }

    /// Each column as it is.
    pub fn identity(&self) -> Vec<(String, Expr)> {
        (0..self.schema.len()).map(|i| (self.schema.fields[i].name.clone(), self.column(i))).collect()
    }

    pub fn column(&self, index: usize) -> Expr {
        Expr::column(index, self.schema.fields[index].data_type.clone())
    }

    pub fn renamed(mut self, names: impl IntoIterator<Item = String>) -> Rel {
        for (field, name) in self.schema.fields.iter_mut().zip(names) {
            field.name = name;
        }
        self
    }

    pub fn window_table(self, window: WindowSpec) -> Rel {
        let time_type = self.schema.fields[window.time].data_type.kind.clone();
        let mut fields = self.schema.fields.clone();
        fields.push(Field::new("window_start", window_bound_type()));
        fields.push(Field::new("window_end", window_bound_type()));
        fields.push(Field::new("window_time", time_type.not_null()));
        Rel { op: RelOp::WindowTable { input: Box::new(self), window }, schema: Schema::new(fields) }
    }

    pub fn inputs(&self) -> Vec<&Rel> {
        match &self.op {
            RelOp::Scan(_) | RelOp::Values(_) => vec![],
            RelOp::Union(inputs) => inputs.iter().collect(),
            RelOp::Calc { input, .. }
            | RelOp::Unnest { input, .. }
            | RelOp::WindowTable { input, .. }
            | RelOp::WindowAggregate { input, .. }
            | RelOp::GroupAggregate { input, .. }
            | RelOp::Rank(Rank { input, .. })
            | RelOp::WindowRank { input, .. }
            | RelOp::Limit { input, .. }
            | RelOp::TemporalSort { input, .. }
            | RelOp::Sort { input, .. } => vec![input],
            RelOp::Join { left, right, .. } | RelOp::WindowJoin { left, right, .. } => vec![left, right],
        }
    }
}

/// Type of window_start and window_end: wall clock of the session, never a time attribute.
pub(crate) fn window_bound_type() -> DataType {
    TypeKind::timestamp(3).not_null()
}

/// Which columns of a relation are the bounds of a window that its rows have been assigned to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WindowColumns {
    pub start: Vec<usize>,
    pub end: Vec<usize>,
    pub time: Vec<usize>,
    /// Type of window_time.
    pub time_type: DataType,
    pub time_kind: TimeKind,
    /// Length of a window, 0 if it varies.
    pub size: i64,
    /// Of the window function that the bounds come from; columns in it mean nothing.
    pub shape: WindowShape,
}

impl WindowColumns {
    /// The bounds are followed through plain column references, as in Flink's `FlinkRelMdWindowProperties`.
    pub fn of(rel: &Rel) -> Option<WindowColumns> {
        match &rel.op {
            RelOp::Calc { input, projection, .. } => {
                let below = WindowColumns::of(input)?;
                let map = |columns: &[usize]| positions(projection, columns);
                let above =
                    WindowColumns { start: map(&below.start), end: map(&below.end), time: map(&below.time), ..below };
                (!above.start.is_empty() && !above.end.is_empty()).then_some(above)
            }
            RelOp::Unnest { input, unnest } => {
                let below = WindowColumns::of(input)?;
                let map = |columns: &[usize]| -> Vec<usize> {
                    (0..unnest.emits.len()).filter(|&i| columns.contains(&unnest.emits[i])).collect()
                };
                let above =
                    WindowColumns { start: map(&below.start), end: map(&below.end), time: map(&below.time), ..below };
                (!above.start.is_empty() && !above.end.is_empty()).then_some(above)
            }
            RelOp::WindowTable { input, window } => {
                let n = input.schema.len();
                Some(WindowColumns {
                    start: vec![n],
                    end: vec![n + 1],
                    time: vec![n + 2],
                    time_type: rel.schema.fields[n + 2].data_type.clone(),
                    time_kind: window.time_kind,
                    size: window_size(&window.shape),
                    shape: without_columns(&window.shape),
                })
            }
            RelOp::Rank(Rank { input, .. }) | RelOp::WindowRank { input, .. } => WindowColumns::of(input),
            RelOp::Join { left, right, kind, condition, .. } => {
                let (a, b) = (WindowColumns::of(left)?, WindowColumns::of(right)?);
                let parts = condition.clone().map(conjuncts).unwrap_or_default();
                WindowEquality::of(&parts, &a, &b, left.schema.len())?;
                Some(if kind.emits_right() { a.beside(b, left.schema.len()) } else { a })
            }
            RelOp::WindowJoin { left, right, join, .. } => {
                let (a, b) = (WindowColumns::of(left)?, WindowColumns::of(right)?);
                Some(if join.kind.emits_right() { a.beside(b, left.schema.len()) } else { a })
            }
            RelOp::WindowAggregate { input, window, keys, aggregates, properties, group_window: false, .. } => {
                let first = keys.len() + aggregates.len();
                let find = |wanted: WindowProperty| -> Vec<usize> {
                    (0..properties.len()).filter(|&i| properties[i] == wanted).map(|i| first + i).collect()
                };
                let time = find(WindowProperty::Time);
                let time_type = time.first().map(|&i| rel.schema.fields[i].data_type.clone());
                let columns = WindowColumns {
                    start: find(WindowProperty::Start),
                    end: find(WindowProperty::End),
                    time,
                    time_type: time_type.unwrap_or_else(window_bound_type),
                    time_kind: window.time_kind,
                    size: window_size(&window.shape),
                    shape: match &window.shape {
                        WindowShape::Assigned { .. } => WindowColumns::of(input)?.shape,
                        own => without_columns(own),
                    },
                };
                (!columns.start.is_empty() && !columns.end.is_empty()).then_some(columns)
            }
            RelOp::Limit { .. } | RelOp::Sort { .. } | RelOp::TemporalSort { .. } | RelOp::GroupAggregate { .. } => {
                None
            }
            RelOp::WindowAggregate { .. } | RelOp::Scan(_) | RelOp::Values(_) => None,
            RelOp::Union(inputs) => {
                let first = WindowColumns::of(inputs.first()?)?;
                inputs[1..].iter().all(|i| WindowColumns::of(i).as_ref() == Some(&first)).then_some(first)
            }
        }
    }

    /// The bounds of a join's rows: those of either side.
    fn beside(mut self, right: WindowColumns, offset: usize) -> WindowColumns {
        let moved = |columns: Vec<usize>| columns.into_iter().map(move |i| i + offset);
        self.start.extend(moved(right.start));
        self.end.extend(moved(right.end));
        self.time.extend(moved(right.time));
        self
    }

    pub fn contains(&self, column: usize) -> bool {
        self.start.contains(&column) || self.end.contains(&column) || self.time.contains(&column)
    }
}

/// Which parts of a join's condition say that both sides' windows are the same.
pub(crate) struct WindowEquality {
    pub start: (usize, usize),
    pub end: (usize, usize),
}

impl WindowEquality {
    /// None: not both bounds are equal, or the windows are of different kinds.
    pub fn of(parts: &[Expr], left: &WindowColumns, right: &WindowColumns, offset: usize) -> Option<WindowEquality> {
        let equal = |a: &[usize], b: &[usize]| {
            parts.iter().find_map(|part| {
                let (l, r) = equal_columns(part, offset)?;
                (a.contains(&l) && b.contains(&r)).then_some((l, r))
            })
        };
        let same = left.shape == right.shape && left.time_kind == right.time_kind;
        let (start, end) = (equal(&left.start, &right.start)?, equal(&left.end, &right.end)?);
        same.then_some(WindowEquality { start, end })
    }
}

/// The columns of the left and the right side that `part` says are equal.
pub(crate) fn equal_columns(part: &Expr, offset: usize) -> Option<(usize, usize)> {
    let Expr::Call { function, args, .. } = part else { return None };
    let [Expr::Column { index: a, .. }, Expr::Column { index: b, .. }] = args.as_slice() else { return None };
    let (a, b) = (*a.min(b), *a.max(b));
    (function == "=" && a < offset && b >= offset).then(|| (a, b - offset))
}

fn without_columns(shape: &WindowShape) -> WindowShape {
    match shape {
        WindowShape::Session { gap, .. } => WindowShape::Session { gap: *gap, partition: vec![] },
        other => other.clone(),
    }
}

/// Where `columns` of the input stand unchanged in `projection`.
fn positions(projection: &[Expr], columns: &[usize]) -> Vec<usize> {
    let stands = |e: &Expr| matches!(e, Expr::Column { index, .. } if columns.contains(index));
    (0..projection.len()).filter(|&i| stands(&projection[i])).collect()
}

pub(crate) fn window_size(shape: &WindowShape) -> i64 {
    match shape {
        WindowShape::Tumble { size, .. } | WindowShape::Hop { size, .. } | WindowShape::Cumulate { size, .. } => *size,
        WindowShape::Assigned { size, .. } => *size,
        WindowShape::Session { .. } => 0,
    }
}

/// `expr` with each input column replaced by the expression that computes it.
pub(crate) fn substitute(expr: Expr, columns: &[Expr]) -> Expr {
    expr.transform(&mut |e| match e {
        Expr::Column { index, data_type } => match &columns[index] {
            // The reference may have dropped the time attribute; the replacement drops it too.
            Expr::Column { index, .. } => Expr::Column { index: *index, data_type },
            other => other.clone(),
        },
        other => other,
    })
}

/// `expr` with the position of each input column mapped.
pub(crate) fn remap(expr: Expr, position: &impl Fn(usize) -> usize) -> Expr {
    expr.transform(&mut |e| match e {
        Expr::Column { index, data_type } => Expr::Column { index: position(index), data_type },
        other => other,
    })
}

/// `a AND b`, either of which may be missing.
pub(crate) fn conjunction(a: Option<Expr>, b: Option<Expr>) -> Option<Expr> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let nullable = a.data_type().nullable || b.data_type().nullable;
            let mut args = conjuncts(a);
            args.extend(conjuncts(b));
            Some(Expr::call("AND", args, DataType::new(TypeKind::Boolean, nullable)))
        }
        (one, None) | (None, one) => one,
    }
}

/// The parts of a conjunction.
pub(crate) fn conjuncts(expr: Expr) -> Vec<Expr> {
    match expr {
        Expr::Call { function, args, .. } if function == "AND" => args.into_iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

pub(crate) fn all_of(parts: Vec<Expr>) -> Option<Expr> {
    parts.into_iter().fold(None, |sum, part| conjunction(sum, Some(part)))
}

pub(crate) fn is_true(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal { value: Literal::Boolean(true), .. })
}
