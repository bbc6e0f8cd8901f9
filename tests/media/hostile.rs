//! Files that were made to harm: each is refused in words, or comes out harmless, and the node goes on.

use std::time::Duration;

use anyhow::{Result, ensure};
use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use corridor_tests::{TestNode, eventually, on_both};
use futures_util::StreamExt;
use image::ImageFormat;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::samples::{
    Served, apng_of, bomb, gif_of, jpeg_of, picture, png, serve, telling_jpeg, tells_nothing, upload, uploaded,
};
use crate::api::caller::Caller;
use crate::hostile::peer::{Peer, Who, page};
use crate::hostile::scene::Scene;

on_both! {
    async fn hostile_058_pictures_too_large_to_decode_are_refused_by_their_header(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let thin = picture(1, 30_000, ImageFormat::Png);
        let mut jpeg = picture(64, 64, ImageFormat::Jpeg);
        let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        jpeg.splice(frame + 5..frame + 9, [0xff, 0xdc, 0xff, 0xdc]);
        for (what, bytes) in [
            ("a gigapixel", bomb(30_000, 30_000)),
            ("the largest there is", bomb(0x7fff_ffff, 0x7fff_ffff)),
            ("one pixel by a hundred thousand", bomb(1, 100_000)),
            ("a real one of one pixel by thirty thousand", thin),
            ("a JPEG that says it has four gigapixels", jpeg),
        ] {
            let answer = upload(&asha, bytes, "a.png", "image/png", "").await?;
            ensure!(answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "too large").is_ok(), "{what}: {} {}", answer.status, answer.body);
        }
        uploaded(&asha, png(), "").await?;
        Ok(())
    }
}

on_both! {
    async fn hostile_058_broken_pictures_are_refused(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let whole = picture(200, 200, format);
            // A JPEG that lacks its end can still be shown, as browsers do.
            let kept = if format == ImageFormat::Jpeg { 40 } else { whole.len() / 2 };
            let answer = upload(&asha, whole[..kept].to_vec(), "a.png", "image/png", "").await?;
            ensure!(answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "can't be read").is_ok(), "{format:?}: {} {}", answer.status, answer.body);
            let mut garbled = whole.clone();
            for (place, byte) in garbled.iter_mut().enumerate().skip(12) {
                *byte = byte.wrapping_mul(31).wrapping_add(place as u8);
            }
            let answer = upload(&asha, garbled, "a.png", "image/png", "").await?;
            ensure!(answer.status == StatusCode::UNPROCESSABLE_ENTITY, "{format:?}: {} {}", answer.status, answer.body);
        }
        let empty_frame = bomb(0, 0);
        ensure!(upload(&asha, empty_frame, "a.png", "image/png", "").await?.status == StatusCode::UNPROCESSABLE_ENTITY);
        Ok(())
    }
}

on_both! {
    async fn hostile_058_many_frames_are_one_and_many_steps_are_refused(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        for (what, bytes) in [("a GIF", gif_of(10_000)), ("a PNG", apng_of(10_000))] {
            let made = upload(&asha, bytes, "a.gif", "image/gif", "").await?.ok()?;
            for address in [&made["url"], &made["preview_url"]] {
                let served = serve(&asha, address, &[]).await?;
                ensure!(served.status == StatusCode::OK && served.bytes.len() < 10_000, "{what}: {}", served.bytes.len());
                ensure!(image::load_from_memory(&served.bytes)?.width() == 20, "{what}");
                ensure!(!served.bytes.windows(4).any(|part| part == b"acTL"), "{what} still moves");
            }
        }
        uploaded(&asha, jpeg_of(5), "").await?;
        let answer = upload(&asha, jpeg_of(5000), "a.jpg", "image/jpeg", "").await?;
        ensure!(answer.status == StatusCode::UNPROCESSABLE_ENTITY, "five thousand steps: {} {}", answer.status, answer.body);
        let mut wide = picture(20, 20, ImageFormat::Gif);
        wide.splice(6..10, [0xff, 0xff, 0xff, 0xff]);
        let answer = upload(&asha, wide, "a.gif", "image/gif", "").await?;
        answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "too large")?;
        uploaded(&asha, png(), "").await?;
        Ok(())
    }
}

/// Ann's post with this at one of her addresses; what Asha is shown of it.
async fn shown(scene: &Scene, name: &str, bytes: &[u8]) -> Result<Value> {
    let path = format!("/media/{name}");
    scene.peer.put(&path, page("200 OK", &["Content-Type: image/png"], bytes));
    let attached =
        json!([{ "type": "Document", "mediaType": "image/png", "url": scene.peer.at(&path), "name": "Alt" }]);
    scene.receives(Who::Ann, &scene.creates(Who::Ann, name, json!({ "attachment": attached }))).await?;
    let post = scene.post(name).await?;
    ensure!(post["media_attachments"].as_array().is_some_and(|all| all.len() == 1), "{post}");
    Ok(post["media_attachments"][0]["url"].clone())
}

