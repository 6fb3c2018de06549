//! Starts a job, stops it, and tells how it stands.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use flitz_dataflow::connector::{
    CommitGroup, ConnectorContext, ConnectorFactory, ConnectorRegistry, EpochSink, FollowingSink, MetadataColumn,
    ScanSpec, Sink, SinkSpec, Source, Split, TableColumn, TableDef,
};
use flitz_dataflow::options::Options;
use flitz_dataflow::{Attempt, ChangelogBatch, Clock, Epoch, Error, Place, Result, RunId};
use flitz_functions::EvalContext;
use flitz_plan::{ColumnRef, Config, NodeKind, StreamPlan, TableRef};
use flitz_state::snapshot::Snapshot;
use flitz_state::spill::Scratch;
use flitz_state::{CheckpointStore, EpochKind, Job, JobEnd, PlanNode, Recovery, ResumeInfo, Room, Start};

use crate::committer::{CommitLog, Committer, Gate, Request, Retries};
use crate::coordinator::{CheckpointTimeout, Coordinator, Event, Schedule, WorkerHandle};
use crate::exchange::{Sleeper, connect};
use crate::graph::Graph;
use crate::metrics;
use crate::operator::values;
use crate::status::{JobState, JobStatus, StatusBoard};
use crate::worker::{self, Control, Report, WorkerSeat, WorkerSetting};

/// Batches that a reader of a SELECT may be behind before sources wait for it.
const COLLECTED_MAX: usize = 64;
/// Bounds of the checkpoint interval where none is set.
const LOCAL_INTERVAL: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
const REMOTE_INTERVAL: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

#[derive(Clone)]
pub struct JobSpec {
    /// Names its checkpoints and the markers in its sinks.
    pub name: String,
    pub plan: StreamPlan,
    pub config: Config,
    pub connectors: ConnectorRegistry,
    pub clock: Arc<dyn Clock>,
    /// Session time zone, resolved: an IANA name or `UTC`.
    pub time_zone: String,
    /// Current catalog and database, for the functions of these names.
    pub catalog: String,
    pub database: String,
    pub checkpoints: CheckpointSettings,
    /// What state and buffers may take; state beyond half of it goes to disk. None: whatever there is.
    pub memory_bytes: Option<u64>,
    /// A directory of this process for side files; exists.
    pub scratch: PathBuf,
}

#[derive(Clone, Debug)]
pub struct CheckpointSettings {
    /// Without checkpoints a job begins anew each time, and its sinks commit at the end only.
    pub enabled: bool,
    /// A directory or URL; None: `CheckpointStore::default_location`.
    pub location: Option<String>,
    /// What was SET: credentials of the location among them (`s3.access-key` …).
    pub options: Options,
    /// `execution.checkpointing.interval`; None: as often as is cheap.
    pub interval: Option<Duration>,
    pub min_pause: Duration,
    /// `execution.checkpointing.timeout`
    pub timeout: Duration,
    /// `execution.checkpointing.tolerable-failed-checkpoints`
    pub tolerable_failures: u64,
    pub mode: CheckpointMode,
    pub start: Start,
}

impl Default for CheckpointSettings {
    fn default() -> CheckpointSettings {
        CheckpointSettings {
            enabled: true,
            location: None,
            options: Options::default(),
            interval: None,
            min_pause: Duration::ZERO,
            timeout: Duration::from_secs(600),
            tolerable_failures: 0,
            mode: CheckpointMode::ExactlyOnce,
            start: Start::Resume,
        }
    }
}

/// `execution.checkpointing.mode`. State is exact in both, and a sink that was asked for exactly-once is so in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckpointMode {
    #[default]
    ExactlyOnce,
    AtLeastOnce,
}

#[derive(Clone, Debug)]
pub struct JobSummary {
    /// All input was read to its end; else the job was stopped.
    pub finished: bool,
    pub records_in: u64,
    pub rows_out: u64,
    pub late_rows: u64,
    pub skipped_records: u64,
    /// Written to disk because memory was short.
    pub spilled_bytes: u64,
    pub last_epoch: Option<Epoch>,
    pub elapsed: Duration,
    /// Of a bounded job that is over: to be reported when whoever ran it is told.
    pub end: Option<JobEnd>,
}

