//! The examples of what is taken in the documentation are taken, with the effect that it tells.

use corridor_store::{actors, blocks, follows, posts};

use super::*;
use crate::testing::examples;

/// The document with the addresses of these tests.
fn here(scene: &Scene, example: &Value, follow: &str, post: &str) -> Value {
    let text = example
        .to_string()
        .replace("https://here.example/actors/1", &scene.anna_uri)
        .replace("https://here.example/activities/3", follow)
        .replace("https://here.example/posts/7", post)
        .replace("https://there.example", &scene.peer.at(""));
    serde_json::from_str(&text).unwrap()
}

#[actix_web::test]
async fn the_examples_of_what_is_taken_are_taken() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let store = scene.node.database.store.clone();
        let (follow, post) = (scene.ask().await, scene.local_post().await);
        let (anna, post_id) = (scene.anna().await.id, post.id());
        let ann = scene.id(scene.ann()).await;
        let mut seen = Vec::new();
        for (name, example) in examples("taken") {
            let activity = here(&scene, &example, &follow, &post.uri);
            assert_eq!(scene.post(&activity).await, (202, Value::Null), "{name}: {activity}");
            let object =
                activity["object"]["id"].as_str().or(activity["object"].as_str()).unwrap_or_default().to_owned();
            let own = activity["id"].as_str().unwrap().to_owned();
            let found = store
                .read(move |tx| {
                    let known = posts::find_by_uri(tx, &object)?;
                    let boost = posts::find_by_uri(tx, &own)?.is_some_and(|row| !row.is_deleted());
                    let asked = follows::find_pair(tx, anna, ann)?.map(|row| row.accepted);
                    let follows_us = follows::find_pair(tx, ann, anna)?.is_some();
                    let liked = posts::find(tx, post_id)?.favourites_count;
                    let blocked = blocks::find(tx, ann, anna)?.is_some();
                    Ok::<_, corridor_store::Error>((
                        known,
                        boost,
                        asked,
                        follows_us,
                        liked,
                        blocked,
                        actors::find(tx, ann)?,
                    ))
                })
                .await
                .unwrap();
            let (known, boost, asked, follows_us, liked, blocked, person) = found;
            match name.as_str() {
                "Accept of Follow" => assert_eq!(asked, Some(true)),
                "Reject of Follow" => assert_eq!(asked, None),
                "Follow" => assert!(follows_us),
                "Undo of Follow" => assert!(!follows_us),
                "Create of a Note" => assert!(known.unwrap().content.contains("Hello")),
                "Create of an Article" => assert_eq!(known.unwrap().title, "A longer text"),
                "Update of a Note" => assert!(known.unwrap().content.contains("Better")),
                "Delete of a Note" => assert!(known.unwrap().is_deleted()),
                "Like" => assert_eq!(liked, 1),
                "Undo of Like" => assert_eq!(liked, 0),
                "Announce" => assert!(boost),
                "Undo of Announce" => {
                    let uri = activity["object"]["id"].as_str().unwrap().to_owned();
                    let row = store.read(move |tx| posts::find_by_uri(tx, &uri)).await.unwrap().unwrap();
                    assert!(row.is_deleted());
                }
                "Block" => assert!(blocked),
                "Undo of Block" => assert!(!blocked),
                "Update of a Person" => assert_eq!(person.display_name, "Ann the Second"),
                "Delete of a Person" => assert!(person.deleted_at.is_some()),
                other => panic!("nothing tells what becomes of the example “{other}”"),
            }
            seen.push(name);
        }
        assert_eq!(seen.len(), 16, "{seen:?}");
        scene.peer.stop().await;
    }
}
