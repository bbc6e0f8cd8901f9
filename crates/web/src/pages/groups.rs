//! Groups: finding, starting, joining, reading and running them.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use corridor_app::groups::{self, GroupFilter, GroupView, MemberView, NewGroup, PurgeView, as_person};
use corridor_app::{Error, PostView, people};
use corridor_domain::group::{Door, GroupKind, GroupRole, Standing};
use corridor_domain::text::Handle;
use corridor_domain::{ActorId, Page, PostId};
use serde::Deserialize;

use super::{Button, PER_PAGE, Part, go_to, html};
use crate::error::{PageError, PageResult, no_such_page, sentence};
use crate::session::Member;
use crate::show;
use crate::views::{
    AskingLine, AtDoor, Choice, Errors, GroupLine, GroupMembersPage, GroupPage, GroupsPage, MemberLine, Nav,
    NewGroupPage, Post, SafeHtml, count,
};

/// Mounts the routes. Fixed names come before `{id}`.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/groups", web::get().to(find))
        .service(web::resource("/groups/new").route(web::get().to(new)).route(web::post().to(make)))
        .route("/groups/{id}", web::get().to(show_group))
        .route("/groups/{id}/members", web::get().to(members))
        .route("/groups/{id}/invite", web::post().to(invite))
        .route("/groups/{id}/{act}", web::post().to(act))
        .route("/groups/{id}/members/{account}/{act}", web::post().to(member_act))
        .route("/groups/{id}/posts/{post}/{act}", web::post().to(post_act));
}

const fn kind_title(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::BusinessArea => "Business area",
        GroupKind::Profession => "Profession",
        GroupKind::Specialism => "Specialism",
        GroupKind::Social => "Social",
    }
}

const fn door_title(door: Door) -> &'static str {
    match door {
        Door::Open => "Open",
        Door::ByRequest => "By request",
        Door::Invited => "By invitation",
        Door::Hidden => "Hidden",
    }
}

const fn door_words(door: Door) -> &'static str {
    match door {
        Door::Open => "Everyone on the network may read it and join.",
        Door::ByRequest => "Everyone may find it and ask to join. Only members read it.",
        Door::Invited => "Everyone may find it. Only people who are invited join and read it.",
        Door::Hidden => "Only members, and people who are invited, know that it exists.",
    }
}

pub(super) fn line(group: &GroupView, member: &Member) -> GroupLine {
    let person = show::person(&group.actor, member.ctx());
    let members = u64::try_from(group.members).unwrap_or(0);
    let known = if group.is_local { "" } else { " here" };
    let closed = if group.archived { ", archived" } else { "" };
    GroupLine {
        about: format!(
            "{}, {}, {}{known}{closed}",
            kind_title(group.kind),
            door_title(group.door).to_lowercase(),
            count(members, "member", "members"),
        ),
        standing: match group.standing {
            Standing::In(GroupRole::Facilitator) => "You run it",
            Standing::In(GroupRole::Member) => "You are a member",
            Standing::Invited => "You are invited",
            Standing::Asked => "You have asked to join",
            Standing::Stranger => "",
        }
        .to_owned(),
        url: format!("/groups/{}", group.actor.id),
        id: person.id,
        name: person.name,
        handle: person.handle,
    }
}

#[derive(Debug, Deserialize)]
struct Query {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kind: String,
}

