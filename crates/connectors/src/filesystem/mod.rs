//! `'connector' = 'filesystem'`: directories of files, read once or watched, written exactly once.
//!
//! [`source`] finds files and reads them, a split each; [`sink`] stages parts and publishes them after the
//! checkpoint that holds them; [`partition`] is how `PARTITIONED BY` columns live in directory names. Paths are
//! local ones, plain or `file://`, and prefixes of object stores, `s3://bucket/prefix` and `gs://bucket/prefix`.

mod partition;
mod sink;
mod source;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use flitz_dataflow::connector::{
    Capabilities, ConnectorContext, ConnectorFactory, MetadataColumn, ScanSpec, Sink, SinkCapabilities, SinkSpec,
    Source, SourceCapabilities, TableDef,
};
use flitz_dataflow::options::{OptionDef, Options};
use flitz_dataflow::{Error, Result, Schema, TypeKind};
use flitz_storage::ObjectUrl;
use regex::Regex;

use crate::format::{TableFormat, check_options};

pub struct FilesystemFactory;

/// How long a request to an object store is tried again.
const PATIENCE: Duration = Duration::from_secs(30);

const OPTIONS: &[OptionDef] = &[
    OptionDef { key: "path", meaning: "a directory, or a file to read" },
    OptionDef { key: "format", meaning: "csv, json or raw" },
    OptionDef { key: "source.monitor-interval", meaning: "look for new files this often; the source never ends" },
    OptionDef { key: "source.path.regex-pattern", meaning: "read only files whose absolute path matches" },
    OptionDef { key: "source.report-statistics", meaning: "ALL or NONE: what Flink's planner is told" },
    OptionDef { key: "partition.default-name", meaning: "directory of rows whose partition column is NULL or empty" },
    OptionDef { key: "sink.rolling-policy.file-size", meaning: "a part of this size is finished" },
    OptionDef { key: "sink.rolling-policy.rollover-interval", meaning: "a part of this age is finished" },
    OptionDef {
        key: "sink.rolling-policy.inactivity-interval",
        meaning: "a part not written to for so long is finished",
    },
    OptionDef { key: "sink.rolling-policy.check-interval", meaning: "how often ages are looked at" },
    OptionDef { key: "sink.partition-commit.trigger", meaning: "process-time" },
    OptionDef { key: "sink.partition-commit.delay", meaning: "0" },
    OptionDef { key: "sink.partition-commit.policy.kind", meaning: "success-file" },
    OptionDef { key: "sink.partition-commit.success-file.name", meaning: "name of the file that marks a partition" },
    OptionDef { key: "auto-compaction", meaning: "false" },
    OptionDef { key: "sink.shuffle-by-partition.enable", meaning: "false" },
    // Known to Flink; each is refused below with its own words.
    OptionDef { key: "compaction.file-size", meaning: "not supported" },
    OptionDef { key: "compaction.parallelism", meaning: "not supported" },
    OptionDef { key: "sink.parallelism", meaning: "not supported" },
    OptionDef { key: "sink.partition-commit.watermark-time-zone", meaning: "not supported" },
    OptionDef { key: "sink.partition-commit.policy.class", meaning: "not supported" },
    OptionDef { key: "sink.partition-commit.policy.class.parameters", meaning: "not supported" },
    OptionDef { key: "partition.time-extractor.kind", meaning: "not supported" },
    OptionDef { key: "partition.time-extractor.class", meaning: "not supported" },
    OptionDef { key: "partition.time-extractor.timestamp-pattern", meaning: "not supported" },
    OptionDef { key: "partition.time-extractor.timestamp-formatter", meaning: "not supported" },
];

/// Options that Flink knows and this connector does not.
const UNSUPPORTED: &[&str] = &[
    "compaction.file-size",
    "compaction.parallelism",
    "sink.parallelism",
    "sink.partition-commit.watermark-time-zone",
    "sink.partition-commit.policy.class",
    "sink.partition-commit.policy.class.parameters",
    "partition.time-extractor.kind",
    "partition.time-extractor.class",
    "partition.time-extractor.timestamp-pattern",
    "partition.time-extractor.timestamp-formatter",
];

