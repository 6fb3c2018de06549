//! A window table function by itself: each row once per window it lies in, with the window appended.
//!
//! ```text
//! HOP slide 5, size 10    +I a 00:07   becomes   +I a 00:07 00:05 00:15 00:14.999
//!                                                +I a 00:07 00:00 00:10 00:09.999
//! ```
//!
//! No state: nothing is late, and row kinds stay. A row without a time lies in no window and is dropped, as in
//! Flink (an aggregation over windows fails on it instead).

use std::sync::Arc;

use arrow::array::{Array, BooleanArray, UInt32Array};
use arrow::compute::{filter_record_batch, take_record_batch};
use arrow::datatypes::SchemaRef;
use flitz_dataflow::{ChangelogBatch, Clock, Error, Result, RowKind};
use flitz_plan::{Node, NodeKind, TimeKind, WindowProperty};

use super::groups::batch_of;
use super::window_aggregate::slicing::Slicing;
use super::window_aggregate::time::{WallClock, millis_of};
use super::window_aggregate::{property_column, wall_clock};
use super::{OperatorContext, Output, Stateless};

const PROPERTIES: [WindowProperty; 3] = [WindowProperty::Start, WindowProperty::End, WindowProperty::Time];

pub struct WindowTableFunction {
    slicing: Slicing,
    kind: TimeKind,
    time: usize,
    wall: WallClock,
    now: Arc<dyn Clock>,
    schema: SchemaRef,
}

impl WindowTableFunction {
    pub fn new(node: &Node, context: &OperatorContext) -> Result<WindowTableFunction> {
        let NodeKind::WindowTableFunction { window } = &node.kind else {
            return Err(Error::internal("not a window table function"));
        };
        let slicing =
            Slicing::new(&window.shape)?.ok_or_else(|| Error::internal("sessions are made of several rows"))?;
        Ok(WindowTableFunction {
            slicing,
            kind: window.time_kind,
            time: window.time,
            wall: wall_clock(window.time_kind, context),
            now: context.eval.clock.clone(),
            schema: node.schema.to_arrow(),
        })
    }

    /// Windows of a time in Flink's order: of HOP the latest first, of CUMULATE the shortest.
    fn windows(&self, time: i64, found: &mut Vec<(i64, i64)>) {
        let from = found.len();
        self.slicing.windows_of(time, found);
        if matches!(self.slicing, Slicing::Hop { .. }) {
            found[from..].reverse();
        }
    }
}

/// The batch without rows whose column `time` is NULL.
pub(super) fn with_time(batch: ChangelogBatch, time: usize) -> Result<ChangelogBatch> {
    let Some(valid) = batch.rows().column(time).nulls().filter(|n| n.null_count() > 0) else { return Ok(batch) };
    let keep = BooleanArray::new(valid.inner().clone(), None);
    let kinds: Option<Vec<RowKind>> =
        batch.kinds().map(|kinds| kinds.iter().zip(valid).filter(|(_, keep)| *keep).map(|(kind, _)| *kind).collect());
    Ok(ChangelogBatch::new(filter_record_batch(batch.rows(), &keep)?, kinds.map(Into::into)))
}

impl Stateless for WindowTableFunction {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        let (batch, times) = if self.kind == TimeKind::Proctime {
            let now = self.wall.reading(self.now.now_millis());
            let times = vec![now; batch.num_rows()];
            (batch, times)
        } else {
            let batch = with_time(batch, self.time)?;
            let times = millis_of(batch.rows(), self.time, self.wall)?;
            (batch, times)
        };
        let (mut rows, mut windows) = (Vec::with_capacity(times.len()), Vec::with_capacity(times.len()));
        for (row, time) in times.iter().enumerate() {
            self.windows(*time, &mut windows);
            rows.resize(windows.len(), row as u32);
        }
        let one_each = rows.len() == times.len() && rows.iter().enumerate().all(|(i, row)| *row as usize == i);
        let kinds = batch.kinds().map(|kinds| rows.iter().map(|row| kinds[*row as usize]).collect());
        let mut columns = if one_each {
            batch.rows().columns().to_vec()
        } else {
            take_record_batch(batch.rows(), &UInt32Array::from(rows))?.columns().to_vec()
        };
        for property in PROPERTIES {
            let data_type = self.schema.field(columns.len()).data_type();
            columns.push(property_column(property, &windows, data_type, self.wall)?);
        }
        out.push(ChangelogBatch::new(batch_of(self.schema.clone(), columns, windows.len())?, kinds));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use flitz_dataflow::{ChangelogMode, Field, Schema, TypeKind};
    use flitz_plan::{WindowShape, WindowSpec};

    use super::super::script::Script;
    use super::*;

    #[test]
    fn rows_are_repeated_per_window() {
        let input = Schema::new(vec![
            Field::new("k", TypeKind::STRING.nullable()),
            Field::new("ts", TypeKind::timestamp(6).nullable()),
        ]);
        let mut output = input.clone();
        output.fields.extend(["ws", "we"].map(|n| Field::new(n, TypeKind::timestamp(3).not_null())));
        output.fields.push(Field::new("wt", TypeKind::timestamp(6).not_null()));
        let node = Node {
            inputs: vec![],
            kind: NodeKind::WindowTableFunction {
                window: WindowSpec {
                    time: 1,
                    time_kind: TimeKind::Rowtime,
                    shape: WindowShape::Hop { slide: 5, size: 10, offset: 0 },
                },
            },
            schema: output,
            changelog: ChangelogMode::ALL,
            upsert_key: None,
        };
        let script = Script::new(input, &[0], move |context| {
            Ok(Box::new(WindowTableFunction::new(&node, context)?) as Box<dyn crate::operator::Operator>)
        });
        expect![[r#"
            +I a 7 | -D b NULL | -D b -1
                +I a 7 5 15 14
                +I a 7 0 10 9
                -D b -1 -5 5 4
                -D b -1 -10 0 -1
        "#]]
        .assert_eq(&script.run("+I a 7 | -D b NULL | -D b -1"));
    }
}
