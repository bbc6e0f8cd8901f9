//! Scheduled posts: kept, sent once at their time, and refused when they may not be sent any more; on both databases.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use corridor_domain::{Event, Marking, PostId};
use corridor_store::actors;

use super::*;
use crate::PostKind;
use crate::chores;
use crate::fixtures::{World, note, worlds};
use crate::media::{Upload, discard, upload};
use crate::operator::Operator;
use crate::polls::PollDraft;

const MINUTE: Duration = Duration::from_secs(60);

impl World {
    async fn scheduled(&self, viewer: &Viewer, draft: Draft, ahead: Duration) -> ScheduledView {
        match schedule(&self.ctx, viewer, draft, self.ctx.now() + ahead).await.unwrap() {
            Outcome::Waits(view) => *view,
            Outcome::IsOut(post) => panic!("{post:?}"),
        }
    }

    async fn waiting(&self, viewer: &Viewer) -> Vec<ScheduledView> {
        list(&self.ctx, viewer, Page::newest(40)).await.unwrap().items
    }

    async fn passes(&self, span: Duration) {
        self.ctx.store.clock().advance(span);
        run(&self.ctx).await.unwrap();
    }

    /// What somebody has published.
    async fn texts(&self, viewer: &Viewer) -> Vec<String> {
        self.home(viewer).await.into_iter().map(|post| post.source).collect()
    }

    async fn failure(&self, viewer: &Viewer) -> String {
        self.waiting(viewer).await.first().unwrap().failure.clone().unwrap()
    }

    async fn picture(&self, viewer: &Viewer) -> MediaId {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(8, 8).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let upload_of = Upload { bytes: bytes.into_inner(), name: "a.png".to_owned(), ..Upload::default() };
        upload(&self.ctx, viewer, upload_of).await.unwrap().id
    }
}

async fn refused(world: &World, viewer: &Viewer, draft: Draft, ahead: Duration) -> String {
    schedule(&world.ctx, viewer, draft, world.ctx.now() + ahead).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_post_goes_out_at_its_time_and_not_before() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let made = world.scheduled(&ada, note("Later"), 6 * MINUTE).await;
        assert_eq!(made.draft.audience, Some(Audience::Network));
        assert!(world.events().await.is_empty(), "nobody is told of the rehearsal");
        assert!(world.home(&ada).await.is_empty());
        world.passes(5 * MINUTE).await;
        assert!(world.home(&ada).await.is_empty(), "too soon");
        world.passes(MINUTE).await;
        let out = world.home(&ada).await;
        assert_eq!(out.iter().map(|post| post.source.as_str()).collect::<Vec<_>>(), ["Later"]);
        assert!(out.first().unwrap().published_at >= made.due_at);
        assert!(world.waiting(&ada).await.is_empty());
        assert!(matches!(world.events().await.as_slice(), [Event::PostPublished { .. }]));
        world.passes(MINUTE).await;
        assert_eq!(world.home(&ada).await.len(), 1, "once");
    }
}

#[tokio::test]
async fn processes_on_one_database_and_one_that_starts_again_send_it_once() {
    for world in worlds() {
        let ada = world.person("ada").await;
        for number in 0..10 {
            world.scheduled(&ada, note(&format!("Later {number}")), 6 * MINUTE).await;
        }
        let others: Vec<Ctx> = (0..3)
            .map(|_| {
                let store = corridor_store::Store::open(world.options()).unwrap();
                Ctx::new(store, (*world.ctx.settings).clone())
            })
            .collect();
        world.ctx.store.clock().advance(6 * MINUTE);
        let runs = others.iter().cloned().map(|ctx| tokio::spawn(async move { run(&ctx).await }));
        for one in runs.collect::<Vec<_>>() {
            one.await.unwrap().unwrap();
        }
        run(&world.ctx).await.unwrap();
        let mut texts = world.texts(&ada).await;
        texts.sort();
        assert_eq!(texts, (0..10).map(|number| format!("Later {number}")).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_would_be_refused_now_is_refused_now() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        assert!(refused(&world, &ada, note("Soon"), 4 * MINUTE).await.contains("5 minutes"));
        assert!(refused(&world, &ada, note(""), 9 * MINUTE).await.contains("empty"));
        let unnamed = Draft { audience: Some(Audience::Named), ..note("For whom?") };
        assert!(refused(&world, &ada, unnamed, 9 * MINUTE).await.contains("whom"));
        let missing = Draft { in_reply_to: Some(PostId::new(7)), ..note("To whom?") };
        assert!(refused(&world, &ada, missing, 9 * MINUTE).await.contains("the post it answers"));
        let theirs = Draft { media: vec![world.picture(&bob).await], ..note("Mine") };
        assert!(refused(&world, &ada, theirs, 9 * MINUTE).await.contains("upload it again"));
        let unmarked = Draft { marking: Some(Marking::from_rank(9)), ..note("Odd") };
        assert!(refused(&world, &ada, unmarked, 9 * MINUTE).await.contains("marking"));
        assert!(world.waiting(&ada).await.is_empty() && world.home(&ada).await.is_empty());
        assert!(world.told(&bob).await.is_empty());
    }
}

#[tokio::test]
async fn there_are_so_many_a_day_and_in_all() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let day = Duration::from_secs(24 * 3600);
        let last = |number: usize| day * (1 + u32::try_from(number / MOST_A_DAY).unwrap());
        let mut first = None;
        for number in 0..MOST {
            let made = world.scheduled(&ada, note("Later"), last(number)).await;
            first.get_or_insert(made.id);
            if number + 1 == MOST_A_DAY {
                assert!(refused(&world, &ada, note("Later"), day).await.contains("for that day"));
            }
        }
        assert!(refused(&world, &ada, note("Later"), 30 * day).await.contains("300 scheduled posts"));
        let first = first.unwrap();
        let full = reschedule(&world.ctx, &ada, first, world.ctx.now() + 2 * day).await.unwrap_err();
        assert!(full.to_string().contains("for that day"), "{full}");
        reschedule(&world.ctx, &ada, first, world.ctx.now() + day).await.unwrap();
        cancel(&world.ctx, &ada, first).await.unwrap();
        world.scheduled(&ada, note("Later"), 30 * day).await;
    }
}

