//! Acts about people: whole or not at all, with the words that the audit keeps.

#![expect(clippy::unwrap_used, reason = "tests")]

use corridor_domain::Marking;

use super::*;
use crate::Viewer;
use crate::fixtures::{World, worlds};
use crate::reports::{Category, NewReport, ReportFilter, list_whole, report};

async fn reported(world: &World, by: &Viewer, target: ActorId) -> i64 {
    let comment = "Please look.".to_owned();
    let new = NewReport { target, posts: Vec::new(), comment, category: Category::Other, forward: false };
    report(&world.ctx, by, new).await.unwrap().id
}

/// What the audit tells since `from`, and where it ends.
async fn told(world: &World, from: i64) -> (Vec<(String, String)>, i64) {
    let entries = world.ctx.store.read(move |tx| corridor_store::audit::after(tx, from, 99)).await.unwrap();
    let end = entries.last().map_or(from, |entry| entry.number);
    (entries.into_iter().map(|entry| (entry.who, entry.action)).collect(), end)
}

#[tokio::test]
async fn disabling_somebody_settles_what_waits_about_them_or_changes_nothing() {
    for world in worlds() {
        let (ctx, ada, bob) = (&world.ctx, world.person("ada").await, world.person("bob").await);
        let eve = world.person("eve").await;
        let administrator = Viewer { role: Role::Administrator, ..ada.clone() };
        let by = Operator::Person(administrator.clone());
        let (first, _, other) = (
            reported(&world, &ada, bob.id).await,
            reported(&world, &eve, bob.id).await,
            reported(&world, &ada, eve.id).await,
        );
        let (_, before) = told(&world, 0).await;
        let wrong = act(ctx, &by, bob.id, Measure::Disable, Some(other), String::new()).await;
        assert!(matches!(wrong, Err(Error::NotFound("that report"))), "{wrong:?}");
        let long = act(ctx, &by, bob.id, Measure::Disable, Some(first), "x".repeat(1001)).await;
        assert!(matches!(long, Err(Error::Invalid(_))), "{long:?}");
        assert_eq!(told(&world, before).await.0, [], "what was refused left nothing");
        assert!(!show(ctx, &by, bob.id).await.unwrap().account.unwrap().disabled);
        act(ctx, &by, bob.id, Measure::Disable, Some(first), "Again and again".to_owned()).await.unwrap();
        let (acts, after) = told(&world, before).await;
        let by_ada = |action: &str| ("person:ada".to_owned(), action.to_owned());
        assert_eq!(acts, [by_ada("user.disable"), by_ada("report.resolve"), by_ada("report.resolve")]);
        let waiting = ReportFilter { resolved: Some(false), ..ReportFilter::default() };
        let left = list_whole(ctx, &administrator, waiting, Page::newest(9)).await.unwrap();
        assert_eq!(left.items.iter().map(|report| report.id).collect::<Vec<_>>(), [other]);
        assert!(!enable(ctx, &by, bob.id).await.unwrap().account.unwrap().disabled);
        enable(ctx, &by, bob.id).await.unwrap();
        assert_eq!(told(&world, after).await.0, [by_ada("user.enable")], "the second time there was nothing to do");
    }
}

#[tokio::test]
async fn who_handles_reports_disables_nobody_and_is_told_no_address() {
    for world in worlds() {
        let (ctx, ada, bob) = (&world.ctx, world.person("ada").await, world.person("bob").await);
        let peer = world.peer("there.example", Marking::LOWEST).await;
        let afar = world.person_of(peer, "there.example", "afar").await;
        let with = |role: Role| Operator::Person(Viewer { role, ..ada.clone() });
        let (moderator, administrator) = (with(Role::Moderator), with(Role::Administrator));
        let report = reported(&world, &bob, afar).await;
        for role in [Role::Member, Role::Facilitator, Role::RecordsOfficer] {
            assert!(matches!(show(ctx, &with(role), bob.id).await, Err(Error::Forbidden(_))), "{role:?}");
            let settled = act(ctx, &with(role), afar, Measure::Nothing, Some(report), String::new()).await;
            assert!(matches!(settled, Err(Error::Forbidden(_))), "{role:?}");
        }
        assert!(show(ctx, &moderator, bob.id).await.unwrap().account.unwrap().email.is_none());
        assert!(show(ctx, &administrator, bob.id).await.unwrap().account.unwrap().email.is_some());
        let sought = PeopleFilter { email: "bob@here.example".to_owned(), ..PeopleFilter::default() };
        assert!(matches!(list(ctx, &moderator, sought, Page::newest(9)).await, Err(Error::Forbidden(_))));
        for whom in [bob.id, afar, ada.id] {
            let by_moderator = act(ctx, &moderator, whom, Measure::Disable, None, String::new()).await;
            assert!(matches!(by_moderator, Err(Error::Forbidden(_))));
        }
        for whom in [afar, ada.id] {
            let refused = act(ctx, &administrator, whom, Measure::Disable, None, String::new()).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))), "neither somebody else's nor one's own: {refused:?}");
        }
        act(ctx, &moderator, afar, Measure::Nothing, Some(report), String::new()).await.unwrap();
        let again = act(ctx, &moderator, afar, Measure::Nothing, Some(report), String::new()).await;
        assert!(matches!(again, Err(Error::Invalid(_))), "{again:?}");
    }
}
