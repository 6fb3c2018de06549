//! Queries as SQL.

use std::fmt::{self, Display, Formatter};

use super::{commas, optional, optional_list};
use crate::ast::{
    AfterMatch, Cte, Expr, GroupBy, GroupingElement, Hint, HintArg, JoinConstraint, JoinKind, MatchRecognize, Measure,
    NamedWindow, Pattern, PatternDefinition, PatternKind, Query, RowsPerMatch, Select, SelectItem, SetExpr,
    SetOperation, SetOperator, TableAlias, TableRef, TableRefKind, Values, With,
};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(with) = &self.with {
            write!(f, "{with} ")?;
        }
        self.body.fmt(f)?;
        if !self.order_by.is_empty() {
            write!(f, " ORDER BY {}", commas(&self.order_by))?;
        }
        optional(f, " LIMIT ", self.limit.as_ref())?;
        optional(f, " OFFSET ", self.offset.as_ref())
    }
}

impl Display for With {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "WITH {}{}", if self.recursive { "RECURSIVE " } else { "" }, commas(&self.ctes))
    }
}

impl Display for Cte {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        optional_list(f, " ", &self.columns)?;
        write!(f, " AS ({})", self.query)
    }
}

impl Display for SetExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            SetExpr::Select(select) => select.fmt(f),
            SetExpr::Values(values) => values.fmt(f),
            SetExpr::Table(name) => write!(f, "TABLE {name}"),
            SetExpr::Query(query) => write!(f, "({query})"),
            SetExpr::Operation(operation) => operation.fmt(f),
        }
    }
}

impl Display for SetOperation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let operator = match self.operator {
            SetOperator::Union => "UNION",
            SetOperator::Intersect => "INTERSECT",
            SetOperator::Except => "EXCEPT",
        };
        write!(f, "{} {operator} {}{}", self.left, if self.all { "ALL " } else { "" }, self.right)
    }
}

impl Display for Values {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("VALUES ")?;
        for (i, row) in self.rows.iter().enumerate() {
            write!(f, "{}({})", if i > 0 { ", " } else { "" }, commas(row))?;
        }
        Ok(())
    }
}

impl Display for Select {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("SELECT ")?;
        hints(f, "", &self.hints, " ")?;
        write!(f, "{}{}", if self.distinct { "DISTINCT " } else { "" }, commas(&self.projection))?;
        if !self.from.is_empty() {
            write!(f, " FROM {}", commas(&self.from))?;
        }
        optional(f, " WHERE ", self.filter.as_ref())?;
        optional(f, " GROUP BY ", self.group_by.as_ref())?;
        optional(f, " HAVING ", self.having.as_ref())?;
        if !self.windows.is_empty() {
            write!(f, " WINDOW {}", commas(&self.windows))?;
        }
        optional(f, " QUALIFY ", self.qualify.as_ref())
    }
}

/// `/*+ .. */`, or nothing.
pub(super) fn hints(f: &mut Formatter<'_>, before: &str, hints: &[Hint], after: &str) -> fmt::Result {
    if hints.is_empty() { Ok(()) } else { write!(f, "{before}/*+ {} */{after}", commas(hints)) }
}

impl Display for Hint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        optional_list(f, "", &self.args)
    }
}

impl Display for HintArg {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            HintArg::Option(option) => option.fmt(f),
            HintArg::Name(name) => name.fmt(f),
            HintArg::String(text) => text.fmt(f),
            HintArg::Number(text, _) => f.write_str(text),
        }
    }
}

impl Display for SelectItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            SelectItem::Star(_) => f.write_str("*"),
            SelectItem::QualifiedStar { path, .. } => write!(f, "{}.*", super::List(path, ".")),
            SelectItem::Expr { expr, alias } => {
                expr.fmt(f)?;
                optional(f, " AS ", alias.as_ref())
            }
        }
    }
}

impl Display for GroupBy {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.distinct { "DISTINCT " } else { "" }, commas(&self.elements))
    }
}

impl Display for GroupingElement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            GroupingElement::Expr(expr) => expr.fmt(f),
            GroupingElement::Set(exprs) => write!(f, "({})", commas(exprs)),
            GroupingElement::GroupingSets(elements) => write!(f, "GROUPING SETS ({})", commas(elements)),
            GroupingElement::Rollup(steps) => grouping_steps(f, "ROLLUP", steps),
            GroupingElement::Cube(steps) => grouping_steps(f, "CUBE", steps),
        }
    }
}

fn grouping_steps(f: &mut Formatter<'_>, name: &str, steps: &[Vec<Expr>]) -> fmt::Result {
    write!(f, "{name} (")?;
    for (i, step) in steps.iter().enumerate() {
        f.write_str(if i > 0 { ", " } else { "" })?;
        match &step[..] {
            [one] => one.fmt(f)?,
            many => write!(f, "({})", commas(many))?,
        }
    }
    f.write_str(")")
}

impl Display for NamedWindow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} AS {}", self.name, self.spec)
    }
}

