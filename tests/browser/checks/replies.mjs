/** A reply: it streams, ends whole, names its sources, and what anybody wrote stays text. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { watchGrowth } from "../lib/growth.mjs";
import { visit } from "../lib/world.mjs";

const ORDERS = new URL("../../../index/accounts/orders.jsonl", import.meta.url);

test("a reply streams and ends whole, with sources that open and close", async () => {
  const chat = await visit();
  await chat.open();
  const growth = await watchGrowth(chat);
  const reply = await chat.ask("How do I return something?");
  const { lengths, sawDots } = await growth.seen();
  assert(sawDots, "dots stand between the acknowledgement and the first word");
  assert(lengths.some((length) => length > 0 && length < reply.length), `partial text was shown: ${lengths}`);
  assert.equal(await chat.part("dots").count(), 0);
  assert.equal((await chat.said()).length, 1);

  const [stored] = (await chat.stored()).filter(({ from }) => from === "steward");
  const chip = chat.part("chip").first();
  await chip.click();
  const quote = chat.part("quote").first();
  assert.equal(await quote.locator(".quote-title").textContent(), stored.citations[0].title);
  assert.equal(await quote.locator("blockquote").first().textContent(), stored.citations[0].quote);
  await chip.click();
  assert.equal(await quote.isVisible(), false);
});

test("a suggestion and the shop's own buttons ask for the customer", async () => {
  const chat = await visit();
  await chat.page.getByRole("button", { name: /Warranty and repairs/ }).click();
  await chat.hasReplies(1);
  assert.deepEqual(await chat.said(), ["How long is the warranty on a tent?"]);

  const another = await visit();
  await another.open();
  await another.part("suggestions").getByText("How much is shipping?").click();
  await another.hasReplies(1);
  assert.deepEqual(await another.said(), ["How much is shipping?"]);
});

test("a signed-in customer gets their own order, a visitor does not", async () => {
  const chat = await visit();
  await chat.open();
  const [customer, name] = ["c1004", "Clara Stroud"];
  const theirs = (await ordersOf(customer)).at(-1);
  const question = "What's the status of my last order?";
  const toVisitor = await chat.ask(question);
  assert(!toVisitor.includes(theirs.id), toVisitor);

  await chat.shopAs(name);
  const reply = await chat.ask(question);
  assert(reply.includes(theirs.id) && reply.includes(theirs.fields.status), reply);
  await chat.part("chip").first().click();
  assert.match(await chat.part("quote").first().textContent(), new RegExp(theirs.id));
});

test("markup in messages and replies stays text", async () => {
  const chat = await visit();
  await chat.open();
  const markup = '<img src=x onerror="alert(1)"><b>Where</b> is <a href="javascript:alert(1)">this</a>?';
  await chat.ask(markup);
  assert.deepEqual(await chat.said(), [markup]);
  await chat.reload();
  await chat.open();
  await chat.hasReplies(1);
  assert.deepEqual(await chat.said(), [markup]);
  assert.equal(await chat.part("list").locator("img, b, a").count(), 0);
});

async function ordersOf(customer) {
  const lines = (await readFile(ORDERS, "utf8")).trim().split("\n").map((line) => JSON.parse(line));
  const theirs = lines.filter(({ customer_id }) => customer_id === customer);
  return theirs.sort((one, other) => one.fields.placed_on.localeCompare(other.fields.placed_on));
}
