//! One worker's copy of the whole graph.
//!
//! Elements are pushed: what a node emits goes to its consumers, in order, and all that follows from one element
//! happens before the next: where the branches of one source meet again, rows and watermarks come as side by side
//! as the source gave them. Elements for another worker's copy go out through the exchange.
//!
//! Each node has one *channel* per edge that leads to it and, behind an exchange, per sending worker. The
//! task combines what comes in on them:
//!
//! An operator that has very much to emit does so in portions, each of which goes downstream before the next is made.
//! Between two of them the task waits while sinks hold much back.
//!
//! * **Watermark**: the minimum over channels that are neither idle nor at their end; the operator sees it when
//!   it advances. When no such channel is left and one is idle, the node is idle itself. A channel that ended
//!   neither holds the watermark back nor pushes it on while others are merely idle.
//! * **Barrier**: a channel that has delivered it is held until all others have (or ended); then the node gives
//!   its snapshot and passes the barrier on. A node that ended before the barrier gives its snapshot at once,
//!   and one that ends while the barrier is under way gives it then: its last rows are part of the epoch.
//! * **End**: the node ends when all its channels have.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flitz_dataflow::{Barrier, ChangelogBatch, Epoch, Error, Place, Result, StreamElement, Watermark};
use flitz_state::snapshot::OperatorState;

use crate::exchange::{Message, Outgoing, Route, partition};
use crate::graph::Graph;
use crate::operator::collect::CollectOperator;
use crate::operator::sink::SinkOperator;
use crate::operator::watermark::WatermarkGenerator;
use crate::operator::{Operator, OperatorSnapshot, OperatorStats, Output, Share};

/// Sinks that held no less in so long won't by themselves.
const STANDSTILL: Duration = Duration::from_millis(500);

/// What a node does.
pub enum Logic {
    /// Driven by the worker.
    Source,
    Watermark(WatermarkGenerator),
    Operator(Box<dyn Operator>),
    Sink(SinkOperator),
    Collect(CollectOperator),
}

pub struct Task {
    worker: usize,
    parallelism: usize,
    nodes: Vec<TaskNode>,
    /// What is under way, next first.
    queue: VecDeque<Step>,
    pub outgoing: Outgoing,
    /// The split whose rows are being pushed, and the time on the clock.
    split: Arc<str>,
    now_millis: i64,
    checkpoint: Option<PendingCheckpoint>,
    /// Nodes that have not ended.
    live: usize,
    output: Output,
    /// What sinks may hold back before operators that have more wait with it.
    held_limit: usize,
    /// Since when they hold no less than that.
    waiting: Option<(Instant, usize)>,
}

enum Step {
    /// An element comes to this node, on this channel.
    Arrival(usize, usize, StreamElement),
    /// The node has more to emit, before anything that was emitted behind it.
    More(usize),
}

struct TaskNode {
    plan_node: usize,
    name: String,
    logic: Logic,
    channels: Vec<Channel>,
    targets: Vec<Target>,
    watermark: Watermark,
    idle: bool,
    ended: bool,
    snapshotted: bool,
    rows_in: u64,
    rows_out: u64,
}

struct Channel {
    /// Number of the input as the operator counts.
    input: usize,
    watermark: Watermark,
    idle: bool,
    ended: bool,
    /// The barrier has come; what follows is held.
    aligned: bool,
    held: VecDeque<StreamElement>,
}

struct Target {
    node: usize,
    /// First of its channels at the target; behind an exchange, that of worker 0.
    channel: usize,
    route: Route,
}

/// What this worker contributes to a checkpoint.
#[derive(Debug, Default)]
pub struct TaskSnapshot {
    pub epoch: Epoch,
    pub operators: Vec<OperatorState>,
    /// By sink node.
    pub sealed: BTreeMap<usize, serde_json::Value>,
    /// Rows that went to sinks in this epoch.
    pub rows_written: u64,
}

