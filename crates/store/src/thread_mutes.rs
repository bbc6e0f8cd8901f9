//! Threads of which people of this node want to be told nothing more.

use std::collections::HashSet;

use corridor_domain::{ActorId, PostId};
use diesel::prelude::*;

use crate::dialect::load_among;
use crate::schema::{posts, thread_mutes};
use crate::{Result, Tx};

/// Mutes the thread that a post is in; one that is muted stays so.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such post.
pub fn mute(tx: &mut Tx<'_>, owner: ActorId, post: PostId) -> Result<()> {
    if is_muted(tx, owner, post)? {
        return Ok(());
    }
    let thread: i64 = posts::table.find(post.raw()).select(posts::thread_id).first(tx.conn)?;
    insert(tx, owner.raw(), thread)
}

fn insert(tx: &mut Tx<'_>, owner: i64, thread: i64) -> Result<()> {
    diesel::insert_into(thread_mutes::table)
        .values((thread_mutes::owner_id.eq(owner), thread_mutes::thread_id.eq(thread)))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes that back, if there is anything to take back.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such post.
pub fn unmute(tx: &mut Tx<'_>, owner: ActorId, post: PostId) -> Result<()> {
    let thread: i64 = posts::table.find(post.raw()).select(posts::thread_id).first(tx.conn)?;
    diesel::delete(thread_mutes::table.find((owner.raw(), thread))).execute(tx.conn)?;
    Ok(())
}

/// Whether somebody has muted the thread that a post is in.
///
/// # Errors
/// When the database fails.
pub fn is_muted(tx: &mut Tx<'_>, owner: ActorId, post: PostId) -> Result<bool> {
    let found = thread_mutes::table
        .inner_join(posts::table.on(posts::thread_id.eq(thread_mutes::thread_id)))
        .filter(thread_mutes::owner_id.eq(owner.raw()))
        .filter(posts::id.eq(post.raw()))
        .count();
    Ok(found.get_result::<i64>(tx.conn)? > 0)
}

/// Those of these posts that are in a thread which somebody has muted.
pub(crate) fn among(tx: &mut Tx<'_>, owner: ActorId, posts: &[i64]) -> Result<HashSet<PostId>> {
    let muted: Vec<i64> = load_among!(
        tx,
        posts::table
            .inner_join(thread_mutes::table.on(thread_mutes::thread_id.eq(posts::thread_id)))
            .filter(thread_mutes::owner_id.eq(owner.raw()))
            .select(posts::id),
        posts::id,
        posts
    );
    Ok(muted.into_iter().map(PostId::new).collect())
}

/// Threads turn out to be parts of another one: who muted a part has muted the whole.
pub(crate) fn join(tx: &mut Tx<'_>, parts: &[i64], whole: i64) -> Result<()> {
    let of_parts = || thread_mutes::table.filter(thread_mutes::thread_id.eq_any(parts.to_vec()));
    let owners: Vec<i64> = of_parts().select(thread_mutes::owner_id).distinct().load(tx.conn)?;
    if owners.is_empty() {
        return Ok(());
    }
    diesel::delete(of_parts()).execute(tx.conn)?;
    let known: Vec<i64> =
        thread_mutes::table.filter(thread_mutes::thread_id.eq(whole)).select(thread_mutes::owner_id).load(tx.conn)?;
    for owner in owners.into_iter().filter(|owner| !known.contains(owner)) {
        insert(tx, owner, whole)?;
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::testing::TestDatabase;
    use crate::{Error, fixtures, posts};

    #[tokio::test]
    async fn who_muted_a_part_has_muted_the_whole_when_what_was_between_arrives() {
        for database in TestDatabase::each() {
            database
                .store
                .write(|tx| {
                    let [early, late, both, neither] = [0; 4].map(|_| fixtures::member(tx));
                    let author = fixtures::person(tx, None);
                    let root = fixtures::note(tx, author, None);
                    posts::insert(tx, &root).unwrap();
                    let mut between = fixtures::note(tx, author, None);
                    between.in_reply_to = Some(root.id);
                    // The answer to it comes first, as the start of a thread of its own.
                    let mut answer = fixtures::note(tx, author, None);
                    answer.in_reply_to_uri = Some(between.uri.clone());
                    posts::insert(tx, &answer).unwrap();
                    for (who, post) in [(early, root.id), (late, answer.id), (both, root.id), (both, answer.id)] {
                        mute(tx, who, post).unwrap();
                        mute(tx, who, post).unwrap();
                    }
                    assert!(!is_muted(tx, early, answer.id).unwrap() && !is_muted(tx, late, root.id).unwrap());
                    posts::insert(tx, &between).unwrap();
                    let all = [root.id, between.id, answer.id];
                    for (who, muted) in [(early, true), (late, true), (both, true), (neither, false)] {
                        for post in all {
                            assert_eq!(is_muted(tx, who, post).unwrap(), muted);
                        }
                        let found = among(tx, who, &all.map(PostId::raw)).unwrap();
                        assert_eq!(found.len(), if muted { 3 } else { 0 });
                    }
                    unmute(tx, both, between.id).unwrap();
                    assert!(!is_muted(tx, both, answer.id).unwrap() && is_muted(tx, late, answer.id).unwrap());
                    Ok::<_, Error>(())
                })
                .await
                .unwrap();
        }
    }
}
