// What three people do with masto, in the order in which they do it. Each asks what came of it, by value.

import { deepEqual, equal, match, ok } from "node:assert/strict";

import { accts, arrives, eventually, has, ids, picture, refused, says } from "./masto_tools.mjs";

async function instances({ author, reader }) {
  const [one, two] = [await author.v1.instance.fetch(), await author.v2.instance.fetch()];
  const host = author.handle.split("@")[1];
  deepEqual([one.uri, two.domain], [host, host]);
  deepEqual([one.title, two.title], ["Department of Tests", "Department of Tests"]);
  equal(two.configuration.statuses.maxMediaAttachments, 4);
  equal(one.configuration.polls.maxOptions, 10);
  equal(two.registrations.enabled, false);
  equal(two.apiVersions.mastodon, 6);
  ok(two.configuration.urls.streaming.startsWith("ws://"), two.configuration.urls.streaming);
  deepEqual(one.rules, two.rules);
  deepEqual(await author.v1.customEmojis.list(), []);
  deepEqual(await author.v1.instance.peers.list(), [reader.handle.split("@")[1]]);
  ok((await author.v1.instance.languages.list()).length > 0);
  equal((await author.v1.instance.activity.list()).length, 12);
  const { headers, data } = await author.v2.instance.fetch.$raw();
  deepEqual([data.domain, headers.get("content-type")], [host, "application/json"]);
  const preferences = await author.v1.preferences.fetch();
  equal(preferences["posting:default:visibility"], "public");
  equal(preferences["posting:default:sensitive"], false);
}

async function announcements({ author, reader }) {
  const [one] = await author.v1.announcements.list();
  match(one.content, /new kettle/);
  deepEqual([one.read, one.reactions], [false, []]);
  const chosen = author.v1.announcements.$select(one.id);
  await chosen.dismiss();
  await chosen.reactions.$select(encodeURIComponent("🫖")).update();
  const [read] = await author.v1.announcements.list();
  deepEqual([read.id, read.read], [one.id, true]);
  deepEqual(read.reactions.map(({ name, count, me }) => [name, count, me]), [["🫖", 1, true]]);
  await chosen.reactions.$select(encodeURIComponent("🫖")).remove();
  deepEqual((await author.v1.announcements.list())[0].reactions, []);
  deepEqual(await reader.v1.announcements.list(), []);
}

async function follows(talk) {
  const { author, colleague, reader } = talk;
  const found = await reader.v2.search.list({ q: `@${author.handle}`, type: "accounts", resolve: true });
  deepEqual(accts(found.accounts), [author.handle]);
  talk.authorThere = found.accounts[0];
  const relation = await reader.v1.accounts.$select(talk.authorThere.id).follow({ reblogs: true, notify: true });
  ok(relation.following || relation.requested, JSON.stringify(relation));
  const ask = async (person, id) => (await person.v1.accounts.relationships.fetch({ id: [id] }))[0];
  const accepted = await eventually("the follow is accepted", async () => {
    const now = await ask(reader, talk.authorThere.id);
    return now.following && now;
  });
  deepEqual([accepted.showingReblogs, accepted.notifying], [true, true]);
  const mine = author.v1.accounts.$select(author.me.id);
  [talk.readerHere] = await eventually("the follower is known here", async () => {
    const list = await mine.followers.list();
    return list.length > 0 && list;
  });
  equal(talk.readerHere.acct, reader.handle);
  await author.v1.accounts.$select(talk.readerHere.id).follow();
  await eventually("the follow back is accepted", async () => (await ask(author, talk.readerHere.id)).following);
  equal((await colleague.v1.accounts.$select(author.me.id).follow()).following, true);
  deepEqual(accts(await mine.followers.list()), [colleague.me.acct, reader.handle]);
  deepEqual(accts(await mine.following.list()), [reader.handle]);
  const both = await author.v1.accounts.relationships.fetch({ id: [talk.readerHere.id, colleague.me.id] });
  deepEqual(both.map((one) => [one.id, one.following, one.followedBy]), [[talk.readerHere.id, true, true], [colleague.me.id, false, true]]);
  const noted = await author.v1.accounts.$select(talk.readerHere.id).note.create({ comment: "Met at the fair" });
  equal(noted.note, "Met at the fair");
}

