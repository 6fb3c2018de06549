//! LIMIT and OFFSET without ORDER BY: the rows that come first. On one worker.

use flitz_dataflow::{ChangelogBatch, ChangelogMode, Error, Result, Watermark};
use serde_json::json;

use super::{Operator, OperatorContext, OperatorSnapshot, OperatorStats, Output, Share};

pub struct Limit {
    offset: u64,
    fetch: Option<u64>,
    seen: u64,
}

impl Limit {
    pub fn new(
        offset: u64,
        fetch: Option<u64>,
        input_changelog: ChangelogMode,
        context: &OperatorContext,
    ) -> Result<Limit> {
        if !input_changelog.is_insert_only() && !context.batch_mode {
            return Err(Error::unsupported("LIMIT over an updating result")
                .hint("in batch mode (SET 'execution.runtime-mode' = 'batch') the final result is limited"));
        }
        Ok(Limit { offset, fetch, seen: 0 })
    }
}

impl Operator for Limit {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        let rows = batch.num_rows() as u64;
        let (from, to) = (self.seen, self.seen + rows);
        self.seen = to;
        let end = self.fetch.map_or(u64::MAX, |fetch| self.offset.saturating_add(fetch));
        let (first, last) = (self.offset.clamp(from, to) - from, end.clamp(from, to) - from);
        if first == 0 && last == rows {
            out.push(batch);
        } else if first < last {
            out.push(batch.slice(first as usize, (last - first) as usize));
        }
        Ok(())
    }

    fn watermark(&mut self, _watermark: Watermark, _out: &mut Output) -> Result<()> {
        Ok(())
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        Ok(OperatorSnapshot { value: json!({ "seen": self.seen }), runs: vec![] })
    }

    fn restore(&mut self, states: Vec<OperatorSnapshot>, _share: Share) -> Result<()> {
        self.seen = states.iter().filter_map(|state| state.value["seen"].as_u64()).sum();
        Ok(())
    }

    fn stats(&self) -> OperatorStats {
        OperatorStats::default()
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use flitz_dataflow::{Field, Schema, TypeKind};

    use super::super::script::Script;
    use super::*;

    #[test]
    fn the_first_rows_pass_across_batches_and_recovery() {
        let schema = Schema::new(vec![Field::new("v", TypeKind::Int.nullable())]);
        let script = Script::new(schema, &[], |context| {
            Ok(Box::new(Limit::new(1, Some(3), ChangelogMode::INSERT_ONLY, context)?) as Box<dyn Operator>)
        });
        expect![[r#"
            +I 1 | +I 2
                +I 2
            +I 3
                +I 3
            +I 3
                +I 3
            +I 4 | +I 5
                +I 4
        "#]]
        .assert_eq(&script.run(
            "
            +I 1 | +I 2
            barrier
            +I 3
            recover
            +I 3
            +I 4 | +I 5
            +I 6
            ",
        ));
    }
}