struct PendingCheckpoint {
    snapshot: TaskSnapshot,
    /// Whether the barrier has been put into this worker's own sources.
    injected: bool,
    remaining: usize,
}

/// What a node shows of itself.
#[derive(Clone, Debug)]
pub struct NodeStats {
    pub plan_node: usize,
    pub rows_in: u64,
    pub rows_out: u64,
    pub watermark: Watermark,
    pub operator: OperatorStats,
}

impl Task {
    /// `logics`: one per node of `graph`, with the name for messages.
    pub fn new(graph: &Graph, logics: Vec<(String, Logic)>, worker: usize, workers: usize, outgoing: Outgoing) -> Task {
        let mut nodes: Vec<TaskNode> = Vec::with_capacity(logics.len());
        for (id, (name, logic)) in logics.into_iter().enumerate() {
            let mut channels = vec![];
            for (input, edge) in graph.nodes[id].inputs.iter().enumerate() {
                let target = Target { node: id, channel: channels.len(), route: edge.route.clone() };
                let count = if edge.route == Route::Forward { 1 } else { workers };
                channels.extend((0..count).map(|_| Channel::new(input)));
                nodes[edge.from].targets.push(target);
            }
            nodes.push(TaskNode {
                plan_node: graph.nodes[id].plan.0,
                name,
                logic,
                channels,
                targets: vec![],
                watermark: Watermark::MIN,
                idle: false,
                ended: false,
                snapshotted: false,
                rows_in: 0,
                rows_out: 0,
            });
        }
        let live = nodes.len();
        Task {
            worker,
            parallelism: workers,
            nodes,
            queue: VecDeque::new(),
            outgoing,
            split: "".into(),
            now_millis: 0,
            checkpoint: None,
            live,
            output: Output::default(),
            held_limit: usize::MAX,
            waiting: None,
        }
    }

    /// How many rows an operator emits at a time if it has very many, and how many bytes sinks may hold back before it
    /// waits with the next.
    pub fn limit(&mut self, output_rows: usize, held_bytes: usize) {
        self.output = Output::with_room(output_rows);
        self.held_limit = held_bytes;
    }

