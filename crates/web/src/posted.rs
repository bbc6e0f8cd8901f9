//! A form with files, or without: read as a browser sends it, within limits.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use corridor_domain::text::limits;
use futures_util::{StreamExt, TryStreamExt};
use url::form_urlencoded;

use crate::error::{PageError, Why};
use crate::words::key;
use crate::{FORM_BYTES, Web};

/// Fields of a form that are read.
const FIELDS: usize = 100;

/// A file that a person chose.
#[derive(Debug, Clone, Default)]
pub(crate) struct PostedFile {
    /// The name of its field.
    pub field: String,
    /// What it is called where it comes from.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// The fields of a form, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Posted {
    fields: Vec<(String, String)>,
    /// The files that were chosen; a field without one is left out.
    pub files: Vec<PostedFile>,
}

impl Posted {
    /// The first value of a field; empty when there is none.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest for Posted {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            let essence = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match essence.as_str() {
                "application/x-www-form-urlencoded" => plain(payload).await,
                "multipart/form-data" => {
                    let web = request.app_data::<web::Data<Web>>().expect("every page has its Web");
                    let form = Multipart::from_request(&request, &mut payload).await.map_err(|_| unreadable())?;
                    with_files(form, web.ctx.settings.media.max_bytes).await
                }
                _ => Err(PageError::new(415, key("form-as-browser"))),
            }
        })
    }
}

fn unreadable() -> PageError {
    PageError::new(400, key("form-unreadable"))
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn broken(error: MultipartError) -> PageError {
    tracing::debug!("a form can't be read: {error}");
    unreadable()
}

async fn plain(mut payload: Payload) -> Result<Posted, PageError> {
    let mut body = Vec::new();
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|_| unreadable())?;
        if body.len() + piece.len() > FORM_BYTES {
            return Err(PageError::new(413, Why::Unsaid));
        }
        body.extend_from_slice(&piece);
    }
    let fields =
        form_urlencoded::parse(&body).take(FIELDS).map(|(name, value)| (name.into_owned(), value.into_owned()));
    Ok(Posted { fields: fields.collect(), files: Vec::new() })
}

async fn with_files(mut form: Multipart, limit: usize) -> Result<Posted, PageError> {
    let (mut posted, mut text_left) = (Posted::default(), FORM_BYTES);
    let mut left = limit * limits::MEDIA + FORM_BYTES;
    while let Some(mut field) = form.try_next().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if posted.fields.len() + posted.files.len() >= FIELDS {
            return Err(unreadable());
        }
        let file = field.content_disposition().and_then(|found| found.get_filename()).map(str::to_owned);
        let Some(file) = file else {
            let value = read(&mut field, text_left, &mut left).await?;
            text_left = text_left.checked_sub(value.len()).ok_or_else(|| PageError::new(413, Why::Unsaid))?;
            posted.fields.push((name, String::from_utf8_lossy(&value).into_owned()));
            continue;
        };
        let bytes = read(&mut field, limit, &mut left).await?;
        if !bytes.is_empty() {
            posted.files.push(PostedFile { field: name, name: file, bytes });
        }
    }
    Ok(posted)
}

/// One byte more than the limit at most, which is enough to say that it is too much. The rest is passed over, so that
/// the other fields are heard, until `left`, which is for the whole form, is used up.
async fn read(field: &mut Field, limit: usize, left: &mut usize) -> Result<Vec<u8>, PageError> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.try_next().await.map_err(broken)? {
        *left = left.checked_sub(piece.len()).ok_or_else(|| PageError::new(413, Why::Unsaid))?;
        let room = (limit + 1).saturating_sub(bytes.len());
        bytes.extend(piece.iter().take(room));
    }
    Ok(bytes)
}
