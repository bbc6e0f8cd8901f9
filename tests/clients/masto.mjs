// A conversation of three people at two departments, with masto as web clients call it.
//
//     masto.mjs HERE AUTHOR_HANDLE COLLEAGUE_HANDLE THERE READER_HANDLE PASSWORD
//
// HERE and THERE are base URLs; a handle is NAME@HOST. Ends with 0 when everything was as it should be.

import { deepEqual, equal } from "node:assert/strict";

import { createOAuthAPIClient, createRestAPIClient } from "masto";

import * as acts from "./masto_acts.mjs";
import * as streams from "./masto_streams.mjs";
import { refused } from "./masto_tools.mjs";
import { authorise } from "./pages.mjs";

const [here, authorHandle, colleagueHandle, there, readerHandle, password] = process.argv.slice(2);
const SCOPES = "read write follow push";
const OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob";

async function step(name, act) {
  const start = performance.now();
  const result = await act();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(2)} s`);
  return result;
}

/// Registers an app, lets its person agree on the pages, and takes the token for the code.
async function signIn(url, handle) {
  const app = await createRestAPIClient({ url }).v1.apps.create({
    clientName: "Corridor tests", redirectUris: OUT_OF_BAND, scopes: SCOPES, website: "https://corridor.example",
  });
  equal(app.name, "Corridor tests");
  deepEqual(app.redirectUris, [OUT_OF_BAND]);
  const query = new URLSearchParams({ client_id: app.clientId, redirect_uri: OUT_OF_BAND, response_type: "code", scope: SCOPES });
  const [username] = handle.split("@");
  const code = await authorise(`${url}/oauth/authorize?${query}`, username, password);
  const oauth = createOAuthAPIClient({ url });
  const { clientId, clientSecret } = app;
  const asked = { grantType: "authorization_code", clientId, clientSecret, redirectUri: OUT_OF_BAND, code, scope: SCOPES };
  const token = await oauth.token.create(asked);
  equal(token.tokenType, "Bearer");
  deepEqual(token.scope.split(" ").sort(), SCOPES.split(" ").sort());
  const api = createRestAPIClient({ url, accessToken: token.accessToken, timeout: 30_000 });
  equal((await api.v1.apps.verifyCredentials()).name, "Corridor tests");
  const me = await api.v1.accounts.verifyCredentials();
  equal(me.acct, username);
  equal(me.displayName, `${username} of the tests`);
  equal(me.source.privacy, "public");
  const end = () => oauth.revoke({ clientId, clientSecret, token: token.accessToken });
  return { v1: api.v1, v2: api.v2, handle, me, token: token.accessToken, end };
}

async function tokenEnds(person) {
  await person.end();
  await refused(person.v1.accounts.verifyCredentials(), 401);
}

const author = await step("sign in the author", () => signIn(here, authorHandle));
const colleague = await step("sign in the colleague", () => signIn(here, colleagueHandle));
const reader = await step("sign in the reader", () => signIn(there, readerHandle));
const talk = { author, colleague, reader };
for (const [name, act] of [...Object.entries(acts.steps), ...Object.entries(streams.steps)]) {
  await step(name, () => act(talk));
}
await step("the token ends", () => tokenEnds(reader));
