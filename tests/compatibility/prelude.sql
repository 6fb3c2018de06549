-- What the examples of forms.sql and functions.csv read and write.
CREATE TABLE orders (
  id STRING, user_id BIGINT, shop STRING, amount DECIMAL(10, 2), items INT, price DOUBLE, tags ARRAY<STRING>,
  detail ROW<city STRING, code INT>, attributes MAP<STRING, INT>, data BYTES, flag BOOLEAN, d DATE, t TIME(0),
  ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'datagen');
CREATE TABLE payments (order_id STRING, paid DECIMAL(10, 2), ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen');
CREATE TABLE rates (
  currency STRING, rate DOUBLE, ts TIMESTAMP(3), WATERMARK FOR ts AS ts, PRIMARY KEY (currency) NOT ENFORCED
) WITH ('connector' = 'datagen');
CREATE TABLE files (id STRING, v INT, dt STRING) PARTITIONED BY (dt)
  WITH ('connector' = 'filesystem', 'path' = '/tmp/flitz-compatibility', 'format' = 'json');
CREATE TABLE sink (id STRING, n BIGINT) WITH ('connector' = 'print');
CREATE TABLE keyed (id STRING, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'print');
CREATE VIEW big_orders AS SELECT id, amount FROM orders WHERE amount > 100;
