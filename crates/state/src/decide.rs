//! The checkpoint and commit protocol without any I/O: facts in, actions out.
//!
//! # Who wins
//!
//! ```text
//! attempt-3   created by the process that is attempt 3, before anything else. The highest number wins.
//! lineage-3   written once attempt 3 has decided where it goes on: from which parent checkpoint.
//! manifest-3-17   checkpoint 17, written by attempt 3 when everything it refers to is durable.
//! ```
//!
//! The *chain* is what counts: the manifests of the newest lineage, then its parent and what came before it.
//! Manifests that an abandoned attempt wrote beyond the point where a newer one took over are not in it.
//!
//! # An epoch
//!
//! 1. Rows are with the sink, uncommitted. The manifest is created.
//! 2. The attempts are listed: a higher one means `Fenced`, and nothing of the epoch becomes visible. This
//!    order, write then look, against the order of recovery, claim then look, is what makes a manifest decide
//!    by itself if there is no sink that does: of two processes at least one sees the other.
//! 3. The deciding sink commits rows and marker in one transaction; an epoch without rows commits nothing,
//!    its manifest *follows* the epoch that the sink holds.
//! 4. Older checkpoints are deleted. That is safe because of 2: whoever claimed an attempt after we looked
//!    sees our newer manifest, and prefers it.
//!
//! # Recovery
//!
//! 1. Claim an attempt, fence the sink, only then read its marker, only then list the store.
//! 2. [`decide`] picks the parent: the newest manifest of the chain that *holds* (is, or follows) what
//!    the marker names. A newer one was never committed and is left out for good by the new lineage.
//! 3. The lineage is created, the attempts are looked at once more, and only then is published what the parent
//!    decided in sinks that follow: a newer attempt might have seen an older lineage, and another parent.
//! 4. If the sink holds no marker or that of an earlier run, and we may go on all the same, the parent is
//!    written once more under our attempt and its marker committed before any row is read: from then on
//!    store and sink agree again. The lineage names the marker that may be found until then (`accepts`).
//!
//! # The end of a bounded job
//!
//! A manifest that is `finished` says that all rows are out; whoever recovers from it publishes what follows and
//! does nothing more. Only when the end was *reported* to whoever ran the job does a next start begin a new run: so
//! a process that dies between its last commit and its exit code has nothing written twice when it is run again.

use flitz_dataflow::connector::Marker;
use flitz_dataflow::{Attempt, Epoch, RunId};

use crate::store::{CheckpointId, Start};

/// What the store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    pub attempts: Vec<Attempt>,
    pub lineages: Vec<Lineage>,
    pub manifests: Vec<Manifest>,
    /// Checkpoints that a clean stop left, known to be committed.
    pub confirmed: Vec<CheckpointId>,
    /// Ends of bounded jobs that were told to whoever ran them.
    pub reported: Vec<CheckpointId>,
}

/// Where an attempt went on from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lineage {
    pub attempt: Attempt,
    pub run: RunId,
    /// None: from nothing (a new run, or state taken over from another job).
    pub parent: Option<CheckpointId>,
    /// Epoch of the first manifest of this lineage if it has to commit a marker before it reads:
    /// 0, or its parent's.
    pub first: Epoch,
    /// Until that marker is committed the sink may hold this.
    pub accepts: Option<Accepted>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Accepted {
    pub marker: Option<Marker>,
}

/// What the protocol must know of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Manifest {
    pub id: CheckpointId,
    pub run: RunId,
    /// The checkpoint that the sink held when this one was written, if it has no rows itself.
    pub follows: Option<CheckpointId>,
    /// The deciding sink of the time; None: the manifest decided.
    pub sink: Option<String>,
    /// The bounded job was over.
    pub finished: bool,
}

impl Manifest {
    /// What the marker names while this is the newest checkpoint.
    pub fn holds(&self) -> CheckpointId {
        self.follows.unwrap_or(self.id)
    }
}

/// What the sink holds, read after it was fenced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkFacts {
    pub id: String,
    pub marker: Option<Marker>,
}

