use std::marker::PhantomData;

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::datatypes::{ArrowNativeType, DataType};
use flitz_dataflow::Result;

use super::GroupsAccumulator;
use super::rows::{column_of, for_each_row, gather, natives};
use super::sum::{divide_half_up, within_38_digits};

/// STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The root of the variance.
    pub root: bool,
    /// Divided by one less than the count.
    pub sample: bool,
}

impl Deviation {
    pub fn named(name: &str) -> Option<Deviation> {
        match name {
            "STDDEV_POP" => Some(Deviation { root: true, sample: false }),
            "STDDEV_SAMP" | "STDDEV" => Some(Deviation { root: true, sample: true }),
            "VAR_POP" => Some(Deviation { root: false, sample: false }),
            "VAR_SAMP" | "VARIANCE" => Some(Deviation { root: false, sample: true }),
            _ => None,
        }
    }

    fn divisor(self, count: i64) -> Option<i64> {
        Some(if self.sample { count - 1 } else { count }).filter(|divisor| *divisor > 0)
    }
}

/// How Flink computes with values of one type: it rewrites the variance of x to
/// `(SUM(x * x) - SUM(x) * SUM(x) / COUNT(x)) / n`, each step in the type of x. So integers wrap and truncate,
/// and DECIMALs round.
pub trait Measure: ArrowNativeType {
    type Total: ArrowNativeType;

    fn add(total: Self::Total, square: Self::Total, value: Self, sign: i64) -> Option<(Self::Total, Self::Total)>;

    fn merge(a: Self::Total, b: Self::Total) -> Option<Self::Total>;

    fn finish(total: Self::Total, square: Self::Total, count: i64, divisor: i64, root: bool) -> Option<Self>;
}

macro_rules! integer_measure {
    ($native:ty) => {
        impl Measure for $native {
            type Total = i64;

            fn add(total: i64, square: i64, value: $native, sign: i64) -> Option<(i64, i64)> {
                let wide = value as i64;
                let squared = wide.wrapping_mul(wide).wrapping_mul(sign);
                Some((total.wrapping_add(wide.wrapping_mul(sign)), square.wrapping_add(squared)))
            }

            fn merge(a: i64, b: i64) -> Option<i64> {
                Some(a.wrapping_add(b))
            }

            fn finish(total: i64, square: i64, count: i64, divisor: i64, root: bool) -> Option<$native> {
                // Sums wrap in the argument's type: the low bits of the wide sums.
                let total = total as $native;
                let mean_square = total.wrapping_mul(total) as i64 / count;
                let variance = (square as $native as i64).wrapping_sub(mean_square) / divisor;
                Some(if root { (variance as f64).sqrt() as $native } else { variance as $native })
            }
        }
    };
}

integer_measure!(i8);
integer_measure!(i16);
integer_measure!(i32);
integer_measure!(i64);

macro_rules! float_measure {
    ($native:ty) => {
        impl Measure for $native {
            type Total = f64;

            fn add(total: f64, square: f64, value: $native, sign: i64) -> Option<(f64, f64)> {
                let wide = value as f64;
                let squared = wide * wide;
                Some(if sign > 0 { (total + wide, square + squared) } else { (total - wide, square - squared) })
            }

            fn merge(a: f64, b: f64) -> Option<f64> {
                Some(a + b)
            }

            fn finish(total: f64, square: f64, count: i64, divisor: i64, root: bool) -> Option<$native> {
                let variance = (square - total * total / count as f64) / divisor as f64;
                Some(if root { variance.sqrt() as $native } else { variance as $native })
            }
        }
    };
}

float_measure!(f32);
float_measure!(f64);

/// Values come with, and all steps have, six digits behind the point.
const DIGITS: u32 = 6;

impl Measure for i128 {
    type Total = i128;

    fn add(total: i128, square: i128, value: i128, sign: i64) -> Option<(i128, i128)> {
        let squared = multiply(value, value)?;
        let sign = i128::from(sign);
        Some((
            within_38_digits(total.checked_add(value * sign))?,
            within_38_digits(square.checked_add(squared * sign))?,
        ))
    }

    fn merge(a: i128, b: i128) -> Option<i128> {
        within_38_digits(a.checked_add(b))
    }

    fn finish(total: i128, square: i128, count: i64, divisor: i64, root: bool) -> Option<i128> {
        let mean_square = divide_half_up(multiply(total, total)?, count.into(), 0)?;
        let variance = divide_half_up(square.checked_sub(mean_square)?, divisor.into(), 0)?;
        if !root {
            return Some(variance);
        }
        let unit = 10_f64.powi(DIGITS as i32);
        within_38_digits(Some(((variance as f64 / unit).sqrt() * unit).round() as i128))
    }
}

/// Product of two numbers of six digits behind the point, rounded to six.
fn multiply(a: i128, b: i128) -> Option<i128> {
    use arrow::datatypes::i256;
    let product = i256::from_i128(a).checked_mul(i256::from_i128(b))?;
    let unit = i256::from_i128(10_i128.pow(DIGITS));
    let (quotient, rest) = (product.checked_div(unit)?, product.checked_rem(unit)?.wrapping_abs());
    let away = i256::from_i128(if product < i256::ZERO { -1 } else { 1 });
    let rounded = if rest.checked_add(rest)? >= unit { quotient.checked_add(away)? } else { quotient };
    within_38_digits(rounded.to_i128())
}

