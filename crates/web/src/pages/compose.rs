//! Writing: a new post, a reply, and an edit. What was typed is kept when something is wrong.

mod asked;
mod attached;

use self::asked::Asked;
use self::attached::Attached;
use super::groups::group_id;
use super::{go_to, html};
use crate::error::{PageError, PageResult};
use crate::posted::Posted;
use crate::refused;
use crate::session::Member;
use crate::show;
use crate::views::{Choice, ComposeForm, ComposeKind, ComposePage, Errors, Nav};
use crate::words::Said;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use corridor_app::groups::{self, GroupView, as_person};
use corridor_app::posts::{self, Draft, EditDraft};
use corridor_app::{Error, PostKind, PostView, accounts, peers};
use corridor_domain::group::Door;
use corridor_domain::text::limits;
use corridor_domain::{Audience, Marking, PostId};
use serde::Deserialize;

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/write").route(web::get().to(new)).route(web::post().to(publish_new)))
        .service(web::resource("/posts/{id}/reply").route(web::get().to(reply)).route(web::post().to(publish_reply)))
        .service(web::resource("/posts/{id}/edit").route(web::get().to(edit)).route(web::post().to(save_edit)));
}

#[derive(Debug, Clone, Default)]
struct Form {
    csrf: String,
    idempotency_key: String,
    title: String,
    question: bool,
    announcement: bool,
    text: String,
    warning: String,
    audience: String,
    marking: String,
    handling: String,
    asked: Asked,
    attached: Attached,
}

impl Form {
    fn read(posted: Posted) -> Self {
        let one = |name| posted.one(name).to_owned();
        Self {
            csrf: one("csrf"),
            idempotency_key: one("idempotency_key"),
            title: one("title"),
            question: !one("question").is_empty(),
            announcement: !one("announcement").is_empty(),
            text: one("text"),
            warning: one("warning"),
            audience: one("audience"),
            marking: one("marking"),
            handling: one("handling"),
            asked: Asked::read(&posted),
            attached: Attached::read(posted),
        }
    }
}

/// What is written, and about what.
enum Task {
    New,
    /// A talk in a group.
    Talk(Box<GroupView>),
    Reply(Box<PostView>),
    Edit(Box<PostView>),
}

impl Task {
    fn action(&self) -> String {
        match self {
            Self::New => "/write".to_owned(),
            Self::Talk(group) => format!("/write?group={}", group.actor.id),
            Self::Reply(parent) => format!("/posts/{}/reply", parent.id),
            Self::Edit(post) => format!("/posts/{}/edit", post.id),
        }
    }

    const fn kind(&self) -> ComposeKind {
        match self {
            Self::New => ComposeKind::New,
            Self::Talk(_) => ComposeKind::Talk,
            Self::Reply(_) => ComposeKind::Reply,
            Self::Edit(_) => ComposeKind::Edit,
        }
    }

    /// No lower marking may be chosen.
    fn floor(&self) -> Marking {
        match self {
            Self::New => Marking::LOWEST,
            Self::Talk(group) => group.marking,
            Self::Reply(parent) => parent.marking,
            Self::Edit(post) => post.marking,
        }
    }
}

fn id_of(text: &str) -> Result<PostId, PageError> {
    text.parse().map_err(|_| Error::NotFound("that post").into())
}

#[derive(Debug, Deserialize)]
struct Where {
    #[serde(default)]
    group: String,
}

async fn new(member: Member, place: web::Query<Where>) -> PageResult {
    let task = new_task(&member, &place.group).await?;
    html(&page(&member, &task, None, Errors::default()).await?)
}

async fn new_task(member: &Member, group: &str) -> Result<Task, PageError> {
    if group.is_empty() {
        return Ok(Task::New);
    }
    let group = groups::show(member.ctx(), &as_person(&member.viewer), group_id(group)?).await?;
    Ok(Task::Talk(Box::new(group)))
}

async fn reply(member: Member, id: web::Path<String>) -> PageResult {
    let parent = posts::show(member.ctx(), &member.viewer, id_of(&id)?).await?;
    let greeting =
        if parent.author.id == member.viewer.id { String::new() } else { format!("@{} ", parent.author.acct()) };
    let task = Task::Reply(Box::new(parent));
    let mut page = page(&member, &task, None, Errors::default()).await?;
    page.form.text = greeting;
    html(&page)
}

