CREATE TABLE t (
  id INT, b BOOLEAN, ti TINYINT, si SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, de DECIMAL(10, 3), s STRING,
  dt DATE, tm TIME(3), ts TIMESTAMP(3), lz TIMESTAMP_LTZ(3), arr ARRAY<INT>, m MAP<STRING, INT>, r ROW<a INT, b STRING>, byt BYTES
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/types.json', 'format' = 'json');
SET 'table.local-time-zone' = 'UTC';
-- case: INSTR(s, 'o', -1)
SELECT id, INSTR(s, 'o', -1) AS v FROM t
-- case: INSTR(s, 'o', 1, 2)
SELECT id, INSTR(s, 'o', 1, 2) AS v FROM t
-- case: POSITION('o' IN s FROM 6)
SELECT id, POSITION('o' IN s FROM 6) AS v FROM t
-- case: LPAD(s, 12, 'é')
SELECT id, LPAD(s, 12, 'é') AS v FROM t
-- case: SPLIT(s, ' ')[1]
SELECT id, SPLIT(s, ' ')[1] AS v FROM t
-- case: SPLIT(s, ' ')[5]
SELECT id, SPLIT(s, ' ')[5] AS v FROM t
-- case: REGEXP_REPLACE(s, 'x*', '-')
SELECT id, REGEXP_REPLACE(s, 'x*', '-') AS v FROM t
-- case: REGEXP_REPLACE(s, '\b', '|')
SELECT id, REGEXP_REPLACE(s, '\b', '|') AS v FROM t
-- case: REGEXP_COUNT(s, 'l*')
SELECT id, REGEXP_COUNT(s, 'l*') AS v FROM t
-- case: REGEXP_EXTRACT_ALL(s, '(l*)')
SELECT id, REGEXP_EXTRACT_ALL(s, '(l*)') AS v FROM t
-- case: REGEXP_REPLACE(s, '(?i)HELLO', 'x')
SELECT id, REGEXP_REPLACE(s, '(?i)HELLO', 'x') AS v FROM t
-- case: REGEXP_EXTRACT(s, '(?<first>\w+)', 1)
SELECT id, REGEXP_EXTRACT(s, '(?<first>\w+)', 1) AS v FROM t
-- case: TIMESTAMPDIFF(MILLISECOND, ts, TIMESTAMP '2026-01-01 00:00:00')
SELECT id, TIMESTAMPDIFF(MILLISECOND, ts, TIMESTAMP '2026-01-01 00:00:00') AS v FROM t
-- case: TIMESTAMPDIFF(WEEK, dt, ts)
SELECT id, TIMESTAMPDIFF(WEEK, dt, ts) AS v FROM t
-- case: COALESCE(i, d)
SELECT id, COALESCE(i, d) AS v FROM t
-- case: COALESCE(de, i, f)
SELECT id, COALESCE(de, i, f) AS v FROM t
-- case: CASE WHEN b THEN dt ELSE ts END
SELECT id, CASE WHEN b THEN dt ELSE ts END AS v FROM t
-- case: CASE WHEN b THEN f ELSE de END
SELECT id, CASE WHEN b THEN f ELSE de END AS v FROM t
-- case: CASE WHEN b THEN lz ELSE ts END
SELECT id, CASE WHEN b THEN lz ELSE ts END AS v FROM t
-- case: i IN (7, 7.0)
SELECT id, i IN (7, 7.0) AS v FROM t
-- case: de IN (12.345, 1)
SELECT id, de IN (12.345, 1) AS v FROM t
-- case: d IN (1, 2.25)
SELECT id, d IN (1, 2.25) AS v FROM t
-- case: dt IN (DATE '2026-02-28')
SELECT id, dt IN (DATE '2026-02-28') AS v FROM t
-- case: dt = '2026-02-28'
SELECT id, dt = '2026-02-28' AS v FROM t
-- case: ts > '2026-01-01'
SELECT id, ts > '2026-01-01' AS v FROM t
-- case: ts > DATE '2026-01-01'
SELECT id, ts > DATE '2026-01-01' AS v FROM t
-- case: tm > '12:00:00'
SELECT id, tm > '12:00:00' AS v FROM t
-- case: lz > '2026-01-01 00:00:00'
SELECT id, lz > '2026-01-01 00:00:00' AS v FROM t
-- case: lz > ts
SELECT id, lz > ts AS v FROM t
-- case: i = 7.0
SELECT id, i = 7.0 AS v FROM t
-- case: f = 1.5
SELECT id, f = 1.5 AS v FROM t
-- case: f = d
SELECT id, f = d AS v FROM t
-- case: f = -0.1
SELECT id, f = -0.1 AS v FROM t
-- case: d = 2.25
SELECT id, d = 2.25 AS v FROM t
-- case: de = 12.345e0
SELECT id, de = 12.345e0 AS v FROM t
-- case: arr < ARRAY[1]
SELECT id, arr < ARRAY[1] AS v FROM t
-- case: TYPEOF(COALESCE(f, d))
SELECT id, TYPEOF(COALESCE(f, d)) AS v FROM t
-- case: TYPEOF(COALESCE(f, de))
SELECT id, TYPEOF(COALESCE(f, de)) AS v FROM t
-- case: TYPEOF(COALESCE(de, f))
SELECT id, TYPEOF(COALESCE(de, f)) AS v FROM t
-- case: TYPEOF(COALESCE(ts, lz))
SELECT id, TYPEOF(COALESCE(ts, lz)) AS v FROM t
-- case: TYPEOF(COALESCE(lz, ts))
SELECT id, TYPEOF(COALESCE(lz, ts)) AS v FROM t
-- case: SUBSTRING(s, 2, -1)
SELECT id, SUBSTRING(s, 2, -1) AS v FROM t
-- case: ARRAY_SLICE(ARRAY[1,2,3,4], 2)
SELECT ARRAY_SLICE(ARRAY[1,2,3,4], 2) AS v
-- case: ARRAY_SLICE(ARRAY[1,2,3,4], -2)
SELECT ARRAY_SLICE(ARRAY[1,2,3,4], -2) AS v
-- case: ARRAY_SLICE(ARRAY[1,2,3,4], 2, -1)
SELECT ARRAY_SLICE(ARRAY[1,2,3,4], 2, -1) AS v
-- case: ARRAY_SLICE(ARRAY[1,2,3,4], -3, -2)
SELECT ARRAY_SLICE(ARRAY[1,2,3,4], -3, -2) AS v
-- case: ARRAY_SLICE(ARRAY[1,2,3,4], 3, 2)
SELECT ARRAY_SLICE(ARRAY[1,2,3,4], 3, 2) AS v
-- case: ARRAY_SLICE(ARRAY[1,2,3,4], 0, 2)
SELECT ARRAY_SLICE(ARRAY[1,2,3,4], 0, 2) AS v
-- case: ARRAY_SLICE(ARRAY[1,2,3,4], 0, 0)
SELECT ARRAY_SLICE(ARRAY[1,2,3,4], 0, 0) AS v
-- case: ARRAY_SLICE(ARRAY[1,2,3,4], 2, 0)
SELECT ARRAY_SLICE(ARRAY[1,2,3,4], 2, 0) AS v
-- case: ARRAY_SLICE(ARRAY[1,2,3,4], 10)
SELECT ARRAY_SLICE(ARRAY[1,2,3,4], 10) AS v
-- case: ARRAY_SLICE(ARRAY[1,2,3,4], -10, 2)
SELECT ARRAY_SLICE(ARRAY[1,2,3,4], -10, 2) AS v
-- case: SPLIT_INDEX('a,b,c', ',', 1)
SELECT SPLIT_INDEX('a,b,c', ',', 1) AS v
-- case: SPLIT_INDEX('a,b,c', ',', 3)
SELECT SPLIT_INDEX('a,b,c', ',', 3) AS v
-- case: SPLIT_INDEX('a,b,c', ',', -1)
SELECT SPLIT_INDEX('a,b,c', ',', -1) AS v
-- case: SPLIT_INDEX('a,,c', ',', 1)
SELECT SPLIT_INDEX('a,,c', ',', 1) AS v
-- case: SPLIT_INDEX('', ',', 0)
SELECT SPLIT_INDEX('', ',', 0) AS v
-- case: SPLIT_INDEX('abc', '', 0)
SELECT SPLIT_INDEX('abc', '', 0) AS v
-- case: SPLIT_INDEX('a||b', '||', 1)
SELECT SPLIT_INDEX('a||b', '||', 1) AS v
-- case: SPLIT_INDEX('a;b', 59, 1)
SELECT SPLIT_INDEX('a;b', 59, 1) AS v
-- case: SPLIT_INDEX('a,b', ',', CAST(NULL AS INT))
SELECT SPLIT_INDEX('a,b', ',', CAST(NULL AS INT)) AS v
-- case: TRIM(BOTH 'ab' FROM 'abcba')
SELECT TRIM(BOTH 'ab' FROM 'abcba') AS v
-- case: TRIM('' FROM 'abc')
SELECT TRIM('' FROM 'abc') AS v
-- case: TRIM('  a  ')
SELECT TRIM('  a  ') AS v
-- case: TRIM(LEADING FROM '  a  ')
SELECT TRIM(LEADING FROM '  a  ') AS v
-- case: TRIM(BOTH ' ' FROM '	a ')
SELECT TRIM(BOTH ' ' FROM '	a ') AS v
-- case: LTRIM('xxabc', 'x')
SELECT LTRIM('xxabc', 'x') AS v
-- case: LTRIM('xyxabc', 'xy')
SELECT LTRIM('xyxabc', 'xy') AS v
-- case: BTRIM('  abc  ')
SELECT BTRIM('  abc  ') AS v
-- case: BTRIM('xxabcxx', 'x')
SELECT BTRIM('xxabcxx', 'x') AS v
-- case: LTRIM('abc', '')
SELECT LTRIM('abc', '') AS v
-- case: OVERLAY('abcdef' PLACING 'XX' FROM 0 FOR 2)
SELECT OVERLAY('abcdef' PLACING 'XX' FROM 0 FOR 2) AS v
-- case: OVERLAY('abcdef' PLACING 'XX' FROM -1)
SELECT OVERLAY('abcdef' PLACING 'XX' FROM -1) AS v
-- case: OVERLAY('abcdef' PLACING '' FROM 2 FOR 3)
SELECT OVERLAY('abcdef' PLACING '' FROM 2 FOR 3) AS v
-- case: OVERLAY('abcdef' PLACING 'XXXX' FROM 6)
SELECT OVERLAY('abcdef' PLACING 'XXXX' FROM 6) AS v
-- case: OVERLAY('abcdef' PLACING 'XXXX' FROM 8)
SELECT OVERLAY('abcdef' PLACING 'XXXX' FROM 8) AS v
-- case: SUBSTRING('😀bc', 2)
SELECT SUBSTRING('😀bc', 2) AS v
-- case: SUBSTRING('abc' FROM 0)
SELECT SUBSTRING('abc' FROM 0) AS v
-- case: SUBSTRING('abc' FROM -2 FOR 1)
SELECT SUBSTRING('abc' FROM -2 FOR 1) AS v
-- case: SUBSTRING('abc', 2, 0)
SELECT SUBSTRING('abc', 2, 0) AS v
-- case: SUBSTRING('abc', 2, -1)
SELECT SUBSTRING('abc', 2, -1) AS v
-- case: SUBSTRING('abc', 10)
SELECT SUBSTRING('abc', 10) AS v
-- case: SUBSTRING('abc', -10)
SELECT SUBSTRING('abc', -10) AS v
-- case: SUBSTRING('abc', 0, 1)
SELECT SUBSTRING('abc', 0, 1) AS v
-- case: SUBSTRING('abcdef' SIMILAR 'a#"bc#"d%' ESCAPE '#')
SELECT SUBSTRING('abcdef' SIMILAR 'a#"bc#"d%' ESCAPE '#') AS v
-- case: LPAD('hi', 1, '??')
SELECT LPAD('hi', 1, '??') AS v
-- case: LPAD('hi', 5, '??!')
SELECT LPAD('hi', 5, '??!') AS v
-- case: RPAD('😀', 3, 'é')
SELECT RPAD('😀', 3, 'é') AS v
-- case: LOCATE('b', '😀b')
SELECT LOCATE('b', '😀b') AS v
-- case: LOCATE('', 'abc', 2)
SELECT LOCATE('', 'abc', 2) AS v
-- case: LOCATE('b', 'abcb', 3)
SELECT LOCATE('b', 'abcb', 3) AS v
-- case: LOCATE('b', 'abcb', 0)
SELECT LOCATE('b', 'abcb', 0) AS v
-- case: IS_DIGIT('12')
SELECT IS_DIGIT('12') AS v
-- case: IS_DIGIT('-1')
SELECT IS_DIGIT('-1') AS v
-- case: IS_DIGIT('')
SELECT IS_DIGIT('') AS v
-- case: IS_DIGIT('１')
SELECT IS_DIGIT('１') AS v
-- case: IS_DECIMAL('1.5')
SELECT IS_DECIMAL('1.5') AS v
-- case: IS_DECIMAL('1e5')
SELECT IS_DECIMAL('1e5') AS v
-- case: IS_DECIMAL('.5')
SELECT IS_DECIMAL('.5') AS v
-- case: IS_DECIMAL(' 1')
SELECT IS_DECIMAL(' 1') AS v
-- case: IS_DECIMAL('abc')
SELECT IS_DECIMAL('abc') AS v
-- case: ROUND(2.5)
SELECT ROUND(2.5) AS v
-- case: ROUND(-2.5)
SELECT ROUND(-2.5) AS v
-- case: ROUND(2.5e0)
SELECT ROUND(2.5e0) AS v
-- case: ROUND(-2.5e0)
SELECT ROUND(-2.5e0) AS v
-- case: ROUND(1.005e0, 2)
SELECT ROUND(1.005e0, 2) AS v
-- case: ROUND(1.005, 2)
SELECT ROUND(1.005, 2) AS v
-- case: ROUND(125, -1)
SELECT ROUND(125, -1) AS v
-- case: ROUND(-125, -1)
SELECT ROUND(-125, -1) AS v
-- case: ROUND(1e20, 2)
SELECT ROUND(1e20, 2) AS v
-- case: ROUND(123.456, -1)
SELECT ROUND(123.456, -1) AS v
-- case: ROUND(123.456, 10)
SELECT ROUND(123.456, 10) AS v
-- case: ROUND(CAST(9.99 AS DECIMAL(3,2)), 1)
SELECT ROUND(CAST(9.99 AS DECIMAL(3,2)), 1) AS v
-- case: TRUNCATE(-1.999, 2)
SELECT TRUNCATE(-1.999, 2) AS v
-- case: TRUNCATE(42.345)
SELECT TRUNCATE(42.345) AS v
-- case: TRUNCATE(42.345e0, 2)
SELECT TRUNCATE(42.345e0, 2) AS v
-- case: TRUNCATE(125, -1)
SELECT TRUNCATE(125, -1) AS v
-- case: TRUNCATE(CAST(1.5 AS FLOAT), 0)
SELECT TRUNCATE(CAST(1.5 AS FLOAT), 0) AS v
-- case: CONVERT_TZ('2020-03-29 02:30:00', 'Europe/Berlin', 'UTC')
SELECT CONVERT_TZ('2020-03-29 02:30:00', 'Europe/Berlin', 'UTC') AS v
-- case: CONVERT_TZ('2020-03-29 01:30:00', 'UTC', 'Europe/Berlin')
SELECT CONVERT_TZ('2020-03-29 01:30:00', 'UTC', 'Europe/Berlin') AS v
-- case: CONVERT_TZ('2020-10-25 02:30:00', 'Europe/Berlin', 'UTC')
SELECT CONVERT_TZ('2020-10-25 02:30:00', 'Europe/Berlin', 'UTC') AS v
-- case: CONVERT_TZ('2020-01-01 00:00:00', 'UTC', 'America/Los_Angeles')
SELECT CONVERT_TZ('2020-01-01 00:00:00', 'UTC', 'America/Los_Angeles') AS v
-- case: CONVERT_TZ('2020-01-01 00:00:00', 'UTC', 'GMT+08:00')
SELECT CONVERT_TZ('2020-01-01 00:00:00', 'UTC', 'GMT+08:00') AS v
-- case: CONVERT_TZ('2020-01-01 00:00:00', 'UTC', 'Nowhere/Land')
SELECT CONVERT_TZ('2020-01-01 00:00:00', 'UTC', 'Nowhere/Land') AS v
-- case: CONVERT_TZ('2020-01-01', 'UTC', 'Asia/Tokyo')
SELECT CONVERT_TZ('2020-01-01', 'UTC', 'Asia/Tokyo') AS v
-- case: CONVERT_TZ('2020-01-01 00:00:00.5', 'UTC', 'Asia/Tokyo')
SELECT CONVERT_TZ('2020-01-01 00:00:00.5', 'UTC', 'Asia/Tokyo') AS v
-- case: CONVERT_TZ('x', 'UTC', 'Asia/Tokyo')
SELECT CONVERT_TZ('x', 'UTC', 'Asia/Tokyo') AS v
-- case: CONVERT_TZ('2020-01-01 00:00:00', 'PST', 'EST')
SELECT CONVERT_TZ('2020-01-01 00:00:00', 'PST', 'EST') AS v
-- case: TO_TIMESTAMP_LTZ(1700000000123, 3)
SELECT TO_TIMESTAMP_LTZ(1700000000123, 3) AS v
-- case: TO_TIMESTAMP_LTZ(-1, 3)
SELECT TO_TIMESTAMP_LTZ(-1, 3) AS v
-- case: TO_TIMESTAMP_LTZ(-1, 0)
SELECT TO_TIMESTAMP_LTZ(-1, 0) AS v
-- case: TO_TIMESTAMP_LTZ(1.5, 0)
SELECT TO_TIMESTAMP_LTZ(1.5, 0) AS v
-- case: TO_TIMESTAMP_LTZ(1.5e0, 0)
SELECT TO_TIMESTAMP_LTZ(1.5e0, 0) AS v
-- case: TO_TIMESTAMP_LTZ(1700000000, 1)
SELECT TO_TIMESTAMP_LTZ(1700000000, 1) AS v
-- case: TO_TIMESTAMP_LTZ(1700000000)
SELECT TO_TIMESTAMP_LTZ(1700000000) AS v
-- case: TO_TIMESTAMP_LTZ('2020-01-02 03:04:05')
SELECT TO_TIMESTAMP_LTZ('2020-01-02 03:04:05') AS v
-- case: TO_TIMESTAMP_LTZ('2020-01-02 03:04:05', 'yyyy-MM-dd HH:mm:ss')
SELECT TO_TIMESTAMP_LTZ('2020-01-02 03:04:05', 'yyyy-MM-dd HH:mm:ss') AS v
-- case: TO_TIMESTAMP_LTZ('2020-01-02 03:04:05', 'yyyy-MM-dd HH:mm:ss', 'America/New_York')
SELECT TO_TIMESTAMP_LTZ('2020-01-02 03:04:05', 'yyyy-MM-dd HH:mm:ss', 'America/New_York') AS v
-- case: TO_TIMESTAMP_LTZ('2020-01-02T03:04:05Z')
SELECT TO_TIMESTAMP_LTZ('2020-01-02T03:04:05Z') AS v
-- case: TO_TIMESTAMP_LTZ(253402300800000, 3)
SELECT TO_TIMESTAMP_LTZ(253402300800000, 3) AS v
