//! `PARTITIONED BY` columns in directory names: `dt=2020-01-02/hour=3/`.

use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Int8Type, Int16Type, Int32Type, Int64Type};
use flitz_dataflow::{DataType, Error, Result, TypeKind};

use crate::format::column::{Column, Values};
use crate::format::parse;

/// Characters that are written as `%XX`; Hive's list, as Flink has it.
fn must_be_escaped(c: char) -> bool {
    matches!(
        c,
        '\u{1}'
            ..='\u{1f}'
                | '\u{7f}'
                | '"'
                | '#'
                | '%'
                | '\''
                | '*'
                | '/'
                | ':'
                | '='
                | '?'
                | '\\'
                | '{'
                | '['
                | ']'
                | '^'
    )
}

pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match must_be_escaped(c) {
            true => out.push_str(&format!("%{:02X}", u32::from(c))),
            false => out.push(c),
        }
    }
    out
}

pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) => {
                out.push(char::from(code));
                rest = &rest[at + 3..];
            }
            None => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The values of `keys` in the directories between `root` and `file`, escapes resolved, in the order of `keys`.
/// `shown`: what the file is called in an error.
pub fn values_in_path(root: &Path, file: &Path, keys: &[&str], shown: &str) -> Result<Vec<String>> {
    let below = file.parent().and_then(|dir| dir.strip_prefix(root).ok());
    let mut found: Vec<(String, String)> = Vec::new();
    for directory in below.into_iter().flat_map(|p| p.components()) {
        let name = directory.as_os_str().to_string_lossy();
        if let Some((key, value)) = name.split_once('=') {
            found.push((unescape(key), unescape(value)));
        }
    }
    let value = |key: &&str| {
        found.iter().find(|(k, _)| k == key).map(|(_, value)| value.clone()).ok_or_else(|| {
            let keys = keys.join(", ");
            Error::data(format!("{shown} lies in no directory '{key}=…'"))
                .hint(format!("the table is partitioned by {keys}"))
        })
    };
    keys.iter().map(value).collect()
}

/// One row with the value that a directory name stands for.
pub fn column_of(text: &str, default_name: &str, data_type: &DataType) -> Result<ArrayRef> {
    let mut column = Column::new(data_type, 1);
    if text == default_name {
        column.push_null();
        return column.finish();
    }
    let wrong = || Error::data(format!("cannot read partition value '{text}' as {}", data_type.kind));
    push(&mut column, text).ok_or_else(wrong)?;
    column.set_valid();
    column.finish()
}

fn push(column: &mut Column, text: &str) -> Option<()> {
    match &mut column.values {
        Values::String(v) => v.push(text.as_bytes()),
        Values::Boolean(v) => v.append(text.eq_ignore_ascii_case("true")),
        Values::TinyInt(v) => v.push(text.parse().ok()?),
        Values::SmallInt(v) => v.push(text.parse().ok()?),
        Values::Int(v) => v.push(text.parse().ok()?),
        Values::BigInt(v) => v.push(text.parse().ok()?),
        Values::Float(v) => v.push(parse::float(text)?),
        Values::Double(v) => v.push(parse::double(text)?),
        Values::Date(v) => v.push(i32::try_from(parse::iso_date(text, parse::Resolver::Strict)?).ok()?),
        Values::Decimal { values, precision, scale } => match parse::decimal(text, *precision, *scale)? {
            parse::Decimal::Value(value) => values.push(value),
            parse::Decimal::Overflow => return None,
        },
        _ => return None,
    }
    Some(())
}

/// Types whose values have one text in a directory name.
pub fn check_written(name: &str, data_type: &DataType) -> Result<()> {
    match &data_type.kind {
        TypeKind::Char(_) | TypeKind::Varchar(_) | TypeKind::Boolean => Ok(()),
        kind if kind.is_integer() => Ok(()),
        kind => Err(Error::unsupported(format!("writing a table partitioned by column '{name}' of type {kind}"))
            .hint("partition by a STRING: CAST the column")),
    }
}

/// The directory `dt=…/hour=…` of each row. The columns have passed [`check_written`].
pub fn directories(keys: &[(&str, &ArrayRef)], rows: usize, default_name: &str) -> Vec<String> {
    let mut directories = vec![String::new(); rows];
    for (name, array) in keys {
        let name = escape(name);
        for (row, directory) in directories.iter_mut().enumerate() {
            if !directory.is_empty() {
                directory.push('/');
            }
            directory.push_str(&name);
            directory.push('=');
            match text_of(array, row) {
                Some(text) if !text.is_empty() => directory.push_str(&escape(&text)),
                _ => directory.push_str(&escape(default_name)),
            }
        }
    }
    directories
}

fn text_of(array: &ArrayRef, row: usize) -> Option<String> {
    use arrow::datatypes::DataType as Arrow;
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        Arrow::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        Arrow::Boolean => array.as_boolean().value(row).to_string(),
        Arrow::Int8 => array.as_primitive::<Int8Type>().value(row).to_string(),
        Arrow::Int16 => array.as_primitive::<Int16Type>().value(row).to_string(),
        Arrow::Int32 => array.as_primitive::<Int32Type>().value(row).to_string(),
        Arrow::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_flink_escapes_them() {
        assert_eq!(escape("x y/z=%:é"), "x y%2Fz%3D%25%3Aé");
        assert_eq!(unescape("x y%2Fz%3D%25%3Aé 5%"), "x y/z=%:é 5%");
    }

    #[test]
    fn values_come_from_the_directories_below_the_root() {
        let file = Path::new("/a=0/t/dt=2020/h=1/f.json");
        assert_eq!(values_in_path(Path::new("/a=0/t"), file, &["h", "dt"], "").unwrap(), ["1", "2020"]);
        let error = values_in_path(Path::new("/a=0/t"), file, &["a"], "f.json").unwrap_err();
        assert_eq!(error.to_string(), "f.json lies in no directory 'a=…'; the table is partitioned by a");
    }
}
