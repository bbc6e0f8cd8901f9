//! `corridor group`: the groups at home here.

use anyhow::Result;
use clap::{Args, Subcommand};
use corridor_app::groups::{self, GroupEdit, GroupFilter, GroupView, NewGroup};
use corridor_app::{Ctx, Error, PostView};
use corridor_domain::group::{Door, GroupKind, GroupRole};
use corridor_domain::text::{Handle, plain_text};
use corridor_domain::{ActorId, Page};
use serde_json::{Value, json};

use super::exit::Exit;
use super::{Cli, output, run};

/// Most groups that are listed.
const LISTED: i64 = 500;

/// Make, find and run groups.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum GroupCommand {
    /// Make a group
    Make(MakeArgs),
    /// List the groups that are known here, newest first
    List(ListArgs),
    /// Show one group: its members, who asks to join, and which peers were asked to destroy their copies
    Show(NameArgs),
    /// Change what a group says of itself
    Change(ChangeArgs),
    /// Read what is talked about in a group, newest first; the audit keeps that it was read
    Talks(TalksArgs),
    /// Let somebody of this node join a group, here or of a peer, or ask to, as they may themselves
    Join(MemberArgs),
    /// Let somebody of this node leave a group, take back the wish to join, or turn an invitation down
    Leave(MemberArgs),
    /// Let somebody in who has asked
    Approve(MemberArgs),
    /// Turn somebody away who has asked
    Decline(MemberArgs),
    /// Invite somebody, of this node or a peer
    Invite(MemberArgs),
    /// Remove a member: from that instant nothing of the group reaches them
    Remove(MemberArgs),
    /// Let a member run the group
    Promote(MemberArgs),
    /// Let a member run the group no longer
    Demote(MemberArgs),
    /// Close a group for good: it can be read and left, nothing more
    Archive(NameArgs),
}

const EXAMPLES: &str = "\
Example:
  corridor group make digital-people --title 'Digital people' --kind profession --door by-request --facilitator amira
  corridor group approve digital-people ben@hmrc.example.gov
  corridor group talks digital-people --unanswered";

/// What the group shall be.
#[derive(Debug, Args)]
pub struct MakeArgs {
    /// Its short address, in one name space with people, such as digital-people
    pub name: String,
    /// Its name as shown
    #[arg(long, value_name = "TEXT")]
    pub title: String,
    /// What it is for, in Markdown
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub about: String,
    /// business-area, profession, specialism or social
    #[arg(long, default_value_t = GroupKind::Social)]
    pub kind: GroupKind,
    /// How people come in: open, by-request, invited or hidden
    #[arg(long, default_value_t = Door::ByRequest)]
    pub door: Door,
    /// No post in it is marked lower [default: the node's usual marking]
    #[arg(long, value_name = "MARKING")]
    pub marking: Option<String>,
    /// Who runs it, by sign-in name
    #[arg(long, value_name = "NAME")]
    pub facilitator: Option<String>,
}

/// Which groups.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// A piece of the name or address
    #[arg(default_value = "", hide_default_value = true)]
    pub text: String,
    /// Only this kind
    #[arg(long)]
    pub kind: Option<GroupKind>,
}

/// What changes of a group.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true).args(["title", "about", "kind"])))]
pub struct ChangeArgs {
    /// The group's address
    #[arg(value_name = "GROUP")]
    pub name: String,
    /// Its name as shown
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// What it is for, in Markdown
    #[arg(long, value_name = "TEXT")]
    pub about: Option<String>,
    /// business-area, profession, specialism or social
    #[arg(long)]
    pub kind: Option<GroupKind>,
}

/// Which talks.
#[derive(Debug, Args)]
pub struct TalksArgs {
    /// The group's address
    #[arg(value_name = "GROUP")]
    pub name: String,
    /// Only questions that wait for an answer
    #[arg(long)]
    pub unanswered: bool,
    /// How many, at most
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=500))]
    pub limit: i64,
}

