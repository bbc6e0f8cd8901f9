//! The description of the client API as OpenAPI 3.1, made from the routes that are mounted.
//!
//! <https://spec.openapis.org/oas/v3.1.1.html>

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use corridor_domain::scope::Scopes;
use schemars::SchemaGenerator;
use schemars::generate::{Contract, SchemaSettings};
use serde_json::{Map, Value, json};

use crate::auth::Token;
use crate::entities::Failure;
use crate::routes::{Caller, Declared, JSON, Operation, Routes, says};
use crate::{Api, every_route};

/// Forms in which a body may come.
const BODIES: [&str; 3] = [JSON, "application/x-www-form-urlencoded", "multipart/form-data"];
/// What any operation may fail with.
const FAILURES: [u16; 7] = [400, 403, 404, 413, 422, 429, 503];

/// The route that serves the description.
pub(crate) fn routes() -> Routes {
    Routes::of("Description").get("/openapi.json", show, says("This description").gives::<Value>())
}

async fn show(api: web::Data<Api>, _: Token) -> HttpResponse {
    HttpResponse::Ok().json(openapi(&api.settings.version))
}

/// The whole description, of the program's version such as `0.1.0`. It is the same for every node.
#[must_use]
pub fn openapi(version: &str) -> Value {
    let mut schemas = Schemas::new();
    let (mut paths, mut tags) = (Map::new(), Vec::new());
    for (prefix, routes) in every_route() {
        let tag = json!({ "name": routes.area });
        if !tags.contains(&tag) {
            tags.push(tag);
        }
        for declared in &routes.all {
            let path = format!("{prefix}{}", declared.path);
            let described = schemas.operation(routes.area, declared, &path);
            put(
                paths.entry(path).or_insert_with(|| json!({})),
                &declared.method.as_str().to_ascii_lowercase(),
                described,
            );
        }
    }
    let failure = schemas.answers.subschema_for::<Failure>();
    let components = json!({
        "schemas": schemas.answers.take_definitions(true),
        "responses": { "Failure": { "description": "It could not be done, and why.", "content": { JSON: { "schema": failure } } } },
        "headers": { "Link": { "description": "Leads to the next and previous page.", "schema": { "type": "string" } } },
        "securitySchemes": { "oauth": security() },
    });
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Corridor",
            "version": version,
            "description": "The client API of a Corridor node: that of Mastodon, and what a department needs besides. \
                            docs/API.md says what differs and why.",
            "license": { "name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": components,
    })
}

fn security() -> Value {
    let scopes: Map<String, Value> = Scopes::ALL.iter().map(|scope| ((*scope).to_owned(), json!(""))).collect();
    json!({
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "/oauth/authorize", "tokenUrl": "/oauth/token", "scopes": scopes,
            },
            "clientCredentials": { "tokenUrl": "/oauth/token", "scopes": scopes },
        },
    })
}

/// The schemas that were met: those of answers have names, those of parameters stand where they are used.
struct Schemas {
    answers: SchemaGenerator,
    parameters: SchemaGenerator,
}

impl Schemas {
    fn new() -> Self {
        let settings = |contract, inline| {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
                settings.contract = contract;
                settings.inline_subschemas = inline;
            })
        };
        Self {
            answers: settings(Contract::Serialize, false).into_generator(),
            parameters: settings(Contract::Deserialize, true).into_generator(),
        }
    }

    fn operation(&mut self, area: &str, declared: &Declared, path: &str) -> Value {
        let operation = &declared.operation;
        let mut described = json!({
            "tags": [area],
            "summary": operation.says,
            "operationId": operation_id(&declared.method, path),
            "responses": self.responses(operation),
            "security": match operation.caller {
                Caller::Anyone => json!([]),
                Caller::Token => json!([{ "oauth": [] }]),
                Caller::Scope(scope) => json!([{ "oauth": [scope] }]),
            },
        });
        let mut parameters = path_parameters(path);
        let takes =
            operation.takes.map(|made| with_required(made(&mut self.parameters).to_value(), operation.requires));
        if has_body(&declared.method) {
            if let Some(body) = body(takes, operation.files) {
                put(&mut described, "requestBody", body);
            }
        } else if let Some(schema) = takes {
            parameters.extend(query_parameters(&schema));
        }
        if !parameters.is_empty() {
            put(&mut described, "parameters", json!(parameters));
        }
        described
    }

    fn responses(&mut self, operation: &Operation) -> Value {
        let mut responses = Map::new();
        for (status, media_type, made) in &operation.gives {
            let schema = made(&mut self.answers);
            let mut response = json!({ "description": meaning(*status) });
            if !media_type.is_empty() {
                put(&mut response, "content", json!({ *media_type: { "schema": schema } }));
            }
            if operation.paged {
                put(&mut response, "headers", json!({ "Link": { "$ref": "#/components/headers/Link" } }));
            }
            responses.insert(status.to_string(), response);
        }
        let unauthorized = (operation.caller != Caller::Anyone).then_some(401);
        for status in FAILURES.iter().chain(operation.fails).copied().chain(unauthorized) {
            responses.insert(status.to_string(), json!({ "$ref": "#/components/responses/Failure" }));
        }
        Value::Object(responses)
    }
}

