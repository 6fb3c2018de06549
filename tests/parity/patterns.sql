CREATE TABLE t (
  id INT, b BOOLEAN, ti TINYINT, si SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, de DECIMAL(10, 3), s STRING,
  dt DATE, tm TIME(3), ts TIMESTAMP(3), lz TIMESTAMP_LTZ(3), arr ARRAY<INT>, m MAP<STRING, INT>, r ROW<a INT, b STRING>, byt BYTES
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/types.json', 'format' = 'json');
SET 'table.local-time-zone' = 'UTC';
-- case: DATE_FORMAT(ts, 'MMMMM')
SELECT id, DATE_FORMAT(ts, 'MMMMM') AS v FROM t
-- case: DATE_FORMAT(ts, 'D')
SELECT id, DATE_FORMAT(ts, 'D') AS v FROM t
-- case: DATE_FORMAT(ts, 'EEEEE')
SELECT id, DATE_FORMAT(ts, 'EEEEE') AS v FROM t
-- case: DATE_FORMAT(ts, 'c')
SELECT id, DATE_FORMAT(ts, 'c') AS v FROM t
-- case: DATE_FORMAT(ts, 'k')
SELECT id, DATE_FORMAT(ts, 'k') AS v FROM t
-- case: DATE_FORMAT(ts, 'K')
SELECT id, DATE_FORMAT(ts, 'K') AS v FROM t
-- case: DATE_FORMAT(ts, 'A')
SELECT id, DATE_FORMAT(ts, 'A') AS v FROM t
-- case: DATE_FORMAT(ts, 'N')
SELECT id, DATE_FORMAT(ts, 'N') AS v FROM t
-- case: DATE_FORMAT(ts, 'QQQ')
SELECT id, DATE_FORMAT(ts, 'QQQ') AS v FROM t
-- case: DATE_FORMAT(ts, 'q')
SELECT id, DATE_FORMAT(ts, 'q') AS v FROM t
-- case: DATE_FORMAT(ts, 'w')
SELECT id, DATE_FORMAT(ts, 'w') AS v FROM t
-- case: DATE_FORMAT(ts, 'W')
SELECT id, DATE_FORMAT(ts, 'W') AS v FROM t
-- case: DATE_FORMAT(ts, 'Y')
SELECT id, DATE_FORMAT(ts, 'Y') AS v FROM t
-- case: DATE_FORMAT(ts, 'F')
SELECT id, DATE_FORMAT(ts, 'F') AS v FROM t
-- case: DATE_FORMAT(ts, 'yyyy''MM')
SELECT id, DATE_FORMAT(ts, 'yyyy''MM') AS v FROM t
-- case: FROM_UNIXTIME(1700000000, 'yyyy-MM-dd HH:mm')
SELECT FROM_UNIXTIME(1700000000, 'yyyy-MM-dd HH:mm') AS v
-- case: FROM_UNIXTIME(1700000000, 'yyyy-MM-dd hh:mm:ss a')
SELECT FROM_UNIXTIME(1700000000, 'yyyy-MM-dd hh:mm:ss a') AS v
-- case: FROM_UNIXTIME(1700000000, 'EEE')
SELECT FROM_UNIXTIME(1700000000, 'EEE') AS v
-- case: FROM_UNIXTIME(1700000000, 'SSS')
SELECT FROM_UNIXTIME(1700000000, 'SSS') AS v
-- case: FROM_UNIXTIME(1700000000, 'D')
SELECT FROM_UNIXTIME(1700000000, 'D') AS v
-- case: FROM_UNIXTIME(1700000000, 'YYYY-ww')
SELECT FROM_UNIXTIME(1700000000, 'YYYY-ww') AS v
-- case: FROM_UNIXTIME(1700000000, 'u')
SELECT FROM_UNIXTIME(1700000000, 'u') AS v
-- case: FROM_UNIXTIME(1700000000, 'X')
SELECT FROM_UNIXTIME(1700000000, 'X') AS v
-- case: FROM_UNIXTIME(1700000000, 'z')
SELECT FROM_UNIXTIME(1700000000, 'z') AS v
-- case: FROM_UNIXTIME(1700000000, 'G yyyy')
SELECT FROM_UNIXTIME(1700000000, 'G yyyy') AS v
-- case: FROM_UNIXTIME(1700000000, 'k:mm')
SELECT FROM_UNIXTIME(1700000000, 'k:mm') AS v
-- case: TO_TIMESTAMP('2020-01-02 03:04:05.123456789')
SELECT TO_TIMESTAMP('2020-01-02 03:04:05.123456789') AS v
-- case: TO_TIMESTAMP('2020-01-02T03:04:05')
SELECT TO_TIMESTAMP('2020-01-02T03:04:05') AS v
-- case: TO_TIMESTAMP('2020-01-02T03:04:05Z')
SELECT TO_TIMESTAMP('2020-01-02T03:04:05Z') AS v
-- case: TO_TIMESTAMP('2020-01-02')
SELECT TO_TIMESTAMP('2020-01-02') AS v
-- case: TO_TIMESTAMP('2020-1-2 3:4:5')
SELECT TO_TIMESTAMP('2020-1-2 3:4:5') AS v
-- case: TO_TIMESTAMP('2020-01-02 03:04')
SELECT TO_TIMESTAMP('2020-01-02 03:04') AS v
-- case: TO_TIMESTAMP('2020-02-30 00:00:00')
SELECT TO_TIMESTAMP('2020-02-30 00:00:00') AS v
-- case: TO_TIMESTAMP('2020-13-30 00:00:00')
SELECT TO_TIMESTAMP('2020-13-30 00:00:00') AS v
-- case: TO_TIMESTAMP('')
SELECT TO_TIMESTAMP('') AS v
-- case: TO_TIMESTAMP('20200102', 'yyyyMMdd')
SELECT TO_TIMESTAMP('20200102', 'yyyyMMdd') AS v
-- case: TO_TIMESTAMP('20200102030405', 'yyyyMMddHHmmss')
SELECT TO_TIMESTAMP('20200102030405', 'yyyyMMddHHmmss') AS v
-- case: TO_TIMESTAMP('20200102030405123', 'yyyyMMddHHmmssSSS')
SELECT TO_TIMESTAMP('20200102030405123', 'yyyyMMddHHmmssSSS') AS v
-- case: TO_TIMESTAMP('2020-01-02 3:04 PM', 'yyyy-MM-dd h:mm a')
SELECT TO_TIMESTAMP('2020-01-02 3:04 PM', 'yyyy-MM-dd h:mm a') AS v
-- case: TO_TIMESTAMP('Jan 2 2020', 'MMM d yyyy')
SELECT TO_TIMESTAMP('Jan 2 2020', 'MMM d yyyy') AS v
-- case: TO_TIMESTAMP('2 January 2020', 'd MMMM yyyy')
SELECT TO_TIMESTAMP('2 January 2020', 'd MMMM yyyy') AS v
-- case: TO_TIMESTAMP('Thu 2 Jan 2020', 'EEE d MMM yyyy')
SELECT TO_TIMESTAMP('Thu 2 Jan 2020', 'EEE d MMM yyyy') AS v
-- case: TO_TIMESTAMP('2020-01-02T03:04:05.678Z', 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')
SELECT TO_TIMESTAMP('2020-01-02T03:04:05.678Z', 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''') AS v
-- case: TO_TIMESTAMP('2020-01-02T03:04:05+02:00', 'yyyy-MM-dd''T''HH:mm:ssXXX')
SELECT TO_TIMESTAMP('2020-01-02T03:04:05+02:00', 'yyyy-MM-dd''T''HH:mm:ssXXX') AS v
-- case: TO_TIMESTAMP('03:04:05', 'HH:mm:ss')
SELECT TO_TIMESTAMP('03:04:05', 'HH:mm:ss') AS v
-- case: TO_TIMESTAMP('2020-01', 'yyyy-MM')
SELECT TO_TIMESTAMP('2020-01', 'yyyy-MM') AS v
-- case: TO_TIMESTAMP('2020', 'yyyy')
SELECT TO_TIMESTAMP('2020', 'yyyy') AS v
-- case: TO_TIMESTAMP('20-1-2', 'yy-M-d')
SELECT TO_TIMESTAMP('20-1-2', 'yy-M-d') AS v
-- case: TO_TIMESTAMP('2020-02-30', 'yyyy-MM-dd')
SELECT TO_TIMESTAMP('2020-02-30', 'yyyy-MM-dd') AS v
-- case: TO_TIMESTAMP('2020-02-31', 'yyyy-MM-dd')
SELECT TO_TIMESTAMP('2020-02-31', 'yyyy-MM-dd') AS v
-- case: TO_TIMESTAMP('2020-01-02 extra', 'yyyy-MM-dd')
SELECT TO_TIMESTAMP('2020-01-02 extra', 'yyyy-MM-dd') AS v
-- case: TO_TIMESTAMP('2020-01-02', 'nonsense')
SELECT TO_TIMESTAMP('2020-01-02', 'nonsense') AS v
-- case: TO_TIMESTAMP('2020-01-02 03:04:05.1', 'yyyy-MM-dd HH:mm:ss.SSS')
SELECT TO_TIMESTAMP('2020-01-02 03:04:05.1', 'yyyy-MM-dd HH:mm:ss.SSS') AS v
-- case: TO_TIMESTAMP('2020-01-02 03:04:05.12345', 'yyyy-MM-dd HH:mm:ss.SSSSS')
SELECT TO_TIMESTAMP('2020-01-02 03:04:05.12345', 'yyyy-MM-dd HH:mm:ss.SSSSS') AS v
-- case: TO_TIMESTAMP('2020-01-02 03:04:05', 'yyyy-MM-dd HH:mm:ss.SSS')
SELECT TO_TIMESTAMP('2020-01-02 03:04:05', 'yyyy-MM-dd HH:mm:ss.SSS') AS v
-- case: TO_TIMESTAMP('2020-01-02 03:04:05', 'yyyy-MM-dd')
SELECT TO_TIMESTAMP('2020-01-02 03:04:05', 'yyyy-MM-dd') AS v
-- case: TO_TIMESTAMP('12/31/1969 23:59:59', 'MM/dd/yyyy HH:mm:ss')
SELECT TO_TIMESTAMP('12/31/1969 23:59:59', 'MM/dd/yyyy HH:mm:ss') AS v
-- case: TO_DATE('2020-1-2')
SELECT TO_DATE('2020-1-2') AS v
-- case: TO_DATE('2020-01-02 10:00:00')
SELECT TO_DATE('2020-01-02 10:00:00') AS v
-- case: TO_DATE('2020-02-30')
SELECT TO_DATE('2020-02-30') AS v
-- case: TO_DATE('2020-13-01')
SELECT TO_DATE('2020-13-01') AS v
-- case: TO_DATE('x')
SELECT TO_DATE('x') AS v
-- case: TO_DATE('')
SELECT TO_DATE('') AS v
-- case: TO_DATE('20200102', 'yyyyMMdd')
SELECT TO_DATE('20200102', 'yyyyMMdd') AS v
-- case: TO_DATE('2020/01/02', 'yyyy/MM/dd')
SELECT TO_DATE('2020/01/02', 'yyyy/MM/dd') AS v
-- case: TO_DATE('Jan 2, 2020', 'MMM d, yyyy')
SELECT TO_DATE('Jan 2, 2020', 'MMM d, yyyy') AS v
-- case: TO_DATE('2020-01-02x', 'yyyy-MM-dd')
SELECT TO_DATE('2020-01-02x', 'yyyy-MM-dd') AS v
-- case: TO_DATE('31.12.99', 'dd.MM.yy')
SELECT TO_DATE('31.12.99', 'dd.MM.yy') AS v
-- case: UNIX_TIMESTAMP('2020-01-02 03:04:05')
SELECT UNIX_TIMESTAMP('2020-01-02 03:04:05') AS v
-- case: UNIX_TIMESTAMP('2020-01-02')
SELECT UNIX_TIMESTAMP('2020-01-02') AS v
-- case: UNIX_TIMESTAMP('2020-01-02', 'yyyy-MM-dd')
SELECT UNIX_TIMESTAMP('2020-01-02', 'yyyy-MM-dd') AS v
-- case: UNIX_TIMESTAMP('2020-01-02 03:04:05.5')
SELECT UNIX_TIMESTAMP('2020-01-02 03:04:05.5') AS v
-- case: UNIX_TIMESTAMP('x')
SELECT UNIX_TIMESTAMP('x') AS v
-- case: UNIX_TIMESTAMP('2020-01-02T03', 'yyyy-MM-dd''T''HH')
SELECT UNIX_TIMESTAMP('2020-01-02T03', 'yyyy-MM-dd''T''HH') AS v
-- case: UNIX_TIMESTAMP('2020-01-02 03:04:05 +0200', 'yyyy-MM-dd HH:mm:ss Z')
SELECT UNIX_TIMESTAMP('2020-01-02 03:04:05 +0200', 'yyyy-MM-dd HH:mm:ss Z') AS v
-- case: 'a%b' LIKE 'a\%b'
SELECT 'a%b' LIKE 'a\%b' AS v
-- case: 'a%b' LIKE 'a!%b' ESCAPE '!'
SELECT 'a%b' LIKE 'a!%b' ESCAPE '!' AS v
-- case: 'axb' LIKE 'a!%b' ESCAPE '!'
SELECT 'axb' LIKE 'a!%b' ESCAPE '!' AS v
-- case: 'a_b' LIKE 'a!_b' ESCAPE '!'
SELECT 'a_b' LIKE 'a!_b' ESCAPE '!' AS v
-- case: 'a!b' LIKE 'a!!b' ESCAPE '!'
SELECT 'a!b' LIKE 'a!!b' ESCAPE '!' AS v
-- case: 'abc' LIKE ''
SELECT 'abc' LIKE '' AS v
-- case: '' LIKE '%'
SELECT '' LIKE '%' AS v
-- case: 'a.c' LIKE 'a.c'
SELECT 'a.c' LIKE 'a.c' AS v
-- case: 'abc' LIKE 'a.c'
SELECT 'abc' LIKE 'a.c' AS v
-- case: b' LIKE 'a%b'
SELECT b' LIKE 'a%b' AS v
-- case: b' LIKE 'a_b'
SELECT b' LIKE 'a_b' AS v
-- case: '😀' LIKE '_'
SELECT '😀' LIKE '_' AS v
-- case: 'ABC' LIKE 'abc'
SELECT 'ABC' LIKE 'abc' AS v
-- case: 'a(b' LIKE 'a(b'
SELECT 'a(b' LIKE 'a(b' AS v
-- case: 'abc' NOT LIKE '%z%'
SELECT 'abc' NOT LIKE '%z%' AS v
-- case: 'abc' LIKE '%%c'
SELECT 'abc' LIKE '%%c' AS v
-- case: 'abc' SIMILAR TO '(a|b)%'
SELECT 'abc' SIMILAR TO '(a|b)%' AS v
-- case: 'abc' SIMILAR TO 'a_c'
SELECT 'abc' SIMILAR TO 'a_c' AS v
-- case: 'abc' SIMILAR TO 'a.c'
SELECT 'abc' SIMILAR TO 'a.c' AS v
-- case: 'abc' SIMILAR TO '[a-c]+'
SELECT 'abc' SIMILAR TO '[a-c]+' AS v
-- case: 'abc' SIMILAR TO '[[:ALPHA:]]*'
SELECT 'abc' SIMILAR TO '[[:ALPHA:]]*' AS v
-- case: 'a1' SIMILAR TO '[[:alnum:]]+'
SELECT 'a1' SIMILAR TO '[[:alnum:]]+' AS v
-- case: 'aaa' SIMILAR TO 'a{3}'
SELECT 'aaa' SIMILAR TO 'a{3}' AS v
-- case: 'aaa' SIMILAR TO 'a{2}'
SELECT 'aaa' SIMILAR TO 'a{2}' AS v
-- case: 'ab' SIMILAR TO 'a?b'
SELECT 'ab' SIMILAR TO 'a?b' AS v
-- case: 'a%b' SIMILAR TO 'a!%b' ESCAPE '!'
SELECT 'a%b' SIMILAR TO 'a!%b' ESCAPE '!' AS v
-- case: 'abc' NOT SIMILAR TO 'b%'
SELECT 'abc' NOT SIMILAR TO 'b%' AS v
-- case: b' SIMILAR TO 'a%b'
SELECT b' SIMILAR TO 'a%b' AS v
-- case: 'abc' SIMILAR TO '(abc'
SELECT 'abc' SIMILAR TO '(abc' AS v
-- case: 'abc' SIMILAR TO '[^x]*'
SELECT 'abc' SIMILAR TO '[^x]*' AS v
-- case: SUBSTRING('abcdef' SIMILAR 'a#"bc#"d%' ESCAPE '#')
SELECT SUBSTRING('abcdef' SIMILAR 'a#"bc#"d%' ESCAPE '#') AS v
-- case: REGEXP_REPLACE('abcabc', 'b', '$0$0')
SELECT REGEXP_REPLACE('abcabc', 'b', '$0$0') AS v
-- case: REGEXP_REPLACE('abcabc', '(b)(c)', '$2$1')
SELECT REGEXP_REPLACE('abcabc', '(b)(c)', '$2$1') AS v
-- case: REGEXP_REPLACE('abcabc', '(?<x>b)', '[${x}]')
SELECT REGEXP_REPLACE('abcabc', '(?<x>b)', '[${x}]') AS v
-- case: REGEXP_REPLACE('a.b', '\.', '\\')
SELECT REGEXP_REPLACE('a.b', '\.', '\\') AS v
-- case: REGEXP_REPLACE('abc', 'b', '\$')
SELECT REGEXP_REPLACE('abc', 'b', '\$') AS v
-- case: REGEXP_REPLACE('abc', 'b', '$')
SELECT REGEXP_REPLACE('abc', 'b', '$') AS v
-- case: REGEXP_REPLACE('abc', 'b', '$1')
SELECT REGEXP_REPLACE('abc', 'b', '$1') AS v
-- case: REGEXP_REPLACE('abc', '', '-')
SELECT REGEXP_REPLACE('abc', '', '-') AS v
-- case: REGEXP_REPLACE('foobar', 'oo|ar', '')
SELECT REGEXP_REPLACE('foobar', 'oo|ar', '') AS v
-- case: REGEXP_REPLACE('aaa', 'a*', 'x')
SELECT REGEXP_REPLACE('aaa', 'a*', 'x') AS v
-- case: REGEXP_REPLACE('ABC', '(?i)b', 'x')
SELECT REGEXP_REPLACE('ABC', '(?i)b', 'x') AS v
-- case: REGEXP_REPLACE('a	b', '\s', '_')
SELECT REGEXP_REPLACE('a	b', '\s', '_') AS v
-- case: REGEXP_REPLACE('ä1', '\w', '_')
SELECT REGEXP_REPLACE('ä1', '\w', '_') AS v
-- case: REGEXP_REPLACE('ä１', '\d', '_')
SELECT REGEXP_REPLACE('ä１', '\d', '_') AS v
-- case: REGEXP_REPLACE('äb', '\b', '|')
SELECT REGEXP_REPLACE('äb', '\b', '|') AS v
-- case: REGEXP_REPLACE('äÄ', '(?i)ä', 'x')
SELECT REGEXP_REPLACE('äÄ', '(?i)ä', 'x') AS v
-- case: REGEXP_REPLACE('äÄ', '(?iu)ä', 'x')
SELECT REGEXP_REPLACE('äÄ', '(?iu)ä', 'x') AS v
-- case: REGEXP_REPLACE('abc', '(?=b)', '^')
SELECT REGEXP_REPLACE('abc', '(?=b)', '^') AS v
-- case: REGEXP_REPLACE('abc', '(?<!a)c', 'x')
SELECT REGEXP_REPLACE('abc', '(?<!a)c', 'x') AS v
-- case: REGEXP_REPLACE('abab', '(ab)\1', 'x')
SELECT REGEXP_REPLACE('abab', '(ab)\1', 'x') AS v
-- case: REGEXP_REPLACE('aab', 'a++b', 'x')
SELECT REGEXP_REPLACE('aab', 'a++b', 'x') AS v
-- case: REGEXP_REPLACE('abc', '\p{Alpha}', 'x')
SELECT REGEXP_REPLACE('abc', '\p{Alpha}', 'x') AS v
-- case: REGEXP_REPLACE('aéB', '\p{L}', 'x')
SELECT REGEXP_REPLACE('aéB', '\p{L}', 'x') AS v
-- case: REGEXP_REPLACE('aéB', '\p{Lu}', 'x')
SELECT REGEXP_REPLACE('aéB', '\p{Lu}', 'x') AS v
-- case: REGEXP_REPLACE('aéB', '\p{IsLatin}', 'x')
SELECT REGEXP_REPLACE('aéB', '\p{IsLatin}', 'x') AS v
-- case: REGEXP_REPLACE('a b', '\h', 'x')
SELECT REGEXP_REPLACE('a b', '\h', 'x') AS v
-- case: REGEXP_REPLACE('a-b_c', '[\w&&[^_]]', 'x')
SELECT REGEXP_REPLACE('a-b_c', '[\w&&[^_]]', 'x') AS v
-- case: REGEXP_REPLACE('a-b_c', '[a-c&&[^b]]', 'x')
SELECT REGEXP_REPLACE('a-b_c', '[a-c&&[^b]]', 'x') AS v
-- case: REGEXP_REPLACE('a.b', '\Q.\E', 'x')
SELECT REGEXP_REPLACE('a.b', '\Q.\E', 'x') AS v
-- case: REGEXP_REPLACE('aaa', 'a{2}', 'x')
SELECT REGEXP_REPLACE('aaa', 'a{2}', 'x') AS v
-- case: REGEXP_REPLACE('a{2}', 'a\{2\}', 'x')
SELECT REGEXP_REPLACE('a{2}', 'a\{2\}', 'x') AS v
-- case: REGEXP_REPLACE('line1
SELECT REGEXP_REPLACE('line1 AS v
-- case: REGEXP_REPLACE('ab', 'a.b', 'x')
SELECT REGEXP_REPLACE('ab', 'a.b', 'x') AS v
-- case: REGEXP_REPLACE('a
SELECT REGEXP_REPLACE('a AS v
-- case: REGEXP_REPLACE('abc', '\x62', 'x')
SELECT REGEXP_REPLACE('abc', '\x62', 'x') AS v
-- case: REGEXP_REPLACE('abc', '\u0062', 'x')
SELECT REGEXP_REPLACE('abc', '\u0062', 'x') AS v
-- case: REGEXP_REPLACE('abc', 'c$', 'x')
SELECT REGEXP_REPLACE('abc', 'c$', 'x') AS v
-- case: REGEXP_REPLACE('abc
SELECT REGEXP_REPLACE('abc AS v
-- case: REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2)
SELECT REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2) AS v
-- case: REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 0)
SELECT REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 0) AS v
-- case: REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)')
SELECT REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)') AS v
-- case: REGEXP_EXTRACT('foothebar', 'nomatch', 0)
SELECT REGEXP_EXTRACT('foothebar', 'nomatch', 0) AS v
-- case: REGEXP_EXTRACT('foothebar', '(a)?foo', 1)
SELECT REGEXP_EXTRACT('foothebar', '(a)?foo', 1) AS v
-- case: REGEXP_EXTRACT('foothebar', '(', 0)
SELECT REGEXP_EXTRACT('foothebar', '(', 0) AS v
-- case: REGEXP_EXTRACT_ALL('a1b2', '([a-z])([0-9])', 2)
SELECT REGEXP_EXTRACT_ALL('a1b2', '([a-z])([0-9])', 2) AS v
-- case: REGEXP_EXTRACT_ALL('a1b2', '([a-z])([0-9])')
SELECT REGEXP_EXTRACT_ALL('a1b2', '([a-z])([0-9])') AS v
-- case: REGEXP_EXTRACT_ALL('a1b2', '[a-z]', 0)
SELECT REGEXP_EXTRACT_ALL('a1b2', '[a-z]', 0) AS v
-- case: REGEXP_EXTRACT_ALL('a1b2', '[a-z]')
SELECT REGEXP_EXTRACT_ALL('a1b2', '[a-z]') AS v
-- case: REGEXP_EXTRACT_ALL('a1b2', 'x', 0)
SELECT REGEXP_EXTRACT_ALL('a1b2', 'x', 0) AS v
-- case: REGEXP_COUNT('aaaa', 'aa')
SELECT REGEXP_COUNT('aaaa', 'aa') AS v
-- case: REGEXP_COUNT('abc', '')
SELECT REGEXP_COUNT('abc', '') AS v
-- case: REGEXP_COUNT('abc', '(')
SELECT REGEXP_COUNT('abc', '(') AS v
-- case: REGEXP_INSTR('hello', 'l+')
SELECT REGEXP_INSTR('hello', 'l+') AS v
-- case: REGEXP_INSTR('hello', 'x')
SELECT REGEXP_INSTR('hello', 'x') AS v
-- case: REGEXP_SUBSTR('hello', 'l+')
SELECT REGEXP_SUBSTR('hello', 'l+') AS v
-- case: REGEXP_SUBSTR('hello', 'x')
SELECT REGEXP_SUBSTR('hello', 'x') AS v
