//! Signing in: the lock, the one answer to all that is wrong, and how sessions end.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::accounts::{self as people, NewUser};
use crate::fixtures::worlds;
use crate::operator::Operator;

const PASSWORD: &str = "correct horse battery";

fn typed(name: &str, password: &str) -> SignIn {
    SignIn { username: name.into(), password: password.into(), user_agent: "a\u{7}gent".into(), address: None }
}

async fn add(ctx: &Ctx, name: &str) {
    let new = NewUser { username: name.into(), password: Some(PASSWORD.into()), ..NewUser::default() };
    people::create_user(ctx, &Operator::System, new).await.unwrap();
}

/// What somebody learns from an attempt.
async fn answer(ctx: &Ctx, name: &str, password: &str) -> String {
    sign_in(ctx, typed(name, password)).await.map_or_else(|error| error.to_string(), |_| "in".to_owned())
}

#[tokio::test]
async fn the_door_locks_after_so_many_failures_and_opens_by_itself() {
    for world in worlds() {
        let ctx = &world.ctx;
        add(ctx, "asha").await;
        for _ in 0..ctx.settings.lock_after {
            assert_eq!(answer(ctx, "asha", "wrong").await, WRONG);
        }
        assert!(matches!(sign_in(ctx, typed("asha", PASSWORD)).await, Err(Error::TooMany(1..=60))));
        assert!(people::list_users(ctx).await.unwrap()[0].locked);
        ctx.store.clock().advance(ctx.settings.lock_for + Duration::from_secs(1));
        assert_eq!(answer(ctx, "asha", PASSWORD).await, "in");
        // A success starts the count anew.
        for _ in 1..ctx.settings.lock_after {
            assert_eq!(answer(ctx, "asha", "wrong").await, WRONG);
        }
        assert_eq!(answer(ctx, "asha", PASSWORD).await, "in");
        assert_eq!(answer(ctx, "asha", "wrong").await, WRONG);
        assert_eq!(answer(ctx, "asha", PASSWORD).await, "in");
    }
}

#[tokio::test]
async fn nobody_learns_which_names_exist() {
    for world in worlds() {
        let ctx = &world.ctx;
        add(ctx, "asha").await;
        add(ctx, "gone").await;
        people::disable_user(ctx, &Operator::System, "gone").await.unwrap();
        // How long is left to wait may differ by a second.
        let words = |text: String| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
        let mut told = Vec::new();
        for name in ["asha", "gone", "nobody", "na\0me"] {
            let mut answers = Vec::new();
            for attempt in 0..ctx.settings.lock_after + 3 {
                let written = if attempt % 2 == 0 { name.to_owned() } else { format!(" {} ", name.to_uppercase()) };
                answers.push(words(answer(ctx, &written, "wrong").await));
            }
            told.push(answers);
        }
        assert_eq!(told[0][0], WRONG);
        assert_eq!(told[0].last(), Some(&words(Error::TooMany(1).to_string())));
        assert!(told.iter().all(|answers| *answers == told[0]), "{told:?}");
        assert_eq!(answer(ctx, "somebody else", "wrong").await, WRONG);
        ctx.store.clock().advance(ctx.settings.lock_for + Duration::from_secs(1));
        for name in ["asha", "gone", "nobody"] {
            assert_eq!(answer(ctx, name, "wrong").await, WRONG, "{name}");
        }
    }
}

/// Guesses that were let in before the lock fell are counted all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_of_guesses_is_cut_off_by_the_lock() {
    for world in worlds() {
        let ctx = &world.ctx;
        add(ctx, "asha").await;
        let guesses: Vec<_> = (0..40)
            .map(|_| {
                let ctx = ctx.clone();
                tokio::spawn(async move { answer(&ctx, "asha", "wrong").await })
            })
            .collect();
        for guess in guesses {
            guess.await.unwrap();
        }
        assert!(matches!(sign_in(ctx, typed("asha", PASSWORD)).await, Err(Error::TooMany(_))));
    }
}

fn typed_at(address: &str, name: &str, password: &str) -> SignIn {
    SignIn { address: Some(address.parse().unwrap()), ..typed(name, password) }
}

