//! Plans and jobs over the world in memory.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flitz_dataflow::{ChangelogMode, Clock, ManualClock, Result, Schema, SystemClock, TypeKind};
use flitz_plan::{
    AggregateCall, Collect, ColumnRef, Config, Expr, JoinKey, JoinKind, Literal, Node, NodeId, NodeKind, SinkNode,
    SortKey, SourceNode, StreamPlan, TableRef, TimeKind, WatermarkSpec, WindowAggregate, WindowBounds, WindowJoin,
    WindowProperty, WindowRank, WindowShape, WindowSpec,
};
use flitz_runtime::{CheckpointSettings, JobHandle, JobSpec, JobSummary, start};
use flitz_testkit::{World, event_schema};

pub fn table(name: &str, schema: &Schema) -> TableRef {
    TableRef {
        name: name.to_owned(),
        options: BTreeMap::from([("connector".to_owned(), "memory".to_owned())]),
        physical: schema.clone(),
        primary_key: vec![],
        partition_keys: vec![],
    }
}

/// Builds plans from the source on.
#[derive(Default)]
pub struct PlanBuilder {
    pub plan: StreamPlan,
}

impl PlanBuilder {
    pub fn add(&mut self, inputs: &[NodeId], kind: NodeKind, schema: Schema, changelog: ChangelogMode) -> NodeId {
        self.plan.add(Node { inputs: inputs.to_vec(), kind, schema, changelog, upsert_key: None })
    }

    pub fn source(&mut self, name: &str, bounded: bool, watermark_push_down: bool) -> NodeId {
        let schema = event_schema();
        let columns = (0..schema.len()).map(ColumnRef::Physical).collect();
        let kind = NodeKind::Source(SourceNode { table: table(name, &schema), columns, bounded, watermark_push_down });
        self.add(&[], kind, schema, ChangelogMode::INSERT_ONLY)
    }

    /// `WATERMARK FOR ts AS ts`
    pub fn watermark(&mut self, input: NodeId, idle_timeout_millis: Option<i64>) -> NodeId {
        let schema = event_schema();
        let watermark = Expr::column(0, schema.fields[0].data_type.clone());
        let spec = WatermarkSpec { rowtime: 0, watermark, idle_timeout_millis, interval_millis: 200, on_event: false };
        self.add(&[input], NodeKind::Watermark(spec), schema, ChangelogMode::INSERT_ONLY)
    }

    /// `WHERE amount > least`
    pub fn amount_above(&mut self, input: NodeId, least: i64) -> NodeId {
        let schema = event_schema();
        let bigint = TypeKind::BigInt.nullable();
        let column = |i: usize| Expr::column(i, schema.fields[i].data_type.clone());
        let least = Expr::literal(Literal::Integer(least), TypeKind::BigInt.not_null());
        let filter = Expr::call(">", vec![Expr::column(2, bigint), least], TypeKind::Boolean.nullable());
        let kind = NodeKind::Calc { filter: Some(filter), projection: (0..3).map(column).collect() };
        self.add(&[input], kind, schema, ChangelogMode::INSERT_ONLY)
    }

    pub fn union(&mut self, inputs: &[NodeId]) -> NodeId {
        self.add(inputs, NodeKind::Union, event_schema(), ChangelogMode::INSERT_ONLY)
    }

    /// `SELECT keys, SUM(amount), window_start … GROUP BY keys` and a tumbling window.
    pub fn sum_per_window(&mut self, input: NodeId, keys: &[usize], size_millis: i64) -> NodeId {
        let schema = event_schema();
        let sum = flitz_dataflow::Field::new("total", TypeKind::BigInt.nullable());
        let start = flitz_dataflow::Field::new("window_start", TypeKind::timestamp(3).not_null());
        let fields = keys.iter().map(|k| schema.fields[*k].clone()).chain([sum, start]).collect();
        let aggregate = WindowAggregate {
            window: WindowSpec {
                time: 0,
                time_kind: TimeKind::Rowtime,
                shape: WindowShape::Tumble { size: size_millis, offset: 0 },
            },
            keys: keys.to_vec(),
            aggregates: vec![sum_of_amount()],
            properties: vec![WindowProperty::Start],
            emit: None,
        };
        self.add(&[input], NodeKind::WindowAggregate(aggregate), Schema::new(fields), ChangelogMode::INSERT_ONLY)
    }

    /// `SELECT keys, SUM(amount) … GROUP BY keys`
    pub fn sum_per_group(&mut self, input: NodeId, keys: &[usize]) -> NodeId {
        let schema = event_schema();
        let sum = flitz_dataflow::Field::new("total", TypeKind::BigInt.nullable());
        let fields = keys.iter().map(|k| schema.fields[*k].clone()).chain([sum]).collect();
        let kind = NodeKind::GroupAggregate {
            keys: keys.to_vec(),
            aggregates: vec![sum_of_amount()],
            state_ttl_millis: None,
            each_change: false,
        };
        self.add(&[input], kind, Schema::new(fields), ChangelogMode::ALL)
    }

    /// `TABLE(TUMBLE(…))`: the event's columns, then window_start, window_end, window_time.
    pub fn tumble(&mut self, input: NodeId, size_millis: i64) -> NodeId {
        let mut schema = event_schema();
        let bound = |name: &str| flitz_dataflow::Field::new(name, TypeKind::timestamp(3).not_null());
        schema.fields.extend(["window_start", "window_end", "window_time"].map(bound));
        let shape = WindowShape::Tumble { size: size_millis, offset: 0 };
        let window = WindowSpec { time: 0, time_kind: TimeKind::Rowtime, shape };
        self.add(&[input], NodeKind::WindowTableFunction { window }, schema, ChangelogMode::INSERT_ONLY)
    }

