//! Whole plans from source to sink, without checkpoints.

mod common;

use common::{PlanBuilder, TestJob, until};
use expect_test::expect;
use flitz_dataflow::{ManualClock, Watermark};
use flitz_testkit::{Visibility, World, events, row_texts};

#[test]
fn rows_pass_a_filter_from_source_to_sink() {
    let world = World::new();
    let split = vec![events(&[(0, "a", 1), (1, "b", 20)]), events(&[(2, "c", 3)]), events(&[(3, "d", 40)])];
    world.source("orders", &[("orders-0", split)]);
    world.sink("out", Visibility::AtOnce);
    let mut b = PlanBuilder::default();
    let source = b.source("orders", true, false);
    let watermark = b.watermark(source, None);
    let filter = b.amount_above(watermark, 10);
    b.sink(filter, "out");

    let summary = TestJob::new(&world, &b.plan).run().unwrap();

    expect![[r#"
        +I[1970-01-01T00:00:00.001, b, 20]
        +I[1970-01-01T00:00:00.003, d, 40]"#]]
    .assert_eq(&world.rows("out").join("\n"));
    assert_eq!((summary.finished, summary.records_in, summary.rows_out), (true, 4, 2));
}

#[test]
fn a_select_is_collected_however_slow_its_reader_is() {
    let world = World::new();
    let batches: Vec<_> = (0..500).map(|i| events(&[(i, "a", i)])).collect();
    world.source("orders", &[("orders-0", batches)]);
    let mut b = PlanBuilder::default();
    let source = b.source("orders", true, false);
    b.collect(source);

    let job = TestJob::new(&world, &b.plan).start().unwrap();
    let rows = job.rows();
    until("the reader's queue is full", || rows.is_full());
    let texts: Vec<String> = rows.iter().flat_map(|batch| row_texts(&batch)).collect();

    assert_eq!(texts.len(), 500);
    assert_eq!(texts[499], "+I[1970-01-01T00:00:00.499, a, 499]");
    assert!(job.wait().unwrap().finished);
}

#[test]
fn every_parallelism_gives_the_same_rows() {
    let batch = |i: i64| events(&[(i, "a", i), (i, "b", 2 * i), (i, "c", 3 * i)]);
    let split = |n: i64| (0..50).map(|i| batch(n * 100 + i)).collect::<Vec<_>>();
    let mut results = vec![];
    for workers in 1..=4 {
        let world = World::new();
        world.source("orders", &[("orders-0", split(0)), ("orders-1", split(1)), ("orders-2", split(2))]);
        world.sink("out", Visibility::AtOnce);
        let mut b = PlanBuilder::default();
        let source = b.source("orders", true, false);
        let (high, low) = (b.amount_above(source, 300), b.amount_above(source, 100));
        let both = b.union(&[high, low]);
        b.sink(both, "out");
        TestJob::new(&world, &b.plan).workers(workers).run().unwrap();
        results.push(world.sorted_rows("out"));
    }
    assert!(!results[0].is_empty());
    assert!(results.iter().all(|rows| *rows == results[0]));
}

#[test]
fn a_stopped_job_has_written_what_it_read() {
    let world = World::new();
    world.endless_source("orders", &[("orders-0", vec![events(&[(0, "a", 1)])])]);
    world.sink("out", Visibility::AtOnce);
    let mut b = PlanBuilder::default();
    let source = b.source("orders", false, true);
    b.sink(source, "out");

    let job = TestJob::new(&world, &b.plan).workers(2).start().unwrap();
    until("the first row is out", || world.rows("out").len() == 1);
    world.append("orders", "orders-0", events(&[(5, "b", 2)]));
    until("the second row is out", || world.rows("out").len() == 2);
    job.stop();
    let summary = job.wait().unwrap();
    assert!(!summary.finished);
    assert_eq!(summary.records_in, 2);
}

#[test]
fn new_splits_are_read_while_the_job_runs() {
    let world = World::new();
    world.endless_source("orders", &[("orders-0", vec![events(&[(0, "a", 1)])])]);
    world.discover_every("orders", 5);
    world.sink("out", Visibility::AtOnce);
    let mut b = PlanBuilder::default();
    let source = b.source("orders", false, true);
    b.sink(source, "out");

    let job = TestJob::new(&world, &b.plan).workers(2).start().unwrap();
    world.append("orders", "orders-1", events(&[(5, "b", 2)]));
    until("rows of both splits are out", || world.rows("out").len() == 2);
    job.stop();
    job.wait().unwrap();
}

#[test]
fn the_error_of_a_sink_ends_the_job() {
    let world = World::new();
    world.source("orders", &[("orders-0", vec![events(&[(0, "a", 1)])])]);
    world.sink("out", Visibility::AtOnce);
    world.fail(flitz_testkit::Fault::Write, 1);
    let mut b = PlanBuilder::default();
    let source = b.source("orders", true, false);
    b.sink(source, "out");
    let error = TestJob::new(&world, &b.plan).workers(2).run().unwrap_err();
    expect!["a test has it fail at Write (in out)"].assert_eq(&error.to_string());
}

#[test]
fn silence_is_explained_by_the_split_that_holds_the_watermark() {
    let world = World::new();
    world.endless_source("orders", &[("orders-0", vec![events(&[(90_000, "a", 1)])]), ("orders-1", vec![])]);
    world.sink("out", Visibility::AtOnce);
    let mut b = PlanBuilder::default();
    let source = b.source("orders", false, true);
    let watermark = b.watermark(source, None);
    let window = b.sum_per_window(watermark, &[1], 60_000);
    b.sink(window, "out");

    let job = TestJob::new(&world, &b.plan).start().unwrap();
    until("the row has come to the window", || job.status().operators.iter().any(|o| o.rows_in > 0 && o.node == 2));
    let status = job.status();
    assert_eq!(status.sources[0].splits[1].watermark, Some(Watermark::MIN));
    expect![[r#"
        no window has ended: orders-1 of orders has shown no row yet and holds the watermark back; SET 'table.exec.source.idle-timeout' = '5 s' leaves silent partitions out"#]]
    .assert_eq(&status.explain_silence().unwrap());
    drop(job);
}

/// A broker that is away silences all its partitions; the first that is heard again is not alone.
#[test]
fn splits_that_are_out_of_reach_do_not_fall_idle() {
    let clock = ManualClock::at(0);
    let world = World::new();
    world.endless_source("orders", &[("orders-0", vec![events(&[(90_000, "a", 1)])]), ("orders-1", vec![])]);
    world.sink("out", Visibility::AtOnce);
    let mut b = PlanBuilder::default();
    let source = b.source("orders", false, true);
    let watermark = b.watermark(source, Some(5_000));
    let window = b.sum_per_window(watermark, &[1], 60_000);
    b.sink(window, "out");

    let job = TestJob::new(&world, &b.plan).clock(&clock).start().unwrap();
    let come = |rows| job.status().operators.iter().any(|o| o.rows_in == rows && o.node == 2);
    until("the first row has come", || come(1));
    world.set_out_of_reach("orders", true);
    clock.advance(60_000);
    world.append("orders", "orders-0", events(&[(91_000, "a", 1)]));
    until("the clock has been looked at", || come(2));
    world.set_out_of_reach("orders", false);
    world.append("orders", "orders-1", events(&[(10_000, "late?", 7), (95_000, "b", 1)]));
    until("the window has fired", || !world.rows("out").is_empty());
    expect![[r#"["+I[late?, 7, 1970-01-01T00:00:00]"]"#]].assert_eq(&format!("{:?}", world.rows("out")));

    // Within reach, silence is what it was.
    until("three rows and a quiet worker", || come(4));
    clock.advance(6_000);
    until("both are idle", || job.status().sources[0].splits.iter().all(|s| s.idle));
    drop(job);
}
