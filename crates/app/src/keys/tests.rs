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
        let rotated = rotate(ctx, &Operator::System, None, |done, all| seen.push((done, all))).await.unwrap();
        assert_eq!((rotated, seen), (2, vec![(1, 2), (2, 2)]));
        let after = local_keys(ctx, ada).await.unwrap();
        assert_eq!(after.len(), 2);
        for key in &after {
            assert!(key.key_uri.ends_with(&format!("#key-{}", key.id)), "{}", key.key_uri);
            assert!(before.iter().all(|old| old.private_pem != key.private_pem));
        }
        let kept = world.write(move |tx| keys::of_actor(tx, ada)).await;
        assert_eq!(kept.len(), 4, "the old ones can still be looked up");
        assert!(world.events().await.contains(&Event::PersonUpdated { actor: ada }));
        assert_eq!(rotate(ctx, &Operator::System, Some("ADA"), |_, _| ()).await.unwrap(), 1);
        assert!(matches!(rotate(ctx, &Operator::System, Some("no\0body"), |_, _| ()).await, Err(Error::NotFound(_))));
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
        world.write(move |tx| keys::pin(tx, bob)).await;
        let offered = [first, foreign];
        world.write(move |tx| keys::replace_fetched(tx, bob, &offered)).await;
        // Whoever took the peer over could else sign with a key of another kind.
        assert_eq!(held().await, ["two"]);
    }
}
