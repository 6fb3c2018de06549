//! Reading: every file is a split, found once, cut into records chunk by chunk.
//!
//! A split's position is `{"offset", "end", "line", "modified"}`: bytes behind the last record returned, the
//! size of the file when it was found (later growth is not read), lines so far for messages, and the
//! modification time in milliseconds; of an object also its entity tag, so that another object under the same key
//! is not taken for it. Names beginning with `.` or `_` are skipped, files and directories.
//!
//! [`local`] and [`objects`] find files and fetch their bytes; everything else is the same for both.

mod local;
pub(super) mod objects;

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{
    ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray, TimestampMillisecondArray, UInt32Array,
};
use arrow::datatypes::SchemaRef;
use flitz_dataflow::connector::{ReadEvent, ScanSpec, Source, SourceReader, Split, SplitRows, TableColumn, Wake};
use flitz_dataflow::options::Options;
use flitz_dataflow::{ChangelogBatch, Error, Place, Result};
use regex::Regex;
use serde::{Deserialize, Serialize};

use self::local::LocalFiles;
use self::objects::ObjectFiles;
use super::{FileTable, Location, partition};
use crate::format::{Decoder, Framing, Messages, Origin, csv};

/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// Records decoded at a time.
const RECORDS_MAX: usize = 8192;
/// Files asked for before their turn, and how large they may be for that.
const AHEAD_MAX: usize = 8;
const AHEAD_BYTES_MAX: u64 = 1 << 20;

/// The files of a table, where they are.
pub(super) trait Files: Send + Sync {
    /// All that are not hidden, in any order. `again`: they have been listed before.
    fn list(&self, again: bool) -> Result<Vec<Found>>;

    /// What Flink calls the path of the file of this id: of an object without scheme and bucket.
    fn path_of(&self, id: &str) -> PathBuf;

    /// Whether a file's first bytes take the time of a request.
    fn are_far(&self) -> bool;

    /// The bytes of a split from its position on; `wake` is called when some have come.
    fn open(&self, id: &str, position: &Position, wake: &Wake) -> Result<Box<dyn FileBytes>>;
}

pub(super) struct Found {
    /// The split's.
    id: String,
    bytes: u64,
    modified_millis: i64,
    entity: Option<Arc<str>>,
}

/// The bytes of one file, in order.
pub(super) trait FileBytes: Send {
    /// Appends the next, about as many as are wanted and never more than there were when the file was found.
    fn read(&mut self, wanted: usize, into: &mut Vec<u8>) -> Result<Fetched>;
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fetched {
    Some,
    /// None have come yet.
    Waiting,
    End,
}

pub struct FileSource {
    table: FileTable,
    files: Arc<dyn Files>,
    columns: Vec<TableColumn>,
    schema: SchemaRef,
    limit: Option<u64>,
    framing: Framing,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Position {
    offset: u64,
    end: u64,
    line: u64,
    modified: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entity: Option<Arc<str>>,
}

impl FileSource {
    pub fn new(table: FileTable, scan: &ScanSpec, settings: &Options) -> Result<FileSource> {
        let files: Arc<dyn Files> = match &table.location {
            Location::Local(root) => Arc::new(LocalFiles { root: root.clone(), table: table.name.clone() }),
            Location::Objects(url) => Arc::new(ObjectFiles::new(url.clone(), &table, settings)?),
        };
        FileSource::over(files, table, scan)
    }

    pub(super) fn over(files: Arc<dyn Files>, table: FileTable, scan: &ScanSpec) -> Result<FileSource> {
        let framing = table.format.describe()?.framing;
        let schema = scan.table.schema_of(&scan.columns).to_arrow();
        let source = FileSource { table, files, columns: scan.columns.clone(), schema, limit: scan.limit, framing };
        // Options that only decoding looks at are wrong now, not when the first row comes.
        source.decoder()?;
        Ok(source)
    }

    /// Reads the columns that are in the files.
    fn decoder(&self) -> Result<Box<dyn Decoder>> {
        self.table.format.decoder(&self.table.in_files, &self.decoded_columns(), &[], Origin::File)
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
        let mut files = self.files.list(!known.is_empty())?;
        files.sort_by(|a, b| a.id.cmp(&b.id));
        let known: HashSet<&str> = known.iter().map(|s| s.id.as_str()).collect();
        let mut splits = Vec::new();
        for Found { id, bytes, modified_millis, entity } in files {
            let matches = |p: &Regex| p.is_match(&self.files.path_of(&id).to_string_lossy());
            if known.contains(id.as_str()) || self.table.path_pattern.as_ref().is_some_and(|p| !matches(p)) {
                continue;
            }
            refuse_compressed(&id)?;
            let position = Position { offset: 0, end: bytes, line: 0, modified: modified_millis, entity };
            splits.push(Split { id, position: to_json(&position)? });
        }
        Ok(splits)
    }

    fn discovery_interval(&self) -> Option<Duration> {
        self.table.monitor_interval
    }

    fn reader(&self, _worker: usize, wake: Wake) -> Result<Box<dyn SourceReader>> {
        Ok(Box::new(FileReader {
            table: self.table.clone(),
            files: self.files.clone(),
            wake,
            columns: self.columns.clone(),
            schema: self.schema.clone(),
            framing: self.framing,
            decoder: self.decoder()?,
            messages: Messages::default(),
            waiting: VecDeque::new(),
            open: None,
            ahead: VecDeque::new(),
            fetching: false,
            finished: Vec::new(),
            rows_left: self.limit.unwrap_or(u64::MAX),
        }))
    }

