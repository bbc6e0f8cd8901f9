//! Connections: two people say of each other that they know each other, and follow each other from then on.
//!
//! One asks, with a note; the other connects or turns it down. Nobody else is shown who is connected with whom.

use std::sync::Arc;
use std::time::Duration;

use corridor_domain::text::{limits, text_within};
use corridor_domain::{ActorId, ActorKind, Event, Page, PeerId, Service, Timestamp, policy};
pub use corridor_store::connections::Which;
use corridor_store::connections::{self, ConnectionRow, ConnectionState, NewConnection};
use corridor_store::{Tx, blocks, follows, outbox, peers, people};

use crate::assemble::person_views;
use crate::follows::{FollowOptions, relationship, turn_away, write_follow, write_unfollow};
use crate::network_feed::CORRIDOR;
use crate::{
    Ctx, Error, NotificationKind, PersonView, RelationshipView, Result, Settings, Slice, Viewer, notifications,
};

/// How many people one person may have asked who have not answered.
const WAITING: i64 = 100;
/// How long nobody asks anew who was turned down.
pub(crate) const REST: Duration = Duration::from_secs(30 * 86_400);

/// Somebody with whom the viewer is connected, or whom one of the two has asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionView {
    /// The connection's number.
    pub id: i64,
    /// The other one.
    pub person: Arc<PersonView>,
    /// What was written beside the wish; plain text, empty for nothing.
    pub note: String,
    /// When it was asked for, by this node's clock.
    pub asked_at: Timestamp,
    /// Since when they are connected.
    pub connected_at: Option<Timestamp>,
}

/// Asks somebody to connect. Where they have asked the viewer already, the two are connected.
///
/// # Errors
/// [`Error::Invalid`] for oneself, a group, a note of more than 300 characters and where their node knows no connections;
/// [`Error::Forbidden`] when one of the two keeps away from the other, or turned this down within 30 days.
pub async fn ask(ctx: &Ctx, viewer: &Viewer, whom: ActorId, note: &str) -> Result<RelationshipView> {
    let note = text_within(note, limits::CONNECTION_NOTE_CHARS).map_err(Error::invalid)?;
    let (settings, asker) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .write(move |tx| {
            write_ask(tx, &settings, asker, whom, &note)?;
            relationship(tx, asker, whom)
        })
        .await
}

pub(crate) fn write_ask(tx: &mut Tx<'_>, settings: &Settings, asker: ActorId, whom: ActorId, note: &str) -> Result<()> {
    let peer = demand_possible(tx, asker, whom)?;
    if let Some(known) = connections::find_pair(tx, asker, whom)? {
        match known.state()? {
            ConnectionState::Connected => return Ok(()),
            ConnectionState::Asked if known.asker() == asker => return Ok(()),
            ConnectionState::Asked => return write_accept(tx, settings, &known),
            ConnectionState::TurnedDown => {
                if known.asker() == asker {
                    demand_rested(tx, &known)?;
                }
                connections::remove(tx, known.id)?;
            }
        }
    }
    if connections::count_waiting(tx, asker)? >= WAITING {
        return Err(Error::invalid(format!(
            "{WAITING} people have not answered you yet: wait, or take a request back"
        )));
    }
    let id = tx.new_id();
    let uri = settings.addresses.federation_url(&format!("/activities/{id}"));
    connections::insert(tx, &NewConnection { id, asker, asked: whom, uri: &uri, note })?;
    if peer.is_some() {
        outbox::append(tx, &Event::ConnectionOffered { connection: id })?;
    } else {
        notifications::add(tx, whom, NotificationKind::ConnectionRequest, asker, None)?;
    }
    Ok(())
}

/// Whether these two can be connected at all; hands out the peer of the one who is asked.
fn demand_possible(tx: &mut Tx<'_>, asker: ActorId, whom: ActorId) -> Result<Option<PeerId>> {
    if asker == whom {
        return Err(Error::invalid("You can't connect with yourself"));
    }
    let shown = people::find_shown(tx, &[whom])?.pop();
    let (person, _) = shown.filter(|(row, _)| row.suspended_at.is_none()).ok_or(Error::NotFound("that person"))?;
    if person.actor_kind() != ActorKind::Person {
        return Err(Error::invalid("Only people can be connected"));
    }
    let distance = blocks::between(tx, asker, whom)?;
    if distance.is_blocked() {
        return Err(Error::forbidden("One of you has blocked the other"));
    }
    if distance.domain_blocking {
        return Err(Error::forbidden("You have blocked their domain"));
    }
    let Some(peer) = person.peer() else { return Ok(None) };
    policy::may_use(&peers::find(tx, peer)?, Service::Posts)?;
    if peers::health(tx, peer)?.software.is_some_and(|software| software != CORRIDOR) {
        return Err(Error::invalid("Their department's software knows no connections: follow them instead"));
    }
    Ok(Some(peer))
}

