//! Aggregates that need all of a group's values, whatever their order.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, BooleanArray, Float64Array, Int32Array, Int64Array, ListArray, MapArray,
    StructArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Int64Type};
use flitz_dataflow::bitmap::{RoaringBitmap, read_bitmap, write_bitmap};
use flitz_dataflow::{Error, Result};

use super::GroupsAccumulator;
use super::distinct::list_type;
use super::encoded::{Encoding, offsets_of};
use super::rows::{all_groups, for_each_row, natives};
use super::sequence::flatten;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// MIN where rows may be retracted.
    Least,
    /// MAX where rows may be retracted.
    Greatest,
    Collect,
    /// Of value, fraction and, if there are three columns, how often the value counts.
    Percentile,
    /// A set of integers, or its size if the result is a number.
    Bitmap(SetOf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOf {
    /// The integers that are aggregated.
    Values,
    /// Those in all of the sets that are aggregated.
    Common,
    /// Those in any of them.
    All,
    /// Those in an odd number of them.
    Odd,
}

/// The values of each group in their order, with the number of rows that hold each. A number may be negative
/// for a while, when a retraction comes before its insertion; such a value does not count.
#[derive(Debug)]
pub struct Multiset {
    summary: Summary,
    result: DataType,
    encoding: Encoding,
    values: Vec<BTreeMap<Box<[u8]>, i64>>,
    /// PERCENTILE: the fraction or fractions, as last seen.
    fractions: Vec<Option<Vec<f64>>>,
    entries: usize,
}

impl Multiset {
    pub fn new(summary: Summary, data_type: DataType, result: DataType, function: &str) -> Result<Multiset> {
        Ok(Multiset {
            summary,
            result,
            encoding: Encoding::new(vec![data_type], function)?,
            values: vec![],
            fractions: vec![],
            entries: 0,
        })
    }

    fn apply(&mut self, groups: &[u32], column: &ArrayRef, counts: impl Fn(usize) -> i64) -> Result<()> {
        let rows = self.encoding.encode(std::slice::from_ref(column))?;
        for (row, &group) in groups.iter().enumerate() {
            let (value, change) = (rows.row(row), counts(row));
            let values = &mut self.values[group as usize];
            match values.get_mut(value.as_ref()) {
                Some(count) => {
                    *count += change;
                    if *count == 0 {
                        values.remove(value.as_ref());
                        self.entries -= 1;
                    }
                }
                None if change != 0 => {
                    values.insert(value.as_ref().into(), change);
                    self.entries += 1;
                }
                None => {}
            }
        }
        Ok(())
    }

    #[expect(clippy::borrowed_box, reason = "the map's iterator gives exactly this")]
    fn flat(&self, groups: &[u32], counted_only: bool) -> Result<(ArrayRef, Vec<i64>, OffsetBuffer<i32>)> {
        let kept = |entry: &(&Box<[u8]>, &i64)| !counted_only || *entry.1 > 0;
        let lists = || groups.iter().map(|group| self.values[*group as usize].iter().filter(kept));
        let mut columns = self.encoding.decode(lists().flatten().map(|(value, _)| &**value))?;
        let counts = lists().flatten().map(|(_, count)| *count).collect();
        let column = columns.pop().ok_or_else(|| Error::internal("values without a column"))?;
        Ok((column, counts, offsets_of(lists().map(Iterator::count))))
    }

    /// Linear interpolation between the two values around the fraction's place.
    fn percentiles(&self, groups: &[u32]) -> Result<ArrayRef> {
        let (values, counts, offsets) = self.flat(groups, true)?;
        let values = values.as_primitive::<Float64Type>();
        let percentile = |range: std::ops::Range<usize>, fraction: f64| {
            let total: i64 = counts[range.clone()].iter().sum();
            if total == 0 {
                return None;
            }
            // In Flink's order of computation, ranks from 1.
            let place = fraction * (total - 1) as f64 + 1.0;
            let at = |wanted: i64| {
                let mut seen = 0;
                let found = range.clone().find(|row| {
                    seen += counts[*row];
                    seen >= wanted
                });
                found.map(|row| values.value(row))
            };
            let (floor, ceil) = (place.floor(), place.ceil());
            let (lower, upper) = (at(floor as i64)?, at(ceil as i64)?);
            Some(if lower == upper { lower } else { (ceil - place) * lower + (place - floor) * upper })
        };
        let groups = groups.iter().zip(offsets.windows(2)).map(|(group, ends)| {
            let range = ends[0] as usize..ends[1] as usize;
            let fractions = self.fractions[*group as usize].as_ref()?;
            fractions.iter().map(|fraction| percentile(range.clone(), *fraction)).collect::<Option<Vec<f64>>>()
        });
        if !self.takes_several() {
            let single = groups.map(|found| found.and_then(|values| values.first().copied()));
            return Ok(Arc::new(single.collect::<Float64Array>()));
        }
        Ok(lists(groups))
    }

    fn bitmaps(&self, groups: &[u32], set: SetOf) -> Result<ArrayRef> {
        let (values, counts, offsets) = self.flat(groups, true)?;
        let of = |row: usize| match set {
            SetOf::Values => Ok(RoaringBitmap::from_iter([values.as_primitive::<Int32Type>().value(row) as u32])),
            _ => read_bitmap(values.as_binary::<i32>().value(row)),
        };
        let mut bitmaps: Vec<Option<RoaringBitmap>> = Vec::with_capacity(groups.len());
        for ends in offsets.windows(2) {
            let mut whole: Option<RoaringBitmap> = None;
            let rows = ends[0] as usize..ends[1] as usize;
            for (row, count) in rows.clone().zip(&counts[rows]) {
                let one = of(row)?;
                whole = Some(match (whole, set) {
                    // A set that comes an even number of times takes itself out.
                    (None, SetOf::Odd) if count % 2 == 0 => RoaringBitmap::new(),
                    (Some(whole), SetOf::Odd) if count % 2 == 0 => whole,
                    (None, _) => one,
                    (Some(whole), SetOf::Values | SetOf::All) => whole | one,
                    (Some(whole), SetOf::Common) => whole & one,
                    (Some(whole), SetOf::Odd) => whole ^ one,
                });
            }
            bitmaps.push(whole);
        }
        if self.result == DataType::Int64 {
            let sizes = bitmaps.iter().map(|bitmap| bitmap.as_ref().map(|b| b.len() as i64));
            return Ok(Arc::new(sizes.collect::<Int64Array>()));
        }
        let mut column = BinaryBuilder::new();
        let mut bytes = vec![];
        for bitmap in bitmaps {
            bytes.clear();
            match bitmap {
                Some(bitmap) => {
                    write_bitmap(&bitmap, &mut bytes)?;
                    column.append_value(&bytes);
                }
                None => column.append_null(),
            }
        }
        Ok(Arc::new(column.finish()))
    }

    /// Whether PERCENTILE is asked for an array of fractions.
    fn takes_several(&self) -> bool {
        matches!(self.result, DataType::List(_))
    }

    /// The fractions of each row, all from 0 to 1.
    fn fractions_of(&self, column: &ArrayRef) -> Result<Vec<Option<Vec<f64>>>> {
        let fractions: Vec<Option<Vec<f64>>> = match column.as_list_opt::<i32>() {
            Some(lists) => lists.iter().map(|list| list.map(|list| doubles(&list))).collect(),
            None => doubles_or_null(column),
        };
        match fractions.iter().flatten().flatten().find(|f| !(0.0..=1.0).contains(*f)) {
            Some(wrong) => Err(Error::data(format!("PERCENTILE takes fractions from 0 to 1, found {wrong}"))),
            None => Ok(fractions),
        }
    }
}

impl GroupsAccumulator for Multiset {
    fn resize(&mut self, len: usize) {
        if len > self.values.len() {
            self.values.resize(len, BTreeMap::new());
            self.fractions.resize(len, None);
        }
    }

    fn update(
        &mut self,
        groups: &[u32],
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        retract: Option<&BooleanArray>,
    ) -> Result<()> {
        let mut changes = vec![0; groups.len()];
        for_each_row(groups.len(), args[0].nulls(), filter, retract, |row, retracts| {
            changes[row] = if retracts { -1 } else { 1 };
        });
        if self.summary == Summary::Percentile {
            if let Some(frequencies) = args.get(2) {
                let frequencies = frequencies.as_primitive::<Int64Type>();
                for (row, change) in changes.iter_mut().enumerate() {
                    *change *= if frequencies.is_null(row) { 0 } else { frequencies.value(row).max(0) };
                }
            }
            for (group, fractions) in groups.iter().zip(self.fractions_of(&args[1])?) {
                self.fractions[*group as usize] = fractions;
            }
        }
        self.apply(groups, &args[0], |row| changes[row])
    }

    fn state_types(&self) -> Vec<DataType> {
        let mut types = vec![list_type(self.encoding.types()[0].clone()), list_type(DataType::Int64)];
        if self.summary == Summary::Percentile {
            types.push(if self.takes_several() { list_type(DataType::Float64) } else { DataType::Float64 });
        }
        types
    }

    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        let (values, counts, offsets) = self.flat(groups, false)?;
        let item = Arc::new(Field::new("item", values.data_type().clone(), true));
        let values = ListArray::try_new(item, offsets.clone(), values, None)?;
        let item = Arc::new(Field::new("item", DataType::Int64, true));
        let counts = ListArray::try_new(item, offsets, Arc::new(Int64Array::from(counts)), None)?;
        let mut state: Vec<ArrayRef> = vec![Arc::new(values), Arc::new(counts)];
        if self.summary == Summary::Percentile {
            let fractions = groups.iter().map(|group| self.fractions[*group as usize].clone());
            state.push(match self.takes_several() {
                true => lists(fractions),
                false => {
                    let single = fractions.map(|found| found.and_then(|values| values.first().copied()));
                    Arc::new(single.collect::<Float64Array>())
                }
            });
        }
        Ok(state)
    }

    fn take_state(&mut self) -> Result<Vec<ArrayRef>> {
        let state = self.state(&all_groups(self.values.len()))?;
        (self.values, self.fractions, self.entries) = (vec![], vec![], 0);
        Ok(state)
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let (owners, columns) = flatten(groups, &state[..2]);
        let counts = natives::<i64>(&columns[1])?;
        self.apply(&owners, &columns[0], |row| counts[row])?;
        if self.summary == Summary::Percentile {
            for (group, fractions) in groups.iter().zip(self.fractions_of(&state[2])?) {
                if fractions.is_some() {
                    self.fractions[*group as usize] = fractions;
                }
            }
        }
        Ok(())
    }

    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef> {
        match self.summary {
            Summary::Least | Summary::Greatest => {
                let null = self.encoding.null()?;
                let picked = groups.iter().map(|group| {
                    let mut counted = self.values[*group as usize].iter().filter(|(_, count)| **count > 0);
                    let best = if self.summary == Summary::Least { counted.next() } else { counted.next_back() };
                    best.map_or(null.as_slice(), |(value, _)| value)
                });
                self.encoding.decode(picked)?.pop().ok_or_else(|| Error::internal("a value without a column"))
            }
            Summary::Collect => {
                let (values, counts, offsets) = self.flat(groups, true)?;
                let DataType::Map(entries, _) = &self.result else {
                    return Err(Error::internal("COLLECT without a MULTISET"));
                };
                let DataType::Struct(fields) = entries.data_type() else {
                    return Err(Error::internal("a MULTISET without entries"));
                };
                let counts = counts.into_iter().map(|count| count as i32).collect::<Vec<i32>>();
                let columns: Vec<ArrayRef> = vec![values, Arc::new(Int32Array::from(counts))];
                let pairs = StructArray::try_new(fields.clone(), columns, None::<NullBuffer>)?;
                Ok(Arc::new(MapArray::try_new(entries.clone(), offsets, pairs, None, false)?))
            }
            Summary::Percentile => self.percentiles(groups),
            Summary::Bitmap(set) => self.bitmaps(groups, set),
        }
    }

    fn clear(&mut self, groups: &[u32]) {
        for group in groups {
            self.entries -= std::mem::take(&mut self.values[*group as usize]).len();
            self.fractions[*group as usize] = None;
        }
    }

    fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<BTreeMap<Box<[u8]>, i64>>() + self.entries * 56
    }
}

fn doubles(values: &ArrayRef) -> Vec<f64> {
    values.as_primitive::<Float64Type>().iter().flatten().collect()
}

fn doubles_or_null(values: &ArrayRef) -> Vec<Option<Vec<f64>>> {
    values.as_primitive::<Float64Type>().iter().map(|value| value.map(|value| vec![value])).collect()
}

fn lists(values: impl Iterator<Item = Option<Vec<f64>>>) -> ArrayRef {
    let items = values.map(|list| list.map(|list| list.into_iter().map(Some).collect::<Vec<_>>()));
    Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(items))
}
