//! Allowing a peer, and changing its terms: asked for, previewed, given.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web;
use corridor_app::peers::{self, AllowPeer, Allowance, Proposal};
use corridor_app::{Error, pins};
use corridor_domain::{Authority, Marking, PeerState, Service, Services};
use serde::Deserialize;

use super::{PATH, host_in, path_of, words, wrong};
use crate::error::{PageError, PageResult, sentence};
use crate::pages::{go_to, html};
use crate::posted::Posted;
use crate::refused;
use crate::session::Administrator;
use crate::views::{Choice, Errors, Hidden, Message, Nav, NewPeerPage, PeerPreviewPage, PeerTermsPage};
use crate::words::{Key, Language, Said, key};

/// Whoever has given terms waits no longer than this for the peer to show its keys; they are pinned at first contact else.
const PIN_WITHIN: Duration = Duration::from_secs(5);

/// The form that asks which peer to allow.
pub(super) async fn ask_whom(by: Administrator) -> PageResult {
    html(&NewPeerPage { frame: by.member.frame(Nav::Administration).await, ..NewPeerPage::default() })
}

#[derive(Debug, Deserialize)]
pub(super) struct WhomForm {
    csrf: String,
    #[serde(default)]
    host: String,
}

/// Goes on to the terms of a peer that can be allowed at all.
pub(super) async fn go_on(by: Administrator, form: web::Form<WhomForm>) -> PageResult {
    by.member.visit.demand_own_form(&form.csrf)?;
    let typed = form.into_inner().host;
    let said: Message = match Authority::parse(typed.trim()) {
        Err(_) if typed.trim().is_empty() => by.member.say("enter-host").into(),
        Err(error) => Message::english(sentence(&error.to_string())),
        Ok(host) => match try_usual(&by, &host).await {
            Ok(()) => return go_to(&format!("{}/terms", path_of(&host))),
            Err(error) => said(error, by.member.visit.language)?,
        },
    };
    let page = NewPeerPage {
        frame: by.member.frame(Nav::Administration).await,
        host: typed,
        errors: Errors::one("host", said),
    };
    wrong(&page, StatusCode::UNPROCESSABLE_ENTITY)
}

/// Whether a peer can be allowed on the terms that the form will begin with.
async fn try_usual(by: &Administrator, host: &Authority) -> Result<(), Error> {
    let Proposal { allow, services, known, .. } = peers::proposal(by.member.ctx(), &by.operator, host).await?;
    if known.is_none() {
        peers::preview_allowance(by.member.ctx(), &by.operator, allow, Some(services)).await?;
    }
    Ok(())
}

/// What the administrator can mend is said on the form; anything else is an error page.
pub(super) fn said(error: Error, language: Language) -> Result<Message, PageError> {
    match &error {
        Error::Invalid(_) | Error::Conflict(_) | Error::Forbidden(_) | Error::Refused(_) => {
            refused::said(&error, language).ok_or_else(|| error.into())
        }
        _ => Err(error.into()),
    }
}

/// The terms as typed.
#[derive(Debug, Clone, Default)]
struct Typed {
    account_domain: String,
    ceiling: String,
    default_marking: String,
    services: Vec<String>,
    department: String,
    note: String,
    contact: String,
}

impl Typed {
    fn of(form: &Posted) -> Self {
        let one = |name: &str| form.one(name).to_owned();
        Self {
            account_domain: one("account_domain"),
            ceiling: one("ceiling"),
            default_marking: one("default_marking"),
            services: form.all("services").map(str::to_owned).collect(),
            department: one("department"),
            note: one("note"),
            contact: one("contact"),
        }
    }

    fn proposed(by: &Administrator, proposal: &Proposal) -> Self {
        let (scheme, allow) = (&by.member.ctx().settings.scheme, &proposal.allow);
        let usual = allow.default_marking.unwrap_or_else(|| scheme.default_marking());
        Self {
            account_domain: allow.account_domain.as_ref().map(ToString::to_string).unwrap_or_default(),
            ceiling: scheme.name(allow.ceiling).to_owned(),
            default_marking: scheme.name(usual).to_owned(),
            services: proposal.services.list().map(|service| service.word().to_owned()).collect(),
            department: allow.department.clone(),
            note: allow.note.clone(),
            contact: allow.contact.clone(),
        }
    }

