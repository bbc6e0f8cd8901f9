//! A client as people use them: it registers an application, signs in on the page, agrees, and then
//! speaks the client API with its token. Nothing here reaches behind the node's front doors.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use reqwest::{Client, ClientBuilder, Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

/// Where a command-line client sends the person to read the code.
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";
/// Everything that the script does needs no more than this.
const SCOPES: &str = "read write follow";
/// How long the node may take for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A signed-in client of one person.
#[derive(Debug, Clone)]
pub struct FrontDoor {
    http: Client,
    base: Url,
    token: String,
}

impl FrontDoor {
    /// Signs a person in and gets a token by the authorization code grant.
    ///
    /// # Errors
    /// When any step answers something else than a browser and a client would expect.
    pub async fn sign_in(base: &Url, username: &str, password: &str) -> Result<Self> {
        Self::sign_in_through(base, Client::builder, username, password).await
    }

    /// The same, by clients of one's own making: such as ones that trust a private authority.
    ///
    /// # Errors
    /// As [`FrontDoor::sign_in`].
    pub async fn sign_in_through(
        base: &Url,
        builder: impl Fn() -> ClientBuilder,
        username: &str,
        password: &str,
    ) -> Result<Self> {
        let mut browser = Browser::through(base, builder())?;
        let form = [("username", username), ("password", password)];
        let page = browser.fill("/sign-in", "/sign-in", &form).await?;
        if page.contains("error-summary") {
            bail!("{username} could not sign in at {base}");
        }
        let http = builder().no_proxy().timeout(PATIENCE).build()?;
        let app: Value = http
            .post(base.join("/api/v1/apps")?)
            .json(&json!({ "client_name": "Corridor demonstration", "redirect_uris": OUT_OF_BAND, "scopes": SCOPES }))
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        let (id, secret) = (text(&app, "client_id")?, text(&app, "client_secret")?);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([
            ("client_id", id.as_str()),
            ("redirect_uri", OUT_OF_BAND),
            ("response_type", "code"),
            ("scope", SCOPES),
        ]);
        let authorize = format!("/oauth/authorize?{}", query.finish());
        let page = browser.fill(&authorize, "/oauth/authorize", &[("decision", "approve")]).await?;
        let code = code_on(&page).ok_or_else(|| anyhow!("the page after agreeing shows no code"))?;
        let token: Value = http
            .post(base.join("/oauth/token")?)
            .form(&[
                ("grant_type", "authorization_code"),
                ("client_id", id.as_str()),
                ("client_secret", secret.as_str()),
                ("redirect_uri", OUT_OF_BAND),
                ("code", code.as_str()),
            ])
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        Ok(Self { http, base: base.clone(), token: text(&token, "access_token")? })
    }

    /// The bearer token, for clients that are given one.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The node's address.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Calls the API and expects success.
    ///
    /// # Errors
    /// When the node can't be reached, or answers with another status, whose body is in the error.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let (status, value) = self.try_call(method.clone(), path, body).await?;
        if !status.is_success() {
            bail!("{method} {path} answered {status}: {value}");
        }
        Ok(value)
    }

    /// Calls the API and hands out whatever it answers.
    ///
    /// # Errors
    /// When the node can't be reached.
    pub async fn try_call(&self, method: Method, path: &str, body: Option<Value>) -> Result<(StatusCode, Value)> {
        let mut request = self.http.request(method, self.base.join(path)?).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// `GET`, expecting success.
    ///
    /// # Errors
    /// As [`FrontDoor::call`].
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    /// `POST`, expecting success.
    ///
    /// # Errors
    /// As [`FrontDoor::call`].
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Resolves `name@host` to the account's id here.
    ///
    /// # Errors
    /// When nobody is found.
    pub async fn resolve(&self, handle: &str) -> Result<String> {
        let query: String = url::form_urlencoded::byte_serialize(format!("@{handle}").as_bytes()).collect();
        let found = self.get(&format!("/api/v2/search?resolve=true&type=accounts&q={query}")).await?;
        let first = found.get("accounts").and_then(|accounts| accounts.get(0)).context("nobody was found")?;
        text(first, "id")
    }

    /// The home feed, newest first.
    ///
    /// # Errors
    /// As [`FrontDoor::call`].
    pub async fn home(&self) -> Result<Vec<Value>> {
        let page = self.get("/api/v1/timelines/home?limit=40").await?;
        page.as_array().cloned().context("the home feed is not a list")
    }
}

/// A text field of a JSON object.
///
/// # Errors
/// When it is not there.
pub fn text(value: &Value, name: &str) -> Result<String> {
    value
        .get(name)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .with_context(|| format!("“{name}” is missing in {value}"))
}

