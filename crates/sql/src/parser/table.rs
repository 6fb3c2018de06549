//! What stands in FROM: tables, joins, table functions.

use flitz_dataflow::{Error, Result};

use super::Parser;
use crate::ast::{JoinConstraint, JoinKind, ObjectName, TableAlias, TableRef, TableRefKind};

/// How many joins may follow each other: the tree gets one level deeper with each.
const JOINS_MAX: usize = 200;

impl Parser<'_> {
    /// A table and what it is joined with; ends before a comma.
    pub(super) fn joined_tables(&mut self) -> Result<TableRef> {
        self.nested(|p| {
            let start = p.span();
            let mut left = p.table_factor()?;
            for _ in 0..JOINS_MAX {
                let Some((kind, natural)) = p.join_kind()? else { return Ok(left) };
                let right = p.table_factor()?;
                let constraint = p.join_constraint(kind, natural)?;
                let (boxed_left, right) = (Box::new(left), Box::new(right));
                let kind = TableRefKind::Join { left: boxed_left, kind, natural, right, constraint };
                left = TableRef { kind, span: p.span_since(start) };
            }
            Err(p.error(format!("more than {JOINS_MAX} joins follow each other")))
        })
    }

    /// `[NATURAL] [INNER|LEFT|..] JOIN`
    fn join_kind(&mut self) -> Result<Option<(JoinKind, bool)>> {
        let natural = self.eat_word("NATURAL");
        let kinds = [
            ("INNER", JoinKind::Inner),
            ("LEFT", JoinKind::Left),
            ("RIGHT", JoinKind::Right),
            ("FULL", JoinKind::Full),
            ("CROSS", JoinKind::Cross),
        ];
        let kind = self.one_of(&kinds);
        if kind == Some(JoinKind::Left) && self.at_any_word(&["SEMI", "ANTI"]) {
            let error = self.error("there is no LEFT SEMI or LEFT ANTI JOIN");
            return Err(error.hint("write WHERE [NOT] EXISTS (SELECT …)"));
        }
        if kind == Some(JoinKind::Cross) && self.at_word("APPLY") {
            return Err(self.error("there is no CROSS APPLY").hint("write CROSS JOIN LATERAL TABLE(f(…))"));
        }
        if matches!(kind, Some(JoinKind::Left | JoinKind::Right | JoinKind::Full)) {
            self.eat_word("OUTER");
        }
        if self.eat_word("JOIN") {
            return Ok(Some((kind.unwrap_or(JoinKind::Inner), natural)));
        }
        if kind.is_some() || natural { Err(self.expected("JOIN")) } else { Ok(None) }
    }

    fn join_constraint(&mut self, kind: JoinKind, natural: bool) -> Result<Option<JoinConstraint>> {
        if kind == JoinKind::Cross || natural {
            if self.at_any_word(&["ON", "USING"]) {
                let join = if natural { "NATURAL JOIN" } else { "CROSS JOIN" };
                return Err(self.error(format!("{join} takes no condition")));
            }
            return Ok(None);
        }
        if self.eat_word("ON") {
            return Ok(Some(JoinConstraint::On(Box::new(self.expr()?))));
        }
        if self.eat_word("USING") {
            let columns = self.parenthesized("the columns of USING", |p| p.name("a column name"))?;
            return Ok(Some(JoinConstraint::Using(columns)));
        }
        let error = self.expected("ON or USING after the joined table");
        Err(if error.hint.is_some() { error } else { error.hint("a join without condition is a CROSS JOIN") })
    }

    /// One table, followed by what may follow any of them.
    fn table_factor(&mut self) -> Result<TableRef> {
        let start = self.span();
        let lateral = self.eat_word("LATERAL");
        let mut table = if self.at_word("UNNEST") {
            self.unnest()?
        } else if self.at_word("TABLE") {
            self.table_function(lateral)?
        } else if self.at("(") {
            match self.parenthesized_table(lateral)? {
                join @ TableRef { kind: TableRefKind::Join { .. }, .. } => return self.parenthesized_join(join),
                table => table,
            }
        } else if self.at_word("VALUES") {
            return Err(self.expected("a table").hint("put VALUES in parentheses: FROM (VALUES …) AS t(a, b)"));
        } else if lateral {
            return Err(self.expected("`(` or TABLE(f(…)) after LATERAL"));
        } else {
            self.named_table()?
        };
        if self.at_word("MATCH_RECOGNIZE") {
            table.span = self.span_since(start);
            table = self.match_recognize(table)?;
        }
        for (word, clause) in [("PIVOT", "PIVOT"), ("UNPIVOT", "UNPIVOT"), ("TABLESAMPLE", "TABLESAMPLE")] {
            if self.at_word(word) {
                return Err(Error::unsupported(format!("{clause} (Flink can't plan it either)")).at(self.span()));
            }
        }
        let alias = self.table_alias()?;
        if self.at_words(&["FOR", "SYSTEM_TIME"]) {
            let error = self.error("FOR SYSTEM_TIME AS OF can't stand here");
            return Err(error.hint("it follows the name of a table, before the alias"));
        }
        if self.at_word("MATCH_RECOGNIZE") {
            return Err(self.error("MATCH_RECOGNIZE can't follow an alias").hint("write the alias after it"));
        }
        set_alias(&mut table.kind, alias);
        table.span = self.span_since(start);
        Ok(table)
    }

    /// `[AS] name [(columns)]`
    fn table_alias(&mut self) -> Result<Option<TableAlias>> {
        let start = self.span();
        let explicit = self.eat_word("AS");
        if !explicit && !self.at_name() {
            return Ok(None);
        }
        if !explicit && self.at_words(&["ASOF", "JOIN"]) {
            return Err(self.error("there is no ASOF JOIN").hint("write JOIN t FOR SYSTEM_TIME AS OF a.time_column"));
        }
        let name = self.name("an alias")?;
        let columns = if self.at("(") {
            self.parenthesized("the column names", |p| p.name("a column name"))?
        } else {
            Vec::new()
        };
        Ok(Some(TableAlias { name, columns, span: self.span_since(start) }))
    }

    /// `t [hints] [FOR SYSTEM_TIME AS OF e]` or `f(..)`
    fn named_table(&mut self) -> Result<TableRef> {
        let start = self.span();
        let name = self.object_name("a table")?;
        if self.at("(") {
            return self.function_table(name, false, start);
        }
        let hints = self.hints()?;
        let mut system_time = None;
        if self.eat_words(&["FOR", "SYSTEM_TIME"]) {
            self.expect_words(&["AS", "OF"], "after FOR SYSTEM_TIME")?;
            system_time = Some(Box::new(self.expr()?));
        }
        let kind = TableRefKind::Table { name, hints, system_time, alias: None };
        Ok(TableRef { kind, span: self.span_since(start) })
    }

    /// `TABLE(f(..))`
    fn table_function(&mut self, lateral: bool) -> Result<TableRef> {
        let start = self.span();
        self.expect_word("TABLE", "here")?;
        if !self.at("(") {
            let error = self.expected("`(` and a function after TABLE");
            return Err(error.hint("a table in FROM is written without TABLE"));
        }
        self.advance();
        let name = self.object_name("a table function")?;
        if !self.at("(") {
            return Err(self.expected(format!("`(` and the arguments of {}", name.object().value)));
        }
        let table = self.function_table(name, lateral, start)?;
        self.expect(")", "to close TABLE(")?;
        Ok(table)
    }

    fn function_table(&mut self, name: ObjectName, lateral: bool, start: flitz_dataflow::Span) -> Result<TableRef> {
        let call = Box::new(self.function_call(name)?);
        let kind = TableRefKind::Function { call, lateral, alias: None };
        Ok(TableRef { kind, span: self.span_since(start) })
    }

    fn unnest(&mut self) -> Result<TableRef> {
        let start = self.span();
        self.expect_word("UNNEST", "here")?;
        let exprs = self.parenthesized("the arguments of UNNEST", Self::expr)?;
        let with_ordinality = self.eat_words(&["WITH", "ORDINALITY"]);
        let kind = TableRefKind::Unnest { exprs, with_ordinality, alias: None };
        Ok(TableRef { kind, span: self.span_since(start) })
    }

    /// `(query)` or `(a JOIN b ..)`
    fn parenthesized_table(&mut self, lateral: bool) -> Result<TableRef> {
        let start = self.span();
        self.advance();
        let mut kind = if self.at_query() {
            derived(self.query()?, lateral)
        } else {
            let inner_span = self.span();
            let inner = self.joined_tables()?;
            match inner.kind {
                // `((SELECT ..) UNION ..)`
                TableRefKind::Derived { query, lateral: false, system_time: None, alias: None }
                    if self.at_query_continuation() =>
                {
                    derived(self.query_continued(*query, inner.span)?, lateral)
                }
                TableRefKind::Derived { query, lateral: false, system_time: None, alias: None } => {
                    derived(*query, lateral)
                }
                kind @ TableRefKind::Join { .. } if !lateral => kind,
                _ => {
                    let error = Error::invalid("only a query or a join can stand in parentheses");
                    return Err(error.at(inner_span.to(inner.span)));
                }
            }
        };
        if !self.eat(")") {
            return Err(self.expected("`)` after the query"));
        }
        if self.at_words(&["FOR", "SYSTEM_TIME"]) {
            let error = self.error("FOR SYSTEM_TIME AS OF can't follow a query");
            return Err(error.hint("make the query a view and join that"));
        }
        let span = self.span_since(start);
        if let TableRefKind::Derived { query, .. } = &mut kind
            && query.span.start == query.span.end
        {
            query.span = span;
        }
        Ok(TableRef { kind, span })
    }

    fn parenthesized_join(&mut self, join: TableRef) -> Result<TableRef> {
        if self.at_word("AS") || self.at_name() {
            return Err(self.error("a join in parentheses can't have an alias"));
        }
        Ok(join)
    }
}

fn derived(query: crate::ast::Query, lateral: bool) -> TableRefKind {
    TableRefKind::Derived { query: Box::new(query), lateral, system_time: None, alias: None }
}

fn set_alias(kind: &mut TableRefKind, new: Option<TableAlias>) {
    match kind {
        TableRefKind::Table { alias, .. }
        | TableRefKind::Derived { alias, .. }
        | TableRefKind::Function { alias, .. }
        | TableRefKind::Unnest { alias, .. } => *alias = new,
        TableRefKind::MatchRecognize(matching) => matching.alias = new,
        TableRefKind::Join { .. } => {}
    }
}
