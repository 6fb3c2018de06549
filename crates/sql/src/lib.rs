//! Flink SQL: text to tokens to syntax tree ([`parser`]), names and types against the catalog, and from there to a
//! stream plan.

pub mod ast;
pub mod catalog;
pub mod diagnostics;
pub mod lexer;
mod lower;
pub mod parser;
mod relation;
pub mod render;
mod resolver;
pub mod session;
#[cfg(test)]
mod tests;
pub mod variables;

pub use session::{Outcome, PlannedJob, ResultTable, Session, Variables};
