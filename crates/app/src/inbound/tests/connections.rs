//! Connections with people of peers: asked from there, answered, crossed, and what is refused.

use corridor_domain::Event;
use corridor_store::connections as rows;

use super::*;
use crate::connections::{self, Standing, Which};
use crate::inbound::{
    AnsweredOffer, Undone, connection_accepted, connection_offered, connection_rejected, follow, undone,
};
use crate::people::ProfileEdit;
use crate::{Error, NotificationKind};

impl Stage {
    async fn offers(&self, name: &str) -> crate::Result<Outcome> {
        let received = self.by_author("Offer", name);
        connection_offered(&self.world.ctx, received, self.reader_uri().await, " We met. ".to_owned()).await
    }

    async fn stands(&self) -> crate::RelationshipView {
        follows::relationships(&self.world.ctx, &self.reader, vec![self.author]).await.unwrap().remove(0)
    }

    /// The reader asks the author; hands out the Offer's URI.
    async fn asks(&self) -> AnsweredOffer {
        connections::ask(&self.world.ctx, &self.reader, self.author, "").await.unwrap();
        let (one, other) = (self.reader.id, self.author);
        let row = self.world.write(move |tx| rows::find_pair(tx, one, other)).await.unwrap();
        AnsweredOffer { uri: row.uri, asker: Some(self.reader_uri().await) }
    }

    async fn told_of_end(&self, uri: &str) -> usize {
        let of = |event: &Event| matches!(event, Event::ConnectionEnded { uri: ended, .. } if ended == uri);
        self.world.events().await.iter().filter(|event| of(event)).count()
    }
}

#[tokio::test]
async fn who_asks_from_a_peer_is_answered_and_may_follow_whom_they_are_connected_with() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let locked = ProfileEdit { locked: Some(true), ..ProfileEdit::default() };
        crate::people::update_profile(ctx, &stage.reader, locked).await.unwrap();
        assert_eq!(stage.offers("1").await.unwrap(), Outcome::Applied);
        assert_eq!(stage.offers("1").await.unwrap(), Outcome::Duplicate);
        assert_eq!(stage.world.told(&stage.reader).await, [(NotificationKind::ConnectionRequest, stage.author, None)]);
        let page = corridor_domain::Page::newest(9);
        let asked = connections::list(ctx, &stage.reader, Which::ToAnswer, page).await.unwrap().items;
        assert!(asked.len() == 1 && asked[0].note == "We met.", "{asked:?}");
        connections::accept(ctx, &stage.reader, stage.author).await.unwrap();
        let events = stage.world.events().await;
        let accepted = events.iter().position(|event| matches!(event, Event::ConnectionAccepted { .. })).unwrap();
        let followed = events.iter().position(|event| matches!(event, Event::FollowRequested { .. })).unwrap();
        assert!(followed > 0 && accepted > 0, "{events:?}");
        let uri = stage.reader_uri().await;
        follow(ctx, stage.by_author("Follow", "1"), uri).await.unwrap();
        assert!(stage.stands().await.followed_by, "who is connected needs no further leave");
        let undo = Undone { uri: Some(stage.by_author("Offer", "1").activity_uri), ..Undone::default() };
        assert_eq!(undone(ctx, stage.by_author("Undo", "1"), undo).await.unwrap(), Outcome::Applied);
        let after = stage.stands().await;
        assert!(after.connection == Standing::None && !after.followed_by && !after.requested, "{after:?}");
        assert_eq!(stage.offers("1").await.unwrap(), Outcome::Duplicate, "what was taken back does not come again");
    }
}

#[tokio::test]
async fn who_was_turned_down_at_a_peer_is_answered_at_once_for_thirty_days() {
    for stage in stages().await {
        stage.offers("1").await.unwrap();
        connections::turn_down(&stage.world.ctx, &stage.reader, stage.author).await.unwrap();
        let first = stage.by_author("Offer", "1").activity_uri;
        assert_eq!(stage.told_of_end(&first).await, 1);
        assert_eq!(stage.offers("2").await.unwrap(), Outcome::Applied);
        assert_eq!(stage.told_of_end(&stage.by_author("Offer", "2").activity_uri).await, 1);
        assert_eq!(stage.world.told(&stage.reader).await, [], "nobody is nagged");
        assert_eq!(stage.stands().await.connection, Standing::None);
    }
}

