//! One thread with one copy of the pipeline.
//!
//! A round of its loop: obey the coordinator, move overflow on, take what other workers sent, run timers, then
//! poll each source once and push what came through the task. A round that found nothing to do ends in sleep;
//! sources, other workers and the coordinator wake the thread, and so does the next timer.
//!
//! Sources are not polled while anything downstream has no room: the exchange overflows, a sink holds much
//! back, the reader of a SELECT is slow. Everything else goes on.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use flitz_dataflow::connector::{ReadEvent, Sink, Source, SourceReader, Split, SplitRows};
use flitz_dataflow::{ChangelogBatch, Clock, Epoch, Error, Result};
use flitz_functions::EvalContext;
use flitz_plan::{Expr, Node, NodeKind, StreamPlan};
use flitz_state::snapshot::Snapshot;
use flitz_state::spill::Scratch;

use crate::exchange::{Incoming, Links, Sleeper};
use crate::graph::{Graph, Half};
use crate::metrics::WorkerMetrics;
use crate::operator::collect::CollectOperator;
use crate::operator::sink::SinkOperator;
use crate::operator::spilling::Spilling;
use crate::operator::watermark::{WatermarkGenerator, WatermarkSetting};
use crate::operator::{self, OperatorContext, OperatorSnapshot, Share, values};
use crate::status::{OperatorFigures, PUBLISH_MILLIS, SourceStatus, SplitStatus, StatusBoard, WorkerFigures};
use crate::task::{Logic, Task, TaskSnapshot};

/// A sink that holds back more than this many bytes stops the sources.
const HELD_BYTES_MAX: usize = 16 << 20;
/// Messages taken from one peer in a round.
const RECEIVE_MAX: usize = 64;
/// Longest sleep: writers want a tick every so often, and a test's clock may have moved.
const SLEEP_MAX: Duration = Duration::from_millis(10);
/// A worker that has not polled for so long (a long computation, a stopped process, a machine that slept) does
/// not know whether its splits were silent.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// How often state is compared with the memory there is.
const SPILL_CHECK: Duration = Duration::from_millis(5);
/// Of state on disk a worker reads this part of its share at a time.
const PARTS_OF_SHARE: usize = 8;

/// How many rows an operator emits at a time: an eighth of the share at 256 bytes each.
const OUTPUT_PARTS_OF_SHARE: usize = 8 * 256;
const OUTPUT_ROWS_MIN: usize = 8_192;
const OUTPUT_ROWS_MAX: usize = 65_536;

/// How often figures are published: while busy, and when work has just ceased.
const PUBLISH_BUSY: Duration = Duration::from_millis(PUBLISH_MILLIS);
const PUBLISH_IDLE: Duration = Duration::from_millis(20);

/// What the coordinator tells a worker.
#[derive(Debug)]
pub enum Control {
    /// All workers are ready: read.
    Start,
    /// Put the barrier into the sources. `last`: nothing may change after this snapshot.
    Checkpoint { epoch: Epoch, last: bool },
    /// The epoch is committed.
    Release(Epoch),
    /// New splits of a source, by plan node.
    AddSplits(usize, Vec<Split>),
    /// Read nothing more; what is on its way still goes through.
    StopReading,
    /// The last checkpoint is committed: finish writers and return.
    Exit,
    /// Return at once.
    Abort,
}

/// What a worker tells the coordinator.
#[derive(Debug)]
pub enum Report {
    Ready,
    Snapshot(Box<WorkerSnapshot>),
    /// Something has happened after a pause.
    Active,
    /// All input has ended and everything it caused has been written.
    Over,
    Failed(Error),
    Exited,
}

#[derive(Debug)]
pub struct WorkerSnapshot {
    pub task: TaskSnapshot,
    pub splits: BTreeMap<usize, Vec<Split>>,
}

/// What all workers of a job share.
pub struct WorkerSetting {
    pub job: String,
    pub plan: Arc<StreamPlan>,
    pub graph: Graph,
    pub parallelism: usize,
    pub batch_mode: bool,
    pub clock: Arc<dyn Clock>,
    pub eval: EvalContext,
    /// By plan node.
    pub sources: BTreeMap<usize, Arc<dyn Source>>,
    pub sinks: BTreeMap<usize, Arc<dyn Sink>>,
    pub board: Arc<StatusBoard>,
    pub collected: Sender<ChangelogBatch>,
    pub memory_bytes: Option<u64>,
    /// Where state goes that memory can't hold.
    pub scratch: Arc<Scratch>,
}

