//! Moving: a person says which older accounts are theirs, and goes from one account to another with followers, groups and
//! directory record (`Move`, `alsoKnownAs`).

mod carry;

use std::net::IpAddr;
use std::time::Duration;

use corridor_domain::policy::{self, Door};
use corridor_domain::text::Handle;
use corridor_domain::{ActorId, ActorKind, Event, Service, Timestamp};
use corridor_store::actors::{self, ActorRow};
use corridor_store::moves::{self, MoveRow};
use corridor_store::{Tx, outbox, peers};
use serde_json::json;
use url::Url;

pub(crate) use self::carry::{carry_over, is_in_place_of};
use crate::assemble::acct;
use crate::operator::Operator;
use crate::posts::compose::local_form;
use crate::{Ctx, Error, Result, Viewer, accounts, audit};

/// How long after a move the next one has to wait, as on Mastodon.
pub const BETWEEN_MOVES: Duration = Duration::from_secs(30 * 24 * 3600);
/// Older accounts that one person may name.
const ALIASES: usize = 10;

/// What an account says of itself that a move hangs on, asked of its own node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account, stored.
    pub actor: ActorId,
    /// URIs of the older accounts that it says are the same person's.
    pub also_known_as: Vec<String>,
    /// It says that it has moved on itself.
    pub has_moved: bool,
}

/// An older account of somebody of this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasView {
    /// Its URI.
    pub uri: String,
    /// `name@host`; the URI where it is not known here any more.
    pub handle: String,
}

/// Where somebody has gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveView {
    /// `name@host`.
    pub handle: String,
    /// When.
    pub at: Timestamp,
}

/// How somebody of this node stands: their older accounts, and where they have gone.
///
/// # Errors
/// [`Error::NotFound`] when they are not of this node.
pub async fn show(ctx: &Ctx, who: ActorId) -> Result<(Vec<AliasView>, Option<MoveView>)> {
    ctx.store
        .read(move |tx| {
            ours(tx, who)?;
            let mut aliases = Vec::new();
            for uri in moves::aliases(tx, who)? {
                let handle = actors::find_by_uri(tx, &uri)?.map_or_else(|| uri.clone(), |row| handle_of(&row));
                aliases.push(AliasView { uri, handle });
            }
            let gone = moves::latest(tx, who)?.filter(MoveRow::stands);
            let moved = match gone {
                Some(row) => Some(MoveView { handle: handle_of(&actors::find(tx, row.target())?), at: row.at() }),
                None => None,
            };
            Ok((aliases, moved))
        })
        .await
}

/// Says that an older account is theirs: what it has can then come here by a move from there.
///
/// # Errors
/// When nobody has that handle, or its host is no allowed peer; [`Error::Conflict`] when it is named already.
pub async fn add_alias(ctx: &Ctx, by: &Operator, who: ActorId, handle: &Handle) -> Result<()> {
    may_act_for(by, who)?;
    let other = resolve(ctx, handle).await?;
    let by = by.name();
    ctx.store
        .write(move |tx| {
            let (me, other) = (ours(tx, who)?, actors::find(tx, other)?);
            if other.id == me.id {
                return Err(Error::invalid("That is the same account"));
            }
            if other.actor_kind() != ActorKind::Person {
                return Err(Error::invalid("That is not a person's account"));
            }
            let known = moves::aliases(tx, who)?;
            if known.contains(&other.uri) {
                return Err(Error::Conflict(format!("@{} is named already", handle_of(&other))));
            }
            if known.len() >= ALIASES {
                return Err(Error::invalid(format!("At most {ALIASES} older accounts can be named")));
            }
            moves::add_alias(tx, who, &other.uri)?;
            changed(tx, &by, "person.alias_add", &me, &other.uri)
        })
        .await
}

/// Takes that back.
///
/// # Errors
/// [`Error::NotFound`] when it is not named.
pub async fn remove_alias(ctx: &Ctx, by: &Operator, who: ActorId, uri: &str) -> Result<()> {
    may_act_for(by, who)?;
    let (by, uri) = (by.name(), uri.to_owned());
    ctx.store
        .write(move |tx| {
            let me = ours(tx, who)?;
            if !moves::remove_alias(tx, who, &uri)? {
                return Err(Error::NotFound("that older account"));
            }
            changed(tx, &by, "person.alias_remove", &me, &uri)
        })
        .await
}

/// Moves somebody of this node to another account, which must say that this one is theirs. Followers and groups go along;
/// the old account stays, says where its person is, and publishes no more.
///
/// # Errors
/// [`Error::Conflict`] when they have moved lately; [`Error::Invalid`] when the new account does not name this one;
/// [`Error::Refused`] when its host is no peer, or not one for moves.
pub async fn move_away(ctx: &Ctx, by: &Operator, who: ActorId, handle: &Handle) -> Result<MoveView> {
    may_act_for(by, who)?;
    let target = resolve(ctx, handle).await?;
    let target = identity(ctx, target).await?;
    let (settings, by) = (ctx.settings.clone(), by.name());
    ctx.store
        .write(move |tx| {
            let (me, new) = (ours(tx, who)?, actors::find(tx, target.actor)?);
            if let Some(peer) = new.peer() {
                policy::may_use(&peers::find(tx, peer)?, Service::Moves)?;
            }
            check(tx, &me, &new, &target)?;
            moves::record(tx, who, target.actor)?;
            actors::touch(tx, who)?;
            carry_over(tx, &settings, &me, &new)?;
            let uri = settings.addresses.federation_url(&format!("/activities/{}", tx.new_id()));
            outbox::append(tx, &Event::PersonMoved { actor: who, target: target.actor, uri })?;
            audit::append(tx, &by, "person.move", &handle_of(&me), &json!({ "to": new.uri }))?;
            Ok(MoveView { handle: handle_of(&new), at: tx.now() })
        })
        .await
}

