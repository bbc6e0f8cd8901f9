//! People: finding them, their pages, following them, and the thread of one of their posts.

use actix_web::web;
use corridor_app::follows::{self, FollowOptions};
use corridor_app::timelines::{self, AuthorFilter};
use corridor_app::{Error, PersonView, Slice, people, posts};
use corridor_domain::text::Handle;
use corridor_domain::{ActorId, ActorKind};
use serde::Deserialize;

use super::{Button, PER_PAGE, Part, go_to, groups, html};
use crate::error::{PageError, PageResult, no_such_page};
use crate::refused;
use crate::session::Member;
use crate::show;
use crate::views::{Errors, Nav, PeoplePage, ProfilePage, SearchPage, ThreadPage};
use crate::words::Said;

/// People found at most.
const FOUND: i64 = 40;

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/search", web::get().to(search))
        .route("/people/{id}", web::get().to(by_number))
        .route("/people/{id}/{act}", web::post().to(act))
        .route("/@{acct}/followers", web::get().to(followers))
        .route("/@{acct}/following", web::get().to(following))
        .route("/@{acct}/{post}", web::get().to(thread))
        .route("/@{acct}", web::get().to(profile));
}

#[derive(Debug, Deserialize)]
struct Query {
    #[serde(default)]
    q: String,
}

async fn search(member: Member, query: web::Query<Query>) -> PageResult {
    let text = query.into_inner().q;
    let mut page = SearchPage { frame: member.frame(Nav::Search).await, query: text.clone(), ..SearchPage::default() };
    if !text.trim().is_empty() {
        // Only a whole handle is looked up elsewhere; a name is looked for here.
        let resolve = Handle::parse(text.trim()).is_ok_and(|handle| handle.host.is_some());
        match people::search(member.ctx(), &member.viewer, &text, resolve, FOUND, false).await {
            Ok(found) => page.people = Some(found.iter().map(|one| show::person(one, &member.visit)).collect()),
            Err(error @ (Error::Refused(_) | Error::Invalid(_) | Error::Peer(_))) => {
                page.errors =
                    refused::said(&error, member.visit.language).map(|said| Errors::one("q", said)).unwrap_or_default();
            }
            Err(error) => return Err(error.into()),
        }
    }
    html(&page)
}

async fn find(member: &Member, acct: &str) -> Result<PersonView, PageError> {
    let handle = Handle::parse(acct).map_err(|_| Error::NotFound("that person"))?;
    let own = &member.ctx().settings.addresses.account_domain;
    Ok(people::lookup(member.ctx(), &member.viewer, &handle.localised(own), false).await?)
}

/// Someone by number, as peers' software links to people: on to their page, whatever they are called today.
async fn by_number(member: Member, id: web::Path<String>) -> PageResult {
    let id: ActorId = id.parse().map_err(|_| Error::NotFound("that person"))?;
    let view = people::show(member.ctx(), &member.viewer, id).await?;
    go_to(&show::actor_path(&view))
}

async fn profile(member: Member, acct: web::Path<String>, part: web::Query<Part>) -> PageResult {
    let ctx = member.ctx();
    let mut view = find(&member, &acct).await?;
    view.moved_to = people::moved_to(ctx, &member.viewer, view.id).await?.map(Box::new);
    if view.kind == ActorKind::Group {
        return go_to(&show::actor_path(&view));
    }
    let relations = follows::relationships(ctx, &member.viewer, vec![view.id]).await?;
    let slice = timelines::by_author(ctx, &member.viewer, view.id, AuthorFilter::default(), part.page()).await?;
    let nav = if view.id == member.viewer.id { Nav::Profile } else { Nav::Elsewhere };
    html(&ProfilePage {
        frame: member.frame(nav).await,
        profile: show::profile(&view, &member.visit, member.viewer.id, relations.first()),
        posts: slice.items.iter().map(|post| show::post(post, &member.visit, member.viewer.id)).collect(),
        pager: show::pager(&show::person_path(&view), &slice, PER_PAGE, part.is_first()),
    })
}

async fn followers(member: Member, acct: web::Path<String>, part: web::Query<Part>) -> PageResult {
    let view = find(&member, &acct).await?;
    let slice = people::followers(member.ctx(), &member.viewer, view.id, part.page()).await?;
    let heading = member.say("followers-of").with("name", &view.display_name);
    list(&member, &view, heading, member.say("followers-none"), "followers", &slice, &part).await
}

async fn following(member: Member, acct: web::Path<String>, part: web::Query<Part>) -> PageResult {
    let view = find(&member, &acct).await?;
    let slice = people::following(member.ctx(), &member.viewer, view.id, part.page()).await?;
    let heading = member.say("following-of").with("name", &view.display_name);
    list(&member, &view, heading, member.say("following-none"), "following", &slice, &part).await
}

async fn list(
    member: &Member,
    view: &PersonView,
    heading: Said,
    nobody: Said,
    what: &str,
    slice: &Slice<PersonView>,
    part: &Part,
) -> PageResult {
    html(&PeoplePage {
        frame: member.frame(Nav::Elsewhere).await,
        heading: heading.into(),
        nobody: nobody.into(),
        people: slice.items.iter().map(|one| show::person(one, &member.visit)).collect(),
        pager: show::pager(&format!("{}/{what}", show::person_path(view)), slice, PER_PAGE, part.is_first()),
    })
}

async fn thread(member: Member, path: web::Path<(String, String)>) -> PageResult {
    let (ctx, viewer) = (member.ctx(), &member.viewer);
    let id = path.1.parse().map_err(|_| Error::NotFound("that post"))?;
    let post = posts::show(ctx, viewer, id).await?;
    let context = posts::context(ctx, viewer, id).await?;
    let acts = groups::Acts::of(&member, &post, context.ancestors.first().unwrap_or(&post)).await?;
    let mut shown = acts.post(&post);
    shown.here = true;
    html(&ThreadPage {
        frame: member.frame(Nav::Elsewhere).await,
        before: context.ancestors.iter().map(|post| acts.post(post)).collect(),
        post: shown,
        after: context.descendants.iter().map(|post| acts.post(post)).collect(),
    })
}

async fn act(member: Member, path: web::Path<(String, String)>, form: web::Form<Button>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let (id, act) = path.into_inner();
    let id: ActorId = id.parse().map_err(|_| Error::NotFound("that person"))?;
    let (ctx, viewer) = (member.ctx(), &member.viewer);
    match act.as_str() {
        "follow" => follows::follow(ctx, viewer, id, FollowOptions::default()).await?,
        "unfollow" => follows::unfollow(ctx, viewer, id).await?,
        "accept" => follows::accept_request(ctx, viewer, id).await?,
        "reject" => follows::reject_request(ctx, viewer, id).await?,
        _ => return no_such_page(actix_web::http::Method::GET).await,
    };
    go_to(&form.next)
}
