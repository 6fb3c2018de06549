use std::fmt::Write as _;

use expect_test::{Expect, expect};
use flitz_dataflow::options::Options;
use flitz_dataflow::{DataType, Field, RowField, Schema, TypeKind};

use super::Json;
use crate::format::{DecodeError, Decoded, DecoderSpec, EncoderSpec, FormatFactory, Messages, Origin};

fn schema(fields: &[(&str, DataType)]) -> Schema {
    fields.iter().map(|(name, data_type)| Field::new(*name, data_type.clone())).collect()
}

fn options(values: &[(&str, &str)]) -> Options {
    values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn messages(lines: &[&str]) -> Messages {
    let mut messages = Messages::default();
    lines.iter().for_each(|line| messages.push(line.as_bytes()));
    messages
}

fn decode(schema: &Schema, set: &[(&str, &str)], lines: &Messages) -> Result<Decoded, DecodeError> {
    let projection: Vec<usize> = (0..schema.len()).collect();
    let set = options(set);
    let spec = DecoderSpec {
        physical: schema,
        projection: &projection,
        metadata: &[],
        origin: Origin::Message,
        options: &set,
    };
    Json.decoder(&spec).unwrap().decode(lines, 0..lines.len())
}

/// Rows written by the encoder, which has tests of its own; below them what happened to other messages.
fn shown(schema: &Schema, decoded: Result<Decoded, DecodeError>) -> String {
    let decoded = match decoded {
        Ok(decoded) => decoded,
        Err(e) => return format!("message {}: {}\n", e.message, e.error),
    };
    let none = options(&[]);
    let mut out = Messages::default();
    Json.encoder(&EncoderSpec { schema, options: &none }).unwrap().encode(&decoded.rows, &mut out).unwrap();
    let mut text = String::new();
    for row in out.iter() {
        writeln!(text, "{}", String::from_utf8_lossy(row.unwrap())).unwrap();
    }
    if let Some(kept) = decoded.kept {
        writeln!(text, "kept {kept:?}, skipped {}", decoded.skipped).unwrap();
    }
    text
}

fn check(schema: &Schema, set: &[(&str, &str)], lines: &[&str], expected: Expect) {
    expected.assert_eq(&shown(schema, decode(schema, set, &messages(lines))));
}

/// A value as each type reads it; `!` where it is an error. Recorded from Flink 2.3.
#[test]
fn lenient_conversions_are_flinks() {
    let types = [
        ("BOOLEAN", TypeKind::Boolean),
        ("TINYINT", TypeKind::TinyInt),
        ("SMALLINT", TypeKind::SmallInt),
        ("INT", TypeKind::Int),
        ("BIGINT", TypeKind::BigInt),
        ("FLOAT", TypeKind::Float),
        ("DOUBLE", TypeKind::Double),
        ("DECIMAL", TypeKind::Decimal { precision: 10, scale: 2 }),
        ("STRING", TypeKind::STRING),
        ("BYTES", TypeKind::BYTES),
        ("DATE", TypeKind::Date),
        ("TIME", TypeKind::Time(3)),
        ("TS", TypeKind::timestamp(9)),
        ("LTZ", TypeKind::timestamp_ltz(3)),
    ];
    let values = [
        "50",
        "\"50\"",
        "\" 50 \"",
        "7.9",
        "\"7.9\"",
        "1e2",
        "\"1e2\"",
        "300",
        "3000000000",
        "1e20",
        "99999999999999999999",
        "true",
        "\" TRUE \"",
        "\"yes\"",
        "\"\"",
        "null",
        "{\"a\" : 1.50, \"b\":[1e5,\"x\\n\"]}",
        "[1, 2]",
        "\"NaN\"",
        "\"1d\"",
        "\".5\"",
        "-0",
        "2147483647.9",
        "9223372036854775807.5",
        "1e400",
        "3.4e39",
        "\"2020-01-02\"",
        "\"2020-02-30\"",
        "\"12:34:56.789\"",
        "\"24:00:00\"",
        "\"2020-01-02 03:04:05.123456789\"",
        "\"2020-02-31 24:00:00\"",
        "\"2020-01-02 03:04:05.5Z\"",
        "\"2020-01-02T03:04:05\"",
        "\"aGVs bG8=\"",
        "\"aGVsbG8\"",
    ];
    let mut table = String::new();
    for value in values {
        write!(table, "{value}:").unwrap();
        for (name, kind) in &types {
            let schema = schema(&[("v", kind.clone().nullable())]);
            let shown = shown(&schema, decode(&schema, &[], &messages(&[&format!("{{\"v\":{value}}}")])));
            match shown.trim().strip_prefix("{\"v\":").and_then(|s| s.strip_suffix('}')) {
                Some(value) => write!(table, " {name} {value}").unwrap(),
                None => assert!(shown.contains("cannot read"), "{shown}"),
            }
        }
        table.push('\n');
    }
    expect![[r#"
        50: BOOLEAN false TINYINT 50 SMALLINT 50 INT 50 BIGINT 50 FLOAT 50.0 DOUBLE 50.0 DECIMAL 5E+1 STRING "50"
        "50": BOOLEAN false TINYINT 50 SMALLINT 50 INT 50 BIGINT 50 FLOAT 50.0 DOUBLE 50.0 DECIMAL 5E+1 STRING "50"
        " 50 ": BOOLEAN false TINYINT 50 SMALLINT 50 INT 50 BIGINT 50 FLOAT 50.0 DOUBLE 50.0 DECIMAL 5E+1 STRING " 50 "
        7.9: BOOLEAN false INT 7 BIGINT 7 FLOAT 7.9 DOUBLE 7.9 DECIMAL 7.9 STRING "7.9"
        "7.9": BOOLEAN false FLOAT 7.9 DOUBLE 7.9 DECIMAL 7.9 STRING "7.9"
        1e2: BOOLEAN false INT 100 BIGINT 100 FLOAT 100.0 DOUBLE 100.0 DECIMAL 1E+2 STRING "1e2"
        "1e2": BOOLEAN false FLOAT 100.0 DOUBLE 100.0 DECIMAL 1E+2 STRING "1e2"
        300: BOOLEAN false SMALLINT 300 INT 300 BIGINT 300 FLOAT 300.0 DOUBLE 300.0 DECIMAL 3E+2 STRING "300"
        3000000000: BOOLEAN false BIGINT 3000000000 FLOAT 3.0E9 DOUBLE 3.0E9 DECIMAL null STRING "3000000000"
        1e20: BOOLEAN false FLOAT 1.0E20 DOUBLE 1.0E20 DECIMAL null STRING "1e20"
        99999999999999999999: BOOLEAN false FLOAT 1.0E20 DOUBLE 1.0E20 DECIMAL null STRING "99999999999999999999"
        true: BOOLEAN true STRING "true"
        " TRUE ": BOOLEAN true STRING " TRUE " BYTES "TRUE"
        "yes": BOOLEAN false STRING "yes"
        "": BOOLEAN false STRING "" BYTES ""
        null: BOOLEAN null TINYINT null SMALLINT null INT null BIGINT null FLOAT null DOUBLE null DECIMAL null STRING null BYTES null DATE null TIME null TS null LTZ null
        {"a" : 1.50, "b":[1e5,"x\n"]}: BOOLEAN false STRING "{\"a\":1.5,\"b\":[1E+5,\"x\\n\"]}"
        [1, 2]: BOOLEAN false STRING "[1,2]"
        "NaN": BOOLEAN false FLOAT "NaN" DOUBLE "NaN" STRING "NaN"
        "1d": BOOLEAN false FLOAT 1.0 DOUBLE 1.0 STRING "1d"
        ".5": BOOLEAN false FLOAT 0.5 DOUBLE 0.5 DECIMAL 0.5 STRING ".5"
        -0: BOOLEAN false TINYINT 0 SMALLINT 0 INT 0 BIGINT 0 FLOAT -0.0 DOUBLE -0.0 DECIMAL 0 STRING "-0"
        2147483647.9: BOOLEAN false BIGINT 2147483647 FLOAT 2.14748365E9 DOUBLE 2.1474836479E9 DECIMAL null STRING "2147483647.9"
        9223372036854775807.5: BOOLEAN false BIGINT 9223372036854775807 FLOAT 9.223372E18 DOUBLE 9.223372036854776E18 DECIMAL null STRING "9223372036854775807.5"
        1e400: BOOLEAN false FLOAT "Infinity" DOUBLE "Infinity" DECIMAL null STRING "1e400"
        3.4e39: BOOLEAN false FLOAT "Infinity" DOUBLE 3.4E39 DECIMAL null STRING "3.4e39"
        "2020-01-02": BOOLEAN false STRING "2020-01-02" DATE "2020-01-02"
        "2020-02-30": BOOLEAN false STRING "2020-02-30"
        "12:34:56.789": BOOLEAN false STRING "12:34:56.789" TIME "12:34:56.789"
        "24:00:00": BOOLEAN false STRING "24:00:00" TIME "00:00:00"
        "2020-01-02 03:04:05.123456789": BOOLEAN false STRING "2020-01-02 03:04:05.123456789" TS "2020-01-02 03:04:05.123456789"
        "2020-02-31 24:00:00": BOOLEAN false STRING "2020-02-31 24:00:00" TS "2020-03-01 00:00:00"
        "2020-01-02 03:04:05.5Z": BOOLEAN false STRING "2020-01-02 03:04:05.5Z" LTZ "2020-01-02 03:04:05.5Z"
        "2020-01-02T03:04:05": BOOLEAN false STRING "2020-01-02T03:04:05"
        "aGVs bG8=": BOOLEAN false STRING "aGVs bG8=" BYTES "aGVsbG8="
        "aGVsbG8": BOOLEAN false STRING "aGVsbG8"
    "#]].assert_eq(&table);
}

fn basic() -> Schema {
    schema(&[
        ("id", TypeKind::BigInt.nullable()),
        ("name", TypeKind::STRING.nullable()),
        ("amount", TypeKind::Double.nullable()),
    ])
}

#[test]
fn fields_come_in_any_order_twice_or_not_at_all() {
    check(
        &basic(),
        &[],
        &[
            r#"{"id":1,"name":"a","amount":1.5}"#,
            r#"{"id":2,"name":"b","amount":2}"#,
            r#"{ "amount" : 2.5 , "x" : {"id":[9,{"name":"no"}]} , "id" : 3 }"#,
            r#"{"amount":2.5,"x":null,"id":4,"name":"\u00e9\ud83d\ude00\ud83d\n\"\/"}"#,
            r#"{"id":5,"name":"first","id":6,"name":"last","amount":1,"amount":null}"#,
            r#"{"i\u0064":7,"NAME":"case matters"}"#,
            r#"{}"#,
            "\u{feff}  {\"id\":8} trailing text is not looked at",
            "{\"name\":\"tab\tin text\"}",
            "",
        ],
        expect![[r#"
            {"id":1,"name":"a","amount":1.5}
            {"id":2,"name":"b","amount":2.0}
            {"id":3,"name":null,"amount":2.5}
            {"id":4,"name":"é\uD83D\uDE00?\n\"/","amount":2.5}
            {"id":6,"name":"first","amount":null}
            {"id":7,"name":null,"amount":null}
            {"id":null,"name":null,"amount":null}
            {"id":8,"name":null,"amount":null}
            {"id":null,"name":"tab\tin text","amount":null}
            kept [0, 1, 2, 3, 4, 5, 6, 7, 8], skipped 0
        "#]],
    );
}

#[test]
fn errors_name_the_field_and_the_byte() {
    let lines = [
        r#"{"id":1,"amount":"abc"}"#,
        r#"{"id":[1,2]}"#,
        r#"{"id":1,"name":"unclosed}"#,
        r#"{"id":1,}"#,
        r#"{"id":01}"#,
        r#"{"id":1 "name":"x"}"#,
        r#"{"id":1"#,
        r#"{"x":[1,2}}"#,
        r#"{"x":tru}"#,
        r#"{"name":"\q"}"#,
        r#"[1]"#,
        r#"null"#,
        "  ",
        r#"{'id':1}"#,
        r#"{"amount":NaN}"#,
    ];
    let mut all = String::new();
    for line in lines {
        all += &shown(&basic(), decode(&basic(), &[], &messages(&[line])));
    }
    expect![[r#"
        message 0: field amount: cannot read "abc" as DOUBLE (byte 17)
        message 0: field id: cannot read [1,2] as BIGINT (byte 6)
        message 0: not a JSON object: the string that begins here has no end at byte 15
        message 0: not a JSON object: expected a field name in double quotes, found '}' at byte 8
        message 0: not a JSON object: a number must not begin with 0 at byte 6
        message 0: not a JSON object: expected ',' or '}', found '"' at byte 8
        message 0: not a JSON object: expected ',' or '}', found the end of the message at byte 7
        message 0: not a JSON object: expected ',' or ']', found '}' at byte 9
        message 0: not a JSON object: expected a value, found 't' at byte 5
        message 0: not a JSON object: expected an escape character, found 'q' at byte 10
        message 0: not a JSON object: expected '{', found '[' at byte 0
        message 0: not a JSON object: expected '{', found 'n' at byte 0
        message 0: not a JSON object: expected '{', found the end of the message at byte 2
        message 0: not a JSON object: expected a field name in double quotes, found '\'' at byte 1
        message 0: not a JSON object: expected a value, found 'N' at byte 10
    "#]]
    .assert_eq(&all);
    check(
        &basic(),
        &[("fail-on-missing-field", "true")],
        &[r#"{"id":1,"name":"x"}"#],
        expect![[r#"
            message 0: field amount is missing (byte 0)
        "#]],
    );
    check(
        &basic(),
        &[("ignore-parse-errors", "true")],
        &lines,
        expect![[r#"
            {"id":1,"name":null,"amount":null}
            kept [0], skipped 14
        "#]],
    );
}

#[test]
fn bytes_that_are_not_utf8_spoil_their_message_only() {
    let mut lines = Messages::default();
    lines.push(br#"{"name":"ok"}"#);
    lines.push(b"{\"name\":\"\xff\"}");
    // Two halves of one character, each within its own message.
    lines.push(b"{\"name\":\"\xc3");
    lines.push(b"\xa9\"}");
    lines.push_null();
    lines.push("{\"name\":\"é\"}".as_bytes());
    let decoded = decode(&basic(), &[("ignore-parse-errors", "true")], &lines);
    expect![[r#"
        {"id":null,"name":"ok","amount":null}
        {"id":null,"name":"é","amount":null}
        kept [0, 5], skipped 3
    "#]]
    .assert_eq(&shown(&basic(), decoded));
    expect![[r#"
        message 1: not a JSON object: bytes that are not UTF-8 at byte 9
    "#]]
    .assert_eq(&shown(&basic(), decode(&basic(), &[], &lines)));
}

#[test]
fn nested_types() {
    let row = TypeKind::Row(vec![
        RowField { name: "a".into(), data_type: TypeKind::Int.nullable() },
        RowField { name: "b".into(), data_type: TypeKind::Array(Box::new(TypeKind::STRING.nullable())).nullable() },
    ]);
    let schema = schema(&[
        ("r", row.clone().nullable()),
        ("l", TypeKind::Array(Box::new(row.nullable())).nullable()),
        ("m", TypeKind::Map(Box::new(TypeKind::STRING.nullable()), Box::new(TypeKind::Int.nullable())).nullable()),
        ("s", TypeKind::Multiset(Box::new(TypeKind::STRING.nullable())).nullable()),
    ]);
    let many: String = (0..40).map(|i| format!("\"k{}\":{i},", i % 30)).collect();
    let lines = [
        r#"{"r":{"b":["x",null,"y"],"a":1},"l":[{"a":1},null,{"b":[]}],"m":{"k":1,"j":null},"s":{"e":2}}"#.to_owned(),
        r#"{"r":null,"l":[],"m":{},"s":null}"#.to_owned(),
        r#"{"m":{"k":1,"k":2,"j":3},"r":{"a":"x","b":[1,{"z":0}]}}"#.to_owned(),
        r#"{"m":{"k":"x"},"l":[{"a":[]},7],"r":[]}"#.to_owned(),
        format!("{{\"m\":{{{}}}}}", many.trim_end_matches(',')),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    check(
        &schema,
        &[("ignore-parse-errors", "true")],
        &lines,
        expect![[r#"
            {"r":{"a":1,"b":["x",null,"y"]},"l":[{"a":1,"b":null},null,{"a":null,"b":[]}],"m":{"k":1,"j":null},"s":{"e":2}}
            {"r":null,"l":[],"m":{},"s":null}
            {"r":{"a":null,"b":["1","{\"z\":0}"]},"l":null,"m":{"k":2,"j":3},"s":null}
            {"r":null,"l":null,"m":{"k0":30,"k1":31,"k2":32,"k3":33,"k4":34,"k5":35,"k6":36,"k7":37,"k8":38,"k9":39,"k10":10,"k11":11,"k12":12,"k13":13,"k14":14,"k15":15,"k16":16,"k17":17,"k18":18,"k19":19,"k20":20,"k21":21,"k22":22,"k23":23,"k24":24,"k25":25,"k26":26,"k27":27,"k28":28,"k29":29},"s":null}
            kept [0, 1, 2, 4], skipped 1
        "#]],
    );
    check(
        &schema,
        &[],
        &lines[2..3],
        expect![[r#"
        message 0: field r.a: cannot read "x" as INT (byte 34)
    "#]],
    );
    check(
        &schema,
        &[],
        &lines[3..4],
        expect![[r#"
        message 0: field m.k: cannot read "x" as INT (byte 10)
    "#]],
    );
}

#[test]
fn not_null_is_kept() {
    let schema = schema(&[("id", TypeKind::BigInt.not_null())]);
    check(
        &schema,
        &[],
        &["{\"id\":null}"],
        expect![[r#"
            message 0: field id is null, but declared BIGINT NOT NULL (byte 6)
        "#]],
    );
    check(
        &schema,
        &[],
        &["{}"],
        expect![[r#"
            message 0: field id is missing, but declared BIGINT NOT NULL (byte 0)
        "#]],
    );
    check(
        &schema,
        &[("ignore-parse-errors", "true")],
        &["{}", "{\"id\":\"x\"}", "{\"id\":1}"],
        expect![[r#"
        {"id":1}
        kept [2], skipped 2
    "#]],
    );
}

#[test]
fn depth_is_limited() {
    let deep = format!("{{\"x\":{}1{}}}", "[".repeat(1001), "]".repeat(1001));
    check(
        &basic(),
        &[],
        &[&deep],
        expect![[r#"
        message 0: not a JSON object: nested deeper than 1000 at byte 1005
    "#]],
    );
}
