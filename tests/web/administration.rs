//! The allow-list on the pages: allowed, changed, held and removed by an administrator, and by nobody else.

use anyhow::{Result, ensure};
use corridor_app::operator::Operator;
use corridor_app::{RegistrySettings, accounts, peers, registry};
use corridor_domain::registry::{Draft, DraftNode, Signed};
use corridor_domain::{Authority, PeerState, Role, Service};
use corridor_tests::{PASSWORD, TestNode, befriend, eventually, on_both, text};
use reqwest::StatusCode;
use serde_json::json;

use super::pages::{Answer, Pages};
use crate::federation::conversation::{arrives, follow, says};

const LIST: &str = "/administration/peers";
const THERE: &str = "/administration/peers/there.example";
const TERMS: &str = "/administration/peers/there.example/terms";

/// What an administrator types.
const FORM: [(&str, &str); 8] = [
    ("department", "Department of Elsewhere"),
    ("account_domain", "elsewhere.example"),
    ("ceiling", "OFFICIAL-SENSITIVE"),
    ("default_marking", "OFFICIAL"),
    ("services", "posts"),
    ("services", "groups"),
    ("contact", "Duty desk"),
    ("note", "Agreed on 3 November"),
];

async fn with_role(node: &TestNode, name: &str, role: Role) -> Result<Pages> {
    node.add(name).await?;
    accounts::set_role(&node.ctx, &Operator::System, name, role).await?;
    Pages::signed_in(&node.url, name).await
}

async fn administrator(node: &TestNode) -> Result<Pages> {
    with_role(node, "asha", Role::Administrator).await
}

fn there() -> Result<Authority> {
    Ok(Authority::parse("there.example")?)
}

/// `FORM` with other values for some fields.
fn typed<'a>(csrf: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = FORM.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    [("csrf", csrf)].into_iter().chain(kept).chain(changes.iter().copied()).collect()
}

/// Gives terms on the form and, where that is asked, on the preview.
async fn give(asha: &mut Pages, changes: &[(&str, &str)]) -> Result<Answer> {
    let csrf = asha.csrf(TERMS).await?;
    let preview = asha.post(TERMS, &typed(&csrf, changes)).await?;
    ensure!(preview.status == StatusCode::OK, "{} {}", preview.status, preview.body);
    let services = changes.iter().any(|(name, _)| *name == "services");
    ensure!(services || preview.body.matches("name=\"services\"").count() == 2, "{}", preview.body);
    asha.fill_in(&preview.body, TERMS, &[("step", "confirmed")]).await
}

/// The form again, with what is wrong at its top and beside the field, and what was typed still in it.
fn refused(answer: &Answer, field: &str, words: &str, kept: &str) -> Result<()> {
    let Answer { status, body, .. } = answer;
    ensure!(*status == StatusCode::UNPROCESSABLE_ENTITY, "{status}: {body}");
    ensure!(body.contains("<title>Error: ") && body.contains("There is a problem"), "{body}");
    ensure!(body.contains(&format!("<a href=\"#{field}\">")), "nothing leads to {field}: {body}");
    ensure!(body.contains(&format!("id=\"{field}-error\"")) && body.contains(words), "“{words}” isn't said: {body}");
    ensure!(body.contains(kept), "{kept} was lost: {body}");
    Ok(())
}

