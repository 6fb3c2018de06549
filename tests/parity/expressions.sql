CREATE TABLE t (
  id INT, b BOOLEAN, ti TINYINT, si SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, de DECIMAL(10, 3), s STRING,
  dt DATE, tm TIME(3), ts TIMESTAMP(3), lz TIMESTAMP_LTZ(3), arr ARRAY<INT>, m MAP<STRING, INT>, r ROW<a INT, b STRING>, byt BYTES
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/types.json', 'format' = 'json');
SET 'table.local-time-zone' = 'UTC';
-- case: s
SELECT id, s AS v FROM t
-- case: i
SELECT id, i AS v FROM t
-- case: d
SELECT id, d AS v FROM t
-- case: de
SELECT id, de AS v FROM t
-- case: b
SELECT id, b AS v FROM t
-- case: ts
SELECT id, ts AS v FROM t
-- case: lz
SELECT id, lz AS v FROM t
-- case: dt
SELECT id, dt AS v FROM t
-- case: tm
SELECT id, tm AS v FROM t
-- case: f
SELECT id, f AS v FROM t
-- case: l
SELECT id, l AS v FROM t
-- case: byt
SELECT id, byt AS v FROM t
-- case: arr
SELECT id, arr AS v FROM t
-- case: m
SELECT id, m AS v FROM t
-- case: r
SELECT id, r AS v FROM t
-- case: i + 1
SELECT id, i + 1 AS v FROM t
-- case: i - l
SELECT id, i - l AS v FROM t
-- case: ti + ti
SELECT id, ti + ti AS v FROM t
-- case: si * si
SELECT id, si * si AS v FROM t
-- case: i * 2
SELECT id, i * 2 AS v FROM t
-- case: l + 1
SELECT id, l + 1 AS v FROM t
-- case: -i
SELECT id, -i AS v FROM t
-- case: -ti
SELECT id, -ti AS v FROM t
-- case: d / 3
SELECT id, d / 3 AS v FROM t
-- case: f + i
SELECT id, f + i AS v FROM t
-- case: f * 2
SELECT id, f * 2 AS v FROM t
-- case: f + d
SELECT id, f + d AS v FROM t
-- case: de + 1
SELECT id, de + 1 AS v FROM t
-- case: de * de
SELECT id, de * de AS v FROM t
-- case: de / 3
SELECT id, de / 3 AS v FROM t
-- case: de - de
SELECT id, de - de AS v FROM t
-- case: i / 2
SELECT id, i / 2 AS v FROM t
-- case: i % 3
SELECT id, i % 3 AS v FROM t
-- case: l % 7
SELECT id, l % 7 AS v FROM t
-- case: MOD(i, 5)
SELECT id, MOD(i, 5) AS v FROM t
-- case: de / de + 1
SELECT id, de / de + 1 AS v FROM t
-- case: i = 7
SELECT id, i = 7 AS v FROM t
-- case: i <> 7
SELECT id, i <> 7 AS v FROM t
-- case: i > 0
SELECT id, i > 0 AS v FROM t
-- case: i >= l
SELECT id, i >= l AS v FROM t
-- case: d < f
SELECT id, d < f AS v FROM t
-- case: s = 'Hello World'
SELECT id, s = 'Hello World' AS v FROM t
-- case: s <> ''
SELECT id, s <> '' AS v FROM t
-- case: s > 'A'
SELECT id, s > 'A' AS v FROM t
-- case: b = TRUE
SELECT id, b = TRUE AS v FROM t
-- case: b IS TRUE
SELECT id, b IS TRUE AS v FROM t
-- case: b IS NOT FALSE
SELECT id, b IS NOT FALSE AS v FROM t
-- case: b IS UNKNOWN
SELECT id, b IS UNKNOWN AS v FROM t
-- case: b AND i > 0
SELECT id, b AND i > 0 AS v FROM t
-- case: b OR i > 0
SELECT id, b OR i > 0 AS v FROM t
-- case: NOT b
SELECT id, NOT b AS v FROM t
-- case: i IS NULL
SELECT id, i IS NULL AS v FROM t
-- case: s IS NOT NULL
SELECT id, s IS NOT NULL AS v FROM t
-- case: i IS DISTINCT FROM l
SELECT id, i IS DISTINCT FROM l AS v FROM t
-- case: i IS NOT DISTINCT FROM NULL
SELECT id, i IS NOT DISTINCT FROM NULL AS v FROM t
-- case: i BETWEEN 0 AND 10
SELECT id, i BETWEEN 0 AND 10 AS v FROM t
-- case: i NOT BETWEEN 0 AND 10
SELECT id, i NOT BETWEEN 0 AND 10 AS v FROM t
-- case: i IN (1, 7, 0)
SELECT id, i IN (1, 7, 0) AS v FROM t
-- case: i NOT IN (1, 7)
SELECT id, i NOT IN (1, 7) AS v FROM t
-- case: s IN ('', 'x')
SELECT id, s IN ('', 'x') AS v FROM t
-- case: i BETWEEN SYMMETRIC 10 AND 0
SELECT id, i BETWEEN SYMMETRIC 10 AND 0 AS v FROM t
-- case: s LIKE 'Hello%'
SELECT id, s LIKE 'Hello%' AS v FROM t
-- case: s LIKE '%\_%' ESCAPE '\'
SELECT id, s LIKE '%\_%' ESCAPE '\' AS v FROM t
-- case: s NOT LIKE '%o%'
SELECT id, s NOT LIKE '%o%' AS v FROM t
-- case: s LIKE '_ello%'
SELECT id, s LIKE '_ello%' AS v FROM t
-- case: s SIMILAR TO 'H.*'
SELECT id, s SIMILAR TO 'H.*' AS v FROM t
-- case: s || '!'
SELECT id, s || '!' AS v FROM t
-- case: s || NULL
SELECT id, s || NULL AS v FROM t
-- case: UPPER(s)
SELECT id, UPPER(s) AS v FROM t
-- case: LOWER(s)
SELECT id, LOWER(s) AS v FROM t
-- case: CHAR_LENGTH(s)
SELECT id, CHAR_LENGTH(s) AS v FROM t
-- case: TRIM(s)
SELECT id, TRIM(s) AS v FROM t
-- case: TRIM(LEADING ' ' FROM s)
SELECT id, TRIM(LEADING ' ' FROM s) AS v FROM t
-- case: TRIM(TRAILING 'd' FROM s)
SELECT id, TRIM(TRAILING 'd' FROM s) AS v FROM t
-- case: LTRIM(s)
SELECT id, LTRIM(s) AS v FROM t
-- case: RTRIM(s)
SELECT id, RTRIM(s) AS v FROM t
-- case: SUBSTRING(s, 2)
SELECT id, SUBSTRING(s, 2) AS v FROM t
-- case: SUBSTRING(s FROM 2 FOR 3)
SELECT id, SUBSTRING(s FROM 2 FOR 3) AS v FROM t
-- case: SUBSTRING(s, -3)
SELECT id, SUBSTRING(s, -3) AS v FROM t
-- case: SUBSTRING(s, 0, 2)
SELECT id, SUBSTRING(s, 0, 2) AS v FROM t
-- case: SUBSTR(s, 3, 2)
SELECT id, SUBSTR(s, 3, 2) AS v FROM t
-- case: REPLACE(s, 'o', '0')
SELECT id, REPLACE(s, 'o', '0') AS v FROM t
-- case: POSITION('o' IN s)
SELECT id, POSITION('o' IN s) AS v FROM t
-- case: LOCATE('o', s)
SELECT id, LOCATE('o', s) AS v FROM t
-- case: LOCATE('o', s, 6)
SELECT id, LOCATE('o', s, 6) AS v FROM t
-- case: INSTR(s, 'l')
SELECT id, INSTR(s, 'l') AS v FROM t
-- case: LEFT(s, 3)
SELECT id, LEFT(s, 3) AS v FROM t
-- case: RIGHT(s, 3)
SELECT id, RIGHT(s, 3) AS v FROM t
-- case: LPAD(s, 5, '*')
SELECT id, LPAD(s, 5, '*') AS v FROM t
-- case: RPAD(s, 13, '-')
SELECT id, RPAD(s, 13, '-') AS v FROM t
-- case: REPEAT(s, 2)
SELECT id, REPEAT(s, 2) AS v FROM t
-- case: REVERSE(s)
SELECT id, REVERSE(s) AS v FROM t
-- case: INITCAP(s)
SELECT id, INITCAP(s) AS v FROM t
-- case: CONCAT(s, '-', s)
SELECT id, CONCAT(s, '-', s) AS v FROM t
-- case: CONCAT_WS('-', s, 'x', CAST(i AS STRING))
SELECT id, CONCAT_WS('-', s, 'x', CAST(i AS STRING)) AS v FROM t
-- case: OVERLAY(s PLACING 'XX' FROM 2 FOR 3)
SELECT id, OVERLAY(s PLACING 'XX' FROM 2 FOR 3) AS v FROM t
-- case: SPLIT_INDEX(s, ' ', 1)
SELECT id, SPLIT_INDEX(s, ' ', 1) AS v FROM t
-- case: ASCII(s)
SELECT id, ASCII(s) AS v FROM t
-- case: CHR(65 + ti)
SELECT id, CHR(65 + ti) AS v FROM t
-- case: MD5(s)
SELECT id, MD5(s) AS v FROM t
-- case: SHA256(s)
SELECT id, SHA256(s) AS v FROM t
-- case: TO_BASE64(s)
SELECT id, TO_BASE64(s) AS v FROM t
-- case: FROM_BASE64(TO_BASE64(s))
SELECT id, FROM_BASE64(TO_BASE64(s)) AS v FROM t
-- case: REGEXP_REPLACE(s, '[aeiou]', '*')
SELECT id, REGEXP_REPLACE(s, '[aeiou]', '*') AS v FROM t
-- case: REGEXP_EXTRACT(s, '(\w+) (\w+)', 2)
SELECT id, REGEXP_EXTRACT(s, '(\w+) (\w+)', 2) AS v FROM t
-- case: REGEXP(s, 'W.r')
SELECT id, REGEXP(s, 'W.r') AS v FROM t
-- case: STARTSWITH(s, 'He')
SELECT id, STARTSWITH(s, 'He') AS v FROM t
-- case: ENDSWITH(s, 'd')
SELECT id, ENDSWITH(s, 'd') AS v FROM t
-- case: TRANSLATE(s, 'lo', '01')
SELECT id, TRANSLATE(s, 'lo', '01') AS v FROM t
-- case: ENCODE(s, 'UTF-8')
SELECT id, ENCODE(s, 'UTF-8') AS v FROM t
-- case: URL_ENCODE(s)
SELECT id, URL_ENCODE(s) AS v FROM t
-- case: HEX(s)
SELECT id, HEX(s) AS v FROM t
-- case: HEX(i)
SELECT id, HEX(i) AS v FROM t
-- case: BIN(i)
SELECT id, BIN(i) AS v FROM t
-- case: ABS(i)
SELECT id, ABS(i) AS v FROM t
-- case: ABS(d)
SELECT id, ABS(d) AS v FROM t
-- case: ABS(de)
SELECT id, ABS(de) AS v FROM t
-- case: SIGN(i)
SELECT id, SIGN(i) AS v FROM t
-- case: SIGN(de)
SELECT id, SIGN(de) AS v FROM t
-- case: CEIL(d)
SELECT id, CEIL(d) AS v FROM t
-- case: FLOOR(d)
SELECT id, FLOOR(d) AS v FROM t
-- case: CEIL(de)
SELECT id, CEIL(de) AS v FROM t
-- case: FLOOR(de)
SELECT id, FLOOR(de) AS v FROM t
-- case: ROUND(d, 1)
SELECT id, ROUND(d, 1) AS v FROM t
-- case: ROUND(de, 1)
SELECT id, ROUND(de, 1) AS v FROM t
-- case: ROUND(de)
SELECT id, ROUND(de) AS v FROM t
-- case: ROUND(i, -1)
SELECT id, ROUND(i, -1) AS v FROM t
-- case: TRUNCATE(de, 1)
SELECT id, TRUNCATE(de, 1) AS v FROM t
-- case: TRUNCATE(d, 2)
SELECT id, TRUNCATE(d, 2) AS v FROM t
-- case: SQRT(ABS(d))
SELECT id, SQRT(ABS(d)) AS v FROM t
-- case: POWER(d, 2)
SELECT id, POWER(d, 2) AS v FROM t
-- case: EXP(d / 1.0E11)
SELECT id, EXP(d / 1.0E11) AS v FROM t
-- case: LN(ABS(d) + 1)
SELECT id, LN(ABS(d) + 1) AS v FROM t
-- case: LOG10(ABS(d) + 1)
SELECT id, LOG10(ABS(d) + 1) AS v FROM t
-- case: LOG2(ABS(d) + 1)
SELECT id, LOG2(ABS(d) + 1) AS v FROM t
-- case: LOG(2, ABS(d) + 1)
SELECT id, LOG(2, ABS(d) + 1) AS v FROM t
-- case: SIN(d)
SELECT id, SIN(d) AS v FROM t
-- case: COS(d)
SELECT id, COS(d) AS v FROM t
-- case: TAN(f)
SELECT id, TAN(f) AS v FROM t
-- case: ATAN2(d, 2)
SELECT id, ATAN2(d, 2) AS v FROM t
-- case: DEGREES(d)
SELECT id, DEGREES(d) AS v FROM t
-- case: RADIANS(d)
SELECT id, RADIANS(d) AS v FROM t
-- case: PI()
SELECT id, PI() AS v FROM t
-- case: E()
SELECT id, E() AS v FROM t
-- case: GREATEST(i, ti, 3)
SELECT id, GREATEST(i, ti, 3) AS v FROM t
-- case: LEAST(i, ti, 3)
SELECT id, LEAST(i, ti, 3) AS v FROM t
-- case: CASE WHEN i > 0 THEN 'pos' WHEN i < 0 THEN 'neg' ELSE 'zero' END
SELECT id, CASE WHEN i > 0 THEN 'pos' WHEN i < 0 THEN 'neg' ELSE 'zero' END AS v FROM t
-- case: CASE i WHEN 7 THEN 1 WHEN 0 THEN 2 END
SELECT id, CASE i WHEN 7 THEN 1 WHEN 0 THEN 2 END AS v FROM t
-- case: COALESCE(i, ti, -1)
SELECT id, COALESCE(i, ti, -1) AS v FROM t
-- case: COALESCE(s, 'none')
SELECT id, COALESCE(s, 'none') AS v FROM t
-- case: NULLIF(i, 7)
SELECT id, NULLIF(i, 7) AS v FROM t
-- case: NULLIF(s, '')
SELECT id, NULLIF(s, '') AS v FROM t
-- case: IF(i > 0, 'a', 'b')
SELECT id, IF(i > 0, 'a', 'b') AS v FROM t
-- case: IFNULL(s, 'null!')
SELECT id, IFNULL(s, 'null!') AS v FROM t
-- case: IFNULL(i, 0)
SELECT id, IFNULL(i, 0) AS v FROM t
-- case: IS_ALPHA(s)
SELECT id, IS_ALPHA(s) AS v FROM t
-- case: IS_DECIMAL(s)
SELECT id, IS_DECIMAL(s) AS v FROM t
-- case: IS_DIGIT(s)
SELECT id, IS_DIGIT(s) AS v FROM t
-- case: CAST(i AS STRING)
SELECT id, CAST(i AS STRING) AS v FROM t
-- case: CAST(d AS STRING)
SELECT id, CAST(d AS STRING) AS v FROM t
-- case: CAST(f AS STRING)
SELECT id, CAST(f AS STRING) AS v FROM t
-- case: CAST(de AS STRING)
SELECT id, CAST(de AS STRING) AS v FROM t
-- case: CAST(b AS STRING)
SELECT id, CAST(b AS STRING) AS v FROM t
-- case: CAST(ts AS STRING)
SELECT id, CAST(ts AS STRING) AS v FROM t
-- case: CAST(lz AS STRING)
SELECT id, CAST(lz AS STRING) AS v FROM t
-- case: CAST(dt AS STRING)
SELECT id, CAST(dt AS STRING) AS v FROM t
-- case: CAST(tm AS STRING)
SELECT id, CAST(tm AS STRING) AS v FROM t
-- case: CAST(arr AS STRING)
SELECT id, CAST(arr AS STRING) AS v FROM t
-- case: CAST(m AS STRING)
SELECT id, CAST(m AS STRING) AS v FROM t
-- case: CAST(r AS STRING)
SELECT id, CAST(r AS STRING) AS v FROM t
-- case: CAST(byt AS STRING)
SELECT id, CAST(byt AS STRING) AS v FROM t
-- case: CAST(i AS TINYINT)
SELECT id, CAST(i AS TINYINT) AS v FROM t
-- case: CAST(l AS INT)
SELECT id, CAST(l AS INT) AS v FROM t
-- case: CAST(d AS INT)
SELECT id, CAST(d AS INT) AS v FROM t
-- case: CAST(d AS BIGINT)
SELECT id, CAST(d AS BIGINT) AS v FROM t
-- case: CAST(de AS INT)
SELECT id, CAST(de AS INT) AS v FROM t
-- case: CAST(de AS DECIMAL(5, 1))
SELECT id, CAST(de AS DECIMAL(5, 1)) AS v FROM t
-- case: CAST(i AS DECIMAL(5, 2))
SELECT id, CAST(i AS DECIMAL(5, 2)) AS v FROM t
-- case: CAST(i AS DOUBLE)
SELECT id, CAST(i AS DOUBLE) AS v FROM t
-- case: CAST(l AS FLOAT)
SELECT id, CAST(l AS FLOAT) AS v FROM t
-- case: CAST(i AS BOOLEAN)
SELECT id, CAST(i AS BOOLEAN) AS v FROM t
-- case: CAST(b AS INT)
SELECT id, CAST(b AS INT) AS v FROM t
-- case: CAST(d AS DECIMAL(10, 2))
SELECT id, CAST(d AS DECIMAL(10, 2)) AS v FROM t
-- case: CAST(f AS DOUBLE)
SELECT id, CAST(f AS DOUBLE) AS v FROM t
-- case: CAST(d AS FLOAT)
SELECT id, CAST(d AS FLOAT) AS v FROM t
-- case: CAST(ts AS DATE)
SELECT id, CAST(ts AS DATE) AS v FROM t
-- case: CAST(ts AS TIME)
SELECT id, CAST(ts AS TIME) AS v FROM t
-- case: CAST(dt AS TIMESTAMP(3))
SELECT id, CAST(dt AS TIMESTAMP(3)) AS v FROM t
-- case: CAST(ts AS TIMESTAMP(0))
SELECT id, CAST(ts AS TIMESTAMP(0)) AS v FROM t
-- case: CAST(lz AS TIMESTAMP(3))
SELECT id, CAST(lz AS TIMESTAMP(3)) AS v FROM t
-- case: CAST(ts AS TIMESTAMP_LTZ(3))
SELECT id, CAST(ts AS TIMESTAMP_LTZ(3)) AS v FROM t
-- case: CAST(lz AS DATE)
SELECT id, CAST(lz AS DATE) AS v FROM t
-- case: CAST(s AS VARCHAR(3))
SELECT id, CAST(s AS VARCHAR(3)) AS v FROM t
-- case: CAST(s AS CHAR(15))
SELECT id, CAST(s AS CHAR(15)) AS v FROM t
-- case: CAST(s AS BYTES)
SELECT id, CAST(s AS BYTES) AS v FROM t
-- case: CAST(tm AS TIMESTAMP(3))
SELECT id, CAST(tm AS TIMESTAMP(3)) AS v FROM t
-- case: TRY_CAST(s AS INT)
SELECT id, TRY_CAST(s AS INT) AS v FROM t
-- case: TRY_CAST(s AS DOUBLE)
SELECT id, TRY_CAST(s AS DOUBLE) AS v FROM t
-- case: TRY_CAST(s AS BOOLEAN)
SELECT id, TRY_CAST(s AS BOOLEAN) AS v FROM t
-- case: TRY_CAST(s AS DATE)
SELECT id, TRY_CAST(s AS DATE) AS v FROM t
-- case: TRY_CAST('12.7' AS INT)
SELECT id, TRY_CAST('12.7' AS INT) AS v FROM t
-- case: TRY_CAST('2024-02-30' AS DATE)
SELECT id, TRY_CAST('2024-02-30' AS DATE) AS v FROM t
-- case: TRY_CAST(' 42 ' AS INT)
SELECT id, TRY_CAST(' 42 ' AS INT) AS v FROM t
-- case: TRY_CAST('2026-01-01 10:00:00.5' AS TIMESTAMP(3))
SELECT id, TRY_CAST('2026-01-01 10:00:00.5' AS TIMESTAMP(3)) AS v FROM t
-- case: TRY_CAST('1e3' AS DOUBLE)
SELECT id, TRY_CAST('1e3' AS DOUBLE) AS v FROM t
-- case: YEAR(dt)
SELECT id, YEAR(dt) AS v FROM t
-- case: MONTH(dt)
SELECT id, MONTH(dt) AS v FROM t
-- case: QUARTER(ts)
SELECT id, QUARTER(ts) AS v FROM t
-- case: WEEK(dt)
SELECT id, WEEK(dt) AS v FROM t
-- case: DAYOFYEAR(dt)
SELECT id, DAYOFYEAR(dt) AS v FROM t
-- case: DAYOFMONTH(ts)
SELECT id, DAYOFMONTH(ts) AS v FROM t
-- case: DAYOFWEEK(dt)
SELECT id, DAYOFWEEK(dt) AS v FROM t
-- case: HOUR(ts)
SELECT id, HOUR(ts) AS v FROM t
-- case: MINUTE(ts)
SELECT id, MINUTE(ts) AS v FROM t
-- case: SECOND(ts)
SELECT id, SECOND(ts) AS v FROM t
-- case: EXTRACT(DOW FROM ts)
SELECT id, EXTRACT(DOW FROM ts) AS v FROM t
-- case: EXTRACT(ISODOW FROM dt)
SELECT id, EXTRACT(ISODOW FROM dt) AS v FROM t
-- case: EXTRACT(EPOCH FROM ts)
SELECT id, EXTRACT(EPOCH FROM ts) AS v FROM t
-- case: EXTRACT(MILLISECOND FROM ts)
SELECT id, EXTRACT(MILLISECOND FROM ts) AS v FROM t
-- case: EXTRACT(DECADE FROM dt)
SELECT id, EXTRACT(DECADE FROM dt) AS v FROM t
-- case: EXTRACT(CENTURY FROM dt)
SELECT id, EXTRACT(CENTURY FROM dt) AS v FROM t
-- case: EXTRACT(HOUR FROM lz)
SELECT id, EXTRACT(HOUR FROM lz) AS v FROM t
-- case: EXTRACT(MINUTE FROM tm)
SELECT id, EXTRACT(MINUTE FROM tm) AS v FROM t
-- case: FLOOR(ts TO HOUR)
SELECT id, FLOOR(ts TO HOUR) AS v FROM t
-- case: FLOOR(ts TO DAY)
SELECT id, FLOOR(ts TO DAY) AS v FROM t
-- case: FLOOR(ts TO MONTH)
SELECT id, FLOOR(ts TO MONTH) AS v FROM t
-- case: FLOOR(ts TO WEEK)
SELECT id, FLOOR(ts TO WEEK) AS v FROM t
-- case: FLOOR(ts TO YEAR)
SELECT id, FLOOR(ts TO YEAR) AS v FROM t
-- case: FLOOR(ts TO MINUTE)
SELECT id, FLOOR(ts TO MINUTE) AS v FROM t
-- case: FLOOR(ts TO SECOND)
SELECT id, FLOOR(ts TO SECOND) AS v FROM t
-- case: FLOOR(dt TO MONTH)
SELECT id, FLOOR(dt TO MONTH) AS v FROM t
-- case: CEIL(ts TO HOUR)
SELECT id, CEIL(ts TO HOUR) AS v FROM t
-- case: CEIL(ts TO DAY)
SELECT id, CEIL(ts TO DAY) AS v FROM t
-- case: CEIL(dt TO YEAR)
SELECT id, CEIL(dt TO YEAR) AS v FROM t
-- case: FLOOR(lz TO HOUR)
SELECT id, FLOOR(lz TO HOUR) AS v FROM t
-- case: ts + INTERVAL '1' DAY
SELECT id, ts + INTERVAL '1' DAY AS v FROM t
-- case: ts - INTERVAL '90' MINUTE
SELECT id, ts - INTERVAL '90' MINUTE AS v FROM t
-- case: ts + INTERVAL '1' MONTH
SELECT id, ts + INTERVAL '1' MONTH AS v FROM t
-- case: dt + INTERVAL '1' DAY
SELECT id, dt + INTERVAL '1' DAY AS v FROM t
-- case: dt - INTERVAL '1' YEAR
SELECT id, dt - INTERVAL '1' YEAR AS v FROM t
-- case: tm + INTERVAL '1' HOUR
SELECT id, tm + INTERVAL '1' HOUR AS v FROM t
-- case: lz + INTERVAL '10' SECOND
SELECT id, lz + INTERVAL '10' SECOND AS v FROM t
-- case: ts + INTERVAL '1-2' YEAR TO MONTH
SELECT id, ts + INTERVAL '1-2' YEAR TO MONTH AS v FROM t
-- case: ts - INTERVAL '1 02:03:04.005' DAY TO SECOND
SELECT id, ts - INTERVAL '1 02:03:04.005' DAY TO SECOND AS v FROM t
-- case: ts > TIMESTAMP '2026-01-01 00:00:00'
SELECT id, ts > TIMESTAMP '2026-01-01 00:00:00' AS v FROM t
-- case: dt = DATE '2024-02-29'
SELECT id, dt = DATE '2024-02-29' AS v FROM t
-- case: dt < '2026-01-01'
SELECT id, dt < '2026-01-01' AS v FROM t
-- case: tm > TIME '12:00:00'
SELECT id, tm > TIME '12:00:00' AS v FROM t
-- case: ts BETWEEN TIMESTAMP '2026-01-01 00:00:00' AND TIMESTAMP '2026-12-31 00:00:00'
SELECT id, ts BETWEEN TIMESTAMP '2026-01-01 00:00:00' AND TIMESTAMP '2026-12-31 00:00:00' AS v FROM t
-- case: TIMESTAMPDIFF(DAY, ts, TIMESTAMP '2026-03-01 00:00:00')
SELECT id, TIMESTAMPDIFF(DAY, ts, TIMESTAMP '2026-03-01 00:00:00') AS v FROM t
-- case: TIMESTAMPDIFF(HOUR, ts, TIMESTAMP '2026-03-01 00:00:00')
SELECT id, TIMESTAMPDIFF(HOUR, ts, TIMESTAMP '2026-03-01 00:00:00') AS v FROM t
-- case: TIMESTAMPDIFF(MONTH, dt, DATE '2026-03-01')
SELECT id, TIMESTAMPDIFF(MONTH, dt, DATE '2026-03-01') AS v FROM t
-- case: TIMESTAMPDIFF(SECOND, dt, DATE '2026-03-01')
SELECT id, TIMESTAMPDIFF(SECOND, dt, DATE '2026-03-01') AS v FROM t
-- case: TIMESTAMPADD(DAY, 3, ts)
SELECT id, TIMESTAMPADD(DAY, 3, ts) AS v FROM t
-- case: TIMESTAMPADD(MONTH, 1, dt)
SELECT id, TIMESTAMPADD(MONTH, 1, dt) AS v FROM t
-- case: TIMESTAMPADD(HOUR, -5, ts)
SELECT id, TIMESTAMPADD(HOUR, -5, ts) AS v FROM t
-- case: DATE_FORMAT(ts, 'yyyy-MM-dd')
SELECT id, DATE_FORMAT(ts, 'yyyy-MM-dd') AS v FROM t
-- case: DATE_FORMAT(ts, 'HH:mm:ss.SSS')
SELECT id, DATE_FORMAT(ts, 'HH:mm:ss.SSS') AS v FROM t
-- case: DATE_FORMAT(ts, 'EEE, d MMM yyyy')
SELECT id, DATE_FORMAT(ts, 'EEE, d MMM yyyy') AS v FROM t
-- case: DATE_FORMAT(lz, 'yyyyMMdd HH')
SELECT id, DATE_FORMAT(lz, 'yyyyMMdd HH') AS v FROM t
-- case: TO_TIMESTAMP('2026-01-02 03:04:05')
SELECT id, TO_TIMESTAMP('2026-01-02 03:04:05') AS v FROM t
-- case: TO_TIMESTAMP('02/01/2026', 'dd/MM/yyyy')
SELECT id, TO_TIMESTAMP('02/01/2026', 'dd/MM/yyyy') AS v FROM t
-- case: TO_TIMESTAMP('nonsense')
SELECT id, TO_TIMESTAMP('nonsense') AS v FROM t
-- case: TO_DATE('2026-05-06')
SELECT id, TO_DATE('2026-05-06') AS v FROM t
-- case: TO_DATE('06.05.2026', 'dd.MM.yyyy')
SELECT id, TO_DATE('06.05.2026', 'dd.MM.yyyy') AS v FROM t
-- case: TO_TIMESTAMP_LTZ(l / 1000000000, 3)
SELECT id, TO_TIMESTAMP_LTZ(l / 1000000000, 3) AS v FROM t
-- case: TO_TIMESTAMP_LTZ(1700000000, 0)
SELECT id, TO_TIMESTAMP_LTZ(1700000000, 0) AS v FROM t
-- case: FROM_UNIXTIME(1700000000)
SELECT id, FROM_UNIXTIME(1700000000) AS v FROM t
-- case: FROM_UNIXTIME(i, 'yyyy')
SELECT id, FROM_UNIXTIME(i, 'yyyy') AS v FROM t
-- case: UNIX_TIMESTAMP('2026-01-01 00:00:00')
SELECT id, UNIX_TIMESTAMP('2026-01-01 00:00:00') AS v FROM t
-- case: UNIX_TIMESTAMP(CAST(ts AS STRING))
SELECT id, UNIX_TIMESTAMP(CAST(ts AS STRING)) AS v FROM t
-- case: CONVERT_TZ('2026-07-01 12:00:00', 'UTC', 'Europe/Berlin')
SELECT id, CONVERT_TZ('2026-07-01 12:00:00', 'UTC', 'Europe/Berlin') AS v FROM t
-- case: arr[1]
SELECT id, arr[1] AS v FROM t
-- case: arr[2]
SELECT id, arr[2] AS v FROM t
-- case: CARDINALITY(arr)
SELECT id, CARDINALITY(arr) AS v FROM t
-- case: CARDINALITY(m)
SELECT id, CARDINALITY(m) AS v FROM t
-- case: m['x']
SELECT id, m['x'] AS v FROM t
-- case: m['nope']
SELECT id, m['nope'] AS v FROM t
-- case: r.a
SELECT id, r.a AS v FROM t
-- case: r.b
SELECT id, r.b AS v FROM t
-- case: ARRAY[1, i, 3]
SELECT id, ARRAY[1, i, 3] AS v FROM t
-- case: MAP['a', i, 'b', 2]
SELECT id, MAP['a', i, 'b', 2] AS v FROM t
-- case: ROW(i, s)
SELECT id, ROW(i, s) AS v FROM t
-- case: ARRAY_CONTAINS(arr, 1)
SELECT id, ARRAY_CONTAINS(arr, 1) AS v FROM t
-- case: ARRAY_DISTINCT(arr)
SELECT id, ARRAY_DISTINCT(arr) AS v FROM t
-- case: ARRAY_POSITION(arr, 2)
SELECT id, ARRAY_POSITION(arr, 2) AS v FROM t
-- case: ARRAY_REVERSE(arr)
SELECT id, ARRAY_REVERSE(arr) AS v FROM t
-- case: ARRAY_CONCAT(arr, ARRAY[9])
SELECT id, ARRAY_CONCAT(arr, ARRAY[9]) AS v FROM t
-- case: ARRAY_APPEND(arr, 4)
SELECT id, ARRAY_APPEND(arr, 4) AS v FROM t
-- case: ARRAY_JOIN(ARRAY['a', s], '+')
SELECT id, ARRAY_JOIN(ARRAY['a', s], '+') AS v FROM t
-- case: ARRAY_SORT(arr)
SELECT id, ARRAY_SORT(arr) AS v FROM t
-- case: ARRAY_MAX(arr)
SELECT id, ARRAY_MAX(arr) AS v FROM t
-- case: ARRAY_MIN(arr)
SELECT id, ARRAY_MIN(arr) AS v FROM t
-- case: ARRAY_SLICE(arr, 2, 3)
SELECT id, ARRAY_SLICE(arr, 2, 3) AS v FROM t
-- case: SPLIT(s, ' ')
SELECT id, SPLIT(s, ' ') AS v FROM t
-- case: STR_TO_MAP('a=1,b=2')
SELECT id, STR_TO_MAP('a=1,b=2') AS v FROM t
-- case: ELEMENT(ARRAY[i])
SELECT id, ELEMENT(ARRAY[i]) AS v FROM t
-- case: MAP_KEYS(m)
SELECT id, MAP_KEYS(m) AS v FROM t
-- case: MAP_VALUES(m)
SELECT id, MAP_VALUES(m) AS v FROM t
-- case: JSON_VALUE('{"a": {"b": 1}}', '$.a.b')
SELECT id, JSON_VALUE('{"a": {"b": 1}}', '$.a.b') AS v FROM t
-- case: JSON_VALUE('{"a": true}', '$.a' RETURNING BOOLEAN)
SELECT id, JSON_VALUE('{"a": true}', '$.a' RETURNING BOOLEAN) AS v FROM t
-- case: JSON_VALUE('{"a": "x"}', '$.c' DEFAULT 'none' ON EMPTY)
SELECT id, JSON_VALUE('{"a": "x"}', '$.c' DEFAULT 'none' ON EMPTY) AS v FROM t
-- case: JSON_QUERY('{"a": [1, 2]}', '$.a')
SELECT id, JSON_QUERY('{"a": [1, 2]}', '$.a') AS v FROM t
-- case: JSON_EXISTS('{"a": 1}', '$.a')
SELECT id, JSON_EXISTS('{"a": 1}', '$.a') AS v FROM t
-- case: '{"a":1}' IS JSON
SELECT id, '{"a":1}' IS JSON AS v FROM t
-- case: s IS JSON
SELECT id, s IS JSON AS v FROM t
-- case: JSON_OBJECT('k' VALUE i, 's' VALUE s)
SELECT id, JSON_OBJECT('k' VALUE i, 's' VALUE s) AS v FROM t
-- case: JSON_ARRAY(i, s, b)
SELECT id, JSON_ARRAY(i, s, b) AS v FROM t
-- case: JSON_STRING(r)
SELECT id, JSON_STRING(r) AS v FROM t
-- case: JSON_QUOTE(s)
SELECT id, JSON_QUOTE(s) AS v FROM t
-- case: 1.5 + 2
SELECT id, 1.5 + 2 AS v FROM t
-- case: 10 / 4
SELECT id, 10 / 4 AS v FROM t
-- case: 10.0 / 4
SELECT id, 10.0 / 4 AS v FROM t
-- case: 7 % 3
SELECT id, 7 % 3 AS v FROM t
-- case: -7 / 2
SELECT id, -7 / 2 AS v FROM t
-- case: 1e0 / 3
SELECT id, 1e0 / 3 AS v FROM t
-- case: 'it''s'
SELECT id, 'it''s' AS v FROM t
-- case: X'AF'
SELECT id, X'AF' AS v FROM t
-- case: DATE '2026-01-01'
SELECT id, DATE '2026-01-01' AS v FROM t
-- case: TIME '10:11:12'
SELECT id, TIME '10:11:12' AS v FROM t
-- case: TIMESTAMP '2026-01-01 10:11:12.123456'
SELECT id, TIMESTAMP '2026-01-01 10:11:12.123456' AS v FROM t
-- case: INTERVAL '1' DAY
SELECT id, INTERVAL '1' DAY AS v FROM t
-- case: 12345678901
SELECT id, 12345678901 AS v FROM t
-- case: 0.1 + 0.2
SELECT id, 0.1 + 0.2 AS v FROM t
-- case: CAST(1 AS DOUBLE) / 3
SELECT id, CAST(1 AS DOUBLE) / 3 AS v FROM t
-- case: CAST('NaN' AS DOUBLE)
SELECT id, CAST('NaN' AS DOUBLE) AS v FROM t
-- case: 5 / 2.0
SELECT id, 5 / 2.0 AS v FROM t
-- case: 1 = 1.0
SELECT id, 1 = 1.0 AS v FROM t
-- case: TRUE AND NULL
SELECT id, TRUE AND NULL AS v FROM t
-- case: NULL IS NULL
SELECT id, NULL IS NULL AS v FROM t
-- case: PARSE_URL('http://a.b/c?x=1', 'QUERY', 'x')
SELECT id, PARSE_URL('http://a.b/c?x=1', 'QUERY', 'x') AS v FROM t
-- case: UUID() IS NULL
SELECT id, UUID() IS NULL AS v FROM t
-- case: TYPEOF(i + l)
SELECT id, TYPEOF(i + l) AS v FROM t
-- case: TYPEOF(de * de)
SELECT id, TYPEOF(de * de) AS v FROM t
-- case: TYPEOF('abc')
SELECT id, TYPEOF('abc') AS v FROM t