/// A running job. Dropping it ends the job at once, as a crash would: nothing more is committed.
pub struct JobHandle {
    events: Sender<Event>,
    rows: Receiver<ChangelogBatch>,
    board: Arc<StatusBoard>,
    clock: Arc<dyn Clock>,
    coordinator: Option<JoinHandle<Result<JobSummary>>>,
    resumed: Option<ResumeInfo>,
    ended_before: Option<ResumeInfo>,
    /// Ends the threads that look for new splits.
    _discovery: Sender<()>,
}

impl JobHandle {
    /// Stops reading, finishes rows in flight, takes one checkpoint and commits it. The watermark does not
    /// move: windows that are open stay open in the checkpoint. `wait` tells when it is done.
    pub fn stop(&self) {
        let _ = self.events.send(Event::Stop);
    }

    /// A sender of `stop` that other threads may keep (a signal handler).
    pub fn stopper(&self) -> impl Fn() + Send + Sync + 'static {
        let events = self.events.clone();
        move || drop(events.send(Event::Stop))
    }

    /// The checkpoint that the job went on from; None: it began anew.
    pub fn resumed(&self) -> Option<&ResumeInfo> {
        self.resumed.as_ref()
    }

    /// The bounded job had come to its end at an earlier start whose process died before it could say so: its rows
    /// are all out, and nothing is done again. The last checkpoint of that start.
    pub fn ended_before(&self) -> Option<&ResumeInfo> {
        self.ended_before.as_ref()
    }

    /// Until the job has ended. Rows of a SELECT must be taken meanwhile, by whoever asked for `rows`.
    pub fn wait(mut self) -> Result<JobSummary> {
        self.rows = crossbeam_channel::never();
        match self.coordinator.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(Error::internal("the coordinator panicked")),
            None => Err(Error::internal("the job was waited for twice")),
        }
    }

    /// Whether `wait` returns at once.
    pub fn has_ended(&self) -> bool {
        self.coordinator.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// The rows of a SELECT. Disconnected when the job has ended and all were taken.
    pub fn rows(&self) -> Receiver<ChangelogBatch> {
        self.rows.clone()
    }

    pub fn status(&self) -> JobStatus {
        self.board.snapshot(self.clock.now_millis())
    }
}

impl Drop for JobHandle {
    fn drop(&mut self) {
        if let Some(coordinator) = self.coordinator.take() {
            let _ = self.events.send(Event::Abandon);
            self.rows = crossbeam_channel::never();
            let _ = coordinator.join();
        }
    }
}

