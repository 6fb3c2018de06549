//! Plans of queries.

use expect_test::expect;

use super::harness::*;

#[test]
fn a_source_reads_only_what_is_needed() {
    check(
        "SELECT id, items + 1 AS more FROM orders WHERE amount > 3",
        expect![[r#"
        Collect, changelogMode=[I]
        +- Calc(select=[id, (items + 1) AS more], where=[(CAST(amount AS DECIMAL(12, 2)) > 300:DECIMAL(12, 2))]), changelogMode=[I]
           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
              +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, amount, items, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn metadata_and_computed_columns_are_calculated_behind_the_source() {
    check(
        "SELECT total, published, part FROM orders",
        expect![[r#"
        Collect, changelogMode=[I]
        +- Calc(select=[total, published, part]), changelogMode=[I]
           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
              +- Calc(select=[ts, published, CAST(part AS BIGINT) AS part, (amount * CAST(items AS DECIMAL(10, 0))) AS total]), changelogMode=[I]
                 +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[amount, items, ts, published, part]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn star_has_all_columns_in_declared_order() {
    check(
        "SELECT * FROM orders",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[id, user_id, amount, items, detail, ts, published, part, total, pt]), changelogMode=[I]
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                  +- Calc(select=[id, user_id, amount, items, detail, ts, published, CAST(part AS BIGINT) AS part, (amount * CAST(items AS DECIMAL(10, 0))) AS total, PROCTIME() AS pt]), changelogMode=[I]
                     +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, user_id, amount, items, detail, ts, published, part]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn rows_are_counted_by_the_cheapest_column() {
    check(
        "SELECT COUNT(*) FROM history",
        expect![[r#"
            Collect, changelogMode=[I,UB,UA]
            +- GroupAggregate(groupBy=[], select=[COUNT(*)]), changelogMode=[I,UB,UA]
               +- Calc(select=[0 AS $f0]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.history], fields=[v]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn fields_of_rows() {
    check(
        "SELECT detail.city, o.detail.zip.code FROM orders AS o",
        expect![[r#"
        Collect, changelogMode=[I]
        +- Calc(select=[detail.$0 AS city, detail.$1.$0 AS code]), changelogMode=[I]
           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
              +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[detail, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn filters_reach_both_sides_of_a_union() {
    check(
        "SELECT * FROM (SELECT id, items FROM orders UNION ALL SELECT url, 1 FROM clicks) WHERE id LIKE 'a%'",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Union(all=[true]), changelogMode=[I]
               +- Calc(select=[id, items], where=[LIKE(id, 'a%')]), changelogMode=[I]
                  +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                     +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
               +- Calc(select=[url AS id, 1 AS items], where=[LIKE(url, 'a%')]), changelogMode=[I]
                  +- WatermarkAssigner(rowtime=[seen], watermark=[seen]), changelogMode=[I]
                     +- TableSourceScan(table=[default_catalog.default_database.clicks], fields=[url, seen]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn views_are_inlined() {
    check(
        "CREATE VIEW big AS SELECT id, amount AS a FROM orders WHERE amount > 100; SELECT id FROM big WHERE a < 200",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[id], where=[((CAST(amount AS DECIMAL(12, 2)) > 10000:DECIMAL(12, 2)) AND (CAST(amount AS DECIMAL(12, 2)) < 20000:DECIMAL(12, 2)))]), changelogMode=[I]
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, amount, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn with() {
    check(
        "WITH x AS (SELECT id, items AS n FROM orders), y (a) AS (SELECT n FROM x WHERE n > 1) SELECT a, a FROM y",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[items AS a, items AS a0], where=[(items > 1)]), changelogMode=[I]
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn values() {
    check(
        "SELECT * FROM (VALUES ('a', 1, 1.5), ('bcd', 3000000000, 2.25)) AS t (x, y, z)",
        expect![[r#"
        Collect, changelogMode=[I]
        +- Values(rows=2, fields=[x, y, z]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn select_without_from() {
    check(
        "SELECT 1 + 1, 'a' || 'b'",
        expect![[r#"
        Collect, changelogMode=[I]
        +- Calc(select=[2 AS EXPR$0, 'ab' AS EXPR$1]), changelogMode=[I]
           +- Values(rows=1, fields=[ZERO]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn constants_are_folded() {
    check(
        "SELECT id FROM orders WHERE items > 2 * 3 AND 1 = 1",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[id], where=[(items > 6)]), changelogMode=[I]
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn limit() {
    check(
        "SELECT id FROM orders LIMIT 3 OFFSET 1",
        expect![[r#"
        Collect, changelogMode=[I]
        +- Limit(offset=[1], fetch=[3]), changelogMode=[I]
           +- Calc(select=[id]), changelogMode=[I]
              +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                 +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn group_by() {
    check(
        "SELECT id, COUNT(*) AS n, SUM(amount * 2) + 1 FROM orders GROUP BY id HAVING MAX(items) > 3 AND id <> 'x'",
        expect![[r#"
            Collect, changelogMode=[I,UB,UA]
            +- Calc(select=[id, n, ($a1 + 1:DECIMAL(10, 0)) AS EXPR$2], where=[($a2 > 3)]), changelogMode=[I,UB,UA]
               +- GroupAggregate(groupBy=[id], select=[COUNT(*), SUM($f1), MAX(items)]), changelogMode=[I,UB,UA]
                  +- Calc(select=[id, (amount * 2:DECIMAL(10, 0)) AS $f1, items], where=[(id <> 'x')]), changelogMode=[I]
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, amount, items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn group_by_expression() {
    check(
        "SELECT UPPER(id) || 'x', COUNT(DISTINCT user_id), COUNT(*) FILTER (WHERE items > 1) FROM orders GROUP BY UPPER(id)",
        expect![[r#"
            Collect, changelogMode=[I,UB,UA]
            +- Calc(select=[($f0 || 'x') AS EXPR$0, EXPR$1, EXPR$2]), changelogMode=[I,UB,UA]
               +- GroupAggregate(groupBy=[$f0], select=[COUNT(DISTINCT user_id), COUNT(*) FILTER $f2]), changelogMode=[I,UB,UA]
                  +- Calc(select=[UPPER(id) AS $f0, user_id, (items > 1) AS $f2]), changelogMode=[I]
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, user_id, items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn distinct() {
    check(
        "SELECT DISTINCT id, items FROM orders",
        expect![[r#"
        Collect, changelogMode=[I,UB,UA]
        +- GroupAggregate(groupBy=[id, items], select=[]), changelogMode=[I,UB,UA]
           +- Calc(select=[id, items]), changelogMode=[I]
              +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                 +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn an_aggregate_over_updates_needs_the_old_row() {
    check(
        "SELECT n, COUNT(*) FROM (SELECT id, COUNT(*) AS n FROM orders GROUP BY id) GROUP BY n",
        expect![[r#"
        Collect, changelogMode=[I,UB,UA,D]
        +- GroupAggregate(groupBy=[n], select=[COUNT(*)]), changelogMode=[I,UB,UA,D]
           +- Calc(select=[n]), changelogMode=[I,UB,UA]
              +- GroupAggregate(groupBy=[id], select=[COUNT(*)]), changelogMode=[I,UB,UA]
                 +- Calc(select=[id]), changelogMode=[I]
                    +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                       +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn literals_are_typed_as_in_flink() {
    check(
        "CREATE VIEW v AS SELECT TIMESTAMP '2020-01-01 00:00:00.12345' a, DATE '2020-02-28' b, TIME '01:02:03.5' c, INTERVAL '1-2' YEAR TO MONTH d, 1.50 e, 1e1 f, 3000000000 g, 'it''s' h, X'AF' i, TRUE k, .5 n, -1 o, INTERVAL '5' DAY v, '' w, 0.05 y, 00012 z, -9223372036854775808 zz; DESCRIBE v",
        expect![[r#"
            name | type | null | key | extras | watermark
            a | TIMESTAMP(5) | FALSE |  |  |
            b | DATE | FALSE |  |  |
            c | TIME(1) | FALSE |  |  |
            d | INTERVAL YEAR TO MONTH | FALSE |  |  |
            e | DECIMAL(3, 2) | FALSE |  |  |
            f | DOUBLE | FALSE |  |  |
            g | BIGINT | FALSE |  |  |
            h | CHAR(4) | FALSE |  |  |
            i | BINARY(1) | FALSE |  |  |
            k | BOOLEAN | FALSE |  |  |
            n | DECIMAL(1, 1) | FALSE |  |  |
            o | INT | FALSE |  |  |
            v | INTERVAL DAY TO SECOND(3) | FALSE |  |  |
            w | CHAR(0) | FALSE |  |  |
            y | DECIMAL(3, 2) | FALSE |  |  |
            z | INT | FALSE |  |  |
            zz | BIGINT | FALSE |  |  |
        "#]],
    );
}

#[test]
fn time_attributes_are_kept_by_columns_and_lost_by_expressions() {
    check(
        "CREATE VIEW v AS SELECT ts, ts AS t2, ts + INTERVAL '1' DAY AS t3, CAST(ts AS TIMESTAMP(3)) AS t4, pt FROM orders WHERE ts > TIMESTAMP '2020-01-01 00:00:00'; DESCRIBE v",
        expect![[r#"
            name | type | null | key | extras | watermark
            ts | TIMESTAMP(3) *ROWTIME* | TRUE |  |  |
            t2 | TIMESTAMP(3) *ROWTIME* | TRUE |  |  |
            t3 | TIMESTAMP(3) | TRUE |  |  |
            t4 | TIMESTAMP(3) | TRUE |  |  |
            pt | TIMESTAMP_LTZ(3) *PROCTIME* | FALSE |  |  |
        "#]],
    );
}

#[test]
fn sorting_a_batch() {
    check(
        "SET 'execution.runtime-mode' = 'batch'; SELECT id, v * 2 AS w FROM history ORDER BY w DESC, day_ LIMIT 5",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[id, w]), changelogMode=[I]
               +- Sort(orderBy=[w DESC, $o2 ASC], offset=[0], fetch=[5]), changelogMode=[I]
                  +- Calc(select=[id, (v * 2) AS w, day_ AS $o2]), changelogMode=[I]
                     +- TableSourceScan(table=[default_catalog.default_database.history], fields=[id, v, day_]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn grouping_a_batch() {
    check(
        "SET 'execution.runtime-mode' = 'batch'; SELECT id, SUM(v) FROM history GROUP BY id ORDER BY SUM(v), 1",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Sort(orderBy=[EXPR$1 ASC, id ASC], offset=[0], fetch=[unlimited]), changelogMode=[I]
               +- GroupAggregate(groupBy=[id], select=[SUM(v)]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.history], fields=[id, v]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn state_ttl() {
    check(
        "SET 'table.exec.state.ttl' = '1 h'; SELECT id, COUNT(*) FROM orders GROUP BY id",
        expect![[r#"
            Collect, changelogMode=[I,UB,UA]
            +- GroupAggregate(groupBy=[id], select=[COUNT(*)], stateTtl=[3600000 ms]), changelogMode=[I,UB,UA]
               +- Calc(select=[id]), changelogMode=[I]
                  +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                     +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn rollup_and_grouping() {
    check(
        "SELECT id, user_id + 1, GROUPING(id, user_id) AS g, SUM(items) FROM orders GROUP BY ROLLUP (id, user_id)",
        expect![[r#"
            Collect, changelogMode=[I,UB,UA]
            +- Union(all=[true]), changelogMode=[I,UB,UA]
               +- Calc(select=[id, (user_id + 1) AS EXPR$1, 0 AS g, EXPR$3]), changelogMode=[I,UB,UA]
                  +- GroupAggregate(groupBy=[id, user_id], select=[SUM(items)]), changelogMode=[I,UB,UA]
                     +- Calc(select=[id, user_id, items]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                           +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, user_id, items, ts]), changelogMode=[I]
               +- Calc(select=[id, NULL AS EXPR$1, 1 AS g, EXPR$3]), changelogMode=[I,UB,UA]
                  +- GroupAggregate(groupBy=[id], select=[SUM(items)]), changelogMode=[I,UB,UA]
                     +- Calc(select=[id, items]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I] (reused)
               +- Calc(select=[NULL AS id, NULL AS EXPR$1, 3 AS g, EXPR$3]), changelogMode=[I,UB,UA]
                  +- GroupAggregate(groupBy=[$f0], select=[SUM(items)]), changelogMode=[I,UB,UA]
                     +- Calc(select=[0 AS $f0, items]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I] (reused)
        "#]],
    );
}

#[test]
fn union_removes_duplicates() {
    check(
        "SELECT id FROM orders UNION SELECT url FROM clicks",
        expect![[r#"
        Collect, changelogMode=[I,UB,UA]
        +- GroupAggregate(groupBy=[id], select=[]), changelogMode=[I,UB,UA]
           +- Union(all=[true]), changelogMode=[I]
              +- Calc(select=[id]), changelogMode=[I]
                 +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                    +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
              +- Calc(select=[url AS id]), changelogMode=[I]
                 +- WatermarkAssigner(rowtime=[seen], watermark=[seen]), changelogMode=[I]
                    +- TableSourceScan(table=[default_catalog.default_database.clicks], fields=[url, seen]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn joins_of_conditions_keep_random_values_apart() {
    check(
        "SELECT id FROM (SELECT id, RAND() AS r FROM orders) WHERE r > 0.5 AND r < 0.7",
        expect![[r#"
        Collect, changelogMode=[I]
        +- Calc(select=[id], where=[((r > 0.5) AND (r < 0.7))]), changelogMode=[I]
           +- Calc(select=[id, RAND() AS r]), changelogMode=[I]
              +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                 +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn a_grand_total_without_aggregates_is_a_row() {
    check(
        "SELECT id, GROUPING(id) AS g FROM orders GROUP BY ROLLUP (id)",
        expect![[r#"
            Collect, changelogMode=[I,UB,UA]
            +- Union(all=[true]), changelogMode=[I,UB,UA]
               +- Calc(select=[id, 0 AS g]), changelogMode=[I,UB,UA]
                  +- GroupAggregate(groupBy=[id], select=[]), changelogMode=[I,UB,UA]
                     +- Calc(select=[id]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                           +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
               +- Calc(select=[NULL AS id, 1 AS g]), changelogMode=[I,UB,UA]
                  +- GroupAggregate(groupBy=[$f0], select=[]), changelogMode=[I,UB,UA]
                     +- Calc(select=[0 AS $f0]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I] (reused)
        "#]],
    );
}
