//! Members of a group of ours on other software: let in, heard without naming the group as ours do, and handed on to the
//! others in both ways.

use corridor_app::groups::{self, NewGroup};
use corridor_app::operator::Operator;
use corridor_domain::group::{Door, GroupKind};
use corridor_domain::{ActorId, Audience};
use corridor_store::deliveries::{self, State};
use corridor_store::posts::PostKind;
use corridor_store::{activities, actors, peers};

use super::*;
use crate::delivery;
use crate::testing::Page;

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// A node with an open group, a Mastodon with Ann and Carl on it, and a Lemmy with Bob.
struct Club {
    scene: Scene,
    lemmy: TestPeer,
    group: ActorId,
    group_uri: String,
}

impl Club {
    async fn on(database: TestDatabase) -> Self {
        let scene = Scene::on(database).await;
        let lemmy = TestPeer::start();
        scene.node.allow(&lemmy.authority).await;
        lemmy.put("/u/bob", Page::document(&lemmy_person(&lemmy)));
        let mut carl = scene.peer.person("carl");
        carl["name"] = json!("Carl");
        scene.peer.put("/users/carl", Page::document(&carl));
        let new = NewGroup {
            name: "forms".to_owned(),
            title: "Forms".to_owned(),
            about: String::new(),
            kind: GroupKind::Social,
            door: Door::Open,
            marking: None,
            facilitator: None,
        };
        let ctx = &scene.node.node.ctx;
        let group = groups::make(ctx, &Operator::Person(scene.anna().await), new).await.unwrap().actor;
        Self { lemmy, group: group.id, group_uri: group.uri, scene }
    }

    fn bob(&self) -> String {
        self.lemmy.at("/u/bob")
    }

    /// Sends an activity, signed by its actor.
    async fn send(&self, peer: &TestPeer, activity: &Value) -> (u16, Value) {
        let body = activity.to_string().into_bytes();
        let key = format!("{}#main-key", activity["actor"].as_str().unwrap());
        let headers = peer.signed(&self.scene.node, "/inbox", &key, &body);
        self.scene.send("/inbox", headers, &body).await
    }

    async fn is_member(&self, uri: &str) -> bool {
        let (group, uri) = (self.group, uri.to_owned());
        let store = &self.scene.node.database.store;
        store
            .read(move |tx| {
                let who = actors::find_by_uri(tx, &uri)?.unwrap().actor_id();
                corridor_store::groups::standing(tx, group, who)
            })
            .await
            .unwrap()
            .is_member()
    }

