//! The pages: each handler reads what was asked, calls one use case, and fills one template.

mod administration;
mod compose;
mod connections;
mod feeds;
mod groups;
mod language;
mod media;
mod moving;
mod oauth;
mod open;
mod password;
mod people;
mod polls;
mod posts;
mod sign_in;
mod signed_in;
mod told;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;
use corridor_domain::Page;
use serde::Deserialize;

use crate::error::PageResult;
use crate::session::local_path;

/// Entries of a list on one page.
const PER_PAGE: i64 = 20;

/// Mounts every page.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(sign_in::routes)
        .configure(password::routes)
        .configure(language::routes)
        .configure(open::routes)
        .configure(feeds::routes)
        .configure(groups::routes)
        .configure(administration::routes)
        .configure(compose::routes)
        .configure(polls::routes)
        .configure(posts::routes)
        .configure(media::routes)
        .configure(moving::routes)
        .configure(connections::routes)
        .configure(signed_in::routes)
        .configure(told::routes)
        .configure(oauth::routes)
        // Last: it takes every path that starts with an @.
        .configure(people::routes);
}

/// A page.
fn html(page: &impl Template) -> PageResult {
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page.render()?))
}

/// Goes on to a path of this node, with `GET`.
fn go_to(path: &str) -> PageResult {
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, local_path(path))).finish())
}

/// Which part of a list is asked for.
#[derive(Debug, Deserialize)]
struct Part {
    max_id: Option<i64>,
    min_id: Option<i64>,
}

impl Part {
    fn page(&self) -> Page {
        Page { max_id: self.max_id, since_id: None, min_id: self.min_id, limit: PER_PAGE }
    }

    fn is_first(&self) -> bool {
        self.max_id.is_none() && self.min_id.is_none()
    }
}

/// A small button: the token, and where to go afterwards.
#[derive(Debug, Deserialize)]
struct Button {
    csrf: String,
    #[serde(default)]
    next: String,
}
