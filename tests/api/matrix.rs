//! Who may do what to whose: each route that names something of somebody, called by others, by whom they have blocked, and by
//! who may. Signed out and wrong scopes are in `scopes.rs`, for every route.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use corridor_domain::{Authority, Marking, Role};
use corridor_tests::{Kind, TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::admin::{SCOPES, with_role};
use super::caller::{Caller, said};
use crate::media::samples::{png, uploaded};

/// What others get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// It is there for them too.
    Anyone,
    /// It looks like nothing.
    Nobody,
    /// They see it, and may not do this to it.
    Refused,
    /// It is about the caller: whoever calls gets their own.
    Own,
}

use For::{Anyone, Nobody, Own, Refused};

/// Method, path below `/api`, body, what another person gets, what a blocked one gets. Who may gets 200. `{…}` is something
/// of Asha's: `open` a post for the network, `closed` one for Cara alone, which she may read as well, and so on.
type Line = (&'static str, &'static str, &'static str, For, For);

const LINES: &[Line] = &[
    ("GET", "/v1/statuses/{open}", "", Anyone, Nobody),
    ("GET", "/v1/statuses/{open}/context", "", Anyone, Nobody),
    ("GET", "/v1/statuses/{open}/history", "", Anyone, Nobody),
    ("GET", "/v1/statuses/{open}/favourited_by", "", Anyone, Nobody),
    ("GET", "/v1/statuses/{open}/reblogged_by", "", Anyone, Nobody),
    ("GET", "/v1/statuses/{open}/source", "", Nobody, Nobody),
    ("GET", "/v1/statuses/{open}/recall", "", Nobody, Nobody),
    ("GET", "/v1/statuses/{closed}", "", Nobody, Nobody),
    ("GET", "/v1/statuses/{closed}/context", "", Nobody, Nobody),
    ("GET", "/v1/statuses/{closed}/history", "", Nobody, Nobody),
    ("GET", "/v1/statuses/{closed}/favourited_by", "", Nobody, Nobody),
    ("GET", "/v1/statuses/{closed}/reblogged_by", "", Nobody, Nobody),
    ("GET", "/v1/statuses/{closed}/source", "", Nobody, Nobody),
    ("GET", "/v1/statuses/{closed}/recall", "", Nobody, Nobody),
    ("POST", "/v1/statuses/{closed}/favourite", "", Nobody, Nobody),
    ("POST", "/v1/statuses/{closed}/unfavourite", "", Nobody, Nobody),
    ("POST", "/v1/statuses/{closed}/bookmark", "", Nobody, Nobody),
    ("POST", "/v1/statuses/{closed}/unbookmark", "", Nobody, Nobody),
    ("POST", "/v1/statuses/{closed}/mute", "", Nobody, Nobody),
    ("POST", "/v1/statuses/{closed}/unmute", "", Nobody, Nobody),
    ("POST", "/v1/statuses/{open}/favourite", "", Anyone, Nobody),
    ("POST", "/v1/statuses/{open}/unfavourite", "", Anyone, Nobody),
    ("POST", "/v1/statuses/{open}/reblog", "", Anyone, Nobody),
    ("POST", "/v1/statuses/{open}/unreblog", "", Anyone, Nobody),
    ("POST", "/v1/statuses/{open}/bookmark", "", Anyone, Nobody),
    ("POST", "/v1/statuses/{open}/unbookmark", "", Anyone, Nobody),
    ("POST", "/v1/statuses/{open}/pin", "", Refused, Nobody),
    // Nothing is taken down that they did not pin; Mastodon answers so too.
    ("POST", "/v1/statuses/{open}/unpin", "", Anyone, Nobody),
    ("PUT", "/v1/statuses/{open}", r#"{"status":"Changed"}"#, Refused, Nobody),
    ("PUT", "/v1/statuses/{closed}", r#"{"status":"Changed for @cara"}"#, Nobody, Nobody),
    ("GET", "/v1/polls/{poll}", "", Nobody, Nobody),
    ("POST", "/v1/conversations/{thread}/read", "", Nobody, Nobody),
    ("POST", "/v1/conversations/{thread}/unread", "", Nobody, Nobody),
    ("DELETE", "/v1/conversations/{thread}", "", Nobody, Nobody),
    ("GET", "/v1/media/{upload}", "", Nobody, Nobody),
    ("PUT", "/v1/media/{upload}", r#"{"description":"Theirs"}"#, Nobody, Nobody),
    ("DELETE", "/v1/media/{upload}", "", Nobody, Nobody),
    ("GET", "/v1/scheduled_statuses/{scheduled}", "", Nobody, Nobody),
    ("PUT", "/v1/scheduled_statuses/{scheduled}", r#"{"scheduled_at":"{later}"}"#, Nobody, Nobody),
    ("DELETE", "/v1/scheduled_statuses/{scheduled}", "", Nobody, Nobody),
    ("GET", "/v1/lists/{list}", "", Nobody, Nobody),
    ("PUT", "/v1/lists/{list}", r#"{"title":"Theirs"}"#, Nobody, Nobody),
    ("GET", "/v1/lists/{list}/accounts", "", Nobody, Nobody),
    ("GET", "/v1/timelines/list/{list}", "", Nobody, Nobody),
    ("POST", "/v1/lists/{list}/accounts", r#"{"account_ids":["{cara}"]}"#, Nobody, Nobody),
    ("DELETE", "/v1/lists/{list}/accounts", r#"{"account_ids":["{cara}"]}"#, Nobody, Nobody),
    ("DELETE", "/v1/lists/{list}", "", Nobody, Nobody),
    ("GET", "/v2/filters/{filter}", "", Nobody, Nobody),
    ("PUT", "/v2/filters/{filter}", r#"{"title":"Theirs"}"#, Nobody, Nobody),
    ("GET", "/v2/filters/{filter}/keywords", "", Nobody, Nobody),
    ("POST", "/v2/filters/{filter}/keywords", r#"{"keyword":"more"}"#, Nobody, Nobody),
    ("GET", "/v2/filters/{filter}/statuses", "", Nobody, Nobody),
    ("POST", "/v2/filters/{filter}/statuses", r#"{"status_id":"{closed}"}"#, Nobody, Nobody),
    ("GET", "/v2/filters/keywords/{keyword}", "", Nobody, Nobody),
    ("PUT", "/v2/filters/keywords/{keyword}", r#"{"keyword":"theirs"}"#, Nobody, Nobody),
    ("GET", "/v2/filters/statuses/{filtered}", "", Nobody, Nobody),
    ("DELETE", "/v2/filters/statuses/{filtered}", "", Nobody, Nobody),
    ("GET", "/v1/filters/{keyword}", "", Nobody, Nobody),
    ("PUT", "/v1/filters/{keyword}", r#"{"phrase":"theirs","context":["home"]}"#, Nobody, Nobody),
    ("DELETE", "/v2/filters/keywords/{keyword}", "", Nobody, Nobody),
    ("DELETE", "/v2/filters/{filter}", "", Nobody, Nobody),
    ("GET", "/v1/notifications/{told}", "", Nobody, Nobody),
    ("GET", "/v2/notifications/ungrouped-{told}", "", Nobody, Nobody),
    ("GET", "/v2/notifications/ungrouped-{told}/accounts", "", Nobody, Nobody),
    ("POST", "/v1/notifications/{told}/dismiss", "", Nobody, Nobody),
    ("DELETE", "/v1/featured_tags/{shown}", "", Nobody, Nobody),
    ("GET", "/v1/groups/{group}", "", Nobody, Nobody),
    ("GET", "/v1/groups/{group}/memberships", "", Nobody, Nobody),
    ("GET", "/v1/timelines/group/{group}", "", Nobody, Nobody),
    ("POST", "/v1/groups/{group}/join", "", Nobody, Nobody),
    ("GET", "/v1/groups/{group}/membership_requests", "", Nobody, Nobody),
    ("PUT", "/v1/groups/{group}", r#"{"title":"Theirs"}"#, Nobody, Nobody),
    ("POST", "/v1/groups/{group}/memberships/{cara}/invite", "", Nobody, Nobody),
    ("GET", "/v1/statuses/{talk}", "", Nobody, Nobody),
    ("POST", "/v1/groups/{group}/statuses/{talk}/pin", "", Nobody, Nobody),
    ("POST", "/v1/groups/{group}/statuses/{talk}/unpin", "", Nobody, Nobody),
    ("POST", "/v1/groups/{group}/archive", "", Nobody, Nobody),
    ("POST", "/v1/connections/requests/{dai}/authorize", "", Nobody, Nobody),
    ("POST", "/v1/follow_requests/{eve}/authorize", "", Nobody, Nobody),
    ("GET", "/v1/follow_requests", "", Own, Own),
    ("GET", "/v1/connections", "", Own, Own),
    ("GET", "/v1/lists", "", Own, Own),
    ("GET", "/v2/filters", "", Own, Own),
    ("GET", "/v1/scheduled_statuses", "", Own, Own),
    ("GET", "/v1/conversations", "", Own, Own),
    ("GET", "/v1/notifications", "", Own, Own),
    ("GET", "/v1/bookmarks", "", Own, Own),
    ("GET", "/v1/blocks", "", Own, Own),
    ("GET", "/v1/accounts/{asha}", "", Anyone, Anyone),
    ("GET", "/v1/accounts/{asha}/statuses", "", Anyone, Own),
    ("POST", "/v1/accounts/{asha}/follow", "", Anyone, Refused),
    ("POST", "/v1/accounts/{asha}/connect", "", Anyone, Refused),
    ("DELETE", "/v1/statuses/{closed}", "", Nobody, Nobody),
    ("DELETE", "/v1/statuses/{open}", "", Refused, Nobody),
];

/// Who may administer: method, path below `/api`, body, scope, and whether moderators may too. `{bryn}` is somebody, `{report}`
/// about him, `{allowed}` a peer, `{removed}` one that was.
const ADMINISTRATION: &[(&str, &str, &str, &str, bool)] = &[
    ("GET", "/v1/admin/accounts", "", "admin:read:accounts", true),
    ("GET", "/v2/admin/accounts", "", "admin:read:accounts", true),
    ("GET", "/v1/admin/accounts/{bryn}", "", "admin:read:accounts", true),
    ("GET", "/v1/admin/reports", "", "admin:read:reports", true),
    ("GET", "/v1/admin/reports/{report}", "", "admin:read:reports", true),
    ("POST", "/v1/admin/reports/{report}/resolve", "", "admin:write:reports", true),
    ("POST", "/v1/admin/reports/{report}/reopen", "", "admin:write:reports", true),
    (
        "POST",
        "/v1/admin/accounts/{bryn}/action",
        r#"{"type":"none","report_id":"{report}"}"#,
        "admin:write:accounts",
        true,
    ),
    ("POST", "/v1/admin/reports/{report}/reopen", "", "admin:write:reports", true),
    ("POST", "/v1/admin/accounts/{bryn}/action", r#"{"type":"disable"}"#, "admin:write:accounts", false),
    ("POST", "/v1/admin/accounts/{bryn}/enable", "", "admin:write:accounts", false),
    ("GET", "/v1/admin/domain_allows", "", "admin:read:domain_allows", false),
    ("GET", "/v1/admin/domain_allows/{allowed}", "", "admin:read:domain_allows", false),
    ("GET", "/v1/admin/domain_blocks", "", "admin:read:domain_blocks", false),
    ("GET", "/v1/admin/domain_blocks/{removed}", "", "admin:read:domain_blocks", false),
];

/// Those who call, and what is Asha's by its name in the lines.
struct Scene {
    asha: Caller,
    another: Caller,
    blocked: Caller,
    names: BTreeMap<&'static str, String>,
}

async fn made(by: &Caller, path: &str, body: Value) -> Result<Value> {
    by.post(&format!("/api{path}"), &body).await?.ok().with_context(|| path.to_owned())
}

impl Scene {
    async fn set(kind: Kind) -> Result<(TestNode, Self)> {
        let node = TestNode::start(kind).await?;
        let person = async |name: &str| Caller::person(&node, name).await;
        let (asha, another, blocked) = (person("asha").await?, person("another").await?, person("blocked").await?);
        let (cara, dai, eve) = (person("cara").await?, person("dai").await?, person("eve").await?);
        let mut names = BTreeMap::new();
        for (name, who) in [("asha", &asha), ("cara", &cara), ("dai", &dai), ("eve", &eve)] {
            names.insert(name, who.me().await?);
        }
        let later = corridor_domain::Timestamp::from_millis(
            i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis())?
                + 86_400_000,
        );
        names.insert("later", later.to_rfc3339());
        said(asha.request(Method::PATCH, "/api/v1/accounts/update_credentials").json(&json!({ "locked": true })))
            .await?
            .ok()?;
        made(&asha, &format!("/v1/accounts/{}/block", blocked.me().await?), json!({})).await?;
        for (who, act) in [(&eve, "follow"), (&dai, "connect")] {
            made(who, &format!("/v1/accounts/{}/{act}", names["asha"]), json!({})).await?;
        }
        made(&asha, &format!("/v1/accounts/{}/follow", names["cara"]), json!({})).await?;
        let scene = Self { asha, another, blocked, names };
        let scene = scene.with_posts().await?.with_things().await?;
        Ok((node, scene))
    }

    async fn with_posts(mut self) -> Result<Self> {
        let open = self.asha.says(&json!({ "status": "For all #tea", "visibility": "public" })).await?;
        let closed = self.asha.says(&json!({ "status": "Only @cara", "visibility": "direct" })).await?;
        let poll = json!({ "options": ["Tea", "Coffee"], "expires_in": 3600 });
        let poll = self.asha.says(&json!({ "status": "@cara which", "visibility": "direct", "poll": poll })).await?;
        let group = json!({ "name": "secret", "title": "Secret", "kind": "social", "door": "hidden" });
        let group = made(&self.asha, "/v1/groups", group).await?;
        let talk = json!({ "group_id": group["id"], "title": "A talk", "status": "In here" });
        let talk = self.asha.says(&talk).await?;
        for (name, entity) in
            [("open", &open), ("closed", &closed), ("poll", &poll), ("group", &group), ("talk", &talk)]
        {
            self.names.insert(name, text(entity, "id")?);
        }
        Ok(self)
    }

    async fn with_things(mut self) -> Result<Self> {
        let asha = &self.asha;
        let first = async |path: &str| text(asha.get(path).await?.list()?.first().context(path.to_owned())?, "id");
        let scheduled = json!({ "status": "Later", "scheduled_at": self.names["later"] });
        let scheduled = made(asha, "/v1/statuses", scheduled).await?;
        let list = made(asha, "/v1/lists", json!({ "title": "Mine" })).await?;
        let filter = json!({ "title": "Noise", "context": ["home"], "keywords_attributes": [{ "keyword": "noise" }] });
        let filter = made(asha, "/v2/filters", filter).await?;
        let filtered = format!("/v2/filters/{}/statuses", text(&filter, "id")?);
        let filtered = made(asha, &filtered, json!({ "status_id": self.names["open"] })).await?;
        let shown = made(asha, "/v1/featured_tags", json!({ "name": "tea" })).await?;
        let upload = uploaded(asha, png(), "A red bus").await?;
        let found = [
            ("scheduled", text(&scheduled, "id")?),
            ("list", text(&list, "id")?),
            ("keyword", text(&filter["keywords"][0], "id")?),
            ("filter", text(&filter, "id")?),
            ("filtered", text(&filtered, "id")?),
            ("shown", text(&shown, "id")?),
            ("upload", text(&upload, "id")?),
            ("told", first("/api/v1/notifications").await?),
            ("thread", first("/api/v1/conversations").await?),
        ];
        self.names.extend(found);
        Ok(self)
    }

    fn filled(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
    }

    async fn calls(&self, who: &Caller, line: &Line) -> Result<(StatusCode, Value)> {
        let (method, path, body, ..) = *line;
        self.asks(who, method, path, body).await
    }

    async fn asks(&self, who: &Caller, method: &str, path: &str, body: &str) -> Result<(StatusCode, Value)> {
        let request = who.request(Method::from_bytes(method.as_bytes())?, &format!("/api{}", self.filled(path)));
        let request = match body {
            "" => request,
            body => request.json(&serde_json::from_str::<Value>(&self.filled(body))?),
        };
        let answer = said(request).await?;
        Ok((answer.status, answer.body))
    }
}

/// Whether somebody else got what they may.
fn fits(wanted: For, status: StatusCode, body: &Value) -> bool {
    match wanted {
        Anyone => status == StatusCode::OK,
        Nobody => status == StatusCode::NOT_FOUND,
        Refused => matches!(status, StatusCode::FORBIDDEN | StatusCode::UNPROCESSABLE_ENTITY),
        Own => status == StatusCode::OK && body.as_array().is_some_and(Vec::is_empty),
    }
}

on_both! {
    async fn what_is_somebodys_is_theirs_at_every_route(kind: Kind) {
        let (_node, scene) = Scene::set(kind).await?;
        let mut wrong = Vec::new();
        for line in LINES {
            let (method, path, _, another, blocked) = *line;
            for (who, caller, wanted) in [("another", &scene.another, another), ("blocked", &scene.blocked, blocked)] {
                let (status, body) = scene.calls(caller, line).await?;
                if !fits(wanted, status, &body) {
                    wrong.push(format!("{who}: {method} {path}: {wanted:?} is wanted, and it was {status} {body}"));
                }
            }
            // The one whose it is comes last: what others tried has changed nothing.
            let to_herself = path.starts_with("/v1/accounts/{asha}/") && method == "POST";
            if to_herself || path.ends_with("/join") {
                continue;
            }
            let (status, body) = scene.calls(&scene.asha, line).await?;
            if status != StatusCode::OK {
                wrong.push(format!("Asha: {method} {path}: {status} {body}"));
            }
        }
        ensure!(wrong.is_empty(), "{wrong:#?}");
        Ok(())
    }
}

/// Somebody to act about, a report about them, a peer and one that was.
async fn to_administer(kind: Kind) -> Result<(TestNode, Scene)> {
    let node = TestNode::start(kind).await?;
    let (asha, another, blocked) = (
        Caller::person(&node, "asha").await?,
        Caller::person(&node, "another").await?,
        Caller::person(&node, "bryn").await?,
    );
    let about = json!({ "account_id": blocked.me().await? });
    let report = text(&made(&asha, "/v1/reports", about).await?, "id")?;
    for name in ["one.example", "two.example"] {
        node.allow(&Authority::parse(name)?, Marking::LOWEST).await?;
    }
    node.remove(&Authority::parse("two.example")?).await?;
    let mut names = BTreeMap::from([("bryn", blocked.me().await?), ("report", report)]);
    for peer in corridor_app::peers::list(&node.ctx).await? {
        let name = if peer.peer.authority.as_str() == "one.example" { "allowed" } else { "removed" };
        names.insert(name, peer.peer.id.to_string());
    }
    Ok((node, Scene { asha, another, blocked, names }))
}

on_both! {
    async fn only_those_administer_whose_role_it_is(kind: Kind) {
        let (node, scene) = to_administer(kind).await?;
        let nobody = Caller::new(&node, None)?;
        let mut others = Vec::new();
        for role in [Role::Member, Role::Facilitator, Role::RecordsOfficer] {
            others.push((role.word(), with_role(&node, &role.word().replace('-', "_"), role, SCOPES).await?));
        }
        let moderator = with_role(&node, "mod", Role::Moderator, SCOPES).await?;
        let administrator = with_role(&node, "adm", Role::Administrator, SCOPES).await?;
        let scopes: BTreeSet<&str> = ADMINISTRATION.iter().map(|line| line.3).collect();
        let mut narrow = BTreeMap::new();
        for (index, scope) in scopes.iter().enumerate() {
            // All that there is but this one; the wide ones would cover it.
            let rest: Vec<&str> = scopes.iter().filter(|other| *other != scope).copied().collect();
            let rest = format!("read write {}", rest.join(" "));
            narrow.insert(*scope, with_role(&node, &format!("narrow{index}"), Role::Administrator, &rest).await?);
        }
        let mut wrong = Vec::new();
        for (method, path, body, scope, moderators) in ADMINISTRATION.iter().copied() {
            let without = narrow.get(scope).context("no token without this scope")?;
            let mut refused = vec![("without the scope", without, "scope"), ("signed out", &nobody, "token")];
            let only = if moderators { "only a moderator" } else { "only a" };
            refused.extend(others.iter().map(|(name, caller)| (*name, caller, only)));
            if !moderators {
                refused.push(("the moderator", &moderator, "only an administrator"));
            }
            for (who, caller, words) in refused {
                let (status, answer) = scene.asks(caller, method, path, body).await?;
                let wanted = if who == "signed out" { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
                if status != wanted || !answer["error"].as_str().is_some_and(|error| error.contains(words)) {
                    wrong.push(format!("{who}: {method} {path}: {status} {answer}"));
                }
            }
            // Half of the acts are the moderator's, if it may: what is done once can't be done again.
            let caller = if moderators && method == "POST" { &moderator } else { &administrator };
            let (status, answer) = scene.asks(caller, method, path, body).await?;
            if status != StatusCode::OK {
                wrong.push(format!("who may: {method} {path}: {status} {answer}"));
            }
            if moderators && method == "GET" {
                let (status, answer) = scene.asks(&moderator, method, path, body).await?;
                ensure!(status == StatusCode::OK, "the moderator: {method} {path}: {status} {answer}");
            }
        }
        ensure!(wrong.is_empty(), "{wrong:#?}");
        Ok(())
    }
}
