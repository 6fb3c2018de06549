//! What is wrong with a script is said before anything runs, with its place.

use expect_test::expect;

use crate::harness::{BOUNDED, JSON, Place, topic_table};
use crate::services;

const SHOWN: &str = "CREATE TABLE shown (id BIGINT, amount DOUBLE) WITH ('connector' = 'print');\n";

#[test]
fn wrong_sql_is_shown_with_its_place_and_a_hint() {
    let place = Place::new();
    place.write("tables.sql", &(topic_table("embedded:x.db", "orders", "id BIGINT, amount DOUBLE", JSON) + SHOWN));
    place.write("pipeline.sql", "-- sums\nINSERT INTO shown\nSELECT id, amonut FROM orders;\n");
    let said = place.flitz(["run", "tables.sql", "pipeline.sql"]).run().failed(2);
    expect![[r#"
        error: there is no column `amonut`
         --> pipeline.sql:3:12
          |
        3 | SELECT id, amonut FROM orders;
          |            ^^^^^^
          = did you mean `amount`?
    "#]]
    .assert_eq(&said);
    assert!(!place.path().join("x.db").exists(), "nothing has run");

    let said = place.run("CREATE TABL t (a INT);\nSELECT 1 +;\n").failed(2);
    expect![[r#"
        error: expected TABLE, VIEW, DATABASE, CATALOG, FUNCTION or another kind of object after CREATE, found `TABL`
         --> DIR/script.sql:1:8
          |
        1 | CREATE TABL t (a INT);
          |        ^^^^
          = did you mean TABLE?

        error: expected an expression, found the end of the statement
         --> DIR/script.sql:2:11
          |
        2 | SELECT 1 +;
          |           ^
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_missing_topic_is_named_where_the_table_names_it() {
    let place = Place::new();
    let Some(servers) = services::kafka() else { return };
    let table =
        topic_table(&servers, "flitz-jobs-no-such-topic", "id BIGINT, amount DOUBLE", &(BOUNDED.to_owned() + JSON));
    let table = table.replace("'topic'", "\n  'topic'").replace("'properties.b", "\n  'properties.b");
    let sql = format!("{table}{SHOWN}INSERT INTO shown SELECT * FROM `flitz-jobs-no-such-topic`;\n");
    let said = place.run(&sql).failed(2).replace(&servers, "SERVERS");
    expect![[r#"
        error: topic 'flitz-jobs-no-such-topic' does not exist on Kafka at SERVERS
         --> DIR/script.sql:2:3
          |
        2 |   'topic' = 'flitz-jobs-no-such-topic', 
          |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = create it: kafka-topics.sh --bootstrap-server SERVERS --create --topic flitz-jobs-no-such-topic
    "#]]
    .assert_eq(&said);
}

#[test]
fn settings_of_checkpoints_are_checked_where_they_are_made() {
    let place = Place::new();
    let table = topic_table("embedded:x.db", "orders", "id BIGINT, amount DOUBLE", &(BOUNDED.to_owned() + JSON));
    let said = |setting: &str| {
        place.run(&format!("SET {setting};\n{table}{SHOWN}INSERT INTO shown SELECT * FROM orders;\n")).failed(2)
    };
    expect![[r#"
        error: 'execution.checkpointing.tolerable-failed-checkpoints' must be 0 or more, found '-1'
         --> DIR/script.sql:1:5
          |
        1 | SET 'execution.checkpointing.tolerable-failed-checkpoints' = '-1';
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]]
    .assert_eq(&said("'execution.checkpointing.tolerable-failed-checkpoints' = '-1'"));
    expect![[r#"
        error: 'execution.checkpointing.timeout' must be a duration such as '10 s' or '5 min', found 'soon'
         --> DIR/script.sql:1:5
          |
        1 | SET 'execution.checkpointing.timeout' = 'soon';
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]]
    .assert_eq(&said("'execution.checkpointing.timeout' = 'soon'"));
    expect![[r#"
        not supported: starting from a savepoint or checkpoint of Flink
         --> DIR/script.sql:1:5
          |
        1 | SET 'execution.state-recovery.path' = '/savepoints/1';
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = a job goes on at its own last checkpoint by itself; `--from-checkpoint N` picks another, `--resume-from NAME` takes over those of a job of another name
    "#]]
    .assert_eq(&said("'execution.state-recovery.path' = '/savepoints/1'"));
    expect![[r#"
        error: 'execution.checkpointing.mode' must be one of EXACTLY_ONCE, AT_LEAST_ONCE, found 'EXACTLY'
         --> DIR/script.sql:1:5
          |
        1 | SET 'execution.checkpointing.mode' = 'EXACTLY';
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]]
    .assert_eq(&said("'execution.checkpointing.mode' = 'EXACTLY'"));
}

#[test]
fn an_interval_that_outlasts_transactions_is_refused() {
    let Some(servers) = services::kafka() else { return };
    let place = Place::new();
    let topic = services::unique("interval");
    services::create_topic(&servers, &topic, 1);
    let options =
        format!("{JSON}, 'properties.transaction.timeout.ms' = '60000'{}", crate::harness::exactly_once(&topic));
    let sql = format!(
        "SET 'execution.checkpointing.interval' = '30 s';\n{}INSERT INTO `{topic}` VALUES (1);\n",
        topic_table(&servers, &topic, "id BIGINT", &options)
    );
    expect![[r#"
        error: a checkpoint every 30 s is too seldom for transactions of 60 s: the interval must stay below half of that
         --> DIR/script.sql:1:5
          |
        1 | SET 'execution.checkpointing.interval' = '30 s';
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = checkpoint more often, or raise 'properties.transaction.timeout.ms' (and the broker's transaction.max.timeout.ms)
    "#]]
    .assert_eq(&place.run(&sql).failed(2));
    assert!(place.records(&servers, &topic).is_empty());
    place.run(&sql.replace("30 s", "29 s")).succeeded();
    assert_eq!(place.records(&servers, &topic), [r#"{"id":1}"#]);
}
