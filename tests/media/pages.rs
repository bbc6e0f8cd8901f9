//! The pages: pictures and files are attached with a plain form, and shown without JavaScript.

use anyhow::{Context, Result, ensure};
use corridor_tests::{TestNode, on_both};
use reqwest::StatusCode;

use super::samples::{multipart, pdf, png, telling_jpeg, tells_nothing};
use crate::web::pages::Pages;

type File<'a> = (&'a str, &'a str, &'a str, &'a [u8]);

/// Sends the composer's form with these fields and files.
async fn send(
    pages: &mut Pages,
    path: &str,
    fields: &[(&str, &str)],
    files: &[File<'_>],
) -> Result<crate::web::pages::Answer> {
    let csrf = pages.csrf(path).await?;
    let usual = [("csrf", csrf.as_str()), ("audience", "network"), ("marking", "OFFICIAL")];
    let (kind, body) = multipart(&[&usual, fields].concat(), files);
    pages.post_files(path, kind, body).await
}

/// What stands behind `before` in a page, up to the next quote.
fn quoted<'a>(html: &'a str, before: &str) -> Result<&'a str> {
    let rest = html.split_once(before).with_context(|| format!("no {before} in the page"))?.1;
    Ok(rest.split('"').next().unwrap_or_default())
}

on_both! {
    async fn a_form_attaches_and_the_post_shows(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        node.add("bryn").await?;
        let mut pages = Pages::signed_in(&node.url, "asha").await?;
        let photo = telling_jpeg(1);
        let (pdf, none) = (pdf(), Vec::new());
        let files = [
            ("file-1", "bus.jpg", "image/jpeg", photo.as_slice()),
            ("file-2", "Plan.pdf", "application/pdf", pdf.as_slice()),
            // What a browser sends for a file field that was left alone.
            ("file-3", "", "application/octet-stream", none.as_slice()),
        ];
        let fields = [("text", "Look at this"), ("file-alt-1", "A <red> bus"), ("file-alt-2", "The plan")];
        let answer = send(&mut pages, "/write", &fields, &files).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER, "{} {}", answer.status, answer.body);
        let thread = answer.location()?.to_owned();

        let mut reader = Pages::signed_in(&node.url, "bryn").await?;
        let page = reader.get(&thread).await?.body;
        ensure!(page.contains("<figure") && page.contains("alt=\"A &#60;red&#62; bus\""), "{page}");
        ensure!(page.contains("Plan.pdf (PDF, "), "{page}");
        let small = quoted(&page, "src=\"/media/")?.to_owned();
        let picture = reader.get(&format!("/media/{small}")).await?;
        ensure!(picture.status == StatusCode::OK && picture.header("content-type") == "image/jpeg");
        tells_nothing(picture.body.as_bytes())?;
        ensure!(!page.contains("http://") || !page.contains("<img src=\"http"), "pictures come from this node");
        let mut stranger = Pages::new(&node.url)?;
        let answer = stranger.get(&format!("/media/{small}")).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER && answer.location()?.starts_with("/sign-in"));
        Ok(())
    }
}

on_both! {
    async fn what_is_fit_stays_when_something_else_is_wrong(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        let mut pages = Pages::signed_in(&node.url, "asha").await?;
        let (good, bad) = (png(), b"<svg/>".to_vec());
        let files = [("file-1", "a.png", "image/png", good.as_slice()), ("file-2", "b.png", "image/png", bad.as_slice())];
        let answer = send(&mut pages, "/write", &[("text", "Words"), ("file-alt-1", "Good")], &files).await?;
        ensure!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains("SVG, HTML and XML"), "{}", answer.body);
        let kept = quoted(&answer.body, "name=\"media\" value=\"")?.to_owned();
        let alt = format!("alt-{kept}");
        let answer = send(&mut pages, "/write", &[("text", ""), ("media", &kept), (&alt, "Better")], &[]).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER, "a picture needs no text: {} {}", answer.status, answer.body);
        let thread = answer.location()?.to_owned();
        let page = pages.get(&thread).await?.body;
        ensure!(page.contains("alt=\"Better\""), "{page}");

        let id = thread.rsplit('/').next().unwrap_or_default().to_owned();
        let edit = format!("/posts/{id}/edit");
        let answer = send(&mut pages, &edit, &[("text", "Words"), ("media", &kept), (&alt, "Best")], &[]).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER, "{} {}", answer.status, answer.body);
        ensure!(pages.get(&thread).await?.body.contains("alt=\"Best\""));
        let removal = [("text", "Words"), ("media", kept.as_str()), ("remove", &kept)];
        let answer = send(&mut pages, &edit, &removal, &[]).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER, "{} {}", answer.status, answer.body);
        ensure!(!pages.get(&thread).await?.body.contains("<figure"));
        ensure!(pages.get(&format!("/media/{kept}/small")).await?.status == StatusCode::NOT_FOUND);
        Ok(())
    }
}

on_both! {
    async fn hostile_066_a_forged_form_uploads_nothing(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        let mut pages = Pages::signed_in(&node.url, "asha").await?;
        let good = png();
        let fields = [("csrf", "AAAA"), ("text", "Forged"), ("audience", "network"), ("marking", "OFFICIAL")];
        let (kind, body) = multipart(&fields, &[("file-1", "a.png", "image/png", good.as_slice())]);
        let answer = pages.post_files("/write", kind, body).await?;
        ensure!(answer.status == StatusCode::FORBIDDEN, "{}", answer.status);
        let folder = &node.ctx.settings.media.folder;
        ensure!(!folder.exists() || std::fs::read_dir(folder)?.next().is_none(), "nothing was written");
        Ok(())
    }
}
