//! Keys, parsed once and kept: RSA with PKCS#1 v1.5 and SHA-256, and Ed25519.

use std::fmt;

use openssl::bn::BigNumRef;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{HasPublic, Id, PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};

/// Weaker RSA keys are refused, whoever holds them.
const SMALLEST_RSA: u32 = 2048;
/// Larger RSA keys are refused: checking one signature would cost more than a request is worth.
const LARGEST_RSA: u32 = 8192;
/// Longer exponents are of no use, and make checking slow.
const LONGEST_EXPONENT_BITS: i32 = 64;
/// The PEM text of the largest key is far shorter.
const LONGEST_PEM: usize = 16 * 1024;

/// What a key is used for. The names are those of RFC 9421.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, which all of the fediverse speaks.
    RsaV15Sha256,
    /// Ed25519.
    Ed25519,
}

impl Algorithm {
    /// The name in RFC 9421's registry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaV15Sha256 => "rsa-v1_5-sha256",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// Which key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// RSA of 2048 bits.
    Rsa2048,
    /// RSA of 3072 bits; signing takes three times as long.
    Rsa3072,
    /// Ed25519.
    Ed25519,
}

/// Why a key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No PEM, or no key in it.
    #[error("the key can't be read: it must be PEM")]
    Unreadable,
    /// A kind of key that is not used here.
    #[error("the key must be RSA or Ed25519")]
    Kind,
    /// Too small or too large.
    #[error("an RSA key must have {SMALLEST_RSA} to {LARGEST_RSA} bits, this one has {0}")]
    Size(u32),
    /// A public exponent that is even, 1, or far too long.
    #[error("the RSA key's exponent is not usable")]
    Exponent,
    /// OpenSSL failed.
    #[error("OpenSSL failed")]
    OpenSsl(#[from] ErrorStack),
}

/// A private key. Its `Debug` shows the algorithm alone.
#[derive(Clone)]
pub struct PrivateKey {
    key: PKey<Private>,
    algorithm: Algorithm,
}

impl PrivateKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// If OpenSSL fails, which means that the machine has no randomness.
    pub fn generate(kind: KeyKind) -> Result<Self, KeyError> {
        let rsa = |bits| Rsa::generate(bits).and_then(PKey::from_rsa);
        let (key, algorithm) = match kind {
            KeyKind::Rsa2048 => (rsa(2048)?, Algorithm::RsaV15Sha256),
            KeyKind::Rsa3072 => (rsa(3072)?, Algorithm::RsaV15Sha256),
            KeyKind::Ed25519 => (PKey::generate_ed25519()?, Algorithm::Ed25519),
        };
        Ok(Self { key, algorithm })
    }

    /// Reads PKCS#8 PEM (and the older PKCS#1 for RSA). A pass phrase is never asked for.
    ///
    /// # Errors
    /// If it can't be read, or is not a key that is used here.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let pem = bounded(pem)?;
        // With the callback OpenSSL never asks the terminal for a pass phrase.
        let key = PKey::private_key_from_pem_callback(pem, |_| Ok(0)).map_err(|_| KeyError::Unreadable)?;
        let algorithm = judge(&key)?;
        Ok(Self { key, algorithm })
    }

    /// PKCS#8 PEM, for the key's own file or row and nowhere else.
    ///
    /// # Errors
    /// If OpenSSL fails.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        text(self.key.private_key_to_pem_pkcs8()?)
    }

    /// The public half.
    ///
    /// # Errors
    /// If OpenSSL fails.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        let der = self.key.public_key_to_der()?;
        Ok(PublicKey { key: PKey::public_key_from_der(&der)?, algorithm: self.algorithm })
    }

    /// What it is used for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Signs a message.
    ///
    /// # Errors
    /// If OpenSSL fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signer = match self.algorithm {
            Algorithm::RsaV15Sha256 => Signer::new(MessageDigest::sha256(), &self.key)?,
            Algorithm::Ed25519 => Signer::new_without_digest(&self.key)?,
        };
        Ok(signer.sign_oneshot_to_vec(message)?)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.algorithm.name())
    }
}

/// A public key, ready to check signatures; cheap to clone.
#[derive(Clone)]
pub struct PublicKey {
    key: PKey<Public>,
    algorithm: Algorithm,
}

impl PublicKey {
    /// Reads SPKI PEM (`BEGIN PUBLIC KEY`), and for RSA also PKCS#1 (`BEGIN RSA PUBLIC KEY`), which some servers
    /// publish.
    ///
    /// # Errors
    /// If it can't be read, or is not a key that is used here.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let pem = bounded(pem)?;
        let key = PKey::public_key_from_pem(pem)
            .or_else(|_| Rsa::public_key_from_pem_pkcs1(pem).and_then(PKey::from_rsa))
            .map_err(|_| KeyError::Unreadable)?;
        let algorithm = judge(&key)?;
        Ok(Self { key, algorithm })
    }

    /// SPKI PEM, for actor documents.
    ///
    /// # Errors
    /// If OpenSSL fails.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        text(self.key.public_key_to_pem()?)
    }

    /// What it is used for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether the signature over the message was made by this key's private half.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        // An error from OpenSSL here means that the signature is not even shaped like one.
        let verified = match self.algorithm {
            Algorithm::RsaV15Sha256 => Verifier::new(MessageDigest::sha256(), &self.key),
            Algorithm::Ed25519 => Verifier::new_without_digest(&self.key),
        }
        .and_then(|mut verifier| verifier.verify_oneshot(signature, message));
        verified.unwrap_or(false)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.key.public_eq(&other.key)
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {} bits)", self.algorithm.name(), self.key.bits())
    }
}

