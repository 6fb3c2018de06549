//! SQL/JSON. Documents are text; only the first value of a text is read, what follows it is ignored.
//!
//! The two failures of a path are told apart as in SQL: *error* (no JSON, or in strict mode nothing at the path or
//! a value of the wrong shape) and *empty* (in lax mode nothing at the path, in both modes a JSON null).

mod path;
pub(crate) mod text;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanBuilder, Float64Builder, Int32Builder, ListBuilder, StringBuilder};
use flitz_dataflow::{DataType, Error, ErrorKind, Result, TypeKind};
use flitz_plan::{Expr, Literal};
use serde_json::Value;

use super::Output::{NotNull, Nullable, Strict};
use super::{Eval, Function, Kernel, Param, Simple, Site, any_nullable, literal_text, mismatch_of};
use crate::columnar::{Args, Columnar};
use path::{Found, Mode, Path};

const STR: Param = Param::String;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::prepared("IS JSON", &[STR, STR], NotNull(Simple::Boolean), is_json).optional(1),
    Function::prepared("JSON_EXISTS", &[STR, STR, STR], Nullable(Simple::Boolean), json_exists).optional(1).fallible(),
    Function::custom("JSON_VALUE", |_, args| bind_json_value(args), Eval::Prepared(json_value)).fallible(),
    Function::custom("JSON_QUERY", |_, args| bind_json_query(args), Eval::Prepared(json_query)).fallible(),
    Function::custom("JSON_STRING", |_, args| bind_json_string(args), Eval::Prepared(json_string)),
    Function::custom("JSON_OBJECT", |_, args| bind_json_object(args), Eval::Prepared(json_object)),
    Function::custom("JSON_ARRAY", |_, args| bind_json_array(args), Eval::Prepared(json_array)),
    Function::custom("JSON", |_, args| bind_raw_json(args), Eval::Prepared(raw_json)).fallible(),
    Function::new("JSON_QUOTE", &[STR], Strict(Simple::String), json_quote),
    Function::new("JSON_UNQUOTE", &[STR], Strict(Simple::String), json_unquote),
];

/// The first value of a text.
fn parse(text: &str) -> Result<Value, serde_json::Error> {
    match serde_json::Deserializer::from_str(text).into_iter::<Value>().next() {
        Some(value) => value,
        None => serde_json::from_str(""),
    }
}

fn is_json(site: &Site) -> Result<Kernel> {
    let wanted = site.text(1).unwrap_or("VALUE").to_ascii_uppercase();
    Ok(Box::new(move |args: &Args| {
        let texts = args.strings(0);
        args.build_booleans(None, |row| {
            if texts.is_null(row) {
                return Ok(Some(false));
            }
            Ok(Some(match parse(texts.get(row)) {
                Err(_) => false,
                Ok(Value::Object(_)) => matches!(wanted.as_str(), "VALUE" | "OBJECT"),
                Ok(Value::Array(_)) => matches!(wanted.as_str(), "VALUE" | "ARRAY"),
                Ok(_) => matches!(wanted.as_str(), "VALUE" | "SCALAR"),
            }))
        })
    }))
}

/// The path of a call, parsed once per different text.
struct Paths {
    last: Option<(String, Path)>,
}

impl Paths {
    /// A literal path that cannot be walked is refused at once.
    fn new(site: &Site) -> Result<Paths> {
        let mut paths = Paths { last: None };
        if let Some(text) = site.text(1) {
            match Path::parse(text) {
                Ok(path) => paths.last = Some((text.to_owned(), path)),
                Err(e) if e.kind == ErrorKind::Unsupported => return Err(e),
                // Reported when a row needs it.
                Err(_) => {}
            }
        }
        Ok(paths)
    }

