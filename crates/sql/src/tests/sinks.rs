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
            == Abstract Syntax Tree ==
            LogicalSink(table=[default_catalog.default_database.out_kafka], fields=[id, n])
            +- LogicalProject(id=[$0], n=[CAST($1 AS BIGINT)])
               +- LogicalProject(id=[$0], items=[$3])
                  +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[ts - INTERVAL '5' SECOND])
                     +- LogicalTableScan(table=[[default_catalog, default_database, orders]])

            == Optimized Physical Plan ==
            Sink(table=[default_catalog.default_database.out_kafka], fields=[id, n])
            +- Calc(select=[id, CAST(items AS BIGINT) AS n])
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))])
                  +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts])

            == Optimized Execution Plan ==
            Sink(table=[default_catalog.default_database.out_kafka], fields=[id, n])
            +- Calc(select=[id, CAST(items AS BIGINT) AS n])
               +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))])
                  +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts])
        "#]],
    );
}

#[test]
fn explain_with_everything() {
    check(
        "EXPLAIN CHANGELOG_MODE, ESTIMATED_COST, PLAN_ADVICE, JSON_EXECUTION_PLAN INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders WHERE amount > 10 GROUP BY id",
        expect![[r#"
            result
            == Abstract Syntax Tree ==
            LogicalSink(table=[default_catalog.default_database.out_upsert], fields=[id, n])
            +- LogicalProject(id=[$0], n=[$1])
               +- LogicalProject(id=[$0], EXPR$1=[$1])
                  +- LogicalAggregate(group=[{0}], EXPR$1=[COUNT()])
                     +- LogicalProject(id=[$0])
                        +- LogicalFilter(condition=[(CAST($2 AS DECIMAL(12, 2)) > CAST(10 AS DECIMAL(12, 2)))])
                           +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[ts - INTERVAL '5' SECOND])
                              +- LogicalTableScan(table=[[default_catalog, default_database, orders]])

            == Optimized Physical Plan With Advice ==
            Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n]), changelogMode=[I,UA]: rowcount = 5.0E7, cumulative cost = {3.5E8 rows, 4.5E8 cpu, 3.6E9 io, 6.0E8 network, 1.0E9 memory}
            +- GroupAggregate(advice=[1], groupBy=[id], select=[COUNT(*)]), changelogMode=[I,UA]: rowcount = 5.0E7, cumulative cost = {3.0E8 rows, 4.0E8 cpu, 3.6E9 io, 6.0E8 network, 1.0E9 memory}
               +- Exchange(distribution=[hash[id]])
                  +- Calc(select=[id], where=[(CAST(amount AS DECIMAL(12, 2)) > 1000:DECIMAL(12, 2))]), changelogMode=[I]: rowcount = 5.0E7, cumulative cost = {2.5E8 rows, 3.0E8 cpu, 3.6E9 io, 0.0 network, 0.0 memory}
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]: rowcount = 1.0E8, cumulative cost = {2.0E8 rows, 2.0E8 cpu, 3.6E9 io, 0.0 network, 0.0 memory}
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, amount, ts]), changelogMode=[I]: rowcount = 1.0E8, cumulative cost = {1.0E8 rows, 1.0E8 cpu, 3.6E9 io, 0.0 network, 0.0 memory}

            advice[1]: [ADVICE] The state grows with each new key, for keys are never forgotten. Consider a window, or 'table.exec.state.ttl' or the hint STATE_TTL for keys that fall silent.

            == Optimized Execution Plan ==
            Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n])
            +- GroupAggregate(groupBy=[id], select=[COUNT(*)])
               +- Exchange(distribution=[hash[id]])
                  +- Calc(select=[id], where=[(CAST(amount AS DECIMAL(12, 2)) > 1000:DECIMAL(12, 2))])
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))])
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, amount, ts])

            == Physical Execution Plan ==
            {
              "nodes": [
                {
                  "id": 1,
                  "type": "Source: default_catalog.default_database.orders",
                  "pact": "Data Source",
                  "contents": "TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, amount, ts])"
                },
                {
                  "id": 2,
                  "type": "WatermarkAssigner",
                  "pact": "Operator",
                  "contents": "WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))])",
                  "predecessors": [
                    {
                      "id": 1,
                      "ship_strategy": "FORWARD",
                      "side": "second"
                    }
                  ]
                },
                {
                  "id": 3,
                  "type": "Calc",
                  "pact": "Operator",
                  "contents": "Calc(select=[id], where=[(CAST(amount AS DECIMAL(12, 2)) > 1000:DECIMAL(12, 2))])",
                  "predecessors": [
                    {
                      "id": 2,
                      "ship_strategy": "FORWARD",
                      "side": "second"
                    }
                  ]
                },
                {
                  "id": 4,
                  "type": "GroupAggregate",
                  "pact": "Operator",
                  "contents": "GroupAggregate(groupBy=[id], select=[COUNT(*)])",
                  "predecessors": [
                    {
                      "id": 3,
                      "ship_strategy": "HASH",
                      "side": "second"
                    }
                  ]
                },
                {
                  "id": 5,
                  "type": "Sink: default_catalog.default_database.out_upsert",
                  "pact": "Data Sink",
                  "contents": "Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n])",
                  "predecessors": [
                    {
                      "id": 4,
                      "ship_strategy": "FORWARD",
                      "side": "second"
                    }
                  ]
                }
              ]
            }
        "#]],
    );
}

