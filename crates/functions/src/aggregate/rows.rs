//! What all accumulators share: walking over the rows that count, and columns of plain values.

use arrow::array::{Array, ArrayData, ArrayRef, BooleanArray, make_array};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use arrow::datatypes::{ArrowNativeType, DataType};
use flitz_dataflow::{Error, Result};

/// Calls `row(i, retracts)` for each row whose argument is not NULL and whose filter is TRUE, in order.
#[inline]
pub fn for_each_row(
    rows: usize,
    nulls: Option<&NullBuffer>,
    filter: Option<&BooleanArray>,
    retract: Option<&BooleanArray>,
    mut row: impl FnMut(usize, bool),
) {
    let selected = match (nulls.filter(|n| n.null_count() > 0), filter.map(true_rows)) {
        (None, None) => None,
        (Some(valid), None) => Some(valid.inner().clone()),
        (None, Some(kept)) => Some(kept),
        (Some(valid), Some(kept)) => Some(valid.inner() & &kept),
    };
    match (selected, retract) {
        (None, None) => (0..rows).for_each(|i| row(i, false)),
        (None, Some(retract)) => (0..rows).for_each(|i| row(i, retract.value(i))),
        (Some(selected), retract) => {
            selected.set_indices().for_each(|i| row(i, retract.is_some_and(|r| r.value(i))));
        }
    }
}

/// NULL is not true.
pub fn true_rows(filter: &BooleanArray) -> BooleanBuffer {
    match filter.nulls() {
        Some(valid) => filter.values() & valid.inner(),
        None => filter.values().clone(),
    }
}

/// The values of a column of native type `T`, whatever they mean (a DATE's days are i32s).
pub fn natives<T: ArrowNativeType>(column: &ArrayRef) -> Result<ScalarBuffer<T>> {
    let data = column.to_data();
    if column.data_type().primitive_width() != Some(size_of::<T>()) {
        return Err(Error::internal(format!("an aggregate's argument became {}", column.data_type())));
    }
    Ok(ScalarBuffer::new(data.buffers()[0].clone(), data.offset(), data.len()))
}

/// The inverse of `natives`.
pub fn column_of<T: ArrowNativeType>(
    data_type: &DataType,
    values: Vec<T>,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let len = values.len();
    let nulls = nulls.filter(|n| n.null_count() > 0);
    let data =
        ArrayData::builder(data_type.clone()).len(len).add_buffer(Buffer::from_vec(values)).nulls(nulls).build()?;
    Ok(make_array(data))
}

/// Values of `groups`.
pub fn gather<T: Copy>(values: &[T], groups: &[u32]) -> Vec<T> {
    groups.iter().map(|group| values[*group as usize]).collect()
}

/// Numbers `0..len`.
pub fn all_groups(len: usize) -> Vec<u32> {
    (0..len as u32).collect()
}

/// One bit per group: has it a value?
#[derive(Debug, Default)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub fn resize(&mut self, len: usize) {
        self.len = self.len.max(len);
        self.words.resize(self.len.div_ceil(64), 0);
    }

    #[inline]
    pub fn get(&self, group: u32) -> bool {
        self.words[group as usize >> 6] >> (group & 63) & 1 == 1
    }

    #[inline]
    pub fn set(&mut self, group: u32) {
        self.words[group as usize >> 6] |= 1 << (group & 63);
    }

    #[inline]
    pub fn unset(&mut self, group: u32) {
        self.words[group as usize >> 6] &= !(1 << (group & 63));
    }

    pub fn gather(&self, groups: &[u32]) -> NullBuffer {
        groups.iter().map(|group| self.get(*group)).collect()
    }

    /// All bits in order, leaving none.
    pub fn take(&mut self) -> NullBuffer {
        let len = std::mem::take(&mut self.len);
        NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(std::mem::take(&mut self.words)), 0, len))
    }

    pub fn bytes(&self) -> usize {
        self.words.capacity() * 8
    }
}
