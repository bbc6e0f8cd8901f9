//! Who does an administrative act, as the audit will tell it.

use corridor_domain::Role;

use crate::{Error, Result, Viewer};

/// Someone who runs the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operator {
    /// A signed-in person.
    Person(Viewer),
    /// Whoever runs the command line on the node's machine, by system user name.
    CommandLine(String),
    /// The node itself.
    System,
}

impl Operator {
    /// The name that the audit keeps.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Person(viewer) => format!("person:{}", viewer.username),
            Self::CommandLine(user) => format!("command-line:{user}"),
            Self::System => "system".to_owned(),
        }
    }

    /// Demands a moderator, or an administrator.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a person with another role.
    pub fn demand_moderator(&self) -> Result<()> {
        match self {
            Self::Person(viewer) if !matches!(viewer.role, Role::Moderator | Role::Administrator) => {
                Err(Error::forbidden("only a moderator may do this"))
            }
            _ => Ok(()),
        }
    }

    /// Demands an administrator. Whoever may run the command line may read the database too.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a person with another role.
    pub fn demand_administrator(&self) -> Result<()> {
        match self {
            Self::Person(viewer) if viewer.role != Role::Administrator => {
                Err(Error::forbidden("only an administrator may do this"))
            }
            _ => Ok(()),
        }
    }
}
