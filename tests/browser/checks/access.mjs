/** For everybody: by keyboard alone, on phones, at any width, in both color schemes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { textOfTooLittleContrast } from "../lib/contrast.mjs";
import { until } from "../lib/until.mjs";
import { PHONE, visit } from "../lib/world.mjs";

const WIDTHS = [320, 360, 480, 481, 600, 720, 768, 1000, 1024, 1440];

test("keyboard alone: open, write, break a line, send, read a source, close", async () => {
  const chat = await visit();
  const { keyboard } = chat.page;
  await tabTo(chat, "launcher");
  await keyboard.press("Enter");
  await until(async () => (await focused(chat)) === "TEXTAREA", "the field has the focus");
  await keyboard.type("How do I return something?");
  await keyboard.press("Shift+Enter");
  await keyboard.type("It is a tent.");
  await keyboard.press("Enter");
  await chat.hasReplies(1);
  assert.deepEqual(await chat.said(), ["How do I return something?\nIt is a tent."]);
  await tabTo(chat, "chip", "Shift+Tab");
  await keyboard.press("Enter");
  await chat.part("quote").first().waitFor();
  await keyboard.press("Escape");
  assert.equal(await focused(chat), "launcher");
});

test("on a phone the chat fills the screen, and Tab stays inside it", async () => {
  const chat = await visit(PHONE);
  await chat.open();
  await until(async () => (await chat.part("panel").boundingBox()).y === 0, "the panel has risen");
  assert.deepEqual(await chat.part("panel").boundingBox(), { x: 0, y: 0, ...PHONE.viewport });
  assert.equal(await chat.part("panel").getAttribute("aria-modal"), "true");
  await chat.ask("How do I return something?");
  for (let presses = 0; presses < 16; presses += 1) {
    await chat.page.keyboard.press("Tab");
    assert.notEqual(await focused(chat), null, `after ${presses + 1} presses the focus has left the chat`);
  }
});

test("nothing scrolls sideways from 320 px up, open or closed", async () => {
  const chat = await visit({ reducedMotion: "reduce" });
  await chat.open();
  await chat.ask(`How do I return ${"something-".repeat(30)}?`);
  await chat.part("chip").last().click();
  for (const width of WIDTHS) {
    await chat.page.setViewportSize({ width, height: 640 });
    assert(await fits(chat.page.locator("html")), `the page with the chat open, at ${width} px`);
    assert(await fits(chat.part("scroller")), `the conversation at ${width} px`);
    const panel = await chat.part("panel").boundingBox();
    const isInside = panel.x >= 0 && panel.y >= 0 && panel.x + panel.width <= width && panel.y + panel.height <= 640;
    assert(isInside, `the panel at ${width} px: ${JSON.stringify(panel)}`);
    await chat.close();
    assert(await fits(chat.page.locator("html")), `the page at ${width} px`);
    await chat.open();
  }
});

for (const colorScheme of ["light", "dark"]) {
  test(`contrast is AA in the ${colorScheme} scheme, page and chat`, async () => {
    const chat = await visit({ colorScheme, reducedMotion: "reduce" });
    assert.deepEqual(await textOfTooLittleContrast(chat.page), [], "the page");
    await chat.open();
    await chat.isOnline();
    assert.deepEqual(await textOfTooLittleContrast(chat.page), [], "the chat before the first message");
    await chat.ask("How do I return something?");
    await chat.part("chip").first().click();
    assert.deepEqual(await textOfTooLittleContrast(chat.page), [], "a reply with its source");
    await chat.part("person").click();
    await chat.part("handoff").waitFor();
    await chat.hasReplies(2);
    await chat.part("again").click();
    await chat.field.fill("y".repeat(4001));
    assert.deepEqual(await textOfTooLittleContrast(chat.page), [], "handed over, asking, too long");
    await chat.context.setOffline(true);
    await chat.part("banner").waitFor();
    await chat.say("Are you there?");
    await chat.inState("queued", 1);
    assert.deepEqual(await textOfTooLittleContrast(chat.page), [], "offline");
  });
}

/** The class or tag of what has the focus in the chat; null where the focus is elsewhere. */
function focused(chat) {
  return chat.widget.evaluate((host) => {
    const inside = document.activeElement === host ? host.shadowRoot.activeElement : null;
    return inside === null ? null : inside.className || inside.tagName;
  });
}

async function tabTo(chat, name, key = "Tab") {
  for (let presses = 0; presses < 60; presses += 1) {
    await chat.page.keyboard.press(key);
    if ((await focused(chat)) === name) return;
  }
  throw new Error(`${key} never came to ${name}`);
}

function fits(locator) {
  return locator.evaluate((element) => element.scrollWidth <= element.clientWidth);
}
