//! What commands write: lines, tables and JSON on the standard output, complaints on the standard error.

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

/// Writes a line. A reader that has gone away is no error of ours.
pub fn say(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Writes a complaint, on the standard error.
pub fn complain(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes a value as JSON.
pub fn say_json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => say(text),
        Err(error) => complain(format_args!("the answer can't be written as JSON: {error}")),
    }
}

/// A table with aligned columns, under a line of headings.
#[must_use]
pub fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let widths: Vec<usize> = headings
        .iter()
        .enumerate()
        .map(|(column, heading)| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([heading.chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: [&str; N]| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let body = rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
    std::iter::once(line(headings)).chain(body).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["Zoë".to_owned(), "member".to_owned()], ["amira".to_owned(), "x".to_owned()]];
        assert_eq!(table(["Name", "Role"], &rows), "Name   Role\nZoë    member\namira  x");
        assert_eq!(table(["Name"], &[]), "Name");
    }
}
