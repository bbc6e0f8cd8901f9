//! Statuses: writing, reading, changing, and what people do with them.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::posts::{self, Draft, EditDraft};
use corridor_app::{PersonView, PostView, Slice, Viewer};
use corridor_app::{accounts, filters, groups};
use corridor_domain::{Audience, Marking, PostId, Timestamp, filter};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, list, some_list, text};
use crate::entities::{Account, Context, PublishedOrScheduled, Recall, Revision, Source, Status};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};
use crate::{Api, ApiError, media, polls, scheduled};

/// The routes.
pub(crate) fn routes() -> Routes {
    let routes = Routes::of("Statuses")
        .post(
            "/v1/statuses",
            publish,
            says("Publishes a post, or schedules one")
                .needs("write:statuses")
                .takes::<StatusParams>()
                .gives::<PublishedOrScheduled>(),
        )
        .get(
            "/v1/statuses",
            show_many,
            says("Several posts").needs("read:statuses").takes::<Ids>().gives::<Vec<Status>>(),
        )
        .get("/v1/statuses/{id}", show, says("A post").needs("read:statuses").gives::<Status>())
        .put(
            "/v1/statuses/{id}",
            edit,
            says("Edits it").needs("write:statuses").takes::<StatusParams>().gives::<Status>(),
        )
        .delete("/v1/statuses/{id}", delete, says("Deletes it").needs("write:statuses").gives::<Status>())
        .get("/v1/statuses/{id}/context", context, says("Its thread").needs("read:statuses").gives::<Context>())
        .get("/v1/statuses/{id}/source", source, says("What its author typed").needs("read:statuses").gives::<Source>())
        .get("/v1/statuses/{id}/history", history, says("Its states").needs("read:statuses").gives::<Vec<Revision>>())
        .get(
            "/v1/statuses/{id}/recall",
            recall,
            says("Where a deleted post is gone").needs("read:statuses").gives::<Recall>(),
        )
        .get(
            "/v1/statuses/{id}/favourited_by",
            favourited_by,
            says("Whose favourite it is").needs("read:statuses").pages::<Account>(),
        )
        .get(
            "/v1/statuses/{id}/reblogged_by",
            reblogged_by,
            says("Who boosted it").needs("read:statuses").pages::<Account>(),
        )
        .post(
            "/v1/statuses/{id}/answer",
            answer,
            says("Says which reply answers a question")
                .needs("write:statuses")
                .takes::<AnswerParams>()
                .gives::<Status>(),
        );
    ACTS.into_iter().fold(routes, |routes, (word, scope, does)| {
        let handler = async move |api: web::Data<Api>, person: Person, id: web::Path<String>, _: Params<NoParams>| {
            act(word, scope, &api, &person, &id).await
        };
        routes.post(format!("/v1/statuses/{{id}}/{word}"), handler, says(does).needs(scope).gives::<Status>())
    })
}

#[derive(Debug, Deserialize, JsonSchema)]
struct StatusParams {
    #[serde(default, deserialize_with = "text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "text")]
    in_reply_to_id: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    sensitive: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    spoiler_text: Option<String>,
    #[serde(default, deserialize_with = "text")]
    visibility: Option<String>,
    #[serde(default, deserialize_with = "text")]
    language: Option<String>,
    #[serde(default, deserialize_with = "some_list")]
    media_ids: Option<Vec<String>>,
    #[serde(default)]
    #[schemars(with = "Option<Vec<media::EditParams>>")]
    media_attributes: Option<serde_json::Value>,
    #[serde(default)]
    #[schemars(with = "Option<polls::PollParams>")]
    poll: Option<serde_json::Value>,
    #[serde(default, deserialize_with = "text")]
    scheduled_at: Option<String>,
    /// Ours: the title of a talk or article.
    #[serde(default, deserialize_with = "text")]
    title: Option<String>,
    /// Ours: the group that a new talk is for.
    #[serde(default, deserialize_with = "text")]
    group_id: Option<String>,
    /// Ours: the facilitators announce it.
    #[serde(default, deserialize_with = "flag")]
    announcement: Option<bool>,
    /// Ours: it asks for an answer.
    #[serde(default, deserialize_with = "flag")]
    question: Option<bool>,
    /// Ours: `department`, `network`, `followers`, `group` or `named`.
    #[serde(default, deserialize_with = "text")]
    audience: Option<String>,
    /// Ours: the name of a marking.
    #[serde(default, deserialize_with = "text")]
    marking: Option<String>,
    /// Ours: how it is to be handled.
    #[serde(default, deserialize_with = "text")]
    handling: Option<String>,
}

impl StatusParams {
    /// When it is to go out; `None` for now.
    fn due(&self) -> Result<Option<Timestamp>, ApiError> {
        scheduled::moment(self.scheduled_at.as_deref())
    }

    fn marking(&self, api: &Api) -> Result<Option<Marking>, ApiError> {
        let name = self.marking.as_deref().filter(|name| !name.is_empty());
        Ok(name.map(|name| api.ctx.settings.scheme.parse(name)).transpose().map_err(corridor_app::Error::invalid)?)
    }