on_both! {
    async fn hostile_058_what_a_peer_sends_is_decoded_under_the_same_limits(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let asha = Caller::new(&scene.node, Some(scene.asha.token()))?;
        let broken = png()[..50].to_vec();
        for (name, bytes) in [("wide", bomb(30_000, 30_000)), ("steps", jpeg_of(5000)), ("broken", broken)] {
            let url = shown(&scene, name, &bytes).await?;
            let served = serve(&asha, &url, &[]).await?;
            ensure!(served.status == StatusCode::NOT_FOUND, "{name}: {}", served.status);
            let hits = scene.peer.hits(&format!("/media/{name}"));
            serve(&asha, &url, &[]).await?;
            ensure!(hits > 0 && scene.peer.hits(&format!("/media/{name}")) == hits, "{name} is asked for again at once");
        }
        let url = shown(&scene, "moving", &apng_of(10_000)).await?;
        let served = serve(&asha, &url, &[]).await?;
        ensure!(served.status == StatusCode::OK && served.bytes.len() < 10_000, "{}", served.status);
        Ok(())
    }
}

on_both! {
    async fn hostile_056_what_could_run_is_refused_by_content(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
        for (bytes, name, mime) in [
            (svg, "a.svg", "image/svg+xml"),
            (svg, "a.png", "image/png"),
            ("<!DOCTYPE html><script>alert(1)</script>", "a.jpg", "image/jpeg"),
            ("words <script>alert(1)</script>", "a.txt", "text/plain"),
            ("\u{feff}<?xml version='1.0'?><x/>", "a.pdf", "application/pdf"),
        ] {
            let answer = upload(&asha, bytes.into(), name, mime, "").await?;
            ensure!(answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "SVG, HTML and XML").is_ok(), "{name} {mime}: {} {}", answer.status, answer.body);
        }
        for (bytes, name) in [(&b"MZ\x90\0\x03"[..], "a.png"), (b"\x7fELF\x02\x01\0", "a.pdf"), (b"PK\x03\x04 no archive", "a.docx"), (b"\0\0\0\x18ftypmp42", "a.jpg")] {
            let answer = upload(&asha, bytes.to_vec(), name, "image/png", "").await?;
            ensure!(answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "can't be attached").is_ok(), "{name}: {} {}", answer.status, answer.body);
        }
        upload(&asha, Vec::new(), "a.png", "image/png", "").await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "empty")?;
        Ok(())
    }
}

