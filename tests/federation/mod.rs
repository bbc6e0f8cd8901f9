//! Two and three nodes that federate.

pub mod conversation;
mod groups;
mod keys;
mod mutual_tls;
mod recall;
mod withdrawal;
