use std::marker::PhantomData;

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::datatypes::{ArrowNativeType, DataType, i256};
use flitz_dataflow::Result;

use super::GroupsAccumulator;
use super::rows::{Bits, column_of, for_each_row, gather, natives};

/// How values of one native type add up: integers wrap, DECIMALs overflow beyond 38 digits.
pub trait Summand: ArrowNativeType {
    /// What adds nothing.
    const NOTHING: Self;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;

    /// Whether this is a sum that has overflowed: it stays so, and counts as NULL.
    fn has_overflowed(self) -> bool {
        false
    }
}

macro_rules! summand {
    ($native:ty, $nothing:expr, $plus:expr, $minus:expr) => {
        impl Summand for $native {
            const NOTHING: $native = $nothing;

            #[inline]
            fn plus(self, other: $native) -> $native {
                ($plus)(self, other)
            }

            #[inline]
            fn minus(self, other: $native) -> $native {
                ($minus)(self, other)
            }
        }
    };
}

summand!(i8, 0, i8::wrapping_add, i8::wrapping_sub);
summand!(i16, 0, i16::wrapping_add, i16::wrapping_sub);
summand!(i32, 0, i32::wrapping_add, i32::wrapping_sub);
summand!(i64, 0, i64::wrapping_add, i64::wrapping_sub);
summand!(f32, -0.0, |a, b| a + b, |a, b| a - b);
summand!(f64, -0.0, |a, b| a + b, |a, b| a - b);

/// The largest unscaled DECIMAL: 38 nines.
const MAX_DECIMAL: i128 = 99_999_999_999_999_999_999_999_999_999_999_999_999;

/// Stands for a sum beyond it. No DECIMAL has this value.
const OVERFLOWED: i128 = i128::MAX;

impl Summand for i128 {
    const NOTHING: i128 = 0;

    fn plus(self, other: i128) -> i128 {
        if self.has_overflowed() || other.has_overflowed() {
            return OVERFLOWED;
        }
        within_38_digits(self.checked_add(other)).unwrap_or(OVERFLOWED)
    }

    fn minus(self, other: i128) -> i128 {
        if self.has_overflowed() || other.has_overflowed() {
            return OVERFLOWED;
        }
        within_38_digits(self.checked_sub(other)).unwrap_or(OVERFLOWED)
    }

    fn has_overflowed(self) -> bool {
        self == OVERFLOWED
    }
}

pub fn within_38_digits(value: Option<i128>) -> Option<i128> {
    value.filter(|v| (-MAX_DECIMAL..=MAX_DECIMAL).contains(v))
}

/// SUM in the type of its argument. NULL over no values, and for good once a DECIMAL sum has overflowed.
#[derive(Debug)]
pub struct Sum<T> {
    data_type: DataType,
    sums: Vec<T>,
    seen: Bits,
    /// Values that count now, if they may be retracted: a sum of none is NULL.
    counts: Option<Vec<i64>>,
    /// `$SUM0`: 0 over no values.
    zero_if_empty: bool,
}

impl<T: Summand> Sum<T> {
    pub fn new(data_type: DataType, retractable: bool, zero_if_empty: bool) -> Sum<T> {
        Sum { data_type, sums: vec![], seen: Bits::default(), counts: retractable.then(Vec::new), zero_if_empty }
    }
}

impl<T: Summand + Send> GroupsAccumulator for Sum<T> {
    fn resize(&mut self, len: usize) {
        if len > self.sums.len() {
            self.sums.resize(len, T::NOTHING);
            self.seen.resize(len);
            if let Some(counts) = &mut self.counts {
                counts.resize(len, 0);
            }
        }
    }

