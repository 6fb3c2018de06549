//! Top-N and deduplication per window: the first rows of each partition by some order.
//!
//! 1. A row whose window has fired is late: dropped and counted.
//! 2. Any other row waits with its window. When so many have gathered that most can't be among the first any
//!    more, those that can't are dropped.
//! 3. When the watermark passes a window's end, the first rows of each partition are emitted by rank.
//!
//! ```text
//! partition k, order v DESC, ranks 1 to 2
//! window (00:00–00:10)   +I a 3 | +I a 1 | +I b 7 | +I a 9   watermark 00:10   a 9 rank 1 | a 3 rank 2 | b 7 rank 1
//! ```
//!
//! Rows that are equal in the order rank as they came, or (`latest_first`: deduplication that keeps the last row)
//! the other way round. Costs the rows of the input that are kept, at most about twice as many as can be emitted and
//! 8,192 per window; per row a hash of its partition and a comparison of encoded order columns per sorting.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, UInt32Array};
use arrow::compute::{SortOptions, concat_batches, take_record_batch};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::row::{RowConverter, SortField};
use flitz_dataflow::{ChangelogBatch, ChangelogMode, Error, Result, Schema, Watermark};
use flitz_functions::KeyInterner;
use flitz_plan::{Node, NodeKind, WindowRank as Spec};
use flitz_state::spill::SpilledRows;

use super::calc::record_batch;
use super::groups::OwnedRuns;
use super::spilling::{Spilling, read_range};
use super::window_aggregate::OUTPUT_ROWS;
use super::window_rows::{Firing, Ranges, Window, WindowRows};
use super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};

/// Rows that gather in a window, beside those that may be emitted, before they are sorted out.
const SLACK_ROWS: usize = 8192;

pub struct WindowRank {
    ranking: Ranking,
    output: SchemaRef,
    rows: WindowRows,
    firing: Firing,
    next_run: u64,
    /// How many rows a window had when it was last sorted out.
    kept: std::collections::BTreeMap<Window, usize>,
    /// Where event time is about to get, while windows fire; and what is left of one that is on disk.
    due: Option<i64>,
    parts: Option<(Vec<Arc<SpilledRows>>, Ranges)>,
    spilling: Option<Spilling>,
    holds_global: bool,
}

impl WindowRank {
    pub fn new(node: &Node, input: &Schema, changelog: ChangelogMode, context: &OperatorContext) -> Result<WindowRank> {
        let NodeKind::WindowRank(spec) = &node.kind else { return Err(Error::internal("not a window rank")) };
        if !changelog.is_insert_only() {
            return Err(Error::internal("a rank per window was planned over updates"));
        }
        Ok(WindowRank {
            ranking: Ranking::new(spec, input)?,
            output: node.schema.to_arrow(),
            rows: WindowRows::new(0, &spec.window, input, &spec.partition, context.spilling.as_ref()),
            firing: Firing::new(&spec.window, context),
            next_run: 0,
            kept: Default::default(),
            due: None,
            parts: None,
            spilling: context.spilling.clone(),
            holds_global: context.holds_global,
        })
    }

    /// Goes on with the windows that are due, until as many rows have gone out as should at a time.
    fn go_on(&mut self, out: &mut Output) -> Result<()> {
        let Some(progress) = self.due else { return Ok(()) };
        while !out.is_full() {
            if let Some((runs, ranges)) = &mut self.parts {
                match ranges.next() {
                    Some(range) => {
                        let batches = read_range(runs, range)?;
                        self.emit(&batches, out)?;
                    }
                    None => self.parts = None,
                }
                continue;
            }
            let Some(window) = self.rows.first().filter(|w| self.firing.is_due(*w, progress)) else {
                self.firing.advance(progress);
                self.due = None;
                return Ok(());
            };
            self.kept.remove(&window);
            if self.rows.is_on_disk(window) {
                let ranking = &self.ranking;
                let mut reduce = |schema: &SchemaRef, batches: &[RecordBatch]| ranking.reduce(schema, batches);
                let runs = self.rows.take_runs(window, &mut self.next_run, &mut reduce)?;
                let ranges = Ranges::new(self.rows.spilling(), &[&runs]);
                self.parts = Some((runs, ranges));
            } else {
                let batches = self.rows.take(window)?;
                self.emit(&batches, out)?;
            }
        }
        Ok(())
    }

