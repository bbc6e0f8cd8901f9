//! A registry with its signatures: read strictly, and verified against the signers that this node believes.

use serde::{Deserialize, Serialize};

use super::document::check_name;
use super::{Document, Invalid, canonical};

/// Different signers that a document needs.
pub const SIGNERS_NEEDED: usize = 2;
/// Larger documents are refused unread.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Signatures on one document at most.
const MAX_SIGNATURES: usize = 16;
/// An Ed25519 key in URL-safe base64 without padding.
const KEY_LETTERS: usize = 43;
/// An Ed25519 signature in the same.
const SIGNATURE_LETTERS: usize = 86;

/// A document and its signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// What is signed.
    pub document: Document,
    /// By whom.
    pub signatures: Vec<Signature>,
}

/// One signer's Ed25519 signature over the canonical form of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Who signed.
    pub signer: String,
    /// URL-safe base64 without padding.
    pub signature: String,
}

/// Someone whose signature counts here, and the key that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// As documents name them.
    pub name: String,
    /// Their Ed25519 public key: 32 bytes in URL-safe base64 without padding.
    pub key: String,
}

impl std::str::FromStr for Signer {
    type Err = Invalid;
    /// Reads `name=KEY`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (name, key) = text.trim().split_once('=').ok_or(Invalid::Signer)?;
        check_name("a signer's name", name)?;
        if !is_base64(key, KEY_LETTERS) {
            return Err(Invalid::Signer);
        }
        Ok(Self { name: name.to_owned(), key: key.to_owned() })
    }
}

impl std::fmt::Display for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.name, self.key)
    }
}

fn is_base64(text: &str, letters: usize) -> bool {
    text.len() == letters && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Reads a document with its signatures; nothing is verified but its shape.
///
/// # Errors
/// For anything that another program could read in another way: unknown or repeated members, hosts that are not in
/// their normal form, too much of anything.
pub fn parse(bytes: &[u8]) -> Result<Signed, Invalid> {
    if bytes.len() > MAX_BYTES {
        return Err(Invalid::TooLarge);
    }
    let signed: Signed = serde_json::from_slice(bytes).map_err(|error| Invalid::Json(error.to_string()))?;
    signed.document.check()?;
    if signed.signatures.len() > MAX_SIGNATURES {
        return Err(Invalid::TooManySignatures);
    }
    for signature in &signed.signatures {
        check_name("a signer's name", &signature.signer)?;
        if !is_base64(&signature.signature, SIGNATURE_LETTERS) {
            return Err(Invalid::Signature);
        }
    }
    Ok(signed)
}

/// What was found out about the signatures of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The signers whose signature is theirs, each once.
    pub good: Vec<String>,
    /// What is wrong with the others.
    pub faults: Vec<Fault>,
}

/// What is wrong with a signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// This node has no key of theirs.
    #[error("{0} is not a signer that this node believes")]
    Unknown(String),
    /// They signed already.
    #[error("{0} signed more than once, which counts once")]
    Again(String),
    /// It is not a signature of this document by this signer's key.
    #[error("the signature of {0} is not of this document: it was changed, or signed with another key")]
    Wrong(String),
}

impl Verdict {
    /// Whether enough different signers stand behind it.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.good.len() >= SIGNERS_NEEDED
    }

    /// The whole in words.
    #[must_use]
    pub fn words(&self) -> String {
        let who = if self.good.is_empty() { "nobody".to_owned() } else { self.good.join(" and ") };
        let faults: String = self.faults.iter().map(|fault| format!("; {fault}")).collect();
        format!("signed by {who} ({} of {SIGNERS_NEEDED} signers needed){faults}", self.good.len())
    }
}

/// Whose signatures on a document are good. `is_valid` says whether a signature is of these bytes by this signer's key.
///
/// # Errors
/// When the document has no canonical form.
pub fn verify(
    signed: &Signed,
    signers: &[Signer],
    is_valid: impl Fn(&Signer, &[u8], &str) -> bool,
) -> Result<Verdict, Invalid> {
    let bytes = canonical(&signed.document)?;
    let mut verdict = Verdict { good: Vec::new(), faults: Vec::new() };
    let mut keys: Vec<&str> = Vec::new();
    for signature in &signed.signatures {
        let name = signature.signer.clone();
        let Some(signer) = signers.iter().find(|signer| signer.name == name) else {
            verdict.faults.push(Fault::Unknown(name));
            continue;
        };
        if !is_valid(signer, &bytes, &signature.signature) {
            verdict.faults.push(Fault::Wrong(name));
        } else if keys.contains(&signer.key.as_str()) {
            // One key under two names is one signer.
            verdict.faults.push(Fault::Again(name));
        } else {
            keys.push(&signer.key);
            verdict.good.push(name);
        }
    }
    Ok(verdict)
}
