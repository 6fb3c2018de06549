//! Every crash of every process at every step, and every interleaving of two live processes: a simulated
//! store, sink and job, explored exhaustively.
//!
//! The job reads rows 0, 1, 2 …, one per epoch; of three rows the middle one (of four, both in the middle) puts
//! out nothing: its epoch follows. The job's state is how far it has read. Whatever happens, what is visible is always a prefix of the output with each
//! row once, and from every reachable situation a last process, left alone, completes the output.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};

use flitz_dataflow::connector::Marker;
use flitz_dataflow::{Attempt, Epoch, RunId};

use super::{Action, Facts, Manifest, SinkFacts, chain, decide, is_newest, next_attempt, retained};
use crate::format::ObjectName;
use crate::session::{KeptCheckpoint, superfluous};
use crate::store::{CheckpointId, Start};

const SINK: &str = "sink";

/// What is explored.
#[derive(Clone, Copy, Debug)]
struct Scope {
    mode: Mode,
    rows: u8,
    /// Processes started in all, and alive at a time.
    starts: u8,
    alive: usize,
}

impl Scope {
    fn output_of(self, row: u8) -> Option<u8> {
        (row == 0 || row == self.rows - 1).then_some(row)
    }

    fn output(self) -> Vec<u8> {
        (0..self.rows).filter_map(|row| self.output_of(row)).collect()
    }
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
    superfluous: Vec<ObjectName>,
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
    /// The job was found to be over, or begins anew after its end was reported: nothing more to see here.
    Over,
}

/// Actions without `Hash`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum ActionKey {
    Claim(Attempt),
    Lineage(super::Lineage),
    Look,
    Publish(CheckpointId),
    Confirm(CheckpointId),
    Load(CheckpointId),
    Copy(CheckpointId),
    Commit(CheckpointId),
    End(CheckpointId),
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
            superfluous: vec![],
            at: Step::Claim(Attempt(0)),
        }
    }
}

impl World {
    fn names(&self) -> Vec<ObjectName> {
        let attempts = self.store.attempts.iter().map(|a| ObjectName::Attempt(*a));
        let lineages = self.store.lineages.iter().map(|l| ObjectName::Lineage(l.attempt));
        let confirmed = self.store.confirmed.iter().map(|id| ObjectName::Confirmed(*id));
        let reported = self.store.reported.iter().map(|id| ObjectName::Reported(*id));
        attempts
            .chain(lineages)
            .chain(confirmed)
            .chain(reported)
            .chain(self.store.manifests.iter().map(|m| ObjectName::Manifest(m.id)))
            .collect()
    }

    fn write(
        &mut self,
        scope: Scope,
        run: &RunId,
        id: CheckpointId,
        follows: Option<CheckpointId>,
        read: u8,
        out: Vec<u8>,
    ) {
        assert!(self.contents.insert(id, (read, out)).is_none(), "created, never overwritten");
        self.store.manifests.push(Manifest {
            id,
            run: run.clone(),
            follows,
            sink: scope.mode.decides().then(|| SINK.to_owned()),
            finished: read == scope.rows,
        });
        self.store.manifests.sort_by_key(|m| m.id);
    }

    /// Contents of manifests that are deleted and that no process is about to look at.
    fn forget_the_unreachable(&mut self) {
        let World { store, contents, processes, .. } = self;
        let looking = |p: &Process, id: &CheckpointId| match &p.at {
            Step::Read(_, facts) => facts.manifests.iter().any(|m| m.id == *id),
            Step::Act(actions) => actions.contains(&ActionKey::Publish(*id)),
            _ => false,
        };
        let exists = |id: &CheckpointId| store.manifests.iter().any(|m| m.id == *id);
        contents.retain(|id, _| exists(id) || processes.iter().any(|p| looking(p, id)));
    }

    /// Each row at most once, and none before those in front of it.
    fn check(&self, scope: Scope) {
        let (mode, expected) = (scope.mode, scope.output());
        if mode.decides() {
            assert!(expected.starts_with(&self.visible), "visible {:?}", self.visible);
        }
        if mode.follows() {
            let mut files: Vec<u8> = self.files.values().flatten().copied().collect();
            files.sort();
            assert!(expected.starts_with(&files), "files {:?}", self.files);
        }
    }

