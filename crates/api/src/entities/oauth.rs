//! What programs are told about themselves, their tokens, and who stands behind them.

use corridor_app::media::Links;
use corridor_app::oauth::{Auth, IssuedToken, RegisteredApp};
use corridor_app::{Addresses, PersonView};
use corridor_domain::scope::Scopes;
use schemars::JsonSchema;
use serde::Serialize;

use super::avatar;

/// <https://docs.joinmastodon.org/entities/Application/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Application {
    id: String,
    name: String,
    website: Option<String>,
    scopes: Vec<String>,
    redirect_uris: Vec<String>,
    redirect_uri: String,
    /// Empty: nothing is pushed.
    vapid_key: &'static str,
}

/// <https://docs.joinmastodon.org/entities/CredentialApplication/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CredentialApplication {
    #[serde(flatten)]
    application: Application,
    client_id: String,
    client_secret: String,
    /// Zero: it does not expire.
    client_secret_expires_at: i64,
}

fn words(scopes: &Scopes) -> Vec<String> {
    scopes.to_string().split(' ').map(str::to_owned).collect()
}

impl Application {
    /// The program behind a token. Where it is sent back to is told to itself alone, when it registers.
    #[must_use]
    pub fn of(auth: &Auth) -> Self {
        Self {
            id: auth.app_id.to_string(),
            name: auth.app.name.clone(),
            website: auth.app.website.clone(),
            scopes: words(&auth.scopes),
            redirect_uris: Vec::new(),
            redirect_uri: String::new(),
            vapid_key: "",
        }
    }
}

impl CredentialApplication {
    /// A program that has just registered.
    #[must_use]
    pub fn of(app: RegisteredApp) -> Self {
        let application = Application {
            id: app.id.to_string(),
            name: app.name,
            website: app.website,
            scopes: words(&app.scopes),
            redirect_uri: app.redirect_uris.join("\n"),
            redirect_uris: app.redirect_uris,
            vapid_key: "",
        };
        Self { application, client_id: app.client_id, client_secret: app.client_secret, client_secret_expires_at: 0 }
    }
}

/// <https://docs.joinmastodon.org/entities/Token/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Token {
    access_token: String,
    token_type: &'static str,
    scope: String,
    /// Seconds since 1970.
    created_at: i64,
}

impl Token {
    /// A token that was just given.
    #[must_use]
    pub fn of(issued: &IssuedToken) -> Self {
        Self {
            access_token: issued.access_token.clone(),
            token_type: "Bearer",
            scope: issued.scopes.to_string(),
            created_at: issued.created_at.seconds(),
        }
    }
}

/// Who somebody is, for programs that sign people in (OpenID Connect Core 1.0, 5.3).
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UserInfo {
    iss: String,
    sub: String,
    name: String,
    preferred_username: String,
    profile: String,
    picture: String,
}

impl UserInfo {
    /// The person behind a token.
    #[must_use]
    pub fn of(person: &PersonView, links: &Links) -> Self {
        Self {
            iss: links.addresses.staff_url("/"),
            sub: person.uri.clone(),
            name: person.display_name.clone(),
            preferred_username: person.username.clone(),
            profile: person.url.clone(),
            picture: avatar(person, links),
        }
    }
}

/// How to get a token here (RFC 8414).
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ServerMetadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    userinfo_endpoint: String,
    app_registration_endpoint: String,
    service_documentation: String,
    scopes_supported: &'static [&'static str],
    response_types_supported: &'static [&'static str],
    response_modes_supported: &'static [&'static str],
    /// PKCE is listed, and not demanded: several stock clients don't know it.
    code_challenge_methods_supported: &'static [&'static str],
    grant_types_supported: &'static [&'static str],
    token_endpoint_auth_methods_supported: &'static [&'static str],
}

impl ServerMetadata {
    /// This node's.
    #[must_use]
    pub fn of(addresses: &Addresses) -> Self {
        let url = |path| addresses.staff_url(path);
        Self {
            issuer: url("/"),
            authorization_endpoint: url("/oauth/authorize"),
            token_endpoint: url("/oauth/token"),
            revocation_endpoint: url("/oauth/revoke"),
            userinfo_endpoint: url("/oauth/userinfo"),
            app_registration_endpoint: url("/api/v1/apps"),
            service_documentation: url("/about"),
            scopes_supported: Scopes::ALL,
            response_types_supported: &["code"],
            response_modes_supported: &["query"],
            code_challenge_methods_supported: &["S256"],
            grant_types_supported: &["authorization_code", "client_credentials"],
            token_endpoint_auth_methods_supported: &["client_secret_basic", "client_secret_post"],
        }
    }
}
