//! What a list of posts is shown with, in one query for each kind of thing and not for each post.

use std::collections::{HashMap, HashSet};

use corridor_domain::{ActorId, PostId};
use diesel::prelude::*;

use crate::dialect::load_among;
use crate::schema::{actors, bookmarks, favourites, oauth_apps, post_recipients, post_tags, posts};
use crate::{Result, Tx, pins, thread_mutes};

/// Someone named in a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Who.
    pub id: ActorId,
    /// Without the host.
    pub username: String,
    /// The account domain; empty for this node.
    pub host: String,
    /// ActivityPub id.
    pub uri: String,
    /// Page for people.
    pub url: String,
}

fn raw(ids: &[PostId]) -> Vec<i64> {
    ids.iter().map(|id| id.raw()).collect()
}

/// The people named in each of these posts.
///
/// # Errors
/// When the database fails.
pub fn mentions(tx: &mut Tx<'_>, ids: &[PostId]) -> Result<HashMap<PostId, Vec<Mention>>> {
    let rows: Vec<(i64, i64, String, String, String, String)> = load_among!(
        tx,
        post_recipients::table
            .inner_join(actors::table.on(actors::id.eq(post_recipients::actor_id)))
            .filter(post_recipients::mentioned.eq(true))
            .order((post_recipients::post_id, post_recipients::actor_id))
            .select((post_recipients::post_id, actors::id, actors::username, actors::host, actors::uri, actors::url)),
        post_recipients::post_id,
        &raw(ids)
    );
    let mut mentions: HashMap<PostId, Vec<Mention>> = HashMap::new();
    for (post, id, username, host, uri, url) in rows {
        let mention = Mention { id: ActorId::new(id), username, host, uri, url };
        mentions.entry(PostId::new(post)).or_default().push(mention);
    }
    Ok(mentions)
}

/// The hashtags of each of these posts.
///
/// # Errors
/// When the database fails.
pub fn tags(tx: &mut Tx<'_>, ids: &[PostId]) -> Result<HashMap<PostId, Vec<String>>> {
    let rows: Vec<(i64, String)> = load_among!(
        tx,
        post_tags::table.order((post_tags::post_id, post_tags::tag)).select((post_tags::post_id, post_tags::tag)),
        post_tags::post_id,
        &raw(ids)
    );
    let mut tags: HashMap<PostId, Vec<String>> = HashMap::new();
    for (post, tag) in rows {
        tags.entry(PostId::new(post)).or_default().push(tag);
    }
    Ok(tags)
}

/// What a reader did with posts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarkSets {
    /// Favourited.
    pub favourited: HashSet<PostId>,
    /// Boosted.
    pub boosted: HashSet<PostId>,
    /// Bookmarked.
    pub bookmarked: HashSet<PostId>,
    /// At the top of the reader's own page.
    pub pinned: HashSet<PostId>,
    /// In a thread that the reader has muted.
    pub muted: HashSet<PostId>,
}

/// What a reader did with each of these posts.
///
/// # Errors
/// When the database fails.
pub fn marks(tx: &mut Tx<'_>, reader: ActorId, ids: &[PostId]) -> Result<MarkSets> {
    let ids = raw(ids);
    let favourited: Vec<i64> = load_among!(
        tx,
        favourites::table.filter(favourites::actor_id.eq(reader.raw())).select(favourites::post_id),
        favourites::post_id,
        &ids
    );
    let bookmarked: Vec<i64> = load_among!(
        tx,
        bookmarks::table.filter(bookmarks::actor_id.eq(reader.raw())).select(bookmarks::post_id),
        bookmarks::post_id,
        &ids
    );
    let boosted: Vec<Option<i64>> = load_among!(
        tx,
        posts::table
            .filter(posts::author_id.eq(reader.raw()))
            .filter(posts::deleted_at.is_null())
            .select(posts::boost_of_id),
        posts::boost_of_id,
        &ids
    );
    Ok(MarkSets {
        favourited: favourited.into_iter().map(PostId::new).collect(),
        boosted: boosted.into_iter().flatten().map(PostId::new).collect(),
        bookmarked: bookmarked.into_iter().map(PostId::new).collect(),
        pinned: pins::among(tx, reader, &ids)?,
        muted: thread_mutes::among(tx, reader, &ids)?,
    })
}

/// The author of each of these posts, of those that are not deleted.
///
/// # Errors
/// When the database fails.
pub fn authors(tx: &mut Tx<'_>, ids: &[PostId]) -> Result<HashMap<PostId, ActorId>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, i64)> = load_among!(
        tx,
        posts::table.filter(posts::deleted_at.is_null()).select((posts::id, posts::author_id)),
        posts::id,
        &raw(ids)
    );
    Ok(rows.into_iter().map(|(post, author)| (PostId::new(post), ActorId::new(author))).collect())
}

/// The name and site of each of these programs.
///
/// # Errors
/// When the database fails.
pub fn apps(tx: &mut Tx<'_>, ids: &[i64]) -> Result<HashMap<i64, (String, Option<String>)>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, String, Option<String>)> = load_among!(
        tx,
        oauth_apps::table.select((oauth_apps::id, oauth_apps::name, oauth_apps::website)),
        oauth_apps::id,
        ids
    );
    Ok(rows.into_iter().map(|(id, name, website)| (id, (name, website))).collect())
}
