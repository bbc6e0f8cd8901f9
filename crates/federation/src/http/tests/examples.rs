//! The examples of what is taken in the documentation are taken, in their order, with the effect that each has.

use corridor_domain::group::Standing;
use corridor_domain::{Event, Page as Part};
use corridor_store::connections::ConnectionState;
use corridor_store::{blocks, groups, media, pins, polls, portraits, posts, recalls, reports};

use super::stage::{ELSEWHERE, HERE, Stage, THERE};
use super::*;
use crate::testing::examples;

/// What people here do before the peer does what the example tells.
async fn prepare(stage: &mut Stage, name: &str) {
    match name {
        "Accept of Delete" => {
            stage.deletes("/activities/14").await;
        }
        "Accept of Offer" => stage.asks_to_connect("/activities/15").await,
        "Accept of Follow of a group" => stage.asks_to_join("/activities/4").await,
        "Reject of Invite" => stage.invites().await,
        "Reject of Follow of a group" => stage.asks_to_join("/activities/13").await,
        "Create of a Note in a group" => stage.lets_in().await,
        "Add of an answer by who asked" => stage.answers(&format!("{THERE}/users/ann/statuses/4"), "/posts/9").await,
        "Add of an answer" => stage.answers(&format!("{ELSEWHERE}/posts/1"), "/posts/10").await,
        "Move" => stage.ann_has_an_account_elsewhere(),
        "Accept of Remove" => {
            let recalled = stage.events().await.into_iter().find_map(|event| match event {
                Event::GroupCopiesRecalled { uri, .. } => Some(uri),
                _ => None,
            });
            stage.call("/activities/12", recalled.unwrap());
        }
        _ => {}
    }
}

async fn of_people(stage: &Stage, name: &str) -> bool {
    let (anna, ann) = (stage.anna.id, stage.actor(&format!("{THERE}/users/ann")).await);
    let id = ann.actor_id();
    match name {
        "Accept of Follow" => assert!(stage.follows(anna, id).await.unwrap().accepted),
        "Reject of Follow" => assert!(stage.follows(anna, id).await.is_none()),
        "Follow" => assert!(stage.follows(id, anna).await.unwrap().accepted),
        "Undo of Follow" => assert!(stage.follows(id, anna).await.is_none()),
        "Follow of a node's Network feed" => {
            let theirs = stage.actor(&format!("{THERE}/actor")).await.actor_id();
            assert!(stage.follows(theirs, stage.scene.node.node.instance).await.unwrap().accepted);
        }
        "Offer of a connection" => {
            let asked = stage.connection(id).await.unwrap();
            assert_eq!((asked.asker(), asked.note.as_str()), (id, "We sat next to each other."));
        }
        "Undo of Offer" => assert!(stage.connection(id).await.is_none()),
        "Accept of Offer" => {
            assert_eq!(stage.connection(id).await.unwrap().state().unwrap(), ConnectionState::Connected);
            assert!(stage.follows(anna, id).await.is_some(), "Anna asks to follow her");
        }
        "Reject of Offer" => {
            assert!(stage.connection(id).await.is_none());
            assert!(stage.follows(anna, id).await.is_none(), "neither follows the other any more");
        }
        "Block" => assert!(stage.read(move |tx| blocks::find(tx, id, anna)).await.is_some()),
        "Undo of Block" => assert!(stage.read(move |tx| blocks::find(tx, id, anna)).await.is_none()),
        "Flag" => {
            let told = stage.read(|tx| reports::list(tx, &reports::WantedReports::default(), &Part::newest(10))).await;
            assert_eq!((told.len(), told[0].target_id, told[0].comment.as_str()), (1, anna.raw(), "This is not kind"));
        }
        "Update of a Person" => {
            assert_eq!(ann.display_name, "Ann the Second");
            let mut up = stage.read(move |tx| portraits::of_people(tx, &[id])).await;
            up.sort_by_key(|row| row.purpose);
            let up: Vec<_> = up.iter().map(|row| (row.remote_url.as_deref(), row.description.as_str())).collect();
            let at = |path: &str| stage.address(&format!("{THERE}/{path}/ann.png"));
            let (avatar, header) = (at("avatars"), at("headers"));
            assert_eq!(up, [(Some(avatar.as_str()), "Ann, smiling"), (Some(header.as_str()), "")]);
        }
        "Move" => {
            let new = stage.actor(&format!("{ELSEWHERE}/users/ann")).await.actor_id();
            assert_eq!(stage.read(move |tx| corridor_store::moves::current(tx, id)).await, Some(new));
        }
        "Add of a person's pin" => assert_eq!(stage.read(move |tx| pins::all(tx, id)).await.len(), 1),
        "Remove of a person's pin" => assert!(stage.read(move |tx| pins::all(tx, id)).await.is_empty()),
        "Delete of a Person" => assert!(ann.deleted_at.is_some()),
        _ => return false,
    }
    true
}