async fn edit(member: Member, id: web::Path<String>) -> PageResult {
    let post = own(&member, &id).await?;
    let form = Form {
        title: post.title.clone(),
        text: post.source.clone(),
        warning: post.summary.clone(),
        handling: post.handling.clone(),
        marking: post.marking_name.clone(),
        attached: Attached::of(&post),
        ..Form::default()
    };
    html(&page(&member, &Task::Edit(Box::new(post)), Some(&form), Errors::default()).await?)
}

async fn own(member: &Member, id: &str) -> Result<PostView, PageError> {
    let post = posts::show(member.ctx(), &member.viewer, id_of(id)?).await?;
    if post.author.id != member.viewer.id {
        return Err(Error::forbidden("only the author can change a post").into());
    }
    Ok(post)
}

async fn publish_new(member: Member, place: web::Query<Where>, form: Posted) -> PageResult {
    let task = new_task(&member, &place.group).await?;
    publish(&member, task, Form::read(form)).await
}

async fn publish_reply(member: Member, id: web::Path<String>, form: Posted) -> PageResult {
    let parent = posts::show(member.ctx(), &member.viewer, id_of(&id)?).await?;
    publish(&member, Task::Reply(Box::new(parent)), Form::read(form)).await
}

async fn publish(member: &Member, task: Task, mut form: Form) -> PageResult {
    member.visit.demand_own_form(&form.csrf)?;
    let mut errors = Errors::default();
    if form.text.trim().is_empty() && form.attached.is_empty() {
        errors.add("text", member.say("enter-post"));
    }
    let audience: Option<Audience> = match &task {
        Task::Talk(_) => Some(Audience::Group),
        _ => form.audience.parse().ok(),
    };
    if matches!(task, Task::Talk(_)) && form.title.trim().is_empty() {
        errors.add("title", member.say("enter-title"));
    }
    if audience.is_none() {
        errors.add("audience", member.say("choose-audience"));
    }
    let marking = chosen_marking(member, &form, &mut errors);
    form.attached.upload(member, &mut errors).await?;
    if !errors.is_empty() {
        return again(member, &task, &form, errors).await;
    }
    let draft = Draft {
        poll: form.asked.draft(),
        media: form.attached.ids(),
        media_edits: form.attached.edits(),
        text: form.text.clone(),
        title: form.title.clone(),
        group: if let Task::Talk(group) = &task { Some(group.actor.id) } else { None },
        question: form.question,
        announcement: form.announcement,
        audience,
        marking,
        handling: Some(form.handling.clone()),
        summary: form.warning.clone(),
        in_reply_to: if let Task::Reply(parent) = &task { Some(parent.id) } else { None },
        idempotency_key: Some(form.idempotency_key.clone()).filter(|key| !key.is_empty() && key.len() <= 255),
        ..Draft::default()
    };
    match posts::publish(member.ctx(), &member.viewer, draft).await {
        Ok(post) => go_to(&show::post_path(&post)),
        Err(error) => refused(member, &task, &form, error).await,
    }
}

async fn save_edit(member: Member, id: web::Path<String>, form: Posted) -> PageResult {
    let mut form = Form::read(form);
    member.visit.demand_own_form(&form.csrf)?;
    let post = own(&member, &id).await?;
    let task = Task::Edit(Box::new(post));
    let mut errors = Errors::default();
    if form.text.trim().is_empty() && form.attached.is_empty() {
        errors.add("text", member.say("enter-post"));
    }
    let marking = chosen_marking(&member, &form, &mut errors);
    form.attached.upload(&member, &mut errors).await?;
    if !errors.is_empty() {
        return again(&member, &task, &form, errors).await;
    }
    let draft = EditDraft {
        media: Some(form.attached.ids()),
        media_edits: form.attached.edits(),
        text: form.text.clone(),
        title: Some(form.title.clone()),
        summary: form.warning.clone(),
        marking,
        handling: Some(form.handling.clone()),
        ..EditDraft::default()
    };
    match posts::edit(member.ctx(), &member.viewer, id_of(&id)?, draft).await {
        Ok(post) => go_to(&show::post_path(&post)),
        Err(error) => refused(&member, &task, &form, error).await,
    }
}

