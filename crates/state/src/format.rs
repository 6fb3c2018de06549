//! The bytes of a checkpoint: the only place that knows them. Version 1, and 2 of manifests that name runs of several
//! batches.
//!
//! ```text
//! attempt-00000003                            {"process": …}  claimed by being created
//! lineage-00000003                            where attempt 3 goes on from
//! manifest-00000003-0000000017                checkpoint 17 of attempt 3
//! state-00000003-0000000017-n2-w0-0.arrow     runs of node 2, worker 0, written for checkpoint 17
//! confirmed-00000003-0000000017               after a clean stop: checkpoint 17 is committed
//! reported-00000003-0000000017                the bounded job ended with it, and whoever ran it knows
//! ```
//!
//! All but Arrow files are one line `flitz KIND v1 crc32=89abcdef` and one JSON object. An Arrow file
//! (IPC, one schema) holds a record batch per run; manifests name file and batch, its length and CRC-32. A run that was
//! on scratch disk has many batches, in files of its own.

use std::collections::BTreeMap;
use std::io::Cursor;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::ipc::reader::FileReader;
use arrow::ipc::writer::FileWriter;
use bytes::Bytes;
use flitz_dataflow::connector::{Marker, Split};
use flitz_dataflow::{Attempt, Epoch, Error, Result, RunId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::decide::{self, Accepted};
use crate::store::CheckpointId;

const VERSION: u32 = 1;
/// Of manifests in which a run has `more` batches.
const VERSION_OF_LONG_RUNS: u32 = 2;

/// What an object of the job's folder is, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectName {
    Attempt(Attempt),
    Lineage(Attempt),
    Manifest(CheckpointId),
    Confirmed(CheckpointId),
    Reported(CheckpointId),
    State { id: CheckpointId, node: usize, worker: usize, part: usize },
}

impl ObjectName {
    /// The attempt that created it.
    pub fn attempt(&self) -> Attempt {
        match self {
            ObjectName::Attempt(attempt) | ObjectName::Lineage(attempt) => *attempt,
            ObjectName::Manifest(id)
            | ObjectName::Confirmed(id)
            | ObjectName::Reported(id)
            | ObjectName::State { id, .. } => id.attempt,
        }
    }

    /// None for what isn't ours.
    pub fn parse(name: &str) -> Option<ObjectName> {
        let (kind, rest) = name.split_once('-')?;
        let mut parts = rest.split('-');
        let attempt = Attempt(parts.next()?.parse().ok()?);
        let mut id = || Some(CheckpointId { attempt, epoch: Epoch(parts.next()?.parse().ok()?) });
        let parsed = match kind {
            "attempt" => ObjectName::Attempt(attempt),
            "lineage" => ObjectName::Lineage(attempt),
            "manifest" => ObjectName::Manifest(id()?),
            "confirmed" => ObjectName::Confirmed(id()?),
            "reported" => ObjectName::Reported(id()?),
            "state" => ObjectName::State {
                id: id()?,
                node: parts.next()?.strip_prefix('n')?.parse().ok()?,
                worker: parts.next()?.strip_prefix('w')?.parse().ok()?,
                part: parts.next()?.strip_suffix(".arrow")?.parse().ok()?,
            },
            _ => return None,
        };
        (parsed.to_string() == name).then_some(parsed)
    }
}

impl std::fmt::Display for ObjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers = |id: &CheckpointId| format!("{:08}-{:010}", id.attempt.0, id.epoch.0);
        match self {
            ObjectName::Attempt(attempt) => write!(f, "attempt-{:08}", attempt.0),
            ObjectName::Lineage(attempt) => write!(f, "lineage-{:08}", attempt.0),
            ObjectName::Manifest(id) => write!(f, "manifest-{}", numbers(id)),
            ObjectName::Confirmed(id) => write!(f, "confirmed-{}", numbers(id)),
            ObjectName::Reported(id) => write!(f, "reported-{}", numbers(id)),
            ObjectName::State { id, node, worker, part } => {
                write!(f, "state-{}-n{node}-w{worker}-{part}.arrow", numbers(id))
            }
        }
    }
}

/// Who claimed an attempt. Two claims are never equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub job: String,
    pub process: u32,
    pub time_millis: i64,
    /// Random.
    pub nonce: String,
}

