//! Each route demands its scope; no route is forgotten.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use corridor_app::accounts;
use corridor_app::operator::Operator;
use corridor_domain::Role;
use corridor_tests::{Kind, TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::caller::{App, Caller, OUT_OF_BAND, said};
use super::openapi;
use crate::web::pages::Pages;

/// Method, path below `/api`, scope. `{account}` is another's account, `{id}` their post, `{told}` a notification.
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/v1/preferences", "read:accounts"),
    ("GET", "/v1/announcements", "read:accounts"),
    ("POST", "/v1/announcements/{id}/dismiss", "write:accounts"),
    ("PUT", "/v1/announcements/{id}/reactions/{name}", "write:favourites"),
    ("DELETE", "/v1/announcements/{id}/reactions/{name}", "write:favourites"),
    ("GET", "/v1/accounts/verify_credentials", "read:accounts"),
    ("PATCH", "/v1/accounts/update_credentials", "write:accounts"),
    ("GET", "/v1/profile", "read:accounts"),
    ("PATCH", "/v1/profile", "write:accounts"),
    ("PUT", "/v1/profile", "write:accounts"),
    ("DELETE", "/v1/profile/avatar", "write:accounts"),
    ("DELETE", "/v1/profile/header", "write:accounts"),
    ("GET", "/v1/accounts/relationships", "read:follows"),
    ("GET", "/v1/accounts/lookup?acct=bryn", "read:accounts"),
    ("GET", "/v1/accounts/search?q=bryn", "read:accounts"),
    ("GET", "/v1/accounts", "read:accounts"),
    ("GET", "/v1/accounts/{account}", "read:accounts"),
    ("GET", "/v1/accounts/{account}/statuses", "read:statuses"),
    ("GET", "/v1/accounts/{account}/followers", "read:accounts"),
    ("GET", "/v1/accounts/{account}/following", "read:accounts"),
    ("POST", "/v1/accounts/{account}/follow", "write:follows"),
    ("POST", "/v1/accounts/{account}/unfollow", "write:follows"),
    ("POST", "/v1/accounts/{account}/remove_from_followers", "write:follows"),
    ("GET", "/v1/follow_requests", "read:follows"),
    ("POST", "/v1/follow_requests/{account}/authorize", "write:follows"),
    ("POST", "/v1/follow_requests/{account}/reject", "write:follows"),
    ("GET", "/v1/connections", "read:follows"),
    ("GET", "/v1/connections/requests", "read:follows"),
    ("GET", "/v1/connections/waiting", "read:follows"),
    ("POST", "/v1/connections/requests/{account}/authorize", "write:follows"),
    ("POST", "/v1/connections/requests/{account}/reject", "write:follows"),
    ("POST", "/v1/accounts/{account}/connect", "write:follows"),
    ("POST", "/v1/accounts/{account}/disconnect", "write:follows"),
    ("POST", "/v1/accounts/{account}/block", "write:blocks"),
    ("POST", "/v1/accounts/{account}/unblock", "write:blocks"),
    ("POST", "/v1/accounts/{account}/mute", "write:mutes"),
    ("POST", "/v1/accounts/{account}/unmute", "write:mutes"),
    ("GET", "/v1/blocks", "read:blocks"),
    ("GET", "/v1/mutes", "read:mutes"),
    ("GET", "/v1/domain_blocks", "read:blocks"),
    ("POST", "/v1/domain_blocks", "write:blocks"),
    ("DELETE", "/v1/domain_blocks", "write:blocks"),
    ("POST", "/v1/reports", "write:reports"),
    ("POST", "/v1/statuses", "write:statuses"),
    ("GET", "/v1/statuses", "read:statuses"),
    ("GET", "/v1/statuses/{id}", "read:statuses"),
    ("PUT", "/v1/statuses/{id}", "write:statuses"),
    ("DELETE", "/v1/statuses/{id}", "write:statuses"),
    ("GET", "/v1/statuses/{id}/context", "read:statuses"),
    ("GET", "/v1/statuses/{id}/source", "read:statuses"),
    ("GET", "/v1/statuses/{id}/history", "read:statuses"),
    ("GET", "/v1/statuses/{id}/recall", "read:statuses"),
    ("GET", "/v1/statuses/{id}/favourited_by", "read:statuses"),
    ("GET", "/v1/statuses/{id}/reblogged_by", "read:statuses"),
    ("POST", "/v1/statuses/{id}/favourite", "write:favourites"),
    ("POST", "/v1/statuses/{id}/unfavourite", "write:favourites"),
    ("POST", "/v1/statuses/{id}/reblog", "write:statuses"),
    ("POST", "/v1/statuses/{id}/unreblog", "write:statuses"),
    ("POST", "/v1/statuses/{id}/bookmark", "write:bookmarks"),
    ("POST", "/v1/statuses/{id}/unbookmark", "write:bookmarks"),
    ("POST", "/v1/statuses/{id}/mute", "write:mutes"),
    ("POST", "/v1/statuses/{id}/unmute", "write:mutes"),
    ("POST", "/v1/statuses/{id}/pin", "write:accounts"),
    ("POST", "/v1/statuses/{id}/unpin", "write:accounts"),
    ("POST", "/v1/accounts/{account}/note", "write:accounts"),
    ("GET", "/v1/accounts/familiar_followers", "read:follows"),
    ("GET", "/v2/suggestions", "read:accounts"),
    ("GET", "/v1/suggestions", "read:accounts"),
    ("DELETE", "/v1/suggestions/{account}", "write:accounts"),
    ("GET", "/v1/directory", "read:accounts"),
    ("POST", "/v1/accounts/{account}/endorse", "write:accounts"),
    ("POST", "/v1/accounts/{account}/unendorse", "write:accounts"),
    ("POST", "/v1/accounts/{account}/pin", "write:accounts"),
    ("POST", "/v1/accounts/{account}/unpin", "write:accounts"),
    ("GET", "/v1/endorsements", "read:accounts"),
    ("GET", "/v1/accounts/{account}/endorsements", "read:accounts"),
    ("GET", "/v1/featured_tags", "read:accounts"),
    ("POST", "/v1/featured_tags", "write:accounts"),
    ("DELETE", "/v1/featured_tags/{id}", "write:accounts"),
    ("GET", "/v1/featured_tags/suggestions", "read:accounts"),
    ("GET", "/v1/accounts/{account}/featured_tags", "read:accounts"),
    ("GET", "/v1/markers", "read:statuses"),
    ("POST", "/v1/markers", "write:statuses"),
    ("GET", "/v1/scheduled_statuses", "read:statuses"),
    ("GET", "/v1/scheduled_statuses/{id}", "read:statuses"),
    ("PUT", "/v1/scheduled_statuses/{id}", "write:statuses"),
    ("DELETE", "/v1/scheduled_statuses/{id}", "write:statuses"),
    ("GET", "/v1/polls/{id}", "read:statuses"),
    ("POST", "/v1/polls/{id}/votes", "write:statuses"),
    ("POST", "/v2/media", "write:media"),
    ("POST", "/v1/media", "write:media"),
    ("GET", "/v1/media/{id}", "write:media"),
    ("PUT", "/v1/media/{id}", "write:media"),
    ("DELETE", "/v1/media/{id}", "write:media"),
    ("GET", "/v1/timelines/home", "read:statuses"),
    ("GET", "/v1/timelines/public", "read:statuses"),
    ("GET", "/v1/timelines/department", "read:statuses"),
    ("GET", "/v1/timelines/tag/tea", "read:statuses"),
    ("GET", "/v1/conversations", "read:statuses"),
    ("POST", "/v1/conversations/{id}/read", "write:conversations"),
    ("POST", "/v1/conversations/{id}/unread", "write:conversations"),
    ("DELETE", "/v1/conversations/{id}", "write:conversations"),
    ("GET", "/v1/groups", "read:accounts"),
    ("POST", "/v1/groups", "write:accounts"),
    ("GET", "/v1/groups/{account}", "read:accounts"),
    ("PUT", "/v1/groups/{account}", "write:accounts"),
    ("POST", "/v1/groups/{account}/join", "write:follows"),
    ("POST", "/v1/groups/{account}/leave", "write:follows"),
    ("POST", "/v1/groups/{account}/archive", "write:accounts"),
    ("GET", "/v1/groups/{account}/memberships", "read:accounts"),
    ("POST", "/v1/groups/{account}/memberships/{account}/invite", "write:accounts"),
    ("POST", "/v1/groups/{account}/memberships/{account}/promote", "write:accounts"),
    ("POST", "/v1/groups/{account}/memberships/{account}/demote", "write:accounts"),
    ("POST", "/v1/groups/{account}/memberships/{account}/remove", "write:accounts"),
    ("GET", "/v1/groups/{account}/membership_requests", "read:accounts"),
    ("POST", "/v1/groups/{account}/membership_requests/{account}/authorize", "write:accounts"),
    ("POST", "/v1/groups/{account}/membership_requests/{account}/reject", "write:accounts"),
    ("POST", "/v1/groups/{account}/statuses/{id}/pin", "write:accounts"),
    ("POST", "/v1/groups/{account}/statuses/{id}/unpin", "write:accounts"),
    ("POST", "/v1/groups/{account}/statuses/{id}/remove", "write:accounts"),
    ("GET", "/v1/timelines/group/{account}", "read:statuses"),
    ("POST", "/v1/statuses/{id}/answer", "write:statuses"),
    ("GET", "/v1/lists", "read:lists"),
    ("POST", "/v1/lists", "write:lists"),
    ("GET", "/v1/lists/{id}", "read:lists"),
    ("PUT", "/v1/lists/{id}", "write:lists"),
    ("DELETE", "/v1/lists/{id}", "write:lists"),
    ("GET", "/v1/lists/{id}/accounts", "read:lists"),
    ("POST", "/v1/lists/{id}/accounts", "write:lists"),
    ("DELETE", "/v1/lists/{id}/accounts", "write:lists"),
    ("GET", "/v1/timelines/list/{id}", "read:lists"),
    ("GET", "/v1/accounts/{account}/lists", "read:lists"),
    ("GET", "/v2/filters", "read:filters"),
    ("POST", "/v2/filters", "write:filters"),
    ("GET", "/v2/filters/{id}", "read:filters"),
    ("PUT", "/v2/filters/{id}", "write:filters"),
    ("DELETE", "/v2/filters/{id}", "write:filters"),
    ("GET", "/v2/filters/{id}/keywords", "read:filters"),
    ("POST", "/v2/filters/{id}/keywords", "write:filters"),
    ("GET", "/v2/filters/{id}/statuses", "read:filters"),
    ("POST", "/v2/filters/{id}/statuses", "write:filters"),
    ("GET", "/v2/filters/keywords/{id}", "read:filters"),
    ("PUT", "/v2/filters/keywords/{id}", "write:filters"),
    ("DELETE", "/v2/filters/keywords/{id}", "write:filters"),
    ("GET", "/v2/filters/statuses/{id}", "read:filters"),
    ("DELETE", "/v2/filters/statuses/{id}", "write:filters"),
    ("GET", "/v1/filters", "read:filters"),
    ("POST", "/v1/filters", "write:filters"),
    ("GET", "/v1/filters/{id}", "read:filters"),
    ("PUT", "/v1/filters/{id}", "write:filters"),
    ("DELETE", "/v1/filters/{id}", "write:filters"),
    ("GET", "/v1/tags/tea", "read:statuses"),
    ("POST", "/v1/tags/tea/follow", "write:follows"),
    ("POST", "/v1/tags/tea/unfollow", "write:follows"),
    ("POST", "/v1/tags/tea/feature", "write:accounts"),
    ("POST", "/v1/tags/tea/unfeature", "write:accounts"),
    ("GET", "/v1/followed_tags", "read:follows"),
    ("GET", "/v1/polls/{id}", "read:statuses"),
    ("POST", "/v1/polls/{id}/votes", "write:statuses"),
    ("GET", "/v1/streaming/user", "read:statuses"),
    ("GET", "/v1/streaming/user/notification", "read:notifications"),
    ("GET", "/v1/streaming/public", "read:statuses"),
    ("GET", "/v1/streaming/public/local", "read:statuses"),
    ("GET", "/v1/streaming/public/remote", "read:statuses"),
    ("GET", "/v1/streaming/hashtag?tag=tea", "read:statuses"),
    ("GET", "/v1/streaming/hashtag/local?tag=tea", "read:statuses"),
    ("GET", "/v1/streaming/list?list=1", "read:statuses"),
    ("GET", "/v1/streaming/direct", "read:statuses"),
    ("GET", "/v1/favourites", "read:favourites"),
    ("GET", "/v1/bookmarks", "read:bookmarks"),
    ("GET", "/v1/notifications", "read:notifications"),
    ("GET", "/v1/notifications/unread_count", "read:notifications"),
    ("GET", "/v1/notifications/{told}", "read:notifications"),
    ("POST", "/v1/notifications/{told}/dismiss", "write:notifications"),
    ("POST", "/v1/notifications/clear", "write:notifications"),
    ("GET", "/v2/notifications", "read:notifications"),
    ("GET", "/v2/notifications/unread_count", "read:notifications"),
    ("GET", "/v2/notifications/ungrouped-{told}", "read:notifications"),
    ("POST", "/v2/notifications/ungrouped-{told}/dismiss", "write:notifications"),
    ("GET", "/v2/notifications/ungrouped-{told}/accounts", "read:notifications"),
    ("GET", "/v2/notifications/policy", "read:notifications"),
    ("PATCH", "/v2/notifications/policy", "write:notifications"),
    ("PUT", "/v2/notifications/policy", "write:notifications"),
    ("GET", "/v1/notifications/requests", "read:notifications"),
    ("GET", "/v1/notifications/requests/merged", "read:notifications"),
    ("POST", "/v1/notifications/requests/accept", "write:notifications"),
    ("POST", "/v1/notifications/requests/dismiss", "write:notifications"),
    ("GET", "/v1/notifications/requests/{account}", "read:notifications"),
    ("POST", "/v1/notifications/requests/{account}/accept", "write:notifications"),
    ("POST", "/v1/notifications/requests/{account}/dismiss", "write:notifications"),
    ("GET", "/v2/search?q=bryn", "read:search"),
    ("GET", "/v1/admin/accounts", "admin:read:accounts"),
    ("GET", "/v2/admin/accounts", "admin:read:accounts"),
    ("GET", "/v1/admin/accounts/{account}", "admin:read:accounts"),
    ("POST", "/v1/admin/accounts/{account}/action", "admin:write:accounts"),
    ("POST", "/v1/admin/accounts/{account}/enable", "admin:write:accounts"),
    ("GET", "/v1/admin/reports", "admin:read:reports"),
    ("GET", "/v1/admin/reports/{id}", "admin:read:reports"),
    ("POST", "/v1/admin/reports/{id}/resolve", "admin:write:reports"),
    ("POST", "/v1/admin/reports/{id}/reopen", "admin:write:reports"),
    ("GET", "/v1/admin/domain_allows", "admin:read:domain_allows"),
    ("GET", "/v1/admin/domain_allows/{id}", "admin:read:domain_allows"),
    ("GET", "/v1/admin/domain_blocks", "admin:read:domain_blocks"),
    ("GET", "/v1/admin/domain_blocks/{id}", "admin:read:domain_blocks"),
];

