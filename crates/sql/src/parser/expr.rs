//! Expressions, by precedence climbing.
//!
//! An operator of [precedence](crate::ast::precedence) `p` takes as its right side everything that binds tighter than
//! `p`; hence operators of the same precedence group from the left.

use flitz_dataflow::{Error, Result, Span};

use super::{Parser, keywords};
use crate::ast::precedence::{AND, COMPARISON, IS, MATCHING, NOT, SIGN, SUM};
use crate::ast::{
    BinaryOp, CaseBranch, Expr, ExprKind, IsTest, JsonKind, LikeKind, Literal, QuantifiedRight, Quantifier, UnaryOp,
};
use crate::lexer::TokenKind;

/// How many operators of one precedence may follow each other: the tree gets one level deeper with each.
const CHAIN_MAX: usize = 500;

impl Parser<'_> {
    pub(super) fn expr(&mut self) -> Result<Expr> {
        self.expr_above(0)
    }

    /// An expression whose operators all have at least precedence `min`.
    fn expr_above(&mut self, min: u8) -> Result<Expr> {
        self.nested(|p| {
            let start = p.span();
            let mut left = p.prefixed()?;
            for _ in 0..CHAIN_MAX {
                match p.operator(left, start, min)? {
                    Continued::More(expr) => left = expr,
                    Continued::Done(expr) => return Ok(expr),
                }
            }
            let error = Error::invalid(format!("this chains more than {CHAIN_MAX} operators")).at(p.span());
            Err(error.hint("use IN, or group them with parentheses"))
        })
    }

    /// An operand that may stand on the left of `IN` without taking it: `POSITION(a IN b)`.
    pub(super) fn expr_without_in(&mut self) -> Result<Expr> {
        self.expr_above(MATCHING + 1)
    }

    /// What stands on one side of a comparison; used where AND, OR or a comparison would belong to something else.
    pub(super) fn sum(&mut self) -> Result<Expr> {
        self.expr_above(SUM)
    }

    fn boxed_above(&mut self, min: u8) -> Result<Box<Expr>> {
        self.expr_above(min).map(Box::new)
    }

    fn prefixed(&mut self) -> Result<Expr> {
        let start = self.span();
        let (op, operand_min) = if self.at_word("NOT") {
            (UnaryOp::Not, NOT)
        } else if self.at("-") {
            (UnaryOp::Minus, SIGN)
        } else if self.at("+") {
            (UnaryOp::Plus, SIGN)
        } else {
            let operand = self.primary()?;
            return self.postfixed(operand, start);
        };
        self.advance();
        let operand = self.boxed_above(operand_min)?;
        Ok(Expr { kind: ExprKind::Unary { op, operand }, span: self.span_since(start) })
    }

    /// Takes one operator and its right side, unless the next one binds more loosely than `min`.
    fn operator(&mut self, left: Expr, start: Span, min: u8) -> Result<Continued> {
        if let Some((op, words)) = self.binary_operator() {
            let precedence = op.precedence();
            if precedence < min {
                return Ok(Continued::Done(left));
            }
            for _ in 0..words {
                self.advance();
            }
            let left = Box::new(left);
            let kind = match self.quantifier(op) {
                Some(quantifier) => ExprKind::Quantified { left, op, quantifier, right: self.quantified_right()? },
                None => ExprKind::Binary { left, op, right: self.boxed_above(precedence + 1)? },
            };
            return Ok(Continued::More(Expr { kind, span: self.span_since(start) }));
        }
        if min <= IS && self.at_word("IS") {
            let kind = self.is_test(left)?;
            return Ok(Continued::More(Expr { kind, span: self.span_since(start) }));
        }
        let negated = self.at_word("NOT");
        let after_not = usize::from(negated);
        const WORDS: [&str; 6] = ["BETWEEN", "IN", "LIKE", "ILIKE", "RLIKE", "SIMILAR"];
        if min <= MATCHING && WORDS.iter().any(|word| self.word_at(after_not, word)) {
            if negated {
                self.advance();
            }
            let kind = self.matching(left, negated)?;
            return Ok(Continued::More(Expr { kind, span: self.span_since(start) }));
        }
        // Remembered for the message if nothing else fits here either.
        if min == 0 {
            self.take_if(false, "an operator");
        }
        Ok(Continued::Done(left))
    }

    /// The binary operator at this place and how many tokens it is.
    fn binary_operator(&self) -> Option<(BinaryOp, usize)> {
        let symbol = match &self.token().kind {
            TokenKind::Symbol(symbol) => *symbol,
            TokenKind::Word(_) => return self.word_operator(),
            _ => return None,
        };
        let op = match symbol {
            "=" => BinaryOp::Eq,
            "<>" => BinaryOp::NotEq,
            "<" => BinaryOp::Lt,
            "<=" => BinaryOp::LtEq,
            ">" => BinaryOp::Gt,
            ">=" => BinaryOp::GtEq,
            "+" => BinaryOp::Plus,
            "-" => BinaryOp::Minus,
            "*" => BinaryOp::Multiply,
            "/" => BinaryOp::Divide,
            "%" => BinaryOp::Modulo,
            "||" => BinaryOp::Concat,
            _ => return None,
        };
        Some((op, 1))
    }

    fn word_operator(&self) -> Option<(BinaryOp, usize)> {
        const OPERATORS: [(&[&str], BinaryOp); 11] = [
            (&["AND"], BinaryOp::And),
            (&["OR"], BinaryOp::Or),
            (&["OVERLAPS"], BinaryOp::Overlaps),
            (&["CONTAINS"], BinaryOp::Contains),
            (&["EQUALS"], BinaryOp::Equals),
            (&["PRECEDES"], BinaryOp::Precedes),
            (&["SUCCEEDS"], BinaryOp::Succeeds),
            (&["IMMEDIATELY", "PRECEDES"], BinaryOp::ImmediatelyPrecedes),
            (&["IMMEDIATELY", "SUCCEEDS"], BinaryOp::ImmediatelySucceeds),
            (&["MEMBER", "OF"], BinaryOp::MemberOf),
            (&["SUBMULTISET", "OF"], BinaryOp::SubmultisetOf),
        ];
        if let Some((words, op)) = OPERATORS.iter().find(|(words, _)| self.at_words(words)) {
            return Some((*op, words.len()));
        }
        if !self.at_word("MULTISET") {
            return None;
        }
        // Without ALL or DISTINCT it is ALL.
        let words = if self.word_at(2, "ALL") || self.word_at(2, "DISTINCT") { 3 } else { 2 };
        let all = !self.word_at(2, "DISTINCT");
        let op = if self.word_at(1, "UNION") {
            BinaryOp::MultisetUnion { all }
        } else if self.word_at(1, "EXCEPT") {
            BinaryOp::MultisetExcept { all }
        } else if self.word_at(1, "INTERSECT") {
            BinaryOp::MultisetIntersect { all }
        } else {
            return None;
        };
        Some((op, words))
    }

    /// Takes ANY, SOME or ALL after a comparison.
    fn quantifier(&mut self, op: BinaryOp) -> Option<Quantifier> {
        use BinaryOp::*;
        if !matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq) || !self.symbol_at(1, "(") {
            return None;
        }
        self.one_of(&[("ANY", Quantifier::Any), ("SOME", Quantifier::Any), ("ALL", Quantifier::All)])
    }

    fn quantified_right(&mut self) -> Result<QuantifiedRight> {
        self.expect("(", "after the quantifier")?;
        let right = if self.at_query() {
            QuantifiedRight::Query(Box::new(self.query()?))
        } else {
            QuantifiedRight::List(self.comma_separated(Self::expr)?)
        };
        self.close_list("the list of values")?;
        Ok(right)
    }

    fn is_test(&mut self, operand: Expr) -> Result<ExprKind> {
        self.expect_word("IS", "before the test")?;
        let negated = self.eat_word("NOT");
        let operand = Box::new(operand);
        if self.eat_word("DISTINCT") {
            self.expect_word("FROM", "after IS DISTINCT")?;
            let right = self.boxed_above(COMPARISON + 1)?;
            return Ok(ExprKind::IsDistinctFrom { left: operand, right, negated });
        }
        let test = if self.eat_word("JSON") {
            let kinds = [
                ("VALUE", JsonKind::Value),
                ("OBJECT", JsonKind::Object),
                ("ARRAY", JsonKind::Array),
                ("SCALAR", JsonKind::Scalar),
            ];
            IsTest::Json(self.one_of(&kinds).unwrap_or(JsonKind::Value))
        } else if self.eat_words(&["A", "SET"]) {
            IsTest::ASet
        } else {
            self.expect_one_of(&[
                ("NULL", IsTest::Null),
                ("TRUE", IsTest::True),
                ("FALSE", IsTest::False),
                ("UNKNOWN", IsTest::Unknown),
                ("EMPTY", IsTest::Empty),
            ])?
        };
        Ok(ExprKind::Is { operand, test, negated })
    }

    /// BETWEEN, IN, LIKE and SIMILAR TO, after an optional NOT.
    fn matching(&mut self, operand: Expr, negated: bool) -> Result<ExprKind> {
        let operand = Box::new(operand);
        if self.eat_word("BETWEEN") {
            let symmetric = self.eat_word("SYMMETRIC");
            if !symmetric {
                self.eat_word("ASYMMETRIC");
            }
            let low = self.boxed_above(AND + 1)?;
            self.expect_word("AND", "after the lower bound of BETWEEN")?;
            let high = self.boxed_above(MATCHING + 1)?;
            return Ok(ExprKind::Between { operand, low, high, symmetric, negated });
        }
        if self.eat_word("IN") {
            self.expect("(", "after IN")?;
            if self.at_query() {
                let query = Box::new(self.query()?);
                self.expect(")", "after the query of IN")?;
                return Ok(ExprKind::InQuery { operand, query, negated });
            }
            let list = self.comma_separated(Self::expr)?;
            self.close_list("the list of IN")?;
            return Ok(ExprKind::InList { operand, list, negated });
        }
        let kind = if self.eat_words(&["SIMILAR", "TO"]) {
            LikeKind::SimilarTo
        } else {
            self.expect_one_of(&[("LIKE", LikeKind::Like), ("ILIKE", LikeKind::ILike), ("RLIKE", LikeKind::RLike)])?
        };
        let pattern = self.boxed_above(MATCHING + 1)?;
        let escape = if self.eat_word("ESCAPE") { Some(self.boxed_above(MATCHING + 1)?) } else { None };
        Ok(ExprKind::Like { operand, pattern, escape, kind, negated })
    }

    /// Subscripts and fields after an operand.
    fn postfixed(&mut self, mut operand: Expr, start: Span) -> Result<Expr> {
        loop {
            let boxed = if self.at("[") {
                self.advance();
                let index = Box::new(self.expr()?);
                self.expect("]", "after the index")?;
                ExprKind::Subscript { operand: Box::new(operand), index }
            } else if self.at(".") && !self.symbol_at(1, "*") {
                self.advance();
                let field = self.name("a field after `.`")?;
                ExprKind::Field { operand: Box::new(operand), field }
            } else {
                return Ok(operand);
            };
            operand = Expr { kind: boxed, span: self.span_since(start) };
            self.check_chain(&operand)?;
        }
    }

    /// Keeps `a[1][1][1]…` within the depth that a tree may have.
    fn check_chain(&self, expr: &Expr) -> Result<()> {
        let mut depth = 0;
        let mut at = expr;
        while let ExprKind::Subscript { operand, .. } | ExprKind::Field { operand, .. } = &at.kind {
            depth += 1;
            at = operand;
        }
        if depth > super::DEPTH_MAX {
            Err(self.error("too many fields and subscripts follow each other"))
        } else {
            Ok(())
        }
    }

    fn primary(&mut self) -> Result<Expr> {
        let start = self.span();
        if let Some(literal) = self.literal()? {
            return Ok(literal);
        }
        match &self.token().kind {
            TokenKind::Symbol("(") => return self.parenthesized_expr(),
            TokenKind::Symbol("*") => {
                return Err(self.error("`*` can't stand here, only in a SELECT list and COUNT(*)"));
            }
            TokenKind::Symbol("{") => {
                let error = Error::unsupported("ODBC escapes in braces").at(start);
                return Err(error.hint("write the function or literal itself"));
            }
            TokenKind::Symbol("?") => return Err(self.error("there are no statement parameters `?`")),
            TokenKind::Word(word) => {
                let word = *word;
                if self.at_match_mode() {
                    return self.match_mode(start);
                }
                if let Some(kind) = self.keyword_expr(word)? {
                    return Ok(Expr { kind, span: self.span_since(start) });
                }
                if keywords::is_reserved(word) {
                    return Err(self.reserved_in_expression(word));
                }
            }
            TokenKind::QuotedName(_) => {}
            _ => return Err(self.expected("an expression")),
        }
        let path = self.object_name("an expression")?;
        if self.at("(") {
            let call = self.function_call(path)?;
            return Ok(Expr { span: call.span, kind: ExprKind::Function(Box::new(call)) });
        }
        Ok(Expr { kind: ExprKind::Path(path.parts), span: path.span })
    }

    /// `FINAL LAST(a)`, `RUNNING b.c`
    fn at_match_mode(&self) -> bool {
        self.in_match
            && self.at_any_word(&["FINAL", "RUNNING"])
            && matches!(self.token_at(1).kind, TokenKind::Word(_) | TokenKind::QuotedName(_))
            && (self.symbol_at(2, "(") || self.symbol_at(2, "."))
    }

    fn match_mode(&mut self, start: Span) -> Result<Expr> {
        let name = self.take_keyword_name();
        let operand = self.nested(Self::primary)?;
        let call = self.unary_call(name, operand, start);
        Ok(Expr { span: call.span, kind: ExprKind::Function(Box::new(call)) })
    }

    fn reserved_in_expression(&self, word: &str) -> Error {
        let after_comma = self.pos > 0 && self.symbol_before(",");
        let error = self.error(format!("expected an expression, found `{word}`, which is a reserved word"));
        if self.pos > 1 && self.symbol_before("(") {
            for (foreign, function) in [("DATEDIFF", "TIMESTAMPDIFF"), ("DATEADD", "TIMESTAMPADD")] {
                let called = &self.tokens[self.pos - 2].kind;
                if matches!(called, TokenKind::Word(name) if name.eq_ignore_ascii_case(foreign)) {
                    return error.hint(format!("write {function}({word}, …)"));
                }
            }
        }
        if after_comma && super::is_clause(word) {
            error.hint("remove the comma before it")
        } else if super::is_clause(word) || self.at_any_word(&["AS", "ON", "THEN", "END", "WHEN", "ELSE"]) {
            self.error(format!("expected an expression, found `{word}`"))
        } else {
            error.hint(format!("if it is a column write `{word}` in back-ticks"))
        }
    }

    fn symbol_before(&self, symbol: &str) -> bool {
        self.pos > 0 && matches!(self.tokens[self.pos - 1].kind, TokenKind::Symbol(s) if s == symbol)
    }

    /// Expressions that begin with a keyword of their own.
    fn keyword_expr(&mut self, word: &str) -> Result<Option<ExprKind>> {
        let upper = word.to_ascii_uppercase();
        Ok(Some(match upper.as_str() {
            "CASE" => self.case()?,
            "EXISTS" => {
                self.advance();
                self.expect("(", "after EXISTS")?;
                let query = Box::new(self.query()?);
                self.expect(")", "after the query of EXISTS")?;
                ExprKind::Exists(query)
            }
            "UNIQUE" => return Err(Error::unsupported("the predicate UNIQUE").at(self.span())),
            "ROW" => {
                self.advance();
                let items = self.parenthesized("the fields of ROW", Self::expr)?;
                ExprKind::Row { items, keyword: true }
            }
            "ARRAY" if self.symbol_at(1, "[") => ExprKind::Array(self.bracketed()?),
            "ARRAY" => ExprKind::ArrayQuery(self.collection_query("ARRAY")?),
            "MULTISET" if self.symbol_at(1, "[") => ExprKind::Multiset(self.bracketed()?),
            "MULTISET" => ExprKind::MultisetQuery(self.collection_query("MULTISET")?),
            "MAP" if self.symbol_at(1, "[") => {
                let span = self.span();
                let items = self.bracketed()?;
                if items.len() % 2 == 1 {
                    let error = Error::invalid("MAP needs an even number of elements: key, value, key, value, ...");
                    return Err(error.at(self.span_since(span)));
                }
                let mut items = items.into_iter();
                let mut pairs = Vec::new();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    pairs.push((key, value));
                }
                ExprKind::Map(pairs)
            }
            "MAP" if self.symbol_at(1, "(") => ExprKind::MapQuery(self.collection_query("MAP")?),
            "NEXT" | "CURRENT" if self.word_at(1, "VALUE") => {
                return Err(Error::unsupported("sequences (NEXT VALUE FOR)").at(self.span()));
            }
            "PERIOD" if self.symbol_at(1, "(") => {
                self.advance();
                let items = self.parenthesized("the PERIOD", Self::expr)?;
                if items.len() != 2 {
                    return Err(self.error("a PERIOD has a start and an end"));
                }
                ExprKind::Row { items, keyword: false }
            }
            _ => return self.keyword_function(&upper),
        }))
    }

    /// `ARRAY[a, b]`, also empty.
    fn bracketed(&mut self) -> Result<Vec<Expr>> {
        self.advance();
        self.expect("[", "before the elements")?;
        if self.eat("]") {
            return Ok(Vec::new());
        }
        let items = self.comma_separated(Self::expr)?;
        if self.eat("]") { Ok(items) } else { Err(self.expected("`,` or `]` after an element")) }
    }

    fn collection_query(&mut self, of: &str) -> Result<Box<crate::ast::Query>> {
        self.advance();
        if !self.at("(") {
            return Err(self.expected(format!("`[` after {of}")));
        }
        self.advance();
        if !self.at_query() {
            let error = self.expected(format!("a query in {of}(…)"));
            return Err(error.hint(format!("elements are written in brackets: {of}[…]")));
        }
        let query = self.query()?;
        self.expect(")", &format!("after the query of {of}"))?;
        Ok(Box::new(query))
    }

    fn case(&mut self) -> Result<ExprKind> {
        self.expect_word("CASE", "here")?;
        let operand = if self.at_word("WHEN") { None } else { Some(Box::new(self.expr()?)) };
        let mut branches = Vec::new();
        while self.eat_word("WHEN") {
            let when = if operand.is_some() { self.comma_separated(Self::expr)? } else { vec![self.expr()?] };
            self.expect_word("THEN", "after the condition of WHEN")?;
            branches.push(CaseBranch { when, then: self.expr()? });
        }
        if branches.is_empty() {
            return Err(self.expected("WHEN in CASE"));
        }
        let otherwise = if self.eat_word("ELSE") { Some(Box::new(self.expr()?)) } else { None };
        if !self.eat_word("END") {
            return Err(self.expected("END of CASE"));
        }
        Ok(ExprKind::Case { operand, branches, otherwise })
    }

    /// `(expr)`, `(a, b)`, `(query)`, `(a - b) DAY`.
    fn parenthesized_expr(&mut self) -> Result<Expr> {
        let start = self.span();
        self.advance();
        if self.at_query() {
            let query = Box::new(self.query()?);
            self.expect(")", "after the query")?;
            return Ok(Expr { kind: ExprKind::ScalarQuery(query), span: self.span_since(start) });
        }
        let mut first = self.expr()?;
        // `((SELECT 1) UNION SELECT 2)`: what looked like a value was the first part of a query.
        if let ExprKind::ScalarQuery(query) = first.kind {
            first.kind = if self.at_query_continuation() {
                ExprKind::ScalarQuery(Box::new(self.query_continued(*query, first.span)?))
            } else {
                ExprKind::ScalarQuery(query)
            };
        }
        if self.at(",") {
            self.advance();
            let mut items = vec![first];
            items.extend(self.comma_separated(Self::expr)?);
            self.close_list("the row")?;
            return Ok(Expr { kind: ExprKind::Row { items, keyword: false }, span: self.span_since(start) });
        }
        if !self.eat(")") {
            return Err(self.expected("`)` to close this parenthesis").or_at(start));
        }
        if self.at_any_word(&["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"])
            && let ExprKind::Binary { left, op: BinaryOp::Minus, right } = first.kind
        {
            let qualifier = self.interval_qualifier()?;
            let kind = ExprKind::DatetimeMinus { left, right, qualifier };
            return Ok(Expr { kind, span: self.span_since(start) });
        }
        // The parentheses are kept in the span alone: the tree shows what they group.
        Ok(Expr { kind: first.kind, span: self.span_since(start) })
    }
}

enum Continued {
    More(Expr),
    Done(Expr),
}

/// `n * INTERVAL '1' unit`, which is what `INTERVAL n unit` means.
pub(super) fn times_interval(count: Expr, qualifier: crate::ast::IntervalQualifier, span: Span) -> Expr {
    let one = Literal::Interval { negative: false, text: "1".to_owned(), qualifier };
    let unit = Expr { kind: ExprKind::Literal(one), span };
    Expr { kind: ExprKind::Binary { left: Box::new(count), op: BinaryOp::Multiply, right: Box::new(unit) }, span }
}
