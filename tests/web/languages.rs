//! The switch between English and Welsh: who gets which language, and for how long it is kept.

use anyhow::{Context, Result, ensure};
use corridor_tests::{Kind, PASSWORD, TestNode, on_both};
use reqwest::{Method, StatusCode};

use super::pages::{Answer, Pages};

const WELSH: &str = "<html lang=\"cy\"";
const ENGLISH: &str = "<html lang=\"en-GB\"";

async fn asking(pages: &mut Pages, path: &str, language: &str) -> Result<Answer> {
    pages.send(Method::GET, path, None, &[("accept-language", language)]).await
}

fn in_language(answer: &Answer, start: &str) -> Result<()> {
    ensure!(answer.body.contains(start), "{} answers without {start}: {}", answer.status, answer.body);
    Ok(())
}

on_both! {
    async fn a_visitor_gets_what_the_browser_asks_for_until_they_choose(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut visitor = Pages::new(&node.url)?;
        in_language(&visitor.get("/about").await?, ENGLISH)?;
        let welsh = asking(&mut visitor, "/about", "cy-GB,cy;q=0.9,en;q=0.5").await?;
        in_language(&welsh, WELSH)?;
        ensure!(welsh.body.contains("Rhwydwaith cymdeithasol i weision sifil yw Corridor."), "{}", welsh.body);
        in_language(&asking(&mut visitor, "/about", "fr,de;q=0.5").await?, ENGLISH)?;
        // A page that isn't there, and a form that is wrong, speak it too.
        let missing = asking(&mut visitor, "/nothing-here", "cy").await?;
        ensure!(missing.status == StatusCode::NOT_FOUND && missing.body.contains("Heb ddod o hyd i’r dudalen"), "{}", missing.body);

        let chosen = visitor.fill("/sign-in?next=/network", "/language", &[("to", "cy")]).await?;
        ensure!(chosen.status == StatusCode::SEE_OTHER && chosen.location()? == "/sign-in?next=/network", "{}", chosen.status);
        let cookie = *chosen.set_cookies().first().context("no cookie")?;
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            ensure!(cookie.split("; ").any(|one| one == part), "“{cookie}” lacks {part}");
        }
        in_language(&asking(&mut visitor, "/sign-in", "en-GB").await?, WELSH)?;
        let refused = visitor.sign_in("", "").await?;
        ensure!(refused.body.contains("Mae problem") && refused.body.contains("Rhowch eich enw defnyddiwr"), "{}", refused.body);

        // From a form that was sent one comes back to the page on which it stood, if that is ours.
        let csrf = visitor.csrf("/sign-in").await?;
        let own = node.url.origin().ascii_serialization();
        for (stood, back) in [(format!("{own}/sign-in?next=/network"), "/sign-in?next=/network"), ("https://evil.example/trap".to_owned(), "/")] {
            let form = [("csrf", csrf.as_str()), ("username", ""), ("password", "")];
            let sent = visitor.send(Method::POST, "/sign-in", Some(&form), &[("origin", &own), ("referer", &stood)]).await?;
            let chosen = visitor.fill_in(&sent.body, "/language", &[("to", "cy")]).await?;
            ensure!(chosen.location()? == back, "from {stood} to {}", chosen.location()?);
        }

        let unknown = visitor.post("/language", &[("to", "fr"), ("back", "/about")]).await?;
        ensure!(unknown.status == StatusCode::BAD_REQUEST && unknown.set_cookies().is_empty(), "{}", unknown.status);
        let back = visitor.fill("/about", "/language", &[("to", "en-GB")]).await?;
        ensure!(back.location()? == "/about", "{}", back.location()?);
        in_language(&asking(&mut visitor, "/about", "cy").await?, ENGLISH)
    }
}

on_both! {
    async fn a_person_keeps_their_language_in_every_browser(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        node.add("bryn").await?;
        let mut asha = Pages::signed_in(&node.url, "asha").await?;
        let mut bryn = Pages::signed_in(&node.url, "bryn").await?;
        in_language(&asha.get("/").await?, ENGLISH)?;
        ensure!(asha.fill("/", "/language", &[("to", "cy")]).await?.status == StatusCode::SEE_OTHER);
        let home = asha.get("/").await?;
        in_language(&home, WELSH)?;
        ensure!(home.body.contains("Fy adran") && home.body.contains("Allgofnodi"), "{}", home.body);

        // Another browser, which asks for English, learns it when she signs in. Nobody else does.
        let mut elsewhere = Pages::new(&node.url)?;
        in_language(&asking(&mut elsewhere, "/sign-in", "en-GB").await?, ENGLISH)?;
        elsewhere.sign_in("asha", PASSWORD).await?;
        in_language(&asking(&mut elsewhere, "/notifications", "en-GB").await?, WELSH)?;
        in_language(&bryn.get("/").await?, ENGLISH)?;

        // What she chose counts more than what was chosen in a browser that others use too.
        let mut shared = Pages::new(&node.url)?;
        shared.fill("/about", "/language", &[("to", "en-GB")]).await?;
        shared.sign_in("asha", PASSWORD).await?;
        in_language(&shared.get("/").await?, WELSH)?;
        shared.fill("/", "/language", &[("to", "en-GB")]).await?;
        in_language(&asha.get("/").await?, ENGLISH)?;
        asha.fill("/", "/language", &[("to", "cy")]).await?;
        asha.fill("/", "/sign-out", &[]).await?;
        in_language(&asha.get("/sign-in").await?, WELSH)
    }
}

on_both! {
    async fn hostile_063_the_switch_of_languages_leads_to_this_node_alone(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        let mut asha = Pages::signed_in(&node.url, "asha").await?;
        let mut stranger = Pages::new(&node.url)?;
        for (back, leads) in [("/network?max_id=3", "/network?max_id=3"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("evil", "/"), ("/a\r\nset-cookie: a=b", "/")] {
            for pages in [&mut asha, &mut stranger] {
                let answer = pages.fill("/about", "/language", &[("to", "cy"), ("back", back)]).await?;
                ensure!(answer.location()? == leads, "{back} leads to {}", answer.location()?);
            }
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_066_nobody_elses_page_changes_a_persons_language(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        let mut asha = Pages::signed_in(&node.url, "asha").await?;
        for token in ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let answer = asha.post("/language", &[("to", "cy"), ("back", "/"), ("csrf", token)]).await?;
            ensure!(answer.status == StatusCode::FORBIDDEN && answer.set_cookies().is_empty(), "{token} answered {}", answer.status);
        }
        let csrf = asha.csrf("/").await?;
        let form = [("to", "cy"), ("back", "/"), ("csrf", csrf.as_str())];
        for header in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
            let answer = asha.send(Method::POST, "/language", Some(&form), &[header]).await?;
            ensure!(answer.status == StatusCode::FORBIDDEN && answer.set_cookies().is_empty(), "{header:?} answered {}", answer.status);
        }
        ensure!(asha.get("/language?to=cy").await?.status.is_client_error());
        in_language(&asha.get("/").await?, ENGLISH)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_behind_tls_keeps_the_language_in_a_cookie_of_its_own() -> Result<()> {
    let node = TestNode::start_with(Kind::Sqlite, |setup| setup.web.secure_cookies = true).await?;
    let chosen = Pages::new(&node.url)?.fill("/about", "/language", &[("to", "cy")]).await?;
    let cookie = *chosen.set_cookies().first().context("no cookie")?;
    ensure!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
    Ok(())
}
