use expect_test::{Expect, expect};
use flitz_dataflow::options::Options;
use flitz_dataflow::{DataType, Field, RowField, Schema, TypeKind};

use super::Csv;
use super::record::record_end;
use crate::format::json::Json;
use crate::format::{DecoderSpec, EncoderSpec, FormatFactory, Framing, Messages, Origin};

fn schema(fields: &[(&str, TypeKind)]) -> Schema {
    fields.iter().map(|(name, kind)| Field::new(*name, kind.clone().nullable())).collect()
}

fn options(values: &[(&str, &str)]) -> Options {
    values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

/// Cuts a file, decodes its records, and shows the rows as JSON.
fn check(schema: &Schema, set: &[(&str, &str)], file: &str, expected: Expect) {
    let set = options(set);
    let Framing::Csv(dialect) = Csv.describe(&set).unwrap().framing else { panic!("csv") };
    let mut messages = Messages::default();
    let mut rest = file.as_bytes();
    while !rest.is_empty() {
        let (end, next) = record_end(rest, &dialect).unwrap_or((rest.len(), rest.len()));
        messages.push(&rest[..end]);
        rest = &rest[next..];
    }
    let projection: Vec<usize> = (0..schema.len()).collect();
    let spec =
        DecoderSpec { physical: schema, projection: &projection, metadata: &[], origin: Origin::File, options: &set };
    let text = match Csv.decoder(&spec).unwrap().decode(&messages, 0..messages.len()) {
        Err(e) => format!("record {}: {}\n", e.message, e.error),
        Ok(decoded) => {
            let mut out = Messages::default();
            let none = Options::default();
            let mut json = Json.encoder(&EncoderSpec { schema, options: &none }).unwrap();
            json.encode(&decoded.rows, &mut out).unwrap();
            out.iter().map(|m| format!("{}\n", String::from_utf8_lossy(m.unwrap()))).collect()
        }
    };
    expected.assert_eq(&text);
}

const IGNORE: (&str, &str) = ("ignore-parse-errors", "true");

/// The file of which Flink 2.3 was asked the same.
const RECORDS: &str = "1,a,1.5\n2,b\n3,c,2.5,extra\n4\n\n5,e,\n6,f,1,\n  \n7, g ,3\n8,\"h\" ,4\n9, \"i\",5\r\n\
    # 10,c,1\n11,\"multi\nline\",6\n12,x,7\n,y,8\n\"13\",z,9";

#[test]
fn records_of_any_length() {
    let s = schema(&[("id", TypeKind::Int), ("s", TypeKind::STRING), ("d", TypeKind::Double)]);
    check(
        &s,
        &[IGNORE],
        RECORDS,
        expect![[r#"
        {"id":1,"s":"a","d":1.5}
        {"id":2,"s":"b","d":null}
        {"id":4,"s":null,"d":null}
        {"id":null,"s":null,"d":null}
        {"id":5,"s":"e","d":null}
        {"id":6,"s":"f","d":1.0}
        {"id":null,"s":null,"d":null}
        {"id":7,"s":" g ","d":3.0}
        {"id":8,"s":"h","d":4.0}
        {"id":9,"s":" \"i\"","d":5.0}
        {"id":null,"s":"c","d":1.0}
        {"id":11,"s":"multi\nline","d":6.0}
        {"id":12,"s":"x","d":7.0}
        {"id":null,"s":"y","d":8.0}
        {"id":13,"s":"z","d":9.0}
    "#]],
    );
    check(
        &s,
        &[IGNORE, ("allow-comments", "true"), ("trim-spaces", "true")],
        RECORDS,
        expect![[r#"
        {"id":1,"s":"a","d":1.5}
        {"id":2,"s":"b","d":null}
        {"id":4,"s":null,"d":null}
        {"id":5,"s":"e","d":null}
        {"id":6,"s":"f","d":1.0}
        {"id":7,"s":"g","d":3.0}
        {"id":8,"s":"h","d":4.0}
        {"id":9,"s":"i","d":5.0}
        {"id":11,"s":"multi\nline","d":6.0}
        {"id":12,"s":"x","d":7.0}
        {"id":null,"s":"y","d":8.0}
        {"id":13,"s":"z","d":9.0}
    "#]],
    );
    check(
        &s,
        &[IGNORE, ("ignore-trailing-unmappable", "true"), ("empty-string-as-null", "true")],
        RECORDS,
        expect![[r#"
            {"id":1,"s":"a","d":1.5}
            {"id":2,"s":"b","d":null}
            {"id":3,"s":"c","d":2.5}
            {"id":4,"s":null,"d":null}
            {"id":null,"s":null,"d":null}
            {"id":5,"s":"e","d":null}
            {"id":6,"s":"f","d":1.0}
            {"id":null,"s":null,"d":null}
            {"id":7,"s":" g ","d":3.0}
            {"id":8,"s":"h","d":4.0}
            {"id":9,"s":" \"i\"","d":5.0}
            {"id":null,"s":"c","d":1.0}
            {"id":11,"s":"multi\nline","d":6.0}
            {"id":12,"s":"x","d":7.0}
            {"id":null,"s":"y","d":8.0}
            {"id":13,"s":"z","d":9.0}
        "#]],
    );
    check(
        &s,
        &[IGNORE, ("fail-on-missing-columns", "true"), ("allow-trailing-comma", "false")],
        RECORDS,
        expect![[r#"
            {"id":1,"s":"a","d":1.5}
            {"id":5,"s":"e","d":null}
            {"id":7,"s":" g ","d":3.0}
            {"id":8,"s":"h","d":4.0}
            {"id":9,"s":" \"i\"","d":5.0}
            {"id":null,"s":"c","d":1.0}
            {"id":11,"s":"multi\nline","d":6.0}
            {"id":12,"s":"x","d":7.0}
            {"id":null,"s":"y","d":8.0}
            {"id":13,"s":"z","d":9.0}
        "#]],
    );
    check(
        &s,
        &[],
        RECORDS,
        expect![[r#"
        record 1: a record has 3 fields, found 2
    "#]],
    );
    check(
        &s,
        &[],
        "1,a,x",
        expect![[r#"
        record 0: field d: cannot read "x" as DOUBLE
    "#]],
    );
    check(
        &s,
        &[],
        "1,\"a\"b,2",
        expect![[r#"
        record 0: expected ',' or the end of the line after the quote, found 'b' (byte 5)
    "#]],
    );
    check(
        &s,
        &[],
        "1,\"a,2",
        expect![[r#"
        record 0: the quote that opens here is not closed (byte 2)
    "#]],
    );
}

#[test]
fn texts_as_flink_reads_them() {
    let kinds = [
        ("s", TypeKind::STRING),
        ("i", TypeKind::Int),
        ("d", TypeKind::Double),
        ("n", TypeKind::Decimal { precision: 10, scale: 2 }),
        ("b", TypeKind::Boolean),
        ("dt", TypeKind::Date),
        ("t", TypeKind::Time(3)),
        ("t0", TypeKind::Time(0)),
        ("ts", TypeKind::timestamp(3)),
        ("ltz", TypeKind::timestamp_ltz(3)),
        ("by", TypeKind::BYTES),
    ];
    let texts = [
        " 50 ",
        "7.9",
        "\"\"",
        "",
        "a\"b",
        "2020-1-2",
        "2020-02-30",
        "12:34",
        "12:34:56.789",
        "2020-01-02 03:04:05",
        "2020-01-02 24:00:00",
        "2020-01-02 03:04:05.5Z",
        "aGVsbG8=",
        "1d",
        "99999999999",
        "\"a\"\"b\"",
    ];
    let file: String = texts.iter().map(|t| format!("{}\n", vec![*t; kinds.len()].join(","))).collect();
    check(
        &schema(&kinds),
        &[IGNORE],
        &file,
        expect![[r#"
        {"s":" 50 ","i":50,"d":50.0,"n":null,"b":false,"dt":null,"t":null,"t0":null,"ts":null,"ltz":null,"by":null}
        {"s":"7.9","i":null,"d":7.9,"n":7.9,"b":false,"dt":null,"t":null,"t0":null,"ts":null,"ltz":null,"by":null}
        {"s":"","i":null,"d":null,"n":null,"b":false,"dt":null,"t":null,"t0":null,"ts":null,"ltz":null,"by":""}
        {"s":"","i":null,"d":null,"n":null,"b":false,"dt":null,"t":null,"t0":null,"ts":null,"ltz":null,"by":""}
        {"s":"a\"b","i":null,"d":null,"n":null,"b":false,"dt":null,"t":null,"t0":null,"ts":null,"ltz":null,"by":null}
        {"s":"2020-1-2","i":null,"d":null,"n":null,"b":false,"dt":"2020-01-02","t":null,"t0":null,"ts":null,"ltz":null,"by":null}
        {"s":"2020-02-30","i":null,"d":null,"n":null,"b":false,"dt":"2020-03-01","t":null,"t0":null,"ts":null,"ltz":null,"by":null}
        {"s":"12:34","i":null,"d":null,"n":null,"b":false,"dt":null,"t":"12:34:00","t0":"12:34:00","ts":null,"ltz":null,"by":null}
        {"s":"12:34:56.789","i":null,"d":null,"n":null,"b":false,"dt":null,"t":"12:34:56.789","t0":"12:34:56","ts":null,"ltz":null,"by":null}
        {"s":"2020-01-02 03:04:05","i":null,"d":null,"n":null,"b":false,"dt":null,"t":null,"t0":null,"ts":"2020-01-02 03:04:05","ltz":null,"by":null}
        {"s":"2020-01-02 24:00:00","i":null,"d":null,"n":null,"b":false,"dt":null,"t":null,"t0":null,"ts":"2020-01-03 00:00:00","ltz":null,"by":null}
        {"s":"2020-01-02 03:04:05.5Z","i":null,"d":null,"n":null,"b":false,"dt":null,"t":null,"t0":null,"ts":null,"ltz":"2020-01-02 03:04:05.5Z","by":null}
        {"s":"aGVsbG8=","i":null,"d":null,"n":null,"b":false,"dt":null,"t":null,"t0":null,"ts":null,"ltz":null,"by":"aGVsbG8="}
        {"s":"1d","i":null,"d":1.0,"n":null,"b":false,"dt":null,"t":null,"t0":null,"ts":null,"ltz":null,"by":null}
        {"s":"99999999999","i":null,"d":9.9999999999E10,"n":null,"b":false,"dt":null,"t":null,"t0":null,"ts":null,"ltz":null,"by":null}
        {"s":"a\"b","i":null,"d":null,"n":null,"b":false,"dt":null,"t":null,"t0":null,"ts":null,"ltz":null,"by":null}
    "#]],
    );
}

#[test]
fn arrays_rows_nulls_and_escapes() {
    let row = TypeKind::Row(vec![
        RowField { name: "x".into(), data_type: TypeKind::STRING.nullable() },
        RowField { name: "y".into(), data_type: TypeKind::Int.nullable() },
    ]);
    let array = TypeKind::Array(Box::new(TypeKind::STRING.nullable()));
    let s = schema(&[("id", TypeKind::Int), ("a", array), ("r", row)]);
    let set = [
        ("field-delimiter", ";"),
        ("array-element-delimiter", "|"),
        ("null-literal", "NIL"),
        ("quote-character", "'"),
        ("escape-character", "\\"),
    ];
    let file = "1;a|b|c;x|1\n2;;\n3;a||c;x|\n4;a;x\n5;NIL;NIL\n6;a|NIL;y|NIL\n7;'q|r';y|3|4\n8;\\|a|b\\;c;z|1\n\
        9;'it''s';z|1\n10;'a\\'b';z|1\n11;a\\nb\\tc;z|2\nNIL;a;NIL|1";
    let with_ignore: Vec<_> = set.into_iter().chain([IGNORE]).collect();
    check(
        &s,
        &with_ignore,
        file,
        expect![[r#"
        {"id":1,"a":["a","b","c"],"r":{"x":"x","y":1}}
        {"id":2,"a":[],"r":null}
        {"id":3,"a":["a","","c"],"r":{"x":"x","y":null}}
        {"id":4,"a":["a"],"r":{"x":"x","y":null}}
        {"id":5,"a":[null],"r":{"x":null,"y":null}}
        {"id":6,"a":["a",null],"r":{"x":"y","y":null}}
        {"id":7,"a":["q","r"],"r":{"x":"y","y":3}}
        {"id":8,"a":["","a","b;c"],"r":{"x":"z","y":1}}
        {"id":9,"a":["it's"],"r":{"x":"z","y":1}}
        {"id":10,"a":["a'b"],"r":{"x":"z","y":1}}
        {"id":11,"a":["a\nb\tc"],"r":{"x":"z","y":2}}
        {"id":null,"a":["a"],"r":{"x":null,"y":1}}
    "#]],
    );
    check(
        &s,
        &set,
        "7;'q|r';y|3|4",
        expect![[r#"
        record 0: field r: cannot read "y|3|4" as ROW<`x` STRING, `y` INT>
    "#]],
    );
}

#[test]
fn written_as_jackson_writes() {
    let row = TypeKind::Row(vec![
        RowField { name: "x".into(), data_type: TypeKind::Int.nullable() },
        RowField { name: "y".into(), data_type: TypeKind::STRING.nullable() },
    ]);
    let s = schema(&[
        ("d", TypeKind::Double),
        ("n", TypeKind::Decimal { precision: 20, scale: 5 }),
        ("s", TypeKind::STRING),
        ("by", TypeKind::BYTES),
        ("dt", TypeKind::Date),
        ("t", TypeKind::Time(3)),
        ("ts", TypeKind::timestamp(9)),
        ("a", TypeKind::Array(Box::new(TypeKind::Double.nullable()))),
        ("r", row),
    ]);
    let rows = [
        r#"{"d":1e10,"n":1.5,"s":"plain","by":"AQL/","dt":"2020-01-02","t":"12:34:56.100","ts":"2020-01-02 03:04:05.12","a":[1,2.5],"r":{"x":1,"y":"q"}}"#,
        r#"{"d":"NaN","n":100000,"s":"q\"uo\te,;|'#","by":"","a":["Infinity",null],"r":{"x":2,"y":"a;b"}}"#,
        r#"{"s":"abcdefghijklmnopqrstuvwxyz","r":{"x":4,"y":"\\#x"}}"#,
        r#"{"s":"","a":[],"r":{}}"#,
    ];
    let mut messages = Messages::default();
    rows.iter().for_each(|row| messages.push(row.as_bytes()));
    let projection: Vec<usize> = (0..s.len()).collect();
    let none = Options::default();
    let spec =
        DecoderSpec { physical: &s, projection: &projection, metadata: &[], origin: Origin::File, options: &none };
    let decoded = Json.decoder(&spec).unwrap().decode(&messages, 0..rows.len()).unwrap();
    let written = |set: &[(&str, &str)]| -> String {
        let set = options(set);
        let mut out = Messages::default();
        let mut encoder = Csv.encoder(&EncoderSpec { schema: &s, options: &set }).unwrap();
        encoder.encode(&decoded.rows, &mut out).unwrap();
        out.iter().map(|m| format!("{}\n", String::from_utf8_lossy(m.unwrap()))).collect()
    };
    expect![[r#"
        1.0E10,1.5,plain,AQL/,2020-01-02,12:34:56.1,"2020-01-02 03:04:05.12",1.0;2.5,1;q
        NaN,1E+5,"q""uo	e,;|'#",,,,,Infinity;,2;a;b
        ,,"abcdefghijklmnopqrstuvwxyz",,,,,,"4;\#x"
        ,,,,,,,,;
    "#]]
    .assert_eq(&written(&[]));
    let other = [
        ("field-delimiter", ";"),
        ("array-element-delimiter", "|"),
        ("null-literal", "NIL"),
        ("quote-character", "'"),
        ("escape-character", "\\"),
        ("write-bigdecimal-in-scientific-notation", "false"),
    ];
    expect![[r#"
        1.0E10;1.50000;plain;'AQL/';'2020-01-02';'12:34:56.1';'2020-01-02 03:04:05.12';'1.0|2.5';'1|q'
        NaN;100000.00000;'q"uo	e,;|''#';;NIL;NIL;NIL;Infinity|NIL;'2|a;b'
        NIL;NIL;'abcdefghijklmnopqrstuvwxyz';NIL;NIL;NIL;NIL;NIL;'4|\\#x'
        NIL;NIL;;NIL;NIL;NIL;NIL;;NIL|NIL
    "#]]
    .assert_eq(&written(&other));
    expect![[r#"
        1.0E10	1.5	plain	AQL/	2020-01-02	12:34:56.1	2020-01-02 03:04:05.12	1.0;2.5	1;q
        NaN	1E+5	q"uo	e,;|'#					Infinity;	2;a;b
        		abcdefghijklmnopqrstuvwxyz						4;\#x
        								;
    "#]]
    .assert_eq(&written(&[("disable-quote-character", "true"), ("field-delimiter", "\\t")]));
}

#[test]
fn a_record_may_be_cut_anywhere() {
    let Framing::Csv(dialect) = Csv.describe(&Options::default()).unwrap().framing else { panic!("csv") };
    let cases: [(&str, Option<(usize, usize)>); 7] = [
        ("a,b\nc", Some((3, 4))),
        ("a,b\r\nc", Some((3, 5))),
        ("a,b\rc", Some((3, 4))),
        ("a,b\r", None),
        ("a,\"b\n\"\nc", Some((6, 7))),
        ("a\"\nb", Some((2, 3))),
        ("a,\"b\nc", None),
    ];
    for (text, end) in cases {
        assert_eq!(record_end(text.as_bytes(), &dialect), end, "{text:?}");
    }
}

#[test]
fn what_csv_cannot_hold() {
    let map = TypeKind::Map(Box::new(TypeKind::STRING.not_null()), Box::new(TypeKind::Int.nullable()));
    let data_type: DataType = map.nullable();
    let s = Schema::new(vec![Field::new("m", data_type)]);
    let none = Options::default();
    let error = Csv.encoder(&EncoderSpec { schema: &s, options: &none }).err().unwrap();
    expect!["CSV can't hold column 'm' of type MAP<STRING NOT NULL, INT>"].assert_eq(&error.to_string());
    let error = Csv.describe(&options(&[("field-delimiter", "||")])).unwrap_err();
    expect!["'field-delimiter' must be a single character, found '||' (option 'field-delimiter')"]
        .assert_eq(&error.to_string());
}

/// Messages of which Flink 2.3 was asked the same: only one record is read, and a message must have one.
#[test]
fn messages_by_themselves() {
    let s = schema(&[("id", TypeKind::STRING), ("s", TypeKind::STRING)]);
    let texts =
        ["1,a\n2,b", "\n3,c", "", "4,d\r\n", "#x\n6,f", "#y", "\n", "  \n9,k", "\n \n12,o", "13,p\n\"", "8,i\rj"];
    let mut messages = Messages::default();
    texts.iter().for_each(|text| messages.push(text.as_bytes()));
    let read = |set: &[(&str, &str)]| {
        let set = options(set);
        let spec =
            DecoderSpec { physical: &s, projection: &[0, 1], metadata: &[], origin: Origin::Message, options: &set };
        let mut decoder = Csv.decoder(&spec).unwrap();
        match decoder.decode(&messages, 0..texts.len()) {
            Err(e) => format!("record {}: {}", e.message, e.error),
            Ok(decoded) => {
                let none = Options::default();
                let mut out = Messages::default();
                let mut json = Json.encoder(&EncoderSpec { schema: &s, options: &none }).unwrap();
                json.encode(&decoded.rows, &mut out).unwrap();
                let rows = out.iter().map(|m| format!("{}\n", String::from_utf8_lossy(m.unwrap())));
                format!("{}{} skipped", rows.collect::<String>(), decoded.skipped)
            }
        }
    };
    expect![[r##"
        {"id":"1","s":"a"}
        {"id":"","s":null}
        {"id":"4","s":"d"}
        {"id":"#x","s":null}
        {"id":"#y","s":null}
        {"id":"","s":null}
        {"id":"  ","s":null}
        {"id":"","s":null}
        {"id":"13","s":"p"}
        {"id":"8","s":"i"}
        1 skipped"##]]
    .assert_eq(&read(&[IGNORE]));
    expect![[r#"
        {"id":"1","s":"a"}
        {"id":"3","s":"c"}
        {"id":"4","s":"d"}
        {"id":"6","s":"f"}
        {"id":"9","s":"k"}
        {"id":"12","s":"o"}
        {"id":"13","s":"p"}
        {"id":"8","s":"i"}
        3 skipped"#]]
    .assert_eq(&read(&[IGNORE, ("allow-comments", "true")]));
    expect!["record 2: a message without content"].assert_eq(&read(&[("allow-comments", "true")]));
}