/// As much of a browser as a page without script needs: cookies, forms, redirects.
#[derive(Debug)]
pub struct Browser {
    http: Client,
    base: Url,
    cookies: Vec<(String, String)>,
}

impl Browser {
    /// A browser with no cookies.
    ///
    /// # Errors
    /// When no client can be built.
    pub fn new(base: &Url) -> Result<Self> {
        Self::through(base, Client::builder())
    }

    /// The same, by a client of one's own making.
    ///
    /// # Errors
    /// When no client can be built.
    pub fn through(base: &Url, builder: ClientBuilder) -> Result<Self> {
        let http = builder.no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build()?;
        Ok(Self { http, base: base.clone(), cookies: Vec::new() })
    }

    /// Opens the page, fills in the form that posts to `action`, and sends it; follows the redirect.
    ///
    /// # Errors
    /// When the page has no such form, or the node fails.
    pub async fn fill(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Result<String> {
        let html = self.open(page).await?;
        let form = form_to(&html, action).with_context(|| format!("{page} has no form to {action}"))?;
        let mut pairs: Vec<(String, String)> = hidden_fields(form);
        for (name, value) in fields {
            pairs.retain(|(known, _)| known != name);
            pairs.push(((*name).to_owned(), (*value).to_owned()));
        }
        let target = self.base.join(&unescape(&attribute(form, "action").unwrap_or_default()))?;
        let response = self.send(self.http.post(target).form(&pairs)).await?;
        self.follow(response).await
    }

    /// Opens a page, following redirects on this node.
    ///
    /// # Errors
    /// When the node fails or sends us elsewhere.
    pub async fn open(&mut self, page: &str) -> Result<String> {
        let response = self.send(self.http.get(self.base.join(page)?)).await?;
        self.follow(response).await
    }

    async fn follow(&mut self, mut response: reqwest::Response) -> Result<String> {
        for _ in 0..5 {
            if !response.status().is_redirection() {
                return Ok(response.text().await?);
            }
            let location = response.headers().get("location").context("a redirect to nowhere")?.to_str()?;
            let next = self.base.join(location)?;
            if next.origin() != self.base.origin() {
                bail!("the node sends its people to {next}");
            }
            response = self.send(self.http.get(next)).await?;
        }
        bail!("too many redirects")
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Result<reqwest::Response> {
        let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let origin = self.base.origin().ascii_serialization();
        let response = request
            .header("cookie", jar.join("; "))
            .header("origin", origin)
            .header("accept", "text/html")
            .send()
            .await?;
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.retain(|(known, _)| known != name.trim());
                self.cookies.push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        Ok(response)
    }
}

/// The text from a form's start tag to its end tag.
fn form_to<'a>(html: &'a str, action: &str) -> Option<&'a str> {
    html.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap_or(rest)).find(|form| {
        let target = attribute(form, "action").unwrap_or_default();
        target.split('?').next() == Some(action)
    })
}

fn hidden_fields(form: &str) -> Vec<(String, String)> {
    form.split("<input")
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .filter(|input| attribute(input, "type").as_deref() == Some("hidden"))
        .filter_map(|input| Some((attribute(input, "name")?, unescape(&attribute(input, "value").unwrap_or_default()))))
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let head = tag.split('>').next()?;
    let rest = head.split_once(&format!(" {name}=\"")).or_else(|| head.split_once(&format!("\n{name}=\"")))?.1;
    rest.split('"').next().map(str::to_owned)
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&#60;", "<")
        .replace("&gt;", ">")
        .replace("&#62;", ">")
        .replace("&amp;", "&")
        .replace("&#38;", "&")
}

/// The code that the out-of-band page shows.
fn code_on(html: &str) -> Option<String> {
    let after = html.split_once("id=\"authorization-code\"")?.1;
    let inside = after.split_once('>')?.1.split('<').next()?.trim();
    let code = if inside.is_empty() { attribute(after.split('>').next()?, "value")? } else { inside.to_owned() };
    Some(code).filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_a_browser_reads_them() {
        let html = r#"<form action="/search"><input name="q"></form>
            <form method="post" action="/sign-in?next=1&amp;a=2"><input type="hidden" name="csrf" value="a&amp;b">
            <input type="text" name="username"></form>"#;
        let form = form_to(html, "/sign-in").unwrap_or_default();
        assert_eq!(hidden_fields(form), vec![("csrf".to_owned(), "a&b".to_owned())]);
        assert!(form_to(html, "/elsewhere").is_none());
        assert_eq!(code_on(r#"<code id="authorization-code">abc</code>"#).as_deref(), Some("abc"));
        assert_eq!(code_on(r#"<input id="authorization-code" value="xyz">"#), Some("xyz".to_owned()));
    }
}
