use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::datatypes::{ArrowNativeType, DataType};
use flitz_dataflow::{Error, Result};

use super::GroupsAccumulator;
use super::rows::{Bits, column_of, for_each_row, gather, natives};

/// MIN and MAX of numbers, dates and times. NaN is neither smaller nor larger than anything, as in Java.
#[derive(Debug)]
pub struct Extreme<T, const MAX: bool> {
    data_type: DataType,
    values: Vec<T>,
    seen: Bits,
}

impl<T, const MAX: bool> Extreme<T, MAX> {
    pub fn new(data_type: DataType) -> Extreme<T, MAX> {
        Extreme { data_type, values: vec![], seen: Bits::default() }
    }
}

impl<T: ArrowNativeType + PartialOrd + Send, const MAX: bool> GroupsAccumulator for Extreme<T, MAX> {
    fn resize(&mut self, len: usize) {
        if len > self.values.len() {
            self.values.resize(len, T::default());
            self.seen.resize(len);
        }
    }

    fn update(
        &mut self,
        groups: &[u32],
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        retract: Option<&BooleanArray>,
    ) -> Result<()> {
        if retract.is_some() {
            return Err(Error::internal("MIN or MAX without memory of its values was asked to retract one"));
        }
        let values = natives::<T>(&args[0])?;
        for_each_row(groups.len(), args[0].nulls(), filter, None, |row, _| {
            let (group, value) = (groups[row], values[row]);
            let best = &mut self.values[group as usize];
            let better = if MAX { value > *best } else { value < *best };
            if better || !self.seen.get(group) {
                *best = value;
                self.seen.set(group);
            }
        });
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![self.data_type.clone()]
    }

    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(groups)?])
    }

    fn take_state(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![column_of(&self.data_type, std::mem::take(&mut self.values), Some(self.seen.take()))?])
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.update(groups, state, None, None)
    }

    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef> {
        column_of(&self.data_type, gather(&self.values, groups), Some(self.seen.gather(groups)))
    }

    fn clear(&mut self, groups: &[u32]) {
        groups.iter().for_each(|group| self.seen.unset(*group));
    }

    fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<T>() + self.seen.bytes()
    }
}
