//! The allow-list for administrators: who is on it, and how each of them stands.

mod acts;
mod terms;
mod words;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use corridor_app::{Error, peers, pins};
use corridor_domain::{Authority, PeerState, authority};
use serde::Deserialize;

use super::html;
use crate::error::{PageError, PageResult};
use crate::session::Administrator;
use crate::views::{Nav, Notice, PeerButton, PeerPage, PeersPage};
use crate::words::{Language, key};

const PATH: &str = "/administration/peers";

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route(PATH, web::get().to(list))
        .service(
            web::resource("/administration/new-peer")
                .route(web::get().to(terms::ask_whom))
                .route(web::post().to(terms::go_on)),
        )
        .route("/administration/peers/{host}", web::get().to(show))
        .service(
            web::resource("/administration/peers/{host}/terms")
                .route(web::get().to(terms::page))
                .route(web::post().to(terms::give)),
        )
        .service(
            web::resource("/administration/peers/{host}/{act}")
                .route(web::get().to(acts::ask))
                .route(web::post().to(acts::act)),
        );
}

/// The path of a peer's page.
fn path_of(host: &Authority) -> String {
    format!("{PATH}/{host}")
}

/// The host in an address. What is not one can't be on the list.
fn host_in(path: &str) -> Result<Authority, PageError> {
    Authority::parse_with(path, authority::Policy::loopback()).map_err(|_| Error::NotFound("that peer").into())
}

fn wrong(page: &impl Template, status: StatusCode) -> PageResult {
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(page.render()?))
}

async fn list(by: Administrator) -> PageResult {
    let member = &by.member;
    let mut views = peers::list(member.ctx()).await?;
    // Those that need somebody come first; who was removed, last.
    views.sort_by_key(|view| (view.peer.state == PeerState::Removed, view.peer.department.to_lowercase()));
    html(&PeersPage {
        frame: member.frame(Nav::Administration).await,
        peers: views.iter().map(|view| words::line(&member.visit, view)).collect(),
    })
}

#[derive(Debug, Deserialize)]
struct Done {
    #[serde(default)]
    done: String,
}

async fn show(by: Administrator, host: web::Path<String>, done: web::Query<Done>) -> PageResult {
    let (ctx, host) = (by.member.ctx(), host_in(&host)?);
    let view = peers::show(ctx, &host).await?;
    let held = peers::preview(ctx, &by.operator, &host, None).await?;
    let left = peers::left(ctx, &by.operator, &host).await?;
    let listed = peers::proposal(ctx, &by.operator, &host).await?.listed;
    let mut frame = by.member.frame(Nav::Administration).await;
    let language = by.member.visit.language;
    frame.notice = words::done(&done.done).map(|done| Notice::success(language.say_key(done)));
    let state = view.peer.state;
    html(&PeerPage {
        frame,
        peer: words::line(&by.member.visit, &view),
        terms: words::terms(&by.member.visit, &view.peer, listed.as_ref()),
        keys: pins::pinned(ctx, &host).await?.iter().map(|key| words::pinned(key, language)).collect(),
        delivery: words::delivery(&view, language),
        held: words::held(&held, left, language),
        buttons: buttons(&host, state, left.posts + left.people > 0, language),
        history: peers::history(ctx, &by.operator, &host)
            .await?
            .iter()
            .map(|entry| words::act(&ctx.settings.scheme, entry, language))
            .collect(),
    })
}

fn buttons(host: &Authority, state: PeerState, holds: bool, language: Language) -> Vec<PeerButton> {
    let path = path_of(host);
    let button = |act: &str, label, warns| PeerButton {
        url: format!("{path}/{act}"),
        label: language.say_key(label).into(),
        warns,
    };
    let removed = state == PeerState::Removed;
    let mut buttons =
        vec![button("terms", if removed { key("button-allow-again") } else { key("button-change-terms") }, false)];
    match state {
        PeerState::Allowed | PeerState::OutOfTerm => buttons.push(button("suspend", key("suspend-button"), false)),
        PeerState::Suspended => buttons.push(button("resume", key("resume-button"), false)),
        PeerState::Removed => {}
    }
    if !removed {
        buttons.push(button("remove", key("remove-button"), true));
    } else if holds {
        buttons.push(button("purge", key("button-purge"), true));
    }
    buttons
}