    /// What `document` holds at the path that `text` says; a bad path is an error like a bad document.
    fn find(&mut self, document: &str, text: &str) -> (Mode, Outcome) {
        let path = match self.last.take() {
            Some((known, path)) if known == text => path,
            _ => match Path::parse(text) {
                Ok(path) => path,
                Err(e) => return (Mode::Strict, Outcome::Error(Error::data(e.to_string()))),
            },
        };
        let path = &self.last.insert((text.to_owned(), path)).1;
        (path.mode, Outcome::of(document, path))
    }
}

/// What a document holds at a path.
enum Outcome {
    Value(Value),
    /// Nothing (lax mode) or a JSON null.
    Empty,
    Error(Error),
}

impl Outcome {
    fn of(document: &str, path: &Path) -> Outcome {
        let root = match parse(document) {
            Ok(root) => root,
            // In lax mode not even that is an error.
            Err(_) if path.mode == Mode::Lax => return Outcome::Empty,
            Err(e) => return Outcome::Error(Error::data(format!("'{document}' is not JSON: {e}"))),
        };
        match path.find(&root) {
            Some(Found::One(Value::Null)) => Outcome::Empty,
            Some(Found::One(value)) => Outcome::Value(value.clone()),
            Some(Found::Many(values)) => Outcome::Value(Value::Array(values.into_iter().cloned().collect())),
            None if path.mode == Mode::Lax => Outcome::Empty,
            None => Outcome::Error(Error::data(format!("there is nothing at the JSON path in '{document}'"))),
        }
    }

