//! Plans of queries.

use expect_test::expect;

use super::harness::*;

#[test]
fn a_source_reads_only_what_is_needed() {
    check("SELECT id, items + 1 AS more FROM orders WHERE amount > 3", expect![[]]);
}

#[test]
fn metadata_and_computed_columns_are_calculated_behind_the_source() {
    check("SELECT total, published, part FROM orders", expect![[]]);
}

#[test]
fn star_has_all_columns_in_declared_order() {
    check("SELECT * FROM orders", expect![[]]);
}

#[test]
fn rows_are_counted_by_the_cheapest_column() {
    check("SELECT COUNT(*) FROM history", expect![[]]);
}

#[test]
fn fields_of_rows() {
    check("SELECT detail.city, o.detail.zip.code FROM orders AS o", expect![[]]);
}

#[test]
fn filters_reach_both_sides_of_a_union() {
    check(
        "SELECT * FROM (SELECT id, items FROM orders UNION ALL SELECT url, 1 FROM clicks) WHERE id LIKE 'a%'",
        expect![[]],
    );
}

#[test]
fn views_are_inlined() {
    check(
        "CREATE VIEW big AS SELECT id, amount AS a FROM orders WHERE amount > 100; SELECT id FROM big WHERE a < 200",
        expect![[]],
    );
}

#[test]
fn with() {
    check(
        "WITH x AS (SELECT id, items AS n FROM orders), y (a) AS (SELECT n FROM x WHERE n > 1) SELECT a, a FROM y",
        expect![[]],
    );
}

#[test]
fn values() {
    check("SELECT * FROM (VALUES ('a', 1, 1.5), ('bcd', 3000000000, 2.25)) AS t (x, y, z)", expect![[]]);
}

#[test]
fn select_without_from() {
    check("SELECT 1 + 1, 'a' || 'b'", expect![[]]);
}

#[test]
fn constants_are_folded() {
    check("SELECT id FROM orders WHERE items > 2 * 3 AND 1 = 1", expect![[]]);
}

#[test]
fn limit() {
    check("SELECT id FROM orders LIMIT 3 OFFSET 1", expect![[]]);
}

#[test]
fn group_by() {
    check(
        "SELECT id, COUNT(*) AS n, SUM(amount * 2) + 1 FROM orders GROUP BY id HAVING MAX(items) > 3 AND id <> 'x'",
        expect![[]],
    );
}

#[test]
fn group_by_expression() {
    check(
        "SELECT UPPER(id) || 'x', COUNT(DISTINCT user_id), COUNT(*) FILTER (WHERE items > 1) FROM orders GROUP BY UPPER(id)",
        expect![[]],
    );
}

#[test]
fn distinct() {
    check("SELECT DISTINCT id, items FROM orders", expect![[]]);
}

#[test]
fn an_aggregate_over_updates_needs_the_old_row() {
    check("SELECT n, COUNT(*) FROM (SELECT id, COUNT(*) AS n FROM orders GROUP BY id) GROUP BY n", expect![[]]);
}

#[test]
fn literals_are_typed_as_in_flink() {
    check(
        "CREATE VIEW v AS SELECT TIMESTAMP '2020-01-01 00:00:00.12345' a, DATE '2020-02-28' b, TIME '01:02:03.5' c, INTERVAL '1-2' YEAR TO MONTH d, 1.50 e, 1e1 f, 3000000000 g, 'it''s' h, X'AF' i, TRUE k, .5 n, -1 o, INTERVAL '5' DAY v, '' w, 0.05 y, 00012 z, -9223372036854775808 zz; DESCRIBE v",
        expect![[]],
    );
}

#[test]
fn time_attributes_are_kept_by_columns_and_lost_by_expressions() {
    check(
        "CREATE VIEW v AS SELECT ts, ts AS t2, ts + INTERVAL '1' DAY AS t3, CAST(ts AS TIMESTAMP(3)) AS t4, pt FROM orders WHERE ts > TIMESTAMP '2020-01-01 00:00:00'; DESCRIBE v",
        expect![[]],
    );
}

#[test]
fn sorting_a_batch() {
    check(
        "SET 'execution.runtime-mode' = 'batch'; SELECT id, v * 2 AS w FROM history ORDER BY w DESC, day_ LIMIT 5",
        expect![[]],
    );
}

#[test]
fn grouping_a_batch() {
    check(
        "SET 'execution.runtime-mode' = 'batch'; SELECT id, SUM(v) FROM history GROUP BY id ORDER BY SUM(v), 1",
        expect![[]],
    );
}

#[test]
fn state_ttl() {
    check("SET 'table.exec.state.ttl' = '1 h'; SELECT id, COUNT(*) FROM orders GROUP BY id", expect![[]]);
}
