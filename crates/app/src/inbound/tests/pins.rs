//! What people of peers pin: their own posts for everyone, five at most.

use super::*;
use crate::inbound::{IncomingPerson, Listed, deleted, listed, post_created};

const FEATURED: &str = "https://there.example/actors/author/featured";

impl Stage {
    /// The author shows a collection of pinned posts.
    async fn with_featured(&self) {
        let person = IncomingPerson { featured: Some(FEATURED.to_owned()), ..samples::person("author") };
        inbound::store_person(&self.world.ctx, self.peer, person, false).await.unwrap();
    }

    async fn arrives(&self, post: IncomingPost) -> String {
        let uri = post.uri.clone();
        let name = uri.rsplit('/').next().unwrap().to_owned();
        post_created(&self.world.ctx, self.by_author("Create", &name), post).await.unwrap();
        uri
    }

    async fn lists(&self, number: usize, object: &str, added: bool) -> Outcome {
        let what = Listed { object: object.to_owned(), target: FEATURED.to_owned(), added, asks_receipt: false };
        listed(&self.world.ctx, self.by_author("Add", &number.to_string()), what).await.unwrap()
    }

    async fn pinned(&self) -> Vec<String> {
        let shown = writing::pinned(&self.world.ctx, &self.reader, self.author).await.unwrap();
        shown.into_iter().map(|post| post.uri).collect()
    }
}

#[tokio::test]
async fn the_latest_five_pins_of_a_peers_person_are_kept() {
    for stage in stages().await {
        stage.befriend().await;
        stage.with_featured().await;
        let mut uris = Vec::new();
        for number in 1..=7 {
            uris.push(stage.arrives(stage.post(&format!("word{number}"))).await);
        }
        for (number, uri) in uris.iter().enumerate() {
            stage.world.ctx.store.clock().advance(std::time::Duration::from_secs(1));
            assert_eq!(stage.lists(number, uri, true).await, Outcome::Applied);
        }
        let latest: Vec<String> = uris.iter().rev().take(5).cloned().collect();
        assert_eq!(stage.pinned().await, latest);
        assert_eq!(stage.lists(10, &latest[0], true).await, Outcome::Applied);
        assert_eq!(stage.pinned().await, latest, "once");
        assert_eq!(stage.lists(11, &latest[0], false).await, Outcome::Applied);
        let gone = stage.by_author("Delete", "1");
        deleted(&stage.world.ctx, gone, latest[1].clone(), false).await.unwrap();
        assert_eq!(stage.pinned().await, latest[2..]);
    }
}

#[tokio::test]
async fn what_is_not_their_own_for_everyone_is_not_pinned() {
    for stage in stages().await {
        stage.befriend().await;
        stage.with_featured().await;
        let own = stage.arrives(stage.post("own")).await;
        let followers =
            IncomingPost { addressed: vec![format!("{}/followers", stage.author_uri)], ..stage.post("few") };
        let followers = stage.arrives(followers).await;
        let ours = stage.local_post("Ours").await.uri;
        for (number, uri) in [followers.as_str(), &ours, "https://there.example/posts/unknown"].into_iter().enumerate()
        {
            assert_eq!(stage.lists(number, uri, true).await, Outcome::Ignored, "{uri}");
        }
        // Somebody else speaks of the author's collection.
        let (other, other_uri) = stage.another("other").await;
        let what = Listed { object: own.clone(), target: FEATURED.to_owned(), added: true, asks_receipt: false };
        let stolen = listed(&stage.world.ctx, stage.by(other, &other_uri, "Add", "stolen"), what).await.unwrap();
        assert_eq!(stolen, Outcome::Ignored);
        assert_eq!(stage.pinned().await, Vec::<String>::new());
        assert_eq!(stage.lists(9, &own, true).await, Outcome::Applied);
        assert_eq!(stage.pinned().await, [own]);
    }
}