fn meaning(status: u16) -> &'static str {
    match status {
        101 => "Another protocol follows.",
        202 => "It is taken, and not ready yet.",
        206 => "It is not ready yet.",
        _ => "It is done.",
    }
}

fn has_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// `postApiV1StatusesIdFavourite`.
fn operation_id(method: &Method, path: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    method.as_str().to_ascii_lowercase() + &words.map(capital).collect::<String>()
}

fn path_parameters(path: &str) -> Vec<Value> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })).collect()
}

/// Sets a field of an object.
fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

/// One parameter for each field. Lists are written `id[]=1&id[]=2`.
fn query_parameters(schema: &Value) -> Vec<Value> {
    let required = schema.get("required").and_then(Value::as_array);
    let parameter = |(name, field): (&String, &Value)| {
        let mut field = without_null(field);
        let description = field.as_object_mut().and_then(|field| field.remove("description"));
        let is_list = field.get("type").is_some_and(|kind| kind == "array");
        let is_required = required.is_some_and(|required| required.iter().any(|one| one == name));
        let name = if is_list { format!("{name}[]") } else { name.clone() };
        let mut parameter = json!({ "name": name, "in": "query", "schema": field });
        if is_required {
            put(&mut parameter, "required", json!(true));
        }
        if let Some(description) = description {
            put(&mut parameter, "description", description);
        }
        parameter
    };
    schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(parameter).collect()
}

/// Says which fields must be there, and have a value.
fn with_required(mut schema: Value, required: &[&str]) -> Value {
    for name in required {
        if let Some(field) = schema.pointer_mut(&format!("/properties/{name}")) {
            *field = without_null(field);
        }
    }
    if !required.is_empty() {
        put(&mut schema, "required", json!(required));
    }
    schema
}

/// A query has no null: what is not given is left out.
fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(fields) = schema.as_object_mut() {
        if fields.get("default") == Some(&Value::Null) {
            fields.remove("default");
        }
        if let Some(Value::Array(types)) = fields.get_mut("type") {
            types.retain(|kind| kind != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                fields.insert("type".to_owned(), only);
            }
        }
    }
    schema
}

fn body(takes: Option<Value>, files: &[&str]) -> Option<Value> {
    if files.is_empty() {
        let schema = takes?;
        let content: Map<String, Value> =
            BODIES.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": schema }))).collect();
        return Some(json!({ "content": content }));
    }
    let file = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
    let of_form = files.iter().map(|name| ((*name).to_owned(), file.clone()));
    let of_schema = takes.as_ref().and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let fields: Map<String, Value> = of_schema.cloned().unwrap_or_default().into_iter().chain(of_form).collect();
    let form = json!({ "type": "object", "properties": fields });
    let mut content = json!({ "multipart/form-data": { "schema": form } });
    // Where the file is what it is for, nothing but a form will do.
    if let Some(schema) = takes.filter(|_| files != ["file"]) {
        for kind in [JSON, "application/x-www-form-urlencoded"] {
            put(&mut content, kind, json!({ "schema": schema }));
        }
    }
    Some(json!({ "content": content }))
}