/// Routes for everyone, or with a rule of their own.
const OPEN: &[&str] = &[
    "/v2/instance",
    "/v1/instance",
    "/v1/instance/rules",
    "/v1/instance/extended_description",
    // For any token of a person: tests/api/instance.rs.
    "/v1/instance/peers",
    "/v1/instance/domain_blocks",
    "/v1/instance/activity",
    "/v1/instance/privacy_policy",
    "/v1/instance/terms_of_service",
    "/v1/instance/languages",
    "/v1/instance/translation_languages",
    "/v1/custom_emojis",
    "/v1/apps",
    "/v1/apps/verify_credentials",
    "/v1/streaming/health",
    // For any token, also of a program: openapi.rs.
    "/openapi.json",
    // Each stream that is asked for over it demands its scope.
    "/v1/streaming",
];

struct Scene {
    node: TestNode,
    account: String,
    id: String,
    told: String,
    pages: Pages,
}

impl Scene {
    async fn set(kind: Kind) -> Result<Self> {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let bryn = Caller::person(&node, "bryn").await?;
        let id = text(&bryn.says(&json!({ "status": "@asha hello #tea" })).await?, "id")?;
        let told = asha.get("/api/v1/notifications").await?.list()?;
        let told = text(told.first().context("nothing was told")?, "id")?;
        // What administrators may do is refused to others for their role, whatever the scope.
        accounts::set_role(&node.ctx, &Operator::System, "asha", Role::Administrator).await?;
        let pages = Pages::signed_in(&node.url, "asha").await?;
        Ok(Self { account: bryn.me().await?, id, told, pages, node })
    }

