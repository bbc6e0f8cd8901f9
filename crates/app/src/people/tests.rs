//! Profiles, handles, and search that shows nobody what they may not see.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::fixtures::{note, worlds};
use crate::search::{Query, search as search_all};
use crate::{posts, timelines};

fn handle(text: &str) -> Handle {
    Handle::parse(text).unwrap()
}

#[tokio::test]
async fn people_are_found_by_handle_in_any_form_while_their_node_is_allowed() {
    for world in worlds() {
        let ada = world.person("Ada").await;
        let peer = world.peer("there.example", Marking::LOWEST).await;
        let zoe = world.person_of(peer, "there.example", "zoe").await;
        for text in ["ada", "@ADA", "ada@here.example"] {
            assert_eq!(lookup(&world.ctx, &ada, &handle(text), false).await.unwrap().id, ada.id, "{text}");
        }
        assert_eq!(lookup(&world.ctx, &ada, &handle("zoe@there.example"), true).await.unwrap().id, zoe);
        let missing = lookup(&world.ctx, &ada, &handle("yan@there.example"), false).await;
        assert!(matches!(missing, Err(Error::NotFound(_))));
        let stranger = lookup(&world.ctx, &ada, &handle("x@stranger.example"), true).await;
        assert!(matches!(stranger, Err(Error::Refused(_))), "{stranger:?}");
        world.remove_peer(peer).await;
        assert!(lookup(&world.ctx, &ada, &handle("zoe@there.example"), true).await.is_err());
        assert!(matches!(show(&world.ctx, &ada, zoe).await, Err(Error::NotFound(_))));
    }
}

#[tokio::test]
async fn a_profile_is_cleaned_told_to_peers_and_searched() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let edit = ProfileEdit {
            display_name: Some(" Ada\n Lovelace ".into()),
            summary: Some("Engines <b>& more</b>".into()),
            role_title: Some("Head of 100% analysis".into()),
            fields: Some(vec![ProfileField { name: "Building".into(), value: "*Main*".into() }]),
            default_audience: Some(Audience::Network),
            language: Some("cy".into()),
            ..ProfileEdit::default()
        };
        let view = update_profile(&world.ctx, &ada, edit.clone()).await.unwrap();
        update_profile(&world.ctx, &ada, edit).await.unwrap();
        assert_eq!(
            (view.display_name.as_str(), view.summary_source.as_str()),
            ("Ada Lovelace", "Engines <b>& more</b>")
        );
        assert!(!view.summary.contains("<b>") && view.fields[0].value.contains("<em>Main</em>"), "{view:?}");
        assert_eq!(world.events().await, [Event::PersonUpdated { actor: ada.id }], "told once, when it changed");
        let post = posts::publish(&world.ctx, &ada, posts::Draft { audience: None, ..note("Hello") }).await.unwrap();
        assert_eq!((post.audience, post.language.as_str()), (Audience::Network, "cy"));
        for text in ["love", "ADA", "100% an"] {
            assert_eq!(search(&world.ctx, &bob, text, false, 9, false).await.unwrap()[0].id, ada.id, "{text}");
        }
        for text in ["%", "_", "nobody", "", "ada@stranger.example"] {
            let found = search(&world.ctx, &bob, text, true, 9, false).await.unwrap();
            assert!(found.is_empty() || text == "%", "{text}: {found:?}");
        }
        assert!(search(&world.ctx, &bob, "ada", false, 9, true).await.unwrap().is_empty(), "Bob does not follow her");
        let long = ProfileEdit { display_name: Some("x".repeat(101)), ..ProfileEdit::default() };
        assert!(matches!(update_profile(&world.ctx, &ada, long).await, Err(Error::Invalid(_))));
        let wrong = ProfileEdit { default_audience: Some(Audience::Named), ..ProfileEdit::default() };
        assert!(matches!(update_profile(&world.ctx, &ada, wrong).await, Err(Error::Invalid(_))));
    }
}

#[tokio::test]
async fn search_finds_posts_people_and_tags_that_the_reader_may_see() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let open = posts::publish(&world.ctx, &ada, note("Quarterly figures #Budget")).await.unwrap();
        let closed = posts::Draft { audience: Some(Audience::Followers), ..note("Quarterly doubts #budget") };
        posts::publish(&world.ctx, &ada, closed).await.unwrap();
        let query = |text: &str| Query {
            text: text.into(),
            people: true,
            posts: true,
            tags: true,
            limit: 9,
            ..Query::default()
        };
        let find = |viewer: &Viewer, text: &str| {
            let (ctx, viewer, query) = (world.ctx.clone(), viewer.clone(), query(text));
            async move { search_all(&ctx, &viewer, query).await.unwrap() }
        };
        let found = find(&bob, "quarterly").await;
        assert_eq!(found.posts.iter().map(|post| post.id).collect::<Vec<_>>(), [open.id]);
        assert_eq!(find(&ada, "quarterly").await.posts.len(), 2);
        assert!(find(&bob, "quarterly doubts").await.posts.is_empty());
        let found = find(&bob, "#bud").await;
        assert_eq!((found.tags[0].tag.name.as_str(), found.tags[0].uses, found.people.len()), ("budget", 1, 0));
        assert_eq!(find(&bob, "@ada").await.people[0].id, ada.id);
        for address in [open.uri.as_str(), open.url.as_str()] {
            assert_eq!(find(&bob, address).await.posts[0].id, open.id);
        }
        assert_eq!(find(&bob, "https://here.example/@ADA").await.people[0].id, ada.id);
        assert!(find(&bob, "https://stranger.example/x").await.posts.is_empty());
        let tagged = timelines::tag(&world.ctx, &bob, "#BUDGET", Page::newest(9)).await.unwrap();
        assert_eq!((tagged.items.len(), tagged.first), (1, Some(open.id.raw())));
        let shy = ProfileEdit { indexable: Some(false), ..ProfileEdit::default() };
        update_profile(&world.ctx, &ada, shy).await.unwrap();
        assert!(find(&bob, "quarterly").await.posts.is_empty());
    }
}

#[tokio::test]
async fn favourites_and_bookmarks_page_by_their_own_numbers() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let first = posts::publish(&world.ctx, &ada, note("1")).await.unwrap();
        let second = posts::publish(&world.ctx, &ada, note("2")).await.unwrap();
        for id in [second.id, first.id] {
            posts::favourite(&world.ctx, &ada, id).await.unwrap();
            posts::bookmark(&world.ctx, &ada, id).await.unwrap();
        }
        let newest = timelines::favourites(&world.ctx, &ada, Page::newest(1)).await.unwrap();
        assert_eq!(newest.items[0].id, first.id);
        let next = timelines::favourites(&world.ctx, &ada, Page::before(newest.last.unwrap(), 5)).await.unwrap();
        assert_eq!(next.items.iter().map(|post| post.id).collect::<Vec<_>>(), [second.id]);
        let newest = timelines::bookmarks(&world.ctx, &ada, Page::newest(1)).await.unwrap();
        let next = timelines::bookmarks(&world.ctx, &ada, Page::before(newest.last.unwrap(), 5)).await.unwrap();
        assert_eq!(next.items[0].id, second.id);
    }
}
