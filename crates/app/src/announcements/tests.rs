//! Who may announce, and what the audit keeps, on both databases.

#![expect(clippy::unwrap_used, reason = "tests")]

use corridor_domain::Role;
use corridor_store::audit as entries;

use super::*;
use crate::fixtures::worlds;

fn text(words: &str) -> Announcement {
    Announcement { text: words.to_owned(), ..Announcement::default() }
}

#[tokio::test]
async fn administrators_announce_and_the_audit_says_so() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let member = Operator::Person(ada.clone());
        let admin = Operator::Person(Viewer { role: Role::Administrator, ..ada.clone() });
        let id = add(&world.ctx, &admin, text("Hello")).await.unwrap().id;
        let new = AnnouncementChange { text: Some("Hello again".to_owned()), ..AnnouncementChange::default() };
        assert!(matches!(add(&world.ctx, &member, text("Mine")).await, Err(Error::Forbidden(_))));
        assert!(matches!(change(&world.ctx, &member, id, new.clone()).await, Err(Error::Forbidden(_))));
        assert!(matches!(end(&world.ctx, &member, id).await, Err(Error::Forbidden(_))));
        assert!(matches!(latest(&world.ctx, &member, 10).await, Err(Error::Forbidden(_))));
        change(&world.ctx, &admin, id, new).await.unwrap();
        let shown = all(&world.ctx, &ada).await.unwrap();
        assert_eq!(shown.iter().map(|one| one.content.as_str()).collect::<Vec<_>>(), ["<p>Hello again</p>"]);
        end(&world.ctx, &admin, id).await.unwrap();
        let kept = world.write(|tx| entries::after(tx, 0, 100)).await;
        let kept: Vec<(String, String)> = kept.into_iter().map(|entry| (entry.who, entry.action)).collect();
        let expected = ["announcement.add", "announcement.change", "announcement.end"];
        assert_eq!(kept, expected.map(|action| ("person:ada".to_owned(), action.to_owned())));
    }
}

#[tokio::test]
async fn it_is_shown_until_its_end_and_a_day_lasts_to_its_end() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let today = day_of(world.ctx.now());
        let until = |ends, all_day| Announcement { ends_at: Some(ends), all_day, ..text("Soon over") };
        let soon = world.ctx.now() + Duration::from_secs(60);
        add(&world.ctx, &Operator::System, until(soon, false)).await.unwrap();
        // A day that began is not over.
        add(&world.ctx, &Operator::System, until(today, true)).await.unwrap();
        for (ends, all_day) in [(today, false), (today - DAY, true)] {
            let refused = add(&world.ctx, &Operator::System, until(ends, all_day)).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        }
        assert!(matches!(add(&world.ctx, &Operator::System, text(" ")).await, Err(Error::Invalid(_))));
        let count = async || all(&world.ctx, &ada).await.unwrap().len();
        assert_eq!(count().await, 2);
        world.ctx.store.clock().advance(DAY + Duration::from_secs(60));
        assert_eq!(count().await, 0);
        // Nothing is left to take away a second time.
        world.ctx.store.write(settle).await.unwrap();
        assert_eq!(world.ctx.store.write(|tx| Ok::<_, Error>(announcements::withdraw_over(tx)?)).await.unwrap(), 0);
    }
}
