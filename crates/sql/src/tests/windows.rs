//! Window table functions and what aggregations make of them.

use expect_test::expect;

use super::harness::*;

#[test]
fn tumble_melts_into_the_aggregation() {
    check(
        "SELECT window_start, window_end, COUNT(*) AS n, SUM(amount) FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE items > 1 GROUP BY window_start, window_end",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[window_start, window_end, n, EXPR$3]), changelogMode=[I]
               +- WindowAggregate(groupBy=[], window=[TUMBLE(ts, size=60000 ms)], select=[COUNT(*), SUM(amount)]), changelogMode=[I]
                  +- Calc(select=[amount, ts], where=[(items > 1)]), changelogMode=[I]
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[amount, items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn keys_and_window_time() {
    check(
        "SELECT id, window_time, AVG(items) FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, id, window_end, window_time",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[id, window_time, EXPR$2]), changelogMode=[I]
               +- WindowAggregate(groupBy=[id], window=[TUMBLE(ts, size=60000 ms)], select=[AVG(items)]), changelogMode=[I]
                  +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                     +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn hop_and_cumulate() {
    check(
        "SELECT window_start, COUNT(DISTINCT url) FROM HOP(DATA => TABLE clicks, TIMECOL => DESCRIPTOR(seen), SLIDE => INTERVAL '1' MINUTE, SIZE => INTERVAL '5' MINUTES, `OFFSET` => INTERVAL '10' SECOND) GROUP BY window_start, window_end UNION ALL SELECT window_start, COUNT(*) FROM CUMULATE(TABLE clicks, DESCRIPTOR(seen), INTERVAL '1' MINUTE, INTERVAL '1' HOUR) GROUP BY window_start, window_end",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Union(all=[true]), changelogMode=[I]
               +- Calc(select=[window_start, EXPR$1]), changelogMode=[I]
                  +- WindowAggregate(groupBy=[], window=[HOP(seen, slide=60000 ms, size=300000 ms, offset=10000 ms)], select=[COUNT(DISTINCT url)]), changelogMode=[I]
                     +- WatermarkAssigner(rowtime=[seen], watermark=[seen]), changelogMode=[I]
                        +- TableSourceScan(table=[default_catalog.default_database.clicks], fields=[url, seen]), changelogMode=[I]
               +- Calc(select=[window_start, EXPR$1]), changelogMode=[I]
                  +- WindowAggregate(groupBy=[], window=[CUMULATE(seen, step=60000 ms, size=3600000 ms)], select=[COUNT(*)]), changelogMode=[I]
                     +- Calc(select=[seen]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[seen], watermark=[seen]), changelogMode=[I] (reused)
        "#]],
    );
}

#[test]
fn window_start_alone_is_an_ordinary_group() {
    check(
        "SELECT window_start, COUNT(*) FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start",
        expect![[r#"
            Collect, changelogMode=[I,UB,UA]
            +- GroupAggregate(groupBy=[window_start], select=[COUNT(*)]), changelogMode=[I,UB,UA]
               +- Calc(select=[window_start]), changelogMode=[I]
                  +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn computing_with_the_bounds_keeps_the_window_function() {
    check(
        "SELECT id, MAX(window_end) FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) WHERE window_start > TIMESTAMP '2020-01-01 00:00:00' GROUP BY id, window_start, window_end",
        expect![[r#"
            Collect, changelogMode=[I]
            +- WindowAggregate(groupBy=[id], window=[WINDOW(window_start, window_end)], select=[MAX(window_end)]), changelogMode=[I]
               +- Calc(select=[id, window_start, window_end], where=[(window_start > 1577836800000:TIMESTAMP(3))]), changelogMode=[I]
                  +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn expressions_above_and_below() {
    check(
        "SELECT window_start + INTERVAL '1' SECOND AS s, CAST(AVG(x) AS DOUBLE) * 2 FROM (SELECT window_start, window_end, amount * 2 AS x FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end HAVING COUNT(*) > 1",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[(window_start + 1000:INTERVAL DAY TO SECOND(3)) AS s, (CAST($a0 AS DOUBLE) * 2.0) AS EXPR$1], where=[($a1 > 1)]), changelogMode=[I]
               +- WindowAggregate(groupBy=[], window=[TUMBLE(ts, size=60000 ms)], select=[AVG(x), COUNT(*)]), changelogMode=[I]
                  +- Calc(select=[(amount * 2:DECIMAL(10, 0)) AS x, ts]), changelogMode=[I]
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[amount, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn cascade_by_window_bounds() {
    check(
        "CREATE VIEW w AS SELECT window_start AS ws, window_end AS we, window_time AS wt, id, COUNT(*) AS n FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end, window_time, id; SELECT ws, SUM(n) FROM w GROUP BY ws, we",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[window_start AS ws, EXPR$1]), changelogMode=[I]
               +- WindowAggregate(groupBy=[], window=[WINDOW(ws, we)], select=[SUM(n)]), changelogMode=[I]
                  +- Calc(select=[window_start AS ws, window_end AS we, n]), changelogMode=[I]
                     +- WindowAggregate(groupBy=[id], window=[TUMBLE(ts, size=60000 ms)], select=[COUNT(*)]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                           +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn cascade_by_window_time() {
    check(
        "CREATE VIEW w AS SELECT window_time AS wt, id, COUNT(*) AS n FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end, window_time, id; SELECT window_start, SUM(n) FROM TUMBLE(TABLE w, DESCRIPTOR(wt), INTERVAL '1' HOUR) GROUP BY window_start, window_end",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[window_start, EXPR$1]), changelogMode=[I]
               +- WindowAggregate(groupBy=[], window=[TUMBLE(wt, size=3600000 ms)], select=[SUM(n)]), changelogMode=[I]
                  +- Calc(select=[n, window_time AS wt]), changelogMode=[I]
                     +- WindowAggregate(groupBy=[id], window=[TUMBLE(ts, size=60000 ms)], select=[COUNT(*)]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                           +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn session() {
    check(
        "SELECT window_start, id, COUNT(*) FROM SESSION(TABLE orders PARTITION BY id, DESCRIPTOR(ts), INTERVAL '30' MINUTE) GROUP BY window_start, window_end, id",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[window_start, id, EXPR$2]), changelogMode=[I]
               +- WindowAggregate(groupBy=[id], window=[SESSION(ts, gap=1800000 ms)], select=[COUNT(*)]), changelogMode=[I]
                  +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                     +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn session_by_other_keys_is_an_ordinary_group() {
    check(
        "SELECT window_start, COUNT(*) FROM SESSION(TABLE orders PARTITION BY id, DESCRIPTOR(ts), INTERVAL '30' MINUTE) GROUP BY window_start, window_end",
        expect![[r#"
            Collect, changelogMode=[I,UB,UA]
            +- Calc(select=[window_start, EXPR$1]), changelogMode=[I,UB,UA]
               +- GroupAggregate(groupBy=[window_start, window_end], select=[COUNT(*)]), changelogMode=[I,UB,UA]
                  +- Calc(select=[window_start, window_end]), changelogMode=[I]
                     +- WindowTableFunction(window=[SESSION(ts, gap=1800000 ms)]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                           +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn distinct_in_a_window() {
    check(
        "SELECT DISTINCT window_start, window_end, id FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[window_start, window_end, id]), changelogMode=[I]
               +- WindowAggregate(groupBy=[id], window=[TUMBLE(ts, size=60000 ms)], select=[]), changelogMode=[I]
                  +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                     +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn processing_time() {
    check(
        "SELECT window_start, COUNT(*) FROM TUMBLE(TABLE orders, DESCRIPTOR(pt), INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[window_start, EXPR$1]), changelogMode=[I]
               +- WindowAggregate(groupBy=[], window=[TUMBLE(pt, size=60000 ms)], select=[COUNT(*)]), changelogMode=[I]
                  +- Calc(select=[pt]), changelogMode=[I]
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                        +- Calc(select=[ts, PROCTIME() AS pt]), changelogMode=[I]
                           +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn the_older_group_windows() {
    check(
        "SELECT id, TUMBLE_START(ts, INTERVAL '1' MINUTE) AS s, TUMBLE_ROWTIME(ts, INTERVAL '1' MINUTE) AS rt, COUNT(*) FROM orders GROUP BY id, TUMBLE(ts, INTERVAL '1' MINUTE)",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[id, window_start AS s, window_time AS rt, EXPR$3]), changelogMode=[I]
               +- WindowAggregate(groupBy=[id], window=[TUMBLE(ts, size=60000 ms)], select=[COUNT(*)]), changelogMode=[I]
                  +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                     +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn the_older_hop() {
    check(
        "SELECT HOP_END(seen, INTERVAL '1' MINUTE, INTERVAL '1' HOUR), COUNT(*) FROM clicks GROUP BY HOP(seen, INTERVAL '1' MINUTE, INTERVAL '1' HOUR)",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[window_end AS EXPR$0, EXPR$1]), changelogMode=[I]
               +- WindowAggregate(groupBy=[], window=[HOP(seen, slide=60000 ms, size=3600000 ms)], select=[COUNT(*)]), changelogMode=[I]
                  +- WatermarkAssigner(rowtime=[seen], watermark=[seen]), changelogMode=[I]
                     +- TableSourceScan(table=[default_catalog.default_database.clicks], fields=[seen]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn no_columns_but_rows() {
    check(
        "SELECT COUNT(*) FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
        expect![[r#"
            Collect, changelogMode=[I]
            +- WindowAggregate(groupBy=[], window=[TUMBLE(ts, size=60000 ms)], select=[COUNT(*)]), changelogMode=[I]
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn watermark_options() {
    check(
        "SET 'table.exec.source.idle-timeout' = '5 s'; SELECT url FROM clicks /*+ OPTIONS('scan.watermark.emit.strategy' = 'on-event', 'scan.startup.mode' = 'earliest-offset') */",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[url]), changelogMode=[I]
               +- WatermarkAssigner(rowtime=[seen], watermark=[seen]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.clicks], fields=[url, seen]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn a_query_as_the_data_of_a_window() {
    check(
        "SELECT window_start, COUNT(*) AS c FROM TABLE(TUMBLE((SELECT * FROM orders WHERE amount > 10), DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[window_start, c]), changelogMode=[I]
               +- WindowAggregate(groupBy=[], window=[TUMBLE(ts, size=300000 ms)], select=[COUNT(*)]), changelogMode=[I]
                  +- Calc(select=[ts], where=[(CAST(amount AS DECIMAL(12, 2)) > 1000:DECIMAL(12, 2))]), changelogMode=[I]
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[amount, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn grouping_sets_in_a_window() {
    check(
        "SELECT window_start, id, user_id, COUNT(*) AS c FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE) GROUP BY window_start, window_end, GROUPING SETS ((id), (user_id), ())",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Union(all=[true]), changelogMode=[I]
               +- Calc(select=[window_start, id, NULL AS user_id, c]), changelogMode=[I]
                  +- WindowAggregate(groupBy=[id], window=[TUMBLE(ts, size=300000 ms)], select=[COUNT(*)]), changelogMode=[I]
                     +- Calc(select=[id, ts]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                           +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, user_id, ts]), changelogMode=[I]
               +- Calc(select=[window_start, NULL AS id, user_id, c]), changelogMode=[I]
                  +- WindowAggregate(groupBy=[user_id], window=[TUMBLE(ts, size=300000 ms)], select=[COUNT(*)]), changelogMode=[I]
                     +- Calc(select=[user_id, ts]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I] (reused)
               +- Calc(select=[window_start, NULL AS id, NULL AS user_id, c]), changelogMode=[I]
                  +- WindowAggregate(groupBy=[], window=[TUMBLE(ts, size=300000 ms)], select=[COUNT(*)]), changelogMode=[I]
                     +- Calc(select=[ts]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I] (reused)
        "#]],
    );
}
