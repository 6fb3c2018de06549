//! Prints the syntax tree as SQL that parses to the same tree, on one line.
//!
//! Parentheses are not part of the tree; they are written where [`precedence`](super::expr::precedence) asks for them.
//! Names get back-ticks only where the parser would take them for something else.

mod expr;
mod query;
mod statement;

use std::fmt::{self, Display, Formatter, Write};

use super::data_type::{DataType, DataTypeKind, RowTypeField, TimeZoneKind};
use super::expr::IntervalQualifier;
use super::{Ident, ObjectName, OptionPair, StringLiteral};
use crate::parser::keywords;

/// Items with a separator between them.
struct List<'a, T>(&'a [T], &'static str);

impl<T: Display> Display for List<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, item) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(self.1)?;
            }
            item.fmt(f)?;
        }
        Ok(())
    }
}

fn commas<T>(items: &[T]) -> List<'_, T> {
    List(items, ", ")
}

/// `prefix` and the value, or nothing.
fn optional(f: &mut Formatter<'_>, prefix: &str, value: Option<&impl Display>) -> fmt::Result {
    match value {
        Some(value) => write!(f, "{prefix}{value}"),
        None => Ok(()),
    }
}

/// `prefix(items)`, or nothing if there are none.
fn optional_list<T: Display>(f: &mut Formatter<'_>, prefix: &str, items: &[T]) -> fmt::Result {
    if items.is_empty() { Ok(()) } else { write!(f, "{prefix}({})", commas(items)) }
}

fn quoted(f: &mut Formatter<'_>, text: &str, quote: char) -> fmt::Result {
    f.write_char(quote)?;
    for c in text.chars() {
        if c == quote {
            f.write_char(quote)?;
        }
        f.write_char(c)?;
    }
    f.write_char(quote)
}

impl Display for Ident {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain = keywords::is_plain_name(&self.value) && !keywords::has_own_grammar(&self.value);
        if plain { f.write_str(&self.value) } else { quoted(f, &self.value, '`') }
    }
}

impl Display for ObjectName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        List(&self.parts, ".").fmt(f)
    }
}

impl Display for StringLiteral {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        quoted(f, &self.value, '\'')
    }
}

impl Display for OptionPair {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.key, self.value)
    }
}

impl Display for DataType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        match self.nullable {
            Some(true) => f.write_str(" NULL"),
            Some(false) => f.write_str(" NOT NULL"),
            None => Ok(()),
        }
    }
}

impl Display for DataTypeKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use DataTypeKind::*;
        match self {
            Char(length) => with_length(f, "CHAR", *length),
            Varchar(length) => with_length(f, "VARCHAR", *length),
            String => f.write_str("STRING"),
            Boolean => f.write_str("BOOLEAN"),
            Binary(length) => with_length(f, "BINARY", *length),
            Varbinary(length) => with_length(f, "VARBINARY", *length),
            Bytes => f.write_str("BYTES"),
            Decimal { precision: Some(precision), scale: Some(scale) } => write!(f, "DECIMAL({precision}, {scale})"),
            Decimal { precision, .. } => with_length(f, "DECIMAL", *precision),
            TinyInt => f.write_str("TINYINT"),
            SmallInt => f.write_str("SMALLINT"),
            Int => f.write_str("INT"),
            BigInt => f.write_str("BIGINT"),
            Float => f.write_str("FLOAT"),
            Real => f.write_str("REAL"),
            Double => f.write_str("DOUBLE"),
            Date => f.write_str("DATE"),
            Time(precision) => with_length(f, "TIME", *precision),
            Timestamp { precision, zone: TimeZoneKind::Without } => with_length(f, "TIMESTAMP", *precision),
            Timestamp { precision, zone: TimeZoneKind::Local } => with_length(f, "TIMESTAMP_LTZ", *precision),
            Interval(qualifier) => write!(f, "INTERVAL {qualifier}"),
            Array(element) => write!(f, "ARRAY<{element}>"),
            Multiset(element) => write!(f, "MULTISET<{element}>"),
            Map(key, value) => write!(f, "MAP<{key}, {value}>"),
            Row(fields) => write!(f, "ROW<{}>", commas(fields)),
            Structured { class, fields } => {
                write!(f, "STRUCTURED<{class}")?;
                fields.iter().try_for_each(|field| write!(f, ", {field}"))?;
                f.write_str(">")
            }
            Raw { class, snapshot } => write!(f, "RAW({class}, {snapshot})"),
            Variant => f.write_str("VARIANT"),
            Bitmap => f.write_str("BITMAP"),
            Named(name) => name.fmt(f),
        }
    }
}

fn with_length(f: &mut Formatter<'_>, name: &str, length: Option<u32>) -> fmt::Result {
    f.write_str(name)?;
    match length {
        Some(length) => write!(f, "({length})"),
        None => Ok(()),
    }
}

impl Display for RowTypeField {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.data_type)?;
        optional(f, " ", self.comment.as_ref())
    }
}

impl Display for IntervalQualifier {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.start.fmt(f)?;
        match (self.leading_precision, self.fractional_precision) {
            (Some(leading), Some(fractional)) if self.end.is_none() => write!(f, "({leading}, {fractional})")?,
            (Some(leading), _) => write!(f, "({leading})")?,
            _ => {}
        }
        let Some(end) = self.end else { return Ok(()) };
        write!(f, " TO {end}")?;
        match self.fractional_precision {
            Some(fractional) => write!(f, "({fractional})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parser::{parse_expression, parse_statement};

    /// Prints what `text` parses to, and checks that this is a fixed point.
    fn printed(text: &str) -> String {
        let printed = parse_expression(0, text).unwrap().to_string();
        assert_eq!(parse_expression(0, &printed).unwrap().to_string(), printed);
        printed
    }

    #[test]
    fn parentheses_are_written_where_they_are_needed() {
        for (text, expected) in [
            ("((a)) + (b * c)", "a + b * c"),
            ("(a + b) * c", "(a + b) * c"),
            ("a - (b - c)", "a - (b - c)"),
            ("a - b - c", "a - b - c"),
            ("- (-1)", "- -1"),
            ("NOT (a AND b) OR c", "NOT (a AND b) OR c"),
            ("(a = b) IS NULL", "a = b IS NULL"),
            ("a = (b IS NULL)", "a = (b IS NULL)"),
            ("(a BETWEEN 1 AND 2) BETWEEN (x AND y) AND z", "a BETWEEN 1 AND 2 BETWEEN (x AND y) AND z"),
            ("(a).b", "(a).b"),
            ("f(x).a[1].b", "f(x).a[1].b"),
            ("'a' || (b + c)", "'a' || (b + c)"),
            ("INTERVAL 3 DAY", "3 * INTERVAL '1' DAY"),
            ("position('a' IN b) + Floor(c)", "POSITION('a' IN b) + Floor(c)"),
            ("`select` + `a``b` + `map`", "`select` + `a``b` + `map`"),
        ] {
            assert_eq!(printed(text), expected);
        }
    }

    #[test]
    fn nothing_is_written_that_was_not_said() {
        let text = "CREATE TABLE t (a INT NOT NULL, b STRING, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) \
                    WITH ('connector' = 'kafka')";
        assert_eq!(parse_statement(0, text).unwrap().to_string(), text);
    }
}
