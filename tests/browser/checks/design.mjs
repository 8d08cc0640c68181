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

test("people choose between replies without knowing who wrote them", async () => {
  const desk = new Desk(await browserOfItsOwn({ colorScheme: "light" }));
  const { page } = desk;
  await page.goto(`${shop.url}/design/compare`);
  const give = (text) => page.getByLabel("The replies").setInputFiles({ name: "replies.jsonl", mimeType: "application/x-ndjson", buffer: Buffer.from(text) });
  await give("{\"writer\":1}\n");
  await page.getByText("Line 1 has no writer").waitFor();
  const lines = [1, 2, 3].flatMap((number) => ["adapter", "extractive"].map((writer) => JSON.stringify({ writer, set: "accounts", question: `Where is order ${number}?`, facts: ["It is on its way."], reply: `${writer} says it is on its way` })));
  await give(lines.join("\n"));
  await page.getByText("1 of 3").waitFor();
  await desk.isAccessible("the comparison");
  await keep(page, "design-compare");
  for (let at = 0; at < 3; at += 1) {
    await page.getByText(`${at + 1} of 3`).waitFor();
    const left = await page.getByLabel("The left reply").innerText();
    await page.keyboard.press(left.startsWith("adapter") ? "1" : "2");
  }
  await page.getByRole("cell", { name: "100 %" }).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Keep the choices" }).click()]);
  assert.equal(download.suggestedFilename(), "choices.jsonl");
});
