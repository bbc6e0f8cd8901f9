//! Favourites: who liked which post, once.

use corridor_domain::{ActorId, Page, PostId};
use diesel::dsl::auto_type;
use diesel::prelude::*;

use crate::paging::load_page;
use crate::schema::{actors, favourites, posts};
use crate::{Result, Tx, dialect};

/// A favourite.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = favourites)]
pub struct FavouriteRow {
    /// Its number.
    pub id: i64,
    /// Who.
    pub actor_id: i64,
    /// Which post.
    pub post_id: i64,
    /// The Like's URI.
    pub uri: String,
    /// When.
    pub created_at: i64,
}

/// Adds a favourite and counts it; `false` when it was there already.
///
/// # Errors
/// When the database fails.
pub fn add(tx: &mut Tx<'_>, actor: ActorId, post: PostId, uri: &str) -> Result<bool> {
    let id = tx.new_id();
    let is_new = dialect::insert_favourite(tx, id, actor.raw(), post.raw(), uri)?;
    if is_new {
        diesel::update(posts::table.find(post.raw()))
            .set(posts::favourites_count.eq(posts::favourites_count + 1))
            .execute(tx.conn)?;
    }
    Ok(is_new)
}

/// Takes a favourite away and tells its URI; `None` when there was none.
///
/// # Errors
/// When the database fails.
pub fn remove(tx: &mut Tx<'_>, actor: ActorId, post: PostId) -> Result<Option<String>> {
    let row = find(tx, actor, post)?;
    let Some(row) = row else { return Ok(None) };
    if diesel::delete(favourites::table.find(row.id)).execute(tx.conn)? == 0 {
        return Ok(None);
    }
    diesel::update(posts::table.find(post.raw()))
        .set(posts::favourites_count.eq(posts::favourites_count - 1))
        .execute(tx.conn)?;
    Ok(Some(row.uri))
}

/// The favourite of a person and a post.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, actor: ActorId, post: PostId) -> Result<Option<FavouriteRow>> {
    Ok(favourites::table
        .filter(favourites::post_id.eq(post.raw()))
        .filter(favourites::actor_id.eq(actor.raw()))
        .select(FavouriteRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// The favourite of a Like's URI.
///
/// # Errors
/// When the database fails.
pub fn find_by_uri(tx: &mut Tx<'_>, uri: &str) -> Result<Option<FavouriteRow>> {
    Ok(favourites::table.filter(favourites::uri.eq(uri)).select(FavouriteRow::as_select()).first(tx.conn).optional()?)
}

#[auto_type]
fn by_someone_shown() -> _ {
    actors::table
        .on(actors::id.eq(favourites::actor_id).and(actors::suspended_at.is_null()).and(actors::deleted_at.is_null()))
}

/// Who favourited a post: the favourite's number and the person.
///
/// # Errors
/// When the database fails.
pub fn people_of(tx: &mut Tx<'_>, post: PostId, page: &Page) -> Result<Vec<(i64, ActorId)>> {
    let query = favourites::table
        .inner_join(by_someone_shown())
        .filter(favourites::post_id.eq(post.raw()))
        .select((favourites::id, favourites::actor_id))
        .into_boxed();
    let rows: Vec<(i64, i64)> = load_page!(tx, query, favourites::id, page);
    Ok(rows.into_iter().map(|(id, actor)| (id, ActorId::new(actor))).collect())
}
