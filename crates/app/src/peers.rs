//! The allow-list: who may be spoken to, on which terms, and the one question that every door asks.

use std::sync::atomic::{AtomicU64, Ordering};

use corridor_domain::policy::{self, Door};
use corridor_domain::registry::Link;
use corridor_domain::text::{limits, line_within, text_within};
use corridor_domain::{Authority, Marking, Peer, PeerId, PeerState, Services, Timestamp};
use corridor_store::peers::{self, Health};
use corridor_store::stream_events::{self, HiddenPosts};
use corridor_store::{Tx, connections, deliveries, grants};
use serde_json::{Value, json};

use crate::operator::Operator;
use crate::{Ctx, Error, Result, Settings, audit, registry};

mod lifecycle;
mod listed;
mod proposal;
mod purge;

pub use lifecycle::{HistoryEntry, Preview, history, preview};
pub(crate) use lifecycle::{preview_in, settle};
pub use listed::{ListedPeer, list_allowed, list_others, show_allowed, show_other};
pub use proposal::{Allowance, Proposal, preview_allowance, proposal};
pub use purge::{Left, Purged, left, purge};

/// The terms on which a peer is allowed.
#[derive(Debug, Clone)]
pub struct AllowPeer {
    /// Its federation address: exactly this host and port.
    pub authority: Authority,
    /// The domain of its people's handles, when that is another.
    pub account_domain: Option<Authority>,
    /// The highest marking that may go there or come from there.
    pub ceiling: Marking,
    /// What an unmarked post from it counts as; the scheme's default when nothing is said.
    pub default_marking: Option<Marking>,
    /// The department's name.
    pub department: String,
    /// Why it is allowed.
    pub note: String,
    /// Whom to call.
    pub contact: String,
}

/// A peer and how speaking with it goes.
#[derive(Debug, Clone)]
pub struct PeerView {
    /// The peer and its terms.
    pub peer: Peer,
    /// How it goes.
    pub health: Health,
    /// Activities that wait for it.
    pub pending: i64,
    /// Since when the oldest waits.
    pub oldest_pending_at: Option<Timestamp>,
}

/// What the removal of a peer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct RemovalReport {
    /// Deliveries that were waiting and are not sent.
    pub deliveries_cancelled: usize,
    /// Follows in either direction that ended.
    pub follows_cut: usize,
    /// Connections, and wishes to connect, that ended.
    pub connections_cut: usize,
    /// Posts from there that nobody here reads any more.
    pub posts_hidden: i64,
}

/// Puts a peer on the list, or changes its terms.
///
/// # Errors
/// [`Error::Invalid`] for this node itself or a ceiling that the scheme has not, [`Error::Conflict`] when the account
/// domain is another peer's.
pub async fn allow(ctx: &Ctx, by: &Operator, allow: AllowPeer) -> Result<Peer> {
    allow_for(ctx, by, allow, None).await
}

/// As [`allow`], for these services alone; with none given, those that it has, or all for a new peer.
///
/// # Errors
/// As [`allow`]; [`Error::Forbidden`] where the registry allows less.
pub async fn allow_for(ctx: &Ctx, by: &Operator, allow: AllowPeer, services: Option<Services>) -> Result<Peer> {
    let allow = checked(ctx, by, allow)?;
    let (who, settings) = (by.name(), ctx.settings.clone());
    ctx.store.write(move |tx| allow_in(tx, &settings, &who, &allow, services)).await
}

/// Terms whose words are within bounds and whose markings this node knows, from who may give them.
fn checked(ctx: &Ctx, by: &Operator, mut allow: AllowPeer) -> Result<AllowPeer> {
    by.demand_administrator()?;
    let too_long = |what: &str, error| Error::invalid(format!("{what}: {error}"));
    allow.department =
        line_within(&allow.department, limits::TITLE_CHARS).map_err(|error| too_long("the department", error))?;
    allow.note = text_within(&allow.note, limits::BIO_CHARS).map_err(|error| too_long("the note", error))?;
    allow.contact = line_within(&allow.contact, limits::TITLE_CHARS).map_err(|error| too_long("the contact", error))?;
    let scheme = &ctx.settings.scheme;
    let default_marking = *allow.default_marking.get_or_insert_with(|| scheme.default_marking());
    if allow.ceiling > scheme.highest() || default_marking > scheme.highest() {
        return Err(Error::invalid("the marking is above the highest of this node's scheme"));
    }
    Ok(allow)
}

