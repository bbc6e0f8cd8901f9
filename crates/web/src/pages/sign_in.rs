//! Signing in and out.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use corridor_app::{Error, sessions};
use serde::Deserialize;

use super::{Button, go_to};
use crate::error::PageResult;
use crate::session::{Visit, end_cookie, form_cookie, local_path, session_cookie, token_of};
use crate::views::{Errors, Nav, SignInPage};
use crate::words::Said;

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/sign-in").route(web::get().to(page)).route(web::post().to(sign_in)))
        .service(web::resource("/sign-out").route(web::post().to(sign_out)));
}

#[derive(Debug, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    pub(super) next: String,
}

async fn page(visit: Visit, next: web::Query<Next>) -> PageResult {
    if visit.session.is_some() {
        return go_to(&next.next);
    }
    let page =
        SignInPage { frame: visit.frame(Nav::Elsewhere).await, next: next.into_inner().next, ..SignInPage::default() };
    show(&visit, &page, StatusCode::OK)
}

fn show(visit: &Visit, page: &SignInPage, status: StatusCode) -> PageResult {
    let mut answer = HttpResponse::build(status);
    if let Some(value) = &visit.fresh_form_cookie {
        answer.cookie(form_cookie(&visit.web, value.clone()));
    }
    Ok(answer.content_type("text/html; charset=utf-8").body(page.render()?))
}

#[derive(Deserialize)]
struct SignInForm {
    csrf: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

async fn sign_in(visit: Visit, request: HttpRequest, form: web::Form<SignInForm>) -> PageResult {
    visit.demand_own_form(&form.csrf)?;
    let form = form.into_inner();
    let mut errors = Errors::default();
    if form.username.trim().is_empty() {
        errors.add("username", visit.say("enter-username"));
    }
    if form.password.is_empty() {
        errors.add("password", visit.say("enter-password"));
    }
    if !errors.is_empty() {
        return again(&visit, &form, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let attempt = sessions::SignIn {
        username: form.username.clone(),
        password: form.password.clone(),
        user_agent: agent_of(&request),
        address: visit.address(&request),
    };
    match sessions::sign_in(visit.ctx(), attempt).await {
        Ok(signed_in) => Ok(HttpResponse::SeeOther()
            .cookie(session_cookie(&visit.web, signed_in.token))
            .insert_header((header::LOCATION, local_path(&form.next)))
            .finish()),
        Err(Error::Unauthenticated(_)) => {
            again(&visit, &form, Errors::one("username", visit.say("wrong-sign-in")), StatusCode::UNPROCESSABLE_ENTITY)
                .await
        }
        Err(Error::TooMany(seconds)) => {
            let errors = Errors::one("username", too_many(&visit, seconds));
            let mut answer = again(&visit, &form, errors, StatusCode::TOO_MANY_REQUESTS).await?;
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            Ok(answer)
        }
        Err(error) => Err(error.into()),
    }
}

/// What the browser calls itself.
pub(super) fn agent_of(request: &HttpRequest) -> String {
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    agent.unwrap_or_default().to_owned()
}

/// When to come back after too many wrong passwords, in words.
pub(super) fn too_many(visit: &Visit, seconds: u64) -> Said {
    let minutes = visit.say("count-minutes").count("n", seconds.div_ceil(60));
    visit.say("too-many-attempts").with("minutes", minutes)
}

async fn again(visit: &Visit, form: &SignInForm, errors: Errors, status: StatusCode) -> PageResult {
    let page = SignInPage {
        frame: visit.frame(Nav::Elsewhere).await,
        username: form.username.clone(),
        next: form.next.clone(),
        errors,
    };
    show(visit, &page, status)
}

async fn sign_out(visit: Visit, request: HttpRequest, form: web::Form<Button>) -> PageResult {
    let member = visit.signed_in()?;
    member.visit.demand_own_form(&form.csrf)?;
    if let Some(token) = token_of(&member.visit.web, &request) {
        sessions::sign_out(member.ctx(), &token).await?;
    }
    Ok(HttpResponse::SeeOther()
        .cookie(end_cookie(&member.visit.web))
        .insert_header((header::LOCATION, "/sign-in"))
        .finish())
}
