//! Accounts: who others are, and what they posted.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::timelines::AuthorFilter;
use corridor_app::{Error, account_notes, follows, people, timelines};
use corridor_domain::ActorId;
use corridor_domain::text::Handle;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::auth::Person;
use crate::body::{Params, flag, list, number, text};
use crate::entities::{Account, Relationship, Status};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};
use crate::{Api, ApiError};

/// The routes. Fixed names come before `{id}`.
pub(crate) fn routes() -> Routes {
    Routes::of("Accounts")
        .get(
            "/v1/accounts/relationships",
            relationships,
            says("How the caller stands to others").needs("read:follows").takes::<Ids>().gives::<Vec<Relationship>>(),
        )
        .get(
            "/v1/accounts/lookup",
            lookup,
            says("Somebody by their handle")
                .needs("read:accounts")
                .takes::<LookupParams>()
                .requires(&["acct"])
                .gives::<Account>(),
        )
        .get(
            "/v1/accounts/search",
            search,
            says("People by a piece of name, handle or job title")
                .needs("read:accounts")
                .takes::<SearchParams>()
                .gives::<Vec<Account>>(),
        )
        .get(
            "/v1/accounts",
            show_many,
            says("Several people").needs("read:accounts").takes::<Ids>().gives::<Vec<Account>>(),
        )
        .get("/v1/accounts/{id}", show, says("Somebody").needs("read:accounts").gives::<Account>())
        .post(
            "/v1/accounts/{id}/note",
            note,
            says("Writes the caller's own note about somebody")
                .needs("write:accounts")
                .takes::<NoteParams>()
                .gives::<Relationship>(),
        )
        .get(
            "/v1/accounts/{id}/statuses",
            statuses,
            says("What somebody wrote").needs("read:statuses").takes::<StatusesParams>().pages::<Status>(),
        )
        .get(
            "/v1/accounts/{id}/followers",
            followers,
            says("Who follows somebody").needs("read:accounts").pages::<Account>(),
        )
        .get(
            "/v1/accounts/{id}/following",
            following,
            says("Whom somebody follows").needs("read:accounts").pages::<Account>(),
        )
}

/// Reads an id from a path; one that is no id is no record.
pub(crate) fn path_id<T: std::str::FromStr>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_| Error::NotFound("that").into())
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Ids {
    #[serde(default, deserialize_with = "list")]
    id: Vec<String>,
}

impl Ids {
    /// The ids that are ids; others name nobody.
    fn actors(&self) -> Vec<ActorId> {
        self.id.iter().take(100).filter_map(|id| id.parse().ok()).collect()
    }
}

async fn relationships(api: web::Data<Api>, person: Person, ids: Params<Ids>) -> ApiResult {
    let viewer = person.needs("read:follows")?;
    let views = follows::relationships(&api.ctx, viewer, ids.0.actors()).await?;
    Ok(HttpResponse::Ok().json(views.iter().map(Relationship::of).collect::<Vec<_>>()))
}

async fn show_many(api: web::Data<Api>, person: Person, ids: Params<Ids>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let people = people::show_many(&api.ctx, viewer, ids.0.actors()).await?;
    let links = &person.links(&api);
    Ok(HttpResponse::Ok().json(people.iter().map(|person| Account::of(person, links)).collect::<Vec<_>>()))
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let view = people::show(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Account::of(&view, &person.links(&api))))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct NoteParams {
    #[serde(default, deserialize_with = "text")]
    comment: Option<String>,
}

async fn note(api: web::Data<Api>, person: Person, id: web::Path<String>, params: Params<NoteParams>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let comment = params.0.comment.unwrap_or_default();
    let view = account_notes::write(&api.ctx, viewer, path_id(&id)?, &comment).await?;
    Ok(HttpResponse::Ok().json(Relationship::of(&view)))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct LookupParams {
    #[serde(default, deserialize_with = "text")]
    acct: Option<String>,
}

async fn lookup(api: web::Data<Api>, person: Person, params: Params<LookupParams>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let acct = params.0.acct.ok_or_else(|| ApiError::Malformed("“acct” is missing".to_owned()))?;
    let handle = Handle::parse(&acct).map_err(|_| Error::NotFound("that person"))?;
    let view = people::lookup(&api.ctx, viewer, &handle, false).await?;
    Ok(HttpResponse::Ok().json(Account::of(&view, &person.links(&api))))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct SearchParams {
    #[serde(default, deserialize_with = "text")]
    q: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    resolve: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    following: Option<bool>,
    #[serde(default, deserialize_with = "number")]
    limit: Option<i64>,
}

async fn search(api: web::Data<Api>, person: Person, params: Params<SearchParams>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let Params(params) = params;
    let limit = params.limit.unwrap_or(40).clamp(1, 80);
    let resolve = params.resolve.unwrap_or(false);
    let text = params.q.unwrap_or_default();
    let found = people::search(&api.ctx, viewer, &text, resolve, limit, params.following.unwrap_or(false)).await?;
    let links = &person.links(&api);
    Ok(HttpResponse::Ok().json(found.iter().map(|person| Account::of(person, links)).collect::<Vec<_>>()))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct StatusesParams {
    #[serde(flatten)]
    page: PageParams,
    #[serde(default, deserialize_with = "flag")]
    exclude_replies: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    exclude_reblogs: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    only_media: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    pinned: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    tagged: Option<String>,
}

async fn statuses(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    id: web::Path<String>,
    params: Params<StatusesParams>,
) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let id = path_id(&id)?;
    people::show(&api.ctx, viewer, id).await?;
    let Params(params) = params;
    let filter = AuthorFilter {
        exclude_replies: params.exclude_replies.unwrap_or(false),
        exclude_boosts: params.exclude_reblogs.unwrap_or(false),
        only_media: params.only_media.unwrap_or(false),
        tagged: params.tagged,
        pinned: params.pinned.unwrap_or(false),
    };
    let slice = timelines::by_author(&api.ctx, viewer, id, filter, params.page.page(20, 40)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |post| Status::of(post, links)))
}

async fn followers(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    id: web::Path<String>,
    page: Params<PageParams>,
) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let slice = people::followers(&api.ctx, viewer, path_id(&id)?, page.0.page(40, 80)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |person| Account::of(person, links)))
}

async fn following(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    id: web::Path<String>,
    page: Params<PageParams>,
) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let slice = people::following(&api.ctx, viewer, path_id(&id)?, page.0.page(40, 80)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |person| Account::of(person, links)))
}
