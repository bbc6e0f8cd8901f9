//! Serves the style, the script and the icon that are built into the executable.

use std::sync::LazyLock;

use actix_web::http::header::{self, EntityTag, HeaderName, HeaderValue, IfNoneMatch};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::Embed;

/// A year: what is asked for by its content's hash never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Asked for without the right hash, it may change with the next release.
const ASK_AGAIN: &str = "public, no-cache";

/// The address of an asset with its content's hash, so that browsers keep it until it changes.
/// An unknown name is answered with its plain path, which then is a 404.
#[must_use]
pub fn url(name: &str) -> String {
    match find(name) {
        Some(asset) => format!("/assets/{name}?v={}", asset.version),
        None => format!("/assets/{name}"),
    }
}

/// Adds `GET` and `HEAD /assets/{name}`.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/assets/{name}").route(web::get().to(serve)).route(web::head().to(serve)).name("assets"),
    );
}

async fn serve(
    request: HttpRequest,
    name: web::Path<String>,
    asked: Result<web::Header<IfNoneMatch>, actix_web::Error>,
) -> HttpResponse {
    let Some(asset) = find(&name) else {
        return HttpResponse::NotFound()
            .insert_header(nosniff())
            .content_type("text/plain; charset=utf-8")
            .body("This file is not here.\n");
    };
    let tag = EntityTag::new_strong(asset.version.clone());
    let lasting = if request.query_string() == format!("v={}", asset.version) { FOR_EVER } else { ASK_AGAIN };
    let mut answer =
        if asked.is_ok_and(|header| matches(&header, &tag)) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header(header::ETag(tag)).insert_header((header::CACHE_CONTROL, lasting)).insert_header(nosniff());
    answer.content_type(asset.content_type).body(asset.bytes.clone())
}

fn matches(asked: &IfNoneMatch, tag: &EntityTag) -> bool {
    match asked {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|other| other.weak_eq(tag)),
    }
}

fn nosniff() -> (HeaderName, HeaderValue) {
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
}

#[derive(Embed)]
#[folder = "assets"]
struct Files;

/// What may be asked for: the folder also holds the sources of the style.
const SERVED: [(&str, &str); 4] = [
    ("corridor.css", "text/css; charset=utf-8"),
    ("corridor.js", "text/javascript; charset=utf-8"),
    ("icon.svg", "image/svg+xml"),
    ("LICENSE-govuk-frontend.txt", "text/plain; charset=utf-8"),
];

struct Asset {
    name: &'static str,
    content_type: &'static str,
    version: String,
    bytes: Bytes,
}

static ASSETS: LazyLock<Vec<Asset>> =
    LazyLock::new(|| SERVED.iter().filter_map(|(name, kind)| load(name, kind)).collect());

fn load(name: &'static str, content_type: &'static str) -> Option<Asset> {
    let file = Files::get(name)?;
    let hash = file.metadata.sha256_hash();
    let version = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(Asset { name, content_type, version, bytes: Bytes::from(file.data.into_owned()) })
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::{App, dev::ServiceResponse};

    use super::*;

    async fn get(request: TestRequest) -> ServiceResponse {
        let app = init_service(App::new().configure(configure)).await;
        call_service(&app, request.to_request()).await
    }

    fn header(answer: &ServiceResponse, name: HeaderName) -> String {
        answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[test]
    fn every_served_name_is_in_the_folder() {
        assert_eq!(ASSETS.len(), SERVED.len());
    }

    #[actix_web::test]
    async fn an_asset_asked_for_by_its_hash_is_kept_for_ever() {
        let answer = get(TestRequest::get().uri(&url("corridor.css"))).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(header(&answer, header::CONTENT_TYPE), "text/css; charset=utf-8");
        assert_eq!(header(&answer, header::CACHE_CONTROL), FOR_EVER);
        assert_eq!(header(&answer, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert!(read_body(answer).await.starts_with(b"/*! Contains GOV.UK Frontend"));
    }

    #[actix_web::test]
    async fn an_old_hash_is_not_kept() {
        let answer = get(TestRequest::get().uri("/assets/corridor.js?v=0000")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(header(&answer, header::CACHE_CONTROL), ASK_AGAIN);
    }

    #[actix_web::test]
    async fn what_the_browser_has_is_not_sent_again() {
        let first = get(TestRequest::get().uri("/assets/icon.svg")).await;
        let tag = header(&first, header::ETAG);
        let again = get(TestRequest::get().uri("/assets/icon.svg").insert_header((header::IF_NONE_MATCH, tag))).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let other = TestRequest::get().uri("/assets/icon.svg").insert_header((header::IF_NONE_MATCH, "\"x\""));
        assert_eq!(get(other).await.status(), StatusCode::OK);
    }

    #[actix_web::test]
    async fn sources_and_paths_are_not_served() {
        for path in ["/assets/build.sh", "/assets/scss%2Fcorridor.scss", "/assets/..%2FCargo.toml", "/assets/"] {
            let answer = get(TestRequest::get().uri(path)).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn the_style_names_no_restricted_asset_and_no_other_host() {
        let style = find("corridor.css").unwrap();
        let text = String::from_utf8(style.bytes.to_vec()).unwrap();
        for restricted in ["GDS Transport", "@font-face", "crest", "crown", "url("] {
            assert!(!text.contains(restricted), "{restricted}");
        }
        assert!(text.len() < 100_000, "{} bytes", text.len());
    }
}
