//! What is reachable without signing in: About, house rules, accessibility statement.

use actix_web::web;

use super::html;
use crate::error::PageResult;
use crate::session::Visit;
use crate::show;
use crate::views::{AboutPage, AccessibilityPage, Nav, RulesPage};

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/about", web::get().to(about))
        .route("/rules", web::get().to(rules))
        .route("/accessibility", web::get().to(accessibility));
}

async fn about(visit: Visit) -> PageResult {
    let settings = &visit.ctx().settings;
    html(&AboutPage {
        frame: visit.frame(Nav::Elsewhere).await,
        description: settings.description.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect(),
        contact: show::contact(&settings.contact),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        source_url: Some(settings.source_url.clone()).filter(|url| !url.is_empty()),
    })
}

async fn rules(visit: Visit) -> PageResult {
    let settings = &visit.ctx().settings;
    html(&RulesPage {
        frame: visit.frame(Nav::Elsewhere).await,
        rules: settings.rules.clone(),
        contact: show::contact(&settings.contact),
    })
}

async fn accessibility(visit: Visit) -> PageResult {
    let contact = show::contact(&visit.ctx().settings.contact);
    html(&AccessibilityPage { frame: visit.frame(Nav::Elsewhere).await, contact })
}
