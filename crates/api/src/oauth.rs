//! OAuth 2 for applications: registration, tokens, revocation, and the well-known document.
//!
//! The page on which a person agrees is served by `web`, which knows who is signed in.

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use corridor_app::oauth::{self, CodeExchange, NewApp, OAuthError};
use corridor_app::people;
use corridor_domain::scope::Scopes;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::auth::{Person, Token};
use crate::body::{Params, list, text};
use crate::entities::{self, Application, CredentialApplication, Empty, ServerMetadata, UserInfo};
use crate::error::ApiResult;
use crate::profile::known;
use crate::routes::{Routes, says};
use crate::{Api, ApiError};
use crate::{cors, rates};

/// The routes below `/api`.
pub(crate) fn app_routes() -> Routes {
    Routes::of("Apps and OAuth")
        .post(
            "/v1/apps",
            register,
            says("Registers a program")
                .open()
                .takes::<AppParams>()
                .requires(&["client_name", "redirect_uris"])
                .gives::<CredentialApplication>(),
        )
        .get("/v1/apps/verify_credentials", verify_app, says("The program behind a token").gives::<Application>())
}

/// What the routes at the root do, which [`mount`] mounts.
pub(crate) fn routes() -> Routes {
    let who = || says("Who the caller is").needs("profile").gives::<UserInfo>();
    Routes::of("Apps and OAuth")
        .elsewhere(
            Method::POST,
            "/oauth/token",
            says("Gives a token")
                .open()
                .takes::<TokenParams>()
                .requires(&["grant_type"])
                .gives::<entities::Token>()
                .fails(&[401]),
        )
        .elsewhere(
            Method::POST,
            "/oauth/revoke",
            says("Ends a token").open().takes::<RevokeParams>().requires(&["token"]).done().fails(&[401]),
        )
        .elsewhere(Method::GET, "/oauth/userinfo", who())
        .elsewhere(Method::POST, "/oauth/userinfo", who())
        .elsewhere(
            Method::GET,
            "/.well-known/oauth-authorization-server",
            says("How to get a token").open().gives::<ServerMetadata>(),
        )
}

/// Mounts the routes at the root, which are counted and opened to other origins one by one.
pub(crate) fn mount(config: &mut web::ServiceConfig) {
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

#[derive(Debug, Deserialize, JsonSchema)]
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
    Ok(HttpResponse::Ok().json(CredentialApplication::of(app)))
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
    Ok(HttpResponse::Ok().json(Application::of(&auth)))
}

#[derive(Debug, Deserialize, JsonSchema)]
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
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(entities::Token::of(&issued)))
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

#[derive(Debug, Deserialize, JsonSchema)]
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
    Ok(HttpResponse::Ok().json(Empty {}))
}

/// Who somebody is, for programs that sign people in with their account here (OpenID Connect Core 1.0, 5.3).
async fn userinfo(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = known(&person)?;
    let me = people::show(&api.ctx, viewer, viewer.id).await?;
    Ok(HttpResponse::Ok().json(UserInfo::of(&me, &person.links(&api))))
}

/// RFC 8414. PKCE is listed, and not demanded: several stock clients don't know it.
async fn well_known(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(ServerMetadata::of(&api.ctx.settings.addresses))
}
