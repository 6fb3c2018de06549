CREATE TABLE t (id INT, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${DATA}/timestamps.csv', 'format' = 'csv');
SET 'table.local-time-zone' = 'UTC';
-- case: parts
SELECT id, HOUR(ts) h, MINUTE(ts) mi, SECOND(ts) s, EXTRACT(EPOCH FROM ts) ep, EXTRACT(MILLISECOND FROM ts) ms FROM t
-- case: date parts
SELECT id, QUARTER(ts) q, DAYOFMONTH(ts) dom, YEAR(ts) y, EXTRACT(DOW FROM ts) dow, WEEK(ts) w, DAYOFYEAR(ts) doy FROM t
-- case: floor
SELECT id, FLOOR(ts TO MONTH) fm, FLOOR(ts TO YEAR) fy, FLOOR(ts TO DAY) fd, FLOOR(ts TO WEEK) fw, FLOOR(ts TO HOUR) fh, FLOOR(ts TO QUARTER) fq FROM t
-- case: ceil
SELECT id, CEIL(ts TO MONTH) cm, CEIL(ts TO YEAR) cy, CEIL(ts TO DAY) cd, CEIL(ts TO WEEK) cw, CEIL(ts TO HOUR) ch, CEIL(ts TO QUARTER) cq FROM t
-- case: formats
SELECT id, DATE_FORMAT(ts, 'yyyy-MM-dd HH:mm:ss.SSS') df, TIMESTAMPDIFF(HOUR, ts, TIMESTAMP '1970-01-02 00:00:00') td, EXTRACT(HOUR FROM CAST(ts AS TIMESTAMP_LTZ(3))) lh FROM t
-- case: days of the Julian calendar
SELECT x, FLOOR(x TO YEAR) fy, CEIL(x TO YEAR) cy, FLOOR(x TO QUARTER) fq, CEIL(x TO QUARTER) cq, FLOOR(x TO MONTH) fm, CEIL(x TO MONTH) cm FROM (VALUES (DATE '0001-01-01'), (DATE '1000-01-01'), (DATE '1000-01-06'), (DATE '1500-02-28'), (DATE '1500-03-10'), (DATE '1582-10-04'), (DATE '1582-10-15'), (DATE '1582-10-16'), (DATE '1582-12-31'), (DATE '1583-01-01')) AS v (x)
-- case: times of the Julian calendar
SELECT x, FLOOR(x TO YEAR) fy, CEIL(x TO YEAR) cy, FLOOR(x TO MONTH) fm, CEIL(x TO MONTH) cm, YEAR(x) y FROM (VALUES (TIMESTAMP '0001-01-01 10:00:00'), (TIMESTAMP '1000-01-06 00:00:01'), (TIMESTAMP '1582-10-04 23:59:59'), (TIMESTAMP '1582-10-15 00:00:00')) AS v (x)
