//! Bounded jobs end once, wherever the process dies.

use crate::harness::{BOUNDED, Ended, JSON, Place, exactly_once, topic_table};
use crate::services;

/// Every named moment of the last checkpoint and after it.
const MOMENTS: [&str; 9] = [
    "after-flush",
    "staged",
    "snapshot",
    "commit-sent",
    "offsets-sent",
    "commit-confirmed",
    "published",
    "finished",
    "ended",
];

const LINES: [&str; 3] = [r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":3}"#];

fn copy_job(source: &str, from: &str, sink: &str, to: &str) -> String {
    let input = topic_table(source, from, "id BIGINT", &(BOUNDED.to_owned() + JSON));
    let output = topic_table(sink, to, "id BIGINT", &(JSON.to_owned() + &exactly_once(to)));
    format!("{input}{output}INSERT INTO `{to}` SELECT * FROM `{from}`;")
}

fn run_until(place: &Place, sql: &str, moment: &str, count: u32) -> Ended {
    let file = place.write("script.sql", sql);
    let program = place.flitz(["run", file.to_str().unwrap()]);
    program.env("FLITZ_FAILPOINT", &format!("{moment}:{count}")).run()
}

#[test]
fn a_bounded_job_on_embedded_topics_killed_at_any_moment_ends_once() {
    for moment in MOMENTS {
        // The first checkpoint passes some of the moments too.
        for count in 1.. {
            let place = Place::new();
            place.send("embedded:x.db", "source", &LINES);
            let sql = copy_job("embedded:x.db", "source", "embedded:x.db", "copy");
            let died = run_until(&place, &sql, moment, count).code.is_none();
            assert!(died || count > 1, "nothing came to {moment}");
            if !died {
                break;
            }
            let again = place.run(&sql).succeeded();
            assert_eq!(place.records("embedded:x.db", "copy"), LINES, "{moment}:{count}\n{}", again.stderr);
            if ["finished", "ended"].contains(&moment) {
                let said = "had come to its end before";
                assert!(again.stderr.contains(said), "{moment}: {}", again.stderr);
            }
        }
    }
}

#[test]
fn a_bounded_job_on_kafka_killed_at_any_moment_ends_once() {
    let Some(servers) = services::kafka() else { return };
    let place = Place::new();
    let source = services::unique("source");
    services::create_topic(&servers, &source, 2);
    place.send(&servers, &source, &LINES);
    for moment in MOMENTS {
        for count in 1.. {
            let place = Place::new();
            let copy = services::unique("copy");
            services::create_topic(&servers, &copy, 2);
            let sql = copy_job(&servers, &source, &servers, &copy);
            let died = run_until(&place, &sql, moment, count).code.is_none();
            assert!(died || count > 1, "nothing came to {moment}");
            if !died {
                break;
            }
            let again = place.run(&sql).succeeded();
            assert_eq!(place.records(&servers, &copy), LINES, "{moment}:{count}\n{}", again.stderr);
        }
    }
}

#[test]
fn a_bounded_job_into_files_killed_at_any_moment_ends_once() {
    for moment in ["staged", "snapshot", "published", "finished", "ended"] {
        let place = Place::new();
        place.send("embedded:x.db", "source", &LINES);
        let input = topic_table("embedded:x.db", "source", "id BIGINT", &(BOUNDED.to_owned() + JSON));
        let sql = format!(
            "{input}CREATE TABLE files (id BIGINT) WITH ('connector' = 'filesystem', 'path' = 'files'{JSON});\n\
             INSERT INTO files SELECT * FROM `source`;"
        );
        run_until(&place, &sql, moment, 1).killed();
        place.run(&sql).succeeded();
        let files = std::fs::read_dir(place.path().join("files")).unwrap().map(|entry| entry.unwrap().path());
        let visible = files.filter(|path| !path.file_name().unwrap().to_str().unwrap().starts_with('.'));
        let text: String = visible.map(|path| std::fs::read_to_string(path).unwrap()).collect();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort();
        assert_eq!(lines, LINES, "{moment}");
    }
}

#[test]
fn a_job_whose_end_was_told_runs_anew() {
    let place = Place::new();
    place.send("embedded:x.db", "source", &LINES);
    let sql = copy_job("embedded:x.db", "source", "embedded:x.db", "copy");
    for times in 1..=2 {
        let ended = place.run(&sql).succeeded();
        assert!(!ended.stderr.contains("had come to its end"), "{}", ended.stderr);
        assert_eq!(place.records("embedded:x.db", "copy").len(), times * LINES.len());
    }
}

#[test]
fn several_jobs_of_a_script_may_write_one_table() {
    let place = Place::new();
    let table = topic_table("embedded:x.db", "t", "id BIGINT", &(JSON.to_owned() + &exactly_once("t")));
    let insert = |ids: [u32; 3]| ids.map(|id| format!("INSERT INTO t VALUES ({id});\n")).concat();
    let sql = table.clone() + &insert([1, 2, 3]);
    // Dies in the third: the first two are not done again.
    run_until(&place, &sql, "published", 3).killed();
    assert_eq!(place.records("embedded:x.db", "t"), LINES);
    // Another script does not take the end of these jobs for its own.
    let said = place.run(&(table + &insert([7, 2, 3]))).failed(2);
    assert!(said.contains("error: another query had come to its end as job"), "{said}");
    place.run(&sql).succeeded();
    assert_eq!(place.records("embedded:x.db", "t"), LINES);
    place.run(&sql).succeeded();
    assert_eq!(place.records("embedded:x.db", "t").len(), 6);
}

#[test]
fn what_a_failed_script_had_finished_is_not_done_again() {
    let place = Place::new();
    place.send("embedded:x.db", "source", &LINES);
    place.send("embedded:x.db", "broken", &[r#"{"id":7}"#, "?"]);
    let script = |options: &str| {
        let first = copy_job("embedded:x.db", "source", "embedded:x.db", "copy");
        let second = copy_job("embedded:x.db", "broken", "embedded:x.db", "mended");
        format!("{first}\n{}", second.replacen(JSON, &format!("{JSON}{options}"), 1))
    };
    place.run(&script("")).failed(1);
    let again = place.run(&script("")).failed(1);
    assert!(again.contains("/copy: had come to its end before"), "{again}");
    assert_eq!(place.records("embedded:x.db", "copy"), LINES);
    // The statement that failed is put right, and the script goes on there.
    place.run(&script(", 'json.ignore-parse-errors' = 'true'")).succeeded();
    assert_eq!(place.records("embedded:x.db", "copy"), LINES);
    assert_eq!(place.records("embedded:x.db", "mended"), [r#"{"id":7}"#]);
    place.run(&script(", 'json.ignore-parse-errors' = 'true'")).succeeded();
    assert_eq!(place.records("embedded:x.db", "copy").len(), 2 * LINES.len());
}
