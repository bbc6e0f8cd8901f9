//! What is refused: nothing changes but the audit, and the same activity may come again when the reason is gone.

use corridor_domain::{Event, Marking};
use corridor_store::{Tx, actors, outbox};

use super::*;
use crate::Error;
use crate::fixtures::SENSITIVE;
use crate::inbound::{AnsweredFollow, Undone};

/// Everything that an evil activity of these tests could reach.
#[derive(Debug, PartialEq)]
struct Picture {
    posts: Vec<Option<PostRow>>,
    people: Vec<actors::ActorRow>,
    follows: Vec<Option<corridor_store::follows::FollowRow>>,
    told: usize,
    events: Vec<Option<Event>>,
}

impl Stage {
    async fn picture(&self, uris: &[&str]) -> Picture {
        let uris: Vec<String> = uris.iter().map(|uri| (*uri).to_owned()).collect();
        let (reader, author) = (self.reader.id, self.author);
        let told = self.world.told(&self.reader).await.len();
        self.world
            .write(move |tx: &mut Tx<'_>| {
                Ok(Picture {
                    posts: uris.iter().map(|uri| posts::find_by_uri(tx, uri)).collect::<Result<_, _>>()?,
                    people: vec![actors::find(tx, reader)?, actors::find(tx, author)?],
                    follows: vec![
                        corridor_store::follows::find_pair(tx, reader, author)?,
                        corridor_store::follows::find_pair(tx, author, reader)?,
                    ],
                    told,
                    events: outbox::waiting(tx, 100)?.into_iter().map(|event| event.event).collect(),
                })
            })
            .await
    }

    pub(super) async fn reader_uri(&self) -> String {
        let id = self.reader.id;
        self.world.write(move |tx| Ok(actors::find(tx, id)?.uri)).await
    }
}

#[tokio::test]
async fn nobody_touches_what_is_not_theirs() {
    for stage in stages().await {
        stage.befriend().await;
        let ctx = &stage.world.ctx;
        let (thief, thief_uri) = stage.another("thief").await;
        inbound::post_created(ctx, stage.by_author("Create", "p"), stage.post("p")).await.unwrap();
        inbound::follow(ctx, stage.by_author("Follow", "p"), stage.reader_uri().await).await.unwrap();
        let local = stage.local_post("ours").await;
        inbound::liked(ctx, stage.by_author("Like", "p"), local.uri.clone()).await.unwrap();
        let uris = ["https://there.example/posts/p", "https://there.example/posts/new", &local.uri];
        let before = stage.picture(&uris).await;
        let as_thief = |kind: &str, name: &str| stage.by(thief, &thief_uri, kind, name);
        let stolen =
            |name: &str| Undone { uri: Some(format!("https://there.example/activities/{name}")), ..Undone::default() };
        let ours = before.follows[0].clone().unwrap();
        let answered = || AnsweredFollow { uri: Some(ours.uri.clone()), ..AnsweredFollow::default() };
        let attempts = [
            ("somebody else's post", inbound::post_created(ctx, as_thief("Create", "1"), stage.post("new")).await),
            (
                "a post under a known id",
                inbound::post_created(ctx, as_thief("Create", "2"), samples::post("p", &thief_uri)).await,
            ),
            (
                "an id on another host",
                inbound::post_created(
                    ctx,
                    as_thief("Create", "3"),
                    IncomingPost { uri: "https://here.example/posts/9".into(), ..samples::post("x", &thief_uri) },
                )
                .await,
            ),
            ("an edit", inbound::post_updated(ctx, as_thief("Update", "1"), stage.post("p")).await),
            (
                "an edit under one's own name",
                inbound::post_updated(ctx, as_thief("Update", "2"), samples::post("p", &thief_uri)).await,
            ),
            (
                "a deletion",
                inbound::deleted(ctx, as_thief("Delete", "1"), "https://there.example/posts/p".into(), true).await,
            ),
            ("a deletion of ours", inbound::deleted(ctx, as_thief("Delete", "2"), local.uri.clone(), true).await),
            ("a profile", inbound::person_updated(ctx, as_thief("Update", "3"), samples::person("author"), true).await),
            ("an undone Like", inbound::undone(ctx, as_thief("Undo", "1"), stolen("Like-p")).await),
            ("an undone Follow", inbound::undone(ctx, as_thief("Undo", "2"), stolen("Follow-p")).await),
            ("an answer for another", inbound::accept(ctx, as_thief("Accept", "1"), answered()).await),
            ("a rejection for another", inbound::reject(ctx, as_thief("Reject", "1"), answered()).await),
        ];
        for (what, outcome) in attempts {
            assert!(matches!(outcome, Err(Error::Forbidden(_))), "{what}: {outcome:?}");
        }
        assert_eq!(stage.picture(&uris).await, before);
        assert_eq!(stage.refusals().await.len(), 12, "each is in the audit");
        // A thief's tombstone hides only what is the thief's.
        inbound::post_updated(ctx, stage.by_author("Update", "own"), stage.post("p")).await.unwrap();
        assert!(!stage.stored("https://there.example/posts/p").await.unwrap().is_deleted());
    }
}

