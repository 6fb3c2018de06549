-- Statements that the parser of Flink 2.3.0 refuses, and this one too. One per paragraph, the messages below it.

SELECT INTERVAL '1' MILLISECOND;
--| error: an interval's smallest unit is SECOND
--|  --> q:1:21
--| 1 | SELECT INTERVAL '1' MILLISECOND;
--|   |                     ^^^^^^^^^^^
--|   = write a fraction: INTERVAL '0.001' SECOND

SELECT INTERVAL '1' DECADE;
--| error: expected the unit of the interval, such as SECOND, MINUTE, HOUR or DAY, found `DECADE`
--|  --> q:1:21
--| 1 | SELECT INTERVAL '1' DECADE;
--|   |                     ^^^^^^

SELECT TIMESTAMP_LTZ '2020-01-01 00:00:00';
--| error: expected an expression, found `TIMESTAMP_LTZ`, which is a reserved word
--|  --> q:1:8
--| 1 | SELECT TIMESTAMP_LTZ '2020-01-01 00:00:00';
--|   |        ^^^^^^^^^^^^^
--|   = if it is a column write `TIMESTAMP_LTZ` in back-ticks

SELECT x AT TIME ZONE 'UTC' FROM t;
--| error: expected the end of the statement, found `AT`
--|  --> q:1:10
--| 1 | SELECT x AT TIME ZONE 'UTC' FROM t;
--|   |          ^^
--|   = there is no AT TIME ZONE; CONVERT_TZ converts between time zones

SELECT x AT LOCAL FROM t;
--| error: expected the end of the statement, found `AT`
--|  --> q:1:10
--| 1 | SELECT x AT LOCAL FROM t;
--|   |          ^^

SELECT * FROM f(TABLE(SELECT * FROM t) PARTITION BY a, 1);
--| error: expected a table's name after TABLE, found `(`
--|  --> q:1:22
--| 1 | SELECT * FROM f(TABLE(SELECT * FROM t) PARTITION BY a, 1);
--|   |                      ^

SELECT * FROM f(TABLE(t), 1);
--| error: expected a table's name after TABLE, found `(`
--|  --> q:1:22
--| 1 | SELECT * FROM f(TABLE(t), 1);
--|   |                      ^

SELECT * FROM f(SELECT * FROM t);
--| error: expected an expression, found `SELECT`
--|  --> q:1:17
--| 1 | SELECT * FROM f(SELECT * FROM t);
--|   |                 ^^^^^^

SELECT a FROM t WHERE a NOT LIKE ANY ('x', 'y');
--| error: expected an expression, found `ANY`, which is a reserved word
--|  --> q:1:34
--| 1 | SELECT a FROM t WHERE a NOT LIKE ANY ('x', 'y');
--|   |                                  ^^^
--|   = if it is a column write `ANY` in back-ticks

SELECT CAST(x AS DATE FORMAT 'YYYY') FROM t;
--| error: expected `)` after the type of CAST, found `FORMAT`
--|  --> q:1:23
--| 1 | SELECT CAST(x AS DATE FORMAT 'YYYY') FROM t;
--|   |                       ^^^^^^

SELECT (a).b.* FROM t;
--| error: expected the end of the statement, found `.`
--|  --> q:1:13
--| 1 | SELECT (a).b.* FROM t;
--|   |             ^

SELECT * FROM a, LATERAL f(x) AS t(a,b);
--| error: expected `(` or TABLE(f(…)) after LATERAL, found `f`
--|  --> q:1:26
--| 1 | SELECT * FROM a, LATERAL f(x) AS t(a,b);
--|   |                          ^

SELECT * FROM (a JOIN b ON x = y) AS q;
--| error: a join in parentheses can't have an alias
--|  --> q:1:35
--| 1 | SELECT * FROM (a JOIN b ON x = y) AS q;
--|   |                                   ^^

SELECT * FROM (a);
--| error: only a query or a join can stand in parentheses
--|  --> q:1:16
--| 1 | SELECT * FROM (a);
--|   |                ^

SELECT * FROM VALUES (1,2) AS t(a,b);
--| error: expected a table, found `VALUES`
--|  --> q:1:15
--| 1 | SELECT * FROM VALUES (1,2) AS t(a,b);
--|   |               ^^^^^^
--|   = put VALUES in parentheses: FROM (VALUES …) AS t(a, b)

SELECT * FROM TABLE t;
--| error: expected `(` and a function after TABLE, found `t`
--|  --> q:1:21
--| 1 | SELECT * FROM TABLE t;
--|   |                     ^
--|   = a table in FROM is written without TABLE

SELECT * FROM TABLE (t);
--| error: expected `(` and the arguments of t, found `)`
--|  --> q:1:23
--| 1 | SELECT * FROM TABLE (t);
--|   |                       ^

SELECT * FROM t AS y FOR SYSTEM_TIME AS OF x;
--| error: FOR SYSTEM_TIME AS OF can't stand here
--|  --> q:1:22
--| 1 | SELECT * FROM t AS y FOR SYSTEM_TIME AS OF x;
--|   |                      ^^^
--|   = it follows the name of a table, before the alias

SELECT * FROM (SELECT 1) FOR SYSTEM_TIME AS OF x AS y;
--| error: FOR SYSTEM_TIME AS OF can't follow a query
--|  --> q:1:26
--| 1 | SELECT * FROM (SELECT 1) FOR SYSTEM_TIME AS OF x AS y;
--|   |                          ^^^
--|   = make the query a view and join that

SELECT * FROM t AS y /*+ OPTIONS('a'='b') */;
--| error: a hint can only follow SELECT or the name of a table
--|  --> q:1:22
--| 1 | SELECT * FROM t AS y /*+ OPTIONS('a'='b') */;
--|   |                      ^^^

