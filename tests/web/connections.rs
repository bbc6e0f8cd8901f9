//! Connecting on the pages: asking with a note, answering, taking back, and what is refused.

use anyhow::ensure;
use corridor_tests::{TestNode, on_both};
use reqwest::StatusCode;

use super::pages::Pages;

on_both! {
    async fn two_people_connect_on_the_pages(kind: Kind) {
        let node = TestNode::start(kind).await?;
        for name in ["asha", "bob"] {
            node.add(name).await?;
        }
        let mut signed_out = Pages::new(&node.url)?;
        ensure!(signed_out.get("/connections").await?.location()?.starts_with("/sign-in"));
        let mut asha = Pages::signed_in(&node.url, "asha").await?;
        let mut bob = Pages::signed_in(&node.url, "bob").await?;
        let number = |name: &'static str| {
            let ctx = node.ctx.clone();
            async move { Ok::<_, anyhow::Error>(corridor_app::accounts::viewer_by_username(&ctx, name).await?.id) }
        };
        let (ashas, bobs) = (number("asha").await?, number("bob").await?);
        let (form, end) = (format!("/people/{bobs}/connect"), format!("/people/{bobs}/connection/end"));
        ensure!(asha.get("/connections").await?.body.contains("You are connected with nobody yet"));
        ensure!(asha.get("/@bob").await?.body.contains(&form), "the profile leads there");
        ensure!(!asha.get("/@asha").await?.body.contains("Ask to connect"), "nobody connects with themselves");

        let long = "x".repeat(301);
        let refused = asha.fill(&form, &form, &[("note", &long)]).await?;
        ensure!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.body.contains("<title>Error: "), "{}", refused.body);
        ensure!(refused.body.contains("id=\"note-error\"") && refused.body.contains(&long), "what was typed is kept");
        let forged = asha.post(&form, &[("csrf", "forged"), ("note", "Hello")]).await?;
        ensure!(forged.status == StatusCode::FORBIDDEN);
        ensure!(!bob.get("/connections").await?.body.contains("asha"), "nothing was asked yet");

        let asked = asha.fill(&form, &form, &[("note", "We met <b>in</b> Leeds")]).await?;
        ensure!(asked.status == StatusCode::SEE_OTHER && asked.location()? == "/@bob", "{} {}", asked.status, asked.body);
        ensure!(asha.get("/@bob").await?.body.contains("You have asked to connect with"));
        ensure!(asha.get("/connections").await?.body.contains("Waiting for their answer"));
        let told = bob.get("/notifications").await?.body;
        ensure!(told.contains("asks to connect with you") && told.contains("href=\"/connections\""), "{told}");
        ensure!(bob.get("/@asha").await?.body.contains("See the request"));
        let request = bob.get("/connections").await?.body;
        ensure!(request.contains("We met &#60;b&#62;in&#60;/b&#62; Leeds"), "{request}");

        let accept = format!("/people/{ashas}/connection/accept");
        let accepted = bob.fill("/connections", &accept, &[("next", "/connections")]).await?;
        ensure!(accepted.status == StatusCode::SEE_OTHER && accepted.location()? == "/connections", "{}", accepted.status);
        ensure!(!bob.get("/connections").await?.body.contains("Asking to connect with you"));
        let profile = asha.get("/@bob").await?.body;
        ensure!(profile.contains("are connected. If you remove") && profile.contains("Follows you"), "{profile}");
        asha.fill("/connections", &end, &[("next", "/@bob")]).await?;
        let profile = asha.get("/@bob").await?.body;
        ensure!(profile.contains(&form) && !profile.contains("Follows you"), "{profile}");
        let csrf = asha.csrf("/@bob").await?;
        let unknown = asha.post(&format!("/people/{bobs}/connection/sideways"), &[("csrf", &csrf)]).await?;
        ensure!(unknown.status == StatusCode::NOT_FOUND, "{}", unknown.status);
        Ok(())
    }
}
