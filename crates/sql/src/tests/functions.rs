//! Functions defined in SQL.

use std::fs;

use expect_test::expect;

use super::harness::{check_each, check_each_in_turn, run, session};

const NET: &str =
    "CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';";

/// Each after the definition of `net`.
fn check_net(queries: &[&str], expected: expect_test::Expect) {
    let scripts: Vec<String> = queries.iter().map(|query| format!("{NET}\n{query}")).collect();
    check_each(&scripts.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn a_call_becomes_the_body() {
    check_net(
        &[
            "SELECT net(amount, 0.2), NET(items, 0) FROM orders",
            "SELECT id, SUM(net(amount, items)) AS s FROM orders WHERE net(amount, 0.5) > 10 GROUP BY id",
            "SELECT net(amount, 0.2), COUNT(*) FROM orders GROUP BY net(amount, 0.2)",
            "SELECT default_database.net(1, 2), default_catalog.default_database.net(1, CAST(NULL AS DOUBLE))",
            "SELECT net(amount, NULL) FROM orders",
            "CREATE VIEW v AS SELECT net(amount, 0.2) AS n FROM orders; CREATE DATABASE d; USE d; SELECT n FROM default_database.v",
            "CREATE TABLE t (a INT, b AS net(a, 0.5)) WITH ('connector' = 'files'); SELECT b FROM t",
            "SELECT * FROM (VALUES (net(1, 0.5))) AS t (x)",
            "SELECT o.id FROM orders o WHERE o.id IN (SELECT h.id FROM history h WHERE net(h.v, 1) > 0)",
        ],
        expect![[r#"
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT net(amount, 0.2), NET(items, 0) FROM orders
              Collect, changelogMode=[I]
              +- Calc(select=[(CAST(amount AS DOUBLE) * 0.8) AS EXPR$0, CAST(CAST(items AS DECIMAL(10, 2)) AS DOUBLE) AS EXPR$1]), changelogMode=[I]
                 +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                    +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[amount, items, ts]), changelogMode=[I]
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT id, SUM(net(amount, items)) AS s FROM orders WHERE net(amount, 0.5) > 10 GROUP BY id
              Collect, changelogMode=[I,UB,UA]
              +- GroupAggregate(groupBy=[id], select=[SUM($f1)]), changelogMode=[I,UB,UA]
                 +- Calc(select=[id, (CAST(amount AS DOUBLE) * (1.0 - CAST(items AS DOUBLE))) AS $f1], where=[((CAST(amount AS DOUBLE) * 0.5) > 10.0)]), changelogMode=[I]
                    +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                       +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[id, amount, items, ts]), changelogMode=[I]
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT net(amount, 0.2), COUNT(*) FROM orders GROUP BY net(amount, 0.2)
              Collect, changelogMode=[I,UB,UA]
              +- GroupAggregate(groupBy=[$f0], select=[COUNT(*)]), changelogMode=[I,UB,UA]
                 +- Calc(select=[(CAST(amount AS DOUBLE) * 0.8) AS $f0]), changelogMode=[I]
                    +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                       +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[amount, ts]), changelogMode=[I]
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT default_database.net(1, 2), default_catalog.default_database.net(1, CAST(NULL AS DOUBLE))
              Collect, changelogMode=[I]
              +- Calc(select=[-1.0 AS EXPR$0, NULL AS EXPR$1]), changelogMode=[I]
                 +- Values(rows=1, fields=[ZERO]), changelogMode=[I]
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT net(amount, NULL) FROM orders
              Collect, changelogMode=[I]
              +- Calc(select=[(CAST(amount AS DOUBLE) * NULL) AS EXPR$0]), changelogMode=[I]
                 +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                    +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[amount, ts]), changelogMode=[I]
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE VIEW v AS SELECT net(amount, 0.2) AS n FROM orders; CREATE DATABASE d; USE d; SELECT n FROM default_database.v
              Collect, changelogMode=[I]
              +- Calc(select=[(CAST(amount AS DOUBLE) * 0.8) AS n]), changelogMode=[I]
                 +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - 5000:INTERVAL DAY TO SECOND(3))]), changelogMode=[I]
                    +- TableSourceScan(table=[default_catalog.default_database.orders], fields=[amount, ts]), changelogMode=[I]
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE TABLE t (a INT, b AS net(a, 0.5)) WITH ('connector' = 'files'); SELECT b FROM t
              Collect, changelogMode=[I]
              +- Calc(select=[(CAST(CAST(a AS DECIMAL(10, 2)) AS DOUBLE) * (CAST(1 AS DOUBLE) - CAST(5:DECIMAL(2, 1) AS DOUBLE))) AS b]), changelogMode=[I]
                 +- TableSourceScan(table=[default_catalog.default_database.t], fields=[a]), changelogMode=[I]
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT * FROM (VALUES (net(1, 0.5))) AS t (x)
              Collect, changelogMode=[I]
              +- Values(rows=1, fields=[x]), changelogMode=[I]
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT o.id FROM orders o WHERE o.id IN (SELECT h.id FROM history h WHERE net(h.v, 1) > 0)
              error at «o.id IN (SELECT h.id FROM history h WHERE net(h.v, 1) > 0)»: not supported: joins other than window joins; join window table functions by window_start, window_end and further keys
        "#]],
    );
}

