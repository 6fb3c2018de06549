//! Times as text by a pattern: DATE_FORMAT and FROM_UNIXTIME.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::datatypes::Int64Type;
use flitz_dataflow::{Error, Result, TypeKind};
use flitz_plan::Expr;

use super::text::{DEFAULT_PATTERN, Patterns};
use super::zone_of;
use crate::calendar::{Moment, Moments, Zone};
use crate::columnar::{Args, View};
use crate::java::date_layout::DateLayout;
use crate::java::date_pattern::{DatePattern, Flavor};
use crate::scalar::{Kernel, Site, exactly, mismatch_of};

pub(super) fn bind_date_format(args: Vec<Expr>) -> Result<Expr> {
    let [time, format] = exactly("DATE_FORMAT", args)?;
    let kind = &time.data_type().kind;
    if !kind.is_timestamp() && !kind.is_string() || !format.data_type().kind.is_string() {
        return Err(
            mismatch_of("DATE_FORMAT", &[time, format]).hint("expected DATE_FORMAT(timestamp or string, format)")
        );
    }
    Ok(Expr::call("DATE_FORMAT", vec![time, format], TypeKind::STRING.nullable()))
}

pub(super) fn prepare_date_format(site: &Site) -> Result<Kernel> {
    let kind = &site.args[0].data_type().kind;
    if kind.is_string() {
        return prepare_date_format_of_text(site);
    }
    let mut patterns = Patterns::new(site, 1, Flavor::DateTimeFormatter)?;
    let zone = zone_of(kind, Zone::new(site.context.time_zone));
    Ok(Box::new(move |args: &Args| {
        let formats = args.strings(1);
        let step = usize::from(!args.columns[0].is_scalar());
        let moments = Moments::of(args.columns[0].array());
        let local = |moment: Moment| Moment { millis: zone.to_local(moment.millis), ..moment };
        if let Some(mut layout) = patterns.layout(&formats) {
            let texts = match &moments {
                Moments::Millis(times) => {
                    laid_out(args, &mut layout, |row| local(Moment::of_millis(times.value(row * step))))?
                }
                times => laid_out(args, &mut layout, |row| local(times.get(row * step)))?,
            };
            if let Some(texts) = texts {
                return Ok(texts);
            }
        }
        args.build_strings(args.nulls(), |row, out| {
            let pattern = patterns.require(formats.get(row))?;
            if pattern.needs_zone() {
                return Err(Error::data(format!("DATE_FORMAT: '{}' asks for a time zone", formats.get(row))));
            }
            pattern.format(local(moments.get(row * step)), 0, "", out);
            Ok(true)
        })
    }))
}

/// Of a text: a time in UTC whatever the session's zone, whose fraction is not read. NULL if it is none.
fn prepare_date_format_of_text(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1, Flavor::SimpleDateFormat)?;
    let read = DatePattern::new(DEFAULT_PATTERN, Flavor::SimpleDateFormat)?;
    Ok(Box::new(move |args: &Args| {
        let (texts, formats) = (args.strings(0), args.strings(1));
        args.build_strings(args.nulls(), |row, out| {
            let pattern = patterns.require(formats.get(row))?;
            let Some(parsed) = read.parse(texts.get(row)) else { return Ok(false) };
            pattern.format(parsed.local, 0, "UTC", out);
            Ok(true)
        })
    }))
}

pub(super) fn prepare_from_unixtime(site: &Site) -> Result<Kernel> {
    let mut patterns = Patterns::new(site, 1, Flavor::SimpleDateFormat)?;
    let zone = Zone::new(site.context.time_zone);
    let zone_name = site.context.time_zone.name();
    Ok(Box::new(move |args: &Args| {
        let seconds = args.primitives::<Int64Type>(0);
        let formats = (args.len() == 2).then(|| args.strings(1));
        let layout = match &formats {
            Some(formats) => patterns.layout(formats),
            None => patterns.get(DEFAULT_PATTERN).and_then(DateLayout::of),
        };
        if let Some(mut layout) = layout {
            let local = |row| Moment::of_millis(zone.to_local_by_calendar(seconds.get(row).wrapping_mul(1000)));
            if let Some(texts) = laid_out(args, &mut layout, local)? {
                return Ok(texts);
            }
        }
        args.build_strings(args.nulls(), |row, out| {
            let millis = seconds.get(row).wrapping_mul(1000);
            let local = zone.to_local_by_calendar(millis);
            let format = formats.as_ref().map_or(DEFAULT_PATTERN, |f| f.get(row));
            patterns.require(format)?.format(Moment::of_millis(local), local - millis, zone_name, out);
            Ok(true)
        })
    }))
}

impl Patterns {
    /// Of the only pattern of a batch, if it has one.
    fn layout(&mut self, formats: &View<StringArray>) -> Option<DateLayout> {
        let text = formats.is_scalar().then(|| formats.get(0))?;
        self.get(text).and_then(DateLayout::of)
    }
}

/// The texts of wall clocks, all by one layout; None if one does not fit it.
fn laid_out(args: &Args, layout: &mut DateLayout, local: impl Fn(usize) -> Moment) -> Result<Option<ArrayRef>> {
    let nulls = args.nulls();
    let (bytes, lengths) = match &nulls {
        None => (layout.format((0..args.rows).map(local)), None),
        Some(nulls) => {
            let rows: Vec<usize> = nulls.valid_indices().collect();
            (layout.format(rows.into_iter().map(local)), Some(nulls))
        }
    };
    let Some(bytes) = bytes else { return Ok(None) };
    let width = layout.width();
    let lengths = (0..args.rows).map(|row| if lengths.is_none_or(|n| n.is_valid(row)) { width } else { 0 });
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Some(Arc::new(StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls)?)))
}