/// A step of recovery, to be done in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Another process claimed meanwhile, or the sink remembers a higher attempt: claim, fence and look again.
    ClaimAgain(Attempt),
    /// From here on the parent is decided.
    CreateLineage(Lineage),
    /// List the attempts: whoever came later may have decided otherwise. Stop if there is one.
    Look,
    /// Make visible, in sinks that follow, what this checkpoint decided: the crash may have come before.
    Publish(CheckpointId),
    /// Note that nothing of this checkpoint is open.
    Confirm(CheckpointId),
    Load(CheckpointId),
    /// Write what was loaded as a manifest of this attempt, under its old epoch.
    Copy(CheckpointId),
    /// Commit the marker of that manifest.
    Commit(CheckpointId),
    /// The bounded job is over; only to be reported.
    End(CheckpointId),
}

/// Why the job can't go on by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The sink's marker is another job's.
    OtherJob(Marker),
    /// The sink has a marker of this job, the store holds nothing.
    CheckpointsGone(Marker),
    /// The store's chain does not lead to the sink's marker.
    UnknownMarker {
        marker: Marker,
        have: Vec<Epoch>,
    },
    /// The sink has no marker, and the newest checkpoint may or may not have been committed.
    Unsettled {
        newest: Epoch,
        have: Vec<Epoch>,
    },
    NoSuchCheckpoint {
        wanted: Epoch,
        have: Vec<Epoch>,
    },
}

/// The attempt to claim, given those that exist.
pub fn next_attempt(attempts: &[Attempt]) -> Attempt {
    Attempt(attempts.iter().map(|a| a.0).max().unwrap_or(0) + 1)
}

/// Whether `me` may go on.
pub fn is_newest(attempts: &[Attempt], me: Attempt) -> bool {
    attempts.iter().all(|a| *a <= me)
}

/// What recovery does once attempt `me` is claimed, the sink fenced and the store listed.
///
/// `sink`: None if the manifest decides. `new_run`: used if a new run begins.
pub fn decide(
    facts: &Facts,
    sink: Option<&SinkFacts>,
    job: &str,
    start: &Start,
    me: Attempt,
    new_run: &RunId,
) -> Result<Vec<Action>, Refusal> {
    let marker = sink.and_then(|s| s.marker.clone());
    // A sink that remembers our number or a higher one outlived the folder in which attempts were counted.
    let in_sink = marker.as_ref().map_or(Attempt(0), |m| m.attempt);
    let highest = facts.attempts.iter().copied().max().unwrap_or(me).max(in_sink);
    if highest > me || in_sink == me {
        return Ok(vec![Action::ClaimAgain(Attempt(highest.0 + 1))]);
    }

    let begin = || {
        let accepts = sink.map(|_| Accepted { marker: marker.clone() });
        vec![Action::CreateLineage(Lineage {
            attempt: me,
            run: new_run.clone(),
            parent: None,
            first: Epoch(0),
            accepts,
        })]
    };
    let take = |parent: &Manifest, agrees: bool| {
        let disagrees = sink.is_some() && !agrees;
        let lineage = Lineage {
            attempt: me,
            run: parent.run.clone(),
            parent: Some(parent.id),
            first: parent.id.epoch,
            accepts: disagrees.then(|| Accepted { marker: marker.clone() }),
        };
        (vec![Action::CreateLineage(lineage), Action::Look, Action::Publish(parent.id)], disagrees)
    };
    let resume = |parent: &Manifest, agrees: bool| {
        let (mut actions, disagrees) = take(parent, agrees);
        actions.push(Action::Load(parent.id));
        if disagrees {
            let copy = CheckpointId { attempt: me, epoch: parent.id.epoch };
            actions.extend([Action::Copy(copy), Action::Commit(copy)]);
        }
        actions
    };
    let end = |parent: &Manifest, agrees: bool| {
        let (mut actions, _) = take(parent, agrees);
        actions.extend([Action::Confirm(parent.id), Action::End(parent.id)]);
        actions
    };

    match start {
        Start::Fresh => Ok(begin()),
        Start::FromCheckpoint(epoch) => {
            let chain = chain(facts);
            match chain.iter().rev().find(|m| m.id.epoch == *epoch) {
                Some(manifest) => Ok(resume(manifest, false)),
                None => Err(Refusal::NoSuchCheckpoint { wanted: *epoch, have: epochs(&chain) }),
            }
        }
        Start::Resume | Start::ResumeFrom(_) => Ok(match choose(facts, sink, job)? {
            Choice::Begin => begin(),
            Choice::Resume { parent, .. } if parent.finished && facts.reported.contains(&parent.id) => begin(),
            Choice::Resume { parent, agrees } if parent.finished => end(parent, agrees),
            Choice::Resume { parent, agrees } => resume(parent, agrees),
        }),
    }
}