    /// A value of the wrong shape is an error in strict mode and nothing in lax mode.
    fn require(self, mode: Mode, what: &str, fits: impl Fn(&Value) -> bool) -> Outcome {
        match self {
            Outcome::Value(value) if !fits(&value) && mode == Mode::Lax => Outcome::Empty,
            Outcome::Value(value) if !fits(&value) => {
                Outcome::Error(Error::data(format!("the JSON path leads to {value}, which is not {what}")))
            }
            other => other,
        }
    }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

fn json_exists(site: &Site) -> Result<Kernel> {
    let mut paths = Paths::new(site)?;
    let on_error = site.text(2).unwrap_or("FALSE").to_ascii_uppercase();
    Ok(Box::new(move |args: &Args| {
        let (documents, texts) = (args.strings(0), args.strings(1));
        args.build_booleans(args.nulls_of([0, 1]), |row| {
            Ok(match paths.find(documents.get(row), texts.get(row)).1 {
                Outcome::Value(_) => Some(true),
                Outcome::Empty => Some(false),
                Outcome::Error(e) => match on_error.as_str() {
                    "TRUE" => Some(true),
                    "UNKNOWN" => None,
                    "ERROR" => return Err(e),
                    _ => Some(false),
                },
            })
        })
    }))
}

// ---- JSON_VALUE

/// Fills in what the caller left out: type, behaviours, defaults.
fn bind_json_value(mut args: Vec<Expr>) -> Result<Expr> {
    if args.len() < 2
        || !args[..2].iter().all(|a| a.data_type().kind.is_string() || a.data_type().kind == TypeKind::Null)
    {
        return Err(mismatch_of("JSON_VALUE", &args).hint("expected JSON_VALUE(string, path)"));
    }
    args[0] = STR.accept(args[0].clone()).ok_or_else(|| Error::internal("text"))?;
    let null = || Expr::literal(Literal::Null, TypeKind::Null.nullable());
    let defaults = [text("STRING"), text("NULL"), null(), text("NULL"), null()];
    let given = args.len();
    args.extend(defaults.into_iter().skip(given - 2));
    let returning = literal_text(&args[2]).unwrap_or("STRING").to_ascii_uppercase();
    let kind = match returning.as_str() {
        "STRING" | "VARCHAR" => TypeKind::STRING,
        "BOOLEAN" => TypeKind::Boolean,
        "INTEGER" | "INT" => TypeKind::Int,
        "DOUBLE" => TypeKind::Double,
        other => {
            return Err(Error::invalid(format!("JSON_VALUE cannot return {other}"))
                .hint("RETURNING takes STRING, BOOLEAN, INTEGER or DOUBLE"));
        }
    };
    for i in [4, 6] {
        if args[i].data_type().kind != TypeKind::Null {
            let value = args[i].clone();
            args[i] = crate::bind_cast(value, kind.clone().nullable(), false)?;
        }
    }
    Ok(Expr::call("JSON_VALUE", args, kind.nullable()))
}

fn text(value: &str) -> Expr {
    Expr::literal(Literal::String(value.to_owned()), TypeKind::Char(value.len() as u32).not_null())
}

#[derive(Clone, Copy, PartialEq)]
enum Behaviour {
    Null,
    Error,
    Default,
    EmptyArray,
    EmptyObject,
}

fn behaviour(site: &Site, argument: usize) -> Behaviour {
    match site.text(argument).map(str::to_ascii_uppercase).as_deref() {
        Some("ERROR") => Behaviour::Error,
        Some("DEFAULT") => Behaviour::Default,
        Some("EMPTY ARRAY" | "EMPTY_ARRAY") => Behaviour::EmptyArray,
        Some("EMPTY OBJECT" | "EMPTY_OBJECT") => Behaviour::EmptyObject,
        _ => Behaviour::Null,
    }
}

/// What a row of JSON_VALUE gives.
enum Answer {
    Null,
    Value(Value),
    /// The value of the argument of this number.
    Argument(usize),
}

fn json_value(site: &Site) -> Result<Kernel> {
    let mut paths = Paths::new(site)?;
    let (on_empty, on_error) = (behaviour(site, 3), behaviour(site, 5));
    let kind = site.data_type.kind.clone();
    Ok(Box::new(move |args: &Args| {
        let (documents, texts) = (args.strings(0), args.strings(1));
        let nulls = args.nulls_of([0, 1]);
        let mut answers = Vec::with_capacity(args.rows);
        for row in 0..args.rows {
            if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
                answers.push(Answer::Null);
                continue;
            }
            let (mode, outcome) = paths.find(documents.get(row), texts.get(row));
            let outcome = match outcome.require(mode, "a scalar", is_scalar) {
                // A JSON null is nothing in lax mode and no scalar in strict mode.
                Outcome::Empty if mode == Mode::Strict => {
                    Outcome::Error(Error::data("the strict JSON path of JSON_VALUE leads to null"))
                }
                outcome => outcome,
            };
            answers.push(match outcome {
                Outcome::Value(value) => Answer::Value(value),
                Outcome::Empty => match on_empty {
                    Behaviour::Error => return Err(Error::data("empty result of JSON_VALUE is not allowed")),
                    Behaviour::Default => Answer::Argument(4),
                    _ => Answer::Null,
                },
                Outcome::Error(e) => match on_error {
                    Behaviour::Error => return Err(e),
                    Behaviour::Default => Answer::Argument(6),
                    _ => Answer::Null,
                },
            });
        }
        returning(&kind, args, answers)
    }))
}

