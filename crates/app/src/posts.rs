//! Posts: publish, edit, delete, read, and what readers do with them.

mod acts;
pub(crate) mod compose;
mod pinned;
pub(crate) mod placed;
mod recall;
mod thread;

use std::collections::HashMap;
use std::time::Duration;

use corridor_domain::{ActorId, AppId, Audience, Event, Marking, MediaId, PostId};
use corridor_store::groups::{self, Topic};
use corridor_store::posts::{NewPost, PostKind, PostRow, Revision};
use corridor_store::{Tx, follows, outbox, people, posts, timelines};

use self::compose::{Composed, Measure, Terms};
use crate::assemble::{one_post_view, post_views};
use crate::media::attach::{self, MediaEdit};
use crate::polls::{self, PollDraft};
use crate::{Ctx, Error, NotificationKind, PostView, Result, Settings, Viewer, moves, notifications, outgoing};

pub(crate) use self::acts::people_slice;
pub use self::acts::{
    bookmark, boost, boosted_by, favourite, favourited_by, mute_thread, unbookmark, unboost, unfavourite, unmute_thread,
};
pub use self::pinned::{MOST_PINS, pin, pinned, unpin};
pub use self::recall::{RecallAt, RecallView, recall};
pub use self::thread::{context, history};

/// How long an idempotency key answers with its post.
pub(crate) const KEY_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// A post as its author hands it in.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Markdown.
    pub text: String,
    /// Title; empty for none.
    pub title: String,
    /// The group that a new talk is for. An answer is in the group of what it answers.
    pub group: Option<ActorId>,
    /// A talk that the facilitators announce.
    pub announcement: bool,
    /// A talk that asks for an answer.
    pub question: bool,
    /// `None`: the parent's when it answers one, else the author's default.
    pub audience: Option<Audience>,
    /// `None`: the author's default, or the parent's where that is higher.
    pub marking: Option<Marking>,
    /// How it is to be handled; required where the marking demands it.
    pub handling: Option<String>,
    /// Content warning; empty for none.
    pub summary: String,
    /// Hide media behind a warning.
    pub sensitive: bool,
    /// BCP 47 tag; empty for the author's own.
    pub language: String,
    /// The post it answers.
    pub in_reply_to: Option<PostId>,
    /// People it is for, besides those named in the text.
    pub named: Vec<ActorId>,
    /// A second draft with the same key answers with the first one's post.
    pub idempotency_key: Option<String>,
    /// Uploads of the author that it shows, in this order.
    pub media: Vec<MediaId>,
    /// What is said of them; where nothing is, what was said when they were uploaded.
    pub media_edits: Vec<MediaEdit>,
    /// What it asks; not beside pictures or files.
    pub poll: Option<PollDraft>,
    /// The program it was written with.
    pub app: Option<AppId>,
}

impl Draft {
    /// What has a title is an article; in a group it is a talk.
    pub(crate) fn is_article(&self) -> bool {
        self.group.is_none() && self.audience != Some(Audience::Group) && !self.title.trim().is_empty()
    }
}

/// A changed post. Its audience stays as it was.
#[derive(Debug, Clone, Default)]
pub struct EditDraft {
    /// Markdown.
    pub text: String,
    /// Title; `None` to keep it.
    pub title: Option<String>,
    /// Content warning; empty for none.
    pub summary: String,
    /// Hide media behind a warning.
    pub sensitive: bool,
    /// BCP 47 tag; `None` to keep it.
    pub language: Option<String>,
    /// May rise, never fall below the parent's; `None` to keep it.
    pub marking: Option<Marking>,
    /// `None` to keep it.
    pub handling: Option<String>,
    /// The pictures and files that it shows now, in this order; `None` to keep them.
    pub media: Option<Vec<MediaId>>,
    /// What is said of them now.
    pub media_edits: Vec<MediaEdit>,
    /// What it asks now; `None` to keep that.
    pub poll: Option<PollDraft>,
}