    /// The two rows of each user and window with the highest amount, of equal ones the earliest; with their rank.
    pub fn top_per_window(&mut self, input: NodeId) -> NodeId {
        let mut schema = self.plan.node(input).schema.clone();
        schema.fields.push(flitz_dataflow::Field::new("rank", TypeKind::BigInt.not_null()));
        let key = |column, descending: bool| SortKey { column, descending, nulls_first: !descending };
        let rank = WindowRank {
            window: windowed(),
            partition: vec![1],
            order: vec![key(2, true), key(0, false)],
            first: 1,
            last: 2,
            emits_rank: true,
            latest_first: false,
        };
        self.add(&[input], NodeKind::WindowRank(rank), schema, ChangelogMode::INSERT_ONLY)
    }

    /// `left LEFT JOIN right` of the same user and window.
    pub fn join_per_window(&mut self, left: NodeId, right: NodeId) -> NodeId {
        let mut schema = self.plan.node(left).schema.clone();
        let padded = |f: &flitz_dataflow::Field| {
            flitz_dataflow::Field::new(format!("{}0", f.name), f.data_type.clone().with_nullable(true))
        };
        schema.fields.extend(self.plan.node(right).schema.fields.iter().map(padded).collect::<Vec<_>>());
        let join = WindowJoin {
            kind: JoinKind::Left,
            left: windowed(),
            right: windowed(),
            keys: vec![JoinKey { left: 1, right: 1, null_safe: false }],
            condition: None,
        };
        self.add(&[left, right], NodeKind::WindowJoin(join), schema, ChangelogMode::INSERT_ONLY)
    }

    pub fn sink(&mut self, input: NodeId, name: &str) -> NodeId {
        let schema = self.plan.node(input).schema.clone();
        let changelog = self.plan.node(input).changelog;
        let kind = NodeKind::Sink(SinkNode {
            table: table(name, &schema),
            columns: (0..schema.len()).map(ColumnRef::Physical).collect(),
            changelog,
            rowtime: None,
            not_null: vec![],
            drop_null_rows: false,
            overwrite: false,
        });
        self.add(&[input], kind, Schema::default(), ChangelogMode::INSERT_ONLY)
    }

    pub fn collect(&mut self, input: NodeId) -> NodeId {
        let changelog = self.plan.node(input).changelog;
        self.add(&[input], NodeKind::Collect(Collect { changelog }), Schema::default(), changelog)
    }
}

/// Where `tumble` puts the bounds.
fn windowed() -> WindowBounds {
    WindowBounds { start: 3, end: 4, time_kind: TimeKind::Rowtime }
}

fn sum_of_amount() -> AggregateCall {
    AggregateCall {
        function: "SUM".to_owned(),
        args: vec![2],
        distinct: false,
        filter: None,
        data_type: TypeKind::BigInt.nullable(),
    }
}

pub struct TestJob<'a> {
    pub world: &'a World,
    pub plan: &'a StreamPlan,
    pub parallelism: usize,
    /// None: without checkpoints.
    pub checkpoints: Option<&'a Path>,
    pub clock: Arc<dyn Clock>,
    pub timeout: Duration,
    pub tolerable_failures: u64,
}

impl<'a> TestJob<'a> {
    pub fn new(world: &'a World, plan: &'a StreamPlan) -> TestJob<'a> {
        TestJob {
            world,
            plan,
            parallelism: 1,
            checkpoints: None,
            clock: Arc::new(SystemClock),
            timeout: Duration::from_secs(600),
            tolerable_failures: 0,
        }
    }

    pub fn workers(mut self, parallelism: usize) -> Self {
        self.parallelism = parallelism;
        self
    }

    pub fn checkpoints(mut self, dir: &'a Path) -> Self {
        self.checkpoints = Some(dir);
        self
    }

    pub fn clock(mut self, clock: &ManualClock) -> Self {
        self.clock = Arc::new(clock.clone());
        self
    }

    pub fn timeout(mut self, timeout: Duration, tolerable_failures: u64) -> Self {
        (self.timeout, self.tolerable_failures) = (timeout, tolerable_failures);
        self
    }

    pub fn start(&self) -> Result<JobHandle> {
        let mut config = Config::default();
        config.set("parallelism.default", self.parallelism.to_string());
        start(JobSpec {
            name: "test".to_owned(),
            plan: self.plan.clone(),
            config,
            connectors: self.world.registry(),
            clock: self.clock.clone(),
            time_zone: "UTC".to_owned(),
            catalog: "default_catalog".to_owned(),
            database: "default_database".to_owned(),
            checkpoints: CheckpointSettings {
                enabled: self.checkpoints.is_some(),
                location: self.checkpoints.map(|dir| dir.display().to_string()),
                interval: Some(Duration::from_millis(1)),
                timeout: self.timeout,
                tolerable_failures: self.tolerable_failures,
                ..CheckpointSettings::default()
            },
            memory_bytes: None,
            scratch: std::env::temp_dir(),
        })
    }

    pub fn run(&self) -> Result<JobSummary> {
        self.start()?.wait()
    }
}

/// Waits until `done`, for at most ten seconds.
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(10), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