    /// The first rows among these, which are all of their partitions.
    fn emit(&self, batches: &[RecordBatch], out: &mut Output) -> Result<()> {
        let all = concat_batches(self.rows.schema(), batches)?;
        let ranked = self.ranking.rank(&all)?;
        let first = self.ranking.spec.first;
        let emitted: Vec<(u32, i64)> = ranked.into_iter().filter(|(_, rank)| *rank as u64 >= first).collect();
        for chunk in emitted.chunks(OUTPUT_ROWS) {
            let rows = UInt32Array::from_iter_values(chunk.iter().map(|(row, _)| *row));
            let mut columns = take_record_batch(&all, &rows)?.columns().to_vec();
            if self.ranking.spec.emits_rank {
                columns.push(Arc::new(Int64Array::from_iter_values(chunk.iter().map(|(_, rank)| *rank))));
            }
            out.push(ChangelogBatch::append_only(record_batch(&self.output, columns, chunk.len())?));
        }
        Ok(())
    }
}

/// Which rows are the first of their partition.
struct Ranking {
    spec: Spec,
    partition_types: Vec<DataType>,
    order: RowConverter,
}

impl Ranking {
    fn new(spec: &Spec, input: &Schema) -> Result<Ranking> {
        let arrow = |column: usize| input.fields[column].data_type.to_arrow();
        let fields = spec.order.iter().map(|key| {
            let options = SortOptions { descending: key.descending, nulls_first: key.nulls_first };
            SortField::new_with_options(arrow(key.column), options)
        });
        let order = RowConverter::new(fields.collect()).map_err(|_| {
            let kinds: Vec<String> =
                spec.order.iter().map(|k| input.fields[k.column].data_type.kind.to_string()).collect();
            Error::unsupported(format!("ORDER BY values of type {}", kinds.join(", ")))
        })?;
        Ok(Ranking {
            spec: spec.clone(),
            partition_types: spec.partition.iter().map(|&column| arrow(column)).collect(),
            order,
        })
    }

    /// Rows with a rank up to the last one wanted: partition by partition as they first appear, by rank.
    fn rank(&self, rows: &RecordBatch) -> Result<Vec<(u32, i64)>> {
        let partition: Vec<ArrayRef> = self.spec.partition.iter().map(|&i| rows.column(i).clone()).collect();
        let mut numbers = vec![];
        KeyInterner::new(self.partition_types.clone())?.intern(&partition, rows.num_rows(), &mut numbers)?;
        let order: Vec<ArrayRef> = self.spec.order.iter().map(|key| rows.column(key.column).clone()).collect();
        let order = self.order.convert_columns(&order)?;
        let arrival = |row: u32| if self.spec.latest_first { u32::MAX - row } else { row };
        let mut sorted: Vec<u32> = (0..rows.num_rows() as u32).collect();
        sorted.sort_unstable_by(|&a, &b| {
            let (i, j) = (a as usize, b as usize);
            let by_order = || order.row(i).cmp(&order.row(j));
            numbers[i].cmp(&numbers[j]).then_with(by_order).then_with(|| arrival(a).cmp(&arrival(b)))
        });
        let mut ranked = vec![];
        for partition in sorted.chunk_by(|a, b| numbers[*a as usize] == numbers[*b as usize]) {
            let wanted = partition.len().min(self.spec.last.try_into().unwrap_or(usize::MAX));
            ranked.extend(partition[..wanted].iter().zip(1..).map(|(row, rank)| (*row, rank)));
        }
        Ok(ranked)
    }

