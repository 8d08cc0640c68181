/** Two people at one conversation: who looks, who writes, who has it; notes, mentions and whispers between them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deskOf } from "../lib/desk.mjs";
import { until } from "../lib/until.mjs";
import { serverOfItsOwn, visit } from "../lib/world.mjs";

async function both() {
  const server = await serverOfItsOwn();
  await server.member("ada", "admin");
  await server.member("ben");
  const [chat, ada, ben] = await Promise.all([visit({ server }), deskOf(server, "ada"), deskOf(server, "ben")]);
  await chat.open();
  await chat.part("person").click();
  await chat.part("handoff").waitFor();
  await Promise.all([ada.openConversation("Visitor"), ben.openConversation("Visitor")]);
  return { server, chat, ada, ben };
}

test("colleagues see each other look and write, and a takeover from another is asked about and explained", async () => {
  const { chat, ada, ben } = await both();
  await ada.page.locator("conversation-head .others").waitFor();
  await ben.button(/Take over/).click();
  await chat.part("status.joined").waitFor();
  await ada.page.locator("conversation-head").getByText("With ben").waitFor();
  await ben.field.fill("I am just writing to you");
  await ada.page.getByText(/ben is writing here too/).waitFor();

  await ada.button(/Take over/).click();
  await ada.page.getByRole("heading", { name: "ben has this conversation" }).waitFor();
  await ada.button("Take it from ben").click();
  await ben.page.locator("conversation-head").getByText("With ada").waitFor();
  await ben.field.press("Enter");
  await ben.page.getByRole("heading", { name: "ada has this conversation" }).waitFor();
  await ben.button("Cancel").click();
  assert.equal(await ben.field.inputValue(), "I am just writing to you", "what was written is still there");
  await ada.say("Hello, Ada here.");
  assert.equal(await chat.part("row.agent").count(), 1);
});

test("a row that changes under a pressed button is still opened", async () => {
  const { chat, ada, ben } = await both();
  await ben.page.getByRole("link", { name: "Inbox" }).click();
  const row = ben.rows.filter({ hasText: "Visitor" }).first();
  const box = await row.boundingBox();
  await ben.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await ben.page.mouse.down();
  await ada.button(/Take over/).click();
  await chat.part("status.joined").waitFor();
  await ben.page.waitForTimeout(500);
  await ben.page.mouse.up();
  await ben.hasOpened();
  await row.getByText("ada").first().waitFor();
});

test("a mention reaches the one who is named, a whisper nobody else", async () => {
  const { chat, ada, ben } = await both();
  await ben.page.goto(new URL("/desk/mentions", ben.page.url()).href);
  await ada.page.keyboard.press("n");
  await ada.field.pressSequentially("Please look at this, @be");
  await ada.page.locator("composer-box .popup .item", { hasText: "ben" }).waitFor();
  await ada.field.press("Enter");
  await ada.field.pressSequentially("soon");
  await ada.field.press("Enter");
  await ada.list.locator(".note .at", { hasText: "@ben" }).waitFor();
  await ben.page.locator("desk-mentions a.unread", { hasText: "Please look at this" }).waitFor();
  await ben.page.locator("desk-mentions a.unread").click();
  await ben.list.locator(".note", { hasText: "Please look at this" }).waitFor();
  await until(async () => (await ben.page.locator("desk-nav a", { hasText: "unread" }).count()) === 0, "the mention is read");
  assert.equal(await chat.widget.getByText("Please look at this").count(), 0);
});

test("whoever looks after the team sees who is busy and whispers to them", async () => {
  const { ada, ben, chat } = await both();
  await ben.button(/Take over/).click();
  await chat.part("status.joined").waitFor();
  for (const words of ["This is a disgrace! I have been waiting for weeks!", "I am furious. I will call my lawyer and tell the press."]) await chat.say(words);
  await ada.page.getByRole("link", { name: "Team", exact: true }).click();
  await ada.page.locator("desk-team tr", { hasText: "ben" }).locator("a.chip").waitFor();
  await ada.button("Whisper").first().click();
  await ada.page.getByLabel("Only ben reads this").fill("Offer to send it again, free of charge.");
  await ada.page.locator("st-dialog").getByRole("button", { name: "Whisper" }).click();
  await ben.list.locator(".note", { hasText: "Offer to send it again" }).getByText(/whispers to you/).waitFor();
});