fn chosen_marking(member: &Member, form: &Form, errors: &mut Errors) -> Option<Marking> {
    let scheme = &member.ctx().settings.scheme;
    let Ok(marking) = scheme.parse(&form.marking) else {
        errors.add("marking", member.say("choose-marking"));
        return None;
    };
    if scheme.level(marking).handling_required && form.handling.trim().is_empty() {
        errors.add("handling", member.say("say-handling").with("marking", scheme.name(marking)));
    }
    Some(marking)
}

/// Shows the form once more with what the use case said; what can't be mended there is an error page.
async fn refused(member: &Member, task: &Task, form: &Form, error: Error) -> PageResult {
    let field = match &error {
        Error::Invalid(_) | Error::Peer(_) | Error::Refused(_) => "text",
        Error::Poll(_) => "poll-1",
        _ => return Err(error.into()),
    };
    let Some(said) = refused::said(&error, member.visit.language) else { return Err(error.into()) };
    again(member, task, form, Errors::one(field, said.without_stop())).await
}

async fn again(member: &Member, task: &Task, form: &Form, errors: Errors) -> PageResult {
    let page = page(member, task, Some(form), errors).await?;
    Ok(HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY)
        .content_type("text/html; charset=utf-8")
        .body(page.render()?))
}

async fn page(member: &Member, task: &Task, form: Option<&Form>, errors: Errors) -> Result<ComposePage, PageError> {
    let ctx = member.ctx();
    let settings = &ctx.settings;
    let preferences = accounts::preferences(ctx, &member.viewer).await?;
    let chosen_marking = match form {
        Some(form) => form.marking.clone(),
        None => settings.scheme.name(preferences.default_marking.max(task.floor())).to_owned(),
    };
    let markings = settings
        .scheme
        .levels()
        .filter(|(marking, _)| *marking >= task.floor())
        .map(|(marking, level)| Choice {
            value: level.name.clone(),
            label: level.name.clone(),
            hint: if marking > Marking::LOWEST { member.say("marking-hint").into() } else { String::new() },
            chosen: level.name == chosen_marking,
        })
        .collect();
    let needing: Vec<String> = settings
        .scheme
        .levels()
        .filter(|(_, level)| level.handling_required)
        .map(|(_, level)| level.name.clone())
        .collect();
    let wanted = form.and_then(|form| form.audience.parse().ok()).unwrap_or(preferences.default_audience);
    let parent = match task {
        Task::Reply(parent) => {
            let mut shown = show::post(parent, &member.visit, member.viewer.id);
            shown.actions = false;
            Some(shown)
        }
        _ => None,
    };
    let media = match form {
        Some(form) => form.attached.show(member).await?,
        None => Vec::new(),
    };
    let poll = match task {
        Task::Edit(_) => None,
        _ => Some(form.map(|form| form.asked.clone()).unwrap_or_default().show(member.visit.language)),
    };
    Ok(ComposePage {
        poll,
        slots: (media.len() + 1..=limits::MEDIA).collect(),
        media,
        files_hint: attached::hint(&settings.media, member.visit.language),
        files_accept: attached::accept(&settings.media),
        frame: member.frame(Nav::Write).await,
        kind: task.kind(),
        action: task.action(),
        form: form
            .map(|form| ComposeForm {
                title: form.title.clone(),
                text: form.text.clone(),
                warning: form.warning.clone(),
                handling: form.handling.clone(),
            })
            .unwrap_or_default(),
        parent,
        titled: match task {
            Task::New | Task::Talk(_) => true,
            Task::Edit(post) => !post.title.is_empty(),
            Task::Reply(_) => false,
        },
        title_hint: if matches!(task, Task::New) { article_hint(member) } else { String::new() },
        extras: extras(member, task, form),
        audiences: audiences(member, task, wanted).await?,
        audience_fixed: fixed(member, task),
        markings,
        handling_needed_for: member.visit.language.list(&needing),
        limit: u64::try_from(limit_of(task, settings.max_characters)).unwrap_or(u64::MAX),
        idempotency_key: form
            .map(|form| form.idempotency_key.clone())
            .filter(|key| !key.is_empty())
            .map_or_else(new_key, Ok)?,
        rules: settings.rules.clone(),
        errors,
    })
}

