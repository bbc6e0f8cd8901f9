//! OAuth 2 for applications: registration, the code that a person agrees to, tokens and their end.
//!
//! RFC 6749 with the habits of Mastodon's clients: confidential clients only, PKCE (RFC 7636, S256) supported
//! and not demanded, the out-of-band redirect allowed.

mod permissions;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use corridor_domain::scope::Scopes;
use corridor_domain::text::clean_line;
use corridor_domain::{ActorId, AppId, Role, Timestamp, TokenId};
use corridor_store::accounts;
use corridor_store::oauth::{self, AppRow, CodeRow, TokenPerson, TokenRow};
use openssl::memcmp;
use url::Url;

pub use self::permissions::{Permission, end_permission, permissions};
use crate::{AppView, Ctx, Error, Result, Viewer, secrets};

/// The redirect that shows the code on a page.
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";
/// A code must be used within this time.
const CODE_LIFE: Duration = Duration::from_secs(60);
const NAME_CHARS: usize = 60;
const REDIRECTS: usize = 10;
const URI_BYTES: usize = 2000;

/// An error that OAuth has a code for.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// Unknown client, or its secret is wrong.
    #[error("the client is not known, or its secret is not right")]
    InvalidClient,
    /// The code or its redirect or verifier is not right.
    #[error("the authorization code is not valid any more, or not for this client")]
    InvalidGrant,
    /// A scope that does not exist or was not registered.
    #[error("the scopes asked for are not known, or more than the application registered")]
    InvalidScope,
    /// Something is missing or makes no sense.
    #[error("{0}")]
    InvalidRequest(String),
    /// Only codes and client credentials are taken.
    #[error("this grant type is not supported: use authorization_code or client_credentials")]
    UnsupportedGrantType,
    /// The person said no.
    #[error("the person did not agree")]
    AccessDenied,
    /// The store can't answer now.
    #[error("the service can't answer now")]
    Unavailable(#[source] Box<Error>),
}

impl OAuthError {
    /// The code of RFC 6749.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidRequest(_) => "invalid_request",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::AccessDenied => "access_denied",
            Self::Unavailable(_) => "temporarily_unavailable",
        }
    }
}

impl From<Error> for OAuthError {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(reason) => Self::InvalidRequest(reason),
            other => Self::Unavailable(Box::new(other)),
        }
    }
}

impl From<corridor_store::Error> for OAuthError {
    fn from(error: corridor_store::Error) -> Self {
        Error::from(error).into()
    }
}

/// An application that registers.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// As people know it.
    pub name: String,
    /// Where codes may be sent, compared letter by letter.
    pub redirect_uris: Vec<String>,
    /// What it may ask for.
    pub scopes: Scopes,
    /// Its site.
    pub website: Option<String>,
}

/// An application that is registered; the secret is told once.
#[derive(Debug)]
pub struct RegisteredApp {
    /// Its number.
    pub id: AppId,
    /// Public identifier.
    pub client_id: String,
    /// Only its hash is kept here.
    pub client_secret: String,
    /// As people know it.
    pub name: String,
    /// Its site.
    pub website: Option<String>,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// What it may ask for.
    pub scopes: Scopes,
}

/// What an application asks a person for.
#[derive(Debug, Clone)]
pub struct AuthorizeRequest {
    /// Public identifier.
    pub client_id: String,
    /// Where the code is to be sent.
    pub redirect_uri: String,
    /// What is asked for; `read` when nothing is said.
    pub scopes: Option<Scopes>,
    /// PKCE challenge.
    pub challenge: Option<String>,
    /// Its method; only `S256` is taken.
    pub challenge_method: Option<String>,
}

/// What the page shows before a person agrees.
#[derive(Debug, Clone)]
pub struct AuthorizeView {
    /// The application.
    pub app_id: AppId,
    /// As people know it.
    pub app_name: String,
    /// Its site.
    pub website: Option<String>,
    /// What is asked for.
    pub scopes: Scopes,
    /// Where the code will be sent.
    pub redirect_uri: String,
}

/// A code to be exchanged.
#[derive(Debug, Clone)]
pub struct CodeExchange {
    /// Public identifier.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The code.
    pub code: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// PKCE verifier.
    pub verifier: Option<String>,
    /// Scopes named once more; they must not be more.
    pub scopes: Option<Scopes>,
}

/// A token that was given; it is told once.
#[derive(Debug)]
pub struct IssuedToken {
    /// The bearer token.
    pub access_token: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was given.
    pub created_at: Timestamp,
}

