//! Making the rows of some splits, no faster than asked.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use chrono::{Local, Offset, TimeZone};
use flitz_dataflow::connector::{ReadEvent, SourceReader, Split, SplitRows};
use flitz_dataflow::{ChangelogBatch, Clock, Error, Result};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde::{Deserialize, Serialize};

use super::field::Generator;
use super::generate::{Batch, column};

const BATCH_ROWS: u64 = 8_192;
/// Slow rates come row by row, fast ones in batches this far apart.
const PAUSE_MILLIS: i64 = 10;
/// A reader that was held up makes up for this much.
const CATCH_UP_MILLIS: i64 = 1_000;

/// Split `index` of `of` has made its first `made` rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub index: u64,
    pub of: u64,
    pub made: u64,
}

impl Position {
    pub fn to_split(self) -> Result<Split> {
        let position = serde_json::to_value(self).map_err(|e| Error::internal(e.to_string()))?;
        Ok(Split { id: format!("datagen-{}", self.index), position })
    }

    /// How many of `rows` fall to this split.
    fn share(&self, rows: u64) -> u64 {
        rows / self.of + u64::from(self.index < rows % self.of)
    }
}

pub struct DatagenReader {
    columns: Arc<[Generator]>,
    schema: SchemaRef,
    rows_per_second: u64,
    rows: Option<u64>,
    clock: Arc<dyn Clock>,
    rng: SmallRng,
    splits: Vec<MakingSplit>,
    /// The split to look at next, in turn.
    turn: usize,
}

struct MakingSplit {
    id: Arc<str>,
    position: Position,
    /// From when on rows are counted against the rate, and how many there were by then.
    since_millis: i64,
    made_before: u64,
    /// Its end was reported.
    ended: bool,
}

impl DatagenReader {
    pub fn new(
        columns: Arc<[Generator]>,
        schema: SchemaRef,
        rows_per_second: u64,
        rows: Option<u64>,
        clock: Arc<dyn Clock>,
        worker: usize,
    ) -> DatagenReader {
        let seed =
            clock.now_millis() as u64 ^ (worker as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ rand::random::<u64>();
        let rng = SmallRng::seed_from_u64(seed);
        DatagenReader { columns, schema, rows_per_second, rows, clock, rng, splits: vec![], turn: 0 }
    }

    fn make(&mut self, split: usize, rows: u64, now: i64) -> Result<SplitRows> {
        let position = &mut self.splits[split].position;
        let batch = Batch {
            first: position.made * position.of + position.index,
            step: position.of,
            rows: rows as usize,
            now_millis: now,
            local_offset_millis: local_offset_millis(now),
        };
        position.made += rows;
        let columns = self.columns.iter().map(|c| column(c, &batch, &mut self.rng)).collect::<Result<Vec<_>>>()?;
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows as usize));
        let rows = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
        Ok(SplitRows {
            split: self.splits[split].id.clone(),
            bytes: rows.get_array_memory_size() as u64,
            rows: ChangelogBatch::append_only(rows),
            skipped: 0,
            newest_record_millis: Some(now),
        })
    }
}

impl SourceReader for DatagenReader {
    fn add_splits(&mut self, splits: Vec<Split>) -> Result<()> {
        for split in splits {
            let position: Position = serde_json::from_value(split.position)
                .map_err(|e| Error::data(format!("the position of split {} can't be read: {e}", split.id)))?;
            if position.of == 0 || position.index >= position.of {
                return Err(Error::data(format!("the position of split {} can't be read: {position:?}", split.id)));
            }
            self.splits.push(MakingSplit {
                id: split.id.into(),
                position,
                since_millis: self.clock.now_millis(),
                made_before: position.made,
                ended: false,
            });
        }
        Ok(())
    }

    fn poll(&mut self) -> Result<ReadEvent> {
        let now = self.clock.now_millis();
        let mut until: Option<i64> = None;
        for _ in 0..self.splits.len() {
            let turn = self.turn % self.splits.len();
            self.turn = turn + 1;
            let split = &mut self.splits[turn];
            if split.ended {
                continue;
            }
            let left = self.rows.map(|rows| split.position.share(rows).saturating_sub(split.position.made));
            if left == Some(0) {
                split.ended = true;
                return Ok(ReadEvent::SplitEnd(split.id.to_string()));
            }
            let rate = Rate { rows_per_second: self.rows_per_second, splits: split.position.of };
            let held_up = now - CATCH_UP_MILLIS;
            if split.since_millis < held_up
                && rate.due(held_up - split.since_millis) > split.position.made - split.made_before
            {
                (split.since_millis, split.made_before) = (held_up, split.position.made);
            }
            let made = split.position.made - split.made_before;
            let due = rate.due(now - split.since_millis);
            let rows = due.saturating_sub(made).min(BATCH_ROWS).min(left.unwrap_or(u64::MAX));
            if rows > 0 {
                return self.make(turn, rows, now).map(ReadEvent::Rows);
            }
            let next = split.since_millis + rate.millis_of(made);
            let next = next.max(now + PAUSE_MILLIS);
            until = Some(until.map_or(next, |until| until.min(next)));
        }
        match until {
            Some(until) => Ok(ReadEvent::Pending { until: Some(until) }),
            None => Ok(ReadEvent::End),
        }
    }

    fn snapshot(&mut self) -> Result<Vec<Split>> {
        self.splits.iter().map(|split| split.position.to_split()).collect()
    }

    fn lag(&self) -> Vec<(String, u64)> {
        vec![]
    }
}

/// A split's share of the rate.
#[derive(Clone, Copy)]
struct Rate {
    rows_per_second: u64,
    splits: u64,
}

impl Rate {
    /// How many rows are due after `millis`: the first at once.
    fn due(self, millis: i64) -> u64 {
        let rows =
            u128::from(millis.max(0) as u64) * u128::from(self.rows_per_second) / (1000 * u128::from(self.splits));
        u64::try_from(rows).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// When row number `row`, counted from 0, is due.
    fn millis_of(self, row: u64) -> i64 {
        let millis = (u128::from(row) * 1000 * u128::from(self.splits)).div_ceil(u128::from(self.rows_per_second));
        i64::try_from(millis).unwrap_or(i64::MAX)
    }
}

fn local_offset_millis(now: i64) -> i64 {
    let offset = Local.timestamp_millis_opt(now).single().map(|t| t.offset().fix().local_minus_utc());
    i64::from(offset.unwrap_or(0)) * 1000
}
