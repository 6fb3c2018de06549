use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::datatypes::DataType;
use flitz_dataflow::{Error, Result};

use super::GroupsAccumulator;
use super::encoded::Encoding;
use super::rows::{all_groups, for_each_row};

/// Which of a group's values it keeps. NULLs are skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    First,
    Last,
    Least,
    Greatest,
}

/// FIRST_VALUE and LAST_VALUE (by arrival) of any type, MIN and MAX of types that are not plain numbers.
#[derive(Debug)]
pub struct Pick {
    rule: Rule,
    encoding: Encoding,
    /// The encoded value of each group; empty if it has none (an encoded value is never empty).
    picked: Vec<Vec<u8>>,
}

impl Pick {
    pub fn new(rule: Rule, data_type: DataType, function: &str) -> Result<Pick> {
        Ok(Pick { rule, encoding: Encoding::new(vec![data_type], function)?, picked: vec![] })
    }
}

impl GroupsAccumulator for Pick {
    fn resize(&mut self, len: usize) {
        if len > self.picked.len() {
            self.picked.resize(len, vec![]);
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
            return Err(Error::internal("an aggregate without memory of its values was asked to retract one"));
        }
        let rows = self.encoding.encode(&args[..1])?;
        let (rule, picked) = (self.rule, &mut self.picked);
        for_each_row(groups.len(), args[0].nulls(), filter, None, |row, _| {
            let value = rows.row(row);
            let kept = &mut picked[groups[row] as usize];
            let takes = kept.is_empty()
                || match rule {
                    Rule::First => false,
                    Rule::Last => true,
                    Rule::Least => value.as_ref() < kept.as_slice(),
                    Rule::Greatest => value.as_ref() > kept.as_slice(),
                };
            if takes {
                kept.clear();
                kept.extend_from_slice(value.as_ref());
            }
        });
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        self.encoding.types().to_vec()
    }

    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        let null = self.encoding.null()?;
        self.encoding.decode(groups.iter().map(|group| match self.picked[*group as usize].as_slice() {
            [] => null.as_slice(),
            value => value,
        }))
    }

    fn take_state(&mut self) -> Result<Vec<ArrayRef>> {
        let state = self.state(&all_groups(self.picked.len()))?;
        self.picked = vec![];
        Ok(state)
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.update(groups, state, None, None)
    }

    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef> {
        self.state(groups)?.pop().ok_or_else(|| Error::internal("a value without a column"))
    }

    fn clear(&mut self, groups: &[u32]) {
        for group in groups {
            self.picked[*group as usize] = vec![];
        }
    }

    fn bytes(&self) -> usize {
        // Looking into each would cost more than the figure is worth.
        let sampled = self.picked.iter().take(64).map(Vec::capacity).sum::<usize>();
        let average = sampled.div_ceil(self.picked.len().clamp(1, 64));
        self.picked.capacity() * size_of::<Vec<u8>>() + self.picked.len() * average
    }
}