/// Sum, sum of squares and count per group: 24 bytes (40 for DECIMAL).
#[derive(Debug)]
pub struct Moments<T: Measure> {
    deviation: Deviation,
    data_type: DataType,
    sum_type: DataType,
    /// The argument times this has the result's scale.
    factor: i128,
    sums: Vec<T::Total>,
    squares: Vec<T::Total>,
    counts: Vec<i64>,
    /// A DECIMAL sum overflowed: the result is NULL.
    overflowed: Vec<bool>,
    native: PhantomData<T>,
}

impl<T: Measure> Moments<T> {
    /// `shift`: digits that the result has more behind the point than the argument.
    pub fn new(deviation: Deviation, data_type: DataType, sum_type: DataType, shift: u32) -> Moments<T> {
        Moments {
            deviation,
            data_type,
            sum_type,
            factor: 10_i128.pow(shift),
            sums: vec![],
            squares: vec![],
            counts: vec![],
            overflowed: vec![],
            native: PhantomData,
        }
    }
}

impl<T: Measure + Send + Scalable> GroupsAccumulator for Moments<T> {
    fn resize(&mut self, len: usize) {
        if len > self.sums.len() {
            self.sums.resize(len, T::Total::default());
            self.squares.resize(len, T::Total::default());
            self.counts.resize(len, 0);
            self.overflowed.resize(len, false);
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
            let group = groups[row] as usize;
            let sign = if retracts { -1 } else { 1 };
            self.counts[group] += sign;
            let (sum, square) = (self.sums[group], self.squares[group]);
            match values[row].scaled(self.factor).and_then(|value| T::add(sum, square, value, sign)) {
                Some((sum, square)) => (self.sums[group], self.squares[group]) = (sum, square),
                None => self.overflowed[group] = true,
            }
        });
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![self.sum_type.clone(), self.sum_type.clone(), DataType::Int64]
    }

    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        let valid = groups.iter().map(|group| !self.overflowed[*group as usize]).collect();
        Ok(vec![
            column_of(&self.sum_type, gather(&self.sums, groups), Some(valid))?,
            column_of(&self.sum_type, gather(&self.squares, groups), None)?,
            column_of(&DataType::Int64, gather(&self.counts, groups), None)?,
        ])
    }

    fn take_state(&mut self) -> Result<Vec<ArrayRef>> {
        let valid = std::mem::take(&mut self.overflowed).iter().map(|overflowed| !overflowed).collect();
        Ok(vec![
            column_of(&self.sum_type, std::mem::take(&mut self.sums), Some(valid))?,
            column_of(&self.sum_type, std::mem::take(&mut self.squares), None)?,
            column_of(&DataType::Int64, std::mem::take(&mut self.counts), None)?,
        ])
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let (sums, squares) = (natives::<T::Total>(&state[0])?, natives::<T::Total>(&state[1])?);
        let counts = natives::<i64>(&state[2])?;
        for (row, &group) in groups.iter().enumerate() {
            let group = group as usize;
            self.counts[group] += counts[row];
            match (T::merge(self.sums[group], sums[row]), T::merge(self.squares[group], squares[row])) {
                (Some(sum), Some(square)) if state[0].is_valid(row) => {
                    (self.sums[group], self.squares[group]) = (sum, square);
                }
                _ => self.overflowed[group] = true,
            }
        }
        Ok(())
    }

    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef> {
        let results: Vec<Option<T>> = groups
            .iter()
            .map(|group| {
                let group = *group as usize;
                let count = self.counts[group];
                let divisor = self.deviation.divisor(count).filter(|_| count > 0 && !self.overflowed[group])?;
                T::finish(self.sums[group], self.squares[group], count, divisor, self.deviation.root)
            })
            .collect();
        let valid = results.iter().map(Option::is_some).collect();
        column_of(&self.data_type, results.into_iter().map(Option::unwrap_or_default).collect(), Some(valid))
    }

    fn clear(&mut self, groups: &[u32]) {
        for group in groups {
            let group = *group as usize;
            (self.sums[group], self.squares[group]) = Default::default();
            (self.counts[group], self.overflowed[group]) = (0, false);
        }
    }

    fn bytes(&self) -> usize {
        self.sums.capacity() * (2 * size_of::<T::Total>() + 9)
    }
}

/// Brings a DECIMAL to the scale it is computed at; other numbers have none.
pub trait Scalable: Sized {
    fn scaled(self, factor: i128) -> Option<Self>;
}

macro_rules! unscaled {
    ($($native:ty),*) => {
        $(impl Scalable for $native {
            fn scaled(self, _factor: i128) -> Option<$native> {
                Some(self)
            }
        })*
    };
}

unscaled!(i8, i16, i32, i64, f32, f64);

impl Scalable for i128 {
    fn scaled(self, factor: i128) -> Option<i128> {
        within_38_digits(self.checked_mul(factor))
    }
}
