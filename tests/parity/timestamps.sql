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
