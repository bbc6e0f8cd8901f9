//! Keys as Multikey documents carry them: base58 with a two-byte mark in front (W3C Controlled Identifiers).

use corridor_store::keys::KeyAlgorithm;
use openssl::pkey::{Id, PKey};
use openssl::rsa::Rsa;

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// The multicodec mark of an Ed25519 public key.
const ED25519: [u8; 2] = [0xed, 0x01];
/// Length of an Ed25519 public key.
const ED25519_BYTES: usize = 32;
/// The multicodec mark of an RSA public key, which stands behind it as PKCS #1.
const RSA: [u8; 2] = [0x85, 0x24];
/// Letters of the longest key that is read: RSA with 4096 bits, and some to spare.
const LETTERS: usize = 800;

/// Writes a public key, given as SPKI in PEM; `None` for one that is neither Ed25519 nor RSA.
#[must_use]
pub fn from_pem(pem: &str) -> Option<String> {
    let key = PKey::public_key_from_pem(pem.as_bytes()).ok()?;
    let (mark, raw) = match key.id() {
        Id::ED25519 => (ED25519, key.raw_public_key().ok()?),
        Id::RSA => (RSA, key.rsa().ok()?.public_key_to_der_pkcs1().ok()?),
        _ => return None,
    };
    let bytes = [mark.to_vec(), raw].concat();
    Some(format!("z{}", encode(&bytes)))
}

/// Writes plain bytes, such as a signature.
#[must_use]
pub fn from_bytes(bytes: &[u8]) -> String {
    format!("z{}", encode(bytes))
}

/// Reads plain bytes; `None` for anything else, and for what is longer than any signature.
#[must_use]
pub fn to_bytes(multibase: &str) -> Option<Vec<u8>> {
    decode(multibase.strip_prefix('z').filter(|digits| digits.len() <= LETTERS)?)
}

/// Reads an Ed25519 or RSA public key into SPKI in PEM; `None` for anything else.
#[must_use]
pub fn to_pem(multibase: &str) -> Option<(KeyAlgorithm, String)> {
    let digits = multibase.strip_prefix('z').filter(|digits| digits.len() <= LETTERS)?;
    let bytes = decode(digits)?;
    let (algorithm, key) = if let Some(raw) = bytes.strip_prefix(&RSA) {
        (KeyAlgorithm::Rsa, PKey::from_rsa(Rsa::public_key_from_der_pkcs1(raw).ok()?).ok()?)
    } else {
        let raw = bytes.strip_prefix(&ED25519).filter(|raw| raw.len() == ED25519_BYTES)?;
        (KeyAlgorithm::Ed25519, PKey::public_key_from_raw_bytes(raw, Id::ED25519).ok()?)
    };
    Some((algorithm, String::from_utf8(key.public_key_to_pem().ok()?).ok()?))
}

fn encode(bytes: &[u8]) -> String {
    let mut digits: Vec<u32> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += *digit * 256;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            digits.push(carry % 58);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).map(|_| '1');
    let letter =
        |digit: &u32| usize::try_from(*digit).ok().and_then(|at| ALPHABET.get(at)).map(|byte| char::from(*byte));
    zeros.chain(digits.iter().rev().filter_map(letter)).collect()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes: Vec<u32> = Vec::new();
    for letter in text.bytes() {
        let mut carry = u32::try_from(ALPHABET.iter().position(|known| *known == letter)?).ok()?;
        for byte in &mut bytes {
            carry += *byte * 58;
            *byte = carry % 256;
            carry /= 256;
        }
        while carry > 0 {
            bytes.push(carry % 256);
            carry /= 256;
        }
    }
    let zeros = text.bytes().take_while(|letter| *letter == b'1').map(|_| Some(0_u8));
    zeros.chain(bytes.iter().rev().map(|byte| u8::try_from(*byte).ok())).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn keys_come_back_as_they_went() {
        let pem = |key: PKey<openssl::pkey::Private>| String::from_utf8(key.public_key_to_pem().unwrap()).unwrap();
        let ed25519 = pem(PKey::generate_ed25519().unwrap());
        let rsa = |bits| pem(PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap());
        for (algorithm, pem, start) in [
            (KeyAlgorithm::Ed25519, ed25519, "z6Mk"),
            (KeyAlgorithm::Rsa, rsa(2048), "z4MX"),
            (KeyAlgorithm::Rsa, rsa(4096), "zg"),
        ] {
            let written = from_pem(&pem).unwrap();
            assert!(written.starts_with(start), "{written}");
            assert_eq!(to_pem(&written).unwrap(), (algorithm, pem));
        }
    }

    #[test]
    fn nonsense_is_no_key() {
        for wrong in ["", "z", "z0OIl", "m6Mk", "zzzzzzzz", &"z".repeat(1000)] {
            assert_eq!(to_pem(wrong), None, "{wrong}");
        }
    }
}
