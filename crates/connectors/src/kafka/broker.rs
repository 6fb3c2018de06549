//! The one small interface behind which a Kafka cluster and the embedded file stand.
//!
//! ```text
//!  Broker     partitions, offsets, create_topic, commit_offsets      blocking, any thread
//!   ├ consumer(wanted, wake) -> Consumer   one per worker: assign … poll -> RecordBuffer of one partition
//!   └ producer(spec)         -> Producer   one per process, shared by all workers: send(&Outgoing)
//!                                └ epoch_sink() -> EpochSink   exactly-once only
//! ```
//!
//! Records travel in bulk in both directions: bytes lie end to end in one buffer, positions in columns
//! beside it, and nothing is allocated per record.

use std::sync::Arc;
use std::time::Duration;

use flitz_dataflow::connector::{EpochSink, Wake};
use flitz_dataflow::options::Options;
use flitz_dataflow::{Error, Result};
use regex::Regex;

use crate::format::Messages;

/// Where topics live. All calls may block for seconds; none is made on a worker thread but `consumer` and `producer`.
pub trait Broker: Send + Sync {
    /// As the user wrote it: `127.0.0.1:9092`, `embedded:./data/flitz.db`. Never holds a secret.
    fn address(&self) -> &str;

    /// All partitions of the chosen topics, sorted. A topic that was named and does not exist is an `Invalid`
    /// error; a pattern that matches nothing (yet) is an empty list.
    fn partitions(&self, topics: &TopicSelection) -> Result<Vec<TopicPartition>>;

    /// One offset per partition, in order. None: the group has no commit there, or no record is that young
    /// (the caller then takes `Latest`).
    fn offsets(&self, partitions: &[TopicPartition], at: &OffsetQuery) -> Result<Vec<Option<i64>>>;

    /// Creates a topic; false if it was there already (its partitions and configuration stay as they are).
    fn create_topic(&self, topic: &NewTopic) -> Result<bool>;

    /// Records how far `group` has read, for tools and `group-offsets`. Overwrites.
    fn commit_offsets(&self, group: &str, positions: &[(TopicPartition, i64)]) -> Result<()>;

    /// A consumer without partitions; `wake` is called when a drained consumer has records again.
    fn consumer(&self, wanted: Wanted, wake: Wake) -> Result<Box<dyn Consumer>>;

    /// Producers of equal cluster and transactional prefix are the same instance within a process.
    fn producer(&self, spec: &ProducerSpec) -> Result<Arc<dyn Producer>>;
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    pub topic: Arc<str>,
    pub partition: i32,
}

/// What a table reads or may write.
#[derive(Clone, Debug)]
pub enum TopicSelection {
    Names(Vec<String>),
    /// Matches the whole name, as Java's `Pattern.matches`.
    Pattern(Regex),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OffsetQuery {
    Earliest,
    /// The end of what the reader's isolation level may see.
    Latest,
    /// First record whose time stamp (milliseconds) is at or after this.
    Timestamp(i64),
    /// What consumer group of this name has committed.
    Committed(String),
}

#[derive(Clone, Debug)]
pub struct NewTopic {
    pub name: String,
    pub partitions: i32,
    pub replication_factor: i16,
    /// Topic configuration by Kafka's names (`retention.ms`).
    pub config: Vec<(String, String)>,
}

impl NewTopic {
    /// Replication factor 1, cluster defaults for the rest.
    pub fn new(name: impl Into<String>, partitions: i32) -> NewTopic {
        NewTopic { name: name.into(), partitions, replication_factor: 1, config: Vec::new() }
    }
}

// ---------------------------------------------------------------------------------------------- reading

/// What a consumer copies beside values, offsets and time stamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub keys: bool,
    pub headers: bool,
    pub leader_epochs: bool,
}

/// One partition and the offsets `start..end` to read of it.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub partition: TopicPartition,
    pub start: i64,
    /// None: read for ever.
    pub end: Option<i64>,
}