#[test]
fn errors_point_into_the_call_and_into_the_body() {
    check_net(
        &[
            "SELECT net(amount) FROM orders",
            "SELECT net(id, 1) FROM orders",
            "SELECT nte(amount, 1) FROM orders",
            "SELECT other.net(1, 2)",
            "SELECT net(price => 1, rate => 2)",
            "SELECT net(DISTINCT 1, 2)",
            "SELECT net(1, 2) OVER (ORDER BY ts) FROM orders",
            "SELECT price FROM orders",
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'x + y'",
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'COALESCE(''a'', ''b'') || x + 1 )'",
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS E'x +\\n y'",
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'UPPER(x)'",
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'x +'",
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'CAST(x AS STRING)'",
            "CREATE FUNCTION f(x INT) RETURNS INT NOT NULL LANGUAGE SQL AS 'x'",
            "CREATE FUNCTION f(x INT) RETURNS BIGINT LANGUAGE SQL AS 'SUM(x)'",
            "CREATE FUNCTION f(x INT) RETURNS BIGINT LANGUAGE SQL AS '(SELECT x)'",
            "CREATE FUNCTION f(x INT, x INT) RETURNS INT LANGUAGE SQL AS 'x'",
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'f(x)'",
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE JAVA AS 'x'",
            "CREATE FUNCTION f(x INT) RETURNS INT AS 'x'",
            "CREATE FUNCTION f(x INT) RETURNS INT AS 'x' LANGUAGE SQL USING JAR 'x.jar'",
            "CREATE FUNCTION f(x INT) RETURNS INT AS 'x' LANGUAGE SQL WITH ('a' = 'b')",
            "CREATE FUNCTION `upper`(x STRING) RETURNS STRING LANGUAGE SQL AS 'x'",
            "CREATE FUNCTION parse_json(x STRING) RETURNS STRING LANGUAGE SQL AS 'x'",
            "CREATE FUNCTION tumble_start(x STRING) RETURNS STRING LANGUAGE SQL AS 'x'",
            "CREATE TEMPORARY SYSTEM FUNCTION listagg(x STRING) RETURNS STRING LANGUAGE SQL AS 'x'",
            "CREATE TEMPORARY SYSTEM FUNCTION my_sum(x STRING) RETURNS STRING LANGUAGE SQL AS 'x'; SELECT my_sum(1)",
            "CREATE FUNCTION net(x INT) RETURNS INT LANGUAGE SQL AS 'x'",
            "CREATE FUNCTION nowhere.f(x INT) RETURNS INT LANGUAGE SQL AS 'x'",
        ],
        expect![[r#"
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT net(amount) FROM orders
              error at «net(amount)»: default_catalog.default_database.net takes 2 arguments, found 1; its parameters are (price DECIMAL(10, 2), rate DOUBLE)
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT net(id, 1) FROM orders
              error at «id»: price of default_catalog.default_database.net is DECIMAL(10, 2), found STRING; CAST(… AS DECIMAL(10, 2))
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT nte(amount, 1) FROM orders
              error at «nte»: no function NTE; did you mean net?
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT other.net(1, 2)
              error at «other.net»: there is no function `other.net`; SHOW USER FUNCTIONS lists those of the current database
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT net(price => 1, rate => 2)
              error at «price => 1»: not supported: named arguments of default_catalog.default_database.net
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT net(DISTINCT 1, 2)
              error at «net(DISTINCT 1, 2)»: default_catalog.default_database.net is no aggregate function: it takes no DISTINCT, FILTER, ORDER BY or OVER
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT net(1, 2) OVER (ORDER BY ts) FROM orders
              error at «net(1, 2) OVER (ORDER BY ts)»: default_catalog.default_database.net is no aggregate function: it takes no DISTINCT, FILTER, ORDER BY or OVER
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            SELECT price FROM orders
              error at «price»: there is no column `price`; there are id, user_id, amount, items, detail, ts, published, part, total, pt
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'x + y'
              error at «y»: there is no column `y`; did you mean `x`?
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'COALESCE(''a'', ''b'') || x + 1 )'
              error at «)»: expected an operator, found `)`
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS E'x +\n y'
              error at «E'x +\n y'»: there is no column `y`; did you mean `x`?
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'UPPER(x)'
              error at «UPPER»: cannot apply UPPER to arguments of type (INT); expected UPPER(string)
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'x +'
              error at «»: expected an expression, found the end of the text
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'CAST(x AS STRING)'
              error at «CAST(x AS STRING)»: default_catalog.default_database.f returns INT, but its body gives STRING; write CAST(… AS INT), or RETURNS STRING
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT NOT NULL LANGUAGE SQL AS 'x'
              error at «x»: default_catalog.default_database.f returns INT NOT NULL, but its body gives INT; COALESCE gives a value in the place of NULL; or leave NOT NULL out
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS BIGINT LANGUAGE SQL AS 'SUM(x)'
              error at «SUM(x)»: aggregate SUM can't stand in the body of a function; conditions on aggregates go to HAVING
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS BIGINT LANGUAGE SQL AS '(SELECT x)'
              error at «(SELECT x)»: not supported: a query as a value
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT, x INT) RETURNS INT LANGUAGE SQL AS 'x'
              error at «x»: there are two parameters `x`
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'f(x)'
              error at «f(x)»: function default_catalog.default_database.f is defined by itself; there is no recursion in SQL expressions
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE JAVA AS 'x'
              error at «LANGUAGE JAVA AS 'x'»: parameters with types are for LANGUAGE SQL; write LANGUAGE SQL AS 'expression'
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT AS 'x'
              error at «»: expected LANGUAGE before the language of the function, found the end of the text
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT AS 'x' LANGUAGE SQL USING JAR 'x.jar'
              error at «USING JAR 'x.jar'»: a function in SQL uses no resources
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION f(x INT) RETURNS INT AS 'x' LANGUAGE SQL WITH ('a' = 'b')
              error at «'a' = 'b'»: a function in SQL takes no options
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION `upper`(x STRING) RETURNS STRING LANGUAGE SQL AS 'x'
              error at «`upper`»: not supported: a function of one's own by the name of Flink's UPPER; give it another name
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION parse_json(x STRING) RETURNS STRING LANGUAGE SQL AS 'x'
              error at «parse_json»: not supported: a function of one's own by the name of Flink's PARSE_JSON; give it another name
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION tumble_start(x STRING) RETURNS STRING LANGUAGE SQL AS 'x'
              error at «tumble_start»: not supported: a function of one's own by the name of Flink's TUMBLE_START; give it another name
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE TEMPORARY SYSTEM FUNCTION listagg(x STRING) RETURNS STRING LANGUAGE SQL AS 'x'
              error at «listagg»: not supported: a function of one's own by the name of Flink's LISTAGG; give it another name
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE TEMPORARY SYSTEM FUNCTION my_sum(x STRING) RETURNS STRING LANGUAGE SQL AS 'x'; SELECT my_sum(1)
              error at «1»: x of my_sum is STRING, found INT NOT NULL; CAST(… AS STRING)
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION net(x INT) RETURNS INT LANGUAGE SQL AS 'x'
              error at «net»: function default_catalog.default_database.net exists already; CREATE FUNCTION IF NOT EXISTS keeps the one there is, ALTER FUNCTION changes it
            CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)';
            CREATE FUNCTION nowhere.f(x INT) RETURNS INT LANGUAGE SQL AS 'x'
              error at «nowhere.f»: there is no database 'nowhere' in catalog 'default_catalog'; CREATE DATABASE makes one
        "#]],
    );
}

