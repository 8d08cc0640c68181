/**
 * Three tasks of a new agent, done by nothing but the words on the screen: answer an angry customer; fix a wrong article and see the answer change;
 * find why escalations rose this week. Only visible names are used - roles, labels, text - so that what cannot be found by reading fails here.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deskOf } from "../lib/desk.mjs";
import { aged, held } from "../lib/past.mjs";
import { keep } from "../lib/pictures.mjs";
import { until } from "../lib/until.mjs";
import { browserOfItsOwn, serverOfItsOwn, visit } from "../lib/world.mjs";

test("a new agent answers an angry customer", async () => {
  const server = await serverOfItsOwn();
  await server.member("ben", "agent");
  const chat = await visit({ server });
  await chat.shopAs("Clara Stroud");
  await chat.open();
  await chat.ask("Where is my order?");
  await chat.say("This is a disgrace, you are useless! I want to talk to a real person right now!");
  await chat.part("handoff").waitFor();

  const { page } = await deskOf(server, "ben");
  await page.getByText("Clara Stroud").first().click();
  await page.getByRole("button", { name: /^Take over/ }).first().click();
  const reply = page.getByRole("textbox", { name: /reply/i }).first();
  await reply.fill("Hello Clara, I am Ben. I am sorry that this took so long; I am looking at your order now.");
  // The one at the box: by now a suggestion may stand above it, with a button that sends that instead.
  await page.getByRole("button", { name: /^Send/ }).last().click();
  await chat.part("row.agent").getByText("Hello Clara, I am Ben.").waitFor();
  await keep(page, "task-angry-customer");
});

test("an admin fixes a wrong article, and sees the answer change", async () => {
  const server = await serverOfItsOwn();
  await server.member("ada", "admin");
  const { page } = await deskOf(server, "ada");
  await page.getByRole("link", { name: "Knowledge" }).click();
  await page.getByRole("searchbox", { name: "Find an article" }).fill("return policy");
  await page.getByRole("link", { name: "Return policy" }).first().click();
  const text = page.getByLabel("Text, in Markdown");
  await until(async () => (await text.inputValue()).length > 100, "the article is there");
  const before = await text.inputValue();
  const wrong = /\b\d+ days/.exec(before)?.[0];
  assert.ok(wrong, "the article names a number of days");
  await text.fill(before.replaceAll(wrong, "77 days"));
  await page.getByLabel("A customer's question").fill("How many days do I have to return something?");
  await page.getByRole("button", { name: "Try" }).click();
  await page.getByText("The answer changes.").waitFor();
  await page.getByRole("article", { name: "With your changes" }).getByText("77 days").waitFor();
  await keep(page, "task-wrong-article");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/^Saved: /).first().waitFor();
});

test("a new agent finds why escalations rose this week", async () => {
  const server = await serverOfItsOwn({ LIMITS_MESSAGES_PER_MINUTE: 1000 });
  await server.member("ben", "agent");
  const customer = await browserOfItsOwn();
  const angry = ["Where is my parcel? You are useless!", "This is a disgrace. I want to talk to a real person right now!"];
  await aged(server, 10, await held(customer, server.url, [["How do I return something?"], ["How much is shipping?"]]));
  await aged(server, 1, await held(customer, server.url, [angry, angry, angry, ["How much is shipping?"]]));
  const { page } = await deskOf(server, "ben");
  await page.getByRole("link", { name: "Outcomes" }).click();
  await page.getByRole("link", { name: "Last 7 days" }).click();
  const why = page.getByRole("region", { name: /^Escalations rose/ });
  await why.getByText(/What rose most: /).waitFor();
  await keep(page, "task-why-escalations");
  await why.getByRole("link").first().click();
  await page.getByRole("heading", { name: /^Escalated: / }).waitFor();
  await page.getByRole("row").getByRole("link").first().click();
  await page.getByText("This is a disgrace.").first().waitFor();
});