async function posts(talk) {
  const { author, reader } = talk;
  const attempt = { requestInit: { headers: { "Idempotency-Key": "the-same-attempt" } } };
  const text = { status: "Good morning from #Procurement", visibility: "public", language: "en" };
  const first = await author.v1.statuses.create(text, attempt);
  equal((await author.v1.statuses.create(text, attempt)).id, first.id, "an idempotency key was not honoured");
  deepEqual(ids(await author.v1.accounts.$select(author.me.id).statuses.list()), [first.id]);
  deepEqual([first.visibility, first.language, first.application.name], ["public", "en", "Corridor tests"]);
  deepEqual(first.tags.map((tag) => tag.name.toLowerCase()), ["procurement"]);
  const seen = await arrives(reader, "Good morning");
  deepEqual([seen.uri, seen.account.id, seen.createdAt], [first.uri, talk.authorThere.id, first.createdAt]);
  equal((await reader.v1.statuses.$select(seen.id).fetch()).content, seen.content);
  deepEqual(ids(await reader.v1.statuses.fetch({ id: [seen.id] })), [seen.id]);
  deepEqual(ids(await reader.v1.timelines.tag.$select("procurement").list()), [seen.id]);
  ok(ids(await reader.v1.timelines.public.list({ remote: true })).includes(seen.id));
  ok(ids(await author.v1.timelines.public.list({ local: true })).includes(first.id));
  ok(!ids(await reader.v1.timelines.public.list({ local: true })).includes(seen.id));
  await author.v1.statuses.create({ status: "For those who follow me", visibility: "private", spoilerText: "About the move", sensitive: true });
  const closed = await arrives(reader, "For those who follow me");
  deepEqual([closed.visibility, closed.spoilerText, closed.sensitive], ["private", "About the move", true]);
  ok(!has(await reader.v1.timelines.public.list({ limit: 40 }), "For those who follow me"));
  Object.assign(talk, { here: first, there: seen });
}

/// The first pages of a list until it has shown this many.
async function pages(list, count) {
  const seen = [];
  for await (const page of list) {
    seen.push(...page.map((post) => post.id));
    if (seen.length >= count) {
      break;
    }
  }
  return seen;
}

async function paging({ author, reader }) {
  const made = [];
  for (let number = 0; number < 5; number += 1) {
    made.unshift((await says(author, `Page ${number} #paging`)).id);
  }
  await arrives(reader, "Page 4");
  const own = author.v1.accounts.$select(author.me.id).statuses.list({ limit: 2 });
  const all = [];
  for await (const page of own) {
    ok(page.length <= 2);
    all.push(...ids(page));
  }
  deepEqual(all.slice(0, 5), made);
  deepEqual([all.length, new Set(all).size], [7, 7]);
  for (const list of [author.v1.timelines.home, author.v1.timelines.public, author.v1.timelines.tag.$select("paging")]) {
    deepEqual(await pages(list.list({ limit: 2 }), 5).then((seen) => seen.slice(0, 5)), made);
  }
  const there = (await reader.v1.timelines.tag.$select("paging").list()).map((post) => post.id);
  deepEqual(await pages(reader.v1.timelines.home.list({ limit: 2 }), 5).then((seen) => seen.slice(0, 5)), there);
  // Backwards from the oldest: what is newer comes page by page, until there is nothing.
  const newer = [];
  for await (const page of author.v1.timelines.tag.$select("paging").list({ limit: 2, minId: made[4] }).setDirection("prev")) {
    newer.unshift(...ids(page));
  }
  deepEqual(newer, made.slice(0, 4));
}

async function threads(talk) {
  const { author, reader } = talk;
  const answer = await says(reader, `@${author.handle} An answer from the other department`, { inReplyToId: talk.there.id });
  deepEqual([answer.inReplyToId, answer.inReplyToAccountId], [talk.there.id, talk.authorThere.id]);
  const { descendants } = await eventually("the answer arrives", async () => {
    const context = await author.v1.statuses.$select(talk.here.id).context.fetch();
    return context.descendants.length > 0 && context;
  });
  deepEqual(descendants.map((post) => [post.inReplyToId, post.account.acct]), [[talk.here.id, reader.handle]]);
  deepEqual(ids((await reader.v1.statuses.$select(answer.id).context.fetch()).ancestors), [talk.there.id]);
  await eventually("the count of replies", async () => (await author.v1.statuses.$select(talk.here.id).fetch()).repliesCount === 1);
  equal((await author.v1.statuses.$select(talk.here.id).mute()).muted, true);
  equal((await author.v1.statuses.$select(talk.here.id).unmute()).muted, false);
}

