//! Posts of peers: taken in where they concern somebody here, changed and deleted when their author says so.

use std::time::Duration;

use corridor_domain::policy::{self, Door};
use corridor_domain::text::{self, limits};
use corridor_domain::visibility::may_reply;
use corridor_domain::{ActorId, Audience, Event, Marking, PeerId, PostId, Timestamp};
use corridor_store::posts::{NewPost, PostKind, PostRow, Revision};
use corridor_store::received::Known;
use corridor_store::{Tx, actors, contexts, outbox, peers, posts, received, visibility};

use super::arrival::{Arrival, apply, lies_on, note_refusal, page};
use super::articles;
use super::people::line;
use super::placed::{self, Place};
use super::polls;
use super::terms;
use super::types::{IncomingMedia, IncomingPost, Outcome, Received};
use crate::media::attach;
use crate::posts::{compose, tell_boosters, tell_subscribers};
use crate::{Ctx, Error, NotificationKind, Result, network_feed, notifications};

/// How far ahead a peer's clock may be before its moments are taken for now.
const AHEAD: Duration = Duration::from_secs(300);
/// A fetched post that is older than this notifies nobody.
const NEWS: Duration = Duration::from_secs(24 * 3600);

/// A person of a peer has published a post.
///
/// # Errors
/// [`Error::Forbidden`] when it is not the sender's, is for another department, carries an unknown marking or answers
/// a higher marked post; [`Error::Refused`] when it is marked above the peer's ceiling.
pub async fn post_created(ctx: &Ctx, received: Received, post: IncomingPost) -> Result<Outcome> {
    let raw = received.raw.clone();
    apply(ctx, received, move |tx, arrival| {
        own(arrival, &post)?;
        take_in(tx, arrival, &post, Way::Sent(raw.as_deref())).map(|(outcome, _)| outcome)
    })
    .await
}

/// As [`post_created`], for a post that the home of its group, of a peer, hands on.
///
/// # Errors
/// As [`post_created`]; [`Error::Forbidden`] when it was not posted in that group.
pub async fn post_relayed(ctx: &Ctx, received: Received, group: ActorId, post: IncomingPost) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| {
        own(arrival, &post)?;
        take_in(tx, arrival, &post, Way::Relayed(group)).map(|(outcome, _)| outcome)
    })
    .await
}

/// How a post came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way<'a> {
    /// Its author's node sent it; with the activity as it was sent.
    Sent(Option<&'a str>),
    /// The home of a group, of a peer, hands it on.
    Relayed(ActorId),
    /// It was fetched because somebody here wants it.
    Fetched,
}

/// A post that was fetched on purpose: someone here looks for it, or it is the parent of one that is here. Its author
/// is stored. Answers with the post, also when it was here before.
///
/// # Errors
/// As [`post_created`]; [`Error::NotFound`] when it was deleted.
pub async fn post_fetched(ctx: &Ctx, peer: PeerId, author: ActorId, post: IncomingPost) -> Result<PostId> {
    match store_fetched(ctx, peer, author, post.clone()).await {
        // It arrived by itself at the same time.
        Err(Error::Conflict(_)) => store_fetched(ctx, peer, author, post).await,
        Err(error @ (Error::Forbidden(_) | Error::Refused(_))) => {
            let received = Received {
                activity_uri: post.uri,
                peer,
                actor: author,
                actor_uri: post.author_uri,
                kind: "fetched".to_owned(),
                raw: None,
            };
            note_refusal(ctx, &received, &error.to_string()).await?;
            Err(error)
        }
        stored => stored,
    }
}

async fn store_fetched(ctx: &Ctx, peer: PeerId, author: ActorId, post: IncomingPost) -> Result<PostId> {
    let settings = ctx.settings.clone();
    ctx.store
        .write(move |tx| {
            let peer = peers::find(tx, peer)?;
            let own = settings.addresses.federation_authority();
            policy::may_pass(Door::Fetch, &own, &peer.authority, Some(&peer))?;
            received::hold(tx, author)?;
            let actor = actors::find(tx, author)?;
            if actor.is_hidden() || actor.peer() != Some(peer.id) {
                return Err(Error::NotFound("that post"));
            }
            let arrival = Arrival { settings: settings.clone(), peer, actor };
            self::own(&arrival, &post)?;
            let (_, id) = take_in(tx, &arrival, &post, Way::Fetched)?;
            id.ok_or(Error::NotFound("that post"))
        })
        .await
}

