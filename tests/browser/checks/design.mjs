/** /design: every token and component, in both schemes and directions; nothing that axe-core or a policy faults, nothing too wide. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Desk } from "../lib/desk.mjs";
import { keep } from "../lib/pictures.mjs";
import { PHONE, browserOfItsOwn, shop } from "../lib/world.mjs";

const COMPONENTS = ["Button", "Field", "Badge", "Avatar", "Meter", "Line over time", "Tabs", "Menu", "Dialog and question", "Message", "Palette", "Nothing there", "List of any length"];
const SHOWN = [["light", {}, ""], ["dark", {}, ""], ["light", PHONE, "?dir=rtl"], ["dark", PHONE, ""]];

for (const [colorScheme, device, query] of SHOWN) {
  test(`the design system, ${colorScheme}, ${device === PHONE ? "phone" : "desktop"} ${query}`, async () => {
    const desk = new Desk(await browserOfItsOwn({ colorScheme, reducedMotion: "reduce", ...device }));
    await desk.page.goto(`${shop.url}/design${query}`);
    for (const name of COMPONENTS) await desk.page.getByRole("heading", { name, exact: true }).waitFor();
    await desk.isAccessible("the design page");
    assert.equal(await desk.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "it is no wider than the window");
    await keep(desk.page, `design-${colorScheme}-${device === PHONE ? "phone" : "desktop"}${query.replace(/\W+/g, "-")}`);
  });
}

test("the design system by keyboard: a menu, a dialog, tabs", async () => {
  const desk = new Desk(await browserOfItsOwn());
  const { page } = desk;
  await page.goto(`${shop.url}/design`);
  await desk.button("What to do").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("c");
  await page.keyboard.press("Enter");
  await page.getByText("Chosen: copy").first().waitFor();
  await desk.button("Ask a question").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.getByRole("tab", { name: "Orders" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.getByText("None yet.").waitFor();
});
