//! The options of a jdbc table, read and checked once; no I/O.

use std::time::Duration;

use flitz_dataflow::connector::TableDef;
use flitz_dataflow::options::{OptionDef, Options};
use flitz_dataflow::{Error, Result};

use super::postgres::url::Server;
use super::types;
use crate::embedded;

pub(super) const OPTIONS: &[OptionDef] = &[
    OptionDef { key: "url", meaning: "jdbc:postgresql://host:port/database or embedded:PATH.db" },
    OptionDef { key: "table-name", meaning: "the table there, as SQL of the database names it" },
    OptionDef { key: "driver", meaning: "accepted: org.postgresql.Driver" },
    OptionDef { key: "compatible-mode", meaning: "for databases that imitate others" },
    OptionDef { key: "username", meaning: "the login" },
    OptionDef { key: "password", meaning: "the login" },
    OptionDef { key: "connection.max-retry-timeout", meaning: "how long a connection may take to answer" },
    OptionDef { key: "scan.partition.column", meaning: "for reading" },
    OptionDef { key: "scan.partition.num", meaning: "for reading" },
    OptionDef { key: "scan.partition.lower-bound", meaning: "for reading" },
    OptionDef { key: "scan.partition.upper-bound", meaning: "for reading" },
    OptionDef { key: "scan.fetch-size", meaning: "for reading" },
    OptionDef { key: "scan.auto-commit", meaning: "for reading" },
    OptionDef { key: "lookup.cache", meaning: "for lookups" },
    OptionDef { key: "lookup.partial-cache.max-rows", meaning: "for lookups" },
    OptionDef { key: "lookup.partial-cache.expire-after-write", meaning: "for lookups" },
    OptionDef { key: "lookup.partial-cache.expire-after-access", meaning: "for lookups" },
    OptionDef { key: "lookup.partial-cache.cache-missing-key", meaning: "for lookups" },
    OptionDef { key: "lookup.max-retries", meaning: "for lookups" },
    OptionDef { key: "lookup.cache.max-rows", meaning: "for lookups" },
    OptionDef { key: "lookup.cache.ttl", meaning: "for lookups" },
    OptionDef { key: "lookup.cache.caching-missing-key", meaning: "for lookups" },
    OptionDef { key: "filter.handling.policy", meaning: "for reading" },
    OptionDef { key: "sink.buffer-flush.max-rows", meaning: "rows of a flush; by default all that have gathered" },
    OptionDef { key: "sink.buffer-flush.interval", meaning: "how long a row may wait" },
    OptionDef { key: "sink.max-retries", meaning: "how often a flush is tried again" },
    OptionDef { key: "sink.parallelism", meaning: "accepted: every worker writes" },
];

/// A table of a database.
#[derive(Clone, Debug)]
pub struct JdbcTable {
    pub address: Address,
    /// `table-name`, as written.
    pub name: String,
    /// Columns of the primary key, by their names in the DDL; empty: rows are only added.
    pub keys: Vec<String>,
    pub flush: FlushPolicy,
    /// How often a flush that failed is tried again.
    pub retries: u64,
}

