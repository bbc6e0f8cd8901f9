//! Faults: killed processes, bad peers, a database that goes away.

mod bad_peers;
mod database;
mod kill;
