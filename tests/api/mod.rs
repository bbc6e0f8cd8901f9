//! The client API itself, where clients differ from each other and from what one expects.

mod audiences;
pub mod caller;
mod entities;
mod filters;
mod idempotency;
mod instance;
mod lists;
mod oauth;
mod paging;
mod polls;
mod profile;
mod requests;
mod scheduled;
mod scopes;
