//! Filters: what the caller does not want to meet, its keywords, and single statuses.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use corridor_app::Error;
use corridor_app::filters::{self, FilterEdit, FilterView, KeywordEdit, KeywordView, PhraseEdit, PhraseView};
use corridor_domain::filter::Contexts;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, some_list, text};
use crate::entities::{Empty, Filter, FilterKeyword, FilterStatus, FilterV1};
use crate::error::ApiResult;
use crate::routes::{Routes, says};
use crate::{Api, ApiError};

/// The routes. Fixed names come before `{id}`.
pub(crate) fn routes() -> Routes {
    Routes::of("Filters")
        .get("/v2/filters/keywords/{id}", keyword, says("A keyword").needs("read:filters").gives::<FilterKeyword>())
        .put(
            "/v2/filters/keywords/{id}",
            change_keyword,
            says("Changes it").needs("write:filters").takes::<KeywordParams>().gives::<FilterKeyword>(),
        )
        .delete("/v2/filters/keywords/{id}", remove_keyword, says("Removes it").needs("write:filters").done())
        .get(
            "/v2/filters/statuses/{id}",
            status,
            says("A status of a filter").needs("read:filters").gives::<FilterStatus>(),
        )
        .delete("/v2/filters/statuses/{id}", remove_status, says("Removes it").needs("write:filters").done())
        .get("/v2/filters", all, says("The caller's filters").needs("read:filters").gives::<Vec<Filter>>())
        .post(
            "/v2/filters",
            make,
            says("Makes one")
                .needs("write:filters")
                .takes::<FilterParams>()
                .requires(&["title", "context"])
                .gives::<Filter>(),
        )
        .get("/v2/filters/{id}", show, says("One of them").needs("read:filters").gives::<Filter>())
        .put(
            "/v2/filters/{id}",
            change,
            says("Changes it").needs("write:filters").takes::<FilterParams>().gives::<Filter>(),
        )
        .delete("/v2/filters/{id}", delete, says("Deletes it").needs("write:filters").done())
        .get(
            "/v2/filters/{id}/keywords",
            keywords,
            says("Its keywords").needs("read:filters").gives::<Vec<FilterKeyword>>(),
        )
        .post(
            "/v2/filters/{id}/keywords",
            add_keyword,
            says("Adds one")
                .needs("write:filters")
                .takes::<KeywordParams>()
                .requires(&["keyword"])
                .gives::<FilterKeyword>(),
        )
        .get(
            "/v2/filters/{id}/statuses",
            statuses,
            says("Its statuses").needs("read:filters").gives::<Vec<FilterStatus>>(),
        )
        .post(
            "/v2/filters/{id}/statuses",
            add_status,
            says("Adds one")
                .needs("write:filters")
                .takes::<StatusParams>()
                .requires(&["status_id"])
                .gives::<FilterStatus>(),
        )
        .get(
            "/v1/filters",
            phrases,
            says("Keywords, each as a filter of its own").needs("read:filters").gives::<Vec<FilterV1>>(),
        )
        .post(
            "/v1/filters",
            make_phrase,
            says("Makes one")
                .needs("write:filters")
                .takes::<PhraseParams>()
                .requires(&["phrase", "context"])
                .gives::<FilterV1>(),
        )
        .get("/v1/filters/{id}", phrase, says("One of them").needs("read:filters").gives::<FilterV1>())
        .put(
            "/v1/filters/{id}",
            change_phrase,
            says("Changes it").needs("write:filters").takes::<PhraseParams>().gives::<FilterV1>(),
        )
        .delete("/v1/filters/{id}", remove_phrase, says("Removes it").needs("write:filters").done())
}

/// A value that is there, also when it is null: that says something else than none.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct FilterParams {
    #[serde(default, deserialize_with = "text")]
    title: Option<String>,
    #[serde(default, deserialize_with = "some_list")]
    context: Option<Vec<String>>,
    #[serde(default, deserialize_with = "text")]
    filter_action: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<i64>")]
    expires_in: Option<Value>,
    #[serde(default)]
    #[schemars(with = "Option<Vec<KeywordParams>>")]
    keywords_attributes: Option<Value>,
}

