//! Groups: found, made, joined and run. Ours alone: stock clients see a group as an account with `group: true`, which they
//! follow to join.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::groups::{self, GroupEdit, GroupFilter, NewGroup, as_person};
use corridor_app::{Error, people};
use corridor_domain::ActorId;
use corridor_domain::group::{Door, GroupKind, GroupRole};
use serde::Deserialize;
use serde_json::json;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, text};
use crate::entities::{Account, Group, Status};
use crate::error::{ApiError, ApiResult};
use crate::pagination::{self, PageParams};

/// Mounts the routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v1/groups", web::get().to(list))
        .route("/v1/groups", web::post().to(make))
        .service(web::resource("/v1/groups/{id}").route(web::get().to(show)).route(web::put().to(change)))
        .route("/v1/groups/{id}/join", web::post().to(join))
        .route("/v1/groups/{id}/leave", web::post().to(leave))
        .route("/v1/groups/{id}/archive", web::post().to(archive))
        .route("/v1/groups/{id}/memberships", web::get().to(memberships))
        .route("/v1/groups/{id}/memberships/{account}/{act}", web::post().to(member))
        .route("/v1/groups/{id}/membership_requests", web::get().to(requests))
        .route("/v1/groups/{id}/membership_requests/{account}/authorize", web::post().to(authorize))
        .route("/v1/groups/{id}/membership_requests/{account}/reject", web::post().to(reject))
        .route("/v1/groups/{id}/statuses/{post}/{act}", web::post().to(post))
        .route("/v1/timelines/group/{id}", web::get().to(timeline));
}

#[derive(Debug, Deserialize)]
struct ListParams {
    #[serde(flatten)]
    page: PageParams,
    #[serde(default, deserialize_with = "text")]
    q: Option<String>,
    #[serde(default, deserialize_with = "text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    joined: Option<bool>,
}

async fn list(api: web::Data<Api>, request: HttpRequest, person: Person, params: Params<ListParams>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let Params(params) = params;
    let filter = GroupFilter {
        text: params.q.unwrap_or_default(),
        kind: word::<GroupKind>(params.kind.as_deref())?,
        joined: params.joined.unwrap_or(false),
    };
    let found = groups::list(&api.ctx, &as_person(viewer), filter, params.page.page(40, 80)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &found, |group| Group::of(group, links)))
}

fn word<T: std::str::FromStr<Err: std::fmt::Display>>(text: Option<&str>) -> Result<Option<T>, ApiError> {
    Ok(text.filter(|text| !text.is_empty()).map(str::parse).transpose().map_err(Error::invalid)?)
}

#[derive(Debug, Deserialize)]
struct GroupParams {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    title: Option<String>,
    #[serde(default, deserialize_with = "text")]
    about: Option<String>,
    #[serde(default, deserialize_with = "text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "text")]
    door: Option<String>,
    #[serde(default, deserialize_with = "text")]
    marking: Option<String>,
}

async fn make(api: web::Data<Api>, person: Person, params: Params<GroupParams>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let Params(params) = params;
    let marking = params.marking.as_deref().filter(|name| !name.is_empty());
    let new = NewGroup {
        name: params.name.unwrap_or_default(),
        title: params.title.unwrap_or_default(),
        about: params.about.unwrap_or_default(),
        kind: word(params.kind.as_deref())?.unwrap_or(GroupKind::Social),
        door: word(params.door.as_deref())?.unwrap_or(Door::ByRequest),
        marking: marking.map(|name| api.ctx.settings.scheme.parse(name)).transpose().map_err(Error::invalid)?,
        facilitator: None,
    };
    let made = groups::make(&api.ctx, &as_person(viewer), new).await?;
    Ok(HttpResponse::Ok().json(Group::of(&made, &person.links(&api))))
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let group = groups::show(&api.ctx, &as_person(viewer), path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Group::of(&group, &person.links(&api))))
}

