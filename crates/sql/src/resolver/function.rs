//! Functions defined in SQL: a call becomes the body, with the arguments in the place of the parameters.
//!
//! ```text
//! CREATE FUNCTION net(price DECIMAL(10, 2), rate DOUBLE) RETURNS DOUBLE LANGUAGE SQL AS 'price * (1 - rate)'
//! net(amount, 0.2)   ->   CAST(amount AS DECIMAL(10, 2)) * (1 - CAST(0.2 AS DOUBLE))
//! ```
//!
//! 1. Arguments are resolved where the call stands and cast to the parameters as Flink casts them by itself.
//! 2. The body is resolved over the parameters as columns, its functions looked up where the function was created.
//! 3. The result is cast to the declared type, and each parameter replaced by its argument.
//!
//! An argument is computed as often as the body names it, and not at all in a branch that is not taken. So one that
//! may be different each time (RAND) can be named once only.

use std::collections::BTreeMap;
use std::rc::Rc;

use flitz_dataflow::{DataType, Error, Result, Span, TypeKind, suggest};
use flitz_functions::{bind_call, implicit_cast, is_aggregate, is_deterministic};
use flitz_plan::Expr;

use super::Context;
use super::expr::{ExprResolver, materialized};
use super::scope::{Scope, ScopeColumn, TableName};
use super::types::resolve_type;
use crate::ast::{FunctionArgValue, FunctionCall, Lifetime, ObjectName, SqlFunction};
use crate::catalog::{Catalogs, Function, FunctionName, ObjectPath, Param, dotted};

/// How large a call may become: arguments that are named twice, in calls within calls, double each time.
const NODES_MAX: usize = 20_000;
/// How deep: the body of each function may call another one.
const DEPTH_MAX: usize = 600;

/// The functions that a name can mean at some place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Functions {
    known: Rc<Known>,
    /// Where unqualified names are looked up.
    catalog: String,
    database: String,
    /// Those whose body the place is in, outermost first.
    within: Vec<FunctionName>,
}

#[derive(Debug, Default)]
struct Known {
    functions: BTreeMap<FunctionName, Rc<Function>>,
    broken: BTreeMap<FunctionName, Error>,
}

impl Functions {
    pub fn new(catalogs: &Catalogs) -> Functions {
        let mut known = Known { functions: catalogs.functions(), broken: BTreeMap::new() };
        for (catalog, found) in &catalogs.catalogs {
            for ((database, object), cause) in &found.broken {
                if let Some(object) = object.strip_suffix("()") {
                    let (catalog, database, object) = (catalog.clone(), database.clone(), object.to_owned());
                    known.broken.insert(FunctionName::Path(ObjectPath { catalog, database, object }), cause.clone());
                }
            }
        }
        Functions {
            known: Rc::new(known),
            catalog: catalogs.current_catalog.clone(),
            database: catalogs.current_database.clone(),
            within: vec![],
        }
    }

    /// The function of this name, if there is one.
    fn find(&self, name: &ObjectName) -> Result<Option<(FunctionName, Rc<Function>)>> {
        let part = |i: usize| name.parts[i].value.clone();
        let (catalog, database) = match name.parts.len() {
            1 => (self.catalog.clone(), self.database.clone()),
            2 => (self.catalog.clone(), part(0)),
            3 => (part(0), part(1)),
            _ => return Err(Error::invalid(format!("`{}` has too many parts", dotted(name))).at(name.span)),
        };
        let object = name.object().value.to_lowercase();
        let system = FunctionName::System(object.clone());
        if let (1, Some(function)) = (name.parts.len(), self.known.functions.get(&system)) {
            return Ok(Some((system, function.clone())));
        }
        let path = FunctionName::Path(ObjectPath { catalog, database, object });
        if let Some(cause) = self.known.broken.get(&path) {
            let message = format!("{path} can't be made from what its catalog keeps: {}", cause.message);
            return Err(Error { message, ..cause.clone() }.at(name.span));
        }
        let found = self.known.functions.get(&path).cloned();
        Ok(found.map(|function| (path, function)))
    }

    /// The error of a function that Flink has not, with the nearest of ours.
    pub fn suggest(&self, error: Error, name: &str) -> Error {
        let known = self.known.functions.keys().map(|known| match known {
            FunctionName::System(name) => name.as_str(),
            FunctionName::Path(path) => path.object.as_str(),
        });
        match suggest::nearest(&name.to_lowercase(), known) {
            Some(near) if error.message == format!("no function {name}") => error.hint(format!("did you mean {near}?")),
            _ => error,
        }
    }
}

