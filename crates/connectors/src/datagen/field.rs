//! How a column is made: from its type and the options `fields.NAME.*`.
//!
//! Defaults and bounds are Flink's: FLOAT, DOUBLE and DECIMAL are positive unless `min` says otherwise,
//! strings and bytes of unlimited type have 100 characters, collections 3 elements, a multiset counts up
//! to 10, dates and times are now. Options of the elements of a collection or row begin with
//! `fields.NAME.element`, `.key`, `.value` or `.FIELD`.

use flitz_dataflow::options::Options;
use flitz_dataflow::{DataType, Error, MAX_LENGTH, Result, TypeKind};

const TEXT_LENGTH: u32 = 100;
const COLLECTION_LENGTH: u32 = 3;
const MULTISET_COUNT_MAX: i64 = 10;

#[derive(Clone, Debug, PartialEq)]
pub enum Generator {
    /// Row number + `start`.
    Sequence {
        start: i64,
        end: i64,
        data_type: DataType,
    },
    Random {
        null_rate: f64,
        data_type: DataType,
        value: Random,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Random {
    Boolean,
    /// Both bounds are drawn too.
    Integer {
        min: i64,
        max: i64,
    },
    Float {
        min: f64,
        max: f64,
    },
    Decimal {
        min: f64,
        max: f64,
    },
    /// Hexadecimal digits.
    Text(Length),
    Bytes(Length),
    Date,
    Time,
    Timestamp {
        max_past_millis: i64,
    },
    Array {
        element: Box<Generator>,
        length: u32,
    },
    /// Equal keys collapse, so there may be fewer entries than `length`.
    Map {
        key: Box<Generator>,
        value: Box<Generator>,
        length: u32,
    },
    Row(Vec<Generator>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    Fixed(u32),
    /// 1 up to, but not including, this.
    Below(u32),
}

impl Generator {
    /// Adds every key that may be set for the column to `used`.
    pub fn of_column(name: &str, data_type: &DataType, options: &Options, used: &mut Vec<String>) -> Result<Generator> {
        let mut field = Field { prefix: format!("fields.{name}"), options, used };
        let kind = field.key("kind");
        match options.get(&kind) {
            None | Some("random") => field.random(data_type),
            Some("sequence") => field.sequence(data_type),
            Some(other) => {
                Err(Error::invalid(format!("'{kind}' must be random or sequence, found '{other}'")).option(kind))
            }
        }
    }

    /// How many rows a sequence lasts.
    pub fn sequence_length(&self) -> Option<u64> {
        match self {
            Generator::Sequence { start, end, .. } => Some(end.abs_diff(*start).saturating_add(1)),
            Generator::Random { .. } => None,
        }
    }
}

/// The options below one prefix.
struct Field<'a> {
    prefix: String,
    options: &'a Options,
    used: &'a mut Vec<String>,
}

impl Field<'_> {
    fn key(&mut self, name: &str) -> String {
        let key = format!("{}.{name}", self.prefix);
        self.used.push(key.clone());
        key
    }

    fn part(&mut self, name: &str, data_type: &DataType) -> Result<Generator> {
        Field { prefix: format!("{}.{name}", self.prefix), options: self.options, used: self.used }.random(data_type)
    }

    fn sequence(&mut self, data_type: &DataType) -> Result<Generator> {
        let (start_key, end_key) = (self.key("start"), self.key("end"));
        let bound = |key: &str| match self.options.integer(key)? {
            Some(n) => Ok(n),
            None => Err(Error::invalid(format!("a sequence needs '{key}'")).option(key)),
        };
        let (start, end) = (bound(&start_key)?, bound(&end_key)?);
        if start > end {
            return Err(Error::invalid(format!("'{start_key}' is above '{end_key}'")).option(start_key));
        }
        let in_range = |min: i64, max: i64| match start >= min && end <= max {
            true => Ok(()),
            false => Err(Error::invalid(format!("the sequence {start} to {end} does not fit {}", data_type.kind))
                .option(start_key.clone())),
        };
        match &data_type.kind {
            TypeKind::TinyInt => in_range(i8::MIN.into(), i8::MAX.into())?,
            TypeKind::SmallInt => in_range(i16::MIN.into(), i16::MAX.into())?,
            TypeKind::Int => in_range(i32::MIN.into(), i32::MAX.into())?,
            TypeKind::BigInt | TypeKind::Float | TypeKind::Double => {}
            TypeKind::Decimal { precision, scale } => {
                let limit = 10i128.pow(u32::from(precision - scale)).min(i128::from(i64::MAX)) as i64;
                in_range(1 - limit, limit - 1)?;
            }
            TypeKind::Char(_) | TypeKind::Varchar(_) => {}
            TypeKind::Binary(_) | TypeKind::Varbinary(_) => {
                return Err(Error::unsupported(format!("a sequence of {}", data_type.kind)).option(self.key("kind")));
            }
            other => {
                return Err(Error::invalid(format!("a sequence can't be {other}"))
                    .option(self.key("kind"))
                    .hint("numbers and strings can be counted up"));
            }
        }
        Ok(Generator::Sequence { start, end, data_type: data_type.clone() })
    }

    fn random(&mut self, data_type: &DataType) -> Result<Generator> {
        let null_rate = self.null_rate(data_type)?;
        let value = match &data_type.kind {
            TypeKind::Boolean => Random::Boolean,
            TypeKind::TinyInt => self.integer(i8::MIN.into(), i8::MAX.into(), data_type)?,
            TypeKind::SmallInt => self.integer(i16::MIN.into(), i16::MAX.into(), data_type)?,
            TypeKind::Int => self.integer(i32::MIN.into(), i32::MAX.into(), data_type)?,
            TypeKind::BigInt => self.integer(i64::MIN, i64::MAX, data_type)?,
            TypeKind::Float => {
                let (min, max) = self.bounds(f64::from(f32::from_bits(1)), f64::from(f32::MAX))?;
                Random::Float { min, max }
            }
            TypeKind::Double => {
                let (min, max) = self.bounds(f64::from_bits(1), f64::MAX)?;
                Random::Float { min, max }
            }
            TypeKind::Decimal { precision, scale } => {
                let (min, max) = self.bounds(f64::from_bits(1), f64::MAX)?;
                let limit = 10f64.powi(i32::from(*precision) - i32::from(*scale));
                Random::Decimal { min: min.max(-limit), max: max.min(limit) }
            }
            TypeKind::Char(n) => Random::Text(self.fixed_length(*n)?),
            TypeKind::Binary(n) => Random::Bytes(self.fixed_length(*n)?),
            TypeKind::Varchar(n) => Random::Text(self.variable_length(*n)?),
            TypeKind::Varbinary(n) => Random::Bytes(self.variable_length(*n)?),
            TypeKind::Date => Random::Date,
            TypeKind::Time(_) => Random::Time,
            TypeKind::Timestamp { .. } | TypeKind::TimestampLtz { .. } => {
                let past = self.options.duration(&self.key("max-past"))?.unwrap_or_default();
                Random::Timestamp { max_past_millis: past.as_millis().try_into().unwrap_or(i64::MAX) }
            }
            TypeKind::Bitmap => return Err(Error::unsupported("BITMAP columns of connector 'datagen'")),
            TypeKind::Array(element) => {
                let length = self.collection_length()?;
                Random::Array { element: Box::new(self.part("element", element)?), length }
            }
            TypeKind::Multiset(element) => {
                let (min, max) = (0, MULTISET_COUNT_MAX);
                let data_type = TypeKind::Int.not_null();
                let count = Generator::Random { null_rate: 0.0, data_type, value: Random::Integer { min, max } };
                let length = self.collection_length()?;
                let key = Box::new(self.part("element", element)?);
                Random::Map { key, value: Box::new(count), length }
            }
            TypeKind::Map(key, value) => {
                let length = self.collection_length()?;
                let key = Box::new(self.part("key", key)?);
                Random::Map { key, value: Box::new(self.part("value", value)?), length }
            }
            TypeKind::Row(fields) => {
                Random::Row(fields.iter().map(|f| self.part(&f.name, &f.data_type)).collect::<Result<_>>()?)
            }
            TypeKind::Null | TypeKind::IntervalYearMonth | TypeKind::IntervalDaySecond => {
                return Err(Error::invalid(format!("connector 'datagen' can't make {}", data_type.kind)));
            }
        };
        Ok(Generator::Random { null_rate, data_type: data_type.clone(), value })
    }

    fn null_rate(&mut self, data_type: &DataType) -> Result<f64> {
        let key = self.key("null-rate");
        let rate = self.options.parse(&key, 0.0, "a number such as '0.1'", |v| v.trim().parse::<f64>().ok())?;
        if rate > 0.0 && !data_type.nullable {
            return Err(Error::invalid(format!("'{key}' asks for NULL in a column that is NOT NULL")).option(key));
        }
        Ok(rate)
    }

    fn integer(&mut self, least: i64, most: i64, data_type: &DataType) -> Result<Random> {
        let (min_key, max_key) = (self.key("min"), self.key("max"));
        let bound = |key: &str, default: i64| {
            let value = self.options.integer(key)?.unwrap_or(default);
            match (least..=most).contains(&value) {
                true => Ok(value),
                false => Err(Error::invalid(format!("'{key}' does not fit {}", data_type.kind)).option(key)),
            }
        };
        let (min, max) = (bound(&min_key, least)?, bound(&max_key, most)?);
        match min < max {
            true => Ok(Random::Integer { min, max }),
            false => Err(not_below(&min_key, &max_key)),
        }
    }

    fn bounds(&mut self, least: f64, most: f64) -> Result<(f64, f64)> {
        let (min_key, max_key) = (self.key("min"), self.key("max"));
        let bound = |key: &str, default: f64| {
            let number = |v: &str| v.trim().parse::<f64>().ok().filter(|v| v.is_finite());
            self.options.parse(key, default, "a number", number)
        };
        let (min, max) = (bound(&min_key, least)?, bound(&max_key, most)?);
        match min < max {
            true => Ok((min, max)),
            false => Err(not_below(&min_key, &max_key)),
        }
    }

    fn length(&mut self, default: u32) -> Result<(String, u32)> {
        let key = self.key("length");
        let length = self.options.parse(&key, default, "a length", |v| v.trim().parse().ok())?;
        Ok((key, length))
    }

    fn collection_length(&mut self) -> Result<u32> {
        self.length(COLLECTION_LENGTH).map(|(_, length)| length)
    }

    fn fixed_length(&mut self, length: u32) -> Result<Length> {
        let key = self.key("length");
        match self.options.get(&key) {
            None => Ok(Length::Fixed(length)),
            Some(_) => {
                Err(Error::invalid(format!("'{key}' can't be set: the length is fixed by the type")).option(key))
            }
        }
    }

    fn variable_length(&mut self, limit: u32) -> Result<Length> {
        let (key, length) = self.length(if limit == MAX_LENGTH { TEXT_LENGTH } else { limit })?;
        if length > limit || length == 0 {
            return Err(Error::invalid(format!(
                "'{key}' must be 1 to {limit}, the length of the type, found '{length}'"
            ))
            .option(key));
        }
        let variable = self.key("var-len");
        match self.options.bool(&variable, false)? {
            false => Ok(Length::Fixed(length)),
            true if length > 1 => Ok(Length::Below(length)),
            true => Err(Error::invalid(format!("'{variable}' needs a length of 2 or more")).option(variable)),
        }
    }
}

fn not_below(min_key: &str, max_key: &str) -> Error {
    Error::invalid(format!("'{min_key}' must be below '{max_key}'")).option(min_key)
}
