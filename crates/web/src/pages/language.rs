//! The switch between the languages of the pages. Whoever is signed in keeps the choice in all their browsers.
//!
//! A form that is sent by `POST`, not a link: a link that changes something would be followed by whatever looks ahead,
//! and by any page that leads here. Whoever is not signed in needs no token: their form sets one cookie of two values.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use corridor_app::accounts;
use serde::Deserialize;

use crate::error::{PageError, PageResult};
use crate::session::{Visit, language_cookie, local_path};
use crate::words::{Language, key};

/// Mounts the route.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/language", web::post().to(switch));
}

#[derive(Deserialize)]
struct SwitchForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    back: String,
}

async fn switch(visit: Visit, form: web::Form<SwitchForm>) -> PageResult {
    let language = Language::ALL.into_iter().find(|language| language.tag() == form.to);
    let language = language.ok_or_else(|| PageError::new(400, key("no-such-language")))?;
    if let Some(session) = &visit.session {
        visit.demand_own_form(&form.csrf)?;
        accounts::choose_pages_language(visit.ctx(), &session.viewer, language.tag()).await?;
    }
    Ok(HttpResponse::SeeOther()
        .cookie(language_cookie(&visit.web, language))
        .insert_header((header::LOCATION, local_path(&form.back)))
        .finish())
}
