// What Fedify, another ActivityPub library, makes of a node: its WebFinger, NodeInfo, actors, posts and collections.
//
//     fedify.mjs BASE NAME POST_URI
//
// The last line printed is a JSON object with what was parsed, which the test compares with what the node said.

import {
  Create, getAuthenticatedDocumentLoader, getDocumentLoader, getNodeInfo, lookupWebFinger, Note, Object as AsObject,
  OrderedCollection, Person,
} from "@fedify/fedify";

import { expect, getSigned, speakHttp, startPeer } from "./peer.mjs";

const [base, name, postUri] = process.argv.slice(2);
const host = new URL(base).host;

speakHttp();
const peer = await startPeer();
const unsigned = getDocumentLoader({ allowPrivateAddress: true });
const signed = getAuthenticatedDocumentLoader(peer, { allowPrivateAddress: true });
const options = { documentLoader: signed, contextLoader: unsigned };

const load = async (address, documentLoader = signed) => (await documentLoader(address)).document;
const refused = async (address, documentLoader = unsigned) => {
  try {
    await load(address, documentLoader);
  } catch {
    return true;
  }
  return false;
};

// WebFinger, by handle and by address.
const finger = await lookupWebFinger(`acct:${name}@${host}`, { allowPrivateAddress: true });
expect(finger !== null, "WebFinger knows nobody of that name");
const self = finger.links.find((link) => link.rel === "self" && link.type === "application/activity+json");
expect(self?.href, `no self link in ${JSON.stringify(finger)}`);
const again = await lookupWebFinger(self.href, { allowPrivateAddress: true });
expect(again?.subject === finger.subject, `by address: ${JSON.stringify(again)}`);
expect(await lookupWebFinger(`acct:nobody@${host}`, { allowPrivateAddress: true }) === null, "WebFinger knows a stranger");
expect(await lookupWebFinger(`acct:${name}@elsewhere.invalid`, { allowPrivateAddress: true }) === null, "another host's name");

// NodeInfo: parsed strictly, so that a wrong field makes it `undefined`.
const nodeInfo = await getNodeInfo(base);
expect(nodeInfo !== undefined, "NodeInfo could not be parsed");

// The actor of a person: for those who sign.
expect(await refused(self.href), "a person's actor was served without a signature");
const person = await Person.fromJsonLd(await load(self.href), options);
expect(person.id.href === self.href, "the actor's id is another");
const key = await person.getPublicKey(options);
const assertions = [];
for await (const multikey of person.getAssertionMethods(options)) {
  assertions.push({ id: multikey.id.href, algorithm: multikey.publicKey.algorithm.name });
}

// The instance's own actor: without a signature, for nothing could be verified otherwise.
const instance = await AsObject.fromJsonLd(await load(`${base}/actor`, unsigned), options);

// A post, its activity in the outbox, and the collections.
expect(await refused(postUri), "a post was served without a signature");
const note = await Note.fromJsonLd(await load(postUri), options);
const outbox = await OrderedCollection.fromJsonLd(await load(person.outboxId.href), options);
expect(await refused(outbox.firstId.href, signed), "a signature that leaves out the query was taken");
const page = await getSigned(peer, outbox.firstId.href);
expect(page.status === 200, `the outbox's page answered ${page.status}`);
const first = await AsObject.fromJsonLd(await page.json(), options);
const activities = [];
for await (const item of first.getItems(options)) {
  activities.push(item);
}
const create = activities.find((item) => item instanceof Create && item.objectId?.href === postUri);
expect(create !== undefined, `the outbox lists no Create of the post: ${activities.map((item) => item.constructor.name)}`);
expect(create.actorId.href === self.href, "the Create is another's");
const followers = await AsObject.fromJsonLd(await load(person.followersId.href), options);
const following = await AsObject.fromJsonLd(await load(person.followingId.href), options);

const tag = [];
for await (const one of note.getTags(options)) {
  tag.push(one.name?.toString());
}

console.log(JSON.stringify({
  subject: finger.subject,
  self: self.href,
  software: nodeInfo.software.name,
  protocols: nodeInfo.protocols,
  openRegistrations: nodeInfo.openRegistrations,
  person: {
    name: person.name?.toString(),
    preferredUsername: person.preferredUsername?.toString(),
    inbox: person.inboxId?.href,
    sharedInbox: person.endpoints?.sharedInbox?.href,
    url: person.url?.href?.href ?? person.url?.href,
    locked: person.manuallyApprovesFollowers,
    key: { id: key.id.href, owner: key.ownerId?.href, algorithm: key.publicKey.algorithm.name },
    assertions,
  },
  instance: { id: instance.id.href, type: instance.constructor.name, inbox: instance.inboxId?.href },
  note: {
    content: note.content?.toString(),
    attributedTo: note.attributionId?.href,
    to: note.toIds.map((one) => one.href),
    published: note.published?.toString(),
    tag,
  },
  outbox: outbox.totalItems,
  followers: followers.constructor.name,
  following: following.constructor.name,
  asked: peer.asked,
}));
await peer.close();
