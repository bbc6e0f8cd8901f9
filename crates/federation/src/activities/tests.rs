//! What is written for peers, shape by shape.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod examples;
mod samples;

use corridor_app::PostKind;
use corridor_app::outgoing::{
    ActorRef, BoostedRef, OutgoingActor, OutgoingMention, OutgoingPoll, OutgoingPost, Subject,
};
use corridor_domain::{ActorId, ActorKind, Audience, Marking, PostId, Timestamp};
use serde_json::{Value, json};

use super::render;
use crate::objects::{PUBLIC, read};
use crate::testing::settings;

const FRESH: &str = "https://here.example/activities/99";
const AUTHOR: &str = "https://here.example/actors/1";
const FOLLOWERS: &str = "https://here.example/actors/1/followers";
const NAMED: &str = "https://there.example/users/bob";

fn author() -> ActorRef {
    ActorRef { id: ActorId::new(1), uri: AUTHOR.to_owned(), followers_uri: FOLLOWERS.to_owned() }
}

fn post(audience: Audience) -> OutgoingPost {
    OutgoingPost {
        id: PostId::new(7),
        uri: "https://here.example/posts/7".to_owned(),
        url: "https://here.example/@anna/7".to_owned(),
        author: author(),
        kind: PostKind::Note,
        audience,
        marking: Marking::LOWEST,
        marking_name: "OFFICIAL".to_owned(),
        handling: String::new(),
        group: None,
        announcement: false,
        question: false,
        in_reply_to: None,
        thread: None,
        title: String::new(),
        content: "<p>Hello</p>".to_owned(),
        source: "Hello".to_owned(),
        summary: String::new(),
        sensitive: false,
        language: "en".to_owned(),
        published_at: Timestamp::from_millis(1_790_000_000_000),
        edited_at: Some(Timestamp::from_millis(1_790_000_060_000)),
        mentions: vec![OutgoingMention { uri: NAMED.to_owned(), handle: "@bob@there.example".to_owned() }],
        addressed: vec![NAMED.to_owned()],
        tags: vec!["policy".to_owned()],
        media: Vec::new(),
        poll: None,
        boost_of: None,
        deleted: false,
        deleted_at: None,
    }
}

fn boost() -> OutgoingPost {
    let boosted = BoostedRef { uri: "https://there.example/posts/1".to_owned(), author_uri: NAMED.to_owned() };
    OutgoingPost {
        uri: "https://here.example/activities/8".to_owned(),
        kind: PostKind::Boost,
        boost_of: Some(boosted),
        ..post(Audience::Network)
    }
}

fn written(subject: &Subject) -> Value {
    let rendered = render(subject, &settings(), FRESH);
    assert_eq!(rendered.body["id"], json!(rendered.uri));
    assert_eq!(rendered.body["type"], json!(rendered.kind));
    assert_eq!(rendered.body["actor"], json!(AUTHOR));
    assert_eq!(rendered.body["@context"][0], json!("https://www.w3.org/ns/activitystreams"), "Mastodon looks for it");
    rendered.body
}

#[test]
fn each_audience_is_addressed_as_the_table_says() {
    let table = [
        (Audience::Network, json!([PUBLIC]), json!([FOLLOWERS, NAMED])),
        (Audience::Followers, json!([FOLLOWERS]), json!([NAMED])),
        (Audience::Named, json!([NAMED]), json!([])),
        (Audience::Department, json!([]), json!([])),
    ];
    for (audience, to, cc) in table {
        for subject in
            [Subject::Published(post(audience)), Subject::Edited(post(audience)), Subject::Deleted(post(audience))]
        {
            let body = written(&subject);
            assert_eq!((&body["to"], &body["cc"]), (&to, &cc), "{subject:?}");
            if body["type"] != json!("Delete") {
                assert_eq!((&body["object"]["to"], &body["object"]["cc"]), (&to, &cc), "{subject:?}");
            }
        }
    }
}

#[test]
fn posts_are_created_updated_and_deleted() {
    let create = written(&Subject::Published(post(Audience::Network)));
    assert_eq!(create["id"], json!(FRESH));
    assert_eq!(create["object"]["attributedTo"], json!(AUTHOR));
    assert_eq!(create["published"], create["object"]["published"]);
    let update = written(&Subject::Edited(post(Audience::Network)));
    assert_eq!(update["updated"], json!("2026-09-21T14:14:20.000Z"));
    assert_eq!(update["object"]["updated"], update["updated"]);
    let delete = written(&Subject::Deleted(post(Audience::Network)));
    assert_eq!(delete["object"]["type"], json!("Tombstone"));
    assert_eq!(delete["object"]["id"], json!("https://here.example/posts/7"));
    assert!(!delete.to_string().contains("Hello"), "a deletion says nothing of what was deleted");
}