/// Everything about a checkpoint but the rows of its runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub job: String,
    pub run: String,
    pub attempt: u64,
    pub epoch: u64,
    pub time_millis: i64,
    /// The checkpoint that the sink holds, for an epoch without rows.
    pub follows: Option<Id>,
    /// The newest checkpoint known to be committed when this was written.
    pub confirmed: Option<Id>,
    pub sink: Option<String>,
    pub finished: bool,
    /// Fingerprint of the whole query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    pub nodes: Vec<Node>,
    pub objects: Vec<Object>,
    pub operators: Vec<Operator>,
    pub splits: BTreeMap<usize, Vec<SplitPosition>>,
    pub sealed: BTreeMap<usize, Vec<serde_json::Value>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Id {
    pub attempt: u64,
    pub epoch: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub node: usize,
    pub key: String,
    pub description: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    pub name: String,
    pub bytes: u64,
    pub crc32: u32,
    pub rows: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operator {
    pub node: usize,
    pub worker: usize,
    pub value: serde_json::Value,
    pub runs: Vec<Run>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub id: u64,
    pub tag: serde_json::Value,
    /// Position in `Manifest::objects`, and of the record batch in it.
    pub object: usize,
    pub batch: usize,
    /// The batches that follow, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Batches>,
}

/// Neighbouring batches of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batches {
    pub object: usize,
    pub batch: usize,
    pub count: usize,
}

