//! Every operator that keeps state between checkpoints gives the same rows whether its process dies or not.

use crate::harness::{BOUNDED, JSON, Place, exactly_once, topic_table};

const ROWS: usize = 60_000;
const COLUMNS: &str = "id BIGINT, k BIGINT, v BIGINT, ts TIMESTAMP(3)";

/// Each query, and the columns of its result.
const QUERIES: &[(&str, &str, &str)] = &[
    (
        "hop",
        "k BIGINT, s TIMESTAMP(3), n BIGINT, u BIGINT, total BIGINT",
        "SELECT k, window_start, COUNT(*), COUNT(DISTINCT v), SUM(v) FROM TABLE(HOP(TABLE l, DESCRIPTOR(ts), \
         INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, k",
    ),
    (
        "cumulate",
        "k BIGINT, s TIMESTAMP(3), e TIMESTAMP(3), least BIGINT, most BIGINT, mean BIGINT",
        "SELECT k, window_start, window_end, MIN(v), MAX(id), AVG(v) FROM TABLE(CUMULATE(TABLE l, DESCRIPTOR(ts), \
         INTERVAL '2' MINUTE, INTERVAL '10' MINUTE)) GROUP BY window_start, window_end, k",
    ),
    (
        "session",
        "k BIGINT, s TIMESTAMP(3), e TIMESTAMP(3), n BIGINT, total BIGINT",
        "SELECT k, window_start, window_end, COUNT(*), SUM(v) FROM TABLE(SESSION(TABLE l PARTITION BY k, \
         DESCRIPTOR(ts), INTERVAL '40' SECOND)) GROUP BY window_start, window_end, k",
    ),
    (
        "legacy",
        "k BIGINT, s TIMESTAMP(3), n BIGINT",
        "SELECT k, SESSION_START(ts, INTERVAL '40' SECOND), COUNT(*) FROM l \
         GROUP BY k, SESSION(ts, INTERVAL '40' SECOND)",
    ),
    (
        "top",
        "id BIGINT, k BIGINT, v BIGINT, s TIMESTAMP(3), n BIGINT",
        "SELECT id, k, v, window_start, n FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, \
         k ORDER BY v DESC, id) AS n FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE n <= 3",
    ),
    (
        "last",
        "id BIGINT, k BIGINT, s TIMESTAMP(3)",
        "SELECT id, k, window_start FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, k \
         ORDER BY ts DESC) AS n FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) WHERE n = 1",
    ),
    (
        "join",
        "a BIGINT, b BIGINT, s TIMESTAMP(3)",
        "SELECT a.id, b.id, a.window_start FROM (SELECT * FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' \
         MINUTE))) a FULL JOIN (SELECT * FROM TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) b ON \
         a.window_start = b.window_start AND a.window_end = b.window_end AND a.k = b.k AND a.v = b.v + 1",
    ),
    (
        "cascade",
        "s TIMESTAMP(3), keys BIGINT, n BIGINT",
        "SELECT window_start, COUNT(k), SUM(n) FROM TABLE(TUMBLE(TABLE counts, DESCRIPTOR(t), INTERVAL '10' MINUTE)) \
         GROUP BY window_start, window_end",
    ),
];

/// Rows whose times ascend on every partition, so that none is late whatever is read first,
/// and no two are equal; 50 of a key at a time.
fn fill(place: &Place, topic: &str, key: u32) {
    let table = topic_table("embedded:in.db", topic, COLUMNS, JSON);
    let generated = format!(
        "CREATE TABLE generated (id BIGINT) WITH ('connector' = 'datagen', 'fields.id.kind' = 'sequence', \
         'fields.id.start' = '1', 'fields.id.end' = '{ROWS}');\n"
    );
    place
        .run(&format!(
            "{table}{generated}INSERT INTO {topic} SELECT id, MOD(id / 50 * {key}, 37), MOD(id * 31, 101), \
             CAST(TO_TIMESTAMP_LTZ(1704067200000 + id * 100, 3) AS TIMESTAMP(3)) FROM generated;"
        ))
        .succeeded();
}

fn job(name: &str, columns: &str, query: &str, run: &str) -> String {
    let input = |topic: &str| {
        let columns = format!("{COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND");
        topic_table("embedded:in.db", topic, &columns, &(BOUNDED.to_owned() + JSON))
    };
    let topic = format!("{name}-{run}");
    let output = topic_table("embedded:out.db", &topic, columns, &(JSON.to_owned() + &exactly_once(&topic)));
    let view = "CREATE VIEW counts AS SELECT k, window_time AS t, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE l, \
                DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, window_time, k;\n";
    format!(
        "SET 'pipeline.name' = '{topic}';\nSET 'execution.checkpointing.interval' = '5 ms';\n{}{}{view}{output}\
         INSERT INTO `{topic}` {query};",
        input("l"),
        input("r")
    )
}

#[test]
fn killed_processes_change_no_result() {
    let place = Place::new();
    fill(&place, "l", 7919);
    fill(&place, "r", 104_729);
    for (name, columns, query) in QUERIES {
        place.run(&job(name, columns, query, "whole")).succeeded();
        let expected = place.records("embedded:out.db", &format!("{name}-whole"));
        assert!(expected.len() > 10, "{name}: {expected:?}");

        let sql = job(name, columns, query, "killed");
        let file = place.write("killed.sql", &sql);
        let moments = ["snapshot:2", "commit-sent:3", "commit-confirmed:2", "after-flush:3", "staged:2"];
        let mut kills = 0;
        for moment in moments.iter().cycle() {
            let run = place.flitz(["run", file.to_str().unwrap()]).env("FLITZ_FAILPOINT", moment).run();
            if run.code.is_some() {
                run.succeeded();
                break;
            }
            kills += 1;
        }
        assert!(kills > 0, "{name} came to no checkpoint");
        let found = place.records("embedded:out.db", &format!("{name}-killed"));
        assert!(found == expected, "{name}: {} rows after {kills} kills, not {}", found.len(), expected.len());
    }
}
