//! Groups: found, made, joined and run. Ours alone: stock clients see a group as an account with `group: true`, which they
//! follow to join.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::groups::{self, GroupEdit, GroupFilter, NewGroup, as_person};
use corridor_app::{Error, people};
use corridor_domain::ActorId;
use corridor_domain::group::{Door, GroupKind, GroupRole};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, text};
use crate::entities::{Account, Empty, Group, GroupMember, Status};
use crate::error::{ApiError, ApiResult};
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    let routes = Routes::of("Groups")
        .get(
            "/v1/groups",
            list,
            says("Groups by words, kind or membership").needs("read:accounts").takes::<ListParams>().pages::<Group>(),
        )
        .post(
            "/v1/groups",
            make,
            says("Makes a group")
                .needs("write:accounts")
                .takes::<GroupParams>()
                .requires(&["name", "title"])
                .gives::<Group>(),
        )
        .get("/v1/groups/{id}", show, says("A group").needs("read:accounts").gives::<Group>())
        .put(
            "/v1/groups/{id}",
            change,
            says("Changes it").needs("write:accounts").takes::<GroupParams>().gives::<Group>(),
        )
        .post("/v1/groups/{id}/join", join, says("Joins, or asks to").needs("write:follows").gives::<Group>())
        .post("/v1/groups/{id}/leave", leave, says("Leaves, or takes the wish back").needs("write:follows").done())
        .post(
            "/v1/groups/{id}/archive",
            archive,
            says("Ends it: it can still be read").needs("write:accounts").gives::<Group>(),
        )
        .get(
            "/v1/groups/{id}/memberships",
            memberships,
            says("Its members").needs("read:accounts").gives::<Vec<GroupMember>>(),
        )
        .get(
            "/v1/groups/{id}/membership_requests",
            requests,
            says("Who asks to join").needs("read:accounts").gives::<Vec<Account>>(),
        )
        .post(
            "/v1/groups/{id}/membership_requests/{account}/authorize",
            authorize,
            says("Lets somebody in").needs("write:accounts").gives::<Account>(),
        )
        .post(
            "/v1/groups/{id}/membership_requests/{account}/reject",
            reject,
            says("Turns them down").needs("write:accounts").gives::<Account>(),
        )
        .get(
            "/v1/timelines/group/{id}",
            timeline,
            says("The first posts of its talks").needs("read:statuses").takes::<TimelineParams>().pages::<Status>(),
        );
    let routes = WITH_MEMBERS.into_iter().fold(routes, |routes, (act, does)| {
        let handler = async move |api: web::Data<Api>, person: Person, path: web::Path<(String, String)>| {
            member(act, &api, &person, &path).await
        };
        let path = format!("/v1/groups/{{id}}/memberships/{{account}}/{act}");
        routes.post(path, handler, says(does).needs("write:accounts").done())
    });
    WITH_POSTS.into_iter().fold(routes, |routes, (act, does)| {
        let handler = async move |api: web::Data<Api>, person: Person, path: web::Path<(String, String)>| {
            post(act, &api, &person, &path).await
        };
        let path = format!("/v1/groups/{{id}}/statuses/{{status}}/{act}");
        routes.post(path, handler, says(does).needs("write:accounts").done())
    })
}

#[derive(Debug, Deserialize, JsonSchema)]
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

#[derive(Debug, Deserialize, JsonSchema)]
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
    Ok(HttpResponse::Ok().json(Empty {}))
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
    Ok(HttpResponse::Ok().json(roster.iter().map(|member| GroupMember::of(member, links)).collect::<Vec<_>>()))
}

/// What is done with a member, or somebody who may become one: word, and what it does.
const WITH_MEMBERS: [(&str, &str); 4] = [
    ("invite", "Invites somebody"),
    ("promote", "Makes a member a facilitator"),
    ("demote", "Makes a facilitator a member"),
    ("remove", "Removes a member"),
];

async fn member(act: &str, api: &Api, person: &Person, (id, account): &(String, String)) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let (id, account): (ActorId, ActorId) = (path_id(id)?, path_id(account)?);
    let by = as_person(viewer);
    match act {
        "invite" => groups::invite(&api.ctx, &by, id, account).await?,
        "promote" => groups::give_role(&api.ctx, &by, id, account, GroupRole::Facilitator).await?,
        "demote" => groups::give_role(&api.ctx, &by, id, account, GroupRole::Member).await?,
        _ => groups::remove(&api.ctx, &by, id, account).await?,
    }
    Ok(HttpResponse::Ok().json(Empty {}))
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

/// What facilitators do with a post: word, and what it does.
const WITH_POSTS: [(&str, &str); 3] =
    [("pin", "Pins a post"), ("unpin", "Unpins a post"), ("remove", "Removes a post")];

async fn post(act: &str, api: &Api, person: &Person, (id, post): &(String, String)) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    let (id, post) = (path_id(id)?, path_id(post)?);
    let by = as_person(viewer);
    match act {
        "pin" => groups::set_pinned(&api.ctx, &by, id, post, true).await?,
        "unpin" => groups::set_pinned(&api.ctx, &by, id, post, false).await?,
        _ => groups::remove_post(&api.ctx, &by, id, post).await?,
    }
    Ok(HttpResponse::Ok().json(Empty {}))
}

#[derive(Debug, Deserialize, JsonSchema)]
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
