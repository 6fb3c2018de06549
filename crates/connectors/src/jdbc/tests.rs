//! Options, types and what reaches an embedded file; PostgreSQL itself is in `crates/flitz/tests/jobs/jdbc.rs`.
