//! Accounts: made with keys, ended at once, and never brought back by a sign-in that was under way.

#![expect(clippy::unwrap_used, reason = "tests")]

use corridor_domain::scope::Scopes;
use corridor_store::audit::Entry;

use super::*;
use crate::fixtures::{World, worlds};
use crate::oauth::{self, AuthorizeRequest, CodeExchange, NewApp};
use crate::sessions::{self, SignIn};

const PASSWORD: &str = "correct horse battery";
const OPERATOR: Operator = Operator::System;

fn user(name: &str) -> NewUser {
    NewUser { username: name.to_owned(), password: Some(PASSWORD.to_owned()), ..NewUser::default() }
}

fn typed(name: &str, password: &str) -> SignIn {
    SignIn { username: name.into(), password: password.into(), user_agent: "test".into(), address: None }
}

async fn audited(world: &World) -> Vec<Entry> {
    world.write(|tx| corridor_store::audit::after(tx, 0, 1000)).await
}

/// An application and what it asks for.
async fn registered(ctx: &Ctx) -> (oauth::RegisteredApp, AuthorizeRequest) {
    let new = NewApp {
        name: "app".into(),
        redirect_uris: vec![oauth::OUT_OF_BAND.into()],
        scopes: Scopes::read(),
        website: None,
    };
    let app = oauth::register_app(ctx, new).await.unwrap();
    let request = AuthorizeRequest {
        client_id: app.client_id.clone(),
        redirect_uri: oauth::OUT_OF_BAND.into(),
        scopes: None,
        challenge: None,
        challenge_method: None,
    };
    (app, request)
}

/// A token and an unused code of a person.
async fn granted(ctx: &Ctx, viewer: &Viewer) -> (String, CodeExchange) {
    let (app, request) = registered(ctx).await;
    let exchange = |code: String| CodeExchange {
        client_id: app.client_id.clone(),
        client_secret: app.client_secret.clone(),
        code,
        redirect_uri: oauth::OUT_OF_BAND.into(),
        verifier: None,
        scopes: None,
    };
    let first = exchange(oauth::issue_code(ctx, viewer, &request).await.unwrap());
    let token = oauth::exchange_code(ctx, first).await.unwrap().access_token;
    let unused = exchange(oauth::issue_code(ctx, viewer, &request).await.unwrap());
    (token, unused)
}

#[tokio::test]
async fn a_new_person_has_keys_a_password_and_an_entry_in_the_audit() {
    for world in worlds() {
        let made = NewUser { password: None, ..user("Asha") };
        let created = create_user(&world.ctx, &Operator::CommandLine("root".into()), made).await.unwrap();
        let password = created.password.unwrap();
        let keys = crate::keys::local_keys(&world.ctx, created.person.id).await.unwrap();
        let mut uris: Vec<&str> = keys.iter().map(|key| key.key_uri.rsplit('#').next().unwrap()).collect();
        uris.sort_unstable();
        assert_eq!(uris, ["ed25519-key", "main-key"]);
        sessions::sign_in(&world.ctx, typed("asha", &password)).await.unwrap();
        let first = audited(&world).await.remove(0);
        assert_eq!(
            (first.who.as_str(), first.action.as_str(), first.object.as_str()),
            ("command-line:root", "user.add", "Asha")
        );
        let again = create_user(&world.ctx, &OPERATOR, user("ASHA")).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    }
}

