//! UNNEST: each row once per element of a collection that it holds.
//!
//! ```text
//! id, UNNEST(tags)    +I 1 [a, b]    becomes   +I 1 a
//!                     -D 2 [c]                 +I 1 b
//!                     +I 3 []                  -D 2 c
//! ```
//!
//! 1. Which row and which element each row of the result is made of, as two lists of positions; an element of a
//!    MULTISET stands there as often as it occurs, a ROW that is NULL not at all.
//! 2. Elements for which the condition of a LEFT JOIN does not hold leave the lists.
//! 3. With LEFT JOIN a row of which nothing is left gets a place without element.
//! 4. Columns are taken by position.
//!
//! No state; row kinds go with their rows, so an update of a row becomes one of all its elements.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, RecordBatch, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType as Arrow, Int32Type, Int64Type, SchemaRef};
use flitz_dataflow::{ChangelogBatch, Error, Result, Schema, TypeKind};
use flitz_functions::{PhysicalExpr, compile};
use flitz_plan::{Node, NodeKind};

use super::calc::record_batch;
use super::groups::batch_of;
use super::{OperatorContext, Output, Stateless};

pub struct Unnest {
    collection: usize,
    is_multiset: bool,
    emits: Vec<usize>,
    ordinality: bool,
    keeps_empty: bool,
    condition: Option<Box<dyn PhysicalExpr>>,
    schema: SchemaRef,
}

/// What each row of the result is made of.
#[derive(Default)]
struct Places {
    rows: Vec<u32>,
    /// Among the elements of all rows; None: a row without one.
    elements: Vec<Option<u32>>,
    /// From 1.
    positions: Vec<Option<i32>>,
}

impl Places {
    fn push(&mut self, row: usize, element: usize, position: i32) {
        self.rows.push(row as u32);
        self.elements.push(Some(element as u32));
        self.positions.push(Some(position));
    }
}

impl Unnest {
    pub fn new(node: &Node, input: &Schema, context: &OperatorContext) -> Result<Unnest> {
        let NodeKind::Unnest(unnest) = &node.kind else { return Err(Error::internal("not an UNNEST")) };
        Ok(Unnest {
            collection: unnest.collection,
            is_multiset: matches!(input.fields[unnest.collection].data_type.kind, TypeKind::Multiset(_)),
            emits: unnest.emits.clone(),
            ordinality: unnest.ordinality,
            keeps_empty: unnest.keeps_empty,
            condition: unnest.condition.as_ref().map(|e| compile(e, &context.eval)).transpose()?,
            schema: node.schema.to_arrow(),
        })
    }

    fn places(&self, collection: &ArrayRef) -> Result<Places> {
        let mut places = Places::default();
        match collection.data_type() {
            Arrow::List(_) => {
                let list = collection.as_list::<i32>();
                let null_rows = list.values().as_struct_opt().and_then(|rows| rows.nulls());
                let offsets = list.value_offsets();
                for row in (0..list.len()).filter(|row| list.is_valid(*row)) {
                    let (from, to) = (offsets[row] as usize, offsets[row + 1] as usize);
                    for element in from..to {
                        if null_rows.is_some_and(|nulls| nulls.is_null(element)) {
                            if self.ordinality {
                                return Err(Error::data("UNNEST WITH ORDINALITY of an ARRAY that holds a NULL row"));
                            }
                            continue;
                        }
                        places.push(row, element, (element - from) as i32 + 1);
                    }
                }
            }
            Arrow::Map(..) => {
                let map = collection.as_map();
                let counts = self.is_multiset.then(|| map.values().as_primitive::<Int32Type>());
                let offsets = map.value_offsets();
                for row in (0..map.len()).filter(|row| map.is_valid(*row)) {
                    let mut position = 0;
                    for element in offsets[row] as usize..offsets[row + 1] as usize {
                        for _ in 0..counts.map_or(1, |counts| counts.value(element)) {
                            position += 1;
                            places.push(row, element, position);
                        }
                    }
                }
            }
            Arrow::Int64 => {
                let counts = collection.as_primitive::<Int64Type>();
                for (row, count) in counts.iter().enumerate() {
                    for position in 0..count.unwrap_or(0).max(0) {
                        places.push(row, 0, position as i32 + 1);
                    }
                }
            }
            other => return Err(Error::internal(format!("no elements in a column of type {other}"))),
        }
        Ok(places)
    }

    /// The columns of the elements at `places`.
    fn elements(&self, collection: &ArrayRef, places: &Places) -> Result<Vec<ArrayRef>> {
        let indices = UInt32Array::from(places.elements.clone());
        let values: Vec<ArrayRef> = match collection.data_type() {
            Arrow::List(_) => fields_of(collection.as_list::<i32>().values()),
            Arrow::Map(..) if self.is_multiset => fields_of(collection.as_map().keys()),
            Arrow::Map(..) => vec![collection.as_map().keys().clone(), collection.as_map().values().clone()],
            _ => vec![],
        };
        let mut columns = values.iter().map(|v| take(v, &indices, None)).collect::<Result<Vec<_>, _>>()?;
        if self.ordinality {
            columns.push(Arc::new(Int32Array::from(places.positions.clone())));
        }
        Ok(columns)
    }

