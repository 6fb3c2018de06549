//! The rules one by one, as a table of situations.

use expect_test::{Expect, expect};
use flitz_dataflow::connector::Marker;
use flitz_dataflow::{Attempt, Epoch, RunId};

use super::*;

fn id(attempt: u64, epoch: u64) -> CheckpointId {
    CheckpointId { attempt: Attempt(attempt), epoch: Epoch(epoch) }
}

fn marker(run: &str, attempt: u64, epoch: u64) -> Option<Marker> {
    Some(Marker { job: "job".into(), run: RunId(run.into()), attempt: Attempt(attempt), epoch: Epoch(epoch) })
}

/// A manifest of run `r1`, written with a deciding sink.
fn manifest(attempt: u64, epoch: u64) -> Manifest {
    Manifest { id: id(attempt, epoch), run: RunId("r1".into()), follows: None, sink: Some("s".into()), finished: false }
}

fn following(attempt: u64, epoch: u64, follows: CheckpointId) -> Manifest {
    Manifest { follows: Some(follows), ..manifest(attempt, epoch) }
}

fn lineage(attempt: u64, parent: Option<CheckpointId>) -> Lineage {
    let first = parent.map_or(Epoch(0), |p| p.epoch);
    let accepts = parent.is_none().then_some(Accepted { marker: None });
    Lineage { attempt: Attempt(attempt), run: RunId("r1".into()), parent, first, accepts }
}

fn facts(lineages: Vec<Lineage>, manifests: Vec<Manifest>) -> Facts {
    Facts { attempts: vec![Attempt(9)], lineages, manifests, ..Facts::default() }
}

/// What attempt 9 of "job" does.
fn check(facts: &Facts, marker: Option<Marker>, start: Start, expected: Expect) {
    let sink = SinkFacts { id: "s".into(), marker };
    expected.assert_eq(&describe(decide(facts, Some(&sink), "job", &start, Attempt(9), &RunId("new".into()))));
}

fn describe(decision: Result<Vec<Action>, Refusal>) -> String {
    let at = |id: CheckpointId| format!("{}/{}", id.attempt, id.epoch);
    let action = |action: Action| match action {
        Action::ClaimAgain(attempt) => format!("claim {attempt}"),
        Action::Publish(id) => format!("publish {}", at(id)),
        Action::CreateLineage(l) => format!(
            "lineage of {} from {}{}",
            l.run,
            l.parent.map_or("nothing".into(), at),
            if l.accepts.is_some() { " accepting the marker" } else { "" }
        ),
        Action::Look => "look".into(),
        Action::Confirm(id) => format!("confirm {}", at(id)),
        Action::Load(id) => format!("load {}", at(id)),
        Action::Copy(id) => format!("copy as {}", at(id)),
        Action::Commit(id) => format!("commit {}", at(id)),
        Action::End(id) => format!("end {}", at(id)),
    };
    match decision {
        Ok(actions) => actions.into_iter().map(action).collect::<Vec<_>>().join(", "),
        Err(refusal) => format!("{refusal:?}").split(['{', '(']).next().unwrap_or("").trim().to_owned(),
    }
}

#[test]
fn a_first_start_begins_a_run() {
    check(&facts(vec![], vec![]), None, Start::Resume, expect!["lineage of new from nothing accepting the marker"]);
}

#[test]
fn the_marker_picks_the_parent() {
    let store = facts(vec![lineage(1, None)], vec![manifest(1, 6), manifest(1, 7)]);
    check(&store, marker("r1", 1, 7), Start::Resume, expect!["lineage of r1 from 1/7, look, publish 1/7, load 1/7"]);
    check(&store, marker("r1", 1, 6), Start::Resume, expect!["lineage of r1 from 1/6, look, publish 1/6, load 1/6"]);
    check(&store, marker("r1", 1, 5), Start::Resume, expect!["UnknownMarker"]);
    check(&store, marker("r0", 1, 7), Start::Resume, expect!["UnknownMarker"]);
}

#[test]
fn epochs_without_rows_follow_the_marker() {
    let store = facts(vec![lineage(1, None)], vec![manifest(1, 6), following(1, 7, id(1, 6)), manifest(1, 8)]);
    check(&store, marker("r1", 1, 6), Start::Resume, expect!["lineage of r1 from 1/7, look, publish 1/7, load 1/7"]);
    check(&store, marker("r1", 1, 8), Start::Resume, expect!["lineage of r1 from 1/8, look, publish 1/8, load 1/8"]);
}

#[test]
fn what_a_superseded_attempt_wrote_is_left_out() {
    let store = facts(
        vec![lineage(1, None), lineage(2, Some(id(1, 6)))],
        vec![manifest(1, 6), following(1, 7, id(1, 6)), following(2, 7, id(1, 6)), following(2, 8, id(1, 6))],
    );
    check(&store, marker("r1", 1, 6), Start::Resume, expect!["lineage of r1 from 2/8, look, publish 2/8, load 2/8"]);
}

