//! Collections and rows, cast element by element.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
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
                Ok(Arc::new(ListArray::try_new(field.clone(), list.offsets().clone(), values, list.nulls().cloned())?))
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
                let columns =
                    casters.iter_mut().zip(row.columns()).map(|(cast, column)| cast(column)).collect::<Result<_>>()?;
                Ok(Arc::new(StructArray::try_new(fields.clone(), columns, row.nulls().cloned())?))
            })
        }
        _ => return Err(Error::internal(format!("no cast of {from} to {to}"))),
    })
}

fn map(entries: FieldRef, mut key: Caster, mut value: Caster) -> Result<Caster> {
    let Arrow::Struct(fields) = entries.data_type().clone() else {
        return Err(Error::internal("a map without entries"));
    };
    Ok(Box::new(move |array: &ArrayRef| {
        let map = array.as_map();
        let columns = vec![key(map.keys())?, value(map.values())?];
        let pairs = StructArray::try_new(fields.clone(), columns, None)?;
        Ok(Arc::new(MapArray::try_new(entries.clone(), map.offsets().clone(), pairs, map.nulls().cloned(), false)?))
    }))
}
