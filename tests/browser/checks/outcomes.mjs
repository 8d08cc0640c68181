/** The outcomes and the gaps in the desk: figures against the range before, what is behind each, the charts, CSV; both schemes, on phones, by keyboard. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { deskOf } from "../lib/desk.mjs";
import { aged, held } from "../lib/past.mjs";
import { keep } from "../lib/pictures.mjs";
import { until } from "../lib/until.mjs";
import { PHONE, browserOfItsOwn, serverOfItsOwn } from "../lib/world.mjs";

const CALM = ["How do I return something?"];
const UNKNOWN = ["Do you rent rowing boats on the lake?"];
const ANGRY = [
  ["Where is my parcel? I have asked three times and you keep giving me the same useless answer!", "This is a disgrace. You are useless. I want a real person right now!"],
  ["You repeat yourself and nothing helps. This is the third time!", "I have had enough of you. Let me talk to a human being or I call my lawyer!"],
];

/** A server with conversations of this week and of the one before, in which fewer escalated. */
async function withPast() {
  const server = await serverOfItsOwn({ LIMITS_MESSAGES_PER_MINUTE: 1000 });
  await server.member("ada", "admin");
  const page = await browserOfItsOwn();
  await aged(server, 9, await held(page, server.url, [CALM, CALM, UNKNOWN]));
  await aged(server, 2, await held(page, server.url, [CALM, UNKNOWN, ...ANGRY, ...ANGRY]));
  return server;
}

test("a report: totals against the week before, why escalations rose, and the conversations behind it", async () => {
  const server = await withPast();
  const desk = await deskOf(server, "ada", { path: "/desk/outcomes?range=7d", reducedMotion: "reduce" });
  const { page } = desk;
  await page.getByRole("heading", { name: "Outcomes", level: 1 }).waitFor();

  // The figures are those of the API, and lead to the conversations that they count.
  const told = await page.evaluate(async (query) => (await (await fetch(`/v1/outcomes?${query}`)).json()), `from_ms=${Date.now() - 6.5 * 86_400_000}&to_ms=${Date.now() + 60_000}&by=day`);
  assert.equal(told.totals.conversations, 6);
  assert.ok(told.totals.escalations >= 3, `of four angry customers ${told.totals.escalations} went to a person`);
  await page.getByText(/^Escalations rose from \d to \d$/).waitFor();
  await page.getByRole("heading", { name: "How conversations ended" }).waitFor();
  await desk.isAccessible("the report");
  await keep(page, "outcomes-light");
  const behind = page.locator("a.total", { hasText: "Escalations" });
  await behind.click();
  await page.getByRole("heading", { name: `${told.totals.escalations} conversations` }).waitFor();
  await desk.isAccessible("the conversations behind a figure");
  await page.getByRole("row").getByRole("link").first().click();
  await page.locator("conversation-head h2").waitFor();

  // A chart as a table, and by keyboard.
  await page.goto(`${server.url}/desk/outcomes?range=7d`);
  const chart = page.locator("st-chart").first();
  await chart.getByRole("button", { name: "Show as table" }).click();
  assert.equal(await chart.getByRole("row").count(), 8, "a head and seven days");
  await chart.getByRole("button", { name: "Show as chart" }).click();
  await chart.getByRole("application").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await chart.locator(".tip b").waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "6 conversations" }).waitFor();

  // Another time, by the address alone; and nothing in it.
  await page.goto(`${server.url}/desk/outcomes?from=2020-01-01&to=2020-01-02`);
  await page.getByText("Nobody wrote in this time").waitFor();
  await page.getByRole("link", { name: "Last 90 days" }).click();
  await until(() => page.url().includes("range=90d"), "the range is in the address");
  await page.getByRole("heading", { name: "How conversations ended" }).waitFor();

  // The same as CSV.
  await page.getByRole("button", { name: "Export as CSV" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: /^Conversations/ }).click();
  const csv = await readFile(await (await download).path(), "utf8");
  assert.equal(csv.trim().split("\n").length, 1 + 9, "a head and every conversation");

  // What nobody could answer is a gap, and leads to the editor.
  await page.goto(`${server.url}/desk/gaps?range=28d`);
  await page.getByRole("heading", { name: "Knowledge gaps", level: 1 }).waitFor();
  await page.getByText("Do you rent rowing boats on the lake?").first().waitFor();
  await desk.isAccessible("the gaps");
  await keep(page, "gaps-light");
  await page.getByRole("button", { name: /^Write/ }).first().click();
  await page.getByRole("heading", { name: "New article" }).waitFor();

  // In the dark, on a phone, nothing is too wide and nothing is at fault.
  const phone = await deskOf(server, "ada", { path: "/desk/outcomes?range=7d", colorScheme: "dark", reducedMotion: "reduce", ...PHONE });
  await phone.page.getByRole("heading", { name: "How conversations ended" }).waitFor();
  await phone.isAccessible("the report in the dark, on a phone");
  assert.equal(await phone.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await keep(phone.page, "outcomes-phone-dark");
});