    /// What waits to be sent to a peer, once everything is told.
    async fn told(&self, peer: &TestPeer) -> Vec<(String, Value)> {
        while delivery::tell_next(&self.scene.node.node).await.unwrap() > 0 {}
        let authority = peer.authority.clone();
        let store = &self.scene.node.database.store;
        store
            .read(move |tx| {
                let known = peers::all(tx)?.into_iter().find(|known| known.authority.as_str() == authority).unwrap();
                let queued = deliveries::list(tx, known.id, State::Pending, 100)?;
                let whole = |one: deliveries::Listed, tx: &mut corridor_store::Tx<'_>| {
                    let body = activities::find_by_uri(tx, &one.activity_uri)?.body;
                    Ok::<_, corridor_store::Error>((one.inbox, serde_json::from_str(&body).unwrap()))
                };
                queued.into_iter().map(|one| whole(one, tx)).collect()
            })
            .await
            .unwrap()
    }

    /// How the group has told a peer of a post: wrapped in what its author sent, or plain.
    async fn announced(&self, peer: &TestPeer, post: &str) -> Vec<Value> {
        let told = self.told(peer).await.into_iter();
        let of = told.filter(|(_, body)| {
            body["type"] == "Announce" && (body["object"] == post || body["object"]["object"]["id"] == post)
        });
        let mut bodies = Vec::new();
        for (inbox, body) in of {
            assert_eq!((inbox, &body["actor"]), (peer.at("/inbox"), &json!(self.group_uri)));
            assert_eq!(body["to"], json!([PUBLIC]), "an open group speaks to everyone");
            bodies.push(body["object"].clone());
        }
        bodies
    }

    /// Mastodon's and Lemmy's people join.
    async fn gathers(&self) {
        let ann = json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": self.scene.peer.at("/f00d-1"), "type": "Follow",
            "actor": self.scene.ann(), "object": self.group_uri,
        });
        let bob = json!({
            "@context": ["https://join-lemmy.org/context.json", "https://www.w3.org/ns/activitystreams"],
            "id": self.lemmy.at("/activities/follow/1"), "type": "Follow", "actor": self.bob(),
            "object": self.group_uri, "to": [self.group_uri],
        });
        for (peer, follow) in [(&self.scene.peer, ann), (&self.lemmy, bob)] {
            assert_eq!(self.send(peer, &follow).await, (202, Value::Null), "{follow}");
            let who = follow["actor"].as_str().unwrap();
            assert!(self.is_member(who).await, "{who}");
            let told = self.told(peer).await;
            let accepts: Vec<_> = told.iter().filter(|(_, body)| body["type"] == "Accept").collect();
            assert_eq!(accepts.len(), 1, "{told:?}");
            let accept = &accepts[0].1;
            assert_eq!((&accept["actor"], &accept["object"]["id"]), (&json!(self.group_uri), &follow["id"]));
            assert_eq!(
                (&accept["object"]["actor"], &accept["object"]["object"]),
                (&follow["actor"], &follow["object"])
            );
        }
    }

    /// A Create as Mastodon writes it.
    fn toot(&self, who: &str, name: &str, reply_to: Option<&str>, names_the_group: bool) -> Value {
        let author = self.scene.peer.at(&format!("/users/{who}"));
        let id = format!("{author}/statuses/{name}");
        let mut cc = vec![format!("{author}/followers")];
        let mut tag = Vec::new();
        if names_the_group {
            cc.push(self.group_uri.clone());
            tag.push(json!({ "type": "Mention", "href": self.group_uri, "name": "@forms@here.example" }));
        }
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", { "ostatus": "http://ostatus.org#" }],
            "id": format!("{id}/activity"), "type": "Create", "actor": author, "published": "2026-01-05T10:00:00Z",
            "to": [PUBLIC], "cc": cc,
            "object": {
                "id": id, "type": "Note", "summary": null, "inReplyTo": reply_to, "published": "2026-01-05T10:00:00Z",
                "url": self.scene.peer.at(&format!("/@{who}/{name}")), "attributedTo": author, "to": [PUBLIC], "cc": cc,
                "sensitive": false, "content": format!("<p>{name} of {who}</p>"), "attachment": [], "tag": tag,
            },
        })
    }

    /// A Create as Lemmy writes it.
    fn page(&self, peer: &TestPeer, author: &str, name: &str) -> Value {
        let to = json!([self.group_uri, PUBLIC]);
        json!({
            "@context": ["https://join-lemmy.org/context.json", "https://www.w3.org/ns/activitystreams"],
            "id": peer.at(&format!("/activities/create/{name}")), "type": "Create", "actor": author,
            "to": to, "cc": [self.group_uri], "audience": self.group_uri,
            "object": {
                "type": "Page", "id": peer.at(&format!("/post/{name}")), "attributedTo": author, "to": to, "cc": [],
                "audience": self.group_uri, "name": "Which form?", "content": "<p>There are two</p>\n",
                "mediaType": "text/html", "attachment": [{ "type": "Link", "href": "https://forms.example/" }],
                "sensitive": false, "published": "2026-01-05T10:00:00.123456Z",
                "language": { "identifier": "en", "name": "English" },
            },
        })
    }

    /// Sends a Create; the object's id, and whether it is in the group, if it is here.
    async fn posts(&self, peer: &TestPeer, create: &Value) -> (String, Option<bool>) {
        assert_eq!(self.send(peer, create).await, (202, Value::Null), "{create}");
        let uri = create["object"]["id"].as_str().unwrap().to_owned();
        let row = self.scene.stored(uri.clone()).await;
        (uri, row.map(|row| row.group_id == Some(self.group.raw()) && row.audience().unwrap() == Audience::Group))
    }

    async fn stop(self) {
        self.scene.peer.stop().await;
        self.lemmy.stop().await;
    }
}