/// Publishes a post.
///
/// # Errors
/// When the draft breaks a rule; the text says which.
pub async fn publish(ctx: &Ctx, viewer: &Viewer, draft: Draft) -> Result<PostView> {
    if let Some(post) = published_before(ctx, viewer, &draft).await? {
        return show(ctx, viewer, post).await;
    }
    let measure = Measure { may_be_empty: !draft.media.is_empty(), is_article: draft.is_article() };
    let composed = compose::compose(ctx, &draft.text, &draft.summary, measure).await?;
    let (settings, author, again) = (ctx.settings.clone(), viewer.clone(), draft.clone());
    let written = ctx.store.write(move |tx| write_post(tx, &settings, &author, &draft, &composed)).await;
    let id = match written {
        Ok(id) => id,
        // The same draft, handed in twice at once: the other one came first.
        Err(error) => published_before(ctx, viewer, &again).await?.ok_or(error)?,
    };
    show(ctx, viewer, id).await
}

pub(crate) async fn published_before(ctx: &Ctx, viewer: &Viewer, draft: &Draft) -> Result<Option<PostId>> {
    let Some(key) = draft.idempotency_key.clone() else {
        return Ok(None);
    };
    let author = viewer.id;
    ctx.store
        .read(move |tx| {
            let since = tx.now() - KEY_LIFE;
            Ok(posts::find_by_idempotency_key(tx, author, &key, since)?)
        })
        .await
}

/// Writes a new post, once every rule is kept.
pub(crate) fn write_post(
    tx: &mut Tx<'_>,
    settings: &Settings,
    viewer: &Viewer,
    draft: &Draft,
    composed: &Composed,
) -> Result<PostId> {
    if draft.poll.is_some() && !draft.media.is_empty() {
        return Err(Error::invalid("A post has either a poll or pictures and files, not both"));
    }
    moves::demand_here(tx, viewer.id)?;
    let defaults = people::defaults(tx, viewer.id)?.ok_or(Error::Unauthenticated("this account is gone"))?;
    let parent = match draft.in_reply_to {
        None => None,
        Some(parent) => Some(answered(tx, parent, viewer.id)?),
    };
    let group = placed::group_of(tx, draft, parent.as_ref())?;
    let floor = group.as_ref().map(|(_, group)| group.facts().marking);
    let audience = if group.is_some() { Some(Audience::Group) } else { draft.audience };
    let asked = (audience, draft.marking, draft.handling.as_deref());
    let terms = compose::terms(&settings.scheme, &defaults, parent.as_ref(), floor, asked)?;
    let title = placed::title(&draft.title)?;
    placed::check(tx, viewer.id, draft, &terms, (group.as_ref(), &composed.mentions))?;
    let recipients = recipients(tx, settings, viewer, &terms, parent.as_ref(), &composed.mentions, &draft.named)?;
    let id = PostId::new(tx.new_id());
    let uri = settings.addresses.federation_url(&format!("/posts/{id}"));
    let is_article = group.is_none() && !title.is_empty();
    let post = NewPost {
        kind: kind_of(draft, is_article),
        url: settings.addresses.staff_url(&format!("/@{}/{id}", viewer.username)),
        audience: terms.audience,
        marking: terms.marking,
        handling: terms.handling,
        group: group.map(|(actor, _)| actor.actor_id()),
        title,
        in_reply_to: parent.as_ref().map(PostRow::id),
        in_reply_to_uri: parent.map(|parent| parent.uri),
        content: composed.html.clone(),
        source: composed.source.clone(),
        summary: composed.summary.clone(),
        sensitive: draft.sensitive,
        language: compose::language(&draft.language, &defaults.language)?,
        app: draft.app,
        recipients: recipients.iter().map(|person| (*person, true)).collect(),
        tags: composed.tags.clone(),
        ..NewPost::note(id, viewer.id, uri, tx.now())
    };
    posts::insert(tx, &post)?;
    if let Some(poll) = &draft.poll {
        polls::write_new(tx, id, poll)?;
    }
    let topic = Topic { announcement: draft.announcement, question: draft.question, answer: None };
    groups::set_topic(tx, id, &topic)?;
    attach::change(tx, viewer.id, id, Some(&draft.media), &draft.media_edits)?;
    if let Some(key) = &draft.idempotency_key {
        let since = tx.now() - KEY_LIFE;
        posts::remember_idempotency_key(tx, viewer.id, key, id, since)?;
    }
    tell_of_new_post(tx, viewer.id, id, &recipients)?;
    if let Some(group) = post.group.filter(|_| draft.announcement) {
        placed::tell_of_announcement(tx, viewer.id, group, id)?;
    }
    // A department post never leaves, so nobody has to be told.
    if terms.audience != Audience::Department {
        outbox::append(tx, &Event::PostPublished { post: id })?;
    }
    Ok(id)
}

