//! The entities have the attributes that Mastodon's documents (4.5) list, ours beside them, and no others.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use corridor_domain::{Authority, Marking, Role};
use corridor_tests::{TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::admin;
use super::caller::{Caller, said};

/// Documented and always there; `ours` are additions, `optional` may be missing by the documents.
struct Shape {
    name: &'static str,
    documented: &'static str,
    ours: &'static str,
}

const ACCOUNT: Shape = Shape {
    name: "Account",
    documented: "id username acct url uri display_name note avatar avatar_static header header_static locked fields emojis bot group \
                 discoverable indexable noindex hide_collections avatar_description header_description roles created_at last_status_at statuses_count followers_count following_count",
    ours: "department role_title",
};
const CREDENTIAL_ACCOUNT: Shape = Shape {
    name: "CredentialAccount",
    documented: "id username acct url uri display_name note avatar avatar_static header header_static locked fields emojis bot group \
                 discoverable indexable noindex hide_collections avatar_description header_description roles created_at last_status_at statuses_count followers_count following_count \
                 source role",
    ours: "department role_title",
};
const SOURCE: Shape = Shape {
    name: "CredentialAccount source",
    documented: "privacy sensitive language note fields follow_requests_count hide_collections discoverable indexable attribution_domains",
    ours: "audience",
};
const ROLE: Shape = Shape { name: "Role", documented: "id name permissions color highlighted", ours: "" };
const STATUS: Shape = Shape {
    name: "Status",
    documented: "id uri created_at account content visibility sensitive spoiler_text media_attachments application mentions tags emojis \
                 reblogs_count favourites_count replies_count quotes_count url in_reply_to_id in_reply_to_account_id reblog poll card \
                 language edited_at quote favourited reblogged muted bookmarked pinned filtered",
    ours: "audience marking handling title group topic",
};
const MENTION: Shape = Shape { name: "Status::Mention", documented: "id username url acct", ours: "" };
const STATUS_TAG: Shape = Shape { name: "Status::Tag", documented: "name url", ours: "" };
const STATUS_EDIT: Shape = Shape {
    name: "StatusEdit",
    documented: "content spoiler_text sensitive created_at account media_attachments emojis",
    ours: "",
};
const STATUS_SOURCE: Shape = Shape { name: "StatusSource", documented: "id text spoiler_text", ours: "" };
const CONTEXT: Shape = Shape { name: "Context", documented: "ancestors descendants", ours: "" };
const NOTIFICATION: Shape =
    Shape { name: "Notification", documented: "id type group_key created_at account status", ours: "" };
const RELATIONSHIP: Shape = Shape {
    name: "Relationship",
    documented: "id following showing_reblogs notifying languages followed_by blocking blocked_by muting muting_notifications requested \
                 requested_by domain_blocking endorsed note",
    ours: "connected connection_requested connection_requested_by",
};
const SEARCH: Shape = Shape { name: "Search", documented: "accounts statuses hashtags", ours: "" };
const TAG: Shape = Shape { name: "Tag", documented: "id name url history following featuring", ours: "" };
const CREDENTIAL_APPLICATION: Shape = Shape {
    name: "CredentialApplication",
    documented: "id name website scopes redirect_uri redirect_uris client_id client_secret client_secret_expires_at vapid_key",
    ours: "",
};
const APPLICATION: Shape =
    Shape { name: "Application", documented: "id name website scopes redirect_uri redirect_uris vapid_key", ours: "" };
const STATUS_APPLICATION: Shape = Shape { name: "Status application", documented: "name website", ours: "" };
const TOKEN: Shape = Shape { name: "Token", documented: "access_token token_type scope created_at", ours: "" };
const PREFERENCES: Shape = Shape {
    name: "Preferences",
    documented: "posting:default:visibility posting:default:sensitive posting:default:language posting:default:quote_policy \
                 reading:expand:media reading:expand:spoilers reading:autoplay:gifs",
    ours: "posting:default:audience",
};
const INSTANCE: Shape = Shape {
    name: "Instance",
    documented: "domain title version source_url description usage thumbnail icon languages configuration registrations api_versions contact rules",
    ours: "",
};
const CONFIGURATION: Shape = Shape {
    name: "Instance configuration",
    documented: "urls vapid accounts statuses media_attachments polls translation limited_federation",
    ours: "markings",
};
const V1_INSTANCE: Shape = Shape {
    name: "V1::Instance",
    documented: "uri title short_description description email version urls stats thumbnail languages registrations approval_required \
                 invites_enabled configuration contact_account rules",
    ours: "",
};
const RULE: Shape = Shape { name: "Rule", documented: "id text hint", ours: "" };
const FIELD: Shape = Shape { name: "Field", documented: "name value verified_at", ours: "" };

const ADMIN_ACCOUNT: Shape = Shape {
    name: "Admin::Account",
    documented: "id username domain created_at email ip ips locale invite_request role confirmed approved disabled silenced sensitized \
                 suspended account",
    ours: "",
};
const ADMIN_REPORT: Shape = Shape {
    name: "Admin::Report",
    documented: "id action_taken action_taken_at category comment forwarded created_at updated_at account target_account \
                 assigned_account action_taken_by_account statuses rules",
    ours: "status_ids",
};
const ADMIN_DOMAIN_ALLOW: Shape = Shape { name: "Admin::DomainAllow", documented: "id domain created_at", ours: "" };
const ADMIN_DOMAIN_BLOCK: Shape = Shape {
    name: "Admin::DomainBlock",
    documented: "id domain digest created_at severity reject_media reject_reports private_comment public_comment obfuscate",
    ours: "",
};

impl Shape {
    fn fits(&self, value: &Value) -> Result<()> {
        let object = value.as_object().with_context(|| format!("{} is not an object: {value}", self.name))?;
        let keys: BTreeSet<&str> = object.keys().map(String::as_str).collect();
        let documented: BTreeSet<&str> = self.documented.split_whitespace().collect();
        let ours: BTreeSet<&str> = self.ours.split_whitespace().collect();
        let missing: Vec<_> = documented.union(&ours).filter(|key| !keys.contains(*key)).collect();
        let more: Vec<_> = keys.iter().filter(|key| !documented.contains(*key) && !ours.contains(*key)).collect();
        ensure!(missing.is_empty() && more.is_empty(), "{}: missing {missing:?}, not documented {more:?}", self.name);
        Ok(())
    }
}

/// Ids are strings of digits, moments are ISO 8601 in UTC with milliseconds.
fn of_mastodons_types(status: &Value) -> Result<()> {
    let id = status["id"].as_str().context("an id that is no text")?;
    ensure!(id.bytes().all(|digit| digit.is_ascii_digit()), "{id}");
    let at = status["created_at"].as_str().context("no moment")?;
    ensure!(chrono::DateTime::parse_from_rfc3339(at).is_ok() && at.ends_with('Z') && at.len() == 24, "{at}");
    for count in ["replies_count", "reblogs_count", "favourites_count"] {
        ensure!(status[count].is_u64(), "{count}: {}", status[count]);
    }
    for flag in ["favourited", "reblogged", "bookmarked", "muted", "sensitive"] {
        ensure!(status[flag].is_boolean(), "{flag}: {}", status[flag]);
    }
    for list in ["media_attachments", "mentions", "tags", "emojis", "filtered"] {
        ensure!(status[list].is_array(), "{list}: {}", status[list]);
    }
    Ok(())
}

on_both! {
    async fn posts_and_what_belongs_to_them(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let made = asha.says(&json!({ "status": "@bryn hello #tea", "language": "en" })).await?;
        STATUS.fits(&made)?;
        of_mastodons_types(&made)?;
        ACCOUNT.fits(&made["account"])?;
        MENTION.fits(&made["mentions"][0])?;
        STATUS_TAG.fits(&made["tags"][0])?;
        STATUS_APPLICATION.fits(&made["application"])?;
        let path = format!("/api/v1/statuses/{}", text(&made, "id")?);
        let boost = bryn.post(&format!("{path}/reblog"), &json!({})).await?.ok()?;
        STATUS.fits(&boost)?;
        STATUS.fits(&boost["reblog"])?;
        ensure!(boost["reblog"]["id"] == made["id"] && boost["reblog"]["reblogged"] == true && boost["id"] != made["id"]);
        bryn.says(&json!({ "status": "@asha hello yourself", "in_reply_to_id": made["id"] })).await?;
        let context = asha.get(&format!("{path}/context")).await?.ok()?;
        CONTEXT.fits(&context)?;
        STATUS.fits(&context["descendants"][0])?;
        let edited = said(asha.request(Method::PUT, &path).json(&json!({ "status": "@bryn hello again" }))).await?.ok()?;
        STATUS.fits(&edited)?;
        ensure!(edited["edited_at"].is_string());
        for state in asha.get(&format!("{path}/history")).await?.list()? {
            STATUS_EDIT.fits(&state)?;
            ACCOUNT.fits(&state["account"])?;
        }
        STATUS_SOURCE.fits(&asha.get(&format!("{path}/source")).await?.ok()?)?;
        for kind in ["mention", "reblog"] {
            let caller = if kind == "reblog" { &asha } else { &bryn };
            let told = caller.get(&format!("/api/v1/notifications?types[]={kind}")).await?.list()?;
            let told = told.first().with_context(|| format!("no {kind}"))?;
            NOTIFICATION.fits(told)?;
            ensure!(told["type"] == kind);
            ACCOUNT.fits(&told["account"])?;
            STATUS.fits(&told["status"])?;
        }
        let gone = said(asha.request(Method::DELETE, &path)).await?.ok()?;
        ensure!(gone["text"] == "@bryn hello again", "{gone}");
        Ok(())
    }
}

on_both! {
    async fn people_and_what_belongs_to_them(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let me = asha.get("/api/v1/accounts/verify_credentials").await?.ok()?;
        CREDENTIAL_ACCOUNT.fits(&me)?;
        SOURCE.fits(&me["source"])?;
        ROLE.fits(&me["role"])?;
        for field in me["fields"].as_array().context("no fields")? {
            FIELD.fits(field)?;
        }
        ensure!(me["created_at"].as_str().is_some_and(|at| at.ends_with("T00:00:00.000Z")), "{}", me["created_at"]);
        ensure!(me["last_status_at"].is_null() && me["acct"] == "asha" && me["url"] == node.at("/@asha"), "{me}");
        asha.says(&json!({ "status": "Today #tea" })).await?;
        let them = bryn.get(&format!("/api/v1/accounts/{}", text(&me, "id")?)).await?.ok()?;
        ACCOUNT.fits(&them)?;
        ensure!(them["last_status_at"].as_str().is_some_and(|at| at.len() == 10) && them["statuses_count"] == 1, "{them}");
        let relation = bryn.post(&format!("/api/v1/accounts/{}/follow", text(&me, "id")?), &json!({})).await?.ok()?;
        RELATIONSHIP.fits(&relation)?;
        ensure!(relation["following"] == true && relation["showing_reblogs"] == true && relation["notifying"] == false, "{relation}");
        let told = asha.get("/api/v1/notifications?types[]=follow").await?.list()?;
        let told = told.first().context("no follow")?;
        ensure!(told["type"] == "follow" && told["status"].is_null() && told["account"]["acct"] == "bryn", "{told}");
        PREFERENCES.fits(&asha.get("/api/v1/preferences").await?.ok()?)?;
        let found = asha.get("/api/v2/search?q=asha").await?.ok()?;
        SEARCH.fits(&found)?;
        ACCOUNT.fits(&found["accounts"][0])?;
        let found = asha.get("/api/v2/search?q=tea&type=hashtags").await?.ok()?;
        TAG.fits(&found["hashtags"][0])?;
        let count = asha.get("/api/v1/notifications/unread_count").await?.ok()?;
        ensure!(count == json!({ "count": 1 }), "{count}");
        Ok(())
    }
}

on_both! {
    async fn the_node_and_its_applications(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let nobody = Caller::new(&node, None)?;
        let instance = nobody.get("/api/v2/instance").await?.ok()?;
        INSTANCE.fits(&instance)?;
        CONFIGURATION.fits(&instance["configuration"])?;
        let host = node.ctx.settings.addresses.account_domain.as_str().to_owned();
        ensure!(instance["domain"] == json!(host), "{instance}");
        ensure!(instance["configuration"]["statuses"]["max_characters"] == node.ctx.settings.max_characters, "{instance}");
        ensure!(instance["version"].as_str().is_some_and(|version| version.starts_with("4.5.0 (compatible; Corridor ")), "{instance}");
        let old = nobody.get("/api/v1/instance").await?.ok()?;
        V1_INSTANCE.fits(&old)?;
        ensure!(old["uri"] == json!(host) && old["registrations"] == false, "{old}");
        let rules = nobody.get("/api/v1/instance/rules").await?.list()?;
        ensure!(!rules.is_empty() && instance["rules"] == json!(rules));
        for rule in &rules {
            RULE.fits(rule)?;
        }
        ensure!(nobody.get("/api/v1/custom_emojis").await?.ok()? == json!([]));
        let body = json!({ "client_name": "A client", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read" });
        let app = nobody.post("/api/v1/apps", &body).await?.ok()?;
        CREDENTIAL_APPLICATION.fits(&app)?;
        let form = [("grant_type", "client_credentials"), ("client_id", app["client_id"].as_str().unwrap()), ("client_secret", app["client_secret"].as_str().unwrap())];
        let token = said(nobody.request(Method::POST, "/oauth/token").form(&form)).await?.ok()?;
        TOKEN.fits(&token)?;
        let caller = Caller::new(&node, Some(&text(&token, "access_token")?))?;
        APPLICATION.fits(&caller.get("/api/v1/apps/verify_credentials").await?.ok()?)?;
        let error = caller.get("/api/v1/nothing").await?;
        ensure!(error.status == StatusCode::NOT_FOUND && error.body.as_object().map(serde_json::Map::len) == Some(1), "{}", error.body);
        // Every address in the documents is this node's own: nothing else is asked of a reader's browser.
        for (name, value) in [("thumbnail", &instance["thumbnail"]["url"]), ("about", &instance["configuration"]["urls"]["about"])] {
            let address = value.as_str().with_context(|| format!("no {name}"))?;
            ensure!(address.starts_with(&node.at("/")), "{name}: {address}");
            let path = address.trim_start_matches(&node.at(""));
            let answer = nobody.get(path).await?;
            ensure!(answer.status == StatusCode::OK, "{name} at {address} answers {}", answer.status);
        }
        Ok(())
    }
}

on_both! {
    async fn pictures_of_people_are_there(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let me = asha.get("/api/v1/accounts/verify_credentials").await?.ok()?;
        for name in ["avatar", "avatar_static", "header", "header_static"] {
            let address = text(&me, name)?;
            let answer = Caller::new(&node, None)?.get(&address).await?;
            ensure!(answer.status == StatusCode::OK && answer.header("content-type").starts_with("image/"), "{name} at {address} answers {} {}", answer.status, answer.header("content-type"));
        }
        Ok(())
    }
}

on_both! {
    async fn what_administrators_see(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = admin::with_role(&node, "asha", Role::Administrator, admin::SCOPES).await?;
        let bryn = Caller::person(&node, "bryn").await?;
        let post = bryn.says(&json!({ "status": "Unkind", "visibility": "public" })).await?;
        let about = json!({ "account_id": bryn.me().await?, "status_ids": [post["id"]] });
        let report = text(&asha.post("/api/v1/reports", &about).await?.ok()?, "id")?;
        let settled = asha.post(&format!("/api/v1/admin/reports/{report}/resolve"), &json!({})).await?.ok()?;
        ADMIN_REPORT.fits(&settled)?;
        for name in ["account", "target_account", "action_taken_by_account"] {
            ADMIN_ACCOUNT.fits(&settled[name])?;
            ACCOUNT.fits(&settled[name]["account"])?;
            ROLE.fits(&settled[name]["role"])?;
        }
        STATUS.fits(&settled["statuses"][0])?;
        ensure!(settled["rules"] == json!([]) && settled["target_account"]["ips"] == json!([]), "{settled}");
        for name in ["created_at", "updated_at", "action_taken_at"] {
            let at = settled[name].as_str().context("no moment")?;
            ensure!(chrono::DateTime::parse_from_rfc3339(at).is_ok() && at.len() == 24, "{name}: {at}");
        }
        let there = Authority::parse("there.example")?;
        node.allow(&there, Marking::LOWEST).await?;
        let allowed = asha.get("/api/v1/admin/domain_allows").await?.list()?;
        ADMIN_DOMAIN_ALLOW.fits(allowed.first().context("nobody is allowed")?)?;
        node.remove(&there).await?;
        let blocked = asha.get("/api/v1/admin/domain_blocks").await?.list()?;
        ADMIN_DOMAIN_BLOCK.fits(blocked.first().context("nobody is blocked")?)?;
        Ok(())
    }
}
