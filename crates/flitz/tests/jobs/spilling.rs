//! State that is several times as large as the memory there is: the same rows, from a process that is killed too.

use crate::harness::{BOUNDED, JSON, Place, exactly_once, topic_table};

const ROWS: usize = 120_000;
const COLUMNS: &str = "id BIGINT, k STRING, v BIGINT, ts TIMESTAMP(3)";

/// Each query, the columns of its result and its key if it updates.
const QUERIES: &[(&str, &str, Option<&str>, &str)] = &[
    (
        "tumble",
        "k STRING, n BIGINT, total BIGINT",
        None,
        "SELECT k, COUNT(*), SUM(v) FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '2' HOUR)) \
         GROUP BY window_start, window_end, k",
    ),
    (
        "hop",
        "k STRING, s TIMESTAMP(3), n BIGINT, u BIGINT",
        None,
        "SELECT k, window_start, COUNT(*), COUNT(DISTINCT v) FROM TABLE(HOP(TABLE l, DESCRIPTOR(ts), \
         INTERVAL '30' MINUTE, INTERVAL '60' MINUTE)) GROUP BY window_start, window_end, k",
    ),
    (
        "top",
        "id BIGINT, k STRING, n BIGINT",
        None,
        "SELECT id, k, n FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, \
         k ORDER BY v DESC, id) AS n FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' HOUR))) WHERE n <= 2",
    ),
    (
        "join",
        "a BIGINT, b BIGINT",
        None,
        "SELECT a.id, b.id FROM (SELECT * FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' HOUR))) a \
         JOIN (SELECT * FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' HOUR))) b ON \
         a.window_start = b.window_start AND a.window_end = b.window_end AND a.k = b.k AND a.id <= b.id",
    ),
    (
        "grouped",
        "k STRING, n BIGINT, total BIGINT, most BIGINT",
        Some("k"),
        "SELECT k, COUNT(*), SUM(v), MAX(v) FROM l GROUP BY k",
    ),
    (
        "regrouped",
        "total BIGINT, keys BIGINT, n BIGINT",
        Some("total"),
        "SELECT total, COUNT(*), SUM(n) FROM (SELECT k, COUNT(*) AS n, SUM(v) AS total FROM l GROUP BY k) GROUP BY total",
    ),
];

/// Four rows of each of 30,000 keys, far apart.
fn fill(place: &Place) {
    let table = topic_table("embedded:in.db", "l", COLUMNS, JSON);
    let generated = format!(
        "CREATE TABLE generated (id BIGINT) WITH ('connector' = 'datagen', 'fields.id.kind' = 'sequence', \
         'fields.id.start' = '1', 'fields.id.end' = '{ROWS}');\n"
    );
    place
        .run(&format!(
            "{table}{generated}INSERT INTO l SELECT id, CONCAT('a key that takes some bytes of memory ', \
             CAST(MOD(id * 7919, 30000) AS STRING)), MOD(id * 31, 101), \
             CAST(TO_TIMESTAMP_LTZ(1704067200000 + id * 50, 3) AS TIMESTAMP(3)) FROM generated;"
        ))
        .succeeded();
}

fn job(run: &str, (name, columns, key, query): (&str, &str, Option<&str>, &str)) -> String {
    let columns_in = format!("{COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND");
    let input = topic_table("embedded:in.db", "l", &columns_in, &(BOUNDED.to_owned() + JSON));
    let topic = format!("{name}-{run}");
    let output = match key {
        None => topic_table("embedded:out.db", &topic, columns, &(JSON.to_owned() + &exactly_once(&topic))),
        Some(key) => format!(
            "CREATE TABLE `{topic}` ({columns}, PRIMARY KEY ({key}) NOT ENFORCED) WITH ('connector' = 'jdbc', \
             'url' = 'embedded:tables.db', 'table-name' = '{topic}');\n"
        ),
    };
    format!(
        "SET 'pipeline.name' = '{topic}';\nSET 'execution.checkpointing.interval' = '30 ms';\n{input}{output}\
         INSERT INTO `{topic}` {query};"
    )
}

fn result(place: &Place, topic: &str, key: Option<&str>) -> Vec<String> {
    if key.is_none() {
        return place.records("embedded:out.db", topic);
    }
    let file = rusqlite::Connection::open(place.path().join("tables.db")).unwrap();
    let mut statement = file.prepare(&format!("SELECT * FROM \"{topic}\" ORDER BY 1")).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let values = (0..columns).map(|i| row.get::<_, rusqlite::types::Value>(i).map(|value| format!("{value:?}")));
        Ok(values.collect::<rusqlite::Result<Vec<_>>>()?.join(" "))
    };
    statement.query_map([], row).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn results_are_those_of_a_machine_with_more_memory() {
    let place = Place::new();
    fill(&place);
    for &query in QUERIES {
        let (name, _, key, _) = query;
        place.run(&job("whole", query)).succeeded();
        let expected = result(&place, &format!("{name}-whole"), key);
        assert!(expected.len() > 3, "{name}: {expected:?}");

        let small = |run: &str| {
            let file = place.write(&format!("{run}.sql"), &job(run, query));
            // What sinks hold back while an epoch is committed counts too, and a join emits much.
            let memory = if name == "join" { "16m" } else { "8m" };
            place.flitz(["run", "--memory", memory, file.to_str().unwrap()])
        };
        let said = small("small").run().succeeded().stderr;
        assert!(said.contains("of state were written to disk"), "{name}: {said}");
        assert!(result(&place, &format!("{name}-small"), key) == expected, "{name}");

        let moments = ["snapshot:2", "commit-sent:3", "commit-confirmed:2", "after-flush:3", "staged:2"];
        let mut kills = 0;
        for moment in moments.iter().cycle() {
            let run = small("killed").env("FLITZ_FAILPOINT", moment).run();
            if run.code.is_some() {
                run.succeeded();
                break;
            }
            kills += 1;
        }
        assert!(kills > 0, "{name} came to no checkpoint");
        let found = result(&place, &format!("{name}-killed"), key);
        assert!(found == expected, "{name}: {} rows after {kills} kills, not {}", found.len(), expected.len());
    }
}
