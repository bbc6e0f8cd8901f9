//! Two and three nodes that federate.

mod apart;
mod articles;
mod connections;
pub mod conversation;
mod domain_blocks;
mod group_news;
mod group_peer;
mod group_pictures;
mod group_talks;
mod groups;
mod keys;
mod moves;
mod mutual_tls;
mod network_feed;
mod pins;
mod polls;
mod recall;
mod synchronise;
mod tags;
mod thread_mutes;
mod threads;
mod withdrawal;
