//! Writing exactly once: rows go into parts, which are staged out of sight and published after the checkpoint that
//! holds them.
//!
//! ```text
//!  write       one open part per partition and worker, part-<uuid>-<worker>-<n>
//!  roll        closed: size, age, inactivity, or checkpoint (csv)
//!  seal(N)     its value names every closed part since N-1 and every open one with its length
//!  settle(N)   what was sealed survives a crash
//!  publish(N)  after N is durable: closed parts become visible
//! ```
//!
//! An open part goes on over checkpoints, so what becomes visible follows the rolling policy, as in Flink. After
//! a crash the new attempt publishes epoch N again: parts that the dead attempt had open are cut to the length
//! sealed in N and published, since nobody will go on with them; what was written later is swept. Publishing a part
//! that is visible already is no error. When the last writer of a worker has finished, its open parts are
//! published with the last epoch.
//!
//! How parts are staged and published is [`local`]'s and [`objects`]'s affair.

mod local;
pub(super) mod objects;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use flitz_dataflow::connector::{
    CommitGroup, ConnectorContext, FollowingSink, Sink, SinkSpec, SinkWriter, TableColumn,
};
use flitz_dataflow::{ChangelogBatch, Clock, Epoch, Error, Result, Schema};
use serde::{Deserialize, Serialize};

use self::local::LocalStaging;
use self::objects::{ObjectStaging, StagedObject};
use super::{FileTable, Location, partition};
use crate::format::{Encoder, Messages, TableFormat};

/// Bytes gathered before they are handed to a staged file.
const BUFFER_BYTES: usize = 1 << 20;
/// Bytes gathered for all open parts of a writer. Less than what makes a worker stop reading, for the parts of many
/// partitions may stay open until the end.
const BUFFERS_BYTES_MAX: usize = 8 << 20;

/// Where parts wait, and how they become visible. Names are relative to the table's path, with `/` between them.
pub(super) trait Staging: Send + Sync {
    /// A new part `directory/name`. `in_flight` counts its bytes that are on their way.
    fn open(&self, directory: &str, name: &str, in_flight: &Arc<AtomicUsize>) -> Result<Opened>;

    /// Waits until a part that [`StagedFile::seal`] gave a ticket for survives a crash; takes the ticket off it.
    fn settle(&self, part: &mut Part) -> Result<()>;

    /// Makes parts visible, cut to their length. Done before is done.
    fn publish(&self, parts: &[Part]) -> Result<()>;

    /// What was staged of these open parts for earlier epochs is needed no more.
    fn forget_earlier(&self, open: &[Part]);

    /// Removes what is visible in `directories` but the parts `kept`.
    fn clear(&self, directories: &BTreeSet<String>, kept: &BTreeSet<String>) -> Result<()>;

    /// Writes an empty file.
    fn mark(&self, directory: &str, name: &str) -> Result<()>;

    /// Removes what this job staged for this table but for the parts `live` and those whose names begin with `own`.
    fn sweep(&self, live: &[Part], own: &str) -> Result<()>;
}

pub(super) struct Opened {
    /// Under which name it waits.
    staged: String,
    file: Box<dyn StagedFile>,
}

/// Takes the bytes of one part.
pub(super) trait StagedFile: Send {
    /// Takes what is in `buffer`.
    fn append(&mut self, buffer: &mut Vec<u8>) -> Result<()>;

    /// What was appended and what is in `buffer` belongs to the epoch being sealed; `last`: there will be no more.
    /// Returns the ticket to wait with, if it does not survive a crash yet.
    fn seal(&mut self, buffer: &mut Vec<u8>, last: bool) -> Result<Option<u64>>;
}

pub struct FileSink {
    table: FileTable,
    /// Positions in the incoming rows of the columns that go into files, in their order there.
    in_files: Vec<usize>,
    /// The same of the partition keys, with their names.
    keys: Vec<(String, usize)>,
    clock: Arc<dyn Clock>,
    parts: Arc<Parts>,
}