on_both! {
    async fn a_peer_is_allowed_after_a_preview(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut asha = administrator(&node).await?;
        ensure!(asha.get("/").await?.body.contains(&format!("href=\"{LIST}\"")), "nothing leads there");
        ensure!(asha.get(LIST).await?.body.contains("No node is allowed yet."));
        let wrongs = [
            ("", "Enter the node&#39;s federation address"),
            ("https://there.example/", "Give the host alone"),
            ("10.0.0.1", "use a host name"),
        ];
        for (host, words) in wrongs {
            let answer = asha.fill("/administration/new-peer", "/administration/new-peer", &[("host", host)]).await?;
            refused(&answer, "host", words, &format!("value=\"{host}\""))?;
        }
        let next = asha.fill("/administration/new-peer", "/administration/new-peer", &[("host", " There.Example ")]).await?;
        ensure!(next.status == StatusCode::SEE_OTHER && next.location()? == TERMS, "{} {}", next.status, next.body);
        let csrf = asha.csrf(TERMS).await?;
        let long = "x".repeat(201);
        let wrongs: [(&str, &str, &str, &str); 5] = [
            ("services", "none-of-them", "services", "Choose at least one service"),
            ("ceiling", "", "ceiling", "Choose the highest marking"),
            ("account_domain", "a b", "account_domain", "spaces"),
            ("account_domain", "elsewhere.example:x", "account_domain", "port"),
            ("contact", &long, "contact", "200 is the most"),
        ];
        for (name, value, field, words) in wrongs {
            let answer = asha.post(TERMS, &typed(&csrf, &[(name, value)])).await?;
            refused(&answer, field, words, "Department of Elsewhere")?;
        }

        let preview = asha.post(TERMS, &typed(&csrf, &[])).await?;
        ensure!(preview.status == StatusCode::OK && preview.body.contains("It is new: nothing is held from it."), "{}", preview.body);
        ensure!(preview.body.contains("up to OFFICIAL-SENSITIVE may go there and come from there, for posts, groups"), "{}", preview.body);
        ensure!(peers::list(&node.ctx).await?.is_empty(), "the preview has allowed it");
        let back = asha.fill_in(&preview.body, TERMS, &[("step", "change")]).await?;
        ensure!(back.body.contains("value=\"elsewhere.example\"") && back.body.contains("Agreed on 3 November</textarea>"), "{}", back.body);
        ensure!(peers::list(&node.ctx).await?.is_empty(), "going back has allowed it");

        let allowed = asha.fill_in(&preview.body, TERMS, &[("step", "confirmed")]).await?;
        ensure!(allowed.status == StatusCode::SEE_OTHER, "{} {}", allowed.status, allowed.body);
        let page = asha.get(allowed.location()?).await?.body;
        for words in ["The terms count from now on", "Department of Elsewhere", "Duty desk", "Agreed on 3 November", "Terms set by asha", "ceiling: OFFICIAL-SENSITIVE", "Nothing waits"] {
            ensure!(page.contains(words), "“{words}” isn't said: {page}");
        }
        let peer = peers::show(&node.ctx, &there()?).await?.peer;
        ensure!(peer.state == PeerState::Allowed && peer.account_domain.as_str() == "elsewhere.example", "{peer:?}");
        ensure!(peer.grant.services == [Service::Posts, Service::Groups].into_iter().collect(), "{peer:?}");
        let history = peers::history(&node.ctx, &Operator::System, &there()?).await?;
        ensure!(history.iter().map(|entry| entry.who.as_str()).collect::<Vec<_>>() == ["person:asha"], "{history:?}");
        ensure!(asha.get(LIST).await?.body.contains(&format!("href=\"{THERE}\"")));
        // Another node can't have its name.
        let other = "/administration/peers/other.example/terms";
        let csrf = asha.csrf(other).await?;
        let clash = asha.post(other, &typed(&csrf, &[])).await?;
        refused(&clash, "account_domain", "a name of the peer there.example", "Duty desk")?;
        Ok(())
    }
}

