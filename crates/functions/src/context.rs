use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use chrono_tz::Tz;
use flitz_dataflow::{Clock, Error, Result};

/// What a function may ask beside its arguments.
#[derive(Clone, Debug)]
pub struct EvalContext {
    pub clock: Arc<dyn Clock>,
    /// Session time zone: `table.local-time-zone`.
    pub time_zone: Tz,
    pub catalog: String,
    pub database: String,
    /// The operator's current watermark for CURRENT_WATERMARK, `i64::MIN` before the first.
    pub watermark: Arc<AtomicI64>,
    /// Batch mode: NOW() and its like are read once, here (milliseconds).
    pub query_time_millis: Option<i64>,
}

impl EvalContext {
    pub fn new(clock: Arc<dyn Clock>, time_zone: &str) -> Result<EvalContext> {
        let time_zone = time_zone.parse().map_err(|_| {
            let error = match time_zone.starts_with("GMT") {
                true => Error::unsupported(format!("time zone '{time_zone}': an offset that is not of whole hours")),
                false => Error::invalid(format!("'{time_zone}' is not a time zone")),
            };
            error.option("table.local-time-zone").hint("use an IANA name such as 'Europe/Berlin' or 'UTC'")
        })?;
        Ok(EvalContext {
            clock,
            time_zone,
            catalog: "default_catalog".to_owned(),
            database: "default_database".to_owned(),
            watermark: Arc::new(AtomicI64::new(i64::MIN)),
            query_time_millis: None,
        })
    }
}