#[test]
fn explain_without_advice() {
    check(
        "EXPLAIN PLAN_ADVICE SELECT window_start, window_end, COUNT(DISTINCT id) FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end",
        expect![[r#"
            result
            == Abstract Syntax Tree ==
            LogicalProject(window_start=[$1], window_end=[$2], EXPR$2=[$0])
            +- LogicalWindowAggregate(group=[{}], EXPR$2=[COUNT(DISTINCT $0)], window=[TUMBLE($1, size=300000 ms)])
               +- LogicalProject(id=[$0], ts=[$5])
                  +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[ts - INTERVAL '5' SECOND])
                     +- LogicalTableScan(table=[[default_catalog, default_database, orders]])

            == Optimized Physical Plan With Advice ==
            Collect
            +- Calc(select=[window_start, window_end, EXPR$2])
               +- WindowAggregate(groupBy=[], window=[TUMBLE(ts, size=300000 ms)], select=[COUNT(DISTINCT id)])
                  +- Exchange(distribution=[single])
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))])
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts])

            No available advice...

            == Optimized Execution Plan ==
            Collect
            +- Calc(select=[window_start, window_end, EXPR$2])
               +- WindowAggregate(groupBy=[], window=[TUMBLE(ts, size=300000 ms)], select=[COUNT(DISTINCT id)])
                  +- Exchange(distribution=[single])
                     +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))])
                        +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts])
        "#]],
    );
}

#[test]
fn explain_warns_of_values_that_change() {
    check(
        "EXPLAIN PLAN_ADVICE SELECT k, SUM(n) FROM (SELECT id AS k, COUNT(*) * RAND() AS n FROM orders GROUP BY id) GROUP BY k",
        expect![[r#"
            result
            == Abstract Syntax Tree ==
            LogicalProject(k=[$0], EXPR$1=[$1])
            +- LogicalAggregate(group=[{0}], EXPR$1=[SUM($1)])
               +- LogicalProject(k=[$0], n=[$1])
                  +- LogicalProject(k=[$0], n=[(CAST($1 AS DOUBLE) * RAND())])
                     +- LogicalAggregate(group=[{0}], $a0=[COUNT()])
                        +- LogicalProject(id=[$0])
                           +- LogicalWatermarkAssigner(rowtime=[ts], watermark=[ts - INTERVAL '5' SECOND])
                              +- LogicalTableScan(table=[[default_catalog, default_database, orders]])

            == Optimized Physical Plan With Advice ==
            Collect
            +- GroupAggregate(advice=[3], groupBy=[k], select=[SUM(n)])
               +- Exchange(distribution=[hash[k]])
                  +- Calc(advice=[2], select=[id AS k, (CAST($a0 AS DOUBLE) * RAND()) AS n])
                     +- GroupAggregate(advice=[1], groupBy=[id], select=[COUNT(*)])
                        +- Exchange(distribution=[hash[id]])
                           +- Calc(select=[id])
                              +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))])
                                 +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts])

            advice[1]: [ADVICE] The state grows with each new key, for keys are never forgotten. Consider a window, or 'table.exec.state.ttl' or the hint STATE_TTL for keys that fall silent.
            advice[2]: [WARNING] RAND() gives another value each time it is computed, so an update or deletion of a row may not find what was emitted for it before.
            advice[3]: [ADVICE] The state grows with each new key, for keys are never forgotten. Consider a window, or 'table.exec.state.ttl' or the hint STATE_TTL for keys that fall silent.

            == Optimized Execution Plan ==
            Collect
            +- GroupAggregate(groupBy=[k], select=[SUM(n)])
               +- Exchange(distribution=[hash[k]])
                  +- Calc(select=[id AS k, (CAST($a0 AS DOUBLE) * RAND()) AS n])
                     +- GroupAggregate(groupBy=[id], select=[COUNT(*)])
                        +- Exchange(distribution=[hash[id]])
                           +- Calc(select=[id])
                              +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))])
                                 +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts])
        "#]],
    );
}

