//! Announcements on the home page: shown until they are dismissed.

use anyhow::ensure;
use corridor_app::announcements::{self, Announcement};
use corridor_app::operator::Operator;
use corridor_tests::{TestNode, on_both};
use reqwest::StatusCode;

use super::pages::Pages;

on_both! {
    async fn what_is_announced_stands_on_the_home_page_until_it_is_dismissed(kind: Kind) {
        let node = TestNode::start(kind).await?;
        for name in ["asha", "bryn"] {
            node.add(name).await?;
        }
        let (mut asha, mut bryn) = (Pages::signed_in(&node.url, "asha").await?, Pages::signed_in(&node.url, "bryn").await?);
        let announcement = Announcement { text: "The **kettle** is new <b>".to_owned(), ..Announcement::default() };
        let id = announcements::add(&node.ctx, &Operator::System, announcement).await?.id;
        let page = asha.get("/").await?.body;
        ensure!(page.contains("<strong>kettle</strong>") && !page.contains("<b>"), "{page}");
        ensure!(!asha.get("/network").await?.body.contains("kettle"));
        let path = format!("/announcements/{id}/dismiss");
        let forged = asha.post(&path, &[("csrf", "wrong")]).await?;
        ensure!(forged.status == StatusCode::FORBIDDEN && asha.get("/").await?.body.contains("kettle"), "{}", forged.status);
        let done = asha.fill("/", &path, &[]).await?;
        ensure!(done.status == StatusCode::SEE_OTHER && done.location()? == "/", "{}", done.status);
        ensure!(!asha.get("/").await?.body.contains("kettle"));
        ensure!(bryn.get("/").await?.body.contains("kettle"), "each dismisses for themselves");
        announcements::end(&node.ctx, &Operator::System, id).await?;
        ensure!(!bryn.get("/").await?.body.contains("kettle"));
        Ok(())
    }
}
