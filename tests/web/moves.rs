//! Moving through the page: older accounts, what is refused beside its field, the move, and the way back.

use anyhow::{Result, ensure};
use corridor_tests::{PASSWORD, TestNode, on_both};
use reqwest::StatusCode;

use super::pages::{Answer, Pages};

/// The page again, with what is wrong said at its top and beside the field, and what was typed still in it.
fn refused(answer: &Answer, field: &str, words: &str, typed: (&str, &str)) -> Result<()> {
    let Answer { status, body, .. } = answer;
    ensure!(*status == StatusCode::UNPROCESSABLE_ENTITY, "{status}: {body}");
    ensure!(body.contains("<title>Error: ") && body.contains("There is a problem"), "{body}");
    ensure!(body.contains(&format!("<a href=\"#{field}\">")), "nothing leads to {field}: {body}");
    ensure!(body.contains(&format!("id=\"{field}-error\"")) && body.contains(words), "“{words}” isn't said: {body}");
    let (name, value) = typed;
    ensure!(body.contains(&format!("name=\"{name}\" value=\"{value}\"")), "{name} lost what was typed: {body}");
    ensure!(!body.contains(PASSWORD), "the password is on the page");
    Ok(())
}

on_both! {
    async fn older_accounts_are_named_on_the_page(kind: Kind) {
        let node = TestNode::start(kind).await?;
        for name in ["asha", "asha.old"] {
            node.add(name).await?;
        }
        let mut signed_out = Pages::new(&node.url)?;
        ensure!(signed_out.get("/moving").await?.location()?.starts_with("/sign-in"));
        let mut asha = Pages::signed_in(&node.url, "asha").await?;
        let page = asha.get("/moving").await?;
        ensure!(page.status == StatusCode::OK && page.body.contains("<h1 class=\"govuk-heading-l\">Move account</h1>"), "{}", page.body);
        ensure!(!page.body.contains("There is a problem") && !page.body.contains("action=\"/moving/older/remove\""));

        let wrongs = [
            ("not/one", "Enter a handle"),
            ("nobody", "Nobody has this handle."),
            ("asha", "That is the same account."),
            ("asha@elsewhere.example", "elsewhere.example"),
        ];
        for (typed, words) in wrongs {
            let answer = asha.fill("/moving", "/moving/older", &[("older", typed)]).await?;
            refused(&answer, "older", words, ("older", typed))?;
        }
        let forged = asha.post("/moving/older", &[("csrf", "forged"), ("older", "asha.old")]).await?;
        ensure!(forged.status == StatusCode::FORBIDDEN, "{}", forged.status);
        ensure!(!asha.get("/moving").await?.body.contains("@asha.old"));

        let added = asha.fill("/moving", "/moving/older", &[("older", " @asha.old ")]).await?;
        ensure!(added.status == StatusCode::SEE_OTHER && added.location()? == "/moving", "{} {}", added.status, added.body);
        ensure!(asha.get("/moving").await?.body.contains("@asha.old"));
        let again = asha.fill("/moving", "/moving/older", &[("older", "asha.old")]).await?;
        refused(&again, "older", "named already", ("older", "asha.old"))?;
        let removed = asha.fill("/moving", "/moving/older/remove", &[]).await?;
        ensure!(removed.location()? == "/moving");
        ensure!(!asha.get("/moving").await?.body.contains("@asha.old"));
        Ok(())
    }
}

on_both! {
    async fn somebody_moves_on_the_page_and_comes_back(kind: Kind) {
        let node = TestNode::start(kind).await?;
        for name in ["asha", "asha.new"] {
            node.add(name).await?;
        }
        let mut asha = Pages::signed_in(&node.url, "asha").await?;
        let mut new = Pages::signed_in(&node.url, "asha.new").await?;
        let wrongs = [
            ("asha.new", "", "password", "Enter your password"),
            ("asha.new", "not the one at all", "password", "password is not right"),
            ("", PASSWORD, "target", "Enter a handle"),
            ("nobody", PASSWORD, "target", "Nobody has this handle."),
            ("asha@elsewhere.example", PASSWORD, "target", "elsewhere.example"),
            ("asha.new", PASSWORD, "target", "does not name @asha as an older account"),
        ];
        for (target, password, field, words) in wrongs {
            let answer = asha.fill("/moving", "/moving", &[("target", target), ("password", password)]).await?;
            refused(&answer, field, words, ("target", target))?;
        }
        ensure!(!asha.get("/moving").await?.body.contains("You have moved"));

        new.fill("/moving", "/moving/older", &[("older", "asha")]).await?;
        let moved = asha.fill("/moving", "/moving", &[("target", "asha.new"), ("password", PASSWORD)]).await?;
        ensure!(moved.status == StatusCode::SEE_OTHER && moved.location()? == "/moving", "{} {}", moved.status, moved.body);
        let page = asha.get("/moving").await?.body;
        ensure!(page.contains("You have moved to @asha.new") && !page.contains("name=\"target\""), "{page}");
        // Nothing is written from where somebody has gone.
        let form = [("text", "Still here"), ("audience", "department"), ("marking", "OFFICIAL")];
        let answer = asha.fill("/write", "/write", &form).await?;
        ensure!(answer.status != StatusCode::SEE_OTHER && answer.body.contains("asha.new"), "{} {}", answer.status, answer.body);

        let back = asha.fill("/moving", "/moving/back", &[]).await?;
        ensure!(back.location()? == "/moving");
        ensure!(asha.get("/moving").await?.body.contains("name=\"target\""));
        let answer = asha.fill("/write", "/write", &form).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER, "{} {}", answer.status, answer.body);
        let again = asha.fill("/moving", "/moving", &[("target", "asha.new"), ("password", PASSWORD)]).await?;
        refused(&again, "target", "30 days", ("target", "asha.new"))?;
        Ok(())
    }
}
