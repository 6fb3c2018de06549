//! Tokens to the syntax tree: recursive descent, and precedence climbing for expressions.
//!
//! What Flink 2.3's parser refuses is refused here, with a reason; what it accepts and its planner then always
//! refuses may be refused here already. Four habits make the messages:
//!
//! - Each word or symbol that was looked for at the current token and not found is remembered in
//!   [`Parser::tried`]; "expected …, found …" lists them when the parser gives up there.
//! - Places where the list would not help say what is missing: "expected `)` after the window size".
//! - A word near to one that was looked for is a typing error: "did you mean FROM?"
//! - After an error the rest of the statement up to `;` is skipped, so that one run reports all of them.

mod alter;
mod create;
mod data_type;
mod expr;
mod function;
pub(crate) mod keywords;
mod literal;
mod pattern;
mod query;
mod statement;
mod table;

use flitz_dataflow::{Error, Result, Span, suggest};

use crate::ast::{Ident, ObjectName, OptionPair, Statement, StringLiteral};
use crate::lexer::{Token, TokenKind, tokenize};

pub use keywords::is_reserved;

/// Parses all statements of a file; `file` is its number in [`crate::diagnostics::Sources`]. Statements without
/// errors are returned beside the errors of the others, both in the order of the text.
pub fn parse_script(file: u32, text: &str) -> (Vec<Statement>, Vec<Error>) {
    Parser::new(file, text).script()
}

/// The statements of a file beside all pairs of WITH, SET and hints in it, in the order of the text; or its errors.
pub(crate) fn parse_with_pairs(text: &str) -> Result<(Vec<Statement>, Vec<OptionPair>), Vec<Error>> {
    let mut parser = Parser::new(0, text);
    let (statements, errors) = parser.script();
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut pairs = parser.pairs;
    pairs.sort_by_key(|pair| pair.key.span.start);
    // What the parser tried twice.
    pairs.dedup_by_key(|pair| pair.key.span);
    Ok((statements, pairs))
}

/// Parses exactly one statement; a `;` may follow.
pub fn parse_statement(file: u32, text: &str) -> Result<Statement> {
    let mut parser = Parser::new(file, text);
    let statement = parser.statement()?;
    parser.end_of_statement()?;
    while parser.eat(";") {}
    if !parser.at_end() {
        return Err(parser.error("expected one statement, found another one after `;`"));
    }
    Ok(statement)
}

/// Parses one expression and nothing else.
pub fn parse_expression(file: u32, text: &str) -> Result<crate::ast::Expr> {
    let mut parser = Parser::new(file, text);
    let expr = parser.expr()?;
    if !parser.at_end() {
        return Err(parser.unexpected());
    }
    Ok(expr)
}

/// Parses one type and nothing else: `ROW<a INT NOT NULL>`.
pub fn parse_data_type(file: u32, text: &str) -> Result<crate::ast::DataType> {
    let mut parser = Parser::new(file, text);
    let data_type = parser.data_type()?;
    if !parser.at_end() {
        return Err(parser.unexpected());
    }
    Ok(data_type)
}

/// Whether what was typed so far can be executed: it ends with `;`, no string or comment is open, and a statement
/// set has its END. Text without any statement is complete.
pub fn is_complete(text: &str) -> bool {
    let mut parser = Parser::new(0, text);
    let mut in_set = false;
    loop {
        while parser.eat(";") {}
        if parser.at_end() {
            return !in_set;
        }
        if in_set && parser.at_word("END") {
            in_set = false;
        }
        while !parser.at(";") {
            match &parser.token().kind {
                TokenKind::End => return false,
                TokenKind::Invalid(invalid) if invalid.unfinished => return false,
                _ => {}
            }
            if parser.at_words(&["STATEMENT", "SET", "BEGIN"]) {
                in_set = true;
                parser.advance();
                parser.advance();
                parser.advance();
                break;
            }
            parser.advance();
        }
    }
}

/// How deep the syntax may nest: far more than anyone writes, and little enough for a thread's stack.
const DEPTH_MAX: usize = 50;

pub(crate) struct Parser<'a> {
    file: u32,
    text: &'a str,
    tokens: Vec<Token<'a>>,
    pos: usize,
    depth: usize,
    /// Within MATCH_RECOGNIZE, where FINAL and RUNNING stand before an expression.
    in_match: bool,
    /// What was looked for at `pos` in vain, as it is to be printed.
    tried: Vec<&'static str>,
    /// Of WITH, SET and hints, as met.
    pairs: Vec<OptionPair>,
}