/// One worker's own part.
pub struct WorkerSeat {
    /// Let go of when it has been restored.
    pub restored: Option<Arc<Snapshot>>,
    pub worker: usize,
    pub splits: BTreeMap<usize, Vec<Split>>,
    pub links: Links,
    pub sleeper: Sleeper,
    pub control: Receiver<Control>,
    pub report: Arc<dyn Fn(usize, Report) + Send + Sync>,
}

/// Body of the thread. Whatever goes wrong, panics too, is reported.
pub fn run(setting: Arc<WorkerSetting>, seat: WorkerSeat) {
    let (worker, report) = (seat.worker, seat.report.clone());
    seat.sleeper.register();
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let mut worker = Worker::new(&setting, seat)?;
        worker.say(Report::Ready);
        worker.run()
    }));
    match ran {
        Ok(Ok(())) => {}
        Ok(Err(error)) => report(worker, Report::Failed(error)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            let error = Error::internal(format!("a worker panicked: {}", text.unwrap_or_default()));
            report(worker, Report::Failed(error));
        }
    }
    report(worker, Report::Exited);
}

struct Worker {
    setting: Arc<WorkerSetting>,
    worker: usize,
    task: Task,
    incoming: Incoming,
    inputs: Vec<Input>,
    control: Receiver<Control>,
    report: Arc<dyn Fn(usize, Report) + Send + Sync>,
    phase: Phase,
    reported_over: bool,
    metrics: WorkerMetrics,
    /// Where the splits stood when the barrier went in.
    splits_at_barrier: BTreeMap<usize, Vec<Split>>,
    last_checkpoint: bool,
    published: Instant,
    unpublished: bool,
    ticked: Instant,
    polled: Instant,
    held_limit: usize,
    /// When memory was last looked at, and how much state is too much; None: no limit.
    spilled: Instant,
    spill_above: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    Running,
    /// No more rows are read.
    Draining,
    /// The last snapshot has been given: nothing may change any more.
    Frozen,
    /// As soon as the reader of a SELECT has all rows.
    Leaving,
    Left,
}

/// A source of the plan, as this worker reads it.
struct Input {
    plan_node: usize,
    task_node: usize,
    /// Task nodes that make watermarks of its rows.
    watermarks: Vec<usize>,
    reading: Reading,
    ended: bool,
    /// More splits may come.
    grows: bool,
    has_splits: bool,
    poll_at_millis: Option<i64>,
    figures: SourceStatus,
    ids: Vec<Arc<str>>,
}

enum Reading {
    Source(Box<dyn SourceReader>),
    /// Constant rows, until they are emitted; None on other workers.
    Values {
        rows: Option<ChangelogBatch>,
        mine: bool,
    },
}

