//! Window table functions and what aggregations make of them.

use expect_test::expect;

use super::harness::*;

#[test]
fn tumble_melts_into_the_aggregation() {
    check(
        "SELECT window_start, window_end, COUNT(*) AS n, SUM(amount) FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE items > 1 GROUP BY window_start, window_end",
        expect![[]],
    );
}

#[test]
fn keys_and_window_time() {
    check(
        "SELECT id, window_time, AVG(items) FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, id, window_end, window_time",
        expect![[]],
    );
}

#[test]
fn hop_and_cumulate() {
    check(
        "SELECT window_start, COUNT(DISTINCT url) FROM HOP(DATA => TABLE clicks, TIMECOL => DESCRIPTOR(at), SLIDE => INTERVAL '1' MINUTE, SIZE => INTERVAL '5' MINUTES, `OFFSET` => INTERVAL '10' SECOND) GROUP BY window_start, window_end UNION ALL SELECT window_start, COUNT(*) FROM CUMULATE(TABLE clicks, DESCRIPTOR(at), INTERVAL '1' MINUTE, INTERVAL '1' HOUR) GROUP BY window_start, window_end",
        expect![[]],
    );
}

#[test]
fn window_start_alone_is_an_ordinary_group() {
    check(
        "SELECT window_start, COUNT(*) FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start",
        expect![[]],
    );
}

#[test]
fn computing_with_the_bounds_keeps_the_window_function() {
    check(
        "SELECT id, MAX(window_end) FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) WHERE window_start > TIMESTAMP '2020-01-01 00:00:00' GROUP BY id, window_start, window_end",
        expect![[]],
    );
}

#[test]
fn expressions_above_and_below() {
    check(
        "SELECT window_start + INTERVAL '1' SECOND AS s, CAST(AVG(x) AS DOUBLE) * 2 FROM (SELECT window_start, window_end, amount * 2 AS x FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end HAVING COUNT(*) > 1",
        expect![[]],
    );
}

#[test]
fn cascade_by_window_bounds() {
    check(
        "CREATE VIEW w AS SELECT window_start AS ws, window_end AS we, window_time AS wt, id, COUNT(*) AS n FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end, window_time, id; SELECT ws, SUM(n) FROM w GROUP BY ws, we",
        expect![[]],
    );
}

#[test]
fn cascade_by_window_time() {
    check(
        "CREATE VIEW w AS SELECT window_time AS wt, id, COUNT(*) AS n FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end, window_time, id; SELECT window_start, SUM(n) FROM TUMBLE(TABLE w, DESCRIPTOR(wt), INTERVAL '1' HOUR) GROUP BY window_start, window_end",
        expect![[]],
    );
}

#[test]
fn session() {
    check(
        "SELECT window_start, id, COUNT(*) FROM SESSION(TABLE orders PARTITION BY id, DESCRIPTOR(ts), INTERVAL '30' MINUTE) GROUP BY window_start, window_end, id",
        expect![[]],
    );
}

#[test]
fn session_by_other_keys_is_an_ordinary_group() {
    check(
        "SELECT window_start, COUNT(*) FROM SESSION(TABLE orders PARTITION BY id, DESCRIPTOR(ts), INTERVAL '30' MINUTE) GROUP BY window_start, window_end",
        expect![[]],
    );
}

#[test]
fn distinct_in_a_window() {
    check(
        "SELECT DISTINCT window_start, window_end, id FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)",
        expect![[]],
    );
}

#[test]
fn processing_time() {
    check(
        "SELECT window_start, COUNT(*) FROM TUMBLE(TABLE orders, DESCRIPTOR(pt), INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
        expect![[]],
    );
}

#[test]
fn the_older_group_windows() {
    check(
        "SELECT id, TUMBLE_START(ts, INTERVAL '1' MINUTE) AS s, TUMBLE_ROWTIME(ts, INTERVAL '1' MINUTE) AS rt, COUNT(*) FROM orders GROUP BY id, TUMBLE(ts, INTERVAL '1' MINUTE)",
        expect![[]],
    );
}

#[test]
fn the_older_hop() {
    check(
        "SELECT HOP_END(at, INTERVAL '1' MINUTE, INTERVAL '1' HOUR), COUNT(*) FROM clicks GROUP BY HOP(at, INTERVAL '1' MINUTE, INTERVAL '1' HOUR)",
        expect![[]],
    );
}

#[test]
fn no_columns_but_rows() {
    check(
        "SELECT COUNT(*) FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
        expect![[]],
    );
}

#[test]
fn watermark_options() {
    check(
        "SET 'table.exec.source.idle-timeout' = '5 s'; SELECT url FROM clicks /*+ OPTIONS('scan.watermark.emit.strategy' = 'on-event', 'scan.startup.mode' = 'earliest-offset') */",
        expect![[]],
    );
}
