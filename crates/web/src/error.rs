//! Errors as pages: plain words, the right status, and never what happened inside.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::UrlencodedError;
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web};
use askama::Template;

use crate::Web;
use crate::refused;
use crate::session::{Visit, frame_of, language_of};
use crate::views::{ErrorPage, Message, Nav};
use crate::words::{Key, Language, key};

/// Why a page is not shown.
#[derive(Debug)]
pub(crate) enum PageError {
    /// It needs a person; this is where to go afterwards.
    SignInFirst(String),
    /// It needs a person with a password of their own; this is where to go afterwards.
    PasswordFirst(String),
    /// What the use case said.
    App(corridor_app::Error),
    /// A status and what to say.
    Status(StatusCode, Why),
}

/// What an error page says beside what its status means.
#[derive(Debug)]
pub(crate) enum Why {
    /// Nothing.
    Unsaid,
    /// A text of the pages.
    Text(Key),
    /// What another part has said, which knows English alone.
    English(String),
}

impl From<Key> for Why {
    fn from(key: Key) -> Self {
        Self::Text(key)
    }
}

impl From<String> for Why {
    fn from(text: String) -> Self {
        Self::English(text)
    }
}

/// The result of a handler.
pub(crate) type PageResult = Result<HttpResponse, PageError>;

impl PageError {
    /// A status and what to say.
    pub(crate) fn new(status: u16, reason: impl Into<Why>) -> Self {
        Self::Status(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), reason.into())
    }

    /// What a form that can't be read gets.
    pub(crate) fn form(error: &UrlencodedError) -> Self {
        match error {
            UrlencodedError::Overflow { .. } => Self::new(413, Why::Unsaid),
            UrlencodedError::ContentType => Self::new(415, key("form-as-browser")),
            _ => Self::new(400, key("form-unreadable")),
        }
    }

    fn reason(&self, language: Language) -> Option<Message> {
        match self {
            Self::SignInFirst(_) | Self::PasswordFirst(_) | Self::Status(_, Why::Unsaid) => None,
            Self::Status(_, Why::Text(key)) => Some(language.say_key(*key).into()),
            Self::Status(_, Why::English(text)) => Some(Message::english(text)),
            Self::App(error) => refused::said(error, language),
        }
    }
}

fn with_next(page: &str, next: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{page}?next={next}")
}

/// A reason as a sentence of its own.
pub(crate) fn sentence(reason: &str) -> String {
    let mut letters = reason.trim().chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let text = format!("{first}{}", letters.as_str());
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}

impl From<corridor_app::Error> for PageError {
    fn from(error: corridor_app::Error) -> Self {
        Self::App(error)
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::App(corridor_app::Error::Internal(Box::new(error)))
    }
}

impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SignInFirst(_) => f.write_str("nobody is signed in"),
            Self::PasswordFirst(_) => f.write_str("they have yet to choose a password"),
            Self::App(error) => error.fmt(f),
            Self::Status(status, reason) => write!(f, "{status} {reason:?}"),
        }
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        use corridor_app::Error as E;
        match self {
            Self::SignInFirst(_) | Self::PasswordFirst(_) => StatusCode::SEE_OTHER,
            Self::Status(status, _) => *status,
            Self::App(E::NotFound(_)) => StatusCode::NOT_FOUND,
            Self::App(E::Unauthenticated(_)) => StatusCode::UNAUTHORIZED,
            Self::App(E::Forbidden(_) | E::Refused(_)) => StatusCode::FORBIDDEN,
            Self::App(E::Invalid(_) | E::Poll(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::App(E::Conflict(_)) => StatusCode::CONFLICT,
            Self::App(E::TooMany(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::App(E::Peer(_) | E::Unavailable(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::App(E::Internal(_)) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        // The body is made by `show`, which knows whose page it is.
        let mut answer = HttpResponse::build(self.status_code());
        match self {
            Self::SignInFirst(next) => {
                answer.insert_header((header::LOCATION, with_next("/sign-in", next)));
            }
            Self::PasswordFirst(next) => {
                answer.insert_header((header::LOCATION, with_next("/new-password", next)));
            }
            Self::App(corridor_app::Error::TooMany(seconds)) => {
                answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
            }
            Self::App(corridor_app::Error::Unavailable(_)) => {
                answer.insert_header((header::RETRY_AFTER, "5"));
            }
            _ => {}
        }
        answer.finish()
    }
}

/// Fills in the page of an error that a handler or an extractor answered with.
pub(crate) async fn show<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let web = response.request().app_data::<web::Data<Web>>().cloned();
    let visit = response.request().extensions().get::<Visit>().cloned();
    let language = match (&visit, &web) {
        (Some(visit), _) => visit.language,
        (None, Some(web)) => language_of(web, response.request(), None),
        (None, None) => Language::default(),
    };
    let Some((status, reason)) = words_of(&response, language) else { return Ok(response) };
    let (request, mut answer) = response.into_parts();
    if let Some(web) = web {
        let here = request.uri().path().to_owned();
        let mut frame = frame_of(&web, visit.as_ref(), language, Nav::Elsewhere, &here).await;
        // The page of what is not there and of what is not for this reader say the same, to the letter.
        frame.back = "/".to_owned();
        let page = ErrorPage::of(status.as_u16(), reason, frame);
        if let Ok(html) = page.render() {
            answer
                .headers_mut()
                .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
            answer = answer.set_body(BoxBody::new(html));
        }
    }
    Ok(ServiceResponse::new(request, answer))
}

fn words_of(response: &ServiceResponse<BoxBody>, language: Language) -> Option<(StatusCode, Option<Message>)> {
    let error = response.response().error()?.as_error::<PageError>()?;
    if matches!(error, PageError::SignInFirst(_) | PageError::PasswordFirst(_)) {
        return None;
    }
    let status = error.status_code();
    if status.is_server_error() {
        let cause = match error {
            PageError::App(error) => std::error::Error::source(error).map(ToString::to_string).unwrap_or_default(),
            _ => String::new(),
        };
        tracing::error!("a page failed with {status}: {error}: {cause}");
    }
    Some((status, error.reason(language)))
}

/// The answer to a path that no page has. Who asks is looked up, so that they are told in their language.
pub(crate) async fn nothing_there(method: Method, _: Result<Visit, PageError>) -> PageResult {
    no_such_page(method).await
}

/// The answer to a path that no page has, and to a method that a page does not take.
pub(crate) async fn no_such_page(method: Method) -> PageResult {
    if method == Method::GET || method == Method::HEAD {
        return Err(corridor_app::Error::NotFound("that page").into());
    }
    Err(PageError::new(405, Why::Unsaid))
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn reasons_read_as_sentences() {
        assert_eq!(sentence("the marking is too low"), "The marking is too low.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence(""), "");
    }
}
