//! Blocks by people of peers.

use super::*;
use crate::follows::FollowOptions;
use crate::inbound::{AnsweredFollow, Undone, accept, blocked, follow, undone};
use crate::{Error, posts as app_posts};
use corridor_domain::Event;

#[tokio::test]
async fn a_block_from_a_peer_ends_following_and_hides_what_they_write() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        stage.befriend().await;
        let post = stage.post("1");
        inbound::post_created(ctx, stage.by_author("Create", "1"), post.clone()).await.unwrap();
        let stored = stage.stored(&post.uri).await.unwrap();
        assert!(app_posts::show(ctx, &stage.reader, stored.id()).await.is_ok());
        let uri = stage.world.write({
            let id = stage.reader.id;
            move |tx| Ok(corridor_store::actors::find(tx, id)?.uri)
        });
        let uri = uri.await;
        let block = stage.by_author("Block", "1");
        assert_eq!(blocked(ctx, block.clone(), uri.clone()).await.unwrap(), Outcome::Applied);
        assert_eq!(blocked(ctx, block.clone(), uri.clone()).await.unwrap(), Outcome::Duplicate);
        let stands = follows::relationships(ctx, &stage.reader, vec![stage.author]).await.unwrap().remove(0);
        assert!(stands.distance.blocked_by && !stands.following);
        assert!(app_posts::show(ctx, &stage.reader, stored.id()).await.is_err());
        let again = follows::follow(ctx, &stage.reader, stage.author, FollowOptions::default()).await;
        assert!(matches!(again, Err(Error::Forbidden(_))));
        let (other, other_uri) = stage.another("other").await;
        let theirs = Undone { uri: Some(block.activity_uri.clone()), ..Undone::default() };
        let stolen = undone(ctx, stage.by(other, &other_uri, "Undo", "stolen"), theirs.clone()).await;
        assert!(matches!(stolen, Err(Error::Forbidden(_))));
        assert_eq!(undone(ctx, stage.by_author("Undo", "1"), theirs).await.unwrap(), Outcome::Applied);
        assert!(app_posts::show(ctx, &stage.reader, stored.id()).await.is_ok());
    }
}

#[tokio::test]
async fn a_block_that_was_taken_back_before_it_came_blocks_nobody() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let id = stage.reader.id;
        let uri = stage.world.write(move |tx| Ok(corridor_store::actors::find(tx, id)?.uri)).await;
        let block = stage.by_author("Block", "late");
        let undo = Undone { uri: Some(block.activity_uri.clone()), ..Undone::default() };
        undone(ctx, stage.by_author("Undo", "early"), undo).await.unwrap();
        assert_eq!(blocked(ctx, block, uri).await.unwrap(), Outcome::Ignored);
        let stands = follows::relationships(ctx, &stage.reader, vec![stage.author]).await.unwrap().remove(0);
        assert!(!stands.distance.blocked_by);
    }
}

#[tokio::test]
async fn whom_one_of_ours_has_blocked_is_turned_away_when_they_follow() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let id = stage.reader.id;
        crate::blocks::block(ctx, &stage.reader, stage.author).await.unwrap();
        let uri = stage.world.write(move |tx| Ok(corridor_store::actors::find(tx, id)?.uri)).await;
        let asked = stage.by_author("Follow", "blocked");
        follow(ctx, asked.clone(), uri).await.unwrap();
        let stands = follows::relationships(ctx, &stage.reader, vec![stage.author]).await.unwrap().remove(0);
        assert!(!stands.followed_by && !stands.requested_by);
        let refused = |event: &Event| matches!(event, Event::FollowRejected { uri, .. } if *uri == asked.activity_uri);
        assert!(stage.world.events().await.iter().any(refused));
        // An Accept of what was never asked changes nothing.
        let answered = AnsweredFollow { uri: Some(asked.activity_uri.clone()), ..AnsweredFollow::default() };
        assert_eq!(accept(ctx, stage.by_author("Accept", "odd"), answered).await.unwrap(), Outcome::Ignored);
    }
}
