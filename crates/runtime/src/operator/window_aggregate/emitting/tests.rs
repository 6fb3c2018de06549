use expect_test::{Expect, expect};
use flitz_plan::{NodeKind, WindowShape};

use super::super::super::script::Script;
use super::super::{single, tests};
use super::*;

pub fn script(shape: WindowShape, early: Option<i64>, late: Option<i64>, lateness: i64) -> Script {
    let schema = tests::input(TypeKind::timestamp(3));
    let mut node = tests::node(shape, TimeKind::Rowtime);
    if let NodeKind::WindowAggregate(aggregate) = &mut node.kind {
        aggregate.emit =
            Some(EmitPolicy { early_fire_millis: early, late_fire_millis: late, allow_lateness_millis: lateness });
    }
    node.changelog = ChangelogMode::ALL;
    Script::new(schema.clone(), &[0], move |context| single(&node, &schema, ChangelogMode::ALL, context))
}

fn check(shape: WindowShape, early: Option<i64>, late: Option<i64>, lateness: i64, text: &str, expected: Expect) {
    expected.assert_eq(&script(shape, early, late, lateness).run(text));
}

#[test]
fn early_at_every_batch() {
    check(
        tests::TUMBLE,
        Some(0),
        None,
        0,
        "
        +I a 1 5 | +I b 2 1
        +I a 3 5
        -D b 2 1 | +I a 12 1
        watermark 9
        +I a 4 1
        late
        -U a 12 1 | +U a 12 1
        end
        ",
        expect![[r#"
            +I a 1 5 | +I b 2 1
                +I a 1 5 1 0 10
                +I b 1 1 1 0 10
            +I a 3 5
                -U a 1 5 1 0 10
                +U a 2 10 1 0 10
            -D b 2 1 | +I a 12 1
                -D b 1 1 1 0 10
                +I a 1 1 1 10 20
            late
                1
        "#]],
    );
}

#[test]
fn early_after_a_delay_and_on_time() {
    check(
        tests::HOP,
        Some(100),
        None,
        0,
        "
        +I a 1 5
        timer 50
        +I a 2 5
        timer 99
        timer 100
        timer 250
        +I a 3 1
        timer 299
        timer 300
        +I a 3 1
        watermark 4
        timer 400
        end
        ",
        expect![[r#"
            timer 100
                +I a 2 10 1 -5 5
                +I a 2 10 1 0 10
            timer 300
                -U a 2 10 1 -5 5
                +U a 3 11 2 -5 5
                -U a 2 10 1 0 10
                +U a 3 11 2 0 10
            watermark 4
                -U a 3 11 2 -5 5
                +U a 4 12 2 -5 5
            timer 400
                -U a 3 11 2 0 10
                +U a 4 12 2 0 10
        "#]],
    );
}

#[test]
fn late_rows_within_the_lateness_fire_again() {
    check(
        tests::TUMBLE,
        None,
        Some(0),
        5,
        "
        +I a 1 5
        +I a 2 5
        watermark 9
        +I a 3 1
        +I b 3 1
        watermark 13
        +I b 4 1
        watermark 14
        +I a 3 1
        late
        ",
        expect![[r#"
            watermark 9
                +I a 2 10 1 0 10
            +I a 3 1
                -U a 2 10 1 0 10
                +U a 3 11 2 0 10
            +I b 3 1
                +I b 1 1 1 0 10
            +I b 4 1
                -U b 1 1 1 0 10
                +U b 2 2 1 0 10
            late
                1
        "#]],
    );
}

#[test]
fn what_was_emitted_survives_recovery() {
    check(
        tests::TUMBLE,
        Some(10),
        Some(0),
        5,
        "
        +I a 1 5 | +I b 1 1 | +I c 11 1
        timer 10
        barrier
        +I a 2 5
        barrier
        +I a 2 100
        recover 3
        timer 20
        +I b 2 2
        watermark 9
        barrier
        recover
        +I b 3 3 | +I d 3 3
        watermark 15
        barrier
        recover 2
        +I a 1 1
        late
        end
        ",
        expect![[r#"
            timer 10
                +I a 1 5 1 0 10
                +I b 1 1 1 0 10
                +I c 1 1 1 10 20
            timer 20
                +U a 2 10 1 0 10
                -U a 1 5 1 0 10
            watermark 9
                +U b 2 3 2 0 10
                -U b 1 1 1 0 10
            +I b 3 3 | +I d 3 3
                -U b 2 3 2 0 10
                +U b 3 6 3 0 10
                +I d 1 3 1 0 10
            late
                1
        "#]],
    );
}
