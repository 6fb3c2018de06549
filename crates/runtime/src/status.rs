//! What a running job shows of itself: a cheap snapshot, at most [`PUBLISH_MILLIS`] old.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use flitz_dataflow::{Epoch, Watermark};
use flitz_plan::{NodeKind, StreamPlan};

/// How often a busy worker publishes its figures.
pub const PUBLISH_MILLIS: u64 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    Starting,
    Running,
    /// No more rows are read; the last checkpoint is under way.
    Stopping,
    /// The input was read to its end, or the job was stopped.
    Finished,
    Failed,
}

#[derive(Clone, Debug)]
pub struct JobStatus {
    pub job: String,
    pub state: JobState,
    pub uptime_millis: i64,
    pub sources: Vec<SourceStatus>,
    pub operators: Vec<OperatorStatus>,
    pub sinks: Vec<SinkStatus>,
    pub checkpoint: CheckpointStatus,
    /// The checkpoint that the job began from; None: it began anew.
    pub resumed_from: Option<Epoch>,
}

#[derive(Clone, Debug, Default)]
pub struct SourceStatus {
    /// Position in the plan.
    pub node: usize,
    pub table: String,
    pub records: u64,
    pub bytes: u64,
    /// Unreadable records that an option says to skip.
    pub skipped: u64,
    pub splits: Vec<SplitStatus>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitStatus {
    pub id: String,
    pub worker: usize,
    pub records: u64,
    pub bytes: u64,
    /// None: its table has no watermark, or the source has one for all its splits together.
    pub watermark: Option<Watermark>,
    pub idle: bool,
    /// Read to its end.
    pub finished: bool,
    /// Records known to wait; None if unknown.
    pub lag: Option<u64>,
}

/// One plan node, all workers together.
#[derive(Clone, Debug)]
pub struct OperatorStatus {
    pub node: usize,
    /// As in EXPLAIN.
    pub name: String,
    pub rows_in: u64,
    pub rows_out: u64,
    pub state_rows: u64,
    /// In memory.
    pub state_bytes: u64,
    /// On disk, for want of memory.
    pub spilled_bytes: u64,
    pub late_rows: u64,
    /// The least of its workers, those that have none left out.
    pub watermark: Watermark,
}

#[derive(Clone, Debug)]
pub struct SinkStatus {
    pub node: usize,
    pub table: String,
    pub rows: u64,
    /// 0 if the connector does not count.
    pub bytes: u64,
}

#[derive(Clone, Debug, Default)]
pub struct CheckpointStatus {
    pub completed: u64,
    pub last_epoch: Option<Epoch>,
    pub last_duration_millis: i64,
    pub last_bytes: u64,
    /// When the last one was complete, on the job's clock.
    pub last_completed_millis: Option<i64>,
    /// Since then, at the time of the snapshot.
    pub age_millis: Option<i64>,
}

impl JobStatus {
    pub fn records_in(&self) -> u64 {
        self.sources.iter().map(|s| s.records).sum()
    }

    /// Rows that went to sinks or to the reader of a SELECT.
    pub fn rows_out(&self) -> u64 {
        self.sinks.iter().map(|s| s.rows).sum()
    }

    pub fn late_rows(&self) -> u64 {
        self.operators.iter().map(|o| o.late_rows).sum()
    }

    pub fn skipped_records(&self) -> u64 {
        self.sources.iter().map(|s| s.skipped).sum()
    }

    pub fn state_bytes(&self) -> u64 {
        self.operators.iter().map(|o| o.state_bytes).sum()
    }

    pub fn spilled_bytes(&self) -> u64 {
        self.operators.iter().map(|o| o.spilled_bytes).sum()
    }

    /// Why rows came in and none went out, in a sentence or two; None if there is nothing to explain.
    pub fn explain_silence(&self) -> Option<String> {
        if self.rows_out() > 0 || self.state != JobState::Running {
            return None;
        }
        if self.records_in() == 0 {
            let skipped = self.skipped_records();
            if skipped > 0 {
                return Some(format!("all {skipped} records so far were unreadable and skipped"));
            }
            let tables: Vec<&str> = self.sources.iter().map(|s| s.table.as_str()).collect();
            return (!tables.is_empty()).then(|| format!("no record has come from {}", tables.join(", ")));
        }
        if let Some(text) = self.explain_watermark() {
            return Some(text);
        }
        let late = self.late_rows();
        if late > 0 {
            return Some(format!(
                "{late} rows came after their window had fired and were dropped; \
                 a larger delay in WATERMARK FOR keeps windows open for longer"
            ));
        }
        let silent = self.operators.iter().find(|o| o.rows_in > 0 && o.rows_out == 0)?;
        Some(format!("{} rows came to {} and none passed", silent.rows_in, silent.name))
    }