#[tokio::test]
async fn a_tombstone_set_by_another_hides_nothing() {
    for stage in stages().await {
        stage.befriend().await;
        let ctx = &stage.world.ctx;
        let (thief, thief_uri) = stage.another("thief").await;
        let early = stage.by(thief, &thief_uri, "Delete", "early");
        inbound::deleted(ctx, early, "https://there.example/posts/later".into(), false).await.unwrap();
        let outcome =
            inbound::post_created(ctx, stage.by_author("Create", "later"), stage.post("later")).await.unwrap();
        assert_eq!(outcome, Outcome::Applied);
    }
}

#[tokio::test]
async fn too_high_markings_and_other_departments_are_refused_and_told() {
    for stage in stages().await {
        stage.befriend().await;
        let ctx = &stage.world.ctx;
        let marked = |marking: &str| IncomingPost { marking: Some(marking.to_owned()), ..stage.post("marked") };
        let received = || stage.by_author("Create", "marked");
        let above = inbound::post_created(ctx, received(), marked("OFFICIAL-SENSITIVE")).await;
        assert!(matches!(above, Err(Error::Refused(ref refusal)) if refusal.code() == "above-ceiling"), "{above:?}");
        let unknown = inbound::post_created(ctx, received(), marked("SECRET")).await;
        assert!(matches!(unknown, Err(Error::Forbidden(_))), "{unknown:?}");
        let department = IncomingPost { audience: Some("department".to_owned()), ..stage.post("marked") };
        let department = inbound::post_created(ctx, received(), department).await;
        assert!(matches!(department, Err(Error::Forbidden(_))), "{department:?}");
        let fetched = inbound::post_fetched(ctx, stage.peer, stage.author, marked("OFFICIAL-SENSITIVE")).await;
        assert!(matches!(fetched, Err(Error::Refused(_))), "{fetched:?}");
        assert!(stage.stored("https://there.example/posts/marked").await.is_none());
        let refusals = stage.refusals().await;
        assert_eq!(refusals.len(), 4);
        assert!(refusals[0].0.ends_with("Create-marked") && refusals[0].1.contains("ceiling"), "{refusals:?}");
        // No trace of the activity was left: with the reason gone, the same one is taken in.
        stage.terms(|peer| peer.ceiling = SENSITIVE).await;
        assert_eq!(
            inbound::post_created(ctx, received(), marked("OFFICIAL-SENSITIVE")).await.unwrap(),
            Outcome::Applied
        );
        // Raised by an edit above a ceiling that was lowered since.
        stage.terms(|peer| peer.ceiling = Marking::LOWEST).await;
        let raised = IncomingPost { updated: Some(stage.world.ctx.now()), ..marked("OFFICIAL-SENSITIVE") };
        let raised = inbound::post_updated(ctx, stage.by_author("Update", "raised"), raised).await;
        assert!(matches!(raised, Err(Error::Refused(_))), "{raised:?}");
    }
}

