//! The decoder against random rows, random spellings of them, and random damage; serde_json is the judge of
//! what is JSON.

use std::fmt::Write;

use flitz_dataflow::options::Options;
use flitz_dataflow::{Field, Schema, TypeKind};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::Json;
use crate::format::{Decoded, DecoderSpec, EncoderSpec, FormatFactory, Messages, Origin};

/// One row, and how it is to be spelled.
#[derive(Clone, Debug)]
struct Row {
    id: Option<i64>,
    name: Option<String>,
    amount: Option<f64>,
    list: Option<Vec<Option<i32>>>,
    /// Picks order, blanks, escapes and strangers among the fields.
    spelling: u64,
}

fn row() -> impl Strategy<Value = Row> {
    let text = prop_oneof![".{0,40}", "[a-z]{0,20}", any::<String>()];
    (
        option::of(any::<i64>()),
        option::of(text),
        option::of(prop::num::f64::NORMAL | prop::num::f64::ZERO),
        option::of(vec(option::of(any::<i32>()), 0..5)),
        any::<u64>(),
    )
        .prop_map(|(id, name, amount, list, spelling)| Row { id, name, amount, list, spelling })
}

/// Draws small numbers from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn blanks(&mut self) -> &'static str {
        ["", "", "", " ", "\n", " \t "][self.roll(6) as usize]
    }
}

fn spelled_string(text: &str, dice: &mut Dice) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(out, "\\{c}").unwrap(),
            // As it is, which Flink allows too.
            '\u{1}'..='\u{1f}' if dice.roll(2) == 0 => out.push(c),
            '\0'..='\u{1f}' => write!(out, "\\u{:04x}", c as u32).unwrap(),
            c if dice.roll(16) == 0 => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    write!(out, "\\u{unit:04X}").unwrap();
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn spelled(row: &Row) -> String {
    let mut dice = Dice(row.spelling);
    let mut fields: Vec<(&str, String)> = Vec::new();
    let null = || "null".to_owned();
    fields.push(("id", row.id.map_or_else(null, |v| v.to_string())));
    fields.push(("name", row.name.as_ref().map_or_else(null, |v| spelled_string(v, &mut dice))));
    let amount = |v: f64| if v.abs() < 1e15 && v.abs() > 1e-5 { format!("{v}") } else { format!("{v:e}") };
    fields.push(("amount", row.amount.map_or_else(null, amount)));
    let element = |v: &Option<i32>| v.map_or_else(null, |v| v.to_string());
    let list = |v: &Vec<Option<i32>>| format!("[{}]", v.iter().map(element).collect::<Vec<_>>().join(" , "));
    fields.push(("list", row.list.as_ref().map_or_else(null, list)));
    // A field that is NULL may be absent, and one that nobody reads present.
    fields.retain(|(_, value)| value != "null" || dice.roll(2) == 0);
    if dice.roll(3) == 0 {
        fields.push(("other", r#"{"id":[1,{"name":"x\\"}],"a":-1.5E+3,"b":[true,false,null,{},[]]}"#.to_owned()));
    }
    let turn = dice.roll(fields.len().max(1) as u64) as usize;
    fields.rotate_left(turn);
    let mut out = format!("{}{{{}", dice.blanks(), dice.blanks());
    for (i, (name, value)) in fields.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        let name = if dice.roll(12) == 0 { spelled_string(name, &mut dice) } else { format!("\"{name}\"") };
        let blanks: Vec<&str> = (0..4).map(|_| dice.blanks()).collect();
        write!(out, "{comma}{}{name}{}:{}{value}{}", blanks[0], blanks[1], blanks[2], blanks[3]).unwrap();
    }
    out + "}"
}

fn schema() -> Schema {
    let list = TypeKind::Array(Box::new(TypeKind::Int.nullable()));
    let fields = [("id", TypeKind::BigInt), ("name", TypeKind::STRING), ("amount", TypeKind::Double), ("list", list)];
    fields.into_iter().map(|(name, kind)| Field::new(name, kind.nullable())).collect()
}

fn decode(messages: &Messages, ignore: bool) -> Result<Decoded, String> {
    let schema = schema();
    let options: Options = [("ignore-parse-errors".to_owned(), ignore.to_string())].into_iter().collect();
    let spec = DecoderSpec {
        physical: &schema,
        projection: &[0, 1, 2, 3],
        metadata: &[],
        origin: Origin::Message,
        options: &options,
    };
    let mut decoder = Json.decoder(&spec).unwrap();
    decoder.decode(messages, 0..messages.len()).map_err(|e| e.error.to_string())
}

proptest! {
    #[test]
    fn rows_come_back_however_they_are_spelled(rows in vec(row(), 1..30)) {
        let mut messages = Messages::default();
        rows.iter().for_each(|row| messages.push(spelled(row).as_bytes()));
        let decoded = decode(&messages, false).unwrap();
        prop_assert_eq!(decoded.rows.num_rows(), rows.len());

        let mut out = Messages::default();
        let options = Options::default();
        let schema = schema();
        Json.encoder(&EncoderSpec { schema: &schema, options: &options }).unwrap()
            .encode(&decoded.rows, &mut out).unwrap();
        for (row, written) in rows.iter().zip(out.iter()) {
            let written: serde_json::Value = serde_json::from_slice(written.unwrap()).unwrap();
            prop_assert_eq!(written["id"].as_i64(), row.id);
            prop_assert_eq!(written["name"].as_str(), row.name.as_deref());
            prop_assert_eq!(written["amount"].as_f64(), row.amount);
            let list = written["list"].as_array().map(|list| {
                list.iter().map(|v| v.as_i64().map(|v| v as i32)).collect::<Vec<_>>()
            });
            prop_assert_eq!(list, row.list.clone());
        }
    }

    #[test]
    fn what_is_json_is_agreed_on(row in row(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = spelled(&row).into_bytes();
        let at = at.index(bytes.len());
        match cut {
            true => drop(bytes.remove(at)),
            false => bytes[at] = byte,
        }
        let mut messages = Messages::default();
        messages.push(&bytes);
        let kept = decode(&messages, true).unwrap().rows.num_rows() == 1;
        let mut stream = serde_json::Deserializer::from_slice(&bytes).into_iter::<serde_json::Value>();
        let first = stream.next().is_some_and(|value| value.is_ok_and(|value| value.is_object()));
        // Serde takes no control characters and no half surrogates.
        if first {
            prop_assert!(kept, "refused {:?}", String::from_utf8_lossy(&bytes));
        } else if kept {
            let lenient = bytes.iter().any(|b| *b < 0x20) || bytes.windows(2).any(|w| w == b"\\u") || bytes.starts_with(b"\xef");
            prop_assert!(lenient, "took {:?}", String::from_utf8_lossy(&bytes));
        }
    }
}
