//! ALTER and the answers of SHOW and DESCRIBE; the same statements on Flink 2.3 answer the same.

use expect_test::expect;

use super::harness::{check_bare, check_each_in_turn};

const PLAIN: &str = "CREATE TABLE plain (a INT, b STRING) WITH ('connector' = 'print')";

#[test]
fn columns_come_and_go() {
    check_each_in_turn(
        &[
            PLAIN,
            "ALTER TABLE plain ADD c DOUBLE COMMENT 'see' AFTER a",
            "ALTER TABLE plain ADD (d TIMESTAMP(3) FIRST, e AS a + 1, PRIMARY KEY (a) NOT ENFORCED, WATERMARK FOR d AS d)",
            "DESCRIBE plain",
            "ALTER TABLE plain ADD c INT",
            "ALTER TABLE plain ADD x INT AFTER zz",
            "ALTER TABLE plain MODIFY c BIGINT NOT NULL",
            "ALTER TABLE plain MODIFY (b STRING COMMENT 'bee' FIRST, WATERMARK FOR d AS d - INTERVAL '1' SECOND)",
            "DESCRIBE plain",
            "ALTER TABLE plain MODIFY zz INT",
            "ALTER TABLE plain MODIFY a STRING",
            "ALTER TABLE plain ADD f AS nope + 1",
            "ALTER TABLE plain RENAME c TO cc",
            "ALTER TABLE plain RENAME d TO dd",
            "ALTER TABLE plain RENAME a TO aa",
            "ALTER TABLE plain RENAME zz TO aa",
            "ALTER TABLE plain RENAME b TO cc",
            "ALTER TABLE plain DROP d",
            "ALTER TABLE plain DROP a",
            "ALTER TABLE plain DROP WATERMARK",
            "ALTER TABLE plain DROP WATERMARK",
            "ALTER TABLE plain MODIFY WATERMARK FOR d AS d",
            "ALTER TABLE plain DROP e",
            "ALTER TABLE plain DROP a",
            "ALTER TABLE plain DROP (cc, zz)",
            "ALTER TABLE plain DROP (cc, cc)",
            "ALTER TABLE plain DROP cc",
            "DESCRIBE plain",
        ],
        expect![[r#"
            CREATE TABLE plain (a INT, b STRING) WITH ('connector' = 'print')
              OK
            ALTER TABLE plain ADD c DOUBLE COMMENT 'see' AFTER a
              OK
            ALTER TABLE plain ADD (d TIMESTAMP(3) FIRST, e AS a + 1, PRIMARY KEY (a) NOT ENFORCED, WATERMARK FOR d AS d)
              OK
            DESCRIBE plain
              name | type | null | key | extras | watermark | comment
              d | TIMESTAMP(3) *ROWTIME* | TRUE |  |  | `d` |
              a | INT | FALSE | PRI(a) |  |  |
              c | DOUBLE | TRUE |  |  |  | see
              b | STRING | TRUE |  |  |  |
              e | INT | FALSE |  | AS `a` + 1 |  |
            ALTER TABLE plain ADD c INT
              error at «c»: column `c` exists already
            ALTER TABLE plain ADD x INT AFTER zz
              error at «zz»: AFTER names column `zz`, which the table has not; it has d, a, c, b, e
            ALTER TABLE plain MODIFY c BIGINT NOT NULL
              OK
            ALTER TABLE plain MODIFY (b STRING COMMENT 'bee' FIRST, WATERMARK FOR d AS d - INTERVAL '1' SECOND)
              OK
            DESCRIBE plain
              name | type | null | key | extras | watermark | comment
              b | STRING | TRUE |  |  |  | bee
              d | TIMESTAMP(3) *ROWTIME* | TRUE |  |  | `d` - INTERVAL '1' SECOND |
              a | INT | FALSE | PRI(a) |  |  |
              c | BIGINT | FALSE |  |  |  | see
              e | INT | FALSE |  | AS `a` + 1 |  |
            ALTER TABLE plain MODIFY zz INT
              error at «zz»: ALTER TABLE names column `zz`, which the table has not; it has b, d, a, c, e
            ALTER TABLE plain MODIFY a STRING
              error at «ALTER TABLE plain MODIFY a STRING»: cannot apply + to arguments of type (STRING, INT)
            ALTER TABLE plain ADD f AS nope + 1
              error at «nope»: there is no column `nope`; there are b, d, a, c
            ALTER TABLE plain RENAME c TO cc
              OK
            ALTER TABLE plain RENAME d TO dd
              error at «d»: column `d` is referenced by the watermark
            ALTER TABLE plain RENAME a TO aa
              error at «a»: column `a` is referenced by computed column `e`
            ALTER TABLE plain RENAME zz TO aa
              error at «zz»: ALTER TABLE names column `zz`, which the table has not; it has b, d, a, cc, e
            ALTER TABLE plain RENAME b TO cc
              error at «cc»: column `cc` exists already
            ALTER TABLE plain DROP d
              error at «d»: column `d` is referenced by the watermark
            ALTER TABLE plain DROP a
              error at «a»: column `a` is referenced by computed column `e`
            ALTER TABLE plain DROP WATERMARK
              OK
            ALTER TABLE plain DROP WATERMARK
              error at «ALTER TABLE plain DROP WATERMARK»: the table has no watermark
            ALTER TABLE plain MODIFY WATERMARK FOR d AS d
              error at «WATERMARK FOR d AS d»: the table has no watermark; ADD WATERMARK
            ALTER TABLE plain DROP e
              OK
            ALTER TABLE plain DROP a
              error at «a»: column `a` is used as the primary key; DROP PRIMARY KEY before
            ALTER TABLE plain DROP (cc, zz)
              error at «zz»: ALTER TABLE names column `zz`, which the table has not; it has b, d, a, cc
            ALTER TABLE plain DROP (cc, cc)
              error at «cc»: column `cc` is named twice
            ALTER TABLE plain DROP cc
              OK
            DESCRIBE plain
              name | type | null | key | extras | watermark | comment
              b | STRING | TRUE |  |  |  | bee
              d | TIMESTAMP(3) | TRUE |  |  |  |
              a | INT | FALSE | PRI(a) |  |  |
        "#]],
    );
}

#[test]
fn keys_and_options() {
    check_each_in_turn(
        &[
            "CREATE TABLE plain (b STRING NOT NULL COMMENT 'bee', d TIMESTAMP(3), a INT, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'print')",
            "ALTER TABLE plain DROP CONSTRAINT nope",
            "ALTER TABLE plain DROP PRIMARY KEY",
            "ALTER TABLE plain DROP PRIMARY KEY",
            "ALTER TABLE plain ADD CONSTRAINT k PRIMARY KEY (b) NOT ENFORCED",
            "ALTER TABLE plain ADD PRIMARY KEY (d) NOT ENFORCED",
            "ALTER TABLE plain RENAME b TO bb",
            "ALTER TABLE plain MODIFY PRIMARY KEY (a) NOT ENFORCED",
            "ALTER TABLE plain MODIFY a BIGINT",
            "SHOW CREATE TABLE plain",
            "ALTER TABLE plain DROP CONSTRAINT PK_a",
            "ALTER TABLE plain ADD WATERMARK FOR bb AS bb",
            "ALTER TABLE plain SET ('print-identifier' = 'x', 'standard-error' = 'true', 'p.password' = 'hidden')",
            "ALTER TABLE plain RESET ('print-identifier')",
            "ALTER TABLE plain RESET ('connector')",
            "ALTER TABLE plain RESET ('nokey')",
            "ALTER TABLE plain ADD DISTRIBUTION BY HASH(a) INTO 4 BUCKETS",
            "ALTER TABLE plain DROP a",
            "SHOW CREATE TABLE plain",
            "ALTER TABLE plain DROP DISTRIBUTION",
            "ALTER TABLE plain MODIFY DISTRIBUTION INTO 2 BUCKETS",
        ],
        expect![[r#"
            CREATE TABLE plain (b STRING NOT NULL COMMENT 'bee', d TIMESTAMP(3), a INT, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'print')
              OK
            ALTER TABLE plain DROP CONSTRAINT nope
              error at «nope»: the table has no constraint `nope`; it has `PK_a`
            ALTER TABLE plain DROP PRIMARY KEY
              OK
            ALTER TABLE plain DROP PRIMARY KEY
              error at «ALTER TABLE plain DROP PRIMARY KEY»: the table has no primary key
            ALTER TABLE plain ADD CONSTRAINT k PRIMARY KEY (b) NOT ENFORCED
              OK
            ALTER TABLE plain ADD PRIMARY KEY (d) NOT ENFORCED
              error at «PRIMARY KEY (d) NOT ENFORCED»: the table has the primary key (b) already; MODIFY PRIMARY KEY, or drop it before
            ALTER TABLE plain RENAME b TO bb
              OK
            ALTER TABLE plain MODIFY PRIMARY KEY (a) NOT ENFORCED
              OK
            ALTER TABLE plain MODIFY a BIGINT
              OK
            SHOW CREATE TABLE plain
              result
              CREATE TABLE `default_catalog`.`default_database`.`plain` (
                `bb` VARCHAR(2147483647) NOT NULL COMMENT 'bee',
                `d` TIMESTAMP(3),
                `a` BIGINT NOT NULL,
                CONSTRAINT `PK_a` PRIMARY KEY (`a`) NOT ENFORCED
              )
              WITH (
                'connector' = 'print'
              )
            ALTER TABLE plain DROP CONSTRAINT PK_a
              OK
            ALTER TABLE plain ADD WATERMARK FOR bb AS bb
              error at «WATERMARK FOR bb AS bb»: the rowtime column must be TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p up to 3, found STRING NOT NULL; compute one: TO_TIMESTAMP(text), TO_TIMESTAMP_LTZ(millis, 3)
            ALTER TABLE plain SET ('print-identifier' = 'x', 'standard-error' = 'true', 'p.password' = 'hidden')
              OK
            ALTER TABLE plain RESET ('print-identifier')
              OK
            ALTER TABLE plain RESET ('connector')
              error at «'connector'»: 'connector' can't be reset
            ALTER TABLE plain RESET ('nokey')
              OK
            ALTER TABLE plain ADD DISTRIBUTION BY HASH(a) INTO 4 BUCKETS
              OK
            ALTER TABLE plain DROP a
              error at «a»: column `a` is used as a distribution key
            SHOW CREATE TABLE plain
              result
              CREATE TABLE `default_catalog`.`default_database`.`plain` (
                `bb` VARCHAR(2147483647) NOT NULL COMMENT 'bee',
                `d` TIMESTAMP(3),
                `a` BIGINT NOT NULL
              )
              DISTRIBUTED BY HASH(`a`) INTO 4 BUCKETS
              WITH (
                'connector' = 'print',
                'p.password' = '******',
                'standard-error' = 'true'
              )
            ALTER TABLE plain DROP DISTRIBUTION
              OK
            ALTER TABLE plain MODIFY DISTRIBUTION INTO 2 BUCKETS
              error at «INTO 2 BUCKETS»: the table is not DISTRIBUTED; ADD DISTRIBUTION
        "#]],
    );
}

#[test]
fn names_change() {
    check_each_in_turn(
        &[
            PLAIN,
            "CREATE TABLE orders (id INT) WITH ('connector' = 'files')",
            "CREATE TEMPORARY TABLE tt (a INT) WITH ('connector' = 'print')",
            "CREATE VIEW v AS SELECT id FROM orders",
            "ALTER TABLE plain RENAME TO plain2",
            "ALTER TABLE plain2 RENAME TO orders",
            "ALTER TABLE IF EXISTS nope RENAME TO b",
            "ALTER TABLE nope RENAME TO b",
            "ALTER TABLE v SET ('a' = 'b')",
            "ALTER TABLE tt SET ('x' = 'y')",
            "ALTER VIEW v RENAME TO plain2",
            "ALTER VIEW v RENAME TO w",
            "ALTER VIEW w AS SELECT id + 1 AS more FROM orders",
            "DESCRIBE w",
            "ALTER VIEW orders AS SELECT 1 AS x",
            "SHOW TABLES",
            "SHOW TABLES LIKE '%an%'",
            "SHOW VIEWS",
            "SHOW TABLES FROM default_database NOT LIKE 'o%'",
        ],
        expect![[r#"
            CREATE TABLE plain (a INT, b STRING) WITH ('connector' = 'print')
              OK
            CREATE TABLE orders (id INT) WITH ('connector' = 'files')
              OK
            CREATE TEMPORARY TABLE tt (a INT) WITH ('connector' = 'print')
              OK
            CREATE VIEW v AS SELECT id FROM orders
              OK
            ALTER TABLE plain RENAME TO plain2
              OK
            ALTER TABLE plain2 RENAME TO orders
              error at «orders»: table 'default_catalog.default_database.orders' exists already
            ALTER TABLE IF EXISTS nope RENAME TO b
              OK
            ALTER TABLE nope RENAME TO b
              error at «nope»: there is no table or view `nope`; there are orders, plain2, tt, v
            ALTER TABLE v SET ('a' = 'b')
              error at «v»: default_catalog.default_database.v is a view; ALTER VIEW
            ALTER TABLE tt SET ('x' = 'y')
              error at «tt»: default_catalog.default_database.tt is a temporary table, which can't be altered; drop it and create it anew
            ALTER VIEW v RENAME TO plain2
              error at «plain2»: view 'default_catalog.default_database.plain2' exists already
            ALTER VIEW v RENAME TO w
              OK
            ALTER VIEW w AS SELECT id + 1 AS more FROM orders
              OK
            DESCRIBE w
              name | type | null | key | extras | watermark
              more | INT | TRUE |  |  |
            ALTER VIEW orders AS SELECT 1 AS x
              error at «orders»: default_catalog.default_database.orders is a table; ALTER TABLE
            SHOW TABLES
              table name
              orders
              plain2
              tt
              w
            SHOW TABLES LIKE '%an%'
              table name
            SHOW VIEWS
              view name
              w
            SHOW TABLES FROM default_database NOT LIKE 'o%'
              table name
              plain2
              tt
              w
        "#]],
    );
}

#[test]
fn catalogs_and_databases() {
    check_each_in_turn(
        &[
            "CREATE CATALOG c1 COMMENT 'cee' WITH ('type' = 'generic_in_memory', 'default-database' = 'dd')",
            "SHOW CREATE CATALOG c1",
            "DESCRIBE CATALOG EXTENDED c1",
            "ALTER CATALOG c1 SET ('default-database' = 'ee')",
            "ALTER CATALOG c1 SET ('x' = 'y')",
            "ALTER CATALOG c1 RESET ('type')",
            "ALTER CATALOG c1 COMMENT 'hello'",
            "DESCRIBE CATALOG c1",
            "USE CATALOG c1",
            "SHOW DATABASES",
            "SHOW CURRENT DATABASE",
            "DROP CATALOG c1",
            "CREATE TABLE t (a INT) WITH ('connector' = 'print')",
            "ALTER CATALOG c1 SET ('default-database' = 'ff')",
            "USE CATALOG default_catalog",
            "SHOW CATALOGS ILIKE 'DEF%'",
            "SHOW CATALOGS LIKE 'DEF%'",
            "DROP CATALOG c1",
            "CREATE CATALOG h WITH ('type' = 'hive')",
            "CREATE DATABASE d1 COMMENT 'dee' WITH ('k' = 'v')",
            "ALTER DATABASE d1 SET ('k2' = 'v2')",
            "SHOW DATABASES LIKE 'd_'",
            "DROP DATABASE d1",
        ],
        expect![[r#"
            CREATE CATALOG c1 COMMENT 'cee' WITH ('type' = 'generic_in_memory', 'default-database' = 'dd')
              OK
            SHOW CREATE CATALOG c1
              result
              CREATE CATALOG `c1`
              COMMENT 'cee'
              WITH (
                'default-database' = 'dd',
                'type' = 'generic_in_memory'
              )
            DESCRIBE CATALOG EXTENDED c1
              info name | info value
              name | c1
              type | generic_in_memory
              comment | cee
              option:default-database | dd
            ALTER CATALOG c1 SET ('default-database' = 'ee')
              OK
            ALTER CATALOG c1 SET ('x' = 'y')
              error at «'x' = 'y'»: catalog type 'generic_in_memory' has no option 'x' that can be changed
            ALTER CATALOG c1 RESET ('type')
              error at «'type'»: 'type' can't be reset
            ALTER CATALOG c1 COMMENT 'hello'
              OK
            DESCRIBE CATALOG c1
              info name | info value
              name | c1
              type | generic_in_memory
              comment | hello
            USE CATALOG c1
              OK
            SHOW DATABASES
              database name
              ee
            SHOW CURRENT DATABASE
              current database name
              ee
            DROP CATALOG c1
              error at «c1»: the current catalog can't be dropped; USE CATALOG another
            CREATE TABLE t (a INT) WITH ('connector' = 'print')
              OK
            ALTER CATALOG c1 SET ('default-database' = 'ff')
              error at «c1»: catalog 'c1' would lose its tables; other options make it a new catalog: drop the tables before
            USE CATALOG default_catalog
              OK
            SHOW CATALOGS ILIKE 'DEF%'
              catalog name
              default_catalog
            SHOW CATALOGS LIKE 'DEF%'
              catalog name
            DROP CATALOG c1
              OK
            CREATE CATALOG h WITH ('type' = 'hive')
              error at «'type' = 'hive'»: not supported: catalogs of type 'hive'; there are 'generic_in_memory', and 'flitz', which keeps definitions in a folder
            CREATE DATABASE d1 COMMENT 'dee' WITH ('k' = 'v')
              OK
            ALTER DATABASE d1 SET ('k2' = 'v2')
              OK
            SHOW DATABASES LIKE 'd_'
              database name
              d1
            DROP DATABASE d1
              OK
        "#]],
    );
}

#[test]
fn what_is_not_here_says_what_to_do() {
    check_each_in_turn(
        &[
            "CREATE TABLE t (a INT) WITH ('connector' = 'print')",
            "CREATE TABLE p (a INT, d STRING) PARTITIONED BY (d) WITH ('connector' = 'files')",
            "ADD JAR '/tmp/x.jar'",
            "CREATE FUNCTION f AS 'org.F' LANGUAGE JAVA",
            "CREATE TEMPORARY FUNCTION f AS 'mod.fn' LANGUAGE PYTHON",
            "DROP FUNCTION IF EXISTS f",
            "DROP FUNCTION f",
            "LOAD MODULE core",
            "LOAD MODULE hive",
            "USE MODULES core",
            "SHOW FULL MODULES",
            "SHOW PARTITIONS t",
            "SHOW PARTITIONS p",
            "ALTER TABLE p ADD PARTITION (d = '1')",
            "TRUNCATE TABLE t",
            "SET 'execution.runtime-mode' = 'batch'",
            "TRUNCATE TABLE t",
            "DELETE FROM t WHERE a = 1",
            "UPDATE t SET a = 1",
            "UPDATE nope SET a = 1",
            "ANALYZE TABLE t COMPUTE STATISTICS",
            "COMPILE PLAN '/tmp/p' FOR INSERT INTO t SELECT 1",
            "DESCRIBE FUNCTION `sum`",
            "DESCRIBE FUNCTION nope",
            "SHOW JOBS",
            "STOP JOB 'x' WITH SAVEPOINT",
            "QUIT",
        ],
        expect![[r#"
            CREATE TABLE t (a INT) WITH ('connector' = 'print')
              OK
            CREATE TABLE p (a INT, d STRING) PARTITIONED BY (d) WITH ('connector' = 'files')
              OK
            ADD JAR '/tmp/x.jar'
              error at «'/tmp/x.jar'»: not supported: jars; connectors and formats are part of the program; leave the statement out
            CREATE FUNCTION f AS 'org.F' LANGUAGE JAVA
              error at «f»: not supported: functions of a class; there is no JVM in the program; write it in SQL: f(x INT) RETURNS INT LANGUAGE SQL AS 'x + 1'
            CREATE TEMPORARY FUNCTION f AS 'mod.fn' LANGUAGE PYTHON
              error at «f»: not supported: functions of a class; there is no Python in the program; write the expression in SQL
            DROP FUNCTION IF EXISTS f
              OK
            DROP FUNCTION f
              error at «f»: there is no function `f`; SHOW USER FUNCTIONS lists those of the current database
            LOAD MODULE core
              error at «core»: module 'core' is loaded already
            LOAD MODULE hive
              error at «hive»: not supported: module 'hive'; there is 'core'
            USE MODULES core
              OK
            SHOW FULL MODULES
              module name | used
              core | TRUE
            SHOW PARTITIONS t
              error at «t»: the table is not PARTITIONED BY anything
            SHOW PARTITIONS p
              partition name
            ALTER TABLE p ADD PARTITION (d = '1')
              OK
            TRUNCATE TABLE t
              error at «t»: TRUNCATE TABLE is not possible in streaming mode; SET 'execution.runtime-mode' = 'batch', for connectors that can change rows in place
            SET 'execution.runtime-mode' = 'batch'
              OK
            TRUNCATE TABLE t
              error at «t»: TRUNCATE TABLE: connector 'print' can't change rows in place
            DELETE FROM t WHERE a = 1
              error at «t»: DELETE: connector 'print' can't change rows in place
            UPDATE t SET a = 1
              error at «t»: UPDATE: connector 'print' can't change rows in place
            UPDATE nope SET a = 1
              error at «nope»: there is no table or view `nope`; there are p, t
            ANALYZE TABLE t COMPUTE STATISTICS
              error at «t»: not supported: ANALYZE TABLE; plans are made without statistics; leave the statement out
            COMPILE PLAN '/tmp/p' FOR INSERT INTO t SELECT 1
              error at «'/tmp/p'»: not supported: compiled plans; run the INSERT itself: a job resumes by its name, whatever the plan
            DESCRIBE FUNCTION `sum`
              info name | info value
              is system function | true
              is temporary | false
            DESCRIBE FUNCTION nope
              error at «nope»: there is no function `nope`; SHOW FUNCTIONS lists them
            SHOW JOBS
              Show
            STOP JOB 'x' WITH SAVEPOINT
              error at «STOP JOB 'x' WITH SAVEPOINT»: not supported: STOP JOB … WITH SAVEPOINT; STOP JOB takes a last checkpoint by itself; a job with a 'pipeline.name' goes on from it
            QUIT
              Quit
        "#]],
    );
}

#[test]
fn a_table_is_replaced() {
    check_bare(
        "CREATE OR REPLACE TABLE r WITH ('connector' = 'print') AS SELECT 1 AS a;
         REPLACE TABLE r WITH ('connector' = 'print') AS SELECT 2 AS b, 'x' AS c;
         DESCRIBE r",
        expect![[r#"
            name | type | null | key | extras | watermark
            b | INT | FALSE |  |  |
            c | CHAR(1) | FALSE |  |  |
        "#]],
    );
    check_bare(
        "REPLACE TABLE r WITH ('connector' = 'print') AS SELECT 2 AS b",
        expect![[r#"
        error at «r»: there is no table default_catalog.default_database.r to replace; CREATE OR REPLACE TABLE
    "#]],
    );
}

#[test]
fn plans_as_json() {
    check_bare(
        "CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'files'); CREATE TABLE t (a INT) WITH ('connector' = 'print');
         EXPLAIN JSON_EXECUTION_PLAN, CHANGELOG_MODE INSERT INTO t SELECT a FROM s WHERE b = 'x'",
        expect![[r#"
            result
            == Abstract Syntax Tree ==
            LogicalSink(table=[default_catalog.default_database.t], fields=[a])
            +- LogicalProject(a=[$0])
               +- LogicalProject(a=[$0])
                  +- LogicalFilter(condition=[($1 = CAST('x' AS STRING))])
                     +- LogicalTableScan(table=[[default_catalog, default_database, s]])

            == Optimized Physical Plan ==
            Sink(table=[default_catalog.default_database.t], fields=[a]), changelogMode=[I]
            +- Calc(select=[a], where=[(b = 'x')]), changelogMode=[I]
               +- TableSourceScan(table=[default_catalog.default_database.s], fields=[a, b]), changelogMode=[I]

            == Optimized Execution Plan ==
            Sink(table=[default_catalog.default_database.t], fields=[a])
            +- Calc(select=[a], where=[(b = 'x')])
               +- TableSourceScan(table=[default_catalog.default_database.s], fields=[a, b])

            == Physical Execution Plan ==
            {
              "nodes": [
                {
                  "id": 1,
                  "type": "Source: default_catalog.default_database.s",
                  "pact": "Data Source",
                  "contents": "TableSourceScan(table=[default_catalog.default_database.s], fields=[a, b])"
                },
                {
                  "id": 2,
                  "type": "Calc",
                  "pact": "Operator",
                  "contents": "Calc(select=[a], where=[(b = 'x')])",
                  "predecessors": [
                    {
                      "id": 1,
                      "ship_strategy": "FORWARD",
                      "side": "second"
                    }
                  ]
                },
                {
                  "id": 3,
                  "type": "Sink: default_catalog.default_database.t",
                  "pact": "Data Sink",
                  "contents": "Sink(table=[default_catalog.default_database.t], fields=[a])",
                  "predecessors": [
                    {
                      "id": 2,
                      "ship_strategy": "FORWARD",
                      "side": "second"
                    }
                  ]
                }
              ]
            }
        "#]],
    );
    check_bare(
        "EXPLAIN PLAN FOR CREATE TABLE c WITH ('connector' = 'print') AS SELECT 1 AS a",
        expect![[r#"
            result
            == Abstract Syntax Tree ==
            LogicalSink(table=[default_catalog.default_database.c], fields=[a])
            +- LogicalProject(a=[$0])
               +- LogicalProject(a=[1])
                  +- LogicalValues(tuples=[[{ 0 }]])

            == Optimized Physical Plan ==
            Sink(table=[default_catalog.default_database.c], fields=[a])
            +- Calc(select=[1 AS a])
               +- Values(rows=1, fields=[ZERO])

            == Optimized Execution Plan ==
            Sink(table=[default_catalog.default_database.c], fields=[a])
            +- Calc(select=[1 AS a])
               +- Values(rows=1, fields=[ZERO])
        "#]],
    );
    check_bare(
        "EXPLAIN ESTIMATED_COST SELECT 1",
        expect![[r#"
            result
            == Abstract Syntax Tree ==
            LogicalProject(EXPR$0=[1])
            +- LogicalValues(tuples=[[{ 0 }]])

            == Optimized Physical Plan ==
            Collect: rowcount = 1.0, cumulative cost = {3.0 rows, 3.0 cpu, 0.0 io, 0.0 network, 0.0 memory}
            +- Calc(select=[1 AS EXPR$0]): rowcount = 1.0, cumulative cost = {2.0 rows, 2.0 cpu, 0.0 io, 0.0 network, 0.0 memory}
               +- Values(rows=1, fields=[ZERO]): rowcount = 1.0, cumulative cost = {1.0 rows, 1.0 cpu, 0.0 io, 0.0 network, 0.0 memory}

            == Optimized Execution Plan ==
            Collect
            +- Calc(select=[1 AS EXPR$0])
               +- Values(rows=1, fields=[ZERO])
        "#]],
    );
}

#[test]
fn create_table_as_with_columns() {
    check_each_in_turn(
        &[
            "CREATE TABLE source (id BIGINT, price DOUBLE, quantity INT NOT NULL, order_time TIMESTAMP(3)) WITH ('connector' = 'files')",
            "CREATE TABLE c1 (description STRING, quantity DOUBLE, cost AS price * quantity, WATERMARK FOR order_time AS order_time - INTERVAL '5' SECOND) WITH ('connector' = 'print') AS SELECT id, price, quantity, order_time FROM source",
            "SHOW CREATE TABLE c1",
            "CREATE TABLE c2 (order_time, price, quantity, id) WITH ('connector' = 'print') AS SELECT id, price, quantity, order_time FROM source",
            "SHOW CREATE TABLE c2",
            "CREATE TABLE c3 (PRIMARY KEY (quantity) NOT ENFORCED) WITH ('connector' = 'print') AS SELECT quantity, id FROM source",
            "SHOW CREATE TABLE c3",
            "CREATE TABLE c4 (PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'print') AS SELECT quantity, id FROM source",
            "CREATE TABLE c5 (x STRING NOT NULL) WITH ('connector' = 'print') AS SELECT quantity, id FROM source",
            "CREATE TABLE c6 (a AS id + 1, x STRING, b AS 5) WITH ('connector' = 'print') AS SELECT quantity, id FROM source",
            "DESCRIBE c6",
            "CREATE TABLE c7 (quantity STRING) WITH ('connector' = 'print') AS SELECT quantity, id FROM source",
            "CREATE TABLE c8 (id, nope) WITH ('connector' = 'print') AS SELECT quantity, id FROM source",
            "CREATE TABLE c9 (id) WITH ('connector' = 'print') AS SELECT quantity, id FROM source",
        ],
        expect![[r#"
            CREATE TABLE source (id BIGINT, price DOUBLE, quantity INT NOT NULL, order_time TIMESTAMP(3)) WITH ('connector' = 'files')
              OK
            CREATE TABLE c1 (description STRING, quantity DOUBLE, cost AS price * quantity, WATERMARK FOR order_time AS order_time - INTERVAL '5' SECOND) WITH ('connector' = 'print') AS SELECT id, price, quantity, order_time FROM source
              Sink(table=[default_catalog.default_database.c1], fields=[description, id, price, quantity, order_time]), changelogMode=[I]
              +- Calc(select=[NULL AS description, id, price, CAST(quantity AS DOUBLE) AS quantity, order_time]), changelogMode=[I]
                 +- TableSourceScan(table=[default_catalog.default_database.source], fields=[id, price, quantity, order_time]), changelogMode=[I]
            SHOW CREATE TABLE c1
              result
              CREATE TABLE `default_catalog`.`default_database`.`c1` (
                `description` VARCHAR(2147483647),
                `cost` AS `price` * `quantity`,
                `id` BIGINT,
                `price` DOUBLE,
                `quantity` DOUBLE,
                `order_time` TIMESTAMP(3),
                WATERMARK FOR `order_time` AS `order_time` - INTERVAL '5' SECOND
              )
              WITH (
                'connector' = 'print'
              )
            CREATE TABLE c2 (order_time, price, quantity, id) WITH ('connector' = 'print') AS SELECT id, price, quantity, order_time FROM source
              Sink(table=[default_catalog.default_database.c2], fields=[order_time, price, quantity, id]), changelogMode=[I]
              +- Calc(select=[order_time, price, quantity, id]), changelogMode=[I]
                 +- TableSourceScan(table=[default_catalog.default_database.source], fields=[id, price, quantity, order_time]), changelogMode=[I]
            SHOW CREATE TABLE c2
              result
              CREATE TABLE `default_catalog`.`default_database`.`c2` (
                `order_time` TIMESTAMP(3),
                `price` DOUBLE,
                `quantity` INT NOT NULL,
                `id` BIGINT
              )
              WITH (
                'connector' = 'print'
              )
            CREATE TABLE c3 (PRIMARY KEY (quantity) NOT ENFORCED) WITH ('connector' = 'print') AS SELECT quantity, id FROM source
              Sink(table=[default_catalog.default_database.c3], fields=[quantity, id]), changelogMode=[I]
              +- Calc(select=[quantity, id]), changelogMode=[I]
                 +- TableSourceScan(table=[default_catalog.default_database.source], fields=[id, quantity]), changelogMode=[I]
            SHOW CREATE TABLE c3
              result
              CREATE TABLE `default_catalog`.`default_database`.`c3` (
                `quantity` INT NOT NULL,
                `id` BIGINT,
                CONSTRAINT `PK_quantity` PRIMARY KEY (`quantity`) NOT ENFORCED
              )
              WITH (
                'connector' = 'print'
              )
            CREATE TABLE c4 (PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'print') AS SELECT quantity, id FROM source
              error at «id»: PRIMARY KEY column `id` may be NULL in the query; COALESCE(column, value) is NOT NULL
            CREATE TABLE c5 (x STRING NOT NULL) WITH ('connector' = 'print') AS SELECT quantity, id FROM source
              error at «x STRING NOT NULL»: column `x` is NOT NULL and gets no value; the query has no column of this name
            CREATE TABLE c6 (a AS id + 1, x STRING, b AS 5) WITH ('connector' = 'print') AS SELECT quantity, id FROM source
              Sink(table=[default_catalog.default_database.c6], fields=[x, quantity, id]), changelogMode=[I]
              +- Calc(select=[NULL AS x, quantity, id]), changelogMode=[I]
                 +- TableSourceScan(table=[default_catalog.default_database.source], fields=[id, quantity]), changelogMode=[I]
            DESCRIBE c6
              name | type | null | key | extras | watermark
              a | BIGINT | TRUE |  | AS `id` + 1 |
              x | STRING | TRUE |  |  |
              b | INT | FALSE |  | AS 5 |
              quantity | INT | FALSE |  |  |
              id | BIGINT | TRUE |  |  |
            CREATE TABLE c7 (quantity STRING) WITH ('connector' = 'print') AS SELECT quantity, id FROM source
              error at «SELECT quantity, id FROM source»: INT NOT NULL does not become STRING by itself for column `quantity`; CAST it in the query
            CREATE TABLE c8 (id, nope) WITH ('connector' = 'print') AS SELECT quantity, id FROM source
              error at «nope»: the query has no column `nope`; it has quantity, id
            CREATE TABLE c9 (id) WITH ('connector' = 'print') AS SELECT quantity, id FROM source
              error at «id»: 1 of 2 columns of the query are named; name all of quantity, id
        "#]],
    );
}
