//! Moving: which older accounts are the reader's, and going to another one.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use corridor_app::operator::Operator;
use corridor_app::{Error, moves};
use corridor_domain::text::Handle;
use serde::Deserialize;

use super::go_to;
use super::sign_in::too_many;
use crate::error::{PageResult, sentence};
use crate::refused;
use crate::session::{Member, Visit};
use crate::views::{Errors, Message, MovingPage, Nav, OlderAccount};
use crate::words::Said;

const PATH: &str = "/moving";

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource(PATH).route(web::get().to(page)).route(web::post().to(go)))
        .route("/moving/older", web::post().to(add))
        .route("/moving/older/remove", web::post().to(remove))
        .route("/moving/back", web::post().to(back));
}

async fn page(member: Member) -> PageResult {
    show(&member, Typed::default(), Errors::default(), StatusCode::OK).await
}

/// What was typed, to be shown again beside what was wrong with it.
#[derive(Debug, Default)]
struct Typed {
    older: String,
    target: String,
}

async fn show(member: &Member, typed: Typed, errors: Errors, status: StatusCode) -> PageResult {
    let (aliases, moved) = moves::show(member.ctx(), member.viewer.id).await?;
    let page = MovingPage {
        frame: member.frame(Nav::Profile).await,
        older_accounts: aliases.into_iter().map(|one| OlderAccount { handle: one.handle, uri: one.uri }).collect(),
        moved_to: moved.map(|moved| moved.handle),
        older: typed.older,
        target: typed.target,
        errors,
    };
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(page.render()?))
}

#[derive(Deserialize)]
struct OlderForm {
    csrf: String,
    #[serde(default)]
    older: String,
}

async fn add(member: Member, form: web::Form<OlderForm>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let older = form.into_inner().older;
    let added = match Handle::parse(older.trim()) {
        Ok(handle) => moves::add_alias(member.ctx(), &person(&member), member.viewer.id, &handle).await,
        Err(_) => return no_handle(&member, "older", Typed { older, ..Typed::default() }).await,
    };
    match added {
        Ok(()) => go_to(PATH),
        Err(error) => {
            let (errors, status) = wrong(&member.visit, "older", error)?;
            show(&member, Typed { older, ..Typed::default() }, errors, status).await
        }
    }
}

async fn remove(member: Member, form: web::Form<OlderForm>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    moves::remove_alias(member.ctx(), &person(&member), member.viewer.id, &form.older).await?;
    go_to(PATH)
}

#[derive(Deserialize)]
struct MoveForm {
    csrf: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    password: String,
}

async fn go(member: Member, request: HttpRequest, form: web::Form<MoveForm>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let MoveForm { target, password, .. } = form.into_inner();
    let typed = Typed { target: target.clone(), ..Typed::default() };
    if password.is_empty() {
        let errors = Errors::one("password", member.say("enter-password"));
        return show(&member, typed, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let (ctx, from) = (member.ctx(), member.visit.address(&request));
    if let Err(error) = moves::confirm(ctx, &member.viewer, &password, from).await {
        let (errors, status) = wrong(&member.visit, "password", error)?;
        return show(&member, typed, errors, status).await;
    }
    let moved = match Handle::parse(target.trim()) {
        Ok(handle) => moves::move_away(ctx, &person(&member), member.viewer.id, &handle).await,
        Err(_) => return no_handle(&member, "target", typed).await,
    };
    match moved {
        Ok(_) => go_to(PATH),
        Err(error) => {
            let (errors, status) = wrong(&member.visit, "target", error)?;
            show(&member, typed, errors, status).await
        }
    }
}

#[derive(Deserialize)]
struct Plain {
    csrf: String,
}

async fn back(member: Member, form: web::Form<Plain>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    moves::move_back(member.ctx(), &person(&member), member.viewer.id).await?;
    go_to(PATH)
}

fn person(member: &Member) -> Operator {
    Operator::Person(member.viewer.clone())
}

async fn no_handle(member: &Member, field: &str, typed: Typed) -> PageResult {
    // A sentence, as what is said of handles that nobody has.
    let said = sentence(&member.say("enter-handle-moving").to_string());
    show(member, typed, Errors::one(field, said), StatusCode::UNPROCESSABLE_ENTITY).await
}

/// What the reader can mend is said beside the field; anything else is an error page.
fn wrong(visit: &Visit, field: &'static str, error: Error) -> Result<(Errors, StatusCode), Error> {
    let own = |said: Said| Some(Message::from(sentence(&said.to_string())));
    let said = match &error {
        Error::TooMany(seconds) => {
            return Ok((Errors::one(field, too_many(visit, *seconds)), StatusCode::TOO_MANY_REQUESTS));
        }
        Error::Unauthenticated(_) => own(visit.say("wrong-password")),
        Error::NotFound(_) => own(visit.say("nobody-has-handle")),
        other => refused::said(other, visit.language),
    };
    Ok((Errors::one(field, said.ok_or(error)?), StatusCode::UNPROCESSABLE_ENTITY))
}