/// Flink casts the Java object that Jackson made: a number of another class fails.
fn returning(kind: &TypeKind, args: &Args, answers: Vec<Answer>) -> Result<ArrayRef> {
    let wrong = |value: &Value| Error::data(format!("JSON_VALUE: {value} is not of type {kind}"));
    let is_null = |i: usize, row: usize| args.is_null(i, row);
    Ok(match kind {
        TypeKind::Boolean => {
            let mut out = BooleanBuilder::with_capacity(answers.len());
            for (row, answer) in answers.into_iter().enumerate() {
                out.append_option(match answer {
                    Answer::Value(Value::Bool(b)) => Some(b),
                    Answer::Value(other) => return Err(wrong(&other)),
                    Answer::Argument(i) if !is_null(i, row) => Some(args.booleans(i).get(row)),
                    _ => None,
                });
            }
            Arc::new(out.finish())
        }
        TypeKind::Int => {
            let mut out = Int32Builder::with_capacity(answers.len());
            for (row, answer) in answers.into_iter().enumerate() {
                out.append_option(match answer {
                    Answer::Value(value) => match value.as_i64().and_then(|v| i32::try_from(v).ok()) {
                        Some(v) => Some(v),
                        None => return Err(wrong(&value)),
                    },
                    Answer::Argument(i) if !is_null(i, row) => {
                        Some(args.primitives::<arrow::datatypes::Int32Type>(i).get(row))
                    }
                    _ => None,
                });
            }
            Arc::new(out.finish())
        }
        TypeKind::Double => {
            let mut out = Float64Builder::with_capacity(answers.len());
            for (row, answer) in answers.into_iter().enumerate() {
                out.append_option(match answer {
                    Answer::Value(Value::Number(n)) if n.as_str().contains(['.', 'e', 'E']) => n.as_str().parse().ok(),
                    Answer::Value(other) => return Err(wrong(&other)),
                    Answer::Argument(i) if !is_null(i, row) => {
                        Some(args.primitives::<arrow::datatypes::Float64Type>(i).get(row))
                    }
                    _ => None,
                });
            }
            Arc::new(out.finish())
        }
        _ => {
            let mut answers = answers.into_iter();
            args.build_strings(None, |row, out| {
                match answers.next() {
                    Some(Answer::Value(Value::String(s))) => out.push_str(&s),
                    Some(Answer::Value(value)) => text::write_document(&value, out),
                    Some(Answer::Argument(i)) if !is_null(i, row) => out.push_str(args.strings(i).get(row)),
                    _ => return Ok(false),
                }
                Ok(true)
            })?
        }
    })
}

// ---- JSON_QUERY

fn bind_json_query(mut args: Vec<Expr>) -> Result<Expr> {
    if args.len() < 2
        || !args[..2].iter().all(|a| a.data_type().kind.is_string() || a.data_type().kind == TypeKind::Null)
    {
        return Err(mismatch_of("JSON_QUERY", &args).hint("expected JSON_QUERY(string, path)"));
    }
    args[0] = STR.accept(args[0].clone()).ok_or_else(|| Error::internal("text"))?;
    let given = args.len();
    args.extend([text("STRING"), text("WITHOUT"), text("NULL"), text("NULL")].into_iter().skip(given - 2));
    let returning = literal_text(&args[2]).unwrap_or("STRING").to_ascii_uppercase();
    let kind = match returning.as_str() {
        "STRING" | "VARCHAR" => TypeKind::STRING,
        "ARRAY<STRING>" => TypeKind::Array(Box::new(TypeKind::STRING.nullable())),
        other => {
            return Err(Error::invalid(format!("JSON_QUERY cannot return {other}"))
                .hint("RETURNING takes STRING or ARRAY<STRING>"));
        }
    };
    Ok(Expr::call("JSON_QUERY", args, kind.nullable()))
}