impl FileSink {
    pub fn new(table: FileTable, spec: &SinkSpec, context: &ConnectorContext, overwrites: bool) -> Result<FileSink> {
        let job = tag(&context.job, &table.name);
        let staging: Arc<dyn Staging> = match &table.location {
            Location::Local(root) => Arc::new(LocalStaging { root: root.clone(), job }),
            Location::Objects(url) => Arc::new(ObjectStaging::new(url.clone(), job, &table, context)?),
        };
        FileSink::over(staging, table, spec, context, overwrites)
    }

    pub(super) fn over(
        staging: Arc<dyn Staging>,
        mut table: FileTable,
        spec: &SinkSpec,
        context: &ConnectorContext,
        overwrites: bool,
    ) -> Result<FileSink> {
        let position = |physical: usize| {
            spec.columns.iter().position(|c| *c == TableColumn::Physical(physical)).ok_or_else(|| {
                let name = &table.physical.fields[physical].name;
                Error::internal(format!("column '{name}' is not written"))
            })
        };
        let mut in_files = Vec::new();
        for physical in 0..table.physical.len() {
            if !table.partition_keys.contains(&physical) {
                in_files.push(position(physical)?);
            }
        }
        let mut keys = Vec::new();
        for physical in &table.partition_keys {
            let field = &table.physical.fields[*physical];
            partition::check_written(&field.name, &field.data_type)?;
            keys.push((field.name.clone(), position(*physical)?));
        }
        leave_out_idle(&mut table.format, &spec.table.name);
        table.format.encoder(&table.in_files)?;
        let parts = Parts {
            staging,
            uuid: uuid::Uuid::new_v4().to_string(),
            success_file: table.success_file.clone().filter(|_| !keys.is_empty()),
            overwrites,
            partitioned: !keys.is_empty(),
            state: Mutex::default(),
        };
        Ok(FileSink { table, in_files, keys, clock: context.clock.clone(), parts: Arc::new(parts) })
    }
}

/// Options of formats that Flink's files take no notice of, and so ours.
fn leave_out_idle(format: &mut TableFormat, table: &str) {
    const IDLE: &str = "write-bigdecimal-in-scientific-notation";
    if format.options.get(IDLE) == Some("false") {
        tracing::warn!("option '{}{IDLE}' of {table} has no effect on files, as in Flink", format.prefix);
        let others = format.options.iter().filter(|(key, _)| *key != IDLE);
        format.options = others.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    }
}

/// What the staged files of one table of one job have in their names, so that sweeping leaves others alone.
pub(super) fn tag(job: &str, table: &str) -> String {
    // FNV-1a: the same after a restart and in every build.
    let bytes = job.bytes().chain([0]).chain(table.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    format!("{hash:016x}")
}

impl Sink for FileSink {
    fn writer(&self, worker: usize) -> Result<Box<dyn SinkWriter>> {
        Ok(Box::new(FileWriter {
            encoder: self.table.format.encoder(&self.table.in_files)?,
            schema: self.table.in_files.clone(),
            in_files: self.in_files.clone(),
            keys: self.keys.clone(),
            table: self.table.clone(),
            clock: self.clock.clone(),
            parts: self.parts.clone(),
            worker,
            next_part: 0,
            open: BTreeMap::new(),
            buffered: 0,
            in_flight: Arc::default(),
            closed: Vec::new(),
            sealed: None,
            checked_millis: 0,
            messages: Messages::default(),
            bytes: 0,
        }))
    }

    fn commit_group(&self) -> CommitGroup {
        CommitGroup::Following(self.parts.clone())
    }
}

/// A staged part as a snapshot knows it. Paths are relative to the table's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Part {
    staged: String,
    target: String,
    /// Bytes that belong to the epoch and those before it.
    bytes: u64,
    /// More may be written to it.
    open: bool,
    /// Until it is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ticket: Option<u64>,
    /// What of it lies where in an object store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<StagedObject>,
}

impl Part {
    /// The directory that it becomes visible in.
    fn directory(&self) -> &str {
        self.target.rsplit_once('/').map_or("", |(directory, _)| directory)
    }
}

