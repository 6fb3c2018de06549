//! INSERT: columns, types, changelogs, keys.

use expect_test::expect;

use super::harness::*;

#[test]
fn columns_go_by_position() {
    check("INSERT INTO out_kafka SELECT id, items FROM orders", expect![[]]);
}

#[test]
fn missing_columns_are_null() {
    check("INSERT INTO out_kafka (n) SELECT user_id FROM orders", expect![[]]);
}

#[test]
fn rowtime_becomes_the_time_stamp() {
    check(
        "CREATE TABLE o2 (t TIMESTAMP(3), at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', v AS 1) WITH ('connector' = 'kafka', 'topic' = 't'); INSERT INTO o2 SELECT ts, published FROM orders",
        expect![[]],
    );
}

#[test]
fn not_null_is_enforced() {
    check(
        "CREATE TABLE o3 (id STRING NOT NULL, n INT) WITH ('connector' = 'print'); INSERT INTO o3 SELECT id, items FROM orders",
        expect![[]],
    );
}

#[test]
fn an_upsert_sink_needs_no_old_rows() {
    check("INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id", expect![[]]);
}

#[test]
fn a_filter_on_what_changes_needs_them() {
    check("INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id HAVING COUNT(*) > 3", expect![[]]);
}

#[test]
fn a_wider_primary_key_needs_them() {
    check(
        "CREATE TABLE wide (id STRING, n BIGINT, PRIMARY KEY (id, n) NOT ENFORCED) WITH ('connector' = 'upsert'); INSERT INTO wide SELECT id, COUNT(*) FROM orders GROUP BY id",
        expect![[]],
    );
}

#[test]
fn print_takes_all() {
    check("INSERT INTO out_print SELECT id, COUNT(*) FROM orders GROUP BY id", expect![[]]);
}

#[test]
fn append_only_rows_with_on_conflict() {
    check("INSERT INTO out_upsert SELECT id, user_id FROM orders ON CONFLICT DO DEDUPLICATE", expect![[]]);
}

#[test]
fn a_statement_set_shares_its_sources() {
    check(
        "EXECUTE STATEMENT SET BEGIN INSERT INTO out_kafka SELECT id, items FROM orders; INSERT INTO out_print SELECT id, COUNT(*) FROM orders WHERE amount > 1 GROUP BY id; END",
        expect![[]],
    );
}

#[test]
fn partition_constants() {
    check(
        "CREATE TABLE lake (id STRING, v INT, day_ DATE) PARTITIONED BY (day_) WITH ('connector' = 'files'); INSERT INTO lake PARTITION (day_ = '2026-11-21') SELECT id, items FROM orders",
        expect![[]],
    );
}

#[test]
fn create_table_as() {
    check(
        "CREATE TABLE copy WITH ('connector' = 'kafka', 'topic' = 'copy') AS SELECT id, items AS n FROM orders",
        expect![[]],
    );
}

#[test]
fn explain() {
    check("EXPLAIN INSERT INTO out_kafka SELECT id, items FROM orders", expect![[]]);
}