impl<'a> Parser<'a> {
    fn new(file: u32, text: &'a str) -> Parser<'a> {
        Parser {
            file,
            text,
            tokens: tokenize(text).tokens,
            pos: 0,
            depth: 0,
            in_match: false,
            tried: Vec::new(),
            pairs: Vec::new(),
        }
    }

    fn script(&mut self) -> (Vec<Statement>, Vec<Error>) {
        let (mut statements, mut errors) = (Vec::new(), Vec::new());
        loop {
            while self.eat(";") {}
            if self.at_end() {
                return (statements, errors);
            }
            match self.statement().and_then(|statement| self.end_of_statement().map(|()| statement)) {
                Ok(statement) => statements.push(statement),
                Err(error) => {
                    errors.push(error);
                    self.skip_to_semicolon();
                }
            }
        }
    }

    // ---- looking ----

    fn token(&self) -> &Token<'a> {
        &self.tokens[self.pos]
    }

    /// The token `n` further on, or the end.
    fn token_at(&self, n: usize) -> &Token<'a> {
        &self.tokens[(self.pos + n).min(self.tokens.len() - 1)]
    }

    fn at_end(&self) -> bool {
        self.token().kind == TokenKind::End
    }

    fn at(&self, symbol: &str) -> bool {
        self.symbol_at(0, symbol)
    }

    fn symbol_at(&self, n: usize, symbol: &str) -> bool {
        matches!(self.token_at(n).kind, TokenKind::Symbol(s) if s == symbol)
    }

    fn at_word(&self, keyword: &str) -> bool {
        self.word_at(0, keyword)
    }

    fn word_at(&self, n: usize, keyword: &str) -> bool {
        matches!(self.token_at(n).kind, TokenKind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn at_words(&self, keywords: &[&str]) -> bool {
        keywords.iter().enumerate().all(|(n, keyword)| self.word_at(n, keyword))
    }

    fn at_any_word(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.at_word(keyword))
    }

    // ---- taking ----

    fn advance(&mut self) {
        if self.pos + 1 < self.tokens.len() {
            self.pos += 1;
        }
        self.tried.clear();
    }

    fn eat(&mut self, symbol: &'static str) -> bool {
        let found = self.at(symbol);
        self.take_if(found, symbol)
    }

    fn eat_word(&mut self, keyword: &'static str) -> bool {
        let found = self.at_word(keyword);
        self.take_if(found, keyword)
    }

    fn take_if(&mut self, found: bool, what: &'static str) -> bool {
        if found {
            self.advance();
        } else if !self.tried.contains(&what) {
            self.tried.push(what);
        }
        found
    }

    /// Takes all of the words or none.
    fn eat_words(&mut self, keywords: &[&'static str]) -> bool {
        if !self.at_words(keywords) {
            self.take_if(false, keywords[0]);
            return false;
        }
        for _ in keywords {
            self.advance();
        }
        true
    }

    /// `place` continues the sentence: "after the window size".
    fn expect(&mut self, symbol: &'static str, place: &str) -> Result<()> {
        if self.eat(symbol) { Ok(()) } else { Err(self.expected(format!("`{symbol}` {place}"))) }
    }

    fn expect_word(&mut self, keyword: &'static str, place: &str) -> Result<()> {
        if self.eat_word(keyword) { Ok(()) } else { Err(self.expected(format!("{keyword} {place}"))) }
    }

    /// For keywords that must follow without a choice.
    fn expect_words(&mut self, keywords: &[&'static str], place: &str) -> Result<()> {
        for keyword in keywords {
            self.expect_word(keyword, place)?;
        }
        Ok(())
    }

    /// Takes the word if it is one of these, and says which.
    fn one_of<T: Copy>(&mut self, choices: &[(&'static str, T)]) -> Option<T> {
        choices.iter().find(|(keyword, _)| self.eat_word(keyword)).map(|(_, value)| *value)
    }

    fn expect_one_of<T: Copy>(&mut self, choices: &[(&'static str, T)]) -> Result<T> {
        self.one_of(choices).ok_or_else(|| self.unexpected())
    }

    fn comma_separated<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.eat(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `(item, ...)`; `of` names the list: "the column list".
    fn parenthesized<T>(&mut self, of: &str, item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.expect("(", &format!("before {of}"))?;
        let items = self.comma_separated(item)?;
        self.close_list(of)?;
        Ok(items)
    }

    fn close_list(&mut self, of: &str) -> Result<()> {
        if self.eat(")") { Ok(()) } else { Err(self.expected(format!("`,` or `)` in {of}"))) }
    }

    // ---- names and strings ----

    /// A name; `what` is what it names: "a column name".
    fn name(&mut self, what: &str) -> Result<Ident> {
        let span = self.span();
        let value = match &self.token().kind {
            TokenKind::Word(word) if !is_reserved(word) => (*word).to_owned(),
            TokenKind::QuotedName(name) => name.clone(),
            TokenKind::Word(word) => {
                let word = (*word).to_owned();
                let error =
                    Error::invalid(format!("expected {what}, found `{word}`, which is a reserved word")).at(span);
                // Where a list merely ends too early, quoting the next clause's keyword would be bad advice.
                if self.pos > 0 && matches!(self.tokens[self.pos - 1].kind, TokenKind::Symbol(",")) && is_clause(&word)
                {
                    return Err(error.hint("remove the comma before it"));
                }
                return Err(error.hint(format!("to use it as a name write `{word}` in back-ticks")));
            }
            _ => return Err(self.expected(what)),
        };
        if value.chars().count() > 256 {
            return Err(self.error("a name can't be longer than 256 characters"));
        }
        self.advance();
        Ok(Ident { value, span })
    }

    fn at_name(&self) -> bool {
        self.name_at(0)
    }

    fn name_at(&self, n: usize) -> bool {
        match &self.token_at(n).kind {
            TokenKind::Word(word) => !is_reserved(word),
            TokenKind::QuotedName(_) => true,
            _ => false,
        }
    }

    fn object_name(&mut self, what: &str) -> Result<ObjectName> {
        let start = self.span();
        let mut parts = vec![self.name(what)?];
        while self.at(".") && !self.symbol_at(1, "*") {
            self.advance();
            parts.push(self.name("a name after `.`")?);
        }
        Ok(ObjectName { parts, span: self.span_since(start) })
    }

    fn at_string(&self) -> bool {
        matches!(self.token().kind, TokenKind::String(_))
    }

    fn string(&mut self, what: &str) -> Result<StringLiteral> {
        let TokenKind::String(value) = &self.token().kind else {
            return Err(self.expected(format!("{what}, a string in single quotes")));
        };
        let literal = StringLiteral { value: value.clone(), span: self.span() };
        self.advance();
        Ok(literal)
    }

    /// A whole number without sign.
    fn integer<T: std::str::FromStr>(&mut self, what: &str) -> Result<T> {
        let TokenKind::Integer(digits) = self.token().kind else { return Err(self.expected(what)) };
        let number = digits.parse().map_err(|_| self.error(format!("{digits} is too large for {what}")))?;
        self.advance();
        Ok(number)
    }

    /// `('key' = 'value', ...)`
    fn options(&mut self) -> Result<Vec<OptionPair>> {
        self.expect("(", "before the options")?;
        if self.eat(")") {
            return Ok(Vec::new());
        }
        let options = self.comma_separated(Self::option)?;
        self.close_list("the options")?;
        Ok(options)
    }

    fn option(&mut self) -> Result<OptionPair> {
        let key = self.string("an option's key")?;
        self.expect("=", "after an option's key")?;
        let value = self.string("an option's value")?;
        Ok(self.note(OptionPair { key, value }))
    }

    /// Remembers a pair of WITH, SET or a hint: variables may stand in its value.
    fn note(&mut self, pair: OptionPair) -> OptionPair {
        self.pairs.push(pair.clone());
        pair
    }

    // ---- places ----

    /// Of the current token.
    fn span(&self) -> Span {
        self.token().span(self.file)
    }

    /// From `start` to the last token taken.
    fn span_since(&self, start: Span) -> Span {
        let end = if self.pos == 0 { start.end } else { self.tokens[self.pos - 1].end };
        Span { file: self.file, start: start.start, end: end.max(start.start) }
    }

    // ---- errors ----

    /// An error at the current token.
    fn error(&self, message: impl Into<String>) -> Error {
        Error::invalid(message).at(self.span())
    }

    /// "expected {what}, found …", or what is wrong with the token itself.
    fn expected(&self, what: impl AsRef<str>) -> Error {
        if let TokenKind::Invalid(invalid) = &self.token().kind {
            let error = self.error(invalid.message.clone());
            return match invalid.hint {
                Some(hint) => error.hint(hint),
                None => error,
            };
        }
        let error = self.error(format!("expected {}, found {}", what.as_ref(), self.found()));
        match self.mistyped_keyword() {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// "expected A, B or C, found …" from what was tried.
    fn unexpected(&self) -> Error {
        // A long list explains nothing.
        if self.tried.is_empty() || self.tried.len() > 8 {
            return match &self.token().kind {
                TokenKind::Invalid(_) => self.expected(""),
                _ => {
                    let error = self.error(format!("{} can't stand here", self.found()));
                    match self.mistyped_keyword() {
                        Some(hint) => error.hint(hint),
                        None => error,
                    }
                }
            };
        }
        let shown: Vec<String> = self
            .tried
            .iter()
            .map(
                |tried| if tried.starts_with(char::is_alphabetic) { (*tried).to_owned() } else { format!("`{tried}`") },
            )
            .collect();
        let list = match shown.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => shown.concat(),
        };
        self.expected(list)
    }

    fn found(&self) -> String {
        match &self.token().kind {
            TokenKind::End => "the end of the text".to_owned(),
            TokenKind::Symbol(";") => "the end of the statement".to_owned(),
            TokenKind::HintStart => "a hint".to_owned(),
            _ => {
                let token = self.token();
                let text = &self.text[token.start as usize..token.end as usize];
                let line = text.lines().next().unwrap_or_default();
                if line.chars().count() > 40 || line.len() < text.len() {
                    format!("`{}…`", line.chars().take(40).collect::<String>())
                } else if text.starts_with('`') {
                    text.to_owned()
                } else {
                    format!("`{text}`")
                }
            }
        }
    }

    /// A hint if this word, or the one before it that was taken for a name, looks like a keyword of this place.
    fn mistyped_keyword(&self) -> Option<String> {
        let keywords =
            || self.tried.iter().copied().filter(|tried| tried.len() > 2 && tried.starts_with(char::is_alphabetic));
        if let TokenKind::Word(word) = self.token().kind
            && let Some(keyword) = near_keyword(word, keywords())
        {
            return Some(format!("did you mean {keyword}?"));
        }
        let before = self.pos.checked_sub(1).map(|i| &self.tokens[i].kind);
        if let Some(TokenKind::Word(word)) = before
            && !is_reserved(word)
            && let Some(keyword) = near_keyword(word, CLAUSES.iter().copied())
        {
            return Some(format!("did you mean {keyword} instead of `{word}`?"));
        }
        None
    }

    fn end_of_statement(&mut self) -> Result<()> {
        if self.at_end() || self.eat(";") {
            return Ok(());
        }
        if let TokenKind::HintStart = self.token().kind {
            return Err(self.error("a hint can only follow SELECT or the name of a table"));
        }
        let error = self.expected("the end of the statement");
        if self.at_words(&["AT", "TIME", "ZONE"]) {
            return Err(error.hint("there is no AT TIME ZONE; CONVERT_TZ converts between time zones"));
        }
        if let TokenKind::Word(word) = self.token().kind
            && error.hint.is_none()
            && STATEMENT_STARTS.iter().any(|start| start.eq_ignore_ascii_case(word))
        {
            return Err(error.hint("is a `;` missing before it?"));
        }
        Err(error)
    }

    fn skip_to_semicolon(&mut self) {
        while !self.at_end() && !self.at(";") {
            self.advance();
        }
    }

    /// Runs `parse` one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == DEPTH_MAX {
            return Err(self.error(format!("this is nested deeper than {DEPTH_MAX} levels")));
        }
        self.depth += 1;
        let result = crate::with_room(|| parse(self));
        self.depth -= 1;
        result
    }
}

/// Keywords that are easily taken for an alias when mistyped.
const CLAUSES: &[&str] = &[
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "UNION",
    "JOIN",
    "LEFT",
    "RIGHT",
    "INNER",
    "VALUES",
    "WITH",
    "SELECT",
    "WINDOW",
    "QUALIFY",
    "OFFSET",
    "FETCH",
    "INTERSECT",
    "EXCEPT",
    "MATCH_RECOGNIZE",
];

const STATEMENT_STARTS: &[&str] = &[
    "SELECT", "INSERT", "CREATE", "DROP", "ALTER", "SET", "USE", "SHOW", "EXPLAIN", "DESCRIBE", "EXECUTE", "BEGIN",
    "END", "WITH",
];

fn is_clause(word: &str) -> bool {
    CLAUSES.iter().any(|clause| clause.eq_ignore_ascii_case(word))
}

/// Stricter than [`suggest::nearest`], for short words abound: one or two letters off, none for very short ones.
fn near_keyword(word: &str, keywords: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let keyword = suggest::nearest(word, keywords)?;
    let same_letters = |a: &str, b: &str| {
        let mut letters: [Vec<char>; 2] = [a.to_uppercase().chars().collect(), b.to_uppercase().chars().collect()];
        letters.iter_mut().for_each(|l| l.sort_unstable());
        letters[0] == letters[1]
    };
    let lengths_near = word.chars().count().abs_diff(keyword.len()) <= 1;
    let begins_alike = word.chars().next().zip(keyword.chars().next()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(&b));
    (word.len() >= 3 && (same_letters(word, keyword) || lengths_near && begins_alike)).then_some(keyword)
}