/// What a writer's `seal` returns.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Sealed {
    /// The instance of the sink that wrote them.
    uuid: String,
    worker: usize,
    parts: Vec<Part>,
}

/// All parts of one table, of this attempt and of earlier ones.
struct Parts {
    staging: Arc<dyn Staging>,
    uuid: String,
    success_file: Option<String>,
    /// What is published takes the place of what is there: of its partitions, or of all there is without partitions.
    overwrites: bool,
    partitioned: bool,
    state: Mutex<Progress>,
}

/// How far workers and publishing have come; between `finish` and `publish` either may be first.
#[derive(Default)]
struct Progress {
    /// Workers that will write no more, with the last epoch they sealed.
    finished: HashMap<usize, Option<Epoch>>,
    /// The open parts of workers that have not finished, as of the last epoch published.
    open: HashMap<usize, (Epoch, Vec<Part>)>,
}

impl Parts {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes what `sealed` replaces. A batch job publishes one epoch; if it does so again after a crash, what was
    /// published before stays.
    fn clear(&self, sealed: &[Sealed]) -> Result<()> {
        let parts = || sealed.iter().flat_map(|sealed| &sealed.parts);
        let kept = parts().map(|part| part.target.clone()).collect();
        let directories = match self.partitioned {
            true => parts().map(|part| part.directory().to_owned()).collect(),
            false => [String::new()].into(),
        };
        self.staging.clear(&directories, &kept)
    }

    /// Marks the partitions of `published` parts that have no open part left.
    fn commit_partitions(&self, published: &[Part], progress: &Progress) -> Result<()> {
        let Some(name) = &self.success_file else { return Ok(()) };
        let open: BTreeSet<&str> = progress.open.values().flat_map(|(_, parts)| parts).map(Part::directory).collect();
        let done: BTreeSet<&str> = published.iter().map(Part::directory).collect();
        done.difference(&open).try_for_each(|partition| self.staging.mark(partition, name))
    }

    /// The worker writes no more: what it had open when it last sealed can go, if that epoch is published.
    fn finish_worker(&self, worker: usize, last_sealed: Option<Epoch>) -> Result<()> {
        let mut progress = self.progress();
        progress.finished.insert(worker, last_sealed);
        let last = progress.open.get(&worker).filter(|(epoch, _)| Some(*epoch) == last_sealed);
        if last.is_none() {
            return Ok(());
        }
        let (_, parts) = progress.open.remove(&worker).unwrap_or_default();
        self.staging.publish(&parts)?;
        self.commit_partitions(&parts, &progress)
    }
}

impl FollowingSink for Parts {
    fn settle(&self, _epoch: Epoch, sealed: Vec<serde_json::Value>) -> Result<Vec<serde_json::Value>> {
        let settled = |value: serde_json::Value| {
            let mut sealed = read_sealed(&value)?;
            if sealed.parts.iter().all(|part| part.ticket.is_none()) {
                return Ok(value);
            }
            let waiting = sealed.parts.iter_mut().filter(|part| part.ticket.is_some());
            waiting.into_iter().try_for_each(|part| self.staging.settle(part))?;
            to_json(&sealed)
        };
        sealed.into_iter().map(settled).collect()
    }

    fn publish(&self, epoch: Epoch, sealed: &[serde_json::Value]) -> Result<()> {
        let mut progress = self.progress();
        let mut published = Vec::new();
        let sealed = sealed.iter().map(read_sealed).collect::<Result<Vec<_>>>()?;
        if self.overwrites {
            self.clear(&sealed)?;
        }
        for sealed in sealed {
            let own = sealed.uuid == self.uuid;
            let last = progress.finished.get(&sealed.worker).is_some_and(|last| *last == Some(epoch));
            let (mut ready, mut open): (Vec<Part>, Vec<Part>) = sealed.parts.into_iter().partition(|p| !p.open);
            if !own || last {
                ready.append(&mut open);
            }
            self.staging.publish(&ready)?;
            published.append(&mut ready);
            if own && !last {
                self.staging.forget_earlier(&open);
                progress.open.insert(sealed.worker, (epoch, open));
            }
        }
        self.commit_partitions(&published, &progress)
    }

