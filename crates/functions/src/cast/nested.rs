//! Collections and rows, cast element by element.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray, UInt32Array, make_array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType as Arrow, FieldRef};
use flitz_dataflow::{DataType, Error, Result, TypeKind};

use super::{Caster, caster};
use crate::EvalContext;
use crate::scalar::collection::check_not_null;

pub(super) fn to_nested(from: &DataType, to: &DataType, safe: bool, context: &EvalContext) -> Result<Caster> {
    let arrow = to.to_arrow();
    Ok(match (&from.kind, &to.kind, arrow) {
        (TypeKind::Array(a), TypeKind::Array(b), Arrow::List(field)) => {
            let mut element = caster(a, b, safe, context)?;
            Box::new(move |array| {
                let list = array.as_list::<i32>();
                let Elements { offsets, columns: [elements] } =
                    Elements::of(list.offsets(), list.nulls(), [list.values()])?;
                let values = element(&elements)?;
                let nulls = without_failed(list.nulls(), list.len(), &elements, &values, |row| range(&offsets, row));
                check_not_null(field.as_ref(), &values, None)?;
                Ok(Arc::new(ListArray::try_new(field.clone(), offsets, values, nulls)?))
            })
        }
        (TypeKind::Map(k1, v1), TypeKind::Map(k2, v2), Arrow::Map(entries, _)) => {
            map(entries, caster(k1, k2, safe, context)?, caster(v1, v2, safe, context)?)?
        }
        (TypeKind::Multiset(a), TypeKind::Multiset(b), Arrow::Map(entries, _)) => {
            map(entries, caster(a, b, safe, context)?, Box::new(|counts| Ok(counts.clone())))?
        }
        (TypeKind::Row(a), TypeKind::Row(b), Arrow::Struct(fields)) => {
            let mut casters = a
                .iter()
                .zip(b)
                .map(|(x, y)| caster(&x.data_type, &y.data_type, safe, context))
                .collect::<Result<Vec<_>>>()?;
            Box::new(move |array| {
                let row = array.as_struct();
                let fields_of_rows: Vec<ArrayRef> =
                    row.columns().iter().map(|column| hidden(column, row.nulls())).collect::<Result<_>>()?;
                let columns: Vec<ArrayRef> = casters
                    .iter_mut()
                    .zip(&fields_of_rows)
                    .map(|(cast, column)| cast(column))
                    .collect::<Result<_>>()?;
                let mut nulls = row.nulls().cloned();
                for (before, after) in fields_of_rows.iter().zip(&columns) {
                    nulls = without_failed(nulls.as_ref(), row.len(), before, after, |i| i..i + 1);
                }
                let check = |(field, column): (&FieldRef, &ArrayRef)| check_not_null(field, column, nulls.as_ref());
                fields.iter().zip(&columns).try_for_each(check)?;
                Ok(Arc::new(StructArray::try_new(fields.clone(), columns, nulls)?))
            })
        }
        _ => return Err(Error::internal(format!("no cast of {from} to {to}"))),
    })
}

/// TRY_CAST of a collection is NULL as a whole where one of its elements could not be cast.
fn without_failed(
    nulls: Option<&NullBuffer>,
    rows: usize,
    before: &ArrayRef,
    after: &ArrayRef,
    elements: impl Fn(usize) -> Range<usize>,
) -> Option<NullBuffer> {
    if after.null_count() == before.null_count() {
        return nulls.cloned();
    }
    let whole = |row| elements(row).all(|i| after.is_valid(i) || before.is_null(i));
    let intact: NullBuffer = (0..rows).map(whole).collect::<Vec<bool>>().into();
    NullBuffer::union(nulls, Some(&intact))
}

fn map(entries: FieldRef, mut key: Caster, mut value: Caster) -> Result<Caster> {
    let Arrow::Struct(fields) = entries.data_type().clone() else {
        return Err(Error::internal("a map without entries"));
    };
    Ok(Box::new(move |array: &ArrayRef| {
        let map = array.as_map();
        let Elements { offsets, columns: [keys, values] } =
            Elements::of(map.offsets(), map.nulls(), [map.keys(), map.values()])?;
        let (cast_keys, cast_values) = (key(&keys)?, value(&values)?);
        let nulls = without_failed(map.nulls(), map.len(), &values, &cast_values, |row| range(&offsets, row));
        check_not_null(&fields[0], &cast_keys, None)?;
        check_not_null(&fields[1], &cast_values, None)?;
        let pairs = StructArray::try_new(fields.clone(), vec![cast_keys, cast_values], None)?;
        Ok(Arc::new(MapArray::try_new(entries.clone(), offsets, pairs, nulls, false)?))
    }))
}

fn range(offsets: &OffsetBuffer<i32>, row: usize) -> Range<usize> {
    offsets[row] as usize..offsets[row + 1] as usize
}

/// The elements that belong to a collection, and no others: Arrow may keep those of other rows, and some beneath a NULL. A cast
/// must not fail over them.
struct Elements<const N: usize> {
    offsets: OffsetBuffer<i32>,
    columns: [ArrayRef; N],
}

impl<const N: usize> Elements<N> {
    fn of(offsets: &OffsetBuffer<i32>, nulls: Option<&NullBuffer>, columns: [&ArrayRef; N]) -> Result<Elements<N>> {
        let rows = offsets.len() - 1;
        let visible = |row: usize| if nulls.is_some_and(|n| n.is_null(row)) { 0..0 } else { range(offsets, row) };
        let total: usize = (0..rows).map(|row| visible(row).len()).sum();
        if columns.iter().all(|column| column.len() == total) {
            return Ok(Elements { offsets: offsets.clone(), columns: columns.map(ArrayRef::clone) });
        }
        let indices: UInt32Array = (0..rows).flat_map(visible).map(|i| i as u32).collect::<Vec<u32>>().into();
        let mut taken = columns.map(ArrayRef::clone);
        for column in &mut taken {
            *column = take(column, &indices, None)?;
        }
        Ok(Elements { offsets: OffsetBuffer::from_lengths((0..rows).map(|row| visible(row).len())), columns: taken })
    }
}

/// A field of rows, NULL where the row is.
fn hidden(column: &ArrayRef, rows: Option<&NullBuffer>) -> Result<ArrayRef> {
    if rows.is_none_or(|nulls| nulls.null_count() == 0) || column.nulls() == rows || *column.data_type() == Arrow::Null
    {
        return Ok(column.clone());
    }
    let nulls = NullBuffer::union(column.nulls(), rows);
    Ok(make_array(column.to_data().into_builder().nulls(nulls).build()?))
}