#[derive(Clone, Debug)]
pub enum Address {
    Postgres(Server),
    /// `embedded:PATH.db`
    Embedded(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlushPolicy {
    /// So many rows are flushed without waiting for more; None: rows wait for the interval or a checkpoint.
    pub due_rows: Option<usize>,
    /// One flush has no more rows than this.
    pub most_rows: usize,
    /// No row waits longer; None: without limit.
    pub interval: Option<Duration>,
}

/// Flink's default of `sink.buffer-flush.max-rows`.
const DEFAULT_DUE_ROWS: usize = 100;
/// Under backlog a flush takes what has gathered, up to this.
const MOST_ROWS: usize = 16_384;

impl JdbcTable {
    pub fn of(table: &TableDef) -> Result<JdbcTable> {
        let options = &table.options;
        options.check("connector 'jdbc'", OPTIONS)?;
        let url = options.require("url")?.trim();
        let name = options.require("table-name")?.trim().to_owned();
        if name.is_empty() {
            return Err(Error::invalid("'table-name' names no table").option("table-name"));
        }
        together(options, &["username", "password"])?;
        together(
            options,
            &[
                "scan.partition.column",
                "scan.partition.num",
                "scan.partition.lower-bound",
                "scan.partition.upper-bound",
            ],
        )?;
        together(options, &["lookup.cache.max-rows", "lookup.cache.ttl"])?;
        check_reading(options)?;
        let answer_timeout = answer_timeout(options)?;
        let address = match url.strip_prefix(embedded::PREFIX) {
            Some("") => {
                return Err(Error::invalid(format!("'{url}' names no file"))
                    .option("url")
                    .hint("write 'embedded:./data/flitz.db'"));
            }
            Some(_) => Address::Embedded(url.to_owned()),
            None => {
                let login = options.get("username").zip(options.get("password"));
                Address::Postgres(Server::parse(url, login, answer_timeout)?)
            }
        };
        check_driver(options)?;
        types::check(&table.physical)?;
        options.integer("sink.parallelism")?;
        Ok(JdbcTable {
            address,
            name,
            keys: table.primary_key.clone(),
            flush: flush_policy(options)?,
            retries: natural(options, "sink.max-retries")?.unwrap_or(3),
        })
    }
}

/// Options that Flink checks for a table that is only written, too.
fn check_reading(options: &Options) -> Result<()> {
    let bound = |name: &str| options.integer(&format!("scan.partition.{name}"));
    bound("num")?;
    if let (Some(lower), Some(upper)) = (bound("lower-bound")?, bound("upper-bound")?)
        && lower > upper
    {
        let text = format!(
            "'scan.partition.lower-bound'='{lower}' must not be larger than 'scan.partition.upper-bound'='{upper}'"
        );
        return Err(Error::invalid(text).option("scan.partition.lower-bound"));
    }
    natural(options, "lookup.max-retries")?;
    for size in ["scan.fetch-size", "lookup.partial-cache.max-rows", "lookup.cache.max-rows"] {
        options.integer(size)?;
    }
    for flag in ["scan.auto-commit", "lookup.partial-cache.cache-missing-key", "lookup.cache.caching-missing-key"] {
        options.bool(flag, true)?;
    }
    for time in
        ["lookup.partial-cache.expire-after-write", "lookup.partial-cache.expire-after-access", "lookup.cache.ttl"]
    {
        options.duration(time)?;
    }
    options.choice("lookup.cache", &[("NONE", ()), ("PARTIAL", ()), ("FULL", ())], ())?;
    options.choice("filter.handling.policy", &[("always", ()), ("never", ())], ())
}

fn check_driver(options: &Options) -> Result<()> {
    if let Some(driver) = options.get("driver").filter(|driver| *driver != "org.postgresql.Driver") {
        return Err(Error::unsupported(format!("JDBC driver '{driver}'"))
            .option("driver")
            .hint("leave 'driver' out: the url says it all"));
    }
    match options.get("compatible-mode").filter(|mode| !mode.trim().is_empty()) {
        Some(mode) => Err(Error::unsupported(format!("'compatible-mode' = '{mode}'"))
            .option("compatible-mode")
            .hint("PostgreSQL has no compatible modes, for Flink neither")),
        None => Ok(()),
    }
}

fn answer_timeout(options: &Options) -> Result<Duration> {
    const KEY: &str = "connection.max-retry-timeout";
    let timeout = options.duration(KEY)?.unwrap_or(Duration::from_secs(60));
    match timeout.as_secs() {
        0 => Err(Error::invalid(format!(
            "'{KEY}' must be in second granularity and not smaller than 1 second, but is {}",
            options.get(KEY).unwrap_or_default()
        ))
        .option(KEY)),
        // Flink counts whole seconds too.
        seconds => Ok(Duration::from_secs(seconds)),
    }
}

fn flush_policy(options: &Options) -> Result<FlushPolicy> {
    let rows = options.integer("sink.buffer-flush.max-rows")?;
    let interval = options.duration("sink.buffer-flush.interval")?.unwrap_or(Duration::from_secs(1));
    let (due_rows, most_rows) = match rows {
        None => (Some(DEFAULT_DUE_ROWS), MOST_ROWS),
        // Flink takes negative numbers for none as well.
        Some(..=0) => (None, MOST_ROWS),
        Some(rows) => {
            let rows = usize::try_from(rows).unwrap_or(usize::MAX);
            (Some(rows), rows)
        }
    };
    Ok(FlushPolicy { due_rows, most_rows, interval: Some(interval).filter(|i| !i.is_zero()) })
}

fn natural(options: &Options, key: &str) -> Result<Option<u64>> {
    let value = options.integer(key)?;
    value
        .map(|number| {
            let negative = || format!("'{key}' must not be negative, but is {number}");
            u64::try_from(number).map_err(|_| Error::invalid(negative()).option(key))
        })
        .transpose()
}

/// Either all or none of these.
fn together(options: &Options, keys: &[&str]) -> Result<()> {
    let given: Vec<&str> = keys.iter().copied().filter(|key| options.get(key).is_some()).collect();
    match given.first() {
        Some(first) if given.len() < keys.len() => {
            let missing: Vec<String> = keys.iter().filter(|k| !given.contains(k)).map(|k| format!("'{k}'")).collect();
            Err(Error::invalid(format!("'{first}' needs {} as well", missing.join(", "))).option(*first))
        }
        _ => Ok(()),
    }
}