SELECT /*+ OPTIONS(a='b', c.d = 'e', f = 1) */ * FROM t;
--| error: expected `,` or `)` in the arguments of OPTIONS, found `.`
--|  --> q:1:28
--| 1 | SELECT /*+ OPTIONS(a='b', c.d = 'e', f = 1) */ * FROM t;
--|   |                            ^

SELECT DISTINCT a, ALL b FROM t;
--| error: expected an expression, found `ALL`, which is a reserved word
--|  --> q:1:20
--| 1 | SELECT DISTINCT a, ALL b FROM t;
--|   |                    ^^^
--|   = if it is a column write `ALL` in back-ticks

SELECT a FROM t OFFSET 2 LIMIT 5;
--| error: LIMIT comes before OFFSET
--|  --> q:1:26
--| 1 | SELECT a FROM t OFFSET 2 LIMIT 5;
--|   |                          ^^^^^

SELECT a FROM t LIMIT 2 FETCH NEXT 5 ROWS ONLY;
--| error: expected the end of the statement, found `FETCH`
--|  --> q:1:25
--| 1 | SELECT a FROM t LIMIT 2 FETCH NEXT 5 ROWS ONLY;
--|   |                         ^^^^^

SELECT a FROM t FETCH FIRST ROW ONLY;
--| error: expected a whole number after FETCH, found `ROW`
--|  --> q:1:29
--| 1 | SELECT a FROM t FETCH FIRST ROW ONLY;
--|   |                             ^^^

SELECT a FROM t LIMIT 1+1;
--| error: expected the end of the statement, found `+`
--|  --> q:1:24
--| 1 | SELECT a FROM t LIMIT 1+1;
--|   |                        ^

SELECT a FROM t MINUS SELECT 1;
--| error: there is no MINUS
--|  --> q:1:17
--| 1 | SELECT a FROM t MINUS SELECT 1;
--|   |                 ^^^^^
--|   = write EXCEPT

SELECT a FROM t ORDER BY a UNION SELECT 1;
--| error: expected the end of the statement, found `UNION`
--|  --> q:1:28
--| 1 | SELECT a FROM t ORDER BY a UNION SELECT 1;
--|   |                            ^^^^^

WITH a AS (SELECT 1) INSERT INTO x SELECT * FROM a;
--| error: expected a query, found `INSERT`
--|  --> q:1:22
--| 1 | WITH a AS (SELECT 1) INSERT INTO x SELECT * FROM a;
--|   |                      ^^^^^^

SELECT SUM(a) OVER (ROWS 5 PRECEDING EXCLUDE TIES) FROM t;
--| error: a window frame can't EXCLUDE rows
--|  --> q:1:38
--| 1 | SELECT SUM(a) OVER (ROWS 5 PRECEDING EXCLUDE TIES) FROM t;
--|   |                                      ^^^^^^^

SELECT a FROM t QUALIFY a = 1 WINDOW w AS ();
--| error: expected the end of the query, found `WINDOW`
--|  --> q:1:31
--| 1 | SELECT a FROM t QUALIFY a = 1 WINDOW w AS ();
--|   |                               ^^^^^^
--|   = the clauses are, in this order: FROM, WHERE, GROUP BY, HAVING, WINDOW, QUALIFY

SELECT a FROM t WHERE a IN ();
--| error: expected an expression, found `)`
--|  --> q:1:29
--| 1 | SELECT a FROM t WHERE a IN ();
--|   |                             ^

SELECT a -> b FROM t;
--| error: there is no operator `->`
--|  --> q:1:10
--| 1 | SELECT a -> b FROM t;
--|   |          ^^
--|   = write JSON_VALUE or JSON_QUERY; functions as arguments do not exist

SELECT "a";
--| error: double quotes have no meaning
--|  --> q:1:8
--| 1 | SELECT "a";
--|   |        ^^^
--|   = write names in back-ticks and strings in single quotes

SELECT 1 AS 'x';
--| error: expected an alias, found `'x'`
--|  --> q:1:13
--| 1 | SELECT 1 AS 'x';
--|   |             ^^^
--|   = names are written in back-ticks, not in quotes

SELECT DATEDIFF(DAY, a, b) FROM t;
--| error: expected an expression, found `DAY`, which is a reserved word
--|  --> q:1:17
--| 1 | SELECT DATEDIFF(DAY, a, b) FROM t;
--|   |                 ^^^
--|   = write TIMESTAMPDIFF(DAY, …)

SELECT DATEADD(DAY, a, b) FROM t;
--| error: expected an expression, found `DAY`, which is a reserved word
--|  --> q:1:16
--| 1 | SELECT DATEADD(DAY, a, b) FROM t;
--|   |                ^^^
--|   = write TIMESTAMPADD(DAY, …)

SELECT JSON_OBJECT('a' VALUE 1, KEY 'b' VALUE 2 FORMAT JSON NULL ON NULL), JSON_OBJECT('a': 1), JSON_OBJECT('a', 1), JSON_ARRAY(1, 2 ABSENT ON NULL), JSON_OBJECTAGG(KEY a VALUE b ABSENT ON NULL) FILTER (WHERE c), JSON_ARRAYAGG(a ORDER BY b NULL ON NULL) FILTER (WHERE d) FROM t;
--| error: expected VALUE after a key, found `,`
--|  --> q:1:112
--| 1 | SELECT JSON_OBJECT('a' VALUE 1, KEY 'b' VALUE 2 FORMAT JSON NULL ON NULL), JSON_OBJECT('a': 1), JSON_OBJECT('a', 1), JSON_ARRAY(1, 2 ABSENT ON NULL), JSON_OBJECTAGG(KEY a VALUE b ABSENT ON NULL) FILTER (WHERE c), JSON_ARRAYAGG(a ORDER BY b NULL ON NULL) FILTER (WHERE d) FROM t;
--|   |                                                                                                                ^
--|   = write KEY k VALUE v