fn lemmy_person(peer: &TestPeer) -> Value {
    let uri = peer.at("/u/bob");
    json!({
        "@context": ["https://join-lemmy.org/context.json", "https://www.w3.org/ns/activitystreams"],
        "type": "Person", "id": uri, "preferredUsername": "bob", "inbox": format!("{uri}/inbox"),
        "outbox": format!("{uri}/outbox"), "endpoints": { "sharedInbox": peer.at("/inbox") },
        "publicKey": {
            "id": format!("{uri}#main-key"), "owner": uri,
            "publicKeyPem": peer.key.public_key().unwrap().to_pem().unwrap(),
        },
        "published": "2024-03-01T00:00:00Z",
    })
}

#[actix_web::test]
async fn what_members_on_other_software_say_is_in_the_group_and_goes_on_to_the_others_both_ways() {
    for database in TestDatabase::each() {
        let club = Club::on(database).await;
        club.gathers().await;
        let toot = club.toot("ann", "hello", None, true);
        let (uri, stands) = club.posts(&club.scene.peer, &toot).await;
        assert_eq!(stands, Some(true), "Mastodon's people name the group");
        assert_eq!(club.announced(&club.lemmy, &uri).await, [toot.clone(), json!(uri)]);
        assert_eq!(club.announced(&club.scene.peer, &uri).await, [json!(uri)], "her own node has it, and boosts");

        let page = club.page(&club.lemmy, &club.bob(), "1");
        let (uri, stands) = club.posts(&club.lemmy, &page).await;
        assert_eq!(stands, Some(true), "Lemmy's people say which group it is for");
        let row = club.scene.stored(uri.clone()).await.unwrap();
        assert_eq!((row.kind, row.title.as_str()), (PostKind::Article.code(), "Which form?"));
        assert!(row.content.contains("<p>There are two</p>") && row.content.contains("https://forms.example/"));
        assert_eq!(club.announced(&club.scene.peer, &uri).await, [page.clone(), json!(uri)]);

        let answer = club.toot("ann", "answer", Some(&uri), false);
        let (answer_uri, stands) = club.posts(&club.scene.peer, &answer).await;
        assert_eq!(stands, Some(true), "an answer is where that is which it answers");
        assert_eq!(
            club.announced(&club.lemmy, &answer_uri).await,
            std::slice::from_ref(&answer),
            "only a talk is boosted too"
        );
        club.stop().await;
    }
}

#[actix_web::test]
async fn what_others_say_is_not_in_the_group() {
    for database in TestDatabase::each() {
        let club = Club::on(database).await;
        club.gathers().await;
        let (talk, _) = club.posts(&club.lemmy, &club.page(&club.lemmy, &club.bob(), "1")).await;
        let carl = club.scene.peer.at("/users/carl");
        for (name, reply_to) in [("naming", None), ("answering", Some(talk.as_str()))] {
            let toot = club.toot("carl", name, reply_to, reply_to.is_none());
            let (uri, stands) = club.posts(&club.scene.peer, &toot).await;
            assert_eq!(stands, Some(false), "{name}: a post like any other");
            assert_eq!(club.announced(&club.lemmy, &uri).await, [] as [Value; 0], "{name}");
        }
        let page = club.page(&club.scene.peer, &carl, "2");
        let refused = club.send(&club.scene.peer, &page).await;
        assert_eq!(code(&refused), (403, "forbidden"), "{refused:?}");
        let uri = page["object"]["id"].as_str().unwrap().to_owned();
        assert!(club.scene.stored(uri).await.is_none());
        assert!(!club.is_member(&carl).await);
        club.stop().await;
    }
}
