-- Order analytics: the topics. Every address and secret comes from a variable; without any, both topics
-- live in an embedded file. An option whose variable is empty counts as not written. For Apache Flink:
-- flitz render tables.sql pipeline.sql > job.sql
SET 'pipeline.name' = 'order-analytics';
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.source.idle-timeout' = '5 s';
SET 'execution.checkpointing.interval' = '${CHECKPOINT_INTERVAL:-1 s}';
-- A directory, s3://bucket/prefix or gs://bucket/prefix; empty: beside the embedded file, else in Flitz's own folder.
SET 'execution.checkpointing.dir' = '${CHECKPOINT_DIR:-}';

CREATE TABLE orders (
  order_id     STRING,
  user_id      STRING,
  total_amount DOUBLE,
  status       STRING,
  items_count  INT,
  event_type   STRING,
  created_at   TIMESTAMP_LTZ(3),
  WATERMARK FOR created_at AS created_at - INTERVAL '30' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'orders',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS:-embedded:./data/flitz.db}',
  'properties.security.protocol' = '${KAFKA_SECURITY_PROTOCOL:-PLAINTEXT}',
  'properties.sasl.mechanism' = '${KAFKA_SASL_MECHANISM:-PLAIN}',
  'properties.sasl.jaas.config' = '${KAFKA_SASL_LOGIN_MODULE:-org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule} required username="${KAFKA_SASL_USERNAME:-}" password="${KAFKA_SASL_PASSWORD:-}";',
  'properties.ssl.truststore.type' = '${KAFKA_SSL_TRUSTSTORE_TYPE:-PEM}',
  'properties.ssl.truststore.location' = '${KAFKA_SSL_TRUSTSTORE_LOCATION:-}',
  'properties.ssl.truststore.password' = '${KAFKA_SSL_TRUSTSTORE_PASSWORD:-}',
  'properties.group.id' = 'order-analytics',
  'properties.isolation.level' = 'read_committed',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE analytics_results (
  window_start    TIMESTAMP_LTZ(3),
  window_end      TIMESTAMP_LTZ(3),
  unique_users    BIGINT,
  total_orders    BIGINT,
  total_revenue   DOUBLE,
  avg_order_value DOUBLE,
  processed_at    TIMESTAMP_LTZ(3)
) WITH (
  'connector' = 'kafka',
  'topic' = 'analytics-results',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS:-embedded:./data/flitz.db}',
  'properties.security.protocol' = '${KAFKA_SECURITY_PROTOCOL:-PLAINTEXT}',
  'properties.sasl.mechanism' = '${KAFKA_SASL_MECHANISM:-PLAIN}',
  'properties.sasl.jaas.config' = '${KAFKA_SASL_LOGIN_MODULE:-org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule} required username="${KAFKA_SASL_USERNAME:-}" password="${KAFKA_SASL_PASSWORD:-}";',
  'properties.ssl.truststore.type' = '${KAFKA_SSL_TRUSTSTORE_TYPE:-PEM}',
  'properties.ssl.truststore.location' = '${KAFKA_SSL_TRUSTSTORE_LOCATION:-}',
  'properties.ssl.truststore.password' = '${KAFKA_SSL_TRUSTSTORE_PASSWORD:-}',
  'properties.transaction.timeout.ms' = '900000',
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = 'order-analytics',
  'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601'
);
