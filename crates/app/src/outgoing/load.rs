//! Loads what leaves from the store.

use corridor_domain::group::Door;
use corridor_domain::{ActorId, ActorKind, PostId, Timestamp};
use corridor_store::actors::{self, ActorRow};
use corridor_store::posts::{self, PostRow};
use corridor_store::{Error, Tx, contexts, groups, keys, media, moves, polls, portraits};

use super::types::{
    ActorRef, BoostedRef, GroupRef, OutgoingActor, OutgoingGroup, OutgoingMention, OutgoingPicture, OutgoingPoll,
    OutgoingPost, PublicKeyView,
};
use crate::media::media_view;
use crate::media::portraits::{Portrait, view};
use crate::{PostKind, Settings};

/// An actor of ours in few words.
pub(super) fn actor_ref(row: &ActorRow) -> ActorRef {
    ActorRef {
        id: row.actor_id(),
        uri: row.uri.clone(),
        followers_uri: row.followers_uri.clone().unwrap_or_else(|| format!("{}/followers", row.uri)),
    }
}

/// An actor of ours; `None` for one of a peer, which only its own node shows.
pub(super) fn actor(tx: &mut Tx<'_>, settings: &Settings, id: ActorId) -> Result<Option<OutgoingActor>, Error> {
    let row = actors::find(tx, id)?;
    if !row.is_local() {
        return Ok(None);
    }
    let now = tx.now();
    let current = keys::of_actor(tx, id)?.into_iter().filter(|key| key.counts_at(now));
    let keys = current
        .map(|key| PublicKeyView {
            uri: key.uri,
            pem: key.public_pem,
            algorithm: key.algorithm,
            valid_until: key.valid_until,
        })
        .collect();
    let group = groups::find(tx, id)?.map(|group| OutgoingGroup {
        kind: group.kind(),
        door: group.door(),
        marking_name: settings.scheme.name(group.facts().marking).to_owned(),
        archived: group.archived_at.is_some(),
    });
    let moved_to = match moves::current(tx, id)? {
        Some(target) => Some(actors::find(tx, target)?.uri),
        None => None,
    };
    let also_known_as = moves::aliases(tx, id)?;
    let pictures = portraits::of_people(tx, &[id])?;
    let picture = |which, rendition: &str| {
        view(&pictures, which).map(|one| OutgoingPicture {
            url: settings.addresses.federation_url(&one.path(rendition)),
            mime: one.mime,
            description: one.description,
        })
    };
    let (avatar, header) = (picture(Portrait::Avatar, "small"), picture(Portrait::Header, "original"));
    Ok(Some(OutgoingActor { also_known_as, moved_to, avatar, header, ..outgoing_actor(settings, row, keys, group) }))
}

/// A group in few words; `None` for an actor that is none.
pub(super) fn group_ref(tx: &mut Tx<'_>, id: ActorId) -> Result<Option<GroupRef>, Error> {
    let Some(group) = groups::find(tx, id)? else { return Ok(None) };
    let actor = actor_ref(&actors::find(tx, id)?);
    Ok(Some(GroupRef { actor, open: group.door() == Door::Open }))
}

fn outgoing_actor(
    settings: &Settings,
    row: ActorRow,
    keys: Vec<PublicKeyView>,
    group: Option<OutgoingGroup>,
) -> OutgoingActor {
    let below = |given: &Option<String>, name: &str| given.clone().unwrap_or_else(|| format!("{}/{name}", row.uri));
    OutgoingActor {
        id: row.actor_id(),
        kind: row.actor_kind(),
        account_domain: settings.addresses.account_domain.to_string(),
        shared_inbox: settings.addresses.federation_url("/inbox"),
        outbox: below(&row.outbox_uri, "outbox"),
        followers: below(&row.followers_uri, "followers"),
        following: below(&row.following_uri, "following"),
        featured: row.featured_uri.clone().filter(|_| row.actor_kind() != ActorKind::Service),
        bot: row.traits & actors::BOT != 0,
        avatar: None,
        header: None,
        fields: serde_json::from_str(&row.fields).unwrap_or_default(),
        published: Timestamp::from_millis(row.created_at),
        updated: Timestamp::from_millis(row.updated_at),
        deleted: row.deleted_at.is_some(),
        suspended: row.suspended_at.is_some(),
        uri: row.uri,
        username: row.username,
        display_name: row.display_name,
        role_title: row.role_title,
        summary: row.summary,
        url: row.url,
        inbox: row.inbox_uri,
        group,
        locked: row.locked,
        discoverable: row.discoverable,
        indexable: row.indexable,
        keys,
        also_known_as: Vec::new(),
        moved_to: None,
    }
}

