//! People: profiles, finding someone by handle or name, followers, and changing one's own profile.

use corridor_domain::text::Handle;
use corridor_domain::{ActorId, Audience, Marking, Page};

use crate::{Ctx, PersonView, ProfileField, Result, Slice, Viewer};

/// Changes to one's own profile and preferences; `None` keeps what is there.
#[derive(Debug, Clone, Default)]
pub struct ProfileEdit {
    /// Name as shown.
    pub display_name: Option<String>,
    /// About oneself, Markdown.
    pub summary: Option<String>,
    /// Job title.
    pub role_title: Option<String>,
    /// Approve followers.
    pub locked: Option<bool>,
    /// May be suggested to others.
    pub discoverable: Option<bool>,
    /// May be found by search.
    pub indexable: Option<bool>,
    /// Names and values; values are Markdown.
    pub fields: Option<Vec<ProfileField>>,
    /// What a new post starts with.
    pub default_audience: Option<Audience>,
    /// What a new post starts with.
    pub default_marking: Option<Marking>,
    /// BCP 47 tag of a new post.
    pub language: Option<String>,
}

/// One person, group or service.
///
/// # Errors
/// When they aren't there.
pub async fn show(_ctx: &Ctx, _viewer: &Viewer, _id: ActorId) -> Result<PersonView> {
    todo!()
}

/// Several, in the order asked for; unknown ones are left out.
///
/// # Errors
/// When the store fails.
pub async fn show_many(_ctx: &Ctx, _viewer: &Viewer, _ids: Vec<ActorId>) -> Result<Vec<PersonView>> {
    todo!()
}

/// Who has this handle, now or before. With `resolve`, a peer is asked about its people.
///
/// # Errors
/// When nobody has it, or its host is no allowed peer.
pub async fn lookup(_ctx: &Ctx, _viewer: &Viewer, _handle: &Handle, _resolve: bool) -> Result<PersonView> {
    todo!()
}

/// People whose name, handle or job title matches.
///
/// # Errors
/// When the store fails.
pub async fn search(
    _ctx: &Ctx,
    _viewer: &Viewer,
    _text: &str,
    _resolve: bool,
    _limit: i64,
    _following_only: bool,
) -> Result<Vec<PersonView>> {
    todo!()
}

/// Who follows them, as far as is known here; pages by the follow's number.
///
/// # Errors
/// When they aren't there.
pub async fn followers(_ctx: &Ctx, _viewer: &Viewer, _id: ActorId, _page: Page) -> Result<Slice<PersonView>> {
    todo!()
}

/// Whom they follow, as far as is known here; pages by the follow's number.
///
/// # Errors
/// When they aren't there.
pub async fn following(_ctx: &Ctx, _viewer: &Viewer, _id: ActorId, _page: Page) -> Result<Slice<PersonView>> {
    todo!()
}

/// Changes one's own profile and preferences.
///
/// # Errors
/// When something is too long, or a language is no language.
pub async fn update_profile(_ctx: &Ctx, _viewer: &Viewer, _edit: ProfileEdit) -> Result<PersonView> {
    todo!()
}
