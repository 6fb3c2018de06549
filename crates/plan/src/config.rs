use std::collections::BTreeMap;
use std::time::Duration;

use flitz_dataflow::options::Options;
use flitz_dataflow::{Error, Result};

/// What `SET` holds when a job is made. Keys are Flink's; an unknown one is kept and has no effect in Flink,
/// so `flitz_sql` refuses those that it knows to change results and we don't read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    values: BTreeMap<String, String>,
}

impl Config {
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.values.insert(key.into(), value.into());
    }

    pub fn reset(&mut self, key: &str) {
        self.values.remove(key);
    }

    pub fn clear(&mut self) {
        self.values.clear();
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    fn options(&self, key: &str) -> Options {
        self.get(key).map(|v| (key.to_owned(), v.to_owned())).into_iter().collect()
    }

    pub fn duration(&self, key: &str) -> Result<Option<Duration>> {
        self.options(key).duration(key)
    }

    pub fn bool(&self, key: &str, default: bool) -> Result<bool> {
        self.options(key).bool(key, default)
    }

    pub fn integer(&self, key: &str) -> Result<Option<i64>> {
        self.options(key).integer(key)
    }

    /// `parallelism.default`; None: the runtime chooses.
    pub fn parallelism(&self) -> Result<Option<usize>> {
        match self.integer("parallelism.default")? {
            None | Some(-1) => Ok(None),
            Some(n) if (1..=1024).contains(&n) => Ok(Some(n as usize)),
            Some(n) => Err(Error::invalid(format!("'parallelism.default' must be 1 to 1024, found '{n}'"))
                .option("parallelism.default")),
        }
    }

    /// `table.local-time-zone` by its IANA name; `default` and unset mean the machine's zone.
    pub fn time_zone(&self) -> Option<String> {
        let zone = self.get("table.local-time-zone").filter(|zone| *zone != "default")?;
        Some(whole_hours(zone).unwrap_or_else(|| zone.to_owned()))
    }

    pub fn is_batch(&self) -> bool {
        self.get("execution.runtime-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("batch"))
    }
}

/// `GMT-08:00`, as Flink takes it, is `Etc/GMT+8` in the time zone database, which knows whole hours alone.
fn whole_hours(zone: &str) -> Option<String> {
    let offset = zone.strip_prefix("GMT")?;
    let (sign, offset) =
        [("-", '+'), ("+", '-')].iter().find_map(|(s, turned)| Some((*turned, offset.strip_prefix(s)?)))?;
    let hours: u8 = offset.strip_suffix(":00").unwrap_or(offset).parse().ok()?;
    match (hours, sign) {
        (0, _) => Some("UTC".to_owned()),
        (1..=12, _) | (13..=14, '-') => Some(format!("Etc/GMT{sign}{hours}")),
        _ => None,
    }
}
