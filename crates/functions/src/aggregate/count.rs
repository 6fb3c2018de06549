use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array};
use arrow::buffer::NullBuffer;
use arrow::datatypes::DataType;
use flitz_dataflow::Result;

use super::GroupsAccumulator;
use super::rows::{for_each_row, gather, natives};

/// COUNT: rows in which no argument is NULL. 8 bytes per group.
#[derive(Debug, Default)]
pub struct Count {
    counts: Vec<i64>,
}

impl GroupsAccumulator for Count {
    fn resize(&mut self, len: usize) {
        if len > self.counts.len() {
            self.counts.resize(len, 0);
        }
    }

    fn update(
        &mut self,
        groups: &[u32],
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        retract: Option<&BooleanArray>,
    ) -> Result<()> {
        let nulls =
            args.iter().fold(None, |nulls: Option<NullBuffer>, arg| NullBuffer::union(nulls.as_ref(), arg.nulls()));
        let counts = &mut self.counts;
        if counts.len() == 1 && filter.is_none() && retract.is_none() {
            counts[0] += (groups.len() - nulls.map_or(0, |n| n.null_count())) as i64;
            return Ok(());
        }
        for_each_row(groups.len(), nulls.as_ref(), filter, retract, |row, retracts| {
            counts[groups[row] as usize] += if retracts { -1 } else { 1 };
        });
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Int64]
    }

    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(groups)?])
    }

    fn take_state(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(Int64Array::from(std::mem::take(&mut self.counts)))])
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        for (group, count) in groups.iter().zip(natives::<i64>(&state[0])?.iter()) {
            self.counts[*group as usize] += count;
        }
        Ok(())
    }

    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef> {
        Ok(Arc::new(Int64Array::from(gather(&self.counts, groups))))
    }

    fn clear(&mut self, groups: &[u32]) {
        for group in groups {
            self.counts[*group as usize] = 0;
        }
    }

    fn bytes(&self) -> usize {
        self.counts.capacity() * 8
    }
}