impl Worker {
    fn new(setting: &Arc<WorkerSetting>, mut seat: WorkerSeat) -> Result<Worker> {
        let now = setting.clock.now_millis();
        let mut logics = vec![];
        let mut inputs = vec![];
        for (id, graph_node) in setting.graph.nodes.iter().enumerate() {
            let (plan_node, node) = (graph_node.plan.0, setting.plan.node(graph_node.plan));
            let splits = seat.splits.remove(&plan_node).unwrap_or_default();
            let logic = match &node.kind {
                NodeKind::Source(_) | NodeKind::Values { .. } => {
                    inputs.push(Input::new(setting, &seat, id, plan_node, splits)?);
                    Logic::Source
                }
                NodeKind::Watermark(_) => Logic::Watermark(setting.watermark_generator(id, node)?),
                NodeKind::Sink(sink) => {
                    let made = setting.sinks.get(&plan_node).ok_or_else(|| Error::internal("a sink was not made"))?;
                    Logic::Sink(SinkOperator::new(sink, made.writer(seat.worker)?))
                }
                NodeKind::Collect(_) => Logic::Collect(CollectOperator::new(setting.collected.clone())),
                _ => {
                    let context = OperatorContext {
                        eval: setting.eval.clone(),
                        share: Share { worker: seat.worker, parallelism: setting.parallelism },
                        holds_global: graph_node.placed.is_none_or(|w| w == seat.worker),
                        batch_mode: setting.batch_mode,
                        every_change: setting.plan.every_change,
                        spilling: setting.memory_share().map(|share| Spilling {
                            scratch: setting.scratch.clone(),
                            part_bytes: share / PARTS_OF_SHARE,
                        }),
                    };
                    Logic::Operator(operator::create(&setting.plan, node, graph_node.half, &context)?)
                }
            };
            logics.push((setting.plan.describe(node), logic));
        }
        let task = Task::new(&setting.graph, logics, seat.worker, setting.parallelism, seat.links.outgoing);
        let names = setting.plan.nodes.iter().map(|n| match &n.kind {
            NodeKind::Source(s) => s.table.name.clone(),
            NodeKind::Sink(s) => s.table.name.clone(),
            _ => setting.plan.describe(n),
        });
        let mut worker = Worker {
            worker: seat.worker,
            task,
            incoming: seat.links.incoming,
            inputs,
            control: seat.control,
            report: seat.report,
            phase: Phase::Waiting,
            reported_over: false,
            metrics: WorkerMetrics::new(&setting.job, seat.worker, names.collect()),
            splits_at_barrier: BTreeMap::new(),
            last_checkpoint: false,
            published: Instant::now(),
            unpublished: true,
            ticked: Instant::now(),
            polled: Instant::now(),
            held_limit: setting.memory_bytes.map_or(HELD_BYTES_MAX, |m| HELD_BYTES_MAX.min(m as usize / 8)),
            spilled: Instant::now(),
            spill_above: setting.memory_share().map(|share| (share / 2) as u64),
            setting: setting.clone(),
        };
        if let Some(share) = setting.memory_share() {
            worker
                .task
                .limit((share / OUTPUT_PARTS_OF_SHARE).clamp(OUTPUT_ROWS_MIN, OUTPUT_ROWS_MAX), worker.held_limit);
        }
        worker.restore(seat.restored.as_deref(), now)?;
        // Before anybody is shown how much that is.
        worker.spill()?;
        Ok(worker)
    }

    /// Gives operators and watermark generators what the checkpoint has for them.
    fn restore(&mut self, restored: Option<&Snapshot>, now: i64) -> Result<()> {
        let setting = self.setting.clone();
        for input in &self.inputs {
            for &node in &input.watermarks {
                let ids = input.ids.clone();
                self.task.with_watermark(node, |generator, _| {
                    ids.iter().for_each(|id| generator.add_split(id, now));
                })?;
            }
        }
        let Some(snapshot) = restored else { return Ok(()) };
        for (id, graph_node) in setting.graph.nodes.iter().enumerate() {
            // What lies on one worker lies there with all its keys.
            let share = match graph_node.placed {
                None => Share { worker: self.worker, parallelism: setting.parallelism },
                Some(worker) if worker == self.worker => Share { worker: 0, parallelism: 1 },
                Some(_) => continue,
            };
            let states = snapshot.operators.iter().filter(|s| s.node == graph_node.plan.0);
            let states: Vec<OperatorSnapshot> =
                states.map(|s| OperatorSnapshot { value: s.value.clone(), runs: s.runs.clone() }).collect();
            if !states.is_empty() && graph_node.half != Half::Local {
                self.task.restore(id, states, share)?;
            }
        }
        Ok(())
    }

    /// Something has happened that the next checkpoint should hold.
    fn note_activity(&self) {
        if self.setting.board.note_activity() {
            self.say(Report::Active);
        }
    }

    fn say(&self, report: Report) {
        (self.report)(self.worker, report);
    }