    /// Names the split that holds the watermark back.
    fn explain_watermark(&self) -> Option<String> {
        let waits = |o: &&OperatorStatus| o.rows_in > 0 && o.rows_out == 0 && o.name.contains("window=[");
        let window = self.operators.iter().find(waits)?;
        let splits = self.sources.iter().flat_map(|source| source.splits.iter().map(move |split| (source, split)));
        let counting = splits.filter(|(_, split)| split.watermark.is_some() && !split.idle && !split.finished);
        let Some((source, split)) = counting.min_by_key(|(_, split)| split.watermark) else {
            let silent = |source: &&SourceStatus| source.splits.iter().any(|s| s.watermark.is_some() && s.idle);
            let table = &self.sources.iter().find(silent)?.table;
            let stays = match window.watermark {
                Watermark::MIN => "there is no watermark".to_owned(),
                watermark => format!("the watermark stays at {watermark}"),
            };
            return Some(format!(
                "no window has ended: all partitions of {table} are silent, and {stays} until more rows come"
            ));
        };
        let mut text = match split.watermark {
            Some(Watermark::MIN) => format!(
                "no window has ended: {} of {} has shown no row yet and holds the watermark back",
                split.id, source.table
            ),
            watermark => format!(
                "no window has ended: the watermark is at {}, held by {} of {}",
                watermark.unwrap_or(Watermark::MIN),
                split.id,
                source.table
            ),
        };
        if window.watermark < split.watermark.unwrap_or(Watermark::MIN) {
            text.push_str(&format!(" ({} has come to {})", window.name, window.watermark));
        }
        text.push_str("; SET 'table.exec.source.idle-timeout' = '5 s' leaves silent partitions out");
        Some(text)
    }
}

/// Where workers and the coordinator leave their figures.
pub struct StatusBoard {
    job: String,
    started_millis: i64,
    plan_nodes: Vec<PlanNodeInfo>,
    workers: Vec<Mutex<WorkerFigures>>,
    checkpoint: Mutex<CheckpointStatus>,
    resumed_from: Option<Epoch>,
    state: AtomicU8,
    /// Counts whatever may have changed the state of the job: batches, results of timers, new splits.
    activity: AtomicU64,
    /// The coordinator wants to hear of the next activity.
    awaited: AtomicBool,
}

struct PlanNodeInfo {
    name: String,
    /// Of sources and sinks.
    table: Option<String>,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Source,
    Operator,
    Sink,
}

/// One worker's figures.
#[derive(Clone, Debug, Default)]
pub struct WorkerFigures {
    /// By plan node.
    pub sources: BTreeMap<usize, SourceStatus>,
    pub operators: Vec<OperatorFigures>,
    pub sink_bytes: BTreeMap<usize, u64>,
    /// State, rows held back, rows on their way.
    pub memory_bytes: u64,
    /// Written to scratch files since the job started, by all workers; one of them tells.
    pub spill_written_bytes: u64,
}

#[derive(Clone, Copy, Debug)]
pub struct OperatorFigures {
    pub plan_node: usize,
    pub rows_in: u64,
    pub rows_out: u64,
    pub state_rows: u64,
    pub state_bytes: u64,
    pub spilled_bytes: u64,
    pub late_rows: u64,
    pub watermark: Watermark,
}

impl StatusBoard {
    pub fn new(
        job: &str,
        plan: &StreamPlan,
        workers: usize,
        resumed_from: Option<Epoch>,
        now_millis: i64,
    ) -> StatusBoard {
        let info = |node: &flitz_plan::Node| match &node.kind {
            NodeKind::Source(s) => (Some(s.table.name.clone()), Role::Source),
            NodeKind::Sink(s) => (Some(s.table.name.clone()), Role::Sink),
            NodeKind::Collect(_) => (Some("SELECT".to_owned()), Role::Sink),
            _ => (None, Role::Operator),
        };
        let plan_nodes = plan.nodes.iter().map(|node| {
            let (table, role) = info(node);
            PlanNodeInfo { name: plan.describe(node), table, role }
        });
        StatusBoard {
            job: job.to_owned(),
            started_millis: now_millis,
            plan_nodes: plan_nodes.collect(),
            workers: (0..workers).map(|_| Mutex::default()).collect(),
            checkpoint: Mutex::default(),
            resumed_from,
            state: AtomicU8::new(JobState::Starting as u8),
            activity: AtomicU64::new(0),
            awaited: AtomicBool::new(false),
        }
    }

