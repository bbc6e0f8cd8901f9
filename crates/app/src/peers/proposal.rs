//! Terms before they count: those that an administrator starts from, and what others would mean.

use corridor_domain::registry::{Node, Terms};
use corridor_domain::{Authority, Peer, PeerState, Services};
use corridor_store::peers;

use super::{AllowPeer, Preview, allow_in, checked, preview_in};
use crate::operator::Operator;
use crate::{Ctx, Result, registry};

/// The terms that an administrator starts from when they allow a peer, or change its terms.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The terms: those that it has, else what the registry says, else the scheme's default.
    pub allow: AllowPeer,
    /// What it may be used for.
    pub services: Services,
    /// The peer as it stands now; `None` for one that never was allowed.
    pub known: Option<Peer>,
    /// What the registry says of it, in this node's terms.
    pub listed: Option<(Node, Terms)>,
}

/// What an administrator starts from.
///
/// # Errors
/// [`crate::Error::Forbidden`] for who is no administrator.
pub async fn proposal(ctx: &Ctx, by: &Operator, host: &Authority) -> Result<Proposal> {
    by.demand_administrator()?;
    let name = host.clone();
    let known = ctx.store.read(move |tx| Ok::<_, crate::Error>(peers::find_by_authority(tx, &name)?)).await?;
    let listed = registry::entry(ctx, host).await?;
    let usual = ctx.settings.scheme.default_marking();
    let (peer, node) = (known.as_ref(), listed.as_ref().map(|(node, _)| node));
    let text = |own: Option<&String>, theirs: Option<&String>| own.or(theirs).cloned().unwrap_or_default();
    let terms = listed.as_ref().map(|(_, terms)| terms);
    let allow = AllowPeer {
        authority: host.clone(),
        account_domain: peer.map(|peer| peer.account_domain.clone()),
        ceiling: peer.map(|peer| peer.ceiling).or_else(|| terms.map(|terms| terms.ceiling)).unwrap_or(usual),
        default_marking: Some(peer.map_or(usual, |peer| peer.default_marking)),
        department: text(peer.map(|peer| &peer.department), node.map(|node| &node.department)),
        note: text(peer.map(|peer| &peer.note), None),
        contact: text(peer.map(|peer| &peer.contact), node.map(|node| &node.contact)),
    };
    let services = peer
        .map(|peer| peer.grant.services)
        .or_else(|| terms.map(|terms| terms.grant.services))
        .unwrap_or(Services::ALL);
    Ok(Proposal { allow, services, known, listed })
}

/// What allowing a peer on some terms would mean.
#[derive(Debug, Clone)]
pub struct Allowance {
    /// What is held of it, and what of that lies above the new ceiling.
    pub preview: Preview,
    /// The peer as it stands now; `None` for one that never was allowed.
    pub before: Option<Peer>,
    /// The peer as it would stand then, within what the registry says.
    pub after: Peer,
}

/// What allowing a peer on these terms would mean: it is done and undone, so that what would be refused is refused here.
///
/// # Errors
/// As [`super::allow_for`].
pub async fn preview_allowance(
    ctx: &Ctx,
    by: &Operator,
    allow: AllowPeer,
    services: Option<Services>,
) -> Result<Allowance> {
    let allow = checked(ctx, by, allow)?;
    let (who, settings) = (by.name(), ctx.settings.clone());
    ctx.store
        .write(move |tx| {
            let before = peers::find_by_authority(tx, &allow.authority)?;
            let preview = preview_in(tx, &allow.authority, Some(allow.ceiling))?;
            let after = tx.rehearse(|tx| allow_in(tx, &settings, &who, &allow, services))?;
            Ok(Allowance { preview, before, after })
        })
        .await
}

impl Allowance {
    /// Services that it has now and would have no longer.
    #[must_use]
    pub fn services_lost(&self) -> Services {
        let (before, after) = (self.services_before(), self.after.grant.services);
        before.list().filter(|service| !after.has(*service)).collect()
    }

    fn services_before(&self) -> Services {
        self.before.as_ref().map_or(Services::NONE, |peer| peer.grant.services)
    }

    /// Whether the peer, as allowed now, would only have other words beside it, or could do more than before.
    #[must_use]
    pub fn loses_nothing(&self) -> bool {
        self.before.as_ref().is_some_and(|before| {
            before.state == PeerState::Allowed
                && self.after.ceiling >= before.ceiling
                && self.services_lost() == Services::NONE
                && self.after.account_domain == before.account_domain
        })
    }
}
