//! From resolved queries to the operator graph of one job.
//!
//! 1. [`optimize`]: constants, filters, neighbouring Calcs.
//! 2. [`windowed`]: which ranks and joins are ones per window.
//! 3. [`prune`]: the columns that nobody reads go. [`item`]: what an element that is not there gives.
//! 4. [`scan`]: per table, the columns that all queries of the job read together make one source.
//! 5. Nodes are appended inputs first; an equal node is used again instead, so common parts run once.
//! 6. [`changelog`]: which row kinds flow where; `-U` only where someone needs it. [`sink`] says whether a
//!    sink can take what comes.

pub(crate) mod changelog;
mod empty;
mod item;
pub(crate) mod optimize;
pub(crate) mod prune;
pub(crate) mod scan;
pub(crate) mod sink;
pub(crate) mod windowed;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use flitz_dataflow::{ChangelogMode, DataType, Error, Result, Schema, Span, TypeKind};
use flitz_functions::is_deterministic;
use flitz_plan::{
    AggregateCall, Collect, Expr, Node, NodeId, NodeKind, StreamPlan, WindowProperty, WindowRank, WindowSpec,
};

use crate::relation::{Rel, RelOp, Scan, remap};
use crate::resolver::Context;
use crate::resolver::expr::materialized;
use crate::resolver::insert::InsertTarget;
use scan::ScanUse;

pub(crate) use scan::table_def;

/// A query and where its rows go.
pub(crate) struct Output {
    pub rel: Rel,
    /// None: to whoever runs the job.
    pub target: Option<InsertTarget>,
}

pub(crate) fn lower(context: Context, outputs: Vec<Output>) -> Result<StreamPlan> {
    let mut lowering = Lowering { context, plan: StreamPlan::default(), keys: vec![], scans: vec![], needs: vec![] };
    let mut prepared = vec![];
    for Output { rel, target } in outputs {
        let rel = if target.is_none() { result(rel) } else { rel };
        let all: BTreeSet<usize> = (0..rel.schema.len()).collect();
        let rel = windowed::windowed(optimize::optimize(rel), context.config.is_batch())?;
        let rel = item::settle(optimize::merge(prune::prune(optimize::merge(rel), &all)))?;
        lowering.count_scans(&rel);
        prepared.push((rel, target));
    }
    for (rel, target) in prepared {
        match target {
            Some(target) => lowering.sink(rel, target)?,
            None => lowering.collect(rel)?,
        }
    }
    lowering.settle_changelogs()?;
    // Mini-batches promise no more than the net change, and nor does a sink that takes upserts.
    let mini_batch =
        context.config.get("table.exec.mini-batch.enabled").is_some_and(|v| v.eq_ignore_ascii_case("true"));
    lowering.plan.every_change = !lowering.needs.is_empty() && !mini_batch;
    Ok(lowering.plan)
}

pub(crate) struct Lowering<'a> {
    pub context: Context<'a>,
    pub plan: StreamPlan,
    /// Per node the sets of columns each of which identifies a row of its result.
    pub keys: Vec<Vec<BTreeSet<usize>>>,
    pub scans: Vec<ScanUse>,
    /// Sinks that need the old row of an update.
    pub needs: Vec<NodeId>,
}

