//! The groups that the demonstration starts with: one at home in each department, with members of all three.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use corridor_app::groups::{self, NewGroup, as_person};
use corridor_app::posts::{self, Draft};
use corridor_app::{Viewer, accounts};
use corridor_domain::ActorId;
use corridor_domain::group::{Door, GroupKind};
use corridor_domain::text::Handle;

use super::{Demo, DemoNode};

/// How long another node on the same machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

struct Group {
    /// Which node is its home.
    home: usize,
    name: &'static str,
    title: &'static str,
    about: &'static str,
    kind: GroupKind,
    door: Door,
    /// By username, at home.
    facilitator: &'static str,
    /// Node and username of who joins, and what they say there: a title, and a text.
    members: &'static [(usize, &'static str, &'static str, &'static str)],
}

const GROUPS: [Group; 3] = [
    Group {
        home: 0,
        name: "service-design",
        title: "Service designers",
        about: "For everyone who designs services: **patterns**, research, and honest questions.",
        kind: GroupKind::Profession,
        door: Door::Open,
        facilitator: "beatrice",
        members: &[
            (
                0,
                "meera",
                "What we learned from 40 interviews",
                "People ask for *one* place to see what they have sent us.",
            ),
            (
                1,
                "ben",
                "Which form patterns do you reuse?",
                "We are about to write our third address look-up. Surely one of you has a good one?",
            ),
        ],
    },
    Group {
        home: 1,
        name: "rail-data",
        title: "Rail data users",
        about: "Those who work with timetable and passenger data. Ask to join and say what for.",
        kind: GroupKind::Specialism,
        door: Door::ByRequest,
        facilitator: "hannah",
        members: &[
            (1, "george", "The new timetable feed", "It changes at midnight on Sunday; the old one stays for a month."),
            (0, "owen", "Journeys to hospitals", "Has anybody matched stops with clinic addresses?"),
        ],
    },
    Group {
        home: 2,
        name: "book-club",
        title: "Book club",
        about: "One book a month. Come even if you haven't finished it.",
        kind: GroupKind::Social,
        door: Door::Open,
        facilitator: "edith",
        members: &[(2, "rajan", "This month", "Short stories, so there is no excuse."), (0, "grace", "", "")],
    },
];

/// Makes the groups, lets their members in, and has them talk.
pub(super) async fn fill(demo: &Demo) -> Result<()> {
    for group in &GROUPS {
        let home = node(demo, group.home)?;
        let facilitator = as_person(&viewer(home, group.facilitator).await?);
        let new = NewGroup {
            name: group.name.to_owned(),
            title: group.title.to_owned(),
            about: group.about.to_owned(),
            kind: group.kind,
            door: group.door,
            marking: None,
            facilitator: None,
        };
        let made = groups::make(&home.ctx, &facilitator, new).await.with_context(|| group.name.to_owned())?;
        for (place, name, title, text) in group.members {
            let (node, member) = (node(demo, *place)?, viewer(node(demo, *place)?, name).await?);
            let id = if *place == group.home { made.actor.id } else { find(node, home, group.name).await? };
            groups::join(&node.ctx, &member, id).await.with_context(|| format!("{name} can't join {}", group.name))?;
            let_in(node, &member, id, || async {
                for (asking, _) in groups::requests(&home.ctx, &facilitator, made.actor.id).await? {
                    groups::decide(&home.ctx, &facilitator, made.actor.id, asking.id, true).await?;
                }
                Ok(())
            })
            .await?;
            if !text.is_empty() {
                let draft = Draft {
                    title: (*title).to_owned(),
                    text: (*text).to_owned(),
                    group: Some(id),
                    question: text.ends_with('?'),
                    ..Draft::default()
                };
                posts::publish(&node.ctx, &member, draft).await.with_context(|| format!("{name} could not post"))?;
            }
        }
    }
    Ok(())
}

fn node(demo: &Demo, index: usize) -> Result<&DemoNode> {
    demo.nodes.get(index).context("no such department")
}

async fn viewer(node: &DemoNode, name: &str) -> Result<Viewer> {
    accounts::viewer_by_username(&node.ctx, name).await.with_context(|| name.to_owned())
}

async fn find(node: &DemoNode, home: &DemoNode, name: &str) -> Result<ActorId> {
    let handle = Handle::parse(&format!("@{name}@{}", home.account_domain))?;
    let remote = node.ctx.remote().context("the node has no way to its peers")?;
    Ok(remote.resolve_handle(&handle, &home.account_domain).await?)
}

/// Waits until somebody is in, while the facilitator answers who asks.
async fn let_in<F: Future<Output = Result<()>>>(
    node: &DemoNode,
    member: &Viewer,
    id: ActorId,
    mut answer: impl FnMut() -> F,
) -> Result<()> {
    let start = Instant::now();
    while !groups::show(&node.ctx, &as_person(member), id).await?.standing.is_member() {
        answer().await?;
        if start.elapsed() > PATIENCE {
            bail!("{} waits to be let into a group", member.username);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
