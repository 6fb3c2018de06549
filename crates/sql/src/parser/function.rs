//! Function calls: the ordinary form, and those with a grammar of their own.

use flitz_dataflow::{Error, Result, Span};

use super::{Parser, keywords};
use crate::ast::{
    Expr, ExprKind, FrameBound, FrameUnit, FunctionArg, FunctionArgValue, FunctionCall, Ident, JsonAbsent,
    JsonBehavior, JsonEncoded, JsonPair, JsonWrapper, NullTreatment, ObjectName, OrderItem, RoundDirection, TableArg,
    TableArgSource, TrimSide, WindowFrame, WindowRef, WindowSpec,
};
use crate::lexer::TokenKind;

impl Parser<'_> {
    /// A function that is called by a keyword; `word` is it in capitals. None if it is no such function.
    pub(super) fn keyword_function(&mut self, word: &str) -> Result<Option<ExprKind>> {
        let start = self.span();
        if !self.symbol_at(1, "(") {
            if !keywords::is_context_function(word) {
                return Ok(None);
            }
            let mut call = empty_call(self.take_keyword_name(), start);
            call.parentheses = false;
            return Ok(Some(ExprKind::Function(Box::new(call))));
        }
        if let Some(parse) = own_grammar(word) {
            return parse(self).map(Some);
        }
        let kind = match word {
            "SAFE_CAST" => return Err(self.error("there is no SAFE_CAST").hint("write TRY_CAST")),
            "CONVERT" => return Err(Error::unsupported("the function CONVERT").at(start)),
            "DATE_TRUNC" | "DATETIME_TRUNC" | "TIMESTAMP_TRUNC" | "TIME_TRUNC" => {
                let error = self.error(format!("there is no function {word}"));
                return Err(error.hint("write FLOOR(x TO unit), such as FLOOR(ts TO DAY)"));
            }
            "DATE_DIFF" | "DATETIME_DIFF" | "TIMESTAMP_DIFF" | "TIME_DIFF" => {
                let error = self.error(format!("there is no function {word}"));
                return Err(error.hint("write TIMESTAMPDIFF(unit, start, end)"));
            }
            "GROUP_CONCAT" | "STRING_AGG" | "ARRAY_CONCAT_AGG" => {
                let error = self.error(format!("there is no function {word}"));
                return Err(error.hint("write LISTAGG(x, ',')"));
            }
            _ if keywords::is_reserved_function(word)
                || matches!(
                    word,
                    "CLASSIFIER" | "MATCH_NUMBER" | "NEXT" | "PREV" | "SOME" | "TRANSLATE" | "RUNNING"
                ) =>
            {
                let name = self.take_keyword_name();
                ExprKind::Function(Box::new(self.function_call(name)?))
            }
            _ => return Ok(None),
        };
        Ok(Some(kind))
    }

    /// The keyword here as the name of a function.
    pub(super) fn take_keyword_name(&mut self) -> ObjectName {
        let span = self.span();
        let value = match self.token().kind {
            TokenKind::Word(word) => word.to_owned(),
            _ => String::new(),
        };
        self.advance();
        ObjectName { parts: vec![Ident { value, span }], span }
    }

    /// From `(` on; also what may follow the `)`.
    pub(super) fn function_call(&mut self, name: ObjectName) -> Result<FunctionCall> {
        let start = name.span;
        let mut call = empty_call(name, start);
        let function = call.name.object().value.clone();
        self.expect("(", "after the function's name")?;
        if !self.eat(")") {
            call.distinct = self.eat_word("DISTINCT");
            if !call.distinct {
                self.eat_word("ALL");
            }
            call.args = self.comma_separated(|p| p.nested(Self::function_arg))?;
            call.nulls = self.null_treatment()?;
            if self.at_words(&["ORDER", "BY"]) {
                call.order_by = self.order_by()?;
            }
            if !self.eat(")") {
                let place = match call.args.len() {
                    1 => format!("after the first argument of {function}"),
                    n => format!("after argument {n} of {function}"),
                };
                return Err(self.expected(format!("`,` or `)` {place}")));
            }
        }
        if call.nulls.is_none() {
            call.nulls = self.null_treatment()?;
        }
        if self.at_words(&["WITHIN", "DISTINCT"]) {
            return Err(Error::unsupported("WITHIN DISTINCT").at(self.span()));
        }
        if self.at_words(&["WITHIN", "GROUP"]) {
            call.within_group = self.within_group()?;
        }
        call.filter = self.filter()?;
        if self.eat_word("OVER") {
            call.over = Some(self.window_ref()?);
        }
        call.span = self.span_since(start);
        Ok(call)
    }

    fn null_treatment(&mut self) -> Result<Option<NullTreatment>> {
        if self.eat_words(&["IGNORE", "NULLS"]) {
            Ok(Some(NullTreatment::Ignore))
        } else if self.eat_words(&["RESPECT", "NULLS"]) {
            Ok(Some(NullTreatment::Respect))
        } else {
            Ok(None)
        }
    }

    fn within_group(&mut self) -> Result<Vec<OrderItem>> {
        self.expect_words(&["WITHIN", "GROUP"], "after the function")?;
        self.expect("(", "after WITHIN GROUP")?;
        let order_by = self.order_by()?;
        self.expect(")", "after the order of WITHIN GROUP")?;
        Ok(order_by)
    }

    /// `FILTER (WHERE condition)`
    fn filter(&mut self) -> Result<Option<Expr>> {
        if !(self.at_word("FILTER") && self.symbol_at(1, "(")) {
            return Ok(None);
        }
        self.advance();
        self.advance();
        self.expect_word("WHERE", "in FILTER")?;
        let condition = self.expr()?;
        self.expect(")", "after the condition of FILTER")?;
        Ok(Some(condition))
    }

    fn function_arg(&mut self) -> Result<FunctionArg> {
        let start = self.span();
        let name = if self.name_at(0) && self.symbol_at(1, "=>") {
            let name = self.name("an argument's name")?;
            self.advance();
            Some(name)
        } else {
            None
        };
        let value = self.function_arg_value()?;
        Ok(FunctionArg { name, value, span: self.span_since(start) })
    }

    fn function_arg_value(&mut self) -> Result<FunctionArgValue> {
        let start = self.span();
        if self.eat("*") {
            return Ok(FunctionArgValue::Star);
        }
        if self.at_word("DEFAULT") {
            self.advance();
            return Ok(FunctionArgValue::Default);
        }
        if self.at_word("DESCRIPTOR") && self.symbol_at(1, "(") {
            self.advance();
            let columns = self.parenthesized("the columns of DESCRIPTOR", |p| p.name("a column name"))?;
            return Ok(FunctionArgValue::Descriptor(columns));
        }
        if self.at_word("MODEL") && self.name_at(1) {
            self.advance();
            return Ok(FunctionArgValue::Model(self.object_name("a model's name")?));
        }
        if self.eat_word("TABLE") {
            let name = self.object_name("a table's name after TABLE")?;
            return self.table_arg(TableArgSource::Name(name), start).map(FunctionArgValue::Table);
        }
        let expr = self.expr()?;
        match expr.kind {
            ExprKind::ScalarQuery(query) if self.at_words(&["PARTITION", "BY"]) || self.at_words(&["ORDER", "BY"]) => {
                self.table_arg(TableArgSource::Query(query), start).map(FunctionArgValue::Table)
            }
            _ => Ok(FunctionArgValue::Expr(expr)),
        }
    }

    /// `[PARTITION BY key or (keys)] [ORDER BY item or (items)]`; without parentheses it is one, for a comma ends the
    /// argument.
    fn table_arg(&mut self, source: TableArgSource, start: Span) -> Result<TableArg> {
        let mut partition_by = Vec::new();
        if self.eat_words(&["PARTITION", "BY"]) {
            partition_by = if self.at("(") {
                self.parenthesized("the keys of PARTITION BY", Self::expr)?
            } else {
                vec![self.expr()?]
            };
        }
        let mut order_by = Vec::new();
        if self.eat_words(&["ORDER", "BY"]) {
            order_by = if self.at("(") {
                self.parenthesized("the columns of ORDER BY", Self::order_item)?
            } else {
                vec![self.order_item()?]
            };
        }
        Ok(TableArg { source, partition_by, order_by, span: self.span_since(start) })
    }

    // ---- windows ----

    fn window_ref(&mut self) -> Result<WindowRef> {
        if self.at("(") {
            return self.window_spec().map(WindowRef::Spec);
        }
        if !self.at_name() {
            return Err(self.expected("`(` or the name of a window after OVER"));
        }
        self.name("the name of a window").map(WindowRef::Name)
    }

    /// `([window] [PARTITION BY ..] [ORDER BY ..] [frame])`
    pub(super) fn window_spec(&mut self) -> Result<WindowSpec> {
        let start = self.span();
        self.expect("(", "before the window")?;
        let base = if self.at_name() && !self.at_word("PARTITION") { Some(self.name("a window")?) } else { None };
        let mut partition_by = Vec::new();
        if self.eat_words(&["PARTITION", "BY"]) {
            partition_by = self.comma_separated(Self::expr)?;
        }
        let order_by = if self.at_words(&["ORDER", "BY"]) { self.order_by()? } else { Vec::new() };
        let frame = self.window_frame()?;
        if self.at_word("EXCLUDE") {
            return Err(self.error("a window frame can't EXCLUDE rows"));
        }
        if !self.eat(")") {
            return Err(self.unexpected());
        }
        Ok(WindowSpec { base, partition_by, order_by, frame, span: self.span_since(start) })
    }

    fn window_frame(&mut self) -> Result<Option<WindowFrame>> {
        let start = self.span();
        let Some(unit) = self.one_of(&[("ROWS", FrameUnit::Rows), ("RANGE", FrameUnit::Range)]) else {
            return Ok(None);
        };
        let (from, end) = if self.eat_word("BETWEEN") {
            let from = self.frame_bound()?;
            self.expect_word("AND", "after the lower bound of the frame")?;
            (from, Some(self.frame_bound()?))
        } else {
            (self.frame_bound()?, None)
        };
        Ok(Some(WindowFrame { unit, start: from, end, span: self.span_since(start) }))
    }

    fn frame_bound(&mut self) -> Result<FrameBound> {
        if self.eat_words(&["CURRENT", "ROW"]) {
            return Ok(FrameBound::CurrentRow);
        }
        if self.at_word("UNBOUNDED") {
            self.advance();
            let bounds = [("PRECEDING", FrameBound::UnboundedPreceding), ("FOLLOWING", FrameBound::UnboundedFollowing)];
            for (word, bound) in bounds {
                if self.eat_word(word) {
                    return Ok(bound);
                }
            }
            return Err(self.unexpected());
        }
        let distance = Box::new(self.sum()?);
        if self.eat_word("PRECEDING") {
            Ok(FrameBound::Preceding(distance))
        } else if self.eat_word("FOLLOWING") {
            Ok(FrameBound::Following(distance))
        } else {
            Err(self.expected("PRECEDING or FOLLOWING after the distance"))
        }
    }

    // ---- forms of their own ----

    fn cast(&mut self, lenient: bool) -> Result<ExprKind> {
        self.advance();
        self.advance();
        let operand = Box::new(self.expr()?);
        if !self.eat_word("AS") {
            let error = self.expected("AS and a type");
            return Err(if error.hint.is_some() { error } else { error.hint("write CAST(x AS type)") });
        }
        let data_type = self.cast_type()?;
        self.expect(")", "after the type of CAST")?;
        Ok(ExprKind::Cast { operand, data_type, lenient })
    }

    fn extract(&mut self) -> Result<ExprKind> {
        self.advance();
        self.advance();
        let unit = self.time_unit()?;
        self.expect_word("FROM", "after the unit of EXTRACT")?;
        let operand = Box::new(self.expr()?);
        self.expect(")", "after the argument of EXTRACT")?;
        Ok(ExprKind::Extract { unit, operand })
    }

    /// `FLOOR(x TO DAY)` or `FLOOR(x)`.
    fn round(&mut self, direction: RoundDirection) -> Result<ExprKind> {
        let start = self.span();
        let name = self.take_keyword_name();
        self.advance();
        let operand = self.expr()?;
        if self.eat_word("TO") {
            let unit = self.time_unit()?;
            self.expect(")", "after the unit")?;
            return Ok(ExprKind::RoundTime { direction, operand: Box::new(operand), unit });
        }
        self.expect(")", &format!("or TO and a unit after the argument of {}", name.object().value))?;
        Ok(ExprKind::Function(Box::new(self.unary_call(name, operand, start))))
    }

    fn trim(&mut self) -> Result<ExprKind> {
        self.advance();
        self.advance();
        let sides = [("BOTH", TrimSide::Both), ("LEADING", TrimSide::Leading), ("TRAILING", TrimSide::Trailing)];
        let side = self.one_of(&sides);
        let mut characters = None;
        if side.is_none() || !self.at_word("FROM") {
            let expr = Box::new(self.expr()?);
            if self.eat(")") {
                return Ok(ExprKind::Trim { side: side.unwrap_or(TrimSide::Both), characters: None, operand: expr });
            }
            characters = Some(expr);
        }
        self.expect_word("FROM", "after the characters of TRIM")?;
        let operand = Box::new(self.expr()?);
        self.expect(")", "after the argument of TRIM")?;
        Ok(ExprKind::Trim { side: side.unwrap_or(TrimSide::Both), characters, operand })
    }

    /// `SUBSTRING(s FROM i [FOR n])` or `SUBSTRING(s, i [, n])`
    fn substring(&mut self) -> Result<ExprKind> {
        let start = self.span();
        let name = self.take_keyword_name();
        self.advance();
        let mut args = vec![self.expr_arg()?];
        let special = self.eat_word("FROM");
        if !special {
            self.expect(",", "or FROM after the string of SUBSTRING")?;
        }
        args.push(self.expr_arg()?);
        if if special { self.eat_word("FOR") } else { self.eat(",") } {
            args.push(self.expr_arg()?);
        }
        self.expect(")", "after the arguments of SUBSTRING")?;
        Ok(self.plain_call(name, args, start))
    }

    /// `POSITION(a IN b [FROM i])`
    fn position(&mut self) -> Result<ExprKind> {
        let start = self.span();
        let name = self.take_keyword_name();
        self.advance();
        let wanted = self.expr_without_in()?;
        let wanted_span = wanted.span;
        if !self.eat_word("IN") {
            return Err(self.expected("IN after what is searched").hint("write POSITION(a IN b)"));
        }
        let mut args = vec![positional(wanted, wanted_span), self.expr_arg()?];
        if self.eat_word("FROM") {
            args.push(self.expr_arg()?);
        }
        self.expect(")", "after the arguments of POSITION")?;
        Ok(self.plain_call(name, args, start))
    }

    /// `OVERLAY(s PLACING r FROM i [FOR n])`
    fn overlay(&mut self) -> Result<ExprKind> {
        let start = self.span();
        let name = self.take_keyword_name();
        self.advance();
        let mut args = vec![self.expr_arg()?];
        self.expect_word("PLACING", "after the string of OVERLAY")?;
        args.push(self.expr_arg()?);
        self.expect_word("FROM", "after the replacement of OVERLAY")?;
        args.push(self.expr_arg()?);
        if self.eat_word("FOR") {
            args.push(self.expr_arg()?);
        }
        self.expect(")", "after the arguments of OVERLAY")?;
        Ok(self.plain_call(name, args, start))
    }

    fn expr_arg(&mut self) -> Result<FunctionArg> {
        let expr = self.expr()?;
        let span = expr.span;
        Ok(positional(expr, span))
    }

    fn plain_call(&self, name: ObjectName, args: Vec<FunctionArg>, start: Span) -> ExprKind {
        let mut call = empty_call(name, self.span_since(start));
        call.args = args;
        ExprKind::Function(Box::new(call))
    }

    /// `TIMESTAMPADD(unit, n, t)`
    fn timestamp_add(&mut self) -> Result<ExprKind> {
        let unit = self.unit_argument()?;
        let count = Box::new(self.expr()?);
        self.expect(",", "after the count")?;
        let operand = Box::new(self.expr()?);
        self.expect(")", "after the arguments of TIMESTAMPADD")?;
        Ok(ExprKind::TimestampAdd { unit, count, operand })
    }

    /// `TIMESTAMPDIFF(unit, start, end)`
    fn timestamp_diff(&mut self) -> Result<ExprKind> {
        let unit = self.unit_argument()?;
        let start = Box::new(self.expr()?);
        self.expect(",", "after the first point in time")?;
        let end = Box::new(self.expr()?);
        self.expect(")", "after the arguments of TIMESTAMPDIFF")?;
        Ok(ExprKind::TimestampDiff { unit, start, end })
    }

    /// The function's name, `(`, the unit and a comma.
    fn unit_argument(&mut self) -> Result<crate::ast::TimeUnit> {
        self.advance();
        self.advance();
        let unit = self.time_unit()?;
        self.expect(",", "after the unit")?;
        Ok(unit)
    }

    pub(super) fn unary_call(&self, name: ObjectName, operand: Expr, start: Span) -> FunctionCall {
        let mut call = empty_call(name, self.span_since(start));
        let span = operand.span;
        call.args = vec![positional(operand, span)];
        call
    }

    // ---- JSON ----

    /// `json [FORMAT JSON], path`
    fn json_input(&mut self, function: &str) -> Result<(Box<Expr>, Box<Expr>)> {
        self.advance();
        self.advance();
        let json = self.json_encoded()?.value;
        self.expect(",", &format!("and a path after the text of {function}"))?;
        Ok((Box::new(json), Box::new(self.expr()?)))
    }

    fn json_exists(&mut self) -> Result<ExprKind> {
        let (json, path) = self.json_input("JSON_EXISTS")?;
        let mut on_error = None;
        for (word, behavior) in [
            ("TRUE", JsonBehavior::True),
            ("FALSE", JsonBehavior::False),
            ("UNKNOWN", JsonBehavior::Unknown),
            ("ERROR", JsonBehavior::Error),
        ] {
            if self.eat_word(word) {
                self.expect_words(&["ON", "ERROR"], "after the behavior of JSON_EXISTS")?;
                on_error = Some(behavior);
                break;
            }
        }
        self.close_json("JSON_EXISTS")?;
        Ok(ExprKind::JsonExists { json, path, on_error })
    }

    fn json_value(&mut self) -> Result<ExprKind> {
        let (json, path) = self.json_input("JSON_VALUE")?;
        let returning = self.json_returning()?;
        let (on_empty, on_error) = self.json_behaviors(|p| {
            if p.eat_word("DEFAULT") {
                return Ok(Some(JsonBehavior::Default(Box::new(p.expr()?))));
            }
            p.json_error_or_null()
        })?;
        self.close_json("JSON_VALUE")?;
        Ok(ExprKind::JsonValue { json, path, returning, on_empty, on_error })
    }

    fn json_query(&mut self) -> Result<ExprKind> {
        let (json, path) = self.json_input("JSON_QUERY")?;
        let returning = self.json_returning()?;
        let mut wrapper = None;
        if self.eat_word("WITHOUT") {
            wrapper = Some(JsonWrapper::Without);
        } else if self.eat_word("WITH") {
            let kinds = [("CONDITIONAL", JsonWrapper::Conditional), ("UNCONDITIONAL", JsonWrapper::Unconditional)];
            wrapper = Some(self.one_of(&kinds).unwrap_or(JsonWrapper::Unconditional));
        }
        if wrapper.is_some() {
            self.eat_word("ARRAY");
            self.expect_word("WRAPPER", "after WITH or WITHOUT")?;
        }
        let (on_empty, on_error) = self.json_behaviors(|p| {
            if !p.eat_word("EMPTY") {
                return p.json_error_or_null();
            }
            if p.eat_word("ARRAY") {
                Ok(Some(JsonBehavior::EmptyArray))
            } else {
                p.expect_word("OBJECT", "or ARRAY after EMPTY")?;
                Ok(Some(JsonBehavior::EmptyObject))
            }
        })?;
        self.close_json("JSON_QUERY")?;
        Ok(ExprKind::JsonQuery { json, path, returning, wrapper, on_empty, on_error })
    }

    fn json_returning(&mut self) -> Result<Option<crate::ast::DataType>> {
        if self.eat_word("RETURNING") { self.cast_type().map(Some) } else { Ok(None) }
    }

    fn json_error_or_null(&mut self) -> Result<Option<JsonBehavior>> {
        if self.eat_word("ERROR") {
            Ok(Some(JsonBehavior::Error))
        } else if self.eat_word("NULL") {
            Ok(Some(JsonBehavior::Null))
        } else {
            Ok(None)
        }
    }

    /// `behavior ON EMPTY` and `behavior ON ERROR`, each at most once.
    fn json_behaviors(
        &mut self,
        mut behavior: impl FnMut(&mut Self) -> Result<Option<JsonBehavior>>,
    ) -> Result<(Option<JsonBehavior>, Option<JsonBehavior>)> {
        let (mut on_empty, mut on_error) = (None, None);
        loop {
            let start = self.span();
            let Some(found) = behavior(self)? else { return Ok((on_empty, on_error)) };
            self.expect_word("ON", "after the behavior")?;
            let (slot, event) = if self.eat_word("EMPTY") {
                (&mut on_empty, "EMPTY")
            } else if self.eat_word("ERROR") {
                (&mut on_error, "ERROR")
            } else {
                return Err(self.unexpected());
            };
            if slot.replace(found).is_some() {
                return Err(Error::invalid(format!("ON {event} is given twice")).at(self.span_since(start)));
            }
        }
    }

    fn close_json(&mut self, function: &str) -> Result<()> {
        if self.eat(")") {
            return Ok(());
        }
        self.tried.retain(|tried| *tried != "an operator");
        Err(self.expected(format!("`)` after the arguments of {function}")))
    }

    fn json_encoded(&mut self) -> Result<JsonEncoded> {
        let value = self.expr()?;
        let format_json = self.eat_words(&["FORMAT", "JSON"]);
        Ok(JsonEncoded { value, format_json })
    }

    /// `[KEY] k VALUE v` or `k : v`
    fn json_pair(&mut self) -> Result<JsonPair> {
        if self.at_word("KEY") && !self.word_at(1, "VALUE") && !self.symbol_at(1, ":") && !self.symbol_at(1, ".") {
            self.advance();
        }
        let key = self.expr()?;
        if !self.eat(":") && !self.eat_word("VALUE") {
            return Err(self.expected("VALUE after a key").hint("write KEY k VALUE v"));
        }
        Ok(JsonPair { key, value: self.json_encoded()? })
    }

    fn at_json_absent(&self) -> bool {
        self.at_words(&["NULL", "ON", "NULL"]) || self.at_words(&["ABSENT", "ON", "NULL"])
    }

    fn json_absent(&mut self) -> Option<JsonAbsent> {
        if self.eat_words(&["NULL", "ON", "NULL"]) {
            Some(JsonAbsent::Null)
        } else if self.eat_words(&["ABSENT", "ON", "NULL"]) {
            Some(JsonAbsent::Absent)
        } else {
            None
        }
    }

    fn json_object(&mut self) -> Result<ExprKind> {
        self.advance();
        self.advance();
        let mut pairs = Vec::new();
        if !self.at(")") && !self.at_json_absent() {
            pairs = self.comma_separated(Self::json_pair)?;
        }
        let on_null = self.json_absent();
        self.close_json("JSON_OBJECT")?;
        Ok(ExprKind::JsonObject { pairs, on_null })
    }

    fn json_array(&mut self) -> Result<ExprKind> {
        self.advance();
        self.advance();
        let mut elements = Vec::new();
        if !self.at(")") && !self.at_json_absent() {
            elements = self.comma_separated(Self::json_encoded)?;
        }
        let on_null = self.json_absent();
        self.close_json("JSON_ARRAY")?;
        Ok(ExprKind::JsonArray { elements, on_null })
    }

    fn json_object_agg(&mut self) -> Result<ExprKind> {
        self.advance();
        self.advance();
        let pair = Box::new(self.json_pair()?);
        let on_null = self.json_absent();
        self.close_json("JSON_OBJECTAGG")?;
        let filter = self.filter()?.map(Box::new);
        self.refuse_over("JSON_OBJECTAGG")?;
        Ok(ExprKind::JsonObjectAgg { pair, on_null, filter })
    }

    fn json_array_agg(&mut self) -> Result<ExprKind> {
        self.advance();
        self.advance();
        let element = Box::new(self.json_encoded()?);
        let mut order_by = if self.at_words(&["ORDER", "BY"]) { self.order_by()? } else { Vec::new() };
        let on_null = self.json_absent();
        self.close_json("JSON_ARRAYAGG")?;
        if order_by.is_empty() && self.at_words(&["WITHIN", "GROUP"]) {
            order_by = self.within_group()?;
        }
        let filter = self.filter()?.map(Box::new);
        self.refuse_over("JSON_ARRAYAGG")?;
        Ok(ExprKind::JsonArrayAgg { element, order_by, on_null, filter })
    }

    fn refuse_over(&self, function: &str) -> Result<()> {
        if self.at_word("OVER") { Err(self.error(format!("{function} can't be used with OVER"))) } else { Ok(()) }
    }
}

