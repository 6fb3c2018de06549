//! Rows made of collections.

use flitz_dataflow::{DataType, Field, Schema, TypeKind};
use serde::{Deserialize, Serialize};

use crate::Expr;

/// Each row once per element of a collection that it holds. The node's schema is the columns `emits`, what
/// [`elements`](Unnest::elements) says, and the position of the element.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unnest {
    /// An ARRAY, MAP or MULTISET; or a BIGINT: as many elements, of which there is nothing to show.
    pub collection: usize,
    /// Columns of the input that go on.
    pub emits: Vec<usize>,
    /// Whether the position of the element, from 1, follows: an INT.
    pub ordinality: bool,
    /// A row without elements appears once, padded with NULL.
    pub keeps_empty: bool,
    /// Which elements count, over the columns of the element (and its position).
    pub condition: Option<Expr>,
}

impl Unnest {
    /// The columns of an element of a collection of this type; None if it is no collection. An element that is a ROW
    /// shows its fields.
    pub fn elements(collection: &TypeKind) -> Option<Vec<Field>> {
        match collection {
            TypeKind::Array(element) | TypeKind::Multiset(element) => Some(element_fields(element)),
            TypeKind::Map(key, value) => {
                Some(vec![Field::new("KEY", (**key).clone()), Field::new("VALUE", (**value).clone())])
            }
            TypeKind::BigInt => Some(vec![]),
            _ => None,
        }
    }

    /// The columns behind `emits`.
    pub fn appended(&self, collection: &TypeKind) -> Schema {
        let mut fields = Unnest::elements(collection).unwrap_or_default();
        if self.ordinality {
            fields.push(Field::new("ORDINALITY", TypeKind::Int.not_null()));
        }
        for field in fields.iter_mut().filter(|_| self.keeps_empty) {
            field.data_type.nullable = true;
        }
        Schema::new(fields)
    }
}

fn element_fields(element: &DataType) -> Vec<Field> {
    match &element.kind {
        // A NULL among rows is no element, so fields are as they are declared.
        TypeKind::Row(fields) => fields.iter().map(|f| Field::new(f.name.clone(), f.data_type.clone())).collect(),
        _ => vec![Field::new("EXPR$0", element.clone())],
    }
}