/// A table's options, read.
#[derive(Clone)]
struct FileTable {
    name: String,
    location: Location,
    format: TableFormat,
    /// Columns of the format: all but the partition keys.
    in_files: Schema,
    /// Positions of the partition keys in the physical schema, in the order of PARTITIONED BY.
    partition_keys: Vec<usize>,
    physical: Schema,
    default_partition: String,
    monitor_interval: Option<Duration>,
    path_pattern: Option<Regex>,
    rolling: Rolling,
    /// Written into a partition when its parts are visible.
    success_file: Option<String>,
}

/// Where a table's files are.
#[derive(Clone, Debug)]
enum Location {
    /// Absolute, without `file://`.
    Local(PathBuf),
    Objects(ObjectUrl),
}

impl Location {
    fn of(text: &str) -> Result<Location> {
        match ObjectUrl::parse(text) {
            Some(url) => Ok(Location::Objects(url.map_err(|e| e.option("path"))?)),
            None => Ok(Location::Local(local_path(text)?)),
        }
    }

    /// As Flink gives it in `file.path`: of a prefix without scheme and bucket.
    fn path(&self) -> PathBuf {
        match self {
            Location::Local(path) => path.clone(),
            Location::Objects(url) => PathBuf::from(format!("/{}", url.key)),
        }
    }
}

/// When a part is finished.
#[derive(Clone, Copy, Debug)]
struct Rolling {
    bytes: u64,
    age: Duration,
    inactivity: Duration,
    check: Duration,
    /// Formats that Flink writes in bulk (csv) finish their parts at every checkpoint.
    on_checkpoint: bool,
}

impl FileTable {
    fn of(table: &TableDef) -> Result<FileTable> {
        let options = &table.options;
        let location = Location::of(options.require("path")?)?;
        let Some(format) = TableFormat::of(options, "format")? else {
            return Err(options.require("format").err().unwrap_or_else(|| Error::internal("format is there")));
        };
        check_options("connector 'filesystem'", options, OPTIONS, &[&format])?;
        refuse_unsupported(options)?;
        let partition_keys = partition_keys(table)?;
        let in_files = table.physical.fields.iter().enumerate();
        let in_files = in_files.filter(|(i, _)| !partition_keys.contains(i)).map(|(_, f)| f.clone()).collect();
        let path_pattern = match options.get("source.path.regex-pattern") {
            None => None,
            Some(_) if !partition_keys.is_empty() => {
                return Err(Error::invalid("a partitioned table can't filter its files by a pattern")
                    .option("source.path.regex-pattern"));
            }
            Some(text) => {
                // Java's `matches`: the whole path.
                let whole = Regex::new(&format!("^(?:{text})$"));
                Some(whole.map_err(|e| {
                    Error::invalid(format!("'{text}' is no pattern: {e}")).option("source.path.regex-pattern")
                })?)
            }
        };
        options.choice("source.report-statistics", &[("ALL", ()), ("NONE", ())], ())?;
        let minutes = |n: u64| Duration::from_secs(60 * n);
        let rolling = Rolling {
            bytes: options.bytes("sink.rolling-policy.file-size")?.unwrap_or(128 << 20),
            age: options.duration("sink.rolling-policy.rollover-interval")?.unwrap_or(minutes(30)),
            inactivity: options.duration("sink.rolling-policy.inactivity-interval")?.unwrap_or(minutes(30)),
            check: options.duration("sink.rolling-policy.check-interval")?.unwrap_or(minutes(1)),
            on_checkpoint: format.factory.name() == "csv",
        };
        Ok(FileTable {
            name: table.name.clone(),
            location,
            format,
            in_files,
            partition_keys,
            physical: table.physical.clone(),
            default_partition: options.get("partition.default-name").unwrap_or("__DEFAULT_PARTITION__").to_owned(),
            monitor_interval: options.duration("source.monitor-interval")?.filter(|d| !d.is_zero()),
            path_pattern,
            rolling,
            success_file: success_file(options)?,
        })
    }
}

