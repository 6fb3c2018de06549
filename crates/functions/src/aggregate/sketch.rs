use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, BooleanArray, Int64Array};
use arrow::datatypes::DataType;
use datasketches::hll::{HllSketch, HllType, HllUnion};
use flitz_dataflow::{Error, Result};

use super::GroupsAccumulator;
use super::key_interner::hash_columns;
use super::rows::{all_groups, for_each_row};

/// 2^14 registers: a standard error of 0.8 %.
const LOG2_REGISTERS: u8 = 14;

/// APPROX_COUNT_DISTINCT by HyperLogLog. A group with few values holds a list of them, one with many 16 KiB.
///
/// Flink refuses it in streaming; there it is our addition. The sketch is fed our own hash of the value, which
/// therefore must not change as long as checkpoints are to be read.
#[derive(Debug, Default)]
pub struct ApproxCountDistinct {
    sketches: Vec<Option<Box<HllSketch>>>,
}

fn new_sketch() -> Result<Box<HllSketch>> {
    HllSketch::new(LOG2_REGISTERS, HllType::Hll8).map(Box::new).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("the sketch of APPROX_COUNT_DISTINCT: {error}"))
}

impl GroupsAccumulator for ApproxCountDistinct {
    fn resize(&mut self, len: usize) {
        if len > self.sketches.len() {
            self.sketches.resize(len, None);
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
            return Err(Error::internal("a sketch was asked to retract a value"));
        }
        let hashes = hash_columns(&args[..1], groups.len())?;
        let empty = new_sketch()?;
        let sketches = &mut self.sketches;
        for_each_row(groups.len(), args[0].nulls(), filter, None, |row, _| {
            sketches[groups[row] as usize].get_or_insert_with(|| empty.clone()).update(hashes[row]);
        });
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Binary]
    }

    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        let mut builder = BinaryBuilder::new();
        for group in groups {
            builder.append_option(self.sketches[*group as usize].as_ref().map(|sketch| sketch.serialize()));
        }
        Ok(vec![Arc::new(builder.finish())])
    }

    fn take_state(&mut self) -> Result<Vec<ArrayRef>> {
        let state = self.state(&all_groups(self.sketches.len()))?;
        self.sketches = vec![];
        Ok(state)
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let serialized = state[0].as_binary::<i32>();
        for (row, group) in groups.iter().enumerate().filter(|(row, _)| serialized.is_valid(*row)) {
            let other = HllSketch::deserialize(serialized.value(row)).map_err(broken)?;
            let sketch = &mut self.sketches[*group as usize];
            *sketch = Some(Box::new(match sketch.take() {
                None => other,
                Some(sketch) => {
                    let mut union = HllUnion::new(LOG2_REGISTERS).map_err(broken)?;
                    union.update(&sketch);
                    union.update(&other);
                    union.to_sketch(HllType::Hll8)
                }
            }));
        }
        Ok(())
    }

    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef> {
        let estimate = |group: &u32| {
            let sketch = self.sketches[*group as usize].as_ref();
            sketch.map_or(0, |sketch| sketch.estimate().round() as i64)
        };
        Ok(Arc::new(Int64Array::from_iter_values(groups.iter().map(estimate))))
    }

    fn clear(&mut self, groups: &[u32]) {
        for group in groups {
            self.sketches[*group as usize] = None;
        }
    }

    fn bytes(&self) -> usize {
        let sampled: usize = self.sketches.iter().flatten().take(64).map(|sketch| sketch.estimated_size()).sum();
        let average = sampled.div_ceil(self.sketches.len().clamp(1, 64));
        self.sketches.len() * (8 + average)
    }
}
