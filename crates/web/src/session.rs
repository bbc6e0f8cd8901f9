//! Who visits: the session cookie, and the proof that a form came from our own page.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use corridor_app::operator::Operator;
use corridor_app::sessions::Session;
use corridor_app::{Ctx, Viewer, notifications, sessions};
use corridor_domain::{Role, SessionId, network};
use url::Url;

use crate::Web;
use crate::error::PageError;
use crate::views::{Frame, FrameViewer, Nav};
use crate::words::{Language, Said, key};

/// For how long a browser keeps the language.
const LANGUAGE_KEPT: actix_web::cookie::time::Duration = actix_web::cookie::time::Duration::days(365);

/// A visitor, signed in or not.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// What the handlers share.
    pub web: web::Data<Web>,
    /// Who is signed in.
    pub session: Option<Session>,
    /// What the forms of this visitor carry.
    pub csrf: String,
    /// The value of a form cookie that must be set for `csrf` to hold.
    pub fresh_form_cookie: Option<String>,
    /// Path and query.
    pub here: String,
    /// Path and query of the page that can be opened again: of a form that was sent, the page on which it stood.
    pub back: String,
    /// The language of the pages.
    pub language: Language,
}

/// A visitor who is signed in, with a password of their own. Others are sent to the page where they get there.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// The visit.
    pub visit: Visit,
    /// Who.
    pub viewer: Viewer,
}

/// A [`Member`] who administers the node. Others are refused.
#[derive(Debug, Clone)]
pub(crate) struct Administrator {
    /// Who they are.
    pub member: Member,
    /// As the audit will tell it.
    pub operator: Operator,
}

impl Visit {
    /// The use cases.
    pub(crate) fn ctx(&self) -> &Ctx {
        &self.web.ctx
    }

    /// What stands around a page.
    pub(crate) async fn frame(&self, current: Nav) -> Frame {
        frame_of(&self.web, Some(self), self.language, current, &self.here).await
    }

    /// A text in the language of the pages. `key` is written out at the call, so that the tests find it.
    pub(crate) fn say(&self, key: &'static str) -> Said {
        Said::new(self.language, key)
    }

    /// Who is signed in, even if they have yet to choose a password.
    pub(crate) fn signed_in(&self) -> Result<Member, PageError> {
        match &self.session {
            Some(session) => Ok(Member { viewer: session.viewer.clone(), visit: self.clone() }),
            None => Err(PageError::SignInFirst(self.here.clone())),
        }
    }

    /// The number of the session, of who is signed in.
    pub(crate) fn session_id(&self) -> Option<SessionId> {
        self.session.as_ref().map(|session| session.id)
    }

    /// Whether nothing is open to them but choosing a password.
    pub(crate) fn must_choose_password(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.must_change_password)
    }

    /// Where the visitor comes from, as far as that is known to be true.
    pub(crate) fn address(&self, request: &HttpRequest) -> Option<IpAddr> {
        let forwarded = request.headers().get_all("x-forwarded-for").map(header::HeaderValue::as_bytes);
        let proxies = &self.ctx().settings.trusted_proxies;
        Some(network::client_address(request.peer_addr()?.ip(), forwarded, proxies))
    }

    /// Demands the token that our own pages put into their forms.
    pub(crate) fn demand_own_form(&self, csrf: &str) -> Result<(), PageError> {
        let same = csrf.len() == self.csrf.len() && openssl::memcmp::eq(csrf.as_bytes(), self.csrf.as_bytes());
        if same { Ok(()) } else { Err(PageError::new(403, key("form-not-ours"))) }
    }
}

impl Member {
    /// The use cases.
    pub(crate) fn ctx(&self) -> &Ctx {
        self.visit.ctx()
    }

    /// What stands around a page.
    pub(crate) async fn frame(&self, current: Nav) -> Frame {
        self.visit.frame(current).await
    }

    /// A text in the language of the pages. `key` is written out at the call, so that the tests find it.
    pub(crate) fn say(&self, key: &'static str) -> Said {
        Said::new(self.visit.language, key)
    }
}

