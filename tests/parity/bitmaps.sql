CREATE TABLE t (
  id INT, arr ARRAY<INT>, sarr ARRAY<STRING NOT NULL> NOT NULL
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/collections.json', 'format' = 'json');
CREATE TABLE orders (
  id INT, customer STRING, amount DECIMAL(10, 2), items INT, ts TIMESTAMP(3), category STRING,
  WATERMARK FOR ts AS ts - INTERVAL '30' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/orders.csv', 'format' = 'csv');
SET 'table.local-time-zone' = 'UTC';
-- case: build
SELECT id, BITMAP_BUILD(arr) AS b FROM t
-- case: of negative numbers
SELECT id, BITMAP_BUILD(ARRAY[id, -1, -id, 2147483647]) AS b FROM t
-- case: of other numbers
SELECT BITMAP_BUILD(ARRAY[CAST(id AS BIGINT)]) AS b FROM t
-- case: of small numbers
SELECT BITMAP_BUILD(ARRAY[CAST(id AS SMALLINT)]) AS b FROM t
-- case: of text
SELECT BITMAP_BUILD(sarr) AS b FROM t
-- case: to string
SELECT id, BITMAP_TO_STRING(BITMAP_BUILD(arr)) AS b, CHAR_LENGTH(BITMAP_TO_STRING(BITMAP_BUILD(ARRAY[id, 1000]))) AS n FROM t
-- case: to array
SELECT id, BITMAP_TO_ARRAY(BITMAP_BUILD(ARRAY[5, id, -7])) AS b FROM t
-- case: to bytes
SELECT id, BITMAP_TO_BYTES(BITMAP_BUILD(arr)) AS b FROM t
-- case: to bytes with far numbers
SELECT id, BITMAP_TO_BYTES(BITMAP_BUILD(ARRAY[id, 100000, 2000000, -5])) AS b FROM t
-- case: from bytes
SELECT id, BITMAP_FROM_BYTES(BITMAP_TO_BYTES(BITMAP_BUILD(arr))) AS b FROM t
-- case: from other bytes
SELECT BITMAP_FROM_BYTES(X'0011') AS b FROM t
-- case: cardinality
SELECT id, BITMAP_CARDINALITY(BITMAP_BUILD(arr)) AS n, BITMAP_CARDINALITY(BITMAP_BUILD(ARRAY[id, id, 2])) AS m FROM t
-- case: and, or, xor, andnot
SELECT id, BITMAP_AND(a, b) AS x, BITMAP_OR(a, b) AS o, BITMAP_XOR(a, b) AS e, BITMAP_ANDNOT(a, b) AS d FROM (SELECT id, BITMAP_BUILD(arr) AS a, BITMAP_BUILD(ARRAY[id, 2, 5]) AS b FROM t)
-- case: of a null
SELECT BITMAP_OR(BITMAP_BUILD(arr), CAST(NULL AS BITMAP)) AS o FROM t
-- case: of no bitmap
SELECT BITMAP_CARDINALITY(id) AS o FROM t
-- case: equal
SELECT id, BITMAP_BUILD(arr) = BITMAP_BUILD(ARRAY[2]) AS e, BITMAP_BUILD(arr) IS NULL AS n FROM t
-- case: less
SELECT BITMAP_BUILD(arr) < BITMAP_BUILD(ARRAY[2]) AS e FROM t
-- case: type
SELECT TYPEOF(BITMAP_BUILD(arr)) AS a, TYPEOF(BITMAP_TO_ARRAY(BITMAP_BUILD(ARRAY[1]))) AS b FROM t
-- case: cast to text
SELECT CAST(BITMAP_BUILD(arr) AS STRING) AS a FROM t
-- case: cast to bytes
SELECT CAST(BITMAP_BUILD(arr) AS BYTES) AS a FROM t
-- case: build aggregate
SELECT customer, BITMAP_BUILD_AGG(items) AS b, BITMAP_BUILD_CARDINALITY_AGG(items) AS n FROM orders GROUP BY customer
-- case: build aggregate with filter
SELECT customer, BITMAP_BUILD_AGG(items) FILTER (WHERE items > 3) AS b, BITMAP_BUILD_CARDINALITY_AGG(items) FILTER (WHERE items > 3) AS n FROM orders GROUP BY customer
-- case: build aggregate of nulls
SELECT customer, BITMAP_BUILD_AGG(NULLIF(items, 2)) AS b FROM orders GROUP BY customer
-- case: build aggregate in windows
SELECT window_start, BITMAP_BUILD_AGG(items) AS b FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end
-- case: aggregates of bitmaps
SELECT customer, BITMAP_AND_AGG(b) AS x, BITMAP_OR_AGG(b) AS o, BITMAP_XOR_AGG(b) AS e FROM (SELECT customer, BITMAP_BUILD(ARRAY[items, items + 1, 0]) AS b FROM orders) GROUP BY customer
-- case: sizes of aggregates of bitmaps
SELECT customer, BITMAP_AND_CARDINALITY_AGG(b) AS x, BITMAP_OR_CARDINALITY_AGG(b) AS o, BITMAP_XOR_CARDINALITY_AGG(b) AS e FROM (SELECT customer, BITMAP_BUILD(ARRAY[items, items + 1, 0]) AS b FROM orders) GROUP BY customer
-- case: build aggregate over updates
SELECT BITMAP_BUILD_AGG(CAST(n AS INT)) AS b FROM (SELECT COUNT(*) AS n FROM orders GROUP BY customer)
-- case: or aggregate over updates
SELECT BITMAP_OR_AGG(b) AS b FROM (SELECT BITMAP_BUILD_AGG(items) AS b FROM orders GROUP BY customer)
-- case: and aggregate over updates
SELECT BITMAP_AND_AGG(b) AS b FROM (SELECT BITMAP_BUILD_AGG(items) AS b FROM orders GROUP BY customer)
-- case: xor aggregate over updates
SELECT BITMAP_XOR_AGG(b) AS b FROM (SELECT BITMAP_BUILD_AGG(items) AS b FROM orders GROUP BY customer)
-- case: distinct
SELECT customer, BITMAP_XOR_AGG(DISTINCT b) AS e FROM (SELECT customer, BITMAP_BUILD(ARRAY[items]) AS b FROM orders) GROUP BY customer
-- case: group by a bitmap
SELECT b, COUNT(*) AS n FROM (SELECT BITMAP_BUILD(ARRAY[items]) AS b FROM orders) GROUP BY b
-- case: aggregate of text
SELECT BITMAP_BUILD_AGG(customer) AS b FROM orders
-- case: build aggregate of wide numbers
SELECT BITMAP_BUILD_AGG(CAST(items AS BIGINT)) AS b FROM orders
-- case: least bitmap
SELECT MAX(BITMAP_BUILD(ARRAY[items])) AS b FROM orders
