CREATE TABLE t (
  id INT, arr ARRAY<INT>, sarr ARRAY<STRING NOT NULL> NOT NULL, m MAP<STRING, INT>, ra ARRAY<ROW<x INT, y STRING>>, rr ROW<z ARRAY<INT>>,
  aa ARRAY<ARRAY<INT>>, mm MAP<STRING, ROW<p INT, q INT>>, cc ARRAY<CHAR(3)>, tt ARRAY<TIMESTAMP(9)>, dd ARRAY<DECIMAL(10, 2)>
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/collections.json', 'format' = 'json');
CREATE TABLE orders (
  id INT, customer STRING, amount DECIMAL(10, 2), items INT, ts TIMESTAMP(3), category STRING,
  WATERMARK FOR ts AS ts - INTERVAL '30' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/orders.csv', 'format' = 'csv');
SET 'table.local-time-zone' = 'UTC';
-- case: array
SELECT id, a FROM t CROSS JOIN UNNEST(arr) AS u (a)
-- case: array after a comma
SELECT * FROM (SELECT id, arr FROM t) AS s, UNNEST(s.arr) AS u
-- case: alias alone names the column
SELECT id, u FROM t, UNNEST(t.arr) AS u
-- case: star of the alias
SELECT id, u.* FROM t, UNNEST(t.sarr) AS u
-- case: map
SELECT id, k, v FROM t CROSS JOIN UNNEST(m) AS u (k, v)
-- case: map with its own names
SELECT id, `KEY`, `VALUE` FROM t CROSS JOIN UNNEST(m) AS u
-- case: map of rows
SELECT id, k, v.p, u.v.q FROM t CROSS JOIN UNNEST(mm) AS u (k, v)
-- case: array of rows
SELECT id, x, u.y FROM t CROSS JOIN UNNEST(ra) AS u
-- case: array of rows renamed
SELECT id, a, b FROM t CROSS JOIN UNNEST(ra) AS u (a, b)
-- case: array of rows as one column
SELECT id, a FROM t CROSS JOIN UNNEST(ra) AS u (a)
-- case: left join of array
SELECT id, a FROM t LEFT JOIN UNNEST(arr) AS u (a) ON TRUE
-- case: left join of array of rows
SELECT id, x, y FROM t LEFT JOIN UNNEST(ra) AS u ON TRUE
-- case: left join of map
SELECT id, k, v FROM t LEFT JOIN UNNEST(m) AS u (k, v) ON TRUE
-- case: left join with a condition
SELECT id, a FROM t LEFT JOIN UNNEST(arr) AS u (a) ON a > 1
-- case: left join with a condition on the left
SELECT id, a FROM t LEFT JOIN UNNEST(arr) AS u (a) ON a > id
-- case: inner join with a condition
SELECT id, a FROM t JOIN UNNEST(arr) AS u (a) ON a > 1
-- case: inner join on true
SELECT id, a FROM t JOIN UNNEST(arr) AS u (a) ON TRUE
-- case: inner join with a condition on the left
SELECT id, a FROM t JOIN UNNEST(arr) AS u (a) ON a > id
-- case: right join
SELECT id, a FROM t RIGHT JOIN UNNEST(arr) AS u (a) ON TRUE
-- case: where over both
SELECT id, a FROM t, UNNEST(arr) AS u (a) WHERE a > id AND id > 0
-- case: left join and where
SELECT id, a FROM t LEFT JOIN UNNEST(arr) AS u (a) ON TRUE WHERE a IS NULL OR a > 1
-- case: ordinality
SELECT id, a, o FROM t CROSS JOIN UNNEST(arr) WITH ORDINALITY AS u (a, o)
-- case: ordinality by its own name
SELECT id, u, ORDINALITY FROM t CROSS JOIN UNNEST(arr) WITH ORDINALITY AS u
-- case: ordinality of left join
SELECT id, a, o FROM t LEFT JOIN UNNEST(arr) WITH ORDINALITY AS u (a, o) ON TRUE
-- case: ordinality of rows
SELECT id, u.* FROM t CROSS JOIN UNNEST(ra) WITH ORDINALITY AS u WHERE id NOT IN (1, 5)
-- case: ordinality of a row that is null
SELECT id, u.* FROM t CROSS JOIN UNNEST(ra) WITH ORDINALITY AS u
-- case: ordinality of map
SELECT id, k, v, o FROM t CROSS JOIN UNNEST(m) WITH ORDINALITY AS u (k, v, o)
-- case: ordinality as a filter
SELECT id, a FROM t CROSS JOIN UNNEST(arr) WITH ORDINALITY AS u (a, o) WHERE o = 2
-- case: of a field
SELECT id, a FROM t CROSS JOIN UNNEST(t.rr.z) AS u (a)
-- case: array of arrays
SELECT id, a FROM t CROSS JOIN UNNEST(aa) AS u (a)
-- case: unnest of unnested
SELECT id, a, b FROM t CROSS JOIN UNNEST(aa) AS u (a) CROSS JOIN UNNEST(u.a) AS w (b)
-- case: two collections
SELECT id, a, k FROM t, UNNEST(arr) AS u (a), UNNEST(m) AS w (k, v)
-- case: left joins of two
SELECT id, a, k FROM t LEFT JOIN UNNEST(arr) AS u (a) ON TRUE LEFT JOIN UNNEST(m) AS w (k, v) ON TRUE
-- case: of an expression
SELECT id, a FROM t CROSS JOIN UNNEST(ARRAY[1, id]) AS u (a)
-- case: of a constant
SELECT id, a FROM t CROSS JOIN UNNEST(ARRAY[1, 2]) AS u (a)
-- case: of a function
SELECT id, a FROM t CROSS JOIN UNNEST(SPLIT(sarr[1], 'b')) AS u (a)
-- case: alone, with an alias
SELECT * FROM UNNEST(ARRAY[1, 2, NULL]) AS u
-- case: alone with ordinality
SELECT * FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS u (a, o)
-- case: alone of rows
SELECT a, b FROM UNNEST(ARRAY[ROW(1, 'a'), ROW(2, 'b')]) AS u (a, b)
-- case: alone, of a map
SELECT * FROM UNNEST(MAP['a', 1, 'b', 2]) AS u
-- case: several arguments
SELECT * FROM UNNEST(ARRAY[1, 2], ARRAY[3, 4]) AS u (a, b)
-- case: no collection
SELECT id, a FROM t CROSS JOIN UNNEST(id) AS u (a)
-- case: too many names
SELECT id, a FROM t CROSS JOIN UNNEST(arr) AS u (a, b)
-- case: the same alias twice
SELECT id FROM t CROSS JOIN UNNEST(arr) AS t (a)
-- case: multiset
SELECT c, e FROM (SELECT customer AS c, COLLECT(items) AS ms FROM orders GROUP BY customer) CROSS JOIN UNNEST(ms) AS u (e)
-- case: array of an aggregate
SELECT c, e FROM (SELECT customer AS c, ARRAY_AGG(items) AS ms FROM orders GROUP BY customer) CROSS JOIN UNNEST(ms) AS u (e)
-- case: left join over an aggregate
SELECT c, e FROM (SELECT customer AS c, ARRAY_AGG(items) FILTER (WHERE items > 3) AS ms FROM orders GROUP BY customer) LEFT JOIN UNNEST(ms) AS u (e) ON TRUE
-- case: aggregate of an unnested aggregate
SELECT e, COUNT(*) AS n FROM (SELECT customer AS c, ARRAY_AGG(items) AS ms FROM orders GROUP BY customer) CROSS JOIN UNNEST(ms) AS u (e) GROUP BY e
-- case: filter over an unnested aggregate
SELECT c, e FROM (SELECT customer AS c, ARRAY_AGG(items) AS ms FROM orders GROUP BY customer) CROSS JOIN UNNEST(ms) AS u (e) WHERE e > 2
-- case: nanoseconds
SELECT id, a FROM t CROSS JOIN UNNEST(tt) AS u (a)
-- case: char
SELECT id, a, CHAR_LENGTH(a) AS n FROM t CROSS JOIN UNNEST(cc) AS u (a)
-- case: decimal
SELECT id, a, SUM(a) AS s FROM t CROSS JOIN UNNEST(dd) AS u (a) GROUP BY id, a
-- case: group by of elements
SELECT a, COUNT(*) AS n, SUM(id) AS s FROM t CROSS JOIN UNNEST(sarr) AS u (a) GROUP BY a
-- case: counted
SELECT COUNT(*) AS n FROM t CROSS JOIN UNNEST(sarr) AS u (a)
-- case: windows over elements
SELECT window_start, window_end, a, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE)) CROSS JOIN UNNEST(ARRAY[items, 0]) AS u (a) GROUP BY window_start, window_end, a
-- case: windows of elements
SELECT window_start, window_end, a, COUNT(*) AS n FROM TABLE(TUMBLE(DATA => (SELECT ts, a FROM orders CROSS JOIN UNNEST(ARRAY[items, 0]) AS u (a)), TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '10' MINUTE)) GROUP BY window_start, window_end, a
-- case: lateral keyword
SELECT id, a FROM t, LATERAL UNNEST(arr) AS u (a)
-- case: in a derived table
SELECT id, a FROM (SELECT id, a FROM t CROSS JOIN UNNEST(arr) AS u (a)) WHERE a = 2
-- case: union of unnested
SELECT id, a FROM t CROSS JOIN UNNEST(arr) AS u (a) UNION ALL SELECT id, CHAR_LENGTH(a) FROM t CROSS JOIN UNNEST(sarr) AS u (a)
-- case: unknown column
SELECT id, a FROM t CROSS JOIN UNNEST(missing) AS u (a)
