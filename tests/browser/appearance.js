// How the chat and the demo page look and are used: keyboard, phone, narrow screens, contrast, hostile text.

import assert from "node:assert/strict";
import { lowContrast } from "./contrast.js";
import { until } from "./visit.js";
import { inVisit } from "./world.js";

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

/** The class, else the name, of what has the focus. */
const focused = (visit) =>
  visit.page.evaluate(() => {
    const outer = document.activeElement;
    const inner = outer.shadowRoot?.activeElement ?? outer;
    return inner.className || inner.localName;
  });

inVisit("by keyboard alone: open, write two lines, send, close", async (visit) => {
  const { keyboard } = visit.page;
  await visit.chat.locator(".launcher").focus();
  await keyboard.press("Enter");
  await until(async () => (await focused(visit)) === "textarea");
  await keyboard.type("How much");
  await keyboard.press("Shift+Enter");
  await keyboard.type("is shipping?");
  await keyboard.press("Enter");
  await visit.answered(1);
  assert.deepEqual(await visit.said("customer"), ["How much\nis shipping?"]);
  await keyboard.press("Escape");
  await until(async () => (await focused(visit)) === "launcher");
});

inVisit(
  "on a phone the chat fills the screen and keeps the focus",
  async (visit) => {
    await visit.signIn(1);
    await visit.open();
    await visit.say("Where is my order?");
    await visit.answered(1);
    await visit.screenshot("phone-390");
    for (let presses = 0; presses < 14; presses += 1) {
      await visit.page.keyboard.press("Tab");
      const isInside = await visit.page.evaluate(() => document.activeElement.localName === "steward-chat");
      assert.ok(isInside, `after ${presses + 1} tabs`);
    }
  },
  PHONE,
);

for (const width of [320, 390, 600, 768, 1024, 1440]) {
  inVisit(
    `nothing scrolls sideways at ${width} px`,
    async (visit) => {
      const pageExcess = () => visit.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok((await pageExcess()) <= 0, "the page");
      await visit.open();
      await visit.say(`${"donaudampfschiff".repeat(12)} How do I return something?`);
      await visit.answered(1);
      const chatExcess = await visit.chat.locator(".scroller").evaluate((e) => e.scrollWidth - e.clientWidth);
      assert.ok(chatExcess <= 0, "the chat");
      assert.ok((await pageExcess()) <= 0, "the page with the chat open");
      const box = await visit.chat.locator(".panel").boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= width && box.y >= 0 && box.y + box.height <= 640);
      if (width === 320) await visit.screenshot("narrow-320");
    },
    { viewport: { width, height: 640 } },
  );
}

for (const colorScheme of ["light", "dark"]) {
  inVisit(
    `text stands out enough in the ${colorScheme} scheme (WCAG AA)`,
    async (visit) => {
      await visit.open();
      await visit.say("How do I return something?");
      await visit.answered(1);
      await visit.chat.locator(".chip").first().click();
      await visit.chat.locator(".person").click();
      await visit.chat.locator(".handoff").waitFor();
      await visit.page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished)));
      await visit.screenshot(`contrast-${colorScheme}`);
      assert.deepEqual(await lowContrast(visit.page), []);
    },
    { colorScheme },
  );
}

inVisit("markup in a message stays text", async (visit) => {
  await visit.open();
  const hostile = '<img src=x onerror="document.title=1"><b>word</b> <script>document.title=2</script>';
  await visit.say(hostile);
  await visit.answered(1);
  assert.deepEqual(await visit.said("customer"), [hostile]);
  assert.equal(await visit.chat.locator(".list img, .list b, .list script").count(), 0);
  assert.doesNotMatch(await visit.page.title(), /^[12]$/);
});

inVisit("a message that is too long cannot be sent, and is not cut", async (visit) => {
  await visit.open();
  await visit.say("é".repeat(4001));
  assert.equal((await visit.chat.locator("textarea").inputValue()).length, 4001);
  assert.ok(await visit.chat.locator(".send").isDisabled());
  assert.match(await visit.chat.locator(".counter").textContent(), /1 too many/);
  assert.deepEqual(await visit.said("customer"), []);
});

inVisit(
  "less motion: nothing is animated",
  async (visit) => {
    await visit.open();
    await visit.say("How much is shipping?");
    await visit.answered(1);
    const animation = await visit.chat.locator(".panel").evaluate((e) => getComputedStyle(e).animationName);
    assert.equal(animation, "none");
  },
  { reducedMotion: "reduce" },
);

inVisit("the picker signs a customer in and says who it is", async (visit) => {
  await visit.page.locator(".who").click();
  const names = await visit.page.locator(".people label").allTextContents();
  assert.ok(names.length >= 3);
  await visit.screenshot("picker");
  await visit.page.locator(".people label").nth(2).click();
  await until(async () => (await visit.page.locator(".who").textContent()).trim().length > 0);
  await visit.screenshot("page-1280");
});
