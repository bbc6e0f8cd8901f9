//! OAuth: what is refused, what a code is good for, and how tokens end.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::fixtures::worlds;

// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "https://client.example/back?here=1";

async fn app(ctx: &Ctx, scopes: &str) -> RegisteredApp {
    let redirect_uris = vec![REDIRECT.to_owned(), OUT_OF_BAND.to_owned()];
    let new = NewApp { name: "Client".into(), redirect_uris, scopes: scopes.parse().unwrap(), website: None };
    register_app(ctx, new).await.unwrap()
}

fn request(app: &RegisteredApp, challenge: Option<&str>) -> AuthorizeRequest {
    AuthorizeRequest {
        client_id: app.client_id.clone(),
        redirect_uri: REDIRECT.into(),
        scopes: None,
        challenge: challenge.map(str::to_owned),
        challenge_method: challenge.map(|_| "S256".to_owned()),
    }
}

fn exchange(app: &RegisteredApp, code: &str, verifier: Option<&str>) -> CodeExchange {
    CodeExchange {
        client_id: app.client_id.clone(),
        client_secret: app.client_secret.clone(),
        code: code.into(),
        redirect_uri: REDIRECT.into(),
        verifier: verifier.map(str::to_owned),
        scopes: None,
    }
}

async fn refused(ctx: &Ctx, exchange: CodeExchange) -> &'static str {
    exchange_code(ctx, exchange).await.unwrap_err().code()
}

