//! Configuration, wiring, command line and demonstration of the one executable, `corridor`.

pub mod ca;
pub mod cli;
pub mod config;
pub mod demo;
mod headers;
mod health;
mod housekeeping;
pub mod logging;
pub mod loopback;
pub mod node;
mod sockets;
mod spans;
mod streaming;
pub mod tls;
mod wiring;
