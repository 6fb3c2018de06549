//! Regular expressions of Java, and SIMILAR TO. An invalid pattern gives NULL, or FALSE for REGEXP.

use std::sync::Arc;

use arrow::array::{ListArray, StringBuilder};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType as Arrow, Int32Type};
use flitz_dataflow::{Error, Result};

use super::Output::{Nullable, Strict};
use super::{Function, Kernel, Param, Simple, Site, string::check_growth, string::count};
use crate::columnar::Args;
use crate::java::pattern::Patterns;

const STR: Param = Param::String;
const TWO: &[Param] = &[STR, STR];
const GROUP: &[Param] = &[STR, STR, Param::Int];
const TEXT: super::Output = Nullable(Simple::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::prepared("REGEXP", TWO, Strict(Simple::Boolean), regexp).fallible(),
    Function::prepared("REGEXP_REPLACE", &[STR, STR, STR], TEXT, regexp_replace).fallible(),
    Function::prepared("REGEXP_EXTRACT", GROUP, TEXT, regexp_extract).optional(1).fallible(),
    Function::prepared("REGEXP_EXTRACT_ALL", GROUP, Nullable(Simple::StringArray), regexp_extract_all)
        .optional(1)
        .fallible(),
    Function::prepared("REGEXP_COUNT", TWO, Nullable(Simple::Int), regexp_count).fallible(),
    Function::prepared("REGEXP_INSTR", TWO, Nullable(Simple::Int), regexp_instr).fallible(),
    Function::prepared("REGEXP_SUBSTR", TWO, TEXT, regexp_substr).fallible(),
    Function::prepared("SIMILAR TO", &[STR, STR, STR], Strict(Simple::Boolean), similar_to).optional(1).fallible(),
];

fn regexp(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1)?;
    Ok(Box::new(move |args: &Args| {
        let (text, pattern) = (args.strings(0), args.strings(1));
        args.build_booleans(args.nulls(), |row| {
            // An empty pattern matches nothing.
            let empty = pattern.get(row).is_empty();
            Ok(Some(!empty && patterns.of(&pattern, row)?.is_some_and(|p| p.is_match(text.get(row)))))
        })
    }))
}

/// All matches as `Matcher.find` goes through them: unlike the crate's iterator it takes an empty match right behind
/// another one, so `a*` has two in `aaa`.
struct Matches<'p, 't> {
    pattern: &'p regex::Regex,
    text: &'t str,
    at: usize,
}

impl<'p, 't> Matches<'p, 't> {
    fn of(pattern: &'p regex::Regex, text: &'t str) -> Matches<'p, 't> {
        Matches { pattern, text, at: 0 }
    }
}

impl<'t> Iterator for Matches<'_, 't> {
    type Item = regex::Match<'t>;

    fn next(&mut self) -> Option<regex::Match<'t>> {
        if self.at > self.text.len() {
            return None;
        }
        let found = self.pattern.find_at(self.text, self.at)?;
        let next = self.text[found.end()..].chars().next().map_or(1, char::len_utf8);
        self.at = if found.is_empty() { found.end() + next } else { found.end() };
        Some(found)
    }
}

/// The replacement is literal text: `$1` is not expanded.
fn regexp_replace(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1)?;
    Ok(Box::new(move |args: &Args| {
        let (text, pattern, replacement) = (args.strings(0), args.strings(1), args.strings(2));
        args.build_strings(args.nulls(), |row, out| {
            let Some(pattern) = patterns.of(&pattern, row)? else { return Ok(false) };
            let text = text.get(row);
            let (start, mut last) = (out.len(), 0);
            for found in Matches::of(pattern, text) {
                out.push_str(&text[last..found.start()]);
                out.push_str(replacement.get(row));
                check_growth("REGEXP_REPLACE", (out.len() - start).saturating_sub(text.len()))?;
                last = found.end();
            }
            out.push_str(&text[last..]);
            Ok(true)
        })
    }))
}

fn regexp_extract(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1)?;
    Ok(Box::new(move |args: &Args| {
        let (text, pattern) = (args.strings(0), args.strings(1));
        let group = (args.len() == 3).then(|| args.primitives::<Int32Type>(2));
        let mut only = None;
        args.build_pieces(args.nulls(), 0, |row| {
            let group = group.as_ref().map_or(0, |g| g.get(row));
            let number = match only {
                Some(number) => number,
                None => patterns.number(pattern.get(row))?,
            };
            only = pattern.is_scalar().then_some(number);
            let Some(pattern) = patterns.numbered(number) else { return Ok(None) };
            let Ok(group) = usize::try_from(group) else { return Ok(None) };
            let text = text.get(row);
            Ok(pattern.find_group(text, group).map(|found| &text[found]))
        })
    }))
}

