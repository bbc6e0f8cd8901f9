// Runs activitypub-testing's rules against an actor of a node, every request signed by an allowed peer's actor.
//
//     activitypub_testing.mjs ACTOR_URI
//
// The last line printed is a JSON object: the outcome of each rule by its name, with the reason of what did not pass.

import { signRequest } from "@fedify/fedify";

import { startPeer } from "./peer.mjs";

const [actor] = process.argv.slice(2);
const peer = await startPeer();

// The rules use the global function, which this replaces before they are loaded.
const usual = globalThis.fetch;
globalThis.fetch = async (input, init) => usual(await signRequest(new Request(input, init), peer.privateKey, peer.keyId));
const { ActorUrlTestRun } = await import("activitypub-testing/test-actor");

const quiet = Object.assign(Object.create(console), { debug() {}, warn() {}, log() {}, info() {} });
const run = new ActorUrlTestRun(new URL(actor), { console: quiet });
const outcomes = {};
for await (const assertion of run) {
  outcomes[assertion.test.slug] = { outcome: assertion.result.outcome, info: assertion.result.info ?? null };
}
console.log(JSON.stringify(outcomes));
await peer.close();
process.exit(0);