/// The post is the sender's own, and named on the sender's own node.
fn own(arrival: &Arrival, post: &IncomingPost) -> Result<()> {
    if post.author_uri != arrival.actor.uri {
        return Err(Error::forbidden("a post must be attributed to who sends it"));
    }
    if !lies_on(&arrival.peer, &post.uri) {
        return Err(Error::forbidden(format!("a post's id must lie on {}", arrival.peer.authority)));
    }
    Ok(())
}

/// Stores a post unless it is here or deleted already, or concerns nobody here.
fn take_in(tx: &mut Tx<'_>, arrival: &Arrival, post: &IncomingPost, way: Way<'_>) -> Result<(Outcome, Option<PostId>)> {
    if received::is_buried(tx, &post.uri, &arrival.actor.uri)? {
        return Ok((Outcome::Ignored, None));
    }
    if let Some(known) = posts::find_by_uri(tx, &post.uri)? {
        owned(arrival, &known)?;
        return Ok((Outcome::Ignored, Some(known.id()).filter(|_| !known.is_deleted())));
    }
    let place = placed::place(tx, arrival, post, way)?;
    let parent = parent(tx, arrival, post, place.as_ref())?;
    let audience = match &place {
        Some(_) => Audience::Group,
        None => terms::audience(post, arrival.actor.followers_uri.as_deref())?,
    };
    let marking = placed::marking(arrival, post, place.as_ref())?;
    if let Some(parent) = &parent {
        may_reply((parent.audience()?, parent.marking()), (audience, marking)).map_err(Error::forbidden)?;
    }
    let readers = readers(tx, post, audience)?;
    let concerns = match &place {
        Some(place) => place.concerns_us,
        None => {
            way == Way::Fetched
                || parent.is_some()
                || readers.iter().any(|(known, _)| known.is_local)
                || received::has_local_follower(tx, arrival.actor.actor_id())?
                || (audience == Audience::Network && network_feed::takes(tx, &arrival.peer)?)
        }
    };
    if !concerns {
        return Ok((Outcome::Ignored, None));
    }
    let id = PostId::new(tx.new_id());
    let new = NewPost {
        group: place.as_ref().map(|place| place.group),
        ..new_post(tx, arrival, post, id, (audience, marking), parent.as_ref(), &readers)
    };
    posts::insert(tx, &new)?;
    if let Some(context) = page(post.context.as_deref()) {
        contexts::remember(tx, id, &context)?;
    }
    settle_media(tx, arrival, post, id)?;
    polls::settle(tx, post, id)?;
    // An old post that is fetched for its thread is no news.
    if way != Way::Fetched || new.published_at + NEWS > tx.now() {
        tell(tx, arrival.actor.actor_id(), id, &readers)?;
    }
    if let Some(place) = &place {
        placed::settle(tx, arrival, post, id, place, way)?;
    }
    Ok((Outcome::Applied, Some(id)))
}

/// A picture is the author's own, on the author's own node; one that lies elsewhere is left out.
fn settle_media(tx: &mut Tx<'_>, arrival: &Arrival, post: &IncomingPost, id: PostId) -> Result<()> {
    let mut own: Vec<IncomingMedia> = Vec::new();
    for one in post.media.iter().filter(|one| lies_on(&arrival.peer, &one.url)) {
        if own.len() < limits::MEDIA_RECEIVED && own.iter().all(|other| other.url != one.url) {
            own.push(one.clone());
        }
    }
    attach::settle(tx, arrival.actor.actor_id(), arrival.peer.id, id, &own)
}

fn owned(arrival: &Arrival, known: &PostRow) -> Result<()> {
    if known.author() == arrival.actor.actor_id() {
        return Ok(());
    }
    Err(Error::forbidden("this post is somebody else's"))
}

/// The post it answers, if that is here and the sender's node may know of it.
fn parent(tx: &mut Tx<'_>, arrival: &Arrival, post: &IncomingPost, place: Option<&Place>) -> Result<Option<PostRow>> {
    let Some(uri) = &post.in_reply_to else { return Ok(None) };
    let Some(parent) = posts::find_by_uri(tx, uri)?.filter(|parent| parent.boost_of_id.is_none()) else {
        return Ok(None);
    };
    // A reply to a post of ours that was never theirs to read stands alone: answering proves nothing.
    // In a group, its home has said that they may.
    let in_same_group = place.is_some_and(|place| parent.group_id == Some(place.group.raw()));
    let hidden =
        !in_same_group && parent.peer_id.is_none() && !visibility::may_leave(tx, parent.id(), arrival.peer.id)?;
    Ok(Some(parent).filter(|parent| !hidden && !parent.is_deleted()))
}

