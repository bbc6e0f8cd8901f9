//! Whom people of this node want to be notified by, and what is held back from them.

use corridor_domain::notice::{NoticePolicy, Verdict};
use corridor_domain::{ActorId, PostId, Timestamp};
use diesel::prelude::*;

use crate::dialect;
use crate::notifications::{about_something_readable, from_someone_shown};
use crate::schema::{notification_policies, notification_senders, notifications};
use crate::stream_events::{self, StreamEvent};
use crate::{Result, Tx};

#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = notification_policies)]
struct PolicyRow {
    not_following: i16,
    not_followers: i16,
    new_accounts: i16,
    private_mentions: i16,
    limited_accounts: i16,
}

/// What somebody has decided; everything is accepted where they have not.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, owner: ActorId) -> Result<NoticePolicy> {
    let row: Option<PolicyRow> =
        notification_policies::table.find(owner.raw()).select(PolicyRow::as_select()).first(tx.conn).optional()?;
    Ok(row.map_or_else(NoticePolicy::default, |row| NoticePolicy {
        not_following: Verdict::from_code(row.not_following),
        not_followers: Verdict::from_code(row.not_followers),
        new_accounts: Verdict::from_code(row.new_accounts),
        private_mentions: Verdict::from_code(row.private_mentions),
        limited_accounts: Verdict::from_code(row.limited_accounts),
    }))
}

/// Writes down what somebody has decided.
///
/// # Errors
/// When the database fails.
pub fn set(tx: &mut Tx<'_>, owner: ActorId, policy: &NoticePolicy) -> Result<()> {
    dialect::insert_notification_policy(tx, owner.raw())?;
    diesel::update(notification_policies::table.find(owner.raw()))
        .set((
            notification_policies::not_following.eq(policy.not_following.code()),
            notification_policies::not_followers.eq(policy.not_followers.code()),
            notification_policies::new_accounts.eq(policy.new_accounts.code()),
            notification_policies::private_mentions.eq(policy.private_mentions.code()),
            notification_policies::limited_accounts.eq(policy.limited_accounts.code()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether somebody has accepted a sender.
///
/// # Errors
/// When the database fails.
pub fn is_accepted(tx: &mut Tx<'_>, owner: ActorId, sender: ActorId) -> Result<bool> {
    let found = notification_senders::table.find((owner.raw(), sender.raw())).count();
    Ok(found.get_result::<i64>(tx.conn)? > 0)
}

/// A notification that is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = notifications)]
pub struct Held {
    id: i64,
    actor_id: i64,
    post_id: Option<i64>,
    created_at: i64,
}

impl Held {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> i64 {
        self.id
    }

    /// Who did it.
    #[must_use]
    pub const fn sender(&self) -> ActorId {
        ActorId::new(self.actor_id)
    }

    /// The post that it is about.
    #[must_use]
    pub fn post(&self) -> Option<PostId> {
        self.post_id.map(PostId::new)
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.created_at)
    }
}

/// What is held back from somebody, the latest first.
///
/// # Errors
/// When the database fails.
pub fn held(tx: &mut Tx<'_>, owner: ActorId, limit: i64) -> Result<Vec<Held>> {
    Ok(notifications::table
        .filter(notifications::owner_id.eq(owner.raw()))
        .filter(notifications::filtered.eq(true))
        .filter(from_someone_shown(owner.raw()))
        .filter(about_something_readable(owner.raw()))
        .order(notifications::id.desc())
        .limit(limit)
        .select(Held::as_select())
        .load(tx.conn)?)
}

/// Accepts a sender: what was held back is told among the others, and nothing is held back any more. Open streams are told.
///
/// # Errors
/// When the database fails.
pub fn accept(tx: &mut Tx<'_>, owner: ActorId, sender: ActorId) -> Result<()> {
    dialect::insert_notification_sender(tx, owner.raw(), sender.raw())?;
    let held = notifications::table
        .filter(notifications::owner_id.eq(owner.raw()))
        .filter(notifications::actor_id.eq(sender.raw()))
        .filter(notifications::filtered.eq(true));
    diesel::update(held).set(notifications::filtered.eq(false)).execute(tx.conn)?;
    stream_events::append(tx, StreamEvent::NotificationsMerged(owner))
}

/// Removes what is held back of a sender.
///
/// # Errors
/// When the database fails.
pub fn dismiss(tx: &mut Tx<'_>, owner: ActorId, sender: ActorId) -> Result<()> {
    let held = notifications::table
        .filter(notifications::owner_id.eq(owner.raw()))
        .filter(notifications::actor_id.eq(sender.raw()))
        .filter(notifications::filtered.eq(true));
    diesel::delete(held).execute(tx.conn)?;
    Ok(())
}

/// Whether anything of a sender is held back.
///
/// # Errors
/// When the database fails.
pub fn holds_back(tx: &mut Tx<'_>, owner: ActorId, sender: ActorId) -> Result<bool> {
    let held = notifications::table
        .filter(notifications::owner_id.eq(owner.raw()))
        .filter(notifications::actor_id.eq(sender.raw()))
        .filter(notifications::filtered.eq(true))
        .count();
    Ok(held.get_result::<i64>(tx.conn)? > 0)
}
