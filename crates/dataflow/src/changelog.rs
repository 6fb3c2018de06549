use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

/// What a row does to the table it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RowKind {
    Insert,
    UpdateBefore,
    UpdateAfter,
    Delete,
}

impl RowKind {
    /// Whether the row takes something out of the table.
    pub fn is_retraction(self) -> bool {
        matches!(self, RowKind::UpdateBefore | RowKind::Delete)
    }

    /// `+I`, `-U`, `+U`, `-D`.
    pub fn short(self) -> &'static str {
        match self {
            RowKind::Insert => "+I",
            RowKind::UpdateBefore => "-U",
            RowKind::UpdateAfter => "+U",
            RowKind::Delete => "-D",
        }
    }
}

impl fmt::Display for RowKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short())
    }
}

/// Which row kinds a stream may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChangelogMode {
    pub update_before: bool,
    pub update_after: bool,
    pub delete: bool,
}

impl ChangelogMode {
    pub const INSERT_ONLY: ChangelogMode = ChangelogMode { update_before: false, update_after: false, delete: false };
    pub const UPSERT: ChangelogMode = ChangelogMode { update_before: false, update_after: true, delete: true };
    pub const ALL: ChangelogMode = ChangelogMode { update_before: true, update_after: true, delete: true };

    pub fn is_insert_only(self) -> bool {
        self == ChangelogMode::INSERT_ONLY
    }
}

/// Flink's spelling in EXPLAIN: `[I,UB,UA,D]`.
impl fmt::Display for ChangelogMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[I")?;
        for (on, name) in [(self.update_before, ",UB"), (self.update_after, ",UA"), (self.delete, ",D")] {
            if on {
                f.write_str(name)?;
            }
        }
        f.write_str("]")
    }
}

/// Rows in columns, each with its [`RowKind`]. An append-only batch carries no kinds at all.
///
/// Invariant: `kinds`, if present, has one entry per row.
#[derive(Clone, Debug)]
pub struct ChangelogBatch {
    rows: RecordBatch,
    kinds: Option<Arc<[RowKind]>>,
}

impl ChangelogBatch {
    pub fn append_only(rows: RecordBatch) -> ChangelogBatch {
        ChangelogBatch { rows, kinds: None }
    }

    /// # Panics
    /// If there is not exactly one kind per row.
    pub fn new(rows: RecordBatch, kinds: Option<Arc<[RowKind]>>) -> ChangelogBatch {
        assert!(kinds.as_ref().is_none_or(|k| k.len() == rows.num_rows()), "one row kind per row");
        ChangelogBatch { rows, kinds }
    }

    pub fn rows(&self) -> &RecordBatch {
        &self.rows
    }

    /// None: all rows are inserts.
    pub fn kinds(&self) -> Option<&[RowKind]> {
        self.kinds.as_deref()
    }

    pub fn kinds_shared(&self) -> Option<Arc<[RowKind]>> {
        self.kinds.clone()
    }

    pub fn kind(&self, row: usize) -> RowKind {
        self.kinds.as_ref().map_or(RowKind::Insert, |k| k[row])
    }

    pub fn num_rows(&self) -> usize {
        self.rows.num_rows()
    }

    /// The rows `offset..offset + length`, without copying columns.
    pub fn slice(&self, offset: usize, length: usize) -> ChangelogBatch {
        ChangelogBatch {
            rows: self.rows.slice(offset, length),
            kinds: self.kinds.as_ref().map(|k| k[offset..offset + length].into()),
        }
    }

    /// Same kinds over other columns (a projection).
    pub fn with_rows(&self, rows: RecordBatch) -> ChangelogBatch {
        ChangelogBatch::new(rows, self.kinds.clone())
    }
}
