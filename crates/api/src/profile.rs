//! The caller's own account: who they are, and what they change of it.

use actix_multipart::Multipart;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use corridor_app::media::{self, Portrait, PortraitChange, Upload};
use corridor_app::people::{self, ProfileEdit};
use corridor_app::{Error, ProfileField, Viewer, accounts, featured_tags, follows};
use corridor_domain::{Audience, Page};
use futures_util::TryStreamExt;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::auth::Person;
use crate::body::{Params, add_pair, flag, some_list, text};
use crate::entities::{CredentialAccount, FeaturedTag, Profile, visibility_word};
use crate::error::ApiResult;
use crate::media::{bytes, unreadable, words};
use crate::routes::{Routes, says};
use crate::{Api, ApiError};

/// Parts of a form that are read.
const PARTS: usize = 100;

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Profile")
        .get(
            "/v1/accounts/verify_credentials",
            verify_credentials,
            says("The caller").needs("read:accounts").gives::<CredentialAccount>(),
        )
        .patch(
            "/v1/accounts/update_credentials",
            update_credentials,
            says("Changes the caller's profile")
                .needs("write:accounts")
                .takes::<UpdateParams>()
                .uploads(&["avatar", "header"])
                .gives::<CredentialAccount>(),
        )
        .get("/v1/profile", show, says("The caller's profile, as typed").needs("read:accounts").gives::<Profile>())
        .patch(
            "/v1/profile",
            update,
            says("Changes the profile")
                .needs("write:accounts")
                .takes::<UpdateParams>()
                .uploads(&["avatar", "header"])
                .gives::<Profile>(),
        )
        .put(
            "/v1/profile",
            update,
            says("Changes the profile, as some clients do")
                .needs("write:accounts")
                .takes::<UpdateParams>()
                .uploads(&["avatar", "header"])
                .gives::<Profile>(),
        )
        .delete(
            "/v1/profile/avatar",
            remove_avatar,
            says("Removes the picture").needs("write:accounts").gives::<CredentialAccount>(),
        )
        .delete(
            "/v1/profile/header",
            remove_header,
            says("Removes the header").needs("write:accounts").gives::<CredentialAccount>(),
        )
}

async fn verify_credentials(api: web::Data<Api>, person: Person) -> ApiResult {
    known(&person)?;
    credentials(&api, &person).await
}

/// Who calls, where the token lets them know who they are.
pub(crate) fn known(person: &Person) -> Result<&Viewer, ApiError> {
    if person.auth.scopes.covers("profile") { Ok(&person.viewer) } else { person.needs("read:accounts") }
}

async fn show(api: web::Data<Api>, person: Person) -> ApiResult {
    known(&person)?;
    profile(&api, &person).await
}

async fn profile(api: &Api, person: &Person) -> ApiResult {
    let viewer = &person.viewer;
    let me = people::show(&api.ctx, viewer, viewer.id).await?;
    let preferences = accounts::preferences(&api.ctx, viewer).await?;
    let tags = featured_tags::own(&api.ctx, viewer).await?;
    let tags = tags.iter().map(|tag| FeaturedTag::of(tag, &api.ctx.settings.addresses)).collect();
    Ok(HttpResponse::Ok().json(Profile::of(&me, &preferences, tags, &person.links(api))))
}

async fn credentials(api: &Api, person: &Person) -> ApiResult {
    let viewer = &person.viewer;
    let me = people::show(&api.ctx, viewer, viewer.id).await?;
    let preferences = accounts::preferences(&api.ctx, viewer).await?;
    let requests = follows::requests(&api.ctx, viewer, Page::newest(80)).await?.items.len();
    let requests = i64::try_from(requests).unwrap_or(i64::MAX);
    let entity = CredentialAccount::of(&me, &preferences, viewer.role, requests, &person.links(api));
    Ok(HttpResponse::Ok().json(entity))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct UpdateParams {
    #[serde(default, deserialize_with = "text")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    note: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    locked: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    bot: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    discoverable: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    hide_collections: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    indexable: Option<bool>,
    #[serde(default)]
    #[schemars(with = "Option<Vec<FieldParams>>")]
    fields_attributes: Option<Value>,
    #[serde(default)]
    source: Option<SourceParams>,
    #[serde(default, deserialize_with = "some_list")]
    attribution_domains: Option<Vec<String>>,
    #[serde(default, deserialize_with = "text")]
    avatar_description: Option<String>,
    #[serde(default, deserialize_with = "text")]
    header_description: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct SourceParams {
    #[serde(default, deserialize_with = "text")]
    privacy: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    sensitive: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    language: Option<String>,
    /// Ours.
    #[serde(default, deserialize_with = "text")]
    audience: Option<String>,
}

/// One of `fields_attributes`.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what is read by hand")]
struct FieldParams {
    name: String,
    value: String,
}

/// The pictures of a form, as they came.
type Pictures = Vec<(Portrait, Upload)>;

async fn update_credentials(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    body: web::Payload,
) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    change(&api, viewer, &request, body).await?;
    credentials(&api, &person).await
}

async fn update(api: web::Data<Api>, request: HttpRequest, person: Person, body: web::Payload) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    change(&api, viewer, &request, body).await?;
    profile(&api, &person).await
}