impl Lowering<'_> {
    fn count_scans(&mut self, rel: &Rel) {
        if let RelOp::Calc { input, filter, projection } = &rel.op
            && let RelOp::Scan(scan) = &input.op
        {
            let required = optimize::columns_of(projection.iter().chain(filter));
            self.scan_use(scan).required.extend(required);
            return;
        }
        if let RelOp::Scan(scan) = &rel.op {
            self.scan_use(scan).required.extend(0..scan.table.columns.len());
        }
        rel.inputs().into_iter().for_each(|input| self.count_scans(input));
    }

    fn scan_use(&mut self, scan: &Rc<Scan>) -> &mut ScanUse {
        let found = self.scans.iter().position(|s| s.scan.same_source(scan));
        let index = found.unwrap_or_else(|| {
            self.scans.push(ScanUse::new(scan.clone()));
            self.scans.len() - 1
        });
        &mut self.scans[index]
    }

    /// Appends a node, or finds the one that does the same.
    pub fn add(
        &mut self,
        inputs: Vec<NodeId>,
        kind: NodeKind,
        schema: Schema,
        changelog: ChangelogMode,
        keys: Vec<BTreeSet<usize>>,
    ) -> NodeId {
        let shareable = match &kind {
            NodeKind::Sink(_) | NodeKind::Collect(_) => false,
            NodeKind::Calc { filter, projection } => projection.iter().chain(filter).all(is_deterministic),
            _ => true,
        };
        let upsert_key = keys.first().map(|k| k.iter().copied().collect());
        let node = Node { inputs, kind, schema, changelog, upsert_key };
        if shareable && let Some(same) = self.plan.nodes.iter().position(|n| *n == node) {
            return NodeId(same);
        }
        self.keys.push(keys);
        self.plan.add(node)
    }

    /// A Calc, unless it would change nothing.
    pub fn calc(&mut self, input: NodeId, filter: Option<Expr>, projection: Vec<Expr>, schema: Schema) -> NodeId {
        let below = &self.plan.node(input).schema;
        let same = |(i, e): (usize, &Expr)| {
            matches!(e, Expr::Column { index, .. } if *index == i)
                && below.fields[i].data_type.clone().materialized() == schema.fields[i].data_type.clone().materialized()
        };
        if filter.is_none() && projection.len() == below.len() && projection.iter().enumerate().all(same) {
            return input;
        }
        let keys = changelog::calc_keys(&self.keys[input.0], &projection);
        let changelog = self.plan.node(input).changelog;
        self.add(vec![input], NodeKind::Calc { filter, projection }, schema, changelog, keys)
    }

    pub fn rel(&mut self, rel: &Rel) -> Result<NodeId> {
        let schema = rel.schema.clone();
        match &rel.op {
            RelOp::Scan(scan) => {
                let (node, place) = self.scan(scan)?;
                let projection = (0..schema.len()).map(|i| self.placed(node, &place, rel.column(i))).collect();
                Ok(self.calc(node, None, projection, schema))
            }
            RelOp::Values(rows) => {
                let kind = NodeKind::Values { rows: rows.clone() };
                Ok(self.add(vec![], kind, schema, ChangelogMode::INSERT_ONLY, vec![]))
            }
            RelOp::Calc { input, filter, projection } => {
                let (node, filter, projection) = match &input.op {
                    RelOp::Scan(scan) => {
                        let (node, place) = self.scan(scan)?;
                        let moved = |e: &Expr| self.placed(node, &place, e.clone());
                        (node, filter.as_ref().map(moved), projection.iter().map(moved).collect())
                    }
                    _ => (self.rel(input)?, filter.clone(), projection.clone()),
                };
                Ok(self.calc(node, filter, projection, schema))
            }
            RelOp::Union(inputs) => {
                let mut nodes = vec![];
                for input in inputs {
                    let node = match &input.op {
                        RelOp::Calc { .. } => self.rel(&Rel { schema: schema.clone(), ..input.clone() })?,
                        _ => self.rel(input)?,
                    };
                    nodes.push(self.aligned(node, &schema));
                }
                let changelog = nodes
                    .iter()
                    .map(|n| self.plan.node(*n).changelog)
                    .fold(ChangelogMode::INSERT_ONLY, changelog::either);
                Ok(self.add(nodes, NodeKind::Union, schema, changelog, vec![]))
            }
            RelOp::Unnest { input, unnest } => {
                let node = self.rel(input)?;
                let changelog = self.plan.node(node).changelog;
                Ok(self.add(vec![node], NodeKind::Unnest(unnest.clone()), schema, changelog, vec![]))
            }
            RelOp::WindowTable { input, window } => {
                let node = self.rel(input)?;
                let node = self.in_some_window(node, window);
                let changelog = self.plan.node(node).changelog;
                let kind = NodeKind::WindowTableFunction { window: window.clone() };
                Ok(self.add(vec![node], kind, schema, changelog, vec![]))
            }
            RelOp::WindowAggregate { input, window, keys, aggregates, properties, emit, group_window } => {
                let node = self.rel(input)?;
                let node = self.in_some_window(node, window);
                let kind = NodeKind::WindowAggregate(flitz_plan::WindowAggregate {
                    window: window.clone(),
                    keys: keys.clone(),
                    aggregates: aggregates.clone(),
                    properties: properties.clone(),
                    emit: emit.clone(),
                });
                let updates = emit.is_some() && !self.context.config.is_batch();
                let delete = updates && !self.plan.node(node).changelog.is_insert_only();
                let changelog = ChangelogMode { update_before: updates, update_after: updates, delete };
                let row_keys = if *group_window { window_keys(keys, aggregates, properties) } else { vec![] };
                Ok(self.add(vec![node], kind, schema, changelog, row_keys))
            }
            RelOp::GroupAggregate { input, keys, aggregates, state_ttl_millis } => {
                let node = self.rel(input)?;
                let kind = NodeKind::GroupAggregate {
                    keys: keys.clone(),
                    aggregates: aggregates.clone(),
                    state_ttl_millis: *state_ttl_millis,
                    each_change: false,
                };
                let changelog = match self.context.config.is_batch() {
                    true => ChangelogMode::INSERT_ONLY,
                    false => {
                        let shrinks = !self.plan.node(node).changelog.is_insert_only();
                        ChangelogMode { update_before: true, update_after: true, delete: shrinks }
                    }
                };
                Ok(self.add(vec![node], kind, schema, changelog, vec![(0..keys.len()).collect()]))
            }
            RelOp::WindowRank { input, rank, span } => {
                let node = self.rel(input)?;
                self.only_inserts(node, "Top-N per window", *span)?;
                let kind = NodeKind::WindowRank(rank.clone());
                let keys = rank_keys(rank, schema.len());
                Ok(self.add(vec![node], kind, schema, ChangelogMode::INSERT_ONLY, keys))
            }
            RelOp::WindowJoin { left, right, join, span } => {
                let nodes = vec![self.rel(left)?, self.rel(right)?];
                for node in &nodes {
                    self.only_inserts(*node, "a join per window", *span)?;
                }
                let kind = NodeKind::WindowJoin(join.clone());
                Ok(self.add(nodes, kind, schema, ChangelogMode::INSERT_ONLY, vec![]))
            }
            RelOp::Rank(rank) => Err(windowed::unsupported_rank(rank)),
            RelOp::Join { left, right, span, .. } => Err(windowed::unsupported_join(left, right, *span)),
            RelOp::Limit { input, offset, fetch, span } => {
                let node = self.rel(input)?;
                let changelog = self.plan.node(node).changelog;
                if !changelog.is_insert_only() {
                    return Err(Error::unsupported("LIMIT over a query that updates its result").at(*span));
                }
                let kind = NodeKind::Limit { offset: *offset, fetch: *fetch };
                Ok(self.add(vec![node], kind, schema, changelog, vec![]))
            }
            RelOp::TemporalSort { input, keys, span } => {
                let node = self.rel(input)?;
                self.only_inserts(node, "ORDER BY a time attribute", *span)?;
                let keys_of_input = self.keys[node.0].clone();
                let kind = NodeKind::TemporalSort { keys: keys.clone() };
                Ok(self.add(vec![node], kind, schema, ChangelogMode::INSERT_ONLY, keys_of_input))
            }
            RelOp::Sort { input, keys, offset, fetch } => {
                let node = self.rel(input)?;
                let kind = NodeKind::Sort { keys: keys.clone(), offset: *offset, fetch: *fetch };
                Ok(self.add(vec![node], kind, schema, ChangelogMode::INSERT_ONLY, vec![]))
            }
        }
    }

    /// Batch mode leaves rows without a time out of all windows; a stream fails at them.
    fn in_some_window(&mut self, input: NodeId, window: &WindowSpec) -> NodeId {
        let schema = self.plan.node(input).schema.clone();
        let time = &schema.fields[window.time].data_type;
        if !self.context.config.is_batch() || !time.nullable {
            return input;
        }
        let time = Expr::column(window.time, time.clone());
        let filter = Expr::call("IS NOT NULL", vec![time], TypeKind::Boolean.not_null());
        let columns = schema.fields.iter().enumerate();
        let projection = columns.map(|(i, field)| Expr::column(i, field.data_type.clone())).collect();
        self.calc(input, Some(filter), projection, schema)
    }

    fn only_inserts(&self, input: NodeId, what: &str, span: Span) -> Result<()> {
        if self.plan.node(input).changelog.is_insert_only() {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "{what} doesn't take update and delete changes, which {} produces",
            self.changing_node(input)
        ))
        .at(span))
    }

    /// An expression over a table's columns as one over the node that yields them.
    fn placed(&self, node: NodeId, place: &BTreeMap<usize, usize>, expr: Expr) -> Expr {
        debug_assert!(
            expr.columns().iter().all(|i| place.contains_key(i)),
            "a column of node {node:?} was not required"
        );
        remap(expr, &|i| place.get(&i).copied().unwrap_or(i))
    }

    /// The node with exactly this schema: inputs of a union agree in names and nullability too.
    fn aligned(&mut self, node: NodeId, schema: &Schema) -> NodeId {
        let below = &self.plan.node(node).schema;
        if below == schema {
            return node;
        }
        let projection: Vec<Expr> =
            below.fields.iter().enumerate().map(|(i, f)| Expr::column(i, f.data_type.clone())).collect();
        let keys = self.keys[node.0].clone();
        let changelog = self.plan.node(node).changelog;
        self.add(vec![node], NodeKind::Calc { filter: None, projection }, schema.clone(), changelog, keys)
    }

    fn collect(&mut self, rel: Rel) -> Result<()> {
        let node = self.rel(&rel)?;
        let changelog = self.plan.node(node).changelog;
        let id = self.add(vec![node], NodeKind::Collect(Collect { changelog }), rel.schema, changelog, vec![]);
        self.needs.push(id);
        Ok(())
    }
}

