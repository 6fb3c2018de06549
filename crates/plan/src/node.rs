use std::collections::BTreeMap;

use flitz_dataflow::{ChangelogMode, DataType, Schema};
use serde::{Deserialize, Serialize};

use crate::{AggregateCall, Expr, Unnest, UpsertMaterialize, WindowJoin, WindowRank};

/// Position of a node in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub usize);

/// The operators of one job. Inputs come before their consumers; a node may have several consumers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamPlan {
    pub nodes: Vec<Node>,
    /// Somebody is shown all row kinds, and with them each step of an aggregate rather than its net change per batch.
    #[serde(default)]
    pub every_change: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub inputs: Vec<NodeId>,
    pub kind: NodeKind,
    /// Columns it emits; empty for sinks.
    pub schema: Schema,
    /// Row kinds it emits.
    pub changelog: ChangelogMode,
    /// Columns that identify a row of the result, if any set does.
    pub upsert_key: Option<Vec<usize>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NodeKind {
    Source(SourceNode),
    /// Constant rows (VALUES, SELECT without FROM): one list of expressions without columns per row.
    Values {
        rows: Vec<Vec<Expr>>,
    },
    /// Keeps rows where `filter` is TRUE and computes `projection` of them.
    Calc {
        filter: Option<Expr>,
        projection: Vec<Expr>,
    },
    /// Makes watermarks from rows: per split if the source pushes it down, else for the source as a whole.
    /// Always directly behind a source, with nothing but Calc between.
    Watermark(WatermarkSpec),
    /// UNION ALL of inputs of equal schema.
    Union,
    /// Each row once per element of a collection that it holds.
    Unnest(Unnest),
    /// A window table function by itself: each row once per window it lies in, with window_start,
    /// window_end and window_time appended.
    WindowTableFunction {
        window: WindowSpec,
    },
    /// Aggregation per window (and key); emits when the watermark passes the window's end.
    WindowAggregate(WindowAggregate),
    /// Top-N and deduplication per window; emits when the watermark passes the window's end.
    WindowRank(WindowRank),
    /// The join of two inputs per window; emits when the watermark passes the window's end.
    WindowJoin(WindowJoin),
    /// Aggregation per key over everything; emits updates. With no keys: one group, on one worker.
    GroupAggregate {
        keys: Vec<usize>,
        aggregates: Vec<AggregateCall>,
        state_ttl_millis: Option<i64>,
        /// Every row that comes may give a change, in the order of the rows; otherwise each key at most one per batch.
        #[serde(default, skip_serializing_if = "is_false")]
        each_change: bool,
    },
    /// Directly before a sink.
    UpsertMaterialize(UpsertMaterialize),
    /// The first `fetch` rows after `offset`, in arrival order.
    Limit {
        offset: u64,
        fetch: Option<u64>,
    },
    /// Batch mode and bounded results: all rows sorted by columns, then OFFSET and FETCH.
    Sort {
        keys: Vec<SortKey>,
        offset: u64,
        fetch: Option<u64>,
    },
    /// Stream mode: rows in order of event time, the first key, ascending, when the watermark has passed them.
    TemporalSort {
        keys: Vec<SortKey>,
    },
    Sink(SinkNode),
    /// The rows of a SELECT, to whoever runs the job.
    Collect(Collect),
}

fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SortKey {
    pub column: usize,
    pub descending: bool,
    pub nulls_first: bool,
}

/// A table as the plan knows it. Option values may be secret: EXPLAIN prints only the name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableRef {
    pub name: String,
    /// Not part of state identity: an address may change between runs.
    #[serde(skip)]
    pub options: BTreeMap<String, String>,
    pub physical: Schema,
    pub primary_key: Vec<String>,
    pub partition_keys: Vec<String>,
}

