//! Every page is rendered, with plain and with hostile texts.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::HashSet;
use std::path::Path;

use super::samples::{ATTACK, Words, pages};
use super::*;
use crate::words::Language;

fn plain() -> Vec<(&'static str, String)> {
    pages(Words { hostile: false, language: Language::English })
}

#[test]
fn what_people_wrote_is_escaped_on_every_page() {
    for (name, page) in Language::ALL.into_iter().flat_map(|language| pages(Words { hostile: true, language })) {
        assert!(page.contains("&#60;script&#62;alert(1)"), "{name} shows no sample text");
        assert!(!page.contains("<script>alert"), "{name} lets a script through");
        let ours = [" class=\"corridor-picture__image", " class=\"corridor-avatar"];
        let is_ours = |image: &str| ours.iter().any(|start| image.starts_with(start));
        assert!(page.split("<img").skip(1).all(is_ours), "{name} lets an image through");
        assert!(!page.contains(ATTACK), "{name}");
        assert!(!page.contains("\"'>"), "{name} lets a quotation mark end an attribute");
        assert!(page.contains("{{7*7}}&#38;amp;"), "{name} reads its data as a template or as HTML");
    }
}

#[test]
fn sanitised_html_alone_is_shown_as_it_is() {
    let home = page("home");
    assert!(home.contains("<strong>sea wall survey</strong>"));
    assert!(page("profile").contains("<p>I model rivers."));
    for (path, text) in templates() {
        assert!(
            !text.contains("|safe") && !text.contains("| safe") && !text.contains("autoescape"),
            "{path} turns escaping off"
        );
    }
}

#[test]
fn nothing_stands_in_the_way_of_the_content_security_policy() {
    for (name, page) in plain() {
        assert!(!page.contains(" style="), "{name} has an inline style");
        assert!(!page.contains("<style"), "{name} has a style element");
        assert!(!page.contains(" onclick") && !page.contains(" onload"), "{name} has an inline handler");
        for script in page.split("<script").skip(1) {
            assert!(script.starts_with(" src=\"/assets/"), "{name} has an inline script");
        }
        for source in page.split("src=\"").skip(1) {
            assert!(source.starts_with('/'), "{name} loads something from elsewhere");
        }
    }
}

#[test]
fn every_form_that_changes_something_sends_the_token() {
    for (name, page) in plain() {
        for form in page.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            let posts = form.contains("method=\"post\"");
            assert_eq!(posts, form.contains("name=\"csrf\" value=\"2f1c9d\""), "{name}: {form}");
            let searches = ["/search", "/groups"].iter().any(|path| form.contains(&format!("action=\"{path}\"")));
            assert!(posts || searches, "{name} changes something by GET: {form}");
        }
    }
}

#[test]
fn every_page_has_one_heading_one_main_and_a_way_to_it() {
    for (name, page) in plain() {
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        assert_eq!(page.matches("<main").count(), 1, "{name}");
        assert!(page.contains("href=\"#main-content\"") && page.contains("id=\"main-content\""), "{name}");
        assert!(page.contains("<html lang=\"en-GB\""), "{name}");
        assert_eq!(page.matches("action=\"/language\"").count(), 1, "{name} has no switch between the languages");
        for link in ["/about", "/rules", "/accessibility"] {
            assert!(page.contains(&format!("href=\"{link}\"")), "{name} does not link to {link}");
        }
    }
}

#[test]
fn every_page_is_there_in_welsh() {
    for (name, page) in pages(Words { hostile: false, language: Language::Welsh }) {
        assert!(page.contains("<html lang=\"cy\""), "{name}");
        assert!(page.contains("Neidio i’r prif gynnwys"), "{name}");
        assert!(page.contains("lang=\"en-GB\">English<"), "{name} has no way back to English");
        assert!(!page.contains("{$") && !page.contains("{ $"), "{name} lacks what belongs into a text");
    }
    let of = |wanted: &str| {
        let pages = pages(Words { hostile: false, language: Language::Welsh });
        pages.into_iter().find(|(name, _)| *name == wanted).unwrap().1
    };
    assert!(of("notifications").contains("<h1 class=\"govuk-heading-l\">Hysbysiadau</h1>"));
    assert!(of("home").contains("1 ateb, 2 hwb, 1,205 ffefryn"));
    assert!(of("error-422").contains("<p class=\"govuk-body\" lang=\"en\">The post is longer"));
    assert!(of("sign-in").contains("<h1 class=\"govuk-heading-l\">Mewngofnodi i Corridor</h1>"));
}