async fn find(member: Member, query: web::Query<Query>, part: web::Query<Part>) -> PageResult {
    let (ctx, by) = (member.ctx(), as_person(&member.viewer));
    let Query { q, kind } = query.into_inner();
    let chosen: Option<GroupKind> = kind.parse().ok();
    let filter = GroupFilter { text: q.clone(), kind: chosen, joined: false };
    let found = groups::list(ctx, &by, filter, part.page()).await?;
    let own = GroupFilter { joined: true, ..GroupFilter::default() };
    let own = groups::list(ctx, &by, own, Page::newest(100)).await?;
    let all =
        Choice { value: String::new(), label: "Every kind".to_owned(), chosen: chosen.is_none(), ..Choice::default() };
    let kinds = GroupKind::ALL.iter().map(|kind| Choice {
        value: kind.word().to_owned(),
        label: kind_title(*kind).to_owned(),
        chosen: chosen == Some(*kind),
        ..Choice::default()
    });
    let search: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", &q)
        .append_pair("kind", chosen.map_or("", GroupKind::word))
        .finish();
    let mut pager = show::pager("/groups", &found, PER_PAGE, part.is_first());
    for link in [&mut pager.newer, &mut pager.older].into_iter().flatten() {
        link.push_str(&format!("&{search}"));
    }
    html(&GroupsPage {
        frame: member.frame(Nav::Groups).await,
        query: q,
        kinds: std::iter::once(all).chain(kinds).collect(),
        own: own.items.iter().map(|group| line(group, &member)).collect(),
        found: found.items.iter().map(|group| line(group, &member)).collect(),
        pager,
    })
}

#[derive(Debug, Default, Deserialize)]
struct NewForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    door: String,
    #[serde(default)]
    marking: String,
}

async fn new(member: Member) -> PageResult {
    html(&new_page(&member, NewForm::default(), Errors::default()).await)
}

async fn new_page(member: &Member, form: NewForm, errors: Errors) -> NewGroupPage {
    let scheme = &member.ctx().settings.scheme;
    let choice = |value: &str, label: &str, hint: &str, chosen: bool| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: hint.to_owned(),
        chosen,
    };
    let usual = scheme.name(scheme.default_marking());
    let marking = if form.marking.is_empty() { usual } else { &form.marking };
    let markings = scheme.levels().map(|(_, level)| choice(&level.name, &level.name, "", level.name == *marking));
    NewGroupPage {
        frame: member.frame(Nav::Groups).await,
        kinds: GroupKind::ALL
            .iter()
            .map(|kind| choice(kind.word(), kind_title(*kind), "", form.kind == kind.word()))
            .collect(),
        doors: Door::ALL
            .iter()
            .map(|door| choice(door.word(), door_title(*door), door_words(*door), form.door == door.word()))
            .collect(),
        markings: markings.collect(),
        name: form.name,
        title: form.title,
        about: form.about,
        errors,
    }
}

async fn make(member: Member, form: web::Form<NewForm>) -> PageResult {
    let form = form.into_inner();
    member.visit.demand_own_form(&form.csrf)?;
    let mut errors = Errors::default();
    if form.title.trim().is_empty() {
        errors.add("title", "Enter the group's name");
    }
    if form.name.trim().is_empty() {
        errors.add("name", "Enter a short address");
    }
    let (kind, door) = (form.kind.parse().ok(), form.door.parse().ok());
    if kind.is_none() {
        errors.add("kind", "Choose what kind of group it is");
    }
    if door.is_none() {
        errors.add("door", "Choose who can join and read");
    }
    let (Some(kind), Some(door), true) = (kind, door, errors.is_empty()) else {
        return wrong(&new_page(&member, form, errors).await);
    };
    let new = NewGroup {
        name: form.name.trim().to_owned(),
        title: form.title.clone(),
        about: form.about.clone(),
        kind,
        door,
        marking: member.ctx().settings.scheme.parse(&form.marking).ok(),
        facilitator: None,
    };
    match groups::make(member.ctx(), &as_person(&member.viewer), new).await {
        Ok(made) => go_to(&format!("/groups/{}", made.actor.id)),
        Err(Error::Conflict(reason)) => wrong(&new_page(&member, form, Errors::one("name", reason)).await),
        Err(Error::Invalid(reason)) => {
            let field = if reason.starts_with("Name") {
                "title"
            } else if reason.starts_with("About") {
                "about"
            } else {
                "name"
            };
            wrong(&new_page(&member, form, Errors::one(field, sentence(&reason))).await)
        }
        Err(error) => Err(error.into()),
    }
}

fn wrong(page: &impl Template) -> PageResult {
    Ok(HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY)
        .content_type("text/html; charset=utf-8")
        .body(page.render()?))
}

pub(super) fn group_id(text: &str) -> Result<ActorId, PageError> {
    text.parse().map_err(|_| Error::NotFound("that group").into())
}

