//! Lists that people keep, and who is on them. What a list shows is a part of its owner's home feed.

use corridor_domain::list::RepliesPolicy;
use corridor_domain::{ActorId, ListId, Page, PostId};
use diesel::dsl::{auto_type, exists};
use diesel::prelude::*;

use crate::paging::load_page;
use crate::schema::{follows, list_members, lists, posts};
use crate::{Result, Tx};

/// A list as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = lists)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct ListRow {
    pub id: i64,
    pub owner_id: i64,
    pub title: String,
    pub replies_policy: i16,
    pub exclusive: bool,
    pub created_at: i64,
}

impl ListRow {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> ListId {
        ListId::new(self.id)
    }

    /// Which answers to others it shows.
    #[must_use]
    pub const fn replies(&self) -> RepliesPolicy {
        RepliesPolicy::from_code(self.replies_policy)
    }
}

// A module of its own, because the macro has no place for comments on what it makes public.
mod alias {
    diesel::alias!(crate::schema::posts as parents: Parents);
}
use alias::parents;

/// The post is by a member of this list, or in a group that is one.
#[auto_type]
pub(crate) fn has_member(list: i64) -> _ {
    exists(
        list_members::table
            .filter(list_members::list_id.eq(list))
            .filter(list_members::member_id.eq(posts::author_id).or(is_group_of_post())),
    )
}

#[auto_type]
fn is_group_of_post() -> _ {
    list_members::member_id.nullable().eq(posts::group_id).assume_not_null()
}

/// The post is by somebody else whom the reader keeps in a list that is apart from the home feed.
#[auto_type]
pub(crate) fn is_kept_apart(reader: i64) -> _ {
    let on_exclusive_list: on_exclusive_list = on_exclusive_list(reader);
    posts::author_id.ne(reader).and(on_exclusive_list)
}

#[auto_type]
fn on_exclusive_list(reader: i64) -> _ {
    exists(
        list_members::table
            .inner_join(lists::table.on(lists::id.eq(list_members::list_id)))
            .filter(list_members::member_id.eq(posts::author_id).or(is_group_of_post()))
            .filter(lists::owner_id.eq(reader))
            .filter(lists::exclusive.eq(true)),
    )
}

/// The post answers nobody, its own author or the reader. A parent that is not here is nobody known, so that an answer
/// to it is shown by no policy.
#[auto_type]
pub(crate) fn answers_nobody_else(reader: i64) -> _ {
    let answers_near: answers_near = answers_near(reader);
    posts::in_reply_to_id.is_null().and(posts::in_reply_to_uri.is_null()).or(answers_near)
}

#[auto_type]
fn answers_near(reader: i64) -> _ {
    exists(
        parents.filter(parents.field(posts::id).nullable().eq(posts::in_reply_to_id)).filter(
            parents.field(posts::author_id).eq(posts::author_id).or(parents.field(posts::author_id).eq(reader)),
        ),
    )
}

/// The post answers one by a member of the list.
#[auto_type]
pub(crate) fn answers_member(list: i64) -> _ {
    exists(
        parents
            .inner_join(list_members::table.on(list_members::member_id.eq(parents.field(posts::author_id))))
            .filter(list_members::list_id.eq(list))
            .filter(parents.field(posts::id).nullable().eq(posts::in_reply_to_id)),
    )
}

/// The post answers one by somebody whom the reader follows.
#[auto_type]
pub(crate) fn answers_followed(reader: i64) -> _ {
    exists(
        parents
            .inner_join(follows::table.on(follows::followed_id.eq(parents.field(posts::author_id))))
            .filter(follows::follower_id.eq(reader))
            .filter(follows::accepted.eq(true))
            .filter(parents.field(posts::id).nullable().eq(posts::in_reply_to_id)),
    )
}

/// Stores a list.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, list: &ListRow) -> Result<()> {
    diesel::insert_into(lists::table).values(list).execute(tx.conn)?;
    Ok(())
}

