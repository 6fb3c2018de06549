//! State on local disk: rows that don't fit into memory, in scratch files.
//!
//! ```text
//! Scratch          where the files are; append-only, one grows until it is large, then the next
//!   SpillWriter    rows in ascending order of a 64-bit hash, in blocks of Arrow IPC
//!     SpilledRows  what was written: an index of blocks and a filter in memory, the rows on disk
//! ```
//!
//! | asked for | read |
//! |---|---|
//! | a range of hashes | the blocks that overlap it, in one piece per extent |
//! | the rows of single hashes | for each that the filter lets through, one block |
//! | everything, in order | block by block |
//!
//! Nothing here is durable: a scratch file has no name (it is unlinked as soon as it is open), so that the system takes
//! it back however the process ends, and nothing is left to be cleaned up. Checkpoints hold their own copy of each run.
//! Space within a file is given back when the rows in it are dropped, where the file system can punch holes, else
//! with the whole file. Memory per row: 10 bits of filter and 32 bytes per block.

mod filter;
mod scratch;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, RecordBatchOptions, UInt32Array, UInt64Array};
use arrow::buffer::{Buffer, MutableBuffer};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt64Type};
use arrow::ipc::reader::FileDecoder;
use arrow::ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteContext, IpcWriteOptions, write_message};
use arrow::ipc::{Block, MetadataVersion};
use flitz_dataflow::{Error, Result};

use filter::Filter;
use scratch::Extent;
pub use scratch::Scratch;

/// Encoded blocks that gather before they are written.
const WRITE_BYTES: usize = 1 << 20;

/// Both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashRange {
    pub first: u64,
    pub last: u64,
}

impl HashRange {
    pub const ALL: HashRange = HashRange { first: 0, last: u64::MAX };

    /// Number `i` of `n` ranges of equal length that make up all.
    pub fn part(i: u64, n: u64) -> HashRange {
        let start = |i: u64| (u128::from(i) << 64) / u128::from(n.max(1));
        HashRange { first: start(i) as u64, last: (start(i + 1) - 1) as u64 }
    }
}

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The hash of their key; rows of equal hash as they came.
    Hash,
    /// As they came: the "hashes" are the rows' numbers.
    Arrival,
}

/// Writes rows in ascending order of their hashes.
pub struct SpillWriter {
    scratch: Arc<Scratch>,
    order: Order,
    schema: SchemaRef,
    block_rows: usize,
    generator: IpcDataGenerator,
    context: IpcWriteContext,
    options: IpcWriteOptions,
    pending: Vec<u8>,
    /// Blocks in `pending`; their offsets count within it.
    waiting: Vec<BlockAt>,
    extents: Vec<Extent>,
    blocks: Vec<BlockAt>,
    filter: Option<Filter>,
    rows: usize,
    bytes: u64,
    last: u64,
}

#[derive(Clone, Copy, Debug)]
struct BlockAt {
    first: u64,
    offset: u64,
    extent: u32,
    header: u32,
    body: u32,
}

impl SpillWriter {
    /// `block_rows`: the least that is read at a time. `look_up`: how many rows to expect if single hashes will be
    /// looked for.
    pub fn new(
        scratch: &Arc<Scratch>,
        rows: &SchemaRef,
        order: Order,
        block_rows: usize,
        look_up: Option<usize>,
    ) -> SpillWriter {
        let mut fields = vec![Arc::new(Field::new("$hash", DataType::UInt64, false))];
        fields.extend(rows.fields().iter().cloned());
        SpillWriter {
            scratch: scratch.clone(),
            order,
            schema: Arc::new(Schema::new(fields)),
            block_rows,
            generator: IpcDataGenerator::default(),
            context: IpcWriteContext::default(),
            options: IpcWriteOptions::default(),
            pending: vec![],
            waiting: vec![],
            extents: vec![],
            blocks: vec![],
            filter: look_up.map(Filter::for_keys),
            rows: 0,
            bytes: 0,
            last: 0,
        }
    }

    /// The hash of the last row.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Rows in the order in which they come.
    pub fn write_next(&mut self, rows: &RecordBatch) -> Result<()> {
        let numbers: Vec<u64> = (self.rows as u64..(self.rows + rows.num_rows()) as u64).collect();
        self.write(&numbers, rows)
    }