/// The default group is 1.
fn regexp_extract_all(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1)?;
    let Arrow::List(field) = site.data_type.to_arrow() else { return Err(Error::internal("a list type")) };
    Ok(Box::new(move |args: &Args| {
        let (text, pattern) = (args.strings(0), args.strings(1));
        let group = (args.len() == 3).then(|| args.primitives::<Int32Type>(2));
        let nulls = args.nulls();
        let mut values = StringBuilder::new();
        let mut lengths = Vec::with_capacity(args.rows);
        let mut validity = Vec::with_capacity(args.rows);
        for row in 0..args.rows {
            let mut found = 0;
            let mut valid = false;
            if nulls.as_ref().is_none_or(|n| n.is_valid(row))
                && let Some(pattern) = patterns.of(&pattern, row)?
            {
                let group = group.as_ref().map_or(1, |g| g.get(row));
                if let Some(group) = usize::try_from(group).ok().filter(|g| *g < pattern.captures_len()) {
                    valid = true;
                    let text = text.get(row);
                    for at in Matches::of(pattern, text) {
                        let captures = pattern.captures_at(text, at.start());
                        values.append_option(captures.and_then(|c| c.get(group)).map(|m| m.as_str()));
                        found += 1;
                    }
                }
            }
            lengths.push(found);
            validity.push(valid);
        }
        let offsets = OffsetBuffer::from_lengths(lengths);
        let nulls = NullBuffer::from(validity);
        Ok(Arc::new(ListArray::try_new(field.clone(), offsets, Arc::new(values.finish()), Some(nulls))?))
    }))
}

fn regexp_count(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1)?;
    Ok(Box::new(move |args: &Args| {
        let (text, pattern) = (args.strings(0), args.strings(1));
        Ok(Arc::new(args.build::<Int32Type>(args.nulls(), |row| {
            Ok(patterns.of(&pattern, row)?.map(|p| Matches::of(p, text.get(row)).count() as i32))
        })?))
    }))
}

fn regexp_instr(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1)?;
    Ok(Box::new(move |args: &Args| {
        let (text, pattern) = (args.strings(0), args.strings(1));
        Ok(Arc::new(args.build::<Int32Type>(args.nulls(), |row| {
            let text = text.get(row);
            let position = |p: &regex::Regex| p.find(text).map_or(0, |m| count(&text[..m.start()]) as i32 + 1);
            Ok(patterns.of(&pattern, row)?.map(position))
        })?))
    }))
}

fn regexp_substr(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1)?;
    Ok(Box::new(move |args: &Args| {
        let (text, pattern) = (args.strings(0), args.strings(1));
        args.build_pieces(args.nulls(), 0, |row| {
            let found = patterns.of(&pattern, row)?.and_then(|p| p.find(text.get(row)));
            Ok(found.map(|m| m.as_str()))
        })
    }))
}

/// `%` and `_` as in LIKE, everything else as in a regular expression, over the whole text.
fn similar_to(_: &Site) -> Result<Kernel> {
    let mut last: Option<(String, Option<String>, regex::Regex)> = None;
    Ok(Box::new(move |args: &Args| {
        let (text, pattern) = (args.strings(0), args.strings(1));
        let escape = (args.len() == 3).then(|| args.strings(2));
        args.build_booleans(args.nulls(), |row| {
            let (wanted, escape) = (pattern.get(row), escape.as_ref().map(|e| e.get(row)));
            if last.as_ref().is_none_or(|(p, e, _)| p != wanted || e.as_deref() != escape) {
                let invalid = || Error::data(format!("'{wanted}' is not a pattern of SIMILAR TO"));
                let compiled = crate::java::pattern::compile(&similar_pattern(wanted, escape))?.ok_or_else(invalid)?;
                last = Some((wanted.to_owned(), escape.map(str::to_owned), compiled));
            }
            Ok(last.as_ref().map(|(.., p)| p.is_match(text.get(row))))
        })
    }))
}

fn similar_pattern(pattern: &str, escape: Option<&str>) -> String {
    let escape = escape.and_then(|e| e.chars().next());
    let mut out = String::from("^(?:");
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '[' if in_class && chars.as_str().starts_with(':') => {
                // [:ALPHA:] in any case.
                let name: String = chars.by_ref().take_while(|c| *c != ']').collect();
                out.push_str(&format!("[{}]", name.to_ascii_lowercase()));
            }
            c if Some(c) == escape => {
                if let Some(next) = chars.next() {
                    out.push_str(&regex::escape(next.encode_utf8(&mut [0; 4])));
                }
            }
            '[' | ']' => {
                in_class = c == '[';
                out.push(c);
            }
            '%' if !in_class => out.push_str("(?s:.*)"),
            '_' if !in_class => out.push_str("(?s:.)"),
            c => out.push(c),
        }
    }
    out.push_str(")$");
    out
}
