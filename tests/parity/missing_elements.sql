CREATE TABLE src (
  i INT, k STRING, arr ARRAY<INT>, m MAP<STRING, INT>, an ARRAY<INT NOT NULL>, mn MAP<STRING, INT NOT NULL>,
  ms MAP<STRING, STRING>, msn MAP<STRING, STRING NOT NULL>, asn ARRAY<STRING NOT NULL>
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/elements.json', 'format' = 'json');
-- case: element 1
SELECT arr[i] AS a, m[k] AS b, an[i] AS c, mn[k] AS d, ms[k] AS e, msn[k] AS f, asn[i] AS g FROM src
-- case: element 2
SELECT arr[i] IS NULL AS a, m[k] IS NULL AS b, an[i] IS NULL AS c, mn[k] IS NOT NULL AS d FROM src
-- case: element 3
SELECT k FROM src WHERE mn[k] IS NULL
-- case: element 4
SELECT k FROM src WHERE mn[k] IS NOT NULL
-- case: element 5
SELECT k FROM src WHERE mn[k] = -1
-- case: element 6
SELECT k FROM src WHERE m[k] IS NULL
-- case: element 7
SELECT ARRAY[i][2] IS NULL AS a, MAP['a', i][k] IS NULL AS b FROM src
-- case: element 8
SELECT COALESCE(mn[k], 5) AS a, CASE WHEN i > 0 THEN mn[k] ELSE 3 END AS b, IF(mn[k] > 0, 1, 0) AS c FROM src
-- case: element 9
SELECT ROW(mn[k]) AS a, ARRAY[mn[k]] AS b, ABS(mn[k]) AS c, mn[k] + 1 AS d, CAST(mn[k] AS STRING) AS e FROM src
-- case: element 10
SELECT IFNULL(an[i], 5) AS a, NULLIF(an[i], 5) AS b, GREATEST(an[i], 2) AS c, CONCAT('x', asn[i]) AS d FROM src
-- case: element 11
SELECT COUNT(mn[k]) AS a, SUM(mn[k]) AS b, COUNT(m[k]) AS c FROM src
-- case: element 12
SELECT x, x + 1 AS y FROM (SELECT mn[k] AS x FROM src)
-- case: element 13
SELECT mn[k] AS x, COUNT(*) AS n FROM src GROUP BY mn[k]
-- case: element 14
SELECT ARRAY[1.25][i] AS a, ARRAY[DATE '2024-01-01'][i] AS b, ARRAY[TRUE][i] AS c, ARRAY[1e0][i] AS d FROM src
-- case: element 15
SELECT ARRAY[TIMESTAMP '2024-01-01 00:00:00.000'][i] AS a, ARRAY[ARRAY[1]][i] AS b, ARRAY[ROW(1)][i] AS c FROM src
-- case: element 16
SELECT ARRAY[X'01'][i] AS a, ARRAY[MAP['a', 1]][i] AS b, ARRAY[CAST(1 AS TINYINT)][i] AS c, ARRAY[CAST(1 AS FLOAT)][i] AS d FROM src
-- case: element 17
SELECT SPLIT(k, ',')[i] AS a, STR_TO_MAP(k)[k] AS b, ARRAY_DISTINCT(an)[i] AS c, ARRAY_SLICE(asn, 1, 1)[i] AS d FROM src
-- case: element 18
SELECT ARRAY_CONCAT(asn, asn)[i] AS a, ARRAY_UNION(an, ARRAY[4])[i] AS b, ARRAY_APPEND(an, 3)[i] AS c, ARRAY_REMOVE(an, 3)[i] AS d FROM src
-- case: element 19
SELECT ARRAY_PREPEND(arr, 3)[i] AS a, ARRAY_EXCEPT(an, ARRAY[3])[i] AS b, ARRAY_REVERSE(an)[i] AS c, ARRAY_SORT(an)[i] AS d FROM src
-- case: element 20
SELECT MAP_VALUES(mn)[i] AS a, MAP_KEYS(mn)[i] AS b, MAP_VALUES(m)[i] AS c FROM src
-- case: element 22
SELECT x[5] AS a, y[5] AS b FROM (SELECT ARRAY_AGG(i) AS x, ARRAY_AGG(1) AS y FROM src)
-- case: element 23
SELECT ARRAY['abc', 'd'][i] AS a, MAP['a', 'xyz'][k] AS b, UPPER(MAP['a', 'xyz'][k]) AS c FROM src
-- case: element 24
SELECT ARRAY[1, 2, 3][5] AS a, MAP['a', 1]['c'] AS b, ARRAY['a', 'b'][5] AS c, MAP['a', 'b']['c'] AS d FROM (VALUES (1))
-- case: element 25
SELECT ARRAY[TRUE][5] AS a, ARRAY[1.25][5] AS b, ARRAY[DATE '2024-01-01'][5] AS c, ARRAY[1e0][5] AS d FROM (VALUES (1))
-- case: element 26
SELECT ARRAY[1, 2, 3][5] IS NULL AS a, COALESCE(ARRAY[1, 2, 3][5], 9) AS b, ARRAY[1, 2][5] + 1 AS c FROM (VALUES (1))
-- case: element 27
SELECT ARRAY[1, 2, 3][i - 10] AS a, ARRAY[1, 2, 3][2] AS b FROM (VALUES (1)) AS t(i)
-- case: element 28
SELECT ARRAY[ARRAY[1, 2]][1][5] AS a, ARRAY[ROW(1, 2)][4] AS b FROM (VALUES (1))
-- case: element 29
SELECT STR_TO_MAP('a=1')['z'] AS a, SPLIT('a,b', ',')[5] AS b, SPLIT('a,b', ',')[2] AS c FROM (VALUES (1))
-- case: element 30
SELECT i, COUNT(*) AS n FROM (VALUES 1, 2) AS t(i) WHERE ARRAY[1][i] IS NOT NULL GROUP BY i