/// Which group.
#[derive(Debug, Args)]
pub struct NameArgs {
    /// The group's address
    #[arg(value_name = "GROUP")]
    pub name: String,
}

/// Which group, and whom.
#[derive(Debug, Args)]
pub struct MemberArgs {
    /// The group's address
    #[arg(value_name = "GROUP")]
    pub name: String,
    /// Somebody's handle: amira here, ben@hmrc.example.gov elsewhere
    #[arg(value_name = "HANDLE")]
    pub handle: String,
}

/// Does what was asked.
#[must_use]
pub fn run(cli: &Cli, command: &GroupCommand) -> Exit {
    run::with_database(cli, async |ctx, _| {
        match command {
            GroupCommand::Make(args) => make(cli, &ctx, args).await?,
            GroupCommand::List(args) => list(cli, &ctx, args).await?,
            GroupCommand::Show(args) => show(cli, &ctx, &args.name).await?,
            GroupCommand::Archive(args) => {
                let group = groups::by_name(&ctx, &run::operator(), &args.name).await?;
                groups::archive(&ctx, &run::operator(), group.actor.id).await?;
                done(cli, &args.name, "archived", &format!("{} is archived", args.name));
            }
            GroupCommand::Change(args) => change(cli, &ctx, args).await?,
            GroupCommand::Talks(args) => talks(cli, &ctx, args).await?,
            GroupCommand::Join(args) => join(cli, &ctx, args).await?,
            GroupCommand::Leave(args) => {
                let (group, whom) = (group_id(&ctx, &args.name).await?, person(&ctx, &args.handle).await?);
                groups::leave_for(&ctx, &run::operator(), whom, group).await?;
                done(cli, &args.name, "left", &format!("{} has to do with {} no longer", args.handle, args.name));
            }
            GroupCommand::Approve(args) => of_member(cli, &ctx, args, Act::Decide(true)).await?,
            GroupCommand::Decline(args) => of_member(cli, &ctx, args, Act::Decide(false)).await?,
            GroupCommand::Invite(args) => of_member(cli, &ctx, args, Act::Invite).await?,
            GroupCommand::Remove(args) => of_member(cli, &ctx, args, Act::Remove).await?,
            GroupCommand::Promote(args) => of_member(cli, &ctx, args, Act::Role(GroupRole::Facilitator)).await?,
            GroupCommand::Demote(args) => of_member(cli, &ctx, args, Act::Role(GroupRole::Member)).await?,
        }
        Ok(Exit::Done)
    })
}

#[derive(Clone, Copy)]
enum Act {
    Decide(bool),
    Invite,
    Remove,
    Role(GroupRole),
}

async fn of_member(cli: &Cli, ctx: &Ctx, args: &MemberArgs, act: Act) -> Result<()> {
    let by = run::operator();
    let group = groups::by_name(ctx, &by, &args.name).await?.actor.id;
    let whom = person(ctx, &args.handle).await?;
    let (word, said) = match act {
        Act::Decide(yes) => {
            groups::decide(ctx, &by, group, whom, yes).await?;
            if yes { ("approved", "is a member now") } else { ("declined", "was turned away") }
        }
        Act::Invite => {
            groups::invite(ctx, &by, group, whom).await?;
            ("invited", "is invited")
        }
        Act::Remove => {
            groups::remove(ctx, &by, group, whom).await?;
            ("removed", "is a member no longer")
        }
        Act::Role(role) => {
            groups::give_role(ctx, &by, group, whom, role).await?;
            (role.word(), if role == GroupRole::Facilitator { "runs the group now" } else { "is a plain member now" })
        }
    };
    done(cli, &args.name, word, &format!("{} {said}", args.handle));
    Ok(())
}

async fn join(cli: &Cli, ctx: &Ctx, args: &MemberArgs) -> Result<()> {
    let (group, whom) = (group_id(ctx, &args.name).await?, person(ctx, &args.handle).await?);
    let joined = groups::join_for(ctx, &run::operator(), whom, group).await?;
    let (word, said) =
        if joined.standing.is_member() { ("joined", "is a member now") } else { ("asked", "has asked to join") };
    done(cli, &args.name, word, &format!("{} {said}", args.handle));
    Ok(())
}