#[test]
fn a_crash_before_the_first_commit_begins_where_it_was() {
    let store = facts(vec![lineage(1, None)], vec![manifest(1, 0)]);
    check(
        &store,
        None,
        Start::Resume,
        expect!["lineage of r1 from 1/0 accepting the marker, look, publish 1/0, load 1/0, copy as 9/0, commit 9/0"],
    );
    check(
        &facts(vec![lineage(1, None)], vec![]),
        None,
        Start::Resume,
        expect!["lineage of new from nothing accepting the marker"],
    );
}

#[test]
fn a_lost_marker_is_forgiven_if_nothing_was_open() {
    let mut store = facts(vec![lineage(1, None)], vec![manifest(1, 6)]);
    check(&store, None, Start::Resume, expect!["Unsettled"]);
    store.confirmed.push(id(1, 6));
    check(
        &store,
        None,
        Start::Resume,
        expect!["lineage of r1 from 1/6 accepting the marker, look, publish 1/6, load 1/6, copy as 9/6, commit 9/6"],
    );
    let store = facts(vec![lineage(1, None)], vec![following(1, 7, id(1, 6))]);
    check(
        &store,
        None,
        Start::Resume,
        expect!["lineage of r1 from 1/7 accepting the marker, look, publish 1/7, load 1/7, copy as 9/7, commit 9/7"],
    );
}

#[test]
fn a_marker_without_checkpoints_is_refused() {
    let none = facts(vec![], vec![]);
    check(&none, marker("r1", 1, 7), Start::Resume, expect!["CheckpointsGone"]);
    let mut other = marker("r1", 1, 7);
    other.as_mut().unwrap().job = "other".into();
    check(&none, other, Start::Resume, expect!["OtherJob"]);
    check(&none, marker("r1", 1, 7), Start::Fresh, expect!["lineage of new from nothing accepting the marker"]);
}

#[test]
fn a_sink_that_remembers_higher_attempts_moves_ours_up() {
    check(&facts(vec![], vec![]), marker("r0", 31, 7), Start::Fresh, expect!["claim 32"]);
    check(&facts(vec![], vec![]), marker("r0", 9, 7), Start::Fresh, expect!["claim 10"]);
}

#[test]
fn a_finished_job_begins_anew_once_its_end_was_reported() {
    let finished = Manifest { finished: true, ..manifest(1, 6) };
    let mut store = facts(vec![lineage(1, None)], vec![manifest(1, 5), finished]);
    check(
        &store,
        marker("r1", 1, 6),
        Start::Resume,
        expect!["lineage of r1 from 1/6, look, publish 1/6, confirm 1/6, end 1/6"],
    );
    check(&store, marker("r1", 1, 5), Start::Resume, expect!["lineage of r1 from 1/5, look, publish 1/5, load 1/5"]);
    store.reported.push(id(1, 6));
    let anew = expect!["lineage of new from nothing accepting the marker"];
    check(&store, marker("r1", 1, 6), Start::Resume, anew);
}

#[test]
fn a_checkpoint_picked_by_hand_holds_until_the_first_commit() {
    let store = facts(vec![lineage(1, None)], vec![manifest(1, 5), manifest(1, 6)]);
    check(
        &store,
        marker("r1", 1, 6),
        Start::FromCheckpoint(Epoch(5)),
        expect!["lineage of r1 from 1/5 accepting the marker, look, publish 1/5, load 1/5, copy as 9/5, commit 9/5"],
    );
    check(&store, marker("r1", 1, 6), Start::FromCheckpoint(Epoch(4)), expect!["NoSuchCheckpoint"]);
    let picked = Lineage { accepts: Some(Accepted { marker: marker("r1", 1, 6) }), ..lineage(2, Some(id(1, 5))) };
    let mut store = facts(vec![lineage(1, None), picked], vec![manifest(1, 5), manifest(1, 6)]);
    check(
        &store,
        marker("r1", 1, 6),
        Start::Resume,
        expect!["lineage of r1 from 1/5 accepting the marker, look, publish 1/5, load 1/5, copy as 9/5, commit 9/5"],
    );
    store.manifests.push(manifest(2, 5));
    check(
        &store,
        marker("r1", 1, 6),
        Start::Resume,
        expect!["lineage of r1 from 2/5 accepting the marker, look, publish 2/5, load 2/5, copy as 9/5, commit 9/5"],
    );
    store.manifests.push(manifest(2, 6));
    check(&store, marker("r1", 2, 5), Start::Resume, expect!["lineage of r1 from 2/5, look, publish 2/5, load 2/5"]);
    check(&store, marker("r1", 1, 6), Start::Resume, expect!["UnknownMarker"]);
}

#[test]
fn without_a_deciding_sink_the_newest_manifest_counts() {
    let own = |epoch| Manifest { sink: None, ..manifest(1, epoch) };
    let decide = |store: &Facts| describe(decide(store, None, "job", &Start::Resume, Attempt(9), &RunId("new".into())));
    expect!["lineage of r1 from 1/6, look, publish 1/6, load 1/6"]
        .assert_eq(&decide(&facts(vec![lineage(1, None)], vec![own(5), own(6)])));
    // The job had a deciding sink, which nobody can ask any more.
    expect!["Unsettled"].assert_eq(&decide(&facts(vec![lineage(1, None)], vec![manifest(1, 6)])));
}
