//! The client API itself, where clients differ from each other and from what one expects.

mod announcements;
mod audiences;
pub mod caller;
mod conversations;
mod discovery;
mod entities;
mod featured;
mod filters;
mod found;
mod grouped_notifications;
mod idempotency;
mod instance;
mod lists;
mod markers;
mod notes;
mod notification_policy;
mod oauth;
mod paging;
mod pins;
mod polls;
mod profile;
mod rates;
mod requests;
mod scheduled;
mod scopes;
pub mod streaming;
mod thread_mutes;
