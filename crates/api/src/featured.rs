//! What people show on their profiles: other people, and hashtags.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::featured_tags::{self, FeaturedTagView};
use corridor_app::{PersonView, RelationshipView, Slice, endorsements};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, text};
use crate::entities::{Account, FoundTag, Relationship};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};

/// Mounts the routes. `pin` and `unpin` are the older names.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v1/accounts/{id}/endorse", web::post().to(endorse))
        .route("/v1/accounts/{id}/unendorse", web::post().to(unendorse))
        .route("/v1/accounts/{id}/pin", web::post().to(endorse))
        .route("/v1/accounts/{id}/unpin", web::post().to(unendorse))
        .route("/v1/endorsements", web::get().to(own_endorsements))
        .route("/v1/accounts/{id}/endorsements", web::get().to(endorsements_of))
        .service(web::resource("/v1/featured_tags").route(web::get().to(own_tags)).route(web::post().to(add_tag)))
        .route("/v1/featured_tags/suggestions", web::get().to(suggested_tags))
        .route("/v1/featured_tags/{id}", web::delete().to(remove_tag))
        .route("/v1/accounts/{id}/featured_tags", web::get().to(tags_of));
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

/// <https://docs.joinmastodon.org/entities/FeaturedTag/>
pub(crate) fn tag(api: &Api, tag: &FeaturedTagView) -> Value {
    json!({
        "id": tag.id.to_string(),
        "name": tag.name,
        "url": api.url(&format!("/tags/{}", tag.name)),
        // Mastodon gives this number as a text.
        "statuses_count": tag.uses.to_string(),
        "last_status_at": tag.last_used.map(|at| at.to_rfc3339().chars().take(10).collect::<String>()),
    })
}

fn tags(api: &Api, found: &[FeaturedTagView]) -> ApiResult {
    Ok(HttpResponse::Ok().json(found.iter().map(|one| tag(api, one)).collect::<Vec<_>>()))
}

async fn own_tags(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    tags(&api, &featured_tags::own(&api.ctx, viewer).await?)
}

async fn tags_of(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    tags(&api, &featured_tags::of(&api.ctx, viewer, path_id(&id)?).await?)
}

#[derive(Debug, Deserialize)]
struct TagParams {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
}

async fn add_tag(api: web::Data<Api>, person: Person, params: Params<TagParams>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let added = featured_tags::add(&api.ctx, viewer, params.0.name.as_deref().unwrap_or_default()).await?;
    Ok(HttpResponse::Ok().json(tag(&api, &added)))
}

async fn remove_tag(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    featured_tags::remove(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}

async fn suggested_tags(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let found = featured_tags::suggestions(&api.ctx, viewer).await?;
    let addresses = &api.ctx.settings.addresses;
    let entity = |tag: &corridor_app::tags::FollowedTag| FoundTag::known(tag, addresses);
    Ok(HttpResponse::Ok().json(found.iter().map(entity).collect::<Vec<_>>()))
}
