//! JSON to columns, directed by the schema.
//!
//! 1. One pass checks that the whole batch is UTF-8.
//! 2. Per message a cursor walks the object. It *expects the fields in the order seen so far*: the key at the
//!    cursor is compared, quotes and all, with the key that came next in earlier messages. Only when that
//!    fails are the other known keys tried, and only a key never seen is decoded and looked up by name.
//! 3. The value goes straight to its column if it is written the usual way (a string without escapes, up to
//!    18 digits, a complete time stamp); values of fields nobody reads are stepped over.
//! 4. Anything else goes a slower way: the value is read as a [`Token`] and converted as Flink's
//!    `JsonParserToRowDataConverters` does (`"50"` is an INT, `7.9` becomes 7, an object's text a STRING).
//!
//! | | field | message |
//! |---|---|---|
//! | value doesn't suit the column | error, or NULL with `ignore-parse-errors` | |
//! | not JSON, no object, bad UTF-8 | | error, or left out with `ignore-parse-errors` |
//! | field is missing | NULL, or error with `fail-on-missing-field` | |
//! | null or empty | | left out |
//!
//! A field that comes twice, or an object where a scalar should be, makes Flink's parser lose its way, and a message be read
//! token by token (see [`stream`](super::stream)), unless `decode.json-parser.enabled` is false: then the last value of
//! a field counts.
//!
//! Cost: 80-100 ns for a message of 118 bytes and four fields.

use std::ops::Range;

use ahash::AHashMap;
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use flitz_dataflow::{ChangelogBatch, DataType, Error, Result, Schema, TypeKind};

use super::convert;
use super::fault::{Fault, Parsed};
use super::scan::{Cursor, Token};
use super::stream::Stream;
use crate::format::column::{Column, Values};
use crate::format::parse::{self, TimestampStandard};
use crate::format::{DecodeError, Decoded, Decoder, DecoderSpec, Messages, Origin};

/// How a decoder treats what it reads.
#[derive(Clone, Copy, Debug)]
pub struct DecodeOptions {
    pub ignore_parse_errors: bool,
    pub fail_on_missing_field: bool,
    /// As Flink's streaming parser, not as its tree.
    pub streaming: bool,
    pub timestamps: TimestampStandard,
}

/// Rows allocated for at first; later batches take the size of the one before.
const ROWS_EXPECTED: usize = 1024;

/// Keys remembered per object, so that messages with ever new keys don't make decoding slow.
const KEYS_MAX: usize = 512;

pub struct JsonDecoder {
    options: DecodeOptions,
    schema: SchemaRef,
    columns: Vec<Column>,
    /// Of the fields that nobody reads and that Flink looks at all the same; empty between messages.
    unread: Vec<Column>,
    /// The fields of `columns`, then those of `unread`.
    shape: RowShape,
}

impl JsonDecoder {
    pub fn new(spec: &DecoderSpec<'_>, options: DecodeOptions) -> Result<JsonDecoder> {
        let schema: Schema = spec.projection.iter().map(|i| spec.physical.fields[*i].clone()).collect();
        schema.fields.iter().try_for_each(|f| check_type(&f.data_type))?;
        let mut fields: Vec<_> = schema.fields.iter().map(|f| (f.name.as_str(), &f.data_type)).collect();
        let rest: Vec<_> = match spec.origin {
            // There Flink's projection is as ours.
            Origin::File => vec![],
            Origin::Message => {
                let rest = spec.physical.fields.iter().enumerate().filter(|(i, _)| !spec.projection.contains(i));
                rest.map(|(_, f)| (f.name.as_str(), f.data_type.clone().with_nullable(true))).collect()
            }
        };
        fields.extend(rest.iter().map(|(name, data_type)| (*name, data_type)));
        Ok(JsonDecoder {
            unread: rest.iter().map(|(_, data_type)| Column::new(data_type, 1)).collect(),
            options,
            schema: schema.to_arrow(),
            columns: schema.fields.iter().map(|f| Column::new(&f.data_type, ROWS_EXPECTED)).collect(),
            shape: RowShape::new(&fields),
        })
    }

