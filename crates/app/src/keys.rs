//! The signing keys of our own actors: made, read and rotated.

use std::time::Duration;

use corridor_domain::{ActorId, Event, KeyId};
use corridor_store::keys::{self, Key, KeyAlgorithm};
use corridor_store::{Tx, actors, outbox};
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use serde_json::json;

use crate::operator::Operator;
use crate::{Ctx, Error, Result, audit};

/// A key with which an actor of ours signs.
#[derive(Clone)]
pub struct LocalKey {
    /// Its number.
    pub id: KeyId,
    /// The keyId of signatures.
    pub key_uri: String,
    /// What it signs with.
    pub algorithm: KeyAlgorithm,
    /// PKCS #8 in PEM.
    pub private_pem: String,
}

impl std::fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalKey").field("key_uri", &self.key_uri).finish_non_exhaustive()
    }
}

/// A fresh pair of keys, RSA and Ed25519, in PEM: public, then private.
pub(crate) struct FreshKeys {
    rsa: (String, String),
    ed25519: (String, String),
}

impl FreshKeys {
    /// Makes a pair, away from the async threads: RSA takes a while.
    pub(crate) async fn make(rsa_bits: u32) -> Result<Self> {
        tokio::task::spawn_blocking(move || Self::make_now(rsa_bits))
            .await
            .map_err(|error| Error::Internal(Box::new(error)))?
            .map_err(|error| Error::Internal(Box::new(error)))
    }

    fn make_now(rsa_bits: u32) -> Result<Self, openssl::error::ErrorStack> {
        let pems = |key: PKey<openssl::pkey::Private>| {
            let text = |pem: Vec<u8>| String::from_utf8_lossy(&pem).into_owned();
            Ok::<_, openssl::error::ErrorStack>((text(key.public_key_to_pem()?), text(key.private_key_to_pem_pkcs8()?)))
        };
        Ok(Self { rsa: pems(PKey::from_rsa(Rsa::generate(rsa_bits)?)?)?, ed25519: pems(PKey::generate_ed25519()?)? })
    }

    /// Writes the pair for an actor; `first` keys have the names that never change.
    pub(crate) fn store(&self, tx: &mut Tx<'_>, actor: ActorId, actor_uri: &str, first: bool) -> Result<()> {
        let now = tx.now();
        let pairs = [(KeyAlgorithm::Rsa, &self.rsa, "main-key"), (KeyAlgorithm::Ed25519, &self.ed25519, "ed25519-key")];
        for (algorithm, (public_pem, private_pem), name) in pairs {
            let id = KeyId::new(tx.new_id());
            let fragment = if first { name.to_owned() } else { format!("key-{id}") };
            let key = Key {
                id,
                actor,
                uri: format!("{actor_uri}#{fragment}"),
                algorithm,
                public_pem: public_pem.clone(),
                private_pem: Some(private_pem.clone()),
                valid_from: now,
                valid_until: None,
                fetched_at: now,
                pinned: false,
            };
            keys::insert(tx, &key)?;
        }
        Ok(())
    }
}

/// The keys with which an actor of ours can sign, newest first. An old one stands behind the new: who knows the old one
/// believes what it says of the new.
///
/// # Errors
/// When the store can't answer.
pub async fn local_keys(ctx: &Ctx, actor: ActorId) -> Result<Vec<LocalKey>> {
    ctx.store
        .read(move |tx| {
            let with_private = keys::of_actor(tx, actor)?.into_iter().filter_map(|key| {
                let private_pem = key.private_pem?;
                Some(LocalKey { id: key.id, key_uri: key.uri, algorithm: key.algorithm, private_pem })
            });
            Ok(with_private.collect())
        })
        .await
}

/// Makes new keys for one person, or for every actor of ours, and tells peers. Says for how many.
///
/// The old ones count for [`Settings::key_overlap`](crate::Settings) longer for what is on its way; or no longer,
/// where somebody else may have them: `at_once`. In either case peers are told under them. `progress` is called after each actor with how many are done and how many there are.
///
/// # Errors
/// [`Error::NotFound`] when the person is not there. Actors before the failing one keep their new keys.
pub async fn rotate(
    ctx: &Ctx,
    by: &Operator,
    username: Option<&str>,
    at_once: bool,
    mut progress: impl FnMut(usize, usize),
) -> Result<usize> {
    by.demand_administrator()?;
    let username = username.map(str::to_owned);
    let signers: Vec<ActorId> = ctx
        .store
        .read(move |tx| match &username {
            Some(name) => {
                let actor = actors::find_local_by_username(tx, name)?.ok_or(Error::NotFound("that person"))?;
                Ok(vec![actor.actor_id()])
            }
            None => Ok::<_, Error>(keys::local_signers(tx)?),
        })
        .await?;
    for (done, actor) in signers.iter().enumerate() {
        rotate_one(ctx, by, *actor, at_once).await?;
        progress(done + 1, signers.len());
    }
    Ok(signers.len())
}

async fn rotate_one(ctx: &Ctx, by: &Operator, actor: ActorId, at_once: bool) -> Result<()> {
    let fresh = FreshKeys::make(ctx.settings.rsa_bits).await?;
    let by = by.name();
    let overlap = if at_once { Duration::ZERO } else { ctx.settings.key_overlap };
    ctx.store
        .write(move |tx| {
            let row = actors::find(tx, actor)?;
            let until = tx.now() + overlap;
            keys::end_current(tx, actor, until)?;
            actors::touch(tx, actor)?;
            fresh.store(tx, actor, &row.uri, false)?;
            outbox::append(tx, &Event::PersonUpdated { actor })?;
            audit::append(tx, &by, "keys.rotate", &row.uri, &json!({ "old_until": until.to_rfc3339() }))
        })
        .await
}

/// The fingerprints of the keys of the node's own actor: what peers pin.
pub(crate) async fn own_fingerprints(ctx: &Ctx) -> Result<Vec<String>> {
    let actor = crate::instance::ensure(ctx).await?;
    let keys = ctx.store.read(move |tx| Ok::<_, Error>(keys::of_actor(tx, actor)?)).await?;
    let now = ctx.now();
    let current = keys.iter().filter(|key| key.valid_until.is_none_or(|until| now < until));
    Ok(current.map(|key| crate::pins::fingerprint(&key.public_pem)).collect())
}

#[cfg(test)]
mod tests;
