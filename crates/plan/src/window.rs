//! Operators over rows that have been assigned to windows: their window stands in two of their columns.

use serde::{Deserialize, Serialize};

use crate::{Expr, SortKey, TimeKind};

/// The columns, TIMESTAMP(3) each, that hold the bounds of a row's window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowBounds {
    pub start: usize,
    pub end: usize,
    pub time_kind: TimeKind,
}

/// The first rows of each partition of each window. The node's schema is the input's, with the rank behind it if
/// `emits_rank`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowRank {
    pub window: WindowBounds,
    /// Beside the window.
    pub partition: Vec<usize>,
    pub order: Vec<SortKey>,
    /// Ranks from `first` to `last` are emitted; the first row has rank 1.
    pub first: u64,
    pub last: u64,
    pub emits_rank: bool,
    /// Of rows that are equal in `order` the one that came last ranks first.
    pub latest_first: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    /// Rows of the left side that match some row.
    Semi,
    /// Rows of the left side that match none.
    Anti,
}

/// `left = right`, or with `null_safe` IS NOT DISTINCT FROM. Both columns have one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinKey {
    pub left: usize,
    pub right: usize,
    pub null_safe: bool,
}

/// Rows of two inputs in equal windows. The node's schema is both inputs' columns, for semi and anti joins the
/// left one's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowJoin {
    pub kind: JoinKind,
    pub left: WindowBounds,
    pub right: WindowBounds,
    pub keys: Vec<JoinKey>,
    /// What must hold beside the keys, over the columns of the left input, then those of the right one.
    pub condition: Option<Expr>,
}

impl JoinKind {
    /// Whether rows of the left side without a match are emitted, padded with NULL.
    pub fn keeps_left(self) -> bool {
        matches!(self, JoinKind::Left | JoinKind::Full)
    }

    pub fn keeps_right(self) -> bool {
        matches!(self, JoinKind::Right | JoinKind::Full)
    }

    /// Whether the result has the columns of the right side.
    pub fn emits_right(self) -> bool {
        !matches!(self, JoinKind::Semi | JoinKind::Anti)
    }

    /// Flink's name in EXPLAIN.
    pub fn name(self) -> &'static str {
        match self {
            JoinKind::Inner => "InnerJoin",
            JoinKind::Left => "LeftOuterJoin",
            JoinKind::Right => "RightOuterJoin",
            JoinKind::Full => "FullOuterJoin",
            JoinKind::Semi => "LeftSemiJoin",
            JoinKind::Anti => "LeftAntiJoin",
        }
    }
}
