//! Filters of people of this node: what they look for, and the single posts that they hold.

use corridor_domain::filter::{Action, Contexts};
use corridor_domain::{ActorId, FilterId, FilterKeywordId, FilterPostId, PostId};
use diesel::prelude::*;

use crate::dialect::load_among;
use crate::schema::{filter_keywords, filter_posts, filters};
use crate::{Result, Tx};

/// A filter as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = filters)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct FilterRow {
    pub id: i64,
    pub owner_id: i64,
    pub title: String,
    pub contexts: i16,
    pub action: i16,
    pub ends_at: Option<i64>,
    pub created_at: i64,
}

impl FilterRow {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> FilterId {
        FilterId::new(self.id)
    }

    /// Where it counts.
    #[must_use]
    pub const fn contexts(&self) -> Contexts {
        Contexts::from_code(self.contexts)
    }

    /// What happens to a post in which it finds something.
    #[must_use]
    pub const fn action(&self) -> Action {
        Action::from_code(self.action)
    }
}

/// A keyword of a filter.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = filter_keywords)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct KeywordRow {
    pub id: i64,
    pub filter_id: i64,
    pub keyword: String,
    pub whole_word: bool,
}

/// A post that a filter holds.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = filter_posts)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct FilterPostRow {
    pub id: i64,
    pub filter_id: i64,
    pub post_id: i64,
}

/// Stores a filter.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, filter: &FilterRow) -> Result<()> {
    diesel::insert_into(filters::table).values(filter).execute(tx.conn)?;
    Ok(())
}

