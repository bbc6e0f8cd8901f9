//! Lists: whose posts they show, which answers, and what they keep from the home feed.

#![expect(clippy::unwrap_used, reason = "tests")]

use corridor_domain::{Audience, PostId};

use super::*;
use crate::posts::{self as all_posts, PostRow};
use crate::testing::TestDatabase;
use crate::{Error, fixtures, timelines};

fn list(tx: &mut Tx<'_>, owner: ActorId, policy: RepliesPolicy, members: &[ActorId]) -> ListRow {
    let row = ListRow {
        id: tx.new_id(),
        owner_id: owner.raw(),
        title: "Some".to_owned(),
        replies_policy: policy.code(),
        exclusive: false,
        created_at: 0,
    };
    insert(tx, &row).unwrap();
    for member in members {
        add(tx, row.id(), *member).unwrap();
    }
    row
}

fn says(tx: &mut Tx<'_>, author: ActorId, to: Option<PostId>) -> PostId {
    let mut note = fixtures::note(tx, author, None);
    note.in_reply_to = to;
    all_posts::insert(tx, &note).unwrap()
}

fn shown(tx: &mut Tx<'_>, list: &ListRow) -> Vec<PostId> {
    timelines::of_list(tx, list, &Page::newest(90)).unwrap().iter().map(PostRow::id).collect()
}

fn home(tx: &mut Tx<'_>, person: ActorId) -> Vec<PostId> {
    timelines::home(tx, person, &Page::newest(90)).unwrap().iter().map(PostRow::id).collect()
}