#[tokio::test]
async fn a_key_schedules_once_and_publishes_once() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let draft = |text: &str| Draft { idempotency_key: Some("key".to_owned()), ..note(text) };
        let first = world.scheduled(&ada, draft("Once"), 6 * MINUTE).await;
        assert_eq!(world.scheduled(&ada, draft("Once"), 6 * MINUTE).await.id, first.id);
        assert_ne!(
            world.scheduled(&bob, draft("Once"), 6 * MINUTE).await.id,
            first.id,
            "another's key is another post"
        );
        let attempts: Vec<_> = (0..4)
            .map(|_| {
                let (ctx, ada, due) = (world.ctx.clone(), ada.clone(), world.ctx.now() + 8 * MINUTE);
                let draft = Draft { idempotency_key: Some("other".to_owned()), ..note("Twice at once") };
                tokio::spawn(async move { schedule(&ctx, &ada, draft, due).await.unwrap() })
            })
            .collect();
        for attempt in attempts {
            attempt.await.unwrap();
        }
        assert_eq!(world.waiting(&ada).await.len(), 2);
        world.passes(6 * MINUTE).await;
        let again = schedule(&world.ctx, &ada, draft("Once"), world.ctx.now() + 6 * MINUTE).await.unwrap();
        assert!(matches!(again, Outcome::IsOut(post) if post.source == "Once"), "it is out");
        assert_eq!(posts::publish(&world.ctx, &ada, draft("Once")).await.unwrap().source, "Once");
        assert_eq!(world.texts(&ada).await.len(), 1);
        world.ctx.store.clock().advance(KEY_LIFE + MINUTE);
        assert_ne!(world.scheduled(&ada, draft("Once"), 6 * MINUTE).await.id, first.id, "a key ends");
    }
}

#[tokio::test]
async fn policy_is_asked_again_when_it_is_due() {
    for world in worlds() {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        // The peer of whom it is for is allowed no more.
        let peer = world.peer("there.example", Marking::from_rank(1)).await;
        world.person_of(peer, "there.example", "zoe").await;
        let named = Draft { audience: Some(Audience::Named), ..note("@zoe@there.example hello") };
        world.scheduled(&ada, named, 6 * MINUTE).await;
        // The post that it answers is gone.
        let asked = posts::publish(&world.ctx, &ada, note("A question")).await.unwrap();
        world.scheduled(&bob, Draft { in_reply_to: Some(asked.id), ..note("An answer") }, 6 * MINUTE).await;
        // The author is disabled.
        world.scheduled(&eve, note("Still here"), 6 * MINUTE).await;
        world.remove_peer(peer).await;
        posts::delete(&world.ctx, &ada, asked.id).await.unwrap();
        let gone = eve.id;
        world
            .write(move |tx| {
                let now = tx.now();
                let mut account = accounts::hold(tx, gone)?;
                account.disabled_at = Some(now.millis());
                accounts::update(tx, &account)?;
                actors::set_suspended(tx, gone, Some(now))
            })
            .await;
        world.passes(6 * MINUTE).await;
        for (who, words) in [(&ada, "there.example"), (&bob, "the post it answers"), (&eve, "disabled")] {
            let failure = world.failure(who).await;
            assert!(failure.contains(words), "{failure}");
            assert!(world.texts(who).await.is_empty(), "{failure}");
        }
        crate::accounts::enable_user(&world.ctx, &Operator::System, "eve").await.unwrap();
        world.passes(6 * MINUTE).await;
        assert!(world.texts(&eve).await.is_empty(), "it does not go out by itself long after");
        let failed = world.waiting(&eve).await.remove(0);
        let moved = reschedule(&world.ctx, &eve, failed.id, world.ctx.now() + 6 * MINUTE).await.unwrap();
        assert_eq!(moved.failure, None);
        world.passes(6 * MINUTE).await;
        assert_eq!(world.texts(&eve).await, ["Still here"]);
    }
}