#[derive(Debug, Deserialize)]
struct WhichTalks {
    #[serde(default)]
    unanswered: String,
}

async fn show_group(
    member: Member,
    id: web::Path<String>,
    part: web::Query<Part>,
    which: web::Query<WhichTalks>,
) -> PageResult {
    let (ctx, viewer) = (member.ctx(), &member.viewer);
    let group = groups::show(ctx, &as_person(viewer), group_id(&id)?).await?;
    let mut page = GroupPage {
        frame: member.frame(Nav::Groups).await,
        about: SafeHtml::sanitised(group.actor.summary.clone()),
        facts: facts(&group, &member),
        at_door: at_door(&group),
        may_post: group.standing.is_member() && !group.archived,
        shows_members: group.is_readable(),
        runs: group.is_run_by_reader(),
        group: line(&group, &member),
        ..GroupPage::default()
    };
    if group.is_readable() {
        page.unanswered = which.unanswered == "true";
        let talks = groups::talks(ctx, &as_person(viewer), group.actor.id, page.unanswered, part.page()).await?;
        let pinned = if part.is_first() && !page.unanswered {
            groups::pinned(ctx, viewer, group.actor.id).await?
        } else {
            Vec::new()
        };
        let acts = Acts { reader: &member, group: Some(&group), asked: None };
        let path = format!("{}{}", page.group.url, if page.unanswered { "?unanswered=true" } else { "" });
        page.pager = show::pager(&path, &talks, PER_PAGE, part.is_first());
        let is_pinned = |post: &PostView| pinned.iter().any(|one| one.id == post.id);
        // What is pinned stands at the top, once.
        page.talks = talks.items.iter().filter(|post| !is_pinned(post)).map(|post| acts.post(post)).collect();
        page.pinned = pinned.iter().map(|post| acts.pinned(post)).collect();
    } else {
        page.closed_words = "Only members can read what is posted here.".to_owned();
    }
    html(&page)
}

fn facts(group: &GroupView, member: &Member) -> Vec<(String, String)> {
    let mut facts = vec![
        ("Kind", kind_title(group.kind).to_owned()),
        ("Who can join", format!("{}. {}", door_title(group.door), door_words(group.door))),
        ("Lowest marking", group.marking_name.clone()),
        ("Run by", group.actor.department.clone()),
    ];
    if group.archived {
        facts.push(("State", "Archived: it can be read and left, nothing more.".to_owned()));
    }
    if !group.is_local {
        let department = &member.ctx().settings.department;
        facts.push(("Members here", format!("{} in {department}", group.members)));
    }
    facts.into_iter().map(|(name, words)| (name.to_owned(), words)).collect()
}

fn at_door(group: &GroupView) -> AtDoor {
    match (group.standing, group.door) {
        (Standing::In(_), _) => AtDoor::In,
        _ if group.archived => AtDoor::Nothing,
        (Standing::Invited, _) => AtDoor::Invited,
        (Standing::Asked, _) => AtDoor::Asked,
        (Standing::Stranger, Door::Open) => AtDoor::Join,
        (Standing::Stranger, Door::ByRequest) => AtDoor::Ask,
        (Standing::Stranger, Door::Invited | Door::Hidden) => AtDoor::Nothing,
    }
}

/// What the reader can do with posts of a group: who runs it pins and removes, who asked says what the answer is.
pub(super) struct Acts<'a> {
    reader: &'a Member,
    group: Option<&'a GroupView>,
    /// The question of the thread that is shown, when the reader may say which reply answers it.
    asked: Option<(ActorId, PostId, Option<PostId>)>,
}

/// As [`Acts`], with a group that was looked up for it.
pub(super) struct ThreadActs<'a> {
    member: &'a Member,
    group: Option<GroupView>,
    asked: Option<(ActorId, PostId, Option<PostId>)>,
}

