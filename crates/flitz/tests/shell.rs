//! The program as scripts and other programs use it: standard input, `-e`, `-f`, `-i`, `check`, catalogs in folders.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use expect_test::{Expect, expect};
use tempfile::TempDir;

fn flitz(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_flitz"))
        .args(args)
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("TZ", "UTC")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// Standard output, standard error and the exit code, with the folder's path left out.
fn check(folder: &TempDir, args: &[&str], input: &str, expected: Expect) {
    let output = flitz(folder.path(), args, input);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&folder.path().display().to_string(), "DIR");
    let seconds = |text: String| {
        let lines = text.lines().map(|line| match line.rfind(" (") {
            Some(at) if line.ends_with(" seconds)") => format!("{} (… seconds)\n", &line[..at]),
            _ => format!("{line}\n"),
        });
        lines.collect::<String>()
    };
    let code = output.status.code().unwrap();
    expected.assert_eq(&format!("{}{}exit code {code}\n", seconds(text(&output.stdout)), text(&output.stderr)));
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn standard_input_is_a_script() {
    let folder = folder(&[]);
    check(
        &folder,
        &[],
        "SELECT 1, 'a'; SHOW CURRENT CATALOG; QUIT; SELECT 2;",
        expect![[r#"
        1	a
        +----------------------+
        | current catalog name |
        +----------------------+
        |      default_catalog |
        +----------------------+
        1 row in set
        exit code 0
    "#]],
    );
    check(
        &folder,
        &["--output", "json"],
        "SELECT 1 AS n;",
        expect![[r#"
        {"n":1}
        exit code 0
    "#]],
    );
    check(
        &folder,
        &["--output", "csv"],
        "SELECT 1 AS n, 'x,y' AS s;",
        expect![[r#"
        n,s
        1,"x,y"
        exit code 0
    "#]],
    );
    check(
        &folder,
        &[],
        "SELECT 1;\nSELECT nope;\nSELECT 2;",
        expect![[r#"
        1
        error: there is no column `nope`
         --> stdin:2:8
          |
        2 | SELECT nope;
          |        ^^^^
          = there is nothing in FROM that has columns
        exit code 2
    "#]],
    );
}

#[test]
fn updates_say_so_in_every_format() {
    let folder = folder(&[(
        "u.sql",
        "CREATE TABLE g (id INT) WITH ('connector' = 'datagen', 'number-of-rows' = '2', 'rows-per-second' = '2',
           'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '2');
         SELECT 'x,y' AS s, COUNT(*) AS n FROM g;",
    )]);
    for output in ["json", "csv", "lines"] {
        let printed = flitz(folder.path(), &["run", "u.sql", "--output", output], "");
        let text = String::from_utf8_lossy(&printed.stdout).into_owned();
        assert!(text.lines().any(|line| line.contains("+I")), "{text}");
    }
}

#[test]
fn texts_and_files_in_their_order() {
    let folder =
        folder(&[("t.sql", "CREATE TABLE t (a INT) WITH ('connector' = 'print', 'print-identifier' = '${ID:-t}');")]);
    check(
        &folder,
        &["-q", "-f", "t.sql", "-e", "INSERT INTO t VALUES (1)"],
        "",
        expect![[r#"
        t> +I[1]
        exit code 0
    "#]],
    );
    check(
        &folder,
        &["-q", "-i", "t.sql", "-e", "INSERT INTO t VALUES (2)", "--set", "ID=x"],
        "",
        expect![[r#"
        x> +I[2]
        exit code 0
    "#]],
    );
    check(
        &folder,
        &["-i", "t.sql"],
        "SHOW TABLES;",
        expect![[r#"
        +------------+
        | table name |
        +------------+
        |          t |
        +------------+
        1 row in set
        exit code 0
    "#]],
    );
    check(
        &folder,
        &["-f", "missing.sql"],
        "",
        expect![[r#"
        error: cannot read missing.sql: No such file or directory (os error 2)
        exit code 2
    "#]],
    );
}

#[test]
fn functions_in_sql() {
    let folder = folder(&[(
        "net.sql",
        "CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL\n  AS 'price * (1 - rate)';
CREATE VIEW prices AS SELECT name, net(price, 0.25) AS n FROM (VALUES ('a', 10), ('b', CAST(NULL AS INT))) AS t(name, price);
SELECT * FROM prices;
CREATE FUNCTION wrong(x INT) RETURNS INT LANGUAGE SQL\n  AS 'x + y';\n",
    )]);
    check(
        &folder,
        &["-f", "net.sql"],
        "",
        expect![[r#"
        a	7.5
        b	NULL
        error: there is no column `y`
         --> net.sql:6:11
          |
        6 |   AS 'x + y';
          |           ^
          = did you mean `x`?
        exit code 2
    "#]],
    );
}

#[test]
fn flinks_tableau() {
    let folder = folder(&[]);
    let sql = "SET 'sql-client.execution.result-mode' = 'tableau';
        SELECT CAST(1 AS TINYINT) AS i, CAST(NULL AS STRING) AS s, TRUE AS b, TIMESTAMP '2026-11-21 10:00:00.123' AS ts;
        SELECT 'a text that is longer than thirty characters' AS long;
        SET 'execution.runtime-mode' = 'batch';
        SELECT k, COUNT(*) AS n FROM (VALUES (1, 'one'), (2, 'two'), (1, 'uno')) AS t(k, v) GROUP BY k ORDER BY k LIMIT 5;
        SELECT * FROM (VALUES (1)) AS t(k) WHERE k > 5;";
    check(
        &folder,
        &[],
        sql,
        expect![[r#"
        +----+--------+--------------------------------+--------+-------------------------+
        | op |      i |                              s |      b |                      ts |
        +----+--------+--------------------------------+--------+-------------------------+
        | +I |      1 |                         <NULL> |   TRUE | 2026-11-21 10:00:00.123 |
        +----+--------+--------------------------------+--------+-------------------------+
        Received a total of 1 row (… seconds)
        +----+--------------------------------+
        | op |                           long |
        +----+--------------------------------+
        | +I | a text that is longer than ... |
        +----+--------------------------------+
        Received a total of 1 row (… seconds)
        +---+---+
        | k | n |
        +---+---+
        | 1 | 2 |
        | 2 | 1 |
        +---+---+
        2 rows in set (… seconds)
        Empty set (… seconds)
        exit code 0
    "#]],
    );
    check(
        &folder,
        &["-e", "SET 'sql-client.execution.result-mode' = 'graph'"],
        "",
        expect![[r#"
        error: 'sql-client.execution.result-mode' must be one of table, changelog, tableau, found 'graph'
         --> -e 1:1:5
          |
        1 | SET 'sql-client.execution.result-mode' = 'graph'
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        exit code 2
    "#]],
    );
}

#[test]
fn jobs_of_a_script() {
    let folder = folder(&[]);
    let sql =
        "CREATE TABLE s (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '3', 'fields.a.kind' = 'sequence',
            'fields.a.start' = '1', 'fields.a.end' = '3');
        CREATE TABLE t (a INT) WITH ('connector' = 'print');
        SHOW JOBS; INSERT INTO t SELECT a FROM s; STOP JOB 'nope';";
    check(
        &folder,
        &["-q"],
        sql,
        expect![[r#"
        Empty set
        +I[1]
        +I[2]
        +I[3]
        error: there is no running job 'nope'
         --> stdin:4:60
          |
        4 |         SHOW JOBS; INSERT INTO t SELECT a FROM s; STOP JOB 'nope';
          |                                                            ^^^^^^
          = SHOW JOBS lists them
        exit code 2
    "#]],
    );
}

#[test]
fn definitions_are_kept() {
    let folder = folder(&[(
        "catalog.sql",
        "CREATE CATALOG mine WITH ('type' = 'flitz', 'path' = './definitions'); USE CATALOG mine;",
    )]);
    check(
        &folder,
        &[
            "-i",
            "catalog.sql",
            "-e",
            "CREATE TABLE t (a INT) WITH ('connector' = 'print'); CREATE VIEW v AS SELECT 1 AS uno;",
        ],
        "",
        expect![[r#"
            exit code 0
        "#]],
    );
    check(
        &folder,
        &["-q", "-i", "catalog.sql", "-e", "SHOW TABLES; INSERT INTO t SELECT uno FROM v"],
        "",
        expect![[r#"
            +------------+
            | table name |
            +------------+
            |          t |
            |          v |
            +------------+
            2 rows in set
            +I[1]
            exit code 0
        "#]],
    );
    check(
        &folder,
        &["check", "catalog.sql", "-e", "DROP TABLE t; CREATE TABLE u (a INT) WITH ('connector' = 'print')"],
        "",
        expect![[r#"
            ok: 4 statements
            Apache Flink 2.3 would need for it:
              catalog.sql:1:36: another type of catalog: 'flitz' is Flitz's own
            exit code 0
        "#]],
    );
    check(
        &folder,
        &["-i", "catalog.sql", "-e", "SHOW TABLES; SHOW CREATE CATALOG mine"],
        "",
        expect![[r#"
        +------------+
        | table name |
        +------------+
        |          t |
        |          v |
        +------------+
        2 rows in set
        CREATE CATALOG `mine`
        WITH (
          'path' = './definitions',
          'type' = 'flitz'
        )
        exit code 0
    "#]],
    );
}

#[test]
fn check_reports_every_error() {
    let wrong = "CREATE TABLE s (a INT, b NOTYPE) WITH ('connector' = 'datagen');
CREATE TABLE t (a INT) WITH ('connector' = 'print');
INSERT INTO t SELECT a FROM s;
CREATE TABLE x (a INT) WITH ('connector' = 'datagen', 'row-per-second' = '1');
EXECUTE STATEMENT SET BEGIN
  INSERT INTO t SELECT 'text';
  INSERT INTO t SELECT nope FROM t;
END;
SELEC 1;
ADD JAR 'x.jar';
";
    let folder = folder(&[("wrong.sql", wrong)]);
    check(
        &folder,
        &["check", "wrong.sql"],
        "",
        expect![[r#"
        warning, as no statement uses the table: connector 'datagen' has no option 'row-per-second'
         --> wrong.sql:4:55
          |
        4 | CREATE TABLE x (a INT) WITH ('connector' = 'datagen', 'row-per-second' = '1');
          |                                                       ^^^^^^^^^^^^^^^^^^^^^^
          = did you mean 'rows-per-second'?

        error: there is no type `NOTYPE`
         --> wrong.sql:1:26
          |
        1 | CREATE TABLE s (a INT, b NOTYPE) WITH ('connector' = 'datagen');
          |                          ^^^^^^
          = types are CHAR, VARCHAR, STRING, BOOLEAN, BINARY, VARBINARY, BYTES, DECIMAL, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ, ARRAY, MAP, MULTISET, ROW

        error: column types of query result and sink for default_catalog.default_database.t do not match: CHAR(4) NOT NULL does not become INT by itself for column `a` at position 1
         --> wrong.sql:6:17
          |
        6 |   INSERT INTO t SELECT 'text';
          |                 ^^^^^^^^^^^^^
          = the query has [EXPR$0: CHAR(4) NOT NULL], the table takes [a: INT]

        error: there is no column `nope`
         --> wrong.sql:7:24
          |
        7 |   INSERT INTO t SELECT nope FROM t;
          |                        ^^^^
          = there are a

        error: expected a statement, found `SELEC`
         --> wrong.sql:9:1
          |
        9 | SELEC 1;
          | ^^^^^
          = did you mean SELECT?

        not supported: jars
          --> wrong.sql:10:9
           |
        10 | ADD JAR 'x.jar';
           |         ^^^^^^^
           = connectors and formats are part of the program; leave the statement out
        exit code 2
    "#]],
    );
    check(
        &folder,
        &["check", "--json", "wrong.sql"],
        "",
        expect![[r#"
            {"errors":[{"kind":"invalid","message":"there is no type `NOTYPE`","hint":"types are CHAR, VARCHAR, STRING, BOOLEAN, BINARY, VARBINARY, BYTES, DECIMAL, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ, ARRAY, MAP, MULTISET, ROW","position":"wrong.sql:1:26"},{"kind":"invalid","message":"column types of query result and sink for default_catalog.default_database.t do not match: CHAR(4) NOT NULL does not become INT by itself for column `a` at position 1","hint":"the query has [EXPR$0: CHAR(4) NOT NULL], the table takes [a: INT]","position":"wrong.sql:6:17"},{"kind":"invalid","message":"there is no column `nope`","hint":"there are a","position":"wrong.sql:7:24"},{"kind":"invalid","message":"expected a statement, found `SELEC`","hint":"did you mean SELECT?","position":"wrong.sql:9:1"},{"kind":"unsupported","message":"jars","hint":"connectors and formats are part of the program; leave the statement out","position":"wrong.sql:10:9"}],"warnings":[{"kind":"invalid","message":"connector 'datagen' has no option 'row-per-second'","hint":"did you mean 'rows-per-second'?","position":"wrong.sql:4:55"}],"settings_without_effect":[],"flink":{"jars":[],"variables":[],"changes":[]}}
            exit code 2
        "#]],
    );
}

#[test]
fn check_says_what_flink_needs() {
    let sql = "CREATE TABLE o (u STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'kafka', 'topic' = 'o', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset',
  'properties.bootstrap.servers' = '${FLITZ_TEST_SERVERS:-embedded:./o.db}');
CREATE TABLE t (n BIGINT) WITH ('connector' = 'print');
INSERT INTO t SELECT APPROX_COUNT_DISTINCT(u) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
  GROUP BY window_start, window_end;
";
    let folder = folder(&[("o.sql", sql)]);
    check(
        &folder,
        &["check", "o.sql"],
        "",
        expect![[r#"
            ok: 3 statements
            Apache Flink 2.3 would need for it: (flitz render writes values into the place of variables)
              flink-sql-connector-kafka 5.0.0-2.2, for connector 'kafka'
              o.sql:3:36: the value instead of ${FLITZ_TEST_SERVERS} (its default)
              o.sql:3:36: an address of a real system for 'properties.bootstrap.servers': embedded:./o.db is a file of Flitz
              o.sql:5:22: APPROX_COUNT_DISTINCT has no streaming form there; COUNT(DISTINCT …) has
            exit code 0
        "#]],
    );
    check(
        &folder,
        &["check", "--json", "o.sql"],
        "",
        expect![[r#"
            {"errors":[],"warnings":[],"settings_without_effect":[],"flink":{"jars":[{"jar":"flink-sql-connector-kafka 5.0.0-2.2","for":"connector 'kafka'"}],"variables":[{"name":"FLITZ_TEST_SERVERS","position":"o.sql:3:36","value":"its default"}],"changes":[{"position":"o.sql:3:36","change":"an address of a real system for 'properties.bootstrap.servers': embedded:./o.db is a file of Flitz"},{"position":"o.sql:5:22","change":"APPROX_COUNT_DISTINCT has no streaming form there; COUNT(DISTINCT …) has"}]}}
            exit code 0
        "#]],
    );
    assert!(!folder.path().join("o.db").exists());
    check(
        &folder,
        &["check", "-e", "SELECT 1"],
        "",
        expect![[r#"
        ok: 1 statement
        Apache Flink 2.3 needs nothing more for it
        exit code 0
    "#]],
    );
}
