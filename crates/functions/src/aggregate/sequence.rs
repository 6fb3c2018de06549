//! Aggregates that need all of a group's values in order of arrival.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, StringBuilder, StructArray, new_null_array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field};
use flitz_dataflow::{DataType as FlinkType, Error, Result, TypeKind};

use super::GroupsAccumulator;
use super::distinct::list_type;
use super::encoded::{Encoding, offsets_of};
use super::json;
use super::rows::{all_groups, for_each_row};

/// What becomes of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// FIRST_VALUE where rows may be retracted.
    First,
    /// LAST_VALUE where rows may be retracted.
    Last,
    /// LISTAGG of value and, if there are two columns, separator.
    ListAgg,
    ArrayAgg {
        ignore_nulls: bool,
    },
    JsonArray(json::Form),
    JsonObject(json::Form),
    /// The one value of a scalar sub-query.
    Single,
    /// All columns of all rows, as ARRAY<ROW<…>>.
    Rows,
}

/// All values of each group in order of arrival. A retraction takes out the earliest equal one.
#[derive(Debug)]
pub struct Sequence {
    finish: Finish,
    result: DataType,
    /// Of the last argument, which JSON is made of.
    kind: TypeKind,
    encoding: Encoding,
    values: Vec<Vec<Box<[u8]>>>,
    bytes: usize,
}

impl Sequence {
    pub fn new(finish: Finish, args: &[FlinkType], result: DataType, function: &str) -> Result<Sequence> {
        let types = args.iter().map(FlinkType::to_arrow).collect();
        let kind = args.last().map_or(TypeKind::Null, |arg| arg.kind.clone());
        Ok(Sequence { finish, result, kind, encoding: Encoding::new(types, function)?, values: vec![], bytes: 0 })
    }

    fn skips_nulls(&self) -> bool {
        match self.finish {
            Finish::First | Finish::Last | Finish::ListAgg => true,
            Finish::ArrayAgg { ignore_nulls } => ignore_nulls,
            Finish::JsonArray(_) | Finish::JsonObject(_) | Finish::Single | Finish::Rows => false,
        }
    }

    fn apply(
        &mut self,
        groups: &[u32],
        columns: &[ArrayRef],
        filter: Option<&BooleanArray>,
        retract: Option<&BooleanArray>,
    ) -> Result<()> {
        let rows = self.encoding.encode(columns)?;
        let nulls = if self.skips_nulls() { columns[0].nulls() } else { None };
        let (values, bytes) = (&mut self.values, &mut self.bytes);
        for_each_row(groups.len(), nulls, filter, retract, |row, retracts| {
            let list = &mut values[groups[row] as usize];
            let value = rows.row(row);
            if !retracts {
                *bytes += value.as_ref().len() + size_of::<Box<[u8]>>();
                list.push(value.as_ref().into());
            } else if let Some(at) = list.iter().position(|held| **held == *value.as_ref()) {
                *bytes -= value.as_ref().len() + size_of::<Box<[u8]>>();
                list.remove(at);
            }
        });
        Ok(())
    }

    /// The values of these groups end to end, and where each group's begin.
    fn flat(&self, groups: &[u32]) -> Result<(Vec<ArrayRef>, OffsetBuffer<i32>)> {
        let lists = || groups.iter().map(|group| &self.values[*group as usize]);
        let columns = self.encoding.decode(lists().flatten().map(|value| &**value))?;
        Ok((columns, offsets_of(lists().map(Vec::len))))
    }

    fn texts(
        &self,
        groups: &[u32],
        write: impl Fn(&[ArrayRef], std::ops::Range<usize>, &mut String) -> Result<bool>,
    ) -> Result<ArrayRef> {
        let (columns, offsets) = self.flat(groups)?;
        let mut builder = StringBuilder::with_capacity(groups.len(), 64 * groups.len());
        let mut text = String::new();
        for range in offsets.windows(2) {
            text.clear();
            let is_null = !write(&columns, range[0] as usize..range[1] as usize, &mut text)?;
            builder.append_option((!is_null).then_some(&text));
        }
        Ok(Arc::new(builder.finish()))
    }
}

impl GroupsAccumulator for Sequence {
    fn resize(&mut self, len: usize) {
        if len > self.values.len() {
            self.values.resize(len, vec![]);
        }
    }

    fn update(
        &mut self,
        groups: &[u32],
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        retract: Option<&BooleanArray>,
    ) -> Result<()> {
        self.apply(groups, args, filter, retract)
    }

