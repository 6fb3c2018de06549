//! `java.util.regex` on the `regex` crate.
//!
//! What differs is rewritten: `\d \w \s` mean ASCII in Java, `.` stops at every line terminator, `\Q…\E` quotes. What the crate cannot do without
//! backtracking (look-around, back references, atomic groups, possessive quantifiers) is "not supported".

use std::collections::HashMap;
use std::ops::Range;

use flitz_dataflow::{Error, ErrorKind, Result};
use regex::Regex;

use super::captures::Captures;
use crate::columnar::View;
use crate::scalar::Site;

/// None if it is no pattern in Java either.
pub(crate) fn compile(pattern: &str) -> Result<Option<Regex>> {
    let translated = translate(pattern)?;
    Ok(Regex::new(&translated).ok())
}

fn unsupported(what: &str, pattern: &str) -> Error {
    Error::unsupported(format!("{what} in the regular expression '{pattern}'"))
}

fn translate(pattern: &str) -> Result<String> {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut chars = pattern.chars().peekable();
    let mut class_depth = 0;
    // Whether the last thing written was a quantifier, which a '+' would make possessive.
    let mut quantified = false;
    let flags = inline_flags(pattern);
    if flags.contains(['U', 'd']) {
        return Err(unsupported("a flag (?U) or (?d)", pattern));
    }
    if flags.contains('i') && !flags.contains('u') && pattern.chars().any(|c| !c.is_ascii() && c.is_alphabetic()) {
        return Err(unsupported("a letter beyond ASCII without regard to case", pattern));
    }
    let dot = if flags.contains('s') { "." } else { r"[^\n\r\u{85}\u{2028}\u{2029}]" };
    while let Some(c) = chars.next() {
        let was_quantified = std::mem::take(&mut quantified);
        match c {
            '\\' => match chars.next() {
                Some('Q') => {
                    let mut quoted = String::new();
                    while let Some(c) = chars.next() {
                        if c == '\\' && chars.peek() == Some(&'E') {
                            chars.next();
                            break;
                        }
                        quoted.push(c);
                    }
                    out.push_str(&regex::escape(&quoted));
                }
                Some(escape) => translate_escape(escape, class_depth > 0, pattern, &mut out)?,
                None => out.push('\\'),
            },
            '[' => {
                class_depth += 1;
                out.push(c);
                // A bracket right behind the opening one (or its ^) is itself a member only in other dialects.
            }
            ']' if class_depth > 0 => {
                class_depth -= 1;
                out.push(c);
            }
            _ if class_depth > 0 => out.push(c),
            '.' => out.push_str(dot),
            '(' => {
                out.push(c);
                let rest: String = chars.clone().take(3).collect();
                if rest.starts_with("?=")
                    || rest.starts_with("?!")
                    || rest.starts_with("?<=")
                    || rest.starts_with("?<!")
                {
                    return Err(unsupported("look-around", pattern));
                }
                if rest.starts_with("?>") {
                    return Err(unsupported("an atomic group", pattern));
                }
            }
            '+' if was_quantified => return Err(unsupported("a possessive quantifier", pattern)),
            '*' | '+' | '?' | '}' => {
                // A second '?' makes it reluctant.
                quantified = !(was_quantified && c == '?');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    Ok(out)
}

/// The letters of all groups like `(?i)` and `(?s:…)`.
fn inline_flags(pattern: &str) -> String {
    let groups = pattern.split("(?").skip(1);
    let flags = groups.map(|group| group.split([')', ':', '-']).next().unwrap_or_default());
    flags.filter(|flags| flags.chars().all(|c| c.is_ascii_alphabetic())).collect()
}

fn translate_escape(escape: char, in_class: bool, pattern: &str, out: &mut String) -> Result<()> {
    let (inside, outside) = match escape {
        'd' => ("0-9", "[0-9]"),
        'w' => ("a-zA-Z0-9_", "[a-zA-Z0-9_]"),
        's' => (r" \t\n\x0B\f\r", r"[ \t\n\x0B\f\r]"),
        'D' => ("[^0-9]", "[^0-9]"),
        'W' => ("[^a-zA-Z0-9_]", "[^a-zA-Z0-9_]"),
        'S' => (r"[^ \t\n\x0B\f\r]", r"[^ \t\n\x0B\f\r]"),
        'h' => (
            r" \t\xA0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000",
            r"[ \t\xA0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]",
        ),
        // Before Java 19 the bounds of words know all letters, though \w does not.
        'b' => ("", r"\b"),
        'B' => ("", r"\B"),
        'e' => (r"\x1B", r"\x1B"),
        'R' => ("", r"(?:\r\n|[\n\x0B\f\r\x85\u2028\u2029])"),
        'Z' => ("", r"(?:\n?\z)"),
        '1'..='9' | 'k' => return Err(unsupported("a back reference", pattern)),
        'G' | 'X' => return Err(unsupported(&format!("\\{escape}"), pattern)),
        other => {
            // Java takes any escaped character that is not a letter as itself; so does the crate for punctuation.
            if other.is_ascii_alphanumeric() || other.is_ascii_punctuation() {
                out.push('\\');
            }
            out.push(other);
            return Ok(());
        }
    };
    out.push_str(if in_class { inside } else { outside });
    Ok(())
}

/// The patterns of one call, each compiled once.
pub(crate) struct Patterns {
    numbers: HashMap<String, usize>,
    compiled: Vec<Option<Pattern>>,
    /// The text of the last one and its number: as a rule there is no other.
    last: Option<(String, usize)>,
}

pub(crate) struct Pattern {
    pub regex: Regex,
    /// Made when a group is asked for; the inner None for patterns that have none.
    captures: Option<Option<Captures>>,
}

impl Pattern {
    /// A group of the first match.
    pub fn find_group(&mut self, text: &str, group: usize) -> Option<Range<usize>> {
        if group == 0 {
            return self.regex.find(text).map(|found| found.range());
        }
        match self.captures.get_or_insert_with(|| Captures::new(self.regex.as_str())) {
            Some(captures) => captures.find(&self.regex, text, group),
            None => self.regex.captures(text)?.get(group).map(|found| found.range()),
        }
    }
}

/// A column of patterns seldom holds more different ones.
const MAX_KNOWN: usize = 1000;

impl Patterns {
    /// A literal pattern that cannot be translated is refused at once.
    pub fn new(site: &Site, argument: usize) -> Result<Patterns> {
        let mut patterns = Patterns { numbers: HashMap::new(), compiled: vec![], last: None };
        if let Some(text) = site.text(argument) {
            patterns.insert(text, compile(text)?);
        }
        Ok(patterns)
    }

    fn insert(&mut self, text: &str, regex: Option<Regex>) -> usize {
        let number = self.compiled.len();
        self.compiled.push(regex.map(|regex| Pattern { regex, captures: None }));
        self.numbers.insert(text.to_owned(), number);
        self.last = Some((text.to_owned(), number));
        number
    }

    /// Its number, by which it is found while no other one is asked for.
    pub fn number(&mut self, text: &str) -> Result<usize> {
        if let Some((last, number)) = &self.last
            && last == text
        {
            return Ok(*number);
        }
        if let Some(number) = self.numbers.get(text) {
            self.last = Some((text.to_owned(), *number));
            return Ok(*number);
        }
        if self.compiled.len() >= MAX_KNOWN {
            *self = Patterns { numbers: HashMap::new(), compiled: vec![], last: None };
        }
        // While rows are read it is the row that is at fault.
        let compiled = compile(text).map_err(|e| match e.kind {
            ErrorKind::Unsupported => Error::data(format!("not supported: {}", e.message)),
            _ => e,
        })?;
        Ok(self.insert(text, compiled))
    }

    /// None if it is not a pattern.
    pub fn numbered(&mut self, number: usize) -> Option<&mut Pattern> {
        self.compiled.get_mut(number).and_then(Option::as_mut)
    }

    pub fn get(&mut self, text: &str) -> Result<Option<&Regex>> {
        let number = self.number(text)?;
        Ok(self.numbered(number).map(|pattern| &pattern.regex))
    }

    /// The pattern of a row of a column of patterns.
    pub fn of(&mut self, patterns: &View<arrow::array::StringArray>, row: usize) -> Result<Option<&Regex>> {
        self.get(patterns.get(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_patterns_are_translated_or_refused() {
        let ok = |p: &str| compile(p).unwrap().unwrap();
        assert!(ok(r"^\d+$").is_match("42") && !ok(r"^\d+$").is_match("٤٢"));
        assert!(ok(r"\Qa.b\E").is_match("a.b") && !ok(r"\Qa.b\E").is_match("axb"));
        assert!(ok(r"[\w-]+@x").is_match("a-b@x"));
        assert!(ok("a+?b").is_match("aab"));
        for refused in ["(?=a)", "(?<!a)b", r"(a)\1", "a++", "(?>a)"] {
            assert_eq!(compile(refused).unwrap_err().kind, ErrorKind::Unsupported, "{refused}");
        }
        assert!(compile("[").unwrap().is_none());
    }
}
