use std::collections::BTreeMap;

use flitz_dataflow::{DataType, Error, Field, Place, Schema, Span, TimeAttribute};
use flitz_plan::Expr;

use crate::ast;

/// A declared table, types resolved. Its connector's options are checked when a query uses it, as in Flink.
#[derive(Clone, Debug)]
pub struct Table {
    /// In declared order.
    pub columns: Vec<Column>,
    pub watermark: Option<WatermarkDecl>,
    pub primary_key: Option<PrimaryKey>,
    pub partition_keys: Vec<String>,
    /// That ALTER TABLE has added.
    pub partitions: Vec<Partition>,
    pub distribution: Option<ast::Distribution>,
    pub options: BTreeMap<String, OptionValue>,
    /// Options whose variables came to nothing, as written.
    pub left_out: BTreeMap<String, String>,
    pub comment: Option<String>,
    pub temporary: bool,
    /// The name in CREATE TABLE.
    pub span: Span,
}

/// A value for each partition key, in the order in which it was written.
pub type Partition = Vec<(String, String)>;

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    /// Without time attribute; NOT NULL if it is part of the primary key.
    pub data_type: DataType,
    pub kind: ColumnKind,
    pub comment: Option<String>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ColumnKind {
    Physical,
    Metadata {
        /// None: the column's name is the key.
        key: Option<String>,
        is_virtual: bool,
    },
    /// An expression over the positions of the table's columns, of which it uses physical and metadata ones.
    Computed {
        expr: Expr,
        text: String,
    },
}

#[derive(Clone, Debug)]
pub struct WatermarkDecl {
    /// Position of the rowtime column.
    pub column: usize,
    /// Over the positions of the table's columns.
    pub expr: Expr,
    pub text: String,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PrimaryKey {
    pub name: String,
    pub columns: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct OptionValue {
    /// Variables resolved.
    pub value: String,
    pub written: String,
    /// Of the pair.
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct View {
    pub query: ast::Query,
    /// Where the unqualified names in it are looked up.
    pub catalog: String,
    pub database: String,
    /// Given or derived names and types of its columns.
    pub schema: Schema,
    pub comment: Option<String>,
    pub temporary: bool,
}

impl Table {
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// All columns as a query sees them: the rowtime column is a time attribute.
    pub fn schema(&self) -> Schema {
        let rowtime = self.watermark.as_ref().map(|w| w.column);
        let field = |(i, c): (usize, &Column)| {
            let mut data_type = c.data_type.clone();
            if rowtime == Some(i) {
                data_type.kind = data_type.kind.with_attribute(TimeAttribute::Rowtime);
            }
            Field::new(c.name.clone(), data_type)
        };
        self.columns.iter().enumerate().map(field).collect()
    }

    /// The columns stored in the format.
    pub fn physical(&self) -> Schema {
        let physical = self.columns.iter().filter(|c| matches!(c.kind, ColumnKind::Physical));
        physical.map(|c| Field::new(c.name.clone(), c.data_type.clone())).collect()
    }

    /// Positions of the columns that INSERT writes: physical ones and metadata that is not VIRTUAL.
    pub fn writable(&self) -> Vec<usize> {
        let stored = |c: &Column| match c.kind {
            ColumnKind::Physical => true,
            ColumnKind::Metadata { is_virtual, .. } => !is_virtual,
            ColumnKind::Computed { .. } => false,
        };
        (0..self.columns.len()).filter(|&i| stored(&self.columns[i])).collect()
    }

    /// An error about an option becomes one about the place in the DDL that sets it.
    pub fn locate(&self, error: Error) -> Error {
        let span = match &error.place {
            Some(Place::Option(key)) => self.options.get(key).map(|o| o.span),
            Some(_) => return error,
            None => None,
        };
        match (span, error.place.is_none()) {
            (Some(span), _) => error.at(span),
            (None, true) => error.at(self.span),
            (None, false) => error,
        }
    }
}
