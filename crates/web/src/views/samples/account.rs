//! Sample pages of the reader's own account.

use super::{Words, html};
use crate::views::{AllowedApp, Moment, Nav, SignedInBrowser, SignedInPage};

pub(super) fn pages(words: Words) -> Vec<(&'static str, String)> {
    let moment = Moment::new(chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default(), words.language);
    let browser = |id: &str, name: &str, is_this| SignedInBrowser {
        id: words.t(id),
        name: words.t(name),
        since: moment.clone(),
        seen: moment.clone(),
        is_this,
    };
    let app = AllowedApp {
        id: words.t("31"),
        name: words.t("Lantern for Android"),
        site: words.t("lantern.example"),
        allows: vec![words.t("See everything that you can see"), words.t("Write posts as you")],
        since: moment.clone(),
    };
    let page = SignedInPage {
        frame: words.frame(Nav::Profile),
        browsers: vec![browser("21", "Firefox on Linux", true), browser("20", "Edge on Windows", false)],
        apps: vec![app],
    };
    let alone = SignedInPage { apps: Vec::new(), ..page.clone() };
    vec![("signed-in", html(&page)), ("signed-in-no-apps", html(&alone))]
}
