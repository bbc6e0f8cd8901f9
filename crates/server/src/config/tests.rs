//! What the configuration takes, what it refuses, and how it says so.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write;
use std::path::Path;

use super::reader::Reader;
use super::settings::{DEFAULT, Settings};
use super::{Config, LogFormat, Origin, Problems, Synchronous, Value};
use corridor_domain::Audience;

const LEAST: &str = "[node]\ndepartment = \"Health\"\n[addresses]\naccount_domain = \"health.example\"\n";

fn load(text: &str) -> Result<Config, Problems> {
    load_with(text, &[])
}

fn load_with(text: &str, env: &[(&str, &str)]) -> Result<Config, Problems> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(file.path()), env)
}

/// The line of the only problem, its setting and its message.
fn only_problem(text: &str) -> (usize, String, String) {
    let Problems(problems) = load(text).unwrap_err();
    let [problem] = problems.as_slice() else { unreachable!("one problem expected, got {problems:#?}") };
    let line = match &problem.origin {
        Some(Origin::File { line, .. }) => *line,
        _ => 0,
    };
    (line, problem.setting.clone().unwrap_or_default(), problem.message.clone())
}

/// The line, and whether the setting and a part of the message are as expected.
fn assert_problem(extra: &str, line: usize, setting: &str, part: &str) {
    let (found_line, found_setting, message) = only_problem(&format!("{LEAST}{extra}"));
    assert_eq!((found_line, found_setting.as_str()), (line, setting), "{message}");
    assert!(message.contains(part), "“{message}” does not say “{part}”");
}

#[test]
fn two_settings_are_enough() {
    let config = load(LEAST).unwrap();
    assert_eq!(config.addresses.federation.as_str(), "https://health.example/");
    assert_eq!(config.addresses.staff.as_str(), "https://health.example/");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database.url, "sqlite:corridor.sqlite3");
    assert_eq!(config.database.synchronous, Synchronous::Full);
    assert_eq!(config.posts.max_characters, 5000);
    assert_eq!(config.posts.default_audience, Audience::Department);
    assert_eq!(config.markings.name(config.markings.highest()), "OFFICIAL-SENSITIVE");
    assert!(config.markings.level(config.markings.highest()).handling_required);
    assert_eq!(config.federation.max_body_bytes, 1024 * 1024);
    assert_eq!(config.log.format, LogFormat::Text);
    assert!(config.server.workers > 0);
}

#[test]
fn the_three_addresses_are_independent() {
    let extra = "federation = \"https://corridor.health.example:8443\"\nstaff = \"https://people.health.example/\"\n";
    let config = load(&format!("{LEAST}{extra}")).unwrap();
    assert_eq!(config.addresses.account_domain.as_str(), "health.example");
    assert_eq!(config.addresses.federation.as_str(), "https://corridor.health.example:8443/");
    assert_eq!(config.addresses.staff.as_str(), "https://people.health.example/");
}

#[test]
fn what_must_be_set_is_asked_for_all_at_once() {
    let problems = Config::load(None, std::iter::empty()).unwrap_err().to_string();
    assert!(problems.contains("node.department is not set"), "{problems}");
    assert!(problems.contains("addresses.account_domain is not set"), "{problems}");
    assert_eq!(problems.lines().count(), 2, "{problems}");
}

#[test]
fn an_unknown_setting_is_named_with_its_line() {
    assert_problem("[posts]\nmax_charcters = 9\n", 6, "posts.max_charcters", "did you mean posts.max_characters?");
    assert_problem("[server]\nurl = \"x\"\n", 6, "server.url", "did you mean database.url?");
    assert_problem("[posts]\ncolour = \"red\"\n", 6, "posts.colour", "is not a setting");
}

#[test]
fn an_unknown_section_is_named_with_its_line() {
    assert_problem("\n[sever]\nlisten = \"127.0.0.1:1\"\n", 6, "[sever]", "did you mean [server]?");
    assert_problem("[weather]\n", 5, "[weather]", "there are [node], [addresses], [server]");
    let (line, setting, message) = only_problem(&format!("listen = \"127.0.0.1:1\"\n{LEAST}"));
    assert_eq!((line, setting.as_str()), (1, "listen"));
    assert!(message.contains("write [server] above it"), "{message}");
}