async fn of_posts(stage: &Stage, name: &str, activity: &Value) -> bool {
    let uri = activity["object"]["id"].as_str().or(activity["object"].as_str()).unwrap_or_default().to_owned();
    let known = stage.scene.stored(uri).await;
    let votes = |post: posts::PostRow| async move {
        let poll = stage.read(move |tx| polls::find(tx, post.id())).await.unwrap();
        poll.options.iter().map(|option| option.votes_count).collect::<Vec<_>>()
    };
    let ours = stage.post(&format!("{HERE}/posts/7")).await.unwrap();
    let boost = stage.post(&format!("{THERE}/users/ann#announces/1")).await;
    match name {
        "Create of a Note" => assert!(known.unwrap().content.contains("Hello")),
        "Create of a Note with pictures" => {
            let id = known.unwrap().id();
            let kept = stage.read(move |tx| media::of_post(tx, id)).await;
            let kept: Vec<_> = kept.into_iter().map(|row| row.description).collect();
            assert_eq!(kept, ["A red bus"]);
        }
        "Create of an Article" => assert_eq!(known.unwrap().title, "A longer text"),
        "Create of a Question" => assert_eq!(votes(known.unwrap()).await, [0, 0]),
        "Update of a Question's counts" => assert_eq!(votes(known.unwrap()).await, [2, 1]),
        "Create of a vote" => {
            assert!(known.is_none(), "a vote is no post");
            assert_eq!(votes(stage.post(&format!("{HERE}/posts/8")).await.unwrap()).await, [1, 0]);
        }
        "Update of a Note" => assert!(known.unwrap().content.contains("Better")),
        "Update of an Article" => assert_eq!(known.unwrap().title, "A better text"),
        "Delete of a Note" => assert!(known.unwrap().is_deleted()),
        "Like" => assert_eq!(ours.favourites_count, 1),
        "Undo of Like" => assert_eq!(ours.favourites_count, 0),
        "Announce" => assert!(!boost.unwrap().is_deleted()),
        "Undo of Announce" => assert!(boost.unwrap().is_deleted()),
        "Accept of Delete" => {
            let told = stage.address(&format!("{HERE}/activities/14"));
            let post = stage.read(move |tx| corridor_store::activities::find_by_uri(tx, &told)).await.post.unwrap();
            let asked = stage.read(move |tx| recalls::of_post(tx, post)).await;
            assert!(asked.len() == 1 && asked[0].gone_at.is_some(), "{asked:?}");
        }
        _ => return false,
    }
    true
}

/// What happens in a group of ours that Ann is in.
async fn of_our_group(stage: &Stage, name: &str) -> bool {
    let (ours, ann) = (stage.group, stage.actor(&format!("{THERE}/users/ann")).await.actor_id());
    let talk = stage.post(&format!("{THERE}/users/ann/statuses/4")).await;
    match name {
        "Reject of Invite" => assert_eq!(stage.standing(ours, ann).await, Standing::Stranger),
        "Follow of a group" => assert_eq!(stage.standing(ours, ann).await, Standing::Asked),
        "Create of a Note in a group" => {
            assert_eq!(talk.unwrap().group_id, Some(ours.raw()));
            let handed_on = |event: &Event| matches!(event, Event::GroupRelayed { group, .. } if *group == ours);
            assert!(stage.events().await.iter().any(handed_on), "the others are told");
        }
        "Add of an answer by who asked" => {
            let id = talk.unwrap().id();
            let answer = stage.post(&format!("{HERE}/posts/9")).await.map(|post| post.id());
            assert_eq!(stage.read(move |tx| groups::topics_of(tx, &[id])).await[&id].answer, answer);
        }
        "Undo of Follow of a group" => assert_eq!(stage.standing(ours, ann).await, Standing::Stranger),
        "Accept of Remove" => {
            let asked = stage.read(move |tx| groups::purges(tx, ours)).await;
            assert!(asked.len() == 1 && asked[0].confirmed_at.is_some(), "{asked:?}");
        }
        _ => return false,
    }
    true
}

