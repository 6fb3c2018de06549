use expect_test::{Expect, expect};
use flitz_dataflow::{ChangelogMode, Field, Schema, TimeAttribute, TypeKind};
use flitz_plan::{AggregateCall, Node, NodeKind, TimeKind, WindowAggregate, WindowProperty, WindowShape, WindowSpec};

use super::super::script::Script;
use super::{global, has_two_halves, local, single};

pub fn input(time: TypeKind) -> Schema {
    Schema::new(vec![
        Field::new("k", TypeKind::STRING.nullable()),
        Field::new("ts", time.with_attribute(TimeAttribute::Rowtime).nullable()),
        Field::new("v", TypeKind::BigInt.nullable()),
    ])
}

fn call(function: &str, args: &[usize], distinct: bool) -> AggregateCall {
    let data_type = TypeKind::BigInt.nullable();
    AggregateCall { function: function.to_owned(), args: args.to_vec(), distinct, filter: None, data_type }
}

/// SELECT k, COUNT(*), SUM(v), COUNT(DISTINCT v), window_start, window_end
pub fn node(shape: WindowShape, time_kind: TimeKind) -> Node {
    let aggregates = vec![call("COUNT", &[], false), call("SUM", &[2], false), call("COUNT", &[2], true)];
    let mut fields = vec![Field::new("k", TypeKind::STRING.nullable())];
    fields.extend(["cnt", "total", "users"].map(|name| Field::new(name, TypeKind::BigInt.nullable())));
    fields.extend(["ws", "we"].map(|name| Field::new(name, TypeKind::timestamp(3).not_null())));
    Node {
        inputs: vec![],
        kind: NodeKind::WindowAggregate(WindowAggregate {
            window: WindowSpec { time: 1, time_kind, shape },
            keys: vec![0],
            aggregates,
            properties: vec![WindowProperty::Start, WindowProperty::End],
            emit: None,
        }),
        schema: Schema::new(fields),
        changelog: ChangelogMode::INSERT_ONLY,
        upsert_key: None,
    }
}

pub fn script(shape: WindowShape) -> Script {
    let schema = input(TypeKind::timestamp(3));
    let node = node(shape, TimeKind::Rowtime);
    Script::new(schema.clone(), &[0], move |context| single(&node, &schema, ChangelogMode::INSERT_ONLY, context))
}

fn check(script: Script, text: &str, expected: Expect) {
    expected.assert_eq(&script.run(text));
}

pub const TUMBLE: WindowShape = WindowShape::Tumble { size: 10, offset: 0 };
pub const HOP: WindowShape = WindowShape::Hop { slide: 5, size: 10, offset: 0 };
pub const CUMULATE: WindowShape = WindowShape::Cumulate { step: 5, size: 15, offset: 0 };