    /// As fields of a form.
    fn hidden(&self) -> Vec<Hidden> {
        let one = |name: &str, value: &String| Hidden { name: name.to_owned(), value: value.clone() };
        let mut fields = vec![
            one("account_domain", &self.account_domain),
            one("ceiling", &self.ceiling),
            one("default_marking", &self.default_marking),
            one("department", &self.department),
            one("note", &self.note),
            one("contact", &self.contact),
        ];
        fields.extend(self.services.iter().map(|service| one("services", service)));
        fields
    }

    /// The terms that they stand for.
    fn read(&self, by: &Administrator, proposal: &Proposal) -> Result<(AllowPeer, Services), Errors> {
        let (mut errors, scheme) = (Errors::default(), &by.member.ctx().settings.scheme);
        let account_domain = self.domain(proposal).unwrap_or_else(|said| {
            errors.add("account_domain", said);
            None
        });
        let member = &by.member;
        let mut marking = |field: &str, name: &str, said: Said| {
            scheme.parse(name).unwrap_or_else(|_| {
                errors.add(field, said);
                Marking::LOWEST
            })
        };
        let ceiling = marking("ceiling", &self.ceiling, member.say("choose-ceiling"));
        let default_marking = marking("default_marking", &self.default_marking, member.say("choose-default"));
        let services: Result<Services, String> = self.services.iter().map(|word| word.parse::<Service>()).collect();
        let services = services.ok().filter(|chosen| *chosen != Services::NONE).unwrap_or_else(|| {
            errors.add("services", member.say("choose-services"));
            Services::NONE
        });
        if !errors.is_empty() {
            return Err(errors);
        }
        let allow = AllowPeer {
            authority: proposal.allow.authority.clone(),
            account_domain,
            ceiling,
            default_marking: Some(default_marking),
            department: self.department.clone(),
            note: self.note.clone(),
            contact: self.contact.clone(),
        };
        Ok((allow, services))
    }

    fn domain(&self, proposal: &Proposal) -> Result<Option<Authority>, Message> {
        let typed = self.account_domain.trim();
        let known = &proposal.allow.account_domain;
        if typed.is_empty() {
            return Ok(None);
        }
        if known.as_ref().is_some_and(|known| known.as_str() == typed) {
            return Ok(known.clone());
        }
        Authority::parse(typed).map(Some).map_err(|error| Message::english(sentence(&error.to_string())))
    }
}

/// The form with a peer's terms.
pub(super) async fn page(by: Administrator, host: web::Path<String>) -> PageResult {
    let proposal = peers::proposal(by.member.ctx(), &by.operator, &host_in(&host)?).await?;
    demand_name(&proposal)?;
    let typed = Typed::proposed(&by, &proposal);
    html(&form(&by, &proposal, typed, Errors::default()).await)
}

/// A peer that is new is one with a name, as on the command line.
fn demand_name(proposal: &Proposal) -> Result<(), PageError> {
    match Authority::parse(proposal.allow.authority.as_str()) {
        Err(error) if proposal.known.is_none() => Err(Error::invalid(error).into()),
        _ => Ok(()),
    }
}

async fn form(by: &Administrator, proposal: &Proposal, typed: Typed, errors: Errors) -> PeerTermsPage {
    let (ctx, host) = (by.member.ctx(), &proposal.allow.authority);
    let choice = |value: &str, hint: &str, chosen: bool| Choice {
        value: value.to_owned(),
        label: value.to_owned(),
        hint: hint.to_owned(),
        chosen,
    };
    let markings = |chosen: &str| -> Vec<Choice> {
        ctx.settings.scheme.levels().map(|(_, level)| choice(&level.name, "", level.name == chosen)).collect()
    };
    let state = proposal.known.as_ref().map(|peer| peer.state);
    PeerTermsPage {
        frame: by.member.frame(Nav::Administration).await,
        heading: match state {
            None => by.member.say("terms-allow"),
            Some(PeerState::Removed) => by.member.say("terms-allow-again"),
            Some(_) => by.member.say("terms-change"),
        }
        .with("host", host)
        .into(),
        host: host.to_string(),
        back: if state.is_some() { path_of(host) } else { PATH.to_owned() },
        action: format!("{}/terms", path_of(host)),
        registry: proposal
            .listed
            .as_ref()
            .map(|(_, terms)| words::registry(&by.member.visit, terms))
            .unwrap_or_default(),
        ceilings: markings(&typed.ceiling),
        default_markings: markings(&typed.default_marking),
        services: Service::ALL
            .iter()
            .map(|service| {
                let word = service.word();
                Choice {
                    label: by.member.visit.language.say_key(service_title(*service)).into(),
                    ..choice(word, "", typed.services.iter().any(|one| one == word))
                }
            })
            .collect(),
        account_domain: typed.account_domain,
        department: typed.department,
        note: typed.note,
        contact: typed.contact,
        errors,
    }
}

