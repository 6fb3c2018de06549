SET 'execution.checkpointing.interval' = '10 s';
CREATE TABLE events (id BIGINT, v AS MOD(id, 100), k AS CONCAT('user-', CAST(MOD(id * 7919, 2000000) AS STRING)))
  WITH ('connector' = 'datagen', 'rows-per-second' = '1000000000', 'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '6000000');
CREATE TABLE counts (k STRING, n BIGINT, total BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'blackhole');
INSERT INTO counts SELECT k, COUNT(*), SUM(v) FROM events GROUP BY k;