SELECT JSON_OBJECTAGG(a VALUE b), JSON_OBJECTAGG(a: b), JSON_OBJECTAGG(a, b) FROM t;
--| error: expected VALUE after a key, found `,`
--|  --> q:1:73
--| 1 | SELECT JSON_OBJECTAGG(a VALUE b), JSON_OBJECTAGG(a: b), JSON_OBJECTAGG(a, b) FROM t;
--|   |                                                                         ^
--|   = write KEY k VALUE v

SELECT a, FROM t;
--| error: expected an expression, found `FROM`, which is a reserved word
--|  --> q:1:11
--| 1 | SELECT a, FROM t;
--|   |           ^^^^
--|   = remove the comma before it

SELECT FROM t;
--| error: expected an expression, found `FROM`
--|  --> q:1:8
--| 1 | SELECT FROM t;
--|   |        ^^^^

SELECT a b c FROM t;
--| error: expected the end of the statement, found `c`
--|  --> q:1:12
--| 1 | SELECT a b c FROM t;
--|   |            ^

SELECT ROW() FROM t;
--| error: expected an expression, found `)`
--|  --> q:1:12
--| 1 | SELECT ROW() FROM t;
--|   |            ^

SELECT CAST(x AS INT NOT NULL);
--| error: expected `)` after the type of CAST, found `NOT`
--|  --> q:1:22
--| 1 | SELECT CAST(x AS INT NOT NULL);
--|   |                      ^^^

SELECT CAST(x AS INT ARRAY NOT NULL);
--| error: expected `)` after the type of CAST, found `NOT`
--|  --> q:1:28
--| 1 | SELECT CAST(x AS INT ARRAY NOT NULL);
--|   |                            ^^^

SELECT CAST(x AS TIMESTAMP WITH TIME ZONE);
--| error: there is no TIMESTAMP WITH TIME ZONE
--|  --> q:1:28
--| 1 | SELECT CAST(x AS TIMESTAMP WITH TIME ZONE);
--|   |                            ^^^^
--|   = write TIMESTAMP_LTZ, a point in time shown in the session's time zone

SELECT CAST(x AS NULL);
--| error: expected a type, found `NULL`, which is a reserved word
--|  --> q:1:18
--| 1 | SELECT CAST(x AS NULL);
--|   |                  ^^^^
--|   = to use it as a name write `NULL` in back-ticks

SELECT CAST(x AS TIME(3) WITHOUT TIME ZONE), CAST(x AS STRING(3));
--| error: expected `)` after the type of CAST, found `(`
--|  --> q:1:62
--| 1 | SELECT CAST(x AS TIME(3) WITHOUT TIME ZONE), CAST(x AS STRING(3));
--|   |                                                              ^

SELECT CAST(x AS STRING(3));
--| error: expected `)` after the type of CAST, found `(`
--|  --> q:1:24
--| 1 | SELECT CAST(x AS STRING(3));
--|   |                        ^

CREATE TABLE t (a INTERVAL DAY);
--| error: a column can't have the type INTERVAL
--|  --> q:1:19
--| 1 | CREATE TABLE t (a INTERVAL DAY);
--|   |                   ^^^^^^^^

CREATE TABLE t (a NULL);
--| error: expected a type, or AS and an expression, after the column `a`, found `NULL`
--|  --> q:1:19
--| 1 | CREATE TABLE t (a NULL);
--|   |                   ^^^^

SELECT 'a'
'b'
N'c';
--| error: expected the end of the statement, found `N'c'`
--|  --> q:3:1
--| 3 | N'c';
--|   | ^^^^

SELECT TRIM(x, 'a');
--| error: expected FROM after the characters of TRIM, found `,`
--|  --> q:1:14
--| 1 | SELECT TRIM(x, 'a');
--|   |              ^

SELECT SUBSTRING(x), SUBSTRING(x FROM 1 FOR 2);
--| error: expected `,` or FROM after the string of SUBSTRING, found `)`
--|  --> q:1:19
--| 1 | SELECT SUBSTRING(x), SUBSTRING(x FROM 1 FOR 2);
--|   |                   ^

SELECT SUBSTRING(x);
--| error: expected `,` or FROM after the string of SUBSTRING, found `)`
--|  --> q:1:19
--| 1 | SELECT SUBSTRING(x);
--|   |                   ^

SELECT FLOOR(x, 2);
--| error: expected `)` or TO and a unit after the argument of FLOOR, found `,`
--|  --> q:1:15
--| 1 | SELECT FLOOR(x, 2);
--|   |               ^

SELECT OVERLAY(a, b, c);
--| error: expected PLACING after the string of OVERLAY, found `,`
--|  --> q:1:17
--| 1 | SELECT OVERLAY(a, b, c);
--|   |                 ^

SELECT POSITION(a, b);
--| error: expected IN after what is searched, found `,`
--|  --> q:1:18
--| 1 | SELECT POSITION(a, b);
--|   |                  ^
--|   = write POSITION(a IN b)

SELECT * FROM a LEFT SEMI JOIN b ON x;
--| error: there is no LEFT SEMI or LEFT ANTI JOIN
--|  --> q:1:22
--| 1 | SELECT * FROM a LEFT SEMI JOIN b ON x;
--|   |                      ^^^^
--|   = write WHERE [NOT] EXISTS (SELECT …)

SELECT * FROM a ASOF JOIN b MATCH_CONDITION x ON y;
--| error: there is no ASOF JOIN
--|  --> q:1:17
--| 1 | SELECT * FROM a ASOF JOIN b MATCH_CONDITION x ON y;
--|   |                 ^^^^
--|   = write JOIN t FOR SYSTEM_TIME AS OF a.time_column