/// Where a column of a source or sink comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ColumnRef {
    Physical(usize),
    Metadata { key: String, data_type: DataType },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceNode {
    pub table: TableRef,
    /// What it reads, in the order of the node's schema.
    pub columns: Vec<ColumnRef>,
    pub bounded: bool,
    pub watermark_push_down: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatermarkSpec {
    /// Column of the rowtime attribute.
    pub rowtime: usize,
    /// The watermark of a row, a TIMESTAMP or TIMESTAMP_LTZ.
    pub watermark: Expr,
    /// `table.exec.source.idle-timeout` or the table's own; None: never idle.
    pub idle_timeout_millis: Option<i64>,
    /// `pipeline.auto-watermark-interval`; 0: at every row.
    pub interval_millis: i64,
    /// Emit on every event rather than periodically (`scan.watermark.emit.strategy`).
    pub on_event: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowSpec {
    /// Column of the time attribute (or, with `Assigned`, unused).
    pub time: usize,
    pub time_kind: TimeKind,
    pub shape: WindowShape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeKind {
    /// TIMESTAMP: windows align to 1970-01-01T00:00 of the column's own clock.
    Rowtime,
    /// TIMESTAMP_LTZ: windows align to midnight of the session time zone.
    RowtimeLtz,
    /// The operator's clock, in the session time zone.
    Proctime,
}

/// Milliseconds throughout. A window holds times in `[start, end)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum WindowShape {
    Tumble {
        size: i64,
        offset: i64,
    },
    /// `size` is a multiple of `slide` when aggregated.
    Hop {
        slide: i64,
        size: i64,
        offset: i64,
    },
    Cumulate {
        step: i64,
        size: i64,
        offset: i64,
    },
    Session {
        gap: i64,
        partition: Vec<usize>,
    },
    /// The input's rows already belong to a window, given by these columns (a cascaded aggregate over
    /// window_start and window_end of an earlier one).
    Assigned {
        start: usize,
        end: usize,
        size: i64,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowAggregate {
    pub window: WindowSpec,
    pub keys: Vec<usize>,
    pub aggregates: Vec<AggregateCall>,
    /// Appended after keys and aggregates, in this order. The node's schema is keys, aggregates, properties.
    pub properties: Vec<WindowProperty>,
    /// Legacy group windows only.
    pub emit: Option<EmitPolicy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WindowProperty {
    /// TIMESTAMP(3) in the session's wall clock.
    Start,
    End,
    /// End - 1 ms, with the type of the time attribute.
    Time,
}

/// `table.exec.emit.*`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmitPolicy {
    pub early_fire_millis: Option<i64>,
    pub late_fire_millis: Option<i64>,
    pub allow_lateness_millis: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SinkNode {
    pub table: TableRef,
    /// Where each input column goes, in order.
    pub columns: Vec<ColumnRef>,
    /// What the sink takes of the input's changelog (no `-U` for an upsert sink).
    pub changelog: ChangelogMode,
    pub rowtime: Option<usize>,
    /// Columns declared NOT NULL whose input may be NULL: a NULL fails the job or, if `drop_null_rows`, drops the row.
    pub not_null: Vec<usize>,
    pub drop_null_rows: bool,
    /// INSERT OVERWRITE: the rows take the place of those that are there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub overwrite: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collect {
    /// Changelog rows may be folded into a table by whoever shows them.
    pub changelog: ChangelogMode,
}

impl StreamPlan {
    /// Appends a node and returns its id.
    pub fn add(&mut self, node: Node) -> NodeId {
        debug_assert!(node.inputs.iter().all(|i| i.0 < self.nodes.len()), "inputs come before their consumers");
        self.nodes.push(node);
        NodeId(self.nodes.len() - 1)
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// Consumers of each node with the position of the input: `(consumer, input)`.
    pub fn consumers(&self) -> Vec<Vec<(NodeId, usize)>> {
        let mut consumers = vec![vec![]; self.nodes.len()];
        for (id, node) in self.nodes.iter().enumerate() {
            for (input, from) in node.inputs.iter().enumerate() {
                consumers[from.0].push((NodeId(id), input));
            }
        }
        consumers
    }

    /// Whether the job ends by itself.
    pub fn is_bounded(&self) -> bool {
        self.nodes.iter().all(|n| !matches!(&n.kind, NodeKind::Source(s) if !s.bounded))
    }

    pub fn sources(&self) -> impl Iterator<Item = (NodeId, &SourceNode)> {
        self.nodes.iter().enumerate().filter_map(|(id, n)| match &n.kind {
            NodeKind::Source(s) => Some((NodeId(id), s)),
            _ => None,
        })
    }

    pub fn sinks(&self) -> impl Iterator<Item = (NodeId, &SinkNode)> {
        self.nodes.iter().enumerate().filter_map(|(id, n)| match &n.kind {
            NodeKind::Sink(s) => Some((NodeId(id), s)),
            _ => None,
        })
    }
}

impl Node {
    /// The columns of an input whose owner its rows go to when there are several workers; none: one worker has all
    /// rows. None: they stay where they are.
    pub fn exchange(&self, input: usize) -> Option<Vec<usize>> {
        match &self.kind {
            NodeKind::GroupAggregate { keys, .. } => Some(keys.clone()),
            NodeKind::WindowAggregate(window) => Some(window.keys.clone()),
            NodeKind::WindowRank(rank) => Some(rank.partition.clone()),
            NodeKind::WindowJoin(join) => {
                Some(join.keys.iter().map(|key| if input == 0 { key.left } else { key.right }).collect())
            }
            NodeKind::UpsertMaterialize(m) => Some(m.primary_key.clone()),
            NodeKind::WindowTableFunction { window } => match &window.shape {
                WindowShape::Session { partition, .. } => Some(partition.clone()),
                _ => None,
            },
            NodeKind::Limit { .. } | NodeKind::Sort { .. } | NodeKind::TemporalSort { .. } => Some(vec![]),
            NodeKind::Source(_)
            | NodeKind::Values { .. }
            | NodeKind::Calc { .. }
            | NodeKind::Watermark(_)
            | NodeKind::Union
            | NodeKind::Unnest(_)
            | NodeKind::Sink(_)
            | NodeKind::Collect(_) => None,
        }
    }

    /// What must be equal for this node to take over state: None for stateless nodes. Sources are compared
    /// by table name and splits, not by this.
    pub fn state_key(&self) -> Option<String> {
        match &self.kind {
            NodeKind::WindowAggregate(_)
            | NodeKind::WindowRank(_)
            | NodeKind::WindowJoin(_)
            | NodeKind::GroupAggregate { .. }
            | NodeKind::UpsertMaterialize(_)
            | NodeKind::Limit { .. }
            | NodeKind::Sort { .. }
            | NodeKind::TemporalSort { .. }
            | NodeKind::Watermark(_) => Some(serde_json::to_string(&self.kind).unwrap_or_default()),
            NodeKind::WindowTableFunction { window } if matches!(window.shape, WindowShape::Session { .. }) => {
                Some(serde_json::to_string(&self.kind).unwrap_or_default())
            }
            NodeKind::Source(_)
            | NodeKind::Values { .. }
            | NodeKind::Calc { .. }
            | NodeKind::Union
            | NodeKind::Unnest(_)
            | NodeKind::WindowTableFunction { .. }
            | NodeKind::Sink(_)
            | NodeKind::Collect(_) => None,
        }
    }
}