impl Run {
    /// Object and batch of each of its batches.
    pub fn batches(&self) -> impl Iterator<Item = (usize, usize)> {
        let more = self.more.iter().flat_map(|more| (0..more.count).map(|i| (more.object, more.batch + i)));
        std::iter::once((self.object, self.batch)).chain(more)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitPosition {
    pub id: String,
    pub position: serde_json::Value,
}

#[derive(Serialize, Deserialize)]
struct Lineage {
    run: String,
    attempt: u64,
    parent: Option<Id>,
    first: u64,
    /// Absent: the sink agrees with the parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accepts: Option<AcceptedMarker>,
}

#[derive(Serialize, Deserialize)]
struct AcceptedMarker {
    marker: Option<MarkerRecord>,
}

#[derive(Serialize, Deserialize)]
struct MarkerRecord {
    job: String,
    run: String,
    attempt: u64,
    epoch: u64,
}

impl Manifest {
    pub fn id(&self) -> CheckpointId {
        CheckpointId { attempt: Attempt(self.attempt), epoch: Epoch(self.epoch) }
    }

    pub fn facts(&self) -> decide::Manifest {
        decide::Manifest {
            id: self.id(),
            run: RunId(self.run.clone()),
            follows: self.follows.map(CheckpointId::from),
            sink: self.sink.clone(),
            finished: self.finished,
        }
    }

    pub fn encode(&self) -> Result<Bytes> {
        let long = self.operators.iter().flat_map(|operator| &operator.runs).any(|run| !run.more.is_empty());
        encode_version("manifest", self, if long { VERSION_OF_LONG_RUNS } else { VERSION })
    }

    pub fn decode(name: &str, bytes: &[u8]) -> Result<Manifest> {
        decode_version("manifest", name, bytes, VERSION_OF_LONG_RUNS)
    }
}

pub fn encode_claim(claim: &Claim) -> Result<Bytes> {
    encode("attempt", claim)
}

pub fn encode_confirmed(id: CheckpointId) -> Result<Bytes> {
    encode("confirmed", &Id::from(id))
}

pub fn encode_reported(id: CheckpointId) -> Result<Bytes> {
    encode("reported", &Id::from(id))
}

pub fn encode_lineage(lineage: &decide::Lineage) -> Result<Bytes> {
    let marker =
        |m: &Marker| MarkerRecord { job: m.job.clone(), run: m.run.0.clone(), attempt: m.attempt.0, epoch: m.epoch.0 };
    encode(
        "lineage",
        &Lineage {
            run: lineage.run.0.clone(),
            attempt: lineage.attempt.0,
            parent: lineage.parent.map(Id::from),
            first: lineage.first.0,
            accepts: lineage.accepts.as_ref().map(|a| AcceptedMarker { marker: a.marker.as_ref().map(marker) }),
        },
    )
}

pub fn decode_lineage(name: &str, bytes: &[u8]) -> Result<decide::Lineage> {
    let lineage: Lineage = decode("lineage", name, bytes)?;
    let marker =
        |m: MarkerRecord| Marker { job: m.job, run: RunId(m.run), attempt: Attempt(m.attempt), epoch: Epoch(m.epoch) };
    Ok(decide::Lineage {
        run: RunId(lineage.run),
        attempt: Attempt(lineage.attempt),
        parent: lineage.parent.map(CheckpointId::from),
        first: Epoch(lineage.first),
        accepts: lineage.accepts.map(|a| Accepted { marker: a.marker.map(marker) }),
    })
}

/// Batches of one schema as an Arrow file.
pub struct BatchEncoder {
    writer: FileWriter<Vec<u8>>,
    pub batches: usize,
    pub rows: u64,
}

impl BatchEncoder {
    pub fn new(schema: &Schema) -> Result<BatchEncoder> {
        BatchEncoder::with_room(schema, 0)
    }

    /// For about so many bytes: growing holds everything twice.
    pub fn with_room(schema: &Schema, bytes: usize) -> Result<BatchEncoder> {
        Ok(BatchEncoder { writer: FileWriter::try_new(Vec::with_capacity(bytes), schema)?, batches: 0, rows: 0 })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch)?;
        self.batches += 1;
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    pub fn bytes(&self) -> usize {
        self.writer.get_ref().len()
    }

    /// The bytes and how many rows they are.
    pub fn finish(self) -> Result<(Bytes, u64)> {
        Ok((self.writer.into_inner()?.into(), self.rows))
    }
}

/// The batches of an Arrow file that is known to be what was written.
pub fn decode_batches(object: &Object, bytes: &Bytes) -> Result<Vec<RecordBatch>> {
    let damaged = |why: String| Error::data(format!("{} is damaged: {why}", object.name));
    if bytes.len() as u64 != object.bytes {
        return Err(damaged(format!("it has {} bytes instead of {}", bytes.len(), object.bytes)));
    }
    if crc32(bytes) != object.crc32 {
        return Err(damaged("its checksum is wrong".to_owned()));
    }
    let read = || FileReader::try_new(Cursor::new(bytes), None)?.collect::<Result<Vec<_>, _>>();
    read().map_err(|e| damaged(e.to_string()))
}

pub fn crc32(bytes: &[u8]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, bytes) as u32
}

fn encode<T: Serialize>(kind: &str, value: &T) -> Result<Bytes> {
    encode_version(kind, value, VERSION)
}

fn encode_version<T: Serialize>(kind: &str, value: &T, version: u32) -> Result<Bytes> {
    let body = serde_json::to_string(value).map_err(|e| Error::internal(format!("can't write a {kind}: {e}")))?;
    Ok(format!("flitz {kind} v{version} crc32={:08x}\n{body}\n", crc32(body.as_bytes())).into())
}

fn decode<T: DeserializeOwned>(kind: &str, name: &str, bytes: &[u8]) -> Result<T> {
    decode_version(kind, name, bytes, VERSION)
}

fn decode_version<T: DeserializeOwned>(kind: &str, name: &str, bytes: &[u8], newest: u32) -> Result<T> {
    let damaged = |why: &str| Error::data(format!("{name} is damaged: {why}"));
    let text = std::str::from_utf8(bytes).map_err(|_| damaged("it is not text"))?;
    let (head, body) = text.split_once('\n').ok_or_else(|| damaged("it ends early"))?;
    let (version, crc) = head
        .strip_prefix(&format!("flitz {kind} v"))
        .and_then(|rest| rest.split_once(" crc32="))
        .ok_or_else(|| damaged(&format!("it does not begin as a {kind}")))?;
    match version.parse::<u32>() {
        Ok(VERSION..) if version.parse().is_ok_and(|version: u32| version <= newest) => {}
        Ok(newer) if newer > newest => {
            return Err(Error::invalid(format!("{name} was written by a newer Flitz (version {newer} of the format)"))
                .hint("use that version, or start anew with `--fresh`"));
        }
        _ => return Err(damaged("its version can't be read")),
    }
    let body = body.strip_suffix('\n').ok_or_else(|| damaged("it ends early"))?;
    if u32::from_str_radix(crc, 16) != Ok(crc32(body.as_bytes())) {
        return Err(damaged("its checksum is wrong"));
    }
    serde_json::from_str(body).map_err(|e| damaged(&e.to_string()))
}

impl From<CheckpointId> for Id {
    fn from(id: CheckpointId) -> Id {
        Id { attempt: id.attempt.0, epoch: id.epoch.0 }
    }
}

impl From<Id> for CheckpointId {
    fn from(id: Id) -> CheckpointId {
        CheckpointId { attempt: Attempt(id.attempt), epoch: Epoch(id.epoch) }
    }
}

impl From<Split> for SplitPosition {
    fn from(split: Split) -> SplitPosition {
        SplitPosition { id: split.id, position: split.position }
    }
}

impl From<SplitPosition> for Split {
    fn from(split: SplitPosition) -> Split {
        Split { id: split.id, position: split.position }
    }
}

#[cfg(test)]
mod tests;
