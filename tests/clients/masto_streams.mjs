// What masto hears over its WebSocket, and how it ends what began.

import { deepEqual, equal, ok } from "node:assert/strict";

import { createStreamingAPIClient } from "masto";

import { arrives, eventually, refused } from "./masto_tools.mjs";

/// Keeps what a subscription hears, until it is told to stop.
class Ear {
  heard = [];

  constructor(subscription) {
    this.subscription = subscription;
    this.done = this.listen();
  }

  async listen() {
    for await (const event of this.subscription) {
      this.heard.push(event);
    }
  }

  first(what, found) {
    return eventually(`${what} is heard`, () => this.heard.find(found));
  }
}

const of = (kind, words) => ({ event, payload }) => event === kind && (payload.status ?? payload).content?.includes(words);

async function streaming(talk) {
  const { author, reader } = talk;
  const { configuration } = await reader.v2.instance.fetch();
  const client = createStreamingAPIClient({ streamingApiUrl: configuration.urls.streaming, accessToken: reader.token, retry: false });
  await client.prepare();
  const tagged = new Ear(client.hashtag.subscribe({ tag: "kettle" }));
  const direct = new Ear(client.direct.subscribe());
  // The last: the node takes one after the other, so that the others are open when this one is.
  const ear = new Ear(client.user.subscribe());
  await open(reader, ear);
  const made = await author.v1.statuses.create({ status: `@${reader.handle} is told of the #kettle`, visibility: "public" });
  const update = await ear.first("the update", of("update", "is told of"));
  deepEqual([update.stream, update.payload.uri, update.payload.account.id], [["user"], made.uri, talk.authorThere.id]);
  const notification = await ear.first("the notification", of("notification", "is told of"));
  deepEqual([notification.payload.type, notification.payload.status.id], ["mention", update.payload.id]);
  const also = await tagged.first("the tag", of("update", "is told of"));
  deepEqual([also.stream, also.payload.id], [["hashtag", "kettle"], update.payload.id]);
  await author.v1.statuses.$select(made.id).update({ status: `@${reader.handle} is told in other words` });
  const changed = await ear.first("the edit", of("status.update", "in other words"));
  equal(changed.payload.id, update.payload.id);
  ok(changed.payload.editedAt);
  await author.v1.statuses.create({ status: `@${reader.handle} in private`, visibility: "direct" });
  const talked = await direct.first("the conversation", ({ event }) => event === "conversation");
  ok(talked.payload.lastStatus.content.includes("in private"), talked.payload.lastStatus.content);
  deepEqual(talked.payload.accounts.map((one) => one.acct), [author.handle]);
  await author.v1.statuses.$select(made.id).remove();
  await ear.first("the deletion", ({ event, payload }) => event === "delete" && payload === update.payload.id);
  client.close();
  await Promise.all([tagged.done, direct.done, ear.done]);
}

/// A subscription is not answered, but what changes after it is told: filters come and go until that is heard.
async function open(reader, ear) {
  await eventually("the stream is open", async () => {
    const filter = await reader.v2.filters.create({ title: "Nothing", context: ["home"] });
    await reader.v2.filters.$select(filter.id).remove();
    return ear.heard.some(({ event, payload }) => event === "filters_changed" && payload === undefined);
  });
}

async function deletes(talk) {
  const { author, reader } = talk;
  const gone = await author.v1.statuses.$select(talk.here.id).remove();
  equal(gone.text, "Good evening from #Procurement");
  await refused(author.v1.statuses.$select(talk.here.id).fetch(), 404);
  await eventually("the deletion arrives", async () =>
    (await reader.v1.timelines.home.list({ limit: 40 })).every((post) => post.id !== talk.there.id));
  await refused(reader.v1.statuses.$select(talk.there.id).fetch(), 404);
  ok(await arrives(reader, "Page 4"), "everything else is there");
}

async function unfollows(talk) {
  const { author, colleague, reader } = talk;
  const relation = await reader.v1.accounts.$select(talk.authorThere.id).unfollow();
  deepEqual([relation.following, relation.requested], [false, false]);
  await author.v1.accounts.$select(colleague.me.id).removeFromFollowers();
  await eventually("the author has no follower", async () =>
    (await author.v1.accounts.$select(author.me.id).followers.list()).length === 0);
}

export const steps = { streaming, deletes, unfollows };
