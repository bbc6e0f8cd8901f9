//! What conversations show and hide, on both databases.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use corridor_domain::{Audience, Marking};

use super::*;
use crate::fixtures::{World, note, worlds};
use crate::posts::{Draft, delete, publish};
use crate::{blocks, peers, posts as writing};

async fn says(world: &World, author: &Viewer, text: &str, answers: Option<PostId>) -> PostId {
    let draft = Draft { audience: Some(Audience::Named), in_reply_to: answers, ..note(text) };
    publish(&world.ctx, author, draft).await.unwrap().id
}

/// The last post of each, whether it is unread, and the names of the others.
async fn all(world: &World, viewer: &Viewer) -> Vec<(PostId, bool, Vec<String>)> {
    let slice = list(&world.ctx, viewer, Page::newest(40)).await.unwrap();
    let names = |view: &ConversationView| view.others.iter().map(|one| one.username.clone()).collect();
    slice.items.iter().map(|view| (view.last.id, view.unread, names(view))).collect()
}

async fn first(world: &World, viewer: &Viewer) -> ConversationId {
    list(&world.ctx, viewer, Page::newest(1)).await.unwrap().items[0].id
}

#[tokio::test]
async fn a_thread_is_one_conversation_for_each_in_it_and_falls_back_when_its_last_post_goes() {
    for world in worlds() {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let hello = says(&world, &ada, "@bob hello", None).await;
        let back = says(&world, &bob, "@ada @eve hello both", Some(hello)).await;
        publish(&world.ctx, &ada, note("@bob for everyone")).await.unwrap();
        let names = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(all(&world, &ada).await, [(back, true, names(&["bob", "eve"]))]);
        assert_eq!(all(&world, &bob).await, [(back, false, names(&["ada", "eve"]))]);
        assert_eq!(all(&world, &eve).await, [(back, true, names(&["ada", "bob"]))]);
        let of_ada = first(&world, &ada).await;
        assert!(!read(&world.ctx, &ada, of_ada).await.unwrap().unread);
        assert!(all(&world, &eve).await[0].1, "each reads for themselves");
        delete(&world.ctx, &bob, back).await.unwrap();
        assert_eq!(all(&world, &ada).await, [(hello, false, names(&["bob"]))]);
        assert_eq!(all(&world, &eve).await, []);
        let own = first(&world, &ada).await;
        delete(&world.ctx, &ada, hello).await.unwrap();
        assert_eq!(all(&world, &ada).await, []);
        assert!(matches!(read(&world.ctx, &ada, own).await, Err(Error::NotFound(_))));
    }
}

#[tokio::test]
async fn removed_it_is_hidden_from_one_alone_until_something_is_said() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let hello = says(&world, &ada, "@bob hello", None).await;
        let id = first(&world, &bob).await;
        assert!(matches!(remove(&world.ctx, &ada, id).await, Err(Error::NotFound(_))), "it is bob's");
        remove(&world.ctx, &bob, id).await.unwrap();
        assert_eq!(all(&world, &bob).await, []);
        assert_eq!(all(&world, &ada).await.len(), 1);
        assert!(writing::show(&world.ctx, &bob, hello).await.is_ok(), "the post itself stays");
        assert!(matches!(remove(&world.ctx, &bob, id).await, Err(Error::NotFound(_))));
        let again = says(&world, &ada, "@bob again", Some(hello)).await;
        let shown = all(&world, &bob).await;
        assert_eq!((shown.len(), shown[0].0, shown[0].1), (1, again, true));
        assert_eq!(first(&world, &bob).await, id);
        delete(&world.ctx, &ada, again).await.unwrap();
        assert_eq!(all(&world, &bob).await, [], "what was hidden stays hidden");
    }
}

#[tokio::test]
async fn what_may_not_be_seen_now_is_neither_shown_nor_counted() {
    for world in worlds() {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let hello = says(&world, &ada, "@bob @eve hello", None).await;
        let id = first(&world, &bob).await;
        read(&world.ctx, &bob, id).await.unwrap();
        let other = says(&world, &eve, "@bob @ada hello", Some(hello)).await;
        assert_eq!(all(&world, &bob).await[0].0, other);
        // Whom he blocks is gone from it, and so is what he has not read of theirs.
        blocks::block(&world.ctx, &bob, eve.id).await.unwrap();
        let shown = all(&world, &bob).await;
        assert_eq!((shown.len(), shown[0].0, shown[0].1), (1, hello, false));
        blocks::unblock(&world.ctx, &bob, eve.id).await.unwrap();
        // Who has blocked him shows him nothing.
        blocks::block(&world.ctx, &ada, bob.id).await.unwrap();
        assert_eq!(all(&world, &bob).await[0].0, other);
        blocks::block(&world.ctx, &eve, bob.id).await.unwrap();
        assert_eq!(all(&world, &bob).await, []);
        assert!(matches!(read(&world.ctx, &bob, id).await, Err(Error::NotFound(_))));
    }
}

#[tokio::test]
async fn what_comes_from_a_peer_is_shown_while_the_peer_is_allowed() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let peer = world.peer("there.example", Marking::LOWEST).await;
        let mina = world.person_of(peer, "there.example", "mina").await;
        let me = ada.id;
        let post = world
            .write(move |tx| {
                let id = PostId::new(tx.new_id());
                let uri = format!("https://there.example/posts/{id}");
                let note = posts::NewPost::note(id, mina, uri, tx.now());
                let recipients = vec![(me, true)];
                posts::insert(tx, &posts::NewPost { peer: Some(peer), audience: Audience::Named, recipients, ..note })
            })
            .await;
        assert_eq!(all(&world, &ada).await, [(post, true, vec!["mina".to_owned()])]);
        world.remove_peer(peer).await;
        assert_eq!(all(&world, &ada).await, []);
        assert_eq!(peers::allowed(&world.ctx).await.unwrap().len(), 0);
    }
}