fn demand_rested(tx: &Tx<'_>, turned_down: &ConnectionRow) -> Result<()> {
    match turned_down.answered_at().map(|at| at + REST) {
        Some(until) if tx.now() < until => {
            let date = until.to_rfc3339();
            let date = date.split('T').next().unwrap_or_default();
            Err(Error::forbidden(format!("They have turned this down: you can ask again from {date}")))
        }
        _ => Ok(()),
    }
}

/// Connects with somebody who has asked.
///
/// # Errors
/// [`Error::NotFound`] when they have not asked.
pub async fn accept(ctx: &Ctx, viewer: &Viewer, who: ActorId) -> Result<RelationshipView> {
    let (settings, asked) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .write(move |tx| {
            let request = request_of(tx, who, asked)?;
            write_accept(tx, &settings, &request)?;
            relationship(tx, asked, who)
        })
        .await
}

/// Turns down somebody who has asked. They are told, and can't ask again for 30 days.
///
/// # Errors
/// [`Error::NotFound`] when they have not asked.
pub async fn turn_down(ctx: &Ctx, viewer: &Viewer, who: ActorId) -> Result<RelationshipView> {
    let asked = viewer.id;
    ctx.store
        .write(move |tx| {
            request_of(tx, who, asked)?;
            write_end(tx, asked, who)?;
            relationship(tx, asked, who)
        })
        .await
}

fn request_of(tx: &mut Tx<'_>, asker: ActorId, asked: ActorId) -> Result<ConnectionRow> {
    let known = connections::find_pair(tx, asker, asked)?.filter(|row| row.asker() == asker);
    let waits = |row: &ConnectionRow| row.state == ConnectionState::Asked.code();
    known.filter(waits).ok_or(Error::NotFound("that request"))
}

/// Somebody of this node says yes.
fn write_accept(tx: &mut Tx<'_>, settings: &Settings, request: &ConnectionRow) -> Result<()> {
    connect(tx, settings, request)?;
    if !people::is_local(tx, request.asker())? {
        outbox::append(tx, &Event::ConnectionAccepted { connection: request.id })?;
    }
    Ok(())
}

/// Both want it now: whoever asked is told, and each of this node follows the other.
pub(crate) fn connect(tx: &mut Tx<'_>, settings: &Settings, request: &ConnectionRow) -> Result<()> {
    let (asker, asked) = (request.asker(), request.asked());
    connections::answer(tx, request.id, ConnectionState::Connected)?;
    notifications::take_back(tx, asked, &[NotificationKind::ConnectionRequest], asker, None)?;
    notifications::add(tx, asker, NotificationKind::Connection, asked, None)?;
    follow_connected(tx, settings, asker, asked)?;
    follow_connected(tx, settings, asked, asker)
}

