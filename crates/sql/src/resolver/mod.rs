//! Names and types: from the syntax tree to a [`Rel`] in which nothing is left to decide but how to run it.
//!
//! | file | what it resolves |
//! |---|---|
//! | [`query`], [`set_operation`] | WITH, ORDER BY, LIMIT, VALUES; UNION, INTERSECT, EXCEPT |
//! | [`select`] | SELECT: its FROM, WHERE, GROUP BY, HAVING and list |
//! | [`from`], [`join`], [`unnest`] | tables, views, sub-queries, table functions; joins; collections |
//! | [`subquery`] | EXISTS and IN as joins |
//! | [`grouping`], [`aggregate`], [`window`] | the elements of GROUP BY, what they mean; windows |
//! | [`over`] | OVER and QUALIFY |
//! | [`expr`], [`call`], [`literal`], [`types`], [`scope`] | expressions, calls and the names in them |
//! | [`function`] | functions defined in SQL, and their calls |
//! | [`ddl`] | CREATE TABLE and its like |
//! | [`insert`] | a query's columns against a table's |

pub(crate) mod aggregate;
pub(crate) mod alter;
pub(crate) mod call;
pub(crate) mod ddl;
pub(crate) mod expr;
pub(crate) mod from;
pub(crate) mod function;
pub(crate) mod grouping;
pub(crate) mod insert;
pub(crate) mod join;
pub(crate) mod like;
pub(crate) mod literal;
pub(crate) mod over;
pub(crate) mod query;
pub(crate) mod scope;
pub(crate) mod select;
pub(crate) mod set_operation;
pub(crate) mod subquery;
pub(crate) mod types;
pub(crate) mod unnest;
pub(crate) mod walk;
pub(crate) mod window;

use std::rc::Rc;

use flitz_dataflow::connector::ConnectorRegistry;
use flitz_plan::Config;

use crate::catalog::{Catalogs, ObjectPath};
use crate::relation::Rel;
use crate::resolver::function::Functions;
use crate::session::Variables;

/// What a statement is resolved against.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub catalogs: &'a Catalogs,
    pub config: &'a Config,
    pub connectors: &'a ConnectorRegistry,
    pub variables: &'a Variables,
}

/// Resolves one query.
pub(crate) struct Resolver<'a> {
    pub context: Context<'a>,
    /// Visible results of WITH, innermost last.
    ctes: Vec<(String, Rc<Rel>)>,
    /// Views being inlined, outermost first.
    views: Vec<ObjectPath>,
    functions: Functions,
    /// Whether what is resolved stands within another query.
    within_query: bool,
}

impl<'a> Resolver<'a> {
    pub fn new(context: Context<'a>) -> Resolver<'a> {
        let functions = Functions::new(context.catalogs);
        Resolver { context, ctes: vec![], views: vec![], functions, within_query: false }
    }
}