#[tokio::test]
async fn a_list_shows_its_members_posts_and_the_answers_that_its_policy_wants() {
    for database in TestDatabase::each() {
        database
            .store
            .write(|tx| {
                let owner = fixtures::member(tx);
                let [ann, bea, cid] = [0; 3].map(|_| fixtures::person(tx, None));
                for followed in [ann, bea, cid] {
                    fixtures::follow(tx, owner, followed, true);
                }
                let stranger = fixtures::person(tx, None);
                let mine = says(tx, owner, None);
                let by_cid = says(tx, cid, None);
                let by_stranger = says(tx, stranger, None);
                let plain = says(tx, ann, None);
                let to_self = says(tx, ann, Some(plain));
                let to_owner = says(tx, ann, Some(mine));
                let to_member = says(tx, bea, Some(plain));
                let to_followed = says(tx, ann, Some(by_cid));
                let to_stranger = says(tx, ann, Some(by_stranger));
                let to_nobody_here = {
                    let mut note = fixtures::note(tx, ann, None);
                    note.in_reply_to_uri = Some("https://elsewhere.example/1".to_owned());
                    all_posts::insert(tx, &note)?
                };
                assert!(home(tx, owner).contains(&to_nobody_here) && home(tx, owner).contains(&to_stranger));
                let always = [to_owner, to_self, plain];
                for (policy, answers) in [
                    (RepliesPolicy::None, vec![]),
                    (RepliesPolicy::List, vec![to_member]),
                    (RepliesPolicy::Followed, vec![to_followed, to_member]),
                ] {
                    let list = list(tx, owner, policy, &[ann, bea]);
                    let mut expected: Vec<PostId> = always.into_iter().chain(answers).collect();
                    expected.sort_unstable();
                    expected.reverse();
                    assert_eq!(shown(tx, &list), expected, "{policy:?}");
                    for post in home(tx, owner) {
                        assert_eq!(timelines::is_in_list(tx, &list, post)?, expected.contains(&post));
                    }
                }
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_exclusive_list_keeps_its_members_from_home_and_nobody_else() {
    for database in TestDatabase::each() {
        database
            .store
            .write(|tx| {
                let (owner, other) = (fixtures::member(tx), fixtures::member(tx));
                let [ann, bea] = [0; 2].map(|_| fixtures::person(tx, None));
                for followed in [ann, bea] {
                    fixtures::follow(tx, owner, followed, true);
                    fixtures::follow(tx, other, followed, true);
                }
                let (by_ann, by_bea, mine) = (says(tx, ann, None), says(tx, bea, None), says(tx, owner, None));
                let apart = ListRow { exclusive: true, ..list(tx, owner, RepliesPolicy::List, &[ann, owner]) };
                assert_eq!(home(tx, owner), [mine, by_bea, by_ann], "not yet");
                update(tx, &apart)?;
                assert_eq!(find(tx, owner, apart.id())?.as_ref(), Some(&apart));
                assert_eq!(home(tx, owner), [mine, by_bea], "one's own posts stay");
                assert_eq!(home(tx, other), [by_bea, by_ann], "another's list is nothing to them");
                assert_eq!(shown(tx, &apart), [mine, by_ann]);
                delete(tx, apart.id())?;
                assert_eq!(home(tx, owner), [mine, by_bea, by_ann]);
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn what_may_not_be_read_any_more_is_in_no_list_and_a_group_may_be_on_one() {
    for database in TestDatabase::each() {
        database
            .store
            .write(|tx| {
                let (owner, author) = (fixtures::member(tx), fixtures::person(tx, None));
                let group = fixtures::actor(tx, corridor_domain::ActorKind::Group, None).actor_id();
                fixtures::follow(tx, owner, author, true);
                let mine = list(tx, owner, RepliesPolicy::List, &[author]);
                let post = says(tx, author, None);
                let of_group = list(tx, owner, RepliesPolicy::List, &[group]);
                diesel::insert_into(crate::schema::memberships::table)
                    .values((
                        crate::schema::memberships::group_id.eq(group.raw()),
                        crate::schema::memberships::actor_id.eq(owner.raw()),
                        crate::schema::memberships::facilitator.eq(false),
                        crate::schema::memberships::joined_at.eq(0_i64),
                    ))
                    .execute(tx.conn)?;
                let mut talk = fixtures::note(tx, author, None);
                (talk.audience, talk.group) = (Audience::Group, Some(group));
                let talk = all_posts::insert(tx, &talk)?;
                assert_eq!(shown(tx, &of_group), [talk]);
                assert_eq!(shown(tx, &mine), [talk, post]);
                crate::blocks::block(tx, author, owner, "https://here.example/block")?;
                assert_eq!(shown(tx, &mine), []);
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn who_is_followed_no_longer_is_on_no_list_of_that_person() {
    for database in TestDatabase::each() {
        database
            .store
            .write(|tx| {
                let (owner, other) = (fixtures::member(tx), fixtures::member(tx));
                let [ann, bea] = [0; 2].map(|_| fixtures::person(tx, None));
                for follower in [owner, other] {
                    fixtures::follow(tx, follower, ann, true);
                    fixtures::follow(tx, follower, bea, false);
                }
                let mine = list(tx, owner, RepliesPolicy::List, &[ann, bea]);
                let theirs = list(tx, other, RepliesPolicy::List, &[ann]);
                assert!(matches!(crate::lists::find(tx, other, mine.id()), Ok(None)), "nobody else's");
                assert_eq!(holding(tx, owner, ann)?, std::slice::from_ref(&mine));
                assert_eq!(members(tx, mine.id(), &Page::newest(9))?, [bea, ann]);
                assert_eq!(members(tx, mine.id(), &Page::before(bea.raw(), 9))?, [ann]);
                for followed in [ann, bea] {
                    crate::follows::remove(tx, owner, followed)?;
                }
                assert_eq!(members(tx, mine.id(), &Page::newest(9))?, []);
                assert_eq!(members(tx, theirs.id(), &Page::newest(9))?, [ann]);
                remove(tx, theirs.id(), ann)?;
                remove(tx, theirs.id(), ann)?;
                assert_eq!(of_owner(tx, other)?, [theirs]);
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}