/// Prepares tables, recovers, and sets the job going.
///
/// # Errors
/// `Invalid` and `Unsupported` for what can't be run, and whatever recovery finds.
pub fn start(spec: JobSpec) -> Result<JobHandle> {
    let started = Instant::now();
    let declared = spec.config.parallelism()?;
    let parallelism = declared.unwrap_or_else(|| workers_for(&spec.plan));
    let batch_mode = spec.config.is_batch();
    let mut eval = EvalContext::new(spec.clock.clone(), &spec.time_zone)?;
    (eval.catalog, eval.database) = (spec.catalog.clone(), spec.database.clone());
    eval.query_time_millis = batch_mode.then(|| spec.clock.now_millis());
    metrics::describe();
    let graph = Graph::new(&spec.plan, parallelism)?;

    // Connectors see what was asked for: how many workers we choose must not show in what they print or count.
    let ends = Ends::new(&spec, declared.unwrap_or(1))?;
    check_interval(&spec.checkpoints, batch_mode, &ends)?;
    let mut recovered = match recover(&spec, &ends).map_err(|e| ends.locate(e))? {
        Recovered::Ready(ready) => *ready,
        Recovered::Over(end, info) => return over(spec, &ends, end, info, started),
    };
    let splits = discover(&spec.plan, &ends.sources, recovered.snapshot.as_ref())?;
    let epoch = begin(&mut recovered, &ends, &splits)?;

    let resumed_from = recovered.snapshot.as_ref().map(|s| s.epoch);
    let now = spec.clock.now_millis();
    let board = Arc::new(StatusBoard::new(&spec.name, &spec.plan, parallelism, resumed_from, now));
    let (collected, rows) = bounded(COLLECTED_MAX);
    let (events, received) = unbounded();
    let plan = Arc::new(spec.plan);
    let setting = Arc::new(WorkerSetting {
        job: spec.name.clone(),
        plan: plan.clone(),
        graph,
        parallelism,
        batch_mode,
        clock: spec.clock.clone(),
        eval,
        sources: ends.sources.clone(),
        sinks: ends.sinks.clone(),
        board: board.clone(),
        collected,
        memory_bytes: spec.memory_bytes,
        scratch: recovered.scratch.clone(),
    });
    let (seats, assigned) = assign(&splits, parallelism);
    let workers = spawn_workers(&setting, seats, recovered.snapshot.take().map(Arc::new), &events)?;
    drop(setting);
    let abort = |workers: Vec<WorkerHandle>, error: Error| {
        for worker in &workers {
            let _ = worker.control.send(Control::Abort);
            worker.sleeper.wake();
        }
        workers.into_iter().for_each(|worker| drop(worker.thread.join()));
        if let Some(sink) = &ends.deciding {
            // The error that ended the start is the one to tell.
            let _ = sink.abort();
        }
        error
    };
    if let Err(error) = wait_until_ready(&received, parallelism) {
        return Err(abort(workers, error));
    }

    let gate = Arc::new(Gate::default());
    let committer = Committer {
        log: recovered.log,
        deciding: ends.deciding.clone(),
        following: ends.following.clone(),
        sources: ends.sources.clone(),
        gate: gate.clone(),
        retries: Retries {
            count: spec.checkpoints.tolerable_failures,
            pause: spec.checkpoints.interval.unwrap_or(Duration::from_secs(1)),
        },
    };
    let (requests, to_commit) = unbounded::<Request>();
    let told = events.clone();
    let committer_thread = match spawn("flitz-commit", move || committer.run(to_commit, told)) {
        Ok(thread) => thread,
        Err(error) => return Err(abort(workers, error)),
    };
    let coordinator = Coordinator {
        job: spec.name,
        clock: spec.clock.clone(),
        board: board.clone(),
        workers,
        events: received,
        committer: requests,
        committer_thread,
        deciding: ends.deciding.clone(),
        gate,
        schedule: schedule(&spec.checkpoints, batch_mode, &recovered.location),
        timeout: CheckpointTimeout { each: spec.checkpoints.timeout, tolerated: spec.checkpoints.tolerable_failures },
        epoch,
        assigned,
        memory_bytes: spec.memory_bytes,
        scratch: recovered.scratch.clone(),
        started,
    };
    let (discovery, ended) = bounded(0);
    watch_for_splits(&plan, &ends.sources, splits, &events, &ended)?;
    board.set_state(JobState::Running);
    for worker in &coordinator.workers {
        let _ = worker.control.send(Control::Start);
        worker.sleeper.wake();
    }
    let coordinator = spawn("flitz-coordinator", move || coordinator.run())?;
    Ok(JobHandle {
        events,
        rows,
        board,
        clock: spec.clock,
        coordinator: Some(coordinator),
        resumed: recovered.resumed,
        ended_before: None,
        _discovery: discovery,
    })
}

/// A job that was over before: there is nothing to run, only an end to be waited for.
fn over(spec: JobSpec, ends: &Ends, end: JobEnd, info: ResumeInfo, started: Instant) -> Result<JobHandle> {
    if let Some(sink) = &ends.deciding {
        sink.abort()?;
    }
    let board = Arc::new(StatusBoard::new(&spec.name, &spec.plan, 1, Some(info.epoch), spec.clock.now_millis()));
    board.set_state(JobState::Finished);
    let summary = JobSummary {
        finished: true,
        records_in: 0,
        rows_out: 0,
        late_rows: 0,
        skipped_records: 0,
        spilled_bytes: 0,
        last_epoch: Some(info.epoch),
        elapsed: started.elapsed(),
        end: Some(end),
    };
    Ok(JobHandle {
        events: unbounded().0,
        rows: bounded(0).1,
        board,
        clock: spec.clock,
        coordinator: Some(spawn("flitz-coordinator", move || Ok(summary))?),
        resumed: None,
        ended_before: Some(info),
        _discovery: bounded(0).0,
    })
}