on_both! {
    async fn terms_that_lose_something_are_previewed(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut asha = administrator(&node).await?;
        give(&mut asha, &[]).await?;
        // Other words lose nothing, and are saved at once.
        let csrf = asha.csrf(TERMS).await?;
        let saved = asha.post(TERMS, &typed(&csrf, &[("note", "Agreed again")])).await?;
        ensure!(saved.status == StatusCode::SEE_OTHER, "{} {}", saved.status, saved.body);
        ensure!(peers::show(&node.ctx, &there()?).await?.peer.note == "Agreed again");

        let narrow = [("services", "posts"), ("ceiling", "OFFICIAL")];
        let before = peers::show(&node.ctx, &there()?).await?.peer;
        let preview = asha.post(TERMS, &typed(&csrf, &narrow)).await?;
        for words in ["Check what is lost", "The ceiling falls from OFFICIAL-SENSITIVE to OFFICIAL.", "0 posts held from it above that", "It is no longer used for groups."] {
            ensure!(preview.body.contains(words), "“{words}” isn't said: {}", preview.body);
        }
        ensure!(peers::show(&node.ctx, &there()?).await?.peer == before, "the preview has changed something");
        give(&mut asha, &narrow).await?;
        let peer = peers::show(&node.ctx, &there()?).await?.peer;
        ensure!(peer.grant.services == [Service::Posts].into_iter().collect(), "{peer:?}");
        ensure!(peer.ceiling == node.ctx.settings.scheme.parse("OFFICIAL")?, "{peer:?}");

        // To change the terms of one that is held ends the hold, which is said first.
        peers::suspend(&node.ctx, &Operator::System, &there()?).await?;
        let preview = asha.post(TERMS, &typed(&csrf, &narrow)).await?;
        ensure!(preview.body.contains("It is suspended. With these terms it is allowed again"), "{}", preview.body);
        ensure!(peers::show(&node.ctx, &there()?).await?.peer.state == PeerState::Suspended);
        Ok(())
    }
}

on_both! {
    async fn a_peer_is_held_removed_and_its_traces_destroyed(kind: Kind) {
        let (here, other) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &other]).await?;
        let (reader, author) = (here.person("reader").await?, other.person("author").await?);
        follow(&reader, &other.handle("author")).await?;
        says(&author, "From elsewhere").await?;
        let post = arrives(&reader, "From elsewhere").await?;
        let mut asha = administrator(&here).await?;
        let page = format!("{LIST}/{}", other.authority);
        let at = |act: &str| format!("{page}/{act}");
        let state = async || Ok::<_, anyhow::Error>(peers::show(&here.ctx, &other.authority).await?.peer.state);

        let asked = asha.get(&at("suspend")).await?.body;
        ensure!(asked.contains("What waits for it keeps waiting"), "{asked}");
        ensure!(state().await? == PeerState::Allowed, "asking has done it");
        let done = asha.fill(&at("suspend"), &at("suspend"), &[]).await?;
        ensure!(state().await? == PeerState::Suspended && asha.get(done.location()?).await?.body.contains("It is suspended"));
        ensure!(asha.get(&at("suspend")).await?.location()? == page, "it is suspended twice");
        asha.fill(&at("resume"), &at("resume"), &[]).await?;
        ensure!(state().await? == PeerState::Allowed);

        // The nodes follow each other too, for the Network feed, which takes its time.
        let asked = eventually("the page says how many follows are cut", || {
            let mut asha = asha.clone();
            let (path, here, host) = (at("remove"), &here, &other.authority);
            async move {
                let follows = peers::preview(&here.ctx, &Operator::System, host, None).await?.follows;
                let page = asha.get(&path).await?.body;
                let said = page.contains(&format!("<li>{follows} follow")) && page.contains("between here and there");
                Ok(Some(page).filter(|_| said && follows > 0))
            }
        })
        .await?;
        for words in ["1 post and ", "0 waiting activities for it are dropped", "You can’t take this back."] {
            ensure!(asked.contains(words), "“{words}” isn't said: {asked}");
        }
        for (password, words) in [("", "Enter your password"), ("not the one at all", "password is not right")] {
            let answer = asha.fill(&at("remove"), &at("remove"), &[("password", password), ("purge", "yes")]).await?;
            refused(&answer, "password", words, "value=\"yes\" checked")?;
            ensure!(password.is_empty() || !answer.body.contains(password), "the password is on the page");
        }
        ensure!(state().await? == PeerState::Allowed, "asking, or a wrong password, has done it");
        ensure!(reader.get(&format!("/api/v1/statuses/{}", text(&post, "id")?)).await.is_ok());

        let done = asha.fill(&at("remove"), &at("remove"), &[("password", PASSWORD)]).await?;
        ensure!(done.location()?.ends_with("?done=removed"), "{} {}", done.status, done.body);
        ensure!(state().await? == PeerState::Removed);
        let left = peers::left(&here.ctx, &Operator::System, &other.authority).await?;
        ensure!(left.posts == 1, "{left:?}");
        ensure!(asha.get(done.location()?).await?.body.contains("Destroy what is held"));
        let done = asha.fill(&at("purge"), &at("purge"), &[("password", PASSWORD)]).await?;
        ensure!(done.location()?.ends_with("?done=purged"), "{} {}", done.status, done.body);
        let left = peers::left(&here.ctx, &Operator::System, &other.authority).await?;
        ensure!((left.posts, left.people) == (0, 0), "{left:?}");
        ensure!(!asha.get(&page).await?.body.contains("Destroy what is held"), "there is nothing left to destroy");
        let history = peers::history(&here.ctx, &Operator::System, &other.authority).await?;
        let told: Vec<(&str, &str)> = history.iter().map(|entry| (entry.action.as_str(), entry.who.as_str())).collect();
        let own: Vec<&str> = told.iter().filter(|(_, who)| *who == "person:asha").map(|(action, _)| *action).collect();
        ensure!(own == ["peer.purge", "peer.remove", "peer.resume", "peer.suspend"], "{told:?}");
        Ok(())
    }
}

