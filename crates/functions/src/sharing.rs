//! Expressions that occur more than once are computed once.
//!
//! ```text
//!  CASE WHEN LOWER(channel) = 'apple' THEN … WHEN LOWER(channel) = 'google' THEN … ELSE REGEXP_EXTRACT(url, …) END
//!            ^^^^^^^^^^^^^^ shared                ^^^^^^^^^^^^^^
//! ```
//!
//! 1. [`Sharing::of`] gives equal expressions of one list one number and counts them, children first.
//! 2. The compiler wraps what is deterministic and occurs twice into [`Shared`].
//! 3. Values are kept in the [`Memo`] of the [`Input`] that they were computed for. A branch of CASE that sees a
//!    selection of the rows has an `Input` and a memo of its own. So nothing is computed for a row that does not reach
//!    one of the places where it stands, and a row that must not fail does not.
//! 4. A selection takes from the rows it was made of what is known there already.

use std::cell::RefCell;
use std::collections::HashMap;

use arrow::compute::filter;
use flitz_dataflow::{DataType, Result};
use flitz_plan::Expr;

use crate::columnar::Columnar;
use crate::compile::{Input, Node};
use crate::fold::is_deterministic_here;

/// What is equal among some expressions.
#[derive(Default)]
pub(crate) struct Sharing {
    expressions: HashMap<Key, Numbered>,
    /// By address: those that were counted, which live as long as the list they are in.
    slots: HashMap<*const Expr, usize>,
}

/// An expression whose children are numbers. Numbers of floating point and the like by their text, as 0.0 is not -0.0.
#[derive(Hash, PartialEq, Eq)]
struct Key {
    node: String,
    children: Vec<usize>,
    data_type: DataType,
}

struct Numbered {
    number: usize,
    sharable: bool,
    occurrences: Vec<*const Expr>,
}

impl Sharing {
    pub fn of<'a>(expressions: impl IntoIterator<Item = &'a Expr>) -> Sharing {
        let mut sharing = Sharing::default();
        let mut next = 0;
        for expr in expressions {
            sharing.number(expr, &mut next);
        }
        let shared = sharing.expressions.drain().map(|(_, e)| e).filter(|e| e.sharable && e.occurrences.len() > 1);
        let slots = shared.enumerate().flat_map(|(slot, e)| e.occurrences.into_iter().map(move |o| (o, slot)));
        sharing.slots = slots.collect();
        sharing
    }

    /// The number of an expression and whether two evaluations of it give the same.
    fn number(&mut self, expr: &Expr, next: &mut usize) -> (usize, bool) {
        let mut deterministic = is_deterministic_here(expr);
        let mut children = vec![];
        for child in expr.children() {
            let (number, same) = self.number(child, next);
            deterministic &= same;
            children.push(number);
        }
        let node = match expr {
            Expr::Column { index, .. } => format!("column {index}"),
            Expr::Literal { value, .. } => format!("literal {value:?}"),
            Expr::Cast { safe, .. } => format!("cast {safe}"),
            Expr::Case { .. } => "case".to_owned(),
            Expr::Call { function, .. } => format!("call {function}"),
            Expr::Field { index, .. } => format!("field {index}"),
        };
        let key = Key { node, children, data_type: expr.data_type().clone() };
        let is_leaf = matches!(expr, Expr::Column { .. } | Expr::Literal { .. });
        let known = self.expressions.entry(key).or_insert_with(|| {
            *next += 1;
            Numbered { number: *next, sharable: deterministic && !is_leaf, occurrences: vec![] }
        });
        known.occurrences.push(expr);
        (known.number, deterministic)
    }

    /// Where the memo keeps the values of this expression, if it is to be shared.
    pub fn slot(&self, expr: &Expr) -> Option<usize> {
        self.slots.get(&std::ptr::from_ref(expr)).copied()
    }
}

/// Values of shared expressions over the rows of one [`Input`].
#[derive(Default)]
pub(crate) struct Memo(RefCell<Vec<Option<Columnar>>>);

impl Memo {
    fn get(&self, slot: usize) -> Option<Columnar> {
        self.0.borrow().get(slot).cloned().flatten()
    }

    fn set(&self, slot: usize, values: Columnar) {
        let mut known = self.0.borrow_mut();
        if known.len() <= slot {
            known.resize(slot + 1, None);
        }
        known[slot] = Some(values);
    }
}

/// One of several occurrences of an expression.
pub(crate) struct Shared {
    pub slot: usize,
    pub node: Box<dyn Node>,
}

