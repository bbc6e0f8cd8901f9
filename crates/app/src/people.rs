//! People: profiles, finding someone by handle or name, followers, and changing one's own profile.

use corridor_domain::policy::Door;
use corridor_domain::text::{self, Handle, limits};
use corridor_domain::{ActorId, ActorKind, Audience, Authority, Event, Marking, Page, Timestamp};
use corridor_store::actors::ActorRow;
use corridor_store::people::{Defaults, PeopleSearch, Profile};
use corridor_store::{Tx, actors, follows, outbox, peers, people};

use crate::assemble::shown_people;
use crate::posts::{compose, people_slice};
use crate::{Ctx, Error, PersonView, ProfileField, Result, Settings, Slice, Viewer, groups};

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

/// A person as others see them; `department` is what the administrator wrote beside their peer.
pub(crate) fn person_view(row: &ActorRow, settings: &Settings, department: Option<&str>) -> PersonView {
    let name = if row.display_name.trim().is_empty() { &row.username } else { &row.display_name };
    PersonView {
        id: ActorId::new(row.id),
        kind: ActorKind::from_code(row.kind),
        username: row.username.clone(),
        host: Some(row.host.clone()).filter(|host| !host.is_empty()),
        department: department.unwrap_or(&settings.department).to_owned(),
        display_name: name.clone(),
        role_title: row.role_title.clone(),
        summary: row.summary.clone(),
        summary_source: row.summary_source.clone(),
        uri: row.uri.clone(),
        url: row.url.clone(),
        locked: row.locked,
        discoverable: row.discoverable,
        indexable: row.indexable,
        // What can't be read is left out, rather than the whole person.
        fields: serde_json::from_str(&row.fields).unwrap_or_default(),
        created_at: Timestamp::from_millis(row.created_at),
        last_post_at: row.last_post_at.map(Timestamp::from_millis),
        followers_count: row.followers_count,
        following_count: row.following_count,
        posts_count: row.posts_count,
        hidden: row.suspended_at.is_some() || row.deleted_at.is_some(),
        moved_to: None,
    }
}

/// One person, group or service.
///
/// # Errors
/// When they aren't there.
pub async fn show(ctx: &Ctx, viewer: &Viewer, id: ActorId) -> Result<PersonView> {
    let mut person = show_many(ctx, viewer, vec![id]).await?.pop().ok_or(Error::NotFound("that person"))?;
    person.moved_to = moved_to(ctx, viewer, id).await?.map(Box::new);
    Ok(person)
}

/// Where somebody has moved, as far as the reader may know of it.
///
/// # Errors
/// When the store fails.
pub async fn moved_to(ctx: &Ctx, viewer: &Viewer, id: ActorId) -> Result<Option<PersonView>> {
    let target = ctx.store.read(move |tx| Ok::<_, Error>(corridor_store::moves::current(tx, id)?)).await?;
    let Some(target) = target else { return Ok(None) };
    Ok(show_many(ctx, viewer, vec![target]).await?.pop())
}

/// Several, in the order asked for; unknown ones are left out.
///
/// # Errors
/// When the store fails.
pub async fn show_many(ctx: &Ctx, viewer: &Viewer, ids: Vec<ActorId>) -> Result<Vec<PersonView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let people = shown_people(tx, &settings, &ids)?;
            groups::without_unseen(tx, reader, people)
        })
        .await
}

/// Who has this handle, now or before. With `resolve`, a peer is asked about its people.
///
/// # Errors
/// When nobody has it, or its host is no allowed peer.
pub async fn lookup(ctx: &Ctx, viewer: &Viewer, handle: &Handle, resolve: bool) -> Result<PersonView> {
    let handle = compose::local_form(ctx, handle.clone());
    if let Some(known) = known(ctx, viewer, &handle).await? {
        return Ok(known);
    }
    let missing = || Error::NotFound("that person");
    let host = handle.host.as_ref().filter(|_| resolve).ok_or_else(missing)?;
    crate::peers::ask(ctx, Door::Mention, host).await?;
    let remote = ctx.remote().ok_or_else(missing)?;
    let id = remote.resolve_handle(&handle, host).await?;
    show(ctx, viewer, id).await
}

async fn known(ctx: &Ctx, viewer: &Viewer, handle: &Handle) -> Result<Option<PersonView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    let (key, host) = (handle.username.key(), handle.host.clone());
    ctx.store
        .read(move |tx| {
            let Some(domain) = domain_of(tx, host.as_ref())? else {
                return Ok(None);
            };
            let found = actors::find_by_handle(tx, &domain, &key)?.map(|row| ActorId::new(row.id));
            let people = shown_people(tx, &settings, found.as_slice())?;
            Ok(groups::without_unseen(tx, reader, people)?.pop())
        })
        .await
}

