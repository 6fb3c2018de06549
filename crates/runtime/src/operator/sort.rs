//! ORDER BY of a bounded input: everything is kept until the end, then sorted. On one worker.
//!
//! With FETCH only the rows that can still be among the result are kept: whenever twice as many as needed
//! have gathered, they are sorted and cut. Rows that are equal in all sort keys stay in order of arrival.
//! An updating input is folded first: a retraction cancels one equal row.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::{SortColumn, SortOptions, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::SchemaRef;
use arrow::row::{RowConverter, SortField};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Error, Result, Schema, Watermark};
use flitz_plan::SortKey;
use flitz_state::snapshot::StateRun;
use serde_json::json;

use super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};

const OUTPUT_ROWS: usize = 8192;

pub struct Sort {
    keys: Vec<SortKey>,
    offset: u64,
    fetch: Option<u64>,
    folds: bool,
    schema: SchemaRef,
    rows: Vec<ChangelogBatch>,
    count: usize,
    /// Rows of earlier checkpoints, and how many of `rows` they hold.
    runs: Vec<Arc<StateRun>>,
    saved: usize,
    next_run: u64,
    done: bool,
}

impl Sort {
    pub fn new(
        keys: &[SortKey],
        offset: u64,
        fetch: Option<u64>,
        schema: &Schema,
        input_changelog: ChangelogMode,
        context: &OperatorContext,
    ) -> Result<Sort> {
        let folds = !input_changelog.is_insert_only() && !context.batch_mode;
        if folds && !input_changelog.update_before {
            return Err(Error::internal("ORDER BY needs -U of its input to take old rows out"));
        }
        Ok(Sort {
            keys: keys.to_vec(),
            offset,
            fetch,
            folds,
            schema: schema.to_arrow(),
            rows: vec![],
            count: 0,
            runs: vec![],
            saved: 0,
            next_run: 0,
            done: false,
        })
    }

    /// How many rows, from the first, can matter.
    fn limit(&self) -> Option<usize> {
        self.fetch.map(|fetch| self.offset.saturating_add(fetch) as usize)
    }

    fn all(&self) -> Result<RecordBatch> {
        let all = concat_batches(&self.schema, self.rows.iter().map(ChangelogBatch::rows))?;
        if !self.folds || self.rows.iter().all(|batch| batch.kinds().is_none()) {
            return Ok(all);
        }
        let fields = self.schema.fields().iter().map(|f| SortField::new(f.data_type().clone())).collect();
        let encoded = RowConverter::new(fields)?.convert_columns(all.columns())?;
        let retracts = self.rows.iter().flat_map(|b| (0..b.num_rows()).map(|row| b.kind(row).is_retraction()));
        let mut present: HashMap<&[u8], Vec<u32>> = HashMap::new();
        for (row, retracts) in retracts.enumerate() {
            let rows = present.entry(encoded.row(row).data()).or_default();
            if !retracts {
                rows.push(row as u32);
            } else if !rows.is_empty() {
                rows.remove(0);
            }
        }
        let mut kept: Vec<u32> = present.into_values().flatten().collect();
        kept.sort_unstable();
        Ok(take_record_batch(&all, &UInt32Array::from(kept))?)
    }

    fn sorted(&self) -> Result<RecordBatch> {
        let all = self.all()?;
        // The position as last key makes the order a total one: ties stay as they came.
        let positions: ArrayRef = Arc::new(UInt32Array::from_iter_values(0..all.num_rows() as u32));
        let key = |key: &SortKey| SortColumn {
            values: all.column(key.column).clone(),
            options: Some(SortOptions { descending: key.descending, nulls_first: key.nulls_first }),
        };
        let mut columns: Vec<SortColumn> = self.keys.iter().map(key).collect();
        columns.push(SortColumn { values: positions, options: None });
        let order = lexsort_to_indices(&columns, self.limit())?;
        Ok(take_record_batch(&all, &order)?)
    }

    fn emit(&mut self, out: &mut Output) -> Result<()> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(());
        }
        let sorted = self.sorted()?;
        let from = (self.offset as usize).min(sorted.num_rows());
        for offset in (from..sorted.num_rows()).step_by(OUTPUT_ROWS) {
            let length = OUTPUT_ROWS.min(sorted.num_rows() - offset);
            out.push(ChangelogBatch::append_only(sorted.slice(offset, length)));
        }
        (self.rows, self.runs, self.count, self.saved) = (vec![], vec![], 0, 0);
        Ok(())
    }
}

