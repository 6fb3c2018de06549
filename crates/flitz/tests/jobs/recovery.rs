//! Jobs that are stopped, killed, started twice, or find their past changed.

use std::time::Duration;

use expect_test::expect;

use crate::harness::{Ended, JSON, Place, Running, exactly_once, topic_table};
use crate::services;

/// An endless copy of one topic.
fn copy_job(servers: &str, from: &str, to: &str) -> String {
    let input = topic_table(servers, from, "id BIGINT", JSON);
    let output = topic_table(servers, to, "id BIGINT", &(JSON.to_owned() + &exactly_once(to)));
    format!("SET 'pipeline.name' = 'copying';\n{input}{output}INSERT INTO `{to}` SELECT * FROM `{from}`;")
}

fn start(place: &Place, sql: &str) -> Running {
    let file = place.write("script.sql", sql);
    place.flitz(["run", file.to_str().unwrap()]).start()
}

fn wait_for_records(place: &Place, running: &mut Running, servers: &str, topic: &str, count: usize) -> Vec<String> {
    running.until(&format!("{count} records are in {topic}"), |running| {
        let _ = running;
        let records = place.records(servers, topic);
        std::thread::sleep(Duration::from_millis(20));
        (records.len() >= count).then_some(records)
    })
}

/// Copies three records and stops; the script.
fn copied(place: &Place, servers: &str, from: &str, to: &str) -> String {
    place.send(servers, from, &[r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":3}"#]);
    let sql = copy_job(servers, from, to);
    let mut running = start(place, &sql);
    wait_for_records(place, &mut running, servers, to, 3);
    running.stop().succeeded();
    sql
}

fn errors(ended: Ended, code: i32) -> String {
    ended.failed(code).lines().filter(|line| line.starts_with("error: ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn records_removed_before_they_were_read_are_an_error_on_embedded_topics() {
    let place = Place::new();
    let sql = copied(&place, "embedded:x.db", "source", "copy");
    place.send("embedded:x.db", "source", &[r#"{"id":4}"#; 9]);
    let file = rusqlite::Connection::open(place.path().join("x.db")).unwrap();
    file.execute(
        "DELETE FROM record WHERE topic = (SELECT id FROM topic WHERE name = 'source') AND \"offset\" < 3",
        [],
    )
    .unwrap();
    drop(file);
    let said = errors(place.run(&sql), 1);
    let said = ["1", "2"].iter().fold(said, |said, n| said.replace(&format!("partition {n}"), "partition 0"));
    expect![[r#"
        error: partition 0 of topic 'source' has no offset 1 any more; available are 3 to 3 (topic source, partition 0, offset 1); retention removed records that were not read yet, or the topic was made anew; --fresh starts over
    "#]]
    .assert_eq(&said);
    assert_eq!(place.records("embedded:x.db", "copy").len(), 3);
}

#[test]
fn records_removed_before_they_were_read_are_an_error_on_kafka() {
    let Some(servers) = services::kafka() else { return };
    let place = Place::new();
    let (from, to) = (services::unique("source"), services::unique("copy"));
    services::create_topic(&servers, &from, 1);
    services::create_topic(&servers, &to, 1);
    let sql = copied(&place, &servers, &from, &to);
    place.send(&servers, &from, &[r#"{"id":4}"#, r#"{"id":5}"#, r#"{"id":6}"#]);
    services::delete_records(&servers, &from, 0, 5);
    let said = errors(place.run(&sql), 1).replace(&from, "TOPIC");
    expect![[r#"
        error: partition 0 of topic 'TOPIC' has no offset 3 any more; available are 5 to 5 (topic TOPIC, partition 0, offset 3); retention removed records that were not read yet, or the topic was made anew; --fresh starts over
    "#]]
    .assert_eq(&said);
    assert_eq!(place.records(&servers, &to).len(), 3);
}

fn check_lost_checkpoints(servers: &str, from: &str, to: &str) {
    let place = Place::new();
    let sql = copied(&place, servers, from, to);
    std::fs::remove_dir_all(place.state(servers, "copying")).unwrap();
    let said = errors(place.run(&sql), 2);
    // How many epochs there were is a matter of time.
    let said: String = said.split("epoch ").map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit())).collect();
    let said = said.replace("DIR/x.db.state/", "DIR/state/flitz/");
    expect![[r#"
        error: the sink holds  of job 'copying', but there are no checkpoints at DIR/state/flitz/copying; set 'execution.checkpointing.dir' to where they are, or start anew with `--fresh`
    "#]]
    .assert_eq(&said);
    assert_eq!(place.records(servers, to).len(), 3, "nothing was copied again");
    let file = place.write("script.sql", &sql);
    let mut running = place.flitz(["run", "--fresh", file.to_str().unwrap()]).start();
    wait_for_records(&place, &mut running, servers, to, 6);
    running.stop().succeeded();
}

#[test]
fn lost_checkpoints_are_an_error_on_embedded_topics() {
    check_lost_checkpoints("embedded:x.db", "source", "copy");
}

#[test]
fn lost_checkpoints_are_an_error_on_kafka() {
    let Some(servers) = services::kafka() else { return };
    let (from, to) = (services::unique("source"), services::unique("copy"));
    services::create_topic(&servers, &from, 1);
    services::create_topic(&servers, &to, 1);
    check_lost_checkpoints(&servers, &from, &to);
}

#[test]
fn a_second_process_of_a_job_is_turned_away() {
    let place = Place::new();
    place.send("embedded:x.db", "source", &[r#"{"id":1}"#]);
    let sql = copy_job("embedded:x.db", "source", "copy");
    let mut first = start(&place, &sql);
    wait_for_records(&place, &mut first, "embedded:x.db", "copy", 1);
    let said = errors(place.run(&sql), 1).replace(&first.pid().to_string(), "PID");
    expect![[r#"
        error: job 'copying' is already running: process PID holds DIR/x.db.state/copying; stop it first, or give this job another name with SET 'pipeline.name' = '…'
    "#]]
    .assert_eq(&said);
    first.stop().succeeded();
}

#[test]
fn of_two_processes_that_share_only_the_sink_the_newer_wins() {
    let Some(servers) = services::kafka() else { return };
    let place = Place::new();
    let (from, to) = (services::unique("source"), services::unique("copy"));
    services::create_topic(&servers, &from, 1);
    services::create_topic(&servers, &to, 1);
    place.send(&servers, &from, &[r#"{"id":1}"#]);
    let sql = copy_job(&servers, &from, &to);
    let mut first = start(&place, &sql);
    wait_for_records(&place, &mut first, &servers, &to, 1);
    // As another machine with the same checkpoints would: a copy of the folder is not locked.
    let mut copy = std::process::Command::new("cp");
    copy.arg("-r").arg(place.path().join("state")).arg(place.path().join("state2"));
    assert!(copy.status().unwrap().success());
    let file = place.write("second.sql", &sql);
    let other_state = place.path().join("state2").display().to_string();
    let mut second = place.flitz(["run", file.to_str().unwrap()]).env("XDG_STATE_HOME", &other_state).start();
    second.until("it has resumed", |r| r.stderr().contains("resuming").then_some(()));
    place.send(&servers, &from, &[r#"{"id":2}"#]);
    let said = errors(first.wait(), 1).replace(&to, "TOPIC");
    expect![[r#"
        error: a newer producer with transactional id prefix 'TOPIC' has taken over; two jobs, or two runs of one job, write with the same prefix
    "#]]
    .assert_eq(&said);
    wait_for_records(&place, &mut second, &servers, &to, 2);
    second.stop().succeeded();
    assert_eq!(place.records(&servers, &to), [r#"{"id":1}"#, r#"{"id":2}"#]);
}

/// Sums per window of ten seconds.
fn windows_job(servers: &str, from: &str, to: &str) -> String {
    let columns = "id BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND";
    let input = topic_table(servers, from, columns, JSON);
    let output = topic_table(
        servers,
        to,
        "`start` TIMESTAMP(3), orders BIGINT, ids BIGINT",
        &(JSON.to_owned() + &exactly_once(to)),
    );
    format!(
        "SET 'pipeline.name' = 'windows';\nSET 'table.exec.source.idle-timeout' = '100 ms';\n{input}{output}\
         INSERT INTO `{to}` SELECT window_start, COUNT(*), SUM(id) FROM TABLE(TUMBLE(TABLE `{from}`, DESCRIPTOR(ts), \
         INTERVAL '10' SECOND)) GROUP BY window_start, window_end;"
    )
}

/// Stopped or killed in the middle of a window, again and again.
fn check_windows(servers: &str, from: &str, to: &str, signal: i32) {
    let place = Place::new();
    let sql = windows_job(servers, from, to);
    place.send(servers, from, &[r#"{"id":0,"ts":"2024-01-01 00:00:00"}"#]);
    let mut id = 0;
    for part in 0..5 {
        let mut running = start(&place, &sql);
        // SIGTERM before that would find nobody to hear it; a kill may come at any time.
        if signal == libc::SIGTERM {
            running.until("the job has begun", |r| {
                let begun =
                    if part == 0 { place.state(servers, "windows").exists() } else { r.stderr().contains("resuming") };
                begun.then_some(())
            });
        }
        // Three rows every four seconds of event time: starts fall into the middle of windows.
        let lines: Vec<String> = (0..3)
            .map(|_| {
                id += 1;
                format!(r#"{{"id":{id},"ts":"2024-01-01 00:00:{:02}"}}"#, id * 4 / 3 + 1)
            })
            .collect();
        place.send(servers, from, &lines.iter().map(String::as_str).collect::<Vec<_>>());
        let fired = (id * 4usize / 3 + 1).saturating_sub(5) / 10;
        if fired > 0 {
            wait_for_records(&place, &mut running, servers, to, fired);
        }
        running.signal(signal);
        let ended = running.wait();
        assert_eq!(ended.code, if signal == libc::SIGTERM { Some(0) } else { None }, "{part}: {}", ended.stderr);
    }
    let mut running = start(&place, &sql);
    place.send(servers, from, &[r#"{"id":0,"ts":"2024-01-01 00:01:00"}"#; 3]);
    let records = wait_for_records(&place, &mut running, servers, to, 3);
    running.stop().succeeded();
    assert_eq!(place.records(servers, to), records);
    expect![[r#"
        {"start":"2024-01-01 00:00:00","orders":7,"ids":21}
        {"start":"2024-01-01 00:00:10","orders":8,"ids":84}
        {"start":"2024-01-01 00:00:20","orders":1,"ids":15}"#]]
    .assert_eq(&records.join("\n"));
}

#[test]
fn each_window_comes_once_through_stops_on_embedded_topics() {
    check_windows("embedded:x.db", "source", "sums", libc::SIGTERM);
}

#[test]
fn each_window_comes_once_through_kills_on_embedded_topics() {
    check_windows("embedded:x.db", "source", "sums", libc::SIGKILL);
}

#[test]
fn each_window_comes_once_through_stops_and_kills_on_kafka() {
    let Some(servers) = services::kafka() else { return };
    for signal in [libc::SIGTERM, libc::SIGKILL] {
        let (from, to) = (services::unique("source"), services::unique("sums"));
        services::create_topic(&servers, &from, 1);
        services::create_topic(&servers, &to, 1);
        check_windows(&servers, &from, &to, signal);
    }
}

#[test]
fn a_query_that_failed_at_its_start_leaves_the_name_to_the_next() {
    let place = Place::new();
    place.write("numbers.json", "{\"n\":\"one\"}\n");
    let table = format!(
        "CREATE TABLE numbers (n INT) WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = '{}');\n\
         CREATE TABLE o (n BIGINT) WITH ('connector' = 'print');\n",
        place.path().join("numbers.json").display()
    );
    errors(place.run(&format!("{table}INSERT INTO o SELECT n FROM numbers;")), 1);
    place.write("numbers.json", "{\"n\":1}\n");
    let said = place.run(&format!("{table}INSERT INTO o SELECT COUNT(*) FROM numbers;")).succeeded().stdout;
    assert!(said.contains("+I[1]"), "{said}");
}
