// An allowed peer that is a small server of the test: it serves one actor with a key, so that a library can sign its
// requests as that actor. Every id is an http address of loopback, as are those of the nodes under test.

import { createServer } from "node:http";
import { createInterface } from "node:readline";

import { generateCryptoKeyPair } from "@fedify/fedify";

/// Starts the peer, says where it listens, and waits until the test has allowed it.
export async function startPeer() {
  const keys = await generateCryptoKeyPair("RSASSA-PKCS1-v1_5");
  const der = await crypto.subtle.exportKey("spki", keys.publicKey);
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g).join("\n");
  const pem = `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`;
  const asked = [];
  let base;
  const server = createServer((request, response) => {
    asked.push(request.url);
    const document = documents(base, pem)[new URL(request.url, base).pathname];
    if (document === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": document.kind }).end(JSON.stringify(document.body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}`;
  const allowed = new Promise((resolve) => createInterface({ input: process.stdin }).once("line", resolve));
  console.log(JSON.stringify({ peer: `127.0.0.1:${server.address().port}` }));
  await allowed;
  return {
    actor: `${base}/actor`,
    keyId: new URL(`${base}/actor#main-key`),
    privateKey: keys.privateKey,
    asked,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
      process.stdin.destroy();
    }),
  };
}

function documents(base, pem) {
  const actor = `${base}/actor`;
  const host = base.slice("http://".length);
  return {
    "/actor": {
      kind: "application/activity+json",
      body: {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        id: actor,
        type: "Person",
        preferredUsername: "tester",
        name: "Tester of libraries",
        inbox: `${actor}/inbox`,
        outbox: `${actor}/outbox`,
        followers: `${actor}/followers`,
        following: `${actor}/following`,
        publicKey: { id: `${actor}#main-key`, owner: actor, publicKeyPem: pem },
      },
    },
    "/.well-known/webfinger": {
      kind: "application/jrd+json",
      body: {
        subject: `acct:tester@${host}`,
        links: [{ rel: "self", type: "application/activity+json", href: actor }],
      },
    },
  };
}

/// Asks for a document with a signature made here, over the path and its query. Fedify 1.5.9 leaves the query out.
export async function getSigned(peer, address) {
  const url = new URL(address);
  const lines = {
    "(request-target)": `get ${url.pathname}${url.search}`,
    host: url.host,
    date: new Date().toUTCString(),
    accept: "application/activity+json",
  };
  const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}`).join("\n");
  const bytes = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", peer.privateKey, new TextEncoder().encode(text));
  const signature = `keyId="${peer.keyId.href}",algorithm="rsa-sha256",headers="${Object.keys(lines).join(" ")}",signature="${Buffer.from(bytes).toString("base64")}"`;
  return await fetch(address, { headers: { accept: lines.accept, date: lines.date, signature } });
}

/// Lets libraries that ask for `acct:` addresses by https reach nodes that speak http on loopback.
export function speakHttp() {
  const usual = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    if (!address.startsWith("https://127.0.0.1:")) {
      return usual(input, init);
    }
    const plain = address.replace("https://", "http://");
    return usual(input instanceof Request ? new Request(plain, input) : plain, init);
  };
}

/// Fails the program with words when something is not so.
export function expect(holds, words) {
  if (!holds) {
    throw new Error(words);
  }
}
