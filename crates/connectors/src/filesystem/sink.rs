//! Writing exactly once: parts are staged under hidden names and become visible by a rename.
//!
//! ```text
//!  write ──> .part-<uuid>-<worker>-<n>.inprogress.<job>     one open part per partition and worker
//!  roll                                                     closed: size, age, inactivity, or checkpoint (csv)
//!  seal(N)   fsync; its value names every closed part since N-1 and every open one with its length
//!  publish(N) after N is durable: closed parts are renamed to part-<uuid>-<worker>-<n>
//! ```
//!
//! An open part goes on over checkpoints, so what becomes visible follows the rolling policy, as in Flink. After
//! a crash the new attempt publishes epoch N again: parts that the dead attempt had open are cut to the length
//! sealed in N and renamed, since nobody will go on with them; what was written later is swept. Renaming a part
//! that was renamed already is no error. When the last writer of a worker has finished, its open parts are
//! published with the last epoch.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use flitz_dataflow::connector::{
    CommitGroup, ConnectorContext, FollowingSink, Sink, SinkSpec, SinkWriter, TableColumn,
};
use flitz_dataflow::{ChangelogBatch, Clock, Epoch, Error, Result, Schema};
use serde::{Deserialize, Serialize};

use super::{FileTable, partition};
use crate::format::{Encoder, Messages};

/// Bytes gathered before they are written to a file.
const BUFFER_BYTES: usize = 1 << 20;

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
        table.format.encoder(&table.in_files)?;
        let parts = Parts {
            root: table.path.clone(),
            uuid: uuid::Uuid::new_v4().to_string(),
            job: tag(&context.job, &table.name),
            success_file: table.success_file.clone().filter(|_| !keys.is_empty()),
            overwrites,
            partitioned: !keys.is_empty(),
            state: Mutex::default(),
        };
        Ok(FileSink { table, in_files, keys, clock: context.clock.clone(), parts: Arc::new(parts) })
    }
}

/// What the staged files of one table of one job have in their names, so that sweeping leaves others alone.
fn tag(job: &str, table: &str) -> String {
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
struct Part {
    staged: String,
    target: String,
    /// Bytes that belong to the epoch and those before it.
    bytes: u64,
    /// More may be written to it.
    open: bool,
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
    root: PathBuf,
    uuid: String,
    job: String,
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

    fn failed(&self, what: &str, path: &str, e: &std::io::Error) -> Error {
        let place = self.root.join(path).display().to_string();
        match e.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Error::unavailable(format!("can't {what} {place}: the disk is full"))
                    .hint("make room and start the job again: it goes on at its last checkpoint")
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Error::unavailable(format!("can't {what} {place}: {e}"))
                    .hint("set 'path' to a place that can be written")
            }
            _ => Error::unavailable(format!("can't {what} {place}: {e}")),
        }
    }

    /// Cuts a staged part to its sealed length and makes it visible. Done before is done.
    fn publish_part(&self, part: &Part) -> Result<()> {
        let (staged, target) = (self.root.join(&part.staged), self.root.join(&part.target));
        if !staged.exists() {
            if !target.exists() {
                tracing::warn!(part = %target.display(), "a part is neither staged nor visible: was it removed?");
            }
            return Ok(());
        }
        if part.bytes == 0 {
            return fs::remove_file(&staged).map_err(|e| self.failed("remove", &part.staged, &e));
        }
        let file = OpenOptions::new().write(true).open(&staged);
        let file = file.map_err(|e| self.failed("open", &part.staged, &e))?;
        let length = file.metadata().map_err(|e| self.failed("look at", &part.staged, &e))?.len();
        if length < part.bytes {
            return Err(Error::unavailable(format!(
                "{} has {length} bytes, but {} were sealed",
                staged.display(),
                part.bytes
            )));
        }
        if length > part.bytes {
            file.set_len(part.bytes).map_err(|e| self.failed("cut", &part.staged, &e))?;
            file.sync_all().map_err(|e| self.failed("sync", &part.staged, &e))?;
        }
        fs::rename(&staged, &target).map_err(|e| self.failed("rename", &part.staged, &e))?;
        sync_directory_of(&target).map_err(|e| self.failed("sync the directory of", &part.target, &e))
    }

    /// Removes what `sealed` replaces. A batch job publishes one epoch; if it does so again after a crash, what was
    /// published before stays.
    fn clear(&self, sealed: &[Sealed]) -> Result<()> {
        let parts = || sealed.iter().flat_map(|sealed| &sealed.parts);
        let kept: BTreeSet<PathBuf> = parts().map(|part| self.root.join(&part.target)).collect();
        let mut directories = BTreeSet::new();
        if self.partitioned {
            let written = kept.iter().filter_map(|target| target.parent()).map(Path::to_owned);
            directories.extend(written);
        } else {
            directories.insert(self.root.clone());
        }
        for directory in directories {
            let Ok(entries) = fs::read_dir(&directory) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                let hidden = entry.file_name().to_string_lossy().starts_with(['.', '_']);
                if hidden || kept.contains(&path) {
                    continue;
                }
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.map_err(|e| self.failed("remove", &path.to_string_lossy(), &e))?;
            }
        }
        Ok(())
    }

    /// Marks the partitions of `published` parts that have no open part left.
    fn commit_partitions(&self, published: &[Part], progress: &Progress) -> Result<()> {
        let Some(name) = &self.success_file else { return Ok(()) };
        let directory = |part: &Part| Path::new(&part.target).parent().map(Path::to_owned).unwrap_or_default();
        let open: BTreeSet<PathBuf> = progress.open.values().flat_map(|(_, parts)| parts).map(directory).collect();
        let done: BTreeSet<PathBuf> = published.iter().map(directory).collect();
        for partition in done.difference(&open) {
            let path = self.root.join(partition).join(name);
            File::create(&path).map_err(|e| self.failed("write", &path.to_string_lossy(), &e))?;
        }
        Ok(())
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
        parts.iter().try_for_each(|part| self.publish_part(part))?;
        self.commit_partitions(&parts, &progress)
    }
}

