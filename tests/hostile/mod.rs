//! The catalogue of hostile input: each numbered case is sent over the wire to a running node, which refuses it and
//! keeps its state. `cargo xtask hostile` makes the table in docs/SECURITY.md from the names of these tests.

mod allow_list;
mod collections;
mod content;
mod cuts;
mod delivery;
mod fetching;
mod lists;
mod names;
mod ownership;
pub mod peer;
mod polls;
mod repeats;
pub mod scene;
mod signatures;
mod state;
mod visibility;
