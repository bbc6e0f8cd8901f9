//! Ed25519 for registries: keys are made, documents signed, signatures checked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use corridor_domain::registry::{Document, Signature, Signed, Signer, canonical};
use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKey, Private};
use openssl::sign::{Signer as Pen, Verifier};

use crate::{Error, Result};

/// A new signer: what nodes are configured with, and the private key as PKCS #8 in PEM.
///
/// # Errors
/// [`Error::Invalid`] for a name with letters that can be mistaken.
pub fn make_key(name: &str) -> Result<(Signer, String)> {
    let key = PKey::generate_ed25519().map_err(internal)?;
    let signer = format!("{name}={}", public_part(&key)?).parse().map_err(Error::invalid)?;
    let pem = key.private_key_to_pem_pkcs8().map_err(internal)?;
    Ok((signer, String::from_utf8_lossy(&pem).into_owned()))
}

fn public_part(key: &PKey<Private>) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(key.raw_public_key().map_err(internal)?))
}

/// Whether a configured key is one at all.
#[must_use]
pub fn is_key(signer: &Signer) -> bool {
    public_key(signer).is_some()
}

fn public_key(signer: &Signer) -> Option<PKey<openssl::pkey::Public>> {
    let raw = URL_SAFE_NO_PAD.decode(&signer.key).ok()?;
    PKey::public_key_from_raw_bytes(&raw, Id::ED25519).ok()
}

/// Adds a signature.
///
/// # Errors
/// [`Error::Conflict`] when this name has signed already, [`Error::Invalid`] for what is no Ed25519 key.
pub fn sign(signed: &mut Signed, name: &str, private_pem: &[u8]) -> Result<Signer> {
    let wrong = || Error::invalid("that is not an Ed25519 private key in PEM");
    let key = PKey::private_key_from_pem(private_pem).map_err(|_| wrong())?;
    if key.id() != Id::ED25519 {
        return Err(wrong());
    }
    let signer: Signer = format!("{name}={}", public_part(&key)?).parse().map_err(Error::invalid)?;
    if signed.signatures.iter().any(|signature| signature.signer == signer.name) {
        return Err(Error::Conflict(format!("{name} has signed already")));
    }
    let bytes = canonical(&signed.document).map_err(Error::invalid)?;
    let signature =
        Pen::new_without_digest(&key).and_then(|mut pen| pen.sign_oneshot_to_vec(&bytes)).map_err(internal)?;
    signed.signatures.push(Signature { signer: signer.name.clone(), signature: URL_SAFE_NO_PAD.encode(signature) });
    Ok(signer)
}

/// Whether a signature is of these bytes by this signer's key.
#[must_use]
pub fn is_valid(signer: &Signer, bytes: &[u8], signature: &str) -> bool {
    let Some(key) = public_key(signer) else { return false };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    Verifier::new_without_digest(&key).and_then(|mut eye| eye.verify_oneshot(&signature, bytes)).unwrap_or(false)
}

/// SHA-256 over the canonical form, in hexadecimal.
///
/// # Errors
/// When the document has no canonical form.
pub(crate) fn hash(document: &Document) -> Result<String> {
    let bytes = canonical(document).map_err(Error::invalid)?;
    Ok(openssl::sha::sha256(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn internal(error: ErrorStack) -> Error {
    Error::Internal(Box::new(error))
}
