use expect_test::{Expect, expect};
use flitz_dataflow::{Field, TypeKind};
use flitz_plan::{Expr, JoinKey, JoinKind, TimeKind, WindowBounds, WindowJoin as Spec};

use super::super::script::Script;
use super::*;

/// Joins `(k, v, ws, we)` with the same on k; `condition`: `left.v < right.v`.
pub fn script(kind: JoinKind, null_safe: bool, condition: bool) -> Script {
    let side = Schema::new(vec![
        Field::new("k", TypeKind::STRING.nullable()),
        Field::new("v", TypeKind::Int.nullable()),
        Field::new("ws", TypeKind::timestamp(3).nullable()),
        Field::new("we", TypeKind::timestamp(3).nullable()),
    ]);
    let bounds = WindowBounds { start: 2, end: 3, time_kind: TimeKind::Rowtime };
    let int = TypeKind::Int.nullable();
    let less = Expr::call("<", vec![Expr::column(1, int.clone()), Expr::column(5, int)], TypeKind::Boolean.nullable());
    let both =
        if kind.emits_right() { [side.fields.clone(), side.fields.clone()].concat() } else { side.fields.clone() };
    let node = Node {
        inputs: vec![],
        kind: NodeKind::WindowJoin(Spec {
            kind,
            left: bounds.clone(),
            right: bounds,
            keys: vec![JoinKey { left: 0, right: 0, null_safe }],
            condition: condition.then_some(less),
        }),
        schema: Schema::new(both),
        changelog: ChangelogMode::INSERT_ONLY,
        upsert_key: None,
    };
    let schema = side.clone();
    let script = Script::new(side, &[0], move |context| {
        let input = (&schema, ChangelogMode::INSERT_ONLY);
        Ok(Box::new(WindowJoin::new(&node, [input, input], context)?) as Box<dyn Operator>)
    });
    script.sorted()
}

fn check(kind: JoinKind, null_safe: bool, condition: bool, text: &str, expected: Expect) {
    expected.assert_eq(&script(kind, null_safe, condition).run(text));
}

const ROWS: &str = "
    +I a 1 0 10 | +I a 2 0 10 | +I b 3 0 10 | +I NULL 4 0 10 | +I a 5 10 20 | +I d 6 20 30
    right +I a 2 0 10 | +I c 7 0 10 | +I NULL 8 0 10 | +I b 9 10 20 | +I a 9 10 20
    watermark 9
    right +I a 100 0 10 | +I d 6 20 30
    +I a 100 0 10
    late
    end
";

#[test]
fn inner() {
    check(
        JoinKind::Inner,
        false,
        false,
        ROWS,
        expect![[r#"
            watermark 9
                +I a 1 0 10 a 2 0 10
                +I a 2 0 10 a 2 0 10
            late
                2
            end
                +I a 5 10 20 a 9 10 20
                +I d 6 20 30 d 6 20 30
        "#]],
    );
}

#[test]
fn rows_without_a_match_are_padded() {
    check(
        JoinKind::Full,
        false,
        true,
        ROWS,
        expect![[r#"
            watermark 9
                +I NULL 4 0 10 NULL NULL NULL NULL
                +I NULL NULL NULL NULL NULL 8 0 10
                +I NULL NULL NULL NULL c 7 0 10
                +I a 1 0 10 a 2 0 10
                +I a 2 0 10 NULL NULL NULL NULL
                +I b 3 0 10 NULL NULL NULL NULL
            late
                2
            end
                +I NULL NULL NULL NULL b 9 10 20
                +I NULL NULL NULL NULL d 6 20 30
                +I a 5 10 20 a 9 10 20
                +I d 6 20 30 NULL NULL NULL NULL
        "#]],
    );
}

#[test]
fn nulls_that_are_not_distinct_match() {
    check(
        JoinKind::Right,
        true,
        false,
        ROWS,
        expect![[r#"
            watermark 9
                +I NULL 4 0 10 NULL 8 0 10
                +I NULL NULL NULL NULL c 7 0 10
                +I a 1 0 10 a 2 0 10
                +I a 2 0 10 a 2 0 10
            late
                2
            end
                +I NULL NULL NULL NULL b 9 10 20
                +I a 5 10 20 a 9 10 20
                +I d 6 20 30 d 6 20 30
        "#]],
    );
}

#[test]
fn semi_and_anti_emit_each_row_of_the_left_side_once() {
    let rows = "
        +I a 1 0 10 | +I a 5 0 10 | +I NULL 1 0 10 | +I c 1 0 10
        right +I a 4 0 10 | +I a 3 0 10 | +I c 1 0 10
        end
    ";
    check(
        JoinKind::Semi,
        false,
        true,
        rows,
        expect![[r#"
            end
                +I a 1 0 10
        "#]],
    );
    check(
        JoinKind::Semi,
        false,
        false,
        rows,
        expect![[r#"
            end
                +I a 1 0 10
                +I a 5 0 10
                +I c 1 0 10
        "#]],
    );
    check(
        JoinKind::Anti,
        false,
        true,
        rows,
        expect![[r#"
            end
                +I NULL 1 0 10
                +I a 5 0 10
                +I c 1 0 10
        "#]],
    );
}

#[test]
fn both_sides_survive_recovery_with_another_parallelism() {
    check(
        JoinKind::Left,
        false,
        false,
        "
        +I a 1 0 10 | +I b 1 0 10 | +I c 1 10 20 | +I d 1 0 10
        watermark 3
        barrier
        right +I a 2 0 10 | +I b 2 0 10
        +I a 3 0 10
        barrier
        right +I d 100 0 10
        recover 3
        right +I d 2 0 10 | +I c 2 10 20
        barrier
        recover
        watermark 9
        barrier
        recover 2
        right +I c 3 10 20 | +I a 3 0 10
        late
        end
        ",
        expect![[r#"
            watermark 9
                +I a 1 0 10 a 2 0 10
                +I a 3 0 10 a 2 0 10
                +I b 1 0 10 b 2 0 10
                +I d 1 0 10 d 2 0 10
            late
                1
            end
                +I c 1 10 20 c 2 10 20
                +I c 1 10 20 c 3 10 20
        "#]],
    );
}

#[test]
fn many_pairs_come_out_in_several_batches() {
    let rows = |n: usize| (0..n).map(|i| format!("+I a {i} 0 10")).collect::<Vec<_>>().join(" | ");
    let text = format!("{}\nright {}\nend", rows(90), rows(200));
    let expected: Vec<String> = {
        let mut pairs: Vec<String> =
            (0..90).flat_map(|l| (l + 1..200).map(move |r| format!("    +I a {l} 0 10 a {r} 0 10\n"))).collect();
        pairs.sort();
        pairs
    };
    let expected = format!("end\n{}", expected.concat());
    let data = Box::leak(expected.into_boxed_str());
    check(JoinKind::Inner, false, true, &text, Expect { position: expect![""].position, data, indent: false });
}
