//! What Flink takes from the Java library, where its output can be seen: texts of numbers, patterns of dates,
//! `String.format`, `java.util.Random`, regular expressions.

pub(crate) mod captures;
pub(crate) mod date_layout;
pub(crate) mod date_pattern;
pub(crate) mod formatter;
pub(crate) mod number;
pub(crate) mod pattern;
pub(crate) mod random;
pub(crate) mod strict_math;