    fn run(&mut self) -> Result<()> {
        loop {
            let now = self.setting.clock.now_millis();
            self.task.set_now(now);
            let mut progress = self.obey(now)?;
            self.task.collects().for_each(CollectOperator::flush);
            match self.phase {
                Phase::Left => return Ok(()),
                Phase::Leaving if !self.task.collects().any(|collect| collect.is_waiting()) => return Ok(()),
                _ => {}
            }
            let works = matches!(self.phase, Phase::Running | Phase::Draining);
            if works && self.task.is_waiting() {
                // Whoever is silent meanwhile is not looked at.
                progress |= self.task.outgoing.flush();
                progress |= self.task.go_on()?;
                self.tick_sinks()?;
            }
            if works && !self.task.is_waiting() {
                progress |= self.task.outgoing.flush();
                progress |= self.take_messages()?;
                self.excuse_silence(now)?;
                if !self.task.is_waiting() {
                    progress |= self.run_timers(now)?;
                }
                if self.phase == Phase::Running && !self.task.is_waiting() {
                    progress |= self.read(now)?;
                }
                progress |= self.report_snapshot()?;
                if !self.task.is_waiting() {
                    self.spill_if_needed()?;
                }
                if self.task.is_over() && !self.reported_over && !self.task.outgoing.is_blocked() {
                    self.reported_over = true;
                    self.say(Report::Over);
                }
            }
            self.unpublished |= progress;
            let least = if progress || !self.unpublished { PUBLISH_BUSY } else { PUBLISH_IDLE };
            if self.published.elapsed() >= least {
                self.publish(now);
            }
            if !progress {
                std::thread::park_timeout(self.sleep(now));
            }
        }
    }

    fn obey(&mut self, now: i64) -> Result<bool> {
        let mut progress = false;
        while let Ok(control) = self.control.try_recv() {
            progress = true;
            match control {
                Control::Start => {
                    self.phase = Phase::Running;
                    for input in 0..self.inputs.len() {
                        for node in self.inputs[input].watermarks.clone() {
                            self.task.with_watermark(node, |generator, out| {
                                generator.hold(now);
                                generator.open(out);
                            })?;
                        }
                    }
                }
                Control::Checkpoint { epoch, last } => {
                    self.last_checkpoint = last;
                    for input in &mut self.inputs {
                        self.splits_at_barrier.insert(input.plan_node, input.snapshot()?);
                    }
                    self.task.start_checkpoint(epoch)?;
                }
                Control::Release(epoch) => self.task.sinks().try_for_each(|(_, sink)| sink.release(epoch))?,
                Control::AddSplits(node, splits) => {
                    if let Some(input) = self.inputs.iter_mut().find(|i| i.plan_node == node) {
                        let (ids, watermarks) = (input.add_splits(splits, self.worker)?, input.watermarks.clone());
                        for node in watermarks {
                            self.task.with_watermark(node, |generator, _| {
                                ids.iter().for_each(|id| generator.add_split(id, now));
                            })?;
                        }
                    }
                }
                Control::StopReading => {
                    if self.phase == Phase::Running {
                        self.phase = Phase::Draining;
                    }
                }
                Control::Exit => {
                    self.task.sinks().try_for_each(|(_, sink)| sink.finish())?;
                    self.publish(now);
                    self.phase = Phase::Leaving;
                }
                Control::Abort => self.phase = Phase::Left,
            }
        }
        Ok(progress)
    }

    fn take_messages(&mut self) -> Result<bool> {
        let mut progress = false;
        let mut messages = vec![];
        for from in 0..self.incoming.workers() {
            self.incoming.receive(from, RECEIVE_MAX, &mut messages);
            // If one of them makes the task wait, the others stand behind it.
            for message in messages.drain(..) {
                progress = true;
                self.task.receive(message)?;
            }
            if self.task.is_waiting() {
                break;
            }
        }
        if progress {
            self.note_activity();
        }
        Ok(progress)
    }

    fn run_timers(&mut self, now: i64) -> Result<bool> {
        let mut progress = false;
        if self.task.next_timer().is_some_and(|due| due <= now) {
            progress |= self.task.run_timers()?;
            // A stop leaves watermarks where they are.
            for input in self.inputs.iter().filter(|_| self.phase == Phase::Running) {
                let lag = || input.lag();
                for &node in &input.watermarks {
                    self.task.with_watermark(node, |generator, out| {
                        generator.tick(now, lag, out);
                        progress |= !out.is_empty();
                    })?;
                }
            }
            if progress {
                self.note_activity();
            }
        }
        self.tick_sinks()?;
        Ok(progress)
    }

    fn tick_sinks(&mut self) -> Result<()> {
        if self.ticked.elapsed() >= SLEEP_MAX {
            self.ticked = Instant::now();
            self.task.sinks().try_for_each(|(_, sink)| sink.tick())?;
            if self.task.sinks().any(|(_, sink)| sink.awaits_checkpoint()) {
                self.note_activity();
            }
        }
        Ok(())
    }

