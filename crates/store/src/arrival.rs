//! What belongs to a post's arrival: its thread, counts, and the home feeds of its readers here.

use corridor_domain::{ActorId, Audience};
use diesel::prelude::*;

use crate::posts::{NewPost, PostKind};
use crate::schema::{actors, follows, home_entries, memberships, posts};
use crate::{Result, Tx, conversations, dialect, tag_follows, thread_mutes};

/// Settles a post whose row, recipients and tags are written.
pub(crate) fn settle(tx: &mut Tx<'_>, post: &NewPost, thread: i64) -> Result<()> {
    if let Some(parent) = post.in_reply_to {
        diesel::update(posts::table.find(parent.raw()))
            .set(posts::replies_count.eq(posts::replies_count + 1))
            .execute(tx.conn)?;
    }
    if let Some(boosted) = post.boost_of {
        diesel::update(posts::table.find(boosted.raw()))
            .set(posts::boosts_count.eq(posts::boosts_count + 1))
            .execute(tx.conn)?;
    }
    adopt(tx, post, thread)?;
    diesel::update(actors::table.find(post.author.raw()))
        .set((actors::posts_count.eq(actors::posts_count + 1), actors::last_post_at.eq(tx.now().millis())))
        .execute(tx.conn)?;
    enter_home_feeds(tx, post)
}

/// Takes in the replies that came before their parent. One that the rules of replies forbid stays on its own.
fn adopt(tx: &mut Tx<'_>, post: &NewPost, thread: i64) -> Result<()> {
    if post.kind == PostKind::Boost {
        return Ok(());
    }
    let department = Audience::Department.code();
    let mut waiting = posts::table
        .filter(posts::in_reply_to_uri.eq(&post.uri))
        .filter(posts::in_reply_to_id.is_null())
        .filter(posts::marking.ge(post.marking.rank()))
        .select((posts::id, posts::deleted_at))
        .into_boxed();
    if post.audience == Audience::Department {
        waiting = waiting.filter(posts::audience.eq(department));
    }
    let waiting: Vec<(i64, Option<i64>)> = waiting.load(tx.conn)?;
    if waiting.is_empty() {
        return Ok(());
    }
    let children: Vec<i64> = waiting.iter().map(|(id, _)| *id).collect();
    let shown = waiting.iter().filter(|(_, deleted_at)| deleted_at.is_none()).count();
    diesel::update(posts::table.filter(posts::id.eq_any(children.clone())))
        .set(posts::in_reply_to_id.eq(post.id.raw()))
        .execute(tx.conn)?;
    // Each child began a thread of its own, with all that answered it.
    thread_mutes::join(tx, &children, thread)?;
    conversations::join(tx, &children, thread)?;
    diesel::update(posts::table.filter(posts::thread_id.eq_any(children)))
        .set(posts::thread_id.eq(thread))
        .execute(tx.conn)?;
    diesel::update(posts::table.find(post.id.raw()))
        .set(posts::replies_count.eq(posts::replies_count + i64::try_from(shown).unwrap_or(0)))
        .execute(tx.conn)?;
    Ok(())
}

/// Writes the home feeds of the author's followers here, of the author, and of the recipients here.
fn enter_home_feeds(tx: &mut Tx<'_>, post: &NewPost) -> Result<()> {
    match post.audience {
        Audience::Named => {}
        Audience::Group => enter_members(tx, post)?,
        Audience::Department | Audience::Network | Audience::Followers => enter_followers(tx, post)?,
    }
    // Whom a post in a group names has it in the feed as a member, or not at all.
    let recipients = post.recipients.iter().filter(|_| post.audience != Audience::Group);
    let recipients: Vec<ActorId> = recipients.map(|(actor, _)| *actor).collect();
    let mut owners = local_ones(tx, &recipients)?;
    if post.peer.is_none() && !owners.contains(&post.author.raw()) {
        owners.push(post.author.raw());
    }
    dialect::insert_home_entries(tx, post.id.raw(), &owners)?;
    if post.audience == Audience::Named {
        conversations::enter(tx, post.id.raw(), post.author.raw(), &owners)?;
    }
    tag_follows::enter_home_feeds(tx, post)
}

fn enter_followers(tx: &mut Tx<'_>, post: &NewPost) -> Result<()> {
    let mut readers = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(post.author.raw()))
        .filter(follows::accepted.eq(true))
        .filter(actors::peer_id.is_null())
        .select((follows::follower_id, post.id.raw().into_sql::<diesel::sql_types::BigInt>()))
        .into_boxed();
    if post.kind == PostKind::Boost {
        readers = readers.filter(follows::show_boosts.eq(true));
    }
    readers
        .insert_into(home_entries::table)
        .into_columns((home_entries::owner_id, home_entries::post_id))
        .execute(tx.conn)?;
    Ok(())
}

fn enter_members(tx: &mut Tx<'_>, post: &NewPost) -> Result<()> {
    let Some(group) = post.group else {
        return Ok(());
    };
    let members: Vec<i64> = memberships::table
        .inner_join(actors::table.on(actors::id.eq(memberships::actor_id)))
        .filter(memberships::group_id.eq(group.raw()))
        .filter(actors::peer_id.is_null())
        .select(memberships::actor_id)
        .load(tx.conn)?;
    dialect::insert_home_entries(tx, post.id.raw(), &members)
}

/// Those of `people` who are of this node.
pub(crate) fn local_ones(tx: &mut Tx<'_>, people: &[ActorId]) -> Result<Vec<i64>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let people: Vec<i64> = people.iter().map(|id| id.raw()).collect();
    let local = actors::table.filter(actors::id.eq_any(people)).filter(actors::peer_id.is_null()).select(actors::id);
    Ok(local.load(tx.conn)?)
}