/// A poll is a question whatever its title; a post with a title outside groups is an article.
const fn kind_of(draft: &Draft, is_article: bool) -> PostKind {
    match (&draft.poll, is_article) {
        (Some(_), _) => PostKind::Question,
        (None, true) => PostKind::Article,
        (None, false) => PostKind::Note,
    }
}

fn answered(tx: &mut Tx<'_>, parent: PostId, reader: ActorId) -> Result<PostRow> {
    original(tx, parent, reader).map_err(|error| match error {
        Error::NotFound(_) => Error::NotFound("the post it answers"),
        other => other,
    })
}

/// The people whom a post names: in its text, beside it, and the author of the post that it answers.
fn recipients(
    tx: &mut Tx<'_>,
    settings: &Settings,
    viewer: &Viewer,
    terms: &Terms,
    parent: Option<&PostRow>,
    mentions: &[ActorId],
    named: &[ActorId],
) -> Result<Vec<ActorId>> {
    let answered = parent
        // A talk in the department about a post from outside is not that author's to read.
        .filter(|parent| terms.audience != Audience::Department || parent.peer_id.is_none())
        .map(PostRow::author);
    let mut people: Vec<ActorId> = mentions.iter().chain(named).copied().chain(answered).collect();
    people.sort_unstable();
    people.dedup();
    people.retain(|person| *person != viewer.id);
    let found = people::whereabouts(tx, &people)?;
    if found.len() != people.len() {
        return Err(Error::NotFound("someone the post is for"));
    }
    compose::everyone_is_reached(&settings.scheme, terms, &found)?;
    if terms.audience == Audience::Named && people.is_empty() {
        return Err(Error::invalid("Say whom the post is for: name at least one person, such as @name"));
    }
    Ok(people)
}

fn tell_of_new_post(tx: &mut Tx<'_>, author: ActorId, post: PostId, named: &[ActorId]) -> Result<()> {
    for person in named {
        notifications::add(tx, *person, NotificationKind::Mention, author, Some(post))?;
    }
    tell_subscribers(tx, author, post, named)
}

/// Tells those who asked to be told of each post of `author`, apart from those who were told that they are named.
pub(crate) fn tell_subscribers(tx: &mut Tx<'_>, author: ActorId, post: PostId, named: &[ActorId]) -> Result<()> {
    for person in follows::to_be_told(tx, author)? {
        if !named.contains(&person) {
            notifications::add(tx, person, NotificationKind::Status, author, Some(post))?;
        }
    }
    Ok(())
}

/// Changes a post of one's own; what it said before is kept.
///
/// # Errors
/// When it isn't one's own, or the change breaks a rule.
pub async fn edit(ctx: &Ctx, viewer: &Viewer, id: PostId, draft: EditDraft) -> Result<PostView> {
    let (author, kept) = (viewer.id, draft.media.clone());
    let measure = ctx.store.read(move |tx| measure_of_edit(tx, id, author, kept.as_deref())).await?;
    let composed = compose::compose(ctx, &draft.text, &draft.summary, measure).await?;
    let (settings, author) = (ctx.settings.clone(), viewer.clone());
    ctx.store.write(move |tx| write_edit(tx, &settings, &author, id, &draft, &composed)).await?;
    show(ctx, viewer, id).await
}

/// Whether one's own post is an article, and will show something beside its text.
fn measure_of_edit(tx: &mut Tx<'_>, id: PostId, author: ActorId, media: Option<&[MediaId]>) -> Result<Measure> {
    let is_article = own_post(tx, id, author)?.kind() == PostKind::Article;
    let may_be_empty = match media {
        Some(media) => !media.is_empty(),
        None => !corridor_store::media::of_post(tx, id)?.is_empty(),
    };
    Ok(Measure { may_be_empty, is_article })
}

