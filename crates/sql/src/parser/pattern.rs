//! MATCH_RECOGNIZE.

use flitz_dataflow::Result;

use super::Parser;
use crate::ast::{
    AfterMatch, Ident, MatchRecognize, Measure, Pattern, PatternDefinition, PatternKind, RowsPerMatch, TableRef,
    TableRefKind,
};

impl Parser<'_> {
    /// From MATCH_RECOGNIZE on; the alias is read by the caller.
    pub(super) fn match_recognize(&mut self, input: TableRef) -> Result<TableRef> {
        let outer = std::mem::replace(&mut self.in_match, true);
        let result = self.match_clauses(input);
        self.in_match = outer;
        result
    }

    fn match_clauses(&mut self, input: TableRef) -> Result<TableRef> {
        let start = input.span;
        self.expect_word("MATCH_RECOGNIZE", "here")?;
        self.expect("(", "after MATCH_RECOGNIZE")?;
        let mut partition_by = Vec::new();
        if self.eat_words(&["PARTITION", "BY"]) {
            partition_by = self.comma_separated(Self::expr)?;
        }
        let order_by = if self.at_words(&["ORDER", "BY"]) { self.order_by()? } else { Vec::new() };
        let mut measures = Vec::new();
        if self.eat_word("MEASURES") {
            measures = self.comma_separated(|p| {
                let expr = p.expr()?;
                p.expect_word("AS", "and a name after a measure")?;
                Ok(Measure { expr, alias: p.name("the name of a measure")? })
            })?;
        }
        let mut rows_per_match = None;
        if let Some(rows) = self.one_of(&[("ONE", RowsPerMatch::One), ("ALL", RowsPerMatch::All)]) {
            self.expect_one_of(&[("ROW", ()), ("ROWS", ())])?;
            self.expect_words(&["PER", "MATCH"], "after ROW")?;
            rows_per_match = Some(rows);
        }
        let after_match = if self.eat_word("AFTER") { Some(self.after_match()?) } else { None };
        if !self.eat_word("PATTERN") {
            return Err(self.unexpected());
        }
        self.expect("(", "after PATTERN")?;
        let pattern = self.anchored_pattern()?;
        self.expect(")", "after the pattern")?;
        let within = if self.eat_word("WITHIN") { Some(self.sum()?) } else { None };
        let mut subsets = Vec::new();
        if self.eat_word("SUBSET") {
            subsets = self.comma_separated(|p| {
                let name = p.name("the name of a subset")?;
                p.expect("=", "after the name of a subset")?;
                Ok((name, p.parenthesized("the variables of a subset", Self::variable)?))
            })?;
        }
        if !self.eat_word("DEFINE") {
            return Err(self.unexpected());
        }
        let definitions = self.comma_separated(|p| {
            let variable = p.variable()?;
            p.expect_word("AS", "after a pattern variable")?;
            Ok(PatternDefinition { variable, condition: p.expr()? })
        })?;
        if !self.eat(")") {
            return Err(self.expected("`,` or `)` after a definition"));
        }
        let span = self.span_since(start);
        let matching = MatchRecognize {
            input,
            partition_by,
            order_by,
            measures,
            rows_per_match,
            after_match,
            pattern,
            within,
            subsets,
            definitions,
            alias: None,
            span,
        };
        Ok(TableRef { kind: TableRefKind::MatchRecognize(Box::new(matching)), span })
    }

    fn after_match(&mut self) -> Result<AfterMatch> {
        self.expect_words(&["MATCH", "SKIP"], "after AFTER")?;
        if self.eat_word("PAST") {
            self.expect_words(&["LAST", "ROW"], "after SKIP PAST")?;
            return Ok(AfterMatch::SkipPastLastRow);
        }
        self.expect_word("TO", "or PAST LAST ROW after SKIP")?;
        if self.eat_words(&["NEXT", "ROW"]) {
            return Ok(AfterMatch::SkipToNextRow);
        }
        if self.at_word("FIRST") && self.name_at(1) {
            self.advance();
            return self.variable().map(AfterMatch::SkipToFirst);
        }
        if self.at_word("LAST") && self.name_at(1) {
            self.advance();
        }
        self.variable().map(AfterMatch::SkipToLast)
    }

    fn variable(&mut self) -> Result<Ident> {
        self.name("a pattern variable")
    }

    fn anchored_pattern(&mut self) -> Result<Pattern> {
        let begin = self.span();
        let start = self.eat("^");
        let pattern = self.alternation()?;
        let end = self.eat("$");
        if !start && !end {
            return Ok(pattern);
        }
        let kind = PatternKind::Anchored { start, end, pattern: Box::new(pattern) };
        Ok(Pattern { kind, span: self.span_since(begin) })
    }

    /// `a | b`
    fn alternation(&mut self) -> Result<Pattern> {
        self.nested(|p| {
            let start = p.span();
            let mut choices = vec![p.sequence()?];
            while p.eat("|") {
                choices.push(p.sequence()?);
            }
            Ok(one_or(choices, PatternKind::Alternation, p.span_since(start)))
        })
    }

    fn sequence(&mut self) -> Result<Pattern> {
        let start = self.span();
        let mut steps = vec![self.quantified()?];
        while self.at_name() || self.at("(") || self.at("{") || self.at_word("PERMUTE") {
            steps.push(self.quantified()?);
        }
        Ok(one_or(steps, PatternKind::Sequence, self.span_since(start)))
    }

    fn quantified(&mut self) -> Result<Pattern> {
        let start = self.span();
        let pattern = self.pattern_primary()?;
        let (min, max) = if self.eat("*") {
            (0, None)
        } else if self.eat("+") {
            (1, None)
        } else if self.eat("?") {
            (0, Some(1))
        } else if self.at("{") && !self.symbol_at(1, "-") {
            self.advance();
            self.repetitions()?
        } else {
            return Ok(pattern);
        };
        let reluctant = self.eat("?");
        let kind = PatternKind::Quantified { pattern: Box::new(pattern), min, max, reluctant };
        Ok(Pattern { kind, span: self.span_since(start) })
    }

    /// `n}`, `n,}`, `n,m}`, `,m}`
    fn repetitions(&mut self) -> Result<(u32, Option<u32>)> {
        const COUNT: &str = "a number of repetitions";
        let min = if self.at(",") { 0 } else { self.integer(COUNT)? };
        let max = if !self.eat(",") {
            Some(min)
        } else if self.at("}") {
            None
        } else {
            Some(self.integer(COUNT)?)
        };
        self.expect("}", "after the number of repetitions")?;
        Ok((min, max))
    }

    fn pattern_primary(&mut self) -> Result<Pattern> {
        let start = self.span();
        let kind = if self.eat("(") {
            let pattern = self.alternation()?;
            self.expect(")", "after the group of the pattern")?;
            pattern.kind
        } else if self.eat("{") {
            self.expect("-", "after `{`, which excludes rows: {- a -}")?;
            let pattern = self.alternation()?;
            self.expect("-", "before `}`")?;
            self.expect("}", "after the excluded part of the pattern")?;
            PatternKind::Exclusion(Box::new(pattern))
        } else if self.at_word("PERMUTE") {
            self.advance();
            PatternKind::Permute(self.parenthesized("PERMUTE", Self::alternation)?)
        } else {
            PatternKind::Variable(self.variable()?)
        };
        Ok(Pattern { kind, span: self.span_since(start) })
    }
}

fn one_or(mut parts: Vec<Pattern>, many: fn(Vec<Pattern>) -> PatternKind, span: flitz_dataflow::Span) -> Pattern {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            Pattern { kind: many(parts), span }
        }
        None => Pattern { kind: many(parts), span },
    }
}