/// All that was asked for, or nothing.
async fn change(api: &Api, viewer: &Viewer, request: &HttpRequest, body: web::Payload) -> Result<(), ApiError> {
    let (params, pictures) = read(api, request, body).await?;
    let default_audience = match &params.source {
        Some(source) => audience(api, viewer, source).await?,
        None => None,
    };
    let portraits = portraits(api, viewer, &params, pictures).await?;
    let source = params.source;
    let (sensitive, language) = source.map(|source| (source.sensitive, source.language)).unwrap_or_default();
    let edit = ProfileEdit {
        display_name: params.display_name,
        summary: params.note,
        role_title: None,
        locked: params.locked,
        discoverable: params.discoverable,
        indexable: params.indexable,
        fields: params.fields_attributes.as_ref().map(fields),
        default_audience,
        default_marking: None,
        language,
        default_sensitive: sensitive,
        bot: params.bot,
        hides_collections: params.hide_collections,
        attribution_domains: params.attribution_domains,
        portraits,
    };
    people::update_profile(&api.ctx, viewer, edit).await?;
    Ok(())
}

/// A form with files is read part by part; everything else as everywhere.
async fn read(api: &Api, request: &HttpRequest, body: web::Payload) -> Result<(UpdateParams, Pictures), ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("multipart/form-data") {
        let Params(params) = Params::from_request(request, &mut body.into_inner()).await?;
        return Ok((params, Vec::new()));
    }
    let mut form = Multipart::new(request.headers(), body);
    let (mut all, mut pictures, mut parts) = (Map::new(), Vec::new(), 0);
    while let Some(mut field) = form.try_next().await.map_err(unreadable)? {
        parts += 1;
        if parts > PARTS {
            return Err(ApiError::Malformed("the form has too many parts".to_owned()));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.content_disposition().and_then(|found| found.get_filename()).map(str::to_owned);
        let Some(file) = file else {
            add_pair(&mut all, &name, words(&mut field).await?);
            continue;
        };
        let sent = bytes(&mut field, api.ctx.settings.media.max_bytes).await?;
        let which = Portrait::ALL.into_iter().find(|which| which.word() == name);
        // Browsers send a file without a name where none was chosen.
        if let Some(which) = which.filter(|_| !sent.is_empty()) {
            pictures.push((which, Upload { bytes: sent, name: file, ..Upload::default() }));
        }
    }
    let params = serde_json::from_value(Value::Object(all)).map_err(|error| ApiError::Malformed(error.to_string()))?;
    Ok((params, pictures))
}

/// Takes the pictures in, and says what changes.
async fn portraits(
    api: &Api,
    viewer: &Viewer,
    params: &UpdateParams,
    pictures: Pictures,
) -> Result<Vec<(Portrait, PortraitChange)>, ApiError> {
    let mut changes = Vec::new();
    let mut described = Vec::new();
    for which in Portrait::ALL {
        let words = match which {
            Portrait::Avatar => params.avatar_description.as_ref(),
            Portrait::Header => params.header_description.as_ref(),
        };
        described.extend(words.map(|words| (which, PortraitChange::Describe(words.clone()))));
    }
    for (which, upload) in pictures {
        let id = media::hand_in(&api.ctx, viewer, which, upload).await?;
        changes.push((which, PortraitChange::Put(id)));
    }
    changes.extend(described);
    Ok(changes)
}

/// What a new post starts with. A client that hands back the visibility that it was told changes nothing: several of our
/// audiences look the same to it.
async fn audience(api: &Api, viewer: &Viewer, source: &SourceParams) -> Result<Option<Audience>, ApiError> {
    if let Some(word) = source.audience.as_deref().filter(|word| !word.is_empty()) {
        return Ok(Some(word.parse().map_err(Error::invalid)?));
    }
    let Some(said) = source.privacy.as_deref().filter(|said| !matches!(*said, "" | "None")) else { return Ok(None) };
    let now = accounts::preferences(&api.ctx, viewer).await?.default_audience;
    if visibility_word(now) == said {
        return Ok(None);
    }
    crate::statuses::audience_of_visibility(said)
}

/// A list of objects or, in forms, objects by their number.
fn fields(value: &Value) -> Vec<ProfileField> {
    let mut items: Vec<(usize, &Value)> = match value {
        Value::Array(items) => items.iter().enumerate().collect(),
        Value::Object(items) => items.iter().map(|(key, item)| (key.parse().unwrap_or(usize::MAX), item)).collect(),
        _ => Vec::new(),
    };
    items.sort_by_key(|(place, _)| *place);
    let words = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    items.into_iter().map(|(_, item)| ProfileField { name: words(item, "name"), value: words(item, "value") }).collect()
}

async fn remove_avatar(api: web::Data<Api>, person: Person) -> ApiResult {
    remove(&api, &person, Portrait::Avatar).await
}

async fn remove_header(api: web::Data<Api>, person: Person) -> ApiResult {
    remove(&api, &person, Portrait::Header).await
}

async fn remove(api: &Api, person: &Person, which: Portrait) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let edit = ProfileEdit { portraits: vec![(which, PortraitChange::Remove)], ..ProfileEdit::default() };
    people::update_profile(&api.ctx, viewer, edit).await?;
    credentials(api, person).await
}
