//! An app asks for access: the page on which a person agrees or not (RFC 6749, 4.1).

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;
use corridor_app::oauth::{self, AuthorizeRequest, AuthorizeView, OAuthError, OUT_OF_BAND};
use corridor_domain::scope::Scopes;
use serde::Deserialize;
use url::Url;

use super::html;
use crate::error::{PageError, PageResult, Why};
use crate::session::Member;
use crate::views::{Hidden, Nav, OauthAuthorizePage, OauthCodePage};
use crate::words::{Language, key};

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/oauth/authorize").route(web::get().to(ask)).route(web::post().to(decide)));
}

/// What an app sends a person with. Parameters that are not known here are ignored.
#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    code_challenge: String,
    #[serde(default)]
    code_challenge_method: String,
}

impl Asked {
    fn request(&self) -> Result<AuthorizeRequest, PageError> {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty() && text != "None");
        if self.response_type != "code" {
            return Err(PageError::new(400, key("app-not-code")));
        }
        let scopes: Option<Scopes> = match given(&self.scope) {
            Some(scope) => Some(scope.parse().map_err(|_| refused(&OAuthError::InvalidScope))?),
            None => None,
        };
        Ok(AuthorizeRequest {
            client_id: self.client_id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            scopes,
            challenge: given(&self.code_challenge),
            challenge_method: given(&self.code_challenge_method),
        })
    }

    fn hidden(&self) -> Vec<Hidden> {
        let fields = [
            ("response_type", &self.response_type),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", &self.state),
            ("code_challenge", &self.code_challenge),
            ("code_challenge_method", &self.code_challenge_method),
        ];
        fields.iter().map(|(name, value)| Hidden { name: (*name).to_owned(), value: (*value).clone() }).collect()
    }
}

/// What is not right is said here: an address that was not registered must not be gone to.
fn refused(error: &OAuthError) -> PageError {
    match error {
        OAuthError::Unavailable(_) => PageError::new(503, Why::Unsaid),
        other => PageError::new(400, format!("The app can't be let in: {other}.")),
    }
}

async fn ask(member: Member, asked: web::Query<Asked>) -> PageResult {
    let request = asked.request()?;
    let view = oauth::check_authorize(member.ctx(), &request).await.map_err(|error| refused(&error))?;
    let page = OauthAuthorizePage {
        frame: member.frame(Nav::Elsewhere).await,
        action: "/oauth/authorize".to_owned(),
        hidden: asked.hidden(),
        app: view.app_name.clone(),
        site: view.website.as_deref().and_then(host_of).unwrap_or_default(),
        allows: in_words(&view.scopes, member.visit.language),
        goes_to: if view.redirect_uri == OUT_OF_BAND { String::new() } else { place_of(&member, &view.redirect_uri) },
    };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_SECURITY_POLICY, policy(&view)));
    Ok(answer.content_type("text/html; charset=utf-8").body(page.render()?))
}

/// Browsers hold the redirect after a form against `form-action` too, so this page names where it leads.
fn policy(view: &AuthorizeView) -> String {
    let beyond = match Url::parse(&view.redirect_uri) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => format!(" {}", url.origin().ascii_serialization()),
        Ok(url) if view.redirect_uri != OUT_OF_BAND => format!(" {}:", url.scheme()),
        _ => String::new(),
    };
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'{beyond}; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

pub(super) fn host_of(site: &str) -> Option<String> {
    Url::parse(site).ok()?.host_str().map(str::to_owned)
}

fn place_of(member: &Member, redirect: &str) -> String {
    host_of(redirect).unwrap_or_else(|| member.say("the-app").into())
}

/// What scopes allow, in words.
pub(super) fn in_words(scopes: &Scopes, language: Language) -> Vec<String> {
    let words = |scope: &str| {
        language.say_key(match scope {
            "read" => key("scope-read"),
            "write" => key("scope-write"),
            "follow" => key("scope-follow"),
            "push" => key("scope-push"),
            "profile" => key("scope-profile"),
            scope if scope.starts_with("admin:") => key("scope-admin"),
            scope if scope.starts_with("read:") => key("scope-read-part"),
            _ => key("scope-write-part"),
        })
    };
    let mut lines: Vec<String> = Vec::new();
    for scope in scopes.iter() {
        let line = match scope.split_once(':') {
            Some((_, part)) if !scope.starts_with("admin:") => format!("{}: {part}", words(scope)),
            _ => words(scope).into(),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

#[derive(Debug, Deserialize)]
struct Decision {
    csrf: String,
    #[serde(default)]
    decision: String,
    #[serde(flatten)]
    asked: Asked,
}

async fn decide(member: Member, form: web::Form<Decision>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let asked = &form.asked;
    let request = asked.request()?;
    let view = oauth::check_authorize(member.ctx(), &request).await.map_err(|error| refused(&error))?;
    if form.decision != "approve" {
        let error = OAuthError::AccessDenied;
        return leave(&view, &[("error", error.code()), ("error_description", &error.to_string())], &asked.state);
    }
    let code = oauth::issue_code(member.ctx(), &member.viewer, &request).await.map_err(|error| refused(&error))?;
    if view.redirect_uri == OUT_OF_BAND {
        let frame = member.frame(Nav::Elsewhere).await;
        return html(&OauthCodePage { frame, app: view.app_name, code });
    }
    leave(&view, &[("code", &code)], &asked.state)
}

/// Goes back to the app, with what it is told.
fn leave(view: &AuthorizeView, told: &[(&str, &str)], state: &str) -> PageResult {
    if view.redirect_uri == OUT_OF_BAND {
        return super::go_to("/");
    }
    let mut url = Url::parse(&view.redirect_uri).map_err(|_| PageError::new(400, key("app-address")))?;
    {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(told);
        if !state.is_empty() {
            query.append_pair("state", state);
        }
    }
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, url.as_str())).finish())
}
