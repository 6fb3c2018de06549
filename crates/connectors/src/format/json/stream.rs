//! Reading a message as Flink's streaming parser does, token by token.
//!
//! For nearly all messages that is what `decode` does faster. The others, which it hands over:
//!
//! | message | what Flink does |
//! |---|---|
//! | a field comes twice | stops converting once it has converted as many fields as there are columns; the last counts |
//! | an object or array where a scalar should be, and such values become NULL | goes on *within* it: its fields are taken for fields of the row, and its end for the row's |
//! | the same for a BOOLEAN | the same, but the value is FALSE |
//!
//! ```text
//! columns id INT, amount INT      {"id": {"x": 1, "amount": 2}, "amount": 3}      is the row NULL, 2
//! ```

use std::borrow::Cow;
use std::collections::HashMap;

use flitz_dataflow::TypeKind;

use super::convert;
use super::decode::DecodeOptions;
use super::fault::{Fault, Parsed};
use super::scan::{Cursor, DEPTH_MAX, Token};
use crate::format::column::{Column, Values};

/// A token as Jackson counts them.
enum Event<'a> {
    StartObject,
    EndObject,
    StartArray,
    EndArray,
    Name(Cow<'a, str>),
    /// Neither object nor array.
    Value(Token<'a>),
}

/// What comes next.
#[derive(Clone, Copy)]
enum Place {
    Value,
    /// The first of an object or array, or its end.
    First,
    /// Behind a value: the next one, or the end.
    Behind,
}

pub struct Stream<'a> {
    cursor: Cursor<'a>,
    options: DecodeOptions,
    /// The objects and arrays around: whether it is an object.
    open: Vec<bool>,
    place: Place,
    /// The token that is looked at; None at the end.
    event: Option<Event<'a>>,
    /// Where it begins.
    start: usize,
}

impl<'a> Stream<'a> {
    /// Reads the object at the cursor into these columns, each of them known by its name. They are left uneven if that
    /// fails.
    pub fn read(cursor: Cursor<'a>, options: DecodeOptions, names: &[&str], columns: &mut [&mut Column]) -> Parsed<()> {
        let start = cursor.pos;
        let mut stream = Stream { cursor, options, open: vec![], place: Place::Value, event: None, start };
        stream.next()?;
        stream.row(names, columns)
    }

    fn next(&mut self) -> Parsed<()> {
        let object = self.open.last().copied();
        self.event = match (self.place, object) {
            (Place::Value, _) => Some(self.value()?),
            (_, None) => None,
            (place, Some(object)) => {
                let close = if object { b'}' } else { b']' };
                let more = match place {
                    Place::First if self.cursor.take(&[close]) => false,
                    Place::First => true,
                    _ => self.cursor.next_or(close)?,
                };
                Some(match (more, object) {
                    (false, _) => self.close(),
                    (true, true) => self.name()?,
                    (true, false) => self.value()?,
                })
            }
        };
        Ok(())
    }

