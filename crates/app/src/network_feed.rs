//! The whole Network feed: Corridor nodes that allow each other follow each other's own actor, and hand each other what
//! is for the network.

use corridor_domain::{ActorId, Authority, Event, FollowId, Peer, PeerId, PeerState, Service, policy};
use corridor_store::follows::NewFollow;
use corridor_store::{Tx, follows, keys, network_feed, outbox, peers};
use serde_json::json;

use crate::operator::Operator;
use crate::{Ctx, Error, Result, Settings, audit, follows as following, instance, pins};

/// What a Corridor node says in NodeInfo that it runs.
pub(crate) const CORRIDOR: &str = "corridor";

/// Whether the feed is on for a peer.
///
/// # Errors
/// [`Error::NotFound`] for a host that never was a peer.
pub async fn is_on(ctx: &Ctx, authority: &Authority) -> Result<bool> {
    let authority = authority.clone();
    ctx.store
        .read(move |tx| {
            let peer = peers::find_by_authority(tx, &authority)?.ok_or(Error::NotFound("that peer"))?;
            Ok(network_feed::is_on(tx, peer.id)?)
        })
        .await
}

/// Turns the feed on or off for a peer, both ways. Off: nothing more goes or is taken, and the peer is told so.
///
/// # Errors
/// [`Error::NotFound`] for a host that never was a peer.
pub async fn set(ctx: &Ctx, by: &Operator, authority: &Authority, on: bool) -> Result<()> {
    by.demand_administrator()?;
    let (who, authority) = (by.name(), authority.clone());
    ctx.store
        .write(move |tx| {
            let peer = crate::peers::held(tx, &authority)?;
            network_feed::set(tx, peer.id, on)?;
            if !on {
                end(tx, peer.id)?;
            }
            audit::append(tx, &who, "peer.network_feed", authority.as_str(), &json!({ "on": on }))
        })
        .await
}

/// Ends the following in both directions.
fn end(tx: &mut Tx<'_>, peer: PeerId) -> Result<()> {
    let (Some(node), Some(theirs)) = (instance::find_in(tx)?, own_actor(tx, peer)?) else { return Ok(()) };
    following::write_unfollow(tx, node, theirs)?;
    following::turn_away(tx, theirs, node)
}

/// A peer's own actor: the one whose keys are pinned.
pub(crate) fn own_actor(tx: &mut Tx<'_>, peer: PeerId) -> Result<Option<ActorId>> {
    Ok(keys::pinned_of_peer(tx, peer)?.first().map(|key| key.actor))
}

/// Whether posts of a peer for the network come to this node, whoever wrote them.
pub(crate) fn takes(tx: &mut Tx<'_>, peer: &Peer) -> Result<bool> {
    match instance::find_in(tx)? {
        Some(node) => Ok(network_feed::is_subscribed(tx, node, peer.id)?),
        None => Ok(false),
    }
}

/// Follows the own actors of Corridor peers where that is wanted and not done yet. A peer that can't be reached now is
/// asked the next time.
///
/// # Errors
/// When the store fails.
pub async fn settle(ctx: &Ctx) -> Result<()> {
    let wanted: Vec<(Peer, Option<String>)> = ctx.store.read(wanting).await?;
    for (peer, software) in wanted {
        if let Err(error) = subscribe(ctx, &peer, software).await {
            tracing::info!(peer.host = %peer.authority, "the Network feed of {} can't be followed yet: {error}", peer.authority);
        }
    }
    Ok(())
}

/// Allowed peers where the feed is on and nothing was asked yet; not those that are known to run something else.
fn wanting(tx: &mut Tx<'_>) -> Result<Vec<(Peer, Option<String>)>> {
    let Some(node) = instance::find_in(tx)? else { return Ok(Vec::new()) };
    let mut wanting = Vec::new();
    for peer in peers::all(tx)? {
        let usable = peer.state == PeerState::Allowed && policy::may_use(&peer, Service::Posts).is_ok();
        if !usable || !network_feed::is_on(tx, peer.id)? {
            continue;
        }
        let asked = match own_actor(tx, peer.id)? {
            Some(theirs) => follows::find_pair(tx, node, theirs)?.is_some(),
            None => false,
        };
        let software = peers::health(tx, peer.id)?.software;
        if !asked && software.as_deref().is_none_or(|software| software == CORRIDOR) {
            wanting.push((peer, software));
        }
    }
    Ok(wanting)
}

async fn subscribe(ctx: &Ctx, peer: &Peer, software: Option<String>) -> Result<()> {
    let remote = ctx.remote().ok_or_else(|| Error::Peer("this program does not speak to peers".to_owned()))?;
    let software = match software {
        Some(software) => software,
        None => remote.software(peer).await?,
    };
    let (id, said) = (peer.id, software.clone());
    ctx.store.write(move |tx| peers::set_software(tx, id, &said).map_err(Error::from)).await?;
    if software != CORRIDOR {
        return Ok(());
    }
    pins::pin(ctx, &Operator::System, &peer.authority, false).await?;
    let (settings, authority) = (ctx.settings.clone(), peer.authority.clone());
    ctx.store.write(move |tx| write_follow(tx, &settings, &authority)).await
}

fn write_follow(tx: &mut Tx<'_>, settings: &Settings, authority: &Authority) -> Result<()> {
    let peer = crate::peers::held(tx, authority)?;
    let (Some(node), Some(theirs)) = (instance::find_in(tx)?, own_actor(tx, peer.id)?) else { return Ok(()) };
    // An administrator, or another process of this node, may have been quicker.
    let still = peer.state == PeerState::Allowed && network_feed::is_on(tx, peer.id)?;
    if !still || follows::find_pair(tx, node, theirs)?.is_some() {
        return Ok(());
    }
    let id = FollowId::new(tx.new_id());
    let follow = NewFollow {
        id,
        follower: node,
        followed: theirs,
        uri: settings.addresses.federation_url(&format!("/activities/{id}")),
        accepted: false,
        show_boosts: false,
        notify: false,
    };
    follows::insert(tx, &follow)?;
    Ok(outbox::append(tx, &Event::FollowRequested { follow: id })?)
}
