//! Which columns and functions a name can mean at some place of a query.

use std::rc::Rc;

use flitz_dataflow::{DataType, Error, Result, Span, TypeKind, suggest};
use flitz_plan::Expr;

use super::function::Functions;
use crate::ast::Ident;
use crate::catalog::ObjectPath;
use crate::relation::{Rel, remap};

/// The columns of FROM, in the order of its relation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub columns: Vec<ScopeColumn>,
    /// Columns that USING and NATURAL made one of two.
    pub merged: Vec<MergedColumn>,
    /// Whether the columns are those of several tables, which may have the same names.
    pub joined: bool,
    /// Names of the SELECT list, where they may be used.
    pub aliases: Vec<(String, Expr)>,
    /// What a query in WHERE sees of the query around it.
    pub outer: Option<Rc<Scope>>,
    /// Functions defined in SQL.
    pub functions: Functions,
}

/// Columns of the outer query stand in resolved expressions from this position on.
pub(crate) const OUTER: usize = 1 << 44;

#[derive(Clone, Debug)]
pub(crate) struct MergedColumn {
    pub name: String,
    pub expr: Expr,
    /// The columns it is made of, which `*` leaves out.
    pub parts: Vec<usize>,
    /// False with NATURAL, where the bare name stays ambiguous.
    pub named: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct ScopeColumn {
    pub table: TableName,
    pub name: String,
    pub data_type: DataType,
}

/// What may stand before the dot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TableName {
    None,
    /// An alias, or the name of a CTE.
    Alias(String),
    /// A table without alias: `t`, `db.t` and `catalog.db.t` all name it.
    Path(ObjectPath),
}

impl TableName {
    fn matches(&self, path: &[Ident]) -> bool {
        match self {
            TableName::None => false,
            TableName::Alias(alias) => path.len() == 1 && path[0].value == *alias,
            TableName::Path(p) => {
                let full = [&p.catalog, &p.database, &p.object];
                path.len() <= 3 && path.iter().zip(&full[3 - path.len()..]).all(|(a, b)| a.value == **b)
            }
        }
    }

    /// Whether `name` means it: an alias, or a table's name, possibly with database and catalog before it.
    pub fn is_called(&self, name: &str) -> bool {
        match self {
            TableName::None => false,
            TableName::Alias(alias) => alias == name,
            TableName::Path(p) => {
                let qualified = format!("{}.{}", p.database, p.object);
                name == p.object || name == qualified || name == format!("{}.{qualified}", p.catalog)
            }
        }
    }

    pub fn short(&self) -> Option<&str> {
        match self {
            TableName::None => None,
            TableName::Alias(name) => Some(name),
            TableName::Path(path) => Some(&path.object),
        }
    }
}

impl Scope {
    pub fn of(rel: &Rel, table: TableName) -> Scope {
        let column = |f: &flitz_dataflow::Field| ScopeColumn {
            table: table.clone(),
            name: f.name.clone(),
            data_type: f.data_type.clone(),
        };
        Scope { columns: rel.schema.fields.iter().map(column).collect(), ..Scope::default() }
    }

    /// A column, possibly qualified, possibly followed by fields of a ROW. The time attribute is kept.
    pub fn resolve(&self, path: &[Ident]) -> Result<Expr> {
        let found = self.resolve_here(path);
        match (&found, &self.outer) {
            (Err(error), Some(outer)) if !self.knows(path) => match outer.resolve_here(path) {
                Ok(expr) => Ok(remap(expr, &|i| OUTER + i)),
                Err(_) => Err(error.clone()),
            },
            _ => found,
        }
    }

    /// Whether the first part of the path means something here, even if it is an error.
    fn knows(&self, path: &[Ident]) -> bool {
        let name = &path[0].value;
        let qualifies = |c: &ScopeColumn| (1..path.len()).any(|n| c.table.matches(&path[..n]));
        self.columns.iter().any(|c| c.name == *name || qualifies(c))
    }