/// What stands around a page. A store that can't answer costs the count of new notifications, not the page.
pub(crate) async fn frame_of(web: &Web, visit: Option<&Visit>, language: Language, current: Nav, here: &str) -> Frame {
    let department = web.ctx.settings.department.clone();
    let mut frame = Frame { language, department, here: here.to_owned(), current, ..Frame::default() };
    let Some(visit) = visit else { return frame };
    frame.csrf.clone_from(&visit.csrf);
    frame.back.clone_from(&visit.back);
    if let Some(session) = visit.session.as_ref().filter(|session| !session.must_change_password) {
        let viewer = &session.viewer;
        let unread = notifications::unread_count(&web.ctx, viewer).await.unwrap_or(0);
        let me = corridor_app::people::show(&web.ctx, viewer, viewer.id).await;
        frame.viewer = Some(FrameViewer {
            name: me.map_or_else(|_| viewer.username.clone(), |me| me.display_name),
            url: format!("/@{}", viewer.username),
            unread: u64::try_from(unread).unwrap_or(0),
            administrator: viewer.role == Role::Administrator,
        });
    }
    frame
}

/// The names of the cookies. On loopback they carry the port: cookies do not tell ports apart, and a
/// demonstration has three nodes on one address.
pub(crate) struct CookieNames {
    session: String,
    form: String,
    language: String,
    secure: bool,
}

impl CookieNames {
    fn of(web: &Web) -> Self {
        if web.settings.secure_cookies {
            // The prefix makes browsers refuse one that another host or an unencrypted page has set.
            return Self {
                session: "__Host-corridor".into(),
                form: "__Host-corridor-form".into(),
                language: "__Host-corridor-language".into(),
                secure: true,
            };
        }
        let port = web.ctx.settings.addresses.staff.port_or_known_default().unwrap_or(0);
        Self {
            session: format!("corridor-{port}"),
            form: format!("corridor-form-{port}"),
            language: format!("corridor-language-{port}"),
            secure: false,
        }
    }

    fn build(&self, name: &str, value: String) -> Cookie<'static> {
        Cookie::build(name.to_owned(), value)
            .path("/")
            .http_only(true)
            .secure(self.secure)
            // Lax, not Strict: a link in a mail must find its reader signed in.
            .same_site(SameSite::Lax)
            .finish()
    }
}

/// The cookie of a new session. It ends with the browser; the session itself ends sooner or later too.
pub(crate) fn session_cookie(web: &Web, token: String) -> Cookie<'static> {
    let names = CookieNames::of(web);
    names.build(&names.session, token)
}

/// The cookie that lets a visitor without a session send a form.
pub(crate) fn form_cookie(web: &Web, value: String) -> Cookie<'static> {
    let names = CookieNames::of(web);
    names.build(&names.form, value)
}

/// The cookie that keeps the language for whoever is not signed in.
pub(crate) fn language_cookie(web: &Web, language: Language) -> Cookie<'static> {
    let names = CookieNames::of(web);
    let mut cookie = names.build(&names.language, language.tag().to_owned());
    cookie.set_max_age(LANGUAGE_KEPT);
    cookie
}

/// The language of the pages: what the person has chosen, else what was chosen in this browser, else what the browser
/// asks for, else English.
pub(crate) fn language_of(web: &Web, request: &HttpRequest, session: Option<&Session>) -> Language {
    let kept = || Language::of_tag(request.cookie(&CookieNames::of(web).language)?.value());
    let asked = || Language::accepted(request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?);
    session
        .and_then(|session| Language::of_tag(&session.pages_language))
        .or_else(kept)
        .or_else(asked)
        .unwrap_or_default()
}

/// Takes a session cookie away.
pub(crate) fn end_cookie(web: &Web) -> Cookie<'static> {
    let mut cookie = session_cookie(web, String::new());
    cookie.make_removal();
    cookie
}

/// The access token that a client's request carries.
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= 200).then_some(token)
}

/// The session token that a request carries.
pub(crate) fn token_of(web: &Web, request: &HttpRequest) -> Option<String> {
    let value = request.cookie(&CookieNames::of(web).session)?.value().to_owned();
    (!value.is_empty() && value.len() <= 100).then_some(value)
}

