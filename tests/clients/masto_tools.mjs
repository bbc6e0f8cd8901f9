// What the scripts for masto share: waiting, refusals, lists, a picture.

import { equal, ok } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { crc32, deflateSync } from "node:zlib";

import { MastoHttpError } from "masto";

/// Asks again and again until the answer is there, for at most half a minute.
export async function eventually(what, ask) {
  const end = performance.now() + 30_000;
  for (;;) {
    const found = await ask();
    if (found) {
      return found;
    }
    ok(performance.now() < end, `${what}: nothing after 30 seconds`);
    await pause(100);
  }
}

/// The call is refused with this status, and with these words.
export async function refused(call, status, words = "") {
  try {
    const result = await call;
    ok(false, `this should have been refused: ${JSON.stringify(result)}`);
  } catch (error) {
    ok(error instanceof MastoHttpError, error);
    equal(error.statusCode, status, error.message);
    ok(error.message.includes(words), `“${words}” is not in “${error.message}”`);
  }
}

/// The post with these words, when the home feed has it.
export function arrives(person, words) {
  const ask = async () => (await person.v1.timelines.home.list({ limit: 40 })).find((post) => post.content.includes(words));
  return eventually(`“${words}” arrives`, ask);
}

export const ids = (list) => list.map((one) => one.id);
export const accts = (list) => list.map((one) => one.acct);
export const has = (list, words) => list.some((post) => post.content.includes(words));
export const says = (person, status, more = {}) => person.v1.statuses.create({ status, visibility: "public", ...more });

/// A red PNG of 30 × 20 pixels.
export function picture() {
  const chunk = (kind, body) => {
    const [length, sum, named] = [Buffer.alloc(4), Buffer.alloc(4), Buffer.concat([Buffer.from(kind), body])];
    length.writeUInt32BE(body.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const head = Buffer.from([0, 0, 0, 30, 0, 0, 0, 20, 8, 2, 0, 0, 0]);
  const row = Buffer.from([0, ...Array.from({ length: 30 }, () => [255, 0, 0]).flat()]);
  const rows = deflateSync(Buffer.concat(Array.from({ length: 20 }, () => row)));
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))]);
}
