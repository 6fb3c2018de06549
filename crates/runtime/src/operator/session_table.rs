//! The SESSION table function by itself: each row once, with the window of its session, when that has ended.
//!
//! Until then a session's rows are the one aggregate of a [`SessionAggregate`]: joined sessions join their rows, late
//! rows are dropped and counted there, and checkpoints are its. A session that grew since the last one is written as
//! a whole.
//!
//! ```text
//! gap 10    +I a 00:00 | +I a 00:08   watermark 00:18   +I a 00:00 (00:00–00:18) | +I a 00:08 (00:00–00:18)
//! ```

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::SchemaRef;
use flitz_dataflow::{
    ChangelogBatch, ChangelogMode, DataType, Error, Field, Result, RowField, Schema, TypeKind, Watermark,
};
use flitz_plan::{AggregateCall, Node, NodeKind, TimeKind, WindowAggregate, WindowProperty, WindowShape};

use super::calc::record_batch;
use super::session::SessionAggregate;
use super::window_table_function::with_time;
use super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};

pub struct SessionTable {
    sessions: SessionAggregate,
    /// Column of the rows among what `sessions` emits; the window's come behind it.
    rows: usize,
    /// None: processing time.
    time: Option<usize>,
    schema: SchemaRef,
}

impl SessionTable {
    pub fn new(
        node: &Node,
        input: &Schema,
        changelog: ChangelogMode,
        context: &OperatorContext,
    ) -> Result<SessionTable> {
        let NodeKind::WindowTableFunction { window } = &node.kind else {
            return Err(Error::internal("not a window table function"));
        };
        let WindowShape::Session { partition, .. } = &window.shape else {
            return Err(Error::internal("not a session"));
        };
        if !changelog.is_insert_only() {
            return Err(Error::unsupported("SESSION windows over updates that are not aggregated"));
        }
        let fields =
            input.fields.iter().map(|f| RowField { name: f.name.clone(), data_type: nullable(&f.data_type) }).collect();
        let row = TypeKind::Row(fields).not_null();
        let rows = AggregateCall {
            function: "$ROWS".to_owned(),
            args: (0..input.len()).collect(),
            distinct: false,
            filter: None,
            data_type: TypeKind::Array(Box::new(row)).nullable(),
        };
        let mut emitted: Vec<Field> = partition.iter().map(|&key| input.fields[key].clone()).collect();
        emitted.push(Field::new("rows", rows.data_type.clone()));
        emitted.extend(node.schema.fields[input.len()..].iter().cloned());
        let aggregate = WindowAggregate {
            window: window.clone(),
            keys: partition.clone(),
            aggregates: vec![rows],
            properties: vec![WindowProperty::Start, WindowProperty::End, WindowProperty::Time],
            emit: None,
        };
        let rows = partition.len();
        let node_of_sessions = Node {
            inputs: node.inputs.clone(),
            kind: NodeKind::WindowAggregate(aggregate.clone()),
            schema: Schema::new(emitted),
            changelog: ChangelogMode::INSERT_ONLY,
            upsert_key: None,
        };
        Ok(SessionTable {
            sessions: SessionAggregate::new(&node_of_sessions, &aggregate, input, changelog, context)?,
            rows,
            time: (window.time_kind != TimeKind::Proctime).then_some(window.time),
            schema: node.schema.to_arrow(),
        })
    }

    /// What `act` makes sessions emit, row by row.
    fn emit(
        &mut self,
        out: &mut Output,
        act: impl FnOnce(&mut SessionAggregate, &mut Output) -> Result<()>,
    ) -> Result<()> {
        let mut ended = Output::default();
        act(&mut self.sessions, &mut ended)?;
        for batch in ended.drain() {
            let lists = batch.rows().column(self.rows).as_list::<i32>();
            let (first, end) = (lists.value_offsets()[0], lists.value_offsets()[lists.len()]);
            let rows = lists.values().slice(first as usize, (end - first) as usize);
            let lengths = lists.offsets().lengths().enumerate();
            let owner: UInt32Array =
                lengths.flat_map(|(session, rows)| std::iter::repeat_n(session as u32, rows)).collect();
            let mut columns: Vec<ArrayRef> = rows.as_struct().columns().to_vec();
            for window in &batch.rows().columns()[self.rows + 1..] {
                columns.push(take(window, &owner, None)?);
            }
            out.push(ChangelogBatch::append_only(record_batch(&self.schema, columns, owner.len())?));
        }
        Ok(())
    }
}

