//! Placeholder.
pub mod signature;
