SET 'execution.checkpointing.interval' = '10 s';
CREATE TABLE events (id BIGINT, v AS MOD(id, 100), k AS CONCAT('user-', CAST(MOD(id * 7919, 10000000) AS STRING)),
  ts AS TIMESTAMP '2026-01-01 00:00:00', WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen', 'rows-per-second' = '1000000000', 'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '20000000');
CREATE TABLE counts (k STRING, n BIGINT, total BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO counts SELECT k, COUNT(*), SUM(v) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' DAY))
  GROUP BY window_start, window_end, k;