#[tokio::test]
async fn only_an_administrator_administers_and_a_refusal_leaves_no_trace() {
    for world in worlds() {
        let member = Operator::Person(world.person("member").await);
        let before = audited(&world).await.len();
        assert!(matches!(create_user(&world.ctx, &member, user("asha")).await, Err(Error::Forbidden(_))));
        assert!(matches!(create_users(&world.ctx, &member, vec![user("asha")]).await, Err(Error::Forbidden(_))));
        assert!(matches!(disable_user(&world.ctx, &member, "member").await, Err(Error::Forbidden(_))));
        assert!(matches!(set_role(&world.ctx, &member, "member", Role::Administrator).await, Err(Error::Forbidden(_))));
        assert!(matches!(reset_password(&world.ctx, &member, "member", None).await, Err(Error::Forbidden(_))));
        assert_eq!(audited(&world).await.len(), before);
        assert_eq!(list_users(&world.ctx).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn many_are_made_together_or_none() {
    for world in worlds() {
        let made = create_users(&world.ctx, &OPERATOR, vec![user("ada"), user("bob"), user("cai")]).await.unwrap();
        let names: Vec<&str> = made.iter().map(|one| one.person.username.as_str()).collect();
        assert_eq!(names, ["ada", "bob", "cai"], "in the order asked for");
        let clash = create_users(&world.ctx, &OPERATOR, vec![user("dev"), user("ada")]).await;
        assert!(matches!(clash, Err(Error::Conflict(_))), "{clash:?}");
        let bad = create_users(&world.ctx, &OPERATOR, vec![user("eve"), user("not a name")]).await;
        assert!(matches!(bad, Err(Error::Invalid(_))), "{bad:?}");
        assert_eq!(list_users(&world.ctx).await.unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_disabled_person_is_out_at_every_door_in_that_moment() {
    for world in worlds() {
        let ctx = &world.ctx;
        create_user(ctx, &OPERATOR, user("asha")).await.unwrap();
        let session = sessions::sign_in(ctx, typed("asha", PASSWORD)).await.unwrap();
        let (token, unused) = granted(ctx, &session.viewer).await;
        disable_user(ctx, &OPERATOR, "asha").await.unwrap();
        assert!(sessions::session(ctx, &session.token).await.unwrap().is_none());
        assert!(matches!(oauth::authenticate(ctx, &token).await, Err(Error::Unauthenticated(_))));
        assert!(matches!(sessions::sign_in(ctx, typed("asha", PASSWORD)).await, Err(Error::Unauthenticated(_))));
        assert!(viewer_by_username(ctx, "asha").await.is_err());
        enable_user(ctx, &OPERATOR, "asha").await.unwrap();
        // Nothing of what ended comes back with the person, nor what was only half begun.
        assert!(sessions::session(ctx, &session.token).await.unwrap().is_none());
        assert!(oauth::authenticate(ctx, &token).await.is_err());
        assert_eq!(oauth::exchange_code(ctx, unused).await.unwrap_err().code(), "invalid_grant");
        sessions::sign_in(ctx, typed("asha", PASSWORD)).await.unwrap();
        let acts: Vec<String> = audited(&world).await.into_iter().map(|entry| entry.action).collect();
        assert!(acts.contains(&"user.disable".to_owned()) && acts.contains(&"user.enable".to_owned()));
    }
}

#[tokio::test]
async fn a_reset_password_ends_what_the_old_one_opened() {
    for world in worlds() {
        let ctx = &world.ctx;
        create_user(ctx, &OPERATOR, user("asha")).await.unwrap();
        let session = sessions::sign_in(ctx, typed("asha", PASSWORD)).await.unwrap();
        let (token, unused) = granted(ctx, &session.viewer).await;
        let fresh = reset_password(ctx, &OPERATOR, "asha", None).await.unwrap();
        assert!(sessions::session(ctx, &session.token).await.unwrap().is_none());
        assert!(oauth::authenticate(ctx, &token).await.is_err());
        assert_eq!(oauth::exchange_code(ctx, unused).await.unwrap_err().code(), "invalid_grant");
        assert!(sessions::sign_in(ctx, typed("asha", PASSWORD)).await.is_err());
        sessions::sign_in(ctx, typed("asha", &fresh)).await.unwrap();
    }
}

#[tokio::test]
async fn ones_own_password_is_changed_by_who_knows_it_and_guesses_are_counted() {
    for world in worlds() {
        let ctx = &world.ctx;
        create_user(ctx, &OPERATOR, user("asha")).await.unwrap();
        let viewer = sessions::sign_in(ctx, typed("asha", PASSWORD)).await.unwrap().viewer;
        let same = change_password(ctx, &viewer, PASSWORD, PASSWORD, None).await;
        assert!(matches!(same, Err(Error::Invalid(_))), "{same:?}");
        change_password(ctx, &viewer, PASSWORD, "another long password", None).await.unwrap();
        assert!(sessions::sign_in(ctx, typed("asha", PASSWORD)).await.is_err());
        // The failed sign-in above counts with these: one count for one password.
        for _ in 1..ctx.settings.lock_after {
            let guess = change_password(ctx, &viewer, "a guess of someone", PASSWORD, None).await;
            assert!(matches!(guess, Err(Error::Unauthenticated(_))), "{guess:?}");
        }
        let right = change_password(ctx, &viewer, "another long password", PASSWORD, None).await;
        assert!(matches!(right, Err(Error::TooMany(_))), "a stolen session is no way to guess: {right:?}");
    }
}

#[tokio::test]
async fn a_password_that_somebody_else_made_opens_nothing_but_the_choice_of_another() {
    for world in worlds() {
        let ctx = &world.ctx;
        let made = create_user(ctx, &OPERATOR, NewUser { password: None, ..user("asha") }).await.unwrap();
        create_user(ctx, &OPERATOR, user("bo")).await.unwrap();
        let reset = reset_password(ctx, &OPERATOR, "bo", None).await.unwrap();
        for (name, given) in [("asha", made.password.unwrap()), ("bo", reset)] {
            let entered = sessions::sign_in(ctx, typed(name, &given)).await.unwrap();
            assert!(sessions::session(ctx, &entered.token).await.unwrap().unwrap().must_change_password);
            let request = registered(ctx).await.1;
            let code = oauth::issue_code(ctx, &entered.viewer, &request).await;
            assert!(matches!(code, Err(oauth::OAuthError::AccessDenied)), "{code:?}");
            let choice = sessions::NewPassword {
                old: given.clone(),
                new: "one of my very own".into(),
                user_agent: "test".into(),
                address: None,
            };
            let chosen = sessions::choose_password(ctx, &entered.viewer, choice).await.unwrap();
            assert!(!sessions::session(ctx, &chosen.token).await.unwrap().unwrap().must_change_password);
            assert!(sessions::session(ctx, &entered.token).await.unwrap().is_none(), "the session is a new one");
            assert!(oauth::issue_code(ctx, &chosen.viewer, &request).await.is_ok());
            assert!(sessions::sign_in(ctx, typed(name, &given)).await.is_err());
        }
    }
}

/// Whatever comes first, a disabled person ends without a session: a sign-in under way must neither survive
/// the order nor write the account back as it was before.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sign_in_under_way_does_not_undo_what_an_administrator_does() {
    for world in worlds() {
        let ctx = &world.ctx;
        for round in 0..6 {
            let name = format!("person{round}");
            create_user(ctx, &OPERATOR, user(&name)).await.unwrap();
            let mut comers = Vec::new();
            for _ in 0..12 {
                let (ctx, name) = (ctx.clone(), name.clone());
                comers.push(tokio::spawn(async move { sessions::sign_in(&ctx, typed(&name, PASSWORD)).await.ok() }));
            }
            disable_user(ctx, &OPERATOR, &name).await.unwrap();
            let mut tokens = Vec::new();
            for comer in comers {
                tokens.extend(comer.await.unwrap().map(|signed_in| signed_in.token));
            }
            let users = list_users(ctx).await.unwrap();
            let asked = users.iter().find(|user| user.person.username == name).unwrap();
            assert!(asked.disabled, "round {round}: a sign-in undid the order");
            enable_user(ctx, &OPERATOR, &name).await.unwrap();
            for token in tokens {
                assert!(sessions::session(ctx, &token).await.unwrap().is_none(), "round {round}: a session survived");
            }
        }
    }
}

#[tokio::test]
async fn the_language_of_the_pages_is_kept_for_the_person_and_is_a_tag() {
    for world in worlds() {
        let ctx = &world.ctx;
        create_user(ctx, &OPERATOR, user("nia")).await.unwrap();
        let token = sessions::sign_in(ctx, typed("nia", PASSWORD)).await.unwrap().token;
        let session = sessions::session(ctx, &token).await.unwrap().unwrap();
        assert_eq!(session.pages_language, "");
        choose_pages_language(ctx, &session.viewer, "cy").await.unwrap();
        for nonsense in ["", "c", "cy gb", "<cy>", "cy\0", &"c".repeat(36)] {
            let outcome = choose_pages_language(ctx, &session.viewer, nonsense).await;
            assert!(matches!(outcome, Err(Error::Invalid(_))), "{nonsense}");
        }
        let other = sessions::sign_in(ctx, typed("nia", PASSWORD)).await.unwrap().token;
        assert_eq!(sessions::session(ctx, &other).await.unwrap().unwrap().pages_language, "cy");
    }
}
