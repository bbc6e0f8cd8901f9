//! Faults: killed processes, bad peers, a database that goes away.

mod bad_peers;
mod clock;
mod database;
mod disk;
mod kill;