#[test]
fn tumbling_windows_fire_when_the_watermark_reaches_their_last_millisecond() {
    check(
        script(TUMBLE),
        "
        +I a 1 5 | +I b 2 NULL | +I a 9 5 | +I a 12 1
        watermark 8
        watermark 9
        +I a 3 1 | +I NULL 13 7
        late
        +I a -3 1
        late
        watermark 40
        ",
        expect![[r#"
            watermark 9
                +I a 2 10 1 0 10
                +I b 1 NULL 0 0 10
            late
                1
            late
                2
            watermark 40
                +I a 1 1 1 10 20
                +I NULL 1 7 1 10 20
        "#]],
    );
}

#[test]
fn a_row_too_late_for_one_hop_window_counts_in_the_next() {
    check(
        script(HOP),
        "
        +I a 2 1 | +I a 7 2
        watermark 5
        watermark 9
        +I a 8 3 | +I a 1 4
        late
        watermark 14
        watermark 100
        ",
        expect![[r#"
            watermark 5
                +I a 1 1 1 -5 5
            watermark 9
                +I a 2 3 2 0 10
            late
                1
            watermark 14
                +I a 2 5 2 5 15
        "#]],
    );
}

#[test]
fn cumulating_windows_grow_and_begin_anew() {
    check(
        script(CUMULATE),
        "
        +I a 1 1 | +I a 7 2 | +I b 16 9
        watermark 4
        barrier
        +I a 2 1
        watermark 9
        recover
        +I a 2 1
        watermark 9
        +I a 3 4
        watermark 100
        ",
        expect![[r#"
            watermark 4
                +I a 1 1 1 0 5
            watermark 9
                +I a 3 4 2 0 10
            watermark 9
                +I a 3 4 2 0 10
            watermark 100
                +I a 4 8 3 0 15
                +I b 1 9 1 15 20
                +I b 1 9 1 15 25
                +I b 1 9 1 15 30
        "#]],
    );
}

#[test]
fn recovery_with_another_parallelism_loses_and_repeats_nothing() {
    check(
        script(HOP),
        "
        +I a 2 1 | +I b 2 1 | +I c 3 1 | +I d 3 1 | +I NULL 3 1
        watermark 4
        +I a 7 2
        barrier
        +I a 7 2
        barrier
        recover 3
        watermark 4
        +I a 8 3 | +I b 8 3
        barrier
        recover 2
        +I d 8 1
        watermark 20
        barrier
        recover
        watermark 20
        ",
        expect![[r#"
            watermark 4
                +I a 1 1 1 -5 5
                +I b 1 1 1 -5 5
                +I c 1 1 1 -5 5
                +I d 1 1 1 -5 5
                +I NULL 1 1 1 -5 5
            watermark 20
                +I NULL 1 1 1 0 10
                +I a 3 7 2 5 15
                +I a 4 8 3 0 10
                +I b 1 3 1 5 15
                +I b 2 4 2 0 10
                +I c 1 1 1 0 10
                +I d 1 1 1 5 15
                +I d 2 2 1 0 10
        "#]],
    );
}

#[test]
fn a_null_time_is_an_error() {
    check(
        script(TUMBLE),
        "+I a NULL 5",
        expect![[r#"
            +I a NULL 5
                error: the time attribute `ts` is NULL, so the row belongs to no window; keep such rows out: WHERE `ts` IS NOT NULL
        "#]],
    );
}

#[test]
fn retracted_rows_leave_no_group_behind() {
    let schema = input(TypeKind::timestamp(3));
    let node = node(TUMBLE, TimeKind::Rowtime);
    let script = Script::new(schema.clone(), &[0], move |context| single(&node, &schema, ChangelogMode::ALL, context));
    check(
        script,
        "
        +I a 1 5 | +I b 2 1 | +I a 2 5
        barrier
        -U a 1 5 | +U a 1 7 | -D b 2 1
        watermark 9
        ",
        expect![[r#"
            watermark 9
                +I a 2 12 2 0 10
        "#]],
    );
}

/// A day in Berlin that the clock cuts short to 23 hours, of rows in UTC.
#[test]
fn days_of_the_session_zone_have_its_length() {
    let schema = input(TypeKind::timestamp_ltz(3));
    let day = 24 * 3_600_000;
    let node = node(WindowShape::Tumble { size: day, offset: 0 }, TimeKind::RowtimeLtz);
    let script =
        Script::new(schema.clone(), &[0], move |context| single(&node, &schema, ChangelogMode::INSERT_ONLY, context));
    // Midnight of 29 March 2026 in Berlin is 23:00 UTC; that of the 30th is 22:00 UTC.
    check(
        script.zone("Europe/Berlin"),
        "
        +I a 1774738800000 1 | +I a 1774738799999 1 | +I a 1774821599999 1 | +I a 1774821600000 1
        watermark 1774738799999
        watermark 1774821599998
        watermark 1774821599999
        end
        ",
        expect![[r#"
            watermark 1774738799999
                +I a 1 1 1 1774656000000 1774742400000
            watermark 1774821599999
                +I a 2 2 1 1774742400000 1774828800000
            end
                +I a 1 1 1 1774828800000 1774915200000
        "#]],
    );
}

#[test]
fn processing_time_windows_fire_by_the_clock() {
    let schema = input(TypeKind::timestamp_ltz(3));
    let node = node(TUMBLE, TimeKind::Proctime);
    let script =
        Script::new(schema.clone(), &[0], move |context| single(&node, &schema, ChangelogMode::INSERT_ONLY, context));
    check(
        script,
        "
        +I a 0 1
        timer 9
        +I a 0 1
        timer 10
        +I a 0 1
        end
        ",
        expect![[r#"
            timer 10
                +I a 2 2 1 0 10
        "#]],
    );
}

pub mod halves {
    use flitz_dataflow::{ChangelogBatch, Result, Watermark};

    use super::{
        CUMULATE, ChangelogMode, HOP, NodeKind, Script, TUMBLE, TimeKind, TypeKind, WindowShape, global,
        has_two_halves, input, local, node,
    };
    use crate::operator::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};

    /// A local half that feeds a global one.
    struct Both {
        local: Box<dyn Operator>,
        global: Box<dyn Operator>,
    }

    impl Both {
        fn pass(&mut self, from: &mut Output, out: &mut Output) -> Result<()> {
            from.drain().try_for_each(|batch| self.global.process(0, batch, out))
        }
    }

    impl Operator for Both {
        fn process(&mut self, input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
            let mut between = Output::default();
            self.local.process(input, batch, &mut between)?;
            self.pass(&mut between, out)
        }

        fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
            let mut between = Output::default();
            self.local.watermark(watermark, &mut between)?;
            self.pass(&mut between, out)?;
            self.global.watermark(watermark, out)
        }

        fn timer(&mut self, now_millis: i64, out: &mut Output) -> Result<()> {
            self.global.timer(now_millis, out)
        }

        fn next_timer(&self) -> Option<i64> {
            self.global.next_timer()
        }

        fn end(&mut self, out: &mut Output) -> Result<()> {
            let mut between = Output::default();
            self.local.end(&mut between)?;
            self.pass(&mut between, out)?;
            self.global.end(out)
        }

        fn before_barrier(&mut self, out: &mut Output) -> Result<()> {
            let mut between = Output::default();
            self.local.before_barrier(&mut between)?;
            self.pass(&mut between, out)
        }

        fn snapshot(&mut self) -> Result<OperatorSnapshot> {
            self.global.snapshot()
        }

        fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()> {
            self.global.restore(states, share)
        }

        fn stats(&self) -> OperatorStats {
            self.global.stats()
        }
    }

    pub fn script(shape: WindowShape) -> Script {
        let schema = input(TypeKind::timestamp(3));
        let node = node(shape, TimeKind::Rowtime);
        Script::new(schema.clone(), &[0], move |context: &OperatorContext| {
            let local = local(&node, &schema, context)?;
            let global = global(&node, &schema, context)?;
            Ok(Box::new(Both { local, global }) as Box<dyn Operator>)
        })
    }

    #[test]
    fn two_halves_make_the_whole() {
        let text = "
            +I a 2 1 | +I b 2 1 | +I c 13 1 | +I a 3 1 | +I NULL 3 1
            watermark 4
            +I a 7 2 | +I a 1 1
            barrier
            +I a 8 2
            recover 2
            watermark 4
            +I a 8 2 | +I a 7 3 | +I a -20 1 | +I b -20 1
            late
            watermark 9
            +I a 6 6
            end
            ";
        for shape in [TUMBLE, HOP, CUMULATE] {
            assert_eq!(script(shape.clone()).run(text), super::script(shape).run(text));
        }
    }

    #[test]
    fn sessions_and_retractions_are_not_halved() {
        let halved = |shape, changelog| match node(shape, TimeKind::Rowtime).kind {
            NodeKind::WindowAggregate(aggregate) => has_two_halves(&aggregate, changelog),
            _ => unreachable!(),
        };
        assert!(halved(TUMBLE, ChangelogMode::INSERT_ONLY));
        assert!(!halved(TUMBLE, ChangelogMode::ALL));
        assert!(!halved(WindowShape::Session { gap: 1, partition: vec![0] }, ChangelogMode::INSERT_ONLY));
    }
}
