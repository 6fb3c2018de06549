//! UNION ALL: passes rows on as they come. The task combines watermarks and aligns barriers.

use flitz_dataflow::{ChangelogBatch, Result};

use super::{Output, Stateless};

pub struct Union;

impl Stateless for Union {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        out.push(batch);
        Ok(())
    }
}
