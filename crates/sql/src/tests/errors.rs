//! What users get wrong, and what they are told.

use expect_test::expect;

use super::harness::*;

#[test]
fn names() {
    check_each(
        &[
            "SELECT amuont FROM orders",
            "SELECT Amount FROM orders",
            "SELECT id FROM order",
            "SELECT id FROM order_s",
            "SELECT id FROM Orders",
            "SELECT orders.id FROM orders AS o",
            "SELECT x FROM (SELECT id AS x, items AS x FROM orders)",
            "SELECT * FROM (SELECT id, id FROM orders)",
            "SELECT detail.town FROM orders",
            "SELECT id.x FROM orders",
            "SELECT UPER(id) FROM orders",
            "SELECT a.b.c.d.id FROM orders",
            "SELECT id FROM nowhere.orders",
        ],
        expect![[r#"
            SELECT amuont FROM orders
              error at «amuont»: there is no column `amuont`; did you mean `amount`?
            SELECT Amount FROM orders
              error at «Amount»: there is no column `Amount`; names are case-sensitive: it is `amount`
            SELECT id FROM order
              error at «order»: expected a table, found `order`, which is a reserved word; to use it as a name write `order` in back-ticks
            SELECT id FROM order_s
              error at «order_s»: there is no table or view `order_s`; did you mean `orders`?
            SELECT id FROM Orders
              error at «Orders»: there is no table or view `Orders`; names are case-sensitive: it is `orders`
            SELECT orders.id FROM orders AS o
              error at «orders»: there is no table `orders` in FROM; there are o; an alias hides the name of its table
            SELECT x FROM (SELECT id AS x, items AS x FROM orders)
              error at «x»: column `x` is ambiguous; write the table or alias before it, or name the columns differently
            SELECT * FROM (SELECT id, id FROM orders)
              error at «*»: column `id` is ambiguous; name the columns of the sub-query differently
            SELECT detail.town FROM orders
              error at «town»: the row has no field `town`; there are city, zip
            SELECT id.x FROM orders
              error at «x»: `x` is asked of a value of type STRING, which has no fields
            SELECT UPER(id) FROM orders
              error at «UPER»: no function UPER; did you mean UPPER?
            SELECT a.b.c.d.id FROM orders
              error at «a»: there is no table `a` in FROM; there are orders; an alias hides the name of its table
            SELECT id FROM nowhere.orders
              error at «nowhere»: there is no database 'nowhere' in catalog 'default_catalog'; CREATE DATABASE makes one
        "#]],
    );
}

#[test]
fn types() {
    check_each(
        &[
            "SELECT id FROM orders WHERE amount",
            "SELECT id FROM orders WHERE id = 1",
            "SELECT UPPER(ARRAY[1]) FROM orders",
            "SELECT NULL",
            "SELECT INTERVAL '100' DAY",
            "SELECT DATE '2020-02-30'",
            "SELECT 99999999999999999999",
            "SELECT CAST(id AS uuid) FROM orders",
            "SELECT id FROM orders UNION ALL SELECT items FROM orders",
            "SELECT id FROM orders UNION ALL SELECT id, items FROM orders",
            "VALUES (1, 2), (3)",
            "SELECT id FROM orders LIMIT items",
        ],
        expect![[r#"
            SELECT id FROM orders WHERE amount
              error at «amount»: WHERE must be a condition, found DECIMAL(10, 2); compare it with something
            SELECT id FROM orders WHERE id = 1
              error at «id = 1»: cannot apply = to arguments of type (STRING, INT); text is not converted to other types here; use CAST
            SELECT UPPER(ARRAY[1]) FROM orders
              error at «UPPER»: cannot apply UPPER to arguments of type (ARRAY<INT NOT NULL>); expected UPPER(string)
            SELECT NULL
              error at «NULL»: illegal use of NULL: it has no type; write CAST(NULL AS type)
            SELECT INTERVAL '100' DAY
              error at «INTERVAL '100' DAY»: interval field value 100 exceeds precision of DAY(2) field; write DAY(3)
            SELECT DATE '2020-02-30'
              error at «DATE '2020-02-30'»: illegal DATE literal '2020-02-30'; write an existing one as 'yyyy-MM-dd'
            SELECT 99999999999999999999
              error at «99999999999999999999»: numeric literal '99999999999999999999' is out of range; write it as text: CAST('…' AS DECIMAL(38, 0))
            SELECT CAST(id AS uuid) FROM orders
              error at «uuid»: there is no type `uuid`; types are CHAR, VARCHAR, STRING, BOOLEAN, BINARY, VARBINARY, BYTES, DECIMAL, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ, ARRAY, MAP, MULTISET, ROW
            SELECT id FROM orders UNION ALL SELECT items FROM orders
              error at «SELECT id FROM orders UNION ALL SELECT items FROM orders»: column 1 of UNION ALL is STRING on one side and INT NOT NULL on the other; CAST one of them
            SELECT id FROM orders UNION ALL SELECT id, items FROM orders
              error at «SELECT id FROM orders UNION ALL SELECT id, items FROM orders»: the sides of UNION ALL have 1 and 2 columns
            VALUES (1, 2), (3)
              error at «(3)»: rows of VALUES differ in length: 2 and 1
            SELECT id FROM orders LIMIT items
              error at «items»: expected a whole number after LIMIT, found `items`
        "#]],
    );
}

#[test]
fn aggregates_and_windows() {
    check_each(
        &[
            "SELECT id, COUNT(*) FROM orders",
            "SELECT id, amount + 1 FROM orders GROUP BY id",
            "SELECT id, GROUPING(amount) FROM orders GROUP BY id",
            "SELECT id AS x FROM orders GROUP BY x",
            "SELECT id FROM orders WHERE COUNT(*) > 1",
            "SELECT SUM(COUNT(*)) FROM orders",
            "SELECT SUM(*) FROM orders",
            "SELECT SUM(id) FROM orders",
            "SELECT window_start, COUNT(*) FROM TUMBLE(TABLE orders, DESCRIPTOR(user_id), INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
            "SELECT window_start, COUNT(*) FROM TUMBLE(TABLE orders, DESCRIPTOR(published), INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
            "SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(tx), INTERVAL '1' MINUTE)",
            "SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MONTH)",
            "SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '0' MINUTE)",
            "SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(ts))",
            "SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), LENGTH => INTERVAL '1' MINUTE)",
            "SELECT COUNT(*) FROM HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '7' SECOND, INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
            "SELECT TUMBLE_START(ts, INTERVAL '1' HOUR) FROM orders GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)",
            "SELECT TUMBLE(ts, INTERVAL '1' HOUR) FROM orders",
            "SELECT COUNT(*) FROM orders GROUP BY TUMBLE(published, INTERVAL '1' MINUTE)",
            "SELECT FOO(*) FROM TABLE(FOO(TABLE orders))",
        ],
        expect![[r#"
            SELECT id, COUNT(*) FROM orders
              error at «id»: column `id` is neither grouped by nor aggregated; add it to GROUP BY, or take MAX(id)
            SELECT id, amount + 1 FROM orders GROUP BY id
              error at «amount»: column `amount` is neither grouped by nor aggregated; add it to GROUP BY, or take MAX(amount)
            SELECT id, GROUPING(amount) FROM orders GROUP BY id
              error at «GROUPING(amount)»: GROUPING takes keys of GROUP BY
            SELECT id AS x FROM orders GROUP BY x
              error at «x»: there is no column `x`; there are id, user_id, amount, items, detail, ts, published, part, total, pt
            SELECT id FROM orders WHERE COUNT(*) > 1
              error at «COUNT(*)»: aggregate COUNT can't stand in WHERE; conditions on aggregates go to HAVING
            SELECT SUM(COUNT(*)) FROM orders
              error at «COUNT(*)»: aggregates can't be nested; aggregate in a sub-query first
            SELECT SUM(*) FROM orders
              error at «SUM(*)»: SUM does not take *
            SELECT SUM(id) FROM orders
              error at «SUM(id)»: SUM takes a number, found STRING
            SELECT window_start, COUNT(*) FROM TUMBLE(TABLE orders, DESCRIPTOR(user_id), INTERVAL '1' MINUTE) GROUP BY window_start, window_end
              error at «user_id»: TUMBLE needs a time attribute, but `user_id` is BIGINT NOT NULL; a column of type TIMESTAMP or TIMESTAMP_LTZ with a WATERMARK, or one AS PROCTIME()
            SELECT window_start, COUNT(*) FROM TUMBLE(TABLE orders, DESCRIPTOR(published), INTERVAL '1' MINUTE) GROUP BY window_start, window_end
              error at «published»: TUMBLE needs a time attribute, but `published` is TIMESTAMP_LTZ(3); declare WATERMARK FOR it in CREATE TABLE; expressions, casts, joins and GROUP BY make an ordinary column of it
            SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(tx), INTERVAL '1' MINUTE)
              error at «tx»: there is no column `tx`; did you mean `ts`?
            SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MONTH)
              error at «INTERVAL '1' MONTH»: TUMBLE can't measure in months or years, which differ in length; use SECOND, MINUTE, HOUR or DAY
            SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '0' MINUTE)
              error at «TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '0' MINUTE)»: the size of TUMBLE must be positive, found 0 ms
            SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(ts))
              error at «TUMBLE(TABLE orders, DESCRIPTOR(ts))»: TUMBLE needs SIZE
            SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), LENGTH => INTERVAL '1' MINUTE)
              error at «LENGTH»: TUMBLE has no parameter LENGTH; TUMBLE takes (DATA, TIMECOL, SIZE, OFFSET)
            SELECT COUNT(*) FROM HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '7' SECOND, INTERVAL '1' MINUTE) GROUP BY window_start, window_end
              error at «GROUP BY window_start, window_end»: an aggregation over HOP needs a size that is a multiple of the slide, found size 60000 ms and slide 7000 ms
            SELECT TUMBLE_START(ts, INTERVAL '1' HOUR) FROM orders GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)
              error at «TUMBLE_START(ts, INTERVAL '1' HOUR)»: TUMBLE_START needs the same TUMBLE(…) in GROUP BY; its arguments must be those of the window
            SELECT TUMBLE(ts, INTERVAL '1' HOUR) FROM orders
              error at «TUMBLE(ts, INTERVAL '1' HOUR)»: group window TUMBLE can only stand in GROUP BY; TUMBLE_START gives the start of the window of GROUP BY
            SELECT COUNT(*) FROM orders GROUP BY TUMBLE(published, INTERVAL '1' MINUTE)
              error at «published»: TUMBLE needs a time attribute, but `time` is TIMESTAMP_LTZ(3); declare WATERMARK FOR it in CREATE TABLE; expressions, casts, joins and GROUP BY make an ordinary column of it
            SELECT FOO(*) FROM TABLE(FOO(TABLE orders))
              error at «FOO(TABLE orders)»: not supported: the table function FOO; there are TUMBLE, HOP, CUMULATE and SESSION
        "#]],
    );
}