/// The people known here whom the post is for, and whether it names them.
fn readers(tx: &mut Tx<'_>, post: &IncomingPost, audience: Audience) -> Result<Vec<(Known, bool)>> {
    let named = |uri: &String| post.mentions.contains(uri);
    let mut uris: Vec<String> = post.addressed.iter().take(4 * limits::MENTIONS).cloned().collect();
    if matches!(audience, Audience::Network | Audience::Group) {
        uris.extend(post.mentions.iter().take(limits::MENTIONS).cloned());
    }
    let known = received::known_actors(tx, &uris)?;
    let author = &post.author_uri;
    let others = known.into_iter().filter(|known| known.uri != *author);
    let with_name = |known: Known| {
        let is_named = named(&known.uri);
        (known, is_named)
    };
    Ok(others.map(with_name).collect())
}

fn new_post(
    tx: &mut Tx<'_>,
    arrival: &Arrival,
    post: &IncomingPost,
    id: PostId,
    (audience, marking): (Audience, Marking),
    parent: Option<&PostRow>,
    readers: &[(Known, bool)],
) -> NewPost {
    let now = tx.now();
    let text = Text::clean(post, arrival.settings.max_characters);
    let published = post.published.map_or(now, |then| then.min(now));
    NewPost {
        url: page(post.url.as_deref()).unwrap_or_else(|| post.uri.clone()),
        peer: Some(arrival.peer.id),
        kind: match post.kind {
            PostKind::Question if polls::readable(post, now).is_some() => PostKind::Question,
            PostKind::Article => PostKind::Article,
            _ => PostKind::Note,
        },
        audience,
        marking,
        handling: text.handling,
        in_reply_to: parent.map(PostRow::id),
        in_reply_to_uri: post.in_reply_to.clone(),
        title: text.title,
        content: text.content,
        summary: text.summary,
        sensitive: post.sensitive,
        language: text.language,
        edited_at: post.updated.map(|then| then.min(now + AHEAD)).filter(|then| *then > published),
        recipients: readers.iter().map(|(known, named)| (known.id, *named)).collect(),
        tags: text.tags,
        ..NewPost::note(id, arrival.actor.actor_id(), post.uri.clone(), published)
    }
}

/// A post's texts, made fit to be stored and shown.
struct Text {
    title: String,
    content: String,
    summary: String,
    handling: String,
    language: String,
    tags: Vec<String>,
}

impl Text {
    fn clean(post: &IncomingPost, most: usize) -> Self {
        let mut tags: Vec<String> = post
            .tags
            .iter()
            .map(|tag| text::tag_key(&text::clean_line(tag)))
            .filter(|tag| {
                !tag.is_empty() && tag.chars().count() <= limits::TAG_CHARS && !tag.contains(char::is_whitespace)
            })
            .take(limits::TAGS)
            .collect();
        tags.sort_unstable();
        tags.dedup();
        Self {
            title: line(&post.title, limits::TITLE_CHARS),
            content: match polls::as_list(post) {
                options if options.is_empty() => articles::content(post, most),
                options => text::sanitise_html(&format!("{}{options}", articles::content(post, most))),
            },
            summary: line(&post.summary, limits::SUMMARY_CHARS),
            handling: line(&post.handling, limits::SUMMARY_CHARS),
            // What is no language tag says nothing.
            language: compose::language(&post.language, "").unwrap_or_default(),
            tags,
        }
    }
}

fn tell(tx: &mut Tx<'_>, author: ActorId, post: PostId, readers: &[(Known, bool)]) -> Result<()> {
    let named: Vec<ActorId> = readers.iter().filter(|(_, named)| *named).map(|(known, _)| known.id).collect();
    for person in &named {
        notifications::add(tx, *person, NotificationKind::Mention, author, Some(post))?;
    }
    tell_subscribers(tx, author, post, &named)
}

/// A person of a peer has edited a post. Whom it is for, what it is and what it answers stay as they were.
///
/// # Errors
/// As [`post_created`].
pub async fn post_updated(ctx: &Ctx, received: Received, post: IncomingPost) -> Result<Outcome> {
    updated(ctx, received, None, post).await
}

/// As [`post_updated`], for an edit that the home of its group, of a peer, hands on.
///
/// # Errors
/// As [`post_relayed`].
pub async fn update_relayed(ctx: &Ctx, received: Received, group: ActorId, post: IncomingPost) -> Result<Outcome> {
    updated(ctx, received, Some(group), post).await
}

