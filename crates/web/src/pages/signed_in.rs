//! Where the reader is signed in, and the end of it: browsers and applications.

use actix_web::web;
use corridor_app::{oauth, sessions};
use corridor_domain::{AppId, SessionId};
use serde::Deserialize;

use super::oauth::{host_of, in_words};
use super::{go_to, html};
use crate::error::{PageError, PageResult};
use crate::session::Member;
use crate::show::moment;
use crate::views::{AllowedApp, Nav, SignedInBrowser, SignedInPage};
use crate::words::key;

const PATH: &str = "/signed-in";

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route(PATH, web::get().to(page))
        .route("/signed-in/browser", web::post().to(sign_out))
        .route("/signed-in/app", web::post().to(remove));
}

async fn page(member: Member) -> PageResult {
    let (ctx, language) = (member.ctx(), member.visit.language);
    let this = member.visit.session_id();
    let browsers = sessions::list(ctx, &member.viewer).await?.into_iter().map(|session| SignedInBrowser {
        id: session.id.to_string(),
        name: session.user_agent,
        since: moment(session.created_at, language),
        seen: moment(session.seen_at, language),
        is_this: this == Some(session.id),
    });
    let apps = oauth::permissions(ctx, &member.viewer).await?.into_iter().map(|app| AllowedApp {
        id: app.app_id.to_string(),
        name: app.name,
        site: app.website.as_deref().and_then(host_of).unwrap_or_default(),
        allows: in_words(&app.scopes, language),
        since: moment(app.since, language),
    });
    let (browsers, apps) = (browsers.collect(), apps.collect());
    html(&SignedInPage { frame: member.frame(Nav::Profile).await, browsers, apps })
}

#[derive(Deserialize)]
struct Which {
    csrf: String,
    #[serde(default)]
    id: String,
}

impl Which {
    /// The number, once the form is known to be ours.
    fn of(&self, member: &Member) -> Result<i64, PageError> {
        member.visit.demand_own_form(&self.csrf)?;
        self.id.parse().map_err(|_| PageError::new(404, key("not-signed-in-any-more")))
    }
}

async fn sign_out(member: Member, form: web::Form<Which>) -> PageResult {
    sessions::revoke(member.ctx(), &member.viewer, SessionId::new(form.of(&member)?)).await?;
    go_to(PATH)
}

async fn remove(member: Member, form: web::Form<Which>) -> PageResult {
    oauth::end_permission(member.ctx(), &member.viewer, AppId::new(form.of(&member)?)).await?;
    go_to(PATH)
}
