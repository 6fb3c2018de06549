CREATE TABLE t (
  id INT, b BOOLEAN, ti TINYINT, si SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, de DECIMAL(10, 3), s STRING,
  dt DATE, tm TIME(3), ts TIMESTAMP(3), lz TIMESTAMP_LTZ(3), arr ARRAY<INT>, m MAP<STRING, INT>, r ROW<a INT, b STRING>, byt BYTES
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/types.json', 'format' = 'json');
CREATE TABLE orders (
  id INT, customer STRING, amount DECIMAL(10, 2), items INT, ts TIMESTAMP(3), category STRING,
  WATERMARK FOR ts AS ts - INTERVAL '30' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/orders.csv', 'format' = 'csv');
SET 'table.local-time-zone' = 'UTC';
-- case: intersect
SELECT id FROM (VALUES (1), (2), (2)) AS t (id) INTERSECT SELECT id FROM (VALUES (2), (2), (3)) AS t (id)
-- case: intersect all
SELECT id FROM (VALUES (1), (2), (2), (2)) AS t (id) INTERSECT ALL SELECT id FROM (VALUES (2), (2), (3)) AS t (id)
-- case: except
SELECT id FROM (VALUES (1), (1), (2), (2)) AS t (id) EXCEPT SELECT id FROM (VALUES (2), (3)) AS t (id)
-- case: except all
SELECT id FROM (VALUES (1), (1), (2), (2)) AS t (id) EXCEPT ALL SELECT id FROM (VALUES (1), (2), (3)) AS t (id)
-- case: intersect with nulls
SELECT id FROM (VALUES (1), (CAST(NULL AS INT)), (2)) AS t (id) INTERSECT SELECT id FROM (VALUES (CAST(NULL AS INT)), (2), (3)) AS t (id)
-- case: except with nulls
SELECT id FROM (VALUES (1), (CAST(NULL AS INT)), (2)) AS t (id) EXCEPT SELECT id FROM (VALUES (CAST(NULL AS INT)), (2), (3)) AS t (id)
-- case: intersect of files
SELECT customer, category FROM orders WHERE items > 2 INTERSECT SELECT customer, category FROM orders WHERE amount > 20
-- case: except of files
SELECT customer, category FROM orders WHERE items > 2 EXCEPT SELECT customer, category FROM orders WHERE amount > 20
-- case: intersect all of files
SELECT customer FROM orders WHERE items > 2 INTERSECT ALL SELECT customer FROM orders WHERE amount > 20
-- case: except all of files
SELECT customer FROM orders WHERE items > 2 EXCEPT ALL SELECT customer FROM orders WHERE amount > 20
-- case: widened types
SELECT items FROM orders EXCEPT SELECT CAST(id AS BIGINT) FROM orders
-- case: strings and chars
SELECT customer FROM orders INTERSECT SELECT v FROM (VALUES ('alice'), ('bob'), ('zoe')) AS t (v)
-- case: of aggregates
SELECT customer, COUNT(*) AS n FROM orders GROUP BY customer EXCEPT SELECT customer, COUNT(*) AS n FROM orders WHERE items > 1 GROUP BY customer
-- case: of aggregates, all
SELECT COUNT(*) AS n FROM orders GROUP BY customer EXCEPT ALL SELECT COUNT(*) AS n FROM orders GROUP BY category
-- case: three
SELECT customer FROM orders INTERSECT SELECT customer FROM orders WHERE items > 2 EXCEPT SELECT customer FROM orders WHERE amount > 90
-- case: precedence
SELECT id FROM (VALUES (1), (2)) AS t (id) UNION SELECT id FROM (VALUES (3), (4)) AS t (id) INTERSECT SELECT id FROM (VALUES (1), (4)) AS t (id)
-- case: left to right
SELECT id FROM (VALUES (1), (2)) AS t (id) UNION ALL SELECT id FROM (VALUES (3), (4)) AS t (id) EXCEPT SELECT id FROM (VALUES (1), (4)) AS t (id)
-- case: in a sub-query
SELECT COUNT(*) AS n FROM (SELECT customer FROM orders EXCEPT SELECT customer FROM orders WHERE items > 3)
-- case: filter above
SELECT * FROM (SELECT customer, items FROM orders EXCEPT SELECT customer, items FROM orders WHERE category = 'books') WHERE items > 1
-- case: all types
SELECT id, b, ti, si, i, l, f, d, de, s, dt, tm, ts, lz, byt FROM t INTERSECT SELECT id, b, ti, si, i, l, f, d, de, s, dt, tm, ts, lz, byt FROM t
-- case: arrays
SELECT arr FROM t EXCEPT SELECT arr FROM t WHERE id = 1
-- case: rows and maps
SELECT r, m FROM t INTERSECT SELECT r, m FROM t
-- case: of another number of columns
SELECT id, customer FROM orders EXCEPT SELECT id FROM orders
-- case: of other types
SELECT id FROM orders EXCEPT SELECT customer FROM orders
