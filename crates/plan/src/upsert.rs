//! Rows of different keys that meet at one primary key of a sink.

use serde::{Deserialize, Serialize};

/// Brings rows in line with a sink's primary key where the query knows its rows by another key, or by none. What
/// it emits needs no `-U`. The node's schema is its input's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UpsertMaterialize {
    pub primary_key: Vec<usize>,
    /// What the query knows its rows by; None: a row is known by all of its columns.
    pub upsert_key: Option<Vec<usize>>,
    pub conflict: Conflict,
}

/// `ON CONFLICT DO …`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Conflict {
    /// The latest row stands; when it goes, the one before it comes back.
    Deduplicate,
    /// The first row stands. Decided whenever the watermark moves on.
    Nothing,
    /// The job fails. Decided whenever the watermark moves on.
    Error,
}

impl Conflict {
    /// Flink's name in EXPLAIN.
    pub fn name(self) -> &'static str {
        match self {
            Conflict::Deduplicate => "DEDUPLICATE",
            Conflict::Nothing => "NOTHING",
            Conflict::Error => "ERROR",
        }
    }
}
