//! The options of a Kafka table, read and checked once; no I/O.

use std::collections::BTreeMap;
use std::time::Duration;

use flitz_dataflow::connector::{
    Capabilities, MetadataColumn, SinkCapabilities, SourceCapabilities, TableColumn, TableDef,
};
use flitz_dataflow::options::{OptionDef, Options};
use flitz_dataflow::{Error, Result, RowField, Schema, TypeKind};

use super::broker::{DeliveryGuarantee, TopicSelection};
use super::properties::{self, Reset, option_of, start_reset};
use crate::format::{TableFormat, check_options};

pub(super) const OPTIONS: &[OptionDef] = &[
    OptionDef { key: "topic", meaning: "name, or names separated by ';'" },
    OptionDef { key: "topic-pattern", meaning: "regular expression for the names of topics" },
    OptionDef { key: "properties.bootstrap.servers", meaning: "host:port,… or embedded:PATH.db" },
    OptionDef { key: "properties.*", meaning: "a property of the Java client" },
    OptionDef { key: "format", meaning: "format of the value" },
    OptionDef { key: "value.format", meaning: "the same" },
    OptionDef { key: "key.format", meaning: "format of the key" },
    OptionDef { key: "key.fields", meaning: "columns of the key, separated by ';'" },
    OptionDef { key: "key.fields-prefix", meaning: "what the names of key columns begin with" },
    OptionDef { key: "value.fields-include", meaning: "ALL or EXCEPT_KEY" },
    OptionDef { key: "scan.startup.mode", meaning: "where reading begins" },
    OptionDef { key: "scan.startup.specific-offsets", meaning: "partition:0,offset:42;partition:1,offset:300" },
    OptionDef { key: "scan.startup.timestamp-millis", meaning: "milliseconds since 1970" },
    OptionDef { key: "scan.bounded.mode", meaning: "where reading ends" },
    OptionDef { key: "scan.bounded.specific-offsets", meaning: "partition:0,offset:42;partition:1,offset:300" },
    OptionDef { key: "scan.bounded.timestamp-millis", meaning: "milliseconds since 1970" },
    OptionDef { key: "scan.topic-partition-discovery.interval", meaning: "how often to look for new partitions" },
    OptionDef { key: "scan.parallelism", meaning: "accepted: partitions are divided among all workers" },
    OptionDef { key: "sink.parallelism", meaning: "accepted: every worker writes" },
    OptionDef { key: "sink.partitioner", meaning: "default, fixed or round-robin" },
    OptionDef { key: "sink.delivery-guarantee", meaning: "none, at-least-once or exactly-once" },
    OptionDef { key: "sink.transactional-id-prefix", meaning: "names the transactions of exactly-once" },
    OptionDef { key: "sink.transaction-naming-strategy", meaning: "accepted: there is one transaction" },
];

/// A table over topics.
#[derive(Clone)]
pub struct KafkaTable {
    pub bootstrap: String,
    /// Without the prefix `properties.`.
    pub properties: Options,
    pub topics: TopicSelection,
    pub start: Start,
    /// None: unbounded.
    pub stop: Option<Stop>,
    pub discovery: Option<Duration>,
    pub value: TableFormat,
    /// Positions in the physical schema, in the order of the value's format.
    pub value_columns: Vec<usize>,
    pub key: Option<KeyFormat>,
    pub partitioner: Partitioner,
    pub guarantee: DeliveryGuarantee,
    pub transactional_prefix: Option<String>,
}