/// A bound of a group window and the keys identify a row. Flink says so of group windows alone, not of aggregations
/// over window table functions.
fn window_keys(keys: &[usize], calls: &[AggregateCall], properties: &[WindowProperty]) -> Vec<BTreeSet<usize>> {
    let first = keys.len() + calls.len();
    let bounds = (0..properties.len()).map(|i| first + i);
    bounds.map(|bound| (0..keys.len()).chain([bound]).collect()).collect()
}

/// What Flink takes for the key of Top-N per window: the partition without the window, and the rank if there are
/// several.
fn rank_keys(rank: &WindowRank, columns: usize) -> Vec<BTreeSet<usize>> {
    let partition = rank.partition.iter().copied();
    match (rank.first == rank.last, rank.emits_rank) {
        (true, _) if !rank.partition.is_empty() => vec![partition.collect()],
        (false, true) => vec![partition.chain([columns - 1]).collect()],
        _ => vec![],
    }
}

/// The rows of a SELECT as they are shown: no name twice, time attributes as ordinary time stamps.
fn result(rel: Rel) -> Rel {
    let columns = (0..rel.schema.len()).map(|i| materialized(rel.column(i)));
    let columns = unique_names(&rel.schema).into_iter().zip(columns).collect();
    rel.calc(None, columns)
}

/// `id, id` becomes `id, id0`, as Flink names them.
pub(crate) fn unique_names(schema: &Schema) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    for field in &schema.fields {
        let mut name = field.name.clone();
        let mut n = 0;
        while names.contains(&name) {
            name = format!("{}{n}", field.name);
            n += 1;
        }
        names.push(name);
    }
    names
}

pub(crate) fn null_of(data_type: &DataType) -> Expr {
    Expr::literal(flitz_plan::Literal::Null, data_type.clone().with_nullable(true))
}

/// Whether all values of `from` keep being different when cast to `to`.
pub(crate) fn is_injective(from: &TypeKind, to: &TypeKind) -> bool {
    use TypeKind::{BigInt, Char, Int, SmallInt, TinyInt, Varchar};
    match (from, to) {
        _ if from == to => true,
        (TinyInt, SmallInt | Int | BigInt) | (SmallInt, Int | BigInt) | (Int, BigInt) => true,
        (Char(short) | Varchar(short), Varchar(long)) => short <= long,
        (_, Varchar(length)) => from.is_integer() && *length >= 20,
        _ => false,
    }
}
