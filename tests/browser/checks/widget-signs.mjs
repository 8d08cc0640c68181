/** Signs of life: typing and reading both ways, what came unseen, two tabs, choices to tap, waking after sleep. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { WITH_TEAM, agentDoes, agentStays } from "../lib/agent.mjs";
import { until } from "../lib/until.mjs";
import { serverOfItsOwn, tab, visit } from "../lib/world.mjs";

test("typing and reading are seen on both sides, and none of it is kept", async () => {
  const server = await serverOfItsOwn(WITH_TEAM);
  const chat = await visit({ server });
  await chat.open();
  await chat.part("person").click();
  await chat.part("handoff").waitFor();
  await chat.hasReplies(1);
  const ada = await agentStays(chat, "Ada");
  await ada.send({ type: "take_over" });
  await chat.part("status.joined").waitFor();
  const before = (await chat.stored()).length;

  await ada.send({ type: "typing" });
  await chat.part("dots").waitFor();
  await chat.field.pressSequentially("Are you");
  await until(async () => (await ada.frames()).some(({ type, who }) => type === "typing" && who === "customer"), "Ada sees that the customer types");
  await chat.say("Are you there?");
  await chat.inState("delivered", 1 + 1);
  const note = chat.part("row.customer").last().locator(".note");
  assert.equal(await note.textContent(), "Delivered");
  await ada.send({ type: "read", seq: (await chat.stored()).at(-1).seq });
  await until(async () => (await note.textContent()) === "Read", "the customer sees that it was read");

  await ada.send({ type: "message", id: "a1", text: "Yes, I am." });
  await chat.part("row.agent").getByText("Yes, I am.").waitFor();
  assert.equal(await chat.part("dots").count(), 0);
  assert.equal(await chat.part("row.agent").locator(".sender").textContent(), "Ada");
  const { seq } = (await chat.stored()).at(-1);
  await until(async () => (await ada.frames()).some((frame) => frame.type === "read" && frame.seq === seq), "Ada sees that the customer has read");
  assert.equal((await chat.stored()).length, before + 2, "two messages were added and nothing else");

  await chat.reload();
  await chat.open();
  await chat.part("row.agent").getByText("Yes, I am.").waitFor();
});

test("what comes while nobody looks is counted in the title, and the title comes back", async () => {
  const server = await serverOfItsOwn(WITH_TEAM);
  const chat = await visit({ server });
  await chat.open();
  await chat.part("person").click();
  await chat.hasReplies(1);
  const title = await chat.page.title();
  const look = (hidden) =>
    chat.page.evaluate((hidden) => {
      // A background tab, as the page itself sees it; headless browsers keep every tab in sight.
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await look(true);
  await agentDoes(chat, "Ada", [{ type: "take_over" }, { type: "message", id: "a1", text: "Hello." }]);
  await until(async () => (await chat.page.title()) === "(2) New message", "the title counts who joined and what they wrote");
  await look(false);
  assert.equal(await chat.page.title(), title);

  await chat.close();
  await agentDoes(chat, "Ada", [{ type: "message", id: "a2", text: "Still there?" }]);
  await until(async () => (await chat.part("badge").textContent()) === "1", "the badge counts");
});

test("the sound is off until it is wanted, and stays as it was chosen", async () => {
  const chat = await visit();
  await chat.open();
  const sound = chat.part("sound");
  assert.equal(await sound.getAttribute("aria-pressed"), "false");
  await sound.click();
  assert.equal(await sound.getAttribute("aria-pressed"), "true");
  await chat.reload();
  await chat.open();
  assert.equal(await sound.getAttribute("aria-pressed"), "true");
});

test("one tab's reading and new conversation are the other's too", async () => {
  const one = await visit();
  await one.open();
  await one.ask("How much is shipping?");
  const other = await tab(one.context);
  await other.isOnline();
  assert.equal(await other.part("badge").isVisible(), false, "what was read in one tab is read");
  await other.open();
  await other.hasReplies(1);
  await one.part("again").click();
  await one.part("confirm-yes").click();
  await one.isOnline();
  await until(async () => (await other.said()).length === 0, "the other tab has left the old conversation");
  await one.ask("How do gift cards work?");
  await other.hasReplies(1);
  assert.deepEqual(await other.said(), ["How do gift cards work?"]);
});

test("what is asked back can be answered with a tap", async () => {
  const chat = await visit();
  await chat.shopAs("Clara Stroud");
  await chat.open();
  await chat.ask("Where is my order?");
  const choices = chat.part("choices").getByRole("button");
  const offered = await choices.allTextContents();
  if (offered.length === 0) {
    // One order is no question; whoever has several is asked which.
    await chat.ask("What is the status of my orders?");
  }
  assert((await choices.count()) >= 2, "there are choices");
  const first = await choices.first().textContent();
  await choices.first().click();
  await until(async () => (await chat.said()).at(-1) === first, "the choice is said");
  assert.equal(await choices.count(), 0, "it can be said once");
});

test("after a sleep that the browser did not notice, the line is made anew and nothing is missing or doubled", async () => {
  const server = await serverOfItsOwn(WITH_TEAM);
  const chat = await visit({ server, prepare: (context) => context.clock?.install() });
  await chat.open();
  await chat.isOnline();
  await chat.part("person").click();
  await chat.hasReplies(1);
  let sockets = 0;
  chat.page.on("websocket", () => (sockets += 1));
  await chat.page.clock.fastForward("02:00:00");
  await until(async () => {
    await chat.page.clock.runFor(1000);
    return sockets > 0;
  }, "another socket is opened");
  await until(async () => {
    await chat.page.clock.runFor(1000);
    return (await chat.part("presence").textContent()) === "Online";
  }, "it is online again");
  await chat.say("Is anybody there?");
  await chat.inState("delivered", 2);
  assert.equal((await chat.said()).length, 2);
  assert.equal((await chat.stored()).filter(({ from }) => from === "customer").length, 2);
});
