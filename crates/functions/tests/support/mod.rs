//! A parser of SQL expressions, just enough for the tables of `flink_expressions`, and their one-row table.

pub mod parser;
pub mod table;
