//! Runs a `StreamPlan`: operators, the exchange between workers, and the coordinator of checkpoints.
pub mod keys;
pub mod operator;
