//! Every crash of every process at every step, and every interleaving of two live processes: a simulated
//! store, sink and job, explored exhaustively.
//!
//! The job reads rows 0, 1, 2, 3, one per epoch; rows 1 and 2 put out nothing (their epochs follow). Its state
//! is how far it has read. Whatever happens, what is visible is always a prefix of the output with each
//! row once, and from every reachable situation a last process, left alone, completes the output.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use flitz_dataflow::connector::Marker;
use flitz_dataflow::{Attempt, Epoch, RunId};

use super::{Action, Facts, Manifest, SinkFacts, chain, decide, is_newest, next_attempt, retained};
use crate::format::ObjectName;
use crate::session::{KeptCheckpoint, superfluous};
use crate::store::{CheckpointId, Start};

const ROWS: u8 = 4;
const SINK: &str = "sink";

fn output_of(row: u8) -> Option<u8> {
    (row == 0 || row == 3).then_some(row)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    /// One transactional sink.
    Deciding,
    /// Files alone: the manifest decides.
    Manifest,
    /// A transactional sink, and files that follow it.
    Both,
}

impl Mode {
    fn decides(self) -> bool {
        self != Mode::Manifest
    }

    fn follows(self) -> bool {
        self != Mode::Deciding
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct World {
    store: Facts,
    /// State and output of each manifest ever written.
    contents: BTreeMap<CheckpointId, (u8, Vec<u8>)>,
    fenced_by: Attempt,
    marker: Option<Marker>,
    visible: Vec<u8>,
    /// Published files by name.
    files: BTreeMap<CheckpointId, Vec<u8>>,
    processes: Vec<Process>,
    started: u8,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Process {
    me: Attempt,
    run: RunId,
    read: u8,
    next: Epoch,
    held: Option<CheckpointId>,
    kept: Vec<CheckpointId>,
    listed: Vec<ObjectName>,
    at: Step,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Step {
    Claim(Attempt),
    Fence,
    List(Option<Marker>),
    Read(Option<Marker>, Facts),
    Act(Vec<ActionKey>),
    Run,
    Look(Written),
    Commit(Written),
    Publish(Written),
    Delete(Written),
    /// A bounded job that was over begins anew: nothing more to see here.
    Over,
}

/// Actions without `Hash`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum ActionKey {
    Publish(CheckpointId),
    Lineage(super::Lineage),
    Load(CheckpointId),
    Copy(CheckpointId),
    Commit(CheckpointId),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Written {
    id: CheckpointId,
    commits: bool,
    output: Vec<u8>,
}

impl Process {
    fn new() -> Process {
        Process {
            me: Attempt(0),
            run: RunId(String::new()),
            read: 0,
            next: Epoch(0),
            held: None,
            kept: vec![],
            listed: vec![],
            at: Step::Claim(Attempt(0)),
        }
    }
}

impl World {
    fn names(&self) -> Vec<ObjectName> {
        let attempts = self.store.attempts.iter().map(|a| ObjectName::Attempt(*a));
        let lineages = self.store.lineages.iter().map(|l| ObjectName::Lineage(l.attempt));
        attempts.chain(lineages).chain(self.store.manifests.iter().map(|m| ObjectName::Manifest(m.id))).collect()
    }

    fn write(&mut self, mode: Mode, run: &RunId, id: CheckpointId, follows: Option<CheckpointId>, read: u8, out: Vec<u8>) {
        assert!(self.contents.insert(id, (read, out)).is_none(), "created, never overwritten");
        self.store.manifests.push(Manifest {
            id,
            run: run.clone(),
            follows,
            sink: mode.decides().then(|| SINK.to_owned()),
            finished: read == ROWS,
        });
        self.store.manifests.sort_by_key(|m| m.id);
    }

    /// Each row at most once, and none before those in front of it.
    fn check(&self, mode: Mode) {
        let expected: Vec<u8> = (0..ROWS).filter_map(output_of).collect();
        if mode.decides() {
            assert!(expected.starts_with(&self.visible), "visible {:?}", self.visible);
        }
        if mode.follows() {
            let mut files: Vec<u8> = self.files.values().flatten().copied().collect();
            files.sort();
            assert!(expected.starts_with(&files), "files {:?}", self.files);
        }
    }

    fn is_complete(&self, mode: Mode) -> bool {
        let expected = (0..ROWS).filter_map(output_of).count();
        (!mode.decides() || self.visible.len() == expected)
            && (!mode.follows() || self.files.values().flatten().count() == expected)
    }

    fn commit(&mut self, me: Attempt, run: &RunId, id: CheckpointId, output: &[u8]) -> bool {
        if self.fenced_by != me {
            return false;
        }
        let marker = Marker { job: "job".into(), run: run.clone(), attempt: me, epoch: id.epoch };
        if self.marker.as_ref() != Some(&marker) {
            self.visible.extend(output);
            self.marker = Some(marker);
        }
        true
    }

    /// What process `i` may do next: usually one thing; None if it has nothing left to do.
    fn step(&self, i: usize, mode: Mode, alone: bool) -> Vec<World> {
        let mut world = self.clone();
        let mut p = world.processes.remove(i);
        let mut outcomes = vec![];
        match p.at.clone() {
            Step::Claim(at_least) => {
                p.me = next_attempt(&world.store.attempts).max(at_least);
                world.store.attempts.push(p.me);
                p.at = if mode.decides() { Step::Fence } else { Step::List(None) };
            }
            Step::Fence => {
                world.fenced_by = p.me;
                p.at = Step::List(world.marker.clone());
            }
            Step::List(marker) => p.at = Step::Read(marker, world.store.clone()),
            Step::Read(marker, mut facts) => {
                // What was deleted between listing and reading is not there.
                facts.lineages.retain(|l| world.store.lineages.contains(l));
                facts.manifests.retain(|m| world.store.manifests.contains(m));
                let sink = mode.decides().then(|| SinkFacts { id: SINK.into(), marker: marker.clone() });
                let run = RunId(format!("run-{}", p.me));
                let actions = decide(&facts, sink.as_ref(), "job", &Start::Resume, p.me, &run)
                    .unwrap_or_else(|refusal| panic!("{refusal:?}\n{self:#?}"));
                p.kept = chain(&facts).iter().map(|m| m.id).collect();
                p.at = match &actions[..] {
                    [Action::ClaimAgain(at_least)] => Step::Claim(*at_least),
                    _ => Step::Act(actions.into_iter().map(ActionKey::from).collect()),
                };
            }
            Step::Act(mut actions) => {
                match actions.remove(0) {
                    ActionKey::Publish(id) => {
                        let output = world.contents[&id].1.clone();
                        if mode.follows() && !output.is_empty() {
                            world.files.insert(id, output);
                        }
                    }
                    ActionKey::Lineage(lineage) => {
                        p.run = lineage.run.clone();
                        if lineage.parent.is_none() {
                            let over = world.is_complete(mode);
                            // One that is superseded may have looked before there was anything.
                            let nothing = world.visible.is_empty() && world.files.is_empty();
                            let superseded = !is_newest(&world.store.attempts, p.me);
                            assert!(over || nothing || superseded, "forgot its state");
                            p.at = if over { Step::Over } else { Step::Run };
                        }
                        if p.at != Step::Over {
                            world.store.lineages.push(lineage);
                            world.store.lineages.sort_by_key(|l| l.attempt);
                        }
                    }
                    ActionKey::Load(id) => match world.store.manifests.iter().find(|m| m.id == id) {
                        Some(manifest) => {
                            p.read = world.contents[&id].0;
                            p.held = Some(manifest.holds());
                            p.next = id.epoch.next();
                            p.kept.retain(|k| *k <= id);
                        }
                        // Only who is superseded may find it gone.
                        None => {
                            assert!(!is_newest(&world.store.attempts, p.me), "the parent is gone");
                            return vec![world];
                        }
                    },
                    ActionKey::Copy(id) => {
                        world.write(mode, &p.run, id, None, p.read, vec![]);
                        p.kept.push(id);
                    }
                    ActionKey::Commit(id) => {
                        if !world.commit(p.me, &p.run, id, &[]) {
                            return vec![world];
                        }
                        p.held = Some(id);
                    }
                }
                if p.at != Step::Over && p.at != Step::Run {
                    p.at = if actions.is_empty() { Step::Run } else { Step::Act(actions) };
                }
            }
            Step::Run if p.read == ROWS => return vec![],
            Step::Run => {
                let mut output = vec![];
                if p.next > Epoch(0) {
                    output.extend(output_of(p.read));
                    p.read += 1;
                }
                let id = CheckpointId { attempt: p.me, epoch: p.next };
                let commits = !output.is_empty() || p.next == Epoch(0);
                let follows = if commits { None } else { Some(p.held.expect("the first epoch commits")) };
                world.write(mode, &p.run, id, follows, p.read, output.clone());
                p.kept.push(id);
                p.at = Step::Look(Written { id, commits, output });
            }
            Step::Look(written) => {
                if !is_newest(&world.store.attempts, p.me) {
                    return vec![world];
                }
                p.listed = world.names();
                p.at = if mode.decides() && written.commits { Step::Commit(written) } else { Step::Publish(written) };
            }
            Step::Commit(written) => {
                if !world.commit(p.me, &p.run, written.id, &written.output) {
                    return vec![world];
                }
                if !alone {
                    // The answer got lost: it is asked again.
                    let mut unknown = world.clone();
                    unknown.processes.insert(i, p.clone());
                    outcomes.push(unknown);
                }
                p.at = Step::Publish(written);
            }
            Step::Publish(written) => {
                if mode.follows() && !written.output.is_empty() {
                    world.files.insert(written.id, written.output.clone());
                }
                p.at = Step::Delete(written);
            }
            Step::Delete(written) => {
                if written.commits {
                    p.held = Some(written.id);
                }
                p.kept = retained(&p.kept, written.id, 1);
                let kept: Vec<KeptCheckpoint> =
                    p.kept.iter().map(|id| KeptCheckpoint { id: *id, objects: BTreeSet::new() }).collect();
                for name in superfluous(&p.listed, p.me, &kept) {
                    match name {
                        ObjectName::Attempt(attempt) => world.store.attempts.retain(|a| *a != attempt),
                        ObjectName::Lineage(attempt) => world.store.lineages.retain(|l| l.attempt != attempt),
                        ObjectName::Manifest(id) => world.store.manifests.retain(|m| m.id != id),
                        _ => {}
                    }
                }
                p.listed.clear();
                p.next = p.next.next();
                p.at = Step::Run;
            }
            Step::Over => return vec![],
        }
        world.processes.insert(i, p);
        outcomes.push(world);
        outcomes
    }
}

impl From<Action> for ActionKey {
    fn from(action: Action) -> ActionKey {
        match action {
            Action::ClaimAgain(_) => unreachable!("handled alone"),
            Action::Publish(id) => ActionKey::Publish(id),
            Action::CreateLineage(lineage) => ActionKey::Lineage(lineage),
            Action::Load(id) => ActionKey::Load(id),
            Action::Copy(id) => ActionKey::Copy(id),
            Action::Commit(id) => ActionKey::Commit(id),
        }
    }
}

/// All that can happen with `starts` processes, `alive` of them at a time. Returns how many situations there were.
fn explore(mode: Mode, starts: u8, alive: usize) -> usize {
    let mut seen: HashSet<World> = HashSet::new();
    let mut alone_seen: HashSet<World> = HashSet::new();
    let mut todo = vec![World::default()];
    while let Some(world) = todo.pop() {
        if !seen.insert(world.clone()) {
            continue;
        }
        world.check(mode);
        // Everybody dies, and one process is left alone.
        let mut survivor = world.clone();
        survivor.processes.clear();
        survivor.started = 0;
        if alone_seen.insert(survivor.clone()) {
            survivor.processes.push(Process::new());
            while let Some(next) = survivor.step(0, mode, true).pop() {
                assert_eq!(next.processes.len(), 1, "fenced although alone\n{survivor:#?}");
                survivor = next;
                survivor.check(mode);
            }
            assert!(survivor.is_complete(mode), "rows are lost\n{survivor:#?}\nafter\n{world:#?}");
        }
        for i in 0..world.processes.len() {
            todo.extend(world.step(i, mode, false));
            let mut crashed = world.clone();
            crashed.processes.remove(i);
            todo.push(crashed);
        }
        if world.started < starts && world.processes.len() < alive {
            let mut started = world;
            started.processes.push(Process::new());
            started.started += 1;
            todo.push(started);
        }
    }
    seen.len()
}

#[test]
fn three_successive_crashes_lose_and_repeat_nothing() {
    for mode in [Mode::Deciding, Mode::Manifest, Mode::Both] {
        let situations = explore(mode, 4, 1);
        assert!(situations > 1_000, "{mode:?}: {situations}");
    }
}

#[test]
fn two_processes_at_once_lose_and_repeat_nothing() {
    for mode in [Mode::Deciding, Mode::Manifest, Mode::Both] {
        let situations = explore(mode, 2, 2);
        assert!(situations > 1_000, "{mode:?}: {situations}");
    }
}

#[test]
fn a_zombie_and_a_crash_lose_and_repeat_nothing() {
    for mode in [Mode::Deciding, Mode::Manifest] {
        let situations = explore(mode, 3, 2);
        assert!(situations > 10_000, "{mode:?}: {situations}");
    }
}