/// What reads a call that has a grammar of its own. A pointer, because calls nest: one function that called all of
/// these would need the stack of all of them at every level.
fn own_grammar<'a>(word: &str) -> Option<fn(&mut Parser<'a>) -> Result<ExprKind>> {
    Some(match word {
        "CAST" => |p| p.cast(false),
        "TRY_CAST" => |p| p.cast(true),
        "EXTRACT" => Parser::extract,
        "FLOOR" => |p| p.round(RoundDirection::Floor),
        "CEIL" | "CEILING" => |p| p.round(RoundDirection::Ceil),
        "TRIM" => Parser::trim,
        "SUBSTRING" => Parser::substring,
        "POSITION" => Parser::position,
        "OVERLAY" => Parser::overlay,
        "TIMESTAMPADD" => Parser::timestamp_add,
        "TIMESTAMPDIFF" => Parser::timestamp_diff,
        "JSON_EXISTS" => Parser::json_exists,
        "JSON_VALUE" => Parser::json_value,
        "JSON_QUERY" => Parser::json_query,
        "JSON_OBJECT" => Parser::json_object,
        "JSON_ARRAY" => Parser::json_array,
        "JSON_OBJECTAGG" => Parser::json_object_agg,
        "JSON_ARRAYAGG" => Parser::json_array_agg,
        _ => return None,
    })
}

fn empty_call(name: ObjectName, span: Span) -> FunctionCall {
    FunctionCall {
        name,
        args: Vec::new(),
        parentheses: true,
        distinct: false,
        order_by: Vec::new(),
        nulls: None,
        within_group: Vec::new(),
        filter: None,
        over: None,
        span,
    }
}

fn positional(expr: Expr, span: Span) -> FunctionArg {
    FunctionArg { name: None, value: FunctionArgValue::Expr(expr), span }
}
