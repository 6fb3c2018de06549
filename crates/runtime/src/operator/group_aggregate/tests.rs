use expect_test::{Expect, expect};
use flitz_dataflow::{DataType, TypeKind};
use flitz_plan::AggregateCall;

use super::super::script::Script;
use super::*;

fn schema() -> Schema {
    Schema::new(vec![
        flitz_dataflow::Field::new("k", TypeKind::STRING.nullable()),
        flitz_dataflow::Field::new("v", TypeKind::BigInt.nullable()),
    ])
}

fn call(function: &str, args: &[usize], data_type: DataType) -> AggregateCall {
    AggregateCall { function: function.into(), args: args.to_vec(), distinct: false, filter: None, data_type }
}

pub fn script(keys: &[usize], input: ChangelogMode, output: ChangelogMode, ttl: Option<i64>) -> Script {
    let keys = keys.to_vec();
    let aggregates = vec![
        call("COUNT", &[], TypeKind::BigInt.not_null()),
        call("SUM", &[1], TypeKind::BigInt.nullable()),
        call("MAX", &[1], TypeKind::BigInt.nullable()),
    ];
    let mut fields: Vec<_> = keys.iter().map(|key| schema().fields[*key].clone()).collect();
    let names = ["cnt", "total", "highest"];
    fields.extend(names.iter().zip(&aggregates).map(|(n, a)| flitz_dataflow::Field::new(*n, a.data_type.clone())));
    let node = Node {
        inputs: vec![],
        kind: NodeKind::GroupAggregate { keys: keys.clone(), aggregates, state_ttl_millis: ttl, each_change: false },
        schema: Schema::new(fields),
        changelog: output,
        upsert_key: Some((0..keys.len()).collect()),
    };
    Script::new(schema(), &keys, move |context| {
        Ok(Box::new(GroupAggregate::new(&node, &schema(), input, context)?) as Box<dyn Operator>)
    })
}

fn check(script: Script, text: &str, expected: Expect) {
    expected.assert_eq(&script.run(text));
}

#[test]
fn each_key_of_a_batch_gives_its_net_change() {
    check(
        script(&[0], ChangelogMode::INSERT_ONLY, ChangelogMode::ALL, None),
        "
        +I a 1 | +I a 2 | +I b NULL
        +I a 3 | +I NULL 1
        +I c 3
        ",
        expect![[r#"
            +I a 1 | +I a 2 | +I b NULL
                +I a 2 3 2
                +I b 1 NULL NULL
            +I a 3 | +I NULL 1
                -U a 2 3 2
                +U a 3 6 3
                +I NULL 1 1 1
            +I c 3
                +I c 1 3 3
        "#]],
    );
}

#[test]
fn each_row_gives_its_change_where_every_change_is_shown() {
    check(
        script(&[0], ChangelogMode::ALL, ChangelogMode::ALL, None).every_change(),
        "
        +I a 1 | +I a 2 | +I b NULL | -D a 1 | -D b NULL
        ",
        expect![[r#"
            +I a 1 | +I a 2 | +I b NULL | -D a 1 | -D b NULL
                +I a 1 1 1
                -U a 1 1 1
                +U a 2 3 2
                +I b 1 NULL NULL
                -U a 2 3 2
                +U a 1 2 2
                -D b 1 NULL NULL
        "#]],
    );
}

#[test]
fn retractions_update_delete_and_are_recovered() {
    check(
        script(&[0], ChangelogMode::ALL, ChangelogMode::UPSERT, None),
        "
        +I a 1 | +I a 5 | +I b 2 | +I c 3
        barrier
        -D b 2 | -U a 5 | +U a 4
        barrier
        +I b 7
        recover 2
        -D a 4 | -D zz 1 | -U c 3 | +U c 3
        +I b 8
        barrier
        recover
        -D a 1 | -D b 8
        ",
        expect![[r#"
            +I a 1 | +I a 5 | +I b 2 | +I c 3
                +I a 2 6 5
                +I b 1 2 2
                +I c 1 3 3
            -D b 2 | -U a 5 | +U a 4
                -D b 1 2 2
                +U a 2 5 4
            +I b 7
                +I b 1 7 7
            -D a 4 | -D zz 1 | -U c 3 | +U c 3
                +U a 1 1 1
            +I b 8
                +I b 1 8 8
            -D a 1 | -D b 8
                -D a 1 1 1
                -D b 1 8 8
        "#]],
    );
}

#[test]
fn a_global_aggregate_has_one_row_once_there_is_input() {
    check(
        script(&[], ChangelogMode::ALL, ChangelogMode::ALL, None),
        "
        +I a 1 | +I b 2
        barrier
        -D a 1
        recover
        -D a 1 | -D b 2
        barrier
        recover
        +I a 9
        ",
        expect![[r#"
            +I a 1 | +I b 2
                +I 2 3 2
            -D a 1
                -U 2 3 2
                +U 1 2 2
            -D a 1 | -D b 2
                -D 2 3 2
            +I a 9
                +I 1 9 9
        "#]],
    );
}

#[test]
fn batch_mode_emits_once_and_a_row_for_nothing() {
    check(
        script(&[], ChangelogMode::INSERT_ONLY, ChangelogMode::INSERT_ONLY, None).batch_mode(),
        "end",
        expect![[r#"
            end
                +I 0 NULL NULL
        "#]],
    );
    check(
        script(&[0], ChangelogMode::INSERT_ONLY, ChangelogMode::INSERT_ONLY, None).batch_mode(),
        "
        +I a 1 | +I b 2
        +I a 1
        end",
        expect![[r#"
            end
                +I a 2 2 1
                +I b 1 2 2
        "#]],
    );
}

#[test]
fn an_expired_key_begins_anew() {
    check(
        script(&[0], ChangelogMode::INSERT_ONLY, ChangelogMode::ALL, Some(100)),
        "
        +I a 1 | +I b 1
        timer 60
        +I a 1
        timer 120
        +I a 1 | +I b 1
        timer 500
        +I a 1
        ",
        expect![[r#"
            +I a 1 | +I b 1
                +I a 1 1 1
                +I b 1 1 1
            +I a 1
                -U a 1 1 1
                +U a 2 2 1
            +I a 1 | +I b 1
                -U a 2 2 1
                +U a 3 3 1
                +I b 1 1 1
            +I a 1
                +I a 1 1 1
        "#]],
    );
}