fn allow_in(
    tx: &mut Tx<'_>,
    settings: &Settings,
    who: &str,
    allow: &AllowPeer,
    services: Option<Services>,
) -> Result<Peer> {
    peers::hold(tx, &allow.authority)?;
    let known = peers::find_by_authority(tx, &allow.authority)?;
    let limits = registry::limits_in(tx, settings, allow, known.as_ref(), services)?;
    let account_domain = limits.account_domain.clone();
    demand_other_node(settings, [&allow.authority, &account_domain])?;
    let id = known.as_ref().map_or_else(|| PeerId::new(tx.new_id()), |peer| peer.id);
    let peer = Peer {
        id,
        authority: allow.authority.clone(),
        account_domain,
        state: PeerState::Allowed,
        ceiling: allow.ceiling,
        default_marking: allow.default_marking.unwrap_or_else(|| settings.scheme.default_marking()),
        department: allow.department.clone(),
        note: allow.note.clone(),
        contact: allow.contact.clone(),
        grant: limits.grant,
    };
    put(tx, &peer, known.is_some())?;
    grants::set_link(tx, &peer, limits.link.as_ref())?;
    audit::append(tx, who, "peer.allow", peer.authority.as_str(), &terms(&peer))?;
    Ok(peer)
}

/// Writes a peer, new or anew, under names that are nobody else's.
pub(crate) fn put(tx: &mut Tx<'_>, peer: &Peer, is_known: bool) -> Result<()> {
    for name in [&peer.authority, &peer.account_domain] {
        demand_free_name(tx, name, peer)?;
    }
    if is_known { Ok(peers::update(tx, peer)?) } else { Ok(peers::insert(tx, peer)?) }
}

/// This node is no peer of itself, under neither of its names.
pub(crate) fn demand_other_node(settings: &Settings, names: [&Authority; 2]) -> Result<()> {
    let addresses = &settings.addresses;
    let own = [addresses.federation_authority(), addresses.account_domain.clone()];
    match names.into_iter().find(|name| own.contains(name)) {
        Some(name) => Err(Error::invalid(format!("{name} is this node itself"))),
        None => Ok(()),
    }
}

/// A name stands for one node: else one peer could speak for another's people.
fn demand_free_name(tx: &mut Tx<'_>, name: &Authority, peer: &Peer) -> Result<()> {
    match peers::find_by_name(tx, name)? {
        Some(other) if other.id != peer.id => {
            Err(Error::Conflict(format!("{name} is a name of the peer {}", other.authority)))
        }
        _ => Ok(()),
    }
}

pub(crate) fn terms(peer: &Peer) -> Value {
    json!({
        "services": peer.grant.services.to_string(),
        "valid_from": peer.grant.valid_from.map(Timestamp::to_rfc3339),
        "valid_until": peer.grant.valid_until.map(Timestamp::to_rfc3339),
        "ceiling": peer.ceiling.rank(),
        "default_marking": peer.default_marking.rank(),
        "account_domain": peer.account_domain.as_str(),
        "note": peer.note,
    })
}

/// Takes a peer off the list: follows end, what waits is cancelled, what came from there is hidden, all at once.
///
/// # Errors
/// [`Error::NotFound`] for a host that never was a peer.
pub async fn remove(ctx: &Ctx, by: &Operator, authority: &Authority) -> Result<RemovalReport> {
    by.demand_administrator()?;
    let (who, authority) = (by.name(), authority.clone());
    ctx.store
        .write(move |tx| {
            let mut peer = held(tx, &authority)?;
            let report = remove_in(tx, &mut peer)?;
            // An administrator's removal is not the registry's to take back.
            if let Some(link) = grants::link(tx, peer.id)? {
                grants::set_link(tx, &peer, Some(&Link { removed_by_registry: false, ..link }))?;
            }
            let detail = serde_json::to_value(report).unwrap_or_default();
            audit::append(tx, &who, "peer.remove", authority.as_str(), &detail)?;
            Ok(report)
        })
        .await
}