async function marks(talk) {
  const { author, colleague, reader } = talk;
  const post = reader.v1.statuses.$select(talk.there.id);
  equal((await post.favourite()).favourited, true);
  const boost = await post.reblog();
  deepEqual([boost.reblog.id, boost.reblog.reblogged], [talk.there.id, true]);
  equal((await post.bookmark()).bookmarked, true);
  await colleague.v1.statuses.$select(talk.here.id).favourite();
  const mine = author.v1.statuses.$select(talk.here.id);
  await eventually("the author sees all of it", async () => {
    const { favouritesCount, reblogsCount } = await mine.fetch();
    return favouritesCount === 2 && reblogsCount === 1;
  });
  deepEqual(accts(await mine.favouritedBy.list()).sort(), [colleague.me.acct, reader.handle].sort());
  deepEqual(accts(await mine.rebloggedBy.list()), [reader.handle]);
  deepEqual(ids(await reader.v1.favourites.list()), [talk.there.id]);
  deepEqual(ids(await reader.v1.bookmarks.list()), [talk.there.id]);
  equal((await post.unbookmark()).bookmarked, false);
  equal((await post.unreblog()).reblogged, false);
  await eventually("the author sees the boost undone", async () => (await mine.fetch()).reblogsCount === 0);
  deepEqual(await reader.v1.bookmarks.list(), []);
  equal((await mine.pin()).pinned, true);
  deepEqual(ids(await author.v1.accounts.$select(author.me.id).statuses.list({ pinned: true })), [talk.here.id]);
  equal((await mine.unpin()).pinned, false);
}

async function edits(talk) {
  const { author, reader } = talk;
  const mine = author.v1.statuses.$select(talk.here.id);
  const changed = await mine.update({ status: "Good evening from #Procurement" });
  equal(changed.id, talk.here.id);
  ok(changed.editedAt && changed.content.includes("Good evening"), JSON.stringify(changed));
  const states = await mine.history.list();
  deepEqual(states.map((state) => /Good (\w+)/.exec(state.content)[1]), ["morning", "evening"]);
  equal((await mine.source.fetch()).text, "Good evening from #Procurement");
  const theirs = reader.v1.statuses.$select(talk.there.id);
  await refused(theirs.source.fetch(), 404);
  await refused(theirs.update({ status: "Not mine" }), 403, "Only its author");
  await eventually("the edit arrives", async () => (await theirs.fetch()).content.includes("Good evening"));
  equal((await theirs.history.list()).length, 2);
}

async function notifications(talk) {
  const { author, colleague, reader } = talk;
  const told = author.v1.notifications;
  const mentions = await told.list({ types: ["mention"] });
  deepEqual(mentions.map((one) => [one.type, one.account.acct]), [["mention", reader.handle]]);
  match(mentions[0].status.content, /An answer from the other department/);
  const others = await told.list({ excludeTypes: ["mention"] });
  deepEqual(others.map((one) => one.type).sort(), ["favourite", "favourite", "follow", "follow"]);
  equal((await told.unreadCount.fetch()).count, 5);
  equal((await told.$select(mentions[0].id).fetch()).status.id, mentions[0].status.id);
  const grouped = author.v2.notifications;
  const found = await grouped.list({ types: ["favourite"], groupedTypes: ["favourite"] });
  const [group, ...rest] = found.notificationGroups;
  deepEqual([group.type, group.notificationsCount, group.statusId, rest], ["favourite", 2, talk.here.id, []]);
  deepEqual([...group.sampleAccountIds].sort(), [talk.readerHere.id, colleague.me.id].sort());
  deepEqual([ids(found.statuses), found.accounts.length], [[talk.here.id], 2]);
  const one = grouped.$select(encodeURIComponent(group.groupKey));
  equal((await one.fetch()).notificationGroups[0].groupKey, group.groupKey);
  deepEqual(accts(await one.accounts.fetch()).sort(), [colleague.me.acct, reader.handle].sort());
  equal((await grouped.unreadCount.fetch({ types: ["favourite"] })).count, 1);
  await one.dismiss();
  await refused(one.fetch(), 404);
  await told.$select(mentions[0].id).dismiss();
  deepEqual(await told.list({ types: ["mention", "favourite"] }), []);
  await told.clear();
  deepEqual(await told.list(), []);
  // The reader asked to be told of what the author posts.
  ok((await reader.v1.notifications.list({ types: ["status"] })).some((item) => item.status.id === talk.there.id));
}