    fn path(&self, route: &str) -> String {
        let path = route.replace("{account}", &self.account).replace("{id}", &self.id).replace("{told}", &self.told);
        format!("/api{path}")
    }

    async fn token(&mut self, scopes: &str) -> Result<Caller> {
        let app = App::register(&self.node, OUT_OF_BAND, scopes).await?;
        let token = app.token(&self.node, &mut self.pages).await?;
        Caller::new(&self.node, Some(&token))
    }
}

on_both! {
    async fn hostile_065_without_a_token_or_its_scope_a_route_is_closed(kind: Kind) {
        let mut scene = Scene::set(kind).await?;
        let nobody = Caller::new(&scene.node, None)?;
        let little = scene.token("profile").await?;
        let mut wrong = Vec::new();
        for (method, route, _) in ROUTES {
            let (method, path) = (Method::from_bytes(method.as_bytes())?, scene.path(route));
            let body = json!({ "status": "Hello" });
            let answer = said(nobody.request(method.clone(), &path).json(&body)).await?;
            if answer.refused(StatusCode::UNAUTHORIZED, "token").is_err() {
                wrong.push(format!("{method} {route} without a token: {} {}", answer.status, answer.body));
            }
            let answer = said(little.request(method.clone(), &path).json(&body)).await?;
            // What `profile` is for.
            if matches!((method.as_str(), *route), ("GET", "/v1/accounts/verify_credentials" | "/v1/profile")) {
                ensure!(answer.status == StatusCode::OK);
            } else if answer.refused(StatusCode::FORBIDDEN, "scope").is_err() {
                wrong.push(format!("{method} {route} with profile: {} {}", answer.status, answer.body));
            }
        }
        ensure!(wrong.is_empty(), "{wrong:#?}");
        Ok(())
    }
}