on_both! {
    async fn hostile_059_a_file_of_two_kinds_keeps_only_its_pixels(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let gif = [&picture(20, 20, ImageFormat::Gif)[..], b"/*<script>alert(1)</script>*/"].concat();
        let jpeg = [&picture(20, 20, ImageFormat::Jpeg)[..], b"PK\x03\x04 an archive behind it"].concat();
        let png = [&png()[..], b"<script>alert(1)</script>"].concat();
        for (bytes, name) in [(gif, "a.js"), (jpeg, "a.zip"), (png, "a.html")] {
            let made = upload(&asha, bytes, name, "text/html", "").await?.ok()?;
            for address in [&made["url"], &made["preview_url"]] {
                let served = serve(&asha, address, &[]).await?;
                tells_nothing(&served.bytes)?;
                ensure!(served.header("content-type").starts_with("image/") && served.header("content-disposition") == "inline");
                image::load_from_memory(&served.bytes)?;
            }
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_061_what_a_camera_writes_is_gone_and_up_is_up(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let sent = telling_jpeg(6);
        ensure!(tells_nothing(&sent).is_err(), "the sample must tell something");
        let made = upload(&asha, sent, "a.jpg", "image/jpeg", "").await?.ok()?;
        ensure!(made["meta"]["original"]["size"] == "20x80", "a picture that lies on its side is put upright: {made}");
        for address in [&made["url"], &made["preview_url"]] {
            let served = serve(&asha, address, &[]).await?;
            ensure!(served.status == StatusCode::OK);
            tells_nothing(&served.bytes)?;
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_060_no_name_leads_out_of_the_folder(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        for name in ["../../../../tmp/x.txt", "/etc/passwd", "CON", &"n".repeat(3000), "..", ".htaccess"] {
            let made = upload(&asha, b"Some words".to_vec(), name, "text/plain", "").await?.ok()?;
            let shown = made["file"]["name"].as_str().unwrap_or_default().to_owned();
            ensure!(shown.ends_with(".txt") && shown.len() <= 110 && !shown.contains(['/', '\\', '\0']), "{shown}");
        }
        let answer = upload(&asha, b"Some words".to_vec(), "a\0b.txt", "text/plain", "").await?;
        ensure!(answer.status == StatusCode::BAD_REQUEST, "no form has such a name: {}", answer.status);
        for wrong in ["..%2f..%2fetc%2fpasswd", "1/..", "abc", "-1", "99999999999999999999"] {
            let address = format!("/media/{wrong}/original").into();
            ensure!(serve(&asha, &address, &[]).await?.status == StatusCode::NOT_FOUND, "{wrong}");
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_062_too_much_is_refused(kind: Kind) {
        let node = TestNode::start_with(kind, |setup| {
            setup.settings.media.max_bytes = 50_000;
            setup.settings.media.daily_bytes_of_person = 90_000;
        })
        .await?;
        let asha = Caller::person(&node, "asha").await?;
        let text = |length: usize| "x".repeat(length).into_bytes();
        let answer = upload(&asha, text(50_001), "a.txt", "text/plain", "").await?;
        ensure!(answer.status == StatusCode::PAYLOAD_TOO_LARGE, "{}", answer.status);
        upload(&asha, text(49_000), "a.txt", "text/plain", "").await?.ok()?;
        upload(&asha, text(49_000), "a.txt", "text/plain", "").await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "tomorrow")?;
        upload(&asha, png(), "a.png", "image/png", &"x".repeat(1501)).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "Description")?;
        Ok(())
    }
}

on_both! {
    async fn hostile_062_a_peer_fills_no_more_than_its_quota_in_a_day(kind: Kind) {
        let scene = Scene::with(kind, |setup| setup.settings.media.daily_bytes_of_peer = 40_000).await?;
        let asha = Caller::new(&scene.node, Some(scene.asha.token()))?;
        let words = |number: usize| vec![b'a' + u8::try_from(number).unwrap(); 15_000];
        let hits = |number: usize| scene.peer.hits(&format!("/media/{number}"));
        let mut urls = Vec::new();
        for number in 0..9 {
            let url = shown(&scene, &number.to_string(), &words(number)).await?;
            let served = serve(&asha, &url, &[]).await?;
            // The one that crosses the line is the last.
            let wanted = if number < 3 { StatusCode::OK } else { StatusCode::NOT_FOUND };
            ensure!(served.status == wanted, "{number}: {}", served.status);
            ensure!((hits(number) > 0) == (number < 3), "{number} was asked for {} times", hits(number));
            urls.push(url);
        }
        // Another peer has a quota of its own.
        let other = Peer::start().await?;
        let authority = Authority::parse_with(&other.authority, Policy::loopback())?;
        scene.node.allow(&authority, scene.node.ctx.settings.scheme.highest()).await?;
        let mut scene = scene;
        let first = std::mem::replace(&mut scene.peer, other);
        let url = shown(&scene, "theirs", &words(20)).await?;
        ensure!(serve(&asha, &url, &[]).await?.status == StatusCode::OK);
        scene.peer = first;
        // The next day there is room again, for as much: also for what the peer told of the day before.
        scene.node.clock.advance(Duration::from_secs(25 * 3600));
        for (number, url) in urls.iter().enumerate().skip(3) {
            let wanted = if number < 6 { StatusCode::OK } else { StatusCode::NOT_FOUND };
            let served = serve(&asha, url, &[]).await?;
            ensure!(served.status == wanted, "the next day, {number}: {}", served.status);
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_062_a_file_is_fetched_once_for_a_thousand_and_handed_out_in_one_part(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let asha = Caller::new(&scene.node, Some(scene.asha.token()))?;
        // Nothing is fetched when it arrives, so that all who look come first.
        let path = "/media/late";
        let attached = json!([{ "type": "Document", "mediaType": "image/png", "url": scene.peer.at(path), "name": "Alt" }]);
        scene.receives(Who::Ann, &scene.creates(Who::Ann, "late", json!({ "attachment": attached }))).await?;
        eventually("it was asked for in vain", || async { Ok((scene.peer.hits(path) > 0).then_some(())) }).await?;
        let post = scene.post("late").await?;
        let small = post["media_attachments"][0]["preview_url"].clone();
        let bytes = picture(900, 900, ImageFormat::Png);
        scene.peer.put(path, page("200 OK", &["Content-Type: image/png"], &bytes));
        scene.node.clock.advance(Duration::from_secs(120));
        let before = scene.peer.hits(path);
        let looks = (0..1000).map(|_| serve(&asha, &small, &[]));
        let answers: Vec<Result<Served>> = futures_util::stream::iter(looks).buffer_unordered(100).collect().await;
        let first = serve(&asha, &small, &[]).await?;
        for answer in answers {
            let answer = answer?;
            ensure!(answer.status == StatusCode::OK && answer.bytes == first.bytes, "{}", answer.status);
        }
        ensure!(scene.peer.hits(path) == before + 1, "it was fetched {} times", scene.peer.hits(path) - before);

        let length = first.bytes.len();
        let many = format!("bytes={}", vec!["0-"; 1000].join(","));
        let answer = serve(&asha, &small, &[("range", &many)]).await?;
        ensure!(answer.status == StatusCode::OK && answer.bytes.len() == length, "{}", answer.status);
        let part = serve(&asha, &small, &[("range", "bytes=5-9")]).await?;
        ensure!(part.status == StatusCode::PARTIAL_CONTENT && part.bytes == first.bytes[5..10], "{}", part.status);
        for beyond in [format!("bytes={length}-"), "bytes=99999999999-".to_owned()] {
            let answer = serve(&asha, &small, &[("range", &beyond)]).await?;
            ensure!(answer.status == StatusCode::RANGE_NOT_SATISFIABLE && answer.bytes.len() < 1000, "{beyond}: {}", answer.status);
        }
        Ok(())
    }
}