fn json_query(site: &Site) -> Result<Kernel> {
    let mut paths = Paths::new(site)?;
    let wrapper = site.text(3).unwrap_or("WITHOUT").to_ascii_uppercase();
    let (on_empty, on_error) = (behaviour(site, 4), behaviour(site, 5));
    let as_array = matches!(site.data_type.kind, TypeKind::Array(_));
    let wrap = move |outcome: Outcome| match outcome {
        Outcome::Value(Value::Array(items)) if wrapper == "CONDITIONAL" => Outcome::Value(Value::Array(items)),
        Outcome::Value(value) if wrapper != "WITHOUT" => Outcome::Value(Value::Array(vec![value])),
        other => other,
    };
    let instead = |behaviour: Behaviour, e: Error| match behaviour {
        Behaviour::Error => Err(e),
        Behaviour::EmptyArray => Ok(Some(Value::Array(vec![]))),
        Behaviour::EmptyObject => Ok(Some(Value::Object(Default::default()))),
        _ => Ok(None),
    };
    let mut answer = move |document: &str, path: &str| {
        let (mode, outcome) = paths.find(document, path);
        let outcome = wrap(outcome).require(mode, "an array or object", |v| !is_scalar(v));
        match outcome {
            Outcome::Value(value) => Ok(Some(value)),
            Outcome::Empty => instead(on_empty, Error::data("empty result of JSON_QUERY is not allowed")),
            Outcome::Error(e) => instead(on_error, e),
        }
    };
    if as_array {
        return Ok(Box::new(move |args: &Args| {
            let (documents, texts) = (args.strings(0), args.strings(1));
            let nulls = args.nulls_of([0, 1]);
            let mut lists = ListBuilder::new(StringBuilder::new());
            for row in 0..args.rows {
                let valid = nulls.as_ref().is_none_or(|n| n.is_valid(row));
                let found = if valid { answer(documents.get(row), texts.get(row))? } else { None };
                let Some(Value::Array(items)) = found else {
                    lists.append(false);
                    continue;
                };
                for item in items {
                    match item {
                        Value::Null => lists.values().append_null(),
                        Value::String(s) => lists.values().append_value(s),
                        other => {
                            let mut out = String::new();
                            text::write_document(&other, &mut out);
                            lists.values().append_value(out);
                        }
                    }
                }
                lists.append(true);
            }
            Ok(Arc::new(lists.finish()))
        }));
    }
    Ok(Box::new(move |args: &Args| {
        let (documents, texts) = (args.strings(0), args.strings(1));
        args.build_strings(args.nulls_of([0, 1]), |row, out| {
            Ok(match answer(documents.get(row), texts.get(row))? {
                Some(value) => {
                    text::write_document(&value, out);
                    true
                }
                None => false,
            })
        })
    }))
}

// ---- Constructors

fn bind_json_string(args: Vec<Expr>) -> Result<Expr> {
    let args: [Expr; 1] = super::exactly("JSON_STRING", args)?;
    text::check_convertible(&args[0].data_type().kind)?;
    let nullable = any_nullable(&args);
    Ok(Expr::call("JSON_STRING", args.into(), DataType::new(TypeKind::STRING, nullable)))
}

fn json_string(site: &Site) -> Result<Kernel> {
    let kind = site.args[0].data_type().kind.clone();
    Ok(Box::new(move |args: &Args| {
        args.build_strings(args.nulls(), |row, out| {
            write_column(&kind, &args.columns[0], row, out);
            Ok(true)
        })
    }))
}

fn write_column(kind: &TypeKind, column: &Columnar, row: usize, out: &mut String) {
    let row = if column.is_scalar() { 0 } else { row };
    text::write_value(kind, column.array(), row, out);
}

/// A member of a constructor: text that another constructor made is put in as it is.
struct Member {
    kind: TypeKind,
    raw: bool,
}

impl Member {
    fn of(value: &Expr) -> Member {
        let raw = matches!(value, Expr::Call { function, .. } if ["JSON_OBJECT", "JSON_ARRAY", "JSON"].contains(&function.as_str()));
        Member { kind: value.data_type().kind.clone(), raw }
    }

    fn write(&self, column: &Columnar, row: usize, out: &mut String) {
        let i = if column.is_scalar() { 0 } else { row };
        if self.raw && !column.array().is_null(i) {
            use arrow::array::AsArray;
            out.push_str(column.array().as_string::<i32>().value(i));
        } else {
            write_column(&self.kind, column, row, out);
        }
    }
}

fn bind_json_object(args: Vec<Expr>) -> Result<Expr> {
    if !args.len().is_multiple_of(2) {
        for pair in args[1..].chunks(2) {
            if literal_text(&pair[0]).is_none() {
                return Err(Error::invalid("the keys of JSON_OBJECT must be string literals"));
            }
            text::check_convertible(&pair[1].data_type().kind)?;
        }
        return Ok(Expr::call("JSON_OBJECT", args, TypeKind::STRING.not_null()));
    }
    Err(Error::invalid("JSON_OBJECT takes keys and values in pairs"))
}