on_both! {
    async fn hostile_065_its_own_scope_opens_a_route_and_every_other_does_not(kind: Kind) {
        let mut scene = Scene::set(kind).await?;
        let scopes: BTreeSet<&str> = ROUTES.iter().map(|(_, _, scope)| *scope).collect();
        let mut wrong = Vec::new();
        for scope in &scopes {
            let caller = scene.token(scope).await?;
            let others = scopes.iter().filter(|other| *other != scope).copied().collect::<Vec<_>>().join(" ");
            let rest = scene.token(&others).await?;
            for (method, route, _) in ROUTES.iter().filter(|(_, _, needed)| needed == scope) {
                let (method, path) = (Method::from_bytes(method.as_bytes())?, scene.path(route));
                let body = json!({ "status": "Hello" });
                let answer = said(rest.request(method.clone(), &path).json(&body)).await?;
                if answer.status != StatusCode::FORBIDDEN {
                    wrong.push(format!("{method} {route} opens with others than {scope}: {}", answer.status));
                }
                let request = caller.request(method.clone(), &path);
                if route.starts_with("/v1/streaming") {
                    // An open stream has no end to wait for.
                    let status = request.send().await?.status();
                    ensure!(matches!(status, StatusCode::OK | StatusCode::NOT_FOUND), "{route} with {scope}: {status}");
                    continue;
                }
                let answer = said(request.json(&body)).await?;
                // Someone else's post can't be changed, and nobody asked to follow: that comes after the scope.
                let scope_refused = answer.body["error"].as_str().is_some_and(|error| error.contains("scope"));
                if answer.status == StatusCode::UNAUTHORIZED || scope_refused || answer.status.is_server_error() {
                    wrong.push(format!("{method} {route} does not open with {scope}: {} {}", answer.status, answer.body));
                }
            }
        }
        ensure!(wrong.is_empty(), "{wrong:#?}");
        Ok(())
    }
}

