//! What a connector gives: a [`Source`] that reads splits, a [`Sink`] whose writers take rows, and the
//! [`EpochSink`] that makes an epoch's rows visible all at once.
//!
//! ```text
//!  ConnectorFactory::describe(table)      no I/O: may it be read, written, what metadata, is it bounded
//!  ConnectorFactory::source(scan)    ->   Source::discover -> splits -> SourceReader::poll -> batches
//!  ConnectorFactory::sink(spec)      ->   Sink::writer -> SinkWriter::write … seal(epoch)
//!                                         Sink::commit_group -> EpochSink::fence/begin/flush/commit
//! ```
//!
//! All calls are synchronous. Readers and writers belong to one worker thread and must not block it for
//! longer than a few milliseconds; `Source::discover` and everything on `EpochSink` run on threads of their own and may.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::options::{OptionDef, Options};
use crate::{Attempt, ChangelogBatch, ChangelogMode, Clock, DataType, Epoch, Error, Field, Result, RunId, Schema};

/// A table as declared, options resolved: all a connector needs to know about it.
#[derive(Clone, Debug)]
pub struct TableDef {
    /// `catalog.database.name` as the user would write it, for messages and metrics.
    pub name: String,
    pub options: Options,
    /// Physical columns in declared order: the schema of the format.
    pub physical: Schema,
    /// Names of the primary key's columns, empty if there is none.
    pub primary_key: Vec<String>,
    pub partition_keys: Vec<String>,
}

/// Makes sources and sinks of one `'connector' = '…'`.
pub trait ConnectorFactory: Send + Sync {
    /// The value of `connector`.
    fn name(&self) -> &'static str;

    /// Its options, those of formats left out: what completion and documentation offer.
    fn options(&self) -> &'static [OptionDef] {
        &[]
    }

    /// Checks all options and says what the table can do. Pure: touches no system.
    fn describe(&self, table: &TableDef) -> Result<Capabilities>;

    /// `scan.table` has passed `describe`.
    fn source(&self, scan: &ScanSpec, context: &ConnectorContext) -> Result<Arc<dyn Source>>;

    fn sink(&self, sink: &SinkSpec, context: &ConnectorContext) -> Result<Arc<dyn Sink>>;

    /// Whether the connector can replace what a table holds: INSERT OVERWRITE, in batch mode alone, which publishes
    /// once.
    fn overwrites(&self) -> bool {
        false
    }

    /// A sink whose rows take the place of those that are there. Only asked for if `overwrites`.
    fn overwriting_sink(&self, sink: &SinkSpec, _context: &ConnectorContext) -> Result<Arc<dyn Sink>> {
        Err(Error::internal(format!("connector '{}' can't overwrite table {}", self.name(), sink.table.name)))
    }

    /// Makes what the table needs in the outside world, if it is missing (topics, embedded tables). Called
    /// for the tables of a job before it starts. Systems that Flink would not create things in do nothing.
    fn prepare(&self, table: &TableDef) -> Result<()> {
        let _ = table;
        Ok(())
    }
}

/// What a declared table can do.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// None: it can't be read.
    pub source: Option<SourceCapabilities>,
    /// None: it can't be written.
    pub sink: Option<SinkCapabilities>,
    pub metadata: Vec<MetadataColumn>,
}

#[derive(Clone, Debug)]
pub struct SourceCapabilities {
    pub bounded: bool,
    pub changelog: ChangelogMode,
    /// Whether watermarks are made per split (Kafka) or behind the source as a whole (files).
    pub watermark_push_down: bool,
}

#[derive(Clone, Debug)]
pub struct SinkCapabilities {
    /// The most that it takes.
    pub changelog: ChangelogMode,
}

/// A `METADATA` key the connector or its format offers.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataColumn {
    pub key: String,
    pub data_type: DataType,
    pub writable: bool,
}