impl ExprResolver<'_> {
    /// What the call of a function defined in SQL comes to; None if it calls none.
    pub(super) fn defined_function(&mut self, call: &FunctionCall) -> Result<Option<Expr>> {
        let found = match self.scope.functions.find(&call.name)? {
            Some(found) => found,
            None if call.name.parts.len() > 1 => {
                let name = dotted(&call.name);
                let error = Error::invalid(format!("there is no function `{name}`")).at(call.name.span);
                return Err(error.hint("SHOW USER FUNCTIONS lists those of the current database"));
            }
            None => return Ok(None),
        };
        let (name, function) = found;
        let is_plain = !call.distinct
            && call.filter.is_none()
            && call.order_by.is_empty()
            && call.within_group.is_empty()
            && call.nulls.is_none()
            && call.over.is_none();
        if !is_plain {
            let message = format!("{name} is no aggregate function: it takes no DISTINCT, FILTER, ORDER BY or OVER");
            return Err(Error::invalid(message).at(call.span));
        }
        if self.scope.functions.within.contains(&name) {
            return Err(Error::invalid(format!("function {name} is defined by itself"))
                .hint("there is no recursion in SQL expressions")
                .at(call.span));
        }
        let args = self.function_arguments(&name, &function, call)?;
        // What it calls may have been dropped or altered since it was created.
        let body = body(&name, &function, &self.scope.functions).map_err(|e| {
            let message = format!("in {name}: {}", e.message);
            Error { message, ..e }.at(call.span)
        })?;
        inline(&name, &function, body, args, call).map(Some)
    }

    fn function_arguments(
        &mut self,
        name: &FunctionName,
        function: &Function,
        call: &FunctionCall,
    ) -> Result<Vec<Expr>> {
        if call.args.len() != function.params.len() {
            let expected: Vec<String> = function.params.iter().map(|p| format!("{} {}", p.name, p.data_type)).collect();
            return Err(Error::invalid(format!(
                "{name} takes {} argument{}, found {}",
                function.params.len(),
                if function.params.len() == 1 { "" } else { "s" },
                call.args.len()
            ))
            .hint(format!("its parameters are ({})", expected.join(", ")))
            .at(call.span));
        }
        let mut args = vec![];
        for (param, arg) in function.params.iter().zip(&call.args) {
            if arg.name.is_some() {
                return Err(Error::unsupported(format!("named arguments of {name}")).at(arg.span));
            }
            let FunctionArgValue::Expr(written) = &arg.value else {
                return Err(Error::invalid(format!("{name} takes values only")).at(arg.span));
            };
            let value = self.operand(written)?;
            let found = value.data_type().clone();
            let refused = |hint: &str| {
                let message = format!("{} of {name} is {}, found {found}", param.name, param.data_type);
                Err(Error::invalid(message).hint(hint).at(arg.span))
            };
            let Some(value) = implicit_cast(value, &param.data_type) else {
                return refused(&format!("CAST(… AS {})", param.data_type.kind));
            };
            if value.data_type().nullable && !param.data_type.nullable {
                return refused("COALESCE gives a value in the place of NULL");
            }
            args.push(value);
        }
        Ok(args)
    }
}

/// The body over the parameters as columns, of the declared type.
fn body(name: &FunctionName, function: &Function, functions: &Functions) -> Result<Expr> {
    let column = |param: &Param| ScopeColumn {
        table: TableName::None,
        name: param.name.clone(),
        data_type: param.data_type.clone(),
    };
    let scope = Scope {
        columns: function.params.iter().map(column).collect(),
        functions: Functions {
            known: functions.known.clone(),
            catalog: function.catalog.clone(),
            database: function.database.clone(),
            within: functions.within.iter().chain([name]).cloned().collect(),
        },
        ..Scope::default()
    };
    let span = function.body.span;
    let resolved = ExprResolver::without_aggregates(&scope, "the body of a function").resolve(&function.body)?;
    let resolved = materialized(resolved);
    let found = resolved.data_type().clone();
    let refused = |hint: String| {
        let message = format!("{name} returns {}, but its body gives {found}", function.returns);
        Err(Error::invalid(message).hint(hint).at(span))
    };
    let Some(result) = implicit_cast(resolved, &function.returns) else {
        return refused(format!("write CAST(… AS {}), or RETURNS {}", function.returns.kind, found.kind));
    };
    if result.data_type().nullable && !function.returns.nullable {
        return refused("COALESCE gives a value in the place of NULL; or leave NOT NULL out".to_owned());
    }
    Ok(result)
}

