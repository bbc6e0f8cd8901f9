//! Domain to ActivityPub and back: HTTP with peers in and out, signatures, and delivery.
//!
//! Every request to and from a peer passes policy first; what is said on the wire is written in `docs/FEDERATION.md`.

pub mod activities;
mod backfill;
pub mod certificate;
pub mod client;
mod conversation;
pub mod delivery;
pub mod error;
mod fetch;
pub mod gate;
mod guard;
pub mod http;
mod node;
pub mod objects;
mod pinning;
pub mod probe;
mod proof;
mod remote;
pub mod sign;
pub mod signature;
pub mod strict;
mod synchronise;
#[cfg(test)]
mod testing;
mod tls_fault;

pub use error::Error;
pub use guard::Guard;
pub use http::{configure, configure_webfinger};
pub use node::{Limits, Node};
