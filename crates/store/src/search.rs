//! Search in posts and tags, limited to what the reader may see.
//!
//! Posts are searched by comparing texts, newest first, in the latest posts only, so that the cost has a bound on
//! both databases; an index of words can take this place behind the same functions.

use corridor_domain::{ActorId, Audience};
use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;

use crate::dialect::{literal, lower};
use crate::domain_blocks::is_from_blocked_domain;
use crate::posts::{PostKind, PostRow};
use crate::schema::{actors, post_tags, posts};
use crate::visibility::readable_by;
use crate::{Result, Tx};

/// How many of the latest posts are searched.
const DEPTH: i64 = 20_000;
/// How many posts with the words in them are asked at a time whether they may be shown.
const BATCH: usize = 200;

/// Readable posts with every one of `words` in them, newest first: the reader's own, and those of people who let
/// themselves be searched; nothing from a domain that the reader keeps away from.
///
/// Two statements, not one: PostgreSQL can't guess how many posts have a word in them, and with all rules in one statement
/// it goes through every person for each of them.
///
/// # Errors
/// When the database fails.
pub fn posts(tx: &mut Tx<'_>, words: &[String], reader: ActorId, limit: i64, offset: i64) -> Result<Vec<PostRow>> {
    let floor: Option<i64> =
        posts::table.order(posts::id.desc()).offset(DEPTH).select(posts::id).first(tx.conn).optional()?;
    let [mut to_skip, limit] = [offset, limit].map(|count| usize::try_from(count).unwrap_or(0));
    let (mut found, mut below) = (Vec::new(), i64::MAX);
    while found.len() < limit {
        let ids = with_words(tx, words, floor.unwrap_or(0), below)?;
        let rows = shown_among(tx, &ids, reader)?;
        let skipped = to_skip.min(rows.len());
        to_skip -= skipped;
        found.extend(rows.into_iter().skip(skipped));
        match ids.last() {
            Some(last) if ids.len() == BATCH => below = *last,
            _ => break,
        }
    }
    found.truncate(limit);
    Ok(found)
}

/// The next posts between these numbers with the words in them, newest first, whoever may read them.
fn with_words(tx: &mut Tx<'_>, words: &[String], above: i64, below: i64) -> Result<Vec<i64>> {
    let mut query = posts::table
        .filter(posts::id.gt(above))
        .filter(posts::id.lt(below))
        .filter(posts::kind.ne(PostKind::Boost.code()))
        .filter(posts::deleted_at.is_null())
        .select(posts::id)
        .into_boxed();
    for word in words {
        let pattern = format!("%{}%", literal(&word.to_lowercase()));
        query = query.filter(
            lower(posts::content)
                .like(pattern.clone())
                .escape('\\')
                .or(lower(posts::summary).like(pattern.clone()).escape('\\'))
                .or(lower(posts::title).like(pattern).escape('\\')),
        );
    }
    Ok(query.order(posts::id.desc()).limit(BATCH as i64).load(tx.conn)?)
}

/// Those of `ids` that the search may show to the reader, newest first.
fn shown_among(tx: &mut Tx<'_>, ids: &[i64], reader: ActorId) -> Result<Vec<PostRow>> {
    let searchable = exists(actors::table.filter(actors::id.eq(posts::author_id)).filter(actors::indexable.eq(true)));
    Ok(posts::table
        .filter(posts::id.eq_any(ids.to_vec()))
        .filter(posts::author_id.eq(reader.raw()).or(searchable))
        .filter(not(is_from_blocked_domain(reader.raw())))
        .filter(readable_by(reader.raw()))
        .order(posts::id.desc())
        .select(PostRow::as_select())
        .load(tx.conn)?)
}

/// Hashtags that start with `front`, the most used first, with how many readable network and department posts
/// have them.
///
/// # Errors
/// When the database fails.
pub fn tags(tx: &mut Tx<'_>, front: &str, reader: ActorId, limit: i64, offset: i64) -> Result<Vec<(String, i64)>> {
    let open = [Audience::Department.code(), Audience::Network.code()];
    Ok(post_tags::table
        .inner_join(posts::table.on(posts::id.eq(post_tags::post_id)))
        .filter(post_tags::tag.like(format!("{}%", literal(front))).escape('\\'))
        .filter(posts::audience.eq_any(open))
        .filter(readable_by(reader.raw()))
        .group_by(post_tags::tag)
        .select((post_tags::tag, count_star()))
        .order((count_star().desc(), post_tags::tag))
        .limit(limit)
        .offset(offset)
        .load(tx.conn)?)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::testing::TestDatabase;
    use crate::{Error, fixtures};

    /// Writes so many posts with the word in them; the newest one's number first.
    fn write(tx: &mut Tx<'_>, author: ActorId, audience: Audience, count: usize) -> Vec<i64> {
        let mut ids: Vec<i64> = (0..count)
            .map(|number| {
                let mut post = fixtures::note(tx, author, None);
                (post.audience, post.content) = (audience, format!("<p>Minute {number} of the Harbour Board</p>"));
                crate::posts::insert(tx, &post).unwrap().raw()
            })
            .collect();
        ids.reverse();
        ids
    }

    #[tokio::test]
    async fn what_may_be_read_is_found_behind_many_that_may_not() {
        for database in TestDatabase::each() {
            let test = |tx: &mut Tx<'_>| {
                let [author, reader] = [(); 2].map(|()| fixtures::person(tx, None));
                let first = write(tx, author, Audience::Network, 3);
                write(tx, author, Audience::Named, BATCH + 5);
                let last = write(tx, author, Audience::Network, 2);
                let words = ["harbour".to_owned(), "MINUTE".to_owned()];
                let mut found = |limit, offset| -> Vec<i64> {
                    posts(tx, &words, reader, limit, offset).unwrap().iter().map(|row| row.id).collect()
                };
                let all = [last, first].concat();
                assert_eq!(found(20, 0), all);
                assert_eq!(found(2, 1), all.get(1..3).unwrap());
                assert_eq!(found(20, 4), all.get(4..).unwrap());
                assert!(found(20, 5).is_empty() && found(0, 0).is_empty());
                Ok::<_, Error>(())
            };
            database.store.write(test).await.unwrap();
        }
    }
}