impl ConnectorFactory for FilesystemFactory {
    fn name(&self) -> &'static str {
        "filesystem"
    }

    fn options(&self) -> &'static [OptionDef] {
        OPTIONS
    }

    fn describe(&self, table: &TableDef) -> Result<Capabilities> {
        let file_table = FileTable::of(table)?;
        let format = file_table.format.describe()?;
        let column = |key: &str, kind: TypeKind| MetadataColumn {
            key: key.to_owned(),
            data_type: kind.not_null(),
            writable: false,
        };
        Ok(Capabilities {
            source: Some(SourceCapabilities {
                bounded: file_table.monitor_interval.is_none(),
                changelog: format.changelog,
                watermark_push_down: false,
            }),
            sink: Some(SinkCapabilities { changelog: format.changelog }),
            metadata: vec![
                column("file.path", TypeKind::STRING),
                column("file.name", TypeKind::STRING),
                column("file.size", TypeKind::BigInt),
                column("file.modification-time", TypeKind::timestamp_ltz(3)),
            ],
        })
    }

    fn source(&self, scan: &ScanSpec, context: &ConnectorContext) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(source::FileSource::new(FileTable::of(&scan.table)?, scan, &context.settings)?))
    }

    fn sink(&self, sink: &SinkSpec, context: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        Ok(Arc::new(sink::FileSink::new(FileTable::of(&sink.table)?, sink, context, false)?))
    }

    fn overwrites(&self) -> bool {
        true
    }

    fn overwriting_sink(&self, sink: &SinkSpec, context: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        Ok(Arc::new(sink::FileSink::new(FileTable::of(&sink.table)?, sink, context, true)?))
    }
}

/// The local path that `text` names.
fn local_path(text: &str) -> Result<PathBuf> {
    let local = match text.split_once(':') {
        Some(("file", rest)) => match rest.strip_prefix("//") {
            // An authority can only be this machine: file:///tmp, file://localhost/tmp.
            Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
            None => rest,
        },
        Some((scheme, rest)) if rest.starts_with("//") => {
            return Err(Error::unsupported(format!("file system '{scheme}://'"))
                .option("path")
                .hint("use a directory, s3:// or gs://"));
        }
        _ => text,
    };
    if local.is_empty() {
        return Err(Error::invalid("'path' is empty").option("path"));
    }
    std::path::absolute(local).map_err(|e| Error::invalid(format!("path '{text}': {e}")).option("path"))
}

fn refuse_unsupported(options: &Options) -> Result<()> {
    if let Some(key) = UNSUPPORTED.iter().find(|key| options.get(key).is_some()) {
        return Err(Error::unsupported(format!("option '{key}' of connector 'filesystem'")).option(*key));
    }
    for key in ["auto-compaction", "sink.shuffle-by-partition.enable"] {
        if options.bool(key, false)? {
            return Err(Error::unsupported(format!("'{key}' = 'true'")).option(key));
        }
    }
    if options.get("sink.partition-commit.trigger").is_some_and(|t| !t.eq_ignore_ascii_case("process-time")) {
        return Err(Error::unsupported("committing partitions by partition-time")
            .option("sink.partition-commit.trigger")
            .hint("use 'process-time'"));
    }
    if options.duration("sink.partition-commit.delay")?.is_some_and(|d| !d.is_zero()) {
        return Err(Error::unsupported("a delay before partitions are committed").option("sink.partition-commit.delay"));
    }
    Ok(())
}

fn success_file(options: &Options) -> Result<Option<String>> {
    let name = options.get("sink.partition-commit.success-file.name").unwrap_or("_SUCCESS");
    match options.get("sink.partition-commit.policy.kind") {
        None => Ok(None),
        Some("success-file") => Ok(Some(name.to_owned())),
        Some(other) => Err(Error::unsupported(format!("partition commit policy '{other}'"))
            .option("sink.partition-commit.policy.kind")
            .hint("there is 'success-file'")),
    }
}

fn partition_keys(table: &TableDef) -> Result<Vec<usize>> {
    let position = |key: &String| {
        table
            .physical
            .index_of(key)
            .ok_or_else(|| Error::invalid(format!("partition column '{key}' is no column of table {}", table.name)))
    };
    table.partition_keys.iter().map(position).collect()
}