#[test]
fn a_wrong_kind_is_named_with_its_line() {
    let (line, setting, _) = only_problem("[node]\ndepartment = 3\n[addresses]\naccount_domain = \"a.example\"\n");
    assert_eq!((line, setting.as_str()), (2, "node.department"));
    assert_problem(
        "[posts]\n\nmax_characters = \"many\"\n",
        7,
        "posts.max_characters",
        "must be a whole number, but is a text",
    );
    assert_problem("[posts]\nmax_characters = 1.5\n", 6, "posts.max_characters", "a number with a point");
    assert_problem("[api]\ncors_origins = \"*\"\n", 6, "api.cors_origins", "must be a list of texts");
    assert_problem("[api]\ncors_origins = [1]\n", 6, "api.cors_origins", "a list of something else");
    assert_problem("[federation]\nunsigned_webfinger = 1\n", 6, "federation.unsigned_webfinger", "true or false");
    assert_problem("[posts]\nmax_characters = 99999999999999999999\n", 6, "posts.max_characters", "too large");
}

#[test]
fn a_wrong_value_is_named_with_its_line() {
    assert_problem("[posts]\nmax_characters = 0\n", 6, "posts.max_characters", "from 1 to 100000");
    assert_problem("[posts]\ndefault_audience = \"named\"\n", 6, "posts.default_audience", "“department”, “network”");
    assert_problem("[server]\nlisten = \"8080\"\n", 6, "server.listen", "an IP address and a port");
    assert_problem("[server]\nlisten = \"0.0.0.0:80\"\n", 6, "server.listen", "without TLS");
    assert_problem("[server]\ntls_key = \"k.pem\"\n", 0, "server.tls_certificate", "belong together");
    assert_problem("[federation]\nallowed_ranges = [\"10.0.0.0/33\"]\n", 6, "federation.allowed_ranges", "10.0.0.0/33");
    for wrong in ["10.0.0.0", "fd00::/129", "a.example/8", "10.0.0.0/-1"] {
        assert_problem(&format!("[server]\ntrusted_proxies = [\"{wrong}\"]\n"), 6, "server.trusted_proxies", wrong);
    }
    assert_problem("[security]\npassword_memory_kib = 1024\n", 6, "security.password_memory_kib", "from 19456");
    assert_problem("[security]\nrsa_bits = 2500\n", 6, "security.rsa_bits", "2048, 3072 or 4096");
    assert_problem("[markings]\ndefault = \"SECRET\"\n", 6, "markings.default", "OFFICIAL, OFFICIAL-SENSITIVE");
    assert_problem("[markings]\nhandling_required = [\"TOP\"]\n", 6, "markings.handling_required", "“TOP”");
    assert_problem("[api]\ncors_origins = [\"https://a.example/\"]\n", 6, "api.cors_origins", "https://a.example/");
    assert_problem("[log]\nfilter = \"corridor=loud\"\n", 6, "log.filter", "corridor=loud");
    assert_problem("[database]\nurl = \"mysql://a\"\n", 6, "database.url", "sqlite:FILE");
}

#[test]
fn a_wrong_address_is_explained() {
    for (value, part) in [
        ("http://a.example", "must begin with https://"),
        ("a.example", "such as https://a.example"),
        ("https://a.example/social", "without a path"),
        ("https://me@a.example", "user name"),
        ("https://10.1.2.3", "IP address"),
        ("https://", "not an address"),
    ] {
        assert_problem(&format!("federation = \"{value}\"\n"), 5, "addresses.federation", part);
    }
    let (line, setting, message) =
        only_problem("[node]\ndepartment = \"H\"\n[addresses]\naccount_domain = \"https://a.example\"\n");
    assert_eq!((line, setting.as_str()), (4, "addresses.account_domain"));
    assert!(message.contains("without a scheme"), "{message}");
}

#[test]
fn a_password_stands_in_a_file_alone() {
    for url in ["postgres://me:hunter2@db/corridor", "postgresql://me@db/corridor?password=hunter2"] {
        let (line, setting, message) = only_problem(&format!("{LEAST}[database]\nurl = \"{url}\"\n"));
        assert_eq!((line, setting.as_str()), (6, "database.url"));
        assert!(!message.contains("hunter2") && message.contains("database.password_file"), "{message}");
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"p w+d/&\n").unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let text = format!("{LEAST}[database]\nurl = \"postgres://me@db/corridor\"\npassword_file = \"{path}\"\n");
    let config = load(&text).unwrap();
    assert_eq!(config.database.url_with_password().unwrap(), "postgres://me@db/corridor?password=p%20w%2Bd%2F%26");
    assert!(!config.to_toml().contains("p w"));
}