impl Acts<'_> {
    /// For a thread that begins with `first`.
    pub(super) async fn of<'a>(
        member: &'a Member,
        post: &PostView,
        first: &PostView,
    ) -> Result<ThreadActs<'a>, PageError> {
        let Some(id) = post.group.as_ref().map(|group| group.id) else {
            return Ok(ThreadActs { member, group: None, asked: None });
        };
        let group = groups::show(member.ctx(), &as_person(&member.viewer), id).await?;
        let may = first.author.id == member.viewer.id || group.is_run_by_reader();
        let asked = (first.topic.question && may).then_some((id, first.id, first.topic.answer));
        Ok(ThreadActs { member, group: Some(group), asked })
    }

    fn post(&self, view: &PostView) -> Post {
        self.shown(view, false)
    }

    fn pinned(&self, view: &PostView) -> Post {
        self.shown(view, true)
    }

    fn shown(&self, view: &PostView, pinned: bool) -> Post {
        let mut post = show::post(view, self.reader.ctx(), self.reader.viewer.id);
        if let Some(group) = self.group.filter(|group| group.is_run_by_reader()) {
            let path = |act: &str| format!("/groups/{}/posts/{}/{act}", group.actor.id, view.id);
            if view.in_reply_to.is_none() {
                let (act, words) = if pinned { ("unpin", "Unpin") } else { ("pin", "Pin") };
                post.group_acts.push((path(act), words.to_owned()));
            }
            if view.author.id != self.reader.viewer.id {
                post.group_acts.push((path("remove"), "Remove from the group".to_owned()));
            }
        }
        if let Some((group, question, answer)) = self.asked.filter(|(_, question, _)| *question != view.id) {
            let (act, words) = if answer == Some(view.id) {
                (format!("unanswer?question={question}"), "Not the answer after all")
            } else {
                (format!("answer?question={question}"), "This is the answer")
            };
            post.group_acts.push((format!("/groups/{group}/posts/{}/{act}", view.id), words.to_owned()));
            if answer == Some(view.id) {
                post.topic = "Answer".to_owned();
            }
        }
        post
    }
}

impl ThreadActs<'_> {
    /// A post of the thread.
    pub(super) fn post(&self, view: &PostView) -> Post {
        Acts { reader: self.member, group: self.group.as_ref(), asked: self.asked }.post(view)
    }
}

async fn members(member: Member, id: web::Path<String>) -> PageResult {
    html(&members_page(&member, group_id(&id)?, String::new(), Errors::default()).await?)
}

async fn members_page(
    member: &Member,
    id: ActorId,
    typed: String,
    errors: Errors,
) -> Result<GroupMembersPage, PageError> {
    let (ctx, by) = (member.ctx(), as_person(&member.viewer));
    let group = groups::show(ctx, &by, id).await?;
    let roster = groups::members(ctx, &by, id).await?;
    let runs = group.is_run_by_reader();
    let asking = if runs { groups::requests(ctx, &by, id).await? } else { Vec::new() };
    let purges = if runs { groups::purges(ctx, &by, id).await? } else { Vec::new() };
    let row = |one: &MemberView| MemberLine {
        person: show::person(&one.person, ctx),
        role: if one.role == GroupRole::Facilitator { "Facilitator" } else { "Member" }.to_owned(),
        runs: one.role == GroupRole::Facilitator,
        own: one.person.id == member.viewer.id,
        here: one.person.host.is_none(),
    };
    Ok(GroupMembersPage {
        frame: member.frame(Nav::Groups).await,
        members: roster.iter().map(row).collect(),
        asking: asking
            .iter()
            .map(|(person, first)| AskingLine { person: show::person(person, ctx), first: *first })
            .collect(),
        runs,
        invites: group.is_local
            && group.standing.is_member()
            && !group.archived
            && (runs || matches!(group.door, Door::Open | Door::ByRequest)),
        copies: purges.iter().map(copies_words).collect(),
        group: line(&group, member),
        handle: typed,
        errors,
    })
}

fn copies_words(purge: &PurgeView) -> String {
    let asked = show::moment(purge.asked_at).words;
    match purge.confirmed_at {
        Some(at) => format!("{}: its copies are destroyed, it said on {}.", purge.host, show::moment(at).words),
        None => format!("{}: asked to destroy its copies on {asked}, no answer yet.", purge.host),
    }
}