#[derive(Clone)]
pub struct KeyFormat {
    pub format: TableFormat,
    /// Positions in the physical schema, in the order of `key.fields`.
    pub columns: Vec<usize>,
    prefix: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    Earliest,
    Latest,
    Timestamp(i64),
    Specific(BTreeMap<i32, i64>),
    /// What the group has committed, else this.
    Group(Reset),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    Latest,
    Timestamp(i64),
    Specific(BTreeMap<i32, i64>),
    Group,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partitioner {
    /// By key as Java does; without key any.
    Default,
    /// Each worker has one partition.
    Fixed,
}

impl KafkaTable {
    pub fn of(table: &TableDef) -> Result<KafkaTable> {
        let options = &table.options;
        refuse_retired(options)?;
        let value = value_format(options)?;
        let key_format = TableFormat::of(options, "key.format")?;
        let formats: Vec<&TableFormat> = [&value].into_iter().chain(&key_format).collect();
        check_options("connector 'kafka'", options, OPTIONS, &formats)?;

        let bootstrap = options.require("properties.bootstrap.servers")?.trim().to_owned();
        let properties = options.with_prefix("properties.");
        properties::check(&properties)?;
        check_primary_key(table, &value)?;
        let topics = topics(options)?;
        let key = key_columns(table, key_format)?;
        let value_columns = value_columns(table, key.as_ref())?;
        let start = start(options, &properties, &topics)?;
        let stop = stop(options, &properties, &topics)?;
        let discovery = match &stop {
            // A bounded read is over what is there at the start.
            Some(_) => None,
            None => discovery(options)?,
        };
        let guarantee = guarantee(options, &topics)?;
        let partitioner = partitioner(options, key.is_some())?;
        options.choice(
            "sink.transaction-naming-strategy",
            &[("DEFAULT", ()), ("INCREMENTING", ()), ("POOLING", ())],
            (),
        )?;
        for parallelism in ["scan.parallelism", "sink.parallelism"] {
            options.integer(parallelism)?;
        }
        let transactional_prefix = match guarantee {
            DeliveryGuarantee::ExactlyOnce => Some(options.require("sink.transactional-id-prefix")?.to_owned()),
            _ => None,
        };
        Ok(KafkaTable {
            bootstrap,
            properties,
            topics,
            start,
            stop,
            discovery,
            value,
            value_columns,
            key,
            partitioner,
            guarantee,
            transactional_prefix,
        })
    }

    pub fn capabilities(&self) -> Result<Capabilities> {
        let value = self.value.describe()?;
        let mut metadata = record_metadata();
        metadata.extend(
            value.metadata.into_iter().map(|m| MetadataColumn { key: format!("{VALUE_METADATA}{}", m.key), ..m }),
        );
        Ok(Capabilities {
            source: Some(SourceCapabilities {
                bounded: self.stop.is_some(),
                changelog: value.changelog,
                watermark_push_down: true,
            }),
            sink: Some(SinkCapabilities { changelog: value.changelog }),
            metadata,
        })
    }

    /// Names of the topics that a sink is declared to write; empty for a pattern.
    pub fn topic_names(&self) -> &[String] {
        match &self.topics {
            TopicSelection::Names(names) => names,
            TopicSelection::Pattern(_) => &[],
        }
    }

    pub fn group(&self) -> Option<&str> {
        self.properties.get("group.id")
    }

    pub fn value_schema(&self, table: &TableDef) -> Schema {
        self.value_columns.iter().map(|i| table.physical.fields[*i].clone()).collect()
    }
}

impl KeyFormat {
    /// The key's columns as its format names them: without the prefix.
    pub fn schema(&self, table: &TableDef) -> Schema {
        let field = |i: &usize| {
            let mut field = table.physical.fields[*i].clone();
            if let Some(name) = field.name.strip_prefix(&self.prefix) {
                field.name = name.to_owned();
            }
            field
        };
        self.columns.iter().map(field).collect()
    }
}

/// What a metadata column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordMetadata {
    Topic,
    Partition,
    Headers,
    HeaderList,
    LeaderEpoch,
    Offset,
    Timestamp,
    TimestampType,
}

/// Before the keys of the value format's own metadata.
pub const VALUE_METADATA: &str = "value.";

impl RecordMetadata {
    const ALL: [(RecordMetadata, &str, bool); 8] = [
        (RecordMetadata::Topic, "topic", true),
        (RecordMetadata::Partition, "partition", false),
        (RecordMetadata::Headers, "headers", true),
        (RecordMetadata::HeaderList, "header-list", true),
        (RecordMetadata::LeaderEpoch, "leader-epoch", false),
        (RecordMetadata::Offset, "offset", false),
        (RecordMetadata::Timestamp, "timestamp", true),
        (RecordMetadata::TimestampType, "timestamp-type", false),
    ];

