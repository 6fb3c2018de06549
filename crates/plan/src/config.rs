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

    /// `table.local-time-zone`; `default` and unset mean the machine's zone.
    pub fn time_zone(&self) -> Option<&str> {
        self.get("table.local-time-zone").filter(|zone| *zone != "default")
    }

    pub fn is_batch(&self) -> bool {
        self.get("execution.runtime-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("batch"))
    }
}
