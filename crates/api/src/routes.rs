//! A route is declared once: what is mounted is what the description of the interface says.

use actix_web::dev::Handler;
use actix_web::http::Method;
use actix_web::{FromRequest, Responder, Route, web};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use crate::entities::Empty;
use crate::pagination::PageParams;

/// Makes the schema of a type.
pub(crate) type Made = fn(&mut SchemaGenerator) -> Schema;

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Everybody.
    Anyone,
    /// Whoever has a token.
    Token,
    /// Whoever has a token with this scope.
    Scope(&'static str),
}

/// What one method of one path does, takes and answers.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub says: &'static str,
    pub caller: Caller,
    /// Parameters: in the query or, where there is one, in the body.
    pub takes: Option<Made>,
    /// Parameters without which it can't be done.
    pub requires: &'static [&'static str],
    /// The files that a form may have beside the parameters.
    pub files: &'static [&'static str],
    /// Status, media type and schema of each answer that is no error; no media type where nothing is in it.
    pub gives: Vec<(u16, &'static str, Made)>,
    /// Statuses of errors beside those that every operation has.
    pub fails: &'static [u16],
    /// Whether `Link` leads on.
    pub paged: bool,
}

pub(crate) const JSON: &str = "application/json";

/// Begins to say what an operation does, in a few words.
pub(crate) fn says(says: &'static str) -> Operation {
    Operation {
        says,
        caller: Caller::Token,
        takes: None,
        requires: &[],
        files: &[],
        gives: Vec::new(),
        fails: &[],
        paged: false,
    }
}

impl Operation {
    /// Demands a token with this scope.
    pub(crate) fn needs(mut self, scope: &'static str) -> Self {
        self.caller = Caller::Scope(scope);
        self
    }

    /// Everybody may call.
    pub(crate) fn open(mut self) -> Self {
        self.caller = Caller::Anyone;
        self
    }

    /// Takes the fields of this type as parameters.
    pub(crate) fn takes<T: JsonSchema>(mut self) -> Self {
        self.takes = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// Can't be done without these parameters.
    pub(crate) fn requires(mut self, parameters: &'static [&'static str]) -> Self {
        self.requires = parameters;
        self
    }

    /// Takes files too, in a form.
    pub(crate) fn uploads(mut self, files: &'static [&'static str]) -> Self {
        self.files = files;
        self
    }

    /// Answers with this entity.
    pub(crate) fn gives<T: JsonSchema + Serialize>(self) -> Self {
        self.also::<T>(200)
    }

    /// Answers with this entity under this status.
    pub(crate) fn also<T: JsonSchema + Serialize>(mut self, status: u16) -> Self {
        self.gives.push((status, JSON, SchemaGenerator::subschema_for::<T>));
        self
    }

    /// Answers with an empty object: it is done.
    pub(crate) fn done(self) -> Self {
        self.gives::<Empty>()
    }

    /// Answers with a text of this media type.
    pub(crate) fn text(mut self, media_type: &'static str) -> Self {
        self.gives.push((200, media_type, SchemaGenerator::subschema_for::<String>));
        self
    }

    /// Goes on in another protocol.
    pub(crate) fn switches(mut self) -> Self {
        self.gives.push((101, "", SchemaGenerator::subschema_for::<String>));
        self
    }

    /// A list of these entities, a page at a time.
    pub(crate) fn pages<T: JsonSchema + Serialize>(self) -> Self {
        let takes = self.takes.is_some();
        let paged = self.paged_by_link().gives::<Vec<T>>();
        if takes { paged } else { paged.takes::<PageParams>() }
    }

    /// `Link` leads on.
    pub(crate) fn paged_by_link(mut self) -> Self {
        self.paged = true;
        self
    }

    /// May fail with this status too.
    pub(crate) fn fails(mut self, statuses: &'static [u16]) -> Self {
        self.fails = statuses;
        self
    }
}

/// One method of one path.
pub(crate) struct Declared {
    pub method: Method,
    pub path: String,
    pub operation: Operation,
    route: Option<Route>,
}

/// The routes of one area, in the order in which they are tried: fixed names come before `{id}`.
pub(crate) struct Routes {
    pub area: &'static str,
    pub all: Vec<Declared>,
}

impl Routes {
    /// None yet. The area is a heading of the description.
    pub(crate) const fn of(area: &'static str) -> Self {
        Self { area, all: Vec::new() }
    }

    fn with<F, Args>(self, method: Method, path: impl Into<String>, handler: F, operation: Operation) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = web::method(method.clone()).to(handler);
        self.declare(method, path, Some(route), operation)
    }

    fn declare(mut self, method: Method, path: impl Into<String>, route: Option<Route>, operation: Operation) -> Self {
        self.all.push(Declared { method, path: path.into(), operation, route });
        self
    }

    /// Says what a route does that is mounted elsewhere.
    pub(crate) fn elsewhere(self, method: Method, path: &str, operation: Operation) -> Self {
        self.declare(method, path, None, operation)
    }

    /// Mounts the routes, all methods of a path together, so that any other is answered with 405.
    pub(crate) fn mount(self, config: &mut web::ServiceConfig) {
        let mut places: Vec<(String, Vec<Route>)> = Vec::new();
        for declared in self.all {
            let Some(route) = declared.route else { continue };
            match places.iter_mut().find(|(path, _)| *path == declared.path) {
                Some((_, routes)) => routes.push(route),
                None => places.push((declared.path, vec![route])),
            }
        }
        for (path, routes) in places {
            config.service(routes.into_iter().fold(web::resource(path), actix_web::Resource::route));
        }
    }
}

macro_rules! methods {
    ($($name:ident $method:ident,)*) => {
        impl Routes {
            $(
                pub(crate) fn $name<F, Args>(self, path: impl Into<String>, handler: F, operation: Operation) -> Self
                where
                    F: Handler<Args>,
                    Args: FromRequest + 'static,
                    F::Output: Responder + 'static,
                {
                    self.with(Method::$method, path, handler, operation)
                }
            )*
        }
    };
}

methods! {
    get GET,
    post POST,
    put PUT,
    patch PATCH,
    delete DELETE,
}