impl FromRequest for Visit {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            if let Some(known) = request.extensions().get::<Self>() {
                return Ok(known.clone());
            }
            let visit = visit_of(&request).await?;
            request.extensions_mut().insert(visit.clone());
            Ok(visit)
        })
    }
}

impl FromRequest for Member {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visit = Visit::from_request(request, payload);
        Box::pin(async move {
            let visit = visit.await?;
            let member = visit.signed_in()?;
            if visit.must_choose_password() { Err(PageError::PasswordFirst(visit.here)) } else { Ok(member) }
        })
    }
}

impl FromRequest for Administrator {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let member = Member::from_request(request, payload);
        Box::pin(async move {
            let member = member.await?;
            let operator = Operator::Person(member.viewer.clone());
            operator.demand_administrator()?;
            Ok(Self { member, operator })
        })
    }
}

async fn visit_of(request: &HttpRequest) -> Result<Visit, PageError> {
    let web = request.app_data::<web::Data<Web>>().expect("every page has its Web").clone();
    demand_own_origin(&web, request)?;
    let session = match token_of(&web, request) {
        Some(token) => sessions::session(&web.ctx, &token).await?,
        None => None,
    };
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str()).to_owned();
    let (csrf, fresh_form_cookie) = match &session {
        Some(session) => (session.csrf.clone(), None),
        None => form_token(&web, request)?,
    };
    let language = language_of(&web, request, session.as_ref());
    let back = if request.method().is_safe() { here.clone() } else { form_page(&web, request) };
    Ok(Visit { web, session, csrf, fresh_form_cookie, here, back, language })
}

/// For a visitor without a session the token comes from a cookie of its own.
fn form_token(web: &Web, request: &HttpRequest) -> Result<(String, Option<String>), PageError> {
    let names = CookieNames::of(web);
    let known = request.cookie(&names.form).map(|cookie| cookie.value().to_owned());
    let (value, fresh) = match known.filter(|value| value.len() == 43) {
        Some(value) => (value, None),
        None => {
            let mut bytes = [0_u8; 32];
            openssl::rand::rand_bytes(&mut bytes).map_err(|error| corridor_app::Error::Internal(Box::new(error)))?;
            let value = URL_SAFE_NO_PAD.encode(bytes);
            (value.clone(), Some(value))
        }
    };
    let hash = openssl::sha::sha256(format!("form:{value}").as_bytes());
    Ok((URL_SAFE_NO_PAD.encode(hash), fresh))
}

/// The page from which a form was sent, as far as it is one of ours; else home.
fn form_page(web: &Web, request: &HttpRequest) -> String {
    let page = || {
        let page = Url::parse(request.headers().get(header::REFERER)?.to_str().ok()?).ok()?;
        let own = page.origin() == web.ctx.settings.addresses.staff.origin();
        let path = page.query().map_or_else(|| page.path().to_owned(), |query| format!("{}?{query}", page.path()));
        own.then(|| local_path(&path).to_owned())
    };
    page().unwrap_or_else(|| "/".to_owned())
}

/// A change that another site's page sent is refused before anything is looked at.
fn demand_own_origin(web: &Web, request: &HttpRequest) -> Result<(), PageError> {
    if request.method().is_safe() {
        return Ok(());
    }
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let foreign_site = text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let own = web.ctx.settings.addresses.staff.origin().ascii_serialization();
    let foreign_origin = text(header::ORIGIN.as_str()).is_some_and(|origin| origin != own);
    if foreign_site || foreign_origin {
        return Err(PageError::new(403, key("form-other-site")));
    }
    Ok(())
}

/// A path on this node to go to; anything else counts as home.
pub(crate) fn local_path(next: &str) -> &str {
    let local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.starts_with("/\\")
        && !next.contains(|c: char| c.is_control() || c == '\\');
    if local { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(local_path("/network?max_id=3#post-4"), "/network?max_id=3#post-4");
        for elsewhere in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "",
            "evil",
            "/a\nb",
            "/a\\b",
        ] {
            assert_eq!(local_path(elsewhere), "/", "{elsewhere}");
        }
    }
}
