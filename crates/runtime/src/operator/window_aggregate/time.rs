//! Event times as windows see them: milliseconds of a wall clock.
//!
//! A TIMESTAMP is a wall clock reading already. A TIMESTAMP_LTZ, and processing time, is turned into the
//! session zone's wall clock first, so that daily windows begin at its midnight and are 23 or 25 hours long
//! where the clock is changed. A window fires when the instant of its last millisecond has passed.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
};
use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;
use flitz_dataflow::{Error, Result};

/// Between the wall clock and instants. UTC where both are the same.
#[derive(Clone, Copy, Debug)]
pub struct WallClock {
    zone: Option<Tz>,
}

const QUARTER_HOUR: i64 = 15 * 60_000;

impl WallClock {
    pub const UTC: WallClock = WallClock { zone: None };

    pub fn of(zone: Tz) -> WallClock {
        WallClock { zone: (zone != Tz::UTC).then_some(zone) }
    }

    fn offset_millis(zone: Tz, instant: i64) -> i64 {
        match DateTime::from_timestamp_millis(instant) {
            Some(time) => i64::from(zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc()) * 1000,
            None => 0,
        }
    }

    /// What the clock shows at an instant.
    pub fn reading(self, instant: i64) -> i64 {
        self.zone.map_or(instant, |zone| instant + WallClock::offset_millis(zone, instant))
    }

    /// Turns instants into readings. Offsets change on quarters of an hour, if at all, so that one look per
    /// quarter suffices unless it changes within.
    fn read_all(self, instants: &mut [i64]) {
        let Some(zone) = self.zone else { return };
        let mut known: Option<(i64, i64)> = None;
        for instant in instants {
            let quarter = instant.div_euclid(QUARTER_HOUR);
            let offset = match known {
                Some((known_quarter, offset)) if known_quarter == quarter => offset,
                _ => {
                    let first = WallClock::offset_millis(zone, quarter * QUARTER_HOUR);
                    let last = WallClock::offset_millis(zone, quarter * QUARTER_HOUR + QUARTER_HOUR - 1);
                    if first == last {
                        known = Some((quarter, first));
                        first
                    } else {
                        WallClock::offset_millis(zone, *instant)
                    }
                }
            };
            *instant += offset;
        }
    }

    /// The instant at which the clock shows `reading`: the first of two. Where the clock skips it, what it
    /// would have been without the change.
    pub fn instant(self, reading: i64) -> i64 {
        self.resolve(reading, false)
    }

    /// When something due at `reading` is done: the last of two instants. Where the clock skips it, the
    /// moment of the change. Never decreases as `reading` grows.
    pub fn due(self, reading: i64) -> i64 {
        self.resolve(reading, true)
    }

    fn resolve(self, reading: i64, latest: bool) -> i64 {
        let Some(zone) = self.zone else { return reading };
        let Some(wall) = DateTime::from_timestamp_millis(reading).map(|t| t.naive_utc()) else { return reading };
        match zone.from_local_datetime(&wall) {
            LocalResult::Single(time) => time.timestamp_millis(),
            LocalResult::Ambiguous(a, b) => {
                let (a, b) = (a.timestamp_millis(), b.timestamp_millis());
                if latest { a.max(b) } else { a.min(b) }
            }
            LocalResult::None => skipped(zone, wall, reading, latest),
        }
    }
}

/// `wall` lies in a gap of the clock. A day around it has one offset before the gap and one behind.
fn skipped(zone: Tz, wall: NaiveDateTime, reading: i64, at_change: bool) -> i64 {
    let around = wall.and_utc().timestamp_millis();
    let day = 24 * 3_600_000;
    let before = WallClock::offset_millis(zone, around - day);
    if !at_change {
        return reading - before;
    }
    let (mut low, mut high) = (around - day, around + day);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if WallClock::offset_millis(zone, middle) == before { low = middle } else { high = middle }
    }
    high
}

/// The milliseconds of a column of time stamps, floored. `Data` if one is NULL: Flink fails too.
pub fn millis_of(batch: &RecordBatch, column: usize, clock: WallClock) -> Result<Vec<i64>> {
    let array = batch.column(column);
    if array.null_count() > 0 {
        let schema = batch.schema();
        let name = schema.field(column).name();
        return Err(Error::data(format!("the time attribute `{name}` is NULL, so the row belongs to no window"))
            .hint(format!("keep such rows out: WHERE `{name}` IS NOT NULL")));
    }
    let mut millis = match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => {
            return Err(Error::internal("time stamps in seconds"));
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            array.as_primitive::<TimestampMillisecondType>().values().to_vec()
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let values = array.as_primitive::<TimestampMicrosecondType>().values();
            values.iter().map(|v| v.div_euclid(1_000)).collect()
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let values = array.as_primitive::<TimestampNanosecondType>().values();
            values.iter().map(|v| v.div_euclid(1_000_000)).collect()
        }
        DataType::Int64 => array.as_primitive::<Int64Type>().values().to_vec(),
        other => return Err(Error::internal(format!("a time attribute of type {other}"))),
    };
    clock.read_all(&mut millis);
    Ok(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> i64 {
        text.parse::<DateTime<chrono::Utc>>().unwrap().timestamp_millis()
    }

    #[test]
    fn the_clock_of_berlin_skips_an_hour_and_repeats_another() {
        let berlin = WallClock::of(Tz::Europe__Berlin);
        assert_eq!(berlin.reading(millis("2026-01-01T00:00:00Z")), millis("2026-01-01T01:00:00Z"));
        // 02:30 on 29 March does not exist: due at the change (01:00 UTC).
        let skipped = millis("2026-03-29T02:30:00Z");
        assert_eq!(berlin.due(skipped), millis("2026-03-29T01:00:00Z"));
        assert_eq!(berlin.instant(skipped), millis("2026-03-29T01:30:00Z"));
        // 02:30 on 25 October comes twice.
        let twice = millis("2026-10-25T02:30:00Z");
        assert_eq!(berlin.instant(twice), millis("2026-10-25T00:30:00Z"));
        assert_eq!(berlin.due(twice), millis("2026-10-25T01:30:00Z"));
        let mut all: Vec<i64> = (0..200).map(|i| millis("2026-03-29T00:00:00Z") + i * 60_000).collect();
        let expected: Vec<i64> = all.iter().map(|t| berlin.reading(*t)).collect();
        berlin.read_all(&mut all);
        assert_eq!(all, expected);
    }
}
