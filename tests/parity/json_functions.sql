SET 'table.local-time-zone' = 'UTC';
-- case: JSON_VALUE('{"a":null}', '$.a' )
SELECT JSON_VALUE('{"a":null}', '$.a' ) AS v
-- case: JSON_VALUE('{"a":null}', '$.a' DEFAULT 'e' ON EMPTY)
SELECT JSON_VALUE('{"a":null}', '$.a' DEFAULT 'e' ON EMPTY) AS v
-- case: JSON_VALUE('{"a":null}', '$.a' DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('{"a":null}', '$.a' DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('{"a":null}', '$.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('{"a":null}', '$.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('{"a":null}', '$.a' ERROR ON EMPTY)
SELECT JSON_VALUE('{"a":null}', '$.a' ERROR ON EMPTY) AS v
-- case: JSON_VALUE('{"a":null}', '$.a' ERROR ON ERROR)
SELECT JSON_VALUE('{"a":null}', '$.a' ERROR ON ERROR) AS v
-- case: JSON_VALUE('bad', '$.a' )
SELECT JSON_VALUE('bad', '$.a' ) AS v
-- case: JSON_VALUE('bad', '$.a' DEFAULT 'e' ON EMPTY)
SELECT JSON_VALUE('bad', '$.a' DEFAULT 'e' ON EMPTY) AS v
-- case: JSON_VALUE('bad', '$.a' DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('bad', '$.a' DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('bad', '$.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('bad', '$.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('bad', '$.a' ERROR ON EMPTY)
SELECT JSON_VALUE('bad', '$.a' ERROR ON EMPTY) AS v
-- case: JSON_VALUE('bad', '$.a' ERROR ON ERROR)
SELECT JSON_VALUE('bad', '$.a' ERROR ON ERROR) AS v
-- case: JSON_VALUE('{"a":null}', 'lax $.a' )
SELECT JSON_VALUE('{"a":null}', 'lax $.a' ) AS v
-- case: JSON_VALUE('{"a":null}', 'lax $.a' DEFAULT 'e' ON EMPTY)
SELECT JSON_VALUE('{"a":null}', 'lax $.a' DEFAULT 'e' ON EMPTY) AS v
-- case: JSON_VALUE('{"a":null}', 'lax $.a' DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('{"a":null}', 'lax $.a' DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('{"a":null}', 'lax $.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('{"a":null}', 'lax $.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('{"a":null}', 'lax $.a' ERROR ON EMPTY)
SELECT JSON_VALUE('{"a":null}', 'lax $.a' ERROR ON EMPTY) AS v
-- case: JSON_VALUE('{"a":null}', 'lax $.a' ERROR ON ERROR)
SELECT JSON_VALUE('{"a":null}', 'lax $.a' ERROR ON ERROR) AS v
-- case: JSON_VALUE('bad', 'lax $.a' )
SELECT JSON_VALUE('bad', 'lax $.a' ) AS v
-- case: JSON_VALUE('bad', 'lax $.a' DEFAULT 'e' ON EMPTY)
SELECT JSON_VALUE('bad', 'lax $.a' DEFAULT 'e' ON EMPTY) AS v
-- case: JSON_VALUE('bad', 'lax $.a' DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('bad', 'lax $.a' DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('bad', 'lax $.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('bad', 'lax $.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('bad', 'lax $.a' ERROR ON EMPTY)
SELECT JSON_VALUE('bad', 'lax $.a' ERROR ON EMPTY) AS v
-- case: JSON_VALUE('bad', 'lax $.a' ERROR ON ERROR)
SELECT JSON_VALUE('bad', 'lax $.a' ERROR ON ERROR) AS v
-- case: JSON_VALUE('{"a":null}', 'strict $.a' )
SELECT JSON_VALUE('{"a":null}', 'strict $.a' ) AS v
-- case: JSON_VALUE('{"a":null}', 'strict $.a' DEFAULT 'e' ON EMPTY)
SELECT JSON_VALUE('{"a":null}', 'strict $.a' DEFAULT 'e' ON EMPTY) AS v
-- case: JSON_VALUE('{"a":null}', 'strict $.a' DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('{"a":null}', 'strict $.a' DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('{"a":null}', 'strict $.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('{"a":null}', 'strict $.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('{"a":null}', 'strict $.a' ERROR ON EMPTY)
SELECT JSON_VALUE('{"a":null}', 'strict $.a' ERROR ON EMPTY) AS v
-- case: JSON_VALUE('{"a":null}', 'strict $.a' ERROR ON ERROR)
SELECT JSON_VALUE('{"a":null}', 'strict $.a' ERROR ON ERROR) AS v
-- case: JSON_VALUE('bad', 'strict $.a' )
SELECT JSON_VALUE('bad', 'strict $.a' ) AS v
-- case: JSON_VALUE('bad', 'strict $.a' DEFAULT 'e' ON EMPTY)
SELECT JSON_VALUE('bad', 'strict $.a' DEFAULT 'e' ON EMPTY) AS v
-- case: JSON_VALUE('bad', 'strict $.a' DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('bad', 'strict $.a' DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('bad', 'strict $.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR)
SELECT JSON_VALUE('bad', 'strict $.a' DEFAULT 'e' ON EMPTY DEFAULT 'r' ON ERROR) AS v
-- case: JSON_VALUE('bad', 'strict $.a' ERROR ON EMPTY)
SELECT JSON_VALUE('bad', 'strict $.a' ERROR ON EMPTY) AS v
-- case: JSON_VALUE('bad', 'strict $.a' ERROR ON ERROR)
SELECT JSON_VALUE('bad', 'strict $.a' ERROR ON ERROR) AS v
-- case: JSON_QUOTE('a"b\c
SELECT JSON_QUOTE('a"b\c AS v
-- case: JSON_UNQUOTE('abc')
SELECT JSON_UNQUOTE('abc') AS v
-- case: JSON_UNQUOTE('"abc')
SELECT JSON_UNQUOTE('"abc') AS v
-- case: JSON_QUERY('{"a":[1,2]}', '$.a')
SELECT JSON_QUERY('{"a":[1,2]}', '$.a') AS v
-- case: JSON_QUERY('{"a":1}', '$.a')
SELECT JSON_QUERY('{"a":1}', '$.a') AS v
-- case: JSON_QUERY('{"a":1}', '$.a' WITH WRAPPER)
SELECT JSON_QUERY('{"a":1}', '$.a' WITH WRAPPER) AS v
-- case: JSON_QUERY('{"a":1}', '$.a' WITH CONDITIONAL WRAPPER)
SELECT JSON_QUERY('{"a":1}', '$.a' WITH CONDITIONAL WRAPPER) AS v
-- case: JSON_QUERY('{"a":[1]}', '$.a' WITH CONDITIONAL WRAPPER)
SELECT JSON_QUERY('{"a":[1]}', '$.a' WITH CONDITIONAL WRAPPER) AS v
-- case: JSON_QUERY('{"a":[1]}', '$.a' WITH UNCONDITIONAL WRAPPER)
SELECT JSON_QUERY('{"a":[1]}', '$.a' WITH UNCONDITIONAL WRAPPER) AS v
-- case: JSON_QUERY('{"a":[1]}', '$.a' WITHOUT ARRAY WRAPPER)
SELECT JSON_QUERY('{"a":[1]}', '$.a' WITHOUT ARRAY WRAPPER) AS v
-- case: JSON_QUERY('{"a":[1]}', '$.b')
SELECT JSON_QUERY('{"a":[1]}', '$.b') AS v
-- case: JSON_QUERY('{"a":[1]}', '$.b' EMPTY ARRAY ON EMPTY)
SELECT JSON_QUERY('{"a":[1]}', '$.b' EMPTY ARRAY ON EMPTY) AS v
-- case: JSON_QUERY('{"a":[1]}', '$.b' EMPTY OBJECT ON EMPTY)
SELECT JSON_QUERY('{"a":[1]}', '$.b' EMPTY OBJECT ON EMPTY) AS v
-- case: JSON_QUERY('{"a":[1]}', '$.b' ERROR ON EMPTY)
SELECT JSON_QUERY('{"a":[1]}', '$.b' ERROR ON EMPTY) AS v
-- case: JSON_QUERY('{"a":1}', '$.a' EMPTY ARRAY ON ERROR)
SELECT JSON_QUERY('{"a":1}', '$.a' EMPTY ARRAY ON ERROR) AS v
-- case: JSON_QUERY('bad', '$.a' EMPTY OBJECT ON ERROR)
SELECT JSON_QUERY('bad', '$.a' EMPTY OBJECT ON ERROR) AS v
-- case: JSON_QUERY('bad', '$.a')
SELECT JSON_QUERY('bad', '$.a') AS v
-- case: JSON_QUERY('{"a":[{"b":1},{"b":2}]}', '$.a[*].b')
SELECT JSON_QUERY('{"a":[{"b":1},{"b":2}]}', '$.a[*].b') AS v
-- case: JSON_QUERY('{"a":[{"b":1},{"b":2}]}', '$.a[*].b' WITH WRAPPER)
SELECT JSON_QUERY('{"a":[{"b":1},{"b":2}]}', '$.a[*].b' WITH WRAPPER) AS v
-- case: JSON_QUERY('{"a":[1.50,1e3,"x",null,true]}', '$.a')
SELECT JSON_QUERY('{"a":[1.50,1e3,"x",null,true]}', '$.a') AS v
-- case: JSON_QUERY('{"b":1,"a":{"d":1,"c":2}}', '$')
SELECT JSON_QUERY('{"b":1,"a":{"d":1,"c":2}}', '$') AS v
-- case: JSON_QUERY('{"a":["x","y"]}', '$.a' RETURNING ARRAY<STRING>)
SELECT JSON_QUERY('{"a":["x","y"]}', '$.a' RETURNING ARRAY<STRING>) AS v
-- case: JSON_QUERY('{"a":[1,2]}', '$.a' RETURNING ARRAY<STRING>)
SELECT JSON_QUERY('{"a":[1,2]}', '$.a' RETURNING ARRAY<STRING>) AS v
-- case: JSON_QUERY('{"a":null}', '$.a')
SELECT JSON_QUERY('{"a":null}', '$.a') AS v
-- case: JSON_QUERY('{"a":null}', '$.a' WITH WRAPPER)
SELECT JSON_QUERY('{"a":null}', '$.a' WITH WRAPPER) AS v
-- case: JSON_QUERY('{ "a" : [ 1 , 2 ] }', '$')
SELECT JSON_QUERY('{ "a" : [ 1 , 2 ] }', '$') AS v
-- case: JSON_EXISTS('{"a":1}', '$.a')
SELECT JSON_EXISTS('{"a":1}', '$.a') AS v
-- case: JSON_EXISTS('{"a":null}', '$.a')
SELECT JSON_EXISTS('{"a":null}', '$.a') AS v
-- case: JSON_EXISTS('{"a":1}', 'strict $.b')
SELECT JSON_EXISTS('{"a":1}', 'strict $.b') AS v
-- case: JSON_EXISTS('{"a":1}', 'strict $.b' TRUE ON ERROR)
SELECT JSON_EXISTS('{"a":1}', 'strict $.b' TRUE ON ERROR) AS v
-- case: JSON_EXISTS('{"a":1}', 'strict $.b' UNKNOWN ON ERROR)
SELECT JSON_EXISTS('{"a":1}', 'strict $.b' UNKNOWN ON ERROR) AS v
-- case: JSON_EXISTS('{"a":1}', 'strict $.b' ERROR ON ERROR)
SELECT JSON_EXISTS('{"a":1}', 'strict $.b' ERROR ON ERROR) AS v
-- case: JSON_EXISTS('bad', '$.a')
SELECT JSON_EXISTS('bad', '$.a') AS v
-- case: JSON_EXISTS('bad', '$.a' TRUE ON ERROR)
SELECT JSON_EXISTS('bad', '$.a' TRUE ON ERROR) AS v
-- case: JSON_EXISTS('{"a":[1,2]}', '$.a[?(@ > 1)]')
SELECT JSON_EXISTS('{"a":[1,2]}', '$.a[?(@ > 1)]') AS v
-- case: JSON_EXISTS('{"a":[{"b":1}]}', '$.a[?(@.b == 1)]')
SELECT JSON_EXISTS('{"a":[{"b":1}]}', '$.a[?(@.b == 1)]') AS v
-- case: JSON_EXISTS('{"a":[]}', '$.a[*]')
SELECT JSON_EXISTS('{"a":[]}', '$.a[*]') AS v
-- case: JSON_EXISTS('{"a":[1]}', '$.a[0]')
SELECT JSON_EXISTS('{"a":[1]}', '$.a[0]') AS v
-- case: JSON_OBJECT('a' VALUE 1, 'b' VALUE 'x', 'c' VALUE NULL)
SELECT JSON_OBJECT('a' VALUE 1, 'b' VALUE 'x', 'c' VALUE NULL) AS v
-- case: JSON_OBJECT('a' VALUE CAST(NULL AS INT) ABSENT ON NULL)
SELECT JSON_OBJECT('a' VALUE CAST(NULL AS INT) ABSENT ON NULL) AS v
-- case: JSON_OBJECT('a' VALUE CAST(NULL AS INT) NULL ON NULL)
SELECT JSON_OBJECT('a' VALUE CAST(NULL AS INT) NULL ON NULL) AS v
-- case: JSON_OBJECT(KEY 'a' VALUE 1.50)
SELECT JSON_OBJECT(KEY 'a' VALUE 1.50) AS v
-- case: JSON_OBJECT('a': 1)
SELECT JSON_OBJECT('a': 1) AS v
-- case: JSON_OBJECT('a' VALUE 1, 'a' VALUE 2)
SELECT JSON_OBJECT('a' VALUE 1, 'a' VALUE 2) AS v
-- case: JSON_OBJECT()
SELECT JSON_OBJECT() AS v
-- case: JSON_OBJECT('b' VALUE 1, 'a' VALUE 2)
SELECT JSON_OBJECT('b' VALUE 1, 'a' VALUE 2) AS v
-- case: JSON_OBJECT('a' VALUE JSON_OBJECT('b' VALUE 1))
SELECT JSON_OBJECT('a' VALUE JSON_OBJECT('b' VALUE 1)) AS v
-- case: JSON_OBJECT('a' VALUE JSON_ARRAY(1, 'x'))
SELECT JSON_OBJECT('a' VALUE JSON_ARRAY(1, 'x')) AS v
-- case: JSON_OBJECT('a' VALUE JSON('{"x":1}'))
SELECT JSON_OBJECT('a' VALUE JSON('{"x":1}')) AS v
-- case: JSON_OBJECT('a' VALUE '{"x":1}')
SELECT JSON_OBJECT('a' VALUE '{"x":1}') AS v
-- case: JSON_OBJECT('a' VALUE DATE '2020-01-01', 'b' VALUE TIME '10:00:00', 'c' VALUE TIMESTAMP '2020-01-01 10:00:00.100')
SELECT JSON_OBJECT('a' VALUE DATE '2020-01-01', 'b' VALUE TIME '10:00:00', 'c' VALUE TIMESTAMP '2020-01-01 10:00:00.100') AS v
-- case: JSON_OBJECT('a' VALUE CAST(TIMESTAMP '2020-01-01 10:00:00.100' AS TIMESTAMP_LTZ(3)))
SELECT JSON_OBJECT('a' VALUE CAST(TIMESTAMP '2020-01-01 10:00:00.100' AS TIMESTAMP_LTZ(3))) AS v
-- case: JSON_OBJECT('a' VALUE ARRAY[1,2], 'b' VALUE MAP['x', 1], 'c' VALUE ROW(1,'q'))
SELECT JSON_OBJECT('a' VALUE ARRAY[1,2], 'b' VALUE MAP['x', 1], 'c' VALUE ROW(1,'q')) AS v
-- case: JSON_OBJECT('a' VALUE X'0102')
SELECT JSON_OBJECT('a' VALUE X'0102') AS v
-- case: JSON_OBJECT('a' VALUE 1e0, 'b' VALUE 1e10, 'c' VALUE 0.00001, 'd' VALUE 100.00, 'e' VALUE CAST(1.1 AS FLOAT))
SELECT JSON_OBJECT('a' VALUE 1e0, 'b' VALUE 1e10, 'c' VALUE 0.00001, 'd' VALUE 100.00, 'e' VALUE CAST(1.1 AS FLOAT)) AS v
-- case: JSON_OBJECT('a' VALUE TRUE)
SELECT JSON_OBJECT('a' VALUE TRUE) AS v
-- case: JSON_OBJECT('a' VALUE 'é"\/')
SELECT JSON_OBJECT('a' VALUE 'é"\/') AS v
-- case: JSON_OBJECT('a' VALUE INTERVAL '1' DAY)
SELECT JSON_OBJECT('a' VALUE INTERVAL '1' DAY) AS v
-- case: JSON_OBJECT(CAST(NULL AS STRING) VALUE 1)
SELECT JSON_OBJECT(CAST(NULL AS STRING) VALUE 1) AS v
-- case: JSON_ARRAY()
SELECT JSON_ARRAY() AS v
-- case: JSON_ARRAY(1, NULL, 'a')
SELECT JSON_ARRAY(1, NULL, 'a') AS v
-- case: JSON_ARRAY(1, NULL, 'a' NULL ON NULL)
SELECT JSON_ARRAY(1, NULL, 'a' NULL ON NULL) AS v
-- case: JSON_ARRAY(1, CAST(NULL AS INT) ABSENT ON NULL)
SELECT JSON_ARRAY(1, CAST(NULL AS INT) ABSENT ON NULL) AS v
-- case: JSON_ARRAY(JSON_ARRAY(1), JSON_OBJECT('a' VALUE 1))
SELECT JSON_ARRAY(JSON_ARRAY(1), JSON_OBJECT('a' VALUE 1)) AS v
-- case: JSON_ARRAY(JSON('[1, 2 ]'))
SELECT JSON_ARRAY(JSON('[1, 2 ]')) AS v
-- case: JSON_STRING(1.50)
SELECT JSON_STRING(1.50) AS v
-- case: JSON_STRING('é"')
SELECT JSON_STRING('é"') AS v
-- case: JSON_STRING(CAST(NULL AS INT))
SELECT JSON_STRING(CAST(NULL AS INT)) AS v
-- case: JSON_STRING(ARRAY[1, CAST(NULL AS INT)])
SELECT JSON_STRING(ARRAY[1, CAST(NULL AS INT)]) AS v
-- case: JSON_STRING(ROW(1, 'a', CAST(NULL AS STRING)))
SELECT JSON_STRING(ROW(1, 'a', CAST(NULL AS STRING))) AS v
-- case: JSON_STRING(MAP['b', 1, 'a', 2])
SELECT JSON_STRING(MAP['b', 1, 'a', 2]) AS v
-- case: JSON_STRING(TIMESTAMP '2020-01-01 10:00:00')
SELECT JSON_STRING(TIMESTAMP '2020-01-01 10:00:00') AS v
-- case: JSON_STRING(X'FF')
SELECT JSON_STRING(X'FF') AS v
-- case: JSON_STRING(1e0)
SELECT JSON_STRING(1e0) AS v
-- case: JSON_STRING(TRUE)
SELECT JSON_STRING(TRUE) AS v
-- case: '{"a":1}' IS JSON
SELECT '{"a":1}' IS JSON AS v
-- case: '{"a":1}' IS JSON OBJECT
SELECT '{"a":1}' IS JSON OBJECT AS v
-- case: '[1]' IS JSON ARRAY
SELECT '[1]' IS JSON ARRAY AS v
-- case: '1' IS JSON SCALAR
SELECT '1' IS JSON SCALAR AS v
-- case: '1' IS JSON VALUE
SELECT '1' IS JSON VALUE AS v
-- case: '{"a":1' IS JSON
SELECT '{"a":1' IS JSON AS v
-- case: '' IS JSON
SELECT '' IS JSON AS v
-- case: 'abc' IS JSON
SELECT 'abc' IS JSON AS v
-- case: 'null' IS JSON
SELECT 'null' IS JSON AS v
-- case: '{"a":1} x' IS JSON
SELECT '{"a":1} x' IS JSON AS v
-- case: '{a:1}' IS JSON
SELECT '{a:1}' IS JSON AS v
-- case: '01' IS JSON
SELECT '01' IS JSON AS v
-- case: '1.' IS JSON
SELECT '1.' IS JSON AS v
-- case: 'NaN' IS JSON
SELECT 'NaN' IS JSON AS v
-- case: '[1,]' IS JSON
SELECT '[1,]' IS JSON AS v
-- case: ' 1 ' IS JSON SCALAR
SELECT ' 1 ' IS JSON SCALAR AS v
-- case: JSON_VALUE('{"a":1.50}', '$.a')
SELECT JSON_VALUE('{"a":1.50}', '$.a') AS v
-- case: JSON_VALUE('{"a":1e3}', '$.a')
SELECT JSON_VALUE('{"a":1e3}', '$.a') AS v
-- case: JSON_VALUE('{"a":12345678901234567890}', '$.a')
SELECT JSON_VALUE('{"a":12345678901234567890}', '$.a') AS v
-- case: JSON_VALUE('{"a":true}', '$.a')
SELECT JSON_VALUE('{"a":true}', '$.a') AS v
-- case: JSON_VALUE('{"a":null}', '$.a')
SELECT JSON_VALUE('{"a":null}', '$.a') AS v
-- case: JSON_VALUE('{"a":null}', '$.a' NULL ON EMPTY)
SELECT JSON_VALUE('{"a":null}', '$.a' NULL ON EMPTY) AS v
-- case: JSON_VALUE('{"a":null}', '$.a' DEFAULT 'x' ON EMPTY)
SELECT JSON_VALUE('{"a":null}', '$.a' DEFAULT 'x' ON EMPTY) AS v
-- case: JSON_VALUE('{"a":null}', '$.a' DEFAULT 'x' ON ERROR)
SELECT JSON_VALUE('{"a":null}', '$.a' DEFAULT 'x' ON ERROR) AS v
-- case: JSON_VALUE('{"a":[1]}', '$.a')
SELECT JSON_VALUE('{"a":[1]}', '$.a') AS v
-- case: JSON_VALUE('{"a":[1]}', '$.a' DEFAULT 'x' ON ERROR)
SELECT JSON_VALUE('{"a":[1]}', '$.a' DEFAULT 'x' ON ERROR) AS v
-- case: JSON_VALUE('{"a":[1]}', '$.a' ERROR ON ERROR)
SELECT JSON_VALUE('{"a":[1]}', '$.a' ERROR ON ERROR) AS v
-- case: JSON_VALUE('{"a":{}}', '$.a' NULL ON ERROR)
SELECT JSON_VALUE('{"a":{}}', '$.a' NULL ON ERROR) AS v
-- case: JSON_VALUE('{"a":1}', '$.b' ERROR ON EMPTY)
SELECT JSON_VALUE('{"a":1}', '$.b' ERROR ON EMPTY) AS v
-- case: JSON_VALUE('{"a":1}', 'strict $.b')
SELECT JSON_VALUE('{"a":1}', 'strict $.b') AS v
-- case: JSON_VALUE('{"a":1}', 'strict $.b' DEFAULT 'e' ON ERROR)
SELECT JSON_VALUE('{"a":1}', 'strict $.b' DEFAULT 'e' ON ERROR) AS v
-- case: JSON_VALUE('{"a":1}', 'strict $.b' DEFAULT 'e' ON EMPTY)
SELECT JSON_VALUE('{"a":1}', 'strict $.b' DEFAULT 'e' ON EMPTY) AS v
-- case: JSON_VALUE('{"a":1}', 'lax $.a')
SELECT JSON_VALUE('{"a":1}', 'lax $.a') AS v
-- case: JSON_VALUE('bad', '$.a')
SELECT JSON_VALUE('bad', '$.a') AS v
-- case: JSON_VALUE('bad', '$.a' DEFAULT 'x' ON ERROR)
SELECT JSON_VALUE('bad', '$.a' DEFAULT 'x' ON ERROR) AS v
-- case: JSON_VALUE('bad', '$.a' ERROR ON ERROR)
SELECT JSON_VALUE('bad', '$.a' ERROR ON ERROR) AS v
-- case: JSON_VALUE('{"a":"5"}', '$.a' RETURNING INT)
SELECT JSON_VALUE('{"a":"5"}', '$.a' RETURNING INT) AS v
-- case: JSON_VALUE('{"a":"x"}', '$.a' RETURNING INT)
SELECT JSON_VALUE('{"a":"x"}', '$.a' RETURNING INT) AS v
-- case: JSON_VALUE('{"a":"x"}', '$.a' RETURNING INT DEFAULT 7 ON ERROR)
SELECT JSON_VALUE('{"a":"x"}', '$.a' RETURNING INT DEFAULT 7 ON ERROR) AS v
-- case: JSON_VALUE('{"a":5.7}', '$.a' RETURNING INT)
SELECT JSON_VALUE('{"a":5.7}', '$.a' RETURNING INT) AS v
-- case: JSON_VALUE('{"a":5}', '$.a' RETURNING DOUBLE)
SELECT JSON_VALUE('{"a":5}', '$.a' RETURNING DOUBLE) AS v
-- case: JSON_VALUE('{"a":5.5}', '$.a' RETURNING DOUBLE)
SELECT JSON_VALUE('{"a":5.5}', '$.a' RETURNING DOUBLE) AS v
-- case: JSON_VALUE('{"a":5}', '$.a' RETURNING STRING)
SELECT JSON_VALUE('{"a":5}', '$.a' RETURNING STRING) AS v
-- case: JSON_VALUE('{"a":"true"}', '$.a' RETURNING BOOLEAN)
SELECT JSON_VALUE('{"a":"true"}', '$.a' RETURNING BOOLEAN) AS v
-- case: JSON_VALUE('{"a b":1}', '$["a b"]')
SELECT JSON_VALUE('{"a b":1}', '$["a b"]') AS v
-- case: JSON_VALUE('{"a b":1}', '$[''a b'']')
SELECT JSON_VALUE('{"a b":1}', '$[''a b'']') AS v
-- case: JSON_VALUE('[1,2,3]', '$[1]')
SELECT JSON_VALUE('[1,2,3]', '$[1]') AS v
-- case: JSON_VALUE('[1,2,3]', '$[-1]')
SELECT JSON_VALUE('[1,2,3]', '$[-1]') AS v
-- case: JSON_VALUE('[1,2,3]', '$[last]')
SELECT JSON_VALUE('[1,2,3]', '$[last]') AS v
-- case: JSON_VALUE('[1,2,3]', '$[5]')
SELECT JSON_VALUE('[1,2,3]', '$[5]') AS v
-- case: JSON_VALUE('{"a":[{"b":1},{"b":2}]}', '$.a[0].b')
SELECT JSON_VALUE('{"a":[{"b":1},{"b":2}]}', '$.a[0].b') AS v
-- case: JSON_VALUE('{"a":[{"b":1},{"b":2}]}', '$.a[*].b')
SELECT JSON_VALUE('{"a":[{"b":1},{"b":2}]}', '$.a[*].b') AS v
-- case: JSON_VALUE('{"a":{"b":{"c":9}}}', '$..c')
SELECT JSON_VALUE('{"a":{"b":{"c":9}}}', '$..c') AS v
-- case: JSON_VALUE('"str"', '$')
SELECT JSON_VALUE('"str"', '$') AS v
-- case: JSON_VALUE('5', '$')
SELECT JSON_VALUE('5', '$') AS v
-- case: JSON_VALUE('', '$')
SELECT JSON_VALUE('', '$') AS v
-- case: JSON_VALUE('{"a":"é\u00e9"}', '$.a')
SELECT JSON_VALUE('{"a":"é\u00e9"}', '$.a') AS v
-- case: JSON_VALUE('{"a":1}', 'a')
SELECT JSON_VALUE('{"a":1}', 'a') AS v
-- case: JSON_VALUE('{"a":1}', '')
SELECT JSON_VALUE('{"a":1}', '') AS v
-- case: JSON_VALUE('{"a":1,"a":2}', '$.a')
SELECT JSON_VALUE('{"a":1,"a":2}', '$.a') AS v
-- case: JSON_VALUE('{a:1}', '$.a')
SELECT JSON_VALUE('{a:1}', '$.a') AS v
-- case: JSON_VALUE('{"a":1} x', '$.a')
SELECT JSON_VALUE('{"a":1} x', '$.a') AS v