    /// The audience: our own word, or the one that a Mastodon visibility stands for.
    fn audience(&self) -> Result<Option<Audience>, ApiError> {
        if let Some(word) = self.audience.as_deref().filter(|word| !word.is_empty()) {
            return Ok(Some(word.parse().map_err(corridor_app::Error::invalid)?));
        }
        audience_of_visibility(self.visibility.as_deref().unwrap_or_default())
    }
}

/// The audience that a Mastodon visibility stands for; `None` where none is said.
pub(crate) fn audience_of_visibility(visibility: &str) -> Result<Option<Audience>, ApiError> {
    match visibility {
        "" | "None" => Ok(None),
        // Whoever may find an unlisted post may read it; it is a network post here.
        "public" | "unlisted" => Ok(Some(Audience::Network)),
        "private" => Ok(Some(Audience::Followers)),
        "direct" => Ok(Some(Audience::Named)),
        other => {
            let shown: String = other.chars().take(40).collect();
            Err(corridor_app::Error::invalid(format!("“{shown}” is not a visibility")).into())
        }
    }
}

/// The audience of a new post. A client that doesn't know departments and groups answers a post there as `private`; such
/// an answer stays where it belongs.
async fn audience_of(
    api: &Api,
    viewer: &Viewer,
    params: &StatusParams,
    parent: Option<PostId>,
) -> Result<Option<Audience>, ApiError> {
    let said = params.audience()?;
    let in_our_words = params.audience.as_deref().is_some_and(|word| !word.is_empty());
    if in_our_words {
        return Ok(said);
    }
    let Some(parent) = parent else { return Ok(said) };
    let parent = posts::show(&api.ctx, viewer, parent).await?;
    Ok(match parent.audience {
        Audience::Department => Some(Audience::Department),
        // An answer in a group stays there, unless it is for people by name.
        Audience::Group if said != Some(Audience::Named) => Some(Audience::Group),
        _ => said,
    })
}

async fn publish(api: web::Data<Api>, request: HttpRequest, person: Person, params: Params<StatusParams>) -> ApiResult {
    let viewer = person.needs("write:statuses")?;
    let Params(params) = params;
    let due = params.due()?;
    let in_reply_to = match params.in_reply_to_id.as_deref() {
        None | Some("" | "None") => None,
        Some(id) => Some(path_id(id)?),
    };
    let group = params.group_id.as_deref().filter(|id| !id.is_empty()).map(path_id).transpose()?;
    // A visibility is what a stock client always says; a group is said on purpose.
    let audience = match group {
        Some(_) if params.audience.is_none() => None,
        _ => audience_of(&api, viewer, &params, in_reply_to).await?,
    };
    let sensitive = match params.sensitive {
        Some(sensitive) => sensitive,
        None => accounts::preferences(&api.ctx, viewer).await?.default_sensitive,
    };
    let draft = Draft {
        audience,
        group,
        title: params.title.clone().unwrap_or_default(),
        announcement: params.announcement.unwrap_or(false),
        question: params.question.unwrap_or(false),
        marking: params.marking(&api)?,
        handling: params.handling,
        text: params.status.unwrap_or_default(),
        summary: params.spoiler_text.unwrap_or_default(),
        sensitive,
        language: params.language.filter(|language| language != "None").unwrap_or_default(),
        in_reply_to,
        named: Vec::new(),
        poll: polls::draft(params.poll.as_ref())?,
        media: media::ids(&params.media_ids.unwrap_or_default())?,
        media_edits: media::edits(params.media_attributes.as_ref())?,
        idempotency_key: idempotency_key(&request)?,
        app: Some(person.auth.app_id),
    };
    match due {
        Some(due) => scheduled::schedule(&api, &person, draft, due).await,
        None => status(&api, &person, &posts::publish(&api.ctx, viewer, draft).await?),
    }
}

fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let Some(key) = request.headers().get("idempotency-key") else { return Ok(None) };
    match key.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= 255 => Ok(Some(key.to_owned())),
        _ => Err(ApiError::Malformed("the Idempotency-Key must be 1 to 255 visible characters".to_owned())),
    }
}

fn status(api: &Api, person: &Person, post: &PostView) -> ApiResult {
    Ok(HttpResponse::Ok().json(Status::of(post, &person.links(api))))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Ids {
    #[serde(default, deserialize_with = "list")]
    id: Vec<String>,
}

async fn show_many(api: web::Data<Api>, person: Person, ids: Params<Ids>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let ids = ids.0.id.iter().take(40).filter_map(|id| id.parse().ok()).collect();
    let posts = posts::show_many(&api.ctx, viewer, ids).await?;
    let links = &person.links(&api);
    Ok(HttpResponse::Ok().json(posts.iter().map(|post| Status::of(post, links)).collect::<Vec<_>>()))
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let post = posts::show(&api.ctx, viewer, path_id(&id)?).await?;
    status(&api, &person, &filters::narrowed(post, filter::Context::Thread))
}

async fn edit(api: web::Data<Api>, person: Person, id: web::Path<String>, params: Params<StatusParams>) -> ApiResult {
    let viewer = person.needs("write:statuses")?;
    let Params(params) = params;
    if params.due()?.is_some() {
        return Err(corridor_app::Error::invalid("A post that is out can't be scheduled: the edit is for now").into());
    }
    let draft = EditDraft {
        title: params.title.clone(),
        marking: params.marking(&api)?,
        text: params.status.unwrap_or_default(),
        summary: params.spoiler_text.unwrap_or_default(),
        sensitive: params.sensitive.unwrap_or(false),
        language: params.language,
        handling: params.handling,
        poll: polls::draft(params.poll.as_ref())?,
        media: params.media_ids.as_deref().map(media::ids).transpose()?,
        media_edits: media::edits(params.media_attributes.as_ref())?,
    };
    status(&api, &person, &posts::edit(&api.ctx, viewer, path_id(&id)?, draft).await?)
}

async fn delete(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:statuses")?;
    let post = posts::delete(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Status::deleted(&post, &person.links(&api))))
}

