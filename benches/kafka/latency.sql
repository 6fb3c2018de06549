-- One record in, one record out: how long does it take?
SET 'execution.checkpointing.interval' = '${CHECKPOINT_INTERVAL}';
CREATE TABLE sent (id BIGINT, user_id STRING, page_url STRING, amount DOUBLE) WITH (
  'connector' = 'kafka', 'topic' = '${TOPIC}', 'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'properties.isolation.level' = 'read_committed', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'
);
CREATE TABLE received (id BIGINT, user_id STRING, page_url STRING, amount DOUBLE) WITH (
  'connector' = 'kafka', 'topic' = '${OUT}', 'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'properties.transaction.timeout.ms' = '600000',
  'sink.delivery-guarantee' = '${GUARANTEE}', 'sink.transactional-id-prefix' = '${OUT}', 'format' = 'json'
);
INSERT INTO received SELECT * FROM sent WHERE amount >= 0;
