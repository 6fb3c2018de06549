//! Crashes at every step of the protocol: what readers of the sinks see in the end is what they would have seen
//! without.

mod common;

use std::path::Path;
use std::time::Duration;

use common::{PlanBuilder, TestJob, until};
use flitz_plan::StreamPlan;
use flitz_testkit::{Fault, Visibility, World, events};
use tempfile::TempDir;

const FAULTS: [Fault; 9] = [
    Fault::Read,
    Fault::Write,
    Fault::Seal,
    Fault::Begin,
    Fault::Flush,
    Fault::BeforeCommit,
    Fault::AfterCommit,
    Fault::BeforePublish,
    Fault::AfterPublish,
];

/// Three splits of sixty batches.
fn orders() -> World {
    let world = World::new();
    let users = ["ann", "bob", "cyd", "dan"];
    let batch = |n: i64, i: i64| {
        events(&[(i * 1000 + n, users[(i % 4) as usize], i), (i * 1000 + n, users[((i + n) % 4) as usize], 100 + n)])
    };
    let split = |n: i64| (0..60).map(|i| batch(n, i)).collect::<Vec<_>>();
    // Watermarks per split: which rows are late does not depend on the order in which splits are read.
    world.endless_source("orders", &[("orders-0", split(0)), ("orders-1", split(1)), ("orders-2", split(2))]);
    world
}

/// Starts the job again until it has read everything and stopped in good order; how often it failed.
fn run_through_crashes(world: &World, plan: &StreamPlan, workers: usize, dir: &Path) -> usize {
    for crashes in 0..100 {
        let run = TestJob::new(world, plan).workers(workers).checkpoints(dir).start().and_then(|job| {
            let has_read_all = || {
                let splits = &job.status().sources[0].splits;
                splits.len() == 3 && splits.iter().all(|split| split.lag == Some(0))
            };
            until("all rows are read", || job.has_ended() || has_read_all());
            job.stop();
            job.wait()
        });
        match run {
            Ok(_) => return crashes,
            Err(error) => assert!(error.to_string().contains("a test has it fail"), "{error}"),
        }
    }
    panic!("the job never ended");
}

/// What lies between the source and the sinks.
#[derive(Clone, Copy, PartialEq)]
enum Between {
    Nothing,
    Aggregates,
    /// Top-N and a join per window.
    Windows,
}

/// Deciding and following sink in one job.
fn plan(between: Between) -> StreamPlan {
    let mut b = PlanBuilder::default();
    let source = b.source("orders", false, true);
    let watermark = b.watermark(source, None);
    let filter = b.amount_above(watermark, 3);
    let (committed, files) = match between {
        Between::Nothing => (filter, filter),
        Between::Aggregates => (b.sum_per_window(filter, &[1], 10_000), b.sum_per_group(filter, &[1])),
        Between::Windows => {
            let (few, all) = (b.tumble(filter, 10_000), b.tumble(watermark, 10_000));
            let top = b.top_per_window(few);
            (top, b.join_per_window(all, top))
        }
    };
    b.sink(committed, "committed");
    b.sink(files, "files");
    b.plan
}

fn outcome(world: &World, between: Between) -> (Vec<String>, Vec<String>) {
    let files = match between {
        // Updates per key come in any number of steps; the table counts.
        Between::Aggregates => flitz_testkit::fold(&world.rows("files")).into_keys().collect(),
        Between::Nothing | Between::Windows => world.sorted_rows("files"),
    };
    (world.sorted_rows("committed"), files)
}

fn check(between: Between, workers: usize) {
    let plan = plan(between);
    let setting = || {
        let world = orders();
        world.sink("committed", Visibility::Deciding);
        world.sink("files", Visibility::Following);
        world
    };
    let world = setting();
    assert_eq!(run_through_crashes(&world, &plan, workers, TempDir::new().expect("a temporary folder").path()), 0);
    let expected = outcome(&world, between);
    assert!(!expected.0.is_empty() && !expected.1.is_empty());

    for fault in FAULTS {
        for nth in [1, 2, 3] {
            let (world, dir) = (setting(), TempDir::new().expect("a temporary folder"));
            world.fail(fault, nth);
            run_through_crashes(&world, &plan, workers, dir.path());
            assert_eq!(outcome(&world, between), expected, "after a crash at {fault:?}, occurrence {nth}");
        }
    }
}

#[test]
fn rows_arrive_once_whatever_fails() {
    check(Between::Nothing, 1);
}

#[test]
fn rows_arrive_once_whatever_fails_with_several_workers() {
    check(Between::Nothing, 3);
}

#[test]
fn state_survives_whatever_fails() {
    check(Between::Aggregates, 1);
}

#[test]
fn state_survives_whatever_fails_with_several_workers() {
    check(Between::Aggregates, 3);
}

#[test]
fn rows_of_windows_survive_whatever_fails() {
    check(Between::Windows, 1);
}

#[test]
fn rows_of_windows_survive_whatever_fails_with_several_workers() {
    check(Between::Windows, 3);
}

