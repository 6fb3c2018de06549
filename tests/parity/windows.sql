CREATE TABLE orders (
  id INT, customer STRING, amount DECIMAL(10, 2), items INT, ts TIMESTAMP(3), category STRING,
  WATERMARK FOR ts AS ts - INTERVAL '30' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/orders.csv', 'format' = 'csv');
-- case: tumble count and sum
SELECT window_start, window_end, COUNT(*) AS c, SUM(amount) AS s FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end
-- case: tumble by key
SELECT window_start, customer, COUNT(*) AS c, MIN(amount) AS lo, MAX(amount) AS hi, AVG(amount) AS av FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE)) GROUP BY window_start, window_end, customer
-- case: tumble with offset
SELECT window_start, window_end, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '1' MINUTE)) GROUP BY window_start, window_end
-- case: tumble with negative offset
SELECT window_start, window_end, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '-1' MINUTE)) GROUP BY window_start, window_end
-- case: tumble named arguments
SELECT window_start, COUNT(*) AS c FROM TABLE(TUMBLE(DATA => TABLE orders, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
-- case: tumble without TABLE()
SELECT window_start, COUNT(*) AS c FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE) GROUP BY window_start, window_end
-- case: window_time
SELECT window_time, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: hop
SELECT window_start, window_end, COUNT(*) AS c, SUM(items) AS s FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '3' MINUTE)) GROUP BY window_start, window_end
-- case: hop by key with distinct
SELECT window_start, window_end, category, COUNT(DISTINCT customer) AS c FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE, INTERVAL '4' MINUTE)) GROUP BY window_start, window_end, category
-- case: hop size not a multiple
SELECT window_start, COUNT(*) AS c FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE, INTERVAL '3' MINUTE)) GROUP BY window_start, window_end
-- case: cumulate
SELECT window_start, window_end, COUNT(*) AS c, SUM(amount) AS s FROM TABLE(CUMULATE(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE, INTERVAL '10' MINUTE)) GROUP BY window_start, window_end
-- case: cumulate by key
SELECT window_start, window_end, customer, MAX(items) AS m FROM TABLE(CUMULATE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)) GROUP BY window_start, window_end, customer
-- case: session
SELECT window_start, window_end, customer, COUNT(*) AS c FROM TABLE(SESSION(TABLE orders PARTITION BY customer, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, customer
-- case: session without partition
SELECT window_start, window_end, COUNT(*) AS c FROM TABLE(SESSION(TABLE orders, DESCRIPTOR(ts), INTERVAL '40' SECOND)) GROUP BY window_start, window_end
-- case: standalone tumble
SELECT id, window_start, window_end, window_time FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))
-- case: standalone hop
SELECT id, window_start, window_end FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE, INTERVAL '4' MINUTE)) WHERE id < 4
-- case: standalone cumulate
SELECT id, window_start, window_end FROM TABLE(CUMULATE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)) WHERE id < 4
-- case: distinct and filter
SELECT window_start, COUNT(DISTINCT customer) AS u, COUNT(*) FILTER (WHERE amount > 10) AS big, SUM(items) FILTER (WHERE category = 'books') AS books, COUNT(category) AS with_category FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
-- case: distinct with filter
SELECT window_start, COUNT(DISTINCT customer) FILTER (WHERE items > 2) AS u, SUM(DISTINCT items) AS s FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
-- case: having and expressions
SELECT window_start, customer, SUM(amount) * 2 AS s2, COUNT(*) + 1 AS c1 FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, customer HAVING COUNT(*) > 1
-- case: averages of integers
SELECT window_start, AVG(items) AS a, AVG(CAST(items AS DOUBLE)) AS d, AVG(CAST(items AS BIGINT)) AS b FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
-- case: deviation
SELECT window_start, STDDEV_POP(CAST(items AS DOUBLE)) AS p, VAR_SAMP(CAST(items AS DOUBLE)) AS v, STDDEV_POP(items) AS pi FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end
-- case: min and max of text and time
SELECT window_start, MIN(customer) AS a, MAX(customer) AS b, MIN(ts) AS t1, MAX(ts) AS t2, MIN(category) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
-- case: key expressions
SELECT window_start, UPPER(customer) AS k, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end, UPPER(customer)
-- case: filter before window
SELECT window_start, COUNT(*) AS c FROM TABLE(TUMBLE((SELECT * FROM orders WHERE amount > 10), DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
-- case: where on window rows
SELECT window_start, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) WHERE amount > 10 AND category IS NOT NULL GROUP BY window_start, window_end
-- case: cascaded window
SELECT window_start, window_end, SUM(c) AS s FROM TABLE(TUMBLE((SELECT window_time AS wt, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, window_time), DESCRIPTOR(wt), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
-- case: aggregate over window aggregate
SELECT window_start, window_end, MAX(s) AS best FROM (SELECT window_start, window_end, customer, SUM(amount) AS s FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, customer) GROUP BY window_start, window_end
-- case: window start alone is an updating aggregate
SELECT window_start, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start
-- case: legacy tumble
SELECT TUMBLE_START(ts, INTERVAL '5' MINUTE) AS s, TUMBLE_END(ts, INTERVAL '5' MINUTE) AS e, TUMBLE_ROWTIME(ts, INTERVAL '5' MINUTE) AS r, customer, COUNT(*) AS c FROM orders GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE), customer
-- case: legacy hop
SELECT HOP_START(ts, INTERVAL '2' MINUTE, INTERVAL '4' MINUTE) AS s, COUNT(*) AS c FROM orders GROUP BY HOP(ts, INTERVAL '2' MINUTE, INTERVAL '4' MINUTE)
-- case: legacy session
SELECT SESSION_START(ts, INTERVAL '1' MINUTE) AS s, SESSION_END(ts, INTERVAL '1' MINUTE) AS e, customer, COUNT(*) AS c FROM orders GROUP BY SESSION(ts, INTERVAL '1' MINUTE), customer
-- case: rowtime lost by an expression
SELECT window_start, COUNT(*) AS c FROM TABLE(TUMBLE((SELECT ts + INTERVAL '1' SECOND AS t FROM orders), DESCRIPTOR(t), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
-- case: window over a column that is no time attribute
SELECT window_start, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(items), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
-- case: grouping sets
SELECT window_start, category, customer, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end, GROUPING SETS ((category), (customer), ())
-- case: rollup
SELECT window_start, category, SUM(items) AS s FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end, ROLLUP (category)
-- case: null key is a group
SELECT window_start, category, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end, category
-- case: first and last value
SELECT window_start, FIRST_VALUE(customer) AS f, LAST_VALUE(customer) AS l FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end
-- case: listagg
SELECT window_start, LISTAGG(customer) AS l FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end
-- case: daily window
SELECT window_start, window_end, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY window_start, window_end
-- case: group by
SELECT customer, COUNT(*) AS c, SUM(amount) AS s FROM orders GROUP BY customer
-- case: group by expression with having
SELECT CHAR_LENGTH(customer) AS n, COUNT(*) AS c FROM orders GROUP BY CHAR_LENGTH(customer) HAVING COUNT(*) > 3
-- case: global aggregate
SELECT COUNT(*) AS c, SUM(amount) AS s, AVG(items) AS a, MIN(ts) AS t FROM orders
-- case: global aggregate over nothing
SELECT COUNT(*) AS c, SUM(amount) AS s FROM orders WHERE id > 1000
-- case: distinct rows
SELECT DISTINCT customer, category FROM orders
-- case: group by of group by
SELECT c, COUNT(*) AS n FROM (SELECT customer, COUNT(*) AS c FROM orders GROUP BY customer) GROUP BY c
-- case: limit
SELECT id FROM orders LIMIT 3
-- case: union all
SELECT id, customer FROM orders WHERE id < 3 UNION ALL SELECT items, category FROM orders WHERE id > 14
-- case: with clause
WITH big AS (SELECT customer, amount FROM orders WHERE amount > 30), names (n) AS (SELECT UPPER(customer) FROM big) SELECT n FROM names
-- case: unknown column
SELECT custommer FROM orders
-- case: ungrouped column
SELECT customer, items, COUNT(*) FROM orders GROUP BY customer
