//! The layer table: which crate may know which, and which libraries have one home. Amend it here, and say so in docs/ARCHITECTURE.md.

/// One crate of the house.
pub struct Room {
    /// Its folder under `crates/`; its package is `corridor-` and this.
    pub name: &'static str,
    /// The crates of ours that it may name.
    pub may_know: &'static [&'static str],
}

/// Every crate under `crates/`, from the ground up.
pub const ROOMS: &[Room] = &[
    Room { name: "domain", may_know: &[] },
    Room { name: "store", may_know: &["domain"] },
    Room { name: "app", may_know: &["domain", "store"] },
    Room { name: "federation", may_know: &["domain", "app", "store"] },
    Room { name: "api", may_know: &["domain", "app"] },
    Room { name: "web", may_know: &["domain", "app"] },
    Room { name: "server", may_know: &["domain", "store", "app", "federation", "api", "web"] },
    Room { name: CHORES, may_know: &[] },
];

/// The crate of chores, which depends on nothing at all, so that its checks run before anything else is built.
pub const CHORES: &str = "xtask";

/// A library that has a home: no other crate names it.
pub struct Home {
    /// The library's package name.
    pub library: &'static str,
    /// The crates that may name it.
    pub rooms: &'static [&'static str],
    /// Why, for the message.
    pub because: &'static str,
}

/// The libraries with a home. The packages under `tests/` may use any of them.
pub const HOMES: &[Home] = &[
    Home { library: "diesel", rooms: &["store"], because: SQL },
    Home { library: "diesel_migrations", rooms: &["store"], because: SQL },
    Home { library: "libsqlite3-sys", rooms: &["store"], because: SQL },
    Home { library: "pq-sys", rooms: &["store"], because: SQL },
    Home { library: "activitypub_federation", rooms: &["federation"], because: "only federation speaks ActivityPub" },
    Home { library: "image", rooms: &["app"], because: "only app::media decodes pictures, under its limits" },
    Home {
        library: "reqwest",
        rooms: &["federation", "server"],
        because: "only federation makes requests to peers, and the server's demo checks them",
    },
];

const SQL: &str = "only store knows SQL";

/// What `federation` may use of `store`: its own queue and key tables, and the handle to them.
pub const FEDERATION_MAY_USE_OF_STORE: &[&str] = &[
    // The handle, and what every use of it needs.
    "Clock",
    "Error",
    "Result",
    "Signal",
    "Store",
    "Tx",
    // Its tables.
    "activities",
    "deliveries",
    "keys",
    "outbox",
    "received",
];

/// Libraries that bring a clock, chance, a runtime or the network: `domain` is handed what it needs of these.
pub const NOT_IN_DOMAIN: &[&str] = &["actix-web", "async-std", "getrandom", "openssl", "rand", "tokio", "tracing"];

/// Paths that would make `domain` impure, by how they begin.
pub const IMPURE_PATHS: &[&[&str]] =
    &[&["tokio"], &["std", "env"], &["std", "fs"], &["std", "net"], &["std", "process"], &["std", "thread"]];

/// Parts of the impure paths that are values only.
pub const PURE_AFTER_ALL: &[&[&str]] = &[
    &["std", "net", "IpAddr"],
    &["std", "net", "Ipv4Addr"],
    &["std", "net", "Ipv6Addr"],
    &["std", "net", "AddrParseError"],
];

/// Clocks, by the two last segments of their call.
pub const CLOCKS: &[&[&str]] = &[&["SystemTime", "now"], &["Instant", "now"], &["Utc", "now"], &["Local", "now"]];