impl Operator for Sort {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, _out: &mut Output) -> Result<()> {
        self.count += batch.num_rows();
        self.rows.push(batch);
        if let Some(limit) = self.limit()
            && !self.folds
            && self.count > limit.saturating_mul(2) + OUTPUT_ROWS
        {
            let best = self.sorted()?;
            self.count = best.num_rows();
            self.rows = vec![ChangelogBatch::append_only(best)];
            (self.runs, self.saved) = (vec![], 0);
        }
        Ok(())
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        if watermark == Watermark::MAX { self.emit(out) } else { Ok(()) }
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        if self.folds && !self.rows.is_empty() {
            let folded = self.all()?;
            self.count = folded.num_rows();
            self.rows = vec![ChangelogBatch::append_only(folded)];
            (self.runs, self.saved) = (vec![], 0);
        }
        let unsaved: Vec<&RecordBatch> = self.rows[self.saved..].iter().map(ChangelogBatch::rows).collect();
        if !unsaved.is_empty() {
            let rows = concat_batches(&self.schema, unsaved)?;
            self.runs.push(Arc::new(StateRun::new(self.next_run, json!({}), rows)));
            self.next_run += 1;
        }
        self.saved = self.rows.len();
        Ok(OperatorSnapshot { value: json!({ "done": self.done }), runs: self.runs.clone() })
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, _share: Share) -> Result<()> {
        self.done = states.iter().any(|state| state.value["done"] == true);
        for (i, run) in states.into_iter().flat_map(|state| state.runs).enumerate() {
            let rows = run.rows()?;
            self.count += rows.num_rows();
            self.rows.push(ChangelogBatch::append_only(rows.clone()));
            // Numbers may collide if several workers had some; new ones don't.
            self.runs.push(Arc::new(StateRun::new(i as u64, run.tag.clone(), rows)));
        }
        self.saved = self.rows.len();
        self.next_run = self.runs.len() as u64;
        Ok(())
    }

    fn stats(&self) -> OperatorStats {
        let bytes = self.rows.iter().map(|batch| batch.rows().get_array_memory_size()).sum::<usize>();
        OperatorStats { state_rows: self.count as u64, state_bytes: bytes as u64, late_rows: 0, spilled_bytes: 0 }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use flitz_dataflow::{Field, TypeKind};

    use super::super::script::Script;
    use super::*;

    fn check(fetch: Option<u64>, changelog: ChangelogMode, text: &str, expected: Expect) {
        let schema =
            Schema::new(vec![Field::new("k", TypeKind::STRING.nullable()), Field::new("v", TypeKind::Int.nullable())]);
        let keys = [
            SortKey { column: 0, descending: false, nulls_first: true },
            SortKey { column: 1, descending: true, nulls_first: false },
        ];
        let input = schema.clone();
        let script = Script::new(schema, &[], move |context| {
            Ok(Box::new(Sort::new(&keys, 1, fetch, &input, changelog, context)?) as Box<dyn Operator>)
        });
        expected.assert_eq(&script.run(text));
    }

    #[test]
    fn rows_come_out_in_order_at_the_end() {
        check(
            None,
            ChangelogMode::INSERT_ONLY,
            "
            +I b 1 | +I a NULL | +I NULL 7
            barrier
            +I a 2
            recover
            +I a 3 | +I b 1
            barrier
            recover
            end
            ",
            expect![[r#"
                end
                    +I a 3
                    +I a NULL
                    +I b 1
                    +I b 1
            "#]],
        );
    }

    #[test]
    fn only_the_first_rows_are_fetched_and_retractions_cancel() {
        check(
            Some(2),
            ChangelogMode::ALL,
            "
            +I a 1 | +I b 2 | +I c 3
            barrier
            -U a 1 | +U a 9 | -D b 2
            barrier
            recover
            +I d 4
            end
            ",
            expect![[r#"
                end
                    +I c 3
                    +I d 4
            "#]],
        );
    }
}