/// Where to go on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice<'a> {
    Begin,
    Resume {
        parent: &'a Manifest,
        /// Whether the sink's marker is what the parent holds.
        agrees: bool,
    },
}

/// Finds the parent; the heart of recovery.
pub fn choose<'a>(facts: &'a Facts, sink: Option<&SinkFacts>, job: &str) -> Result<Choice<'a>, Refusal> {
    let chain = chain(facts);
    let newest = chain.last().copied();
    let lineage = facts.lineages.iter().max_by_key(|l| l.attempt);
    let unsettled = |m: &Manifest| Refusal::Unsettled { newest: m.id.epoch, have: epochs(&chain) };

    let Some(sink) = sink else {
        return match newest {
            None => Ok(Choice::Begin),
            Some(m) if is_settled(m, facts) => Ok(Choice::Resume { parent: m, agrees: true }),
            Some(m) => Err(unsettled(m)),
        };
    };

    if let Some(marker) = &sink.marker {
        let held = CheckpointId { attempt: marker.attempt, epoch: marker.epoch };
        if let Some(parent) = chain.iter().rev().find(|m| m.run == marker.run && m.holds() == held) {
            return Ok(Choice::Resume { parent, agrees: true });
        }
    }

    // The lineage began, but has not yet committed its first marker: nothing but that came of it.
    if let Some(lineage) = lineage
        && lineage.accepts.as_ref().is_some_and(|a| a.marker == sink.marker)
    {
        match newest {
            None if lineage.parent.is_none() => return Ok(Choice::Begin),
            Some(m) if Some(m.id) == lineage.parent => return Ok(Choice::Resume { parent: m, agrees: false }),
            Some(m) if m.id.attempt == lineage.attempt && m.id.epoch == lineage.first => {
                return Ok(Choice::Resume { parent: m, agrees: false });
            }
            _ => {}
        }
    }

    match (&sink.marker, newest) {
        (None, None) => Ok(Choice::Begin),
        (None, Some(m)) if is_settled(m, facts) => Ok(Choice::Resume { parent: m, agrees: false }),
        (None, Some(m)) => Err(unsettled(m)),
        (Some(marker), _) if marker.job != job => Err(Refusal::OtherJob(marker.clone())),
        (Some(marker), None) => Err(Refusal::CheckpointsGone(marker.clone())),
        (Some(marker), Some(_)) => Err(Refusal::UnknownMarker { marker: marker.clone(), have: epochs(&chain) }),
    }
}

/// Whether all that `newest`, the newest checkpoint of the chain, decided is known to be visible, though no marker says so.
fn is_settled(newest: &Manifest, facts: &Facts) -> bool {
    // Epoch 0 has no rows; one that follows was written after the commit of what it follows; a manifest
    // that decided by itself is published again at recovery.
    newest.id.epoch == Epoch(0)
        || newest.follows.is_some()
        || newest.sink.is_none()
        || facts.confirmed.contains(&newest.id)
}

/// The manifests that count, oldest first.
pub fn chain(facts: &Facts) -> Vec<&Manifest> {
    let mut chain = vec![];
    let mut at = facts.lineages.iter().max_by_key(|l| l.attempt).map(|l| (l.attempt, Epoch(u64::MAX)));
    while let Some((attempt, last)) = at {
        let mut own: Vec<&Manifest> =
            facts.manifests.iter().filter(|m| m.id.attempt == attempt && m.id.epoch <= last).collect();
        own.sort_by_key(|m| std::cmp::Reverse(m.id.epoch));
        chain.extend(own);
        // A lineage that is gone was deleted together with all that came before it.
        let lineage = facts.lineages.iter().find(|l| l.attempt == attempt);
        at = lineage.and_then(|l| l.parent).filter(|p| p.attempt < attempt).map(|p| (p.attempt, p.epoch));
    }
    chain.reverse();
    chain
}

fn epochs(chain: &[&Manifest]) -> Vec<Epoch> {
    let mut epochs: Vec<Epoch> = chain.iter().map(|m| m.id.epoch).collect();
    epochs.dedup();
    epochs
}

/// The checkpoints that stay once `confirmed`, one of attempt `me`, is visible: the newest `retained`.
pub fn retained(chain: &[CheckpointId], confirmed: CheckpointId, retained: usize) -> Vec<CheckpointId> {
    let visible = chain.iter().rev().skip_while(|id| **id != confirmed);
    visible.take(retained.max(1)).copied().collect()
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
