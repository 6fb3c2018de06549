//! CREATE TABLE and its like.

use expect_test::expect;

use super::harness::*;

#[test]
fn tables_are_described() {
    check("DESCRIBE orders", expect![[]]);
    check("DESCRIBE customers", expect![[]]);
    check("SHOW CREATE TABLE orders", expect![[]]);
    check("SHOW TABLES LIKE 'out%'", expect![[]]);
    check("CREATE VIEW v (x) AS SELECT id FROM orders; SHOW CREATE VIEW v", expect![[]]);
}

#[test]
fn like() {
    check(
        "CREATE TABLE l (z INT) WITH ('connector' = 'print') LIKE orders (EXCLUDING WATERMARKS EXCLUDING OPTIONS EXCLUDING GENERATED EXCLUDING METADATA); SHOW CREATE TABLE l",
        expect![[]],
    );
    check(
        "CREATE TABLE l (pt AS id || 'x') WITH ('topic' = 'u') LIKE orders (OVERWRITING GENERATED); SHOW CREATE TABLE l",
        expect![[]],
    );
}

#[test]
fn variables_in_options() {
    check("CREATE TABLE t (a INT) WITH ('topic' = '${TOPIC}', 'x' = '${NOPE:-d}'); SHOW CREATE TABLE t", expect![[]]);
}

#[test]
fn databases_and_catalogs() {
    check_bare(
        "CREATE CATALOG c WITH ('type' = 'generic_in_memory'); CREATE DATABASE c.d; USE c.d;
         CREATE TABLE t (a INT) WITH ('connector' = 'files'); USE CATALOG default_catalog; SELECT t.a FROM c.d.t",
        expect![[]],
    );
    check_bare("CREATE DATABASE d; USE d; DROP DATABASE d", expect![[]]);
    check_bare("CREATE DATABASE d; CREATE TABLE d.t (a INT); DROP DATABASE d", expect![[]]);
    check_bare("CREATE DATABASE d; CREATE TABLE d.t (a INT); DROP DATABASE d CASCADE; SHOW DATABASES", expect![[]]);
}

#[test]
fn temporary_objects_hide_others() {
    check("CREATE TEMPORARY TABLE orders (x INT) WITH ('connector' = 'files'); SELECT * FROM orders", expect![[]]);
}

#[test]
fn wrong_declarations() {
    check_each(
        &[
            "CREATE TABLE b (a INT, WATERMARK FOR a AS a)",
            "CREATE TABLE b (a TIMESTAMP(6), WATERMARK FOR a AS a)",
            "CREATE TABLE b (a TIMESTAMP(3), WATERMARK FOR b AS a)",
            "CREATE TABLE b (a TIMESTAMP(3), b INT, WATERMARK FOR a AS b)",
            "CREATE TABLE b (a TIMESTAMP(3), WATERMARK FOR a AS SOURCE_WATERMARK())",
            "CREATE TABLE b (a TIMESTAMP(3), b AS a + INTERVAL '1' DAY, c AS b)",
            "CREATE TABLE b (a TIMESTAMP(3), a INT)",
            "CREATE TABLE b (a INT, PRIMARY KEY (b) NOT ENFORCED)",
            "CREATE TABLE b (a INT, PRIMARY KEY (a))",
            "CREATE TABLE b (a INT PRIMARY KEY NOT ENFORCED, b INT PRIMARY KEY NOT ENFORCED)",
            "CREATE TABLE b (a INT, b AS a + 1, PRIMARY KEY (b) NOT ENFORCED)",
            "CREATE TABLE b (a INT, PRIMARY KEY (a, a) NOT ENFORCED)",
            "CREATE TABLE b (a INT, UNIQUE (a))",
            "CREATE TABLE b (a INT) PARTITIONED BY (z)",
            "CREATE TABLE b (r ROW<x TIMESTAMP(3)>, WATERMARK FOR r.x AS r.x)",
            "CREATE TABLE b (a INT METADATA FROM 'x', b INT METADATA FROM 'x')",
            "CREATE TABLE b (a DECIMAL(40, 2))",
            "CREATE TABLE b (a uuid)",
            "CREATE TABLE b (a INT) WITH ('topic' = '${NOPE}')",
            "CREATE TABLE orders (a INT)",
            "CREATE TABLE IF NOT EXISTS orders (a INT)",
            "CREATE TABLE l (z INT, amount INT) LIKE orders",
            "CREATE TABLE l (WATERMARK FOR ts AS ts) LIKE orders",
            "CREATE TABLE l WITH ('topic' = 'u') LIKE orders (INCLUDING OPTIONS)",
            "CREATE TABLE l LIKE orders (INCLUDING ALL EXCLUDING ALL)",
            "CREATE TABLE l LIKE orders (EXCLUDING METADATA EXCLUDING GENERATED EXCLUDING WATERMARKS)",
            "CREATE VIEW v (a, b) AS SELECT id FROM orders",
            "CREATE VIEW v AS SELECT id, id FROM orders",
            "DROP TABLE nope",
            "DROP TABLE IF EXISTS nope",
            "DROP VIEW orders",
            "USE nope",
            "CREATE CATALOG c WITH ('type' = 'jdbc')",
        ],
        expect![[]],
    );
}
