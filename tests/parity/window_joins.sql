CREATE TABLE bids (
  id INT, item STRING, price DECIMAL(10, 2), qty INT, bidder STRING, bt TIMESTAMP(3),
  WATERMARK FOR bt AS bt - INTERVAL '5' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/bids.json', 'format' = 'json');
CREATE TABLE asks (
  id INT, item STRING, `floor` DECIMAL(12, 3), qty BIGINT, seen TIMESTAMP(3),
  WATERMARK FOR seen AS seen - INTERVAL '5' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/asks.json', 'format' = 'json');
CREATE TABLE ticks (id INT, item STRING, price DECIMAL(10, 2), p AS PROCTIME())
WITH ('connector' = 'filesystem', 'path' = '${DATA}/bids.json', 'format' = 'json');
CREATE VIEW b5 AS SELECT * FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE));
CREATE VIEW a5 AS SELECT * FROM TABLE(TUMBLE(TABLE asks, DESCRIPTOR(seen), INTERVAL '5' MINUTE));
-- case: inner
SELECT L.id, R.id AS rid, L.window_start, L.window_end FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item
-- case: inner with the windows alone
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end
-- case: left
SELECT L.id, L.item, R.id AS rid, R.`floor`, R.window_start AS rs FROM b5 L LEFT JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item
-- case: right
SELECT L.id, R.id AS rid, L.window_start AS ls, R.window_start AS rs FROM b5 L RIGHT JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item
-- case: full
SELECT L.id, R.id AS rid, COALESCE(L.window_start, R.window_start) AS ws, COALESCE(L.window_end, R.window_end) AS we FROM b5 L FULL JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item
-- case: full with inner queries
SELECT L.num, L.id AS l_id, R.num AS r_num, R.id AS r_id FROM (SELECT qty AS num, id, window_start, window_end FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTES))) L FULL JOIN (SELECT qty AS num, id, window_start, window_end FROM TABLE(TUMBLE(TABLE asks, DESCRIPTOR(seen), INTERVAL '5' MINUTES))) R ON L.num = R.num AND L.window_start = R.window_start AND L.window_end = R.window_end
-- case: condition beside the keys
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item AND L.price > R.`floor`
-- case: left with a condition beside the keys
SELECT L.id, R.id AS rid FROM b5 L LEFT JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item AND L.price > R.`floor`
-- case: right with a condition beside the keys
SELECT L.id, R.id AS rid FROM b5 L RIGHT JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item AND L.price > R.`floor`
-- case: full with a condition beside the keys
SELECT L.id, R.id AS rid FROM b5 L FULL JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item AND L.price > R.`floor`
-- case: condition on one side of a left join
SELECT L.id, R.id AS rid FROM b5 L LEFT JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item AND L.price > 13 AND R.`floor` < 50
-- case: condition alone
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.price > R.`floor` + 20
-- case: keys of different types
SELECT L.id, R.id AS rid, L.qty FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.qty = R.qty
-- case: keys of different decimals
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.price = R.`floor` + 1
-- case: several keys
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item AND L.qty = R.qty
-- case: keys with nulls
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item IS NOT DISTINCT FROM R.item
-- case: left keys with nulls
SELECT L.id, R.id AS rid FROM b5 L LEFT JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item IS NOT DISTINCT FROM R.item
-- case: key expressions
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND UPPER(L.item) = UPPER(R.item)
-- case: comma and where
SELECT L.id, R.id AS rid FROM b5 L, a5 R WHERE L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item AND L.id > 2
-- case: cross join and where
SELECT L.id, R.id AS rid FROM b5 L CROSS JOIN a5 R WHERE L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item
-- case: where over a left join
SELECT L.id, R.id AS rid FROM b5 L LEFT JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item WHERE R.id IS NULL AND L.id < 10
-- case: using
SELECT id, item, window_start FROM (SELECT id, item, window_start, window_end FROM b5) L JOIN (SELECT item, window_start, window_end, `floor` FROM a5) R USING (item, window_start, window_end)
-- case: using with star
SELECT * FROM (SELECT id, item, window_start, window_end FROM b5) L JOIN (SELECT item, window_start, window_end, `floor` FROM a5) R USING (window_start, window_end, item)
-- case: full using
SELECT id, item, window_start, rid FROM (SELECT id, item, window_start, window_end FROM b5) L FULL JOIN (SELECT id AS rid, item, window_start, window_end FROM a5) R USING (item, window_start, window_end)
-- case: natural
SELECT id, rid FROM (SELECT id, item, window_start, window_end FROM b5) L NATURAL JOIN (SELECT id AS rid, item, window_start, window_end FROM a5) R
-- case: star of two sides
SELECT * FROM (SELECT id, item, window_start, window_end FROM b5) L JOIN (SELECT id, window_start, window_end FROM a5) R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.id + 100 = R.id
-- case: qualified stars
SELECT R.*, L.id FROM (SELECT id, item, window_start, window_end FROM b5) L JOIN (SELECT id AS rid, window_start AS ws, window_end AS we FROM a5) R ON L.window_start = ws AND L.window_end = we AND L.id + 100 = rid
-- case: ambiguous column
SELECT id FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end
-- case: hop
SELECT L.id, R.id AS rid, L.window_start FROM TABLE(HOP(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)) L JOIN TABLE(HOP(TABLE asks, DESCRIPTOR(seen), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)) R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item
-- case: cumulate
SELECT L.id, R.id AS rid, L.window_end FROM TABLE(CUMULATE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)) L LEFT JOIN TABLE(CUMULATE(TABLE asks, DESCRIPTOR(seen), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)) R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item
-- case: different windows
SELECT L.id, R.id AS rid FROM b5 L JOIN (SELECT id, item, window_start, window_end FROM TABLE(TUMBLE(TABLE asks, DESCRIPTOR(seen), INTERVAL '10' MINUTE))) R ON L.window_start = R.window_start AND L.window_end = R.window_end
-- case: window start alone
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.item = R.item
-- case: no window condition
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.item = R.item
-- case: window equal to the other bound
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.window_start = R.window_end AND L.window_end = R.window_start
-- case: semi join by exists
SELECT id, item, window_start FROM b5 L WHERE EXISTS (SELECT * FROM a5 R WHERE L.item = R.item AND L.window_start = R.window_start AND L.window_end = R.window_end)
-- case: anti join by not exists
SELECT id, item, window_start FROM b5 L WHERE NOT EXISTS (SELECT * FROM a5 R WHERE L.item = R.item AND L.window_start = R.window_start AND L.window_end = R.window_end)
-- case: semi join by in
SELECT id, item FROM b5 L WHERE L.item IN (SELECT item FROM a5 R WHERE L.window_start = R.window_start AND L.window_end = R.window_end)
-- case: anti join by not in
SELECT id, item FROM b5 L WHERE L.item NOT IN (SELECT item FROM a5 R WHERE L.window_start = R.window_start AND L.window_end = R.window_end)
-- case: anti join by not in without nulls
SELECT id, item FROM b5 L WHERE L.item NOT IN (SELECT item FROM a5 R WHERE L.window_start = R.window_start AND L.window_end = R.window_end AND R.item IS NOT NULL) AND L.item IS NOT NULL
-- case: semi join with a condition
SELECT id FROM b5 L WHERE EXISTS (SELECT 1 FROM a5 R WHERE L.item = R.item AND L.window_start = R.window_start AND L.window_end = R.window_end AND L.price > R.`floor` AND R.id > 101) AND L.id <> 4
-- case: anti join with a condition
SELECT id FROM b5 L WHERE NOT EXISTS (SELECT 1 FROM a5 R WHERE L.item = R.item AND L.window_start = R.window_start AND L.window_end = R.window_end AND L.price > R.`floor`)
-- case: semi join by rows
SELECT id, item FROM b5 WHERE (item, window_start, window_end) IN (SELECT item, window_start, window_end FROM a5)
-- case: semi join of aggregates
SELECT * FROM (SELECT item, window_start, window_end, COUNT(*) AS c FROM b5 GROUP BY item, window_start, window_end) L WHERE EXISTS (SELECT * FROM (SELECT item, window_start, window_end, COUNT(*) AS c FROM a5 GROUP BY item, window_start, window_end) R WHERE L.item = R.item AND L.window_start = R.window_start AND L.window_end = R.window_end AND R.c > 1)
-- case: join of aggregates
SELECT L.item, L.window_start, L.c, R.s FROM (SELECT item, window_start, window_end, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(bt), INTERVAL '5' MINUTE)) GROUP BY item, window_start, window_end) L JOIN (SELECT item, window_start, window_end, SUM(`floor`) AS s FROM TABLE(TUMBLE(TABLE asks, DESCRIPTOR(seen), INTERVAL '5' MINUTE)) GROUP BY item, window_start, window_end) R ON L.item = R.item AND L.window_start = R.window_start AND L.window_end = R.window_end
-- case: left join of an aggregate with rows
SELECT L.id, L.price, R.m FROM b5 L LEFT JOIN (SELECT item, window_start, window_end, MAX(`floor`) AS m FROM a5 GROUP BY item, window_start, window_end) R ON L.item = R.item AND L.window_start = R.window_start AND L.window_end = R.window_end
-- case: rows with their window's total
SELECT L.id, L.price, R.s FROM b5 L JOIN (SELECT window_start, window_end, SUM(price) AS s FROM b5 GROUP BY window_start, window_end) R ON L.window_start = R.window_start AND L.window_end = R.window_end
-- case: self join
SELECT L.id, R.id AS rid FROM b5 L JOIN b5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item AND L.id < R.id
-- case: three tables
SELECT L.id, R.id AS rid, T.c FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item JOIN (SELECT window_start, window_end, COUNT(*) AS c FROM b5 GROUP BY window_start, window_end) T ON L.window_start = T.window_start AND L.window_end = T.window_end
-- case: aggregate over a join
SELECT L.window_start, L.window_end, COUNT(*) AS c, SUM(L.price * R.qty) AS s FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item GROUP BY L.window_start, L.window_end
-- case: aggregate by the other side's window
SELECT R.window_start, R.window_end, COUNT(*) AS c FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item GROUP BY R.window_start, R.window_end
-- case: aggregate over a left join
SELECT L.window_start, L.window_end, COUNT(*) AS c, COUNT(R.id) AS m FROM b5 L LEFT JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item GROUP BY L.window_start, L.window_end
-- case: aggregate over a left join by the padded window
SELECT R.window_start, R.window_end, COUNT(*) AS c FROM b5 L LEFT JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item GROUP BY R.window_start, R.window_end
-- case: top n over a join
SELECT * FROM (SELECT L.id, R.id AS rid, L.window_start, L.window_end, ROW_NUMBER() OVER (PARTITION BY L.window_start, L.window_end ORDER BY L.price DESC, R.id) AS rn FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item) WHERE rn <= 1
-- case: join of top n
SELECT L.id, R.id AS rid FROM (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, item ORDER BY price DESC) AS rn FROM b5) WHERE rn = 1) L JOIN (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, item ORDER BY `floor`) AS rn FROM a5) WHERE rn = 1) R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item
-- case: window over a join by its time
SELECT window_start, window_end, COUNT(*) AS c FROM TABLE(TUMBLE((SELECT L.window_time AS wt, L.id FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end), DESCRIPTOR(wt), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end
-- case: window over a join by its right time
SELECT window_start, window_end, COUNT(*) AS c FROM TABLE(TUMBLE((SELECT R.window_time AS wt, L.id FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end), DESCRIPTOR(wt), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end
-- case: both window times into one table
SELECT L.window_time AS w1, R.window_time AS w2 FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end
-- case: window time of the left
SELECT L.id, L.window_time AS w1 FROM b5 L LEFT JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND L.item = R.item
-- case: updates on one side
SELECT L.id, R.c FROM b5 L JOIN (SELECT window_start, MAX(window_end) AS window_end, COUNT(*) AS c FROM a5 GROUP BY window_start) R ON L.window_start = R.window_start AND L.window_end = R.window_end
-- case: processing time
SELECT L.id, R.id AS rid FROM TABLE(TUMBLE(TABLE ticks, DESCRIPTOR(p), INTERVAL '5' MINUTE)) L JOIN TABLE(TUMBLE(TABLE ticks, DESCRIPTOR(p), INTERVAL '5' MINUTE)) R ON L.window_start = R.window_start AND L.window_end = R.window_end
-- case: join condition that is no condition
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.id
-- case: condition of constants
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND 1 = 1
-- case: or in the condition
SELECT L.id, R.id AS rid FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end AND (L.item = R.item OR L.qty = R.qty)
-- case: distinct over a join
SELECT DISTINCT L.window_start, L.window_end, L.item FROM b5 L JOIN a5 R ON L.window_start = R.window_start AND L.window_end = R.window_end
-- case: using twice
SELECT a.id FROM b5 a LEFT JOIN a5 b USING (window_start, window_end) LEFT JOIN a5 c USING (window_start, window_end) WHERE a.id = 14
-- case: natural with the ambiguous name
SELECT id, i2 FROM (SELECT id, window_start, window_end FROM b5) NATURAL JOIN (SELECT id AS i2, window_start, window_end FROM a5) WHERE window_start > TIMESTAMP '2020-01-01 00:00:00'
-- case: natural with star
SELECT * FROM (SELECT id, window_start, window_end FROM b5) NATURAL JOIN (SELECT id AS i2, window_start, window_end FROM a5) WHERE id < 2
-- case: names of the inner query come first
SELECT L.id FROM b5 L WHERE EXISTS (SELECT * FROM a5 WHERE L.window_start = window_start AND L.window_end = window_end AND id = L.id + 100)
-- case: twice negated
SELECT COUNT(*) AS c FROM b5 L WHERE NOT NOT EXISTS (SELECT 1 FROM a5 WHERE L.window_start = window_start AND L.window_end = window_end)
-- case: same table twice without alias
SELECT 1 AS x FROM b5 JOIN b5 ON TRUE
-- case: fields of a row by star
SELECT t.r.*, x FROM (SELECT ROW(id, item) AS r, id + 1 AS x FROM b5) AS t WHERE x < 3
