/** Reading: unread counts, several tabs, a hand-off, a reader who scrolled up. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { until } from "../lib/until.mjs";
import { tab, visit } from "../lib/world.mjs";

test("a closed chat counts what is unread, and an opened one has read it", async () => {
  const chat = await visit();
  await chat.open();
  await chat.isOnline();
  await chat.widget.evaluate((host) => {
    host.ask("How do I return something?");
    host.open = false; // before the reply can have come
  });
  await until(async () => (await chat.part("badge").textContent()) === "1", "the badge counts the reply");
  assert.match(await chat.part("launcher").getAttribute("aria-label"), /1 unread/);
  await chat.open();
  await chat.hasReplies(1);
  await chat.close();
  await chat.reload();
  await chat.isOnline();
  assert.equal(await chat.part("badge").isVisible(), false);
});

test("two tabs show the same conversation, each message once", async () => {
  const one = await visit();
  await one.open();
  await one.ask("How much is shipping?");
  const other = await tab(one.context);
  await other.open();
  await other.hasReplies(1);
  await other.ask("How do gift cards work?");
  await one.page.bringToFront();
  await one.hasReplies(2);
  const both = ["How much is shipping?", "How do gift cards work?"];
  assert.deepEqual(await one.said(), both);
  assert.deepEqual(await other.said(), both);
  assert.deepEqual(await one.replies(), await other.replies());
});

test("a hand-off shows a banner that a reload keeps, and Steward leaves the word to the person", async () => {
  const chat = await visit();
  await chat.open();
  await chat.part("person").click();
  await chat.part("handoff").waitFor();
  await chat.hasReplies(1);
  await chat.reload();
  await chat.open();
  await chat.part("handoff").waitFor();
  await chat.hasReplies(1);
  await chat.ask("It is about a broken zipper.");
  await chat.say("Are you there?");
  await chat.inState("delivered", 3);
  assert.equal(await chat.part("dots").count(), 0, "nobody promises an answer within seconds");
  assert.equal((await chat.replies()).length, 2);
});

test("a reader who scrolled up is left in peace", async () => {
  const chat = await visit({ viewport: { width: 1280, height: 480 } });
  await chat.open();
  for (const question of ["How do I return something?", "How long is the warranty on a tent?", "How do gift cards work?"]) {
    await chat.ask(question);
  }
  const scroller = chat.part("scroller");
  await chat.say("How much is shipping?");
  // While the reply is being shown: what stands there whole must not pull the reader down either.
  await chat.widget.locator(".row.steward[aria-busy] .bubble:not(:empty)").waitFor();
  await scroller.evaluate((element) => (element.scrollTop = 0));
  await chat.part("to-end").waitFor();
  await chat.hasReplies(4);
  assert.equal(await scroller.evaluate((element) => element.scrollTop), 0);
  await chat.part("to-end").click();
  await chat.part("to-end").waitFor({ state: "hidden" });
});

test("with less motion wanted, text stands there at once", async () => {
  const chat = await visit({ reducedMotion: "reduce" });
  await chat.open();
  await chat.ask("How much is shipping?");
  const animation = await chat.part("panel").evaluate((panel) => getComputedStyle(panel).animationName);
  assert.equal(animation, "none");
});

test("the conversation can be kept as a text file", async () => {
  const chat = await visit();
  await chat.open();
  assert.equal(await chat.part("save").isVisible(), false, "there is nothing to keep yet");
  const question = "How do I return something?";
  const reply = await chat.ask(question);
  const [download] = await Promise.all([chat.page.waitForEvent("download"), chat.part("save").click()]);
  assert.match(download.suggestedFilename(), /^conversation-[0-9a-f-]{36}\.txt$/);
  const text = await readFile(await download.path(), "utf8");
  assert(text.includes(`You:\n    ${question}`), text);
  assert(text.includes(`Automated assistant:\n    ${reply.split("\n")[0]}`), text);
});
