//! Hashes of a body in headers: `Digest` (RFC 3230, with draft-cavage) and `Content-Digest` (RFC 9530).
//!
//! Several algorithms may stand in one header. Each that we know must match the exact bytes, those that we don't
//! know are passed over, and none that we know is a refusal.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::sha::{sha256, sha512};
use sfv::{BareItem, Dictionary, ListEntry, Parser};

use super::Refusal;

const DIGEST: &str = "digest";
const CONTENT_DIGEST: &str = "content-digest";

/// The value of a `Digest` header for these bytes.
#[must_use]
pub fn digest(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(sha256(body)))
}

/// The value of a `Content-Digest` header for these bytes.
#[must_use]
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(sha256(body)))
}

/// Compares a `Digest` header's value with the bytes.
///
/// # Errors
/// If it can't be read, names an algorithm twice, has no algorithm that we know, or does not match.
pub fn check_digest(value: &str, body: &[u8]) -> Result<(), Refusal> {
    let mut seen: Vec<Hash> = Vec::new();
    for part in value.split(',') {
        let (name, encoded) = part.trim().split_once('=').ok_or(Refusal::DigestMalformed(DIGEST))?;
        let Some(hash) = Hash::named(name) else { continue };
        if seen.contains(&hash) {
            return Err(Refusal::DigestMalformed(DIGEST));
        }
        seen.push(hash);
        let expected = STANDARD.decode(encoded).map_err(|_| Refusal::DigestMalformed(DIGEST))?;
        hash.compare(&expected, body, DIGEST)?;
    }
    if seen.is_empty() { Err(Refusal::DigestUnsupported(DIGEST)) } else { Ok(()) }
}

/// Compares a `Content-Digest` header's value with the bytes.
///
/// # Errors
/// If it can't be read, has no algorithm that we know, or does not match.
pub fn check_content_digest(value: &str, body: &[u8]) -> Result<(), Refusal> {
    let malformed = Refusal::DigestMalformed(CONTENT_DIGEST);
    let entries: Dictionary = Parser::new(value).parse().map_err(|_| malformed.clone())?;
    let mut known = false;
    for (name, entry) in &entries {
        let Some(hash) = Hash::named(name.as_str()) else { continue };
        let ListEntry::Item(item) = entry else { return Err(malformed) };
        let BareItem::ByteSequence(expected) = &item.bare_item else { return Err(malformed) };
        hash.compare(expected, body, CONTENT_DIGEST)?;
        known = true;
    }
    if known { Ok(()) } else { Err(Refusal::DigestUnsupported(CONTENT_DIGEST)) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha512,
}

impl Hash {
    fn named(name: &str) -> Option<Self> {
        match name {
            name if name.eq_ignore_ascii_case("sha-256") => Some(Self::Sha256),
            name if name.eq_ignore_ascii_case("sha-512") => Some(Self::Sha512),
            _ => None,
        }
    }

    fn compare(self, expected: &[u8], body: &[u8], header: &'static str) -> Result<(), Refusal> {
        let same = match self {
            Self::Sha256 => expected == sha256(body),
            Self::Sha512 => expected == sha512(body),
        };
        if same { Ok(()) } else { Err(Refusal::DigestMismatch(header)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"hello": "world"}"#;
    const SHA256: &str = "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=";
    const SHA512: &str = "WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==";

    #[test]
    fn the_examples_of_the_standards_match() {
        assert_eq!(digest(BODY), format!("SHA-256={SHA256}"));
        assert_eq!(content_digest(BODY), format!("sha-256=:{SHA256}:"));
        assert_eq!(check_digest(&format!("SHA-512={SHA512},sha-256={SHA256}"), BODY), Ok(()));
        assert_eq!(check_digest(&format!("MD5=abc=, SHA-256={SHA256}"), BODY), Ok(()));
        assert_eq!(check_content_digest(&format!("sha-512=:{SHA512}:, sha-256=:{SHA256}:"), BODY), Ok(()));
        assert_eq!(check_content_digest(&format!("md5=:AAAA:, sha-256=:{SHA256}:"), BODY), Ok(()));
    }

    #[test]
    fn every_known_algorithm_must_match() {
        let other = "4REjxQ4yrqUVicfSKYNO/cF9zNj5ANbzgDZt3/h3Qxo=";
        let wrong = Err(Refusal::DigestMismatch("digest"));
        assert_eq!(check_digest(&format!("SHA-256={SHA256}"), b"{}"), wrong);
        assert_eq!(check_digest(&format!("SHA-512={SHA512},SHA-256={other}"), BODY), wrong);
        assert_eq!(check_digest("SHA-256=", BODY), wrong);
        let wrong = Err(Refusal::DigestMismatch("content-digest"));
        assert_eq!(check_content_digest(&format!("sha-256=:{SHA256}:"), b"{}"), wrong);
        assert_eq!(check_content_digest(&format!("sha-512=:{SHA512}:, sha-256=:{other}:"), BODY), wrong);
    }

    #[test]
    fn what_can_not_be_read_or_is_ambiguous_is_refused() {
        let malformed = Err(Refusal::DigestMalformed("digest"));
        for value in ["", "SHA-256", "SHA-256=***", "SHA-256=X48E9", &format!("SHA-256={SHA256},SHA-256={SHA256}")] {
            assert_eq!(check_digest(value, BODY), malformed, "{value}");
        }
        assert_eq!(check_digest("MD5=abc=", BODY), Err(Refusal::DigestUnsupported("digest")));
        let malformed = Err(Refusal::DigestMalformed("content-digest"));
        for value in ["sha-256=:***:", "sha-256=\"x\"", "sha-256=(:AAAA:)", "=", &format!("SHA-256=:{SHA256}:")] {
            assert_eq!(check_content_digest(value, BODY), malformed, "{value}");
        }
        assert_eq!(check_content_digest("", BODY), Err(Refusal::DigestUnsupported("content-digest")));
        assert_eq!(check_content_digest("md5=:AAAA:", BODY), Err(Refusal::DigestUnsupported("content-digest")));
    }
}