/// Who has this handle, as far as is known here, for whoever runs the node.
///
/// # Errors
/// [`Error::NotFound`] when nobody has.
pub async fn id_of_known(ctx: &Ctx, handle: &Handle) -> Result<ActorId> {
    let handle = compose::local_form(ctx, handle.clone());
    let (key, host) = (handle.username.key(), handle.host);
    ctx.store
        .read(move |tx| {
            let Some(domain) = domain_of(tx, host.as_ref())? else { return Err(Error::NotFound("that person")) };
            let found = actors::find_by_handle(tx, &domain, &key)?.filter(|row| row.deleted_at.is_none());
            Ok(found.ok_or(Error::NotFound("that person"))?.actor_id())
        })
        .await
}

/// The account domain under which people of this host are stored; `None` for a host that was never a peer.
fn domain_of(tx: &mut Tx<'_>, host: Option<&Authority>) -> Result<Option<String>> {
    match host {
        None => Ok(Some(String::new())),
        Some(host) => Ok(peers::find_by_name(tx, host)?.map(|peer| peer.account_domain.to_string())),
    }
}

/// People whose name, handle or job title matches.
///
/// # Errors
/// When the store fails.
pub async fn search(
    ctx: &Ctx,
    viewer: &Viewer,
    text: &str,
    resolve: bool,
    limit: i64,
    following_only: bool,
) -> Result<Vec<PersonView>> {
    search_from(ctx, viewer, text, resolve, (limit, 0), following_only).await
}

/// As [`search`], from an offset on.
pub(crate) async fn search_from(
    ctx: &Ctx,
    viewer: &Viewer,
    text: &str,
    resolve: bool,
    (limit, offset): (i64, i64),
    following_only: bool,
) -> Result<Vec<PersonView>> {
    let text = text::clean_line(text);
    // Also one of our own is whole when it was written with its host: then it is that person, and nobody of that name elsewhere.
    let handle = Handle::parse(&text).ok();
    if let Some(handle) = handle.as_ref().filter(|handle| handle.host.is_some()) {
        return by_handle(ctx, viewer, handle, resolve, offset).await;
    }
    let name = handle.map_or(text, |handle| handle.username.to_string());
    if name.is_empty() {
        return Ok(Vec::new());
    }
    let (reader, followed_by) = (viewer.id, following_only.then_some(viewer.id));
    let (settings, wanted) =
        (ctx.settings.clone(), PeopleSearch { text: name, reader: Some(reader), followed_by, limit, offset });
    ctx.store
        .read(move |tx| {
            let found = people::search(tx, &wanted)?;
            let people = shown_people(tx, &settings, &found)?;
            groups::without_unseen(tx, reader, people)
        })
        .await
}

/// A whole handle names one person, or nobody: that its host is no peer is no error of a search.
async fn by_handle(ctx: &Ctx, viewer: &Viewer, handle: &Handle, resolve: bool, offset: i64) -> Result<Vec<PersonView>> {
    if offset > 0 {
        return Ok(Vec::new());
    }
    match lookup(ctx, viewer, handle, resolve).await {
        Ok(person) => Ok(vec![person]),
        Err(Error::NotFound(_) | Error::Refused(_) | Error::Peer(_)) => Ok(Vec::new()),
        Err(other) => Err(other),
    }
}

/// Who follows them, as far as is known here; pages by the follow's number.
///
/// # Errors
/// When they aren't there.
pub async fn followers(ctx: &Ctx, viewer: &Viewer, id: ActorId, page: Page) -> Result<Slice<PersonView>> {
    show(ctx, viewer, id).await?;
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let people = if groups::shows_roster(tx, reader, id)? {
                follows::followers(tx, id, true, &page)?
            } else {
                Vec::new()
            };
            let mut slice = people_slice(tx, &settings, people)?;
            slice.items = groups::without_unseen(tx, reader, slice.items)?;
            Ok(slice)
        })
        .await
}