#[tokio::test]
async fn a_reply_below_its_parent_is_refused() {
    for stage in stages().await {
        stage.befriend().await;
        stage.terms(|peer| peer.ceiling = SENSITIVE).await;
        let ctx = &stage.world.ctx;
        let parent = IncomingPost { marking: Some("OFFICIAL-SENSITIVE".to_owned()), ..stage.post("parent") };
        inbound::post_created(ctx, stage.by_author("Create", "parent"), parent.clone()).await.unwrap();
        let reply = |marking: Option<&str>| IncomingPost {
            in_reply_to: Some(parent.uri.clone()),
            marking: marking.map(str::to_owned),
            ..stage.post("reply")
        };
        let below = inbound::post_created(ctx, stage.by_author("Create", "reply"), reply(None)).await;
        assert!(matches!(below, Err(Error::Forbidden(_))), "{below:?}");
        let fine =
            inbound::post_created(ctx, stage.by_author("Create", "reply"), reply(Some("OFFICIAL-SENSITIVE"))).await;
        assert_eq!(fine.unwrap(), Outcome::Applied);
    }
}

#[tokio::test]
async fn what_a_peer_may_not_read_it_can_neither_like_nor_boost_nor_answer() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let secret =
            writing::Draft { audience: Some(corridor_domain::Audience::Department), ..crate::fixtures::note("secret") };
        let secret = writing::publish(ctx, &stage.reader, secret).await.unwrap();
        let uri = secret.uri.clone();
        assert_eq!(inbound::liked(ctx, stage.by_author("Like", "s"), uri.clone()).await.unwrap(), Outcome::Ignored);
        let boost = inbound::Boost { post_uri: uri.clone(), addressed: vec!["as:Public".to_owned()], published: None };
        assert_eq!(inbound::boosted(ctx, stage.by_author("Announce", "s"), boost).await.unwrap(), Outcome::Ignored);
        let reply = IncomingPost { in_reply_to: Some(uri.clone()), ..stage.post("reply") };
        assert_eq!(inbound::post_created(ctx, stage.by_author("Create", "r"), reply).await.unwrap(), Outcome::Ignored);
        let row = stage.stored(&uri).await.unwrap();
        assert_eq!((row.favourites_count, row.boosts_count, row.replies_count), (0, 0, 0));
        assert!(stage.world.told(&stage.reader).await.is_empty());
    }
}

#[tokio::test]
async fn a_peer_that_was_removed_meanwhile_writes_nothing() {
    for stage in stages().await {
        stage.befriend().await;
        stage.world.remove_peer(stage.peer).await;
        let ctx = &stage.world.ctx;
        let late = inbound::post_created(ctx, stage.by_author("Create", "late"), stage.post("late")).await;
        assert!(matches!(late, Err(Error::Refused(ref refusal)) if refusal.code() == "peer-removed"), "{late:?}");
        let person = inbound::store_person(ctx, stage.peer, samples::person("new"), false).await;
        assert!(matches!(person, Err(Error::Refused(_))), "{person:?}");
        assert!(stage.stored("https://there.example/posts/late").await.is_none());
    }
}

#[tokio::test]
async fn an_actor_keeps_to_its_host() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let person = samples::person("x");
        let wrong = [
            inbound::IncomingPerson { uri: "https://elsewhere.example/actors/x".into(), ..person.clone() },
            inbound::IncomingPerson { inbox: "https://there.example:8443/inbox".into(), ..person.clone() },
            inbound::IncomingPerson { shared_inbox: Some("https://here.example/inbox".into()), ..person.clone() },
            inbound::IncomingPerson { followers: Some("https://THERE.example.evil/f".into()), ..person.clone() },
        ];
        for wrong in wrong {
            let outcome = inbound::store_person(ctx, stage.peer, wrong.clone(), false).await;
            assert!(matches!(outcome, Err(Error::Forbidden(_))), "{wrong:?}: {outcome:?}");
        }
        let odd = inbound::IncomingPerson { username: "Аnna".into(), ..person };
        assert!(matches!(inbound::store_person(ctx, stage.peer, odd, false).await, Err(Error::Invalid(_))));
    }
}