#[test]
fn ids_are_unique_and_labels_and_descriptions_point_to_them() {
    for (name, page) in plain() {
        let ids: Vec<&str> = attribute(&page, " id=\"").collect();
        let set: HashSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), set.len(), "{name} has an id twice: {ids:?}");
        for kind in [" for=\"", " aria-describedby=\"", " aria-labelledby=\"", " href=\"#", " data-limit-words=\""] {
            for target in attribute(&page, kind).flat_map(str::split_whitespace) {
                assert!(set.contains(target), "{name}: {kind}{target} points nowhere");
            }
        }
    }
}

#[test]
fn levels_of_headings_are_not_skipped() {
    for (name, page) in plain() {
        let main = page.split("<main").nth(1).unwrap();
        // The summary of errors and the notice stand before the first heading, as GOV.UK's do.
        let after = main.split("<h1").nth(1).unwrap();
        let mut last = 1;
        for heading in after.split("<h").skip(1) {
            let Some(level) = heading.chars().next().and_then(|c| c.to_digit(10)) else { continue };
            assert!(level <= last + 1, "{name} jumps from h{last} to h{level}");
            last = level;
        }
    }
}

#[test]
fn a_post_for_one_department_offers_no_boost() {
    let home = page("home");
    let inside = home.split("id=\"post-904\"").nth(1).unwrap();
    assert!(!inside.contains("/boost\""));
    assert!(inside.contains("Posts for one department can&#39;t be boosted."));
    assert!(home.split("id=\"post-901\"").nth(1).unwrap().contains("formaction=\"/posts/900/boost\""));
}

#[test]
fn only_ones_own_posts_can_be_edited_and_deleted() {
    let home = page("home");
    let posts: Vec<&str> = home.split("<article").skip(1).collect();
    let own: Vec<bool> = posts.iter().map(|post| post.contains("/delete\"") && post.contains("/edit\"")).collect();
    assert_eq!(own, [false, false, false, true]);
}

#[test]
fn a_marking_above_the_lowest_is_said_with_its_handling() {
    let home = page("home");
    let marked = home.split("id=\"post-903\"").nth(1).unwrap();
    assert!(marked.contains("<strong>OFFICIAL-SENSITIVE</strong> Handling: For the winter planning team only"));
}

#[test]
fn what_was_typed_is_kept_and_errors_link_to_their_fields() {
    let page = page("compose-errors");
    // The newline after the tag is the parser's; the one that was typed comes after it.
    assert!(page.contains("data-limit-words=\"text-limit\">\n\nThe survey is out.</textarea>"));
    assert!(page.contains("value=\"department\" checked"));
    assert!(page.contains("<title>Error: Write a post"));
    for field in ["text", "audience", "marking", "handling", "warning"] {
        assert!(page.contains(&format!("<a href=\"#{field}\">")), "{field}");
        assert!(page.contains(&format!("id=\"{field}-error\"")), "{field}");
    }
}

#[test]
fn the_buttons_of_a_profile_follow_from_how_the_reader_stands_to_it() {
    assert!(page("profile").contains("action=\"/people/41/follow\""));
    assert!(page("profile-following").contains("action=\"/people/41/unfollow\""));
    assert!(page("profile-requested").contains("Cancel request"));
    for name in ["profile-own", "profile-gone"] {
        assert!(!page(name).contains(">Follow<") && !page(name).contains(">Unfollow<"), "{name}");
    }
}

#[test]
fn signed_out_pages_offer_nothing_else() {
    for name in ["sign-in", "about", "accessibility"] {
        let page = page(name);
        assert!(!page.contains("/sign-out") && !page.contains("<nav") && !page.contains("/search"), "{name}");
    }
}

#[test]
fn initials_come_from_the_first_and_the_last_name() {
    let initials = |name: &str| Person { name: name.to_owned(), ..Person::default() }.initials();
    assert_eq!(initials("Asha Patel"), "AP");
    assert_eq!(initials("  siân (they) o’neill "), "SO");
    assert_eq!(initials("press-office"), "P");
    assert_eq!(initials("🙂"), "");
    assert_eq!(initials(""), "");
}

/// Writes every page and asset to the folder that `CORRIDOR_PAGES` names, to be looked at in a browser.
#[test]
fn pages_can_be_written_out() {
    let Some(folder) = std::env::var_os("CORRIDOR_PAGES") else { return };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    for (name, page) in plain() {
        std::fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
    for name in ["corridor.css", "corridor.js", "icon.svg"] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name);
        std::fs::copy(source, folder.join("assets").join(name)).unwrap();
    }
}

fn page(wanted: &str) -> String {
    plain().into_iter().find(|(name, _)| *name == wanted).unwrap().1
}

fn attribute<'a>(page: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    page.split(start).skip(1).map(|rest| &rest[..rest.find('"').unwrap()])
}

fn templates() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let files =
        [folder.clone(), folder.join("partials")].into_iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    files
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}