/// Whom they follow, as far as is known here; pages by the follow's number.
///
/// # Errors
/// When they aren't there.
pub async fn following(ctx: &Ctx, viewer: &Viewer, id: ActorId, page: Page) -> Result<Slice<PersonView>> {
    show(ctx, viewer, id).await?;
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let people =
                if groups::shows_roster(tx, reader, id)? { follows::following(tx, id, &page)? } else { Vec::new() };
            let mut slice = people_slice(tx, &settings, people)?;
            slice.items = groups::without_unseen(tx, reader, slice.items)?;
            Ok(slice)
        })
        .await
}

/// Changes one's own profile and preferences.
///
/// # Errors
/// When something is too long, or a language is no language.
pub async fn update_profile(ctx: &Ctx, viewer: &Viewer, edit: ProfileEdit) -> Result<PersonView> {
    let (context, person) = (ctx.clone(), viewer.id);
    ctx.store.write(move |tx| write_profile(tx, &context, person, &edit)).await?;
    show(ctx, viewer, viewer.id).await
}

fn write_profile(tx: &mut Tx<'_>, ctx: &Ctx, person: ActorId, edit: &ProfileEdit) -> Result<()> {
    let (row, _) = people::find_shown(tx, &[person])?.pop().ok_or(Error::NotFound("that person"))?;
    let before = Profile {
        display_name: row.display_name,
        summary: row.summary,
        summary_source: row.summary_source,
        role_title: row.role_title,
        locked: row.locked,
        discoverable: row.discoverable,
        indexable: row.indexable,
        fields: row.fields,
    };
    let after = edited_profile(ctx, before.clone(), edit)?;
    if after != before {
        let now = tx.now();
        people::set_profile(tx, person, &after, now)?;
        outbox::append(tx, &Event::PersonUpdated { actor: person })?;
    }
    let before = people::defaults(tx, person)?.ok_or(Error::NotFound("that person"))?;
    let after = edited_defaults(ctx, before.clone(), edit)?;
    if after != before {
        people::set_defaults(tx, person, &after)?;
    }
    Ok(())
}

fn edited_profile(ctx: &Ctx, mut profile: Profile, edit: &ProfileEdit) -> Result<Profile> {
    if let Some(name) = &edit.display_name {
        profile.display_name = line("Name", name, limits::NAME_CHARS)?;
    }
    if let Some(summary) = &edit.summary {
        profile.summary_source = text::text_within(summary, limits::BIO_CHARS)
            .map_err(|error| Error::invalid(format!("About yourself: {error}")))?;
        profile.summary = compose::render_plainly(ctx, &profile.summary_source);
    }
    if let Some(title) = &edit.role_title {
        profile.role_title = line("Job title", title, limits::TITLE_CHARS)?;
    }
    if let Some(fields) = &edit.fields {
        profile.fields = edited_fields(ctx, fields)?;
    }
    profile.locked = edit.locked.unwrap_or(profile.locked);
    profile.discoverable = edit.discoverable.unwrap_or(profile.discoverable);
    profile.indexable = edit.indexable.unwrap_or(profile.indexable);
    Ok(profile)
}

fn edited_fields(ctx: &Ctx, fields: &[ProfileField]) -> Result<String> {
    let mut kept = Vec::new();
    for field in fields {
        let name = line("Profile field", &field.name, limits::PROFILE_FIELD_CHARS)?;
        let value = line("Profile field", &field.value, limits::PROFILE_FIELD_CHARS)?;
        if !name.is_empty() && !value.is_empty() {
            kept.push(ProfileField { name, value: compose::render_plainly(ctx, &value) });
        }
    }
    if kept.len() > limits::PROFILE_FIELDS {
        return Err(Error::invalid(format!("A profile can have at most {} fields", limits::PROFILE_FIELDS)));
    }
    serde_json::to_string(&kept).map_err(|error| Error::Internal(Box::new(error)))
}

fn line(what: &str, text: &str, limit: usize) -> Result<String> {
    text::line_within(text, limit).map_err(|error| Error::invalid(format!("{what}: {error}")))
}

fn edited_defaults(ctx: &Ctx, mut defaults: Defaults, edit: &ProfileEdit) -> Result<Defaults> {
    match edit.default_audience {
        Some(Audience::Group | Audience::Named) => {
            return Err(Error::invalid("A new post can start with My department, The network or My followers"));
        }
        Some(audience) => defaults.audience = audience,
        None => {}
    }
    if let Some(marking) = edit.default_marking {
        defaults.marking = compose::known_marking(&ctx.settings.scheme, marking)?;
    }
    if let Some(language) = &edit.language {
        defaults.language = compose::language(language, &defaults.language)?;
    }
    Ok(defaults)
}

#[cfg(test)]
mod tests;