/// A group of this node by its address, or a peer's that is known here by its handle.
async fn group_id(ctx: &Ctx, name: &str) -> Result<ActorId> {
    if name.trim_start_matches(['@', '!']).contains('@') {
        let id = person(ctx, name.trim_start_matches('!')).await?;
        return Ok(groups::show(ctx, &run::operator(), id).await?.actor.id);
    }
    Ok(groups::by_name(ctx, &run::operator(), name).await?.actor.id)
}

async fn change(cli: &Cli, ctx: &Ctx, args: &ChangeArgs) -> Result<()> {
    let group = groups::by_name(ctx, &run::operator(), &args.name).await?;
    let edit = GroupEdit { title: args.title.clone(), about: args.about.clone(), kind: args.kind };
    let changed = groups::change(ctx, &run::operator(), group.actor.id, edit).await?;
    if cli.json {
        output::say_json(&as_json(&changed));
    } else {
        output::say(format_args!("Changed {} ({})", changed.actor.acct(), changed.actor.display_name));
    }
    Ok(())
}

async fn talks(cli: &Cli, ctx: &Ctx, args: &TalksArgs) -> Result<()> {
    let group = group_id(ctx, &args.name).await?;
    let page = Page::newest(args.limit);
    let found = groups::talks(ctx, &run::operator(), group, args.unanswered, page).await?.items;
    if cli.json {
        output::say_json(&found.iter().map(talk_json).collect::<Vec<_>>());
    } else if found.is_empty() {
        output::say("There are none.");
    } else {
        for talk in &found {
            say_talk(talk);
        }
    }
    Ok(())
}

fn say_talk(talk: &PostView) {
    let what = match (talk.topic.announcement, talk.topic.question, talk.topic.answer) {
        (true, ..) => ", announcement",
        (_, true, None) => ", question",
        (_, true, Some(_)) => ", answered question",
        _ => "",
    };
    let (when, who) = (talk.published_at.to_rfc3339(), talk.author.acct());
    output::say(format_args!("{when}  {who}  {}{what}, {} replies", talk.marking_name, talk.replies_count));
    for line in [&talk.title, &talk.summary].into_iter().filter(|line| !line.is_empty()) {
        output::say(format_args!("  {line}"));
    }
    for line in plain_text(&talk.content).lines() {
        output::say(format_args!("  {line}"));
    }
}

fn talk_json(talk: &PostView) -> Value {
    json!({
        "id": talk.id.to_string(),
        "uri": talk.uri,
        "at": talk.published_at.to_rfc3339(),
        "author": talk.author.acct(),
        "marking": talk.marking_name,
        "handling": talk.handling,
        "title": talk.title,
        "text": plain_text(&talk.content),
        "announcement": talk.topic.announcement,
        "question": talk.topic.question,
        "answer": talk.topic.answer.map(|answer| answer.to_string()),
        "replies": talk.replies_count,
    })
}

async fn person(ctx: &Ctx, handle: &str) -> Result<ActorId> {
    let handle = Handle::parse(handle).map_err(Error::invalid)?;
    Ok(corridor_app::people::id_of_known(ctx, &handle).await?)
}

fn done(cli: &Cli, group: &str, word: &str, said: &str) {
    if cli.json { output::say_json(&json!({ "group": group, "done": word })) } else { output::say(said) }
}

async fn make(cli: &Cli, ctx: &Ctx, args: &MakeArgs) -> Result<()> {
    let marking = args.marking.as_deref().map(|name| ctx.settings.scheme.parse(name)).transpose();
    let new = NewGroup {
        name: args.name.clone(),
        title: args.title.clone(),
        about: args.about.clone(),
        kind: args.kind,
        door: args.door,
        marking: marking.map_err(Error::invalid)?,
        facilitator: args.facilitator.clone(),
    };
    let made = groups::make(ctx, &run::operator(), new).await?;
    if cli.json {
        output::say_json(&as_json(&made));
    } else {
        output::say(format_args!("Made {} ({}, {})", made.actor.acct(), made.kind, made.door));
        if args.facilitator.is_none() {
            output::say("Nobody runs it yet: name somebody who joins with “corridor group promote”");
        }
    }
    Ok(())
}

