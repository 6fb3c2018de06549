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
        expect![[]],
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
        expect![[]],
    );
}

#[test]
fn aggregates_and_windows() {
    check_each(
        &[
            "SELECT id, COUNT(*) FROM orders",
            "SELECT id, amount + 1 FROM orders GROUP BY id",
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
        expect![[]],
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
        expect![[]],
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
            "SELECT id, COUNT(*) FROM orders GROUP BY ROLLUP (id)",
            "SELECT CURRENT_WATERMARK(ts) FROM orders",
            "INSERT OVERWRITE out_print SELECT id, 1 FROM orders",
            "CREATE FUNCTION f AS 'a.B'",
            "SET 'table.exec.legacy-cast-behaviour' = 'ENABLED'",
            "SET 'table.exec.state.tll' = '1 h'",
        ],
        expect![[]],
    );
}