fn json_object(site: &Site) -> Result<Kernel> {
    let absent = site.text(0) == Some("ABSENT");
    let members: Vec<(String, Member)> = site.args[1..]
        .chunks(2)
        .map(|pair| (literal_text(&pair[0]).unwrap_or_default().to_owned(), Member::of(&pair[1])))
        .collect();
    Ok(Box::new(move |args: &Args| {
        args.build_strings(None, |row, out| {
            let mut texts = Vec::with_capacity(members.len());
            for (n, (key, member)) in members.iter().enumerate() {
                let argument = 2 + 2 * n;
                if absent && (args.is_null(argument, row) || member.kind == TypeKind::Null) {
                    continue;
                }
                let mut value = String::new();
                member.write(&args.columns[argument], row, &mut value);
                texts.push((key.clone(), value));
            }
            text::write_members(texts, out);
            Ok(true)
        })
    }))
}

fn bind_json_array(args: Vec<Expr>) -> Result<Expr> {
    if args.is_empty() {
        return Err(Error::internal("JSON_ARRAY without its null behaviour"));
    }
    args[1..].iter().try_for_each(|a| text::check_convertible(&a.data_type().kind))?;
    Ok(Expr::call("JSON_ARRAY", args, TypeKind::STRING.not_null()))
}

fn json_array(site: &Site) -> Result<Kernel> {
    let absent = site.text(0) == Some("ABSENT");
    let members: Vec<Member> = site.args[1..].iter().map(Member::of).collect();
    Ok(Box::new(move |args: &Args| {
        args.build_strings(None, |row, out| {
            out.push('[');
            let mut first = true;
            for (n, member) in members.iter().enumerate() {
                if absent && (args.is_null(n + 1, row) || member.kind == TypeKind::Null) {
                    continue;
                }
                if !std::mem::take(&mut first) {
                    out.push(',');
                }
                member.write(&args.columns[n + 1], row, out);
            }
            out.push(']');
            Ok(true)
        })
    }))
}

/// Only meaningful inside a constructor, which Flink also demands.
fn bind_raw_json(args: Vec<Expr>) -> Result<Expr> {
    let [document] = super::exactly("JSON", args)?;
    let document = STR.accept(document.clone()).ok_or_else(|| mismatch_of("JSON", &[document]))?;
    let nullable = document.data_type().nullable;
    Ok(Expr::call("JSON", vec![document], DataType::new(TypeKind::STRING, nullable)))
}

fn raw_json(_: &Site) -> Result<Kernel> {
    Ok(Box::new(|args: &Args| {
        let documents = args.strings(0);
        args.build_strings(args.nulls(), |row, out| {
            let document = documents.get(row);
            let value = parse(document).map_err(|e| Error::data(format!("'{document}' is not JSON: {e}")))?;
            text::write_document(&value, out);
            Ok(true)
        })
    }))
}

fn json_quote(args: &Args) -> Result<ArrayRef> {
    let texts = args.strings(0);
    args.build_strings(args.nulls(), |row, out| {
        out.push('"');
        for c in texts.get(row).chars() {
            quote_char(c, out);
        }
        out.push('"');
        Ok(true)
    })
}

/// Beyond ASCII in `\u` escapes. Of a character of two UTF-16 units Flink writes the whole code point and then the
/// second unit.
fn quote_char(c: char, out: &mut String) {
    use std::fmt::Write;
    match c {
        '"' | '\\' | '/' => {
            out.push('\\');
            out.push(c);
        }
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        ' '..='~' => out.push(c),
        c => {
            let _ = write!(out, "\\u{:04x}", c as u32);
            if let [_, second] = c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{second:04x}");
            }
        }
    }
}

/// What is no JSON string stays as it is.
fn json_unquote(args: &Args) -> Result<ArrayRef> {
    let texts = args.strings(0);
    args.build_strings(args.nulls(), |row, out| {
        let text = texts.get(row);
        match serde_json::from_str::<Value>(text) {
            Ok(Value::String(s)) if text.starts_with('"') => out.push_str(&s),
            _ => out.push_str(text),
        }
        Ok(true)
    })
}
