//! Cases 70, 71 and 73: again and again, in the wrong order, and too much.

use anyhow::ensure;
use corridor_tests::on_both;
use serde_json::json;

use super::peer::Who;
use super::scene::Scene;

on_both! {
    async fn hostile_070_a_hundred_times_is_once(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let request = scene.signed(Who::Ann, &scene.create(Who::Ann, "said"))?;
        let answers = futures_util::future::join_all((0..100).map(|_| scene.send(&request))).await;
        for answer in answers {
            // A busy node may say so; it never does the thing twice.
            let answer = answer?;
            ensure!(matches!(answer.status, 202 | 429 | 503), "{answer:?}");
        }
        let told = scene.asha.get("/api/v1/notifications").await?;
        ensure!(told.as_array().is_some_and(|told| told.len() <= 1), "{told}");
        scene.takes(&request).await?;
        let post = scene.post("said").await?;
        ensure!(post["content"].to_string().contains("said"), "{post}");
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
        let mut edited = scene.create(Who::Ann, "never")["object"].clone();
        edited["updated"] = json!("2026-06-01T00:00:00Z");
        let edit = scene.activity(Who::Ann, "Update", "2", json!({ "object": edited }));
        let follow = scene.activity(Who::Ann, "Follow", "3", json!({ "object": scene.asha_uri }));
        let undo = scene.activity(Who::Ann, "Undo", "4", json!({ "object": follow }));
        let like = scene.activity(Who::Ann, "Like", "5", json!({ "object": scene.node.at("/posts/1") }));
        scene.ignores(vec![
            ("an edit of nothing", scene.signed(Who::Ann, &edit)?),
            ("a favourite of nothing", scene.signed(Who::Ann, &like)?),
        ]).await?;
        scene.receives(Who::Ann, &undo).await
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