/// Takes a move back: the account publishes again. Who went along stays where they are.
///
/// # Errors
/// [`Error::Conflict`] when they have not moved.
pub async fn move_back(ctx: &Ctx, by: &Operator, who: ActorId) -> Result<()> {
    may_act_for(by, who)?;
    let by = by.name();
    ctx.store
        .write(move |tx| {
            let me = ours(tx, who)?;
            if !moves::undo(tx, who)? {
                return Err(Error::Conflict("This account has not moved".to_owned()));
            }
            changed(tx, &by, "person.move_back", &me, &me.uri)
        })
        .await
}

/// That it is really they who asks for something that can't be taken back: their password, once more.
///
/// # Errors
/// [`Error::Unauthenticated`] when it is wrong, [`Error::TooMany`] after too many wrong ones.
pub async fn confirm(ctx: &Ctx, viewer: &Viewer, password: &str, from: Option<IpAddr>) -> Result<()> {
    accounts::confirm_password(ctx, viewer, password, from).await
}

/// What an account says of itself; a peer's node is asked anew, since what it said before may not be so any more.
async fn identity(ctx: &Ctx, actor: ActorId) -> Result<Identity> {
    if let Some(own) = own_identity(ctx, actor).await? {
        return Ok(own);
    }
    let uri = ctx.store.read(move |tx| Ok::<_, Error>(actors::find(tx, actor)?.uri)).await?;
    let url = Url::parse(&uri).map_err(|_| Error::NotFound("that account"))?;
    let remote = ctx.remote().ok_or(Error::NotFound("that account"))?;
    remote.identity(&url).await
}

/// What an account of this node says of itself; `None` for one of a peer.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn own_identity(ctx: &Ctx, actor: ActorId) -> Result<Option<Identity>> {
    ctx.store
        .read(move |tx| {
            if !actors::find(tx, actor)?.is_local() {
                return Ok(None);
            }
            let has_moved = moves::current(tx, actor)?.is_some();
            Ok(Some(Identity { actor, also_known_as: moves::aliases(tx, actor)?, has_moved }))
        })
        .await
}

/// Whether one may move to the other: a person to a person who names them, neither of whom is on the way already.
pub(crate) fn check(tx: &mut Tx<'_>, old: &ActorRow, new: &ActorRow, target: &Identity) -> Result<()> {
    if old.id == new.id {
        return Err(Error::invalid("That is the same account"));
    }
    if old.actor_kind() != ActorKind::Person || new.actor_kind() != ActorKind::Person || new.is_hidden() {
        return Err(Error::invalid("Only a person can move, and only to another account of theirs"));
    }
    if !target.also_known_as.contains(&old.uri) {
        return Err(Error::invalid(format!(
            "@{} does not name @{} as an older account: say so there first",
            handle_of(new),
            handle_of(old)
        )));
    }
    if target.has_moved {
        return Err(Error::invalid(format!("@{} has moved on itself", handle_of(new))));
    }
    let lately = moves::latest(tx, old.actor_id())?.filter(|row| tx.now() - row.at() < BETWEEN_MOVES);
    match lately {
        Some(row) if !row.stands() || row.target() != new.actor_id() => {
            Err(Error::Conflict("They have moved within the last 30 days".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Nobody publishes from an account that they have left.
pub(crate) fn demand_here(tx: &mut Tx<'_>, who: ActorId) -> Result<()> {
    let Some(target) = moves::current(tx, who)? else { return Ok(()) };
    let handle = handle_of(&actors::find(tx, target)?);
    Err(Error::forbidden(format!("You have moved to @{handle}: write there, or take the move back first")))
}

fn may_act_for(by: &Operator, who: ActorId) -> Result<()> {
    match by {
        Operator::Person(viewer) if viewer.id != who => Err(Error::forbidden("Only they themselves can do this")),
        _ => Ok(()),
    }
}

fn ours(tx: &mut Tx<'_>, who: ActorId) -> Result<ActorRow> {
    let row = actors::find(tx, who)?;
    let is_person = row.is_local() && row.actor_kind() == ActorKind::Person && !row.is_hidden();
    if is_person { Ok(row) } else { Err(Error::NotFound("that person")) }
}

fn changed(tx: &mut Tx<'_>, by: &str, action: &str, me: &ActorRow, uri: &str) -> Result<()> {
    actors::touch(tx, me.actor_id())?;
    outbox::append(tx, &Event::PersonUpdated { actor: me.actor_id() })?;
    audit::append(tx, by, action, &handle_of(me), &json!({ "account": uri }))
}

pub(crate) fn handle_of(row: &ActorRow) -> String {
    acct(&row.username, &row.host)
}

/// Who has a handle; a peer is asked about its people, whatever is known of them here.
async fn resolve(ctx: &Ctx, handle: &Handle) -> Result<ActorId> {
    let handle = local_form(ctx, handle.clone());
    let Some(host) = handle.host.clone() else { return crate::people::id_of_known(ctx, &handle).await };
    crate::peers::ask(ctx, Door::Mention, &host).await?;
    let remote = ctx.remote().ok_or(Error::NotFound("that person"))?;
    remote.resolve_handle(&handle, &host).await
}
