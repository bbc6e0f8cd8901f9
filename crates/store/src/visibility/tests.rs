//! Holds the SQL predicates and the domain's functions together, on random worlds and both databases.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use corridor_domain::group::Door;
use corridor_domain::visibility::{self as rules};
use corridor_domain::{ActorKind, Page};
use proptest::prelude::*;

use super::*;
use crate::groups::{self, GroupRow};
use crate::posts::{NewPost, PostKind};
use crate::testing::TestDatabase;
use crate::{Error, blocks, fixtures, posts as all_posts, timelines};

const PEERS: usize = 3;
const PEOPLE: usize = 7;
const GROUPS: usize = 2;
const POSTS: usize = 8;

#[derive(Debug, Clone)]
struct PostPlan {
    author: usize,
    audience: Audience,
    marking: i16,
    deleted: bool,
    group: usize,
    boost_of: Option<usize>,
}

/// Everything that decides who sees what, as plain numbers.
#[derive(Debug, Clone)]
struct World {
    /// State and ceiling.
    peers: Vec<(u8, i16)>,
    /// Home (0 is here), and 0: shown, 1: suspended, 2: gone.
    people: Vec<(usize, u8)>,
    /// Where each group is at home, and whether it is open.
    group_homes: Vec<(usize, bool)>,
    posts: Vec<PostPlan>,
    /// 0: no, 1: asked, 2: accepted.
    follows: Vec<Vec<u8>>,
    /// Who has blocked whom.
    blocks: Vec<Vec<bool>>,
    members: Vec<Vec<bool>>,
    recipients: Vec<Vec<bool>>,
}

