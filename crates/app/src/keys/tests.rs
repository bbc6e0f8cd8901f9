//! Keys: rotated for one or for all, told to peers, and never replaced when pinned.

#![expect(clippy::unwrap_used, reason = "tests")]

use corridor_domain::Marking;
use corridor_store::keys::NewKey;

use super::*;
use crate::accounts::{self, NewUser};
use crate::fixtures::worlds;
use crate::instance;

#[tokio::test]
async fn the_node_has_one_actor_of_its_own_however_often_it_is_asked_for() {
    for world in worlds() {
        let (first, second) = tokio::join!(instance::ensure(&world.ctx), instance::ensure(&world.ctx));
        let id = first.unwrap();
        assert_eq!(second.unwrap(), id);
        assert_eq!(instance::ensure(&world.ctx).await.unwrap(), id);
        let uri = world.write(move |tx| Ok(actors::find(tx, id)?.uri)).await;
        assert_eq!(uri, "https://here.example/actor");
        assert_eq!(local_keys(&world.ctx, id).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn rotation_makes_new_keys_keeps_the_old_and_tells_peers() {
    for world in worlds() {
        let ctx = &world.ctx;
        let new = NewUser { username: "ada".into(), ..NewUser::default() };
        let ada = accounts::create_user(ctx, &Operator::System, new).await.unwrap().person.id;
        instance::ensure(ctx).await.unwrap();
        let before = local_keys(ctx, ada).await.unwrap();
        let mut seen = Vec::new();
        let rotated = rotate(ctx, &Operator::System, None, false, |done, all| seen.push((done, all))).await.unwrap();
        assert_eq!((rotated, seen), (2, vec![(1, 2), (2, 2)]));
        let after = local_keys(ctx, ada).await.unwrap();
        assert_eq!(after.len(), 4, "the old ones tell of the new");
        for key in after.iter().take(2) {
            assert!(key.key_uri.ends_with(&format!("#key-{}", key.id)), "{}", key.key_uri);
            assert!(before.iter().all(|old| old.private_pem != key.private_pem));
        }
        let kept = world.write(move |tx| keys::of_actor(tx, ada)).await;
        assert!(kept.iter().take(2).all(|key| key.valid_until.is_none()), "the new ones come first");
        world.ctx.store.clock().advance(ctx.settings.key_overlap);
        let shown = crate::outgoing::actor_for_peer(ctx, ada).await.unwrap().keys;
        assert!(
            shown.len() == 2 && shown.iter().all(|key| key.valid_until.is_none()),
            "the old ones are not shown any more"
        );
        world.ctx.store.clock().advance(ctx.settings.key_overlap);
        crate::chores::run(ctx).await.unwrap();
        assert_eq!(world.write(move |tx| keys::of_actor(tx, ada)).await.len(), 2, "ended keys are destroyed");
        assert!(world.events().await.contains(&Event::PersonUpdated { actor: ada }));
        rotate(ctx, &Operator::System, Some("ada"), true, |_, _| ()).await.unwrap();
        let shown = crate::outgoing::actor_for_peer(ctx, ada).await.unwrap().keys;
        assert!(shown.len() == 2 && shown.iter().all(|key| key.valid_until.is_none()), "at once is at once");
        assert_eq!(rotate(ctx, &Operator::System, Some("ADA"), false, |_, _| ()).await.unwrap(), 1);
        assert!(matches!(
            rotate(ctx, &Operator::System, Some("no\0body"), false, |_, _| ()).await,
            Err(Error::NotFound(_))
        ));
    }
}

#[tokio::test]
async fn fetched_keys_replace_fetched_keys_and_never_join_pinned_ones() {
    for world in worlds() {
        let there = world.peer("there.example", Marking::LOWEST).await;
        let bob = world.person_of(there, "there.example", "bob").await;
        let key = |name: &str, algorithm| NewKey {
            uri: format!("https://there.example/bob#{name}"),
            algorithm,
            public_pem: name.to_owned(),
            valid_until: None,
        };
        let (first, second) = (key("one", KeyAlgorithm::Rsa), key("two", KeyAlgorithm::Rsa));
        let foreign = key("three", KeyAlgorithm::Ed25519);
        let held = async || {
            let mut names: Vec<String> =
                world.write(move |tx| keys::of_actor(tx, bob)).await.into_iter().map(|key| key.public_pem).collect();
            names.sort_unstable();
            names
        };
        let of_first = first.clone();
        world.write(move |tx| keys::replace_fetched(tx, bob, std::slice::from_ref(&of_first))).await;
        let of_second = second.clone();
        world.write(move |tx| keys::replace_fetched(tx, bob, std::slice::from_ref(&of_second))).await;
        assert_eq!(held().await, ["two"]);
        let pinned = [second.clone()];
        world.write(move |tx| keys::pin(tx, bob, &pinned)).await;
        let offered = [first, foreign];
        assert_eq!(world.write(move |tx| keys::replace_fetched(tx, bob, &offered)).await, keys::Kept::Refused);
        assert_eq!(
            world.write(move |tx| keys::replace_fetched(tx, bob, std::slice::from_ref(&second))).await,
            keys::Kept::Taken
        );
        // Whoever took the peer over could else sign with a key of another kind.
        assert_eq!(held().await, ["two"]);
    }
}
