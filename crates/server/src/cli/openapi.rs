//! `corridor openapi`: prints what the client API offers, for programs that read such descriptions.

use super::exit::Exit;
use super::output;

/// Prints the description. It needs neither a configuration nor a database.
#[must_use]
pub fn run() -> Exit {
    output::say_json(&corridor_api::openapi(env!("CARGO_PKG_VERSION")));
    Exit::Done
}
