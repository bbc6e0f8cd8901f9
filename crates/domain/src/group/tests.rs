use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn door() -> impl Strategy<Value = Door> {
    prop::sample::select(Door::ALL)
}

fn role() -> impl Strategy<Value = GroupRole> {
    prop::sample::select(GroupRole::ALL)
}

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![Just(Standing::Stranger), Just(Standing::Asked), Just(Standing::Invited), role().prop_map(Standing::In),]
}

/// Somebody to whom a hidden group isn't there.
fn outsider() -> impl Strategy<Value = Standing> {
    prop::sample::select(vec![Standing::Stranger, Standing::Asked])
}

fn closed_door() -> impl Strategy<Value = Door> {
    prop::sample::select(vec![Door::ByRequest, Door::Invited, Door::Hidden])
}

prop_compose! {
    fn group()(door in door(), rank in 0_i16..4, archived: bool) -> GroupFacts {
        GroupFacts { door, marking: Marking::from_rank(rank), archived }
    }
}

/// Something that one of four people does, perhaps to another.
#[derive(Debug, Clone)]
enum Act {
    Join(u8),
    Invite(u8, u8),
    Approve(u8, u8),
    Remove(u8, u8),
    Role(u8, u8, GroupRole),
    Leave(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let who = || 0_u8..4;
    prop_oneof![
        who().prop_map(Act::Join),
        (who(), who()).prop_map(|(by, whom)| Act::Invite(by, whom)),
        (who(), who()).prop_map(|(by, whom)| Act::Approve(by, whom)),
        (who(), who()).prop_map(|(by, whom)| Act::Remove(by, whom)),
        (who(), who(), role()).prop_map(|(by, whom, role)| Act::Role(by, whom, role)),
        who().prop_map(Act::Leave),
    ]
}

/// Applies an act to the roster if the rules let it pass.
fn apply(group: &GroupFacts, roster: &mut BTreeMap<u8, Standing>, act: &Act) {
    let of = |who: &u8| roster.get(who).copied().unwrap_or(Standing::Stranger);
    let facilitators = roster.values().filter(|standing| standing.is_facilitator()).count() as u64;
    let change = match act {
        Act::Join(who) => may_join(group, of(who)).map(|entry| match entry {
            Entry::Joins => (*who, Standing::In(GroupRole::Member)),
            Entry::Asks => (*who, Standing::Asked),
        }),
        Act::Invite(by, whom) => may_invite(group, of(by), of(whom)).map(|()| (*whom, Standing::Invited)),
        Act::Approve(by, whom) => {
            may_decide(group, of(by), of(whom)).map(|()| (*whom, Standing::In(GroupRole::Member)))
        }
        Act::Remove(by, whom) => may_remove(group, of(by), of(whom), by == whom).map(|()| (*whom, Standing::Stranger)),
        Act::Role(by, whom, role) => {
            may_give_role(group, of(by), of(whom), *role, facilitators).map(|()| (*whom, Standing::In(*role)))
        }
        Act::Leave(who) => may_leave(group, of(who), facilitators).map(|()| (*who, Standing::Stranger)),
    };
    if let Ok((who, standing)) = change {
        roster.insert(who, standing);
    }
}

#[test]
fn words_and_numbers_go_there_and_back() {
    for kind in GroupKind::ALL {
        assert_eq!(kind.word().parse(), Ok(*kind));
        assert_eq!(GroupKind::from_code(kind.code()), Some(*kind));
    }
    for door in Door::ALL {
        assert_eq!(door.word().parse(), Ok(*door));
        assert_eq!(Door::from_code(door.code()), Some(*door));
    }
    for role in GroupRole::ALL {
        assert_eq!(role.word().parse(), Ok(*role));
        assert_eq!(GroupRole::from_code(role.code()), Some(*role));
    }
    assert_eq!(Door::from_code(9), None);
    let refused = "ajar".parse::<Door>().map_err(|unknown| unknown.to_string());
    assert_eq!(refused, Err("“ajar” is not a door of a group: use open, by-request, invited or hidden".to_owned()));
}

#[test]
fn a_stranger_at_each_door() {
    let at = |door| may_join(&GroupFacts { door, marking: Marking::LOWEST, archived: false }, Standing::Stranger);
    assert_eq!(at(Door::Open), Ok(Entry::Joins));
    assert_eq!(at(Door::ByRequest), Ok(Entry::Asks));
    assert_eq!(at(Door::Invited), Err(GroupRefused::InvitationOnly));
    assert_eq!(at(Door::Hidden), Err(GroupRefused::NoSuchGroup));
}

proptest! {
    #[test]
    fn a_living_group_never_loses_its_last_facilitator(
        group in group(), acts in prop::collection::vec(act(), 0..60),
    ) {
        let group = GroupFacts { archived: false, ..group };
        let mut roster = BTreeMap::from([(0, Standing::In(GroupRole::Facilitator))]);
        for act in &acts {
            apply(&group, &mut roster, act);
            prop_assert!(roster.values().any(|standing| standing.is_facilitator()), "after {act:?}");
        }
    }

    #[test]
    fn nobody_comes_into_a_closed_group_but_by_a_facilitator(
        group in group(), door in closed_door(), acts in prop::collection::vec(act(), 0..60),
    ) {
        // Person 0 alone runs the group and does nothing: whoever else tries, the roster stays theirs.
        let group = GroupFacts { door, ..group };
        let mut roster = BTreeMap::from([(0, Standing::In(GroupRole::Facilitator))]);
        let of_others = |act: &&Act| !matches!(
            act,
            Act::Invite(0, _) | Act::Approve(0, _) | Act::Remove(0, _) | Act::Role(0, ..) | Act::Leave(0)
        );
        for act in acts.iter().filter(of_others) {
            apply(&group, &mut roster, act);
        }
        let members = roster.values().filter(|standing| standing.is_member()).count();
        prop_assert_eq!(members, 1);
    }

    #[test]
    fn to_whom_a_group_is_hidden_every_answer_is_that_it_is_not_there(
        group in group(), outsider in outsider(), other in standing(), role in role(), rank in 0_i16..4,
        announcement: bool, oneself: bool, facilitators in 0_u64..3,
    ) {
        let group = GroupFacts { door: Door::Hidden, ..group };
        let not_there = GroupRefused::NoSuchGroup;
        prop_assert!(!may_read(group.door, outsider));
        prop_assert_eq!(may_join(&group, outsider), Err(not_there));
        prop_assert_eq!(may_post(&group, outsider, Marking::from_rank(rank), announcement), Err(not_there));
        prop_assert_eq!(may_invite(&group, outsider, other), Err(not_there));
        prop_assert_eq!(may_decide(&group, outsider, other), Err(not_there));
        prop_assert_eq!(may_remove(&group, outsider, other, oneself), Err(not_there));
        prop_assert_eq!(may_give_role(&group, outsider, other, role, facilitators), Err(not_there));
        prop_assert_eq!(may_leave(&group, outsider, facilitators), Err(not_there));
        prop_assert_eq!(may_run(&group, outsider), Err(not_there));
    }

    #[test]
    fn only_members_read_behind_a_closed_door_and_only_who_reads_posts(
        group in group(), standing in standing(), rank in 0_i16..4, announcement: bool,
    ) {
        prop_assert_eq!(may_read(group.door, standing), group.door == Door::Open || standing.is_member());
        prop_assert!(!may_read(group.door, standing) || may_see(group.door, standing));
        let posts = may_post(&group, standing, Marking::from_rank(rank), announcement).is_ok();
        prop_assert!(!posts || may_read(group.door, standing));
    }

    #[test]
    fn a_post_is_by_a_member_never_below_the_group_and_an_announcement_by_a_facilitator(
        group in group(), standing in standing(), rank in 0_i16..4, announcement: bool,
    ) {
        let posts = may_post(&group, standing, Marking::from_rank(rank), announcement).is_ok();
        let may = !group.archived
            && standing.is_member()
            && (!announcement || standing.is_facilitator())
            && rank >= group.marking.rank();
        prop_assert_eq!(posts, may);
    }

    #[test]
    fn nothing_changes_in_an_archived_group_but_that_people_leave(
        group in group(), acts in prop::collection::vec(act(), 0..40),
    ) {
        let group = GroupFacts { archived: true, ..group };
        let before = BTreeMap::from([
            (0, Standing::In(GroupRole::Facilitator)), (1, Standing::In(GroupRole::Member)),
            (2, Standing::Asked), (3, Standing::Invited),
        ]);
        let mut roster = before.clone();
        for act in &acts {
            apply(&group, &mut roster, act);
        }
        for (who, standing) in &before {
            let now = roster.get(who).copied();
            // Members leave, and whoever was invited turns the invitation down.
            let may_go = standing.is_member() || *standing == Standing::Invited;
            prop_assert!(now == Some(*standing) || (may_go && now == Some(Standing::Stranger)));
        }
    }
}