    /// The row of one message, behind `rows` others: true if it has one.
    fn read_message(&mut self, buffer: &[u8], length: usize, rows: usize) -> Parsed<bool> {
        if length == 0 {
            return Ok(false);
        }
        let mut cursor = Cursor::new(buffer, length);
        cursor.take("\u{feff}".as_bytes());
        cursor.skip_blanks();
        if cursor.peek() != b'{' {
            return Err(cursor.unexpected("'{'"));
        }
        let start = cursor.pos;
        match read_row(&mut cursor, &mut self.columns, &mut self.shape, &self.options) {
            Err(fault) if matches!(*fault, Fault::Irregular) => {
                self.truncate(rows);
                cursor.pos = start;
                self.read_irregular(cursor)?;
            }
            read => read?,
        }
        Ok(true)
    }

    #[cold]
    fn read_irregular(&mut self, cursor: Cursor<'_>) -> Parsed<()> {
        let names: Vec<&str> = self.shape.names.iter().map(String::as_str).collect();
        let mut columns: Vec<&mut Column> = self.columns.iter_mut().chain(&mut self.unread).collect();
        let read = Stream::read(cursor, self.options, &names, &mut columns);
        self.unread.iter_mut().for_each(|column| column.truncate(0));
        read
    }

    fn finish(&mut self, rows: usize) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }

    fn truncate(&mut self, rows: usize) {
        self.columns.iter_mut().for_each(|c| c.truncate(rows));
    }
}

impl Decoder for JsonDecoder {
    fn decode(&mut self, messages: &Messages, range: Range<usize>) -> Result<Decoded, DecodeError> {
        let bytes = messages.bytes();
        let first = messages.start(range.start);
        let last = if range.is_empty() { first } else { messages.ends()[range.end - 1] };
        let all_utf8 = simdutf8::basic::from_utf8(&bytes[first..last]).is_ok();

        let mut rows = 0;
        let mut skipped = 0;
        let mut kept: Option<Vec<usize>> = None;
        for i in range.clone() {
            let (start, end) = (messages.start(i), messages.ends()[i]);
            let parsed = if is_utf8(&bytes[start..end], all_utf8) {
                self.read_message(&bytes[start..], end - start, rows)
            } else {
                Err(invalid_utf8(&bytes[start..end]))
            };
            match parsed {
                Ok(true) => {
                    rows += 1;
                    if let Some(kept) = &mut kept {
                        kept.push(i);
                    }
                    continue;
                }
                Ok(false) => {}
                Err(fault) => {
                    self.truncate(rows);
                    if !self.options.ignore_parse_errors {
                        self.truncate(0);
                        return Err(DecodeError { message: i, error: Error::data(fault.message()) });
                    }
                    skipped += 1;
                }
            }
            kept.get_or_insert_with(|| (range.start..i).collect());
        }
        let batch = self.finish(rows).map_err(|error| DecodeError { message: range.start, error })?;
        Ok(Decoded { rows: ChangelogBatch::append_only(batch), kept, skipped })
    }
}

/// Whether a message is UTF-8. Where the whole batch is, a message could still begin or end within a character.
#[inline]
fn is_utf8(message: &[u8], whole_batch: bool) -> bool {
    let continuation = |b: &u8| *b & 0xC0 == 0x80;
    match whole_batch {
        // A message that ends within a character makes the next begin with a continuation, but that of the
        // last one is complete; so its own last character tells.
        true => {
            !message.first().is_some_and(continuation)
                && (message.last().is_none_or(u8::is_ascii) || std::str::from_utf8(message).is_ok())
        }
        false => simdutf8::basic::from_utf8(message).is_ok(),
    }
}

#[cold]
fn invalid_utf8(message: &[u8]) -> Box<Fault> {
    let offset = std::str::from_utf8(message).err().map_or(0, |e| e.valid_up_to());
    Fault::syntax(offset, "bytes that are not UTF-8".to_owned())
}

