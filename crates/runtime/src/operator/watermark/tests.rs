use std::sync::Arc;

use expect_test::{Expect, expect};
use flitz_dataflow::{ManualClock, StreamElement};
use flitz_functions::EvalContext;
use flitz_plan::{Expr, WatermarkSpec};
use flitz_testkit::{event_schema, events};

use super::*;

enum Rule {
    PerSplit,
    Whole,
    EveryRow,
}

fn generator(rule: Rule, idle_timeout_millis: Option<i64>) -> WatermarkGenerator {
    let spec = WatermarkSpec {
        rowtime: 0,
        watermark: Expr::column(0, event_schema().fields[0].data_type.clone()),
        idle_timeout_millis,
        interval_millis: if matches!(rule, Rule::EveryRow) { 0 } else { 200 },
        on_event: false,
    };
    let setting = WatermarkSetting {
        per_split: matches!(rule, Rule::PerSplit),
        every_row: false,
        batch_mode: false,
        rowtime_name: "ts".to_owned(),
    };
    let context = EvalContext::new(Arc::new(ManualClock::at(0)), "UTC").unwrap();
    WatermarkGenerator::new(&spec, setting, &context).unwrap()
}

/// A script: `a 1000 1100` rows of split a, `at 500` the clock, `end a` the split ends, `lag a` rows wait for
/// split a from here on. Each line gives what went out.
fn script(mut generator: WatermarkGenerator, splits: &[&str], lines: &[&str], expected: Expect) {
    splits.iter().for_each(|split| generator.add_split(split, 0));
    let (mut now, mut lag) = (0, vec![]);
    let mut text = String::new();
    for line in lines {
        let mut out = vec![];
        let words: Vec<&str> = line.split(' ').collect();
        match words[0] {
            "at" => {
                now = words[1].parse().unwrap();
                generator.tick(now, || lag.clone(), &mut out);
            }
            "end" => generator.split_end(words[1], &mut out),
            "lag" => lag.push((words[1].to_owned(), 1)),
            split => {
                let rows: Vec<(i64, &str, i64)> = words[1..].iter().map(|t| (t.parse().unwrap(), "u", 0)).collect();
                generator.rows(split, events(&rows), now, &mut out).unwrap();
            }
        }
        let shown: Vec<String> = out.iter().map(show).collect();
        text.push_str(&format!("{line:<24} {}\n", shown.join(" ")));
    }
    expected.assert_eq(&text);
}

