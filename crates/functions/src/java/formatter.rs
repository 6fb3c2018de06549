//! `String.format` with `Locale.US`, for PRINTF: `%[n$][flags][width][.precision]conversion`.

use std::fmt::Write;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType,
};
use flitz_dataflow::{Result, TypeKind};

use crate::calendar::{self, Moment, Moments, Zone};
use crate::cast::text::Writer;
use crate::columnar::{Args, Columnar};
use crate::decimal;
use crate::scalar::string::check_growth;
use crate::scalar::{Kernel, Site};

/// A format that Java refuses (or one we have not) gives NULL.
pub(crate) fn prepare_printf(site: &Site) -> Result<Kernel> {
    let kinds: Vec<TypeKind> = site.args[1..].iter().map(|a| a.data_type().kind.clone()).collect();
    let zone = Zone::new(site.context.time_zone);
    Ok(Box::new(move |args: &Args| {
        let formats = args.strings(0);
        args.build_strings(args.nulls_of([0]), |row, out| {
            let values: Vec<Value> =
                kinds.iter().zip(&args.columns[1..]).map(|(kind, column)| Value::of(kind, column, row, zone)).collect();
            check_growth("PRINTF", widest(formats.get(row)))?;
            Ok(format(formats.get(row), &values, out).is_some())
        })
    }))
}

enum Value {
    Null,
    Boolean(bool),
    /// With the bits of its type, for `%x` of negative numbers.
    Integer(i64, u32),
    Double(f64),
    Decimal(i128, u8),
    Text(String),
}

impl Value {
    fn of(kind: &TypeKind, column: &Columnar, row: usize, zone: Zone) -> Value {
        let array = column.array();
        let row = if column.is_scalar() { 0 } else { row };
        if *kind == TypeKind::Null || array.is_null(row) {
            return Value::Null;
        }
        match kind {
            TypeKind::Boolean => Value::Boolean(array.as_boolean().value(row)),
            TypeKind::TinyInt => Value::Integer(array.as_primitive::<Int8Type>().value(row).into(), 8),
            TypeKind::SmallInt => Value::Integer(array.as_primitive::<Int16Type>().value(row).into(), 16),
            TypeKind::Int => Value::Integer(array.as_primitive::<Int32Type>().value(row).into(), 32),
            TypeKind::BigInt => Value::Integer(array.as_primitive::<Int64Type>().value(row), 64),
            TypeKind::Float => Value::Double(array.as_primitive::<Float32Type>().value(row).into()),
            TypeKind::Double => Value::Double(array.as_primitive::<Float64Type>().value(row)),
            TypeKind::Decimal { scale, .. } => {
                Value::Decimal(array.as_primitive::<Decimal128Type>().value(row), *scale)
            }
            // Flink hands its internal values to Java: day numbers and milliseconds of the day.
            TypeKind::Date => Value::Integer(array.as_primitive::<Date32Type>().value(row).into(), 32),
            TypeKind::Time(_) => Value::Integer(array.as_primitive::<Time32MillisecondType>().value(row).into(), 32),
            TypeKind::Timestamp { .. } | TypeKind::TimestampLtz { .. } => {
                let mut text = String::new();
                write_local_date_time(Moments::of(array).get(row), &mut text);
                Value::Text(text)
            }
            kind => {
                let mut text = String::new();
                Writer { kind, zone }.write(array, row, &mut text);
                Value::Text(text)
            }
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        match self {
            Value::Null => out.push_str("null"),
            Value::Boolean(b) => _ = write!(out, "{b}"),
            Value::Integer(i, _) => _ = write!(out, "{i}"),
            Value::Double(d) => super::number::write_double(*d, &mut out),
            Value::Decimal(v, scale) => decimal::write(*v, *scale, &mut out),
            Value::Text(t) => out.push_str(t),
        }
        out
    }
}

/// `java.time.LocalDateTime.toString`: seconds only if there are any, the fraction in groups of three digits.
fn write_local_date_time(at: Moment, out: &mut String) {
    calendar::write_date(at.days(), out);
    out.push('T');
    let mut time = String::new();
    calendar::write_time(at.millis_of_day(), at.nanos, 9, &mut time);
    let mut end = time.len();
    while end > "HH:mm:ss".len() + 1 && time[..end].ends_with("000") {
        end -= 3;
    }
    let time = time[..end].trim_end_matches('.');
    out.push_str(time.strip_suffix(":00").filter(|t| t.len() == "HH:mm".len()).unwrap_or(time));
}

/// The largest width or precision that the pattern asks for.
fn widest(pattern: &str) -> usize {
    let pattern = pattern.replace("%%", "");
    let specs = pattern.split('%').skip(1).filter_map(|spec| spec.split(char::is_alphabetic).next());
    let numbers = specs.flat_map(|spec| spec.split(|c: char| !c.is_ascii_digit()));
    numbers.map(|digits| if digits.len() > 12 { usize::MAX } else { digits.parse().unwrap_or(0) }).max().unwrap_or(0)
}

#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    blank: bool,
    zero: bool,
    comma: bool,
    parentheses: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

fn format(pattern: &str, values: &[Value], out: &mut String) -> Option<()> {
    let mut chars = pattern.chars().peekable();
    let mut next = 0;
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = Spec::default();
        let mut index = None;
        let mut number = String::new();
        // A number may be an argument index (followed by $), else it is the width.
        loop {
            match *chars.peek()? {
                '-' => spec.left = true,
                '+' => spec.plus = true,
                ' ' => spec.blank = true,
                '0' if number.is_empty() => spec.zero = true,
                ',' => spec.comma = true,
                '(' => spec.parentheses = true,
                '#' => spec.alternate = true,
                d if d.is_ascii_digit() => number.push(d),
                '$' => index = Some(std::mem::take(&mut number).parse::<usize>().ok()?.checked_sub(1)?),
                _ => break,
            }
            chars.next();
        }
        if !number.is_empty() {
            spec.width = number.parse().ok()?;
        }
        if *chars.peek()? == '.' {
            chars.next();
            let mut digits = String::new();
            while let Some(d) = chars.next_if(char::is_ascii_digit) {
                digits.push(d);
            }
            spec.precision = Some(digits.parse().ok()?);
        }
        let conversion = chars.next()?;
        match conversion {
            'n' => out.push('\n'),
            '%' => pad("%".to_owned(), &spec, out),
            _ => {
                let at = index.unwrap_or_else(|| {
                    next += 1;
                    next - 1
                });
                convert(conversion, values.get(at)?, &spec, out)?;
            }
        }
    }
    Some(())
}

