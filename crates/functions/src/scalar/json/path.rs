//! JSON paths: `[lax|strict] $.name['name'][0][-1][*].*..name`, strict if nothing is said.
//!
//! A *definite* path leads to one value. One with `[*]`, `.*` or `..` leads to a list of them, which is never
//! missing. Filters, slices and functions of Jayway's dialect are not supported.

use flitz_dataflow::{Error, Result};
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    Lax,
    Strict,
}

#[derive(Debug)]
pub(crate) struct Path {
    pub mode: Mode,
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq)]
enum Step {
    Property(String),
    Index(i64),
    Wildcard,
    /// `..`: all values below, the value itself included.
    Descend,
}

/// What a path leads to.
pub(crate) enum Found<'a> {
    One(&'a Value),
    Many(Vec<&'a Value>),
}

impl Path {
    pub fn parse(text: &str) -> Result<Path> {
        let (mode, spec) = match text.trim().split_once(char::is_whitespace) {
            Some((word, rest)) if word.eq_ignore_ascii_case("lax") => (Mode::Lax, rest.trim()),
            Some((word, rest)) if word.eq_ignore_ascii_case("strict") => (Mode::Strict, rest.trim()),
            _ => (Mode::Strict, text.trim()),
        };
        let invalid = |what: &str| Error::data(format!("JSON path '{text}': {what}"));
        let unsupported = |what: &str| Error::unsupported(format!("{what} in the JSON path '{text}'"));
        // A path without `$` begins with a property.
        let spec = if spec.starts_with(['$', '@']) { spec[1..].to_owned() } else { format!(".{spec}") };
        let mut steps = vec![];
        let mut rest = spec.as_str();
        while !rest.is_empty() {
            if let Some(tail) = rest.strip_prefix("..") {
                steps.push(Step::Descend);
                rest = tail;
                if !rest.starts_with('[') {
                    rest = property(rest, &mut steps).ok_or_else(|| invalid("a name must follow '..'"))?;
                }
            } else if let Some(tail) = rest.strip_prefix('.') {
                rest = match tail.starts_with('[') {
                    true => tail,
                    false => property(tail, &mut steps).ok_or_else(|| invalid("a name must follow '.'"))?,
                };
            } else if let Some(tail) = rest.strip_prefix('[') {
                let tail = tail.trim_start();
                if tail.starts_with('?') {
                    return Err(unsupported("a filter"));
                }
                if let Some(quote) = tail.chars().next().filter(|c| matches!(c, '\'' | '"')) {
                    let (name, after) = quoted(&tail[1..], quote).ok_or_else(|| invalid("a quote is open"))?;
                    steps.push(Step::Property(name));
                    let after = after.trim_start();
                    if after.starts_with(',') {
                        return Err(unsupported("a list of names"));
                    }
                    rest = after.strip_prefix(']').ok_or_else(|| invalid("']' is missing"))?;
                } else {
                    let (inside, after) = tail.split_once(']').ok_or_else(|| invalid("']' is missing"))?;
                    let inside = inside.trim();
                    if inside.contains([',', ':']) {
                        return Err(unsupported("a slice or list of indexes"));
                    }
                    steps.push(match inside {
                        "*" => Step::Wildcard,
                        number => Step::Index(number.parse().map_err(|_| invalid("an index must be a number"))?),
                    });
                    rest = after;
                }
            } else {
                return Err(invalid("'.' or '[' is missing"));
            }
            if rest.starts_with('(') {
                return Err(unsupported("a function"));
            }
        }
        Ok(Path { mode, steps })
    }

    fn is_definite(&self) -> bool {
        !self.steps.iter().any(|s| matches!(s, Step::Wildcard | Step::Descend))
    }

    /// None: there is nothing at the path.
    pub fn find<'a>(&self, root: &'a Value) -> Option<Found<'a>> {
        if self.is_definite() {
            let mut value = root;
            for step in &self.steps {
                value = child(value, step)?;
            }
            return Some(Found::One(value));
        }
        let mut values = vec![root];
        for step in &self.steps {
            values = match step {
                Step::Wildcard => values.into_iter().flat_map(children).collect(),
                Step::Descend => {
                    let mut all = vec![];
                    values.into_iter().for_each(|v| descend(v, &mut all));
                    all
                }
                step => values.into_iter().filter_map(|v| child(v, step)).collect(),
            };
        }
        Some(Found::Many(values))
    }
}

fn property<'a>(text: &'a str, steps: &mut Vec<Step>) -> Option<&'a str> {
    let end = text.find(['.', '[', '(']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let name = name.trim();
    if name.is_empty() {
        return None;
    }
    // A name before parentheses is a function: the caller refuses it.
    steps.push(if name == "*" { Step::Wildcard } else { Step::Property(name.to_owned()) });
    Some(rest)
}

fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => name.push(chars.next()?.1),
            c if c == quote => return Some((name, &text[i + 1..])),
            c => name.push(c),
        }
    }
    None
}

fn child<'a>(value: &'a Value, step: &Step) -> Option<&'a Value> {
    match (step, value) {
        (Step::Property(name), Value::Object(fields)) => fields.get(name),
        (Step::Index(i), Value::Array(items)) => {
            let i = if *i < 0 { i + items.len() as i64 } else { *i };
            items.get(usize::try_from(i).ok()?)
        }
        _ => None,
    }
}

fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => vec![],
    }
}

fn descend<'a>(value: &'a Value, out: &mut Vec<&'a Value>) {
    out.push(value);
    children(value).into_iter().for_each(|c| descend(c, out));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_values() {
        let json: Value = serde_json::from_str(r#"{"a":{"b c":[1,{"d":2}]},"d":3}"#).unwrap();
        let text = |path: &str| match Path::parse(path).unwrap().find(&json) {
            None => "nothing".to_owned(),
            Some(Found::One(v)) => v.to_string(),
            Some(Found::Many(v)) => format!("{v:?}"),
        };
        assert_eq!(text("$.a['b c'][0]"), "1");
        assert_eq!(text("lax $.a[\"b c\"][-1].d"), "2");
        assert_eq!(text("$.a.x"), "nothing");
        assert_eq!(text("$..d"), "[Number(3), Number(2)]");
        assert!(Path::parse("$.a[?(@.x)]").is_err());
        assert!(Path::parse("$.a.length()").is_err());
    }
}
