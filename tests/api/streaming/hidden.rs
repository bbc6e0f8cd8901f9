//! What is hidden all at once, with its author or their peer, is told to those who had it before them.

use anyhow::{Result, ensure};
use corridor_app::operator::Operator;
use corridor_app::{accounts, peers};
use corridor_tests::{TestNode, befriend, on_both, text};
use serde_json::json;

use super::ears::Ear;
use super::{Two, delete, hears};
use crate::api::caller::Caller;

/// The next event tells that this is gone.
async fn loses(ear: &mut Ear, id: &str) -> Result<()> {
    let heard = ear.next().await?;
    ensure!((heard.name.as_str(), heard.data.as_str()) == ("delete", id), "{heard:?} instead of the end of {id}");
    Ok(())
}

on_both! {
    async fn what_a_disabled_author_wrote_is_gone_for_whoever_could_read_it(kind: Kind) {
        let two = Two::start(kind).await?;
        let token = two.node.person("dai").await?.token().to_owned();
        let dai = Caller::new(&two.node, Some(&token))?;
        let open = text(&two.bryn.says(&json!({ "status": "For all #tea", "visibility": "public" })).await?, "id")?;
        let followers = text(&two.bryn.says(&json!({ "status": "For followers", "visibility": "private" })).await?, "id")?;
        let named = text(&two.bryn.says(&json!({ "status": "@dai alone", "visibility": "direct" })).await?, "id")?;
        let gone = text(&two.bryn.says(&json!({ "status": "Taken back", "visibility": "public" })).await?, "id")?;
        delete(&two.bryn, &gone).await?;
        let (mut user, mut public, mut tag) = (two.ear("/user").await?, two.ear("/public").await?, two.ear("/hashtag?tag=tea").await?);
        let mut list = two.ear(&format!("/list?list={}", two.list)).await?;
        let mut other = Ear::open(&two.node, "/user", &token).await?;
        let mut direct = Ear::open(&two.node, "/direct", &token).await?;
        accounts::disable_user(&two.node.ctx, &Operator::System, "bryn").await?;
        for ear in [&mut user, &mut list] {
            loses(ear, &followers).await?;
            loses(ear, &open).await?;
        }
        for ear in [&mut public, &mut tag] {
            loses(ear, &open).await?;
        }
        for ear in [&mut other, &mut direct] {
            loses(ear, &named).await?;
        }
        // Who is disabled already is hidden already.
        accounts::disable_user(&two.node.ctx, &Operator::System, "bryn").await?;
        let last = text(&two.asha.says(&json!({ "status": "@dai all there is", "visibility": "public" })).await?, "id")?;
        hears(&mut user, "update", &last).await?;
        hears(&mut public, "update", &last).await?;
        let heard = other.next().await?;
        ensure!(heard.name == "notification" || heard.what()? == ("update".to_owned(), last.clone()), "{heard:?}");
        drop(dai);
        Ok(())
    }
}

on_both! {
    async fn what_came_from_a_peer_is_gone_when_it_is_held_and_told_once(kind: Kind) {
        let (two, there) = (Two::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&two.node, &there]).await?;
        let cerys = Caller::person(&there, "cerys").await?;
        two.follow_afar(&there.handle("cerys")).await?;
        let (mut user, mut remote, mut local) =
            (two.ear("/user").await?, two.ear("/public/remote").await?, two.ear("/public/local").await?);
        cerys.says(&json!({ "status": "For all", "visibility": "public" })).await?;
        let open = text(&user.next().await?.json()?, "id")?;
        hears(&mut remote, "update", &open).await?;
        cerys.says(&json!({ "status": "For followers", "visibility": "private" })).await?;
        let followers = text(&user.next().await?.json()?, "id")?;
        peers::suspend(&two.node.ctx, &Operator::System, &there.authority).await?;
        loses(&mut user, &followers).await?;
        loses(&mut user, &open).await?;
        loses(&mut remote, &open).await?;
        two.node.remove(&there.authority).await?;
        let last = text(&two.asha.says(&json!({ "status": "All there is", "visibility": "public" })).await?, "id")?;
        hears(&mut user, "update", &last).await?;
        hears(&mut local, "update", &last).await?;
        Ok(())
    }
}

on_both! {
    async fn of_many_posts_the_latest_forty_are_told(kind: Kind) {
        let two = Two::start(kind).await?;
        let mut ids = Vec::new();
        for number in 0..42 {
            ids.push(text(&two.bryn.says(&json!({ "status": format!("Number {number}") })).await?, "id")?);
        }
        let mut user = two.ear("/user").await?;
        accounts::disable_user(&two.node.ctx, &Operator::System, "bryn").await?;
        for id in ids.iter().rev().take(40) {
            loses(&mut user, id).await?;
        }
        let last = text(&two.asha.says(&json!({ "status": "All there is" })).await?, "id")?;
        hears(&mut user, "update", &last).await?;
        Ok(())
    }
}