fn convert(conversion: char, value: &Value, spec: &Spec, out: &mut String) -> Option<()> {
    let upper = conversion.is_ascii_uppercase();
    let text = match (conversion.to_ascii_lowercase(), value) {
        ('b', Value::Boolean(b)) => limited(b.to_string(), spec),
        ('b', Value::Null) => limited("false".to_owned(), spec),
        ('b', _) => limited("true".to_owned(), spec),
        ('s', value) => limited(value.text(), spec),
        (_, Value::Null) => limited("null".to_owned(), spec),
        ('c', Value::Integer(i, _)) => char::from_u32(u32::try_from(*i).ok()?)?.to_string(),
        ('d', Value::Integer(i, _)) if spec.precision.is_none() => {
            return number(i.unsigned_abs().to_string(), *i < 0, spec, out);
        }
        ('x', Value::Integer(i, bits)) => {
            let mask = u64::MAX >> (64 - bits);
            let digits = format!("{:x}", *i as u64 & mask);
            return prefixed("0x", digits, upper, spec, out);
        }
        ('o', Value::Integer(i, bits)) => {
            let mask = u64::MAX >> (64 - bits);
            return prefixed("0", format!("{:o}", *i as u64 & mask), upper, spec, out);
        }
        ('f', Value::Double(d)) if !d.is_finite() => value.text(),
        ('f', Value::Double(d)) => {
            let digits = fixed(*d, spec.precision.unwrap_or(6))?;
            return number(digits, d.is_sign_negative(), spec, out);
        }
        ('e', Value::Double(d)) if d.is_finite() => {
            let plain = format!("{:.*e}", spec.precision.unwrap_or(6), d.abs());
            let (mantissa, exponent) = plain.split_once('e')?;
            let exponent: i32 = exponent.parse().ok()?;
            let sign = if exponent < 0 { '-' } else { '+' };
            let mut digits = format!("{mantissa}e{sign}{:02}", exponent.abs());
            if upper {
                digits.make_ascii_uppercase();
            }
            return number(digits, d.is_sign_negative(), spec, out);
        }
        _ => return None,
    };
    pad(if upper { text.to_uppercase() } else { text }, spec, out);
    Some(())
}

/// Half up on the shortest decimal digits, as Java's Formatter rounds.
fn fixed(d: f64, precision: usize) -> Option<String> {
    let (value, scale) = crate::cast::text::parse_decimal_text(&format!("{:e}", d.abs()))?;
    let wanted = precision as i32;
    if scale > wanted && scale - wanted <= 38 && precision <= 38 {
        let unit = decimal::power_of_ten((scale - wanted) as u8);
        let rounded = decimal::divide_rounded(value, unit, decimal::Mode::HalfUp);
        let mut text = String::new();
        decimal::write(rounded, precision as u8, &mut text);
        return Some(text);
    }
    Some(format!("{:.precision$}", d.abs()))
}

fn limited(text: String, spec: &Spec) -> String {
    match spec.precision {
        Some(n) => text.chars().take(n).collect(),
        None => text,
    }
}

fn prefixed(prefix: &str, digits: String, upper: bool, spec: &Spec, out: &mut String) -> Option<()> {
    let mut text = if spec.alternate { format!("{prefix}{digits}") } else { digits };
    if spec.zero {
        text = format!("{text:0>width$}", width = spec.width);
    }
    pad(if upper { text.to_uppercase() } else { text }, spec, out);
    Some(())
}

/// Digits with sign, grouping and zeros.
fn number(digits: String, negative: bool, spec: &Spec, out: &mut String) -> Option<()> {
    let digits = if spec.comma { grouped(&digits) } else { digits };
    let (before, after) = match (negative, spec) {
        (true, Spec { parentheses: true, .. }) => ("(", ")"),
        (true, _) => ("-", ""),
        (_, Spec { plus: true, .. }) => ("+", ""),
        (_, Spec { blank: true, .. }) => (" ", ""),
        _ => ("", ""),
    };
    let zeros = if spec.zero { spec.width.saturating_sub(before.len() + digits.len() + after.len()) } else { 0 };
    pad(format!("{before}{}{digits}{after}", "0".repeat(zeros)), spec, out);
    Some(())
}

fn grouped(digits: &str) -> String {
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out.push_str(fraction);
    out
}

fn pad(text: String, spec: &Spec, out: &mut String) {
    let missing = spec.width.saturating_sub(text.chars().count());
    if !spec.left {
        out.extend(std::iter::repeat_n(' ', missing));
    }
    out.push_str(&text);
    if spec.left {
        out.extend(std::iter::repeat_n(' ', missing));
    }
}
