use arrow::array::{ArrayRef, BooleanArray, Float64Array};
use arrow::datatypes::DataType;
use flitz_dataflow::{Result, TypeKind};

use super::GroupsAccumulator;
use super::rows::{column_of, for_each_row, gather, natives};
use crate::cast::of_doubles;

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
}

/// Count, mean and sum of squared distances from the mean, brought forward value by value (Welford), as Flink's
/// `$WELFORD_M2`; 24 bytes per group. All in DOUBLE; only the result is cast to the type of the argument. Steps are
/// in Flink's order, so that last digits agree.
#[derive(Debug)]
pub struct Moments {
    deviation: Deviation,
    result: TypeKind,
    counts: Vec<i64>,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl Moments {
    pub fn new(deviation: Deviation, result: TypeKind) -> Moments {
        Moments { deviation, result, counts: vec![], means: vec![], squares: vec![] }
    }

    fn add(&mut self, group: usize, value: f64) {
        self.counts[group] += 1;
        if self.counts[group] <= 0 {
            return;
        }
        let delta = value - self.means[group];
        self.means[group] += delta / self.counts[group] as f64;
        self.squares[group] += delta * (value - self.means[group]);
    }

    fn retract(&mut self, group: usize, value: f64) {
        self.counts[group] -= 1;
        if self.counts[group] <= 0 {
            if self.counts[group] == 0 {
                (self.means[group], self.squares[group]) = (0.0, 0.0);
            }
            return;
        }
        let delta = value - self.means[group];
        self.means[group] -= delta / self.counts[group] as f64;
        self.squares[group] -= (value - self.means[group]) * delta;
    }

    fn join(&mut self, group: usize, count: i64, mean: f64, square: f64) {
        let own = self.counts[group];
        if count <= 0 {
            self.counts[group] += count;
            if self.counts[group] <= 0 {
                (self.means[group], self.squares[group]) = (0.0, 0.0);
            }
        } else if own == 0 {
            (self.counts[group], self.means[group], self.squares[group]) = (count, mean, square);
        } else {
            let both = (own + count) as f64;
            let delta = mean - self.means[group];
            self.counts[group] = own + count;
            self.means[group] += count as f64 / both * delta;
            self.squares[group] = self.squares[group] + square + own as f64 * count as f64 / both * delta * delta;
        }
    }

    fn finish(&self, group: usize) -> Option<f64> {
        let (count, square) = (self.counts[group], self.squares[group]);
        if count <= 0 || square < 0.0 {
            return None;
        }
        let divisor = if self.deviation.sample { count - 1 } else { count };
        let variance = (divisor > 0).then(|| square / divisor as f64)?;
        Some(if self.deviation.root { variance.powf(0.5) } else { variance })
    }
}

impl GroupsAccumulator for Moments {
    fn resize(&mut self, len: usize) {
        if len > self.counts.len() {
            self.counts.resize(len, 0);
            self.means.resize(len, 0.0);
            self.squares.resize(len, 0.0);
        }
    }

    fn update(
        &mut self,
        groups: &[u32],
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        retract: Option<&BooleanArray>,
    ) -> Result<()> {
        let values = natives::<f64>(&args[0])?;
        for_each_row(groups.len(), args[0].nulls(), filter, retract, |row, retracts| {
            let group = groups[row] as usize;
            if retracts { self.retract(group, values[row]) } else { self.add(group, values[row]) }
        });
        Ok(())
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![DataType::Int64, DataType::Float64, DataType::Float64]
    }

    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        Ok(vec![
            column_of(&DataType::Int64, gather(&self.counts, groups), None)?,
            column_of(&DataType::Float64, gather(&self.means, groups), None)?,
            column_of(&DataType::Float64, gather(&self.squares, groups), None)?,
        ])
    }

    fn take_state(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![
            column_of(&DataType::Int64, std::mem::take(&mut self.counts), None)?,
            column_of(&DataType::Float64, std::mem::take(&mut self.means), None)?,
            column_of(&DataType::Float64, std::mem::take(&mut self.squares), None)?,
        ])
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let counts = natives::<i64>(&state[0])?;
        let (means, squares) = (natives::<f64>(&state[1])?, natives::<f64>(&state[2])?);
        for (row, &group) in groups.iter().enumerate() {
            self.join(group as usize, counts[row], means[row], squares[row]);
        }
        Ok(())
    }

    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef> {
        let results: Float64Array = groups.iter().map(|group| self.finish(*group as usize)).collect();
        of_doubles(results, &self.result)
    }

    fn clear(&mut self, groups: &[u32]) {
        for group in groups {
            let group = *group as usize;
            (self.counts[group], self.means[group], self.squares[group]) = (0, 0.0, 0.0);
        }
    }

    fn bytes(&self) -> usize {
        (self.counts.capacity() + self.means.capacity() + self.squares.capacity()) * 8
    }
}