/// A post or boost of ours.
pub(super) fn post(tx: &mut Tx<'_>, settings: &Settings, row: PostRow) -> Result<OutgoingPost, Error> {
    let author = actors::find(tx, row.author())?;
    let recipients = posts::recipients(tx, row.id())?;
    let ids: Vec<ActorId> = recipients.iter().map(|(person, _)| *person).collect();
    let people = actors::find_many(tx, &ids)?;
    let is_mentioned = |person: &ActorRow| recipients.iter().any(|(id, named)| *id == person.actor_id() && *named);
    let boosted = match row.boost_of() {
        Some(id) => Some(boosted_ref(tx, id)?),
        None => None,
    };
    let group = match row.group_id {
        Some(group) => group_ref(tx, ActorId::new(group))?,
        None => None,
    };
    let topic = if group.is_some() { groups::topics_of(tx, &[row.id()])?.remove(&row.id()) } else { None };
    let topic = topic.unwrap_or_default();
    let thread = context(tx, &row)?;
    let poll = if row.kind() == posts::PostKind::Question { poll(tx, &row)? } else { None };
    Ok(OutgoingPost {
        id: row.id(),
        author: actor_ref(&author),
        kind: kind(row.kind()),
        audience: row.audience()?,
        marking: row.marking(),
        marking_name: settings.scheme.name(row.marking()).to_owned(),
        group,
        announcement: topic.announcement,
        question: topic.question,
        thread,
        published_at: Timestamp::from_millis(row.published_at),
        edited_at: row.edited_at.map(Timestamp::from_millis),
        mentions: people.iter().filter(|person| is_mentioned(person)).map(|person| mention(settings, person)).collect(),
        addressed: people.iter().map(|person| person.uri.clone()).collect(),
        tags: posts::tags(tx, row.id())?,
        media: media::of_post(tx, row.id())?.into_iter().map(media_view).collect(),
        poll,
        boost_of: boosted,
        deleted: row.deleted_at.is_some(),
        deleted_at: row.deleted_at.map(Timestamp::from_millis),
        uri: row.uri,
        url: row.url,
        handling: row.handling,
        in_reply_to: row.in_reply_to_uri,
        title: row.title,
        content: row.content,
        source: row.source,
        summary: row.summary,
        sensitive: row.sensitive,
        language: row.language,
    })
}

/// Where all of the post's thread can be asked for: with whoever began it.
fn context(tx: &mut Tx<'_>, row: &PostRow) -> Result<Option<String>, Error> {
    if row.thread_id == row.id {
        return Ok(None);
    }
    let Some(first) = posts::find_many(tx, &[PostId::new(row.thread_id)])?.pop() else { return Ok(None) };
    if first.peer_id.is_none() {
        return Ok(Some(format!("{}/context", first.uri)));
    }
    contexts::of(tx, first.id())
}

/// Counts that nobody may see before the end do not leave before it either.
fn poll(tx: &mut Tx<'_>, row: &PostRow) -> Result<Option<OutgoingPoll>, Error> {
    let Some(poll) = polls::find(tx, row.id())? else { return Ok(None) };
    let ended = poll.has_ended(tx.now());
    let shown = ended || !poll.row.hide_totals;
    let option = |option: polls::OptionRow| (option.title, Some(option.votes_count).filter(|_| shown));
    Ok(Some(OutgoingPoll {
        multiple: poll.row.multiple,
        voters: poll.row.voters_count.unwrap_or(0),
        ends_at: poll.row.ends_at.map(Timestamp::from_millis),
        ended,
        options: poll.options.into_iter().map(option).collect(),
    }))
}

fn boosted_ref(tx: &mut Tx<'_>, id: PostId) -> Result<BoostedRef, Error> {
    let row = posts::find(tx, id)?;
    let author_uri = actors::find(tx, row.author())?.uri;
    Ok(BoostedRef { uri: row.uri, author_uri })
}

fn mention(settings: &Settings, person: &ActorRow) -> OutgoingMention {
    let host = if person.host.is_empty() { settings.addresses.account_domain.to_string() } else { person.host.clone() };
    OutgoingMention { uri: person.uri.clone(), handle: format!("@{}@{host}", person.username) }
}

fn kind(kind: posts::PostKind) -> PostKind {
    match kind {
        posts::PostKind::Note => PostKind::Note,
        posts::PostKind::Article => PostKind::Article,
        posts::PostKind::Question => PostKind::Question,
        posts::PostKind::Boost => PostKind::Boost,
    }
}
