//! People of peers: stored when they are first met, changed and deleted when they say so.

use corridor_domain::group::{Door as GroupDoor, GroupKind};
use corridor_domain::policy::{self, Door};
use corridor_domain::text::{self, Username, limits};
use corridor_domain::{ActorId, ActorKind, Peer, PeerId, Timestamp};
use corridor_store::actors::ActorRow;
use corridor_store::groups::{self, GroupRow};
use corridor_store::keys::NewKey;
use corridor_store::{Tx, actors, follows, keys, peers, posts, received};

use super::arrival::{Arrival, apply, lies_on, page};
use super::types::{IncomingPerson, Outcome, Received};
use crate::groups::end_membership;
use crate::media::portraits::{self, Portrait};
use crate::{Ctx, Error, ProfileField, Result, Settings, pins};

/// Keys of one actor that are kept.
const KEYS: usize = 8;

/// Stores what was fetched of a person of `peer`. `owns_name`: their node says by WebFinger that the name is theirs,
/// so that whoever had it before gives way.
///
/// # Errors
/// [`Error::Conflict`] when someone else has the name and `owns_name` is not given, [`Error::NotFound`] when they were
/// deleted, [`Error::Invalid`] when what was fetched makes no sense.
pub async fn store_person(ctx: &Ctx, peer: PeerId, person: IncomingPerson, owns_name: bool) -> Result<ActorId> {
    match attempt(ctx, peer, person.clone(), owns_name).await {
        // Another request stored the same person at the same time.
        Err(Error::Conflict(_)) => attempt(ctx, peer, person, owns_name).await,
        stored => stored,
    }
}

async fn attempt(ctx: &Ctx, peer: PeerId, person: IncomingPerson, owns_name: bool) -> Result<ActorId> {
    let settings = ctx.settings.clone();
    ctx.store
        .write(move |tx| {
            let peer = peers::find(tx, peer)?;
            policy::may_pass(Door::Fetch, &settings.addresses.federation_authority(), &peer.authority, Some(&peer))?;
            write(tx, &settings, &peer, &person, (owns_name, false))
        })
        .await
}

/// A person of a peer has changed their profile or keys. `announced`: the profile stood in what they signed.
///
/// # Errors
/// [`Error::Forbidden`] when it is about somebody else.
pub async fn person_updated(ctx: &Ctx, received: Received, person: IncomingPerson, announced: bool) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| {
        if person.uri != arrival.actor.uri {
            return Err(Error::forbidden("only they themselves can change a profile"));
        }
        let known = person.updated.is_some_and(|updated| updated.millis() < arrival.actor.updated_at);
        if known {
            return Ok(Outcome::Ignored);
        }
        write(tx, &arrival.settings, &arrival.peer, &person, (false, announced))?;
        Ok(Outcome::Applied)
    })
    .await
}

/// A person of a peer has left: everything of theirs vanishes at once, and they never come back under this URI.
///
/// # Errors
/// When the store fails.
pub async fn person_deleted(ctx: &Ctx, received: Received) -> Result<Outcome> {
    apply(ctx, received, |tx, arrival| {
        let Arrival { settings, actor, .. } = arrival;
        let (now, id) = (tx.now(), actor.actor_id());
        received::bury(tx, &actor.uri, &actor.uri)?;
        for group in groups::of_member(tx, id)? {
            let (group, row) = crate::groups::find(tx, group)?;
            end_membership(tx, settings, (&group, &row), id)?;
        }
        for (follower, followed) in received::follows_of(tx, id)? {
            follows::remove(tx, follower, followed)?;
        }
        crate::connections::forget(tx, id)?;
        for post in received::posts_of(tx, id)? {
            posts::hide(tx, post, now + settings.destroy_after)?;
        }
        corridor_store::portraits::discard_of(tx, id)?;
        actors::mark_deleted(tx, id, now)?;
        Ok(Outcome::Applied)
    })
    .await
}

fn write(
    tx: &mut Tx<'_>,
    settings: &Settings,
    peer: &Peer,
    person: &IncomingPerson,
    (owns_name, announced): (bool, bool),
) -> Result<ActorId> {
    check(peer, person)?;
    if received::is_buried(tx, &person.uri, &person.uri)? {
        return Err(Error::NotFound("that person"));
    }
    let known = match actors::find_by_uri(tx, &person.uri)? {
        None => None,
        Some(row) if row.peer() == Some(peer.id) && row.deleted_at.is_none() => {
            // Counters are written back with the row: nobody may change them meanwhile.
            received::hold_row(tx, row.actor_id())?;
            Some(actors::find(tx, row.actor_id())?)
        }
        Some(_) => return Err(Error::NotFound("that person")),
    };
    let name =
        Username::parse_remote(&person.username).map_err(|error| Error::invalid(format!("username: {error}")))?;
    let id = match &known {
        Some(row) => row.actor_id(),
        None => ActorId::new(tx.new_id()),
    };
    make_way(tx, peer, id, &name.key(), owns_name)?;
    let row = row(tx, peer, person, (id, &name, known.as_ref()));
    match known {
        Some(_) => actors::update(tx, &row)?,
        None => actors::insert(tx, &row)?,
    }
    if person.kind == ActorKind::Group {
        let group = group_row(settings, peer, id, person, tx.now());
        groups::put(tx, &group)?;
    }
    for (which, sent) in [(Portrait::Avatar, &person.avatar), (Portrait::Header, &person.header)] {
        let own = sent.as_ref().filter(|one| lies_on(peer, &one.url));
        portraits::settle(tx, peer.id, id, which, own)?;
    }
    let keys = own_keys(tx, peer, id, &person.keys)?;
    pins::take(tx, peer, (id, &person.uri), &keys, announced)?;
    Ok(id)
}

