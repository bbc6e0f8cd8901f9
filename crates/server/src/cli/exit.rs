//! How a command ends, in the numbers that scripts rely on. The help text of `corridor` documents them.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked.
    Done,
    /// It failed.
    Failed,
    /// The command line or the configuration is wrong. Also clap's code.
    Usage,
    /// What was named is not there.
    NotFound,
    /// A rule forbids it.
    Refused,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::NotFound => 3,
            Exit::Refused => 4_u8,
        })
    }
}