    /// Rows whose hashes ascend.
    pub fn write(&mut self, hashes: &[u64], rows: &RecordBatch) -> Result<()> {
        debug_assert!(hashes.is_sorted() && hashes.first().is_none_or(|first| *first >= self.last));
        let mut from = 0;
        while from < hashes.len() {
            let len = self.block_rows.min(hashes.len() - from);
            self.write_block(&hashes[from..from + len], rows.slice(from, len))?;
            from += len;
        }
        Ok(())
    }

    fn write_block(&mut self, hashes: &[u64], rows: RecordBatch) -> Result<()> {
        let mut columns: Vec<ArrayRef> = vec![Arc::new(UInt64Array::from(hashes.to_vec()))];
        columns.extend_from_slice(rows.columns());
        let batch = RecordBatch::try_new(self.schema.clone(), columns)?;
        let mut dictionaries = DictionaryTracker::new(false);
        let (dictionaries, encoded) =
            self.generator.encode(&batch, &mut dictionaries, &self.options, &mut self.context)?;
        if !dictionaries.is_empty() {
            return Err(Error::internal("dictionaries can't be spilled"));
        }
        let offset = self.pending.len() as u64;
        let (header, body) = write_message(&mut self.pending, encoded, &self.options)?;
        self.waiting.push(BlockAt { first: hashes[0], offset, extent: 0, header: header as u32, body: body as u32 });
        if let Some(filter) = &mut self.filter {
            hashes.iter().for_each(|hash| filter.insert(*hash));
        }
        self.rows += hashes.len();
        self.last = hashes[hashes.len() - 1];
        if self.pending.len() >= WRITE_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let extent = self.scratch.append(&self.pending)?;
        self.bytes += self.pending.len() as u64;
        let number = self.extents.len() as u32;
        let waiting = self.waiting.drain(..);
        self.blocks.extend(waiting.map(|at| BlockAt { extent: number, offset: extent.offset + at.offset, ..at }));
        self.extents.push(extent);
        self.pending.clear();
        Ok(())
    }

    pub fn finish(mut self) -> Result<SpilledRows> {
        self.flush()?;
        self.blocks.shrink_to_fit();
        let decoder = FileDecoder::new(self.schema.clone(), MetadataVersion::V5);
        let fields = self.schema.fields()[1..].to_vec();
        Ok(SpilledRows {
            order: self.order,
            rows_schema: Arc::new(Schema::new(fields)),
            decoder,
            extents: self.extents,
            blocks: self.blocks,
            filter: self.filter,
            rows: self.rows,
            bytes: self.bytes,
        })
    }
}

/// Rows on disk, until dropped.
pub struct SpilledRows {
    order: Order,
    rows_schema: SchemaRef,
    decoder: FileDecoder,
    extents: Vec<Extent>,
    blocks: Vec<BlockAt>,
    filter: Option<Filter>,
    rows: usize,
    bytes: u64,
}

impl std::fmt::Debug for SpilledRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SpilledRows({} rows, {} blocks, {} bytes)", self.rows, self.blocks.len(), self.bytes)
    }
}

/// Rows with their hashes, which ascend.
#[derive(Clone, Debug)]
pub struct Hashed {
    pub hashes: Vec<u64>,
    pub rows: RecordBatch,
}

impl SpilledRows {
    pub fn order(&self) -> Order {
        self.order
    }

    /// Whether single hashes can be looked for at little cost.
    pub fn has_filter(&self) -> bool {
        self.filter.is_some()
    }

    pub fn schema(&self) -> &SchemaRef {
        &self.rows_schema
    }

    pub fn num_rows(&self) -> usize {
        self.rows
    }

    pub fn disk_bytes(&self) -> u64 {
        self.bytes
    }

    /// What index and filter take.
    pub fn memory_bytes(&self) -> usize {
        self.blocks.len() * size_of::<BlockAt>() + self.filter.as_ref().map_or(0, Filter::bytes)
    }

    /// All rows in order, in batches of about `bytes`.
    pub fn batches(&self, bytes: usize) -> impl Iterator<Item = Result<RecordBatch>> {
        let mut next = 0;
        std::iter::from_fn(move || (next < self.blocks.len()).then(|| self.batch_from(&mut next, bytes)))
    }

    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// A batch of about `bytes` from block `next` on, which becomes the block behind it.
    pub fn batch_from(&self, next: &mut usize, bytes: usize) -> Result<RecordBatch> {
        let from = *next;
        let mut size = 0;
        while *next < self.blocks.len() && (*next == from || size < bytes) {
            size += self.blocks[*next].body as usize;
            *next += 1;
        }
        Ok(self.load(from..*next)?.rows)
    }