SELECT * FROM a CROSS APPLY f(x);
--| error: there is no CROSS APPLY
--|  --> q:1:23
--| 1 | SELECT * FROM a CROSS APPLY f(x);
--|   |                       ^^^^^
--|   = write CROSS JOIN LATERAL TABLE(f(…))

SELECT * FROM a JOIN b JOIN c ON x ON y;
--| error: expected ON or USING after the joined table, found `JOIN`
--|  --> q:1:24
--| 1 | SELECT * FROM a JOIN b JOIN c ON x ON y;
--|   |                        ^^^^
--|   = a join without condition is a CROSS JOIN

SELECT 1 WHERE TRUE;
--| error: expected FROM after the SELECT list, found `WHERE`
--|  --> q:1:10
--| 1 | SELECT 1 WHERE TRUE;
--|   |          ^^^^^

SELECT * EXCEPT (a) FROM t;
--| error: `*` can't be followed by `EXCEPT`
--|  --> q:1:10
--| 1 | SELECT * EXCEPT (a) FROM t;
--|   |          ^^^^^^
--|   = list the columns

SELECT DISTINCT ON (a) b FROM t;
--| error: there is no DISTINCT ON
--|  --> q:1:17
--| 1 | SELECT DISTINCT ON (a) b FROM t;
--|   |                 ^^
--|   = keep one row per key with QUALIFY ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) = 1

SELECT a FROM t LIMIT 5, 10;
--| error: LIMIT takes one number
--|  --> q:1:24
--| 1 | SELECT a FROM t LIMIT 5, 10;
--|   |                        ^
--|   = write LIMIT count OFFSET start

WITH a AS (SELECT 1), SELECT 1;
--| error: expected the name of a query, found `SELECT`, which is a reserved word
--|  --> q:1:23
--| 1 | WITH a AS (SELECT 1), SELECT 1;
--|   |                       ^^^^^^
--|   = remove the comma before it

WITH a AS SELECT 1 SELECT 1;
--| error: expected `(` before the query, found `SELECT`
--|  --> q:1:11
--| 1 | WITH a AS SELECT 1 SELECT 1;
--|   |           ^^^^^^

SELECT a FROM t GROUP BY;
--| error: expected an expression, found the end of the statement
--|  --> q:1:25
--| 1 | SELECT a FROM t GROUP BY;
--|   |                         ^

SELECT * FROM t x MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x AS y PATTERN (A) DEFINE A AS TRUE);
--| error: MATCH_RECOGNIZE can't follow an alias
--|  --> q:1:19
--| 1 | SELECT * FROM t x MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x AS y PATTERN (A) DEFINE A AS TRUE);
--|   |                   ^^^^^^^^^^^^^^^
--|   = write the alias after it

SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x AS y PATTERN (A));
--| error: expected WITHIN, SUBSET or DEFINE, found `)`
--|  --> q:1:75
--| 1 | SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x AS y PATTERN (A));
--|   |                                                                           ^

SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x AS y ALL ROWS PER MATCH WITH UNMATCHED ROWS PATTERN (A B) DEFINE A AS TRUE);
--| error: expected AFTER or PATTERN, found `WITH`
--|  --> q:1:83
--| 1 | SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x AS y ALL ROWS PER MATCH WITH UNMATCHED ROWS PATTERN (A B) DEFINE A AS TRUE);
--|   |                                                                                   ^^^^

SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x AS y SHOW EMPTY MATCHES PATTERN (A B) DEFINE A AS TRUE);
--| error: expected `,`, ONE, ALL, AFTER or PATTERN, found `SHOW`
--|  --> q:1:64
--| 1 | SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x AS y SHOW EMPTY MATCHES PATTERN (A B) DEFINE A AS TRUE);
--|   |                                                                ^^^^

SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x y PATTERN (A) DEFINE A AS TRUE);
--| error: expected AS and a name after a measure, found `y`
--|  --> q:1:59
--| 1 | SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x y PATTERN (A) DEFINE A AS TRUE);
--|   |                                                           ^

SELECT * FROM t FOR SYSTEM_TIME AS OF x MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x y PATTERN (A) DEFINE A AS TRUE);
--| error: expected AS and a name after a measure, found `y`
--|  --> q:1:83
--| 1 | SELECT * FROM t FOR SYSTEM_TIME AS OF x MATCH_RECOGNIZE (ORDER BY ts MEASURES A.x y PATTERN (A) DEFINE A AS TRUE);
--|   |                                                                                   ^

CREATE TABLE t ();
--| error: expected a column name, found `)`
--|  --> q:1:17
--| 1 | CREATE TABLE t ();
--|   |                 ^

CREATE TABLE t (a INT,);
--| error: expected a column after `,`, found `)`
--|  --> q:1:23
--| 1 | CREATE TABLE t (a INT,);
--|   |                       ^
--|   = remove the comma before it

CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED NOT NULL);
--| error: expected `,` or `)` after a column, found `NOT`
--|  --> q:1:48
--| 1 | CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED NOT NULL);
--|   |                                                ^^^
--|   = NOT NULL follows the type immediately

CREATE TABLE t (a INT METADATA NOT NULL);
--| error: expected `,` or `)` after a column, found `NOT`
--|  --> q:1:32
--| 1 | CREATE TABLE t (a INT METADATA NOT NULL);
--|   |                                ^^^
--|   = NOT NULL follows the type immediately

CREATE TABLE t (a INT, WATERMARK FOR a AS a, WATERMARK FOR b AS b);
--| error: a table can have only one watermark
--|  --> q:1:46
--| 1 | CREATE TABLE t (a INT, WATERMARK FOR a AS a, WATERMARK FOR b AS b);
--|   |                                              ^^^^^^^^^^^^^^^^^^^^