    fn resolve_here(&self, path: &[Ident]) -> Result<Expr> {
        if let Some(merged) = self.merged.iter().find(|m| m.named && m.name == path[0].value) {
            return path[1..].iter().try_fold(merged.expr.clone(), field_of);
        }
        // The longest qualifier that names a table wins: `t.a` is column a of t before it is field a of column t.
        for split in (1..path.len()).rev() {
            let (qualifier, rest) = path.split_at(split);
            let of_table: Vec<usize> =
                (0..self.columns.len()).filter(|&i| self.columns[i].table.matches(qualifier)).collect();
            if of_table.is_empty() {
                continue;
            }
            let found: Vec<usize> =
                of_table.iter().copied().filter(|&i| self.columns[i].name == rest[0].value).collect();
            return match found.as_slice() {
                [] => Err(self.unknown(&rest[0], &of_table, Some(&qualifier[split - 1].value))),
                [one] => self.fields(*one, rest),
                _ => Err(ambiguous(&rest[0])),
            };
        }
        let found: Vec<usize> = (0..self.columns.len()).filter(|&i| self.columns[i].name == path[0].value).collect();
        match found.as_slice() {
            [one] => self.fields(*one, path),
            [] if self.aliases.iter().any(|(name, _)| *name == path[0].value) => {
                let alias = self.aliases.iter().find(|(name, _)| *name == path[0].value);
                let expr = alias.map(|(_, e)| e.clone()).ok_or_else(|| ambiguous(&path[0]))?;
                path[1..].iter().try_fold(expr, field_of)
            }
            [] if path.len() > 1 => Err(self.unknown_table(&path[0])),
            [] => Err(self.unknown(&path[0], &(0..self.columns.len()).collect::<Vec<_>>(), None)),
            _ => Err(ambiguous(&path[0])),
        }
    }

    fn fields(&self, column: usize, path: &[Ident]) -> Result<Expr> {
        let mut expr = Expr::column(column, self.columns[column].data_type.clone());
        for field in &path[1..] {
            expr = field_of(expr, field)?;
        }
        Ok(expr)
    }

    /// Positions of the columns of a qualified star.
    pub fn columns_of(&self, path: &[Ident], span: Span) -> Result<Vec<usize>> {
        let found: Vec<usize> = (0..self.columns.len()).filter(|&i| self.columns[i].table.matches(path)).collect();
        if found.is_empty() {
            return Err(self.unknown_table(&path[path.len() - 1]).or_at(span));
        }
        Ok(found)
    }

    /// The fields of a column of type ROW, for `column.*`. None: it is no such column.
    pub fn fields_of(&self, path: &[Ident]) -> Option<Vec<(String, Expr)>> {
        let row = self.resolve(path).ok()?;
        let TypeKind::Row(fields) = &row.data_type().kind else { return None };
        let field = |name: &String| {
            let name = Ident { value: name.clone(), span: path[0].span };
            field_of(row.clone(), &name).ok().map(|e| (name.value, e))
        };
        fields.iter().map(|f| field(&f.name)).collect()
    }

    fn unknown(&self, name: &Ident, among: &[usize], table: Option<&str>) -> Error {
        let whose = table.map(|t| format!(" of `{t}`")).unwrap_or_default();
        let error = Error::invalid(format!("there is no column `{}`{whose}", name.value)).at(name.span);
        let names: Vec<&str> =
            among.iter().map(|&i| self.columns[i].name.as_str()).filter(|name| !name.is_empty()).collect();
        match suggest::nearest(&name.value, names.iter().copied()) {
            Some(near) if near.eq_ignore_ascii_case(&name.value) => {
                error.hint(format!("names are case-sensitive: it is `{near}`"))
            }
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if names.is_empty() => error.hint("there is nothing in FROM that has columns"),
            None => error.hint(format!("there are {}", names.join(", "))),
        }
    }

    fn unknown_table(&self, name: &Ident) -> Error {
        let error = Error::invalid(format!("there is no table `{}` in FROM", name.value)).at(name.span);
        let mut tables: Vec<&str> = self.columns.iter().filter_map(|c| c.table.short()).collect();
        tables.dedup();
        match suggest::nearest(&name.value, tables.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if tables.is_empty() => error,
            None => error.hint(format!("there are {}; an alias hides the name of its table", tables.join(", "))),
        }
    }
}

/// `operand.field` of a ROW; NULL if the row is.
pub(crate) fn field_of(operand: Expr, field: &Ident) -> Result<Expr> {
    let TypeKind::Row(fields) = &operand.data_type().kind else {
        let kind = operand.data_type();
        return Err(Error::invalid(format!(
            "`{}` is asked of a value of type {kind}, which has no fields",
            field.value
        ))
        .at(field.span));
    };
    let Some(index) = fields.iter().position(|f| f.name == field.value) else {
        let error = Error::invalid(format!("the row has no field `{}`", field.value)).at(field.span);
        return Err(match suggest::nearest(&field.value, fields.iter().map(|f| f.name.as_str())) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error
                .hint(format!("there are {}", fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", "))),
        });
    };
    let nullable = operand.data_type().nullable || fields[index].data_type.nullable;
    let data_type = fields[index].data_type.clone().with_nullable(nullable);
    Ok(Expr::Field { input: Box::new(operand), index, data_type })
}

fn ambiguous(name: &Ident) -> Error {
    Error::invalid(format!("column `{}` is ambiguous", name.value))
        .hint("write the table or alias before it, or name the columns differently")
        .at(name.span)
}
