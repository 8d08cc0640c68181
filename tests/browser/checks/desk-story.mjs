/** The whole story with the customer and the desk side by side, on the real server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deskOf } from "../lib/desk.mjs";
import { keep } from "../lib/pictures.mjs";
import { until } from "../lib/until.mjs";
import { serverOfItsOwn, visit } from "../lib/world.mjs";

const ANGRY = ["This is the third time I ask and nobody helps me. It's a disgrace!", "You are useless. I want to talk to a real person right now or I call my lawyer."];

test("question, anger, takeover, an edited suggestion, a note, and the end", async () => {
  const server = await serverOfItsOwn();
  await server.member("ada", "admin");
  const [chat, desk] = await Promise.all([visit({ server }), deskOf(server, "ada")]);
  await desk.page.getByText("Nobody waits").waitFor();

  // The customer asks, and Steward answers from the account, with its source.
  await chat.shopAs("Clara Stroud");
  await chat.open();
  await chat.ask("What's the status of my last order?");
  await chat.part("chip").first().waitFor();

  // The desk sees it among Steward's, with how it was judged.
  await desk.button(/^More$/).click();
  await desk.page.getByRole("menuitemradio", { name: /^Steward/ }).click();
  await desk.openConversation("Clara Stroud");
  await desk.list.locator(".msg.customer", { hasText: "status of my last order" }).waitFor();
  await desk.list.locator("details.cites").first().waitFor();
  const risk = async () => Number((await desk.page.locator("mood-strip b").last().textContent())?.replace("%", ""));
  await until(async () => (await desk.page.locator("mood-strip b").count()) === 2, "the mood is drawn");
  const before = await risk();

  // Anger: the risk rises on the desk, and the conversation comes into the line.
  for (const words of ANGRY) await chat.say(words);
  await until(async () => (await risk()) > Math.max(before + 20, 50), "the risk has risen on the desk");
  await chat.part("handoff").waitFor();
  await desk.page.goto(`${server.url}/desk`);
  const row = desk.rows.filter({ hasText: "Clara Stroud" });
  await row.locator(".risk.bad").waitFor();
  await row.click();
  await desk.hasOpened();

  // A suggestion is there for whoever takes it over.
  await desk.panel.locator(".text").waitFor();
  await desk.page.keyboard.press("t");
  await chat.part("status.joined").waitFor();
  await until(async () => desk.field.evaluate((field) => field.getRootNode().activeElement === field), "the field has the focus");
  await desk.page.keyboard.press("Escape");
  await until(async () => (await desk.panel.locator(".text").getAttribute("aria-busy")) === "false", "the suggestion is whole");
  await desk.page.keyboard.press("e");
  await until(async () => (await desk.field.inputValue()) !== "", "the suggestion is in the field");
  const suggested = await desk.field.inputValue();
  const sent = `Hello Clara, this is Ada. ${suggested}`;
  await desk.field.fill(sent);
  const outcome = desk.page.waitForResponse((response) => /\/v1\/suggestions\/.+\/outcome$/.test(response.url()));
  await desk.field.press("Enter");
  await desk.page.getByText(/Sends in \d s/).waitFor();
  assert.equal(await chat.part("row.agent").count(), 0, "nothing goes out while it can be taken back");
  await chat.part("row.agent").getByText("Hello Clara, this is Ada.").waitFor();
  const told = await outcome;
  assert.equal(told.status(), 200);
  assert.equal(JSON.parse(told.request().postData()).outcome, "edited");
  assert.ok((await told.json()).edit_distance > 0);

  // A private note stays in the house.
  await desk.page.keyboard.press("Escape");
  await desk.page.keyboard.press("n");
  await desk.field.fill("The refund limit is 40; I go up to it.");
  await desk.field.press("Enter");
  await desk.list.locator(".note", { hasText: "refund limit" }).waitFor();
  assert.doesNotMatch(JSON.stringify(await transcriptOf(desk)), /refund limit/);
  assert.equal(await chat.widget.getByText("refund limit").count(), 0);

  // The end, for both.
  await desk.button("Close").first().click();
  await chat.part("status.closed").waitFor();
  const events = (await transcriptOf(desk)).filter(({ from }) => from === "event").map(({ text }) => text);
  assert.deepEqual(events, ["handed_off", "agent_joined", "closed"]);

  // The customer says how it was, and the report has changed by this conversation.
  const card = chat.part("card");
  await card.getByRole("radio", { name: "5: Very good" }).check();
  await card.getByRole("radio", { name: "Yes" }).check();
  await card.getByText("Send", { exact: true }).click();
  await card.getByText("Thank you for telling us.").waitFor();
  await desk.page.goto(`${server.url}/desk/outcomes?range=7d`);
  const figure = (label, value) => desk.page.locator("a.total", { hasText: label }).locator(".value", { hasText: value });
  await figure("Conversations", /^1$/).waitFor();
  await figure("Escalations", /^1$/).waitFor();
  await desk.page.getByText(/^Handed off/i).first().waitFor();
  await figure("Satisfaction, as customers say", /^5/).waitFor();
  await keep(desk.page, "story-outcomes");
});

test("who takes over in mid-stream is not spoken over by Steward", async () => {
  const server = await serverOfItsOwn();
  await server.member("ada");
  const [chat, desk] = await Promise.all([visit({ server }), deskOf(server, "ada", { path: "/desk?state=all&sort=newest" })]);
  await chat.open();
  await chat.ask("How do I return something?");
  await desk.openConversation("Visitor");
  await chat.say("And what about boots that I have worn outside, can those be returned as well?");
  await desk.list.locator(".msg.customer", { hasText: "boots that I have worn" }).waitFor();
  await desk.page.keyboard.press("t");
  await chat.part("status.joined").waitFor();
  await desk.say("This is Ada: worn boots are fine within 60 days.");
  await chat.part("row.agent").getByText("worn boots are fine").waitFor();
  const said = await transcriptOf(desk);
  const joined = said.findIndex(({ from, text }) => from === "event" && text === "agent_joined");
  assert.ok(joined > 0);
  assert.deepEqual(said.slice(joined + 1).filter(({ from }) => from === "steward"), []);
  assert.equal(await desk.list.locator(".msg[aria-busy=true]").count(), 0, "no half reply is left on the desk");
  assert.equal(await chat.widget.locator(".row.steward[aria-busy]").count(), 0, "nor with the customer");
});

test("what was sent can be taken back for five seconds, and goes out at once when the page is left", async () => {
  const server = await serverOfItsOwn();
  await server.member("ada");
  const [chat, desk] = await Promise.all([visit({ server }), deskOf(server, "ada")]);
  await chat.open();
  await chat.part("person").click();
  await chat.part("handoff").waitFor();
  await desk.openConversation("Visitor");
  await desk.field.fill("A word too many");
  await desk.field.press("Enter");
  await desk.page.getByRole("button", { name: "Undo" }).click();
  assert.equal(await desk.field.inputValue(), "A word too many");
  assert.equal(await desk.list.locator(".unsent").count(), 0);

  await desk.field.fill("This one is meant");
  await desk.field.press("Enter");
  await desk.page.getByText(/Sends in \d s/).waitFor();
  await desk.page.getByRole("link", { name: /^Search/ }).click();
  await chat.part("row.agent").getByText("This one is meant").waitFor({ timeout: 4_000 });
  assert.equal((await chat.replies()).filter((text) => text.includes("too many")).length, 0);
});

/** What was said, as the server keeps it. */
function transcriptOf(desk) {
  return desk.page.evaluate(async (id) => (await (await fetch(`/v1/conversations/${id}/messages?limit=500`)).json()).messages, desk.conversation);
}
