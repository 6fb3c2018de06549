CREATE TABLE src (
  i INT, k STRING, arr ARRAY<INT>, m MAP<STRING, INT>, an ARRAY<INT NOT NULL>, mn MAP<STRING, INT NOT NULL>,
  ms MAP<STRING, STRING>, msn MAP<STRING, STRING NOT NULL>, asn ARRAY<STRING NOT NULL>
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/elements.json', 'format' = 'json');
-- case: empty 1
SELECT COUNT(*) AS n, SUM(i) AS s FROM src WHERE FALSE
-- case: empty 2
SELECT COUNT(*) AS n, SUM(i) AS s FROM src WHERE i > 500
-- case: empty 3
SELECT COUNT(*) AS n, SUM(i) AS s FROM src WHERE 1 = 2
-- case: empty 4
SELECT COUNT(*) AS n, SUM(i) AS s FROM src WHERE 'a' = 'b'
-- case: empty 5
SELECT COUNT(*) AS n, SUM(i) AS s FROM src WHERE NULL
-- case: empty 6
SELECT COUNT(*) AS n, SUM(i) AS s FROM src WHERE i = CAST(NULL AS INT)
-- case: empty 7
SELECT COUNT(*) AS n, SUM(i) AS s FROM src WHERE CHAR_LENGTH('abc') > 5
-- case: empty 8
SELECT COUNT(*) AS n, SUM(i) AS s FROM src WHERE k LIKE 'a' AND FALSE
-- case: empty 9
SELECT COUNT(*) + 1 AS n FROM src WHERE FALSE
-- case: empty 10
SELECT COUNT(*) AS n FROM src WHERE i <> i
-- case: empty 11
SELECT COUNT(*) AS n FROM src WHERE i < i
-- case: empty 12
SELECT COUNT(*) AS n FROM src WHERE NOT (i = i)
-- case: empty 13
SELECT COUNT(*) AS n FROM src WHERE i IS NULL AND i > 3
-- case: empty 14
SELECT COUNT(*) AS n FROM src WHERE i IS NULL AND i IS NOT NULL
-- case: empty 15
SELECT COUNT(*) AS n FROM src WHERE i + 1 > 3 AND i IS NULL
-- case: empty 16
SELECT COUNT(*) AS n FROM src WHERE (i > 2) IS NULL AND i IS NOT NULL
-- case: empty 17
SELECT COUNT(*) AS n FROM src WHERE k LIKE 'a%' AND k IS NULL
-- case: empty 18
SELECT COUNT(*) AS n FROM src WHERE i > 3 AND i < 2
-- case: empty 19
SELECT COUNT(*) AS n FROM src WHERE i > 3 AND i <= 3
-- case: empty 20
SELECT COUNT(*) AS n FROM src WHERE i > 3 AND NOT (i > 3)
-- case: empty 21
SELECT COUNT(*) AS n FROM src WHERE i > 3 AND NOT (i > 1)
-- case: empty 22
SELECT COUNT(*) AS n FROM src WHERE i BETWEEN 5 AND 3
-- case: empty 23
SELECT COUNT(*) AS n FROM src WHERE i = 1 AND i = 2
-- case: empty 24
SELECT COUNT(*) AS n FROM src WHERE i = 1 AND i <> 1
-- case: empty 25
SELECT COUNT(*) AS n FROM src WHERE i = 1 AND k = 'a' AND i = 2
-- case: empty 26
SELECT COUNT(*) AS n FROM src WHERE i IN (1, 2) AND i > 4
-- case: empty 27
SELECT COUNT(*) AS n FROM src WHERE i IN (1, 2) AND i NOT IN (1, 2, 3)
-- case: empty 28
SELECT COUNT(*) AS n FROM src WHERE k = 'a' AND k <> 'a'
-- case: empty 29
SELECT COUNT(*) AS n FROM src WHERE k > 'b' AND k < 'a'
-- case: empty 30
SELECT COUNT(*) AS n FROM src WHERE i + 1 > 3 AND i + 1 < 2
-- case: empty 31
SELECT COUNT(*) AS n FROM src WHERE (i > 3 AND i < 2) OR (k = 'a' AND k = 'b')
-- case: empty 32
SELECT COUNT(*) AS n FROM src WHERE i > 300 OR FALSE AND k = 'x'
-- case: empty 33
SELECT COUNT(*) AS n FROM src WHERE i >= 5 AND i <= 5
-- case: empty 34
SELECT COUNT(*) AS n FROM src WHERE UPPER(k) = 'A' AND UPPER(k) IS NULL
-- case: empty 35
SELECT COUNT(*) AS n FROM src WHERE k IN ('a') AND k LIKE 'b%'
-- case: empty 36
SELECT COUNT(*) AS n FROM src WHERE i > 2147483648
-- case: empty 37
SELECT COUNT(*) AS n FROM src WHERE i > 3 AND CAST(i AS BIGINT) < 2
-- case: empty 38
SELECT COUNT(*) AS n FROM src WHERE CASE WHEN FALSE THEN TRUE ELSE FALSE END
-- case: empty 39
SELECT COUNT(*) AS n FROM src WHERE COALESCE(NULL, FALSE)
-- case: empty 40
SELECT AVG(i) AS a FROM src WHERE FALSE
-- case: empty 41
SELECT MIN(i) AS a, MAX(k) AS b FROM src WHERE FALSE
-- case: empty 42
SELECT APPROX_COUNT_DISTINCT(i) AS a FROM src WHERE FALSE
-- case: empty 43
SELECT SUM(DISTINCT i) AS a, COUNT(DISTINCT k) AS b, MIN(i) FILTER (WHERE i > 2) AS c FROM src WHERE FALSE
-- case: empty 44
SELECT STDDEV_POP(i) AS a FROM src WHERE FALSE
-- case: empty 45
SELECT VAR_SAMP(i) AS a, COUNT(*) AS b FROM src WHERE FALSE
-- case: empty 46
SELECT LISTAGG(k) AS a FROM src WHERE FALSE
-- case: empty 47
SELECT FIRST_VALUE(i) AS a, COLLECT(i) AS b FROM src WHERE FALSE
-- case: empty 48
SELECT COUNT(*) AS n FROM (SELECT COUNT(*) FROM src WHERE FALSE)
-- case: empty 49
SELECT COUNT(*) AS n, MAX(c) AS m FROM (SELECT k, COUNT(*) AS c FROM src WHERE FALSE GROUP BY k)
-- case: empty 50
SELECT k, COUNT(*) AS n FROM src WHERE FALSE GROUP BY k
-- case: empty 51
SELECT COUNT(*) AS n FROM src HAVING FALSE
-- case: empty 52
SELECT COUNT(*) AS n FROM (SELECT i, COUNT(*) AS c FROM src GROUP BY i) WHERE FALSE
-- case: empty 53
SELECT COUNT(*) AS n FROM (SELECT i FROM src WHERE FALSE UNION ALL SELECT i FROM src WHERE i > 500)
-- case: empty 54
SELECT COUNT(*) AS n FROM (SELECT i FROM src WHERE FALSE UNION ALL SELECT i FROM src WHERE 1 = 0)
-- case: empty 55
SELECT COUNT(*) AS n FROM (SELECT i FROM src WHERE FALSE UNION ALL SELECT i FROM src)
-- case: empty 56
SELECT COUNT(*) AS n FROM (SELECT i FROM src LIMIT 0)
-- case: empty 57
SELECT COUNT(*) AS n FROM (SELECT * FROM src WHERE FALSE) WHERE i > 3
-- case: empty 58
SELECT COUNT(*) AS n FROM (SELECT i, 1 AS one FROM src) WHERE one = 2
-- case: empty 59
SELECT DISTINCT 1 AS x FROM src WHERE FALSE
-- case: empty 60
SELECT i FROM src WHERE FALSE UNION ALL SELECT i FROM src
-- case: empty 61
SELECT COUNT(*) AS n FROM (SELECT a.i FROM src AS a JOIN src AS b ON a.i = b.i WHERE FALSE)
-- case: empty 62
SELECT COUNT(*) AS n FROM src, UNNEST(arr) AS u(x) WHERE FALSE