#[test]
fn the_table_is_what_is_described() -> Result<()> {
    let below_api = openapi::operations(&corridor_api::openapi("0")).into_iter();
    let below_api =
        below_api.filter_map(|(method, path, scope)| Some((method, plain(path.strip_prefix("/api")?), scope)));
    let (scoped, open): (Vec<_>, Vec<_>) = below_api.partition(|(_, _, scope)| scope.is_some());
    let described: BTreeSet<_> =
        scoped.into_iter().map(|(method, path, scope)| (method, path, scope.unwrap_or_default())).collect();
    let table: BTreeSet<_> =
        ROUTES.iter().map(|(method, path, scope)| ((*method).to_owned(), plain(path), (*scope).to_owned())).collect();
    let missing: Vec<_> = described.difference(&table).collect();
    let more: Vec<_> = table.difference(&described).collect();
    ensure!(missing.is_empty() && more.is_empty(), "not in the table: {missing:#?}, not described: {more:#?}");
    let open: BTreeSet<String> = open.into_iter().map(|(_, path, _)| path).collect();
    let known: BTreeSet<String> = OPEN.iter().map(|path| plain(path)).collect();
    ensure!(open == known, "{:?}", open.symmetric_difference(&known).collect::<Vec<_>>());
    Ok(())
}

/// A path without its query, its parameters without their names.
fn plain(path: &str) -> String {
    let path = path
        .split('?')
        .next()
        .unwrap_or_default()
        .replace("/tag/tea", "/tag/{}")
        .replace("/tags/tea", "/tags/{}")
        .replace("/ungrouped-{told}", "/{}");
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
