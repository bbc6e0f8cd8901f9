//! Administration: what moderators and administrators see and do with a client, as far as the node allows it there.

mod accounts;
mod domains;
mod reports;

use actix_web::web;
use corridor_app::Viewer;
use corridor_app::operator::Operator;

use crate::ApiError;
use crate::auth::Person;

/// Mounts the routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.configure(accounts::routes).configure(reports::routes).configure(domains::routes);
}

/// Demands a scope, and hands out who acts. What they may do is asked at each act, by the role that they have now.
fn operator(person: &Person, scope: &str) -> Result<Operator, ApiError> {
    person.needs(scope).map(|viewer: &Viewer| Operator::Person(viewer.clone()))
}
