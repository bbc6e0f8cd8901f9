//! Connections that peers' people ask for, answer and end.

use corridor_domain::text::{excerpt, limits};
use corridor_domain::{ActorId, ActorKind, Event, Service, policy};
use corridor_store::actors::ActorRow;
use corridor_store::connections::{self, ConnectionRow, ConnectionState, NewConnection};
use corridor_store::{Tx, actors, blocks, follows, outbox, received};

use super::arrival::{Arrival, apply, lies_on};
use super::types::{Outcome, Received};
use crate::connections::{REST, close, connect};
use crate::{Ctx, Error, NotificationKind, Result, Settings, notifications};

/// A person of a peer asks someone of this node to connect; where both have asked, they are connected.
///
/// # Errors
/// [`Error::Forbidden`] when the Offer's id is not the asker's to give.
pub async fn connection_offered(ctx: &Ctx, received: Received, asked_uri: String, note: String) -> Result<Outcome> {
    let uri = received.activity_uri.clone();
    let note = excerpt(note.trim(), limits::CONNECTION_NOTE_CHARS);
    apply(ctx, received, move |tx, arrival| write_offer(tx, arrival, &uri, &asked_uri, &note)).await
}

fn write_offer(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str, asked_uri: &str, note: &str) -> Result<Outcome> {
    let Arrival { peer, actor: asker, settings } = arrival;
    if !lies_on(peer, uri) {
        return Err(Error::forbidden(format!("the Offer's id must lie on {}", peer.authority)));
    }
    if received::is_buried(tx, uri, &asker.uri)? || connections::find_by_uri(tx, uri)?.is_some() {
        return Ok(Outcome::Ignored);
    }
    let is_person = |row: &ActorRow| row.actor_kind() == ActorKind::Person;
    let asked = actors::find_by_uri(tx, asked_uri)?.filter(|row| row.is_local() && !row.is_hidden());
    let (Some(asked), true) = (asked.filter(is_person), is_person(asker)) else { return Ok(Outcome::Ignored) };
    let (from, to) = (asker.actor_id(), asked.actor_id());
    let refused = Event::ConnectionEnded { by: to, other: from, uri: uri.to_owned(), asked: false };
    let distance = blocks::between(tx, to, from)?;
    if distance.is_blocked() || distance.domain_blocking {
        outbox::append(tx, &refused)?;
        return Ok(Outcome::Applied);
    }
    if let Some(known) = connections::find_pair(tx, from, to)? {
        match known.state()? {
            ConnectionState::Asked if known.asker() == to => return both(tx, settings, &known, uri),
            ConnectionState::TurnedDown if known.asker() == from && !has_rested(tx, &known) => {
                outbox::append(tx, &refused)?;
                return Ok(Outcome::Applied);
            }
            ConnectionState::Connected => return again(tx, &known, from, uri),
            ConnectionState::Asked | ConnectionState::TurnedDown => connections::remove(tx, known.id)?,
        }
    }
    let id = tx.new_id();
    connections::insert(tx, &NewConnection { id, asker: from, asked: to, uri, note })?;
    notifications::add(tx, to, NotificationKind::ConnectionRequest, from, None)?;
    Ok(Outcome::Applied)
}

fn has_rested(tx: &Tx<'_>, turned_down: &ConnectionRow) -> bool {
    turned_down.answered_at().is_none_or(|at| tx.now() >= at + REST)
}

/// The two Offers have crossed. On both nodes the one whose id comes first counts, and who was asked by it accepts it: where
/// it is ours, they will.
fn both(tx: &mut Tx<'_>, settings: &Settings, ours: &ConnectionRow, theirs: &str) -> Result<Outcome> {
    if ours.uri.as_str() < theirs {
        return Ok(Outcome::Ignored);
    }
    connections::set_offer(tx, ours.id, ours.asked(), theirs)?;
    let request = ConnectionRow { asker_id: ours.asked().raw(), uri: theirs.to_owned(), ..ours.clone() };
    connect(tx, settings, &request)?;
    outbox::append(tx, &Event::ConnectionAccepted { connection: ours.id })?;
    Ok(Outcome::Applied)
}

