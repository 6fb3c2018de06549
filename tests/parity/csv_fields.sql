CREATE TABLE c0 (id INT, v BOOLEAN) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c1 (id INT, v TINYINT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c2 (id INT, v SMALLINT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c3 (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c4 (id INT, v BIGINT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c5 (id INT, v FLOAT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c6 (id INT, v DOUBLE) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c7 (id INT, v DECIMAL(10,2)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c8 (id INT, v DECIMAL(38,0)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c9 (id INT, v CHAR(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c10 (id INT, v VARCHAR(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c11 (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c12 (id INT, v BINARY(2)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c13 (id INT, v VARBINARY(2)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c14 (id INT, v BYTES) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c15 (id INT, v DATE) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c16 (id INT, v TIME) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c17 (id INT, v TIME(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c18 (id INT, v TIMESTAMP(0)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c19 (id INT, v TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c20 (id INT, v TIMESTAMP(6)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c21 (id INT, v TIMESTAMP(9)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c22 (id INT, v TIMESTAMP_LTZ(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c23 (id INT, v TIMESTAMP_LTZ(6)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c24 (id INT, v ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c25 (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c26 (id INT, v ROW<a INT,b STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c27 (id INT, v ARRAY<BOOLEAN>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE c28 (id INT, v ARRAY<DATE>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE o0_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.null-literal' = 'null');
CREATE TABLE o0_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.null-literal' = 'null');
CREATE TABLE o0_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.null-literal' = 'null');
CREATE TABLE o1_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.disable-quote-character' = 'true');
CREATE TABLE o1_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.disable-quote-character' = 'true');
CREATE TABLE o1_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.disable-quote-character' = 'true');
CREATE TABLE o2_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.quote-character' = '''');
CREATE TABLE o2_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.quote-character' = '''');
CREATE TABLE o2_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.quote-character' = '''');
CREATE TABLE o3_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.escape-character' = '\');
CREATE TABLE o3_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.escape-character' = '\');
CREATE TABLE o3_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.escape-character' = '\');
CREATE TABLE o4_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.allow-comments' = 'true');
CREATE TABLE o4_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.allow-comments' = 'true');
CREATE TABLE o4_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.allow-comments' = 'true');
CREATE TABLE o5_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.array-element-delimiter' = ',');
CREATE TABLE o5_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.array-element-delimiter' = ',');
CREATE TABLE o5_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.array-element-delimiter' = ',');
CREATE TABLE o6_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.field-delimiter' = ';');
CREATE TABLE o6_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.field-delimiter' = ';');
CREATE TABLE o6_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.field-delimiter' = ';');
CREATE TABLE o7_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.trim-spaces' = 'true');
CREATE TABLE o7_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.trim-spaces' = 'true');
CREATE TABLE o7_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.trim-spaces' = 'true');
CREATE TABLE o8_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.empty-string-as-null' = 'true');
CREATE TABLE o8_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.empty-string-as-null' = 'true');
CREATE TABLE o8_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.empty-string-as-null' = 'true');
CREATE TABLE o9_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.ignore-trailing-unmappable' = 'true');
CREATE TABLE o9_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.ignore-trailing-unmappable' = 'true');
CREATE TABLE o9_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.ignore-trailing-unmappable' = 'true');
CREATE TABLE o10_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.allow-trailing-comma' = 'false');
CREATE TABLE o10_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.allow-trailing-comma' = 'false');
CREATE TABLE o10_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.allow-trailing-comma' = 'false');
CREATE TABLE o11_s (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.fail-on-missing-columns' = 'true');
CREATE TABLE o11_i (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.fail-on-missing-columns' = 'true');
CREATE TABLE o11_a (id INT, v ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${DATA}/fields.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true', 'csv.fail-on-missing-columns' = 'true');
SET 'table.local-time-zone' = 'Europe/Berlin';
-- case: csv BOOLEAN
SELECT id, v FROM c0
-- case: csv TINYINT
SELECT id, v FROM c1
-- case: csv SMALLINT
SELECT id, v FROM c2
-- case: csv INT
SELECT id, v FROM c3
-- case: csv BIGINT
SELECT id, v FROM c4
-- case: csv FLOAT
SELECT id, v FROM c5
-- case: csv DOUBLE
SELECT id, v FROM c6
-- case: csv DECIMAL(10,2)
SELECT id, v FROM c7
-- case: csv DECIMAL(38,0)
SELECT id, v FROM c8
-- case: csv CHAR(3)
SELECT id, v FROM c9
-- case: csv VARCHAR(3)
SELECT id, v FROM c10
-- case: csv STRING
SELECT id, v FROM c11
-- case: csv BINARY(2)
SELECT id, v FROM c12
-- case: csv VARBINARY(2)
SELECT id, v FROM c13
-- case: csv BYTES
SELECT id, v FROM c14
-- case: csv DATE
SELECT id, v FROM c15
-- case: csv TIME
SELECT id, v FROM c16
-- case: csv TIME(3)
SELECT id, v FROM c17
-- case: csv TIMESTAMP(0)
SELECT id, v FROM c18 WHERE id <> 52
-- case: csv TIMESTAMP(3)
SELECT id, v FROM c19 WHERE id <> 52
-- case: csv TIMESTAMP(6)
SELECT id, v FROM c20 WHERE id <> 52
-- case: csv TIMESTAMP(9)
SELECT id, v FROM c21
-- case: csv TIMESTAMP_LTZ(3)
SELECT id, v FROM c22
-- case: csv TIMESTAMP_LTZ(6)
SELECT id, v FROM c23
-- case: csv ARRAY<INT>
SELECT id, v FROM c24
-- case: csv ARRAY<STRING>
SELECT id, v FROM c25
-- case: csv ROW<a INT,b STRING>
SELECT id, v FROM c26
-- case: csv ARRAY<BOOLEAN>
SELECT id, v FROM c27
-- case: csv ARRAY<DATE>
SELECT id, v FROM c28
-- case: csv STRING, null-literal null
SELECT id, v FROM o0_s
-- case: csv INT, null-literal null
SELECT id, v FROM o0_i
-- case: csv ARRAY<STRING>, null-literal null
SELECT id, v FROM o0_a
-- case: csv STRING, disable-quote-character true
SELECT id, v FROM o1_s
-- case: csv INT, disable-quote-character true
SELECT id, v FROM o1_i
-- case: csv ARRAY<STRING>, disable-quote-character true
SELECT id, v FROM o1_a
-- case: csv STRING, quote-character 
SELECT id, v FROM o2_s
-- case: csv INT, quote-character 
SELECT id, v FROM o2_i
-- case: csv ARRAY<STRING>, quote-character 
SELECT id, v FROM o2_a
-- case: csv STRING, escape-character \
SELECT id, v FROM o3_s WHERE id <> 75
-- case: csv INT, escape-character \
SELECT id, v FROM o3_i
-- case: csv ARRAY<STRING>, escape-character \
SELECT id, v FROM o3_a WHERE id <> 75
-- case: csv STRING, allow-comments true
SELECT id, v FROM o4_s
-- case: csv INT, allow-comments true
SELECT id, v FROM o4_i
-- case: csv ARRAY<STRING>, allow-comments true
SELECT id, v FROM o4_a
-- case: csv STRING, array-element-delimiter ,
SELECT id, v FROM o5_s
-- case: csv INT, array-element-delimiter ,
SELECT id, v FROM o5_i
-- case: csv ARRAY<STRING>, array-element-delimiter ,
SELECT id, v FROM o5_a
-- case: csv STRING, field-delimiter ;
SELECT id, v FROM o6_s
-- case: csv INT, field-delimiter ;
SELECT id, v FROM o6_i
-- case: csv ARRAY<STRING>, field-delimiter ;
SELECT id, v FROM o6_a
-- case: csv STRING, trim-spaces true
SELECT id, v FROM o7_s
-- case: csv INT, trim-spaces true
SELECT id, v FROM o7_i
-- case: csv ARRAY<STRING>, trim-spaces true
SELECT id, v FROM o7_a
-- case: csv STRING, empty-string-as-null true
SELECT id, v FROM o8_s
-- case: csv INT, empty-string-as-null true
SELECT id, v FROM o8_i
-- case: csv ARRAY<STRING>, empty-string-as-null true
SELECT id, v FROM o8_a
-- case: csv STRING, ignore-trailing-unmappable true
SELECT id, v FROM o9_s
-- case: csv INT, ignore-trailing-unmappable true
SELECT id, v FROM o9_i
-- case: csv ARRAY<STRING>, ignore-trailing-unmappable true
SELECT id, v FROM o9_a
-- case: csv STRING, allow-trailing-comma false
SELECT id, v FROM o10_s
-- case: csv INT, allow-trailing-comma false
SELECT id, v FROM o10_i
-- case: csv ARRAY<STRING>, allow-trailing-comma false
SELECT id, v FROM o10_a
-- case: csv STRING, fail-on-missing-columns true
SELECT id, v FROM o11_s
-- case: csv INT, fail-on-missing-columns true
SELECT id, v FROM o11_i
-- case: csv ARRAY<STRING>, fail-on-missing-columns true
SELECT id, v FROM o11_a
