//! Checks Cargo.lock: one TLS stack, and every library from crates.io. `.deny.toml` says the same to cargo-deny; this needs no install.

use std::fs;
use std::path::Path;

use crate::Finding;

/// A second TLS or cryptography stack beside OpenSSL.
const BANNED: &[&str] = &["rustls", "ring", "aws-lc-rs", "aws-lc-sys"];

/// How Cargo.lock writes crates.io.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Every package in the lock file that may not be in the tree.
pub fn check(root: &Path) -> Result<Vec<Finding>, String> {
    let path = root.join("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    Ok(check_text(&text))
}

fn check_text(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let message = match line.split_once(" = ") {
            Some(("name", name)) if BANNED.contains(&name.trim_matches('"')) => {
                Some(format!("{name} is in the tree, but OpenSSL is the only TLS stack"))
            }
            Some(("source", source)) if source.trim_matches('"') != CRATES_IO => {
                Some(format!("libraries come from crates.io only, not from {source}"))
            }
            _ => None,
        };
        found.extend(message.map(|message| Finding { file: "Cargo.lock".into(), line: index + 1, message }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_tls_stack_is_found() {
        let text = "[[package]]\nname = \"ring\"\n\n[[package]]\nname = \"rustls-pki-types\"\n";
        let found = check_text(text);
        assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn another_source_is_found() {
        let text = format!("source = \"{CRATES_IO}\"\nsource = \"git+https://example.org/x\"\n");
        let found = check_text(&text);
        assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [2]);
    }
}
