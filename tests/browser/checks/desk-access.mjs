/** The desk for everybody: axe-core on each view, without a pointer, on a phone, from right to left, in the dark. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deskOf } from "../lib/desk.mjs";
import { textOfTooLittleContrast } from "../lib/contrast.mjs";
import { until } from "../lib/until.mjs";
import { PHONE, serverOfItsOwn, visit } from "../lib/world.mjs";

const VIEWS = ["/desk?state=all", "/desk/search?q=return", "/desk/mentions?show=all", "/desk/team"];

/** A server where somebody was answered, somebody is angry and waits, and a note was written. */
async function busyServer() {
  const server = await serverOfItsOwn();
  await server.member("ada", "admin");
  await server.member("ben");
  const chat = await visit({ server });
  await chat.shopAs("Clara Stroud");
  await chat.open();
  await chat.ask("What's the status of my last order?");
  await chat.say("This is a disgrace! I want to talk to a real person right now.");
  await chat.part("handoff").waitFor();
  return { server, chat };
}

/** The conversation of Clara, with a note that mentions ada. */
async function openWithNote(desk, server) {
  await desk.page.goto(`${server.url}/desk?state=all`);
  await desk.openConversation("Clara Stroud");
  await desk.page.locator("customer-pane details").first().waitFor({ state: "attached" });
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe-core finds nothing on any view, ${colorScheme}`, async () => {
    const { server } = await busyServer();
    const desk = await deskOf(server, "ada", { colorScheme, reducedMotion: "reduce", viewport: { width: 1440, height: 900 } });
    for (const path of VIEWS) {
      await desk.page.goto(`${server.url}${path}`);
      await desk.page.locator("main h1").first().waitFor();
      await desk.isLoaded();
      await desk.isAccessible(`${path}, ${colorScheme}`);
      assert.deepEqual(await textOfTooLittleContrast(desk.page), [], path);
    }
    await openWithNote(desk, server);
    await desk.list.locator(".mood").first().click();
    await desk.list.locator(".why").waitFor();
    await desk.isAccessible(`the conversation, ${colorScheme}`);
    await desk.page.keyboard.press("Escape");
    await desk.page.keyboard.press("?");
    await desk.page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
    await desk.isAccessible(`the sheet of keys, ${colorScheme}`);
    await desk.page.keyboard.press("Escape");
    await desk.page.keyboard.press("Control+k");
    await desk.page.getByRole("combobox").waitFor();
    await desk.isAccessible(`the palette, ${colorScheme}`);
  });
}

test("axe-core finds nothing on the sign-in", async () => {
  const server = await serverOfItsOwn();
  await server.member("ada");
  const desk = await deskOf(server, "ada");
  await desk.page.locator("desk-nav .me button[slot=trigger]").click();
  await desk.page.getByRole("menuitem", { name: "Sign out" }).click();
  await desk.page.getByRole("heading", { name: "Sign in" }).waitFor();
  await desk.button("Sign in").click();
  await desk.isAccessible("sign-in");
});

test("everything is done without a pointer", async () => {
  const { server, chat } = await busyServer();
  const desk = await deskOf(server, "ada");
  const { keyboard } = desk.page;
  await desk.rows.first().waitFor();
  await keyboard.press("ArrowDown");
  await until(() => desk.page.evaluate(() => document.querySelector("desk-app")?.shadowRoot?.activeElement?.localName === "desk-inbox"), "a row has the focus");
  await keyboard.press("Enter");
  await desk.hasOpened();
  await keyboard.press("t");
  await chat.part("status.joined").waitFor();
  await until(() => desk.field.evaluate((field) => field.getRootNode().activeElement === field), "the field has the focus");
  await keyboard.type("Hello from the keyboard");
  await keyboard.press("Enter");
  await chat.part("row.agent").getByText("Hello from the keyboard").waitFor();
  await keyboard.press("Escape");
  await keyboard.press("Control+k");
  await keyboard.type("tags");
  await keyboard.press("Enter");
  await desk.page.getByRole("heading", { name: "Tags" }).waitFor();
  await keyboard.type("delayed");
  await keyboard.press("Enter");
  await keyboard.press("Enter");
  await desk.page.locator("conversation-head st-badge", { hasText: "delayed" }).waitFor();
  await keyboard.press("Shift+C");
  await chat.part("status.closed").waitFor();
});

test("one-letter keys can be switched off", async () => {
  const { server } = await busyServer();
  const desk = await deskOf(server, "ada");
  await desk.openConversation("Clara Stroud");
  await desk.page.keyboard.press("?");
  await desk.page.getByRole("switch", { name: "One-letter keys" }).click();
  await desk.page.keyboard.press("Escape");
  await desk.page.keyboard.press("n");
  assert.equal(await desk.page.locator("composer-box .box.note").count(), 0);
});

test("a phone shows the list or the conversation, and nothing is wider than it", async () => {
  const { server } = await busyServer();
  const desk = await deskOf(server, "ada", PHONE);
  await desk.openConversation("Clara Stroud");
  assert.equal(await desk.page.locator("inbox-list").isVisible(), false);
  await desk.isAccessible("the conversation on a phone");
  for (const path of [...VIEWS, new URL(desk.page.url()).pathname]) {
    await desk.page.goto(`${server.url}${path}`);
    await desk.page.locator("main h1:visible, main h2:visible").first().waitFor();
    assert.ok(await desk.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits`);
  }
  await desk.button("Back to the list").click();
  await desk.rows.first().waitFor();
});

test("from right to left the desk is mirrored, and nothing is cut off", async () => {
  const { server } = await busyServer();
  const desk = await deskOf(server, "ada", { viewport: { width: 1440, height: 900 } });
  await desk.page.addInitScript(() => document.addEventListener("DOMContentLoaded", () => (document.documentElement.dir = "rtl")));
  await openWithNote(desk, server);
  const left = async (selector) => (await desk.page.locator(selector).first().boundingBox()).x;
  assert.ok((await left("desk-nav")) > (await left("inbox-list")));
  assert.ok((await left("inbox-list")) > (await left("conversation-view .course")));
  assert.ok((await left("conversation-view .course")) > (await left("customer-pane")));
  assert.ok(await desk.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await desk.isAccessible("right to left");
});

