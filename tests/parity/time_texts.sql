CREATE TABLE texts (x STRING, p STRING) WITH ('connector' = 'filesystem', 'path' = '${DATA}/time_texts.json', 'format' = 'json');
SET 'table.local-time-zone' = 'GMT-05:00';
-- case: text 1
SELECT x, DATE_FORMAT(x, 'yyyy-MM-dd HH:mm:ss.SSS') AS a, DATE_FORMAT(x, 'yyyy/M/d H:m:s') AS b FROM texts
-- case: text 2
SELECT x, DATE_FORMAT(x, 'z Z X') AS a FROM texts
-- case: text 3
SELECT x, DATE_FORMAT(x, 'EEE u w D a h K k F W') AS a FROM texts
-- case: text 4
SELECT x, DATE_FORMAT(x, p) AS a FROM texts
-- case: text 5
SELECT x, TO_DATE(x) AS a, TO_DATE(x, 'yyyy-MM-dd HH:mm:ss') AS b, UNIX_TIMESTAMP(x) AS c FROM texts
-- case: text 6
SELECT x, TO_TIMESTAMP(x) AS a, TRY_CAST(x AS TIMESTAMP(3)) AS b FROM texts
-- case: text 7
SELECT DATE_FORMAT('2024-01-01 10:00:00.123', 'yyyy-MM-dd HH:mm:ss.SSS') AS a, DATE_FORMAT('2024-01-01', 'yyyy') AS b FROM (VALUES (1))
-- case: text 8
SELECT x, CONVERT_TZ(x, 'UTC', 'Asia/Tokyo') AS a FROM texts
-- case: text 9
SELECT n, FROM_UNIXTIME(n) AS a, FROM_UNIXTIME(n, 'yyyy-MM-dd HH:mm:ss D w W F u Y') AS b, DATE_FORMAT(TO_TIMESTAMP_LTZ(n, 0), 'yyyy-MM-dd HH:mm:ss') AS c FROM (VALUES 0, -62924720400, -62170138800, -61409955600, 317273641200, -14830938000, -12219292801, -12219292800, -2208988801, -2208988800, -5000000000, -1000000000) AS t(n)
-- case: text 10
SELECT n, CONVERT_TZ(n, 'UTC', 'Europe/Amsterdam') AS a, CONVERT_TZ(n, 'Asia/Tokyo', 'Europe/Amsterdam') AS b, CONVERT_TZ(n, 'America/New_York', 'UTC') AS c FROM (VALUES '1880-01-01 00:00:00', '1899-12-31 23:00:00', '1900-01-01 00:00:00', '1900-01-01 09:00:00', '1920-06-01 00:00:00', '1940-01-01 00:00:00', '1582-10-04 00:00:00', '1582-10-10 00:00:00', '1582-10-15 00:00:00', '0001-01-01 00:00:00', '2024-02-30 24:00:00') AS t(n)
-- case: text 11
SELECT n, UNIX_TIMESTAMP(n) AS a, UNIX_TIMESTAMP(n, 'yyyy-MM-dd HH:mm') AS b, TO_DATE(n, 'yyyy-MM') AS c, TO_DATE(n, 'D yyyy') AS d FROM (VALUES '1880-01-01 00:00:00', '1899-12-31 23:00:00', '1582-10-10 00:00:00', '0001-01-01 00:00:00', '100 1500', '100 2024') AS t(n)