impl FilterParams {
    fn edit(self) -> Result<FilterEdit, ApiError> {
        let action = self.filter_action.as_deref().filter(|action| !matches!(*action, "" | "None"));
        Ok(FilterEdit {
            title: self.title,
            contexts: contexts(self.context.as_deref())?,
            action: action.map(str::parse).transpose().map_err(Error::invalid)?,
            lasts: lasts(self.expires_in.as_ref()),
            keywords: keyword_edits(self.keywords_attributes)?,
        })
    }
}

fn contexts(words: Option<&[String]>) -> Result<Option<Contexts>, ApiError> {
    Ok(words.map(filters::contexts).transpose()?)
}

/// Seconds from now; nothing, or what is no number, means without an end.
fn lasts(value: Option<&Value>) -> Option<Option<Duration>> {
    let seconds = |value: &Value| match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse::<f64>().ok(),
        _ => None,
    };
    value.map(|value| seconds(value).and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok()))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct KeywordParams {
    #[serde(default, deserialize_with = "text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    keyword: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    whole_word: Option<bool>,
    #[serde(default, rename = "_destroy", deserialize_with = "flag")]
    destroy: Option<bool>,
}

impl KeywordParams {
    fn edit(self) -> Result<KeywordEdit, ApiError> {
        let id = self.id.as_deref().filter(|id| !id.is_empty()).map(path_id).transpose()?;
        Ok(KeywordEdit { id, text: self.keyword, whole_word: self.whole_word, remove: self.destroy.unwrap_or(false) })
    }

    /// For a keyword by itself, which nobody removes by a parameter.
    fn alone(self) -> KeywordEdit {
        KeywordEdit { id: None, text: self.keyword, whole_word: self.whole_word, remove: false }
    }
}

/// An array of keywords, or an object with numbers as keys, as some clients write arrays.
fn keyword_edits(value: Option<Value>) -> Result<Vec<KeywordEdit>, ApiError> {
    let items: Vec<Value> = match value {
        Some(Value::Array(items)) => items,
        Some(Value::Object(items)) => items.into_iter().map(|(_, item)| item).collect(),
        _ => Vec::new(),
    };
    let read = |item: Value| {
        let params: KeywordParams = serde_json::from_value(item)
            .map_err(|error| ApiError::Malformed(format!("“keywords_attributes”: {error}")))?;
        params.edit()
    };
    items.into_iter().map(read).collect()
}

fn answer(view: &FilterView) -> ApiResult {
    Ok(HttpResponse::Ok().json(Filter::of(view)))
}

fn nothing() -> ApiResult {
    Ok(HttpResponse::Ok().json(Empty {}))
}

async fn all(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:filters")?;
    let filters = filters::all(&api.ctx, viewer).await?;
    Ok(HttpResponse::Ok().json(filters.iter().map(Filter::of).collect::<Vec<_>>()))
}