/// The title after an edit. What a post is stays: peers that hold it as an article show it as one.
fn edited_title(old: &PostRow, asked: Option<&str>) -> Result<String> {
    let Some(asked) = asked else { return Ok(old.title.clone()) };
    let title = placed::title(asked)?;
    if old.kind() == PostKind::Article && title.is_empty() {
        return Err(Error::invalid("An article needs a title"));
    }
    if old.kind() != PostKind::Article && old.group_id.is_none() && old.title.is_empty() && !title.is_empty() {
        return Err(Error::invalid("A post without a title can't become an article: delete it and write it anew"));
    }
    Ok(title)
}

/// A post that `author` wrote, not a boost.
fn own_post(tx: &mut Tx<'_>, id: PostId, author: ActorId) -> Result<PostRow> {
    let post = readable(tx, id, author)?;
    if post.author() != author {
        return Err(Error::forbidden("Only its author can change a post"));
    }
    if post.kind() == PostKind::Boost {
        return Err(Error::invalid("A boost can't be edited"));
    }
    Ok(post)
}

fn write_edit(
    tx: &mut Tx<'_>,
    settings: &Settings,
    viewer: &Viewer,
    id: PostId,
    draft: &EditDraft,
    composed: &Composed,
) -> Result<()> {
    let old = own_post(tx, id, viewer.id)?;
    let terms = edited_terms(tx, settings, &old, draft)?;
    let language = match &draft.language {
        None => old.language.clone(),
        Some(tag) => compose::language(tag, &old.language)?,
    };
    let recipients = edited_recipients(tx, settings, viewer, &old, &terms, &composed.mentions)?;
    let revision = Revision {
        title: edited_title(&old, draft.title.as_deref())?,
        content: composed.html.clone(),
        source: composed.source.clone(),
        summary: composed.summary.clone(),
        sensitive: draft.sensitive,
        language,
        marking: terms.marking,
        handling: terms.handling,
        edited_at: tx.now(),
        recipients,
        tags: composed.tags.clone(),
    };
    let media_changed = attach::change(tx, viewer.id, id, draft.media.as_deref(), &draft.media_edits)?;
    if !media_changed && draft.poll.is_none() && says_the_same(&old, &revision) {
        return Ok(());
    }
    if let Some(poll) = &draft.poll {
        polls::change(tx, &old, poll)?;
    }
    posts::replace(tx, id, &revision)?;
    tell_of_edit(tx, viewer.id, id, &revision)?;
    if terms.audience != Audience::Department {
        outbox::append(tx, &Event::PostEdited { post: id })?;
    }
    Ok(())
}

fn says_the_same(old: &PostRow, new: &Revision) -> bool {
    old.source == new.source
        && old.title == new.title
        && old.summary == new.summary
        && old.sensitive == new.sensitive
        && old.language == new.language
        && old.marking == new.marking.rank()
        && old.handling == new.handling
}

/// The audience stays; the marking may rise, because what was said under it can't be unsaid.
fn edited_terms(tx: &mut Tx<'_>, settings: &Settings, old: &PostRow, draft: &EditDraft) -> Result<Terms> {
    let (audience, before) = (old.audience()?, old.marking());
    let marking = compose::known_marking(&settings.scheme, draft.marking.unwrap_or(before))?;
    if marking < before {
        return Err(Error::invalid("The marking of a post can't be lowered: delete it and write it anew"));
    }
    if let Some(parent) = old.in_reply_to() {
        let parent = posts::find(tx, parent)?;
        corridor_domain::visibility::may_reply((parent.audience()?, parent.marking()), (audience, marking))?;
    }
    let handling = draft.handling.as_deref().unwrap_or(&old.handling);
    let handling = compose::known_handling(&settings.scheme, marking, handling)?;
    Ok(Terms { audience, marking, handling })
}

