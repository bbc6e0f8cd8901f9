//! One test binary for whole nodes: doors, federation, hostile input, faults, and real client programs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests stop at the first surprise")]

mod api;
mod cli;
mod clients;
mod faults;
mod federation;
mod hostile;
mod media;
mod web;