/// Who stands behind a token.
#[derive(Debug, Clone)]
pub struct Auth {
    /// The token.
    pub token_id: TokenId,
    /// The person; `None` for the application itself.
    pub viewer: Option<Viewer>,
    /// The application.
    pub app_id: AppId,
    /// As others are shown it.
    pub app: AppView,
    /// What the token may do.
    pub scopes: Scopes,
}

type OAuthResult<T> = Result<T, OAuthError>;

/// Registers an application.
///
/// # Errors
/// [`Error::Invalid`] for a missing name or a redirect that is none.
pub async fn register_app(ctx: &Ctx, new: NewApp) -> Result<RegisteredApp> {
    let name: String = clean_line(&new.name).chars().take(NAME_CHARS).collect();
    if name.is_empty() {
        return Err(Error::invalid("“client_name” can't be blank"));
    }
    if new.redirect_uris.is_empty() || new.redirect_uris.len() > REDIRECTS {
        return Err(Error::invalid(format!("“redirect_uris” must name 1 to {REDIRECTS} addresses")));
    }
    for uri in &new.redirect_uris {
        demand_redirect(uri)?;
    }
    let website = new.website.map(|site| clean_line(&site)).filter(|site| !site.is_empty() && site.len() <= URI_BYTES);
    let (client_id, client_secret) = (secrets::token()?, secrets::token()?);
    let scopes = asked_for(Some(new.scopes));
    let mut row = AppRow {
        id: 0,
        client_id: client_id.clone(),
        secret_hash: secrets::hash(&client_secret),
        name: name.clone(),
        website: website.clone(),
        redirect_uris: new.redirect_uris.join("\n"),
        scopes: scopes.to_string(),
        created_at: 0,
    };
    let id = ctx
        .store
        .write(move |tx| {
            row.id = tx.new_id();
            row.created_at = tx.now().millis();
            oauth::insert_app(tx, &row)?;
            Ok::<_, Error>(AppId::new(row.id))
        })
        .await?;
    let redirect_uris = new.redirect_uris;
    Ok(RegisteredApp { id, client_id, client_secret, name, website, redirect_uris, scopes })
}

fn demand_redirect(uri: &str) -> Result<()> {
    if uri == OUT_OF_BAND {
        return Ok(());
    }
    let wrong =
        || Error::invalid(format!("“{}” is not an address to redirect to", uri.chars().take(80).collect::<String>()));
    if uri.len() > URI_BYTES || uri.contains(char::is_control) {
        return Err(wrong());
    }
    let url = Url::parse(uri).map_err(|_| wrong())?;
    let dangerous = matches!(url.scheme(), "javascript" | "data" | "vbscript" | "file" | "blob" | "about");
    if dangerous || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    Ok(())
}

/// Checks what an application asks for, before a person is asked. Nothing is sent to a redirect that fails here.
///
/// # Errors
/// See [`OAuthError`].
pub async fn check_authorize(ctx: &Ctx, request: &AuthorizeRequest) -> OAuthResult<AuthorizeView> {
    let client_id = request.client_id.clone();
    let app: Option<AppRow> = ctx.store.read(move |tx| Ok::<_, OAuthError>(oauth::find_app(tx, &client_id)?)).await?;
    let app = app.ok_or(OAuthError::InvalidClient)?;
    if !app.redirect_uris.lines().any(|uri| uri == request.redirect_uri) {
        return Err(OAuthError::InvalidRequest(
            "the redirect address is not one that the application registered".into(),
        ));
    }
    match (&request.challenge, request.challenge_method.as_deref()) {
        (None, None | Some("")) => {}
        (Some(challenge), Some("S256")) if is_challenge(challenge) => {}
        _ => return Err(OAuthError::InvalidRequest("only the challenge method S256 is supported".into())),
    }
    let scopes = asked_for(request.scopes.clone());
    if !scopes.is_subset_of(&registered(&app)) {
        return Err(OAuthError::InvalidScope);
    }
    Ok(AuthorizeView {
        app_id: AppId::new(app.id),
        app_name: app.name,
        website: app.website,
        scopes,
        redirect_uri: request.redirect_uri.clone(),
    })
}

/// Who asks for nothing gets `read`.
fn asked_for(scopes: Option<Scopes>) -> Scopes {
    scopes.filter(|scopes| !scopes.is_empty()).unwrap_or_else(Scopes::read)
}

