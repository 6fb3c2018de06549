SET 'table.local-time-zone' = 'Europe/Berlin';
-- A session zone whose clocks change: 2024-03-31 02:00 becomes 03:00, 2024-10-27 03:00 becomes 02:00.
CREATE TABLE o (
  id BIGINT, k STRING, price DECIMAL(10, 2), ts TIMESTAMP(3), lt AS CAST(ts AS TIMESTAMP_LTZ(3)),
  WATERMARK FOR ts AS ts - INTERVAL '30' MINUTE
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/spring.csv', 'format' = 'csv', 'csv.null-literal' = '');
CREATE TABLE z (
  id BIGINT, k STRING, price DECIMAL(10, 2), ts TIMESTAMP(3), lt AS CAST(ts AS TIMESTAMP_LTZ(3)),
  WATERMARK FOR lt AS lt - INTERVAL '30' MINUTE
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/spring.csv', 'format' = 'csv', 'csv.null-literal' = '');
CREATE VIEW v AS SELECT ts, CAST(ts AS TIMESTAMP_LTZ(3)) AS lt FROM (VALUES (TIMESTAMP '2024-03-31 03:30:00.001'), (TIMESTAMP '2024-07-15 12:00:00.000'), (TIMESTAMP '2024-10-27 01:30:00.000'), (TIMESTAMP '2024-10-27 02:30:00.000'), (TIMESTAMP '2024-10-27 12:00:00.000'), (TIMESTAMP '2024-03-30 23:30:00.000'), (TIMESTAMP '1900-01-15 12:00:00.000'), (TIMESTAMP '1969-07-15 12:00:00.000')) AS v(ts);
-- case: floor
SELECT ts, FLOOR(lt TO DAY) d, FLOOR(lt TO MONTH) m, FLOOR(lt TO YEAR) y, FLOOR(lt TO WEEK) w, FLOOR(lt TO HOUR) h, FLOOR(lt TO QUARTER) q FROM v
-- case: ceil
SELECT ts, CEIL(lt TO DAY) d, CEIL(lt TO MONTH) m, CEIL(lt TO YEAR) y, CEIL(lt TO WEEK) w, CEIL(lt TO HOUR) h, CEIL(lt TO QUARTER) q FROM v
-- case: daily windows
SELECT k, window_start, window_end, COUNT(DISTINCT id) n FROM TABLE(TUMBLE(TABLE z, DESCRIPTOR(lt), INTERVAL '1' DAY)) GROUP BY k, window_start, window_end
-- case: hopping over the gap
SELECT window_start, window_end, COUNT(*) n FROM TABLE(HOP(TABLE z, DESCRIPTOR(lt), INTERVAL '1' HOUR, INTERVAL '2' HOUR)) GROUP BY window_start, window_end
-- case: cumulating over the gap
SELECT window_start, window_end, COUNT(*) n FROM TABLE(CUMULATE(TABLE z, DESCRIPTOR(lt), INTERVAL '6' HOUR, INTERVAL '1' DAY)) GROUP BY window_start, window_end
-- case: sessions over the gap
SELECT k, window_start, window_end, COUNT(*) n FROM TABLE(SESSION(TABLE z PARTITION BY k, DESCRIPTOR(lt), INTERVAL '1' HOUR)) GROUP BY window_start, window_end, k
-- case: group windows over the gap
SELECT HOP_START(lt, INTERVAL '1' HOUR, INTERVAL '3' HOUR) s, HOP_END(lt, INTERVAL '1' HOUR, INTERVAL '3' HOUR) e, k, COUNT(*) n FROM z GROUP BY HOP(lt, INTERVAL '1' HOUR, INTERVAL '3' HOUR), k
-- case: parts and text
SELECT id, EXTRACT(HOUR FROM lt) h, DATE_FORMAT(lt, 'yyyy-MM-dd HH:mm:ss') f, FLOOR(lt TO DAY) d FROM z
-- case: late rows of a window join whose sides are one source
SELECT a.id, b.id AS id2, COALESCE(a.window_start, b.window_start) s FROM (SELECT * FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' HOUR))) a FULL OUTER JOIN (SELECT * FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' HOUR)) WHERE MOD(id, 2) = 0) b ON a.k = b.k AND a.window_start = b.window_start AND a.window_end = b.window_end
-- case: late rows of an anti join
SELECT id, window_start FROM (SELECT * FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' HOUR))) a WHERE NOT EXISTS (SELECT 1 FROM (SELECT * FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' HOUR)) WHERE MOD(id, 2) = 0) b WHERE a.k = b.k AND a.window_start = b.window_start AND a.window_end = b.window_end)