    fn update(
        &mut self,
        groups: &[u32],
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        retract: Option<&BooleanArray>,
    ) -> Result<()> {
        let values = natives::<T>(&args[0])?;
        let (sums, seen) = (&mut self.sums, &mut self.seen);
        if let Some(counts) = &mut self.counts {
            for_each_row(groups.len(), args[0].nulls(), filter, retract, |row, retracts| {
                let group = groups[row];
                let sum = &mut sums[group as usize];
                *sum = if retracts { sum.minus(values[row]) } else { sum.plus(values[row]) };
                counts[group as usize] += if retracts { -1 } else { 1 };
                seen.set(group);
            });
        } else if sums.len() == 1 && filter.is_none() && args[0].null_count() == 0 && !values.is_empty() {
            sums[0] = values.iter().fold(sums[0], |sum, value| sum.plus(*value));
            seen.set(0);
        } else {
            for_each_row(groups.len(), args[0].nulls(), filter, None, |row, _| {
                let group = groups[row];
                let sum = &mut sums[group as usize];
                *sum = sum.plus(values[row]);
                seen.set(group);
            });
        }
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        let mut types = vec![self.data_type.clone()];
        types.extend(self.counts.as_ref().map(|_| DataType::Int64));
        types
    }

    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        let mut state = vec![column_of(&self.data_type, gather(&self.sums, groups), Some(self.seen.gather(groups)))?];
        if let Some(counts) = &self.counts {
            state.push(column_of(&DataType::Int64, gather(counts, groups), None)?);
        }
        Ok(state)
    }

    fn take_state(&mut self) -> Result<Vec<ArrayRef>> {
        let mut state = vec![column_of(&self.data_type, std::mem::take(&mut self.sums), Some(self.seen.take()))?];
        if let Some(counts) = &mut self.counts {
            state.push(column_of(&DataType::Int64, std::mem::take(counts), None)?);
        }
        Ok(state)
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let values = natives::<T>(&state[0])?;
        let (sums, seen) = (&mut self.sums, &mut self.seen);
        for_each_row(groups.len(), state[0].nulls(), None, None, |row, _| {
            let sum = &mut sums[groups[row] as usize];
            *sum = sum.plus(values[row]);
            seen.set(groups[row]);
        });
        if let Some(counts) = &mut self.counts {
            for (group, count) in groups.iter().zip(natives::<i64>(&state[1])?.iter()) {
                counts[*group as usize] += count;
            }
        }
        Ok(())
    }

    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef> {
        let counted = |group: u32| self.counts.as_ref().is_none_or(|counts| counts[group as usize] != 0);
        let has_value = |group: u32| self.seen.get(group) && counted(group);
        let sums = groups.iter().map(|group| {
            let sum = self.sums[*group as usize];
            if has_value(*group) && !sum.has_overflowed() { sum } else { T::default() }
        });
        let is_valid =
            |group: &u32| !self.sums[*group as usize].has_overflowed() && (self.zero_if_empty || has_value(*group));
        column_of(&self.data_type, sums.collect(), Some(groups.iter().map(is_valid).collect()))
    }

    fn clear(&mut self, groups: &[u32]) {
        for group in groups {
            self.sums[*group as usize] = T::NOTHING;
            self.seen.unset(*group);
            if let Some(counts) = &mut self.counts {
                counts[*group as usize] = 0;
            }
        }
    }

    fn bytes(&self) -> usize {
        self.sums.capacity() * size_of::<T>() + self.seen.bytes() + self.counts.as_ref().map_or(0, |c| c.capacity() * 8)
    }
}

/// What AVG sums its arguments in, and how the quotient comes back to the result's type.
pub trait Averaged: ArrowNativeType {
    type Total: Summand + Send;
    fn widen(self) -> Self::Total;
    /// The quotient; `shift` decimal digits are gained first. None: NULL.
    fn quotient(total: Self::Total, count: i64, shift: u32) -> Option<Self>;
}

macro_rules! averaged {
    ($native:ty, $total:ty) => {
        impl Averaged for $native {
            type Total = $total;

            #[inline]
            fn widen(self) -> $total {
                self as $total
            }

            fn quotient(total: $total, count: i64, _shift: u32) -> Option<$native> {
                Some(total.wrapping_div_count(count) as $native)
            }
        }
    };
}

trait DivideByCount {
    fn wrapping_div_count(self, count: i64) -> Self;
}

impl DivideByCount for i64 {
    fn wrapping_div_count(self, count: i64) -> i64 {
        self.wrapping_div(count)
    }
}

impl DivideByCount for f64 {
    fn wrapping_div_count(self, count: i64) -> f64 {
        self / count as f64
    }
}