    /// Whether anything downstream has no room.
    fn is_blocked(&mut self) -> bool {
        let held: usize = self.task.sinks().map(|(_, sink)| sink.held_bytes()).sum();
        held > self.held_limit || self.task.outgoing.is_blocked() || self.task.collects().any(|c| c.is_waiting())
    }

    /// Only a split that was looked at, and could have shown rows, can fall idle.
    fn excuse_silence(&mut self, now: i64) -> Result<()> {
        let paused = self.polled.elapsed() > PAUSE_MAX;
        for index in 0..self.inputs.len() {
            if paused || self.inputs[index].is_out_of_reach() {
                self.hold(index, now)?;
            }
        }
        Ok(())
    }

    /// The idle timeout of an input's splits begins anew.
    fn hold(&mut self, index: usize, now: i64) -> Result<()> {
        for node in self.inputs[index].watermarks.clone() {
            self.task.with_watermark(node, |generator, _| generator.hold(now))?;
        }
        Ok(())
    }

    fn read(&mut self, now: i64) -> Result<bool> {
        let mut progress = false;
        for index in 0..self.inputs.len() {
            if self.inputs[index].ended {
                continue;
            }
            if self.is_blocked() {
                self.hold(index, now)?;
                continue;
            }
            if self.task.is_waiting() {
                break;
            }
            match self.inputs[index].poll()? {
                Polled::Rows(rows) => {
                    progress = true;
                    self.push(index, rows, now)?;
                }
                Polled::Nothing => {}
                Polled::SplitEnd(split) => {
                    progress = true;
                    self.inputs[index].finish_split(&split);
                    for node in self.inputs[index].watermarks.clone() {
                        self.task.with_watermark(node, |generator, out| generator.split_end(&split, out))?;
                    }
                }
                Polled::End => {
                    progress = true;
                    self.inputs[index].ended = true;
                    self.task.end_source(self.inputs[index].task_node)?;
                }
            }
        }
        self.polled = Instant::now();
        if progress {
            self.note_activity();
        }
        Ok(progress)
    }

    fn push(&mut self, index: usize, rows: SplitRows, now: i64) -> Result<()> {
        let input = &mut self.inputs[index];
        input.count(&rows);
        if rows.rows.num_rows() == 0 {
            return Ok(());
        }
        let began = Instant::now();
        self.task.push_rows(input.task_node, &rows.split, rows.rows)?;
        let age = rows.newest_record_millis.map(|newest| now - newest + began.elapsed().as_millis() as i64);
        self.metrics.batch(input.plan_node, began.elapsed(), age);
        Ok(())
    }

    fn report_snapshot(&mut self) -> Result<bool> {
        let Some(task) = self.task.take_snapshot() else { return Ok(false) };
        let splits = std::mem::take(&mut self.splits_at_barrier);
        if self.last_checkpoint {
            self.phase = Phase::Frozen;
        }
        self.say(Report::Snapshot(Box::new(WorkerSnapshot { task, splits })));
        Ok(true)
    }

    /// Half of a worker's share is for state; when it is more, it is brought to a third.
    fn spill_if_needed(&mut self) -> Result<()> {
        if self.spilled.elapsed() < SPILL_CHECK { Ok(()) } else { self.spill() }
    }

    fn spill(&mut self) -> Result<()> {
        let (Some(limit), Some(share)) = (self.spill_above, self.setting.memory_share()) else { return Ok(()) };
        let held = self.task.state_bytes();
        if held > limit {
            self.task.spill((held as usize).saturating_sub(share / 3))?;
            // What can't be spilled is not asked for again until there is clearly more.
            let left = self.task.state_bytes();
            self.spill_above = Some((share as u64 / 2).max(left + share as u64 / 16));
        }
        self.spilled = Instant::now();
        Ok(())
    }

    fn sleep(&mut self, now: i64) -> Duration {
        let polls = self.inputs.iter().filter(|i| !i.ended).filter_map(|i| i.poll_at_millis);
        let due = polls.chain(self.task.next_timer()).min();
        let until_due = due.map_or(SLEEP_MAX, |due| Duration::from_millis((due - now).max(0) as u64));
        let waits_for_room =
            self.task.is_waiting() || self.task.outgoing.is_blocked() || self.task.collects().any(|c| c.is_waiting());
        let longest = if waits_for_room { Duration::from_millis(1) } else { SLEEP_MAX };
        until_due.min(longest)
    }
}

