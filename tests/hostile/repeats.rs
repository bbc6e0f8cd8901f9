//! Cases 70, 71 and 73: again and again, in the wrong order, and too much.

use anyhow::{Result, ensure};
use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use corridor_tests::on_both;
use serde_json::json;

use super::peer::{Peer, Who};
use super::scene::Scene;
use super::state::state;

on_both! {
    async fn hostile_070_a_hundred_times_is_once(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let named = json!({ "tag": [{ "type": "Mention", "href": scene.asha_uri, "name": "@asha" }] });
        let (body, own) = (scene.creates(Who::Ann, "said", named).to_string(), scene.node.authority.to_string());
        let personal = format!("{}/inbox", scene.asha_uri.strip_prefix(&scene.node.at("")).unwrap());
        let to = |path| scene.signed_to(path, Who::Ann, &scene.peer.key_id(Who::Ann), &own, body.as_bytes());
        let requests = [to("/inbox")?, to(&personal)?];
        let answers = futures_util::future::join_all((0..100).map(|time| scene.send(&requests[time % 2]))).await;
        for answer in answers {
            let answer = answer?;
            ensure!(answer.status == 202, "{answer:?}");
        }
        let told = scene.asha.get("/api/v1/notifications").await?;
        ensure!(told.as_array().is_some_and(|told| told.len() == 1), "{told}");
        let home = scene.asha.home().await?;
        ensure!(home.iter().filter(|post| post["content"].to_string().contains("said")).count() <= 1, "{home:?}");
        let posts = &state(scene.node.database())?["posts"];
        ensure!(posts.lines().count() == 1, "{posts}");
        Ok(())
    }
}

on_both! {
    async fn hostile_071_the_wrong_order_ends_the_same(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let create = scene.create(Who::Ann, "gone");
        let uri = create["object"]["id"].clone();
        scene.receives(Who::Ann, &scene.activity(Who::Ann, "Delete", "1", json!({ "object": uri }))).await?;
        scene.ignores(vec![("a post after its end", scene.signed(Who::Ann, &create)?)]).await?;
        let first = scene.create(Who::Ann, "late");
        let mut edited = first["object"].clone();
        edited["updated"] = json!("2026-06-01T00:00:00Z");
        edited["content"] = json!("<p>Edited</p>");
        let edit = scene.activity(Who::Ann, "Update", "2", json!({ "object": edited }));
        let follow = scene.activity(Who::Ann, "Follow", "3", json!({ "object": scene.asha_uri }));
        let undo = scene.activity(Who::Ann, "Undo", "4", json!({ "object": follow }));
        let like = scene.activity(Who::Ann, "Like", "5", json!({ "object": scene.node.at("/posts/1") }));
        // The edit stands for both: what was said first does not come back with its late Create.
        scene.receives(Who::Ann, &edit).await?;
        scene.ignores(vec![
            ("a post after its edit", scene.signed(Who::Ann, &first)?),
            ("a favourite of nothing", scene.signed(Who::Ann, &like)?),
        ]).await?;
        let post = scene.post("late").await?;
        ensure!(post["content"].to_string().contains("Edited"), "{post}");
        scene.receives(Who::Ann, &undo).await?;
        scene.ignores(vec![("a follow after its end", scene.signed(Who::Ann, &follow)?)]).await
    }
}

on_both! {
    async fn hostile_073_a_flood_is_told_when_to_go_on(kind: Kind) {
        let scene = Scene::with(kind, |setup| setup.limits.inbox_per_second = 1).await?;
        for number in 0..60 {
            let view = scene.activity(Who::Ann, "View", &number.to_string(), json!({ "object": scene.asha_uri }));
            let answer = scene.send(&scene.signed(Who::Ann, &view)?).await?;
            if answer.status != 202 {
                ensure!(answer.code() == (429, "too_many"), "{answer:?}");
                ensure!(answer.head.to_ascii_lowercase().contains("retry-after:"), "{answer:?}");
                return Ok(());
            }
        }
        anyhow::bail!("sixty at once are taken");
    }
}

on_both! {
    async fn hostile_073_a_flood_of_one_peer_shuts_no_other_out(kind: Kind) {
        let mut scene = Scene::with(kind, |setup| setup.limits.inbox_per_second = 5).await?;
        let calm = Peer::start().await?;
        let authority = Authority::parse_with(&calm.authority, Policy::loopback())?;
        scene.node.allow(&authority, scene.node.ctx.settings.scheme.highest()).await?;
        let view = |scene: &Scene, name: &str| {
            scene.signed(Who::Ann, &scene.activity(Who::Ann, "View", name, json!({ "object": scene.asha_uri })))
        };
        let flood = (0..150).map(|number| view(&scene, &number.to_string())).collect::<Result<Vec<_>>>()?;
        let answers = futures_util::future::try_join_all(flood.iter().map(|request| scene.send(request))).await?;
        ensure!(answers.iter().any(|answer| answer.status == 429), "a hundred and fifty at once are taken");
        ensure!(answers.iter().all(|answer| matches!(answer.status, 202 | 429)), "{answers:?}");
        let loud = std::mem::replace(&mut scene.peer, calm);
        let post = scene.create(Who::Ann, "calm");
        scene.receives(Who::Ann, &post).await?;
        ensure!(scene.post("calm").await?["content"].to_string().contains("calm"));
        // Nobody here waits either, and what was refused can come again.
        ensure!(scene.asha.get("/api/v1/timelines/home").await?.is_array());
        scene.peer = loud;
        let refused = answers.iter().position(|answer| answer.status == 429).unwrap();
        scene.node.clock.advance(std::time::Duration::from_secs(60));
        scene.takes(&view(&scene, &refused.to_string())?).await
    }
}