/// Follows, or lets follow, without asking anybody: the two have agreed.
fn follow_connected(tx: &mut Tx<'_>, settings: &Settings, from: ActorId, to: ActorId) -> Result<()> {
    let (from_here, to_here) = (people::is_local(tx, from)?, people::is_local(tx, to)?);
    let known = follows::find_pair(tx, from, to)?;
    if let Some(follow) = &known {
        let answered = to_here && follows::accept(tx, follow.id())?;
        if answered && !from_here {
            outbox::append(tx, &Event::FollowAccepted { follow: follow.id() })?;
        }
    }
    if known.is_none() && from_here {
        match write_follow(tx, settings, from, to, FollowOptions::default()) {
            // Somebody who was suspended meanwhile, say: the connection does not hang on it.
            Ok(()) | Err(Error::Forbidden(_) | Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    // They are told that they are connected: that one follows the other goes without saying.
    let kinds = [NotificationKind::Follow, NotificationKind::FollowRequest];
    notifications::take_back(tx, to, &kinds, from, None)
}

/// Whether two people are connected.
pub(crate) fn are_connected(tx: &mut Tx<'_>, one: ActorId, other: ActorId) -> Result<bool> {
    let known = connections::find_pair(tx, one, other)?;
    Ok(known.is_some_and(|row| row.state == ConnectionState::Connected.code()))
}

/// Ends a connection, takes the wish back, or turns theirs down. Whose connection ends, they don't follow each other any
/// more. Where there is nothing, nothing happens.
///
/// # Errors
/// When they aren't there.
pub async fn end(ctx: &Ctx, viewer: &Viewer, whom: ActorId) -> Result<RelationshipView> {
    let by = viewer.id;
    ctx.store
        .write(move |tx| {
            write_end(tx, by, whom)?;
            relationship(tx, by, whom)
        })
        .await
}

/// See [`end`].
pub(crate) fn write_end(tx: &mut Tx<'_>, by: ActorId, other: ActorId) -> Result<()> {
    let Some(known) = connections::find_pair(tx, by, other)? else { return Ok(()) };
    let was_connected = match known.state()? {
        ConnectionState::TurnedDown => return Ok(()),
        ConnectionState::Connected => true,
        ConnectionState::Asked => false,
    };
    close(tx, &known, by)?;
    if was_connected {
        write_unfollow(tx, by, other)?;
        turn_away(tx, other, by)?;
    }
    if !people::is_local(tx, other)? {
        let asked = known.asker() == by;
        outbox::append(tx, &Event::ConnectionEnded { by, other, uri: known.uri, asked })?;
    }
    Ok(())
}

/// Writes down that one of the two ends it: a request that is turned down is remembered, everything else is gone.
pub(crate) fn close(tx: &mut Tx<'_>, known: &ConnectionRow, by: ActorId) -> Result<()> {
    if known.state()? == ConnectionState::Asked && known.asked() == by {
        connections::answer(tx, known.id, ConnectionState::TurnedDown)?;
    } else {
        connections::remove(tx, known.id)?;
    }
    forget_notices(tx, known)
}

fn forget_notices(tx: &mut Tx<'_>, known: &ConnectionRow) -> Result<()> {
    let (asker, asked) = (known.asker(), known.asked());
    notifications::take_back(tx, asked, &[NotificationKind::ConnectionRequest], asker, None)?;
    notifications::take_back(tx, asker, &[NotificationKind::Connection], asked, None)
}

/// Somebody is gone: nothing is left of what they had with others.
pub(crate) fn forget(tx: &mut Tx<'_>, one: ActorId) -> Result<()> {
    for known in connections::all_of(tx, one)? {
        connections::remove(tx, known.id)?;
        forget_notices(tx, &known)?;
    }
    Ok(())
}

/// The viewer's connections, latest first; pages by the connection's number.
///
/// # Errors
/// When the store fails.
pub async fn list(ctx: &Ctx, viewer: &Viewer, which: Which, page: Page) -> Result<Slice<ConnectionView>> {
    let (settings, me) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            Slice::fill(page, |page| {
                let rows = connections::list(tx, me, which, page)?;
                let others: Vec<ActorId> = rows.iter().map(|row| row.other(me)).collect();
                // Who is gone, or of a peer that is suspended, is left out until they are back.
                let shown = people::find_shown(tx, &others)?;
                let people = person_views(tx, &settings, &others)?;
                let cursors = rows.iter().map(|row| row.id).collect();
                let view = |row: ConnectionRow| {
                    let other = row.other(me);
                    shown.iter().find(|(actor, _)| actor.actor_id() == other)?;
                    let connected = row.state == ConnectionState::Connected.code();
                    Some(ConnectionView {
                        id: row.id,
                        person: people.get(&other)?.clone(),
                        connected_at: row.answered_at().filter(|_| connected),
                        asked_at: Timestamp::from_millis(row.created_at),
                        note: row.note,
                    })
                };
                Ok((cursors, rows.into_iter().filter_map(view).collect()))
            })
        })
        .await
}

/// How the viewer stands to somebody, as far as connections go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Nothing was said, or it was turned down.
    #[default]
    None,
    /// The viewer has asked.
    Waiting,
    /// They have asked the viewer.
    ToAnswer,
    /// Both want it.
    Connected,
}

impl Standing {
    /// What a row says of its two people, as one of them sees it.
    pub(crate) fn of(row: &ConnectionRow, viewer: ActorId) -> Result<Self> {
        Ok(match row.state()? {
            ConnectionState::Connected => Self::Connected,
            ConnectionState::TurnedDown => Self::None,
            ConnectionState::Asked if row.asker() == viewer => Self::Waiting,
            ConnectionState::Asked => Self::ToAnswer,
        })
    }
}

#[cfg(test)]
mod tests;
