//! Errors shown with the SQL they are about.
//!
//! ```text
//! error: there is no column `user` in orders
//!   --> pipeline.sql:12:8
//!    |
//! 12 | SELECT user, COUNT(*)
//!    |        ^^^^
//!    = did you mean `user_id`?
//! ```
//!
//! What Flink has and Flitz does not begins with `not supported:`, an internal error with `internal error:`, anything
//! else with `error:`.

use std::fmt::Write;
use std::ops::Range;

use flitz_dataflow::{Error, ErrorKind, Place, Span};

/// The SQL texts of a run; a [`Span`] refers to them by number.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<(String, String)>,
}

impl Sources {
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Adds a text under the name to be shown for it; returns its number.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> u32 {
        self.files.push((name.into(), text.into()));
        (self.files.len() - 1) as u32
    }

    pub fn name(&self, file: u32) -> Option<&str> {
        self.files.get(file as usize).map(|(name, _)| name.as_str())
    }

    pub fn text(&self, file: u32) -> Option<&str> {
        self.files.get(file as usize).map(|(_, text)| text.as_str())
    }

    /// The SQL at a span.
    pub fn excerpt(&self, span: Span) -> Option<&str> {
        self.text(span.file)?.get(span.start as usize..span.end as usize)
    }

    /// `file:line:column`, both from 1, columns in characters.
    pub fn position(&self, span: Span) -> Option<String> {
        let place = self.locate(span)?;
        Some(format!("{}:{}:{}", place.name, place.line, place.column))
    }

    /// The whole message, several lines, with a line break at the end.
    pub fn render(&self, error: &Error) -> String {
        let located = match &error.place {
            Some(Place::Sql(span)) => self.locate(*span).map(|place| (place, *span)),
            _ => None,
        };
        let Some((place, span)) = located else {
            // Display has its own prefix for these two kinds.
            let prefix = match error.kind {
                ErrorKind::Unsupported | ErrorKind::Internal => "",
                _ => "error: ",
            };
            return format!("{prefix}{error}\n");
        };
        let prefix = match error.kind {
            ErrorKind::Unsupported => "not supported",
            ErrorKind::Internal => "internal error",
            _ => "error",
        };
        let mut shown = format!("{prefix}: {}\n", error.message);
        let gutter = " ".repeat(place.line.to_string().len());
        let marks = place.marks(span);
        // Writing into a String can't fail.
        let _ = writeln!(shown, "{gutter}--> {}:{}:{}", place.name, place.line, place.column);
        let _ = writeln!(shown, "{gutter} |");
        let _ = writeln!(shown, "{} | {}", place.line, place.shown_line());
        let _ = writeln!(shown, "{gutter} | {marks}");
        if let Some(hint) = &error.hint {
            let _ = writeln!(shown, "{gutter} = {hint}");
        }
        shown
    }

    fn locate(&self, span: Span) -> Option<Located<'_>> {
        let (name, text) = self.files.get(span.file as usize)?;
        // A span at the end of the text is shown after its last character, not on the empty line that follows it.
        let mut start = floor_boundary(text, span.start as usize);
        if start == text.len() {
            start = text.trim_end().len();
        }
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line = text[..start].matches('\n').count() + 1;
        let column = text[line_start..start].chars().count() + 1;
        let content = text[line_start..line_end].trim_end_matches('\r');
        Some(Located { name, line, column, start: start - line_start, content })
    }
}

struct Located<'a> {
    name: &'a str,
    line: usize,
    column: usize,
    /// Where the span starts, in bytes of the line.
    start: usize,
    content: &'a str,
}

impl Located<'_> {
    fn shown_line(&self) -> String {
        let mut content = self.content.to_owned();
        for secret in secrets(self.content) {
            let stars = "*".repeat(self.content[secret.clone()].chars().count());
            // From behind, so that earlier places stay where they are.
            content.replace_range(secret, &stars);
        }
        content.replace('\t', "    ")
    }

    /// `^^^^` below the span, at least one, not past the line's end.
    fn marks(&self, span: Span) -> String {
        let start = floor_boundary(self.content, self.start);
        let length = span.end.saturating_sub(span.start) as usize;
        let end = floor_boundary(self.content, (start + length).min(self.content.len()));
        let width = |text: &str| text.chars().map(|c| if c == '\t' { 4 } else { 1 }).sum::<usize>();
        let marked = width(self.content[start..end.max(start)].trim_end()).max(1);
        " ".repeat(width(&self.content[..start])) + &"^".repeat(marked)
    }
}