#[test]
fn a_stopped_job_goes_on_where_it_was_with_another_parallelism() {
    let (world, dir) = (World::new(), TempDir::new().unwrap());
    let splits: Vec<(String, Vec<_>)> =
        (0..4).map(|n| (format!("orders-{n}"), vec![events(&[(1000, "ann", n), (2000, "bob", n)])])).collect();
    let splits: Vec<(&str, Vec<_>)> = splits.iter().map(|(id, batches)| (id.as_str(), batches.clone())).collect();
    world.endless_source("orders", &splits);
    world.sink("committed", Visibility::Deciding);
    let mut b = PlanBuilder::default();
    let source = b.source("orders", false, true);
    let watermark = b.watermark(source, None);
    let window = b.sum_per_window(watermark, &[1], 10_000);
    b.sink(window, "committed");

    for (round, workers) in [1, 3, 2, 4].into_iter().enumerate() {
        let job = TestJob::new(&world, &b.plan).workers(workers).checkpoints(dir.path()).start().unwrap();
        let resumed = job.status().resumed_from.is_some();
        assert_eq!(resumed, round > 0);
        world.append("orders", &format!("orders-{round}"), events(&[(3000, "ann", 100)]));
        until("the row is read", || job.status().records_in() >= 1);
        job.stop();
        assert!(!job.wait().unwrap().finished);
        assert!(world.rows("committed").is_empty(), "no window has ended");
    }

    let job = TestJob::new(&world, &b.plan).workers(2).checkpoints(dir.path()).start().unwrap();
    for (id, _) in &splits {
        world.append("orders", id, events(&[(10_000, "eve", 1)]));
    }
    until("the window is committed", || world.rows("committed").len() == 2);
    assert_eq!(
        world.sorted_rows("committed"),
        ["+I[ann, 406, 1970-01-01T00:00:00]", "+I[bob, 6, 1970-01-01T00:00:00]"]
    );
    job.stop();
    job.wait().unwrap();
}

#[test]
fn rows_of_a_dropped_job_are_read_again() {
    let (world, dir) = (World::new(), TempDir::new().unwrap());
    world.endless_source("orders", &[("orders-0", vec![events(&[(0, "a", 1)])])]);
    world.sink("committed", Visibility::Deciding);
    let mut b = PlanBuilder::default();
    let source = b.source("orders", false, true);
    b.sink(source, "committed");
    for n in 1..5 {
        let job = TestJob::new(&world, &b.plan).workers(2).checkpoints(dir.path()).start().unwrap();
        until("all rows are committed", || world.rows("committed").len() == n);
        world.append("orders", "orders-0", events(&[(n as i64, "a", 1)]));
        drop(job);
    }
    let job = TestJob::new(&world, &b.plan).checkpoints(dir.path()).start().unwrap();
    until("all rows are committed", || world.rows("committed").len() == 5);
    job.stop();
    job.wait().unwrap();
    assert_eq!(world.rows("committed").len(), 5);
    assert_eq!(world.acknowledged("orders")[0].position, 5);
}

#[test]
fn a_finished_job_runs_anew_once_its_end_was_reported() {
    let (world, dir) = (World::new(), TempDir::new().unwrap());
    world.source("orders", &[("orders-0", vec![events(&[(0, "a", 1)]), events(&[(1, "b", 2)])])]);
    world.sink("committed", Visibility::Deciding);
    let mut b = PlanBuilder::default();
    let source = b.source("orders", true, false);
    b.sink(source, "committed");
    for times in 1..=2 {
        // Died before anybody heard of the end, twice.
        for _ in 0..2 {
            let summary = TestJob::new(&world, &b.plan).checkpoints(dir.path()).run().unwrap();
            assert!(summary.finished && summary.end.is_some());
            assert_eq!(world.rows("committed").len(), times * 2);
        }
        let job = TestJob::new(&world, &b.plan).checkpoints(dir.path()).start().unwrap();
        assert!(job.ended_before().is_some());
        job.wait().unwrap().end.unwrap().report().unwrap();
    }
    assert_eq!(world.rows("committed").len(), 4);
}

#[test]
fn a_checkpoint_that_takes_too_long_is_given_up_and_loses_nothing() {
    let (world, dir) = (World::new(), TempDir::new().unwrap());
    world.endless_source("orders", &[("orders-0", vec![events(&[(0, "a", 1)])])]);
    world.sink("committed", Visibility::Deciding);
    let mut b = PlanBuilder::default();
    let source = b.source("orders", false, true);
    b.sink(source, "committed");
    let start = || TestJob::new(&world, &b.plan).checkpoints(dir.path()).timeout(Duration::from_millis(100), 2).start();
    let job = start().unwrap();
    until("the first row is committed", || world.rows("committed").len() == 1);
    world.stall_flush();
    world.append("orders", "orders-0", events(&[(1, "b", 2)]));
    let error = job.wait().unwrap_err().to_string();
    let after_number = error.find(" was not").unwrap();
    assert_eq!(
        &error[after_number..],
        " was not complete within 0.3 s: its rows or its snapshot are not written yet (option \
         'execution.checkpointing.timeout'); is a sink or the checkpoint store slow or away? Else raise \
         'execution.checkpointing.timeout' or 'execution.checkpointing.tolerable-failed-checkpoints'"
    );
    assert_eq!(world.rows("committed").len(), 1);
    let job = start().unwrap();
    until("the second row is committed", || world.rows("committed").len() == 2);
    job.stop();
    job.wait().unwrap();
    assert_eq!(world.rows("committed").len(), 2);
}

#[test]
fn two_sinks_of_one_system_commit_together() {
    let world = orders();
    world.sink("committed", Visibility::Deciding);
    world.sink("files", Visibility::Deciding);
    let dir = TempDir::new().unwrap();
    assert_eq!(run_through_crashes(&world, &plan(Between::Nothing), 2, dir.path()), 0);
    assert_eq!(world.sorted_rows("committed"), world.sorted_rows("files"));
}
