//! Random secrets, their hashes, and passwords.

use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Ctx, Error, PasswordCost, Result};

/// Who waits longer than this for a password to be checked is told to come again.
const TURN_WITHIN: Duration = Duration::from_secs(10);

/// A secret of 256 random bits in URL-safe letters.
///
/// # Errors
/// When the operating system gives no randomness.
pub(crate) fn token() -> Result<String> {
    let mut bytes = [0_u8; 32];
    openssl::rand::rand_bytes(&mut bytes).map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of a secret: its SHA-256 in hexadecimal. Enough for 256 random bits; passwords need [`hash_password`].
pub(crate) fn hash(secret: &str) -> String {
    openssl::sha::sha256(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A password that can be read out: five groups of four letters and digits, without those that look alike.
///
/// # Errors
/// When the operating system gives no randomness.
pub(crate) fn readable_password() -> Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789+";
    let mut bytes = [0_u8; 20];
    openssl::rand::rand_bytes(&mut bytes).map_err(|error| Error::Internal(Box::new(error)))?;
    let letters: Vec<char> =
        bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte & 31))).map(|letter| char::from(*letter)).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

fn hasher(cost: PasswordCost) -> Result<Argon2<'static>> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
        .map_err(|error| Error::invalid(format!("the cost of password hashes can't be used: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password, away from the async threads and only a few at once.
///
/// # Errors
/// When the cost can't be used.
pub(crate) async fn hash_password(ctx: &Ctx, password: &str) -> Result<String> {
    let (cost, password) = (ctx.settings.password_cost, password.to_owned());
    in_turn(ctx, move || hash_now(cost, &password)).await
}

fn hash_now(cost: PasswordCost, password: &str) -> Result<String> {
    let mut bytes = [0_u8; 16];
    openssl::rand::rand_bytes(&mut bytes).map_err(|error| Error::Internal(Box::new(error)))?;
    let internal = |error: argon2::password_hash::Error| Error::Internal(error.to_string().into());
    let hash: PasswordHash = hasher(cost)?.hash_password_with_salt(password.as_bytes(), &bytes).map_err(internal)?;
    Ok(hash.to_string())
}

/// Compares a password with a hash; with none, does the same work and says no.
///
/// # Errors
/// When the stored hash can't be read.
pub(crate) async fn check_password(ctx: &Ctx, password: &str, stored: Option<&str>) -> Result<bool> {
    let (cost, password, stored) = (ctx.settings.password_cost, password.to_owned(), stored.map(str::to_owned));
    in_turn(ctx, move || match stored {
        Some(stored) => {
            let parsed = PasswordHash::new(&stored).map_err(|error| Error::Internal(error.to_string().into()))?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
        }
        None => hash_now(cost, &password).map(|_| false),
    })
    .await
}

/// Whether a stored hash cost less than the settings ask for now.
pub(crate) fn is_outdated(stored: &str, cost: PasswordCost) -> bool {
    let params = PasswordHash::new(stored).ok().and_then(|parsed| Params::try_from(&parsed).ok());
    params.is_none_or(|had| had.m_cost() < cost.memory_kib || had.t_cost() < cost.passes)
}

async fn in_turn<T: Send + 'static>(ctx: &Ctx, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let gone = |_| Error::Internal("the node is stopping".into());
    let busy =
        |_| Error::Unavailable(corridor_store::Error::Unavailable("too many passwords wait to be checked".to_owned()));
    let turn = tokio::time::timeout(TURN_WITHIN, ctx.hashing.clone().acquire_owned()).await.map_err(busy)?;
    let turn = turn.map_err(|error| Error::Internal(Box::new(error)))?;
    tokio::task::spawn_blocking(move || {
        let outcome = work();
        drop(turn);
        outcome
    })
    .await
    .map_err(gone)?
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const CHEAP: PasswordCost = PasswordCost { memory_kib: 64, passes: 1, lanes: 1 };

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        let stored = hash_now(CHEAP, "correct horse").unwrap();
        let parsed = PasswordHash::new(&stored).unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(Argon2::default().verify_password(b"correct horse", &parsed).is_ok());
        assert!(Argon2::default().verify_password(b"correct house", &parsed).is_err());
        assert_ne!(stored, hash_now(CHEAP, "correct horse").unwrap(), "the salt is new each time");
    }

    #[test]
    fn secrets_are_long_and_never_twice_the_same() {
        let (a, b) = (token().unwrap(), token().unwrap());
        assert_eq!(a.len(), 43);
        assert_ne!(a, b);
        assert_eq!(hash(&a).len(), 64);
        assert_eq!(readable_password().unwrap().len(), 24);
    }
}
