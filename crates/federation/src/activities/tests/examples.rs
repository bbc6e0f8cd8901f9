//! The examples of what is sent in the documentation are what is sent, and there is one of everything.

use std::collections::BTreeSet;

use super::samples::{SUBJECTS, here, name_of, sent, shown};
use super::*;
use crate::activities::TAKEN;
use crate::testing::{documentation, examples};

/// Whether the documentation says this of that, and nothing else; if not, what it should say.
fn differences(marker: &str, wanted: &[(&'static str, Value)]) -> String {
    let told = examples(marker);
    let mut wanting = String::new();
    for (name, body) in wanted {
        if told.iter().filter(|(other, _)| other == name).map(|(_, value)| value).ne([body]) {
            let block = serde_json::to_string_pretty(&body).unwrap();
            wanting.push_str(&format!("<!-- {marker}: {name} -->\n```json\n{block}\n```\n\n"));
        }
    }
    for (name, _) in told {
        if !wanted.iter().any(|(other, _)| *other == name) {
            wanting.push_str(&format!("nothing about “{name}”, which is never {marker}\n"));
        }
    }
    wanting
}

#[test]
fn the_examples_of_what_is_sent_are_what_is_sent() {
    let bodies: Vec<(&str, Value)> = sent()
        .iter()
        .map(|(name, subject)| {
            let Value::Object(body) = render(subject, &here(), FRESH).body else { panic!("{name}") };
            assert_eq!(body.get("@context"), Some(&crate::objects::context()), "{name}");
            (*name, body.into_iter().filter(|(name, _)| name != "@context").collect())
        })
        .collect();
    let wanting = differences("sent", &bodies);
    assert!(wanting.is_empty(), "docs/FEDERATION.md should say:\n{wanting}");
}

#[test]
fn the_examples_of_what_is_shown_are_what_is_shown() {
    let wanting = differences("shown", &shown());
    assert!(wanting.is_empty(), "docs/FEDERATION.md should say:\n{wanting}");
}

#[test]
fn there_is_an_example_of_everything_that_is_told() {
    let told: BTreeSet<&str> = sent().iter().map(|(_, subject)| name_of(subject)).collect();
    let all: BTreeSet<&str> = SUBJECTS.iter().copied().collect();
    assert_eq!(told, all);
}

/// The types that a direction has examples of.
fn types(marker: &str) -> BTreeSet<String> {
    examples(marker).iter().filter_map(|(_, body)| body["type"].as_str().map(str::to_owned)).collect()
}

#[test]
fn there_is_an_example_of_every_type_that_is_taken() {
    let known: BTreeSet<String> = TAKEN.iter().map(|kind| (*kind).to_owned()).collect();
    assert_eq!(types("taken"), known);
}

#[test]
fn the_table_of_activities_names_what_has_examples_and_nothing_else() {
    let text = documentation();
    let (_, rest) = text.split_once("| activity | sent | taken | notes |\n").unwrap();
    let mut said = [BTreeSet::new(), BTreeSet::new()];
    for row in rest.lines().skip(1).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for (way, said) in said.iter_mut().enumerate() {
            match cells[2 + way] {
                "yes" => said.extend(cells[1].split('`').skip(1).step_by(2).map(str::to_owned)),
                "no" => {}
                other => panic!("“{other}” is neither yes nor no in: {row}"),
            }
        }
    }
    assert_eq!(said, [types("sent"), types("taken")]);
}
