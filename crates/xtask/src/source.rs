//! Reads Rust source just closely enough to tell which paths it names: comments and strings are passed over.

/// A path that the source names, such as `std::net::TcpStream`, with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The segments in order; a glob import ends in `*`.
    pub path: Vec<String>,
    /// The line of the path's last segment, counted from one.
    pub line: usize,
    /// Whether an import names it: an import of one segment names a crate, an expression of one does not.
    pub imported: bool,
    /// What the import calls it, when that is not its own name.
    pub renamed: bool,
}

impl Name {
    /// Whether the path starts with these segments.
    pub fn starts_with(&self, segments: &[&str]) -> bool {
        self.path.len() >= segments.len() && self.path.iter().zip(segments).all(|(a, b)| a == b)
    }

    /// Whether these segments stand next to each other anywhere in the path.
    pub fn contains(&self, segments: &[&str]) -> bool {
        self.path.windows(segments.len()).any(|window| window.iter().zip(segments).all(|(a, b)| a == b))
    }

    /// Whether the path goes into the crate of that name.
    pub fn names_crate(&self, name: &str) -> bool {
        self.starts_with(&[name]) && (self.imported || self.path.len() > 1)
    }

    /// The path as it is written.
    pub fn text(&self) -> String {
        self.path.join("::")
    }
}

/// Every path the source names, and every keyword that stands alone.
pub fn names(source: &str) -> Vec<Name> {
    let mut reader = Reader { tokens: tokens(source), at: 0, names: Vec::new() };
    reader.read();
    reader.names
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Word(String),
    Mark(char),
}

#[derive(Debug, Clone)]
struct Token {
    kind: Kind,
    line: usize,
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    names: Vec<Name>,
}

impl Reader {
    fn read(&mut self) {
        while let Some(token) = self.tokens.get(self.at) {
            let after_dot = self.at.checked_sub(1).is_some_and(|i| self.is_mark(i, '.'));
            match &token.kind {
                // `impl Trait + use<'a>` is no import.
                Kind::Word(word) if word == "use" && !self.is_mark(self.at + 1, '<') => {
                    self.at += 1;
                    self.import(&[]);
                }
                Kind::Word(word) if word == "crate" && self.is_word(self.at.wrapping_sub(1), "extern") => {
                    self.at += 1;
                    self.import(&[]);
                }
                Kind::Word(_) if after_dot => self.at += 1,
                Kind::Word(_) => self.path(),
                Kind::Mark(_) => self.at += 1,
            }
        }
    }

    /// A path in an expression, a type, an attribute or a macro.
    fn path(&mut self) {
        let mut path = Vec::new();
        let mut line = 0;
        while let Some(Token { kind: Kind::Word(word), line: at }) = self.tokens.get(self.at) {
            path.push(word.clone());
            line = *at;
            self.at += 1;
            if self.is_separator() && matches!(self.kind(self.at + 2), Some(Kind::Word(_))) {
                self.at += 2;
            } else {
                break;
            }
        }
        self.names.push(Name { path, line, imported: false, renamed: false });
    }

    /// An import tree; every leaf becomes a path of its own.
    fn import(&mut self, prefix: &[String]) {
        let mut path = prefix.to_vec();
        let mut line = 0;
        if self.is_separator() {
            self.at += 2;
        }
        while let Some(token) = self.tokens.get(self.at).cloned() {
            match token.kind {
                Kind::Word(word) if word == "as" => {
                    self.at += 2;
                    return self.leaf(path, line, true);
                }
                Kind::Word(word) => {
                    line = token.line;
                    // `name::{self}` is the module itself.
                    if word != "self" || path.is_empty() {
                        path.push(word);
                    }
                    self.at += 1;
                }
                Kind::Mark('*') => {
                    path.push("*".to_owned());
                    line = token.line;
                    self.at += 1;
                }
                Kind::Mark(':') => self.at += 1,
                Kind::Mark('{') => {
                    self.at += 1;
                    return self.branches(&path);
                }
                Kind::Mark(_) => return self.leaf(path, line, false),
            }
        }
        self.leaf(path, line, false);
    }

    fn branches(&mut self, prefix: &[String]) {
        while let Some(kind) = self.kind(self.at) {
            match kind {
                Kind::Mark('}') => {
                    self.at += 1;
                    return;
                }
                Kind::Mark(',') => self.at += 1,
                Kind::Word(_) | Kind::Mark('*' | ':' | '{') => self.import(prefix),
                // Not an import tree after all, such as a macro's pattern.
                Kind::Mark(_) => return,
            }
        }
    }

    fn leaf(&mut self, path: Vec<String>, line: usize, renamed: bool) {
        if !path.is_empty() {
            self.names.push(Name { path, line, imported: true, renamed });
        }
    }

    fn kind(&self, at: usize) -> Option<&Kind> {
        self.tokens.get(at).map(|token| &token.kind)
    }

    fn is_mark(&self, at: usize, mark: char) -> bool {
        self.kind(at) == Some(&Kind::Mark(mark))
    }

    fn is_word(&self, at: usize, word: &str) -> bool {
        matches!(self.kind(at), Some(Kind::Word(found)) if found == word)
    }

    fn is_separator(&self) -> bool {
        self.is_mark(self.at, ':') && self.is_mark(self.at + 1, ':')
    }
}

