//! How far the registry lets an administrator go: stricter always, looser never.

use corridor_domain::registry::{Document, Link, Node, Terms};
use corridor_domain::{Authority, Grant, Peer, Services};
use corridor_store::{Tx, grants};

use super::current_in;
use crate::peers::AllowPeer;
use crate::{Ctx, Error, Result, Settings};

/// The terms on which a peer may be allowed by hand.
pub(crate) struct Limits {
    pub(crate) account_domain: Authority,
    pub(crate) grant: Grant,
    pub(crate) link: Option<Link>,
}

/// What the registry that counts here says of a host, in this node's terms.
///
/// # Errors
/// When the store can't answer.
pub async fn entry(ctx: &Ctx, host: &Authority) -> Result<Option<(Node, Terms)>> {
    let (settings, host) = (ctx.settings.clone(), host.clone());
    ctx.store
        .read(move |tx| {
            let Some(document) = current_in(tx, &settings)? else { return Ok(None) };
            document.node(&host).map(|node| Ok((node.clone(), terms(&document, node, &settings)?))).transpose()
        })
        .await
}

fn terms(document: &Document, node: &Node, settings: &Settings) -> Result<Terms> {
    Terms::of(document, node, &settings.scheme).map_err(Error::invalid)
}

/// The terms on which a peer may be allowed as asked for.
///
/// # Errors
/// [`Error::Forbidden`] where that is looser than the registry.
pub(crate) fn limits_in(
    tx: &mut Tx<'_>,
    settings: &Settings,
    allow: &AllowPeer,
    known: Option<&Peer>,
    services: Option<Services>,
) -> Result<Limits> {
    let host = &allow.authority;
    let document = current_in(tx, settings)?;
    let listed = document.as_ref().and_then(|document| Some((document, document.node(host)?)));
    let Some((document, node)) = listed else {
        if settings.registry.required {
            let name = &settings.registry.name;
            return Err(Error::forbidden(format!(
                "{host} is not in the registry {name}, and registry.required lets no other node be allowed"
            )));
        }
        let before = known.map_or(Services::ALL, |peer| peer.grant.services);
        return Ok(Limits {
            account_domain: allow.account_domain.clone().unwrap_or_else(|| host.clone()),
            grant: Grant { services: services.unwrap_or(before), ..Grant::default() },
            link: None,
        });
    };
    let terms = terms(document, node, settings)?;
    demand_no_looser(tx, settings, allow, node, &terms, services)?;
    let before = known.map(|peer| grants::link(tx, peer.id)).transpose()?.flatten();
    let own_services = match services {
        Some(chosen) => Some(chosen).filter(|chosen| *chosen != terms.grant.services),
        None => before.and_then(|link| link.own_services),
    };
    let link = Link {
        ceiling: terms.ceiling,
        services: terms.grant.services,
        own_ceiling: Some(allow.ceiling).filter(|own| *own < terms.ceiling),
        own_services,
        removed_by_registry: false,
    };
    let services = own_services.map_or(terms.grant.services, |own| own.and(terms.grant.services));
    Ok(Limits {
        account_domain: node.account_domain.clone(),
        grant: Grant { services, ..terms.grant },
        link: Some(link),
    })
}

fn demand_no_looser(
    tx: &mut Tx<'_>,
    settings: &Settings,
    allow: &AllowPeer,
    node: &Node,
    terms: &Terms,
    services: Option<Services>,
) -> Result<()> {
    const STRICTER: &str = "a node may be stricter than the registry, never looser";
    let host = &allow.authority;
    if allow.ceiling > terms.ceiling {
        let (asked, listed) = (settings.scheme.name(allow.ceiling), &node.ceiling);
        return Err(Error::forbidden(format!("the registry allows {host} up to {listed}, not {asked}: {STRICTER}")));
    }
    if services.is_some_and(|chosen| chosen.and(terms.grant.services) != chosen) {
        let listed = terms.grant.services;
        return Err(Error::forbidden(format!("the registry allows {host} for {listed} alone: {STRICTER}")));
    }
    if allow.account_domain.as_ref().is_some_and(|domain| *domain != node.account_domain) {
        let listed = &node.account_domain;
        return Err(Error::forbidden(format!("the registry says that the handles of {host} end in {listed}")));
    }
    match terms.grant.valid_until {
        Some(until) if until <= tx.now() => {
            Err(Error::forbidden(format!("the registry allowed {host} until {until}: a newer registry is needed")))
        }
        _ => Ok(()),
    }
}

/// A node that the registry knows by its keys is known by no others.
pub(crate) fn demand_listed_keys(
    tx: &mut Tx<'_>,
    settings: &Settings,
    host: &Authority,
    shown: &[String],
) -> Result<()> {
    let document = current_in(tx, settings)?;
    let listed = document.as_ref().and_then(|document| document.node(host)).map_or(&[][..], |node| &node.keys);
    match shown.iter().find(|key| !listed.is_empty() && !listed.contains(key)) {
        Some(key) => Err(Error::forbidden(format!(
            "{host} shows the key {key}, which is not among its keys in the registry: ask its administrators"
        ))),
        None => Ok(()),
    }
}
