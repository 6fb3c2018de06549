//! Times from text, and between the zones that a text names.

use std::str::FromStr;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Date32Type, Int64Type};
use flitz_dataflow::{Error, Result, TypeKind};
use flitz_plan::Expr;

use super::clock::Now;
use crate::calendar::{MILLIS_PER_DAY, Moment, Zone};
use crate::cast::temporal::build_timestamps;
use crate::cast::text::{parse_sql_timestamp, parse_timestamp};
use crate::columnar::Args;
use crate::java::date_pattern::{DatePattern, Flavor};
use crate::scalar::{Kernel, Param, Site, literal_integer, mismatch_of};

/// The pattern of a call: prepared if it is a literal, else kept until it changes.
pub(super) struct Patterns {
    flavor: Flavor,
    last: Option<(String, Option<DatePattern>)>,
}

impl Patterns {
    /// A literal pattern that Java takes and we have not is refused at once.
    pub fn new(site: &Site, argument: usize, flavor: Flavor) -> Result<Patterns> {
        let mut patterns = Patterns { flavor, last: None };
        if let Some(text) = site.text(argument) {
            match DatePattern::new(text, flavor) {
                Err(e) if e.kind == flitz_dataflow::ErrorKind::Unsupported => return Err(e),
                _ => _ = patterns.get(text),
            }
        }
        Ok(patterns)
    }

    /// None if it is no pattern.
    pub fn get(&mut self, text: &str) -> Option<&DatePattern> {
        if self.last.as_ref().is_none_or(|(t, _)| t != text) {
            self.last = Some((text.to_owned(), DatePattern::new(text, self.flavor).ok()));
        }
        self.last.as_ref().and_then(|(_, pattern)| pattern.as_ref())
    }

    pub fn require(&mut self, text: &str) -> Result<&DatePattern> {
        let flavor = self.flavor;
        // Asked again only to say what is wrong with it.
        self.get(text)
            .ok_or_else(|| DatePattern::new(text, flavor).err().unwrap_or_else(|| Error::internal("date pattern")))
    }
}

pub(super) const DEFAULT_PATTERN: &str = "yyyy-MM-dd HH:mm:ss";

/// Unparsable text gives the smallest BIGINT.
pub(super) fn prepare_unix_timestamp(site: &Site) -> Result<Kernel> {
    if site.args.is_empty() {
        let clock = Now::new(site);
        return Ok(Box::new(move |args: &Args| {
            Ok(Arc::new(args.build_infallible::<Int64Type>(None, |_| clock.millis().div_euclid(1000))))
        }));
    }
    let mut patterns = Patterns::new(site, 1, Flavor::SimpleDateFormat)?;
    let zone = Zone::new(site.context.time_zone);
    Ok(Box::new(move |args: &Args| {
        let texts = args.strings(0);
        let formats = (args.len() == 2).then(|| args.strings(1));
        Ok(Arc::new(args.build::<Int64Type>(args.nulls(), |row| {
            let format = formats.as_ref().map_or(DEFAULT_PATTERN, |f| f.get(row));
            let parsed = patterns.require(format)?.parse(texts.get(row));
            Ok(Some(parsed.map_or(i64::MIN, |p| {
                let local = p.local.millis;
                p.offset_millis.map_or_else(|| zone.to_utc_by_calendar(local), |offset| local - offset).div_euclid(1000)
            })))
        })?))
    }))
}

/// What Flink makes of a text that is no date by the pattern: the low half of the farthest day, `+1705471-09-27`.
const NO_DATE: i64 = i64::MIN / MILLIS_PER_DAY;

pub(super) fn prepare_to_date(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1, Flavor::SimpleDateFormat)?;
    Ok(Box::new(move |args: &Args| {
        let texts = args.strings(0);
        let formats = (args.len() == 2).then(|| args.strings(1));
        Ok(Arc::new(args.build::<Date32Type>(args.nulls(), |row| {
            let text = texts.get(row);
            Ok(match &formats {
                None => crate::cast::text::parse_date(text),
                Some(f) => {
                    let parsed = patterns.require(f.get(row))?.parse(text);
                    let days = parsed.map_or(NO_DATE, |p| {
                        (p.local.millis - p.offset_millis.unwrap_or(0)).div_euclid(MILLIS_PER_DAY)
                    });
                    Some(days as i32)
                }
            })
        })?))
    }))
}

