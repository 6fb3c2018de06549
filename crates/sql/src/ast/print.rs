//! Prints the syntax tree as SQL that parses to the same tree.
