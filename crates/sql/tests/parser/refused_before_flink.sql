-- Statements that the parser of Flink 2.3.0 accepts and this one refuses: its planner refuses them in any case, or
-- they are not supported here. One per paragraph, the messages below it.

SELECT 'a' 'b';
--| error: two strings follow each other on one line
--|  --> q:1:8
--| 1 | SELECT 'a' 'b';
--|   |        ^^^^^^^
--|   = strings on successive lines are joined; otherwise write `||`, or '' for a quote within

SELECT DATETIME '2020-01-01 00:00:00';
--| error: expected an expression, found `DATETIME`, which is a reserved word
--|  --> q:1:8
--| 1 | SELECT DATETIME '2020-01-01 00:00:00';
--|   |        ^^^^^^^^
--|   = if it is a column write `DATETIME` in back-ticks

SELECT CONVERT(x, UTF8, LATIN1) FROM t;
--| not supported: the function CONVERT
--|  --> q:1:8
--| 1 | SELECT CONVERT(x, UTF8, LATIN1) FROM t;
--|   |        ^^^^^^^

SELECT {fn ABS(1)};
--| not supported: ODBC escapes in braces
--|  --> q:1:8
--| 1 | SELECT {fn ABS(1)};
--|   |        ^
--|   = write the function or literal itself

SELECT {d '2020-01-01'};
--| not supported: ODBC escapes in braces
--|  --> q:1:8
--| 1 | SELECT {d '2020-01-01'};
--|   |        ^
--|   = write the function or literal itself

SELECT * FROM a JOIN b;
--| error: expected ON or USING after the joined table, found the end of the statement
--|  --> q:1:23
--| 1 | SELECT * FROM a JOIN b;
--|   |                       ^
--|   = a join without condition is a CROSS JOIN

SELECT * FROM a NATURAL JOIN b ON x = y;
--| error: NATURAL JOIN takes no condition
--|  --> q:1:32
--| 1 | SELECT * FROM a NATURAL JOIN b ON x = y;
--|   |                                ^^

SELECT * FROM a CROSS JOIN b ON x = y;
--| error: CROSS JOIN takes no condition
--|  --> q:1:30
--| 1 | SELECT * FROM a CROSS JOIN b ON x = y;
--|   |                              ^^

