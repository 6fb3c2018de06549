CREATE TABLE w (
  id INT, s STRING, t STRING, i INT, l BIGINT, d DOUBLE, de DECIMAL(10, 3), ts TIMESTAMP(3), dt DATE, b BOOLEAN,
  arr ARRAY<INT>, sa ARRAY<STRING>, m MAP<STRING, INT>
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/weird.json', 'format' = 'json');
SET 'table.local-time-zone' = 'Europe/Berlin';
-- case: aggregate 1
SELECT SUM(i) AS a, SUM(l) AS b, SUM(d) AS c, SUM(de) AS e, COUNT(*) AS f, COUNT(i) AS g FROM w
-- case: aggregate 2
SELECT AVG(i) AS a, AVG(l) AS b, AVG(de) AS c FROM w
-- case: aggregate 3
SELECT AVG(d) AS a FROM w WHERE d < 1e300
-- case: aggregate 4
SELECT b, SUM(i) AS a, AVG(i) AS c, MIN(i) AS e, MAX(i) AS f FROM w GROUP BY b
-- case: aggregate 5
SELECT b, SUM(l) AS a, AVG(l) AS c, MIN(l) AS e, MAX(l) AS f FROM w GROUP BY b
-- case: aggregate 6
SELECT MIN(s) AS a, MAX(s) AS b, MIN(t) AS c, MAX(t) AS e, MIN(d) AS f, MAX(d) AS g FROM w
-- case: aggregate 7
SELECT MIN(ts) AS a, MAX(ts) AS b, MIN(dt) AS c, MAX(dt) AS e, MIN(b) AS f, MAX(b) AS g, MIN(de) AS h, MAX(de) AS i FROM w
-- case: aggregate 8
SELECT MIN(CAST(d AS FLOAT)) AS a, MAX(CAST(i AS SMALLINT)) AS b, SUM(CAST(i AS TINYINT)) AS c, SUM(CAST(i AS SMALLINT)) AS e FROM w WHERE i BETWEEN -100 AND 100
-- case: aggregate 9
SELECT AVG(CAST(i AS TINYINT)) AS a, AVG(CAST(i AS SMALLINT)) AS b, AVG(CAST(d AS FLOAT)) AS c FROM w WHERE i BETWEEN -100 AND 100 AND d < 1e300
-- case: aggregate 10
SELECT SUM(LOG10(d)) AS a, MAX(LOG10(d)) AS b, MIN(LOG10(d)) AS c FROM w
-- case: aggregate 11
SELECT MAX(SQRT(d)) AS a, MIN(SQRT(d)) AS b, COUNT(DISTINCT SQRT(d)) AS c FROM w
-- case: aggregate 12
SELECT COUNT(DISTINCT i) AS a, COUNT(DISTINCT s) AS b, COUNT(DISTINCT d) AS c, COUNT(DISTINCT ts) AS e, COUNT(DISTINCT b) AS f, COUNT(DISTINCT de) AS g FROM w
-- case: aggregate 13
SELECT SUM(DISTINCT i) AS a, AVG(DISTINCT l) AS b, SUM(DISTINCT de) AS c, MIN(DISTINCT s) AS e FROM w
-- case: aggregate 14
SELECT COUNT(DISTINCT i) FILTER (WHERE b) AS a, SUM(l) FILTER (WHERE i > 0) AS b, COUNT(*) FILTER (WHERE s IS NULL) AS c, MAX(s) FILTER (WHERE FALSE) AS e FROM w
-- case: aggregate 15
SELECT d, COUNT(*) AS a FROM w GROUP BY d
-- case: aggregate 16
SELECT LOG10(d) AS x, COUNT(*) AS a FROM w GROUP BY LOG10(d)
-- case: aggregate 17
SELECT de, b, COUNT(*) AS a, SUM(i) AS c FROM w GROUP BY de, b
-- case: aggregate 18
SELECT ts, COUNT(*) AS a FROM w GROUP BY ts
-- case: aggregate 19
SELECT arr, COUNT(*) AS a FROM w GROUP BY arr
-- case: aggregate 20
SELECT sa, COUNT(*) AS a FROM w GROUP BY sa
-- case: aggregate 21
SELECT m, COUNT(*) AS a FROM w GROUP BY m
-- case: aggregate 22
SELECT ROW(b, de) AS x, COUNT(*) AS a FROM w GROUP BY ROW(b, de)
-- case: aggregate 23
SELECT DISTINCT t, b FROM w
-- case: aggregate 24
SELECT DISTINCT arr FROM w
-- case: aggregate 25
SELECT b, STDDEV_POP(i) AS a, STDDEV_SAMP(i) AS c, VAR_POP(i) AS e, VAR_SAMP(i) AS f FROM w WHERE i BETWEEN -1000 AND 1000 GROUP BY b
-- case: aggregate 26
SELECT VAR_POP(de) AS a, STDDEV_SAMP(de) AS b, VAR_SAMP(de) AS c FROM w WHERE de < 1000 AND de > -1000
-- case: aggregate 27
SELECT b, FIRST_VALUE(s) AS a, LAST_VALUE(s) AS c, FIRST_VALUE(i) AS e, LAST_VALUE(de) AS f FROM w GROUP BY b
-- case: aggregate 28
SELECT b, LISTAGG(s) AS a, LISTAGG(t, '|') AS c FROM w GROUP BY b
-- case: aggregate 29
SELECT b, COLLECT(i) AS a FROM w WHERE i BETWEEN 0 AND 3 GROUP BY b
-- case: aggregate 30
SELECT b, ARRAY_AGG(i) AS a, ARRAY_AGG(DISTINCT b) AS c FROM w GROUP BY b
-- case: aggregate 31
SELECT JSON_ARRAYAGG(i) AS a, JSON_ARRAYAGG(s NULL ON NULL) AS b FROM w WHERE id < 12
-- case: aggregate 32
SELECT JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE d) AS a FROM w WHERE id < 3
-- case: aggregate 33
SELECT b, COUNT(*) AS a FROM w GROUP BY b HAVING SUM(i) > 0
-- case: aggregate 34
SELECT b, SUM(i) AS a FROM w GROUP BY b HAVING MIN(s) IS NOT NULL AND MAX(l) > 5
-- case: aggregate 35
SELECT b, de, COUNT(*) AS a FROM w GROUP BY ROLLUP (b, de)
-- case: aggregate 36
SELECT b, i > 0 AS p, COUNT(*) AS a, GROUPING(b) AS g FROM w GROUP BY GROUPING SETS ((b), (b, i > 0), ())
-- case: aggregate 37
SELECT COUNT(*) AS n, SUM(x) AS s FROM (SELECT b, COUNT(*) AS x FROM w GROUP BY b)
-- case: aggregate 38
SELECT x, COUNT(*) AS n FROM (SELECT t, COUNT(*) AS x FROM w GROUP BY t) GROUP BY x
-- case: aggregate 39
SELECT MAX(x) AS a, MIN(x) AS c FROM (SELECT b, SUM(i) AS x FROM w GROUP BY b)
-- case: aggregate 40
SELECT SUM(de * de) AS a, AVG(de / 3) AS b, SUM(de + i) AS c FROM w WHERE i BETWEEN -100 AND 100
-- case: aggregate 41
SELECT SUM(CAST(de AS DECIMAL(38, 3))) AS a, SUM(CAST(de AS DECIMAL(38, 18))) AS b FROM w
-- case: aggregate 42
SELECT t FROM w INTERSECT SELECT s FROM w
-- case: aggregate 43
SELECT t FROM w EXCEPT SELECT s FROM w
-- case: aggregate 44
SELECT b FROM w WHERE id < 4 UNION SELECT b FROM w
-- case: aggregate 45
SELECT COUNT(*) AS n FROM w WHERE s LIKE '%a%' OR s IS NULL
-- case: aggregate 46
SELECT COUNT(ROW(i, s)) AS a, COUNT(arr) AS b, COUNT(m) AS c FROM w
-- case: aggregate 47
SELECT MAX(CARDINALITY(arr)) AS a, SUM(arr[1]) AS b, MAX(m['a']) AS c FROM w
-- case: aggregate 48
SELECT i / 7 AS x, COUNT(*) AS n FROM w WHERE i BETWEEN -100 AND 100 GROUP BY i / 7
-- case: aggregate 49
SELECT COUNT(DISTINCT (b, de)) AS a FROM w
-- case: aggregate 50
SELECT b, PERCENTILE(i, 0.5) AS a FROM w WHERE i BETWEEN -100 AND 100 GROUP BY b
-- case: aggregate 51
SELECT CAST(SUM(l) AS STRING) AS a, CAST(AVG(d) AS DECIMAL(10, 2)) AS b FROM w WHERE d < 1e6 AND d > -1e6