fn nullable(data_type: &DataType) -> DataType {
    data_type.clone().materialized().with_nullable(true)
}

impl Operator for SessionTable {
    /// A row without a time lies in no window and is dropped, as by the other window table functions.
    fn process(&mut self, input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        let batch = match self.time {
            Some(time) => with_time(batch, time)?,
            None => batch,
        };
        self.emit(out, |sessions, ended| sessions.process(input, batch, ended))
    }

    fn watermark(&mut self, watermark: Watermark, out: &mut Output) -> Result<()> {
        self.emit(out, |sessions, ended| sessions.watermark(watermark, ended))
    }

    fn timer(&mut self, now_millis: i64, out: &mut Output) -> Result<()> {
        self.emit(out, |sessions, ended| sessions.timer(now_millis, ended))
    }

    fn next_timer(&self) -> Option<i64> {
        self.sessions.next_timer()
    }

    fn end(&mut self, out: &mut Output) -> Result<()> {
        self.emit(out, |sessions, ended| sessions.end(ended))
    }

    fn before_barrier(&mut self, out: &mut Output) -> Result<()> {
        self.emit(out, |sessions, ended| sessions.before_barrier(ended))
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        self.sessions.snapshot()
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, share: Share) -> Result<()> {
        self.sessions.restore(states, share)
    }

    fn spill(&mut self, bytes: usize) -> Result<usize> {
        self.sessions.spill(bytes)
    }

    fn stats(&self) -> OperatorStats {
        self.sessions.stats()
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use flitz_plan::WindowSpec;

    use super::super::script::Script;
    use super::*;

    #[test]
    fn rows_wait_for_the_end_of_their_session() {
        let input = Schema::new(vec![
            Field::new("k", TypeKind::STRING.nullable()),
            Field::new("ts", TypeKind::timestamp(3).nullable()),
            Field::new("v", TypeKind::Int.nullable()),
        ]);
        let mut output = input.clone();
        output.fields.extend(["ws", "we", "wt"].map(|name| Field::new(name, TypeKind::timestamp(3).not_null())));
        let node = Node {
            inputs: vec![],
            kind: NodeKind::WindowTableFunction {
                window: WindowSpec {
                    time: 1,
                    time_kind: TimeKind::Rowtime,
                    shape: WindowShape::Session { gap: 10, partition: vec![0] },
                },
            },
            schema: output,
            changelog: ChangelogMode::INSERT_ONLY,
            upsert_key: None,
        };
        let schema = input.clone();
        let script = Script::new(input, &[0], move |context| {
            Ok(Box::new(SessionTable::new(&node, &schema, ChangelogMode::INSERT_ONLY, context)?) as Box<dyn Operator>)
        });
        expect![[r#"
            watermark 13
                +I NULL 4 4 4 14 13
                +I b 3 NULL 3 13 12
            late
                1
            end
                +I a 0 1 0 35 34
                +I a 16 5 0 35 34
                +I a 25 2 0 35 34
                +I a 8 3 0 35 34
        "#]]
        .assert_eq(&script.sorted().run(
            "
            +I a 0 1 | +I a 25 2 | +I b 3 NULL | +I a NULL 9 | +I NULL 4 4
            barrier
            +I a 8 3
            barrier
            +I a 9 100
            recover 3
            +I a 16 5
            watermark 13
            +I b 2 6
            late
            barrier
            recover
            end
            ",
        ));
    }
}