fn tokens(source: &str) -> Vec<Token> {
    let mut cursor = Cursor { chars: source.chars().collect(), at: 0, line: 1 };
    let mut tokens = Vec::new();
    while let Some(c) = cursor.peek(0) {
        let line = cursor.line;
        match c {
            '/' if cursor.peek(1) == Some('/') => cursor.skip_while(|c| c != '\n'),
            '/' if cursor.peek(1) == Some('*') => cursor.skip_block_comment(),
            '"' => cursor.skip_string(),
            '\'' => cursor.skip_quote(),
            c if c.is_ascii_digit() => {
                cursor.skip_while(|c| c.is_alphanumeric() || c == '_');
            }
            c if c.is_alphabetic() || c == '_' => {
                let word = cursor.word();
                if !cursor.skip_prefixed_string(&word) {
                    let word = cursor.raw_word(word);
                    tokens.push(Token { kind: Kind::Word(word), line });
                }
            }
            c => {
                cursor.next();
                if !c.is_whitespace() {
                    tokens.push(Token { kind: Kind::Mark(c), line });
                }
            }
        }
    }
    tokens
}

struct Cursor {
    chars: Vec<char>,
    at: usize,
    line: usize,
}

impl Cursor {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&wanted) {
            self.next();
        }
    }

    fn word(&mut self) -> String {
        let start = self.at;
        self.skip_while(|c| c.is_alphanumeric() || c == '_');
        self.chars.get(start..self.at).unwrap_or_default().iter().collect()
    }

    /// `r#type` is the word `type`.
    fn raw_word(&mut self, word: String) -> String {
        let names_more = self.peek(1).is_some_and(|c| c.is_alphabetic() || c == '_');
        if word == "r" && self.peek(0) == Some('#') && names_more {
            self.next();
            return self.word();
        }
        word
    }

    /// Block comments nest in Rust.
    fn skip_block_comment(&mut self) {
        let mut depth = 0_u32;
        while let Some(c) = self.next() {
            match (c, self.peek(0)) {
                ('/', Some('*')) => {
                    depth += 1;
                    self.next();
                }
                ('*', Some('/')) => {
                    depth = depth.saturating_sub(1);
                    self.next();
                    if depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    fn skip_string(&mut self) {
        self.next();
        while let Some(c) = self.next() {
            match c {
                '\\' => {
                    self.next();
                }
                '"' => return,
                _ => {}
            }
        }
    }

    /// A character literal, or a lifetime, whose name is passed over as well.
    fn skip_quote(&mut self) {
        self.next();
        let lifetime = self.peek(0).is_some_and(|c| c.is_alphabetic() || c == '_') && self.peek(1) != Some('\'');
        if lifetime {
            self.skip_while(|c| c.is_alphanumeric() || c == '_');
            return;
        }
        while let Some(c) = self.next() {
            match c {
                '\\' => {
                    self.next();
                }
                '\'' => return,
                _ => {}
            }
        }
    }

    /// Strings that begin with letters: `b"…"`, `c"…"`, `r#"…"#` and their kin. Says whether there was one.
    fn skip_prefixed_string(&mut self, prefix: &str) -> bool {
        match prefix {
            "b" | "c" if self.peek(0) == Some('"') => {
                self.skip_string();
                true
            }
            "b" if self.peek(0) == Some('\'') => {
                self.skip_quote();
                true
            }
            "r" | "br" | "cr" => self.skip_raw_string(),
            _ => false,
        }
    }

    fn skip_raw_string(&mut self) -> bool {
        let mut hashes = 0;
        while self.peek(hashes) == Some('#') {
            hashes += 1;
        }
        if self.peek(hashes) != Some('"') {
            return false;
        }
        for _ in 0..=hashes {
            self.next();
        }
        while let Some(c) = self.next() {
            if c == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                for _ in 0..hashes {
                    self.next();
                }
                return true;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        names(source).iter().map(Name::text).collect()
    }

    #[test]
    fn an_import_tree_is_spread_into_its_leaves() {
        let found = texts("use std::{fs, net::{self, TcpStream}, io::*};");
        assert_eq!(found, ["std::fs", "std::net", "std::net::TcpStream", "std::io::*"]);
    }

    #[test]
    fn a_path_in_an_expression_is_found_with_its_line() {
        let found = names("fn f() {\n    let t = std::time::Instant::now();\n}");
        assert!(found.iter().any(|n| n.line == 2 && n.contains(&["Instant", "now"])));
    }

    #[test]
    fn comments_strings_characters_and_lifetimes_name_nothing() {
        let source = r##"
            // diesel::one
            /* diesel::two /* nested */ diesel::three */
            fn f<'diesel>(x: &'diesel str) -> char { let _ = "diesel::four"; let _ = '"'; '\'' }
            const A: &str = r#"diesel::"five"#;
            const B: &[u8] = b"diesel::six";
        "##;
        assert!(!names(source).iter().any(|n| n.names_crate("diesel")));
    }

    #[test]
    fn code_after_a_string_or_a_comment_is_still_read() {
        let source = "const A: &str = r#\"x\"#; /* y */ const B: char = '\"'; type C = diesel::Pg;";
        assert!(names(source).iter().any(|n| n.names_crate("diesel")));
    }

    #[test]
    fn a_field_or_variable_of_a_crates_name_does_not_name_the_crate() {
        let source = "fn f(reqwest: u8) -> u8 { let s = S { reqwest }; s.reqwest + crate::reqwest::x() }";
        assert!(!names(source).iter().any(|n| n.names_crate("reqwest")));
    }

    #[test]
    fn renamed_and_external_crates_are_imports() {
        let mut found = names("use corridor_store as s; extern crate diesel as d; pub use ::reqwest;");
        // What is left over are the keywords before the imports.
        found.retain(|n| n.imported);
        assert_eq!(found.len(), 3);
        assert!(found.iter().any(|n| n.text() == "corridor_store" && n.renamed));
        assert!(found.iter().any(|n| n.names_crate("diesel")));
        assert!(found.iter().any(|n| n.names_crate("reqwest") && !n.renamed));
    }

    #[test]
    fn a_raw_word_is_its_word() {
        assert!(texts("r#type::x").contains(&"type::x".to_owned()));
    }
}
