//! Text to tokens.
//!
//! The lexer never fails: what it can't read becomes a [`TokenKind::Invalid`] with the reason, which the parser
//! reports when it gets there, so that one bad character does not hide the errors of other statements. White space
//! and comments are dropped (the places of comments are kept); hints `/*+ .. */` are tokens.
//!
//! There is no token `>>`: two closing brackets of `ARRAY<ARRAY<INT>>` are two tokens, and SQL has no shift.

use flitz_dataflow::Span;

/// One token and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Token<'a> {
    pub kind: TokenKind<'a>,
    /// Bytes of the text.
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TokenKind<'a> {
    /// A keyword or a name: which of them depends on the place.
    Word(&'a str),
    /// `` `a b` ``, without its back-ticks.
    QuotedName(String),
    Integer(&'a str),
    Decimal(&'a str),
    /// With an exponent.
    Approximate(&'a str),
    /// Any character string, escapes resolved, parts on several lines joined.
    String(String),
    /// `X'AF'`
    Binary(Vec<u8>),
    /// Punctuation and operators.
    Symbol(&'static str),
    /// `/*+`
    HintStart,
    /// `*/` of a hint.
    HintEnd,
    Invalid(Invalid),
    /// After the last token, at the end of the text.
    End,
}

/// What is wrong with a piece of text, and what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalid {
    pub message: String,
    pub hint: Option<&'static str>,
    /// The text ended within a string, name or comment: more may come.
    pub unfinished: bool,
}

/// The result of [`tokenize`].
#[derive(Debug)]
pub struct Tokens<'a> {
    /// The last one is [`TokenKind::End`].
    pub tokens: Vec<Token<'a>>,
    /// Byte ranges of comments, without hints.
    pub comments: Vec<(u32, u32)>,
}

impl Token<'_> {
    pub fn span(&self, file: u32) -> Span {
        Span { file, start: self.start, end: self.end }
    }
}

pub fn tokenize(text: &str) -> Tokens<'_> {
    let mut lexer = Lexer { text, pos: 0, in_hint: false, comments: Vec::new() };
    // Offsets are 32 bits wide; no SQL file comes near that.
    if text.len() > u32::MAX as usize {
        let kind = lexer.invalid("the file is longer than 4 GiB");
        let tokens = vec![Token { kind, start: 0, end: 0 }, Token { kind: TokenKind::End, start: 0, end: 0 }];
        return Tokens { tokens, comments: Vec::new() };
    }
    let mut tokens = Vec::new();
    loop {
        if let Some(unfinished) = lexer.skip_space() {
            tokens.push(unfinished);
        }
        let start = lexer.pos;
        let kind = lexer.next_kind();
        let at_end = kind == TokenKind::End;
        let token = Token { kind, start: start as u32, end: lexer.pos as u32 };
        if !join_string_parts(text, &mut tokens, &token) {
            tokens.push(token);
        }
        if at_end {
            return Tokens { tokens, comments: lexer.comments };
        }
    }
}

/// `'a'` at the end of one line and `'b'` on the next are the one string `'ab'`, if the second part has no prefix.
fn join_string_parts(text: &str, tokens: &mut Vec<Token<'_>>, token: &Token<'_>) -> bool {
    let TokenKind::String(part) = &token.kind else { return false };
    let Some(last) = tokens.last_mut() else { return false };
    let TokenKind::String(value) = &mut last.kind else { return false };
    if !text[token.start as usize..].starts_with('\'') {
        return false;
    }
    if text[last.end as usize..token.start as usize].contains('\n') {
        value.push_str(part);
    } else {
        last.kind = TokenKind::Invalid(Invalid {
            message: "two strings follow each other on one line".to_owned(),
            hint: Some("strings on successive lines are joined; otherwise write `||`, or '' for a quote within"),
            unfinished: false,
        });
    }
    last.end = token.end;
    true
}

