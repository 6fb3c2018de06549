//! What must hold of any text, expression and query, made of any bytes. libFuzzer looks for bytes for which it does not
//! (`cargo xtask fuzz`, with the targets of `fuzz/`); the tests here take random ones.
//!
//! | module | makes of the bytes | asks |
//! |---|---|---|
//! | [`parse`] | SQL text as it is | no panic; what parses prints as text that parses to the same tree |
//! | [`expression`] | a typed expression and rows | a batch gives what its rows give one by one, and what folding their values as constants gives |
//! | [`query`] | tables and a query over them | streaming, folded to its final table, gives what batch mode gives, at any parallelism and batch size |
//!
//! `check` panics where something does not hold. A find is replayed with `cargo +nightly fuzz run TARGET FILE`; with
//! `FUZZ_SHOW=1` it prints what the bytes mean.

// A generator whose own mistakes panic, as its finds do.
#![allow(clippy::unwrap_used)]

pub mod expression;
pub mod parse;
pub mod query;

/// Whether to print what is tried: for looking at a find.
fn shows() -> bool {
    static SHOWS: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *SHOWS.get_or_init(|| std::env::var_os("FUZZ_SHOW").is_some())
}

/// The first `count` seeds and those that found something once; `FUZZ_SEEDS=1000..2000` takes these instead. A failing
/// one is printed.
#[cfg(test)]
fn with_random_bytes(count: u64, found: &[u64], check: fn(&[u8])) {
    use rand::{Rng, RngCore, SeedableRng};
    let range = std::env::var("FUZZ_SEEDS").ok().and_then(|text| {
        let (start, end) = text.split_once("..")?;
        Some((start.parse().ok()?..end.parse().ok()?).collect::<Vec<u64>>())
    });
    let mut failed = vec![];
    for seed in range.unwrap_or_else(|| (0..count).chain(found.iter().copied()).collect()) {
        let mut random = rand::rngs::StdRng::seed_from_u64(seed);
        let mut bytes = vec![0; random.random_range(20..600)];
        random.fill_bytes(&mut bytes);
        if std::panic::catch_unwind(|| check(&bytes)).is_err() {
            eprintln!("FUZZ_SEEDS={seed}..{} FUZZ_SHOW=1 shows it", seed + 1);
            failed.push(seed);
        }
    }
    assert!(failed.is_empty(), "failing seeds: {failed:?}");
}
