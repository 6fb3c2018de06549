//! Reading: every file is a split, found once, cut into records chunk by chunk.
//!
//! A split's position is `{"offset", "end", "line", "modified"}`: bytes behind the last record returned, the
//! size of the file when it was found (later growth is not read), lines so far for messages, and the
//! modification time in milliseconds. Names beginning with `.` or `_` are skipped, files and directories.

use std::collections::{HashSet, VecDeque};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use arrow::array::{
    ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray, TimestampMillisecondArray, UInt32Array,
};
use arrow::datatypes::SchemaRef;
use flitz_dataflow::connector::{ReadEvent, ScanSpec, Source, SourceReader, Split, SplitRows, TableColumn, Wake};
use flitz_dataflow::{ChangelogBatch, Error, Place, Result};
use serde::{Deserialize, Serialize};

use super::{FileTable, partition};
use crate::format::{Decoder, Framing, Messages, csv};

/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// Records decoded at a time.
const RECORDS_MAX: usize = 8192;

pub struct FileSource {
    table: FileTable,
    columns: Vec<TableColumn>,
    schema: SchemaRef,
    limit: Option<u64>,
    framing: Framing,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Position {
    offset: u64,
    end: u64,
    line: u64,
    modified: i64,
}

impl FileSource {
    pub fn new(table: FileTable, scan: &ScanSpec) -> Result<FileSource> {
        let framing = table.format.describe()?.framing;
        let schema = scan.table.schema_of(&scan.columns).to_arrow();
        let source = FileSource { table, columns: scan.columns.clone(), schema, limit: scan.limit, framing };
        // Options that only decoding looks at are wrong now, not when the first row comes.
        source.decoder()?;
        Ok(source)
    }

    /// Reads the columns that are in the files.
    fn decoder(&self) -> Result<Box<dyn Decoder>> {
        self.table.format.decoder(&self.table.in_files, &self.decoded_columns(), &[])
    }

    /// Positions in `in_files` of the columns to decode, in the order of `columns`.
    fn decoded_columns(&self) -> Vec<usize> {
        let keys = &self.table.partition_keys;
        let in_files = |i: usize| i - keys.iter().filter(|k| **k < i).count();
        let physical = self.columns.iter().filter_map(|c| match c {
            TableColumn::Physical(i) if !keys.contains(i) => Some(in_files(*i)),
            _ => None,
        });
        physical.collect()
    }
}

impl Source for FileSource {
    fn discover(&self, known: &[Split]) -> Result<Vec<Split>> {
        let root = &self.table.path;
        let mut files = Vec::new();
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => list_files(root, &mut files)?,
            Ok(_) => files.push(root.clone()),
            // A watched directory that is away for a moment has nothing new.
            Err(_) if self.table.monitor_interval.is_some() && !known.is_empty() => {}
            Err(e) => {
                return Err(Error::unavailable(format!(
                    "path {} of table {} does not exist or can't be read: {e}",
                    root.display(),
                    self.table.name
                )));
            }
        }
        files.sort();
        let known: HashSet<&str> = known.iter().map(|s| s.id.as_str()).collect();
        let mut splits = Vec::new();
        for path in files {
            let id = path.to_string_lossy().into_owned();
            if known.contains(id.as_str()) || self.table.path_pattern.as_ref().is_some_and(|p| !p.is_match(&id)) {
                continue;
            }
            refuse_compressed(&path)?;
            // A file that has gone since it was listed is none.
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let modified = metadata.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
            let modified = modified.map_or(0, |d| d.as_millis() as i64);
            let position = Position { offset: 0, end: metadata.len(), line: 0, modified };
            splits.push(Split { id, position: to_json(&position)? });
        }
        Ok(splits)
    }

    fn discovery_interval(&self) -> Option<Duration> {
        self.table.monitor_interval
    }

    fn reader(&self, _worker: usize, _wake: Wake) -> Result<Box<dyn SourceReader>> {
        Ok(Box::new(FileReader {
            table: self.table.clone(),
            columns: self.columns.clone(),
            schema: self.schema.clone(),
            framing: self.framing,
            decoder: self.decoder()?,
            messages: Messages::default(),
            waiting: VecDeque::new(),
            open: None,
            finished: Vec::new(),
            rows_left: self.limit.unwrap_or(u64::MAX),
        }))
    }

    fn acknowledge(&self, _splits: &[Split]) -> Result<()> {
        Ok(())
    }
}

fn to_json(position: &Position) -> Result<serde_json::Value> {
    serde_json::to_value(position).map_err(|e| Error::internal(e.to_string()))
}