fn bounded(pem: &str) -> Result<&[u8], KeyError> {
    if pem.len() > LONGEST_PEM { Err(KeyError::Unreadable) } else { Ok(pem.as_bytes()) }
}

fn text(pem: Vec<u8>) -> Result<String, KeyError> {
    String::from_utf8(pem).map_err(|_| KeyError::Unreadable)
}

fn judge<T: HasPublic>(key: &PKey<T>) -> Result<Algorithm, KeyError> {
    match key.id() {
        Id::ED25519 => Ok(Algorithm::Ed25519),
        Id::RSA => {
            let bits = key.bits();
            if !(SMALLEST_RSA..=LARGEST_RSA).contains(&bits) {
                return Err(KeyError::Size(bits));
            }
            if usable_exponent(key.rsa()?.e()) { Ok(Algorithm::RsaV15Sha256) } else { Err(KeyError::Exponent) }
        }
        _ => Err(KeyError::Kind),
    }
}

fn usable_exponent(exponent: &BigNumRef) -> bool {
    exponent.is_bit_set(0) && (2..=LONGEST_EXPONENT_BITS).contains(&exponent.num_bits())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use openssl::bn::BigNum;
    use openssl::ec::{EcGroup, EcKey};
    use openssl::nid::Nid;

    fn kinds() -> [PrivateKey; 3] {
        [KeyKind::Rsa2048, KeyKind::Rsa3072, KeyKind::Ed25519].map(|kind| PrivateKey::generate(kind).unwrap())
    }

    #[test]
    fn keys_survive_pem_and_check_only_what_they_signed() {
        for key in kinds() {
            let again = PrivateKey::from_pem(&key.to_pem().unwrap()).unwrap();
            let public = PublicKey::from_pem(&key.public_key().unwrap().to_pem().unwrap()).unwrap();
            assert_eq!(again.algorithm(), public.algorithm());
            assert_eq!(public, key.public_key().unwrap());
            let mut signature = again.sign(b"hello").unwrap();
            assert!(public.verify(b"hello", &signature));
            assert!(!public.verify(b"hell0", &signature));
            assert!(!public.verify(b"hello", b""));
            assert!(!public.verify(b"hello", &[0; 5000]));
            *signature.last_mut().unwrap() ^= 1;
            assert!(!public.verify(b"hello", &signature));
        }
    }

    #[test]
    fn one_key_does_not_verify_for_another() {
        let [rsa, larger, ed] = kinds();
        let signature = rsa.sign(b"x").unwrap();
        assert!(!larger.public_key().unwrap().verify(b"x", &signature));
        assert!(!ed.public_key().unwrap().verify(b"x", &signature));
        assert_ne!(rsa.public_key().unwrap(), ed.public_key().unwrap());
    }

    #[test]
    fn debug_shows_no_key_material() {
        for key in kinds() {
            let shown = format!("{key:?}");
            assert_eq!(shown, format!("PrivateKey({})", key.algorithm().name()));
        }
    }

    #[test]
    fn weak_huge_and_odd_keys_are_refused() {
        let pem = |bits| {
            let key = PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap();
            let public = String::from_utf8(key.public_key_to_pem().unwrap()).unwrap();
            (String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap(), public)
        };
        let (private, public) = pem(1024);
        assert!(matches!(PublicKey::from_pem(&public), Err(KeyError::Size(1024))));
        assert!(matches!(PrivateKey::from_pem(&private), Err(KeyError::Size(1024))));

        let made = |n: BigNum, e: u32| {
            let rsa = Rsa::from_public_components(n, BigNum::from_u32(e).unwrap()).unwrap();
            String::from_utf8(PKey::from_rsa(rsa).unwrap().public_key_to_pem().unwrap()).unwrap()
        };
        let odd = |bits: i32| {
            let mut n = BigNum::new().unwrap();
            n.set_bit(bits - 1).unwrap();
            n.set_bit(0).unwrap();
            n
        };
        assert!(matches!(PublicKey::from_pem(&made(odd(9000), 65537)), Err(KeyError::Size(9000))));
        assert!(matches!(PublicKey::from_pem(&made(odd(2048), 1)), Err(KeyError::Exponent)));
        assert!(matches!(PublicKey::from_pem(&made(odd(2048), 4)), Err(KeyError::Exponent)));
        assert!(PublicKey::from_pem(&made(odd(2048), 3)).is_ok());

        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let ec = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let ec = String::from_utf8(ec.public_key_to_pem().unwrap()).unwrap();
        assert!(matches!(PublicKey::from_pem(&ec), Err(KeyError::Kind)));
        assert!(matches!(PublicKey::from_pem("no key"), Err(KeyError::Unreadable)));
        assert!(matches!(PublicKey::from_pem(&"x".repeat(20_000)), Err(KeyError::Unreadable)));
        assert!(matches!(PrivateKey::from_pem(&public), Err(KeyError::Unreadable)));
    }

    #[test]
    fn an_old_style_rsa_public_key_is_read() {
        let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        let pkcs1 = String::from_utf8(key.key.rsa().unwrap().public_key_to_pem_pkcs1().unwrap()).unwrap();
        assert!(pkcs1.starts_with("-----BEGIN RSA PUBLIC KEY-----"));
        assert_eq!(PublicKey::from_pem(&pkcs1).unwrap(), key.public_key().unwrap());
    }

    #[test]
    fn an_encrypted_key_is_refused_without_asking() {
        let key = PrivateKey::generate(KeyKind::Ed25519).unwrap();
        let cipher = openssl::symm::Cipher::aes_256_cbc();
        let locked = key.key.private_key_to_pem_pkcs8_passphrase(cipher, b"secret").unwrap();
        assert!(matches!(PrivateKey::from_pem(&String::from_utf8(locked).unwrap()), Err(KeyError::Unreadable)));
    }
}
