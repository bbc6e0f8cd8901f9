//! Fills the three nodes: people, follows and the conversation.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use corridor_app::Viewer;
use corridor_app::accounts::{self, NewUser};
use corridor_app::follows::{self, FollowOptions};
use corridor_app::operator::Operator;
use corridor_app::posts::{self, Draft};
use corridor_app::search::{self, Query};
use corridor_domain::text::Handle;
use corridor_domain::{ActorId, Audience, PostId};
use indicatif::ProgressBar;

use super::cast::{DEPARTMENTS, FOLLOWS, Line, Person, SCRIPT, Who};
use super::{Demo, DemoNode, PASSWORD};

/// How long a follow may take to be accepted by another node on the same machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Fills nodes that are empty.
pub(super) async fn fill(demo: &Demo, bar: &ProgressBar) -> Result<()> {
    let mut empty = true;
    for node in &demo.nodes {
        empty &= accounts::list_users(&node.ctx).await?.is_empty();
    }
    if !empty {
        return Ok(());
    }
    let people: usize = DEPARTMENTS.iter().map(|department| department.people.len()).sum();
    bar.set_length(u64::try_from(people + FOLLOWS.len() + SCRIPT.len())?);
    for (node, department) in demo.nodes.iter().zip(&DEPARTMENTS) {
        for person in department.people {
            bar.set_message(format!("{} joins {}", person.name, node.department));
            join(node, person).await?;
            bar.inc(1);
        }
    }
    for (follower, followed) in FOLLOWS {
        bar.set_message("colleagues follow each other");
        follow(demo, *follower, *followed).await?;
        bar.inc(1);
    }
    settle(demo).await?;
    let mut spoken: Vec<Spoken> = Vec::new();
    for line in SCRIPT {
        bar.set_message("colleagues talk");
        let said = speak(demo, line, &spoken).await?;
        spoken.push(said);
        bar.inc(1);
    }
    bar.set_message("colleagues gather in groups");
    super::groups::fill(demo).await?;
    bar.finish_and_clear();
    Ok(())
}

async fn join(node: &DemoNode, person: &Person) -> Result<()> {
    let user = NewUser {
        username: person.username.to_owned(),
        display_name: person.name.to_owned(),
        email: format!("{}@{}.example", person.username, node.key),
        role: person.role,
        role_title: person.title.to_owned(),
        password: Some(PASSWORD.to_owned()),
    };
    accounts::create_user(&node.ctx, &Operator::System, user).await.with_context(|| person.username.to_owned())?;
    Ok(())
}

fn place(demo: &Demo, (department, person): Who) -> Result<(&DemoNode, &'static Person)> {
    let node = demo.nodes.get(department).context("no such department")?;
    let people = DEPARTMENTS.get(department).context("no such department")?.people;
    Ok((node, people.get(person).context("no such person")?))
}

async fn viewer(demo: &Demo, who: Who) -> Result<(&DemoNode, Viewer)> {
    let (node, person) = place(demo, who)?;
    Ok((node, accounts::viewer_by_username(&node.ctx, person.username).await?))
}

/// The id that `whom` has at `node`.
async fn find(demo: &Demo, node: &DemoNode, whom: Who) -> Result<ActorId> {
    let (home, person) = place(demo, whom)?;
    if home.key == node.key {
        return Ok(accounts::viewer_by_username(&node.ctx, person.username).await?.id);
    }
    let handle: Handle = Handle::parse(&format!("@{}@{}", person.username, home.account_domain))?;
    let remote = node.ctx.remote().context("the node has no way to its peers")?;
    Ok(remote.resolve_handle(&handle, &home.account_domain).await?)
}

async fn follow(demo: &Demo, follower: Who, followed: Who) -> Result<()> {
    let (node, viewer) = viewer(demo, follower).await?;
    let target = find(demo, node, followed).await?;
    follows::follow(&node.ctx, &viewer, target, FollowOptions::default()).await?;
    Ok(())
}

/// Waits until every follow is accepted, so that the first post finds its readers.
async fn settle(demo: &Demo) -> Result<()> {
    let start = Instant::now();
    for (follower, followed) in FOLLOWS {
        let (node, viewer) = viewer(demo, *follower).await?;
        let target = find(demo, node, *followed).await?;
        loop {
            let relations = follows::relationships(&node.ctx, &viewer, vec![target]).await?;
            if relations.first().is_some_and(|relation| relation.following) {
                break;
            }
            if start.elapsed() > PATIENCE {
                bail!("{} waits for a follow that is not accepted", viewer.username);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

/// A line that was said: where it can be found.
struct Spoken {
    uri: String,
}

async fn speak(demo: &Demo, line: &Line, spoken: &[Spoken]) -> Result<Spoken> {
    let draft = |text: &str| Draft { text: text.to_owned(), audience: Some(Audience::Network), ..Draft::default() };
    match line {
        Line::Post(who, text) => publish(demo, *who, draft(text)).await,
        Line::DepartmentOnly(who, text) => {
            publish(demo, *who, Draft { audience: Some(Audience::Department), ..draft(text) }).await
        }
        Line::Marked(who, marking, handling, text) => {
            let (node, _) = place(demo, *who)?;
            let marking = node.ctx.settings.scheme.parse(marking)?;
            let marked = Draft { marking: Some(marking), handling: Some((*handling).to_owned()), ..draft(text) };
            publish(demo, *who, marked).await
        }
        Line::Reply(who, to, text) => {
            let parent = local_id(demo, *who, spoken, *to).await?;
            publish(demo, *who, Draft { in_reply_to: Some(parent), ..draft(text) }).await
        }
        Line::Boost(who, target) => {
            let (node, viewer) = viewer(demo, *who).await?;
            let id = local_id(demo, *who, spoken, *target).await?;
            let boost = posts::boost(&node.ctx, &viewer, id).await?;
            Ok(Spoken { uri: boost.uri })
        }
        Line::Favourite(who, target) => {
            let (node, viewer) = viewer(demo, *who).await?;
            let id = local_id(demo, *who, spoken, *target).await?;
            let post = posts::favourite(&node.ctx, &viewer, id).await?;
            Ok(Spoken { uri: post.uri })
        }
    }
}

async fn publish(demo: &Demo, who: Who, draft: Draft) -> Result<Spoken> {
    let (node, viewer) = viewer(demo, who).await?;
    let author = viewer.username.clone();
    let post = posts::publish(&node.ctx, &viewer, draft).await.with_context(|| format!("{author} could not post"))?;
    Ok(Spoken { uri: post.uri })
}

/// The id of an earlier line at the node of `who`; fetched from its home when it isn't there yet.
async fn local_id(demo: &Demo, who: Who, spoken: &[Spoken], line: usize) -> Result<PostId> {
    let (node, viewer) = viewer(demo, who).await?;
    let uri = spoken.get(line).context("an earlier line")?.uri.clone();
    let query =
        Query { text: uri.clone(), people: false, posts: true, tags: false, resolve: true, limit: 1, offset: 0 };
    let found = search::search(&node.ctx, &viewer, query).await?;
    let post = found.posts.first().with_context(|| format!("{} can't read {uri}", viewer.username))?;
    Ok(post.id)
}