async fn change(api: web::Data<Api>, person: Person, id: web::Path<String>, params: Params<GroupParams>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let Params(params) = params;
    let edit = GroupEdit { title: params.title, about: params.about, kind: word(params.kind.as_deref())? };
    let group = groups::change(&api.ctx, &as_person(viewer), path_id(&id)?, edit).await?;
    Ok(HttpResponse::Ok().json(Group::of(&group, &person.links(&api))))
}

async fn join(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    let group = groups::join(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Group::of(&group, &person.links(&api))))
}

async fn leave(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    groups::leave(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}

async fn archive(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let group = groups::archive(&api.ctx, &as_person(viewer), path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Group::of(&group, &person.links(&api))))
}

async fn memberships(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let roster = groups::members(&api.ctx, &as_person(viewer), path_id(&id)?).await?;
    let links = &person.links(&api);
    let entity = |member: &groups::MemberView| {
        json!({
            "account": Account::of(&member.person, links),
            "role": member.role.word(),
            "joined_at": member.joined_at.to_rfc3339(),
        })
    };
    Ok(HttpResponse::Ok().json(roster.iter().map(entity).collect::<Vec<_>>()))
}

async fn member(api: web::Data<Api>, person: Person, path: web::Path<(String, String, String)>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let (id, account, act) = path.into_inner();
    let (id, account): (ActorId, ActorId) = (path_id(&id)?, path_id(&account)?);
    let by = as_person(viewer);
    match act.as_str() {
        "invite" => groups::invite(&api.ctx, &by, id, account).await?,
        "promote" => groups::give_role(&api.ctx, &by, id, account, GroupRole::Facilitator).await?,
        "demote" => groups::give_role(&api.ctx, &by, id, account, GroupRole::Member).await?,
        "remove" => groups::remove(&api.ctx, &by, id, account).await?,
        _ => return Ok(crate::error::no_such_route().await),
    }
    Ok(HttpResponse::Ok().json(json!({})))
}

async fn requests(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let asking = groups::requests(&api.ctx, &as_person(viewer), path_id(&id)?).await?;
    let links = &person.links(&api);
    let accounts: Vec<Account> = asking.iter().map(|(person, _)| Account::of(person, links)).collect();
    Ok(HttpResponse::Ok().json(accounts))
}

async fn authorize(api: web::Data<Api>, person: Person, path: web::Path<(String, String)>) -> ApiResult {
    decide(&api, &person, &path, true).await
}

async fn reject(api: web::Data<Api>, person: Person, path: web::Path<(String, String)>) -> ApiResult {
    decide(&api, &person, &path, false).await
}

async fn decide(api: &Api, person: &Person, (id, account): &(String, String), yes: bool) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let (id, account): (ActorId, ActorId) = (path_id(id)?, path_id(account)?);
    groups::decide(&api.ctx, &as_person(viewer), id, account, yes).await?;
    let account = people::show(&api.ctx, viewer, account).await?;
    Ok(HttpResponse::Ok().json(Account::of(&account, &person.links(api))))
}

async fn post(api: web::Data<Api>, person: Person, path: web::Path<(String, String, String)>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let (id, post, act) = path.into_inner();
    let (id, post) = (path_id(&id)?, path_id(&post)?);
    let by = as_person(viewer);
    match act.as_str() {
        "pin" => groups::set_pinned(&api.ctx, &by, id, post, true).await?,
        "unpin" => groups::set_pinned(&api.ctx, &by, id, post, false).await?,
        "remove" => groups::remove_post(&api.ctx, &by, id, post).await?,
        _ => return Ok(crate::error::no_such_route().await),
    }
    Ok(HttpResponse::Ok().json(json!({})))
}

#[derive(Debug, Deserialize)]
struct TimelineParams {
    #[serde(flatten)]
    page: PageParams,
    #[serde(default, deserialize_with = "flag")]
    unanswered: Option<bool>,
}

async fn timeline(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    id: web::Path<String>,
    params: Params<TimelineParams>,
) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let Params(TimelineParams { page, unanswered }) = params;
    let (by, page) = (as_person(viewer), page.page(20, 40));
    let talks = groups::talks(&api.ctx, &by, path_id(&id)?, unanswered.unwrap_or(false), page).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &talks, |post| Status::of(post, links)))
}
