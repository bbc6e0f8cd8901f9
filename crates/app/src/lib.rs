//! What people, peers and administrators can do: one function for each thing.
//!
//! Each function checks who asks, decides by `domain`'s rules, and writes the change and the event
//! that tells peers of it in one transaction.

pub mod account_notes;
pub mod accounts;
pub mod activity;
pub mod administration;
pub mod announcements;
mod assemble;
pub mod audit;
pub mod blocks;
pub mod chores;
pub mod connections;
pub mod conversations;
mod ctx;
pub mod discovery;
pub mod domain_blocks;
pub mod endorsements;
mod error;
pub mod featured_tags;
pub mod filters;
#[cfg(test)]
mod fixtures;
pub mod follows;
pub mod groups;
pub mod inbound;
pub mod instance;
pub mod keys;
pub mod lists;
pub mod markers;
pub mod media;
pub mod moves;
pub mod network_feed;
pub mod notifications;
pub mod oauth;
pub mod operator;
pub mod outgoing;
pub mod peers;
pub mod people;
pub mod pins;
pub mod polls;
pub mod posts;
pub mod queue;
pub mod registry;
pub mod reports;
pub mod scheduled;
pub mod search;
mod secrets;
pub mod sessions;
mod settings;
mod slice;
mod strangers;
pub mod streaming;
pub mod tags;
pub mod throttle;
pub mod timelines;
pub mod unchanged;
mod views;

pub use ctx::{Ctx, Found, Remote};
pub use error::{Error, Result};
pub use media::{MediaKind, MediaSettings, MediaView};
pub use settings::{Addresses, PasswordCost, RegistrySettings, Settings};
pub use slice::Slice;
pub use views::{
    AppView, ContextView, Distance, Marks, MentionView, NotificationKind, NotificationView, PersonView, PostKind,
    PostView, ProfileField, RelationshipView, RevisionView, Viewer,
};
