//! Case 74: connections that are reset in the middle of what is sent, either way.

use std::time::Duration;

use anyhow::{Result, ensure};
use corridor_tests::on_both;
use reqwest::Method;
use serde_json::json;

use super::peer::{Who, document};
use super::scene::{Scene, Wire};
use super::state::{changed, state};

/// Sends the beginning of something and resets the connection; waits until the node has seen it.
async fn cut(scene: &Scene, head: &[u8], rest: &[u8]) -> Result<()> {
    let mut wire: Wire = scene.wire().await?;
    wire.send(head).await?;
    // Another request on another connection is answered: by then the one worker has begun with this one.
    scene.asha.get("/api/v1/instance").await?;
    wire.send(rest).await?;
    scene.asha.get("/api/v1/instance").await?;
    wire.reset()
}

on_both! {
    async fn hostile_074_half_a_body_is_nothing(kind: Kind) {
        let scene = Scene::on(kind).await?;
        scene.settles().await?;
        let before = state(scene.node.database())?;
        let request = scene.signed(Who::Ann, &scene.create(Who::Ann, "said"))?;
        let length = format!("Content-Length: {}", request.body.len());
        for part in [0, 1, request.body.len() / 2, request.body.len() - 1] {
            cut(&scene, &request.head(&length), &request.body[..part]).await?;
        }
        // In the middle of the head, of a chunk, and before the last one.
        let head = request.head(&length);
        cut(&scene, &head[..head.len() / 2], b"").await?;
        let chunk = [format!("{:x}\r\n", request.body.len()).as_bytes(), &request.body, b"\r\n"].concat();
        for part in [chunk.len() / 2, chunk.len()] {
            cut(&scene, &request.head("Transfer-Encoding: chunked"), &chunk[..part]).await?;
        }
        // The same of somebody here who uploads, and who posts.
        let token = format!("authorization: Bearer {}", scene.asha.token());
        let form = "content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000";
        for (path, about, begun) in [
            ("/api/v2/media", form, "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nwords"),
            ("/api/v1/statuses", "content-type: application/json\r\ncontent-length: 1000", "{\"status\":\"Half a word"),
        ] {
            let head = format!("POST {path} HTTP/1.1\r\nhost: {}\r\n{token}\r\n{about}\r\n\r\n", scene.node.authority);
            cut(&scene, head.as_bytes(), begun.as_bytes()).await?;
        }
        // What was sent before this is worked off by now, or never will be.
        let post = json!({ "status": "A whole word", "visibility": "public" });
        scene.settles().await?;
        let mut touched = changed(&before, &state(scene.node.database())?);
        // When a token was last used is written down beside the request.
        touched.retain(|table| table != "oauth_tokens");
        ensure!(touched.is_empty(), "{touched:?}");
        scene.takes(&request).await?;
        ensure!(scene.asha.try_call(Method::POST, "/api/v1/statuses", Some(post)).await?.0.is_success());
        Ok(())
    }
}

on_both! {
    async fn hostile_074_half_an_answer_is_none(kind: Kind) {
        let scene = Scene::with(kind, |setup| setup.client.timeout = Duration::from_secs(5)).await?;
        let mut note = scene.peer.note(Who::Ann, "cut");
        note["cc"] = json!([scene.asha_uri]);
        let whole = String::from_utf8(document(&note))?;
        let body = whole.find("\r\n\r\n").unwrap_or_default() + 4;
        let marked = whole.replacen("\r\n", "\r\nX-Reset: 1\r\n", 1);
        let points = || {
            let fields = json!({ "object": note["id"], "cc": [scene.asha_uri] });
            scene.signed(Who::Ann, &scene.activity(Who::Ann, "Create", "cut", fields))
        };
        let added = marked.len() - whole.len();
        for kept in [20 + added, body + added, body + added + 1, marked.len() - 1] {
            scene.peer.put("/posts/cut", marked.as_bytes()[..kept].to_vec());
            scene.refuses(vec![("half a post", points()?, (503, "unavailable"))]).await?;
            ensure!(scene.looks_up(&scene.peer.at("/posts/cut")).await?["statuses"].as_array().is_none_or(Vec::is_empty));
        }
        scene.peer.put("/posts/cut", document(&note));
        scene.takes(&points()?).await?;
        ensure!(scene.post("cut").await?["content"].to_string().contains("cut"));
        Ok(())
    }
}
