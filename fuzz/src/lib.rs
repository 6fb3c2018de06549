//! What libFuzzer searches for mistakes: `cargo xtask fuzz`, one target per module.
//!
//! | target | makes of the bytes | asks |
//! |---|---|---|
//! | [`parse`] | SQL text as it is | no panic; what parses prints as text that parses to the same tree |
//! | [`expression`] | a typed expression and rows | a batch gives what its rows give one by one, and what folding their values as constants gives |
//! | [`query`] | tables and a query over them | streaming, folded to its final table, gives what batch mode gives, at any parallelism and batch size |
//!
//! A find is replayed with `cargo +nightly fuzz run TARGET FILE`; with `FUZZ_SHOW=1` it prints what the bytes mean.

pub mod expression;
pub mod parse;
pub mod query;

/// Whether to print what is tried: for looking at a find.
fn shows() -> bool {
    static SHOWS: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *SHOWS.get_or_init(|| std::env::var_os("FUZZ_SHOW").is_some())
}