/// What a job hands to its sources and sinks.
#[derive(Clone, Debug)]
pub struct ConnectorContext {
    pub job: String,
    pub clock: Arc<dyn Clock>,
    /// Session time zone (`table.local-time-zone`), an IANA name or `UTC`.
    pub time_zone: String,
    /// Whether checkpoints run: without them files are finished at the end only, and offsets are not committed.
    pub checkpoints: bool,
    pub parallelism: usize,
    /// A directory for side files of this job; exists, private to this process.
    pub scratch: std::path::PathBuf,
    /// What was SET: `s3.endpoint` and the like.
    pub settings: Options,
}

/// Reads `columns`, in this order, from `table`.
#[derive(Clone, Debug)]
pub struct ScanSpec {
    pub table: TableDef,
    pub columns: Vec<TableColumn>,
    /// Rows are not needed beyond this many (LIMIT over an unordered scan).
    pub limit: Option<u64>,
}

/// Writes rows whose columns are `columns`, in this order, to `table`.
#[derive(Clone, Debug)]
pub struct SinkSpec {
    pub table: TableDef,
    pub columns: Vec<TableColumn>,
    /// What will come; within the sink's capabilities.
    pub changelog: ChangelogMode,
    /// Position in `columns` of the one rowtime attribute of the query: becomes the record's time stamp.
    pub rowtime: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TableColumn {
    /// Position in `TableDef::physical`.
    Physical(usize),
    /// A key of `Capabilities::metadata`, with the type given there.
    Metadata(MetadataColumn),
}

impl TableDef {
    /// Names and types of `columns`.
    pub fn schema_of(&self, columns: &[TableColumn]) -> Schema {
        let field = |column: &TableColumn| match column {
            TableColumn::Physical(i) => self.physical.fields[*i].clone(),
            TableColumn::Metadata(m) => Field::new(m.key.clone(), m.data_type.clone()),
        };
        columns.iter().map(field).collect()
    }
}

/// A resumable piece of input and how far it has been read. Persisted in every checkpoint: the shape of
/// `position` is the connector's own and must stay readable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// Stable name: `orders-0`, a file path.
    pub id: String,
    /// Where the next row is, and where a bounded split ends.
    pub position: serde_json::Value,
}

pub trait Source: Send + Sync {
    /// Splits not in `known`. At the first start `known` is empty and start positions are resolved to exact
    /// ones here, so that they can be made durable before any row is read. May block.
    fn discover(&self, known: &[Split]) -> Result<Vec<Split>>;

    /// How often to call `discover` again; None: never.
    fn discovery_interval(&self) -> Option<Duration>;

    /// A reader without splits for worker `worker`; `wake` ends the worker's sleep when rows have come.
    fn reader(&self, worker: usize, wake: Wake) -> Result<Box<dyn SourceReader>>;

    /// Checkpoint complete up to `splits`: tell the outside (Kafka group offsets). Best effort, may block.
    fn acknowledge(&self, splits: &[Split]) -> Result<()>;
}

/// Ends a worker's sleep. Cheap, callable from any thread.
#[derive(Clone)]
pub struct Wake(pub Arc<dyn Fn() + Send + Sync>);

impl Wake {
    pub fn wake(&self) {
        (self.0)();
    }

    pub fn none() -> Wake {
        Wake(Arc::new(|| {}))
    }
}

/// Reads the splits given to one worker.
pub trait SourceReader: Send {
    fn add_splits(&mut self, splits: Vec<Split>) -> Result<()>;

    /// What is there now, without waiting: full batches under backlog, small ones at once when idle.
    fn poll(&mut self) -> Result<ReadEvent>;

    /// Every split of this reader, positioned behind the last row that `poll` returned. Finished splits too.
    fn snapshot(&mut self) -> Result<Vec<Split>>;

    /// How many records are known to wait, per split (Kafka: high watermark - position); empty if unknown.
    fn lag(&self) -> Vec<(String, u64)>;

    /// Whether the system that holds the splits may be away: while it is, silence does not make a split idle.
    fn is_out_of_reach(&self) -> bool {
        false
    }
}

