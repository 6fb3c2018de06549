CREATE TABLE orders (
  id INT, customer STRING, amount DECIMAL(10, 2), items INT, ts TIMESTAMP(3), category STRING,
  WATERMARK FOR ts AS ts - INTERVAL '30' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/orders.csv', 'format' = 'csv');
CREATE TABLE bids (
  id INT, item STRING, price DECIMAL(10, 2), qty INT, bidder STRING, bt TIMESTAMP(3),
  WATERMARK FOR bt AS bt - INTERVAL '5' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/bids.json', 'format' = 'json');
CREATE VIEW sessions AS SELECT * FROM TABLE(SESSION(TABLE orders PARTITION BY customer, DESCRIPTOR(ts), INTERVAL '1' MINUTE));
CREATE VIEW bid_sessions AS SELECT * FROM TABLE(SESSION(TABLE bids PARTITION BY item, DESCRIPTOR(bt), INTERVAL '2' MINUTE));
-- case: rows of sessions
SELECT id, customer, window_start, window_end, window_time FROM sessions
-- case: rows of sessions with null keys
SELECT id, item, window_start, window_end FROM bid_sessions
-- case: rows of sessions without partition
SELECT id, window_start, window_end FROM TABLE(SESSION(TABLE bids, DESCRIPTOR(bt), INTERVAL '2' MINUTE))
-- case: filtered sessions
SELECT id, window_start FROM bid_sessions WHERE id <> 6 AND item = 'lamp'
-- case: top n of sessions
SELECT id, customer, window_end, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, customer ORDER BY amount DESC) AS rn FROM sessions) WHERE rn <= 1
-- case: last row of sessions
SELECT id, item, window_end FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, item ORDER BY bt DESC) AS rn FROM bid_sessions) WHERE rn = 1
-- case: join of sessions
SELECT L.id, R.id AS rid, L.window_start FROM bid_sessions L JOIN bid_sessions R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item AND L.id < R.id
-- case: join of rows with their session's total
SELECT L.id, R.s FROM bid_sessions L JOIN (SELECT item, window_start, window_end, SUM(price) AS s FROM bid_sessions GROUP BY item, window_start, window_end) R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item
-- case: sessions grouped by other keys
SELECT window_start, window_end, COUNT(*) AS c FROM bid_sessions GROUP BY window_start, window_end
-- case: sessions grouped by more keys
SELECT window_start, window_end, item, bidder, COUNT(*) AS c FROM bid_sessions GROUP BY window_start, window_end, item, bidder
-- case: aggregate over top n of sessions
SELECT window_start, window_end, item, COUNT(*) AS c FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, item ORDER BY id) AS rn FROM bid_sessions) WHERE rn <= 2 GROUP BY window_start, window_end, item
-- case: window over sessions
SELECT window_start, window_end, COUNT(*) AS c FROM TABLE(TUMBLE((SELECT id, window_time AS wt FROM bid_sessions), DESCRIPTOR(wt), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end
-- case: distinct sessions
SELECT DISTINCT window_start, window_end, item FROM bid_sessions