#[test]
fn boosts_and_favourites_are_told_and_taken_back_whole() {
    let announce = written(&Subject::Boosted(boost()));
    assert_eq!(announce["id"], json!("https://here.example/activities/8"));
    assert_eq!(announce["object"], json!("https://there.example/posts/1"));
    assert_eq!(announce["cc"], json!([FOLLOWERS, NAMED]));
    let undone = written(&Subject::BoostUndone(boost()));
    assert_eq!(
        (&undone["id"], &undone["object"]["id"], &undone["object"]["type"]),
        (&json!(FRESH), &announce["id"], &json!("Announce"))
    );
    assert_eq!((&undone["to"], &undone["cc"]), (&announce["to"], &announce["cc"]));
    assert!(undone["object"].get("@context").is_none());
    let like = |undo: bool| {
        let (actor, uri) = (author(), "https://here.example/activities/5".to_owned());
        let (object, object_author) = ("https://there.example/posts/1".to_owned(), NAMED.to_owned());
        if undo {
            Subject::FavouriteUndone { actor, uri, object, object_author }
        } else {
            Subject::Favourited { actor, uri, object, object_author }
        }
    };
    let liked = written(&like(false));
    assert_eq!((&liked["id"], &liked["to"]), (&json!("https://here.example/activities/5"), &json!([NAMED])));
    let unliked = written(&like(true));
    assert_eq!(unliked["object"]["id"], liked["id"]);
    assert_eq!(unliked["to"], liked["to"]);
}

#[test]
fn follows_are_asked_answered_and_ended_with_all_their_parts() {
    let asked = "https://here.example/activities/3".to_owned();
    let follow = written(&Subject::FollowRequested { actor: author(), uri: asked.clone(), object: NAMED.to_owned() });
    assert_eq!((&follow["id"], &follow["object"]), (&json!(asked), &json!(NAMED)));
    let undo = written(&Subject::FollowUndone { actor: author(), uri: asked.clone(), object: NAMED.to_owned() });
    assert_eq!((&undo["object"]["id"], &undo["object"]["object"]), (&json!(asked), &json!(NAMED)));
    let theirs = "https://there.example/follows/1".to_owned();
    let answered = |accepted: bool| {
        let (actor, follow_uri, follower_uri) = (author(), theirs.clone(), NAMED.to_owned());
        if accepted {
            Subject::FollowAccepted { actor, follow_uri, follower_uri }
        } else {
            Subject::FollowRejected { actor, follow_uri, follower_uri }
        }
    };
    for accepted in [true, false] {
        let answer = written(&answered(accepted));
        let whole = json!({ "id": theirs, "type": "Follow", "actor": NAMED, "object": AUTHOR });
        assert_eq!((&answer["object"], &answer["to"]), (&whole, &json!([NAMED])));
    }
}

#[test]
fn people_change_and_leave() {
    let update = written(&Subject::PersonUpdated(person()));
    assert_eq!(update["object"]["preferredUsername"], json!("anna"));
    assert!(update["updated"].is_string());
    let delete = written(&Subject::PersonDeleted(author()));
    assert_eq!((&delete["object"], &delete["to"]), (&json!(AUTHOR), &json!([PUBLIC])));
}

fn person() -> OutgoingActor {
    OutgoingActor {
        id: ActorId::new(1),
        kind: ActorKind::Person,
        uri: AUTHOR.to_owned(),
        username: "anna".to_owned(),
        account_domain: "here.example".to_owned(),
        display_name: "Anna".to_owned(),
        role_title: "Analyst".to_owned(),
        summary: String::new(),
        url: "https://here.example/@anna".to_owned(),
        inbox: format!("{AUTHOR}/inbox"),
        shared_inbox: "https://here.example/inbox".to_owned(),
        outbox: format!("{AUTHOR}/outbox"),
        followers: FOLLOWERS.to_owned(),
        following: format!("{AUTHOR}/following"),
        featured: None,
        group: None,
        locked: false,
        discoverable: true,
        indexable: true,
        fields: Vec::new(),
        published: Timestamp::from_millis(0),
        updated: Timestamp::from_millis(1_790_000_000_000),
        keys: Vec::new(),
        also_known_as: Vec::new(),
        moved_to: None,
        bot: false,
        avatar: None,
        header: None,
        deleted: false,
        suspended: true,
    }
}

