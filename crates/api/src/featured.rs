//! What people show on their profiles: other people, and hashtags.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::featured_tags::{self, FeaturedTagView};
use corridor_app::{PersonView, RelationshipView, Slice, endorsements};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, text};
use crate::entities::{Account, Empty, FeaturedTag, FoundTag, Relationship};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};

/// The routes. `pin` and `unpin` are the older names.
pub(crate) fn routes() -> Routes {
    Routes::of("Endorsements and featured tags")
        .post(
            "/v1/accounts/{id}/endorse",
            endorse,
            says("Shows somebody on the caller's profile").needs("write:accounts").gives::<Relationship>(),
        )
        .post(
            "/v1/accounts/{id}/unendorse",
            unendorse,
            says("Shows them no more").needs("write:accounts").gives::<Relationship>(),
        )
        .post("/v1/accounts/{id}/pin", endorse, says("As endorse").needs("write:accounts").gives::<Relationship>())
        .post(
            "/v1/accounts/{id}/unpin",
            unendorse,
            says("As unendorse").needs("write:accounts").gives::<Relationship>(),
        )
        .get(
            "/v1/endorsements",
            own_endorsements,
            says("Whom the caller endorses").needs("read:accounts").pages::<Account>(),
        )
        .get(
            "/v1/accounts/{id}/endorsements",
            endorsements_of,
            says("Whom somebody endorses").needs("read:accounts").pages::<Account>(),
        )
        .get(
            "/v1/featured_tags",
            own_tags,
            says("The tags on the caller's profile").needs("read:accounts").gives::<Vec<FeaturedTag>>(),
        )
        .post(
            "/v1/featured_tags",
            add_tag,
            says("Shows a tag there")
                .needs("write:accounts")
                .takes::<TagParams>()
                .requires(&["name"])
                .gives::<FeaturedTag>(),
        )
        .get(
            "/v1/featured_tags/suggestions",
            suggested_tags,
            says("Tags that the caller used most").needs("read:accounts").gives::<Vec<FoundTag>>(),
        )
        .delete("/v1/featured_tags/{id}", remove_tag, says("Shows a tag no more").needs("write:accounts").done())
        .get(
            "/v1/accounts/{id}/featured_tags",
            tags_of,
            says("The tags on somebody's profile").needs("read:accounts").gives::<Vec<FeaturedTag>>(),
        )
}

fn relation(view: &RelationshipView) -> ApiResult {
    Ok(HttpResponse::Ok().json(Relationship::of(view)))
}

fn people(api: &Api, request: &HttpRequest, person: &Person, slice: &Slice<PersonView>) -> ApiResult {
    let links = &person.links(api);
    Ok(pagination::answer(api, request, slice, |person| Account::of(person, links)))
}

async fn endorse(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    relation(&endorsements::endorse(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn unendorse(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    relation(&endorsements::unendorse(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn own_endorsements(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    page: Params<PageParams>,
) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    people(&api, &request, &person, &endorsements::own(&api.ctx, viewer, page.0.page(40, 80)).await?)
}

async fn endorsements_of(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    id: web::Path<String>,
    page: Params<PageParams>,
) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    people(&api, &request, &person, &endorsements::of(&api.ctx, viewer, path_id(&id)?, page.0.page(40, 80)).await?)
}

fn tags(api: &Api, found: &[FeaturedTagView]) -> ApiResult {
    let addresses = &api.ctx.settings.addresses;
    Ok(HttpResponse::Ok().json(found.iter().map(|tag| FeaturedTag::of(tag, addresses)).collect::<Vec<_>>()))
}

async fn own_tags(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    tags(&api, &featured_tags::own(&api.ctx, viewer).await?)
}

async fn tags_of(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    tags(&api, &featured_tags::of(&api.ctx, viewer, path_id(&id)?).await?)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct TagParams {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
}

async fn add_tag(api: web::Data<Api>, person: Person, params: Params<TagParams>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let added = featured_tags::add(&api.ctx, viewer, params.0.name.as_deref().unwrap_or_default()).await?;
    Ok(HttpResponse::Ok().json(FeaturedTag::of(&added, &api.ctx.settings.addresses)))
}

async fn remove_tag(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    featured_tags::remove(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}

async fn suggested_tags(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let found = featured_tags::suggestions(&api.ctx, viewer).await?;
    let addresses = &api.ctx.settings.addresses;
    let entity = |tag: &corridor_app::tags::FollowedTag| FoundTag::known(tag, addresses);
    Ok(HttpResponse::Ok().json(found.iter().map(entity).collect::<Vec<_>>()))
}
