//! State that memory can't hold, as operators see it.
//!
//! A worker that holds more than its share asks the operator with most of it to [`spill`](super::Operator::spill). Runs
//! then move to scratch disk (see [`flitz_state::spill`]), sorted by the hash of their keys, so that
//!
//! * runs are merged range of hashes by range of hashes: memory holds one range of all of them at a time;
//! * single keys are found again by their hash.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use flitz_dataflow::Result;
use flitz_functions::hash_columns;
use flitz_state::snapshot::{CHUNK_BYTES, Held, StateRun};
use flitz_state::spill::{HashRange, Order, Scratch, SpillWriter, SpilledRows};

/// Rows that a step of a merge brings together.
const MERGE_ROWS: u64 = 32_768;
/// Rows that are sorted and copied at a time.
const COPY_ROWS: usize = 8192;
/// What rows take in a hash table, measured by what they take on disk.
const TABLE_FACTOR: u64 = 3;

/// Where state goes, and how much of it may be in memory again at a time.
#[derive(Clone, Debug)]
pub struct Spilling {
    pub scratch: Arc<Scratch>,
    pub part_bytes: usize,
}

impl Spilling {
    /// In how many ranges of hashes so much has to be read.
    pub fn ranges(&self, disk_bytes: u64) -> u64 {
        (disk_bytes * TABLE_FACTOR).div_ceil(self.part_bytes.max(1) as u64).max(1)
    }
}

/// How runs of an operator lie on disk.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The columns that the hash is of.
    pub keys: Vec<usize>,
    pub block_rows: usize,
    /// Single keys will be looked for.
    pub look_up: bool,
}

/// The hash by which keys lie on disk: that of the exchange with its middle bits first, for those are spread evenly
/// among the keys of one worker, and a hash table of one range does not depend on them.
pub fn spill_hashes(rows: &RecordBatch, keys: &[usize]) -> Result<Vec<u64>> {
    let columns: Vec<ArrayRef> = keys.iter().map(|&i| rows.column(i).clone()).collect();
    hashes_of(&columns, rows.num_rows())
}

pub fn hashes_of(keys: &[ArrayRef], rows: usize) -> Result<Vec<u64>> {
    let mut hashes = hash_columns(keys, rows)?;
    hashes.iter_mut().for_each(|hash| *hash = hash.rotate_left(24));
    Ok(hashes)
}

impl Layout {
    pub fn writer(&self, rows: &RecordBatch, expected: usize, scratch: &Arc<Scratch>) -> SpillWriter {
        let look_up = self.look_up.then_some(expected);
        SpillWriter::new(scratch, &rows.schema(), Order::Hash, self.block_rows, look_up)
    }

    pub fn write(&self, rows: &RecordBatch, scratch: &Arc<Scratch>) -> Result<SpilledRows> {
        let mut writer = self.writer(rows, rows.num_rows(), scratch);
        self.write_sorted(&mut writer, rows)?;
        writer.finish()
    }

    /// Writes rows, none of whose hashes is before those that the writer has.
    pub fn write_sorted(&self, writer: &mut SpillWriter, rows: &RecordBatch) -> Result<()> {
        let hashes = spill_hashes(rows, &self.keys)?;
        if hashes.is_sorted() {
            return writer.write(&hashes, rows);
        }
        let mut order: Vec<u32> = (0..hashes.len() as u32).collect();
        order.sort_by_key(|row| hashes[*row as usize]);
        for chunk in order.chunks(COPY_ROWS) {
            let sorted: Vec<u64> = chunk.iter().map(|row| hashes[*row as usize]).collect();
            writer.write(&sorted, &take_record_batch(rows, &UInt32Array::from(chunk.to_vec()))?)?;
        }
        Ok(())
    }

    /// Moves a run to disk, or brings one that lies there in the order of arrival into that of hashes.
    pub fn spill(&self, run: &StateRun, scratch: &Arc<Scratch>) -> Result<Arc<SpilledRows>> {
        match run.held() {
            Held::Memory(rows) => run.move_to_disk(self.write(&rows, scratch)?),
            Held::Disk(spilled) if spilled.order() == Order::Hash => return Ok(spilled),
            Held::Disk(spilled) => run.move_to_disk(self.sort(&spilled, scratch)?),
        }
        Ok(run.spilled().unwrap_or_else(|| unreachable!("it was moved just now and nothing moves it back")))
    }

    /// What comes from a checkpoint mostly has the right order already: it was written in it.
    fn sort(&self, rows: &SpilledRows, scratch: &Arc<Scratch>) -> Result<SpilledRows> {
        let mut pieces: Vec<Arc<SpilledRows>> = vec![];
        let mut writer: Option<SpillWriter> = None;
        for batch in rows.batches(CHUNK_BYTES) {
            let batch = batch?;
            let first = spill_hashes(&batch, &self.keys)?.into_iter().min().unwrap_or(0);
            if writer.as_ref().is_some_and(|writer| first < writer.last())
                && let Some(full) = writer.take()
            {
                pieces.push(Arc::new(full.finish()?));
            }
            let writer = writer.get_or_insert_with(|| self.writer(&batch, rows.num_rows(), scratch));
            self.write_sorted(writer, &batch)?;
        }
        if let Some(last) = writer {
            let last = last.finish()?;
            if pieces.is_empty() {
                return Ok(last);
            }
            pieces.push(Arc::new(last));
        }
        let mut merge = RangeMerge::new(self.clone(), pieces, scratch);
        while !merge.step(&mut |batches| Ok(concat_batches(&batches[0].schema(), &batches)?))? {}
        merge.finish()
    }
}

/// Several runs becoming one, a range of hashes at a time.
pub struct RangeMerge {
    layout: Layout,
    inputs: Vec<Arc<SpilledRows>>,
    writer: SpillWriter,
    ranges: u64,
    next: u64,
}

impl RangeMerge {
    /// `inputs`: sorted by hash, oldest first.
    pub fn new(layout: Layout, inputs: Vec<Arc<SpilledRows>>, scratch: &Arc<Scratch>) -> RangeMerge {
        let rows: usize = inputs.iter().map(|input| input.num_rows()).sum();
        let schema = inputs[0].schema();
        let look_up = layout.look_up.then_some(rows);
        let writer = SpillWriter::new(scratch, schema, Order::Hash, layout.block_rows, look_up);
        RangeMerge { writer, ranges: (rows as u64 / MERGE_ROWS).max(1), next: 0, layout, inputs }
    }

    /// One more range; true if it was the last. `combine` is given the rows of some keys, oldest first.
    pub fn step(&mut self, combine: &mut dyn FnMut(Vec<RecordBatch>) -> Result<RecordBatch>) -> Result<bool> {
        let batches = read_range(&self.inputs, HashRange::part(self.next, self.ranges))?;
        if !batches.is_empty() {
            self.layout.write_sorted(&mut self.writer, &combine(batches)?)?;
        }
        self.next += 1;
        Ok(self.next == self.ranges)
    }

    pub fn finish(self) -> Result<SpilledRows> {
        self.writer.finish()
    }
}

/// The rows of each run within the range, oldest run first.
pub fn read_range(runs: &[Arc<SpilledRows>], range: HashRange) -> Result<Vec<RecordBatch>> {
    let found = runs.iter().filter_map(|run| run.read(range).transpose());
    found.map(|found| Ok(found?.rows)).collect()
}