/// The removal itself; the audit is the caller's.
pub(crate) fn remove_in(tx: &mut Tx<'_>, peer: &mut Peer) -> Result<RemovalReport> {
    let was_allowed = peer.state == PeerState::Allowed;
    peer.state = PeerState::Removed;
    peers::update(tx, peer)?;
    if was_allowed {
        stream_events::append_hidden(tx, HiddenPosts::OfPeer(peer.id))?;
    }
    Ok(RemovalReport {
        deliveries_cancelled: deliveries::cancel_for_peer(tx, peer.id, "the peer was removed")?,
        follows_cut: peers::cut_follows(tx, peer.id)?,
        connections_cut: connections::cut_with_peer(tx, peer.id)?,
        posts_hidden: peers::count_posts(tx, peer.id)?,
    })
}

/// Holds a peer: nothing goes in or out, deliveries wait, what came from there is hidden.
///
/// # Errors
/// [`Error::NotFound`] for a host that never was a peer.
pub async fn suspend(ctx: &Ctx, by: &Operator, authority: &Authority) -> Result<()> {
    set_state(ctx, by, authority, PeerState::Suspended, "peer.suspend").await
}

/// Lets a held peer go on.
///
/// # Errors
/// [`Error::NotFound`] for a host that never was a peer, [`Error::Invalid`] for one that was removed.
pub async fn resume(ctx: &Ctx, by: &Operator, authority: &Authority) -> Result<()> {
    set_state(ctx, by, authority, PeerState::Allowed, "peer.resume").await
}

async fn set_state(ctx: &Ctx, by: &Operator, host: &Authority, state: PeerState, action: &'static str) -> Result<()> {
    by.demand_administrator()?;
    let (who, host) = (by.name(), host.clone());
    ctx.store
        .write(move |tx| {
            let mut peer = held(tx, &host)?;
            if peer.state == PeerState::Removed {
                return Err(Error::invalid(format!("{host} was removed: allow it anew")));
            }
            if state == PeerState::Allowed && !peer.grant.covers(tx.now()) {
                return Err(Error::Refused(policy::Refusal::OutOfTerm(host.clone())));
            }
            let was_allowed = peer.state == PeerState::Allowed;
            peer.state = state;
            peers::update(tx, &peer)?;
            if was_allowed && state != PeerState::Allowed {
                stream_events::append_hidden(tx, HiddenPosts::OfPeer(peer.id))?;
            }
            if state == PeerState::Allowed {
                deliveries::retry_now(tx, peer.id)?;
            }
            audit::append(tx, &who, action, host.as_str(), &json!({}))
        })
        .await
}

/// A peer whose terms nobody else changes before this transaction ends.
pub(crate) fn held(tx: &mut Tx<'_>, authority: &Authority) -> Result<Peer> {
    peers::hold(tx, authority)?;
    known(tx, authority)
}

fn known(tx: &mut Tx<'_>, authority: &Authority) -> Result<Peer> {
    peers::find_by_authority(tx, authority)?.ok_or(Error::NotFound("that peer"))
}

/// Every peer that was ever allowed, and how speaking with it goes.
///
/// # Errors
/// When the store can't answer.
pub async fn list(ctx: &Ctx) -> Result<Vec<PeerView>> {
    ctx.store.read(|tx| peers::all(tx)?.into_iter().map(|peer| view(tx, peer)).collect()).await
}

/// One peer, and how speaking with it goes.
///
/// # Errors
/// [`Error::NotFound`] for a host that never was a peer.
pub async fn show(ctx: &Ctx, authority: &Authority) -> Result<PeerView> {
    let authority = authority.clone();
    ctx.store
        .read(move |tx| {
            let peer = known(tx, &authority)?;
            view(tx, peer)
        })
        .await
}