fn check_type(data_type: &DataType) -> Result<()> {
    match &data_type.kind {
        TypeKind::Array(element) => check_type(element),
        TypeKind::Map(key, value) => check_key(data_type, key).and_then(|()| check_type(value)),
        TypeKind::Multiset(element) => check_key(data_type, element),
        TypeKind::Row(fields) => fields.iter().try_for_each(|f| check_type(&f.data_type)),
        TypeKind::Bitmap => Err(Error::unsupported("BITMAP in JSON").hint("BITMAP_TO_ARRAY or BITMAP_TO_BYTES")),
        _ => Ok(()),
    }
}

/// Shared with the encoder: the keys of a JSON object are strings.
pub fn check_key(of: &DataType, key: &DataType) -> Result<()> {
    if key.kind.is_string() {
        return Ok(());
    }
    Err(Error::invalid(format!("JSON has no keys but strings: it can't hold {of}"))
        .hint("declare the key as STRING, or write an ARRAY of ROWs"))
}

/// What is known about the objects read into a row.
struct RowShape {
    names: Vec<String>,
    by_name: AHashMap<String, usize>,
    children: Vec<Shape>,
    /// Keys in the order in which they usually come.
    steps: Vec<Step>,
    /// The object in which each field was seen last, by number.
    seen: Vec<u64>,
    object: u64,
}

struct Step {
    /// With quotes, escaped as it came.
    key: Box<[u8]>,
    /// None: no column has that name.
    field: Option<usize>,
}

/// The shapes of the rows within a column.
enum Shape {
    /// Anything is a text, even an object.
    String,
    Boolean,
    Scalar,
    Row(Box<RowShape>),
    Array(Box<Shape>),
    Map(Box<Shape>),
}

impl Shape {
    fn new(data_type: &DataType) -> Shape {
        match &data_type.kind {
            TypeKind::Array(element) => Shape::Array(Box::new(Shape::new(element))),
            TypeKind::Map(_, value) => Shape::Map(Box::new(Shape::new(value))),
            TypeKind::Multiset(_) => Shape::Map(Box::new(Shape::Scalar)),
            TypeKind::Row(fields) => {
                let fields: Vec<_> = fields.iter().map(|f| (f.name.as_str(), &f.data_type)).collect();
                Shape::Row(Box::new(RowShape::new(&fields)))
            }
            kind if kind.is_string() => Shape::String,
            TypeKind::Boolean => Shape::Boolean,
            _ => Shape::Scalar,
        }
    }

    /// Steps over a value that nobody reads.
    fn skip(&self, cursor: &mut Cursor, options: &DecodeOptions) -> Parsed<()> {
        let suits = match (self, cursor.peek()) {
            (Shape::String, _) | (Shape::Array(_), b'[') | (Shape::Row(_) | Shape::Map(_), b'{') => true,
            (_, first) => first != b'{' && first != b'[',
        };
        let lenient = options.ignore_parse_errors || matches!(self, Shape::Boolean);
        if !suits && lenient && options.streaming {
            return Err(Fault::irregular());
        }
        cursor.skip_value()
    }
}

impl RowShape {
    fn new(fields: &[(&str, &DataType)]) -> RowShape {
        let names: Vec<String> = fields.iter().map(|(name, _)| (*name).to_owned()).collect();
        RowShape {
            by_name: names.iter().enumerate().map(|(i, name)| (name.clone(), i)).collect(),
            children: fields.iter().map(|(_, data_type)| Shape::new(data_type)).collect(),
            steps: Vec::new(),
            seen: vec![0; names.len()],
            object: 0,
            names,
        }
    }

    /// The field whose key stands at the cursor, which is then behind the key; `next` is where in `steps` it
    /// is expected and becomes where the following one is.
    #[inline(always)]
    fn field(&mut self, cursor: &mut Cursor, next: &mut usize) -> Parsed<Option<usize>> {
        if let Some(step) = self.steps.get(*next)
            && cursor.take(&step.key)
        {
            *next += 1;
            return Ok(step.field);
        }
        self.field_out_of_order(cursor, next)
    }

