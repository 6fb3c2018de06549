//! What stands in FROM: tables with their hints, views, sub-queries, table functions.

use std::collections::BTreeMap;
use std::rc::Rc;

use flitz_dataflow::{Error, Result, Span};

use super::function::Functions;
use super::join::Constraint;
use super::query::rename_columns;
use super::scope::{Scope, TableName};
use super::unnest::UnnestRef;
use super::window::is_window_function;
use super::{Context, Resolver};
use crate::ast::{Hint, HintArg, JoinConstraint, ObjectName, TableAlias, TableRef, TableRefKind};
use crate::catalog::{Object, ObjectPath, Table, View};
use crate::relation::{Rel, RelOp, Scan};

impl Resolver<'_> {
    pub(crate) fn table_ref(&mut self, table: &TableRef) -> Result<(Rel, Scope)> {
        let (rel, scope) = self.table_of(table)?;
        Ok((rel, Scope { functions: self.functions.clone(), ..scope }))
    }

    fn table_of(&mut self, table: &TableRef) -> Result<(Rel, Scope)> {
        match &table.kind {
            TableRefKind::Table { name, hints, system_time: None, alias } => {
                self.named_table(name, hints, alias.as_ref())
            }
            TableRefKind::Table { .. } => Err(Error::unsupported("FOR SYSTEM_TIME AS OF").at(table.span)),
            TableRefKind::Derived { system_time: Some(_), .. } => {
                Err(Error::unsupported("FOR SYSTEM_TIME AS OF").at(table.span))
            }
            TableRefKind::Derived { lateral: true, .. } => Err(Error::unsupported("LATERAL").at(table.span)),
            TableRefKind::Derived { query, alias, .. } => {
                let rel = self.sub_query(query)?;
                aliased(rel, TableName::None, alias.as_ref())
            }
            TableRefKind::Function { call, alias, .. } => {
                let name = call.name.object().value.to_uppercase();
                if call.name.parts.len() > 1 || !is_window_function(&name) {
                    return Err(Error::unsupported(format!("the table function {}", call.name.object().value))
                        .hint("there are TUMBLE, HOP, CUMULATE and SESSION")
                        .at(call.span));
                }
                let rel = self.window_function(&name, call).map_err(|e| e.or_at(call.span))?;
                aliased(rel, TableName::None, alias.as_ref())
            }
            TableRefKind::Unnest { .. } => match UnnestRef::of(table) {
                Some(unnest) => self.unnest_alone(&unnest),
                None => Err(Error::internal("not an UNNEST")),
            },
            TableRefKind::MatchRecognize(_) => Err(Error::unsupported("MATCH_RECOGNIZE").at(table.span)),
            TableRefKind::Join { left, kind, natural, right, constraint } => {
                let constraint = match (constraint, natural) {
                    (_, true) => Constraint::Natural,
                    (Some(JoinConstraint::On(condition)), _) => Constraint::On(condition),
                    (Some(JoinConstraint::Using(columns)), _) => Constraint::Using(columns),
                    (None, false) => Constraint::None,
                };
                let left = self.table_ref(left)?;
                self.join_with(left, right, *kind, constraint, table.span)
            }
        }
    }

    /// A result of WITH, a table or a view.
    pub(crate) fn named_table(
        &mut self,
        name: &ObjectName,
        hints: &[Hint],
        alias: Option<&TableAlias>,
    ) -> Result<(Rel, Scope)> {
        if let [part] = name.parts.as_slice()
            && let Some((_, rel)) = self.ctes.iter().rev().find(|(n, _)| *n == part.value)
        {
            let rel = (**rel).clone();
            no_hints(hints, "the result of a query")?;
            return aliased(rel, TableName::Alias(part.value.clone()), alias);
        }
        let (path, object) = self.context.catalogs.object(name)?;
        let rel = match object.clone() {
            Object::Table(table) => self.scan(&path, table, hints, name.span)?,
            Object::View(view) => {
                no_hints(hints, "a view")?;
                self.view(&path, &view).map_err(|e| e.or_at(name.span))?
            }
        };
        aliased(rel, TableName::Path(path), alias)
    }

    fn scan(&self, path: &ObjectPath, table: Rc<Table>, hints: &[Hint], span: Span) -> Result<Rel> {
        let mut options: BTreeMap<String, String> =
            table.options.iter().map(|(k, o)| (k.clone(), o.value.clone())).collect();
        options.extend(option_hints(hints, &self.context)?);
        let schema = table.schema();
        let scan = Scan { path: path.clone(), table, options, span };
        Ok(Rel { op: RelOp::Scan(Rc::new(scan)), schema })
    }

    /// A view's query in its place, its names looked up where it was created.
    fn view(&mut self, path: &ObjectPath, view: &View) -> Result<Rel> {
        if self.views.contains(path) {
            return Err(Error::invalid(format!("view {path} is defined by itself")));
        }
        let mut catalogs = self.context.catalogs.clone();
        catalogs.current_catalog.clone_from(&view.catalog);
        catalogs.current_database.clone_from(&view.database);
        let mut views = self.views.clone();
        views.push(path.clone());
        let context = Context { catalogs: &catalogs, ..self.context };
        let functions = Functions::new(&catalogs);
        let mut inner = Resolver { context, ctes: vec![], views, functions, within_query: false };
        let rel = inner.query(&view.query)?;
        if rel.schema.len() != view.schema.len() {
            return Err(Error::invalid(format!("the tables below view {path} have changed since it was created"))
                .hint("create it again"));
        }
        Ok(rel.renamed(view.schema.fields.iter().map(|f| f.name.clone())))
    }
}

/// `t AS a (x, y)`: the alias hides the name.
fn aliased(rel: Rel, name: TableName, alias: Option<&TableAlias>) -> Result<(Rel, Scope)> {
    let (rel, name) = match alias {
        None => (rel, name),
        Some(alias) => {
            let rel = match alias.columns.is_empty() {
                true => rel,
                false => rename_columns(rel, &alias.columns, &alias.name.value, alias.span)?,
            };
            (rel, TableName::Alias(alias.name.value.clone()))
        }
    };
    let scope = Scope::of(&rel, name);
    Ok((rel, scope))
}

fn no_hints(hints: &[Hint], what: &str) -> Result<()> {
    match hints.first() {
        Some(hint) => {
            Err(Error::invalid(format!("{what} takes no hints")).hint("put them at the table it reads").at(hint.span))
        }
        None => Ok(()),
    }
}

/// `t /*+ OPTIONS('k' = 'v') */`
pub(crate) fn option_hints(hints: &[Hint], context: &Context) -> Result<BTreeMap<String, String>> {
    let mut options = BTreeMap::new();
    for hint in hints {
        if !hint.name.value.eq_ignore_ascii_case("OPTIONS") {
            return Err(Error::unsupported(format!("the hint {}", hint.name.value)).at(hint.span));
        }
        if !context.config.bool("table.dynamic-table-options.enabled", true)? {
            return Err(Error::invalid("OPTIONS hints are switched off")
                .hint("SET 'table.dynamic-table-options.enabled' = 'true'")
                .at(hint.span));
        }
        for arg in &hint.args {
            let HintArg::Option(pair) = arg else {
                return Err(Error::invalid("OPTIONS takes 'key' = 'value' pairs").at(hint.span));
            };
            if let Some(value) = context.variables.resolve(&pair.value)? {
                options.insert(pair.key.value.clone(), value);
            }
        }
    }
    Ok(options)
}