#[derive(Debug, Deserialize)]
struct InviteForm {
    csrf: String,
    #[serde(default)]
    handle: String,
}

async fn invite(member: Member, id: web::Path<String>, form: web::Form<InviteForm>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let id = group_id(&id)?;
    let typed = form.handle.trim().to_owned();
    let said = match invited(&member, id, &typed).await {
        Ok(()) => return go_to(&format!("/groups/{id}/members")),
        Err(Error::NotFound(_)) => "Nobody has this handle".to_owned(),
        Err(Error::Invalid(reason) | Error::Conflict(reason) | Error::Peer(reason)) => sentence(&reason),
        Err(Error::Refused(refusal)) => sentence(&refusal.to_string()),
        Err(other) => return Err(other.into()),
    };
    wrong(&members_page(&member, id, typed, Errors::one("handle", said)).await?)
}

async fn invited(member: &Member, id: ActorId, typed: &str) -> Result<(), Error> {
    let handle = Handle::parse(typed).map_err(|_| Error::invalid("Enter a handle, such as @asha.patel"))?;
    let own = &member.ctx().settings.addresses.account_domain;
    let whom = people::lookup(member.ctx(), &member.viewer, &handle.localised(own), true).await?;
    groups::invite(member.ctx(), &as_person(&member.viewer), id, whom.id).await
}

async fn act(member: Member, path: web::Path<(String, String)>, form: web::Form<Button>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let (id, act) = path.into_inner();
    let id = group_id(&id)?;
    let (ctx, viewer) = (member.ctx(), &member.viewer);
    match act.as_str() {
        "join" => {
            groups::join(ctx, viewer, id).await?;
        }
        "leave" => {
            groups::leave(ctx, viewer, id).await?;
            return go_to("/groups");
        }
        "archive" => {
            groups::archive(ctx, &as_person(viewer), id).await?;
        }
        _ => return no_such_page(actix_web::http::Method::GET).await,
    }
    go_to(&format!("/groups/{id}"))
}

async fn member_act(member: Member, path: web::Path<(String, String, String)>, form: web::Form<Button>) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let (id, whom, act) = path.into_inner();
    let id = group_id(&id)?;
    let whom: ActorId = whom.parse().map_err(|_| Error::NotFound("that person"))?;
    let (ctx, by) = (member.ctx(), as_person(&member.viewer));
    match act.as_str() {
        "approve" => groups::decide(ctx, &by, id, whom, true).await?,
        "decline" => groups::decide(ctx, &by, id, whom, false).await?,
        "remove" => groups::remove(ctx, &by, id, whom).await?,
        "promote" => groups::give_role(ctx, &by, id, whom, GroupRole::Facilitator).await?,
        "demote" => groups::give_role(ctx, &by, id, whom, GroupRole::Member).await?,
        _ => return no_such_page(actix_web::http::Method::GET).await,
    }
    go_to(&format!("/groups/{id}/members"))
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    question: String,
}

async fn post_act(
    member: Member,
    path: web::Path<(String, String, String)>,
    asked: web::Query<Asked>,
    form: web::Form<Button>,
) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let (id, post, act) = path.into_inner();
    let id = group_id(&id)?;
    let number = |text: &str| text.parse::<PostId>().map_err(|_| Error::NotFound("that post"));
    let post = number(&post)?;
    let (ctx, viewer, by) = (member.ctx(), &member.viewer, as_person(&member.viewer));
    match act.as_str() {
        "pin" => groups::set_pinned(ctx, &by, id, post, true).await?,
        "unpin" => groups::set_pinned(ctx, &by, id, post, false).await?,
        "remove" => {
            groups::remove_post(ctx, &by, id, post).await?;
            return go_to(&format!("/groups/{id}"));
        }
        "answer" => groups::accept_answer(ctx, viewer, number(&asked.question)?, Some(post)).await?,
        "unanswer" => groups::accept_answer(ctx, viewer, number(&asked.question)?, None).await?,
        _ => return no_such_page(actix_web::http::Method::GET).await,
    }
    go_to(&form.next)
}