async function heldBack(talk) {
  const { author, colleague } = talk;
  const policy = author.v2.notifications.policy;
  equal((await policy.fetch()).forNotFollowing, "accept");
  equal((await policy.update({ forNotFollowing: "filter" })).forNotFollowing, "filter");
  await says(colleague, `@${author.me.acct} held back`);
  const requests = author.v1.notifications.requests;
  const [one] = await eventually("the request", async () => {
    const list = await requests.list();
    return list.length > 0 && list;
  });
  deepEqual([one.account.id, one.notificationsCount], [colleague.me.id, "1"]);
  match(one.lastStatus.content, /held back/);
  equal((await policy.fetch()).summary.pendingRequestsCount, 1);
  deepEqual(await author.v1.notifications.list(), []);
  await requests.$select(one.id).accept();
  equal((await requests.merged.fetch()).merged, true);
  deepEqual(await requests.list(), []);
  match((await author.v1.notifications.list())[0].status.content, /held back/);
  equal((await policy.update({ forNotFollowing: "accept" })).forNotFollowing, "accept");
}

async function conversations(talk) {
  const { author, reader } = talk;
  const made = await author.v1.statuses.create({ status: `@${reader.handle} a talk of two`, visibility: "direct" });
  deepEqual([made.visibility, accts(made.mentions)], ["direct", [reader.handle]]);
  const [one] = await eventually("the talk arrives", async () => {
    const list = await reader.v1.conversations.list();
    return list.length > 0 && list;
  });
  deepEqual([one.unread, one.lastStatus.uri, accts(one.accounts)], [true, made.uri, [author.handle]]);
  const theirs = reader.v1.conversations.$select(one.id);
  deepEqual([(await theirs.read()).unread, (await theirs.unread()).unread], [false, true]);
  equal((await reader.v1.conversations.list())[0].unread, true);
  const answer = await reader.v1.statuses.create({
    status: `@${author.handle} an answer`, visibility: "direct", inReplyToId: one.lastStatus.id,
  });
  const mine = await eventually("the answer arrives", async () =>
    (await author.v1.conversations.list()).find((other) => other.lastStatus.uri === answer.uri));
  deepEqual([mine.unread, accts(mine.accounts)], [true, [reader.handle]]);
  await author.v1.conversations.$select(mine.id).remove();
  deepEqual(await author.v1.conversations.list(), []);
}

async function search(talk) {
  const { author, reader } = talk;
  const [page] = [await author.v2.search.list({ q: "Good evening", type: "statuses" })];
  deepEqual(ids(page.statuses), [talk.here.id]);
  const resolved = await reader.v2.search.list({ q: talk.here.uri, resolve: true });
  deepEqual(ids(resolved.statuses), [talk.there.id]);
  const tags = (await author.v2.search.list({ q: "procurement", type: "hashtags" })).hashtags;
  deepEqual(tags.map((tag) => tag.name.toLowerCase()), ["procurement"]);
  equal((await author.v1.accounts.lookup({ acct: author.me.acct })).id, author.me.id);
  equal((await reader.v1.accounts.lookup({ acct: author.handle })).id, talk.authorThere.id);
  deepEqual(ids(await author.v1.accounts.fetch({ id: [talk.readerHere.id] })), [talk.readerHere.id]);
  ok(ids(await author.v1.accounts.search.list({ q: author.me.acct })).includes(author.me.id));
  deepEqual((await author.v2.search.list({ q: "@nobody@stranger.example", resolve: true })).accounts, []);
}