    /// Only elements for which the condition is TRUE.
    fn matching(&mut self, collection: &ArrayRef, places: Places) -> Result<Places> {
        let Some(mut condition) = self.condition.take() else { return Ok(places) };
        let columns = self.elements(collection, &places)?;
        let fields: arrow::datatypes::Fields = self.schema.fields()[self.emits.len()..].into();
        let rows = batch_of(Arc::new(arrow::datatypes::Schema::new(fields)), columns, places.rows.len());
        let holds = rows.and_then(|rows| condition.evaluate(&rows));
        self.condition = Some(condition);
        let holds = holds?;
        let holds = holds.as_boolean_opt().ok_or_else(|| Error::internal("a condition that is not BOOLEAN"))?;
        let mut matching = Places::default();
        for place in (0..places.rows.len()).filter(|&i| holds.is_valid(i) && holds.value(i)) {
            matching.rows.push(places.rows[place]);
            matching.elements.push(places.elements[place]);
            matching.positions.push(places.positions[place]);
        }
        Ok(matching)
    }
}

/// Rows show their fields.
fn fields_of(elements: &ArrayRef) -> Vec<ArrayRef> {
    match elements.as_struct_opt() {
        Some(rows) => rows.columns().to_vec(),
        None => vec![elements.clone()],
    }
}

/// A place without element for each of `rows` rows that has none.
fn padded(places: Places, rows: usize) -> Places {
    let mut all = Places::default();
    let mut next = 0;
    for row in 0..rows as u32 {
        let first = next;
        while places.rows.get(next) == Some(&row) {
            all.rows.push(row);
            all.elements.push(places.elements[next]);
            all.positions.push(places.positions[next]);
            next += 1;
        }
        if next == first {
            all.rows.push(row);
            all.elements.push(None);
            all.positions.push(None);
        }
    }
    all
}

impl Stateless for Unnest {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, out: &mut Output) -> Result<()> {
        let collection = batch.rows().column(self.collection).clone();
        let places = self.places(&collection)?;
        let mut places = self.matching(&collection, places)?;
        if self.keeps_empty {
            places = padded(places, batch.num_rows());
        }
        let elements = self.elements(&collection, &places)?;
        let kinds = batch.kinds().map(|kinds| places.rows.iter().map(|row| kinds[*row as usize]).collect());
        let rows = UInt32Array::from(places.rows);
        let kept: RecordBatch = batch.rows().project(&self.emits)?;
        let mut columns = kept.columns().iter().map(|c| take(c, &rows, None)).collect::<Result<Vec<_>, _>>()?;
        columns.extend(elements);
        out.push(ChangelogBatch::new(record_batch(&self.schema, columns, rows.len())?, kinds));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use flitz_dataflow::{ChangelogMode, Field};

    use super::super::script::Script;
    use super::*;

    /// Columns `k STRING, n BIGINT`: each row n times.
    fn check(keeps_empty: bool, ordinality: bool, text: &str, expected: Expect) {
        let input = Schema::new(vec![
            Field::new("k", TypeKind::STRING.nullable()),
            Field::new("n", TypeKind::BigInt.nullable()),
        ]);
        let unnest = flitz_plan::Unnest { collection: 1, emits: vec![0], ordinality, keeps_empty, condition: None };
        let mut fields = vec![input.fields[0].clone()];
        fields.extend(unnest.appended(&TypeKind::BigInt).fields);
        let node = Node {
            inputs: vec![],
            kind: NodeKind::Unnest(unnest),
            schema: Schema::new(fields),
            changelog: ChangelogMode::ALL,
            upsert_key: None,
        };
        let make_input = input.clone();
        let script = Script::new(input, &[0], move |context| {
            Ok(Box::new(Unnest::new(&node, &make_input, context)?) as Box<dyn crate::operator::Operator>)
        });
        expected.assert_eq(&script.run(text));
    }

    #[test]
    fn rows_are_repeated_with_their_kinds() {
        check(
            false,
            true,
            "+I a 2 | -U b 1 | +U b 0 | +I c NULL",
            expect![[r#"
                +I a 2 | -U b 1 | +U b 0 | +I c NULL
                    +I a 1
                    +I a 2
                    -U b 1
            "#]],
        );
    }

    #[test]
    fn rows_without_elements_are_kept_where_asked_for() {
        check(
            true,
            true,
            "+I a 2 | -U b 1 | +U b 0 | +I c NULL",
            expect![[r#"
                +I a 2 | -U b 1 | +U b 0 | +I c NULL
                    +I a 1
                    +I a 2
                    -U b 1
                    +U b NULL
                    +I c NULL
            "#]],
        );
    }
}
