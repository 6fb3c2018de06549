//! Flink SQL: text to tokens to syntax tree ([`parser`]), names and types against the catalog, and from there to a
//! stream plan.

pub mod ast;
pub mod diagnostics;
pub mod lexer;
pub mod parser;
pub mod variables;