pub(super) fn bind_to_timestamp(args: Vec<Expr>) -> Result<Expr> {
    if args.is_empty() || args.len() > 2 {
        return Err(mismatch_of("TO_TIMESTAMP", &args).hint("expected TO_TIMESTAMP(string[, format])"));
    }
    let args = args
        .into_iter()
        .map(|a| Param::String.accept(a.clone()).ok_or_else(|| mismatch_of("TO_TIMESTAMP", &[a])))
        .collect::<Result<_>>()?;
    Ok(Expr::call("TO_TIMESTAMP", args, TypeKind::timestamp(3).nullable()))
}

pub(super) fn prepare_to_timestamp(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1, Flavor::DateTimeFormatter)?;
    let kind = site.data_type.kind.clone();
    Ok(Box::new(move |args: &Args| {
        let texts = args.strings(0);
        let formats = (args.len() == 2).then(|| args.strings(1));
        build_timestamps(args, args.nulls(), &kind, |row| {
            Ok(match &formats {
                None => parse_timestamp(texts.get(row)),
                // Text that does not fit the format is still read if it is written as SQL does; a format that
                // is none gives NULL.
                Some(f) => match patterns.get(f.get(row)) {
                    None => None,
                    Some(pattern) => match pattern.parse(texts.get(row)) {
                        Some(parsed) => Some(parsed.local),
                        None => parse_sql_timestamp(texts.get(row).trim()),
                    },
                },
            })
        })
    }))
}

pub(super) fn bind_to_timestamp_ltz(args: Vec<Expr>) -> Result<Expr> {
    let expected = "expected TO_TIMESTAMP_LTZ(numeric[, precision]) or (string[, format[, zone]])";
    let refused = |args: &[Expr]| mismatch_of("TO_TIMESTAMP_LTZ", args).hint(expected);
    let Some(first) = args.first().map(|a| a.data_type().kind.clone()) else { return Err(refused(&args)) };
    let precision = match &args[1..] {
        [] => 3,
        [p] if first.is_numeric() => literal_integer(p).ok_or_else(|| refused(&args))?,
        formats
            if first.is_string() && formats.len() <= 2 && formats.iter().all(|f| f.data_type().kind.is_string()) =>
        {
            3
        }
        _ => return Err(refused(&args)),
    };
    if !first.is_numeric() && !first.is_string() {
        return Err(refused(&args));
    }
    let precision = u8::try_from(precision).ok().filter(|p| *p <= 9).ok_or_else(|| {
        Error::invalid("the precision of TO_TIMESTAMP_LTZ is 0 to 9").hint("0 for seconds, 3 for milliseconds")
    })?;
    let result = if precision < 3 { 3 } else { precision };
    Ok(Expr::call("TO_TIMESTAMP_LTZ", args, TypeKind::timestamp_ltz(result).nullable()))
}

pub(super) fn prepare_to_timestamp_ltz(site: &Site) -> Result<Kernel> {
    let kind = site.data_type.kind.clone();
    if site.args[0].data_type().kind.is_string() {
        return prepare_text_to_timestamp_ltz(site, kind);
    }
    // The unit of the number is 10^-digits seconds.
    let digits = site.args.get(1).and_then(literal_integer).unwrap_or(3) as i32;
    Ok(Box::new(move |args: &Args| {
        let from = args.columns[0].array();
        let nulls = args.nulls_of([0]);
        let step = usize::from(!args.columns[0].is_scalar());
        if from.data_type().is_integer() {
            let wide = arrow::compute::cast(from, &arrow::datatypes::DataType::Int64)?;
            let values = wide.as_primitive::<Int64Type>();
            return build_timestamps(args, nulls, &kind, |row| {
                Ok(moment_of_epoch(i128::from(values.value(row * step)), digits))
            });
        }
        let wide = arrow::compute::cast(from, &arrow::datatypes::DataType::Float64)?;
        let values = wide.as_primitive::<arrow::datatypes::Float64Type>();
        let decimal = matches!(from.data_type(), arrow::datatypes::DataType::Decimal128(..));
        build_timestamps(args, nulls, &kind, |row| {
            let value = values.value(row * step);
            // Of a DECIMAL the fraction is cut; of a DOUBLE it counts.
            if decimal {
                return Ok(moment_of_epoch(value as i64 as i128, digits));
            }
            let nanos = (value * 10f64.powi(9 - digits)) as i128;
            Ok(moment_of_epoch(nanos, 9))
        })
    }))
}