async fn make(api: web::Data<Api>, person: Person, params: Params<FilterParams>) -> ApiResult {
    let viewer = person.needs("write:filters")?;
    answer(&filters::make(&api.ctx, viewer, params.0.edit()?).await?)
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:filters")?;
    answer(&filters::show(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn change(api: web::Data<Api>, person: Person, id: web::Path<String>, params: Params<FilterParams>) -> ApiResult {
    let viewer = person.needs("write:filters")?;
    let id = path_id(&id)?;
    answer(&filters::change(&api.ctx, viewer, id, params.0.edit()?).await?)
}

async fn delete(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:filters")?;
    filters::delete(&api.ctx, viewer, path_id(&id)?).await?;
    nothing()
}

fn answer_keyword(keyword: &KeywordView) -> ApiResult {
    Ok(HttpResponse::Ok().json(FilterKeyword::of(keyword)))
}

async fn keywords(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:filters")?;
    let filter = filters::show(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(filter.keywords.iter().map(FilterKeyword::of).collect::<Vec<_>>()))
}

async fn add_keyword(
    api: web::Data<Api>,
    person: Person,
    id: web::Path<String>,
    params: Params<KeywordParams>,
) -> ApiResult {
    let viewer = person.needs("write:filters")?;
    answer_keyword(&filters::add_keyword(&api.ctx, viewer, path_id(&id)?, params.0.alone()).await?)
}

async fn keyword(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:filters")?;
    answer_keyword(&filters::keyword(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn change_keyword(
    api: web::Data<Api>,
    person: Person,
    id: web::Path<String>,
    params: Params<KeywordParams>,
) -> ApiResult {
    let viewer = person.needs("write:filters")?;
    answer_keyword(&filters::change_keyword(&api.ctx, viewer, path_id(&id)?, params.0.alone()).await?)
}

async fn remove_keyword(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:filters")?;
    filters::remove_keyword(&api.ctx, viewer, path_id(&id)?).await?;
    nothing()
}

async fn statuses(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:filters")?;
    let filter = filters::show(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(filter.posts.iter().map(FilterStatus::of).collect::<Vec<_>>()))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct StatusParams {
    #[serde(default, deserialize_with = "text")]
    status_id: Option<String>,
}

async fn add_status(
    api: web::Data<Api>,
    person: Person,
    id: web::Path<String>,
    params: Params<StatusParams>,
) -> ApiResult {
    let viewer = person.needs("write:filters")?;
    let status = path_id(params.0.status_id.as_deref().unwrap_or_default())?;
    let held = filters::add_post(&api.ctx, viewer, path_id(&id)?, status).await?;
    Ok(HttpResponse::Ok().json(FilterStatus::of(&held)))
}

async fn status(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:filters")?;
    let held = filters::post(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(FilterStatus::of(&held)))
}

async fn remove_status(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:filters")?;
    filters::remove_post(&api.ctx, viewer, path_id(&id)?).await?;
    nothing()
}

#[derive(Debug, Deserialize, JsonSchema)]
struct PhraseParams {
    #[serde(default, deserialize_with = "text")]
    phrase: Option<String>,
    #[serde(default, deserialize_with = "some_list")]
    context: Option<Vec<String>>,
    #[serde(default, deserialize_with = "flag")]
    irreversible: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    whole_word: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<i64>")]
    expires_in: Option<Value>,
}

impl PhraseParams {
    fn edit(self) -> Result<PhraseEdit, ApiError> {
        Ok(PhraseEdit {
            text: self.phrase,
            contexts: contexts(self.context.as_deref())?,
            hides: self.irreversible,
            whole_word: self.whole_word,
            lasts: lasts(self.expires_in.as_ref()),
        })
    }
}

fn answer_phrase(phrase: &PhraseView) -> ApiResult {
    Ok(HttpResponse::Ok().json(FilterV1::of(phrase)))
}

async fn phrases(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:filters")?;
    let phrases = filters::phrases(&api.ctx, viewer).await?;
    Ok(HttpResponse::Ok().json(phrases.iter().map(FilterV1::of).collect::<Vec<_>>()))
}

async fn make_phrase(api: web::Data<Api>, person: Person, params: Params<PhraseParams>) -> ApiResult {
    let viewer = person.needs("write:filters")?;
    answer_phrase(&filters::make_phrase(&api.ctx, viewer, params.0.edit()?).await?)
}

async fn phrase(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:filters")?;
    answer_phrase(&filters::phrase(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn change_phrase(
    api: web::Data<Api>,
    person: Person,
    id: web::Path<String>,
    params: Params<PhraseParams>,
) -> ApiResult {
    let viewer = person.needs("write:filters")?;
    let id = path_id(&id)?;
    answer_phrase(&filters::change_phrase(&api.ctx, viewer, id, params.0.edit()?).await?)
}

async fn remove_phrase(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:filters")?;
    filters::remove_keyword(&api.ctx, viewer, path_id(&id)?).await?;
    nothing()
}
