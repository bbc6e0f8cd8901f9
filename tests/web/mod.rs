//! The pages over plain HTTP: who may see what, forged forms, headers, and sessions.

mod administration;
mod announcements;
mod connections;
mod doors;
mod forms;
mod groups;
mod headers;
mod languages;
mod moves;
pub mod pages;
mod passwords;
mod polls;
mod sessions;
mod signed_in;