/// A post for everyone names whom its text names now. One for some people keeps them, and takes in nobody new.
fn edited_recipients(
    tx: &mut Tx<'_>,
    settings: &Settings,
    viewer: &Viewer,
    old: &PostRow,
    terms: &Terms,
    mentions: &[ActorId],
) -> Result<Vec<(ActorId, bool)>> {
    let before = posts::recipients(tx, old.id())?;
    let parent = match old.in_reply_to() {
        None => None,
        Some(parent) => Some(posts::find(tx, parent)?),
    };
    if matches!(terms.audience, Audience::Department | Audience::Network) {
        let people = recipients(tx, settings, viewer, terms, parent.as_ref(), mentions, &[])?;
        return Ok(people.into_iter().map(|person| (person, true)).collect());
    }
    let is_new = |person: &ActorId| *person != viewer.id && before.iter().all(|(known, _)| known != person);
    if mentions.iter().any(is_new) {
        return Err(Error::invalid("An edit can't add people to those whom a post is for: write a new post to them"));
    }
    let people: Vec<ActorId> = before.iter().map(|(person, _)| *person).collect();
    let shown: Vec<_> = people::whereabouts(tx, &people)?.into_iter().filter(|person| !person.hidden).collect();
    compose::everyone_is_reached(&settings.scheme, terms, &shown)?;
    Ok(before)
}

fn tell_of_edit(tx: &mut Tx<'_>, author: ActorId, post: PostId, revision: &Revision) -> Result<()> {
    for (person, _) in &revision.recipients {
        notifications::add(tx, *person, NotificationKind::Mention, author, Some(post))?;
    }
    tell_boosters(tx, author, post)
}

/// Tells those of this node who boosted a post that it was edited.
pub(crate) fn tell_boosters(tx: &mut Tx<'_>, author: ActorId, post: PostId) -> Result<()> {
    for person in timelines::local_boosters(tx, post)? {
        notifications::add(tx, person, NotificationKind::Update, author, Some(post))?;
    }
    Ok(())
}

/// Deletes a post of one's own: gone for every reader at once. Answers with what it was.
///
/// # Errors
/// When it isn't one's own.
pub async fn delete(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    let (settings, author) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .write(move |tx| {
            let post = readable(tx, id, author)?;
            if post.author() != author {
                return Err(Error::forbidden("Only its author can delete a post"));
            }
            let view = one_post_view(tx, &settings, author, post.clone())?;
            if post.kind() == PostKind::Boost {
                acts::undo_boost(tx, &settings, &post)?;
                return Ok(view);
            }
            let destroy_after = tx.now() + settings.destroy_after;
            posts::hide(tx, id, destroy_after)?;
            groups::forget_post(tx, id)?;
            if view.audience != Audience::Department {
                outgoing::recall(tx, &post)?;
                outbox::append(tx, &Event::PostDeleted { post: id })?;
            }
            Ok(view)
        })
        .await
}

/// One post.
///
/// # Errors
/// When it isn't there or not for this reader.
pub async fn show(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let post = readable(tx, id, reader)?;
            one_post_view(tx, &settings, reader, post)
        })
        .await
}

/// Several posts, in the order asked for; those that aren't for this reader are left out.
///
/// # Errors
/// When the store fails.
pub async fn show_many(ctx: &Ctx, viewer: &Viewer, ids: Vec<PostId>) -> Result<Vec<PostView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let rows = posts::find_many_readable(tx, &ids, reader)?;
            let views = post_views(tx, &settings, reader, rows)?;
            let mut views: HashMap<PostId, PostView> = views.into_iter().map(|view| (view.id, view)).collect();
            Ok(ids.iter().filter_map(|id| views.remove(id)).collect())
        })
        .await
}

/// A post that `reader` may read.
pub(crate) fn readable(tx: &mut Tx<'_>, id: PostId, reader: ActorId) -> Result<PostRow> {
    posts::find_readable(tx, id, reader).map_err(|error| match error {
        corridor_store::Error::NotFound => Error::NotFound("that post"),
        other => other.into(),
    })
}

/// As [`readable`]; for a boost, the post that it boosts.
pub(crate) fn original(tx: &mut Tx<'_>, id: PostId, reader: ActorId) -> Result<PostRow> {
    let post = readable(tx, id, reader)?;
    match post.boost_of() {
        None => Ok(post),
        Some(boosted) => readable(tx, boosted, reader),
    }
}

#[cfg(test)]
mod tests;
