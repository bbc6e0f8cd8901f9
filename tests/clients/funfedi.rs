//! The cases of funfedi-parsing-test-cases, from PyPI, as another node would send them, and what each becomes here.
//!
//! The cases stay in their package; this is what we say of them, by their names.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use corridor_tests::on_both;
use reqwest::Method;
use serde_json::Value;

use super::{python, run};
use crate::hostile::peer::Who;
use crate::hostile::scene::Scene;

/// What becomes of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    /// Its reader is shown this.
    Shown(&'static str),
    /// Its reader is shown the question with so many options as a list, since they are too many for a poll.
    Listed(usize),
    /// It is taken and noted, and nothing is shown.
    Nothing,
    /// It is refused with 400 and this code.
    Refused(&'static str),
}

use Became::{Listed, Nothing, Refused, Shown};

/// What is shown of an event: its title, where it is, what it says, and the way there. Its times are none: the package writes
/// them with two time zones, as in `+00:00Z`.
macro_rules! event {
    ($title:literal, $text:literal, $more:literal) => {
        concat!(
            "public ",
            $title,
            $text,
            "<p><a href=\"OBJECT\" rel=\"nofollow noopener noreferrer\">OBJECT</a></p>",
            $more
        )
    };
}

const OUTCOMES: &[(&str, Became)] = &[
    ("Activities: default", Shown("public text to asha")),
    ("Activities: without published", Shown("public text to asha")),
    ("Activities: null @context", Shown("public text to asha")),
    ("Activities: null actor", Refused("activity")),
    ("Activities: null id", Refused("activity")),
    ("Activities: null published", Shown("public text to asha")),
    ("Activities: null to", Shown("public text to asha")),
    ("Activities: null cc", Shown("public text to asha")),
    ("Activities: null type", Refused("activity")),
    ("Activities: without @context", Shown("public text to asha")),
    ("Activities: without actor", Refused("activity")),
    ("Activities: without id", Refused("activity")),
    ("Activities: without to", Shown("public text to asha")),
    ("Activities: without cc", Shown("public text to asha")),
    ("Activities: without type", Refused("activity")),
    ("Activities: as list actor", Shown("public text to asha")),
    ("Activities: as list published", Shown("public text to asha")),
    ("Activities: as list object", Shown("public text to asha")),
    ("Activities: as list type", Shown("public text to asha")),
    ("Activities: embedded_actor", Shown("public text to asha")),
    ("Activities: list of AP context", Shown("public text to asha")),
    ("Activities: AP context", Shown("public text to asha")),
    ("Activities: list of AP context and dictionary", Shown("public text to asha")),
    ("Activities: list of dictionary and AP context", Shown("public text to asha")),
    ("Activities: list of AP context and other url", Shown("public text to asha")),
    ("Activities: list of other url and AP context", Shown("public text to asha")),
    ("Activities: Announce(Create(Note))", Nothing),
    ("Activities: Varying addressing 0", Shown("public text to asha")),
    ("Activities: Varying addressing 1", Shown("public text to asha")),
    ("Activities: Varying addressing 2", Shown("public text to asha")),
    ("Activities: Varying addressing 3", Shown("public text to asha")),
    ("Activities: Varying addressing 4", Shown("public text to asha")),
    ("Activities: Varying addressing 5", Shown("public text to asha")),
    ("Activities: Varying addressing 6", Shown("public text to asha")),
    ("Activities: Varying addressing 7", Shown("public text to asha")),
    ("Activities: Varying addressing 8", Shown("public text to asha")),
    ("Activities: Varying addressing 9", Shown("public text to asha")),
    ("Activities: Varying addressing 10", Shown("public text to asha")),
    ("Activities: Varying addressing 11", Shown("public text to asha")),
    ("Activities: Varying addressing 12", Shown("public text to asha")),
    ("Activities: Varying addressing 13", Shown("public text to asha")),
    ("Events: default", Shown(event!("“my event” ", "<p>http://localhost</p>event content", ""))),
    ("Events: with hashtag", Shown(event!("“my event” ", "<p>http://localhost</p>event content", " tagged tag"))),
    ("Events: with mention", Shown(event!("“my event” ", "<p>http://localhost</p>event content", ""))),
    ("Events: with mention no name", Shown(event!("“my event” ", "<p>http://localhost</p>event content", ""))),
    ("Events: without attributedTo", Shown(event!("“my event” ", "<p>http://localhost</p>event content", ""))),
    ("Events: without cc", Shown(event!("“my event” ", "<p>http://localhost</p>event content", ""))),
    ("Events: without type", Nothing),
    ("Events: without published", Shown(event!("“my event” ", "<p>http://localhost</p>event content", ""))),
    ("Events: without content", Shown(event!("“my event” ", "<p>http://localhost</p>", ""))),
    ("Events: without endTime", Shown(event!("“my event” ", "<p>http://localhost</p>event content", ""))),
    ("Events: without location", Shown(event!("“my event” ", "event content", ""))),
    ("Events: without name", Shown(event!("", "<p>http://localhost</p>event content", ""))),
    ("Events: without startTime", Shown(event!("“my event” ", "<p>http://localhost</p>event content", ""))),
    ("Notes: without attributedTo", Shown("public text to asha")),
    ("Notes: without cc", Shown("public text to asha")),
    ("Notes: without type", Nothing),
    ("Notes: without published", Shown("public text to asha")),
    ("Notes: without content", Shown("public to asha")),
    ("Notes: without tag", Shown("public text")),
    ("Polls: one choice", Shown("public <p>Question</p> one of 2, Answer 1 to Answer 2, with an end")),
    ("Polls: multiple choices", Shown("public <p>Question</p> some of 2, Answer 1 to Answer 2, with an end")),
    ("Polls: without attributedTo", Shown("public <p>Question</p> one of 2, Answer 1 to Answer 2, with an end")),
    ("Polls: without cc", Shown("public <p>Question</p> one of 2, Answer 1 to Answer 2, with an end")),
    ("Polls: without type", Nothing),
    ("Polls: without published", Shown("public <p>Question</p> one of 2, Answer 1 to Answer 2, with an end")),
    ("Polls: without content", Shown("public one of 2, Answer 1 to Answer 2, with an end")),
    ("Polls: without endTime", Shown("public <p>Question</p> one of 2, Answer 1 to Answer 2, without an end")),
    ("Polls: without oneOf", Shown("public <p>Question</p>")),
    ("Polls: without updated", Shown("public <p>Question</p> one of 2, Answer 1 to Answer 2, with an end")),
    ("Polls: 1 choice", Shown("public <p>Question</p> one of 1, Answer 1 to Answer 1, with an end")),
    ("Polls: 2 choice", Shown("public <p>Question</p> one of 2, Answer 1 to Answer 2, with an end")),
    ("Polls: 3 choice", Shown("public <p>Question</p> one of 3, Answer 1 to Answer 3, with an end")),
    ("Polls: 4 choice", Shown("public <p>Question</p> one of 4, Answer 1 to Answer 4, with an end")),
    ("Polls: 5 choice", Shown("public <p>Question</p> one of 5, Answer 1 to Answer 5, with an end")),
    ("Polls: 7 choice", Shown("public <p>Question</p> one of 7, Answer 1 to Answer 7, with an end")),
    ("Polls: 10 choice", Shown("public <p>Question</p> one of 10, Answer 1 to Answer 10, with an end")),
    ("Polls: 25 choice", Shown("public <p>Question</p> one of 25, Answer 1 to Answer 25, with an end")),
    ("Polls: 100 choice", Listed(100)),
];

/// A case of the package.
struct Case {
    name: String,
    activity: Value,
    object: String,
}

async fn cases(scene: &Scene) -> Result<Vec<Case>> {
    let mut command = python("funfedi_cases.py")?;
    command.args([scene.peer.person(Who::Ann)?.to_string(), scene.asha_uri.clone()]);
    run(command).await?.lines().map(read).collect()
}

fn read(line: &str) -> Result<Case> {
    let mut case: Value = serde_json::from_str(line)?;
    let owned = |name: &str| case[name].as_str().map(str::to_owned).with_context(|| format!("no {name}: {line}"));
    Ok(Case { name: owned("name")?, object: owned("object")?, activity: case["activity"].take() })
}

/// What became of a case, in the words of the table.
async fn became(scene: &Scene, case: &Case) -> Result<String> {
    let answer = scene.send(&scene.signed(Who::Ann, &case.activity)?).await?;
    let found = scene.looks_up(&case.object).await?;
    let status = found["statuses"].get(0);
    if answer.status != 202 {
        let shown = if status.is_some() { ", and it is shown" } else { "" };
        return Ok(format!("{:?}{shown}", answer.code()));
    }
    let Some(status) = status else { return Ok("nothing".to_owned()) };
    // Read by itself, as it is when its reader opens it.
    let path = format!("/api/v1/statuses/{}", status["id"].as_str().context("an id")?);
    let (_, status) = scene.asha.try_call(Method::GET, &path, None).await?;
    Ok(described(&status).replace(&case.object, "OBJECT"))
}

fn wanted(became: Became) -> String {
    match became {
        Shown(words) => words.to_owned(),
        Listed(count) => {
            let items: String = (1..=count).map(|number| format!("<li>Answer {number}</li>")).collect();
            format!("public <p>Question</p><ul>{items}</ul>")
        }
        Nothing => "nothing".to_owned(),
        Refused(code) => format!("{:?}", (400, code)),
    }
}

/// A status in one line: whom it is for, and everything that its reader is shown of it.
fn described(status: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let names = |list: &Value, name: &str| -> Vec<String> {
        list.as_array().into_iter().flatten().map(|one| text(&one[name])).collect()
    };
    let mut parts = vec![text(&status["visibility"])];
    if !text(&status["title"]).is_empty() {
        parts.push(format!("“{}”", text(&status["title"])));
    }
    parts.push(text(&status["content"]));
    for (what, found) in [("to", names(&status["mentions"], "username")), ("tagged", names(&status["tags"], "name"))] {
        if !found.is_empty() {
            parts.push(format!("{what} {}", found.join(", ")));
        }
    }
    let poll = &status["poll"];
    if poll.is_object() {
        let how = if poll["multiple"] == true { "some" } else { "one" };
        let end = if poll["expires_at"].is_null() { "without an end" } else { "with an end" };
        let options = names(&poll["options"], "title");
        let ends = [options.first(), options.last()].map(|option| option.cloned().unwrap_or_default());
        parts.push(format!("{how} of {}, {}, {end}", options.len(), ends.join(" to ")));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

on_both! {
    async fn every_case_becomes_what_it_should(kind: Kind) {
        let scene = Scene::with(kind, |setup| setup.limits.inbox_per_second = 1000).await?;
        let cases = cases(&scene).await?;
        let mut wrong = Vec::new();
        for case in &cases {
            let became = became(&scene, case).await.with_context(|| case.name.clone())?;
            match OUTCOMES.iter().find(|(name, _)| *name == case.name) {
                Some((_, outcome)) if wanted(*outcome) == became => {}
                Some((_, outcome)) => wrong.push(format!("{}: {became}, not {}", case.name, wanted(*outcome))),
                None => wrong.push(format!("{}: {became}, of which the table says nothing", case.name)),
            }
        }
        let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        ensure!(names.len() == cases.len(), "two cases bear one name");
        wrong.extend(OUTCOMES.iter().filter(|(name, _)| !names.contains(name)).map(|(name, _)| format!("there is no case “{name}”")));
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    }
}