/// What happens in a group of the peer.
async fn of_their_group(stage: &Stage, name: &str) -> bool {
    let (anna, theirs) = (stage.anna.id, stage.actor(&format!("{THERE}/groups/rust")).await.actor_id());
    let talk = stage.post(&format!("{ELSEWHERE}/posts/1")).await;
    let standing = stage.standing(theirs, anna).await;
    let pins = || async move { stage.read(move |tx| groups::pinned(tx, theirs, anna)).await.len() };
    match name {
        "Invite" => assert_eq!(standing, Standing::Invited),
        "Accept of Follow of a group" => assert!(standing.is_member()),
        "Announce of a Create by a group" => assert_eq!(talk.unwrap().group_id, Some(theirs.raw())),
        "Announce of an Update by a group" => assert!(talk.unwrap().content.contains("Which one")),
        "Announce of a talk" => assert!(stage.post(&format!("{THERE}/groups/rust#shares/1")).await.is_none()),
        "Add of a pin" => assert_eq!(pins().await, 1),
        "Remove of a pin" => assert_eq!(pins().await, 0),
        "Add of an answer" => {
            let id = talk.unwrap().id();
            let answer = stage.post(&format!("{HERE}/posts/10")).await.map(|post| post.id());
            assert_eq!(stage.read(move |tx| groups::topics_of(tx, &[id])).await[&id].answer, answer);
        }
        "Remove of a post from a group" => assert!(talk.unwrap().is_deleted()),
        "Remove of a department's last member" => {
            assert_eq!(standing, Standing::Stranger);
            let told = |event: &Event| matches!(event, Event::DeletionConfirmed { actor, .. } if *actor == theirs);
            assert!(stage.events().await.iter().any(told), "its home is told that the copies are gone");
        }
        "Reject of Follow of a group" => assert_eq!(standing, Standing::Stranger),
        _ => return false,
    }
    true
}

#[actix_web::test]
async fn the_examples_of_what_is_taken_are_taken() {
    for database in TestDatabase::each() {
        let mut stage = Stage::on(database).await;
        for (name, example) in examples("taken") {
            prepare(&mut stage, &name).await;
            let activity = stage.document(&example);
            assert_eq!(stage.send(&activity).await, (202, Value::Null), "{name}: {activity}");
            let is_known = of_people(&stage, &name).await
                || of_posts(&stage, &name, &activity).await
                || of_our_group(&stage, &name).await
                || of_their_group(&stage, &name).await;
            assert!(is_known, "nothing tells what becomes of the example “{name}”");
        }
        stage.stop().await;
    }
}

/// What another department's member announces is a talk, although the group hands it on.
#[actix_web::test]
async fn an_announcement_is_believed_of_the_groups_own_department_alone() {
    for database in TestDatabase::each() {
        let mut stage = Stage::on(database).await;
        for (name, mut example) in examples("taken") {
            let is_talk = name == "Announce of a Create by a group";
            if is_talk {
                example["object"]["object"]["announcement"] = json!(true);
            }
            prepare(&mut stage, &name).await;
            let activity = stage.document(&example);
            assert_eq!(stage.send(&activity).await, (202, Value::Null), "{name}");
            if is_talk {
                break;
            }
        }
        let id = stage.post(&format!("{ELSEWHERE}/posts/1")).await.unwrap().id();
        let topic = stage.read(move |tx| groups::topics_of(tx, &[id])).await[&id];
        assert!(topic.question && !topic.announcement, "{topic:?}");
        stage.stop().await;
    }
}

/// What is answered to whoever asks, as the documentation shows it.
#[actix_web::test]
async fn the_examples_of_what_is_answered_are_what_is_answered() {
    let stage = Stage::on(TestDatabase::sqlite()).await;
    let told = examples("answered");
    let asked = [
        ("WebFinger", format!("/.well-known/webfinger?resource=acct:anna@{}", crate::testing::OWN)),
        ("NodeInfo, where it is", "/.well-known/nodeinfo".to_owned()),
        ("NodeInfo", "/nodeinfo/2.1".to_owned()),
    ];
    assert_eq!(told.len(), asked.len());
    for (name, path) in asked {
        let (status, answer) = stage.scene.call(TestRequest::get().uri(&path)).await;
        let (_, example) = told.iter().find(|(other, _)| other == name).unwrap();
        // A number and a port of this test, and the version of the day, stand for those of the example.
        let text = answer.to_string().replace(&stage.anna.id.to_string(), "1");
        let text = text.replace("http://127.0.0.1:1", HERE).replace("127.0.0.1:1", "here.example");
        let text =
            text.replace(env!("CARGO_PKG_VERSION"), "0.1.0").replace("Department of Tests", "Department of Examples");
        assert_eq!((status, serde_json::from_str::<Value>(&text).unwrap()), (200, example.clone()), "{name}");
    }
    stage.stop().await;
}
