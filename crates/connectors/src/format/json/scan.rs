//! Moving through the bytes of one JSON message: tokens, strings, and values that nobody asked for.
//!
//! The bytes are known to be UTF-8. As Flink has Jackson set up, control characters may stand in strings as
//! they are, and whatever follows the message's object is not looked at.

use std::borrow::Cow;

use super::fault::{Fault, Parsed};

/// As Jackson's `StreamReadConstraints`.
pub const DEPTH_MAX: usize = 1000;
const NUMBER_LENGTH_MAX: usize = 1000;

/// A position in one message.
///
/// Invariant: `pos <= end <= buffer.len()`. The buffer begins with the message and goes on behind its end,
/// so that sixteen bytes can be looked at together.
pub struct Cursor<'a> {
    buffer: &'a [u8],
    end: usize,
    pub pos: usize,
}

/// A value as it stands in the message.
pub enum Token<'a> {
    /// Without quotes, escapes resolved.
    String(Cow<'a, str>),
    Integer(&'a str),
    /// A number with a point or an exponent.
    Float(&'a str),
    True,
    False,
    Null,
    /// The text from brace to brace.
    Object(&'a str),
    Array(&'a str),
}

impl<'a> Cursor<'a> {
    /// `buffer` begins with the message, which is `end` bytes long.
    pub fn new(buffer: &'a [u8], end: usize) -> Cursor<'a> {
        assert!(end <= buffer.len(), "the message lies in its buffer");
        Cursor { buffer, end, pos: 0 }
    }

    /// The next byte; 0, which is no JSON, at the end.
    #[inline(always)]
    pub fn peek(&self) -> u8 {
        // SAFETY: pos < end <= buffer.len() where it is read.
        if self.pos < self.end { unsafe { *self.buffer.get_unchecked(self.pos) } } else { 0 }
    }

    /// What is left of the message.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        &self.buffer[self.pos..self.end]
    }

    pub fn text(&self, start: usize, end: usize) -> &'a str {
        // SAFETY: callers cut at ASCII bytes that they have found, in bytes checked to be UTF-8.
        unsafe { std::str::from_utf8_unchecked(&self.buffer[start..end]) }
    }

    #[inline(always)]
    pub fn skip_blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.pos += 1;
        }
    }

    /// Steps over `key` if the message goes on with it.
    #[inline(always)]
    pub fn take(&mut self, key: &[u8]) -> bool {
        let found = self.rest().starts_with(key);
        if found {
            self.pos += key.len();
        }
        found
    }

    /// Steps over `byte` with blanks before and after it.
    #[inline(always)]
    pub fn expect(&mut self, byte: u8) -> Parsed<()> {
        if self.peek() != byte {
            self.skip_blanks();
            if self.peek() != byte {
                return Err(self.unexpected(&format!("'{}'", byte as char)));
            }
        }
        self.pos += 1;
        self.skip_blanks();
        Ok(())
    }

    /// After a value in an object or array: true if another follows a comma, false after `close`.
    #[inline(always)]
    pub fn next_or(&mut self, close: u8) -> Parsed<bool> {
        self.skip_blanks();
        let next = self.peek();
        if next == b',' {
            self.pos += 1;
            self.skip_blanks();
            return Ok(true);
        }
        if next == close {
            self.pos += 1;
            return Ok(false);
        }
        Err(self.unexpected(&format!("',' or '{}'", close as char)))
    }

    #[cold]
    pub fn unexpected(&self, wanted: &str) -> Box<Fault> {
        let found = match self.text_from_here().chars().next() {
            None => "the end of the message".to_owned(),
            Some(c) => format!("{c:?}"),
        };
        Fault::syntax(self.pos, format!("expected {wanted}, found {found}"))
    }

    fn text_from_here(&self) -> &'a str {
        // The position may lie within a character only if the message was malformed before.
        std::str::from_utf8(self.rest()).unwrap_or("")
    }

    /// The position of the next quote or backslash; `end` if there is none.
    #[inline(always)]
    fn string_stop(&self, mut pos: usize) -> usize {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::{
                __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
            };
            while pos + 16 <= self.buffer.len() {
                // SAFETY: SSE2 is part of x86-64, and the sixteen bytes lie in the buffer.
                let mask = unsafe {
                    let chunk = _mm_loadu_si128(self.buffer.as_ptr().add(pos).cast::<__m128i>());
                    let quote = _mm_cmpeq_epi8(chunk, _mm_set1_epi8(b'"' as i8));
                    let backslash = _mm_cmpeq_epi8(chunk, _mm_set1_epi8(b'\\' as i8));
                    _mm_movemask_epi8(_mm_or_si128(quote, backslash))
                };
                if mask != 0 {
                    return (pos + mask.trailing_zeros() as usize).min(self.end);
                }
                pos += 16;
                if pos >= self.end {
                    return self.end;
                }
            }
        }
        while pos < self.end && !matches!(self.buffer[pos], b'"' | b'\\') {
            pos += 1;
        }
        pos
    }

    /// The text of a string without escapes, at whose quote the cursor stands, which then is behind it.
    /// None, and the cursor unmoved, if there are escapes or no end.
    #[inline(always)]
    pub fn plain_string(&mut self) -> Option<&'a [u8]> {
        let start = self.pos + 1;
        let stop = self.string_stop(start);
        if stop < self.end && self.buffer[stop] == b'"' {
            self.pos = stop + 1;
            return Some(&self.buffer[start..stop]);
        }
        None
    }

    /// The text of a string, at whose quote the cursor stands.
    pub fn string(&mut self) -> Parsed<Cow<'a, str>> {
        if let Some(plain) = self.plain_string() {
            // SAFETY: between two quotes of UTF-8.
            return Ok(Cow::Borrowed(unsafe { std::str::from_utf8_unchecked(plain) }));
        }
        let open = self.pos;
        let mut text = String::new();
        let mut start = open + 1;
        loop {
            let stop = self.string_stop(start);
            text.push_str(self.text(start, stop));
            if stop >= self.end {
                self.pos = open;
                return Err(Fault::syntax(open, "the string that begins here has no end".to_owned()));
            }
            self.pos = stop + 1;
            if self.buffer[stop] == b'"' {
                return Ok(Cow::Owned(text));
            }
            text.push(self.escape()?);
            start = self.pos;
        }
    }

    /// The character that an escape stands for; the cursor is behind the backslash.
    fn escape(&mut self) -> Parsed<char> {
        let escaped = self.peek();
        self.pos += 1;
        Ok(match escaped {
            b'"' | b'\\' | b'/' => escaped as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.four_hex()?;
                // Half a surrogate pair becomes a question mark, as when Java encodes it.
                match unit {
                    0xD800..=0xDBFF if self.rest().starts_with(b"\\u") => {
                        let back = self.pos;
                        self.pos += 2;
                        let low = self.four_hex()?;
                        if (0xDC00..=0xDFFF).contains(&low) {
                            char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)).unwrap_or('?')
                        } else {
                            self.pos = back;
                            '?'
                        }
                    }
                    unit => char::from_u32(unit).unwrap_or('?'),
                }
            }
            _ => {
                self.pos -= 1;
                return Err(self.unexpected("an escape character"));
            }
        })
    }

    fn four_hex(&mut self) -> Parsed<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = (self.peek() as char).to_digit(16) else {
                return Err(self.unexpected("four hexadecimal digits after \\u"));
            };
            unit = unit * 16 + digit;
            self.pos += 1;
        }
        Ok(unit)
    }

    /// Steps over a number; true if it has a point or an exponent.
    fn skip_number(&mut self) -> Parsed<bool> {
        let start = self.pos;
        if self.peek() == b'-' {
            self.pos += 1;
        }
        match self.peek() {
            b'0' => self.pos += 1,
            b'1'..=b'9' => self.skip_digits(),
            _ => return Err(self.unexpected("a digit")),
        }
        if self.peek().is_ascii_digit() {
            return Err(Fault::syntax(start, "a number must not begin with 0".to_owned()));
        }
        let mut float = false;
        if self.peek() == b'.' {
            float = true;
            self.pos += 1;
            if !self.peek().is_ascii_digit() {
                return Err(self.unexpected("a digit after the decimal point"));
            }
            self.skip_digits();
        }
        if matches!(self.peek(), b'e' | b'E') {
            float = true;
            self.pos += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.pos += 1;
            }
            if !self.peek().is_ascii_digit() {
                return Err(self.unexpected("a digit of the exponent"));
            }
            self.skip_digits();
        }
        if self.pos - start > NUMBER_LENGTH_MAX {
            return Err(Fault::syntax(start, format!("a number has more than {NUMBER_LENGTH_MAX} characters")));
        }
        Ok(float)
    }

    #[inline]
    fn skip_digits(&mut self) {
        while self.peek().is_ascii_digit() {
            self.pos += 1;
        }
    }

    /// The value at the cursor, whatever it is.
    pub fn token(&mut self) -> Parsed<Token<'a>> {
        let start = self.pos;
        Ok(match self.peek() {
            b'"' => Token::String(self.string()?),
            b'-' | b'0'..=b'9' => match self.skip_number()? {
                true => Token::Float(self.text(start, self.pos)),
                false => Token::Integer(self.text(start, self.pos)),
            },
            b'{' => {
                self.skip_value()?;
                Token::Object(self.text(start, self.pos))
            }
            b'[' => {
                self.skip_value()?;
                Token::Array(self.text(start, self.pos))
            }
            b't' if self.take(b"true") => Token::True,
            b'f' if self.take(b"false") => Token::False,
            b'n' if self.take(b"null") => Token::Null,
            _ => return Err(self.unexpected("a value")),
        })
    }

    /// Steps over a value, checking that it is JSON.
    #[inline]
    pub fn skip_value(&mut self) -> Parsed<()> {
        match self.peek() {
            b'"' => self.skip_string(),
            b'{' | b'[' => self.skip_nested(),
            b'-' | b'0'..=b'9' => self.skip_number().map(drop),
            _ => self.token().map(drop),
        }
    }

    #[inline]
    fn skip_string(&mut self) -> Parsed<()> {
        match self.plain_string() {
            Some(_) => Ok(()),
            None => self.string().map(drop),
        }
    }

    /// Steps over an object or array, keeping what is open as a stack of closing brackets.
    fn skip_nested(&mut self) -> Parsed<()> {
        let mut open: Vec<u8> = Vec::with_capacity(8);
        loop {
            // At the first byte of a value.
            match self.peek() {
                opening @ (b'{' | b'[') => {
                    if open.len() == DEPTH_MAX {
                        return Err(Fault::syntax(self.pos, format!("nested deeper than {DEPTH_MAX}")));
                    }
                    self.pos += 1;
                    self.skip_blanks();
                    let close = opening + 2;
                    if self.peek() == close {
                        self.pos += 1;
                    } else {
                        open.push(close);
                        if close == b'}' {
                            self.skip_key()?;
                        }
                        continue;
                    }
                }
                b'"' => self.skip_string()?,
                b'-' | b'0'..=b'9' => {
                    self.skip_number()?;
                }
                _ => {
                    self.token()?;
                }
            }
            // Behind a value: close what ends here.
            loop {
                let Some(&close) = open.last() else { return Ok(()) };
                if self.next_or(close)? {
                    if close == b'}' {
                        self.skip_key()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    fn skip_key(&mut self) -> Parsed<()> {
        if self.peek() != b'"' {
            return Err(self.unexpected("a field name in double quotes"));
        }
        self.skip_string()?;
        self.expect(b':')
    }

    /// An integer of at most 18 digits that ends a value. None, and the cursor unmoved, for anything else.
    #[inline(always)]
    pub fn usual_integer(&mut self) -> Option<i64> {
        let start = self.pos;
        let negative = self.peek() == b'-';
        self.pos += usize::from(negative);
        let first = self.pos;
        let mut value = 0i64;
        loop {
            let digit = self.peek().wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
            self.pos += 1;
        }
        let digits = self.pos - first;
        let leading_zero = digits > 1 && self.buffer[first] == b'0';
        if digits == 0 || digits > 18 || leading_zero || matches!(self.peek(), b'.' | b'e' | b'E') {
            self.pos = start;
            return None;
        }
        Some(if negative { -value } else { value })
    }

    /// A number of at most 18 digits without exponent: sign, its digits as an integer, and how many of them
    /// stand behind the point. None, and the cursor unmoved, for anything else.
    #[inline(always)]
    pub fn usual_decimal(&mut self) -> Option<(bool, u64, usize)> {
        let start = self.pos;
        let negative = self.peek() == b'-';
        self.pos += usize::from(negative);
        let first = self.pos;
        let mut value = 0u64;
        let mut digits = 0;
        loop {
            let digit = self.peek().wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            self.pos += 1;
            digits += 1;
        }
        let leading_zero = digits > 1 && self.buffer[first] == b'0';
        let mut usual = digits > 0 && !leading_zero;
        let mut fraction = 0;
        if self.peek() == b'.' {
            self.pos += 1;
            loop {
                let digit = self.peek().wrapping_sub(b'0');
                if digit > 9 {
                    break;
                }
                value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
                self.pos += 1;
                fraction += 1;
            }
            usual &= fraction > 0;
        }
        if !usual || digits + fraction > 18 || matches!(self.peek(), b'e' | b'E') {
            self.pos = start;
            return None;
        }
        Some((negative, value, fraction))
    }
}
