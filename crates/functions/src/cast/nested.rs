//! Collections and rows, cast element by element.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType as Arrow, FieldRef};
use flitz_dataflow::{DataType, Error, Result, TypeKind};

use super::{Caster, caster};
use crate::EvalContext;

pub(super) fn to_nested(from: &DataType, to: &DataType, safe: bool, context: &EvalContext) -> Result<Caster> {
    let arrow = to.to_arrow();
    Ok(match (&from.kind, &to.kind, arrow) {
        (TypeKind::Array(a), TypeKind::Array(b), Arrow::List(field)) => {
            let mut element = caster(a, b, safe, context)?;
            Box::new(move |array| {
                let list = array.as_list::<i32>();
                let values = element(list.values())?;
                let nulls = without_failed(list.nulls(), list.len(), list.values(), &values, |row| {
                    list.value_offsets()[row] as usize..list.value_offsets()[row + 1] as usize
                });
                Ok(Arc::new(ListArray::try_new(field.clone(), list.offsets().clone(), values, nulls)?))
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
                let columns: Vec<ArrayRef> =
                    casters.iter_mut().zip(row.columns()).map(|(cast, column)| cast(column)).collect::<Result<_>>()?;
                let mut nulls = row.nulls().cloned();
                for (before, after) in row.columns().iter().zip(&columns) {
                    nulls = without_failed(nulls.as_ref(), row.len(), before, after, |i| i..i + 1);
                }
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
    elements: impl Fn(usize) -> std::ops::Range<usize>,
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
        let (keys, values) = (key(map.keys())?, value(map.values())?);
        let range = |row: usize| map.value_offsets()[row] as usize..map.value_offsets()[row + 1] as usize;
        let nulls = without_failed(map.nulls(), map.len(), map.values(), &values, range);
        let pairs = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
        Ok(Arc::new(MapArray::try_new(entries.clone(), map.offsets().clone(), pairs, nulls, false)?))
    }))
}
