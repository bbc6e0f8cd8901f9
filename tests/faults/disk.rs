//! Case 77: a disk that is full or can't be written, with peers, uploads and a queue.

use std::path::Path;

use anyhow::{Result, ensure};
use corridor_app::chores;
use corridor_tests::{Database, TestNode, eventually};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::database::{SmallDisk, is_sound};
use crate::api::caller::{Caller, said};
use crate::hostile::peer::{Peer, Who};
use crate::hostile::scene::{Scene, says};
use crate::media::samples::{picture, serve, upload, uploaded};

/// A node whose database and files lie on the small disk, and a peer with a follower.
async fn scene_on(disk: &SmallDisk) -> Result<Scene> {
    let media = disk.folder.path().join("media");
    let node = TestNode::start_on(Database::in_folder(disk.folder.path())?, |setup| {
        setup.settings.media.folder = media;
    })
    .await?;
    let scene = Scene::between(node, Peer::start().await?).await?;
    let follow = scene.activity(Who::Ann, "Follow", "1", json!({ "object": scene.asha_uri }));
    scene.receives(Who::Ann, &follow).await?;
    scene.delivers().await?;
    Ok(scene)
}

/// The files below a folder, by their names.
fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let below = |entry: std::fs::DirEntry| match entry.path() {
        path if path.is_dir() => files(&path),
        path => vec![path.display().to_string()],
    };
    entries.flatten().flat_map(below).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_077_a_full_disk_leaves_no_halves_and_loses_no_delivery() -> Result<()> {
    let disk = SmallDisk::mount("24m")?;
    let scene = scene_on(&disk).await?;
    let asha = Caller::new(&scene.node, Some(scene.asha.token()))?;
    let media = disk.folder.path().join("media");
    let large = || picture(900, 900, image::ImageFormat::Png);
    let before = uploaded(&asha, large(), "").await?;
    chores::run(&scene.node.ctx).await?;
    let kept = files(&media);
    disk.fill()?;

    // The log in front of the database may have room for some; what is answered with yes is kept, and sent.
    let (mut said, mut refused) = (Vec::new(), Vec::new());
    for number in 0..300 {
        let words = format!("Word {number} while it was full");
        match says(&scene, "public", &words).await {
            Ok(_) => said.push(words),
            Err(error) => {
                ensure!(format!("{error}").contains("503"), "{error}");
                refused.push(words);
            }
        }
        if refused.len() == 3 {
            break;
        }
    }
    ensure!(refused.len() == 3, "the disk was never full");
    let sent = scene.signed(Who::Ann, &scene.create(Who::Ann, "during"))?;
    let answer = scene.send(&sent).await?;
    ensure!(answer.code() == (503, "unavailable"), "{answer:?}");
    ensure!(answer.head.to_ascii_lowercase().contains("retry-after:"), "{answer:?}");
    let answer = upload(&asha, large(), "a.png", "image/png", "").await?;
    ensure!(matches!(answer.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE), "{answer:?}");
    ensure!(files(&media) == kept, "a part of an upload is left: {:?}", files(&media));
    ensure!(serve(&asha, &before["url"], &[]).await?.status == StatusCode::OK, "what is there is still shown");

    disk.free()?;
    eventually("the node takes activities again", || async {
        Ok((scene.send(&sent).await?.status == 202).then_some(()))
    })
    .await?;
    said.push("A word after it".to_owned());
    says(&scene, "public", "A word after it").await?;
    uploaded(&asha, large(), "").await?;
    scene.delivers().await?;
    let posted = scene.peer.posted();
    let times = |words: &String| posted.iter().filter(|body| body.contains(words.as_str())).count();
    for words in &said {
        ensure!(times(words) >= 1, "“{words}” was answered with yes and not sent");
    }
    for words in &refused {
        ensure!(times(words) == 0, "“{words}” was refused and sent");
    }
    is_sound(&disk)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_077_an_upload_that_fills_the_disk_is_refused_whole() -> Result<()> {
    let disk = SmallDisk::mount("16m")?;
    let scene = scene_on(&disk).await?;
    let asha = Caller::new(&scene.node, Some(scene.asha.token()))?;
    let media = disk.folder.path().join("media");
    // There is room for the beginning of the second or third, and not for its end.
    let mut taken = Vec::new();
    for number in 0..20 {
        let mut bytes = vec![b'a' + number; 4 * 1024 * 1024];
        bytes.push(b'\n');
        let answer = upload(&asha, bytes, "a.txt", "text/plain", "").await?;
        if answer.status != StatusCode::OK {
            ensure!(
                matches!(answer.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE),
                "{answer:?}"
            );
            break;
        }
        taken.push(answer.body);
    }
    ensure!((1..10).contains(&taken.len()), "{} were taken", taken.len());
    ensure!(files(&media).len() == taken.len(), "{:?}", files(&media));
    for one in &taken {
        let served = serve(&asha, &one["url"], &[]).await?;
        ensure!(served.status == StatusCode::OK && served.bytes.len() == 4 * 1024 * 1024 + 1, "{one}");
    }
    let given_up = taken[0]["id"].as_str().unwrap_or_default();
    let path = format!("/api/v1/media/{given_up}");
    scene.asha.call(Method::DELETE, &path, None).await?;
    chores::run(&scene.node.ctx).await?;
    let small = upload(&asha, b"Some words".to_vec(), "a.txt", "text/plain", "").await?;
    ensure!(small.status == StatusCode::OK, "{small:?}");
    is_sound(&disk)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_077_on_a_disk_that_cant_be_written_a_node_says_so_and_loses_nothing() -> Result<()> {
    let disk = SmallDisk::mount("24m")?;
    let start = async |disk: &SmallDisk| TestNode::start_on(Database::in_folder(disk.folder.path())?, |_| {}).await;
    let mut node = start(&disk).await?;
    let author = node.person("author").await?;
    author.post("/api/v1/statuses", json!({ "status": "Before", "visibility": "public" })).await?;
    node.stop().await;
    drop(node);
    // Where the files of the log are still there it can be read, else not even that.
    let view = disk.read_only()?;
    match start(&view).await {
        Err(error) => ensure!(format!("{error:#}").contains("database"), "it does not say why: {error:#}"),
        Ok(node) => {
            let author = Caller::new(&node, Some(author.token()))?;
            ensure!(author.get("/api/v1/timelines/home").await?.status == StatusCode::OK);
            let post = json!({ "status": "During", "visibility": "public" });
            let answer = said(author.request(Method::POST, "/api/v1/statuses").json(&post)).await?;
            ensure!(answer.status == StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
        }
    }
    drop(view);
    let node = start(&disk).await?;
    let again = node.sign_in("author").await?;
    let home = again.home().await?;
    ensure!(home.len() == 1 && home[0]["content"].to_string().contains("Before"), "{home:?}");
    is_sound(&disk)
}
