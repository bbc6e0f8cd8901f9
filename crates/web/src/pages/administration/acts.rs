//! Suspending, resuming and removing a peer, and destroying what is held from it: each asked for before it is done.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use corridor_app::{Error, accounts, peers};
use corridor_domain::{Authority, PeerState};
use serde::Deserialize;

use super::terms::said;
use super::{host_in, path_of, words, wrong};
use crate::error::{PageError, PageResult, no_such_page};
use crate::pages::sign_in::too_many;
use crate::pages::{go_to, html};
use crate::session::Administrator;
use crate::views::{Errors, Nav, PeerConfirmPage};
use crate::words::{Key, Said, key};

/// An administrator waits no longer than this for what is held to be destroyed. It goes on behind the page.
const PURGE_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Suspend,
    Resume,
    Remove,
    Purge,
}

impl Act {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "suspend" => Self::Suspend,
            "resume" => Self::Resume,
            "remove" => Self::Remove,
            "purge" => Self::Purge,
            _ => return None,
        })
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Remove => "remove",
            Self::Purge => "purge",
        }
    }

    /// Whether it makes sense for a peer that stands so.
    const fn fits(self, state: PeerState) -> bool {
        matches!(
            (self, state),
            (Self::Suspend, PeerState::Allowed | PeerState::OutOfTerm)
                | (Self::Resume, PeerState::Suspended)
                | (Self::Remove, PeerState::Allowed | PeerState::OutOfTerm | PeerState::Suspended)
                | (Self::Purge, PeerState::Removed)
        )
    }

    /// It takes away what can't be had back.
    const fn is_final(self) -> bool {
        matches!(self, Self::Remove | Self::Purge)
    }
}

/// What an act needs.
#[derive(Deserialize, Default)]
pub(super) struct ActForm {
    csrf: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    purge: String,
}

/// Says what an act would do, and asks.
pub(super) async fn ask(by: Administrator, path: web::Path<(String, String)>) -> PageResult {
    let (host, act) = path.into_inner();
    let Some(act) = Act::from_word(&act) else { return no_such_page(actix_web::http::Method::GET).await };
    let host = host_in(&host)?;
    if !act.fits(peers::show(by.member.ctx(), &host).await?.peer.state) {
        return go_to(&path_of(&host));
    }
    html(&question(&by, &host, act, false, Errors::default()).await?)
}

async fn question(
    by: &Administrator,
    host: &Authority,
    act: Act,
    purge: bool,
    errors: Errors,
) -> Result<PeerConfirmPage, PageError> {
    let (ctx, operator) = (by.member.ctx(), &by.operator);
    let (member, language) = (&by.member, by.member.visit.language);
    let lines = |keys: &[Key]| keys.iter().map(|key| language.say_key(*key).into()).collect();
    let (heading, button, effects) = match act {
        Act::Suspend => (
            member.say("suspend-heading"),
            key("suspend-button"),
            lines(&[key("suspend-nothing"), key("suspend-waits"), key("suspend-stays")]),
        ),
        Act::Resume => {
            (member.say("resume-heading"), key("resume-button"), lines(&[key("resume-terms"), key("resume-sent")]))
        }
        Act::Remove => {
            let preview = peers::preview(ctx, operator, host, None).await?;
            (member.say("remove-heading"), key("remove-button"), words::removal(&preview, language))
        }
        Act::Purge => {
            let left = peers::left(ctx, operator, host).await?;
            (member.say("purge-heading"), key("purge-button"), words::purge(left, language))
        }
    };
    Ok(PeerConfirmPage {
        frame: by.member.frame(Nav::Administration).await,
        heading: heading.with("host", host).into(),
        effects,
        action: format!("{}/{}", path_of(host), act.word()),
        back: path_of(host),
        button: language.say_key(button).into(),
        is_final: act.is_final(),
        offers_purge: act == Act::Remove,
        purge,
        errors,
    })
}

/// Does it.
pub(super) async fn act(
    by: Administrator,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    form: web::Form<ActForm>,
) -> PageResult {
    by.member.visit.demand_own_form(&form.csrf)?;
    let (host, act) = path.into_inner();
    let Some(act) = Act::from_word(&act) else { return no_such_page(actix_web::http::Method::GET).await };
    let (host, form) = (host_in(&host)?, form.into_inner());
    let purges = form.purge == "yes";
    if act.is_final()
        && let Some((said, status)) = unproven(&by, &request, &form.password).await?
    {
        let page = question(&by, &host, act, purges, Errors::one("password", said)).await?;
        return wrong(&page, status);
    }
    match done(&by, &host, act, purges).await {
        Ok(word) => go_to(&format!("{}?done={word}", path_of(&host))),
        Err(error @ (Error::NotFound(_) | Error::Internal(_) | Error::Unavailable(_))) => Err(error.into()),
        Err(error) => {
            let errors = Errors::one("confirm", said(error, by.member.visit.language)?);
            wrong(&question(&by, &host, act, purges, errors).await?, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

/// What is wrong with the password, for what can't be taken back.
async fn unproven(
    by: &Administrator,
    request: &HttpRequest,
    password: &str,
) -> Result<Option<(Said, StatusCode)>, PageError> {
    if password.is_empty() {
        return Ok(Some((by.member.say("enter-password"), StatusCode::UNPROCESSABLE_ENTITY)));
    }
    let (ctx, from) = (by.member.ctx(), by.member.visit.address(request));
    match accounts::confirm_password(ctx, &by.member.viewer, password, from).await {
        Ok(()) => Ok(None),
        Err(Error::Unauthenticated(_)) => Ok(Some((by.member.say("wrong-password"), StatusCode::UNPROCESSABLE_ENTITY))),
        Err(Error::TooMany(seconds)) => Ok(Some((too_many(&by.member.visit, seconds), StatusCode::TOO_MANY_REQUESTS))),
        Err(error) => Err(error.into()),
    }
}

/// Does an act; answers the word by which the next page says so.
async fn done(by: &Administrator, host: &Authority, act: Act, purges: bool) -> Result<&'static str, Error> {
    let (ctx, operator) = (by.member.ctx(), &by.operator);
    match act {
        Act::Suspend => peers::suspend(ctx, operator, host).await.map(|()| "suspended"),
        Act::Resume => peers::resume(ctx, operator, host).await.map(|()| "resumed"),
        Act::Remove => {
            peers::remove(ctx, operator, host).await?;
            if purges { purge(by, host).await } else { Ok("removed") }
        }
        Act::Purge => purge(by, host).await,
    }
}

/// Destroys what is held, on behind the page where that takes long. Broken off by the end of the process, it is asked for
/// again on the peer's page, which says what is left.
async fn purge(by: &Administrator, host: &Authority) -> Result<&'static str, Error> {
    let (ctx, operator, host) = (by.member.ctx().clone(), by.operator.clone(), host.clone());
    let work = actix_web::rt::spawn(async move {
        let outcome = peers::purge(&ctx, &operator, &host, |_, _| ()).await;
        if let Err(error) = &outcome {
            tracing::error!(peer.host = %host, "a purge was broken off: {error}");
        }
        outcome
    });
    match actix_web::rt::time::timeout(PURGE_WITHIN, work).await {
        Ok(Ok(outcome)) => outcome.map(|_| "purged"),
        Ok(Err(broken)) => Err(Error::Internal(Box::new(broken))),
        Err(_) => Ok("purging"),
    }
}
