//! The typed operator graph that the planner makes and the runtime runs.
//!
//! A [`StreamPlan`] is a list of [`Node`]s in topological order; a node names its inputs by position. Types
//! are decided: every implicit cast of Flink is an explicit [`Expr::Cast`] here, so the runtime never
//! coerces. The plan is serialisable because a job's state is only taken over by the same plan: each
//! stateful node has a [`Node::state_key`] whose text is compared at recovery.

mod config;
mod estimate;
mod explain;
mod expr;
mod node;
mod unnest;
mod upsert;
mod window;

pub use config::Config;
pub use estimate::Estimate;
pub use explain::{Explained, expr_text, order_text, window_text};
pub use expr::{AggregateCall, Expr, Literal};
pub use node::{
    Collect, ColumnRef, EmitPolicy, Node, NodeId, NodeKind, SinkNode, SortKey, SourceNode, StreamPlan, TableRef,
    TimeKind, WatermarkSpec, WindowAggregate, WindowProperty, WindowShape, WindowSpec,
};
pub use unnest::Unnest;
pub use upsert::{Conflict, UpsertMaterialize};
pub use window::{JoinKey, JoinKind, WindowBounds, WindowJoin, WindowRank};