/// What is not said, or in words that are not known here, is taken for the narrowest.
fn group_row(settings: &Settings, peer: &Peer, id: ActorId, person: &IncomingPerson, now: Timestamp) -> GroupRow {
    let group = person.group.clone().unwrap_or_default();
    let usual = if person.locked { GroupDoor::ByRequest } else { GroupDoor::Open };
    let door = group.door.map_or(usual, |door| door.parse().unwrap_or(GroupDoor::Hidden));
    let scheme = &settings.scheme;
    let marking = group.marking.map_or(peer.default_marking, |name| scheme.parse(&name).unwrap_or(scheme.highest()));
    GroupRow {
        actor_id: id.raw(),
        kind: group.kind.and_then(|kind| kind.parse().ok()).unwrap_or(GroupKind::Social).code(),
        door: door.code(),
        marking: marking.rank(),
        archived_at: group.archived.then_some(now.millis()),
    }
}

fn check(peer: &Peer, person: &IncomingPerson) -> Result<()> {
    if !lies_on(peer, &person.uri) || !lies_on(peer, &person.inbox) {
        return Err(Error::forbidden(format!("an actor and its inbox must lie on {}", peer.authority)));
    }
    let more = [&person.shared_inbox, &person.outbox, &person.followers, &person.following, &person.featured];
    if more.into_iter().flatten().any(|uri| !lies_on(peer, uri)) {
        return Err(Error::forbidden(format!("an actor's collections must lie on {}", peer.authority)));
    }
    Ok(())
}

/// The handle is one person's. Whoever left gives it up; whoever is there only if their node says so.
fn make_way(tx: &mut Tx<'_>, peer: &Peer, id: ActorId, key: &str, owns_name: bool) -> Result<()> {
    let holder = actors::find_by_handle(tx, peer.account_domain.as_str(), key)?;
    let Some(mut holder) = holder.filter(|holder| holder.actor_id() != id && holder.username_key == key) else {
        return Ok(());
    };
    if holder.deleted_at.is_none() && !owns_name {
        return Err(Error::Conflict(format!("@{key}@{} is somebody else", peer.account_domain)));
    }
    received::hold_row(tx, holder.actor_id())?;
    holder.username_key = format!("{key}~{}", holder.id);
    actors::update(tx, &holder)?;
    Ok(())
}

fn row(
    tx: &mut Tx<'_>,
    peer: &Peer,
    person: &IncomingPerson,
    (id, name, known): (ActorId, &Username, Option<&ActorRow>),
) -> ActorRow {
    let now = tx.now();
    ActorRow {
        id: id.raw(),
        kind: person.kind.code(),
        peer_id: Some(peer.id.raw()),
        uri: person.uri.clone(),
        username: name.to_string(),
        host: peer.account_domain.to_string(),
        username_key: name.key(),
        display_name: line(&person.display_name, limits::NAME_CHARS),
        summary: text::sanitise_html(&person.summary),
        summary_source: String::new(),
        url: page(person.url.as_deref()).unwrap_or_else(|| person.uri.clone()),
        inbox_uri: person.inbox.clone(),
        shared_inbox_uri: person.shared_inbox.clone(),
        outbox_uri: person.outbox.clone(),
        followers_uri: person.followers.clone(),
        following_uri: person.following.clone(),
        featured_uri: person.featured.clone(),
        locked: person.locked,
        discoverable: person.discoverable,
        indexable: person.indexable,
        fields: fields(&person.fields),
        created_at: known
            .map_or_else(|| person.published.map_or(now, |then| then.min(now)).millis(), |row| row.created_at),
        updated_at: person.updated.map_or(now, |then| then.min(now)).millis(),
        fetched_at: Some(now.millis()),
        suspended_at: known.and_then(|row| row.suspended_at),
        deleted_at: None,
        followers_count: known.map_or(0, |row| row.followers_count),
        following_count: known.map_or(0, |row| row.following_count),
        posts_count: known.map_or(0, |row| row.posts_count),
        last_post_at: known.and_then(|row| row.last_post_at),
        role_title: line(&person.role_title, limits::TITLE_CHARS),
        traits: if person.bot { actors::BOT } else { 0 },
    }
}

/// One clean line of a peer's text, cut where ours would be refused.
pub(super) fn line(text: &str, limit: usize) -> String {
    text::excerpt(&text::clean_line(text), limit)
}

fn fields(fields: &[ProfileField]) -> String {
    let clean = |field: &ProfileField| ProfileField {
        name: line(&field.name, limits::PROFILE_FIELD_CHARS),
        value: text::sanitise_html(&field.value),
    };
    let clean: Vec<ProfileField> = fields.iter().take(limits::PROFILE_FIELDS).map(clean).collect();
    serde_json::to_string(&clean).unwrap_or_else(|_| "[]".to_owned())
}

/// The keys that may be this actor's: on their own host, and nobody else's already.
pub(crate) fn own_keys(tx: &mut Tx<'_>, peer: &Peer, actor: ActorId, fetched: &[NewKey]) -> Result<Vec<NewKey>> {
    let mut own: Vec<NewKey> = Vec::new();
    for key in fetched.iter().take(KEYS) {
        let taken = keys::find_by_uri(tx, &key.uri)?.is_some_and(|known| known.actor != actor);
        if !taken && lies_on(peer, &key.uri) && !own.iter().any(|other| other.uri == key.uri) {
            own.push(key.clone());
        }
    }
    Ok(own)
}
