//! What tests of the engine are made of: a world in memory with sources that a test fills, sinks that it
//! reads, a transaction that decides epochs, and faults at named points; and an object store that breaks down.
//!
//! ```
//! use flitz_testkit::{Fault, Visibility, World, events};
//!
//! let world = World::new();
//! world.source("clicks", &[("clicks-0", vec![events(&[(1_000, "u1", 1)])])]);
//! world.sink("out", Visibility::Deciding);
//! world.fail(Fault::BeforeCommit, 2); // the second commit does not happen
//! let registry = world.registry(); // connector 'memory'
//! ```
//!
//! A job that fails is simply started again on the same world: what was committed is still there, what was
//! not is gone.

mod faulty;
mod fold;
mod rows;
mod sink;
mod source;
mod world;

pub use faulty::FaultyStore;
pub use fold::fold;
pub use rows::{event_schema, events, row_texts};
pub use world::{Fault, Visibility, World};
