CREATE TABLE rowsrc (id INT, v STRING, o INT, t STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/conflicts.csv', 'format' = 'csv');
CREATE TABLE timed (id INT, v STRING, o INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'filesystem', 'path' = '${DATA}/conflicts.csv', 'format' = 'csv');
CREATE TABLE pk (id INT, v STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'print');
CREATE TABLE wide (id INT, v STRING, PRIMARY KEY (id, v) NOT ENFORCED) WITH ('connector' = 'print');
CREATE TABLE plain (id INT, v STRING) WITH ('connector' = 'print');
CREATE TABLE counts (id INT, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'print');
SET 'table.local-time-zone' = 'UTC';
SET 'parallelism.default' = '1';
-- case: rows that are appended
INSERT INTO pk SELECT id, v FROM timed
-- case: rows that are appended, on conflict nothing
INSERT INTO pk SELECT id, v FROM timed ON CONFLICT DO NOTHING
-- case: rows that are appended, on conflict deduplicate
INSERT INTO pk SELECT id, v FROM timed ON CONFLICT DO DEDUPLICATE
-- case: updates without a key, on conflict nothing
INSERT INTO plain SELECT CAST(COUNT(*) AS INT), v FROM timed GROUP BY v ON CONFLICT DO NOTHING
-- case: updates without a key
INSERT INTO plain SELECT CAST(COUNT(*) AS INT), v FROM timed GROUP BY v
-- case: updates by the key
INSERT INTO counts SELECT id, COUNT(*) FROM timed GROUP BY id
-- case: updates by the key, on conflict nothing
INSERT INTO counts SELECT id, COUNT(*) FROM timed GROUP BY id ON CONFLICT DO NOTHING
-- case: updates by the key, on conflict error
INSERT INTO counts SELECT id, COUNT(*) FROM timed GROUP BY id ON CONFLICT DO ERROR
-- case: updates by the key, on conflict deduplicate
INSERT INTO counts SELECT id, COUNT(*) FROM timed GROUP BY id ON CONFLICT DO DEDUPLICATE
-- case: updates by another key
INSERT INTO pk SELECT CAST(COUNT(*) AS INT), v FROM timed GROUP BY v
-- case: updates by a part of the key
INSERT INTO wide SELECT CAST(COUNT(*) AS INT), v FROM timed GROUP BY v
-- case: updates of all rows
INSERT INTO pk SELECT 1, CAST(COUNT(*) AS STRING) FROM timed
-- case: updates by another key, on conflict deduplicate
INSERT INTO pk SELECT CAST(COUNT(*) AS INT), v FROM timed GROUP BY v ON CONFLICT DO DEDUPLICATE
-- case: updates by a wider key, on conflict deduplicate
INSERT INTO pk SELECT id, MAX(v) FROM timed GROUP BY id, o ON CONFLICT DO DEDUPLICATE
-- case: updates without an upsert key, on conflict deduplicate
INSERT INTO pk SELECT CAST(MAX(o) AS INT), MAX(v) FROM timed GROUP BY id ON CONFLICT DO DEDUPLICATE
-- case: deletions, on conflict deduplicate
INSERT INTO pk SELECT n, v FROM (SELECT CAST(COUNT(*) AS INT) AS n, v FROM timed GROUP BY v) WHERE n < 3 ON CONFLICT DO DEDUPLICATE
-- case: an aggregate of an aggregate, on conflict deduplicate
INSERT INTO pk SELECT CAST(MOD(SUM(n), 2) AS INT), MIN(v) FROM (SELECT COUNT(*) AS n, v, MIN(o) AS m FROM timed GROUP BY v) GROUP BY m ON CONFLICT DO DEDUPLICATE
-- case: on conflict nothing without watermarks
INSERT INTO pk SELECT CAST(COUNT(*) AS INT), v FROM rowsrc GROUP BY v ON CONFLICT DO NOTHING
-- case: on conflict error without watermarks
INSERT INTO pk SELECT CAST(COUNT(*) AS INT), v FROM rowsrc GROUP BY v ON CONFLICT DO ERROR
-- case: on conflict deduplicate without watermarks
INSERT INTO pk SELECT id, MAX(v) FROM timed GROUP BY id, o ON CONFLICT DO DEDUPLICATE
-- case: a conflict is an error
INSERT INTO pk SELECT id, MAX(v) FROM timed GROUP BY id, o ON CONFLICT DO ERROR
-- case: no conflict is no error
INSERT INTO pk SELECT id, MAX(v) FROM timed WHERE id = 3 GROUP BY id, o ON CONFLICT DO ERROR
-- case: the first row stands
INSERT INTO pk SELECT id, MAX(v) FROM timed WHERE id <> 3 GROUP BY id, o ON CONFLICT DO NOTHING
-- case: values on conflict
INSERT INTO pk VALUES (1, 'a'), (1, 'b') ON CONFLICT DO NOTHING
