//! Literals, time units and interval qualifiers.

use flitz_dataflow::{Error, Result};

use super::Parser;
use super::expr::times_interval;
use crate::ast::{Expr, ExprKind, IntervalQualifier, Literal, TimeUnit, UnaryOp};
use crate::lexer::TokenKind;

impl Parser<'_> {
    /// A literal if there is one here.
    pub(super) fn literal(&mut self) -> Result<Option<Expr>> {
        let start = self.span();
        let literal = match &self.token().kind {
            TokenKind::Integer(text) => Literal::Integer((*text).to_owned()),
            TokenKind::Decimal(text) => Literal::Decimal((*text).to_owned()),
            TokenKind::Approximate(text) => Literal::Approximate((*text).to_owned()),
            TokenKind::String(value) => Literal::String(value.clone()),
            TokenKind::Binary(bytes) => Literal::Binary(bytes.clone()),
            TokenKind::Word(word) => {
                let word = word.to_ascii_uppercase();
                match word.as_str() {
                    "NULL" => Literal::Null,
                    "TRUE" => Literal::Boolean(true),
                    "FALSE" => Literal::Boolean(false),
                    "UNKNOWN" => Literal::Unknown,
                    "DATE" | "TIME" | "TIMESTAMP" if matches!(self.token_at(1).kind, TokenKind::String(_)) => {
                        self.advance();
                        return self.datetime(&word).map(|literal| Some(self.literal_expr(literal, start)));
                    }
                    "TIMESTAMP" if self.at_words(&["TIMESTAMP", "WITH"]) => {
                        for _ in 0..2 {
                            self.advance();
                        }
                        self.expect_words(&["LOCAL", "TIME", "ZONE"], "after TIMESTAMP WITH")?;
                        let text = self.string("the point in time")?.value;
                        return Ok(Some(self.literal_expr(Literal::TimestampLtz(text), start)));
                    }
                    "INTERVAL" => return self.interval().map(Some),
                    _ => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(self.literal_expr(literal, start)))
    }

    fn literal_expr(&self, literal: Literal, start: flitz_dataflow::Span) -> Expr {
        Expr { kind: ExprKind::Literal(literal), span: self.span_since(start) }
    }

    fn datetime(&mut self, word: &str) -> Result<Literal> {
        let text = self.string("the point in time")?.value;
        Ok(match word {
            "DATE" => Literal::Date(text),
            "TIME" => Literal::Time(text),
            _ => Literal::Timestamp(text),
        })
    }

    /// `INTERVAL '1' DAY`, `INTERVAL -'1' DAY`, `INTERVAL 1 DAY`, `INTERVAL x DAY`, `INTERVAL (x + 1) DAY`
    fn interval(&mut self) -> Result<Expr> {
        let start = self.span();
        self.expect_word("INTERVAL", "here")?;
        let sign = self.span();
        let negative = self.eat("-");
        if !negative {
            self.eat("+");
        }
        if self.at_string() {
            let text = self.string("the length")?.value;
            let qualifier = self.interval_qualifier()?;
            return Ok(self.literal_expr(Literal::Interval { negative, text, qualifier }, start));
        }
        let operand_start = self.span();
        let mut count = match &self.token().kind {
            TokenKind::Integer(_) | TokenKind::Decimal(_) => self.literal()?,
            TokenKind::Symbol("(") => {
                self.advance();
                let expr = self.expr()?;
                self.expect(")", "after the length of INTERVAL")?;
                Some(Expr { kind: expr.kind, span: self.span_since(operand_start) })
            }
            _ if self.at_name() => {
                let name = self.object_name("the length of INTERVAL")?;
                Some(Expr { kind: ExprKind::Path(name.parts), span: name.span })
            }
            _ => None,
        }
        .ok_or_else(|| self.expected("the length of INTERVAL, a string such as '10'"))?;
        if negative {
            let kind = ExprKind::Unary { op: UnaryOp::Minus, operand: Box::new(count) };
            count = Expr { kind, span: self.span_since(sign) };
        }
        let qualifier = self.interval_qualifier()?;
        Ok(times_interval(count, qualifier, self.span_since(start)))
    }

    pub(super) fn interval_qualifier(&mut self) -> Result<IntervalQualifier> {
        use TimeUnit::*;
        let start = self.span();
        let unit = self.interval_unit()?;
        let mut leading_precision = None;
        let mut fractional_precision = None;
        if self.eat("(") {
            leading_precision = Some(self.integer("a precision")?);
            if unit == Second && self.eat(",") {
                fractional_precision = Some(self.integer("a precision of fractions")?);
            }
            self.expect(")", "after the precision")?;
        }
        let mut end = None;
        let ends: &[TimeUnit] = match unit {
            Year => &[Month],
            Day => &[Hour, Minute, Second],
            Hour => &[Minute, Second],
            Minute => &[Second],
            _ => &[],
        };
        if !ends.is_empty() && self.eat_word("TO") {
            let span = self.span();
            let last = self.interval_unit()?;
            if !ends.contains(&last) {
                return Err(Error::invalid(
                    "this unit can't end the interval: it goes from a larger unit of days or years to a smaller one",
                )
                .at(span));
            }
            end = Some(last);
            if end == Some(Second) && self.eat("(") {
                fractional_precision = Some(self.integer("a precision of fractions")?);
                self.expect(")", "after the precision")?;
            }
        }
        Ok(IntervalQualifier {
            start: unit,
            leading_precision,
            end,
            fractional_precision,
            span: self.span_since(start),
        })
    }

    fn interval_unit(&mut self) -> Result<TimeUnit> {
        use TimeUnit::*;
        const UNITS: [(&str, &str, TimeUnit); 8] = [
            ("YEAR", "YEARS", Year),
            ("QUARTER", "QUARTERS", Quarter),
            ("MONTH", "MONTHS", Month),
            ("WEEK", "WEEKS", Week),
            ("DAY", "DAYS", Day),
            ("HOUR", "HOURS", Hour),
            ("MINUTE", "MINUTES", Minute),
            ("SECOND", "SECONDS", Second),
        ];
        for (one, many, unit) in UNITS {
            if self.at_word(one) || self.at_word(many) {
                self.advance();
                return Ok(unit);
            }
        }
        if self.at_any_word(&["MILLISECOND", "MILLISECONDS"]) {
            let error = self.error("an interval's smallest unit is SECOND");
            return Err(error.hint("write a fraction: INTERVAL '0.001' SECOND"));
        }
        Err(self.expected("the unit of the interval, such as SECOND, MINUTE, HOUR or DAY"))
    }

    /// The unit of EXTRACT, FLOOR .. TO, TIMESTAMPADD and TIMESTAMPDIFF.
    pub(super) fn time_unit(&mut self) -> Result<TimeUnit> {
        use TimeUnit::*;
        let span = self.span();
        let TokenKind::Word(word) = self.token().kind else { return Err(self.expected("a unit of time, such as DAY")) };
        let upper = word.to_ascii_uppercase();
        let unit = match upper.strip_prefix("SQL_TSI_").unwrap_or(&upper) {
            "NANOSECOND" => Nanosecond,
            "MICROSECOND" | "FRAC_SECOND" => Microsecond,
            "MILLISECOND" => Millisecond,
            "SECOND" => Second,
            "MINUTE" => Minute,
            "HOUR" => Hour,
            "DAY" => Day,
            "WEEK" => Week,
            "MONTH" => Month,
            "QUARTER" => Quarter,
            "YEAR" => Year,
            "DECADE" => Decade,
            "CENTURY" => Century,
            "MILLENNIUM" => Millennium,
            "DOW" => Dow,
            "ISODOW" => IsoDow,
            "DOY" => Doy,
            "ISOYEAR" => IsoYear,
            "EPOCH" => Epoch,
            other => {
                let error = Error::invalid(format!("`{word}` is not a unit of time")).at(span);
                return Err(match other.strip_suffix('S').filter(|one| is_unit(one)) {
                    Some(one) => error.hint(format!("write {one}")),
                    None => error.hint("use YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND or MILLISECOND"),
                });
            }
        };
        self.advance();
        Ok(unit)
    }
}

fn is_unit(word: &str) -> bool {
    ["YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND"].contains(&word)
}
