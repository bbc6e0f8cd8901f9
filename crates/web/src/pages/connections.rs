//! Connections: asking somebody, answering, and who is connected with the reader.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use corridor_app::connections::{self, Standing, Which};
use corridor_app::{Error, people};
use corridor_domain::{ActorId, Page};
use serde::Deserialize;

use super::{Button, PER_PAGE, Part, go_to, html};
use crate::error::{PageResult, no_such_page};
use crate::refused;
use crate::session::Member;
use crate::show;
use crate::views::{ConnectPage, ConnectionsPage, Errors, Nav};

/// Requests that are shown above and below the connections, in each direction.
const REQUESTS: i64 = 100;

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/connections", web::get().to(page))
        .service(web::resource("/people/{id}/connect").route(web::get().to(form)).route(web::post().to(ask)))
        .route("/people/{id}/connection/{act}", web::post().to(act));
}

async fn page(member: Member, part: web::Query<Part>) -> PageResult {
    let (ctx, viewer) = (member.ctx(), &member.viewer);
    let to_answer = connections::list(ctx, viewer, Which::ToAnswer, Page::newest(REQUESTS)).await?;
    let connected = connections::list(ctx, viewer, Which::Connected, part.page()).await?;
    let waiting = connections::list(ctx, viewer, Which::Waiting, Page::newest(REQUESTS)).await?;
    let visit = &member.visit;
    let show = |standing| move |view| show::connection(view, standing, visit);
    html(&ConnectionsPage {
        frame: member.frame(Nav::Profile).await,
        to_answer: to_answer.items.iter().map(show(Standing::ToAnswer)).collect(),
        connected: connected.items.iter().map(show(Standing::Connected)).collect(),
        waiting: waiting.items.iter().map(show(Standing::Waiting)).collect(),
        pager: show::pager("/connections", &connected, PER_PAGE, part.is_first()),
    })
}

async fn form(member: Member, id: web::Path<String>) -> PageResult {
    show_form(&member, actor(&id)?, String::new(), Errors::default(), StatusCode::OK).await
}

fn actor(id: &str) -> Result<ActorId, Error> {
    id.parse().map_err(|_| Error::NotFound("that person"))
}

async fn show_form(member: &Member, id: ActorId, note: String, errors: Errors, status: StatusCode) -> PageResult {
    let person = people::show(member.ctx(), &member.viewer, id).await?;
    let page = ConnectPage {
        frame: member.frame(Nav::Elsewhere).await,
        person: show::person(&person, &member.visit),
        note,
        errors,
    };
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(page.render()?))
}

#[derive(Debug, Deserialize)]
struct AskForm {
    csrf: String,
    #[serde(default)]
    note: String,
}

async fn ask(member: Member, id: web::Path<String>, typed: web::Form<AskForm>) -> PageResult {
    member.visit.demand_own_form(&typed.csrf)?;
    let id = actor(&id)?;
    let note = typed.into_inner().note;
    let wrong = match connections::ask(member.ctx(), &member.viewer, id, &note).await {
        Ok(_) => return go_to(&show::person_path(&people::show(member.ctx(), &member.viewer, id).await?)),
        Err(error @ (Error::Invalid(_) | Error::Forbidden(_) | Error::Refused(_))) => error,
        Err(other) => return Err(other.into()),
    };
    let Some(said) = refused::said(&wrong, member.visit.language) else { return Err(wrong.into()) };
    let errors = Errors::one("note", said);
    show_form(&member, id, note, errors, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn act(member: Member, path: web::Path<(String, String)>, form: web::Form<Button>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let (id, act) = path.into_inner();
    let (ctx, viewer, id) = (member.ctx(), &member.viewer, actor(&id)?);
    match act.as_str() {
        "accept" => connections::accept(ctx, viewer, id).await?,
        "turn-down" => connections::turn_down(ctx, viewer, id).await?,
        "end" => connections::end(ctx, viewer, id).await?,
        _ => return no_such_page(actix_web::http::Method::GET).await,
    };
    go_to(&form.next)
}
