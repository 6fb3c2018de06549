//! ALTER TABLE … PARTITION and SHOW PARTITIONS; what there is none of.

use expect_test::expect;

use super::harness::*;

#[test]
fn a_catalog_keeps_a_list_of_partitions() {
    check_each_in_turn(
        &[
            "CREATE TABLE p (id INT, a STRING, b INT) PARTITIONED BY (a, b) WITH ('connector' = 'files')",
            "CREATE TABLE t (id INT) WITH ('connector' = 'files')",
            "SHOW PARTITIONS p",
            "ALTER TABLE p ADD PARTITION (b = 1, a = 'x') PARTITION (a = 'y', b = 2)",
            "SHOW PARTITIONS p",
            "SHOW PARTITIONS p PARTITION (b = 2)",
            "SHOW PARTITIONS p PARTITION (c = 2)",
            "ALTER TABLE p ADD PARTITION (a = 'x', b = 1)",
            "ALTER TABLE p ADD IF NOT EXISTS PARTITION (a = 'x', b = 1)",
            "ALTER TABLE p ADD PARTITION (a = 'x')",
            "ALTER TABLE p ADD PARTITION (a = 'x', c = 1)",
            "ALTER TABLE p DROP PARTITION (a = 'x', b = 1)",
            "ALTER TABLE p DROP PARTITION (a = 'x', b = 1)",
            "ALTER TABLE p DROP IF EXISTS PARTITION (a = 'x', b = 1)",
            "SHOW PARTITIONS p",
            "ALTER TABLE t ADD PARTITION (id = 1)",
            "SHOW PARTITIONS t",
        ],
        expect![[r#"
            CREATE TABLE p (id INT, a STRING, b INT) PARTITIONED BY (a, b) WITH ('connector' = 'files')
              OK
            CREATE TABLE t (id INT) WITH ('connector' = 'files')
              OK
            SHOW PARTITIONS p
              partition name
            ALTER TABLE p ADD PARTITION (b = 1, a = 'x') PARTITION (a = 'y', b = 2)
              OK
            SHOW PARTITIONS p
              partition name
              b=1/a=x
              a=y/b=2
            SHOW PARTITIONS p PARTITION (b = 2)
              partition name
              a=y/b=2
            SHOW PARTITIONS p PARTITION (c = 2)
              partition name
            ALTER TABLE p ADD PARTITION (a = 'x', b = 1)
              error at «PARTITION (a = 'x', b = 1)»: the partition exists already
            ALTER TABLE p ADD IF NOT EXISTS PARTITION (a = 'x', b = 1)
              OK
            ALTER TABLE p ADD PARTITION (a = 'x')
              error at «PARTITION (a = 'x')»: the partition must have a value for each partition key and for nothing else; the table is partitioned by a, b
            ALTER TABLE p ADD PARTITION (a = 'x', c = 1)
              error at «PARTITION (a = 'x', c = 1)»: the partition must have a value for each partition key and for nothing else; the table is partitioned by a, b
            ALTER TABLE p DROP PARTITION (a = 'x', b = 1)
              OK
            ALTER TABLE p DROP PARTITION (a = 'x', b = 1)
              error at «PARTITION (a = 'x', b = 1)»: there is no such partition; SHOW PARTITIONS lists them
            ALTER TABLE p DROP IF EXISTS PARTITION (a = 'x', b = 1)
              OK
            SHOW PARTITIONS p
              partition name
              a=y/b=2
            ALTER TABLE t ADD PARTITION (id = 1)
              error at «t»: the table is not PARTITIONED BY anything
            SHOW PARTITIONS t
              error at «t»: the table is not PARTITIONED BY anything
        "#]],
    );
}

#[test]
fn what_there_is_none_of() {
    check_each_in_turn(
        &[
            "SHOW PROCEDURES",
            "SHOW MODELS",
            "SHOW MATERIALIZED TABLES",
            "SHOW CREATE MODEL m",
            "DESCRIBE MODEL m",
            "DROP MODEL m",
            "DROP MODEL IF EXISTS m",
            "DROP MATERIALIZED TABLE m",
            "DROP MATERIALIZED TABLE IF EXISTS m",
            "DROP FUNCTION f",
            "DROP FUNCTION IF EXISTS f",
            "DROP TEMPORARY SYSTEM FUNCTION IF EXISTS f",
        ],
        expect![[r#"
            SHOW PROCEDURES
              error at «SHOW PROCEDURES»: no catalog has procedures
            SHOW MODELS
              model name
            SHOW MATERIALIZED TABLES
              materialized table
            SHOW CREATE MODEL m
              error at «m»: there is no model `m`
            DESCRIBE MODEL m
              error at «m»: there is no model `m`
            DROP MODEL m
              error at «m»: there is no model `m`
            DROP MODEL IF EXISTS m
              OK
            DROP MATERIALIZED TABLE m
              error at «m»: there is no materialized table `m`
            DROP MATERIALIZED TABLE IF EXISTS m
              OK
            DROP FUNCTION f
              error at «f»: there is no function `f`; SHOW USER FUNCTIONS lists those of the current database
            DROP FUNCTION IF EXISTS f
              OK
            DROP TEMPORARY SYSTEM FUNCTION IF EXISTS f
              OK
        "#]],
    );
}