/// A SHA-256 in URL-safe letters.
fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn registered(app: &AppRow) -> Scopes {
    app.scopes.parse().unwrap_or_default()
}

/// The person agrees: a code for the application, good for a minute and one use.
///
/// # Errors
/// See [`OAuthError`].
pub async fn issue_code(ctx: &Ctx, viewer: &Viewer, request: &AuthorizeRequest) -> OAuthResult<String> {
    let checked = check_authorize(ctx, request).await?;
    let code = secrets::token()?;
    let person = viewer.id;
    let mut row = CodeRow {
        code_hash: secrets::hash(&code),
        app_id: checked.app_id.raw(),
        actor_id: viewer.id.raw(),
        redirect_uri: checked.redirect_uri,
        scopes: checked.scopes.to_string(),
        challenge: request.challenge.clone(),
        ends_at: 0,
        used_at: None,
    };
    ctx.store
        .write(move |tx| {
            let account = accounts::hold(tx, person)?;
            // Whoever made the password may know it, so that it lets no application in.
            if account.disabled_at.is_some() || account.must_change_password {
                return Err(OAuthError::AccessDenied);
            }
            row.ends_at = (tx.now() + CODE_LIFE).millis();
            Ok::<_, OAuthError>(oauth::insert_code(tx, &row)?)
        })
        .await?;
    Ok(code)
}

/// Exchanges a code for a token. A second use ends the tokens of the first: one of the two users stole it.
///
/// # Errors
/// See [`OAuthError`].
pub async fn exchange_code(ctx: &Ctx, exchange: CodeExchange) -> OAuthResult<IssuedToken> {
    let access_token = secrets::token()?;
    let token_hash = secrets::hash(&access_token);
    let outcome = ctx
        .store
        .write(move |tx| {
            let app = known_client(oauth::find_app(tx, &exchange.client_id)?, &exchange.client_secret)?;
            let code_hash = secrets::hash(&exchange.code);
            let Some(code) = oauth::find_code(tx, &code_hash)? else { return Err(OAuthError::InvalidGrant) };
            if code.app_id != app.id {
                return Err(OAuthError::InvalidGrant);
            }
            if code.used_at.is_some() || !oauth::use_code(tx, &code_hash)? {
                oauth::revoke_of_code(tx, &code_hash)?;
                // The revocation must stay, so this is no error of the transaction.
                return Ok(None);
            }
            let scopes: Scopes = code.scopes.parse().unwrap_or_default();
            let fits = code.redirect_uri == exchange.redirect_uri
                && code.ends_at > tx.now().millis()
                && verifier_fits(code.challenge.as_deref(), exchange.verifier.as_deref());
            if !fits {
                // A used-up code can't be guessed at again.
                return Ok(None);
            }
            if exchange.scopes.as_ref().is_some_and(|asked| !asked.is_subset_of(&scopes)) {
                return Err(OAuthError::InvalidScope);
            }
            let row = TokenRow {
                id: tx.new_id(),
                token_hash: token_hash.clone(),
                app_id: app.id,
                actor_id: Some(code.actor_id),
                scopes: code.scopes.clone(),
                code_hash: Some(code_hash),
                created_at: tx.now().millis(),
                revoked_at: None,
            };
            oauth::insert_token(tx, &row)?;
            Ok(Some((scopes, tx.now())))
        })
        .await?;
    let (scopes, created_at) = outcome.ok_or(OAuthError::InvalidGrant)?;
    Ok(IssuedToken { access_token, scopes, created_at })
}

fn known_client(app: Option<AppRow>, secret: &str) -> OAuthResult<AppRow> {
    let app = app.ok_or(OAuthError::InvalidClient)?;
    let given = secrets::hash(secret);
    let same = given.len() == app.secret_hash.len() && memcmp::eq(given.as_bytes(), app.secret_hash.as_bytes());
    if same { Ok(app) } else { Err(OAuthError::InvalidClient) }
}

fn verifier_fits(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier.filter(|verifier| !verifier.is_empty())) {
        (None, None) => true,
        // Somebody took the challenge out on its way to the person (RFC 9700, section 4.8).
        (None, Some(_)) => false,
        (Some(challenge), Some(verifier)) => {
            URL_SAFE_NO_PAD.encode(openssl::sha::sha256(verifier.as_bytes())) == challenge
        }
        (Some(_), None) => false,
    }
}