CREATE TABLE t (a INT DEFAULT 5);
--| error: expected `,` or `)` after a column, found `DEFAULT`
--|  --> q:1:23
--| 1 | CREATE TABLE t (a INT DEFAULT 5);
--|   |                       ^^^^^^^
--|   = columns have no default values

CREATE TABLE t (a INT) PARTITIONED BY (a) COMMENT 'x';
--| error: expected the end of the statement, found `COMMENT`
--|  --> q:1:43
--| 1 | CREATE TABLE t (a INT) PARTITIONED BY (a) COMMENT 'x';
--|   |                                           ^^^^^^^
--|   = the clauses are, in this order: columns, COMMENT, DISTRIBUTED, PARTITIONED BY, WITH, LIKE or AS

CREATE TABLE t (a INT) WITH ('a'='b') COMMENT 'x';
--| error: expected the end of the statement, found `COMMENT`
--|  --> q:1:39
--| 1 | CREATE TABLE t (a INT) WITH ('a'='b') COMMENT 'x';
--|   |                                       ^^^^^^^
--|   = the clauses are, in this order: columns, COMMENT, DISTRIBUTED, PARTITIONED BY, WITH, LIKE or AS

CREATE TABLE t (a INT) PARTITIONED BY ();
--| error: expected a column name, found `)`
--|  --> q:1:40
--| 1 | CREATE TABLE t (a INT) PARTITIONED BY ();
--|   |                                        ^

CREATE TABLE t (a INT) WITH ('a'='b',);
--| error: expected an option's key, a string in single quotes, found `)`
--|  --> q:1:38
--| 1 | CREATE TABLE t (a INT) WITH ('a'='b',);
--|   |                                      ^

CREATE TABLE t (a INT) WITH (a='b');
--| error: expected an option's key, a string in single quotes, found `a`
--|  --> q:1:30
--| 1 | CREATE TABLE t (a INT) WITH (a='b');
--|   |                              ^

CREATE TABLE t (a INT) WITH ('a'=1);
--| error: expected an option's value, a string in single quotes, found `1`
--|  --> q:1:34
--| 1 | CREATE TABLE t (a INT) WITH ('a'=1);
--|   |                                  ^

CREATE TABLE t LIKE s (INCLUDING ALL, EXCLUDING OPTIONS);
--| error: expected INCLUDING, EXCLUDING or OVERWRITING, found `,`
--|  --> q:1:37
--| 1 | CREATE TABLE t LIKE s (INCLUDING ALL, EXCLUDING OPTIONS);
--|   |                                     ^
--|   = the options of LIKE are separated by blanks

CREATE TABLE t LIKE s ();
--| error: expected INCLUDING, EXCLUDING or OVERWRITING, found `)`
--|  --> q:1:24
--| 1 | CREATE TABLE t LIKE s ();
--|   |                        ^

CREATE TABLE t (LIKE s);
--| error: expected a column name, found `LIKE`, which is a reserved word
--|  --> q:1:17
--| 1 | CREATE TABLE t (LIKE s);
--|   |                 ^^^^
--|   = to use it as a name write `LIKE` in back-ticks

CREATE TABLE t (a INT, b) AS SELECT 1;
--| error: expected a type, or AS and an expression, after the column `b`, found `)`
--|  --> q:1:25
--| 1 | CREATE TABLE t (a INT, b) AS SELECT 1;
--|   |                         ^

CREATE TABLE t (a, WATERMARK FOR a AS a) AS SELECT 1;
--| error: expected a column name, found `WATERMARK`, which is a reserved word
--|  --> q:1:20
--| 1 | CREATE TABLE t (a, WATERMARK FOR a AS a) AS SELECT 1;
--|   |                    ^^^^^^^^^
--|   = to use it as a name write `WATERMARK` in back-ticks

CREATE TABLE t (a, b) WITH ('a'='b');
--| error: columns need a type, except in CREATE TABLE … AS query
--|  --> q:1:16
--| 1 | CREATE TABLE t (a, b) WITH ('a'='b');
--|   |                ^^^^^^

CREATE TEMP TABLE t (a INT);
--| error: expected TABLE, VIEW, DATABASE, CATALOG, FUNCTION or another kind of object after CREATE, found `TEMP`
--|  --> q:1:8
--| 1 | CREATE TEMP TABLE t (a INT);
--|   |        ^^^^

CREATE EXTERNAL TABLE t (a INT);
--| error: expected TABLE, VIEW, DATABASE, CATALOG, FUNCTION or another kind of object after CREATE, found `EXTERNAL`
--|  --> q:1:8
--| 1 | CREATE EXTERNAL TABLE t (a INT);
--|   |        ^^^^^^^^

CREATE VIEW v (a COMMENT 'x') AS SELECT 1;
--| error: expected `,` or `)` in the column names, found `COMMENT`
--|  --> q:1:18
--| 1 | CREATE VIEW v (a COMMENT 'x') AS SELECT 1;
--|   |                  ^^^^^^^

CREATE TEMPORARY SYSTEM VIEW v AS SELECT 1;
--| error: there are no such temporary views
--|  --> q:1:8
--| 1 | CREATE TEMPORARY SYSTEM VIEW v AS SELECT 1;
--|   |        ^^^^^^^^^

CREATE VIEW v AS SELECT 1 WITH ('a'='b');
--| error: expected the end of the statement, found `WITH`
--|  --> q:1:27
--| 1 | CREATE VIEW v AS SELECT 1 WITH ('a'='b');
--|   |                           ^^^^
--|   = is a `;` missing before it?

CREATE VIEW v () AS SELECT 1;
--| error: expected a column name, found `)`
--|  --> q:1:16
--| 1 | CREATE VIEW v () AS SELECT 1;
--|   |                ^

