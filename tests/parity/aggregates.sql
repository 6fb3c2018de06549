CREATE TABLE t (
  id INT, b BOOLEAN, ti TINYINT, si SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, de DECIMAL(10, 3), s STRING,
  dt DATE, tm TIME(3), ts TIMESTAMP(3), lz TIMESTAMP_LTZ(3), arr ARRAY<INT>, m MAP<STRING, INT>, r ROW<a INT, b STRING>, byt BYTES
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/types.json', 'format' = 'json');
CREATE TABLE orders (
  id INT, customer STRING, amount DECIMAL(10, 2), items INT, ts TIMESTAMP(3), category STRING,
  WATERMARK FOR ts AS ts - INTERVAL '30' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/orders.csv', 'format' = 'csv');
SET 'table.local-time-zone' = 'UTC';
-- case: deviations of integers
SELECT customer, STDDEV_POP(items) AS a, STDDEV_SAMP(items) AS b, VAR_POP(items) AS c, VAR_SAMP(items) AS d, STDDEV(items) AS e, VARIANCE(items) AS f FROM orders GROUP BY customer
-- case: deviations of doubles
SELECT customer, STDDEV_POP(CAST(amount AS DOUBLE)) AS a, STDDEV_SAMP(CAST(amount AS DOUBLE)) AS b, VAR_POP(CAST(amount AS DOUBLE)) AS c, VAR_SAMP(CAST(amount AS DOUBLE)) AS d FROM orders GROUP BY customer
-- case: deviations of floats
SELECT customer, STDDEV_POP(CAST(amount AS FLOAT)) AS a, VAR_SAMP(CAST(amount AS FLOAT)) AS d FROM orders GROUP BY customer
-- case: deviations of decimals
SELECT customer, STDDEV_POP(amount) AS a, STDDEV_SAMP(amount) AS b, VAR_POP(amount) AS c, VAR_SAMP(amount) AS d FROM orders GROUP BY customer
-- case: deviations of fine decimals
SELECT customer, STDDEV_POP(CAST(amount AS DECIMAL(20, 8))) AS a, VAR_SAMP(CAST(amount AS DECIMAL(20, 8))) AS d FROM orders GROUP BY customer
-- case: deviations of small integers
SELECT customer, VAR_POP(CAST(items AS TINYINT)) AS a, VAR_POP(CAST(items AS SMALLINT)) AS b, VAR_POP(CAST(items AS BIGINT) * 1000000007) AS c FROM orders GROUP BY customer
-- case: deviations of distinct values
SELECT customer, VAR_POP(DISTINCT items) AS a, STDDEV_SAMP(DISTINCT amount) AS b FROM orders GROUP BY customer
-- case: deviations with filter
SELECT customer, VAR_POP(items) FILTER (WHERE items > 2) AS a, COUNT(items) FILTER (WHERE items > 2) AS c FROM orders GROUP BY customer
-- case: json object
SELECT customer, JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE items) AS j FROM orders GROUP BY customer
-- case: json object with nulls
SELECT customer, JSON_OBJECTAGG(CAST(id AS STRING) VALUE NULLIF(category, '')) AS j FROM orders GROUP BY customer
-- case: json object without nulls
SELECT customer, JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE NULLIF(category, '') ABSENT ON NULL) AS j FROM orders GROUP BY customer
-- case: json object of a text
SELECT customer, JSON_OBJECTAGG(CAST(id AS STRING) VALUE category) AS j FROM orders GROUP BY customer
-- case: json object of decimals and times
SELECT customer, JSON_OBJECTAGG(CAST(id AS STRING) VALUE amount) AS j, JSON_OBJECTAGG(CAST(id AS STRING) VALUE ts) AS k FROM orders GROUP BY customer
-- case: json object with filter
SELECT customer, JSON_OBJECTAGG(CAST(id AS STRING) VALUE items) FILTER (WHERE items > 2) AS j FROM orders GROUP BY customer
-- case: json array
SELECT customer, JSON_ARRAYAGG(items) AS j FROM orders GROUP BY customer
-- case: json array with nulls
SELECT customer, JSON_ARRAYAGG(NULLIF(category, '') NULL ON NULL) AS j FROM orders GROUP BY customer
-- case: json array without nulls
SELECT customer, JSON_ARRAYAGG(NULLIF(category, '') ABSENT ON NULL) AS j, JSON_ARRAYAGG(NULLIF(category, '')) AS k FROM orders GROUP BY customer
-- case: json array of rows
SELECT customer, JSON_ARRAYAGG(JSON_OBJECT('id' VALUE id, 'amount' VALUE amount)) AS j FROM orders GROUP BY customer
-- case: json array of distinct
SELECT customer, JSON_ARRAYAGG(DISTINCT category) AS j FROM orders GROUP BY customer
-- case: json array and more
SELECT customer, JSON_ARRAYAGG(items) AS j, COUNT(*) AS c, MAX(amount) AS m FROM orders GROUP BY customer
-- case: listagg
SELECT customer, LISTAGG(category) AS a, LISTAGG(category, '; ') AS b, LISTAGG(DISTINCT category) AS c FROM orders GROUP BY customer
-- case: listagg ordered
SELECT customer, LISTAGG(category) WITHIN GROUP (ORDER BY id) AS a FROM orders GROUP BY customer
-- case: array_agg
SELECT customer, ARRAY_AGG(items) AS a, ARRAY_AGG(DISTINCT items) AS b FROM orders GROUP BY customer
-- case: array_agg without nulls
SELECT customer, ARRAY_AGG(NULLIF(category, '') IGNORE NULLS) AS a, ARRAY_AGG(NULLIF(category, '') RESPECT NULLS) AS b, ARRAY_AGG(NULLIF(category, '')) AS c FROM orders GROUP BY customer
-- case: collect
SELECT customer, COLLECT(items) AS a FROM orders GROUP BY customer
-- case: collect distinct
SELECT customer, COLLECT(DISTINCT category) AS a FROM orders GROUP BY customer
-- case: percentile
SELECT customer, PERCENTILE(items, 0.5) AS a, PERCENTILE(amount, 0.9) AS b, PERCENTILE(items, 0.25, 2) AS c FROM orders GROUP BY customer
-- case: percentiles
SELECT customer, PERCENTILE(items, ARRAY[0.25, 0.5, 1.0]) AS a FROM orders GROUP BY customer
-- case: percentile_cont
SELECT customer, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY items) AS a FROM orders GROUP BY customer
-- case: first and last value
SELECT customer, FIRST_VALUE(items) AS a, LAST_VALUE(items) AS b, FIRST_VALUE(NULLIF(category, '')) AS c, LAST_VALUE(NULLIF(category, '')) AS d FROM orders GROUP BY customer
-- case: first value ignoring nulls
SELECT customer, FIRST_VALUE(NULLIF(category, '')) IGNORE NULLS AS a FROM orders GROUP BY customer
-- case: count of several columns
SELECT customer, COUNT(DISTINCT items) AS a, COUNT(DISTINCT NULLIF(category, '')) AS b FROM orders GROUP BY customer
-- case: count distinct of two columns
SELECT customer, COUNT(DISTINCT category, items) AS a FROM orders GROUP BY customer
-- case: approximate count
SELECT customer, APPROX_COUNT_DISTINCT(items) AS a FROM orders GROUP BY customer
-- case: min and max of booleans
SELECT customer, MIN(items > 2) AS a, MAX(items > 2) AS b FROM orders GROUP BY customer
-- case: sum of distinct
SELECT customer, SUM(DISTINCT items) AS a, AVG(DISTINCT items) AS b, AVG(DISTINCT amount) AS c FROM orders GROUP BY customer
-- case: bitmap
SELECT customer, BITMAP_BUILD_CARDINALITY_AGG(items) AS a FROM orders GROUP BY customer
-- case: single value
SELECT customer, SINGLE_VALUE(customer) AS a FROM orders GROUP BY customer
-- case: nested aggregates
SELECT customer, SUM(COUNT(*)) AS a FROM orders GROUP BY customer
-- case: deviations of retracted values
SELECT STDDEV_POP(s) AS a, VAR_SAMP(c) AS b, COUNT(*) AS n FROM (SELECT customer, CAST(SUM(items) AS DOUBLE) AS s, CAST(COUNT(*) AS DOUBLE) AS c FROM orders GROUP BY customer)
-- case: json aggregates in windows
SELECT window_start, JSON_ARRAYAGG(id) AS j, JSON_OBJECTAGG(CAST(id AS STRING) VALUE customer) AS k FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
-- case: json array in hop
SELECT window_start, JSON_ARRAYAGG(id) AS j FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)) GROUP BY window_start, window_end
-- case: deviations in hop
SELECT window_start, VAR_POP(CAST(amount AS DOUBLE)) AS v, STDDEV_SAMP(items) AS s FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)) GROUP BY window_start, window_end
-- case: json array of everything
SELECT JSON_ARRAYAGG(id) AS j FROM orders
-- case: json object of equal keys
SELECT JSON_OBJECTAGG(customer VALUE items) AS j FROM orders
-- case: json array retracted
SELECT JSON_ARRAYAGG(c) AS j FROM (SELECT customer, COUNT(*) AS c FROM orders GROUP BY customer)
-- case: current watermark
SELECT id, CURRENT_WATERMARK(ts) AS w FROM orders
-- case: rows that are not late
SELECT id FROM orders WHERE CURRENT_WATERMARK(ts) IS NULL OR ts > CURRENT_WATERMARK(ts)
-- case: late rows
SELECT id, ts FROM orders WHERE ts <= CURRENT_WATERMARK(ts)
-- case: current watermark of another column
SELECT id, CURRENT_WATERMARK(items) AS w FROM orders
-- case: current watermark of an expression
SELECT id, CURRENT_WATERMARK(ts + INTERVAL '1' SECOND) AS w FROM orders
-- case: current watermark behind a window
SELECT id, CURRENT_WATERMARK(window_time) AS w FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))
-- case: current watermark computed with
SELECT id, TIMESTAMPDIFF(SECOND, CURRENT_WATERMARK(ts), ts) AS behind FROM orders
-- case: interval column
SELECT id, INTERVAL '1' DAY AS v FROM t
-- case: interval of months
SELECT id, INTERVAL '14' MONTH AS v FROM t
-- case: interval as text
SELECT id, CAST(INTERVAL '1 02:03:04.567' DAY TO SECOND AS STRING) AS v, CAST(INTERVAL '2-3' YEAR TO MONTH AS STRING) AS w FROM t
-- case: negative interval
SELECT id, INTERVAL -'1 02:03:04.5' DAY TO SECOND AS v, INTERVAL '-5' MONTH AS w FROM t
-- case: interval of a column
SELECT id, CAST(i AS INTERVAL DAY) AS v FROM t
-- case: legacy windows grouped again
SELECT s, e, SUM(c) AS c FROM (SELECT TUMBLE_START(ts, INTERVAL '5' MINUTE) AS s, TUMBLE_END(ts, INTERVAL '5' MINUTE) AS e, customer, COUNT(*) AS c FROM orders GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE), customer) GROUP BY s, e
-- case: several percentiles
SELECT customer, PERCENTILE(items, ARRAY[0.0, 0.5, 0.9]) AS a, PERCENTILE(amount, ARRAY[0.25, 1]) AS b FROM orders GROUP BY customer
-- case: percentiles with frequency
SELECT customer, PERCENTILE(items, ARRAY[0.5, 0.9], id) AS a FROM orders GROUP BY customer
-- case: percentiles of nothing
SELECT customer, PERCENTILE(CAST(NULL AS INT), ARRAY[0.5, 0.9]) AS a, PERCENTILE(items, ARRAY[0.5]) FILTER (WHERE items > 4) AS b FROM orders GROUP BY customer
-- case: percentiles over updates
SELECT PERCENTILE(n, ARRAY[0.1, 0.5]) AS a FROM (SELECT COUNT(*) AS n FROM orders GROUP BY customer)
-- case: percentiles beyond one
SELECT customer, PERCENTILE(items, ARRAY[0.5, 1.5]) AS a FROM orders GROUP BY customer
-- case: percentiles of text
SELECT customer, PERCENTILE(items, ARRAY['a']) AS a FROM orders GROUP BY customer
-- case: group id
SELECT customer, GROUP_ID() AS g, COUNT(*) AS c FROM orders GROUP BY customer
-- case: group id of repeated sets
SELECT customer, category, GROUP_ID() AS g, GROUPING(customer) AS h, COUNT(*) AS c FROM orders GROUP BY GROUPING SETS ((customer), (customer, category), (customer), (category, customer), ())
-- case: group id without group by
SELECT GROUP_ID() AS g FROM orders
