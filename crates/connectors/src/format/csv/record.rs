//! Records and fields, told apart as Jackson's `CsvDecoder` does.
//!
//! A quote has a meaning only where a field begins (with `trim`, after blanks). Within quotes a doubled quote
//! is one quote; line ends and delimiters are text. Between a closing quote and the next delimiter only blanks
//! may stand. The escape character works inside and outside of quotes.

use std::ops::Range;

/// The characters that have a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    pub quote: Option<u8>,
    pub escape: Option<u8>,
    /// Lines that begin with `#`, and empty ones, are no records.
    pub comments: bool,
    pub trim: bool,
}

/// Where the first record of `bytes` ends, and where the next begins. None: not in these bytes.
pub fn record_end(bytes: &[u8], dialect: &Dialect) -> Option<(usize, usize)> {
    let line = line_end(bytes, 0)?;
    let meaning = |b: &u8| Some(*b) == dialect.quote || Some(*b) == dialect.escape;
    if !bytes[..line.0].iter().any(meaning) || dialect.is_comment(&bytes[..line.0]) {
        return Some(line);
    }
    let mut at = 0;
    loop {
        at = field_end(bytes, at, dialect)?;
        match bytes.get(at)? {
            b'\n' | b'\r' => return line_end(bytes, at),
            _ => at += 1,
        }
    }
}

/// The first line end at or behind `from`: where it is and what is behind it.
fn line_end(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let at = from + memchr::memchr2(b'\n', b'\r', &bytes[from..])?;
    match (bytes[at], bytes.get(at + 1)) {
        (b'\n', _) => Some((at, at + 1)),
        (_, Some(b'\n')) => Some((at, at + 2)),
        (_, Some(_)) => Some((at, at + 1)),
        // A line feed may follow in the next chunk.
        (_, None) => None,
    }
}

/// The position of the delimiter or line end behind the field that begins at `at`.
fn field_end(bytes: &[u8], mut at: usize, dialect: &Dialect) -> Option<usize> {
    if dialect.trim {
        at = skip_blanks(bytes, at, dialect);
    }
    if dialect.quote.is_some() && bytes.get(at).copied() == dialect.quote {
        at += 1;
        loop {
            let b = *bytes.get(at)?;
            at += 1;
            if Some(b) == dialect.escape {
                at += 1;
            } else if Some(b) == dialect.quote {
                if bytes.get(at)? != &b {
                    break;
                }
                at += 1;
            }
        }
    }
    loop {
        match *bytes.get(at)? {
            b if Some(b) == dialect.escape => at += 2,
            b if b == dialect.delimiter || b == b'\n' || b == b'\r' => return Some(at),
            _ => at += 1,
        }
    }
}

fn skip_blanks(bytes: &[u8], mut at: usize, dialect: &Dialect) -> usize {
    while bytes.get(at).is_some_and(|b| (*b == b' ' || *b == b'\t') && *b != dialect.delimiter) {
        at += 1;
    }
    at
}

impl Dialect {
    /// Whether a line is none of the records: a comment, or empty where there may be comments.
    pub fn is_comment(&self, line: &[u8]) -> bool {
        self.comments && matches!(line.iter().find(|b| **b > b' '), None | Some(b'#'))
    }

    /// What is left of a message behind the lines before its first record.
    pub fn without_comments<'a>(&self, mut message: &'a [u8]) -> &'a [u8] {
        loop {
            let (end, next) = line_end(message, 0).unwrap_or((message.len(), message.len()));
            if message.is_empty() || !self.is_comment(&message[..end]) {
                return message;
            }
            message = &message[next..];
        }
    }
}

/// The fields of one record. Texts that had quotes or escapes are copied, without them.
#[derive(Default)]
pub struct Fields {
    fields: Vec<Field>,
    copies: Vec<u8>,
}

struct Field {
    range: Range<usize>,
    copied: bool,
}

impl Fields {
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// The text of field `i`, which is UTF-8 if `record`, the one that was split, is.
    pub fn get<'a>(&'a self, i: usize, record: &'a [u8]) -> &'a [u8] {
        let field = &self.fields[i];
        if field.copied { &self.copies[field.range.clone()] } else { &record[field.range.clone()] }
    }

    /// Cuts `record` up to its first line end. An error is a position and what is wrong there.
    pub fn split(&mut self, record: &[u8], dialect: &Dialect) -> Result<(), (usize, String)> {
        self.fields.clear();
        self.copies.clear();
        let mut at = 0;
        loop {
            at = self.split_field(record, at, dialect)?;
            match record.get(at) {
                Some(b) if *b == dialect.delimiter => at += 1,
                _ => return Ok(()),
            }
        }
    }

    /// Adds the field that begins at `at`; what is behind it is returned.
    fn split_field(&mut self, record: &[u8], mut at: usize, dialect: &Dialect) -> Result<usize, (usize, String)> {
        if dialect.trim {
            at = skip_blanks(record, at, dialect);
        }
        if dialect.quote.is_some() && record.get(at).copied() == dialect.quote {
            return self.split_quoted(record, at, dialect);
        }
        let start = at;
        let copy = self.copies.len();
        let mut escaped = false;
        let mut end = loop {
            match record.get(at).copied() {
                None | Some(b'\n' | b'\r') => break at,
                Some(b) if b == dialect.delimiter => break at,
                Some(b) if Some(b) == dialect.escape && at + 1 < record.len() => {
                    if !escaped {
                        self.copies.extend_from_slice(&record[start..at]);
                        escaped = true;
                    }
                    self.copies.push(unescaped(record[at + 1]));
                    at += 2;
                }
                Some(b) => {
                    if escaped {
                        self.copies.push(b);
                    }
                    at += 1;
                }
            }
        };
        if escaped {
            let range = copy..self.copies.len();
            self.fields.push(Field { range, copied: true });
            return Ok(end);
        }
        let behind = end;
        while dialect.trim && end > start && record[end - 1] <= b' ' {
            end -= 1;
        }
        self.fields.push(Field { range: start..end, copied: false });
        Ok(behind)
    }

    fn split_quoted(&mut self, record: &[u8], open: usize, dialect: &Dialect) -> Result<usize, (usize, String)> {
        let copy = self.copies.len();
        let mut at = open + 1;
        loop {
            let Some(&b) = record.get(at) else {
                return Err((open, "the quote that opens here is not closed".to_owned()));
            };
            if Some(b) == dialect.escape && at + 1 < record.len() {
                self.copies.push(unescaped(record[at + 1]));
                at += 2;
            } else if Some(b) == dialect.quote {
                at += 1;
                if record.get(at) != Some(&b) {
                    break;
                }
                self.copies.push(b);
                at += 1;
            } else {
                self.copies.push(b);
                at += 1;
            }
        }
        self.fields.push(Field { range: copy..self.copies.len(), copied: true });
        at = skip_blanks(record, at, dialect);
        match record.get(at) {
            None | Some(b'\n' | b'\r') => Ok(at),
            Some(b) if *b == dialect.delimiter => Ok(at),
            Some(_) => {
                let found = String::from_utf8_lossy(&record[at..]).chars().next().unwrap_or('?');
                let delimiter = char::from(dialect.delimiter);
                Err((at, format!("expected '{delimiter}' or the end of the line after the quote, found {found:?}")))
            }
        }
    }
}

/// What a byte behind the escape character stands for.
fn unescaped(b: u8) -> u8 {
    match b {
        b'0' => 0,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    }
}