    fn sweep(&self, live: &[serde_json::Value]) -> Result<()> {
        let live = live.iter().map(read_sealed).collect::<Result<Vec<_>>>()?;
        let live: Vec<Part> = live.into_iter().flat_map(|sealed| sealed.parts).collect();
        self.staging.sweep(&live, &format!("part-{}-", self.uuid))
    }
}

fn to_json(sealed: &Sealed) -> Result<serde_json::Value> {
    serde_json::to_value(sealed).map_err(|e| Error::internal(e.to_string()))
}

fn read_sealed(value: &serde_json::Value) -> Result<Sealed> {
    if value.is_null() {
        return Ok(Sealed::default());
    }
    serde_json::from_value(value.clone()).map_err(|e| Error::internal(format!("staged files of a snapshot: {e}")))
}

struct FileWriter {
    table: FileTable,
    schema: Schema,
    in_files: Vec<usize>,
    keys: Vec<(String, usize)>,
    encoder: Box<dyn Encoder>,
    clock: Arc<dyn Clock>,
    parts: Arc<Parts>,
    worker: usize,
    next_part: u64,
    /// By directory, relative to the table's path; `""` if there are no partitions.
    open: BTreeMap<String, OpenPart>,
    /// Bytes in the buffers of `open`.
    buffered: usize,
    /// Bytes on their way to where they are staged.
    in_flight: Arc<AtomicUsize>,
    /// Since the last seal.
    closed: Vec<Part>,
    sealed: Option<Epoch>,
    checked_millis: i64,
    messages: Messages,
    /// Written so far.
    bytes: u64,
}

/// A part being written. Rows wait in `buffer` before they go to the file.
struct OpenPart {
    part: Part,
    file: Box<dyn StagedFile>,
    buffer: Vec<u8>,
    created_millis: i64,
    written_millis: i64,
}

impl SinkWriter for FileWriter {
    fn write(&mut self, batch: &ChangelogBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let columns = self.in_files.iter().map(|i| batch.rows().column(*i).clone()).collect();
        let in_files = batch.with_rows(self.record_batch(columns, batch.num_rows())?);
        if self.keys.is_empty() {
            return self.write_rows("", &in_files);
        }
        let keys: Vec<(&str, &ArrayRef)> =
            self.keys.iter().map(|(name, i)| (name.as_str(), batch.rows().column(*i))).collect();
        let directories = partition::directories(&keys, batch.num_rows(), &self.table.default_partition);
        let mut rows_of: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (row, directory) in directories.iter().enumerate() {
            rows_of.entry(directory).or_default().push(row as u32);
        }
        for (directory, rows) in rows_of {
            let count = rows.len();
            let rows = UInt32Array::from(rows);
            let columns = in_files.rows().columns().iter();
            let columns = columns.map(|c| arrow::compute::take(c, &rows, None)).collect::<Result<_, _>>()?;
            let kinds = in_files.kinds().map(|kinds| rows.values().iter().map(|i| kinds[*i as usize]).collect());
            self.write_rows(directory, &ChangelogBatch::new(self.record_batch(columns, count)?, kinds))?;
        }
        Ok(())
    }

    fn seal(&mut self, epoch: Epoch) -> Result<serde_json::Value> {
        if self.table.rolling.on_checkpoint {
            self.close_where(|_| true)?;
        }
        for part in self.open.values_mut() {
            part.seal(false)?;
        }
        self.count_buffered();
        self.sealed = Some(epoch);
        let mut parts = std::mem::take(&mut self.closed);
        parts.extend(self.open.values().map(|open| open.part.clone()));
        to_json(&Sealed { uuid: self.parts.uuid.clone(), worker: self.worker, parts })
    }

    fn release(&mut self, _epoch: Epoch) -> Result<()> {
        Ok(())
    }

    fn held_bytes(&self) -> usize {
        self.buffered + self.in_flight.load(Ordering::Relaxed)
    }

    fn bytes_written(&self) -> u64 {
        self.bytes
    }