impl Display for TableRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let lateral_word = |lateral: &bool| if *lateral { "LATERAL " } else { "" };
        let alias = match &self.kind {
            TableRefKind::Table { name, hints: table_hints, system_time, alias } => {
                name.fmt(f)?;
                hints(f, " ", table_hints, "")?;
                optional(f, " FOR SYSTEM_TIME AS OF ", system_time.as_ref())?;
                alias
            }
            TableRefKind::Derived { query, lateral, system_time, alias } => {
                write!(f, "{}({query})", lateral_word(lateral))?;
                optional(f, " FOR SYSTEM_TIME AS OF ", system_time.as_ref())?;
                alias
            }
            TableRefKind::Function { call, lateral, alias } => {
                write!(f, "{}TABLE({})", lateral_word(lateral), call.as_table())?;
                alias
            }
            TableRefKind::Unnest { exprs, with_ordinality, alias } => {
                let ordinality = if *with_ordinality { " WITH ORDINALITY" } else { "" };
                write!(f, "UNNEST({}){ordinality}", commas(exprs))?;
                alias
            }
            TableRefKind::MatchRecognize(matching) => {
                matching.fmt(f)?;
                &matching.alias
            }
            TableRefKind::Join { left, kind, natural, right, constraint } => {
                write!(f, "{left} {}{} JOIN ", if *natural { "NATURAL " } else { "" }, kind.sql())?;
                match right.kind {
                    TableRefKind::Join { .. } => write!(f, "({right})")?,
                    _ => right.fmt(f)?,
                }
                return match constraint {
                    Some(JoinConstraint::On(condition)) => write!(f, " ON {condition}"),
                    Some(JoinConstraint::Using(columns)) => write!(f, " USING ({})", commas(columns)),
                    None => Ok(()),
                };
            }
        };
        optional(f, " AS ", alias.as_ref())
    }
}

impl JoinKind {
    pub fn sql(self) -> &'static str {
        match self {
            JoinKind::Inner => "INNER",
            JoinKind::Left => "LEFT",
            JoinKind::Right => "RIGHT",
            JoinKind::Full => "FULL",
            JoinKind::Cross => "CROSS",
        }
    }
}

impl Display for TableAlias {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        optional_list(f, "", &self.columns)
    }
}

impl Display for MatchRecognize {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} MATCH_RECOGNIZE (", self.input)?;
        if !self.partition_by.is_empty() {
            write!(f, "PARTITION BY {} ", commas(&self.partition_by))?;
        }
        if !self.order_by.is_empty() {
            write!(f, "ORDER BY {} ", commas(&self.order_by))?;
        }
        if !self.measures.is_empty() {
            write!(f, "MEASURES {} ", commas(&self.measures))?;
        }
        f.write_str(match self.rows_per_match {
            Some(RowsPerMatch::One) => "ONE ROW PER MATCH ",
            Some(RowsPerMatch::All) => "ALL ROWS PER MATCH ",
            None => "",
        })?;
        match &self.after_match {
            Some(AfterMatch::SkipPastLastRow) => f.write_str("AFTER MATCH SKIP PAST LAST ROW ")?,
            Some(AfterMatch::SkipToNextRow) => f.write_str("AFTER MATCH SKIP TO NEXT ROW ")?,
            Some(AfterMatch::SkipToFirst(variable)) => write!(f, "AFTER MATCH SKIP TO FIRST {variable} ")?,
            Some(AfterMatch::SkipToLast(variable)) => write!(f, "AFTER MATCH SKIP TO LAST {variable} ")?,
            None => {}
        }
        write!(f, "PATTERN ({})", self.pattern)?;
        optional(f, " WITHIN ", self.within.as_ref())?;
        for (i, (name, variables)) in self.subsets.iter().enumerate() {
            write!(f, "{}{name} = ({})", if i == 0 { " SUBSET " } else { ", " }, commas(variables))?;
        }
        write!(f, " DEFINE {})", commas(&self.definitions))
    }
}

impl Display for Measure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} AS {}", self.expr, self.alias)
    }
}

impl Display for PatternDefinition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} AS {}", self.variable, self.condition)
    }
}

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            PatternKind::Variable(name) => name.fmt(f),
            PatternKind::Sequence(parts) => parts.iter().enumerate().try_for_each(|(i, part)| {
                f.write_str(if i > 0 { " " } else { "" })?;
                part.grouped(f, |kind| matches!(kind, PatternKind::Sequence(_) | PatternKind::Alternation(_)))
            }),
            PatternKind::Alternation(parts) => parts.iter().enumerate().try_for_each(|(i, part)| {
                f.write_str(if i > 0 { " | " } else { "" })?;
                part.grouped(f, |kind| matches!(kind, PatternKind::Alternation(_)))
            }),
            PatternKind::Permute(parts) => write!(f, "PERMUTE({})", commas(parts)),
            PatternKind::Exclusion(pattern) => write!(f, "{{- {pattern} -}}"),
            PatternKind::Anchored { start, end, pattern } => {
                write!(f, "{}{pattern}{}", if *start { "^ " } else { "" }, if *end { " $" } else { "" })
            }
            PatternKind::Quantified { pattern, min, max, reluctant } => {
                pattern.grouped(f, |kind| {
                    matches!(
                        kind,
                        PatternKind::Sequence(_) | PatternKind::Alternation(_) | PatternKind::Quantified { .. }
                    )
                })?;
                match (min, max) {
                    (0, None) => f.write_str("*")?,
                    (1, None) => f.write_str("+")?,
                    (0, Some(1)) => f.write_str("?")?,
                    (min, None) => write!(f, "{{{min},}}")?,
                    (min, Some(max)) if min == max => write!(f, "{{{min}}}")?,
                    (min, Some(max)) => write!(f, "{{{min},{max}}}")?,
                }
                f.write_str(if *reluctant { "?" } else { "" })
            }
        }
    }
}

impl Pattern {
    /// In parentheses if it is of such a kind.
    fn grouped(&self, f: &mut Formatter<'_>, needed: impl Fn(&PatternKind) -> bool) -> fmt::Result {
        if needed(&self.kind) { write!(f, "({self})") } else { self.fmt(f) }
    }
}
