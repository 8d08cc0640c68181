/** The chat for everybody: no finding of axe-core in any state, light and dark, phone and desktop, high contrast, keyboard alone. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { WITH_TEAM, agentDoes } from "../lib/agent.mjs";
import { breaches } from "../lib/axe.mjs";
import { until } from "../lib/until.mjs";
import { PHONE, serverOfItsOwn, visit } from "../lib/world.mjs";

const STATES = { "desktop, light": {}, "desktop, dark": { colorScheme: "dark" }, "phone, light": PHONE, "phone, dark": { ...PHONE, colorScheme: "dark" } };

for (const [name, options] of Object.entries(STATES)) {
  test(`no state of the chat has a finding: ${name}`, async () => {
    const server = await serverOfItsOwn({ ...WITH_TEAM, WIDGET_ACCENT: "#ffd400" });
    const chat = await visit({ server, reducedMotion: "reduce", ...options });
    const isClean = async (state) => assert.deepEqual(await breaches(chat.page), [], state);
    await isClean("closed");
    await chat.open();
    await chat.isOnline();
    await isClean("open, nothing said");
    await chat.ask("How do I return something?");
    await chat.part("chip").first().click();
    await isClean("a reply and its source");
    await chat.part("again").click();
    await isClean("a question before the new conversation");
    await chat.part("confirm-no").click();
    await chat.part("person").click();
    await chat.part("handoff").waitFor();
    await chat.field.fill("y".repeat(4001));
    await isClean("waiting for a person, too long a text");
    await chat.field.fill("");
    await agentDoes(chat, "Ada", [{ type: "take_over" }, { type: "message", id: "a1", text: "Hello." }]);
    await chat.part("row.agent").waitFor();
    await isClean("a person writes");
    await chat.context.setOffline(true);
    await chat.part("banner").waitFor();
    await chat.say("Are you there?");
    await chat.inState("queued", 1);
    await isClean("offline");
    await chat.context.setOffline(false);
    await chat.inState("delivered", 3);
    await agentDoes(chat, "Ada", [{ type: "close" }]);
    await chat.part("card").locator("form").waitFor();
    await isClean("ended, with the survey");
    await chat.part("card").getByText("Skip").click();
    await chat.close();
    await isClean("closed again");
  });
}

test("with colors forced, what is chosen and what can be pressed still has an edge", async () => {
  const chat = await visit({ forcedColors: "active" });
  const edge = (part) => part.evaluate((one) => getComputedStyle(one).borderTopWidth);
  assert.equal(await edge(chat.part("launcher")), "1px");
  await chat.open();
  await chat.ask("How much is shipping?");
  assert.equal(await edge(chat.part("send")), "1px");
  assert.equal(await edge(chat.part("row.customer").locator(".bubble")), "1px");
  assert.deepEqual(await breaches(chat.page), []);
});

test("keyboard alone reaches everything, and whatever has the focus is in sight", async () => {
  const chat = await visit({ viewport: { width: 360, height: 640 } });
  await chat.open();
  await chat.ask("How do I return something?");
  const wanted = ["sound", "save", "close", "scroller", "chip", "attach", "", "person", "again"];
  const met = new Set();
  for (let presses = 0; presses < 24; presses += 1) {
    await chat.page.keyboard.press("Tab");
    const { name, hidden } = await chat.widget.evaluate((host) => {
      const one = host.shadowRoot.activeElement;
      if (one === null) return { name: null, hidden: "nothing" };
      const { top, bottom, left, right } = one.getBoundingClientRect();
      const isIn = top < innerHeight && bottom > 0 && left < innerWidth && right > 0 && one.checkVisibility();
      return { name: one.classList[0] ?? "", hidden: isIn ? null : one.outerHTML };
    });
    assert.equal(hidden, null);
    met.add(name);
  }
  assert.deepEqual(wanted.filter((name) => !met.has(name)), []);
  await chat.page.keyboard.press("Escape");
  await until(async () => !(await chat.part("panel").isVisible()), "Escape closes the chat");
});