CREATE CATALOG a.b;
--| error: expected the end of the statement, found `.`
--|  --> q:1:17
--| 1 | CREATE CATALOG a.b;
--|   |                 ^

CREATE SCHEMA d;
--| error: expected a kind of object after CREATE, found `SCHEMA`
--|  --> q:1:8
--| 1 | CREATE SCHEMA d;
--|   |        ^^^^^^
--|   = a schema is called DATABASE

CREATE TEMPORARY SYSTEM FUNCTION a.f AS 'a.b';
--| error: a system function belongs to no database
--|  --> q:1:34
--| 1 | CREATE TEMPORARY SYSTEM FUNCTION a.f AS 'a.b';
--|   |                                  ^^^

CREATE TEMPORARY FUNCTION a.f AS 'a.b' LANGUAGE SQL USING FILE 'x', ARTIFACT 'y' WITH ('a'='b');
--| error: a function in SQL uses no resources
--|  --> q:1:53
--| 1 | CREATE TEMPORARY FUNCTION a.f AS 'a.b' LANGUAGE SQL USING FILE 'x', ARTIFACT 'y' WITH ('a'='b');
--|   |                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^

CREATE SYSTEM FUNCTION f AS 'a';
--| error: a system function can only be temporary
--|  --> q:1:8
--| 1 | CREATE SYSTEM FUNCTION f AS 'a';
--|   |        ^^^^^^
--|   = write CREATE TEMPORARY SYSTEM FUNCTION

CREATE FUNCTION f USING JAR 'x';
--| error: expected AS and the class of the function, found `USING`
--|  --> q:1:19
--| 1 | CREATE FUNCTION f USING JAR 'x';
--|   |                   ^^^^^

CREATE CONNECTION c;
--| error: expected WITH and the options of the connection, found the end of the statement
--|  --> q:1:20
--| 1 | CREATE CONNECTION c;
--|   |                    ^

CREATE MATERIALIZED TABLE t START_MODE = FROM_TIMESTAMP('2020-01-01 00:00:00') AS SELECT 1;
--| error: expected a literal TIMESTAMP '…', found `)`
--|  --> q:1:78
--| 1 | CREATE MATERIALIZED TABLE t START_MODE = FROM_TIMESTAMP('2020-01-01 00:00:00') AS SELECT 1;
--|   |                                                                              ^

CREATE MATERIALIZED TABLE t START_MODE = FROM_BEGINNING() AS SELECT 1;
--| error: expected FRESHNESS, REFRESH_MODE or AS, found `(`
--|  --> q:1:56
--| 1 | CREATE MATERIALIZED TABLE t START_MODE = FROM_BEGINNING() AS SELECT 1;
--|   |                                                        ^

CREATE MATERIALIZED TABLE t REFRESH_MODE = AUTO AS SELECT 1;
--| error: expected CONTINUOUS or FULL, found `AUTO`
--|  --> q:1:44
--| 1 | CREATE MATERIALIZED TABLE t REFRESH_MODE = AUTO AS SELECT 1;
--|   |                                            ^^^^

CREATE MATERIALIZED TABLE IF NOT EXISTS t AS SELECT 1;
--| error: expected COMMENT, DISTRIBUTED, PARTITIONED, WITH, START_MODE, FRESHNESS, REFRESH_MODE or AS, found `NOT`
--|  --> q:1:30
--| 1 | CREATE MATERIALIZED TABLE IF NOT EXISTS t AS SELECT 1;
--|   |                              ^^^

CREATE TEMPORARY MATERIALIZED TABLE t AS SELECT 1;
--| error: there are no such temporary materialized tables
--|  --> q:1:8
--| 1 | CREATE TEMPORARY MATERIALIZED TABLE t AS SELECT 1;
--|   |        ^^^^^^^^^

ALTER MATERIALIZED TABLE t RENAME TO b;
--| error: expected SUSPEND, RESUME, REFRESH, AS, SET, RESET, ADD, MODIFY or DROP, found `RENAME`
--|  --> q:1:28
--| 1 | ALTER MATERIALIZED TABLE t RENAME TO b;
--|   |                            ^^^^^^
--|   = did you mean RESUME?

ALTER MATERIALIZED TABLE t RENAME a TO b;
--| error: expected SUSPEND, RESUME, REFRESH, AS, SET, RESET, ADD, MODIFY or DROP, found `RENAME`
--|  --> q:1:28
--| 1 | ALTER MATERIALIZED TABLE t RENAME a TO b;
--|   |                            ^^^^^^
--|   = did you mean RESUME?

ALTER MATERIALIZED TABLE IF EXISTS t SUSPEND;
--| error: expected SUSPEND, RESUME, REFRESH, AS, SET, RESET, ADD, MODIFY or DROP, found `EXISTS`
--|  --> q:1:29
--| 1 | ALTER MATERIALIZED TABLE IF EXISTS t SUSPEND;
--|   |                             ^^^^^^

ALTER TABLE t ADD PARTITION (a='b'), PARTITION (a='c');
--| error: expected the end of the statement, found `,`
--|  --> q:1:36
--| 1 | ALTER TABLE t ADD PARTITION (a='b'), PARTITION (a='c');
--|   |                                    ^

ALTER TABLE t ADD COLUMN a INT;
--| error: expected a column, found `COLUMN`
--|  --> q:1:19
--| 1 | ALTER TABLE t ADD COLUMN a INT;
--|   |                   ^^^^^^
--|   = leave the word COLUMN out

ALTER TABLE t ADD ();
--| error: expected a column name, found `)`
--|  --> q:1:20
--| 1 | ALTER TABLE t ADD ();
--|   |                    ^

ALTER VIEW IF EXISTS v RENAME TO w;
--| error: expected AS or RENAME TO after the view, found `EXISTS`
--|  --> q:1:15
--| 1 | ALTER VIEW IF EXISTS v RENAME TO w;
--|   |               ^^^^^^

