//! Configuration, wiring, command line and demonstration of the one executable, `corridor`.

pub mod cli;
pub mod config;
pub mod demo;
mod headers;
mod health;
mod housekeeping;
pub mod logging;
pub mod loopback;
pub mod node;
mod wiring;