    #[inline(never)]
    fn field_out_of_order(&mut self, cursor: &mut Cursor, next: &mut usize) -> Parsed<Option<usize>> {
        let from = (*next).min(self.steps.len());
        for i in (from..self.steps.len()).chain(0..from) {
            if cursor.take(&self.steps[i].key) {
                *next = i + 1;
                return Ok(self.steps[i].field);
            }
        }
        if cursor.peek() != b'"' {
            return Err(cursor.unexpected("a field name in double quotes"));
        }
        let start = cursor.pos;
        let name = cursor.string()?;
        let field = self.by_name.get(&*name).copied();
        if self.steps.len() < KEYS_MAX {
            let key = cursor.text(start, cursor.pos).as_bytes().into();
            self.steps.insert(from, Step { key, field });
            *next = from + 1;
        }
        Ok(field)
    }
}

/// Reads the object at the cursor as one row of `columns`, which are left uneven if it fails.
fn read_row(cursor: &mut Cursor, columns: &mut [Column], shape: &mut RowShape, options: &DecodeOptions) -> Parsed<()> {
    let start = cursor.pos;
    cursor.expect(b'{')?;
    shape.object += 1;
    let object = shape.object;
    let mut found = 0;
    let mut next = 0;
    let mut more = cursor.peek() != b'}';
    if !more {
        cursor.pos += 1;
    }
    while more {
        let field = shape.field(cursor, &mut next)?;
        cursor.expect(b':')?;
        match field {
            None => cursor.skip_value()?,
            Some(i) => {
                let twice = std::mem::replace(&mut shape.seen[i], object) == object;
                if twice && options.streaming {
                    return Err(Fault::irregular());
                }
                let Some(column) = columns.get_mut(i) else {
                    shape.children[i].skip(cursor, options)?;
                    more = cursor.next_or(b'}')?;
                    continue;
                };
                if twice {
                    column.truncate(column.len() - 1);
                } else {
                    found += 1;
                }
                if let Err(fault) = read_field(cursor, column, &mut shape.children[i], options) {
                    return Err(fault.within(&shape.names[i]));
                }
            }
        }
        more = cursor.next_or(b'}')?;
    }
    if found < columns.len() {
        fill_missing(start, columns, shape, options)?;
    }
    Ok(())
}

/// Appends NULL to the columns whose field did not come.
fn fill_missing(start: usize, columns: &mut [Column], shape: &RowShape, options: &DecodeOptions) -> Parsed<()> {
    for (i, column) in columns.iter_mut().enumerate() {
        if shape.seen[i] == shape.object {
            continue;
        }
        if options.fail_on_missing_field {
            return Err(Fault::value(start, "is missing".to_owned()).within(&shape.names[i]));
        }
        if !column.data_type.nullable {
            let reason = format!("is missing, but declared {}", column.data_type);
            return Err(Fault::value(start, reason).within(&shape.names[i]));
        }
        column.push_null();
    }
    Ok(())
}

/// Reads the value at the cursor; one that doesn't suit the column becomes NULL if that is wanted and allowed.
#[inline(always)]
fn read_field(cursor: &mut Cursor, column: &mut Column, shape: &mut Shape, options: &DecodeOptions) -> Parsed<()> {
    let (start, len) = (cursor.pos, column.len());
    match read_value(cursor, column, shape, options) {
        Ok(()) => Ok(()),
        Err(fault) => {
            let may_be_null = options.ignore_parse_errors && column.data_type.nullable;
            if !may_be_null || !matches!(*fault, Fault::Value { .. }) {
                return Err(fault);
            }
            column.truncate(len);
            cursor.pos = start;
            cursor.skip_value()?;
            column.push_null();
            Ok(())
        }
    }
}