/// None outside of the years 1 to 9999.
fn moment_of_epoch(value: i128, digits: i32) -> Option<Moment> {
    let nanos = value.checked_mul(10i128.pow((9 - digits) as u32))?;
    let millis = i64::try_from(nanos.div_euclid(1_000_000)).ok()?;
    if !(-62_135_596_800_000..253_402_300_800_000).contains(&millis) {
        return None;
    }
    Some(Moment { millis, nanos: nanos.rem_euclid(1_000_000) as u32 })
}

/// The text is a wall clock of UTC, or of the zone of a third argument.
fn prepare_text_to_timestamp_ltz(site: &Site, kind: TypeKind) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1, Flavor::DateTimeFormatter)?;
    Ok(Box::new(move |args: &Args| {
        let texts = args.strings(0);
        let formats = (args.len() >= 2).then(|| args.strings(1));
        let zones = (args.len() == 3).then(|| args.strings(2));
        build_timestamps(args, args.nulls(), &kind, |row| {
            let parsed = match &formats {
                None => parse_timestamp(texts.get(row)),
                Some(f) => {
                    let fitting = patterns.require(f.get(row))?.parse(texts.get(row)).map(|p| p.local);
                    fitting.or_else(|| parse_sql_timestamp(texts.get(row).trim()))
                }
            };
            let Some(local) = parsed else {
                return match &formats {
                    Some(_) => Ok(None),
                    None => Err(Error::data(format!("TO_TIMESTAMP_LTZ cannot read '{}'", texts.get(row)))),
                };
            };
            let zone = zones.as_ref().map_or(Zone::Utc, |z| named_zone(z.get(row)));
            Ok(Some(local).map(|local| Moment { millis: zone.to_utc(local.millis), ..local }))
        })
    }))
}

/// An unknown name is GMT, as in `java.util.TimeZone.getTimeZone`.
fn named_zone(name: &str) -> Zone {
    if let Some(offset) = custom_offset(name) {
        return Zone::Fixed(offset);
    }
    let old = OLD_ZONES.iter().find(|(old, _)| *old == name).map(|(_, new)| *new);
    chrono_tz::Tz::from_str(old.unwrap_or(name)).map_or(Zone::Utc, Zone::new)
}

/// Names of JDK 1.1 that still stand for a place; `EST`, `MST` and `HST` are in the time zone database.
const OLD_ZONES: [(&str, &str); 25] = [
    ("ACT", "Australia/Darwin"),
    ("AET", "Australia/Sydney"),
    ("AGT", "America/Argentina/Buenos_Aires"),
    ("ART", "Africa/Cairo"),
    ("AST", "America/Anchorage"),
    ("BET", "America/Sao_Paulo"),
    ("BST", "Asia/Dhaka"),
    ("CAT", "Africa/Harare"),
    ("CNT", "America/St_Johns"),
    ("CST", "America/Chicago"),
    ("CTT", "Asia/Shanghai"),
    ("EAT", "Africa/Addis_Ababa"),
    ("ECT", "Europe/Paris"),
    ("IET", "America/Indiana/Indianapolis"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("MIT", "Pacific/Apia"),
    ("NET", "Asia/Yerevan"),
    ("NST", "Pacific/Auckland"),
    ("PLT", "Asia/Karachi"),
    ("PNT", "America/Phoenix"),
    ("PRT", "America/Puerto_Rico"),
    ("PST", "America/Los_Angeles"),
    ("SST", "Pacific/Guadalcanal"),
    ("VST", "Asia/Ho_Chi_Minh"),
];

/// `GMT+8`, `GMT-08:00`, `GMT+0830`: hours up to 23.
fn custom_offset(name: &str) -> Option<i64> {
    let rest = name.strip_prefix("GMT")?;
    let sign = match rest.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = match rest[1..].split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => return None,
        None if rest.len() > 3 => rest[1..].split_at_checked(rest.len() - 3)?,
        None => (&rest[1..], "0"),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
}

pub(super) fn convert_tz(args: &Args) -> Result<ArrayRef> {
    let (texts, from, to) = (args.strings(0), args.strings(1), args.strings(2));
    let pattern = DatePattern::new(DEFAULT_PATTERN, Flavor::SimpleDateFormat)?;
    args.build_strings(args.nulls(), |row, out| {
        let Some(parsed) = pattern.parse(texts.get(row)) else { return Ok(false) };
        let utc = named_zone(from.get(row)).to_utc_by_calendar(parsed.local.millis);
        let local = named_zone(to.get(row)).to_local_by_calendar(utc);
        pattern.format(Moment::of_millis(local), 0, "", out);
        Ok(true)
    })
}
