//! Filters: whose they are, what they find, and what they leave out where.

#![expect(clippy::unwrap_used, reason = "tests")]

use corridor_domain::Page;

use super::*;
use crate::fixtures::{World, note, worlds};
use crate::follows::{self, FollowOptions};
use crate::timelines::{self, AuthorFilter, Reach};
use crate::{PostView, notifications, posts};

fn word(text: &str) -> KeywordEdit {
    KeywordEdit { text: Some(text.to_owned()), ..KeywordEdit::default() }
}

fn about(text: &str, contexts: &[Context], action: Action) -> FilterEdit {
    FilterEdit {
        title: Some(format!("About {text}")),
        contexts: Some(contexts.iter().copied().collect()),
        action: Some(action),
        lasts: None,
        keywords: vec![word(text)],
    }
}

/// Ada, who follows Bob.
async fn two(world: &World) -> (Viewer, Viewer) {
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    follows::follow(&world.ctx, &ada, bob.id, FollowOptions::default()).await.unwrap();
    (ada, bob)
}

fn found(post: &PostView) -> Vec<(&str, &[String], usize)> {
    post.filtered.iter().map(|one| (one.filter.title.as_str(), one.keywords.as_slice(), one.posts.len())).collect()
}

fn ids(posts: &[PostView]) -> Vec<PostId> {
    posts.iter().map(|post| post.id).collect()
}

#[tokio::test]
async fn what_warns_is_noted_where_it_counts_and_what_hides_is_left_out_of_feeds() {
    for world in worlds() {
        let (ctx, (ada, bob)) = (&world.ctx, two(&world).await);
        let tea = posts::publish(ctx, &bob, note("Tea, **tea**!")).await.unwrap().id;
        let coffee = posts::publish(ctx, &bob, note("Coffee for @ada")).await.unwrap().id;
        let water = posts::publish(ctx, &bob, note("Water")).await.unwrap().id;
        let mine = posts::publish(ctx, &ada, note("My tea and coffee")).await.unwrap();
        assert_eq!(mine.filtered, []);
        make(ctx, &ada, about("tea", &[Context::Home], Action::Warn)).await.unwrap();
        make(ctx, &ada, about("COFFEE", &[Context::Home, Context::Notifications, Context::Account], Action::Hide))
            .await
            .unwrap();
        let home = world.home(&ada).await;
        assert_eq!(ids(&home), [mine.id, water, tea]);
        let shown = home.iter().find(|post| post.id == tea).unwrap();
        assert_eq!(found(shown), [("About tea", &["tea".to_owned()][..], 0)]);
        assert!(home.iter().filter(|post| post.id != tea).all(|post| post.filtered.is_empty()), "one's own neither");
        let network = timelines::network(ctx, &ada, Reach::All, Page::newest(9)).await.unwrap().items;
        assert_eq!(ids(&network), [mine.id, water, coffee, tea], "neither counts there");
        assert!(network.iter().all(|post| post.filtered.is_empty()));
        let page = timelines::by_author(ctx, &ada, bob.id, AuthorFilter::default(), Page::newest(9)).await.unwrap();
        assert_eq!(ids(&page.items), [water, coffee, tea], "a person's page has no gaps");
        let noted: Vec<_> = page.items.iter().flat_map(found).collect();
        assert_eq!(noted, [("About COFFEE", &["COFFEE".to_owned()][..], 0)]);
        assert_eq!(posts::show(ctx, &ada, coffee).await.unwrap().filtered.len(), 1, "by itself it is there");
        assert!(world.told(&ada).await.iter().all(|(_, _, post)| *post != Some(coffee)));
        assert_eq!(notifications::unread_count(ctx, &ada).await.unwrap(), 0);
        assert!(world.home(&bob).await.iter().all(|post| post.filtered.is_empty()), "nobody else's");
    }
}

