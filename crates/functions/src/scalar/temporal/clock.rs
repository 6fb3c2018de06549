//! Functions that read the clock or the watermark.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::buffer::NullBuffer;
use arrow::datatypes::{Date32Type, Time32MillisecondType};
use flitz_dataflow::{Error, Result, TimeAttribute, TypeKind};
use flitz_plan::Expr;

use crate::calendar::{MILLIS_PER_DAY, Moment, Zone};
use crate::cast::temporal::build_timestamps;
use crate::columnar::Args;
use crate::scalar::{Eval, Function, Kernel, Site, exactly};

pub(super) const fn now(name: &'static str) -> Function {
    Function::custom(name, clock_call, Eval::Prepared(prepare_now)).volatile()
}

fn clock_call(name: &'static str, args: Vec<Expr>) -> Result<Expr> {
    let [] = exactly(name, args)?;
    let kind = match name {
        "LOCALTIMESTAMP" => TypeKind::timestamp(3),
        "LOCALTIME" | "CURRENT_TIME" => TypeKind::Time(0),
        "CURRENT_DATE" => TypeKind::Date,
        "PROCTIME" => TypeKind::TimestampLtz { precision: 3, attribute: TimeAttribute::Proctime },
        _ => TypeKind::timestamp_ltz(3),
    };
    Ok(Expr::call(name, vec![], kind.not_null()))
}

/// The time of the query in batch mode, else of the moment.
pub(super) struct Now {
    clock: Arc<dyn flitz_dataflow::Clock>,
    fixed: Option<i64>,
}

impl Now {
    pub fn new(site: &Site) -> Now {
        let per_row = matches!(site.name, "CURRENT_ROW_TIMESTAMP" | "PROCTIME" | "UNIX_TIMESTAMP");
        Now { clock: site.context.clock.clone(), fixed: site.context.query_time_millis.filter(|_| !per_row) }
    }

    pub fn millis(&self) -> i64 {
        self.fixed.unwrap_or_else(|| self.clock.now_millis())
    }
}

/// Read once per batch: rows of a batch were taken in at one time.
fn prepare_now(site: &Site) -> Result<Kernel> {
    let now = Now::new(site);
    let zone = Zone::new(site.context.time_zone);
    let kind = site.data_type.kind.clone();
    Ok(Box::new(move |args: &Args| {
        let utc = now.millis();
        let local = zone.to_local(utc);
        let day = local.div_euclid(MILLIS_PER_DAY);
        Ok(match &kind {
            TypeKind::Date => Arc::new(args.build_infallible::<Date32Type>(None, |_| day as i32)),
            TypeKind::Time(_) => {
                let millis = local.rem_euclid(MILLIS_PER_DAY) / 1000 * 1000;
                Arc::new(args.build_infallible::<Time32MillisecondType>(None, |_| millis as i32))
            }
            TypeKind::Timestamp { .. } => build_timestamps(args, None, &kind, |_| Ok(Some(Moment::of_millis(local))))?,
            kind => build_timestamps(args, None, kind, |_| Ok(Some(Moment::of_millis(utc))))?,
        })
    }))
}

pub(super) fn bind_current_watermark(args: Vec<Expr>) -> Result<Expr> {
    let [time] = exactly("CURRENT_WATERMARK", args)?;
    if time.data_type().kind.attribute() != TimeAttribute::Rowtime {
        return Err(Error::invalid(format!("CURRENT_WATERMARK needs a rowtime attribute, not {}", time.data_type()))
            .hint("declare a WATERMARK on the column"));
    }
    let kind = match time.data_type().kind {
        TypeKind::Timestamp { .. } => TypeKind::timestamp(3),
        _ => TypeKind::timestamp_ltz(3),
    };
    Ok(Expr::call("CURRENT_WATERMARK", vec![time], kind.nullable()))
}

pub(super) fn prepare_current_watermark(site: &Site) -> Result<Kernel> {
    if site.context.query_time_millis.is_some() {
        return Err(
            Error::invalid("CURRENT_WATERMARK is for streams").hint("SET 'execution.runtime-mode' = 'streaming'")
        );
    }
    let watermark = site.context.watermark.clone();
    let kind = site.data_type.kind.clone();
    Ok(Box::new(move |args: &Args| {
        let millis = watermark.load(Ordering::Relaxed);
        let nulls = (millis == i64::MIN).then(|| NullBuffer::new_null(args.rows));
        build_timestamps(args, nulls, &kind, |_| Ok(Some(Moment::of_millis(millis))))
    }))
}