#[derive(Debug)]
pub enum ReadEvent {
    Rows(SplitRows),
    /// Nothing now. `Wake` will be called, or `until` (milliseconds of `Clock`) will have come, when to poll again.
    Pending {
        until: Option<i64>,
    },
    /// The split of this id is read to its end and never holds the watermark back.
    SplitEnd(String),
    /// All given splits are read to their end.
    End,
}

/// Rows of one split, in its order.
#[derive(Debug)]
pub struct SplitRows {
    pub split: Arc<str>,
    pub rows: ChangelogBatch,
    /// Bytes they took outside.
    pub bytes: u64,
    /// Records that were skipped because they could not be read and an option says to skip them.
    pub skipped: u64,
    /// Time stamp of the newest record outside (Kafka's), milliseconds; for the latency metrics.
    pub newest_record_millis: Option<i64>,
}

pub trait Sink: Send + Sync {
    fn writer(&self, worker: usize) -> Result<Box<dyn SinkWriter>>;

    /// How written rows become visible.
    fn commit_group(&self) -> CommitGroup;
}

#[derive(Clone)]
pub enum CommitGroup {
    /// Rows are visible as they are written; `seal` has pushed them out.
    None,
    /// Sealed rows become visible through `publish` after the epoch is decided (files).
    Following(Arc<dyn FollowingSink>),
    /// Sinks of equal `EpochSink::id` share one transaction per epoch.
    Deciding(Arc<dyn EpochSink>),
}

/// Takes the rows of one worker for one table.
///
/// ```text
/// write* seal(1) write* … release(1) write* seal(2) …
///                 └ rows of epoch 2 are held back (encoded) until release(1)
/// ```
pub trait SinkWriter: Send {
    fn write(&mut self, batch: &ChangelogBatch) -> Result<()>;

    /// Everything written so far belongs to `epoch` and has been handed to the system when this returns or, for
    /// a deciding sink, when `EpochSink::flush` returns, for one that follows, `FollowingSink::settle`. The result is kept in the snapshot of `epoch`
    /// (names of staged files; `Null` for most) and given to `FollowingSink::settle` and `publish`.
    fn seal(&mut self, epoch: Epoch) -> Result<serde_json::Value>;

    /// `epoch` is committed: rows held back may go out.
    fn release(&mut self, epoch: Epoch) -> Result<()>;

    /// Bytes held back; the worker stops reading while this is large.
    fn held_bytes(&self) -> usize;

    /// Bytes handed to the system so far, for the metrics; 0 if unknown.
    fn bytes_written(&self) -> u64 {
        0
    }

    /// Gives the sink a chance to push out rows that have waited long enough (buffer-flush intervals);
    /// called about every 10 ms when nothing else happens. Must not block.
    fn tick(&mut self) -> Result<()>;

    /// Whether the next checkpoint would make something visible though no row has come since the last: a file whose
    /// time was over.
    fn awaits_checkpoint(&self) -> bool {
        false
    }

    /// After the last row: the writer will not be used again but for `release`. A bounded or stopped job
    /// seals a last epoch before it.
    fn finish(&mut self) -> Result<()>;
}

/// What a deciding sink's transaction records beside the rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Marker {
    pub job: String,
    pub run: RunId,
    pub attempt: Attempt,
    pub epoch: Epoch,
}

/// The side of a sink that decides whether an epoch has happened: its commit is atomic with the [`Marker`].
///
/// Order of calls: `fence` once, before any source reads; then per epoch `begin` (before its first row is
/// released to writers), `flush` (all its rows are with the system), `commit`. All may block. An epoch in which no
/// row was written is neither flushed nor committed: its transaction stays open, and a later epoch commits it.
pub trait EpochSink: Send + Sync {
    /// Names the transaction: cluster and prefix, or the database file. Sinks of equal id are one sink, and
    /// `Sink::commit_group` returns the same instance for them within a process.
    fn id(&self) -> String;

