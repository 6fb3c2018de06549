//! Batch mode where it differs from the end of a stream. Results are those of Apache Flink 2.3.

use expect_test::{Expect, expect};

use crate::harness::Place;

fn check(query: &str, expected: Expect) {
    let place = Place::new();
    let file = place.write(
        "times.json",
        "{\"ts\":\"1969-12-31 23:59:59\",\"n\":1}\n{\"ts\":null,\"n\":2}\n{\"ts\":\"2024-02-29 12:00:00\",\"n\":3}\n",
    );
    let sql = format!(
        "SET 'execution.runtime-mode' = 'batch';\n\
         CREATE TABLE times (ts TIMESTAMP(3), n INT) WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = '{}');\n\
         CREATE TABLE o WITH ('connector' = 'print') AS {query};",
        file.display()
    );
    expected.assert_eq(&place.run(&sql).succeeded().stdout);
}

#[test]
fn a_row_without_a_time_is_in_no_window() {
    check(
        "SELECT window_start, SUM(n) AS n FROM TABLE(TUMBLE(TABLE times, DESCRIPTOR(ts), INTERVAL '1' DAY))
         GROUP BY window_start, window_end",
        expect![[r#"
            +I[1969-12-31T00:00, 1]
            +I[2024-02-29T00:00, 3]
        "#]],
    );
    check(
        "SELECT TUMBLE_START(ts, INTERVAL '1' DAY) AS s, COUNT(*) AS n FROM times GROUP BY TUMBLE(ts, INTERVAL '1' DAY)",
        expect![[r#"
            +I[1969-12-31T00:00, 1]
            +I[2024-02-29T00:00, 1]
        "#]],
    );
}

#[test]
fn of_no_rows_there_is_one_total_but_none_beside_other_grouping_sets() {
    check(
        "SELECT COUNT(*) AS c, SUM(n) AS s FROM times WHERE n > 5",
        expect![[r#"
        +I[0, null]
    "#]],
    );
    check("SELECT n, COUNT(*) AS c FROM times WHERE n > 5 GROUP BY ROLLUP (n)", expect![""]);
}
