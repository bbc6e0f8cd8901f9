//! Content negotiation: ActivityPub for peers, the page for people.

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use crate::objects::with_context;

/// The type of what we serve.
pub(super) const ACTIVITY_JSON: &str = "application/activity+json";
/// The other name of the same thing.
const PROFILE: &str = "https://www.w3.org/ns/activitystreams";

/// What a request wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    /// The ActivityPub document.
    Activity,
    /// The page for people.
    Page,
    /// Something that is not served.
    Other,
}

/// What the `Accept` header asks for. The first type that is served here counts.
pub(super) fn wants(request: &HttpRequest) -> Wants {
    let values = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    for range in values.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
        match essence.as_str() {
            ACTIVITY_JSON => return Wants::Activity,
            "application/ld+json" if parts.any(|part| part.contains(PROFILE)) => return Wants::Activity,
            "text/html" | "application/xhtml+xml" => return Wants::Page,
            _ => {}
        }
    }
    Wants::Other
}

/// Sends people on to the page; others get 406. `None` when the document itself is asked for.
pub(super) fn not_for_peers(request: &HttpRequest, page: &str) -> Option<HttpResponse> {
    match wants(request) {
        Wants::Activity => None,
        Wants::Page => Some(
            HttpResponse::SeeOther()
                .insert_header((header::LOCATION, page))
                .insert_header((header::VARY, "Accept"))
                .finish(),
        ),
        Wants::Other => Some(
            HttpResponse::NotAcceptable()
                .insert_header((header::VARY, "Accept"))
                .content_type("text/plain; charset=utf-8")
                .body("Ask for application/activity+json, or for text/html.\n"),
        ),
    }
}

/// Answers with a document, in front of which the context is put.
pub(super) fn document(document: Value) -> HttpResponse {
    answer(HttpResponse::Ok(), text(document))
}

/// A document's bytes, with the context in front.
pub(super) fn text(document: Value) -> String {
    with_context(document).to_string()
}

/// Answers that a thing is gone, with what stands in its place.
pub(super) fn gone(document: Value) -> HttpResponse {
    answer(HttpResponse::Gone(), text(document))
}

/// Answers with a document's exact bytes.
pub(super) fn answer(mut builder: actix_web::HttpResponseBuilder, body: impl Into<Bytes>) -> HttpResponse {
    builder
        .insert_header((header::CONTENT_TYPE, ACTIVITY_JSON))
        .insert_header((header::VARY, "Accept, Signature"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(body.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn asked(accept: &str) -> Wants {
        wants(&TestRequest::get().insert_header(("accept", accept)).to_http_request())
    }

    #[test]
    fn peers_and_people_get_what_they_ask_for() {
        assert_eq!(asked("application/activity+json"), Wants::Activity);
        assert_eq!(asked("application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\""), Wants::Activity);
        assert_eq!(asked("application/activity+json, application/ld+json"), Wants::Activity);
        assert_eq!(asked("text/html,application/xhtml+xml,*/*;q=0.8"), Wants::Page);
        assert_eq!(asked("application/ld+json"), Wants::Other);
        assert_eq!(asked("image/png"), Wants::Other);
        assert_eq!(wants(&TestRequest::get().to_http_request()), Wants::Other);
    }
}
