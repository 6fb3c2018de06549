use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00 (of the session's wall clock for TIMESTAMP, UTC for TIMESTAMP_LTZ).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventTime(pub i64);

/// Rows with `time <= watermark` are complete, but for late ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Watermark(pub EventTime);

impl Watermark {
    /// Before any row has been seen.
    pub const MIN: Watermark = Watermark(EventTime(i64::MIN));
    /// The end of bounded input: every window fires.
    pub const MAX: Watermark = Watermark(EventTime(i64::MAX));

    pub fn from_millis(millis: i64) -> Watermark {
        Watermark(EventTime(millis))
    }

    pub fn millis(self) -> i64 {
        self.0.0
    }
}

impl fmt::Display for Watermark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Watermark::MIN => f.write_str("none yet"),
            Watermark::MAX => f.write_str("end of input"),
            Watermark(time) => f.write_str(&format_event_time(time)),
        }
    }
}

/// `2026-11-21 10:50:05.120`
pub fn format_event_time(time: EventTime) -> String {
    match chrono::DateTime::from_timestamp_millis(time.0) {
        Some(t) => t.format("%Y-%m-%d %H:%M:%S%.3f").to_string(),
        None => time.0.to_string(),
    }
}

/// The only source of the current time, so that tests can hold it still.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Milliseconds since the epoch, UTC.
    fn now_millis(&self) -> i64;
}

#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_millis(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64)
    }
}

/// A clock that a test moves.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    pub fn at(millis: i64) -> ManualClock {
        ManualClock(Arc::new(AtomicI64::new(millis)))
    }

    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_millis(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