DROP TABLE a, b;
--| error: expected the end of the statement, found `,`
--|  --> q:1:13
--| 1 | DROP TABLE a, b;
--|   |             ^

DROP SCHEMA d;
--| error: expected a kind of object after DROP, found `SCHEMA`
--|  --> q:1:6
--| 1 | DROP SCHEMA d;
--|   |      ^^^^^^
--|   = a schema is called DATABASE

DROP TABLE t CASCADE;
--| error: expected the end of the statement, found `CASCADE`
--|  --> q:1:14
--| 1 | DROP TABLE t CASCADE;
--|   |              ^^^^^^^

SHOW DATABASES IN c.d;
--| error: a catalog's name has one part
--|  --> q:1:19
--| 1 | SHOW DATABASES IN c.d;
--|   |                   ^^^

SHOW TABLES ILIKE 'x';
--| error: ILIKE can't stand here
--|  --> q:1:13
--| 1 | SHOW TABLES ILIKE 'x';
--|   |             ^^^^^
--|   = write LIKE

SHOW COLUMNS t;
--| error: expected FROM and a table after SHOW COLUMNS, found `t`
--|  --> q:1:14
--| 1 | SHOW COLUMNS t;
--|   |              ^

SHOW JOB STATUS 'x';
--| error: expected TABLES, VIEWS, DATABASES, CATALOGS, FUNCTIONS, COLUMNS, CREATE or the like after SHOW, found `JOB`
--|  --> q:1:6
--| 1 | SHOW JOB STATUS 'x';
--|   |      ^^^
--|   = did you mean JOBS?

SHOW CREATE DATABASE t;
--| error: SHOW CREATE knows tables, views, models, catalogs and connections
--|  --> q:1:13
--| 1 | SHOW CREATE DATABASE t;
--|   |             ^^^^^^^^

DESCRIBE MATERIALIZED TABLE t;
--| error: expected the name of a table, found `MATERIALIZED`, which is a reserved word
--|  --> q:1:10
--| 1 | DESCRIBE MATERIALIZED TABLE t;
--|   |          ^^^^^^^^^^^^
--|   = to use it as a name write `MATERIALIZED` in back-ticks

EXPLAIN CHANGELOG_MODE, CHANGELOG_MODE SELECT 1;
--| error: this detail of EXPLAIN is given twice
--|  --> q:1:40
--| 1 | EXPLAIN CHANGELOG_MODE, CHANGELOG_MODE SELECT 1;
--|   |                                        ^^^^^^

EXPLAIN CREATE TABLE t (a INT);
--| error: EXPLAIN needs a query, INSERT, CREATE TABLE … AS or STATEMENT SET
--|  --> q:1:9
--| 1 | EXPLAIN CREATE TABLE t (a INT);
--|   |         ^^^^^^^^^^^^^^^^^^^^^^

EXPLAIN UPDATE t SET a = 1;
--| error: expected a query, INSERT, CREATE TABLE … AS or STATEMENT SET after EXPLAIN, found `UPDATE`
--|  --> q:1:9
--| 1 | EXPLAIN UPDATE t SET a = 1;
--|   |         ^^^^^^

EXPLAIN EXPLAIN SELECT 1;
--| error: expected a query, INSERT, CREATE TABLE … AS or STATEMENT SET after EXPLAIN, found `EXPLAIN`
--|  --> q:1:9
--| 1 | EXPLAIN EXPLAIN SELECT 1;
--|   |         ^^^^^^^

EXPLAIN SHOW TABLES;
--| error: expected a query, INSERT, CREATE TABLE … AS or STATEMENT SET after EXPLAIN, found `SHOW`
--|  --> q:1:9
--| 1 | EXPLAIN SHOW TABLES;
--|   |         ^^^^

EXECUTE STATEMENT SET BEGIN END;
--| error: a statement set can't be empty
--|  --> q:1:29
--| 1 | EXECUTE STATEMENT SET BEGIN END;
--|   |                             ^^^

EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1 END;
--| error: expected `;` after the INSERT, found `END`
--|  --> q:1:52
--| 1 | EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1 END;
--|   |                                                    ^^^

EXECUTE STATEMENT SET BEGIN CREATE TABLE t AS SELECT 1; END;
--| error: expected INSERT in the statement set, found `CREATE`
--|  --> q:1:29
--| 1 | EXECUTE STATEMENT SET BEGIN CREATE TABLE t AS SELECT 1; END;
--|   |                             ^^^^^^

INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE;
--| error: expected NOTHING, ERROR or DEDUPLICATE, found `UPDATE`
--|  --> q:1:41
--| 1 | INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE;
--|   |                                         ^^^^^^

INSERT OVERWRITE INTO t SELECT 1;
--| error: expected the table to insert into, found `INTO`, which is a reserved word
--|  --> q:1:18
--| 1 | INSERT OVERWRITE INTO t SELECT 1;
--|   |                  ^^^^
--|   = to use it as a name write `INTO` in back-ticks

INSERT INTO TABLE t SELECT 1;
--| error: expected a table, found `TABLE`
--|  --> q:1:13
--| 1 | INSERT INTO TABLE t SELECT 1;
--|   |             ^^^^^
--|   = leave the word TABLE out

INSERT INTO t PARTITION (a) SELECT 1;
--| error: expected `=` after a partition column, found `)`
--|  --> q:1:27
--| 1 | INSERT INTO t PARTITION (a) SELECT 1;
--|   |                           ^

INSERT INTO t PARTITION (a=x) SELECT 1;
--| error: expected a literal, found `x`
--|  --> q:1:28
--| 1 | INSERT INTO t PARTITION (a=x) SELECT 1;
--|   |                            ^

