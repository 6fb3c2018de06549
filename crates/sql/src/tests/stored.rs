//! Catalogs of type `flitz`: definitions outlive the session, and two sessions see each other's.

use std::fs;

use expect_test::expect;
use tempfile::TempDir;

use super::harness::{run, session};
use crate::session::Session;

struct Shared {
    folder: TempDir,
}

impl Shared {
    fn new() -> Shared {
        Shared { folder: tempfile::tempdir().unwrap() }
    }

    /// Another session, as of another process, with the catalog under this name.
    fn open(&self, catalog: &str) -> Session {
        let mut session = session();
        let path = self.folder.path().display();
        let sql =
            format!("CREATE CATALOG {catalog} WITH ('type' = 'flitz', 'path' = '{path}'); USE CATALOG {catalog};");
        assert_eq!(run(&mut session, &sql), "OK\n");
        session
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap()
    }
}

#[test]
fn definitions_outlive_the_session() {
    let shared = Shared::new();
    let mut first = shared.open("c");
    let sql = "CREATE TABLE orders (id STRING, n INT, twice AS n * 2, ts TIMESTAMP(3), WATERMARK FOR ts AS ts,
            PRIMARY KEY (id) NOT ENFORCED) COMMENT 'it''s' DISTRIBUTED BY HASH(id) INTO 2 BUCKETS
            WITH ('connector' = 'kafka', 'topic' = '${TOPIC}', 'format' = 'json');
         CREATE DATABASE archive COMMENT 'old';
         USE archive;
         CREATE VIEW `a b` (x) AS SELECT id FROM v;";
    assert!(run(&mut first, sql).starts_with("error"), "there is no view v yet");
    assert_eq!(
        run(
            &mut first,
            "USE `default`; CREATE VIEW v AS SELECT id, twice FROM orders; CREATE VIEW archive.`a b` (x) AS SELECT id FROM v;"
        ),
        "OK\n"
    );
    expect![[r#"
        CREATE TABLE `orders` (
          `id` VARCHAR(2147483647) NOT NULL,
          `n` INT,
          `twice` AS `n` * 2,
          `ts` TIMESTAMP(3),
          WATERMARK FOR `ts` AS `ts`,
          CONSTRAINT `PK_id` PRIMARY KEY (`id`) NOT ENFORCED
        )
        COMMENT 'it''s'
        DISTRIBUTED BY HASH(`id`) INTO 2 BUCKETS
        WITH (
          'connector' = 'kafka',
          'format' = 'json',
          'topic' = '${TOPIC}'
        );
    "#]]
    .assert_eq(&shared.read("default/orders.sql"));
    expect![[r#"
        USE `default`;
        CREATE VIEW `a b` (
          `x`
        )
        AS SELECT id FROM v;
    "#]]
    .assert_eq(&shared.read("archive/a%20b.sql"));
    expect![[r#"
        CREATE DATABASE `archive`
        COMMENT 'old';
    "#]]
    .assert_eq(&shared.read("archive/.database.sql"));

    let mut second = shared.open("other");
    let answers = ["SHOW DATABASES", "SHOW TABLES", "SHOW CREATE TABLE orders", "SELECT x FROM archive.`a b`"];
    expect![[r#"
        database name
        archive
        default

        table name
        orders
        v

        result
        CREATE TABLE `other`.`default`.`orders` (
          `id` VARCHAR(2147483647) NOT NULL,
          `n` INT,
          `twice` AS `n` * 2,
          `ts` TIMESTAMP(3),
          WATERMARK FOR `ts` AS `ts`,
          CONSTRAINT `PK_id` PRIMARY KEY (`id`) NOT ENFORCED
        )
        COMMENT 'it''s'
        DISTRIBUTED BY HASH(`id`) INTO 2 BUCKETS
        WITH (
          'connector' = 'kafka',
          'format' = 'json',
          'topic' = 'from_env'
        )

        Collect, changelogMode=[I]
        +- Calc(select=[id AS x]), changelogMode=[I]
           +- WatermarkAssigner(rowtime=[ts], watermark=[ts]), changelogMode=[I]
              +- TableSourceScan(table=[other.default.orders], fields=[id, ts]), changelogMode=[I]
    "#]]
    .assert_eq(&answers.map(|sql| run(&mut second, sql)).join("\n"));
}

#[test]
fn two_sessions_follow_each_other() {
    let shared = Shared::new();
    let (mut one, mut two) = (shared.open("c"), shared.open("c"));
    let table = "CREATE TABLE t (a INT) WITH ('connector' = 'print')";
    assert_eq!(run(&mut one, table), "OK\n");
    let taken = run(&mut two, table);
    assert!(taken.contains("table 'c.default.t' exists already"), "{taken}");
    assert_eq!(run(&mut two, "ALTER TABLE t ADD b STRING"), "OK\n");
    assert_eq!(
        run(&mut one, "SHOW COLUMNS FROM t LIKE 'b'"),
        "name | type | null | key | extras | watermark\nb | STRING | TRUE |  |  |\n"
    );
    assert_eq!(run(&mut one, "ALTER TABLE t RENAME TO u"), "OK\n");
    assert_eq!(run(&mut two, "SHOW TABLES"), "table name\nu\n");
    assert_eq!(
        run(&mut two, "CREATE DATABASE d; CREATE TABLE d.x (a INT) WITH ('connector' = 'print'); DROP TABLE u"),
        "OK\n"
    );
    assert!(run(&mut one, "DROP DATABASE d").contains("is not empty"));
    assert_eq!(run(&mut one, "DROP DATABASE d CASCADE"), "OK\n");
    assert_eq!(run(&mut two, "SHOW DATABASES"), "database name\ndefault\n");
    assert_eq!(run(&mut two, "USE CATALOG default_catalog; DROP CATALOG c"), "OK\n");
    assert_eq!(run(&mut one, "SHOW DATABASES"), "database name\ndefault\n");
}

#[test]
fn a_race_has_one_winner() {
    let shared = Shared::new();
    let outcomes: Vec<String> = std::thread::scope(|scope| {
        let create = || run(&mut shared.open("c"), "CREATE TABLE t (a INT) WITH ('connector' = 'print')");
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "OK\n").count(), 1, "{outcomes:?}");
}

#[test]
fn temporary_objects_are_not_kept() {
    let shared = Shared::new();
    let mut one = shared.open("c");
    assert_eq!(run(&mut one, "CREATE TEMPORARY TABLE t (a INT) WITH ('connector' = 'print')"), "OK\n");
    assert_eq!(run(&mut one, "SHOW TABLES"), "table name\nt\n");
    assert_eq!(run(&mut shared.open("c"), "SHOW TABLES"), "table name\n");
}

#[test]
fn what_cannot_be_made_again_says_so() {
    let shared = Shared::new();
    let mut one = shared.open("c");
    let sql =
        "CREATE TABLE t (a INT) WITH ('connector' = 'print'); CREATE TABLE f (a INT) WITH ('connector' = 'files');
               CREATE VIEW v AS SELECT a FROM f;";
    assert_eq!(run(&mut one, sql), "OK\n");
    fs::write(shared.folder.path().join("default/t.sql"), "CREATE TABLE t (a NOTYPE);").unwrap();
    fs::remove_file(shared.folder.path().join("default/f.sql")).unwrap();
    assert_eq!(run(&mut one, "SHOW TABLES"), "table name\n");
    expect![[r#"
        error at «t»: c.default.t can't be made from what its catalog keeps: there is no type `NOTYPE`; types are CHAR, VARCHAR, STRING, BOOLEAN, BINARY, VARBINARY, BYTES, DECIMAL, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ, ARRAY, MAP, MULTISET, ROW
    "#]].assert_eq(&run(&mut one, "DESCRIBE t"));
    expect![[r#"
        error at «v»: c.default.v can't be made from what its catalog keeps: there is no table or view `f`; nothing has been created yet
    "#]].assert_eq(&run(&mut one, "SELECT * FROM v"));
    let mut replaced = "DROP TABLE IF EXISTS t; CREATE TABLE t (a INT) WITH ('connector' = 'print')".to_owned();
    assert_eq!(run(&mut one, &replaced), "OK\n");
    replaced = run(&mut one, "SHOW TABLES");
    assert_eq!(replaced, "table name\nt\n");
}

#[test]
fn checking_changes_nothing() {
    let shared = Shared::new();
    run(&mut shared.open("c"), "CREATE TABLE t (a INT) WITH ('connector' = 'print')");
    let mut checking = session();
    checking.forbid_changes_outside();
    let sql = format!(
        "CREATE CATALOG c WITH ('type' = 'flitz', 'path' = '{}'); USE CATALOG c;
         DROP TABLE t; CREATE TABLE u (a INT) WITH ('connector' = 'print'); SHOW TABLES",
        shared.folder.path().display()
    );
    assert_eq!(run(&mut checking, &sql), "table name\nu\n");
    assert_eq!(run(&mut shared.open("c"), "SHOW TABLES"), "table name\nt\n");
    let missing = shared.folder.path().join("missing");
    let sql = format!("CREATE CATALOG m WITH ('type' = 'flitz', 'path' = '{}')", missing.display());
    assert_eq!(run(&mut checking, &sql), "OK\n");
    assert!(!missing.exists());
}