/// A token for the application itself.
///
/// # Errors
/// See [`OAuthError`].
pub async fn client_credentials(
    ctx: &Ctx,
    client_id: &str,
    client_secret: &str,
    redirect_uri: Option<String>,
    scopes: Option<Scopes>,
) -> OAuthResult<IssuedToken> {
    let (client_id, client_secret) = (client_id.to_owned(), client_secret.to_owned());
    let access_token = secrets::token()?;
    let token_hash = secrets::hash(&access_token);
    let scopes = asked_for(scopes);
    let asked = scopes.clone();
    let created_at = ctx
        .store
        .write(move |tx| {
            let app = known_client(oauth::find_app(tx, &client_id)?, &client_secret)?;
            let redirect = redirect_uri.as_deref().filter(|uri| !uri.is_empty());
            if redirect.is_some_and(|uri| !app.redirect_uris.lines().any(|known| known == uri)) {
                return Err(OAuthError::InvalidRequest("the redirect address was not registered".into()));
            }
            if !asked.is_subset_of(&registered(&app)) {
                return Err(OAuthError::InvalidScope);
            }
            let row = TokenRow {
                id: tx.new_id(),
                token_hash: token_hash.clone(),
                app_id: app.id,
                actor_id: None,
                scopes: asked.to_string(),
                code_hash: None,
                created_at: tx.now().millis(),
                revoked_at: None,
            };
            oauth::insert_token(tx, &row)?;
            Ok(tx.now())
        })
        .await?;
    Ok(IssuedToken { access_token, scopes, created_at })
}

/// Ends a token of the calling application (RFC 7009): one that is unknown or ended already is fine.
///
/// # Errors
/// [`OAuthError::InvalidClient`], or [`OAuthError::AccessDenied`] for another application's token.
pub async fn revoke(ctx: &Ctx, client_id: &str, client_secret: &str, token: &str) -> OAuthResult<()> {
    let (client_id, client_secret) = (client_id.to_owned(), client_secret.to_owned());
    let hash = secrets::hash(token);
    ctx.store
        .write(move |tx| {
            let app = known_client(oauth::find_app(tx, &client_id)?, &client_secret)?;
            let Some(token) = oauth::find_token(tx, &hash)? else { return Ok(()) };
            if token.app_id != app.id {
                return Err(OAuthError::AccessDenied);
            }
            Ok(oauth::revoke_token(tx, TokenId::new(token.id))?)
        })
        .await
}

/// Who stands behind a bearer token. Asked anew at each request, so that an ended token is ended at once.
///
/// # Errors
/// [`Error::Unauthenticated`] when it does not count (any more).
pub async fn authenticate(ctx: &Ctx, token: &str) -> Result<Auth> {
    let hash = secrets::hash(token);
    let found = ctx.store.read(move |tx| Ok::<_, Error>(oauth::find_active_token(tx, &hash)?)).await?;
    Ok(Auth::of(found.ok_or(INVALID)?))
}

/// Who may do what with the token of a number, for whoever has proven otherwise that it was given to them.
///
/// # Errors
/// [`Error::Unauthenticated`] when it does not count.
pub(crate) async fn authenticate_by_id(ctx: &Ctx, token: TokenId) -> Result<Auth> {
    let found = ctx
        .store
        .read(move |tx| {
            let Some(hash) = oauth::hash_of(tx, token)? else { return Ok::<_, Error>(None) };
            Ok(oauth::find_active_token(tx, &hash)?)
        })
        .await?;
    Ok(Auth::of(found.ok_or(INVALID)?))
}

const INVALID: Error = Error::Unauthenticated("The access token is invalid");

impl Auth {
    fn of((token, app, person): (TokenRow, AppRow, Option<TokenPerson>)) -> Self {
        let viewer = match (token.actor_id, person) {
            (Some(id), Some(person)) => {
                Some(Viewer { id: ActorId::new(id), username: person.username, role: Role::from_code(person.role) })
            }
            _ => None,
        };
        Self {
            token_id: TokenId::new(token.id),
            viewer,
            app_id: AppId::new(app.id),
            app: AppView { name: app.name, website: app.website },
            scopes: token.scopes.parse().unwrap_or_default(),
        }
    }

    /// The person behind the token, if it may read posts: then it may read what is in them.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when it may not.
    pub fn reader(self) -> Result<Viewer> {
        let reads = self.scopes.covers("read:statuses");
        self.viewer.filter(|_| reads).ok_or_else(|| Error::forbidden("the token may not read posts"))
    }
}

#[cfg(test)]
mod tests;
