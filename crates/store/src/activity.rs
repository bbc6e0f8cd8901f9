//! How much a node is used: counts of what its people did within a span, and nothing about whom.

use corridor_domain::Timestamp;
use diesel::prelude::*;

use crate::posts::PostKind;
use crate::schema::{accounts, posts};
use crate::{Result, Tx};

/// What people of this node did within a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// Posts, without boosts.
    pub posts: i64,
    /// People whose last sign-in was then.
    pub sign_ins: i64,
    /// Accounts that were made.
    pub accounts: i64,
}

/// Counts from `from` on, and before `to`.
///
/// # Errors
/// When the database fails.
pub fn between(tx: &mut Tx<'_>, from: Timestamp, to: Timestamp) -> Result<Activity> {
    let (from, to) = (from.millis(), to.millis());
    Ok(Activity {
        posts: posts::table
            .filter(posts::peer_id.is_null())
            .filter(posts::kind.ne(PostKind::Boost.code()))
            .filter(posts::published_at.ge(from).and(posts::published_at.lt(to)))
            .count()
            .get_result(tx.conn)?,
        sign_ins: accounts::table
            .filter(accounts::last_sign_in_at.ge(from).and(accounts::last_sign_in_at.lt(to)))
            .count()
            .get_result(tx.conn)?,
        accounts: accounts::table
            .filter(accounts::created_at.ge(from).and(accounts::created_at.lt(to)))
            .count()
            .get_result(tx.conn)?,
    })
}