/// Where a line holds secrets, the last first: quoted values of what is called a password, secret, token or key, as
/// in `password=\"…\"` and `'….password' = '…'`, and those in the query of a url. A variable is none.
fn secrets(line: &str) -> Vec<Range<usize>> {
    const WORDS: [&str; 6] = ["password", "passphrase", "secret", "token", "access-key", "keystore.key"];
    let lower = line.to_ascii_lowercase();
    let mut found: Vec<Range<usize>> = vec![];
    for word in WORDS {
        for (at, _) in lower.match_indices(word) {
            let rest = lower[at..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "._-".contains(c));
            let rest = rest.trim_start_matches(['\'', '"']).trim_start();
            let Some(rest) = rest.strip_prefix('=').map(str::trim_start) else { continue };
            let name = lower[..at].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
            let (start, ends): (usize, &[char]) = match rest.chars().next() {
                Some('\'') => (line.len() - rest.len() + 1, &['\'']),
                Some('"') => (line.len() - rest.len() + 1, &['"']),
                // `…?user=u&password=p`
                Some(_) if name.ends_with(['?', '&']) => (line.len() - rest.len(), &['&', '\'', '"']),
                _ => continue,
            };
            let end = line[start..].find(ends).map_or(line.len(), |length| start + length);
            let value = &line[start..end];
            let is_variable =
                value.starts_with("${") && value.ends_with('}') && !value.trim_end_matches(":-}").contains(":-");
            if !is_variable && !found.iter().any(|f| f.start < end && start < f.end) {
                found.push(start..end);
            }
        }
    }
    found.sort_by_key(|range| std::cmp::Reverse(range.start));
    found
}

/// The nearest character boundary at or before `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::parser::parse_script;

    fn check(text: &str, expected: Expect) {
        let mut sources = Sources::new();
        let file = sources.add("pipeline.sql", text);
        let (_, errors) = parse_script(file, text);
        expected.assert_eq(&errors.iter().map(|e| sources.render(e)).collect::<String>());
    }

    #[test]
    fn an_error_points_at_its_place() {
        check(
            "SELECT a\nFROM t\nWHERE a == 1;",
            expect![[r#"
            error: there is no operator `==`
             --> pipeline.sql:3:9
              |
            3 | WHERE a == 1;
              |         ^^
              = write `=`
        "#]],
        );
        check(
            "SELECT größe,\n\tx y z FROM t",
            expect![[r#"
            error: expected the end of the statement, found `z`
             --> pipeline.sql:2:6
              |
            2 |     x y z FROM t
              |         ^
        "#]],
        );
        check(
            "MERGE INTO t USING s ON TRUE",
            expect![[r#"
            not supported: MERGE (Flink can't plan it either)
             --> pipeline.sql:1:1
              |
            1 | MERGE INTO t USING s ON TRUE
              | ^^^^^
        "#]],
        );
        check(
            "SELECT a FROM\n\n",
            expect![[r#"
            error: expected a table, found the end of the text
             --> pipeline.sql:1:14
              |
            1 | SELECT a FROM
              |              ^
        "#]],
        );
    }

    #[test]
    fn all_errors_of_a_file_are_shown() {
        check(
            "SELECT a FORM t;\nSELECT 1;\nCREATE TABL t;\nINSRT INTO t SELECT 1;",
            expect![[r#"
            error: expected the end of the statement, found `t`
             --> pipeline.sql:1:15
              |
            1 | SELECT a FORM t;
              |               ^
              = did you mean FROM instead of `FORM`?
            error: expected TABLE, VIEW, DATABASE, CATALOG, FUNCTION or another kind of object after CREATE, found `TABL`
             --> pipeline.sql:3:8
              |
            3 | CREATE TABL t;
              |        ^^^^
              = did you mean TABLE?
            error: expected a statement, found `INSRT`
             --> pipeline.sql:4:1
              |
            4 | INSRT INTO t SELECT 1;
              | ^^^^^
              = did you mean INSERT?
        "#]],
        );
    }

    #[test]
    fn secrets_of_a_line_are_not_shown() {
        let hide = |line: &str| {
            let text = format!("{line} ==");
            let mut sources = Sources::new();
            let file = sources.add("x.sql", text.clone());
            let end = text.len() as u32;
            let shown = sources.render(&Error::invalid("no").at(Span { file, start: end - 2, end }));
            shown.lines().nth(3).unwrap_or_default().trim_start_matches("1 | ").trim_end_matches(" ==").to_owned()
        };
        assert_eq!(
            hide(r#"'jaas' = 'x username="u" password="pä w";'"#),
            r#"'jaas' = 'x username="u" password="****";'"#
        );
        assert_eq!(hide("'ssl.key.password' = 'abc', 'b' = 'c'"), "'ssl.key.password' = '***', 'b' = 'c'");
        assert_eq!(hide(r#"password="${PASSWORD:-}""#), r#"password="${PASSWORD:-}""#);
        assert_eq!(hide(r#"password="${PASSWORD:-abc}""#), r#"password="****************""#);
        assert_eq!(hide("SELECT token FROM t"), "SELECT token FROM t");
        assert_eq!(hide("'url' = 'x://h?user=u&password=abc&y=z'"), "'url' = 'x://h?user=u&password=***&y=z'");
    }

    #[test]
    fn an_error_without_a_place_is_one_line() {
        let sources = Sources::new();
        assert_eq!(sources.render(&Error::invalid("no").hint("yes")), "error: no; yes\n");
        assert_eq!(sources.render(&Error::unsupported("X")), "not supported: X\n");
    }
}
