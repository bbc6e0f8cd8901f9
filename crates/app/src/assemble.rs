//! Puts together what readers are shown from rows, with one query for each kind of thing.

use std::collections::HashMap;
use std::sync::Arc;

use corridor_domain::{ActorId, PostId, Timestamp};
use corridor_store::batches::{self, MarkSets, Mention};
use corridor_store::groups::{self, Topic};
use corridor_store::media::{self, MediaRow};
use corridor_store::posts::PostRow;
use corridor_store::{Tx, people, posts};

use crate::groups::TopicView;
use crate::media::{media_view, portraits};
use crate::people::person_view;
use crate::polls::{self, PollView};
use crate::{AppView, Marks, MentionView, PersonView, PostView, Result, Settings, filters};

/// Everything that the posts of one list are shown with.
struct Parts {
    people: HashMap<ActorId, Arc<PersonView>>,
    parents: HashMap<PostId, ActorId>,
    mentions: HashMap<PostId, Vec<Mention>>,
    tags: HashMap<PostId, Vec<String>>,
    media: HashMap<PostId, Vec<MediaRow>>,
    polls: HashMap<PostId, PollView>,
    apps: HashMap<i64, (String, Option<String>)>,
    topics: HashMap<PostId, Topic>,
    marks: MarkSets,
}

/// The posts as `reader` sees them, in the same order. The rows must be ones that the reader may read.
pub(crate) fn post_views(
    tx: &mut Tx<'_>,
    settings: &Settings,
    reader: ActorId,
    rows: Vec<PostRow>,
) -> Result<Vec<PostView>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let boosted = boosted_rows(tx, &rows)?;
    let mut parts = gather(tx, settings, reader, rows.iter().chain(&boosted))?;
    let boosted: HashMap<PostId, PostView> =
        boosted.into_iter().filter_map(|row| Some((row.id(), post_view(settings, &mut parts, row, None)?))).collect();
    let views = rows.into_iter().filter_map(|row| {
        let original = match row.boost_of() {
            None => None,
            Some(id) => Some(Box::new(boosted.get(&id)?.clone())),
        };
        post_view(settings, &mut parts, row, original)
    });
    let mut views: Vec<PostView> = views.collect();
    filters::mark(tx, reader, &mut views)?;
    Ok(views)
}

/// One post as `reader` sees it.
pub(crate) fn one_post_view(tx: &mut Tx<'_>, settings: &Settings, reader: ActorId, row: PostRow) -> Result<PostView> {
    post_views(tx, settings, reader, vec![row])?.pop().ok_or(crate::Error::NotFound("that post"))
}

fn boosted_rows(tx: &mut Tx<'_>, rows: &[PostRow]) -> Result<Vec<PostRow>> {
    let mut ids: Vec<PostId> = rows.iter().filter_map(PostRow::boost_of).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(if ids.is_empty() { Vec::new() } else { posts::find_many(tx, &ids)? })
}

fn gather<'a>(
    tx: &mut Tx<'_>,
    settings: &Settings,
    reader: ActorId,
    rows: impl Iterator<Item = &'a PostRow> + Clone,
) -> Result<Parts> {
    let groups = rows.clone().filter_map(|row| row.group_id.map(ActorId::new));
    let people = unique(rows.clone().map(PostRow::author).chain(groups));
    let in_groups = unique(rows.clone().filter(|row| row.group_id.is_some()).map(PostRow::id));
    let parents = unique(rows.clone().filter_map(PostRow::in_reply_to));
    let apps = unique(rows.clone().filter_map(|row| row.app_id));
    // A boost has no text and gets no marks, so there is nothing to look up for it.
    let polls_among = rows.clone();
    let with_text = unique(rows.filter(|row| row.boost_of_id.is_none()).map(PostRow::id));
    let polls = polls::views(tx, reader, polls_among)?;
    Ok(Parts {
        people: person_views(tx, settings, &people)?,
        topics: if in_groups.is_empty() { HashMap::new() } else { groups::topics_of(tx, &in_groups)? },
        parents: batches::authors(tx, &parents)?,
        mentions: batches::mentions(tx, &with_text)?,
        tags: batches::tags(tx, &with_text)?,
        media: media::of_posts(tx, &with_text)?,
        polls,
        apps: batches::apps(tx, &apps)?,
        marks: batches::marks(tx, reader, &with_text)?,
    })
}

