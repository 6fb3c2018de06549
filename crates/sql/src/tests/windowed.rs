//! Top-N, deduplication and joins per window.

use expect_test::expect;

use super::harness::*;

const RANKED: &str = "SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, id ORDER BY amount DESC) AS rn FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)";
const MINUTES: &str = "CREATE VIEW o AS SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE);
CREATE VIEW c AS SELECT * FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE);";

#[test]
fn a_rank_compared_with_constants_is_a_top_n() {
    check(
        &format!("SELECT items, rn FROM ({RANKED}) WHERE rn <= 3 AND rn > 1 AND id <> 'x' AND items > 2"),
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[items, $r0 AS rn], where=[(items > 2)]), changelogMode=[I]
               +- WindowRank(window=[WINDOW(window_start, window_end)], partitionBy=[id], orderBy=[amount DESC], ranks=[2 to 3], select=[*, rank]), changelogMode=[I]
                  +- Calc(select=[id, amount, items, window_start, window_end]), changelogMode=[I]
                     +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                        +- Calc(select=[id, amount, items, ts], where=[(id <> 'x')]), changelogMode=[I]
                           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                              +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, amount, items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn a_rank_that_nobody_reads_is_not_emitted() {
    check(
        &format!("SELECT items FROM ({RANKED}) WHERE rn = 1"),
        expect![[r#"
        Collect, changelogMode=[I]
        +- Calc(select=[items]), changelogMode=[I]
           +- WindowRank(window=[WINDOW(window_start, window_end)], partitionBy=[id], orderBy=[amount DESC], ranks=[1 to 1], select=[*]), changelogMode=[I]
              +- Calc(select=[id, amount, items, window_start, window_end]), changelogMode=[I]
                 +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                    +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                       +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, amount, items, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn the_last_row_by_time_is_a_deduplication() {
    check(
        "SELECT items FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) QUALIFY ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY ts DESC) = 1",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[items]), changelogMode=[I]
               +- WindowRank(window=[WINDOW(window_start, window_end)], partitionBy=[], orderBy=[ts DESC], ties=[latest first], ranks=[1 to 1], select=[*]), changelogMode=[I]
                  +- Calc(select=[items, ts, window_start, window_end]), changelogMode=[I]
                     +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                           +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn a_rank_over_an_aggregation_of_the_same_select() {
    check(
        "SELECT window_start, id, SUM(items) AS s FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end, id HAVING COUNT(*) > 1 WINDOW w AS (PARTITION BY window_start, window_end ORDER BY SUM(items) DESC, id) QUALIFY ROW_NUMBER() OVER w <= 2",
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[window_start, id, s]), changelogMode=[I]
               +- WindowRank(window=[WINDOW(window_start, window_end)], partitionBy=[], orderBy=[s DESC, id ASC], ranks=[1 to 2], select=[*]), changelogMode=[I]
                  +- Calc(select=[id, s, window_start, window_end], where=[($a1 > 1)]), changelogMode=[I]
                     +- WindowAggregate(groupBy=[id], window=[TUMBLE(ts, size=60000 ms)], select=[SUM(items), COUNT(*)]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                           +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn a_join_of_windows() {
    check(
        &format!(
            "{MINUTES} SELECT o.id, c.items, o.window_time FROM o LEFT JOIN c ON o.window_start = c.window_start AND o.window_end = c.window_end AND o.id = UPPER(c.id) AND o.items > c.items AND c.items > 3 WHERE o.items < 7"
        ),
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[id, items, window_time]), changelogMode=[I]
               +- WindowJoin(leftWindow=[WINDOW(window_start, window_end)], rightWindow=[WINDOW(window_start, window_end)], joinType=[LeftOuterJoin], where=[id = $k13 AND (items > items)]), changelogMode=[I]
                  +- Calc(select=[id, items, window_start, window_end, window_time]), changelogMode=[I]
                     +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                        +- Calc(select=[id, items, ts], where=[(items < 7)]), changelogMode=[I]
                           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                              +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
                  +- Calc(select=[items, window_start, window_end, UPPER(id) AS $k13]), changelogMode=[I]
                     +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                        +- Calc(select=[id, items, ts], where=[(items > 3)]), changelogMode=[I]
                           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I] (reused)
        "#]],
    );
}

#[test]
fn a_comma_and_where_are_a_join() {
    check(
        &format!(
            "{MINUTES} SELECT o.window_start, o.window_end, COUNT(*) FROM o, c AS d WHERE o.window_start = d.window_start AND o.window_end = d.window_end AND o.id = d.id AND o.items = 1 GROUP BY o.window_start, o.window_end"
        ),
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[window_start, window_end, EXPR$2]), changelogMode=[I]
               +- WindowAggregate(groupBy=[], window=[WINDOW(window_start, window_end)], select=[COUNT(*)]), changelogMode=[I]
                  +- Calc(select=[window_start, window_end]), changelogMode=[I]
                     +- WindowJoin(leftWindow=[WINDOW(window_start, window_end)], rightWindow=[WINDOW(window_start, window_end)], joinType=[InnerJoin], where=[id = id]), changelogMode=[I]
                        +- Calc(select=[id, window_start, window_end]), changelogMode=[I]
                           +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                              +- Calc(select=[id, ts], where=[(items = 1)]), changelogMode=[I]
                                 +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                                    +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
                        +- Calc(select=[id, window_start, window_end]), changelogMode=[I]
                           +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                              +- Calc(select=[id, ts]), changelogMode=[I]
                                 +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I] (reused)
        "#]],
    );
}

#[test]
fn exists_and_not_in_are_joins() {
    check(
        &format!(
            "{MINUTES} SELECT items FROM o WHERE items > 1 AND EXISTS (SELECT * FROM c WHERE c.window_start = o.window_start AND o.window_end = c.window_end AND c.id = o.id AND c.items > 2)"
        ),
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[items]), changelogMode=[I]
               +- WindowJoin(leftWindow=[WINDOW(window_start, window_end)], rightWindow=[WINDOW(window_start, window_end)], joinType=[LeftSemiJoin], where=[id = id]), changelogMode=[I]
                  +- Calc(select=[id, items, window_start, window_end]), changelogMode=[I]
                     +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                        +- Calc(select=[id, items, ts], where=[(items > 1)]), changelogMode=[I]
                           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                              +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
                  +- Calc(select=[id, window_start, window_end]), changelogMode=[I]
                     +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                        +- Calc(select=[id, ts], where=[(items > 2)]), changelogMode=[I]
                           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I] (reused)
        "#]],
    );
    check(
        &format!(
            "{MINUTES} SELECT items FROM o WHERE id NOT IN (SELECT id FROM c WHERE c.window_start = o.window_start AND o.window_end = c.window_end)"
        ),
        expect![[r#"
            Collect, changelogMode=[I]
            +- Calc(select=[items]), changelogMode=[I]
               +- WindowJoin(leftWindow=[WINDOW(window_start, window_end)], rightWindow=[WINDOW(window_start, window_end)], joinType=[LeftAntiJoin], where=[IS NOT FALSE((id = id))]), changelogMode=[I]
                  +- Calc(select=[id, items, window_start, window_end]), changelogMode=[I]
                     +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                        +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                           +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
                  +- Calc(select=[id, window_start, window_end]), changelogMode=[I]
                     +- WindowTableFunction(window=[TUMBLE(ts, size=60000 ms)]), changelogMode=[I]
                        +- Calc(select=[id, ts]), changelogMode=[I]
                           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I] (reused)
        "#]],
    );
}

#[test]
fn what_is_refused() {
    let ranked = |condition: &str| format!("SELECT items FROM ({RANKED}) WHERE {condition}");
    let joined = |condition: &str| {
        format!(
            "SELECT l.id FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) l JOIN TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) r ON {condition}"
        )
    };
    let statements = [
        ranked("rn <= items"),
        ranked("rn > 1"),
        ranked("rn <= 0"),
        ranked("rn + 1 <= 3"),
        "SELECT id, ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts) FROM orders".to_owned(),
        "SELECT id FROM orders QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts) = 1".to_owned(),
        "SELECT id FROM orders QUALIFY id = 'a'".to_owned(),
        "SELECT id FROM orders WHERE ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts) = 1".to_owned(),
        "SELECT ROW_NUMBER() OVER (PARTITION BY id) FROM orders".to_owned(),
        "SELECT ROW_NUMBER() OVER w FROM orders".to_owned(),
        "SELECT items FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) QUALIFY RANK() OVER (PARTITION BY window_start, window_end ORDER BY items) = 1".to_owned(),
        "SELECT items FROM TUMBLE(TABLE orders, DESCRIPTOR(pt), INTERVAL '1' MINUTE) QUALIFY ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY items) = 1".to_owned(),
        joined("l.window_start = r.window_start AND l.id = r.id"),
        joined("l.id"),
        joined("l.window_start = r.window_start AND l.window_end = r.window_end AND nothing = 1"),
        "SELECT 1 FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) l JOIN TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE) r ON l.window_start = r.window_start AND l.window_end = r.window_end".to_owned(),
        "SELECT 1 FROM orders JOIN orders ON TRUE".to_owned(),
        "SELECT id FROM orders o LEFT JOIN clicks USING (id)".to_owned(),
        "SELECT id FROM orders WHERE (id, items) IN (SELECT url FROM clicks)".to_owned(),
        "SELECT id FROM orders WHERE items > 1 OR EXISTS (SELECT 1 FROM clicks)".to_owned(),
        "CREATE TABLE changes (id STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'cdc'); SELECT 1 FROM TUMBLE(TABLE changes, DESCRIPTOR(ts), INTERVAL '1' MINUTE) QUALIFY ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY ts) = 1".to_owned(),
    ];
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    check_each(
        &statements,
        expect![[r#"
            SELECT items FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, id ORDER BY amount DESC) AS rn FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE rn <= items
              error at «ROW_NUMBER() OVER (PARTITION BY window_start, window_end, id ORDER BY amount DESC)»: not supported: ROW_NUMBER() OVER compared with other columns; Top-N compares it with a constant: rank <= 3
            SELECT items FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, id ORDER BY amount DESC) AS rn FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE rn > 1
              error at «ROW_NUMBER() OVER (PARTITION BY window_start, window_end, id ORDER BY amount DESC)»: Top-N needs an upper bound of the rank; add rank <= 3
            SELECT items FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, id ORDER BY amount DESC) AS rn FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE rn <= 0
              error at «ROW_NUMBER() OVER (PARTITION BY window_start, window_end, id ORDER BY amount DESC)»: the upper bound of the rank is 0, ranks begin with 1
            SELECT items FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, id ORDER BY amount DESC) AS rn FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE rn + 1 <= 3
              error at «ROW_NUMBER() OVER (PARTITION BY window_start, window_end, id ORDER BY amount DESC)»: not supported: ROW_NUMBER() OVER that is computed with; Top-N compares it with a constant: rank <= 3
            SELECT id, ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts) FROM orders
              error at «ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts)»: not supported: ROW_NUMBER() OVER other than Top-N per window; PARTITION BY window_start, window_end of a window table function, and filter by rank <= N
            SELECT id FROM orders QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts) = 1
              error at «ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts)»: not supported: ROW_NUMBER() OVER other than Top-N per window; PARTITION BY window_start, window_end of a window table function, and filter by rank <= N
            SELECT id FROM orders QUALIFY id = 'a'
              error at «id = 'a'»: QUALIFY must hold a function with OVER; conditions on columns go to WHERE
            SELECT id FROM orders WHERE ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts) = 1
              error at «ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts)»: ROW_NUMBER OVER can't stand here; it stands in the SELECT list and in QUALIFY
            SELECT ROW_NUMBER() OVER (PARTITION BY id) FROM orders
              error at «ROW_NUMBER() OVER (PARTITION BY id)»: not supported: ROW_NUMBER OVER without ORDER BY
            SELECT ROW_NUMBER() OVER w FROM orders
              error at «w»: there is no window `w`; declare it: WINDOW w AS (PARTITION BY … ORDER BY …)
            SELECT items FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) QUALIFY RANK() OVER (PARTITION BY window_start, window_end ORDER BY items) = 1
              error at «RANK() OVER (PARTITION BY window_start, window_end ORDER BY items)»: RANK per window does not run on a stream; ROW_NUMBER() does
            SELECT items FROM TUMBLE(TABLE orders, DESCRIPTOR(pt), INTERVAL '1' MINUTE) QUALIFY ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY items) = 1
              error at «ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY items)»: Top-N per window needs windows over event time
            SELECT l.id FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) l JOIN TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) r ON l.window_start = r.window_start AND l.id = r.id
              error at «TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) l JOIN TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) r ON l.window_start = r.window_start AND l.id = r.id»: not supported: a join of windows without equality of both bounds; add a.window_start = b.window_start AND a.window_end = b.window_end to its condition
            SELECT l.id FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) l JOIN TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) r ON l.id
              error at «l.id»: ON must be a condition, found STRING; compare it with something
            SELECT l.id FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) l JOIN TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) r ON l.window_start = r.window_start AND l.window_end = r.window_end AND nothing = 1
              error at «nothing»: there is no column `nothing`; there are id, user_id, amount, items, detail, ts, published, part, total, pt, window_start, window_end, window_time, id, user_id, amount, items, detail, ts, published, part, total, pt, window_start, window_end, window_time
            SELECT 1 FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) l JOIN TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE) r ON l.window_start = r.window_start AND l.window_end = r.window_end
              error at «TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) l JOIN TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE) r ON l.window_start = r.window_start AND l.window_end = r.window_end»: not supported: a join of windows of different kinds; both sides need the same window function with the same sizes
            SELECT 1 FROM orders JOIN orders ON TRUE
              error at «orders JOIN orders ON TRUE»: `orders` is in FROM twice; give one of them an alias
            SELECT id FROM orders o LEFT JOIN clicks USING (id)
              error at «id»: there is no column `id`; there are url, seen
            SELECT id FROM orders WHERE (id, items) IN (SELECT url FROM clicks)
              error at «(id, items) IN (SELECT url FROM clicks)»: IN compares 2 values with the 1 columns of its query
            SELECT id FROM orders WHERE items > 1 OR EXISTS (SELECT 1 FROM clicks)
              error at «EXISTS (SELECT 1 FROM clicks)»: not supported: EXISTS outside of WHERE and beside OR
            CREATE TABLE changes (id STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'cdc'); SELECT 1 FROM TUMBLE(TABLE changes, DESCRIPTOR(ts), INTERVAL '1' MINUTE) QUALIFY ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY ts) = 1
              error at «ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY ts)»: Top-N per window doesn't take update and delete changes, which TableSourceScan(table=[default_catalog.default_database.changes], fields=[id, ts]) produces
        "#]],
    );
}