#[test]
fn what_has_a_title_is_an_article_with_an_extract() {
    let text = "word ".repeat(400);
    let article = OutgoingPost {
        kind: PostKind::Article,
        title: "On words".to_owned(),
        content: format!("<p>{text}</p>"),
        ..post(Audience::Network)
    };
    let written_as = written(&Subject::Published(article.clone()))["object"].clone();
    assert_eq!((&written_as["type"], &written_as["name"]), (&json!("Article"), &json!("On words")));
    assert_eq!(written_as["content"], json!(article.content), "whole");
    assert_eq!(written_as["url"], json!(article.url));
    let extract = written_as["summary"].as_str().unwrap();
    assert!(extract.starts_with("word word") && extract.ends_with('…') && extract.chars().count() <= 500);
    let back = read::post(&written_as).unwrap();
    assert_eq!((back.summary.as_str(), back.teaser.as_str()), ("", extract), "an extract warns of nothing");
    assert!(!back.is_elsewhere);
    let warned = OutgoingPost { summary: "Spiders".to_owned(), ..article };
    let object = written(&Subject::Published(warned))["object"].clone();
    assert_eq!((&object["summary"], &object["contentWarning"]), (&json!("Spiders"), &json!("Spiders")));
    assert_eq!(read::post(&object).unwrap().summary, "Spiders");
    let gone = written(&Subject::Published(post(Audience::Network)))["object"].clone();
    assert!(gone.get("summary").is_none() && gone["type"] == json!("Note"));
}

/// What ActivityStreams, ActivityPub and the security context define, of what we write.
const WELL_KNOWN: &str = "@context id type actor object target to cc audience attributedTo content contentMap name summary \
    published updated url mediaType attachment tag inReplyTo replies context source href width height duration \
    deleted formerType first next partOf items orderedItems totalItems result origin instrument \
    inbox outbox followers following preferredUsername endpoints sharedInbox generator \
    publicKey owner publicKeyPem created";
const WELL_KNOWN_TYPES: &str = "Create Update Delete Announce Like Follow Undo Accept Reject Block Flag Add Remove Invite \
    Note Article Question Person Group Application Image Document Tombstone Mention Collection OrderedCollection Move";

