//! Finds what a reader's filters look for in the posts that they are shown.

use std::collections::HashMap;
use std::sync::Arc;

use corridor_domain::filter::{Action, Context, Keyword, Matcher};
use corridor_domain::text::plain_text;
use corridor_domain::{ActorId, FilterId, PostId};
use corridor_store::Tx;
use corridor_store::filters::{self, FilterRow};

use super::{FilterView, bare};
use crate::{PostView, Result};

/// What one filter found in a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterMatch {
    /// The filter, without what it looks for.
    pub filter: Arc<FilterView>,
    /// The keywords that are in the post.
    pub keywords: Vec<String>,
    /// The post, or the one that it boosts, where the filter holds that.
    pub posts: Vec<PostId>,
}

/// A reader's filters, ready to be asked.
struct Ready {
    filters: Vec<Arc<FilterView>>,
    /// The filter and the text of each keyword.
    keywords: Vec<(FilterId, String)>,
    matcher: Matcher,
    held: HashMap<PostId, Vec<FilterId>>,
}

impl Ready {
    fn load(tx: &mut Tx<'_>, reader: ActorId, posts: &[PostId]) -> Result<Option<Self>> {
        let rows = filters::active(tx, reader)?;
        if rows.is_empty() {
            return Ok(None);
        }
        let ids: Vec<FilterId> = rows.iter().map(FilterRow::id).collect();
        let found = filters::keywords(tx, &ids)?;
        let sought: Vec<Keyword> =
            found.iter().map(|row| Keyword { text: row.keyword.clone(), whole_word: row.whole_word }).collect();
        let mut held: HashMap<PostId, Vec<FilterId>> = HashMap::new();
        for row in filters::holding(tx, reader, posts)? {
            held.entry(PostId::new(row.post_id)).or_default().push(FilterId::new(row.filter_id));
        }
        Ok(Some(Self {
            filters: rows.iter().map(|row| Arc::new(bare(row))).collect(),
            keywords: found.into_iter().map(|row| (FilterId::new(row.filter_id), row.keyword)).collect(),
            matcher: Matcher::new(&sought),
            held,
        }))
    }

    fn matches(&self, post: &PostView, ids: &[PostId]) -> Vec<FilterMatch> {
        let found: Vec<&(FilterId, String)> =
            self.matcher.found_in(&text_of(post)).into_iter().filter_map(|place| self.keywords.get(place)).collect();
        let holds = |id: &PostId, filter: FilterId| self.held.get(id).is_some_and(|held| held.contains(&filter));
        let of_filter = |filter: &Arc<FilterView>| {
            let keywords: Vec<String> =
                found.iter().filter(|(of, _)| *of == filter.id).map(|(_, text)| text.clone()).collect();
            let posts: Vec<PostId> = ids.iter().copied().filter(|id| holds(id, filter.id)).collect();
            let is_something = !keywords.is_empty() || !posts.is_empty();
            is_something.then(|| FilterMatch { filter: filter.clone(), keywords, posts })
        };
        self.filters.iter().filter_map(of_filter).collect()
    }
}

/// What is read of a post: its title, warning, text, choices, and what stands for its pictures.
fn text_of(post: &PostView) -> String {
    let mut parts = vec![post.title.clone(), post.summary.clone(), plain_text(&post.content)];
    parts.extend(post.poll.iter().flat_map(|poll| &poll.options).map(|option| option.title.clone()));
    parts.extend(post.media.iter().map(|media| media.description.clone()));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// Notes on each post what the reader's filters find in it, wherever they count. One's own posts are not filtered; a boost
/// says what was found in the post that it shows.
pub(crate) fn mark(tx: &mut Tx<'_>, reader: ActorId, posts: &mut [PostView]) -> Result<()> {
    if posts.is_empty() {
        return Ok(());
    }
    let ids: Vec<PostId> = posts
        .iter()
        .flat_map(|post| [Some(post.id), post.boost_of.as_ref().map(|original| original.id)])
        .flatten()
        .collect();
    let Some(ready) = Ready::load(tx, reader, &ids)? else { return Ok(()) };
    for post in posts {
        let id = post.id;
        match &mut post.boost_of {
            None => post.filtered = if post.author.id == reader { Vec::new() } else { ready.matches(post, &[id]) },
            Some(original) => {
                let is_own = original.author.id == reader;
                original.filtered = if is_own { Vec::new() } else { ready.matches(original, &[original.id]) };
                let is_filtered = !is_own && post.author.id != reader;
                post.filtered = if is_filtered { ready.matches(original, &[id, original.id]) } else { Vec::new() };
            }
        }
    }
    Ok(())
}

/// What is left of posts where they are shown: only what counts there is noted on them, and in a feed those that a filter
/// hides are left out.
pub(crate) fn settle(posts: Vec<PostView>, context: Context) -> Vec<PostView> {
    let posts = posts.into_iter().map(|post| narrowed(post, context));
    posts.filter(|post| !(context.leaves_out() && is_hidden(post))).collect()
}

/// One post as `settle` would leave it where nothing is left out.
#[must_use]
pub fn narrowed(post: PostView, context: Context) -> PostView {
    let mut post = post;
    let counts = |found: &FilterMatch| found.filter.contexts.holds(context);
    post.filtered.retain(counts);
    if let Some(original) = &mut post.boost_of {
        original.filtered.retain(counts);
    }
    post
}

/// Whether a filter hides a post where it was narrowed to.
pub(crate) fn is_hidden(post: &PostView) -> bool {
    post.filtered.iter().any(|found| found.filter.action == Action::Hide)
}

/// Whether anything could be left out of a person's notifications.
pub(crate) fn hides_notifications(tx: &mut Tx<'_>, owner: ActorId) -> Result<bool> {
    let hides = |row: &FilterRow| row.action() == Action::Hide && row.contexts().holds(Context::Notifications);
    Ok(filters::active(tx, owner)?.iter().any(hides))
}
