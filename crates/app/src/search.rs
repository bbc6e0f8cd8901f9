//! Search: people, posts and tags in one box, limited to what the reader may see.

use corridor_domain::filter::Context;
use corridor_domain::text::{clean_line, tag_key};
use corridor_domain::{ActorId, PostId};
use corridor_store::{Tx, actors, posts, search};
use url::Url;

use crate::assemble::post_views;
use crate::filters::narrowed;
use crate::tags::{self, FollowedTag};
use crate::{Ctx, Error, Found as Resolved, PersonView, PostView, Result, Viewer, people};

/// More words than this narrow nothing down.
const WORDS: usize = 10;
/// Longer texts are cut before they are looked for.
const LONGEST: usize = 500;

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// The words, a handle, a `#tag`, or the address of a post or person.
    pub text: String,
    /// Look for people.
    pub people: bool,
    /// Look for posts.
    pub posts: bool,
    /// Look for tags.
    pub tags: bool,
    /// Ask peers about a handle or an address.
    pub resolve: bool,
    /// How many of each, at most.
    pub limit: i64,
    /// How many of each to skip.
    pub offset: i64,
}

/// A hashtag and how often it was used where the reader can see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagView {
    /// The tag as the reader has it.
    pub tag: FollowedTag,
    /// Posts with it that are for the network or the department.
    pub uses: i64,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// People.
    pub people: Vec<PersonView>,
    /// Posts.
    pub posts: Vec<PostView>,
    /// Tags.
    pub tags: Vec<TagView>,
}

/// Searches.
///
/// # Errors
/// When the store fails.
pub async fn search(ctx: &Ctx, viewer: &Viewer, query: Query) -> Result<Found> {
    let text: String = clean_line(&query.text).chars().take(LONGEST).collect();
    if text.is_empty() {
        return Ok(Found::default());
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        return by_address(ctx, viewer, &text, &query).await;
    }
    let mut found = Found::default();
    let is_tag = text.starts_with('#');
    if query.people && !is_tag {
        let page = (query.limit, query.offset);
        found.people = people::search_from(ctx, viewer, &text, query.resolve, page, false).await?;
    }
    if query.posts && !text.starts_with('@') {
        found.posts = matching_posts(ctx, viewer, &text, &query).await?;
    }
    if query.tags && !text.starts_with('@') {
        found.tags = matching_tags(ctx, viewer, &text, &query).await?;
    }
    Ok(found)
}

async fn matching_posts(ctx: &Ctx, viewer: &Viewer, text: &str, query: &Query) -> Result<Vec<PostView>> {
    let words: Vec<String> =
        text.split_whitespace().take(WORDS).map(|word| word.trim_start_matches('#').to_owned()).collect();
    let (settings, reader, limit, offset) = (ctx.settings.clone(), viewer.id, query.limit, query.offset);
    ctx.store
        .read(move |tx| {
            let rows = search::posts(tx, &words, reader, limit, offset)?;
            let views = post_views(tx, &settings, reader, rows)?;
            Ok(views.into_iter().map(|post| narrowed(post, Context::Public)).collect())
        })
        .await
}

async fn matching_tags(ctx: &Ctx, viewer: &Viewer, text: &str, query: &Query) -> Result<Vec<TagView>> {
    let front = tag_key(text.split_whitespace().next().unwrap_or_default());
    if front.is_empty() {
        return Ok(Vec::new());
    }
    let (reader, limit, offset) = (viewer.id, query.limit, query.offset);
    let tags = ctx.store.read(move |tx| search::tags(tx, &front, reader, limit, offset).map_err(Error::from)).await?;
    let known = move |tx: &mut Tx<'_>| {
        tags.iter()
            .map(|(name, uses)| Ok(TagView { tag: tags::view(tx, reader, name.clone())?, uses: *uses }))
            .collect()
    };
    ctx.store.read(known).await
}

/// The post or person at an address: one of this node, one that is known, or one that a peer is asked about.
async fn by_address(ctx: &Ctx, viewer: &Viewer, text: &str, query: &Query) -> Result<Found> {
    let mut found = Found::default();
    let Ok(url) = Url::parse(text) else {
        return Ok(found);
    };
    if query.offset > 0 {
        return Ok(found);
    }
    let resolved = match known(ctx, text).await? {
        Some(known) => Some(known),
        None if query.resolve && !is_ours(ctx, &url) => resolve(ctx, &url).await?,
        None => None,
    };
    match resolved {
        Some(Resolved::Actor(id)) if query.people => found.people = people::show_many(ctx, viewer, vec![id]).await?,
        Some(Resolved::Post(id)) if query.posts => found.posts = crate::posts::show_many(ctx, viewer, vec![id]).await?,
        _ => {}
    }
    Ok(found)
}

fn is_ours(ctx: &Ctx, url: &Url) -> bool {
    let addresses = &ctx.settings.addresses;
    url.origin() == addresses.federation.origin() || url.origin() == addresses.staff.origin()
}

async fn resolve(ctx: &Ctx, url: &Url) -> Result<Option<Resolved>> {
    let Some(remote) = ctx.remote() else {
        return Ok(None);
    };
    match remote.resolve_uri(url).await {
        Ok(found) => Ok(Some(found)),
        // Nothing there, or no peer's: no error of a search.
        Err(Error::NotFound(_) | Error::Refused(_) | Error::Peer(_) | Error::Invalid(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

async fn known(ctx: &Ctx, text: &str) -> Result<Option<Resolved>> {
    let staff = ctx.settings.addresses.staff_url("/@");
    let page = text.strip_prefix(&staff).map(str::to_owned);
    let text = text.to_owned();
    ctx.store
        .read(move |tx| {
            if let Some(page) = &page {
                return match page.split_once('/') {
                    Some((_, id)) => Ok(id.parse::<PostId>().ok().map(Resolved::Post)),
                    None => {
                        let key = page.to_ascii_lowercase();
                        let row = actors::find_by_handle(tx, "", &key)?;
                        Ok(row.map(|row| Resolved::Actor(ActorId::new(row.id))))
                    }
                };
            }
            if let Some(post) = posts::find_by_uri(tx, &text)? {
                return Ok(Some(Resolved::Post(post.id())));
            }
            Ok(actors::find_by_uri(tx, &text)?.map(|row| Resolved::Actor(ActorId::new(row.id))))
        })
        .await
}
