//! Notifications: what a person is told, and that they have seen it.

use actix_web::web;
use corridor_app::notifications::{self, NotificationFilter};
use corridor_domain::Page;

use super::{Button, PER_PAGE, Part, go_to, html};
use crate::error::PageResult;
use crate::session::Member;
use crate::show;
use crate::views::{Nav, NotificationsPage};

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/notifications", web::get().to(page)).route("/notifications/read", web::post().to(read));
}

async fn page(member: Member, part: web::Query<Part>) -> PageResult {
    let slice = notifications::list(member.ctx(), &member.viewer, NotificationFilter::default(), part.page()).await?;
    html(&NotificationsPage {
        frame: member.frame(Nav::Notifications).await,
        notifications: slice.items.iter().map(|one| show::notification(one, &member.visit)).collect(),
        pager: show::pager("/notifications", &slice, PER_PAGE, part.is_first()),
    })
}

async fn read(member: Member, form: web::Form<Button>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let newest =
        notifications::list(member.ctx(), &member.viewer, NotificationFilter::default(), Page::newest(1)).await?;
    if let Some(newest) = newest.items.first() {
        notifications::mark_read(member.ctx(), &member.viewer, newest.id).await?;
    }
    go_to("/notifications")
}
