"""What a person does in a browser for a client program: sign in, agree, and read the code off the page.

Plain HTTP and the forms as they stand on the pages, without any script.
"""

from urllib.parse import urljoin, urlsplit

import requests
from bs4 import BeautifulSoup


def authorise(url, username, password):
    """Opens the address that a client asks its person to open; returns the code that is shown at the end."""
    session = requests.Session()
    # A proxy of the environment has no business with this machine's own ports.
    session.trust_env = False
    page = _open(session, url)
    if _form(page, "/sign-in") is not None:
        page = _send(session, page, "/sign-in", {"username": username, "password": password})
    if _form(page, "/oauth/authorize") is None:
        # The sign-in did not lead back, so that the person opens the address once more.
        page = _open(session, url)
    page = _send(session, page, "/oauth/authorize", {"decision": "approve"})
    shown = page["html"].find(id="authorization-code")
    if shown is None:
        raise AssertionError(f"no code on the page after agreeing: {page['html'].get_text(' ', strip=True)[:300]}")
    code = shown.get("value") or shown.get_text(strip=True)
    if not code:
        raise AssertionError("the code on the page is empty")
    return code


def _open(session, url):
    answer = session.get(url, timeout=30)
    return {"url": answer.url, "html": BeautifulSoup(answer.text, "html.parser")}


def _form(page, action):
    for form in page["html"].find_all("form"):
        target = urljoin(page["url"], form.get("action") or page["url"])
        if urlsplit(target).path == action and (form.get("method") or "get").lower() == "post":
            return form
    return None


def _send(session, page, action, fields):
    form = _form(page, action)
    if form is None:
        raise AssertionError(f"no form to {action} on {page['url']}: {page['html'].get_text(' ', strip=True)[:300]}")
    data = {field["name"]: field.get("value", "") for field in form.find_all("input", type="hidden") if field.get("name")}
    data.update(fields)
    target = urljoin(page["url"], form.get("action") or page["url"])
    parts = urlsplit(target)
    answer = session.post(target, data=data, headers={"Origin": f"{parts.scheme}://{parts.netloc}"}, timeout=30)
    return {"url": answer.url, "html": BeautifulSoup(answer.text, "html.parser")}