#[test]
fn sinks() {
    check_each(
        &[
            "INSERT INTO out_kafka SELECT id FROM orders",
            "INSERT INTO out_kafka SELECT user_id, id FROM orders",
            "INSERT INTO out_kafka (n, nn) SELECT user_id, id FROM orders",
            "INSERT INTO out_kafka SELECT id, COUNT(*) FROM orders GROUP BY id",
            "INSERT INTO out_kafka SELECT id, COUNT(*) FROM (SELECT id, COUNT(*) AS n FROM orders GROUP BY id, items) GROUP BY id",
            "INSERT INTO out_upsert SELECT id, user_id FROM orders",
            "INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id, items",
            "INSERT INTO out_upsert SELECT UPPER(id), n FROM (SELECT id, COUNT(*) AS n FROM orders GROUP BY id)",
            "INSERT INTO out_upsert SELECT id, n FROM (SELECT id, items, COUNT(*) AS n FROM orders GROUP BY id, items) ON CONFLICT DO DEDUPLICATE",
            "INSERT INTO out_upsert SELECT id, user_id FROM orders ON CONFLICT DO NOTHING",
            "INSERT INTO out_kafka SELECT id, user_id FROM orders ON CONFLICT DO DEDUPLICATE",
            "CREATE TABLE two (a TIMESTAMP(3), b TIMESTAMP(3)) WITH ('connector' = 'print'); INSERT INTO two SELECT ts, ts FROM orders",
            "INSERT INTO customers SELECT id, id FROM orders",
            "SELECT * FROM out_print",
            "CREATE TABLE t (a STRING NOT NULL, b INT) WITH ('connector' = 'print'); INSERT INTO t (b) SELECT 1",
            "CREATE TABLE t (a STRING) WITH ('connector' = 'kafak'); SELECT * FROM t",
            "CREATE TABLE t (a STRING) WITH ('connector' = 'kafka', 'topik' = 'x'); SELECT * FROM t",
            "CREATE TABLE t (a STRING); SELECT * FROM t",
            "CREATE TABLE t (a STRING METADATA FROM 'timestmap') WITH ('connector' = 'kafka', 'topic' = 'x'); SELECT * FROM t",
            "CREATE TABLE t (a INT METADATA FROM 'partition') WITH ('connector' = 'kafka', 'topic' = 'x'); INSERT INTO t SELECT 1",
            "SELECT * FROM history /*+ OPTIONS('scan.watermark.idle-timeout' = '1 s') */",
            "SET 'execution.runtime-mode' = 'batch'; SELECT id FROM orders",
            "SELECT id FROM orders ORDER BY amount",
            "SELECT id FROM orders ORDER BY ts LIMIT 3",
            "SELECT COUNT(*) AS n FROM orders GROUP BY id LIMIT 3",
        ],
        expect![[r#"
            INSERT INTO out_kafka SELECT id FROM orders
              error at «SELECT id FROM orders»: column types of query result and sink for default_catalog.default_database.out_kafka do not match: the query has 1 columns, not 2; the query has [id: STRING], the table takes [id: STRING, n: BIGINT]
            INSERT INTO out_kafka SELECT user_id, id FROM orders
              error at «SELECT user_id, id FROM orders»: column types of query result and sink for default_catalog.default_database.out_kafka do not match: BIGINT NOT NULL does not become STRING by itself for column `id` at position 1; the query has [user_id: BIGINT NOT NULL, id: STRING], the table takes [id: STRING, n: BIGINT]
            INSERT INTO out_kafka (n, nn) SELECT user_id, id FROM orders
              error at «nn»: table default_catalog.default_database.out_kafka has no column `nn`; did you mean `n`?
            INSERT INTO out_kafka SELECT id, COUNT(*) FROM orders GROUP BY id
              error at «out_kafka»: table default_catalog.default_database.out_kafka doesn't support consuming update changes, which GroupAggregate(groupBy=[id], select=[COUNT(*)]) produces; aggregate in windows, or write to a table that takes updates (with a PRIMARY KEY)
            INSERT INTO out_kafka SELECT id, COUNT(*) FROM (SELECT id, COUNT(*) AS n FROM orders GROUP BY id, items) GROUP BY id
              error at «out_kafka»: table default_catalog.default_database.out_kafka doesn't support consuming update and delete changes, which GroupAggregate(groupBy=[id], select=[COUNT(*)]) produces; aggregate in windows, or write to a table that takes updates (with a PRIMARY KEY)
            INSERT INTO out_upsert SELECT id, user_id FROM orders
              error at «out_upsert»: the query's upsert key differs from the primary key of table default_catalog.default_database.out_upsert: primary key [id], upsert key none; add ON CONFLICT DO DEDUPLICATE (the latest row wins) behind the query, or group by the primary key
            INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id, items
              error at «out_upsert»: the query's upsert key differs from the primary key of table default_catalog.default_database.out_upsert: primary key [id], upsert key none; add ON CONFLICT DO DEDUPLICATE (the latest row wins) behind the query, or group by the primary key
            INSERT INTO out_upsert SELECT UPPER(id), n FROM (SELECT id, COUNT(*) AS n FROM orders GROUP BY id)
              error at «out_upsert»: the query's upsert key differs from the primary key of table default_catalog.default_database.out_upsert: primary key [id], upsert key none; add ON CONFLICT DO DEDUPLICATE (the latest row wins) behind the query, or group by the primary key
            INSERT INTO out_upsert SELECT id, n FROM (SELECT id, items, COUNT(*) AS n FROM orders GROUP BY id, items) ON CONFLICT DO DEDUPLICATE
              Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n]), changelogMode=[I,UA,D]
              +- SinkUpsertMaterializer(primaryKey=[id], upsertKey=[all columns], conflictStrategy=[DEDUPLICATE]), changelogMode=[I,UA,D]
                 +- Calc(select=[id, n]), changelogMode=[I,UB,UA]
                    +- GroupAggregate(groupBy=[id, items], select=[COUNT(*)]), changelogMode=[I,UB,UA]
                       +- Calc(select=[id, items]), changelogMode=[I]
                          +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                             +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
            INSERT INTO out_upsert SELECT id, user_id FROM orders ON CONFLICT DO NOTHING
              Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n]), changelogMode=[I,UA]
              +- SinkUpsertMaterializer(primaryKey=[id], upsertKey=[all columns], conflictStrategy=[NOTHING]), changelogMode=[I,UA]
                 +- Calc(select=[id, user_id AS n]), changelogMode=[I]
                    +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                       +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, user_id, ts]), changelogMode=[I]
            INSERT INTO out_kafka SELECT id, user_id FROM orders ON CONFLICT DO DEDUPLICATE
              error at «out_kafka»: ON CONFLICT is only allowed for upsert sinks, and table default_catalog.default_database.out_kafka only accepts INSERT (append-only) changes; leave ON CONFLICT out
            CREATE TABLE two (a TIMESTAMP(3), b TIMESTAMP(3)) WITH ('connector' = 'print'); INSERT INTO two SELECT ts, ts FROM orders
              error at «SELECT ts, ts FROM orders»: the query has more than one rowtime attribute (a, b) for table default_catalog.default_database.two, whose records have one time stamp; CAST all but one to TIMESTAMP(3)
            INSERT INTO customers SELECT id, id FROM orders
              error at «customers»: table default_catalog.default_database.customers can't be written: connector 'cdc' only reads
            SELECT * FROM out_print
              error at «out_print»: table default_catalog.default_database.out_print can't be read: connector 'print' only writes
            CREATE TABLE t (a STRING NOT NULL, b INT) WITH ('connector' = 'print'); INSERT INTO t (b) SELECT 1
              error at «t»: column `a` is NOT NULL and gets no value; add it to the columns of INSERT
            CREATE TABLE t (a STRING) WITH ('connector' = 'kafak'); SELECT * FROM t
              error at «'connector' = 'kafak'»: there is no connector 'kafak'; did you mean 'kafka'?
            CREATE TABLE t (a STRING) WITH ('connector' = 'kafka', 'topik' = 'x'); SELECT * FROM t
              error at «'topik' = 'x'»: connector 'kafka' has no option 'topik'; did you mean 'topic'?
            CREATE TABLE t (a STRING); SELECT * FROM t
              error at «t»: table default_catalog.default_database.t has no 'connector' option; add 'connector' = '…' to WITH
            CREATE TABLE t (a STRING METADATA FROM 'timestmap') WITH ('connector' = 'kafka', 'topic' = 'x'); SELECT * FROM t
              error at «a STRING METADATA FROM 'timestmap'»: connector 'kafka' has no metadata key 'timestmap'; did you mean 'timestamp'?
            CREATE TABLE t (a INT METADATA FROM 'partition') WITH ('connector' = 'kafka', 'topic' = 'x'); INSERT INTO t SELECT 1
              error at «a INT METADATA FROM 'partition'»: metadata 'partition' can't be written; declare column `a` VIRTUAL
            SELECT * FROM history /*+ OPTIONS('scan.watermark.idle-timeout' = '1 s') */
              error at «history»: 'scan.watermark.idle-timeout' needs a WATERMARK, which table default_catalog.default_database.history has not
            SET 'execution.runtime-mode' = 'batch'; SELECT id FROM orders
              error at «orders»: table default_catalog.default_database.orders is unbounded and can't be read in batch mode; bound it by options of its connector (scan.bounded.mode for Kafka), or SET 'execution.runtime-mode' = 'streaming'
            SELECT id FROM orders ORDER BY amount
              error at «amount»: a stream can only be sorted by a time attribute, ascending; SET 'execution.runtime-mode' = 'batch' for bounded input
            SELECT id FROM orders ORDER BY ts LIMIT 3
              error at «ts»: not supported: ORDER BY with LIMIT on a stream
            SELECT COUNT(*) AS n FROM orders GROUP BY id LIMIT 3
              error at «3»: not supported: LIMIT over a query that updates its result
        "#]],
    );
}