/// An epoch whose transaction times out before it is committed is lost, and so is the next.
fn check_interval(settings: &CheckpointSettings, batch_mode: bool, ends: &Ends) -> Result<()> {
    let Some(timeout) = ends.deciding.as_ref().and_then(|sink| sink.transaction_timeout()) else { return Ok(()) };
    let interval = match settings.interval {
        Some(interval) if settings.enabled && !batch_mode => interval.max(settings.min_pause),
        _ => return Ok(()),
    };
    if interval * 2 < timeout {
        return Ok(());
    }
    let text = format!(
        "a checkpoint every {} s is too seldom for transactions of {} s: the interval must stay below half of that",
        interval.as_secs_f64(),
        timeout.as_secs_f64()
    );
    Err(Error::invalid(text)
        .option("execution.checkpointing.interval")
        .hint("checkpoint more often, or raise 'properties.transaction.timeout.ms' (and the broker's transaction.max.timeout.ms)"))
}

/// One worker per core where the input comes in partitions with watermarks of their own (Kafka). Other sources have
/// one watermark for all they read, so which rows are late depends on the order of reading: one worker reads them
/// in the order in which Flink does at its default parallelism of 1.
fn workers_for(plan: &StreamPlan) -> usize {
    let partitioned = plan.sources().any(|(_, source)| source.watermark_push_down);
    if partitioned { thread::available_parallelism().map_or(1, usize::from) } else { 1 }
}

fn schedule(settings: &CheckpointSettings, batch_mode: bool, location: &str) -> Schedule {
    if !settings.enabled || batch_mode {
        return Schedule::AtEnd;
    }
    match settings.interval {
        Some(interval) => Schedule::Every { interval, min_pause: settings.min_pause },
        None => {
            let remote = location.contains("://") && !location.starts_with("file:");
            let (least, most) = if remote { REMOTE_INTERVAL } else { LOCAL_INTERVAL };
            Schedule::Adaptive { least, most }
        }
    }
}

// --------------------------------------------------------------------------------------- sources and sinks

/// The outer ends of the plan, by plan node.
struct Ends {
    sources: BTreeMap<usize, Arc<dyn Source>>,
    sinks: BTreeMap<usize, Arc<dyn Sink>>,
    following: BTreeMap<usize, Arc<dyn FollowingSink>>,
    deciding: Option<Arc<dyn EpochSink>>,
    /// The first table that it writes.
    decided: Option<TableRef>,
}

impl Ends {
    fn new(spec: &JobSpec, parallelism: usize) -> Result<Ends> {
        let context = ConnectorContext {
            job: spec.name.clone(),
            clock: spec.clock.clone(),
            time_zone: spec.time_zone.clone(),
            checkpoints: spec.checkpoints.enabled,
            parallelism,
            scratch: spec.scratch.clone(),
            settings: spec.checkpoints.options.clone(),
        };
        let mut ends = Ends {
            sources: BTreeMap::new(),
            sinks: BTreeMap::new(),
            following: BTreeMap::new(),
            deciding: None,
            decided: None,
        };
        let in_table = |table: &TableRef| {
            let name = table.name.clone();
            move |error: Error| error.in_table(&name)
        };
        for (id, node) in spec.plan.sources() {
            let (table, factory) = table(&spec.connectors, &node.table)?;
            factory.prepare(&table).map_err(in_table(&node.table))?;
            let columns = columns(factory.as_ref(), &table, &node.columns)?;
            let scan = ScanSpec { table, columns, limit: None };
            ends.sources.insert(id.0, factory.source(&scan, &context).map_err(in_table(&node.table))?);
        }
        for (id, node) in spec.plan.sinks() {
            let (table, factory) = table(&spec.connectors, &node.table)?;
            factory.prepare(&table).map_err(in_table(&node.table))?;
            let columns = columns(factory.as_ref(), &table, &node.columns)?;
            let written = SinkSpec { table, columns, changelog: node.changelog, rowtime: node.rowtime };
            let sink = match node.overwrite {
                true => factory.overwriting_sink(&written, &context),
                false => factory.sink(&written, &context),
            };
            let sink = sink.map_err(in_table(&node.table))?;
            match sink.commit_group() {
                CommitGroup::None => {}
                CommitGroup::Following(following) => {
                    ends.following.insert(id.0, following);
                }
                CommitGroup::Deciding(deciding) => {
                    ends.decide(deciding)?;
                    ends.decided.get_or_insert_with(|| node.table.clone());
                }
            }
            ends.sinks.insert(id.0, sink);
        }
        Ok(ends)
    }