fn inline(name: &FunctionName, function: &Function, body: Expr, args: Vec<Expr>, call: &FunctionCall) -> Result<Expr> {
    let mut uses = vec![0; args.len()];
    let mut nodes = 0;
    let mut stack = vec![&body];
    while let Some(e) = stack.pop() {
        nodes += 1;
        if let Expr::Column { index, .. } = e {
            uses[*index] += 1;
        }
        stack.extend(e.children());
    }
    for (i, arg) in args.iter().enumerate() {
        if uses[i] > 1 && !is_deterministic(arg) {
            return Err(Error::unsupported(format!(
                "an argument that may be different each time for {} of {name}, whose body names it {} times",
                function.params[i].name, uses[i]
            ))
            .hint("compute it in a sub-query, and call the function on its column")
            .at(call.args[i].span));
        }
        nodes += uses[i] * size(arg);
    }
    if nodes > NODES_MAX || depth(&body) + args.iter().map(depth).max().unwrap_or(0) > DEPTH_MAX {
        return Err(Error::unsupported(format!("a call of {name} that comes to an expression of {nodes} parts"))
            .hint("compute the arguments in a sub-query")
            .at(call.span));
    }
    Ok(body.transform(&mut |e| match e {
        Expr::Column { index, .. } => args[index].clone(),
        other => other,
    }))
}

fn size(expr: &Expr) -> usize {
    1 + expr.children().into_iter().map(size).sum::<usize>()
}

fn depth(expr: &Expr) -> usize {
    1 + expr.children().into_iter().map(depth).max().unwrap_or(0)
}

/// The function that the statement defines, its body checked.
pub(crate) fn resolve_function(
    context: Context,
    name: &FunctionName,
    written: &ObjectName,
    lifetime: Lifetime,
    definition: &SqlFunction,
) -> Result<Function> {
    let upper = written.object().value.to_uppercase();
    if is_flinks(&upper) {
        return Err(Error::unsupported(format!("a function of one's own by the name of Flink's {upper}"))
            .hint("give it another name")
            .at(written.span));
    }
    let function = declared_function(context.catalogs, lifetime, definition)?;
    // As if it were there already: a body that calls it is told so.
    let mut functions = Functions::new(context.catalogs);
    let mut known = context.catalogs.functions();
    known.insert(name.clone(), Rc::new(function.clone()));
    functions.known = Rc::new(Known { functions: known, broken: BTreeMap::new() });
    body(name, &function, &functions).map_err(|e| within(e, definition.text.span))?;
    Ok(function)
}

/// Whether Flink has a function of this name, whether Flitz has it or not.
fn is_flinks(upper: &str) -> bool {
    const OTHERS: [&str; 9] =
        ["CUMULATE", "GROUPING", "GROUPING_ID", "GROUP_ID", "ROW_NUMBER", "DENSE_RANK", "NTILE", "LAG", "LEAD"];
    let of_windows = ["TUMBLE", "HOP", "SESSION"].iter().any(|window| {
        upper.strip_prefix(window).is_some_and(|rest| ["", "_START", "_END", "_ROWTIME", "_PROCTIME"].contains(&rest))
    });
    let scalar = match bind_call(upper, vec![]) {
        Err(e) => e.message != format!("no function {upper}"),
        Ok(_) => true,
    };
    scalar || of_windows || is_aggregate(upper) || OTHERS.contains(&upper)
}

/// The function as declared; what its body means shows when it is called.
pub(crate) fn declared_function(catalogs: &Catalogs, lifetime: Lifetime, definition: &SqlFunction) -> Result<Function> {
    let mut params: Vec<Param> = vec![];
    for param in &definition.params {
        if params.iter().any(|p| p.name == param.name.value) {
            let message = format!("there are two parameters `{}`", param.name.value);
            return Err(Error::invalid(message).at(param.name.span));
        }
        params.push(Param { name: param.name.value.clone(), data_type: typed(&param.data_type)? });
    }
    Ok(Function {
        params,
        returns: typed(&definition.returns)?,
        body: definition.body.clone(),
        text: definition.text.value.clone(),
        catalog: catalogs.current_catalog.clone(),
        database: catalogs.current_database.clone(),
        lifetime,
    })
}

fn typed(data_type: &crate::ast::DataType) -> Result<DataType> {
    let resolved = resolve_type(data_type)?;
    match resolved.kind {
        TypeKind::Null => Err(Error::invalid("NULL is no type of a value").at(data_type.span)),
        _ => Ok(resolved),
    }
}

/// A place outside of the literal is that of another function's body.
fn within(error: Error, literal: Span) -> Error {
    match error.place {
        Some(flitz_dataflow::Place::Sql(span))
            if span.file == literal.file && span.start >= literal.start && span.end <= literal.end =>
        {
            error
        }
        _ => error.at(literal),
    }
}
