//! What an administrator sees before and after a peer's terms change: the consequences in numbers, and the history.

use corridor_domain::{Authority, Marking, MarkingScheme, PeerState, Timestamp};
use corridor_store::stream_events::{self, HiddenPosts};
use corridor_store::{Tx, audit, connections, deliveries, grants, holdings, peers};
use serde::Serialize;
use serde_json::Value;

use crate::operator::Operator;
use crate::{Ctx, Result};

/// Entries of a peer's history that are shown at most.
const HISTORY: i64 = 200;

/// What a change would touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Which peer.
    pub host: String,
    /// How it stands now; `None` for one that never was allowed.
    pub state: Option<&'static str>,
    /// Its people that are known here: hidden by a removal.
    pub people: i64,
    /// Posts held from it: hidden by a removal.
    pub posts: i64,
    /// Follows in either direction: cut by a removal.
    pub follows: i64,
    /// Connections and wishes to connect: cut by a removal.
    pub connections: i64,
    /// Groups with members there, and its own.
    pub groups: i64,
    /// Memberships of its people.
    pub memberships: i64,
    /// Deliveries that wait for it: dropped by a removal.
    pub waiting: i64,
    /// Posts held from it that are above the ceiling asked about.
    pub posts_above_ceiling: i64,
    /// Deliveries above that ceiling that wait for it, and would not be sent.
    pub waiting_above_ceiling: i64,
}

/// What a removal, or a new ceiling, would touch.
///
/// # Errors
/// [`crate::Error::Forbidden`] for who is no administrator.
pub async fn preview(ctx: &Ctx, by: &Operator, host: &Authority, ceiling: Option<Marking>) -> Result<Preview> {
    by.demand_administrator()?;
    let host = host.clone();
    ctx.store.read(move |tx| preview_in(tx, &host, ceiling)).await
}

pub(crate) fn preview_in(tx: &mut Tx<'_>, host: &Authority, ceiling: Option<Marking>) -> Result<Preview> {
    let Some(peer) = peers::find_by_authority(tx, host)? else {
        return Ok(Preview {
            host: host.to_string(),
            state: None,
            people: 0,
            posts: 0,
            follows: 0,
            connections: 0,
            groups: 0,
            memberships: 0,
            waiting: 0,
            posts_above_ceiling: 0,
            waiting_above_ceiling: 0,
        });
    };
    let held = holdings::of(tx, peer.id)?;
    let (posts_above_ceiling, waiting_above_ceiling) = match ceiling {
        Some(ceiling) => holdings::above(tx, peer.id, ceiling)?,
        None => (0, 0),
    };
    Ok(Preview {
        host: host.to_string(),
        state: Some(peer.state.word()),
        people: held.people,
        posts: held.posts,
        follows: held.follows,
        connections: connections::count_with_peer(tx, peer.id)?,
        groups: held.groups,
        memberships: held.memberships,
        waiting: held.waiting,
        posts_above_ceiling,
        waiting_above_ceiling,
    })
}

impl Preview {
    /// What a removal would do, in words.
    #[must_use]
    pub fn of_removal(&self) -> String {
        if self.state.is_none() {
            return format!("{} never was allowed: nothing is held from it", self.host);
        }
        format!(
            "Removing {}: {} follows and {} connections are cut, {} posts held from it and {} of its people are hidden, {} memberships in {} \
             groups are affected, {} waiting deliveries are dropped",
            self.host,
            self.follows,
            self.connections,
            self.posts,
            self.people,
            self.memberships,
            self.groups,
            self.waiting
        )
    }

    /// What allowing it, with the ceiling asked about, would do, in words.
    #[must_use]
    pub fn of_allowance(&self) -> String {
        let host = &self.host;
        let again = match self.state {
            None => return format!("Allowing {host}: it is new, and nothing is held from it"),
            Some(state) if state == PeerState::Removed.word() => format!(
                "Allowing {host}, which was removed: {} posts and {} people held from it are shown again; follows that \
                 were cut stay cut",
                self.posts, self.people
            ),
            Some(state) => format!("Changing the terms of {host}, which is {state}"),
        };
        format!(
            "{again}; above the ceiling are {} posts held from it, which stay, and {} waiting deliveries, which are not sent",
            self.posts_above_ceiling, self.waiting_above_ceiling
        )
    }
}

/// Something that was done about a peer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryEntry {
    /// Its number in the audit.
    pub number: i64,
    /// When.
    pub at: String,
    /// By whom.
    pub who: String,
    /// What.
    pub action: String,
    /// The particulars.
    pub detail: Value,
}

impl HistoryEntry {
    /// The particulars as a person reads them, name by name; what was not given is left out.
    #[must_use]
    pub fn particulars(&self, scheme: &MarkingScheme) -> Vec<(String, String)> {
        let mut out = Vec::new();
        gather(scheme, "", &self.detail, &mut out);
        out
    }
}

fn gather(scheme: &MarkingScheme, name: &str, value: &Value, out: &mut Vec<(String, String)>) {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let words = match value {
        Value::Null => return,
        Value::Object(fields) => return fields.iter().for_each(|(name, value)| gather(scheme, name, value, out)),
        Value::Array(many) => many.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Number(rank) if matches!(name, "ceiling" | "default_marking") => {
            let rank = rank.as_i64().and_then(|rank| i16::try_from(rank).ok());
            rank.map(|rank| scheme.name(Marking::from_rank(rank)).to_owned()).unwrap_or_default()
        }
        other => plain(other),
    };
    if !words.is_empty() {
        out.push((name.replace('_', " "), words));
    }
}

/// What was done about a peer, newest first, out of the audit.
///
/// # Errors
/// [`crate::Error::NotFound`] for a host that never was a peer.
pub async fn history(ctx: &Ctx, by: &Operator, host: &Authority) -> Result<Vec<HistoryEntry>> {
    by.demand_administrator()?;
    let host = host.clone();
    let entries = ctx
        .store
        .read(move |tx| {
            super::known(tx, &host)?;
            Ok::<_, crate::Error>(audit::about(tx, host.as_str(), "peer.", HISTORY)?)
        })
        .await?;
    let of = |at: Timestamp| at.to_rfc3339();
    Ok(entries
        .into_iter()
        .map(|entry| HistoryEntry {
            number: entry.number,
            at: of(entry.at),
            who: entry.who,
            action: entry.action,
            detail: serde_json::from_str(&entry.detail).unwrap_or(Value::String(entry.detail)),
        })
        .collect())
}

/// Stores and audits that the dates of peers have begun or ended. The doors do not wait for it.
///
/// # Errors
/// When the store fails.
pub(crate) async fn settle(ctx: &Ctx) -> Result<()> {
    ctx.store
        .write(|tx| {
            for (id, state) in grants::settle(tx)? {
                let peer = peers::find(tx, id)?;
                let action = if state == PeerState::Allowed { "peer.term_begin" } else { "peer.term_end" };
                if state == PeerState::Allowed {
                    deliveries::retry_now(tx, id)?;
                } else {
                    stream_events::append_hidden(tx, HiddenPosts::OfPeer(id))?;
                }
                crate::audit::append(tx, "system", action, peer.authority.as_str(), &super::terms(&peer))?;
            }
            Ok(())
        })
        .await
}