    fn is_complete(&self, scope: Scope) -> bool {
        let (mode, expected) = (scope.mode, scope.output().len());
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
    fn step(&self, i: usize, scope: Scope, alone: bool) -> Vec<World> {
        let mode = scope.mode;
        let mut world = self.clone();
        let mut p = world.processes.remove(i);
        let mut outcomes = vec![];
        match p.at.clone() {
            // Two that begin at once may overtake each other for ever; a few times will do.
            Step::Claim(at_least) if !alone && at_least.0 > u64::from(scope.starts) + 2 => return vec![],
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
                let actions = match decide(&facts, sink.as_ref(), "job", &Start::Resume, p.me, &run) {
                    Ok(actions) => actions,
                    // Whoever superseded it may have deleted what it was about to read.
                    Err(refusal) => {
                        assert!(!is_newest(&world.store.attempts, p.me), "{refusal:?}\n{self:#?}");
                        return vec![world];
                    }
                };
                p.kept = chain(&facts).iter().map(|m| m.id).collect();
                p.at = Step::Act(actions.into_iter().map(ActionKey::from).collect());
            }
            Step::Act(mut actions) => {
                match actions.remove(0) {
                    ActionKey::Claim(at_least) => p.at = Step::Claim(at_least),
                    ActionKey::Look => {
                        if !is_newest(&world.store.attempts, p.me) {
                            return vec![world];
                        }
                    }
                    ActionKey::Confirm(id) => {
                        if !world.store.confirmed.contains(&id) {
                            world.store.confirmed.push(id);
                        }
                    }
                    ActionKey::Publish(id) => {
                        let output = world.contents[&id].1.clone();
                        if mode.follows() && !output.is_empty() {
                            world.files.insert(id, output);
                        }
                    }
                    ActionKey::Lineage(lineage) => {
                        p.run = lineage.run.clone();
                        if lineage.parent.is_none() {
                            let over = !world.store.reported.is_empty();
                            assert!(!over || world.is_complete(scope), "reported before it was over");
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
                    ActionKey::End(_) => {
                        let superseded = !is_newest(&world.store.attempts, p.me);
                        assert!(world.is_complete(scope) || superseded, "not all is visible");
                        p.at = Step::Over;
                    }
                    ActionKey::Copy(id) => {
                        world.write(scope, &p.run, id, None, p.read, vec![]);
                        p.kept.push(id);
                    }
                    ActionKey::Commit(id) => {
                        if !world.commit(p.me, &p.run, id, &[]) {
                            return vec![world];
                        }
                        p.held = Some(id);
                    }
                }
                if matches!(p.at, Step::Act(_)) {
                    p.at = if actions.is_empty() { Step::Run } else { Step::Act(actions) };
                }
            }
            // The end is reported, or the process dies before that.
            Step::Run if p.read == scope.rows => {
                let newest = p.kept.last().copied().filter(|id| id.attempt == p.me);
                if let Some(id) = newest.filter(|id| !world.store.reported.contains(id)) {
                    world.store.reported.push(id);
                }
                p.at = Step::Over;
            }
            Step::Run => {
                let mut output = vec![];
                if p.next > Epoch(0) {
                    output.extend(scope.output_of(p.read));
                    p.read += 1;
                }
                let id = CheckpointId { attempt: p.me, epoch: p.next };
                let commits = !output.is_empty() || p.next == Epoch(0);
                let follows = if commits { None } else { Some(p.held.expect("the first epoch commits")) };
                world.write(scope, &p.run, id, follows, p.read, output.clone());
                p.kept.push(id);
                p.at = Step::Look(Written { id, commits, output });
            }
            Step::Look(written) => {
                if !is_newest(&world.store.attempts, p.me) {
                    return vec![world];
                }
                // What will be deleted is known now; keeping just that makes fewer situations.
                let kept = retained(&p.kept, written.id, 1);
                let kept: Vec<KeptCheckpoint> =
                    kept.iter().map(|id| KeptCheckpoint { id: *id, objects: BTreeSet::new() }).collect();
                p.superfluous = superfluous(&world.names(), p.me, &kept);
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
                for name in std::mem::take(&mut p.superfluous) {
                    match name {
                        ObjectName::Attempt(attempt) => world.store.attempts.retain(|a| *a != attempt),
                        ObjectName::Lineage(attempt) => world.store.lineages.retain(|l| l.attempt != attempt),
                        ObjectName::Manifest(id) => world.store.manifests.retain(|m| m.id != id),
                        ObjectName::Confirmed(id) => world.store.confirmed.retain(|c| *c != id),
                        ObjectName::Reported(id) => world.store.reported.retain(|r| *r != id),
                        ObjectName::State { .. } => {}
                    }
                }
                p.next = p.next.next();
                p.at = Step::Run;
            }
            Step::Over => return vec![],
        }
        world.processes.insert(i, p);
        world.forget_the_unreachable();
        outcomes.push(world);
        outcomes
    }
}

impl From<Action> for ActionKey {
    fn from(action: Action) -> ActionKey {
        match action {
            Action::ClaimAgain(at_least) => ActionKey::Claim(at_least),
            Action::Look => ActionKey::Look,
            Action::Confirm(id) => ActionKey::Confirm(id),
            Action::Publish(id) => ActionKey::Publish(id),
            Action::CreateLineage(lineage) => ActionKey::Lineage(lineage),
            Action::Load(id) => ActionKey::Load(id),
            Action::Copy(id) => ActionKey::Copy(id),
            Action::Commit(id) => ActionKey::Commit(id),
            Action::End(id) => ActionKey::End(id),
        }
    }
}

/// All that can happen. Returns how many situations there were.
fn explore(scope: Scope) -> usize {
    let mut seen: HashSet<u64> = HashSet::new();
    let mut alone_seen: HashSet<u64> = HashSet::new();
    let hasher = RandomState::new();
    let mut todo = vec![World::default()];
    while let Some(world) = todo.pop() {
        if !seen.insert(hasher.hash_one(&world)) {
            continue;
        }
        world.check(scope);
        // Everybody dies, and one process is left alone.
        let mut survivor = world.clone();
        survivor.processes.clear();
        survivor.started = 0;
        if alone_seen.insert(hasher.hash_one(&survivor)) {
            survivor.processes.push(Process::new());
            while let Some(next) = survivor.step(0, scope, true).pop() {
                assert_eq!(next.processes.len(), 1, "fenced although alone\n{survivor:#?}");
                survivor = next;
                survivor.check(scope);
            }
            assert!(survivor.is_complete(scope), "rows are lost\n{survivor:#?}\nafter\n{world:#?}");
        }
        let may_start = world.started < scope.starts && world.processes.len() < scope.alive;
        for i in 0..world.processes.len() {
            todo.extend(world.step(i, scope, false));
            // A dead process is one that never moves again, which is among what is explored anyway; what
            // remains is the room it makes for another.
            if world.started < scope.starts && !may_start {
                let mut crashed = world.clone();
                crashed.processes.remove(i);
                todo.push(crashed);
            }
        }
        if may_start {
            let mut started = world;
            started.processes.push(Process::new());
            started.started += 1;
            todo.push(started);
        }
    }
    eprintln!("{scope:?}: {} situations, {} alone", seen.len(), alone_seen.len());
    seen.len()
}

#[test]
fn three_successive_crashes_lose_and_repeat_nothing() {
    for mode in [Mode::Deciding, Mode::Manifest, Mode::Both] {
        let situations = explore(Scope { mode, rows: 4, starts: 4, alive: 1 });
        assert!(situations > 1_000, "{mode:?}: {situations}");
    }
}

#[test]
fn two_processes_at_once_lose_and_repeat_nothing() {
    for mode in [Mode::Deciding, Mode::Manifest, Mode::Both] {
        let situations = explore(Scope { mode, rows: 3, starts: 2, alive: 2 });
        assert!(situations > 1_000, "{mode:?}: {situations}");
    }
}

#[test]
fn zombies_and_successive_crashes_lose_and_repeat_nothing() {
    for mode in [Mode::Deciding, Mode::Manifest] {
        let situations = explore(Scope { mode, rows: 3, starts: 3, alive: 2 });
        assert!(situations > 10_000, "{mode:?}: {situations}");
    }
}