on_both! {
    async fn both_are_done_at_once_where_that_is_chosen(kind: Kind) {
        let (here, other) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &other]).await?;
        let (reader, author) = (here.person("reader").await?, other.person("author").await?);
        follow(&reader, &other.handle("author")).await?;
        says(&author, "From elsewhere").await?;
        arrives(&reader, "From elsewhere").await?;
        let mut asha = administrator(&here).await?;
        let remove = format!("{LIST}/{}/remove", other.authority);
        let done = asha.fill(&remove, &remove, &[("password", PASSWORD), ("purge", "yes")]).await?;
        ensure!(done.location()?.ends_with("?done=purged"), "{} {}", done.status, done.body);
        let left = peers::left(&here.ctx, &Operator::System, &other.authority).await?;
        ensure!((left.posts, left.people) == (0, 0), "{left:?}");
        Ok(())
    }
}

on_both! {
    async fn nobody_but_an_administrator_comes_near_the_allow_list(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut asha = administrator(&node).await?;
        give(&mut asha, &[]).await?;
        let before = peers::show(&node.ctx, &there()?).await?.peer;
        let told = peers::history(&node.ctx, &Operator::System, &there()?).await?.len();
        let forms = ["terms", "suspend", "resume", "remove", "purge"].map(|act| format!("{THERE}/{act}"));
        let shown = [LIST.to_owned(), THERE.to_owned(), "/administration/new-peer".to_owned()];
        let sent = [("host", "new.example"), ("password", PASSWORD), ("purge", "yes"), ("step", "confirmed")];

        let mut nobody = Pages::new(&node.url)?;
        let (mut bryn, mut cai) = (with_role(&node, "bryn", Role::Member).await?, with_role(&node, "cai", Role::Moderator).await?);
        for path in shown.iter().chain(&forms) {
            ensure!(nobody.get(path).await?.location()?.starts_with("/sign-in"), "{path}");
            for other in [&mut bryn, &mut cai] {
                let answer = other.get(path).await?;
                ensure!(answer.status == StatusCode::FORBIDDEN && !answer.body.contains("there.example"), "{path}: {}", answer.status);
            }
        }
        for path in forms.iter().chain([&"/administration/new-peer".to_owned()]) {
            for other in [&mut bryn, &mut cai] {
                let csrf = other.csrf("/groups").await?;
                let form = [typed(&csrf, &[("ceiling", "OFFICIAL")]), sent.to_vec()].concat();
                let answer = other.post(path, &form).await?;
                ensure!(answer.status == StatusCode::FORBIDDEN, "{path}: {} {}", answer.status, answer.body);
            }
            // Nor does another site's page, with an administrator's cookie.
            let form = [typed("forged", &[("ceiling", "OFFICIAL")]), sent.to_vec()].concat();
            let answer = asha.post(path, &form).await?;
            ensure!(answer.status == StatusCode::FORBIDDEN, "{path}: {} {}", answer.status, answer.body);
        }
        ensure!(!bryn.get("/").await?.body.contains(LIST), "a member is shown the way");
        ensure!(peers::show(&node.ctx, &there()?).await?.peer == before, "something was done");
        ensure!(peers::list(&node.ctx).await?.len() == 1);
        ensure!(peers::history(&node.ctx, &Operator::System, &there()?).await?.len() == told);

        // Who is no administrator any more is none on the pages either.
        accounts::set_role(&node.ctx, &Operator::System, "asha", Role::Member).await?;
        let mut asha = Pages::signed_in(&node.url, "asha").await?;
        ensure!(asha.get(LIST).await?.status == StatusCode::FORBIDDEN);
        for nonsense in ["/administration/peers/nobody.example", "/administration/peers/a%20b", "/administration/peers/there.example/sing"] {
            accounts::set_role(&node.ctx, &Operator::System, "asha", Role::Administrator).await?;
            let mut asha = Pages::signed_in(&node.url, "asha").await?;
            let answer = asha.get(nonsense).await?;
            ensure!(answer.status == StatusCode::NOT_FOUND, "{nonsense}: {}", answer.status);
        }
        Ok(())
    }
}