    pub fn publish(&self, worker: usize, figures: WorkerFigures) {
        *lock(&self.workers[worker]) = figures;
    }

    /// True if the coordinator sleeps until there is some.
    pub fn note_activity(&self) -> bool {
        self.activity.fetch_add(1, Ordering::SeqCst);
        self.awaited.load(Ordering::SeqCst) && self.awaited.swap(false, Ordering::SeqCst)
    }

    /// Asks to be told of activity later than `seen`; false if there has been some.
    pub fn await_activity(&self, seen: u64) -> bool {
        self.awaited.store(true, Ordering::SeqCst);
        self.activity.load(Ordering::SeqCst) == seen
    }

    pub fn activity(&self) -> u64 {
        self.activity.load(Ordering::Relaxed)
    }

    pub fn set_state(&self, state: JobState) {
        self.state.store(state as u8, Ordering::Relaxed);
    }

    pub fn update_checkpoint(&self, update: impl FnOnce(&mut CheckpointStatus)) {
        update(&mut lock(&self.checkpoint));
    }

    pub fn memory_bytes(&self) -> u64 {
        self.workers.iter().map(|w| lock(w).memory_bytes).sum()
    }

    pub fn snapshot(&self, now_millis: i64) -> JobStatus {
        let workers: Vec<WorkerFigures> = self.workers.iter().map(|w| lock(w).clone()).collect();
        let mut checkpoint = lock(&self.checkpoint).clone();
        checkpoint.age_millis = checkpoint.last_completed_millis.map(|then| now_millis - then);
        let mut status = JobStatus {
            job: self.job.clone(),
            state: match self.state.load(Ordering::Relaxed) {
                0 => JobState::Starting,
                1 => JobState::Running,
                2 => JobState::Stopping,
                3 => JobState::Finished,
                _ => JobState::Failed,
            },
            uptime_millis: now_millis - self.started_millis,
            sources: vec![],
            operators: vec![],
            sinks: vec![],
            checkpoint,
            resumed_from: self.resumed_from,
        };
        for (node, info) in self.plan_nodes.iter().enumerate() {
            let figures = workers.iter().flat_map(|w| &w.operators).filter(|o| o.plan_node == node);
            let table = info.table.clone().unwrap_or_default();
            match info.role {
                Role::Source => {
                    let mut source = SourceStatus { node, table, ..SourceStatus::default() };
                    for part in workers.iter().filter_map(|w| w.sources.get(&node)) {
                        source.records += part.records;
                        source.bytes += part.bytes;
                        source.skipped += part.skipped;
                        source.splits.extend(part.splits.iter().cloned());
                    }
                    source.splits.sort_by(|a, b| a.id.cmp(&b.id));
                    status.sources.push(source);
                }
                Role::Sink => status.sinks.push(SinkStatus {
                    node,
                    table,
                    rows: figures.map(|f| f.rows_out).sum(),
                    bytes: workers.iter().filter_map(|w| w.sink_bytes.get(&node)).sum(),
                }),
                Role::Operator => {
                    let mut sum = OperatorStatus {
                        node,
                        name: info.name.clone(),
                        rows_in: 0,
                        rows_out: 0,
                        state_rows: 0,
                        state_bytes: 0,
                        spilled_bytes: 0,
                        late_rows: 0,
                        watermark: Watermark::MIN,
                    };
                    for f in figures {
                        sum.rows_in += f.rows_in;
                        sum.rows_out += f.rows_out;
                        sum.state_rows += f.state_rows;
                        sum.state_bytes += f.state_bytes;
                        sum.spilled_bytes += f.spilled_bytes;
                        sum.late_rows += f.late_rows;
                        // A worker without splits has none and holds nothing back.
                        if sum.watermark == Watermark::MIN
                            || (f.watermark > Watermark::MIN && f.watermark < sum.watermark)
                        {
                            sum.watermark = f.watermark;
                        }
                    }
                    status.operators.push(sum);
                }
            }
        }
        status
    }
}

impl Default for OperatorFigures {
    fn default() -> OperatorFigures {
        OperatorFigures {
            plan_node: 0,
            rows_in: 0,
            rows_out: 0,
            state_rows: 0,
            state_bytes: 0,
            spilled_bytes: 0,
            late_rows: 0,
            watermark: Watermark::MIN,
        }
    }
}

/// Figures stay usable if a thread died while it wrote them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