/// All files below `directory` that are not hidden.
fn list_files(directory: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = |e: std::io::Error| Error::unavailable(format!("can't list {}: {e}", directory.display()));
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().to_string_lossy().starts_with(['.', '_']) {
            continue;
        }
        let path = entry.path();
        match path.is_dir() {
            true => list_files(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

/// Flink unpacks these by their extension.
fn refuse_compressed(path: &Path) -> Result<()> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    match extension.to_ascii_lowercase().as_str() {
        "gz" | "gzip" | "deflate" | "bz2" | "xz" | "zst" | "zstd" => {
            Err(Error::unsupported(format!("compressed file {}", path.display())).hint("unpack it first"))
        }
        _ => Ok(()),
    }
}

struct FileReader {
    table: FileTable,
    columns: Vec<TableColumn>,
    schema: SchemaRef,
    framing: Framing,
    decoder: Box<dyn Decoder>,
    messages: Messages,
    waiting: VecDeque<Split>,
    open: Option<OpenFile>,
    /// Read to their end; kept in snapshots so that they are not found again.
    finished: Vec<Split>,
    rows_left: u64,
}

/// The file being read.
struct OpenFile {
    id: Arc<str>,
    file: File,
    position: Position,
    /// Bytes from `position.offset` on.
    chunk: Vec<u8>,
    /// Bytes of `chunk` that have been cut into records: where `position.offset` is.
    cut: usize,
    /// Values that are the same in all rows, by position in the scan's columns.
    constants: Vec<Option<ArrayRef>>,
}

impl SourceReader for FileReader {
    fn add_splits(&mut self, splits: Vec<Split>) -> Result<()> {
        self.waiting.extend(splits);
        Ok(())
    }

    fn poll(&mut self) -> Result<ReadEvent> {
        loop {
            let Some(mut open) = self.open.take() else {
                match self.waiting.pop_front() {
                    Some(split) => {
                        self.open = Some(self.open_file(&split)?);
                        continue;
                    }
                    None if self.table.monitor_interval.is_some() => return Ok(ReadEvent::Pending { until: None }),
                    None => return Ok(ReadEvent::End),
                }
            };
            let before = open.position;
            self.messages.clear();
            open.next_records(&mut self.messages, self.framing)?;
            if self.messages.is_empty() || self.rows_left == 0 {
                let id = open.id.to_string();
                self.finished.push(Split { id: id.clone(), position: to_json(&open.position)? });
                return Ok(ReadEvent::SplitEnd(id));
            }
            let rows = self.decode(&open, before)?;
            let event = SplitRows { bytes: open.position.offset - before.offset, ..rows };
            self.open = Some(open);
            return Ok(ReadEvent::Rows(event));
        }
    }

    fn snapshot(&mut self) -> Result<Vec<Split>> {
        let mut splits = self.finished.clone();
        if let Some(open) = &self.open {
            splits.push(Split { id: open.id.to_string(), position: to_json(&open.position)? });
        }
        splits.extend(self.waiting.iter().cloned());
        Ok(splits)
    }

    fn lag(&self) -> Vec<(String, u64)> {
        Vec::new()
    }
}

impl FileReader {
    fn open_file(&self, split: &Split) -> Result<OpenFile> {
        let path = Path::new(&split.id);
        let position: Position = serde_json::from_value(split.position.clone())
            .map_err(|e| Error::internal(format!("position of split {}: {e}", split.id)))?;
        let failed = |e: std::io::Error| Error::unavailable(format!("can't read {}: {e}", split.id));
        let mut file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        if size < position.end {
            return Err(Error::unavailable(format!(
                "{} has shrunk from {} to {size} bytes since it was found",
                split.id, position.end
            )));
        }
        file.seek(SeekFrom::Start(position.offset)).map_err(failed)?;
        Ok(OpenFile {
            id: split.id.as_str().into(),
            file,
            position,
            chunk: Vec::new(),
            cut: 0,
            constants: self.constants(path, &position)?,
        })
    }

    /// Partition columns and metadata, one row each.
    fn constants(&self, path: &Path, position: &Position) -> Result<Vec<Option<ArrayRef>>> {
        let keys = &self.table.partition_keys;
        let names: Vec<&str> = keys.iter().map(|k| self.table.physical.fields[*k].name.as_str()).collect();
        let values = partition::values_in_path(&self.table.path, path, &names)?;
        let constant = |column: &TableColumn| -> Result<Option<ArrayRef>> {
            Ok(match column {
                TableColumn::Physical(i) => match keys.iter().position(|k| k == i) {
                    None => None,
                    Some(key) => {
                        let data_type = &self.table.physical.fields[*i].data_type;
                        Some(partition::column_of(&values[key], &self.table.default_partition, data_type)?)
                    }
                },
                TableColumn::Metadata(m) => Some(match m.key.as_str() {
                    "file.path" => Arc::new(StringArray::from(vec![path.to_string_lossy().into_owned()])),
                    "file.name" => {
                        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
                        Arc::new(StringArray::from(vec![name.unwrap_or_default()]))
                    }
                    "file.size" => Arc::new(Int64Array::from(vec![position.end as i64])),
                    "file.modification-time" => {
                        Arc::new(TimestampMillisecondArray::from(vec![position.modified]).with_timezone("UTC"))
                    }
                    other => return Err(Error::internal(format!("no metadata '{other}'"))),
                }),
            })
        };
        self.columns.iter().map(constant).collect()
    }

    /// The rows of all records in `self.messages`, the first of which is at `start`.
    fn decode(&mut self, open: &OpenFile, start: Position) -> Result<SplitRows> {
        let decoded = self.decoder.decode(&self.messages, 0..self.messages.len()).map_err(|e| {
            let line = start.line + lines_before(&self.messages, e.message) + 1;
            e.error.place(Place::File { path: open.id.to_string(), line })
        })?;
        let mut rows = decoded.rows.rows().num_rows();
        let mut batch = decoded.rows;
        if rows as u64 > self.rows_left {
            rows = self.rows_left as usize;
            batch = batch.slice(0, rows);
        }
        self.rows_left -= rows as u64;
        let mut decoded_columns = batch.rows().columns().iter();
        let repeat = UInt32Array::from(vec![0; rows]);
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.columns.len());
        for constant in &open.constants {
            columns.push(match constant {
                Some(value) => arrow::compute::take(value, &repeat, None)?,
                None => {
                    decoded_columns.next().cloned().ok_or_else(|| Error::internal("the format gave too few columns"))?
                }
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch_of_table = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
            .map_err(|e| Error::data(format!("{}: {e}", open.id)))?;
        Ok(SplitRows {
            split: open.id.clone(),
            rows: ChangelogBatch::new(batch_of_table, batch.kinds_shared()),
            bytes: 0,
            skipped: decoded.skipped,
            newest_record_millis: None,
        })
    }
}

/// Lines taken by the records before `index`; one each, and more if they hold line ends.
fn lines_before(messages: &Messages, index: usize) -> u64 {
    let inner = |i: usize| memchr::memchr_iter(b'\n', messages.bytes_of(i)).count() as u64;
    (0..index).map(|i| 1 + inner(i)).sum()
}

impl OpenFile {
    /// Cuts the next records from the file; none at its end.
    fn next_records(&mut self, messages: &mut Messages, framing: Framing) -> Result<()> {
        loop {
            self.cut_records(messages, framing, false);
            if !messages.is_empty() {
                return Ok(());
            }
            if !self.read_chunk()? {
                self.cut_records(messages, framing, true);
                return Ok(());
            }
        }
    }

    fn cut_records(&mut self, messages: &mut Messages, framing: Framing, at_end: bool) {
        while messages.len() < RECORDS_MAX && self.cut < self.chunk.len() {
            let rest = &self.chunk[self.cut..];
            let (record, length) = match record_end(rest, framing) {
                Some((end, next)) => (&rest[..end], next),
                None if at_end => (rest, rest.len()),
                None => return,
            };
            let record = record.strip_suffix(b"\r").unwrap_or(record);
            self.position.line += 1 + match framing {
                Framing::Lines => 0,
                Framing::Csv(_) => memchr::memchr_iter(b'\n', record).count() as u64,
            };
            messages.push(record);
            self.cut += length;
            self.position.offset += length as u64;
        }
    }

    /// Appends the next bytes of the file to the chunk; false at the end.
    fn read_chunk(&mut self) -> Result<bool> {
        self.chunk.drain(..self.cut);
        self.cut = 0;
        let left = self.position.end - self.position.offset - self.chunk.len() as u64;
        // A record longer than a chunk is read in ever larger steps, so that it is not searched too often.
        let wanted = left.min(CHUNK_BYTES.max(self.chunk.len()) as u64);
        let failed = |e: std::io::Error| Error::unavailable(format!("can't read {}: {e}", self.id));
        let read = (&mut self.file).take(wanted).read_to_end(&mut self.chunk).map_err(failed)?;
        Ok(read > 0)
    }
}

/// Where the first record of `bytes` ends, and where the next begins.
fn record_end(bytes: &[u8], framing: Framing) -> Option<(usize, usize)> {
    match framing {
        Framing::Lines => memchr::memchr(b'\n', bytes).map(|end| (end, end + 1)),
        Framing::Csv(dialect) => csv::record_end(bytes, &dialect),
    }
}
