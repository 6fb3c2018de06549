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
mod syntax_tree;
#[cfg(test)]
mod tests;
pub mod variables;

pub use session::{JobCommand, Outcome, PlannedJob, ResultTable, Session, Variables};

/// Runs one level of a recursion over text that a user nested; the stack grows when little of it is left.
fn with_room<T>(level: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(128 << 10, 1 << 20, level)
}
