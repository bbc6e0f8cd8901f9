//! The client API itself, where clients differ from each other and from what one expects.

mod audiences;
pub mod caller;
mod entities;
mod filters;
mod found;
mod idempotency;
mod lists;
mod oauth;
mod paging;
mod polls;
mod requests;
mod scopes;
