CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), lz TIMESTAMP_LTZ(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'filesystem', 'path' = '${DATA}/odd_times.json', 'format' = 'json');
CREATE TABLE l (k STRING, v INT, ts TIMESTAMP(3), lz TIMESTAMP_LTZ(3), WATERMARK FOR lz AS lz)
  WITH ('connector' = 'filesystem', 'path' = '${DATA}/odd_times.json', 'format' = 'json');
SET 'table.local-time-zone' = 'Europe/Berlin';
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '3' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '3' DAY)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' SECOND, INTERVAL '-5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' SECOND, INTERVAL '-5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '26' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '26' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '90' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '90' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '90' MINUTE, INTERVAL '0' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '90' MINUTE, INTERVAL '0' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' HOUR, INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' HOUR, INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' DAY)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' DAY, INTERVAL '3' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' DAY, INTERVAL '3' DAY)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' DAY)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' DAY, INTERVAL '0' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' DAY, INTERVAL '0' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1 02:03:04.005' DAY TO SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1 02:03:04.005' DAY TO SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1 02:03:04.005' DAY TO SECOND, INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1 02:03:04.005' DAY TO SECOND, INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '0.5' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '0.5' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '0.5' SECOND, INTERVAL '8' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '0.5' SECOND, INTERVAL '8' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '36' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '36' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '36' HOUR, INTERVAL '0' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '36' HOUR, INTERVAL '0' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1:30' HOUR TO MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1:30' HOUR TO MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1:30' HOUR TO MINUTE, INTERVAL '5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1:30' HOUR TO MINUTE, INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MONTH, INTERVAL '26' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MONTH, INTERVAL '26' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' YEAR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' YEAR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' YEAR, INTERVAL '26' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' YEAR, INTERVAL '26' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1-2' YEAR TO MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1-2' YEAR TO MONTH)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '7' DAY, INTERVAL '1' MINUTE, INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '7' DAY, INTERVAL '1' MINUTE, INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' DAY, INTERVAL '7' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' DAY, INTERVAL '7' SECOND)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MONTH, INTERVAL '1' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MONTH, INTERVAL '1' HOUR)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' HOUR, INTERVAL '90' MINUTE, INTERVAL '8' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' HOUR, INTERVAL '90' MINUTE, INTERVAL '8' HOUR)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '7' SECOND, INTERVAL '8' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '7' SECOND, INTERVAL '8' HOUR)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '0.5' SECOND, INTERVAL '1' YEAR, INTERVAL '0.25' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '0.5' SECOND, INTERVAL '1' YEAR, INTERVAL '0.25' SECOND)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' DAY, INTERVAL '5' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' DAY, INTERVAL '5' HOUR)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '0.5' SECOND, INTERVAL '0.25' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '0.5' SECOND, INTERVAL '0.25' SECOND)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '90' MINUTE, INTERVAL '1' MONTH, INTERVAL '-5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '90' MINUTE, INTERVAL '1' MONTH, INTERVAL '-5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '3' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '3' HOUR)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '3' HOUR, INTERVAL '0' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '3' HOUR, INTERVAL '0' SECOND)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '3' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '3' HOUR)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '3' HOUR, INTERVAL '0.25' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '3' HOUR, INTERVAL '0.25' SECOND)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY, INTERVAL '3' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY, INTERVAL '3' DAY)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY, INTERVAL '-5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY, INTERVAL '-5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '6' HOUR, INTERVAL '1' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '6' HOUR, INTERVAL '1' DAY)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '6' HOUR, INTERVAL '1' DAY, INTERVAL '0' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '6' HOUR, INTERVAL '1' DAY, INTERVAL '0' SECOND)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '6' HOUR, INTERVAL '1' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '6' HOUR, INTERVAL '1' DAY)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '6' HOUR, INTERVAL '1' DAY, INTERVAL '8' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '6' HOUR, INTERVAL '1' DAY, INTERVAL '8' HOUR)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND, INTERVAL '-5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND, INTERVAL '-5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' SECOND)
SELECT k, window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY k, window_start, window_end, window_time
-- case: SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY window_start, window_end, window_time
-- case: SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' HOUR)
SELECT k, window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY k, window_start, window_end, window_time
-- case: SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY window_start, window_end, window_time
-- case: SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '25' HOUR)
SELECT k, window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '25' HOUR)) GROUP BY k, window_start, window_end, window_time
-- case: SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '25' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '25' HOUR)) GROUP BY window_start, window_end, window_time
-- case: SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' MONTH)
SELECT k, window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' MONTH)) GROUP BY k, window_start, window_end, window_time
-- case: SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '0' SECOND)
SELECT k, window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '0' SECOND)) GROUP BY k, window_start, window_end, window_time
-- case: SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '0' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '0' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '8' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '8' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '7' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '7' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '7' SECOND, INTERVAL '26' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '7' SECOND, INTERVAL '26' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' MINUTE, INTERVAL '26' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' MINUTE, INTERVAL '26' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '90' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '90' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '90' MINUTE, INTERVAL '0.25' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '90' MINUTE, INTERVAL '0.25' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR, INTERVAL '5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR, INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '5' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '5' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '5' HOUR, INTERVAL '-5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '5' HOUR, INTERVAL '-5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' DAY)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' DAY, INTERVAL '0.25' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' DAY, INTERVAL '0.25' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '7' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '7' DAY)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '7' DAY, INTERVAL '26' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '7' DAY, INTERVAL '26' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '10' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '10' DAY)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '10' DAY, INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '10' DAY, INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1 02:03:04.005' DAY TO SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1 02:03:04.005' DAY TO SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '0.5' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '0.5' SECOND)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '0.5' SECOND, INTERVAL '-5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '0.5' SECOND, INTERVAL '-5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '36' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '36' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '36' HOUR, INTERVAL '26' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '36' HOUR, INTERVAL '26' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1:30' HOUR TO MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1:30' HOUR TO MINUTE)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1:30' HOUR TO MINUTE, INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1:30' HOUR TO MINUTE, INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' YEAR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' YEAR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' YEAR, INTERVAL '26' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' YEAR, INTERVAL '26' HOUR)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1-2' YEAR TO MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1-2' YEAR TO MONTH)) GROUP BY window_start, window_end, window_time
-- case: TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '3' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(lz), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '3' DAY)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' MONTH, INTERVAL '36' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' MONTH, INTERVAL '36' HOUR)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' YEAR, INTERVAL '1:30' HOUR TO MINUTE, INTERVAL '26' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' YEAR, INTERVAL '1:30' HOUR TO MINUTE, INTERVAL '26' HOUR)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '90' MINUTE, INTERVAL '1-2' YEAR TO MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '90' MINUTE, INTERVAL '1-2' YEAR TO MONTH)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '90' MINUTE, INTERVAL '5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '90' MINUTE, INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1-2' YEAR TO MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1-2' YEAR TO MONTH)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '1' DAY, INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '1' DAY, INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR, INTERVAL '3' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR, INTERVAL '3' HOUR)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR, INTERVAL '3' HOUR, INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR, INTERVAL '3' HOUR, INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR, INTERVAL '3' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR, INTERVAL '3' HOUR)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR, INTERVAL '3' HOUR, INTERVAL '0' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR, INTERVAL '3' HOUR, INTERVAL '0' SECOND)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' DAY, INTERVAL '2' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' DAY, INTERVAL '2' DAY)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' DAY, INTERVAL '2' DAY, INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' DAY, INTERVAL '2' DAY, INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' DAY, INTERVAL '2' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' DAY, INTERVAL '2' DAY)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '6' HOUR, INTERVAL '1' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '6' HOUR, INTERVAL '1' DAY)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '6' HOUR, INTERVAL '1' DAY, INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '6' HOUR, INTERVAL '1' DAY, INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '6' HOUR, INTERVAL '1' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '6' HOUR, INTERVAL '1' DAY)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '6' HOUR, INTERVAL '1' DAY, INTERVAL '3' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '6' HOUR, INTERVAL '1' DAY, INTERVAL '3' DAY)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND)) GROUP BY window_start, window_end, window_time
-- case: HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND, INTERVAL '-5' MINUTE)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND, INTERVAL '-5' MINUTE)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND)) GROUP BY window_start, window_end, window_time
-- case: CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND, INTERVAL '3' DAY)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND, INTERVAL '1.5' SECOND, INTERVAL '3' DAY)) GROUP BY window_start, window_end, window_time
-- case: SESSION(TABLE l PARTITION BY k, DESCRIPTOR(lz), INTERVAL '1' SECOND)
SELECT k, window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE l PARTITION BY k, DESCRIPTOR(lz), INTERVAL '1' SECOND)) GROUP BY k, window_start, window_end, window_time
-- case: SESSION(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE l, DESCRIPTOR(lz), INTERVAL '1' SECOND)) GROUP BY window_start, window_end, window_time
-- case: SESSION(TABLE l PARTITION BY k, DESCRIPTOR(lz), INTERVAL '1' HOUR)
SELECT k, window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE l PARTITION BY k, DESCRIPTOR(lz), INTERVAL '1' HOUR)) GROUP BY k, window_start, window_end, window_time
-- case: SESSION(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE l, DESCRIPTOR(lz), INTERVAL '1' HOUR)) GROUP BY window_start, window_end, window_time
-- case: SESSION(TABLE l PARTITION BY k, DESCRIPTOR(lz), INTERVAL '25' HOUR)
SELECT k, window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE l PARTITION BY k, DESCRIPTOR(lz), INTERVAL '25' HOUR)) GROUP BY k, window_start, window_end, window_time
-- case: SESSION(TABLE l, DESCRIPTOR(lz), INTERVAL '25' HOUR)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE l, DESCRIPTOR(lz), INTERVAL '25' HOUR)) GROUP BY window_start, window_end, window_time
-- case: SESSION(TABLE l PARTITION BY k, DESCRIPTOR(lz), INTERVAL '1' MONTH)
SELECT k, window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE l PARTITION BY k, DESCRIPTOR(lz), INTERVAL '1' MONTH)) GROUP BY k, window_start, window_end, window_time
-- case: SESSION(TABLE l, DESCRIPTOR(lz), INTERVAL '1' MONTH)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE l, DESCRIPTOR(lz), INTERVAL '1' MONTH)) GROUP BY window_start, window_end, window_time
-- case: SESSION(TABLE l PARTITION BY k, DESCRIPTOR(lz), INTERVAL '0' SECOND)
SELECT k, window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE l PARTITION BY k, DESCRIPTOR(lz), INTERVAL '0' SECOND)) GROUP BY k, window_start, window_end, window_time
-- case: SESSION(TABLE l, DESCRIPTOR(lz), INTERVAL '0' SECOND)
SELECT window_start, window_end, window_time, COUNT(*) AS n, SUM(v) AS s FROM TABLE(SESSION(TABLE l, DESCRIPTOR(lz), INTERVAL '0' SECOND)) GROUP BY window_start, window_end, window_time
-- case: rows of HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY, INTERVAL '61' HOUR)
SELECT window_start, window_end, v FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY, INTERVAL '61' HOUR))
-- case: rows of CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '12' HOUR, INTERVAL '1' DAY, INTERVAL '-61' HOUR)
SELECT window_start, window_end, v FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '12' HOUR, INTERVAL '1' DAY, INTERVAL '-61' HOUR))
