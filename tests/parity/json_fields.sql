CREATE TABLE j0 (id INT, v BOOLEAN) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j1 (id INT, v TINYINT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j2 (id INT, v SMALLINT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j3 (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j4 (id INT, v BIGINT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j5 (id INT, v FLOAT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j6 (id INT, v DOUBLE) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j7 (id INT, v DECIMAL(10,2)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j8 (id INT, v DECIMAL(38,0)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j9 (id INT, v CHAR(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j10 (id INT, v VARCHAR(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j11 (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j12 (id INT, v BINARY(2)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j13 (id INT, v VARBINARY(2)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j14 (id INT, v BYTES) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j15 (id INT, v DATE) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j16 (id INT, v TIME) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j17 (id INT, v TIME) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE j18 (id INT, v TIME(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j19 (id INT, v TIME(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE j20 (id INT, v TIMESTAMP(0)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j21 (id INT, v TIMESTAMP(0)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE j22 (id INT, v TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j23 (id INT, v TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE j24 (id INT, v TIMESTAMP(6)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j25 (id INT, v TIMESTAMP(6)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE j26 (id INT, v TIMESTAMP(9)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j27 (id INT, v TIMESTAMP(9)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE j28 (id INT, v TIMESTAMP_LTZ(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j29 (id INT, v TIMESTAMP_LTZ(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE j30 (id INT, v TIMESTAMP_LTZ(6)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j31 (id INT, v TIMESTAMP_LTZ(6)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE j32 (id INT, v ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/containers.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j33 (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/containers.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j34 (id INT, v MAP<STRING, INT>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/containers.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j35 (id INT, v MAP<STRING, STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/containers.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j36 (id INT, v ROW<a INT, b STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/containers.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j37 (id INT, v ARRAY<ROW<a INT>>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/containers.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE j38 (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/containers.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
SET 'table.local-time-zone' = 'Europe/Berlin';
-- case: json BOOLEAN SQL
SELECT id, v FROM j0
-- case: json TINYINT SQL
SELECT id, v FROM j1
-- case: json SMALLINT SQL
SELECT id, v FROM j2
-- case: json INT SQL
SELECT id, v FROM j3
-- case: json BIGINT SQL
SELECT id, v FROM j4
-- case: json FLOAT SQL
SELECT id, v FROM j5
-- case: json DOUBLE SQL
SELECT id, v FROM j6
-- case: json DECIMAL(10,2) SQL
SELECT id, v FROM j7
-- case: json DECIMAL(38,0) SQL
SELECT id, v FROM j8
-- case: json CHAR(3) SQL
SELECT id, v FROM j9
-- case: json VARCHAR(3) SQL
SELECT id, v FROM j10
-- case: json STRING SQL
SELECT id, v FROM j11
-- case: json BINARY(2) SQL
SELECT id, v FROM j12 WHERE id <> 16
-- case: json VARBINARY(2) SQL
SELECT id, v FROM j13 WHERE id <> 16
-- case: json BYTES SQL
SELECT id, v FROM j14 WHERE id <> 16
-- case: json DATE SQL
SELECT id, v FROM j15
-- case: json TIME SQL
SELECT id, v FROM j16
-- case: json TIME ISO-8601
SELECT id, v FROM j17
-- case: json TIME(3) SQL
SELECT id, v FROM j18
-- case: json TIME(3) ISO-8601
SELECT id, v FROM j19
-- case: json TIMESTAMP(0) SQL
SELECT id, v FROM j20 WHERE id NOT IN (50, 53)
-- case: json TIMESTAMP(0) ISO-8601
SELECT id, v FROM j21 WHERE id NOT IN (50, 53)
-- case: json TIMESTAMP(3) SQL
SELECT id, v FROM j22 WHERE id NOT IN (50, 53)
-- case: json TIMESTAMP(3) ISO-8601
SELECT id, v FROM j23 WHERE id NOT IN (50, 53)
-- case: json TIMESTAMP(6) SQL
SELECT id, v FROM j24 WHERE id NOT IN (50, 53)
-- case: json TIMESTAMP(6) ISO-8601
SELECT id, v FROM j25 WHERE id NOT IN (50, 53)
-- case: json TIMESTAMP(9) SQL
SELECT id, v FROM j26
-- case: json TIMESTAMP(9) ISO-8601
SELECT id, v FROM j27
-- case: json TIMESTAMP_LTZ(3) SQL
SELECT id, v FROM j28 WHERE id NOT IN (50, 53)
-- case: json TIMESTAMP_LTZ(3) ISO-8601
SELECT id, v FROM j29 WHERE id NOT IN (50, 53)
-- case: json TIMESTAMP_LTZ(6) SQL
SELECT id, v FROM j30 WHERE id NOT IN (50, 53)
-- case: json TIMESTAMP_LTZ(6) ISO-8601
SELECT id, v FROM j31 WHERE id NOT IN (50, 53)
-- case: json ARRAY<INT>
SELECT id, v FROM j32 WHERE id <> 10
-- case: json ARRAY<STRING>
SELECT id, v FROM j33
-- case: json MAP<STRING, INT>
SELECT id, v FROM j34
-- case: json MAP<STRING, STRING>
SELECT id, v FROM j35
-- case: json ROW<a INT, b STRING>
SELECT id, v FROM j36
-- case: json ARRAY<ROW<a INT>>
SELECT id, v FROM j37
-- case: json STRING
SELECT id, v FROM j38