struct Lexer<'a> {
    text: &'a str,
    pos: usize,
    in_hint: bool,
    comments: Vec<(u32, u32)>,
}

/// Longest first where one begins another.
const SYMBOLS: &[&str] = &[
    "<>", "<=", ">=", "=>", "||", "(", ")", "[", "]", "{", "}", ",", ";", ".", ":", "<", ">", "=", "+", "-", "*", "/",
    "%", "?", "|", "^", "$",
];

/// What other dialects write.
const FOREIGN_SYMBOLS: &[(&str, &str)] = &[
    ("<=>", "write IS NOT DISTINCT FROM"),
    ("!=", "write `<>`"),
    ("==", "write `=`"),
    ("::", "write CAST(x AS type)"),
    ("->", "write JSON_VALUE or JSON_QUERY; functions as arguments do not exist"),
];

impl<'a> Lexer<'a> {
    /// Skips white space and comments; returns a token if a comment does not end.
    fn skip_space(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = &self.text[self.pos..];
            let start = self.pos;
            if rest.starts_with("--") || rest.starts_with("//") {
                self.pos += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") && !rest.starts_with("/*+") {
                match rest[2..].find("*/") {
                    Some(end) => self.pos += end + 4,
                    None => {
                        self.pos = self.text.len();
                        let kind = self.unfinished("this comment never ends", "write `*/`");
                        return Some(Token { kind, start: start as u32, end: (start + 2) as u32 });
                    }
                }
            } else {
                let trimmed = rest.trim_start();
                if trimmed.len() == rest.len() {
                    return None;
                }
                self.pos += rest.len() - trimmed.len();
                continue;
            }
            self.comments.push((start as u32, self.pos as u32));
        }
    }

    /// Reads one token at a place that is neither space nor comment.
    fn next_kind(&mut self) -> TokenKind<'a> {
        let rest = &self.text[self.pos..];
        let Some(first) = rest.chars().next() else { return TokenKind::End };
        if let Some(kind) = self.prefixed_string(rest) {
            return kind;
        }
        match first {
            '\'' => self.string(1),
            '`' => self.quoted_name(),
            '"' => self.double_quoted(),
            '0'..='9' => self.number(),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            '$' if !rest[1..].starts_with(is_word_part) => self.symbol(rest, first),
            c if is_word_start(c) => self.word(),
            _ if rest.starts_with("/*+") => {
                self.in_hint = true;
                self.pos += 3;
                TokenKind::HintStart
            }
            _ if self.in_hint && rest.starts_with("*/") => {
                self.in_hint = false;
                self.pos += 2;
                TokenKind::HintEnd
            }
            _ => self.symbol(rest, first),
        }
    }

    fn symbol(&mut self, rest: &str, first: char) -> TokenKind<'a> {
        for (foreign, hint) in FOREIGN_SYMBOLS {
            if rest.starts_with(foreign) {
                self.pos += foreign.len();
                return TokenKind::Invalid(Invalid {
                    message: format!("there is no operator `{foreign}`"),
                    hint: Some(hint),
                    unfinished: false,
                });
            }
        }
        for symbol in SYMBOLS {
            if rest.starts_with(symbol) {
                self.pos += symbol.len();
                return TokenKind::Symbol(symbol);
            }
        }
        self.pos += first.len_utf8();
        self.invalid(format!("`{first}` has no meaning here"))
    }

    fn word(&mut self) -> TokenKind<'a> {
        let start = self.pos;
        self.skip_while(is_word_part);
        TokenKind::Word(&self.text[start..self.pos])
    }

    /// `1`, `1.5`, `.5`, `1.`, each with an exponent or not.
    fn number(&mut self) -> TokenKind<'a> {
        let start = self.pos;
        self.skip_while(|c| c.is_ascii_digit());
        let mut has_point = false;
        if self.text[self.pos..].starts_with('.') {
            has_point = true;
            self.pos += 1;
            self.skip_while(|c| c.is_ascii_digit());
        }
        let rest = &self.text[self.pos..];
        if rest.starts_with(['e', 'E']) {
            let sign = usize::from(rest[1..].starts_with(['+', '-']));
            if rest[1 + sign..].starts_with(|c: char| c.is_ascii_digit()) {
                self.pos += 1 + sign;
                self.skip_while(|c| c.is_ascii_digit());
                return TokenKind::Approximate(&self.text[start..self.pos]);
            }
        }
        let number = &self.text[start..self.pos];
        if has_point { TokenKind::Decimal(number) } else { TokenKind::Integer(number) }
    }

    /// `E'..'`, `U&'..'`, `X'..'`, `N'..'`, `_UTF8'..'`
    fn prefixed_string(&mut self, rest: &str) -> Option<TokenKind<'a>> {
        if !rest.starts_with(['e', 'E', 'u', 'U', 'x', 'X', 'n', 'N', '_']) {
            return None;
        }
        // Near, so that every word does not search the whole file.
        let quote = rest.bytes().take(32).position(|b| b == b'\'')?;
        let prefix = &rest[..quote];
        if prefix.eq_ignore_ascii_case("E") {
            Some(self.escaped_string())
        } else if prefix.eq_ignore_ascii_case("U&") {
            Some(self.unicode_string())
        } else if prefix.eq_ignore_ascii_case("X") {
            Some(self.binary())
        } else if prefix.eq_ignore_ascii_case("N") {
            Some(self.string(2))
        } else if prefix.starts_with('_') && prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b)) {
            Some(self.charset_string(prefix))
        } else {
            None
        }
    }

    /// The text between quotes, `''` being a quote; `skip` bytes lead up to and include the opening one.
    fn quoted(&mut self, skip: usize, quote: char) -> Option<String> {
        let mut value = String::new();
        let mut at = self.pos + skip;
        loop {
            let found = self.text[at..].find(quote)?;
            value.push_str(&self.text[at..at + found]);
            at += found + 1;
            if !self.text[at..].starts_with(quote) {
                self.pos = at;
                return Some(value);
            }
            value.push(quote);
            at += 1;
        }
    }

    fn string(&mut self, skip: usize) -> TokenKind<'a> {
        match self.quoted(skip, '\'') {
            Some(value) => TokenKind::String(value),
            None => self.unfinished_string(),
        }
    }

    fn charset_string(&mut self, prefix: &str) -> TokenKind<'a> {
        let known = ["_UTF8", "_UTF-8", "_UTF16", "_UTF-16", "_UTF16LE", "_UTF-16LE", "_LATIN1", "_ISO-8859-1"];
        let known = known.iter().any(|name| name.eq_ignore_ascii_case(prefix));
        let start = self.pos;
        let kind = self.string(prefix.len() + 1);
        if known || matches!(kind, TokenKind::Invalid(_)) {
            return kind;
        }
        let name = &self.text[start + 1..start + prefix.len()];
        self.invalid(format!("there is no character set `{name}`"))
    }

    fn quoted_name(&mut self) -> TokenKind<'a> {
        match self.quoted(1, '`') {
            Some(name) if name.is_empty() => self.invalid("a name can't be empty"),
            Some(name) => TokenKind::QuotedName(name),
            None => {
                self.pos = self.text.len();
                self.unfinished("this name never ends", "close it with a back-tick")
            }
        }
    }

    fn double_quoted(&mut self) -> TokenKind<'a> {
        let rest = &self.text[self.pos + 1..];
        // Only to the end of the line: if it is not closed, the rest is more likely SQL than its continuation.
        let line = rest.find('\n').unwrap_or(rest.len());
        self.pos += 1 + rest[..line].find('"').map_or(0, |end| end + 1);
        TokenKind::Invalid(Invalid {
            message: "double quotes have no meaning".to_owned(),
            hint: Some("write names in back-ticks and strings in single quotes"),
            unfinished: false,
        })
    }

    /// `X'AF'`: pairs of hexadecimal digits.
    fn binary(&mut self) -> TokenKind<'a> {
        let Some(digits) = self.quoted(2, '\'') else { return self.unfinished_string() };
        if digits.len() % 2 == 1 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return self.invalid("a binary string consists of pairs of hexadecimal digits");
        }
        let digit = |b: u8| (b as char).to_digit(16).unwrap_or(0) as u8;
        TokenKind::Binary(digits.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect())
    }

    /// `E'a\n'` with the escapes of C.
    fn escaped_string(&mut self) -> TokenKind<'a> {
        let mut value = String::new();
        let start = self.pos + 2;
        let mut chars = self.text[start..].char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '\'' if chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                    chars.next();
                    value.push('\'');
                }
                '\'' => {
                    self.pos = start + at + 1;
                    return TokenKind::String(value);
                }
                '\\' => {
                    let Some((_, escape)) = chars.next() else { break };
                    let mut code = |digits: usize, radix: u32, first: Option<char>| {
                        let mut number = first.and_then(|c| c.to_digit(radix));
                        for _ in 0..digits {
                            let Some(digit) = chars.peek().and_then(|(_, c)| c.to_digit(radix)) else { break };
                            chars.next();
                            number = Some(number.unwrap_or(0) * radix + digit);
                        }
                        number.and_then(char::from_u32)
                    };
                    let resolved = match escape {
                        'b' => Some('\u{8}'),
                        'f' => Some('\u{c}'),
                        'n' => Some('\n'),
                        'r' => Some('\r'),
                        't' => Some('\t'),
                        '0'..='7' => code(2, 8, Some(escape)),
                        'x' => code(2, 16, None),
                        'u' => code(4, 16, None),
                        'U' => code(8, 16, None),
                        other => Some(other),
                    };
                    let Some(resolved) = resolved else {
                        self.pos = start;
                        let _ = self.quoted(0, '\'');
                        return self.invalid(format!("`\\{escape}` is not followed by a character's code"));
                    };
                    value.push(resolved);
                }
                c => value.push(c),
            }
        }
        self.unfinished_string()
    }

    /// `U&'\0041' [UESCAPE 'c']`: UTF-16 units in four hexadecimal digits.
    fn unicode_string(&mut self) -> TokenKind<'a> {
        let Some(raw) = self.quoted(3, '\'') else { return self.unfinished_string() };
        let escape = self.unicode_escape_character();
        let mut units = Vec::new();
        let mut chars = raw.chars().peekable();
        while let Some(c) = chars.next() {
            if c != escape {
                units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            } else if chars.peek() == Some(&escape) {
                chars.next();
                units.extend_from_slice(escape.encode_utf16(&mut [0; 2]));
            } else {
                let digits: String = chars.by_ref().take(4).collect();
                match u16::from_str_radix(&digits, 16) {
                    Ok(unit) if digits.len() == 4 => units.push(unit),
                    _ => return self.invalid(format!("`{escape}{digits}` is not a character's code of four digits")),
                }
            }
        }
        match String::from_utf16(&units) {
            Ok(value) => TokenKind::String(value),
            Err(_) => self.invalid("half of a surrogate pair is missing"),
        }
    }

    fn unicode_escape_character(&mut self) -> char {
        let rest = self.text[self.pos..].trim_start();
        let Some(after) = rest.get(..7).filter(|w| w.eq_ignore_ascii_case("UESCAPE")).map(|_| rest[7..].trim_start())
        else {
            return '\\';
        };
        let mut chars = after.chars();
        if let (Some('\''), Some(escape), Some('\'')) = (chars.next(), chars.next(), chars.next()) {
            self.pos = self.text.len() - chars.as_str().len();
            return escape;
        }
        '\\'
    }

    fn skip_while(&mut self, belongs: impl Fn(char) -> bool) {
        let rest = &self.text[self.pos..];
        self.pos += rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    }

    fn invalid(&self, message: impl Into<String>) -> TokenKind<'a> {
        TokenKind::Invalid(Invalid { message: message.into(), hint: None, unfinished: false })
    }

    fn unfinished(&self, message: &str, hint: &'static str) -> TokenKind<'a> {
        TokenKind::Invalid(Invalid { message: message.to_owned(), hint: Some(hint), unfinished: true })
    }

    fn unfinished_string(&mut self) -> TokenKind<'a> {
        self.pos = self.text.len();
        self.unfinished("this string never ends", "close it with a single quote; a quote within is written ''")
    }
}

