/** Knowledge in the desk: finding, writing with a preview, what it would answer before and after, a conflict, what is not saved. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deskOf } from "../lib/desk.mjs";
import { keep } from "../lib/pictures.mjs";
import { until } from "../lib/until.mjs";
import { PHONE, serverOfItsOwn, visit } from "../lib/world.mjs";

const QUESTION = "Do you rent rowing boats?";
const ARTICLE = "We rent rowing boats at the lake store from May to September. A rowing boat costs $18 an hour.";

async function deskFor(options) {
  const server = await serverOfItsOwn();
  await server.member("ada", "admin");
  return { server, desk: await deskOf(server, "ada", options) };
}

test("an article is written, seen as it will be, tried, saved, and answered from", async () => {
  const { server, desk } = await deskFor({ path: "/desk/knowledge" });
  const { page } = desk;
  await page.getByText("Return policy").first().waitFor();
  await desk.isAccessible("the list of articles");
  await keep(page, "knowledge-list");
  await page.getByLabel("Find an article").fill("sleeping bag");
  await until(() => page.url().includes("q=sleeping"), "what is looked for is in the address");
  await page.getByRole("button", { name: "Write an article" }).click();
  await page.getByLabel("Title").fill("Rowing boats");
  await page.getByLabel("Text, in Markdown").fill(`## Prices\n\n${ARTICLE}\n\n<img src=x onerror=alert(1)>`);
  await page.getByRole("heading", { name: "Prices", exact: true }).waitFor();
  assert.equal(await page.locator("img[src=x]").count(), 0, "markup in an article is text");
  await page.getByLabel("A customer's question").fill(QUESTION);
  await page.keyboard.press("Enter");
  await page.getByText("The answer changes.").waitFor();
  await page.getByRole("article", { name: "With your changes" }).getByText("$18 an hour").waitFor();
  assert.equal(await page.getByRole("article", { name: "Now", exact: true }).getByText("$18").count(), 0);
  await desk.isAccessible("the editor");
  await keep(page, "knowledge-editor");

  // Leaving asks first.
  await page.getByRole("link", { name: "All articles" }).click();
  await page.getByText("Leave without saving?").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.keyboard.press("Control+s");
  await until(() => !page.url().endsWith("/new"), "the article has an address");
  const chat = await visit({ server });
  await chat.open();
  await chat.ask(QUESTION);
  await chat.part("row.steward").getByText("$18").waitFor();
});

test("two admins at one article: nothing is lost, and both versions are shown", async () => {
  const { server, desk } = await deskFor({ path: "/desk/knowledge/return-policy" });
  const other = await deskOf(server, "ada", { path: "/desk/knowledge/return-policy" });
  const text = (at) => at.page.getByLabel("Text, in Markdown");
  await until(async () => (await text(desk).inputValue()) !== "" && (await text(other).inputValue()) !== "", "both have the article");
  const before = await text(desk).inputValue();
  await text(desk).fill(`${before}\n\nFirst writer.`);
  await text(other).fill(`${before}\n\nSecond writer.`);
  await desk.button("Save").click();
  await desk.page.getByText(/^Saved: /).first().waitFor();
  await other.button("Save").click();
  await other.page.getByText("Somebody else saved this article meanwhile").waitFor();
  await other.page.getByText("+ First writer.").waitFor();
  await other.page.getByText("− Second writer.").waitFor();
  await other.isAccessible("the conflict");
  await other.button("Save mine over theirs").click();
  await other.page.getByText(/^Saved: /).first().waitFor();
  await desk.page.reload();
  await until(async () => (await text(desk).inputValue()).includes("Second writer."), "what was saved last is there");
});

test("the editor on a phone, in the dark", async () => {
  const { desk } = await deskFor({ path: "/desk/knowledge/return-policy", colorScheme: "dark", reducedMotion: "reduce", ...PHONE });
  await desk.page.getByRole("heading", { name: "Preview" }).waitFor();
  await desk.isAccessible("the editor on a phone");
  assert.equal(await desk.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await keep(desk.page, "knowledge-editor-phone-dark");
});
