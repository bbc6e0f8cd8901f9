//! What a group hands on is believed when its author's own node stands behind it: everything else is refused, audited and
//! not stored.

use corridor_app::Remote;
use corridor_domain::Audience;
use corridor_store::audit;

use super::stage::{ELSEWHERE, HERE, Stage, THERE};
use super::*;

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Anna is in a group of the peer that only members read in, and Cara of another peer too.
async fn member(database: TestDatabase) -> Stage {
    let mut stage = Stage::on(database).await;
    let group = stage.address(&format!("{THERE}/groups/rust"));
    stage.scene.node.node.resolve_uri(&reqwest::Url::parse(&group).unwrap()).await.unwrap();
    stage.asks_to_join("/activities/4").await;
    let accept = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{THERE}/groups/rust#accepts/1"),
        "type": "Accept", "actor": format!("{THERE}/groups/rust"), "object": format!("{HERE}/activities/4"),
    });
    assert_eq!(stage.send(&stage.document(&accept)).await, (202, Value::Null));
    let id = stage.actor(&format!("{THERE}/groups/rust")).await.actor_id();
    assert!(stage.standing(id, stage.anna.id).await.is_member());
    stage
}

/// Cara's Create of a post in the group, with a place for her proof.
fn create(name: &str) -> Value {
    let group = format!("{THERE}/groups/rust");
    json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{ELSEWHERE}/activities/{name}"),
        "type": "Create", "actor": format!("{ELSEWHERE}/users/cara"), "to": [group],
        "object": {
            "id": format!("{ELSEWHERE}/posts/{name}"), "type": "Note", "attributedTo": format!("{ELSEWHERE}/users/cara"),
            "to": [group], "cc": [format!("{group}/followers")], "audience": group, "content": "<p>Her own words</p>",
            "published": "2026-01-05T10:00:00Z",
        },
        "proof": { "verificationMethod": format!("{ELSEWHERE}/users/cara#ed25519-key") },
    })
}

/// Changes a document, and gives it back.
fn with(mut document: Value, change: impl FnOnce(&mut Value)) -> Value {
    change(&mut document);
    document
}

fn without_proof(document: Value) -> Value {
    with(document, |document| drop(document.as_object_mut().unwrap().remove("proof")))
}

/// Hands an activity on; what stands under its object's id, and with which words it was refused.
async fn handed_on(stage: &Stage, by: &str, name: &str, inside: &Value) -> (Option<String>, Vec<String>) {
    let announce = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": stage.address(&format!("{by}#announces/{name}")),
        "type": "Announce", "actor": stage.address(by), "to": [PUBLIC], "object": inside,
    });
    assert_eq!(stage.send(&announce).await, (202, Value::Null), "the group's home can't help what others send");
    let (id, post) = (announce["id"].as_str().unwrap().to_owned(), inside["object"]["id"].as_str().map(str::to_owned));
    let refused = stage.read(move |tx| audit::about(tx, &id, "inbox.refuse", 10)).await;
    let why = |entry: audit::Entry| {
        let detail: Value = serde_json::from_str(&entry.detail).unwrap();
        detail["reason"].as_str().unwrap().to_owned()
    };
    let stored = match post {
        Some(post) => stage.scene.stored(post).await,
        None => None,
    };
    (stored.map(|row| row.content), refused.into_iter().map(why).collect())
}

#[actix_web::test]
async fn what_its_author_has_proven_is_believed_and_what_was_changed_on_the_way_is_not() {
    for database in TestDatabase::each() {
        let stage = member(database).await;
        let group = format!("{THERE}/groups/rust");
        let told = handed_on(&stage, &group, "1", &stage.document(&create("1"))).await;
        assert_eq!(told, (Some("<p>Her own words</p>".to_owned()), vec![]));
        let row = stage.post(&format!("{ELSEWHERE}/posts/1")).await.unwrap();
        let id = stage.actor(&group).await.actor_id();
        assert_eq!((row.group_id, row.audience().unwrap()), (Some(id.raw()), Audience::Group));

        let changed =
            with(stage.document(&create("2")), |it| it["object"]["content"] = json!("<p>Put in her mouth</p>"));
        let another = with(stage.document(&create("3")), |it| {
            it["proof"]["verificationMethod"] = json!(format!("{}#main-key", stage.scene.ann()));
        });
        let bare = without_proof(stage.document(&create("4")));
        for (name, inside) in [("2", changed), ("3", another), ("4", bare)] {
            let gone = stage.address(&format!("{ELSEWHERE}/posts/{name}"));
            let reason = format!("what the activity points to can't be had: {gone} is not there");
            assert_eq!(handed_on(&stage, &group, name, &inside).await, (None, vec![reason]));
        }
        stage.stop().await;
    }
}

