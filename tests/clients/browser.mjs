// The pages in Chromium, as people use them, with and without script, narrow and wide; axe-core looks at each.
//
//     browser.mjs BASE USERNAME PASSWORD OTHER_NAME
//
// BASE is a node that USERNAME administers; OTHER_NAME is a member and has posted. Chromium is at CORRIDOR_TEST_CHROMIUM.
// Ends with 0 when everything was as it should be.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import axe from "axe-core";
import { chromium } from "playwright-core";

const [base, username, password, other] = process.argv.slice(2);
const origin = new URL(base).origin;
const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--no-first-run",
];

const failures = [];
const expect = (holds, words) => {
  if (!holds) {
    failures.push(words);
    console.log(`FAILED ${words}`);
  }
};

for (const visit of [
  { name: "wide, with script", width: 1280, script: true },
  { name: "narrow, with script", width: 320, script: true },
  { name: "wide, without script", width: 1280, script: false },
  { name: "narrow, without script", width: 320, script: false },
]) {
  const folder = await mkdtemp(path.join(tmpdir(), "corridor-browser-"));
  try {
    await go(visit, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
if (failures.length > 0) {
  console.log(`${failures.length} expectations failed:\n${failures.join("\n")}`);
  process.exit(1);
}

async function go(visit, folder) {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CORRIDOR_TEST_CHROMIUM,
    headless: true,
    chromiumSandbox: false,
    args: flags,
    viewport: { width: visit.width, height: 800 },
    javaScriptEnabled: visit.script,
    serviceWorkers: "block",
  });
  context.setDefaultTimeout(15_000);
  const page = context.pages()[0] ?? await context.newPage();
  const trip = { visit, page, pages: 0 };
  page.on("console", (message) => expect(message.type() !== "error" || isRefusal(message), `${visit.name}: the console says ${message.text()} on ${page.url()}`));
  page.on("pageerror", (error) => expect(false, `${visit.name}: a script failed on ${page.url()}: ${error}`));
  context.on("request", (request) => {
    const asked = new URL(request.url());
    expect(asked.origin === origin || asked.protocol === "data:", `${visit.name}: ${page.url()} asks ${request.url()}`);
  });
  page.on("response", (response) => expect(response.status() < 500, `${visit.name}: ${response.url()} answered ${response.status()}`));
  try {
    await journey(trip);
  } catch (error) {
    const shown = await page.evaluate(() => document.body.innerText).catch(() => "");
    expect(false, `${visit.name}: on ${page.url()}: ${error.message}\n${shown.slice(0, 1500)}`);
  } finally {
    await context.close();
  }
  console.log(`${visit.name}: ${trip.pages} pages looked at`);
}

/// Chromium notes each page that is answered with 404 or 422. Those are asked for on purpose here: the page itself, not a
/// file that it loads.
function isRefusal(message) {
  return /^Failed to load resource: .* status of (404|422) /.test(message.text()) && !new URL(message.location().url).pathname.startsWith("/assets/");
}

async function journey(trip) {
  const { page, visit } = trip;
  const words = `Written ${visit.name} & <em>plainly</em>`;
  const main = page.locator("main");

  // Signed out: sent to sign in, and back to where one wanted to go.
  await page.goto(`${base}/notifications`);
  expect(new URL(page.url()).pathname === "/sign-in", `${visit.name}: the signed-out see ${page.url()}`);
  await look(trip, "sign in");
  await signIn(trip, username, "not the password");
  expect(await page.getByText("There is a problem").isVisible(), `${visit.name}: a wrong password shows no error summary`);
  expect(await page.getByLabel("Username").inputValue() === username, `${visit.name}: the username was not kept`);
  expect(await page.getByLabel("Password").inputValue() === "", `${visit.name}: the password was kept`);
  expect((await page.title()).startsWith("Error: "), `${visit.name}: the title doesn't say that something is wrong`);
  await look(trip, "sign in, refused");
  await signIn(trip, username, password);
  expect(new URL(page.url()).pathname === "/notifications", `${visit.name}: after signing in one stands at ${page.url()}`);
  await look(trip, "notifications");

  // Home, and a post for the department with its marking.
  await page.goto(`${base}/`);
  await look(trip, "home");
  await page.getByRole("link", { name: "Write a post" }).first().click();
  await look(trip, "write");
  await page.getByRole("button", { name: "Publish post" }).click();
  expect(await page.getByText("There is a problem").isVisible(), `${visit.name}: an empty post shows no error summary`);
  await look(trip, "write, refused");
  await page.getByLabel("Your post").fill(words);
  await page.getByRole("radio", { name: "My department" }).check();
  await page.getByRole("radio", { name: "OFFICIAL", exact: true }).check();
  await page.getByRole("button", { name: "Publish post" }).click();
  await page.goto(`${base}/`);
  const mine = page.getByRole("article").filter({ hasText: words });
  expect(await mine.count() === 1, `${visit.name}: the post is not on the home page once`);
  expect(await mine.getByText("only people in Department of Tests").first().isVisible(), `${visit.name}: the post doesn't say who sees it`);
  expect(await mine.getByText("OFFICIAL").first().isVisible(), `${visit.name}: the post doesn't show its marking`);
  await look(trip, "home with a post");

  // A post that must say how it is to be handled.
  await page.goto(`${base}/write`);
  await page.getByLabel("Your post").fill(`A second post ${visit.name}`);
  await page.getByRole("radio", { name: "Network" }).check();
  await page.getByRole("radio", { name: "OFFICIAL-SENSITIVE" }).check();
  await page.getByRole("button", { name: "Publish post" }).click();
  expect(await page.getByText("There is a problem").isVisible(), `${visit.name}: sensitive without handling was taken`);
  expect(await page.getByLabel("Your post").inputValue() === `A second post ${visit.name}`, `${visit.name}: the text was not kept`);
  await page.getByLabel("Handling instruction").fill("For the team only");
  await page.getByRole("button", { name: "Publish post" }).click();
  await page.goto(`${base}/`);
  expect(await page.getByRole("article").filter({ hasText: `A second post ${visit.name}` }).getByText("For the team only").first().isVisible(), `${visit.name}: the handling isn't shown`);
  await look(trip, "home with a marked post");

  // The thread of another's post, and a reply.
  await page.goto(`${base}/@${other}`);
  await look(trip, "profile");
  await page.getByRole("article").first().locator("time").first().click();
  await look(trip, "thread");
  await main.getByRole("link", { name: /^Reply to / }).click();
  await look(trip, "reply");
  await page.getByLabel("Your reply").fill(`A reply ${visit.name}`);
  await page.getByRole("button", { name: "Publish reply" }).click();
  const thread = page.getByRole("article").filter({ hasText: `A reply ${visit.name}` });
  await page.goto(`${base}/@${other}`);
  await page.getByRole("article").first().locator("time").first().click();
  expect(await thread.count() >= 1, `${visit.name}: the reply is not in the thread`);
  await page.getByRole("button", { name: /^Favourite/ }).first().click();
  expect(await page.getByRole("button", { name: /^Remove favourite/ }).first().isVisible(), `${visit.name}: the favourite isn't shown`);
  await look(trip, "thread with a reply");
  await page.getByRole("button", { name: /^Remove favourite/ }).first().click();

  // Follow and unfollow.
  await page.goto(`${base}/@${other}`);
  await page.getByRole("button", { name: /^Follow/ }).click();
  expect(await page.getByRole("button", { name: /^Unfollow/ }).isVisible(), `${visit.name}: following isn't shown`);
  await look(trip, "profile, followed");
  await page.getByRole("button", { name: /^Unfollow/ }).click();
  expect(await page.getByRole("button", { name: /^Follow/ }).isVisible(), `${visit.name}: no longer following isn't shown`);

  // A group: found, started, talked in, and run.
  await page.goto(`${base}/groups`);
  await look(trip, "groups");
  await page.getByRole("link", { name: "Start a group" }).click();
  await look(trip, "start a group");
  await page.getByRole("button", { name: "Start the group" }).click();
  expect(await page.getByText("There is a problem").isVisible(), `${visit.name}: an empty group shows no error summary`);
  await look(trip, "start a group, refused");
  const title = `Readers ${visit.name}`;
  await page.getByLabel("Name", { exact: true }).fill(title);
  await page.getByLabel("Short address").fill(`readers-${visit.name.replace(/[^a-z0-9]+/gi, "-").toLowerCase()}`);
  await page.getByRole("radio", { name: "Profession" }).check();
  await page.getByRole("radio", { name: "By request" }).check();
  await page.getByRole("button", { name: "Start the group" }).click();
  expect(await page.getByRole("heading", { level: 1 }).innerText() === title, `${visit.name}: the group was not started`);
  await look(trip, "group");
  await page.getByRole("link", { name: "Start a talk" }).click();
  await look(trip, "start a talk");
  await page.getByLabel("Title").fill("What do we read");
  await page.getByLabel("Your post").fill(`A question ${visit.name}`);
  await page.getByRole("checkbox", { name: "It is a question" }).check();
  await page.getByRole("button", { name: "Publish post" }).click();
  expect(await page.getByRole("article").getByText("Question", { exact: true }).isVisible(), `${visit.name}: the talk is no question`);
  await look(trip, "talk");
  await page.getByRole("article").getByRole("link", { name: title }).click();
  await page.getByRole("button", { name: /^Pin/ }).click();
  expect(await page.getByRole("heading", { name: "Pinned" }).isVisible(), `${visit.name}: the talk isn't pinned`);
  await look(trip, "group with a pinned talk");
  await page.getByRole("link", { name: "Members and requests" }).click();
  await page.getByLabel("Handle", { exact: true }).fill("nobody-of-this-name");
  await page.getByRole("button", { name: "Invite" }).click();
  expect(await page.getByText("There is a problem").isVisible(), `${visit.name}: nobody was invited`);
  await look(trip, "members of a group");

  await administer(trip);

  // The other feeds, search, and the pages for everyone.
  for (const [name, place] of [["department", "/department"], ["network", "/network"], ["search", `/search?q=${other}`], ["nobody", "/search?q=nobody-of-this-name"],
    ["about", "/about"], ["rules", "/rules"], ["accessibility", "/accessibility"]]) {
    await page.goto(`${base}${place}`);
    await look(trip, name);
  }
  await page.goto(`${base}/@nobody-of-this-name`);
  expect(await page.getByRole("heading", { level: 1 }).innerText() === "Page not found", `${visit.name}: a page that isn't there`);
  await look(trip, "not found");

  // Keyboard: the first stop leads past the header, and is seen when it has the focus.
  await page.goto(`${base}/`);
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to main content" });
  expect(await skip.evaluate((link) => link === document.activeElement && link.getBoundingClientRect().height > 0), `${visit.name}: the skip link is not the first stop`);

  // One's own post is deleted after a question. The page is opened anew: the skip link moves it when it loses the focus.
  await page.goto(`${base}/`);
  await mine.getByRole("link", { name: /^Delete/ }).click();
  await look(trip, "delete?");
  await main.getByRole("button", { name: /Delete/ }).click();
  await page.goto(`${base}/`);
  expect(await mine.count() === 0, `${visit.name}: the deleted post is still there`);

  await inWelsh(trip);

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.goto(`${base}/`);
  expect(new URL(page.url()).pathname === "/sign-in", `${visit.name}: after signing out one stands at ${page.url()}`);
}

/// The main pages in Welsh, after the switch, and back.
async function inWelsh(trip) {
  const { page, visit } = trip;
  await page.goto(`${base}/notifications`);
  await page.getByRole("button", { name: /^Cymraeg/ }).click();
  expect(new URL(page.url()).pathname === "/notifications", `${visit.name}: after the switch one stands at ${page.url()}`);
  const pages = [["/notifications", "Hysbysiadau"], ["/", "Hafan"], ["/write", "Ysgrifennu postiad"], ["/groups", "Grwpiau"], [`/@${other}`, null],
    ["/administration/peers", "Y rhestr ganiatáu"], ["/accessibility", "Datganiad hygyrchedd ar gyfer Corridor"]];
  for (const [place, heading] of pages) {
    await page.goto(`${base}${place}`);
    const found = await page.getByRole("heading", { level: 1 }).innerText();
    expect((heading === null || found === heading) && await page.locator("html").getAttribute("lang") === "cy", `${visit.name}: ${place} is headed “${found}” in Welsh`);
    await look(trip, `${place}, in Welsh`);
  }
  if (visit.script) {
    await page.goto(`${base}/write`);
    await page.getByLabel("Eich postiad").fill("Bore da");
    expect(await page.getByText(/^Mae gennych [0-9,]+ nod ar ôl$/).first().isVisible(), `${visit.name}: the characters that are left aren't counted in Welsh`);
  }
  await page.getByRole("button", { name: /^English/ }).click();
  expect(await page.locator("html").getAttribute("lang") === "en-GB", `${visit.name}: there is no way back to English`);
}

/// The allow-list: a node is allowed, its terms are narrowed, it is held, and removed, each after a question.
async function administer(trip) {
  const { page, visit } = trip;
  const says = async (words, wrong) => expect(await page.getByText(words).first().isVisible(), `${visit.name}: ${wrong}`);
  const press = (name) => page.locator("main").getByRole("button", { name, exact: true }).click();
  await page.goto(`${base}/`);
  await page.getByRole("link", { name: "Administration" }).click();
  await look(trip, "allow-list");
  await press("Allow a node");
  await press("Continue");
  await says("There is a problem", "no node at all was taken");
  await look(trip, "allow a node, refused");
  await page.getByLabel("Federation address").fill(`corridor.${visit.name.replace(/[^a-z]+/gi, "-")}.example`);
  await press("Continue");
  await look(trip, "terms");
  await page.getByLabel("Department", { exact: true }).fill("Department of Elsewhere");
  const services = ["Posts, boosts and favourites", "The staff directory", "Groups", "People who move between departments"];
  for (const name of services) {
    await page.getByRole("checkbox", { name }).uncheck();
  }
  await press("Continue");
  await says("There is a problem", "a node was allowed for nothing");
  expect(await page.getByLabel("Department", { exact: true }).inputValue() === "Department of Elsewhere", `${visit.name}: the department was not kept`);
  await look(trip, "terms, refused");
  await page.getByRole("checkbox", { name: "Posts, boosts and favourites" }).check();
  await page.getByRole("checkbox", { name: "Groups" }).check();
  await press("Continue");
  await says("It is new: nothing is held from it.", "allowing a node is not previewed");
  await look(trip, "allow, previewed");
  await press("Allow it on these terms");
  await says("The terms count from now on", "the node was not allowed");
  await look(trip, "peer");
  await press("Change terms");
  await page.getByRole("checkbox", { name: "Groups" }).uncheck();
  await press("Continue");
  await says("It is no longer used for groups.", "what is lost is not said");
  await look(trip, "narrower terms, previewed");
  await press("Give these terms");
  await press("Suspend");
  await look(trip, "suspend?");
  await press("Suspend");
  await says("Suspended", "the node was not suspended");
  await press("Resume");
  await look(trip, "resume?");
  await press("Resume");
  await press("Remove");
  await look(trip, "remove?");
  await page.getByRole("checkbox", { name: "Destroy what is held from it too" }).check();
  await press("Remove");
  await says("There is a problem", "a node was removed without a password");
  await look(trip, "remove, refused");
  await page.getByLabel("Your password").fill(password);
  await press("Remove");
  await says("What was held from it is destroyed", "the node was not removed");
  await look(trip, "peer, removed");
  await page.getByRole("link", { name: "The allow-list" }).click();
  await look(trip, "allow-list with a removed peer");
}

async function signIn(trip, name, secret) {
  await trip.page.getByLabel("Username").fill(name);
  await trip.page.getByLabel("Password").fill(secret);
  await trip.page.getByRole("button", { name: "Sign in" }).click();
}

/// What every page must hold to: a title and one main heading, no sideways scrolling, nothing that axe-core finds.
async function look(trip, name) {
  const { page, visit } = trip;
  trip.pages += 1;
  const where = `${visit.name}, ${name} (${page.url()})`;
  expect((await page.title()).includes("Corridor"), `${where}: the title is “${await page.title()}”`);
  expect(await page.getByRole("heading", { level: 1 }).count() === 1, `${where}: not one main heading`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide <= 0, `${where}: the page is ${wide} pixels wider than the window`);
  if (!visit.script) {
    return;
  }
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ["violations"] })).violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.html} ${node.failureSummary}`).join(" | ")}`));
  for (const violation of found) {
    expect(false, `${where}: ${violation}`);
  }
}