    /// What the deciding sink says about an option is about its table.
    fn locate(&self, error: Error) -> Error {
        match (&error.place, &self.decided) {
            (Some(Place::Option(key)), Some(table)) if table.options.contains_key(key) => error.in_table(&table.name),
            _ => error,
        }
    }

    fn decide(&mut self, sink: Arc<dyn EpochSink>) -> Result<()> {
        match &self.deciding {
            Some(first) if first.id() != sink.id() => Err(Error::unsupported(format!(
                "exactly-once into several systems in one job ({} and {})",
                first.id(),
                sink.id()
            ))
            .hint(
                "give them one transaction (the same address and 'sink.transactional-id-prefix'), \
                 or run them as two jobs",
            )),
            _ => {
                self.deciding = Some(sink);
                Ok(())
            }
        }
    }
}

fn table<'a>(connectors: &'a ConnectorRegistry, table: &TableRef) -> Result<(TableDef, &'a Arc<dyn ConnectorFactory>)> {
    let table = TableDef {
        name: table.name.clone(),
        options: table.options.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        physical: table.physical.clone(),
        primary_key: table.primary_key.clone(),
        partition_keys: table.partition_keys.clone(),
    };
    let factory = connectors.of(&table)?;
    Ok((table, factory))
}

fn columns(factory: &dyn ConnectorFactory, table: &TableDef, columns: &[ColumnRef]) -> Result<Vec<TableColumn>> {
    let known = factory.describe(table)?.metadata;
    let column = |column: &ColumnRef| match column {
        ColumnRef::Physical(i) => TableColumn::Physical(*i),
        ColumnRef::Metadata { key, data_type } => {
            let writable = known.iter().any(|m| m.key == *key && m.writable);
            TableColumn::Metadata(MetadataColumn { key: key.clone(), data_type: data_type.clone(), writable })
        }
    };
    Ok(columns.iter().map(column).collect())
}

// ------------------------------------------------------------------------------------------------ recovery

enum Recovered {
    Ready(Box<Ready>),
    Over(JobEnd, ResumeInfo),
}

struct Ready {
    log: CommitLog,
    snapshot: Option<Snapshot>,
    next_epoch: Epoch,
    resumed: Option<ResumeInfo>,
    location: String,
    scratch: Arc<Scratch>,
}

fn recover(spec: &JobSpec, ends: &Ends) -> Result<Recovered> {
    let settings = &spec.checkpoints;
    if !settings.enabled {
        let run = RunId(format!("{:x}-{:x}", spec.clock.now_millis(), std::process::id()));
        if let Some(sink) = &ends.deciding {
            sink.fence(&spec.name, Attempt(0))?;
        }
        let log = CommitLog::None { job: spec.name.clone(), run };
        let (location, scratch) = (String::new(), scratch(spec, None)?);
        let ready = Ready { log, snapshot: None, next_epoch: Epoch(1), resumed: None, location, scratch };
        return Ok(Recovered::Ready(Box::new(ready)));
    }
    let location = match &settings.location {
        Some(location) => location.clone(),
        None => CheckpointStore::default_location()?,
    };
    let store = CheckpointStore::open(&location, &spec.name, &settings.options)?;
    let scratch = scratch(spec, Some(store.place()))?;
    let job = Job {
        query: &fingerprint(&spec.plan),
        nodes: &plan_nodes(&spec.plan),
        deciding: ends.deciding.as_deref(),
        following: &ends.following,
        // Operators hold what they restore twice: as runs and in their tables.
        room: spec.memory_bytes.map(|bytes| Room { memory_bytes: bytes / 2, scratch: scratch.clone() }),
    };
    let mut session = match store.recover(&job, settings.start.clone())? {
        Recovery::Ready(session) => session,
        Recovery::Over(end, info) => return Ok(Recovered::Over(end, info)),
    };
    let snapshot = session.snapshot.take();
    let (next_epoch, resumed) = (session.next_epoch, session.resumed.take());
    let ready = Ready { log: CommitLog::Session(session), snapshot, next_epoch, resumed, location, scratch };
    Ok(Recovered::Ready(Box::new(ready)))
}

