//! CREATE TABLE and its like.

use expect_test::expect;

use super::harness::*;

#[test]
fn tables_are_described() {
    check(
        "DESCRIBE orders",
        expect![[r#"
            name | type | null | key | extras | watermark
            id | STRING | TRUE |  |  |
            user_id | BIGINT | FALSE |  |  |
            amount | DECIMAL(10, 2) | TRUE |  |  |
            items | INT | FALSE |  |  |
            detail | ROW<`city` STRING, `zip` ROW<`code` INT>> | TRUE |  |  |
            ts | TIMESTAMP(3) *ROWTIME* | TRUE |  |  | `ts` - INTERVAL '5' SECOND
            published | TIMESTAMP_LTZ(3) | TRUE |  | METADATA FROM 'timestamp' |
            part | BIGINT | TRUE |  | METADATA FROM 'partition' VIRTUAL |
            total | DECIMAL(21, 2) | TRUE |  | AS `amount` * `items` |
            pt | TIMESTAMP_LTZ(3) *PROCTIME* | FALSE |  | AS PROCTIME() |
        "#]],
    );
    check(
        "DESCRIBE customers",
        expect![[r#"
        name | type | null | key | extras | watermark
        id | STRING | FALSE | PRI(id) |  |
        name | STRING | TRUE |  |  |
    "#]],
    );
    check(
        "SHOW CREATE TABLE orders",
        expect![[r#"
            result
            CREATE TABLE `default_catalog`.`default_database`.`orders` (
              `id` VARCHAR(2147483647),
              `user_id` BIGINT NOT NULL,
              `amount` DECIMAL(10, 2),
              `items` INT NOT NULL,
              `detail` ROW<`city` VARCHAR(2147483647), `zip` ROW<`code` INT>>,
              `ts` TIMESTAMP(3),
              `published` TIMESTAMP(3) WITH LOCAL TIME ZONE METADATA FROM 'timestamp',
              `part` BIGINT METADATA FROM 'partition' VIRTUAL,
              `total` AS `amount` * `items`,
              `pt` AS PROCTIME(),
              WATERMARK FOR `ts` AS `ts` - INTERVAL '5' SECOND
            )
            WITH (
              'connector' = 'kafka',
              'format' = 'json',
              'topic' = 'orders'
            )
        "#]],
    );
    check(
        "SHOW TABLES LIKE 'out%'",
        expect![[r#"
        table name
        out_kafka
        out_print
        out_upsert
    "#]],
    );
    check(
        "CREATE VIEW v (x) AS SELECT id FROM orders; SHOW CREATE VIEW v",
        expect![[r#"
        result
        CREATE VIEW `default_catalog`.`default_database`.`v` (
          `x`
        )
        AS SELECT id FROM orders
    "#]],
    );
}

#[test]
fn like() {
    check(
        "CREATE TABLE l (z INT) WITH ('connector' = 'print') LIKE orders (EXCLUDING WATERMARKS EXCLUDING OPTIONS EXCLUDING GENERATED EXCLUDING METADATA); SHOW CREATE TABLE l",
        expect![[r#"
            result
            CREATE TABLE `default_catalog`.`default_database`.`l` (
              `id` VARCHAR(2147483647),
              `user_id` BIGINT NOT NULL,
              `amount` DECIMAL(10, 2),
              `items` INT NOT NULL,
              `detail` ROW<`city` VARCHAR(2147483647), `zip` ROW<`code` INT>>,
              `ts` TIMESTAMP(3),
              `z` INT
            )
            WITH (
              'connector' = 'print'
            )
        "#]],
    );
    check(
        "CREATE TABLE l (pt AS id || 'x') WITH ('topic' = 'u') LIKE orders (OVERWRITING GENERATED); SHOW CREATE TABLE l",
        expect![[r#"
            result
            CREATE TABLE `default_catalog`.`default_database`.`l` (
              `id` VARCHAR(2147483647),
              `user_id` BIGINT NOT NULL,
              `amount` DECIMAL(10, 2),
              `items` INT NOT NULL,
              `detail` ROW<`city` VARCHAR(2147483647), `zip` ROW<`code` INT>>,
              `ts` TIMESTAMP(3),
              `published` TIMESTAMP(3) WITH LOCAL TIME ZONE METADATA FROM 'timestamp',
              `part` BIGINT METADATA FROM 'partition' VIRTUAL,
              `total` AS `amount` * `items`,
              `pt` AS `id` || 'x',
              WATERMARK FOR `ts` AS `ts` - INTERVAL '5' SECOND
            )
            WITH (
              'connector' = 'kafka',
              'format' = 'json',
              'topic' = 'u'
            )
        "#]],
    );
}

#[test]
fn variables_in_options() {
    check(
        "CREATE TABLE t (a INT) WITH ('topic' = '${TOPIC}', 'x' = '${NOPE:-d}'); SHOW CREATE TABLE t",
        expect![[r#"
        result
        CREATE TABLE `default_catalog`.`default_database`.`t` (
          `a` INT
        )
        WITH (
          'topic' = 'from_env',
          'x' = 'd'
        )
    "#]],
    );
}

#[test]
fn databases_and_catalogs() {
    check_bare(
        "CREATE CATALOG c WITH ('type' = 'generic_in_memory'); CREATE DATABASE c.d; USE c.d;
         CREATE TABLE t (a INT) WITH ('connector' = 'files'); USE CATALOG default_catalog; SELECT t.a FROM c.d.t",
        expect![[r#"
            Collect, changelogMode=[I]
            +- TableSourceScan(table=[c.d.t], fields=[a]), changelogMode=[I]
        "#]],
    );
    check_bare(
        "CREATE DATABASE d; USE d; DROP DATABASE d",
        expect![[r#"
        error at «d»: the current database can't be dropped; USE another
    "#]],
    );
    check_bare(
        "CREATE DATABASE d; CREATE TABLE d.t (a INT); DROP DATABASE d",
        expect![[r#"
        error at «d»: database 'd' is not empty; DROP DATABASE … CASCADE
    "#]],
    );
    check_bare(
        "CREATE DATABASE d; CREATE TABLE d.t (a INT); DROP DATABASE d CASCADE; SHOW DATABASES",
        expect![[r#"
        database name
        default_database
    "#]],
    );
}

#[test]
fn temporary_objects_hide_others() {
    check(
        "CREATE TEMPORARY TABLE orders (x INT) WITH ('connector' = 'files'); SELECT * FROM orders",
        expect![[r#"
        Collect, changelogMode=[I]
        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[x]), changelogMode=[I]
    "#]],
    );
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
        expect![[r#"
            CREATE TABLE b (a INT, WATERMARK FOR a AS a)
              error at «a»: the rowtime column must be TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p up to 3, found INT; compute one: TO_TIMESTAMP(text), TO_TIMESTAMP_LTZ(millis, 3)
            CREATE TABLE b (a TIMESTAMP(6), WATERMARK FOR a AS a)
              error at «a»: the rowtime column must be TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p up to 3, found TIMESTAMP(6); declare it with (3), or CAST it in a computed column
            CREATE TABLE b (a TIMESTAMP(3), WATERMARK FOR b AS a)
              error at «b»: there is no column `b`; did you mean `a`?
            CREATE TABLE b (a TIMESTAMP(3), b INT, WATERMARK FOR a AS b)
              error at «b»: the watermark must be TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p up to 3, found INT; compute one: TO_TIMESTAMP(text), TO_TIMESTAMP_LTZ(millis, 3)
            CREATE TABLE b (a TIMESTAMP(3), WATERMARK FOR a AS SOURCE_WATERMARK())
              error at «SOURCE_WATERMARK()»: not supported: SOURCE_WATERMARK(); write an expression over the column
            CREATE TABLE b (a TIMESTAMP(3), b AS a + INTERVAL '1' DAY, c AS b)
              error at «b»: there is no column `b`; did you mean `a`?
            CREATE TABLE b (a TIMESTAMP(3), a INT)
              error at «a»: column `a` exists already
            CREATE TABLE b (a INT, PRIMARY KEY (b) NOT ENFORCED)
              error at «b»: PRIMARY KEY names column `b`, which the table has not; did you mean `a`?
            CREATE TABLE b (a INT, PRIMARY KEY (a))
              error at «PRIMARY KEY (a)»: a PRIMARY KEY must say NOT ENFORCED; nobody checks it: the data belongs to the external system
            CREATE TABLE b (a INT PRIMARY KEY NOT ENFORCED, b INT PRIMARY KEY NOT ENFORCED)
              error at «PRIMARY KEY NOT ENFORCED»: a table can have one PRIMARY KEY
            CREATE TABLE b (a INT, b AS a + 1, PRIMARY KEY (b) NOT ENFORCED)
              error at «b»: PRIMARY KEY column `b` must be a physical column
            CREATE TABLE b (a INT, PRIMARY KEY (a, a) NOT ENFORCED)
              error at «a»: PRIMARY KEY names column `a` twice
            CREATE TABLE b (a INT, UNIQUE (a))
              error at «UNIQUE (a)»: Flink has no UNIQUE constraints; PRIMARY KEY (…) NOT ENFORCED
            CREATE TABLE b (a INT) PARTITIONED BY (z)
              error at «z»: PARTITIONED BY names column `z`, which the table has not; did you mean `a`?
            CREATE TABLE b (r ROW<x TIMESTAMP(3)>, WATERMARK FOR r.x AS r.x)
              error at «r.x»: the rowtime column must be a column of the table, not a field: `r.x`; compute a column from the field: ts AS r.ts
            CREATE TABLE b (a INT METADATA FROM 'x', b INT METADATA FROM 'x')
              error at «b INT METADATA FROM 'x'»: columns `a` and `b` are both of metadata key 'x'; make one of them a computed column
            CREATE TABLE b (a DECIMAL(40, 2))
              error at «DECIMAL(40, 2)»: the precision of DECIMAL must be 1 to 38, found 40
            CREATE TABLE b (a uuid)
              error at «uuid»: there is no type `uuid`; types are CHAR, VARCHAR, STRING, BOOLEAN, BINARY, VARBINARY, BYTES, DECIMAL, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ, ARRAY, MAP, MULTISET, ROW
            CREATE TABLE b (a INT) WITH ('topic' = '${NOPE}')
              error at «'${NOPE}'»: the variable NOPE is not set; set it in the environment, or write ${NOPE:-default}
            CREATE TABLE orders (a INT)
              error at «orders»: table 'default_catalog.default_database.orders' exists already; CREATE TABLE IF NOT EXISTS keeps the one there is
            CREATE TABLE IF NOT EXISTS orders (a INT)
              OK
            CREATE TABLE l (z INT, amount INT) LIKE orders
              error at «amount»: column `amount` exists already in the table of LIKE
            CREATE TABLE l (WATERMARK FOR ts AS ts) LIKE orders
              error at «WATERMARK FOR ts AS ts»: the table of LIKE has a WATERMARK already; OVERWRITING WATERMARKS or EXCLUDING WATERMARKS
            CREATE TABLE l WITH ('topic' = 'u') LIKE orders (INCLUDING OPTIONS)
              error at «'topic' = 'u'»: the table of LIKE has the option 'topic' already; OVERWRITING OPTIONS or EXCLUDING OPTIONS
            CREATE TABLE l LIKE orders (INCLUDING ALL EXCLUDING ALL)
              error at «EXCLUDING ALL»: each feature of LIKE can be named once
            CREATE TABLE l LIKE orders (EXCLUDING METADATA EXCLUDING GENERATED EXCLUDING WATERMARKS)
              OK
            CREATE VIEW v (a, b) AS SELECT id FROM orders
              error at «v»: view default_catalog.default_database.v names 2 columns, but its query has 1; the query has id
            CREATE VIEW v AS SELECT id, id FROM orders
              error at «v»: view default_catalog.default_database.v has two columns `id`; give one of them an alias
            DROP TABLE nope
              error at «nope»: there is no table or view `nope`; there are clicks, customers, history, orders, out_kafka, out_print, out_upsert
            DROP TABLE IF EXISTS nope
              OK
            DROP VIEW orders
              error at «orders»: default_catalog.default_database.orders is a table, not a view; DROP TABLE
            USE nope
              error at «nope»: there is no database 'nope' in catalog 'default_catalog'; CREATE DATABASE makes one
            CREATE CATALOG c WITH ('type' = 'jdbc')
              error at «'type' = 'jdbc'»: not supported: catalogs of type 'jdbc'; there are 'generic_in_memory', and 'flitz', which keeps definitions in a folder
        "#]],
    );
}
