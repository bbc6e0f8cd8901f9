//! Whatever the order in which activities arrive, and however often, the end is the same.

use corridor_domain::{Page, Timestamp};
use corridor_store::follows as follow_rows;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::inbound::{Boost, Undone};
use crate::timelines;

/// What the author does, in the order in which it was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Create,
    Edit(i64),
    Reply,
    Delete,
    Like,
    Unlike,
    Boost,
    Unboost,
    Follow,
    Unfollow,
}

const ACTS: [Act; 11] = [
    Act::Create,
    Act::Edit(1),
    Act::Edit(2),
    Act::Reply,
    Act::Delete,
    Act::Like,
    Act::Unlike,
    Act::Boost,
    Act::Unboost,
    Act::Follow,
    Act::Unfollow,
];

/// What can be seen in the end.
#[derive(Debug, PartialEq, Eq)]
struct End {
    content: Option<String>,
    replies: Option<i64>,
    reply_in_thread: Option<bool>,
    favourites: i64,
    boosts: i64,
    follows: bool,
    home: usize,
    told: usize,
}

struct Round<'a> {
    stage: &'a Stage,
    number: u64,
    local: PostRow,
}

impl Round<'_> {
    async fn play(&self, acts: &[Act]) -> End {
        for act in acts {
            self.perform(*act).await;
        }
        let end = self.end().await;
        self.tidy().await;
        end
    }

    fn received(&self, act: Act) -> Received {
        self.stage.by_author("Any", &format!("{}-{act:?}", self.number).replace(['(', ')'], "-"))
    }

    fn undo(&self, act: Act) -> Undone {
        Undone { uri: Some(self.received(act).activity_uri), ..Undone::default() }
    }

    fn post(&self) -> IncomingPost {
        IncomingPost { content: "<p>as it was</p>".to_owned(), ..self.stage.post(&format!("c{}", self.number)) }
    }

    async fn perform(&self, act: Act) {
        let (ctx, received) = (&self.stage.world.ctx, self.received(act));
        let outcome = match act {
            Act::Create => inbound::post_created(ctx, received, self.post()).await,
            Act::Edit(number) => {
                let updated = Some(Timestamp::from_millis(1_790_000_000_000 + number * 1000));
                let edit = IncomingPost { content: format!("<p>edit {number}</p>"), updated, ..self.post() };
                inbound::post_updated(ctx, received, edit).await
            }
            Act::Reply => {
                let reply = self.stage.post(&format!("r{}", self.number));
                inbound::post_created(ctx, received, IncomingPost { in_reply_to: Some(self.post().uri), ..reply }).await
            }
            Act::Delete => inbound::deleted(ctx, received, self.post().uri, true).await,
            Act::Like => inbound::liked(ctx, received, self.local.uri.clone()).await,
            Act::Boost => {
                let addressed = vec!["as:Public".to_owned()];
                inbound::boosted(ctx, received, Boost { post_uri: self.local.uri.clone(), addressed, published: None })
                    .await
            }
            Act::Follow => inbound::follow(ctx, received, self.stage.reader_uri().await).await,
            Act::Unlike => inbound::undone(ctx, received, self.undo(Act::Like)).await,
            Act::Unboost => inbound::undone(ctx, received, self.undo(Act::Boost)).await,
            Act::Unfollow => inbound::undone(ctx, received, self.undo(Act::Follow)).await,
        };
        outcome.unwrap_or_else(|error| panic!("{act:?}: {error:?}"));
    }

    async fn end(&self) -> End {
        let stage = self.stage;
        let shown = stage.stored(&self.post().uri).await.filter(|post| !post.is_deleted());
        let reply = stage.stored(&format!("https://there.example/posts/r{}", self.number)).await;
        let local = stage.stored(&self.local.uri).await.unwrap();
        let (reader, author) = (stage.reader.id, stage.author);
        let follow = stage.world.write(move |tx| follow_rows::find_pair(tx, author, reader)).await;
        End {
            content: shown.as_ref().map(|post| post.content.clone()),
            replies: shown.as_ref().map(|post| post.replies_count),
            reply_in_thread: shown.as_ref().zip(reply).map(|(post, reply)| reply.thread_id == post.thread_id),
            favourites: local.favourites_count,
            boosts: local.boosts_count,
            follows: follow.is_some(),
            home: timelines::home(&stage.world.ctx, &stage.reader, Page::newest(40)).await.unwrap().items.len(),
            told: stage.world.told(&stage.reader).await.len(),
        }
    }

    /// Leaves nothing behind that the next round could count.
    async fn tidy(&self) {
        let stage = self.stage;
        let uris = [self.post().uri, format!("https://there.example/posts/r{}", self.number), self.local.uri.clone()];
        let (reader, author) = (stage.reader.id, stage.author);
        stage
            .world
            .write(move |tx| {
                let now = tx.now();
                for uri in &uris {
                    if let Some(post) = posts::find_by_uri(tx, uri)? {
                        posts::hide(tx, post.id(), now)?;
                    }
                }
                follow_rows::remove(tx, author, reader)?;
                corridor_store::notifications::clear(tx, reader)
            })
            .await;
    }
}

/// Some of the acts, each once or more, in any order.
fn shuffled() -> impl Strategy<Value = (Vec<Act>, Vec<Act>)> {
    let some = prop::sample::subsequence(ACTS.to_vec(), 0..=ACTS.len());
    some.prop_flat_map(|acts| {
        let twice: Vec<Act> = acts.iter().chain(&acts).copied().collect();
        (Just(acts), Just(twice).prop_shuffle())
    })
}

#[test]
fn any_order_comes_to_the_same_end() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let stages = runtime.block_on(async {
        let stages = stages().await;
        for stage in &stages {
            stage.befriend().await;
        }
        stages
    });
    let number = std::sync::atomic::AtomicU64::new(0);
    let round = |stage: &Stage, acts: &[Act]| {
        runtime.block_on(async {
            let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let local = stage.local_post(&format!("local {number}")).await;
            let stage = Round { stage, number, local };
            stage.play(acts).await
        })
    };
    let mut runner = TestRunner::new(Config { cases: 32, failure_persistence: None, ..Config::default() });
    runner
        .run(&shuffled(), |(meant, arrived)| {
            for stage in &stages {
                let (in_order, in_disorder) = (round(stage, &meant), round(stage, &arrived));
                prop_assert_eq!(in_order, in_disorder, "meant {:?}, arrived {:?}", &meant, &arrived);
            }
            Ok(())
        })
        .unwrap();
}
