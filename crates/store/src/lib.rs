//! What a node remembers. The only crate that knows SQL: one query source for SQLite and PostgreSQL.
//!
//! Reads go through [`Store::read`], writes through [`Store::write`]; both hand a [`Tx`] to a
//! synchronous closure, so no network call can happen while a lock is held.

pub mod account_notes;
pub mod accounts;
pub mod activities;
pub mod activity;
pub mod actors;
pub mod announcements;
mod arrival;
pub mod audit;
pub mod batches;
pub mod blocks;
pub mod bookmarks;
mod clock;
mod conn;
pub mod connections;
pub mod contexts;
pub mod conversations;
pub mod deliveries;
mod dialect;
pub mod discovery;
pub mod domain_blocks;
pub mod endorsements;
mod error;
pub mod favourites;
pub mod featured_tags;
pub mod filters;
#[cfg(test)]
mod fixtures;
pub mod followers;
pub mod follows;
pub mod grants;
pub mod groups;
pub mod holdings;
pub mod keys;
mod listener;
pub mod lists;
pub mod markers;
pub mod media;
mod migrate;
pub mod moves;
pub mod network_feed;
pub mod node_settings;
pub mod notification_policies;
pub mod notifications;
pub mod oauth;
pub mod outbox;
pub mod outgoing;
mod paging;
pub mod peers;
pub mod people;
pub mod pins;
pub mod polls;
mod pool;
pub mod portraits;
pub mod posts;
mod processing;
pub mod purge;
pub mod recalls;
pub mod received;
pub mod registry;
mod removal;
pub mod reports;
mod revisions;
pub mod scheduled;
pub mod schema;
pub mod search;
pub mod sessions;
mod stamp;
pub mod stream_events;
pub mod tag_follows;
#[cfg(feature = "testing")]
pub mod testing;
pub mod thread_mutes;
pub mod timelines;
mod tx;
pub mod visibility;
mod writer;

pub use clock::Clock;
pub use error::{Error, Result};
pub use listener::Listener;
pub use migrate::{MigrationReport, pending_migrations, run_migrations};
pub use pool::{Backend, Options, Signal, Store, Synchronous};
pub use stamp::Stamp;
pub use tx::Tx;
