//! Posts: publish, edit, delete, read, and what readers do with them.

use corridor_domain::{ActorId, AppId, Audience, Marking, Page, PostId};

use crate::{ContextView, Ctx, PersonView, PostView, Result, RevisionView, Slice, Viewer};

/// A post as its author hands it in.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Markdown.
    pub text: String,
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
    /// The program it was written with.
    pub app: Option<AppId>,
}

/// A changed post. Its audience stays as it was.
#[derive(Debug, Clone, Default)]
pub struct EditDraft {
    /// Markdown.
    pub text: String,
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
}

/// Publishes a post.
///
/// # Errors
/// When the draft breaks a rule; the text says which.
pub async fn publish(_ctx: &Ctx, _viewer: &Viewer, _draft: Draft) -> Result<PostView> {
    todo!()
}

/// Changes a post of one's own; what it said before is kept.
///
/// # Errors
/// When it isn't one's own, or the change breaks a rule.
pub async fn edit(_ctx: &Ctx, _viewer: &Viewer, _id: PostId, _draft: EditDraft) -> Result<PostView> {
    todo!()
}

/// Deletes a post of one's own: gone for every reader at once. Answers with what it was.
///
/// # Errors
/// When it isn't one's own.
pub async fn delete(_ctx: &Ctx, _viewer: &Viewer, _id: PostId) -> Result<PostView> {
    todo!()
}

/// One post.
///
/// # Errors
/// When it isn't there or not for this reader.
pub async fn show(_ctx: &Ctx, _viewer: &Viewer, _id: PostId) -> Result<PostView> {
    todo!()
}

/// Several posts, in the order asked for; those that aren't for this reader are left out.
///
/// # Errors
/// When the store fails.
pub async fn show_many(_ctx: &Ctx, _viewer: &Viewer, _ids: Vec<PostId>) -> Result<Vec<PostView>> {
    todo!()
}

/// What comes before and after a post in its thread.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn context(_ctx: &Ctx, _viewer: &Viewer, _id: PostId) -> Result<ContextView> {
    todo!()
}

/// Every state of a post, the oldest first, the present one last.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn history(_ctx: &Ctx, _viewer: &Viewer, _id: PostId) -> Result<Vec<RevisionView>> {
    todo!()
}

/// Favourites a post; once.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn favourite(_ctx: &Ctx, _viewer: &Viewer, _id: PostId) -> Result<PostView> {
    todo!()
}

/// Takes a favourite back.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn unfavourite(_ctx: &Ctx, _viewer: &Viewer, _id: PostId) -> Result<PostView> {
    todo!()
}

/// Boosts a post; once. Answers with the boost.
///
/// # Errors
/// When the post isn't there, or isn't for the whole network.
pub async fn boost(_ctx: &Ctx, _viewer: &Viewer, _id: PostId) -> Result<PostView> {
    todo!()
}

/// Takes a boost back. Answers with the post that was boosted.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn unboost(_ctx: &Ctx, _viewer: &Viewer, _id: PostId) -> Result<PostView> {
    todo!()
}

/// Bookmarks a post; once. Nobody else learns of it.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn bookmark(_ctx: &Ctx, _viewer: &Viewer, _id: PostId) -> Result<PostView> {
    todo!()
}

/// Takes a bookmark back.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn unbookmark(_ctx: &Ctx, _viewer: &Viewer, _id: PostId) -> Result<PostView> {
    todo!()
}

/// Who favourited a post.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn favourited_by(_ctx: &Ctx, _viewer: &Viewer, _id: PostId, _page: Page) -> Result<Slice<PersonView>> {
    todo!()
}

/// Who boosted a post.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn boosted_by(_ctx: &Ctx, _viewer: &Viewer, _id: PostId, _page: Page) -> Result<Slice<PersonView>> {
    todo!()
}
