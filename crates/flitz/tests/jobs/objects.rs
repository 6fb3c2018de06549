//! Tables whose files are in buckets.

use std::path::Path;

use expect_test::expect;

use crate::harness::{Ended, Place, Program};
use crate::services::Buckets;

fn program(place: &Place, buckets: &Buckets, sql: &str) -> Program {
    let sql = sql.replace("ROOT/", buckets.root).replace("DIR", &place.path().display().to_string());
    // Several run at a time.
    let file = place.write(&format!("script-{}.sql", uuid::Uuid::new_v4().simple()), &sql);
    place.flitz(["run", file.to_str().unwrap()]).envs(&buckets.variables)
}

fn run(place: &Place, buckets: &Buckets, sql: &str) -> Ended {
    program(place, buckets, sql).run()
}

fn errors(ended: Ended) -> String {
    ended.failed(1).lines().filter(|line| line.starts_with("error: ")).map(|line| format!("{line}\n")).collect()
}

const PARTED: &str = "
SET 'execution.runtime-mode' = 'batch';
CREATE TABLE parted (id INT, v STRING, d STRING) PARTITIONED BY (d)
WITH ('connector' = 'filesystem', 'path' = 'ROOT/parted', 'format' = 'csv',
      'sink.partition-commit.policy.kind' = 'success-file');
";