/// Where state goes that memory can't hold: what `io.tmp.dirs` names, else the job's folder of checkpoints or where
/// that would be by default (a disk; the system's folder for temporary files often is memory).
fn scratch(spec: &JobSpec, place: Option<&str>) -> Result<Arc<Scratch>> {
    let named = spec.config.get("io.tmp.dirs").unwrap_or_default();
    let named: Vec<PathBuf> =
        named.split([',', '|', ':']).map(str::trim).filter(|folder| !folder.is_empty()).map(PathBuf::from).collect();
    if !named.is_empty() {
        return Ok(Arc::new(Scratch::new(named)?));
    }
    let local = place.filter(|place| !place.contains("://")).map(PathBuf::from);
    let folder = match local.filter(|place| !place.starts_with(&spec.scratch)) {
        Some(place) => place,
        None => CheckpointStore::default_location().map_or_else(|_| spec.scratch.clone(), PathBuf::from),
    };
    Ok(Arc::new(Scratch::new(vec![folder])?))
}

/// The same for the same query, wherever its tables are.
fn fingerprint(plan: &StreamPlan) -> String {
    let mut text = plan.to_string();
    for node in &plan.nodes {
        if let NodeKind::Values { rows } = &node.kind {
            text.push_str(&format!("{rows:?}"));
        }
    }
    // FNV-1a: the same in every build.
    let hash =
        text.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    format!("{hash:016x}")
}

/// Every node that has something in a snapshot. Of several nodes of equal identity the later ones are numbered.
fn plan_nodes(plan: &StreamPlan) -> Vec<PlanNode> {
    let mut nodes: Vec<PlanNode> = vec![];
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (id, node) in plan.nodes.iter().enumerate() {
        let key = match &node.kind {
            NodeKind::Source(s) => Some(format!("source {}", s.table.name)),
            NodeKind::Sink(s) => Some(format!("sink {}", s.table.name)),
            NodeKind::Values { .. } => Some("values".to_owned()),
            _ => node.state_key(),
        };
        let Some(mut key) = key else { continue };
        let count = seen.entry(key.clone()).or_default();
        *count += 1;
        if *count > 1 {
            key = format!("{key} #{count}");
        }
        nodes.push(PlanNode { node: id, key, description: plan.describe(node) });
    }
    nodes
}

/// All splits of all sources: restored ones where the checkpoint left them, and what has come since.
fn discover(
    plan: &StreamPlan,
    sources: &BTreeMap<usize, Arc<dyn Source>>,
    restored: Option<&Snapshot>,
) -> Result<BTreeMap<usize, Vec<Split>>> {
    let known = |node: &usize| restored.and_then(|s| s.splits.get(node)).cloned().unwrap_or_default();
    let look = |node: &usize, source: &Arc<dyn Source>| -> Result<(usize, Vec<Split>)> {
        let mut splits = known(node);
        let in_table = |e: Error| match plan.sources().find(|(id, _)| id.0 == *node) {
            Some((_, source)) => e.in_table(&source.table.name),
            None => e,
        };
        let new = source.discover(&splits).map_err(in_table)?;
        splits.extend(new);
        Ok((*node, splits))
    };
    // Each may wait for its system.
    let found: Vec<Result<(usize, Vec<Split>)>> = thread::scope(|scope| {
        let threads: Vec<_> = sources.iter().map(|(node, source)| scope.spawn(move || look(node, source))).collect();
        let died = |_| Err(Error::internal("looking for splits panicked"));
        threads.into_iter().map(|t| t.join().unwrap_or_else(died)).collect()
    });
    let mut splits = found.into_iter().collect::<Result<BTreeMap<_, _>>>()?;
    for (id, node) in plan.nodes.iter().enumerate() {
        if matches!(node.kind, NodeKind::Values { .. }) {
            let before = known(&id);
            splits.insert(id, vec![values::split(values::was_emitted(&before))]);
        }
    }
    Ok(splits)
}

/// Opens the first transaction; before it, at a first start, makes the start positions durable as epoch 0.
fn begin(recovered: &mut Ready, ends: &Ends, splits: &BTreeMap<usize, Vec<Split>>) -> Result<Epoch> {
    let first = recovered.next_epoch;
    let Ready { log: CommitLog::Session(session), snapshot: None, .. } = recovered else {
        if let Some(sink) = &ends.deciding {
            sink.begin(first)?;
        }
        return Ok(first);
    };
    let start = Snapshot { epoch: first, splits: splits.clone(), ..Snapshot::default() };
    if let Some(sink) = &ends.deciding {
        sink.begin(first)?;
        sink.flush(first)?;
    }
    session.write(&start, EpochKind::Commits)?;
    if let Some(sink) = &ends.deciding {
        sink.commit(&session.marker(first))?;
    }
    session.confirm(first)?;
    if let Some(sink) = &ends.deciding {
        sink.begin(first.next())?;
    }
    Ok(first.next())
}