    /// Those rows, in order of arrival.
    fn reduce(&self, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch> {
        let all = concat_batches(schema, batches)?;
        let ranked = self.rank(&all)?;
        if ranked.len() == all.num_rows() {
            return Ok(all);
        }
        let mut kept: Vec<u32> = ranked.into_iter().map(|(row, _)| row).collect();
        kept.sort_unstable();
        Ok(take_record_batch(&all, &UInt32Array::from(kept))?)
    }
}

impl Operator for WindowRank {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, _out: &mut Output) -> Result<()> {
        let ranking = &self.ranking;
        let mut reduce = |schema: &SchemaRef, batches: &[RecordBatch]| ranking.reduce(schema, batches);
        for window in self.rows.add(batch.rows(), &mut self.firing)? {
            let kept = self.kept.entry(window).or_default();
            if self.rows.live_rows(window) > 2 * *kept + SLACK_ROWS {
                self.rows.reduce(window, &mut reduce)?;
                *kept = self.rows.live_rows(window);
            }
        }
        self.rows.tidy(&mut self.next_run, &mut reduce)
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        self.due = Some(watermark.millis());
        self.go_on(out)
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        let ranking = &self.ranking;
        let mut reduce = |schema: &SchemaRef, batches: &[RecordBatch]| ranking.reduce(schema, batches);
        let runs = self.rows.snapshot(&mut self.next_run, &mut reduce)?;
        self.kept.clear();
        Ok(OperatorSnapshot { value: self.firing.snapshot(), runs })
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()> {
        self.firing.restore(&states, share);
        let mut owned = OwnedRuns::new(share, 0, self.holds_global, self.spilling.clone());
        let runs: Vec<_> = states.into_iter().flat_map(|state| state.runs).collect();
        runs.iter().for_each(|run| owned.announce(run));
        for run in runs {
            if let Some(run) = owned.reduce_by(run, &self.ranking.spec.partition)? {
                self.rows.restore(run)?;
            }
        }
        self.next_run = owned.next_id();
        Ok(())
    }

    fn has_more(&self) -> bool {
        self.due.is_some()
    }

    fn more(&mut self, out: &mut Output) -> Result<()> {
        self.go_on(out)
    }

    fn spill(&mut self, bytes: usize) -> Result<usize> {
        let ranking = &self.ranking;
        let mut reduce = |schema: &SchemaRef, batches: &[RecordBatch]| ranking.reduce(schema, batches);
        let freed = self.rows.spill(bytes, &mut self.next_run, &mut reduce)?;
        self.kept.clear();
        Ok(freed)
    }

    fn stats(&self) -> OperatorStats {
        let (state_rows, state_bytes, spilled_bytes) = self.rows.size();
        OperatorStats { state_rows, state_bytes, late_rows: self.firing.late_rows, spilled_bytes }
    }
}

#[cfg(test)]
pub mod tests {
    use expect_test::{Expect, expect};
    use flitz_dataflow::{Field, TypeKind};
    use flitz_plan::{SortKey, TimeKind, WindowBounds};

    use super::super::script::Script;
    use super::*;

    pub fn script(first: u64, last: u64, latest_first: bool) -> Script {
        let input = Schema::new(vec![
            Field::new("k", TypeKind::STRING.nullable()),
            Field::new("v", TypeKind::Int.nullable()),
            Field::new("ws", TypeKind::timestamp(3).not_null()),
            Field::new("we", TypeKind::timestamp(3).not_null()),
            Field::new("id", TypeKind::Int.nullable()),
        ]);
        let mut schema = input.clone();
        schema.fields.push(Field::new("rank", TypeKind::BigInt.not_null()));
        let node = Node {
            inputs: vec![],
            kind: NodeKind::WindowRank(Spec {
                window: WindowBounds { start: 2, end: 3, time_kind: TimeKind::Rowtime },
                partition: vec![0],
                order: vec![SortKey { column: 1, descending: true, nulls_first: false }],
                first,
                last,
                emits_rank: true,
                latest_first,
            }),
            schema,
            changelog: ChangelogMode::INSERT_ONLY,
            upsert_key: None,
        };
        let schema = input.clone();
        let script = Script::new(input, &[0], move |context| {
            Ok(Box::new(WindowRank::new(&node, &schema, ChangelogMode::INSERT_ONLY, context)?) as Box<dyn Operator>)
        });
        script.sorted()
    }

