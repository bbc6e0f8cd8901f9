//! OAuth 2 for applications: registration, tokens, revocation, and the well-known document.
//!
//! The page on which a person agrees is served by `web`, which knows who is signed in.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use corridor_app::oauth::{self, CodeExchange, IssuedToken, NewApp, OAuthError};
use corridor_app::people;
use corridor_domain::scope::Scopes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::auth::{Person, Token};
use crate::body::{Params, list, text};
use crate::entities::avatar;
use crate::error::ApiResult;
use crate::profile::known;
use crate::{Api, ApiError};
use crate::{cors, rates};

/// Mounts the routes below `/api`.
pub(crate) fn app_routes(config: &mut web::ServiceConfig) {
    config.route("/v1/apps", web::post().to(register)).route("/v1/apps/verify_credentials", web::get().to(verify_app));
}

/// Mounts the routes at the root.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    let open = || actix_web::middleware::from_fn(cors::allow);
    let limited = || actix_web::middleware::from_fn(rates::limit);
    config
        .service(web::resource("/oauth/token").wrap(limited()).wrap(open()).route(web::post().to(token)))
        .service(web::resource("/oauth/revoke").wrap(limited()).wrap(open()).route(web::post().to(revoke)))
        .service(
            web::resource("/oauth/userinfo")
                .wrap(limited())
                .wrap(open())
                .route(web::get().to(userinfo))
                .route(web::post().to(userinfo)),
        )
        .service(
            web::resource("/.well-known/oauth-authorization-server").wrap(open()).route(web::get().to(well_known)),
        );
}

#[derive(Debug, Deserialize)]
struct AppParams {
    #[serde(default, deserialize_with = "text")]
    client_name: Option<String>,
    #[serde(default, deserialize_with = "list")]
    redirect_uris: Vec<String>,
    #[serde(default, deserialize_with = "text")]
    scopes: Option<String>,
    #[serde(default, deserialize_with = "text")]
    website: Option<String>,
}

async fn register(api: web::Data<Api>, params: Params<AppParams>) -> ApiResult {
    let Params(params) = params;
    let redirect_uris: Vec<String> =
        params.redirect_uris.iter().flat_map(|uris| uris.split_whitespace()).map(str::to_owned).collect();
    let app = oauth::register_app(
        &api.ctx,
        NewApp {
            name: params.client_name.unwrap_or_default(),
            redirect_uris,
            scopes: scopes(params.scopes.as_deref())?.unwrap_or_else(Scopes::read),
            website: params.website.filter(|website| !website.is_empty() && website != "None"),
        },
    )
    .await?;
    Ok(HttpResponse::Ok().json(json!({
        "id": app.id.to_string(),
        "name": app.name,
        "website": app.website,
        "scopes": app.scopes.to_string().split(' ').collect::<Vec<_>>(),
        "redirect_uri": app.redirect_uris.join("\n"),
        "redirect_uris": app.redirect_uris,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "client_secret_expires_at": 0,
        "vapid_key": "",
    })))
}

/// Reads scopes; an unknown one is refused by name.
fn scopes(text: Option<&str>) -> Result<Option<Scopes>, ApiError> {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| ApiError::OAuth(OAuthError::InvalidScope))
}

async fn verify_app(api: web::Data<Api>, token: Token) -> ApiResult {
    token.needs("read").or_else(|_| token.needs("profile"))?;
    let auth = token.0;
    tracing::debug!(app.id = %auth.app_id, "an application verified itself on {}", api.url("/"));
    Ok(HttpResponse::Ok().json(json!({
        "id": auth.app_id.to_string(),
        "name": auth.app.name,
        "website": auth.app.website,
        "scopes": auth.scopes.to_string().split(' ').collect::<Vec<_>>(),
        "redirect_uris": [],
        "redirect_uri": "",
        "vapid_key": "",
    })))
}

