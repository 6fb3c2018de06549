//! Queries and what stands in their FROM.

use super::expr::{Expr, FunctionCall, OrderItem, WindowSpec};
use super::{Ident, ObjectName, OptionPair, Span, StringLiteral};

/// `[WITH ..] body [ORDER BY ..] [LIMIT ..] [OFFSET ..]`
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub with: Option<With>,
    pub body: SetExpr,
    pub order_by: Vec<OrderItem>,
    /// LIMIT n and FETCH FIRST n ROWS ONLY; `LIMIT ALL` is none.
    pub limit: Option<Expr>,
    pub offset: Option<Expr>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct With {
    pub recursive: bool,
    pub ctes: Vec<Cte>,
    pub span: Span,
}

/// `name [(columns)] AS (query)`
#[derive(Clone, Debug, PartialEq)]
pub struct Cte {
    pub name: Ident,
    pub columns: Vec<Ident>,
    pub query: Query,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SetExpr {
    Select(Box<Select>),
    Values(Values),
    /// `TABLE t`
    Table(ObjectName),
    /// In parentheses.
    Query(Box<Query>),
    Operation(Box<SetOperation>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct SetOperation {
    pub operator: SetOperator,
    pub all: bool,
    pub left: SetExpr,
    pub right: SetExpr,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

/// `VALUES (1, 'a'), (2, 'b')`
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// Rows of any length; `VALUES 1, 2` has rows of one.
    pub rows: Vec<Vec<Expr>>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    pub hints: Vec<Hint>,
    pub distinct: bool,
    pub projection: Vec<SelectItem>,
    /// Items between commas, each possibly a tree of joins. Empty without FROM.
    pub from: Vec<TableRef>,
    pub filter: Option<Expr>,
    pub group_by: Option<GroupBy>,
    pub having: Option<Expr>,
    pub windows: Vec<NamedWindow>,
    pub qualify: Option<Expr>,
    pub span: Span,
}

/// `NAME(args)` of `/*+ NAME(args), .. */`
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    pub name: Ident,
    pub args: Vec<HintArg>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum HintArg {
    /// `'key' = 'value'`; an unquoted key is accepted too.
    Option(OptionPair),
    /// A table or alias: `BROADCAST(t)`
    Name(Ident),
    String(StringLiteral),
    Number(String, Span),
}

#[derive(Clone, Debug, PartialEq)]
pub enum SelectItem {
    /// `*`
    Star(Span),
    /// `t.*`
    QualifiedStar {
        path: Vec<Ident>,
        span: Span,
    },
    Expr {
        expr: Expr,
        alias: Option<Ident>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct GroupBy {
    pub distinct: bool,
    pub elements: Vec<GroupingElement>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum GroupingElement {
    Expr(Expr),
    /// `()` or `(a, b)`
    Set(Vec<Expr>),
    GroupingSets(Vec<GroupingElement>),
    /// Each entry is one step: `ROLLUP (a, (b, c))`
    Rollup(Vec<Vec<Expr>>),
    Cube(Vec<Vec<Expr>>),
}

/// `WINDOW name AS (spec)`
#[derive(Clone, Debug, PartialEq)]
pub struct NamedWindow {
    pub name: Ident,
    pub spec: WindowSpec,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TableRef {
    pub kind: TableRefKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TableRefKind {
    Table {
        name: ObjectName,
        /// `t /*+ OPTIONS(..) */`
        hints: Vec<Hint>,
        /// FOR SYSTEM_TIME AS OF
        system_time: Option<Box<Expr>>,
        alias: Option<TableAlias>,
    },
    /// `(query)`, also `(VALUES ..)`.
    Derived {
        query: Box<Query>,
        lateral: bool,
        system_time: Option<Box<Expr>>,
        alias: Option<TableAlias>,
    },
    /// `TABLE(f(..))`, `LATERAL TABLE(f(..))` or the bare `f(..)`.
    Function {
        call: Box<FunctionCall>,
        lateral: bool,
        alias: Option<TableAlias>,
    },
    Unnest {
        exprs: Vec<Expr>,
        with_ordinality: bool,
        alias: Option<TableAlias>,
    },
    MatchRecognize(Box<MatchRecognize>),
    Join {
        left: Box<TableRef>,
        kind: JoinKind,
        natural: bool,
        right: Box<TableRef>,
        /// None for CROSS and NATURAL.
        constraint: Option<JoinConstraint>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct TableAlias {
    pub name: Ident,
    pub columns: Vec<Ident>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
}

#[derive(Clone, Debug, PartialEq)]
pub enum JoinConstraint {
    On(Box<Expr>),
    Using(Vec<Ident>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct MatchRecognize {
    pub input: TableRef,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<OrderItem>,
    pub measures: Vec<Measure>,
    pub rows_per_match: Option<RowsPerMatch>,
    /// Left out, Flink 2.3 plans SKIP TO NEXT ROW.
    pub after_match: Option<AfterMatch>,
    pub pattern: Pattern,
    /// `WITHIN INTERVAL '1' HOUR`
    pub within: Option<Expr>,
    /// `SUBSET s = (a, b)`: parses, Flink rejects it later.
    pub subsets: Vec<(Ident, Vec<Ident>)>,
    pub definitions: Vec<PatternDefinition>,
    pub alias: Option<TableAlias>,
    pub span: Span,
}

/// `expr AS alias`; FINAL and RUNNING are function calls of these names.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub expr: Expr,
    pub alias: Ident,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsPerMatch {
    One,
    /// Parses, Flink rejects it later.
    All,
}

#[derive(Clone, Debug, PartialEq)]
pub enum AfterMatch {
    SkipPastLastRow,
    SkipToNextRow,
    SkipToFirst(Ident),
    /// `SKIP TO LAST v` and `SKIP TO v`.
    SkipToLast(Ident),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub kind: PatternKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PatternKind {
    Variable(Ident),
    /// One after the other.
    Sequence(Vec<Pattern>),
    /// `a | b`: parses, Flink rejects it later; so too the next three.
    Alternation(Vec<Pattern>),
    Permute(Vec<Pattern>),
    /// `{- a -}`
    Exclusion(Box<Pattern>),
    /// `^ pattern $`
    Anchored {
        start: bool,
        end: bool,
        pattern: Box<Pattern>,
    },
    Quantified {
        pattern: Box<Pattern>,
        min: u32,
        /// None is without end.
        max: Option<u32>,
        /// `*?`: as few as possible.
        reluctant: bool,
    },
}

/// `DEFINE variable AS condition`
#[derive(Clone, Debug, PartialEq)]
pub struct PatternDefinition {
    pub variable: Ident,
    pub condition: Expr,
}
