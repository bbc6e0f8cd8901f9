//! Pinned keys: a peer's own actor is known by the keys that were seen first, until it says otherwise under one of them
//! or an administrator does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use corridor_domain::policy::{self, Door};
use corridor_domain::{ActorId, Authority, Peer, PeerId, Timestamp};
use corridor_store::keys::{self, Kept, Key, KeyAlgorithm, NewKey};
use corridor_store::{Tx, peers};
use openssl::pkey::PKey;
use serde_json::{Value, json};

use crate::inbound::own_keys;
use crate::operator::Operator;
use crate::{Ctx, Error, Result, audit, registry};

/// A pinned key, in what an administrator compares over the telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedKey {
    /// `rsa` or `ed25519`.
    pub algorithm: &'static str,
    /// SHA-256 over the key's SPKI, as OpenSSH writes fingerprints.
    pub fingerprint: String,
    /// It counts no longer after then.
    pub valid_until: Option<Timestamp>,
}

/// The keys by which a peer is known; none before it was reached for the first time.
///
/// # Errors
/// [`Error::NotFound`] for a host that never was a peer.
pub async fn pinned(ctx: &Ctx, authority: &Authority) -> Result<Vec<PinnedKey>> {
    let authority = authority.clone();
    ctx.store
        .read(move |tx| {
            let peer = known(tx, &authority)?;
            Ok(keys::pinned_of_peer(tx, peer.id)?.iter().map(describe).collect())
        })
        .await
}

/// Fetches the keys of a peer's own actor and pins them. Keys that are pinned already stay, unless `anew`.
///
/// # Errors
/// [`Error::Peer`] when it can't be reached now, [`Error::Refused`] when it is not allowed.
pub async fn pin(ctx: &Ctx, by: &Operator, authority: &Authority, anew: bool) -> Result<Vec<PinnedKey>> {
    by.demand_administrator()?;
    let own = ctx.settings.addresses.federation_authority();
    let host = authority.clone();
    let (peer, held) = ctx
        .store
        .read(move |tx| {
            let peer = known(tx, &host)?;
            policy::may_pass(Door::Fetch, &own, &host, Some(&peer))?;
            let held = keys::pinned_of_peer(tx, peer.id)?;
            Ok::<_, Error>((peer, held))
        })
        .await?;
    if !held.is_empty() && !anew {
        return Ok(held.iter().map(describe).collect());
    }
    let remote = ctx.remote().ok_or_else(|| Error::Peer("this program does not speak to peers".to_owned()))?;
    let (actor, offered) = remote.instance_actor(&peer).await?;
    write(ctx, by, authority, actor, offered, anew).await
}

async fn write(
    ctx: &Ctx,
    by: &Operator,
    authority: &Authority,
    actor: ActorId,
    offered: Vec<NewKey>,
    anew: bool,
) -> Result<Vec<PinnedKey>> {
    let (who, authority, settings) = (by.name(), authority.clone(), ctx.settings.clone());
    ctx.store
        .write(move |tx| {
            peers::hold(tx, &authority)?;
            let peer = known(tx, &authority)?;
            let held = keys::pinned_of_peer(tx, peer.id)?;
            if !held.is_empty() && !anew {
                // Another process of this node was quicker.
                return Ok(held.iter().map(describe).collect());
            }
            let own = own_keys(tx, &peer, actor, &offered)?;
            if own.is_empty() {
                return Err(Error::Peer(format!("the node's own actor on {authority} shows no key that can be used")));
            }
            let shown: Vec<String> = own.iter().map(|key| fingerprint(&key.public_pem)).collect();
            registry::demand_listed_keys(tx, &settings, &authority, &shown)?;
            keys::unpin_peer(tx, peer.id)?;
            keys::pin(tx, actor, &own)?;
            let pinned = keys::pinned_of_peer(tx, peer.id)?;
            let action = if anew { "peer.repin" } else { "peer.pin" };
            let detail = json!({ "keys": fingerprints(&own), "before": held.iter().map(|key| fingerprint(&key.public_pem)).collect::<Vec<_>>() });
            audit::append(tx, &who, action, authority.as_str(), &detail)?;
            Ok(pinned.iter().map(describe).collect())
        })
        .await
}

/// Takes in the keys that an actor of a peer shows. `announced`: under a signature by a key that is held.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    peer: &Peer,
    (actor, uri): (ActorId, &str),
    offered: &[NewKey],
    announced: bool,
) -> Result<()> {
    if keys::replace_fetched(tx, actor, offered)? == Kept::Taken {
        return Ok(());
    }
    let detail = json!({ "keys": fingerprints(offered) });
    if announced {
        keys::pin(tx, actor, offered)?;
        return audit::append(tx, peer.authority.as_str(), "peer.key_rotate", uri, &detail);
    }
    tracing::warn!(
        peer.host = %peer.authority,
        "{uri} shows other keys than the pinned ones, which is refused: see “corridor peer show” and “corridor peer repin”"
    );
    audit::append(tx, peer.authority.as_str(), "peer.key_refuse", uri, &detail)
}

fn known(tx: &mut Tx<'_>, authority: &Authority) -> Result<Peer> {
    peers::find_by_authority(tx, authority)?.ok_or(Error::NotFound("that peer"))
}

fn describe(key: &Key) -> PinnedKey {
    let algorithm = match key.algorithm {
        KeyAlgorithm::Rsa => "rsa",
        KeyAlgorithm::Ed25519 => "ed25519",
    };
    PinnedKey { algorithm, fingerprint: fingerprint(&key.public_pem), valid_until: key.valid_until }
}

/// The fingerprints of a peer's pinned keys.
pub(crate) fn fingerprints_in(tx: &mut Tx<'_>, peer: PeerId) -> Result<Vec<String>> {
    Ok(keys::pinned_of_peer(tx, peer)?.iter().map(|key| fingerprint(&key.public_pem)).collect())
}

fn fingerprints(keys: &[NewKey]) -> Value {
    Value::Array(keys.iter().map(|key| json!(fingerprint(&key.public_pem))).collect())
}

pub(crate) fn fingerprint(pem: &str) -> String {
    let der = PKey::public_key_from_pem(pem.as_bytes()).and_then(|key| key.public_key_to_der());
    // Only keys that were parsed before are stored.
    let der = der.unwrap_or_else(|_| pem.as_bytes().to_vec());
    format!("SHA256:{}", STANDARD_NO_PAD.encode(openssl::sha::sha256(&der)))
}