/// One of a person's filters. `None` when it isn't theirs, or not there.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, owner: ActorId, id: FilterId) -> Result<Option<FilterRow>> {
    Ok(filters::table
        .find(id.raw())
        .filter(filters::owner_id.eq(owner.raw()))
        .select(FilterRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// A person's filters, also those whose time has passed, oldest first.
///
/// # Errors
/// When the database fails.
pub fn of_owner(tx: &mut Tx<'_>, owner: ActorId) -> Result<Vec<FilterRow>> {
    Ok(filters::table
        .filter(filters::owner_id.eq(owner.raw()))
        .order(filters::id)
        .select(FilterRow::as_select())
        .load(tx.conn)?)
}

/// A person's filters that count now, oldest first.
///
/// # Errors
/// When the database fails.
pub fn active(tx: &mut Tx<'_>, owner: ActorId) -> Result<Vec<FilterRow>> {
    let now = tx.now().millis();
    Ok(filters::table
        .filter(filters::owner_id.eq(owner.raw()))
        .filter(filters::ends_at.is_null().or(filters::ends_at.gt(now)))
        .order(filters::id)
        .select(FilterRow::as_select())
        .load(tx.conn)?)
}

/// Changes a filter.
///
/// # Errors
/// When the database fails.
pub fn update(tx: &mut Tx<'_>, filter: &FilterRow) -> Result<()> {
    diesel::update(filters::table.find(filter.id))
        .set((
            filters::title.eq(&filter.title),
            filters::contexts.eq(filter.contexts),
            filters::action.eq(filter.action),
            filters::ends_at.eq(filter.ends_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Removes a filter with all that it looks for.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, id: FilterId) -> Result<()> {
    diesel::delete(filter_keywords::table.filter(filter_keywords::filter_id.eq(id.raw()))).execute(tx.conn)?;
    diesel::delete(filter_posts::table.filter(filter_posts::filter_id.eq(id.raw()))).execute(tx.conn)?;
    diesel::delete(filters::table.find(id.raw())).execute(tx.conn)?;
    Ok(())
}

/// The keywords of these filters, oldest first.
///
/// # Errors
/// When the database fails.
pub fn keywords(tx: &mut Tx<'_>, ids: &[FilterId]) -> Result<Vec<KeywordRow>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    Ok(load_among!(
        tx,
        filter_keywords::table.order(filter_keywords::id).select(KeywordRow::as_select()),
        filter_keywords::filter_id,
        &ids
    ))
}

/// One keyword of a person's filters, with its filter.
///
/// # Errors
/// When the database fails.
pub fn find_keyword(tx: &mut Tx<'_>, owner: ActorId, id: FilterKeywordId) -> Result<Option<(KeywordRow, FilterRow)>> {
    Ok(filter_keywords::table
        .inner_join(filters::table.on(filters::id.eq(filter_keywords::filter_id)))
        .filter(filter_keywords::id.eq(id.raw()))
        .filter(filters::owner_id.eq(owner.raw()))
        .select((KeywordRow::as_select(), FilterRow::as_select()))
        .first(tx.conn)
        .optional()?)
}

/// How many keywords all of a person's filters have.
///
/// # Errors
/// When the database fails.
pub fn count_keywords(tx: &mut Tx<'_>, owner: ActorId) -> Result<i64> {
    Ok(filter_keywords::table
        .inner_join(filters::table.on(filters::id.eq(filter_keywords::filter_id)))
        .filter(filters::owner_id.eq(owner.raw()))
        .count()
        .get_result(tx.conn)?)
}

/// Adds a keyword to a filter.
///
/// # Errors
/// When the database fails.
pub fn insert_keyword(tx: &mut Tx<'_>, keyword: &KeywordRow) -> Result<()> {
    diesel::insert_into(filter_keywords::table).values(keyword).execute(tx.conn)?;
    Ok(())
}

/// Changes a keyword.
///
/// # Errors
/// When the database fails.
pub fn update_keyword(tx: &mut Tx<'_>, keyword: &KeywordRow) -> Result<()> {
    diesel::update(filter_keywords::table.find(keyword.id))
        .set((filter_keywords::keyword.eq(&keyword.keyword), filter_keywords::whole_word.eq(keyword.whole_word)))
        .execute(tx.conn)?;
    Ok(())
}

/// Removes a keyword.
///
/// # Errors
/// When the database fails.
pub fn delete_keyword(tx: &mut Tx<'_>, id: FilterKeywordId) -> Result<()> {
    diesel::delete(filter_keywords::table.find(id.raw())).execute(tx.conn)?;
    Ok(())
}

/// The posts that these filters hold, oldest first.
///
/// # Errors
/// When the database fails.
pub fn posts(tx: &mut Tx<'_>, ids: &[FilterId]) -> Result<Vec<FilterPostRow>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    Ok(load_among!(
        tx,
        filter_posts::table.order(filter_posts::id).select(FilterPostRow::as_select()),
        filter_posts::filter_id,
        &ids
    ))
}

/// Which of these posts a person's filters hold.
///
/// # Errors
/// When the database fails.
pub fn holding(tx: &mut Tx<'_>, owner: ActorId, ids: &[PostId]) -> Result<Vec<FilterPostRow>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    Ok(load_among!(
        tx,
        filter_posts::table
            .inner_join(filters::table.on(filters::id.eq(filter_posts::filter_id)))
            .filter(filters::owner_id.eq(owner.raw()))
            .order(filter_posts::id)
            .select(FilterPostRow::as_select()),
        filter_posts::post_id,
        &ids
    ))
}

