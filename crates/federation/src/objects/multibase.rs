//! Ed25519 keys as Multikey documents carry them: base58 with a two-byte mark in front (W3C Controlled Identifiers).

use openssl::pkey::{Id, PKey};

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// The multicodec mark of an Ed25519 public key.
const MARK: [u8; 2] = [0xed, 0x01];
/// Length of a public key.
const KEY: usize = 32;

/// Writes an Ed25519 public key, given as SPKI in PEM; `None` for a key of another kind.
#[must_use]
pub fn from_pem(pem: &str) -> Option<String> {
    let raw = PKey::public_key_from_pem(pem.as_bytes()).ok()?.raw_public_key().ok()?;
    let mut bytes = MARK.to_vec();
    bytes.extend(raw);
    Some(format!("z{}", encode(&bytes)))
}

/// Reads an Ed25519 public key into SPKI in PEM; `None` for anything else.
#[must_use]
pub fn to_pem(multibase: &str) -> Option<String> {
    let digits = multibase.strip_prefix('z').filter(|digits| digits.len() <= 60)?;
    let bytes = decode(digits)?;
    let raw = bytes.strip_prefix(&MARK).filter(|raw| raw.len() == KEY)?;
    let key = PKey::public_key_from_raw_bytes(raw, Id::ED25519).ok()?;
    String::from_utf8(key.public_key_to_pem().ok()?).ok()
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
        let pem = String::from_utf8(PKey::generate_ed25519().unwrap().public_key_to_pem().unwrap()).unwrap();
        let written = from_pem(&pem).unwrap();
        assert!(written.starts_with("z6Mk"), "{written}");
        assert_eq!(to_pem(&written).unwrap(), pem);
    }

    #[test]
    fn nonsense_is_no_key() {
        for wrong in ["", "z", "z0OIl", "m6Mk", "zzzzzzzz", &"z".repeat(1000)] {
            assert_eq!(to_pem(wrong), None, "{wrong}");
        }
    }
}
