CREATE TABLE t (
  id INT, b BOOLEAN, ti TINYINT, si SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, de DECIMAL(10, 3), s STRING,
  dt DATE, tm TIME(3), ts TIMESTAMP(3), lz TIMESTAMP_LTZ(3), arr ARRAY<INT>, m MAP<STRING, INT>, r ROW<a INT, b STRING>, byt BYTES
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/types.json', 'format' = 'json');
SET 'table.local-time-zone' = 'UTC';
-- case: bare i + NULL
SELECT id, i + NULL AS v FROM t
-- case: bare NULL + i
SELECT id, NULL + i AS v FROM t
-- case: bare i - NULL
SELECT id, i - NULL AS v FROM t
-- case: bare i * NULL
SELECT id, i * NULL AS v FROM t
-- case: bare NULL / i
SELECT id, NULL / i AS v FROM t
-- case: bare i % NULL
SELECT id, i % NULL AS v FROM t
-- case: bare -NULL
SELECT id, -NULL AS v FROM t
-- case: bare d + NULL
SELECT id, d + NULL AS v FROM t
-- case: bare de + NULL
SELECT id, de + NULL AS v FROM t
-- case: bare dt + NULL
SELECT id, dt + NULL AS v FROM t
-- case: bare NULL = i
SELECT id, NULL = i AS v FROM t
-- case: bare i = NULL
SELECT id, i = NULL AS v FROM t
-- case: bare i <> NULL
SELECT id, i <> NULL AS v FROM t
-- case: bare s > NULL
SELECT id, s > NULL AS v FROM t
-- case: bare s = NULL
SELECT id, s = NULL AS v FROM t
-- case: bare b = NULL
SELECT id, b = NULL AS v FROM t
-- case: bare ts < NULL
SELECT id, ts < NULL AS v FROM t
-- case: bare NULL = NULL
SELECT id, NULL = NULL AS v FROM t
-- case: bare NOT NULL
SELECT id, NOT NULL AS v FROM t
-- case: bare b AND NULL
SELECT id, b AND NULL AS v FROM t
-- case: bare NULL AND b
SELECT id, NULL AND b AS v FROM t
-- case: bare b OR NULL
SELECT id, b OR NULL AS v FROM t
-- case: bare NULL OR b
SELECT id, NULL OR b AS v FROM t
-- case: bare FALSE AND NULL
SELECT id, FALSE AND NULL AS v FROM t
-- case: bare TRUE OR NULL
SELECT id, TRUE OR NULL AS v FROM t
-- case: bare NULL || s
SELECT id, NULL || s AS v FROM t
-- case: bare NULL || NULL
SELECT id, NULL || NULL AS v FROM t
-- case: bare s LIKE NULL
SELECT id, s LIKE NULL AS v FROM t
-- case: bare NULL LIKE s
SELECT id, NULL LIKE s AS v FROM t
-- case: bare s SIMILAR TO NULL
SELECT id, s SIMILAR TO NULL AS v FROM t
-- case: bare i BETWEEN NULL AND 3
SELECT id, i BETWEEN NULL AND 3 AS v FROM t
-- case: bare i BETWEEN 1 AND NULL
SELECT id, i BETWEEN 1 AND NULL AS v FROM t
-- case: bare NULL BETWEEN 1 AND 3
SELECT id, NULL BETWEEN 1 AND 3 AS v FROM t
-- case: bare i IN (1, NULL)
SELECT id, i IN (1, NULL) AS v FROM t
-- case: bare i NOT IN (1, NULL)
SELECT id, i NOT IN (1, NULL) AS v FROM t
-- case: bare NULL IN (1, 2)
SELECT id, NULL IN (1, 2) AS v FROM t
-- case: bare s IN ('a', NULL)
SELECT id, s IN ('a', NULL) AS v FROM t
-- case: bare NULL IS NOT NULL
SELECT id, NULL IS NOT NULL AS v FROM t
-- case: bare NULL IS TRUE
SELECT id, NULL IS TRUE AS v FROM t
-- case: bare NULL IS NOT UNKNOWN
SELECT id, NULL IS NOT UNKNOWN AS v FROM t
-- case: bare i IS DISTINCT FROM NULL
SELECT id, i IS DISTINCT FROM NULL AS v FROM t
-- case: bare NULL IS NOT DISTINCT FROM NULL
SELECT id, NULL IS NOT DISTINCT FROM NULL AS v FROM t
-- case: bare CASE WHEN b THEN NULL ELSE 1 END
SELECT id, CASE WHEN b THEN NULL ELSE 1 END AS v FROM t
-- case: bare CASE WHEN b THEN 1 ELSE NULL END
SELECT id, CASE WHEN b THEN 1 ELSE NULL END AS v FROM t
-- case: bare CASE WHEN b THEN NULL ELSE NULL END
SELECT id, CASE WHEN b THEN NULL ELSE NULL END AS v FROM t
-- case: bare CASE WHEN NULL THEN 1 ELSE 2 END
SELECT id, CASE WHEN NULL THEN 1 ELSE 2 END AS v FROM t
-- case: bare CASE i WHEN NULL THEN 1 ELSE 2 END
SELECT id, CASE i WHEN NULL THEN 1 ELSE 2 END AS v FROM t
-- case: bare COALESCE(NULL, i)
SELECT id, COALESCE(NULL, i) AS v FROM t
-- case: bare COALESCE(i, NULL)
SELECT id, COALESCE(i, NULL) AS v FROM t
-- case: bare COALESCE(NULL, NULL)
SELECT id, COALESCE(NULL, NULL) AS v FROM t
-- case: bare IF(b, NULL, 1)
SELECT id, IF(b, NULL, 1) AS v FROM t
-- case: bare IF(b, 1, NULL)
SELECT id, IF(b, 1, NULL) AS v FROM t
-- case: bare IF(NULL, 1, 2)
SELECT id, IF(NULL, 1, 2) AS v FROM t
-- case: bare NULLIF(i, NULL)
SELECT id, NULLIF(i, NULL) AS v FROM t
-- case: bare NULLIF(NULL, i)
SELECT id, NULLIF(NULL, i) AS v FROM t
-- case: bare IFNULL(NULL, i)
SELECT id, IFNULL(NULL, i) AS v FROM t
-- case: bare IFNULL(i, NULL)
SELECT id, IFNULL(i, NULL) AS v FROM t
-- case: bare GREATEST(i, NULL)
SELECT id, GREATEST(i, NULL) AS v FROM t
-- case: bare LEAST(NULL, i)
SELECT id, LEAST(NULL, i) AS v FROM t
-- case: bare UPPER(NULL)
SELECT id, UPPER(NULL) AS v FROM t
-- case: bare CHAR_LENGTH(NULL)
SELECT id, CHAR_LENGTH(NULL) AS v FROM t
-- case: bare CONCAT(s, NULL)
SELECT id, CONCAT(s, NULL) AS v FROM t
-- case: bare CONCAT_WS(',', s, NULL)
SELECT id, CONCAT_WS(',', s, NULL) AS v FROM t
-- case: bare SUBSTRING(NULL FROM 1)
SELECT id, SUBSTRING(NULL FROM 1) AS v FROM t
-- case: bare SUBSTRING(s FROM NULL)
SELECT id, SUBSTRING(s FROM NULL) AS v FROM t
-- case: bare SUBSTRING(s, NULL)
SELECT id, SUBSTRING(s, NULL) AS v FROM t
-- case: bare TRIM(NULL)
SELECT id, TRIM(NULL) AS v FROM t
-- case: bare LPAD(s, NULL, 'x')
SELECT id, LPAD(s, NULL, 'x') AS v FROM t
-- case: bare REPLACE(s, NULL, 'x')
SELECT id, REPLACE(s, NULL, 'x') AS v FROM t
-- case: bare REPLACE(s, 'x', NULL)
SELECT id, REPLACE(s, 'x', NULL) AS v FROM t
-- case: bare SPLIT_INDEX(s, NULL, 0)
SELECT id, SPLIT_INDEX(s, NULL, 0) AS v FROM t
-- case: bare REGEXP_EXTRACT(s, NULL)
SELECT id, REGEXP_EXTRACT(s, NULL) AS v FROM t
-- case: bare POSITION(NULL IN s)
SELECT id, POSITION(NULL IN s) AS v FROM t
-- case: bare ABS(NULL)
SELECT id, ABS(NULL) AS v FROM t
-- case: bare ROUND(NULL)
SELECT id, ROUND(NULL) AS v FROM t
-- case: bare ROUND(d, NULL)
SELECT id, ROUND(d, NULL) AS v FROM t
-- case: bare FLOOR(NULL)
SELECT id, FLOOR(NULL) AS v FROM t
-- case: bare POWER(NULL, 2)
SELECT id, POWER(NULL, 2) AS v FROM t
-- case: bare MOD(i, NULL)
SELECT id, MOD(i, NULL) AS v FROM t
-- case: bare SQRT(NULL)
SELECT id, SQRT(NULL) AS v FROM t
-- case: bare EXTRACT(YEAR FROM NULL)
SELECT id, EXTRACT(YEAR FROM NULL) AS v FROM t
-- case: bare YEAR(NULL)
SELECT id, YEAR(NULL) AS v FROM t
-- case: bare FLOOR(NULL TO DAY)
SELECT id, FLOOR(NULL TO DAY) AS v FROM t
-- case: bare DATE_FORMAT(NULL, 'yyyy')
SELECT id, DATE_FORMAT(NULL, 'yyyy') AS v FROM t
-- case: bare DATE_FORMAT(ts, NULL)
SELECT id, DATE_FORMAT(ts, NULL) AS v FROM t
-- case: bare TO_DATE(NULL)
SELECT id, TO_DATE(NULL) AS v FROM t
-- case: bare TO_TIMESTAMP(NULL)
SELECT id, TO_TIMESTAMP(NULL) AS v FROM t
-- case: bare FROM_UNIXTIME(NULL)
SELECT id, FROM_UNIXTIME(NULL) AS v FROM t
-- case: bare TIMESTAMPADD(DAY, NULL, ts)
SELECT id, TIMESTAMPADD(DAY, NULL, ts) AS v FROM t
-- case: bare TIMESTAMPADD(DAY, 1, NULL)
SELECT id, TIMESTAMPADD(DAY, 1, NULL) AS v FROM t
-- case: bare TIMESTAMPDIFF(DAY, ts, NULL)
SELECT id, TIMESTAMPDIFF(DAY, ts, NULL) AS v FROM t
-- case: bare ARRAY[1, NULL]
SELECT id, ARRAY[1, NULL] AS v FROM t
-- case: bare ARRAY[NULL]
SELECT id, ARRAY[NULL] AS v FROM t
-- case: bare MAP['a', NULL]
SELECT id, MAP['a', NULL] AS v FROM t
-- case: bare ROW(1, NULL)
SELECT id, ROW(1, NULL) AS v FROM t
-- case: bare CARDINALITY(NULL)
SELECT id, CARDINALITY(NULL) AS v FROM t
-- case: bare ARRAY_CONTAINS(arr, NULL)
SELECT id, ARRAY_CONTAINS(arr, NULL) AS v FROM t
-- case: bare arr[NULL]
SELECT id, arr[NULL] AS v FROM t
-- case: bare m[NULL]
SELECT id, m[NULL] AS v FROM t
-- case: bare MD5(NULL)
SELECT id, MD5(NULL) AS v FROM t
-- case: bare JSON_VALUE(NULL, '$.a')
SELECT id, JSON_VALUE(NULL, '$.a') AS v FROM t
-- case: bare JSON_EXISTS(NULL, '$.a')
SELECT id, JSON_EXISTS(NULL, '$.a') AS v FROM t
-- case: bare NULL IS JSON
SELECT id, NULL IS JSON AS v FROM t
-- case: bare JSON_OBJECT('a' VALUE NULL)
SELECT id, JSON_OBJECT('a' VALUE NULL) AS v FROM t
-- case: bare JSON_ARRAY(NULL)
SELECT id, JSON_ARRAY(NULL) AS v FROM t
-- case: bare CAST(NULL AS STRING) || NULL
SELECT id, CAST(NULL AS STRING) || NULL AS v FROM t
-- case: bare CAST(NULL AS ROW<a INT>)
SELECT id, CAST(NULL AS ROW<a INT>) AS v FROM t
-- case: bare TRY_CAST(NULL AS INT)
SELECT id, TRY_CAST(NULL AS INT) AS v FROM t
-- case: bare NULL
SELECT id, NULL AS v FROM t
-- case: bare ELT(1, NULL)
SELECT id, ELT(1, NULL) AS v FROM t
-- case: bare NULL in WHERE
SELECT id FROM t WHERE NULL
-- case: bare NULL compared in WHERE
SELECT id FROM t WHERE i = NULL
-- case: sum of bare NULL
SELECT SUM(NULL) AS v FROM t
-- case: count of bare NULL
SELECT COUNT(NULL) AS v FROM t
-- case: max of bare NULL
SELECT MAX(NULL) AS v FROM t
-- case: union with bare NULL
SELECT id, s FROM t WHERE id < 2 UNION ALL SELECT id, NULL FROM t WHERE id < 2
-- case: values with bare NULL
SELECT * FROM (VALUES (1, NULL), (2, 'b')) AS v (a, b)
-- case: group by bare NULL
SELECT COUNT(*) AS c FROM t GROUP BY NULL