    pub fn of_key(key: &str) -> Option<RecordMetadata> {
        RecordMetadata::ALL.iter().find(|(_, name, _)| *name == key).map(|(kind, ..)| *kind)
    }

    /// Its position among `columns` of a table.
    pub fn find(self, columns: &[TableColumn]) -> Option<usize> {
        columns.iter().position(|c| match c {
            TableColumn::Metadata(m) => RecordMetadata::of_key(&m.key) == Some(self),
            TableColumn::Physical(_) => false,
        })
    }
}

fn record_metadata() -> Vec<MetadataColumn> {
    let string = || TypeKind::STRING.nullable();
    let bytes = || TypeKind::BYTES.nullable();
    let data_type = |kind| match kind {
        RecordMetadata::Topic | RecordMetadata::TimestampType => TypeKind::STRING.not_null(),
        RecordMetadata::Partition => TypeKind::Int.not_null(),
        RecordMetadata::Headers => TypeKind::Map(Box::new(string()), Box::new(bytes())).not_null(),
        RecordMetadata::HeaderList => TypeKind::Array(Box::new(
            TypeKind::Row(vec![
                RowField { name: "key".into(), data_type: string() },
                RowField { name: "value".into(), data_type: bytes() },
            ])
            .nullable(),
        ))
        .not_null(),
        RecordMetadata::LeaderEpoch => TypeKind::Int.nullable(),
        RecordMetadata::Offset => TypeKind::BigInt.not_null(),
        RecordMetadata::Timestamp => TypeKind::timestamp_ltz(3).not_null(),
    };
    let all = RecordMetadata::ALL.iter();
    all.map(|(kind, key, writable)| MetadataColumn {
        key: (*key).to_owned(),
        data_type: data_type(*kind),
        writable: *writable,
    })
    .collect()
}

fn refuse_retired(options: &Options) -> Result<()> {
    if options.get("sink.semantic").is_some() {
        return Err(Error::invalid("option 'sink.semantic' has been removed from Flink")
            .option("sink.semantic")
            .hint("use 'sink.delivery-guarantee'"));
    }
    if let Some((key, _)) = options.iter().find(|(key, _)| key.starts_with("scan.watermark.")) {
        return Err(Error::unsupported(format!("table option '{key}'")).option(key));
    }
    Ok(())
}

fn value_format(options: &Options) -> Result<TableFormat> {
    match (TableFormat::of(options, "format")?, TableFormat::of(options, "value.format")?) {
        (Some(_), Some(_)) => {
            Err(Error::invalid("'format' and 'value.format' mean the same: give one of them").option("value.format"))
        }
        (Some(format), None) | (None, Some(format)) => Ok(format),
        (None, None) => Err(Error::invalid("option 'format' is required").hint("add 'format' = 'json' to WITH")),
    }
}

fn check_primary_key(table: &TableDef, value: &TableFormat) -> Result<()> {
    if table.primary_key.is_empty() || !value.describe()?.changelog.is_insert_only() {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "the Kafka table '{}' with '{}' format doesn't support defining PRIMARY KEY constraint on the table, \
         because it can't guarantee the semantic of primary key",
        table.name,
        value.factory.name()
    ))
    .hint("drop PRIMARY KEY, or use connector 'upsert-kafka'"))
}

fn topics(options: &Options) -> Result<TopicSelection> {
    match (options.get("topic"), options.get("topic-pattern")) {
        (Some(_), Some(_)) => {
            Err(Error::invalid("options 'topic' and 'topic-pattern' exclude each other").option("topic-pattern"))
        }
        (None, Some(pattern)) => TopicSelection::pattern(pattern),
        (Some(names), None) => {
            let names: Vec<String> = names.split(';').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect();
            match names.is_empty() {
                true => Err(Error::invalid("'topic' names no topic").option("topic")),
                false => Ok(TopicSelection::Names(names)),
            }
        }
        (None, None) => {
            Err(Error::invalid("option 'topic' or 'topic-pattern' is required").hint("add 'topic' = '…' to WITH"))
        }
    }
}

