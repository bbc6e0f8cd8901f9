//! Groups: finding, starting, joining, reading and running them.

mod words;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use corridor_app::groups::{self, GroupFilter, GroupView, MemberView, NewGroup, as_person};
use corridor_app::{Error, PostView, people};
use corridor_domain::group::{Door, GroupKind, GroupRole, Standing};
use corridor_domain::text::Handle;
use corridor_domain::{ActorId, Page, PostId};
use serde::Deserialize;

use self::words::{copies_words, door_title, door_words, facts, kind_title, standing_words};
use super::{Button, PER_PAGE, Part, go_to, html};
use crate::error::{PageError, PageResult, no_such_page, sentence};
use crate::refused;
use crate::session::Member;
use crate::show;
use crate::views::{
    AskingLine, AtDoor, Choice, Errors, GroupLine, GroupMembersPage, GroupPage, GroupsPage, MemberLine, Message, Nav,
    NewGroupPage, Post, SafeHtml,
};
use crate::words::key;

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

pub(super) fn line(group: &GroupView, member: &Member) -> GroupLine {
    let person = show::person(&group.actor, &member.visit);
    let language = member.visit.language;
    let members = if group.is_local { key("count-members") } else { key("count-members-here") };
    let mut about = vec![
        language.say_key(kind_title(group.kind)).to_string(),
        language.say_key(door_title(group.door)).to_string().to_lowercase(),
        language.say_key(members).count("n", u64::try_from(group.members).unwrap_or(0)).to_string(),
    ];
    if group.archived {
        about.push(member.say("group-archived").into());
    }
    GroupLine {
        about: about.join(", "),
        standing: standing_words(group.standing).map(|key| language.say_key(key).to_string()).unwrap_or_default(),
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
    let all = Choice {
        value: String::new(),
        label: member.say("kind-any").into(),
        chosen: chosen.is_none(),
        ..Choice::default()
    };
    let kinds = GroupKind::ALL.iter().map(|kind| Choice {
        value: kind.word().to_owned(),
        label: member.visit.language.say_key(kind_title(*kind)).into(),
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
    let words = |key| member.visit.language.say_key(key).to_string();
    let usual = scheme.name(scheme.default_marking());
    let marking = if form.marking.is_empty() { usual } else { &form.marking };
    let markings = scheme.levels().map(|(_, level)| choice(&level.name, &level.name, "", level.name == *marking));
    NewGroupPage {
        frame: member.frame(Nav::Groups).await,
        kinds: GroupKind::ALL
            .iter()
            .map(|kind| choice(kind.word(), &words(kind_title(*kind)), "", form.kind == kind.word()))
            .collect(),
        doors: Door::ALL
            .iter()
            .map(|door| {
                let (title, hint) = (words(door_title(*door)), words(door_words(*door)));
                choice(door.word(), &title, &hint, form.door == door.word())
            })
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
        errors.add("title", member.say("enter-group-name"));
    }
    if form.name.trim().is_empty() {
        errors.add("name", member.say("enter-group-address"));
    }
    let (kind, door) = (form.kind.parse().ok(), form.door.parse().ok());
    if kind.is_none() {
        errors.add("kind", member.say("choose-kind"));
    }
    if door.is_none() {
        errors.add("door", member.say("choose-door"));
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
        Err(Error::Conflict(reason)) => {
            wrong(&new_page(&member, form, Errors::one("name", Message::english(reason))).await)
        }
        Err(Error::Invalid(reason)) => {
            let field = if reason.starts_with("Name") {
                "title"
            } else if reason.starts_with("About") {
                "about"
            } else {
                "name"
            };
            wrong(&new_page(&member, form, Errors::one(field, Message::english(sentence(&reason)))).await)
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
        page.closed_words = member.say("group-closed").into();
    }
    html(&page)
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
        let language = self.reader.visit.language;
        let mut post = show::post(view, &self.reader.visit, self.reader.viewer.id);
        if let Some(group) = self.group.filter(|group| group.is_run_by_reader()) {
            let path = |act: &str| format!("/groups/{}/posts/{}/{act}", group.actor.id, view.id);
            if view.in_reply_to.is_none() {
                let (act, words) = if pinned { ("unpin", key("group-unpin")) } else { ("pin", key("group-pin")) };
                post.group_acts.push((path(act), language.say_key(words).into()));
            }
            if view.author.id != self.reader.viewer.id {
                post.group_acts.push((path("remove"), language.say("group-remove-post").into()));
            }
        }
        if let Some((group, question, answer)) = self.asked.filter(|(_, question, _)| *question != view.id) {
            let (act, words) = if answer == Some(view.id) {
                (format!("unanswer?question={question}"), key("group-unanswer"))
            } else {
                (format!("answer?question={question}"), key("group-answer"))
            };
            let words = language.say_key(words).into();
            post.group_acts.push((format!("/groups/{group}/posts/{}/{act}", view.id), words));
            if answer == Some(view.id) {
                post.topic = language.say("topic-answer").into();
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
        person: show::person(&one.person, &member.visit),
        role: if one.role == GroupRole::Facilitator {
            member.say("role-facilitator")
        } else {
            member.say("role-member")
        }
        .into(),
        runs: one.role == GroupRole::Facilitator,
        own: one.person.id == member.viewer.id,
        here: one.person.host.is_none(),
    };
    Ok(GroupMembersPage {
        frame: member.frame(Nav::Groups).await,
        members: roster.iter().map(row).collect(),
        asking: asking
            .iter()
            .map(|(person, first)| AskingLine { person: show::person(person, &member.visit), first: *first })
            .collect(),
        runs,
        invites: group.is_local
            && group.standing.is_member()
            && !group.archived
            && (runs || matches!(group.door, Door::Open | Door::ByRequest)),
        copies: purges.iter().map(|purge| copies_words(member, purge)).collect(),
        group: line(&group, member),
        handle: typed,
        errors,
    })
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
    let Ok(handle) = Handle::parse(&typed) else {
        let said = sentence(&member.say("enter-handle").to_string());
        return wrong(&members_page(&member, id, typed, Errors::one("handle", said)).await?);
    };
    let said: Message = match invited(&member, id, handle).await {
        Ok(()) => return go_to(&format!("/groups/{id}/members")),
        Err(Error::NotFound(_)) => member.say("nobody-has-handle").into(),
        Err(error @ (Error::Invalid(_) | Error::Conflict(_) | Error::Peer(_) | Error::Refused(_))) => {
            match refused::said(&error, member.visit.language) {
                Some(said) => said,
                None => return Err(error.into()),
            }
        }
        Err(other) => return Err(other.into()),
    };
    wrong(&members_page(&member, id, typed, Errors::one("handle", said)).await?)
}

async fn invited(member: &Member, id: ActorId, handle: Handle) -> Result<(), Error> {
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
