//! Table options: declared once per connector or format, read by type, and never ignored.
//!
//! A connector lists its options as [`OptionDef`]s. [`Options::check`] refuses a key that nobody declared,
//! naming the nearest that somebody did, so an option is either understood or an error.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::suggest::nearest;
use crate::{Error, Result};

/// One option of a connector or format.
#[derive(Clone, Copy, Debug)]
pub struct OptionDef {
    /// The key, or a prefix ending in `*` (`properties.*`).
    pub key: &'static str,
    pub meaning: &'static str,
}

/// The `WITH (…)` of a table after hints were merged in. Values are as written, variables resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    values: BTreeMap<String, String>,
}

impl FromIterator<(String, String)> for Options {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(values: I) -> Options {
        Options { values: values.into_iter().collect() }
    }
}

impl Options {
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    pub fn require(&self, key: &str) -> Result<&str> {
        self.get(key).ok_or_else(|| {
            Error::invalid(format!("option '{key}' is required")).hint(format!("add '{key}' = '…' to WITH"))
        })
    }

    /// The options whose key begins with `prefix`, without it.
    pub fn with_prefix(&self, prefix: &str) -> Options {
        let values = self.values.iter();
        values.filter_map(|(k, v)| Some((k.strip_prefix(prefix)?.to_owned(), v.clone()))).collect()
    }

    /// An error for the first key that no definition covers.
    pub fn check<'a>(&self, owner: &str, known: impl IntoIterator<Item = &'a OptionDef> + Clone) -> Result<()> {
        for key in self.values.keys() {
            let covers = |def: &OptionDef| match def.key.strip_suffix('*') {
                Some(prefix) => key.len() > prefix.len() && key.starts_with(prefix),
                None => def.key == key,
            };
            if key == "connector" || known.clone().into_iter().any(covers) {
                continue;
            }
            let error = Error::invalid(format!("{owner} has no option '{key}'")).option(key);
            let names = known.clone().into_iter().map(|def| def.key);
            return Err(match nearest(key, names) {
                Some(name) => error.hint(format!("did you mean '{name}'?")),
                None => error.hint(format!(
                    "its options are {}",
                    known.into_iter().map(|d| d.key).collect::<Vec<_>>().join(", ")
                )),
            });
        }
        Ok(())
    }

    pub fn bool(&self, key: &str, default: bool) -> Result<bool> {
        self.parse(key, default, "true or false", |v| match v.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }

    pub fn integer(&self, key: &str) -> Result<Option<i64>> {
        self.parse(key, None, "an integer", |v| v.trim().parse().ok().map(Some))
    }

    pub fn duration(&self, key: &str) -> Result<Option<Duration>> {
        self.parse(key, None, "a duration such as '10 s' or '5 min'", |v| parse_duration(v).map(Some))
    }

    pub fn bytes(&self, key: &str) -> Result<Option<u64>> {
        self.parse(key, None, "a size such as '64 mb'", |v| parse_bytes(v).map(Some))
    }

    /// One of `values`, which pair what may be written with what it means.
    pub fn choice<T: Copy>(&self, key: &str, values: &[(&str, T)], default: T) -> Result<T> {
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        let wanted = format!("one of {}", names.join(", "));
        self.parse(key, default, &wanted, |v| {
            values.iter().find(|(name, _)| name.eq_ignore_ascii_case(v)).map(|(_, meaning)| *meaning)
        })
    }

    pub fn parse<T>(&self, key: &str, default: T, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        match self.get(key) {
            None => Ok(default),
            Some(text) => parse(text)
                .ok_or_else(|| Error::invalid(format!("'{key}' must be {wanted}, found '{text}'")).option(key)),
        }
    }
}

/// Flink's duration text: `10s`, `10 s`, `5 min`, `1 d`, `100` (milliseconds) or ISO `PT10S`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.starts_with(['P', 'p']) {
        return parse_iso_duration(text);
    }
    let (number, unit) = split_number(text)?;
    let nanos: u64 = match unit.to_ascii_lowercase().as_str() {
        "ns" | "nano" | "nanosecond" | "nanoseconds" => 1,
        "us" | "µs" | "micro" | "microsecond" | "microseconds" => 1_000,
        "" | "ms" | "milli" | "millisecond" | "milliseconds" => 1_000_000,
        "s" | "sec" | "second" | "seconds" => 1_000_000_000,
        "m" | "min" | "minute" | "minutes" => 60_000_000_000,
        "h" | "hour" | "hours" => 3_600_000_000_000,
        "d" | "day" | "days" => 86_400_000_000_000,
        _ => return None,
    };
    number.checked_mul(nanos).map(Duration::from_nanos)
}

/// `P1DT2H3M4.5S`: days, hours, minutes, seconds.
fn parse_iso_duration(text: &str) -> Option<Duration> {
    let mut seconds = 0f64;
    let mut number = String::new();
    let mut in_time = false;
    for c in text[1..].chars() {
        match c.to_ascii_uppercase() {
            'T' if number.is_empty() => in_time = true,
            '0'..='9' | '.' => number.push(c),
            unit => {
                let factor = match (unit, in_time) {
                    ('D', false) => 86_400.0,
                    ('H', true) => 3_600.0,
                    ('M', true) => 60.0,
                    ('S', true) => 1.0,
                    _ => return None,
                };
                seconds += number.parse::<f64>().ok()? * factor;
                number.clear();
            }
        }
    }
    (number.is_empty() && text.len() > 2).then(|| Duration::from_secs_f64(seconds))
}

/// Flink's memory sizes: `64mb`, `128 kb`, `1g`, `1024` (bytes). Units are powers of 1024.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let (number, unit) = split_number(text.trim())?;
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" | "bytes" => 0,
        "k" | "kb" | "kibibytes" => 10,
        "m" | "mb" | "mebibytes" => 20,
        "g" | "gb" | "gibibytes" => 30,
        "t" | "tb" | "tebibytes" => 40,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}

fn split_number(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    Some((text[..digits].parse().ok()?, text[digits..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_read_as_flink_reads_them() {
        assert_eq!(parse_duration("10 s"), Some(Duration::from_secs(10)));
        assert_eq!(parse_duration("200"), Some(Duration::from_millis(200)));
        assert_eq!(parse_duration("5min"), Some(Duration::from_secs(300)));
        assert_eq!(parse_duration("PT1H0.5S"), Some(Duration::from_millis(3_600_500)));
        assert_eq!(parse_duration("soon"), None);
        assert_eq!(parse_bytes("64 mb"), Some(64 << 20));
        assert_eq!(parse_bytes("12 apples"), None);
    }

    #[test]
    fn an_undeclared_option_names_the_nearest() {
        let known = [OptionDef { key: "topic", meaning: "" }, OptionDef { key: "properties.*", meaning: "" }];
        let options: Options = [("topik".to_owned(), "x".to_owned())].into_iter().collect();
        let error = options.check("connector 'kafka'", &known).unwrap_err();
        assert_eq!(
            error.to_string(),
            "connector 'kafka' has no option 'topik' (option 'topik'); did you mean 'topic'?"
        );
    }
}