/// One post that a person's filters hold.
///
/// # Errors
/// When the database fails.
pub fn find_post(tx: &mut Tx<'_>, owner: ActorId, id: FilterPostId) -> Result<Option<FilterPostRow>> {
    Ok(filter_posts::table
        .inner_join(filters::table.on(filters::id.eq(filter_posts::filter_id)))
        .filter(filter_posts::id.eq(id.raw()))
        .filter(filters::owner_id.eq(owner.raw()))
        .select(FilterPostRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Lets a filter hold a post.
///
/// # Errors
/// [`crate::Error::Conflict`] when it does.
pub fn insert_post(tx: &mut Tx<'_>, post: &FilterPostRow) -> Result<()> {
    diesel::insert_into(filter_posts::table).values(post).execute(tx.conn)?;
    Ok(())
}

/// Lets a filter hold a post no longer.
///
/// # Errors
/// When the database fails.
pub fn delete_post(tx: &mut Tx<'_>, id: FilterPostId) -> Result<()> {
    diesel::delete(filter_posts::table.find(id.raw())).execute(tx.conn)?;
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::testing::TestDatabase;
    use crate::{Error, fixtures, posts as all_posts};

    fn filter(tx: &mut Tx<'_>, owner: ActorId, ends_at: Option<i64>) -> FilterRow {
        let row = FilterRow {
            id: tx.new_id(),
            owner_id: owner.raw(),
            title: "Tea".to_owned(),
            contexts: 3,
            action: Action::Hide.code(),
            ends_at,
            created_at: 0,
        };
        insert(tx, &row).unwrap();
        row
    }

    #[tokio::test]
    async fn filters_are_their_owners_alone_and_end() {
        for database in TestDatabase::each() {
            database
                .store
                .write(|tx| {
                    let (ann, bea) = (fixtures::member(tx), fixtures::member(tx));
                    let now = tx.now().millis();
                    let (lasting, ended) = (filter(tx, ann, Some(now + 1)), filter(tx, ann, Some(now)));
                    assert_eq!(of_owner(tx, ann)?, [lasting.clone(), ended]);
                    assert_eq!(active(tx, ann)?, std::slice::from_ref(&lasting));
                    assert_eq!((of_owner(tx, bea)?.len(), find(tx, bea, lasting.id())?), (0, None));
                    let keyword = KeywordRow {
                        id: tx.new_id(),
                        filter_id: lasting.id,
                        keyword: "tea".to_owned(),
                        whole_word: true,
                    };
                    insert_keyword(tx, &keyword)?;
                    let id = FilterKeywordId::new(keyword.id);
                    assert_eq!(find_keyword(tx, ann, id)?, Some((keyword.clone(), lasting.clone())));
                    assert_eq!(find_keyword(tx, bea, id)?, None);
                    let changed = KeywordRow { keyword: "coffee".to_owned(), whole_word: false, ..keyword };
                    update_keyword(tx, &changed)?;
                    assert_eq!(keywords(tx, &[lasting.id()])?, std::slice::from_ref(&changed));
                    assert_eq!((count_keywords(tx, ann)?, count_keywords(tx, bea)?), (1, 0));
                    let changed =
                        FilterRow { title: "Hot".to_owned(), contexts: 31, action: 0, ends_at: None, ..lasting };
                    update(tx, &changed)?;
                    assert_eq!(find(tx, ann, changed.id())?, Some(changed.clone()));
                    delete_keyword(tx, id)?;
                    assert_eq!(keywords(tx, &[changed.id()])?, []);
                    Ok::<_, Error>(())
                })
                .await
                .unwrap();
        }
    }

    #[tokio::test]
    async fn a_filter_holds_a_post_once_and_goes_with_all_it_has() {
        for database in TestDatabase::each() {
            let (id, held, filter_id) = database
                .store
                .write(|tx| {
                    let (ann, bea) = (fixtures::member(tx), fixtures::member(tx));
                    let note = fixtures::note(tx, bea, None);
                    let post = all_posts::insert(tx, &note)?;
                    let of_ann = filter(tx, ann, None);
                    let held = FilterPostRow { id: tx.new_id(), filter_id: of_ann.id, post_id: post.raw() };
                    insert_post(tx, &held)?;
                    let id = FilterPostId::new(held.id);
                    assert_eq!(holding(tx, ann, &[post])?, std::slice::from_ref(&held));
                    assert_eq!(posts(tx, &[of_ann.id()])?, std::slice::from_ref(&held));
                    assert_eq!((holding(tx, bea, &[post])?, find_post(tx, bea, id)?), (vec![], None));
                    assert_eq!(find_post(tx, ann, id)?.as_ref(), Some(&held));
                    Ok::<_, Error>((ann, held, of_ann.id()))
                })
                .await
                .unwrap();
            let again = held.clone();
            let twice = database
                .store
                .write(move |tx| {
                    let row = FilterPostRow { id: tx.new_id(), ..again.clone() };
                    insert_post(tx, &row)
                })
                .await;
            assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
            database
                .store
                .write(move |tx| {
                    delete(tx, filter_id)?;
                    assert_eq!(find_post(tx, id, FilterPostId::new(held.id))?, None);
                    assert_eq!(of_owner(tx, id)?, []);
                    Ok::<_, Error>(())
                })
                .await
                .unwrap();
        }
    }
}