impl Node for Shared {
    fn evaluate(&mut self, input: &Input) -> Result<Columnar> {
        if let Some(known) = known(input, self.slot)? {
            return Ok(known);
        }
        let values = self.node.evaluate(input)?;
        input.memo.set(self.slot, values.clone());
        Ok(values)
    }
}

fn known(input: &Input, slot: usize) -> Result<Option<Columnar>> {
    if let Some(known) = input.memo.get(slot) {
        return Ok(Some(known));
    }
    let Some((all, mask)) = &input.selected_from else { return Ok(None) };
    let selected = match known(all, slot)? {
        None => return Ok(None),
        Some(Columnar::Array(values)) => Columnar::Array(filter(&values, mask)?),
        Some(scalar) => scalar,
    };
    input.memo.set(slot, selected.clone());
    Ok(Some(selected))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, AsArray, Int32Array, RecordBatch};
    use arrow::datatypes::Int32Type;
    use flitz_dataflow::{ManualClock, TypeKind};
    use flitz_plan::Literal;

    use super::*;
    use crate::{EvalContext, PhysicalExprs, bind_call};

    fn column(index: usize) -> Expr {
        Expr::column(index, TypeKind::Int.nullable())
    }

    fn int(value: i64) -> Expr {
        Expr::literal(Literal::Integer(value), TypeKind::Int.not_null())
    }

    fn call(name: &str, args: &[Expr]) -> Expr {
        bind_call(name, args.to_vec()).unwrap()
    }

    fn slots(expressions: &[Expr]) -> Vec<bool> {
        let sharing = Sharing::of(expressions);
        expressions.iter().map(|e| sharing.slot(e).is_some()).collect()
    }

    #[test]
    fn what_is_shared() {
        let sum = call("+", &[column(0), int(1)]);
        let minus = call("+", &[column(0), int(-1)]);
        assert_eq!(slots(&[sum.clone(), minus.clone(), sum.clone()]), [true, false, true]);
        // Within another one.
        assert_eq!(slots(&[sum.clone(), call("ABS", &[sum.clone()])]), [true, false]);
        assert_eq!(slots(&[column(0), column(0), int(1), int(1)]), [false; 4]);
        // Not the same each time, nor what contains it.
        let random = call("*", &[call("RAND", &[]), column(0)]);
        assert_eq!(slots(&[random.clone(), random]), [false; 2]);
        // Equal numbers, but not the same.
        let times = |zero| call("*", &[column(0), Expr::literal(Literal::Double(zero), TypeKind::Double.not_null())]);
        assert_eq!(slots(&[times(0.0), times(-0.0)]), [false; 2]);
        let cast = |safe| Expr::Cast { input: Box::new(column(0)), data_type: TypeKind::STRING.nullable(), safe };
        assert_eq!(slots(&[cast(true), cast(false), cast(false)]), [false, true, true]);
    }

    #[test]
    fn rows_that_must_not_fail_do_not() {
        let context = EvalContext::new(Arc::new(ManualClock::at(0)), "UTC").unwrap();
        let quotient = call("/", &[int(12), column(0)]);
        let above = |n| call(">", &[column(0), int(n)]);
        let guarded = |n| call("CASE", &[above(n), quotient.clone(), int(-1)]);
        let both = call("AND", &[above(2), call(">", &[quotient.clone(), int(3)])]);
        let nested = call("CASE", &[above(0), call("CASE", &[both.clone(), quotient.clone(), int(-2)]), int(-3)]);
        let values: ArrayRef = Arc::new(Int32Array::from(vec![Some(0), Some(1), Some(2), None, Some(3), Some(4)]));
        let batch = RecordBatch::try_from_iter([("a", values)]).unwrap();

        let list = [guarded(1), guarded(0), nested, guarded(3)];
        let columns = PhysicalExprs::compile(&list, &context).unwrap().evaluate(&batch).unwrap();
        let numbers: Vec<Vec<i32>> = columns.iter().map(|c| c.as_primitive::<Int32Type>().values().to_vec()).collect();
        expect_test::expect![[r#"
            [
                [-1, -1, 6, -1, 4, 3],
                [-1, 12, 6, -1, 4, 3],
                [-3, -2, -2, -3, 4, -2],
                [-1, -1, -1, -1, -1, 3],
            ]"#]]
        .assert_eq(&format!("[\n{}]", numbers.iter().map(|n| format!("    {n:?},\n")).collect::<String>()));

        let unguarded = [guarded(1), quotient];
        let error = PhysicalExprs::compile(&unguarded, &context).unwrap().evaluate(&batch).unwrap_err();
        assert_eq!(error.message, "Division by zero");
    }
}