INSERT INTO t PARTITION (a=1+1) SELECT 1;
--| error: expected `,` or `)` in the partition, found `+`
--|  --> q:1:29
--| 1 | INSERT INTO t PARTITION (a=1+1) SELECT 1;
--|   |                             ^

INSERT INTO t () SELECT 1;
--| error: expected a column name, found `)`
--|  --> q:1:16
--| 1 | INSERT INTO t () SELECT 1;
--|   |                ^

INSERT INTO t DEFAULT VALUES;
--| error: expected a query or VALUES, found `DEFAULT`
--|  --> q:1:15
--| 1 | INSERT INTO t DEFAULT VALUES;
--|   |               ^^^^^^^

INSERT INTO t AS SELECT 1;
--| error: expected a query or VALUES, found `AS`
--|  --> q:1:15
--| 1 | INSERT INTO t AS SELECT 1;
--|   |               ^^

UPDATE t SET a = 1, b.c = 2 WHERE x;
--| error: expected `=` after a column name, found `.`
--|  --> q:1:22
--| 1 | UPDATE t SET a = 1, b.c = 2 WHERE x;
--|   |                      ^

UPDATE t SET (a, b) = (1, 2);
--| error: expected a column name, found `(`
--|  --> q:1:14
--| 1 | UPDATE t SET (a, b) = (1, 2);
--|   |              ^

DELETE t;
--| error: expected FROM after DELETE, found `t`
--|  --> q:1:8
--| 1 | DELETE t;
--|   |        ^

TRUNCATE t;
--| error: expected TABLE after TRUNCATE, found `t`
--|  --> q:1:10
--| 1 | TRUNCATE t;
--|   |          ^

CALL p;
--| error: expected `(` and the arguments of the procedure, found the end of the statement
--|  --> q:1:7
--| 1 | CALL p;
--|   |       ^

SET a = b;
--| error: expected a key, found `a`
--|  --> q:1:5
--| 1 | SET a = b;
--|   |     ^
--|   = write both in single quotes: SET 'key' = 'value'

SET a;
--| error: expected a key, found `a`
--|  --> q:1:5
--| 1 | SET a;
--|   |     ^
--|   = write both in single quotes: SET 'key' = 'value'

SET 'a';
--| error: expected `=` after the key, found the end of the statement
--|  --> q:1:8
--| 1 | SET 'a';
--|   |        ^

RESET a;
--| error: expected a key, found `a`
--|  --> q:1:7
--| 1 | RESET a;
--|   |       ^
--|   = write it in single quotes: RESET 'key'

USE DATABASE d;
--| error: USE takes the database without the word DATABASE
--|  --> q:1:5
--| 1 | USE DATABASE d;
--|   |     ^^^^^^^^

STOP JOB 'x' WITH DRAIN;
--| error: WITH DRAIN needs WITH SAVEPOINT before it
--|  --> q:1:14
--| 1 | STOP JOB 'x' WITH DRAIN;
--|   |              ^^^^

COMPILE PLAN 'x' FOR SELECT 1;
--| error: expected INSERT or STATEMENT SET, found `SELECT`
--|  --> q:1:22
--| 1 | COMPILE PLAN 'x' FOR SELECT 1;
--|   |                      ^^^^^^

GRANT SELECT ON t TO u;
--| error: expected a statement, found `GRANT`
--|  --> q:1:1
--| 1 | GRANT SELECT ON t TO u;
--|   | ^^^^^

COMMIT;
--| error: there are no transactions; each INSERT runs as a job
--|  --> q:1:1
--| 1 | COMMIT;
--|   | ^^^^^^

REPLACE TABLE t (a INT);
--| error: expected AS and a query, which REPLACE TABLE needs, found the end of the statement
--|  --> q:1:24
--| 1 | REPLACE TABLE t (a INT);
--|   |                        ^

CREATE TABLE t (`a.b` INT, key STRING, comment STRING);
--| error: expected a column name, found `comment`, which is a reserved word
--|  --> q:1:40
--| 1 | CREATE TABLE t (`a.b` INT, key STRING, comment STRING);
--|   |                                        ^^^^^^^
--|   = to use it as a name write `comment` in back-ticks

SELECT 1 UNION ALL;
--| error: expected a query, found the end of the statement
--|  --> q:1:19
--| 1 | SELECT 1 UNION ALL;
--|   |                   ^

SELECT a FROM t WHERE;
--| error: expected an expression, found the end of the statement
--|  --> q:1:22
--| 1 | SELECT a FROM t WHERE;
--|   |                      ^

SELECT a FROM t ORDER a;
--| error: expected the end of the statement, found `ORDER`
--|  --> q:1:17
--| 1 | SELECT a FROM t ORDER a;
--|   |                 ^^^^^

SELECT a FROM t GROUP a;
--| error: expected BY here, found `a`
--|  --> q:1:23
--| 1 | SELECT a FROM t GROUP a;
--|   |                       ^

SELECT SUM(a FROM t;
--| error: expected `,` or `)` after the first argument of SUM, found `FROM`
--|  --> q:1:14
--| 1 | SELECT SUM(a FROM t;
--|   |              ^^^^

SELECT a FROM (SELECT 1;
--| error: expected `)` after the query, found the end of the statement
--|  --> q:1:24
--| 1 | SELECT a FROM (SELECT 1;
--|   |                        ^

SELECT CASE a END;
--| error: expected WHEN in CASE, found `END`
--|  --> q:1:15
--| 1 | SELECT CASE a END;
--|   |               ^^^

SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE);
--| error: expected `)` to close TABLE(, found the end of the statement
--|  --> q:1:73
--| 1 | SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE);
--|   |                                                                         ^

SELECT a ||| b;
--| error: expected an expression, found `|`
--|  --> q:1:12
--| 1 | SELECT a ||| b;
--|   |            ^
