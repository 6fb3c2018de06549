CREATE TABLE orders (
  id INT, customer STRING, amount DECIMAL(10, 2), items INT, ts TIMESTAMP(3), category STRING,
  WATERMARK FOR ts AS ts - INTERVAL '30' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/orders.csv', 'format' = 'csv');
CREATE TABLE bids (
  id INT, item STRING, price DECIMAL(10, 2), qty INT, bidder STRING, bt TIMESTAMP(3),
  WATERMARK FOR bt AS bt - INTERVAL '5' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/bids.json', 'format' = 'json');
CREATE TABLE zoned (
  id INT, item STRING, bt TIMESTAMP(3), price DECIMAL(10, 2), z AS CAST(bt AS TIMESTAMP_LTZ(3)),
  WATERMARK FOR z AS z - INTERVAL '5' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/bids.json', 'format' = 'json');
CREATE TABLE ticks (id INT, item STRING, price DECIMAL(10, 2), p AS PROCTIME())
WITH ('connector' = 'filesystem', 'path' = '${DATA}/bids.json', 'format' = 'json');
-- case: top 2 of a window function
SELECT id, amount, window_start, window_end FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 2
-- case: top 2 with rank
SELECT id, amount, window_end, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 2
-- case: top 1 per key
SELECT id, category, amount, window_end FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, category ORDER BY amount) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE))) WHERE rn = 1
-- case: top n over window aggregation
SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY s DESC) AS rn FROM (SELECT window_start, window_end, customer, SUM(amount) AS s, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, customer)) WHERE rn <= 2
-- case: top n in the select that aggregates
SELECT * FROM (SELECT window_start, window_end, customer, SUM(amount) AS s, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY SUM(amount) DESC, customer) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, customer) WHERE rn < 3
-- case: rank between
SELECT id, amount, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn BETWEEN 2 AND 3
-- case: second row
SELECT id, amount, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn = 2
-- case: constant on the left
SELECT id, amount FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE 2 >= rn
-- case: other conditions beside the rank
SELECT id, amount, category, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 3 AND category <> 'home' AND amount + rn > 20
-- case: empty range
SELECT id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn >= 3 AND rn <= 2
-- case: rank of zero
SELECT id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 0
-- case: no upper bound
SELECT id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn > 1
-- case: bound of a column
SELECT id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= items
-- case: rank computed with
SELECT id, rn + 1 AS r1, rn * amount AS p FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 2
-- case: nulls in the order, ascending
SELECT id, price, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE))) WHERE rn <= 3
-- case: nulls in the order, descending
SELECT id, price, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price DESC) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE))) WHERE rn <= 9
-- case: nulls first descending
SELECT id, price, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price DESC NULLS FIRST) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE))) WHERE rn <= 2
-- case: null partition keys are one
SELECT id, item, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY item, window_start, window_end ORDER BY id DESC) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE))) WHERE rn <= 2
-- case: ties in order of arrival
SELECT id, price, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price DESC) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '20' MINUTE))) WHERE rn <= 6
-- case: several order columns
SELECT id, item, bidder, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY item DESC, bidder, id DESC) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE))) WHERE rn <= 4
-- case: order by an expression
SELECT id, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price * qty DESC) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE))) WHERE rn <= 2
-- case: partition by an expression
SELECT id, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, UPPER(bidder) ORDER BY id) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '10' MINUTE))) WHERE rn <= 1
-- case: hop
SELECT id, window_start, window_end, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE, INTERVAL '4' MINUTE))) WHERE rn <= 2
-- case: cumulate
SELECT id, window_start, window_end, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(CUMULATE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE))) WHERE rn <= 2
-- case: aggregated sessions
SELECT customer, window_start, c, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY c DESC) AS rn FROM (SELECT customer, window_start, window_end, COUNT(*) AS c FROM TABLE(SESSION(TABLE orders PARTITION BY customer, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY customer, window_start, window_end)) WHERE rn <= 1
-- case: sessions without aggregation
SELECT id, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, customer ORDER BY id) AS rn FROM TABLE(SESSION(TABLE orders PARTITION BY customer, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) WHERE rn <= 1
-- case: zoned windows
SELECT id, window_start, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price DESC) AS rn FROM TABLE(TUMBLE(TABLE zoned, DESCRIPTOR(z), INTERVAL '5' MINUTE))) WHERE rn <= 1
-- case: processing time
SELECT id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price DESC) AS rn FROM TABLE(TUMBLE(TABLE ticks, DESCRIPTOR(p), INTERVAL '5' MINUTE))) WHERE rn <= 1
-- case: qualify
SELECT id, amount, window_end FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) QUALIFY ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) <= 2
-- case: qualify by alias
SELECT id, amount, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) QUALIFY rn = 1
-- case: qualify over aggregation
SELECT window_start, customer, SUM(items) AS s FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, customer QUALIFY ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY SUM(items) DESC, customer) = 1
-- case: named window
SELECT id, rn FROM (SELECT id, ROW_NUMBER() OVER w AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) WINDOW w AS (PARTITION BY window_start, window_end ORDER BY amount DESC)) WHERE rn <= 1
-- case: rank is refused
SELECT id, rn FROM (SELECT *, RANK() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 2
-- case: dense rank is refused
SELECT id, rn FROM (SELECT *, DENSE_RANK() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 2
-- case: first row by time
SELECT id, customer, ts, window_end FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, customer ORDER BY ts) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn = 1
-- case: last row by time
SELECT id, customer, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, customer ORDER BY ts DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE))) WHERE rn <= 1
-- case: first of equal times
SELECT id, bt FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, item ORDER BY bt ASC) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '10' MINUTE))) WHERE rn = 1
-- case: last of equal times
SELECT id, bt FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, item ORDER BY bt DESC) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '10' MINUTE))) WHERE rn = 1
-- case: last of equal times with rank
SELECT id, bt, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, item ORDER BY bt DESC) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '10' MINUTE))) WHERE rn = 1
-- case: last two of equal times
SELECT id, bt, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, item ORDER BY bt DESC) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '10' MINUTE))) WHERE rn <= 2
-- case: last by window time
SELECT id, window_time FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY window_time DESC) AS rn FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '10' MINUTE))) WHERE rn = 1
-- case: last by hop
SELECT id, window_start FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY bt DESC) AS rn FROM TABLE(HOP(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE))) WHERE rn = 1
-- case: aggregate over top n
SELECT window_start, window_end, SUM(amount) AS s, COUNT(*) AS c FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 2 GROUP BY window_start, window_end
-- case: top n of top n
SELECT id, r2 FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY items DESC) AS r2 FROM (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, customer ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn = 1)) WHERE r2 <= 2
-- case: window over top n
SELECT window_start, window_end, SUM(amount) AS s FROM TABLE(TUMBLE((SELECT amount, window_time AS wt FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) WHERE rn <= 1), DESCRIPTOR(wt), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
-- case: two rowtime columns into one table
SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 2
-- case: time stamp and window time of a window function
SELECT id, ts, window_time FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))
-- case: time stamp beside the window
SELECT id, ts, window_end FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 2
-- case: top n over updates
SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY c DESC) AS rn FROM (SELECT window_start, MAX(window_end) AS window_end, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start)) WHERE rn <= 2
-- case: window start alone
SELECT id, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 2
-- case: no window
SELECT id, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY amount DESC) AS rn FROM orders) WHERE rn <= 1
-- case: filter on the key before
SELECT id, category, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, category ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 2 AND category = 'toys' AND window_start >= TIMESTAMP '2026-01-01 10:00:00'
-- case: union of windows
SELECT id, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY id) AS rn FROM (SELECT id, window_start, window_end FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE)) UNION ALL SELECT id + 100, window_start, window_end FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE)))) WHERE rn <= 1
-- case: distinct of top n
SELECT DISTINCT window_start, window_end, customer FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, customer ORDER BY amount) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) WHERE rn <= 3
-- case: view and with
WITH ranked AS (SELECT window_start, window_end, customer, amount, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount DESC) AS rn FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE))) SELECT customer, COUNT(*) AS c FROM ranked WHERE rn <= 2 GROUP BY customer
