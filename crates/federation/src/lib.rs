//! Domain to ActivityPub and back: HTTP with peers in and out, signatures, and delivery.
//!
//! Every request to and from a peer passes policy first; what is said on the wire is written in `docs/FEDERATION.md`.

pub mod client;
pub mod gate;
mod node;
pub mod objects;
pub mod sign;
pub mod signature;

pub use node::{Limits, Node};
