//! Two and three nodes that federate.

pub mod conversation;
mod keys;
mod withdrawal;
