//! The examples of what is sent in the documentation are what is sent.

use super::*;
use crate::testing::examples;

fn sent() -> Vec<(&'static str, Subject)> {
    let plain = || OutgoingPost { edited_at: None, ..post(Audience::Network) };
    let uri = |number: u32| format!("https://here.example/activities/{number}");
    let (theirs, object) = ("https://there.example/posts/1".to_owned(), NAMED.to_owned());
    let (object_author, follow) = (object.clone(), "https://there.example/follows/1".to_owned());
    let article = OutgoingPost { kind: PostKind::Article, title: "A longer text".to_owned(), ..plain() };
    let gone = OutgoingPost { deleted: true, deleted_at: Some(Timestamp::from_millis(1_790_000_120_000)), ..plain() };
    let person = OutgoingActor { suspended: false, ..person() };
    vec![
        ("Create of a Note", Subject::Published(plain())),
        ("Create of an Article", Subject::Published(article)),
        ("Update of a Note", Subject::Edited(post(Audience::Followers))),
        ("Delete of a Note", Subject::Deleted(gone)),
        ("Announce", Subject::Boosted(boost())),
        ("Undo of Announce", Subject::BoostUndone(boost())),
        (
            "Like",
            Subject::Favourited {
                actor: author(),
                uri: uri(5),
                object: theirs.clone(),
                object_author: object_author.clone(),
            },
        ),
        (
            "Undo of Like",
            Subject::FavouriteUndone { actor: author(), uri: uri(5), object: theirs.clone(), object_author },
        ),
        ("Follow", Subject::FollowRequested { actor: author(), uri: uri(3), object: object.clone() }),
        ("Undo of Follow", Subject::FollowUndone { actor: author(), uri: uri(3), object: object.clone() }),
        (
            "Accept of Follow",
            Subject::FollowAccepted { actor: author(), follow_uri: follow.clone(), follower_uri: object.clone() },
        ),
        (
            "Reject of Follow",
            Subject::FollowRejected { actor: author(), follow_uri: follow, follower_uri: object.clone() },
        ),
        ("Block", Subject::Blocked { actor: author(), uri: uri(6), object: object.clone() }),
        ("Undo of Block", Subject::Unblocked { actor: author(), uri: uri(6), object: object.clone() }),
        (
            "Flag",
            Subject::Reported {
                node: author(),
                uri: uri(7),
                target: object.clone(),
                posts: vec![theirs],
                comment: "This is not kind".to_owned(),
            },
        ),
        (
            "Accept of Delete",
            Subject::DeletionConfirmed {
                actor: author(),
                uri: "https://there.example/deletes/1".to_owned(),
                to: object,
            },
        ),
        ("Update of a Person", Subject::PersonUpdated(person)),
        ("Delete of a Person", Subject::PersonDeleted(author())),
    ]
}

#[test]
fn the_examples_of_what_is_sent_are_what_is_sent() {
    let told = examples("sent");
    let mut wanting = String::new();
    for (name, subject) in sent() {
        let mut body = written(&subject);
        body.as_object_mut().unwrap().remove("@context");
        if told.iter().filter(|(other, _)| other == name).map(|(_, value)| value).ne([&body]) {
            let block = serde_json::to_string_pretty(&body).unwrap();
            wanting.push_str(&format!("<!-- sent: {name} -->\n```json\n{block}\n```\n\n"));
        }
    }
    assert!(wanting.is_empty(), "docs/FEDERATION.md should say:\n{wanting}");
    for (name, _) in told {
        assert!(sent().iter().any(|(other, _)| *other == name), "nothing sends the example “{name}”");
    }
}