async fn updated(ctx: &Ctx, received: Received, through: Option<ActorId>, post: IncomingPost) -> Result<Outcome> {
    let raw = received.raw.clone();
    apply(ctx, received, move |tx, arrival| {
        own(arrival, &post)?;
        let way = through.map_or(Way::Sent(raw.as_deref()), Way::Relayed);
        let Some(known) = posts::find_by_uri(tx, &post.uri)? else {
            // Its Create is late: the newest state stands for both.
            return take_in(tx, arrival, &post, way).map(|(outcome, _)| outcome);
        };
        owned(arrival, &known)?;
        if known.is_deleted() || known.boost_of_id.is_some() {
            return Ok(Outcome::Ignored);
        }
        let outcome = change(tx, arrival, &post, &known)?;
        if outcome == Outcome::Applied {
            placed::pass_on(tx, &known, raw.as_deref())?;
        }
        Ok(outcome)
    })
    .await
}

fn change(tx: &mut Tx<'_>, arrival: &Arrival, post: &IncomingPost, known: &PostRow) -> Result<Outcome> {
    let now = tx.now();
    let last = Timestamp::from_millis(known.edited_at.unwrap_or(known.published_at));
    let updated = post.updated.map(|then| then.min(now + AHEAD)).filter(|then| *then > last);
    let counted = polls::recount(tx, post, known)?;
    // Without a newer date it is no edit: a count of votes, or an edit that was overtaken.
    let Some(edited_at) = updated else {
        return Ok(if counted { Outcome::Applied } else { Outcome::Ignored });
    };
    let in_group = known.group_id.is_some();
    let service = policy::service_of_post(known.audience()?);
    let marking = terms::marking(&arrival.settings.scheme, &arrival.peer, post, service)?.max(known.marking());
    if let Some(parent) = known.in_reply_to() {
        let parent = posts::find(tx, parent)?;
        may_reply((parent.audience()?, parent.marking()), (known.audience()?, marking)).map_err(Error::forbidden)?;
    }
    let audience = known.audience()?;
    if !in_group && terms::audience(post, arrival.actor.followers_uri.as_deref())? != audience {
        tracing::info!(post.id = known.id, "an edit can't change whom a post is for");
    }
    let readers = readers(tx, post, audience)?;
    let text = Text::clean(post, arrival.settings.max_characters);
    let revision = Revision {
        title: text.title,
        content: text.content,
        source: String::new(),
        summary: text.summary,
        sensitive: post.sensitive,
        language: text.language,
        marking,
        handling: text.handling,
        edited_at,
        recipients: readers.iter().map(|(reader, named)| (reader.id, *named)).collect(),
        tags: text.tags,
    };
    posts::replace(tx, known.id(), &revision)?;
    settle_media(tx, arrival, post, known.id())?;
    polls::change(tx, post, known)?;
    let author = arrival.actor.actor_id();
    for (reader, _) in readers.iter().filter(|(_, named)| *named) {
        notifications::add(tx, reader.id, NotificationKind::Mention, author, Some(known.id()))?;
    }
    tell_boosters(tx, author, known.id())?;
    Ok(Outcome::Applied)
}

/// A person of a peer has deleted a post or taken a boost away: hidden at once, and it never comes back. Who
/// `asks_receipt` is told so once that is on disk.
///
/// # Errors
/// [`Error::Forbidden`] when it is somebody else's.
pub async fn deleted(ctx: &Ctx, received: Received, uri: String, asks_receipt: bool) -> Result<Outcome> {
    let (deletion, raw) = (received.activity_uri.clone(), received.raw.clone());
    apply(ctx, received, move |tx, arrival| {
        if !lies_on(&arrival.peer, &uri) {
            return Err(Error::forbidden("only what is one's own can be deleted"));
        }
        if let Some(known) = posts::find_by_uri(tx, &uri)? {
            owned(arrival, &known)?;
            let destroy_after = tx.now() + arrival.settings.destroy_after;
            posts::hide(tx, known.id(), destroy_after)?;
            corridor_store::groups::forget_post(tx, known.id())?;
            placed::pass_on(tx, &known, raw.as_deref())?;
        } else if actors::find_by_uri(tx, &uri)?.is_some() {
            return Err(Error::forbidden("nobody can delete somebody else"));
        }
        received::bury(tx, &uri, &arrival.actor.uri)?;
        if asks_receipt {
            let (actor, uri) = (arrival.actor.actor_id(), deletion.clone());
            outbox::append(tx, &Event::DeletionConfirmed { actor, uri })?;
        }
        Ok(Outcome::Applied)
    })
    .await
}
