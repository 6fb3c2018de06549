//! Functions about the session and the plan itself.

use std::sync::Arc;

use arrow::array::StringArray;
use flitz_dataflow::{Error, Result, TypeKind};
use flitz_plan::{Expr, Literal};

use super::{Eval, Function, Kernel, Output, Simple, Site};
use crate::columnar::Args;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::custom("TYPEOF", |_, args| bind_typeof(args), Eval::Special),
    Function::prepared("UUID", &[], Output::NotNull(Simple::Char(36)), uuid).volatile(),
    Function::prepared("CURRENT_DATABASE", &[], Output::NotNull(Simple::String), current_database),
];

/// Known when planning: a literal.
fn bind_typeof(args: Vec<Expr>) -> Result<Expr> {
    let (1 | 2, Some(arg)) = (args.len(), args.first()) else {
        return Err(Error::invalid("TYPEOF takes 1 or 2 arguments"));
    };
    let text = arg.data_type().clone().materialized().to_string();
    Ok(Expr::literal(Literal::String(text), TypeKind::STRING.nullable()))
}

fn uuid(_: &Site) -> Result<Kernel> {
    Ok(Box::new(|args: &Args| {
        args.build_strings(None, |_, out| {
            let mut buffer = uuid::Uuid::encode_buffer();
            out.push_str(uuid::Uuid::new_v4().hyphenated().encode_lower(&mut buffer));
            Ok(true)
        })
    }))
}

fn current_database(site: &Site) -> Result<Kernel> {
    let database = site.context.database.clone();
    Ok(Box::new(move |args: &Args| Ok(Arc::new(StringArray::from(vec![database.as_str(); args.rows])))))
}