#[test]
fn constructs_that_come_later() {
    check_each(
        &[
            "SELECT * FROM orders JOIN clicks ON id = url",
            "SELECT * FROM orders, clicks",
            "SELECT SUM(items) OVER (PARTITION BY id ORDER BY ts) FROM orders",
            "SELECT id FROM orders WHERE id IN (SELECT url FROM clicks)",
            "SELECT id FROM orders INTERSECT SELECT url FROM clicks",
            "SELECT id, COUNT(*) FROM orders MATCH_RECOGNIZE (ORDER BY ts MEASURES A.id AS x PATTERN (A) DEFINE A AS TRUE)",
            "SELECT * FROM orders RIGHT JOIN UNNEST(ARRAY[1]) ON TRUE",
            "SELECT * FROM orders CROSS JOIN UNNEST(id)",
            "SELECT SUM(items) FROM orders GROUP BY CURRENT_WATERMARK(ts + INTERVAL '1' SECOND)",
            "INSERT OVERWRITE out_print SELECT id, 1 FROM orders",
            "CREATE FUNCTION f AS 'a.B'",
            "SET 'table.exec.legacy-cast-behaviour' = 'ENABLED'",
            "SET 'table.exec.state.tll' = '1 h'",
        ],
        expect![[r#"
            SELECT * FROM orders JOIN clicks ON id = url
              error at «orders JOIN clicks ON id = url»: not supported: joins other than window joins; join window table functions by window_start, window_end and further keys
            SELECT * FROM orders, clicks
              error at «orders, clicks»: not supported: joins other than window joins; join window table functions by window_start, window_end and further keys
            SELECT SUM(items) OVER (PARTITION BY id ORDER BY ts) FROM orders
              error at «SUM(items) OVER (PARTITION BY id ORDER BY ts)»: not supported: SUM OVER
            SELECT id FROM orders WHERE id IN (SELECT url FROM clicks)
              error at «id IN (SELECT url FROM clicks)»: not supported: joins other than window joins; join window table functions by window_start, window_end and further keys
            SELECT id FROM orders INTERSECT SELECT url FROM clicks
              Collect, changelogMode=[I,UB,UA]
              +- Calc(select=[id], where=[(($left > 0) AND ($right > 0))]), changelogMode=[I,UB,UA]
                 +- GroupAggregate(groupBy=[id], select=[$SUM0($left), $SUM0($right)]), changelogMode=[I,UB,UA]
                    +- Union(all=[true]), changelogMode=[I]
                       +- Calc(select=[id, 1 AS $left, 0 AS $right]), changelogMode=[I]
                          +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                             +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
                       +- Calc(select=[url AS id, 0 AS $left, 1 AS $right]), changelogMode=[I]
                          +- WatermarkAssigner(rowtime=[seen], watermark=[seen]), changelogMode=[I]
                             +- TableSourceScan(table=[default_catalog.default_database.clicks], fields=[url, seen]), changelogMode=[I]
            SELECT id, COUNT(*) FROM orders MATCH_RECOGNIZE (ORDER BY ts MEASURES A.id AS x PATTERN (A) DEFINE A AS TRUE)
              error at «orders MATCH_RECOGNIZE (ORDER BY ts MEASURES A.id AS x PATTERN (A) DEFINE A AS TRUE)»: not supported: MATCH_RECOGNIZE
            SELECT * FROM orders RIGHT JOIN UNNEST(ARRAY[1]) ON TRUE
              error at «UNNEST(ARRAY[1])»: UNNEST takes CROSS JOIN, JOIN and LEFT JOIN
            SELECT * FROM orders CROSS JOIN UNNEST(id)
              error at «id»: UNNEST takes an ARRAY, a MAP or a MULTISET, not STRING
            SELECT SUM(items) FROM orders GROUP BY CURRENT_WATERMARK(ts + INTERVAL '1' SECOND)
              error at «ts + INTERVAL '1' SECOND»: not supported: CURRENT_WATERMARK of an expression; name the column that has the WATERMARK
            INSERT OVERWRITE out_print SELECT id, 1 FROM orders
              error at «INSERT OVERWRITE out_print SELECT id, 1 FROM orders»: INSERT OVERWRITE is not possible in streaming mode; SET 'execution.runtime-mode' = 'batch'
            CREATE FUNCTION f AS 'a.B'
              error at «f»: not supported: functions of a class; there is no JVM in the program; write it in SQL: f(x INT) RETURNS INT LANGUAGE SQL AS 'x + 1'
            SET 'table.exec.legacy-cast-behaviour' = 'ENABLED'
              error at «'table.exec.legacy-cast-behaviour' = 'ENABLED'»: not supported: 'table.exec.legacy-cast-behaviour' = 'ENABLED'; 'DISABLED' is what we do
            SET 'table.exec.state.tll' = '1 h'
              error at «'table.exec.state.tll' = '1 h'»: there is no setting 'table.exec.state.tll'; did you mean 'table.exec.state.ttl'?
        "#]],
    );
}