    fn name(&mut self) -> Parsed<Event<'a>> {
        if self.cursor.peek() != b'"' {
            return Err(self.cursor.unexpected("a field name in double quotes"));
        }
        let name = self.cursor.string()?;
        self.cursor.expect(b':')?;
        self.place = Place::Value;
        Ok(Event::Name(name))
    }

    fn value(&mut self) -> Parsed<Event<'a>> {
        self.start = self.cursor.pos;
        let opening = self.cursor.peek();
        if opening != b'{' && opening != b'[' {
            self.place = Place::Behind;
            return Ok(Event::Value(self.cursor.token()?));
        }
        if self.open.len() == DEPTH_MAX {
            return Err(Fault::syntax(self.start, format!("nested deeper than {DEPTH_MAX}")));
        }
        self.cursor.expect(opening)?;
        self.open.push(opening == b'{');
        self.place = Place::First;
        Ok(if opening == b'{' { Event::StartObject } else { Event::StartArray })
    }

    /// Behind the end of the innermost object or array.
    fn close(&mut self) -> Event<'a> {
        self.place = Place::Behind;
        if self.open.pop() == Some(true) { Event::EndObject } else { Event::EndArray }
    }

    /// Steps over the object or array that begins here, and is then at its end; None: none begins.
    fn whole(&mut self) -> Parsed<Option<&'a str>> {
        let Some(Event::StartObject | Event::StartArray) = self.event else { return Ok(None) };
        self.cursor.pos = self.start;
        self.cursor.skip_value()?;
        self.event = Some(self.close());
        Ok(Some(self.cursor.text(self.start, self.cursor.pos)))
    }

    /// What Jackson gives as the text of any token.
    fn text(&self) -> Parsed<Cow<'a, str>> {
        Ok(match &self.event {
            None => return Err(Fault::syntax(self.cursor.pos, "the object ends before its row does".to_owned())),
            Some(Event::StartObject) => "{".into(),
            Some(Event::EndObject) => "}".into(),
            Some(Event::StartArray) => "[".into(),
            Some(Event::EndArray) => "]".into(),
            Some(Event::Name(text) | Event::Value(Token::String(text))) => text.clone(),
            Some(Event::Value(
                Token::Integer(text) | Token::Float(text) | Token::Object(text) | Token::Array(text),
            )) => (*text).into(),
            Some(Event::Value(Token::True)) => "true".into(),
            Some(Event::Value(Token::False)) => "false".into(),
            Some(Event::Value(Token::Null)) => "null".into(),
        })
    }

    fn skip_to_next_field(&mut self) -> Parsed<()> {
        self.text()?;
        self.whole()?;
        self.next()
    }

    fn row(&mut self, names: &[&str], columns: &mut [&mut Column]) -> Parsed<()> {
        let Some(Event::StartObject) = self.event else { return Err(self.refused("ROW")) };
        let start = self.start;
        let mut seen = vec![false; names.len()];
        let mut count = 0;
        self.next()?;
        while !matches!(self.event, Some(Event::EndObject)) {
            if count == names.len() {
                self.skip_to_next_field()?;
                continue;
            }
            let name = self.text()?;
            self.next()?;
            match names.iter().position(|known| *known == name) {
                None => self.skip_to_next_field()?,
                Some(i) => {
                    let column = &mut *columns[i];
                    if seen[i] {
                        column.truncate(column.len() - 1);
                    }
                    self.convert(column).map_err(|fault| fault.within(names[i]))?;
                    seen[i] = true;
                    count += 1;
                    self.next()?;
                }
            }
        }
        for (i, column) in columns.iter_mut().enumerate().filter(|(i, _)| !seen[*i]) {
            if self.options.fail_on_missing_field && count < names.len() {
                return Err(Fault::value(start, "is missing".to_owned()).within(names[i]));
            }
            if !column.data_type.nullable {
                let reason = format!("is missing, but declared {}", column.data_type);
                return Err(Fault::value(start, reason).within(names[i]));
            }
            column.push_null();
        }
        Ok(())
    }

    /// Reads the value that begins here. What doesn't suit the column is left where the reading stopped.
    fn convert(&mut self, column: &mut Column) -> Parsed<()> {
        let len = column.len();
        let is_null = matches!(self.event, None | Some(Event::Value(Token::Null)));
        let read = if is_null { Err(self.refused("a value")) } else { self.convert_not_null(column) };
        let Err(fault) = read else { return Ok(()) };
        let may_be_null = column.data_type.nullable && (is_null || self.options.ignore_parse_errors);
        if !may_be_null || matches!(*fault, Fault::Syntax { .. }) {
            return Err(fault);
        }
        column.truncate(len);
        column.push_null();
        Ok(())
    }

    fn convert_not_null(&mut self, column: &mut Column) -> Parsed<()> {
        match (&mut column.values, &column.data_type.kind) {
            (Values::Row(columns), TypeKind::Row(fields)) => {
                let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
                let mut columns: Vec<&mut Column> = columns.iter_mut().collect();
                self.row(&names, &mut columns)?;
            }
            (Values::Array { ends, elements }, _) => {
                let Some(Event::StartArray) = self.event else { return Err(self.refused("ARRAY")) };
                self.next()?;
                while !matches!(self.event, Some(Event::EndArray)) {
                    self.text()?;
                    self.convert(elements)?;
                    self.next()?;
                }
                ends.push(elements.len() as i32);
            }
            (Values::Map { ends, keys, values }, _) => {
                let Some(Event::StartObject) = self.event else { return Err(self.refused("MAP")) };
                self.map(keys, values)?;
                ends.push(keys.len() as i32);
            }
            (Values::String(strings), _) => match self.whole()? {
                Some(text) => {
                    let normalized = convert::normalized(text).ok_or_else(|| self.refused("STRING"))?;
                    strings.push(normalized.as_bytes());
                }
                None => strings.push(self.text()?.as_bytes()),
            },
            _ => return self.convert_scalar(column),
        }
        column.set_valid();
        Ok(())
    }

    /// Appends all that is no container; the brackets and names that a reading comes upon are texts, too.
    fn convert_scalar(&mut self, column: &mut Column) -> Parsed<()> {
        let only_values = matches!(column.values, Values::Bytes(_) | Values::Decimal { .. });
        let pushed = match &self.event {
            Some(Event::Value(token)) => convert::push(column, token, self.options.timestamps),
            _ if only_values => None,
            _ => convert::push(column, &Token::String(self.text()?), self.options.timestamps),
        };
        pushed.ok_or_else(|| self.refused(&column.data_type.kind.to_string()))
    }

    /// The last value of each key counts: a first reading finds which those are.
    fn map(&mut self, keys: &mut Column, values: &mut Column) -> Parsed<()> {
        let (at, place, open) = (self.cursor.pos, self.place, self.open.clone());
        let mut passed_over = Column::new(&values.data_type, 1);
        let mut last = HashMap::new();
        self.entries(|stream, index, key| {
            last.insert(key.into_owned(), index);
            stream.convert(&mut passed_over)
        })?;
        (self.cursor.pos, self.place, self.open) = (at, place, open);
        self.entries(|stream, index, key| {
            if last.get(&*key) != Some(&index) {
                return stream.convert(&mut passed_over);
            }
            let Values::String(strings) = &mut keys.values else { return Err(stream.refused("MAP")) };
            strings.push(key.as_bytes());
            keys.set_valid();
            stream.convert(values)
        })
    }

    /// From the beginning of an object to its end: calls `value` at the value of each key.
    fn entries(&mut self, mut value: impl FnMut(&mut Stream<'a>, usize, Cow<'a, str>) -> Parsed<()>) -> Parsed<()> {
        self.next()?;
        let mut index = 0;
        while !matches!(self.event, Some(Event::EndObject)) {
            let key = self.text()?;
            self.next()?;
            value(self, index, key)?;
            index += 1;
            self.next()?;
        }
        Ok(())
    }

    #[cold]
    fn refused(&self, wanted: &str) -> Box<Fault> {
        let found = self.text().unwrap_or_default();
        Fault::value(self.start, format!("cannot read {found} as {wanted}"))
    }
}
