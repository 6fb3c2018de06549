//! Queries: WITH, SELECT and its clauses, set operations, ORDER BY and LIMIT.

use flitz_dataflow::{Error, Result, Span};

use super::Parser;
use crate::ast::{
    Cte, Expr, ExprKind, GroupBy, GroupingElement, Hint, HintArg, Ident, Literal, NamedWindow, OptionPair, OrderItem,
    Query, Select, SelectItem, SetExpr, SetOperation, SetOperator, StringLiteral, Values, With,
};
use crate::lexer::TokenKind;

/// How many set operations may follow each other: the tree gets one level deeper with each.
const SET_OPERATIONS_MAX: usize = 200;

impl Parser<'_> {
    /// Whether a query begins here without a parenthesis.
    pub(super) fn at_query(&self) -> bool {
        self.at_any_word(&["SELECT", "WITH", "VALUES"]) || self.at_word("TABLE") && self.name_at(1)
    }

    pub(super) fn query(&mut self) -> Result<Query> {
        self.nested(|p| {
            let start = p.span();
            let with = if p.at_word("WITH") { Some(p.with()?) } else { None };
            let body = p.set_expr(0)?;
            p.query_tail(with, body, start)
        })
    }

    /// Whether what stands before, a query in parentheses, is only the beginning of a query.
    pub(super) fn at_query_continuation(&self) -> bool {
        self.at_any_word(&["UNION", "INTERSECT", "EXCEPT", "MINUS", "ORDER", "LIMIT", "OFFSET", "FETCH"])
    }

    /// The rest of a query whose first part, in parentheses, is read already.
    pub(super) fn query_continued(&mut self, first: Query, start: Span) -> Result<Query> {
        let body = self.set_operations(SetExpr::Query(Box::new(first)), start, 0)?;
        self.query_tail(None, body, start)
    }

    /// ORDER BY, LIMIT, OFFSET and FETCH.
    fn query_tail(&mut self, with: Option<With>, body: SetExpr, start: Span) -> Result<Query> {
        let order_by = if self.at_words(&["ORDER", "BY"]) { self.order_by()? } else { Vec::new() };
        let (mut limit, mut offset) = (None, None);
        if self.eat_word("LIMIT") {
            if !self.eat_word("ALL") {
                limit = Some(self.row_count("LIMIT")?);
            }
            if self.at(",") {
                return Err(self.error("LIMIT takes one number").hint("write LIMIT count OFFSET start"));
            }
            if self.eat_word("OFFSET") {
                offset = Some(self.offset()?);
            }
        } else {
            if self.eat_word("OFFSET") {
                offset = Some(self.offset()?);
                if self.at_word("LIMIT") {
                    return Err(self.error("LIMIT comes before OFFSET"));
                }
            }
            if self.eat_word("FETCH") {
                self.expect_one_of(&[("FIRST", ()), ("NEXT", ())])?;
                limit = Some(self.row_count("FETCH")?);
                self.expect_one_of(&[("ROWS", ()), ("ROW", ())])?;
                self.expect_word("ONLY", "after FETCH … ROWS")?;
            }
        }
        Ok(Query { with, body, order_by, limit, offset, span: self.span_since(start) })
    }

    fn offset(&mut self) -> Result<Expr> {
        let offset = self.row_count("OFFSET")?;
        self.one_of(&[("ROWS", ()), ("ROW", ())]);
        Ok(offset)
    }

    fn row_count(&mut self, clause: &str) -> Result<Expr> {
        let span = self.span();
        let TokenKind::Integer(digits) = self.token().kind else {
            return Err(self.expected(format!("a whole number after {clause}")));
        };
        self.advance();
        Ok(Expr { kind: ExprKind::Literal(Literal::Integer(digits.to_owned())), span })
    }

    fn with(&mut self) -> Result<With> {
        let start = self.span();
        self.expect_word("WITH", "here")?;
        let recursive = self.eat_word("RECURSIVE");
        let ctes = self.comma_separated(|p| {
            let start = p.span();
            let name = p.name("the name of a query")?;
            let columns =
                if p.at("(") { p.parenthesized("the column names", |p| p.name("a column name"))? } else { vec![] };
            p.expect_word("AS", "before the query")?;
            p.expect("(", "before the query")?;
            let query = p.query()?;
            p.expect(")", &format!("after the query of `{}`", name.value))?;
            Ok(Cte { name, columns, query, span: p.span_since(start) })
        })?;
        Ok(With { recursive, ctes, span: self.span_since(start) })
    }

    /// Set operations of at least this precedence; INTERSECT binds tighter than the others.
    fn set_expr(&mut self, min: u8) -> Result<SetExpr> {
        let start = self.span();
        let first = self.query_primary()?;
        self.set_operations(first, start, min)
    }

    fn set_operations(&mut self, mut left: SetExpr, start: Span, min: u8) -> Result<SetExpr> {
        for _ in 0..SET_OPERATIONS_MAX {
            let (operator, precedence) = if self.at_word("UNION") {
                (SetOperator::Union, 0)
            } else if self.at_word("EXCEPT") {
                (SetOperator::Except, 0)
            } else if self.at_word("INTERSECT") {
                (SetOperator::Intersect, 1)
            } else if self.at_word("MINUS") {
                return Err(self.error("there is no MINUS").hint("write EXCEPT"));
            } else {
                return Ok(left);
            };
            if precedence < min {
                return Ok(left);
            }
            self.advance();
            let all = self.eat_word("ALL");
            if !all {
                self.eat_word("DISTINCT");
            }
            let right = self.nested(|p| p.set_expr(precedence + 1))?;
            let span = self.span_since(start);
            left = SetExpr::Operation(Box::new(SetOperation { operator, all, left, right, span }));
        }
        Err(self.error(format!("more than {SET_OPERATIONS_MAX} set operations follow each other")))
    }

    fn query_primary(&mut self) -> Result<SetExpr> {
        if self.at_word("SELECT") {
            return self.select().map(|select| SetExpr::Select(Box::new(select)));
        }
        if self.at_word("VALUES") {
            return self.values().map(SetExpr::Values);
        }
        if self.eat_word("TABLE") {
            return self.object_name("the name of a table").map(SetExpr::Table);
        }
        if self.eat("(") {
            let query = Box::new(self.query()?);
            self.expect(")", "after the query")?;
            return Ok(SetExpr::Query(query));
        }
        self.take_if(false, "SELECT");
        self.take_if(false, "VALUES");
        self.take_if(false, "WITH");
        Err(self.expected("a query"))
    }

    /// `VALUES (1, 'a'), ROW(2, 'b'), 3`
    fn values(&mut self) -> Result<Values> {
        let start = self.span();
        self.expect_word("VALUES", "here")?;
        let rows = self.comma_separated(|p| {
            let row = p.expr()?;
            Ok(match row.kind {
                ExprKind::Row { items, .. } => items,
                _ => vec![row],
            })
        })?;
        Ok(Values { rows, span: self.span_since(start) })
    }

    fn select(&mut self) -> Result<Select> {
        let start = self.span();
        self.expect_word("SELECT", "here")?;
        let hints = self.hints()?;
        if self.at_word("STREAM") {
            return Err(self.error("there is no SELECT STREAM").hint("leave STREAM out"));
        }
        let distinct = self.eat_word("DISTINCT");
        if distinct && self.at_word("ON") {
            let error = self.error("there is no DISTINCT ON");
            return Err(
                error.hint("keep one row per key with QUALIFY ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) = 1")
            );
        }
        if !distinct {
            self.eat_word("ALL");
        }
        let projection = self.comma_separated(Self::select_item)?;
        let mut select = Select {
            hints,
            distinct,
            projection,
            from: Vec::new(),
            filter: None,
            group_by: None,
            having: None,
            windows: Vec::new(),
            qualify: None,
            span: start,
        };
        if self.eat_word("FROM") {
            select.from = self.comma_separated(Self::joined_tables)?;
            self.select_clauses(&mut select)?;
        } else if self.at_any_word(&["WHERE", "GROUP", "HAVING", "WINDOW", "QUALIFY"]) {
            return Err(self.expected("FROM after the SELECT list"));
        }
        select.span = self.span_since(start);
        Ok(select)
    }

    /// What follows FROM, in this order.
    fn select_clauses(&mut self, select: &mut Select) -> Result<()> {
        if self.eat_word("WHERE") {
            select.filter = Some(self.expr()?);
        }
        if self.at_word("GROUP") {
            select.group_by = Some(self.group_by()?);
        }
        if self.eat_word("HAVING") {
            select.having = Some(self.expr()?);
        }
        if self.eat_word("WINDOW") {
            select.windows = self.comma_separated(|p| {
                let name = p.name("the name of a window")?;
                p.expect_word("AS", "after the name of a window")?;
                Ok(NamedWindow { name, spec: p.window_spec()? })
            })?;
        }
        if self.eat_word("QUALIFY") {
            select.qualify = Some(self.expr()?);
        }
        let order = ["WHERE", "GROUP", "HAVING", "WINDOW", "QUALIFY"];
        if self.at_any_word(&order) {
            let error = self.expected("the end of the query");
            return Err(error.hint("the clauses are, in this order: FROM, WHERE, GROUP BY, HAVING, WINDOW, QUALIFY"));
        }
        Ok(())
    }

    fn select_item(&mut self) -> Result<SelectItem> {
        let start = self.span();
        if self.eat("*") {
            return self.after_star(SelectItem::Star(start));
        }
        if let Some(parts) = self.parts_before_star() {
            let mut path = Vec::new();
            for _ in 0..parts {
                path.push(self.name("the name of a table")?);
                self.advance();
            }
            self.advance();
            return self.after_star(SelectItem::QualifiedStar { path, span: self.span_since(start) });
        }
        let expr = self.expr()?;
        let explicit = self.eat_word("AS");
        if explicit && self.at_string() {
            let error = self.expected("an alias");
            return Err(error.hint("names are written in back-ticks, not in quotes"));
        }
        let alias = if explicit || self.at_name() { Some(self.name("an alias")?) } else { None };
        Ok(SelectItem::Expr { expr, alias })
    }

    fn after_star(&self, item: SelectItem) -> Result<SelectItem> {
        let modifier = self.at_any_word(&["EXCEPT", "EXCLUDE", "REPLACE"]);
        if modifier && self.symbol_at(1, "(") && !self.word_at(2, "SELECT") && !self.symbol_at(2, "(") {
            let error = self.error(format!("`*` can't be followed by {}", self.found()));
            return Err(error.hint("list the columns"));
        }
        Ok(item)
    }

    /// The number of names in `a.b.*`, if that is what stands here.
    fn parts_before_star(&self) -> Option<usize> {
        let mut parts = 0;
        while self.name_at(2 * parts) && self.symbol_at(2 * parts + 1, ".") {
            parts += 1;
            if self.symbol_at(2 * parts, "*") {
                return Some(parts);
            }
        }
        None
    }

    fn group_by(&mut self) -> Result<GroupBy> {
        let start = self.span();
        self.expect_words(&["GROUP", "BY"], "here")?;
        let distinct = self.eat_word("DISTINCT");
        if !distinct {
            self.eat_word("ALL");
        }
        let elements = self.comma_separated(Self::grouping_element)?;
        Ok(GroupBy { distinct, elements, span: self.span_since(start) })
    }

    fn grouping_element(&mut self) -> Result<GroupingElement> {
        self.nested(|p| {
            if p.eat_words(&["GROUPING", "SETS"]) {
                return Ok(GroupingElement::GroupingSets(p.parenthesized("GROUPING SETS", Self::grouping_element)?));
            }
            if p.at_word("ROLLUP") {
                p.advance();
                return Ok(GroupingElement::Rollup(p.parenthesized("ROLLUP", Self::grouping_step)?));
            }
            if p.at_word("CUBE") {
                p.advance();
                return Ok(GroupingElement::Cube(p.parenthesized("CUBE", Self::grouping_step)?));
            }
            if p.at("(") && p.symbol_at(1, ")") {
                p.advance();
                p.advance();
                return Ok(GroupingElement::Set(Vec::new()));
            }
            let expr = p.expr()?;
            Ok(match expr.kind {
                ExprKind::Row { items, keyword: false } => GroupingElement::Set(items),
                _ => GroupingElement::Expr(expr),
            })
        })
    }

    /// One step of ROLLUP or CUBE: `a` or `(a, b)`.
    fn grouping_step(&mut self) -> Result<Vec<Expr>> {
        let expr = self.expr()?;
        Ok(match expr.kind {
            ExprKind::Row { items, keyword: false } => items,
            _ => vec![expr],
        })
    }

    pub(super) fn order_by(&mut self) -> Result<Vec<OrderItem>> {
        self.expect_words(&["ORDER", "BY"], "here")?;
        self.comma_separated(Self::order_item)
    }

    pub(super) fn order_item(&mut self) -> Result<OrderItem> {
        let start = self.span();
        let expr = self.expr()?;
        let descending = self.one_of(&[("ASC", false), ("DESC", true)]).unwrap_or(false);
        let nulls_first =
            if self.eat_word("NULLS") { Some(self.expect_one_of(&[("FIRST", true), ("LAST", false)])?) } else { None };
        Ok(OrderItem { expr, descending, nulls_first, span: self.span_since(start) })
    }

    // ---- hints ----

    /// `/*+ NAME(args), NAME */`, or nothing.
    pub(super) fn hints(&mut self) -> Result<Vec<Hint>> {
        if self.token().kind != TokenKind::HintStart {
            return Ok(Vec::new());
        }
        self.advance();
        let hints = self.comma_separated(Self::hint)?;
        if self.token().kind != TokenKind::HintEnd {
            return Err(self.expected("`,` or `*/` after a hint"));
        }
        self.advance();
        Ok(hints)
    }

    fn hint(&mut self) -> Result<Hint> {
        let start = self.span();
        let name = self.name("the name of a hint")?;
        let mut args = Vec::new();
        if self.eat("(") && !self.eat(")") {
            args = self.comma_separated(Self::hint_arg)?;
            self.close_list(&format!("the arguments of {}", name.value))?;
        }
        let options = args.iter().filter(|arg| matches!(arg, HintArg::Option(_))).count();
        let span = self.span_since(start);
        if options != 0 && options != args.len() {
            let error = Error::invalid(format!("some arguments of {} have a value and some have none", name.value));
            return Err(error.at(span));
        }
        Ok(Hint { name, args, span })
    }

    fn hint_arg(&mut self) -> Result<HintArg> {
        let span = self.span();
        match &self.token().kind {
            TokenKind::String(_) => {
                let string = self.string("an argument")?;
                self.hint_value(string, HintArg::String)
            }
            TokenKind::Integer(text) | TokenKind::Decimal(text) => {
                let text = (*text).to_owned();
                self.advance();
                Ok(HintArg::Number(text, span))
            }
            _ => {
                let Ident { value, span } = self.name("an argument of the hint")?;
                let key = StringLiteral { value, span };
                self.hint_value(key, |key| HintArg::Name(Ident { value: key.value, span: key.span }))
            }
        }
    }

    fn hint_value(&mut self, key: StringLiteral, alone: impl FnOnce(StringLiteral) -> HintArg) -> Result<HintArg> {
        if !self.eat("=") {
            return Ok(alone(key));
        }
        let value = self.string("the value of a hint's option")?;
        Ok(HintArg::Option(self.note(OptionPair { key, value })))
    }
}