    fn check(first: u64, last: u64, latest_first: bool, text: &str, expected: Expect) {
        expected.assert_eq(&script(first, last, latest_first).run(text));
    }

    #[test]
    fn the_first_of_each_partition_by_rank() {
        check(
            1,
            2,
            false,
            "
            +I a 3 0 10 1 | +I a 1 0 10 2 | +I b NULL 0 10 3 | +I a 9 5 15 4 | +I NULL 2 0 10 5
            watermark 8
            +I a 3 0 10 6 | +I b 4 0 10 7
            watermark 9
            +I a 99 0 10 8 | +I a 1 5 15 9
            late
            end
            ",
            expect![[r#"
                watermark 9
                    +I NULL 2 0 10 5 1
                    +I a 3 0 10 1 1
                    +I a 3 0 10 6 2
                    +I b 4 0 10 7 1
                    +I b NULL 0 10 3 2
                late
                    1
                end
                    +I a 1 5 15 9 2
                    +I a 9 5 15 4 1
            "#]],
        );
    }

    #[test]
    fn ranks_that_are_not_wanted_are_left_out_and_the_latest_comes_first() {
        let rows = "+I a 3 0 10 1 | +I a 3 0 10 2 | +I a 3 0 10 3 | +I a 4 0 10 4";
        check(
            2,
            3,
            false,
            &format!("{rows}\nend"),
            expect![[r#"
                end
                    +I a 3 0 10 1 2
                    +I a 3 0 10 2 3
            "#]],
        );
        check(
            2,
            3,
            true,
            &format!("{rows}\nend"),
            expect![[r#"
                end
                    +I a 3 0 10 2 3
                    +I a 3 0 10 3 2
            "#]],
        );
    }

    #[test]
    fn ranks_survive_recovery_with_another_parallelism() {
        check(
            1,
            2,
            false,
            "
            +I a 1 0 10 1 | +I b 1 0 10 2 | +I c 5 5 15 3 | +I d 1 0 10 4 | +I a 7 0 10 5
            watermark 3
            barrier
            +I a 1 0 10 6 | +I b 2 0 10 7 | +I a 5 0 10 8
            barrier
            +I a 100 0 10 9
            recover 3
            +I c 5 5 15 10 | +I a 1 0 10 11
            barrier
            recover
            watermark 9
            barrier
            recover 2
            +I a 1 0 10 12
            late
            end
            ",
            expect![[r#"
                watermark 9
                    +I a 5 0 10 8 2
                    +I a 7 0 10 5 1
                    +I b 1 0 10 2 2
                    +I b 2 0 10 7 1
                    +I d 1 0 10 4 1
                late
                    1
                end
                    +I c 5 5 15 10 2
                    +I c 5 5 15 3 1
            "#]],
        );
    }

    #[test]
    fn rows_that_cannot_be_emitted_are_dropped() {
        let mut text = String::new();
        for batch in 0..12_u32 {
            let row = |i: u32| format!("+I k{} {} 0 10 {i}", i % 3, (i * 7919) % 65_521);
            let rows: Vec<String> = (batch * 2000..batch * 2000 + 2000).map(row).collect();
            text.push_str(&rows.join(" | "));
            text.push('\n');
            if batch % 3 == 1 {
                text.push_str("barrier\n");
            }
        }
        let value = |i: u32| (i * 7919) % 65_521;
        let mut expected = vec![];
        for key in 0..3 {
            let mut rows: Vec<u32> = (0..24_000).filter(|i| i % 3 == key).collect();
            rows.sort_by_key(|i| std::cmp::Reverse(value(*i)));
            let ranked = rows[..2].iter().zip(1..);
            expected.extend(ranked.map(|(i, rank)| format!("    +I k{key} {} 0 10 {i} {rank}\n", value(*i))));
        }
        expected.sort();
        let expected = format!("end\n{}", expected.concat());
        text.push_str("end");
        check(
            1,
            2,
            false,
            &text,
            Expect { position: expect![""].position, data: Box::leak(expected.into_boxed_str()), indent: false },
        );
    }
}