#[tokio::test]
async fn what_could_not_go_out_is_forgotten_after_a_while() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let asked = posts::publish(&world.ctx, &ada, note("A question")).await.unwrap();
        let picture = world.picture(&ada).await;
        let draft = Draft { in_reply_to: Some(asked.id), media: vec![picture], ..note("An answer") };
        world.scheduled(&ada, draft, 6 * MINUTE).await;
        posts::delete(&world.ctx, &ada, asked.id).await.unwrap();
        world.passes(6 * MINUTE).await;
        world.ctx.store.clock().advance(Duration::from_secs(29 * 24 * 3600));
        chores::run(&world.ctx).await.unwrap();
        assert_eq!(world.waiting(&ada).await.len(), 1);
        world.ctx.store.clock().advance(Duration::from_secs(24 * 3600));
        chores::run(&world.ctx).await.unwrap();
        assert!(world.waiting(&ada).await.is_empty());
        assert!(crate::media::show(&world.ctx, &ada, picture).await.is_err(), "its picture goes with it");
    }
}

#[tokio::test]
async fn uploads_are_kept_for_it_and_free_when_it_is_taken_back() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let (one, two) = (world.picture(&ada).await, world.picture(&ada).await);
        let edit = attach::MediaEdit { id: one, description: Some("A bus".to_owned()), focus: None };
        let draft = Draft { media: vec![two, one], media_edits: vec![edit], ..note("") };
        let made = world.scheduled(&ada, draft.clone(), Duration::from_secs(3 * 24 * 3600)).await;
        assert_eq!(made.media.iter().map(|media| media.id).collect::<Vec<_>>(), [two, one]);
        assert!(refused(&world, &ada, draft.clone(), 9 * MINUTE).await.contains("another post"), "one post each");
        assert!(posts::publish(&world.ctx, &ada, draft).await.is_err());
        assert!(discard(&world.ctx, &ada, one).await.unwrap_err().to_string().contains("scheduled"));
        world.ctx.store.clock().advance(Duration::from_secs(2 * 24 * 3600));
        chores::run(&world.ctx).await.unwrap();
        world.passes(Duration::from_secs(24 * 3600)).await;
        let out = world.home(&ada).await.remove(0);
        let shown: Vec<_> = out.media.iter().map(|media| (media.id, media.description.as_str())).collect();
        assert_eq!(shown, [(two, ""), (one, "A bus")]);

        let picture = world.picture(&ada).await;
        let draft = Draft { media: vec![picture], ..note("With a picture") };
        let made = world.scheduled(&ada, draft.clone(), 6 * MINUTE).await;
        let bob = world.person("bob").await;
        assert!(matches!(cancel(&world.ctx, &bob, made.id).await, Err(Error::NotFound(_))), "it is not Bob's");
        assert!(matches!(show(&world.ctx, &bob, made.id).await, Err(Error::NotFound(_))));
        assert!(reschedule(&world.ctx, &bob, made.id, world.ctx.now() + 9 * MINUTE).await.is_err());
        cancel(&world.ctx, &ada, made.id).await.unwrap();
        world.passes(6 * MINUTE).await;
        assert_eq!(world.home(&ada).await.len(), 1, "what was taken back does not go out");
        posts::publish(&world.ctx, &ada, draft).await.unwrap();
    }
}

#[tokio::test]
async fn everything_that_was_said_is_there_when_it_goes_out() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let poll = PollDraft {
            options: vec!["Tea".to_owned(), "Coffee".to_owned()],
            lasts: Duration::from_secs(600),
            multiple: true,
            hide_totals: true,
        };
        let draft = Draft {
            text: "What shall we drink, @bob?".to_owned(),
            audience: Some(Audience::Department),
            marking: Some(Marking::from_rank(1)),
            handling: Some("With care".to_owned()),
            summary: "Drinks".to_owned(),
            sensitive: true,
            language: "cy".to_owned(),
            poll: Some(poll),
            ..Draft::default()
        };
        world.scheduled(&ada, draft, 6 * MINUTE).await;
        assert!(world.told(&bob).await.is_empty(), "nobody is told before");
        world.passes(6 * MINUTE).await;
        let out = world.home(&ada).await.remove(0);
        assert_eq!(
            (out.kind, out.audience, out.marking),
            (PostKind::Question, Audience::Department, Marking::from_rank(1))
        );
        assert_eq!((out.summary.as_str(), out.sensitive, out.language.as_str()), ("Drinks", true, "cy"));
        let poll = out.poll.unwrap();
        assert!(poll.multiple && !poll.ended);
        assert!(poll.ends_at.unwrap() >= world.ctx.now() + Duration::from_secs(590), "it lasts from then on");
        assert_eq!(world.told(&bob).await.len(), 1);
        let title = Draft { title: "On tea".to_owned(), ..note("A long text") };
        world.scheduled(&ada, title, 6 * MINUTE).await;
        world.passes(6 * MINUTE).await;
        assert_eq!(world.home(&ada).await.remove(0).kind, PostKind::Article);
    }
}
