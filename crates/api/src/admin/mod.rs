//! Administration: what moderators and administrators see and do with a client, as far as the node allows it there.

mod accounts;
mod domains;
mod reports;

pub(crate) use accounts::routes as accounts;
pub(crate) use domains::routes as domains;
pub(crate) use reports::routes as reports;

use corridor_app::Viewer;
use corridor_app::operator::Operator;

use crate::ApiError;
use crate::auth::Person;

/// Demands a scope, and hands out who acts. What they may do is asked at each act, by the role that they have now.
fn operator(person: &Person, scope: &str) -> Result<Operator, ApiError> {
    person.needs(scope).map(|viewer: &Viewer| Operator::Person(viewer.clone()))
}
