//! ORDER BY event time on a stream: rows wait until the watermark has passed them, then go on in order. On one worker.
//!
//! ```text
//! +I a 3 | +I b 1 | +I c 2      watermark 2      +I b 1
//!                                                +I c 2
//! +I d 2                        dropped: 2 has gone out already
//! ```
//!
//! Rows of one time are sorted by the other keys, and stay in order of arrival if these are equal too. Late is a row
//! whose time is not after the last one that went out, as in Flink: one behind the watermark may still be in time.
//!
//! Rows that wait are kept whole, and each checkpoint writes them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array};
use arrow::compute::{
    SortColumn, SortOptions, concat_batches, filter_record_batch, lexsort_to_indices, take_record_batch,
};
use arrow::datatypes::{SchemaRef, TimestampMillisecondType};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Error, Result, Schema, Watermark};
use flitz_plan::SortKey;
use flitz_state::snapshot::StateRun;
use serde_json::json;

use super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};

const OUTPUT_ROWS: usize = 8192;

pub struct TemporalSort {
    /// The first one is the time, ascending.
    keys: Vec<SortKey>,
    schema: SchemaRef,
    waiting: Vec<RecordBatch>,
    /// The time that went out last.
    last: Option<i64>,
    next_run: u64,
    late_rows: u64,
}

impl TemporalSort {
    pub fn new(
        keys: &[SortKey],
        schema: &Schema,
        input_changelog: ChangelogMode,
        _context: &OperatorContext,
    ) -> Result<TemporalSort> {
        if !input_changelog.is_insert_only() {
            return Err(Error::internal("ORDER BY time takes no updates"));
        }
        Ok(TemporalSort {
            keys: keys.to_vec(),
            schema: schema.to_arrow(),
            waiting: vec![],
            last: None,
            next_run: 0,
            late_rows: 0,
        })
    }

    /// For each row whether its time is after `limit`.
    fn after(&self, rows: &RecordBatch, limit: i64) -> Result<BooleanArray> {
        let times = rows.column(self.keys[0].column);
        let times = times
            .as_primitive_opt::<TimestampMillisecondType>()
            .ok_or_else(|| Error::internal("a time attribute counts milliseconds"))?;
        if times.null_count() > 0 {
            return Err(Error::data("ORDER BY of an event time that is NULL"));
        }
        Ok(times.values().iter().map(|time| Some(*time > limit)).collect())
    }

    fn sorted(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        // The position as last key makes the order a total one: ties stay as they came.
        let positions: ArrayRef = Arc::new(UInt32Array::from_iter_values(0..rows.num_rows() as u32));
        let key = |key: &SortKey| SortColumn {
            values: rows.column(key.column).clone(),
            options: Some(SortOptions { descending: key.descending, nulls_first: key.nulls_first }),
        };
        let mut columns: Vec<SortColumn> = self.keys.iter().map(key).collect();
        columns.push(SortColumn { values: positions, options: None });
        Ok(take_record_batch(rows, &lexsort_to_indices(&columns, None)?)?)
    }

    fn time_at(&self, rows: &RecordBatch, row: usize) -> i64 {
        rows.column(self.keys[0].column).as_primitive::<TimestampMillisecondType>().value(row)
    }
}

impl Operator for TemporalSort {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, _out: &mut Output) -> Result<()> {
        let in_time = self.after(batch.rows(), self.last.unwrap_or(i64::MIN))?;
        let count = in_time.true_count();
        self.late_rows += (batch.num_rows() - count) as u64;
        match count {
            0 => {}
            all if all == batch.num_rows() => self.waiting.push(batch.rows().clone()),
            _ => self.waiting.push(filter_record_batch(batch.rows(), &in_time)?),
        }
        Ok(())
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let all = concat_batches(&self.schema, &self.waiting)?;
        let later = self.after(&all, watermark.millis())?;
        if later.true_count() == all.num_rows() {
            self.waiting = vec![all];
            return Ok(());
        }
        let due = arrow::compute::not(&later)?;
        let sorted = self.sorted(&filter_record_batch(&all, &due)?)?;
        self.last = Some(self.time_at(&sorted, sorted.num_rows() - 1));
        let later = filter_record_batch(&all, &later)?;
        self.waiting = if later.num_rows() > 0 { vec![later] } else { vec![] };
        for offset in (0..sorted.num_rows()).step_by(OUTPUT_ROWS) {
            let length = OUTPUT_ROWS.min(sorted.num_rows() - offset);
            out.push(ChangelogBatch::append_only(sorted.slice(offset, length)));
        }
        Ok(())
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        let value = json!({ "last": self.last });
        if self.waiting.is_empty() {
            return Ok(OperatorSnapshot { value, runs: vec![] });
        }
        let rows = concat_batches(&self.schema, &self.waiting)?;
        self.waiting = vec![rows.clone()];
        self.next_run += 1;
        let run = Arc::new(StateRun::new(self.next_run - 1, json!({}), rows));
        Ok(OperatorSnapshot { value, runs: vec![run] })
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, _share: Share) -> Result<()> {
        self.last = states.iter().filter_map(|state| state.value["last"].as_i64()).max();
        for run in states.into_iter().flat_map(|state| state.runs) {
            self.next_run = self.next_run.max(run.id + 1);
            self.waiting.push(run.rows()?);
        }
        Ok(())
    }

    fn stats(&self) -> OperatorStats {
        OperatorStats {
            state_rows: self.waiting.iter().map(|rows| rows.num_rows() as u64).sum(),
            state_bytes: self.waiting.iter().map(|rows| rows.get_array_memory_size() as u64).sum(),
            late_rows: self.late_rows,
            spilled_bytes: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use flitz_dataflow::{Field, TypeKind};

    use super::super::script::Script;
    use super::*;

    #[test]
    fn rows_go_out_in_order_when_their_time_has_come() {
        let schema = Schema::new(vec![
            Field::new("k", TypeKind::STRING.nullable()),
            Field::new("ts", TypeKind::timestamp(3).nullable()),
        ]);
        let keys = [
            SortKey { column: 1, descending: false, nulls_first: true },
            SortKey { column: 0, descending: true, nulls_first: false },
        ];
        let input = schema.clone();
        let script = Script::new(schema, &[], move |context| {
            Ok(Box::new(TemporalSort::new(&keys, &input, ChangelogMode::INSERT_ONLY, context)?) as Box<dyn Operator>)
        });
        expect![[r#"
            watermark 2
                +I d 1
                +I b 1
                +I c 2
            watermark 2
                +I d 1
                +I b 1
                +I c 2
            watermark 3
                +I g 3
                +I a 3
            watermark 9
                +I i 4
                +I f 4
        "#]]
        .assert_eq(&script.run(
            "
            +I a 3 | +I b 1 | +I c 2 | +I d 1
            barrier
            watermark 2
            recover
            watermark 2
            +I e 2 | +I f 4 | +I g 3
            watermark 3
            +I h 3 | +I i 4
            watermark 9
            ",
        ));
    }
}
