CREATE TABLE orders (
  id INT, customer STRING, amount DECIMAL(10, 2), items INT, ts TIMESTAMP(3), category STRING,
  WATERMARK FOR ts AS ts - INTERVAL '30' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/orders.csv', 'format' = 'csv');
SET 'table.exec.emit.early-fire.enabled' = 'true';
SET 'table.exec.emit.early-fire.delay' = '0 ms';
-- case: tumble
SELECT TUMBLE_START(ts, INTERVAL '5' MINUTE) AS s, customer, COUNT(*) AS c, SUM(amount) AS a FROM orders GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE), customer
-- case: tumble without keys
SELECT TUMBLE_START(ts, INTERVAL '5' MINUTE) AS s, TUMBLE_END(ts, INTERVAL '5' MINUTE) AS e, COUNT(*) AS c FROM orders GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE)
-- case: hop
SELECT HOP_START(ts, INTERVAL '2' MINUTE, INTERVAL '4' MINUTE) AS s, COUNT(*) AS c FROM orders GROUP BY HOP(ts, INTERVAL '2' MINUTE, INTERVAL '4' MINUTE)
-- case: session
SELECT SESSION_START(ts, INTERVAL '1' MINUTE) AS s, SESSION_END(ts, INTERVAL '1' MINUTE) AS e, customer, COUNT(*) AS c FROM orders GROUP BY SESSION(ts, INTERVAL '1' MINUTE), customer
-- case: aggregate over updates
SELECT customer, COUNT(*) AS n, SUM(c) AS t FROM (SELECT TUMBLE_START(ts, INTERVAL '5' MINUTE) AS s, customer, COUNT(*) AS c FROM orders GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE), customer) GROUP BY customer
-- case: having
SELECT TUMBLE_START(ts, INTERVAL '5' MINUTE) AS s, customer, COUNT(*) AS c FROM orders GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE), customer HAVING COUNT(*) < 2
-- case: rowtime of the window
SELECT TUMBLE_ROWTIME(ts, INTERVAL '5' MINUTE) AS r, COUNT(*) AS c FROM orders GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE)
-- case: window table functions are not concerned
SELECT window_start, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end
