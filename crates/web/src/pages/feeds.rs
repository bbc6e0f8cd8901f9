//! The feeds: home, the department's, the network's, and a tag's.

use actix_web::web;
use corridor_app::timelines::{self, Reach};
use corridor_app::{PostView, Slice};

use super::{PER_PAGE, Part, html};
use crate::error::PageResult;
use crate::session::Member;
use crate::show;
use crate::views::{Feed, FeedPage, Nav};

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(home))
        .route("/department", web::get().to(department))
        .route("/network", web::get().to(network))
        .route("/tags/{tag}", web::get().to(tag));
}

async fn home(member: Member, part: web::Query<Part>) -> PageResult {
    let slice = timelines::home(member.ctx(), &member.viewer, part.page()).await?;
    feed(&member, Feed::Home, Nav::Home, "/", &slice, &part).await
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
    let encoded: String = url::form_urlencoded::byte_serialize(tag.as_bytes()).collect();
    feed(&member, Feed::Network, Nav::Network, &format!("/tags/{encoded}"), &slice, &part).await
}

async fn feed(member: &Member, feed: Feed, nav: Nav, path: &str, slice: &Slice<PostView>, part: &Part) -> PageResult {
    let ctx = member.ctx();
    html(&FeedPage {
        frame: member.frame(nav).await,
        feed,
        posts: slice.items.iter().map(|post| show::post(post, ctx, member.viewer.id)).collect(),
        pager: show::pager(path, slice, PER_PAGE, part.is_first()),
    })
}