fn key_columns(table: &TableDef, format: Option<TableFormat>) -> Result<Option<KeyFormat>> {
    let options = &table.options;
    let fields: Vec<&str> = options.get("key.fields").unwrap_or("").split(';').filter(|f| !f.is_empty()).collect();
    let prefix = options.get("key.fields-prefix").unwrap_or("").to_owned();
    let Some(format) = format else {
        if options.get("key.fields").is_some() {
            return Err(Error::invalid("option 'key.fields' needs 'key.format'").option("key.fields"));
        }
        return Ok(None);
    };
    if fields.is_empty() {
        return Err(Error::invalid("a key format 'key.format' requires one or more key fields in 'key.fields'")
            .option("key.format")
            .hint("add 'key.fields' = 'column;column' to WITH"));
    }
    let mut columns = Vec::with_capacity(fields.len());
    for field in fields {
        let index = table.physical.index_of(field).ok_or_else(|| {
            let names: Vec<&str> = table.physical.fields.iter().map(|f| f.name.as_str()).collect();
            Error::invalid(format!("'{field}' in 'key.fields' is no physical column of the table"))
                .option("key.fields")
                .hint(format!("there are {}", names.join(", ")))
        })?;
        if !field.starts_with(&prefix) {
            let text =
                format!("all of 'key.fields' must begin with '{prefix}' ('key.fields-prefix'), '{field}' does not");
            return Err(Error::invalid(text).option("key.fields"));
        }
        columns.push(index);
    }
    Ok(Some(KeyFormat { format, columns, prefix }))
}

fn value_columns(table: &TableDef, key: Option<&KeyFormat>) -> Result<Vec<usize>> {
    let except_key = table.options.choice("value.fields-include", &[("ALL", false), ("EXCEPT_KEY", true)], false)?;
    let prefix = table.options.get("key.fields-prefix").unwrap_or("");
    if !except_key && !prefix.is_empty() {
        return Err(Error::invalid("a key prefix is not allowed when 'value.fields-include' is 'ALL'")
            .option("key.fields-prefix")
            .hint("set 'value.fields-include' = 'EXCEPT_KEY'"));
    }
    let of_key = |i: &usize| key.is_some_and(|key| key.columns.contains(i));
    Ok((0..table.physical.len()).filter(|i| !(except_key && of_key(i))).collect())
}

fn start(options: &Options, properties: &Options, topics: &TopicSelection) -> Result<Start> {
    let mode = options.choice(
        "scan.startup.mode",
        &[
            ("earliest-offset", Mode::Earliest),
            ("latest-offset", Mode::Latest),
            ("group-offsets", Mode::Group),
            ("timestamp", Mode::Timestamp),
            ("specific-offsets", Mode::Specific),
        ],
        Mode::Group,
    )?;
    Ok(match mode {
        Mode::Earliest => Start::Earliest,
        Mode::Latest => Start::Latest,
        Mode::Timestamp => Start::Timestamp(timestamp(options, "scan.startup")?),
        Mode::Specific => Start::Specific(specific_offsets(options, "scan.startup", topics)?),
        Mode::Group => {
            // Only a source needs a group; a table that is written to may do without. `source` checks.
            Start::Group(start_reset(properties)?.unwrap_or(Reset::None))
        }
    })
}

/// `scan.startup.mode = group-offsets`, which is the default, without a group.
pub fn missing_group() -> Error {
    Error::invalid("start mode 'group-offsets' needs 'properties.group.id'")
        .option(option_of("group.id"))
        .hint("add 'properties.group.id' = '…', or 'scan.startup.mode' = 'earliest-offset'")
}

