-- Kafka JSON through a filter to Kafka, exactly once. Runs unchanged on Flitz and on Flink.
CREATE TABLE events (
  event_id BIGINT, user_id STRING, page_url STRING, event_type STRING, amount DOUBLE, event_time TIMESTAMP(3)
) WITH (
  'connector' = 'kafka', 'topic' = '${TOPIC}', 'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json'
);
CREATE TABLE passed (
  event_id BIGINT, user_id STRING, page_url STRING, event_type STRING, amount DOUBLE, event_time TIMESTAMP(3)
) WITH (
  'connector' = 'kafka', 'topic' = '${OUT}', 'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'properties.transaction.timeout.ms' = '600000',
  'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${OUT}', 'format' = 'json'
);
INSERT INTO passed SELECT * FROM events WHERE amount >= 5;
