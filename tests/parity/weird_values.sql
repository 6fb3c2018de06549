CREATE TABLE w (
  id INT, s STRING, t STRING, i INT, l BIGINT, d DOUBLE, de DECIMAL(10, 3), ts TIMESTAMP(3), dt DATE, b BOOLEAN,
  arr ARRAY<INT>, sa ARRAY<STRING>, m MAP<STRING, INT>
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/weird.json', 'format' = 'json');
CREATE TABLE r (
  a INT, b STRING, r1 ROW<x INT, y STRING>, r2 ROW<x INT, y STRING>
) WITH ('connector' = 'filesystem', 'path' = '${DATA}/rows.json', 'format' = 'json');
SET 'table.local-time-zone' = 'Europe/Berlin';
-- case: weird 1
SELECT id,
  ABS(i) AS v0,
  ABS(l) AS v1,
  ABS(d) AS v2,
  ABS(de) AS v3,
  POWER(d,2) AS v4,
  POWER(2,i) AS v5,
  POWER(d,d) AS v6,
  SQRT(d) AS v7,
  LN(d) AS v8,
  LOG10(d) AS v9
FROM w
-- case: weird 2
SELECT id,
  LOG2(d) AS v10,
  LOG(d) AS v11,
  LOG(2,d) AS v12,
  LOG(d,2) AS v13,
  EXP(d) AS v14,
  CEIL(d) AS v15,
  CEIL(de) AS v16,
  CEIL(i) AS v17,
  FLOOR(d) AS v18,
  FLOOR(de) AS v19
FROM w
-- case: weird 3
SELECT id,
  SINH(d) AS v21,
  COS(d) AS v22,
  COSH(d) AS v23,
  TAN(d) AS v24,
  TANH(d) AS v25,
  COT(d) AS v26,
  ASIN(d) AS v27,
  ACOS(d) AS v28,
  ATAN(d) AS v29,
  ATAN2(d,i) AS v30
FROM w
-- case: weird 4
SELECT id,
  DEGREES(d) AS v31,
  RADIANS(d) AS v32,
  SIGN(d) AS v33,
  SIGN(i) AS v34,
  SIGN(de) AS v35,
  ROUND(d,2) AS v36,
  ROUND(de,1) AS v38,
  ROUND(i,-1) AS v40,
  ROUND(l,-3) AS v41,
  ROUND(d) AS v42
FROM w
-- case: weird 5
SELECT id,
  TRUNCATE(de,1) AS v45,
  TRUNCATE(i,-1) AS v46,
  MOD(i,7) AS v48,
  MOD(-7,i*2+1) AS v50,
  BIN(l) AS v51,
  BIN(i) AS v52,
  HEX(l) AS v53,
  HEX(s) AS v54,
  UNHEX(s) AS v55,
  i+1 AS v57
FROM w
-- case: weird 6
SELECT id,
  l+1 AS v58,
  l*l AS v59,
  i*i AS v60,
  d/i AS v61,
  de/3 AS v62,
  de*de AS v63,
  i/3 AS v64,
  -i AS v65,
  -l AS v66,
  i%7 AS v67
FROM w
-- case: weird 7
SELECT id,
  de%2 AS v68,
  d+de AS v70,
  i+de AS v71,
  CAST(d AS INT) AS v72,
  CAST(d AS BIGINT) AS v73,
  CAST(d AS TINYINT) AS v74,
  CAST(l AS INT) AS v75,
  CAST(i AS SMALLINT) AS v76,
  CAST(l AS TINYINT) AS v77,
  CAST(de AS INT) AS v78
FROM w
-- case: weird 8
SELECT id,
  CAST(d AS DECIMAL(10,2)) AS v79,
  CAST(i AS DECIMAL(5,2)) AS v80,
  CAST(l AS DOUBLE) AS v81,
  CAST(l AS FLOAT) AS v82,
  CAST(d AS FLOAT) AS v83,
  CAST(d AS STRING) AS v84,
  CAST(CAST(d AS FLOAT) AS STRING) AS v85,
  CAST(de AS STRING) AS v86,
  CAST(b AS STRING) AS v87,
  CAST(b AS INT) AS v88
FROM w
-- case: weird 9
SELECT id,
  CAST(i AS BOOLEAN) AS v89,
  CAST(d AS BOOLEAN) AS v90,
  TRY_CAST(s AS INT) AS v91,
  TRY_CAST(s AS BIGINT) AS v92,
  TRY_CAST(s AS TINYINT) AS v93,
  TRY_CAST(s AS DOUBLE) AS v94,
  TRY_CAST(s AS FLOAT) AS v95,
  TRY_CAST(s AS DECIMAL(10,2)) AS v96,
  TRY_CAST(s AS BOOLEAN) AS v97,
  TRY_CAST(s AS DATE) AS v98
FROM w
-- case: weird 10
SELECT id,
  TRY_CAST(s AS TIME) AS v99,
  TRY_CAST(s AS TIMESTAMP(3)) AS v100,
  TRY_CAST(s AS TIMESTAMP_LTZ(3)) AS v101,
  CAST(s AS CHAR(3)) AS v102,
  CAST(s AS VARCHAR(3)) AS v103,
  CAST(s AS BYTES) AS v104,
  CAST(CAST(s AS BYTES) AS STRING) AS v105,
  CAST(s AS BINARY(4)) AS v106,
  CAST(ts AS STRING) AS v107,
  CAST(ts AS DATE) AS v108
FROM w
-- case: weird 11
SELECT id,
  CAST(ts AS TIME) AS v109,
  CAST(dt AS TIMESTAMP(3)) AS v110,
  CAST(dt AS STRING) AS v111,
  CAST(ts AS TIMESTAMP_LTZ(3)) AS v112,
  CAST(arr AS STRING) AS v113,
  CAST(m AS STRING) AS v114,
  CAST(sa AS STRING) AS v115,
  CHAR_LENGTH(s) AS v116,
  CHARACTER_LENGTH(s) AS v117,
  UPPER(s) AS v119
FROM w
-- case: weird 12
SELECT id,
  LOWER(s) AS v120,
  INITCAP(s) AS v121,
  REVERSE(s) AS v122,
  TRIM(s) AS v123,
  TRIM(BOTH 'a' FROM s) AS v124,
  TRIM(LEADING ' ' FROM s) AS v125,
  TRIM(TRAILING 'c' FROM s) AS v126,
  LTRIM(s) AS v127,
  RTRIM(s) AS v128,
  LTRIM(s,'a') AS v129
FROM w
-- case: weird 13
SELECT id,
  RTRIM(s,'c') AS v130,
  BTRIM(s) AS v131,
  BTRIM(s,'ac') AS v132,
  RPAD(s,3,'') AS v136,
  REPEAT(s,2) AS v137,
  REPEAT(s,MOD(i,5)) AS v138,
  REPLACE(s,t,'_') AS v139,
  REPLACE(s,'a',t) AS v140,
  SUBSTRING(s,i) AS v141,
  SUBSTRING(s,2,i) AS v142
FROM w
-- case: weird 14
SELECT id,
  SUBSTRING(s FROM -2) AS v143,
  SUBSTRING(s FROM -3 FOR 2) AS v144,
  SUBSTR(s,0) AS v145,
  SUBSTR(s,-2,1) AS v146,
  LEFT(s,2) AS v147,
  LEFT(s,i) AS v148,
  RIGHT(s,2) AS v149,
  RIGHT(s,i) AS v150,
  POSITION(t IN s) AS v151,
  INSTR(s,'a') AS v152
FROM w
-- case: weird 15
SELECT id,
  LOCATE(t,s) AS v153,
  LOCATE('b',s,2) AS v154,
  LOCATE(t,s,i) AS v155,
  OVERLAY(s PLACING 'XX' FROM 2) AS v156,
  OVERLAY(s PLACING 'XX' FROM 2 FOR 1) AS v157,
  CONCAT(s,t) AS v158,
  CONCAT_WS(',',s,t) AS v159,
  CONCAT_WS(t,s,'x') AS v160,
  s || t AS v161,
  ASCII(s) AS v162
FROM w
-- case: weird 16 without characters
SELECT id,
  SPLIT_INDEX(s,',',i) AS v165,
  SPLIT_INDEX(s,',',1) AS v166,
  SPLIT_INDEX(s,t,0) AS v167,
  SPLIT(s,',') AS v168,
  SPLIT(s,t) AS v169,
  REGEXP(s,'[a-z]+') AS v170,
  REGEXP_EXTRACT(s,'([a-z])([a-z]?)',2) AS v171,
  REGEXP_EXTRACT(s,'[0-9]+') AS v172
FROM w
-- case: weird 17
SELECT id,
  REGEXP_EXTRACT(s,'(x)?b',1) AS v173,
  REGEXP_REPLACE(s,'[a-z]','$0-') AS v174,
  REGEXP_COUNT(s,'[a-z]') AS v176,
  REGEXP_INSTR(s,'b') AS v177,
  REGEXP_SUBSTR(s,'[a-z]+') AS v178,
  REGEXP_EXTRACT_ALL(s,'[a-z]') AS v179,
  REGEXP_EXTRACT_ALL(s,'([a-z])([a-z])',2) AS v180,
  s LIKE '%a%' AS v181,
  s LIKE t AS v182,
  s SIMILAR TO '[a-z]+' AS v183
FROM w
-- case: weird 18
SELECT id,
  s LIKE 'a\%%' ESCAPE '\' AS v184,
  STARTSWITH(s,'a') AS v185,
  ENDSWITH(s,'c') AS v186,
  ELT(i,s,t) AS v187,
  MD5(s) AS v189,
  SHA1(s) AS v190,
  SHA224(s) AS v191,
  SHA256(s) AS v192,
  SHA384(s) AS v193,
  SHA512(s) AS v194
FROM w
-- case: weird 19
SELECT id,
  SHA2(s,256) AS v195,
  TO_BASE64(s) AS v197,
  ENCODE(s,'UTF-8') AS v199,
  ENCODE(s,'UTF-16') AS v200,
  DECODE(ENCODE(s,'UTF-16BE'),'UTF-16BE') AS v201,
  DECODE(CAST(s AS BYTES),'US-ASCII') AS v202,
  URL_ENCODE(s) AS v203,
  URL_DECODE(s) AS v204,
  PARSE_URL(s,'HOST') AS v205,
  PARSE_URL(s,'PATH') AS v206
FROM w
-- case: weird 20
SELECT id,
  PARSE_URL(s,'QUERY') AS v207,
  PARSE_URL(s,'QUERY','r') AS v208,
  PARSE_URL(s,'REF') AS v209,
  PARSE_URL(s,'PROTOCOL') AS v210,
  PARSE_URL(s,'FILE') AS v211,
  PARSE_URL(s,'AUTHORITY') AS v212,
  PARSE_URL(s,'USERINFO') AS v213,
  PARSE_URL(s,t) AS v214,
  STR_TO_MAP(s) AS v215,
  STR_TO_MAP(s,'&','=') AS v216
FROM w
-- case: weird 21
SELECT id,
  TRANSLATE(s,'abc','xy') AS v219,
  TRANSLATE3(s,'abc','xy') AS v220,
  PRINTF('%s|%d',s,i) AS v221,
  PRINTF(t,s) AS v222,
  IS_DECIMAL(s) AS v223,
  IS_DIGIT(s) AS v224,
  IS_ALPHA(s) AS v225,
  s IS JSON AS v227,
  s IS JSON OBJECT AS v228,
  s IS JSON ARRAY AS v229
FROM w
-- case: weird 22
SELECT id,
  s IS JSON SCALAR AS v230,
  JSON_EXISTS(s,'$.a') AS v231,
  JSON_VALUE(s,'$.a') AS v232,
  JSON_VALUE(s,'$.b') AS v233,
  JSON_VALUE(s,'$.a' RETURNING INT) AS v234,
  JSON_VALUE(s,'$.zz' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR) AS v236,
  JSON_QUERY(s,'$.b') AS v237,
  JSON_QUERY(s,'$.a') AS v238,
  JSON_QUERY(s,'$.a' WITH WRAPPER) AS v239,
  JSON_QUERY(s,'$') AS v240
FROM w
-- case: weird 23
SELECT id,
  JSON_QUOTE(s) AS v241,
  JSON_UNQUOTE(s) AS v242,
  JSON_OBJECT('k' VALUE s) AS v245,
  JSON_OBJECT('k' VALUE d, 'l' VALUE i) AS v246,
  JSON_ARRAY(s,i,d) AS v247,
  JSON_STRING(s) AS v248,
  JSON_STRING(d) AS v249,
  JSON_STRING(arr) AS v250,
  JSON_STRING(m) AS v251,
  JSON_STRING(ts) AS v252
FROM w
-- case: weird 24
SELECT id,
  TO_DATE(s,'yyyy-MM-dd') AS v254,
  TO_TIMESTAMP(s) AS v255,
  TO_TIMESTAMP(s,'yyyy-MM-dd') AS v256,
  TO_TIMESTAMP(s,'yyyy-MM-dd HH:mm:ss') AS v257,
  TO_TIMESTAMP_LTZ(l,0) AS v258,
  TO_TIMESTAMP_LTZ(l,3) AS v259,
  TO_TIMESTAMP_LTZ(i,0) AS v260,
  UNIX_TIMESTAMP(s) AS v263,
  UNIX_TIMESTAMP(s,'yyyy-MM-dd') AS v264,
  FROM_UNIXTIME(l) AS v265
FROM w
-- case: weird 25
SELECT id,
  FROM_UNIXTIME(i,'yyyy/MM/dd HH') AS v266,
  DATE_FORMAT(ts,'yyyy-MM-dd HH:mm:ss.SSS') AS v267,
  DATE_FORMAT(ts,'y-M-d E EEEE a h K k D w W u') AS v268,
  DATE_FORMAT(ts,'YYYY ww e Q q G') AS v269,
  DATE_FORMAT(s,'yyyy') AS v270,
  CONVERT_TZ(s,'UTC','Asia/Tokyo') AS v271,
  EXTRACT(YEAR FROM ts) AS v272,
  EXTRACT(QUARTER FROM ts) AS v273,
  EXTRACT(MONTH FROM dt) AS v274,
  EXTRACT(WEEK FROM ts) AS v275
FROM w
-- case: weird 26
SELECT id,
  EXTRACT(WEEK FROM dt) AS v276,
  EXTRACT(DOY FROM ts) AS v277,
  EXTRACT(DOW FROM ts) AS v278,
  EXTRACT(ISODOW FROM ts) AS v279,
  EXTRACT(ISOYEAR FROM dt) AS v280,
  EXTRACT(DECADE FROM ts) AS v281,
  EXTRACT(CENTURY FROM ts) AS v282,
  EXTRACT(MILLENNIUM FROM ts) AS v283,
  EXTRACT(EPOCH FROM ts) AS v284,
  EXTRACT(HOUR FROM ts) AS v285
FROM w
-- case: weird 27
SELECT id,
  EXTRACT(SECOND FROM ts) AS v286,
  EXTRACT(MILLISECOND FROM ts) AS v287,
  EXTRACT(DAY FROM ts) AS v288,
  YEAR(dt) AS v289,
  QUARTER(dt) AS v290,
  MONTH(dt) AS v291,
  WEEK(dt) AS v292,
  DAYOFYEAR(dt) AS v293,
  DAYOFMONTH(dt) AS v294,
  DAYOFWEEK(dt) AS v295
FROM w
-- case: weird 28
SELECT id,
  HOUR(ts) AS v296,
  MINUTE(ts) AS v297,
  SECOND(ts) AS v298,
  FLOOR(ts TO YEAR) AS v299,
  FLOOR(ts TO MONTH) AS v300,
  FLOOR(ts TO WEEK) AS v301,
  FLOOR(ts TO DAY) AS v302,
  FLOOR(ts TO HOUR) AS v303,
  CEIL(ts TO YEAR) AS v304,
  CEIL(ts TO MONTH) AS v305
FROM w
-- case: weird 29
SELECT id,
  CEIL(ts TO WEEK) AS v306,
  CEIL(ts TO DAY) AS v307,
  CEIL(ts TO MINUTE) AS v308,
  FLOOR(dt TO MONTH) AS v309,
  CEIL(dt TO YEAR) AS v310,
  FLOOR(ts TO QUARTER) AS v311,
  CEIL(ts TO QUARTER) AS v312,
  FLOOR(ts TO DECADE) AS v313,
  FLOOR(ts TO CENTURY) AS v314,
  ts + INTERVAL '1' MONTH AS v315
FROM w
-- case: weird 30
SELECT id,
  ts - INTERVAL '1' DAY AS v316,
  dt + INTERVAL '1' MONTH AS v317,
  dt + INTERVAL '1' DAY AS v318,
  ts + INTERVAL '1' YEAR AS v319,
  TIMESTAMPADD(DAY,MOD(i,1000),dt) AS v321,
  TIMESTAMPADD(HOUR,MOD(i,1000),ts) AS v322,
  TIMESTAMPDIFF(DAY,ts,TIMESTAMP '2024-01-01 00:00:00') AS v323,
  TIMESTAMPDIFF(MONTH,ts,TIMESTAMP '2024-01-01 00:00:00') AS v324,
  TIMESTAMPDIFF(SECOND,ts,TIMESTAMP '2024-01-01 00:00:00') AS v325,
  TIMESTAMPDIFF(YEAR,dt,DATE '2024-02-28') AS v326
FROM w
-- case: weird 31
SELECT id,
  CARDINALITY(arr) AS v328,
  CARDINALITY(m) AS v329,
  arr[1] AS v330,
  arr[i] AS v331,
  m['a'] AS v332,
  m[t] AS v333,
  ARRAY_CONTAINS(arr,1) AS v335,
  ARRAY_CONTAINS(arr,i) AS v336,
  ARRAY_DISTINCT(arr) AS v337,
  ARRAY_POSITION(arr,3) AS v338
FROM w
-- case: weird 32
SELECT id,
  ARRAY_POSITION(sa,t) AS v339,
  ARRAY_REMOVE(arr,3) AS v340,
  ARRAY_REVERSE(arr) AS v341,
  ARRAY_SLICE(arr,1,2) AS v342,
  ARRAY_SLICE(arr,-2) AS v343,
  ARRAY_SLICE(arr,i,2) AS v344,
  ARRAY_SORT(arr) AS v345,
  ARRAY_SORT(arr,FALSE) AS v346,
  ARRAY_SORT(arr,TRUE,FALSE) AS v347,
  ARRAY_UNION(arr,ARRAY[9]) AS v348
FROM w
-- case: weird 33
SELECT id,
  ARRAY_CONCAT(arr,arr) AS v349,
  ARRAY_MAX(arr) AS v350,
  ARRAY_MIN(arr) AS v351,
  ARRAY_JOIN(sa,'-') AS v352,
  ARRAY_JOIN(sa,t,'N') AS v353,
  ARRAY_APPEND(arr,i) AS v354,
  ARRAY_PREPEND(arr,i) AS v355,
  ARRAY_EXCEPT(arr,ARRAY[1]) AS v356,
  ARRAY_INTERSECT(arr,ARRAY[1,3]) AS v357,
  MAP_KEYS(m) AS v358
FROM w
-- case: weird 34
SELECT id,
  MAP_VALUES(m) AS v359,
  MAP_ENTRIES(m) AS v360,
  MAP_UNION(m,MAP['z',1]) AS v361,
  MAP['k',i] AS v362,
  ARRAY[i,2] AS v363,
  COALESCE(s,t,'x') AS v364,
  IFNULL(s,'n') AS v365,
  NULLIF(s,t) AS v366,
  NULLIF(i,1) AS v367,
  GREATEST(i,1,2) AS v368
FROM w
-- case: weird 35
SELECT id,
  GREATEST(d,i) AS v369,
  GREATEST(s,t) AS v370,
  LEAST(i,1) AS v371,
  LEAST(s,t) AS v372,
  IF(b,s,t) AS v373,
  IF(i>0,1,0) AS v374,
  CASE WHEN b THEN i ELSE d END AS v375,
  b AND i > 0 AS v376,
  b OR i > 0 AS v377,
  NOT b AS v378
FROM w
-- case: weird 36
SELECT id,
  b IS TRUE AS v379,
  b IS NOT FALSE AS v380,
  b IS UNKNOWN AS v381,
  i BETWEEN 0 AND 10 AS v382,
  i NOT BETWEEN 10 AND 0 AS v383,
  i BETWEEN SYMMETRIC 10 AND 0 AS v384,
  i IN (0,1,NULL) AS v385,
  s IN ('abc',t) AS v386,
  s = t AS v387,
  s < t AS v388
FROM w
-- case: weird 37
SELECT id,
  i = l AS v389,
  d = i AS v390,
  de = d AS v391,
  dt = CAST(ts AS DATE) AS v392,
  s IS DISTINCT FROM t AS v393,
  b = TRUE AS v394,
  b > FALSE AS v395,
  arr = ARRAY[1,2,3] AS v396,
  ROW(i,s) = ROW(1,'a') AS v397,
  TYPEOF(d / i) AS v398
FROM w
-- case: weird 38
SELECT id,
  TYPEOF(de * de) AS v399,
  TYPEOF(de / 3) AS v400,
  TYPEOF(ROUND(de,1)) AS v401,
  UNHEX(t) AS v403,
  INET_ATON(s) AS v404,
  INET_NTOA(l) AS v405,
  PI() AS v410,
  E() AS v411,
  LOCALTIME IS NULL AS v412,
  TO_TIMESTAMP_LTZ(s,'yyyy-MM-dd') AS v262
FROM w
-- case: numbers from texts
SELECT a, TRY_CAST(a AS DECIMAL(10, 2)) AS b, TRY_CAST(a AS DECIMAL(30, 2)) AS c, TRY_CAST(a AS INT) AS d, TRY_CAST(a AS DOUBLE) AS e FROM (VALUES ('x'), ('1x'), ('1.5x'), ('1x '), ('1xx'), ('e'), ('1e'), ('1ex'), ('1e2x'), ('-'), ('+'), ('-x'), ('.'), ('1..2'), ('1.5.'), ('.5'), ('5.'), (' 1'), ('1 '), ('1 2'), ('- 1'), ('1e+'), ('1e-1'), ('--1'), ('1,'), ('1_0'), ('12345678901234567890.5'), ('0x10'), ('1d'), ('1f'), ('1L'), ('NaN'), ('Infinity'), (''), ('  '), ('1e400'), ('0x1p3'), ('0x1.8p-1')) AS t(a)
-- case: tests of texts
SELECT a, IS_DECIMAL(a) AS b, IS_DIGIT(a) AS c, IS_ALPHA(a) AS d FROM (VALUES ('NaN'), ('Infinity'), ('-Infinity'), ('+NaN'), ('1d'), ('1f'), ('1D'), ('0x1p3'), ('0x10'), (' 1 '), ('1e5'), ('1e'), ('.5'), ('5.'), ('.'), (''), ('+1'), ('-'), ('1_0'), ('inf'), ('1L')) AS t(a)
-- case: addresses
SELECT a, INET_ATON(a) AS b FROM (VALUES ('1'), ('0'), ('616263'), ('127.1'), ('1.2.3'), ('1.2.3.4'), ('256.1.1.1'), ('1..2'), ('1.2.3.4.5'), (''), (' 1.2.3.4'), ('01.02.03.04'), ('1.65536'), ('1.65535'), ('1.2.65535'), ('1.2.256'), ('a.b'), ('1.2.3.'), ('.1.2.3'), ('255.255.255.255'), ('1.2.3.-4'), ('0x1.2.3.4'), ('256'), ('255')) AS t(a)
-- case: rows
SELECT a, b, ROW(a, b) = ROW(1, 'a') AS c, ROW(a, b) <> ROW(1, 'a') AS d, ROW(1, 'a') = ROW(a, b) AS e, r1 = r2 AS f, r1 <> r2 AS g, r1 = ROW(a, b) AS h FROM r
-- case: rows in lists
SELECT a, b, (a, b) = (1, 'a') AS d, ROW(a, b) IN (ROW(1, 'a'), ROW(2, 'b')) AS e, ROW(a, b) NOT IN (ROW(1, 'a'), ROW(2, 'b')) AS f FROM r
-- case: negative zero in JSON
SELECT JSON_STRING(CAST(d AS FLOAT)) AS a, JSON_OBJECT('k' VALUE CAST(d AS FLOAT)) AS b, JSON_ARRAY(ARRAY[d]) AS c, JSON_STRING(ROW(d)) AS e FROM w WHERE id IN (0, 1)
-- case: lenient times
SELECT a, TO_TIMESTAMP(a, 'yyyy/MM/dd') AS b, TO_TIMESTAMP(a, 'yyyy-MM-dd HH:mm') AS c, TO_TIMESTAMP(a) AS d FROM (VALUES ('2024-02-30'), ('2024-02-30 10:00:00'), ('2024-04-31 23:59:59'), ('2024-02-32'), ('2024-13-01'), ('2024-01-01 25:00:00'), ('2024-01-01 10:61:00'), ('2024-1-1'), ('2024-01-01 1:2:3'), ('2024-00-01'), ('2023-02-29 00:00:00.5')) AS t(a)
