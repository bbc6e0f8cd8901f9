//! Configuration: the documented defaults, then one TOML file, then the environment; checked as a whole.

mod build;
mod problem;
mod reader;
mod sections;
mod settings;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, json};

pub use problem::{Origin, Problem, Problems};
pub use sections::{
    Addresses, Api, Database, Federation, FederationTls, Log, LogFormat, Markings, Media, Node, Posts, Security,
    Server, Synchronous, Tls,
};
pub use settings::{Setting, Value};

use corridor_app::RegistrySettings;
use corridor_app::streaming::StreamSettings;
use reader::Reader;
use settings::Settings;

/// A node's configuration, complete and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Who runs the node.
    pub node: Node,
    /// The three addresses.
    pub addresses: Addresses,
    /// Where and how it listens.
    pub server: Server,
    /// Which database.
    pub database: Database,
    /// The marking scheme.
    pub markings: Markings,
    /// What posts may be.
    pub posts: Posts,
    /// Pictures and files.
    pub media: Media,
    /// Dealing with peers.
    pub federation: Federation,
    /// The registry that the node follows.
    pub registry: RegistrySettings,
    /// Certificates between nodes.
    pub federation_tls: FederationTls,
    /// Passwords, sessions, keys.
    pub security: Security,
    /// Clients.
    pub api: Api,
    /// Limits of streams.
    pub streaming: StreamSettings,
    /// How long a deleted post's content is kept.
    pub destroy_after: Duration,
    /// The log.
    pub log: Log,
    /// The settings as they were written, with their origins.
    pub settings: Vec<Setting>,
}

impl Config {
    /// Reads the file, if any, and the environment, of which only `CORRIDOR_…` counts.
    ///
    /// # Errors
    /// With everything that is wrong, each with its setting and place.
    pub fn load(path: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Self, Problems> {
        let mut settings = Settings::defaults();
        let mut problems = Vec::new();
        if let Some(path) = path {
            let text = fs::read_to_string(path).map_err(|error| Problems(vec![unreadable(path, &error)]))?;
            problems = settings.apply_file(path, &text).map_err(Problems)?;
        }
        problems.extend(settings.apply_env(env));
        let mut reader = Reader::new(settings, problems);
        let config = Self::build(&mut reader);
        if !reader.problems.is_empty() {
            return Err(Problems(reader.problems));
        }
        Ok(Self { settings: reader.settings.0, ..config })
    }

    fn build(r: &mut Reader) -> Self {
        Self {
            node: build::node(r),
            addresses: build::addresses(r),
            server: build::server(r),
            database: build::database(r),
            markings: build::markings(r),
            posts: build::posts(r),
            media: build::media(r),
            federation: build::federation(r),
            registry: build::registry(r),
            federation_tls: build::federation_tls(r),
            security: build::security(r),
            api: build::api(r),
            streaming: build::streaming(r),
            destroy_after: build::destroy_after(r),
            log: build::log(r),
            settings: Vec::new(),
        }
    }

    /// The files that the settings name and that can't be read. `serve` and `config check` ask; other commands
    /// may run as a user who needs none of them.
    ///
    /// # Errors
    /// With each of those files.
    pub fn check_files(&self) -> Result<(), Problems> {
        let mut named: Vec<(&str, &PathBuf)> = Vec::new();
        if let Some(tls) = &self.server.tls {
            named.extend([("server.tls_certificate", &tls.certificate), ("server.tls_key", &tls.key)]);
        }
        named.extend(self.database.password_file.iter().map(|file| ("database.password_file", file)));
        named.extend(self.federation.authority_files.iter().map(|file| ("federation.authority_files", file)));
        if let Some(tls) = &self.federation_tls.tls {
            named.extend([("federation_tls.certificate", &tls.certificate), ("federation_tls.key", &tls.key)]);
        }
        let demanded = &self.federation_tls.client_authority_files;
        named.extend(demanded.iter().map(|file| ("federation_tls.client_authority_files", file)));
        let problems: Vec<Problem> = named
            .into_iter()
            .filter_map(|(key, file)| {
                let error = fs::read(file).err()?;
                let origin =
                    self.settings.iter().find(|setting| setting.key == key).map(|setting| setting.from.clone());
                let message = format!("names {}, which can't be read: {error}", file.display());
                Some(Problem { origin, setting: Some(key.to_owned()), message })
            })
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    /// The whole configuration as TOML, each setting with where it comes from.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        let mut last = "";
        for setting in &self.settings {
            let (section, key) = setting.parts();
            if section != last {
                let gap = if last.is_empty() { "" } else { "\n" };
                text += &format!("{gap}[{section}]\n");
                last = section;
            }
            text += &format!("{key} = {}  # {}\n", setting.value.to_toml(), setting.from);
        }
        text
    }

    /// The whole configuration as JSON: `{"section": {"key": {"value": …, "from": "…"}}}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let mut sections = Map::new();
        for setting in &self.settings {
            let (section, key) = setting.parts();
            let entry = sections.entry(section).or_insert_with(|| json!({}));
            if let Some(entry) = entry.as_object_mut() {
                entry.insert(key.to_owned(), json!({ "value": setting.value, "from": setting.from }));
            }
        }
        sections.into()
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem { origin: None, setting: None, message: format!("{} can't be read: {error}", path.display()) }
}
