//! Checkpoints: what is kept ([`snapshot`]), where ([`store`]) and who decides ([`decide`]).
pub mod snapshot;
