//! Records that can't be read end the job with their place, or are skipped and counted if an option says so.

use expect_test::expect;

use crate::harness::{BOUNDED, JSON, Place, topic_table};
use crate::services;

const LINES: [&str; 3] = [r#"{"id": 1, "amount": 2.5}"#, r#"{"id": 2, "amount": "#, r#"{"id": 3, "amount": 1}"#];

fn check(place: &Place, servers: &str, topic: &str) {
    place.send(servers, topic, &LINES);
    let run = |format: &str| {
        let table = topic_table(servers, topic, "id BIGINT, amount DOUBLE", &format!("{BOUNDED}, {format}"));
        let shown = "CREATE TABLE shown (id BIGINT, amount DOUBLE) WITH ('connector' = 'print');\n";
        place.run(&format!("{table}{shown}INSERT INTO shown SELECT * FROM `{topic}`;"))
    };
    let said = run("'format' = 'json'").failed(1).replace(topic, "TOPIC");
    // Which partition a record without key lands in is not ours to say.
    let said: String =
        said.split("partition ").enumerate().map(|(i, part)| if i == 1 { &part[1..] } else { part }).collect();
    let said =
        said.split("offset ").map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit())).collect::<String>();
    expect![[r#"
        error: the value of a record can't be read: not a JSON object: expected a value, found the end of the message at byte 20 (topic TOPIC, , ); set 'json.ignore-parse-errors' = 'true' to skip such records and count them
    "#]]
    .assert_eq(&said);

    let ended = run("'format' = 'json', 'json.ignore-parse-errors' = 'true'").succeeded();
    let mut rows: Vec<&str> = ended.stdout.lines().collect();
    rows.sort();
    rows.dedup();
    assert_eq!(rows, ["+I[1, 2.5]", "+I[3, 1.0]"]);
    assert!(ended.stderr.contains(": 1 unreadable record was skipped ('….ignore-parse-errors')\n"), "{}", ended.stderr);
}

#[test]
fn broken_json_is_named_or_skipped_on_embedded_topics() {
    check(&Place::new(), "embedded:x.db", "orders");
}

#[test]
fn broken_json_is_named_or_skipped_on_kafka() {
    let Some(servers) = services::kafka() else { return };
    let topic = services::unique("broken");
    services::create_topic(&servers, &topic, 1);
    check(&Place::new(), &servers, &topic);
}

#[test]
fn a_restart_strategy_comes_to_an_end() {
    let place = Place::new();
    place.send("embedded:x.db", "orders", &LINES);
    let table = topic_table("embedded:x.db", "orders", "id BIGINT, amount DOUBLE", &format!("{BOUNDED}{JSON}"));
    let set = |attempts: &str| {
        format!(
            "SET 'restart-strategy' = 'fixed-delay';\nSET 'restart-strategy.fixed-delay.attempts' = '{attempts}';\n\
             SET 'restart-strategy.fixed-delay.delay' = '10 ms';\n"
        )
    };
    let insert = "CREATE TABLE shown (id BIGINT, amount DOUBLE) WITH ('connector' = 'blackhole');\n\
                  INSERT INTO shown SELECT * FROM orders;";
    let said = place.run(&format!("{}{table}{insert}", set("2"))).failed(1);
    assert_eq!(said.matches("starting again in 0.0 s").count(), 2, "{said}");
    assert_eq!(said.matches("error: the value of a record can't be read").count(), 1, "{said}");
    expect![[r#"
        error: 'restart-strategy.fixed-delay.attempts' must be more than 0, found '0'
         --> DIR/script.sql:2:5
          |
        2 | SET 'restart-strategy.fixed-delay.attempts' = '0';
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]]
    .assert_eq(&place.run(&format!("{}{table}{insert}", set("0"))).failed(2));
}