    fn state_types(&self) -> Vec<DataType> {
        self.encoding.types().iter().map(|t| list_type(t.clone())).collect()
    }

    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        let (columns, offsets) = self.flat(groups)?;
        columns
            .into_iter()
            .map(|values| {
                let item = Arc::new(Field::new("item", values.data_type().clone(), true));
                Ok(Arc::new(ListArray::try_new(item, offsets.clone(), values, None)?) as ArrayRef)
            })
            .collect()
    }

    fn take_state(&mut self) -> Result<Vec<ArrayRef>> {
        let state = self.state(&all_groups(self.values.len()))?;
        (self.values, self.bytes) = (vec![], 0);
        Ok(state)
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let (owners, columns) = flatten(groups, state);
        self.apply(&owners, &columns, None, None)
    }

    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef> {
        match self.finish {
            Finish::First | Finish::Last | Finish::Single => {
                let null = self.encoding.null()?;
                let mut picked = Vec::with_capacity(groups.len());
                for group in groups {
                    let values = &self.values[*group as usize];
                    if self.finish == Finish::Single && values.len() > 1 {
                        return Err(Error::data("a sub-query that must give one row gave more"));
                    }
                    let value = if self.finish == Finish::Last { values.last() } else { values.first() };
                    picked.push(value.map_or(null.as_slice(), |value| value));
                }
                self.encoding.decode(picked)?.pop().ok_or_else(|| Error::internal("a value without a column"))
            }
            Finish::ListAgg => self.texts(groups, |columns, range, text| {
                let values = columns[0].as_string::<i32>();
                let separators = columns.get(1).map(|column| column.as_string::<i32>());
                let any = !range.is_empty();
                for row in range.clone() {
                    if row > range.start {
                        match separators {
                            Some(separators) if separators.is_null(row) => {}
                            Some(separators) => text.push_str(separators.value(row)),
                            None => text.push(','),
                        }
                    }
                    text.push_str(values.value(row));
                }
                Ok(any)
            }),
            Finish::ArrayAgg { .. } => {
                let (columns, offsets) = self.flat(groups)?;
                let empty = offsets.lengths().map(|length| length > 0).collect::<NullBuffer>();
                let DataType::List(item) = &self.result else {
                    return Err(Error::internal("ARRAY_AGG without an ARRAY"));
                };
                let values = columns.into_iter().next().unwrap_or_else(|| new_null_array(item.data_type(), 0));
                let nulls = Some(empty).filter(|n| n.null_count() > 0);
                Ok(Arc::new(ListArray::try_new(item.clone(), offsets, values, nulls)?))
            }
            Finish::Rows => {
                let (columns, offsets) = self.flat(groups)?;
                let DataType::List(item) = &self.result else {
                    return Err(Error::internal("rows without an ARRAY"));
                };
                let DataType::Struct(fields) = item.data_type() else {
                    return Err(Error::internal("rows that are no ROW"));
                };
                let rows = StructArray::try_new(fields.clone(), columns, None)?;
                Ok(Arc::new(ListArray::try_new(item.clone(), offsets, Arc::new(rows), None)?))
            }
            Finish::JsonArray(form) => self.texts(groups, |columns, range, text| {
                json::write_array(&self.kind, &columns[0], range, form, text);
                Ok(true)
            }),
            Finish::JsonObject(form) => self.texts(groups, |columns, range, text| {
                json::write_object(&self.kind, &columns[0], &columns[1], range, form, text)?;
                Ok(true)
            }),
        }
    }

    fn clear(&mut self, groups: &[u32]) {
        for group in groups {
            let values = std::mem::take(&mut self.values[*group as usize]);
            self.bytes -= values.iter().map(|value| value.len() + size_of::<Box<[u8]>>()).sum::<usize>();
        }
    }

    fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<Vec<Box<[u8]>>>() + self.bytes
    }
}

/// The elements of lists, each with its list's group.
pub fn flatten(groups: &[u32], lists: &[ArrayRef]) -> (Vec<u32>, Vec<ArrayRef>) {
    let offsets = lists[0].as_list::<i32>().value_offsets();
    // A sliced list's values begin before its first offset.
    let (start, end) = (offsets[0] as usize, offsets[groups.len()] as usize);
    let owners = groups
        .iter()
        .zip(offsets.windows(2))
        .flat_map(|(group, ends)| std::iter::repeat_n(*group, (ends[1] - ends[0]) as usize))
        .collect();
    let columns = lists.iter().map(|list| list.as_list::<i32>().values().slice(start, end - start)).collect();
    (owners, columns)
}