    fn tick(&mut self) -> Result<()> {
        let now = self.clock.now_millis();
        let rolling = self.table.rolling;
        if now - self.checked_millis < rolling.check.as_millis() as i64 {
            return Ok(());
        }
        self.checked_millis = now;
        self.close_where(|open| {
            now - open.created_millis >= rolling.age.as_millis() as i64
                || now - open.written_millis >= rolling.inactivity.as_millis() as i64
        })
    }

    fn awaits_checkpoint(&self) -> bool {
        !self.closed.is_empty()
    }

    fn finish(&mut self) -> Result<()> {
        self.parts.finish_worker(self.worker, self.sealed)
    }
}

impl FileWriter {
    fn record_batch(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
        let fields = self.schema.fields.iter().zip(&columns);
        // The query's columns may be nullable where the table's are not, or have other child names.
        let fields: Vec<_> =
            fields.map(|(f, array)| arrow::datatypes::Field::new(&f.name, array.data_type().clone(), true)).collect();
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
        let schema = Arc::new(arrow::datatypes::Schema::new(fields));
        Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
    }

    fn write_rows(&mut self, directory: &str, rows: &ChangelogBatch) -> Result<()> {
        let now = self.clock.now_millis();
        if !self.open.contains_key(directory) {
            let part = self.open_part(directory, now)?;
            self.open.insert(directory.to_owned(), part);
        }
        let Some(open) = self.open.get_mut(directory) else { return Ok(()) };
        self.messages.clear();
        self.encoder.encode(rows, &mut self.messages)?;
        open.written_millis = now;
        let before = open.buffer.len();
        for message in self.messages.iter() {
            let Some(message) = message else {
                return Err(Error::data("a file can't hold a NULL record")
                    .place(flitz_dataflow::Place::Operator(self.table.name.clone())));
            };
            open.buffer.extend_from_slice(message);
            open.buffer.push(b'\n');
            open.part.bytes += message.len() as u64 + 1;
            self.bytes += message.len() as u64 + 1;
        }
        self.buffered += open.buffer.len() - before;
        if open.buffer.len() >= BUFFER_BYTES {
            open.file.append(&mut open.buffer)?;
            self.count_buffered();
        }
        if self.buffered > BUFFERS_BYTES_MAX {
            self.open.values_mut().try_for_each(|open| open.file.append(&mut open.buffer))?;
            self.count_buffered();
        }
        let largest = self.table.rolling.bytes;
        if self.open.get(directory).is_some_and(|open| open.part.bytes >= largest) {
            self.close_where(|open| open.part.bytes >= largest)?;
        }
        Ok(())
    }

    fn count_buffered(&mut self) {
        self.buffered = self.open.values().map(|open| open.buffer.len()).sum();
    }

    fn open_part(&mut self, directory: &str, now: i64) -> Result<OpenPart> {
        let name = format!("part-{}-{}-{}", self.parts.uuid, self.worker, self.next_part);
        self.next_part += 1;
        let Opened { staged, file } = self.parts.staging.open(directory, &name, &self.in_flight)?;
        let target = if directory.is_empty() { name } else { format!("{directory}/{name}") };
        let part = Part { staged, target, bytes: 0, open: true, ticket: None, object: None };
        Ok(OpenPart { part, file, buffer: Vec::new(), created_millis: now, written_millis: now })
    }

    /// Finishes the open parts that `done` says are.
    fn close_where(&mut self, done: impl Fn(&OpenPart) -> bool) -> Result<()> {
        let directories: Vec<String> =
            self.open.iter().filter(|(_, open)| done(open)).map(|(directory, _)| directory.clone()).collect();
        for directory in directories {
            if let Some(mut open) = self.open.remove(&directory) {
                open.seal(true)?;
                self.closed.push(Part { open: false, ..open.part });
            }
        }
        self.count_buffered();
        Ok(())
    }
}

impl OpenPart {
    fn seal(&mut self, last: bool) -> Result<()> {
        self.part.ticket = self.file.seal(&mut self.buffer, last)?;
        Ok(())
    }
}