fn unmapped(value: &Value, terms: &serde_json::Map<String, Value>, found: &mut Vec<String>) {
    let known = |word: &str, list: &str| list.split_whitespace().any(|other| other == word) || terms.contains_key(word);
    match value {
        Value::Array(items) => items.iter().for_each(|item| unmapped(item, terms, found)),
        Value::Object(fields) => {
            for (name, inside) in fields {
                if !known(name, WELL_KNOWN) {
                    found.push(name.clone());
                }
                if name == "type" && !known(inside.as_str().unwrap_or_default(), WELL_KNOWN_TYPES) {
                    found.push(inside.to_string());
                }
                if !matches!(name.as_str(), "@context" | "contentMap") {
                    unmapped(inside, terms, found);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_term_that_is_not_well_known_is_in_our_context_and_takes_no_well_known_name() {
    let terms = crate::objects::terms();
    let terms = terms.as_object().unwrap();
    for name in terms.keys() {
        let taken = WELL_KNOWN.split_whitespace().chain(WELL_KNOWN_TYPES.split_whitespace()).any(|other| other == name);
        assert!(!taken, "{name} has a meaning already");
    }
    // Whoever does not know them drops them: each expands to an address outside ActivityStreams, or to what Mastodon and
    // others have added there.
    for (name, meaning) in terms {
        let id = meaning.as_str().or_else(|| meaning["@id"].as_str()).unwrap();
        let (prefix, _) = id.split_once(':').unwrap();
        assert!(
            matches!(prefix, "as" | "http" | "https") || terms.contains_key(prefix),
            "{name} expands to nothing: {id}"
        );
    }
    let whole = OutgoingPost {
        kind: PostKind::Article,
        title: "Title".to_owned(),
        summary: "A warning".to_owned(),
        handling: "Do not forward".to_owned(),
        announcement: true,
        question: true,
        in_reply_to: Some("https://there.example/posts/1".to_owned()),
        ..post(Audience::Network)
    };
    let asked = "https://here.example/activities/3".to_owned();
    let documents = [
        written(&Subject::Published(whole.clone())),
        written(&Subject::Edited(whole.clone())),
        written(&Subject::Deleted(OutgoingPost { deleted: true, deleted_at: whole.edited_at, ..whole })),
        written(&Subject::Boosted(boost())),
        written(&Subject::FollowUndone { actor: author(), uri: asked, object: NAMED.to_owned() }),
        written(&Subject::PersonUpdated(person())),
    ];
    for document in documents {
        assert_eq!(document["@context"], crate::objects::context(), "one context for all");
        let mut found = Vec::new();
        unmapped(&document, terms, &mut found);
        assert!(found.is_empty(), "{found:?} of {document}");
    }
}

#[test]
fn a_follow_whose_id_is_forgotten_is_taken_back_by_its_ends() {
    let undo = written(&Subject::FollowUndone { actor: author(), uri: String::new(), object: NAMED.to_owned() });
    assert_eq!((undo["object"].get("id"), &undo["object"]["object"]), (None, &json!(NAMED)));
}

#[test]
fn what_we_write_we_read() {
    let sent = OutgoingPost {
        handling: "Do not forward".to_owned(),
        in_reply_to: Some("https://there.example/posts/1".to_owned()),
        summary: "A warning".to_owned(),
        sensitive: true,
        ..post(Audience::Followers)
    };
    let create = written(&Subject::Published(sent.clone()));
    let read = read::post(&create["object"]).unwrap();
    assert_eq!(read.addressed, [FOLLOWERS, NAMED]);
    assert_eq!((read.audience.as_deref(), read.marking.as_deref()), (Some("followers"), Some("OFFICIAL")));
    assert_eq!((read.handling, read.summary, read.sensitive), (sent.handling, sent.summary, true));
    assert_eq!((read.uri, read.author_uri, read.in_reply_to), (sent.uri, AUTHOR.to_owned(), sent.in_reply_to));
    assert_eq!((read.mentions, read.language.as_str()), (vec![NAMED.to_owned()], "en"));
    assert_eq!((read.published, read.updated), (Some(sent.published_at), sent.edited_at));
}

#[test]
fn a_poll_is_written_as_mastodon_reads_it_and_read_as_it_was_written() {
    let ends_at = Timestamp::from_millis(1_790_000_600_000);
    let poll = OutgoingPoll {
        multiple: false,
        options: vec![("Tea".to_owned(), Some(2)), ("Coffee".to_owned(), Some(0))],
        voters: 2,
        ends_at: Some(ends_at),
        ended: false,
    };
    let asking = |poll| OutgoingPost { kind: PostKind::Question, poll: Some(poll), ..post(Audience::Network) };
    let object = written(&Subject::Published(asking(poll.clone())))["object"].clone();
    assert_eq!((&object["type"], &object["votersCount"]), (&json!("Question"), &json!(2)));
    assert_eq!(
        object["oneOf"][0],
        json!({ "type": "Note", "name": "Tea", "replies": { "type": "Collection", "totalItems": 2 } })
    );
    assert!(object.get("anyOf").is_none() && object.get("closed").is_none());
    let read = read::post(&object).unwrap();
    let found = read.poll.unwrap();
    assert_eq!((read.kind, found.options, found.voters), (PostKind::Question, poll.options.clone(), Some(2)));
    assert_eq!((found.ends_at, found.multiple, found.closed_at), (Some(ends_at), false, None));

    let over = OutgoingPoll { multiple: true, ended: true, ..poll.clone() };
    let object = written(&Subject::Edited(asking(over)))["object"].clone();
    assert_eq!(object["closed"], object["endTime"]);
    let found = read::post(&object).unwrap().poll.unwrap();
    assert!(found.multiple && found.closed_at == Some(ends_at));

    let hidden = OutgoingPoll { options: vec![("Tea".to_owned(), None), ("Coffee".to_owned(), None)], ..poll };
    let object = written(&Subject::Published(asking(hidden)))["object"].clone();
    assert!(!object.to_string().contains("totalItems"), "counts that are hidden do not leave");
    assert_eq!(read::post(&object).unwrap().poll.unwrap().options[0].1, None);

    let wild = json!({
        "id": "https://there.example/posts/1", "type": "Question", "attributedTo": NAMED, "closed": true,
        "endTime": 7, "votersCount": -1, "oneOf": { "name": "Tea", "replies": { "totalItems": "many" } },
    });
    let found = read::post(&wild).unwrap().poll.unwrap();
    assert_eq!((found.options, found.ends_at, found.is_closed), (vec![("Tea".to_owned(), None)], None, true));
}

#[test]
fn a_vote_is_a_note_with_a_name_for_the_asker_alone() {
    let (uri, poll) = ("https://here.example/activities/5", "https://there.example/posts/1");
    let vote = Subject::Voted {
        actor: author(),
        uri: uri.to_owned(),
        name: "Tea".to_owned(),
        poll: poll.to_owned(),
        poll_author: NAMED.to_owned(),
    };
    let body = written(&vote);
    assert_eq!((&body["type"], &body["to"]), (&json!("Create"), &json!([NAMED])));
    let note = json!({
        "id": uri, "type": "Note", "attributedTo": AUTHOR, "to": [NAMED], "name": "Tea", "inReplyTo": poll,
    });
    assert_eq!(body["object"], note);
    assert!(super::vote::is_vote(&note));
}