averaged!(i8, i64);
averaged!(i16, i64);
averaged!(i32, i64);
averaged!(i64, i64);
averaged!(f32, f64);
averaged!(f64, f64);

impl Averaged for i128 {
    type Total = i128;

    fn widen(self) -> i128 {
        self
    }

    fn quotient(total: i128, count: i64, shift: u32) -> Option<i128> {
        divide_half_up(total, count.into(), shift)
    }
}

/// `value * 10^shift / divisor`, half away from zero; None beyond 38 digits.
pub fn divide_half_up(value: i128, divisor: i128, shift: u32) -> Option<i128> {
    let scaled = i256::from_i128(value).checked_mul(i256::from_i128(10).checked_pow(shift)?)?;
    let divisor = i256::from_i128(divisor);
    let (quotient, rest) = (scaled.checked_div(divisor)?, scaled.checked_rem(divisor)?);
    let (rest, size) = (rest.wrapping_abs(), divisor.wrapping_abs());
    let away = i256::from_i128(if (value < 0) == (divisor < i256::ZERO) { 1 } else { -1 });
    let rounded = if rest.checked_add(rest)? >= size { quotient.checked_add(away)? } else { quotient };
    within_38_digits(rounded.to_i128())
}

/// AVG: the sum (integers as BIGINT, FLOAT as DOUBLE, DECIMAL with 38 digits) by the count, in the type of
/// the argument; a quotient of integers is truncated.
#[derive(Debug)]
pub struct Avg<T: Averaged> {
    data_type: DataType,
    sum_type: DataType,
    shift: u32,
    sums: Vec<T::Total>,
    counts: Vec<i64>,
    native: PhantomData<T>,
}

impl<T: Averaged> Avg<T> {
    /// `shift`: digits that a DECIMAL result has more behind the point than the argument.
    pub fn new(data_type: DataType, sum_type: DataType, shift: u32) -> Avg<T> {
        Avg { data_type, sum_type, shift, sums: vec![], counts: vec![], native: PhantomData }
    }
}

impl<T: Averaged + Send> GroupsAccumulator for Avg<T> {
    fn resize(&mut self, len: usize) {
        if len > self.sums.len() {
            self.sums.resize(len, T::Total::default());
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
        let values = natives::<T>(&args[0])?;
        for_each_row(groups.len(), args[0].nulls(), filter, retract, |row, retracts| {
            let (group, value) = (groups[row] as usize, values[row].widen());
            let sum = &mut self.sums[group];
            *sum = if retracts { sum.minus(value) } else { sum.plus(value) };
            self.counts[group] += if retracts { -1 } else { 1 };
        });
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![self.sum_type.clone(), DataType::Int64]
    }

    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        Ok(vec![
            column_of(&self.sum_type, gather(&self.sums, groups), None)?,
            column_of(&DataType::Int64, gather(&self.counts, groups), None)?,
        ])
    }

    fn take_state(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![
            column_of(&self.sum_type, std::mem::take(&mut self.sums), None)?,
            column_of(&DataType::Int64, std::mem::take(&mut self.counts), None)?,
        ])
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let (sums, counts) = (natives::<T::Total>(&state[0])?, natives::<i64>(&state[1])?);
        for (row, &group) in groups.iter().enumerate() {
            let sum = &mut self.sums[group as usize];
            *sum = sum.plus(sums[row]);
            self.counts[group as usize] += counts[row];
        }
        Ok(())
    }

    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef> {
        let mut averages = Vec::with_capacity(groups.len());
        let mut valid = Vec::with_capacity(groups.len());
        for &group in groups {
            let (sum, count) = (self.sums[group as usize], self.counts[group as usize]);
            let is_null = count == 0 || sum.has_overflowed();
            let average = if is_null { None } else { T::quotient(sum, count, self.shift) };
            averages.push(average.unwrap_or_default());
            valid.push(average.is_some());
        }
        column_of(&self.data_type, averages, Some(valid.into()))
    }

    fn clear(&mut self, groups: &[u32]) {
        for group in groups {
            self.sums[*group as usize] = T::Total::default();
            self.counts[*group as usize] = 0;
        }
    }

    fn bytes(&self) -> usize {
        self.sums.capacity() * size_of::<T::Total>() + self.counts.capacity() * 8
    }
}
