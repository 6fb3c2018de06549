//! Binds the text of an expression with the names that `scalar` documents for the resolver.

use flitz_dataflow::{DataType, Error, Result, RowField, Schema, TypeKind};
use flitz_functions::{bind_call, bind_cast};
use flitz_plan::{Expr, Literal};

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Text(String),
    Bytes(Vec<u8>),
    Number(String),
    Symbol(&'static str),
}

const SYMBOLS: [&str; 18] =
    ["<=", ">=", "<>", "||", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", "."];

pub fn bind(sql: &str, columns: &Schema) -> Result<Expr> {
    let mut parser = Parser { tokens: lex(sql)?, at: 0, columns };
    let expr = parser.expression()?;
    match parser.tokens.get(parser.at) {
        None => Ok(expr),
        Some(rest) => Err(Error::invalid(format!("{rest:?} after the expression"))),
    }
}

fn lex(sql: &str) -> Result<Vec<Token>> {
    let mut tokens = vec![];
    let mut rest = sql.trim_start();
    while let Some(c) = rest.chars().next() {
        let quoted = |s: &str, quote: char| {
            let mut text = String::new();
            let mut chars = s.char_indices().skip(1).peekable();
            while let Some((i, c)) = chars.next() {
                if c == quote {
                    if chars.peek().is_some_and(|(_, n)| *n == quote) {
                        chars.next();
                    } else {
                        return (text, i + c.len_utf8());
                    }
                }
                text.push(c);
            }
            (text, s.len())
        };
        let length = if c == '\'' {
            let (text, length) = quoted(rest, '\'');
            tokens.push(Token::Text(text));
            length
        } else if c == '`' {
            let (text, length) = quoted(rest, '`');
            tokens.push(Token::Quoted(text));
            length
        } else if rest.starts_with("X'") {
            let (digits, length) = quoted(&rest[1..], '\'');
            let pair = |i: usize| u8::from_str_radix(&digits[i..i + 2], 16).unwrap();
            tokens.push(Token::Bytes((0..digits.len()).step_by(2).map(pair).collect()));
            length + 1
        } else if c.is_ascii_digit() {
            let mut length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            if rest[length..].starts_with('e') {
                length += 1 + rest[length + 1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - length - 1);
            }
            tokens.push(Token::Number(rest[..length].to_owned()));
            length
        } else if c.is_alphabetic() || c == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..length].to_owned()));
            length
        } else {
            let symbol = SYMBOLS.iter().find(|s| rest.starts_with(**s));
            let symbol = symbol.ok_or_else(|| Error::invalid(format!("cannot read '{rest}'")))?;
            tokens.push(Token::Symbol(symbol));
            symbol.len()
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn text(value: &str) -> Expr {
    Expr::literal(Literal::String(value.to_owned()), TypeKind::Char(value.chars().count() as u32).not_null())
}

fn null() -> Expr {
    Expr::literal(Literal::Null, TypeKind::Null.nullable())
}

fn not_if(negated: bool, e: Expr) -> Result<Expr> {
    if negated { bind_call("NOT", vec![e]) } else { Ok(e) }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    columns: &'a Schema,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<Token> {
        let token = self.peek().cloned().ok_or_else(|| Error::invalid("unexpected end"))?;
        self.at += 1;
        Ok(token)
    }

    fn symbol(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(s)) if *s == wanted);
        self.at += usize::from(found);
        found
    }

    fn is_word(&self, offset: usize, wanted: &str) -> bool {
        matches!(self.tokens.get(self.at + offset), Some(Token::Word(w)) if w.eq_ignore_ascii_case(wanted))
    }

    /// All of `words` in a row.
    fn words(&mut self, words: &str) -> bool {
        let count = words.split(' ').count();
        let found = words.split(' ').enumerate().all(|(i, w)| self.is_word(i, w));
        self.at += if found { count } else { 0 };
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.symbol(symbol) {
            Ok(())
        } else {
            Err(Error::invalid(format!("expected {symbol} at {:?}", self.peek())))
        }
    }

    fn expression(&mut self) -> Result<Expr> {
        let mut operands = vec![self.conjunction()?];
        while self.words("OR") {
            operands.push(self.conjunction()?);
        }
        if operands.len() == 1 { Ok(operands.remove(0)) } else { bind_call("OR", operands) }
    }

    fn conjunction(&mut self) -> Result<Expr> {
        let mut operands = vec![self.negation()?];
        while self.words("AND") {
            operands.push(self.negation()?);
        }
        if operands.len() == 1 { Ok(operands.remove(0)) } else { bind_call("AND", operands) }
    }

    fn negation(&mut self) -> Result<Expr> {
        if self.words("NOT") {
            let operand = self.negation()?;
            return bind_call("NOT", vec![operand]);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr> {
        let mut left = self.sum()?;
        loop {
            let operator = ["=", "<>", "<=", ">=", "<", ">"].into_iter().find(|s| self.symbol(s));
            if let Some(operator) = operator {
                let right = self.sum()?;
                left = bind_call(operator, vec![left, right])?;
                continue;
            }
            if self.words("IS") {
                let negated = self.words("NOT");
                let not = if negated { "NOT " } else { "" };
                if self.words("DISTINCT FROM") {
                    let right = self.sum()?;
                    left = bind_call(&format!("IS {not}DISTINCT FROM"), vec![left, right])?;
                } else if self.words("JSON") {
                    let kind = ["VALUE", "SCALAR", "ARRAY", "OBJECT"].into_iter().find(|k| self.words(k));
                    left = not_if(negated, bind_call("IS JSON", vec![left, text(kind.unwrap_or("VALUE"))])?)?;
                } else {
                    let test = ["NULL", "TRUE", "FALSE", "UNKNOWN"].into_iter().find(|k| self.words(k));
                    left = bind_call(&format!("IS {not}{}", test.unwrap_or_default()), vec![left])?;
                }
                continue;
            }
            let negated = self.words("NOT");
            if self.words("BETWEEN") {
                let name = if self.words("SYMMETRIC") { "BETWEEN SYMMETRIC" } else { "BETWEEN" };
                let low = self.sum()?;
                self.words("AND");
                let high = self.sum()?;
                left = not_if(negated, bind_call(name, vec![left, low, high])?)?;
            } else if self.words("IN") {
                self.expect("(")?;
                let mut args = vec![left];
                args.extend(self.list(")")?);
                left = not_if(negated, bind_call("IN", args)?)?;
            } else if let Some(name) = ["LIKE", "SIMILAR TO"].into_iter().find(|n| self.words(n)) {
                let mut args = vec![left, self.sum()?];
                if self.words("ESCAPE") {
                    args.push(self.sum()?);
                }
                left = not_if(negated, bind_call(name, args)?)?;
            } else if self.words("OVERLAPS") {
                let right = self.sum()?;
                let [left_args, right_args] = [left, right].map(|row| match row {
                    Expr::Call { args, .. } => args,
                    _ => vec![],
                });
                left = bind_call("OVERLAPS", [left_args, right_args].concat())?;
            } else {
                return Ok(left);
            }
        }
    }

    fn sum(&mut self) -> Result<Expr> {
        let mut left = self.product()?;
        while let Some(operator) = ["+", "-", "||"].into_iter().find(|s| self.symbol(s)) {
            let right = self.product()?;
            left = bind_call(operator, vec![left, right])?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr> {
        let mut left = self.unary()?;
        while let Some(operator) = ["*", "/", "%"].into_iter().find(|s| self.symbol(s)) {
            let right = self.unary()?;
            left = bind_call(operator, vec![left, right])?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr> {
        if self.symbol("-") {
            let operand = self.unary()?;
            return bind_call("NEGATE", vec![operand]);
        }
        if self.symbol("+") {
            return self.unary();
        }
        let mut value = self.primary()?;
        loop {
            if self.symbol("[") {
                let index = self.expression()?;
                self.expect("]")?;
                value = bind_call("ITEM", vec![value, index])?;
            } else if self.symbol(".") {
                let Token::Word(name) = self.next()? else { return Err(Error::invalid("a field's name")) };
                let TypeKind::Row(fields) = value.data_type().kind.clone() else {
                    return Err(Error::invalid("not a row"));
                };
                let index =
                    fields.iter().position(|f| f.name == name).ok_or_else(|| Error::invalid("no such field"))?;
                let data_type = fields[index].data_type.clone();
                let nullable = data_type.nullable || value.data_type().nullable;
                value = Expr::Field { input: Box::new(value), index, data_type: data_type.with_nullable(nullable) };
            } else {
                return Ok(value);
            }
        }
    }

    fn list(&mut self, end: &str) -> Result<Vec<Expr>> {
        let mut items = vec![];
        if self.symbol(end) {
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            if !self.symbol(",") {
                self.expect(end)?;
                return Ok(items);
            }
        }
    }

    fn primary(&mut self) -> Result<Expr> {
        let word = match self.next()? {
            Token::Text(value) => return Ok(text(&value)),
            Token::Bytes(value) => {
                let kind = TypeKind::Binary(value.len() as u32);
                return Ok(Expr::literal(Literal::Bytes(value), kind.not_null()));
            }
            Token::Number(digits) => return number(&digits),
            Token::Quoted(name) => return self.column(&name),
            Token::Symbol("(") => {
                let mut items = self.list(")")?;
                return if items.len() == 1 { Ok(items.remove(0)) } else { bind_call("ROW", items) };
            }
            Token::Word(word) => word,
            other => return Err(Error::invalid(format!("unexpected {other:?}"))),
        };
        if let Ok(column) = self.column(&word) {
            return Ok(column);
        }
        match word.as_str() {
            "TRUE" | "FALSE" => return Ok(Expr::boolean(word == "TRUE")),
            "NULL" => return Ok(null()),
            "INTERVAL" => return self.interval(),
            "DATE" | "TIME" | "TIMESTAMP" if matches!(self.peek(), Some(Token::Text(_))) => {
                let Token::Text(value) = self.next()? else { return Err(Error::invalid("a literal")) };
                let digits = value.split_once('.').map_or(0, |(_, f)| f.len() as u8);
                let kind = match word.as_str() {
                    "DATE" => TypeKind::Date,
                    "TIME" => TypeKind::Time(digits),
                    _ => TypeKind::timestamp(digits),
                };
                return bind_cast(text(&value), kind.not_null(), false);
            }
            "ARRAY" | "MAP" if self.symbol("[") => {
                let items = self.list("]")?;
                return bind_call(&word, items);
            }
            "CASE" => return self.case(),
            _ => {}
        }
        if !self.symbol("(") {
            return bind_call(&word, vec![]);
        }
        self.call(&word)
    }

    fn call(&mut self, name: &str) -> Result<Expr> {
        let unit = |parser: &mut Self| match parser.next()? {
            Token::Word(unit) => Ok(text(&unit)),
            other => Err(Error::invalid(format!("a unit, not {other:?}"))),
        };
        let args = match name {
            "CAST" | "TRY_CAST" => {
                let value = self.expression()?;
                self.words("AS");
                let to = self.data_type()?;
                self.expect(")")?;
                return bind_cast(value, to, name == "TRY_CAST");
            }
            "EXTRACT" => {
                let unit = unit(self)?;
                self.words("FROM");
                vec![unit, self.expression()?]
            }
            "TIMESTAMPADD" | "TIMESTAMPDIFF" => {
                let mut args = vec![unit(self)?];
                self.expect(",")?;
                args.push(self.expression()?);
                self.expect(",")?;
                args.push(self.expression()?);
                args
            }
            "FLOOR" | "CEIL" | "CEILING" => {
                let mut args = vec![self.expression()?];
                if self.words("TO") {
                    args.push(unit(self)?);
                }
                args
            }
            "POSITION" => {
                let needle = self.sum()?;
                self.words("IN");
                vec![needle, self.expression()?]
            }
            "TRIM" => {
                let mode = ["BOTH", "LEADING", "TRAILING"].into_iter().find(|m| self.words(m));
                if self.words("FROM") {
                    vec![text(mode.unwrap_or("BOTH")), text(" "), self.expression()?]
                } else {
                    let first = self.expression()?;
                    match self.words("FROM") {
                        true => vec![text(mode.unwrap_or("BOTH")), first, self.expression()?],
                        false => vec![text("BOTH"), text(" "), first],
                    }
                }
            }
            "SUBSTRING" | "OVERLAY" => {
                let mut args = vec![self.expression()?];
                while self.symbol(",") || self.words("FROM") || self.words("FOR") || self.words("PLACING") {
                    args.push(self.expression()?);
                }
                args
            }
            "JSON_EXISTS" | "JSON_VALUE" | "JSON_QUERY" => self.json(name)?,
            "JSON_OBJECT" => {
                let mut args = vec![];
                let mut on_null = "NULL";
                while !matches!(self.peek(), Some(Token::Symbol(")"))) {
                    self.words("KEY");
                    args.push(self.expression()?);
                    self.words("VALUE");
                    args.push(self.expression()?);
                    self.symbol(",");
                    if self.words("ABSENT ON NULL") {
                        on_null = "ABSENT";
                    }
                }
                args.insert(0, text(on_null));
                args
            }
            "JSON_ARRAY" => {
                let mut args = vec![];
                let mut on_null = "ABSENT";
                while !matches!(self.peek(), Some(Token::Symbol(")"))) {
                    args.push(self.expression()?);
                    self.symbol(",");
                    if self.words("NULL ON NULL") {
                        on_null = "NULL";
                    }
                }
                args.insert(0, text(on_null));
                args
            }
            _ => {
                let args = self.list(")")?;
                return bind_call(name, args);
            }
        };
        self.expect(")")?;
        bind_call(name, args)
    }

    fn json(&mut self, name: &str) -> Result<Vec<Expr>> {
        let document = self.expression()?;
        self.expect(",")?;
        let path = self.expression()?;
        let (mut returning, mut wrapper) = ("STRING".to_owned(), "WITHOUT");
        let (mut on_empty, mut on_error) = ((text("NULL"), null()), (text("NULL"), null()));
        if name == "JSON_EXISTS" {
            on_error.0 = text("FALSE");
        }
        loop {
            if self.words("RETURNING") {
                returning = self.data_type()?.kind.to_string();
            } else if self.words("WITH CONDITIONAL ARRAY WRAPPER") {
                wrapper = "CONDITIONAL";
            } else if self.words("WITH UNCONDITIONAL ARRAY WRAPPER") || self.words("WITH WRAPPER") {
                wrapper = "UNCONDITIONAL";
            } else {
                let behaviours = ["NULL", "ERROR", "EMPTY ARRAY", "EMPTY OBJECT", "TRUE", "FALSE", "UNKNOWN"];
                let behaviour = if self.words("DEFAULT") {
                    (text("DEFAULT"), self.expression()?)
                } else if let Some(b) = behaviours.into_iter().find(|b| self.words(b)) {
                    (text(b), null())
                } else {
                    break;
                };
                if self.words("ON EMPTY") {
                    on_empty = behaviour;
                } else if self.words("ON ERROR") {
                    on_error = behaviour;
                }
            }
        }
        Ok(match name {
            "JSON_EXISTS" => vec![document, path, on_error.0],
            "JSON_VALUE" => vec![document, path, text(&returning), on_empty.0, on_empty.1, on_error.0, on_error.1],
            _ => vec![document, path, text(&returning), text(wrapper), on_empty.0, on_error.0],
        })
    }

    fn case(&mut self) -> Result<Expr> {
        let subject = if self.is_word(0, "WHEN") { None } else { Some(self.expression()?) };
        let mut args = vec![];
        while self.words("WHEN") {
            let condition = self.expression()?;
            args.push(match &subject {
                Some(subject) => bind_call("=", vec![subject.clone(), condition])?,
                None => condition,
            });
            self.words("THEN");
            args.push(self.expression()?);
        }
        args.push(if self.words("ELSE") { self.expression()? } else { null() });
        self.words("END");
        bind_call("CASE", args)
    }

    fn column(&self, name: &str) -> Result<Expr> {
        let index = self.columns.index_of(name).ok_or_else(|| Error::invalid(format!("no column {name}")))?;
        Ok(Expr::column(index, self.columns.fields[index].data_type.clone()))
    }

    fn interval(&mut self) -> Result<Expr> {
        let Token::Text(value) = self.next()? else { return Err(Error::invalid("an interval's text")) };
        let Token::Word(unit) = self.next()? else { return Err(Error::invalid("an interval's unit")) };
        let (negative, value) = value.strip_prefix('-').map_or((false, value.as_str()), |rest| (true, rest));
        let sign = if negative { -1 } else { 1 };
        let number = |s: &str| s.parse::<f64>().unwrap();
        if self.words("TO MONTH") {
            let (years, months) = value.split_once('-').unwrap();
            let months = number(years) * 12.0 + number(months);
            return Ok(Expr::literal(Literal::Integer(sign * months as i64), TypeKind::IntervalYearMonth.not_null()));
        }
        if self.words("TO SECOND") {
            let (days, time) = value.split_once(' ').unwrap();
            let parts: Vec<f64> = time.split(':').map(number).collect();
            let seconds = number(days) * 86_400.0 + parts[0] * 3600.0 + parts[1] * 60.0 + parts[2];
            let millis = (seconds * 1000.0).round() as i64;
            return Ok(Expr::literal(Literal::Integer(sign * millis), TypeKind::IntervalDaySecond.not_null()));
        }
        let (kind, length) = match unit.as_str() {
            "YEAR" => (TypeKind::IntervalYearMonth, 12.0),
            "MONTH" => (TypeKind::IntervalYearMonth, 1.0),
            "DAY" => (TypeKind::IntervalDaySecond, 86_400_000.0),
            "HOUR" => (TypeKind::IntervalDaySecond, 3_600_000.0),
            "MINUTE" => (TypeKind::IntervalDaySecond, 60_000.0),
            _ => (TypeKind::IntervalDaySecond, 1000.0),
        };
        Ok(Expr::literal(Literal::Integer(sign * (number(value) * length) as i64), kind.not_null()))
    }

    fn data_type(&mut self) -> Result<DataType> {
        let Token::Word(name) = self.next()? else { return Err(Error::invalid("a type")) };
        let mut numbers = vec![];
        if !matches!(name.as_str(), "ROW") && self.symbol("(") {
            while let Token::Number(n) = self.next()? {
                numbers.push(n.parse::<u32>().unwrap());
                if !self.symbol(",") {
                    self.expect(")")?;
                    break;
                }
            }
        }
        let first = |default: u32| numbers.first().copied().unwrap_or(default);
        Ok(match name.as_str() {
            "BOOLEAN" => TypeKind::Boolean,
            "TINYINT" => TypeKind::TinyInt,
            "SMALLINT" => TypeKind::SmallInt,
            "INT" | "INTEGER" => TypeKind::Int,
            "BIGINT" => TypeKind::BigInt,
            "FLOAT" => TypeKind::Float,
            "DOUBLE" => TypeKind::Double,
            "DECIMAL" => {
                TypeKind::Decimal { precision: first(10) as u8, scale: numbers.get(1).copied().unwrap_or(0) as u8 }
            }
            "STRING" => TypeKind::STRING,
            "VARCHAR" => TypeKind::Varchar(first(1)),
            "CHAR" => TypeKind::Char(first(1)),
            "BYTES" => TypeKind::BYTES,
            "BINARY" => TypeKind::Binary(first(1)),
            "VARBINARY" => TypeKind::Varbinary(first(1)),
            "DATE" => TypeKind::Date,
            "TIME" => TypeKind::Time(first(0) as u8),
            "TIMESTAMP" => TypeKind::timestamp(first(6) as u8),
            "TIMESTAMP_LTZ" => TypeKind::timestamp_ltz(first(6) as u8),
            "INTERVAL" => {
                self.words("DAY");
                TypeKind::IntervalDaySecond
            }
            "ARRAY" => {
                self.expect("<")?;
                let element = self.data_type()?;
                self.expect(">")?;
                TypeKind::Array(Box::new(element))
            }
            "MAP" => {
                self.expect("<")?;
                let key = self.data_type()?;
                self.expect(",")?;
                let value = self.data_type()?;
                self.expect(">")?;
                TypeKind::Map(Box::new(key), Box::new(value))
            }
            "ROW" => {
                self.expect("<")?;
                let mut fields = vec![];
                loop {
                    let Token::Word(name) = self.next()? else { return Err(Error::invalid("a field's name")) };
                    fields.push(RowField { name, data_type: self.data_type()? });
                    if !self.symbol(",") {
                        break;
                    }
                }
                self.expect(">")?;
                TypeKind::Row(fields)
            }
            other => return Err(Error::invalid(format!("no type {other}"))),
        }
        .nullable())
    }
}

fn number(digits: &str) -> Result<Expr> {
    if digits.contains('e') {
        return Ok(Expr::literal(Literal::Double(digits.parse().unwrap()), TypeKind::Double.not_null()));
    }
    if let Some((whole, fraction)) = digits.split_once('.') {
        let unscaled: i128 = format!("{whole}{fraction}").parse().map_err(|_| Error::invalid("number too long"))?;
        let scale = fraction.len() as u8;
        let precision = (unscaled.to_string().len() as u8).max(scale + 1);
        if precision > 38 || whole.len() + fraction.len() > 19 && whole.len() > 19 {
            return Err(Error::invalid(format!("numeric literal {digits} out of range")));
        }
        return Ok(Expr::literal(Literal::Decimal(unscaled), TypeKind::Decimal { precision, scale }.not_null()));
    }
    let value: i64 = digits.parse().map_err(|_| Error::invalid("number too long"))?;
    let kind = if i32::try_from(value).is_ok() { TypeKind::Int } else { TypeKind::BigInt };
    Ok(Expr::literal(Literal::Integer(value), kind.not_null()))
}