const fn service_title(service: Service) -> Key {
    match service {
        Service::Posts => key("service-posts-title"),
        Service::Directory => key("service-directory-title"),
        Service::Groups => key("service-groups-title"),
        Service::Moves => key("service-moves-title"),
    }
}

/// Gives terms, after a preview where something would be lost or a peer would be allowed that is not.
pub(super) async fn give(by: Administrator, host: web::Path<String>, posted: Posted) -> PageResult {
    by.member.visit.demand_own_form(posted.one("csrf"))?;
    let (ctx, operator) = (by.member.ctx(), &by.operator);
    let proposal = peers::proposal(ctx, operator, &host_in(&host)?).await?;
    demand_name(&proposal)?;
    let typed = Typed::of(&posted);
    let (allow, services) = match typed.read(&by, &proposal) {
        Ok(_) if posted.one("step") == "change" => {
            return html(&form(&by, &proposal, typed, Errors::default()).await);
        }
        Ok(read) => read,
        Err(errors) => return refuse(&by, &proposal, typed, errors).await,
    };
    let outcome = match peers::preview_allowance(ctx, operator, allow.clone(), Some(services)).await {
        Ok(allowance) if posted.one("step") != "confirmed" && !allowance.loses_nothing() => {
            return html(&preview(&by, &allowance, &typed).await);
        }
        Ok(_) => peers::allow_for(ctx, operator, allow.clone(), Some(services)).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(peer) => {
            // Not reachable yet is no failure; what it shows at first contact is pinned then.
            let pinning = pins::pin(ctx, operator, &peer.authority, false);
            let _: Result<_, _> = actix_web::rt::time::timeout(PIN_WITHIN, pinning).await;
            go_to(&format!("{}?done=allowed", path_of(&peer.authority)))
        }
        Err(error) => {
            let field = field_of(&error, &allow, services, &proposal);
            let errors = Errors::one(field, said(error, by.member.visit.language)?);
            refuse(&by, &proposal, typed, errors).await
        }
    }
}

async fn refuse(by: &Administrator, proposal: &Proposal, typed: Typed, errors: Errors) -> PageResult {
    wrong(&form(by, proposal, typed, errors).await, StatusCode::UNPROCESSABLE_ENTITY)
}

async fn preview(by: &Administrator, allowance: &Allowance, typed: &Typed) -> PeerPreviewPage {
    let (ctx, host) = (by.member.ctx(), &allowance.after.authority);
    let state = allowance.before.as_ref().map(|peer| peer.state);
    PeerPreviewPage {
        frame: by.member.frame(Nav::Administration).await,
        host: host.to_string(),
        action: format!("{}/terms", path_of(host)),
        loses: matches!(state, Some(PeerState::Allowed | PeerState::OutOfTerm)),
        effects: words::allowance(allowance, &ctx.settings.scheme, by.member.visit.language),
        terms: words::terms(&by.member.visit, &allowance.after, None),
        hidden: typed.hidden(),
    }
}

/// The field beside which a refusal is said.
fn field_of(error: &Error, allow: &AllowPeer, services: Services, proposal: &Proposal) -> &'static str {
    match error {
        Error::Invalid(reason) if reason.starts_with("the department") => "department",
        Error::Invalid(reason) if reason.starts_with("the note") => "note",
        Error::Invalid(reason) if reason.starts_with("the contact") => "contact",
        Error::Invalid(reason) | Error::Conflict(reason) => match &allow.account_domain {
            Some(domain) if *domain != allow.authority && reason.starts_with(&format!("{domain} ")) => "account_domain",
            _ => "host",
        },
        _ => match &proposal.listed {
            Some((_, terms)) if allow.ceiling > terms.ceiling => "ceiling",
            Some((_, terms)) if services.and(terms.grant.services) != services => "services",
            Some((node, _)) if allow.account_domain.as_ref().is_some_and(|one| *one != node.account_domain) => {
                "account_domain"
            }
            _ => "host",
        },
    }
}
