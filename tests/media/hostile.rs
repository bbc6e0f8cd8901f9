//! Files that were made to harm: each is refused in words, or comes out harmless, and the node goes on.

use anyhow::ensure;
use corridor_tests::{TestNode, on_both};
use image::ImageFormat;
use reqwest::StatusCode;

use super::samples::{bomb, picture, png, serve, telling_jpeg, tells_nothing, upload, uploaded};
use crate::api::caller::Caller;

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
