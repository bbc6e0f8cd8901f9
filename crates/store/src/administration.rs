//! People as those who run the node look for them: by where they are, what they may do and how they stand.

use corridor_domain::{ActorId, ActorKind, Page, Role};
use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;

use crate::accounts::AccountRow;
use crate::actors::ActorRow;
use crate::dialect::{literal, load_among, lower};
use crate::paging::load_page;
use crate::people::origin_is_allowed;
use crate::schema::{accounts, actors};
use crate::{Result, Tx};

/// How somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They are here as everybody is.
    Active,
    /// Someone of this node who can't sign in.
    Disabled,
    /// Someone of a peer whose node has suspended them, or whose peer is not allowed now.
    Suspended,
}

/// Whom to look for; what is not said does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedPeople {
    /// Of this node, or of others.
    pub is_local: Option<bool>,
    /// See [`Standing`].
    pub standing: Option<Standing>,
    /// A piece of the username; may be empty.
    pub username: String,
    /// A piece of the name as shown; may be empty.
    pub display_name: String,
    /// The domain of their handles; empty for this node.
    pub host: Option<String>,
    /// Their whole address; only people of this node have one. May be empty.
    pub email: String,
    /// One of these roles; only people of this node have one.
    pub roles: Option<Vec<Role>>,
}

#[auto_type(no_type_alias)]
fn is_disabled() -> _ {
    exists(accounts::table.filter(accounts::actor_id.eq(actors::id)).filter(accounts::disabled_at.is_not_null()))
}

/// A page of people, by their numbers, newest first. Groups, nodes and who is gone are not among them.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, wanted: &WantedPeople, page: &Page) -> Result<Vec<ActorId>> {
    let piece = |text: &str| format!("%{}%", literal(&text.to_lowercase()));
    let mut query = actors::table
        .filter(actors::deleted_at.is_null())
        .filter(actors::kind.ne(ActorKind::Group.code()))
        .filter(actors::kind.ne(ActorKind::Service.code()).or(actors::traits.ne(0)))
        .select(actors::id)
        .into_boxed();
    query = match wanted.is_local {
        Some(true) => query.filter(actors::peer_id.is_null()),
        Some(false) => query.filter(actors::peer_id.is_not_null()),
        None => query,
    };
    query = match wanted.standing {
        Some(Standing::Active) => query
            .filter(actors::suspended_at.is_null())
            .filter(not(is_disabled()))
            .filter(actors::peer_id.is_null().or(origin_is_allowed())),
        Some(Standing::Disabled) => query.filter(is_disabled()),
        Some(Standing::Suspended) => query
            .filter(actors::peer_id.is_not_null())
            .filter(actors::suspended_at.is_not_null().or(not(origin_is_allowed()))),
        None => query,
    };
    if !wanted.username.is_empty() {
        query = query.filter(actors::username_key.like(piece(&wanted.username)).escape('\\'));
    }
    if !wanted.display_name.is_empty() {
        query = query.filter(lower(actors::display_name).like(piece(&wanted.display_name)).escape('\\'));
    }
    if let Some(host) = &wanted.host {
        query = query.filter(actors::host.eq(host.clone()));
    }
    if !wanted.email.is_empty() {
        query = query.filter(exists(
            accounts::table
                .filter(accounts::actor_id.eq(actors::id))
                .filter(lower(accounts::email).eq(wanted.email.to_lowercase())),
        ));
    }
    if let Some(roles) = &wanted.roles {
        let codes: Vec<i16> = roles.iter().map(|role| role.code()).collect();
        query = query.filter(exists(
            accounts::table.filter(accounts::actor_id.eq(actors::id)).filter(accounts::role.eq_any(codes)),
        ));
    }
    let ids: Vec<i64> = load_page!(tx, query, actors::id, page);
    Ok(ids.into_iter().map(ActorId::new).collect())
}

/// The accounts of those of these people who have one, in no order.
///
/// # Errors
/// When the database fails.
pub fn accounts_of(tx: &mut Tx<'_>, people: &[ActorId]) -> Result<Vec<AccountRow>> {
    let ids: Vec<i64> = people.iter().map(|id| id.raw()).collect();
    Ok(load_among!(tx, accounts::table.select(AccountRow::as_select()), accounts::actor_id, &ids))
}

/// The people of this node with these usernames, in no order.
///
/// # Errors
/// When the database fails.
pub fn of_names(tx: &mut Tx<'_>, usernames: &[String]) -> Result<Vec<ActorRow>> {
    let keys: Vec<String> = usernames.iter().map(|name| name.to_lowercase()).collect();
    Ok(actors::table
        .filter(actors::host.eq(""))
        .filter(actors::username_key.eq_any(keys))
        .select(ActorRow::as_select())
        .load(tx.conn)?)
}