async fn context(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let context = posts::context(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Context::of(&context, &person.links(&api))))
}

async fn source(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let post = posts::show(&api.ctx, viewer, path_id(&id)?).await?;
    if post.author.id != viewer.id {
        return Err(corridor_app::Error::NotFound("that post").into());
    }
    Ok(HttpResponse::Ok().json(Source::of(&post)))
}

async fn history(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let id = path_id(&id)?;
    let author = posts::show(&api.ctx, viewer, id).await?.author;
    let revisions = posts::history(&api.ctx, viewer, id).await?;
    let account = Account::of(&author, &person.links(&api));
    let states: Vec<_> = revisions.iter().map(|revision| Revision::of(revision, &account)).collect();
    Ok(HttpResponse::Ok().json(states))
}

/// Ours: where a deleted post of one's own is gone.
async fn recall(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    Ok(HttpResponse::Ok().json(Recall::of(&posts::recall(&api.ctx, viewer, path_id(&id)?).await?)))
}

async fn favourited_by(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    id: web::Path<String>,
    page: Params<PageParams>,
) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    people(&api, &request, &person, &posts::favourited_by(&api.ctx, viewer, path_id(&id)?, page.0.page(40, 80)).await?)
}

async fn reblogged_by(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    id: web::Path<String>,
    page: Params<PageParams>,
) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    people(&api, &request, &person, &posts::boosted_by(&api.ctx, viewer, path_id(&id)?, page.0.page(40, 80)).await?)
}

fn people(api: &Api, request: &HttpRequest, person: &Person, slice: &Slice<PersonView>) -> ApiResult {
    let links = &person.links(api);
    Ok(pagination::answer(api, request, slice, |person| Account::of(person, links)))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct AnswerParams {
    #[serde(default, deserialize_with = "text")]
    answer_id: Option<String>,
}

/// Ours: which reply answers a question in a group; none takes that back.
async fn answer(api: web::Data<Api>, person: Person, id: web::Path<String>, params: Params<AnswerParams>) -> ApiResult {
    let viewer = person.needs("write:statuses")?;
    let id: PostId = path_id(&id)?;
    let answer = params.0.answer_id.as_deref().filter(|id| !id.is_empty()).map(path_id).transpose()?;
    groups::accept_answer(&api.ctx, viewer, id, answer).await?;
    status(&api, &person, &posts::show(&api.ctx, viewer, id).await?)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct NoParams {}

/// What people do with a post: word, scope, and what it does.
const ACTS: [(&str, &str, &str); 10] = [
    ("favourite", "write:favourites", "Makes it a favourite"),
    ("unfavourite", "write:favourites", "Makes it one no more"),
    ("reblog", "write:statuses", "Boosts it"),
    ("unreblog", "write:statuses", "Takes the boost back"),
    ("bookmark", "write:bookmarks", "Bookmarks it"),
    ("unbookmark", "write:bookmarks", "Removes the bookmark"),
    ("mute", "write:mutes", "Mutes its thread"),
    ("unmute", "write:mutes", "Mutes its thread no more"),
    ("pin", "write:accounts", "Pins it to the caller's profile"),
    ("unpin", "write:accounts", "Unpins it"),
];

async fn act(act: &str, scope: &str, api: &Api, person: &Person, id: &str) -> ApiResult {
    let viewer = person.needs(scope)?;
    let id: PostId = path_id(id)?;
    let ctx = &api.ctx;
    let post = match act {
        "favourite" => posts::favourite(ctx, viewer, id).await?,
        "unfavourite" => posts::unfavourite(ctx, viewer, id).await?,
        "reblog" => posts::boost(ctx, viewer, id).await?,
        "unreblog" => posts::unboost(ctx, viewer, id).await?,
        "bookmark" => posts::bookmark(ctx, viewer, id).await?,
        "unbookmark" => posts::unbookmark(ctx, viewer, id).await?,
        "mute" => posts::mute_thread(ctx, viewer, id).await?,
        "unmute" => posts::unmute_thread(ctx, viewer, id).await?,
        "pin" => posts::pin(ctx, viewer, id).await?,
        _ => posts::unpin(ctx, viewer, id).await?,
    };
    status(api, person, &post)
}
