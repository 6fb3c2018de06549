//! Three-valued logic. The right side of AND is not evaluated where the left is FALSE, of OR where it is TRUE.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::kernels::boolean::{and_kleene, not, or_kleene};
use flitz_dataflow::{Error, Result, TypeKind};
use flitz_plan::Expr;

use super::Param::*;
use super::{Eval, Function, Output, Param, Simple, any_nullable, mismatch_of};
use crate::columnar::{Args, Columnar};
use crate::compile::{Input, Lazy, Node};

const NEVER_NULL: Output = Output::NotNull(Simple::Boolean);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::custom("AND", connective, Eval::Special),
    Function::custom("OR", connective, Eval::Special),
    Function::new("NOT", &[Boolean], Output::Strict(Simple::Boolean), |a| {
        Ok(Arc::new(not(a.columns[0].array().as_boolean())?))
    }),
    Function::new("IS TRUE", &[Boolean], NEVER_NULL, |a| test(a, |v, valid| valid && v)),
    Function::new("IS NOT TRUE", &[Boolean], NEVER_NULL, |a| test(a, |v, valid| !(valid && v))),
    Function::new("IS FALSE", &[Boolean], NEVER_NULL, |a| test(a, |v, valid| valid && !v)),
    Function::new("IS NOT FALSE", &[Boolean], NEVER_NULL, |a| test(a, |v, valid| !valid || v)),
    Function::new("IS UNKNOWN", &[Boolean], NEVER_NULL, |a| test(a, |_, valid| !valid)),
    Function::new("IS NOT UNKNOWN", &[Boolean], NEVER_NULL, |a| test(a, |_, valid| valid)),
];

fn test(args: &Args, f: impl Fn(bool, bool) -> bool) -> Result<ArrayRef> {
    let values = args.booleans(0);
    let result = BooleanBuffer::collect_bool(args.rows, |row| f(values.get(row), !values.is_null(row)));
    Ok(Arc::new(BooleanArray::new(result, None)))
}

fn connective(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    let mut operands = vec![];
    for arg in args {
        let Some(operand) = Param::Boolean.accept(arg.clone()) else { return Err(mismatch_of(name, &[arg])) };
        match operand {
            Expr::Call { function, args, .. } if function == name => operands.extend(args),
            other => operands.push(other),
        }
    }
    if operands.len() < 2 {
        return Err(Error::invalid(format!("{name} takes at least 2 arguments")));
    }
    let data_type = TypeKind::Boolean.nullable().with_nullable(any_nullable(&operands));
    Ok(Expr::call(name, operands, data_type))
}

/// AND or OR over two or more operands, left to right.
pub(crate) struct Connective {
    and: bool,
    first: Box<dyn Node>,
    rest: Vec<Lazy>,
}

impl Connective {
    pub fn new(and: bool, first: Box<dyn Node>, rest: Vec<Lazy>) -> Connective {
        Connective { and, first, rest }
    }
}

impl Node for Connective {
    fn evaluate(&mut self, input: &Input) -> Result<Columnar> {
        let mut result = self.first.evaluate(input)?;
        for operand in &mut self.rest {
            if let Columnar::Scalar(left) = &result {
                let left = left.as_boolean();
                if left.is_valid(0) && left.value(0) != self.and {
                    return Ok(result);
                }
                result = Columnar::Array(result.into_array(input.rows)?);
            }
            let left = result.array().as_boolean();
            let open = undecided(left, self.and);
            let remaining = open.values().count_set_bits();
            if remaining == 0 {
                return Ok(result);
            }
            let right = operand.evaluate_spread(input, &open, remaining)?.into_array(input.rows)?;
            let right = right.as_boolean();
            let both = if self.and { and_kleene(left, right)? } else { or_kleene(left, right)? };
            result = Columnar::Array(Arc::new(both));
        }
        Ok(result)
    }
}

/// Rows whose result still depends on the operands to come.
fn undecided(left: &BooleanArray, and: bool) -> BooleanArray {
    let open = if and { left.values().clone() } else { !left.values() };
    let open = match left.nulls() {
        Some(nulls) => &open | &!nulls.inner(),
        None => open,
    };
    BooleanArray::new(open, None)
}
