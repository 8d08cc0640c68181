// What a customer sees of a conversation: replies, sources, waiting, reconnecting, several tabs.

import assert from "node:assert/strict";
import { Visit, until } from "./visit.js";
import { inVisit as inPage, steward } from "./world.js";

/** A test with the chat open. */
const inVisit = (name, body) =>
  inPage(name, async (visit) => {
    await visit.open();
    await body(visit);
  });

inVisit("a question is answered with sources that open", async (visit) => {
  await visit.say("How do I return something?");
  await visit.answered(1);
  const [reply] = await visit.said("steward");
  assert.match(reply, /return/i);
  assert.deepEqual(await visit.said("customer"), ["How do I return something?"]);
  const chip = visit.chat.locator(".chip").first();
  await chip.click();
  await until(async () => (await chip.getAttribute("aria-expanded")) === "true");
  await visit.screenshot("answer-with-source");
});

inVisit("a signed-in customer hears of their own order, a visitor is asked to sign in", async (visit) => {
  await visit.say("Where is my order?");
  await visit.answered(1);
  assert.match((await visit.said("steward"))[0], /sign in/i);
  await visit.signIn(1);
  await until(async () => (await visit.said("customer")).length === 0);
  await visit.say("Where is my last order?");
  await visit.answered(1);
  assert.match((await visit.said("steward"))[0], /order/i);
  assert.doesNotMatch((await visit.said("steward"))[0], /sign in/i);
  await visit.screenshot("signed-in-1280");
  await visit.signIn(0);
  await until(async () => (await visit.said("customer")).join() === "Where is my order?");
});

inVisit("a line cut in the middle leaves one whole reply", async (visit) => {
  const { page } = visit;
  let cut = false;
  await page.routeWebSocket(/\/v1\/chat/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((frame) => {
      // Between the acknowledgement and the end of the reply.
      if (!cut && String(frame).includes('"delta"')) {
        cut = true;
        socket.close({ code: 1001 });
        server.close();
        return;
      }
      socket.send(frame);
    });
  });
  await page.reload();
  await visit.open();
  await visit.say("How much is shipping?");
  await visit.answered(1);
  assert.ok(cut, "the line was cut");
  assert.deepEqual(await visit.said("customer"), ["How much is shipping?"]);
});

inVisit("a message whose acknowledgement was lost is stored once", async (visit) => {
  const { page } = visit;
  let lost = false;
  await page.routeWebSocket(/\/v1\/chat/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((frame) => {
      if (!lost && String(frame).includes('"ack"')) {
        lost = true;
        socket.close({ code: 1001 });
        server.close();
        return;
      }
      socket.send(frame);
    });
  });
  await page.reload();
  await visit.open();
  await visit.say("Do you ship to Alaska?");
  await until(async () => (await visit.chat.locator('[data-state="delivered"]').count()) === 1);
  await visit.answered(1);
  assert.ok(lost, "the acknowledgement was lost");
  await page.reload();
  await visit.open();
  await visit.answered(1);
  assert.deepEqual(await visit.said("customer"), ["Do you ship to Alaska?"]);
});

inVisit("what is written offline is kept over a closed page and sent once", async (visit) => {
  await visit.say("How much is shipping?");
  await visit.answered(1);
  await visit.context.setOffline(true);
  await visit.chat.locator(".banner").waitFor();
  await visit.say("second, written offline");
  await visit.say("third, written offline");
  assert.equal(await visit.chat.locator('[data-state="queued"]').count(), 2);
  await visit.screenshot("offline");
  await visit.page.close();
  await visit.context.setOffline(false);
  const back = await Visit.inContext(visit.context, steward.url);
  await back.open();
  await until(async () => (await back.chat.locator('[data-state="delivered"]').count()) === 3);
  assert.deepEqual(await back.said("customer"), [
    "How much is shipping?",
    "second, written offline",
    "third, written offline",
  ]);
});

inVisit("two tabs show the same conversation, once each", async (visit) => {
  await visit.say("How much is shipping?");
  await visit.answered(1);
  const other = await Visit.inContext(visit.context, steward.url);
  await other.open();
  await other.answered(1);
  await other.say("Do you have a store?");
  await other.answered(2);
  await visit.page.bringToFront();
  await visit.answered(2);
  const both = ["How much is shipping?", "Do you have a store?"];
  assert.deepEqual(await visit.said("customer"), both);
  assert.deepEqual(await other.said("customer"), both);
  assert.deepEqual(await visit.said("steward"), await other.said("steward"));
});

inVisit("asking for a person hands over, and a reload keeps the story", async (visit) => {
  await visit.chat.locator(".person").click();
  await visit.chat.locator(".handoff").waitFor();
  await visit.screenshot("hand-off");
  await visit.page.reload();
  await visit.open();
  await visit.chat.locator(".handoff").waitFor();
});

inVisit("a new conversation is begun only after asking", async (visit) => {
  await visit.say("How much is shipping?");
  await visit.answered(1);
  await visit.chat.locator(".again").click();
  await visit.chat.locator(".confirm-no").click();
  assert.equal((await visit.said("customer")).length, 1);
  await visit.chat.locator(".again").click();
  await visit.chat.locator(".confirm-yes").click();
  await until(async () => (await visit.said("customer")).length === 0);
  await visit.say("Do you have a store?");
  await visit.answered(1);
});

inVisit("a closed chat counts what was not read", async (visit) => {
  await visit.say("How much is shipping?");
  await visit.close();
  const badge = visit.chat.locator(".badge");
  await until(async () => (await badge.textContent()) === "1");
  await visit.open();
  await visit.answered(1);
  await visit.close();
  assert.equal(await badge.isVisible(), false);
});

inVisit("a server killed in the middle of a conversation loses nothing", async (visit) => {
  await visit.say("How much is shipping?");
  await visit.answered(1);
  await steward.kill();
  await visit.chat.locator(".banner").waitFor();
  await visit.say("Do you ship to Alaska?");
  await steward.run();
  await visit.answered(2);
  assert.deepEqual(await visit.said("customer"), ["How much is shipping?", "Do you ship to Alaska?"]);
  assert.equal(await visit.chat.locator(".banner").isVisible(), false);
});