#[inline(always)]
fn read_value(cursor: &mut Cursor, column: &mut Column, shape: &mut Shape, options: &DecodeOptions) -> Parsed<()> {
    let first = cursor.peek();
    match &mut column.values {
        Values::String(strings) if first == b'"' => match cursor.plain_string() {
            Some(text) => strings.push(text),
            None => strings.push(cursor.string()?.as_bytes()),
        },
        Values::BigInt(values) | Values::IntervalDaySecond(values) => match cursor.usual_integer() {
            Some(value) => values.push(value),
            None => return read_unusual(cursor, column, options),
        },
        Values::Int(values) | Values::IntervalYearMonth(values) => {
            let start = cursor.pos;
            match cursor.usual_integer().map(i32::try_from) {
                Some(Ok(value)) => values.push(value),
                _ => {
                    cursor.pos = start;
                    return read_unusual(cursor, column, options);
                }
            }
        }
        Values::Double(values) => {
            let start = cursor.pos;
            match cursor.usual_decimal() {
                // Both are exact, so the quotient is correctly rounded.
                Some((negative, digits, fraction)) if digits < 1 << 53 => {
                    let value = digits as f64 / POWERS_OF_TEN[fraction];
                    values.push(if negative { -value } else { value });
                }
                _ => {
                    cursor.pos = start;
                    return read_unusual(cursor, column, options);
                }
            }
        }
        Values::Decimal { values, precision, scale } => {
            let start = cursor.pos;
            match cursor.usual_decimal() {
                Some((negative, digits, fraction)) if fraction <= usize::from(*scale) => {
                    let value = i128::from(digits) * 10i128.pow(u32::from(*scale) - fraction as u32);
                    if value < 10i128.pow(u32::from(*precision)) {
                        values.push(if negative { -value } else { value });
                    } else {
                        cursor.pos = start;
                        return read_unusual(cursor, column, options);
                    }
                }
                _ => {
                    cursor.pos = start;
                    return read_unusual(cursor, column, options);
                }
            }
        }
        Values::Timestamp { values, unit, local } if first == b'"' => {
            let text = &cursor.rest()[1..];
            let usual = parse::usual_timestamp(text, options.timestamps.separator());
            let value = usual.and_then(|((days, nanos), length)| {
                let tail: &[u8] = if *local { b"Z\"" } else { b"\"" };
                let value = text[length..].starts_with(tail).then(|| unit.timestamp(days, nanos))??;
                Some((value, 1 + length + tail.len()))
            });
            match value {
                Some((value, length)) => {
                    values.push(value);
                    cursor.pos += length;
                }
                None => return read_unusual(cursor, column, options),
            }
        }
        Values::Row(columns) if first == b'{' => {
            let Shape::Row(row) = shape else { return Err(no_shape()) };
            read_row(cursor, columns, row, options)?;
        }
        Values::Array { ends, elements } if first == b'[' => {
            let Shape::Array(shape) = shape else { return Err(no_shape()) };
            read_array(cursor, elements, shape, options)?;
            ends.push(elements.len() as i32);
        }
        Values::Map { ends, keys, values } if first == b'{' => {
            let Shape::Map(shape) = shape else { return Err(no_shape()) };
            read_map(cursor, keys, values, shape, options)?;
            ends.push(keys.len() as i32);
        }
        _ => return read_unusual(cursor, column, options),
    }
    column.set_valid();
    Ok(())
}

/// Powers of ten that a double holds exactly and that 18 digits can ask for.
const POWERS_OF_TEN: [f64; 19] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

/// Columns and shapes are made from the same types.
#[cold]
fn no_shape() -> Box<Fault> {
    Fault::syntax(0, "a column without shape".to_owned())
}