/// One of a person's lists. `None` when it isn't theirs, or not there.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, owner: ActorId, id: ListId) -> Result<Option<ListRow>> {
    Ok(lists::table
        .find(id.raw())
        .filter(lists::owner_id.eq(owner.raw()))
        .select(ListRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Whether a post is by somebody on a list, or in a group that is on it; deleted or not, and whatever the list shows.
///
/// # Errors
/// When the database fails.
pub fn concerns(tx: &mut Tx<'_>, id: ListId, post: PostId) -> Result<bool> {
    let found = posts::table.filter(posts::id.eq(post.raw())).filter(has_member(id.raw())).count();
    Ok(found.get_result::<i64>(tx.conn)? > 0)
}

/// A person's lists, oldest first.
///
/// # Errors
/// When the database fails.
pub fn of_owner(tx: &mut Tx<'_>, owner: ActorId) -> Result<Vec<ListRow>> {
    Ok(lists::table
        .filter(lists::owner_id.eq(owner.raw()))
        .order(lists::id)
        .select(ListRow::as_select())
        .load(tx.conn)?)
}

/// Changes a list's title and what it shows.
///
/// # Errors
/// When the database fails.
pub fn update(tx: &mut Tx<'_>, list: &ListRow) -> Result<()> {
    diesel::update(lists::table.find(list.id))
        .set((
            lists::title.eq(&list.title),
            lists::replies_policy.eq(list.replies_policy),
            lists::exclusive.eq(list.exclusive),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Removes a list.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, id: ListId) -> Result<()> {
    diesel::delete(list_members::table.filter(list_members::list_id.eq(id.raw()))).execute(tx.conn)?;
    diesel::delete(lists::table.find(id.raw())).execute(tx.conn)?;
    Ok(())
}

/// Puts somebody on a list.
///
/// # Errors
/// [`crate::Error::Conflict`] when they are on it.
pub fn add(tx: &mut Tx<'_>, id: ListId, member: ActorId) -> Result<()> {
    diesel::insert_into(list_members::table)
        .values((list_members::list_id.eq(id.raw()), list_members::member_id.eq(member.raw())))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes somebody off a list, if they are on it.
///
/// # Errors
/// When the database fails.
pub fn remove(tx: &mut Tx<'_>, id: ListId, member: ActorId) -> Result<()> {
    diesel::delete(list_members::table.find((id.raw(), member.raw()))).execute(tx.conn)?;
    Ok(())
}

/// Takes somebody off all lists of a person, who follows them no longer.
pub(crate) fn forget(tx: &mut Tx<'_>, owner: ActorId, member: ActorId) -> Result<()> {
    let theirs = lists::table.filter(lists::owner_id.eq(owner.raw())).select(lists::id);
    let rows = list_members::table
        .filter(list_members::member_id.eq(member.raw()))
        .filter(list_members::list_id.eq_any(theirs));
    diesel::delete(rows).execute(tx.conn)?;
    Ok(())
}

/// Who is on a list; pages by their own numbers.
///
/// # Errors
/// When the database fails.
pub fn members(tx: &mut Tx<'_>, id: ListId, page: &Page) -> Result<Vec<ActorId>> {
    let query =
        list_members::table.filter(list_members::list_id.eq(id.raw())).select(list_members::member_id).into_boxed();
    let rows: Vec<i64> = load_page!(tx, query, list_members::member_id, page);
    Ok(rows.into_iter().map(ActorId::new).collect())
}

/// Those of a person's lists that somebody is on, oldest first.
///
/// # Errors
/// When the database fails.
pub fn holding(tx: &mut Tx<'_>, owner: ActorId, member: ActorId) -> Result<Vec<ListRow>> {
    Ok(lists::table
        .inner_join(list_members::table.on(list_members::list_id.eq(lists::id)))
        .filter(lists::owner_id.eq(owner.raw()))
        .filter(list_members::member_id.eq(member.raw()))
        .order(lists::id)
        .select(ListRow::as_select())
        .load(tx.conn)?)
}

#[cfg(test)]
mod tests;
