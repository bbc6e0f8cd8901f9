// A WebSocket as undici has it, which is that of Node and follows browsers' rules: it subscribes as web clients do.
//
//     websocket.mjs BASE TOKEN
//
// Prints {"open": true} when it is told of the user's stream, then each event as a line of JSON, its payload read; ends when
// it has heard an update and a notification.

import { WebSocket } from "undici";

const [base, token] = process.argv.slice(2);

const instance = await (await fetch(`${base}/api/v2/instance`, { headers: { "user-agent": "tests" } })).json();
const address = `${instance.configuration.urls.streaming}/api/v1/streaming`;
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

// The token as the protocol: a browser closes the connection at once unless the answer names it.
const socket = new WebSocket(address, token);
const heard = new Set();

socket.addEventListener("open", () => {
  if (socket.protocol !== token) {
    throw new Error(`the protocol is ${socket.protocol}`);
  }
  socket.send(JSON.stringify({ type: "subscribe", stream: "user" }));
  // What follows a subscription is answered after it, so that nothing is missed.
  socket.send(JSON.stringify({ type: "subscribe", stream: "nonsense" }));
});

socket.addEventListener("message", ({ data }) => {
  const message = JSON.parse(data);
  if (message.error) {
    say({ open: message.status === 400 });
    return;
  }
  say({ ...message, payload: JSON.parse(message.payload) });
  heard.add(message.event);
  if (heard.has("update") && heard.has("notification")) {
    socket.close(1000);
  }
});

socket.addEventListener("close", ({ code }) => process.exit(code === 1000 && heard.size >= 2 ? 0 : 1));
socket.addEventListener("error", ({ message }) => {
  console.error(message);
  process.exit(1);
});
