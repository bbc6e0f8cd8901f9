//! Keeping away from a whole domain: what is not met any more, who is turned away, and what comes back.

use anyhow::{Context, Result, ensure};
use corridor_tests::{FrontDoor, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::conversation::{Pair, arrives, follow, pair, says};

/// Whether any status of a list has these words, by itself or boosted.
fn says_so(statuses: &Value, words: &str) -> bool {
    let has = |status: &Value| status["content"].as_str().is_some_and(|text| text.contains(words));
    statuses.as_array().into_iter().flatten().any(|status| has(status) || has(&status["reblog"]))
}

/// Whether the author is among these accounts or suggestions.
fn has_author(people: &Value) -> bool {
    let is_author = |one: &Value| one["username"] == "author" || one["account"]["username"] == "author";
    people.as_array().into_iter().flatten().any(is_author)
}

/// Everywhere that the reader could meet what somebody of the other domain did: the place, and whether it is there.
async fn meets(reader: &FrontDoor, own: &str) -> Result<Vec<(&'static str, bool)>> {
    let timeline = async |path: &str| Ok::<_, anyhow::Error>(says_so(&reader.get(path).await?, "far away"));
    let context = reader.get(&format!("/api/v1/statuses/{own}/context")).await?;
    let found = reader.get("/api/v2/search?q=faraway").await?;
    let told = reader.get("/api/v1/notifications").await?;
    let named = |one: &Value| one["account"]["username"] == "author";
    let unread = reader.get("/api/v1/notifications/unread_count").await?;
    Ok(vec![
        ("home", timeline("/api/v1/timelines/home").await?),
        ("network", timeline("/api/v1/timelines/public").await?),
        ("tag", timeline("/api/v1/timelines/tag/faraway").await?),
        ("thread", says_so(&context["descendants"], "far away")),
        ("posts found", says_so(&found["statuses"], "far away")),
        ("people found", {
            let found = reader.get("/api/v2/search?q=author&type=accounts").await?;
            found["accounts"].as_array().is_some_and(|people| !people.is_empty())
        }),
        ("directory", has_author(&reader.get("/api/v1/directory").await?)),
        ("notifications", told.as_array().into_iter().flatten().any(named)),
        ("unread", unread["count"].as_i64().is_some_and(|count| count > 0)),
    ])
}

async fn relation(who: &FrontDoor, id: &str) -> Result<Value> {
    Ok(who.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await?[0].clone())
}

async fn comes_to(who: &FrontDoor, id: &str, field: &str, wanted: bool) -> Result<()> {
    eventually(&format!("{field} is {wanted}"), || async {
        Ok((relation(who, id).await?[field] == wanted).then_some(()))
    })
    .await
}

on_both! {
    async fn nothing_from_a_blocked_domain_is_met_until_it_is_taken_back(kind: Kind) {
        let Pair { here, there, author, reader } = pair(kind).await?;
        let near = there.person("near").await?;
        follow(&near, &here.handle("author")).await?;
        follow(&reader, "near").await?;
        let theirs = follow(&author, &there.handle("reader")).await?;
        let them = reader.resolve(&here.handle("author")).await?;
        comes_to(&reader, &them, "followed_by", true).await?;
        author.call(Method::PATCH, "/api/v1/accounts/update_credentials", Some(json!({ "indexable": true, "discoverable": true }))).await?;

        let own = says(&reader, "What do you think?").await?;
        arrives(&author, "What do you think?").await?;
        let seen = author.get("/api/v1/timelines/home").await?;
        let parent = seen.as_array().into_iter().flatten().find(|one| one["uri"] == own["uri"]).context("the question")?;
        let handle = there.handle("reader");
        let words = format!("@{handle} so far away #faraway");
        let answer = json!({ "status": words, "visibility": "public", "in_reply_to_id": text(parent, "id")? });
        author.post("/api/v1/statuses", answer).await?;
        says(&author, "A word from far away").await?;
        let boosted = text(&arrives(&near, "A word from far away").await?, "id")?;
        near.post(&format!("/api/v1/statuses/{boosted}/reblog"), json!({})).await?;
        let own = text(&own, "id")?;
        let nowhere = |places: &[(&str, bool)], met: bool| {
            let wrong: Vec<&str> = places.iter().filter(|(_, there)| *there != met).map(|(place, _)| *place).collect();
            if wrong.is_empty() { Ok(()) } else { Err(anyhow::anyhow!("met is not {met} at {wrong:?}")) }
        };
        let seen = eventually("all of it is met", || async {
            let places = meets(&reader, &own).await?;
            Ok(places.iter().all(|(_, there)| *there).then_some(places))
        })
        .await;
        if seen.is_err() { nowhere(&meets(&reader, &own).await?, true)?; }

        ensure!(!has_author(&reader.get("/api/v1/directory?local=true").await?), "they are not of this node");

        // What is no domain, and our own, can't be blocked.
        for (wrong, status) in [(json!({}), "blank"), (json!({ "domain": " " }), "blank"), (json!({ "domain": "a/b" }), "not a valid domain name"), (json!({ "domain": there.authority.as_str() }), "own")] {
            let (code, said) = reader.try_call(Method::POST, "/api/v1/domain_blocks", Some(wrong)).await?;
            ensure!(code == StatusCode::UNPROCESSABLE_ENTITY && said["error"].as_str().is_some_and(|error| error.contains(status)), "{code} {said}");
        }
        ensure!(reader.get("/api/v1/domain_blocks").await? == json!([]));

        let domain = here.ctx.settings.addresses.account_domain.to_string();
        for _ in 0..2 {
            ensure!(reader.post("/api/v1/domain_blocks", json!({ "domain": domain.to_uppercase() })).await? == json!({}));
        }
        ensure!(reader.get("/api/v1/domain_blocks").await? == json!([domain]));
        ensure!(near.get("/api/v1/domain_blocks").await? == json!([]), "nobody else keeps away");
        nowhere(&meets(&reader, &own).await?, false)?;
        ensure!(!has_author(&reader.get("/api/v2/suggestions").await?));
        let stands = relation(&reader, &them).await?;
        ensure!(stands["domain_blocking"] == true && stands["following"] == false && stands["followed_by"] == false, "{stands}");
        ensure!(stands["blocking"] == false && stands["muting"] == false, "{stands}");
        // Their node is told that the follows have ended, and turned away when it asks again.
        comes_to(&author, &theirs, "following", false).await?;
        author.post(&format!("/api/v1/accounts/{theirs}/follow"), json!({})).await?;
        comes_to(&author, &theirs, "requested", false).await?;
        ensure!(relation(&author, &theirs).await?["following"] == false);
        let (code, said) = reader.try_call(Method::POST, &format!("/api/v1/accounts/{them}/follow"), Some(json!({}))).await?;
        ensure!(code == StatusCode::FORBIDDEN && said["error"].as_str().is_some_and(|error| error.contains("domain")), "{code} {said}");
        // What arrives later is not met either; whoever else is here meets it.
        says(&author, &format!("@{handle} still far away #faraway")).await?;
        arrives(&near, "still far away").await?;
        nowhere(&meets(&reader, &own).await?, false)?;

        // Taken back, what is for everyone is met again; what it ended stays ended, and what was not told is not told.
        reader.call(Method::DELETE, &format!("/api/v1/domain_blocks?domain={domain}"), None).await?;
        reader.call(Method::DELETE, &format!("/api/v1/domain_blocks?domain={domain}"), None).await?;
        ensure!(reader.get("/api/v1/domain_blocks").await? == json!([]));
        nowhere(&meets(&reader, &own).await?, true)?;
        ensure!(has_author(&reader.get("/api/v2/suggestions").await?), "near follows them");
        let told = reader.get("/api/v1/notifications?types[]=mention").await?;
        ensure!(told.as_array().map(Vec::len) == Some(1), "{told}");
        let stands = relation(&reader, &them).await?;
        ensure!(stands["domain_blocking"] == false && stands["following"] == false && stands["followed_by"] == false, "{stands}");
        Ok(())
    }
}
