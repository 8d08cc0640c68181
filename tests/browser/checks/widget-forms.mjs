/** The form before the chat, the hours, and the survey at the end. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { WITH_TEAM, agentDoes, token } from "../lib/agent.mjs";
import { breaches } from "../lib/axe.mjs";
import { until } from "../lib/until.mjs";
import { serverOfItsOwn, visit } from "../lib/world.mjs";

const DAYS = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"];

test("a form that is required comes first, keeps what was asked, and is asked once", async () => {
  const server = await serverOfItsOwn({ WIDGET_PRE_CHAT: "required", ...WITH_TEAM });
  const chat = await visit({ server });
  await chat.open();
  const card = chat.part("card");
  await card.locator("input").first().waitFor();
  assert.equal(await chat.field.isVisible(), false);
  assert.deepEqual(await breaches(chat.page), []);
  await chat.part("suggestions").getByText("How much is shipping?").click();
  assert.deepEqual(await chat.said(), [], "nothing is sent before");

  await chat.page.keyboard.press("Enter");
  assert.deepEqual(await card.locator(".problem").allTextContents(), ["Please fill this in.", "Please fill this in."]);
  await chat.page.keyboard.type("Jo Bloggs");
  await card.locator("input").nth(1).fill("jo@example");
  await chat.page.keyboard.press("Enter");
  assert.deepEqual(await card.locator(".problem").allTextContents(), ["", "Please write a full email address."]);
  assert.equal(await card.locator("input").nth(1).getAttribute("aria-invalid"), "true");
  assert.deepEqual(await breaches(chat.page), []);
  await card.locator("input").nth(1).fill("jo@example.com");
  await chat.page.keyboard.press("Enter");
  await chat.hasReplies(1);
  assert.deepEqual(await chat.said(), ["How much is shipping?"], "what was asked goes out");
  const { conversation } = await chat.remembered("session");
  const entry = await fetch(`${server.url}/v1/conversations/${conversation}`, { headers: { authorization: `Bearer ${token("Ada")}` } });
  if (entry.ok) {
    const { attributes } = await entry.json();
    assert.deepEqual([attributes.name, attributes.email], ["Jo Bloggs", "jo@example.com"]);
  }
  await chat.reload();
  await chat.open();
  await chat.hasReplies(1);
  assert.equal(await card.isVisible(), false);
});

test("a form that is asked for can be skipped, and whoever is signed in is not asked", async () => {
  const server = await serverOfItsOwn({ WIDGET_PRE_CHAT: "optional" });
  const chat = await visit({ server });
  await chat.open();
  await chat.part("card").getByText("Skip").click();
  await chat.ask("How much is shipping?");

  const another = await visit({ server });
  await another.shopAs("Carl Ibarra");
  await another.open();
  await another.isOnline();
  assert.equal(await another.part("card").isVisible(), false);
});

test("outside the hours the chat says when people are back, and the assistant still answers", async () => {
  const today = new Date().getUTCDay();
  const hours = Object.fromEntries(DAYS.map((day, at) => [`WIDGET_HOURS_${day}`, at === today ? "" : "09:00-17:00"]));
  const server = await serverOfItsOwn({ WIDGET_HOURS_TIMEZONE: "UTC", ...hours });
  const chat = await visit({ server, timezoneId: "UTC" });
  await chat.open();
  const tomorrow = new Date(Date.now() + 86_400_000).toLocaleDateString("en", { weekday: "long", timeZone: "UTC" });
  const back = new RegExp(`Our team is back: ${tomorrow}.* 9:00`);
  assert.match(await chat.part("away").textContent(), back);
  assert.deepEqual(await breaches(chat.page), []);
  await chat.ask("How much is shipping?");
  await chat.part("person").click();
  await chat.part("handoff").waitFor();
  assert.match(await chat.part("handoff-text").textContent(), back);
});

test("the survey comes when the conversation has ended, by keyboard alone, and is kept once", async () => {
  const server = await serverOfItsOwn(WITH_TEAM);
  const chat = await visit({ server });
  await chat.open();
  await chat.ask("How much is shipping?");
  await agentDoes(chat, "Ada", [{ type: "take_over" }, { type: "close" }]);
  const card = chat.part("card");
  await card.locator("form").waitFor();
  assert.deepEqual(await breaches(chat.page), []);
  const { keyboard } = chat.page;
  await card.getByText("Send", { exact: true }).focus();
  await keyboard.press("Enter");
  assert.equal(await card.locator(".problem").textContent(), "Please choose from 1 to 5.");
  await keyboard.press("Space");
  for (let presses = 0; presses < 3; presses += 1) await keyboard.press("ArrowRight");
  assert.equal(await card.locator("input:checked").getAttribute("aria-label"), "4: Good");
  await keyboard.press("Tab");
  await keyboard.press("Space");
  await keyboard.press("Tab");
  await keyboard.type("Quick and kind.");
  const answered = chat.page.waitForRequest((request) => request.url().endsWith("/survey"));
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  const request = await answered;
  assert.equal((await request.response()).status(), 204);
  assert.deepEqual(request.postDataJSON(), { rating: 4, comment: "Quick and kind.", solved: true });
  await card.getByText("Thank you for telling us.").waitFor();
  const { conversation } = await chat.remembered("session");
  const headers = { authorization: `Bearer ${token("Ada")}` };
  const { labels } = await (await fetch(`${server.url}/v1/conversations/${conversation}/judgements`, { headers })).json();
  const kept = Object.fromEntries(labels.map(({ kind, value }) => [kind, value]));
  assert.equal(kept.satisfaction, "4");
  assert.equal(kept.solved, "true");

  await chat.reload();
  await chat.open();
  await chat.part("status.closed").waitFor();
  assert.equal(await card.isVisible(), false, "nobody is asked twice");
  await chat.part("confirm-yes").click();
  await until(async () => (await chat.said()).length === 0, "a new conversation has begun");
});

test("who leaves a conversation is asked how it was, and may skip it or write on", async () => {
  const chat = await visit();
  await chat.open();
  await chat.ask("How much is shipping?");
  await chat.part("again").click();
  await chat.part("confirm-yes").click();
  await chat.part("card").locator("form").waitFor();
  await chat.ask("How do gift cards work?");
  assert.deepEqual(await chat.said(), ["How do gift cards work?"]);
  await chat.part("card").getByText("Skip").click();
  assert.equal(await chat.part("card").isVisible(), false);
});