async function profile(talk) {
  const { author, reader } = talk;
  const avatar = new File([picture()], "me.png", { type: "image/png" });
  const changed = await author.v1.accounts.updateCredentials({
    displayName: "Asha of Tests", note: "Buys things for the department", avatar, discoverable: false,
    source: { sensitive: false, language: "en" },
    fieldsAttributes: [{ name: "Desk", value: "Second floor" }, { name: "Hours", value: "9 to 5" }],
  });
  deepEqual([changed.displayName, changed.source.note, changed.discoverable], ["Asha of Tests", "Buys things for the department", false]);
  deepEqual(changed.source.fields.map(({ name, value }) => [name, value]), [["Desk", "Second floor"], ["Hours", "9 to 5"]]);
  equal(changed.source.language, "en");
  ok(changed.avatar !== author.me.avatar && (await fetch(changed.avatar)).ok);
  equal((await author.v1.accounts.$select(author.me.id).fetch()).displayName, "Asha of Tests");
  const there = reader.v1.accounts.$select(talk.authorThere.id);
  await eventually("the new name arrives", async () => (await there.fetch()).displayName === "Asha of Tests");
  equal((await author.v1.profile.update({ headerDescription: "", note: "Buys *things*" })).note, "Buys *things*");
  equal((await author.v1.profile.fetch()).note, "Buys *things*");
  equal((await author.v1.profile.avatar.remove()).avatar, author.me.avatar);
}

async function pictures({ author, reader }) {
  const file = new Blob([picture()], { type: "image/png" });
  const made = await author.v2.media.create({ file, description: "A red square", focus: "0.5,-0.5" });
  deepEqual([made.type, made.description, made.meta.focus], ["image", "A red square", { x: 0.5, y: -0.5 }]);
  const changed = await author.v1.media.$select(made.id).update({ description: "A square" });
  equal(changed.description, "A square");
  const post = await author.v1.statuses.create({ status: "Look at this square", mediaIds: [made.id], visibility: "public" });
  deepEqual(ids(post.mediaAttachments), [made.id]);
  const seen = await arrives(reader, "Look at this square");
  const [one] = seen.mediaAttachments;
  deepEqual([one.type, one.description, one.meta.original.size], ["image", "A square", "30x20"]);
  // As pages load pictures: a plain request, without the token.
  for (const address of [one.url, one.previewUrl, seen.account.avatar, seen.account.header]) {
    const answer = await fetch(address);
    deepEqual([answer.status, answer.headers.get("content-type")], [200, "image/png"], address);
  }
  const wrong = new Blob(["<svg/>"], { type: "image/png" });
  await refused(author.v2.media.create({ file: wrong, skipPolling: true }), 422, "SVG");
}

async function polls({ author, colleague, reader }) {
  const made = await says(author, "Which tea?", { poll: { options: ["Mint", "Green"], expiresIn: 600 } });
  deepEqual(made.poll.options.map((option) => option.title), ["Mint", "Green"]);
  const { poll } = await arrives(reader, "Which tea?");
  deepEqual([poll.voted, poll.expired, poll.multiple], [false, false, false]);
  const voted = await reader.v1.polls.$select(poll.id).votes.create({ choices: [1] });
  deepEqual([voted.voted, voted.ownVotes], [true, [1]]);
  equal((await colleague.v1.polls.$select(made.poll.id).votes.create({ choices: [0] })).voted, true);
  const counted = await eventually("the votes are counted", async () => {
    const now = await author.v1.polls.$select(made.poll.id).fetch();
    return now.votesCount === 2 && now;
  });
  deepEqual(counted.options.map((option) => option.votesCount), [1, 1]);
  await refused(reader.v1.polls.$select(poll.id).votes.create({ choices: [0] }), 422);
  await refused(author.v1.polls.$select(made.poll.id).votes.create({ choices: [0] }), 422);
}

async function lists(talk) {
  const { author, reader } = talk;
  const made = await reader.v1.lists.create({ title: "Close ones", repliesPolicy: "none", exclusive: true });
  deepEqual([made.title, made.repliesPolicy, made.exclusive], ["Close ones", "none", true]);
  deepEqual(ids(await reader.v1.lists.list()), [made.id]);
  const list = reader.v1.lists.$select(made.id);
  await list.accounts.create({ accountIds: [talk.authorThere.id] });
  deepEqual(ids(await list.accounts.list()), [talk.authorThere.id]);
  deepEqual(ids(await reader.v1.accounts.$select(talk.authorThere.id).lists.list()), [made.id]);
  for (const number of [1, 2, 3]) {
    await says(author, `For the list alone ${number}`);
  }
  const timeline = reader.v1.timelines.list.$select(made.id);
  await eventually("the list shows it", async () => has(await timeline.list(), "For the list alone 3"));
  const three = await pages(timeline.list({ limit: 1 }), 3);
  deepEqual(three, ids(await timeline.list({ limit: 3 })));
  ok(!has(await reader.v1.timelines.home.list({ limit: 40 }), "For the list alone"));
  const changed = await list.update({ title: "Others", exclusive: false });
  deepEqual([changed.title, changed.exclusive], ["Others", false]);
  ok(has(await reader.v1.timelines.home.list({ limit: 40 }), "For the list alone 3"));
  await list.accounts.remove({ accountIds: [talk.authorThere.id] });
  deepEqual(await list.accounts.list(), []);
  await list.remove();
  await refused(list.fetch(), 404);
}