/// Reads partitions for one worker. Never joins a group, never commits.
pub trait Consumer: Send {
    /// Adds partitions. They are numbered ("slots") in the order given, over all calls.
    fn assign(&mut self, partitions: Vec<Assignment>) -> Result<()>;

    /// Clears `records` and fills it with up to about `max` records of one partition, without waiting.
    /// An offset that is gone is an error that names topic, partition, wanted and available offset.
    fn poll(&mut self, max: usize, records: &mut RecordBuffer) -> Result<Polled>;

    /// Records known to wait behind the position of each slot, from what the last fetch said; no round trip.
    fn lag(&self) -> Vec<(usize, u64)>;

    /// Whether the broker of a partition may be away, so that silence says nothing about its partition.
    fn is_out_of_reach(&self) -> bool {
        false
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polled {
    /// `records` holds at least one record of this slot. Its position is now `records.next_offset`.
    Records(usize),
    /// The slot has been read to its `end`; said once, after its last record.
    End(usize),
    /// Nothing now; `Wake` will be called.
    Nothing,
}

/// Records of one partition in offset order. Row `i` of every column belongs together.
#[derive(Debug, Default)]
pub struct RecordBuffer {
    pub values: Messages,
    /// Empty unless `Wanted::keys`.
    pub keys: Messages,
    pub offsets: Vec<i64>,
    /// Milliseconds; -1 if the record has none.
    pub timestamps: Vec<i64>,
    pub timestamp_types: Vec<TimestampType>,
    /// Empty unless `Wanted::headers`.
    pub headers: Vec<Headers>,
    /// Empty unless `Wanted::leader_epochs`; -1 if unknown.
    pub leader_epochs: Vec<i32>,
    /// Where to go on after these records: behind the last one and behind markers that are no records.
    pub next_offset: i64,
}

pub type Headers = Vec<(String, Option<Vec<u8>>)>;

/// Java's `TimestampType`, by its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    NoTimestampType,
    CreateTime,
    LogAppendTime,
}

impl TimestampType {
    pub fn name(self) -> &'static str {
        match self {
            TimestampType::NoTimestampType => "NoTimestampType",
            TimestampType::CreateTime => "CreateTime",
            TimestampType::LogAppendTime => "LogAppendTime",
        }
    }
}

impl RecordBuffer {
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Forgets the records, keeps the memory.
    pub fn clear(&mut self) {
        self.values.clear();
        self.keys.clear();
        self.offsets.clear();
        self.timestamps.clear();
        self.timestamp_types.clear();
        self.headers.clear();
        self.leader_epochs.clear();
    }
}

/// Appends a value or key; None is a tombstone or a missing key, which is not the same as empty.
pub fn push_nullable(column: &mut Messages, entry: Option<&[u8]>) {
    match entry {
        Some(bytes) => column.push(bytes),
        None => column.push_null(),
    }
}

// ---------------------------------------------------------------------------------------------- writing

#[derive(Clone, Debug)]
pub struct ProducerSpec {
    pub guarantee: DeliveryGuarantee,
    /// `sink.transactional-id-prefix`; there is one exactly if the guarantee is exactly-once.
    pub transactional_prefix: Option<String>,
    /// Topics the sink writes; the first must exist when the producer is fenced, it keeps the marker.
    pub topics: Vec<String>,
    /// The table's `properties.*` without that prefix, by the Java client's names.
    pub properties: Options,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryGuarantee {
    None,
    AtLeastOnce,
    ExactlyOnce,
}

/// Sends records for all workers of a process.
pub trait Producer: Send + Sync {
    /// Names `topic` for `OutgoingRecord::topic`. May block for metadata; called when writers are made and
    /// for topics first seen in a `topic` metadata column.
    fn topic(&self, name: &str) -> Result<TopicHandle>;

    /// Takes records from the front of `records`, without waiting, until its own buffer is full; returns how many.
    /// `writer` counts what is still on its way. An earlier record that was refused is reported here, too.
    fn send(&self, writer: &Arc<InFlight>, records: &Outgoing, from: usize) -> Result<usize>;

