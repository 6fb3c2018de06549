//! UNION ALL: passes rows on as they come. The task combines watermarks and aligns barriers.

use flitz_dataflow::{ChangelogBatch, Result, Watermark};

use super::{Operator, OperatorSnapshot, OperatorStats, Output, Share};

pub struct Union;

impl Operator for Union {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        out.push(batch);
        Ok(())
    }

    fn watermark(&mut self, _watermark: Watermark, _out: &mut Output) -> Result<()> {
        Ok(())
    }

    fn snapshot(&mut self) -> Result<OperatorSnapshot> {
        Ok(OperatorSnapshot::default())
    }

    fn restore(&mut self, _states: Vec<OperatorSnapshot>, _share: Share) -> Result<()> {
        Ok(())
    }

    fn stats(&self) -> OperatorStats {
        OperatorStats::default()
    }
}
