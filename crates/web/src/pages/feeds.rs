//! The feeds: home, the department's, the network's, and a tag's.

use actix_web::web;
use corridor_app::timelines::{self, Reach};
use corridor_app::{Error, PostView, Slice, announcements, tags};

use super::{Button, PER_PAGE, Part, go_to, html};
use crate::error::{PageResult, no_such_page};
use crate::session::Member;
use crate::show;
use crate::views::{Feed, FeedPage, FeedTag, Nav};

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(home))
        .route("/announcements/{id}/dismiss", web::post().to(dismiss))
        .route("/department", web::get().to(department))
        .route("/network", web::get().to(network))
        .route("/tags/{tag}", web::get().to(tag))
        .route("/tags/{tag}/{act}", web::post().to(follow_tag));
}

async fn home(member: Member, part: web::Query<Part>) -> PageResult {
    let slice = timelines::home(member.ctx(), &member.viewer, part.page()).await?;
    let mut page = feed_page(&member, Feed::Home, Nav::Home, "/", &slice, &part).await;
    if part.is_first() {
        let announced = announcements::all(member.ctx(), &member.viewer).await?;
        page.announcements = announced
            .iter()
            .filter(|one| !one.read)
            .map(|one| show::announcement(one, member.visit.language))
            .collect();
    }
    html(&page)
}

async fn dismiss(member: Member, id: web::Path<String>, form: web::Form<Button>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let id = id.parse().map_err(|_| Error::NotFound("that announcement"))?;
    announcements::dismiss(member.ctx(), &member.viewer, id).await?;
    go_to("/")
}

async fn department(member: Member, part: web::Query<Part>) -> PageResult {
    let slice = timelines::department(member.ctx(), &member.viewer, part.page()).await?;
    feed(&member, Feed::Department, Nav::Department, "/department", &slice, &part).await
}

async fn network(member: Member, part: web::Query<Part>) -> PageResult {
    let slice = timelines::network(member.ctx(), &member.viewer, Reach::All, part.page()).await?;
    feed(&member, Feed::Network, Nav::Network, "/network", &slice, &part).await
}

async fn tag(member: Member, tag: web::Path<String>, part: web::Query<Part>) -> PageResult {
    let slice = timelines::tag(member.ctx(), &member.viewer, &tag, part.page()).await?;
    let known = tags::show(member.ctx(), &member.viewer, &tag).await?;
    let path = tag_path(&known.name);
    let mut page = feed_page(&member, Feed::Tag, Nav::Network, &path, &slice, &part).await;
    page.tag = Some(FeedTag { name: known.name, path, followed: known.following });
    html(&page)
}

fn tag_path(name: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("/tags/{encoded}")
}

async fn follow_tag(member: Member, path: web::Path<(String, String)>, form: web::Form<Button>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let (tag, act) = path.into_inner();
    let tag = match act.as_str() {
        "follow" => tags::follow(member.ctx(), &member.viewer, &tag).await?,
        "unfollow" => tags::unfollow(member.ctx(), &member.viewer, &tag).await?,
        _ => return no_such_page(actix_web::http::Method::GET).await,
    };
    go_to(&tag_path(&tag.name))
}

async fn feed(member: &Member, feed: Feed, nav: Nav, path: &str, slice: &Slice<PostView>, part: &Part) -> PageResult {
    html(&feed_page(member, feed, nav, path, slice, part).await)
}

async fn feed_page(
    member: &Member,
    feed: Feed,
    nav: Nav,
    path: &str,
    slice: &Slice<PostView>,
    part: &Part,
) -> FeedPage {
    FeedPage {
        tag: None,
        announcements: Vec::new(),
        frame: member.frame(nav).await,
        feed,
        posts: slice.items.iter().map(|post| show::post(post, &member.visit, member.viewer.id)).collect(),
        pager: show::pager(path, slice, PER_PAGE, part.is_first()),
    }
}
