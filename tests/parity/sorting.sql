CREATE TABLE timed (id INT, v STRING, o INT, ts TIMESTAMP(3), p AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '3' SECOND)
WITH ('connector' = 'filesystem', 'path' = '${DATA}/conflicts.csv', 'format' = 'csv');
CREATE TABLE strict (id INT, v STRING, o INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
WITH ('connector' = 'filesystem', 'path' = '${DATA}/conflicts.csv', 'format' = 'csv');
CREATE TABLE orders (
  id INT, customer STRING, amount DECIMAL(10, 2), items INT, ts TIMESTAMP(3), category STRING,
  WATERMARK FOR ts AS ts - INTERVAL '30' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/orders.csv', 'format' = 'csv');
CREATE TABLE plain (id INT, v STRING) WITH ('connector' = 'print');
CREATE TABLE counted (w TIMESTAMP(3), n BIGINT) WITH ('connector' = 'print');
SET 'table.local-time-zone' = 'UTC';
SET 'parallelism.default' = '1';
-- case: by time
INSERT INTO plain SELECT id, v FROM timed ORDER BY ts
-- case: by time and more
INSERT INTO plain SELECT id, v FROM timed ORDER BY ts, v DESC, id
-- case: by time, strictly
INSERT INTO plain SELECT id, v FROM strict ORDER BY ts
-- case: orders by time
INSERT INTO plain SELECT id, customer FROM orders ORDER BY ts
-- case: orders by time and customer
INSERT INTO plain SELECT id, customer FROM orders ORDER BY ts ASC, customer DESC
-- case: with a filter
INSERT INTO plain SELECT id, customer FROM orders WHERE items > 1 ORDER BY ts
-- case: windows by time
INSERT INTO counted SELECT window_time, COUNT(*) FROM TABLE(TUMBLE(TABLE timed, DESCRIPTOR(ts), INTERVAL '2' SECOND)) GROUP BY window_start, window_end, window_time ORDER BY window_time
-- case: by time, descending
INSERT INTO plain SELECT id, v FROM timed ORDER BY ts DESC
-- case: by something else
INSERT INTO plain SELECT id, v FROM timed ORDER BY v
-- case: by something else before the time
INSERT INTO plain SELECT id, v FROM timed ORDER BY v, ts
-- case: by time with an offset
INSERT INTO plain SELECT id, v FROM timed ORDER BY ts OFFSET 1
-- case: in a sub-query
INSERT INTO plain SELECT id, v FROM (SELECT id, v, ts FROM timed ORDER BY ts)
-- case: by anything in a sub-query
INSERT INTO plain SELECT id, v FROM (SELECT id, v, ts FROM timed ORDER BY v DESC)
-- case: by an unknown column in a sub-query
INSERT INTO plain SELECT id, v FROM (SELECT id, v, ts FROM timed ORDER BY nothing)
-- case: in WITH
INSERT INTO plain WITH s AS (SELECT id, v FROM timed ORDER BY v) SELECT id, v FROM s
-- case: within UNION ALL
INSERT INTO plain (SELECT id, v FROM strict ORDER BY v) UNION ALL SELECT id, v FROM strict WHERE id > 4
-- case: in parentheses
INSERT INTO plain (SELECT id, v FROM timed ORDER BY ts)
