//! What peers might send, for tests.

use corridor_domain::{ActorKind, Timestamp};

use super::types::{IncomingPerson, IncomingPost};
use crate::PostKind;

/// A public post, as Mastodon addresses it.
pub(crate) fn post(name: &str, author: &str) -> IncomingPost {
    IncomingPost {
        uri: format!("https://there.example/posts/{name}"),
        url: None,
        author_uri: author.to_owned(),
        kind: PostKind::Note,
        addressed: vec!["https://www.w3.org/ns/activitystreams#Public".to_owned(), format!("{author}/followers")],
        audience: None,
        group: None,
        announcement: false,
        question: false,
        marking: None,
        handling: String::new(),
        in_reply_to: None,
        context: None,
        title: String::new(),
        content: format!("<p>{name}</p>"),
        summary: String::new(),
        teaser: String::new(),
        is_elsewhere: false,
        sensitive: false,
        language: "en".to_owned(),
        published: Some(Timestamp::from_millis(1_790_000_000_000)),
        updated: None,
        mentions: Vec::new(),
        tags: Vec::new(),
        media: Vec::new(),
        poll: None,
    }
}

/// A person of `there.example`.
pub(crate) fn person(name: &str) -> IncomingPerson {
    let uri = format!("https://there.example/actors/{name}");
    IncomingPerson {
        kind: ActorKind::Person,
        username: name.to_owned(),
        display_name: name.to_owned(),
        summary: String::new(),
        url: None,
        inbox: format!("{uri}/inbox"),
        shared_inbox: Some("https://there.example/inbox".to_owned()),
        outbox: Some(format!("{uri}/outbox")),
        followers: Some(format!("{uri}/followers")),
        following: Some(format!("{uri}/following")),
        featured: None,
        group: None,
        locked: false,
        discoverable: true,
        indexable: true,
        fields: Vec::new(),
        role_title: String::new(),
        bot: false,
        avatar: None,
        header: None,
        published: None,
        updated: None,
        keys: Vec::new(),
        uri,
    }
}