on_both! {
    async fn nothing_looser_than_the_registry_is_taken(kind: Kind) {
        let keys = [registry::signing::make_key("ada")?, registry::signing::make_key("ben")?];
        let signers = keys.iter().map(|(signer, _)| signer.clone()).collect();
        let node = TestNode::start_with(kind, |setup| {
            setup.settings.registry =
                RegistrySettings { name: "network.example".to_owned(), signers, required: true, automatic: false };
        })
        .await?;
        let listed = json!([{ "authority": "there.example", "account_domain": "elsewhere.example", "department": "As the registry says", "ceiling": "OFFICIAL", "services": ["posts", "groups"] }]);
        let nodes: Vec<DraftNode> = serde_json::from_value(listed)?;
        let draft = Draft { registry: Some("network.example".to_owned()), nodes, ..Draft::default() };
        let document = draft.into_document(node.ctx.now(), 1, std::time::Duration::from_secs(3600))?;
        let mut signed = Signed { document, signatures: Vec::new() };
        for (signer, key) in &keys {
            registry::signing::sign(&mut signed, &signer.name, key.as_bytes())?;
        }
        registry::import(&node.ctx, &Operator::System, &serde_json::to_vec(&signed)?).await?;

        let mut asha = administrator(&node).await?;
        let unlisted = asha.fill("/administration/new-peer", "/administration/new-peer", &[("host", "stranger.example")]).await?;
        refused(&unlisted, "host", "is not in the registry network.example", "stranger.example")?;
        let form = asha.get(TERMS).await?.body;
        ensure!(form.contains("network.example allows it up to OFFICIAL, for posts, groups") && form.contains("As the registry says"), "{form}");
        let csrf = asha.csrf(TERMS).await?;
        let wrongs = [
            (vec![], "ceiling", "The registry allows there.example up to OFFICIAL, not OFFICIAL-SENSITIVE"),
            (vec![("ceiling", "OFFICIAL"), ("services", "moves")], "services", "The registry allows there.example for posts, groups alone"),
            (vec![("ceiling", "OFFICIAL"), ("account_domain", "another.example")], "account_domain", "end in elsewhere.example"),
        ];
        for step in ["", "confirmed"] {
            for (changes, field, words) in &wrongs {
                let form = [typed(&csrf, changes), vec![("step", step)]].concat();
                let answer = asha.post(TERMS, &form).await?;
                refused(&answer, field, words, "Duty desk")?;
            }
        }
        ensure!(peers::list(&node.ctx).await?.is_empty(), "something was allowed");
        // Stricter is taken.
        let done = give(&mut asha, &[("ceiling", "OFFICIAL"), ("services", "posts")]).await?;
        ensure!(done.status == StatusCode::SEE_OTHER, "{} {}", done.status, done.body);
        let peer = peers::show(&node.ctx, &there()?).await?.peer;
        ensure!(peer.grant.services == [Service::Posts].into_iter().collect() && peer.grant.valid_until.is_some(), "{peer:?}");
        Ok(())
    }
}