fn unique<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// The people of these numbers, whoever they are: what they wrote was found readable already.
pub(crate) fn person_views(
    tx: &mut Tx<'_>,
    settings: &Settings,
    ids: &[ActorId],
) -> Result<HashMap<ActorId, Arc<PersonView>>> {
    let rows = people::find_any(tx, ids)?;
    let mut views: Vec<PersonView> =
        rows.iter().map(|(row, department)| person_view(row, settings, department.as_deref())).collect();
    portraits::give(tx, views.iter_mut())?;
    Ok(views.into_iter().map(|view| (view.id, Arc::new(view))).collect())
}

/// Those of these people who are shown, in this order.
pub(crate) fn shown_people(tx: &mut Tx<'_>, settings: &Settings, ids: &[ActorId]) -> Result<Vec<PersonView>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = people::find_shown(tx, ids)?;
    let mut views: HashMap<ActorId, PersonView> = rows
        .iter()
        .map(|(row, department)| person_view(row, settings, department.as_deref()))
        .map(|view| (view.id, view))
        .collect();
    portraits::give(tx, views.values_mut())?;
    Ok(ids.iter().filter_map(|id| views.remove(id)).collect())
}

/// `None` only when the author's row is missing, which the database's own rules forbid.
fn post_view(
    settings: &Settings,
    parts: &mut Parts,
    row: PostRow,
    boost_of: Option<Box<PostView>>,
) -> Option<PostView> {
    let (id, marking) = (row.id(), row.marking());
    let is_boost = boost_of.is_some();
    // What is marked on a boost is what is marked on the post that it shows.
    let marks = boost_of.as_ref().map_or_else(|| marks_of(&parts.marks, id), |original| original.marks);
    Some(PostView {
        id,
        author: parts.people.get(&row.author())?.clone(),
        kind: row.kind(),
        audience: row.audience().ok()?,
        marking,
        marking_name: settings.scheme.name(marking).to_owned(),
        group: row.group_id.and_then(|group| parts.people.get(&ActorId::new(group)).cloned()),
        topic: parts.topics.remove(&id).map_or_else(TopicView::default, topic_view),
        in_reply_to: row.in_reply_to().and_then(|parent| Some((parent, *parts.parents.get(&parent)?))),
        published_at: Timestamp::from_millis(row.published_at),
        edited_at: row.edited_at.map(Timestamp::from_millis),
        replies_count: row.replies_count,
        boosts_count: row.boosts_count,
        favourites_count: row.favourites_count,
        mentions: mention_views(parts.mentions.remove(&id).unwrap_or_default()),
        tags: parts.tags.remove(&id).unwrap_or_default(),
        poll: parts.polls.remove(&id),
        media: parts.media.remove(&id).unwrap_or_default().into_iter().map(media_view).collect(),
        app: row
            .app_id
            .filter(|_| !is_boost)
            .and_then(|app| parts.apps.get(&app))
            .map(|(name, website)| AppView { name: name.clone(), website: website.clone() }),
        uri: row.uri,
        url: row.url,
        handling: row.handling,
        title: row.title,
        content: row.content,
        source: row.source,
        summary: row.summary,
        sensitive: row.sensitive,
        language: row.language,
        marks,
        filtered: Vec::new(),
        boost_of,
    })
}

fn topic_view(topic: Topic) -> TopicView {
    TopicView { announcement: topic.announcement, question: topic.question, answer: topic.answer }
}

fn marks_of(sets: &MarkSets, id: PostId) -> Marks {
    Marks {
        favourited: sets.favourited.contains(&id),
        boosted: sets.boosted.contains(&id),
        bookmarked: sets.bookmarked.contains(&id),
        pinned: sets.pinned.contains(&id),
        muted: sets.muted.contains(&id),
    }
}

fn mention_views(mentions: Vec<Mention>) -> Vec<MentionView> {
    let view = |mention: Mention| MentionView {
        id: mention.id,
        acct: acct(&mention.username, &mention.host),
        username: mention.username,
        uri: mention.uri,
        url: mention.url,
    };
    mentions.into_iter().map(view).collect()
}

/// `name` for this node, `name@host` for a peer.
pub(crate) fn acct(username: &str, host: &str) -> String {
    if host.is_empty() { username.to_owned() } else { format!("{username}@{host}") }
}
