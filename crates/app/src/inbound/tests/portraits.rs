//! What people of peers look like: kept as their node says, only from there, and gone with them.

use corridor_store::media::{self, MediaState};
use corridor_store::portraits::{self, Portrait};

use super::*;
use crate::inbound::{IncomingMedia, IncomingPerson};
use crate::people;

fn picture(url: &str, words: &str) -> Option<IncomingMedia> {
    Some(IncomingMedia {
        url: url.to_owned(),
        mime: "image/png".to_owned(),
        description: words.to_owned(),
        ..IncomingMedia::default()
    })
}

impl Stage {
    /// The author's node tells of their pictures; what is up then: addresses and words.
    async fn looks(&self, avatar: Option<IncomingMedia>, header: Option<IncomingMedia>) -> Vec<(String, String)> {
        let told = IncomingPerson { avatar, header, ..samples::person("author") };
        inbound::store_person(&self.world.ctx, self.peer, told, false).await.unwrap();
        let author = self.author;
        let mut rows = self.world.write(move |tx| portraits::of_people(tx, &[author])).await;
        rows.sort_by_key(|row| row.purpose);
        rows.into_iter().map(|row| (row.remote_url.unwrap(), row.description)).collect()
    }
}

fn told(url: &str, words: &str) -> (String, String) {
    (url.to_owned(), words.to_owned())
}

#[tokio::test]
async fn pictures_of_people_are_what_their_node_says_last() {
    for stage in stages().await {
        let (one, two) = ("https://there.example/1.png", "https://there.example/2.png");
        assert_eq!(
            stage.looks(picture(one, "A\n smile"), picture(two, "")).await,
            [told(one, "A\n smile"), told(two, "")]
        );
        let shown = people::show(&stage.world.ctx, &stage.reader, stage.author).await.unwrap();
        let before = shown.avatar.unwrap();
        assert_eq!(stage.looks(picture(one, "Ann"), None).await, [told(one, "Ann")]);
        let shown = people::show(&stage.world.ctx, &stage.reader, stage.author).await.unwrap();
        assert_eq!((shown.avatar.unwrap().id, shown.header), (before.id, None), "the same picture is not fetched anew");
        assert_eq!(stage.looks(picture(two, ""), None).await, [told(two, "")]);
        assert_eq!(stage.looks(None, None).await, []);
    }
}

#[tokio::test]
async fn hostile_032_pictures_of_people_that_lie_elsewhere_are_left_out() {
    for stage in stages().await {
        let long = format!("https://there.example/{}", "x".repeat(4000));
        for elsewhere in [
            "https://there.example.evil/1.png",
            "https://there.example:8443/1.png",
            "http://127.0.0.1/1.png",
            "https://here.example/media/1/original",
            "file:///etc/passwd",
            "there.example/1.png",
            &long,
        ] {
            assert_eq!(stage.looks(picture(elsewhere, ""), picture(elsewhere, "")).await, [], "{elsewhere}");
        }
    }
}

#[tokio::test]
async fn one_that_could_not_be_had_is_not_shown_until_it_is_asked_for_again() {
    for stage in stages().await {
        stage.looks(picture("https://there.example/1.png", ""), None).await;
        let author = stage.author;
        stage
            .world
            .write(move |tx| {
                let row = portraits::find(tx, author, Portrait::Avatar)?.unwrap();
                let next = tx.now() + std::time::Duration::from_secs(60);
                media::failed(tx, row.id(), next)
            })
            .await;
        let shown = async || people::show(&stage.world.ctx, &stage.reader, stage.author).await.unwrap().avatar;
        assert_eq!(shown().await, None);
        stage.world.ctx.store.clock().advance(std::time::Duration::from_secs(60));
        assert!(shown().await.is_some());
    }
}

#[tokio::test]
async fn pictures_of_people_go_with_them() {
    for stage in stages().await {
        stage.looks(picture("https://there.example/1.png", ""), picture("https://there.example/2.png", "")).await;
        let author = stage.author;
        let all = stage.world.write(move |tx| portraits::of_people(tx, &[author])).await;
        inbound::person_deleted(&stage.world.ctx, stage.by_author("Delete", "all")).await.unwrap();
        for row in all {
            let id = row.id();
            let state = stage.world.write(move |tx| Ok(media::find(tx, id)?.state())).await;
            assert_eq!(state, MediaState::Discarded);
        }
    }
}