fn view(tx: &mut Tx<'_>, peer: Peer) -> Result<PeerView> {
    let health = peers::health(tx, peer.id)?;
    let (pending, oldest_pending_at) = deliveries::lag(tx, peer.id)?;
    Ok(PeerView { peer, health, pending, oldest_pending_at })
}

/// The peers that are allowed now.
///
/// # Errors
/// When the store can't answer.
pub async fn allowed(ctx: &Ctx) -> Result<Vec<Peer>> {
    let all = ctx.store.read(|tx| Ok::<_, Error>(peers::all(tx)?)).await?;
    Ok(all.into_iter().filter(|peer| peer.state == PeerState::Allowed).collect())
}

/// The domains of peers that once were allowed and are not now, each with what identifies it without its name: its SHA-256
/// in hexadecimal.
///
/// # Errors
/// When the store can't answer.
pub async fn not_allowed(ctx: &Ctx) -> Result<Vec<(String, String)>> {
    let all = ctx.store.read(|tx| Ok::<_, Error>(peers::all(tx)?)).await?;
    let mut domains: Vec<(String, String)> = all
        .iter()
        .filter(|peer| peer.state != PeerState::Allowed)
        .map(|peer| (peer.account_domain.to_string(), digest(&peer.account_domain)))
        .collect();
    domains.sort_unstable();
    Ok(domains)
}

fn digest(domain: &Authority) -> String {
    openssl::sha::sha256(domain.as_str().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The peer of a number, allowed or not.
///
/// # Errors
/// [`corridor_store::Error::NotFound`] when there is none.
pub fn find_in(tx: &mut Tx<'_>, id: PeerId) -> corridor_store::Result<Peer> {
    peers::find(tx, id)
}

/// May this host pass this door? The one question that every door asks; the peer is the proof of the answer. The domain
/// of a peer's handles passes only where handles are looked up.
///
/// # Errors
/// [`Error::Refused`] with the reason, which is logged.
pub async fn ask(ctx: &Ctx, door: Door, host: &Authority) -> Result<Peer> {
    let (shared, host) = (ctx.clone(), host.clone());
    ctx.store.read(move |tx| ask_in(tx, &shared, door, &host)).await
}

/// As [`ask`], inside a transaction.
///
/// # Errors
/// [`Error::Refused`] with the reason, which is logged.
pub fn ask_in(tx: &mut Tx<'_>, ctx: &Ctx, door: Door, host: &Authority) -> Result<Peer> {
    let peer = peers::find_by_name(tx, host)?;
    let own = ctx.settings.addresses.federation_authority();
    match (policy::may_pass(door, &own, host, peer.as_ref()), peer) {
        (Ok(()), Some(peer)) => Ok(peer),
        (Ok(()), None) => Err(policy::Refusal::NotListed(host.clone()).into()),
        (Err(refusal), _) => {
            ctx.refused.count(door);
            tracing::warn!(peer.host = %host, door = door.word(), reason = refusal.code(), "refused at the {} door: {refusal}", door.word());
            Err(refusal.into())
        }
    }
}

/// How often someone was turned away, door by door.
#[derive(Debug, Default)]
pub(crate) struct Refused([AtomicU64; Door::ALL.len()]);

impl Refused {
    fn count(&self, door: Door) {
        if let Some((_, counter)) = self.by_door().find(|(of, _)| *of == door) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn by_door(&self) -> impl Iterator<Item = (Door, &AtomicU64)> {
        Door::ALL.into_iter().zip(&self.0)
    }
}

/// How often someone was turned away at each door since this process began.
#[must_use]
pub fn refusals(ctx: &Ctx) -> Vec<(Door, u64)> {
    ctx.refused.by_door().map(|(door, counter)| (door, counter.load(Ordering::Relaxed))).collect()
}

#[cfg(test)]
mod tests;