#[tokio::test]
async fn a_page_is_filled_past_what_is_hidden_and_leads_on() {
    for world in worlds() {
        let (ctx, (ada, bob)) = (&world.ctx, two(&world).await);
        let mut shown = Vec::new();
        for number in 0..9 {
            let text = if number % 3 == 0 { format!("Plain {number}") } else { format!("Noise {number}") };
            let id = posts::publish(ctx, &bob, note(&text)).await.unwrap().id;
            if number % 3 == 0 {
                shown.insert(0, id);
            }
        }
        make(ctx, &ada, about("noise", &[Context::Home], Action::Hide)).await.unwrap();
        let first = timelines::home(ctx, &ada, Page::newest(2)).await.unwrap();
        assert_eq!(ids(&first.items), shown.get(..2).unwrap());
        let next = timelines::home(ctx, &ada, Page::before(first.last.unwrap(), 2)).await.unwrap();
        assert_eq!(ids(&next.items), shown.get(2..).unwrap());
        let up = Page { min_id: Some(shown.last().unwrap().raw()), ..Page::newest(1) };
        assert_eq!(ids(&timelines::home(ctx, &ada, up).await.unwrap().items), shown.get(1..2).unwrap());
    }
}

#[tokio::test]
async fn a_boost_says_what_was_found_in_what_it_shows() {
    for world in worlds() {
        let (ctx, (ada, bob)) = (&world.ctx, two(&world).await);
        let eve = world.person("eve").await;
        let tea = posts::publish(ctx, &eve, note("Tea")).await.unwrap().id;
        let by_ada = posts::publish(ctx, &ada, note("Tea too")).await.unwrap().id;
        posts::boost(ctx, &bob, by_ada).await.unwrap();
        posts::boost(ctx, &bob, tea).await.unwrap();
        let filter = make(ctx, &ada, about("tea", &[Context::Home], Action::Warn)).await.unwrap();
        let home = world.home(&ada).await;
        let of = |boosted: PostId| {
            home.iter().find(|post| post.boost_of.as_ref().is_some_and(|original| original.id == boosted)).unwrap()
        };
        assert_eq!(found(of(tea)), [("About tea", &["tea".to_owned()][..], 0)]);
        assert_eq!(of(tea).boost_of.as_ref().unwrap().filtered.len(), 1);
        assert_eq!(of(by_ada).filtered.len() + of(by_ada).boost_of.as_ref().unwrap().filtered.len(), 0, "one's own");
        remove_keyword(ctx, &ada, filter.keywords.first().unwrap().id).await.unwrap();
        add_post(ctx, &ada, filter.id, tea).await.unwrap();
        let home = world.home(&ada).await;
        let boost = home.iter().find(|post| post.boost_of.as_ref().is_some_and(|original| original.id == tea)).unwrap();
        assert_eq!(found(boost), [("About tea", &[][..], 1)]);
    }
}

#[tokio::test]
async fn choices_warnings_and_descriptions_are_read_too_and_an_ended_filter_finds_nothing() {
    for world in worlds() {
        let (ctx, (ada, bob)) = (&world.ctx, two(&world).await);
        let asked = crate::polls::PollDraft {
            options: vec!["Mint".to_owned(), "Green".to_owned()],
            lasts: Duration::from_secs(600),
            multiple: false,
            hide_totals: false,
        };
        posts::publish(ctx, &bob, posts::Draft { poll: Some(asked), ..note("Which?") }).await.unwrap();
        posts::publish(ctx, &bob, posts::Draft { summary: "About mint".to_owned(), ..note("Words") }).await.unwrap();
        let edit =
            FilterEdit { lasts: Some(Some(Duration::from_secs(60))), ..about("mint", &[Context::Home], Action::Warn) };
        let filter = make(ctx, &ada, edit).await.unwrap();
        assert!(filter.ends_at.is_some());
        assert_eq!(world.home(&ada).await.iter().filter(|post| !post.filtered.is_empty()).count(), 2);
        ctx.store.clock().advance(Duration::from_secs(61));
        assert!(world.home(&ada).await.iter().all(|post| post.filtered.is_empty()));
        assert_eq!(all(ctx, &ada).await.unwrap().len(), 1, "it is still there to be changed");
        let lasting = FilterEdit { lasts: Some(None), ..FilterEdit::default() };
        assert_eq!(change(ctx, &ada, filter.id, lasting).await.unwrap().ends_at, None);
        assert_eq!(world.home(&ada).await.iter().filter(|post| !post.filtered.is_empty()).count(), 2);
    }
}

