CREATE TABLE e (id INT, k STRING, v INT, d DOUBLE, ts TIMESTAMP(3), lz TIMESTAMP_LTZ(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector'='filesystem','path'='${DATA}/events.json','format'='json');
CREATE TABLE z (id INT, k STRING, v INT, d DOUBLE, ts TIMESTAMP(3), lz TIMESTAMP_LTZ(3), WATERMARK FOR lz AS lz - INTERVAL '1' HOUR) WITH ('connector'='filesystem','path'='${DATA}/events.json','format'='json');
CREATE TABLE n (id INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector'='filesystem','path'='${DATA}/before_1970.json','format'='json');
-- case: SELECT window_start, window_end, COUNT(*), SUM(v), AVG(d), MIN(k), MAX(k) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end
SELECT window_start, window_end, COUNT(*), SUM(v), AVG(d), MIN(k), MAX(k) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end
-- case: SELECT k, window_start, COUNT(v), SUM(d), AVG(v) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end, k
SELECT k, window_start, COUNT(v), SUM(d), AVG(v) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end, k
-- case: SELECT k, window_start, window_end, COUNT(*) FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '6' SECOND)) GROUP BY window_start, window_end, k
SELECT k, window_start, window_end, COUNT(*) FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '6' SECOND)) GROUP BY window_start, window_end, k
-- case: SELECT k, window_start, window_end, COUNT(*) FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '6' SECOND, INTERVAL '1' SECOND)) GROUP BY window_start, window_end, k
SELECT k, window_start, window_end, COUNT(*) FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '6' SECOND, INTERVAL '1' SECOND)) GROUP BY window_start, window_end, k
-- case: SELECT window_start, window_end, COUNT(*), SUM(v) FROM TABLE(CUMULATE(TABLE e, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) GROUP BY window_start, window_end
SELECT window_start, window_end, COUNT(*), SUM(v) FROM TABLE(CUMULATE(TABLE e, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) GROUP BY window_start, window_end
-- case: SELECT window_start, window_end, COUNT(*), SUM(v) FROM TABLE(SESSION(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end
SELECT window_start, window_end, COUNT(*), SUM(v) FROM TABLE(SESSION(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end
-- case: SELECT window_start, window_end, COUNT(*) FROM TABLE(TUMBLE(TABLE n, DESCRIPTOR(ts), INTERVAL '4' SECOND)) GROUP BY window_start, window_end
SELECT window_start, window_end, COUNT(*) FROM TABLE(TUMBLE(TABLE n, DESCRIPTOR(ts), INTERVAL '4' SECOND)) GROUP BY window_start, window_end
-- case: SELECT window_start, window_end, SUM(v) FROM TABLE(HOP(TABLE n, DESCRIPTOR(ts), INTERVAL '3' SECOND, INTERVAL '6' SECOND)) GROUP BY window_start, window_end
SELECT window_start, window_end, SUM(v) FROM TABLE(HOP(TABLE n, DESCRIPTOR(ts), INTERVAL '3' SECOND, INTERVAL '6' SECOND)) GROUP BY window_start, window_end
-- case: SELECT window_start, window_end, SUM(v) FROM TABLE(CUMULATE(TABLE n, DESCRIPTOR(ts), INTERVAL '3' SECOND, INTERVAL '6' SECOND)) GROUP BY window_start, window_end
SELECT window_start, window_end, SUM(v) FROM TABLE(CUMULATE(TABLE n, DESCRIPTOR(ts), INTERVAL '3' SECOND, INTERVAL '6' SECOND)) GROUP BY window_start, window_end
-- case: SELECT window_start, window_end, SUM(v) FROM TABLE(SESSION(TABLE n, DESCRIPTOR(ts), INTERVAL '3' SECOND)) GROUP BY window_start, window_end
SELECT window_start, window_end, SUM(v) FROM TABLE(SESSION(TABLE n, DESCRIPTOR(ts), INTERVAL '3' SECOND)) GROUP BY window_start, window_end
-- case: SELECT *, window_time FROM TABLE(TUMBLE(TABLE n, DESCRIPTOR(ts), INTERVAL '4' SECOND, INTERVAL '-1' SECOND))
SELECT *, window_time FROM TABLE(TUMBLE(TABLE n, DESCRIPTOR(ts), INTERVAL '4' SECOND, INTERVAL '-1' SECOND))
-- case: SELECT TUMBLE_START(ts, INTERVAL '5' SECOND), TUMBLE_END(ts, INTERVAL '5' SECOND), TUMBLE_ROWTIME(ts, INTERVAL '5' SECOND), k, COUNT(*) FROM e GROUP BY TUMBLE(ts, INTERVAL '5' SECOND), k
SELECT TUMBLE_START(ts, INTERVAL '5' SECOND), TUMBLE_END(ts, INTERVAL '5' SECOND), TUMBLE_ROWTIME(ts, INTERVAL '5' SECOND), k, COUNT(*) FROM e GROUP BY TUMBLE(ts, INTERVAL '5' SECOND), k
-- case: SELECT HOP_START(ts, INTERVAL '2' SECOND, INTERVAL '6' SECOND), HOP_END(ts, INTERVAL '2' SECOND, INTERVAL '6' SECOND), COUNT(*) FROM e GROUP BY HOP(ts, INTERVAL '2' SECOND, INTERVAL '6' SECOND)
SELECT HOP_START(ts, INTERVAL '2' SECOND, INTERVAL '6' SECOND), HOP_END(ts, INTERVAL '2' SECOND, INTERVAL '6' SECOND), COUNT(*) FROM e GROUP BY HOP(ts, INTERVAL '2' SECOND, INTERVAL '6' SECOND)
-- case: SELECT SESSION_START(ts, INTERVAL '3' SECOND), SESSION_END(ts, INTERVAL '3' SECOND), SESSION_ROWTIME(ts, INTERVAL '3' SECOND), k, COUNT(*) FROM e GROUP BY SESSION(ts, INTERVAL '3' SECOND), k
SELECT SESSION_START(ts, INTERVAL '3' SECOND), SESSION_END(ts, INTERVAL '3' SECOND), SESSION_ROWTIME(ts, INTERVAL '3' SECOND), k, COUNT(*) FROM e GROUP BY SESSION(ts, INTERVAL '3' SECOND), k
-- case: SELECT TUMBLE_START(ts, INTERVAL '4' SECOND), COUNT(*) FROM n GROUP BY TUMBLE(ts, INTERVAL '4' SECOND)
SELECT TUMBLE_START(ts, INTERVAL '4' SECOND), COUNT(*) FROM n GROUP BY TUMBLE(ts, INTERVAL '4' SECOND)
-- case: SELECT SESSION_START(ts, INTERVAL '3' SECOND), COUNT(*) FROM n GROUP BY SESSION(ts, INTERVAL '3' SECOND)
SELECT SESSION_START(ts, INTERVAL '3' SECOND), COUNT(*) FROM n GROUP BY SESSION(ts, INTERVAL '3' SECOND)
-- case: SELECT TUMBLE_START(ts, INTERVAL '1' MONTH), COUNT(*) FROM e GROUP BY TUMBLE(ts, INTERVAL '1' MONTH)
SELECT TUMBLE_START(ts, INTERVAL '1' MONTH), COUNT(*) FROM e GROUP BY TUMBLE(ts, INTERVAL '1' MONTH)
-- case: SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '1' MONTH)) GROUP BY window_start, window_end
SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '1' MONTH)) GROUP BY window_start, window_end
-- case: SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '0' SECOND)) GROUP BY window_start, window_end
SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '0' SECOND)) GROUP BY window_start, window_end
-- case: SELECT window_start, COUNT(*) FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '4' SECOND, INTERVAL '6' SECOND)) GROUP BY window_start, window_end
SELECT window_start, COUNT(*) FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '4' SECOND, INTERVAL '6' SECOND)) GROUP BY window_start, window_end
-- case: SELECT window_start, COUNT(*) FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '5' SECOND)) GROUP BY window_start, window_end
SELECT window_start, COUNT(*) FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '5' SECOND)) GROUP BY window_start, window_end
-- case: SELECT window_start, COUNT(*) FROM TABLE(CUMULATE(TABLE e, DESCRIPTOR(ts), INTERVAL '3' SECOND, INTERVAL '10' SECOND)) GROUP BY window_start, window_end
SELECT window_start, COUNT(*) FROM TABLE(CUMULATE(TABLE e, DESCRIPTOR(ts), INTERVAL '3' SECOND, INTERVAL '10' SECOND)) GROUP BY window_start, window_end
-- case: SELECT k, window_start, window_end, SUM(v), GROUPING(k) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, GROUPING SETS ((k), ())
SELECT k, window_start, window_end, SUM(v), GROUPING(k) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, GROUPING SETS ((k), ())
-- case: SELECT k, v, window_start, COUNT(*), GROUPING_ID(k, v) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, CUBE (k, v)
SELECT k, v, window_start, COUNT(*), GROUPING_ID(k, v) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, CUBE (k, v)
-- case: SELECT k, window_start, SUM(v) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end, k HAVING SUM(v) > 5
SELECT k, window_start, SUM(v) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end, k HAVING SUM(v) > 5
-- case: SELECT window_start, COUNT(DISTINCT k), SUM(DISTINCT v), COUNT(DISTINCT v) FILTER (WHERE v > 0), COUNT(*) FILTER (WHERE k = 'a') FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end
SELECT window_start, COUNT(DISTINCT k), SUM(DISTINCT v), COUNT(DISTINCT v) FILTER (WHERE v > 0), COUNT(*) FILTER (WHERE k = 'a') FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end
-- case: SELECT window_start, LISTAGG(k), LISTAGG(DISTINCT k), LISTAGG(k, '|'), COLLECT(k), ARRAY_AGG(v), FIRST_VALUE(k), LAST_VALUE(k) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY window_start, window_end
SELECT window_start, LISTAGG(k), LISTAGG(DISTINCT k), LISTAGG(k, '|'), COLLECT(k), ARRAY_AGG(v), FIRST_VALUE(k), LAST_VALUE(k) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY window_start, window_end
-- case: SELECT window_start, STDDEV_POP(d), VAR_SAMP(d), AVG(CAST(v AS DECIMAL(10,2))), SUM(CAST(d AS DECIMAL(20,3))), AVG(d) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end
SELECT window_start, STDDEV_POP(d), VAR_SAMP(d), AVG(CAST(v AS DECIMAL(10,2))), SUM(CAST(d AS DECIMAL(20,3))), AVG(d) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end
-- case: SELECT window_start, MIN(ts), MAX(ts), MAX(lz), MIN(d), MAX(v) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end
SELECT window_start, MIN(ts), MAX(ts), MAX(lz), MIN(d), MAX(v) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end
-- case: SELECT window_start, window_end, COUNT(*) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND)) WHERE v > 1000 GROUP BY window_start, window_end
SELECT window_start, window_end, COUNT(*) FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND)) WHERE v > 1000 GROUP BY window_start, window_end
-- case: SELECT id, k, ts, window_start, window_end, window_time FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '3' SECOND, INTERVAL '6' SECOND)) WHERE k = 'a'
SELECT id, k, ts, window_start, window_end, window_time FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '3' SECOND, INTERVAL '6' SECOND)) WHERE k = 'a'
-- case: SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY v DESC) AS rn FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND))) WHERE rn <= 2
SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY v DESC) AS rn FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND))) WHERE rn <= 2
-- case: SELECT window_start, window_end, k, s FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY s DESC, k) AS rn FROM (SELECT window_start, window_end, k, SUM(v) AS s FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, k)) WHERE rn = 1
SELECT window_start, window_end, k, s FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY s DESC, k) AS rn FROM (SELECT window_start, window_end, k, SUM(v) AS s FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, k)) WHERE rn = 1
