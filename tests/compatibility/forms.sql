-- One example of each form of Flink SQL 2.3: `-- # section`, `-- form: what it is`, the statements.
-- # Queries
-- form: SELECT … FROM … WHERE
SELECT id, amount * 2 AS twice FROM orders WHERE shop = 'a';
-- form: SELECT without FROM
SELECT 1 AS a, 'x' AS b;
-- form: VALUES
VALUES (1, 'a'), (2, 'b');
-- form: SELECT DISTINCT
SELECT DISTINCT shop FROM orders;
-- form: WITH (common table expressions)
WITH a AS (SELECT id FROM orders) SELECT id FROM a;
-- form: sub-query in FROM
SELECT id FROM (SELECT id FROM orders) AS o;
-- form: GROUP BY, HAVING
SELECT shop, COUNT(*) AS n FROM orders GROUP BY shop HAVING COUNT(*) > 1;
-- form: GROUPING SETS, ROLLUP, CUBE
SELECT shop, user_id, COUNT(*) AS n FROM orders GROUP BY GROUPING SETS ((shop), (user_id), ());
-- form: aggregate with FILTER and DISTINCT
SELECT COUNT(DISTINCT user_id) FILTER (WHERE flag) AS n FROM orders;
-- form: UNION ALL
SELECT id FROM orders UNION ALL SELECT order_id FROM payments;
-- form: UNION
SELECT id FROM orders UNION SELECT order_id FROM payments;
-- form: INTERSECT
SELECT id FROM orders INTERSECT SELECT order_id FROM payments;
-- form: EXCEPT
SELECT id FROM orders EXCEPT SELECT order_id FROM payments;
-- form: ORDER BY time
SELECT id, ts FROM orders ORDER BY ts, id DESC;
-- form: ORDER BY time, LIMIT
SELECT id FROM orders ORDER BY ts LIMIT 5;
-- form: ORDER BY anything with LIMIT
SELECT id, amount FROM orders ORDER BY amount DESC LIMIT 5;
-- form: OFFSET, FETCH
SELECT id FROM orders LIMIT 5 OFFSET 2;
-- form: OPTIONS hint
SELECT id FROM orders /*+ OPTIONS('rows-per-second' = '1') */;
-- form: STATE_TTL hint
SELECT /*+ STATE_TTL('orders' = '1d') */ shop, COUNT(*) AS n FROM orders GROUP BY shop;
-- form: IN, EXISTS with a sub-query
SELECT id FROM orders WHERE id IN (SELECT order_id FROM payments);
-- form: scalar sub-query
SELECT id, (SELECT MAX(paid) FROM payments) AS m FROM orders;
-- form: UNNEST
SELECT id, tag FROM orders CROSS JOIN UNNEST(tags) AS x (tag);
-- # Windows
-- form: TUMBLE
SELECT window_start, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
-- form: HOP
SELECT window_start, COUNT(*) AS n FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
-- form: CUMULATE
SELECT window_start, COUNT(*) AS n FROM TABLE(CUMULATE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
-- form: SESSION
SELECT window_start, shop, COUNT(*) AS n FROM TABLE(SESSION(TABLE orders PARTITION BY shop, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, shop;
-- form: window table function by itself
SELECT id, window_start FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE));
-- form: windows over windows (window_time)
CREATE VIEW w AS SELECT window_time AS wt, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, window_time; SELECT window_start, SUM(n) AS s FROM TABLE(TUMBLE(TABLE w, DESCRIPTOR(wt), INTERVAL '1' HOUR)) GROUP BY window_start, window_end;
-- form: group windows (TUMBLE in GROUP BY)
SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE) AS s, COUNT(*) AS n FROM orders GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);
-- form: windows in processing time
SELECT window_start, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(pt), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
-- form: window Top-N
SELECT * FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) WHERE rn <= 3;
-- form: window join
SELECT l.id FROM (SELECT * FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) AS l JOIN (SELECT * FROM TABLE(TUMBLE(TABLE payments, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) AS r ON l.id = r.order_id AND l.window_start = r.window_start AND l.window_end = r.window_end;
-- # Joins
-- form: JOIN, LEFT, RIGHT, FULL
SELECT o.id, p.paid FROM (SELECT id FROM orders) AS o LEFT JOIN (SELECT order_id, paid FROM payments) AS p ON o.id = p.order_id;
-- form: interval join
SELECT o.id, p.paid FROM orders AS o JOIN payments AS p ON o.id = p.order_id AND p.ts BETWEEN o.ts AND o.ts + INTERVAL '1' HOUR;
-- form: temporal join, event time
SELECT o.id, r.rate FROM orders AS o JOIN rates FOR SYSTEM_TIME AS OF o.ts AS r ON o.shop = r.currency;
-- form: lookup join
SELECT o.id, f.v FROM orders AS o JOIN files FOR SYSTEM_TIME AS OF o.pt AS f ON o.id = f.id;
-- form: CROSS JOIN
SELECT o.id, p.paid FROM (SELECT id FROM orders) AS o CROSS JOIN (SELECT paid FROM payments) AS p;
-- # Over, Top-N, patterns
-- form: OVER with a time order
SELECT id, SUM(amount) OVER (PARTITION BY shop ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW) AS s FROM orders;
-- form: Top-N
SELECT id, rn FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY shop ORDER BY amount DESC) AS rn FROM orders) WHERE rn <= 3;
-- form: deduplication
SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts DESC) AS rn FROM orders) WHERE rn = 1;
-- form: QUALIFY
SELECT id FROM orders QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts) = 1;
-- form: MATCH_RECOGNIZE
SELECT * FROM orders MATCH_RECOGNIZE (PARTITION BY shop ORDER BY ts MEASURES A.id AS a, B.id AS b PATTERN (A B) DEFINE A AS A.items > 1, B AS B.items > 2);
-- # INSERT
-- form: INSERT INTO … SELECT
INSERT INTO sink SELECT id, user_id FROM orders;
-- form: INSERT INTO t (columns)
INSERT INTO sink (n) SELECT user_id FROM orders;
-- form: INSERT INTO … VALUES
INSERT INTO sink VALUES ('a', 1);
-- form: INSERT … PARTITION
INSERT INTO files PARTITION (dt = '2026-11-21') SELECT id, items FROM orders;
-- form: INSERT OVERWRITE
SET 'execution.runtime-mode' = 'batch'; INSERT OVERWRITE files SELECT 'a', 1, 'x';
-- form: ON CONFLICT DO DEDUPLICATE
INSERT INTO keyed SELECT id, COUNT(*) FROM orders GROUP BY id, shop ON CONFLICT DO DEDUPLICATE;
-- form: ON CONFLICT DO NOTHING, DO ERROR
INSERT INTO keyed SELECT id, COUNT(*) FROM orders GROUP BY id, shop ON CONFLICT DO NOTHING; INSERT INTO keyed SELECT id, COUNT(*) FROM orders GROUP BY id, shop ON CONFLICT DO ERROR;
-- form: EXECUTE STATEMENT SET
EXECUTE STATEMENT SET BEGIN INSERT INTO sink SELECT id, user_id FROM orders; INSERT INTO sink SELECT order_id, 1 FROM payments; END;
-- form: BEGIN STATEMENT SET … END
BEGIN STATEMENT SET; INSERT INTO sink SELECT id, user_id FROM orders; END;
-- form: CREATE TABLE … AS query
CREATE TABLE c WITH ('connector' = 'print') AS SELECT id, amount FROM orders;
-- form: CREATE TABLE (columns, watermark, key) … AS query
CREATE TABLE c (note STRING, twice AS amount * 2, WATERMARK FOR ts AS ts) WITH ('connector' = 'print') AS SELECT id, amount, ts FROM orders;
-- form: CREATE OR REPLACE TABLE … AS query
CREATE OR REPLACE TABLE c WITH ('connector' = 'print') AS SELECT id, amount FROM orders;
-- # Tables
-- form: columns, comments, NOT NULL
CREATE TABLE c (a INT NOT NULL COMMENT 'x', b STRING) COMMENT 'y' WITH ('connector' = 'print');
-- form: computed columns
CREATE TABLE c (a INT, b AS a + 1) WITH ('connector' = 'datagen'); SELECT b FROM c;
-- form: METADATA columns
CREATE TABLE c (a INT, p STRING METADATA FROM 'file.path' VIRTUAL) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'json'); SELECT p FROM c;
-- form: WATERMARK
CREATE TABLE c (a TIMESTAMP(3), WATERMARK FOR a AS a - INTERVAL '1' SECOND) WITH ('connector' = 'datagen'); SELECT a FROM c;
-- form: WATERMARK … AS SOURCE_WATERMARK()
CREATE TABLE c (a TIMESTAMP(3), WATERMARK FOR a AS SOURCE_WATERMARK()) WITH ('connector' = 'datagen');
-- form: PRIMARY KEY … NOT ENFORCED
CREATE TABLE c (a INT, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'print');
-- form: PARTITIONED BY
CREATE TABLE c (a INT, b STRING) PARTITIONED BY (b) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'csv');
-- form: DISTRIBUTED BY
CREATE TABLE c (a INT) DISTRIBUTED BY HASH(a) INTO 4 BUCKETS WITH ('connector' = 'print');
-- form: LIKE
CREATE TABLE c (z INT) WITH ('rows-per-second' = '1') LIKE orders (EXCLUDING WATERMARKS);
-- form: CREATE TEMPORARY TABLE
CREATE TEMPORARY TABLE c (a INT) WITH ('connector' = 'print'); DROP TEMPORARY TABLE c;
-- form: CREATE TABLE IF NOT EXISTS
CREATE TABLE IF NOT EXISTS orders (a INT) WITH ('connector' = 'print');
-- form: ALTER TABLE … ADD, MODIFY, DROP columns
ALTER TABLE sink ADD (z INT FIRST, y AS n + 1); ALTER TABLE sink MODIFY z BIGINT AFTER id; ALTER TABLE sink DROP (y, z);
-- form: ALTER TABLE … watermark and primary key
ALTER TABLE orders DROP WATERMARK; ALTER TABLE orders ADD (WATERMARK FOR ts AS ts, PRIMARY KEY (id) NOT ENFORCED);
-- form: ALTER TABLE … RENAME
ALTER TABLE sink RENAME n TO m; ALTER TABLE sink RENAME TO sunk;
-- form: ALTER TABLE … SET, RESET
ALTER TABLE sink SET ('print-identifier' = 'x'); ALTER TABLE sink RESET ('print-identifier');
-- form: ALTER TABLE … ADD PARTITION
ALTER TABLE files ADD PARTITION (dt = '1');
-- form: DROP TABLE
DROP TABLE IF EXISTS sink;
-- # Views, databases, catalogs
-- form: CREATE VIEW
CREATE VIEW v (a, b) COMMENT 'x' AS SELECT id, amount FROM orders;
-- form: CREATE OR REPLACE VIEW, CREATE TEMPORARY VIEW
CREATE OR REPLACE VIEW big_orders AS SELECT id FROM orders; CREATE TEMPORARY VIEW v AS SELECT id FROM orders;
-- form: ALTER VIEW
ALTER VIEW big_orders RENAME TO b; ALTER VIEW b AS SELECT id FROM orders;
-- form: CREATE, ALTER, DROP DATABASE, USE
CREATE DATABASE x COMMENT 'c' WITH ('k' = 'v'); ALTER DATABASE x SET ('k' = 'w'); USE x; USE default_database; DROP DATABASE x RESTRICT;
-- form: CREATE, ALTER, DROP CATALOG, USE CATALOG
CREATE CATALOG x WITH ('type' = 'generic_in_memory'); ALTER CATALOG x COMMENT 'c'; USE CATALOG x; USE CATALOG default_catalog; DROP CATALOG x;
-- form: catalogs of type hive, jdbc, paimon
CREATE CATALOG x WITH ('type' = 'jdbc');
-- form: CREATE FUNCTION
CREATE FUNCTION f AS 'org.example.F' LANGUAGE JAVA;
-- form: CREATE MATERIALIZED TABLE
CREATE MATERIALIZED TABLE m FRESHNESS = INTERVAL '1' MINUTE AS SELECT id FROM orders;
-- form: CREATE MODEL
CREATE MODEL m INPUT (a INT) OUTPUT (b INT) WITH ('provider' = 'openai');
-- # The session
-- form: SET, RESET
SET 'table.local-time-zone' = 'UTC'; SET; RESET 'table.local-time-zone'; RESET;
-- form: SHOW TABLES, VIEWS, COLUMNS, DATABASES, CATALOGS, FUNCTIONS
SHOW TABLES LIKE 'o%'; SHOW VIEWS; SHOW COLUMNS FROM orders; SHOW DATABASES; SHOW CATALOGS; SHOW FUNCTIONS; SHOW CURRENT CATALOG; SHOW CURRENT DATABASE;
-- form: SHOW CREATE TABLE, VIEW, CATALOG
SHOW CREATE TABLE orders; SHOW CREATE VIEW big_orders; SHOW CREATE CATALOG default_catalog;
-- form: DESCRIBE table, catalog, function
DESCRIBE orders; DESCRIBE EXTENDED orders; DESCRIBE CATALOG default_catalog; DESCRIBE FUNCTION `SUM`;
-- form: SHOW PARTITIONS
SHOW PARTITIONS files; SHOW PARTITIONS files PARTITION (dt = '1');
-- form: SHOW JOBS, DESCRIBE JOB, STOP JOB
SHOW JOBS; DESCRIBE JOB 'x'; STOP JOB 'x';
-- form: STOP JOB … WITH SAVEPOINT
STOP JOB 'x' WITH SAVEPOINT;
-- form: EXPLAIN, EXPLAIN PLAN FOR
EXPLAIN SELECT id FROM orders; EXPLAIN PLAN FOR INSERT INTO sink SELECT id, user_id FROM orders;
-- form: EXPLAIN CHANGELOG_MODE, JSON_EXECUTION_PLAN
EXPLAIN CHANGELOG_MODE, JSON_EXECUTION_PLAN SELECT id FROM orders;
-- form: EXPLAIN ESTIMATED_COST
EXPLAIN ESTIMATED_COST SELECT id FROM orders;
-- form: EXPLAIN PLAN_ADVICE
EXPLAIN PLAN_ADVICE SELECT id FROM orders;
-- form: USE MODULES, SHOW MODULES
USE MODULES core; SHOW FULL MODULES;
-- form: ADD JAR
ADD JAR '/tmp/x.jar';
-- form: QUIT, EXIT, HELP, CLEAR
HELP; CLEAR; EXIT;
-- # Rows of a table
-- form: TRUNCATE TABLE, DELETE, UPDATE
SET 'execution.runtime-mode' = 'batch'; DELETE FROM files WHERE v = 1;
-- form: ANALYZE TABLE
ANALYZE TABLE files COMPUTE STATISTICS;
-- form: CALL
CALL p();
-- form: COMPILE PLAN, EXECUTE PLAN
COMPILE PLAN '/tmp/p.json' FOR INSERT INTO sink SELECT id, user_id FROM orders;
-- # Types
-- form: CHAR, VARCHAR, STRING
CREATE TABLE c (a CHAR(3), b VARCHAR(10), c STRING) WITH ('connector' = 'print');
-- form: BINARY, VARBINARY, BYTES
CREATE TABLE c (a BINARY(3), b VARBINARY(10), c BYTES) WITH ('connector' = 'print');
-- form: BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE
CREATE TABLE c (a BOOLEAN, b TINYINT, c SMALLINT, d INT, e BIGINT, f FLOAT, g DOUBLE) WITH ('connector' = 'print');
-- form: DECIMAL
CREATE TABLE c (a DECIMAL(38, 10), b DEC, c NUMERIC(5)) WITH ('connector' = 'print');
-- form: DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ
CREATE TABLE c (a DATE, b TIME(3), c TIMESTAMP(9), d TIMESTAMP_LTZ(6), e TIMESTAMP(3) WITH LOCAL TIME ZONE) WITH ('connector' = 'print');
-- form: ARRAY, MAP, MULTISET, ROW
CREATE TABLE c (a ARRAY<INT>, b MAP<STRING, INT>, c MULTISET<STRING>, d ROW<x INT, y ROW<z STRING>>) WITH ('connector' = 'print');
-- form: VARIANT
CREATE TABLE c (a VARIANT) WITH ('connector' = 'print');
-- form: BITMAP
CREATE TABLE c (a BITMAP) WITH ('connector' = 'print');
-- form: STRUCTURED
CREATE TABLE c (a STRUCTURED<'x.Y', b INT>) WITH ('connector' = 'print');
-- form: RAW
CREATE TABLE c (a RAW('x.Y', 'AA==')) WITH ('connector' = 'print');
-- # Connectors
-- form: kafka
CREATE TABLE c (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'x:9092', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset'); SELECT a FROM c;
-- form: upsert-kafka
CREATE TABLE c (a INT, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'x:9092', 'key.format' = 'json', 'value.format' = 'json'); SELECT a FROM c;
-- form: filesystem
SELECT id FROM files;
-- form: filesystem, s3:// and s3a://
CREATE TABLE c (id STRING, items INT, p STRING) PARTITIONED BY (p) WITH ('connector' = 'filesystem', 'path' = 's3://bucket/x', 'format' = 'json'); INSERT INTO c SELECT id, items, 'x' FROM orders;
-- form: filesystem, gs://
CREATE TABLE c (a INT) WITH ('connector' = 'filesystem', 'path' = 'gs://bucket/x', 'format' = 'csv', 'source.monitor-interval' = '10 s'); SELECT a FROM c;
-- form: filesystem, hdfs:// and abfs://
CREATE TABLE c (a INT) WITH ('connector' = 'filesystem', 'path' = 'hdfs://name/x', 'format' = 'csv'); SELECT a FROM c;
-- form: jdbc, written
CREATE TABLE c (id STRING, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://x/y', 'table-name' = 't', 'username' = 'u', 'password' = 'p', 'sink.max-retries' = '5'); INSERT INTO c SELECT id, COUNT(*) FROM orders GROUP BY id;
-- form: jdbc, read
CREATE TABLE c (a INT) WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://x/y', 'table-name' = 't', 'username' = 'u', 'password' = 'p'); SELECT a FROM c;
-- form: jdbc with MySQL and others
CREATE TABLE c (a INT) WITH ('connector' = 'jdbc', 'url' = 'jdbc:mysql://x/y', 'table-name' = 't', 'username' = 'u', 'password' = 'p'); INSERT INTO c SELECT items FROM orders;
-- form: mongodb
CREATE TABLE c (a INT) WITH ('connector' = 'mongodb', 'uri' = 'mongodb://x', 'database' = 'd', 'collection' = 'c'); SELECT a FROM c;
-- form: datagen, print, blackhole
CREATE TABLE c (a STRING, n BIGINT) WITH ('connector' = 'blackhole'); INSERT INTO c SELECT id, user_id FROM orders;
-- # Formats
-- form: json
CREATE TABLE c (a INT) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'json'); SELECT a FROM c;
-- form: csv
CREATE TABLE c (a INT) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'csv'); SELECT a FROM c;
-- form: raw
CREATE TABLE c (a STRING) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'raw'); SELECT a FROM c;
-- form: avro
CREATE TABLE c (a INT) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'avro'); SELECT a FROM c;
-- form: avro-confluent
CREATE TABLE c (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'x:9092', 'format' = 'avro-confluent', 'avro-confluent.url' = 'http://x'); SELECT a FROM c;
-- form: parquet
CREATE TABLE c (a INT) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'parquet'); SELECT a FROM c;
-- form: orc
CREATE TABLE c (a INT) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'orc'); SELECT a FROM c;
-- form: protobuf
CREATE TABLE c (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'x:9092', 'format' = 'protobuf'); SELECT a FROM c;
-- form: debezium-json
CREATE TABLE c (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'x:9092', 'format' = 'debezium-json'); SELECT a FROM c;
-- form: canal-json, maxwell-json, ogg-json
CREATE TABLE c (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'x:9092', 'format' = 'canal-json'); SELECT a FROM c;