// ------------------------------------------------------------------------------------------------- threads

type Seats = Vec<BTreeMap<usize, Vec<Split>>>;

/// Splits in the order of their ids, in turn to the workers; how many each has, by source.
fn assign(splits: &BTreeMap<usize, Vec<Split>>, parallelism: usize) -> (Seats, BTreeMap<usize, Vec<usize>>) {
    let mut seats: Seats = vec![BTreeMap::new(); parallelism];
    let mut counts = BTreeMap::new();
    for (node, splits) in splits {
        let mut sorted = splits.clone();
        sorted.sort_by(|a, b| natural(&a.id).cmp(&natural(&b.id)));
        let counts: &mut Vec<usize> = counts.entry(*node).or_insert_with(|| vec![0; parallelism]);
        for (i, split) in sorted.into_iter().enumerate() {
            let worker = i % parallelism;
            counts[worker] += 1;
            seats[worker].entry(*node).or_default().push(split);
        }
    }
    (seats, counts)
}

/// `orders-10` after `orders-9`.
fn natural(id: &str) -> (&str, u64, &str) {
    let digits = id.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (name, number) = id.split_at(id.len() - digits);
    (name, number.parse().unwrap_or(u64::MAX), number)
}

fn spawn_workers(
    setting: &Arc<WorkerSetting>,
    seats: Seats,
    restored: Option<Arc<Snapshot>>,
    events: &Sender<Event>,
) -> Result<Vec<WorkerHandle>> {
    let sleepers: Vec<Sleeper> = seats.iter().map(|_| Sleeper::default()).collect();
    let links = connect(&sleepers);
    let mut workers = vec![];
    for (worker, (splits, links)) in seats.into_iter().zip(links).enumerate() {
        let (control, obeyed) = unbounded();
        let events = events.clone();
        let seat = WorkerSeat {
            restored: restored.clone(),
            worker,
            splits,
            links,
            sleeper: sleepers[worker].clone(),
            control: obeyed,
            report: Arc::new(move |worker, report| drop(events.send(Event::Worker(worker, report)))),
        };
        let setting = setting.clone();
        let thread = spawn(&format!("flitz-worker-{worker}"), move || worker::run(setting, seat))?;
        workers.push(WorkerHandle { control, sleeper: sleepers[worker].clone(), thread });
    }
    Ok(workers)
}

/// All workers have their readers, writers and state.
fn wait_until_ready(events: &Receiver<Event>, workers: usize) -> Result<()> {
    let mut ready = 0;
    while ready < workers {
        match events.recv() {
            Ok(Event::Worker(_, Report::Ready)) => ready += 1,
            Ok(Event::Worker(_, Report::Failed(error))) => return Err(error),
            Ok(_) => {}
            Err(_) => return Err(Error::internal("the workers have gone")),
        }
    }
    Ok(())
}

/// Looks for new splits of sources that grow, until `ended` is disconnected.
fn watch_for_splits(
    plan: &StreamPlan,
    sources: &BTreeMap<usize, Arc<dyn Source>>,
    mut splits: BTreeMap<usize, Vec<Split>>,
    events: &Sender<Event>,
    ended: &Receiver<()>,
) -> Result<()> {
    for (id, node) in plan.sources() {
        let Some(source) = sources.get(&id.0).filter(|_| !node.bounded).cloned() else { continue };
        let Some(interval) = source.discovery_interval() else { continue };
        let (events, ended) = (events.clone(), ended.clone());
        let mut known = splits.remove(&id.0).unwrap_or_default();
        spawn("flitz-discovery", move || {
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(interval) {
                let found = source.discover(&known);
                if let Ok(new) = &found {
                    known.extend(new.iter().cloned());
                    if new.is_empty() {
                        continue;
                    }
                }
                if events.send(Event::Discovered(id.0, found)).is_err() {
                    return;
                }
            }
        })?;
    }
    Ok(())
}

fn spawn<T: Send + 'static>(name: &str, body: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|e| Error::unavailable(format!("cannot start a thread: {e}")))
}
