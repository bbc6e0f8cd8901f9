//! Search: people, posts and tags in one box, limited to what the reader may see.

use crate::{Ctx, PersonView, PostView, Result, Viewer};

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
    /// Without the `#`, lower case.
    pub name: String,
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
pub async fn search(_ctx: &Ctx, _viewer: &Viewer, _query: Query) -> Result<Found> {
    todo!()
}
