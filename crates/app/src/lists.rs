//! Lists: some of those whom a person follows, read by themselves. Nobody else knows of them.

use corridor_domain::list::RepliesPolicy;
use corridor_domain::text::{clean_line, limits};
use corridor_domain::{ActorId, ListId, Page};
use corridor_store::lists::{self, ListRow};
use corridor_store::{Tx, follows, people};

use crate::assemble::shown_people;
use crate::{Ctx, Error, PersonView, Result, Slice, Viewer};

/// Lists that one person keeps at most.
const MOST: usize = 50;
/// How many of a list are handed out when all are asked for.
const ALL: i64 = 10_000;

/// A list as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListView {
    /// Its number.
    pub id: ListId,
    /// What its owner calls it.
    pub title: String,
    /// Which answers to others it shows.
    pub replies: RepliesPolicy,
    /// Its members' posts stay out of the home feed.
    pub exclusive: bool,
}

/// What a list is made or changed with; `None` keeps what is, or takes what is usual.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListEdit {
    /// What to call it. A new one needs it.
    pub title: Option<String>,
    /// Which answers to others it shows.
    pub replies: Option<RepliesPolicy>,
    /// Keep its members' posts out of the home feed.
    pub exclusive: Option<bool>,
}

impl ListEdit {
    fn apply(&self, row: ListRow) -> Result<ListRow> {
        let title = self.title.as_deref().map_or_else(|| row.title.clone(), clean_line);
        if title.is_empty() {
            return Err(Error::invalid("Validation failed: Title can't be blank"));
        }
        if title.chars().count() > limits::LIST_TITLE_CHARS {
            let most = limits::LIST_TITLE_CHARS;
            return Err(Error::invalid(format!("Validation failed: Title is too long (maximum is {most} characters)")));
        }
        Ok(ListRow {
            title,
            replies_policy: self.replies.map_or(row.replies_policy, RepliesPolicy::code),
            exclusive: self.exclusive.unwrap_or(row.exclusive),
            ..row
        })
    }
}

fn view(row: ListRow) -> ListView {
    ListView { id: row.id(), replies: row.replies(), title: row.title, exclusive: row.exclusive }
}

/// One of the owner's lists.
pub(crate) fn own(tx: &mut Tx<'_>, owner: ActorId, id: ListId) -> Result<ListRow> {
    lists::find(tx, owner, id)?.ok_or(Error::NotFound("that list"))
}

/// The viewer's lists, oldest first.
///
/// # Errors
/// When the store fails.
pub async fn all(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<ListView>> {
    let owner = viewer.id;
    ctx.store.read(move |tx| Ok(lists::of_owner(tx, owner)?.into_iter().map(view).collect())).await
}

/// One of the viewer's lists.
///
/// # Errors
/// [`Error::NotFound`] when it isn't theirs.
pub async fn show(ctx: &Ctx, viewer: &Viewer, id: ListId) -> Result<ListView> {
    let owner = viewer.id;
    ctx.store.read(move |tx| Ok(view(own(tx, owner, id)?))).await
}

/// Makes a list.
///
/// # Errors
/// [`Error::Invalid`] without a title, with one that is too long, or with too many lists.
pub async fn make(ctx: &Ctx, viewer: &Viewer, edit: ListEdit) -> Result<ListView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let blank = ListRow {
                id: tx.new_id(),
                owner_id: owner.raw(),
                title: String::new(),
                replies_policy: RepliesPolicy::default().code(),
                exclusive: false,
                created_at: tx.now().millis(),
            };
            let row = edit.apply(blank)?;
            if lists::of_owner(tx, owner)?.len() >= MOST {
                return Err(Error::invalid(format!("You can keep {MOST} lists at most")));
            }
            lists::insert(tx, &row)?;
            Ok(view(row))
        })
        .await
}

/// Changes a list.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the viewer's; [`Error::Invalid`] for a title that can't be.
pub async fn change(ctx: &Ctx, viewer: &Viewer, id: ListId, edit: ListEdit) -> Result<ListView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let row = edit.apply(own(tx, owner, id)?)?;
            lists::update(tx, &row)?;
            Ok(view(row))
        })
        .await
}

/// Removes a list; those on it stay followed.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the viewer's.
pub async fn delete(ctx: &Ctx, viewer: &Viewer, id: ListId) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            own(tx, owner, id)?;
            Ok(lists::delete(tx, id)?)
        })
        .await
}

/// Who is on a list; all of them at once when no page is asked for.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the viewer's.
pub async fn members(ctx: &Ctx, viewer: &Viewer, id: ListId, page: Option<Page>) -> Result<Slice<PersonView>> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            own(tx, owner, id)?;
            let ids = lists::members(tx, id, &page.unwrap_or_else(|| Page::newest(ALL)))?;
            let people = shown_people(tx, &settings, &ids)?;
            let paged = if page.is_some() { ids } else { Vec::new() };
            Ok(Slice::of(paged, |id| id.raw()).with(people))
        })
        .await
}

/// Puts people on a list: those whom the viewer follows or has asked to follow, or the viewer. All of them or none.
///
/// # Errors
/// [`Error::NotFound`] when the list isn't the viewer's or one of these is not followed; [`Error::Invalid`] when one is on
/// it already.
pub async fn add(ctx: &Ctx, viewer: &Viewer, id: ListId, who: Vec<ActorId>) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            own(tx, owner, id)?;
            for member in &who {
                write_add(tx, owner, id, *member)?;
            }
            Ok(())
        })
        .await
}

fn write_add(tx: &mut Tx<'_>, owner: ActorId, id: ListId, member: ActorId) -> Result<()> {
    people::find_shown(tx, &[member])?.pop().ok_or(Error::NotFound("that person"))?;
    if member != owner && follows::find_pair(tx, owner, member)?.is_none() {
        return Err(Error::NotFound("that person among those whom you follow"));
    }
    if lists::holding(tx, owner, member)?.iter().any(|list| list.id() == id) {
        return Err(Error::invalid("Validation failed: Account has already been taken"));
    }
    Ok(lists::add(tx, id, member)?)
}

/// Takes people off a list; who is not on it stays off.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the viewer's.
pub async fn remove(ctx: &Ctx, viewer: &Viewer, id: ListId, who: Vec<ActorId>) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            own(tx, owner, id)?;
            for member in &who {
                lists::remove(tx, id, *member)?;
            }
            Ok(())
        })
        .await
}

/// Those of the viewer's lists that somebody is on.
///
/// # Errors
/// [`Error::NotFound`] when there is no such person.
pub async fn holding(ctx: &Ctx, viewer: &Viewer, member: ActorId) -> Result<Vec<ListView>> {
    let owner = viewer.id;
    ctx.store
        .read(move |tx| {
            people::find_shown(tx, &[member])?.pop().ok_or(Error::NotFound("that person"))?;
            Ok(lists::holding(tx, owner, member)?.into_iter().map(view).collect())
        })
        .await
}

#[cfg(test)]
mod tests;