#[tokio::test]
async fn only_who_was_asked_can_answer_and_only_who_asked_can_take_back() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let offer = stage.asks().await;
        let (other, other_uri) = stage.another("other").await;
        let stolen = connection_accepted(ctx, stage.by(other, &other_uri, "Accept", "stolen"), offer.clone()).await;
        assert!(matches!(stolen, Err(Error::Forbidden(_))), "{stolen:?}");
        let stolen = connection_rejected(ctx, stage.by(other, &other_uri, "Reject", "stolen"), offer.clone()).await;
        assert!(matches!(stolen, Err(Error::Forbidden(_))), "{stolen:?}");
        assert_eq!(stage.stands().await.connection, Standing::Waiting);
        assert_eq!(
            connection_accepted(ctx, stage.by_author("Accept", "1"), offer.clone()).await.unwrap(),
            Outcome::Applied
        );
        let after = stage.stands().await;
        assert!(after.connection == Standing::Connected && after.requested, "{after:?}");
        assert_eq!(stage.world.told(&stage.reader).await, [(NotificationKind::Connection, stage.author, None)]);
        connection_rejected(ctx, stage.by_author("Reject", "1"), offer).await.unwrap();
        assert_eq!(stage.stands().await.connection, Standing::None);
        stage.offers("1").await.unwrap();
        let theirs = Undone { uri: Some(stage.by_author("Offer", "1").activity_uri), ..Undone::default() };
        let stolen = undone(ctx, stage.by(other, &other_uri, "Undo", "stolen"), theirs).await;
        assert!(matches!(stolen, Err(Error::Forbidden(_))), "{stolen:?}");
        assert_eq!(stage.stands().await.connection, Standing::ToAnswer);
        let elsewhere =
            Received { activity_uri: "https://here.example/offers/1".into(), ..stage.by_author("Offer", "x") };
        let forged = connection_offered(ctx, elsewhere, stage.reader_uri().await, String::new()).await;
        assert!(matches!(forged, Err(Error::Forbidden(_))), "{forged:?}");
    }
}

/// Ours lies on `here.example` and theirs on `there.example`: ours comes first, so they accept it.
#[tokio::test]
async fn offers_that_cross_become_one_connection() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let offer = stage.asks().await;
        assert!(offer.uri < stage.by_author("Offer", "1").activity_uri);
        assert_eq!(stage.offers("1").await.unwrap(), Outcome::Ignored);
        assert_eq!(stage.stands().await.connection, Standing::Waiting);
        connection_accepted(ctx, stage.by_author("Accept", "1"), offer).await.unwrap();
        assert_eq!(stage.stands().await.connection, Standing::Connected);
        // Where theirs comes first it takes the place of ours, and is accepted.
        let (other, other_uri) = stage.another("other").await;
        connections::ask(ctx, &stage.reader, other, "").await.unwrap();
        let (one, id) = (stage.reader.id, stage.peer);
        stage
            .world
            .write(move |tx| {
                let row = rows::find_pair(tx, one, other)?.unwrap();
                assert!(corridor_store::peers::find(tx, id).is_ok());
                rows::set_offer(tx, row.id, one, "https://zzz.example/activities/1")
            })
            .await;
        let theirs = stage.by(other, &other_uri, "Offer", "2");
        connection_offered(ctx, theirs, stage.reader_uri().await, String::new()).await.unwrap();
        let now = follows::relationships(ctx, &stage.reader, vec![other]).await.unwrap().remove(0);
        assert_eq!(now.connection, Standing::Connected);
        assert!(stage.world.events().await.iter().any(|event| matches!(event, Event::ConnectionAccepted { .. })));
    }
}

#[tokio::test]
async fn an_answer_to_what_was_taken_back_is_told_so() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let offer = stage.asks().await;
        connections::end(ctx, &stage.reader, stage.author).await.unwrap();
        assert_eq!(stage.told_of_end(&offer.uri).await, 1);
        connection_accepted(ctx, stage.by_author("Accept", "late"), offer.clone()).await.unwrap();
        assert_eq!(stage.told_of_end(&offer.uri).await, 2, "they are told once more");
        assert_eq!(stage.stands().await.connection, Standing::None);
        let never = AnsweredOffer { uri: "https://there.example/x".into(), ..offer };
        assert_eq!(connection_accepted(ctx, stage.by_author("Accept", "odd"), never).await.unwrap(), Outcome::Ignored);
    }
}

#[tokio::test]
async fn nothing_is_left_of_whom_their_node_deletes_and_the_service_is_asked() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        stage.offers("1").await.unwrap();
        stage.terms(|peer| peer.grant.services = corridor_domain::Services::NONE).await;
        assert!(stage.offers("2").await.is_err(), "a peer without posts connects with nobody");
        let (actor, peer) = (stage.reader.id, stage.peer);
        let leaves = async |kind: &'static str| {
            let queued = crate::outgoing::Queued {
                actor,
                kind: kind.to_owned(),
                post: None,
                audience: corridor_domain::Audience::Network,
                marking: Marking::LOWEST,
            };
            stage
                .world
                .write(move |tx| {
                    crate::outgoing::still_allowed(tx, &crate::outgoing::Queued { ..queued.clone() }, peer)
                })
                .await
        };
        assert!(leaves("Offer").await.is_err() && leaves("Undo").await.is_ok(), "what waits is asked about again");
        let (other, _) = stage.another("other").await;
        let asked = connections::ask(ctx, &stage.reader, other, "").await;
        assert!(matches!(asked, Err(Error::Refused(_))), "{asked:?}");
        stage.terms(|peer| peer.grant.services = corridor_domain::Services::ALL).await;
        inbound::person_deleted(ctx, stage.by_author("Delete", "me")).await.unwrap();
        let (one, other) = (stage.reader.id, stage.author);
        assert_eq!(stage.world.write(move |tx| rows::find_pair(tx, one, other)).await, None);
        assert_eq!(stage.world.told(&stage.reader).await, []);
    }
}