impl FollowingSink for Parts {
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
            ready.iter().try_for_each(|part| self.publish_part(part))?;
            published.append(&mut ready);
            if own && !last {
                progress.open.insert(sealed.worker, (epoch, open));
            }
        }
        self.commit_partitions(&published, &progress)
    }

    fn sweep(&self, live: &[serde_json::Value]) -> Result<()> {
        let mut keep: BTreeSet<PathBuf> = BTreeSet::new();
        for value in live {
            keep.extend(read_sealed(value)?.parts.iter().map(|part| self.root.join(&part.staged)));
        }
        let mut staged = Vec::new();
        find_staged(&self.root, &format!(".inprogress.{}", self.job), &mut staged);
        let own = format!(".part-{}-", self.uuid);
        for path in staged {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            if !keep.contains(&path) && !name.starts_with(&own) {
                fs::remove_file(&path).map_err(|e| self.failed("remove", &path.to_string_lossy(), &e))?;
            }
        }
        Ok(())
    }
}

fn read_sealed(value: &serde_json::Value) -> Result<Sealed> {
    if value.is_null() {
        return Ok(Sealed::default());
    }
    serde_json::from_value(value.clone()).map_err(|e| Error::internal(format!("staged files of a snapshot: {e}")))
}

/// Files below `directory` whose names end in `suffix`. What can't be listed has none.
fn find_staged(directory: &Path, suffix: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            find_staged(&path, suffix, found);
        } else if entry.file_name().to_string_lossy().ends_with(suffix) {
            found.push(path);
        }
    }
}

fn sync_directory_of(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
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
    file: File,
    buffer: Vec<u8>,
    created_millis: i64,
    written_millis: i64,
    synced: bool,
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
            part.sync(&self.parts)?;
        }
        self.sealed = Some(epoch);
        let mut parts = std::mem::take(&mut self.closed);
        parts.extend(self.open.values().map(|open| open.part.clone()));
        let sealed = Sealed { uuid: self.parts.uuid.clone(), worker: self.worker, parts };
        serde_json::to_value(sealed).map_err(|e| Error::internal(e.to_string()))
    }

    fn release(&mut self, _epoch: Epoch) -> Result<()> {
        Ok(())
    }

    fn held_bytes(&self) -> usize {
        self.open.values().map(|open| open.buffer.len()).sum()
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
        open.synced = false;
        if open.buffer.len() >= BUFFER_BYTES {
            open.flush(&self.parts)?;
        }
        let largest = self.table.rolling.bytes;
        if open.part.bytes >= largest {
            self.close_where(|open| open.part.bytes >= largest)?;
        }
        Ok(())
    }

    fn open_part(&mut self, directory: &str, now: i64) -> Result<OpenPart> {
        let name = format!("part-{}-{}-{}", self.parts.uuid, self.worker, self.next_part);
        self.next_part += 1;
        let in_directory = |name: String| if directory.is_empty() { name } else { format!("{directory}/{name}") };
        let part = Part {
            staged: in_directory(format!(".{name}.inprogress.{}", self.parts.job)),
            target: in_directory(name),
            bytes: 0,
            open: true,
        };
        let staged = self.parts.root.join(&part.staged);
        let failed = |e: std::io::Error| self.parts.failed("create", &part.staged, &e);
        if let Some(directory) = staged.parent() {
            fs::create_dir_all(directory).map_err(failed)?;
        }
        let file = OpenOptions::new().write(true).create_new(true).open(&staged).map_err(failed)?;
        sync_directory_of(&staged).map_err(failed)?;
        Ok(OpenPart { part, file, buffer: Vec::new(), created_millis: now, written_millis: now, synced: false })
    }

    /// Finishes the open parts that `done` says are.
    fn close_where(&mut self, done: impl Fn(&OpenPart) -> bool) -> Result<()> {
        let directories: Vec<String> =
            self.open.iter().filter(|(_, open)| done(open)).map(|(directory, _)| directory.clone()).collect();
        for directory in directories {
            if let Some(mut open) = self.open.remove(&directory) {
                open.sync(&self.parts)?;
                self.closed.push(Part { open: false, ..open.part });
            }
        }
        Ok(())
    }
}

impl OpenPart {
    fn flush(&mut self, parts: &Parts) -> Result<()> {
        self.file.write_all(&self.buffer).map_err(|e| parts.failed("write", &self.part.staged, &e))?;
        self.buffer.clear();
        Ok(())
    }

    /// Makes everything written so far durable.
    fn sync(&mut self, parts: &Parts) -> Result<()> {
        if self.synced {
            return Ok(());
        }
        self.flush(parts)?;
        self.file.sync_data().map_err(|e| parts.failed("sync", &self.part.staged, &e))?;
        self.synced = true;
        Ok(())
    }
}