/// Their node has forgotten what was: it is told again, and nobody follows anew whom they had left.
fn again(tx: &mut Tx<'_>, known: &ConnectionRow, asker: ActorId, uri: &str) -> Result<Outcome> {
    connections::set_offer(tx, known.id, asker, uri)?;
    outbox::append(tx, &Event::ConnectionAccepted { connection: known.id })?;
    Ok(Outcome::Applied)
}

/// An Offer that is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredOffer {
    /// Its id.
    pub uri: String,
    /// Who made it, where it is told.
    pub asker: Option<String>,
}

/// A person of a peer connects with someone of this node who asked.
///
/// # Errors
/// [`Error::Forbidden`] when the Offer was not for them to answer.
pub async fn connection_accepted(ctx: &Ctx, received: Received, offer: AnsweredOffer) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| {
        // An end is taken from any peer; a beginning as an Offer would be.
        policy::may_use(&arrival.peer, Service::Posts)?;
        let Some(known) = offered_by_us(tx, arrival, &offer.uri)? else {
            return taken_back_meanwhile(tx, arrival, &offer);
        };
        if known.state()? == ConnectionState::Connected {
            return Ok(Outcome::Ignored);
        }
        connect(tx, &arrival.settings, &known)?;
        Ok(Outcome::Applied)
    })
    .await
}

/// What is accepted was taken back before: they are told so again, lest they believe otherwise.
fn taken_back_meanwhile(tx: &mut Tx<'_>, arrival: &Arrival, offer: &AnsweredOffer) -> Result<Outcome> {
    let ours = arrival.settings.addresses.federation_url("/activities/");
    let asker = match offer.asker.as_deref() {
        Some(uri) if offer.uri.starts_with(&ours) => actors::find_by_uri(tx, uri)?,
        _ => None,
    };
    let Some(asker) = asker.filter(|row| row.is_local() && !row.is_hidden()) else { return Ok(Outcome::Ignored) };
    let (by, other) = (asker.actor_id(), arrival.actor.actor_id());
    outbox::append(tx, &Event::ConnectionEnded { by, other, uri: offer.uri.clone(), asked: true })?;
    Ok(Outcome::Applied)
}

/// A person of a peer turns down someone of this node who asked, or ends the connection that they asked for.
///
/// # Errors
/// [`Error::Forbidden`] when the Offer was not for them to answer.
pub async fn connection_rejected(ctx: &Ctx, received: Received, offer: AnsweredOffer) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| {
        let Some(known) = offered_by_us(tx, arrival, &offer.uri)? else { return Ok(Outcome::Ignored) };
        ended(tx, arrival, &known)?;
        Ok(Outcome::Applied)
    })
    .await
}

/// The Offer of somebody of this node that the sender was asked by.
fn offered_by_us(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str) -> Result<Option<ConnectionRow>> {
    let Some(known) = connections::find_by_uri(tx, uri)? else { return Ok(None) };
    if known.asked() != arrival.actor.actor_id() {
        return Err(Error::forbidden("only who was asked can answer an Offer"));
    }
    Ok(Some(known))
}

/// A person of a peer takes back their Offer, or ends the connection that it began.
///
/// # Errors
/// [`Error::Forbidden`] when somebody else made it.
pub(super) fn take_back_offer(tx: &mut Tx<'_>, arrival: &Arrival, known: &ConnectionRow) -> Result<()> {
    if known.asker() != arrival.actor.actor_id() {
        return Err(Error::forbidden("only who made an Offer can take it back"));
    }
    ended(tx, arrival, known)
}

/// It is over; so are the follows of a connection, as at the node that ends it.
pub(super) fn ended(tx: &mut Tx<'_>, arrival: &Arrival, known: &ConnectionRow) -> Result<()> {
    let by = arrival.actor.actor_id();
    let other = known.other(by);
    if known.state()? == ConnectionState::Connected {
        follows::remove(tx, by, other)?;
        follows::remove(tx, other, by)?;
    }
    close(tx, known, by)
}