/// A value that is not written the usual way, or NULL.
#[inline(never)]
fn read_unusual(cursor: &mut Cursor, column: &mut Column, options: &DecodeOptions) -> Parsed<()> {
    let start = cursor.pos;
    let lenient = options.ignore_parse_errors || matches!(column.values, Values::Boolean(_));
    if options.streaming
        && lenient
        && matches!(cursor.peek(), b'{' | b'[')
        && !matches!(column.values, Values::String(_))
    {
        return Err(Fault::irregular());
    }
    let token = cursor.token()?;
    if let Token::Null = token {
        if !column.data_type.nullable {
            return Err(Fault::value(start, format!("is null, but declared {}", column.data_type)));
        }
        column.push_null();
        return Ok(());
    }
    if !options.streaming {
        match (&mut column.values, &token) {
            // A tree's node that is no object has no fields.
            (Values::Map { ends, keys, .. }, _) => {
                ends.push(keys.len() as i32);
                column.set_valid();
                return Ok(());
            }
            // And its numbers have no trailing zeros.
            (Values::String(strings), Token::Float(text)) => {
                strings.push(convert::normalized(text).as_deref().unwrap_or(text).as_bytes());
                column.set_valid();
                return Ok(());
            }
            _ => {}
        }
    }
    match convert::push(column, &token, options.timestamps) {
        Some(()) => Ok(()),
        None => {
            let found = excerpt(cursor.text(start, cursor.pos));
            Err(Fault::value(start, format!("cannot read {found} as {}", column.data_type.kind)))
        }
    }
}

/// A value as it stands, if it is not too long to be shown.
fn excerpt(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn read_array(cursor: &mut Cursor, elements: &mut Column, shape: &mut Shape, options: &DecodeOptions) -> Parsed<()> {
    cursor.expect(b'[')?;
    if cursor.peek() == b']' {
        cursor.pos += 1;
        return Ok(());
    }
    let mut index = 0;
    loop {
        read_field(cursor, elements, shape, options).map_err(|fault| fault.within_element(index))?;
        index += 1;
        if !cursor.next_or(b']')? {
            return Ok(());
        }
    }
}

/// Keys of one map that are compared one by one; more of them are put into a hash map.
const SMALL_MAP: usize = 16;

fn read_map(
    cursor: &mut Cursor,
    keys: &mut Column,
    values: &mut Column,
    shape: &mut Shape,
    options: &DecodeOptions,
) -> Parsed<()> {
    let (start, first) = (cursor.pos, keys.len());
    cursor.expect(b'{')?;
    if cursor.peek() == b'}' {
        cursor.pos += 1;
        return Ok(());
    }
    loop {
        if cursor.peek() != b'"' {
            return Err(cursor.unexpected("a key in double quotes"));
        }
        let key = cursor.string()?;
        let Values::String(strings) = &mut keys.values else { return Err(no_shape()) };
        let count = strings.len() - first;
        if count >= SMALL_MAP || (first..first + count).any(|i| strings.value(i) == key.as_bytes()) {
            cursor.pos = start;
            keys.truncate(first);
            values.truncate(first);
            return read_map_of_many(cursor, keys, values, shape, options);
        }
        strings.push(key.as_bytes());
        keys.set_valid();
        cursor.expect(b':')?;
        read_field(cursor, values, shape, options).map_err(|fault| fault.within(&key))?;
        if !cursor.next_or(b'}')? {
            return Ok(());
        }
    }
}

/// A map that is large or has a key twice: finds where the last value of each key stands, then reads those.
fn read_map_of_many(
    cursor: &mut Cursor,
    keys: &mut Column,
    values: &mut Column,
    shape: &mut Shape,
    options: &DecodeOptions,
) -> Parsed<()> {
    let mut order: Vec<(String, usize)> = Vec::new();
    let mut known: AHashMap<String, usize> = AHashMap::new();
    cursor.expect(b'{')?;
    loop {
        if cursor.peek() != b'"' {
            return Err(cursor.unexpected("a key in double quotes"));
        }
        let key = cursor.string()?.into_owned();
        cursor.expect(b':')?;
        match known.get(&key) {
            Some(i) => order[*i].1 = cursor.pos,
            None => {
                known.insert(key.clone(), order.len());
                order.push((key, cursor.pos));
            }
        }
        cursor.skip_value()?;
        if !cursor.next_or(b'}')? {
            break;
        }
    }
    let end = cursor.pos;
    for (key, at) in order {
        let Values::String(strings) = &mut keys.values else { return Err(no_shape()) };
        strings.push(key.as_bytes());
        keys.set_valid();
        cursor.pos = at;
        read_field(cursor, values, shape, options).map_err(|fault| fault.within(&key))?;
    }
    cursor.pos = end;
    Ok(())
}
