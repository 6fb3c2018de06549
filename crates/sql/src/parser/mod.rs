//! Tokens to the syntax tree.
