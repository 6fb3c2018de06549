//! Rows into tables of PostgreSQL, and into those of an embedded file.
//!
//! What is expected of types, names and changes is what Flink 2.3.0 with its JDBC connector 4.0.0 left in a table of the
//! same definition.

use std::time::Duration;

use expect_test::expect;

use crate::harness::{JSON, Place, Running, topic_table};
use crate::postgres::{self, Database, PASSWORD, USER};

/// Runs the script as one that never ran before.
fn run(place: &Place, sql: &str) -> crate::harness::Ended {
    let file = place.write("script.sql", sql);
    place.flitz(["run", "--quiet", "--fresh", file.to_str().unwrap()]).run()
}

fn error(database: &Database, ended: crate::harness::Ended, code: i32) -> String {
    let said = database.tidy(&ended.failed(code));
    assert!(!said.contains(PASSWORD), "{said}");
    let wanted =
        |line: &&str| line.starts_with("error: ") || line.starts_with("not supported: ") || line.starts_with("  = ");
    said.lines().filter(wanted).map(|line| format!("{line}\n")).collect()
}

#[test]
fn types_are_written_as_flink_writes_them() {
    let Some(database) = postgres::database() else { return };
    database.query(
        "CREATE TABLE types (id int PRIMARY KEY, b boolean, t smallint, s smallint, i int, l bigint, f real, d double \
         precision, n numeric(10, 2), nn numeric, c char(5), v varchar(5), txt text, bytes bytea, day date, at time, ts \
         timestamp, tz timestamptz, mixedcase text, wide double precision, midnight timestamp, \"order\" text)",
    );
    let columns = "id INT, b BOOLEAN, t TINYINT, s SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, n DECIMAL(10, 2), \
                   nn DECIMAL(20, 5), c CHAR(5), v VARCHAR(5), txt STRING, `bytes` BYTES, `day` DATE, `at` TIME(3), \
                   ts TIMESTAMP(6), tz TIMESTAMP(3), mixedCase STRING, wide FLOAT, midnight DATE, `order` STRING, \
                   PRIMARY KEY (id) NOT ENFORCED";
    let nulls = "BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DECIMAL(10;2), DECIMAL(20;5), CHAR(5), \
                 VARCHAR(5), STRING, BYTES, DATE, TIME(3), TIMESTAMP(6), TIMESTAMP(3), STRING, FLOAT, DATE, STRING";
    let nulls: Vec<String> = nulls.split(", ").map(|t| format!("CAST(NULL AS {})", t.replace(';', ", "))).collect();
    let table = database.table("types", columns, "");
    let sql = format!(
        "{table}INSERT INTO types VALUES
         (1, true, CAST(-128 AS TINYINT), CAST(32767 AS SMALLINT), 2147483647, 9223372036854775807, CAST(1.1 AS FLOAT),
          2.5E-300, 1234.50, -0.00100, CAST('ab' AS CHAR(5)), 'vvvvv', 'ünï\"''\\x', X'00ff10', DATE '2024-02-29',
          TIME '12:34:56.789', TIMESTAMP '2024-02-29 12:34:56.123456', TIMESTAMP '2024-07-01 12:00:00.5', 'mix',
          CAST(1.1 AS FLOAT), DATE '2024-07-01', 'x'),
         (2, {}),
         (3, false, CAST(0 AS TINYINT), CAST(-32768 AS SMALLINT), -2147483648, -9223372036854775808, CAST(0 AS FLOAT),
          -1.5E300, -99999999.99, 12345678901.12345, CAST('' AS CHAR(5)), '', '', X'', DATE '0001-01-01',
          TIME '00:00:00', TIMESTAMP '0001-01-01 00:00:00', TIMESTAMP '1969-12-31 23:59:59.999', '',
          CAST(-0.5 AS FLOAT), DATE '9999-12-31', '') ON CONFLICT DO DEDUPLICATE;",
        nulls.join(", ")
    );
    let place = Place::new();
    run(&place, &sql).succeeded();
    expect![[r#"
        1 | t | -128 | 32767 | 2147483647 | 9223372036854775807 | 1.1 | 2.5e-300 | 1234.50 | -0.00100 | ab    | vvvvv | ünï"'\x | \x00ff10 | 2024-02-29 | 12:34:56 | 2024-02-29 12:34:56.123456 | 2024-07-01 12:00:00.5+00 | mix | 1.100000023841858 | 2024-07-01 00:00:00 | x
        2 | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅
        3 | f | 0 | -32768 | -2147483648 | -9223372036854775808 | 0 | -1.5e+300 | -99999999.99 | 12345678901.12345 |       |  |  | \x | 0001-01-01 | 00:00:00 | 0001-01-01 00:00:00 | 1969-12-31 23:59:59.999+00 |  | -0.5 | 9999-12-31 00:00:00 | 
    "#]]
    .assert_eq(&database.query("SET TimeZone = 'UTC'; SELECT * FROM types ORDER BY id"));
    // A TIMESTAMP becomes a point in time by the machine's time zone.
    let file = place.write("script.sql", &sql);
    let zoned = place.flitz(["run", "--quiet", "--fresh", file.to_str().unwrap()]).env("TZ", "America/New_York");
    zoned.run().succeeded();
    expect![[r#"
        2024-02-29 12:34:56.123456 | 2024-07-01 16:00:00.5+00
    "#]]
    .assert_eq(&database.query("SET TimeZone = 'UTC'; SELECT ts, tz FROM types WHERE id = 1"));
}

#[test]
fn changes_end_as_with_flink() {
    let Some(database) = postgres::database() else { return };
    database.query(
        "CREATE TABLE counts (word text PRIMARY KEY, n bigint); CREATE TABLE few (word text PRIMARY KEY, n bigint); \
         CREATE TABLE pairs (a text, b int, PRIMARY KEY (a, b)); CREATE TABLE plain (id int, a text); \
         CREATE TABLE documents (id int PRIMARY KEY, j jsonb, u uuid); CREATE SCHEMA other; \
         CREATE TABLE other.place (id int); CREATE TABLE padded (name char(3) PRIMARY KEY, n int)",
    );
    let words = "(SELECT CAST(w AS STRING) AS w FROM (VALUES ('a'), ('b'), ('a'), ('c'), ('a')) AS t(w))";
    let key = "PRIMARY KEY (word) NOT ENFORCED";
    let url = database.url();
    let tables = [
        database.table("counts", &format!("word STRING, n BIGINT, {key}"), ""),
        database.table("few", &format!("word STRING, n BIGINT, {key}"), ", 'sink.buffer-flush.max-rows' = '1'"),
        database.table("PAIRS", "A STRING, B INT, PRIMARY KEY (A, B) NOT ENFORCED", ""),
        database.table("plain", "id INT, a STRING", ""),
        database
            .table("documents", "id INT, j STRING, u STRING, PRIMARY KEY (id) NOT ENFORCED", "")
            .replace(&url, &format!("{url}?stringtype=unspecified")),
        database.table("place", "id INT", "").replace(&url, &format!("{url}?currentSchema=other")),
        database.table("padded", "name STRING, n INT, PRIMARY KEY (name) NOT ENFORCED", ""),
    ];
    let sql = format!(
        "{}INSERT INTO counts SELECT w, COUNT(*) FROM {words} GROUP BY w;
         INSERT INTO few SELECT w, COUNT(*) FROM {words} GROUP BY w HAVING COUNT(*) < 3;
         INSERT INTO `PAIRS` VALUES ('x', 1), ('x', 1), ('y', 2) ON CONFLICT DO DEDUPLICATE;
         INSERT INTO plain VALUES (1, 'x'), (1, 'x');
         INSERT INTO documents VALUES (1, '{{\"a\": 1}}', '6f7b1b0e-6a3c-4b8e-8f57-0c5a5b1f9d11') ON CONFLICT DO DEDUPLICATE;
         INSERT INTO place VALUES 7;
         INSERT INTO padded VALUES ('a', 1), ('a ', 2), ('b', 1) ON CONFLICT DO DEDUPLICATE;",
        tables.concat()
    );
    run(&Place::new(), &sql).succeeded();
    let all = ["counts", "few", "pairs", "plain", "documents", "other.place", "padded"]
        .map(|table| format!("{table}\n{}", database.query(&format!("SELECT * FROM {table} ORDER BY 1"))));
    expect![[r#"
        counts
        a | 3
        b | 1
        c | 1
        few
        b | 1
        c | 1
        pairs
        x | 1
        y | 2
        plain
        1 | x
        1 | x
        documents
        1 | {"a": 1} | 6f7b1b0e-6a3c-4b8e-8f57-0c5a5b1f9d11
        other.place
        7
        padded
        a   | 2
        b   | 1
    "#]]
    .assert_eq(&all.concat());
}

#[test]
fn what_is_wrong_is_said_at_the_start() {
    let Some(database) = postgres::database() else { return };
    database.query(
        "CREATE TABLE t (id int PRIMARY KEY, j jsonb, \"userId\" text, d text, short varchar(3), UNIQUE (short)); \
         CREATE ROLE poor LOGIN PASSWORD 'arm'",
    );
    let place = Place::new();
    let mut text = String::new();
    let mut check = |code: i32, columns: &str, query: &str, change: &dyn Fn(String) -> String| {
        let sql =
            format!("{}INSERT INTO t {query};", change(database.table("t", columns, ", 'sink.max-retries' = '0'")));
        text.push_str(&error(&database, run(&place, &sql), code));
    };
    let same = |table: String| table;
    let one = "VALUES 1";
    check(2, "id INT", one, &|t| t.replace(PASSWORD, "falsch"));
    check(2, "id INT", one, &|t| t.replace(&database.name, "missing"));
    check(2, "id INT", one, &|t| t.replace("'table-name' = 't'", "'table-name' = 'x.y'"));
    check(2, "idd INT", one, &same);
    check(2, "id INT, userId STRING", "VALUES (1, 'x')", &same);
    check(2, "id INT, j STRING", "VALUES (1, '{}')", &same);
    check(2, "id INT, d DATE", "VALUES (1, DATE '2024-01-01')", &same);
    check(2, "id INT, d STRING, PRIMARY KEY (d) NOT ENFORCED", "VALUES (1, 'x') ON CONFLICT DO DEDUPLICATE", &same);
    check(2, "id INT", one, &|t| t.replace(USER, "poor").replace(PASSWORD, "arm"));
    check(1, "id INT", one, &|t| t.replace(&format!(":{}/", database.server.port()), ":1/"));
    // And by the rows.
    check(1, "id INT, short STRING", "VALUES (1, 'abc'), (2, 'abcd'), (3, 'a')", &same);
    check(1, "id INT, short STRING", "VALUES (1, 'abc'), (2, 'abc')", &same);
    check(1, "id INT", "VALUES 5, 6, 5", &same);
    check(1, "id INT, d STRING", "SELECT id, CHR(0) FROM (VALUES 1) AS v(id)", &same);
    expect![[r#"
        error: PostgreSQL at 127.0.0.1:PORT/DB refused the login: password authentication failed for user "flitz"
          = check 'username' and 'password'
        error: PostgreSQL at 127.0.0.1:PORT/missing: database "missing" does not exist
        error: there is no table 'x.y' in PostgreSQL at 127.0.0.1:PORT/DB
          = create it there: Flink makes none either
        error: table 't' in PostgreSQL at 127.0.0.1:PORT/DB has no column 'idd' (in default_catalog.default_database.t); it has id, j, userId, d, short
        error: table 't' in PostgreSQL at 127.0.0.1:PORT/DB has no column 'userid' (in default_catalog.default_database.t); Flink writes names without quotes, so PostgreSQL takes 'userId' for 'userid': rename "userId" there
        error: PostgreSQL at 127.0.0.1:PORT/DB, table 't': column "j" is of type jsonb but expression is of type character varying (in default_catalog.default_database.t); CAST in the query, or add '?stringtype=unspecified' to 'url' for strings
        not supported: writing DATE into column 'd' of type text of table 't' in PostgreSQL at 127.0.0.1:PORT/DB (in default_catalog.default_database.t); CAST it to the type of the column
        error: PostgreSQL at 127.0.0.1:PORT/DB, table 't' has no PRIMARY KEY or UNIQUE constraint on the key: there is no unique or exclusion constraint matching the ON CONFLICT specification (in default_catalog.default_database.t); the PRIMARY KEY of the DDL must be a key of the table there, too
        error: PostgreSQL at 127.0.0.1:PORT/DB, table 't' may not be written: permission denied for table t
        error: no connection to PostgreSQL at 127.0.0.1:1/DB for table 't': error connecting to server: Connection refused (os error 111) (in default_catalog.default_database.t); is the server running, and 'url' right?
        error: PostgreSQL at 127.0.0.1:PORT/DB, table 't': value too long for type character varying(3); the row with id = 2, short = abcd (in default_catalog.default_database.t)
        error: PostgreSQL at 127.0.0.1:PORT/DB, table 't': duplicate key value violates unique constraint "t_short_key" (Key (short)=(abc) already exists); the row with id = 2, short = abc (in default_catalog.default_database.t)
        error: PostgreSQL at 127.0.0.1:PORT/DB, table 't': duplicate key value violates unique constraint "t_pkey" (Key (id)=(5) already exists); the row with id = 5 (in default_catalog.default_database.t)
        error: PostgreSQL at 127.0.0.1:PORT/DB, table 't': invalid byte sequence for encoding "UTF8": 0x00; the row with id = 1, d = \u{0} (in default_catalog.default_database.t)
    "#]].assert_eq(&text);
    assert_eq!(database.query("SELECT * FROM t"), "");
}

/// Counts per id, from an embedded topic into `totals`, without end.
fn counting(database: &Database, more: &str) -> String {
    format!(
        "SET 'pipeline.name' = 'counting'; SET 'execution.checkpointing.interval' = '100 ms';\n{}{}\
         INSERT INTO totals SELECT id, COUNT(*), MAX(v) FROM events GROUP BY id;",
        topic_table("embedded:x.db", "events", "id BIGINT, v BIGINT", JSON),
        database.table("totals", "id BIGINT, n BIGINT, v BIGINT, PRIMARY KEY (id) NOT ENFORCED", more)
    )
}

fn send_events(place: &Place, from: i64, count: i64) {
    let lines: Vec<String> = (from..from + count).map(|v| format!(r#"{{"id":{},"v":{v}}}"#, v % 97)).collect();
    place.send("embedded:x.db", "events", &lines.iter().map(String::as_str).collect::<Vec<_>>());
}

fn totals(database: &Database) -> String {
    database.query("SELECT count(*), sum(n), max(v) FROM totals").trim().to_owned()
}

fn start(place: &Place, sql: &str) -> Running {
    let file = place.write("script.sql", sql);
    place.flitz(["run", "--quiet", file.to_str().unwrap()]).start()
}

fn wait_for(running: &mut Running, database: &Database, expected: &str) {
    running.until(expected, |_| {
        std::thread::sleep(Duration::from_millis(10));
        (totals(database) == expected).then_some(())
    });
}

#[test]
fn no_key_is_wrong_after_kills() {
    let Some(database) = postgres::database() else { return };
    database.query(
        "CREATE TABLE totals (id bigint PRIMARY KEY, n bigint, v bigint); CREATE TABLE copies (v bigint); \
         CREATE TABLE few (id bigint PRIMARY KEY, v bigint)",
    );
    let place = Place::new();
    let sql = format!(
        "{}{}{}EXECUTE STATEMENT SET BEGIN
         INSERT INTO totals SELECT id, COUNT(*), MAX(v) FROM events GROUP BY id;
         INSERT INTO copies SELECT v FROM events;
         INSERT INTO few SELECT id, MAX(v) FROM events GROUP BY id HAVING COUNT(*) < 150;
         END;",
        counting(&database, "").replace("INSERT INTO totals SELECT id, COUNT(*), MAX(v) FROM events GROUP BY id;", ""),
        database.table("copies", "v BIGINT", ""),
        database.table(
            "few",
            "id BIGINT, v BIGINT, PRIMARY KEY (id) NOT ENFORCED",
            ", 'sink.buffer-flush.max-rows' = '7'"
        ),
    );
    const ROUNDS: i64 = 6;
    for round in 0..ROUNDS {
        send_events(&place, round * 2_000, 2_000);
        let mut running = start(&place, &sql);
        // At some moment of the work: sooner or later.
        let enough = round * 2_000 + [1, 400, 1_999, 50, 900, 1_500][round as usize];
        running.until("it works", |_| {
            let done = database.query("SELECT count(DISTINCT v) FROM copies").trim().parse::<i64>().unwrap();
            (done >= enough).then_some(())
        });
        running.signal(libc::SIGKILL);
        running.wait().killed();
    }
    // It dies with rows in the database that no checkpoint covers.
    send_events(&place, ROUNDS * 2_000, 2_000);
    let file = place.write("script.sql", &sql);
    place.flitz(["run", "--quiet", file.to_str().unwrap()]).env("FLITZ_FAILPOINT", "staged:2").run().killed();
    send_events(&place, (ROUNDS + 1) * 2_000, 500);
    let mut running = start(&place, &sql);
    wait_for(&mut running, &database, "97 | 14500 | 14499");
    running.stop().succeeded();
    let wrong = "SELECT count(*) FROM totals t JOIN (SELECT v % 97 AS id, count(DISTINCT v) AS n, max(v) AS v FROM copies \
                 GROUP BY 1) c USING (id) WHERE t.n <> c.n OR t.v <> c.v";
    assert_eq!(database.query(wrong), "0\n");
    // Without key nothing is lost, and what was written after the last checkpoint is there twice.
    assert_eq!(database.query("SELECT count(DISTINCT v), count(*) >= 14500 FROM copies"), "14500 | t\n");
    let few = "SELECT count(*), min(id), (SELECT count(*) FROM totals WHERE n < 150) FROM few";
    assert_eq!(database.query(few), database.query("SELECT count(*), min(id), count(*) FROM totals WHERE n < 150"));
}

#[test]
fn a_job_outlives_its_connections_and_a_restart_of_the_server() {
    let Some(database) = postgres::database_of_its_own() else { return };
    database.query("CREATE TABLE totals (id bigint PRIMARY KEY, n bigint, v bigint)");
    let place = Place::new();
    send_events(&place, 0, 1_000);
    let sql = counting(&database, "");
    let mut running = start(&place, &sql);
    wait_for(&mut running, &database, "97 | 1000 | 999");
    database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'flitz'");
    send_events(&place, 1_000, 1_000);
    wait_for(&mut running, &database, "97 | 2000 | 1999");
    // Away for a moment.
    database.server.stop();
    send_events(&place, 2_000, 1_000);
    database.server.start();
    wait_for(&mut running, &database, "97 | 3000 | 2999");
    // Away for longer than a flush is tried: the job ends, and goes on when it is started again.
    database.server.stop();
    send_events(&place, 3_000, 1_000);
    let said = error(&database, running.wait(), 1);
    expect![[r#"
        error: no connection to PostgreSQL at 127.0.0.1:PORT/DB for table 'totals': error connecting to server: Connection refused (os error 111) (in default_catalog.default_database.totals); is the server running, and 'url' right?
    "#]].assert_eq(&said);
    database.server.start();
    let mut running = start(&place, &sql);
    wait_for(&mut running, &database, "97 | 4000 | 3999");
    running.stop().succeeded();
    // Or starts again by itself, if it is told to.
    let settings = "SET 'restart-strategy.type' = 'fixed-delay'; SET 'restart-strategy.fixed-delay.attempts' = '1000'; \
                    SET 'restart-strategy.fixed-delay.delay' = '100 ms';\n";
    let sql = settings.to_owned() + &counting(&database, ", 'sink.max-retries' = '0'");
    let file = place.write("script.sql", &sql);
    let mut running = place.flitz(["run", file.to_str().unwrap()]).start();
    send_events(&place, 4_000, 1_000);
    wait_for(&mut running, &database, "97 | 5000 | 4999");
    database.server.stop();
    send_events(&place, 5_000, 1_000);
    running.until("it has failed", |running| running.stderr().contains("starting again").then_some(()));
    database.server.start();
    wait_for(&mut running, &database, "97 | 6000 | 5999");
    running.stop().succeeded();
}

#[test]
fn a_locked_table_is_waited_for_and_given_up_when_asked() {
    let Some(database) = postgres::database() else { return };
    database.query("CREATE TABLE totals (id bigint PRIMARY KEY, n bigint, v bigint)");
    let place = Place::new();
    send_events(&place, 0, 100);
    let url = database.url();
    let sql = counting(&database, ", 'sink.max-retries' = '0'").replace(&url, &format!("{url}?socketTimeout=1"));
    let patient = counting(&database, "");
    let mut running = start(&place, &patient);
    wait_for(&mut running, &database, "97 | 100 | 99");
    let lock = database.lock("totals");
    send_events(&place, 100, 100);
    running.until("it waits for the lock", |_| (database.query(WAITING) == "t\n").then_some(()));
    drop(lock);
    wait_for(&mut running, &database, "97 | 200 | 199");
    running.stop().succeeded();
    let running = start(&place, &sql);
    send_events(&place, 200, 1);
    let mut running = running;
    running.until("it goes on", |_| (totals(&database) == "97 | 201 | 200").then_some(()));
    let lock = database.lock("totals");
    send_events(&place, 201, 100);
    let said = error(&database, running.wait(), 1);
    expect![[r#"
        error: no connection to PostgreSQL at 127.0.0.1:PORT/DB for table 'totals': no answer within 1 s (in default_catalog.default_database.totals); is the server running, and 'url' right?
    "#]].assert_eq(&said);
    drop(lock);
    // What was given up is not written behind our back.
    assert_eq!(totals(&database), "97 | 201 | 200");
}

const WAITING: &str = "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'flitz' AND wait_event_type = 'Lock' \
                       AND datname = current_database()";

#[test]
fn tls_is_what_sslmode_says() {
    let Some(database) = postgres::database_of_its_own() else { return };
    let Some(certificate) = database.server.certificate() else {
        eprintln!("SKIPPED: no openssl to make a certificate with");
        return;
    };
    database.query("CREATE TABLE t (id int)");
    database.query(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := CASE WHEN (SELECT ssl FROM \
         pg_stat_ssl WHERE pid = pg_backend_pid()) THEN 1 ELSE 0 END; RETURN NEW; END'; \
         CREATE TRIGGER note BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION note()",
    );
    let place = Place::new();
    let authority = certificate.display().to_string();
    let run_with = |host: &str, properties: &str| {
        let url = database.url();
        let table = database.table("t", "id INT", ", 'sink.max-retries' = '0'");
        let table = table.replace(&url, &format!("{}?{properties}", url.replace("127.0.0.1", host)));
        run(&place, &format!("{table}INSERT INTO t VALUES 7;"))
    };
    for (host, properties, encrypted) in [
        ("127.0.0.1", "", "1"),
        ("127.0.0.1", "sslmode=disable", "0"),
        ("127.0.0.1", "sslmode=require", "1"),
        ("127.0.0.1", &format!("sslmode=verify-ca&sslrootcert={authority}"), "1"),
        ("localhost", &format!("sslmode=verify-full&sslrootcert={authority}"), "1"),
        ("localhost", &format!("ssl=true&sslrootcert={authority}"), "1"),
    ] {
        run_with(host, properties).succeeded();
        assert_eq!(database.query("DELETE FROM t RETURNING id").trim(), encrypted, "{properties}");
    }
    let refused = [
        run_with("127.0.0.1", &format!("sslmode=verify-full&sslrootcert={authority}")),
        run_with("localhost", "sslmode=verify-full&sslrootcert=/nowhere.pem"),
    ];
    let refused: String = refused.into_iter().map(|ended| error(&database, ended, 1)).collect();
    expect![[r#"
        error: no connection to PostgreSQL at 127.0.0.1:PORT/DB for table 't': error performing TLS handshake: invalid peer certificate: certificate not valid for name "127.0.0.1"; certificate is only valid for DnsName("localhost") (in default_catalog.default_database.t); is the server running, and 'url' right?
        error: no connection to PostgreSQL at localhost:PORT/DB for table 't': sslrootcert /nowhere.pem: I/O error: No such file or directory (os error 2) (in default_catalog.default_database.t); is the server running, and 'url' right?
    "#]].assert_eq(&refused);
    assert_eq!(database.query("SELECT count(*) FROM t"), "0\n");
}

#[test]
fn embedded_tables_are_made_and_hold_the_same() {
    let place = Place::new();
    let table = |name: &str, columns: &str| {
        format!(
            "CREATE TABLE {name} ({columns}) WITH ('connector' = 'jdbc', 'url' = 'embedded:x.db', 'table-name' = '{name}');\n"
        )
    };
    let sql = format!(
        "{}{}{}INSERT INTO types VALUES (1, true, 1.50, CAST(1.1 AS FLOAT), 2.5, 'ü', X'00ff', DATE '0001-01-01',
           TIME '12:34:56.7', TIMESTAMP '2024-02-29 12:34:56.123456'),
           (2, CAST(NULL AS BOOLEAN), CAST(NULL AS DECIMAL(10, 2)), CAST(NULL AS FLOAT), CAST(NULL AS DOUBLE), CAST(NULL
           AS STRING), CAST(NULL AS BYTES), CAST(NULL AS DATE), CAST(NULL AS TIME), CAST(NULL AS TIMESTAMP(6)))
           ON CONFLICT DO DEDUPLICATE;
         INSERT INTO few SELECT w, COUNT(*) FROM (SELECT CAST(w AS STRING) AS w FROM (VALUES ('a'), ('b'), ('a'), ('c'),
           ('a')) AS t(w)) GROUP BY w HAVING COUNT(*) < 3;
         INSERT INTO plain VALUES (1, 'x'), (1, 'x');",
        table(
            "types",
            "id INT, b BOOLEAN, n DECIMAL(10, 2), f FLOAT, d DOUBLE, txt STRING, `bytes` BYTES, `day` DATE, `at` TIME(3), \
             ts TIMESTAMP(6), PRIMARY KEY (id) NOT ENFORCED"
        ),
        table("few", "word STRING, n BIGINT, PRIMARY KEY (word) NOT ENFORCED"),
        table("plain", "id INT, a STRING"),
    );
    run(&place, &sql).succeeded();
    // Once more: the same rows where there is a key.
    run(&place, &sql).succeeded();
    let file = rusqlite::Connection::open(place.path().join("x.db")).unwrap();
    let rows = |sql: &str| -> String {
        let mut statement = file.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(|row| format!("{}\n", row.unwrap())).collect()
    };
    let types = "SELECT concat_ws(' ', id, b, typeof(n), n, f, d, txt, hex(bytes), day, at, ts, ts IS NULL) FROM types ORDER BY id";
    let all = rows(types) + &rows("SELECT word || n FROM few ORDER BY 1") + &rows("SELECT id || a FROM plain");
    expect![[r#"
        1 1 text 1.50 1.1 2.5 ü 00FF 0001-01-01 12:34:56 2024-02-29 12:34:56.123456 0
        2 null  1
        b1
        c1
        1x
        1x
        1x
        1x
    "#]]
    .assert_eq(&all);
    let other = table("plain", "id INT, missing STRING") + "INSERT INTO plain VALUES (1, 'x');";
    let taken = table("record", "id INT") + "INSERT INTO record VALUES 1;";
    let said = run(&place, &other).failed(2) + &run(&place, &taken).failed(2);
    expect![[r#"
        error: table 'plain' in embedded:x.db has no column 'missing' (in default_catalog.default_database.plain); it was made by another DDL and has a, id
        error: 'record' is a table that Flitz itself keeps in embedded:x.db
         --> DIR/script.sql:1:83
          |
        1 | CREATE TABLE record (id INT) WITH ('connector' = 'jdbc', 'url' = 'embedded:x.db', 'table-name' = 'record');
          |                                                                                   ^^^^^^^^^^^^^^^^^^^^^^^
          = choose another name
    "#]].assert_eq(&said);
}
