//! Two and three nodes that federate.

mod apart;
mod articles;
pub mod conversation;
mod groups;
mod keys;
mod mutual_tls;
mod recall;
mod tags;
mod synchronise;
mod threads;
mod withdrawal;
