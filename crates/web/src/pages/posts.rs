//! What is done with a post by a button, its deletion, where it is gone, and its history.

use actix_web::web;
use corridor_app::{Error, posts};
use corridor_domain::PostId;

use super::{Button, go_to, html};
use crate::error::{PageError, PageResult, no_such_page};
use crate::session::Member;
use crate::show;
use crate::views::{ConfirmDeletePage, HistoryPage, Nav, RecallPage, RecallPlace, Revision, SafeHtml};

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/posts/{id}/delete").route(web::get().to(confirm)).route(web::post().to(delete)))
        .route("/posts/{id}/history", web::get().to(history))
        .route("/posts/{id}/recall", web::get().to(recall))
        .route("/posts/{id}/{act}", web::post().to(act));
}

fn id_of(text: &str) -> Result<PostId, PageError> {
    text.parse().map_err(|_| Error::NotFound("that post").into())
}

async fn confirm(member: Member, id: web::Path<String>) -> PageResult {
    let post = posts::show(member.ctx(), &member.viewer, id_of(&id)?).await?;
    if post.author.id != member.viewer.id {
        return Err(Error::forbidden("only the author can delete a post").into());
    }
    let mut shown = show::post(&post, &member.visit, member.viewer.id);
    shown.actions = false;
    html(&ConfirmDeletePage { frame: member.frame(Nav::Elsewhere).await, post: shown })
}

async fn delete(member: Member, id: web::Path<String>, form: web::Form<Button>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let id = id_of(&id)?;
    posts::delete(member.ctx(), &member.viewer, id).await?;
    let recall = posts::recall(member.ctx(), &member.viewer, id).await?;
    if recall.peers.is_empty() { go_to("/") } else { go_to(&format!("/posts/{id}/recall")) }
}

async fn recall(member: Member, id: web::Path<String>) -> PageResult {
    let id = id_of(&id)?;
    let recall = posts::recall(member.ctx(), &member.viewer, id).await?;
    let places = recall.peers.iter().map(|peer| RecallPlace {
        department: if peer.department.is_empty() { peer.host.to_string() } else { peer.department.clone() },
        gone: peer.gone_at.map(|at| show::moment(at, member.visit.language)),
    });
    html(&RecallPage {
        frame: member.frame(Nav::Elsewhere).await,
        url: format!("/posts/{id}/recall"),
        gone: recall.gone(),
        places: places.collect(),
    })
}

async fn history(member: Member, id: web::Path<String>) -> PageResult {
    let id = id_of(&id)?;
    let post = posts::show(member.ctx(), &member.viewer, id).await?;
    let mut revisions: Vec<Revision> = posts::history(member.ctx(), &member.viewer, id)
        .await?
        .into_iter()
        .map(|revision| Revision {
            made: show::moment(revision.created_at, member.visit.language),
            warning: revision.summary,
            content: SafeHtml::sanitised(revision.content),
        })
        .collect();
    revisions.reverse();
    html(&HistoryPage {
        frame: member.frame(Nav::Elsewhere).await,
        author: post.author.display_name.clone(),
        url: show::post_path(&post),
        revisions,
    })
}

async fn act(member: Member, path: web::Path<(String, String)>, form: web::Form<Button>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let (id, act) = path.into_inner();
    let (id, ctx, viewer) = (id_of(&id)?, member.ctx(), &member.viewer);
    match act.as_str() {
        "favourite" => posts::favourite(ctx, viewer, id).await?,
        "unfavourite" => posts::unfavourite(ctx, viewer, id).await?,
        "boost" => posts::boost(ctx, viewer, id).await?,
        "unboost" => posts::unboost(ctx, viewer, id).await?,
        "bookmark" => posts::bookmark(ctx, viewer, id).await?,
        "unbookmark" => posts::unbookmark(ctx, viewer, id).await?,
        _ => return no_such_page(actix_web::http::Method::GET).await,
    };
    go_to(&form.next)
}