#[test]
fn other_languages_are_refused() {
    check_each(
        &[
            "CREATE FUNCTION f AS 'com.example.F'",
            "CREATE TEMPORARY FUNCTION f AS 'com.example.F' LANGUAGE SCALA USING JAR 'f.jar'",
            "CREATE FUNCTION f AS 'f.f' LANGUAGE PYTHON",
            "CREATE FUNCTION f AS 'x + 1' LANGUAGE SQL",
            "ALTER FUNCTION f AS 'com.example.F' LANGUAGE JAVA",
        ],
        expect![[r#"
            CREATE FUNCTION f AS 'com.example.F'
              error at «f»: not supported: functions of a class; there is no JVM in the program; write it in SQL: f(x INT) RETURNS INT LANGUAGE SQL AS 'x + 1'
            CREATE TEMPORARY FUNCTION f AS 'com.example.F' LANGUAGE SCALA USING JAR 'f.jar'
              error at «f»: not supported: functions of a class; there is no JVM in the program; write it in SQL: f(x INT) RETURNS INT LANGUAGE SQL AS 'x + 1'
            CREATE FUNCTION f AS 'f.f' LANGUAGE PYTHON
              error at «f»: not supported: functions of a class; there is no Python in the program; write the expression in SQL
            CREATE FUNCTION f AS 'x + 1' LANGUAGE SQL
              error at «f»: not supported: functions of a class; say what it takes and gives: f(x INT) RETURNS INT LANGUAGE SQL AS 'x + 1'
            ALTER FUNCTION f AS 'com.example.F' LANGUAGE JAVA
              error at «f»: not supported: functions of a class; there is no JVM in the program; write it in SQL: f(x INT) RETURNS INT LANGUAGE SQL AS 'x + 1'
        "#]],
    );
}

#[test]
fn an_argument_that_may_differ_is_named_once() {
    check_each(
        &[
            "CREATE FUNCTION twice(x DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'x + x'; SELECT twice(RAND())",
            "CREATE FUNCTION once(x DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'x + 1'; SELECT once(RAND()), once(once(RAND()))",
            "CREATE FUNCTION dice() RETURNS INT LANGUAGE SQL AS 'RAND_INTEGER(6) + 1'; SELECT dice(), dice()",
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'x + x + x + x + x + x + x + x + x + x';
             SELECT f(f(f(f(f(items))))) FROM orders",
        ],
        expect![[r#"
            CREATE FUNCTION twice(x DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'x + x'; SELECT twice(RAND())
              error at «RAND()»: not supported: an argument that may be different each time for x of default_catalog.default_database.twice, whose body names it 2 times; compute it in a sub-query, and call the function on its column
            CREATE FUNCTION once(x DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'x + 1'; SELECT once(RAND()), once(once(RAND()))
              Collect, changelogMode=[I]
              +- Calc(select=[(RAND() + 1.0) AS EXPR$0, ((RAND() + 1.0) + 1.0) AS EXPR$1]), changelogMode=[I]
                 +- Values(rows=1, fields=[ZERO]), changelogMode=[I]
            CREATE FUNCTION dice() RETURNS INT LANGUAGE SQL AS 'RAND_INTEGER(6) + 1'; SELECT dice(), dice()
              Collect, changelogMode=[I]
              +- Calc(select=[(RAND_INTEGER(6) + 1) AS EXPR$0, (RAND_INTEGER(6) + 1) AS EXPR$1]), changelogMode=[I]
                 +- Values(rows=1, fields=[ZERO]), changelogMode=[I]
            CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS 'x + x + x + x + x + x + x + x + x + x';
                         SELECT f(f(f(f(f(items))))) FROM orders
              error at «f(f(f(f(items))))»: not supported: a call of default_catalog.default_database.f that comes to an expression of 20009 parts; compute the arguments in a sub-query
        "#]],
    );
}

#[test]
fn functions_have_places_and_lifetimes() {
    check_each_in_turn(
        &[
            "CREATE FUNCTION Inc(x INT) RETURNS INT LANGUAGE SQL AS 'x + 1'",
            "CREATE FUNCTION inc(x INT) RETURNS INT LANGUAGE SQL AS 'x + 2'",
            "CREATE FUNCTION IF NOT EXISTS inc(x INT) RETURNS INT LANGUAGE SQL AS 'x + 2'",
            "CREATE FUNCTION inc2(x INT) RETURNS INT NOT NULL LANGUAGE SQL AS 'COALESCE(inc(inc(x)), 0)'",
            "CREATE TEMPORARY SYSTEM FUNCTION halve(x DOUBLE NOT NULL) RETURNS DOUBLE LANGUAGE SQL AS 'x / 2'",
            "SHOW USER FUNCTIONS",
            "SHOW FUNCTIONS LIKE 'inc%'",
            "SELECT INC2(5), halve(3), halve(CAST(NULL AS DOUBLE))",
            "SELECT INC2(5), halve(3)",
            "CREATE TEMPORARY FUNCTION inc(x INT) RETURNS INT LANGUAGE SQL AS 'x + 100'",
            "SELECT inc2(5)",
            "DESCRIBE FUNCTION inc",
            "DESCRIBE FUNCTION halve",
            "DESCRIBE FUNCTION upper",
            "DESCRIBE FUNCTION uper",
            "ALTER FUNCTION inc2(x INT) RETURNS INT LANGUAGE SQL AS 'inc2(x)'",
            "ALTER FUNCTION inc2(x INT) RETURNS INT LANGUAGE SQL AS 'inc(x) - 1'",
            "ALTER FUNCTION nix(x INT) RETURNS INT LANGUAGE SQL AS 'x'",
            "ALTER FUNCTION IF EXISTS nix(x INT) RETURNS INT LANGUAGE SQL AS 'x'",
            "ALTER TEMPORARY FUNCTION inc(x INT) RETURNS INT LANGUAGE SQL AS 'x'",
            "DROP TEMPORARY FUNCTION inc",
            "SELECT inc2(5)",
            "ALTER FUNCTION inc(x INT) RETURNS INT LANGUAGE SQL AS 'inc2(x)'",
            "DROP FUNCTION inc",
            "DROP FUNCTION inc",
            "DROP FUNCTION IF EXISTS inc",
            "DROP FUNCTION halve",
            "DROP FUNCTION upper",
            "SELECT inc2(5)",
            "CREATE DATABASE d",
            "CREATE FUNCTION d.f(x INT) RETURNS INT LANGUAGE SQL AS 'x'",
            "SHOW USER FUNCTIONS FROM d",
            "SELECT f(1)",
            "SELECT d.f(1)",
            "DROP DATABASE d",
            "DROP DATABASE d CASCADE",
        ],
        expect![[r#"
            CREATE FUNCTION Inc(x INT) RETURNS INT LANGUAGE SQL AS 'x + 1'
              OK
            CREATE FUNCTION inc(x INT) RETURNS INT LANGUAGE SQL AS 'x + 2'
              error at «inc»: function default_catalog.default_database.inc exists already; CREATE FUNCTION IF NOT EXISTS keeps the one there is, ALTER FUNCTION changes it
            CREATE FUNCTION IF NOT EXISTS inc(x INT) RETURNS INT LANGUAGE SQL AS 'x + 2'
              OK
            CREATE FUNCTION inc2(x INT) RETURNS INT NOT NULL LANGUAGE SQL AS 'COALESCE(inc(inc(x)), 0)'
              OK
            CREATE TEMPORARY SYSTEM FUNCTION halve(x DOUBLE NOT NULL) RETURNS DOUBLE LANGUAGE SQL AS 'x / 2'
              OK
            SHOW USER FUNCTIONS
              function name
              halve
              inc
              inc2
            SHOW FUNCTIONS LIKE 'inc%'
              function name
              inc
              inc2
            SELECT INC2(5), halve(3), halve(CAST(NULL AS DOUBLE))
              error at «CAST(NULL AS DOUBLE)»: x of halve is DOUBLE NOT NULL, found DOUBLE; COALESCE gives a value in the place of NULL
            SELECT INC2(5), halve(3)
              Collect, changelogMode=[I]
              +- Calc(select=[7 AS EXPR$0, 1.5 AS EXPR$1]), changelogMode=[I]
                 +- Values(rows=1, fields=[ZERO]), changelogMode=[I]
            CREATE TEMPORARY FUNCTION inc(x INT) RETURNS INT LANGUAGE SQL AS 'x + 100'
              OK
            SELECT inc2(5)
              Collect, changelogMode=[I]
              +- Calc(select=[205 AS EXPR$0]), changelogMode=[I]
                 +- Values(rows=1, fields=[ZERO]), changelogMode=[I]
            DESCRIBE FUNCTION inc
              info name | info value
              is system function | false
              is temporary | true
              function language | SQL
              definition | (`x` INT) RETURNS INT LANGUAGE SQL AS 'x + 100'
            DESCRIBE FUNCTION halve
              info name | info value
              is system function | true
              is temporary | true
              function language | SQL
              definition | (`x` DOUBLE NOT NULL) RETURNS DOUBLE LANGUAGE SQL AS 'x / 2'
            DESCRIBE FUNCTION upper
              error at «FUNCTION»: expected the name of a table, found `FUNCTION`, which is a reserved word; to use it as a name write `FUNCTION` in back-ticks
            DESCRIBE FUNCTION uper
              error at «uper»: there is no function `uper`; SHOW FUNCTIONS lists them
            ALTER FUNCTION inc2(x INT) RETURNS INT LANGUAGE SQL AS 'inc2(x)'
              error at «inc2(x)»: function default_catalog.default_database.inc2 is defined by itself; there is no recursion in SQL expressions
            ALTER FUNCTION inc2(x INT) RETURNS INT LANGUAGE SQL AS 'inc(x) - 1'
              OK
            ALTER FUNCTION nix(x INT) RETURNS INT LANGUAGE SQL AS 'x'
              error at «nix»: there is no function `nix`; SHOW USER FUNCTIONS lists those of the current database
            ALTER FUNCTION IF EXISTS nix(x INT) RETURNS INT LANGUAGE SQL AS 'x'
              OK
            ALTER TEMPORARY FUNCTION inc(x INT) RETURNS INT LANGUAGE SQL AS 'x'
              error at «inc»: not supported: ALTER of a temporary function; drop it, create it
            DROP TEMPORARY FUNCTION inc
              OK
            SELECT inc2(5)
              Collect, changelogMode=[I]
              +- Calc(select=[5 AS EXPR$0]), changelogMode=[I]
                 +- Values(rows=1, fields=[ZERO]), changelogMode=[I]
            ALTER FUNCTION inc(x INT) RETURNS INT LANGUAGE SQL AS 'inc2(x)'
              error at «inc2(x)»: in default_catalog.default_database.inc2: function default_catalog.default_database.inc is defined by itself; there is no recursion in SQL expressions
            DROP FUNCTION inc
              OK
            DROP FUNCTION inc
              error at «inc»: there is no function `inc`; SHOW USER FUNCTIONS lists those of the current database
            DROP FUNCTION IF EXISTS inc
              OK
            DROP FUNCTION halve
              error at «halve»: there is no function `halve`; SHOW USER FUNCTIONS lists those of the current database
            DROP FUNCTION upper
              error at «upper»: expected the name of what to drop, found `upper`, which is a reserved word; to use it as a name write `upper` in back-ticks
            SELECT inc2(5)
              error at «inc2(5)»: in default_catalog.default_database.inc2: no function INC; did you mean inc2?
            CREATE DATABASE d
              OK
            CREATE FUNCTION d.f(x INT) RETURNS INT LANGUAGE SQL AS 'x'
              OK
            SHOW USER FUNCTIONS FROM d
              function name
              f
              halve
            SELECT f(1)
              error at «f»: no function F; did you mean f?
            SELECT d.f(1)
              Collect, changelogMode=[I]
              +- Calc(select=[1 AS EXPR$0]), changelogMode=[I]
                 +- Values(rows=1, fields=[ZERO]), changelogMode=[I]
            DROP DATABASE d
              error at «d»: database 'd' is not empty; DROP DATABASE … CASCADE
            DROP DATABASE d CASCADE
              OK
        "#]],
    );
}

#[test]
fn a_catalog_keeps_functions() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        format!("CREATE CATALOG c WITH ('type' = 'flitz', 'path' = '{}'); USE CATALOG c;", folder.path().display());
    let mut first = session();
    let sql = "CREATE FUNCTION Tag(s STRING, n INT NOT NULL) RETURNS STRING LANGUAGE SQL AS 's || ''#'' || CAST(n AS STRING)';
        CREATE FUNCTION tags(s STRING) RETURNS STRING LANGUAGE SQL AS 'tag(tag(s, 1), 2)';
        CREATE TABLE t (s STRING, x AS tags(s)) WITH ('connector' = 'files');";
    assert_eq!(run(&mut first, &format!("{open}{sql}")), "OK\n");
    expect![[r#"
        USE `default`;
        CREATE FUNCTION `tag`(`s` VARCHAR(2147483647), `n` INT NOT NULL) RETURNS VARCHAR(2147483647) LANGUAGE SQL AS 's || ''#'' || CAST(n AS STRING)';
    "#]].assert_eq(&fs::read_to_string(folder.path().join("default/tag.function.sql")).unwrap());
    let mut second = session();
    expect![[r#"
        Collect, changelogMode=[I]
        +- Calc(select=[x, 'b#3' AS EXPR$1]), changelogMode=[I]
           +- Calc(select=[((((s || '#') || CAST(1 AS STRING)) || '#') || CAST(2 AS STRING)) AS x]), changelogMode=[I]
              +- TableSourceScan(table=[c.default.t], fields=[s]), changelogMode=[I]
    "#]]
    .assert_eq(&run(&mut second, &format!("{open}SELECT x, tag('b', 3) FROM t")));
    assert_eq!(run(&mut first, "DROP FUNCTION tag"), "OK\n");
    expect![[r#"
        function name
        tags
    "#]]
    .assert_eq(&run(&mut second, "SHOW USER FUNCTIONS"));
    expect![[r#"
        error at «tags('b')»: in c.default.tags: no function TAG; did you mean tags?
    "#]]
    .assert_eq(&run(&mut second, "SELECT tags('b')"));
    fs::write(folder.path().join("default/tags.function.sql"), "CREATE FUNCTION tags(s STRING RETURNS").unwrap();
    expect![[r#"
        error at «tags»: c.default.tags can't be made from what its catalog keeps: expected `,` or `)` in the parameters, found `RETURNS`
    "#]].assert_eq(&run(&mut second, "SELECT tags('b')"));
    assert_eq!(run(&mut second, "DROP FUNCTION tags"), "OK\n");
    assert!(!folder.path().join("default/tags.function.sql").exists());
}
