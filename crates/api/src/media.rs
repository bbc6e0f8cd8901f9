//! Media: uploads, and what is said of them before they are in a post.

use actix_multipart::{Field, Multipart};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::media::{self, Upload};
use corridor_domain::{Focus, MediaId};
use futures_util::TryStreamExt;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, text};
use crate::entities::{Empty, MediaAttachment};
use crate::error::ApiResult;
use crate::routes::{Routes, says};
use crate::{Api, ApiError};

/// Bytes of a text beside the file.
const TEXT_BYTES: usize = 16 * 1024;
/// Parts of a form that are read.
const PARTS: usize = 20;

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Media")
        .post(
            "/v1/media",
            upload,
            says("Uploads a file, and waits for it")
                .needs("write:media")
                .takes::<DescribeParams>()
                .uploads(&["file"])
                .gives::<MediaAttachment>(),
        )
        .post(
            "/v2/media",
            upload_soon,
            says("Uploads a file")
                .needs("write:media")
                .takes::<DescribeParams>()
                .uploads(&["file"])
                .gives::<MediaAttachment>()
                .also::<MediaAttachment>(202),
        )
        .get(
            "/v1/media/{id}",
            show,
            says("An upload, and whether it is ready")
                .needs("write:media")
                .gives::<MediaAttachment>()
                .also::<MediaAttachment>(206),
        )
        .put(
            "/v1/media/{id}",
            describe,
            says("Describes it")
                .needs("write:media")
                .takes::<DescribeParams>()
                .gives::<MediaAttachment>()
                .also::<MediaAttachment>(206),
        )
        .delete("/v1/media/{id}", discard, says("Discards it, while no post has it").needs("write:media").done())
}

/// The first version: a file is ready when the answer comes.
async fn upload(api: web::Data<Api>, request: HttpRequest, person: Person, body: web::Payload) -> ApiResult {
    let viewer = person.needs("write:media")?;
    let form = Multipart::new(request.headers(), body);
    let upload = read(form, api.ctx.settings.media.max_bytes).await?;
    answer(&api, &person, &media::upload(&api.ctx, viewer, upload).await?)
}

/// The second version: what takes longer is ready later, and the answer says so.
async fn upload_soon(api: web::Data<Api>, request: HttpRequest, person: Person, body: web::Payload) -> ApiResult {
    let viewer = person.needs("write:media")?;
    let form = Multipart::new(request.headers(), body);
    let upload = read(form, api.ctx.settings.media.max_bytes).await?;
    let view = media::upload_soon(&api.ctx, viewer, upload).await?;
    let status = if view.processing { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(MediaAttachment::of(&view, &person.links(&api))))
}

async fn read(mut form: Multipart, limit: usize) -> Result<Upload, ApiError> {
    let (mut upload, mut has_file, mut parts) = (Upload::default(), false, 0);
    while let Some(mut field) = form.try_next().await.map_err(unreadable)? {
        parts += 1;
        if parts > PARTS {
            return Err(ApiError::Malformed("the form has too many parts".to_owned()));
        }
        match field.name().unwrap_or_default() {
            "file" => {
                has_file = true;
                let disposition = field.content_disposition();
                upload.name = disposition.and_then(|found| found.get_filename()).unwrap_or_default().to_owned();
                upload.bytes = bytes(&mut field, limit).await?;
            }
            "description" => upload.description = words(&mut field).await?,
            "focus" => upload.focus = focus(&words(&mut field).await?)?.unwrap_or_default(),
            // A thumbnail of one's own is not needed: the picture makes it.
            _ => {
                bytes(&mut field, limit).await?;
            }
        }
    }
    if has_file { Ok(upload) } else { Err(corridor_app::Error::invalid("“file” is missing").into()) }
}

pub(crate) async fn bytes(field: &mut Field, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.try_next().await.map_err(unreadable)? {
        if bytes.len() + piece.len() > limit {
            return Err(ApiError::TooLarge(limit));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

pub(crate) async fn words(field: &mut Field) -> Result<String, ApiError> {
    Ok(String::from_utf8_lossy(&bytes(field, TEXT_BYTES).await?).into_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
pub(crate) fn unreadable(error: actix_multipart::MultipartError) -> ApiError {
    ApiError::Malformed(format!("the form can't be read: {error}"))
}

/// A point as clients write it; empty where none is meant.
fn focus(text: &str) -> Result<Option<Focus>, ApiError> {
    if text.is_empty() || text == "None" {
        return Ok(None);
    }
    let point = Focus::parse(text);
    point
        .map(Some)
        .ok_or_else(|| corridor_app::Error::invalid("“focus” must be two numbers from -1 to 1, such as 0.0,0.5").into())
}

fn answer(api: &Api, person: &Person, view: &corridor_app::MediaView) -> ApiResult {
    let status = if view.processing { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(MediaAttachment::of(view, &person.links(api))))
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:media")?;
    let id: MediaId = path_id(&id)?;
    answer(&api, &person, &media::show(&api.ctx, viewer, id).await?)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct DescribeParams {
    #[serde(default, deserialize_with = "text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "text")]
    focus: Option<String>,
}

async fn describe(
    api: web::Data<Api>,
    person: Person,
    id: web::Path<String>,
    params: Params<DescribeParams>,
) -> ApiResult {
    let viewer = person.needs("write:media")?;
    let id: MediaId = path_id(&id)?;
    let focus = focus(params.0.focus.as_deref().unwrap_or_default())?;
    answer(&api, &person, &media::describe(&api.ctx, viewer, id, params.0.description, focus).await?)
}

async fn discard(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:media")?;
    media::discard(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}

/// The media that a status names, which must be ids.
pub(crate) fn ids(texts: &[String]) -> Result<Vec<MediaId>, ApiError> {
    let id = |text: &String| {
        text.parse().map_err(|_| corridor_app::Error::invalid("“media_ids” has an id that is none").into())
    };
    texts.iter().map(id).collect()
}

/// One of `media_attributes`.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what is read by hand")]
pub(crate) struct EditParams {
    id: String,
    description: Option<String>,
    focus: Option<String>,
}

/// What an edit says of the media of its status: a list of objects, or, in forms, their parts one after the other.
pub(crate) fn edits(value: Option<&serde_json::Value>) -> Result<Vec<media::MediaEdit>, ApiError> {
    use serde_json::Value;
    let items: Vec<&Value> = match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(items)) => items.values().collect(),
        _ => Vec::new(),
    };
    let mut edits: Vec<media::MediaEdit> = Vec::new();
    for item in items {
        let words = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(id) = words("id") {
            let id = ids(&[id])?.into_iter().next();
            edits.extend(id.map(|id| media::MediaEdit { id, description: None, focus: None }));
        }
        let Some(edit) = edits.last_mut() else { continue };
        edit.description = words("description").or_else(|| edit.description.take());
        edit.focus = focus(words("focus").as_deref().unwrap_or_default())?.or(edit.focus);
    }
    Ok(edits)
}
