//! A poll on plain pages: written, voted in and read without any script.

use std::time::Duration;

use anyhow::{Result, ensure};
use corridor_tests::{Browser, PASSWORD, TestNode, on_both};

async fn signed_in(node: &TestNode, name: &str) -> Result<Browser> {
    node.add(name).await?;
    let mut browser = Browser::new(&node.url)?;
    browser.fill("/sign-in", "/sign-in", &[("username", name), ("password", PASSWORD)]).await?;
    Ok(browser)
}

on_both! {
    async fn a_poll_is_written_voted_in_and_read(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (mut asha, mut bryn) = (signed_in(&node, "asha").await?, signed_in(&node, "bryn").await?);
        let fields = |second| {
            [
                ("text", "What shall we drink?"), ("audience", "network"), ("marking", "OFFICIAL"),
                ("poll-1", "Tea <b>"), ("poll-2", second), ("poll-lasts", "3600"), ("poll-kind", "one"), ("poll-hide", "no"),
            ]
        };
        let wrong = asha.fill("/write", "/write", &fields("")).await?;
        ensure!(wrong.contains("A poll needs at least 2 options") && wrong.contains("Tea &#60;b&#62;"), "{wrong}");
        let made = asha.fill("/write", "/write", &fields("Coffee")).await?;
        ensure!(made.contains("0 votes") && !made.contains("type=\"radio\" value=\"0\""), "one's own poll: {made}");

        let page = bryn.open("/network").await?;
        ensure!(page.contains("<legend") && page.contains("Choose one.") && !page.contains("<b>"), "{page}");
        let action = page.split("action=\"").filter_map(|rest| rest.split('"').next()).find(|action| action.ends_with("/vote"));
        let action = action.unwrap_or_default().to_owned();
        let none = bryn.fill("/network", &action, &[]).await?;
        ensure!(none.contains("Choose an option of the poll"), "{none}");
        let voted = bryn.fill("/network", &action, &[("choice", "1")]).await?;
        ensure!(voted.contains("1 vote, 100% (your choice)") && voted.contains("0 votes, 0%"), "{voted}");
        ensure!(voted.contains("1 person has voted"), "{voted}");

        node.clock.advance(Duration::from_secs(3600));
        corridor_app::polls::run(&node.ctx).await?;
        // A session may be too old by then, too.
        let mut again = Browser::new(&node.url)?;
        again.fill("/sign-in", "/sign-in", &[("username", "bryn"), ("password", PASSWORD)]).await?;
        let told = again.open("/notifications").await?;
        ensure!(told.contains("asked in a poll that has ended"), "{told}");
        ensure!(again.open("/network").await?.contains("The poll ended"), "the end is said");
        Ok(())
    }
}
