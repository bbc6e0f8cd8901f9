//! A client that sends exactly what a test says, and an application that asks for exactly the scopes of a test.

use anyhow::{Context, Result, ensure};
use corridor_tests::{TestNode, text};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::web::pages::{Answer, Pages};

pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// What a node answered.
#[derive(Debug)]
pub struct Said {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Said {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The status, and the error in words, as every refusal must have them.
    pub fn refused(&self, status: StatusCode, words: &str) -> Result<()> {
        ensure!(self.status == status, "{} instead of {status}: {}", self.status, self.body);
        let error = self.body["error"].as_str().with_context(|| format!("no error in {}", self.body))?;
        let whole = format!("{error} {}", self.body["error_description"].as_str().unwrap_or_default());
        ensure!(whole.to_lowercase().contains(&words.to_lowercase()), "“{whole}” doesn't say “{words}”");
        Ok(())
    }

    pub fn ok(self) -> Result<Value> {
        ensure!(self.status == StatusCode::OK, "{}: {}", self.status, self.body);
        Ok(self.body)
    }

    pub fn list(self) -> Result<Vec<Value>> {
        self.ok()?.as_array().cloned().context("not a list")
    }
}

/// A client with a token or without.
#[derive(Debug, Clone)]
pub struct Caller {
    http: Client,
    base: String,
    token: Option<String>,
}

impl Caller {
    pub fn new(node: &TestNode, token: Option<&str>) -> Result<Self> {
        let http = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(30))
            .build()?;
        Ok(Self { http, base: node.at(""), token: token.map(str::to_owned) })
    }

    /// Someone new with everything that a usual client asks for.
    pub async fn person(node: &TestNode, username: &str) -> Result<Self> {
        let door = node.person(username).await?;
        Self::new(node, Some(door.token()))
    }

    /// A request that the test completes.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let request = self.http.request(method, address);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Result<Said> {
        said(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Said> {
        said(self.request(Method::POST, path).json(body)).await
    }

    /// Publishes and hands out the status.
    pub async fn says(&self, body: &Value) -> Result<Value> {
        self.post("/api/v1/statuses", body).await?.ok()
    }

    pub async fn me(&self) -> Result<String> {
        text(&self.get("/api/v1/accounts/verify_credentials").await?.ok()?, "id")
    }
}

/// Sends a request.
pub async fn said(request: RequestBuilder) -> Result<Said> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.text().await?;
    Ok(Said { status, headers, body: serde_json::from_str(&body).unwrap_or(Value::String(body)) })
}

/// A registered application.
#[derive(Debug, Clone)]
pub struct App {
    pub id: String,
    pub secret: String,
    pub redirect: String,
    pub scopes: String,
}

impl App {
    pub async fn register(node: &TestNode, redirect: &str, scopes: &str) -> Result<Self> {
        let body = json!({ "client_name": "A client", "redirect_uris": redirect, "scopes": scopes });
        let app = Caller::new(node, None)?.post("/api/v1/apps", &body).await?.ok()?;
        Ok(Self {
            id: text(&app, "client_id")?,
            secret: text(&app, "client_secret")?,
            redirect: redirect.to_owned(),
            scopes: scopes.to_owned(),
        })
    }

    /// The address that a person opens, with further parameters.
    pub fn address(&self, more: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let usual = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect),
            ("scope", &self.scopes),
        ];
        let changed = |name: &str| more.iter().any(|(other, _)| *other == name);
        query.extend_pairs(usual.iter().filter(|(name, _)| !changed(name)));
        query.extend_pairs(more);
        format!("/oauth/authorize?{}", query.finish())
    }

    /// The person agrees; what the node then answers.
    pub async fn agree(&self, pages: &mut Pages, more: &[(&str, &str)]) -> Result<Answer> {
        pages.fill(&self.address(more), "/oauth/authorize", &[("decision", "approve")]).await
    }

    /// A code, from the page or from the address that the person is sent to.
    pub async fn code(&self, pages: &mut Pages, more: &[(&str, &str)]) -> Result<String> {
        let answer = self.agree(pages, more).await?;
        if answer.status == StatusCode::SEE_OTHER || answer.status == StatusCode::FOUND {
            let back = url::Url::parse(answer.location()?)?;
            return back
                .query_pairs()
                .find(|(name, _)| name == "code")
                .map(|(_, code)| code.into_owned())
                .context("no code");
        }
        let after = answer.body.split_once("id=\"authorization-code\"").context("no code on the page")?.1;
        Ok(after.split_once('>').context("no code")?.1.split('<').next().unwrap_or_default().trim().to_owned())
    }

    /// Exchanges a code, with parameters changed or, when empty, left out.
    pub async fn exchange(&self, node: &TestNode, code: &str, more: &[(&str, &str)]) -> Result<Said> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", &self.id),
            ("client_secret", &self.secret),
            ("redirect_uri", &self.redirect),
            ("code", code),
        ];
        form.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        form.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        said(Caller::new(node, None)?.request(Method::POST, "/oauth/token").form(&form)).await
    }

    /// A token of someone who is there already.
    pub async fn token(&self, node: &TestNode, pages: &mut Pages) -> Result<String> {
        let code = self.code(pages, &[]).await?;
        text(&self.exchange(node, &code, &[]).await?.ok()?, "access_token")
    }
}