impl Worker {
    fn publish(&mut self, now: i64) {
        self.published = Instant::now();
        self.unpublished = false;
        let mut figures = WorkerFigures::default();
        for (node, graph_node) in self.task.stats().zip(&self.setting.graph.nodes) {
            figures.memory_bytes += node.operator.state_bytes;
            figures.operators.push(OperatorFigures {
                plan_node: node.plan_node,
                // Between the halves of a node rows are partial results.
                rows_in: if graph_node.half == Half::Global { 0 } else { node.rows_in },
                rows_out: if graph_node.half == Half::Local { 0 } else { node.rows_out },
                state_rows: node.operator.state_rows,
                state_bytes: node.operator.state_bytes,
                late_rows: node.operator.late_rows,
                spilled_bytes: node.operator.spilled_bytes,
                watermark: node.watermark,
            });
        }
        if self.worker == 0 {
            figures.spill_written_bytes = self.setting.scratch.written_bytes();
        }
        for (node, sink) in self.task.sinks() {
            *figures.sink_bytes.entry(node).or_default() += sink.bytes_written();
            figures.memory_bytes += sink.held_bytes() as u64;
        }
        for input in &mut self.inputs {
            let generator = input.watermarks.first().and_then(|node| self.task.watermark_generator(*node));
            input.update_splits(generator);
            if matches!(input.reading, Reading::Source(_)) {
                figures.sources.insert(input.plan_node, input.figures.clone());
            }
        }
        self.metrics.publish(&figures, now);
        self.setting.board.publish(self.worker, figures);
    }
}

enum Polled {
    Rows(SplitRows),
    Nothing,
    SplitEnd(String),
    End,
}

impl Input {
    fn new(
        setting: &WorkerSetting,
        seat: &WorkerSeat,
        task_node: usize,
        plan_node: usize,
        splits: Vec<Split>,
    ) -> Result<Input> {
        let node = &setting.plan.nodes[plan_node];
        let mut input = Input {
            plan_node,
            task_node,
            watermarks: setting.graph.watermarks_of(&setting.plan, task_node),
            reading: Reading::Values { rows: None, mine: seat.worker == 0 },
            ended: false,
            grows: false,
            has_splits: false,
            poll_at_millis: None,
            figures: SourceStatus { node: plan_node, ..SourceStatus::default() },
            ids: vec![],
        };
        match &node.kind {
            NodeKind::Values { rows } if seat.worker == 0 && !values::was_emitted(&splits) => {
                let rows = values::evaluate(rows, &node.schema, &setting.eval)?;
                input.reading = Reading::Values { rows: Some(rows), mine: true };
            }
            NodeKind::Source(declared) => {
                let source = setting.sources.get(&plan_node).ok_or_else(|| Error::internal("a source was not made"))?;
                input.grows = !declared.bounded && source.discovery_interval().is_some();
                input.reading = Reading::Source(source.reader(seat.worker, seat.sleeper.as_wake())?);
                input.add_splits(splits, seat.worker)?;
            }
            _ => {}
        }
        Ok(input)
    }

    /// Returns the ids of the new splits.
    fn add_splits(&mut self, splits: Vec<Split>, worker: usize) -> Result<Vec<Arc<str>>> {
        let Reading::Source(reader) = &mut self.reading else { return Ok(vec![]) };
        if splits.is_empty() {
            return Ok(vec![]);
        }
        let ids: Vec<Arc<str>> = splits.iter().map(|s| s.id.as_str().into()).collect();
        for split in &splits {
            self.figures.splits.push(SplitStatus {
                id: split.id.clone(),
                worker,
                records: 0,
                bytes: 0,
                watermark: None,
                idle: false,
                finished: false,
                lag: None,
            });
        }
        self.ids.extend(ids.iter().cloned());
        self.has_splits = true;
        reader.add_splits(splits)?;
        Ok(ids)
    }