fn show(element: &StreamElement) -> String {
    match element {
        StreamElement::Batch(batch) => {
            let times: Vec<String> = millis(batch.rows().column(0)).unwrap().iter().map(i64::to_string).collect();
            format!("[{}]", times.join(" "))
        }
        StreamElement::Watermark(watermark) if *watermark == Watermark::MIN => "awake".to_owned(),
        StreamElement::Watermark(watermark) => format!("w{}", watermark.millis()),
        StreamElement::Idle => "idle".to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn as_a_whole_a_row_moves_it_when_far_enough_ahead() {
    script(
        generator(Rule::Whole, None),
        &["a"],
        &["a 1000 1100 1500 1250 1700", "a 1701 1300", "at 199", "at 200", "a 1650 2000", "at 399", "at 400"],
        expect![[r#"
            a 1000 1100 1500 1250 1700 [1000 1100 1500] w1500 [1250 1700]
            a 1701 1300              [1701] w1701 [1300]
            at 199                   
            at 200                   
            a 1650 2000              [1650 2000] w2000
            at 399                   
            at 400                   
        "#]],
    );
}

#[test]
fn as_a_whole_what_is_less_far_ahead_waits_for_the_clock() {
    script(
        generator(Rule::Whole, None),
        &["a"],
        &["a 1000 1150", "at 199", "at 200", "a 1100", "at 900"],
        expect![[r#"
            a 1000 1150              [1000 1150] w1000
            at 199                   
            at 200                   w1150
            a 1100                   [1100]
            at 900                   
        "#]],
    );
}

#[test]
fn as_a_whole_it_begins_at_1970() {
    script(
        generator(Rule::Whole, None),
        &["a"],
        &["a -5000 -9000", "at 1000", "a 200", "a 201 -1 0"],
        expect![[r#"
            a -5000 -9000            [-5000 -9000]
            at 1000                  
            a 200                    [200]
            a 201 -1 0               [201] w201 [-1 0]
        "#]],
    );
}

#[test]
fn sorted_rows_are_not_cut() {
    script(
        generator(Rule::Whole, None),
        &["a"],
        &["a 1000 2000 3000 4000"],
        expect![[r#"
            a 1000 2000 3000 4000    [1000 2000 3000 4000] w4000
        "#]],
    );
}

#[test]
fn interval_0_goes_by_every_row() {
    script(
        generator(Rule::EveryRow, None),
        &["a"],
        &["a 1000 1001 1001 1000 1002"],
        expect![[r#"
            a 1000 1001 1001 1000 1002 [1000 1001] w1001 [1001 1000 1002] w1002
        "#]],
    );
}

#[test]
fn per_split_the_slowest_decides_and_an_end_holds_nothing_back() {
    script(
        generator(Rule::PerSplit, None),
        &["a", "b"],
        &["a 5000 4000", "b 1000", "b 3000", "a 6000", "end b", "end a"],
        expect![[r#"
            a 5000 4000              [5000 4000]
            b 1000                   [1000] w1000
            b 3000                   [3000] w3000
            a 6000                   [6000]
            end b                    w6000
            end a                    idle
        "#]],
    );
}

#[test]
fn an_idle_split_is_left_out_until_it_shows_a_row() {
    script(
        generator(Rule::PerSplit, Some(1000)),
        &["a", "b"],
        &["a 5000", "at 500", "a 6000", "at 1000", "at 1500", "b 2000", "a 7000", "b 6500"],
        expect![[r#"
            a 5000                   [5000]
            at 500                   
            a 6000                   [6000]
            at 1000                  w6000
            at 1500                  idle
            b 2000                   w6000 [2000]
            a 7000                   [7000]
            b 6500                   [6500] w6500
        "#]],
    );
}

#[test]
fn a_split_with_rows_waiting_is_not_idle() {
    script(
        generator(Rule::PerSplit, Some(1000)),
        &["a", "b"],
        &["a 5000", "lag b", "at 1000", "at 2000", "b 100"],
        expect![[r#"
            a 5000                   [5000]
            lag b                    
            at 1000                  
            at 2000                  
            b 100                    [100] w100
        "#]],
    );
}

#[test]
fn a_null_event_time_fails_as_in_flink() {
    let mut generator = generator(Rule::Whole, None);
    generator.add_split("a", 0);
    let batch = events(&[(0, "u", 1)]);
    let mut columns = batch.rows().columns().to_vec();
    columns[0] = arrow::array::new_null_array(columns[0].data_type(), 1);
    let rows = arrow::array::RecordBatch::try_new(batch.rows().schema(), columns).unwrap();
    let error = generator.rows("a", ChangelogBatch::append_only(rows), 0, &mut vec![]).unwrap_err();
    expect![
        "the event time 'ts' of a row is NULL; filter such rows out before, or give the column a value with COALESCE"
    ]
    .assert_eq(&error.to_string());
}

#[test]
fn progress_is_restored_wherever_the_splits_go() {
    let mut before = generator(Rule::PerSplit, None);
    before.add_split("a", 0);
    before.add_split("b", 0);
    before.rows("a", events(&[(7000, "u", 1)]), 0, &mut vec![]).unwrap();
    before.rows("b", events(&[(5000, "u", 1)]), 0, &mut vec![]).unwrap();
    let mut after = generator(Rule::PerSplit, None);
    after.add_split("a", 0);
    after.restore(&[before.snapshot().unwrap()]).unwrap();
    let mut out = vec![];
    after.open(&mut out);
    assert_eq!(out.iter().map(show).collect::<Vec<_>>(), ["w7000"]);
}