    /// Waits until everything of `writer` has been delivered, at most `timeout`. With exactly-once this is
    /// not used: `EpochSink::flush` covers all writers.
    fn flush(&self, writer: &Arc<InFlight>, timeout: Duration) -> Result<()>;

    /// The transaction of this producer; None unless exactly-once.
    fn epoch_sink(&self) -> Option<Arc<dyn EpochSink>>;
}

/// A topic as its producer knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicHandle {
    pub index: u32,
    pub partitions: i32,
}

/// How many records of one writer have been sent and not yet been confirmed.
#[derive(Debug, Default)]
pub struct InFlight(pub std::sync::atomic::AtomicU64);

/// Encoded records of one writer, in order, end to end.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    pub records: Vec<OutgoingRecord>,
    /// As many as records, or empty if the table has no key.
    pub keys: Messages,
    pub values: Messages,
    /// As many as records, or empty if the table has no headers column.
    pub headers: Vec<Headers>,
}

#[derive(Clone, Copy, Debug)]
pub struct OutgoingRecord {
    /// `TopicHandle::index`.
    pub topic: u32,
    /// None: by key as Java's default partitioner does (`partition_of`), anywhere without key.
    pub partition: Option<i32>,
    /// Milliseconds; None: the time of sending.
    pub timestamp: Option<i64>,
}

impl Outgoing {
    pub fn push(&mut self, record: OutgoingRecord, key: Option<&[u8]>, value: Option<&[u8]>) {
        self.records.push(record);
        push_nullable(&mut self.keys, key);
        push_nullable(&mut self.values, value);
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Memory taken, about.
    pub fn bytes(&self) -> usize {
        self.payload_bytes() + 48 * self.records.len()
    }

    /// Of keys and values.
    pub fn payload_bytes(&self) -> usize {
        self.keys.bytes().len() + self.values.bytes().len()
    }

    pub fn clear(&mut self) {
        self.records.clear();
        self.keys.clear();
        self.values.clear();
        self.headers.clear();
    }
}

/// The partition that Java's default partitioner gives a record with this key.
pub fn partition_of(key: &[u8], partitions: i32) -> i32 {
    ((murmur2(key) & 0x7fff_ffff) % partitions.max(1) as u32) as i32
}

/// `org.apache.kafka.common.utils.Utils.murmur2`.
fn murmur2(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut h: u32 = 0x9747_b28c ^ data.len() as u32;
    let mut chunks = data.chunks_exact(4);
    for chunk in &mut chunks {
        let mut k = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]).wrapping_mul(M);
        k = (k ^ (k >> 24)).wrapping_mul(M);
        h = h.wrapping_mul(M) ^ k;
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        for (i, byte) in rest.iter().enumerate() {
            h ^= u32::from(*byte) << (8 * i);
        }
        h = h.wrapping_mul(M);
    }
    h = (h ^ (h >> 13)).wrapping_mul(M);
    h ^ (h >> 15)
}

impl TopicSelection {
    /// Java's regular expression, anchored.
    pub fn pattern(text: &str) -> Result<TopicSelection> {
        let regex = Regex::new(&format!("^(?:{text})$")).map_err(|e| {
            let reason = e.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Error::invalid(format!("'{text}' is no regular expression that can be used here: {reason}"))
                .option("topic-pattern")
        })?;
        Ok(TopicSelection::Pattern(regex))
    }

    pub fn contains(&self, topic: &str) -> bool {
        match self {
            TopicSelection::Names(names) => names.iter().any(|n| n == topic),
            TopicSelection::Pattern(regex) => regex.is_match(topic),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_where_the_java_client_sends_them() {
        // From Kafka's own UtilsTest.testMurmur2.
        for (key, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(key.as_bytes()) as i32, hash, "{key}");
        }
        assert_eq!(partition_of(b"abc", 3), 479_470_107 % 3);
    }

    #[test]
    fn a_pattern_matches_whole_names() {
        let topics = TopicSelection::pattern("orders-\\d|x").unwrap();
        assert!(topics.contains("orders-1") && topics.contains("x"));
        assert!(!topics.contains("orders-12") && !topics.contains("xx"));
    }
}
