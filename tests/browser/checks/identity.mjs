/** Who is chatting: tokens that end, people who sign in, conversations that are gone. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../lib/until.mjs";
import { serverOfItsOwn, visit } from "../lib/world.mjs";

const SHORT_LIVED = { IDENTITY_VISITOR_TOKEN_SECONDS: 2, IDENTITY_DEMO_TOKEN_SECONDS: 2, IDENTITY_CLOCK_LEEWAY_SECONDS: 0 };
const LONG_LIVED = { IDENTITY_CLOCK_LEEWAY_SECONDS: 0 };

test("a visitor whose token ended goes on as a new visitor", async () => {
  const server = await serverOfItsOwn(SHORT_LIVED);
  const chat = await visit({ server });
  await chat.open();
  await chat.isOnline();
  await server.kill();
  const old = await chat.remembered("token");
  await server.start(LONG_LIVED);
  await until(async () => ![old, null].includes(await chat.remembered("token")), "the token is replaced");
  await chat.isOnline();
  await chat.ask("How much is shipping?");
  assert.deepEqual((await chat.stored()).map(({ from }) => from), ["customer", "steward"]);
});

test("a visitor's token is renewed once half its time is over, and the conversation goes on", async () => {
  const server = await serverOfItsOwn();
  const chat = await visit({ server });
  await chat.open();
  await chat.ask("How much is shipping?");
  const old = await chat.remembered("token");
  const reload = async () => {
    await chat.reload();
    await chat.open();
    await chat.hasReplies(1);
  };
  await reload();
  assert.equal(await chat.remembered("token"), old, "a young token is kept");
  await chat.page.evaluate(() => {
    const key = Object.keys(localStorage).find((name) => name.endsWith(":visitor:renew"));
    localStorage.setItem(key, "1");
    // Tokens of one second are alike: the next one must be of another.
    return new Promise((done) => setTimeout(done, 1100));
  });
  await reload();
  assert.notEqual(await chat.remembered("token"), old);
  assert.deepEqual(await chat.said(), ["How much is shipping?"]);
});

test("a customer whose token ended is signed in again by the page, and keeps the conversation", async () => {
  const server = await serverOfItsOwn(SHORT_LIVED);
  const chat = await visit({ server });
  await chat.shopAs("Chidi Park");
  await chat.open();
  await chat.ask("How much is shipping?");
  await server.kill();
  const signsInAgain = chat.page.waitForResponse((response) => response.url().endsWith("/v1/demo/sign-in") && response.ok());
  await server.start(LONG_LIVED);
  await signsInAgain;
  await chat.isOnline();
  await chat.hasReplies(1);
  await chat.ask("How do gift cards work?");
  assert.deepEqual(await chat.said(), ["How much is shipping?", "How do gift cards work?"]);
});

test("a conversation that the server no longer has begins anew", async () => {
  const server = await serverOfItsOwn();
  const chat = await visit({ server });
  await chat.open();
  await chat.ask("How much is shipping?");
  await server.kill();
  await server.forgetConversations();
  await server.start();
  await until(async () => (await chat.said()).length === 0, "the transcript is empty");
  await chat.isOnline();
  await chat.ask("How do gift cards work?");
  assert.deepEqual(await chat.said(), ["How do gift cards work?"]);
});

test("signing in as somebody else clears the transcript, and back again brings it back", async () => {
  const chat = await visit();
  await chat.open();
  await chat.ask("How much is shipping?");
  await chat.shopAs("Carl Ibarra");
  await until(async () => (await chat.said()).length === 0, "nothing of the visitor's is shown");
  await chat.ask("What did I order last?");
  await chat.shopAs("Visitor");
  await chat.hasReplies(1);
  assert.deepEqual(await chat.said(), ["How much is shipping?"]);
  await chat.shopAs("Carl Ibarra");
  await until(async () => (await chat.said()).join() === "What did I order last?", "the customer's own words are back");
});

test("a sign-in that fails is said, and can be tried again", async () => {
  const chat = await visit();
  await chat.context.setOffline(true);
  await chat.page.locator(".who").click();
  await chat.page.locator(".people label", { hasText: "Celia Lindqvist" }).click();
  await chat.page.locator(".sign-in-problem").waitFor();
  assert.match(await chat.page.locator(".sign-in-problem").textContent(), /Celia Lindqvist did not work/);
  assert.equal(await chat.page.locator(".who-name").textContent(), "Visitor");
  await chat.context.setOffline(false);
  await chat.page.locator(".people label", { hasText: "Celia Lindqvist" }).click();
  await until(async () => (await chat.page.locator(".who-name").textContent()) === "Celia Lindqvist", "she is signed in");
});
