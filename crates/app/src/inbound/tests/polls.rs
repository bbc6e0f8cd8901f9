//! Polls of peers and votes from there, on both databases.

use std::time::Duration;

use corridor_domain::Audience;
use corridor_store::polls::Poll;

use super::*;
use crate::inbound::{IncomingPoll, IncomingVote};
use crate::polls::PollDraft;
use crate::posts::Draft;
use crate::{Error, NotificationKind, PostKind};

impl Stage {
    /// A poll of the reader, who is of this node.
    async fn own_poll(&self, multiple: bool, audience: Audience) -> PostRow {
        let poll = PollDraft {
            options: vec!["Tea".to_owned(), "Coffee".to_owned()],
            lasts: Duration::from_secs(600),
            multiple,
            hide_totals: false,
        };
        let draft = Draft { poll: Some(poll), audience: Some(audience), ..crate::fixtures::note("What to drink?") };
        let view = writing::publish(&self.world.ctx, &self.reader, draft).await.unwrap();
        self.world.write(move |tx| posts::find(tx, view.id)).await
    }

    async fn poll(&self, post: &PostRow) -> Poll {
        let id = post.id();
        self.world.write(move |tx| corridor_store::polls::find(tx, id)).await.unwrap()
    }

    async fn counts(&self, post: &PostRow) -> (Vec<i64>, Option<i64>) {
        let poll = self.poll(post).await;
        (poll.options.iter().map(|option| option.votes_count).collect(), poll.row.voters_count)
    }

    async fn vote(&self, number: u32, post: &PostRow, name: &str) -> crate::Result<Outcome> {
        let vote = IncomingVote {
            uri: format!("https://there.example/votes/{number}"),
            voter_uri: self.author_uri.clone(),
            name: name.to_owned(),
            poll_uri: post.uri.clone(),
        };
        inbound::voted(&self.world.ctx, self.by_author("Create", &format!("vote-{number}")), vote).await
    }

    fn question(&self, name: &str, counts: [Option<i64>; 2]) -> IncomingPost {
        let options = ["Tea", "Coffee"].iter().zip(counts).map(|(title, votes)| ((*title).to_owned(), votes));
        let poll = IncomingPoll {
            multiple: false,
            options: options.collect(),
            voters: Some(7),
            ends_at: Some(self.world.ctx.now() + Duration::from_secs(600)),
            closed_at: None,
            is_closed: false,
        };
        IncomingPost { kind: PostKind::Question, poll: Some(poll), ..self.post(name) }
    }
}

#[tokio::test]
async fn hostile_040_votes_from_elsewhere_count_once_and_only_as_they_may() {
    for stage in stages().await {
        let refused = |outcome: crate::Result<Outcome>| matches!(outcome, Err(Error::Forbidden(_)));
        let single = stage.own_poll(false, Audience::Network).await;
        assert!(refused(stage.vote(1, &single, "Milk").await), "no such option");
        assert_eq!(stage.vote(2, &single, "Coffee").await.unwrap(), Outcome::Applied);
        assert_eq!(stage.vote(2, &single, "Coffee").await.unwrap(), Outcome::Duplicate);
        assert!(refused(stage.vote(3, &single, "Coffee").await), "twice");
        assert!(refused(stage.vote(4, &single, "Tea").await), "two options where one may be chosen");
        assert_eq!(stage.counts(&single).await, (vec![0, 1], Some(1)));

        let several = stage.own_poll(true, Audience::Network).await;
        assert_eq!(stage.vote(5, &several, "Tea").await.unwrap(), Outcome::Applied);
        assert_eq!(stage.vote(6, &several, "Coffee").await.unwrap(), Outcome::Applied);
        assert!(refused(stage.vote(7, &several, "Tea").await), "twice");
        assert_eq!(stage.counts(&several).await, (vec![1, 1], Some(1)));

        let closed = stage.own_poll(false, Audience::Followers).await;
        assert!(refused(stage.vote(8, &closed, "Tea").await), "not for them");
        let late = stage.own_poll(false, Audience::Network).await;
        stage.world.ctx.store.clock().advance(Duration::from_secs(600));
        assert!(refused(stage.vote(9, &late, "Tea").await), "after the end");
        for post in [closed, late] {
            assert_eq!(stage.counts(&post).await, (vec![0, 0], Some(0)));
        }
        let plain = stage.local_post("No poll").await;
        assert_eq!(stage.vote(10, &plain, "Tea").await.unwrap(), Outcome::Ignored);
        assert_eq!(stage.refusals().await.len(), 6);
    }
}

#[tokio::test]
async fn hostile_040_nobody_votes_in_anothers_name() {
    for stage in stages().await {
        let post = stage.own_poll(false, Audience::Network).await;
        let vote = |uri: &str, voter: &str| IncomingVote {
            uri: uri.to_owned(),
            voter_uri: voter.to_owned(),
            name: "Tea".to_owned(),
            poll_uri: post.uri.clone(),
        };
        let (_, other) = stage.another("other").await;
        for (number, vote) in [
            vote("https://there.example/votes/1", &other),
            vote("https://elsewhere.example/votes/1", &stage.author_uri),
        ]
        .into_iter()
        .enumerate()
        {
            let received = stage.by_author("Create", &format!("forged-{number}"));
            let outcome = inbound::voted(&stage.world.ctx, received, vote).await;
            assert!(matches!(outcome, Err(Error::Forbidden(_))), "{outcome:?}");
        }
        assert_eq!(stage.counts(&post).await, (vec![0, 0], Some(0)));
    }
}

