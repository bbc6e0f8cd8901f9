//! Timelines: home, the network, the department, a tag, and the caller's own collections.

use actix_web::{FromRequest, HttpRequest, web};
use corridor_app::timelines::{self, Reach};
use corridor_app::{PostView, Slice};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Api;
use crate::again::again;
use crate::auth::Person;
use crate::body::{Params, flag};
use crate::entities::Status;
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Timelines")
        .get("/v1/timelines/home", home, says("The home feed").needs("read:statuses").pages::<Status>())
        .get(
            "/v1/timelines/public",
            network,
            says("The network, of which `local` is this department")
                .needs("read:statuses")
                .takes::<NetworkParams>()
                .pages::<Status>(),
        )
        .get(
            "/v1/timelines/department",
            department,
            says("What the department reads among itself").needs("read:statuses").pages::<Status>(),
        )
        .get("/v1/timelines/tag/{tag}", tag, says("What has a hashtag").needs("read:statuses").pages::<Status>())
        .get("/v1/favourites", favourites, says("The caller's favourites").needs("read:favourites").pages::<Status>())
        .get("/v1/bookmarks", bookmarks, says("The caller's bookmarks").needs("read:bookmarks").pages::<Status>())
}

async fn home(api: web::Data<Api>, request: HttpRequest, page: Params<PageParams>) -> ApiResult {
    again(&api, &request, || async {
        let person = Person::extract(&request).await?;
        let viewer = person.needs("read:statuses")?;
        statuses(&api, &request, &person, &timelines::home(&api.ctx, viewer, page.0.page(20, 40)).await?)
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct NetworkParams {
    #[serde(flatten)]
    page: PageParams,
    #[serde(default, deserialize_with = "flag")]
    local: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    remote: Option<bool>,
}

async fn network(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    params: Params<NetworkParams>,
) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let reach = match (params.0.local, params.0.remote) {
        (Some(true), _) => Reach::Local,
        (_, Some(true)) => Reach::Remote,
        _ => Reach::All,
    };
    let page = params.0.page.page(20, 40);
    statuses(&api, &request, &person, &timelines::network(&api.ctx, viewer, reach, page).await?)
}

/// Ours: what the department reads among itself.
async fn department(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    statuses(&api, &request, &person, &timelines::department(&api.ctx, viewer, page.0.page(20, 40)).await?)
}

async fn tag(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    tag: web::Path<String>,
    page: Params<PageParams>,
) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    statuses(&api, &request, &person, &timelines::tag(&api.ctx, viewer, &tag, page.0.page(20, 40)).await?)
}

async fn favourites(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let viewer = person.needs("read:favourites")?;
    statuses(&api, &request, &person, &timelines::favourites(&api.ctx, viewer, page.0.page(20, 40)).await?)
}

async fn bookmarks(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let viewer = person.needs("read:bookmarks")?;
    statuses(&api, &request, &person, &timelines::bookmarks(&api.ctx, viewer, page.0.page(20, 40)).await?)
}

/// A page of statuses.
pub(crate) fn statuses(api: &Api, request: &HttpRequest, person: &Person, slice: &Slice<PostView>) -> ApiResult {
    let links = &person.links(api);
    Ok(pagination::answer(api, request, slice, |post| Status::of(post, links)))
}