#[test]
fn syntax_errors_are_told_with_their_lines() {
    let problems = load("[node]\ndepartment = Health\n\n[posts\nmax_characters = 1\n").unwrap_err();
    let lines: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
    assert!(lines.iter().any(|line| line.contains(":2: is not TOML")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains(":4: is not TOML")), "{lines:#?}");
}

#[test]
fn all_problems_come_at_once() {
    let text = "[posts]\nmax_characters = 0\ncolour = 1\n[log]\nformat = \"xml\"\n";
    let problems = load_with(text, &[("CORRIDOR_LOG__FILTR", "info")]).unwrap_err();
    let said = problems.to_string();
    for setting in [
        "posts.max_characters",
        "posts.colour",
        "log.format",
        "log.filtr",
        "node.department",
        "addresses.account_domain",
    ] {
        assert!(said.contains(setting), "{setting} is missing in:\n{said}");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let text = format!("{LEAST}[posts]\nmax_characters = 100\n");
    let env = [
        ("CORRIDOR_POSTS__MAX_CHARACTERS", "200"),
        ("CORRIDOR_FEDERATION__UNSIGNED_WEBFINGER", "false"),
        ("CORRIDOR_FEDERATION__ALLOWED_RANGES", "10.1.0.0/16, fd00::/8"),
        ("CORRIDOR_NODE__RULES", "[\"Be kind, always\", \"Be brief\"]"),
        ("CORRIDOR_NODE__DEPARTMENT", "Transport"),
        // Set by orchestrators for a service of this name.
        ("CORRIDOR_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("PATH", "/bin"),
    ];
    let config = load_with(&text, &env).unwrap();
    assert_eq!(config.posts.max_characters, 200);
    assert!(!config.federation.unsigned_webfinger);
    let ranges: Vec<String> = config.federation.allowed_ranges.iter().map(ToString::to_string).collect();
    assert_eq!(ranges, ["10.1.0.0/16", "fd00::/8"]);
    assert_eq!(config.node.rules, ["Be kind, always", "Be brief"]);
    assert_eq!(config.node.department, "Transport");
    let setting = config.settings.iter().find(|setting| setting.key == "posts.max_characters").unwrap();
    assert_eq!(setting.value, Value::Number(200));
    assert_eq!(setting.from, Origin::Env("CORRIDOR_POSTS__MAX_CHARACTERS".into()));
}

#[test]
fn a_wrong_variable_is_named() {
    for (name, value, part) in [
        ("CORRIDOR_POSTS__MAX_CHARCTERS", "9", "did you mean posts.max_characters?"),
        ("CORRIDOR_POSTS__MAX_CHARACTERS", "many", "must be a whole number, but is “many”"),
        ("CORRIDOR_POSTS__MAX_CHARACTERS", "0", "must be from 1 to 100000"),
        ("CORRIDOR_FEDERATION__UNSIGNED_WEBFINGER", "yes", "must be true or false, but is “yes”"),
        ("CORRIDOR_NODE_DEPARTMENT", "X", "did you mean CORRIDOR_NODE__DEPARTMENT"),
    ] {
        let problems = load_with(LEAST, &[(name, value)]).unwrap_err().to_string();
        assert!(problems.starts_with(name) && problems.contains(part), "{problems}");
        assert_eq!(problems.lines().count(), 1, "{problems}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let problems = Config::load(Some(Path::new("/nowhere/corridor.toml")), std::iter::empty()).unwrap_err();
    assert!(problems.to_string().starts_with("/nowhere/corridor.toml can't be read"), "{problems}");
}

#[test]
fn files_that_are_named_must_be_readable() {
    let config = load(&format!("{LEAST}[federation]\nauthority_files = [\"/nowhere/ca.pem\"]\n")).unwrap();
    let problems = config.check_files().unwrap_err().to_string();
    assert!(problems.contains(":6: federation.authority_files names /nowhere/ca.pem"), "{problems}");
    assert!(load(LEAST).unwrap().check_files().is_ok());
}

#[test]
fn what_is_printed_can_be_read_again() {
    let config = load(&format!(
        "{LEAST}[markings]\nlevels = [\"A \\\"quoted\\\"\", \"B\"]\ndefault = \"B\"\nhandling_required = []\n"
    ))
    .unwrap();
    let printed = config.to_toml();
    assert!(
        printed.contains("federation = \"https://health.example\"  # follows addresses.account_domain"),
        "{printed}"
    );
    let again = load(&printed).unwrap();
    let values = |config: &Config| config.settings.iter().map(|s| (s.key.clone(), s.value.clone())).collect::<Vec<_>>();
    assert_eq!(values(&config), values(&again));
    assert_eq!(config.to_json().pointer("/posts/max_characters/value").unwrap(), 5000);
    assert_eq!(config.to_json().pointer("/posts/max_characters/from").unwrap(), "default");
}

#[test]
fn every_default_has_a_comment_above_it() {
    let mut above = "";
    let mut found = 0;
    for line in DEFAULT.lines() {
        let is_setting =
            line.split_once(" = ").is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        if is_setting {
            assert!(above.starts_with("# ") && above.len() > 10, "{line} has no explanation above it");
            found += 1;
        }
        above = line;
    }
    assert_eq!(found, Settings::defaults().0.len());
}

#[test]
fn every_default_is_used_and_sound() {
    let mut reader = Reader::new(Settings::defaults(), Vec::new());
    let _ = Config::build(&mut reader);
    let unread: Vec<&str> =
        reader.settings.0.iter().map(|setting| setting.key.as_str()).filter(|key| !reader.read.contains(key)).collect();
    assert!(unread.is_empty(), "documented, but never read: {unread:?}");
    // Nothing but what must be set is wrong with the defaults.
    assert!(reader.problems.iter().all(|problem| problem.message.starts_with("is not set")), "{:#?}", reader.problems);
}

#[test]
fn the_files_that_are_shipped_load() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for file in [
        "config/department.example.toml",
        "docker/corridor.example.toml",
        "docker/departments/health.toml",
        "docker/departments/transport.toml",
        "docker/departments/revenue.toml",
    ] {
        let loaded = Config::load(Some(&root.join(file)), std::iter::empty());
        assert!(loaded.is_ok(), "{file}: {}", loaded.unwrap_err());
    }
}

#[test]
fn certificates_between_nodes_are_asked_for_as_a_whole() {
    const LISTENS: &str = "[server]\nfederation_listen = \"0.0.0.0:8443\"\n";
    const OWN: &str = "[federation_tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n";
    const DEMANDS: &str = "client_authority_files = [\"ca.pem\"]\n";
    let config = load(&format!("{LEAST}{LISTENS}{OWN}{DEMANDS}")).unwrap();
    assert!(config.federation_tls.tls.is_some() && config.server.tls.is_none());
    assert_eq!(config.federation_tls.client_authority_files.len(), 1);
    const AUTHORITIES: &str = "federation_tls.client_authority_files";
    assert_problem(&format!("{OWN}{DEMANDS}"), 8, AUTHORITIES, "server.federation_listen is not set");
    let listens = "[server]\nfederation_listen = \"127.0.0.1:8443\"\n";
    assert_problem(&format!("{listens}[federation_tls]\n{DEMANDS}"), 8, AUTHORITIES, "certificate is not set");
    assert_problem("[federation_tls]\nkey = \"k.pem\"\n", 0, "federation_tls.certificate", "belong together");
}

#[test]
fn a_proxys_word_about_certificates_needs_a_proxy() {
    const PROXY: &str = "[server]\ntrusted_proxies = [\"10.1.2.3/32\"]\n";
    const HEADER: &str = "federation_tls.client_certificate_header";
    let header = |name: &str| format!("[federation_tls]\nclient_certificate_header = \"{name}\"\n");
    let config = load(&format!("{LEAST}{PROXY}{}", header("Client-Cert"))).unwrap();
    assert_eq!(config.federation_tls.client_certificate_header.unwrap().as_str(), "client-cert");
    assert_problem(&header("Client-Cert"), 6, HEADER, "server.trusted_proxies names nobody");
    assert_problem(&format!("{PROXY}{}", header("Client Cert")), 8, HEADER, "not the name of a header");
}

#[test]
fn addresses_of_peers_may_be_written() {
    let config = load(&format!("{LEAST}[federation]\nhosts = [\"a.gov=10.0.0.1:8443\"]\n")).unwrap();
    assert_eq!(config.federation.hosts.len(), 1);
    for wrong in ["a.gov", "10.0.0.1=10.0.0.1:443", "a.gov=10.0.0.1"] {
        assert_problem(&format!("[federation]\nhosts = [\"{wrong}\"]\n"), 6, "federation.hosts", wrong);
    }
    assert_problem(
        "[federation]\nhosts = [\"a.gov=10.0.0.1:443\", \"A.gov=10.0.0.2:443\"]\n",
        6,
        "federation.hosts",
        "names a.gov twice",
    );
}
