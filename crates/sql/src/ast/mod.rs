//! The syntax tree of Flink SQL, as written: nothing is resolved, no type is known, every node has the [`Span`] it
//! was read from.
//!
//! Read [`statement`] for what can be executed, [`query`] for SELECT and its sources, [`expr`] for what stands in
//! between, [`data_type`] for types. [`Statement`], [`Query`], [`Expr`] and [`DataType`] implement `Display`, which
//! prints SQL that parses to the same tree again (spans apart): views are stored in this form.
//!
//! Where two spellings mean the same, the tree has one form: `FETCH FIRST n ROWS ONLY` is a limit,
//! `SUBSTRING(s FROM i)` is a function call, `INT ARRAY` is `ARRAY<INT>`.

pub mod data_type;
pub mod expr;
mod print;
pub mod query;
pub mod statement;

pub use data_type::{DataType, DataTypeKind, RowTypeField, TimeZoneKind};
pub use expr::precedence;
pub use expr::{
    BinaryOp, CaseBranch, Expr, ExprKind, FrameBound, FrameUnit, FunctionArg, FunctionArgValue, FunctionCall,
    IntervalQualifier, IsTest, JsonAbsent, JsonBehavior, JsonEncoded, JsonKind, JsonPair, JsonWrapper, LikeKind,
    Literal, NullTreatment, OrderItem, QuantifiedRight, Quantifier, RoundDirection, TableArg, TableArgSource, TimeUnit,
    TrimSide, UnaryOp, WindowFrame, WindowRef, WindowSpec,
};
pub use query::{
    AfterMatch, Cte, GroupBy, GroupingElement, Hint, HintArg, JoinConstraint, JoinKind, MatchRecognize, Measure,
    NamedWindow, Pattern, PatternDefinition, PatternKind, Query, RowsPerMatch, Select, SelectItem, SetExpr,
    SetOperation, SetOperator, TableAlias, TableRef, TableRefKind, Values, With,
};
pub use statement::*;

pub use flitz_dataflow::Span;

/// One name, without its back-ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    pub value: String,
    pub span: Span,
}

/// `[catalog.][database.]object`, or whatever else is dotted.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectName {
    /// At least one.
    pub parts: Vec<Ident>,
    pub span: Span,
}

impl ObjectName {
    /// The last part: what the object itself is called.
    pub fn object(&self) -> &Ident {
        &self.parts[self.parts.len() - 1]
    }
}

/// A character string where the grammar wants exactly that: option keys and values, comments, paths.
#[derive(Clone, Debug, PartialEq)]
pub struct StringLiteral {
    /// Escapes resolved, `${VAR}` not yet (see [`crate::variables::substitute`]).
    pub value: String,
    pub span: Span,
}

/// `'key' = 'value'` of WITH, SET and hints.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionPair {
    pub key: StringLiteral,
    pub value: StringLiteral,
}
