//! A browser that follows nothing by itself and shows everything: statuses, headers, cookies.

use anyhow::{Context, Result, ensure};
use corridor_tests::PASSWORD;
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, StatusCode};
use url::Url;

/// One visitor of one node.
#[derive(Debug, Clone)]
pub struct Pages {
    http: Client,
    base: Url,
    /// Name and value of each cookie.
    pub cookies: Vec<(String, String)>,
}

/// What a node answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// A header's text; empty for none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Every cookie that it sets, whole.
    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).collect()
    }

    /// Where it sends its reader.
    pub fn location(&self) -> Result<&str> {
        self.headers.get(LOCATION).context("it leads nowhere")?.to_str().context("it leads to no text")
    }
}

impl Pages {
    pub fn new(base: &Url) -> Result<Self> {
        let http = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(30))
            .build()?;
        Ok(Self { http, base: base.clone(), cookies: Vec::new() })
    }

    /// Signs in through the page.
    pub async fn signed_in(base: &Url, username: &str) -> Result<Self> {
        let mut pages = Self::new(base)?;
        let answer = pages.sign_in(username, PASSWORD).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER, "{username} could not sign in: {}", answer.status);
        Ok(pages)
    }

    /// Fills in the sign-in form.
    pub async fn sign_in(&mut self, username: &str, password: &str) -> Result<Answer> {
        self.fill("/sign-in", "/sign-in", &[("username", username), ("password", password)]).await
    }

    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, None, &[]).await
    }

    /// Posts a form as a browser on this node's pages does.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Result<Answer> {
        let origin = self.base.origin().ascii_serialization();
        self.send(Method::POST, path, Some(form), &[("origin", &origin)]).await
    }

    /// Opens a page and sends the form on it that goes to `action`, with these fields changed or added.
    pub async fn fill(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let html = self.get(page).await?.body;
        self.fill_in(&html, action, fields).await.with_context(|| format!("on {page}"))
    }

    /// Sends the form to `action` that stands on a page already opened, with these fields changed or added.
    pub async fn fill_in(&mut self, html: &str, action: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let mut pairs = hidden_of(html, action).with_context(|| format!("there is no form to {action}"))?;
        for (name, value) in fields {
            pairs.retain(|(known, _)| known != name);
            pairs.push(((*name).to_owned(), (*value).to_owned()));
        }
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(action, &pairs).await
    }

    /// The token that the forms of this visit carry.
    pub async fn csrf(&mut self, page: &str) -> Result<String> {
        let html = self.get(page).await?.body;
        let after = html.split_once("name=\"csrf\"").context("the page has no form")?.1;
        attribute(after, "value").context("the token has no value")
    }

    /// Posts a form with files.
    pub async fn post_files(&mut self, path: &str, kind: String, body: Vec<u8>) -> Result<Answer> {
        let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self
            .http
            .post(self.base.join(path)?)
            .header("cookie", jar.join("; "))
            .header("origin", self.base.origin().ascii_serialization())
            .header("content-type", kind)
            .body(body);
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, body: response.text().await? })
    }

    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        form: Option<&[(&str, &str)]>,
        headers: &[(&str, &str)],
    ) -> Result<Answer> {
        let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.http.request(method, self.base.join(path)?).header("cookie", jar.join("; "));
        if !headers.iter().any(|(name, _)| *name == "accept") {
            request = request.header("accept", "text/html");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(form) = form {
            request = request.form(form);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let answer = Answer { status, headers, body: response.text().await? };
        for cookie in answer.set_cookies() {
            let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) else { continue };
            self.cookies.retain(|(known, _)| known != name.trim());
            if !value.trim().is_empty() {
                self.cookies.push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        Ok(answer)
    }
}

/// The hidden fields of the form to `action`.
fn hidden_of(html: &str, action: &str) -> Option<Vec<(String, String)>> {
    let form = html.split("<form").skip(1).find(|form| {
        attribute(form, "action").is_some_and(|target| unescape(&target).split('?').next() == Some(action))
    })?;
    let form = form.split("</form>").next()?;
    let inputs = form.split("<input").skip(1).filter(|input| attribute(input, "type").as_deref() == Some("hidden"));
    Some(inputs.filter_map(|input| Some((attribute(input, "name")?, unescape(&attribute(input, "value")?)))).collect())
}

/// The first value of an attribute in the tag that the text begins inside of.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let head = tag.split('>').next()?;
    let rest = head.split_once(&format!("{name}=\""))?.1;
    rest.split('"').next().map(str::to_owned)
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&#60;", "<")
        .replace("&gt;", ">")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}
