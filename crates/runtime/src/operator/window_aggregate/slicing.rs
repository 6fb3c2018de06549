//! Which slices and windows there are.
//!
//! A row is aggregated into exactly one *slice*; a window's result merges its slices. All in wall clock
//! milliseconds.
//!
//! ```text
//! TUMBLE  size 10            slice = window               |0  10|10  20|
//! HOP     slide 5, size 10   slice 5, window of 2         |0 5|5 10|10 15|    windows (0,10) (5,15) …
//! CUMULATE step 5, size 15   slice 5, windows grow        |0 5|5 10|10 15|    windows (0,5) (0,10) (0,15)
//! ```

use flitz_dataflow::{Error, Result};
use flitz_plan::WindowShape;

/// A slice by its end, then its start (for CUMULATE the start of its windows).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SliceId {
    pub end: i64,
    pub start: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slicing {
    Tumble {
        size: i64,
        offset: i64,
    },
    Hop {
        slice: i64,
        slide: i64,
        size: i64,
        offset: i64,
    },
    Cumulate {
        step: i64,
        size: i64,
        offset: i64,
    },
    /// Rows name their window.
    Assigned,
}

/// The start of the interval of length `size` that `time` lies in, also before 1970.
fn floor(time: i64, size: i64, offset: i64) -> i64 {
    (time - offset).div_euclid(size) * size + offset
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Slicing {
    /// None for sessions, which have no slices.
    pub fn new(shape: &WindowShape) -> Result<Option<Slicing>> {
        let slicing = match *shape {
            WindowShape::Tumble { size, offset } => Slicing::Tumble { size, offset },
            WindowShape::Hop { slide, size, offset } => {
                Slicing::Hop { slice: gcd(slide.max(1), size.max(1)), slide, size, offset }
            }
            WindowShape::Cumulate { step, size, offset } => Slicing::Cumulate { step, size, offset },
            WindowShape::Assigned { .. } => Slicing::Assigned,
            WindowShape::Session { .. } => return Ok(None),
        };
        let lengths_are_positive = match slicing {
            Slicing::Tumble { size, .. } => size > 0,
            Slicing::Hop { slide, size, .. } => slide > 0 && size > 0,
            Slicing::Cumulate { step, size, .. } => step > 0 && size > 0 && size % step == 0,
            Slicing::Assigned => true,
        };
        match lengths_are_positive {
            true => Ok(Some(slicing)),
            false => Err(Error::invalid(format!("a window must be longer than nothing, found {shape:?}"))),
        }
    }

    /// The slice of a time; not for `Assigned`.
    #[inline]
    pub fn slice_of(&self, time: i64) -> SliceId {
        match *self {
            Slicing::Tumble { size, offset } => {
                let start = floor(time, size, offset);
                SliceId { end: start + size, start }
            }
            Slicing::Hop { slice, offset, .. } => {
                let start = floor(time, slice, offset);
                SliceId { end: start + slice, start }
            }
            Slicing::Cumulate { step, size, offset } => {
                let start = floor(time, size, offset);
                SliceId { end: floor(time, step, start) + step, start }
            }
            Slicing::Assigned => SliceId { end: time, start: time },
        }
    }

    /// End of the first window that the slice is part of.
    pub fn first_window_end(&self, slice: SliceId) -> i64 {
        match *self {
            Slicing::Tumble { .. } | Slicing::Cumulate { .. } | Slicing::Assigned => slice.end,
            // Ends of windows lie `size` behind multiples of `slide`.
            Slicing::Hop { slide, size, offset, .. } => {
                floor(slice.end - size - offset + slide - 1, slide, 0) + size + offset
            }
        }
    }

    /// End of the last window that the slice is part of; before its first if it is part of none (a HOP whose
    /// slide exceeds its size).
    pub fn last_window_end(&self, slice: SliceId) -> i64 {
        match *self {
            Slicing::Tumble { .. } | Slicing::Assigned => slice.end,
            Slicing::Hop { slide, size, offset, .. } => floor(slice.start, slide, offset) + size,
            Slicing::Cumulate { size, .. } => slice.start + size,
        }
    }

    /// Distance between window ends.
    pub fn interval(&self) -> i64 {
        match *self {
            Slicing::Tumble { size, .. } => size,
            Slicing::Hop { slide, .. } => slide,
            Slicing::Cumulate { step, .. } => step,
            Slicing::Assigned => i64::MAX,
        }
    }

    /// Appends start and end of every window that a time lies in, the earliest end first; not for `Assigned`.
    pub fn windows_of(&self, time: i64, found: &mut Vec<(i64, i64)>) {
        let slice = self.slice_of(time);
        let last = self.last_window_end(slice);
        let mut end = self.first_window_end(slice);
        while end <= last {
            found.push((self.window_start(slice, end), end));
            end = end.saturating_add(self.interval());
        }
    }

    /// Start of the window of `slice` that ends at `end`.
    pub fn window_start(&self, slice: SliceId, end: i64) -> i64 {
        match *self {
            Slicing::Tumble { .. } | Slicing::Cumulate { .. } | Slicing::Assigned => slice.start,
            Slicing::Hop { size, .. } => end - size,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(slicing: Slicing, time: i64) -> Vec<(i64, i64)> {
        let mut found = vec![];
        slicing.windows_of(time, &mut found);
        found
    }

    #[test]
    fn a_time_lies_in_these_windows() {
        let tumble = Slicing::Tumble { size: 10, offset: 3 };
        assert_eq!(windows(tumble, 2), [(-7, 3)]);
        assert_eq!(windows(tumble, 3), [(3, 13)]);
        assert_eq!(windows(tumble, -8), [(-17, -7)]);
        let hop = Slicing::new(&WindowShape::Hop { slide: 5, size: 10, offset: 0 }).unwrap().unwrap();
        assert_eq!(windows(hop, 7), [(0, 10), (5, 15)]);
        assert_eq!(windows(hop, -1), [(-10, 0), (-5, 5)]);
        let uneven = Slicing::new(&WindowShape::Hop { slide: 4, size: 10, offset: 1 }).unwrap().unwrap();
        assert_eq!(windows(uneven, 9), [(1, 11), (5, 15), (9, 19)]);
        assert_eq!(windows(uneven, 8), [(1, 11), (5, 15)]);
        let gaps = Slicing::new(&WindowShape::Hop { slide: 10, size: 4, offset: 0 }).unwrap().unwrap();
        assert_eq!(windows(gaps, 3), [(0, 4)]);
        assert_eq!(windows(gaps, 5), []);
        let cumulate = Slicing::Cumulate { step: 5, size: 15, offset: 0 };
        assert_eq!(windows(cumulate, 7), [(0, 10), (0, 15)]);
        assert_eq!(windows(cumulate, 14), [(0, 15)]);
    }
}