#[tokio::test]
async fn one_password_tried_with_many_names_is_stopped_at_the_address_it_comes_from() {
    for world in worlds() {
        let ctx = &world.ctx;
        add(ctx, "asha").await;
        // Who knows their password is not counted, however often they come.
        for _ in 0..ctx.settings.failures_per_address + 5 {
            sign_in(ctx, typed_at("192.0.2.1", "asha", PASSWORD)).await.unwrap();
        }
        // On a busy machine this takes so long that a try or two come back meanwhile.
        let most = ctx.settings.failures_per_address;
        let mut tried = 0;
        let stopped = loop {
            match sign_in(ctx, typed_at("192.0.2.1", &format!("name{tried}"), "spring2026")).await {
                Err(Error::Unauthenticated(WRONG)) => tried += 1,
                other => break other.err(),
            }
        };
        assert!(matches!(stopped, Some(Error::TooMany(1..=60))), "{tried}: {stopped:?}");
        assert!((most..most * 2).contains(&tried), "{tried}");
        for name in ["asha", "nobody"] {
            let told = sign_in(ctx, typed_at("192.0.2.1", name, PASSWORD)).await;
            assert!(matches!(told, Err(Error::TooMany(1..=60))), "{name}: a right one would tell as much");
        }
        assert!(sign_in(ctx, typed_at("192.0.2.2", "asha", PASSWORD)).await.is_ok(), "nobody's account is locked");
        ctx.store.clock().advance(ctx.settings.lock_for);
        assert!(sign_in(ctx, typed_at("192.0.2.1", "asha", PASSWORD)).await.is_ok());
    }
}

#[tokio::test]
async fn sessions_end_by_idleness_by_age_and_by_their_owner() {
    for world in worlds() {
        let ctx = &world.ctx;
        add(ctx, "asha").await;
        add(ctx, "bo").await;
        let first = sign_in(ctx, typed("asha", PASSWORD)).await.unwrap();
        let second = sign_in(ctx, typed("asha", PASSWORD)).await.unwrap();
        let bo = sign_in(ctx, typed("bo", PASSWORD)).await.unwrap().viewer;
        assert_ne!(first.token, second.token);
        let open = session(ctx, &first.token).await.unwrap().unwrap();
        assert_ne!(open.csrf, session(ctx, &second.token).await.unwrap().unwrap().csrf);
        assert!(session(ctx, "nonsense").await.unwrap().is_none());
        let listed = list(ctx, &first.viewer).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.user_agent.as_str()).collect::<Vec<_>>(), ["agent", "agent"]);
        assert!(matches!(revoke(ctx, &bo, open.id).await, Err(Error::NotFound(_))), "another's session");
        revoke(ctx, &first.viewer, open.id).await.unwrap();
        assert!(session(ctx, &first.token).await.unwrap().is_none());
        sign_out(ctx, &second.token).await.unwrap();
        assert!(session(ctx, &second.token).await.unwrap().is_none());

        let idle = sign_in(ctx, typed("asha", PASSWORD)).await.unwrap();
        ctx.store.clock().advance(ctx.settings.session_idle + Duration::from_secs(1));
        assert!(session(ctx, &idle.token).await.unwrap().is_none());
        let old = sign_in(ctx, typed("asha", PASSWORD)).await.unwrap();
        let step = ctx.settings.session_idle.mul_f32(0.9);
        let mut lived = Duration::ZERO;
        while lived + step < ctx.settings.session_absolute {
            assert!(session(ctx, &old.token).await.unwrap().is_some(), "in use after {lived:?}");
            ctx.store.clock().advance(step);
            lived += step;
        }
        ctx.store.clock().advance(step);
        assert!(session(ctx, &old.token).await.unwrap().is_none(), "it ends in any case");
    }
}

#[tokio::test]
async fn a_hash_that_costs_too_little_is_made_anew_at_sign_in() {
    for world in worlds() {
        let ctx = &world.ctx;
        add(ctx, "asha").await;
        let mut dearer = (*ctx.settings).clone();
        dearer.password_cost.memory_kib *= 4;
        let later = Ctx::new(ctx.store.clone(), dearer);
        let stored =
            || async { world.write(|tx| Ok(accounts::find_by_username(tx, "asha")?.unwrap().1.password_hash)).await };
        assert!(stored().await.contains("m=8,"));
        assert_eq!(answer(&later, "asha", "wrong").await, WRONG);
        assert!(stored().await.contains("m=8,"), "a wrong password changes nothing");
        assert_eq!(answer(&later, "asha", PASSWORD).await, "in");
        let anew = stored().await;
        assert!(anew.contains("m=32,"), "{anew}");
        assert_eq!(answer(&later, "asha", PASSWORD).await, "in");
        assert_eq!(stored().await, anew, "once is enough");
    }
}
