-- Every order once more, exactly once: what goes in must come out.
SET 'pipeline.name' = 'chaos-pass-through';
SET 'execution.checkpointing.interval' = '500 ms';
SET 'execution.checkpointing.dir' = '${CHECKPOINT_DIR:-}';
CREATE TABLE orders (order_id STRING, user_id STRING, total_amount DOUBLE) WITH (
  'connector' = 'kafka', 'topic' = 'orders', 'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'properties.isolation.level' = 'read_committed', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'
);
CREATE TABLE copies (order_id STRING, user_id STRING, total_amount DOUBLE) WITH (
  'connector' = 'kafka', 'topic' = 'copies', 'properties.bootstrap.servers' = '${SINK_BOOTSTRAP_SERVERS}',
  'properties.transaction.timeout.ms' = '60000',
  'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'chaos-copies', 'format' = 'json'
);
INSERT INTO copies SELECT * FROM orders;