fn stop(options: &Options, properties: &Options, topics: &TopicSelection) -> Result<Option<Stop>> {
    let mode = options.choice(
        "scan.bounded.mode",
        &[
            ("unbounded", None),
            ("latest-offset", Some(Mode::Latest)),
            ("group-offsets", Some(Mode::Group)),
            ("timestamp", Some(Mode::Timestamp)),
            ("specific-offsets", Some(Mode::Specific)),
        ],
        None,
    )?;
    Ok(match mode {
        None | Some(Mode::Earliest) => None,
        Some(Mode::Latest) => Some(Stop::Latest),
        Some(Mode::Timestamp) => Some(Stop::Timestamp(timestamp(options, "scan.bounded")?)),
        Some(Mode::Specific) => Some(Stop::Specific(specific_offsets(options, "scan.bounded", topics)?)),
        Some(Mode::Group) if properties.get("group.id").is_none() => {
            return Err(Error::invalid("bounded mode 'group-offsets' needs 'properties.group.id'")
                .option(option_of("group.id")));
        }
        Some(Mode::Group) => Some(Stop::Group),
    })
}

#[derive(Clone, Copy)]
enum Mode {
    Earliest,
    Latest,
    Group,
    Timestamp,
    Specific,
}

fn timestamp(options: &Options, of: &str) -> Result<i64> {
    let key = format!("{of}.timestamp-millis");
    options.require(&key)?;
    Ok(options.integer(&key)?.unwrap_or_default())
}

/// `partition:0,offset:42;partition:1,offset:300`
fn specific_offsets(options: &Options, of: &str, topics: &TopicSelection) -> Result<BTreeMap<i32, i64>> {
    let key = format!("{of}.specific-offsets");
    let text = options.require(&key)?;
    if !matches!(topics, TopicSelection::Names(names) if names.len() == 1) {
        return Err(Error::invalid("specific offsets can be given for a single topic only").option(key));
    }
    let pair = |entry: &str| {
        let (partition, offset) = entry.trim().strip_prefix("partition:")?.split_once(",offset:")?;
        Some((partition.trim().parse::<i32>().ok()?, offset.trim().parse::<i64>().ok().filter(|o| *o >= 0)?))
    };
    let entries = text.split(';').filter(|e| !e.trim().is_empty()).map(pair);
    let offsets: Option<BTreeMap<i32, i64>> = entries.collect();
    offsets.filter(|o| !o.is_empty()).ok_or_else(|| {
        Error::invalid(format!("'{key}' must look like 'partition:0,offset:42;partition:1,offset:300', found '{text}'"))
            .option(key)
    })
}

fn discovery(options: &Options) -> Result<Option<Duration>> {
    let interval = options.duration("scan.topic-partition-discovery.interval")?;
    Ok(Some(interval.unwrap_or(Duration::from_secs(300))).filter(|d| !d.is_zero()))
}

fn guarantee(options: &Options, topics: &TopicSelection) -> Result<DeliveryGuarantee> {
    let guarantee = options.choice(
        "sink.delivery-guarantee",
        &[
            ("none", DeliveryGuarantee::None),
            ("at-least-once", DeliveryGuarantee::AtLeastOnce),
            ("exactly-once", DeliveryGuarantee::ExactlyOnce),
        ],
        DeliveryGuarantee::AtLeastOnce,
    )?;
    if guarantee == DeliveryGuarantee::ExactlyOnce && matches!(topics, TopicSelection::Pattern(_)) {
        return Err(Error::unsupported("exactly-once delivery with 'topic-pattern'")
            .option("topic-pattern")
            .hint("name the topics with 'topic' = 'a;b'"));
    }
    Ok(guarantee)
}

fn partitioner(options: &Options, keyed: bool) -> Result<Partitioner> {
    match options.get("sink.partitioner").unwrap_or("default") {
        "default" => Ok(Partitioner::Default),
        "fixed" => Ok(Partitioner::Fixed),
        "round-robin" if keyed => {
            let text = "partitioner 'round-robin' works only when 'key.fields' is not given";
            Err(Error::invalid(text).option("sink.partitioner"))
        }
        "round-robin" => Ok(Partitioner::Default),
        class => Err(Error::unsupported(format!("partitioner class '{class}'"))
            .option("sink.partitioner")
            .hint("there are default, fixed and round-robin")),
    }
}
