// Signs somebody in and agrees for them, on the pages, as their browser would without any script.

/// Opens the address that a client asks its person to open; returns the code that is shown at the end.
export async function authorise(url, username, password) {
  const visit = new Visit();
  let page = await visit.open(url);
  if (form(page, "/sign-in")) {
    page = await visit.send(page, "/sign-in", { username, password });
  }
  if (!form(page, "/oauth/authorize")) {
    // The sign-in did not lead back, so that the person opens the address once more.
    page = await visit.open(url);
  }
  page = await visit.send(page, "/oauth/authorize", { decision: "approve" });
  const code = /id="authorization-code"[^>]*>([^<]+)</.exec(page.html)?.[1].trim();
  if (!code) {
    throw new Error(`no code on the page after agreeing: ${page.html.slice(0, 2000)}`);
  }
  return code;
}

/// One browser: it keeps cookies and follows where it is led.
class Visit {
  cookies = new Map();

  async open(url, init = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    // Not what the client calls: docs/API.md tells the two apart by this name.
    const headers = { ...init.headers, accept: "text/html", cookie, "user-agent": "tests" };
    const answer = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
      this.cookies.set(name.trim(), value);
    }
    const next = answer.headers.get("location");
    return next ? this.open(new URL(next, url)) : { url, html: await answer.text() };
  }

  send(page, action, fields) {
    const found = form(page, action);
    if (!found) {
      throw new Error(`no form to ${action} on ${page.url}: ${page.html.slice(0, 2000)}`);
    }
    const headers = { origin: found.target.origin };
    return this.open(found.target, { method: "POST", headers, body: new URLSearchParams({ ...found.hidden, ...fields }) });
  }
}

/// The form that posts to an address: where it goes, and the hidden fields that go along.
function form(page, action) {
  for (const [whole, start] of page.html.matchAll(/<form([^>]*)>.*?<\/form>/gs)) {
    const target = new URL(attribute(start, "action") ?? page.url, page.url);
    if (target.pathname === action && attribute(start, "method")?.toLowerCase() === "post") {
      const inputs = [...whole.matchAll(/<input([^>]*)>/gs)].map(([, input]) => input);
      const hidden = inputs.filter((input) => attribute(input, "type") === "hidden");
      return { target, hidden: Object.fromEntries(hidden.map((input) => [attribute(input, "name"), attribute(input, "value") ?? ""])) };
    }
  }
  return undefined;
}

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"' };

function attribute(tag, name) {
  const raw = new RegExp(`\\s${name}="([^"]*)"`, "s").exec(tag)?.[1];
  return raw?.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, word) =>
    word ? NAMED[word] : String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal)));
}