    fn acknowledge(&self, _splits: &[Split]) -> Result<()> {
        Ok(())
    }
}

fn position_of(split: &Split) -> Result<Position> {
    serde_json::from_value(split.position.clone())
        .map_err(|e| Error::internal(format!("position of split {}: {e}", split.id)))
}

fn to_json(position: &Position) -> Result<serde_json::Value> {
    serde_json::to_value(position).map_err(|e| Error::internal(e.to_string()))
}

/// Flink unpacks these by their extension.
fn refuse_compressed(id: &str) -> Result<()> {
    let extension = Path::new(id).extension().and_then(|e| e.to_str()).unwrap_or("");
    match extension.to_ascii_lowercase().as_str() {
        "gz" | "gzip" | "deflate" | "bz2" | "xz" | "zst" | "zstd" => {
            Err(Error::unsupported(format!("compressed file {id}")).hint("unpack it first"))
        }
        _ => Ok(()),
    }
}

struct FileReader {
    table: FileTable,
    files: Arc<dyn Files>,
    wake: Wake,
    columns: Vec<TableColumn>,
    schema: SchemaRef,
    framing: Framing,
    decoder: Box<dyn Decoder>,
    messages: Messages,
    waiting: VecDeque<Split>,
    open: Option<OpenFile>,
    /// Of the next splits of `waiting`, in their order: small ones are on their way before their turn comes.
    ahead: VecDeque<OpenFile>,
    /// Bytes of the open file are on their way.
    fetching: bool,
    /// Read to their end; kept in snapshots so that they are not found again.
    finished: Vec<Split>,
    rows_left: u64,
}

/// The file being read.
struct OpenFile {
    id: Arc<str>,
    bytes: Box<dyn FileBytes>,
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
                        self.open = Some(match self.ahead.pop_front() {
                            Some(open) => open,
                            None => self.open_file(&split)?,
                        });
                        self.open_ahead()?;
                        continue;
                    }
                    None if self.table.monitor_interval.is_some() => return Ok(ReadEvent::Pending { until: None }),
                    None => return Ok(ReadEvent::End),
                }
            };
            let before = open.position.clone();
            self.messages.clear();
            let fetched = open.next_records(&mut self.messages, self.framing)?;
            self.fetching = fetched == Fetched::Waiting && self.rows_left > 0;
            if self.fetching {
                self.open = Some(open);
                return Ok(ReadEvent::Pending { until: None });
            }
            if self.messages.is_empty() || self.rows_left == 0 {
                let id = open.id.to_string();
                let position = Position { entity: None, ..open.position };
                self.finished.push(Split { id: id.clone(), position: to_json(&position)? });
                return Ok(ReadEvent::SplitEnd(id));
            }
            let rows = self.decode(&open, &before)?;
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

    fn is_out_of_reach(&self) -> bool {
        self.fetching
    }
}

impl FileReader {
    fn open_file(&self, split: &Split) -> Result<OpenFile> {
        let position = position_of(split)?;
        Ok(OpenFile {
            id: split.id.as_str().into(),
            bytes: self.files.open(&split.id, &position, &self.wake)?,
            constants: self.constants(&split.id, &position)?,
            position,
            chunk: Vec::new(),
            cut: 0,
        })
    }

    /// Asks for small files before their turn: of thousands, each would cost the time of a request.
    fn open_ahead(&mut self) -> Result<()> {
        while self.files.are_far() && self.ahead.len() < AHEAD_MAX {
            let Some(next) = self.waiting.get(self.ahead.len()) else { break };
            let position = position_of(next)?;
            if position.end - position.offset > AHEAD_BYTES_MAX {
                break;
            }
            let open = self.open_file(&next.clone())?;
            self.ahead.push_back(open);
        }
        Ok(())
    }

    /// Partition columns and metadata, one row each.
    fn constants(&self, id: &str, position: &Position) -> Result<Vec<Option<ArrayRef>>> {
        let path = self.files.path_of(id);
        let keys = &self.table.partition_keys;
        let names: Vec<&str> = keys.iter().map(|k| self.table.physical.fields[*k].name.as_str()).collect();
        let values = partition::values_in_path(&self.table.location.path(), &path, &names, id)?;
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
    fn decode(&mut self, open: &OpenFile, start: &Position) -> Result<SplitRows> {
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
    /// Cuts the next records from the file; none at its end, or while there are no more bytes of it.
    fn next_records(&mut self, messages: &mut Messages, framing: Framing) -> Result<Fetched> {
        loop {
            self.cut_records(messages, framing, false);
            if !messages.is_empty() {
                return Ok(Fetched::Some);
            }
            match self.read_chunk()? {
                Fetched::Some => {}
                Fetched::Waiting => return Ok(Fetched::Waiting),
                Fetched::End => {
                    self.cut_records(messages, framing, true);
                    return Ok(Fetched::End);
                }
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

    /// Appends the next bytes of the file to the chunk.
    fn read_chunk(&mut self) -> Result<Fetched> {
        self.chunk.drain(..self.cut);
        self.cut = 0;
        // A record longer than a chunk is read in ever larger steps, so that it is not searched too often.
        self.bytes.read(CHUNK_BYTES.max(self.chunk.len()), &mut self.chunk)
    }
}

/// Where the first record of `bytes` ends, and where the next begins.
fn record_end(bytes: &[u8], framing: Framing) -> Option<(usize, usize)> {
    match framing {
        Framing::Lines => memchr::memchr(b'\n', bytes).map(|end| (end, end + 1)),
        Framing::Csv(dialect) => csv::record_end(bytes, &dialect),
    }
}
