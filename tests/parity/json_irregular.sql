-- Fields that come twice, and objects and arrays where scalars should be: Flink's parser loses its way in a way of its own.
CREATE TABLE irregular (id INT, b BOOLEAN, s STRING, d DOUBLE, n DECIMAL(10,2), a ARRAY<INT>, m MAP<STRING,INT>, r ROW<x INT, y STRING>, t TIMESTAMP(3), e BYTES, u BIGINT)
  WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = '${DATA}/irregular.json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE irregular_tree (id INT, b BOOLEAN, s STRING, d DOUBLE, n DECIMAL(10,2), a ARRAY<INT>, m MAP<STRING,INT>, r ROW<x INT, y STRING>, t TIMESTAMP(3), e BYTES, u BIGINT)
  WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = '${DATA}/irregular.json', 'json.ignore-parse-errors' = 'true', 'json.decode.json-parser.enabled' = 'false');
CREATE TABLE repeated (id INT, b BOOLEAN, s STRING, d DOUBLE, n DECIMAL(10,2), a ARRAY<INT>, m MAP<STRING,INT>, r ROW<x INT, y STRING>, t TIMESTAMP(3), e BYTES, u BIGINT)
  WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = '${DATA}/repeated.json');
CREATE TABLE repeated_tree (id INT, b BOOLEAN, s STRING, d DOUBLE, n DECIMAL(10,2), a ARRAY<INT>, m MAP<STRING,INT>, r ROW<x INT, y STRING>, t TIMESTAMP(3), e BYTES, u BIGINT)
  WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = '${DATA}/repeated.json', 'json.decode.json-parser.enabled' = 'false');
-- case: all columns
SELECT * FROM irregular
-- case: some columns
SELECT id, s, t FROM irregular
-- case: a field of a row
SELECT id, r.x FROM irregular
-- case: one column
SELECT u FROM irregular
-- case: all columns, as a tree
SELECT * FROM irregular_tree
-- case: repeated fields
SELECT * FROM repeated
-- case: some columns of repeated fields
SELECT id, b, r FROM repeated
-- case: repeated fields, as a tree
SELECT * FROM repeated_tree