async fn list(cli: &Cli, ctx: &Ctx, args: &ListArgs) -> Result<()> {
    let filter = GroupFilter { text: args.text.clone(), kind: args.kind, joined: false };
    let found = groups::list(ctx, &run::operator(), filter, Page::newest(LISTED)).await?.items;
    if cli.json {
        output::say_json(&found.iter().map(as_json).collect::<Vec<_>>());
    } else if found.is_empty() {
        output::say("There are none.");
    } else {
        let rows: Vec<[String; 6]> = found.iter().map(row).collect();
        output::say(output::table(["Address", "Name", "Kind", "Door", "Marking", "Members"], &rows));
    }
    Ok(())
}

fn row(group: &GroupView) -> [String; 6] {
    [
        group.actor.acct(),
        group.actor.display_name.clone(),
        group.kind.to_string(),
        format!("{}{}", group.door, if group.archived { ", archived" } else { "" }),
        group.marking_name.clone(),
        group.members.to_string(),
    ]
}

fn as_json(group: &GroupView) -> Value {
    json!({
        "id": group.actor.id.to_string(),
        "address": group.actor.acct(),
        "title": group.actor.display_name,
        "kind": group.kind.word(),
        "door": group.door.word(),
        "marking": group.marking_name,
        "archived": group.archived,
        "members": group.members,
        "uri": group.actor.uri,
    })
}

async fn show(cli: &Cli, ctx: &Ctx, name: &str) -> Result<()> {
    let by = run::operator();
    let group = groups::by_name(ctx, &by, name).await?;
    let id = group.actor.id;
    let members = groups::members(ctx, &by, id).await?;
    let asking = if group.archived { Vec::new() } else { groups::requests(ctx, &by, id).await? };
    let purges = groups::purges(ctx, &by, id).await?;
    if cli.json {
        let mut whole = as_json(&group);
        if let Value::Object(fields) = &mut whole {
            let roster =
                members.iter().map(|member| json!({ "handle": member.person.acct(), "role": member.role.word() }));
            fields.insert("roster".into(), Value::Array(roster.collect()));
            let asking: Vec<Value> = asking
                .iter()
                .map(|(person, first)| json!({ "handle": person.acct(), "first_of_department": first }))
                .collect();
            fields.insert("asking".into(), Value::Array(asking));
            let purges: Vec<Value> = purges
                .iter()
                .map(|purge| {
                    json!({
                        "peer": purge.host,
                        "asked": purge.asked_at.to_rfc3339(),
                        "confirmed": purge.confirmed_at.map(|at| at.to_rfc3339()),
                    })
                })
                .collect();
            fields.insert("copies".into(), Value::Array(purges));
        }
        output::say_json(&whole);
        return Ok(());
    }
    output::say(output::table(["Address", "Name", "Kind", "Door", "Marking", "Members"], &[row(&group)]));
    let roster: Vec<[String; 3]> = members
        .iter()
        .map(|member| [member.person.acct(), member.role.to_string(), member.joined_at.to_rfc3339()])
        .collect();
    output::say(format_args!("\n{}", output::table(["Member", "Role", "Since"], &roster)));
    for (person, first) in &asking {
        let first = if *first { " (the first from their department)" } else { "" };
        output::say(format_args!("{} asks to join{first}", person.acct()));
    }
    for purge in &purges {
        let state = purge
            .confirmed_at
            .map_or_else(|| "no answer yet".to_owned(), |at| format!("destroyed, it says, {}", at.to_rfc3339()));
        output::say(format_args!("Copies at {} (asked {}): {state}", purge.host, purge.asked_at.to_rfc3339()));
    }
    Ok(())
}