#[tokio::test]
async fn hostile_040_counts_come_from_the_polls_author_alone_and_are_never_negative() {
    for stage in stages().await {
        stage.befriend().await;
        let post = stage.question("q", [Some(-5), Some(3)]);
        let create = inbound::post_created(&stage.world.ctx, stage.by_author("Create", "q"), post.clone()).await;
        assert_eq!(create.unwrap(), Outcome::Applied);
        let stored = stage.stored(&post.uri).await.unwrap();
        assert_eq!(stored.kind(), PostKind::Question);
        assert_eq!(stage.counts(&stored).await, (vec![0, 3], Some(7)));

        let recount = stage.question("q", [Some(1), Some(4)]);
        let update = |name: &str, post: IncomingPost| {
            inbound::post_updated(&stage.world.ctx, stage.by_author("Update", name), post)
        };
        assert_eq!(update("counts", recount.clone()).await.unwrap(), Outcome::Applied);
        assert_eq!(stage.counts(&stored).await, (vec![1, 4], Some(7)));
        assert_eq!(stage.stored(&post.uri).await.unwrap().edited_at, None, "a count is no edit");

        let (other, other_uri) = stage.another("other").await;
        let forged = stage.question("q", [Some(90), Some(0)]);
        for author_uri in [other_uri.clone(), stage.author_uri.clone()] {
            let received = stage.by(other, &other_uri, "Update", &format!("forged-{}", author_uri.len()));
            let forged = IncomingPost { author_uri, ..forged.clone() };
            let outcome = inbound::post_updated(&stage.world.ctx, received, forged).await;
            assert!(matches!(outcome, Err(Error::Forbidden(_))), "{outcome:?}");
        }
        assert_eq!(stage.counts(&stored).await, (vec![1, 4], Some(7)));
    }
}

#[tokio::test]
async fn other_options_need_an_edit_and_make_votes_void() {
    for stage in stages().await {
        stage.befriend().await;
        let post = stage.question("q", [Some(0), Some(0)]);
        inbound::post_created(&stage.world.ctx, stage.by_author("Create", "q"), post.clone()).await.unwrap();
        let stored = stage.stored(&post.uri).await.unwrap();
        crate::polls::vote(&stage.world.ctx, &stage.reader, stored.id(), vec![0]).await.unwrap();
        let events = stage.world.events().await;
        assert!(events.iter().any(|event| matches!(event, corridor_domain::Event::Voted { .. })), "{events:?}");

        let mut other = stage.question("q", [Some(9), Some(9)]);
        other.poll.as_mut().unwrap().options[1].0 = "Gin".to_owned();
        let ctx = &stage.world.ctx;
        let silent = inbound::post_updated(ctx, stage.by_author("Update", "silent"), other.clone()).await;
        assert_eq!(silent.unwrap(), Outcome::Ignored, "without a date it is no edit");
        assert_eq!(stage.counts(&stored).await.0, [1, 0]);
        other.updated = Some(ctx.now());
        let edit = inbound::post_updated(ctx, stage.by_author("Update", "edit"), other).await;
        assert_eq!(edit.unwrap(), Outcome::Applied);
        let poll = stage.poll(&stored).await;
        assert_eq!(poll.titles(), ["Tea", "Gin"]);
        assert!(poll.row.reset_at.is_some());
        let seen = writing::show(ctx, &stage.reader, stored.id()).await.unwrap().poll.unwrap();
        assert!(!seen.voted && seen.own.is_empty());
        let told = stage.world.told(&stage.reader).await;
        assert!(told.iter().any(|(kind, ..)| *kind == NotificationKind::Update), "{told:?}");
    }
}

#[tokio::test]
async fn what_is_no_poll_that_can_be_shown_is_a_plain_post() {
    for stage in stages().await {
        stage.befriend().await;
        let mut same = stage.question("same", [Some(0), Some(0)]);
        same.poll.as_mut().unwrap().options[1].0 = "Tea".to_owned();
        let mut many = stage.question("many", [Some(0), Some(0)]);
        many.poll.as_mut().unwrap().options = (0..200).map(|number| (number.to_string(), None)).collect();
        let none = IncomingPost { poll: None, ..stage.question("none", [Some(0), Some(0)]) };
        for post in [same, many, none] {
            let received = stage.by_author("Create", &post.uri);
            let received = Received { activity_uri: format!("{}/create", post.uri), ..received };
            inbound::post_created(&stage.world.ctx, received, post.clone()).await.unwrap();
            assert_eq!(stage.stored(&post.uri).await.unwrap().kind(), PostKind::Note, "{}", post.uri);
        }
    }
}

#[tokio::test]
async fn what_can_not_be_shown_as_a_poll_shows_its_options_as_a_list() {
    for stage in stages().await {
        stage.befriend().await;
        let asked = |name: &str, titles: Vec<String>| {
            let mut post = stage.question(name, [Some(0), Some(0)]);
            post.poll.as_mut().unwrap().options = titles.into_iter().map(|title| (title, Some(0))).collect();
            post
        };
        for (name, titles, shown) in [
            ("same", vec!["Tea".to_owned(), "Tea".to_owned()], "<ul><li>Tea</li><li>Tea</li></ul>"),
            ("odd", vec!["A <b>".to_owned(), String::new()], "<ul><li>A &lt;b&gt;</li></ul>"),
            ("many", (0..100).map(|number| format!("Number {number}")).collect(), "<li>Number 99</li></ul>"),
        ] {
            let post = asked(name, titles);
            let created = inbound::post_created(&stage.world.ctx, stage.by_author("Create", name), post.clone()).await;
            assert_eq!(created.unwrap(), Outcome::Applied);
            let row = stage.stored(&post.uri).await.unwrap();
            assert_eq!(row.kind(), PostKind::Note, "{name}");
            assert!(row.content.ends_with(shown), "{name}: {}", row.content);
        }
    }
}
