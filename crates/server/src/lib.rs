//! Configuration, wiring and command line of the one executable, `corridor`.

pub mod cli;
pub mod config;
pub mod logging;