async function filters({ author, reader }) {
  const made = await reader.v2.filters.create({
    title: "Drinks", context: ["home", "thread"], filterAction: "warn", expiresIn: 3600,
    keywordsAttributes: [{ keyword: "lemonade", wholeWord: true }],
  });
  deepEqual([made.title, made.context, made.filterAction], ["Drinks", ["home", "thread"], "warn"]);
  deepEqual(made.keywords.map(({ keyword, wholeWord }) => [keyword, wholeWord]), [["lemonade", true]]);
  ok(made.expiresAt);
  await says(author, "Some Lemonade for everyone");
  const seen = await arrives(reader, "Some Lemonade");
  deepEqual(seen.filtered.map((one) => [one.filter.title, one.keywordMatches]), [["Drinks", ["lemonade"]]]);
  const filter = reader.v2.filters.$select(made.id);
  const keyword = await filter.keywords.create({ keyword: "cider", wholeWord: false });
  deepEqual((await filter.keywords.list()).map((one) => one.keyword), ["lemonade", "cider"]);
  equal((await reader.v2.filters.keywords.$select(keyword.id).update({ keyword: "perry", wholeWord: true })).keyword, "perry");
  const held = await filter.statuses.create({ statusId: seen.id });
  deepEqual((await filter.statuses.list()).map((one) => one.statusId), [seen.id]);
  await reader.v2.filters.statuses.$select(held.id).remove();
  const [lemonade] = made.keywords;
  const changed = await filter.update({
    filterAction: "hide", keywordsAttributes: [{ id: lemonade.id, wholeWord: false }, { id: keyword.id, _destroy: true }],
  });
  deepEqual([changed.filterAction, changed.keywords.map((one) => [one.keyword, one.wholeWord])], ["hide", [["lemonade", false]]]);
  ok(!has(await reader.v1.timelines.home.list({ limit: 40 }), "Some Lemonade"));
  await filter.remove();
  deepEqual(await reader.v2.filters.list(), []);
  deepEqual((await arrives(reader, "Some Lemonade")).filtered, []);
}

const inDays = (days) => new Date(Math.floor(Date.now() / 1000) * 1000 + days * 86_400_000).toISOString();

async function scheduled({ author, reader }) {
  const later = await author.v1.statuses.create({ status: "Later", scheduledAt: inDays(1), visibility: "private" });
  deepEqual([later.params.text, later.params.visibility], ["Later", "private"]);
  deepEqual(ids(await author.v1.scheduledStatuses.list()), [later.id]);
  const one = author.v1.scheduledStatuses.$select(later.id);
  const latest = inDays(2);
  equal(new Date((await one.update({ scheduledAt: latest })).scheduledAt).toISOString(), latest);
  equal((await one.fetch()).id, later.id);
  await refused(reader.v1.scheduledStatuses.$select(later.id).fetch(), 404);
  await one.remove();
  deepEqual(await author.v1.scheduledStatuses.list(), []);
}

async function markers({ reader }) {
  const [first, second] = await reader.v1.timelines.home.list({ limit: 2 });
  const set = await reader.v1.markers.create({ home: { lastReadId: second.id } });
  deepEqual([set.home.lastReadId, set.home.version], [second.id, 1]);
  await reader.v1.markers.create({ home: { lastReadId: first.id } });
  const found = await reader.v1.markers.fetch({ timeline: ["home", "notifications"] });
  deepEqual([Object.keys(found), found.home.lastReadId, found.home.version], [["home"], first.id, 2]);
}