#[test]
fn state_is_kept_as_long_as_a_hint_says() {
    check_each(
        &[
            "SELECT /*+ STATE_TTL('o' = '1 d') */ id, COUNT(*) FROM orders o GROUP BY id",
            "SELECT /*+ STATE_TTL('orders' = '1 d') */ DISTINCT id FROM orders",
            "SELECT /*+ STATE_TTL('orders' = '1 d') */ id, COUNT(*) FROM orders o GROUP BY id",
            "SELECT /*+ STATE_TTL('orders' = 'soon') */ id, COUNT(*) FROM orders GROUP BY id",
            "SELECT /*+ STATE_TTL(orders) */ id, COUNT(*) FROM orders GROUP BY id",
            "SELECT /*+ BROADCAST(orders) */ id FROM orders",
        ],
        expect![[r#"
            SELECT /*+ STATE_TTL('o' = '1 d') */ id, COUNT(*) FROM orders o GROUP BY id
              Collect, changelogMode=[I,UB,UA]
              +- GroupAggregate(groupBy=[id], select=[COUNT(*)], stateTtl=[86400000 ms]), changelogMode=[I,UB,UA]
                 +- Calc(select=[id]), changelogMode=[I]
                    +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                       +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
            SELECT /*+ STATE_TTL('orders' = '1 d') */ DISTINCT id FROM orders
              Collect, changelogMode=[I,UB,UA]
              +- GroupAggregate(groupBy=[id], select=[], stateTtl=[86400000 ms]), changelogMode=[I,UB,UA]
                 +- Calc(select=[id]), changelogMode=[I]
                    +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                       +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
            SELECT /*+ STATE_TTL('orders' = '1 d') */ id, COUNT(*) FROM orders o GROUP BY id
              error at «'orders'»: STATE_TTL names `orders`, which is not in FROM; name the table, or its alias if it has one
            SELECT /*+ STATE_TTL('orders' = 'soon') */ id, COUNT(*) FROM orders GROUP BY id
              error at «'soon'»: 'STATE_TTL' must be a duration such as '10 s' or '5 min', found 'soon'
            SELECT /*+ STATE_TTL(orders) */ id, COUNT(*) FROM orders GROUP BY id
              error at «STATE_TTL(orders)»: STATE_TTL takes 'table' = 'duration' pairs
            SELECT /*+ BROADCAST(orders) */ id FROM orders
              error at «BROADCAST(orders)»: not supported: the hint BROADCAST
        "#]],
    );
}

#[test]
fn conflicts_at_the_primary_key() {
    check_each(
        &[
            "SET 'table.exec.sink.require-on-conflict' = 'false'; INSERT INTO out_upsert SELECT id, items FROM orders",
            "SET 'table.exec.sink.require-on-conflict' = 'false'; INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id, items",
            "SET 'table.exec.sink.upsert-materialize' = 'NONE'; INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id, items",
            "SET 'table.exec.sink.upsert-materialize' = 'FORCE'; INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id",
            "SET 'table.exec.state.ttl' = '1 h'; INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id, items ON CONFLICT DO DEDUPLICATE",
            "INSERT INTO out_upsert SELECT id, v FROM history ON CONFLICT DO NOTHING",
        ],
        expect![[r#"
            SET 'table.exec.sink.require-on-conflict' = 'false'; INSERT INTO out_upsert SELECT id, items FROM orders
              Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n]), changelogMode=[I]
              +- Calc(select=[id, CAST(items AS BIGINT) AS n]), changelogMode=[I]
                 +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                    +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
            SET 'table.exec.sink.require-on-conflict' = 'false'; INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id, items
              Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n]), changelogMode=[I,UA,D]
              +- SinkUpsertMaterializer(primaryKey=[id], upsertKey=[all columns], conflictStrategy=[DEDUPLICATE]), changelogMode=[I,UA,D]
                 +- Calc(select=[id, EXPR$1 AS n]), changelogMode=[I,UB,UA]
                    +- GroupAggregate(groupBy=[id, items], select=[COUNT(*)]), changelogMode=[I,UB,UA]
                       +- Calc(select=[id, items]), changelogMode=[I]
                          +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                             +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
            SET 'table.exec.sink.upsert-materialize' = 'NONE'; INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id, items
              Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n]), changelogMode=[I,UB,UA]
              +- Calc(select=[id, EXPR$1 AS n]), changelogMode=[I,UB,UA]
                 +- GroupAggregate(groupBy=[id, items], select=[COUNT(*)]), changelogMode=[I,UB,UA]
                    +- Calc(select=[id, items]), changelogMode=[I]
                       +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                          +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, items, ts]), changelogMode=[I]
            SET 'table.exec.sink.upsert-materialize' = 'FORCE'; INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id
              Sink(table=[default_catalog.default_database.out_upsert], fields=[id, n]), changelogMode=[I,UA,D]
              +- SinkUpsertMaterializer(primaryKey=[id], upsertKey=[id], conflictStrategy=[DEDUPLICATE]), changelogMode=[I,UA,D]
                 +- GroupAggregate(groupBy=[id], select=[COUNT(*)]), changelogMode=[I,UB,UA]
                    +- Calc(select=[id]), changelogMode=[I]
                       +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                          +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, ts]), changelogMode=[I]
            SET 'table.exec.state.ttl' = '1 h'; INSERT INTO out_upsert SELECT id, COUNT(*) FROM orders GROUP BY id, items ON CONFLICT DO DEDUPLICATE
              error at «out_upsert»: not supported: 'table.exec.state.ttl' together with ON CONFLICT or upsert materialization
            INSERT INTO out_upsert SELECT id, v FROM history ON CONFLICT DO NOTHING
              error at «out_upsert»: ON CONFLICT DO NOTHING needs a watermark in all tables that are read, and default_catalog.default_database.history has none; declare WATERMARK FOR a time column, or use ON CONFLICT DO DEDUPLICATE
        "#]],
    );
}