#[derive(Debug, Deserialize)]
struct TokenParams {
    #[serde(default, deserialize_with = "text")]
    grant_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    client_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    client_secret: Option<String>,
    #[serde(default, deserialize_with = "text")]
    redirect_uri: Option<String>,
    #[serde(default, deserialize_with = "text")]
    code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    code_verifier: Option<String>,
    #[serde(default, deserialize_with = "text")]
    scope: Option<String>,
}

async fn token(api: web::Data<Api>, request: HttpRequest, params: Params<TokenParams>) -> ApiResult {
    let Params(params) = params;
    let (client_id, client_secret) = client(&request, params.client_id, params.client_secret)?;
    let scopes = scopes(params.scope.as_deref())?;
    let issued = match params.grant_type.as_deref() {
        Some("authorization_code") => {
            let missing = |what: &str| OAuthError::InvalidRequest(format!("“{what}” is missing"));
            let exchange = CodeExchange {
                client_id,
                client_secret,
                code: params.code.ok_or_else(|| missing("code"))?,
                redirect_uri: params.redirect_uri.ok_or_else(|| missing("redirect_uri"))?,
                verifier: params.code_verifier,
                scopes,
            };
            oauth::exchange_code(&api.ctx, exchange).await?
        }
        Some("client_credentials") => {
            oauth::client_credentials(&api.ctx, &client_id, &client_secret, params.redirect_uri, scopes).await?
        }
        _ => return Err(OAuthError::UnsupportedGrantType.into()),
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(token_entity(&issued)))
}

fn token_entity(issued: &IssuedToken) -> Value {
    json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "scope": issued.scopes.to_string(),
        "created_at": issued.created_at.seconds(),
    })
}

/// The client's credentials, from the body or from HTTP Basic (RFC 6749, 2.3.1).
fn client(request: &HttpRequest, id: Option<String>, secret: Option<String>) -> Result<(String, String), OAuthError> {
    if let (Some(id), Some(secret)) = (id, secret) {
        return Ok((id, secret));
    }
    let basic = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|encoded| base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok())
        .and_then(|decoded| String::from_utf8(decoded).ok());
    match basic.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((id, secret)) => Ok((id.to_owned(), secret.to_owned())),
        None => Err(OAuthError::InvalidClient),
    }
}

#[derive(Debug, Deserialize)]
struct RevokeParams {
    #[serde(default, deserialize_with = "text")]
    client_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    client_secret: Option<String>,
    #[serde(default, deserialize_with = "text")]
    token: Option<String>,
}

async fn revoke(api: web::Data<Api>, request: HttpRequest, params: Params<RevokeParams>) -> ApiResult {
    let Params(params) = params;
    let (client_id, client_secret) = client(&request, params.client_id, params.client_secret)?;
    let token = params.token.ok_or_else(|| OAuthError::InvalidRequest("“token” is missing".to_owned()))?;
    oauth::revoke(&api.ctx, &client_id, &client_secret, &token).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}

/// Who somebody is, for programs that sign people in with their account here (OpenID Connect Core 1.0, 5.3).
async fn userinfo(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = known(&person)?;
    let me = people::show(&api.ctx, viewer, viewer.id).await?;
    Ok(HttpResponse::Ok().json(json!({
        "iss": api.url("/"),
        "sub": me.uri,
        "name": me.display_name,
        "preferred_username": me.username,
        "profile": me.url,
        "picture": avatar(&me, &person.links(&api)),
    })))
}

/// RFC 8414. PKCE is listed, and not demanded: several stock clients don't know it.
async fn well_known(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "issuer": api.url("/"),
        "authorization_endpoint": api.url("/oauth/authorize"),
        "token_endpoint": api.url("/oauth/token"),
        "revocation_endpoint": api.url("/oauth/revoke"),
        "userinfo_endpoint": api.url("/oauth/userinfo"),
        "app_registration_endpoint": api.url("/api/v1/apps"),
        "service_documentation": api.url("/about"),
        "scopes_supported": Scopes::ALL,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }))
}
