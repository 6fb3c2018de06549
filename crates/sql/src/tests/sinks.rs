//! INSERT: columns, types, changelogs, keys.

use expect_test::expect;

use super::harness::*;

#[test]
fn columns_go_by_position() {
    check(
        "INSERT INTO out_kafka SELECT id, items FROM orders",
        expect![[r#"
        Sink(table=[default_catalog.default_database.out_kafka], fields=[id, n]), changelogMode=[I]
        +- Calc(select=[id, CAST(items AS BIGINT) AS n]), changelogMode=[I]
           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
              +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn missing_columns_are_null() {
    check(
        "INSERT INTO out_kafka (n) SELECT user_id FROM orders",
        expect![[r#"
        Sink(table=[default_catalog.default_database.out_kafka], fields=[id, n]), changelogMode=[I]
        +- Calc(select=[NULL AS id, user_id AS n]), changelogMode=[I]
           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
              +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[user_id, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn rowtime_becomes_the_time_stamp() {
    check(
        "CREATE TABLE o2 (t TIMESTAMP(3), published TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', v AS 1) WITH ('connector' = 'kafka', 'topic' = 't'); INSERT INTO o2 SELECT ts, published FROM orders",
        expect![[r#"
            Sink(table=[default_catalog.default_database.o2], fields=[t, METADATA 'timestamp']), changelogMode=[I]
            +- Calc(select=[ts AS t, published]), changelogMode=[I]
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[ts, published]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn not_null_is_enforced() {
    check(
        "CREATE TABLE o3 (id STRING NOT NULL, n INT) WITH ('connector' = 'print'); INSERT INTO o3 SELECT id, items FROM orders",
        expect![[r#"
            Sink(table=[default_catalog.default_database.o3], fields=[id, n]), changelogMode=[I]
            +- Calc(select=[id, items AS n]), changelogMode=[I]
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn an_upsert_sink_needs_no_old_rows() {
    check(
        "INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id",
        expect![[r#"
        Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n]), changelogMode=[I,UA]
        +- GroupAggregate(groupBy=[id], select=[COUNT(*)]), changelogMode=[I,UA]
           +- Calc(select=[id]), changelogMode=[I]
              +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                 +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn a_filter_on_what_changes_needs_them() {
    check(
        "INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id HAVING COUNT(*) > 3",
        expect![[r#"
            Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n]), changelogMode=[I,UB,UA]
            +- Calc(select=[id, EXPR$1 AS n], where=[(EXPR$1 > 3)]), changelogMode=[I,UB,UA]
               +- GroupAggregate(groupBy=[id], select=[COUNT(*)]), changelogMode=[I,UB,UA]
                  +- Calc(select=[id]), changelogMode=[I]
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn a_wider_primary_key_needs_them() {
    check(
        "CREATE TABLE wide (id STRING, n BIGINT, PRIMARY KEY (id, n) NOT ENFORCED) WITH ('connector' = 'upsert'); INSERT INTO wide SELECT id, COUNT(*) FROM orders GROUP BY id",
        expect![[r#"
            Sink(table=[default_catalog.default_database.wide], fields=[id, n]), changelogMode=[I,UB,UA]
            +- GroupAggregate(groupBy=[id], select=[COUNT(*)]), changelogMode=[I,UB,UA]
               +- Calc(select=[id]), changelogMode=[I]
                  +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                     +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn print_takes_all() {
    check(
        "INSERT INTO out_print SELECT id, COUNT(*) FROM orders GROUP BY id",
        expect![[r#"
        Sink(table=[default_catalog.default_database.out_print], fields=[id, n]), changelogMode=[I,UB,UA]
        +- GroupAggregate(groupBy=[id], select=[COUNT(*)]), changelogMode=[I,UB,UA]
           +- Calc(select=[id]), changelogMode=[I]
              +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                 +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn append_only_rows_with_on_conflict() {
    check(
        "INSERT INTO out_upsert SELECT id, user_id FROM orders ON CONFLICT DO DEDUPLICATE",
        expect![[r#"
        Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n]), changelogMode=[I]
        +- Calc(select=[id, user_id AS n]), changelogMode=[I]
           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
              +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, user_id, ts]), changelogMode=[I]
    "#]],
    );
}

#[test]
fn a_statement_set_shares_its_sources() {
    check(
        "EXECUTE STATEMENT SET BEGIN INSERT INTO out_kafka SELECT id, items FROM orders; INSERT INTO out_print SELECT id, COUNT(*) FROM orders WHERE amount > 1 GROUP BY id; END",
        expect![[r#"
            Sink(table=[default_catalog.default_database.out_kafka], fields=[id, n]), changelogMode=[I]
            +- Calc(select=[id, CAST(items AS BIGINT) AS n]), changelogMode=[I]
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, amount, items, ts]), changelogMode=[I]
            Sink(table=[default_catalog.default_database.out_print], fields=[id, n]), changelogMode=[I,UB,UA]
            +- GroupAggregate(groupBy=[id], select=[COUNT(*)]), changelogMode=[I,UB,UA]
               +- Calc(select=[id], where=[(CAST(amount AS DECIMAL(12, 2)) > 100:DECIMAL(12, 2))]), changelogMode=[I]
                  +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I] (reused)
        "#]],
    );
}

#[test]
fn partition_constants() {
    check(
        "CREATE TABLE lake (id STRING, v INT, day_ DATE) PARTITIONED BY (day_) WITH ('connector' = 'files'); INSERT INTO lake PARTITION (day_ = '2026-11-21') SELECT id, items FROM orders",
        expect![[r#"
            Sink(table=[default_catalog.default_database.lake], fields=[id, v, day_]), changelogMode=[I]
            +- Calc(select=[id, items AS v, 20778:DATE AS day_]), changelogMode=[I]
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn create_table_as() {
    check(
        "CREATE TABLE copy WITH ('connector' = 'kafka', 'topic' = 'copy') AS SELECT id, items AS n FROM orders",
        expect![[r#"
            Sink(table=[default_catalog.default_database.copy], fields=[id, n]), changelogMode=[I]
            +- Calc(select=[id, items AS n]), changelogMode=[I]
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                  +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
        "#]],
    );
}

#[test]
fn explain() {
    check(
        "EXPLAIN INSERT INTO out_kafka SELECT id, items FROM orders",
        expect![[r#"
        result
        == Optimized Execution Plan ==
        Sink(table=[default_catalog.default_database.out_kafka], fields=[id, n]), changelogMode=[I]
        +- Calc(select=[id, CAST(items AS BIGINT) AS n]), changelogMode=[I]
           +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
              +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
    "#]],
    );
}