    fn poll(&mut self) -> Result<Polled> {
        let reader = match &mut self.reading {
            Reading::Values { rows, .. } => {
                return Ok(match rows.take() {
                    Some(rows) => Polled::Rows(SplitRows {
                        split: "values".into(),
                        rows,
                        bytes: 0,
                        skipped: 0,
                        newest_record_millis: None,
                    }),
                    None => Polled::End,
                });
            }
            Reading::Source(reader) => reader,
        };
        self.poll_at_millis = None;
        if !self.has_splits {
            return Ok(if self.grows { Polled::Nothing } else { Polled::End });
        }
        Ok(match reader.poll()? {
            ReadEvent::Rows(rows) => Polled::Rows(rows),
            ReadEvent::SplitEnd(split) => Polled::SplitEnd(split),
            ReadEvent::Pending { until } => {
                self.poll_at_millis = until;
                Polled::Nothing
            }
            ReadEvent::End if self.grows => Polled::Nothing,
            ReadEvent::End => Polled::End,
        })
    }

    fn count(&mut self, rows: &SplitRows) {
        let records = rows.rows.num_rows() as u64;
        self.figures.records += records;
        self.figures.bytes += rows.bytes;
        self.figures.skipped += rows.skipped;
        if let Some(split) = self.figures.splits.iter_mut().find(|s| *s.id == *rows.split) {
            split.records += records;
            split.bytes += rows.bytes;
        }
    }

    fn finish_split(&mut self, id: &str) {
        if let Some(split) = self.figures.splits.iter_mut().find(|s| s.id == id) {
            split.finished = true;
        }
    }

    fn snapshot(&mut self) -> Result<Vec<Split>> {
        match &mut self.reading {
            Reading::Source(reader) if self.has_splits => reader.snapshot(),
            Reading::Values { rows, mine: true } => Ok(vec![values::split(rows.is_none())]),
            Reading::Source(_) | Reading::Values { .. } => Ok(vec![]),
        }
    }

    fn lag(&self) -> Vec<(String, u64)> {
        match &self.reading {
            Reading::Source(reader) => reader.lag(),
            Reading::Values { .. } => vec![],
        }
    }

    fn is_out_of_reach(&self) -> bool {
        matches!(&self.reading, Reading::Source(reader) if reader.is_out_of_reach())
    }

    fn update_splits(&mut self, generator: Option<&WatermarkGenerator>) {
        let lags = self.lag();
        for split in &mut self.figures.splits {
            split.lag = lags.iter().find(|(id, _)| *id == split.id).map(|(_, lag)| *lag);
            let Some(progress) = generator.and_then(|g| g.progress(&split.id)) else { continue };
            split.watermark = Some(progress.watermark);
            split.idle = progress.idle;
        }
    }
}

impl WorkerSetting {
    /// What of the job's memory is one worker's.
    fn memory_share(&self) -> Option<usize> {
        self.memory_bytes.map(|bytes| bytes as usize / self.parallelism.max(1))
    }

    fn watermark_generator(&self, task_node: usize, node: &Node) -> Result<WatermarkGenerator> {
        let NodeKind::Watermark(spec) = &node.kind else { return Err(Error::internal("no watermark node")) };
        let input = &self.plan.node(node.inputs[0]).schema;
        let setting = WatermarkSetting {
            per_split: self.is_pushed_down(task_node),
            every_row: reads_current_watermark(&self.plan),
            batch_mode: self.batch_mode,
            rowtime_name: input.fields[spec.rowtime].name.clone(),
        };
        WatermarkGenerator::new(spec, setting, &self.eval)
    }

    /// Whether the source above makes watermarks per split.
    fn is_pushed_down(&self, task_node: usize) -> bool {
        let mut id = task_node;
        while let Some(input) = self.graph.nodes[id].inputs.first() {
            id = input.from;
        }
        matches!(&self.plan.node(self.graph.nodes[id].plan).kind, NodeKind::Source(s) if s.watermark_push_down)
    }
}

/// CURRENT_WATERMARK shows what each row found: every step of the watermark matters.
fn reads_current_watermark(plan: &StreamPlan) -> bool {
    let reads = |expr: &Expr| {
        let mut stack = vec![expr];
        while let Some(e) = stack.pop() {
            if matches!(e, Expr::Call { function, .. } if function == "CURRENT_WATERMARK") {
                return true;
            }
            stack.extend(e.children());
        }
        false
    };
    plan.nodes.iter().any(|node| match &node.kind {
        NodeKind::Calc { filter, projection } => filter.iter().chain(projection).any(reads),
        _ => false,
    })
}
