//! `'format' = 'csv'`, as Jackson reads and writes it.
//!
//! [`record`] cuts a file into records and a record into fields, [`decode`] makes values of their texts,
//! [`encode`] writes rows. Records have no header; fields are told by their position.

mod decode;
mod encode;
mod record;

#[cfg(test)]
mod tests;

use flitz_dataflow::options::{OptionDef, Options};
use flitz_dataflow::{ChangelogMode, DataType, Error, Result, Schema, TypeKind};

pub use record::{Dialect, record_end};

use super::{Decoder, DecoderSpec, Encoder, EncoderSpec, FormatCapabilities, FormatFactory, Framing};

pub struct Csv;

const OPTIONS: &[OptionDef] = &[
    OptionDef { key: "field-delimiter", meaning: "one character between fields" },
    OptionDef { key: "quote-character", meaning: "one character around fields" },
    OptionDef { key: "disable-quote-character", meaning: "nothing is quoted" },
    OptionDef { key: "escape-character", meaning: "one character that takes the meaning from the next" },
    OptionDef { key: "null-literal", meaning: "the text that stands for NULL" },
    OptionDef { key: "array-element-delimiter", meaning: "between the elements of arrays and nested rows" },
    OptionDef { key: "allow-comments", meaning: "lines that begin with # are skipped, and empty ones" },
    OptionDef { key: "ignore-parse-errors", meaning: "unreadable fields become NULL, unreadable records are skipped" },
    OptionDef { key: "write-bigdecimal-in-scientific-notation", meaning: "100000 as 1E+5" },
    OptionDef { key: "allow-trailing-comma", meaning: "a record may end with a delimiter" },
    OptionDef { key: "empty-string-as-null", meaning: "an empty field is NULL" },
    OptionDef { key: "fail-on-missing-columns", meaning: "a short record is unreadable" },
    OptionDef { key: "ignore-trailing-unmappable", meaning: "fields beyond the last column are left out" },
    OptionDef { key: "trim-spaces", meaning: "blanks around fields are no part of them" },
];

impl FormatFactory for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn options(&self) -> &'static [OptionDef] {
        OPTIONS
    }

    fn describe(&self, options: &Options) -> Result<FormatCapabilities> {
        let settings = Settings::of(options)?;
        Ok(FormatCapabilities {
            changelog: ChangelogMode::INSERT_ONLY,
            metadata: Vec::new(),
            framing: Framing::Csv(settings.dialect),
        })
    }

    fn decoder(&self, spec: &DecoderSpec) -> Result<Box<dyn Decoder>> {
        check_columns(spec.physical)?;
        Ok(Box::new(decode::CsvDecoder::new(spec, Settings::of(spec.options)?)))
    }

    fn encoder(&self, spec: &EncoderSpec) -> Result<Box<dyn Encoder>> {
        check_columns(spec.schema)?;
        Ok(Box::new(encode::CsvEncoder::new(spec.schema, Settings::of(spec.options)?)))
    }
}

/// All options, read.
#[derive(Clone, Debug)]
struct Settings {
    dialect: Dialect,
    null_literal: Option<String>,
    array_delimiter: String,
    ignore_parse_errors: bool,
    scientific: bool,
    allow_trailing_comma: bool,
    empty_string_as_null: bool,
    fail_on_missing_columns: bool,
    ignore_trailing: bool,
}

impl Settings {
    fn of(options: &Options) -> Result<Settings> {
        let quoting = !options.bool("disable-quote-character", false)?;
        if !quoting && options.get("quote-character").is_some() {
            return Err(Error::invalid("a quote character is given and disabled").option("disable-quote-character"));
        }
        let array_delimiter = unescape_java(options.get("array-element-delimiter").unwrap_or(";"));
        if array_delimiter.is_empty() {
            return Err(Error::invalid("'array-element-delimiter' is empty").option("array-element-delimiter"));
        }
        let dialect = Dialect {
            delimiter: character(options, "field-delimiter")?.unwrap_or(b','),
            quote: quoting.then_some(character(options, "quote-character")?.unwrap_or(b'"')),
            escape: character(options, "escape-character")?,
            comments: options.bool("allow-comments", false)?,
            trim: options.bool("trim-spaces", false)?,
        };
        if Some(dialect.delimiter) == dialect.quote || matches!(dialect.delimiter, b'\n' | b'\r') {
            return Err(Error::invalid("the field delimiter can't be a line end or the quote character")
                .option("field-delimiter"));
        }
        Ok(Settings {
            dialect,
            null_literal: options.get("null-literal").map(str::to_owned),
            array_delimiter,
            ignore_parse_errors: options.bool("ignore-parse-errors", false)?,
            scientific: options.bool("write-bigdecimal-in-scientific-notation", true)?,
            allow_trailing_comma: options.bool("allow-trailing-comma", true)?,
            empty_string_as_null: options.bool("empty-string-as-null", false)?,
            fail_on_missing_columns: options.bool("fail-on-missing-columns", false)?,
            ignore_trailing: options.bool("ignore-trailing-unmappable", false)?,
        })
    }
}

/// An option that is one ASCII character, possibly written as Java would escape it (`\t`, `\u0001`).
fn character(options: &Options, key: &str) -> Result<Option<u8>> {
    let Some(text) = options.get(key) else { return Ok(None) };
    let unescaped = if text == "\\" { text.to_owned() } else { unescape_java(text) };
    let mut characters = unescaped.chars();
    match (characters.next(), characters.next()) {
        (Some(c), None) if c.is_ascii() => Ok(Some(c as u8)),
        (Some(_), None) => Err(Error::unsupported(format!("'{text}', which is not ASCII")).option(key)),
        _ => Err(Error::invalid(format!("'{key}' must be a single character, found '{text}'")).option(key)),
    }
}

/// `StringEscapeUtils.unescapeJava`.
fn unescape_java(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else {
            out.push('\\');
            break;
        };
        rest = &rest[c.len_utf8()..];
        match c {
            't' => out.push('\t'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' => {
                let hex = rest.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
                match hex {
                    Some(c) => {
                        out.push(c);
                        rest = &rest[4..];
                    }
                    None => out.push('u'),
                }
            }
            other => out.push(other),
        }
    }
    out.push_str(rest);
    out
}

/// Arrays and rows may stand in a record, but not in each other, and there are no maps.
fn check_columns(schema: &Schema) -> Result<()> {
    let refuse = |name: &str, data_type: &DataType| {
        Err(Error::invalid(format!("CSV can't hold column '{name}' of type {data_type}")))
    };
    for field in &schema.fields {
        let scalar = |t: &DataType| {
            let nested =
                matches!(t.kind, TypeKind::Array(_) | TypeKind::Row(_) | TypeKind::Map(..) | TypeKind::Multiset(_));
            !nested && !matches!(t.kind, TypeKind::Time(4..) | TypeKind::Bitmap)
        };
        let holds = match &field.data_type.kind {
            TypeKind::Array(element) => scalar(element),
            TypeKind::Row(fields) => fields.iter().all(|f| scalar(&f.data_type)),
            _ => scalar(&field.data_type),
        };
        if !holds {
            return refuse(&field.name, &field.data_type);
        }
    }
    Ok(())
}