    /// The rows whose hashes lie within `range`; None if there are none.
    pub fn read(&self, range: HashRange) -> Result<Option<Hashed>> {
        // The block before the first that begins within the range may reach into it, and so may those that begin with
        // the same hash.
        let from = self.blocks.partition_point(|block| block.first < range.first).saturating_sub(1);
        let to = self.blocks.partition_point(|block| block.first <= range.last);
        if from >= to {
            return Ok(None);
        }
        let Hashed { hashes, rows } = self.load(from..to)?;
        let first = hashes.partition_point(|hash| *hash < range.first);
        let end = hashes.partition_point(|hash| *hash <= range.last);
        if first == end {
            return Ok(None);
        }
        Ok(Some(Hashed { hashes: hashes[first..end].to_vec(), rows: rows.slice(first, end - first) }))
    }

    /// The rows of these hashes, which ascend; None if there are none.
    pub fn find(&self, hashes: &[u64]) -> Result<Option<Hashed>> {
        let mut found: Vec<Hashed> = vec![];
        let mut at = 0;
        while at < hashes.len() {
            let hash = hashes[at];
            if !self.may_have(hash) {
                at += 1;
                continue;
            }
            let from = self.blocks.partition_point(|block| block.first < hash).saturating_sub(1);
            let to = self.blocks.partition_point(|block| block.first <= hash);
            if from >= to {
                at += 1;
                continue;
            }
            // Hashes of the same blocks are looked for at once.
            let next = self.blocks.get(to).map(|block| block.first);
            let end =
                at + hashes[at..].partition_point(|other| *other == hash || next.is_none_or(|next| *other < next));
            let wanted = &hashes[at..end];
            at = end;
            let loaded = self.load(from..to)?;
            let mut rows = vec![];
            let mut position = 0;
            for hash in wanted {
                position += loaded.hashes[position..].partition_point(|other| other < hash);
                let count = loaded.hashes[position..].partition_point(|other| other == hash);
                rows.extend((position..position + count).map(|row| row as u32));
                position += count;
            }
            if !rows.is_empty() {
                found.push(Hashed {
                    hashes: rows.iter().map(|row| loaded.hashes[*row as usize]).collect(),
                    rows: take_record_batch(&loaded.rows, &UInt32Array::from(rows))?,
                });
            }
        }
        match found.len() {
            0 => Ok(None),
            1 => Ok(found.pop()),
            _ => Ok(Some(Hashed {
                rows: concat_batches(&self.rows_schema, found.iter().map(|found| &found.rows))?,
                hashes: found.into_iter().flat_map(|found| found.hashes).collect(),
            })),
        }
    }

    fn may_have(&self, hash: u64) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.may_have(hash))
    }

    fn load(&self, blocks: std::ops::Range<usize>) -> Result<Hashed> {
        let mut parts = Vec::with_capacity(blocks.len());
        let blocks = &self.blocks[blocks];
        // Blocks of one extent lie one behind the other.
        for run in blocks.chunk_by(|a, b| a.extent == b.extent) {
            let size = |block: &BlockAt| block.header as usize + block.body as usize;
            let mut bytes = MutableBuffer::from_len_zeroed(run.iter().map(size).sum());
            self.extents[run[0].extent as usize].read(run[0].offset, &mut bytes)?;
            let bytes: Buffer = bytes.into();
            for at in run {
                let start = (at.offset - run[0].offset) as usize;
                let block = Block::new(at.offset as i64, at.header as i32, i64::from(at.body));
                let batch = self.decoder.read_record_batch(&block, &bytes.slice_with_length(start, size(at)))?;
                parts.push(batch.ok_or_else(|| Error::internal("an empty block of spilled rows"))?);
            }
        }
        let batch = match parts.len() {
            1 => parts.swap_remove(0),
            _ => concat_batches(&parts[0].schema(), &parts)?,
        };
        let hashes = batch.column(0).as_primitive::<UInt64Type>().values().to_vec();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let rows =
            RecordBatch::try_new_with_options(self.rows_schema.clone(), batch.columns()[1..].to_vec(), &options)?;
        debug_assert_eq!(hashes.len(), rows.num_rows());
        Ok(Hashed { hashes, rows })
    }
}