pub(crate) fn is_word_start(c: char) -> bool {
    c == '_' || c == '$' || c.is_alphabetic()
}

pub(crate) fn is_word_part(c: char) -> bool {
    c == '_' || c == '$' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let tokens: Vec<String> = tokenize(text)
            .tokens
            .iter()
            .map(|token| match &token.kind {
                TokenKind::Invalid(invalid) => format!("Invalid({})", invalid.message),
                kind => format!("{kind:?}"),
            })
            .collect();
        expected.assert_eq(&tokens.join(" "));
    }

    #[test]
    fn words_numbers_and_names() {
        check(
            "SELECT a1 EXPR$0 `a``b` größe",
            expect![[r#"Word("SELECT") Word("a1") Word("EXPR$0") QuotedName("a`b") Word("größe") End"#]],
        );
        check(
            "1 1.5 .5 1. 1e5 1.5E-3 1abc 1e",
            expect![[
                r#"Integer("1") Decimal("1.5") Decimal(".5") Decimal("1.") Approximate("1e5") Approximate("1.5E-3") Integer("1") Word("abc") Integer("1") Word("e") End"#
            ]],
        );
        check(
            "a>>b <= >= <> => || $",
            expect![[
                r#"Word("a") Symbol(">") Symbol(">") Word("b") Symbol("<=") Symbol(">=") Symbol("<>") Symbol("=>") Symbol("||") Symbol("$") End"#
            ]],
        );
    }

    #[test]
    fn strings() {
        check(
            "'it''s' E'a\\n\\x41\\u00e4\\101\\'' U&'\\0041' U&'#0041\\' UESCAPE '#'",
            expect![[r#"String("it's") String("a\nAäA'") String("A") String("A\\") End"#]],
        );
        check(
            "X'aF00' _UTF8'x' n'y' 'z' e",
            expect![[
                r#"Binary([175, 0]) String("x") Invalid(two strings follow each other on one line) Word("e") End"#
            ]],
        );
        check("'a' -- more\n 'b'", expect![[r#"String("ab") End"#]]);
    }

    #[test]
    fn comments_and_hints() {
        check(
            "a -- b\n // c\n /* d; */ e /*+ X('*') */ f */",
            expect![[
                r#"Word("a") Word("e") HintStart Word("X") Symbol("(") String("*") Symbol(")") HintEnd Word("f") Symbol("*") Symbol("/") End"#
            ]],
        );
        assert_eq!(tokenize("a -- b\n/* c */ d").comments, [(2, 6), (7, 14)]);
    }

    #[test]
    fn what_can_not_be_read_is_said_and_skipped() {
        check(
            "a != b == c::d \"x\" @ X'1' _FOO'x'",
            expect![[
                r#"Word("a") Invalid(there is no operator `!=`) Word("b") Invalid(there is no operator `==`) Word("c") Invalid(there is no operator `::`) Word("d") Invalid(double quotes have no meaning) Invalid(`@` has no meaning here) Invalid(a binary string consists of pairs of hexadecimal digits) Invalid(there is no character set `FOO`) End"#
            ]],
        );
        check("a 'b", expect![[r#"Word("a") Invalid(this string never ends) End"#]]);
        check("a /* b", expect![[r#"Word("a") Invalid(this comment never ends) End"#]]);
    }
}