#[tokio::test]
async fn keywords_change_with_their_filter_all_or_none() {
    for world in worlds() {
        let (ctx, (ada, bob)) = (&world.ctx, two(&world).await);
        let edit =
            FilterEdit { keywords: vec![word("one"), word("two")], ..about("x", &[Context::Home], Action::Blur) };
        let filter = make(ctx, &ada, edit).await.unwrap();
        let [one, two] = filter.keywords.as_slice() else { unreachable!("two were given") };
        assert!(one.whole_word && filter.action == Action::Blur);
        let change_both = |last: KeywordEdit| FilterEdit {
            title: Some("Numbers".to_owned()),
            keywords: vec![
                KeywordEdit { id: Some(one.id), remove: true, ..KeywordEdit::default() },
                KeywordEdit { id: Some(two.id), whole_word: Some(false), ..KeywordEdit::default() },
                last,
            ],
            ..FilterEdit::default()
        };
        let stranger = KeywordEdit { id: Some(FilterKeywordId::new(7)), ..word("seven") };
        assert!(matches!(change(ctx, &ada, filter.id, change_both(stranger)).await, Err(Error::NotFound(_))));
        let blank = KeywordEdit { whole_word: Some(true), ..KeywordEdit::default() };
        assert!(matches!(change(ctx, &ada, filter.id, change_both(blank)).await, Err(Error::Invalid(_))));
        assert_eq!(show(ctx, &ada, filter.id).await.unwrap(), filter, "nothing of it was done");
        let changed = change(ctx, &ada, filter.id, change_both(word("three"))).await.unwrap();
        let words: Vec<(&str, bool)> = changed.keywords.iter().map(|one| (one.text.as_str(), one.whole_word)).collect();
        assert_eq!((changed.title.as_str(), words.as_slice()), ("Numbers", &[("two", false), ("three", true)][..]));
        let other = make(ctx, &ada, about("y", &[Context::Home], Action::Warn)).await.unwrap();
        let foreign = KeywordEdit { id: other.keywords.first().map(|one| one.id), ..word("z") };
        let edit = FilterEdit { keywords: vec![foreign], ..FilterEdit::default() };
        assert!(matches!(change(ctx, &ada, filter.id, edit).await, Err(Error::NotFound(_))), "another filter's");
        for refused in [
            show(ctx, &bob, filter.id).await.err(),
            change(ctx, &bob, filter.id, FilterEdit::default()).await.err(),
            delete(ctx, &bob, filter.id).await.err(),
            add_keyword(ctx, &bob, filter.id, word("mine")).await.err(),
            keyword(ctx, &bob, two.id).await.err(),
            change_keyword(ctx, &bob, two.id, word("mine")).await.err(),
            remove_keyword(ctx, &bob, two.id).await.err(),
            phrase(ctx, &bob, two.id).await.err(),
            change_phrase(ctx, &bob, two.id, PhraseEdit::default()).await.err(),
        ] {
            assert!(matches!(refused, Some(Error::NotFound(_))), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn a_filter_holds_only_what_its_owner_may_read() {
    for world in worlds() {
        let (ctx, (ada, bob)) = (&world.ctx, two(&world).await);
        let filter = make(ctx, &ada, about("x", &[Context::Home], Action::Warn)).await.unwrap();
        let open = posts::publish(ctx, &bob, note("Open")).await.unwrap().id;
        let eve = world.person("eve").await;
        let closed = posts::Draft { audience: Some(corridor_domain::Audience::Followers), ..note("Closed") };
        let closed = posts::publish(ctx, &eve, closed).await.unwrap().id;
        assert!(matches!(add_post(ctx, &ada, filter.id, closed).await, Err(Error::NotFound(_))));
        let held = add_post(ctx, &ada, filter.id, open).await.unwrap();
        assert!(matches!(add_post(ctx, &ada, filter.id, open).await, Err(Error::Invalid(_))), "twice");
        assert!(matches!(add_post(ctx, &bob, filter.id, open).await, Err(Error::NotFound(_))));
        assert_eq!(post(ctx, &ada, held.id).await.unwrap(), held);
        assert!(matches!(remove_post(ctx, &bob, held.id).await, Err(Error::NotFound(_))));
        remove_post(ctx, &ada, held.id).await.unwrap();
        assert!(matches!(post(ctx, &ada, held.id).await, Err(Error::NotFound(_))));
    }
}

#[tokio::test]
async fn a_phrase_is_a_filter_of_one_keyword() {
    for world in worlds() {
        let (ctx, (ada, _)) = (&world.ctx, two(&world).await);
        let edit = PhraseEdit {
            text: Some("tea".to_owned()),
            contexts: Some([Context::Home].into_iter().collect()),
            hides: Some(true),
            ..PhraseEdit::default()
        };
        let made = make_phrase(ctx, &ada, edit.clone()).await.unwrap();
        assert_eq!(
            (made.filter.title.as_str(), made.filter.action, made.keyword.whole_word),
            ("tea", Action::Hide, false)
        );
        for wrong in
            [PhraseEdit { text: Some(" ".to_owned()), ..edit.clone() }, PhraseEdit { contexts: None, ..edit.clone() }]
        {
            assert!(matches!(make_phrase(ctx, &ada, wrong).await, Err(Error::Invalid(_))));
        }
        let warns = PhraseEdit { text: Some("coffee".to_owned()), hides: Some(false), ..PhraseEdit::default() };
        let changed = change_phrase(ctx, &ada, made.keyword.id, warns.clone()).await.unwrap();
        assert_eq!((changed.keyword.text.as_str(), changed.filter.action), ("coffee", Action::Warn));
        add_keyword(ctx, &ada, made.filter.id, word("milk")).await.unwrap();
        assert_eq!(phrases(ctx, &ada).await.unwrap().len(), 2);
        let refused = change_phrase(ctx, &ada, made.keyword.id, edit).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "the other keyword would hide too");
        assert_eq!(phrase(ctx, &ada, made.keyword.id).await.unwrap().keyword.text, "coffee", "nothing of it was done");
        change_phrase(ctx, &ada, made.keyword.id, warns).await.unwrap();
        remove_keyword(ctx, &ada, made.keyword.id).await.unwrap();
        assert_eq!(all(ctx, &ada).await.unwrap().len(), 1, "its filter stays");
    }
}

#[tokio::test]
async fn there_is_an_end_to_filters_and_keywords() {
    for world in worlds() {
        let (ctx, (ada, _)) = (&world.ctx, two(&world).await);
        let many = |count| (0..count).map(|number: i64| word(&format!("word {number}"))).collect::<Vec<_>>();
        let edit = FilterEdit { keywords: many(MOST_KEYWORDS + 1), ..about("x", &[Context::Home], Action::Warn) };
        assert!(matches!(make(ctx, &ada, edit.clone()).await, Err(Error::Invalid(_))));
        assert_eq!(all(ctx, &ada).await.unwrap(), [], "nothing of it was done");
        let edit = FilterEdit { keywords: Vec::new(), ..edit };
        for _ in 0..MOST {
            make(ctx, &ada, edit.clone()).await.unwrap();
        }
        assert!(matches!(make(ctx, &ada, edit).await, Err(Error::Invalid(_))));
        let long = KeywordEdit { text: Some("x".repeat(513)), ..KeywordEdit::default() };
        let first = all(ctx, &ada).await.unwrap().first().unwrap().id;
        assert!(matches!(add_keyword(ctx, &ada, first, long).await, Err(Error::Invalid(_))));
    }
}