#[actix_web::test]
async fn without_a_proof_the_words_are_those_that_the_authors_node_shows() {
    for database in TestDatabase::each() {
        let stage = member(database).await;
        let group = format!("{THERE}/groups/rust");
        let inside = without_proof(stage.document(&create("1")));
        stage.shows_elsewhere("/posts/1", &inside["object"]);
        let changed = with(inside, |it| it["object"]["content"] = json!("<p>Put in her mouth</p>"));
        let told = handed_on(&stage, &group, "1", &changed).await;
        assert_eq!(told, (Some("<p>Her own words</p>".to_owned()), vec![]));
        stage.stop().await;
    }
}

#[actix_web::test]
async fn what_is_not_the_authors_or_not_the_groups_is_refused() {
    for database in TestDatabase::each() {
        let stage = member(database).await;
        let group = format!("{THERE}/groups/rust");
        let stranger = with(create("1"), |it| {
            for field in ["id", "actor"] {
                it[field] = json!(it[field].as_str().unwrap().replace(ELSEWHERE, "http://127.0.0.1:9"));
            }
            it["object"]["id"] = json!("http://127.0.0.1:9/posts/1");
            it["object"]["attributedTo"] = it["actor"].clone();
        });
        let elsewhere = with(create("2"), |it| {
            it["object"]["to"] = json!([PUBLIC]);
            it["object"]["audience"] = json!(null);
        });
        let of_ann = with(create("3"), |it| it["object"]["attributedTo"] = json!(format!("{THERE}/users/ann")));
        let borrowed = with(create("4"), |it| it["object"]["id"] = json!(format!("{THERE}/posts/4")));
        let table = [
            (without_proof(stranger), "127.0.0.1:9 is not an allowed peer"),
            (elsewhere, "the group hands on what was not posted in it"),
            (of_ann, "a post must be attributed to who sends it"),
            (borrowed, "an activity, its actor and its object must lie on one host"),
        ];
        for (name, (inside, reason)) in table.into_iter().enumerate() {
            let told = handed_on(&stage, &group, &name.to_string(), &stage.document(&inside)).await;
            assert_eq!(told, (None, vec![reason.to_owned()]));
        }
        stage.stop().await;
    }
}

#[actix_web::test]
async fn a_favourite_of_a_third_node_counts_when_that_node_says_so() {
    for database in TestDatabase::each() {
        let stage = member(database).await;
        let group = format!("{THERE}/groups/rust");
        handed_on(&stage, &group, "1", &stage.document(&create("1"))).await;
        let counted = || async { stage.post(&format!("{ELSEWHERE}/posts/1")).await.unwrap().favourites_count };
        let like = stage.document(&json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{ELSEWHERE}/activities/like"),
            "type": "Like", "actor": format!("{ELSEWHERE}/users/cara"), "object": format!("{ELSEWHERE}/posts/1"),
        }));
        let gone = format!("what the activity points to can't be had: {} is not there", like["id"].as_str().unwrap());
        assert_eq!(handed_on(&stage, &group, "2", &like).await, (None, vec![gone]));
        let other = with(like.clone(), |it| it["object"] = json!(stage.scene.ann()));
        stage.shows_elsewhere("/activities/like", &other);
        let not_the_same = "its author's node does not say the same".to_owned();
        assert_eq!(handed_on(&stage, &group, "3", &like).await, (None, vec![not_the_same]));
        assert_eq!(counted().await, 0);
        stage.shows_elsewhere("/activities/like", &like);
        assert_eq!(handed_on(&stage, &group, "4", &like).await, (None, vec![]));
        assert_eq!(counted().await, 1);
        let undo = |by: &str, path: &str| {
            let undo = stage.document(&json!({
                "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{ELSEWHERE}{path}"),
                "type": "Undo", "actor": format!("{ELSEWHERE}/users/cara"), "object": like,
            }));
            with(undo, |it| it["object"]["actor"] = json!(stage.address(by)))
        };
        let of_ann = undo(&format!("{THERE}/users/ann"), "/activities/undo-1");
        stage.shows_elsewhere("/activities/undo-1", &of_ann);
        let not_hers = "only who did something can take it back".to_owned();
        assert_eq!(handed_on(&stage, &group, "5", &of_ann).await.1, [not_hers]);
        let own = undo(&format!("{ELSEWHERE}/users/cara"), "/activities/undo-2");
        stage.shows_elsewhere("/activities/undo-2", &own);
        assert_eq!(handed_on(&stage, &group, "6", &own).await.1, [] as [String; 0]);
        assert_eq!(counted().await, 0);
        stage.stop().await;
    }
}

#[actix_web::test]
async fn who_is_no_group_hands_nothing_on() {
    for database in TestDatabase::each() {
        let stage = member(database).await;
        let inside = stage.document(&create("1"));
        let told = handed_on(&stage, &format!("{THERE}/users/ann"), "1", &inside).await;
        assert_eq!(told, (None, vec![]), "a boost of nothing");
        let boost = stage.post(&format!("{THERE}/users/ann#announces/1")).await;
        assert!(boost.is_none(), "{boost:?}");
        stage.stop().await;
    }
}
