//! The five parsers that strangers reach, and what must hold for each of them.

mod activity;
mod host;
mod html;
mod registry;
mod signature;

use crate::chance::Chance;

/// A parser, and what must hold for every input.
pub trait Target {
    /// Its name on the command line.
    fn name(&self) -> &'static str;
    /// What inputs are made from.
    fn seeds(&self) -> Vec<Vec<u8>>;
    /// Another input.
    fn change(&self, chance: &mut Chance, pool: &[Vec<u8>]) -> Vec<u8>;
    /// How the parser behaved, in a word that is the same for inputs that are alike.
    ///
    /// # Errors
    /// When something does not hold.
    fn check(&self, input: &[u8]) -> Result<String, String>;
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Box<dyn Target>> {
    vec![
        Box::new(signature::Signatures::new()),
        Box::new(activity::Activities),
        Box::new(html::Html),
        Box::new(host::Hosts),
        Box::new(registry::Registries),
    ]
}

/// Says what is wrong where something does not hold.
fn hold(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

/// The words of an error without what it quotes of the input.
fn gist(error: &impl ToString) -> String {
    let words: String = error.to_string().chars().filter(|c| c.is_ascii_alphabetic() || *c == ' ').collect();
    words.split(' ').take(6).collect::<Vec<_>>().join(" ")
}