fn post_plan() -> impl Strategy<Value = PostPlan> {
    let audience = prop::sample::select(Audience::ALL.to_vec());
    let boost = prop::option::weighted(0.3, 0..POSTS);
    (0..PEOPLE, audience, 0..2_i16, prop::bool::weighted(0.15), 0..GROUPS, boost).prop_map(
        |(author, audience, marking, deleted, group, boost_of)| PostPlan {
            author,
            audience,
            marking,
            deleted,
            group,
            boost_of,
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    use prop::collection::vec;
    let sparse = |rows: usize| vec(vec(prop::bool::weighted(0.3), PEOPLE), rows);
    let hidden = prop_oneof![8 => Just(0_u8), 1 => Just(1), 1 => Just(2)];
    (
        vec((0..3_u8, 0..2_i16), PEERS),
        vec((prop_oneof![1 => Just(0), 1 => 0..=PEERS], hidden), PEOPLE),
        vec((0..=PEERS, prop::bool::weighted(0.4)), GROUPS),
        vec(post_plan(), POSTS),
        vec(vec(0..3_u8, PEOPLE), PEOPLE),
        vec(vec(prop::bool::weighted(0.15), PEOPLE), PEOPLE),
        sparse(GROUPS),
        sparse(POSTS),
    )
        .prop_map(|(peers, people, group_homes, posts, follows, blocks, members, recipients)| World {
            peers,
            people,
            group_homes,
            posts,
            follows,
            blocks,
            members,
            recipients,
        })
}

/// The rows that a world became.
struct Built {
    peers: Vec<PeerId>,
    people: Vec<ActorId>,
    posts: Vec<PostId>,
}

impl World {
    fn build(&self, tx: &mut Tx<'_>) -> Built {
        let state = |code: u8| PeerState::from_code(i16::from(code));
        let peers: Vec<PeerId> = self
            .peers
            .iter()
            .map(|(code, ceiling)| fixtures::peer(tx, state(*code), Marking::from_rank(*ceiling)))
            .collect();
        let home = |home: usize| home.checked_sub(1).map(|peer| peers[peer]);
        let people: Vec<ActorId> = self.people.iter().map(|(place, _)| fixtures::person(tx, home(*place))).collect();
        let groups: Vec<ActorId> = self
            .group_homes
            .iter()
            .map(|(place, open)| {
                let id = fixtures::actor(tx, ActorKind::Group, home(*place)).actor_id();
                let door = if *open { Door::Open } else { Door::Hidden };
                let row = GroupRow { actor_id: id.raw(), kind: 0, door: door.code(), marking: 0, archived_at: None };
                groups::put(tx, &row).unwrap();
                id
            })
            .collect();
        for (follower, row) in self.follows.iter().enumerate() {
            for (followed, state) in
                row.iter().enumerate().filter(|(followed, state)| **state > 0 && *followed != follower)
            {
                fixtures::follow(tx, people[follower], people[followed], *state == 2);
            }
        }
        for blocker in 0..PEOPLE {
            for blocked in (0..PEOPLE).filter(|blocked| self.has_blocked(blocker, *blocked)) {
                let uri = format!("https://block.example/{}", tx.new_id());
                blocks::block(tx, people[blocker], people[blocked], &uri).unwrap();
            }
        }
        for (group, row) in self.members.iter().enumerate() {
            for (person, _) in row.iter().enumerate().filter(|(_, is_member)| **is_member) {
                join(tx, groups[group], people[person]);
            }
        }
        let mut built = Built { peers: peers.clone(), people: people.clone(), posts: Vec::new() };
        for (index, plan) in self.posts.iter().enumerate() {
            let origin = home(self.people[plan.author].0);
            let note = fixtures::note(tx, people[plan.author], origin);
            let boost_of = plan.boost_of.filter(|of| *of < index).map(|of| built.posts[of]);
            let named = self.recipients[index].iter().enumerate().filter(|(_, is_named)| **is_named);
            let post = NewPost {
                audience: plan.audience,
                marking: Marking::from_rank(plan.marking),
                group: (plan.audience == Audience::Group).then(|| groups[plan.group]),
                kind: if boost_of.is_some() { PostKind::Boost } else { PostKind::Note },
                boost_of,
                recipients: named.map(|(person, _)| (people[person], true)).collect(),
                ..note
            };
            built.posts.push(all_posts::insert(tx, &post).unwrap());
        }
        self.hide(tx, &built);
        built
    }

    fn hide(&self, tx: &mut Tx<'_>, built: &Built) {
        for (index, (_, hidden)) in self.people.iter().enumerate() {
            let row = actors::table.find(built.people[index].raw());
            let statement = match hidden {
                1 => diesel::update(row).set((actors::suspended_at.eq(Some(1_i64)), actors::deleted_at.eq(None))),
                2 => diesel::update(row).set((actors::suspended_at.eq(None), actors::deleted_at.eq(Some(1_i64)))),
                _ => continue,
            };
            statement.execute(tx.conn).unwrap();
        }
        for (index, _) in self.posts.iter().enumerate().filter(|(_, plan)| plan.deleted) {
            diesel::update(posts::table.find(built.posts[index].raw()))
                .set(posts::deleted_at.eq(1_i64))
                .execute(tx.conn)
                .unwrap();
        }
    }

    fn facts(&self, index: usize, built: &Built) -> PostFacts {
        let plan = &self.posts[index];
        let (place, hidden) = self.people[plan.author];
        PostFacts {
            author: built.people[plan.author],
            audience: plan.audience,
            marking: Marking::from_rank(plan.marking),
            deleted: plan.deleted,
            author_hidden: hidden > 0,
            origin: place
                .checked_sub(1)
                .map(|peer| (built.peers[peer], PeerState::from_code(i16::from(self.peers[peer].0)))),
        }
    }

    fn has_blocked(&self, blocker: usize, blocked: usize) -> bool {
        blocker != blocked && self.blocks[blocker][blocked]
    }

    fn reader(&self, index: usize, reader: usize, built: &Built) -> ReaderFacts {
        let plan = &self.posts[index];
        ReaderFacts {
            reader: built.people[reader],
            follows_author: reader != plan.author && self.follows[reader][plan.author] == 2,
            is_recipient: self.recipients[index][reader],
            is_member: plan.audience == Audience::Group
                && (self.members[plan.group][reader] || self.group_homes[plan.group].1),
            is_blocked: self.has_blocked(plan.author, reader),
        }
    }

    fn at(&self, peer: usize) -> impl Iterator<Item = usize> + '_ {
        (0..PEOPLE).filter(move |person| self.people[*person].0 == peer + 1)
    }

    fn peer(&self, index: usize, peer: usize, built: &Built) -> PeerFacts {
        let plan = &self.posts[index];
        let (state, ceiling) = self.peers[peer];
        let in_group = plan.audience == Audience::Group;
        PeerFacts {
            peer: built.peers[peer],
            state: PeerState::from_code(i16::from(state)),
            ceiling: Marking::from_rank(ceiling),
            has_follower: self.at(peer).any(|who| who != plan.author && self.follows[who][plan.author] == 2),
            has_recipient: self.at(peer).any(|who| self.recipients[index][who]),
            has_member: in_group
                && (self.group_homes[plan.group].0 == peer + 1
                    || self.group_homes[plan.group].1
                    || self.at(peer).any(|who| self.members[plan.group][who])),
        }
    }

    /// A boost is shown only with what it boosts, which must be for everyone, and not to whom its author has blocked.
    fn original_is_shown(&self, index: usize, reader: Option<usize>, built: &Built) -> bool {
        match self.posts[index].boost_of.filter(|of| *of < index) {
            None => true,
            Some(of) => {
                let stranger = ReaderFacts {
                    reader: ActorId::new(i64::MAX),
                    follows_author: false,
                    is_recipient: false,
                    is_member: false,
                    is_blocked: reader.is_some_and(|reader| self.has_blocked(self.posts[of].author, reader)),
                };
                self.posts[of].audience == Audience::Network && rules::may_read(&self.facts(of, built), &stranger)
            }
        }
    }

    fn compare(&self, tx: &mut Tx<'_>, built: &Built) {
        for reader in (0..PEOPLE).filter(|person| self.people[*person].0 == 0) {
            let readable = all_posts::find_many_readable(tx, &built.posts, built.people[reader]).unwrap();
            for index in 0..POSTS {
                let (post, who) = (self.facts(index, built), self.reader(index, reader, built));
                let expected = rules::may_read(&post, &who) && self.original_is_shown(index, Some(reader), built);
                let found = readable.iter().any(|row| row.id() == built.posts[index]);
                assert_eq!(found, expected, "post {index} read by {reader}: {post:?} {who:?}");
                assert_eq!(found, may_read(tx, built.posts[index], who.reader).unwrap());
            }
        }
        for peer in 0..PEERS {
            for index in 0..POSTS {
                let (post, there) = (self.facts(index, built), self.peer(index, peer, built));
                let expected = rules::may_leave(&post, &there).is_ok() && self.original_is_shown(index, None, built);
                let found = may_leave(tx, built.posts[index], built.peers[peer]).unwrap();
                assert_eq!(found, expected, "post {index} to peer {peer}: {post:?} {there:?}");
            }
        }
        self.compare_facts(tx, built);
    }

    /// What the store tells of a post, a reader and a peer is what the world says.
    fn compare_facts(&self, tx: &mut Tx<'_>, built: &Built) {
        for index in 0..POSTS {
            let row = all_posts::find(tx, built.posts[index]).unwrap();
            assert_eq!(post_facts(tx, &row).unwrap(), self.facts(index, built));
            let reader = reader_facts(tx, &row, built.people[index % PEOPLE]).unwrap();
            assert_eq!(reader, self.reader(index, index % PEOPLE, built));
            let peer = peer_facts(tx, &row, built.peers[index % PEERS]).unwrap();
            assert_eq!(peer, self.peer(index, index % PEERS, built));
        }
    }
}

fn join(tx: &mut Tx<'_>, group: ActorId, person: ActorId) {
    diesel::insert_into(memberships::table)
        .values((
            memberships::group_id.eq(group.raw()),
            memberships::actor_id.eq(person.raw()),
            memberships::facilitator.eq(false),
            memberships::joined_at.eq(0_i64),
        ))
        .execute(tx.conn)
        .unwrap();
}

/// Builds and compares in a transaction that is taken back.
fn holds_together(runtime: &tokio::runtime::Runtime, database: &TestDatabase, world: &World) {
    let world = world.clone();
    let outcome = runtime.block_on(database.store.write(move |tx| {
        let built = world.build(tx);
        world.compare(tx, &built);
        Err::<(), _>(Error::NotFound)
    }));
    // A failed comparison panics in the writer, which answers with another error.
    assert!(matches!(outcome, Err(Error::NotFound)), "the predicate and the rules differ: {outcome:?}");
}

#[test]
fn sql_and_rules_agree_on_random_worlds() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for database in TestDatabase::each() {
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            cases: 96,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let outcome = runner.run(&world(), |world| {
            holds_together(&runtime, &database, &world);
            Ok(())
        });
        outcome.unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn an_outbox_has_exactly_what_may_leave(world in world()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for database in TestDatabase::each() {
            let world = world.clone();
            runtime.block_on(database.store.write(move |tx| {
                let built = world.build(tx);
                for author in &built.people {
                    for peer in &built.peers {
                        let page = timelines::outbox(tx, *author, *peer, &Page::newest(100))?;
                        assert_eq!(i64::try_from(page.len()).unwrap(), timelines::outbox_count(tx, *author, *peer)?);
                        for row in page {
                            assert!(may_leave(tx, row.id(), *peer)?);
                        }
                    }
                }
                Ok::<_, Error>(())
            })).unwrap();
        }
    }
}
