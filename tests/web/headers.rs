//! Headers that protect readers: on every answer, errors included.

use anyhow::{Result, ensure};
use corridor_tests::{Kind, TestNode};
use reqwest::{Method, StatusCode};

use super::pages::{Answer, Pages};

fn protects(what: &str, answer: &Answer) -> Result<()> {
    let policy = answer.header("content-security-policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
        ensure!(policy.contains(part), "{what} ({}): the policy “{policy}” lacks {part}", answer.status);
    }
    for never in ["unsafe-inline", "unsafe-eval", "*"] {
        ensure!(!policy.contains(never), "{what}: the policy allows {never}");
    }
    ensure!(answer.header("x-content-type-options") == "nosniff", "{what} ({}): no nosniff", answer.status);
    let referrer = answer.header("referrer-policy");
    ensure!(
        ["same-origin", "no-referrer"].contains(&referrer),
        "{what} ({}): the referrer policy is “{referrer}”",
        answer.status
    );
    ensure!(answer.header("strict-transport-security").contains("max-age="), "{what} ({}): no HSTS", answer.status);
    ensure!(answer.headers.get_all("content-security-policy").iter().count() == 1, "{what}: two policies");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_protects_its_reader() -> Result<()> {
    let node = TestNode::start(Kind::Sqlite).await?;
    let door = node.person("asha").await?;
    let bearer = format!("Bearer {}", door.token());
    let mut visitor = Pages::new(&node.url)?;
    let mut member = Pages::signed_in(&node.url, "asha").await?;
    let routes = [
        "/",
        "/sign-in",
        "/about",
        "/rules",
        "/accessibility",
        "/department",
        "/network",
        "/notifications",
        "/search?q=a",
        "/write",
        "/@asha",
        "/@asha/1",
        "/posts/1/reply",
        "/nothing",
        "/assets/corridor.css",
        "/assets/nothing.css",
        "/health",
        "/health/ready",
        "/api/v1/instance",
        "/api/v2/instance",
        "/api/v1/timelines/home",
        "/api/v1/nothing",
        "/api/v1/statuses/1",
        "/oauth/authorize",
        "/.well-known/oauth-authorization-server",
        "/.well-known/nodeinfo",
        "/.well-known/webfinger",
        "/.well-known/webfinger?resource=acct:nobody@nowhere",
        "/actor",
        "/inbox",
        "/actors/1",
        "/actors/1/outbox",
        "/%",
        "/..%2f..%2fetc",
        "/?q=%ff",
    ];
    for path in routes {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let what = format!("{method} {path}");
            for (who, pages) in [("signed out", &mut visitor), ("signed in", &mut member)] {
                let answer = pages.send(method.clone(), path, None, &[]).await?;
                protects(&format!("{what}, {who}"), &answer)?;
                ensure!(!answer.status.is_server_error(), "{what}, {who}, answered {}", answer.status);
            }
            let answer = visitor.send(method, path, None, &[("authorization", &bearer)]).await?;
            protects(&format!("{what} with a token"), &answer)?;
            ensure!(!answer.status.is_server_error(), "{what} with a token answered {}", answer.status);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_requests_protect_their_sender_too() -> Result<()> {
    let node = TestNode::start(Kind::Sqlite).await?;
    let mut member = {
        node.add("asha").await?;
        Pages::signed_in(&node.url, "asha").await?
    };
    let own = node.url.origin().ascii_serialization();
    let large = "a".repeat(1024 * 1024);
    let answer = member.send(Method::POST, "/write", Some(&[("text", large.as_str())]), &[("origin", &own)]).await?;
    ensure!(answer.status == StatusCode::PAYLOAD_TOO_LARGE, "a form of a megabyte answered {}", answer.status);
    protects("a large form", &answer)?;
    let answer =
        member.send(Method::POST, "/write", None, &[("origin", &own), ("content-type", "application/json")]).await?;
    ensure!(answer.status.is_client_error(), "JSON to a form answered {}", answer.status);
    protects("JSON to a form", &answer)?;
    let answer = member.send(Method::POST, "/api/v1/statuses", Some(&[("status", large.as_str())]), &[]).await?;
    ensure!(answer.status.is_client_error(), "a large status answered {}", answer.status);
    protects("a large status", &answer)?;
    let answer = member.get("/network?max_id=nonsense").await?;
    ensure!(
        answer.status == StatusCode::BAD_REQUEST || answer.status == StatusCode::OK,
        "a wrong page answered {}",
        answer.status
    );
    protects("a wrong page", &answer)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_pages_are_kept_by_nobody_and_assets_for_long() -> Result<()> {
    let node = TestNode::start(Kind::Sqlite).await?;
    node.add("asha").await?;
    let mut member = Pages::signed_in(&node.url, "asha").await?;
    let home = member.get("/").await?;
    ensure!(home.header("cache-control").contains("no-store"), "{}", home.header("cache-control"));
    let style = home
        .body
        .split("href=\"")
        .find_map(|rest| rest.split('"').next().filter(|path| path.contains("corridor.css")))
        .unwrap();
    let style = member.get(style).await?;
    ensure!(style.status == StatusCode::OK && style.header("content-type").starts_with("text/css"));
    ensure!(style.header("cache-control").contains("immutable"), "{}", style.header("cache-control"));
    for page in ["/", "/write", "/@asha", "/notifications"] {
        let body = member.get(page).await?.body;
        for inline in ["<style", " style=\"", " onclick=", " onload=", "javascript:"] {
            ensure!(!body.contains(inline), "{page} has “{inline}”, which the policy forbids");
        }
        for script in body.split("<script").skip(1) {
            ensure!(
                script.trim_start().starts_with("src=\"/assets/"),
                "{page} has a script of its own: {:.80}",
                script
            );
        }
        ensure!(!body.contains("https://") || !body.contains("src=\"https://"), "{page} loads from elsewhere");
    }
    Ok(())
}