SELECT * FROM t TABLESAMPLE BERNOULLI(10);
--| not supported: TABLESAMPLE (Flink can't plan it either)
--|  --> q:1:17
--| 1 | SELECT * FROM t TABLESAMPLE BERNOULLI(10);
--|   |                 ^^^^^^^^^^^

SELECT STREAM a FROM t;
--| error: there is no SELECT STREAM
--|  --> q:1:8
--| 1 | SELECT STREAM a FROM t;
--|   |        ^^^^^^
--|   = leave STREAM out

SELECT a FROM t LIMIT ?;
--| error: expected a whole number after LIMIT, found `?`
--|  --> q:1:23
--| 1 | SELECT a FROM t LIMIT ?;
--|   |                       ^

SELECT ARRAY(1,2);
--| error: expected a query in ARRAY(…), found `1`
--|  --> q:1:14
--| 1 | SELECT ARRAY(1,2);
--|   |              ^
--|   = elements are written in brackets: ARRAY[…]

SELECT a FORMAT JSON FROM t;
--| error: expected the end of the statement, found `JSON`
--|  --> q:1:17
--| 1 | SELECT a FORMAT JSON FROM t;
--|   |                 ^^^^

SELECT NEXT VALUE FOR s;
--| not supported: sequences (NEXT VALUE FOR)
--|  --> q:1:8
--| 1 | SELECT NEXT VALUE FOR s;
--|   |        ^^^^

SELECT COUNT(*), COUNT(DISTINCT a, b), COUNT(ALL a), COUNT(t.*) FROM t;
--| error: expected `,` or `)` after the first argument of COUNT, found `.`
--|  --> q:1:61
--| 1 | SELECT COUNT(*), COUNT(DISTINCT a, b), COUNT(ALL a), COUNT(t.*) FROM t;
--|   |                                                             ^

SELECT EXTRACT(DAY FROM x), EXTRACT(ISODOW FROM x), EXTRACT(EPOCH FROM x), EXTRACT(MILLISECOND FROM x), EXTRACT(DAYS FROM x), EXTRACT(foo FROM x) FROM t;
--| error: `DAYS` is not a unit of time
--|  --> q:1:113
--| 1 | SELECT EXTRACT(DAY FROM x), EXTRACT(ISODOW FROM x), EXTRACT(EPOCH FROM x), EXTRACT(MILLISECOND FROM x), EXTRACT(DAYS FROM x), EXTRACT(foo FROM x) FROM t;
--|   |                                                                                                                 ^^^^
--|   = write DAY

SELECT FLOOR(x TO DAY), CEILING(x TO WEEK), FLOOR(x TO foo) FROM t;
--| error: `foo` is not a unit of time
--|  --> q:1:56
--| 1 | SELECT FLOOR(x TO DAY), CEILING(x TO WEEK), FLOOR(x TO foo) FROM t;
--|   |                                                        ^^^
--|   = use YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND or MILLISECOND

SELECT TIMESTAMPADD(SQL_TSI_DAY, 1, x), TIMESTAMPDIFF(FRAC_SECOND, a, b), TIMESTAMPADD(DAYS, 1, x) FROM t;
--| error: `DAYS` is not a unit of time
--|  --> q:1:88
--| 1 | SELECT TIMESTAMPADD(SQL_TSI_DAY, 1, x), TIMESTAMPDIFF(FRAC_SECOND, a, b), TIMESTAMPADD(DAYS, 1, x) FROM t;
--|   |                                                                                        ^^^^
--|   = write DAY

SELECT DATE_TRUNC('day', x) FROM t;
--| error: there is no function DATE_TRUNC
--|  --> q:1:8
--| 1 | SELECT DATE_TRUNC('day', x) FROM t;
--|   |        ^^^^^^^^^^
--|   = write FLOOR(x TO unit), such as FLOOR(ts TO DAY)

SELECT DATE_TRUNC(x, DAY) FROM t;
--| error: there is no function DATE_TRUNC
--|  --> q:1:8
--| 1 | SELECT DATE_TRUNC(x, DAY) FROM t;
--|   |        ^^^^^^^^^^
--|   = write FLOOR(x TO unit), such as FLOOR(ts TO DAY)

SELECT TIMESTAMP_DIFF(a, b, DAY) FROM t;
--| error: there is no function TIMESTAMP_DIFF
--|  --> q:1:8
--| 1 | SELECT TIMESTAMP_DIFF(a, b, DAY) FROM t;
--|   |        ^^^^^^^^^^^^^^
--|   = write TIMESTAMPDIFF(unit, start, end)

SELECT map['a'] FROM t;
--| error: MAP needs an even number of elements: key, value, key, value, ...
--|  --> q:1:8
--| 1 | SELECT map['a'] FROM t;
--|   |        ^^^^^^^^

SELECT x'a' FROM t;
--| error: a binary string consists of pairs of hexadecimal digits
--|  --> q:1:8
--| 1 | SELECT x'a' FROM t;
--|   |        ^^^^

SELECT f(x) WITHIN DISTINCT (a) FROM t;
--| not supported: WITHIN DISTINCT
--|  --> q:1:13
--| 1 | SELECT f(x) WITHIN DISTINCT (a) FROM t;
--|   |             ^^^^^^

SELECT RUNNING LAST(a) FROM t;
--| error: expected an expression, found `RUNNING`, which is a reserved word
--|  --> q:1:8
--| 1 | SELECT RUNNING LAST(a) FROM t;
--|   |        ^^^^^^^
--|   = if it is a column write `RUNNING` in back-ticks

SELECT FINAL LAST(a) FROM t;
--| error: expected the end of the statement, found `(`
--|  --> q:1:18
--| 1 | SELECT FINAL LAST(a) FROM t;
--|   |                  ^
--|   = did you mean LEFT instead of `LAST`?

SELECT * FROM t PIVOT (SUM(a) FOR b IN (1,2));
--| not supported: PIVOT (Flink can't plan it either)
--|  --> q:1:17
--| 1 | SELECT * FROM t PIVOT (SUM(a) FOR b IN (1,2));
--|   |                 ^^^^^

CREATE TABLE t LIKE s (OVERWRITING CONSTRAINTS);
--| error: OVERWRITING works for GENERATED, METADATA, OPTIONS and WATERMARKS
--|  --> q:1:24
--| 1 | CREATE TABLE t LIKE s (OVERWRITING CONSTRAINTS);
--|   |                        ^^^^^^^^^^^^^^^^^^^^^^^

CREATE OR REPLACE TABLE t (a INT);
--| error: expected AS and a query, which REPLACE TABLE needs, found the end of the statement
--|  --> q:1:34
--| 1 | CREATE OR REPLACE TABLE t (a INT);
--|   |                                  ^

CREATE OR REPLACE FUNCTION f AS 'a';
--| not supported: CREATE OR REPLACE of a function
--|  --> q:1:8
--| 1 | CREATE OR REPLACE FUNCTION f AS 'a';
--|   |        ^^

CREATE OR REPLACE MODEL m AS SELECT 1;
--| not supported: CREATE OR REPLACE of a model
--|  --> q:1:8
--| 1 | CREATE OR REPLACE MODEL m AS SELECT 1;
--|   |        ^^

CREATE MATERIALIZED TABLE t FRESHNESS = INTERVAL -'1' MINUTE AS SELECT 1;
--| error: expected the length, a string in single quotes, found `-`
--|  --> q:1:50
--| 1 | CREATE MATERIALIZED TABLE t FRESHNESS = INTERVAL -'1' MINUTE AS SELECT 1;
--|   |                                                  ^

ALTER TABLE t ADD (a INT COMMENT 'x' AFTER b.c, d AS e + 1, f INT METADATA FROM 'x' VIRTUAL FIRST, PRIMARY KEY (a) NOT ENFORCED, WATERMARK FOR a AS b);
--| error: expected `,` or `)` in the columns, found `.`
--|  --> q:1:45
--| 1 | ALTER TABLE t ADD (a INT COMMENT 'x' AFTER b.c, d AS e + 1, f INT METADATA FROM 'x' VIRTUAL FIRST, PRIMARY KEY (a) NOT ENFORCED, WATERMARK FOR a AS b);
--|   |                                             ^

ALTER TABLE t ADD a.b INT;
--| not supported: columns within a column (ALTER TABLE of a nested field)
--|  --> q:1:20
--| 1 | ALTER TABLE t ADD a.b INT;
--|   |                    ^

UPSERT INTO t SELECT 1;
--| error: there is no UPSERT
--|  --> q:1:1
--| 1 | UPSERT INTO t SELECT 1;
--|   | ^^^^^^
--|   = write INSERT INTO: a sink with a primary key takes upserts

INSERT INTO t VALUES (1, DEFAULT);
--| error: expected an expression, found `DEFAULT`, which is a reserved word
--|  --> q:1:26
--| 1 | INSERT INTO t VALUES (1, DEFAULT);
--|   |                          ^^^^^^^
--|   = if it is a column write `DEFAULT` in back-ticks

MERGE INTO t USING s ON a WHEN MATCHED THEN UPDATE SET x = 1;
--| not supported: MERGE (Flink can't plan it either)
--|  --> q:1:1
--| 1 | MERGE INTO t USING s ON a WHEN MATCHED THEN UPDATE SET x = 1;
--|   | ^^^^^