    /// Whether an operator waits with what it has more, for sinks hold much back already. Until that has gone on nothing
    /// else may be pushed.
    pub fn is_waiting(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Goes on with that if there is room; false if there is none yet.
    pub fn go_on(&mut self) -> Result<bool> {
        let had_room = self.has_room();
        if had_room {
            self.run()?;
        }
        Ok(had_room)
    }

    /// Whether more may go to the sinks. It is certain that there will be room some time:
    ///
    /// * rows that wait for an epoch to be released go on when it is, and if that waits for this task there is room;
    /// * other rows go on by themselves, or with the next barrier, which may stand behind what waits here: so if nothing
    ///   moves for a while there is room too.
    fn has_room(&mut self) -> bool {
        let (mut held, mut unreleased) = (0, false);
        for node in &self.nodes {
            match &node.logic {
                Logic::Collect(collect) if collect.is_waiting() => return false,
                Logic::Sink(sink) => {
                    held += sink.held_bytes();
                    unreleased |= sink.waits_for_release();
                }
                _ => {}
            }
        }
        if held <= self.held_limit {
            self.waiting = None;
            return true;
        }
        if unreleased {
            return self.checkpoint.is_some();
        }
        match self.waiting {
            Some((since, least)) if held >= least => since.elapsed() > STANDSTILL,
            _ => {
                self.waiting = Some((Instant::now(), held));
                false
            }
        }
    }

    pub fn set_now(&mut self, now_millis: i64) {
        self.now_millis = now_millis;
    }

    /// Rows that source `node` has read.
    pub fn push_rows(&mut self, node: usize, split: &Arc<str>, rows: ChangelogBatch) -> Result<()> {
        self.split = split.clone();
        self.emit(node, StreamElement::Batch(rows))?;
        self.run()
    }

    /// Source `node` has nothing more.
    pub fn end_source(&mut self, node: usize) -> Result<()> {
        self.emit(node, StreamElement::Watermark(Watermark::MAX))?;
        self.finish_node(node)?;
        self.run()
    }

    /// An element from another worker.
    pub fn receive(&mut self, message: Message) -> Result<()> {
        self.queue.push_back(Step::Arrival(message.node, message.channel, message.element));
        self.run()
    }

    /// Puts the barrier into this worker's sources. The snapshot is complete when `take_snapshot` gives it.
    pub fn start_checkpoint(&mut self, epoch: Epoch) -> Result<()> {
        self.pending(epoch).injected = true;
        for node in 0..self.nodes.len() {
            if self.nodes[node].ended {
                self.snapshot_node(node, epoch)?;
            } else if matches!(self.nodes[node].logic, Logic::Source) {
                self.snapshot_node(node, epoch)?;
                self.emit(node, StreamElement::Barrier(Barrier { epoch }))?;
            }
        }
        self.run()
    }

    pub fn take_snapshot(&mut self) -> Option<TaskSnapshot> {
        let pending = self.checkpoint.take_if(|c| c.injected && c.remaining == 0)?;
        self.nodes.iter_mut().for_each(|node| node.snapshotted = false);
        Some(pending.snapshot)
    }

    /// Whether every node has ended.
    pub fn is_over(&self) -> bool {
        self.live == 0
    }

    /// Calls operators whose time has come.
    pub fn run_timers(&mut self) -> Result<bool> {
        let mut ran = false;
        for id in 0..self.nodes.len() {
            let now = self.now_millis;
            let Logic::Operator(operator) = &mut self.nodes[id].logic else { continue };
            if operator.next_timer().is_none_or(|due| due > now) || self.nodes[id].ended {
                continue;
            }
            ran = true;
            self.with_operator(id, |operator, out| operator.timer(now, out))?;
        }
        self.run()?;
        Ok(ran)
    }

    pub fn next_timer(&self) -> Option<i64> {
        let due = |node: &TaskNode| match &node.logic {
            Logic::Operator(operator) if !node.ended => operator.next_timer(),
            Logic::Watermark(generator) if !node.ended => generator.next_timer(),
            _ => None,
        };
        self.nodes.iter().filter_map(due).min()
    }

    /// Runs `act` on the generator of `node` and pushes on what it emits.
    pub fn with_watermark(
        &mut self,
        node: usize,
        act: impl FnOnce(&mut WatermarkGenerator, &mut Vec<StreamElement>),
    ) -> Result<()> {
        let mut elements = vec![];
        match &mut self.nodes[node] {
            TaskNode { logic: Logic::Watermark(generator), ended: false, .. } => act(generator, &mut elements),
            _ => return Ok(()),
        }
        for element in elements {
            self.emit(node, element)?;
        }
        self.run()
    }

    /// Before anything flows: what all workers of `node` had saved.
    pub fn restore(&mut self, node: usize, states: Vec<OperatorSnapshot>, share: Share) -> Result<()> {
        match &mut self.nodes[node].logic {
            Logic::Operator(operator) => operator.restore(states, share),
            Logic::Watermark(generator) => generator.restore(&states),
            Logic::Source | Logic::Sink(_) | Logic::Collect(_) => Ok(()),
        }
    }

    /// Memory is short: `bytes` of state go to disk, from whichever operators have most. Returns how much did.
    pub fn spill(&mut self, bytes: usize) -> Result<usize> {
        let held = |(id, node): (usize, &TaskNode)| match &node.logic {
            Logic::Operator(operator) => Some((operator.stats().state_bytes, id)),
            _ => None,
        };
        let mut sizes: Vec<(u64, usize)> = self.nodes.iter().enumerate().filter_map(held).collect();
        sizes.sort_unstable();
        let mut freed = 0;
        for (_, id) in sizes.into_iter().rev() {
            let node = &mut self.nodes[id];
            if let Logic::Operator(operator) = &mut node.logic
                && freed < bytes
            {
                freed += operator.spill(bytes - freed).map_err(|e| placed(e, &node.name))?;
            }
        }
        Ok(freed)
    }

    /// What operators hold in memory.
    pub fn state_bytes(&self) -> u64 {
        let held = |node: &TaskNode| match &node.logic {
            Logic::Operator(operator) => operator.stats().state_bytes,
            _ => 0,
        };
        self.nodes.iter().map(held).sum()
    }

    pub fn watermark_generator(&self, node: usize) -> Option<&WatermarkGenerator> {
        match &self.nodes[node].logic {
            Logic::Watermark(generator) => Some(generator),
            _ => None,
        }
    }

    pub fn sinks(&mut self) -> impl Iterator<Item = (usize, &mut SinkOperator)> {
        self.nodes.iter_mut().filter_map(|node| match &mut node.logic {
            Logic::Sink(sink) => Some((node.plan_node, sink)),
            _ => None,
        })
    }

    pub fn collects(&mut self) -> impl Iterator<Item = &mut CollectOperator> {
        self.nodes.iter_mut().filter_map(|node| match &mut node.logic {
            Logic::Collect(collect) => Some(collect),
            _ => None,
        })
    }

    pub fn stats(&self) -> impl Iterator<Item = NodeStats> {
        self.nodes.iter().map(|node| NodeStats {
            plan_node: node.plan_node,
            rows_in: node.rows_in,
            rows_out: match &node.logic {
                Logic::Sink(sink) => sink.rows(),
                Logic::Collect(_) => node.rows_in,
                _ => node.rows_out,
            },
            watermark: match &node.logic {
                Logic::Watermark(generator) if !node.ended => generator.emitted(),
                _ => node.watermark,
            },
            operator: match &node.logic {
                Logic::Operator(operator) => operator.stats(),
                _ => OperatorStats::default(),
            },
        })
    }

    // ------------------------------------------------------------------------------ elements on their way

    fn run(&mut self) -> Result<()> {
        while let Some(step) = self.queue.pop_front() {
            if matches!(step, Step::More(_)) && !self.has_room() {
                self.queue.push_front(step);
                return Ok(());
            }
            let waiting = self.queue.len();
            match step {
                Step::Arrival(node, channel, element) => self.arrive(node, channel, element)?,
                Step::More(node) => self.with_operator(node, |operator, out| operator.more(out))?,
            }
            let queued = self.queue.len() - waiting;
            self.queue.rotate_right(queued);
        }
        Ok(())
    }

    fn arrive(&mut self, id: usize, channel: usize, element: StreamElement) -> Result<()> {
        let node = &mut self.nodes[id];
        let from = &mut node.channels[channel];
        if from.aligned {
            from.held.push_back(element);
            return Ok(());
        }
        match element {
            StreamElement::Batch(batch) => {
                let input = from.input;
                if std::mem::take(&mut from.idle) {
                    self.combine_watermarks(id)?;
                    if self.has_more(id) {
                        self.queue.push_back(Step::Arrival(id, channel, StreamElement::Batch(batch)));
                        return Ok(());
                    }
                }
                self.nodes[id].rows_in += batch.num_rows() as u64;
                self.process(id, input, batch)
            }
            StreamElement::Watermark(watermark) => {
                from.idle = false;
                from.watermark = from.watermark.max(watermark);
                self.combine_watermarks(id)
            }
            StreamElement::Idle => {
                from.idle = true;
                self.combine_watermarks(id)
            }
            StreamElement::Barrier(barrier) => {
                from.aligned = true;
                self.pending(barrier.epoch);
                self.try_align(id)
            }
            StreamElement::End => {
                from.ended = true;
                let all = node.channels.iter().all(|c| c.ended);
                self.try_align(id)?;
                match all {
                    true => self.finish_node(id),
                    false => self.combine_watermarks(id),
                }
            }
        }
    }

    fn process(&mut self, id: usize, input: usize, batch: ChangelogBatch) -> Result<()> {
        let node = &mut self.nodes[id];
        match &mut node.logic {
            Logic::Source => Ok(()),
            Logic::Watermark(generator) => {
                let mut elements = vec![];
                let made = generator.rows(&self.split, batch, self.now_millis, &mut elements);
                made.map_err(|e| placed(e, &node.name))?;
                elements.into_iter().try_for_each(|element| self.emit(id, element))
            }
            Logic::Operator(_) => self.with_operator(id, |operator, out| operator.process(input, batch, out)),
            Logic::Sink(sink) => sink.write(batch),
            Logic::Collect(collect) => {
                collect.push(batch);
                Ok(())
            }
        }
    }

    /// Runs `act` and pushes on what it emitted. Nothing happens if the node is no operator.
    fn with_operator(
        &mut self,
        id: usize,
        act: impl FnOnce(&mut dyn Operator, &mut Output) -> Result<()>,
    ) -> Result<()> {
        let node = &mut self.nodes[id];
        let Logic::Operator(operator) = &mut node.logic else { return Ok(()) };
        let mut out = std::mem::take(&mut self.output);
        act(operator.as_mut(), &mut out).map_err(|e| placed(e, &node.name))?;
        for batch in out.drain() {
            self.emit(id, StreamElement::Batch(batch))?;
        }
        self.output = out;
        if self.has_more(id) {
            self.queue.push_back(Step::More(id));
        }
        Ok(())
    }

    fn has_more(&self, id: usize) -> bool {
        matches!(&self.nodes[id].logic, Logic::Operator(operator) if operator.has_more())
    }

    fn emit(&mut self, id: usize, element: StreamElement) -> Result<()> {
        if let StreamElement::Batch(batch) = &element {
            self.nodes[id].rows_out += batch.num_rows() as u64;
        }
        let targets = std::mem::take(&mut self.nodes[id].targets);
        for target in &targets {
            match (&target.route, &element) {
                (Route::Forward, _) => {
                    self.queue.push_back(Step::Arrival(target.node, target.channel, element.clone()))
                }
                (Route::Hash(keys), StreamElement::Batch(batch)) => {
                    for (to, part) in partition(batch.clone(), keys, self.parallelism)? {
                        self.deliver(to, target, StreamElement::Batch(part));
                    }
                }
                (Route::Single(to), StreamElement::Batch(_)) => self.deliver(*to, target, element.clone()),
                (Route::Hash(_) | Route::Single(_), _) => {
                    (0..self.parallelism).for_each(|to| self.deliver(to, target, element.clone()));
                }
            }
        }
        self.nodes[id].targets = targets;
        Ok(())
    }

    fn deliver(&mut self, to: usize, target: &Target, element: StreamElement) {
        let channel = target.channel + self.worker;
        match to == self.worker {
            true => self.queue.push_back(Step::Arrival(target.node, channel, element)),
            false => self.outgoing.send(to, Message { node: target.node, channel, element }),
        }
    }

    // --------------------------------------------------------------------------- watermarks, ends, barriers

    fn combine_watermarks(&mut self, id: usize) -> Result<()> {
        let node = &mut self.nodes[id];
        let running = node.channels.iter().filter(|c| !c.ended && c.watermark != Watermark::MAX);
        let counting = running.clone().filter(|c| !c.idle).map(|c| c.watermark).min();
        let watermark = match counting {
            Some(watermark) => watermark,
            None if running.count() == 0 && node.channels.iter().all(|c| c.watermark == Watermark::MAX) => {
                Watermark::MAX
            }
            None => {
                if !std::mem::replace(&mut node.idle, true) {
                    self.emit(id, StreamElement::Idle)?;
                }
                return Ok(());
            }
        };
        let was_idle = std::mem::take(&mut node.idle);
        if watermark > node.watermark {
            node.watermark = watermark;
            self.with_operator(id, |operator, out| operator.watermark(watermark, out))?;
            self.emit(id, StreamElement::Watermark(watermark))?;
        } else if was_idle {
            let known = node.watermark;
            self.emit(id, StreamElement::Watermark(known))?;
        }
        Ok(())
    }

    fn finish_node(&mut self, id: usize) -> Result<()> {
        self.with_operator(id, |operator, out| operator.end(out))?;
        self.emit(id, StreamElement::End)?;
        self.nodes[id].ended = true;
        self.live -= 1;
        if let Some(epoch) = self.checkpoint.as_ref().map(|c| c.snapshot.epoch) {
            self.snapshot_node(id, epoch)?;
        }
        Ok(())
    }

    fn try_align(&mut self, id: usize) -> Result<()> {
        let channels = &self.nodes[id].channels;
        let (Some(pending), true) = (&self.checkpoint, channels.iter().any(|c| c.aligned)) else { return Ok(()) };
        if !channels.iter().all(|c| c.aligned || c.ended) {
            return Ok(());
        }
        let epoch = pending.snapshot.epoch;
        self.with_operator(id, |operator, out| operator.before_barrier(out))?;
        self.snapshot_node(id, epoch)?;
        self.emit(id, StreamElement::Barrier(Barrier { epoch }))?;
        for channel in 0..self.nodes[id].channels.len() {
            let channel_state = &mut self.nodes[id].channels[channel];
            channel_state.aligned = false;
            let held = std::mem::take(&mut channel_state.held);
            self.queue.extend(held.into_iter().map(|element| Step::Arrival(id, channel, element)));
        }
        Ok(())
    }

    fn pending(&mut self, epoch: Epoch) -> &mut PendingCheckpoint {
        let remaining = self.nodes.len();
        self.checkpoint.get_or_insert_with(|| PendingCheckpoint {
            snapshot: TaskSnapshot { epoch, ..TaskSnapshot::default() },
            injected: false,
            remaining,
        })
    }

    fn snapshot_node(&mut self, id: usize, epoch: Epoch) -> Result<()> {
        let node = &mut self.nodes[id];
        if std::mem::replace(&mut node.snapshotted, true) {
            return Ok(());
        }
        let taken = match &mut node.logic {
            Logic::Source | Logic::Collect(_) => None,
            Logic::Watermark(generator) => Some(generator.snapshot()?),
            Logic::Operator(operator) => Some(operator.snapshot().map_err(|e| placed(e, &node.name))?),
            Logic::Sink(sink) => {
                let (sealed, rows) = sink.seal(epoch)?;
                let plan_node = node.plan_node;
                let pending = self.pending(epoch);
                pending.snapshot.sealed.insert(plan_node, sealed);
                pending.snapshot.rows_written += rows;
                None
            }
        };
        let (plan_node, worker) = (self.nodes[id].plan_node, self.worker);
        let pending = self.pending(epoch);
        if let Some(state) = taken.filter(|s| !s.value.is_null() || !s.runs.is_empty()) {
            let state = OperatorState { node: plan_node, worker, value: state.value, runs: state.runs };
            pending.snapshot.operators.push(state);
        }
        pending.remaining -= 1;
        Ok(())
    }
}

impl Channel {
    fn new(input: usize) -> Channel {
        Channel { input, watermark: Watermark::MIN, idle: false, ended: false, aligned: false, held: VecDeque::new() }
    }
}

/// Says in which operator it happened, unless something more exact is known.
fn placed(error: Error, name: &str) -> Error {
    match error.place {
        Some(_) => error,
        None => error.place(Place::Operator(name.to_owned())),
    }
}
