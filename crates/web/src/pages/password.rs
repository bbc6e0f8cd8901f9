//! Choosing a password: the only page for whoever signed in with one that somebody else has made.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use corridor_app::{Error, sessions};
use serde::Deserialize;

use super::sign_in::{Next, agent_of, too_many};
use crate::error::{PageResult, sentence};
use crate::session::{Visit, local_path, session_cookie};
use crate::views::{Errors, Message, Nav, NewPasswordPage};

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/new-password").route(web::get().to(page)).route(web::post().to(choose)));
}

async fn page(visit: Visit, next: web::Query<Next>) -> PageResult {
    visit.signed_in()?;
    show(&visit, next.into_inner().next, Errors::default(), StatusCode::OK).await
}

async fn show(visit: &Visit, next: String, errors: Errors, status: StatusCode) -> PageResult {
    let frame = visit.frame(Nav::Elsewhere).await;
    let page = NewPasswordPage { frame, must: visit.must_choose_password(), next, errors };
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(page.render()?))
}

#[derive(Deserialize)]
struct PasswordForm {
    csrf: String,
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    next: String,
}

async fn choose(visit: Visit, request: HttpRequest, form: web::Form<PasswordForm>) -> PageResult {
    let member = visit.signed_in()?;
    visit.demand_own_form(&form.csrf)?;
    let form = form.into_inner();
    let mut errors = Errors::default();
    if form.old.is_empty() {
        errors.add("old", visit.say("enter-present-password"));
    }
    if form.new.is_empty() {
        errors.add("new", visit.say("enter-new-password"));
    }
    if !errors.is_empty() {
        return show(&visit, form.next, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let choice = sessions::NewPassword {
        old: form.old,
        new: form.new,
        user_agent: agent_of(&request),
        address: visit.address(&request),
    };
    let (errors, status) = match sessions::choose_password(visit.ctx(), &member.viewer, choice).await {
        Ok(signed_in) => {
            return Ok(HttpResponse::SeeOther()
                .cookie(session_cookie(&visit.web, signed_in.token))
                .insert_header((header::LOCATION, local_path(&form.next)))
                .finish());
        }
        Err(Error::Unauthenticated(_)) => {
            (Errors::one("old", visit.say("wrong-password")), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(Error::Invalid(reason)) => {
            (Errors::one("new", Message::english(sentence(&reason))), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(Error::TooMany(seconds)) => (Errors::one("old", too_many(&visit, seconds)), StatusCode::TOO_MANY_REQUESTS),
        Err(error) => return Err(error.into()),
    };
    show(&visit, form.next, errors, status).await
}