async function meeting(talk) {
  const { author, colleague, reader } = talk;
  const find = async () => (await colleague.v2.suggestions.list()).find((one) => one.account.id === talk.readerHere.id);
  const one = await eventually("who is followed by whom one follows is suggested", find);
  deepEqual([one.account.acct, one.sources], [reader.handle, ["friends_of_friends"]]);
  await colleague.v1.suggestions.$select(one.account.id).remove();
  deepEqual(await colleague.v2.suggestions.list(), []);
  deepEqual(accts(await colleague.v1.directory.list({ local: true, order: "new" })), [colleague.me.acct]);
  equal((await author.v1.accounts.$select(talk.readerHere.id).endorse()).endorsed, true);
  deepEqual(accts(await author.v1.endorsements.list()), [reader.handle]);
  equal((await author.v1.accounts.$select(talk.readerHere.id).unendorse()).endorsed, false);
}

async function tags({ reader }) {
  equal((await reader.v1.tags.$select("Tea").follow()).following, true);
  deepEqual((await reader.v1.followedTags.list()).map((tag) => tag.name), ["tea"]);
  equal((await reader.v1.tags.$select("tea").unfollow()).following, false);
  const made = await reader.v1.featuredTags.create({ name: "tea" });
  deepEqual((await reader.v1.featuredTags.list()).map((tag) => [tag.id, tag.name]), [[made.id, "tea"]]);
  await reader.v1.featuredTags.$select(made.id).remove();
  equal((await reader.v1.tags.$select("tea").fetch()).following, false);
}

async function keepingAway(talk) {
  const { author, colleague } = talk;
  const them = colleague.v1.accounts.$select(talk.readerHere.id);
  const muted = await them.mute({ notifications: true, duration: 3600 });
  deepEqual([muted.muting, muted.mutingNotifications], [true, true]);
  deepEqual(ids(await colleague.v1.mutes.list()), [talk.readerHere.id]);
  equal((await them.unmute()).muting, false);
  equal((await them.block()).blocking, true);
  deepEqual(ids(await colleague.v1.blocks.list()), [talk.readerHere.id]);
  equal((await them.unblock()).blocking, false);
  const domain = talk.reader.handle.split("@")[1];
  await colleague.v1.domainBlocks.create({ domain });
  deepEqual(await colleague.v1.domainBlocks.list(), [domain]);
  await colleague.v1.domainBlocks.remove({ domain });
  deepEqual(await colleague.v1.domainBlocks.list(), []);
  const report = await colleague.v1.reports.create({ accountId: author.me.id, statusIds: [talk.here.id], comment: "Only a test" });
  deepEqual([report.targetAccount.id, report.comment], [author.me.id, "Only a test"]);
}

async function requests({ author, colleague }) {
  equal((await colleague.v1.accounts.updateCredentials({ locked: true })).locked, true);
  const them = author.v1.accounts.$select(colleague.me.id);
  const asked = await them.follow();
  deepEqual([asked.following, asked.requested], [false, true]);
  deepEqual((await colleague.v1.notifications.list({ types: ["follow_request"] })).map((one) => one.account.id), [author.me.id]);
  deepEqual(ids(await colleague.v1.followRequests.list()), [author.me.id]);
  const one = colleague.v1.followRequests.$select(author.me.id);
  equal((await one.reject()).followedBy, false);
  equal((await them.follow()).requested, true);
  equal((await one.authorize()).followedBy, true);
  deepEqual(await colleague.v1.followRequests.list(), []);
  equal((await them.unfollow()).following, false);
}

async function refusals({ author }) {
  const count = (await author.v1.accounts.$select(author.me.id).fetch()).statusesCount;
  await refused(says(author, ""), 422);
  await refused(says(author, "@nobody@stranger.example hello"), 422, "stranger.example");
  await refused(says(author, "Which?", { poll: { options: ["a"], expiresIn: 600 } }), 422, "Options");
  await refused(author.v1.statuses.create({ status: "Too soon", scheduledAt: inDays(0) }), 422, "5 minutes");
  await refused(author.v1.statuses.$select("1").fetch(), 404);
  equal((await author.v1.accounts.$select(author.me.id).fetch()).statusesCount, count);
}

export const steps = {
  instances, announcements, follows, posts, paging, threads, "favourite, boost, bookmark, pin": marks, edits, notifications,
  "held back": heldBack, conversations, search, profile, pictures, polls, lists, filters, scheduled, markers,
  "meeting people": meeting, tags, "keeping away": keepingAway, "follow requests": requests, refusals,
};