fn check_written_and_read(buckets: &Buckets) {
    let place = Place::new();
    let shown = |sql: &str| run(&place, buckets, &format!("{PARTED}{sql}")).succeeded().stdout;
    shown("INSERT INTO parted VALUES (1, 'a', 'x/y'), (2, 'b', 'z k'); INSERT INTO parted VALUES (3, 'c', 'x/y');");
    expect![[r#"
        1	a	x/y
        2	b	z k
        3	c	x/y
    "#]]
    .assert_eq(&shown("SELECT * FROM parted ORDER BY id;"));
    // What Flink gives as the path has neither scheme nor bucket.
    let meta = "CREATE TABLE meta (p STRING METADATA FROM 'file.path', n STRING METADATA FROM 'file.name',
        s BIGINT METADATA FROM 'file.size', t TIMESTAMP_LTZ(3) METADATA FROM 'file.modification-time', line STRING)
        WITH ('connector' = 'filesystem', 'path' = 'ROOT/parted/d=z k', 'format' = 'raw');
        SELECT REPLACE(p, n, 'NAME'), s, t > CURRENT_TIMESTAMP - INTERVAL '10' MINUTE, line FROM meta;";
    expect![[r#"
        /parted/d=z k/NAME	4	TRUE	2,b
    "#]]
    .assert_eq(&shown(meta));
    expect![[r#"
        2	b	z k
        9	n	x/y
    "#]]
    .assert_eq(&shown("INSERT OVERWRITE parted VALUES (9, 'n', 'x/y'); SELECT * FROM parted ORDER BY id;"));
}

#[test]
fn tables_in_s3_are_written_and_read() {
    let Some(buckets) = Buckets::s3() else { return };
    check_written_and_read(&buckets);
    // All of Hadoop's names are one place.
    let s3a = PARTED.replace("ROOT/", "s3a://flitz/") + "SELECT COUNT(*) FROM parted;";
    assert_eq!(run(&Place::new(), &buckets, &s3a).succeeded().stdout, "2\n");
}

#[test]
fn tables_in_google_cloud_storage_are_written_and_read() {
    let Some(buckets) = Buckets::google() else { return };
    check_written_and_read(&buckets);
}

/// The folder of staged files has the job's name in it.
fn without_hashes(said: &str) -> String {
    let line = |line: &str| match line.split_once("_flitz/") {
        Some((before, after)) => {
            format!("{before}_flitz/{}\n", after.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
        }
        None => format!("{line}\n"),
    };
    said.lines().map(line).collect()
}

/// Rows of a kilobyte, numbered from `from` on.
fn write_input(place: &Place, buckets: &Buckets, from: usize, count: usize) {
    let lines: String = (from..from + count).map(|id| format!("{{\"id\":{id},\"v\":\"{:01000}\"}}\n", id)).collect();
    place.write("input.json", &lines);
    let sql = format!(
        "SET 'pipeline.name' = 'input-{from}';
         CREATE TABLE lines (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = 'DIR/input.json', 'format' = 'json');
         CREATE TABLE input (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = 'ROOT/in', 'format' = 'json');
         INSERT INTO input SELECT * FROM lines;"
    );
    run(place, buckets, &sql).succeeded();
}

const COPY: &str = "
SET 'pipeline.name' = 'copying';
SET 'execution.checkpointing.interval' = '50 ms';
CREATE TABLE input (id INT, v STRING) WITH (
  'connector' = 'filesystem', 'path' = 'ROOT/in', 'format' = 'json', 'source.monitor-interval' = '50 ms');
CREATE TABLE output (id INT, v STRING) WITH (
  'connector' = 'filesystem', 'path' = 'ROOT/out', 'format' = 'json',
  'sink.rolling-policy.rollover-interval' = '500 ms', 'sink.rolling-policy.check-interval' = '50 ms');
INSERT INTO output SELECT * FROM input;
";

const OUTPUT: &str = "
SET 'execution.runtime-mode' = 'batch';
CREATE TABLE output (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = 'ROOT/out', 'format' = 'json');
SELECT COUNT(*), COUNT(DISTINCT id), SUM(CAST(id AS BIGINT)), SUM(CHAR_LENGTH(v)) FROM output;
";

/// A job that watches one prefix and writes another, killed at every named moment, with parts large enough to be
/// uploaded in pieces.
fn check_kills(buckets: &Buckets, leftovers: impl Fn(&Path) -> Vec<String>) {
    let place = Place::new();
    let moments = [
        "staged:2",
        "snapshot:2",
        "part-visible:1",
        "published:2",
        "staged:1",
        "part-visible:2",
        "snapshot:1",
        "published:1",
    ];
    let (each, mut rows) = (10_000, 0);
    for moment in moments {
        write_input(&place, buckets, rows, each);
        rows += each;
        program(&place, buckets, COPY).env("FLITZ_FAILPOINT", moment).run().killed();
    }
    let mut running = program(&place, buckets, COPY).start();
    let all = format!("{rows}\t{rows}\t{}\t{}\n", rows * (rows - 1) / 2, rows * 1000);
    running.until("all rows are visible", |_| {
        let ended = run(&place, buckets, OUTPUT);
        (ended.code == Some(0) && ended.stdout.split('\t').next() == all.split('\t').next()).then_some(())
    });
    running.stop().succeeded();
    assert_eq!(run(&place, buckets, OUTPUT).succeeded().stdout, all);
    assert_eq!(leftovers(buckets.folder()), Vec::<String>::new());
}

/// Files whose path holds `part`.
fn files_below(folder: &Path, part: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path, part));
        } else if path.to_str().unwrap().contains(part) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn each_row_comes_once_through_kills_in_s3() {
    let Some(buckets) = Buckets::s3() else { return };
    // The server keeps the pieces of uploads in a folder of the bucket.
    check_kills(&buckets, |folder| {
        let data = folder.join("data");
        [files_below(&data, "/_flitz/"), files_below(&data, "/.sgwtmp/")].concat()
    });
}

#[test]
fn each_row_comes_once_through_kills_in_google_cloud_storage() {
    let Some(buckets) = Buckets::google() else { return };
    check_kills(&buckets, |folder| files_below(&folder.join("data"), "_flitz"));
}

#[test]
fn what_a_store_refuses_is_said() {
    let Some(buckets) = Buckets::s3() else { return };
    let place = Place::new();
    let table = "CREATE TABLE t (id INT) WITH ('connector' = 'filesystem', 'path' = 'ROOT/x', 'format' = 'json');";
    let (read, write) = (format!("{table}SELECT * FROM t;"), format!("{table}INSERT INTO t VALUES (1);"));
    let mut said = String::new();
    let with = |name: &str, value: &str, sql: &str| errors(program(&place, &buckets, sql).env(name, value).run());
    for sql in [&read, &write] {
        said += &errors(run(&place, &buckets, &sql.replace("ROOT/x", "s3://no-such-bucket/x")));
        said += &with("AWS_SECRET_ACCESS_KEY", "not-the-secret", sql);
        said += &with("AWS_ACCESS_KEY_ID", "nobody", sql);
    }
    said += &errors(run(&place, &buckets, &read));
    said += &with("AWS_ENDPOINT", "http://127.0.0.1:9", &read);
    assert!(!said.contains("not-the-secret"), "{said}");
    expect![[r#"
        error: can't list s3://no-such-bucket/x: there is no such bucket (in default_catalog.default_database.t)
        error: can't list s3://flitz/x: Server returned non-2xx status code: 403 Forbidden:  (in default_catalog.default_database.t); check the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or GOOGLE_SERVICE_ACCOUNT)
        error: can't list s3://flitz/x: No user exists with the provided access key ID. (XAdminUserNotFound) (in default_catalog.default_database.t); check the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or GOOGLE_SERVICE_ACCOUNT)
        error: table default_catalog.default_database.t: can't list s3://no-such-bucket/x/_flitz/: there is no such bucket
        error: table default_catalog.default_database.t: can't list s3://flitz/x/_flitz/: The request signature we calculated does not match the signature you provided. Check your key and signing method. (SignatureDoesNotMatch); check the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or GOOGLE_SERVICE_ACCOUNT)
        error: table default_catalog.default_database.t: can't list s3://flitz/x/_flitz/: No user exists with the provided access key ID. (XAdminUserNotFound); check the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or GOOGLE_SERVICE_ACCOUNT)
        error: path s3://flitz/x of table default_catalog.default_database.t does not exist: nothing lies there (in default_catalog.default_database.t)
        error: can't list s3://flitz/x: Connection refused (os error 111) (in default_catalog.default_database.t); check the address (AWS_ENDPOINT or 's3.endpoint') and the network
    "#]].assert_eq(&without_hashes(&said));
}

#[test]
fn a_store_that_is_away_for_a_moment_is_waited_for() {
    let Some(buckets) = Buckets::s3() else { return };
    let place = Place::new();
    write_input(&place, &buckets, 0, 10);
    let mut running = program(&place, &buckets, COPY).start();
    let visible = |count: usize| {
        let ended = run(&place, &buckets, OUTPUT);
        (ended.code == Some(0) && ended.stdout.starts_with(&format!("{count}\t"))).then_some(())
    };
    running.until("10 rows are visible", |_| visible(10));
    let port = buckets.variables[0].1.rsplit_once(':').unwrap().1.to_owned();
    assert!(buckets.call(&["stop"]));
    running.until("it is noticed", |r| r.stderr().contains("looking for new files failed").then_some(()));
    assert!(buckets.call(&["start", "--port", &port]));
    write_input(&place, &buckets, 10, 10);
    running.until("20 rows are visible", |_| visible(20));
    running.stop().succeeded();
}
