CREATE TABLE zeros (id INT, x DOUBLE) WITH ('connector' = 'filesystem', 'path' = '${DATA}/zeros.csv', 'format' = 'csv', 'csv.null-literal' = 'N');
-- case: CAST(-0e0 AS STRING)
SELECT id, CAST(-0e0 AS STRING) AS v FROM zeros
-- case: CAST(-(0e0) AS STRING)
SELECT id, CAST(-(0e0) AS STRING) AS v FROM zeros
-- case: CAST(CAST('-0' AS DOUBLE) AS STRING)
SELECT id, CAST(CAST('-0' AS DOUBLE) AS STRING) AS v FROM zeros
-- case: CAST(CAST(-0.0 AS DOUBLE) AS STRING)
SELECT id, CAST(CAST(-0.0 AS DOUBLE) AS STRING) AS v FROM zeros
-- case: CAST(1e0 / -0e0 AS STRING)
SELECT id, CAST(1e0 / -0e0 AS STRING) AS v FROM zeros
-- case: CEIL(-0.5e0)
SELECT id, CEIL(-0.5e0) AS v FROM zeros
-- case: ROUND(-0.2e0, 0)
SELECT id, ROUND(-0.2e0, 0) AS v FROM zeros
-- case: CAST(0 AS DOUBLE) * -1
SELECT id, CAST(0 AS DOUBLE) * -1 AS v FROM zeros
-- case: x * -0e0
SELECT id, x * -0e0 AS v FROM zeros
-- case: ARRAY[-0e0][1]
SELECT id, ARRAY[-0e0][1] AS v FROM zeros
-- case: CAST(-0e0 AS FLOAT)
SELECT id, CAST(-0e0 AS FLOAT) AS v FROM zeros
-- case: CAST('-0.0' AS FLOAT)
SELECT id, CAST('-0.0' AS FLOAT) AS v FROM zeros
-- case: CAST(CEIL(-0.5e0) AS STRING)
SELECT id, CAST(CEIL(-0.5e0) AS STRING) AS v FROM zeros
-- case: ARRAY[-0e0, CEIL(-0.5e0)]
SELECT id, ARRAY[-0e0, CEIL(-0.5e0)] AS v FROM zeros
-- case: ROW(CEIL(-0.5e0))
SELECT id, ROW(CEIL(-0.5e0)) AS v FROM zeros
-- case: MAP['a', CEIL(-0.5e0)]
SELECT id, MAP['a', CEIL(-0.5e0)] AS v FROM zeros
-- case: -x
SELECT id, -x AS v FROM zeros
-- case: x * -1
SELECT id, x * -1 AS v FROM zeros
-- case: CEIL(-0.5e0) + x
SELECT id, CEIL(-0.5e0) + x AS v FROM zeros
-- case: COALESCE(CEIL(-0.5e0), x)
SELECT id, COALESCE(CEIL(-0.5e0), x) AS v FROM zeros
-- case: CASE WHEN x > 1 THEN CEIL(-0.5e0) ELSE -x END
SELECT id, CASE WHEN x > 1 THEN CEIL(-0.5e0) ELSE -x END AS v FROM zeros
-- case: IF(x = 0, CEIL(-0.5e0), x)
SELECT id, IF(x = 0, CEIL(-0.5e0), x) AS v FROM zeros
-- case: 1 / (CEIL(-0.5e0) * (x + 1))
SELECT id, 1 / (CEIL(-0.5e0) * (x + 1)) AS v FROM zeros
-- case: ATAN2(CEIL(-0.5e0), -1)
SELECT id, ATAN2(CEIL(-0.5e0), -1) AS v FROM zeros
-- case: ATAN2(CEIL(-0.5e0), x - 1)
SELECT id, ATAN2(CEIL(-0.5e0), x - 1) AS v FROM zeros
-- case: SIGN(CEIL(-0.5e0))
SELECT id, SIGN(CEIL(-0.5e0)) AS v FROM zeros
-- case: ABS(CEIL(-0.5e0))
SELECT id, ABS(CEIL(-0.5e0)) AS v FROM zeros
-- case: CONCAT('a', CAST(CEIL(-0.5e0) AS STRING))
SELECT id, CONCAT('a', CAST(CEIL(-0.5e0) AS STRING)) AS v FROM zeros
-- case: TRUNCATE(-0.5e0, 0)
SELECT id, TRUNCATE(-0.5e0, 0) AS v FROM zeros
-- case: FLOOR(-0e0)
SELECT id, FLOOR(-0e0) AS v FROM zeros
-- case: MOD(-5, 5) * 1e0
SELECT id, MOD(-5, 5) * 1e0 AS v FROM zeros
-- case: -0e0 = 0e0
SELECT id, -0e0 = 0e0 AS v FROM zeros
-- case: CEIL(-0.5e0) IS NOT DISTINCT FROM x
SELECT id, CEIL(-0.5e0) IS NOT DISTINCT FROM x AS v FROM zeros
-- case: GREATEST(CEIL(-0.5e0), x)
SELECT id, GREATEST(CEIL(-0.5e0), x) AS v FROM zeros
-- case: LEAST(CEIL(-0.5e0), x)
SELECT id, LEAST(CEIL(-0.5e0), x) AS v FROM zeros
-- case: NULLIF(CEIL(-0.5e0), 1)
SELECT id, NULLIF(CEIL(-0.5e0), 1) AS v FROM zeros
-- case: CAST(CEIL(-0.5e0) AS DECIMAL(5, 2))
SELECT id, CAST(CEIL(-0.5e0) AS DECIMAL(5, 2)) AS v FROM zeros
-- case: SQRT(CEIL(-0.5e0))
SELECT id, SQRT(CEIL(-0.5e0)) AS v FROM zeros
-- case: SIN(-0e0)
SELECT id, SIN(-0e0) AS v FROM zeros
-- case: CAST(x AS DOUBLE) + CEIL(-0.5e0)
SELECT id, CAST(x AS DOUBLE) + CEIL(-0.5e0) AS v FROM zeros
-- case: x + 0
SELECT id, x + 0 AS v FROM zeros
-- case: x + 0e0
SELECT id, x + 0e0 AS v FROM zeros
-- case: 0 + x
SELECT id, 0 + x AS v FROM zeros
-- case: x - 0e0
SELECT id, x - 0e0 AS v FROM zeros
-- case: x - 0
SELECT id, x - 0 AS v FROM zeros
-- case: 0e0 - x
SELECT id, 0e0 - x AS v FROM zeros
-- case: x * 1
SELECT id, x * 1 AS v FROM zeros
-- case: x * 1e0
SELECT id, x * 1e0 AS v FROM zeros
-- case: 1e0 * x
SELECT id, 1e0 * x AS v FROM zeros
-- case: x / 1e0
SELECT id, x / 1e0 AS v FROM zeros
-- case: x / 1
SELECT id, x / 1 AS v FROM zeros
-- case: x * 0
SELECT id, x * 0 AS v FROM zeros
-- case: x * 0e0
SELECT id, x * 0e0 AS v FROM zeros
-- case: x + 0.0
SELECT id, x + 0.0 AS v FROM zeros
-- case: CAST(x + 0e0 AS STRING)
SELECT id, CAST(x + 0e0 AS STRING) AS v FROM zeros