#[test]
fn redirects_that_run_or_hide_something_are_refused() {
    for good in [OUT_OF_BAND, "https://client.example/callback?x=1", "app.phanpy://back", "http://127.0.0.1:8000/"] {
        assert!(demand_redirect(good).is_ok(), "{good}");
    }
    let bad = [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://ok@evil.example/",
        "/relative",
        "https://a.example/#x",
        "",
    ];
    for bad in bad {
        assert!(demand_redirect(bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn a_code_gives_one_token_and_its_second_use_ends_that() {
    for world in worlds() {
        let ctx = &world.ctx;
        let (ada, client) = (world.person("ada").await, app(ctx, "read write").await);
        let code = issue_code(ctx, &ada, &request(&client, None)).await.unwrap();
        let token = exchange_code(ctx, exchange(&client, &code, None)).await.unwrap();
        assert_eq!(token.scopes, Scopes::read(), "nothing asked for is read");
        let auth = authenticate(ctx, &token.access_token).await.unwrap();
        assert_eq!((auth.viewer.unwrap().id, auth.app_id, auth.app.name.as_str()), (ada.id, client.id, "Client"));
        assert_eq!(refused(ctx, exchange(&client, &code, None)).await, "invalid_grant");
        assert!(matches!(authenticate(ctx, &token.access_token).await, Err(Error::Unauthenticated(_))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_use_a_code_at_once_nobody_keeps_a_token() {
    for world in worlds() {
        let ctx = &world.ctx;
        let (ada, client) = (world.person("ada").await, app(ctx, "read").await);
        let code = issue_code(ctx, &ada, &request(&client, None)).await.unwrap();
        let tries: Vec<_> = (0..8)
            .map(|_| {
                let (ctx, exchange) = (ctx.clone(), exchange(&client, &code, None));
                tokio::spawn(async move { exchange_code(&ctx, exchange).await.ok() })
            })
            .collect();
        let mut given = Vec::new();
        for attempt in tries {
            given.extend(attempt.await.unwrap());
        }
        assert_eq!(given.len(), 1);
        for token in given {
            assert!(authenticate(ctx, &token.access_token).await.is_err(), "one of the eight was a thief");
        }
    }
}

#[tokio::test]
async fn a_challenge_is_met_by_its_verifier_alone() {
    for world in worlds() {
        let ctx = &world.ctx;
        let (ada, client) = (world.person("ada").await, app(ctx, "read").await);
        let code = issue_code(ctx, &ada, &request(&client, Some(CHALLENGE))).await.unwrap();
        exchange_code(ctx, exchange(&client, &code, Some(VERIFIER))).await.unwrap();
        for wrong in [None, Some(""), Some(CHALLENGE), Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")] {
            let code = issue_code(ctx, &ada, &request(&client, Some(CHALLENGE))).await.unwrap();
            assert_eq!(refused(ctx, exchange(&client, &code, wrong)).await, "invalid_grant", "{wrong:?}");
            // A guess costs the code.
            assert_eq!(refused(ctx, exchange(&client, &code, Some(VERIFIER))).await, "invalid_grant");
        }
        // Without a challenge none is asked for; a verifier that nobody announced shows that one was taken out.
        let code = issue_code(ctx, &ada, &request(&client, None)).await.unwrap();
        exchange_code(ctx, exchange(&client, &code, Some(""))).await.unwrap();
        let code = issue_code(ctx, &ada, &request(&client, None)).await.unwrap();
        assert_eq!(refused(ctx, exchange(&client, &code, Some(VERIFIER))).await, "invalid_grant");
    }
}

#[tokio::test]
async fn what_is_asked_for_must_be_what_was_registered() {
    for world in worlds() {
        let ctx = &world.ctx;
        let client = app(ctx, "read").await;
        let code_of = async |change: &dyn Fn(&mut AuthorizeRequest)| {
            let mut asked = request(&client, None);
            change(&mut asked);
            check_authorize(ctx, &asked).await.map_or_else(|error| error.code(), |_| "ok")
        };
        assert_eq!(code_of(&|_| {}).await, "ok");
        for uri in [
            "https://client.example/back",
            "https://client.example/back?here=1&more",
            "https://client.example/back?here=1/",
        ] {
            assert_eq!(code_of(&|asked| asked.redirect_uri = uri.into()).await, "invalid_request", "{uri}");
        }
        assert_eq!(code_of(&|asked| asked.client_id = "nobody".into()).await, "invalid_client");
        assert_eq!(code_of(&|asked| asked.client_id = "no\0body".into()).await, "invalid_client");
        assert_eq!(code_of(&|asked| asked.scopes = "write".parse().ok()).await, "invalid_scope");
        assert_eq!(code_of(&|asked| asked.scopes = "read:statuses".parse().ok()).await, "ok");
        for (challenge, method) in
            [(CHALLENGE, "plain"), (CHALLENGE, ""), ("short", "S256"), (&"\0".repeat(43), "S256")]
        {
            let told = code_of(&|asked| {
                asked.challenge = Some(challenge.into());
                asked.challenge_method = Some(method.into());
            })
            .await;
            assert_eq!(told, "invalid_request", "{challenge:?} {method}");
        }
    }
}

#[tokio::test]
async fn a_code_is_for_a_minute_for_its_client_and_its_redirect() {
    for world in worlds() {
        let ctx = &world.ctx;
        let (ada, client, thief) = (world.person("ada").await, app(ctx, "read").await, app(ctx, "read").await);
        let code = issue_code(ctx, &ada, &request(&client, None)).await.unwrap();
        assert_eq!(refused(ctx, exchange(&thief, &code, None)).await, "invalid_grant");
        let wrong = CodeExchange { client_secret: "wrong".into(), ..exchange(&client, &code, None) };
        assert_eq!(refused(ctx, wrong).await, "invalid_client");
        let more = CodeExchange { scopes: "write".parse().ok(), ..exchange(&client, &code, None) };
        assert_eq!(refused(ctx, more).await, "invalid_scope");
        // None of these mistakes of others cost the client its code.
        exchange_code(ctx, exchange(&client, &code, None)).await.unwrap();
        let code = issue_code(ctx, &ada, &request(&client, None)).await.unwrap();
        let elsewhere = CodeExchange { redirect_uri: OUT_OF_BAND.into(), ..exchange(&client, &code, None) };
        assert_eq!(refused(ctx, elsewhere).await, "invalid_grant");
        let code = issue_code(ctx, &ada, &request(&client, None)).await.unwrap();
        ctx.store.clock().advance(CODE_LIFE + Duration::from_secs(1));
        assert_eq!(refused(ctx, exchange(&client, &code, None)).await, "invalid_grant");
    }
}

#[tokio::test]
async fn tokens_are_ended_by_their_own_client() {
    for world in worlds() {
        let ctx = &world.ctx;
        let (client, other) = (app(ctx, "read write").await, app(ctx, "read").await);
        let token = client_credentials(ctx, &client.client_id, &client.client_secret, None, None).await.unwrap();
        let auth = authenticate(ctx, &token.access_token).await.unwrap();
        assert!(auth.viewer.is_none() && auth.scopes == Scopes::read());
        let all = "read write push".parse().ok();
        let more = client_credentials(ctx, &client.client_id, &client.client_secret, None, all).await;
        assert_eq!(more.unwrap_err().code(), "invalid_scope");
        let end = async |by: &RegisteredApp, token: &str| revoke(ctx, &by.client_id, &by.client_secret, token).await;
        assert_eq!(end(&other, &token.access_token).await.unwrap_err().code(), "access_denied");
        authenticate(ctx, &token.access_token).await.unwrap();
        for known in [token.access_token.as_str(), token.access_token.as_str(), "unknown"] {
            end(&client, known).await.unwrap();
        }
        assert!(authenticate(ctx, &token.access_token).await.is_err());
    }
}
