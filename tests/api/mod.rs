//! The client API itself, where clients differ from each other and from what one expects.

mod audiences;
pub mod caller;
mod discovery;
mod entities;
mod featured;
mod filters;
mod found;
mod idempotency;
mod instance;
mod lists;
mod markers;
mod notes;
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