    /// No older attempt can commit from here on. Returns the marker of the last committed epoch, of whatever
    /// run and job; waits for transactions of unknown outcome. None: nothing was ever committed here.
    fn fence(&self, job: &str, attempt: Attempt) -> Result<Option<Marker>>;

    /// Opens the transaction of `epoch`.
    fn begin(&self, epoch: Epoch) -> Result<()>;

    /// Returns when the system holds every row handed over since `begin`; an error if one was refused.
    fn flush(&self, epoch: Epoch) -> Result<()>;

    /// Makes the rows and the marker visible together. Idempotent until the next `begin`: an outcome that
    /// is unknown is asked again, until known. `Fenced` if a newer attempt has taken over.
    fn commit(&self, marker: &Marker) -> Result<()>;

    /// The job ends or failed: drop the open transaction, leave nothing behind. A `flush` under way ends.
    fn abort(&self) -> Result<()>;

    /// How long an epoch may be open before the system gives its transaction up; None: for ever.
    fn transaction_timeout(&self) -> Option<Duration> {
        None
    }
}

/// A sink that makes staged output visible after the decision.
pub trait FollowingSink: Send + Sync {
    /// Waits until what the writers sealed in `epoch` survives a crash. What it returns stands in the snapshot in
    /// the place of what they returned. Called once per epoch, before the snapshot is written.
    fn settle(&self, epoch: Epoch, sealed: Vec<serde_json::Value>) -> Result<Vec<serde_json::Value>>;

    /// Makes what the writers sealed in `epoch` visible. Idempotent: called again at recovery.
    fn publish(&self, epoch: Epoch, sealed: &[serde_json::Value]) -> Result<()>;

    /// Deletes what abandoned attempts staged. `live`: sealed values of the epochs that still count.
    fn sweep(&self, live: &[serde_json::Value]) -> Result<()>;
}

/// Connectors by name.
#[derive(Clone, Default)]
pub struct ConnectorRegistry {
    factories: BTreeMap<&'static str, Arc<dyn ConnectorFactory>>,
}

impl ConnectorRegistry {
    pub fn register(&mut self, factory: Arc<dyn ConnectorFactory>) {
        self.factories.insert(factory.name(), factory);
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.factories.keys().copied()
    }

    pub fn factories(&self) -> impl Iterator<Item = &Arc<dyn ConnectorFactory>> {
        self.factories.values()
    }

    /// The factory that the table's `connector` option names.
    pub fn of(&self, table: &TableDef) -> Result<&Arc<dyn ConnectorFactory>> {
        let name = table.options.get("connector").ok_or_else(|| {
            Error::invalid(format!("table {} has no 'connector' option", table.name))
                .hint("add 'connector' = '…' to WITH")
        })?;
        self.factories.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.names().collect();
            let hint = match crate::suggest::nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("there are {}", known.join(", ")),
            };
            let error = match KNOWN_TO_FLINK.contains(&name) {
                true => Error::unsupported(format!("connector '{name}'")),
                false => Error::invalid(format!("there is no connector '{name}'")),
            };
            error.option("connector").hint(hint)
        })
    }
}

/// Connectors whose tables Flink reads and we only write.
pub const ONLY_WRITTEN_YET: &[&str] = &["jdbc"];

/// Connectors that exist for Flink: asking for one of them is no mistake.
const KNOWN_TO_FLINK: &[&str] = &[
    "kafka",
    "upsert-kafka",
    "filesystem",
    "jdbc",
    "mongodb",
    "datagen",
    "print",
    "blackhole",
    "elasticsearch-7",
    "elasticsearch-8",
    "opensearch",
    "opensearch-2",
    "hbase-2.2",
    "hbase-2.6",
    "kinesis",
    "kinesis-legacy",
    "firehose",
    "dynamodb",
    "pulsar",
    "hive",
    "mysql-cdc",
    "postgres-cdc",
    "mongodb-cdc",
    "oracle-cdc",
    "sqlserver-cdc",
    "paimon",
    "iceberg",
    "fluss",
    "faker",
    "python-input-format",
    "dynamic-kafka",
];