/// The audiences that may be chosen, in words that say who that is.
async fn audiences(member: &Member, task: &Task, wanted: Audience) -> Result<Vec<Choice>, PageError> {
    let ctx = member.ctx();
    let department = &ctx.settings.department;
    let peers = peers::allowed(ctx).await?.len();
    let connected = member.say("count-departments").count("n", u64::try_from(peers).unwrap_or(0)).to_string();
    let in_department = matches!(task, Task::Reply(parent) if parent.audience == Audience::Department);
    let in_group = matches!(task, Task::Reply(parent) if parent.audience == Audience::Group);
    let offered: &[Audience] = match task {
        Task::Edit(_) | Task::Talk(_) => &[],
        _ if in_department => &[Audience::Department],
        _ if in_group => &[Audience::Group, Audience::Named],
        _ => &[Audience::Department, Audience::Network, Audience::Followers, Audience::Named],
    };
    let wanted = match (in_department, in_group) {
        (true, _) => Audience::Department,
        (_, true) if wanted != Audience::Named => Audience::Group,
        _ => wanted,
    };
    let words = |audience| match audience {
        Audience::Department => {
            (member.say("title-department"), member.say("hint-department").with("department", department))
        }
        Audience::Network => (member.say("title-network"), member.say("hint-network").with("departments", &connected)),
        Audience::Followers => (member.say("title-followers"), member.say("hint-followers")),
        Audience::Group => (member.say("title-group"), member.say("hint-group")),
        Audience::Named => (member.say("title-named"), member.say("hint-named")),
    };
    Ok(offered
        .iter()
        .map(|audience| {
            let (label, hint) = words(*audience);
            Choice {
                value: audience.word().to_owned(),
                label: label.into(),
                hint: hint.into(),
                chosen: *audience == wanted,
            }
        })
        .collect())
}

/// What the first post of a talk can be besides.
fn extras(member: &Member, task: &Task, form: Option<&Form>) -> Vec<Choice> {
    let Task::Talk(group) = task else { return Vec::new() };
    let choice = |value: &str, label: Said, hint: Said, chosen: bool| Choice {
        value: value.to_owned(),
        label: label.into(),
        hint: hint.into(),
        chosen,
    };
    let question = form.is_some_and(|form| form.question);
    let mut extras =
        vec![choice("question", member.say("extra-question"), member.say("extra-question-hint"), question)];
    if group.is_run_by_reader() {
        let announcement = form.is_some_and(|form| form.announcement);
        let (label, hint) = (member.say("extra-announcement"), member.say("extra-announcement-hint"));
        extras.push(choice("announcement", label, hint, announcement));
    }
    extras
}

fn fixed(member: &Member, task: &Task) -> String {
    if let Task::Talk(group) = task {
        let open = group.door == Door::Open;
        let words = if open { member.say("fixed-group-open") } else { member.say("fixed-group-closed") };
        return words.with("group", &group.actor.display_name).into();
    }
    let Task::Edit(post) = task else { return String::new() };
    let words = show::audience(post.audience, &member.visit);
    member.say("fixed-post").with("name", words.name).with("who", words.who).into()
}

/// An article may be longer than what else is written.
fn limit_of(task: &Task, usual: usize) -> usize {
    match task {
        Task::Edit(post) if post.kind == PostKind::Article => usual.max(limits::ARTICLE_CHARS),
        _ => usual,
    }
}

fn article_hint(member: &Member) -> String {
    member.say("article-hint").count("characters", u64::try_from(limits::ARTICLE_CHARS).unwrap_or(u64::MAX)).into()
}

fn new_key() -> Result<String, PageError> {
    let mut bytes = [0_u8; 16];
    openssl::rand::rand_bytes(&mut bytes).map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
