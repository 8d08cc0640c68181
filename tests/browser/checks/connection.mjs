/** The line breaks, the server dies, the customer is offline: nothing is lost and nothing is said twice. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { holdLine } from "../lib/line.mjs";
import { until } from "../lib/until.mjs";
import { serverOfItsOwn, tab, visit } from "../lib/world.mjs";

test("a connection dropped in the middle of a reply leaves one whole reply", async () => {
  let deltas = 0;
  const dropAfterFirstWords = (frame, line) => {
    if (deltas === 1) line.cut();
    else if (frame.type === "delta") deltas += 1;
    return deltas === 0 || frame.type === "delta";
  };
  const chat = await visit({ prepare: (context) => holdLine(context, dropAfterFirstWords) });
  await chat.open();
  const reply = await chat.ask("How do I return something?");
  const stored = await chat.stored();
  assert.deepEqual(stored.map(({ from }) => from), ["customer", "steward"]);
  assert.equal(withoutBreaks(reply), withoutBreaks(stored[1].text));
  assert.equal((await chat.said()).length, 1);
  assert.equal(await chat.part("interrupted").count(), 0);
});

test("a message whose acknowledgement was lost is sent again and stored once", async () => {
  const loseAcknowledgement = (frame, line) => {
    if (frame.type === "ack") line.cut();
    return frame.type !== "ack";
  };
  const chat = await visit({ prepare: (context) => holdLine(context, loseAcknowledgement) });
  await chat.open();
  await chat.ask("How much is shipping?");
  await chat.inState("delivered", 1);
  assert.deepEqual(await chat.said(), ["How much is shipping?"]);
  assert.deepEqual((await chat.stored()).map(({ from }) => from), ["customer", "steward"]);
});

test("a server that dies and comes back loses nothing", async () => {
  const server = await serverOfItsOwn();
  const chat = await visit({ server });
  await chat.open();
  await chat.ask("How much is shipping?");
  await server.kill();
  await until(() => chat.part("banner").isVisible(), "the banner says that the line is lost");
  assert.match(await chat.part("banner").textContent(), /Connection lost/);
  await chat.say("How do gift cards work?");
  await chat.inState("queued", 1);
  await server.start();
  const tryNow = chat.part("banner-action");
  await tryNow.click({ timeout: 1000 }).catch(() => {}); // unless it has come back by itself
  await chat.hasReplies(2);
  await chat.isOnline();
  assert.equal(await chat.part("banner").isVisible(), false);
  assert.deepEqual(await chat.said(), ["How much is shipping?", "How do gift cards work?"]);
  assert.deepEqual((await chat.stored()).map(({ from }) => from), ["customer", "steward", "customer", "steward"]);
});

test("a server that is stopped in the middle of a turn still answers it once", async () => {
  const server = await serverOfItsOwn();
  const chat = await visit({ server });
  await chat.open();
  await chat.isOnline();
  await chat.say("How do I return something?");
  await chat.inState("delivered", 1);
  await server.kill();
  await server.start();
  await chat.hasReplies(1);
  assert.deepEqual((await chat.stored()).map(({ from }) => from), ["customer", "steward"]);
});

test("messages written offline are kept, sent when back, and stand there after a reload", async () => {
  const chat = await visit();
  await chat.open();
  await chat.ask("How much is shipping?");
  await chat.context.setOffline(true);
  await until(() => chat.part("banner").isVisible(), "the banner says that the customer is offline");
  assert.match(await chat.part("banner").textContent(), /offline/);
  await chat.say("How do gift cards work?");
  await chat.say("Which stores do you have?");
  await chat.inState("queued", 2);
  assert.equal((await chat.remembered("outbox")).length, 2);
  await chat.context.setOffline(false);
  await chat.inState("delivered", 3);
  assert.equal(await chat.remembered("outbox"), null);
  const everything = ["How much is shipping?", "How do gift cards work?", "Which stores do you have?"];
  assert.deepEqual(await chat.said(), everything);
  await chat.reload();
  await chat.open();
  await chat.inState("delivered", 3);
  assert.deepEqual(await chat.said(), everything);
});

test("a message written offline survives closing the page", async () => {
  const chat = await visit();
  await chat.open();
  await chat.isOnline();
  await chat.context.setOffline(true);
  await chat.say("How much is shipping?");
  await chat.inState("queued", 1);
  await chat.page.close();
  await chat.context.setOffline(false);
  const again = await tab(chat.context);
  await again.open();
  await again.hasReplies(1);
  assert.deepEqual(await again.said(), ["How much is shipping?"]);
});

/** List items are blocks of their own, without the line breaks and dashes of the text. */
function withoutBreaks(text) {
  return text.replace(/^[-*] +/gm, "• ").replaceAll("\n", "");
}
